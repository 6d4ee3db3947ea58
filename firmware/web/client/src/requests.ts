import type { DeviceClock } from "./clock.js";
import type { Message, Request } from "./effects.js";
import { ownError } from "./failure.js";
import type { CommandRequest, ErrorPayload, Requests, Rung, SceneRequest, WelcomePayload } from "./messages.js";

export type RequestEffect =
  | { do: "send"; request: Request }
  | { do: "settle"; msgId: string; answer: Message }
  | { do: "refuse"; msgId: string; error: ErrorPayload }
  | { do: "climb"; msgId: string; rung: Rung };

/**
 * `stop` goes at once, before everything. A `command` (or scene) waits for the connection, and is dropped at its deadline; cut
 * off, it is repeated under the same name, which moves nothing twice. A `read` may be asked again. An `act` is neither kept
 * nor repeated: where nobody knows whether it happened, that is said.
 */
type Kind = "stop" | "command" | "read" | "act";
const kinds: Partial<Record<keyof Requests, Kind>> = {
  stop: "stop", command: "command", scene: "command",
  describe: "read", history: "read", journal: "read", presence: "read", tokens: "read", whoami: "read", ping: "read",
};

interface Entry {
  msgId: string;
  /** In the order they were asked. */
  number: number;
  type: keyof Requests;
  kind: Kind;
  payload: object;
  /** Our time; never sent after it. */
  deadline: number;
  /** For which run of the device it was meant. */
  epoch: string | undefined;
  /** As it went out; frozen, since only the very same is a repeat. */
  sent: Request | undefined;
  isInFlight: boolean;
  notBefore: number;
}

/** What was asked and is not answered yet. Told what happens and when; says what to send and what came of it. */
export class RequestQueue {
  #entries = new Map<string, Entry>();
  #count = 0;
  #lastSent = new Map<string, number>(); // of a channel's commands
  #isAdmitted = false;
  #isOnline = false;
  #welcome: WelcomePayload | undefined;
  #effects: RequestEffect[] = [];

  constructor(private readonly clientId: string, private readonly clock: DeviceClock) {}

  get size(): number {
    return this.#entries.size;
  }

