/** What a chart draws of a channel, by time; `null` breaks the line. Old points give way to new ones. */
export class Series {
  at: number[] = [];
  value: (number | null)[] = [];
  /** Counts up with every change. */
  version = 0;

  constructor(private readonly most = 20_000) {}

  push(at: number, value: number | null): void {
    const last = this.at.at(-1);
    this.version += 1;
    if (last !== undefined && at <= last) return this.#insert(at, value);
    this.at.push(at);
    this.value.push(value);
    if (this.at.length > this.most * 1.1) this.#trim();
  }

  /** The samples in between are lost: no line is drawn over them. */
  breakAt(at: number): void {
    if (this.value.at(-1) !== null && this.at.length > 0) this.push(Math.max(at, this.at.at(-1)! + 1), null);
  }

  /** What the device remembered; what is known of the same time already stays. */
  merge(points: { at: number; value: number | null }[]): void {
    const known = new Set(this.at);
    const added = points.filter(({ at }) => !known.has(at));
    if (added.length === 0) return;
    const all = [...this.at.map((at, i) => ({ at, value: this.value[i]! })), ...added].sort((a, b) => a.at - b.at);
    this.at = all.map(({ at }) => at);
    this.value = all.map(({ value }) => value);
    this.version += 1;
    this.#trim();
  }

  /** The latest value at or before that time. */
  valueAt(at: number): number | null {
    const i = this.#after(at) - 1;
    return i < 0 ? null : this.value[i]!;
  }

  /** The part of it that a chart of this span needs: one point more on each side. */
  part(from: number, to: number): [number[], (number | null)[]] {
    const begin = Math.max(0, this.#after(from) - 1), end = Math.min(this.at.length, this.#after(to) + 1);
    return [this.at.slice(begin, end), this.value.slice(begin, end)];
  }

  #insert(at: number, value: number | null): void {
    const i = this.#after(at);
    if (this.at[i - 1] === at) {
      this.value[i - 1] = value;
      return;
    }
    this.at.splice(i, 0, at);
    this.value.splice(i, 0, value);
  }

  /** Where the first point behind that time is. */
  #after(at: number): number {
    let low = 0, high = this.at.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.at[middle]! <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #trim(): void {
    const over = this.at.length - this.most;
    if (over <= 0) return;
    this.at.splice(0, over);
    this.value.splice(0, over);
  }
}
