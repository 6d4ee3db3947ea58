"""What is measured: Signalbox and its peers as processes, each with how the load speaks to it."""
import json
import os
import pathlib
import re
import select
import shutil
import signal
import subprocess
import sys
import unittest.mock

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
BUILT = TOP / "build/bench"
sys.path.insert(0, str(HERE.parent / "e2e"))

import device  # noqa: E402
from client import Client  # noqa: E402
from ws import TEXT  # noqa: E402

BEAT = {"mode": "fixed", "periodMs": 100}
SUBSCRIPTION = {"id": "bench", "paths": ["cabin/#"], **BEAT}
# As a dashboard has for its widgets; no session may have more.
WIDGETS = [{"id": path, "paths": [path], **BEAT} for path in ("cabin/temperature", "cabin/fan", "cabin/doorOpen", "tank/level")]
QUIET = ("--heartbeat-ms", 3_600_000 - 1, "--dead-after-ms", 3_600_000, "--unread-after-ms", 3_600_000)
SESSIONS_MAX = 1000  # boards/bench/budget.hpp


class Failure(Exception):
    """Something that a person can mend; told without a trace."""


def message(kind, payload, number="bench"):
    return json.dumps({"type": kind, "msgId": number, "payload": payload}, separators=(",", ":"))


def ping(size):
    return message("ping", {"data": "x" * size})


def processes(pid):
    """It and what it has started, as Signalbox has a process for each bus."""
    found = [pid]
    for one in found:
        for thread in pathlib.Path(f"/proc/{one}/task").iterdir():
            found += map(int, (thread / "children").read_text().split())
    return found


def cpu_s(pid):
    """Processor time of all its threads and processes so far, in seconds, to the nanosecond."""
    total = 0
    for one in processes(pid):
        for thread in pathlib.Path(f"/proc/{one}/task").iterdir():
            try:
                total += int((thread / "schedstat").read_text().split()[0])
            except (FileNotFoundError, ProcessLookupError):
                pass  # one that has just ended
    return total / 1e9


def memory_kb(pid, of_first, of_others):
    """What it has in memory, and the processes it has started, by lines of smaps_rollup that begin so."""
    def of(one, name):
        return sum(int(size) for size in re.findall(rf"(?m)^{name}\w*:\s+(\d+)", pathlib.Path(f"/proc/{one}/smaps_rollup").read_text()))
    first, *others = processes(pid)
    return of(first, of_first) + sum(of(one, of_others) for one in others)


QUIET_S = 8  # after a start, before a server's memory is looked at


def resident_kb(pid):
    """Of the others what is theirs alone."""
    return memory_kb(pid, "Rss", "Private_")


def written_kb(pid):
    """What is no file's: it cannot be read again from there."""
    return memory_kb(pid, "Anonymous", "Private_Dirty")


