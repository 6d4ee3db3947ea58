import type { EngineOptions } from "./engine.js";
import type { Environment } from "./environment.js";
import { RequestError } from "./failure.js";
import type { ErrorPayload } from "./messages.js";
import { dialWith, type Dial, type WebSocketConstructor } from "./socket.js";

/** Posts without a body, and gives the answer. */
export type Post = (url: string, token: string | undefined, withinMs: number) => Promise<{ status: number; body: string }>;
export type TokenSource = string | ((why: { isRefused: boolean }) => string | undefined | Promise<string | undefined>);

export interface ClientOptions extends Partial<Pick<EngineOptions, "baseMs" | "maxMs" | "handshakeMs" | "steadyMs" | "heartbeatMs" | "deadAfterMs">> {
  /** wss://host:port/v1/ws */
  url: string;
  /** Left out where a cookie or a certificate says who we are. A function is asked before each connection. */
  token?: TokenSource;
  /** Where there is no global one, or it is to be another: `ws`, or `node.dial(…)` of signalbox-client/node. */
  WebSocket?: WebSocketConstructor;
  dial?: Dial;
  /** For `stop`, where the socket is down; left out: fetch. */
  post?: Post;
  /** Renew the token in band before it ends. */
  refreshesToken?: boolean;
  requestMs?: number;
  commandMs?: number;
  stopMs?: number;
  stopPatienceMs?: number;
  buffer?: number;
  environment?: Environment;
}

const ordinary = {
  baseMs: 1_000, maxMs: 60_000, handshakeMs: 10_000, steadyMs: 10_000, heartbeatMs: Infinity, deadAfterMs: Infinity,
  refreshesToken: true, requestMs: 10_000, commandMs: 5_000, stopMs: 10_000, stopPatienceMs: 500, buffer: 1_000,
};

export function complete(options: ClientOptions) {
  const url = checked(options.url);
  const Constructor = options.WebSocket ?? (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket;
  const dial = options.dial ?? (Constructor && dialWith(Constructor));
  if (dial === undefined) {
    throw new TypeError("there is no global WebSocket here (Node.js before 22): pass `WebSocket` (such as that of ws), or `dial` of signalbox-client/node");
  }
  const post = options.post ?? (typeof fetch === "function" ? fetchPost : undefined);
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as ClientOptions;
  return { ...ordinary, ...given, url, dial, post, clientId: randomId(), hasOtherCredentials: typeof options.token === "function" };
}

function checked(url: string): string {
  let parsed: URL | undefined;
  try {
    parsed = new URL(url);
  } catch {
    // told below
  }
  if (parsed?.protocol !== "wss:" && parsed?.protocol !== "ws:") throw new TypeError(`url: found ${url}; expected such as wss://device.local:8443/v1/ws`);
  if (parsed.pathname === "/") parsed.pathname = "/v1/ws";
  return parsed.href;
}

/** 16 of 64 characters: nobody else has it, so a repeat is a repeat of ours. */
function randomId(): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return [...globalThis.crypto.getRandomValues(new Uint8Array(16))].map((byte) => letters[byte % 64]).join("");
}

const fetchPost: Post = async (url, token, withinMs) => {
  const answer = await fetch(url, { method: "POST", signal: AbortSignal.timeout(withinMs), headers: token === undefined ? {} : { Authorization: `Bearer ${token}` } });
  return { status: answer.status, body: await answer.text() };
};

/** Waits a little for the socket's answer, then asks by HTTP as well. The first that comes through counts. */
export async function postStop(asked: Promise<unknown>, post: Post, socketUrl: string, token: () => string | undefined, patienceMs: number,
  withinMs: number): Promise<void> {
  const url = new URL("/v1/stop", socketUrl.replace(/^ws/, "http")).href;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise((resolve) => { timer = setTimeout(resolve, patienceMs, "late"); });
  const first = await Promise.race([patience, asked.then(() => "answered", () => "failed")]);
  clearTimeout(timer);
  if (first === "answered") return;
  const posted = post(url, token(), withinMs).then(({ status, body }) => {
    if (status === 200) return;
    throw new RequestError(errorOf(status, body), "stop");
  });
  try {
    await Promise.any([asked, posted]);
  } catch (error) {
    throw (error as AggregateError).errors[0];
  }
}

export function errorOf(status: number, body: string): ErrorPayload {
  try {
    return JSON.parse(body) as ErrorPayload;
  } catch {
    return { code: status, reason: status === 401 ? "unauthenticated" : "failed", temporary: status >= 429, detail: `HTTP ${status}` };
  }
}
