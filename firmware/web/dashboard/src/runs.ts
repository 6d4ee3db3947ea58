import { signal, type Signal } from "@preact/signals";
import { RequestError, type Client, type CommandOptions, type Lease, type Path, type Rung, type Value } from "signalbox-client";
import { errorInWords } from "./words.js";

/** One command on its way up the ladder. */
export interface Run {
  wanted: Value | undefined;
  reached: Rung | undefined;
  /** Done, as far as it goes. */
  isOver: boolean;
  /** Something else moved the output since. */
  isPast?: boolean;
  /** Why it was not done. */
  refusal?: string;
  reason?: string;
  begun: number;
  tookMs?: number;
}

/** The commands this page has sent, the latest of each channel, and the leases it holds. */
export class Runs {
  #runs = new Map<Path, Signal<Run | undefined>>();
  #leases = new Map<Path, Signal<Lease | undefined>>();

  constructor(private readonly client: Client) {}

  of(path: Path): Signal<Run | undefined> {
    return entry(this.#runs, path);
  }

  lease(path: Path): Signal<Lease | undefined> {
    return entry(this.#leases, path);
  }

  set(path: Path, value: NonNullable<Value>): Promise<void> {
    return this.#follow(path, value, async (options) => (await this.client.set(path, value, options)).outcome);
  }

  pulse(path: Path, pulseMs: number): Promise<void> {
    return this.#follow(path, undefined, async (options) => (await this.client.pulse(path, pulseMs, options)).outcome);
  }

  release(path: Path): Promise<void> {
    this.lease(path).value = undefined;
    return this.#follow(path, undefined, async (options) => (await this.client.release(path, options)).outcome);
  }

  /** `top`: the highest rung the output has. */
  hold(path: Path, value: NonNullable<Value>, leaseMs: number, top: Rung): Promise<void> {
    return this.#follow(path, value, async (options) => {
      this.lease(path).value = await this.client.hold(path, value, leaseMs, options);
      return top;
    });
  }

  leaseLost(path: Path, why: string): void {
    this.lease(path).value = undefined;
    this.of(path).value = { wanted: undefined, reached: undefined, isOver: true, refusal: `Not held any more: ${why}`, begun: 0 };
  }

  /** The output was moved, not by a command of this page. */
  moved(path: Path): void {
    const run = this.of(path);
    if (run.value?.isOver) run.value = { ...run.value, isPast: true };
  }

  async #follow(path: Path, wanted: Value | undefined, ask: (options: CommandOptions) => Promise<string>): Promise<void> {
    const run = this.of(path);
    const begun = performance.now();
    let now: Run = { wanted, reached: undefined, isOver: false, begun };
    // Another command may have taken its place on the page.
    const tell = (more: Partial<Run>) => {
      if (run.value !== undefined && run.value.begun !== begun) return;
      run.value = now = { ...now, ...more };
    };
    run.value = now;
    try {
      const outcome = await ask({ onRung: (reached) => tell({ reached }) });
      tell({ reached: outcome as Rung, isOver: true, tookMs: performance.now() - begun });
    } catch (error) {
      tell({ isOver: true, refusal: errorInWords(error), ...(error instanceof RequestError && { reason: error.reason }) });
    }
  }
}

function entry<Kept>(all: Map<Path, Signal<Kept | undefined>>, path: Path): Signal<Kept | undefined> {
  let found = all.get(path);
  if (found === undefined) all.set(path, found = signal(undefined));
  return found;
}
