import { useSignal } from "@preact/signals";
import type { Device } from "./device.js";
import { useMetrics } from "./metrics.js";

export interface Pool {
  name: string;
  used: number;
  most: number;
  capacity: number;
  refused: number;
}

const FIGURES = { used: "used", high_water: "most", capacity: "capacity", refused_total: "refused" } as const;

/** The pools among the device's metrics (Prometheus' text format). */
export function poolsOf(metrics: string): Pool[] {
  const pools = new Map<string, Pool>();
  for (const [, figure, name, value] of metrics.matchAll(/^signalbox_pool_(used|high_water|capacity|refused_total)\{pool="([^"]+)"\} (\S+)$/gm)) {
    const pool = pools.get(name!) ?? { name: name!, used: 0, most: 0, capacity: 0, refused: 0 };
    pool[FIGURES[figure as keyof typeof FIGURES]] = Number(value);
    pools.set(name!, pool);
  }
  return [...pools.values()];
}

/** All memory of the device is in pools: how full each is, and was at most. */
export function Pools({ device }: { device: Device }) {
  const isOpen = useSignal(false);
  const { text, fault } = useMetrics(device, isOpen);
  return (
    <details onToggle={(event) => { isOpen.value = event.currentTarget.open; }}>
      <summary>Memory pools</summary>
      <table class="pools">
        <thead><tr><th scope="col">Pool</th><th scope="col">In use</th><th scope="col">At most</th><th scope="col">Of</th></tr></thead>
        <tbody>
          {poolsOf(text).map(({ name, used, most, capacity, refused }) => (
            <tr key={name}>
              <th scope="row">{name.replace(/-/g, " ")}{refused > 0 && <span class="tag is-warning">{refused} refused</span>}</th>
              <td>{amount(name, used)}</td><td>{amount(name, most)}</td><td>{amount(name, capacity)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="quiet" role="status">{fault}</p>
    </details>
  );
}

function amount(pool: string, count: number): string {
  return pool.endsWith("bytes") ? `${Math.ceil(count / 1024).toLocaleString()} KiB` : String(count);
}
