import { parseArgs } from "node:util";

export interface Option {
  name: string;
  /** What stands for its value; left out: it has none. */
  value?: string;
  text: string;
}

export interface Arguments {
  operands: string[];
  options: Record<string, string | true | undefined>;
}

export interface Command {
  name: string;
  /** Such as CHANNEL=VALUE… */
  operands: string;
  text: string;
  options: Option[];
  /** The words an operand may be, for completion. */
  words?: string[];
  run(given: Arguments): Promise<number | void>;
}

/** Asked in a way that cannot be right: what, where, and what would be right. */
export class UsageError extends Error {}

/** It was understood, and could not be done. */
export class NotDone extends Error {}

export const common: Option[] = [
  { name: "url", value: "URL", text: "the device (SIGNALBOX_URL; wss://localhost:8443/v1/ws)" },
  { name: "ca", value: "FILE", text: "its authority's certificate, PEM (SIGNALBOX_CA)" },
  { name: "fingerprint", value: "SHA256", text: "or that certificate's fingerprint, as the console prints it (SIGNALBOX_FINGERPRINT)" },
  { name: "token-file", value: "FILE", text: "your token (SIGNALBOX_TOKEN_FILE; else SIGNALBOX_TOKEN; else ~/.config/signalbox/token)" },
  { name: "timeout", value: "DURATION", text: "give up where there is no answer for that long (10s)" },
  { name: "json", text: "print JSON, one value on each line" },
  { name: "help", text: "print this" },
];

export function read(command: Command, words: string[]): Arguments {
  const known = [...command.options, ...common];
  const types = Object.fromEntries(known.map(({ name, value }) => [name, { type: value === undefined ? "boolean" as const : "string" as const }]));
  try {
    const { values, positionals } = parseArgs({ args: words, options: types, allowPositionals: true, strict: true });
    const extra = command.operands.includes("...") ? undefined : positionals[command.operands === "" ? 0 : 1];
    if (extra !== undefined && command.name !== "stop") throw new Error(`found "${extra}" beyond ${command.operands || "options"}`); // a stop is never refused for what stands behind it
    return { operands: positionals, options: values as Arguments["options"] };
  } catch (error) {
    const said = (error as Error).message.split(/[.\n]/)[0]!;
    throw new UsageError(`${command.name}: ${said}; expected ${known.map(({ name }) => `--${name}`).join(", ")}`);
  }
}

const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Such as 250ms, 10s, 5m, 2h, 1d. */
export function duration(given: Arguments, name: string, ordinary: number): number {
  const text = given.options[name];
  if (typeof text !== "string") return ordinary;
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  if (digits === undefined || unit === undefined) throw new UsageError(`--${name}: found "${text}"; expected such as 250ms, 10s, 5m, 2h or 1d`);
  return Math.round(Number(digits) * units[unit]!);
}

export function whole(given: Arguments, name: string, least: number, most: number): number | undefined {
  const text = given.options[name];
  if (typeof text !== "string") return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) throw new UsageError(`--${name}: found "${text}"; expected a whole number from ${least} to ${most}`);
  return value;
}

export function oneOf<Word extends string>(given: Arguments, name: string, words: readonly Word[]): Word | undefined {
  const text = given.options[name];
  if (text === undefined) return undefined;
  if (!words.includes(text as Word)) throw new UsageError(`--${name}: found "${String(text)}"; expected ${words.join(", ")}`);
  return text as Word;
}

export function text(given: Arguments, name: string): string | undefined {
  const value = given.options[name];
  return typeof value === "string" ? value : undefined;
}

function table(options: Option[]): string {
  const left = options.map(({ name, value }) => `  --${name}${value === undefined ? "" : ` ${value}`}`);
  const width = Math.max(...left.map(({ length }) => length));
  return options.map(({ text: meaning }, index) => `${left[index]!.padEnd(width)}  ${meaning}`).join("\n");
}

/** What it does, in some words. */
export function summaryOf(command: Command): string {
  return command.text.split(/[.:]/)[0]!.replace(/\n/g, " ");
}

export function helpOf(command: Command): string {
  const own = command.options.length > 0 ? `${table(command.options)}\n\n` : "";
  return `usage: signalbox-client ${command.name} [option]... ${command.operands}\n\n${command.text}\n\n${own}${table(common)}`;
}
