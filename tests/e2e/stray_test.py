"""Requests that lead elsewhere or come from elsewhere: a page that makes its name lead here, or connects across sites."""
import itertools
import unittest

from client import Client
from device import PATIENCE, Device, DeviceTest, eventually
from ws import Refused, Socket, http

# What a browser would send from a page whose name was rebound to this address, or that connects to ours.
FOREIGN_HOSTS = ("evil.example", "evil.example:{port}", "localhost.evil.example", "127.0.0.1.evil.example", "evil-localhost",
                 "localhosts:{port}", "192.0.2.1:{port}", "[2001:db8::1]:{port}", "0.0.0.0:{port}")
FOREIGN_ORIGINS = ("https://evil.example", "http://localhost:{port}", "https://localhost", "https://localhost:1",
                   "https://localhost:{port}.evil.example", "https://evil.example/https://localhost:{port}", "null", "file://",
                   "https://127.0.0.1:{port}", "wss://localhost:{port}", "chrome-extension://abc", "?")
ROUTES = (("GET", "/v1/ws"), ("GET", "/"), ("HEAD", "/"), ("GET", "/healthz"), ("POST", "/v1/stop"), ("OPTIONS", "/v1/stop"),
          ("POST", "/v1/claim"), ("POST", "/v1/login"), ("POST", "/v1/logout"), ("GET", "/.well-known/wot"), ("GET", "/nothing"),
          ("GET", "/readyz"), ("GET", "/metrics"), ("GET", "/v1/snapshot"), ("GET", "/v1/history?from=1&to=2"), ("GET", "/v1/events"),
          ("GET", "/v1/stream"), ("POST", "/v1/command"))
UPGRADE = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")


class Strays(DeviceTest):
    def request(self, method, path, host, *headers, version="HTTP/1.1"):
        port = self.device.port
        lines = [f"{method} {path} {version}", *([f"Host: {host}"] if host else []), *headers,
                 f"Authorization: Bearer {self.device.token}"]
        return http(self.device, "\r\n".join(lines + ["", ""]).replace("{port}", str(port)))

    def refused(self, status, method, path, host, *headers):
        answer = self.request(method, path, host, *headers)
        self.assertEqual(answer.status, status, (method, path, host, headers, answer.body))
        if method != "HEAD":
            self.assertEqual(answer.json()["code"], status)
            self.assertTrue(answer.json()["detail"])

    def test_no_route_is_open_to_another_name(self):
        """DNS rebinding: also with a right credential, with and without an upgrade."""
        before = self.device.report()
        cases = list(itertools.product(ROUTES, FOREIGN_HOSTS, ((), UPGRADE)))
        for (method, path), host, upgrade in cases:
            with self.subTest(f"{method} {path} {host}"):
                self.refused(421, method, path, host, *upgrade)
        report = self.device.report()
        self.assertEqual(report.met["strays"] - before.met["strays"], len(cases))
        self.assertEqual(report.life.get("tls-upgrade"), before.life.get("tls-upgrade"), "nobody got a session")
        with Client(self.device) as client:
            self.assertFalse(client.welcome["payload"]["stopped"], "none of the stops was heard")

    def test_no_route_is_open_to_another_sites_page(self):
        """Cross-site WebSocket hijacking, and a POST across sites."""
        before = self.device.report()
        for (method, path), origin, upgrade in itertools.product(ROUTES, FOREIGN_ORIGINS, ((), UPGRADE)):
            with self.subTest(f"{method} {path} {origin}"):
                self.refused(403, method, path, "localhost:{port}", f"Origin: {origin}", *upgrade)
        self.refused(403, "GET", "/v1/ws", "localhost:{port}", *UPGRADE, "Origin: https://localhost:{port}",
                     "Origin: https://evil.example")
        self.refused(403, "GET", "/v1/ws", "localhost:{port}", *UPGRADE, "Origin: https://" + "x" * 500)
        self.assertEqual(self.device.report().life.get("tls-upgrade"), before.life.get("tls-upgrade"))
        with Client(self.device) as client:
            self.assertFalse(client.welcome["payload"]["stopped"])

    def test_what_is_no_host(self):
        for host in ("localhost@evil.example", "local host", "localhost/", "x" * 300, "localhost, localhost"):
            with self.subTest(host):
                answer = self.request("GET", "/healthz", host)
                self.assertIn(answer.status, (400, 421), answer.body)
        self.assertEqual(self.request("GET", "/healthz", None).status, 400)
        answer = self.request("GET", "/healthz", "localhost", "Host: evil.example")
        self.assertEqual(answer.status, 400, "two of them")

    def test_our_own_names_and_pages(self):
        for host in ("localhost", "localhost:{port}", "LOCALHOST:{port}", "127.0.0.1:{port}", "[::1]:{port}"):
            with self.subTest(host):
                self.assertEqual(self.request("GET", "/healthz", host).status, 200)
                self.assertEqual(self.request("GET", "/healthz", host, f"Origin: https://{host}").status, 200)
        self.assertEqual(self.request("GET", "/healthz", None, version="HTTP/1.0").status, 200, "no browser speaks that")
        with Client(self.device, headers=[f"Origin: https://localhost:{self.device.port}"]) as client:
            self.assertEqual(client.ask("ping")["type"], "pong")
            client.close()

    def test_forwarded_names_mean_nothing(self):
        self.refused(421, "GET", "/healthz", "evil.example", "X-Forwarded-Host: localhost", "Forwarded: host=localhost")


