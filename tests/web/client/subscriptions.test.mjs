// What is known of each subscription, so that after a cut everything missed is told once, or its loss.
import assert from "node:assert/strict";
import { test } from "node:test";
import { matches, overlap } from "../../../firmware/web/client/dist/patterns.js";
import { Subscriptions } from "../../../firmware/web/client/dist/subscriptions.js";

const EPOCH = "e1";
const reading = { value: 1, quality: "good", at: 1 };

function subscribed(...all) {
  const subscriptions = new Subscriptions(), told = {};
  for (const [id, paths, more] of all) subscriptions.add(id, { paths, ...more }, (update) => (told[id] ??= []).push(update));
  subscriptions.online(EPOCH, 0);
  return { subscriptions, told };
}
const message = (type, payload, more = {}) => ({ type, timestamp: 0, payload: { epoch: EPOCH, ...payload }, ...more });
const snapshot = (id, offset, ...channels) => message("snapshot", { id, offset, samples: channels.map((channel) => ({ channel, ...reading })) });
const telemetry = (offset, channels, more = {}) => message("telemetry", { offset, samples: channels.map((channel) => ({ channel, ...reading })), ...more });

test("patterns are those of the device", () => {
  const cases = [["cabin/fan", "cabin/fan", true], ["cabin/fan", "cabin/fans", false], ["cabin/#", "cabin/a/b", true], ["cabin/#", "cabin", true],
    ["#", "a/b", true], ["+/fan", "cabin/fan", true], ["+/fan", "a/b/fan", false], ["+", "a/b", false], ["cabin", "cabin/fan", false], ["a/+/#", "a", false]];
  for (const [pattern, path, expected] of cases) assert.equal(matches(pattern, path), expected, `${pattern} ${path}`);
});

test("patterns overlap where one path could be of both", () => {
  const cases = [["cabin/#", "+/fan", true], ["cabin/fan", "cabin/lamp", false], ["a/b", "a", false], ["a/#", "a", true], ["#", "x", true], ["+/b", "a/+", true],
    ["a/#", "b/#", false], ["+", "a/b", false]];
  for (const [one, other, expected] of cases) {
    assert.equal(overlap(one, other), expected, `${one} ${other}`);
    assert.equal(overlap(other, one), expected, `${other} ${one}`);
  }
});

test("the place to go on from is the last one told of its channels", () => {
  const { subscriptions } = subscribed(["s", ["cabin/#"]]);
  subscriptions.read(snapshot("s", 5, "cabin/fan"));
  subscriptions.read(telemetry(9, ["cabin/fan"]));
  subscriptions.read(telemetry(12, ["tank/level"]));
  assert.equal(subscriptions.known(), 9);
  assert.deepEqual(subscriptions.request("s"), { id: "s", paths: ["cabin/#"], resume: { epoch: EPOCH, offset: 9 } });
});

test("a message whose rest is to come does not count", () => {
  const { subscriptions } = subscribed(["s", ["cabin/#"]]);
  subscriptions.read(snapshot("s", 5, "cabin/fan"));
  subscriptions.read(telemetry(9, ["cabin/fan"], { more: true }));
  assert.equal(subscriptions.known(), 5);
});

test("of several, the lowest is named, and nobody is told twice", () => {
  const { subscriptions, told } = subscribed(["a", ["a/#"]], ["b", ["b/#"]]);
  subscriptions.read(snapshot("a", 5, "a/x"));
  subscriptions.read(snapshot("b", 5, "b/x"));
  subscriptions.read(telemetry(20, ["b/x"]));
  assert.equal(subscriptions.known(), 5);
  assert.deepEqual(subscriptions.online(EPOCH, 2), []);
  subscriptions.read(message("missed", { id: "b", offset: 30, gaps: [{ channel: "b/x", from: 6, to: 22 }],
    samples: [{ channel: "b/x", offset: 19, ...reading }, { channel: "b/x", offset: 25, ...reading }] }));
  const [gap, missed] = told.b.slice(-2);
  assert.deepEqual(gap.gaps, [{ channel: "b/x", from: 21, to: 22 }]);
  assert.deepEqual(missed.samples.map(({ offset }) => offset), [25]);
});