class Place:
    """What all servers share: certificate, the bytes of the broadcast, and the two processors."""
    PROMPT = ("chrt", "-f", "1")  # comes before all others on its processor; not everybody may

    def __init__(self, folder):
        self.server_core, self.load_core = self.cores()
        os.sched_setaffinity(0, os.sched_getaffinity(0) - {self.server_core})  # what looks on disturbs no server
        self.folder = folder
        self.ahead = self.PROMPT if subprocess.run([*self.PROMPT, "true"], capture_output=True).returncode == 0 else ()
        self.certificate, self.key, self.broadcast, self.widgets = (folder / name for name in ("certificate", "key", "broadcast", "widgets"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                        "-keyout", self.key, "-out", self.certificate, "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
                       check=True, capture_output=True)
        self.key.chmod(0o600)

    @classmethod
    def cores(cls):
        """Those of the server and of the load."""
        for file in ("schedstat", "children"):
            if not pathlib.Path(f"/proc/self/task/{os.getpid()}/{file}").exists():
                raise Failure(f"this kernel tells no processor time of threads: there is no /proc/PID/task/TID/{file}")
        allowed = sorted(os.sched_getaffinity(0))
        if len(allowed) < 2:
            raise Failure("two processors are needed, one for the server and one for the load; this process may use one only")
        try:
            tried = subprocess.run(cls.pinned(allowed[0], "true"), capture_output=True, text=True)
        except FileNotFoundError:
            raise Failure("there is no command `taskset` (Debian: util-linux)") from None
        if tried.returncode != 0:
            raise Failure(f"a process cannot be kept on one processor: {tried.stderr.strip()}")
        return allowed[:2]

    @staticmethod
    def pinned(core, *command):
        return ["taskset", "-c", str(core), *map(str, command)]

    def record_broadcast(self, signalbox):
        """Telemetry messages of Signalbox, which the peers send as they are: one, and one of each widget. How long the first is,
        and how long all the others are."""
        def telemetry(subscription):
            with Client(signalbox.device) as client:
                client.ask("subscribe", subscription)
                while True:
                    opcode, _, payload = client.receive_frame()
                    if opcode == TEXT and b'"telemetry"' in payload:
                        client.close()
                        return payload
        widgets = [telemetry(widget) for widget in WIDGETS]
        self.broadcast.write_bytes(telemetry(SUBSCRIPTION))
        self.widgets.write_bytes(b"".join(message + b"\n" for message in widgets))
        return self.broadcast.stat().st_size, sum(map(len, widgets))


class Signalbox:
    key, title = "signalbox", "Signalbox"
    RESUMES = True

    def __init__(self, place, before=None, program=device.SIM):
        before = place.pinned(place.server_core) if before is None else before
        options = () if before[-3:-1] == ["taskset", "-c"] else ("--no-sandbox",)  # what counts instructions makes system calls of its own
        with unittest.mock.patch.object(device, "SIM", program):
            self.device = device.Device(*QUIET, "--certificate", place.certificate, "--key", place.key, *options,
                                        certificate=place.certificate, before=tuple(before))
        self.pid, self.port = self.device.process.pid, self.device.port
        self.headers = place.folder / f"signalbox-{self.port}"
        self.headers.write_text(f"Authorization: Bearer {self.device.token}\nSec-WebSocket-Protocol: signalbox.v1\n")

    def words(self, kind, size):
        words = ["--path", "/v1/ws", "--headers", self.headers]
        if kind in ("listen", "widgets"):
            hellos = [message("subscribe", subscription) for subscription in (WIDGETS if kind == "widgets" else [SUBSCRIPTION])]
            return [*words, *(word for hello in hellos for word in ("--hello", hello)), "--await", '"synced"']
        words += ["--await", '"welcome"']
        if kind == "echo":
            words += ["--message", ping(size), "--answer", '"pong"']
        if kind == "command":
            for level in (30, 70):
                words += ["--message", message("command", {"channel": "cabin/fan", "value": level, "until": "applied"}, "c########")]
            words += ["--answer", '"ack"']
        return words

    def end(self):
        """Whether it ended well is not asked here: the tests do."""
        self.device.signal(signal.SIGTERM)
        self.device.process.wait(60)
        self.device.kill()
        return "\n".join(self.device.lines["stderr"])


class Peer:
    """A server of `peers`: it is told its certificate, key, broadcast and widgets, and prints its port."""
    ENVIRONMENT = {}
    RESUMES = True  # sessions of TLS

    def __init__(self, place, before=None, program=None):
        before = place.pinned(place.server_core) if before is None else before
        command = [*before, *(program or self.program()), place.certificate, place.key, place.broadcast, place.widgets]
        self.errors = (place.folder / f"{self.key}.errors").open("w+")
        self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
                                        text=True, env={**os.environ, **self.ENVIRONMENT})
        self.pid = self.process.pid
        told = self.process.stdout.readline().split() if select.select([self.process.stdout], [], [], 120)[0] else []
        if told[:1] != ["port"]:
            self.process.kill()
            raise Failure(f"{self.title} did not start:\n{self.end()}")
        self.port = int(told[1])
        self.headers = place.folder

    @classmethod
    def program(cls):
        return [BUILT / cls.key]

    def words(self, kind, size):
        path = {"listen": "broadcast", "widgets": "widgets"}.get(kind, "echo")
        headers = self.headers / path
        headers.write_text(self.protocol(path))
        words = ["--path", "/" + path, "--headers", headers]
        return [*words, "--message", ping(size), "--answer", '"ping"'] if kind == "echo" else words

    @staticmethod
    def protocol(_path):
        return ""

    def stop(self):
        self.process.terminate()

    def end(self):
        self.stop()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.errors.seek(0)
        told = self.errors.read()
        self.errors.close()
        return told


