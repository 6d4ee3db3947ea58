import { useSignal, type Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Device } from "./device.js";

const READ_MS = 10_000;

/** The device's figures (Prometheus' text format), read now and then while somebody looks: each reading is a session. */
export function useMetrics(device: Device, isOpen: Signal<boolean>): { text: string; fault: string } {
  const text = useSignal(""), fault = useSignal("");
  const isRead = isOpen.value && device.isOnline.value;
  useEffect(() => {
    if (!isRead) return;
    const read = async () => {
      const answer = await fetch("/metrics").catch(() => undefined);
      fault.value = answer?.ok ? "" : "The device does not tell now.";
      if (answer?.ok) text.value = await answer.text();
    };
    void read();
    const timer = setInterval(() => void read(), READ_MS);
    return () => clearInterval(timer);
  }, [isRead]);
  return { text: text.value, fault: fault.value };
}