test("a gap that was told already is none", () => {
  const { subscriptions, told } = subscribed(["b", ["b/#"]]);
  subscriptions.read(snapshot("b", 20, "b/x"));
  subscriptions.read(message("missed", { id: "b", offset: 30, gaps: [{ channel: "b/x", from: 6, to: 20 }], samples: [] }));
  assert.deepEqual(told.b.map(({ kind }) => kind), ["snapshot"]);
});

test("telemetry that may be another subscription's does not move the place", () => {
  const { subscriptions, told } = subscribed(["slow", ["cabin/#"]], ["fast", ["cabin/fan"]]);
  subscriptions.read(snapshot("slow", 5, "cabin/fan"));
  subscriptions.read(snapshot("fast", 5, "cabin/fan"));
  subscriptions.read(telemetry(9, ["cabin/fan"]));
  assert.deepEqual([told.slow.length, told.fast.length], [2, 2]);
  assert.equal(subscriptions.known(), 5);
  subscriptions.remove("fast");
  subscriptions.read(telemetry(10, ["cabin/fan"]));
  assert.equal(subscriptions.known(), 10);
});

test("another run: everything before is lost, and said", () => {
  const { subscriptions, told } = subscribed(["s", ["cabin/#"]]);
  subscriptions.read(snapshot("s", 5, "cabin/fan"));
  assert.deepEqual(subscriptions.online("e2", 0), ["s"]);
  assert.equal(subscriptions.known(), undefined);
  subscriptions.read({ type: "missed", timestamp: 0, payload: { id: "s", epoch: "e2", offset: 3, gaps: [{ channel: "cabin/fan", from: null, to: null }], samples: [] } });
  subscriptions.read({ type: "snapshot", timestamp: 0, payload: { id: "s", epoch: "e2", offset: 3, recovered: false, samples: [] } });
  assert.deepEqual(told.s.slice(1).map(({ kind, isComplete }) => [kind, isComplete]), [["gap", undefined], ["snapshot", false]]);
});

test("those a resumed session has left behind are asked for anew, once the others have said so", () => {
  const { subscriptions } = subscribed(["a", ["a/#"]], ["b", ["b/#"]]);
  for (const id of ["a", "b"]) subscriptions.read(snapshot(id, 5));
  subscriptions.add("c", { paths: ["c"] }, () => {});
  assert.deepEqual(subscriptions.online(EPOCH, 1), ["c"], "a new one need not wait");
  subscriptions.read(message("synced", { id: "c", offset: 6 }, { replyTo: "c-9" }));
  subscriptions.read(snapshot("a", 7));
  assert.deepEqual(subscriptions.read(message("synced", { id: "a", offset: 7 })), ["b"]);
});

test("an event is told once, to whom it is about", () => {
  const { subscriptions, told } = subscribed(["a", ["a/#"], { events: true }], ["b", ["b/#"], { events: true }], ["quiet", ["#"]]);
  const event = (offset, channel) => message("event", { offset, name: "actuated", severity: "info", at: 1, ...(channel && { channel }) });
  for (const [offset, channel] of [[5, "a/x"], [6, undefined], [5, "a/x"], [7, "b/x"]]) subscriptions.read(event(offset, channel));
  assert.deepEqual(told.a.map(({ event: { offset } }) => offset), [5, 6]);
  assert.deepEqual(told.b.map(({ event: { offset } }) => offset), [6, 7]);
  assert.equal(told.quiet, undefined);
});

test("counters beyond 2^53 are compared as what they are", () => {
  const { subscriptions } = subscribed(["s", ["a"]]);
  subscriptions.read(snapshot("s", "9007199254740995", "a"));
  subscriptions.read(telemetry("9007199254740996", ["a"]));
  assert.equal(subscriptions.known(), "9007199254740996");
});
