// The WebSocket frames of the Node.js entry, and wrong ones.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameError, FrameReader, Op, frame } from "../../../firmware/web/client/dist/node/frames.js";
import { generator } from "./pretend.mjs";

/** As a server sends it: unmasked. */
function served(op, payload, { isLast = true } = {}) {
  const length = payload.length;
  const head = length < 126 ? Buffer.from([length]) : length < 65536 ? Buffer.from([126, length >> 8, length & 255])
    : Buffer.concat([Buffer.from([127]), (() => { const eight = Buffer.alloc(8); eight.writeBigUInt64BE(BigInt(length)); return eight; })()]);
  return Buffer.concat([Buffer.from([(isLast ? 0x80 : 0) | op]), head, payload]);
}

test("a client's frame is masked, and reads back", () => {
  for (const length of [0, 1, 125, 126, 65535, 65536]) {
    const payload = Buffer.alloc(length, "x");
    const made = frame(Op.text, payload);
    assert.equal(made[0], 0x81);
    assert.equal(made[1] & 0x80, 0x80);
    const extra = length < 126 ? 0 : length < 65536 ? 2 : 8, mask = made.subarray(2 + extra, 6 + extra);
    const body = made.subarray(6 + extra).map((byte, index) => byte ^ mask[index & 3]);
    assert.equal(Buffer.compare(body, payload), 0, `${length}`);
  }
});

test("messages in pieces, with control frames between, however the bytes come", () => {
  const random = generator(7);
  for (let round = 0; round < 200; round += 1) {
    const bytes = Buffer.concat([served(Op.text, Buffer.from("hel"), { isLast: false }), served(Op.ping, Buffer.from("p")),
      served(Op.more, Buffer.from("lo")), served(Op.text, Buffer.alloc(70_000, "y")), served(Op.close, Buffer.from([3, 232]))]);
    const reader = new FrameReader(1_000_000), whole = [];
    for (let at = 0; at < bytes.length;) {
      const length = 1 + Math.floor(random() * (random() < 0.5 ? 5 : 40_000));
      whole.push(...reader.read(bytes.subarray(at, at + length)));
      at += length;
    }
    assert.deepEqual(whole.map(({ op, payload }) => [op, payload.length]), [[Op.ping, 1], [Op.text, 5], [Op.text, 70_000], [Op.close, 2]]);
  }
});

test("what breaks the standard is found", () => {
  const cases = [[0xc1, 0], [0x81, 0x80], [0x83, 0], [0x80, 0], [0x09, 0], [0x89, 126, 0, 126], [0x8b, 0], [0x81, 127, 0, 0, 1, 0, 0, 0, 0, 0]];
  for (const bytes of cases) assert.throws(() => new FrameReader(1000).read(Buffer.from([...bytes, ...Buffer.alloc(200)])), FrameError, String(bytes));
  const reader = new FrameReader(10);
  reader.read(served(Op.text, Buffer.alloc(8), { isLast: false }));
  assert.throws(() => reader.read(served(Op.more, Buffer.alloc(8))), FrameError);
  assert.throws(() => { const other = new FrameReader(10); other.read(served(Op.text, Buffer.alloc(1), { isLast: false })); other.read(served(Op.text, Buffer.alloc(1))); }, FrameError);
});
