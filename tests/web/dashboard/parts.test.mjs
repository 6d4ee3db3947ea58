// What needs no browser: lines of a chart, and words.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { TOP } from "../client/device.mjs";

const { buildSync } = createRequire(createRequire(join(TOP, "firmware/web/dashboard/package.json")).resolve("vite"))("esbuild");

/** A module of the page, as its build makes it. */
function built(name) {
  const [file] = buildSync({ entryPoints: [join(TOP, "firmware/web/dashboard/src", name)], bundle: true, write: false, format: "esm", target: "es2022",
    jsx: "automatic", jsxImportSource: "preact", absWorkingDir: join(TOP, "firmware/web/dashboard"),
    alias: { "signalbox-client": join(TOP, "firmware/web/client/src/index.ts") } }).outputFiles;
  return import(`data:text/javascript;base64,${Buffer.from(file.contents).toString("base64")}`);
}

const { Series } = await built("series.ts");
const { duration, inWords, isolated, moment, number, spell, titleOf } = await built("format.ts");
const { poolsOf } = await built("pools.tsx");
const { turnsOf } = await built("turns.tsx");
const { conditionInWords, errorInWords, eventInWords, holds, isSafe, leaseEndInWords, recordInWords } = await built("words.ts");

test("an output is safe where it is at its safe value, as near as hardware comes", () => {
  const fan = { output: { safe: 20 }, range: [0, 100] };
  assert.deepEqual([20, 20.09, 19.91, 20.2, 0, null, undefined].map((value) => isSafe(fan, value)), [true, true, true, false, false, false, false]);
  const lamp = { output: { safe: false } };
  assert.deepEqual([false, true, null].map((value) => isSafe(lamp, value)), [true, false, false]);
});

test("samples that come late find their place, and the same time is one sample", () => {
  const series = new Series();
  for (const [at, value] of [[10, 1], [30, 3], [20, 2], [20, 2.5], [30, 3.5]]) series.push(at, value);
  assert.deepEqual([series.at, series.value], [[10, 20, 30], [1, 2.5, 3.5]]);
});

test("what the device remembers fills in, and changes nothing that is known", () => {
  const series = new Series();
  series.push(30, 3);
  series.merge([{ at: 10, value: 1 }, { at: 30, value: 99 }, { at: 20, value: null }]);
  assert.deepEqual([series.at, series.value], [[10, 20, 30], [1, null, 3]]);
  assert.deepEqual(series.part(15, 25), [[10, 20, 30], [1, null, 3]]);
  assert.equal(series.valueAt(29), null);
  assert.equal(series.valueAt(30), 3);
  assert.equal(series.valueAt(9), null);
});

test("a gap breaks the line once, behind the last sample", () => {
  const series = new Series();
  series.breakAt(5);
  assert.deepEqual(series.at, [], "nothing to break");
  series.push(10, 1);
  series.breakAt(5);
  series.breakAt(50);
  assert.deepEqual([series.at, series.value], [[10, 11], [1, null]]);
});

test("old samples give way", () => {
  const series = new Series(100);
  for (let at = 0; at < 1_000; at += 1) series.push(at, at);
  assert.ok(series.at.length <= 110 && series.at.at(-1) === 999 && series.value[0] === series.at[0]);
});

test("numbers, times and names are as people write them", () => {
  assert.deepEqual([number(1.234), number(-12.34), number(1234.5), number(12_345_678)], ["1.23", "-12.3", "1235", (12.35).toFixed(2) + "M"]);
  assert.deepEqual([duration(60_000), duration(4_400), duration(300_000), duration(3_600_000), duration(8_000_000)], ["1 min", "4 s", "5 min", "1 h", "2 h 13 min"]);
  const noon = new Date(2026, 10, 30, 12).getTime();
  assert.deepEqual([moment(noon, noon + 3_600_000), moment(noon, noon + 86_400_000)].map((text) => /\b30\b/.test(text)), [false, true]);
  const bytes = (value, unit = "By") => inWords({ kind: "number", unit }, value);
  assert.deepEqual([bytes(0), bytes(999), bytes(1_000), bytes(21_640_000_000), bytes(-2_500), bytes(4.2e19), bytes(456.2, "By/s"), bytes(12_345, "By/s")],
    ["0 B", "999 B", "1.0 kB", "21.6 GB", "-2.5 kB", "42000.0 PB", "456 B/s", "12.3 kB/s"]);
  assert.deepEqual([isolated("Heater"), isolated("درجة 2"), titleOf({ path: "a/b", title: "חום" })], ["Heater", "\u2068درجة 2\u2069", "\u2068חום\u2069"]);
  assert.equal(inWords({ kind: "number", unit: "Cel" }, 21.5), "21.5 °C");
  assert.deepEqual([inWords({ kind: "number", unit: "%", range: [0, 100] }, 0), inWords({ kind: "number", range: [0, 10_000] }, 0.5)], ["0.0 %", "0.50"]);
  assert.deepEqual([spell(0.2), spell(40.4), spell(1234)], ["1 ms", "40 ms", "1.2 s"]);
  assert.equal(inWords({ kind: "boolean", output: {} }, true), "on");
  assert.equal(inWords({ kind: "boolean" }, false), "no");
  assert.equal(inWords({ kind: "number", unit: "%" }, null), "–");
  assert.equal(titleOf({ path: "cabin/heaterSense" }), "Heater sense");
});