class Gorilla(Peer):
    key, title = "gorilla", "gorilla/websocket"

    def __init__(self, place, before=None, program=None):
        if before and "valgrind" in before:  # which does not survive the signals by which Go takes turns
            self.ENVIRONMENT = {"GODEBUG": "asyncpreemptoff=1"}
        super().__init__(place, before, program)

    def stop(self):
        self.process.stdin.close()


class Ws(Peer):
    key, title = "ws", "Node.js `ws`"

    @classmethod
    def program(cls):
        return ["node", HERE / "peers/ws.mjs"]


class Libwebsockets(Peer):
    key, title = "libwebsockets", "libwebsockets"

    @staticmethod
    def protocol(path):
        return f"Sec-WebSocket-Protocol: {path}\n"


class Stock(Libwebsockets):
    """The libraries that Signalbox is built on, as they come: they speak TLS 1.2."""
    key, title = "stock", "libwebsockets with mbedTLS, stock"
    RESUMES = False

    def words(self, kind, size):
        return ["--tls12", *super().words(kind, size)]


class Beast(Peer):
    key, title = "beast", "Boost.Beast"


ALL = (Signalbox, Gorilla, Ws, Libwebsockets, Stock, Beast)


def chosen(names):
    """The servers for a list of peers' names; Signalbox is always among them."""
    known = {server.key: server for server in ALL[1:]}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise Failure(f"there is no peer '{unknown[0]}'; there are {', '.join(known)}")
    return [Signalbox, *(server for server in ALL[1:] if server.key in names)]


class Load:
    """A process of `load`, its connections ready; on the second processor."""
    KINDS = {"idle": "listen", "widgets": "listen", "command": "echo"}

    def __init__(self, place, server, kind, connections=1, resume=False, size=64):
        command = place.pinned(place.load_core, *(place.ahead if kind == "command" else ()), BUILT / "load", self.KINDS.get(kind, kind), "--port", server.port, "--trust",
                               place.certificate, "--connections", connections, *server.words(kind, size), *(["--resume"] if resume else []))
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.server, self.kind = server, kind
        _, self.cipher, self.group = self._line().split()

    def _line(self):
        line = self.process.stdout.readline()
        if not line:
            told = self.process.stderr.read().strip().removeprefix("load: error: ")
            raise Failure(f"{self.kind} with {self.server.title}: {told or 'the load ended'}")
        return line

    def begin(self, seconds, count=None):
        self.process.stdin.write(f"run {seconds} {'' if count is None else count}\n")
        self.process.stdin.flush()

    def told(self):
        return json.loads(self._line())

    def run(self, seconds, count=None):
        self.begin(seconds, count)
        return self.told()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.stdin.closed:
            return
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()
        self.process.stderr.close()


def version(package):
    told = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True)
    return told.stdout or "unknown"


def first_line(*command):
    """What a command says first; `unknown` where there is none, or it fails."""
    if shutil.which(command[0]) is None:
        return "unknown"
    return (subprocess.run(command, capture_output=True, text=True).stdout.splitlines() or ["unknown"])[0].strip()
