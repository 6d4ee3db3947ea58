"""Clients that other people wrote: Node's ws, Python's websockets, curl, openssl; on TLS 1.3 and 1.2."""
import asyncio
import json
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import unittest

import websockets

from device import PATIENCE, TOP, Device, DeviceTest
from ws import TEXT, frame

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
NODE_CLIENT = TOP / "tests/npm/client.mjs"
VERSIONS = {"TLSv1.3": ssl.TLSVersion.TLSv1_3, "TLSv1.2": ssl.TLSVersion.TLSv1_2}


def run(*command, seconds=20, given=None):
    return subprocess.run([str(word) for word in command], input=given, capture_output=True, timeout=seconds * PATIENCE)


class RealClients(DeviceTest):
    def test_node_ws(self):
        for version in VERSIONS:
            with self.subTest(version):
                done = run("node", NODE_CLIENT, self.device.url, self.device.state, version, self.device.token)
                self.assertEqual(done.returncode, 0, done.stderr.decode())
                told = json.loads(done.stdout)
                self.assertEqual((told["tls"], told["protocol"]), (version, "signalbox.v1"))
                self.assertEqual(told["outcome"], "verified")
                self.assertGreater(told["telemetry"], 0)
                self.assertEqual(told["closed"], 1000)

    def test_python_websockets(self):
        async def journey(version):
            context = self.device.trust(version, version)
            headers = {"Authorization": f"Bearer {self.device.token}"}
            async with websockets.connect(self.device.url, ssl=context, subprotocols=["signalbox.v1"],
                                          extra_headers=headers) as client:
                self.assertEqual(json.loads(await client.recv())["type"], "welcome")
                await client.send(json.dumps({"type": "subscribe", "msgId": "s", "payload": {
                    "id": "all", "paths": ["#"], "mode": "fixed", "periodMs": 100}}))
                seen = [json.loads(await asyncio.wait_for(client.recv(), 5 * PATIENCE))["type"] for _ in range(4)]
                self.assertEqual(seen, ["snapshot", "synced", "telemetry", "telemetry"])
                await asyncio.wait_for(await client.ping(), 5 * PATIENCE)
                tls = client.transport.get_extra_info("ssl_object")
                return tls.version(), client.subprotocol

        for name, version in VERSIONS.items():
            with self.subTest(name):
                self.assertEqual(asyncio.run(journey(version)), (name, "signalbox.v1"))

    def curl(self, path, *more):
        return run("curl", "--silent", "--show-error", "--include", "--cacert", self.device.certificate, *more,
                   f"https://localhost:{self.device.port}{path}")

    def test_curl_http(self):
        for version in ("--tlsv1.3", "--tls-max=1.2"):
            options = version.split("=")
            with self.subTest(version):
                done = self.curl("/healthz", *options)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertTrue(done.stdout.startswith(b"HTTP/1.1 200 OK"), done.stdout)
                self.assertIn("status", json.loads(done.stdout.partition(b"\r\n\r\n")[2]))
        self.assertTrue(self.curl("/nowhere").stdout.startswith(b"HTTP/1.1 404"))
        self.assertTrue(self.curl("/", "--head").stdout.startswith(b"HTTP/1.1 200"))
        self.assertTrue(self.curl("/v1/ws", "--data", "x").stdout.startswith(b"HTTP/1.1 405"))
        self.assertTrue(self.curl("/healthz", "--http2").stdout.startswith(b"HTTP/1.1 200"))

    def test_curl_upgrade(self):
        done = self.curl("/v1/ws", "--http1.1", "--no-buffer", "--max-time", "2", "-H", "Connection: Upgrade", "-H",
                         "Upgrade: websocket", "-H", "Sec-WebSocket-Version: 13", "-H", f"Sec-WebSocket-Key: {KEY}",
                         "-H", f"Authorization: Bearer {self.device.token}")
        self.assertEqual(done.returncode, 28, done.stderr)  # curl's own time is over; the device keeps serving
        self.assertTrue(done.stdout.startswith(b"HTTP/1.1 101"), done.stdout)
        self.assertIn(ACCEPT.encode(), done.stdout)
        self.assertIn(b'"type":"welcome"', done.stdout)

    def test_openssl_s_client(self):
        handshake = (f"GET /v1/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                     f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n"
                     f"Authorization: Bearer {self.device.token}\r\n\r\n")
        for version, option in (("TLSv1.3", "-tls1_3"), ("TLSv1.2", "-tls1_2")):
            with self.subTest(version):
                client = subprocess.Popen(
                    ["openssl", "s_client", "-connect", f"127.0.0.1:{self.device.port}", "-servername", "localhost", option,
                     "-CAfile", self.device.certificate, "-verify_return_error", "-verify_hostname", "localhost", "-quiet"],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                # One write: the first frame may ride with the handshake.
                client.stdin.write(handshake.encode() + frame(TEXT, '{"type":"ping","msgId":"o","payload":{"data":"hey"}}'))
                client.stdin.flush()
                seen = b""
                while b'"pong"' not in seen:
                    more = client.stdout.read1(4096)
                    self.assertTrue(more, client.stderr.read() if not more else "")
                    seen += more
                self.assertTrue(seen.startswith(b"HTTP/1.1 101"), seen)
                self.assertIn(ACCEPT.encode(), seen)
                client.kill()
                client.communicate()


class TlsRules(DeviceTest):
    def s_client(self, *options):
        done = run("openssl", "s_client", "-connect", f"127.0.0.1:{self.device.port}", "-servername", "localhost",
                   "-CAfile", self.device.certificate, *options, given=b"")
        return done.stdout.decode() + done.stderr.decode()

    def test_versions(self):
        for option, version in (("-tls1_3", "TLSv1.3"), ("-tls1_2", "TLSv1.2")):
            told = self.s_client(option, "-verify_return_error", "-verify_hostname", "localhost")
            self.assertIn("Verify return code: 0 (ok)", told)
            self.assertRegex(told, rf"New, {version}, Cipher is \S*(GCM|CHACHA20)")
        for option in ("-tls1_1", "-tls1"):
            told = self.s_client(option, "-cipher", "ALL:@SECLEVEL=0")
            self.assertIn("Cipher is (NONE)", told)
            self.assertRegex(told, "alert protocol version|alert handshake failure")

    def test_no_old_ciphers(self):
        for cipher in ("AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "NULL"):
            with self.subTest(cipher):
                self.assertIn("Cipher is (NONE)", self.s_client("-tls1_2", "-cipher", cipher + ":@SECLEVEL=0"))

    def test_alpn(self):
        self.assertIn("ALPN protocol: http/1.1", self.s_client("-alpn", "h2,http/1.1"))

    def test_sessions_resume(self):
        for option in ("-tls1_2",):
            told = self.s_client(option, "-reconnect")
            self.assertGreaterEqual(told.count("Reused, TLS"), 4, told[-2000:])

    def test_fingerprint_is_the_authoritys(self):
        told = run("openssl", "x509", "-in", self.device.state / "authority", "-noout", "-fingerprint", "-sha256").stdout.decode()
        self.assertIn(self.device.fingerprint, told)
        with socket.create_connection(("127.0.0.1", self.device.port)) as raw:
            with self.device.trust().wrap_socket(raw, server_hostname="localhost") as stream:
                shown = ssl.DER_cert_to_PEM_cert(stream.getpeercert(binary_form=True))
        self.assertTrue(self.device.certificate.read_text().startswith(shown))

    def test_a_stranger_is_not_believed(self):
        for name, context in (("no trust in it", ssl.create_default_context()), ("another name", self.device.trust())):
            with self.subTest(name), socket.create_connection(("127.0.0.1", self.device.port)) as raw:
                with self.assertRaises(ssl.SSLCertVerificationError):
                    context.wrap_socket(raw, server_hostname="example.org")


class Papers(DeviceTest):
    """What README prints works as printed, but for the port."""

    def test_readme_example_for_node(self):
        code = re.search(r"```js\n(.*?)```", (TOP / "README.md").read_text(), re.S).group(1)
        self.assertIn("wss://localhost:8443/v1/ws", code)
        place = pathlib.Path(self.device.state) / "readme"
        (place / "build").mkdir(parents=True)
        os.symlink(self.device.state, place / "build/state")
        (place / "build/token").write_text(self.device.token + "\n")
        os.symlink(TOP / "tests/npm/node_modules", place / "node_modules")
        (place / "example.mjs").write_text(code.replace(":8443", f":{self.device.port}"))
        node = subprocess.Popen(["node", "example.mjs"], cwd=place, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        seen, wanted = [], {"welcome", "snapshot", "synced", "telemetry", "progress", "ack"}
        for line in node.stdout:
            seen.append(json.loads(line))
            if wanted <= {message["type"] for message in seen}:
                break
        node.kill()
        _, errors = node.communicate()
        shutil.rmtree(place)
        self.assertEqual(wanted - {message["type"] for message in seen}, set(), errors)
        ack = next(message for message in seen if message["type"] == "ack")
        self.assertEqual((ack["replyTo"], ack["payload"]), ("c-1", {"outcome": "verified"}))

    def watch(self, *more):
        kept = self.device.state / "my-token"
        kept.write_text(self.device.token + "\n")
        return ["/usr/bin/python3", TOP / "sim/watch", self.device.url, "--state", self.device.state, "--token-file", kept, *more]

    def test_watch(self):
        shown = subprocess.Popen(self.watch(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        lines = [shown.stdout.readline() for _ in range(30)]
        shown.terminate()
        _, errors = shown.communicate()
        self.assertTrue(all(lines), errors)
        self.assertTrue(any(re.search(r"^[\d:.]+ +cabin/temperature +\d+\.?\d* +simulated", line) for line in lines), lines)

    def test_the_banners_line(self):
        """The new user's path: the line as it stands there claims the device; from then on it goes without the code."""
        with Device(claim=False) as device:
            line = re.search(r"Live telemetry.*\n +(.*)", device.banner).group(1)
            without, _, claim = line.partition(" --claim ")
            self.assertEqual((line.split()[0], claim), ("sim/watch", f'"$(cat {device.state}/claim-code)"'))
            kept = device.state / "kept" / "token"
            for words in (line, without):
                shown = subprocess.Popen(f"exec /usr/bin/python3 {words} --token-file {kept}", shell=True, cwd=TOP,
                                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                lines = [shown.stdout.readline() for _ in range(3)]
                shown.terminate()
                _, errors = shown.communicate()
                self.assertTrue(all(lines), errors)
                self.assertEqual(lines[0].startswith("claimed: "), words is line, lines)
            self.assertEqual(kept.stat().st_mode & 0o777, 0o600)
            self.assertNotIn(kept.read_text().strip(), "".join(lines) + errors)
            again = run("/usr/bin/python3", TOP / "sim/watch", device.url, "--state", device.state, "--claim", device.claim_code,
                        "--token-file", kept)
            self.assertIn(b"has been claimed", again.stderr)
            self.assertNotIn(b"Traceback", again.stderr)
            other = run("/usr/bin/python3", TOP / "sim/watch", device.url, "--state", device.state, "--token-file", device.state / "none")
            self.assertIn(b"--claim CODE", other.stderr)

    def test_watch_asks_whether_it_is_the_device(self):
        """On another machine, which has no certificate of it."""
        with Device(claim=False) as device:
            kept = device.state / "mine"
            words = ["/usr/bin/python3", TOP / "sim/watch", device.url, "--state", kept, "--token-file", kept / "token", "--claim", device.claim_code]
            for answer in ("no\n", ""):
                done = subprocess.run(words, input=answer, capture_output=True, text=True, timeout=20 * PATIENCE)
                self.assertEqual((done.returncode, done.stderr), (1, "not claimed: it was not shown the code\n"))
                self.assertFalse(kept.exists())
            shown = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            shown.stdin.write("yes\n")
            shown.stdin.flush()
            lines = [shown.stdout.readline() for _ in range(5)]
            shown.terminate()
            _, errors = shown.communicate()
            self.assertIn("SHA-256 " + re.search(r"fingerprint +SHA-256 (\S+)", device.banner).group(1), lines[1])
            self.assertIn("claimed: ", lines[2], errors)
            self.assertIn((kept / "certificate").read_text(), (device.state / "certificate").read_text())

    def test_watch_sets(self):
        for value in ("true", "false"):
            done = run(*self.watch("--set", f"cabin/heater={value}"))
            self.assertEqual(done.returncode, 0, done.stderr)
            lines = done.stdout.decode().split("\n")
            self.assertEqual(lines[-2], "cabin/heater: verified")
            self.assertIn("cabin/heater: applied", lines)

    def test_watch_stops_before_all_else(self):
        done = run(*self.watch("--set", "cabin/fan=40", "--stop"))
        self.assertTrue(done.stdout.startswith(b"stopped\n"), done.stdout)
        self.assertIn(b"the device is stopped", done.stderr)
        done = run(*self.watch("--set", "cabin/fan=0", "--set", "cabin/lamp=false", "--reset"))
        self.assertEqual((done.returncode, done.stdout.split(b"\n")[0]), (0, b"reset"), done.stderr)
        for channel in (b"cabin/fan", b"cabin/lamp"):
            self.assertIn(channel + b": applied", done.stdout)

    def test_watch_tells_refusals(self):
        for assignment, words in (("cabin/oven=true", b"notFound"), ("cabin/fan=101", b"outOfRange"), ("cabin/fan", b"CHANNEL=VALUE")):
            done = run(*self.watch("--set", assignment))
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(words, done.stderr)
            self.assertNotIn(b"Traceback", done.stderr)


if __name__ == "__main__":
    unittest.main()
