// The page's figures on this machine: node tests/web/dashboard/figures.mjs
// How long until a chart moves, how old a value is when it is on the screen, how many frames there are with 50 channels at 10 Hz, and what open pages cost the device.
import { connectTo } from "../../../firmware/web/client/dist/node/index.js";
import { Device } from "../client/device.mjs";
import { Browser, drawn, enter, memoryOf, pageOf, until } from "./browser.mjs";

const TOGGLES = 40;
const FRAMES_S = 10;
const PAGES = 10;

function quantile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

/** From the last line of the start, to a chart that moves before somebody who opens the address and claims the device. */
async function firstMinute() {
  const device = await Device.start();
  const served = performance.now();
  const browser = await Browser.start([device]);
  const started = performance.now();
  const page = await enter(browser, device);
  await page.waitForSelector(".lane canvas");
  const before = await drawn(page);
  await until("the chart to move", async () => (await drawn(page)) !== before);
  const moved = performance.now();
  console.log(`a chart moves ${Math.round(moved - served)} ms after the device serves, ${Math.round(moved - started)} of them after the browser is there`);
  await latency(device, page);
  await browser.end();
  await device.end();
}

/** From when the device read a value to the frame that shows it; both by this machine's clock. */
async function latency(device, page) {
  await page.evaluate(() => {
    globalThis.painted = [];
    const value = document.querySelector('article[aria-label="Lamp"] .value b');
    const channel = new MessageChannel();
    channel.port1.onmessage = ({ data }) => globalThis.painted.push([data, performance.timeOrigin + performance.now()]);
    // A message that is posted in a frame comes once it was painted.
    new MutationObserver(() => requestAnimationFrame(() => channel.port2.postMessage(value.textContent))).observe(value, { characterData: true, childList: true, subtree: true });
  });
  const client = connectTo({ url: device.url, ca: device.ca, token: device.token });
  await client.open();
  const updates = client.subscribe(["cabin/lamp"], { minPeriodMs: 0 })[Symbol.asyncIterator]();
  /** When the device first read that. */
  const read = async (wanted) => {
    for (;;) {
      const { value: { kind, samples } } = await updates.next();
      const sample = kind === "telemetry" && samples.find(({ value }) => value === wanted);
      if (sample) return sample.at;
    }
  };
  const ages = [];
  for (let i = 0; i < TOGGLES; i += 1) {
    await client.set("cabin/lamp", i % 2 === 0);
    const at = await read(i % 2 === 0);
    await until("the page to show it", () => page.evaluate((count) => globalThis.painted.length > count, i));
    ages.push((await page.evaluate((index) => globalThis.painted[index], i))[1] - at);
    await new Promise((done) => setTimeout(done, 150 + Math.random() * 100));
  }
  client.close();
  console.log(`telemetry to pixel: median ${quantile(ages, 0.5).toFixed(0)} ms, 95 % ${quantile(ages, 0.95).toFixed(0)} ms (of ${TOGGLES})`);
}

/** 25 parts of two channels each, which change ten times a second. */
function crowd() {
  const part = (i) => ({ kind: "hostMemory", periodMs: 100, channels: {
    used: { path: `crowd/used${i}` }, available: { path: `crowd/available${i}`, unit: "MiBy", calibration: { scale: 9.5367431640625e-7 } } } });
  return { device: { id: "crowd", title: "50 channels" }, parts: Array.from({ length: 25 }, (_, i) => part(i)) };
}

async function frames() {
  const device = await Device.start({ file: crowd() });
  const browser = await Browser.start([device]);
  const page = await enter(browser, device);
  await page.waitForSelector(".lane canvas");
  await page.waitForTimeout(2_000);
  const { count, slow, changes } = await page.evaluate((ms) => new Promise((done) => {
    let count = 0, slow = 0, changes = 0, last = performance.now();
    const ends = last + ms;
    new MutationObserver((list) => { changes += list.length; }).observe(document.querySelector(".readings"), { characterData: true, childList: true, subtree: true });
    requestAnimationFrame(function frame(now) {
      count += 1;
      if (now - last > 25) slow += 1;
      last = now;
      if (now < ends) requestAnimationFrame(frame);
      else done({ count, slow, changes });
    });
  }), FRAMES_S * 1_000);
  console.log(`50 channels at 10 Hz: ${(count / FRAMES_S).toFixed(1)} frames a second, ${slow} of ${count} late; ${(changes / FRAMES_S).toFixed(0)} readings changed a second`);
  await browser.end();
  await device.end();
}

/** As it comes over the wire, with heads. */
async function bytes() {
  const device = await Device.start();
  const browser = await Browser.start([device]);
  const sizes = [];
  browser.context.on("requestfinished", (request) => sizes.push(request.sizes().then((its) => its.responseBodySize + its.responseHeadersSize)));
  const page = await browser.open(pageOf(device));
  await page.waitForSelector(".entry");
  const all = await Promise.all(sizes);
  console.log(`${all.length} requests, ${all.reduce((sum, one) => sum + one, 0)} bytes`);
  await browser.end();
  await device.end();
}

/** What so many pages that are open cost the device, beside as many sessions of a client. */
async function memory() {
  const device = await Device.start();
  const told = async (what, open) => {
    const before = await memoryOf(device);
    const close = await open();
    await until("all of them", async () => (await memoryOf(device)).sessions === before.sessions + PAGES);
    await new Promise((done) => setTimeout(done, 15_000)); // what they asked at first is answered
    const after = await memoryOf(device);
    await close();
    await until("them to go", async () => (await memoryOf(device)).sessions === before.sessions);
    console.log(`${PAGES} ${what}: ${Math.round((after.bytes - before.bytes) / PAGES)} bytes of the pools each, ${after.connections - before.connections} connections; resident ${before.residentKiB} KiB before, ${after.residentKiB} KiB after`);
  };
  const clients = async () => {
    const all = Array.from({ length: PAGES }, () => connectTo({ url: device.url, ca: device.ca, token: device.token }));
    for (const client of all) {
      await client.open();
      client.subscribe(["#"], { events: true, presence: true, minPeriodMs: 100 })[Symbol.asyncIterator]().next();
    }
    return () => { for (const client of all) client.close(); };
  };
  const pages = async () => {
    const browser = await Browser.start([device]);
    await enter(browser, device);
    for (let i = 1; i < PAGES; i += 1) await (await browser.open(pageOf(device))).waitForSelector(".board");
    return () => browser.end();
  };
  await told("clients that subscribe to all", clients);
  await told("open pages", pages);
  await told("clients again", clients);
  await device.end();
}

await bytes();
await firstMinute();
await memory();
await frames();
