import type { AnswerTo } from "./answers.js";
import type { LinkState } from "./effects.js";
import { Engine, type Status } from "./engine.js";
import { ordinary } from "./environment.js";
import { ConnectionError, RequestError, ownError } from "./failure.js";
import { Lease } from "./lease.js";
import { LogTail } from "./log_tail.js";
import type { AckPayload, AnnouncementPayload, BatonRequest, CommandRequest, DescriptionPayload, HistoryPayload, HistoryRequest,
  JournalPayload, JournalRecord, JournalRequest, LogLinePayload, Path, Pattern, PresencePayload, Requests, Rung, SceneRequest, Value, WelcomePayload, WhoamiPayload, Write } from "./messages.js";
import { complete, postStop, type ClientOptions } from "./options.js";
import { TokenRenewal } from "./renewal.js";
import type { Gap } from "./stream.js";
import { Subscription, type SubscriptionOptions } from "./subscription.js";

/** What may be said about one request. */
export interface AskOptions {
  /** It is given up after that; a command is never carried out later. */
  withinMs?: number;
  /** Gives it up while it has not been sent. */
  signal?: AbortSignal;
}

/** The terms of a command; `deadlineMs` counts from the call, also while there is no connection. */
export type CommandOptions = Omit<CommandRequest, keyof Write> & Pick<Write, "ifVersion"> & Pick<AskOptions, "signal"> & {
  /** Each rung below the final one, as it is reached. */
  onRung?(rung: Rung): void;
};

export interface ClientEvents {
  /** Each step of the connection's life. */
  state: Status;
  /** Connected; `isResumed`: with all that the session before held. */
  online: { welcome: WelcomePayload; isResumed: boolean };
  /** A lease is over, and its output safe or about to be. */
  leaseLost: { channel: Path; detail: string };
  /** What a subscription has missed for good. */
  gap: { id: string; gaps: Gap[] };
  announcement: AnnouncementPayload;
  /** While the log is followed, see `log`. */
  logLine: LogLinePayload;
  /** The token was renewed: keep this one for the next time. */
  token: string;
}

/** A device, as long as it is wanted: connects, comes back by itself, and says what became of everything asked. */
export class Client {
  #engine: Engine;
  #options: ReturnType<typeof complete>;
  #renewal: TokenRenewal;
  #listeners = new Map<keyof ClientEvents, Set<(event: never) => void>>();
  #leases = new Map<Path, Lease>();
  #renewed: string | undefined;
  #ids = 0;

