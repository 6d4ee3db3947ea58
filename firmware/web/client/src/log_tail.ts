import { RequestError } from "./failure.js";
import type { LogLinePayload, LogRequest } from "./messages.js";

/** Lines of the log until somebody takes them: each once, at most so many, then the oldest give way and the next one says how many. */
export class LogTail {
  #waiting: LogLinePayload[] = [];
  #last: LogLinePayload | undefined;
  #end: { error: unknown } | undefined;
  #wake = () => {};

  constructor(private readonly most: number) {}

  /** What to ask for: the lines behind the last one. */
  request(): LogRequest {
    return this.#last === undefined ? {} : { resume: { epoch: this.#last.epoch, offset: this.#last.offset } };
  }

  tell(line: LogLinePayload): void {
    if (this.#last?.epoch === line.epoch && Number(line.offset) <= Number(this.#last.offset)) return; // asked for twice
    this.#last = line;
    this.#waiting.push(line);
    if (this.#waiting.length > this.most) {
      const gone = this.#waiting.shift()!, next = this.#waiting[0]!;
      this.#waiting[0] = { ...next, lost: (next.lost ?? 0) + (gone.lost ?? 0) + 1 };
    }
    this.#wake();
  }

  /** It could not be asked for. Where only the connection was lost, the next one asks again. */
  failed(error: unknown): void {
    if (!(error instanceof RequestError) || !["offline", "unknown", "superseded"].includes(error.reason)) this.end(error);
  }

  /** No more comes; what waits can still be read. */
  end(error?: unknown): void {
    this.#end ??= { error };
    this.#wake();
  }

  /** The next line; nothing: that was all. */
  async next(): Promise<LogLinePayload | undefined> {
    while (this.#waiting.length === 0 && this.#end === undefined) await new Promise<void>((resolve) => { this.#wake = resolve; });
    const line = this.#waiting.shift();
    if (line === undefined && this.#end?.error !== undefined) throw this.#end.error;
    return line;
  }
}
