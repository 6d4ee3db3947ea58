// Several people with one device: the baton, the stop, interlocks and leases, and somebody who may only look.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { connectTo } from "../../../firmware/web/client/dist/node/index.js";
import { Device, bench } from "../client/device.mjs";
import { Browser, browsing, control, enter, started, until } from "./browser.mjs";

/** Heater and fan share a baton; the lamp needs a lease, and the heater a tank that is not full. */
function shared() {
  return bench((channel) => {
    if (/heater$|fan$/.test(channel.path)) channel.baton = "cabin";
    if (/heater$/.test(channel.path)) channel.interlocks = [{ channel: "tank/level", below: 100 }];
    if (/fan$/.test(channel.path)) channel.interlocks = [{ channel: "cabin/temperature", below: -10 }];
    if (/lamp$/.test(channel.path)) channel.lease = { required: true, maxMs: 6_000 };
  });
}

/** A stop on the device that the heater presses: when it comes on, or while it is off. */
function wired(is) {
  return { ...bench(() => {}), stop: { channel: "cabin/heaterSense", is } };
}

test("a stop on the device is told as such", async (t) => {
  const device = await started(t, { file: wired(true) });
  const page = await enter(await browsing(t, device), device);
  await control(page, "Heater").handle.click();
  await page.getByRole("alert").getByText(/STOPPED.*, by the stop on the device, which was pressed or cannot be read\. Look whether it is safe, then reset\./).waitFor();
  await page.locator(".activity").getByText("STOP on the device: every output goes to its safe value").waitFor();
  await until("the heater to be off", async () => (await control(page, "Heater").value.textContent()) === "off");
  await page.locator(".cell", { hasText: "Heater contact" }).getByText("no").waitFor();
  await page.getByRole("button", { name: "Reset" }).click();
  await page.getByText("No alarms").waitFor();
  assert.equal(await control(page, "Heater").value.textContent(), "off", "nothing is switched on by that");
});

test("an output that does not follow a stop is told, and where nobody knows how it stands, both ways are open", async (t) => {
  const file = bench((channel) => { if (/heater$/.test(channel.path)) channel.safe = channel.initial = true; });
  const device = await started(t, { file, options: ["--fault", "fails:heater:0:86400000"] });
  const page = await enter(await browsing(t, device), device);
  const heater = control(page, "Heater");
  assert.equal(await heater.card.getByRole("switch").count(), 0, "a switch would say that it is off");
  await heater.card.getByRole("button", { name: "Off" }).click();
  await heater.card.locator(".ladder.is-refused[data-reason=failed]").waitFor();
  await heater.card.getByRole("button", { name: "On" }).click();
  await page.getByRole("button", { name: "STOP", exact: true }).click();
  await page.getByRole("alert").getByText("NOT AT THEIR SAFE VALUE: Heater cannot be read. Where that stays so, switch it off at the device.").waitFor();
});

test("after a stop that everything follows, that is said", async (t) => {
  const device = await started(t);
  const page = await enter(await browsing(t, device), device);
  await page.getByRole("button", { name: "STOP", exact: true }).click();
  await page.getByRole("alert").getByText("Every output that you see is at its safe value").waitFor();
});

test("who may see nothing is told so", async (t) => {
  const device = await started(t);
  const owner = connectTo({ url: device.url, ca: device.ca, token: device.token });
  await owner.open();
  const { token } = await owner.request("issueToken", { name: "hand", scope: "control:cabin/#" });
  owner.close();
  const page = await enter(await browsing(t, device), device, token);
  await page.getByText("There is no channel that your token lets you see (control:cabin/#)").waitFor();
});

test("while the stop on the device is pressed there is no reset, and that is said", async (t) => {
  const device = await started(t, { file: wired(false) });
  const page = await enter(await browsing(t, device), device);
  await page.getByRole("button", { name: "Reset" }).click();
  await page.getByText("NOT RESET: the stop on the device is still pressed").waitFor();
});

