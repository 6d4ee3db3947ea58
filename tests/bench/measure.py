"""What is measured of all servers in turns, and of Signalbox alone. The values go into `Figures`."""
import collections
import contextlib
import os
import statistics
import subprocess
import tempfile
import time

import servers
from servers import QUIET_S, Failure, Load, cpu_s, device, resident_kb, written_kb
from ws import tls

WARM_S = 0.3
VISITORS = 8  # at once, in the figures of handshakes


class Figures:
    """Values by row and server, one for each round."""

    def __init__(self):
        self.values = collections.defaultdict(lambda: collections.defaultdict(list))
        self.tls = {}  # what was agreed on, by server

    def add(self, row, server, value):
        self.values[row][server].append(value)

    def of(self, row, server):
        """Its values; none where it was not measured."""
        return self.values.get(row, {}).get(server, [])

    def median(self, row, server):
        found = self.of(row, server)
        return statistics.median(found) if found else None

    def ratio(self, row, server, to):
        """The median of the ratios of each round; what was measured one after the other had the same disturbance, mostly."""
        pairs = [a / b for a, b in zip(self.of(row, server), self.of(row, to)) if b > 0]
        return statistics.median(pairs) if pairs else None

    def spread(self, row, server):
        """Half of the distance from the lowest to the highest, as a part of the median."""
        found = self.of(row, server)
        return (max(found) - min(found)) / 2 / statistics.median(found) if len(found) > 1 and statistics.median(found) else None


