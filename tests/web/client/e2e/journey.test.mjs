// The client against the simulator, over wss.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { ConnectionError, RequestError, connectTo, Client } from "../../../../firmware/web/client/dist/node/index.js";
import { Device, PATIENCE, TOP, withBaton } from "../device.mjs";
import { Relay } from "../relay.mjs";

const CLIENT = join(TOP, "firmware/web/client");
const quick = { baseMs: 100, maxMs: 400, requestMs: 5000 * PATIENCE, commandMs: 5000 * PATIENCE };
const open = [];

function clientOf(device, more = {}) {
  const client = connectTo({ url: device.url, ca: device.ca, token: device.token, ...quick, ...more });
  open.push(client);
  return client;
}
async function online(device, more) {
  const client = clientOf(device, more);
  await client.open();
  return client;
}
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const reaches = (client, wanted) => new Promise((done) => {
  if (client.state === wanted) return done(client.status);
  const off = client.on("state", (status) => { if (status.state === wanted) { off(); done(status); } });
});
const reason = (expected) => (error) => { assert.ok(error instanceof RequestError, String(error)); assert.equal(error.reason, expected, error.message); return true; };
/** The next update for which something holds. */
async function next(updates, holds) {
  for (let { value, done } = await updates.next(); !done; { value, done } = await updates.next()) if (holds(value)) return value;
  throw new Error("the subscription ended");
}
/** What a channel was last read as; a reading comes a little after its command's answer. */
const valueOf = async (client, channel) => (await client.describe(channel)).channels[0].value;
async function reads(client, channel, wanted) {
  for (const end = performance.now() + 5000 * PATIENCE; await valueOf(client, channel) !== wanted; await sleep(20)) {
    assert.ok(performance.now() < end, `${channel} is not read as ${wanted}`);
  }
}

function closeAll() {
  open.splice(0).forEach((client) => client.close());
}

