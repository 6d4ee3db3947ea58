// Node.js's own HTTPS server with `ws`, as that package's README has it.
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { createRequire } from "node:module";

const { WebSocketServer } = createRequire(new URL("../../npm/", import.meta.url))("ws");

if (process.argv.length !== 6) {
  console.error("usage: node ws.mjs CERTIFICATE KEY BROADCAST WIDGETS");
  process.exit(2);
}
const [cert, key, broadcast, lines] = process.argv.slice(2).map((file) => readFileSync(file));
const told = { "/broadcast": [broadcast], "/widgets": lines.toString().trimEnd().split("\n").map((line) => Buffer.from(line)) };
const server = createServer({ cert, key, minVersion: "TLSv1.3" });
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
const listeners = new Map();

sockets.on("connection", (socket, request) => {
  socket.on("error", () => socket.terminate());
  if (request.url in told) {
    listeners.set(socket, told[request.url]);
    socket.on("close", () => listeners.delete(socket));
  } else {
    socket.on("message", (message, binary) => socket.send(message, { binary }));
  }
});
setInterval(() => {
  for (const [socket, messages] of listeners)
    for (const message of messages) socket.send(message, { binary: false });
}, 100);
server.on("tlsClientError", () => {});
server.listen(0, "127.0.0.1", () => console.log("port", server.address().port));
