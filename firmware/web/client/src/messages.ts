// Made by generate/types.mjs from docs/schemas (npm run generate). Not to be edited.

/** A channel's name, such as cabin/temperature */
export type Path = string;
/** A path in which + stands for any one level and a last # for its parent and everything below */
export type Pattern = string;
export type Patterns = Pattern[];
/** A label of the sender's choice */
export type Id36 = string;
export type SubscriptionId = string;
/** A group of sessions; no control characters but line feeds and tabs */
export type Group = string;
/** Whom an announcement is for: all, group:<its name> or session:<its name>, names up to 31 bytes */
export type Audience = string;
/** No control characters but line feeds and tabs */
export type Announcement = string;
/** Somebody's name */
export type Principal = string;
export type Role = "viewer" | "operator" | "admin";
/** Words with one space between them: read:<pattern>, control:<pattern>, admin; when asked for, viewer and operator as well */
export type Scope = string;
/** Patterns of what may be read and moved, left out where there are none; whether the device may be administered */
export type Rights = {
  read?: Pattern[];
  control?: Pattern[];
  administer: boolean;
};
export type TokenId = string;
/** Names a session */
export type Session = string;
export type SessionToken = string;
/** Names a run of the device */
export type Epoch = string;
/** A point in time, Unix ms */
export type UnixMs = number;
/** A duration in ms */
export type Ms = number;
/** A duration in ms, up to a day */
export type DayMs = number;
/** A count; above 2^53 its digits as text */
export type Counter = number | string;
/** A count; its digits as text will do, and above 2^53 must */
export type AskedCounter = number | string;
export type Severity = "info" | "warning" | "error";
/** As the channel's kind; an enum's value is its label; null: none yet, or a number that is none */
export type Value = number | boolean | string | null;
export type Rung = "accepted" | "applied" | "verified";
export type Quality = "good" | "simulated" | "stale" | "fault";
export type Reason = "malformed" | "unauthenticated" | "forbidden" | "notFound" | "expired" | "conflict" | "superseded" | "foreignEpoch" | "tooBig" | "outOfRange" | "interlocked" | "stopped" | "held" | "busy" | "internal" | "unknownType" | "failed" | "mismatch" | "overloaded" | "offline" | "unknown";
export type Cause = "command" | "readBack" | "pulseEnded" | "leaseEnded" | "batonLost" | "override" | "interlock" | "reload" | "stop" | "shutdown";
/** The members of a sample, wherever it stands */
export type Reading = {
  value: Value;
  quality: Quality;
  /** When it was taken; null: never */ at: number | null;
};
/** UCUM */
export type Unit = string;
/** What a number may be */
export type Range = [number, number];
export type Sample = Reading & {
  channel: Path;
  unit?: Unit;
  range?: Range;
  /** Of what was folded */ min?: number;
  /** Of what was folded */ max?: number;
  /** How many samples it stands for */ count?: number;
};
export type Samples = Sample[];
export type PastSample = Reading & {
  offset: Counter;
};
export type LastSeen = {
  epoch: Epoch;
  /** The last one that was told */ offset: AskedCounter;
};
/** Where the device's counter of samples and events stood */
export type Place = {
  epoch: Epoch;
  offset: Counter;
};
/** Which device, as welcome and description tell it */
export type Identity = {
  device: { id: string; title?: string };
  /** Stopped and not reset since */ stopped: boolean;
  firmwareVersion: string;
  epoch: Epoch;
  limits: Limits;
};
export type Limits = {
  sessions: number;
  messageBytes: number;
  nesting: number;
  subscriptions: number;
  commandsInFlight: number;
  groups: number;
  historySamples: number;
  authenticateMs: Ms;
  heartbeatMs: Ms;
  deadAfterMs: Ms;
  unreadAfterMs: Ms;
  /** Left out: not limited */ requestsPerS?: number;
  /** Left out: not limited */ bytesPerS?: number;
  /** Of an address, that are free; left out: any number */ failedLogins?: number;
  /** Left out: not limited */ connectionsPerAddress?: number;
};
/** One output to be moved */
export type Write = {
  channel: Path;
  action?: "set" | "toggle" | "pulse" | "release";
  value?: number | boolean | string;
  pulseMs?: DayMs;
  ifVersion?: number;
};
/** Under which terms outputs are moved */
export type Terms = {
  until?: Rung;
  deadlineMs?: number;
  notAfter?: UnixMs;
  epoch?: string;
  clientId?: Id36;
  leaseMs?: DayMs;
};
/** acknowledge: somebody has seen an alarm */
export type AcknowledgeRequest = {
  /** Of the event that raised it */ offset: AskedCounter;
};
/** announce: tells other sessions something */
export type AnnounceRequest = {
  to: Audience;
  /** For people */ text: Announcement;
  /** For programs */ data?: Announcement;
};
/** authenticate: shows a credential */
export type AuthenticateRequest = {
  token: string;
};
/** baton: control of a group of outputs changes hands */
export type BatonRequest = {
  group: string;
  action: "take" | "request" | "grant" | "steal";
};
/** command: moves an output */
export type CommandRequest = Write & Terms;
/** describe: which channels there are */
export type DescribeRequest = {
  path?: Pattern;
};
/** history: what channels read in a span of time; to is later than from */
export type HistoryRequest = {
  paths: Patterns;
  from: UnixMs;
  to: UnixMs;
  stepMs?: DayMs;
  aggregate?: ("last" | "min" | "max" | "mean" | "count")[];
  /** Of the answer before, unchanged */ cursor?: string;
};
/** issueToken: a token for somebody else */
export type IssueTokenRequest = {
  name: Principal;
  scope: Scope;
  /** In seconds */ lifetimeS?: number;
};
/** join: enters a group of sessions */
export type JoinRequest = {
  group: Group;
};
/** journal: what happened to the device */
export type JournalRequest = {
  after?: number;
  max?: number;
  channel?: Pattern;
  outcome?: "failed";
};
/** leave: leaves a group of sessions */
export type LeaveRequest = {
  group: Group;
};
/** log: tells the lines of the log, those that are kept and those to come */
export type LogRequest = {
  /** false: no more of them */ follow?: boolean;
  /** Lines behind the last one that was told */ resume?: LastSeen;
};
/** ping: is anybody there, and what time is it */
export type PingRequest = {
  data?: string;
};
/** presence: who is there */
export type PresenceRequest = {
  /** next of the page before */ after?: number;
};
/** refreshToken: the sender's token once more, for as long */
export type RefreshTokenRequest = Record<never, never>;
/** reload: reads the device file again */
export type ReloadRequest = Record<never, never>;
/** renew: keeps a lease */
export type RenewRequest = {
  channel: Path;
  leaseMs: number;
};
/** reset: ends a stop */
export type ResetRequest = Record<never, never>;
/** resume: takes over what an earlier session held */
export type ResumeRequest = {
  session: Session;
  sessionToken: string;
  /** The last one that was told: what was missed since is told */ offset?: AskedCounter;
};
/** revokeToken: a token, or all of a key, is worth nothing any more */
export type RevokeTokenRequest = {
  /** Of a token, its jti or the part before the dot; or the kid of a key */ id: TokenId;
};
/** scene: moves outputs together or not at all; each channel once */
export type SceneRequest = Terms & {
  writes: Write[];
};
/** stop: every output goes to its safe value */
export type StopRequest = Record<never, never>;
/** subscribe: tells channels as they change, or on a beat */
export type SubscribeRequest = {
  id: SubscriptionId;
  paths: Patterns;
  mode?: "instant" | "fixed";
  minPeriodMs?: number;
  deadband?: number;
  periodMs?: number;
  events?: boolean;
  /** With events: also who comes and goes */ presence?: boolean;
  /** What was known before the connection was lost */ resume?: LastSeen;
};
/** ticket: something that opens one socket, for a URL */
export type TicketRequest = Record<never, never>;
/** tokens: which tokens were given out */
export type TokensRequest = {
  /** next of the page before */ after?: number;
};
/** unsubscribe: ends a subscription */
export type UnsubscribeRequest = {
  id: SubscriptionId;
};
/** whoami: whom the device takes the sender for */
export type WhoamiRequest = Record<never, never>;
/** The payload of each request, by its type. */
export interface Requests {
  acknowledge: AcknowledgeRequest;
  announce: AnnounceRequest;
  authenticate: AuthenticateRequest;
  baton: BatonRequest;
  command: CommandRequest;
  describe: DescribeRequest;
  history: HistoryRequest;
  issueToken: IssueTokenRequest;
  join: JoinRequest;
  journal: JournalRequest;
  leave: LeaveRequest;
  log: LogRequest;
  ping: PingRequest;
  presence: PresenceRequest;
  refreshToken: RefreshTokenRequest;
  reload: ReloadRequest;
  renew: RenewRequest;
  reset: ResetRequest;
  resume: ResumeRequest;
  revokeToken: RevokeTokenRequest;
  scene: SceneRequest;
  stop: StopRequest;
  subscribe: SubscribeRequest;
  ticket: TicketRequest;
  tokens: TokensRequest;
  unsubscribe: UnsubscribeRequest;
  whoami: WhoamiRequest;
}
/** ack: a request succeeded */
export type AckPayload = {
  outcome: "accepted" | "applied" | "verified" | "authenticated" | "unsubscribed" | "renewed" | "taken" | "requested" | "granted" | "stolen" | "stopped" | "reset" | "resumed" | "announced" | "joined" | "left" | "acknowledged" | "reloaded" | "revoked" | "following" | "unfollowed";
  /** With revoked: the sender's new one, where their own was among them */ token?: string;
  /** With announced: how many other sessions it is for */ reached?: number;
  /** With resumed: how many go on */ subscriptions?: number;
  /** With authenticated */ sessionToken?: SessionToken;
};
/** announcement: what somebody announced */
export type AnnouncementPayload = Place & {
  at: UnixMs;
  by: string;
  session: Session;
  to: Audience;
  text: Announcement;
  data?: Announcement;
};
export type DescriptionChannel = Reading & {
  path: Path;
  title?: string;
  kind: "number" | "boolean" | "text" | "enum";
  unit?: Unit;
  range?: Range;
  labels?: string[];
  access: { read: boolean; control: boolean };
  staleMs: DayMs;
  version: Counter;
  alarms?: DescriptionAlarm[];
  output?: DescriptionOutput;
};
export type DescriptionAlarm = {
  name: string;
  text?: string;
  severity: "warning" | "error";
  is?: Value;
  below?: number;
  above?: number;
  quality?: "bad";
  deadband?: number;
  onDelayMs?: Ms;
  offDelayMs?: Ms;
  acknowledge: boolean;
  state: "normal" | "active" | "acknowledged" | "cleared";
  since?: UnixMs;
  /** Of the event that raised it */ offset?: Counter;
  acknowledgedBy?: string;
};
export type DescriptionOutput = {
  initial: Value;
  safe: Value;
  deadlineMs: number;
  feedback?: { channel?: Path; scale: number; offset: number; tolerance: number; verifyMs: DayMs };
  pulseMaxMs?: DayMs;
  lease?: { required: boolean; maxMs: number };
  minOnMs?: DayMs;
  minOffMs?: DayMs;
  ratePerS?: number;
  baton?: string;
  interlocks?: DescriptionCondition[];
  override?: DescriptionCondition & { value: Value };
};
/** What another channel must read; its name is left out where it may not be read */
export type DescriptionCondition = {
  channel?: Path;
  is?: Value;
  below?: number;
  above?: number;
};
/** description: the answer to describe */
export type DescriptionPayload = Identity & {
  channels: DescriptionChannel[];
};
/** error: a request failed */
export type ErrorPayload = {
  code: number;
  reason: Reason;
  temporary: boolean;
  retryAfterMs?: number;
  field?: string;
  detail: string;
  /** Which writes of a scene stood in the way */ refused?: ({ channel: Path; reason: Reason })[];
};
/** event: something happened once */
export type EventPayload = Place & {
  name: "actuated" | "notActuated" | "batonMoved" | "batonRequested" | "batonStolen" | "stopped" | "reset" | "sessionOpened" | "sessionResumed" | "sessionClosed" | "groupJoined" | "groupLeft" | "alarmRaised" | "alarmAcknowledged" | "alarmCleared" | "reloaded" | "loginsSlowed" | "claimed" | "claimRefused" | "tokenIssued" | "tokenRevoked" | "journalFailed" | "journalRecovered";
  severity: Severity;
  at: UnixMs;
  channel?: Path;
  from?: Value;
  to?: Value;
  alarm?: string;
  /** What an alarm means */ text?: string;
  /** Offset of the event that raised it */ raised?: Counter;
  value?: Value;
  quality?: Quality;
  group?: string;
  holder?: string;
  holderSession?: Session;
  cause?: Cause;
  by?: string;
  session?: Session;
  reason?: Reason;
};
/** eventGap: events were lost, this reader was too late */
export type EventGapPayload = {
  epoch: Epoch;
  lost: Counter;
  before: Counter;
};
/** goodbye: the last message before the device closes */
export type GoodbyePayload = {
  /** Words for a person */ reason: string;
  retryAfterMs?: number;
};
/** history: a page of what channels read */
export type HistoryPayload = Place & {
  series: ({ channel: Path; complete: boolean; samples?: PastSample[]; steps?: ({ at: UnixMs; last?: Value; min?: number; max?: number; mean?: number; count?: Counter })[] })[];
  /** There is more: ask again with it */ cursor?: string;
};
export type JournalRecord = {
  sequence: Counter;
  kind: "actuation" | "started" | "ended" | "stop" | "reset" | "acknowledgement" | "reloaded" | "claimed" | "claimReopened" | "tokenIssued" | "tokenRevoked" | "loginsSlowed" | "factoryReset" | "gap";
  lost?: Counter;
  at: UnixMs;
  epoch?: Epoch;
  channel?: Path;
  cause?: Cause;
  who?: string;
  session?: Session;
  peer?: string;
  traceId?: Id36;
  before?: string;
  after?: string;
  outcome?: "applied" | Reason;
  latencyMs?: Ms;
  detail?: string;
  /** The device was stopped when this happened */ stop?: "latched";
};
/** journal: a page of what happened to the device */
export type JournalPayload = {
  epoch: Epoch;
  oldest: Counter;
  newest: Counter;
  committed: { sequence: Counter; hash: string; everyMs: Ms };
  records: JournalRecord[];
  /** There is more: ask again with this as after */ next?: Counter;
};
/** logLine: a line of the log */
export type LogLinePayload = Place & {
  at: UnixMs;
  severity: Severity;
  text: string;
  /** Lines before it that this reader was too late for */ lost?: number;
};
/** missed: what a subscriber that resumes was not told */
export type MissedPayload = Place & {
  id: SubscriptionId;
  gaps?: ({ channel: Path; from: null | Counter; to: null | Counter })[];
  samples: (Reading & { channel: Path; offset: Counter })[];
};
/** pong: the answer to ping */
export type PongPayload = {
  deviceTime: UnixMs;
  uptimeMs: Ms;
  data?: string;
};
/** presence: the sessions that showed a credential */
export type PresencePayload = {
  sessions: ({ session: Session; name: string; role: Role; /** Told to administrators */ peer?: string; since: UnixMs; groups: Group[]; subscriptions: number; folded: Counter; batons: string[]; leases: Path[] })[];
  /** There are more: ask again with this as after */ next?: number;
};
/** progress: a rung before the final one */
export type ProgressPayload = {
  rung: Rung;
};
/** snapshot: the latest sample of every channel a subscription covers */
export type SnapshotPayload = Place & {
  id: SubscriptionId;
  /** Whether all that was missed was told */ recovered?: boolean;
  samples: Samples;
};
/** synced: from now on telemetry comes */
export type SyncedPayload = Place & {
  id: SubscriptionId;
};
/** telemetry: what channels read */
export type TelemetryPayload = Place & {
  samples: Samples;
  /** The sum of all counts */ folded?: Counter;
  /** The rest follows */ more?: true;
};
/** ticket: what opens one socket */
export type TicketPayload = {
  ticket: string;
  validMs: Ms;
};
/** token: a token, shown this once */
export type TokenPayload = {
  token: string;
  name: Principal;
  role: Role;
  scope: Scope;
  /** By which it can be revoked */ id: TokenId;
  expires: UnixMs;
};
/** tokens: what was given out, and what is refused for good */
export type TokensPayload = {
  tokens: ({ kind: "token" | "foreignToken" | "foreignKey"; id: TokenId; name?: Principal; scope?: Scope; issued: UnixMs; expires?: UnixMs; revoked: boolean })[];
  /** The kid of the key that signs them */ key: TokenId;
  /** There are more: ask again with this as after */ next?: number;
};
/** welcome: the first message of a session */
export type WelcomePayload = Identity & {
  protocol: "signalbox.v1";
  deviceTime: UnixMs;
  clock: "set" | "wrong";
  session: Session;
  sessionToken?: SessionToken;
  authenticated: boolean;
  heartbeatMs: Ms;
  rights?: Rights;
  features: string[];
};
/** whoami: what the sender showed, and what it allows */
export type WhoamiPayload = {
  name: Principal;
  role: Role;
  scope: Scope;
  /** By which it can be revoked */ id?: TokenId;
  expires?: UnixMs;
  rights: Rights;
};
/** The payload of what the device tells, by its type. */
export interface Told {
  ack: AckPayload;
  announcement: AnnouncementPayload;
  description: DescriptionPayload;
  error: ErrorPayload;
  event: EventPayload;
  eventGap: EventGapPayload;
  goodbye: GoodbyePayload;
  history: HistoryPayload;
  journal: JournalPayload;
  logLine: LogLinePayload;
  missed: MissedPayload;
  pong: PongPayload;
  presence: PresencePayload;
  progress: ProgressPayload;
  snapshot: SnapshotPayload;
  synced: SyncedPayload;
  telemetry: TelemetryPayload;
  ticket: TicketPayload;
  token: TokenPayload;
  tokens: TokensPayload;
  welcome: WelcomePayload;
  whoami: WhoamiPayload;
}
