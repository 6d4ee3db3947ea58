import { largest, toCount, toCounter, type Count } from "./counter.js";
import type { Message } from "./effects.js";
import type { Counter, Epoch, MissedPayload, Sample, SnapshotPayload, SubscribeRequest, TelemetryPayload } from "./messages.js";
import { matches, overlap } from "./patterns.js";
import type { Gap, PastSample, Update } from "./stream.js";

export type SubscribeTerms = Omit<SubscribeRequest, "id" | "resume">;

interface Known {
  epoch: Epoch;
  /** The last place told that was surely about this subscription. */
  offset: Count;
  /** By channel: up to where its samples are known. */
  channels: Map<string, Count>;
}

interface Subscription {
  id: string;
  terms: SubscribeTerms;
  known: Known | undefined;
  /** Telemetry does not name its subscription; where another one covers the same channels, whose it is cannot be told. */
  isShared: boolean;
  /** The device knows it in this session. */
  isThere: boolean;
  tell(update: Update): void;
}

/** What is subscribed to, and how much of it is known: so that after a cut all that was missed is told, once, or its loss. */
export class Subscriptions {
  #all = new Map<string, Subscription>();
  #epoch: Epoch | undefined;
  #news: Count | undefined; // the last event or announcement told
  #awaited = 0; // subscriptions that go on with a resumed session and have not said so yet

  add(id: string, terms: SubscribeTerms, tell: (update: Update) => void): void {
    this.#all.set(id, { id, terms, known: undefined, isShared: false, isThere: false, tell });
    this.#findShared();
  }

  remove(id: string): void {
    this.#all.delete(id);
    this.#findShared();
  }

  has(id: string): boolean {
    return this.#all.has(id);
  }

