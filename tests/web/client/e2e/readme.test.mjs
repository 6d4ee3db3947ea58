// What the package's README prints works as printed, but for the port.
import assert from "node:assert/strict";
import { spawn, execFile } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { promisify } from "node:util";
import { Device, TOP } from "../device.mjs";

const CLIENT = join(TOP, "firmware/web/client");
const README = readFileSync(join(CLIENT, "README.md"), "utf8");

test("from claiming to telemetry", async () => {
  const device = await Device.start({ unclaimed: true });
  try {
    const place = join(device.state, "place");
    mkdirSync(join(place, "build"), { recursive: true });
    mkdirSync(join(place, "firmware/web"), { recursive: true });
    symlinkSync(device.state, join(place, "build/state"));
    symlinkSync(CLIENT, join(place, "firmware/web/client"));
    const shell = (lines) => promisify(execFile)("bash", ["-e", "-c", lines], { cwd: place });
    await shell(/^npm install .*$/m.exec(README)[0].replace("install", "install --offline"));

    const lines = /## The command line\n\n```sh\n([^]*?)```/.exec(README)[1].split("\n").filter((line) => !line.includes(" watch "));
    const done = await shell(["shopt -s expand_aliases", `export SIGNALBOX_URL=${device.url}`, ...lines].join("\n"));
    assert.match(done.stdout, /^claimed as owner; .*\ncabin\/heater: verified\n$/);

    writeFileSync(join(place, "example.mjs"), /```js\n([^]*?)```/.exec(README)[1].replace(":8443", `:${device.port}`));
    const example = spawn(process.execPath, ["example.mjs"], { cwd: place, stdio: ["ignore", "pipe", "inherit"] });
    let seen = "";
    for await (const line of createInterface({ input: example.stdout })) {
      seen += `${line}\n`;
      if (/kind: 'telemetry'/.test(seen)) break;
    }
    example.kill();
    assert.match(seen, /applied\n\{ outcome: 'verified' \}\n\{\n {2}kind: 'snapshot'/);
  } finally {
    await device.end();
  }
});
