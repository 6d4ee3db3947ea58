"""A request's head and body to the byte, as RFC 9110 and RFC 9112 have them; and what speaks HTTP where TLS is spoken."""
import json
import socket
import unittest

from client import Client
from device import HOST, PATIENCE, DeviceTest
from web import curl
from ws import Socket, http, read_head, tls

LAMP = "cabin/lamp"
HOST_LINE = "Host: localhost\r\n"


class Heads(DeviceTest):
    def status(self, request):
        return http(self.device, request).status

    def get(self, *lines, first="GET /healthz HTTP/1.1"):
        return self.status("\r\n".join((first, HOST_LINE.strip(), *lines, "", "")))

    def test_a_header_of_any_name_is_passed_over(self):
        """Also where a known one begins so: the reader of libwebsockets took the next line for the rest of its name."""
        for name in ("X", "A", "S", "h", "Ho", "U", "X-A", "Hos", "Sec", "Q", "x-1", "!#$%&'*+-.^_`|~"):
            with self.subTest(name):
                self.assertEqual(self.get(f"{name}: a"), 200)
                self.assertEqual(self.get(f"{name}:"), 200)

    def test_what_follows_a_short_name_counts(self):
        request = f"GET /v1/snapshot HTTP/1.1\r\n{HOST_LINE}X: a\r\nAuthorization: Bearer {self.device.token}\r\nS: b\r\n\r\n"
        self.assertEqual(self.status(request), 200)

    def test_lines_that_are_none(self):
        for line in ("no colon", "nocolon", ": x", "a b: x", "Content-Length : 0", "Host : localhost", "X(y): x", "X: a\r\n folded",
                     "X: a\r\n\tfolded", "X: a\rb", "X: a\r", "X: a\0b", "Host: local\0host", "X\0: a", "GET /readyz HTTP/1.1",
                     "POST /v1/stop HTTP/1.1"):
            with self.subTest(repr(line)):
                self.assertEqual(self.get(line), 400)
        self.assertEqual(self.get(first="GET /healthz HTTP/1.1\r\n X: y"), 400)

    def test_empty_lines_before_the_request(self):
        for before in ("\r\n", "\r\n\r\n", "\n"):
            self.assertEqual(self.status(f"{before}GET /healthz HTTP/1.1\r\n{HOST_LINE}\r\n"), 200)

    def test_methods(self):
        for method in ("BREW", "TRACE", "PROPFIND", "M-SEARCH", "GETX"):
            answer = http(self.device, f"{method} /healthz HTTP/1.1\r\n{HOST_LINE}\r\n")
            self.assertEqual((answer.status, answer.json()["reason"]), (501, "unknownType"), method)
        for first in ("get /healthz HTTP/1.1", "Get /healthz HTTP/1.1"):
            self.assertEqual(self.get(first=first), 400)

    def test_versions(self):
        for version, status in (("HTTP/1.0", 200), ("HTTP/1.1", 200), ("HTTP/1.2", 200), ("HTTP/2.0", 505), ("HTTP/0.9", 505),
                                ("HTTP/3.0", 505), ("HTTP/1", 400), ("HTTP/1.10", 400), ("http/1.1", 400), ("XTTP/1.1", 400),
                                ("HTTP/1.1x", 400), ("HTTP/1.1 x", 400)):
            with self.subTest(version):
                self.assertEqual(self.get(first=f"GET /healthz {version}"), status)

    def test_targets(self):
        port = self.device.port
        for target, status in ((f"https://localhost:{port}/healthz", 200), ("HTTPS://LocalHost/healthz", 200),
                               ("https://evil.example/healthz", 421), ("https://localhost", 200), ("ftp://localhost/healthz", 400),
                               ("localhost", 400), ("*", 400), ("?a", 400)):
            with self.subTest(target):
                self.assertEqual(self.get(first=f"GET {target} HTTP/1.1"), status)
        self.assertEqual(self.status("GET https://localhost/healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n"), 200)
        for hosts in ("", HOST_LINE * 2):  # it has to be there all the same
            self.assertEqual(self.status(f"GET https://localhost/healthz HTTP/1.1\r\n{hosts}\r\n"), 400)
        answer = http(self.device, f"OPTIONS * HTTP/1.1\r\n{HOST_LINE}\r\n")
        self.assertEqual((answer.status, answer.headers["allow"]), (405, "GET, HEAD, POST"))
        Socket(self.device, token=self.device.token, path=f"wss://localhost:{port}/v1/ws").close()

    def test_an_empty_port_is_none(self):
        self.assertEqual(self.status("GET /healthz HTTP/1.1\r\nHost: localhost:\r\n\r\n"), 200)

    def test_space_around_a_value_is_none_of_it(self):
        handshake = ("GET /v1/ws HTTP/1.1\r\nHost:\tlocalhost \r\nUpgrade: websocket\r\nConnection: , keep-alive ,\tUpgrade,\r\n"
                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ== \r\nSec-WebSocket-Version:\t13 \r\n"
                     "Sec-WebSocket-Protocol: ,, jsonrpc ,signalbox.v1\r\n\r\n")
        with tls(self.device) as stream:
            stream.sendall(handshake.encode())
            head, _ = read_head(stream)
        self.assertIn(b" 101 ", head.split(b"\r\n")[0])
        self.assertRegex(head, rb"(?i)sec-websocket-protocol: jsonrpc")

    def test_a_list_of_protocols_that_is_none(self):
        for offered in ("foo bar, signalbox.v1", "signalbox.v1 jsonrpc", 'x="y", jsonrpc', "jsonrpc;q=1"):
            self.assertEqual(self.get("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", f"Sec-WebSocket-Protocol: {offered}",
                                      first="GET /v1/ws HTTP/1.1"), 400, offered)

    def test_a_query_may_have_empty_parts(self):
        for query in ("?", "?&&", f"?&paths={LAMP}", f"?paths={LAMP}&", f"?paths={LAMP}&&"):
            answer = http(self.device, f"GET /v1/snapshot{query} HTTP/1.1\r\n{HOST_LINE}Authorization: Bearer {self.device.token}\r\n\r\n")
            self.assertEqual(answer.status, 200, (query, answer.body))
            self.assertEqual(answer.body.count('"channel"') == 1, LAMP in query, query)

    def test_a_ticket_beside_long_parameters(self):
        paths = ",".join(["cabin/temperature"] * 6)
        with Client(self.device) as client:
            for query in ("ticket={}&paths=" + paths, "paths=" + paths + "&&ticket={}"):
                ticket = client.ask("ticket")["payload"]["ticket"]
                with tls(self.device) as stream:
                    stream.sendall(f"GET /v1/events?{query.format(ticket)} HTTP/1.1\r\n{HOST_LINE}\r\n".encode())
                    head, _ = read_head(stream)
                self.assertIn(b" 200 ", head.split(b"\r\n")[0], query)
            client.close()


