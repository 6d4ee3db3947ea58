"""The journal: what it tells, what of it outlives a power cut, and how it is proven."""
import hashlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from client import Bystander, Client
from device import PATIENCE, SIM, TOP, Device, eventually

COMMIT_S = 1.0
ZEROS = "0" * 64
KILLS = 12


def verify(*files):
    """What the verifier says, and its exit code."""
    done = subprocess.run([SIM, "--verify-journal", *map(str, files)], capture_output=True, text=True, timeout=10 * PATIENCE)
    return done.returncode, done.stdout + done.stderr


def children(process):
    return [int(child) for child in pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split()]


class JournalTest(unittest.TestCase):
    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-"))
        self.addCleanup(shutil.rmtree, self.place, ignore_errors=True)
        self.file = self.place / "journal"

    def device(self, *options, **more):
        return Device(*options, state=self.place, **more)

    def lines(self):
        return self.file.read_text().splitlines()

    def kinds(self):
        return [json.loads(line)["kind"] for line in self.lines()]

    def read(self, client, **asked):
        """All pages."""
        records = []
        while True:
            page = client.ask("journal", asked)
            self.assertEqual(page["type"], "journal", page)
            records += page["payload"]["records"]
            if "next" not in page["payload"]:
                return records
            asked["after"] = page["payload"]["next"]

    def committed(self, client):
        """Waits until all there is now is safe; the last committed line's sequence and hash."""
        newest = client.ask("journal", {"max": 1})["payload"]["newest"]
        def safe():
            found = client.ask("journal", {"after": newest})["payload"]["committed"]
            return found if found["sequence"] >= newest else None
        found = eventually(safe, every=0.1)
        self.assertTrue(found, "not committed in time")
        self.assertEqual(found["everyMs"], 1000 * COMMIT_S)
        return found

    def proven(self, *files, count=None):
        code, told = verify(*(files or (self.file,)))
        self.assertEqual(code, 0, told)
        if count is not None:
            self.assertIn(f"{count} records proven", told)
        return told


