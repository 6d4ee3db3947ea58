import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { JournalRecord } from "signalbox-client";
import type { Device } from "./device.js";
import { isolated, moment } from "./format.js";
import { errorInWords, recordInWords } from "./words.js";

const SHOWN = 40;

/** What the device has written down, the newest first; for administrators. */
export function Journal({ device }: { device: Device }) {
  const records = useSignal<JournalRecord[]>([]), isFailed = useSignal(false), told = useSignal("");
  const isOnline = device.isOnline.value, latest = device.notes.value[0]?.id;
  const read = async () => {
    try {
      const { newest } = await device.client.request("journal", { max: 1 });
      const found: JournalRecord[] = [];
      const query = { after: isFailed.value ? 0 : Math.max(0, Number(newest) - SHOWN), ...(isFailed.value && { outcome: "failed" as const }) };
      for await (const record of device.client.journal(query)) found.push(record);
      records.value = found.slice(-SHOWN).reverse();
      told.value = "";
    } catch (error) {
      told.value = errorInWords(error);
    }
  };
  useEffect(() => {
    if (!isOnline) return;
    const soon = setTimeout(() => void read(), 500); // several things happen together
    return () => clearTimeout(soon);
  }, [isOnline, isFailed.value, latest]);
  return (
    <section class="journal" aria-labelledby="journal">
      <h2 id="journal">Journal</h2>
      <label class="check"><input type="checkbox" checked={isFailed.value} onChange={(event) => { isFailed.value = event.currentTarget.checked; }} /> Only what was not carried out</label>
      <div class="log" role="group" tabIndex={0} aria-labelledby="journal"><ol>
        {records.value.map((record) => <Line key={record.sequence} device={device} record={record} />)}
        {records.value.length === 0 && <li class="quiet">{told.value === "" ? "Nothing" : told.value}</li>}
      </ol></div>
    </section>
  );
}

function Line({ device, record }: { device: Device; record: JournalRecord }) {
  const isFailed = record.outcome !== undefined && record.outcome !== "applied";
  return (
    <li class={isFailed ? "is-warning" : "is-info"}>
      <time title={new Date(record.at).toLocaleString()}>{moment(record.at, device.now)}</time>
      <span class="sign" aria-hidden="true">{isFailed ? "!" : "·"}</span>
      <span>
        {record.who !== undefined && <b>{isolated(record.who)} </b>}
        {recordInWords(record, device)}
        {record.latencyMs !== undefined && <span class="quiet"> {record.latencyMs} ms</span>}
      </span>
    </li>
  );
}