  /** The place to resume a session from: the lowest of all. */
  known(): Counter | undefined {
    const offsets = [...this.#all.values()].filter(({ known }) => known?.epoch === this.#epoch).map(({ known }) => known!.offset);
    return offsets.length === 0 ? undefined : toCounter(offsets.reduce((a, b) => (a < b ? a : b)));
  }

  /** What to ask for one now: with what was known, where something was. */
  request(id: string): SubscribeRequest {
    const { terms, known } = this.#all.get(id)!;
    return { ...terms, id, ...(known && { resume: { epoch: known.epoch, offset: toCounter(known.offset) } }) };
  }

  /** Asked in a way that the device cannot follow: begin anew. */
  forget(id: string): void {
    this.#all.get(id)!.known = undefined;
  }

  /** A new connection that holds `resumed` of ours already. Those to ask for now. */
  online(epoch: Epoch, resumed: number): string[] {
    if (epoch !== this.#epoch) this.#news = undefined;
    this.#epoch = epoch;
    for (const subscription of this.#all.values()) subscription.isThere = false;
    this.#awaited = resumed;
    const all = [...this.#all.values()];
    return (resumed === 0 ? all : all.filter(({ known }) => known === undefined)).map(({ id }) => id);
  }

  /** What a message means. Answers which subscriptions are to be asked for anew: resumed ones the device has left behind. */
  read(message: Message): string[] {
    switch (message.type) {
      case "snapshot": this.#snapshot(message.payload); break;
      case "missed": this.#missed(message.payload); break;
      case "synced": return this.#synced(message.payload.id, message.replyTo !== undefined);
      case "telemetry": this.#telemetry(message.payload); break;
      case "event": case "announcement": case "eventGap": this.#happened(message); break;
      default:
    }
    return [];
  }

  #snapshot(payload: SnapshotPayload): void {
    const subscription = this.#all.get(payload.id);
    if (subscription === undefined) return;
    const offset = toCount(payload.offset);
    const wasAnotherRun = subscription.known !== undefined && subscription.known.epoch !== payload.epoch;
    this.#advance(subscription, payload.epoch, offset);
    for (const { channel } of payload.samples) subscription.known!.channels.set(channel, offset);
    subscription.isThere = true;
    subscription.tell({ kind: "snapshot", samples: payload.samples, epoch: payload.epoch, offset: payload.offset,
      isComplete: payload.recovered ?? !wasAnotherRun });
  }

  #missed(payload: MissedPayload): void {
    const subscription = this.#all.get(payload.id);
    if (subscription === undefined) return;
    const known = subscription.known?.epoch === payload.epoch ? subscription.known.channels : new Map<string, Count>();
    const { epoch } = payload;
    const gaps = (payload.gaps ?? []).flatMap((gap) => unknownPart(gap, known.get(gap.channel)));
    if (gaps.length > 0) subscription.tell({ kind: "gap", gaps, epoch });
    const samples = payload.samples.filter((sample) => isNew(sample, known));
    this.#advance(subscription, epoch, toCount(payload.offset));
    for (const { channel, offset } of samples) subscription.known!.channels.set(channel, toCount(offset));
    if (samples.length > 0) subscription.tell({ kind: "missed", samples, epoch, offset: payload.offset });
  }

  #synced(id: string, wasAsked: boolean): string[] {
    const subscription = this.#all.get(id);
    if (subscription !== undefined) subscription.isThere = true;
    if (wasAsked || this.#awaited === 0) return [];
    this.#awaited -= 1;
    return this.#awaited > 0 ? [] : [...this.#all.values()].filter(({ isThere, known }) => !isThere && known !== undefined).map((left) => left.id);
  }

  #telemetry(payload: TelemetryPayload): void {
    const offset = toCount(payload.offset);
    for (const subscription of this.#all.values()) {
      const isOurs = (sample: Sample) => subscription.terms.paths.some((pattern) => matches(pattern, sample.channel));
      const samples = payload.samples.filter(isOurs);
      if (samples.length === 0 || !subscription.isThere) continue;
      // Its rest follows, or it may be another subscription's: then ours may have more below this offset.
      if (!payload.more && !subscription.isShared) this.#advance(subscription, payload.epoch, offset);
      if (subscription.known?.epoch === payload.epoch) for (const { channel } of samples) subscription.known.channels.set(channel, offset);
      subscription.tell({ kind: "telemetry", samples, epoch: payload.epoch, offset: payload.offset });
    }
  }

  #happened(message: Message & { type: "event" | "announcement" | "eventGap" }): void {
    const { payload } = message;
    const offset = "offset" in payload ? toCount(payload.offset) : undefined;
    if (offset !== undefined && this.#news !== undefined && payload.epoch === this.#epoch && offset <= this.#news) return; // told before the cut
    if (offset !== undefined) this.#news = offset;
    const channel = message.type === "event" ? message.payload.channel : undefined;
    const update: Update = message.type === "event" ? { kind: "event", event: message.payload }
      : message.type === "eventGap" ? { kind: "eventGap", gap: message.payload } : { kind: "announcement", announcement: message.payload };
    for (const { terms, tell } of this.#all.values()) {
      const isOurs = channel === undefined || terms.paths.some((pattern) => matches(pattern, channel));
      if (terms.events && isOurs) tell(update);
    }
  }

  #advance(subscription: Subscription, epoch: Epoch, offset: Count): void {
    if (subscription.known?.epoch === epoch) subscription.known.offset = largest(subscription.known.offset, offset);
    else subscription.known = { epoch, offset, channels: new Map() };
  }

  #findShared(): void {
    for (const one of this.#all.values()) {
      one.isShared = [...this.#all.values()].some((other) => other !== one
        && one.terms.paths.some((a) => other.terms.paths.some((b) => overlap(a, b))));
    }
  }
}

function isNew(sample: PastSample, known: Map<string, Count>): boolean {
  const upTo = known.get(sample.channel);
  return upTo === undefined || toCount(sample.offset) > upTo;
}

/** Of several subscriptions in a session the lowest place is named, so some of a gap may have been told to this one. */
function unknownPart(gap: Gap, upTo: Count | undefined): Gap[] {
  if (upTo === undefined || gap.from === null || gap.to === null || toCount(gap.from) > upTo) return [gap];
  return toCount(gap.to) > upTo ? [{ ...gap, from: toCounter(upTo + 1n) }] : [];
}
