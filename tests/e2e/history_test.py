"""The past: told by pages, in steps, and to whoever was away."""
import time
import unittest

from client import Bystander, Client
from device import PATIENCE, DeviceTest


class History(DeviceTest):
    OPTIONS = ("--unread-after-ms", 5000)

    def setUp(self):
        self.client = Client(self.device)
        self.epoch = self.client.welcome["payload"]["epoch"]

    def tearDown(self):
        self.assertEqual(self.client.close(), 1000)

    def now(self):
        return self.client.ask("ping")["payload"]["deviceTime"]

    def pages(self, **asked):
        """The series of all pages, by channel: (whether complete, entries)."""
        found, cursor, count = {}, {}, 0
        while True:
            answer = self.client.ask("history", {**asked, **cursor})
            self.assertEqual((answer["type"], answer["payload"].get("epoch")), ("history", self.epoch), answer)
            count += 1
            for series in answer["payload"]["series"]:
                entries = found.setdefault(series["channel"], [])
                entries += series["samples"] if "samples" in series else series["steps"]
                self.assertTrue(series["complete"])
            if "cursor" not in answer["payload"]:
                return found, count
            cursor = {"cursor": answer["payload"]["cursor"]}

    def subscribe(self, client, paths, **more):
        """Everything that came up to `synced`, the answer in order."""
        asked = client.request("subscribe", {"id": "a", "paths": paths, "minPeriodMs": 0, **more})
        told = []
        while not told or told[-1]["type"] != "synced":
            told.append(client.until(lambda its: its.get("replyTo") == asked or its["type"] == "telemetry"))
        return told

    def cut(self, client):
        """No goodbye, no close frame."""
        client.stream.close()

    def test_samples_and_what_they_come_to(self):
        begin = self.now()
        time.sleep(3 * PATIENCE)
        end = self.now()
        raw, _ = self.pages(paths=["cabin/#"], **{"from": begin, "to": end})
        self.assertEqual(set(raw), {channel["path"] for channel in
                                    self.client.ask("describe", {"path": "cabin/#"})["payload"]["channels"]})
        samples = raw["cabin/temperature"]
        self.assertGreater(len(samples), 2)
        self.assertEqual([its["offset"] for its in samples], sorted({its["offset"] for its in samples}))
        self.assertTrue(all(begin <= its["at"] < end for its in samples))
        steps, _ = self.pages(paths=["cabin/temperature"], stepMs=1000, **{"from": begin, "to": end})
        steps = steps["cabin/temperature"]
        values = [its["value"] for its in samples]
        self.assertLessEqual(abs(sum(its["count"] for its in steps) - len(samples)), 1, "an edge may lie 1 ms elsewhere")
        self.assertTrue(all((its["at"] - begin) % 1000 == 0 for its in steps))
        self.assertTrue(all(its["min"] <= its["mean"] <= its["max"] for its in steps))
        self.assertEqual(max(its["max"] for its in steps), max(values))

    def test_pages_while_others_notice_nothing(self):
        with Bystander(self.device) as other:
            time.sleep(1)
            quiet, first = other.median(0), len(other.latencies)
            end = time.monotonic() + 2
            pages = 0
            while time.monotonic() < end:
                found, count = self.pages(paths=["#"], **{"from": 0, "to": self.now() + 1000})
                pages += count
            self.assertEqual(len(found), 15)
            self.assertGreater(pages, 20)
            self.assertLess(other.median(first), 3 * quiet + 0.02 * PATIENCE, "the others waited")

    def test_refusals_say_what_is_wrong(self):
        for payload, reason, field in (
                ({"paths": ["attic"], "from": 0, "to": 1}, "notFound", "payload.paths"),
                ({"paths": ["#"], "from": 5, "to": 5}, "outOfRange", "payload.to"),
                ({"paths": ["#"], "from": 0, "to": 5, "aggregate": ["last"]}, "malformed", "payload.aggregate"),
                ({"paths": ["#"], "from": 0, "to": 5, "cursor": "0.0.0.other"}, "foreignEpoch", "payload.cursor")):
            told = self.client.ask("history", payload)["payload"]
            self.assertEqual((told["reason"], told["field"]), (reason, field))

    def test_who_was_cut_off_gets_everything_it_missed(self):
        lost = Client(self.device)
        self.assertEqual([its["type"] for its in self.subscribe(lost, ["cabin/#", "host/#"])][-2:], ["snapshot", "synced"])
        known = lost.until(lambda its: its["type"] == "telemetry")["payload"]["offset"]
        self.cut(lost)
        time.sleep(2 * PATIENCE)
        again = Client(self.device)
        told = self.subscribe(again, ["cabin/#", "host/#"], resume={"epoch": self.epoch, "offset": known})
        self.assertEqual([its["type"] for its in told], ["missed"] * (len(told) - 2) + ["snapshot", "synced"])
        self.assertGreater(len(told), 2)
        self.assertIs(told[-2]["payload"]["recovered"], True)
        samples = [sample for message in told[:-2] for sample in message["payload"]["samples"]]
        offsets = [its["offset"] for its in samples]
        self.assertEqual(offsets, sorted(set(offsets)))
        until = told[-3]["payload"]["offset"]
        history, _ = self.pages(paths=["cabin/#", "host/#"], **{"from": 0, "to": self.now() + 1000})
        expected = sorted(its["offset"] for series in history.values() for its in series if known < its["offset"] <= until)
        self.assertEqual(offsets, expected)
        self.assertEqual(again.close(), 1000)

    def test_what_happened_meanwhile_is_told(self):
        client = Client(self.device)
        known = self.subscribe(client, ["cabin/fan"], events=True)[-1]["payload"]["offset"]
        self.cut(client)
        for duty in (41, 42):
            self.assertEqual(self.client.command("cabin/fan", duty)["payload"]["outcome"], "applied")
        again = Client(self.device)
        again.request("subscribe", {"id": "a", "paths": ["cabin/fan"], "events": True, "resume": {"epoch": self.epoch, "offset": known}})
        events = [again.until(lambda its: its["type"] == "event")["payload"] for _ in range(2)]
        self.assertEqual([(its["channel"], its["to"]) for its in events], [("cabin/fan", 41), ("cabin/fan", 42)])
        self.assertEqual(again.close(), 1000)

    def test_another_epoch_is_a_gap_in_every_channel(self):
        told = self.subscribe(self.client, ["cabin/#"], resume={"epoch": "before", "offset": 7})
        self.assertEqual([its["type"] for its in told], ["missed", "snapshot", "synced"])
        channels = [its["channel"] for its in told[1]["payload"]["samples"]]
        self.assertEqual(told[0]["payload"]["gaps"], [{"channel": its, "from": None, "to": None} for its in channels])
        self.assertIs(told[1]["payload"]["recovered"], False)

    def test_offsets_never_told_are_refused(self):
        answer = self.client.ask("subscribe", {"id": "a", "paths": ["#"], "resume": {"epoch": self.epoch, "offset": 1 << 50}})
        self.assertEqual((answer["payload"]["reason"], answer["payload"]["field"]), ("outOfRange", "payload.resume.offset"))

    def test_cut_off_again_and_again_it_still_gets_everything(self):
        time.sleep(4 * PATIENCE)
        known, offsets, lives = 0, [], 0
        goal = self.client.ask("subscribe", {"id": "a", "paths": ["host/#"]})["payload"]["offset"]
        while known < goal:
            lives += 1
            client = Client(self.device)
            asked = client.request("subscribe", {"id": "a", "paths": ["#"], "resume": {"epoch": self.epoch, "offset": known}})
            message = client.until(lambda its: its.get("replyTo") == asked)
            if message["type"] == "missed":
                self.assertNotIn("gaps", message["payload"])
                offsets += [its["offset"] for its in message["payload"]["samples"]]
            known = message["payload"]["offset"]
            self.cut(client)
        self.assertEqual(offsets, sorted(set(offsets)))
        history, _ = self.pages(paths=["#"], **{"from": 0, "to": self.now() + 1000})
        every = sorted(its["offset"] for series in history.values() for its in series)
        self.assertEqual(offsets, [its for its in every if its <= known], "every sample since the start")
        self.assertGreater(lives, 1)


if __name__ == "__main__":
    unittest.main()