class Bodies(DeviceTest):
    def setUp(self):
        self.body = json.dumps({"channel": LAMP, "value": True})
        with Client(self.device) as client:
            client.ask("command", {"channel": LAMP, "value": False, "until": "applied"})
            client.close()

    def is_on(self):
        with Client(self.device) as client:
            value = client.ask("describe", {"path": LAMP})["payload"]["channels"][0]["value"]
            client.close()
        return value

    def head(self, *lines, length=None):
        return "\r\n".join(("POST /v1/command HTTP/1.1", HOST_LINE.strip(), "Content-Type: application/json",
                            f"Authorization: Bearer {self.device.token}",
                            f"Content-Length: {len(self.body) if length is None else length}", *lines, "", ""))

    def test_what_comes_behind_a_body_is_not_read(self):
        for behind in ("\r\n", "}", "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", "x" * 5000):
            with self.subTest(behind[:10]):
                self.setUp()
                answer = http(self.device, self.head() + self.body + behind)
                self.assertEqual((answer.status, self.is_on()), (200, True), answer.body)
        # A body that is too short by its own word ends there too.
        self.assertEqual(http(self.device, self.head(length=len(self.body) - 1) + self.body).status, 400)

    def test_what_comes_behind_a_request_is_not_read(self):
        credential = f"{HOST_LINE}Authorization: Bearer {self.device.token}\r\n"
        for path in ("/v1/snapshot", "/v1/history?from=1&to=2", "/metrics", "/"):
            for behind in ("\r\n", "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", "x" * 5000):
                with self.subTest(path, behind=behind[:10]):
                    answer = http(self.device, f"GET {path} HTTP/1.1\r\n{credential}Accept-Encoding: gzip\r\n\r\n{behind}")
                    self.assertEqual(answer.status, 200)
                    self.assertEqual(len(answer.bytes), int(answer.headers.get("content-length", len(answer.bytes))))
                    self.assertTrue(answer.bytes)
        chunked = f"GET /v1/snapshot HTTP/1.1\r\n{credential}Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n"
        self.assertEqual(http(self.device, chunked).status, 200)
        with tls(self.device) as stream:  # nor is it without end
            stream.sendall(f"GET /v1/events?paths={LAMP} HTTP/1.1\r\n{credential}\r\n".encode())
            read_head(stream)
            with self.assertRaises(OSError):
                for _ in range(2000):
                    stream.sendall(b"x" * 4096)

    def test_who_asks_before_sending_is_told_to_go_on(self):
        with tls(self.device) as stream:
            stream.sendall(self.head("Expect: 100-Continue").encode())
            head, rest = read_head(stream)
            self.assertEqual((head, rest), (b"HTTP/1.1 100 Continue", b""))
            stream.sendall(self.body.encode())
            head, _ = read_head(stream)
            self.assertIn(b" 200 ", head.split(b"\r\n")[0])
        self.assertTrue(self.is_on())
        # Who will be refused need not send it.
        self.assertEqual(http(self.device, self.head("Expect: 100-continue", length=2 ** 31)).status, 413)

    def test_lengths(self):
        size = len(self.body)
        for length in (f"{size}, {size}", f"+{size}", "-1", "0x25", "x", str(2 ** 64 + size), f"{size}\r\nContent-Length: {size}",
                       f"{size}\r\nTransfer-Encoding: chunked", f"{size}\r\nTransfer-Encoding: identity"):
            with self.subTest(length):
                self.assertEqual(http(self.device, self.head(length=length) + self.body).status, 400)
        for length in (f"\t{size} ", f"000{size}"):
            self.assertEqual(http(self.device, self.head(length=length) + self.body).status, 200)

    def test_space_before_the_parameters_of_a_type(self):
        head = self.head().replace("application/json", "Application/JSON ; charset=utf-8")
        self.assertEqual(http(self.device, head + self.body).status, 200)


