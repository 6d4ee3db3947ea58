"""Getting in: HTTP routes, the WebSocket handshake, sub-protocols, credentials."""
import time
import unittest

from client import Client
from device import PATIENCE, DeviceTest, eventually
from ws import Refused, Socket, http, read_head, tls

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
UPGRADE = {"Host": "localhost", "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
           "Sec-WebSocket-Key": KEY}


def request(method="GET", path="/v1/ws", version="HTTP/1.1", **headers):
    """Headers of a good handshake, with changes; None leaves one out."""
    wanted = {**UPGRADE, **{name.replace("_", "-"): value for name, value in headers.items()}}
    lines = [f"{method} {path} {version}"] + [f"{name}: {value}" for name, value in wanted.items() if value is not None]
    return "\r\n".join(lines + ["", ""])


class Handshake(DeviceTest):
    OPTIONS = ("--authenticate-ms", 1500)

    def test_plain_http(self):
        plain = {"Connection": None, "Upgrade": None, "Sec_WebSocket_Version": None, "Sec_WebSocket_Key": None}
        cases = (
            ("GET", "/", 200, None), ("HEAD", "/", 200, None), ("GET", "/healthz", 200, None),
            ("HEAD", "/healthz", 200, None),
            ("GET", "/v1", 404, None), ("GET", "/v1/ws/", 404, None), ("GET", "/../etc/passwd", 404, None),
            ("GET", "/%2e%2e/secret", 404, None), ("GET", "/" + "x" * 500, 404, None),
            ("GET", "/v1/ws", 426, ("upgrade", "websocket")),
            ("POST", "/v1/ws", 405, ("allow", "GET")), ("DELETE", "/v1/ws", 405, ("allow", "GET")),
            ("HEAD", "/v1/ws", 405, ("allow", "GET")),
            ("POST", "/healthz", 405, ("allow", "GET, HEAD")), ("PUT", "/", 405, ("allow", "GET, HEAD")),
            ("OPTIONS", "/", 405, ("allow", "GET, HEAD")),
        )
        for method, path, status, header in cases:
            with self.subTest(f"{method} {path[:30]}"):
                answer = http(self.device, request(method, path, **plain))
                self.assertEqual((answer.version, answer.status), ("HTTP/1.1", status), answer.body)
                if header:
                    self.assertEqual(answer.headers.get(header[0]), header[1])
                if method == "HEAD":
                    self.assertEqual(answer.body, "")
                    self.assertGreater(int(answer.headers["content-length"]), 0)
                    continue
                self.assertEqual(len(answer.body.encode()), int(answer.headers["content-length"]))
                if status >= 400:
                    told = answer.json()
                    self.assertEqual(told["code"], status)
                    self.assertTrue(told["detail"] and told["reason"])

    def test_a_body_is_not_taken_for_another_request(self):
        answer = http(self.device, "POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 45\r\n\r\n"
                                   "GET /healthz HTTP/1.1\r\nHost: smuggled\r\n\r\n")
        self.assertEqual(answer.status, 405)
        self.assertNotIn("HTTP/1.1 200", answer.body)

    def test_handshakes_that_are_refused(self):
        cases = (
            ({"Sec_WebSocket_Version": None}, 400), ({"Sec_WebSocket_Version": "8"}, 426),
            ({"Sec_WebSocket_Key": None}, 400), ({"Sec_WebSocket_Key": "short"}, 400),
            ({"Sec_WebSocket_Key": "x" * 300}, 400), ({"Connection": "keep-alive"}, 400), ({"Connection": None}, 400),
            ({"Host": None}, 400), ({"version": "HTTP/1.0"}, 400), ({"method": "POST"}, 405), ({"path": "/ws"}, 404),
            ({"Sec_WebSocket_Protocol": "mqtt"}, 400), ({"Sec_WebSocket_Protocol": "mqtt, chat , SIGNALBOX.V1"}, 400),
            ({"Sec_WebSocket_Protocol": "x" * 600}, 400),
            ({"Upgrade": "h2c"}, 426), ({"Upgrade": None}, 426),
        )
        for change, status in cases:
            with self.subTest(str(change)[:60]):
                answer = http(self.device, request(**change))
                self.assertEqual(answer.status, status, answer.body)
                self.assertEqual(answer.json()["code"], status)
                if status == 426:
                    self.assertEqual(answer.headers["sec-websocket-version"], "13")
                    self.assertEqual(answer.headers["upgrade"].lower(), "websocket")
                if "Sec_WebSocket_Protocol" in change:
                    self.assertIn("signalbox.v1", answer.json()["detail"])

    def test_handshakes_that_are_taken(self):
        for name, headers in (
                ("two lines of one list", ["Connection: keep-alive"]),
                ("extensions offered", ["Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"]),
                ("a browser's", [f"Origin: https://localhost:{self.device.port}", "User-Agent: Mozilla/5.0", "Accept-Encoding: gzip, br",
                                 "Cookie: a=b; c=d", "Pragma: no-cache"])):
            with self.subTest(name), Client(self.device, headers=headers) as client:
                self.assertNotIn("sec-websocket-extensions", client.handshake.headers)
                self.assertEqual(client.ask("ping")["type"], "pong")
                self.assertEqual(client.close(), 1000)

    def test_names_and_tokens_are_not_case_sensitive(self):
        with tls(self.device) as stream:
            stream.sendall((f"GET /v1/ws HTTP/1.1\r\nhOST: localhost\r\nCONNECTION: keep-alive ,upGRADE\r\nupgrade: WebSocket\r\n"
                            f"sec-websocket-version: 13\r\nSEC-WEBSOCKET-KEY: {KEY}\r\n\r\n").encode())
            head, _ = read_head(stream)
            self.assertTrue(head.startswith(b"HTTP/1.1 101"), head)
            self.assertIn(b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", head)

    def test_sub_protocols(self):
        for offered, chosen in ((("signalbox.v1",), "signalbox.v1"), (("mqtt", "signalbox.v1", "jsonrpc"), "signalbox.v1"),
                                ((), None)):
            with self.subTest(offered), Client(self.device, protocols=offered) as client:
                self.assertEqual(client.handshake.headers.get("sec-websocket-protocol"), chosen)
                self.assertEqual(client.welcome["payload"]["protocol"], "signalbox.v1")
                self.assertEqual(client.close(), 1000)

    def test_a_wrong_credential_is_refused_before_the_upgrade(self):
        wrong = ("Bearer wrong", "Bearer " + self.device.token[:-1], "Bearer " + self.device.token + "A", "Bearer",
                 "Basic b3duZXI6eA==", self.device.token, "Bearer " + "x" * 700)
        for authorization in wrong:
            with self.subTest(authorization[:20]):
                with self.assertRaises(Refused) as refused:
                    Socket(self.device, headers=[f"Authorization: {authorization}"])
                answer = refused.exception.answer
                self.assertEqual((answer.status, answer.json()["reason"]), (401, "unauthenticated"))
                self.assertEqual(answer.headers["www-authenticate"], "Bearer")
                self.assertNotIn(self.device.token, answer.body)

    def test_the_scheme_is_not_case_sensitive(self):
        with Client(self.device, token=None, headers=[f"Authorization: bEARER {self.device.token}"]) as client:
            self.assertTrue(client.welcome["payload"]["authenticated"])
            client.close()

    def test_without_a_credential_only_ping_and_authenticate(self):
        with Client(self.device, token=None) as client:
            told = client.welcome["payload"]
            self.assertFalse(told["authenticated"])
            self.assertNotIn("rights", told)
            for kind, payload in (("describe", {}), ("subscribe", {"id": "a", "paths": ["#"]}), ("unsubscribe", {"id": "a"}),
                                  ("command", {"channel": "cabin/heater", "value": True})):
                answer = client.ask(kind, payload)
                self.assertEqual((answer["type"], answer["payload"]["reason"]), ("error", "unauthenticated"), kind)
            self.assertEqual(client.ask("ping", {"data": "x"})["payload"]["data"], "x")
            self.assertEqual(client.ask("authenticate", {"token": "wrong"})["payload"]["reason"], "unauthenticated")
            answer = client.ask("authenticate", {"token": self.device.token})
            self.assertEqual((answer["type"], answer["payload"]["outcome"]), ("ack", "authenticated"))
            self.assertEqual(len(answer["payload"]["sessionToken"]), 43)
            self.assertIs(client.value("cabin/heater"), False)
            time.sleep(2)  # the time to authenticate ends; who did stays
            self.assertEqual(client.ask("ping")["type"], "pong")
            self.assertEqual(client.close(), 1000)

    def test_three_wrong_tokens_close(self):
        with Client(self.device, token=None) as client:
            for i in range(3):
                client.request("authenticate", {"token": f"wrong-{i}"}, f"w-{i}")
            code, told = client.closes()
            self.assertEqual(code, 1008)
            errors = [its["replyTo"] for its in told if its["type"] == "error"]
            self.assertEqual(errors, ["w-0", "w-1", "w-2"])
            self.assertEqual(told[-1]["type"], "goodbye")

    def test_who_never_authenticates_is_closed(self):
        started = time.monotonic()
        with Client(self.device, token=None) as client:
            while True:  # pings keep the line alive but do not count
                client.request("ping")
                try:
                    client.drain(0.2)
                except Exception as closed:
                    self.assertEqual(closed.code, 1008)
                    break
                self.assertLess(time.monotonic() - started, 10 * PATIENCE)
            self.assertGreaterEqual(time.monotonic() - started, 1.4)

    def test_places_return(self):
        base = self.device.report()
        for _ in range(20):
            with Client(self.device) as client:
                client.close()
        self.assertTrue(eventually(lambda: self.device.report().used("sessions") == 0))
        life = self.device.report().life
        self.assertGreaterEqual(life["upgrade-welcome"] - base.life["upgrade-welcome"], 20)
        self.assertGreaterEqual(life["arrived"], life["tcp-tls"])


if __name__ == "__main__":
    unittest.main()
