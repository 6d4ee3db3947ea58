"""From a command to its `applied` on an idle device, and while 500 subscribers are fed and 50 clients shake hands, one
after another without end. Clients are elsewhere in life: device and commander come before the other clients, where whoever
runs this may have it so. A report, not a test: on a machine that does nothing else."""
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
from servers import processes  # noqa: E402
from ws import frame, TEXT  # noqa: E402

RATIO_MAX = 3
PAUSE_S = 0.5
HANDSHAKES_PER_S = 4000  # an address gets a twentieth, and all come from one: 200, as many as all get by default
OPTIONS = ("--heartbeat-ms", 3_600_000 - 1, "--dead-after-ms", 3_600_000, "--unread-after-ms", 3_600_000)
SUBSCRIBE = frame(TEXT, '{"type":"subscribe","payload":{"id":"a","paths":["#"],"mode":"fixed","periodMs":100}}')
OUTPUT = "cabin/fan"


def come_first(device):
    """Whether the device's processes and this one wait for no other's turn on the processor."""
    try:
        for pid in (*processes(device.process.pid), os.getpid()):
            os.sched_setscheduler(pid, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(1))
    except PermissionError:
        return False
    return True


def feed(device, count, is_ready, stopping):
    """Subscribers that take what comes off the network, whatever it is: what reading it would cost is not the question."""
    context = device.trust()
    clients = []
    while len(clients) < count:
        try:
            clients.append(Client(device, context=context))
        except ConnectionError:  # too many handshakes of one address: as everybody would, it comes again
            time.sleep(0.1)
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
    """A TLS handshake under way, and what is asked then: who asks nothing is taken for an attacker."""

    def __init__(self, device, context):
        raw = socket.socket()
        raw.setblocking(False)
        raw.connect_ex((HOST, device.port))
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname="localhost")
        self.raw, self.has_asked = raw, False

    def go_on(self):
        """Once it may be read or written: whether it is over, since it is done or was refused."""
        try:
            try:
                said = self.raw.recv(65536)
                if not said:
                    return True
                self.incoming.write(said)
            except BlockingIOError:
                pass
            if self.has_asked:
                return False  # until it closes
            try:
                self.tls.do_handshake()
                self.tls.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                self.has_asked = True
            except ssl.SSLWantReadError:
                pass
            self.raw.send(self.outgoing.read())
            return False
        except (OSError, ssl.SSLError):
            return True


def shake_hands(device, count, done, stopping):
    context, looking = device.trust(), selectors.EpollSelector()

    def begin():
        newcomer = Newcomer(device, context)
        looking.register(newcomer.raw, selectors.EVENT_READ | selectors.EVENT_WRITE, newcomer)

    returning = [0] * count
    while not stopping.is_set():
        now = time.monotonic()
        for _ in [at for at in returning if at <= now]:
            begin()
        returning = [at for at in returning if at > now]
        for key, events in looking.select(0.05):
            if key.data.go_on():
                looking.unregister(key.fileobj)
                key.fileobj.close()
                done.value += key.data.has_asked
                # Who is refused comes again in a while, as clients do.
                returning.append(time.monotonic() + (0 if key.data.has_asked else PAUSE_S))
            elif events & selectors.EVENT_WRITE:
                looking.modify(key.fileobj, selectors.EVENT_READ, key.data)


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
    with Device(*OPTIONS, "--handshakes-per-s", HANDSHAKES_PER_S) as device, Client(device) as client:
        if not come_first(device):
            print("device and commander wait for their turn on the processor: this user may set no priority")
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
