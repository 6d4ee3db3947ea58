// The cable between page and device is pulled and plugged; the device restarts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { connectTo } from "../../../firmware/web/client/dist/node/index.js";
import { Device, withBaton } from "../client/device.mjs";
import { Relay } from "../client/relay.mjs";
import { afterwards, browsing, control, drawn, enter, shades, started, until } from "./browser.mjs";

/** Lines that a broken connection leaves in the browser's own console; anything else would be ours. */
const isOurs = (complaint) => !/WebSocket connection to .* failed|net::ERR_(CONNECTION|EMPTY|SOCKET)/.test(complaint);

/** How many pixels of the first chart tell of a gap. */
const hatched = async (page) => [...(await shades(page.locator(".lane canvas").first(), "--outage")).values()].flat().length;

test("the cable is pulled and plugged: nothing is lost, and the gap is shown", async (t) => {
  const device = await started(t, { file: withBaton() });
  const relay = await Relay.start(device);
  afterwards(t, () => relay.close());
  const browser = await browsing(t, device);
  const page = await enter(browser, { ...device, url: relay.url });
  const heater = control(page, "Heater");
  await page.waitForTimeout(1_500);
  assert.equal(await hatched(page), 0);
  relay.refuses = true;
  relay.cut();
  await page.getByRole("alert").getByText("What you see is old").waitFor();
  assert.ok(await heater.handle.isDisabled(), "what cannot be moved cannot be pressed");
  assert.deepEqual(await page.locator(".controls button:enabled, .controls input:enabled, .people form button:enabled").allTextContents(), []);
  assert.match(await page.title(), /^offline/);
  await page.waitForTimeout(2_500);
  relay.refuses = false;
  await page.getByRole("button", { name: "Try now" }).click({ timeout: 2_000 }).catch(() => {}); // unless it came back by itself
  const told = page.locator(".missed");
  await told.waitFor();
  await until("what was missed to be told", async () => /[1-9]\d* samples fetched afterwards, nothing is lost/.test(await told.textContent()));
  const gap = await hatched(page);
  assert.ok(gap > 50, `${gap} pixels of the gap`);
  const before = await drawn(page);
  await until("the chart to move again", async () => (await drawn(page)) !== before, 15_000);
  await heater.handle.click();
  await heater.card.locator(".ladder.is-over[data-rung=verified]").waitFor();
  assert.deepEqual(browser.complaints.filter(isOurs), []);
});

test("a device that restarts under an open page: the page comes back by itself, and tells what is lost", async (t) => {
  const first = await Device.start();
  first.ownState = false;
  const browser = await browsing(t, first);
  const page = await enter(browser, first);
  await control(page, "Lamp").handle.click();
  await until("the lamp to be on", async () => (await control(page, "Lamp").value.textContent()) === "on");
  await first.end();
  await page.getByRole("alert").getByText("What you see is old").waitFor();
  const second = await started(t, { state: first.state, port: first.port, token: first.token });
  second.ownState = true;
  await page.locator(".missed").getByText(/of \d+ channels something is lost/).waitFor({ timeout: 30_000 });
  assert.equal(await control(page, "Lamp").value.textContent(), "off", "a restart switches nothing on");
  const before = await drawn(page);
  await until("the chart to move again", async () => (await drawn(page)) !== before, 15_000);
  assert.deepEqual(browser.complaints.filter(isOurs), []);
});

test("STOP comes through beside a socket that is dead", async (t) => {
  const device = await started(t);
  const relay = await Relay.start(device);
  afterwards(t, () => relay.close());
  const browser = await browsing(t, device);
  const page = await enter(browser, { ...device, url: relay.url });
  const client = connectTo({ url: device.url, ca: device.ca, token: device.token });
  afterwards(t, () => client.close());
  await client.open();
  await client.set("cabin/lamp", true);
  await until("the lamp to be on", async () => (await control(page, "Lamp").value.textContent()) === "on");
  relay.freeze();
  await page.getByRole("button", { name: "STOP" }).click();
  await until("the device to be stopped", async () => (await client.describe("cabin/lamp")).stopped);
  const { channels: [lamp] } = await client.describe("cabin/lamp");
  assert.equal(lamp.value, false);
  assert.equal(await page.locator(".stop-fault").count(), 0);
});

test("a STOP that does not come through says so, and what to do", async (t) => {
  const device = await started(t);
  const relay = await Relay.start(device);
  afterwards(t, () => relay.close());
  const browser = await browsing(t, device);
  const page = await enter(browser, { ...device, url: relay.url });
  relay.refuses = true;
  relay.cut();
  await page.getByRole("button", { name: "STOP" }).click();
  for (const told of ["STOP HAS NOT COME THROUGH YET. Press the button on the device", "STOP DID NOT COME THROUGH. Press the button on the device"]) {
    await page.getByRole("alert").getByText(told).waitFor();
  }
});
