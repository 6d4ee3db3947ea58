import type { Signal } from "@preact/signals";
import type { DescriptionChannel, Rung } from "signalbox-client";
import { inWords, spell } from "./format.js";
import type { Run } from "./runs.js";

const RUNGS: Rung[] = ["accepted", "applied", "verified"];

/** How far a command has come, and why no further. It keeps its place on the page, so that nothing jumps. */
export function Ladder({ run, hasFeedback, channel }: { run: Signal<Run | undefined>; hasFeedback: boolean; channel: DescriptionChannel }) {
  const its = run.value;
  const rungs = hasFeedback ? RUNGS : RUNGS.slice(0, 2);
  const reached = its?.reached === undefined ? -1 : rungs.indexOf(its.reached);
  const wanted = its?.wanted === undefined ? "" : `${inWords(channel, its.wanted)}: `;
  const state = its === undefined ? "" : its.refusal ?? wanted + (its.isOver ? `${its.reached ?? "done"} in ${spell(its.tookMs ?? 0)}` : `${its.reached ?? "sent"}…`);
  const stage = its === undefined ? "is-idle" : its.refusal !== undefined ? "is-refused" : !its.isOver ? "is-climbing" : its.isPast ? "is-over is-past" : "is-over";
  return (
    <div class={`ladder ${stage}`} data-rung={its?.reached} data-reason={its?.reason}>
      <ol aria-hidden="true">{rungs.map((rung, i) => <li key={rung} class={i <= reached ? "is-reached" : ""}>{rung}</li>)}</ol>
      <p role="status" title={state}>{state}</p>
    </div>
  );
}
