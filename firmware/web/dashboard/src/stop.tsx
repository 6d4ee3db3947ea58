import { useSignal } from "@preact/signals";
import type { Device } from "./device.js";
import { errorInWords } from "./words.js";

/** Always in reach: in the head on wide screens, under the thumb on a phone. It asks nothing back. */
export function StopButton({ device }: { device: Device }) {
  const isAsked = useSignal(false), fault = useSignal<string | undefined>(undefined);
  const stop = async () => {
    isAsked.value = true;
    fault.value = undefined;
    try {
      await device.client.stop();
    } catch (error) {
      fault.value = `STOP DID NOT COME THROUGH. Press the button on the device. ${errorInWords(error)}`;
    } finally {
      isAsked.value = false;
    }
  };
  return (
    <div class="stop-place">
      <button class="stop" onClick={() => void stop()} title="Every output goes to its safe value, at once">{isAsked.value ? "Stopping…" : "STOP"}</button>
      {fault.value !== undefined && <p class="stop-fault" role="alert">{fault.value}</p>}
    </div>
  );
}
