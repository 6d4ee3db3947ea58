"""What is secret is in no log, journal, report, error or description, whatever people try."""
import json
import os
import pathlib
import pty
import re
import shutil
import signal
import subprocess
import tempfile
import unittest

from client import Client
from device import PATIENCE, SIM, Device, eventually
from ws import Closed, Refused, Socket, http, tls

# Wrong ones are looked for as well: mostly they are a right one, mistyped or for another device.
WRONG = {"header": "wrong-in-the-header-0123456789abcdef", "message": "wrong-in-a-message-0123456789abcdef",
         "url": "wrong-in-the-url-0123456789abcdef", "code": "WRNG-CODE-IN-A-BODY", "cookie": "wrong-in-a-cookie-0123456789abcdef",
         "resume": "wrong-to-resume-0123456789abcdef",
         "jwt": "eyJhbGciOiJub25lIn0.eyJzY29wZSI6ImFkbWluIn0.c2lnbmF0dXJlLXRoYXQtaXMtbm9uZQ"}
# In the state directory, and for everybody to know.
PUBLIC = ("certificate", "ca", "journal")


def secrets_of(state):
    """What the files hold that are not public: each longer word of them."""
    found = {}
    for path in pathlib.Path(state).iterdir():
        if path.is_file() and not path.name.startswith(PUBLIC):
            text = re.sub("-----BEGIN CERTIFICATE.*?END CERTIFICATE", "", path.read_bytes().decode("latin-1"), flags=re.DOTALL)
            for word in re.findall(r"[A-Za-z0-9+/_=-]{20,}", text):
                found[word] = path.name
    return found


class Recorded(Client):
    """Keeps everything it is told."""

    def __init__(self, *arguments, **options):
        self.heard = []
        super().__init__(*arguments, **options)

    def receive(self, *arguments, **options):
        message = super().receive(*arguments, **options)
        self.heard.append(message if isinstance(message, str) else json.dumps(message))
        return message


