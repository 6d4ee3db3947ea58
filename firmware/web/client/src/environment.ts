/** What the client needs of where it runs. Tests bring their own. */
export interface Environment {
  /** Monotonic, ms. */
  now(): number;
  setTimer(afterMs: number, call: () => void): unknown;
  clearTimer(timer: unknown): void;
  /** From 0 up to, but not including, 1. */
  random(): number;
}

/** Longer ones overflow, and fire at once. */
export const TIMER_MAX_MS = 2 ** 31 - 1;

export const ordinary: Environment = {
  now: () => performance.now(),
  setTimer: (afterMs, call) => setTimeout(call, afterMs),
  clearTimer: (timer) => clearTimeout(timer as number),
  random: () => Math.random(),
};
