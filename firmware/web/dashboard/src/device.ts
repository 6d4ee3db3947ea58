import { batch, computed, signal, type Signal } from "@preact/signals";
import { Client, RequestError, matches, type AnnouncementPayload, type DescriptionChannel, type DescriptionPayload, type EventPayload, type Path, type PresencePayload,
  type Status, type Update, type Value, type WhoamiPayload } from "signalbox-client";
import { isTrusted, isolated } from "./format.js";
import { Runs } from "./runs.js";
import { Series } from "./series.js";
import { leaseEndInWords } from "./words.js";

export interface Reading {
  value: Value;
  quality: "good" | "simulated" | "stale" | "fault";
  at: number | null;
}

/** A time without a connection, and what of it is lost for good. */
export interface Outage {
  from: number;
  to?: number;
  recovered: number;
  lost: Set<Path>;
}

export interface Note {
  id: number;
  at: number;
  severity: "info" | "warning" | "error";
  event?: EventPayload;
  announcement?: AnnouncementPayload;
  /** What this page itself has to tell. */
  text?: string;
}

const NOTES_MAX = 200;
const OUTAGES_MAX = 20;

/** The device as this page knows it: everything that is shown, kept up to date by one client. */
export class Device {
  readonly client: Client;
  readonly status = signal<Status>({ state: "closed" });
  readonly me = signal<WhoamiPayload | undefined>(undefined);
  readonly title = signal("Signalbox");
  readonly firmware = signal("");
  readonly isStopped = signal(false);
  readonly stoppedBy = signal<EventPayload | undefined>(undefined);
  readonly channels = signal<DescriptionChannel[]>([]);
  readonly people = signal<PresencePayload["sessions"]>([]);
  readonly requests = signal<Map<string, string>>(new Map());
  readonly notes = signal<Note[]>([]);
  readonly outages = signal<Outage[]>([]);
  readonly roundTrip = signal<{ ms: number; uptimeMs: number } | undefined>(undefined);
  readonly session = signal("");
  readonly runs: Runs;

  readonly isOnline = computed(() => this.status.value.state === "online");
  readonly mayControl = computed(() => (this.me.value?.rights.control ?? []).length > 0);
  readonly mayAdminister = computed(() => this.me.value?.rights.administer ?? false);
  /** Alarms that are on, or that nobody has acknowledged; the worst first. */
  readonly alarms = computed(() => this.channels.value
    .flatMap((channel) => (channel.alarms ?? []).filter(({ state }) => state !== "normal").map((alarm) => ({ channel, alarm })))
    .sort((a, b) => Number(b.alarm.severity === "error") - Number(a.alarm.severity === "error")));
  /** Who has each baton; groups that nobody has are left out. */
  readonly batons = computed(() => new Map(this.people.value.flatMap((one) => one.batons.map((group) => [group, one] as const))));
  readonly leases = computed(() => new Map(this.people.value.flatMap((one) => one.leases.map((path) => [path, one] as const))));

  #hadSnapshot = () => {};
  #hasSnapshot = new Promise<void>((had) => { this.#hadSnapshot = had; });
  #readings = new Map<Path, Signal<Reading | undefined>>();
  #series = new Map<Path, Series>();
  #notes = 0;
  #presenceAsked: ReturnType<typeof setTimeout> | undefined;
  #wasOnline = false;
  #epoch: string | undefined;

