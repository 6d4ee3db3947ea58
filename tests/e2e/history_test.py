"""The past: told by pages, in steps, to whoever was away, and after a restart."""
import json
import pathlib
import shutil
import signal
import tempfile
import time
import unittest

from client import Bystander, Client
from device import PATIENCE, Device, DeviceTest, bench_device_file, eventually


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
        time.sleep(3)
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
            self.assertLess(other.median(first), 3 * quiet + 0.1 * PATIENCE, "the others waited")

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
        time.sleep(2)
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
        time.sleep(2 * PATIENCE)
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


def past_of(client, paths=("#",), **span):
    """The series of all pages, by channel: (whether complete, samples)."""
    found, cursor = {}, {}
    while True:
        answer = client.ask("history", {"paths": list(paths), "from": 0, "to": 1 << 53, **span, **cursor})["payload"]
        for series in answer["series"]:
            complete, samples = found.setdefault(series["channel"], (True, []))
            found[series["channel"]] = (complete and series["complete"], samples + series["samples"])
        if "cursor" not in answer:
            return found
        cursor = {"cursor": answer["cursor"]}


def without_offsets(samples):
    return [(its["value"], its["quality"], its["at"]) for its in samples]


class AcrossRestarts(unittest.TestCase):
    EVERY = ("--history-every-s", 1)

    def setUp(self):
        self.state = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-"))
        self.addCleanup(shutil.rmtree, self.state, ignore_errors=True)

    def live(self, *options, seconds=3.0):
        """One life of the device; what its history told just before the end."""
        with Device(*self.EVERY, *options, state=self.state) as device:
            time.sleep(seconds)
            with Client(device) as client:
                told = past_of(client)
                client.close()
        return told

    def assert_behind(self, before, after, channel):
        """Samples of before are what after begins with, to the millisecond; the samples behind them."""
        old, new = without_offsets(before[channel][1]), without_offsets(after[channel][1])
        self.assertGreater(len(old), 1, channel)
        kept = [(value, quality) for value, quality, _ in new[:len(old)]]
        self.assertEqual(kept, [(value, quality) for value, quality, _ in old], channel)
        for then, now in zip(old, new):
            if then[2] is not None:
                self.assertLessEqual(abs(then[2] - now[2]), 2, channel)  # clocks are disciplined, and both round
        return new[len(old):]

    def test_an_orderly_stop_loses_nothing(self):
        before = self.live()
        with Device(*self.EVERY, state=self.state) as device, Client(device) as client:
            started = client.ask("ping")["payload"]["deviceTime"]
            time.sleep(1.5)
            after = past_of(client)
            for channel in ("cabin/temperature", "cabin/heaterSense", "cabin/stopButton", "host/load", "tank/level"):
                more = self.assert_behind(before, after, channel)
                self.assertTrue(after[channel][0], "something is missing")
                gap = [its[:2] for its in more].index((None, "stale"))
                self.assertTrue(all(its[2] < started for its in more[:gap]), "of the run before")
                self.assertTrue(more[gap + 1:], "and it goes on")
            steps = client.ask("history", {"paths": ["cabin/temperature"], "from": 0, "to": 1 << 53, "stepMs": 86_400_000})
            counted = sum(its["count"] for its in steps["payload"]["series"][0]["steps"])
            readings = [its for its in past_of(client)["cabin/temperature"][1] if its["quality"] == "simulated"]
            self.assertLessEqual(len(readings) - counted, 3, "readings of both runs count in the step that they share")
            self.assertGreater(counted, len(before["cabin/temperature"][1]))
            client.close()

    def test_a_kill_takes_the_last_interval_and_that_is_told(self):
        device = Device(*self.EVERY, state=self.state)
        with Client(device) as client:
            time.sleep(6)
            before = past_of(client)
            device.signal(signal.SIGKILL)
            client.closes()
        device.kill()
        with Device(*self.EVERY, state=self.state) as again, Client(again) as client:
            self.assertTrue(again.wait_for_log("history: [0-9]+ samples of earlier runs are back; the last run was cut off"))
            started = client.ask("ping")["payload"]["deviceTime"]
            time.sleep(1)
            after = past_of(client)
            complete, samples = after["cabin/heaterSense"]
            self.assertFalse(complete, "what was not written yet is missing")
            old, new = without_offsets(before["cabin/heaterSense"][1]), without_offsets(samples)
            self.assertIn((None, "stale", None), new)
            gap = new.index((None, "stale", None))
            self.assertGreater(gap, 10)
            self.assertGreater(new[gap - 1][2], old[-1][2] - 5000, "no more than an interval and a write")
            self.assertLessEqual(abs(new[0][2] - old[0][2]), 2)
            self.assertTrue(past_of(client, ["cabin/heaterSense"], **{"from": started + 1})["cabin/heaterSense"][0], "since then nothing is")
            told = client.request("subscribe", {"id": "a", "paths": ["cabin/heaterSense"], "resume": {"epoch": "before", "offset": 7}})
            missed = client.until(lambda its: its.get("replyTo") == told)
            self.assertEqual(missed["payload"]["gaps"], [{"channel": "cabin/heaterSense", "from": None, "to": None}])
            self.assertEqual(missed["payload"]["samples"], [], "what earlier runs left is history's to tell")
            client.close()

    def test_life_after_life(self):
        lives = [self.live(seconds=1.5) for _ in range(4)]
        gaps = [its for its in lives[-1]["cabin/temperature"][1] if its["value"] is None]
        self.assertEqual(len(gaps), 3, "each of the times it was off")
        offsets = [its["offset"] for its in lives[-1]["cabin/temperature"][1]]
        self.assertEqual(offsets, sorted(set(offsets)))

    def test_a_page_of_the_run_before_is_refused(self):
        self.live(seconds=1)
        with Device(*self.EVERY, state=self.state) as device, Client(device) as client:
            refused = client.ask("history", {"paths": ["#"], "from": 0, "to": 9, "cursor": "0.1.2.before"})
            self.assertEqual(refused["payload"]["reason"], "foreignEpoch")
            client.close()

    def test_another_device_file(self):
        before = self.live()
        file = self.state.parent / (self.state.name + ".json")
        self.addCleanup(file.unlink)
        declared = bench_device_file()
        for part in declared["parts"]:
            for channel in part["channels"].values():
                if channel["path"] == "tank/level":
                    channel["path"] = "tank/full"
                if channel["path"] == "cabin/temperature":
                    channel["unit"] = "K"
        file.write_text(json.dumps(declared))
        with Device(*self.EVERY, "--device-file", file, state=self.state) as device, Client(device) as client:
            self.assertTrue(device.wait_for_log("samples of channels that the device file does not declare, or with another kind"))
            after = past_of(client)
            for channel in ("tank/full", "cabin/temperature"):
                self.assertFalse([its for its in after[channel][1] if its["value"] is None], channel)
            self.assert_behind(before, after, "cabin/heaterSense")
            client.close()
        after = self.live()
        self.assert_behind(before, after, "tank/level")

    def test_files_that_are_none_of_ours(self):
        whole = self.live() and (self.state / "history").read_bytes()
        newer = whole.replace(b"SBh1", b"SBh2")
        flipped = bytearray(whole)
        flipped[len(flipped) // 2] ^= 4
        for content, told in ((b"hello" * 5000, "bytes of it are damaged and left out"), (b"\0" * 70_000, "70000 bytes of it are damaged"),
                              (newer, "of another version of the firmware"), (bytes(flipped), "bytes of it are damaged and left out"),
                              (whole[:-9], "bytes of it are damaged and left out")):
            with self.subTest(told):
                (self.state / "history").write_bytes(content)
                with Device(*self.EVERY, state=self.state) as device, Client(device) as client:
                    self.assertTrue(device.wait_for_log(told), device.told())
                    self.assertFalse(past_of(client)["cabin/heaterSense"][0])
                    client.close()
                with Device(*self.EVERY, state=self.state) as device:
                    self.assertNotIn("cut off", device.told(), "it went on in order")
        (self.state / "history").unlink()
        (self.state / "history").mkdir()
        with self.assertRaisesRegex(RuntimeError, "cannot read history: Is a directory"):
            Device(*self.EVERY, state=self.state)

    def test_in_memory_alone(self):
        with Device("--history-every-s", 0, state=self.state) as device, Client(device) as client:
            time.sleep(1)
            self.assertTrue(past_of(client)["cabin/heaterSense"][1])
            client.close()
        self.assertFalse((self.state / "history").exists())

    def test_what_it_wears(self):
        """One piece at the start, one at the end, one in each interval between, and none is larger than 8 KiB."""
        with Device("--history-every-s", 2, state=self.state) as device:
            began = time.monotonic()
            time.sleep(7)
            device.signal(signal.SIGTERM)
            device.process.wait(8 * PATIENCE)
            lasted = time.monotonic() - began
        pieces = (self.state / "history").read_bytes().split(b"SBh1")[1:]
        self.assertGreaterEqual(len(pieces), 4)
        self.assertLessEqual(len(pieces), lasted / 2 + 2)
        self.assertLess(max(map(len, pieces)), 8192)
        line = next(its for its in reversed(device.lines["stderr"]) if its.startswith("history pieces"))
        self.assertEqual(line.split()[2:5:2], [str(len(pieces)), str(sum(map(len, pieces)) + 4 * len(pieces))])

    def test_a_full_disk_is_told_and_costs_the_memory_nothing(self):
        self.live(seconds=0.5)
        limit = ("prlimit", "--fsize=5000", "--")
        with Device(*self.EVERY, state=self.state, before=limit) as device, Client(device) as client:
            self.assertTrue(device.wait_for_log("history: not written: a file may not grow so large; it goes on in memory", 20))
            self.assertTrue(past_of(client)["cabin/heaterSense"][1])
            client.close()


if __name__ == "__main__":
    unittest.main()
