// What open pages cost the device.
import assert from "node:assert/strict";
import { test } from "node:test";
import { connectTo } from "../../../firmware/web/client/dist/node/index.js";
import { afterwards, browsing, enter, memoryOf, pageOf, started, until } from "./browser.mjs";

const PAGES = 3;
/** What one connection differs from another in, such as its certificate's signature. */
const SLACK_BYTES = 256;

test("an open page costs the device as much as any session that subscribes, and nothing once it is closed", async (t) => {
  const device = await started(t);
  const empty = await memoryOf(device);
  const clients = Array.from({ length: PAGES }, () => connectTo({ url: device.url, ca: device.ca, token: device.token }));
  afterwards(t, () => { for (const client of clients) client.close(); });
  for (const client of clients) {
    await client.open();
    await client.subscribe(["#"], { events: true, presence: true, minPeriodMs: 100 })[Symbol.asyncIterator]().next();
  }
  const { bytes } = await memoryOf(device);
  assert.ok(bytes > empty.bytes, "there is something to compare with");
  for (const client of clients) client.close();
  await until("the clients to go", async () => (await memoryOf(device)).sessions === empty.sessions);

  const browser = await browsing(t, device);
  await enter(browser, device);
  for (let i = 1; i < PAGES; i += 1) await (await browser.open(pageOf(device))).waitForSelector(".board");
  let last;
  const settled = async () => { // a browser opens connections that it may need, and lets go of them
    last = await memoryOf(device);
    return last.sessions === empty.sessions + PAGES && last.connections === empty.connections + PAGES && last.bytes <= bytes + PAGES * SLACK_BYTES;
  };
  await until("the pages to cost no more than sessions", settled, 60_000).catch((error) => assert.fail(`${error.message}: ${JSON.stringify({ empty, bytes, last })}`));
  for (const page of browser.context.pages()) await page.close();
  await until("nothing to be left of them", async () => {
    const after = await memoryOf(device);
    return after.sessions === empty.sessions && after.bytes <= empty.bytes + SLACK_BYTES;
  }, 60_000);
});
