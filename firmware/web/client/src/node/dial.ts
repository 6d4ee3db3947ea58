import { createHash, randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import type { Duplex } from "node:stream";
import type { SocketEnd } from "../failure.js";
import { SUBPROTOCOL, type Dial, type Socket, type SocketEvents } from "../socket.js";
import { FrameError, FrameReader, Op, frame } from "./frames.js";
import { readBody, said, target } from "./http.js";
import { TrustError, type Trust } from "./trust.js";

const MESSAGE_MAX = 16 * 1024 * 1024;
const CLOSE_MS = 1_000;
const HANDSHAKE_MS = 10_000;
/** RFC 6455 section 1.3. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/**
 * WebSockets (RFC 6455) to devices with an authority of their own: Node's global WebSocket takes none, shows no header, and hides
 * why a handshake was refused.
 */
export function dialer(trust: Trust): Dial {
  return (url, token, events) => new NodeSocket(trust, new URL(url), token, events);
}

class NodeSocket implements Socket {
  #stream: Duplex | undefined;
  #reader = new FrameReader(MESSAGE_MAX);
  #isOver = false;
  #isClosing = false;
  #abort = () => {};

  constructor(trust: Trust, url: URL, token: string | undefined, private readonly events: SocketEvents) {
    trust.authority(url, HANDSHAKE_MS).then((ca) => this.#shakeHands(url, ca, token)).catch((error: unknown) => this.#failed(error as Error));
  }

  send(text: string): void {
    if (this.#stream === undefined || this.#isClosing) throw new Error("the socket is not open");
    this.#stream.write(frame(Op.text, Buffer.from(text, "utf8")));
  }

  close(code: number, reason: string): void {
    this.#end({ code: 1006 });
    this.#sayGoodbye(code, reason);
    this.#abort();
  }

  #shakeHands(url: URL, ca: string | undefined, token: string | undefined): void {
    if (this.#isOver) return;
    const key = randomBytes(16).toString("base64");
    const options = target(url, ca, token);
    const asked = request({ ...options, headers: { ...options.headers, Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": 13,
      "Sec-WebSocket-Key": key, "Sec-WebSocket-Protocol": SUBPROTOCOL } });
    this.#abort = () => asked.destroy();
    asked.setTimeout(HANDSHAKE_MS, () => asked.destroy(new Error(`no answer from ${url.host} within ${HANDSHAKE_MS} ms`)));
    asked.on("error", (error) => this.#failed(error));
    asked.on("response", (answer) => void this.#refused(answer));
    asked.on("upgrade", (answer, stream, head) => {
      const accept = createHash("sha1").update(key + GUID).digest("base64");
      if (answer.headers["sec-websocket-accept"] !== accept || answer.headers["sec-websocket-protocol"] !== SUBPROTOCOL) {
        stream.destroy();
        return this.#end({ status: 400, detail: `${url.host} does not speak ${SUBPROTOCOL}` });
      }
      asked.setTimeout(0);
      this.#open(stream, head);
    });
    asked.end();
  }

  #open(stream: Duplex, head: Buffer): void {
    if (this.#isOver) return void stream.destroy();
    this.#stream = stream;
    this.#abort = () => setTimeout(() => stream.destroy(), CLOSE_MS).unref();
    stream.on("data", (chunk: Buffer) => this.#read(chunk));
    stream.on("error", (error) => this.#end({ code: 1006, detail: error.message }));
    stream.on("close", () => this.#end({ code: 1006 }));
    stream.on("end", () => stream.end());
    this.events.opened();
    if (head.length > 0) this.#read(head);
  }

  async #refused(answer: IncomingMessage): Promise<void> {
    const body = await readBody(answer).catch(() => "");
    const status = answer.statusCode ?? 0;
    const after = Number(answer.headers["retry-after"]);
    let told: { detail?: string; retryAfterMs?: number } = {};
    try {
      told = JSON.parse(body) as typeof told;
    } catch {
      told = body.length > 0 && body.length < 300 ? { detail: body.trim() } : {};
    }
    const retryAfterMs = told.retryAfterMs ?? (after > 0 ? 1000 * after : undefined);
    this.#end({ status, detail: told.detail ?? `HTTP ${status}`, ...(retryAfterMs !== undefined && { retryAfterMs }) });
  }

  #read(chunk: Buffer): void {
    try {
      for (const { op, payload } of this.#reader.read(chunk)) {
        if (this.#isOver) return;
        if (op === Op.text) this.events.received(decoded(payload));
        else if (op === Op.ping) this.#stream!.write(frame(Op.pong, payload));
        else if (op === Op.close) this.#closed(payload);
      }
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#end({ code: 1002, detail: error.message });
      this.#stream?.destroy();
    }
  }

  #closed(payload: Buffer): void {
    const code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
    this.#end({ code, reason: payload.subarray(2).toString("utf8") });
    this.#sayGoodbye(1000, "");
    this.#abort();
  }

  #sayGoodbye(code: number, reason: string): void {
    if (this.#stream === undefined || this.#isClosing) return;
    this.#isClosing = true;
    const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
    payload.writeUInt16BE(code, 0);
    payload.write(reason, 2, "utf8");
    this.#stream.end(frame(Op.close, payload));
  }

  #failed(error: Error & { code?: string }): void {
    const isUntrusted = error instanceof TrustError || /CERT|SIGNATURE|ISSUER/.test(error.code ?? "");
    this.#end({ detail: said(error), ...(isUntrusted && { isUntrusted }) });
  }

  #end(end: SocketEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.events.ended(end);
  }
}

function decoded(payload: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(payload);
  } catch {
    throw new FrameError("a text that is not UTF-8");
  }
}
