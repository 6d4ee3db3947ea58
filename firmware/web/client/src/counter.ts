import type { Counter } from "./messages.js";

/** Counters beyond 2^53 travel as text; compared and kept as what they are. */
export type Count = bigint;

export function toCount(counter: Counter): Count {
  return BigInt(counter);
}

export function toCounter(count: Count): Counter {
  return count <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(count) : String(count);
}

export function largest(a: Count, b: Count): Count {
  return a > b ? a : b;
}
