"""A soak: clients that connect, subscribe, command, are cut off and come back, and leave, for as long as you like; nothing
grows, and who stays notices nothing:  python3 soak_test.py --hours 24"""
import argparse
import collections
import random
import socket
import struct
import threading
import time
import unittest

from client import Bystander, Client
from device import SANITIZED, Device

SECONDS = 8 if SANITIZED else 20
WARM_UP_S = 2 if SANITIZED else 5
LOOK_EVERY_S = 600
WORKERS = 6
# The rings of history and the pools become resident with the first use of each page, and that is all: the address space
# has to stay what it was, and what is resident within this, however long it lasts.
RESIDENT_KB = 4 * 1024


class Churner(threading.Thread):
    """Comes and goes until it is told to stop; counts what it did."""

    def __init__(self, device, number):
        super().__init__(daemon=True)
        self.device, self.dice, self.counts = device, random.Random(number), collections.Counter()
        self.stopping, self.failure = threading.Event(), None

    def run(self):
        try:
            while not self.stopping.is_set():
                self.visit()
        except Exception as failure:
            self.failure = failure

    def visit(self):
        client = Client(self.device)
        self.counts["connected"] += 1
        self.use(client)
        while self.dice.random() < 0.5:
            client = self.comes_back(client)
        if self.dice.random() < 0.3:
            self.cut(client)
            return
        assert client.close() == 1000
        self.counts["closed"] += 1

    def use(self, client):
        how = self.dice.choice(({"paths": ["#"], "minPeriodMs": 0}, {"paths": ["cabin/#"], "mode": "fixed", "periodMs": 50}))
        assert client.ask("subscribe", {"id": "mine", **how})["type"] == "snapshot"
        for _ in range(self.dice.randint(1, 5)):
            answer = client.command("cabin/fan", self.dice.randint(0, 100), until="accepted")
            assert answer["type"] == "ack", answer
            self.counts["commanded"] += 1
            client.drain(self.dice.random() * 0.1)

    def cut(self, client):
        """Without a word, and what is under way is lost."""
        client.stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.stream.close()
        self.counts["cut"] += 1

    def comes_back(self, client):
        was = client.welcome["payload"]
        self.cut(client)
        client = Client(self.device)
        answer = client.ask("resume", {"session": was["session"], "sessionToken": was["sessionToken"]})
        assert answer["payload"].get("outcome") == "resumed", answer
        assert answer["payload"]["subscriptions"] == 1, answer
        self.counts["resumed"] += 1
        self.use(client)
        return client


class Soak(unittest.TestCase):
    def churn(self, device, seconds):
        """For so long; what was done."""
        churners = [Churner(device, number) for number in range(WORKERS)]
        for churner in churners:
            churner.start()
        begun = time.monotonic()
        look_at = begun + LOOK_EVERY_S
        while (now := time.monotonic()) < begun + seconds and not any(churner.failure for churner in churners):
            if now >= look_at:
                look_at += LOOK_EVERY_S
                print(f"\n  after {now - begun:.0f} s: address space and resident {device.memory_kb()} kB, in use {device.report().in_use()}",
                      flush=True)
            time.sleep(min(1, begun + seconds - now))
        for churner in churners:
            churner.stopping.set()
        for churner in churners:
            churner.join(60)
        self.assertEqual([churner.failure for churner in churners if churner.failure], [])
        return sum((churner.counts for churner in churners), collections.Counter())

    def test_nothing_grows(self):
        with Device() as device:
            with Bystander(device):
                self.churn(device, WARM_UP_S)
            base = device.base_line()
            before = device.memory_kb()
            with Bystander(device) as bystander:
                done = self.churn(device, SECONDS)
            self.assertEqual(device.returns_to(base, seconds=15), {})
            after = device.memory_kb()
            report = device.report()
            print(f"\n  {SECONDS:.0f} s: {', '.join(f'{count} {what}' for what, count in done.items())}; the longest pong of who stayed "
                  f"{1000 * max(bystander.latencies):.0f} ms; address space {before[0]} kB, then {after[0]}; resident {before[1]} kB, "
                  f"then {after[1]}; {report.heap_calls} calls of the heap")
            self.assertTrue(all(done[what] > 0 for what in ("connected", "closed", "commanded", "cut", "resumed")), done)
            self.assertEqual({name: pool["refused"] for name, pool in report.pools.items() if pool["refused"]}, {})
            self.assertIn(report.heap_calls, (0, None))
            if not SANITIZED:  # they keep what was freed
                self.assertEqual(after[0], before[0])
                self.assertLess(after[1] - before[1], RESIDENT_KB)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=SECONDS / 3600, help="how long, such as 24 or 0.2 (%(default).4f)")
    SECONDS = 3600 * parser.parse_args().hours
    unittest.main(argv=["soak_test.py"])
