import type { AckPayload, Path } from "./messages.js";

/** An output that this client holds. It is renewed by itself until it is released, or lost. */
export class Lease {
  /** Why it ended without being released. */
  readonly lost: Promise<string>;
  #end: (detail: string) => void = () => {};

  constructor(readonly channel: Path, private readonly left: () => number | undefined, private readonly letGo: () => Promise<AckPayload>) {
    this.lost = new Promise((resolve) => { this.#end = resolve; });
  }

  /** How long it lasts if it is not renewed any more, in ms; nothing: it is over. */
  get leftMs(): number | undefined {
    return this.left();
  }

  /** The output goes to its safe value. */
  async release(): Promise<void> {
    await this.letGo();
  }

  end(detail: string): void {
    this.#end(detail);
  }
}
