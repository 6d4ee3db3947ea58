import { useComputed, type Signal } from "@preact/signals";
import { Activity } from "./activity.js";
import { Attention } from "./attention.js";
import { Control } from "./control.js";
import type { Device } from "./device.js";
import { Head } from "./head.js";
import { Health } from "./health.js";
import { Journal } from "./journal.js";
import { People } from "./people.js";
import { Readings } from "./readings.js";
import { StopButton } from "./stop.js";
import { Trends } from "./trends.js";

/** Everything at a glance: what needs attention first, then what can be moved, then how it went. */
export function Board({ device, leave, isClaimed }: { device: Device; leave(): void; isClaimed: Signal<boolean> }) {
  const outputs = useComputed(() => device.channels.value.filter((channel) => channel.output !== undefined && channel.access.control));
  return (
    <>
      <a class="skip" href="#content">To the readings</a>
      {device.mayControl.value && <StopButton device={device} />}
      <Head device={device} leave={leave} />
      <main id="content" class="board" tabIndex={-1}>
        <Attention device={device} isClaimed={isClaimed} />
        <div class="side">
          {outputs.value.length > 0 && (
            <section class="controls" aria-labelledby="controls">
              <h2 id="controls">Controls</h2>
              <div class="cards">{outputs.value.map((channel) => <Control key={channel.path} device={device} channel={channel} />)}</div>
            </section>
          )}
          <Activity device={device} />
        </div>
        <div class="middle">
          <Trends device={device} />
          <Readings device={device} />
        </div>
        <div class="more">
          <People device={device} />
          {device.mayAdminister.value && <Journal device={device} />}
          <Health device={device} />
        </div>
      </main>
    </>
  );
}
