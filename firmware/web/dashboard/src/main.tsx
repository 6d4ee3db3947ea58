import { signal } from "@preact/signals";
import { render } from "preact";
import { Board } from "./board.js";
import { Device } from "./device.js";
import { Entry } from "./entry.js";
import { keepTheme } from "./theme.js";
import "uplot/dist/uPlot.min.css";
import "./style.css";

const url = `wss://${location.host}/v1/ws`;
const device = signal<Device | undefined>(undefined);
const told = signal<string | undefined>(undefined);
const isClaimed = signal(false);

/** Connects with the cookie that this browser has, or shows the way in. */
function begin(): void {
  told.value = undefined;
  const its: Device = new Device(url, (why) => {
    if (device.value !== its) return;
    device.value = undefined;
    told.value = why;
  });
  device.value = its;
  its.start();
}

async function leave(): Promise<void> {
  const its = device.value;
  device.value = undefined;
  await fetch("/v1/logout", { method: "POST" }).catch(() => {});
  its?.client.close();
}

function Page() {
  const its = device.value;
  if (its === undefined) return <Entry told={told.value} entered={(claimed) => { isClaimed.value = claimed; begin(); }} />;
  return its.me.value === undefined ? <Waiting its={its} /> : <Board device={its} leave={() => void leave()} isClaimed={isClaimed} />;
}

function Waiting({ its }: { its: Device }) {
  const { state, failure } = its.status.value;
  return (
    <main class="alone">
      <p role="status">{state === "waiting" ? `The device does not answer (${failure?.detail ?? "no connection"}). Trying again…` : "Connecting…"}</p>
    </main>
  );
}

keepTheme();
begin();
addEventListener("online", () => device.value?.client.wake());
render(<Page />, document.getElementById("app")!);
