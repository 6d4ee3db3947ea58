import { useEffect } from "preact/hooks";
import type { Device } from "./device.js";
import { counted, duration } from "./format.js";
import { Log } from "./log.js";
import { Pools } from "./pools.js";
import { useNow } from "./ticking.js";
import { LoopTurns } from "./turns.js";

const PING_MS = 5_000;

/** How the device itself, and the way to it, are doing. */
export function Health({ device }: { device: Device }) {
  useNow(PING_MS);
  const isOnline = device.isOnline.value;
  useEffect(() => {
    if (!isOnline) return;
    const timer = setInterval(() => void device.ping().catch(() => {}), PING_MS);
    return () => clearInterval(timer);
  }, [isOnline]);
  const { roundTrip, people, firmware } = device;
  const limits = device.client.welcome?.limits;
  const me = people.value.find(({ session }) => session === device.session.value);
  const rows: [string, string][] = [
    ["Firmware", firmware.value],
    ["Machine up for", roundTrip.value === undefined ? "–" : duration(roundTrip.value.uptimeMs)],
    ["Round trip", roundTrip.value === undefined ? "–" : `${roundTrip.value.ms.toFixed(1)} ms`],
    ["Sessions", `${people.value.length} of ${limits?.sessions ?? "?"}`],
    ["Commands at once", String(limits?.commandsInFlight ?? "?")],
    ["Folded for this page", counted(Number(me?.folded ?? 0), "sample")],
    ["Cut off", counted(device.outages.value.length, "time")],
  ];
  return (
    <section class="health" aria-labelledby="health">
      <h2 id="health">Health</h2>
      <dl>{rows.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
      <Pools device={device} />
      {device.mayAdminister.value && <LoopTurns device={device} />}
      {device.mayAdminister.value && <Log device={device} />}
    </section>
  );
}
