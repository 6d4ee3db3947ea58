// A device nobody has claimed, and somebody with a browser.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { connectTo } from "../../../firmware/web/client/dist/node/index.js";
import { Device } from "../client/device.mjs";
import { Browser, afterwards, browsing, control, drawn, enter, pageOf, shades, started, until } from "./browser.mjs";

describe("first start", () => {
  let device, browser, page;
  const bytes = new Map();
  before(async () => {
    device = await Device.start({ unclaimed: true });
    browser = await Browser.start([device]);
    browser.context.on("requestfinished", async (request) => {
      const { responseHeadersSize, responseBodySize } = await request.sizes();
      bytes.set(request.url(), Math.max(bytes.get(request.url()) ?? 0, responseHeadersSize + responseBodySize)); // later it is in the cache
    });
    page = await browser.open(pageOf(device));
  });
  after(async () => { await browser.end(); await device.end(); });

  test("a wrong code is told, with what to do next", async () => {
    await page.fill("#secret", "0000-0000-0000");
    await page.click(".primary");
    await page.getByRole("alert").getByText("Look at its console again").waitFor();
    await until("the refusal in the console", () => browser.complaints.length > 0);
    assert.match(browser.complaints.splice(0).join(), /403.*v1\/claim/); // the browser's own line of every refusal
  });

  test("what can be no token is told as such, not as a device that is silent", async () => {
    await page.fill("#secret", "“eyJhbGciOiJFUzI1NiJ9”");
    await page.click(".primary");
    await page.getByRole("alert").getByText("neither a code nor a token").waitFor();
  });

  test("the right code makes an administrator, whom the browser knows from then on", async () => {
    const code = readFileSync(device.claimCode, "utf8").trim();
    page = await browser.open(`${pageOf(device)}#claim=${code}`); // as the console's address has it
    assert.equal(await page.inputValue("#secret"), code);
    assert.equal(await page.evaluate(() => location.href), pageOf(device));
    await page.fill("#name", "ann");
    await page.click(".primary");
    await page.locator(".me").getByText("ann").waitFor();
    assert.equal(await page.locator(".me .role").textContent(), "admin");
    await page.getByText("The device is yours").waitFor();
    await page.getByRole("button", { name: "Got it" }).click();
    assert.equal(await page.getByText("The device is yours").count(), 0);
    await page.reload();
    await page.waitForSelector(".board");
    assert.equal(await page.evaluate(() => document.cookie), "", "no script may read the cookie");
  });

  test("all of it is less than 100 KB on the wire", () => {
    const own = [...bytes].filter(([url]) => !url.includes("/v1/") && !url.includes("/.well-known/"));
    const sum = own.reduce((total, [, size]) => total + size, 0);
    assert.ok(own.length >= 3 && sum > 10_000 && sum < 100_000, JSON.stringify(own));
  });

  test("the chart moves", async () => {
    await until("a line", async () => (await page.evaluate(() => document.querySelectorAll(".lane canvas").length)) > 0);
    const before = await drawn(page);
    await until("the chart to move", async () => (await drawn(page)) !== before, 15_000);
  });

  test("a switch climbs to verified, and the other readings follow", async () => {
    const heater = control(page, "Heater");
    assert.equal(await heater.handle.getAttribute("aria-checked"), "false");
    await heater.handle.click();
    await heater.card.locator(".ladder.is-over[data-rung=verified]").waitFor();
    await until("the heater to be on", async () => (await heater.value.textContent()) === "on");
    await page.locator(".cell", { hasText: "Heater contact" }).getByText("yes").waitFor();
    await page.locator(".activity").getByText("ann: Heater: off → on").waitFor();
    await page.locator(".journal").getByText("Heater: off → on").waitFor();
  });

  test("a reading has a gauge where its range says how much is much", async () => {
    const cell = (title) => page.locator(".cell", { hasText: title });
    assert.equal(await cell("Load, one minute").locator(".gauge").count(), 0);
    await until("the gauge to show the tank's level", async () => {
      const [, part] = /scaleX\(([\d.]+)\)/.exec(await cell("Water tank").locator(".gauge > span").getAttribute("style"));
      return Math.abs(part * 100 - Number(await cell("Water tank").locator("b").textContent())) < 1;
    });
  });

  test("a slider sets a number", async () => {
    const fan = control(page, "Fan");
    await fan.card.getByRole("slider").fill("55");
    await fan.card.locator(".ladder.is-over[data-rung=applied]").waitFor();
    await until("55 %", async () => (await fan.value.textContent()) === "55.0");
    await until("a step in the chart", async () => {
      const rows = await shades(page.locator(".lane canvas").nth(1), "--line-2");
      const top = Math.min(...rows.keys()), tall = Math.max(...rows.keys()) - top;
      if (tall < 20) return false;
      const rising = new Set([...rows].filter(([y]) => y > top + tall / 4 && y < top + tall * 3 / 4).flatMap(([, columns]) => columns));
      assert.ok(rising.size <= 4, `what is set goes up at once, not over ${rising.size} pixels`);
      return true;
    });
  });

  test("the chart zooms into what the device remembers, and comes back to live", async () => {
    const lane = await page.locator(".lane .u-over").first().boundingBox();
    await page.mouse.move(lane.x + lane.width * 0.4, lane.y + 40);
    await page.mouse.down();
    await page.mouse.move(lane.x + lane.width * 0.6, lane.y + 40, { steps: 4 });
    await page.mouse.up();
    const back = page.getByRole("button", { name: "Back to live" });
    await back.waitFor();
    await page.waitForTimeout(600); // what is fetched has been drawn
    const still = await drawn(page);
    await page.waitForTimeout(1_500);
    assert.equal(await drawn(page), still, "a close-up stands still");
    await back.click();
    await until("the chart to move again", async () => (await drawn(page)) !== still, 15_000);
  });

  test("a second browser finds the device claimed, and is told what to do", async () => {
    const other = await Browser.start([device]);
    const its = await other.open(pageOf(device));
    await its.fill("#secret", "7K3M-Q0XE-94RT");
    await its.click(".primary");
    await its.getByRole("alert").getByText("claimed already").waitFor();
    await other.end();
  });

  test("who logs out is out", async () => {
    await page.getByRole("button", { name: "Log out" }).click();
    await page.waitForSelector(".entry");
    await page.reload();
    await page.waitForSelector(".entry");
  });

  test("nothing was wrong with the page meanwhile, and nothing against its policy", () => {
    assert.deepEqual(browser.complaints, []);
  });
});

