import type { Client } from "../index.js";
import { duration, whole, type Command } from "./arguments.js";
import { connected } from "./device.js";
import { columns, print, printJson, progress, progressEnds } from "./output.js";

function percentile(sorted: number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

/** Pings one after another, in so many lanes, for so long; how long each took. */
async function pings(client: Client, lanes: number, forMs: number): Promise<number[]> {
  const end = performance.now() + forMs, took: number[] = [];
  await Promise.all(Array.from({ length: lanes }, async () => {
    for (let begun = performance.now(); begun < end; begun = performance.now()) {
      await client.request("ping", {});
      took.push(performance.now() - begun);
    }
  }));
  return took.sort((a, b) => a - b);
}

export const bench: Command = {
  name: "bench", operands: "",
  options: [
    { name: "for", value: "DURATION", text: "how long each part takes (3s)" },
    { name: "lanes", value: "COUNT", text: "requests under way at a time in the second part (8)" },
  ],
  text: "Measures the way to the device: connecting, one request after another, and several at a time. It moves nothing.\nRequests that the device's limit puts off are sent again when it says, and count with their wait.",
  async run(given) {
    const forMs = duration(given, "for", 3_000), lanes = whole(given, "lanes", 1, 1000) ?? 8;
    const begun = performance.now(), client = await connected(given);
    try {
      const connectMs = performance.now() - begun;
      progress(`one after another, for ${forMs} ms`);
      const single = await pings(client, 1, forMs);
      progress(`${lanes} at a time, for ${forMs} ms`);
      const many = await pings(client, lanes, forMs);
      progressEnds();
      const round = (value: number) => Math.round(value * 100) / 100;
      const parts = [single, many].map((took, index) => ({ lanes: index === 0 ? 1 : lanes, requests: took.length, perS: round(took.length / (forMs / 1000)),
        p50Ms: round(percentile(took, 0.5)), p90Ms: round(percentile(took, 0.9)), p99Ms: round(percentile(took, 0.99)), maxMs: round(took.at(-1) ?? NaN) }));
      if (given.options["json"]) return printJson({ connectMs: round(connectMs), parts });
      print(`connected, and told who it is, in ${round(connectMs)} ms`);
      const names = ["lanes", "requests", "perS", "p50Ms", "p90Ms", "p99Ms", "maxMs"] as const;
      print(columns([[...names], ...parts.map((part) => names.map((name) => String(part[name])))]));
    } finally {
      client.close();
    }
  },
};