class InClear(DeviceTest):
    def told(self, sent):
        with socket.create_connection((HOST, self.device.port), 10 * PATIENCE) as raw:
            raw.sendall(sent)
            answer = b""
            while more := raw.recv(4096):  # no reset
                answer += more
            return answer

    def test_http_is_told_where_to_go(self):
        port = self.device.port
        for method in ("GET", "POST", "OPTIONS", "DELETE"):
            answer = self.told(f"{method} /v1/ws HTTP/1.1\r\nHost: LocalHost:{port}\r\n\r\n".encode())
            self.assertRegex(answer, rb"^HTTP/1\.1 400 Bad Request\r\nDate: [^\r]+\r\nContent-Type: text/plain\r\n")
            self.assertIn(f"https://LocalHost:{port}/".encode(), answer)
        self.assertTrue(self.told(b"HEAD / HTTP/1.1\r\n\r\n").endswith(b"\r\n\r\n"))

    def test_a_name_that_is_not_ours_is_not_repeated(self):
        for head in (b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n"):
            answer = self.told(head)
            self.assertIn(f"https://{HOST}:{self.device.port}/".encode(), answer)
            self.assertNotIn(b"evil", answer)

    def test_nothing_else_is_answered_in_clear(self):
        for garbage in (b"SSH-2.0-OpenSSH\r\n", b"EHLO x\r\n", b"get / HTTP/1.1\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\n", b"\0" * 100):
            with self.subTest(garbage[:5]):
                try:
                    self.assertNotIn(b"HTTP", self.told(garbage))
                except ConnectionError:
                    pass

    def test_curl(self):
        told = curl(self.device, "-s", f"http://localhost:{self.device.port}/metrics")
        self.assertIn(f"https://localhost:{self.device.port}/", told.stdout)

    def test_it_costs_no_place(self):
        for _ in range(50):
            self.told(b"GET / HTTP/1.1\r\n\r\n" + b"x" * 5000)
        self.assertEqual(http(self.device, f"GET /healthz HTTP/1.1\r\n{HOST_LINE}\r\n").status, 200)


if __name__ == "__main__":
    unittest.main()
