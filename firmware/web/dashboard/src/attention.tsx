import { useSignal, type Signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { RequestError, type DescriptionAlarm, type DescriptionChannel } from "signalbox-client";
import type { Device, Outage } from "./device.js";
import { duration, inWords, isTrusted, isolated, moment, titleOf } from "./format.js";
import { useNow } from "./ticking.js";
import { errorInWords, failureInWords, isSafe } from "./words.js";

/** What somebody has to know now, the worst first. Nothing to tell is told as well: silence could be a broken page. */
export function Attention({ device, isClaimed }: { device: Device; isClaimed: Signal<boolean> }) {
  const { alarms } = device;
  const outage = device.outages.value.at(-1);
  const isQuiet = alarms.value.length === 0 && !device.isStopped.value && device.isOnline.value;
  return (
    <section id="attention" class="attention" tabIndex={-1} aria-label="What needs attention">
      {!device.isOnline.value && <Broken device={device} outage={outage} />}
      {device.isStopped.value && <Stopped device={device} />}
      {[...device.requests.value].map(([group, by]) => <Asked key={group} device={device} group={group} by={by} />)}
      {alarms.value.map(({ channel, alarm }) => <Alarm key={`${channel.path} ${alarm.name}`} device={device} channel={channel} alarm={alarm} />)}
      {isClaimed.value && (
        <div class="banner is-good">
          <span class="sign" aria-hidden="true">★</span>
          <p><strong>The device is yours, and this browser knows you.</strong> Move something: its command is told step by step. Others come in by tokens, which you make under People.</p>
          <button onClick={() => { isClaimed.value = false; }}>Got it</button>
        </div>
      )}
      {isQuiet && (
        <div class="banner is-good">
          <span class="sign" aria-hidden="true">✓</span>
          <p><strong>No alarms.</strong>{outage?.to !== undefined && <Missed outage={outage} />}</p>
        </div>
      )}
    </section>
  );
}

function Missed({ outage }: { outage: Outage }) {
  const lost = outage.lost.size === 0 ? "nothing is lost" : `of ${outage.lost.size} channels something is lost`;
  return <span class="missed"> Last cut off at {moment(outage.from, outage.to!)} for {duration(outage.to! - outage.from)}: {outage.recovered} samples fetched afterwards, {lost}.</span>;
}

function Broken({ device, outage }: { device: Device; outage: Outage | undefined }) {
  useNow(1000);
  const { failure, state } = device.status.value, last = useRef(failure);
  last.current = failure ?? last.current; // nothing moves while it tries
  return (
    <div class="banner is-error" role="alert">
      <span class="sign" aria-hidden="true">⚡</span>
      <p><strong>No connection{outage !== undefined && ` for ${duration(device.now - outage.from)}`}.</strong> What you see is old. {last.current !== undefined && `${failureInWords(last.current)}. `}This page tries again by itself.</p>
      <button disabled={state !== "waiting"} onClick={() => device.client.wake()}>Try now</button>
    </div>
  );
}

/** Who stopped it, and when, as far as this page was there. */
function stoppedBy(device: Device): string {
  const event = device.stoppedBy.value;
  if (event === undefined) return "";
  return `, since ${moment(event.at, device.now)}, by ${event.by ?? "the stop on the device, which was pressed or cannot be read"}`;
}

function Stopped({ device }: { device: Device }) {
  const fault = useSignal("");
  const reset = () => device.client.reset().catch((error: unknown) => {
    const isPressed = error instanceof RequestError && error.reason === "stopped";
    fault.value = isPressed ? "NOT RESET: the stop on the device is still pressed, or cannot be read. Release it first." : errorInWords(error);
  });
  return (
    <div class="banner is-error" role="alert">
      <span class="sign" aria-hidden="true">■</span>
      <p><strong>STOPPED.</strong> <Safe device={device} /> Commands are refused{stoppedBy(device)}. {
        device.mayAdminister.value ? "Look whether it is safe, then reset. Nothing is switched on by that." : "An administrator has to reset it."} {fault.value}</p>
      {device.mayAdminister.value && <button disabled={!device.isOnline.value} onClick={() => void reset()}>Reset</button>}
    </div>
  );
}

/** What was to go to its safe value, and has not: a stop that hardware does not follow is none. */
function Safe({ device }: { device: Device }) {
  const outputs = device.channels.value.filter(({ output, access }) => output !== undefined && access.read);
  const away = outputs.flatMap((channel) => {
    const reading = device.reading(channel.path).value;
    if (isTrusted(reading) && isSafe(channel, reading?.value)) return [];
    return [`${titleOf(channel)} ${reading === undefined || reading.value === null ? "cannot be read" : `reads ${inWords(channel, reading.value)}`}`];
  });
  if (away.length === 0) return <>Every output that you see is at its safe value.</>;
  return <strong class="unsafe">NOT AT THEIR SAFE VALUE: {away.join(", ")}. Where that stays so, switch it off at the device.</strong>;
}

function Asked({ device, group, by }: { device: Device; group: string; by: string }) {
  if (device.batons.value.get(group)?.session !== device.session.value) return null;
  return (
    <div class="banner is-warning" role="alert">
      <span class="sign" aria-hidden="true">?</span>
      <p><strong>{isolated(by)}</strong> asks for the baton of <strong>{group}</strong>, which you have.</p>
      <button disabled={!device.isOnline.value} onClick={() => void device.client.baton(group, "grant").catch(() => {})}>Hand it over</button>
    </div>
  );
}

/** Where an alarm stands, beside that it is on. */
function stands({ state, acknowledgedBy }: DescriptionAlarm): string {
  if (state === "acknowledged") return `Seen by ${acknowledgedBy ?? "somebody"}.`;
  return state === "cleared" ? "It is over, but nobody has acknowledged it." : "";
}

function Alarm({ device, channel, alarm }: { device: Device; channel: DescriptionChannel; alarm: DescriptionAlarm }) {
  const fault = useSignal("");
  const isOpen = alarm.acknowledge && alarm.state !== "acknowledged" && device.mayMove(channel.path);
  const acknowledge = () => device.client.request("acknowledge", { offset: alarm.offset! }).catch((error: unknown) => { fault.value = errorInWords(error); });
  return (
    <div class={`banner ${alarm.state === "cleared" ? "is-warning" : `is-${alarm.severity}`}`} role="alert">
      <span class="sign" aria-hidden="true">{alarm.severity === "error" ? "▲" : "!"}</span>
      <p><strong>{titleOf(channel)}: {alarm.text ?? alarm.name}.</strong> {alarm.since !== undefined && `Since ${moment(alarm.since, device.now)}.`} {stands(alarm)} {fault.value}</p>
      {isOpen && <button disabled={!device.isOnline.value} onClick={() => void acknowledge()}>Acknowledge</button>}
    </div>
  );
}
