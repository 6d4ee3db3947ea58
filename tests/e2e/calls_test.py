"""How often the kernel is called for a message: what strace sees of one connection, counted."""
import contextlib
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from client import Client
from device import PATIENCE, DeviceTest, eventually
from ws import TEXT, frame

ECHOES = 200
TOGETHER = 4  # answers that fit a record, with room for one more
CROWD = 40
ENDED_PER_PASS = 8  # Loop::kUnitsPerPass, and those of an end
WHOAMI = '{{"type":"whoami","msgId":"{}"}}'


class Traced:
    """Notes every call of the device from here to the end of the block; then `of(fd)` are those on one descriptor."""

    def __init__(self, device):
        self.log = tempfile.NamedTemporaryFile(mode="r", prefix="signalbox-")
        self.strace = subprocess.Popen(["strace", "-o", self.log.name, "-p", str(device.process.pid)],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        told = self.strace.stderr.readline()
        assert "attached" in told, told

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.strace.terminate()
        self.strace.wait(10 * PATIENCE)
        self.strace.stderr.close()
        self.lines = self.log.read().splitlines()
        self.log.close()

    def of(self, fd):
        """The names of the calls, one after another."""
        on = re.compile(rf"(\w+)\((?:{fd}[,)]|\[{{fd={fd},|\d+, EPOLL_CTL_\w+, {fd},)")
        return [found[1] for found in map(on.match, self.lines) if found]

    def waits(self, fd):
        """How often the kernel was waited for until that descriptor was ready, among others perhaps."""
        return sum("epoll_" in line and f"data={{u32={fd}," in line for line in self.lines)


    def passes(self):
        """The calls of each pass of the loop, each as strace writes it."""
        found = [[]]
        for line in self.lines:
            found.append([]) if line.startswith("epoll_") and "_wait" in line else found[-1].append(line)
        return found


def descriptors(device):
    """Those that are sockets: number and which socket it is, since numbers are used again."""
    folder = f"/proc/{device.process.pid}/fd"
    found = set()
    for name in os.listdir(folder):
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            found.add((int(name), os.readlink(f"{folder}/{name}")))
    return {(number, what) for number, what in found if what.startswith("socket:")}


class SystemCalls(DeviceTest):
    OPTIONS = ("--heartbeat-ms", 3_600_000 - 1, "--dead-after-ms", 3_600_000)

    def connect(self):
        """A client, and the device's descriptor of it."""
        before = descriptors(self.device)
        client = Client(self.device)
        client.ask("whoami")
        ((mine, _),) = descriptors(self.device) - before
        return client, mine

    def test_an_echo_takes_three(self):
        client, fd = self.connect()
        ping = frame(TEXT, '{"type":"ping","msgId":"b","payload":{"data":"' + "x" * 64 + '"}}')
        with Traced(self.device) as traced:
            for _ in range(ECHOES):
                client.send_bytes(ping)
                _, _, payload = client.receive_frame()
                self.assertIn(b'"pong"', payload)
        calls = traced.of(fd)
        self.assertEqual(calls.count("recvfrom"), ECHOES)
        self.assertEqual(calls.count("sendto"), ECHOES)
        self.assertLessEqual(traced.waits(fd), ECHOES)  # the first may have begun before
        self.assertLessEqual(len(calls), 2 * ECHOES + ECHOES // 10, f"others too: {sorted(set(calls))}")
        client.stream.close()

    def test_what_is_answered_together_is_written_together_in_order(self):
        client, fd = self.connect()
        with Traced(self.device) as traced:
            client.send_bytes(b"".join(frame(TEXT, WHOAMI.format(i)) for i in range(TOGETHER)))
            answers = [client.receive() for _ in range(TOGETHER)]
        self.assertEqual([answer["replyTo"] for answer in answers], [str(i) for i in range(TOGETHER)])
        self.assertEqual([call for call in traced.of(fd) if call in ("recvfrom", "sendto")], ["recvfrom", "sendto"])
        client.stream.close()

    def test_records_that_come_together_are_read_together(self):
        client, fd = self.connect()
        with Traced(self.device) as traced:
            client.stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
            for i in range(TOGETHER):
                client.send_bytes(frame(TEXT, WHOAMI.format(i)))
            client.stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)
            answers = [client.receive() for _ in range(TOGETHER)]
        self.assertEqual([answer["replyTo"] for answer in answers], [str(i) for i in range(TOGETHER)])
        self.assertEqual([call for call in traced.of(fd) if call in ("recvfrom", "sendto")], ["recvfrom", "sendto"])
        client.stream.close()

    def test_a_delivery_takes_one(self):
        client, fd = self.connect()
        client.ask("subscribe", {"id": "all", "paths": ["#"], "mode": "fixed", "periodMs": 50})
        eventually(lambda: client.receive()["type"] == "telemetry")
        with Traced(self.device) as traced:
            frames = 0
            end = time.monotonic() + 10 * PATIENCE
            while frames < 20 and time.monotonic() < end:
                frames += client.receive()["type"] == "telemetry"
        calls = traced.of(fd)
        self.assertGreaterEqual(frames, 20)
        self.assertGreaterEqual(calls.count("sendto"), frames - 1, "the first may have been written before")
        self.assertLessEqual(len(calls), frames + 8, sorted(set(calls)))
        client.stream.close()


class Departures(DeviceTest):
    """The end of a connection takes ten times as long as an answer. Of many that end at once, each pass ends a few."""
    OPTIONS = ("--heartbeat-ms", 4999, "--dead-after-ms", 5000)

    @contextlib.contextmanager
    def held_up(self):
        """The device does nothing in this block, and finds all that came meanwhile at once."""
        self.device.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.device.signal(signal.SIGCONT)

    def check(self, ends):
        before = len(descriptors(self.device))
        clients = [Client(self.device) for _ in range(CROWD)]
        with Traced(self.device) as traced:
            with self.held_up():
                ends(clients)
            eventually(lambda: len(descriptors(self.device)) <= before, 20)
        ended = [sum("EPOLL_CTL_DEL" in call for call in calls) for calls in traced.passes()]
        self.assertGreaterEqual(sum(ended), CROWD)
        self.assertLessEqual(max(ended), ENDED_PER_PASS)
        for client in clients:
            client.stream.close()

    def test_who_leaves_together(self):
        self.check(lambda clients: [client.stream.close() for client in clients])

    def test_who_is_lost_together(self):
        self.check(lambda _: time.sleep(6))


if __name__ == "__main__":
    unittest.main()