  constructor(options: ClientOptions) {
    this.#options = complete(options);
    const environment = options.environment ?? ordinary;
    this.#engine = new Engine({ ...this.#options, token: (isRefused) => this.#token(isRefused) }, environment, {
      state: (status) => this.#state(status),
      online: (welcome, isResumed) => this.#online(welcome, isResumed),
      leaseLost: (channel, detail) => this.#leaseLost(channel, detail),
      message: (message) => {
        if (message.type === "announcement") this.#emit("announcement", message.payload);
        if (message.type === "logLine") this.#emit("logLine", message.payload);
      },
    });
    this.#renewal = new TokenRenewal({
      lifetime: async () => {
        const [{ expires }, now] = [await this.whoami(), this.deviceTime];
        return expires === undefined || now === undefined ? undefined : { expires, now };
      },
      refresh: async () => {
        const { token } = await this.request("refreshToken", {});
        this.#renewed = this.#engine.token = token;
        this.#emit("token", token);
      },
    }, environment);
  }

  get state(): LinkState { return this.#engine.status.state; }
  get status(): Status { return this.#engine.status; }
  /** What the device said of itself at the last connection. */
  get welcome(): WelcomePayload | undefined { return this.#engine.welcome; }
  /** The device's clock now, Unix ms. */
  get deviceTime(): number | undefined { return this.#engine.clock.now(this.#now()); }
  /** How many requests have no answer yet. */
  get waiting(): number { return this.#engine.waiting; }

  /** Connects. Resolves at the first welcome; rejects only where coming back makes no sense (`ConnectionError`). */
  open(): Promise<WelcomePayload> {
    if (this.state === "online") return Promise.resolve(this.welcome!);
    return new Promise((resolve, reject) => {
      const done = [this.on("online", ({ welcome }) => { leave(); resolve(welcome); }), this.on("state", ({ state, failure }) => {
        if (state !== "refused" && state !== "closed") return;
        leave();
        reject(new ConnectionError(failure ?? { class: "network", detail: "closed" }));
      })];
      const leave = () => done.forEach((off) => off());
      this.#engine.open();
    });
  }

  /** Says goodbye and ends everything. Leases of this client end with it. */
  close(): void {
    this.#renewal.stop();
    this.#engine.close();
  }

  /** Something says that the network is back, such as the page's `online` event: try now. */
  wake(): void {
    this.#engine.wake();
  }

  on<Name extends keyof ClientEvents>(name: Name, listener: (event: ClientEvents[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener as (event: never) => void));
    return () => void listeners.delete(listener as (event: never) => void);
  }

  /** Any request of the protocol. */
  async request<Type extends keyof Requests>(type: Type, payload: Requests[Type], options: AskOptions = {}): Promise<AnswerTo<Type>> {
    const answer = await this.#engine.ask(type, payload, options.withinMs ?? this.#options.requestMs, undefined, options.signal);
    return answer.payload as AnswerTo<Type>;
  }

  /** Moves an output. Resolves with the rung it was asked to reach, or the highest there is; else `RequestError`. */
  set(channel: Path, value: NonNullable<Value>, options: CommandOptions = {}): Promise<AckPayload> {
    return this.#command("command", { channel, action: "set", value, ...terms(options) }, options);
  }
  toggle(channel: Path, options: CommandOptions = {}): Promise<AckPayload> {
    return this.#command("command", { channel, action: "toggle", ...terms(options) }, options);
  }
  pulse(channel: Path, pulseMs: number, options: CommandOptions = {}): Promise<AckPayload> {
    return this.#command("command", { channel, action: "pulse", pulseMs, ...terms(options) }, options);
  }
  /** To its safe value, and its lease ends. */
  release(channel: Path, options: CommandOptions = {}): Promise<AckPayload> {
    this.#leases.delete(channel);
    this.#engine.letGo(channel);
    return this.#command("command", { channel, action: "release", ...terms(options) }, options);
  }
  /** Several outputs, all together or none. */
  scene(writes: Write[], options: CommandOptions = {}): Promise<AckPayload> {
    return this.#command("scene", { writes, ...terms(options) }, options);
  }

  /** Moves an output and holds it by lease, renewed until it is released. Where this program ends, it goes safe. */
  async hold(channel: Path, value: NonNullable<Value>, leaseMs: number, options: CommandOptions = {}): Promise<Lease> {
    let begun = this.#now();
    await this.set(channel, value, { ...options, leaseMs });
    if (this.#now() - begun > leaseMs / 2) { // it may have waited for a connection: from when on it lasts is known by renewing it
      begun = this.#now();
      await this.request("renew", { channel, leaseMs });
    }
    const lease = new Lease(channel, () => this.#engine.leaseLeft(channel), () => this.release(channel));
    this.#leases.set(channel, lease);
    this.#engine.hold(channel, leaseMs, begun);
    return lease;
  }

  /**
   * Every output to its safe value, at once, before everything that waits. Where the socket does not answer quickly, or there is
   * none, the same goes by HTTP as well. Rejects where neither way came through in time: then press the button on the device.
   */
  async stop(options: AskOptions = {}): Promise<void> {
    const withinMs = options.withinMs ?? this.#options.stopMs;
    const asked = this.request("stop", {}, { withinMs });
    if (this.#options.post === undefined) return void await asked;
    const patience = this.state === "online" ? this.#options.stopPatienceMs : 0;
    await postStop(asked, this.#options.post, this.#options.url, () => this.#engine.token ?? this.#knownToken(), patience, withinMs);
  }
  async reset(options: AskOptions = {}): Promise<void> {
    await this.request("reset", {}, options);
  }
  baton(group: string, action: BatonRequest["action"], options: AskOptions = {}): Promise<AckPayload> {
    return this.request("baton", { group, action }, options);
  }

  /** Telemetry, and with `events` what happens, over all connections: what was missed in between is told, or that it is lost. */
  subscribe(paths: Pattern[], options: SubscriptionOptions = {}): Subscription {
    this.#ids += 1;
    const id = options.id ?? `s-${this.#ids}`;
    const subscription = new Subscription(id, options.buffer ?? this.#options.buffer, () => this.#engine.unsubscribe(id));
    const { id: _, buffer: __, ...wanted } = options;
    const { stream } = subscription;
    this.#engine.subscribe(id, { paths, ...wanted }, {
      tell: (update) => {
        stream.tell(update);
        if (update.kind === "gap") this.#emit("gap", { id, gaps: update.gaps });
      },
      end: (error) => stream.end(error),
    });
    return subscription;
  }

  describe(path?: Pattern, options: AskOptions = {}): Promise<DescriptionPayload> {
    return this.request("describe", path === undefined ? {} : { path }, options);
  }
  /** What the device has kept, page by page. */
  async *history(query: HistoryRequest, options: AskOptions = {}): AsyncGenerator<HistoryPayload> {
    for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
      const page: HistoryPayload = await this.request("history", { ...query, ...(cursor !== undefined && { cursor }) }, options);
      yield page;
      cursor = page.cursor;
    }
  }
  /** Records of the journal, oldest first. */
  async *journal(query: JournalRequest = {}, options: AskOptions = {}): AsyncGenerator<JournalRecord> {
    let after: JournalRequest["after"] = query.after ?? 0;
    for (let left = query.max ?? Infinity; left > 0;) {
      const page: JournalPayload = await this.request("journal", { ...query, after, max: Math.min(left, 100) }, options);
      yield* page.records;
      left -= page.records.length;
      if (page.next === undefined) return;
      after = Number(page.next);
    }
  }
  /**
   * Lines of the device's log, over all connections: those it has kept, then each as it is written, until the loop is left or `signal`
   * says so. For administrators. One loop at a time.
   */
  async *log(signal?: AbortSignal): AsyncGenerator<LogLinePayload> {
    const tail = new LogTail(this.#options.buffer);
    const ask = () => void this.request("log", tail.request()).catch((error: unknown) => tail.failed(error));
    const leave = [this.on("online", ask), this.on("logLine", (line) => tail.tell(line)), this.on("state", ({ state, failure }) => {
      if (state === "refused" || state === "closed") tail.end(failure && new ConnectionError(failure));
    })];
    const end = () => tail.end();
    signal?.addEventListener("abort", end);
    try {
      if (signal?.aborted) return;
      if (this.state === "online") ask();
      for (let line = await tail.next(); line !== undefined; line = await tail.next()) yield line;
    } finally {
      for (const off of leave) off();
      signal?.removeEventListener("abort", end);
      if (this.state === "online") this.request("log", { follow: false }).catch(() => {}); // else there is nobody who would tell more
    }
  }
  async presence(options: AskOptions = {}): Promise<PresencePayload["sessions"]> {
    const sessions: PresencePayload["sessions"] = [];
    for (let after: number | undefined = 0; after !== undefined;) {
      const page: PresencePayload = await this.request("presence", { after }, options);
      sessions.push(...page.sessions);
      after = page.next;
    }
    return sessions;
  }
  whoami(options: AskOptions = {}): Promise<WhoamiPayload> {
    return this.request("whoami", {}, options);
  }

  async #command<Type extends "command" | "scene">(type: Type, payload: Type extends "command" ? CommandRequest : SceneRequest,
    options: CommandOptions): Promise<AckPayload> {
    const withinMs = options.deadlineMs ?? this.#options.commandMs;
    if (!(withinMs > 0)) throw new RequestError(ownError("expired", `deadlineMs: found ${withinMs}; expected more than 0`), type);
    const answer = await this.#engine.ask(type, payload as Requests[Type], withinMs, options.onRung?.bind(options), options.signal);
    return answer.payload as AckPayload;
  }

  #token(isRefused: boolean): string | undefined | Promise<string | undefined> {
    const { token } = this.#options;
    if (isRefused) this.#renewed = undefined;
    if (this.#renewed !== undefined) return this.#renewed;
    return typeof token === "function" ? token({ isRefused }) : token;
  }

  #knownToken(): string | undefined {
    return typeof this.#options.token === "string" ? this.#options.token : undefined;
  }

  #state(status: Status): void {
    if (status.state !== "online") this.#renewal.stop();
    this.#emit("state", status);
  }

  #online(welcome: WelcomePayload, isResumed: boolean): void {
    if (this.#options.refreshesToken) void this.#renewal.start();
    this.#emit("online", { welcome, isResumed });
  }

  #leaseLost(channel: Path, detail: string): void {
    this.#leases.get(channel)?.end(detail);
    this.#leases.delete(channel);
    this.#emit("leaseLost", { channel, detail });
  }

  #emit<Name extends keyof ClientEvents>(name: Name, event: ClientEvents[Name]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        (listener as (event: ClientEvents[Name]) => void)(event);
      } catch (error) {
        queueMicrotask(() => { throw error; }); // a listener's mistake is told, and keeps nobody else from hearing
      }
    }
  }

  #now(): number {
    return (this.#options.environment ?? ordinary).now();
  }
}

/** What of the options travels. */
function terms(options: CommandOptions): Omit<CommandRequest, "channel" | "action" | "value" | "pulseMs"> {
  const { onRung: _, signal: __, ...rest } = options;
  return rest;
}