describe("several people", () => {
  let device, annas, bobs, veras, anna, bob, vera;
  before(async () => {
    device = await Device.start({ file: shared() });
    const owner = connectTo({ url: device.url, ca: device.ca, token: device.token });
    await owner.open();
    const token = async (name, scope) => (await owner.request("issueToken", { name, scope })).token;
    const [annasToken, bobsToken, verasToken] = [await token("anna", "operator"), await token("bob", "operator"), await token("vera", "viewer")];
    owner.close();
    [annas, bobs, veras] = await Promise.all([Browser.start([device]), Browser.start([device]), Browser.start([device])]);
    [anna, bob, vera] = await Promise.all([enter(annas, device, annasToken), enter(bobs, device, bobsToken), enter(veras, device, verasToken)]);
  });
  after(async () => {
    await Promise.all([annas, bobs, veras].map((browser) => browser.end()));
    await device.end();
  });

  test("each sees who is there", async () => {
    for (const page of [anna, bob, vera]) for (const name of ["anna", "bob", "vera"]) await page.locator(".people li", { hasText: name }).waitFor();
  });

  test("a viewer has no control at all, and no stop", async () => {
    assert.equal(await vera.locator("article.control").count(), 0);
    assert.equal(await vera.locator(".stop").count(), 0);
    assert.equal(await vera.getByText("Let somebody in").count(), 0);
    for (const page of [vera, anna]) for (const what of ["Live log", "Loop latency"]) assert.equal(await page.getByText(what).count(), 0, "for administrators");
    await vera.locator(".cell", { hasText: "Heater" }).first().getByText("off").waitFor();
  });

  test("while one has the baton, the other is told so, asks, and is given it", async () => {
    const hers = control(anna, "Heater"), his = control(bob, "Heater");
    await hers.card.getByRole("button", { name: "Take" }).click();
    await his.card.getByText("anna has the baton of cabin").waitFor();
    assert.ok(await his.handle.isDisabled());
    await his.card.getByRole("button", { name: "Ask for it" }).click();
    await anna.getByText("asks for the baton of").waitFor();
    await anna.getByRole("button", { name: "Hand it over" }).click();
    await hers.card.getByText("bob has the baton of cabin").waitFor();
    assert.ok(await hers.handle.isDisabled());
    await his.handle.click();
    await his.card.locator(".ladder.is-over[data-rung=verified]").waitFor();
    await until("anna to see it", async () => (await hers.value.textContent()) === "on");
    await his.card.getByRole("button", { name: "Give back" }).click();
    await until("anna to be free", () => hers.handle.isEnabled());
  });

  test("an interlock is told before, and a refusal afterwards, in words", async () => {
    const fan = control(anna, "Fan");
    await fan.card.getByText("✗ interlock, needs Cabin air below -10").waitFor();
    await fan.card.getByRole("slider").fill("40");
    await fan.card.locator(".ladder.is-refused[data-reason=interlocked]").waitFor();
    assert.match(await fan.ladder.textContent(), /An interlock forbids it now/);
    await anna.locator(".activity").getByText("Fan was not moved: An interlock forbids it now").waitFor();
  });

  test("a lease counts down, is renewed by its page, and ends with it", async () => {
    const lamp = control(anna, "Lamp");
    await lamp.handle.click();
    await lamp.card.getByText("held, renewed by this page").waitFor();
    await control(bob, "Lamp").card.getByText("anna holds it").waitFor();
    const left = async () => Number(await lamp.card.locator("meter").getAttribute("value"));
    const first = await left();
    await until("the lease to count down", async () => (await left()) < first);
    await anna.waitForTimeout(8_000);
    assert.equal(await lamp.value.textContent(), "on", "longer than its lease");
    const other = await annas.context.newPage();
    await anna.close();
    anna = other;
    await until("the lamp to go safe", async () => (await control(bob, "Lamp").value.textContent()) === "off");
  });

  test("what one announces, the others hear", async () => {
    await bob.fill("#say", "Heater under repair until six");
    await bob.getByRole("button", { name: "Tell", exact: true }).click();
    await vera.locator(".activity").getByText("bob: “Heater under repair until six”").waitFor();
  });

  test("STOP makes everything safe at once, and everybody is told who did it", async () => {
    assert.equal(await control(bob, "Heater").value.textContent(), "on");
    await control(bob, "Lamp").handle.click();
    await control(bob, "Lamp").card.getByText("held, renewed by this page").waitFor();
    await bob.getByRole("button", { name: "STOP" }).click();
    for (const page of [bob, vera]) await page.getByRole("alert").getByText(/STOPPED.*by bob/).waitFor();
    await until("the heater to be off", async () => (await control(bob, "Heater").value.textContent()) === "off");
    assert.ok(await control(bob, "Heater").handle.isDisabled());
    await control(bob, "Heater").card.locator(".ladder.is-past").waitFor(); // his command is not what holds now
    await control(bob, "Lamp").card.getByText("Not held any more: a stop made it safe").waitFor();
    await bob.locator("header a", { hasText: "STOPPED" }).waitFor(); // wherever on the page he is
    assert.equal(await bob.getByRole("button", { name: "Reset" }).count(), 0, "only administrators reset");
    const browser = await Browser.start([device]);
    const owner = await enter(browser, device);
    await owner.getByRole("button", { name: "Reset" }).click();
    await bob.getByText("No alarms").waitFor();
    await until("bob to be free", () => control(bob, "Heater").handle.isEnabled());
    await browser.end();
  });

  test("somebody is let in: a token is made and copied, and whoever has it may do what it says", async () => {
    const owners = await Browser.start([device], { permissions: ["clipboard-read", "clipboard-write"] }), carls = await Browser.start([device]);
    const owner = await enter(owners, device);
    await owner.getByText("Let somebody in").click();
    await owner.fill("#who", "carl");
    await owner.selectOption("#may", { label: "may look and move" });
    await owner.getByRole("button", { name: "Make a token" }).click();
    await owner.getByRole("button", { name: "Copy" }).click();
    await owner.getByRole("button", { name: "Copied" }).waitFor();
    const carl = await enter(carls, device, await owner.evaluate(() => navigator.clipboard.readText()));
    await carl.locator(".me").getByText("carl").waitFor();
    assert.equal(await carl.locator(".me .role").textContent(), "operator");
    await carl.getByRole("button", { name: "STOP", exact: true }).waitFor();
    await owner.getByText("Tokens in force").click();
    await owner.locator(".held", { hasText: "owner" }).getByText("you").waitFor(); // one's own is not taken back by a slip of the hand
    assert.equal(await owner.locator(".held", { hasText: "owner" }).getByRole("button").count(), 0);
    const held = owner.locator(".held", { hasText: "carl" });
    await held.getByRole("button", { name: "Take back the token of carl" }).click();
    await held.getByRole("button", { name: "Really take back the token of carl" }).click();
    await carl.getByRole("alert").getByText("the token was revoked").waitFor();
    await until("his token to be gone", async () => (await held.count()) === 0);
    await Promise.all([owners.end(), carls.end()]);
  });

  test("nothing was wrong with the pages meanwhile", () => {
    assert.deepEqual([annas, bobs, veras].flatMap(({ complaints }) => complaints), []);
  });
});
