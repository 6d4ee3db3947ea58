import { useSignal } from "@preact/signals";
import type { Device } from "./device.js";
import { errorInWords } from "./words.js";

/** Somebody who pressed it and hears nothing for so long has to know. */
const SILENCE_MS = 2_000;
const BY_HAND = "Press the button on the device.";

/** Always in reach: in the head on wide screens, under the thumb on a phone. It asks nothing back. */
export function StopButton({ device }: { device: Device }) {
  const isAsked = useSignal(false), fault = useSignal<string | undefined>(undefined);
  const stop = async () => {
    isAsked.value = true;
    fault.value = undefined;
    const silence = setTimeout(() => { fault.value = `STOP HAS NOT COME THROUGH YET. ${BY_HAND} This page goes on trying.`; }, SILENCE_MS);
    try {
      await device.client.stop();
      fault.value = undefined;
    } catch (error) {
      fault.value = `STOP DID NOT COME THROUGH. ${BY_HAND} ${errorInWords(error)}`;
    } finally {
      clearTimeout(silence);
      isAsked.value = false;
    }
  };
  return (
    <div class="stop-place">
      <button class={`stop ${isAsked.value ? "is-asked" : ""}`} onClick={() => void stop()} title="Every output goes to its safe value, at once">{isAsked.value ? "Stopping…" : "STOP"}</button>
      {fault.value !== undefined && <p class="stop-fault" role="alert">{fault.value}</p>}
    </div>
  );
}
