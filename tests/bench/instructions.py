"""How many instructions the endpoint executes for a message and for a handshake, counted by valgrind's callgrind: the same on a
busy machine as on a quiet one. What it does by itself meanwhile is measured beside it and taken off."""
import argparse
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from client import Client  # noqa: E402
from device import HOST, Device  # noqa: E402
from ws import TEXT, frame  # noqa: E402

QUIET = ("--heartbeat-ms", 3_600_000 - 1, "--dead-after-ms", 3_600_000)
# What they are now and a tenth more; a compiler may choose otherwise.
MOST = {"echo of 64 bytes": 16_500, "echo of 1,024 bytes": 35_300}


class Counted:
    """A device under callgrind."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="signalbox-")
        self.out = pathlib.Path(self.folder.name) / "out"
        self.device = Device(*QUIET, "--no-sandbox", before=("valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={self.out}"))
        self.idle_per_s = 0
        self.idle_per_s = self.count(lambda: time.sleep(2)) / 2

    def control(self, what):
        subprocess.run(["callgrind_control", what, str(self.device.process.pid)], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    def count(self, work):
        """The device's instructions while that is done, without what it does anyway."""
        self.control("--zero")
        started = time.monotonic()
        work()
        idle = self.idle_per_s * (time.monotonic() - started)
        before = set(self.out.parent.iterdir())
        self.control("--dump")
        (dump,) = set(self.out.parent.iterdir()) - before
        return int(re.search(r"^(?:totals|summary): (\d+)", dump.read_text(), re.M)[1]) - idle

    def end(self):
        self.device.end(within=60)
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
    parser.add_argument("--messages", type=int, default=1000, help="(default: %(default)s)")
    parser.add_argument("--test", action="store_true", help="echoes only, held against what they may take")
    options = parser.parse_args()
    counted = Counted()
    found = {}
    with Client(counted.device) as client:
        for size in (64, 1024):
            echoes(client, size, 20)
            found[f"echo of {size:,} bytes"] = counted.count(lambda: echoes(client, size, options.messages)) / options.messages
        client.close()
    if not options.test:
        context = counted.device.trust()
        session = visits(counted.device, context, 2)
        found["request on a new connection"] = counted.count(lambda: visits(counted.device, context, 30)) / 30
        found["the same, resumed"] = counted.count(lambda: visits(counted.device, context, 30, session)) / 30
    counted.end()
    for name, instructions in found.items():
        most = f"(at most {MOST[name]:,})" if name in MOST else ""
        print(f"{name:32} {instructions:12,.0f} instructions {most}")
    return int(any(found[name] > most for name, most in MOST.items()))


if __name__ == "__main__":
    sys.exit(main())
