import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { DescriptionChannel, DescriptionOutput, Rung } from "signalbox-client";
import type { Device } from "./device.js";
import { isolated } from "./format.js";
import { useNow } from "./ticking.js";
import { errorInWords } from "./words.js";

const LEASE_MS = 15_000;

export type Its = { device: Device; channel: DescriptionChannel & { output?: DescriptionOutput } };

/** How long a lease of this page lasts: short, since it is renewed while the page lives. */
export function leaseMs(output: DescriptionOutput): number {
  return Math.min(output.lease?.maxMs ?? LEASE_MS, LEASE_MS);
}

export function topRung(output: DescriptionOutput): Rung {
  return output.feedback === undefined ? "applied" : "verified";
}

/** The lease that keeps it on only while this page lives, and the baton of its group. */
export function Holding({ device, channel, isHindered }: Its & { isHindered: boolean }) {
  const output = channel.output!, { lease, baton } = output;
  const held = device.runs.lease(channel.path).value;
  const value = device.reading(channel.path).value?.value;
  const fault = useSignal("");
  const holder = baton === undefined ? undefined : device.batons.value.get(baton);
  useEffect(() => { fault.value = ""; }, [holder?.session]); // it was about who had it then
  const isMine = holder?.session === device.session.value && holder !== undefined;
  const ask = (action: "take" | "request" | "grant" | "steal") => {
    fault.value = "";
    const answered = (outcome: string) => { if (outcome === "requested") fault.value = `asked ${holder?.name ?? ""}`; };
    device.client.baton(baton!, action).then(({ outcome }) => answered(outcome), (error: unknown) => { fault.value = errorInWords(error); })
      .finally(() => device.askPresence());
  };
  const mayHold = lease !== undefined && held === undefined && !lease.required && typeof value === "boolean" && value !== output.safe;
  const isOffline = !device.isOnline.value;
  return (
    <div class="holding">
      {lease !== undefined && held !== undefined && <Countdown isOffline={isOffline} left={() => held.leftMs} of={leaseMs(output)} release={() => void device.runs.release(channel.path)} />}
      {mayHold && (
        <p class="hold">
          <button disabled={isHindered} onClick={() => void device.runs.hold(channel.path, value, leaseMs(output), topRung(output))}>Hold</button>
          <span class="quiet">off by itself when this page is gone</span>
        </p>
      )}
      {lease !== undefined && held === undefined && !mayHold && (
        <p class="quiet">{lease.required ? "On only while this page holds it" : "Can be held, so that it goes safe when this page is gone"}</p>
      )}
      {baton !== undefined && (
        <p class="baton"><span>Baton <b>{baton}</b>: {holder === undefined ? "nobody" : isMine ? "you" : isolated(holder.name)} <span class="quiet">{fault.value}</span></span>{
          holder === undefined ? <button disabled={isOffline || device.isStopped.value} onClick={() => ask("take")}>Take</button>
            : isMine ? <button disabled={isOffline} onClick={() => ask("grant")}>Give back</button>
              : <><button disabled={isOffline} onClick={() => ask("request")}>Ask for it</button>{device.mayAdminister.value && <button disabled={isOffline} onClick={() => ask("steal")}>Take it away</button>}</>}</p>
      )}
    </div>
  );
}

function Countdown({ isOffline, left, of, release }: { isOffline: boolean; left(): number | undefined; of: number; release(): void }) {
  useNow(250);
  const ms = left() ?? 0;
  return (
    <p class="lease">
      <meter class="left" min={0} max={of} value={ms} low={of / 3} aria-label="Lease left">{Math.ceil(ms / 1000)} s</meter>
      <span class="seconds">{Math.ceil(ms / 1000)} s</span> <span class="quiet">held, renewed by this page</span>
      <button disabled={isOffline} onClick={release}>Let go</button>
    </p>
  );
}
