import { backoffMs } from "./backoff.js";
import type { LinkEffect, LinkOptions, LinkState, Message } from "./effects.js";
import { classify, classifyRefusal, isTemporary, type Failure, type Goodbye, type SocketEnd } from "./failure.js";
import type { Counter, WelcomePayload } from "./messages.js";

interface Held {
  session: string;
  sessionToken: string;
  epoch: string;
  lostAt: number;
}

/** How long the device keeps what a lost session held (PROTOCOL, resume). */
const RESUMABLE_MS = 60_000;
const RESUME_TRIES = 5;
const HELD_MAX = 3;
const CLOCK_MS = 60_000;
/** A peer is only called dead that had so long to answer a ping: our own process may have slept. */
const ANSWER_MS = 5_000;

/**
 * The life of a connection, as a machine that is told what happens and when, and says what is to be done. It owns neither
 * sockets nor timers nor a clock: `now` is monotonic ms; call `tick` at `deadline`.
 */
export class Link {
  state: LinkState = "closed";
  welcome: WelcomePayload | undefined;
  /** When `tick` is due; Infinity: never. */
  deadline = Infinity;

  #id = 0;
  #attempt = 0;
  #isAdmitted = false;
  #isOnline = false;
  #isAfterRefusal = false;
  #goodbye: Goodbye | undefined;
  /** Sessions of ours that the device may still keep. More than one where a connection broke while it resumed. */
  #held: Held[] = [];
  #resumed: number | undefined;
  #isAnotherRun = false;
  #sessionToken: string | undefined;
  #resumes = 0;
  #resumeAt: number | undefined;
  #handshakeEnds = 0;
  #isTold = false;
  #pings = 0;
  #heardAt = 0;
  #pingedAt = 0;
  #askedAt: number | undefined; // the first ping since something was heard
  #onlineAt = 0;
  #effects: LinkEffect[] = [];

  constructor(private readonly options: LinkOptions, private readonly random: () => number,
    private readonly credential: () => string | undefined, private readonly known: () => Counter | undefined) {}

  open(now: number): LinkEffect[] {
    if (this.state === "closed" || this.state === "refused") {
      this.#attempt = 0;
      this.#isAfterRefusal = this.state === "refused";
      this.#dial(now);
    }
    return this.#take();
  }

