import { useComputed, useSignal, useSignalEffect, type Signal } from "@preact/signals";
import type { DescriptionChannel, Value } from "signalbox-client";
import { inWords, isTrusted, isolated, shown, titleOf } from "./format.js";
import { Holding, leaseMs, topRung, type Its } from "./holding.js";
import { Ladder } from "./ladder.js";
import { conditionInWords, holds, isSafe } from "./words.js";

const PULSE_MS = 1_000;

/** Why the output cannot be moved now, in words; nothing where it can. */
function useHindrance({ device, channel }: Its): string | undefined {
  const output = channel.output!;
  if (!device.isOnline.value) return "No connection";
  if (device.isStopped.value) return "The device is stopped";
  const holder = output.baton === undefined ? undefined : device.batons.value.get(output.baton);
  if (holder !== undefined && holder.session !== device.session.value) return `${isolated(holder.name)} has the baton of ${output.baton}`;
  const lessee = device.leases.value.get(channel.path);
  if (lessee !== undefined && lessee.session !== device.session.value) return `${isolated(lessee.name)} holds it`;
  const { override } = output;
  if (override?.channel === undefined || holds(override, device.reading(override.channel).value) !== true) return undefined;
  return `A switch on the device has it: ${conditionInWords(override, device.named)}`;
}

/** An output: what it is, what it was told, and how far that came. */
export function Control({ device, channel }: Its) {
  const output = channel.output!;
  const reading = device.reading(channel.path).value;
  const hindrance = useHindrance({ device, channel });
  const { text, sign } = shown(channel, reading?.value);
  const slid = useSignal<number | undefined>(undefined);
  return (
    <article class={`card control ${reading?.value !== undefined && !isSafe(channel, reading.value) ? "is-away" : ""}`} aria-label={titleOf(channel)}>
      <header>
        <h3>{titleOf(channel)}</h3>
        {slid.value !== undefined && <output class="wanted">→ {inWords(channel, slid.value)}</output>}
        <p class="value"><b>{text}</b>{sign !== "" && <span class="unit"> {sign}</span>}{!isTrusted(reading) && <span class="tag is-warning">{reading?.quality ?? "no reading"}</span>}</p>
      </header>
      <Handle device={device} channel={channel} isHindered={hindrance !== undefined} slid={slid} />
      <Ladder run={device.runs.of(channel.path)} hasFeedback={output.feedback !== undefined} channel={channel} />
      <p class="hindrance">{hindrance ?? <Interlocks device={device} channel={channel} />}</p>
      {(output.lease !== undefined || output.baton !== undefined) && <Holding device={device} channel={channel} isHindered={hindrance !== undefined} />}
    </article>
  );
}

/** What has to hold while the output is away from its safe value, and whether it does. */
function Interlocks({ device, channel }: Its) {
  return (
    <>{(channel.output!.interlocks ?? []).map((condition, i) => {
      const does = condition.channel === undefined ? undefined : holds(condition, device.reading(condition.channel).value);
      const words = `${does === false ? "✗ interlock, needs " : does === true ? "✓ " : "needs "}${conditionInWords(condition, device.named)}`;
      return <span key={condition.channel} class={does === false ? "condition is-open" : "condition"}>{i > 0 && <span class="for-ears">; </span>}{words}</span>;
    })}</>
  );
}

function Handle({ device, channel, isHindered, slid }: Its & Slid & { isHindered: boolean }) {
  const { runs } = device, { path } = channel, output = channel.output!;
  const move = (value: NonNullable<Value>) => {
    const lease = output.lease;
    const held = runs.lease(path).value !== undefined;
    if (lease?.required && !held && value !== output.safe) return void runs.hold(path, value, leaseMs(output), topRung(output));
    void runs.set(path, value);
  };
  const isInterlocked = useComputed(() => (output.interlocks ?? []).some((condition) =>
    condition.channel !== undefined && holds(condition, device.reading(condition.channel).value) === false)).value;
  if (channel.kind === "boolean") return <Switch device={device} channel={channel} isHindered={isHindered} isInterlocked={isInterlocked} move={move} />;
  if (channel.kind === "number" && channel.range !== undefined) return <Slider device={device} channel={channel} isHindered={isHindered} move={move} slid={slid} />;
  if (channel.kind === "enum") return <Choice device={device} channel={channel} isHindered={isHindered} move={move} />;
  return <Text channel={channel} isHindered={isHindered} move={move} />;
}

