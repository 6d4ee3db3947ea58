// What is asked and not answered yet: order, deadlines, repeats.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DeviceClock } from "../../../firmware/web/client/dist/clock.js";
import { RequestQueue } from "../../../firmware/web/client/dist/requests.js";
import { generator, welcome } from "./pretend.mjs";

const WELCOME = welcome().payload;
const SET = { channel: "cabin/fan", action: "set", value: 1 };

function queue({ isOnline = true, clock = true } = {}) {
  const device = new DeviceClock();
  if (clock) device.hear(1_000_000, 0); // the device's clock is a million ahead of ours
  const requests = new RequestQueue("client", device);
  if (isOnline) { requests.admitted(WELCOME, 0); requests.online(0); }
  return requests;
}
const back = (requests, now, more = {}) => [...requests.admitted({ ...WELCOME, ...more }, now), ...requests.online(now)];
const sent = (effects) => effects.filter((effect) => effect.do === "send").map(({ request }) => request);
const refused = (effects) => effects.filter((effect) => effect.do === "refuse").map(({ error }) => error.reason);
const error = (request, reason, more = {}) => ({ type: "error", replyTo: request.msgId, timestamp: 0,
  payload: { code: 429, reason, temporary: true, detail: "…", ...more } });
const ack = (request, outcome = "verified") => ({ type: "ack", replyTo: request.msgId, timestamp: 0, payload: { outcome } });

test("a command carries its deadline by both clocks, its epoch and who asked", () => {
  const [request] = sent(queue().ask("command", SET, 3000, 500).effects);
  assert.deepEqual(request.payload, { ...SET, deadlineMs: 3000, notAfter: 1_003_500, epoch: "e1", clientId: "client" });
});

test("where the device's clock is wrong, by its own count alone", () => {
  const [request] = sent(queue({ clock: false }).ask("command", SET, 3000, 500).effects);
  assert.equal("notAfter" in request.payload, false);
});

test("a command waits for the connection with what is left of its time", () => {
  const requests = queue({ isOnline: false });
  assert.deepEqual(requests.ask("command", SET, 3000, 0).effects, []);
  assert.equal(sent(back(requests, 2000))[0].payload.deadlineMs, 1000);
});

test("what has expired meanwhile is never sent", () => {
  const requests = queue({ isOnline: false });
  requests.ask("command", SET, 3000, 0);
  assert.equal(requests.deadline, 3000);
  assert.deepEqual(refused(requests.tick(3000)), ["expired"]);
  assert.deepEqual(sent(back(requests, 3001)), []);
});

test("also where the connection is back in the very moment", () => {
  const requests = queue({ isOnline: false });
  requests.ask("command", SET, 3000, 0);
  assert.deepEqual(sent(back(requests, 3000)), []);
  assert.deepEqual(refused(requests.tick(3000)), ["expired"]);
});

test("cut off, the very same goes out again, and nothing else does", () => {
  const requests = queue();
  const [first] = sent(requests.ask("command", SET, 3000, 0).effects);
  requests.offline(100, false);
  const [again] = sent(back(requests, 900));
  assert.deepEqual(again, first);
});

test("without a point in time it is not repeated: nobody could say when it would run", () => {
  const requests = queue({ clock: false });
  requests.ask("command", SET, 3000, 0);
  assert.deepEqual(refused(requests.offline(100, false)), ["unknown"]);
});

test("cut off beyond its deadline nobody knows", () => {
  const requests = queue();
  requests.ask("command", SET, 3000, 0);
  requests.offline(100, false);
  assert.deepEqual(refused(requests.tick(3000)), ["unknown"]);
});

test("a command meant for the run before is not sent to the next one", () => {
  const requests = queue();
  requests.offline(0, false);
  requests.ask("command", SET, 3000, 10);
  const effects = back(requests, 20, { epoch: "e2" });
  assert.deepEqual([sent(effects), refused(effects)], [[], ["foreignEpoch"]]);
});

test("one that was sent to the run before is owned up to", () => {
  const requests = queue();
  requests.ask("command", SET, 3000, 0);
  requests.offline(10, false);
  assert.deepEqual(refused(back(requests, 20, { epoch: "e2" })), ["unknown"]);
});

test("a stop goes before everything, before the session is even resumed, and what waits goes no more", () => {
  const requests = queue({ isOnline: false });
  requests.ask("command", SET, 3000, 0);
  const { effects } = requests.ask("stop", {}, 3000, 1);
  assert.deepEqual(refused(effects), ["stopped"]);
  assert.deepEqual(sent(requests.admitted(WELCOME, 2)).map(({ type }) => type), ["stop"]);
});

test("a stop is not held up by as many commands as may be in flight", () => {
  const requests = queue();
  for (let count = 0; count < 20; count += 1) requests.ask("command", { ...SET, channel: `c/${count}` }, 3000, 0);
  assert.equal(sent(requests.ask("stop", {}, 3000, 0).effects).length, 1);
});

test("no more commands are in flight than the device takes; the rest goes as they end", () => {
  const requests = queue();
  const out = [];
  for (let count = 0; count < 10; count += 1) out.push(...sent(requests.ask("command", { ...SET, channel: `c/${count}` }, 3000, 0).effects));
  assert.equal(out.length, 8);
  assert.equal(sent(requests.answered(ack(out[3]), 5))[0].payload.channel, "c/8");
});

test("a limit is waited out, as the device says", () => {
  const requests = queue();
  const [first] = sent(requests.ask("history", {}, 3000, 0).effects);
  assert.deepEqual(requests.answered(error(first, "busy", { retryAfterMs: 500 }), 100), []);
  assert.equal(requests.deadline, 600);
  assert.deepEqual(sent(requests.tick(599)), []);
  assert.equal(sent(requests.tick(600)).length, 1);
});

