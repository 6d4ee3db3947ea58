"""A first device file of what the machine has: `--init`, then a start with it."""
import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from client import Client
from device import PATIENCE, SIM, Device, eventually


class Init(unittest.TestCase):
    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-"))
        self.addCleanup(shutil.rmtree, self.place, ignore_errors=True)
        self.file = self.place / "device.json"

    def init(self):
        return subprocess.run([SIM, "--init", str(self.file)], text=True, capture_output=True, check=False, timeout=20 * PATIENCE)

    def test_what_it_finds_is_served(self):
        told = self.init()
        self.assertEqual(told.returncode, 0, told.stderr)
        parts = json.loads(self.file.read_text())["parts"]
        self.assertIn(f"{self.file} has {len(parts)} parts, and no output", told.stdout)
        kinds = {part["kind"] for part in parts}
        self.assertEqual(kinds - {"thermalZone"}, {"hostLoad", "hostMemory", "hostTraffic", "hostUptime", "hwmon", "iioChannel", "ds18b20",
                                                  "digitalInput"})
        with Device("--device-file", self.file) as device, Client(device) as client:
            for path in (channel["path"] for part in parts for channel in part["channels"].values()):
                self.assertTrue(eventually(lambda: client.channel(path)["quality"] in ("good", "simulated"), 10), client.channel(path))
                self.assertEqual(client.command(path, 1)["type"], "error", "it is no output")
            client.close()

    def test_a_file_that_is_there_stays(self):
        self.file.write_text("mine")
        told = self.init()
        self.assertEqual(told.returncode, 1)
        self.assertIn(f"signalbox: --init: {self.file}: there is a file already", told.stderr)
        self.assertEqual(self.file.read_text(), "mine")

    def test_it_needs_a_name(self):
        told = subprocess.run([SIM, "--init"], text=True, capture_output=True, check=False)
        self.assertEqual((told.returncode, told.stderr), (2, "signalbox: --init needs a value: --init NEW-FILE\n"))


if __name__ == "__main__":
    unittest.main()
