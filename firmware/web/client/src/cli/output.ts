import type { Value } from "../index.js";

/** Where it goes. Tests listen in. */
export const streams: { out: Pick<NodeJS.WriteStream, "write">; errors: Pick<NodeJS.WriteStream, "write"> & { isTTY?: boolean } } = {
  out: process.stdout, errors: process.stderr,
};

/** A result, for people or for programs. */
export function print(line: string): void {
  streams.out.write(`${line}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value));
}

/** What is going on, where somebody is looking. Files and pipes are spared it. */
export function progress(line: string): void {
  if (streams.errors.isTTY) streams.errors.write(`\r\x1b[K${line}`);
}

export function progressEnds(): void {
  if (streams.errors.isTTY) streams.errors.write("\r\x1b[K");
}

/** What somebody should know, wherever it goes. */
export function note(line: string): void {
  progressEnds();
  streams.errors.write(`signalbox-client: ${line}\n`);
}

/** Rows under each other. */
export function columns(rows: string[][]): string {
  const widths = rows.reduce<number[]>((most, row) => row.map((cell, index) => Math.max(most[index] ?? 0, cell.length)), []);
  return rows.map((row) => row.map((cell, index) => cell.padEnd(widths[index]!)).join("  ").trimEnd()).join("\n");
}

export function shown(value: Value | undefined, unit?: string): string {
  if (value === null || value === undefined) return "-";
  const text = typeof value === "number" ? String(Math.round(value * 1e6) / 1e6) : String(value);
  return unit === undefined || unit === "1" ? text : `${text} ${unit}`;
}

export function time(at: number | null): string {
  return at === null ? "-" : new Date(at).toISOString().replace("T", " ").replace("Z", "");
}
