// The connection's machine by itself: what happens and when is told, what is to be done comes out.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Link } from "../../../firmware/web/client/dist/link.js";
import { classify } from "../../../firmware/web/client/dist/failure.js";
import { LIMITS, generator, welcome } from "./pretend.mjs";

const options = { baseMs: 1000, maxMs: 60_000, handshakeMs: 10_000, steadyMs: 10_000, heartbeatMs: Infinity, deadAfterMs: Infinity, hasOtherCredentials: false };

function link(more = {}, random = () => 0.5, known = () => 7) {
  return new Link({ ...options, ...more }, random, () => "token", known);
}
const did = (effects, what) => effects.filter((effect) => effect.do === what);
const sent = (effects) => did(effects, "send").map(({ request }) => request);
const answer = (request, type, payload) => ({ type, replyTo: request.msgId, timestamp: 0, payload });
const ack = (request, payload) => answer(request, "ack", { outcome: "authenticated", sessionToken: "secret", ...payload });

/** Online at `now`, by a token in a message. */
function online(machine, now, session = "0-1", epoch = "e1") {
  const [{ id }] = did([...machine.open(now), ...machine.tick(now)], "dial");
  const [asked] = sent(machine.received(id, welcome({ session, epoch }), now));
  assert.equal(asked.type, "authenticate");
  return { id, effects: machine.received(id, ack(asked), now) };
}

test("from dialling to online, and the clock is asked for at once", () => {
  const machine = link();
  const { effects } = online(machine, 0);
  assert.equal(machine.state, "online");
  assert.deepEqual(effects.map((effect) => effect.do), ["admitted", "state", "online", "send"]);
  assert.equal(sent(effects)[0].type, "ping");
});

test("a credential that was shown in the handshake is not shown again", () => {
  const machine = link();
  const [{ id }] = did(machine.open(0), "dial");
  const effects = machine.received(id, welcome({ authenticated: true, sessionToken: "secret" }), 1);
  assert.deepEqual(sent(effects).map(({ type }) => type), ["ping"]);
});

test("a refused credential stops and tells", () => {
  const machine = link();
  const [{ id }] = did(machine.open(0), "dial");
  const [asked] = sent(machine.received(id, welcome({}), 0));
  const effects = machine.received(id, answer(asked, "error", { code: 401, reason: "unauthenticated", temporary: false, detail: "no such token" }), 0);
  assert.equal(machine.state, "refused");
  assert.equal(machine.deadline, Infinity);
  assert.deepEqual(did(effects, "offline")[0].failure, { class: "credential", detail: "no such token", code: 401 });
  assert.equal(did(effects, "hangUp").length, 1);
});

test("with other credentials one more is tried, and no third", () => {
  const machine = link({ hasOtherCredentials: true });
  let [{ id }] = did(machine.open(0), "dial");
  machine.ended(id, { status: 401 }, 0);
  assert.equal(machine.state, "waiting");
  const [again] = did(machine.tick(machine.deadline), "dial");
  assert.equal(again.isAfterRefusal, true);
  machine.ended(again.id, { status: 401 }, 5000);
  assert.equal(machine.state, "refused");
});

test("what the device says to wait is waited, and the jitter on top", () => {
  const machine = link();
  const { id } = online(machine, 0);
  machine.received(id, { type: "goodbye", timestamp: 0, payload: { reason: "the device restarts", retryAfterMs: 2000 } }, 100);
  const effects = machine.ended(id, { code: 1001 }, 100);
  const [state] = did(effects, "state");
  assert.deepEqual(state, { do: "state", state: "waiting", failure: { class: "unavailable", detail: "the device restarts", code: 1001, retryAfterMs: 2000 }, retryInMs: 2500 });
  assert.deepEqual(machine.wake(200), [], "not even where somebody knows better");
  assert.deepEqual(machine.tick(2599), []);
  assert.equal(did(machine.tick(2600), "dial").length, 1);
});

