"""Networks that delay, lose, stall, crawl and break: what is promised holds through all of it."""
import os
import pathlib
import shutil
import subprocess
import sys
import time
import unittest

from client import Client
from device import PATIENCE, Device, DeviceTest, eventually
from relay import Relay
from ws import Closed

HERE = pathlib.Path(__file__).resolve().parent
LEASE_MS = 1500
MAY_CUT = (os.geteuid() == 0 and shutil.which("ip") and shutil.which("nft")
           and subprocess.run(["unshare", "-n", "true"], check=False, capture_output=True).returncode == 0)


class Ledger:
    """What a client asked, and how often each was answered finally."""

    def __init__(self, client):
        self.client, self.asked, self.answered = client, [], {}

    def ask(self, kind, payload=None):
        self.asked.append(self.client.request(kind, payload))

    def settle(self, seconds=20):
        for msg_id in self.asked:
            if msg_id not in self.answered:
                self.answered[msg_id] = [self.client.answer(msg_id, seconds)]
        for message in self.client.drain(0.3):
            if message.get("replyTo") in self.answered and message["type"] in ("ack", "error", "pong", "description"):
                self.answered[message["replyTo"]].append(message)

    def is_even(self):
        return set(self.answered) == set(self.asked) and all(len(its) == 1 for its in self.answered.values())


class BadNetwork(DeviceTest):
    OPTIONS = ("--heartbeat-ms", 500, "--dead-after-ms", 4000, "--unread-after-ms", 4000)

    def setUp(self):
        self.relay = Relay(self.device)
        self.addCleanup(self.relay.close)
        self.addCleanup(lambda: eventually(lambda: self.device.report().used("sessions") == 0))

    def offsets_only_go_up(self, messages):
        offsets = [int(its["payload"]["offset"]) for its in messages if its["type"] in ("telemetry", "snapshot", "missed")]
        self.assertEqual(offsets, sorted(offsets))
        self.assertGreater(len(offsets), 3)

    def works_through_it(self, change):
        """Requests, commands and telemetry while the link changes; each request is answered exactly once."""
        client = Client(self.relay)
        client.ask("subscribe", {"id": "all", "paths": ["cabin/#"], "mode": "fixed", "periodMs": 50})
        ledger = Ledger(client)
        for i in range(30):
            if i == 10:
                change()
            ledger.ask("ping", {"data": str(i)})
            ledger.ask("command", {"channel": "cabin/fan", "value": i})
            time.sleep(0.01)
        ledger.settle()
        self.assertTrue(ledger.is_even(), ledger.answered)
        self.offsets_only_go_up(client.drain(0.3))
        self.assertEqual(client.close(), 1000)

    def test_delay(self):
        def change():
            self.relay.delay_s = 0.15
        self.works_through_it(change)

    def test_a_link_that_crawls(self):
        def change():
            self.relay.bytes_per_s = 20_000
        self.works_through_it(change)

    def test_a_link_that_stalls_and_goes_on(self):
        def change():
            self.relay.stalled = True
            time.sleep(1)
            self.relay.stalled = False
        self.works_through_it(change)

    def test_a_command_that_was_held_up_beyond_its_deadline_moves_nothing(self):
        with Client(self.relay) as client, Client(self.device) as watcher:
            client.command("cabin/fan", 10)
            now_ms = client.ask("ping")["payload"]["deviceTime"]
            self.relay.stalled = True
            msg_id = client.request("command", {"channel": "cabin/fan", "value": 90, "notAfter": now_ms + 300})
            time.sleep(0.6)
            self.relay.stalled = False
            self.assertEqual(client.answer(msg_id)["payload"]["reason"], "expired")
            self.assertEqual(watcher.value("cabin/fan"), 10)

    def test_a_stalled_holder_loses_its_lease_in_time(self):
        with Client(self.device) as watcher:
            client = Client(self.relay)
            self.assertEqual(client.command("cabin/heater", True, leaseMs=LEASE_MS)["type"], "ack")
            self.relay.stalled = True
            started = time.monotonic()
            self.assertTrue(eventually(lambda: watcher.value("cabin/heater") is False))
            self.assertLess(time.monotonic() - started, LEASE_MS / 1000 + 0.5 * PATIENCE)
            self.relay.stalled = False
            self.assertEqual(client.ask("ping")["type"], "pong", "the session is still there, its lease is not")
            answer = client.ask("renew", {"channel": "cabin/heater", "leaseMs": LEASE_MS})
            self.assertEqual(answer["payload"]["reason"], "notFound")
            client.stream.close()

    def test_resets_at_every_moment_lose_and_double_nothing(self):
        """A client that repeats what was not answered, with the same ids, on connection after connection."""
        client, moved = None, 0
        with Client(self.device) as watcher:
            watcher.ask("subscribe", {"id": "e", "paths": ["cabin/fan"], "events": True})
            for round_ in range(12):
                payload = {"channel": "cabin/fan", "value": 20 + round_, "clientId": "resets"}
                while True:
                    try:
                        client = client or Client(self.relay)
                        client.request("command", payload, f"r-{round_}")
                        if round_ % 3 != 2:
                            time.sleep(0.002 * (round_ % 4))
                            self.relay.reset()
                            raise Closed(1006)
                        answer = client.answer(f"r-{round_}")
                        self.assertEqual(answer["type"], "ack", answer)
                        break
                    except (Closed, OSError):
                        client.stream.close()
                        client = Client(self.relay)
                        client.request("command", payload, f"r-{round_}")
                        self.assertEqual(client.answer(f"r-{round_}")["type"], "ack")
                        break
            events = [its["payload"] for its in watcher.drain(0.5) if its["type"] == "event"]
            moved = [its["to"] for its in events if its["name"] == "actuated" and its.get("cause") == "command"]
            self.assertEqual(moved, [20 + i for i in range(12)], "each was carried out once, in order")
        client.stream.close()

    def test_whoever_comes_back_is_told_what_it_missed_and_keeps_its_lease(self):
        client = Client(self.relay)
        told = client.ask("subscribe", {"id": "all", "paths": ["cabin/temperature", "cabin/heater"], "minPeriodMs": 0})
        offset, epoch = int(told["payload"]["offset"]), told["payload"]["epoch"]
        client.command("cabin/heater", True, leaseMs=20_000)
        name, token = (client.welcome["payload"][key] for key in ("session", "sessionToken"))
        self.relay.reset()
        self.relay.refuses = True
        client.stream.close()
        with self.assertRaises((OSError, Closed)):
            Client(self.relay)
        time.sleep(0.5)
        self.relay.refuses = False
        with Client(self.relay) as again:
            self.assertEqual(again.ask("resume", {"session": name, "sessionToken": token})["payload"]["outcome"], "resumed")
            answer = again.ask("subscribe", {"id": "all", "paths": ["cabin/temperature", "cabin/heater"], "minPeriodMs": 0,
                                             "resume": {"epoch": epoch, "offset": offset}})
            self.assertIs(answer["payload"]["recovered"], True)
            missed = [sample for its in again.others if its["type"] == "missed" for sample in its["payload"]["samples"]]
            self.assertTrue(any(its["channel"] == "cabin/heater" and its["value"] is True for its in missed), missed)
            self.assertEqual(sorted(int(its["offset"]) for its in missed), [int(its["offset"]) for its in missed])
            self.assertIs(again.value("cabin/heater"), True)
            self.assertEqual(again.ask("renew", {"channel": "cabin/heater", "leaseMs": 1000})["type"], "ack")
            again.close()


