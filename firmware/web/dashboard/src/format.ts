import type { DescriptionChannel, Value } from "signalbox-client";

/** UCUM, as people write it. */
const SIGNS: Record<string, string> = {
  Cel: "°C", "[degF]": "°F", deg: "°", "1": "", By: "B", KiBy: "KiB", MiBy: "MiB", GiBy: "GiB", "By/s": "B/s", Ohm: "Ω", uA: "µA", m3: "m³", "m/s2": "m/s²", "{count}": "",
};

export function unitSign(unit: string | undefined): string {
  return unit === undefined ? "" : SIGNS[unit] ?? unit;
}

/** A point of time by the clock on the wall, such as 03:12:05. */
export function clock(at: number): string {
  return new Date(at).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
}

/** The same with its day where that is another one than today. */
export function moment(at: number, now: number): string {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString();
  return isToday ? clock(at) : `${new Date(at).toLocaleDateString(undefined, { day: "numeric", month: "short" })} ${clock(at)}`;
}

/** How long something took: 40 ms, 1.2 s. */
export function spell(ms: number): string {
  return ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** A length of time for a glance: 4 s, 3 min, 2 h 10 min, 5 d 3 h. */
export function duration(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 100 && s !== 60) return `${s} s`;
  const min = Math.round(s / 60);
  if (min < 60) return `${min} min`;
  const h = Math.floor(min / 60);
  return h < 48 ? `${h} h${min % 60 === 0 ? "" : ` ${min % 60} min`}` : `${Math.floor(h / 24)} d ${h % 24} h`;
}

/** A range beyond this says what can be told, not what is usual. */
const RANGE_MAX = 1_000;

/** Whether a range says how much is much. */
export function isTelling(range: [number, number] | undefined): range is [number, number] {
  return range !== undefined && range[1] - range[0] <= RANGE_MAX;
}

export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** With as many digits as the range needs, or else the size, always the same for the same size: what moves is the value, not the line. */
export function number(value: number, range?: [number, number]): string {
  const size = isTelling(range) ? Math.max(...range.map(Math.abs)) : Math.abs(value);
  if (size >= 1e6) return value.toLocaleString(undefined, { notation: "compact", maximumFractionDigits: 2, minimumFractionDigits: 2 });
  return value.toFixed(size < 10 ? 2 : size < 1000 ? 1 : 0);
}

const PREFIXES = ["", "k", "M", "G", "T", "P"];

/** Bytes, with the prefix of the SI that leaves one to three digits before the point. */
function bytes(value: number, per: string): Shown {
  const size = Math.abs(value), step = size < 1000 ? 0 : Math.min(PREFIXES.length - 1, Math.floor(Math.log10(size) / 3));
  return { text: (value / 1000 ** step).toFixed(step === 0 ? 0 : 1), sign: `${PREFIXES[step]!}B${per}` };
}

export interface Shown {
  text: string;
  sign: string;
}

/** Whether a reading can be gone by. */
export function isTrusted(reading: { quality: string } | undefined): boolean {
  return reading?.quality === "good" || reading?.quality === "simulated";
}

type Meant = Pick<DescriptionChannel, "kind" | "unit" | "range"> & { output?: object };

/** What is moved is on or off; what is only looked at, such as "Door open", is so or not. */
export function shown(channel: Meant, value: Value | undefined): Shown {
  if (value === null || value === undefined) return { text: "–", sign: "" };
  if (typeof value === "boolean") return { text: channel.output !== undefined ? (value ? "on" : "off") : value ? "yes" : "no", sign: "" };
  if (typeof value === "string") return { text: value, sign: "" };
  if (channel.unit === "s" && value >= 100) return { text: duration(value * 1000), sign: "" };
  if (channel.unit === "By" || channel.unit === "By/s") return bytes(value, channel.unit.slice(2));
  return { text: number(value, channel.range), sign: unitSign(channel.unit) };
}

export function inWords(channel: Meant, value: Value | undefined): string {
  const { text, sign } = shown(channel, value);
  return sign === "" ? text : `${text} ${sign}`;
}

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/;

/** A name as it stands in a sentence: one that is written from right to left turns nothing round it (UAX #9, isolates). */
export function isolated(name: string): string {
  return RIGHT_TO_LEFT.test(name) ? `\u2068${name}\u2069` : name;
}

/** What a channel is called where nobody gave it a title: heaterSense becomes Heater sense. */
export function titleOf(channel: Pick<DescriptionChannel, "path" | "title">): string {
  if (channel.title !== undefined) return isolated(channel.title);
  const words = channel.path.split("/").pop()!.replace(/([a-z0-9])([A-Z])/g, "$1 $2").replace(/[-_]/g, " ").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
