import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import type { DescriptionChannel, DescriptionOutput, Value } from "signalbox-client";
import type { Device } from "./device.js";
import { inWords, shown, titleOf, unitSign } from "./format.js";
import { Ladder } from "./ladder.js";
import { useNow } from "./ticking.js";
import { conditionInWords, errorInWords, holds } from "./words.js";

const LEASE_MS = 15_000;

type Its = { device: Device; channel: DescriptionChannel & { output?: DescriptionOutput } };

/** Why the output cannot be moved now, in words; nothing where it can. */
function useHindrance({ device, channel }: Its): string | undefined {
  const output = channel.output!;
  if (!device.isOnline.value) return "No connection";
  if (device.isStopped.value) return "The device is stopped";
  const holder = output.baton === undefined ? undefined : device.batons.value.get(output.baton);
  if (holder !== undefined && holder.session !== device.session.value) return `${holder.name} has the baton of ${output.baton}`;
  const lessee = device.leases.value.get(channel.path);
  if (lessee !== undefined && lessee.session !== device.session.value) return `${lessee.name} holds it`;
  const override = output.override;
  if (override?.channel !== undefined && holds(override, device.reading(override.channel).value) === true) return `A switch on the device has it: ${conditionInWords(override, device.named)}`;
  return undefined;
}

/** An output: what it is, what it was told, and how far that came. */
export function Control({ device, channel }: Its) {
  const output = channel.output!;
  const reading = device.reading(channel.path).value;
  const hindrance = useHindrance({ device, channel });
  const { text, sign } = shown(channel, reading?.value);
  const isTrusted = reading?.quality === "good" || reading?.quality === "simulated";
  return (
    <article class={`card control ${reading?.value !== undefined && reading.value !== output.safe ? "is-away" : ""}`} aria-label={titleOf(channel)}>
      <header>
        <h3>{titleOf(channel)}</h3>
        <p class="value"><b>{text}</b>{sign !== "" && <span class="unit"> {sign}</span>}{!isTrusted && <span class="tag is-warning">{reading?.quality ?? "no reading"}</span>}</p>
      </header>
      <Handle device={device} channel={channel} isHindered={hindrance !== undefined} />
      <Ladder run={device.runs.of(channel.path)} hasFeedback={output.feedback !== undefined} channel={channel} />
      <p class="hindrance">{hindrance ?? <Interlocks device={device} channel={channel} />}</p>
      {(output.lease !== undefined || output.baton !== undefined) && <Holding device={device} channel={channel} />}
    </article>
  );
}

/** What has to hold while the output is away from its safe value, and whether it does. */
function Interlocks({ device, channel }: Its) {
  return (
    <>{(channel.output!.interlocks ?? []).map((condition) => {
      const does = condition.channel === undefined ? undefined : holds(condition, device.reading(condition.channel).value);
      return <span key={condition.channel} class={does === false ? "condition is-open" : "condition"}>{does === false ? "✗ interlock, needs " : does === true ? "✓ " : "needs "}{conditionInWords(condition, device.named)}</span>;
    })}</>
  );
}

function Handle({ device, channel, isHindered }: Its & { isHindered: boolean }) {
  const { runs } = device, { path } = channel, output = channel.output!;
  const move = (value: NonNullable<Value>) => {
    const lease = output.lease;
    const held = runs.lease(path).value !== undefined;
    if (lease?.required && !held && value !== output.safe) return void runs.hold(path, value, Math.min(lease.maxMs, LEASE_MS), output.feedback === undefined ? "applied" : "verified");
    void runs.set(path, value);
  };
  const isInterlocked = useComputed(() => (output.interlocks ?? []).some((condition) => condition.channel !== undefined && holds(condition, device.reading(condition.channel).value) === false)).value;
  if (channel.kind === "boolean") return <Switch device={device} channel={channel} isHindered={isHindered} isInterlocked={isInterlocked} move={move} />;
  if (channel.kind === "number" && channel.range !== undefined) return <Slider device={device} channel={channel} isHindered={isHindered} move={move} />;
  if (channel.kind === "enum") return <Choice device={device} channel={channel} isHindered={isHindered} move={move} />;
  return <Text channel={channel} isHindered={isHindered} move={move} />;
}

interface Moved {
  isHindered: boolean;
  move(value: NonNullable<Value>): void;
}

