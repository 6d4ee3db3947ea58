"""A client's day: looking around, watching, moving things; and what a command is answered."""
import json
import time
import unittest

from client import Client
from device import PATIENCE, DeviceTest, eventually
from ws import TEXT, frame


class Journey(DeviceTest):
    def setUp(self):
        self.client = Client(self.device)

    def tearDown(self):
        for channel, rest in (("cabin/heater", False), ("cabin/fan", 0)):
            self.client.command(channel, rest)
        self.assertEqual(self.client.close(), 1000)

    def outcome(self, answer):
        self.assertEqual(answer["type"], "ack", answer)
        return answer["payload"]["outcome"]

    def refused(self, answer, reason, field=None):
        self.assertEqual((answer["type"], answer["payload"].get("reason")), ("error", reason), answer)
        if field is not None:
            self.assertEqual(answer["payload"].get("field"), field)
        self.assertTrue(answer["payload"]["detail"])

    def test_welcome_tells_who_and_what(self):
        told = self.client.welcome["payload"]
        self.assertEqual((told["device"]["id"], told["protocol"]), ("bench", "signalbox.v1"))
        self.assertTrue(told["authenticated"])
        self.assertEqual(told["rights"], {"read": ["#"], "control": ["#"], "administer": True})
        self.assertEqual((told["limits"]["sessions"], told["limits"]["messageBytes"]), (1000, 16384))
        self.assertEqual(told["heartbeatMs"], told["limits"]["heartbeatMs"])
        self.assertLess(abs(told["deviceTime"] / 1000 - time.time()), 5 * PATIENCE)
        self.assertEqual(set(told["features"]), {"telemetry", "control", "events", "history", "journal", "people", "alarms", "tokens"})

    def test_look_watch_and_see_the_heater_warm_the_cabin(self):
        description = self.client.ask("describe")["payload"]
        paths = {channel["path"]: channel for channel in description["channels"]}
        self.assertEqual(len(paths), 15)
        self.assertTrue(paths["cabin/heater"]["access"]["control"])
        self.assertFalse(paths["cabin/temperature"]["access"]["control"])
        self.assertEqual(paths["cabin/temperature"]["unit"], "Cel")
        self.assertEqual(paths["cabin/temperature"]["quality"], "simulated")

        snapshot = self.client.ask("subscribe", {"id": "cabin", "paths": ["cabin/#"], "minPeriodMs": 100})
        before = {sample["channel"]: sample for sample in snapshot["payload"]["samples"]}
        self.assertEqual(set(before), {path for path in paths if path.startswith("cabin/")})
        synced = self.client.until(lambda its: its["type"] == "synced")
        self.assertEqual((synced["replyTo"], synced["payload"]["id"]), (snapshot["replyTo"], "cabin"))
        epoch = self.client.welcome["payload"]["epoch"]
        self.assertEqual((snapshot["payload"]["epoch"], synced["payload"]["epoch"]), (epoch, epoch))

        request = self.client.request("command", {"channel": "cabin/heater", "action": "set", "value": True})
        self.assertEqual(self.outcome(self.client.answer(request)), "verified")
        rungs = [its["payload"]["rung"] for its in self.client.others if its["type"] == "progress"]
        self.assertEqual(sorted(set(rungs)), sorted(rungs), "a rung was told twice")
        self.assertEqual(rungs, sorted(rungs, key=("accepted", "applied").index))
        self.assertEqual(rungs[-1], "applied")

        offsets, highest, end = [snapshot["payload"]["offset"]], before["cabin/temperature"]["value"], time.monotonic() + 30 * PATIENCE
        heater_seen = False
        while highest < before["cabin/temperature"]["value"] + 0.5 and time.monotonic() < end:
            message = self.client.until(lambda its: its["type"] == "telemetry")
            offsets.append(message["payload"]["offset"])
            self.assertEqual(message["payload"]["epoch"], epoch)
            for sample in message["payload"]["samples"]:
                self.assertTrue(sample["channel"].startswith("cabin/"), sample)
                self.assertLess(abs(sample["at"] / 1000 - time.time()), 5 * PATIENCE)
                if sample["channel"] == "cabin/temperature":
                    highest = max(highest, sample["value"])
                heater_seen = heater_seen or (sample["channel"] == "cabin/heater" and sample["value"] is True)
        self.assertGreaterEqual(highest, before["cabin/temperature"]["value"] + 0.5, "the cabin did not get warmer")
        self.assertTrue(heater_seen, "the heater's own channel was not told")
        self.assertEqual(offsets, sorted(offsets))

        self.assertEqual(self.outcome(self.client.command("cabin/heater", False)), "verified")
        self.assertIs(self.client.value("cabin/heater"), False)
        self.assertEqual(self.outcome(self.client.ask("unsubscribe", {"id": "cabin"})), "unsubscribed")
        self.client.others.clear()
        self.assertEqual(self.client.drain(1), [])
        self.refused(self.client.ask("unsubscribe", {"id": "cabin"}), "notFound")

    def test_fan_ends_at_applied(self):
        self.assertEqual(self.outcome(self.client.command("cabin/fan", 55, until="verified")), "applied")
        self.assertTrue(eventually(lambda: self.client.value("cabin/fan") == 55), self.client.value("cabin/fan"))

    def test_toggle(self):
        self.assertEqual(self.outcome(self.client.command("cabin/heater", action="toggle")), "verified")
        self.assertIs(self.client.value("cabin/heater"), True)
        self.assertEqual(self.outcome(self.client.command("cabin/heater", action="toggle")), "verified")
        self.assertIs(self.client.value("cabin/heater"), False)

    def test_two_toggles_in_one_write_cancel_each_other(self):
        toggle = {"type": "command", "payload": {"channel": "cabin/heater", "action": "toggle", "until": "applied"}}
        self.client.send_bytes(b"".join(frame(TEXT, json.dumps({**toggle, "msgId": name})) for name in "ab"))
        for name in "ab":
            self.assertEqual(self.outcome(self.client.answer(name)), "applied")
        time.sleep(0.3)
        self.assertIs(self.client.value("cabin/heater"), False)

    def test_until_picks_the_final_rung(self):
        for value, rung in ((True, "accepted"), (False, "applied"), (True, "verified")):
            with self.subTest(rung):
                request = self.client.request("command", {"channel": "cabin/heater", "value": value, "until": rung})
                self.assertEqual(self.outcome(self.client.answer(request)), rung)
                self.client.others += self.client.drain(0.3)
                about = [its for its in self.client.others if its.get("replyTo") == request]
                self.assertTrue(all(its["type"] == "progress" and its["payload"]["rung"] != rung for its in about), about)
                self.client.others.clear()

    def test_tiny_deadlines_are_kept_or_expire_but_nothing_happens_late(self):
        outcomes = {"applied": 0, "expired": 0}
        for _ in range(12):
            before = self.client.value("cabin/heater")
            answer = self.client.command("cabin/heater", not before, until="applied", deadlineMs=1)
            if answer["type"] == "error":
                self.refused(answer, "expired")
                outcomes["expired"] += 1
                time.sleep(0.25)
                self.assertIs(self.client.value("cabin/heater"), before, "it was carried out after its deadline")
                self.assertIs(self.client.value("cabin/heaterSense"), before)
            else:
                outcomes[self.outcome(answer)] += 1
                self.assertTrue(eventually(lambda: self.client.value("cabin/heater") is not before))
        self.assertEqual(sum(outcomes.values()), 12)

    def test_refused_commands_move_nothing(self):
        now_ms = int(time.time() * 1000)
        heater, fan = "cabin/heater", "cabin/fan"
        cases = (
            ({"channel": "cabin/oven", "value": True}, "notFound", "payload.channel"),
            ({"channel": "cabin/temperature", "value": 20}, "forbidden", "payload.channel"),
            ({"channel": heater, "value": 1}, "malformed", "payload.value"),
            ({"channel": heater, "value": "true"}, "malformed", "payload.value"),
            ({"channel": heater}, "malformed", "payload.value"),
            ({"channel": heater, "value": [True]}, "malformed", "payload.value"),
            ({"channel": fan, "value": True}, "malformed", "payload.value"),
            ({"channel": fan, "value": 100.5}, "outOfRange", "payload.value"),
            ({"channel": fan, "value": -1}, "outOfRange", "payload.value"),
            ({"channel": fan, "action": "toggle"}, "malformed", "payload.action"),
            ({"channel": fan, "action": "pulse", "value": 5}, "malformed", "payload.value"),
            ({"channel": fan, "action": "pulse", "pulseMs": 5}, "malformed", "payload.action"),
            ({"channel": heater, "action": "toggle", "value": True}, "malformed", "payload.value"),
            ({"channel": heater, "value": True, "epoch": "before"}, "foreignEpoch", "payload.epoch"),
            ({"channel": heater, "value": True, "notAfter": now_ms - 5000}, "expired", "payload.notAfter"),
            ({"channel": heater, "value": True, "deadlineMs": 0}, "outOfRange", "payload.deadlineMs"),
            ({"channel": heater, "value": True, "deadlineMs": "soon"}, "malformed", "payload.deadlineMs"),
            ({"channel": heater, "value": True, "until": "done"}, "malformed", "payload.until"),
            ({"channel": heater, "value": True, "leaseMs": 0}, "outOfRange", "payload.leaseMs"),
            ({"channel": heater, "value": True, "ifVersion": 1}, "conflict", "payload.ifVersion"),
            ({"channel": "Cabin heater", "value": True}, "malformed", "payload.channel"),
            ({"value": True}, "malformed", "payload.channel"),
        )
        before = self.client.channel(heater)["version"], self.client.value(fan)
        for payload, reason, field in cases:
            with self.subTest(payload):
                self.refused(self.client.ask("command", payload), reason, field)
        time.sleep(0.3)
        self.assertEqual((self.client.channel(heater)["version"], self.client.value(fan)), before)

    def test_conditions_that_hold(self):
        epoch = self.client.welcome["payload"]["epoch"]
        later_ms = self.client.ask("ping")["payload"]["deviceTime"] + 60_000
        answer = self.client.command("cabin/heater", True, epoch=epoch, notAfter=later_ms, deadlineMs=5000)
        self.assertEqual(self.outcome(answer), "verified")

    def test_commands_over_the_limit_are_busy_while_reading_goes_on(self):
        limit = self.client.welcome["payload"]["limits"]["commandsInFlight"]
        asked = [f"burst-{i}" for i in range(40)]
        self.client.send_bytes(b"".join(
            frame(TEXT, json.dumps({"type": "command", "msgId": msg_id, "payload": {
                "channel": "cabin/heater", "value": i % 2 == 0, "deadlineMs": 10_000}}))
            for i, msg_id in enumerate(asked)) + frame(TEXT, '{"type":"ping","msgId":"after"}'))
        pong = self.client.answer("after")
        self.assertEqual(pong["type"], "pong")
        in_flight_at_pong = sum(its["type"] in ("ack", "error") for its in self.client.others)
        self.assertLess(in_flight_at_pong, 40, "the ping waited for all commands")
        answers = {msg_id: self.client.answer(msg_id, 20) for msg_id in asked}
        self.assertFalse([its for its in self.client.others if its["type"] in ("ack", "error")], "answered twice")
        reasons = [its["payload"].get("reason", its["payload"].get("outcome")) for its in answers.values()]
        self.assertEqual(set(reasons) - {"superseded"}, {"verified", "busy"})
        self.assertGreaterEqual(len(reasons) - reasons.count("busy"), limit)
        busy = next(its["payload"] for its in answers.values() if its["payload"].get("reason") == "busy")
        self.assertEqual((busy["code"], busy["temporary"]), (429, True))
        self.assertGreater(busy["retryAfterMs"], 0)

    def test_two_hundred_requests_in_one_write(self):
        asked = [f"p-{i}" for i in range(200)]
        self.client.send_bytes(b"".join(
            frame(TEXT, json.dumps({"type": "ping", "msgId": msg_id, "payload": {"data": msg_id}})) for msg_id in asked))
        answers = [self.client.until(lambda its: its["type"] in ("pong", "error"), 20) for _ in asked]
        self.assertEqual(sorted(its["replyTo"] for its in answers), sorted(asked))
        self.assertTrue(all(its["type"] == "pong" and its["payload"]["data"] == its["replyTo"] for its in answers))
        self.assertEqual([its for its in self.client.drain(0.3) if its["type"] == "pong"], [])


