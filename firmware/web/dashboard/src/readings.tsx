import { useComputed } from "@preact/signals";
import type { DescriptionChannel } from "signalbox-client";
import type { Device } from "./device.js";
import { isTelling, moment, shown, titleOf } from "./format.js";

/** Everything that is measured, in groups by the first part of its path. */
export function Readings({ device }: { device: Device }) {
  const groups = useComputed(() => {
    const all = new Map<string, DescriptionChannel[]>();
    for (const channel of device.channels.value) {
      if (channel.output !== undefined && channel.access.control) continue; // its control shows it
      const group = channel.path.includes("/") ? channel.path.split("/")[0]! : "device";
      all.set(group, [...all.get(group) ?? [], channel]);
    }
    return [...all].sort(([a], [b]) => Number(a === "host") - Number(b === "host")); // the machine itself comes last
  });
  return (
    <section class="readings" aria-labelledby="readings">
      <h2 id="readings">Readings</h2>
      {device.channels.value.length === 0 && <p class="quiet">There is no channel that your token lets you see ({device.me.value?.scope}).</p>}
      {groups.value.map(([group, channels]) => (
        <div key={group} class="group">
          <h3>{group}</h3>
          <dl>{channels.map((channel) => <Cell key={channel.path} device={device} channel={channel} />)}</dl>
        </div>
      ))}
    </section>
  );
}

const QUALITIES = { good: "", simulated: "", stale: "old", fault: "fault" };

function Cell({ device, channel }: { device: Device; channel: DescriptionChannel }) {
  const reading = device.reading(channel.path).value;
  const { text, sign } = shown(channel, reading?.value);
  const worst = (channel.alarms ?? []).find(({ state }) => state === "active" || state === "acknowledged");
  const at = reading?.at ? moment(reading.at, device.now) : "";
  const quality = reading === undefined ? "old" : QUALITIES[reading.quality];
  return (
    <div class={`cell ${worst !== undefined ? `is-${worst.severity}` : ""} ${quality === "" ? "" : "is-untrusted"}`} title={[channel.path, at].filter(Boolean).join(", ")}>
      <dt>{titleOf(channel)}</dt>
      <dd>
        <b>{text}</b>
        {sign !== "" && <span class="unit"> {sign}</span>}
        {quality !== "" && <span class="tag is-warning"><span class="for-ears">; </span>{quality}{quality === "old" && at !== "" && `, of ${at}`}</span>}
        {worst !== undefined && <span class={`tag is-${worst.severity}`}><span class="for-ears">; in </span>alarm</span>}
        {isTelling(channel.range) && typeof reading?.value === "number" && <Gauge range={channel.range} value={reading.value} />}
      </dd>
    </div>
  );
}

function Gauge({ range: [low, high], value }: { range: [number, number]; value: number }) {
  const part = Math.min(1, Math.max(0, (value - low) / (high - low)));
  return <span class="gauge" aria-hidden="true"><span style={{ transform: `scaleX(${part})` }} /></span>;
}
