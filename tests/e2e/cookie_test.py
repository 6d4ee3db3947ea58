"""Pages that log in: what sets the cookie, where it counts and where it must not, as browsers send it and as they never would."""
import asyncio
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import websockets

from client import Client
from device import PATIENCE, Device, DeviceTest, eventually
from ws import Refused, http

NAME = "__Host-signalbox"
FOREIGN = ("https://evil.example", "null", "http://localhost:{port}", "https://localhost")


class Cookies(DeviceTest):
    def setUp(self):
        self.own = f"Origin: https://localhost:{self.device.port}"
        self.cookie = f"Cookie: theme=dark; {NAME}={self.device.token}; other=a=b"

    def request(self, method, path, *headers, version="HTTP/1.1"):
        lines = [f"{method} {path} {version}", f"Host: localhost:{self.device.port}", *headers, "", ""]
        return http(self.device, "\r\n".join(lines).replace("{port}", str(self.device.port)))

    def log_in(self, *headers, token=None):
        return self.request("POST", "/v1/login", f"Authorization: Bearer {token or self.device.token}", *headers)

    def is_known(self, *headers):
        """Whether a socket opened with these headers is somebody's."""
        with Client(self.device, token=None, headers=headers) as client:
            return client.welcome["payload"]["authenticated"]

    def test_curl_logs_in_and_out(self):
        """With a jar, as a browser keeps one; curl knows the rules of the prefix too."""
        place = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-"))
        self.addCleanup(shutil.rmtree, place)
        jar = place / "jar"
        def curl(path, *more):
            done = subprocess.run(["curl", "--silent", "--show-error", "--include", "--cacert", str(self.device.certificate),
                                   "--cookie", str(jar), "--cookie-jar", str(jar), *more,
                                   f"https://localhost:{self.device.port}{path}"], capture_output=True, timeout=20 * PATIENCE)
            self.assertEqual(done.returncode, 0, done.stderr)
            return done.stdout.decode()
        jar.touch()
        reads = ("--header", "Sec-Fetch-Site: same-origin")
        self.assertTrue(curl("/.well-known/wot", *reads).startswith("HTTP/1.1 401"))
        answer = curl("/v1/login", "--request", "POST", "--header", f"Authorization: Bearer {self.device.token}")
        self.assertTrue(answer.startswith("HTTP/1.1 204 No Content\r\n"), answer)
        self.assertTrue(answer.endswith("\r\n\r\n"), "no body")
        told = re.search(r"Set-Cookie: __Host-signalbox=([^;]+); Path=/; Max-Age=(\d+); HttpOnly; SameSite=Strict; Secure\r\n", answer)
        self.assertEqual(told[1], self.device.token)
        with Client(self.device) as client:
            left_s = client.ask("whoami")["payload"]["expires"] / 1000 - client.ask("ping")["timestamp"] / 1000
        self.assertLessEqual(int(told[2]), left_s + 2)
        self.assertGreater(int(told[2]), left_s - 60 * PATIENCE)
        self.assertIn(f"{NAME}\t{self.device.token}", jar.read_text())
        self.assertTrue(curl("/.well-known/wot", *reads).startswith("HTTP/1.1 200"))
        self.assertTrue(curl("/.well-known/wot").startswith("HTTP/1.1 401"), "curl is no page of ours")
        answer = curl("/v1/logout", "--request", "POST")
        self.assertTrue(answer.startswith("HTTP/1.1 204"), answer)
        self.assertRegex(answer, r"\r\nSet-Cookie: __Host-signalbox=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure\r\n")
        self.assertNotIn(NAME, jar.read_text())
        self.assertTrue(curl("/.well-known/wot", *reads).startswith("HTTP/1.1 401"))

    def test_a_real_client_opens_the_socket_with_it(self):
        token = self.log_in(self.own).headers["set-cookie"].split(";")[0]
        async def journey():
            async with websockets.connect(self.device.url, ssl=self.device.trust(), subprotocols=["signalbox.v1"],
                                          origin=self.own.split(": ")[1], extra_headers={"Cookie": token}) as client:
                self.assertTrue(json.loads(await client.recv())["payload"]["authenticated"])
                await client.send(json.dumps({"type": "whoami", "msgId": "w"}))
                return json.loads(await client.recv())["payload"]["role"]
        self.assertEqual(asyncio.run(asyncio.wait_for(journey(), 10 * PATIENCE)), "admin")

    def test_it_counts_for_our_own_page_alone(self):
        self.assertTrue(self.is_known(self.cookie, self.own))
        self.assertFalse(self.is_known(self.own))
        self.assertFalse(self.is_known(self.cookie), "no Origin")
        self.assertFalse(self.is_known(self.cookie, "Sec-Fetch-Site: same-origin"), "no browser opens a socket like that")
        for origin in FOREIGN:
            with self.subTest(origin), self.assertRaises(Refused) as refused:
                Client(self.device, token=None, headers=[self.cookie, f"Origin: {origin.format(port=self.device.port)}"])
            self.assertEqual(refused.exception.answer.status, 403)

    def test_reading_by_http(self):
        def status(*headers, method="GET"):
            return self.request(method, "/.well-known/wot", self.cookie, *headers).status
        for method in ("GET", "HEAD"):
            self.assertEqual(status(self.own, method=method), 200)
            self.assertEqual(status("Sec-Fetch-Site: same-origin", method=method), 200)
            self.assertEqual(status("SEC-FETCH-SITE:same-origin", "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty", method=method), 200)
            self.assertEqual(status(method=method), 401)
            for other in ("cross-site", "same-site", "none", "same-origin, same-origin", "same-origin" + "x" * 200):
                self.assertEqual(status(f"Sec-Fetch-Site: {other}", method=method), 401, other)
        for origin in FOREIGN:
            self.assertEqual(status(f"Origin: {origin}", "Sec-Fetch-Site: same-origin"), 403)

    def test_nothing_is_changed_without_our_origin(self):
        """A forged POST, in all the ways that browsers have one sent, and one that no browser sends."""
        def stop(*headers):
            return self.request("POST", "/v1/stop", self.cookie, "Content-Length: 0", *headers).status
        self.assertEqual(stop(), 401)
        for site in ("same-origin", "cross-site", "same-site", "none"):
            self.assertEqual(stop(f"Sec-Fetch-Site: {site}"), 401)
        for origin in FOREIGN:
            self.assertEqual(stop(f"Origin: {origin}"), 403)
        with Client(self.device) as client:
            self.assertFalse(client.welcome["payload"]["stopped"])
            self.assertEqual(stop(self.own), 200)
            client.ask("reset")

    def test_who_may_log_in(self):
        before = self.device.report().met["wrong-credentials"]
        for token in ("wrong", self.device.token[:-2] + "AA"):
            answer = self.log_in(self.own, token=token)
            self.assertEqual((answer.status, answer.json()["reason"]), (401, "unauthenticated"))
            self.assertNotIn("set-cookie", answer.headers)
        self.assertEqual(self.device.report().met["wrong-credentials"], before + 2)
        for headers in ((), (self.cookie, self.own), ("Authorization: Basic abc",)):
            answer = self.request("POST", "/v1/login", "Content-Length: 0", *headers)
            self.assertEqual(answer.status, 401, headers)
            self.assertIn("Bearer", answer.json()["detail"])
            self.assertNotIn("set-cookie", answer.headers)
        for origin in FOREIGN:
            for path in ("/v1/login", "/v1/logout"):
                answer = self.request("POST", path, f"Authorization: Bearer {self.device.token}", f"Origin: {origin}")
                self.assertEqual(answer.status, 403)
                self.assertNotIn("set-cookie", answer.headers)
        for path in ("/v1/login", "/v1/logout"):
            answer = self.request("GET", path, f"Authorization: Bearer {self.device.token}")
            self.assertEqual((answer.status, answer.headers["allow"]), (405, "POST"))

    def test_what_others_put_beside_it(self):
        """Neighbours on the same host have cookies as well; whatever they hold, ours is found, or none."""
        ours = f"{NAME}={self.device.token}"
        for cookie, known in ((ours, True), (f"{'x' * 1500}=y; {ours}", True), (f"a; ;;={ours}=; {ours};", True), (f"{ours}; {ours}", False),
                              (f"{NAME}=; signalbox={self.device.token}", False), (f"{NAME.lower()}={self.device.token}", False), ("", False),
                              (f'a="; {ours}; b="', True), (f"{NAME}=", False), (f"\x80\xff=\x01; {ours}", True)):
            with self.subTest(cookie=cookie[:40]):
                self.assertEqual(self.is_known(f"Cookie: {cookie}", self.own), known)
        self.assertTrue(self.is_known("Cookie: a=b", f"Cookie: {ours}", self.own), "in two headers, as HTTP/2 has it")
        with self.assertRaises(Refused) as refused:
            self.is_known(f"Cookie: {'x' * 5000}; {ours}", self.own)
        self.assertEqual(refused.exception.answer.status, 431)
        with self.assertRaises(Refused) as refused:
            self.is_known(f"Cookie: {NAME}=wrong", self.own)
        self.assertEqual(refused.exception.answer.status, 401, "a wrong credential")

    def test_what_is_shown_on_purpose_goes_first(self):
        with Client(self.device) as client:
            panel = client.ask("issueToken", {"name": "panel", "scope": "viewer"})["payload"]["token"]
            ticket = None
            with Client(self.device, token=panel) as viewer:
                ticket = viewer.ask("ticket")["payload"]["ticket"]
        with Client(self.device, token=panel, headers=[self.cookie, self.own]) as other:
            self.assertEqual(other.ask("whoami")["payload"]["name"], "panel")
        with Client(self.device, token=None, headers=[self.cookie, self.own], path=f"/v1/ws?ticket={ticket}") as other:
            self.assertEqual(other.ask("whoami")["payload"]["name"], "panel")

    def test_a_revoked_token_is_no_cookie(self):
        with Client(self.device) as client:
            made = client.ask("issueToken", {"name": "panel", "scope": "viewer"})["payload"]
            headers = [f"Cookie: {NAME}={made['token']}", self.own]
            self.assertTrue(self.is_known(*headers))
            client.ask("revokeToken", {"id": made["id"]})
        with self.assertRaises(Refused) as refused:
            self.is_known(*headers)
        self.assertEqual(refused.exception.answer.status, 401)


class Slowed(unittest.TestCase):
    def test_wrong_logins_make_the_next_one_wait(self):
        with Device("--failed-logins", 3) as device:
            def log_in(token):
                return http(device, f"POST /v1/login HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n")
            for _ in range(4):
                self.assertEqual(log_in("wrong").status, 401)
            slowed = log_in(device.token)
            self.assertEqual(slowed.status, 429)
            self.assertGreaterEqual(int(slowed.headers["retry-after"]), 1)
            self.assertTrue(eventually(lambda: log_in(device.token).status == 204), "its time comes")


class AllowedPages(unittest.TestCase):
    def test_a_page_that_may_come_is_not_ours(self):
        with Device("--allow-origin", "https://panel.example") as device:
            cookie = f"Cookie: {NAME}={device.token}"
            with Client(device, token=None, headers=[cookie, "Origin: https://panel.example"]) as client:
                self.assertFalse(client.welcome["payload"]["authenticated"])


if __name__ == "__main__":
    unittest.main()
