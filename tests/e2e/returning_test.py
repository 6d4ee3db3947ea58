"""Clients that come back resume their TLS session: what the device's ServerHello says on the
wire, which nobody else can tell of a client that keeps its sessions to itself (RFC 8446 section 4.2.11)."""
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading
import unittest

from device import HOST, PATIENCE, TOP, DeviceTest, eventually

PRE_SHARED_KEY = 41
NODE = """
import tls from "node:tls";
import fs from "node:fs";
const [port, authority] = process.argv.slice(2);
function visit(session) {
  return new Promise((done, failed) => {
    let ticket = session;
    const socket = tls.connect({host: "127.0.0.1", port, servername: "localhost", ca: fs.readFileSync(authority), session},
      () => socket.write("GET /healthz HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n"));
    socket.on("session", (its) => (ticket = its));
    socket.on("error", failed);
    socket.on("close", () => done(ticket));
    socket.resume();
  });
}
await visit(await visit());
"""

WS = """
import fs from "node:fs";
import https from "node:https";
const [port, authority, token, library] = process.argv.slice(2);
const { default: WebSocket } = await import(library);
const agent = new https.Agent({ ca: fs.readFileSync(authority) });
for (let i = 0; i < 3; ++i)
  await new Promise((done, failed) => {
    const socket = new WebSocket(`wss://localhost:${port}/v1/ws`, "signalbox.v1",
                                 { agent, headers: { authorization: `Bearer ${token}` } });
    socket.on("message", () => socket.close());
    socket.on("close", done);
    socket.on("error", failed);
  });
"""


def is_resumed(server_hello):
    """Of the first record that a server sends; None where it is no whole ServerHello yet."""
    if len(server_hello) < 5 or len(server_hello) < 5 + int.from_bytes(server_hello[3:5], "big"):
        return None
    body = server_hello[9:]  # behind the heads of record and message
    at = 2 + 32
    at += 1 + body[at] + 2 + 1  # session, cipher, compression
    end = at + 2 + int.from_bytes(body[at:at + 2], "big")
    at += 2
    while at < end:
        if int.from_bytes(body[at:at + 2], "big") == PRE_SHARED_KEY:
            return True
        at += 4 + int.from_bytes(body[at + 2:at + 4], "big")
    return False


class Passage(threading.Thread):
    """Hands on what comes, and notes of each connection whether it resumed."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.target, self.resumed = port, []
        self.listener = socket.create_server((HOST, 0))
        self.port = self.listener.getsockname()[1]

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection((HOST, self.target))
            threading.Thread(target=self.hand_on, args=(client, server), daemon=True).start()
            threading.Thread(target=self.hand_on, args=(server, client, True), daemon=True).start()

    def hand_on(self, source, target, is_server=False):
        said, told = b"", not is_server
        try:
            while part := source.recv(65536):
                if not told:
                    said += part
                    resumed = is_resumed(said)
                    told = resumed is not None
                    if told:
                        self.resumed.append(resumed)
                target.sendall(part)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        self.listener.close()


class Returning(DeviceTest):
    def setUp(self):
        self.passage = Passage(self.device.port)
        self.passage.start()
        self.addCleanup(self.passage.close)

    def test_python(self):
        context = self.device.trust()
        session = None
        for _ in range(3):
            with socket.create_connection((HOST, self.passage.port)) as raw:
                with context.wrap_socket(raw, server_hostname="localhost", session=session) as stream:
                    stream.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    while stream.recv(4096):
                        pass
                    session = stream.session
        self.assertEqual(self.passage.resumed, [False, True, True])

    def node(self, text, *arguments):
        with tempfile.NamedTemporaryFile("w", suffix=".mjs") as script:
            script.write(text)
            script.flush()
            subprocess.run(["node", script.name, str(self.passage.port), str(self.device.certificate), *map(str, arguments)],
                           check=True, timeout=60 * PATIENCE)

    def test_node(self):
        self.node(NODE)
        self.assertEqual(self.passage.resumed, [False, True])

    def test_ws_with_an_agent(self):
        """As docs/works-with/node.md has it."""
        self.node(WS, self.device.token, TOP / "tests/npm/node_modules/ws/wrapper.mjs")
        self.assertEqual(self.passage.resumed, [False, True, True])

    @unittest.skipIf(shutil.which("chromium") is None, "Chromium is not installed")
    def test_chromium(self):
        """It keeps its sessions in memory: one run, and a page that asks again and again; each answer ends its connection."""
        # Its processes write into their folder for a moment after it has gone.
        page = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))) / "page.html"
        page.write_text(f"""<script>(async () => {{
          for (let i = 0; i < 6; ++i) {{
            await fetch("https://localhost:{self.passage.port}/healthz", {{mode: "no-cors"}}).catch(() => 0);
            await new Promise((on) => setTimeout(on, 200));
          }}
          document.title = "asked";
        }})();</script>""")
        browser = subprocess.Popen(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--ignore-certificate-errors", "--no-first-run",
             f"--user-data-dir={page.parent / 'profile'}", f"file://{page}", "--remote-debugging-port=0"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            eventually(lambda: len(self.passage.resumed) >= 4, 60)
        finally:
            browser.kill()
            browser.wait()
        self.assertGreaterEqual(self.passage.resumed.count(True), 2, self.passage.resumed)


if __name__ == "__main__":
    unittest.main()
