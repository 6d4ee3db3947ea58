// The command line against the simulator, as somebody at a shell meets it.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { helpOf } from "../../../../firmware/web/client/dist/cli/arguments.js";
import { HELP, commands, main } from "../../../../firmware/web/client/dist/cli/commands.js";
import { streams } from "../../../../firmware/web/client/dist/cli/output.js";
import { Device, TOP } from "../device.mjs";

const MAIN = join(TOP, "firmware/web/client/dist/cli/main.js");
const COMMANDS = ["watch", "get", "set", "stop", "reset", "history", "describe", "journal", "log", "claim", "tokens", "issue", "revoke", "bench", "completion"];

const OURS = ["URL", "CA", "FINGERPRINT", "TOKEN", "TOKEN_FILE"].map((name) => `SIGNALBOX_${name}`);

/** In this process, since starting one for each takes longer than what it does. */
async function run(words, { env = {}, isTTY = false } = {}) {
  const done = { out: "", errors: "" };
  streams.out = { write: (text) => { done.out += text; } };
  streams.errors = { write: (text) => { done.errors += text; }, isTTY };
  for (const name of OURS) delete process.env[name];
  Object.assign(process.env, env);
  const code = await main(words);
  return { code, ...done };
}

/** As a process of its own. */
function start(words, env, errors = "inherit") {
  const child = spawn(process.execPath, [MAIN, ...words], { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", errors] });
  child.ended = new Promise((ended) => child.on("exit", ended));
  return child;
}

describe("with a device", () => {
  let device, env;
  before(async () => {
    device = await Device.start({ unclaimed: true });
    const [ca, token] = [join(device.state, "ca.pem"), join(device.state, "my-token")];
    writeFileSync(ca, device.ca);
    env = { SIGNALBOX_URL: device.url, SIGNALBOX_CA: ca, SIGNALBOX_TOKEN_FILE: token };
    const claimed = await run(["claim", "--code-file", device.claimCode, "--name", "ann"], { env });
    assert.deepEqual([claimed.code, claimed.errors], [0, ""]);
    assert.match(claimed.out, /claimed as ann; your token is in .*my-token, good until \d{4}-/);
    assert.equal(statSync(token).mode & 0o777, 0o600);
  });
  after(() => device.end());
  const at = (...words) => run(words, { env });
  const fine = async (...words) => { const { code, out, errors } = await at(...words); assert.deepEqual([code, errors], [0, ""], words.join(" ")); return out; };
  const wrong = async (code, words, expected) => {
    const done = await at(...words);
    assert.deepEqual([done.code, done.out], [code, ""], `${words.join(" ")}: ${done.errors}`);
    assert.match(done.errors, expected);
    assert.doesNotMatch(done.errors, /\n\s+at /, "a stack is for defects");
  };

  test("claiming twice", async () => {
    await wrong(2, ["claim"], /there is a token already; expected another --token-file, or --force/);
    const other = join(device.state, "other");
    const code = join(device.state, "wrong-code");
    writeFileSync(code, "7K3M-Q0XE-94RT\n");
    await wrong(1, ["claim", "--token-file", other, "--code-file", code], /not claimed: .*claimed/);
    assert.throws(() => statSync(other));
  });

  test("get and describe", async () => {
    assert.match(await fine("get", "cabin/temperature"), /^-?[\d.]+\n$/);
    assert.match(await fine("get", "cabin/temperature", "cabin/heater"), /cabin\/temperature +[\d.]+ Cel +simulated .*\ncabin\/heater +false +/);
    const lines = (await fine("get", "cabin/#", "--json")).trim().split("\n").map((line) => JSON.parse(line));
    assert.ok(lines.some(({ channel, value }) => channel === "cabin/lamp" && value === false));
    assert.match(await fine("describe", "cabin/fan"), /cabin\/fan +0 % +simulated +number, 0 to 100, can be set, safe 0/);
    assert.equal(JSON.parse(await fine("describe", "--json")).device.id, "bench");
    await wrong(1, ["get", "cabin/oven"], /cabin\/oven: .*no such channel/);
  });

  test("set, stop and reset", async () => {
    assert.equal(await fine("set", "cabin/heater=on"), "cabin/heater: verified\n");
    assert.equal(await fine("set", "cabin/heater=false", "cabin/fan=30", "--until", "applied"), "cabin/heater, cabin/fan: applied\n");
    assert.deepEqual(JSON.parse(await fine("set", "cabin/fan=0", "--json")), { channels: ["cabin/fan"], outcome: "applied" });
    await wrong(2, ["set", "cabin/fan"], /found "cabin\/fan"; expected CHANNEL=VALUE/);
    await wrong(2, ["set", "cabin/fan=fast"], /found "fast"; expected a number from 0 to 100/);
    await wrong(2, ["set", "cabin/lamp=5"], /expected true or false/);
    await wrong(1, ["set", "cabin/fan=101"], /outOfRange/);
    await wrong(2, ["set", "cabin/fan=1", "--until", "done"], /expected accepted, applied, verified/);
    assert.equal(await fine("stop"), "stopped\n");
    await wrong(1, ["set", "cabin/lamp=true"], /stopped/);
    assert.equal(await fine("reset"), "reset\n");
  });

  test("set --hold lets go at Ctrl-C", async () => {
    const child = start(["set", "cabin/heater=true", "--hold", "5s"], env, "pipe");
    await new Promise((done) => child.stderr.once("data", done));
    assert.equal(await fine("get", "cabin/heater"), "true\n");
    child.kill("SIGINT");
    assert.equal(await child.ended, 0);
    assert.equal(await fine("get", "cabin/heater"), "false\n");
  });

  test("watch tells units, events and JSON", async () => {
    assert.match((await fine("watch", "cabin/temperature", "--count", "2", "--every", "100ms")).split("\n")[1], /^\d{4}-.* cabin\/temperature  [\d.]+ Cel  simulated$/);
    assert.deepEqual((await fine("watch", "tank/#", "--json", "--count", "2")).trim().split("\n").map((line) => JSON.parse(line).kind), ["snapshot", "telemetry"]);
    const child = start(["watch", "cabin/lamp", "--events"], env);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    await lines.next();
    await fine("set", "cabin/lamp=true");
    let line;
    do { line = (await lines.next()).value; } while (!/actuated/.test(line));
    assert.match(line, /INFO {2}actuated {2}cabin\/lamp {2}false -> true {2}command {2}by ann/);
    child.kill("SIGINT");
    assert.equal(await child.ended, 0);
    await wrong(2, ["watch", "--every", "soon"], /--every: found "soon"; expected such as 250ms/);
  });

  test("history and journal", async () => {
    assert.match(await fine("history", "cabin/temperature", "--last", "1h"), /^\d{4}-\S+ \S+ {2}cabin\/temperature {2}[\d.]+ {2}simulated\n/);
    const steps = (await fine("history", "cabin/temperature", "--last", "1h", "--step", "1h", "--json")).trim().split("\n").map((line) => JSON.parse(line));
    assert.ok(steps[0].count > 0 && steps[0].mean > 0);
    await wrong(2, ["history", "cabin/fan", "--from", "yesterday"], /--from: found "yesterday"; expected such as 2026-/);
    assert.match(await fine("journal"), /1 {2}.* {2}started/);
    assert.match(await fine("journal", "--channel", "cabin/lamp", "--failed"), /actuation {2}cabin\/lamp .*stopped {2}by ann/);
    assert.equal((await fine("journal", "--max", "2", "--json")).trim().split("\n").length, 2);
  });

  test("the log goes on until Ctrl-C", async () => {
    const child = start(["log"], env);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    await fine("stop");
    await fine("reset");
    let line;
    do { line = (await lines.next()).value; } while (!/ kind=reset /.test(line));
    assert.match(line, /^\d{4}-\S+ \S+ {2}INFO {2}journal.* who=ann/);
    child.kill("SIGINT");
    assert.equal(await child.ended, 0);
    const told = JSON.parse(await fine("log", "--count", "1", "--json"));
    assert.deepEqual(Object.keys(told).filter((name) => name !== "lost").sort(), ["at", "epoch", "offset", "severity", "text"]);
  });

  test("tokens are given out, listed and taken back", async () => {
    const issued = await at("issue", "panel", "read:#", "control:cabin/heater", "--lifetime", "1h");
    assert.equal(issued.code, 0, issued.errors);
    const [, id] = /panel may read:# control:cabin\/heater, until \d{4}-\d\d-\d\d; taken back by "revoke (\S+)"/.exec(issued.errors);
    const panel = { ...env, SIGNALBOX_TOKEN: issued.out.trim() };
    delete panel.SIGNALBOX_TOKEN_FILE;
    assert.equal((await run(["get", "cabin/lamp"], { env: panel })).code, 0);
    assert.match((await run(["set", "cabin/lamp=on"], { env: panel })).errors, /forbidden/);
    assert.match(await fine("tokens"), new RegExp(`^${id}  panel  +until \\d{4}-\\d\\d-\\d\\d  read:# control:cabin/heater$`, "m"));
    assert.equal(await fine("revoke", id), `${id}: revoked\n`);
    assert.equal((await run(["get", "cabin/lamp"], { env: panel })).code, 4);
    assert.equal((await fine("tokens", "--json")).trim().split("\n").map((line) => JSON.parse(line)).find((one) => one.id === id)?.revoked ?? true, true);
    await wrong(1, ["revoke", "nobodys"], /notFound/);
    await wrong(2, ["revoke"], /found no ID; "tokens" lists them/);
    await wrong(2, ["issue", "panel"], /expected NAME SCOPE, such as panel viewer/);
    await wrong(1, ["issue", "panel", "everything"], /malformed/);
    await wrong(1, ["issue", "panel", "viewer", "--lifetime", "1s"], /outOfRange/);
    await wrong(2, ["reset", "cabin/heater"], /reset: found "cabin\/heater" beyond options; expected --url/);
    await wrong(2, ["describe", "cabin/lamp", "cabin/fan"], /describe: found "cabin\/fan" beyond \[PATTERN\]/);
  });

  test("bench", async () => {
    const { connectMs, parts } = JSON.parse(await fine("bench", "--for", "200ms", "--lanes", "4", "--json"));
    assert.ok(connectMs > 0);
    for (const { requests, p50Ms, p99Ms } of parts) assert.ok(requests > 0 && p99Ms >= p50Ms);
  });

  test("progress is shown on a terminal, in one line that is gone at the end", async () => {
    const { code, out, errors } = await run(["bench", "--for", "200ms", "--lanes", "2"], { env, isTTY: true });
    assert.equal(code, 0);
    const [before, ...shown] = errors.split("\r\x1b[K");
    assert.equal(before, "");
    assert.match(shown.shift(), /^connecting wss:/);
    assert.deepEqual(shown.slice(-3), ["one after another, for 200 ms", "2 at a time, for 200 ms", ""]);
    assert.doesNotMatch(out, /\x1b/);
  });

  test("who is not let in, or not believed, is told what to do", async () => {
    const file = join(device.state, "wrong-token");
    writeFileSync(file, "wrong\n", { mode: 0o600 });
    await wrong(4, ["get", "#", "--token-file", file], /another token by --token-file/);
    await wrong(2, ["get", "#", "--token-file", join(device.state, "none")], /no token: .*signalbox-client claim/);
    chmodSync(file, 0o644);
    assert.match((await at("get", "#", "--token-file", file)).errors, /others may read it; expected mode 0600/);
    const { SIGNALBOX_CA: _, ...trusting } = env;
    const stranger = await run(["get", "#"], { env: trusting });
    assert.deepEqual([stranger.code, /--ca FILE or --fingerprint/.test(stranger.errors)], [4, true], stranger.errors);
    const known = await run(["get", "cabin/lamp", "--fingerprint", device.fingerprint], { env: trusting });
    assert.equal(known.code, 0, known.errors);
    const direct = await run(["get", "cabin/lamp"], { env: { SIGNALBOX_URL: device.url, SIGNALBOX_FINGERPRINT: device.fingerprint,
      SIGNALBOX_TOKEN: readFileSync(env.SIGNALBOX_TOKEN_FILE, "utf8") } });
    assert.equal(direct.code, 0, direct.errors);
    await wrong(2, ["get", "#", "--ca", file], /found no certificate; expected PEM/);
  });
});

test("a device that is not there", async () => {
  const { code, errors } = await run(["get", "#", "--url", "wss://localhost:1/v1/ws", "--timeout", "5s"], { env: { SIGNALBOX_TOKEN: "x" } });
  assert.equal(code, 3);
  assert.match(errors, /wss:\/\/localhost:1\/v1\/ws: .*ECONNREFUSED/);
});

test("as a process: exit code and both outputs", async () => {
  const child = start(["fly"], {}, "pipe");
  let errors = "";
  child.stderr.on("data", (text) => { errors += text; });
  assert.equal(await child.ended, 2);
  assert.match(errors, /^signalbox-client: found "fly"; expected one of watch/);
  assert.equal(execFileSync(process.execPath, [MAIN, "--help"], { encoding: "utf8" }), `${HELP}\n`);
});

test("wrong words", async () => {
  for (const [words, expected] of [[[], /found no command; expected one of watch, get/], [["fly"], /found "fly"/], [["get", "--fast"], /expected --url/],
    [["get"], /found no channel/], [["get", "#", "--url", "http://x"], /expected such as wss:/]]) {
    const done = await run(words, { env: { SIGNALBOX_TOKEN: "x" } });
    assert.deepEqual([done.code, expected.test(done.errors)], [2, true], `${words}: ${done.errors}`);
  }
});

test("help says all there is", async () => {
  assert.deepEqual(commands.map(({ name }) => name).sort(), [...COMMANDS].sort());
  for (const command of commands) {
    assert.match(HELP, new RegExp(`^  ${command.name} `, "m"));
    const told = helpOf(command);
    assert.ok(told.startsWith(`usage: signalbox-client ${command.name} `));
    for (const { name } of command.options) assert.ok(told.includes(`--${name}`), `${command.name} --${name}`);
    assert.match(told, /--token-file FILE/);
  }
  assert.match(HELP, /exit codes\n  0  done/);
  const { code, out } = await run(["set", "--help"]);
  assert.deepEqual([code, out], [0, `${helpOf(commands.find(({ name }) => name === "set"))}\n`]);
  assert.match((await run(["--version"])).out, /^\d+\.\d+\.\d+\n$/);
});

test("bash completes commands and options", async () => {
  const { out } = await run(["completion", "bash"]);
  const complete = (...words) => execFileSync("bash", ["-c", `${out}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; _signalbox_client; echo "\${COMPREPLY[@]}"`], { encoding: "utf8" }).trim();
  assert.equal(complete("signalbox-client", "h"), "history");
  assert.equal(complete("signalbox-client", "history", "--st"), "--step");
  assert.equal(complete("signalbox-client", "set", "--until", "ver"), "verified");
});

test("zsh completes commands and options", async (t) => {
  const place = mkdtempSync(join(tmpdir(), "signalbox-zsh-"));
  t.after(() => rmSync(place, { recursive: true, force: true }));
  const file = join(place, "completion");
  writeFileSync(file, (await run(["completion", "zsh"])).out);
  const typed = [["hi", "history"], ["set --unt", "--until"], ["completion z", "zsh"], ["", "Measures the way to the device"]];
  const keys = typed.map(([words, expected]) => `zpty -w -n shell $'\\x15signalbox-client ${words}\\t'; zpty -r -m shell told '*${expected}*' || exit 1; print -r -- '${expected}'`);
  const script = ["zmodload zsh/zpty", "zpty shell zsh -f -i", // a terminal, in which somebody types
    `zpty -w shell "PS1= ; autoload -U compinit; compinit -u -D; source ${file}; echo REA''DY"`, "zpty -r -m shell told '*READY*' || exit 1", ...keys, "zpty -d shell"];
  assert.equal(execFileSync("zsh", ["-f", "-c", script.join("\n")], { encoding: "utf8", timeout: 60_000 }), typed.map(([, expected]) => `${expected}\n`).join(""));
});