  close(): LinkEffect[] {
    if (this.#hasSocket()) this.#do({ do: "hangUp", id: this.#id, reason: "bye" });
    this.#leave();
    this.#held = []; // closed on purpose: nobody comes back for it
    this.deadline = Infinity;
    if (this.state !== "closed") {
      this.#do({ do: "offline", failure: undefined });
      this.#become("closed");
    }
    return this.#take();
  }

  /** Somebody knows that the network is back: no need to wait any longer, unless the device asked for it. */
  wake(now: number): LinkEffect[] {
    if (this.state === "waiting" && !this.#isTold) this.#dial(now);
    return this.#take();
  }

  received(id: number, message: Message, now: number): LinkEffect[] {
    if (id !== this.#id || !this.#hasSocket()) return [];
    this.#heardAt = now;
    this.#askedAt = undefined;
    this.#read(message, now);
    this.#schedule();
    return this.#take();
  }

  ended(id: number, end: SocketEnd, now: number): LinkEffect[] {
    if (id === this.#id && this.#hasSocket()) this.#fail(classify(end, this.#goodbye, this.#isAdmitted), now);
    return this.#take();
  }

  tick(now: number): LinkEffect[] {
    if (now < this.deadline) return [];
    if (this.state === "waiting") this.#dial(now);
    else if (this.state === "online") this.#watch(now);
    else if (this.#resumeAt !== undefined && now < this.#handshakeEnds) this.#resume();
    else if (this.#hasSocket()) this.#giveUp(this.state === "connecting" ? "no welcome from the device in time" : "no answer from the device in time", now);
    this.#schedule();
    return this.#take();
  }

  #read(message: Message, now: number): void {
    switch (message.type) {
      case "welcome":
        return this.#greeted(message.payload, now);
      case "goodbye":
        this.#goodbye = message.payload;
        return;
      case "ack": case "error":
        if (message.replyTo === this.#ownId("authenticate")) return this.#answered(message, now);
        if (message.replyTo === this.#ownId("resume")) return this.#answeredResume(message, now);
        break;
      default:
    }
    this.#do({ do: "message", message });
  }

  #greeted(welcome: WelcomePayload, now: number): void {
    if (welcome.protocol !== "signalbox.v1") {
      return this.#refuse({ class: "protocol", detail: `the device speaks ${String(welcome.protocol)}; expected signalbox.v1` });
    }
    this.welcome = welcome;
    this.#do({ do: "message", message: { type: "welcome", timestamp: welcome.deviceTime, payload: welcome } });
    if (welcome.authenticated) return this.#admitted(welcome.sessionToken, now);
    const token = this.credential();
    if (token === undefined) return this.#refuse({ class: "credential", detail: "the device asks for a token, and there is none" });
    this.#handshakeEnds = now + this.options.handshakeMs;
    this.#become("authenticating");
    this.#send("authenticate", { token });
  }

  #answered(message: Message & { type: "ack" | "error" }, now: number): void {
    if (message.type === "ack") return this.#admitted(message.payload.sessionToken, now);
    this.#do({ do: "hangUp", id: this.#id, reason: "not let in" });
    this.#fail(classifyRefusal(message.payload), now);
  }

  #admitted(sessionToken: string | undefined, now: number): void {
    this.#isAdmitted = true;
    this.#isAfterRefusal = false;
    this.#sessionToken = sessionToken;
    this.#do({ do: "admitted", id: this.#id, welcome: this.welcome! });
    const { epoch } = this.welcome!;
    this.#isAnotherRun = this.#held.some((held) => held.epoch !== epoch);
    this.#held = this.#held.filter((held) => held.epoch === epoch && now - held.lostAt <= RESUMABLE_MS);
    this.#resumed = undefined;
    this.#resumes = 0;
    this.#resumeNext(now);
  }

  #resumeNext(now: number): void {
    if (this.#held.length === 0) return this.#goOnline(now);
    this.#handshakeEnds = now + this.options.handshakeMs;
    if (this.state !== "resuming") this.#become("resuming");
    this.#resume();
  }

  #resume(): void {
    const held = this.#held[0]!, offset = this.known();
    this.#resumes += 1;
    this.#resumeAt = undefined;
    this.#send("resume", { session: held.session, sessionToken: held.sessionToken, ...(offset === undefined ? {} : { offset }) });
  }

  #answeredResume(message: Message & { type: "ack" | "error" }, now: number): void {
    if (message.type === "error" && message.payload.temporary && this.#resumes < RESUME_TRIES) {
      this.#resumeAt = now + (message.payload.retryAfterMs ?? 200);
      return;
    }
    if (message.type === "ack") this.#resumed = (this.#resumed ?? 0) + (message.payload.subscriptions ?? 0);
    this.#held.shift();
    this.#resumeNext(now);
  }

  #goOnline(now: number): void {
    const isAnotherRun = this.#isAnotherRun, resumed = this.#resumed;
    this.#isOnline = true;
    this.#onlineAt = now;
    this.#become("online");
    this.#do({ do: "online", id: this.#id, isAnotherRun, ...(resumed === undefined ? {} : { resumed }) });
    this.#ping(now); // tells where its clock stands
  }

  #watch(now: number): void {
    if (now - this.#onlineAt >= this.options.steadyMs) this.#attempt = 0;
    if (now >= this.#deadAt()) return this.#giveUp(`nothing heard from the device for ${Math.round(now - this.#heardAt)} ms`, now);
    if (now >= this.#pingAt()) this.#ping(now);
  }

  #pingAt(): number {
    const quiet = Math.max(this.#heardAt, this.#pingedAt) + Math.min(this.options.heartbeatMs, this.welcome!.limits.heartbeatMs);
    return Math.min(quiet, this.#pingedAt + CLOCK_MS);
  }

  #deadAt(): number {
    if (this.#askedAt === undefined) return Infinity;
    const deadAfterMs = Math.min(this.options.deadAfterMs, this.welcome!.limits.deadAfterMs);
    return Math.max(this.#heardAt + deadAfterMs, this.#askedAt + Math.min(ANSWER_MS, deadAfterMs / 2));
  }

  #ping(now: number): void {
    this.#pingedAt = now;
    this.#askedAt ??= now;
    this.#pings += 1;
    this.#do({ do: "send", id: this.#id, request: { type: "ping", msgId: `ping-${this.#pings}`, payload: {} } });
  }

  #giveUp(detail: string, now: number): void {
    this.#do({ do: "hangUp", id: this.#id, reason: "no answer" });
    this.#fail({ class: "network", detail }, now);
  }

  #refuse(failure: Failure): void {
    this.#do({ do: "hangUp", id: this.#id, reason: "not as expected" });
    this.#stopWith(failure);
  }

  #stopWith(failure: Failure): void {
    this.#leave();
    this.deadline = Infinity;
    this.#do({ do: "offline", failure });
    this.#become("refused", failure);
  }

  #fail(failure: Failure, now: number): void {
    if (this.#isOnline && now - this.#onlineAt >= this.options.steadyMs) this.#attempt = 0;
    if (this.#isAdmitted && this.#sessionToken !== undefined) {
      const { session, epoch } = this.welcome!;
      this.#held = [...this.#held, { session, epoch, sessionToken: this.#sessionToken, lostAt: now }].slice(-HELD_MAX);
    }
    const another = failure.class === "credential" && this.options.hasOtherCredentials && !this.#isAfterRefusal;
    if (!isTemporary(failure) && !another) return this.#stopWith(failure);
    if (another) this.#isAfterRefusal = true;
    this.#leave();
    const waitMs = backoffMs(this.#attempt, failure.retryAfterMs ?? 0, this.options, this.random);
    this.#isTold = failure.retryAfterMs !== undefined;
    this.#attempt += 1;
    this.deadline = now + waitMs;
    this.#do({ do: "offline", failure });
    this.#become("waiting", failure, waitMs);
  }

  #dial(now: number): void {
    this.#id += 1;
    this.#handshakeEnds = now + this.options.handshakeMs;
    this.#become("connecting");
    this.#do({ do: "dial", id: this.#id, isAfterRefusal: this.#isAfterRefusal });
    this.#schedule();
  }

  #leave(): void {
    this.#isOnline = this.#isAdmitted = false;
    this.#goodbye = undefined;
    this.#sessionToken = undefined;
    this.#resumeAt = undefined;
  }

  #schedule(): void {
    if (this.state === "online") this.deadline = Math.min(this.#deadAt(), this.#pingAt());
    else if (this.#hasSocket()) this.deadline = this.#resumeAt ?? this.#handshakeEnds;
  }

  #hasSocket(): boolean {
    return this.state === "connecting" || this.state === "authenticating" || this.state === "resuming" || this.state === "online";
  }

  #ownId(type: "authenticate" | "resume"): string {
    return type === "resume" ? `resume-${this.#id}-${this.#resumes}` : `authenticate-${this.#id}`;
  }

  #send(type: "authenticate" | "resume", payload: object): void {
    this.#do({ do: "send", id: this.#id, request: { type, msgId: this.#ownId(type), payload } });
  }

  #become(state: LinkState, failure?: Failure, retryInMs?: number): void {
    this.state = state;
    this.#do({ do: "state", state, ...(failure && { failure }), ...(retryInMs !== undefined && { retryInMs }) });
  }

  #do(effect: LinkEffect): void {
    this.#effects.push(effect);
  }

  #take(): LinkEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