test("a page that is told the network is back does not wait", () => {
  const machine = link();
  const { id } = online(machine, 0);
  machine.ended(id, { code: 1006 }, 10);
  assert.equal(did(machine.wake(11), "dial").length, 1);
});

test("a peer that says nothing is pinged, then given up as dead", () => {
  const machine = link();
  const { id } = online(machine, 0);
  machine.received(id, { type: "telemetry", timestamp: 0, payload: {} }, 1);
  assert.equal(machine.deadline, LIMITS.heartbeatMs + 1);
  assert.deepEqual(sent(machine.tick(LIMITS.heartbeatMs + 1)).map(({ type }) => type), ["ping"]);
  let last;
  while (machine.state === "online") machine.tick(last = machine.deadline);
  assert.equal(machine.state, "waiting");
  assert.equal(last, LIMITS.deadAfterMs + 1);
});

test("however often it is pinged", () => {
  const machine = link({ heartbeatMs: 200, deadAfterMs: 1000 });
  const { id } = online(machine, 0);
  machine.received(id, { type: "telemetry", timestamp: 0, payload: {} }, 1);
  let last;
  while (machine.state === "online") machine.tick(last = machine.deadline);
  assert.equal(last, 1001);
});

test("a process that slept asks before it calls the device dead", () => {
  const machine = link();
  const { id } = online(machine, 0);
  machine.received(id, { type: "telemetry", timestamp: 0, payload: {} }, 1);
  assert.deepEqual(sent(machine.tick(500_000)).map(({ type }) => type), ["ping"]);
  assert.equal(machine.state, "online");
  machine.tick(504_999);
  assert.equal(machine.state, "online");
  machine.tick(505_000);
  assert.equal(machine.state, "waiting");
});

test("a lost session is resumed, with the place that is known, before anything else goes", () => {
  const machine = link();
  const first = online(machine, 0);
  machine.ended(first.id, { code: 1006 }, 10);
  const second = online(machine, machine.deadline, "0-2");
  assert.equal(machine.state, "resuming");
  const [asked] = sent(second.effects);
  assert.deepEqual([asked.type, asked.payload], ["resume", { session: "0-1", sessionToken: "secret", offset: 7 }]);
  assert.deepEqual(did(second.effects, "online"), []);
  const effects = machine.received(second.id, ack(asked, { outcome: "resumed", subscriptions: 2 }), 700);
  assert.equal(did(effects, "online")[0].resumed, 2);
});

test("a session of another run, or one too old, is not asked for", () => {
  for (const [epoch, later] of [["e2", 0], ["e1", 60_001]]) {
    const machine = link();
    const first = online(machine, 0);
    machine.ended(first.id, { code: 1006 }, 10);
    const { effects } = online(machine, machine.deadline + later, "0-2", epoch);
    assert.equal("resumed" in did(effects, "online")[0], false);
  }
});

test("where the connection breaks while it resumes, both sessions are asked for", () => {
  const machine = link();
  let last = online(machine, 0);
  machine.ended(last.id, { code: 1006 }, 10);
  last = online(machine, machine.deadline, "0-2");
  machine.ended(last.id, { code: 1006 }, 20);
  last = online(machine, machine.deadline, "0-3");
  const [one] = sent(last.effects);
  assert.equal(one.payload.session, "0-1");
  const [two] = sent(machine.received(last.id, answer(one, "error", { code: 404, reason: "notFound", temporary: false, detail: "gone" }), 30));
  assert.equal(two.payload.session, "0-2");
  assert.notEqual(two.msgId, one.msgId);
  assert.equal(did(machine.received(last.id, ack(two, { outcome: "resumed", subscriptions: 1 }), 30), "online")[0].resumed, 1);
});