@unittest.skipUnless(MAY_CUT, "losing packets needs root, network namespaces and nft")
class LossyLink(unittest.TestCase):
    """Two network namespaces and a link between them that loses packets."""

    def run_in(self, pid, *command):
        subprocess.run(["nsenter", "-t", str(pid), "-n", *command], check=True, capture_output=True)

    def setUp(self):
        self.here, self.there = (subprocess.Popen(["unshare", "-n", "sleep", "600"]) for _ in range(2))
        self.addCleanup(lambda: [(its.kill(), its.wait()) for its in (self.here, self.there)])
        outside = os.readlink("/proc/self/ns/net")
        eventually(lambda: all(os.readlink(f"/proc/{its.pid}/ns/net") != outside for its in (self.here, self.there)))
        self.run_in(self.here.pid, "ip", "link", "add", "near", "type", "veth", "peer", "name", "far", "netns", str(self.there.pid))
        for its, name, address in ((self.here, "near", "10.78.0.1/24"), (self.there, "far", "10.78.0.2/24")):
            self.run_in(its.pid, "ip", "address", "add", address, "dev", name)
            self.run_in(its.pid, "ip", "link", "set", name, "up")

    def lose(self, percent):
        """Of what comes in, on both ends."""
        for its in (self.here, self.there):
            self.run_in(its.pid, "nft", f"add table inet loss; add chain inet loss in {{ type filter hook input priority 0; }}; "
                                        f"add rule inet loss in numgen random mod 100 < {percent} drop")

    def test_loss_costs_time_but_no_answer(self):
        with Device("--address", "10.78.0.2", before=("nsenter", "-t", str(self.there.pid), "-n"), claim=False) as device:
            self.lose(8)
            done = subprocess.run(
                ["nsenter", "-t", str(self.here.pid), "-n", sys.executable, "-B", "-W", "ignore", HERE / "bad_network_test.py", "peer",
                 str(device.port), str(device.certificate), "10.78.0.2", device.claim_code],
                capture_output=True, text=True, timeout=60 * PATIENCE, check=False)
            self.assertEqual((done.returncode, done.stdout), (0, "120 answered once\n"), done.stderr)


def peer(port, certificate, host, code):
    """A client in a process of its own, in another network."""
    class There:
        pass

    There.port, There.host, There.certificate = int(port), host, pathlib.Path(certificate)
    There.state, There.TOKENS = There.certificate.parent, {}
    There.trust, There.claim = Device.trust.__get__(There), Device.claim.__get__(There)
    There.token = There.claim(code)
    client = Client(There)
    client.ask("subscribe", {"id": "all", "paths": ["#"], "mode": "fixed", "periodMs": 100})
    ledger = Ledger(client)
    for i in range(60):
        ledger.ask("ping", {"data": str(i)})
        ledger.ask("command", {"channel": "cabin/fan", "value": i})
        time.sleep(0.02)
    ledger.settle(30)
    assert ledger.is_even(), ledger.answered
    print(len(ledger.answered), "answered once")


if __name__ == "__main__":
    if sys.argv[1:2] == ["peer"]:
        peer(*sys.argv[2:])
    else:
        unittest.main()