describe("one device", () => {
  let device, relay;
  before(async () => {
    device = await Device.start({ file: withBaton() });
    relay = await Relay.start(device);
  });
  after(async () => { closeAll(); relay.close(); await device.end(); });
  const near = () => ({ ...device, url: relay.url });

  test("a command climbs to verified", async () => {
    const client = await online(device);
    const rungs = [];
    assert.equal((await client.set("cabin/heater", true, { onRung: (rung) => rungs.push(rung) })).outcome, "verified");
    assert.equal(rungs.at(-1), "applied");
    assert.equal((await client.set("cabin/fan", 40)).outcome, "applied");
    await client.scene([{ channel: "cabin/fan", value: 0 }, { channel: "cabin/heater", value: false }]);
    await assert.rejects(client.set("cabin/fan", 101), reason("outOfRange"));
    await assert.rejects(client.set("cabin/oven", true), reason("notFound"));
    client.close();
  });

  test("through a cut: the session goes on, and every sample of the time away is told", async () => {
    const client = await online(near());
    const updates = client.subscribe(["cabin/heaterSense"], { mode: "fixed", periodMs: 200 })[Symbol.asyncIterator]();
    const first = await next(updates, ({ kind }) => kind === "telemetry");
    const again = new Promise((done) => client.on("online", done));
    relay.refuses = true;
    relay.cut();
    await reaches(client, "waiting");
    await sleep(700);
    relay.refuses = false;
    assert.equal((await again).isResumed, true);
    const told = [], asked = { paths: ["cabin/heaterSense"], from: 0, to: 2 ** 52 };
    const snapshot = await next(updates, (update) => { if (update.kind === "missed") told.push(...update.samples); assert.notEqual(update.kind, "gap"); return update.kind === "snapshot"; });
    assert.equal(snapshot.isComplete, true);
    const kept = [];
    for await (const page of client.history(asked)) kept.push(...page.series.flatMap(({ samples }) => samples));
    const upTo = told.at(-1).offset, from = told[0].offset;
    assert.ok(told.length >= 5, `${told.length} samples`);
    assert.ok(from > first.offset);
    const wanted = kept.map(({ offset }) => offset).filter((offset) => offset > first.offset && offset <= upTo);
    assert.deepEqual(told.map(({ offset }) => offset).filter((offset) => offset > first.offset), wanted.filter((offset) => offset >= from));
    assert.ok(wanted.filter((offset) => offset < from).length <= 3, "what was told before the cut");
    client.close();
  });

  test("asked for while there is no connection: carried out in time, or never", async () => {
    const client = await online(near());
    relay.refuses = true;
    relay.cut();
    await reaches(client, "waiting");
    const late = client.set("cabin/fan", 77, { deadlineMs: 150 });
    const kept = client.set("cabin/fan", 33);
    await assert.rejects(client.reset(), reason("offline"));
    await assert.rejects(late, reason("expired"));
    relay.refuses = false;
    assert.equal((await kept).outcome, "applied");
    for await (const record of client.journal({ channel: "cabin/fan" })) assert.notEqual(record.after, "77");
    client.close();
  });

  test("the log goes on over a cut: each line once", async () => {
    const client = await online(near());
    const left = new AbortController(), lines = [];
    const read = (async () => { for await (const line of client.log(left.signal)) lines.push(line); })();
    const until = async (word) => { while (!lines.some(({ text }) => text.includes(word))) await new Promise((done) => setTimeout(done, 20)); };
    await client.stop();
    await until("kind=stop");
    relay.cut();
    await reaches(client, "waiting");
    await reaches(client, "online");
    await client.reset();
    await until("kind=reset");
    left.abort();
    await read;
    const offsets = lines.map(({ offset }) => Number(offset));
    assert.ok(offsets.every((offset, i) => i === 0 || offset > offsets[i - 1]), "in their order, each once");
    client.close();
  });

  test("a command whose answer is cut off is asked for again, and moves once", async () => {
    const client = await online(near());
    const before = await client.request("journal", { channel: "cabin/lamp" });
    for (let round = 0; round < 5; round += 1) {
      const answered = client.toggle("cabin/lamp");
      if (round % 2 === 0) setImmediate(() => relay.cut());
      assert.equal((await answered).outcome, "applied");
    }
    const moved = [];
    for await (const { outcome, after } of client.journal({ channel: "cabin/lamp", after: before.newest })) if (outcome === "applied") moved.push(after);
    assert.deepEqual(moved, ["true", "false", "true", "false", "true"]);
    await client.set("cabin/lamp", false);
    client.close();
  });

  test("stop goes before what waits, latches, and only reset ends it", async () => {
    const client = await online(device);
    await client.set("cabin/heater", true);
    await client.stop();
    await assert.rejects(client.set("cabin/heater", true), reason("stopped"));
    await reads(client, "cabin/heater", false);
    await client.reset();
    client.close();
  });

  test("a stop comes through by HTTP where the socket is frozen", async () => {
    const client = await online(near()), other = await online(device);
    await other.set("cabin/heater", true);
    relay.freeze();
    await client.stop();
    assert.equal((await other.describe()).stopped, true);
    await other.reset();
    client.close();
    other.close();
  });

  test("a peer that says nothing is dead, and another connection takes its place", async () => {
    const client = await online(near(), { heartbeatMs: 200, deadAfterMs: 600 * PATIENCE });
    relay.freeze();
    const { failure } = await reaches(client, "waiting");
    assert.match(failure.detail, /nothing heard/);
    await reaches(client, "online");
    client.close();
  });

  test("a lease is renewed as long as it is wanted, and lost where it cannot be", async () => {
    const client = await online(near()), other = await online(device);
    const lease = await client.hold("cabin/heater", true, 400 * PATIENCE);
    await sleep(600 * PATIENCE);
    await reads(other, "cabin/heater", true);
    assert.ok(lease.leftMs > 0);
    relay.refuses = true;
    relay.cut();
    assert.match(await lease.lost, /not renewed in time/);
    await reads(other, "cabin/heater", false);
    setTimeout(() => { relay.refuses = false; }, 500 * PATIENCE);
    const second = await client.hold("cabin/heater", true, 400 * PATIENCE); // waits longer than its lease lasts
    assert.ok(second.leftMs > 0);
    await second.release();
    await reads(other, "cabin/heater", false);
    client.close();
    other.close();
  });

  test("two and the baton", async () => {
    const ann = await online(device), bob = await online(device);
    const events = ann.subscribe(["cabin/#"], { events: true })[Symbol.asyncIterator]();
    await next(events, ({ kind }) => kind === "snapshot");
    assert.equal((await ann.baton("cabin", "take")).outcome, "taken");
    await assert.rejects(bob.set("cabin/fan", 10), reason("held"));
    assert.equal((await bob.baton("cabin", "request")).outcome, "requested");
    await next(events, ({ event }) => event?.name === "batonRequested");
    await ann.baton("cabin", "grant");
    assert.equal((await bob.set("cabin/fan", 10)).outcome, "applied");
    await assert.rejects(ann.set("cabin/fan", 20), reason("held"));
    ann.close();
    bob.close();
  });

  test("a wrong token stops and tells, after one attempt", async () => {
    const client = clientOf(near(), { token: "wrong" });
    const came = relay.came;
    await assert.rejects(client.open(), (error) => error instanceof ConnectionError && error.failure.class === "credential");
    await sleep(500);
    assert.deepEqual([client.state, relay.came - came], ["refused", 1]);
    await assert.rejects(clientOf(device, { token: undefined }).open(), /asks for a token/);
  });

  test("a revoked token ends the session, and nobody knocks again", async () => {
    const admin = await online(device);
    const { token, id } = await admin.request("issueToken", { name: "guest", scope: "viewer" });
    const guest = await online(device, { token });
    await admin.request("revokeToken", { id });
    assert.equal((await reaches(guest, "refused")).failure.class, "credential");
    admin.close();
  });

  test("a token is renewed in band, and the new one is used from then on", async () => {
    const admin = await online(device);
    const { token } = await admin.request("issueToken", { name: "panel", scope: "viewer", lifetimeS: 60 });
    const soon = { now: () => performance.now(), random: Math.random, clearTimer: clearTimeout, setTimer: (afterMs, call) => setTimeout(call, afterMs > 40_000 && afterMs < 50_000 ? 1100 : afterMs) };
    const client = await online(near(), { token, environment: soon });
    const renewed = await new Promise((done) => client.on("token", done));
    assert.notEqual(renewed, token);
    const again = await online(device, { token: renewed, refreshesToken: false });
    assert.equal((await again.whoami()).name, "panel");
    [admin, client, again].forEach((one) => one.close());
  });

  test("only the device is believed: by its authority, or that one's fingerprint", async () => {
    const { fingerprint } = device;
    (await online(device, { ca: undefined, fingerprint })).close();
    const wrong = fingerprint.replace(/^../, (digits) => (digits === "00" ? "11" : "00"));
    for (const trust of [{ ca: undefined, fingerprint: wrong }, { ca: undefined }]) {
      await assert.rejects(clientOf(device, trust).open(), (error) => error.failure.class === "trust");
    }
    const { url } = device;
    assert.throws(() => connectTo({ url, fingerprint: "12:34" }), /expected SHA-256 as 64 hexadecimal digits/);
  });

  test("with the constructor of ws, which shows the token in a message", async () => {
    const WebSocket = createRequire(join(CLIENT, "package.json"))("ws");
    const Trusting = class extends WebSocket { constructor(url, protocols) { super(url, protocols, { ca: device.ca }); } };
    const plain = (token) => { const client = new Client({ url: device.url, token, WebSocket: Trusting, ...quick }); open.push(client); return client; };
    const client = plain(device.token);
    await client.open();
    assert.equal((await client.set("cabin/lamp", true)).outcome, "applied");
    await client.set("cabin/lamp", false);
    client.close();
    const wrong = plain("wrong");
    await assert.rejects(wrong.open(), (error) => error.failure.class === "credential");
  });

  test("with the global WebSocket of Node.js, as in browsers", async () => {
    const code = `import { Client } from ${JSON.stringify(join(CLIENT, "dist/index.js"))};
      const client = new Client({ url: process.env.URL, token: process.env.TOKEN });
      await client.open();
      for await (const update of client.subscribe(["cabin/fan"])) { console.log(update.kind); break; }
      client.close();`;
    const flags = Number(process.versions.node.split(".")[0]) < 22 ? ["--experimental-websocket"] : [];
    const file = join(device.state, "ca.pem");
    writeFileSync(file, device.ca);
    const done = await promisify(execFile)(process.execPath, [...flags, "--no-warnings", "--input-type=module", "-e", code],
      { env: { ...process.env, NODE_EXTRA_CA_CERTS: file, URL: device.url, TOKEN: device.token }, timeout: 20_000 * PATIENCE });
    assert.equal(done.stdout, "snapshot\n");
  });
});

