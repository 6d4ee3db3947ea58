"""Whoever attacks, those who are served notice little, and who comes anew is served. Figures of every attack, each as long
as you like; with --hold it fails where a target of docs/SECURITY.md (R3, R18) is missed, for which the machine has to be quiet:
  python3 attack_test.py figures [--hold] [SECONDS] [KIND…]"""
import contextlib
import os
import statistics
import subprocess
import sys
import time
import unittest

from attackers import KINDS
from client import Client
from device import PATIENCE, SANITIZED, Device, DeviceTest, eventually
from ws import Closed

SECONDS = 0.5 if SANITIZED else 1
ATTACKER = "127.0.0.1"
MANY = "127.0.1.*"
ROUNDS = 7  # of the figures
PER_ADDRESS = ("connections-per-address", "handshakes-per-address")


class From:
    """The device as it is reached from another address."""

    def __init__(self, device, source):
        self.device, self.source = device, source

    def __getattr__(self, name):
        return getattr(self.device, name)


def percentile(values, share):
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


class Observed:
    """Times in ms, in rounds: of pongs; by how much a sleep beside them was too long, which is what the machine takes from
    everybody, since attackers and attacked share it here; and for how long the device computed from each ping to its
    pong, on whatever: its own part in the wait, which is the same however busy the machine is. What is told of them is
    the median of the rounds."""

    def __init__(self):
        self.pongs, self.oversleeps, self.computed = [], [], []

    def begin_round(self):
        for times in (self.pongs, self.oversleeps, self.computed):
            times.append([])

    def median(self):
        return statistics.median(map(statistics.median, self.pongs))

    def p99(self):
        return statistics.median(percentile(its, 0.99) for its in self.pongs)

    def machine_p99(self):
        return statistics.median(percentile(its, 0.99) for its in self.oversleeps)

    def computed_p99(self):
        return statistics.median(percentile(its, 0.99) for its in self.computed)


