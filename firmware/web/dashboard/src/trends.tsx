import { useComputed, useSignal, type Signal } from "@preact/signals";
import type { DescriptionChannel } from "signalbox-client";
import { useEffect, useRef } from "preact/hooks";
import type { Device } from "./device.js";
import { clock, duration, inWords, titleOf, unitSign } from "./format.js";
import { Lane, type Span } from "./lane.js";
import { theme } from "./theme.js";

const RANGES = [60_000, 300_000, 900_000, 3_600_000];
const CHOSEN_MAX = 8;
const LEAST_MS = 2_000;
const CALM_MS = 1_000;

/** What is worth a line from the start: what is measured about the process, not about the machine that measures. */
function firstChoice(channels: DescriptionChannel[]): string[] {
  const worth = channels.filter(({ kind, path }) => (kind === "number" || kind === "boolean") && !path.startsWith("host/"));
  const chosen = [...worth.filter(({ kind }) => kind === "number"), ...worth.filter(({ output }) => output !== undefined), ...channels.filter(({ kind }) => kind === "number")];
  return [...new Set(chosen.map(({ path }) => path))].slice(0, 5);
}

function lanesOf(channels: DescriptionChannel[]): DescriptionChannel[][] {
  const lanes = new Map<string, DescriptionChannel[]>();
  for (const channel of channels) {
    const key = channel.kind === "boolean" ? "states" : `unit ${unitSign(channel.unit)}`;
    lanes.set(key, [...lanes.get(key) ?? [], channel]);
  }
  return [...lanes].sort(([a], [b]) => Number(a === "states") - Number(b === "states")).map(([, lane]) => lane);
}

/** Live lines, which zoom into what the device remembers. */
export function Trends({ device }: { device: Device }) {
  const key = `signalbox.trends.${device.title.value}`;
  const chosen = useSignal<string[] | undefined>(undefined);
  const rangeMs = useSignal(RANGES[0]!), closeUp = useSignal<Span | undefined>(undefined), pointed = useSignal<number | undefined>(undefined);
  const drawable = useComputed(() => device.channels.value.filter(({ kind, access }) => access.read && (kind === "number" || kind === "boolean")));
  const paths = useComputed(() => chosen.value ?? kept(key, drawable.value) ?? firstChoice(device.channels.value));
  const shown = useComputed(() => paths.value.map((path) => drawable.value.find((channel) => channel.path === path)).filter((channel) => channel !== undefined));
  const toggle = (path: string) => {
    chosen.value = paths.value.includes(path) ? paths.value.filter((one) => one !== path) : [...paths.value, path].slice(-CHOSEN_MAX);
    localStorage.setItem(key, JSON.stringify(chosen.value));
  };
  const span = (): Span => closeUp.value ?? { from: device.now - rangeMs.value, to: device.now };
  const isOnline = device.isOnline.value;
  useEffect(() => { // what is in view comes from the device's memory, once the hand rests
    if (!isOnline || paths.value.length === 0) return;
    const soon = setTimeout(() => void device.recall(paths.value, span().from, span().to).catch(() => {}), 150);
    return () => clearTimeout(soon);
  }, [isOnline, paths.value.join(), rangeMs.value, closeUp.value]);
  const others = drawable.value.filter(({ path }) => !paths.value.includes(path));
  const entry = (channel: DescriptionChannel) => (
    <Entry key={channel.path} device={device} channel={channel} colour={paths.value.indexOf(channel.path)} pointed={pointed} toggle={() => toggle(channel.path)} />
  );
  return (
    <section class="trends" aria-labelledby="trends">
      <div class="bar">
        <h2 id="trends">Trends</h2>
        <Ranges rangeMs={rangeMs} closeUp={closeUp} span={span} />
      </div>
      <Lanes key={paths.value.join()} device={device} channels={shown.value} paths={paths.value} span={span} closeUp={closeUp} pointed={pointed} />
      <div class="legend" role="group" aria-label="Which channels are drawn">
        {shown.value.map((channel) => entry(channel))}
        {others.length > 0 && (
          <details class="others">
            <summary>Other channels</summary>
            <div class="legend">{others.map((channel) => entry(channel))}</div>
          </details>
        )}
      </div>
    </section>
  );
}

function kept(key: string, drawable: DescriptionChannel[]): string[] | undefined {
  try {
    const paths = JSON.parse(localStorage.getItem(key) ?? "null") as string[] | null;
    return paths?.filter((path) => drawable.some((channel) => channel.path === path));
  } catch {
    return undefined;
  }
}

/** Closer or farther around the middle, or along the time. */
function moved({ from, to }: Span, zoom: number, shift: number): Span {
  const length = Math.max(LEAST_MS, (to - from) * zoom), middle = (from + to) / 2 + (to - from) * shift;
  return { from: middle - length / 2, to: middle + length / 2 };
}

