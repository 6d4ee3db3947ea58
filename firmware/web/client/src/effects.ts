import type { BackoffOptions } from "./backoff.js";
import type { Failure } from "./failure.js";
import type { Requests, Told, WelcomePayload } from "./messages.js";

/** A message as it travels. */
export interface Request {
  type: keyof Requests;
  msgId: string;
  payload: object;
}
export type Message = { [Type in keyof Told]: { type: Type; replyTo?: string; timestamp: number; payload: Told[Type] } }[keyof Told];

export type LinkState = "closed" | "connecting" | "authenticating" | "resuming" | "online" | "waiting" | "refused";

export interface LinkOptions extends BackoffOptions {
  /** So long may it take from dialling to `welcome`, and again until our credential was taken. */
  handshakeMs: number;
  /** Online for that long, the next failure is the first again. */
  steadyMs: number;
  /** Shorter than what the device says, where wanted. */
  heartbeatMs: number;
  deadAfterMs: number;
  /** Whether there can be another credential after one that was refused. */
  hasOtherCredentials: boolean;
}

export type LinkEffect =
  | { do: "dial"; id: number; isAfterRefusal: boolean }
  | { do: "hangUp"; id: number; reason: string }
  | { do: "send"; id: number; request: Request }
  /** Our credential was taken: what cannot wait may go. */
  | { do: "admitted"; id: number; welcome: WelcomePayload }
  /** Everything may go. `resumed`: how many subscriptions go on; left out: this session holds nothing. */
  | { do: "online"; id: number; resumed?: number; isAnotherRun: boolean }
  | { do: "offline"; failure: Failure | undefined }
  | { do: "message"; message: Message }
  | { do: "state"; state: LinkState; failure?: Failure; retryInMs?: number };
