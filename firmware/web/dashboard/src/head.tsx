import { useEffect } from "preact/hooks";
import type { Device } from "./device.js";
import { clock, counted, isolated } from "./format.js";
import { theme, type Theme } from "./theme.js";
import { useNow } from "./ticking.js";

const STATES = {
  closed: "Offline", connecting: "Connecting…", authenticating: "Logging in…", resuming: "Coming back…", online: "Live", waiting: "No connection", refused: "Not let in",
} as const;
const NEXT: Record<Theme, Theme> = { auto: "light", light: "dark", dark: "auto" };
const THEMES: Record<Theme, string> = { auto: "Auto", light: "Light", dark: "Dark" };

function Connection({ device }: { device: Device }) {
  const { state } = device.status.value;
  const { isOnline, roundTrip } = device;
  const measured = isOnline.value && roundTrip.value !== undefined ? `${Math.max(1, Math.round(roundTrip.value.ms))} ms` : "";
  return (
    <p class={`connection ${isOnline.value ? "is-live" : "is-broken"}`}>
      <span class="dot" aria-hidden="true" />
      <span role="status">{STATES[state]}</span>
      <span class="measured">{measured}</span>
    </p>
  );
}

export function Head({ device, leave }: { device: Device; leave(): void }) {
  useNow(1000);
  const me = device.me.value!, alarms = device.alarms.value;
  const title = `${device.isStopped.value ? "STOPPED · " : ""}${device.isOnline.value ? "" : "offline · "}${device.title.value}`;
  useEffect(() => { document.title = title; }, [title]);
  return (
    <header class="head">
      <h1>{device.title.value}</h1>
      {device.isStopped.value && <a class="chip is-error" href="#attention">STOPPED</a>}
      {alarms.length > 0 && <a class={`chip is-${alarms[0]!.alarm.severity}`} href="#attention">{counted(alarms.length, "alarm")}</a>}
      <Connection device={device} />
      <time class="clock" title="The device's clock">{clock(device.now)}</time>
      <p class="me"><b>{isolated(me.name)}</b> <span class="role">{me.role}</span></p>
      <button class="plain" onClick={() => { theme.value = NEXT[theme.value]; }} aria-label={`Colours: ${THEMES[theme.value]}`}><span aria-hidden="true">◐ </span>{THEMES[theme.value]}</button>
      <button class="plain" onClick={leave}>Log out</button>
    </header>
  );
}