test("conditions say what they want, and whether it is so", () => {
  const named = (path) => path.toUpperCase();
  assert.equal(conditionInWords({ channel: "a/b", below: 3 }, named), "A/B below 3");
  assert.equal(conditionInWords({ is: false }, named), "something that you may not see: no");
  assert.equal(holds({ below: 3 }, { value: 2, quality: "good" }), true);
  assert.equal(holds({ above: 3 }, { value: 2, quality: "simulated" }), false);
  assert.equal(holds({ is: true }, { value: true, quality: "stale" }), false, "what cannot be trusted counts as unsafe");
  assert.equal(holds({ is: true }, undefined), undefined);
});

test("pools are found among the metrics", () => {
  const text = '# HELP signalbox_pool_used How much\nsignalbox_pool_used{pool="frames"} 3\nsignalbox_pool_high_water{pool="frames"} 9\nsignalbox_pool_capacity{pool="frames"} 40\nsignalbox_pool_refused_total{pool="frames"} 1\nsignalbox_info{pool="x"} 1\n';
  assert.deepEqual(poolsOf(text), [{ name: "frames", used: 3, most: 9, capacity: 40, refused: 1 }]);
});

test("the journal tells an actuation in the words that the controls have", () => {
  const device = { named: (path) => path === "cabin/heater" ? "Heater" : path, kindOf: (path) => path === "cabin/heater" ? "boolean" : "text" };
  const told = (more) => recordInWords({ kind: "actuation", channel: "cabin/heater", before: "false", after: "true", ...more }, device);
  assert.equal(told({ outcome: "applied" }), "Heater: off → on");
  assert.equal(told({ outcome: "applied", cause: "leaseEnded" }), "Heater: off → on, because its lease ran out");
  assert.equal(told({ outcome: "held", after: undefined }), "Heater: off → ? not done. Somebody else, or a switch on the device, has it");
  assert.equal(told({ outcome: "mismatch" }), "Heater: off → on in doubt. Done, but the feedback does not agree: look at the hardware");
  assert.equal(told({ channel: "sign", outcome: "applied" }), "sign: false → true", "a text stays as it is");
  assert.equal(recordInWords({ kind: "acknowledgement", channel: "cabin/heater", detail: "tooHot" }, device), "acknowledged an alarm: Heater: tooHot");
});

test("events and errors are told in words", () => {
  const named = () => "Heater";
  assert.equal(eventInWords({ name: "actuated", channel: "h", from: true, to: false, cause: "leaseEnded", by: "ann" }, named), "ann: Heater: on → off, because its lease ran out");
  assert.equal(eventInWords({ name: "notActuated", channel: "h", reason: "held", by: "bob" }, named), "bob: Heater was not moved: Somebody else, or a switch on the device, has it");
  assert.equal(eventInWords({ name: "batonMoved", group: "cabin", by: "ann", holder: "bob" }, named), "bob has the baton of cabin now");
  assert.equal(eventInWords({ name: "actuated", channel: "h", from: 0, to: 30.5 }, named), "Heater: 0 → 30.5");
  assert.equal(errorInWords(new Error("plain")), "plain");
  assert.equal(leaseEndInWords("renew: notFound: you have no lease of this output (payload.channel)"), "the device had ended it, Activity tells why");
});

test("the loop's turns are told by how long they took, the empty ends left out", () => {
  const bucket = (le, count) => `signalbox_loop_pass_seconds_bucket{le="${le}"} ${count}\n`;
  const text = bucket("8e-06", 0) + bucket("1.6e-05", 3) + bucket("3.2e-05", 3) + bucket("6.4e-05", 10) + bucket("1", 10) + bucket("+Inf", 11);
  assert.deepEqual(turnsOf(text).map(({ upToS, count }) => [upToS, count]), [[1.6e-5, 3], [3.2e-5, 0], [6.4e-5, 7], [1, 0], [Infinity, 1]]);
  assert.deepEqual(turnsOf(text.replace(/.*Inf.*\n/, "")).at(-1).upToS, 6.4e-5);
  assert.deepEqual(turnsOf(""), []);
});