test("what ends a socket is classified", () => {
  const cases = [
    [{ status: 401 }, false, "credential"], [{ status: 403 }, false, "protocol"], [{ status: 421 }, false, "protocol"],
    [{ status: 429, retryAfterMs: 5 }, false, "unavailable"], [{ status: 503 }, false, "unavailable"],
    [{ isUntrusted: true }, false, "trust"], [{ code: 1006 }, true, "network"], [{ code: 1000 }, true, "network"],
    [{ code: 1001 }, true, "unavailable"], [{ code: 1011 }, true, "unavailable"], [{ code: 1013 }, true, "unavailable"],
    [{ code: 1008 }, true, "credential"], [{ code: 1008 }, false, "network"], [{ code: 1009 }, true, "protocol"],
    [{ code: 1002 }, true, "protocol"], [{ code: 1003 }, true, "protocol"], [{ code: 1007 }, true, "protocol"],
  ];
  for (const [end, wasOnline, expected] of cases) assert.equal(classify(end, undefined, wasOnline).class, expected, JSON.stringify(end));
});

/** One life, with everything going wrong at random: what must hold in all of them. */
function live(seed) {
  const random = generator(seed);
  const machine = link({}, random);
  let now = 0, open, attempts = 0, onlineSince, told = 0;
  const dialled = new Set();
  const settle = (effects) => {
    for (const effect of effects) {
      if (effect.do === "dial") {
        assert.equal(open, undefined, "two sockets at a time");
        assert.ok(!dialled.has(effect.id), "an id twice");
        dialled.add(open = effect.id);
      }
      if (effect.do === "hangUp" || effect.do === "offline") open = undefined;
      if (effect.do === "send") assert.equal(effect.id, open, "something is sent, and not on the open socket");
      if (effect.do === "online") onlineSince = now;
      if (effect.do === "state" && effect.state === "waiting") {
        if (onlineSince !== undefined && now - onlineSince >= options.steadyMs) attempts = 0;
        const ceiling = Math.min(options.maxMs, options.baseMs * 2 ** attempts);
        assert.ok(effect.retryInMs >= told && effect.retryInMs <= told + Math.ceil(ceiling), `${effect.retryInMs} of ${told} + ${ceiling}`);
        attempts += 1;
        onlineSince = undefined;
      }
      if (effect.do === "send" && random() < 0.7) replies.push(effect.request);
    }
  };
  const replies = [];
  settle(machine.open(now));
  for (let step = 0; step < 200 && machine.state !== "refused"; step += 1) {
    now += random() * (random() < 0.1 ? 60_000 : 300);
    told = 0;
    const dice = random();
    if (open !== undefined && dice < 0.4 && machine.state === "connecting") {
      settle(machine.received(open, welcome({ session: `0-${step}`, epoch: random() < 0.9 ? "e1" : "e2", authenticated: random() < 0.3, sessionToken: "s" }), now));
    } else if (open !== undefined && dice < 0.7 && replies.length > 0) {
      const request = replies.shift();
      const isRefused = request.type !== "ping" && random() < 0.3;
      settle(machine.received(open, isRefused ? answer(request, "error", { code: 429, reason: "busy", temporary: true, detail: "later" }) : ack(request, { subscriptions: 1 }), now));
    } else if (open !== undefined && dice < 0.8) {
      told = random() < 0.5 ? 700 : 0;
      const end = [{ code: 1006 }, { status: 503, ...(told && { retryAfterMs: told }) }, { detail: "ECONNREFUSED" }][Math.floor(random() * 3)];
      if (end.status === undefined) told = 0;
      const id = open;
      settle(machine.ended(id, end, now));
      assert.deepEqual(machine.ended(id, end, now), [], "an end is told twice");
    } else if (dice < 0.85) {
      settle(machine.received(-1, welcome({}), now)); // of a socket that was given up
    } else {
      now = Math.max(now, Math.min(machine.deadline, now + 100_000));
      settle(machine.tick(now));
    }
    assert.ok(machine.state === "refused" || machine.deadline < Infinity, `nothing would ever happen again: ${machine.state}`);
  }
  return dialled.size;
}

test("through 2000 lives: one socket at a time, waits within bounds, never stuck", () => {
  let connections = 0;
  for (let seed = 1; seed <= 2000; seed += 1) connections += live(seed);
  assert.ok(connections > 10_000, `${connections} connections: too few to mean anything`);
});
