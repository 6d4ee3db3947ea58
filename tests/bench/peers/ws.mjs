// Node.js's own HTTPS server with `ws`, as that package's README has it.
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { createRequire } from "node:module";

const { WebSocketServer } = createRequire(new URL("../../npm/", import.meta.url))("ws");

if (process.argv.length !== 5) {
  console.error("usage: node ws.mjs CERTIFICATE KEY BROADCAST");
  process.exit(2);
}
const [cert, key, broadcast] = process.argv.slice(2).map((file) => readFileSync(file));
const server = createServer({ cert, key, minVersion: "TLSv1.3" });
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
const listeners = new Set();

sockets.on("connection", (socket, request) => {
  socket.on("error", () => socket.terminate());
  if (request.url === "/broadcast") {
    listeners.add(socket);
    socket.on("close", () => listeners.delete(socket));
  } else {
    socket.on("message", (message, binary) => socket.send(message, { binary }));
  }
});
setInterval(() => {
  for (const socket of listeners) socket.send(broadcast, { binary: false });
}, 100);
server.on("tlsClientError", () => {});
server.listen(0, "127.0.0.1", () => console.log("port", server.address().port));