test("not beyond the deadline", () => {
  const requests = queue();
  const [first] = sent(requests.ask("command", SET, 3000, 0).effects);
  assert.deepEqual(refused(requests.answered(error(first, "busy", { retryAfterMs: 2901 }), 100)), ["busy"]);
});

test("an interlock is not ours to wait for", () => {
  const requests = queue();
  const [first] = sent(requests.ask("command", SET, 3000, 0).effects);
  assert.deepEqual(refused(requests.answered(error(first, "interlocked", { retryAfterMs: 10 }), 100)), ["interlocked"]);
});

test("a command that has to wait is not overtaken on its channel, nor overtakes", () => {
  const requests = queue();
  const [first] = sent(requests.ask("command", SET, 3000, 0).effects);
  requests.answered(error(first, "busy", { retryAfterMs: 500 }), 0);
  assert.deepEqual(sent(requests.ask("command", { ...SET, value: 2 }, 3000, 1).effects), []);
  assert.equal(sent(requests.ask("command", { ...SET, channel: "cabin/lamp" }, 3000, 1).effects).length, 1);
  assert.deepEqual(sent(requests.tick(500)).map(({ payload }) => payload.value), [1, 2]);
  const both = queue();
  const [one] = sent(both.ask("command", SET, 3000, 0).effects);
  const [two] = sent(both.ask("command", { ...SET, value: 2 }, 3000, 0).effects);
  both.answered(ack(two), 5);
  assert.deepEqual(refused(both.answered(error(one, "busy", { retryAfterMs: 500 }), 6)), ["busy"]);
});

test("rungs are told, the last answers", () => {
  const requests = queue();
  const [request] = sent(requests.ask("command", SET, 3000, 0).effects);
  assert.deepEqual(requests.answered({ type: "progress", replyTo: request.msgId, payload: { rung: "applied" } }, 1),
    [{ do: "climb", msgId: request.msgId, rung: "applied" }]);
  assert.equal(requests.answered(ack(request), 2)[0].do, "settle");
  assert.equal(requests.size, 0);
});

test("reads are asked again, acts are not, and say so", () => {
  const requests = queue();
  requests.ask("describe", {}, 3000, 0);
  requests.ask("reset", {}, 3000, 0);
  assert.deepEqual(refused(requests.offline(1, false)), ["unknown"]);
  assert.deepEqual(refused(requests.ask("baton", {}, 3000, 2).effects), ["offline"]);
  assert.deepEqual(sent(back(requests, 3)).map(({ type }) => type), ["describe"]);
  assert.deepEqual(refused(requests.offline(4, true)), ["expired"]);
});

test("what is longer than the device takes is not sent", () => {
  const requests = queue();
  const { effects } = requests.ask("ping", { data: "ü".repeat(2100) }, 3000, 0);
  assert.deepEqual([sent(effects), refused(effects)], [[], ["tooBig"]]);
});

test("through 2000 lives: never after its deadline, at most once but for repeats, every one settled", () => {
  let total = 0, repeats = 0;
  for (let seed = 1; seed <= 2000; seed += 1) {
    const random = generator(seed), requests = queue({ isOnline: false });
    const asked = new Map(), settled = new Map();
    let now = 0, isUp = false, flying = [];
    const take = (effects) => {
      for (const effect of effects) {
        const msgId = effect.msgId ?? effect.request.msgId;
        assert.ok(!settled.has(msgId), `${msgId}: ${effect.do} after it was settled`);
        if (effect.do === "refuse" || effect.do === "settle") settled.set(msgId, effect);
        if (effect.do !== "send") continue;
        const command = asked.get(msgId);
        assert.ok(isUp, "sent without a connection");
        assert.ok(now < command.deadline, `sent at ${now}, ${now - command.deadline} ms after its deadline`);
        assert.ok(effect.request.payload.deadlineMs <= Math.max(1, command.deadline - (command.first ?? now)));
        if (command.sent) { assert.deepEqual(effect.request, command.sent, "a repeat is another command"); repeats += 1; }
        command.sent = effect.request;
        command.first ??= now;
        flying.push(effect.request);
      }
    };
    for (let step = 0; step < 120; step += 1) {
      now += Math.floor(random() * 200);
      const dice = random();
      if (dice < 0.35) {
        const channel = `c/${Math.floor(random() * 3)}`, withinMs = 1 + Math.floor(random() * 1500);
        const { msgId, effects } = requests.ask("command", { ...SET, channel }, withinMs, now);
        asked.set(msgId, { deadline: now + withinMs });
        total += 1;
        take(effects);
      } else if (dice < 0.45) {
        if (isUp) { isUp = false; flying = []; take(requests.offline(now, false)); } else { isUp = true; take(back(requests, now)); }
      } else if (dice < 0.75 && flying.length > 0) {
        const [request] = flying.splice(Math.floor(random() * flying.length), 1);
        if (random() < 0.3) { asked.get(request.msgId).sent = undefined; take(requests.answered(error(request, "busy", { retryAfterMs: 50 }), now)); }
        else take(requests.answered(ack(request), now));
      } else {
        now = Math.max(now, Math.min(requests.deadline, now + 500));
        take(requests.tick(now));
      }
    }
    take(requests.offline(now, true));
    assert.equal(settled.size, asked.size, "some never got an answer");
  }
  assert.ok(total > 50_000 && repeats > 500, `${total} commands, ${repeats} repeats: too few to mean anything`);
});