class Watcher:
    """Somebody who is served, and measures."""
    PAUSE_S = 0.004

    def __init__(self, device):
        self.device = device
        self.client = Client(From(device, "127.0.0.2"))
        self.clock = ~device.process.pid << 3 | 2  # of another process's time on the processor: MAKE_PROCESS_CPUCLOCK

    def measure(self, seconds, observed):
        """Asks many pings."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            computed, before = time.clock_gettime(self.clock), time.perf_counter()
            self.client.ask("ping", seconds=10)
            answered = time.perf_counter()
            observed.computed[-1].append(1000 * (time.clock_gettime(self.clock) - computed))
            observed.pongs[-1].append(1000 * (answered - before))
            time.sleep(self.PAUSE_S)
            observed.oversleeps[-1].append(1000 * (time.perf_counter() - answered - self.PAUSE_S))

    def arrives(self):
        """How long it takes a new client, from another address, until it is served, in ms; one that had to give way
        comes back at once."""
        before = time.perf_counter()
        while True:
            try:
                with Client(From(self.device, "127.0.0.3")) as client:
                    client.ask("ping", seconds=10)
                    took = 1000 * (time.perf_counter() - before)
                    client.close()
                return took
            except (Closed, OSError):
                assert time.perf_counter() - before < 20, "never served"


class Attack:
    """An attacker at work, until the block ends."""
    # slowhttptest's own: header lines, or a body, one after the other for as long as it is let.
    SLOW_HTTP = {"slow_http_headers": "-H", "slow_http_body": "-B"}

    def __init__(self, device, kind, seconds, *sources):
        if kind in self.SLOW_HTTP:
            self.command = ["nice", "slowhttptest", self.SLOW_HTTP[kind], "-c", "256", "-r", "200", "-i", "1", "-p", "3",
                            "-l", str(max(round(seconds), 1)), "-u", f"https://127.0.0.1:{device.port}/"]
            return
        self.command = [sys.executable, "-B", "-W", "ignore", "attackers.py", kind, str(device.port), str(device.certificate),
                        device.token, str(seconds), *sources]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            try:
                told = self.process.communicate(timeout=60)[1]
            finally:
                self.process.kill()
            assert self.process.returncode == 0, told
        else:
            self.process.kill()
            self.process.communicate()


@contextlib.contextmanager
def apart(device):
    """The device has a core of its own, as beside clients elsewhere; on one core with them the kernel lets whom it has answered
    wait until its next work is done."""
    cores = os.sched_getaffinity(0)
    *others, its = sorted(cores)
    if others:
        os.sched_setaffinity(device.process.pid, {its})
        os.sched_setaffinity(0, others)
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def observe(device, kind, seconds, *sources, rounds=1):
    """What was observed before the attack, and beside it; how long new clients took, in ms. In so many rounds, since a busy
    machine is busy now and then."""
    watcher, alone, beside, newcomers = Watcher(device), Observed(), Observed(), []
    for _ in range(rounds):
        alone.begin_round()
        watcher.measure(seconds / rounds, alone)
        beside.begin_round()
        with Attack(device, kind, seconds / rounds + 1, *sources):
            time.sleep(0.7)  # until it is at its worst
            for _ in range(3):
                watcher.measure(seconds / rounds / 3, beside)
                newcomers.append(watcher.arrives())
    watcher.client.close()
    return alone, beside, newcomers


class Attacked(DeviceTest):
    LIMITED = True
    # A step of a handshake, and a turn for everybody else who wants something, once each.
    COMPUTED_MS = 2 * PATIENCE

    # From which each attack comes: nobody stands in for what the one before owes.
    addresses = (f"127.0.2.{last}" for last in range(1, 255))

    def withstood(self, kind, *sources, limits=(), beyond=-1):
        """Attacked, each time for longer, until it met these limits more often than that, and others noticed little meanwhile:
        attackers only get what the machine has left over, and what else it does takes from everybody now and then."""
        sources = sources or (next(self.addresses),)
        base = self.device.report()
        for turn in range(1, 8):
            alone, beside, newcomers = observe(self.device, kind, SECONDS * turn, *sources)
            self.assertTrue(eventually(lambda: self.device.report().used("sessions") == 0, 8), "nobody is left behind")
            report = self.device.report()
            met = sum(report.met[limit] - base.met[limit] for limit in limits)
            figures = {
                "half of the pongs, ms": (beside.median(), 2 * alone.median() + beside.machine_p99() + 2 * PATIENCE),
                "99 of 100 pongs, ms": (beside.p99(), 2 * alone.p99() + 2 * beside.machine_p99() + 10 * PATIENCE),
                "the device's part in those, ms": (beside.computed_p99(), 2 * alone.computed_p99() + self.COMPUTED_MS),
                "half of the new clients, ms": (statistics.median(newcomers), 1000 * PATIENCE)}
            too_much = {name: its for name, its in figures.items() if its[0] >= its[1]}
            if met > beyond and not too_much:
                return
        self.assertEqual(too_much, {}, "took longer than may be")
        self.fail(f"{kind} met {' or '.join(limits)} {met} times, not more than {beyond}")

    def test_silent_connections(self):
        self.withstood("silent", limits=("connections-per-address",), beyond=100)

    def test_silent_connections_from_everywhere(self):
        self.withstood("silent", MANY, limits=("gave-way",), beyond=50)

    def test_half_open_tls(self):
        self.withstood("half_open", limits=PER_ADDRESS, beyond=100)

    def test_half_open_tls_from_everywhere(self):
        self.withstood("half_open", MANY, limits=("gave-way",), beyond=20)

    def test_connect_flood(self):
        self.withstood("connect_flood", limits=("handshakes-per-address",), beyond=100)

    def test_handshake_flood(self):
        self.withstood("handshake_flood", limits=("handshakes-per-address",), beyond=10)

    def test_handshake_flood_from_everywhere(self):
        self.withstood("handshake_flood", MANY)

    def test_slowloris(self):
        self.withstood("slowloris", limits=PER_ADDRESS, beyond=10)

    def test_slowhttptest(self):
        for kind in Attack.SLOW_HTTP:
            with self.subTest(kind):
                # Bodies are answered and closed at once, and slowhttptest ends when none of its connections is left.
                beyond = {"slow_http_headers": 100, "slow_http_body": 0}[kind]
                self.withstood(kind, limits=PER_ADDRESS, beyond=beyond)

    def test_giant_headers(self):
        self.withstood("giant_headers")

    def test_garbage(self):
        self.withstood("garbage")

    def test_reset_flood(self):
        self.withstood("reset_flood")

    def test_never_reading(self):
        self.withstood("never_reading")

    def test_one_byte_frames(self):
        self.withstood("one_byte_frames", limits=("bytes-per-s",), beyond=3)

    def test_endless_fragments(self):
        self.withstood("endless_fragments")

    def test_empty_fragments(self):
        self.withstood("empty_fragments", limits=("bytes-per-s",), beyond=3)

    def test_a_flood_behind_the_end(self):
        self.withstood("after_the_end")

    def test_ping_flood(self):
        self.withstood("ping_flood", limits=("bytes-per-s",), beyond=3)

    def test_message_flood(self):
        self.withstood("message_flood", limits=("requests-per-s",), beyond=100)

    def test_deep_json(self):
        self.withstood("deep_json")

    def test_garbage_frames(self):
        self.withstood("garbage_frames")


def figures(*arguments):
    """A table, as Markdown has it, and what of it is beyond its target."""
    hold, missed = arguments[:1] == ("--hold",), []
    seconds, *kinds = arguments[hold:] or (20,)
    print("| attack | from | p50 alone | p50 beside | p99 alone | p99 beside | p99 of a sleep beside | the device's part, p99 alone "
          "| beside | new client, longest | closed or told to wait |\n|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---|")
    for kind in kinds or (*KINDS, *Attack.SLOW_HTTP):
        for source in (ATTACKER, MANY) if kind in KINDS else (ATTACKER,):
            with Device(limited=True) as device, apart(device):
                alone, beside, newcomers = observe(device, kind, float(seconds), source, rounds=ROUNDS)
                met = {name: count for name, count in device.report().met.items() if count}
                print(f"| {kind} | {source} | {alone.median():.2f} ms | {beside.median():.2f} ms | {alone.p99():.2f} ms "
                      f"| {beside.p99():.2f} ms | {beside.machine_p99():.2f} ms | {alone.computed_p99():.2f} ms "
                      f"| {beside.computed_p99():.2f} ms | {max(newcomers):.0f} ms "
                      f"| {', '.join(f'{name} {count}' for name, count in met.items())} |", flush=True)
            if beside.p99() > 2 * alone.p99():
                missed.append(f"{kind} from {source}: p99 {beside.p99():.2f} ms, more than twice {alone.p99():.2f} ms")
            if max(newcomers) > 1000:
                missed.append(f"{kind} from {source}: a new client was served after {max(newcomers):.0f} ms, more than 1 s")
    for line in missed:
        print("missed: " + line, file=sys.stderr)
    return 1 if hold and missed else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["figures"]:
        sys.exit(figures(*sys.argv[2:]))
    else:
        unittest.main()
