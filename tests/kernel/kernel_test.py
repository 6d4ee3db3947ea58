"""The firmware on a real kernel: its lines move, and are safe whatever hangs or dies."""
import os
import time
import unittest

from guest import Guest
from client import Client
from device import eventually

ARCHITECTURE = os.environ.get("SIGNALBOX_GUEST", "arm64")
PROGRAM = os.environ["SIGNALBOX_BOARD"]


class OnAKernel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.guest = Guest(ARCHITECTURE, PROGRAM, "--allow-host", "localhost")
        print(f"power-on to its banner: {cls.guest.started_s:.1f} s", flush=True)

    @classmethod
    def tearDownClass(cls):
        cls.guest.end()

    def setUp(self):
        self.client = Client(self.guest)
        self.addCleanup(self.client.close)

    def lamp(self):
        """The line as the kernel has it; None where nobody holds it."""
        lines = [its for its in self.guest.order("cat /sys/kernel/debug/gpio") if "signalbox" in its and " out " in its]
        return " hi" in lines[0] if lines else None

    def test_readings_come(self):
        first = self.client.value("host/uptime")
        self.assertTrue(eventually(lambda: self.client.value("host/uptime") > first, 10))

    def test_an_output_moves_and_is_read_back(self):
        for level in (True, False):
            answer = self.client.command("lamp", level)
            self.assertEqual(answer["type"], "ack", answer)
            self.assertEqual(self.lamp(), level)
            self.assertTrue(eventually(lambda: self.client.value("lamp") is level))

    def test_a_hung_process_of_the_lines_is_replaced(self):
        self.client.command("lamp", True)
        self.guest.signal("lines", "STOP")
        self.guest.wait_for("the process that holds the lines died; another one takes over")
        self.assertTrue(eventually(lambda: self.lamp() is False), "what it held is safe")
        self.assertEqual(self.client.command("lamp", True)["type"], "ack")
        self.assertIs(self.lamp(), True)

    def test_outputs_are_safe_while_the_loop_hangs(self):
        self.client.command("lamp", True)
        self.guest.signal("signalbox", "STOP")
        self.assertTrue(eventually(lambda: self.lamp() is False, 5))
        self.guest.signal("signalbox", "CONT")
        self.guest.wait_for("the loop stood still for .* outputs were made safe")
        self.assertTrue(eventually(lambda: self.client.value("lamp") is False))

    def test_outputs_are_safe_when_the_loop_dies(self):
        self.client.command("lamp", True)
        before = len(self.guest.lines)
        self.guest.signal("signalbox", "KILL")
        self.guest.wait_for("init: signalbox ended: 137", 10, before)
        self.guest.wait_for("URL", 20, before)
        self.assertIs(self.lamp(), False)
        again = Client(self.guest)
        self.assertEqual(again.command("lamp", True)["type"], "ack")
        again.close()


if __name__ == "__main__":
    unittest.main()
