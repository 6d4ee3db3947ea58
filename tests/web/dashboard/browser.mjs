// Debian's Chromium with a profile of its own, which trusts the device by its authority's key, as an installed ca.crt would.
import { X509Certificate, createHash } from "node:crypto";
import { createRequire } from "node:module";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Device, TOP } from "../client/device.mjs";

const installed = createRequire(join(TOP, "tests/npm/package.json"));
const { chromium } = installed("playwright-core");
export const AXE = installed.resolve("axe-core/axe.min.js");

/** The SHA-256 of a certificate's public key, in base64 (RFC 7469 section 2.4). */
function keyHash(pem) {
  return createHash("sha256").update(new X509Certificate(pem).publicKey.export({ type: "spki", format: "der" })).digest("base64");
}

export class Browser {
  /** Certificates that reach up to one of `devices`' authorities are believed; no other is. `fontPx`: what somebody has set for text. */
  static async start(devices, { width = 1440, height = 900, colorScheme = "dark", fontPx = 16, ...more } = {}) {
    const browser = new Browser();
    browser.profile = mkdtempSync(join(tmpdir(), "chromium-"));
    mkdirSync(join(browser.profile, "Default"));
    writeFileSync(join(browser.profile, "Default/Preferences"), JSON.stringify({ webkit: { webprefs: { default_font_size: fontPx } } }));
    browser.context = await chromium.launchPersistentContext(browser.profile, {
      executablePath: process.env.SIGNALBOX_CHROMIUM ?? "/usr/bin/chromium", headless: true, viewport: { width, height }, colorScheme, locale: "en-GB", timezoneId: "UTC", ...more,
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
        `--ignore-certificate-errors-spki-list=${devices.map(({ ca }) => keyHash(ca)).join()}`],
    });
    browser.context.setDefaultTimeout(60_000); // a busy machine, which no test here is about
    browser.complaints = [];
    browser.context.on("page", (page) => browser.#watch(page));
    return browser;
  }

  #watch(page) {
    const told = (text) => this.complaints.push(text);
    page.on("console", (message) => { if (["error", "warning"].includes(message.type())) told(`${message.type()}: ${message.text()} (${message.location().url})`); });
    page.on("pageerror", (error) => told(`uncaught: ${error.stack}`));
  }

  async open(url) {
    const page = await this.context.newPage();
    await page.goto(url);
    return page;
  }

  async end() {
    await this.context.close();
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 10 });
  }
}

const begun = new WeakMap();

/** What is to be done once a test is over, the last first. */
export function afterwards(t, end) {
  if (!begun.has(t)) {
    begun.set(t, []);
    t.after(async () => { for (const one of begun.get(t).reverse()) await one(); });
  }
  begun.get(t).push(end);
}

/** A device, and a browser that trusts it, as long as the test runs. */
export async function started(t, options) {
  const device = await Device.start(options);
  afterwards(t, () => device.end());
  return device;
}
export async function browsing(t, device, options) {
  const browser = await Browser.start([device], options);
  afterwards(t, () => browser.end());
  return browser;
}

/** Where a device's page is. */
export function pageOf({ url }) {
  return url.replace(/^wss:/, "https:").replace("/v1/ws", "/");
}

/** The page of a device, with whoever has that token logged in. */
export async function enter(browser, device, token = device.token) {
  const page = await browser.open(pageOf(device));
  await page.fill("#secret", token);
  await page.click(".primary");
  await page.waitForSelector(".board");
  return page;
}

/** The card of an output, by its title. */
export function control(page, title) {
  const card = page.locator(`article[aria-label="${title}"]`);
  return { card, handle: card.getByRole("switch"), value: card.locator(".value b"), ladder: card.locator(".ladder") };
}

/** What the charts look like now. */
export function drawn(page) {
  return page.$$eval(".lane canvas", (canvases) => canvases.map((canvas) => canvas.toDataURL()).join());
}

/** Where a canvas has that colour of the style sheet: the columns of each row, from its top. */
export async function shades(canvas, name) {
  return new Map(await canvas.evaluate((its, variable) => {
    const probe = document.createElement("span");
    probe.style.color = `var(${variable})`;
    document.body.append(probe);
    const wanted = getComputedStyle(probe).color.match(/\d+/g).map(Number);
    probe.remove();
    const { width, height } = its;
    const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true }); // reading the page's own would earn it a warning
    copy.drawImage(its, 0, 0);
    const { data } = copy.getImageData(0, 0, width, height);
    const rows = new Map();
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] < 200 || !wanted.every((part, j) => Math.abs(data[i + j] - part) < 12)) continue;
      const y = Math.floor(i / 4 / width);
      rows.set(y, [...rows.get(y) ?? [], (i / 4) % width]);
    }
    return [...rows];
  }, name));
}

/** What of a device's pools is in use, and what it has resident in all. */
export async function memoryOf(device) {
  const text = await device.ask("GET", "/metrics", { token: device.token });
  const used = (pool) => Number(new RegExp(`^signalbox_pool_used\\{pool="${pool}"\\} (\\d+)$`, "m").exec(text)[1]);
  const residentKiB = Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${device.process.pid}/status`, "utf8"))[1]);
  return { sessions: used("sessions"), connections: used("connections"), bytes: used("mbedtls-bytes") + used("libwebsockets-bytes"), residentKiB };
}

/** Asks until it holds, or `withinMs` have passed. */
export async function until(what, holds, withinMs = 30_000) {
  for (const end = Date.now() + withinMs; ;) {
    if (await holds()) return;
    if (Date.now() > end) throw new Error(`${what}: not within ${withinMs} ms`);
    await new Promise((done) => setTimeout(done, 50));
  }
}
