// How the page looks and feels: for eyes, keyboards and screen readers, in light and dark, on a phone and a wall.
import assert from "node:assert/strict";
import { mkdtempSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Device, bench } from "../client/device.mjs";
import { AXE, Browser, browsing, control, enter, pageOf, started, until } from "./browser.mjs";

/** Where pictures go; where a folder is named (docs/pictures for the README), they show a minute of the bench's life. */
const PICTURES = process.env.SIGNALBOX_PICTURES;
const LIFE_MS = PICTURES === undefined ? 1_000 : 58_000;

async function violations(page) {
  await page.evaluate(readFileSync(AXE, "utf8")); // past the policy, which lets nothing else in
  const { violations: found } = await page.evaluate("axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })");
  return found.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
}

/** An alarm that is on, and one that nobody acknowledges. */
function alarming() {
  return bench((channel) => {
    if (/temperature$/.test(channel.path) && channel.alarms) channel.alarms[0] = { ...channel.alarms[0], above: -10, onDelayMs: 0 };
    if (/heater$/.test(channel.path)) channel.baton = "cabin";
  });
}

describe("for eyes and screen readers", () => {
  let device, browser, page;
  before(async () => {
    device = await Device.start({ file: alarming() });
    browser = await Browser.start([device]);
    page = await browser.open(pageOf(device));
    await page.waitForSelector(".entry");
  });
  after(async () => { await browser.end(); await device.end(); });

  const both = async (what) => {
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await violations(page), [], `${what}, ${colorScheme}`);
    }
  };

  test("axe finds nothing in the way in", () => both("the way in"));

  test("axe finds nothing in the board with an alarm, on a wall and on a phone", async () => {
    await page.close();
    page = await enter(browser, device);
    await page.getByText("Turn the heater off, open the door").first().waitFor();
    await control(page, "Heater").card.getByRole("button", { name: "Take" }).click();
    await page.getByText("Let somebody in").click();
    await page.getByText("Other channels").click();
    await page.getByText("Memory pools").click();
    await page.getByRole("row", { name: /frames \d+ \d+ \d+/ }).waitFor();
    await page.getByText("Loop latency").click();
    await page.getByRole("row", { name: /^\d+ µs \d+ [\d.]+ %$/ }).first().waitFor();
    await page.getByText("Live log", { exact: true }).click();
    await page.locator(".live-log li time").first().waitFor();
    await both("a desk");
    await page.setViewportSize({ width: 390, height: 844 });
    await both("a phone");
    for (const width of [390, 360, 320]) {
      await page.setViewportSize({ width, height: 740 });
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `something is wider than a phone of ${width} px`);
    }
    await page.evaluate(() => scrollTo(0, 2_000));
    const { y } = await page.locator(".connection").boundingBox();
    assert.ok(y >= 0 && y < 40, "whether it is live stays in sight");
    const stop = await page.getByRole("button", { name: "STOP", exact: true }).boundingBox();
    assert.ok(stop.y > 0 && stop.y + stop.height <= 740 && stop.width > 290, "STOP stays under the thumb");
    await page.evaluate(() => scrollTo(0, 0));
    const before = await page.locator(".lane").last().boundingBox();
    await page.setViewportSize({ width: 2560, height: 1440 });
    await both("a wall");
    await until("the chart to be as tall as its place", () => page.$$eval(".lane", (lanes) => lanes.every((lane) => Math.abs(lane.querySelector(".uplot").clientHeight - lane.clientHeight) < 2)));
    assert.ok((await page.locator(".lane").last().boundingBox()).height > 1.3 * before.height, "it grows with the wall");
  });

  test("an alarm is acknowledged, and that is told", async () => {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.getByRole("button", { name: "Acknowledge" }).click();
    await page.getByText("Seen by owner").waitFor();
    await until("the button to go", async () => (await page.getByRole("button", { name: "Acknowledge" }).count()) === 0);
  });

  test("axe finds nothing in the board of a device that is stopped; the stop was reached by keyboard", async () => {
    await page.reload();
    await page.waitForSelector(".board");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab"); // behind the link to the readings
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "STOP");
    await page.keyboard.press("Enter");
    await page.getByText("STOPPED.").waitFor();
    await both("stopped");
    await page.getByRole("button", { name: "Reset" }).click();
  });

  test("a switch is moved by the space bar, the chart by arrows", async () => {
    const lamp = control(page, "Lamp");
    await until("the lamp to be free", () => lamp.handle.isEnabled());
    await lamp.handle.focus();
    await page.keyboard.press("Space");
    await lamp.card.locator(".ladder.is-over").waitFor();
    await until("the lamp to be on", async () => (await lamp.handle.getAttribute("aria-checked")) === "true"); // told by telemetry, which may come behind the answer
    await page.locator(".lanes").focus();
    await page.keyboard.press("ArrowLeft");
    await page.getByRole("button", { name: "Back to live" }).waitFor();
    await page.keyboard.press("Home");
    await until("the chart to be live", async () => (await page.getByRole("button", { name: "Back to live" }).count()) === 0);
  });

  test("the theme is what was chosen, also after coming back", async () => {
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.emulateMedia({ colorScheme: "dark" });
    const dark = await ground();
    await page.getByRole("button", { name: "Colours: Auto" }).click();
    const light = await ground();
    assert.notEqual(light, dark);
    await page.reload();
    await page.waitForSelector(".board");
    assert.equal(await ground(), light);
  });

  test("the live log tells what is written, and stands still while it is paused", async () => {
    await page.getByText("Live log", { exact: true }).click();
    const newest = page.locator(".live-log li").first(), line = (word) => page.locator(".live-log li", { hasText: word }).first();
    await page.getByRole("button", { name: "STOP" }).click();
    await line("kind=stop").waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    const before = await newest.textContent();
    await page.getByRole("button", { name: "Reset" }).click();
    await page.getByText(/^[1-9]\d* new$/).waitFor();
    assert.equal(await newest.textContent(), before);
    await page.getByRole("button", { name: "Pause" }).click();
    await line("kind=reset").waitFor();
  });

  test("nothing was wrong with the page meanwhile", () => assert.deepEqual(browser.complaints, []));
});

