"""The device file is read again while everything runs: by a signal and by a request, right and wrong."""
import json
import pathlib
import shutil
import signal
import tempfile
import time
import unittest

from client import Bystander, Client
from device import PATIENCE, Device, bench_device_file, eventually


class Reload(unittest.TestCase):
    """Each test has a device of its own; its end proves that the heap was not called."""

    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-"))
        self.addCleanup(shutil.rmtree, self.place, ignore_errors=True)
        self.file = self.place / "device.json"
        self.declared = bench_device_file()
        self.write()

    def write(self):
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps(self.declared, indent=2))
        new.replace(self.file)  # as editors do

    def part(self, name):
        return next(part for part in self.declared["parts"] if part.get("name") == name)

    def remove(self, name):
        self.declared["parts"].remove(self.part(name))

    def device(self, *options):
        return Device("--device-file", self.file, *options)

    def watch(self, client):
        self.assertEqual(client.ask("subscribe", {"id": "w", "paths": ["#"], "events": True})["type"], "snapshot")

    def reload(self, client):
        return client.ask("reload", seconds=10)["payload"]

    def event(self, client, name, channel=None):
        return client.until(lambda its: its["type"] == "event" and its["payload"]["name"] == name and
                            its["payload"].get("channel") == channel)["payload"]

    def paths(self, client):
        return {channel["path"] for channel in client.ask("describe")["payload"]["channels"]}

    def test_what_stays_does_not_notice(self):
        with self.device() as device, Client(device) as client, Client(device) as other, Bystander(device):
            self.watch(other)
            self.assertEqual(client.command("cabin/heater", True, leaseMs=60_000)["payload"], {"outcome": "verified"})
            self.assertEqual(client.command("cabin/fan", 40)["payload"], {"outcome": "applied"})
            self.assertEqual(client.command("cabin/lamp", True)["payload"], {"outcome": "applied"})
            self.part("heater")["channels"]["state"]["title"] = "Warmth"
            self.part("fan")["channels"]["duty"]["safe"] = 10
            self.remove("lamp")
            self.part("door")["channels"]["state"]["path"] = "cabin/door"
            self.write()
            self.assertEqual(self.reload(client), {"outcome": "reloaded"})
            for channel, safe in (("cabin/lamp", False), ("cabin/fan", 0), ("cabin/fan", 10)):
                moved = self.event(other, "actuated", channel)
                while moved["cause"] == "command":
                    moved = self.event(other, "actuated", channel)
                self.assertEqual((moved["cause"], moved["by"], moved["to"]), ("reload", "owner", safe))
            told = self.event(other, "reloaded")
            self.assertEqual((told["by"], told["session"]), ("owner", client.welcome["payload"]["session"]))
            heater = client.channel("cabin/heater")
            self.assertEqual((heater["title"], heater["value"]), ("Warmth", True))
            self.assertEqual(client.ask("renew", {"channel": "cabin/heater", "leaseMs": 60_000})["type"], "ack")
            self.assertTrue(eventually(lambda: client.value("cabin/fan") == 10))
            self.assertEqual(client.command("cabin/lamp", True)["payload"]["reason"], "notFound")
            paths = self.paths(client)
            self.assertNotIn("cabin/lamp", paths)
            self.assertNotIn("cabin/doorOpen", paths)
            self.assertTrue(eventually(lambda: client.channel("cabin/door")["quality"] == "simulated"))
            self.assertIn("reloaded", {its["kind"] for its in client.ask("journal")["payload"]["records"]})
            self.assertEqual((client.close(), other.close()), (1000, 1000))

    def test_a_signal_reloads_it_too(self):
        with self.device() as device, Client(device) as client:
            self.watch(client)
            self.declared["device"]["title"] = "Renamed"
            self.write()
            device.signal(signal.SIGHUP)
            told = self.event(client, "reloaded")
            self.assertNotIn("by", told)
            self.assertEqual(client.ask("describe", {"path": "cabin/fan"})["payload"]["device"]["title"], "Renamed")
            self.assertTrue(device.wait_for_log("certificate reloaded"), "both then")
            self.assertTrue(device.wait_for_log(" kind=reloaded "))
            self.assertEqual(client.close(), 1000)

    def test_a_wrong_file_changes_nothing(self):
        with self.device() as device, Client(device) as client, Bystander(device):
            self.assertEqual(client.command("cabin/heater", True)["payload"], {"outcome": "verified"})
            before = self.paths(client)
            right = self.file.read_text()
            line = 1 + right[:right.index('"safe": false')].count("\n")
            wrong = {right.replace('"safe": false', '"safe": "off"', 1): ("malformed", f"line {line}, "),
                     right[:-3]: ("malformed", "line "), "": ("malformed", "line 1, column 1"),
                     " " * 70_000: ("tooBig", "longer than"), right.replace('"line": "lamp"', '"line": "attic"'): ("notFound", "attic")}
            for text, (reason, words) in wrong.items():
                with self.subTest(words):
                    self.file.write_text(text)
                    refused = self.reload(client)
                    self.assertEqual(refused["reason"], reason)
                    self.assertIn(words, refused["detail"])
                    device.lines["stderr"].clear()
                    device.signal(signal.SIGHUP)
                    self.assertTrue(device.wait_for_log("device file not reloaded, the present one stays: .*" + words))
                    self.assertEqual(self.paths(client), before)
                    self.assertTrue(client.value("cabin/heater"))
            self.file.unlink()
            refused = self.reload(client)
            self.assertEqual((refused["reason"], "No such file" in refused["detail"]), ("notFound", True))
            self.file.mkdir()
            self.assertEqual(self.reload(client)["reason"], "failed")
            self.file.rmdir()
            self.write()
            self.assertEqual(self.reload(client), {"outcome": "reloaded"})
            self.assertTrue(client.value("cabin/heater"))
            self.assertEqual(client.close(), 1000)

    def test_an_output_that_hangs_keeps_the_old_file(self):
        hangs_at_ms, started = 1000 * PATIENCE, time.monotonic()
        with self.device("--fault", f"hung:heater:{hangs_at_ms}:3600000") as device, Client(device) as client:
            self.assertEqual(client.command("cabin/heater", True)["payload"]["outcome"], "verified")
            time.sleep(max(started + hangs_at_ms / 1000 + 0.2 - time.monotonic(), 0))
            self.remove("heater")
            self.write()
            refused = self.reload(client)
            self.assertEqual(refused["reason"], "failed")
            self.assertIn("cabin/heater", refused["detail"])
            self.assertIn("cabin/heater", self.paths(client))
            self.assertEqual(client.close(), 1000)

    def test_the_boards_own_file(self):
        with Device() as device, Client(device) as client:
            self.assertEqual(self.reload(client), {"outcome": "reloaded"})
            self.assertEqual(client.close(), 1000)

    def test_again_and_again(self):
        with self.device() as device, Client(device) as client:
            base = device.base_line()
            lamp = dict(self.part("lamp"))
            for i in range(20):
                self.part("heater")["channels"]["state"]["title"] = f"Heater {i}"
                if i % 2:
                    self.declared["parts"].append(lamp)
                else:
                    self.remove("lamp")
                self.write()
                self.assertEqual(self.reload(client), {"outcome": "reloaded"})
            self.assertEqual(client.channel("cabin/heater")["title"], "Heater 19")
            self.assertEqual(client.close(), 1000)
            self.assertEqual(device.returns_to(base), {})


if __name__ == "__main__":
    unittest.main()
