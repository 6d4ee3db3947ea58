"""Who comes in: claiming, tokens as another library reads and writes them, roles, revocation, tickets, lost administrators."""
import json
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from client import Client
from device import PATIENCE, SIM, Device, DeviceTest
from ws import Refused, http, tls


def post(device, path, body=None, headers=()):
    body = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return http(device, "\r\n".join(lines + ["", ""]).encode() + body)


class Claiming(unittest.TestCase):
    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-"))
        self.addCleanup(shutil.rmtree, self.place)
        self.addCleanup(Device.TOKENS.clear)

    def test_nothing_is_served_before(self):
        with Device(claim=False) as device:
            self.assertRegex(device.claim_code, r"^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$")
            with Client(device, token=None) as client:
                self.assertEqual(client.ask("describe")["payload"]["reason"], "unauthenticated")
                self.assertEqual(client.ask("authenticate", {"token": device.claim_code})["payload"]["reason"], "unauthenticated")
            for path in ("/v1/stop",):
                self.assertEqual(post(device, path).status, 401)
            self.assertEqual(http(device, "GET /.well-known/wot HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 401)

    def test_once_and_by_the_code_alone(self):
        with Device(claim=False) as device:
            for body, status, words in (
                    ({"code": "0000-0000-0000"}, 403, "not the claim code"), ({}, 400, "code"), ([], 400, ""), (b"{", 400, ""),
                    ({"code": ""}, 400, "code"), ({"code": 7}, 400, "text"), ({"code": device.claim_code, "name": 'a"b'}, 400, "expected"),
                    ({"code": "A" * 200}, 413, "125"), (None, 411, "Content-Length")):
                answer = post(device, "/v1/claim", body)
                self.assertEqual(answer.status, status, answer.body)
                self.assertIn(words, answer.body)
            self.assertEqual(http(device, "GET /v1/claim HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 405)
            lower = device.claim_code.lower().replace("-", " ")
            told = post(device, "/v1/claim", {"code": lower, "name": "Zoë"}).json()
            self.assertEqual((told["name"], told["role"], told["scope"]), ("Zoë", "admin", "read:# control:# admin"))
            self.assertEqual(post(device, "/v1/claim", {"code": device.claim_code}).status, 409)
            with Client(device, token=told["token"]) as client:
                self.assertEqual(client.ask("whoami")["payload"]["name"], "Zoë")
            self.assertTrue(any("a wrong claim code from 127.0.0.1" in line for line in device.lines["stderr"]))
            self.assertNotIn(told["token"], device.told())

    def test_wrong_ones_are_counted(self):
        with Device(claim=False) as device:
            for _ in range(3):
                post(device, "/v1/claim", {"code": "0000-0000-0000"})
            post(device, "/v1/claim", {})
            self.assertEqual(device.report().met["wrong-claims"], 3)

    def test_guessing_is_slowed_down(self):
        with Device("--failed-logins", 5, claim=False) as device:
            answers = [post(device, "/v1/claim", {"code": "0000-0000-0000"}) for _ in range(6)]
            self.assertEqual({answer.status for answer in answers}, {403})
            refused = post(device, "/v1/claim", {"code": device.claim_code})
            self.assertEqual((refused.status, refused.json()["reason"]), (429, "busy"))
            self.assertTrue(0 < refused.json()["retryAfterMs"] <= 1001)
            time.sleep(refused.json()["retryAfterMs"] / 1000)
            self.assertEqual(post(device, "/v1/claim", {"code": device.claim_code}).status, 200)

    def test_a_body_in_pieces(self):
        with Device(claim=False) as device:
            body = json.dumps({"code": device.claim_code}).encode()
            with tls(device) as stream:
                stream.sendall(b"POST /v1/claim HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body))
                for byte in body:
                    stream.sendall(bytes([byte]))
                answer = b""
                while more := stream.recv(4096):
                    answer += more
            self.assertIn(b" 200 OK", answer)

    def test_a_lost_administrator(self):
        with Device(state=self.place) as device:
            first = device.token
        (self.place / "reopen-claim").touch()
        with Device(state=self.place, claim=False) as device:
            self.assertIsNotNone(device.claim_code)
            second = device.claim()
            self.assertFalse((self.place / "reopen-claim").exists())
            for token in (first, second):
                with Client(device, token=token) as client:
                    told = [its for its in client.ask("journal")["payload"]["records"] if "laim" in its["kind"]]
                    client.close()
            self.assertEqual([its["kind"] for its in told], ["claimReopened", "claimed"], "since the start")
            self.assertEqual((told[1]["who"], told[1]["peer"]), ("owner", "127.0.0.1"))
        with Device(state=self.place) as device:
            self.assertIsNone(device.claim_code)

    def test_factory_reset(self):
        with Device(state=self.place) as device:
            fingerprint, token = device.fingerprint, device.token
        done = subprocess.run([SIM, "--state", self.place, "--factory-reset"], capture_output=True, text=True, timeout=10 * PATIENCE)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual([its.name for its in self.place.iterdir()], ["journal"])
        records = [json.loads(line)["kind"] for line in (self.place / "journal").read_text().splitlines()]
        self.assertEqual(records[-4:], ["ended", "started", "factoryReset", "ended"])
        proven = subprocess.run([SIM, "--verify-journal", self.place / "journal"], capture_output=True, text=True, timeout=10 * PATIENCE)
        self.assertIn(f"{len(records)} records proven", proven.stdout)
        self.assertIn("gaps: 0; it ends with a stop in order", proven.stdout)
        Device.TOKENS.clear()
        with Device(state=self.place, claim=False) as device:
            self.assertNotEqual(device.fingerprint, fingerprint)
            with self.assertRaises(Refused):
                Client(device, token=token)
            device.claim()


class Tokens(DeviceTest):
    OPTIONS = ("--heartbeat-ms", 60_000, "--dead-after-ms", 120_000)

    def setUp(self):
        self.admin = Client(self.device)
        self.addCleanup(self.admin.stream.close)

    def issue(self, scope, **more):
        answer = self.admin.ask("issueToken", {"name": "panel", "scope": scope, **more})
        self.assertEqual(answer["type"], "token", answer)
        return answer["payload"]

    def test_another_library_reads_them(self):
        told = self.issue("read:cabin/# control:cabin/heater", lifetimeS=3600)
        header = jwt.get_unverified_header(told["token"])
        self.assertEqual((header["alg"], header["typ"]), ("ES256", "JWT"))
        claims = jwt.decode(told["token"], options={"verify_signature": False})
        self.assertEqual((claims["sub"], claims["aud"], claims["scope"]), ("panel", "bench", "read:cabin/# control:cabin/heater"))
        self.assertEqual(claims["exp"] - claims["iat"], 3600)
        key = json.loads((self.device.state / "tokens").read_text())["key"]
        secret = int.from_bytes(jwt.utils.base64url_decode(key), "big")
        public = ec.derive_private_key(secret, ec.SECP256R1()).public_key()
        self.assertEqual(jwt.decode(told["token"], public, ["ES256"], audience="bench"), claims)

    def test_scopes_narrow_what_is_seen_and_moved(self):
        told = self.issue("read:cabin/# control:cabin/heater")
        with Client(self.device, token=told["token"]) as panel:
            self.assertEqual(panel.welcome["payload"]["rights"], {"read": ["cabin/#"], "control": ["cabin/heater"], "administer": False})
            channels = panel.ask("describe")["payload"]["channels"]
            self.assertTrue(channels and all(its["path"].startswith("cabin/") for its in channels))
            self.assertEqual({its["path"] for its in channels if its["access"]["control"]}, {"cabin/heater"})
            self.assertEqual(panel.command("cabin/heater", True)["payload"]["outcome"], "verified")
            self.assertEqual(panel.command("cabin/heater", False)["payload"]["outcome"], "verified")
            self.assertEqual(panel.command("cabin/fan", 10)["payload"]["reason"], "forbidden")
            self.assertEqual(panel.ask("subscribe", {"id": "a", "paths": ["host/#"]})["payload"]["reason"], "notFound")
            for kind, payload in (("journal", {}), ("reload", {}), ("reset", {}), ("tokens", {}), ("revokeToken", {"id": told["id"]}),
                                  ("issueToken", {"name": "x", "scope": "viewer"})):
                self.assertEqual(panel.ask(kind, payload)["payload"]["reason"], "forbidden", kind)

    def test_roles(self):
        for words, role, scope in (("viewer", "viewer", "read:#"), ("operator", "operator", "read:# control:#"),
                                   ("operator admin", "admin", "read:# control:# admin"), ("viewer admin", "admin", "read:# admin")):
            answer = self.issue(words)
            self.assertEqual((answer["role"], answer["scope"]), (role, scope))
            self.admin.ask("revokeToken", {"id": answer["id"]})

    def test_revoked_while_connected(self):
        told = self.issue("read:# control:#")
        with Client(self.device, token=told["token"]) as panel:
            self.assertEqual(panel.command("cabin/heater", True, leaseMs=60_000)["payload"].get("reason", "verified"), "verified")
            self.assertIs(self.admin.value("cabin/heater"), True)
            started = time.monotonic()
            self.assertEqual(self.admin.ask("revokeToken", {"id": told["id"]})["payload"]["outcome"], "revoked")
            code, messages = panel.closes()
            self.assertEqual((code, messages[-1]["payload"]["reason"]), (1008, "the token was revoked"))
            self.assertLess(time.monotonic() - started, 1 * PATIENCE)
        with self.assertRaises(Refused) as refused:
            Client(self.device, token=told["token"])
        self.assertEqual(refused.exception.answer.status, 401)
        self.assertIn("revoked", refused.exception.answer.body)

    def test_a_token_is_refreshed_now_and_then(self):
        # The shortest lifetime is a minute: token_desk_test has the session that goes on.
        told = self.issue("read:#", lifetimeS=60)
        with Client(self.device, token=told["token"]) as panel:
            for _ in range(5):
                again = panel.ask("refreshToken")["payload"]
                self.assertEqual((again["id"], again["scope"]), (told["id"], "read:#"))
            early = panel.ask("refreshToken")["payload"]
            self.assertEqual(early["reason"], "busy")
            self.assertTrue(0 < early["retryAfterMs"] <= 30_000, early)
            self.assertEqual(panel.ask("whoami")["payload"]["expires"], again["expires"])
            self.assertEqual(panel.ask("authenticate", {"token": again["token"]})["payload"]["outcome"], "authenticated")
            other = panel.ask("authenticate", {"token": self.device.token})
            self.assertEqual(other["payload"]["reason"], "forbidden")
            self.assertEqual(panel.ask("whoami")["payload"]["name"], "panel")

    def test_all_of_the_devices_key(self):
        told = self.issue("read:#")
        key = self.admin.ask("tokens")["payload"]["key"]
        with Client(self.device, token=told["token"]) as panel:
            mine = self.admin.ask("revokeToken", {"id": key})
            self.assertEqual(mine["payload"]["outcome"], "revoked")
            self.assertEqual(panel.closes()[0], 1008)
        self.assertEqual(self.admin.ask("whoami")["payload"]["name"], "owner", "the hand that did it is still there")
        with self.assertRaises(Refused):
            Client(self.device)
        type(self).device.token = mine["payload"]["token"]
        with Client(self.device) as client:
            self.assertEqual(client.close(), 1000)

    def test_tickets(self):
        ticket = self.admin.ask("ticket")["payload"]
        self.assertEqual(ticket["validMs"], 30_000)
        with Client(self.device, token=None, path="/v1/ws?ticket=" + ticket["ticket"]) as tool:
            self.assertEqual(tool.ask("whoami")["payload"]["name"], "owner")
        for wrong in (ticket["ticket"], "x", "A" * 43, "A" * 3000):
            with self.assertRaises(Refused) as refused:
                Client(self.device, token=None, path="/v1/ws?ticket=" + wrong)
            self.assertIn(refused.exception.answer.status, (401, 431), wrong[:50])

    def test_an_enormous_credential(self):
        for size in (900, 1100, 3000):
            with self.assertRaises(Refused) as refused:
                Client(self.device, token="x" * size)
            self.assertEqual(refused.exception.answer.status, 401)
        with Client(self.device, token=None) as client:
            self.assertEqual(client.ask("authenticate", {"token": "x" * 2000})["payload"]["reason"], "tooBig")


class Issuer(unittest.TestCase):
    """Tokens that a library signs with keys the device was told of."""

    @classmethod
    def setUpClass(cls):
        cls.place = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-"))
        cls.addClassCleanup(shutil.rmtree, cls.place)
        cls.key, cls.stranger = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        numbers = cls.key.public_key().public_numbers()
        x, y = (jwt.utils.base64url_encode(its.to_bytes(32, "big")).decode() for its in (numbers.x, numbers.y))
        cls.keys = {"keys": [{"kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": "house-1", "use": "sig"}]}
        (cls.place / "keys.json").write_text(json.dumps(cls.keys))
        cls.device = Device("--issuer", cls.place / "keys.json")
        cls.addClassCleanup(cls.device.end)

    def token(self, key=None, headers=None, algorithm="ES256", **claims):
        now = int(time.time())
        claims = {"sub": "ann", "aud": "bench", "iat": now, "exp": now + 600, "jti": "house-77", "scope": "read:#", **claims}
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(claims, None if algorithm == "none" else key or self.key, algorithm, headers={"kid": "house-1", **(headers or {})})

    def refused(self, token, words):
        with self.assertRaises(Refused) as refused:
            Client(self.device, token=token)
        self.assertEqual(refused.exception.answer.status, 401)
        self.assertIn(words, refused.exception.answer.json()["detail"])

    def test_who_is_let_in(self):
        for claims in ({}, {"aud": ["else", "bench"]}, {"nbf": int(time.time()) - 10}, {"iss": "the house"}):
            with Client(self.device, token=self.token(**claims)) as client:
                who = client.ask("whoami")["payload"]
                self.assertEqual((who["name"], who["scope"], who["id"]), ("ann", "read:#", "house-77"))
                self.assertEqual(client.ask("refreshToken")["payload"]["reason"], "forbidden")

    def test_who_is_not(self):
        now = int(time.time())
        for token, words in (
                (self.token(self.stranger), "signature"), (self.token(headers={"kid": "house-2"}), "kid"),
                (self.token(exp=now - 1), "expired"), (self.token(nbf=now + 600), "not valid before"),
                (self.token(aud="another"), "another device"), (self.token(exp=now + 40 * 86400), "31 days"),
                (self.token(iat=now + 3600, exp=now + 4000), "in the future"),
                (self.token(sub=None), "sub"), (self.token(jti=None), "jti"), (self.token(scope="everything"), "scope"),
                (self.token(scope="read:cabin/*"), "read:cabin/*"), (self.token("secret", algorithm="HS256"), "alg"),
                (self.token(algorithm="none"), "token"),
                (self.token(ec.generate_private_key(ec.SECP384R1()), algorithm="ES384"), "token")):
            self.refused(token, words)

    def test_a_session_ends_with_its_token(self):
        with Client(self.device, token=self.token(exp=int(time.time()) + 3)) as client:
            code, messages = client.closes(10)
            self.assertEqual((code, messages[-1]["payload"]["reason"]), (1008, "the credential has expired"))
        with Client(self.device, token=self.token(exp=int(time.time()) + 3)) as client:
            self.assertEqual(client.ask("authenticate", {"token": self.token()})["payload"]["outcome"], "authenticated")
            time.sleep(4)
            self.assertEqual(client.ask("ping")["type"], "pong", "refreshed in time")

    def test_one_of_theirs_is_revoked(self):
        with Client(self.device) as admin, Client(self.device, token=self.token(jti="lost")) as client:
            self.assertEqual(admin.ask("revokeToken", {"id": "lost"})["payload"]["outcome"], "revoked")
            self.assertEqual(client.closes()[0], 1008)
        self.refused(self.token(jti="lost"), "revoked")
        with Client(self.device, token=self.token(jti="found")) as client:
            client.close()

    def test_wrong_keys_are_told(self):
        key = self.keys["keys"][0]
        state = self.place / "state"
        state.mkdir()
        for keys, words in (
                ("", "issuer"), ("{", "issuer"), ({"keys": []}, "keys"), ({"keys": [key] * 9}, "keys"), ({"keys": [key, key]}, "kid"),
                ({"keys": [{**key, "x": key["y"]}]}, "P-256"), ({"keys": [{**key, "crv": "P-384"}]}, "P-256"),
                ({"keys": [{**key, "kty": "RSA"}]}, "EC"), ({"keys": [{**key, "kid": ""}]}, "kid"), ({"keys": [{**key, "y": "AA"}]}, "32 bytes")):
            path = self.place / "wrong.json"
            path.write_text(keys if isinstance(keys, str) else json.dumps(keys))
            done = subprocess.run([SIM, "--port", "0", "--state", state, "--issuer", path], capture_output=True, text=True,
                                  timeout=10 * PATIENCE)
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertEqual(len(done.stderr.strip().splitlines()), 1)
            self.assertIn(words, done.stderr)


if __name__ == "__main__":
    unittest.main()
