"""Everything before frames: plain HTTP, refused handshakes, requests that are none, and those who dawdle."""
import json
import socket
import time
import unittest

from device import PATIENCE
from wire import KEY, SPINNING, Certificates, Client, Server


class Requests:
    arguments = {}

    @classmethod
    def setUpClass(cls):
        cls.server = Server(handshake=2, **cls.arguments)

    @classmethod
    def tearDownClass(cls):
        counts, _ = cls.server.stop()
        assert counts["tlsBlocks"] == 0 and counts["lwsBlocks"] == 0, counts
        gone = counts["tcpClosed"] + counts["tlsClosed"] + counts["closed"]
        assert counts["arrived"] == gone, counts
        assert counts["tcpTls"] == counts["tlsClosed"] + counts["admitted"], counts

    def connect(self):
        client = Client(self.server)
        self.addCleanup(client.socket.close)
        return client

    def get(self, head, body=b""):
        """The answer, which is also the connection's end."""
        client = self.connect()
        status, headers, text = client.request(head, body)
        self.assertEqual(headers["connection"], "close, Upgrade" if status == 426 else "close")
        self.assertEqual(client.rest(), b"")
        return status, headers, text

    def refused(self, status, head, *words, body=b""):
        got, headers, text = self.get(head, body)
        self.assertEqual(got, status, text)
        self.assertEqual(headers["content-type"], "application/json")
        error = json.loads(text)
        self.assertEqual(error["code"], status)
        for word in words:
            self.assertIn(word, error["detail"])
        return headers, error

    def handshake_refused(self, status, *words, **changes):
        return self.refused(status, self.connect().handshake_head(**changes), *words)

    # plain HTTP
    def test_front_page(self):
        status, headers, text = self.get("GET / HTTP/1.1\nHost: x\n\n")
        self.assertEqual((status, headers["content-type"]), (200, "text/plain; charset=utf-8"))
        for word in ("Signalbox", "/v1/ws", "signalbox.v1", "Bearer"):
            self.assertIn(word, text)

    def test_health(self):
        for head in ("GET /healthz HTTP/1.1\nHost: x\n\n", "GET /healthz HTTP/1.0\n\n"):
            status, headers, text = self.get(head)
            self.assertEqual((status, headers["content-type"], json.loads(text)["status"]), (200, "application/json", "ok"))
        self.assertEqual(self.get("GET /readyz HTTP/1.1\nHost: x\n\n")[::2], (200, '{"status":"ready"}\n'))

    def test_head_has_no_body(self):
        client = self.connect()
        client.send(b"HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = client.rest()
        self.assertTrue(answer.startswith(b"HTTP/1.1 200 OK\r\n"))
        self.assertTrue(answer.endswith(b"\r\n\r\n"))
        self.assertIn(b"Content-Length: 16\r\n", answer)

    def test_unknown_paths(self):
        for path in ("/nothing", "/v1", "/v1/ws/more", "/healthz/", "/" + "x" * 500):
            self.refused(404, f"GET {path} HTTP/1.1\nHost: x\n\n", "/v1/ws")
        _, error = self.refused(404, 'GET /a"b\\%22 HTTP/1.1\nHost: x\n\n')
        self.assertEqual(error["reason"], "notFound")

    def test_methods(self):
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            for path, allowed in (("/", "GET, HEAD"), ("/healthz", "GET, HEAD"), ("/v1/ws", "GET"), ("/v1/stop", "POST"),
                                  ("/v1/claim", "POST"), ("/v1/login", "POST"), ("/v1/logout", "POST")):
                if method in allowed or (method, path) == ("GET", "/v1/ws"):
                    continue
                headers, _ = self.refused(405, f"{method} {path} HTTP/1.1\nHost: x\nContent-Length: 0\n\n")
                self.assertEqual(headers["allow"], allowed)
        client = self.connect()
        client.send(b"HEAD /v1/ws HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertRegex(client.rest(), b"(?s)^HTTP/1.1 405 .*\r\n\r\n$")

    def test_a_thing_description_of_any_length(self):
        """The door here tells one as long as the token says."""
        for size in (1, 4000, 4092, 4093, 30_000, 200_000):
            status, headers, text = self.get(f"GET /.well-known/wot HTTP/1.1\nHost: x\nAuthorization: Bearer {size}\n\n")
            self.assertEqual((status, headers["content-type"], len(text)), (200, "application/td+json", size))
            self.assertEqual(int(headers["content-length"]), size)
        for _ in range(5):  # who reads nothing of it costs nobody anything
            client = self.connect()
            client.send(b"GET /.well-known/wot HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer 200000\r\n\r\n")
        self.assertEqual(self.get("GET /healthz HTTP/1.1\nHost: x\n\n")[0], 200)
        self.refused(401, "GET /.well-known/wot HTTP/1.1\nHost: x\n\n", "token")
        self.refused(400, "GET /.well-known/wot HTTP/1.1\nHost: x@y\nAuthorization: Bearer 1\n\n", "Host")
        self.refused(405, "PUT /.well-known/wot HTTP/1.1\nHost: x\n\n", "GET and HEAD")

    def test_stop(self):
        status, _, text = self.get("POST /v1/stop HTTP/1.1\nHost: x\nAuthorization: Bearer it\nContent-Length: 0\n\n")
        self.assertEqual((status, json.loads(text)), (200, {"outcome": "stopped"}))
        with_body = "POST /v1/stop HTTP/1.1\nHost: x\nAuthorization: Bearer it\nContent-Length: 2\n\n"
        self.assertEqual(self.get(with_body, b"{}")[0], 200)
        self.refused(401, "POST /v1/stop HTTP/1.1\nHost: x\nContent-Length: 0\n\n", "token")
        self.refused(401, "POST /v1/stop HTTP/1.1\nHost: x\nAuthorization: Basic it\n\n", "Bearer")
        self.refused(403, "POST /v1/stop HTTP/1.1\nHost: x\nAuthorization: Bearer guest\n\n", "guests")

    def test_log_in_and_out(self):
        """The cookie is bound to TLS where there is TLS."""
        name, bound = ("__Host-signalbox", "; Secure") if self.server.tls else ("signalbox", "")
        status, headers, text = self.get("POST /v1/login HTTP/1.1\nHost: x\nAuthorization: Bearer a.b.c\n\n")
        self.assertEqual((status, text), (204, ""))
        self.assertEqual(headers["set-cookie"], f"{name}=a.b.c; Path=/; Max-Age=3600; HttpOnly; SameSite=Strict{bound}")
        self.assertFalse({"content-length", "content-type"} & headers.keys())
        longest = "x" * 1023
        status, headers, _ = self.get(f"POST /v1/login HTTP/1.1\nHost: x\nAuthorization: Bearer {longest}\n\n")
        self.assertEqual((status, headers["set-cookie"].split(";")[0]), (204, f"{name}={longest}"))
        headers, _ = self.refused(401, "POST /v1/login HTTP/1.1\nHost: x\nAuthorization: Bearer wrong\n\n", "opens nothing")
        self.assertNotIn("set-cookie", headers)
        self.refused(401, "POST /v1/login HTTP/1.1\nHost: x\nAuthorization: Basic abc\n\n", "Bearer")
        status, headers, text = self.get("POST /v1/logout HTTP/1.1\nHost: x\nContent-Length: 2\n\n", b"{}")
        self.assertEqual((status, text), (204, ""))
        self.assertEqual(headers["set-cookie"], f"{name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict{bound}")

    def test_bodies_are_not_read(self):
        self.refused(405, "POST / HTTP/1.1\nHost: x\nContent-Length: 1000000\n\n", body=b"x" * 1000)
        self.refused(405, "POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n", body=b"3\r\nabc\r\n")
        self.assertEqual(self.get("GET /healthz HTTP/1.1\nHost: x\nContent-Length: 7\n\n", b"payload")[0], 200)

    def test_pipelining_with_a_body_does_not_spin(self):
        client = self.connect()
        client.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\npayload")
        self.assertEqual(client.answer()[0], 200)
        self.assertLess(self.server.turns(), SPINNING)
        client.rest()

    # requests that a session answers; the one here says what it was asked
    def session(self, head, body=b""):
        """Status, headers and the body without its chunks."""
        client = self.connect()
        client.send(head.replace("\n", "\r\n").encode() + body)
        answer = client.rest()
        head, _, rest = answer.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        if headers.get("transfer-encoding") != "chunked":
            return int(lines[0].split()[1]), headers, rest.decode()
        text = b""
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            text, rest = text + rest[:int(size, 16)], rest[int(size, 16) + 2:]
        self.assertEqual(int(size, 16), 0, "the body has its end")
        return int(lines[0].split()[1]), headers, text.decode()

    def test_an_escaped_end_of_line_ends_nothing(self):
        """Else whoever makes somebody follow a link chooses headers for them."""
        for end in ("%0A", "%0a", "%0D%0A", "%0D", "%20HTTP/1.1%0D%0A"):
            for path in ("/healthz", "/v1/events"):
                self.refused(400, f"GET {path}?x=1{end}Authorization:%20Bearer%20it HTTP/1.1\nHost: x\n\n")
                self.refused(400, f"GET {path}{end}Last-Event-ID:%20it HTTP/1.1\nHost: x\n\n")
        self.assertEqual(self.get("GET /healthz?x=%09%20%2B HTTP/1.1\nHost: x\n\n")[0], 200)

    def test_a_session_is_asked_without_what_is_for_the_link(self):
        status, headers, text = self.session("GET /v1/events?paths=a%2Cb,+/c&ticket=t&events=true HTTP/1.1\nHost: x\nLast-Event-ID: e:7\n\n")
        self.assertEqual((status, headers["content-type"]), (200, "text/event-stream"))
        self.assertEqual(text, "GET /v1/events\npaths=a,b, /c\nevents=true\nlastEventId=e:7\n\n")

    def test_bodies_of_any_length(self):
        for size in (1, 4083, 4084, 4085, 30_000, 400_000):
            head = f"POST /v1/command HTTP/{{}}\nHost: x\nContent-Type: application/json\nContent-Length: {len(str(size)) + 7}\n\n"
            for version in ("1.0", "1.1"):
                status, _, text = self.session(head.format(version), f"!large {size}".encode())
                self.assertEqual((status, len(text)), (200, size))
        status, _, text = self.session(head.format("1.1").replace("POST", "PUT"), b"!large 400000")
        self.assertEqual(status, 405)

    def test_a_slow_reader_gets_all_of_it(self):
        client = self.connect()
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.send(b"POST /v1/command HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n!large 400000")
        time.sleep(3)
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.assertEqual(len(client.rest().partition(b"\r\n\r\n")[2]), 400_000)

    def test_what_comes_behind_a_request_costs_no_time(self):
        for head, body in (("GET /v1/events HTTP/1.1\r\nHost: x\r\n", b"!hold"),
                           ("POST /v1/command HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5\r\n", b"!hold")):
            client = self.connect()
            client.send(head.encode() + b"\r\n" + body + b"GET / HTTP/1.1\r\n" * 300)
            self.assertLess(self.server.turns(), SPINNING)
            client.socket.close()

    def test_a_reader_may_wait_for_long(self):
        """Longer than a request's head may take, and than its table of headers may be held."""
        client = self.connect()
        client.send(b"POST /v1/command HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n!after 4500")
        self.assertIn(b" 200 OK", client.rest())

    def test_socket_without_upgrade(self):
        headers, error = self.refused(426, "GET /v1/ws HTTP/1.1\nHost: x\n\n", "WebSocket client")
        self.assertEqual((headers["upgrade"], headers["sec-websocket-version"]), ("websocket", "13"))

    # handshakes
    def test_handshakes_of_every_spelling(self):
        for changes in ({"Upgrade": "WebSocket"}, {"Upgrade": "WEBSOCKET"}, {"Connection": "keep-alive, Upgrade"},
                        {"Connection": "upgrade"}, {"Connection": "Upgrade,keep-alive"}, {"Origin": f"http{'s' * self.server.tls}://localhost"},
                        {"Sec_WebSocket_Extensions": "permessage-deflate; client_max_window_bits"}):
            with self.subTest(changes=changes):
                client = self.connect().open(**changes)
                self.assertNotIn("sec-websocket-extensions", client.headers)
                client.say("hello")
                self.assertEqual(client.message(), "hello")

    def test_versions(self):
        for version in ("8", "7", "0", "14", "12", "130", "13, 8", "abc", "99999999999999999999"):
            headers, _ = self.handshake_refused(426, "13", Sec_WebSocket_Version=version)
            self.assertEqual(headers["sec-websocket-version"], "13")
        self.handshake_refused(400, "Sec-WebSocket-Version", Sec_WebSocket_Version=None)

    def test_keys(self):
        for key in (None, "short", KEY[:-1], KEY + "=", "x" * 24, "!" * 22 + "==", KEY[:21] + "B==", KEY * 3, "x" * 300):
            with self.subTest(key=key):
                self.handshake_refused(400, "Sec-WebSocket-Key", Sec_WebSocket_Key=key)
        head = self.connect().handshake_head().replace("\n\n", f"\nSec-WebSocket-Key: {KEY}\n\n")
        self.refused(400, head, "Sec-WebSocket-Key")

    def test_missing_pieces(self):
        self.handshake_refused(400, "Host", Host=None)
        self.handshake_refused(400, "Connection", Connection="keep-alive")
        self.handshake_refused(400, "Connection", Connection=None)
        self.refused(400, self.connect().handshake_head().replace("HTTP/1.1", "HTTP/1.0"), "HTTP/1.1")
        self.handshake_refused(426, Upgrade="h2c")

    def test_handshake_elsewhere(self):
        self.handshake_refused(404, "/v1/ws", path="/other")
        self.refused(405, self.connect().handshake_head().replace("GET", "POST"))

    # sub-protocols
    def test_no_offer_takes_the_default_and_says_nothing(self):
        self.assertNotIn("sec-websocket-protocol", self.connect().open().headers)

    def test_the_first_spoken_offer_is_taken(self):
        for offer, chosen in (("jsonrpc", "jsonrpc"), ("signalbox.v1", "signalbox.v1"), ("jsonrpc, signalbox.v1", "jsonrpc"),
                              ("mqtt,soap , signalbox.v1,jsonrpc", "signalbox.v1")):
            client = self.connect().open(Sec_WebSocket_Protocol=offer)
            self.assertEqual(client.headers["sec-websocket-protocol"], chosen)
            client.say("hello")
            self.assertEqual(client.message(), "hello")

    def test_offers_in_several_headers(self):
        head = self.connect().handshake_head(Sec_WebSocket_Protocol="mqtt").replace(
            "\n\n", "\nSec-WebSocket-Protocol: jsonrpc\n\n")
        client = self.connect()
        status, headers, _ = client.request(head)
        self.assertEqual((status, headers["sec-websocket-protocol"]), (101, "jsonrpc"))

    def test_unknown_offers_are_told_what_is_spoken(self):
        for offer in ("mqtt", "SIGNALBOX.V1", "signalbox.v2, soap", ",", "x" * 126, "x" * 127, "x" * 2000):
            self.handshake_refused(400, "signalbox.v1", "jsonrpc", Sec_WebSocket_Protocol=offer)

    # the door's answers
    def test_credentials(self):
        self.connect().open(Authorization="Bearer right")
        self.connect().open(Authorization="bearer  right ")
        for value in ("Bearer wrong", "Basic d3Jvbmc6d3Jvbmc=", "Bearer", "right", "Bearer " + "x" * 1200):
            with self.subTest(value=value):
                headers, error = self.handshake_refused(401, Authorization=value)
                self.assertEqual(headers["www-authenticate"], "Bearer")
                self.assertEqual(error["reason"], "unauthenticated")

    def test_overload_says_when_to_come_again(self):
        headers, error = self.handshake_refused(503, Authorization="Bearer full")
        self.assertEqual(headers["retry-after"], "2")
        self.assertEqual((error["reason"], error["retryAfterMs"]), ("overloaded", 1500))

    # what is no request
    def test_heads_that_are_too_long(self):
        self.refused(431, "GET / HTTP/1.1\nHost: x\nX-Long: " + "x" * 5000 + "\n\n", "4096")
        self.refused(414, "GET /" + "x" * 9000 + " HTTP/1.1\nHost: x\n\n")
        many = "".join(f"X-{i}: y\n" for i in range(1000))
        self.refused(431, "GET / HTTP/1.1\nHost: x\n" + many + "\n")

    def test_nonsense(self):
        for text in ("BREW / HTTP/1.1\nHost: x\n\n", "\n\n\n\n", "GET /%zz HTTP/1.1\nHost: x\n\n", "GET /%00 HTTP/1.1\n\n",
                     "\x16\x03\x01\x02\x00\x01\x00\x01\xfc", "GET\n\n", "GET / HTTP/1.1\nGET / HTTP/1.1\n\n",
                     "PRI * HTTP/2.0\n\nSM\n\n", "CONNECT example.net:443 HTTP/1.1\nHost: x\n\n"):
            with self.subTest(text=text):
                client = self.connect()
                client.send(text.replace("\n", "\r\n").encode("latin-1"))
                client.socket.settimeout(5)
                answer = client.rest()
                self.assertRegex(answer, b"^(HTTP/1.1 (400|404|405|501|505) |$)")

    def test_unknown_upgrades(self):
        for token in ("foo", "TLS/1.0", "websocket, foo"):
            self.refused(400, f"GET / HTTP/1.1\nHost: x\nConnection: Upgrade\nUpgrade: {token}\n\n")

    # those who dawdle
    def test_a_request_in_pieces(self):
        client = self.connect()
        client.dribble(client.handshake_head().replace("\n", "\r\n").encode())
        self.assertEqual(client.answer()[0], 101)
        client.say("hello")
        self.assertEqual(client.message(), "hello")

    def test_silence_and_dribble_end_in_time(self):
        silent, slow = self.connect(), self.connect()
        started = time.monotonic()
        with self.assertRaises((OSError, AssertionError)):
            while time.monotonic() - started < 8 * PATIENCE:
                slow.send(b"G" if time.monotonic() - started < 0.1 else b"E")
                time.sleep(0.2)
            raise AssertionError("the slow one was never cut")
        silent.rest()
        self.assertLess(time.monotonic() - started, 6 * PATIENCE)

    def test_those_who_go_away_early(self):
        for data in (b"", b"GET", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"):
            client = self.connect()
            client.send(data) if data else None
            client.socket.close()
        self.assertEqual(self.server.settled("connections", 0)["connections"], 0)


class PlainRequests(Requests, unittest.TestCase):
    pass


class TlsRequests(Requests, unittest.TestCase):
    certificates = Certificates()
    arguments = certificates.of_server()


if __name__ == "__main__":
    unittest.main()
