import { DeviceClock } from "./clock.js";
import type { LinkEffect, LinkOptions, LinkState, Message, Request } from "./effects.js";
import { TIMER_MAX_MS, type Environment } from "./environment.js";
import { ConnectionError, RequestError, type Failure } from "./failure.js";
import { Leases, type LeaseEffect } from "./leases.js";
import { Link } from "./link.js";
import type { Epoch, Path, Requests, Rung, WelcomePayload } from "./messages.js";
import { RequestQueue, type RequestEffect } from "./requests.js";
import type { Dial, Socket } from "./socket.js";
import type { Update } from "./stream.js";
import { Subscriptions, type SubscribeTerms } from "./subscriptions.js";

export interface Status {
  state: LinkState;
  /** Why there is no connection. */
  failure?: Failure;
  /** When `waiting`: how long. */
  retryInMs?: number;
}

/** How the engine tells those who use it. */
export interface EngineEvents {
  state(status: Status): void;
  /** Everything may be asked now. `isResumed`: the session goes on, with all it held. */
  online(welcome: WelcomePayload, isResumed: boolean): void;
  leaseLost(channel: Path, detail: string): void;
  message(message: Message): void;
}

export interface EngineOptions extends LinkOptions {
  url: string;
  clientId: string;
  dial: Dial;
  /** The token to show; `isRefused`: the last one was. */
  token(isRefused: boolean): string | undefined | Promise<string | undefined>;
}

interface Asked {
  type: keyof Requests;
  resolve(answer: Message): void;
  reject(error: Error): void;
  climb(rung: Rung): void;
}

interface Subscriber {
  tell(update: Update): void;
  /** Without an error: closed on purpose. */
  end(error?: Error): void;
}

const SUBSCRIBE_MS = 10_000;

/** The pure parts, with sockets, a timer and promises around them. */
export class Engine {
  readonly clock = new DeviceClock();
  status: Status = { state: "closed" };
  token: string | undefined;

  #link: Link;
  #requests: RequestQueue;
  #subscriptions = new Subscriptions();
  #subscribers = new Map<string, Subscriber>();
  #leases = new Leases();
  #asked = new Map<string, Asked>();
  #socket: { id: number; socket: Socket } | undefined;
  #pings = new Map<string, number>();
  #timer: unknown;
  #todo: (LinkEffect | RequestEffect | LeaseEffect)[] = [];
  #isBusy = false;
  #dialling = 0;

  constructor(private readonly options: EngineOptions, private readonly environment: Environment, private readonly events: EngineEvents) {
    this.#link = new Link(options, environment.random, () => this.token, () => this.#subscriptions.known());
    this.#requests = new RequestQueue(options.clientId, this.clock);
  }

  get welcome(): WelcomePayload | undefined {
    return this.#link.welcome;
  }

  get waiting(): number {
    return this.#requests.size;
  }

  open(): void {
    this.#run(this.#link.open(this.environment.now()));
  }

  close(): void {
    this.#run(this.#link.close());
  }

  wake(): void {
    this.#run(this.#link.wake(this.environment.now()));
  }