class HostChannels(DeviceTest):
    """The machine's own readings agree with /proc."""

    def read(self, name):
        with open("/proc/" + name, encoding="ascii") as file:
            return file.read()

    def test_plausible(self):
        with Client(self.device) as client:
            time.sleep(2.5)  # rates need two readings
            channels = {channel["path"]: channel for channel in client.ask("describe", {"path": "host/#"})["payload"]["channels"]}
            client.close()
        memory = dict(line.split(":") for line in self.read("meminfo").splitlines())
        total, available = (int(memory[name].split()[0]) for name in ("MemTotal", "MemAvailable"))
        self.assertAlmostEqual(channels["host/uptime"]["value"], float(self.read("uptime").split()[0]), delta=15)
        self.assertAlmostEqual(channels["host/load"]["value"], float(self.read("loadavg").split()[0]), delta=10)
        self.assertAlmostEqual(channels["host/memoryUsed"]["value"], 100 * (1 - available / total), delta=20)
        self.assertAlmostEqual(channels["host/memoryAvailable"]["value"], available / 1024, delta=0.2 * total / 1024)
        for path in ("host/received", "host/sent"):
            self.assertGreaterEqual(channels[path]["value"], 0)
        for path, channel in channels.items():
            if path != "host/temperature":  # not every machine has a sensor
                self.assertEqual(channel["quality"], "good", channel)
        self.assertIn(channels["host/temperature"]["quality"], ("good", "fault", "stale"))


if __name__ == "__main__":
    unittest.main()