class WhatItTells(JournalTest):
    def device_file(self):
        """The bench's, with a heater that stays on for a while."""
        text = (TOP / "boards/bench/device.json").read_text()
        before = '"initial": false, "safe": false,'
        self.assertEqual(text.count(before), 1)
        path = self.place / "device.json"
        path.write_text(text.replace(before, before + ' "minOffMs": 600000,'))
        return path

    def test_good_refused_and_expired_commands_and_a_power_cut(self):
        device = self.device("--device-file", self.device_file())
        client = Client(device)
        for i in range(3):
            client.send({"type": "command", "msgId": f"fan-{i}", "traceId": "night watch",
                         "payload": {"channel": "cabin/fan", "value": 10.5 * i + 10, "until": "applied"}})
            self.assertEqual(client.answer(f"fan-{i}")["type"], "ack")
        self.assertEqual(client.command("cabin/heater", True)["payload"]["reason"], "interlocked")
        expired = []
        while not expired:  # a millisecond may be enough for some of them
            ids = [client.request("command", {"channel": "cabin/fan", "value": 50, "deadlineMs": 1}) for _ in range(8)]
            answers = [client.answer(its) for its in ids]
            expired = [its for its in answers if its["type"] == "error" and its["payload"]["reason"] == "expired"]

        records = self.read(client, max=2)
        self.assertEqual([its["sequence"] for its in records], list(range(1, len(records) + 1)))
        self.assertEqual(records[0]["kind"], "started")
        self.assertEqual(records[0]["epoch"], client.welcome["payload"]["epoch"])
        good = [its for its in records if its.get("traceId") == "night watch"]
        self.assertEqual([(its["before"], its["after"], its["outcome"]) for its in good],
                         [("0", "10", "applied"), ("10", "20.5", "applied"), ("20.5", "31", "applied")])
        for record in good:
            self.assertEqual((record["kind"], record["channel"], record["cause"]), ("actuation", "cabin/fan", "command"))
            self.assertEqual((record["who"], record["session"], record["peer"]),
                             ("owner", client.welcome["payload"]["session"], "127.0.0.1"))
            self.assertLess(record["latencyMs"], 1000 * PATIENCE)
            self.assertAlmostEqual(record["at"] / 1000, time.time(), delta=20 * PATIENCE)

        dead = self.read(client, outcome="failed")
        self.assertEqual({its["outcome"] for its in dead}, {"interlocked", "expired"})
        self.assertEqual(len([its for its in dead if its["outcome"] == "interlocked"]), 1)
        self.assertEqual(self.read(client, channel="cabin/heater", outcome="failed"), dead[:1])
        self.assertEqual(self.read(client, channel="tank/#"), [])
        beyond = client.ask("journal", {"after": len(records) + 1000})
        self.assertEqual((beyond["payload"]["reason"], beyond["payload"]["field"]), ("outOfRange", "payload.after"))

        committed = self.committed(client)
        client.command("cabin/fan", 99, until="applied")
        client.command("cabin/fan", 98, until="applied")
        device.kill()
        client.stream.close()
        kept = self.lines()
        self.assertGreaterEqual(len(kept), committed["sequence"])
        self.assertEqual(json.loads(kept[committed["sequence"] - 1])["hash"], committed["hash"])
        self.assertEqual([self.without_proof(line) for line in kept[:len(records)]], records, "the file says what was read")

        with self.device() as again:
            with Client(again) as client:
                self.committed(client)
                first = self.read(client)
                self.assertEqual([its["kind"] for its in first], ["gap", "started"])
                self.assertEqual(first[0]["sequence"], len(kept) + 1, "numbers go on")
                client.close()
        told = self.proven(count=len(self.lines()))
        self.assertIn("gaps: 1;", told)
        self.assertIn("it ends with a stop in order", told)
        self.assertEqual(self.lines()[:len(kept)], kept)

    def without_proof(self, line):
        return {name: value for name, value in json.loads(line).items() if name not in ("previous", "hash")}

    def test_stopping_is_told(self):
        with self.device() as device, Client(device) as client:
            client.command("cabin/fan", 40, until="applied")
            client.close()
        last = [json.loads(line) for line in self.lines()]
        self.assertEqual(last[-1]["kind"], "ended")
        self.assertIn(("cabin/fan", "shutdown", "applied"), [(its.get("channel"), its.get("cause"), its.get("outcome")) for its in last])

    def test_a_stop_outlives_a_power_cut(self):
        device = self.device()
        client = Client(device)
        self.assertIs(client.welcome["payload"]["stopped"], False)
        client.command("cabin/fan", 90, until="applied")
        self.assertEqual(client.ask("stop")["payload"]["outcome"], "stopped")
        self.assertTrue(eventually(lambda: any('"kind":"stop"' in line for line in self.lines())), "at once")
        device.kill()
        client.stream.close()
        with self.device() as again, Client(again) as client:
            self.assertIs(client.welcome["payload"]["stopped"], True)
            self.assertIs(client.ask("describe", {"path": "cabin/fan"})["payload"]["stopped"], True)
            self.assertEqual(client.command("cabin/fan", 10)["payload"]["reason"], "stopped")
            self.assertEqual(client.ask("reset")["payload"]["outcome"], "reset")
            self.assertEqual(client.command("cabin/fan", 10, until="applied")["payload"]["outcome"], "applied")
            kinds = [(its["kind"], its.get("stop")) for its in self.read(client)]
            self.assertIn(("started", "latched"), kinds)
            self.assertIn(("reset", None), kinds)
            client.close()
        with self.device() as last, Client(last) as client:
            self.assertIs(client.welcome["payload"]["stopped"], False)
            client.close()
        self.proven(count=len(self.lines()))

    def test_without_a_credential_nothing_is_told(self):
        with self.device() as device, Client(device, token=None) as client:
            self.assertEqual(client.ask("journal")["payload"]["reason"], "unauthenticated")
            client.close()

    def test_a_full_page_is_turned(self):
        with self.device() as device, Client(device) as client:
            for i in range(150):
                client.command("cabin/fan", i % 100, until="applied")
            page = client.ask("journal")["payload"]
            self.assertLess(len(page["records"]), 101)
            self.assertIn("next", page)
            self.assertEqual(len(self.read(client, channel="cabin/fan")), 150)
            self.assertGreater(len(json.dumps(page)), 16_000, "as much as a frame takes")
            client.close()