  ask<Type extends keyof Requests>(type: Type, payload: Requests[Type], withinMs: number, climb: (rung: Rung) => void = () => {},
    signal?: AbortSignal): Promise<Message> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const { msgId, effects } = this.#requests.ask(type, payload, withinMs, this.environment.now());
    const abort = () => this.#abort(msgId, signal!);
    signal?.addEventListener("abort", abort);
    return new Promise<Message>((resolve, reject) => {
      this.#asked.set(msgId, { type, resolve, reject, climb });
      this.#run(effects);
    }).finally(() => signal?.removeEventListener("abort", abort));
  }

  subscribe(id: string, terms: SubscribeTerms, subscriber: Subscriber): void {
    this.#subscribers.get(id)?.end(); // replaced
    this.#subscribers.set(id, subscriber);
    this.#subscriptions.add(id, terms, (update) => this.#tell(() => subscriber.tell(update)));
    if (this.#link.state === "online") this.#subscribe(id);
  }

  unsubscribe(id: string): void {
    this.#subscribers.delete(id);
    this.#subscriptions.remove(id);
    this.#unsubscribe(id);
  }

  hold(channel: Path, leaseMs: number, askedAt: number): void {
    this.#leases.hold(channel, leaseMs, askedAt);
    this.#arm();
  }

  letGo(channel: Path): void {
    this.#leases.release(channel);
  }

  leaseLeft(channel: Path): number | undefined {
    return this.#leases.left(channel, this.environment.now());
  }

  #abort(msgId: string, signal: AbortSignal): void {
    if (!this.#requests.forget(msgId)) return;
    this.#asked.get(msgId)?.reject(signal.reason as Error);
    this.#asked.delete(msgId);
  }

  #subscribe(id: string): void {
    const failed = (error: unknown) => {
      if (!(error instanceof RequestError) || !this.#subscribers.has(id)) return;
      if (["offline", "unknown", "superseded"].includes(error.reason)) return; // it is asked for again once there is a connection
      if (error.field?.startsWith("payload.resume")) {
        this.#subscriptions.forget(id);
        return this.#subscribe(id);
      }
      this.#subscribers.get(id)!.end(error);
      this.#subscribers.delete(id);
      this.#subscriptions.remove(id);
    };
    this.ask("subscribe", this.#subscriptions.request(id), SUBSCRIBE_MS).catch(failed);
  }

  #unsubscribe(id: string): void {
    if (this.#link.state === "online") this.ask("unsubscribe", { id }, SUBSCRIBE_MS).catch(() => {}); // gone anyway
  }

  /** Does what the parts want done, in their order, also where doing it makes them want more. */
  #run(effects: (LinkEffect | RequestEffect | LeaseEffect)[]): void {
    this.#todo.push(...effects);
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (let effect = this.#todo.shift(); effect !== undefined; effect = this.#todo.shift()) this.#carryOut(effect);
    this.#isBusy = false;
    this.#arm();
  }

  #carryOut(effect: LinkEffect | RequestEffect | LeaseEffect): void {
    const now = this.environment.now();
    switch (effect.do) {
      case "dial": void this.#dial(effect.id, effect.isAfterRefusal); return;
      case "hangUp": return this.#hangUp(effect.reason);
      case "send": return this.#send(effect.request);
      case "admitted": return this.#admitted(effect.welcome, now);
      case "online": return this.#online(effect.resumed, now);
      case "offline": return this.#offline(effect.failure, now);
      case "message": return this.#read(effect.message, now);
      case "state": {
        const { do: _, ...status } = effect;
        this.status = status;
        return this.#tell(() => this.events.state(status));
      }
      case "settle": return this.#settle(effect.msgId, ({ resolve }) => resolve(effect.answer));
      case "refuse": return this.#settle(effect.msgId, ({ reject, type }) => reject(new RequestError(effect.error, type)));
      case "climb": return this.#tell(() => this.#asked.get(effect.msgId)?.climb(effect.rung));
      case "renew": return this.#renew(effect.channel, effect.leaseMs, now);
      case "lost": return this.#tell(() => this.events.leaseLost(effect.channel, effect.detail));
    }
  }

  async #dial(id: number, isRefused: boolean): Promise<void> {
    const ended = (end: Parameters<Link["ended"]>[1]) => {
      if (this.#socket?.id === id) this.#socket = undefined;
      this.#run(this.#link.ended(id, end, this.environment.now()));
    };
    this.#dialling = id;
    try {
      this.token = await this.options.token(isRefused);
    } catch (error) {
      return ended({ detail: `no token: ${String(error)}` });
    }
    if (this.#dialling !== id) return; // given up meanwhile
    const received = (text: string) => {
      let message: Message;
      try {
        message = JSON.parse(text) as Message;
      } catch {
        return; // not of this protocol; its silence will tell
      }
      this.#run(this.#link.received(id, message, this.environment.now()));
    };
    try {
      this.#socket = { id, socket: this.options.dial(this.options.url, this.token, { opened: () => {}, received, ended }) };
    } catch (error) {
      ended({ status: 400, detail: String(error) });
    }
  }

  #hangUp(reason: string): void {
    const { socket } = this.#socket ?? {};
    this.#socket = undefined;
    this.#dialling = 0;
    socket?.close(1000, reason);
  }

  #send(request: Request): void {
    if (request.type === "ping" && request.msgId.startsWith("ping-")) this.#pings.set(request.msgId, this.environment.now());
    try {
      this.#socket?.socket.send(JSON.stringify(request));
    } catch {
      // It is closing; its end is told, and what was asked is settled then.
    }
  }

  #admitted(welcome: WelcomePayload, now: number): void {
    if (welcome.clock === "wrong") this.clock.forget();
    this.#run(this.#requests.admitted(welcome, now));
  }

  #online(resumed: number | undefined, now: number): void {
    const welcome = this.welcome!, epoch: Epoch = welcome.epoch;
    this.#run([...this.#requests.online(now), ...this.#leases.online(resumed !== undefined, now)]);
    for (const id of this.#subscriptions.online(epoch, resumed ?? 0)) this.#subscribe(id);
    this.#tell(() => this.events.online(welcome, resumed !== undefined));
  }

  #offline(failure: Failure | undefined, now: number): void {
    this.#socket = undefined;
    this.#dialling = 0;
    this.#pings.clear();
    this.#leases.offline();
    const isOver = this.#link.state !== "waiting";
    this.#run(this.#requests.offline(now, isOver));
    if (!isOver) return;
    for (const [id, subscriber] of this.#subscribers) {
      this.unsubscribe(id);
      this.#tell(() => subscriber.end(failure && new ConnectionError(failure)));
    }
  }

  #read(message: Message, now: number): void {
    if (message.type === "welcome" && message.payload.clock !== "wrong") this.clock.hear(message.payload.deviceTime, now);
    if (message.type === "pong" && message.replyTo !== undefined && this.#pings.has(message.replyTo)) {
      if (this.welcome?.clock !== "wrong") this.clock.hear(message.payload.deviceTime, now, this.#pings.get(message.replyTo));
      this.#pings.delete(message.replyTo);
      return;
    }
    for (const id of this.#subscriptions.read(message)) this.#subscribe(id);
    if (message.type === "snapshot" && !this.#subscriptions.has(message.payload.id)) this.#unsubscribe(message.payload.id);
    this.#run(this.#requests.answered(message, now));
    this.#tell(() => this.events.message(message));
  }

  #settle(msgId: string, settle: (asked: Asked) => void): void {
    const asked = this.#asked.get(msgId);
    this.#asked.delete(msgId);
    if (asked !== undefined) settle(asked);
  }

  #renew(channel: Path, leaseMs: number, askedAt: number): void {
    this.ask("renew", { channel, leaseMs }, leaseMs).then(
      () => this.#leases.renewed(channel, askedAt),
      (error: RequestError) => this.#run(this.#leases.failed(channel, ["notFound", "held", "forbidden"].includes(error.reason), error.message, this.environment.now())),
    ).finally(() => this.#arm());
  }

  /** Calls somebody else's function: what it throws is its own business, and told as such. */
  #tell(call: () => void): void {
    try {
      call();
    } catch (error) {
      queueMicrotask(() => { throw error; });
    }
  }

  #arm(): void {
    this.environment.clearTimer(this.#timer);
    const due = Math.min(this.#link.deadline, this.#requests.deadline, this.#leases.deadline);
    if (due === Infinity) return;
    const afterMs = Math.min(TIMER_MAX_MS, Math.max(0, Math.ceil(due - this.environment.now())));
    this.#timer = this.environment.setTimer(afterMs, () => {
      const now = this.environment.now();
      this.#run([...this.#link.tick(now), ...this.#requests.tick(now), ...this.#leases.tick(now)]);
    });
  }
}
