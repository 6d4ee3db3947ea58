// What unit tests need of a device: its words, and chance that can be repeated.
export const LIMITS = { sessions: 64, messageBytes: 4096, nesting: 16, subscriptions: 4, commandsInFlight: 8, groups: 4, historySamples: 1024,
  authenticateMs: 10_000, heartbeatMs: 15_000, deadAfterMs: 40_000, unreadAfterMs: 10_000 };

export function welcome(more = {}) {
  return { type: "welcome", timestamp: 0, payload: { device: { id: "d" }, stopped: false, firmwareVersion: "0", epoch: "e1", protocol: "signalbox.v1",
    deviceTime: 1_000_000, clock: "set", session: "0-1", authenticated: false, limits: LIMITS, heartbeatMs: 15_000, features: [], ...more } };
}

/** Numbers from 0 up to 1, the same for the same seed (xorshift, George Marsaglia, 2003). */
export function generator(seed) {
  let state = (seed * 2654435761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
