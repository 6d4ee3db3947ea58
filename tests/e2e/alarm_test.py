"""Alarms: raised after their delay, seen by all, acknowledged by one, cleared; known to who comes later."""
import time
import unittest

from client import Client
from device import DeviceTest, bench_device_file, eventually

ON_DELAY_MS, OFF_DELAY_MS = 1500, 700
ALARMS = {
    "cabin/fan": [
        {"name": "tooFast", "above": 80, "deadband": 20, "onDelayMs": ON_DELAY_MS, "offDelayMs": OFF_DELAY_MS,
         "severity": "error", "acknowledge": True, "text": "Let it cool down"}],
    "cabin/heaterSense": [{"name": "heating", "is": True}],
    "cabin/lamp": [{"name": "lit", "is": True, "acknowledge": True}],
}


class Alarms(DeviceTest):
    @classmethod
    def device_file(cls):
        """The bench's, with alarms on what can be moved here."""
        declared = bench_device_file()
        for part in declared["parts"]:
            for channel in part["channels"].values():
                channel.pop("alarms", None)
                if channel["path"] in ALARMS:
                    channel["alarms"] = ALARMS[channel["path"]]
        return declared

    def setUp(self):
        self.ann, self.bob = Client(self.device), Client(self.device)
        for client in (self.ann, self.bob):
            self.assertIn("alarms", client.welcome["payload"]["features"])
            self.assertEqual(client.ask("subscribe", {"id": "a", "paths": ["#"], "events": True})["type"], "snapshot")

    def tearDown(self):
        for output in ("cabin/fan", "cabin/heater", "cabin/lamp"):
            self.ann.command(output, action="release")
        for client in (self.ann, self.bob):
            self.assertEqual(client.close(), 1000)

    def event(self, client, name, alarm, seconds=5):
        found = client.until(lambda its: its["type"] == "event" and its["payload"].get("alarm") == alarm
                             and its["payload"]["name"] == name, seconds)
        return found["payload"]

    def alarm(self, client, channel):
        return client.channel(channel)["alarms"][0]

    def test_raised_after_its_delay_acknowledged_by_another_and_cleared(self):
        self.assertEqual(self.ann.command("cabin/fan", 95)["payload"]["outcome"], "applied")
        moved = self.ann.until(lambda its: its["type"] == "event" and its["payload"]["name"] == "actuated")["payload"]
        raised = self.event(self.ann, "alarmRaised", "tooFast")
        other = self.event(self.bob, "alarmRaised", "tooFast")
        self.assertLessEqual(abs(other["at"] - raised["at"]), 1, "labels are rounded anew each time")
        self.assertEqual(other, {**raised, "at": other["at"]}, "everybody is told the same")
        self.assertGreaterEqual(raised["at"] - moved["at"], ON_DELAY_MS - 5)
        self.assertEqual((raised["channel"], raised["severity"], raised["value"], raised["quality"], raised["text"]),
                         ("cabin/fan", "error", 95, "simulated", "Let it cool down"))

        late = Client(self.device)
        seen = self.alarm(late, "cabin/fan")
        self.assertEqual((seen["state"], seen["offset"]), ("active", raised["offset"]))
        self.assertLessEqual(abs(seen["since"] - raised["at"]), 1)
        self.assertEqual(late.ask("acknowledge", {"offset": seen["offset"]})["payload"], {"outcome": "acknowledged"})
        for client in (self.ann, self.bob):
            told = self.event(client, "alarmAcknowledged", "tooFast")
            self.assertEqual((told["raised"], told["by"], told["session"]),
                             (raised["offset"], "owner", late.welcome["payload"]["session"]))
        self.assertEqual(self.bob.ask("acknowledge", {"offset": raised["offset"]})["payload"], {"outcome": "acknowledged"})
        page = self.bob.ask("journal", {"channel": "cabin/fan"})["payload"]["records"]
        kept = [its for its in page if its["kind"] == "acknowledgement"]
        self.assertEqual([(its["who"], its["detail"]) for its in kept], [("owner", "tooFast")])
        now = self.alarm(self.bob, "cabin/fan")
        self.assertEqual((now["state"], now["acknowledgedBy"]), ("acknowledged", "owner"))

        self.ann.command("cabin/fan", 70)
        time.sleep(2 * OFF_DELAY_MS / 1000)
        self.assertEqual(self.alarm(self.ann, "cabin/fan")["state"], "acknowledged", "70 is within the deadband")
        self.ann.command("cabin/fan", 55)
        cleared = self.event(self.bob, "alarmCleared", "tooFast")
        self.assertEqual((cleared["raised"], cleared["value"], cleared["severity"]), (raised["offset"], 55, "info"))
        self.assertEqual(self.alarm(late, "cabin/fan")["state"], "normal")
        twice = [its for its in self.bob.drain(0.3) if its["type"] == "event" and its["payload"].get("alarm") == "tooFast"]
        self.assertEqual(twice, [], "a repeated acknowledgement is told to nobody")
        self.assertEqual(late.close(), 1000)

    def test_too_short_to_be_one(self):
        for speed in (95, 30):
            self.ann.command("cabin/fan", speed)
            time.sleep(ON_DELAY_MS / 3000)
        events = [its["payload"]["name"] for its in self.bob.drain(1.5 * ON_DELAY_MS / 1000) if its["type"] == "event"]
        self.assertEqual(events, ["actuated"] * 2)

    def test_what_nobody_acknowledged_is_there_for_who_comes_later(self):
        self.ann.command("cabin/lamp", True)
        raised = self.event(self.ann, "alarmRaised", "lit")
        self.ann.command("cabin/lamp", False)
        self.event(self.ann, "alarmCleared", "lit")
        late = Client(self.device)
        seen = self.alarm(late, "cabin/lamp")
        self.assertEqual((seen["state"], seen["offset"]), ("cleared", raised["offset"]))
        self.assertEqual(late.ask("acknowledge", {"offset": seen["offset"]})["payload"], {"outcome": "acknowledged"})
        self.assertEqual(self.alarm(self.bob, "cabin/lamp")["state"], "normal")
        self.assertEqual(late.close(), 1000)

    def test_an_old_offset_acknowledges_nothing(self):
        self.ann.command("cabin/lamp", True)
        old = self.event(self.ann, "alarmRaised", "lit")
        self.ann.command("cabin/lamp", False)
        self.event(self.ann, "alarmCleared", "lit")
        self.ann.command("cabin/lamp", True)
        new = self.event(self.ann, "alarmRaised", "lit")
        refused = self.bob.ask("acknowledge", {"offset": old["offset"]})["payload"]
        self.assertEqual((refused["reason"], refused["field"]), ("notFound", "payload.offset"))
        self.assertEqual(self.alarm(self.bob, "cabin/lamp")["state"], "active")
        self.assertEqual(self.bob.ask("acknowledge", {"offset": new["offset"]})["type"], "ack")

    def test_refusals_say_what_is_wrong(self):
        self.ann.command("cabin/heater", True)
        raised = self.event(self.ann, "alarmRaised", "heating")
        for payload, reason in (({}, "malformed"), ({"offset": -1}, "outOfRange"), ({"offset": 0}, "notFound"),
                                ({"offset": raised["offset"]}, "conflict")):
            told = self.ann.ask("acknowledge", payload)["payload"]
            self.assertEqual((told["reason"], told["detail"] != ""), (reason, True), payload)
        self.ann.command("cabin/heater", False)
        self.event(self.ann, "alarmCleared", "heating")
        self.assertTrue(eventually(lambda: self.alarm(self.ann, "cabin/heaterSense")["state"] == "normal"))


if __name__ == "__main__":
    unittest.main()
