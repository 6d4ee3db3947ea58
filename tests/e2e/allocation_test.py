"""Memory that cannot be had, at any place and moment: one client may lose its connection, nobody else anything.

Every place in the libraries that allocates fails once, beside a client that has been there before:

    python3 -m unittest allocation_test                 one failure for each place
    python3 allocation_test.py --every [STEP]           the n-th allocation of a visit, n = 1, 1 + STEP, … to the last
"""
import json
import mmap
import os
import pathlib
import ssl
import struct
import subprocess
import sys
import tempfile
import time
import unittest

import device as devices
from client import Client
from device import TOP, Device, eventually
from ws import Closed, Refused, http

SIM = os.environ.get("SIGNALBOX_FAILING_SIM", str(TOP / "build/sim/tests/e2e/failing_sim"))
VERSIONS = (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2)
AFTER, NEW_SITE, FAILED, CALLS, BLOCKS = range(5)
CALLERS, WORDS = 6, 18
LIBRARIES = ("mbedTLS", "libwebsockets")
TOLD = ["snapshot", "description", "ack", "pong", "presence", "ack"]
REFUSALS = (ssl.SSLError, ConnectionError, Closed, Refused)


class Words:
    """What is shared with the program."""

    def __init__(self, path):
        path.write_bytes(bytes(8 * WORDS))
        with path.open("r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 8 * WORDS)

    def __getitem__(self, place):
        return struct.unpack_from("<Q", self.memory, 8 * place)[0]

    def __setitem__(self, place, value):
        struct.pack_into("<Q", self.memory, 8 * place, value)

    def callers(self):
        """Where the last one failed."""
        found = subprocess.run(["addr2line", "-fspe", SIM, *(hex(self[place] - 1) for place in range(CALLERS, WORDS))],
                               capture_output=True, text=True)
        return [line.split(" at ")[0] for line in found.stdout.splitlines()[3:]]

    def blocks(self):
        return {name: self[BLOCKS + place] for place, name in enumerate(LIBRARIES)}


class FailingDevice(Device):
    # So that nothing is sent to who only waits: that might be what is hit.
    OPTIONS = ("--heartbeat-ms", 600_000, "--dead-after-ms", 3_600_000)

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="signalbox-")
        self.words = Words(pathlib.Path(self.folder.name) / "words")
        declared = json.loads((TOP / "boards/bench/device.json").read_text())
        del declared["stop"]  # a machine too busy to read the button in time would be stopped, and refuse commands
        file = pathlib.Path(self.folder.name) / "device.json"
        file.write_text(json.dumps(declared))
        real, devices.SIM = devices.SIM, SIM
        try:
            super().__init__("--device-file", file, *self.OPTIONS,
                             env={**os.environ, "SIGNALBOX_FAILING_MEMORY": f"{self.folder.name}/words"})
        finally:
            devices.SIM = real
        self.refused = 0
        self.contexts = {version: self.trust(version, version) for version in VERSIONS}

    def visit(self, version, between=lambda: None):
        """Somebody who comes, talks, and goes, and what was answered; fails in no other way than by losing the connection;
        what is refused for now is asked for once more. `between` the requests somebody else may be looked after."""
        answers = []
        try:
            with Client(self, context=self.contexts[version]) as client:
                between()
                for kind, payload in (("subscribe", {"id": "a", "paths": ["#"], "minPeriodMs": 0, "events": True}),
                                      ("describe", {}), ("command", {"channel": "cabin/fan", "value": 1}),
                                      ("ping", {"data": "x" * 300}), ("presence", {}), ("unsubscribe", {"id": "a"})):
                    answer = client.ask(kind, payload)
                    if self.is_temporary(answer):
                        self.refused += 1
                        answer = client.ask(kind, payload)
                    answers.append(answer)
                    between()
                answers.append(client.close())
        except REFUSALS as refusal:
            answers.append(refusal)
        return answers

    def plain(self, version, between=lambda: None):
        try:
            answers = [http(self, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", self.contexts[version]).status]
        except REFUSALS as refusal:
            answers = [refusal]
        between()
        return answers

    @staticmethod
    def is_temporary(answer):
        """Whether it is to be asked again."""
        payload = answer["payload"]
        return answer["type"] == "error" and payload["reason"] == "overloaded" and payload["retryAfterMs"] > 0

    def went_as_it_may(self, answers):
        """All well up to where the connection was lost, if it was."""
        return isinstance(answers[-1], REFUSALS) and [answer["type"] for answer in answers[:-1]] == TOLD[:len(answers) - 1] \
            or answers == [200] or self.went_well(answers)

    def went_well(self, answers):
        return answers[-1] == 1000 and [answer["type"] for answer in answers[:-1]] == TOLD

    def settled(self):
        """Blocks in use, once nothing is under way."""
        last = None
        def same():
            nonlocal last
            before, last = last, self.words.blocks()
            return before == last
        eventually(same, every=0.02)
        return last


class EveryAllocation(unittest.TestCase):
    def served_and_given_back(self, device, base):
        """After all of it: a visit like any other, and nothing kept."""
        device.words[AFTER] = device.words[NEW_SITE] = 0
        for version in VERSIONS:
            answers = device.visit(version)
            self.assertTrue(device.went_well(answers), answers)
            self.assertEqual(device.plain(version), [200])
        eventually(lambda: not self.kept(device, base), 8, every=0.1)
        self.assertEqual(self.kept(device, base), {})

    def kept(self, device, base):
        now = device.words.blocks()
        return {name: (base[name], now[name]) for name in LIBRARIES if now[name] > base[name]}

    def base_line(self, device):
        for _ in range(2):
            for version in VERSIONS:
                self.assertTrue(device.went_well(device.visit(version)))
                self.assertEqual(device.plain(version), [200])
        return device.settled()

    def serve(self, device, witness):
        """Whoever was there before is served, in the middle of it all; what is to fail waits meanwhile."""
        waits = device.words[AFTER], device.words[NEW_SITE]
        device.words[AFTER] = device.words[NEW_SITE] = 0
        self.assertEqual(witness.ask("ping")["type"], "pong")
        device.words[AFTER], device.words[NEW_SITE] = waits

    def come(self, device, witness, way, version):
        """Whether an allocation has failed meanwhile."""
        before = device.words[FAILED]
        answers = way(version, lambda: self.serve(device, witness))
        if not device.went_as_it_may(answers):
            self.fail(f"{answers} after {device.words.callers()}")
        return device.words[FAILED] > before

    def test_each_place_once(self):
        with FailingDevice() as device:
            with Client(device) as witness:
                base = self.base_line(device)
                for version in VERSIONS:
                    for way in (device.visit, device.plain):
                        failing = True
                        while failing:
                            device.words[NEW_SITE] = 1
                            failing = self.come(device, witness, way, version)
                        device.words[NEW_SITE] = 0
                self.served_and_given_back(device, base)
                self.assertEqual(witness.close(), 1000)
            self.assertGreater(device.words[FAILED], 100, "there are more places than that")
            self.assertEqual(device.refused, 0, "no message takes memory to read")

    def every(self, step):
        with FailingDevice() as device:
            with Client(device) as witness:
                base = self.base_line(device)
                for version in VERSIONS:
                    for way in (device.visit, device.plain):
                        n, hit = 1, True
                        while hit:
                            device.words[AFTER] = n
                            hit = self.come(device, witness, way, version)
                            device.words[AFTER] = 0
                            n += step
                        print(f"{version.name}, {way.__name__}: {n - step} allocations, every {step} failed once", flush=True)
                self.served_and_given_back(device, base)
                self.assertEqual(witness.close(), 1000)


if __name__ == "__main__":
    if "--every" in sys.argv:
        began = time.monotonic()
        rest = sys.argv[sys.argv.index("--every") + 1:]
        case = EveryAllocation()
        case.every(int(rest[0]) if rest else 1)
        print(f"{time.monotonic() - began:.0f} s")
    else:
        unittest.main()
