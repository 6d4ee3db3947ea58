"""--supervise: for machines where nobody else starts the process again that serves."""
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import unittest

from client import Client
from device import HOST, SIM, Device, eventually

PATIENCE_S = 5  # hal/linux/guardian.hpp


def serving(device):
    """The process that serves, below the one that was started."""
    children = pathlib.Path(f"/proc/{device.process.pid}/task/{device.process.pid}/children").read_text().split()
    return int(children[0]) if children else None


class Supervised(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port = probe.getsockname()[1]
        cls.device = Device("--supervise", port=port)  # the same one each time

    @classmethod
    def tearDownClass(cls):
        cls.device.end()

    def serves(self):
        try:
            with Client(self.device) as client:
                good = client.ask("ping")["type"] == "pong"
                client.close()
                return good
        except OSError:
            return False

    def comes_back(self, words, before):
        self.assertTrue(self.device.wait_for_log(words, PATIENCE_S + 5))
        self.assertTrue(eventually(lambda: serving(self.device) not in (None, before) and self.serves(), 10))

    def test_one_that_hangs_is_started_again(self):
        before = serving(self.device)
        os.kill(before, signal.SIGSTOP)
        self.comes_back("the loop gave no sign of life for 5 s", before)

    def test_signs_of_life_of_somebody_else_do_not_count(self):
        before = serving(self.device)
        os.kill(before, signal.SIGSTOP)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as stranger:
            def is_alive():
                stranger.sendto(b"WATCHDOG=1", f"\0signalbox-{self.device.process.pid}")
                return serving(self.device) == before
            self.assertTrue(eventually(lambda: not is_alive(), PATIENCE_S + 5))
        self.comes_back("the loop gave no sign of life for 5 s", before)

    def test_one_that_dies_is_started_again(self):
        before = serving(self.device)
        os.kill(before, signal.SIGKILL)
        self.comes_back(r"the process that served ended \(137\); another one takes over", before)

    def test_signals_are_handed_on(self):
        self.assertGreater(self.device.report().met.get("strays", -1), -1)
        self.device.signal(signal.SIGHUP)
        self.assertTrue(self.device.wait_for_log("certificate reloaded"))


class TheEnd(unittest.TestCase):
    def test_the_order_to_end(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with Device("--supervise") as device:
                child = serving(device)
                device.signal(number)
                self.assertEqual(device.process.wait(20), 0)
                self.assertFalse(pathlib.Path(f"/proc/{child}").exists())

    def test_without_its_guardian_it_ends(self):
        device = Device("--supervise")
        child = serving(device)
        device.kill()
        self.assertTrue(eventually(lambda: not pathlib.Path(f"/proc/{child}").exists()))

    def start(self, *options, **environment):
        with tempfile.TemporaryDirectory() as state:
            return subprocess.run([SIM, "--supervise", "--state", state, *options], text=True, capture_output=True, timeout=20, check=False,
                                  env={**os.environ, **environment})

    def test_what_cannot_start_is_not_started_again(self):
        done = self.start("--device-file", "/nowhere")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr.count("/nowhere"), 1, done.stderr)

    def test_two_do_not_watch(self):
        done = self.start(NOTIFY_SOCKET="@somebody")
        self.assertEqual(done.returncode, 1)
        self.assertIn("--supervise: somebody watches already: NOTIFY_SOCKET is set", done.stderr)


if __name__ == "__main__":
    unittest.main()