class Secrets(unittest.TestCase):
    def setUp(self):
        self.state = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-"))
        self.addCleanup(shutil.rmtree, self.state, ignore_errors=True)
        self.places = {}  # what was said where

    def hold(self, secrets):
        for secret, what in secrets.items():
            for place, text in self.places.items():
                self.assertFalse(secret in text, f"the secret of {what} is in {place}")

    def refused(self, device, **how):
        try:
            with Socket(device, **how) as socket:
                socket.send({"type": "ping", "msgId": "1", "payload": {}})
                self.places[f"answers to {how}"[:60]] = repr(socket.receive())
        except Refused as refused:
            self.places[f"refusal of {list(how)}"] = refused.answer.body + str(refused.answer.headers)
        except Closed as closed:
            self.places[f"end of {list(how)}"] = str(closed)

    def try_everything_wrong(self, device):
        self.refused(device, token=WRONG["header"])
        self.refused(device, token=WRONG["jwt"])
        self.refused(device, headers=(f"Cookie: token={WRONG['cookie']}; __Host-signalbox={WRONG['cookie']}",))
        for name in ("ticket", "token", "access_token"):
            self.refused(device, path=f"/v1/ws?{name}={WRONG['url']}")
        with Recorded(device, token=None) as stranger:
            for payload in ({"token": WRONG["message"]}, {"token": WRONG["jwt"]}, {"token": [WRONG["message"]]}):
                stranger.ask("authenticate", payload)
            self.places["answers to a stranger"] = "\n".join(stranger.heard)
        for path in ("/", "/v1/stop", "/v1/claim", "/v1/login", "/v1/token", "/v1/nothing", f"/v1/nothing?token={WRONG['url']}"):
            for body in (json.dumps({"code": WRONG["code"], "token": WRONG["message"]}), WRONG["code"]):
                answer = http(device, f"POST {path} HTTP/1.1\r\nHost: localhost:{device.port}\r\nAuthorization: Bearer {WRONG['header']}\r\n"
                                      f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}")
                self.places[f"POST {path[:14]}"] = self.places.get(f"POST {path[:14]}", "") + answer.body + str(answer.headers)
        for path in ("/", "/healthz", "/metrics", "/v1/thing", "/.well-known/wot", "/ca.crt", "/../state/key", "/key", "/token"):
            self.places[f"GET {path}"] = http(device, f"GET {path} HTTP/1.1\r\nHost: localhost:{device.port}\r\nConnection: close\r\n\r\n").body
        with tls(device) as half:  # a handshake, and a head that ends in the middle of a secret
            half.sendall(f"GET /v1/ws HTTP/1.1\r\nAuthorization: Bearer {WRONG['header']}".encode())

    def test_a_life_with_logins_and_mistakes(self):
        with Device(state=self.state, claim=False) as device:
            code = device.claim_code
            self.assertRegex(code, r"^[0-9A-Z]{4}(-[0-9A-Z]{4}){2}$")
            self.try_everything_wrong(device)
            token = device.token = device.claim()
            secrets = secrets_of(self.state)
            self.assertGreaterEqual(len(secrets), 3, "the state directory holds a key and more")
            secrets |= {word: "the test: " + name for name, word in WRONG.items()} | {token: "the token", code: "claiming"}
            self.try_everything_wrong(device)
            with Recorded(device) as other, Recorded(device) as client:
                other.ask("subscribe", {"id": "w", "paths": ["#"], "events": True})
                own = {payload["sessionToken"]: "a session's token" for payload in (client.welcome["payload"],) if "sessionToken" in payload}
                client.ask("authenticate", {"token": token or WRONG["message"]})
                client.ask("resume", {"session": "0-1", "token": WRONG["resume"]})
                client.ask("announce", {"name": "Ann"})
                client.command("cabin/heater", True)
                client.command("cabin/heater", "wrong")
                shutil.copy2(self.state / "key", self.state / "key.saved")
                for broken in (b"", b"-----BEGIN EC PRIVATE KEY-----\nQUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=\n", None):
                    if broken is not None:
                        (self.state / "key").write_bytes(broken)
                    else:
                        (self.state / "key.saved").replace(self.state / "key")
                    before = len(device.lines["stderr"])
                    device.signal(signal.SIGHUP)
                    self.assertTrue(eventually(lambda: any("certificate" in line for line in device.lines["stderr"][before:])))
                secrets["QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo="] = "a broken key"
                self.assertTrue(eventually(lambda: client.ask("journal", {})["payload"]["records"]))
                latest = next(line for line in reversed(device.lines["stderr"]) if "certificate" in line).partition(": ")[2]
                client.ask("log", {})
                client.until(lambda message: message["type"] == "logLine" and message["payload"]["text"] == latest)
                self.assertGreater(sum('"logLine"' in message for message in client.heard), 3)
                self.places["what another session heard"] = "\n".join(other.heard)
                heard = "\n".join(client.heard)
                for word in own:
                    heard = heard.replace(word, "")  # its own it may know
                self.places["what the session heard"] = heard
                secrets |= own
            device.report()
        self.places["the log and the reports"] = "\n".join(device.lines["stderr"])
        self.places["the output"] = "\n".join(device.lines["stdout"])
        for path in self.state.glob("journal*"):
            self.places[path.name] = path.read_text()
        self.assertIn("pool sessions", self.places["the log and the reports"])
        self.assertGreater(len(self.places["journal"]), 100)
        self.hold(secrets)
        for path in self.state.iterdir():
            self.assertEqual(path.stat().st_mode & 0o077, 0, path.name)

    def test_the_claim_code_is_shown_to_a_person_only(self):
        """On a terminal; elsewhere, where it may be logged, it is in a file until it was used."""
        leader, follower = pty.openpty()
        with subprocess.Popen([SIM, "--port", "0", "--state", self.state], stdin=subprocess.DEVNULL, stdout=follower,
                              stderr=subprocess.DEVNULL) as process:
            os.close(follower)
            shown = ""
            while not re.search(r"#claim=\S+\s", shown):
                shown += os.read(leader, 4096).decode()
            process.terminate()
        os.close(leader)
        code = re.search(r"claim code +([0-9A-Z-]{14})", shown)[1]
        self.assertRegex(shown, rf"https://localhost:\d+/#claim={code}\s")
        kept = self.state / "claim-code"
        self.assertFalse(kept.exists())
        with Device(state=self.state, claim=False) as device:
            self.assertEqual(kept.stat().st_mode & 0o777, 0o600)
            self.assertIn(f"claim code   in {kept} (once", device.banner)
            self.assertNotIn(device.claim_code, device.told())
            device.claim()
            self.assertFalse(kept.exists(), "it was used")
        kept.write_text("of an earlier run, which was killed")
        with Device(state=self.state):
            self.assertFalse(kept.exists())

    def test_errors_at_the_start(self):
        with Device(state=self.state):
            pass
        secrets = secrets_of(self.state)
        for path in list(self.state.iterdir()):
            if path.is_file() and not path.name.startswith("journal"):
                whole = path.read_bytes()
                for damaged in (whole[:len(whole) // 2], whole + b"x", b"\0" + whole):
                    path.write_bytes(damaged)
                    # Mostly it ends at once; where it can live with that, it is ended.
                    done = subprocess.run(["timeout", "2", SIM, "--port", "0", "--state", self.state], text=True, capture_output=True,
                                          timeout=10 * PATIENCE, check=False)
                    self.places[f"the start with a damaged {path.name}"] = done.stderr
                path.write_bytes(whole)
        self.assertGreaterEqual(len(self.places), 2)
        self.hold(secrets)

    def test_the_search_finds(self):
        self.places["a log"] = "error: no such token: abcdefghijklmnopqrstuvwxyz"
        with self.assertRaisesRegex(AssertionError, "secret of the test is in a log"):
            self.hold({"abcdefghijklmnopqrstuvwxyz": "the test"})


if __name__ == "__main__":
    unittest.main()
