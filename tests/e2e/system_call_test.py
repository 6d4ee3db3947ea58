"""System calls that fail: the device goes on, or says clearly why it stops; what is promised to be kept is kept.

strace makes the kernel's answers wrong, from the start or for a while.
"""
import concurrent.futures
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
import unittest

from client import Client
from device import HOST, PATIENCE, SANITIZED, SIM, Device, eventually
from ws import Closed, Refused, http

REFUSALS = (ssl.SSLError, OSError, Closed, Refused)
VERSIONS = (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2)
# The leak checker cannot work in a process that is traced.
TRACED = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}


class Injection:
    """For a while every `every`-th call of that kind fails, from the `first` on, in that process, or takes `delay_ms` longer; then
    `hits` says how many have."""

    def __init__(self, process, call, error=None, every=1, first=1, delay_ms=None):
        self.process = process
        self.log = tempfile.NamedTemporaryFile(mode="r", prefix="signalbox-")
        what = f"delay_enter={delay_ms * 1000}" if delay_ms else f"error={error}"
        self.strace = subprocess.Popen(
            ["strace", "-o", self.log.name, "-p", str(process), "-e", f"trace={call}", "-e", f"inject={call}:{what}:when={first}+{every}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def __enter__(self):
        told = self.strace.stderr.readline()
        assert "attached" in told, told
        return self

    def so_far(self):
        """How many calls that met."""
        self.log.seek(0)
        return len(re.findall(r"\((?:INJECTED|DELAYED)\)", self.log.read()))

    def is_stopping(self):
        """Whether the stop was taken: that is done between two calls only."""
        status = pathlib.Path(f"/proc/{self.process}/status").read_text()
        pending = [int(mask, 16) for mask in re.findall(r"^(?:SigPnd|ShdPnd):\s*(\w+)", status, re.M)]
        return not any(mask >> (signal.SIGSTOP - 1) & 1 for mask in pending)

    def __exit__(self, *_):
        # A call that strace has taken out and not answered yet, when it leaves, would be told to be none (ENOSYS).
        stopped = True
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):  # it may have ended of what it was told
            os.kill(self.process, signal.SIGSTOP)
            stopped = eventually(self.is_stopping, every=0.01)
        self.strace.send_signal(signal.SIGINT)
        self.strace.wait(5 * PATIENCE)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGCONT)
        assert stopped
        self.hits = self.so_far()
        self.strace.stderr.close()
        self.log.close()


