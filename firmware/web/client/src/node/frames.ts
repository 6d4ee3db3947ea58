import { randomBytes } from "node:crypto";

/** Opcodes of RFC 6455 section 5.2. */
export const Op = { more: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** One whole frame as a client sends it: masked (section 5.3). */
export function frame(op: number, payload: Buffer): Buffer {
  const length = payload.length;
  const extra = length < 126 ? 0 : length < 65536 ? 2 : 8;
  const head = Buffer.alloc(2 + extra + 4);
  head[0] = 0x80 | op;
  head[1] = 0x80 | (extra === 0 ? length : extra === 2 ? 126 : 127);
  if (extra === 2) head.writeUInt16BE(length, 2);
  if (extra === 8) head.writeBigUInt64BE(BigInt(length), 2);
  const mask = randomBytes(4);
  mask.copy(head, 2 + extra);
  const masked = Buffer.from(payload);
  for (let index = 0; index < length; index += 1) masked[index]! ^= mask[index & 3]!;
  return Buffer.concat([head, masked]);
}

export interface Received {
  op: number;
  payload: Buffer;
}

/** The other end breaks RFC 6455. */
export class FrameError extends Error {}

const CONTROL_MAX = 125;

/** Puts messages together from what a socket reads. */
export class FrameReader {
  #unread = Buffer.alloc(0);
  #parts: Buffer[] = [];
  #op = 0;

  constructor(private readonly most: number) {}

  /** The whole messages and control frames that this completes. */
  read(chunk: Buffer): Received[] {
    this.#unread = Buffer.concat([this.#unread, chunk]);
    const whole: Received[] = [];
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const message = this.#assemble(next);
      if (message !== undefined) whole.push(message);
    }
    return whole;
  }

  #next(): (Received & { isLast: boolean }) | undefined {
    const bytes = this.#unread;
    if (bytes.length < 2) return undefined;
    const [first, second] = [bytes[0]!, bytes[1]!];
    if ((first & 0x70) !== 0) throw new FrameError("a reserved bit is set, and no extension was agreed on");
    if ((second & 0x80) !== 0) throw new FrameError("a server's frame is masked");
    const short = second & 0x7f, extra = short === 126 ? 2 : short === 127 ? 8 : 0;
    if (bytes.length < 2 + extra) return undefined;
    const length = extra === 0 ? short : extra === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
    if (length > this.most) throw new FrameError(`a frame of ${length} bytes; expected at most ${this.most}`);
    if (bytes.length < 2 + extra + length) return undefined;
    this.#unread = bytes.subarray(2 + extra + length);
    return { op: first & 0x0f, isLast: (first & 0x80) !== 0, payload: bytes.subarray(2 + extra, 2 + extra + length) };
  }

  #assemble({ op, isLast, payload }: Received & { isLast: boolean }): Received | undefined {
    if (op >= Op.close) {
      if (!isLast || payload.length > CONTROL_MAX || op > Op.pong) throw new FrameError("a control frame in pieces, too long, or unknown");
      return { op, payload };
    }
    const goesOn = op === Op.more;
    if (op > Op.binary || goesOn !== this.#parts.length > 0) throw new FrameError("pieces of a message out of order, or an unknown opcode");
    if (!goesOn) this.#op = op;
    this.#parts.push(payload);
    if (this.#parts.reduce((sum, part) => sum + part.length, 0) > this.most) throw new FrameError(`a message longer than ${this.most} bytes`);
    if (!isLast) return undefined;
    const message = { op: this.#op, payload: Buffer.concat(this.#parts) };
    this.#parts = [];
    return message;
  }
}