test("a device that restarts: what is lost is told, and what was meant for the run before is not carried out", async () => {
  const first = await Device.start();
  first.ownState = false;
  const client = await online(first);
  const updates = client.subscribe(["cabin/temperature"], { mode: "fixed", periodMs: 200 })[Symbol.asyncIterator]();
  await next(updates, ({ kind }) => kind === "telemetry");
  const { epoch } = client.welcome;
  await first.end();
  await reaches(client, "waiting");
  const stale = client.set("cabin/fan", 50, { deadlineMs: 20_000 * PATIENCE });
  const refused = assert.rejects(stale, reason("foreignEpoch"));
  const second = await Device.start({ state: first.state, port: first.port, token: first.token });
  second.ownState = true;
  const gap = await next(updates, ({ kind }) => kind === "gap");
  assert.deepEqual(gap.gaps, [{ channel: "cabin/temperature", from: null, to: null }]);
  assert.equal((await next(updates, ({ kind }) => kind === "snapshot")).isComplete, false);
  await next(updates, ({ kind }) => kind === "telemetry");
  assert.notEqual(client.welcome.epoch, epoch);
  await refused;
  client.close();
  await second.end();
});

test("limits are waited out, as the device says", async () => {
  const device = await Device.start({ limits: ["--requests-per-s", "20"] });
  const client = await online(device);
  const all = await Promise.all(Array.from({ length: 50 }, () => client.request("ping", {})));
  assert.equal(all.length, 50);
  for (let count = 0; count < 7; count += 1) await clientOf(device, { token: "wrong" }).open().catch(() => {});
  const late = clientOf(device);
  const waits = [];
  late.on("state", ({ failure }) => { if (failure) waits.push(failure); });
  await late.open();
  assert.deepEqual([waits[0]?.class, waits[0]?.code], ["unavailable", 429]);
  assert.ok(waits[0].retryAfterMs >= 100);
  closeAll();
  await device.end();
});
