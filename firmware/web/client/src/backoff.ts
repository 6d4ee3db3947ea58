export interface BackoffOptions {
  /** The first wait is at most this long. */
  baseMs: number;
  /** No wait for a network is longer than this. */
  maxMs: number;
}

/**
 * How long to wait before the next attempt, in ms: "full jitter", random between 0 and min(maxMs, baseMs * 2^attempt).
 * From Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015: of the ways compared there, the one with the
 * least work for clients and server. `told`: what the device said to wait; the jitter comes on top, so that those who were
 * told the same do not return together.
 */
export function backoffMs(attempt: number, told: number, options: BackoffOptions, random: () => number): number {
  const ceiling = Math.min(options.maxMs, options.baseMs * 2 ** Math.min(attempt, 30));
  return Math.ceil(told + random() * ceiling);
}