class WhileItServes(unittest.TestCase):
    def setUp(self):
        self.state = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-"))
        self.addCleanup(shutil.rmtree, self.state, ignore_errors=True)
        self.device = Device("--no-sandbox", state=self.state)  # strace puts calls of its own in their place
        self.addCleanup(lambda: self.device.process.poll() is None and self.device.kill())

    def visit(self, version=ssl.TLSVersion.TLSv1_3):
        """How a newcomer fares: True, or the refusal."""
        try:
            with Client(self.device, context=self.device.trust(version, version)) as client:
                assert client.ask("describe")["type"] == "description"
                assert client.command("cabin/fan", 20, until="applied")["type"] == "ack"
                return client.close() == 1000
        except REFUSALS as refusal:
            return refusal

    def writer(self):
        """The process that writes the journal."""
        def child(process):
            found = pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split()
            return int(found[0]) if found else None
        return child(child(self.device.process.pid))

    def test_the_loop(self):
        served = Client(self.device)
        together = concurrent.futures.ThreadPoolExecutor(4)
        self.addCleanup(together.shutdown)
        # Nobody notices what passes. A newcomer is shed where no descriptor is left, a socket that is broken ends its own
        # connection.
        for call, error, every, harmless in (
                ("accept4", "EMFILE", 2, False), ("accept4", "ENFILE", 2, False), ("accept4", "ENOMEM", 3, True),
                ("accept4", "ECONNABORTED", 2, True), ("accept4", "EINTR", 2, True), ("accept4", "EAGAIN", 2, True),
                ("epoll_wait", "EINTR", 2, True), ("epoll_ctl", "ENOMEM", 2, True), ("epoll_ctl", "ENOSPC", 3, True),
                ("recvfrom", "EAGAIN", 2, True), ("recvfrom", "EINTR", 2, True),
                ("recvfrom", "ECONNRESET", 7, False), ("recvfrom", "EIO", 5, False),
                ("write", "EAGAIN", 2, True), ("write", "EINTR", 2, True), ("write", "EPIPE", 5, False)):
            with self.subTest(call=call, error=error):
                with Injection(self.device.process.pid, call, error, every) as injection:
                    fared = list(together.map(self.visit, VERSIONS * 4))
                self.assertGreater(injection.hits, 0)
                self.assertIsNone(self.device.process.poll(), self.device.told())
                if harmless:
                    self.assertEqual(fared, [True] * 8)
                self.assertIs(eventually(self.visit), True, "once it is over")
                try:
                    self.assertEqual(served.ask("ping")["type"], "pong")
                except REFUSALS as refusal:
                    self.assertFalse(harmless, f"who was served lost the connection: {refusal!r}")
                    served = Client(self.device)
        served.stream.close()
        self.device.end()

    def test_a_record_whose_directory_cannot_be_synced(self):
        """It is there for whoever reads it, so it counts: memory and disk may not say different things."""
        with Client(self.device) as admin:
            with Injection(self.writer(), "fsync", "EIO", every=2, first=2) as injection:
                told = admin.ask("issueToken", {"name": "panel", "scope": "viewer"})
            self.assertGreater(injection.hits, 0)
            self.assertEqual(told["type"], "token", told)
            self.assertTrue(self.device.wait_for_log("cannot sync tokens: Input/output error.*a power cut may bring back"))
            self.assertIn(told["payload"]["id"], str(admin.ask("tokens")))
        self.device.kill()
        with Device("--no-sandbox", state=self.state) as again, Client(again, token=told["payload"]["token"]) as panel:
            self.assertEqual(panel.ask("whoami")["payload"]["name"], "panel")

    def test_a_record_that_cannot_be_written(self):
        with Client(self.device) as admin:
            listed = admin.ask("tokens")["payload"]
            for call, error in (("fsync", "EIO"), ("write", "ENOSPC"), ("renameat", "EIO"), ("fchmod", "EIO")):
                for kind, payload in (("issueToken", {"name": "panel", "scope": "viewer"}), ("revokeToken", {"id": listed["key"]}),
                                      ("refreshToken", {})):
                    with self.subTest(call=call, kind=kind):
                        with Injection(self.writer(), call, error) as injection:
                            told = admin.ask(kind, payload)["payload"]
                        self.assertGreater(injection.hits, 0)
                        self.assertEqual(told["reason"], "failed", told)
                        self.assertIn("cannot write tokens: ", told["detail"])
                        self.assertEqual(admin.ask("tokens")["payload"], listed, "nothing happened")
            self.assertEqual(admin.ask("issueToken", {"name": "panel", "scope": "viewer"})["type"], "token")
        self.device.end()

    def test_nobody_waits_for_a_disk_that_hangs(self):
        """Each sync takes 2 s. Whoever changes tokens waits for it; another client has long been answered."""
        self.device.end()
        (self.state / "reopen-claim").touch()
        token, self.device = self.device.token, Device("--no-sandbox", state=self.state, claim=False)
        self.device.token = token
        body = json.dumps({"code": self.device.claim_code})
        claim = f"POST /v1/claim HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        with Client(self.device) as admin, Client(self.device) as other, concurrent.futures.ThreadPoolExecutor(1) as aside:
            for change in (lambda: http(self.device, claim).status == 200,
                           lambda: admin.ask("issueToken", {"name": "panel", "scope": "viewer"}, 20)["type"] == "token",
                           lambda: admin.ask("refreshToken", seconds=20)["type"] == "token"):
                with Injection(self.writer(), "fsync", delay_ms=2000) as injection:
                    started, longest, pings = time.monotonic(), 0, 0
                    changed = aside.submit(change)
                    while not changed.done():
                        asked = time.monotonic()
                        self.assertEqual(other.ask("ping")["type"], "pong")
                        longest, pings = max(longest, time.monotonic() - asked), pings + 1
                        time.sleep(0.02)
                    took = time.monotonic() - started
                self.assertTrue(changed.result())
                self.assertGreater(injection.hits, 0)
                self.assertGreater(took, 2, "it is told once it is safe")
                self.assertGreater(pings, 5, f"while it hung, a ping took up to {longest:.3f} s")
        self.device.end()

    def test_the_journal(self):
        base = self.device.base_line()
        for call, error, every in (("pwrite64", "ENOSPC", 1), ("pwrite64", "EIO", 2), ("pwrite64", "EINTR", 2),
                                   ("fdatasync", "EIO", 1), ("pwrite64,ftruncate", "EIO", 2), ("newfstatat", "EIO", 1),
                                   ("recvfrom", "EINTR", 2), ("sendto", "ENOBUFS", 1)):
            with self.subTest(call=call, error=error):
                with Client(self.device) as client:
                    newest = client.ask("journal", {"max": 1})["payload"]["newest"]
                    with Injection(self.writer(), call, error, every) as injection:
                        for i in range(3):
                            self.assertEqual(client.command("cabin/fan", 30 + i, until="applied")["type"], "ack")
                        eventually(injection.so_far, 5)  # commits go in rounds
                        self.assertEqual(client.ask("ping")["type"], "pong")
                    self.assertGreater(injection.hits, 0)

                    def is_safe():
                        return client.ask("journal", {"max": 1, "after": newest})["payload"]["committed"]["sequence"] >= newest + 3

                    self.assertTrue(eventually(is_safe, 10, every=0.1), "written once the disk is well again: " + self.device.told())
        self.assertTrue(self.device.wait_for_log("journal"), "that it was in trouble is told")
        self.assertEqual(self.device.returns_to(base), {})
        self.device.end()
        proof = subprocess.run([SIM, "--verify-journal", str(self.state / "journal")], capture_output=True, text=True)
        self.assertEqual(proof.returncode, 0, proof.stdout + proof.stderr)
        self.assertIn("gaps: 0", proof.stdout)

    def test_reloading(self):
        with Client(self.device) as client:
            before = len(self.device.lines["stderr"])
            with Injection(self.device.process.pid, "openat", "EMFILE"):
                self.device.signal(signal.SIGHUP)
                self.assertTrue(self.device.wait_for_log("certificate not reloaded, the old one stays: .*[Tt]oo many open files"),
                                self.device.told())
            self.assertEqual(client.ask("ping")["type"], "pong")
            self.assertIs(self.visit(), True)
            self.assertFalse([line for line in self.device.lines["stderr"][before:] if self.device.token in line])
            client.close()
        self.device.end()