class AllowedStrays(unittest.TestCase):
    def test_names_and_pages_of_the_command_line(self):
        with Device("--allow-host", "door.example,192.0.2.1", "--allow-origin", "https://panel.example,http://dev.example:3000") as device:
            def status(host, *headers):
                lines = ["GET /healthz HTTP/1.1", f"Host: {host}", *headers, "", ""]
                return http(device, "\r\n".join(lines)).status
            self.assertEqual([status(host) for host in ("door.example", "door.example:444", "192.0.2.1", "192.0.2.2")],
                             [200, 200, 200, 421])
            self.assertEqual([status("localhost", f"Origin: {origin}") for origin in
                              ("https://panel.example", "http://dev.example:3000", "http://panel.example", "https://door.example")],
                             [200, 200, 403, 403])
            with Client(device, headers=["Origin: https://panel.example"]) as client:
                self.assertEqual(client.ask("ping")["type"], "pong")
                client.close()

    def test_the_address_a_connection_came_in_on_is_a_name(self):
        with Device("--address", "*") as device:
            there = type("There", (), {"__getattr__": lambda _, name: getattr(device, name), "host": "127.0.0.7"})()
            def status(host):
                return http(there, f"GET /healthz HTTP/1.1\r\nHost: {host}:{device.port}\r\n\r\n").status
            self.assertEqual([status(host) for host in ("127.0.0.7", "127.0.0.8", "0.0.0.0", "[::]")], [200, 421, 421, 421])

    def test_a_name_that_is_none_is_told_at_the_start(self):
        for option, value, words in (("--allow-host", "https://a", "no host name"), ("--allow-host", "a:8443", "no host name"),
                                     ("--allow-origin", "panel.example", "such as https://panel.example")):
            with self.subTest(value), self.assertRaises(RuntimeError) as refused:
                Device(option, value)
            self.assertIn(f"{option}: '{value}'", str(refused.exception))
            self.assertIn(words, str(refused.exception))


