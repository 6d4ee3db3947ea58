"""Instructions and system calls, which no other program on the machine changes: each is the difference of two runs."""
import collections
import pathlib
import re
import signal
import subprocess
import tempfile
import time

import servers
from servers import BUILT, Failure, Load

Work = collections.namedtuple("Work", "load size count")
WORKS = {"64": Work("echo", 64, 1000), "1024": Work("echo", 1024, 1000), "handshake": Work("handshake", 64, 50)}

Tool = collections.namedtuple("Tool", "row command pattern")
CALLGRIND = Tool("callgrind", ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"], r"Collected : (\d+)")
QEMU = Tool("arm", ["qemu-aarch64", "-plugin", BUILT / "libcount_instructions.so"], r"^instructions: (\d+)")


def executed(place, tool, kind, program, counts, seconds):
    """Instructions of a server's whole life with so much of each work, and how long each took at most."""
    server = kind(place, place.pinned(place.server_core, *tool.command), **({"program": program} if program else {}))
    took = {}
    try:
        for name, count in counts.items():
            with Load(place, server, WORKS[name].load, size=WORKS[name].size) as load:
                took[name] = load.run(seconds[name], count)["seconds"]
    finally:
        told = server.end()
    counts = re.findall(tool.pattern, told, re.M)
    if not counts:
        raise Failure(f"{tool.command[0]} told no count for {kind.title}:\n{told[-2000:]}")
    return int(counts[-1]), took


def instructions(place, figures, tool, kinds, repeats, say):
    """For an echo of each size, and for a handshake. `kinds`: servers and their programs, None for their usual ones. All runs of a server are equally
    long, with equally many connections: what it does by the clock is in both, and so is not in the difference."""
    base = {name: work.count for name, work in WORKS.items()}
    failures = []
    for kind, program in kinds.items():
        say(f"{tool.row}: {kind.title}")
        try:
            _, took = executed(place, tool, kind, program, base, dict.fromkeys(WORKS, 0.1))
            seconds = {name: 2.5 * its for name, its in took.items()}
            for _ in range(repeats):
                few, *more = (executed(place, tool, kind, program, counts, seconds)[0]
                              for counts in (base, *({**base, name: 2 * count} for name, count in base.items())))
                for name, all_told in zip(WORKS, more):
                    figures.add(f"{tool.row}.{name}", kind.key, (all_told - few) / base[name])
        except Failure as failure:  # the others are counted all the same
            failures.append(str(failure))
    if failures:
        raise Failure("; ".join(failures))


class SystemCalls:
    """Counts those of a running server between the begin and the end of a `with` block."""

    def __init__(self, pid):
        self.pid = pid

    def traced(self):
        return all(f"TracerPid:\t{self.process.pid}\n" in (thread / "status").read_text()
                   for one in self.pids for thread in pathlib.Path(f"/proc/{one}/task").iterdir())

    def __enter__(self):
        self.pids = servers.processes(self.pid)
        self.file = tempfile.NamedTemporaryFile("r")
        attach = [word for pid in self.pids for word in ("-p", str(pid))]
        self.process = subprocess.Popen(["strace", "-f", "-c", "-q", "-o", self.file.name, *attach], stderr=subprocess.PIPE, text=True)
        while not self.traced():
            if self.process.poll() is not None:
                raise Failure(f"strace cannot look at a server: {self.process.stderr.read().strip()}")
            time.sleep(0.02)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.process.communicate()
        total = re.search(r"^100\.00 +\S+ +\S+ +(\d+) ", self.file.read(), re.M)
        self.count = int(total.group(1)) if total else 0
        self.file.close()


def system_calls(place, figures, running, say, seconds=2):
    """For an echo at 1 and 50 connections, and a delivery to one of 100, above those without any client."""
    for server in running:
        say(f"system calls: {server.title}")
        with SystemCalls(server.pid) as alone:
            time.sleep(seconds)
        for row, kind, connections in (("echo.1", "echo", 1), ("echo.50", "echo", 50), ("fan-out.100", "listen", 100)):
            with Load(place, server, kind, connections) as load:
                load.run(0.3)
                with SystemCalls(server.pid) as calls:
                    told = load.run(seconds)
            figures.add(f"calls.{row}", server.key, (calls.count - alone.count * told["seconds"] / seconds) / told["count"])
