"""The pulse of a connection: pings at the announced time, dead peers gone in time."""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time
import unittest

from client import Bystander, Client
from device import HOST, PATIENCE, Device, DeviceTest, eventually
from ws import PING, Closed

HEARTBEAT_MS, DEAD_AFTER_MS = 400, 1500
SWEEP_S = 0.3  # sessions are looked at a few times a second
HERE = pathlib.Path(__file__).resolve().parent


class Heartbeat(DeviceTest):
    OPTIONS = ("--heartbeat-ms", HEARTBEAT_MS, "--dead-after-ms", DEAD_AFTER_MS)

    def gone_after(self, sessions=0, seconds=6):
        """How long until only so many sessions are left."""
        started = time.monotonic()
        self.assertTrue(eventually(lambda: self.device.report().used("sessions") <= sessions, seconds), "still there")
        return time.monotonic() - started

    def test_pings_come_at_the_announced_time(self):
        count, started = 6, time.monotonic()
        with Client(self.device) as client:
            self.assertEqual(client.welcome["payload"]["heartbeatMs"], HEARTBEAT_MS)
            self.assertTrue(eventually(lambda: (client.drain(0.1), len(client.pings) >= count)[1], count * (HEARTBEAT_MS / 1000 + SWEEP_S)))
            self.assertGreater(time.monotonic() - started, count * HEARTBEAT_MS / 1000 - SWEEP_S, "too often")
            self.assertEqual(client.close(), 1000)  # it answered, so it is still there long after deadAfterMs

    def test_a_message_or_a_ping_is_a_sign_of_life(self):
        for sign in ("message", "ping"):
            with self.subTest(sign), Client(self.device) as client:
                client.answers_pings = False
                end = time.monotonic() + 2.5 * DEAD_AFTER_MS / 1000
                while time.monotonic() < end:
                    if sign == "message":
                        client.ask("ping")
                    else:
                        client.send_frame(PING, b"alive?")
                    client.drain(0.2)
                self.assertEqual(client.ask("ping")["type"], "pong")
                client.close()

    def test_a_silent_peer_is_dropped_in_time(self):
        with Client(self.device) as client:
            client.answers_pings = False
            started = time.monotonic()
            with self.assertRaises(Closed) as closed:
                while True:
                    client.receive()
            took = time.monotonic() - started
            self.assertEqual(closed.exception.code, 1006)
            self.assertGreater(took, DEAD_AFTER_MS / 1000 - SWEEP_S)
            self.assertLess(took, DEAD_AFTER_MS / 1000 + 0.5 * PATIENCE)

    def test_a_stopped_process_is_dropped_in_time(self):
        peer = subprocess.Popen([sys.executable, "-B", HERE / "heartbeat_test.py", "peer", str(self.device.port),
                                 str(self.device.state), HOST, self.device.token], stdout=subprocess.PIPE, text=True)
        try:
            self.assertEqual(peer.stdout.readline(), "open\n")
            self.assertEqual(self.device.report().used("sessions"), 1)
            time.sleep(2 * HEARTBEAT_MS / 1000)
            peer.send_signal(signal.SIGSTOP)
            with Bystander(self.device):
                self.assertLess(self.gone_after(sessions=1), DEAD_AFTER_MS / 1000 + 0.5 * PATIENCE)
        finally:
            peer.kill()
            peer.communicate()

    def test_a_client_that_vanishes_is_noticed(self):
        client = Client(self.device)
        client.stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.stream.close()  # a TCP reset
        self.assertLess(self.gone_after(), 1 * PATIENCE)


@unittest.skipUnless(os.geteuid() == 0 and shutil.which("ip") and subprocess.run(["unshare", "-n", "true"], check=False, capture_output=True).returncode == 0,
                     "a link to cut needs root and network namespaces")
class CutLink(unittest.TestCase):
    """A device in a network of its own, and a link to it that breaks without a word."""

    def run_in(self, pid, *command):
        subprocess.run(["nsenter", "-t", str(pid), "-n", *command], check=True, capture_output=True)

    def test_a_cut_link_is_noticed_in_time(self):
        here = subprocess.Popen(["unshare", "-n", "sleep", "600"])
        there = subprocess.Popen(["unshare", "-n", "sleep", "600"])
        try:
            outside = os.readlink("/proc/self/ns/net")
            eventually(lambda: all(os.readlink(f"/proc/{its.pid}/ns/net") != outside for its in (here, there)))
            self.run_in(here.pid, "ip", "link", "add", "near", "type", "veth", "peer", "name", "far", "netns", str(there.pid))
            for pid, name, address in ((here.pid, "near", "10.77.0.1/24"), (there.pid, "far", "10.77.0.2/24")):
                self.run_in(pid, "ip", "address", "add", address, "dev", name)
                self.run_in(pid, "ip", "link", "set", name, "up")
            with Device("--address", "10.77.0.2", "--heartbeat-ms", HEARTBEAT_MS, "--dead-after-ms", DEAD_AFTER_MS,
                        before=("nsenter", "-t", str(there.pid), "-n"), claim=False) as device:
                peer = subprocess.Popen(["nsenter", "-t", str(here.pid), "-n", sys.executable, "-B", HERE / "heartbeat_test.py",
                                         "peer", str(device.port), str(device.state), "10.77.0.2", "", device.claim_code],
                                        stdout=subprocess.PIPE, text=True)
                try:
                    self.assertEqual(peer.stdout.readline(), "open\n")
                    self.assertEqual(device.report().used("sessions"), 1)
                    self.run_in(here.pid, "ip", "route", "add", "blackhole", "10.77.0.2/32")
                    started = time.monotonic()
                    self.assertTrue(eventually(lambda: device.report().used("sessions") == 0))
                    self.assertLess(time.monotonic() - started, DEAD_AFTER_MS / 1000 + 0.5 * PATIENCE)
                finally:
                    peer.kill()
                    peer.communicate()
        finally:
            for its in (here, there):
                its.kill()
                its.wait()


class There:
    """The device, as another process knows it."""
    TOKENS, trust, claim = {}, Device.trust, Device.claim

    def __init__(self, port, state, host, token, code=None):
        self.port, self.state, self.host, self.claim_code = int(port), pathlib.Path(state), host, code
        self.certificate = self.state / "certificate"
        self.token = token or self.claim()


def peer(*there):
    """A client in a process of its own: answers pings until it is stopped."""
    client = Client(There(*there))
    print("open", flush=True)
    client.drain(600)


if __name__ == "__main__":
    if sys.argv[1:2] == ["peer"]:
        peer(*sys.argv[2:])
    else:
        unittest.main()
