import { RequestError, type Cause, type DescriptionChannel, type DescriptionCondition, type EventPayload, type Failure, type JournalRecord, type Reason, type Value } from "signalbox-client";
import { inWords, isTrusted, isolated } from "./format.js";

/** Why something was not done, and what to do about it, for somebody who has not read the protocol. */
const REASONS: Record<Reason, string> = {
  malformed: "The device did not understand it",
  unauthenticated: "The device does not know who you are: log in",
  forbidden: "You may not do this",
  notFound: "There is no such thing any more",
  expired: "Too late: the deadline passed, and nothing was moved",
  conflict: "Something changed meanwhile: look again",
  superseded: "A newer command, or the device itself, took over",
  foreignEpoch: "The device restarted meanwhile, and nothing was moved",
  tooBig: "Too long",
  outOfRange: "Outside what is allowed",
  interlocked: "An interlock forbids it now",
  stopped: "The device is stopped: it has to be reset first",
  held: "Somebody else, or a switch on the device, has it",
  busy: "Too much at once: wait a moment",
  internal: "A fault in the device's program",
  unknownType: "The device is older than this page",
  failed: "The hardware did not do it",
  mismatch: "Done, but the feedback does not agree: look at the hardware",
  overloaded: "The device is full: wait a moment",
  offline: "There is no connection",
  unknown: "Nobody knows whether it happened: look at the value",
};

export function reasonInWords(reason: Reason): string {
  return REASONS[reason];
}

/** An error, with what the device said beside the reason. */
export function errorInWords(error: unknown): string {
  if (!(error instanceof RequestError)) return error instanceof Error ? error.message : String(error);
  const told = error.message.slice(`${error.request}: ${error.reason}: `.length);
  if (error.reason === "interlocked") return REASONS[error.reason]; // which one stands beside the control
  return told === "" ? REASONS[error.reason] : `${REASONS[error.reason]} (${told})`;
}

const FAILURES: Record<Failure["class"], string> = {
  network: "The connection to the device broke",
  unavailable: "The device cannot be reached for now",
  credential: "The device does not let you in any more",
  trust: "This is not the device that was trusted",
  protocol: "The device does not speak with this page",
};

export function failureInWords(failure: Failure): string {
  return failure.detail === "the connection broke" ? FAILURES[failure.class] : `${FAILURES[failure.class]}: ${failure.detail}`;
}

/** Why a lease is over, as the client told it; that the device did not know it any more when it was to be renewed says little. */
export function leaseEndInWords(detail: string): string {
  return detail.startsWith("renew: ") ? "the device had ended it, Activity tells why" : detail;
}

const CAUSES: Record<Cause, string> = {
  command: "",
  readBack: "because it read otherwise",
  pulseEnded: "at the end of its pulse",
  leaseEnded: "because its lease ran out",
  batonLost: "because the baton was lost",
  override: "by a switch on the device",
  interlock: "by an interlock",
  reload: "by a new device file",
  stop: "by a stop",
  shutdown: "because the device shuts down",
};

function besideCommands(cause: Cause | undefined): string {
  return cause === undefined || cause === "command" ? "" : `, ${CAUSES[cause]}`;
}

type Named = (path: string) => string;

export function conditionInWords(condition: DescriptionCondition, named: Named): string {
  const what = condition.channel === undefined ? "something that you may not see" : named(condition.channel);
  if (condition.below !== undefined) return `${what} below ${condition.below}`;
  if (condition.above !== undefined) return `${what} above ${condition.above}`;
  return `${what}: ${typeof condition.is === "boolean" ? (condition.is ? "yes" : "no") : valueInWords(condition.is)}`;
}

/** Whether a condition holds, by what was read last; nothing where that cannot be told. */
export function holds(condition: DescriptionCondition, reading: { value: Value; quality: string } | undefined): boolean | undefined {
  if (reading === undefined || reading.value === null) return undefined;
  if (!isTrusted(reading)) return false; // by the device neither
  if (condition.is !== undefined) return reading.value === condition.is;
  if (typeof reading.value !== "number") return undefined;
  if (condition.below !== undefined) return reading.value < condition.below;
  return condition.above !== undefined ? reading.value > condition.above : undefined;
}