function Switch({ device, channel, isHindered, isInterlocked, move }: Its & Moved & { isInterlocked: boolean }) {
  const output = channel.output!;
  const isOn = device.reading(channel.path).value?.value === true;
  const isBlocked = isHindered || (isInterlocked && !isOn === (output.safe !== true));
  return (
    <div class="handle">
      <button class="switch" role="switch" aria-checked={isOn} aria-label={titleOf(channel)} disabled={isBlocked} onClick={() => move(!isOn)}><span class="knob" /></button>
      {output.pulseMaxMs !== undefined && <button disabled={isHindered} onClick={() => void device.runs.pulse(channel.path, Math.min(1000, output.pulseMaxMs!))}>Pulse {Math.min(1000, output.pulseMaxMs) / 1000} s</button>}
    </div>
  );
}

function Slider({ device, channel, isHindered, move }: Its & Moved) {
  const [low, high] = channel.range!;
  const step = (high - low) / 100;
  const wanted = useSignal<number | undefined>(undefined);
  const actual = device.reading(channel.path).value?.value;
  useSignalEffect(() => { // what was wanted is shown until it came, or was refused
    if (device.runs.of(channel.path).value?.isOver) wanted.value = undefined;
  });
  const value = wanted.value ?? (typeof actual === "number" ? actual : low);
  return (
    <div class="handle slider">
      <input type="range" min={low} max={high} step={step} value={value} disabled={isHindered} aria-label={titleOf(channel)} aria-valuetext={inWords(channel, value)}
        onInput={(event) => { wanted.value = event.currentTarget.valueAsNumber; }} onChange={(event) => move(event.currentTarget.valueAsNumber)} />
      <output class="wanted">{wanted.value === undefined ? "" : `→ ${Math.round(wanted.value * 10) / 10} ${unitSign(channel.unit)}`}</output>
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
      <input aria-label={`New value of ${titleOf(channel)}`} maxLength={31} inputMode={channel.kind === "number" ? "decimal" : "text"} value={typed.value} onInput={(event) => { typed.value = event.currentTarget.value; }} />
      <button disabled={isHindered || typed.value === ""}>Set</button>
    </form>
  );
}

/** The lease that keeps it on only while this page lives, and the baton of its group. */
function Holding({ device, channel }: Its) {
  const output = channel.output!, { lease, baton } = output;
  const held = device.runs.lease(channel.path).value;
  const value = device.reading(channel.path).value?.value;
  const fault = useSignal("");
  const holder = baton === undefined ? undefined : device.batons.value.get(baton);
  const isMine = holder?.session === device.session.value && holder !== undefined;
  const ask = (action: "take" | "request" | "grant" | "steal") => {
    fault.value = "";
    device.client.baton(baton!, action).then(({ outcome }) => { if (outcome === "requested") fault.value = `asked ${holder?.name ?? ""}`; }, (error: unknown) => { fault.value = errorInWords(error); })
      .finally(() => device.askPresence());
  };
  const isMovable = device.isOnline.value && !device.isStopped.value;
  return (
    <div class="holding">
      {lease !== undefined && held !== undefined && <Countdown left={() => held.leftMs} of={Math.min(lease.maxMs, LEASE_MS)} release={() => void device.runs.release(channel.path)} />}
      {lease !== undefined && held === undefined && !lease.required && typeof value === "boolean" && value !== output.safe && (
        <p><button disabled={!isMovable} onClick={() => void device.runs.hold(channel.path, value, Math.min(lease.maxMs, LEASE_MS), output.feedback === undefined ? "applied" : "verified")}>Hold</button> <span class="quiet">off by itself when this page is gone</span></p>
      )}
      {lease !== undefined && held === undefined && (lease.required || value === output.safe) && <p class="quiet">{lease.required ? "On only while this page holds it" : "Can be held, so that it goes safe when this page is gone"}</p>}
      {baton !== undefined && (
        <p class="baton"><span>Baton <b>{baton}</b>: {holder === undefined ? "nobody" : isMine ? "you" : holder.name} <span class="quiet">{fault.value}</span></span>{
          holder === undefined ? <button disabled={!isMovable} onClick={() => ask("take")}>Take</button>
            : isMine ? <button onClick={() => ask("grant")}>Give back</button>
              : <><button onClick={() => ask("request")}>Ask for it</button>{device.mayAdminister.value && <button onClick={() => ask("steal")}>Take it away</button>}</>}</p>
      )}
    </div>
  );
}

function Countdown({ left, of, release }: { left(): number | undefined; of: number; release(): void }) {
  useNow(250);
  const ms = left() ?? 0;
  return (
    <p class="lease">
      <meter class="left" min={0} max={of} value={ms} low={of / 3} aria-label="Lease left">{Math.ceil(ms / 1000)} s</meter>
      <span class="seconds">{Math.ceil(ms / 1000)} s</span> <span class="quiet">held, renewed by this page</span>
      <button onClick={release}>Let go</button>
    </p>
  );
}
