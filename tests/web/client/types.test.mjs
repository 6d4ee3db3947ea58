// The types are those of the schemas, and the answers those of the AsyncAPI document.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { TOP } from "./device.mjs";

const CLIENT = join(TOP, "firmware/web/client");

test("the generated types are up to date", () => {
  const made = execFileSync(process.execPath, [join(CLIENT, "generate/types.mjs"), join(TOP, "docs/schemas")], { encoding: "utf8" });
  assert.ok(made === readFileSync(join(CLIENT, "src/messages.ts"), "utf8"), "run npm run generate in firmware/web/client, and look at what changed");
});

test("what answers what stands in the AsyncAPI document, too", () => {
  const operations = readFileSync(join(TOP, "docs/asyncapi.yaml"), "utf8").split("\noperations:\n")[1].split("\ncomponents:\n")[0];
  const ours = Object.fromEntries([...readFileSync(join(CLIENT, "src/answers.ts"), "utf8").matchAll(/(\w+): "(\w+)"/g)].map(([, type, told]) => [type, told]));
  assert.equal(Object.keys(ours).length, 27);
  for (const [type, told] of Object.entries(ours)) {
    const operation = new RegExp(`^  ${type}:\\n((?:    .*\\n)+)`, "m").exec(operations)?.[1];
    assert.ok(operation, `asyncapi.yaml has no operation ${type}`);
    assert.match(operation, new RegExp(`reply:[^]*messages/${told}'`), type);
  }
});

test("the lock file names no registry, and nothing is needed at run time", () => {
  const lock = readFileSync(join(CLIENT, "package-lock.json"), "utf8");
  assert.doesNotMatch(lock, /"resolved"|https?:\/\/[^"]*\.tgz/);
  assert.equal("dependencies" in JSON.parse(readFileSync(join(CLIENT, "package.json"), "utf8")), false);
});