/** Whether an output is at its safe value. What hardware rounds is the same, within a thousandth of the range. */
export function isSafe({ output, range }: Pick<DescriptionChannel, "output" | "range">, value: Value | undefined): boolean {
  const safe = output?.safe;
  if (typeof value !== "number" || typeof safe !== "number" || range === undefined) return value === safe;
  return Math.abs(value - safe) <= (range[1] - range[0]) / 1000;
}

function valueInWords(value: Value | undefined): string {
  if (typeof value === "boolean") return value ? "on" : "off";
  return typeof value === "number" ? String(Number(value.toPrecision(6))) : inWords({ kind: "text" }, value);
}

function sentence(event: EventPayload, named: Named): string {
  const channel = event.channel === undefined ? "the device" : named(event.channel);
  const group = event.group ?? "";
  switch (event.name) {
    case "actuated": return `${channel}: ${valueInWords(event.from)} → ${valueInWords(event.to)}${besideCommands(event.cause)}`;
    case "notActuated": return `${channel} was not moved: ${event.reason === undefined ? "nobody knows why" : REASONS[event.reason]}`;
    case "batonMoved": return event.holder === undefined ? `nobody has the baton of ${group} now` : `${isolated(event.holder)} has the baton of ${group} now`;
    case "batonRequested": return `wants the baton of ${group}`;
    case "batonStolen": return `took the baton of ${group}, whoever had it`;
    case "stopped": return `STOP${event.by === undefined ? " on the device" : ""}: every output goes to its safe value`;
    case "reset": return "reset: commands are taken again";
    case "sessionOpened": return "came";
    case "sessionResumed": return "is back";
    case "sessionClosed": return "left";
    case "groupJoined": return `joined ${group}`;
    case "groupLeft": return `left ${group}`;
    case "alarmRaised": return `ALARM ${channel}: ${event.text ?? event.alarm ?? ""}`;
    case "alarmAcknowledged": return `acknowledged the alarm of ${channel}`;
    case "alarmCleared": return `over: ${event.text ?? event.alarm ?? ""} (${channel})`;
    case "reloaded": return "the device file was read again";
    case "loginsSlowed": return "many wrong tokens: logins are slowed";
    case "claimed": return "claimed the device";
    case "claimRefused": return "a wrong claim code was shown";
    case "tokenIssued": return "gave out a token";
    case "tokenRevoked": return "took back a token";
    case "journalFailed": return "the journal cannot be written: a stop would not outlive a restart";
    case "journalRecovered": return "the journal is written again";
  }
}

export function eventInWords(event: EventPayload, named: Named): string {
  return event.by === undefined || event.name === "batonMoved" ? sentence(event, named) : `${isolated(event.by)}: ${sentence(event, named)}`;
}

const RECORDS: Record<JournalRecord["kind"], string> = {
  actuation: "moved", started: "the device started", ended: "the device ended its run", stop: "stopped", reset: "reset", acknowledgement: "acknowledged an alarm",
  reloaded: "read its device file again", claimed: "claimed", claimReopened: "claiming was opened again", tokenIssued: "a token was given out", tokenRevoked: "a token was taken back",
  loginsSlowed: "wrong tokens: logins slowed", factoryReset: "reset to factory state", gap: "records are missing here",
};

/** What an actuation came to: not every one that failed was refused, or left its output where it was. */
function outcomeInWords(outcome: Reason): string {
  return `${outcome === "mismatch" || outcome === "unknown" ? "in doubt" : "not done"}. ${REASONS[outcome]}`;
}

export function recordInWords(record: JournalRecord, { named, kindOf }: { named: Named; kindOf(path: string): string | undefined }): string {
  const { channel } = record;
  if (record.kind !== "actuation" || channel === undefined) return [RECORDS[record.kind], channel && named(channel), record.detail].filter(Boolean).join(": ");
  const told = (value: string | undefined) => value === undefined ? "?" : kindOf(channel) === "boolean" ? valueInWords(value === "true") : value;
  const moved = `${named(channel)}: ${told(record.before)} → ${told(record.after)}`;
  return record.outcome === undefined || record.outcome === "applied" ? moved + besideCommands(record.cause) : `${moved} ${outcomeInWords(record.outcome)}`;
}