class Bench:
    def __init__(self, place, kinds, repeats, seconds, say):
        self.place, self.repeats, self.seconds, self.say = place, repeats, seconds, say
        self.kinds, self.figures, self.visitors = kinds, Figures(), VISITORS
        self.compared, self.running = [], []

    def __enter__(self):
        try:
            self.compared.append(self.begin(servers.Signalbox))
            self.broadcast_bytes, self.widget_bytes = self.place.record_broadcast(self.compared[0])
            for kind in self.kinds[1:]:
                self.compared.append(self.begin(kind))
        except BaseException:
            self.__exit__()
            raise
        return self

    def begin(self, kind):
        self.running.append(kind(self.place))
        return self.running[-1]

    def end(self, server):
        self.running.remove(server)
        server.end()

    def __exit__(self, *_):
        for server in list(self.running):
            self.end(server)

    def in_turns(self, loads, seconds=None):
        """Each load once in each round, to and fro; (load, what it told, seconds of the server's processor)."""
        for load in loads:
            load.run(WARM_S)
        for turn in range(self.repeats):
            for load in loads[::1 if turn % 2 == 0 else -1]:
                before = cpu_s(load.server.pid)
                told = load.run(seconds or self.seconds)
                yield load, told, cpu_s(load.server.pid) - before

    def visits(self):
        for kind in ("handshake", "connect"):
            for resume in (False, True):
                row = f"{kind}.{'resumed' if resume else 'full'}"
                self.say(row)
                with contextlib.ExitStack() as stack:
                    loads = []
                    for server in self.compared:
                        if resume and not server.RESUMES:
                            continue  # it is compared in the rest
                        loads.append(stack.enter_context(Load(self.place, server, kind, VISITORS, resume)))
                    for load, told, cpu in self.in_turns(loads):
                        self.figures.tls[load.server.key] = f"{load.cipher.removeprefix('TLS_')}, {load.group}"
                        if resume and told["resumed"] < told["count"]:
                            raise Failure(f"{load.server.title} resumed {told['resumed']} of {told['count']} sessions")
                        self.figures.add(row, load.server.key, 1e3 * cpu / told["count"])

    def echoes(self, counts):
        for size in (64, 1024):
            for connections in counts:
                row = f"echo.{size}.{connections}"
                self.say(row)
                with contextlib.ExitStack() as stack:
                    loads = [stack.enter_context(Load(self.place, server, "echo", connections, size=size)) for server in self.compared]
                    for load, told, cpu in self.in_turns(loads):
                        key, count = load.server.key, told["count"]
                        self.figures.add(f"{row}.cpu", key, 1e6 * cpu / count)
                        self.figures.add(f"{row}.p50", key, told["p50_us"])
                        self.figures.add(f"{row}.p99", key, told["p99_us"])
                        self.figures.add(f"{row}.load", key, 1e6 * told["cpu_s"] / count)

    def fan_out(self, counts, seconds):
        """Of all servers at the same time, each with listeners of its own, since what is done ten times a second depends most on what
        the machine did meanwhile. Above what the server costs without anybody: Signalbox reads its simulated sensors then as well."""
        self.say("nobody connected")
        for _ in range(2 * self.repeats):
            for server, cpu in self.meanwhile(lambda: time.sleep(seconds)):
                self.figures.add("alone", server.key, 1e3 * cpu / seconds)
        for kind, listeners in (*(("listen", count) for count in counts), ("widgets", counts[0])):
            at_once = len(servers.WIDGETS) if kind == "widgets" else 1
            row = f"{'widgets' if kind == 'widgets' else 'fan-out'}.{listeners}"
            self.say(row)
            with contextlib.ExitStack() as stack:
                loads = {server: stack.enter_context(Load(self.place, server, kind, listeners)) for server in self.compared}

                def run(for_s):
                    for load in loads.values():
                        load.begin(for_s)
                    return {server: load.told() for server, load in loads.items()}
                run(WARM_S)
                for _ in range(self.repeats):
                    told = {}
                    for server, cpu in self.meanwhile(lambda: told.update(run(seconds))):
                        its = told[server]
                        cpu -= self.figures.median("alone", server.key) / 1e3 * its["seconds"]
                        self.figures.add(row, server.key, 1e6 * cpu / its["count"])
                        self.figures.add(f"{row}.delivered", server.key, 100 * its["count"] / (10 * at_once * listeners * its["seconds"]))

    def meanwhile(self, work):
        """Each server, and seconds of its processor while that is done."""
        before = [cpu_s(server.pid) for server in self.compared]
        work()
        return [(server, cpu_s(server.pid) - began) for server, began in zip(self.compared, before)]

    def settled(self, pid):
        before, now = -1, resident_kb(pid)
        late = time.monotonic() + 5
        while now != before and time.monotonic() < late:
            time.sleep(0.5)
            before, now = now, resident_kb(pid)
        return now

    def idle(self, connections):
        """Memory of fresh servers, and what one busy client costs beside their idle connections."""
        few = connections // 10
        rounds = min(self.repeats, 2)
        with contextlib.ExitStack() as stack:
            full, busy = [], []
            for turn in range(rounds):
                self.say(f"idle connections, {turn + 1} of {rounds}")
                for kind in self.kinds:
                    server = self.begin(kind)
                    time.sleep(QUIET_S)
                    self.figures.add("memory.base", server.key, self.settled(server.pid) / 1024)
                    self.figures.add("memory.written", server.key, written_kb(server.pid) / 1024)
                    first = stack.enter_context(Load(self.place, server, "idle", few))
                    before = self.settled(server.pid)
                    rest = stack.enter_context(Load(self.place, server, "idle", connections - few))
                    grown = self.settled(server.pid) - before
                    self.figures.add("memory.idle", server.key, grown / (connections - few))
                    if turn + 1 == rounds:
                        full.append(server)
                    else:
                        for load in (first, rest):
                            load.__exit__()
                        self.end(server)
            self.say(f"one busy client beside {connections} idle ones")
            for server in (server for pair in zip(self.compared, full) for server in pair):
                busy.append(stack.enter_context(Load(self.place, server, "echo")))
            for load, told, cpu in self.in_turns(busy):
                row = "beside.none" if load.server in self.compared else "beside.idle"
                self.figures.add(row, load.server.key, 1e6 * cpu / told["count"])
        for kind in self.kinds:
            pairs = zip(self.figures.of("beside.idle", kind.key), self.figures.of("beside.none", kind.key))
            for beside, alone in pairs:
                self.figures.add("beside.ratio", kind.key, beside / alone)
        for server in full:
            self.end(server)

    def alone(self):
        """Of Signalbox alone, its identity there already: from the process's start to the end of the first handshake; size;
        how long a pass of its loop has taken since this run began."""
        self.say("start, size, passes of the loop")
        with tempfile.TemporaryDirectory() as state, tempfile.NamedTemporaryFile() as stripped:
            with device.Device(state=state) as first:
                context = first.trust()
            for _ in range(2 * self.repeats - 1):
                started = time.monotonic()
                process = subprocess.Popen([device.SIM, "--port", str(first.port), "--state", state], stdout=subprocess.DEVNULL,
                                           stderr=subprocess.DEVNULL)
                while True:
                    try:
                        tls(first, context).close()
                        break
                    except ConnectionRefusedError:
                        time.sleep(0.0005)
                self.figures.add("start", "signalbox", 1000 * (time.monotonic() - started))
                process.terminate()
                process.wait()
            subprocess.run(["strip", "-o", stripped.name, device.SIM], check=True)
            self.figures.add("program", "signalbox", os.path.getsize(stripped.name) / 1024)
        passes = self.compared[0].device.report().passes
        self.figures.add("passes.p9999", "signalbox", passes["p99.99-us"] / 1000)
        self.figures.add("passes.longest", "signalbox", passes["longest-us"] / 1000)

    def commands(self, listeners, visitors, seconds):
        """Of Signalbox alone: a command until the output took it, while others are served."""
        signalbox = self.compared[0]
        with Load(self.place, signalbox, "command") as load:
            for row, others in (("alone", ()), ("fed", (("listen", listeners),)), ("beset", (("listen", listeners), ("connect", visitors)))):
                self.say(f"command.{row}")
                with contextlib.ExitStack() as stack:
                    beside = [stack.enter_context(Load(self.place, signalbox, kind, count)) for kind, count in others]
                    load.run(WARM_S)
                    for _ in range(self.repeats):
                        for other in beside:
                            other.begin(seconds)
                        before = cpu_s(signalbox.pid)
                        told = load.run(seconds)
                        cpu = cpu_s(signalbox.pid) - before
                        for other in beside:
                            other.told()
                        for name in ("p50", "p99", "p999"):
                            self.figures.add(f"command.{row}.{name}", signalbox.key, told[f"{name}_us"] / 1e3)
                        if row == "alone":
                            self.figures.add("command.alone.cpu", signalbox.key, 1e6 * cpu / told["count"])
