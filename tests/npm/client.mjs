// A client's day with Node's ws: client.mjs URL STATE-DIRECTORY TLS-VERSION TOKEN. Prints what it saw as one line of JSON.
import { readFileSync } from "node:fs";
import WebSocket from "ws";

const [url, state, version, token] = process.argv.slice(2);
const socket = new WebSocket(url, "signalbox.v1", {
  ca: readFileSync(`${state}/certificate`), minVersion: version, maxVersion: version,
});
const seen = { telemetry: 0 };

function send(type, msgId, payload) {
  socket.send(JSON.stringify({ type, msgId, payload }));
}

function finish() {
  if (seen.telemetry > 0 && seen.outcome !== undefined) socket.close(1000);
}

const on = {
  welcome: () => send("authenticate", "a", { token }),
  telemetry: () => { seen.telemetry += 1; finish(); },
  ack: ({ replyTo, payload }) => {
    if (replyTo === "a") {
      send("subscribe", "s", { id: "cabin", paths: ["cabin/#"], mode: "fixed", periodMs: 100 });
      send("command", "c", { channel: "cabin/heater", action: "set", value: false });
    } else {
      seen.outcome = payload.outcome;
      finish();
    }
  },
  error: (message) => { throw new Error(JSON.stringify(message)); },
};

socket.on("open", () => {
  seen.tls = socket._socket.getProtocol();
  seen.protocol = socket.protocol;
});
socket.on("message", (text) => {
  const message = JSON.parse(text);
  on[message.type]?.(message);
});
socket.on("close", (code) => console.log(JSON.stringify({ ...seen, closed: code })));
