"""How many instructions the endpoint executes for a message and for a handshake, counted by valgrind's callgrind: the same on a
busy machine as on a quiet one. What it does by itself meanwhile comes on top: so little is done at a time that in some rounds
there is none of it, and the least is the answer."""
import argparse
import collections
import json
import pathlib
import re
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from client import Client  # noqa: E402
from device import HOST, Device  # noqa: E402
from ws import TEXT, frame  # noqa: E402

QUIET = ("--heartbeat-ms", 3_600_000 - 1, "--dead-after-ms", 3_600_000)
# What they are now and a tenth more; a compiler may choose otherwise.
MOST = {"echo of 64 bytes": 11_900, "echo of 1,024 bytes": 23_800}


ROUNDS = 20
AT_ONCE = 20
# A device that measures next to nothing.
PARTS = [{"kind": "hostUptime", "periodMs": 60_000, "channels": {"uptime": {"path": "host/uptime"}}}]

Cost = collections.namedtuple("Cost", "instructions kernel_calls")  # the clock is asked by a call here, elsewhere it is not


class Counted:
    """A device under callgrind."""

    def __init__(self, *options):
        self.folder = tempfile.TemporaryDirectory(prefix="signalbox-")
        file = pathlib.Path(self.folder.name) / "device.json"
        file.write_text(json.dumps({"device": {"id": "counted"}, "parts": PARTS}))
        self.out = pathlib.Path(self.folder.name) / "out"
        self.device = Device(*QUIET, "--no-sandbox", "--device-file", file, before=(
            "valgrind", "-q", "--tool=callgrind", "--instr-atstart=no", "--collect-systime=yes", *options, f"--callgrind-out-file={self.out}"))

    def control(self, *what):
        # What callgrind_control calls, without the time that a script takes to begin.
        subprocess.run(["vgdb", f"--pid={self.device.process.pid}", *what], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def counts(self, on):
        """Off, it is several times as fast."""
        self.control("instrumentation", "on" if on else "off")

    def cost(self, work):
        """All that the device does while that is done."""
        self.control("zero")
        work()
        before = set(self.out.parent.iterdir())
        self.control("dump")
        (dump,) = set(self.out.parent.iterdir()) - before
        totals = re.search(r"^(?:totals|summary): (.*)", dump.read_text(), re.M)[1].split()
        instructions, kernel_calls, *_ = [*map(int, totals), 0, 0]  # zeros at the end are left out
        return Cost(instructions, kernel_calls)

    def least(self, work, count, rounds=ROUNDS, enough=Cost(0, 0)):
        """The cost of one of those that are done at a time, in the best round, without what it costs to be counted; no more
        rounds than show that it is at most `enough`."""
        counting = Cost(*map(min, *(self.cost(lambda: None) for _ in range(ROUNDS))))
        best = Cost(float("inf"), float("inf"))
        for _ in range(rounds):
            best = Cost(*map(min, best, ((its - of_that) / count for its, of_that in zip(self.cost(work), counting))))
            if all(its <= may_be for its, may_be in zip(best, enough)):
                break
        return best

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self.device.end(within=60)
        else:
            self.device.kill()
        self.folder.cleanup()


def echoes(client, size, count):
    ping = frame(TEXT, '{"type":"ping","msgId":"b","payload":{"data":"' + "x" * size + '"}}')
    for _ in range(count):
        client.send_bytes(ping)
        _, _, payload = client.receive_frame()
        assert b'"pong"' in payload, payload


def visits(device, context, count, session=None):
    """Requests on connections of their own; where a session is given, each resumes it or that of the one before."""
    for _ in range(count):
        with socket.create_connection((HOST, device.port)) as raw:
            with context.wrap_socket(raw, server_hostname="localhost", session=session) as stream:
                assert stream.session_reused == (session is not None)
                stream.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                while stream.recv(4096):
                    pass
                session = stream.session if session else None
                last = stream.session
    return last


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--test", action="store_true", help="echoes only, held against what they may take")
    options = parser.parse_args()
    found = {}
    with Counted() as counted:
        counted.counts(True)
        with Client(counted.device) as client:
            for size in (64, 1024):
                name = f"echo of {size:,} bytes"
                echoes(client, size, AT_ONCE)
                enough = Cost(MOST[name], float("inf")) if options.test else Cost(0, 0)
                found[name] = counted.least(lambda: echoes(client, size, AT_ONCE), AT_ONCE, enough=enough).instructions
            client.close()
        if not options.test:
            context = counted.device.trust()
            session = visits(counted.device, context, 2)
            found["request on a new connection"] = counted.least(lambda: visits(counted.device, context, 3), 3).instructions
            found["the same, resumed"] = counted.least(lambda: visits(counted.device, context, 3, session), 3).instructions
    for name, instructions in found.items():
        most = f"(at most {MOST[name]:,})" if name in MOST else ""
        print(f"{name:32} {instructions:12,.0f} instructions {most}")
    return int(any(found[name] > most for name, most in MOST.items()))


if __name__ == "__main__":
    sys.exit(main())
