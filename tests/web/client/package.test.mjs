// The package as npm would publish it: installed into an empty folder, used from Node.js, from TypeScript and as a command.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

const CLIENT = resolve(import.meta.dirname, "../../../firmware/web/client");
const run = promisify(execFile);

const TYPED = `
import { Client, type Update } from "signalbox-client";
import { connectTo, readCertificate } from "signalbox-client/node";
const client: Client = connectTo({ url: "wss://localhost:8443/v1/ws", ca: readCertificate("ca.pem"), token: "a" });
const outcome: string = (await client.set("cabin/heater", true)).outcome;
for await (const update of client.subscribe(["#"])) {
  const one: Update = update;
  if (one.kind === "telemetry") console.log(one.samples[0]?.value, outcome);
}
// @ts-expect-error what is set is a boolean, a number or a text
await client.set("cabin/heater", { on: true });
`;

test("the packed client works in an empty folder", async (t) => {
  const place = mkdtempSync(join(tmpdir(), "signalbox-package-"));
  t.after(() => rmSync(place, { recursive: true, force: true }));
  const { version } = JSON.parse(readFileSync(join(CLIENT, "package.json"), "utf8"));
  await run("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", place], { cwd: CLIENT });
  writeFileSync(join(place, "package.json"), '{ "type": "module" }');
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", `./signalbox-client-${version}.tgz`], { cwd: place });
  assert.deepEqual(Object.keys(JSON.parse(readFileSync(join(place, "package-lock.json"), "utf8")).packages), ["", "node_modules/signalbox-client"], "without dependencies");

  assert.equal((await run(join(place, "node_modules/.bin/signalbox-client"), ["--version"], { cwd: place })).stdout, `${version}\n`);

  writeFileSync(join(place, "plain.js"), 'import { Client } from "signalbox-client"; import { connectTo } from "signalbox-client/node"; console.log(typeof Client, typeof connectTo);');
  assert.equal((await run(process.execPath, ["plain.js"], { cwd: place })).stdout, "function function\n");

  writeFileSync(join(place, "typed.ts"), TYPED); // with its types alone: those of Node.js need not be there
  writeFileSync(join(place, "tsconfig.json"), '{ "compilerOptions": { "module": "nodenext", "target": "es2022", "strict": true, "noEmit": true, "types": [] }, "files": ["typed.ts"] }');
  await run(process.execPath, [join(CLIENT, "node_modules/typescript/bin/tsc"), "-p", place]).catch(({ stdout }) => assert.fail(stdout));
});