test("a browser without trust in the device says so, and gets nothing", async (t) => {
  const device = await started(t), stranger = await started(t);
  const browser = await browsing(t, stranger);
  await assert.rejects(browser.open(pageOf(device)), /ERR_CERT_AUTHORITY_INVALID/);
});

test("a token that was taken back leads to the way in, with the reason", async (t) => {
  const device = await started(t);
  const browser = await browsing(t, device);
  const page = await enter(browser, device);
  await browser.context.clearCookies();
  await browser.context.addCookies([{ name: "__Host-signalbox", value: "wrong", url: pageOf(device), httpOnly: true, secure: true, sameSite: "Strict" }]);
  await page.reload();
  await page.getByText("has expired or was taken back").waitFor();
});

test("a device with more channels than one description can tell is shown whole", async (t) => {
  const alarms = ["a", "b", "c", "d"].map((name) => ({ name, above: 99.5, text: "x".repeat(79), acknowledge: true }));
  const parts = Array.from({ length: 32 }, (_, i) => ({ kind: "hostMemory", periodMs: 500, channels: {
    used: { path: `crowd/used${i}`, title: `Used, as part ${i} tells`, range: [0, 100], alarms }, available: { path: `crowd/available${i}`, title: `Available, as part ${i} tells` } } }));
  const device = await started(t, { file: { device: { id: "many", title: "Many channels" }, parts } });
  const client = connectTo({ url: device.url, ca: device.ca, token: device.token });
  afterwards(t, () => client.close());
  await client.open();
  await assert.rejects(client.describe(), /tooBig/);
  const browser = await browsing(t, device);
  const page = await enter(browser, device);
  await until("all of them", async () => (await page.locator(".cell").count()) === 64);
  await page.locator(".cell", { hasText: "Available, as part 31 tells" }).waitFor();
  assert.deepEqual(browser.complaints, []);
});
