import type { Client, DescriptionChannel, JournalRequest } from "../index.js";
import { NotDone, UsageError, duration, text, whole, type Arguments, type Command } from "./arguments.js";
import { withDevice } from "./device.js";
import { columns, note, print, printJson, progress, progressEnds, shown, time } from "./output.js";

async function channels(client: Client, patterns: string[]): Promise<DescriptionChannel[]> {
  const found: DescriptionChannel[] = [];
  for (const pattern of patterns) {
    const { channels: some } = await client.describe(pattern);
    if (some.length === 0) throw new NotDone(`${pattern}: there is no such channel, or none you may read; "describe" lists them`);
    found.push(...some);
  }
  return found;
}

const isGood = ({ quality }: DescriptionChannel) => quality === "good" || quality === "simulated";

export const get: Command = {
  name: "get", operands: "PATTERN...", options: [],
  text: "Prints what channels read now: the bare value of a single one, else a line for each. Exit code 1 where a single\none is stale or at fault.",
  async run(given) {
    if (given.operands.length === 0) throw new UsageError("get: found no channel; expected such as cabin/temperature or cabin/#");
    const found = await withDevice(given, (client) => channels(client, given.operands));
    const [only] = found;
    if (given.options["json"]) {
      for (const { path, value, unit, quality, at } of found) printJson({ channel: path, value, ...(unit && { unit }), quality, at });
    } else if (found.length === 1 && only !== undefined) {
      print(shown(only.value));
    } else {
      print(columns(found.map(({ path, value, unit, quality, at }) => [path, shown(value, unit), quality, time(at)])));
    }
    if (found.length !== 1 || only === undefined || isGood(only)) return 0;
    note(`${only.path}: ${only.quality} since ${time(only.at)}`);
    return 1;
  },
};

function abilities({ kind, range, labels, output, access, alarms }: DescriptionChannel): string {
  const said: string[] = [kind];
  if (range !== undefined) said.push(`${range[0]} to ${range[1]}`);
  if (labels !== undefined) said.push(labels.join(" | "));
  if (access.control && output !== undefined) said.push("can be set", `safe ${shown(output.safe)}`);
  if (output?.lease) said.push(`lease up to ${output.lease.maxMs} ms${output.lease.required ? ", required" : ""}`);
  if (output?.baton !== undefined) said.push(`baton ${output.baton}`);
  for (const { name, state } of alarms ?? []) said.push(`alarm ${name}: ${state}`);
  return said.join(", ");
}

export const describe: Command = {
  name: "describe", operands: "[PATTERN]", options: [],
  text: "Lists the channels there are, and what each can do.",
  async run(given) {
    const described = await withDevice(given, (client) => client.describe(given.operands[0]));
    if (given.options["json"]) return printJson(described);
    print(`${described.device.title ?? described.device.id}, firmware ${described.firmwareVersion}${described.stopped ? ", STOPPED" : ""}`);
    if (described.channels.length > 0) {
      print(columns(described.channels.map((channel) => [channel.path, shown(channel.value, channel.unit), channel.quality, abilities(channel)])));
    }
  },
};

const aggregates = ["last", "min", "max", "mean", "count"] as const;

function moment(given: Arguments, name: string): number | undefined {
  const said = text(given, name);
  if (said === undefined) return undefined;
  const at = /^\d+$/.test(said) ? Number(said) : Date.parse(said);
  if (!Number.isFinite(at)) throw new UsageError(`--${name}: found "${said}"; expected such as 2026-01-31T12:00:00Z, or Unix ms`);
  return at;
}

export const history: Command = {
  name: "history", operands: "PATTERN...",
  options: [
    { name: "last", value: "DURATION", text: "so far back from now (10m)" },
    { name: "from", value: "TIME", text: "or from then on" },
    { name: "to", value: "TIME", text: "until then (now)" },
    { name: "step", value: "DURATION", text: "tell last, min, max, mean and count of each step of that length" },
  ],
  text: "Prints what channels have read, as far as the device has kept it. Exit code 1 where some of it is missing.",
  async run(given) {
    if (given.operands.length === 0 || given.operands.length > 8) throw new UsageError(`history: found ${given.operands.length} channels; expected 1 to 8 paths or patterns`);
    const [begin, stepMs] = [moment(given, "from"), duration(given, "step", 0)];
    if (begin !== undefined && given.options["last"] !== undefined) throw new UsageError("--last and --from: found both; expected one of them");
    return await withDevice(given, async (client) => {
      const to = moment(given, "to") ?? client.deviceTime! + 1;
      const query = { paths: given.operands, from: begin ?? Math.max(0, to - duration(given, "last", 600_000)), to, ...(stepMs > 0 && { stepMs }) };
      let isComplete = true, count = 0;
      for await (const { series } of client.history(query)) {
        for (const { channel, complete, samples, steps } of series) {
          isComplete &&= complete;
          for (const entry of [...(samples ?? []), ...(steps ?? [])]) {
            count += 1;
            if (given.options["json"]) printJson({ channel, ...entry });
            else if ("offset" in entry) print(`${time(entry.at)}  ${channel}  ${shown(entry.value)}  ${entry.quality}`);
            else print(`${time(entry.at)}  ${channel}  ${aggregates.map((name) => `${name} ${shown(entry[name])}`).join("  ")}`);
          }
        }
        progress(`${count} samples`);
      }
      progressEnds();
      if (!isComplete) note("samples of this span are missing: overwritten, or lost at a restart");
      return isComplete ? 0 : 1;
    });
  },
};

export const journal: Command = {
  name: "journal", operands: "",
  options: [
    { name: "after", value: "SEQUENCE", text: "records behind this one (0: from the oldest in memory)" },
    { name: "max", value: "COUNT", text: "at most so many (all)" },
    { name: "channel", value: "PATTERN", text: "of these channels" },
    { name: "failed", text: "commands that were refused, expired or failed" },
  ],
  text: "Prints what happened to the device, oldest first. For administrators.",
  async run(given) {
    const after = whole(given, "after", 0, 2 ** 53), max = whole(given, "max", 1, 2 ** 53), channel = text(given, "channel");
    const query: JournalRequest = { ...(after !== undefined && { after }), ...(max !== undefined && { max }), ...(channel !== undefined && { channel }),
      ...(given.options["failed"] && { outcome: "failed" }) };
    await withDevice(given, async (client) => {
      for await (const record of client.journal(query)) {
        if (given.options["json"]) printJson(record);
        else {
          const moved = record.after === undefined ? [] : [`${record.before ?? "-"} -> ${record.after}`];
          const said = [record.channel, ...moved, record.outcome, record.who && `by ${record.who}`, record.detail].filter((word) => word !== undefined);
          print(`${record.sequence}  ${time(record.at)}  ${record.kind}  ${said.join("  ")}`.trimEnd());
        }
      }
    });
  },
};