  /** When `tick` is due; Infinity: never. */
  get deadline(): number {
    let due = Infinity;
    for (const entry of this.#entries.values()) {
      if (!entry.isInFlight || entry.kind !== "command") due = Math.min(due, entry.deadline);
      if (this.#isOnline && !entry.isInFlight && entry.notBefore > 0) due = Math.min(due, entry.notBefore);
    }
    return due;
  }

  ask(type: keyof Requests, payload: object, withinMs: number, now: number): { msgId: string; effects: RequestEffect[] } {
    const kind = kinds[type] ?? "act";
    this.#count += 1;
    const msgId = `c-${this.#count}`;
    if (kind === "stop") this.#withdraw();
    const given = kind === "command" ? (payload as CommandRequest).epoch : undefined;
    const entry: Entry = { msgId, number: this.#count, type, kind, payload, deadline: now + withinMs, epoch: given ?? this.#welcome?.epoch,
      sent: undefined, isInFlight: false, notBefore: 0 };
    this.#entries.set(msgId, entry);
    if (kind === "act" && !this.#isOnline) this.#refuse(entry, ownError("offline", `there is no connection; ${type} is not kept for later`));
    else this.#pump(now);
    return { msgId, effects: this.#take() };
  }

  /** Somebody does not want it any more. What was sent cannot be taken back. */
  forget(msgId: string): boolean {
    const entry = this.#entries.get(msgId);
    return entry !== undefined && entry.sent === undefined && this.#entries.delete(msgId);
  }

  /** The credential was taken: what cannot wait goes, before the session is even resumed. */
  admitted(welcome: WelcomePayload, now: number): RequestEffect[] {
    this.#welcome = welcome;
    this.#isAdmitted = true;
    this.#pump(now);
    return this.#take();
  }

  online(now: number): RequestEffect[] {
    this.#isOnline = true;
    this.#pump(now);
    return this.#take();
  }

  /** `isOver`: nobody comes back by itself. */
  offline(now: number, isOver: boolean): RequestEffect[] {
    this.#isAdmitted = this.#isOnline = false;
    for (const entry of this.#entries.values()) {
      const wasSent = entry.sent !== undefined;
      entry.isInFlight = false;
      const isRepeatable = entry.kind === "read" || entry.kind === "stop" || (entry.kind === "command" && this.#hasEnd(entry));
      if (wasSent && (isOver || !isRepeatable || now >= entry.deadline)) this.#lost(entry);
      else if (isOver || entry.kind === "act") this.#refuse(entry, ownError("offline", "the connection is closed; it was not sent"));
    }
    return this.#take();
  }

  answered(message: Message, now: number): RequestEffect[] {
    const entry = message.replyTo === undefined ? undefined : this.#entries.get(message.replyTo);
    if (entry === undefined || message.type === "missed" || message.type === "synced") return [];
    if (message.type === "progress") this.#effects.push({ do: "climb", msgId: entry.msgId, rung: message.payload.rung });
    else if (message.type === "error") this.#refused(entry, message.payload, now);
    else this.#settle(entry, { do: "settle", msgId: entry.msgId, answer: message });
    this.#pump(now);
    return this.#take();
  }

  tick(now: number): RequestEffect[] {
    for (const entry of this.#entries.values()) {
      if (now < entry.deadline) continue;
      if (entry.sent === undefined) this.#refuse(entry, ownError("expired", "its time was over before it could be sent; it was not carried out"));
      else if (!entry.isInFlight || entry.kind !== "command") this.#lost(entry); // The device answers each command; the others need not be waited for.
    }
    this.#pump(now);
    return this.#take();
  }

  #pump(now: number): void {
    if (!this.#isAdmitted) return;
    for (const entry of this.#entries.values()) if (entry.notBefore <= now) entry.notBefore = 0;
    for (const entry of this.#entries.values()) {
      if (entry.kind === "stop" && !entry.isInFlight && entry.notBefore <= now) this.#send(entry, now);
    }
    if (!this.#isOnline) return;
    let places = this.#welcome!.limits.commandsInFlight;
    for (const entry of this.#entries.values()) if (entry.kind === "command" && entry.isInFlight) places -= 1;
    const held = new Set<string>(); // a channel's commands go in the order they came
    for (const entry of this.#entries.values()) {
      if (entry.isInFlight) continue;
      const channels = channelsOf(entry);
      const mayGo = entry.notBefore <= now && now < entry.deadline && !channels.some((channel) => held.has(channel));
      if (mayGo && (entry.kind !== "command" || places > 0)) {
        if (entry.kind === "command") places -= 1;
        this.#send(entry, now);
      } else {
        channels.forEach((channel) => held.add(channel));
      }
    }
  }

  #send(entry: Entry, now: number): void {
    if (entry.kind === "command" && entry.epoch !== undefined && entry.epoch !== this.#welcome!.epoch) {
      if (entry.sent !== undefined) return this.#lost(entry);
      return this.#refuse(entry, ownError("foreignEpoch", "meant for the device before its restart; it was not carried out"));
    }
    entry.sent ??= { type: entry.type, msgId: entry.msgId, payload: entry.kind === "command" ? this.#withTerms(entry, now) : entry.payload };
    const bytes = new TextEncoder().encode(JSON.stringify(entry.sent)).length, most = this.#welcome!.limits.messageBytes;
    if (bytes > most) return this.#refuse(entry, ownError("tooBig", `found ${bytes} bytes; expected at most ${most} in a message`));
    entry.isInFlight = true;
    for (const channel of channelsOf(entry)) this.#lastSent.set(channel, entry.number);
    this.#effects.push({ do: "send", request: entry.sent });
  }

  /** The deadline by both clocks: from receipt, and by the device's own, so that what a network held up does not run late. */
  #withTerms(entry: Entry, now: number): object {
    const asked = entry.payload as CommandRequest | SceneRequest;
    const latest = this.clock.earliest(entry.deadline);
    const ends = [asked.notAfter, latest].filter((end) => end !== undefined);
    return { ...asked, deadlineMs: Math.min(60_000, Math.max(1, Math.floor(entry.deadline - now))), epoch: entry.epoch ?? this.#welcome!.epoch,
      clientId: asked.clientId ?? this.clientId, ...(ends.length > 0 && { notAfter: Math.min(...ends) }) };
  }

  #hasEnd(entry: Entry): boolean {
    return entry.sent === undefined || "notAfter" in entry.sent.payload;
  }

  #refused(entry: Entry, error: ErrorPayload, now: number): void {
    const isLimit = error.reason === "busy" || error.reason === "overloaded"; // it was not done, and may be asked again
    const at = now + (error.retryAfterMs ?? Infinity);
    if (!isLimit || at >= entry.deadline || this.#isOvertaken(entry)) return this.#refuse(entry, error);
    entry.isInFlight = false;
    entry.sent = undefined;
    entry.notBefore = at;
  }

  /** Whether a later command for one of its channels has gone out: then it must not run behind that. */
  #isOvertaken(entry: Entry): boolean {
    return channelsOf(entry).some((channel) => this.#lastSent.get(channel)! > entry.number);
  }

  /** Commands that have not gone out do not go out behind a stop. */
  #withdraw(): void {
    for (const entry of this.#entries.values()) {
      if (entry.kind === "command" && entry.sent === undefined) {
        this.#refuse(entry, { code: 423, reason: "stopped", temporary: true, detail: "a stop was asked for behind it; it was not sent" });
      }
    }
  }

  #lost(entry: Entry): void {
    const detail = entry.kind === "read" ? "no answer in time" : "sent, but the answer was lost: it may have happened, so read the value";
    this.#refuse(entry, ownError(entry.kind === "read" ? "expired" : "unknown", detail));
  }

  #refuse(entry: Entry, error: ErrorPayload): void {
    this.#settle(entry, { do: "refuse", msgId: entry.msgId, error });
  }

  #settle(entry: Entry, effect: RequestEffect): void {
    this.#entries.delete(entry.msgId);
    this.#effects.push(effect);
  }

  #take(): RequestEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}

function channelsOf(entry: Entry): string[] {
  if (entry.kind !== "command") return [];
  return entry.type === "scene" ? (entry.payload as SceneRequest).writes.map(({ channel }) => channel) : [(entry.payload as CommandRequest).channel];
}