  /** `refused`: this browser is not let in (any more); `told` why, where it was once. */
  constructor(url: string, private readonly refused: (told?: string) => void) {
    this.client = new Client({ url, baseMs: 500, maxMs: 15_000, heartbeatMs: 3_000, deadAfterMs: 8_000 });
    this.runs = new Runs(this.client);
    this.client.on("state", (status) => this.#changed(status));
    this.client.on("online", () => void this.#online());
    this.client.on("leaseLost", ({ channel, detail }) => this.runs.leaseLost(channel, this.isStopped.value ? "a stop made it safe" : leaseEndInWords(detail)));
    this.client.on("announcement", (announcement) => this.#note({ at: announcement.at, severity: "info", announcement }));
    this.client.on("token", (token) => void fetch("/v1/login", { method: "POST", headers: { Authorization: `Bearer ${token}` } }));
  }

  start(): void {
    this.client.open().catch(() => {}); // told by its state
    this.#listen().catch(() => {}); // so is this
  }

  /** The device's clock; before it told, ours. */
  get now(): number {
    return this.client.deviceTime ?? Date.now();
  }

  reading(path: Path): Signal<Reading | undefined> {
    let found = this.#readings.get(path);
    if (found === undefined) this.#readings.set(path, found = signal(undefined));
    return found;
  }

  series(path: Path): Series {
    let found = this.#series.get(path);
    if (found === undefined) this.#series.set(path, found = new Series());
    return found;
  }

  channel(path: Path): DescriptionChannel | undefined {
    return this.channels.value.find((channel) => channel.path === path);
  }

  /** Whether this person may control it; what is measured only as well, whose alarms they may acknowledge then. */
  mayMove(path: Path): boolean {
    return (this.me.value?.rights.control ?? []).some((pattern) => matches(pattern, path));
  }

  named = (path: Path): string => isolated(this.channel(path)?.title ?? path);
  kindOf = (path: Path): string | undefined => this.channel(path)?.kind;

  /** Fills what is known of some channels from what the device remembers. */
  async recall(paths: Path[], from: number, to: number): Promise<void> {
    for (let i = 0; i < paths.length; i += 8) {
      const query = { paths: paths.slice(i, i + 8), from: Math.max(0, Math.floor(from)), to: Math.ceil(to) };
      for await (const { series } of this.client.history(query)) {
        for (const { channel, samples } of series) {
          this.series(channel).merge((samples ?? []).filter(({ at }) => at !== null).map(({ at, value, quality }) => ({ at: at!, value: drawn(value, quality) })));
        }
      }
    }
  }

  async ping(): Promise<void> {
    const asked = performance.now();
    const { uptimeMs } = await this.client.request("ping", {});
    this.roundTrip.value = { ms: performance.now() - asked, uptimeMs };
  }

  askPresence(): void {
    this.#presenceAsked ??= setTimeout(async () => {
      this.#presenceAsked = undefined;
      try {
        this.people.value = await this.client.presence();
      } catch {
        // Asked again once there is a connection.
      }
    }, 150);
  }

  async describe(path?: Path): Promise<void> {
    const description = path === undefined ? await this.#describeAll() : await this.client.describe(path);
    batch(() => {
      this.title.value = description.device.title ?? description.device.id;
      this.firmware.value = description.firmwareVersion;
      this.isStopped.value = description.stopped;
      const told = new Map(description.channels.map((channel) => [channel.path, channel]));
      this.channels.value = path === undefined ? description.channels : this.channels.value.map((channel) => told.get(channel.path) ?? channel);
    });
  }

  /** At once, or channel by channel where that is more than fits one message. */
  async #describeAll(): Promise<DescriptionPayload> {
    try {
      return await this.client.describe();
    } catch (error) {
      if (!(error instanceof RequestError) || error.reason !== "tooBig") throw error;
    }
    await this.#hasSnapshot;
    const parts = await Promise.all([...this.#readings.keys()].map((path) => this.client.describe(path)));
    return { ...parts[0]!, channels: parts.flatMap(({ channels }) => channels) };
  }

  #changed(status: Status): void {
    batch(() => {
      this.status.value = status;
      if (status.state === "online" || !this.#wasOnline) return;
      const last = this.outages.value.at(-1);
      if (last !== undefined && last.to === undefined) return;
      this.outages.value = [...this.outages.value, { from: this.now, recovered: 0, lost: new Set<Path>() }].slice(-OUTAGES_MAX);
    });
    if (status.state === "refused") this.refused(this.#wasOnline ? status.failure?.detail : undefined);
    else if (status.state === "waiting") void this.#lookWhy();
  }

  /** A browser does not tell a page that its cookie was refused: the socket just ends. */
  async #lookWhy(): Promise<void> {
    const answer = await fetch("/.well-known/wot", { method: "HEAD" }).catch(() => undefined);
    if (answer?.status !== 401) return;
    this.client.close();
    await fetch("/v1/logout", { method: "POST" }).catch(() => {});
    this.refused("What this browser was let in with has expired or was taken back.");
  }

  async #online(): Promise<void> {
    this.#wasOnline = true;
    const { session = "", epoch } = this.client.welcome ?? {};
    this.session.value = session;
    if (this.#epoch !== undefined && epoch !== this.#epoch) this.#note({ at: this.now, severity: "warning", text: "The device was started again" });
    this.#epoch = epoch;
    const last = this.outages.value.at(-1);
    if (last !== undefined && last.to === undefined) this.#amend({ to: this.now });
    try {
      const [me] = await Promise.all([this.client.whoami(), this.describe(), this.ping()]);
      this.me.value = me;
      this.askPresence();
    } catch {
      // Cut off again: the next connection asks anew.
    }
  }

  #amend(more: Partial<Outage>): void {
    this.outages.value = [...this.outages.value.slice(0, -1), { ...this.outages.value.at(-1)!, ...more }];
  }

  async #listen(): Promise<void> {
    for await (const update of this.client.subscribe(["#"], { id: "page", events: true, presence: true, minPeriodMs: 100, buffer: 5_000 })) {
      batch(() => this.#take(update));
    }
  }

  #take(update: Update): void {
    switch (update.kind) {
      case "snapshot": case "telemetry":
        for (const sample of update.samples) {
          this.reading(sample.channel).value = sample;
          if (sample.at !== null) this.series(sample.channel).push(sample.at, drawn(sample.value, sample.quality));
        }
        if (update.kind === "snapshot") this.#hadSnapshot();
        return;
      case "missed": {
        const last = this.outages.value.at(-1);
        for (const { channel, at, value, quality } of update.samples) if (at !== null) this.series(channel).push(at, drawn(value, quality));
        if (last !== undefined) this.#amend({ recovered: last.recovered + update.samples.length });
        return;
      }
      case "gap": {
        const last = this.outages.value.at(-1);
        for (const { channel } of update.gaps) this.series(channel).breakAt((last?.from ?? this.now) + 1);
        if (last !== undefined) this.#amend({ lost: new Set([...last.lost, ...update.gaps.map(({ channel }) => channel)]) });
        return;
      }
      case "event": return this.#happened(update.event);
      case "eventGap": return this.#note({ at: this.now, severity: "warning", text: `Up to ${update.gap.lost} events were missed here: the connection was too slow` });
      case "announcement": return; // the client tells each once
      case "dropped": return this.#note({ at: this.now, severity: "warning", text: `This page was too slow, and left out ${update.samples} samples` });
    }
  }

