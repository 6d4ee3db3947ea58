import { ConnectionError, type Client, type EventPayload, type SubscriptionOptions, type Update } from "../index.js";
import { UsageError, duration, whole, type Arguments, type Command } from "./arguments.js";
import { connected } from "./device.js";
import { note, print, printJson, shown, time } from "./output.js";

function told(event: EventPayload): string {
  const moved = event.to === undefined ? [] : [`${shown(event.from)} -> ${shown(event.to)}`];
  const words = [event.channel, ...moved, event.alarm, event.text, event.cause, event.reason, event.by && `by ${event.by}`, event.holder && `now ${event.holder}`];
  return `${time(event.at)}  ${event.severity.toUpperCase()}  ${event.name}  ${words.filter((word) => word !== undefined && word !== "").join("  ")}`.trimEnd();
}

/** One update, as lines for a person. Units are told once, with the snapshot. */
function* lines(update: Update, units: Map<string, string>): Generator<string> {
  switch (update.kind) {
    case "snapshot": case "telemetry": case "missed":
      for (const sample of update.samples) {
        if ("unit" in sample && sample.unit !== undefined) units.set(sample.channel, sample.unit);
        const folded = "count" in sample && sample.count !== undefined ? `  (of ${sample.count}${sample.min === undefined ? "" : `: ${shown(sample.min)} to ${shown(sample.max)}`})` : "";
        yield `${time(sample.at)}  ${sample.channel}  ${shown(sample.value, units.get(sample.channel))}  ${sample.quality}${folded}${update.kind === "missed" ? "  missed" : ""}`;
      }
      return;
    case "gap":
      for (const { channel, from, to } of update.gaps) yield `--  ${channel}  lost: ${from === null ? "everything before the device's restart" : `samples ${from} to ${to}`}`;
      return;
    case "event": yield told(update.event); return;
    case "announcement": yield `${time(update.announcement.at)}  ${update.announcement.by} says: ${update.announcement.text}`; return;
    case "eventGap": yield `--  up to ${update.gap.lost} events lost`; return;
    case "dropped": yield `--  ${update.updates} updates with ${update.samples} samples dropped here: this reader was too slow`; return;
  }
}

function termsOf(given: Arguments): SubscriptionOptions {
  const events = given.options["events"] ? { events: true } : {};
  if (given.options["every"] !== undefined) return { mode: "fixed", periodMs: duration(given, "every", 1000), ...events };
  return { minPeriodMs: duration(given, "at-most-every", 100), ...events };
}

async function follow(client: Client, given: Arguments, most: number): Promise<void> {
  const units = new Map<string, string>();
  let left = most;
  const subscription = client.subscribe(given.operands.length === 0 ? ["#"] : given.operands, termsOf(given));
  const end = () => subscription.close();
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, end);
  for await (const update of subscription) {
    if (given.options["json"]) {
      printJson(update);
      left -= 1;
    } else {
      for (const line of lines(update, units)) {
        if (left <= 0) break;
        print(line);
        left -= 1;
      }
    }
    if (left <= 0) return;
  }
}

export const watch: Command = {
  name: "watch", operands: "[PATTERN...]",
  options: [
    { name: "every", value: "DURATION", text: "everything on this beat" },
    { name: "at-most-every", value: "DURATION", text: "or changes as they come, at most that often (100ms)" },
    { name: "events", text: "what happens as well: movements, alarms, stops" },
    { name: "count", value: "COUNT", text: "end after so many lines" },
  ],
  text: "Prints what channels read as it changes, until Ctrl-C. Comes back by itself after a cut, and tells what was missed, or\nthat it is lost.",
  async run(given) {
    if (given.operands.length > 8) throw new UsageError(`watch: found ${given.operands.length} channels; expected at most 8 paths or patterns`);
    if (given.options["every"] !== undefined && given.options["at-most-every"] !== undefined) throw new UsageError("--every and --at-most-every: found both; expected one of them");
    const client = await connected(given);
    let wasCut = false;
    client.on("state", ({ state, failure, retryInMs }) => {
      if (state === "waiting") note(`cut off: ${failure!.detail}; again in ${Math.round(retryInMs!)} ms`);
      if (state === "online" && wasCut) note("back");
      wasCut ||= state === "waiting";
    });
    try {
      await follow(client, given, whole(given, "count", 1, 2 ** 53) ?? Infinity);
    } catch (error) {
      if (error instanceof ConnectionError) note("the connection is given up");
      throw error;
    } finally {
      client.close();
    }
  },
};
