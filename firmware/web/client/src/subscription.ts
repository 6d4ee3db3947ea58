import { UpdateStream, type Update } from "./stream.js";
import type { SubscribeTerms } from "./subscriptions.js";

export type SubscriptionOptions = Omit<SubscribeTerms, "paths"> & {
  /** Names it on the wire; one of the same name is replaced. */
  id?: string;
  /** So many updates wait for a slow reader, then the oldest give way, which is told. */
  buffer?: number;
};

/** Iterate over it: `for await (const update of subscription)`. Leaving the loop ends the subscription. */
export class Subscription implements AsyncIterable<Update> {
  readonly stream: UpdateStream;

  constructor(readonly id: string, buffer: number, private readonly unsubscribe: () => void) {
    this.stream = new UpdateStream(buffer, unsubscribe);
  }

  [Symbol.asyncIterator](): AsyncIterator<Update> {
    return this.stream;
  }

  close(): void {
    this.unsubscribe();
    this.stream.end();
  }
}