function Ranges({ rangeMs, closeUp, span }: { rangeMs: Signal<number>; closeUp: Signal<Span | undefined>; span(): Span }) {
  const isLive = closeUp.value === undefined;
  const go = (zoom: number, shift: number) => { closeUp.value = moved(span(), zoom, shift); };
  return (
    <div class="ranges" role="group" aria-label="Span of time">
      {RANGES.map((ms) => <button key={ms} aria-pressed={isLive && rangeMs.value === ms} onClick={() => { rangeMs.value = ms; closeUp.value = undefined; }}>{duration(ms)}</button>)}
      <button onClick={() => go(1, -0.5)} aria-label="Earlier">◀</button>
      <button onClick={() => go(1, 0.5)} aria-label="Later">▶</button>
      <button onClick={() => go(0.5, 0)} aria-label="Closer">+</button>
      <button onClick={() => go(2, 0)} aria-label="Farther">−</button>
      <button class="live" aria-pressed={isLive} onClick={() => { closeUp.value = undefined; }}>{isLive ? "● Live" : "Back to live"}</button>
    </div>
  );
}

interface LanesProps {
  device: Device;
  channels: DescriptionChannel[];
  paths: string[];
  span(): Span;
  closeUp: Signal<Span | undefined>;
  pointed: Signal<number | undefined>;
}

function Lanes({ device, channels, paths, span, closeUp, pointed }: LanesProps) {
  const place = useRef<HTMLDivElement>(null);
  const groups = lanesOf(channels);
  const shape = groups.map((lane) => lane.map(({ path, unit }) => `${path} ${unit}`).join()).join(";");
  useEffect(() => {
    const elements = [...place.current!.children] as HTMLElement[];
    const lanes = groups.map((lane) => new Lane(device, lane, (path) => paths.indexOf(path), {
      zoomed: ({ from, to }) => { closeUp.value = to - from < LEAST_MS ? moved({ from, to }, 1, 0) : { from, to }; },
      pointed: (at) => { pointed.value = at; },
    }));
    const last = lanes.length - 1;
    const attach = () => lanes.forEach((lane, i) => lane.attach(elements[i]!, i === last));
    attach();
    const noticed = new ResizeObserver(() => lanes.forEach((lane, i) => lane.resize(elements[i]!, i === last)));
    noticed.observe(place.current!);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", attach);
    const off = theme.subscribe(() => requestAnimationFrame(attach));
    const calm = matchMedia("(prefers-reduced-motion: reduce)");
    let drawnAt = -Infinity;
    let frame = requestAnimationFrame(function draw(at) {
      if (!calm.matches || closeUp.value !== undefined || at - drawnAt >= CALM_MS) { // a line that creeps is motion too
        const its = span();
        lanes.forEach((lane) => lane.draw(its));
        drawnAt = at;
      }
      frame = requestAnimationFrame(draw);
    });
    return () => {
      cancelAnimationFrame(frame);
      noticed.disconnect();
      dark.removeEventListener("change", attach);
      off();
      lanes.forEach((lane) => lane.detach());
    };
  }, [shape]);
  const its = closeUp.value;
  const when = its === undefined ? "live" : `from ${clock(its.from)} to ${clock(its.to)}`;
  const what = `Chart of ${channels.map(titleOf).join(", ")}, ${when}. Arrows move it, plus and minus zoom, Home goes back to live.`;
  const key = (event: KeyboardEvent) => {
    const steps: Record<string, [number, number]> = { ArrowLeft: [1, -0.25], ArrowRight: [1, 0.25], "+": [0.5, 0], "-": [2, 0] };
    const step = steps[event.key];
    if (event.key === "Home") closeUp.value = undefined;
    else if (step !== undefined) closeUp.value = moved(span(), ...step);
    else return;
    event.preventDefault();
  };
  return (
    <div class="lanes" ref={place} tabIndex={0} role="application" aria-label={what} onKeyDown={key}>
      {groups.map((lane, i) => <div key={lane[0]!.path} class="lane" style={{ height: `${Lane.height(lane, i === groups.length - 1)}rem` }} />)}
      {groups.length === 0 && <p class="quiet">Choose below what to draw.</p>}
    </div>
  );
}

function Entry({ device, channel, colour, pointed, toggle }: { device: Device; channel: DescriptionChannel; colour: number; pointed: Signal<number | undefined>; toggle(): void }) {
  const isDrawn = colour >= 0, at = pointed.value;
  const now = device.reading(channel.path).value?.value;
  const then = at === undefined || !isDrawn ? undefined : device.series(channel.path).valueAt(at);
  const value = then === undefined ? now : channel.kind === "boolean" && then !== null ? then === 1 : then;
  return (
    <button class={`entry-of ${isDrawn ? "is-drawn" : ""}`} aria-pressed={isDrawn} onClick={toggle}>
      <span class={`swatch ${isDrawn ? `c${colour % 8 + 1}` : ""}`} aria-hidden="true" />{titleOf(channel)}{isDrawn && <> <b>{inWords(channel, value)}</b></>}
    </button>
  );
}
