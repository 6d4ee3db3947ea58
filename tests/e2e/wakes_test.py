"""How often a device wakes that nobody is connected to: each wake costs power, and what others of the machine had in its caches."""
import json
import pathlib
import re
import tempfile
import time
import unittest

from client import Client
from device import Device

SECONDS = 4
QUIET = ("--heartbeat-ms", 3_600_000 - 1, "--dead-after-ms", 3_600_000, "--unread-after-ms", 3_600_000)
SLOW = {"device": {"id": "slow"}, "parts": [{"kind": "hostUptime", "periodMs": 60_000, "channels": {"uptime": {"path": "host/uptime"}}}]}


def wakes_per_second(device):
    """A busy machine wakes it later, never more often."""
    def wakes():
        status = pathlib.Path(f"/proc/{device.process.pid}/status").read_text()
        return int(re.search(r"(?m)^voluntary_ctxt_switches:\s+(\d+)", status)[1])
    before = wakes()
    time.sleep(SECONDS)
    return (wakes() - before) / SECONDS


class Wakes(unittest.TestCase):
    def settled(self, device):
        time.sleep(2)  # what is written after a claim, and given back of what only the start needed

    def test_nobody_there(self):
        """20 for the stop button, which is read every 50 ms, and some for what is read more seldom."""
        with Device(*QUIET) as device:
            self.settled(device)
            self.assertLess(wakes_per_second(device), 30)

    def test_nothing_to_measure(self):
        with tempfile.TemporaryDirectory(prefix="signalbox-") as folder:
            file = pathlib.Path(folder) / "device.json"
            file.write_text(json.dumps(SLOW))
            with Device(*QUIET, "--device-file", file) as device:
                self.settled(device)
                self.assertLess(wakes_per_second(device), 2)
                with Client(device) as client:
                    self.settled(device)
                    self.assertLess(wakes_per_second(device), 4, "beside one that says nothing")
                    client.close()


if __name__ == "__main__":
    unittest.main()