class Chain(JournalTest):
    def some_lives(self, count=3):
        for _ in range(count):
            with self.device() as device, Client(device) as client:
                client.command("cabin/fan", 30, until="applied")
                client.close()

    def test_anybody_can_prove_it(self):
        self.some_lives()
        previous = ZEROS
        for number, line in enumerate(self.lines(), 1):
            record = json.loads(line)
            self.assertEqual(record["sequence"], number)
            self.assertEqual(record["previous"], previous)
            self.assertEqual(hashlib.sha256(line[:-75].encode()).hexdigest(), record["hash"])
            previous = record["hash"]
        self.assertIn(previous, self.proven(count=len(self.lines())))

    def test_a_change_is_found(self):
        self.some_lives()
        lines = self.lines()
        changed = [its for its, line in enumerate(lines) if '"who":"owner"' in line][1]
        cases = (
            ("changed", lambda its: its[:changed] + [its[changed].replace("owner", "thief")] + its[changed + 1:], changed, "hash: found "),
            ("removed", lambda its: its[:changed] + its[changed + 1:], changed, f"sequence: found {changed + 2}; expected {changed + 1}"),
            ("reordered", lambda its: [*its[:changed], its[changed + 1], its[changed], *its[changed + 2:]], changed,
             f"sequence: found {changed + 2}; expected {changed + 1}"),
            ("added", lambda its: its[:changed] + [its[0]] + its[changed:], changed, f"sequence: found 1; expected {changed + 1}"),
            ("noise", lambda its: its[:changed] + ["x" * 300] + its[changed:], changed, "sequence: expected"),
        )
        for name, change, before, words in cases:
            with self.subTest(name):
                path = self.place / name
                path.write_text("\n".join(change(lines)) + "\n")
                code, told = verify(path)
                self.assertEqual(code, 1)
                self.assertIn(f"{path}:{before + 1}: {words}", told)
                self.assertIn(f"{before} records before that are proven", told)
        self.assertEqual(verify(self.place / "nowhere")[0], 1)

    def test_a_torn_line_is_repaired_and_owned_up_to(self):
        self.some_lives(1)
        whole = self.file.read_bytes()
        with open(self.file, "ab") as file:
            file.write(whole.splitlines(True)[0][:100])
        self.assertEqual(verify(self.file)[0], 1)
        with self.device():
            pass
        self.assertIn("; 100 torn bytes were dropped", self.lines()[whole.count(b"\n")])
        self.proven()
        self.assertTrue(self.file.read_bytes().startswith(whole))

    def test_killed_again_and_again(self):
        acknowledged = []
        for turn in range(KILLS):
            before = self.file.stat().st_size if self.file.exists() else 0
            device = self.device()
            client = Client(device)
            # A life that was killed before it wrote anything leaves no gap.
            self.assertTrue(eventually(lambda: self.file.exists() and self.file.stat().st_size > before and self.file.read_bytes()[-1:] == b"\n"))
            if acknowledged:
                self.assertEqual(json.loads(self.lines()[acknowledged[-1]["sequence"] - 1])["hash"], acknowledged[-1]["hash"])
            for value in range(turn % 7):
                client.command("cabin/fan", value, until="applied")
            if turn % 3 == 0:
                acknowledged.append(self.committed(client))
            device.kill()
            client.stream.close()
        with self.device():
            pass
        told = self.proven(count=len(self.lines()))
        self.assertIn(f"gaps: {KILLS};", told)
        for found in acknowledged:
            self.assertEqual(json.loads(self.lines()[found["sequence"] - 1])["hash"], found["hash"])

    def test_a_second_device_is_turned_away(self):
        with self.device():
            done = subprocess.run([SIM, "--port", "0", "--state", str(self.place)], capture_output=True, text=True, timeout=20 * PATIENCE)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertTrue(done.stderr.startswith("signalbox: journal: another device keeps its journal in "), done.stderr)


class Store(JournalTest):
    def processes(self, device):
        """Who watches, who writes."""
        watcher, = children(device.process.pid)
        writer = eventually(lambda: children(watcher))
        return watcher, writer[0]

    def test_a_killed_writer_is_replaced(self):
        with self.device() as device, Bystander(device), Client(device) as client:
            self.committed(client)
            for _ in range(3):
                watcher, writer = self.processes(device)
                os.kill(writer, signal.SIGKILL)
                self.assertTrue(eventually(lambda: children(watcher) not in ([], [writer])))
                client.command("cabin/fan", 20, until="applied")
                self.committed(client)
            client.close()
        self.proven()
        self.assertNotIn("gap", self.kinds(), "nothing is lost and nothing twice")

    def test_a_writer_that_hangs_holds_up_nobody(self):
        with self.device() as device, Bystander(device), Client(device) as client:
            self.committed(client)
            _, writer = self.processes(device)
            os.kill(writer, signal.SIGSTOP)
            for value in range(20):
                self.assertEqual(client.command("cabin/fan", value, until="applied")["type"], "ack")
            self.assertTrue(device.wait_for_log("journal: not written: the store is silent", seconds=8))
            os.kill(writer, signal.SIGCONT)
            self.assertTrue(device.wait_for_log("journal: written again; lost so far: 0 records"))
            self.committed(client)
            client.close()
        self.assertEqual(len([line for line in device.lines["stderr"] if "journal: not written" in line]), 1)
        self.proven()

    def test_without_its_processes_the_device_goes_on(self):
        with self.device() as device, Client(device) as client:
            self.committed(client)
            watcher, _ = self.processes(device)
            os.kill(watcher, signal.SIGKILL)
            self.assertEqual(client.command("cabin/fan", 20, until="applied")["type"], "ack")
            self.assertTrue(device.wait_for_log("journal: not written: the process that writes it is gone"))
            self.assertEqual(self.read(client, channel="cabin/fan")[-1]["after"], "20", "it is in memory")
            client.close()
        with self.device():
            pass
        self.proven()
        self.assertIn("gap", self.kinds())

    def test_a_full_disk_is_told_and_outlived(self):
        # A limit of this process and its children, on what they write; the device's records exist already.
        with self.device():
            pass
        size = self.file.stat().st_size
        with self.device() as device, Client(device) as client:
            self.committed(client)
            _, writer = self.processes(device)
            size = self.file.stat().st_size
            subprocess.run(["prlimit", f"--pid={writer}", f"--fsize={size + 100}:unlimited"], check=True)
            client.command("cabin/fan", 20, until="applied")
            self.assertTrue(device.wait_for_log("journal: not written: a file may not grow so large"))
            self.assertEqual(self.file.stat().st_size, size, "nothing half written is left")
            subprocess.run(["prlimit", f"--pid={writer}", "--fsize=unlimited:unlimited"], check=True)
            self.committed(client)
            client.close()
        self.proven()


if __name__ == "__main__":
    unittest.main()