for (const fontPx of [16, 32]) test(`long names, an alarm and a stop leave everything in reach, however wide the window, in text of ${fontPx} pixels`, async (t) => {
  const file = bench((channel) => {
    channel.title = `${channel.path.replace("/", " ")} ${"wide".repeat(12)}`.slice(0, 47);
    if (/doorOpen$/.test(channel.path)) channel.alarms = [{ name: "shut", is: false }];
  });
  file.device.title = "The plant in the second basement of building C";
  const device = await started(t, { file });
  const page = await enter(await browsing(t, device, { fontPx }), device);
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize), `${fontPx}px`, "as somebody has set it");
  await page.getByRole("button", { name: "STOP", exact: true }).click();
  await page.locator("header a", { hasText: "STOPPED" }).waitFor();
  await page.getByText("Other channels").click();
  const door = page.locator(".cell", { hasText: "doorOpen" });
  await until("the alarm's mark", async () => /^(no; in alarm|yes)$/.test(await door.locator("dd").textContent())); // never "no alarm"
  for (const width of [320, 480, 700, 701, 760, 900, 901, 1_000, 1_080, 1_081, 1_280]) {
    await page.setViewportSize({ width, height: 800 });
    await page.evaluate(() => scrollTo(0, 0));
    const { wide, covered } = await page.evaluate(() => {
      const stop = document.querySelector(".stop").getBoundingClientRect();
      const under = ({ left, right, top, bottom }) => right > stop.left && left < stop.right && bottom > stop.top && top < stop.bottom;
      return { wide: document.documentElement.scrollWidth, covered: [...document.querySelectorAll(".head > *")].filter((one) => under(one.getBoundingClientRect())).map(({ textContent }) => textContent) };
    });
    assert.ok(wide <= width, `${wide} pixels in a window of ${width}`);
    assert.deepEqual(covered, [], `beneath STOP in a window of ${width}`);
  }
  const value = await control(page, await page.locator("article.control").first().getAttribute("aria-label")).value.boundingBox();
  assert.ok(value.height < 60 * fontPx / 16, `"off" stands in one line: ${value.height}`);
});

