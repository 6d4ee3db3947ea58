import type { ErrorPayload, Reason } from "./messages.js";

/** Why a connection ended, or never was. Each class has its own treatment. */
export type FailureClass =
  /** Nobody there, cut off, too slow, or no word for as long as the device allows: back off and come back. */
  | "network"
  /** The device says that it cannot now: wait as long as it says, and come back. */
  | "unavailable"
  /** The credential is wrong, expired or revoked: stop, somebody has to bring another one. */
  | "credential"
  /** The device is not the one that is trusted: stop. */
  | "trust"
  /** Asked in a way that will never do (wrong address, another protocol, a forbidden page): stop. */
  | "protocol";

export interface Failure {
  class: FailureClass;
  /** For people: what happened, and what would be right. */
  detail: string;
  /** Not sooner than that, by the device. */
  retryAfterMs?: number;
  /** The close code (RFC 6455 section 7.4) or HTTP status, where there was one. */
  code?: number;
}

/** Whether coming back makes sense. */
export function isTemporary(failure: Failure): boolean {
  return failure.class === "network" || failure.class === "unavailable";
}

/** How a socket ended, as far as its kind of socket can tell. Browsers tell `code` alone. */
export interface SocketEnd {
  code?: number;
  reason?: string;
  /** The HTTP status where the handshake was refused, with what the body said. */
  status?: number;
  retryAfterMs?: number;
  detail?: string;
  /** The certificate was not believed. */
  isUntrusted?: boolean;
}

export interface Goodbye {
  reason: string;
  retryAfterMs?: number;
}

function byStatus(status: number, end: SocketEnd): Failure {
  const detail = end.detail ?? `HTTP ${status}`;
  const told = end.retryAfterMs === undefined ? {} : { retryAfterMs: end.retryAfterMs };
  if (status === 401) return { class: "credential", detail, code: status };
  if (status === 429 || status >= 500) return { class: "unavailable", detail, code: status, ...told };
  return { class: "protocol", detail, code: status };
}

/** What the end of a socket means. `wasOnline`: our credential had been taken in this session. */
export function classify(end: SocketEnd, goodbye: Goodbye | undefined, wasOnline: boolean): Failure {
  if (end.isUntrusted) return { class: "trust", detail: end.detail ?? "the device's certificate is not trusted" };
  if (end.status !== undefined) return byStatus(end.status, end);
  const code = end.code ?? 1006;
  const detail = goodbye?.reason ?? (end.reason || end.detail || (code === 1006 ? "the connection broke" : `closed with ${code}`));
  const told = goodbye?.retryAfterMs === undefined ? {} : { retryAfterMs: goodbye.retryAfterMs };
  switch (code) {
    case 1008: // Before we were taken it is the network's fault: the credential did not come in time.
      return { class: wasOnline ? "credential" : "network", detail, code };
    case 1002: case 1003: case 1007: case 1009:
      return { class: "protocol", detail, code };
    case 1001: case 1011: case 1013:
      return { class: "unavailable", detail, code, ...told };
    default:
      return { class: told.retryAfterMs === undefined ? "network" : "unavailable", detail, code, ...told };
  }
}

/** What a refusal of our credential means: a limit or a clock passes by, a wrong credential does not. */
export function classifyRefusal(error: ErrorPayload): Failure {
  const told = error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs };
  return { class: error.temporary ? "unavailable" : "credential", detail: error.detail, code: error.code, ...told };
}

/** What went wrong with a request: the device's `error`, or ours in the same words. */
export class RequestError extends Error {
  readonly reason: Reason;
  readonly code: number;
  readonly isTemporary: boolean;
  readonly field: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly refused: ErrorPayload["refused"];

  constructor(error: ErrorPayload, readonly request: string) {
    super(`${request}: ${error.reason}: ${error.detail}${error.field === undefined ? "" : ` (${error.field})`}`);
    this.name = "RequestError";
    this.reason = error.reason;
    this.code = error.code;
    this.isTemporary = error.temporary;
    this.field = error.field;
    this.retryAfterMs = error.retryAfterMs;
    this.refused = error.refused;
  }
}

/** The connection is given up; `failure` says why. */
export class ConnectionError extends Error {
  constructor(readonly failure: Failure) {
    super(failure.detail);
    this.name = "ConnectionError";
  }
}

const codes = { expired: 408, offline: 503, unknown: 504, tooBig: 413, superseded: 409, foreignEpoch: 412, malformed: 400, internal: 500 } as const;

/** An error of ours, in the device's words. */
export function ownError(reason: keyof typeof codes, detail: string): ErrorPayload {
  return { code: codes[reason], reason, temporary: ["expired", "offline", "unknown"].includes(reason), detail };
}
