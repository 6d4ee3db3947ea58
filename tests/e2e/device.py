"""The simulator as a process: starts it in a directory of its own, reads what it says, ends it, checks its end."""
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
SIM = os.environ.get("SIGNALBOX_SIM", str(TOP / "build/sim/sim/signalbox-sim"))
SANITIZED = os.environ.get("SIGNALBOX_SANITIZED", "") not in ("", "0", "OFF")
HOST = "127.0.0.1"

# Sanitizers and a busy machine cost time, which no test here is about.
PATIENCE = 8 if SANITIZED else 4
ALL_FREE = ("sessions", "frames", "inboxes", "subscription-groups", "commands", "cut-record-bytes", "json-values")
COMPLAINTS = re.compile(r"AddressSanitizer|LeakSanitizer|runtime error:|SUMMARY: |Assertion|check failed|terminate called")


def scaled(count):
    """How many of something heavy: all, or a tenth under the sanitizers."""
    return max(count // 10, 10) if SANITIZED else count


def eventually(condition, seconds=5, every=0.05):
    """The first true value of the condition within the time, else its last value."""
    end = time.monotonic() + seconds * PATIENCE
    while True:
        value = condition()
        if value or time.monotonic() > end:
            return value
        time.sleep(every)


# Tests come from one address, and fast. Those of the limits leave this out.
UNLIMITED = ("--handshakes-per-s", 0, "--connections-per-address", 0, "--requests-per-s", 0, "--bytes-per-s", 0,
             "--failed-logins", 0)


class Report:
    """What SIGUSR1 and the end print: pools, steps of life, whom the limits met, heap calls."""

    def __init__(self, lines):
        self.pools, self.life, self.met, self.passes, self.heap_calls = {}, {}, {}, {}, None
        for line in lines:
            words = line.split()
            if words[0] == "pool":
                numbers = dict(zip(("used", "high", "of", "refused"), map(int, (words[3], words[5], words[7], words[9]))))
                self.pools[words[1]] = numbers
            elif words[0] == "life":
                self.life[words[1]] = int(words[2])
            elif words[0] == "met":
                self.met[words[1]] = int(words[2])
            elif words[0] == "passes":
                self.passes = {"count": int(words[1]), **dict(zip(words[2::2], map(int, words[3::2])))}
            elif words[0] == "heap-calls" and words[1].isdigit():
                self.heap_calls = int(words[1])

    @staticmethod
    def is_line(line):
        return re.match(r"(pool \S+ +used \d|(life|met) \S+ \d|passes \d|heap-calls )", line) is not None

    def used(self, pool):
        return self.pools[pool]["used"]

    def in_use(self):
        return {name: numbers["used"] for name, numbers in self.pools.items()}


class Device:
    """A running simulator, claimed: `token` is its administrator's. `state` given: kept at the end. `limited`: as it is for
    everybody. `certificate`: what to trust where it is not the device's own authority."""
    TOKENS = {}  # of devices that were claimed, by where they keep their state

    def __init__(self, *options, state=None, port=0, before=(), claim=True, limited=False, certificate=None, **process):
        self.own_state = state is None
        self.state = pathlib.Path(state or tempfile.mkdtemp(prefix="signalbox-"))
        self.lines = {"stdout": [], "stderr": []}
        self.changed = threading.Condition()
        started = time.monotonic()
        self.process = subprocess.Popen(
            [*before, SIM, "--port", str(port), "--state", str(self.state),
             *map(str, (*(() if limited else UNLIMITED), *options))],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **process)
        self.readers = [threading.Thread(target=self._read, args=(name,), daemon=True) for name in self.lines]
        for reader in self.readers:
            reader.start()
        if not self._wait(lambda: self._banner_ends() or not self.readers[0].is_alive(), 20) or not self._banner_ends():
            self.kill()
            raise RuntimeError("the simulator did not start: " + self.told())
        self.started_ms = 1000 * (time.monotonic() - started)
        banner = "\n".join(self.lines["stdout"])
        self.url = re.search(r"URL +(\S+)", banner).group(1)
        self.port = int(re.search(r":(\d+)/", self.url).group(1))
        self.fingerprint = re.search(r"fingerprint +SHA-256 (\S+)", banner).group(1)
        self.certificate = pathlib.Path(certificate or self.state / "certificate")
        self.banner = banner
        code = re.search(r"claim code +in (\S+) \(once", banner)  # a pipe may be logged, so it is not told there
        self.claim_code = code and pathlib.Path(code.group(1)).read_text().strip()
        self.token = self.TOKENS.get(self.state.resolve())
        if claim and self.token is None:
            self.token = self.claim()

    def claim(self, code=None, context=None):
        """Makes the test the device's administrator; its token."""
        body = json.dumps({"code": code or self.claim_code}).encode()
        with socket.create_connection((getattr(self, "host", HOST), self.port), 10 * PATIENCE) as raw:
            with (context or self.trust()).wrap_socket(raw, server_hostname="localhost") as stream:
                stream.sendall(b"POST /v1/claim HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
                answer = b""
                while more := stream.recv(4096):
                    answer += more
        head, _, told = answer.partition(b"\r\n\r\n")
        if b" 200 " not in head.split(b"\r\n")[0]:
            self.kill()
            raise RuntimeError(f"not claimed: {answer!r}")
        self.TOKENS[self.state.resolve()] = token = json.loads(told)["token"]
        return token

    def _banner_ends(self):
        return len(self.lines["stdout"]) > 2 and any("Live telemetry" in line for line in self.lines["stdout"][:-1])

    def _read(self, name):
        for line in getattr(self.process, name):
            with self.changed:
                self.lines[name].append(line.rstrip("\n"))
                self.changed.notify_all()
        with self.changed:
            self.changed.notify_all()

    def _wait(self, condition, seconds):
        with self.changed:
            return self.changed.wait_for(condition, seconds * PATIENCE)

    def told(self):
        return "\n".join(self.lines["stdout"] + self.lines["stderr"])

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self.end()
        else:
            self.kill()

    def trust(self, minimum=ssl.TLSVersion.TLSv1_2, maximum=ssl.TLSVersion.TLSv1_3):
        """A TLS context that believes this device's own certificate and no other."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        context.minimum_version, context.maximum_version = minimum, maximum
        return context

    def signal(self, number):
        self.process.send_signal(number)

    def report(self):
        with self.changed:
            before = len(self.lines["stderr"])
        self.signal(signal.SIGUSR1)
        if not self._wait(lambda: any(line.startswith("heap-calls") for line in self.lines["stderr"][before:]), 5):
            raise AssertionError("no report: " + self.told())
        return Report(filter(Report.is_line, self.lines["stderr"][before:]))

    def memory_kb(self):
        """Its address space, and what of that is resident; of the process that serves."""
        status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines())
        return tuple(int(status[name].split()[0]) for name in ("VmSize", "VmRSS"))

    def wait_for_log(self, pattern, seconds=5):
        return self._wait(lambda: any(re.search(pattern, line) for line in self.lines["stderr"]), seconds)

    def base_line(self):
        """A report after the libraries have taken what they keep from their first connection on."""
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with socket.create_connection((HOST, self.port)) as raw:
                with self.trust(version, version).wrap_socket(raw, server_hostname="localhost") as stream:
                    stream.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    while stream.recv(4096):
                        pass
        used = None
        def settled():
            nonlocal used
            before, used = used, self.report().in_use()
            return used == before
        eventually(settled, every=0.3)
        return self.report()

    def returns_to(self, base, seconds=8):
        """Waits until every pool is as used as in that report; what is not, with both figures."""
        def above():
            now = self.report().in_use()
            return {name: (base.used(name), used) for name, used in now.items() if used > base.used(name)}
        eventually(lambda: not above(), seconds, every=0.2)
        return above()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self._close()

    def _close(self):
        self.process.wait()
        for reader in self.readers:
            reader.join(5)
        self.process.stdout.close()
        self.process.stderr.close()
        if self.own_state:
            self.TOKENS.pop(self.state.resolve(), None)
            shutil.rmtree(self.state, ignore_errors=True)

    def end(self, within=8):
        """Ends it by SIGTERM and holds its end against what is promised; gives its last report."""
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        try:
            code = self.process.wait(within * PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"still there {within * PATIENCE} s after SIGTERM: " + self.told()) from None
        self._close()
        last = Report(filter(Report.is_line, self.lines["stderr"]))
        wrong = [line for line in self.lines["stderr"] if COMPLAINTS.search(line)]
        if code != 0:
            wrong.append(f"exit code {code}")
        if last.heap_calls not in (None, 0):
            wrong.append(f"{last.heap_calls} calls of the heap after start")
        if last.heap_calls is None and not SANITIZED:
            wrong.append("heap calls were not counted")
        wrong += [f"{last.used(pool)} of {pool} in use at the end" for pool in ALL_FREE if last.used(pool) != 0]
        if wrong:
            raise AssertionError("; ".join(wrong) + "\n" + self.told())
        return last


def bench_device_file():
    """The bench's own, as JSON has it."""
    return json.loads((TOP / "boards/bench/device.json").read_text())


class DeviceTest(unittest.TestCase):
    """Tests that share one device, which must end well after all of them."""
    OPTIONS = ()
    LIMITED = False

    @classmethod
    def device_file(cls):
        """What the device is to be, as JSON has it; None: the bench's own."""

    @classmethod
    def setUpClass(cls):
        options, declared = cls.OPTIONS, cls.device_file()
        if declared is not None:
            folder = tempfile.TemporaryDirectory(prefix="signalbox-")
            cls.addClassCleanup(folder.cleanup)
            file = pathlib.Path(folder.name) / "device.json"
            file.write_text(json.dumps(declared))
            options = (*options, "--device-file", file)
        cls.device = Device(*options, limited=cls.LIMITED)

    @classmethod
    def tearDownClass(cls):
        cls.device.end()


class Board(Device):
    """A board's program tells nobody of sim/watch: its banner ends with the channels."""

    def _banner_ends(self):
        return self.lines["stdout"][-1:] == [""] and any(line.endswith(" channels") for line in self.lines["stdout"])