class WhileItStarts(unittest.TestCase):
    """Each call that a start needs, failing once: it starts all the same, or ends with a line that says why, and the next
    start finds everything as it should be."""

    CASES = [(call, error, n) for call, error, times in (
        ("fsync", "EIO", 6), ("renameat", "ENOSPC", 3), ("fchmod", "EPERM", 3), ("socket", "EMFILE", 2), ("bind", "EADDRINUSE", 1),
        ("listen", "EADDRINUSE", 1), ("epoll_create1", "EMFILE", 1), ("epoll_ctl", "ENOSPC", 3), ("signalfd4", "EMFILE", 1),
        ("eventfd2", "EMFILE", 1), ("clone", "EAGAIN", 1), ("flock", "EINTR", 1), ("socketpair", "EMFILE", 1),
        ("getrandom", "ENOSYS", 2), ("setsockopt", "ENOBUFS", 2), ("accept4", "EMFILE", 1), ("faccessat2", "EROFS", 1))
        for n in range(1, times + 1)]

    def start(self, state, *before):
        """Whether it serves, and what it said."""
        process = subprocess.Popen([*before, SIM, "--port", "0", "--no-sandbox", "--state", str(state)], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=TRACED, process_group=0)
        banner = []
        for line in process.stdout:
            banner.append(line)
            if "Live telemetry" in line:
                break
        serves = bool(banner)
        if serves:
            os.killpg(process.pid, signal.SIGTERM)
        _, told = process.communicate(timeout=20 * PATIENCE)
        return serves, process.returncode, told, "".join(banner)

    def test_each_call_once(self):
        for call, error, n in self.CASES[::3] if SANITIZED else self.CASES:
            with self.subTest(call=call, error=error, n=n), tempfile.TemporaryDirectory(prefix="signalbox-") as folder:
                log = pathlib.Path(folder) / "strace"
                state = pathlib.Path(folder) / "state"
                state.mkdir()
                serves, code, told, _ = self.start(state, "strace", "-o", str(log), "-e", f"trace={call}",
                                                   "-e", f"inject={call}:error={error}:when={n}")
                self.assertGreaterEqual(code, 0, told)
                if not serves:
                    self.assertEqual(code, 1, told)
                    self.assertRegex(told, r"(?m)^signalbox: [\w -]+: \S.*$")
                serves, code, told, banner = self.start(state)
                self.assertTrue(serves, told)
                self.assertEqual(code, 0, told)
                for record in ("tokens", "authority", "key", "certificate"):
                    self.assertEqual((state / record).stat().st_mode & 0o777, 0o600)
                self.assertNotIn((state / "key").read_text(), told)


if __name__ == "__main__":
    unittest.main()