class FailedLogins(unittest.TestCase):
    """Wrong tokens make the next one wait, wherever they are shown."""

    def at_the_handshake(self, device, token):
        try:
            Socket(device, token=token).stream.close()
            return 101, {}
        except Refused as refused:
            return refused.answer.status, refused.answer.headers

    def test_an_address_is_slowed_and_told(self):
        with Device("--failed-logins", 3, "--connections-per-address", 64) as device:
            watcher = Client(device)
            watcher.ask("subscribe", {"id": "a", "paths": ["cabin/#"], "events": True})
            self.assertEqual(watcher.welcome["payload"]["limits"]["failedLogins"], 3)
            self.assertEqual(watcher.welcome["payload"]["limits"]["connectionsPerAddress"], 64)
            for _ in range(4):
                self.assertEqual(self.at_the_handshake(device, "wrong")[0], 401)
            told = watcher.until(lambda its: its["type"] == "event" and its["payload"]["name"] == "loginsSlowed")["payload"]
            self.assertEqual(told["severity"], "warning")
            self.assertTrue(device.wait_for_log("too many wrong tokens from 127.0.0.1"))
            shown = []

            def waits_long():
                """Each wrong one doubles the wait, of which the checks below need some."""
                shown.append(self.at_the_handshake(device, "wrong"))
                return int(shown[-1][1].get("retry-after", 0)) > PATIENCE
            self.assertTrue(eventually(waits_long), shown)
            wrong = 4 + sum(status == 401 for status, _ in shown)
            self.assertEqual(self.at_the_handshake(device, device.token)[0], 429, "a right one waits too")
            with Client(device, token=None) as client:
                answer = client.ask("authenticate", {"token": device.token})["payload"]
                self.assertEqual((answer["reason"], answer["temporary"]), ("busy", True))
                self.assertTrue(0 < answer["retryAfterMs"] <= 2000 * PATIENCE + 1, answer)
            request = f"GET /.well-known/wot HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {device.token}\r\n\r\n"
            self.assertEqual(http(device, request).status, 429)
            stop = f"POST /v1/stop HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nAuthorization: Bearer {device.token}\r\n\r\n"
            self.assertEqual(http(device, stop).status, 200, "nobody waits to stop")
            other = type("Other", (), {"__getattr__": lambda _, name: getattr(device, name), "source": "127.0.0.2"})()
            self.assertEqual(self.at_the_handshake(other, device.token)[0], 101, "another address does not wait")
            self.assertTrue(eventually(lambda: self.at_the_handshake(device, device.token)[0] == 101), "its time comes")
            self.assertEqual(watcher.ask("ping")["type"], "pong", "who is in stays in")
            met = device.report().met
            self.assertEqual(met["wrong-credentials"], wrong)
            self.assertGreaterEqual(met["logins-put-off"], 3)

    def test_an_account_is_slowed_for_whoever_failed(self):
        """Guesses at one account from many addresses; who did not take part is let in, its owner first of all."""
        with Device("--failed-logins", 1) as device:
            def show(address, token):
                there = type("There", (), {"__getattr__": lambda _, name: getattr(device, name), "source": address})()
                return self.at_the_handshake(there, token)[0]
            middle = device.token.rindex(".") + 20
            guess = device.token[:middle] + ("B" if device.token[middle] == "A" else "A") + device.token[middle + 1:]
            watcher = Client(device)
            watcher.ask("subscribe", {"id": "a", "paths": ["cabin/#"], "events": True})
            panel = watcher.ask("issueToken", {"name": "panel", "scope": "viewer"})["payload"]["token"]
            self.assertEqual([show(f"127.0.1.{i}", guess) for i in range(1, 5)], [401] * 4)
            self.assertEqual(show("127.0.1.1", device.token), 101, "four times as many are free")
            self.assertEqual(show("127.0.1.5", guess), 401)
            told = watcher.until(lambda its: its["type"] == "event" and its["payload"]["name"] == "loginsSlowed")
            self.assertEqual(told["payload"]["severity"], "warning")
            self.assertTrue(device.wait_for_log("too many wrong tokens for 'owner', the last from 127.0.1.5"))
            for i in (7, 8):
                self.assertEqual(show(f"127.0.1.{i}", guess), 401, "these make the wait longer")
            self.assertEqual([show("127.0.1.5", token) for token in (guess, device.token, panel)], [429, 429, 101])
            self.assertEqual([show(f"127.0.1.{i}", device.token) for i in (1, 6)], [101, 101])
            self.assertTrue(eventually(lambda: show("127.0.1.5", device.token) == 101), "its time comes")


if __name__ == "__main__":
    unittest.main()
