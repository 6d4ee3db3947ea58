import type { SocketEnd } from "./failure.js";

/** What a socket tells. After `ended` it tells nothing any more. */
export interface SocketEvents {
  opened(): void;
  received(text: string): void;
  ended(end: SocketEnd): void;
}

/** One connection to the device. */
export interface Socket {
  send(text: string): void;
  close(code: number, reason: string): void;
}

/** Opens one. `token`: for those that can show it in the handshake; the others leave it alone, and it is shown in a message. */
export type Dial = (url: string, token: string | undefined, events: SocketEvents) => Socket;

/** As much of the WebSocket interface of browsers as we need; `ws` has it too. */
export interface WebSocketLike {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}
export type WebSocketConstructor = new (url: string, protocols: string) => WebSocketLike;

export const SUBPROTOCOL = "signalbox.v1";

interface ErrorLike {
  message?: string;
  error?: { code?: string };
}

/** Browsers say nothing, lest pages probe the network; `ws` says what the answer was, and what was wrong with a certificate. */
function whatItSays(event: ErrorLike): SocketEnd {
  const detail = event.message;
  if (!detail) return {};
  const status = /server response: (\d{3})/.exec(detail)?.[1];
  if (status !== undefined) return { detail, status: Number(status) };
  return /CERT|SIGNATURE|ISSUER/.test(event.error?.code ?? "") ? { detail, isUntrusted: true } : { detail };
}

/** Dials by a constructor such as the browser's own. */
export function dialWith(Constructor: WebSocketConstructor): Dial {
  return (url, _token, events) => {
    const socket = new Constructor(url, SUBPROTOCOL);
    let told: SocketEnd = {};
    let isOver = false;
    const end = (how: SocketEnd) => {
      if (isOver) return;
      isOver = true;
      events.ended({ ...told, ...how });
    };
    socket.onopen = () => events.opened();
    socket.onmessage = (event: { data: unknown }) => { if (!isOver) events.received(String(event.data)); };
    socket.onerror = (event: ErrorLike) => { told = whatItSays(event); };
    socket.onclose = (event: { code: number; reason: string }) => end({ code: event.code, reason: event.reason });
    return {
      send: (text) => socket.send(text),
      close: (code, reason) => {
        socket.close(code, reason);
        end({ code: 1006 }); // A peer that is gone does not answer a close frame, and browsers wait for it.
      },
    };
  };
}