test("on a phone, what a keyboard or a switch reaches is not beneath what stays", async (t) => {
  const device = await started(t);
  const page = await enter(await browsing(t, device, { width: 320, height: 640 }), device);
  await page.waitForSelector(".lane canvas");
  const hidden = [], seen = new Set();
  for (let i = 0; i < 40; i += 1) {
    await page.keyboard.press("Tab");
    const { name, isHidden } = await page.evaluate(() => {
      const its = document.activeElement, { top, bottom } = its.getBoundingClientRect();
      const [head, stop] = [".head", ".stop-place"].map((one) => document.querySelector(one).getBoundingClientRect());
      const isBeside = its.closest(".head, .stop-place, .skip, body") === document.body && bottom - top < 100; // what is tall is seen in part
      return { name: its.ariaLabel ?? its.textContent.slice(0, 40), isHidden: isBeside && (bottom > stop.top || top < head.bottom) };
    });
    seen.add(name);
    if (isHidden) hidden.push(name);
  }
  assert.ok(seen.has("Fan") && seen.has("Let somebody in"), [...seen].join());
  assert.deepEqual(hidden, []);
});

test("for who wants less motion, lines take a step each second", async (t) => {
  const device = await started(t);
  const page = await enter(await browsing(t, device, { reducedMotion: "reduce" }), device);
  await page.waitForSelector(".lane canvas");
  const { pictures, seconds } = await page.evaluate(async () => {
    const canvas = document.querySelector(".lane canvas"), seen = new Set(), begun = performance.now();
    while (performance.now() - begun < 6_000) {
      seen.add(canvas.toDataURL());
      await new Promise((done) => requestAnimationFrame(done));
    }
    return { pictures: seen.size, seconds: (performance.now() - begun) / 1000 };
  });
  assert.ok(pictures > 1 && pictures <= seconds + 3, `${pictures} pictures in ${seconds} s`); // some more while its place is found
});

test("nothing jumps while the page comes up, lives and climbs", async (t) => {
  const device = await started(t);
  const browser = await browsing(t, device);
  await browser.context.addInitScript(() => {
    globalThis.shifts = [];
    new PerformanceObserver((list) => {
      for (const { value, sources, hadRecentInput } of list.getEntries()) {
        if (!hadRecentInput) globalThis.shifts.push([value, ...sources.map(({ node }) => node?.className ?? node?.nodeName)]);
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
  const page = await enter(browser, device);
  await page.reload();
  await page.waitForSelector(".lane canvas");
  await page.waitForTimeout(1_500);
  await control(page, "Heater").handle.focus();
  await page.waitForTimeout(600); // so that what follows is not for the hand's sake
  await page.evaluate(() => document.querySelector('article[aria-label="Heater"] [role=switch]').click());
  await control(page, "Heater").card.locator(".ladder.is-over").waitFor();
  await page.waitForTimeout(500);
  const shifts = await page.evaluate("shifts");
  assert.ok(shifts.reduce((sum, [value]) => sum + value, 0) < 0.01, JSON.stringify(shifts));
});

test("pictures", async (t) => {
  const folder = PICTURES ?? mkdtempSync(join(tmpdir(), "pictures-"));
  mkdirSync(folder, { recursive: true });
  const device = await started(t);
  const browser = await browsing(t, device, { width: 1280, height: 800 });
  const page = await enter(browser, device);
  await control(page, "Fan").card.getByRole("slider").fill("30");
  await page.waitForTimeout(LIFE_MS / 2);
  await control(page, "Heater").handle.click();
  await page.waitForTimeout(LIFE_MS / 2);
  await page.screenshot({ path: join(folder, "dashboard-dark.png") });
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 390, height: 780 });
  await page.waitForTimeout(500);
  await page.screenshot({ path: join(folder, "dashboard-phone.png") });
  for (const name of ["dashboard-dark.png", "dashboard-phone.png"]) assert.ok(statSync(join(folder, name)).size < 150_000, name);
});
