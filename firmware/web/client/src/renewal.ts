import { TIMER_MAX_MS, type Environment } from "./environment.js";
import { RequestError } from "./failure.js";

/** What renews a token, as the client does it. */
export interface TokenDesk {
  /** When the present token ends, and what time it is, both by the device's clock; nothing: no token let us in. */
  lifetime(): Promise<{ expires: number; now: number } | undefined>;
  /** Has the token renewed. */
  refresh(): Promise<void>;
}

/** Of the time that a token had left when it was shown, after that much another one is asked for. */
const SHARE = 0.8;
const AGAIN_MS = 60_000;

/** Keeps a token from running out while its session lives, in band. One that cannot be renewed is left to end. */
export class TokenRenewal {
  #timer: unknown;
  #run = 0; // what was asked before a stop begins nothing behind it

  constructor(private readonly desk: TokenDesk, private readonly environment: Environment) {}

  async start(): Promise<void> {
    this.stop();
    const run = this.#run;
    try {
      const lifetime = await this.desk.lifetime();
      if (lifetime !== undefined && run === this.#run) this.#in((lifetime.expires - lifetime.now) * SHARE);
    } catch {
      // The connection went: the next one begins anew.
    }
  }

  stop(): void {
    this.#run += 1;
    this.environment.clearTimer(this.#timer);
  }

  #in(ms: number): void {
    this.#timer = this.environment.setTimer(Math.min(TIMER_MAX_MS, Math.max(0, ms)), () => {
      if (ms > TIMER_MAX_MS) this.#in(ms - TIMER_MAX_MS);
      else void this.#refresh();
    });
  }

  async #refresh(): Promise<void> {
    const run = this.#run;
    try {
      await this.desk.refresh();
      if (run === this.#run) await this.start();
    } catch (error) {
      if (run === this.#run && error instanceof RequestError && error.isTemporary) this.#in(error.retryAfterMs ?? AGAIN_MS);
    }
  }
}
