import { useSignal } from "@preact/signals";
import type { Device } from "./device.js";
import { number } from "./format.js";
import { useMetrics } from "./metrics.js";

/** Turns of the event loop that took at most so long, and longer than the row before says. */
export interface Turns {
  upToS: number;
  count: number;
}

/** The histogram of the loop among the device's metrics: its buckets, each without those before it; empty ones at both ends left out. */
export function turnsOf(metrics: string): Turns[] {
  let before = 0;
  const all = [...metrics.matchAll(/^signalbox_loop_pass_seconds_bucket\{le="([^"]+)"\} (\S+)$/gm)].map(([, le, value]) => {
    const turns = { upToS: le === "+Inf" ? Infinity : Number(le), count: Number(value) - before };
    before = Number(value);
    return turns;
  });
  const isTaken = all.map(({ count }) => count > 0);
  return all.slice(Math.max(0, isTaken.indexOf(true)), isTaken.lastIndexOf(true) + 1);
}

/** How long the loop takes for a turn, in which nobody else is served. For administrators. */
export function LoopTurns({ device }: { device: Device }) {
  const isOpen = useSignal(false);
  const { text, fault } = useMetrics(device, isOpen);
  const turns = turnsOf(text), total = turns.reduce((sum, { count }) => sum + count, 0), most = Math.max(...turns.map(({ count }) => count));
  return (
    <details onToggle={(event) => { isOpen.value = event.currentTarget.open; }}>
      <summary>Loop latency</summary>
      <p class="quiet">How long the device's turns took since it started. Nobody else is served meanwhile.</p>
      <table class="pools turns">
        <thead><tr><th scope="col">Up to</th><td></td><th scope="col">Turns</th><th scope="col">Share</th></tr></thead>
        <tbody>
          {turns.map(({ upToS, count }) => (
            <tr key={upToS}>
              <th scope="row">{time(upToS)}</th>
              <td><span class="gauge" aria-hidden="true"><span style={{ transform: `scaleX(${most === 0 ? 0 : count / most})` }} /></span></td>
              <td>{count < 1e6 ? count : number(count)}</td><td>{share(count / total)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="quiet" role="status">{fault}</p>
    </details>
  );
}

function time(seconds: number): string {
  if (seconds === Infinity) return "longer";
  return seconds < 1e-3 ? `${Math.round(seconds * 1e6)} µs` : seconds < 1 ? `${Math.round(seconds * 1e3)} ms` : `${Math.round(seconds)} s`;
}

function share(part: number): string {
  return part > 0 && part < 0.001 ? "< 0.1 %" : `${(100 * part).toFixed(1)} %`;
}
