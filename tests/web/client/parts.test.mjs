// The small parts: stream, leases, clock, back-off, renewal of tokens.
import assert from "node:assert/strict";
import { test } from "node:test";
import { backoffMs } from "../../../firmware/web/client/dist/backoff.js";
import { DeviceClock } from "../../../firmware/web/client/dist/clock.js";
import { Leases } from "../../../firmware/web/client/dist/leases.js";
import { TokenRenewal } from "../../../firmware/web/client/dist/renewal.js";
import { RequestError } from "../../../firmware/web/client/dist/failure.js";
import { UpdateStream } from "../../../firmware/web/client/dist/stream.js";

const telemetry = (offset) => ({ kind: "telemetry", samples: [{}, {}], epoch: "e", offset });
const event = (offset) => ({ kind: "event", event: { offset } });

test("a slow reader is told how much was dropped, and events outlast telemetry", async () => {
  const stream = new UpdateStream(3, () => {});
  for (const update of [event(1), telemetry(2), telemetry(3), telemetry(4), event(5)]) stream.tell(update);
  stream.end();
  const seen = [];
  for await (const update of stream) seen.push(update);
  assert.deepEqual(seen, [{ kind: "dropped", updates: 2, samples: 4 }, event(1), telemetry(4), event(5)]);
});

test("who waits gets the next one; an end with a reason is thrown, after what waited", async () => {
  const stream = new UpdateStream(3, () => {});
  const next = stream.next();
  stream.tell(event(1));
  assert.deepEqual(await next, { done: false, value: event(1) });
  stream.tell(event(2));
  stream.end(new Error("gone"));
  assert.equal((await stream.next()).value.event.offset, 2);
  await assert.rejects(stream.next(), /gone/);
  assert.equal((await stream.next()).done, true);
});

test("leaving the loop unsubscribes", async () => {
  let left = 0;
  const stream = new UpdateStream(3, () => { left += 1; });
  stream.tell(event(1));
  for await (const _ of stream) break;
  assert.equal(left, 1);
});

test("a lease is renewed three times in its length", () => {
  const leases = new Leases();
  leases.online(true, 0);
  leases.hold("heater", 3000, 0);
  assert.equal(leases.deadline, 1000);
  assert.deepEqual(leases.tick(999), []);
  assert.deepEqual(leases.tick(1000), [{ do: "renew", channel: "heater", leaseMs: 3000 }]);
  assert.deepEqual(leases.tick(1500), [], "one at a time");
  leases.renewed("heater", 1000);
  assert.equal(leases.left("heater", 1500), 2500);
  assert.equal(leases.deadline, 2000);
});

test("a renewal that fails is tried again; one that is refused, or too late, is the end", () => {
  const leases = new Leases();
  leases.online(true, 0);
  leases.hold("heater", 3000, 0);
  leases.tick(1000);
  assert.deepEqual(leases.failed("heater", false, "busy", 1100), []);
  assert.equal(leases.tick(1350).length, 1);
  assert.equal(leases.failed("heater", true, "held", 1400)[0].do, "lost");
  leases.hold("heater", 3000, 2000);
  leases.offline();
  assert.deepEqual(leases.tick(4999), []);
  assert.equal(leases.tick(5000)[0].do, "lost");
  assert.equal(leases.deadline, Infinity);
});

test("back with the session a lease is renewed at once; without it, it is lost", () => {
  for (const [keeps, expected] of [[true, "renew"], [false, "lost"]]) {
    const leases = new Leases();
    leases.online(true, 0);
    leases.hold("heater", 3000, 0);
    leases.offline();
    assert.deepEqual(leases.online(keeps, 500).map((effect) => effect.do), [expected]);
  }
});

test("a point in time is never told later than it is by the device's clock", () => {
  const clock = new DeviceClock();
  assert.equal(clock.earliest(0), undefined);
  clock.hear(1_000_000, 100); // came at 100, was sent before: its clock is at least 1,000,000 now
  assert.equal(clock.earliest(100), 1_000_000);
  clock.hear(1_000_180, 220, 200); // 20 ms there and back
  assert.equal(clock.earliest(220), 1_000_180);
  assert.equal(clock.now(220), 1_000_190);
  clock.hear(1_000_500, 900, 300); // a long way tells less
  assert.equal(clock.earliest(220), 1_000_180);
  clock.hear(500_000, 1000, 300); // it was set back
  assert.equal(clock.earliest(1000), 500_000);
  clock.forget();
  assert.equal(clock.earliest(0), undefined);
});

test("the wait is anywhere below its ceiling, on top of what was told", () => {
  const options = { baseMs: 1000, maxMs: 60_000 };
  assert.equal(backoffMs(0, 0, options, () => 0), 0);
  assert.equal(backoffMs(3, 0, options, () => 0.5), 4000);
  assert.equal(backoffMs(100, 0, options, () => 0.999), 59_940);
  assert.equal(backoffMs(0, 2000, options, () => 0.5), 2500);
});

test("a token is renewed before it ends, again where there is a limit, and not where it cannot be", async () => {
  const timers = [], asked = [];
  const environment = { setTimer: (afterMs, call) => timers.push({ afterMs, call }), clearTimer: () => {} };
  const refusals = [new RequestError({ reason: "busy", temporary: true, retryAfterMs: 700, detail: "" }, "refreshToken"), undefined,
    new RequestError({ reason: "forbidden", temporary: false, detail: "" }, "refreshToken")];
  const renewal = new TokenRenewal({
    lifetime: async () => ({ expires: 11_000, now: 1000 }),
    refresh: async () => { asked.push(1); const refusal = refusals.shift(); if (refusal) throw refusal; },
  }, environment);
  const fire = async () => { timers.shift().call(); await new Promise((done) => setImmediate(done)); };
  await renewal.start();
  assert.equal(timers[0].afterMs, 8000);
  await fire();
  assert.equal(timers[0].afterMs, 700);
  await fire();
  assert.equal(timers[0].afterMs, 8000);
  await fire();
  assert.deepEqual([timers.length, asked.length], [0, 3]);
});

test("a token's life that is told after the end begins nothing", async () => {
  const timers = [];
  let tell;
  const renewal = new TokenRenewal({ lifetime: () => new Promise((told) => { tell = told; }), refresh: async () => {} },
    { setTimer: (afterMs, call) => timers.push({ afterMs, call }), clearTimer: () => {} });
  const started = renewal.start();
  renewal.stop();
  tell({ expires: 2, now: 1 });
  await started;
  assert.deepEqual(timers, []);
});
