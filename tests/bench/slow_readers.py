"""What readers that do not keep up cost everybody else: latencies beside one client that reads nothing and 100 that
read slowly, held against the same device without them. A report, not a test."""
import argparse
import itertools
import os
import pathlib
import statistics
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from client import Client  # noqa: E402
from device import Device  # noqa: E402

PATIENT = ("--heartbeat-ms", 3_600_000 - 1, "--dead-after-ms", 3_600_000, "--unread-after-ms", 3_600_000)
SUBSCRIBE = {"id": "all", "paths": ["#"], "minPeriodMs": 0}


class SlowReaders:
    """They subscribe to everything; then one takes nothing any more, the others a few bytes at a time."""

    def __init__(self, device, count, bytes_per_s):
        context = device.trust()
        self.clients = [Client(device, context=context, receive_buffer=2048) for _ in range(count)]
        for client in self.clients:
            client.request("subscribe", SUBSCRIBE)
        self.slow = itertools.cycle(self.clients[1:])
        self.rate = bytes_per_s
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        """In turns, a tenth of a second's worth each; as it comes off the network, nobody looks at it."""
        pause = 0.1 / max(len(self.clients) - 1, 1)
        for client in self.slow:
            if self.stopping.wait(pause):
                return
            os.set_blocking(client.stream.fileno(), False)
            try:
                os.read(client.stream.fileno(), self.rate // 10)
            except BlockingIOError:
                pass

    def close(self):
        self.stopping.set()
        self.thread.join()
        for client in self.clients:
            client.stream.close()


def quantiles(values):
    ordered = sorted(values)
    return statistics.median(ordered), ordered[int(0.99 * (len(ordered) - 1))]


def pings(client, count):
    took = []
    for i in range(count):
        before = time.perf_counter()
        client.ask("ping", {"data": str(i)})
        took.append(1000 * (time.perf_counter() - before))
        client.others.clear()
    return took


def commands(client, count):
    took = []
    for i in range(count):
        before = time.perf_counter()
        answer = client.command("cabin/fan", 30 + i % 2 * 40, until="applied")
        took.append(1000 * (time.perf_counter() - before))
        assert answer["type"] == "ack", answer
        client.others.clear()
    return took


def telemetry(client, seconds):
    """How old samples are when they come, by the clock both share."""
    client.ask("subscribe", {"id": "mine", "paths": ["cabin/#"], "minPeriodMs": 0})
    ages = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        message = client.receive()
        if message["type"] == "telemetry":
            newest = max(sample["at"] for sample in message["payload"]["samples"])
            ages.append(1000 * time.time() - newest)
    client.ask("unsubscribe", {"id": "mine"})
    return ages


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=101, help="that do not keep up; the first reads nothing (default: %(default)s)")
    parser.add_argument("--bytes-per-s", type=int, default=2000, help="that each of the others takes (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="on both devices in turns (default: %(default)s)")
    options = parser.parse_args()
    figures = {name: ([], []) for name in ("ping", "command, applied", "telemetry, age")}
    with Device(*PATIENT) as alone, Device(*PATIENT) as beset:
        slow = SlowReaders(beset, options.readers, options.bytes_per_s)
        clients = [Client(alone), Client(beset)]
        time.sleep(5)  # until their sockets are full and the device folds
        for _ in range(options.rounds):
            for place, client in enumerate(clients):
                figures["ping"][place].extend(pings(client, 400))
                figures["command, applied"][place].extend(commands(client, 60))
                figures["telemetry, age"][place].extend(telemetry(client, 2))
        for client in clients:
            client.stream.close()
        slow.close()
    print(f"{'milliseconds':20} {'alone p50':>10} {'p99':>8} {'beset p50':>10} {'p99':>8} {'ratio p50':>10} {'p99':>8}")
    for name, (before, after) in figures.items():
        (a50, a99), (b50, b99) = quantiles(before), quantiles(after)
        print(f"{name:20} {a50:10.2f} {a99:8.2f} {b50:10.2f} {b99:8.2f} {b50 / a50:10.2f} {b99 / a99:8.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