  #happened(event: EventPayload): void {
    this.#note({ at: event.at, severity: event.severity, event });
    if (event.name === "actuated" && (event.cause !== "command" || event.session !== this.session.value)) this.runs.moved(event.channel!);
    if (event.name === "stopped") [this.isStopped.value, this.stoppedBy.value] = [true, event];
    if (event.name === "reset") [this.isStopped.value, this.stoppedBy.value] = [false, undefined];
    if (event.name === "reloaded") void this.describe().catch(() => {});
    if (event.name.startsWith("alarm") && event.channel !== undefined) void this.describe(event.channel).catch(() => {});
    if (event.name.startsWith("baton")) this.#asked(event);
    this.askPresence();
  }

  #asked(event: EventPayload): void {
    const requests = new Map(this.requests.value);
    if (event.name === "batonRequested" && event.by !== undefined) requests.set(event.group!, event.by);
    else requests.delete(event.group!);
    this.requests.value = requests;
  }

  #note(note: Omit<Note, "id">): void {
    this.#notes += 1;
    this.notes.value = [{ ...note, id: this.#notes }, ...this.notes.value].slice(0, NOTES_MAX);
  }
}

/** As it stands in a chart: what cannot be trusted, and what is no number, breaks the line. */
function drawn(value: Value, quality: string): number | null {
  if (!isTrusted({ quality })) return null;
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "number" ? value : null;
}
