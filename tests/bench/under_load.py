"""From a command to its `applied` on an idle device, and while 500 subscribers are fed and 50 clients shake hands, one
after another without end. A report, not a test: on a machine that does nothing else."""
import argparse
import multiprocessing
import os
import pathlib
import selectors
import socket
import ssl
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from client import Client  # noqa: E402
from device import HOST, Device  # noqa: E402
from ws import frame, TEXT  # noqa: E402

RATIO_MAX = 3
OPTIONS = ("--heartbeat-ms", 3_600_000 - 1, "--dead-after-ms", 3_600_000, "--unread-after-ms", 3_600_000)
SUBSCRIBE = frame(TEXT, '{"type":"subscribe","payload":{"id":"a","paths":["#"],"mode":"fixed","periodMs":100}}')
OUTPUT = "cabin/fan"


def feed(device, count, is_ready, stopping):
    """Subscribers that take what comes off the network, whatever it is: what reading it would cost is not the question."""
    context = device.trust()
    clients = [Client(device, context=context) for _ in range(count)]
    looking = selectors.EpollSelector()
    for client in clients:
        client.send_bytes(SUBSCRIBE)
        client.stream.setblocking(False)
        looking.register(client.stream.fileno(), selectors.EVENT_READ)
    is_ready.set()
    while not stopping.is_set():
        for key, _ in looking.select(0.1):
            try:
                os.read(key.fd, 65536)
            except BlockingIOError:
                pass
        time.sleep(0.005)  # many at once, as little of the processor as may be


class Newcomer:
    """A TLS handshake under way."""

    def __init__(self, device, context, looking):
        raw = socket.socket()
        raw.setblocking(False)
        raw.connect_ex((HOST, device.port))
        self.stream = context.wrap_socket(raw, server_hostname="localhost", do_handshake_on_connect=False)
        self.looking = looking
        looking.register(self.stream, selectors.EVENT_WRITE, self)

    def go_on(self):
        """Whether it is over."""
        try:
            self.stream.do_handshake()
        except ssl.SSLWantReadError:
            self.looking.modify(self.stream, selectors.EVENT_READ, self)
            return False
        except ssl.SSLWantWriteError:
            return False
        except OSError:
            pass  # refused: comes again
        self.looking.unregister(self.stream)
        self.stream.close()
        return True


def shake_hands(device, count, done, stopping):
    context, looking = device.trust(), selectors.EpollSelector()
    for _ in range(count):
        Newcomer(device, context, looking)
    while not stopping.is_set():
        for key, _ in looking.select(0.1):
            if key.data.go_on():
                done.value += 1
                Newcomer(device, context, looking)


def commands(client, count):
    """How long each took, in ms, sorted."""
    took = []
    for i in range(count):
        before = time.perf_counter()
        answer = client.command(OUTPUT, 30 + i % 2 * 40, until="applied")
        took.append(1000 * (time.perf_counter() - before))
        assert answer["type"] == "ack", answer
        client.others.clear()
        time.sleep(0.001)
    return sorted(took)


def quantile(ordered, part):
    return ordered[min(int(part * len(ordered)), len(ordered) - 1)]


def show(name, took):
    print(f"{name:40}" + "".join(f"  {part:>5} {quantile(took, of):7.2f}"
                                 for part, of in (("p50", .5), ("p99", .99), ("p99.9", .999), ("max", 1))) + "  ms", flush=True)


class Load:
    """One of the two, in a process of its own while the block lasts."""

    def __init__(self, target, *arguments):
        self.stopping = multiprocessing.Event()
        self.process = multiprocessing.Process(target=target, args=(*arguments, self.stopping), daemon=True)

    def __enter__(self):
        self.process.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.process.join(10)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commands", type=int, default=3000, help="in each measurement (default: %(default)s)")
    parser.add_argument("--subscribers", type=int, default=500, help="(default: %(default)s)")
    parser.add_argument("--newcomers", type=int, default=50, help="at any time (default: %(default)s)")
    options = parser.parse_args()
    with Device(*OPTIONS) as device, Client(device) as client:
        commands(client, 100)
        idle = commands(client, options.commands)
        show("command to applied, idle", idle)
        is_ready, done = multiprocessing.Event(), multiprocessing.Value("L", 0)
        with Load(feed, device, options.subscribers, is_ready):
            assert is_ready.wait(120), "the subscribers did not get in"
            show(f"beside {options.subscribers} subscribers", commands(client, options.commands))
            with Load(shake_hands, device, options.newcomers, done):
                started = time.perf_counter()
                loaded = commands(client, options.commands)
                spent = time.perf_counter() - started
        show(f"and {options.newcomers} clients shaking hands", loaded)
        passes = device.report().passes
        client.close()
    ratio = quantile(loaded, 0.999) / quantile(idle, 0.999)
    print(f"handshakes meanwhile {done.value / spent:.0f} a second; passes of the loop: p99 {passes['p99-us']} us, "
          f"p99.99 {passes['p99.99-us']} us, longest {passes['longest-us']} us")
    print(f"ratio of p99.9 {ratio:.2f} (at most {RATIO_MAX}: {'ok' if ratio <= RATIO_MAX else 'TOO MUCH'})")


if __name__ == "__main__":
    main()
