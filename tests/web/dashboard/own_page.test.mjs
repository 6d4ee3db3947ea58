// A page of somebody's own, from another server, with the lines of docs/works-with/browser.md.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { TOP } from "../client/device.mjs";
import { connectTo } from "../../../firmware/web/client/dist/node/index.js";
import { afterwards, browsing, started, until } from "./browser.mjs";

const [, printed] = /```js\n(.*?)```/s.exec(readFileSync(join(TOP, "docs/works-with/browser.md"), "utf8"));

test("a page of one's own reads by a ticket, if its origin is allowed", async (t) => {
  const server = createServer((_, answer) => answer.setHeader("Content-Type", "text/html").end("<!doctype html><title>panel</title><link rel=icon href=data:,>"));
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  afterwards(t, () => server.close());
  const origin = `http://127.0.0.1:${server.address().port}`;

  const device = await started(t, { options: ["--allow-origin", origin] });
  const client = connectTo({ url: device.url, ca: device.ca, token: device.token });
  afterwards(t, () => client.close());
  await client.open();
  const { ticket } = await client.request("ticket", {});

  const page = await (await browsing(t, device)).open(origin);
  const seen = [];
  page.on("console", (message) => seen.push(message.text()));
  assert.match(printed, /localhost:8443/);
  await page.addScriptTag({ content: `const ticket = ${JSON.stringify(ticket)};\n${printed.replace("localhost:8443", `localhost:${device.port}`)}` });
  for (const type of ["snapshot", "telemetry"]) await until(type, () => seen.some((text) => text.includes(`"type":"${type}"`)));
});
