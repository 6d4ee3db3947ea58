"""After start nothing calls the heap, whatever comes: good connections, failed handshakes, plain requests, broken ones.
As many of them as you like:  SIGNALBOX_CONNECTIONS=10000 python3 heap_test.py"""
import os
import socket
import ssl
import struct
import threading
import unittest

from client import Client
from device import Device, eventually, scaled
from ws import BINARY, TEXT, Closed, Refused, Socket, frame, http, tcp, tls

CONNECTIONS = int(os.environ.get("SIGNALBOX_CONNECTIONS") or scaled(1200))
WORKERS = 4
V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


class Visitor:
    """Comes again and again, each time another way; knows which ways must work."""

    def __init__(self, device):
        self.device = device
        self.contexts = {version: device.trust(version, version) for version in (V12, V13)}
        self.ways = (self.session, self.plain, self.session, self.stranger, self.session, self.old_version, self.session,
                     self.aborted, self.session, self.rogue_hello, self.session, self.refused, self.session, self.vanished,
                     self.session, self.violation, self.session, self.nonsense, self.session, self.asked, self.session, self.streamed)

    def come(self, number):
        self.version = (V12, V13)[number % 2]
        self.ways[number // 2 % len(self.ways)]()

    def is_served(self):
        self.version = V13
        return self.ask("GET", "/readyz").status == 200

    def session(self):
        with Client(self.device, context=self.contexts[self.version]) as client:
            assert client.stream.version() == ("TLSv1.2" if self.version == V12 else "TLSv1.3")
            assert client.ask("subscribe", {"id": "a", "paths": ["#"], "minPeriodMs": 0})["type"] == "snapshot"
            assert client.ask("describe")["type"] == "description"
            assert client.command("cabin/fan", 1, until="accepted")["type"] == "ack"
            assert client.ask_text("{nonsense")["type"] == "error"
            assert client.close() == 1000

    def plain(self):
        assert http(self.device, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", self.contexts[self.version]).status == 200

    def ask(self, method, path, body=b"", token=True, headers=""):
        bearer = f"Authorization: Bearer {self.device.token}\r\n" if token else ""
        length = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
        return http(self.device, f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{bearer}{length}{headers}\r\n".encode() + body,
                    self.contexts[self.version])

    def asked(self):
        """By HTTP, of everything, rightly and wrongly."""
        for path in ("/v1/snapshot", "/v1/history?from=1&to=99999999999999&stepMs=1000", "/metrics", "/healthz", "/readyz"):
            assert self.ask("GET", path).status == 200, path
            assert self.ask("HEAD", path).status == 200, path
        fan = b'{"channel": "cabin/fan", "value": 2, "until": "%s"}'
        assert self.ask("POST", "/v1/command", fan % b"accepted").status == 200
        for path, body, status in (("/v1/command", b"{", 400), ("/v1/command", b" " * 20_000, 413), ("/v1/command", fan % b"x", 400)):
            assert self.ask("POST", path, body).status == status, body[:20]
        for path, status in (("/v1/snapshot?x=1", 400), ("/v1/history", 400), ("/v1/events?mode=x", 400), ("/v1/stream", 426)):
            assert self.ask("GET", path).status == status, path
        assert self.ask("GET", "/v1/snapshot", token=False).status == 401
        assert self.ask("GET", "/v1/snapshot", headers="Origin: https://evil.example\r\n").status == 403

    def streamed(self):
        """Readers that vanish, whole and half."""
        for path in ("/v1/events?paths=%23&mode=fixed&periodMs=50&events=true", "/v1/events?lastEventId=old:1"):
            with tls(self.device, self.contexts[self.version]) as stream:
                stream.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self.device.token}\r\n\r\n".encode())
                text = b""
                while b"event: snapshot" not in text:
                    text += stream.recv(4096)
        for style in ("flat", "long", "influx"):
            with Socket(self.device, token=self.device.token, protocols=(), path=f"/v1/stream?format={style}&period=50",
                        context=self.contexts[self.version]) as stream:
                assert stream.receive_frame()[0] == TEXT
                assert stream.receive_frame()[0] == TEXT

    def stranger(self):
        """Does not believe our certificate: an alert from the client in the handshake."""
        try:
            tls(self.device, ssl.create_default_context())
        except ssl.SSLError:
            return
        raise AssertionError("a stranger's certificate was believed")

    def old_version(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        try:
            tls(self.device, context)
        except (ssl.SSLError, OSError):
            return
        raise AssertionError("TLS 1.1 was spoken")

    def aborted(self):
        """A real handshake that ends midway."""
        inwards, outwards = ssl.MemoryBIO(), ssl.MemoryBIO()
        shaking = self.contexts[self.version].wrap_bio(inwards, outwards, server_hostname="localhost")
        with tcp(self.device) as stream:
            for _ in range(2 if self.version == V12 else 1):
                try:
                    shaking.do_handshake()
                except ssl.SSLWantReadError:
                    pass
                stream.sendall(outwards.read())
                inwards.write(stream.recv(65536))

    def rogue_hello(self):
        """A client hello whose inside is noise."""
        body = b"\x03\x03" + os.urandom(32) + b"\x00" + struct.pack("!H", 200) + os.urandom(200)
        hello = b"\x01" + struct.pack("!I", len(body))[1:] + body
        with tcp(self.device) as stream:
            stream.sendall(b"\x16\x03\x01" + struct.pack("!H", len(hello)) + hello)
            try:
                while stream.recv(4096):
                    pass
            except OSError:
                pass

    def refused(self):
        for change in ({"token": "wrong"}, {"protocols": ("mqtt",)}, {"path": "/other"}):
            try:
                Socket(self.device, context=self.contexts[self.version], **change)
            except Refused:
                continue
            raise AssertionError(f"let in with {change}")

    def vanished(self):
        client = Client(self.device, context=self.contexts[self.version])
        client.request("describe")
        client.stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.stream.close()

    def violation(self):
        for wrong, code in ((frame(BINARY, b"x"), 1003), (frame(TEXT, b"\xff"), 1007), (frame(TEXT, b" " * 17_000), 1009)):
            with Client(self.device, context=self.contexts[self.version]) as client:
                client.send_bytes(wrong)
                assert client.closes()[0] == code

    def nonsense(self):
        for bytes_of_it in (b"\r\n\r\n", b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n", os.urandom(500) + b"\r\n\r\n"):
            with tls(self.device, self.contexts[self.version]) as stream:
                try:
                    stream.sendall(bytes_of_it)
                    stream.shutdown(socket.SHUT_WR)
                    while stream.recv(4096):
                        pass
                except OSError:
                    pass


class Heap(unittest.TestCase):
    def test_no_calls_and_every_pool_at_its_base_line(self):
        with Device() as device:
            visitor = Visitor(device)
            self.assertTrue(eventually(visitor.is_served, 20), "not every channel is read")
            for number in range(2 * len(visitor.ways)):
                visitor.come(number)
            base, failures = device.base_line(), []

            def work(worker):
                its = Visitor(device)
                try:
                    for number in range(worker * CONNECTIONS // WORKERS, (worker + 1) * CONNECTIONS // WORKERS):
                        its.come(number)
                except (AssertionError, Closed, Refused, TimeoutError, OSError) as failure:
                    failures.append(f"visit {number}, {its.ways[number // 2 % len(its.ways)].__name__}: {failure!r}")

            workers = [threading.Thread(target=work, args=(worker,)) for worker in range(WORKERS)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
            self.assertEqual(failures, [])
            self.assertEqual(device.returns_to(base, seconds=15), {})
            report = device.report()
            arrived = report.life["arrived"] - base.life["arrived"]
            print(f"\n  {arrived} connections, {report.heap_calls} calls of the heap")
            self.assertGreaterEqual(arrived, CONNECTIONS)
            self.assertGreater(report.life["tcp-closed"], base.life["tcp-closed"], "no handshake failed")
            self.assertGreater(report.life["tls-closed"], base.life["tls-closed"], "no plain request came")
            self.assertIn(report.heap_calls, (0, None))
            self.assertEqual({name: pool["refused"] for name, pool in report.pools.items() if pool["refused"]}, {})


if __name__ == "__main__":
    unittest.main()