interface Slid {
  /** Where a slider was put: shown until it came, or was refused. */
  slid: Signal<number | undefined>;
}

interface Moved {
  isHindered: boolean;
  move(value: NonNullable<Value>): void;
}

function Switch({ device, channel, isHindered, isInterlocked, move }: Its & Moved & { isInterlocked: boolean }) {
  const output = channel.output!;
  const value = device.reading(channel.path).value?.value, isOn = value === true;
  const isBlocked = isHindered || (isInterlocked && !isOn === (output.safe !== true)); // the way to safe is open
  const pulseMs = output.pulseMaxMs === undefined ? undefined : Math.min(PULSE_MS, output.pulseMaxMs);
  if (typeof value !== "boolean") return <OnOrOff channel={channel} isHindered={isHindered} isInterlocked={isInterlocked} move={move} />;
  return (
    <div class="handle">
      <button class="switch" role="switch" aria-checked={isOn} aria-label={titleOf(channel)} disabled={isBlocked} onClick={() => move(!isOn)}><span class="knob" /></button>
      {pulseMs !== undefined && <button disabled={isBlocked} onClick={() => void device.runs.pulse(channel.path, pulseMs)}>Pulse {pulseMs / 1000} s</button>}
    </div>
  );
}

/** Where nobody knows how it stands, a switch would say that it is off, and switch it on. */
function OnOrOff({ channel, isHindered, isInterlocked, move }: { channel: Its["channel"] } & Moved & { isInterlocked: boolean }) {
  const isBlocked = (value: boolean) => isHindered || (isInterlocked && value !== channel.output!.safe);
  return (
    <div class="handle choice" role="group" aria-label={titleOf(channel)}>
      {[false, true].map((value) => <button key={String(value)} disabled={isBlocked(value)} onClick={() => move(value)}>{value ? "On" : "Off"}</button>)}
    </div>
  );
}

function Slider({ device, channel, isHindered, move, slid }: Its & Moved & Slid) {
  const [low, high] = channel.range!;
  const step = (high - low) / 100;
  const actual = device.reading(channel.path).value?.value;
  useSignalEffect(() => {
    if (device.runs.of(channel.path).value?.isOver) slid.value = undefined;
  });
  const value = slid.value ?? (typeof actual === "number" ? actual : low);
  return (
    <div class="handle slider">
      <input type="range" min={low} max={high} step={step} value={value} disabled={isHindered} aria-label={titleOf(channel)} aria-valuetext={inWords(channel, value)}
        onInput={(event) => { slid.value = event.currentTarget.valueAsNumber; }} onChange={(event) => move(event.currentTarget.valueAsNumber)} />
    </div>
  );
}

function Choice({ device, channel, isHindered, move }: Its & Moved) {
  const actual = device.reading(channel.path).value?.value;
  return (
    <div class="handle choice" role="group" aria-label={titleOf(channel)}>
      {(channel.labels ?? []).map((label) => <button key={label} aria-pressed={label === actual} disabled={isHindered} onClick={() => move(label)}>{label}</button>)}
    </div>
  );
}

function Text({ channel, isHindered, move }: { channel: DescriptionChannel } & Moved) {
  const typed = useSignal("");
  const submit = (event: Event) => {
    event.preventDefault();
    move(channel.kind === "number" ? Number(typed.value) : typed.value);
  };
  return (
    <form class="handle" onSubmit={submit}>
      <input aria-label={`New value of ${titleOf(channel)}`} maxLength={31} inputMode={channel.kind === "number" ? "decimal" : "text"} value={typed.value}
        onInput={(event) => { typed.value = event.currentTarget.value; }} />
      <button disabled={isHindered || typed.value === ""}>Set</button>
    </form>
  );
}
