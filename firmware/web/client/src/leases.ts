import type { Path } from "./messages.js";

export type LeaseEffect =
  | { do: "renew"; channel: Path; leaseMs: number }
  | { do: "lost"; channel: Path; detail: string };

interface Lease {
  leaseMs: number;
  /** Our time, reckoned from when we asked: the device's own end is not earlier. */
  endsAt: number;
  renewAt: number;
  isAsked: boolean;
}

/** Renewed three times in their length, so that two of three renewals may be lost. */
const RENEWALS = 3;

/** The outputs held by lease, and when each is to be renewed. Only while somebody wants it: a lease is a dead man's handle. */
export class Leases {
  #held = new Map<Path, Lease>();
  #isOnline = false;

  get channels(): Path[] {
    return [...this.#held.keys()];
  }

  get deadline(): number {
    return Math.min(Infinity, ...[...this.#held.values()].map((lease) => (this.#mayAsk(lease) ? Math.min(lease.renewAt, lease.endsAt) : lease.endsAt)));
  }

  hold(channel: Path, leaseMs: number, askedAt: number): void {
    this.#held.set(channel, { leaseMs, endsAt: askedAt + leaseMs, renewAt: askedAt + leaseMs / RENEWALS, isAsked: false });
  }

  release(channel: Path): void {
    this.#held.delete(channel);
  }

  /** How long what is held still lasts, in ms. */
  left(channel: Path, now: number): number | undefined {
    const lease = this.#held.get(channel);
    return lease && Math.max(0, lease.endsAt - now);
  }

  /** `keepsHolding`: the session goes on, and with it what it held. */
  online(keepsHolding: boolean, now: number): LeaseEffect[] {
    this.#isOnline = true;
    if (!keepsHolding) return this.#loseAll("the device did not take the session back, and made it safe");
    for (const lease of this.#held.values()) lease.renewAt = now;
    return this.tick(now);
  }

  offline(): void {
    this.#isOnline = false;
    for (const lease of this.#held.values()) lease.isAsked = false;
  }

  renewed(channel: Path, askedAt: number): void {
    const lease = this.#held.get(channel);
    if (lease === undefined) return;
    lease.isAsked = false;
    lease.endsAt = askedAt + lease.leaseMs;
    lease.renewAt = askedAt + lease.leaseMs / RENEWALS;
  }

  /** A renewal failed. `isOver`: the device said that the lease is not ours; else it is tried again until it ends. */
  failed(channel: Path, isOver: boolean, detail: string, now: number): LeaseEffect[] {
    const lease = this.#held.get(channel);
    if (lease === undefined) return [];
    lease.isAsked = false;
    lease.renewAt = now + lease.leaseMs / RENEWALS / 4;
    return isOver ? this.#lose(channel, detail) : [];
  }

  tick(now: number): LeaseEffect[] {
    const effects: LeaseEffect[] = [];
    for (const [channel, lease] of [...this.#held]) {
      if (now >= lease.endsAt) {
        effects.push(...this.#lose(channel, "it was not renewed in time, and the device makes it safe"));
      } else if (this.#mayAsk(lease) && now >= lease.renewAt) {
        lease.isAsked = true;
        effects.push({ do: "renew", channel, leaseMs: lease.leaseMs });
      }
    }
    return effects;
  }

  #mayAsk(lease: Lease): boolean {
    return this.#isOnline && !lease.isAsked;
  }

  #lose(channel: Path, detail: string): LeaseEffect[] {
    this.#held.delete(channel);
    return [{ do: "lost", channel, detail }];
  }

  #loseAll(detail: string): LeaseEffect[] {
    return this.channels.flatMap((channel) => this.#lose(channel, detail));
  }
}
