import type { Client, CommandOptions, Value, Write } from "../index.js";
import { NotDone, UsageError, duration, oneOf, type Arguments, type Command } from "./arguments.js";
import { withDevice } from "./device.js";
import { note, print, printJson, progress, progressEnds, shown } from "./output.js";

interface Wanted {
  channel: string;
  text: string;
}

function assignments(given: Arguments): Wanted[] {
  if (given.operands.length === 0 || given.operands.length > 8) throw new UsageError(`set: found ${given.operands.length} outputs; expected 1 to 8 of CHANNEL=VALUE`);
  return given.operands.map((word) => {
    const [channel, ...rest] = word.split("=");
    if (!channel || rest.length === 0) throw new UsageError(`set: found "${word}"; expected CHANNEL=VALUE, such as cabin/heater=true`);
    return { channel, text: rest.join("=") };
  });
}

/** The text as its channel's kind has it. */
async function valueOf(client: Client, { channel, text }: Wanted): Promise<NonNullable<Value>> {
  const found = (await client.describe(channel)).channels[0];
  if (found === undefined) throw new NotDone(`${channel}: there is no such channel, or none you may read; "describe" lists them`);
  const wrong = (expected: string) => new UsageError(`${channel}: found "${text}"; expected ${expected}`);
  switch (found.kind) {
    case "boolean":
      if (!["true", "false", "on", "off"].includes(text)) throw wrong("true or false");
      return text === "true" || text === "on";
    case "number":
      if (text === "" || !Number.isFinite(Number(text))) throw wrong(`a number${found.range ? ` from ${found.range[0]} to ${found.range[1]}` : ""}`);
      return Number(text);
    case "enum":
      if (!found.labels!.includes(text)) throw wrong(`one of ${found.labels!.join(", ")}`);
      return text;
    default:
      return text;
  }
}

async function held(client: Client, channel: string, value: NonNullable<Value>, leaseMs: number, terms: CommandOptions): Promise<number> {
  const lease = await client.hold(channel, value, leaseMs, terms);
  note(`${channel} is ${shown(value)} as long as this runs; Ctrl-C makes it safe`);
  const interrupted = new Promise<undefined>((resolve) => { for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => resolve(undefined)); });
  const lost = await Promise.race([interrupted, lease.lost]);
  if (lost === undefined) {
    await lease.release();
    return 0;
  }
  note(`${channel}: the lease is over: ${lost}`);
  return 1;
}

export const set: Command = {
  name: "set", operands: "CHANNEL=VALUE...",
  options: [
    { name: "until", value: "RUNG", text: "accepted, applied or verified (verified)" },
    { name: "deadline", value: "DURATION", text: "never later than that (5s)" },
    { name: "hold", value: "DURATION", text: "hold it by a lease of that length, renewed until Ctrl-C, then make it safe" },
  ],
  text: "Moves outputs, and tells how far it came. Several are moved together, or none of them.",
  words: ["accepted", "applied", "verified"],
  async run(given) {
    const wanted = assignments(given), until = oneOf(given, "until", ["accepted", "applied", "verified"]);
    const leaseMs = duration(given, "hold", 0), deadlineMs = duration(given, "deadline", 5_000);
    if (leaseMs > 0 && wanted.length > 1) throw new UsageError(`--hold: found ${wanted.length} outputs; expected one`);
    return await withDevice(given, async (client) => {
      const writes: Write[] = [];
      for (const one of wanted) writes.push({ channel: one.channel, value: await valueOf(client, one) });
      const what = wanted.map(({ channel }) => channel).join(", ");
      const terms: CommandOptions = { deadlineMs, ...(until && { until }), onRung: (rung) => progress(`${what}: ${rung}`) };
      const [first] = writes;
      if (leaseMs > 0) return await held(client, first!.channel, first!.value!, leaseMs, terms);
      const { outcome } = writes.length === 1 ? await client.set(first!.channel, first!.value!, terms) : await client.scene(writes, terms);
      progressEnds();
      if (given.options["json"]) printJson({ channels: wanted.map(({ channel }) => channel), outcome });
      else print(`${what}: ${outcome}`);
      return 0;
    });
  },
};

export const stop: Command = {
  name: "stop", operands: "", options: [],
  text: "Brings every output to its safe value, at once. The device stays stopped until reset.",
  async run(given) {
    await withDevice(given, (client) => client.stop());
    if (given.options["json"]) printJson({ outcome: "stopped" });
    else print("stopped");
  },
};

export const reset: Command = {
  name: "reset", operands: "", options: [],
  text: "Lets outputs be moved again after a stop; restores nothing. For administrators.",
  async run(given) {
    await withDevice(given, (client) => client.reset());
    if (given.options["json"]) printJson({ outcome: "reset" });
    else print("reset");
  },
};
