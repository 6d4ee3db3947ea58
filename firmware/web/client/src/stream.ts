import type { AnnouncementPayload, Epoch, Counter, EventGapPayload, EventPayload, MissedPayload, Sample } from "./messages.js";

export type PastSample = MissedPayload["samples"][number];
export type Gap = NonNullable<MissedPayload["gaps"]>[number];

/** What a subscription tells, in the order it happened. */
export type Update =
  /** How everything stands: at first, and each time after coming back. `isComplete`: nothing was missed meanwhile. */
  | { kind: "snapshot"; samples: Sample[]; epoch: Epoch; offset: Counter; isComplete: boolean }
  | { kind: "telemetry"; samples: Sample[]; epoch: Epoch; offset: Counter }
  /** Samples of the time without a connection, as the device has kept them. */
  | { kind: "missed"; samples: PastSample[]; epoch: Epoch; offset: Counter }
  /** What of that time is lost. */
  | { kind: "gap"; gaps: Gap[]; epoch: Epoch }
  | { kind: "event"; event: EventPayload }
  | { kind: "eventGap"; gap: EventGapPayload }
  | { kind: "announcement"; announcement: AnnouncementPayload }
  /** The reader was too slow: so much was dropped here, oldest first. */
  | { kind: "dropped"; updates: number; samples: number };

/** Updates until somebody takes them: at most so many, then the oldest give way and a `dropped` stands in their place. */
export class UpdateStream implements AsyncIterableIterator<Update> {
  #waiting: Update[] = [];
  #readers: { resolve(result: IteratorResult<Update>): void; reject(error: unknown): void }[] = [];
  #dropped = { updates: 0, samples: 0 };
  #end: { error: unknown } | undefined;

  constructor(private readonly most: number, private readonly left: () => void) {
    if (!(most >= 1)) throw new RangeError(`buffer: found ${most}; expected at least 1`);
  }

  tell(update: Update): void {
    if (this.#end !== undefined) return;
    const reader = this.#readers.shift();
    if (reader !== undefined) return reader.resolve({ done: false, value: update });
    this.#waiting.push(update);
    if (this.#waiting.length > this.most) this.#drop();
  }

  /** No more comes; what waits can still be read. */
  end(error?: unknown): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    for (const reader of this.#readers.splice(0)) {
      if (error === undefined) reader.resolve({ done: true, value: undefined });
      else reader.reject(error);
    }
  }

  async next(): Promise<IteratorResult<Update>> {
    if (this.#dropped.updates > 0) {
      const value: Update = { kind: "dropped", ...this.#dropped };
      this.#dropped = { updates: 0, samples: 0 };
      return { done: false, value };
    }
    const value = this.#waiting.shift();
    if (value !== undefined) return { done: false, value };
    if (this.#end === undefined) return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
    const { error } = this.#end;
    this.#end = { error: undefined };
    if (error !== undefined) throw error;
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<Update>> {
    this.#waiting = [];
    this.end();
    this.left();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Telemetry goes before what happens once, so that an alarm is not lost behind a hundred temperatures. */
  #drop(): void {
    const index = Math.max(0, this.#waiting.findIndex(({ kind }) => kind === "telemetry" || kind === "missed"));
    const [gone] = this.#waiting.splice(index, 1);
    this.#dropped.updates += 1;
    if (gone !== undefined && "samples" in gone && typeof gone.samples !== "number") this.#dropped.samples += gone.samples.length;
  }
}
