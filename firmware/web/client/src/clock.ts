/**
 * Where the device's clock stands, seen from ours (monotonic, ms). What a device tells is older when it comes, by half the
 * round trip or so, by the whole of it at most: so `earliest` is never ahead of the device, and `estimate` is the middle.
 */
export class DeviceClock {
  #earliest: number | undefined;
  #estimate = 0;
  #roundTrip = Infinity;
  #heardAt = 0;

  /** Told `deviceTime`, which came at `now` and was asked for at `asked` (never asked: how long it took is unknown). */
  hear(deviceTime: number, now: number, asked?: number): void {
    const roundTrip = asked === undefined ? Infinity : now - asked;
    // A short way tells more than a long one; but clocks drift and are set, so what is old counts less than what is new.
    const isBetter = roundTrip <= this.#roundTrip || now - this.#heardAt > DeviceClock.REMEMBERED_MS;
    const wasSet = this.#earliest !== undefined && deviceTime < now + this.#earliest - DeviceClock.SET_MS;
    if (this.#earliest !== undefined && !isBetter && !wasSet) return;
    this.#earliest = deviceTime - now;
    this.#estimate = this.#earliest + (roundTrip === Infinity ? 0 : roundTrip / 2);
    this.#roundTrip = roundTrip;
    this.#heardAt = now;
  }

  /** A point of our time by the device's clock, never later than it really is; nothing where its clock cannot be used. */
  earliest(at: number): number | undefined {
    return this.#earliest === undefined ? undefined : Math.floor(at + this.#earliest);
  }

  /** The device's time now, Unix ms, as well as it can be told. */
  now(now: number): number | undefined {
    return this.#earliest === undefined ? undefined : Math.round(now + this.#estimate);
  }

  /** Nothing is known any more: another run of the device, or one whose clock is wrong. */
  forget(): void {
    this.#earliest = undefined;
    this.#roundTrip = Infinity;
  }

  private static readonly REMEMBERED_MS = 60_000;
  private static readonly SET_MS = 1_000;
}
