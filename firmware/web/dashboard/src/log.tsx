import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { LogLinePayload } from "signalbox-client";
import { SIGNS } from "./activity.js";
import type { Device } from "./device.js";
import { moment } from "./format.js";
import { errorInWords } from "./words.js";

const KEPT = 200;

/** What the device writes into its log, as it does, the newest first; for administrators. Told only while somebody looks. */
export function Log({ device }: { device: Device }) {
  const shown = useSignal<LogLinePayload[]>([]), isOpen = useSignal(false), isPaused = useSignal(false), missed = useSignal(0), told = useSignal("");
  const kept = useRef<LogLinePayload[]>([]);
  useEffect(() => {
    if (!isOpen.value) return;
    const left = new AbortController();
    const read = async () => {
      kept.current = [];
      for await (const line of device.client.log(left.signal)) {
        kept.current = [line, ...kept.current].slice(0, KEPT);
        if (isPaused.value) missed.value += 1;
        else shown.value = kept.current;
      }
    };
    told.value = "";
    read().catch((error: unknown) => { told.value = errorInWords(error); });
    return () => left.abort();
  }, [isOpen.value]);
  const pause = () => {
    isPaused.value = !isPaused.value;
    missed.value = 0;
    if (!isPaused.value) shown.value = kept.current;
  };
  return (
    <details class="live-log" onToggle={(event) => { isOpen.value = event.currentTarget.open; }}>
      <summary>Live log</summary>
      <div class="bar">
        <button type="button" aria-pressed={isPaused.value} onClick={pause}>Pause</button>
        <span class="quiet">{isPaused.value ? `${missed.value} new` : "the newest first"}</span>
      </div>
      <div class="log" role="group" tabIndex={0} aria-label="Live log"><ol>
        {shown.value.map((line) => (
          <li key={`${line.epoch}:${line.offset}`} class={`is-${line.severity}`}>
            <time title={new Date(line.at).toLocaleString()}>{moment(line.at, device.now)}</time>
            <span class="sign" role="img" aria-label={line.severity}>{SIGNS[line.severity]}</span>
            <span>{line.text}{line.lost !== undefined && <span class="tag is-warning">{line.lost} lines lost before</span>}</span>
          </li>
        ))}
        {shown.value.length === 0 && <li class="quiet">{told.value === "" ? "Nothing yet" : told.value}</li>}
      </ol></div>
    </details>
  );
}
