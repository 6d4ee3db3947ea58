"""What keeps people safe: leases of a client that dies, a stop among a flood, repeats that move nothing."""
import json
import signal
import subprocess
import time
import unittest

from client import Client
from device import PATIENCE, TOP, Device, DeviceTest, bench_device_file, eventually, scaled

LEASE_MS = 1500
OPERATOR = """
const WebSocket = require("ws");
const fs = require("fs");
const [url, ca, token] = process.argv.slice(1);
const socket = new WebSocket(url, "signalbox.v1", { ca: fs.readFileSync(ca), headers: { authorization: `Bearer ${token}` } });
const send = (type, payload) => socket.send(JSON.stringify({ type, msgId: `o-${Math.random()}`, payload }));
socket.on("open", () => {
  send("command", { channel: "cabin/heater", value: true, leaseMs: LEASE, until: "verified" });
  setInterval(() => send("renew", { channel: "cabin/heater", leaseMs: LEASE }), LEASE / 3);
});
socket.on("message", (text) => console.log(String(text)));
""".replace("LEASE", str(LEASE_MS))


class Safety(DeviceTest):
    @classmethod
    def device_file(cls):
        """The bench's, its heater held by lease."""
        declared = bench_device_file()
        for part in declared["parts"]:
            if part.get("name") == "heater":
                part["channels"]["state"]["lease"] = {"required": True, "maxMs": 60_000}
        return declared

    def setUp(self):
        self.watcher = Client(self.device)
        answer = self.watcher.ask("subscribe", {"id": "w", "paths": ["cabin/#"], "events": True})
        self.assertEqual(answer["type"], "snapshot")

    def tearDown(self):
        self.watcher.ask("reset")
        self.watcher.command("cabin/heater", action="release")
        self.assertEqual(self.watcher.close(), 1000)

    def event(self, wanted, seconds=10):
        found = self.watcher.until(lambda its: its["type"] == "event" and wanted(its["payload"]), seconds)
        return found["payload"]

    def test_a_client_that_is_killed_loses_its_heater_within_the_lease(self):
        operator = subprocess.Popen(
            ["node", "-e", OPERATOR, self.device.url, str(self.device.state / "certificate"), self.device.token],
            cwd=TOP / "tests/npm", stdout=subprocess.PIPE, text=True)
        self.addCleanup(operator.stdout.close)
        self.addCleanup(operator.wait)
        self.addCleanup(operator.kill)
        on = self.event(lambda its: its["channel"] == "cabin/heater" and its["to"] is True)
        self.assertEqual((on["cause"], on["by"]), ("command", "owner"))
        time.sleep(1.5 * LEASE_MS / 1000)
        self.assertTrue(self.watcher.value("cabin/heater"), "renewed, it stays on beyond one lease")
        operator.send_signal(signal.SIGKILL)
        killed = time.monotonic()
        off = self.event(lambda its: its["channel"] == "cabin/heater" and its["to"] is False)
        self.assertLess(time.monotonic() - killed, LEASE_MS / 1000 + 0.5 * PATIENCE)
        self.assertEqual((off["name"], off["cause"], off["by"]), ("actuated", "leaseEnded", "owner"))
        self.assertIs(eventually(lambda: not self.watcher.value("cabin/heater")), True)

    def test_a_stop_comes_through_whatever_else_waits(self):
        crowd = [Client(self.device) for _ in range(scaled(100))]
        for client in crowd:
            client.request("subscribe", {"id": "all", "paths": ["#"], "minPeriodMs": 0})
        busy = Client(self.device)
        self.assertEqual(busy.command("cabin/heater", True, leaseMs=30_000)["payload"]["outcome"], "verified")
        asked = [busy.request("command", {"channel": "cabin/fan", "value": i % 100}) for i in range(60)]
        stop = busy.request("stop")
        self.assertEqual(busy.answer(stop)["payload"]["outcome"], "stopped")
        told = self.event(lambda its: its["name"] == "stopped")
        off = self.event(lambda its: its.get("channel") == "cabin/heater" and its["to"] is False)
        self.assertEqual(off["cause"], "stop")
        self.assertLess(abs(off["at"] - told["at"]), 100 * PATIENCE, "in the same turn, but for the hardware")
        for msg_id in asked:
            self.assertIn(busy.answer(msg_id)["type"], ("ack", "error"))
        self.assertEqual(busy.command("cabin/fan", 5)["payload"]["reason"], "stopped")
        self.assertEqual(busy.ask("reset")["payload"]["outcome"], "reset")
        self.assertEqual(busy.command("cabin/fan", 5)["payload"]["outcome"], "applied")
        for client in (busy, *crowd):
            client.close()

    def test_a_stop_by_http(self):
        def curl(*more):
            done = subprocess.run(["curl", "--silent", "--show-error", "--cacert", self.device.certificate, "--request", "POST",
                                   self.device.url.replace("wss:", "https:").replace("/v1/ws", "/v1/stop"), *more],
                                  capture_output=True, check=True, timeout=20 * PATIENCE)
            return json.loads(done.stdout)

        with Client(self.device) as client:
            self.assertEqual(client.command("cabin/fan", 50)["payload"]["outcome"], "applied")
            self.assertEqual(curl()["reason"], "unauthenticated")
            self.assertEqual(curl("--header", "Authorization: Bearer nonsense")["reason"], "unauthenticated")
            self.assertEqual(client.command("cabin/fan", 60)["payload"]["outcome"], "applied")
            self.assertEqual(curl("--header", f"Authorization: Bearer {self.device.token}", "--data", "{}"), {"outcome": "stopped"})
            told = self.event(lambda its: its["name"] == "stopped")
            self.assertEqual((told["by"], told.get("session")), ("owner", None))
            self.assertEqual(client.command("cabin/fan", 70)["payload"]["reason"], "stopped")
            self.assertEqual(client.ask("reset")["payload"]["outcome"], "reset")
            client.close()

    def test_a_repeat_after_a_reconnect_moves_nothing(self):
        payload = {"channel": "cabin/fan", "value": 33, "clientId": "panel", "epoch": self.watcher.welcome["payload"]["epoch"]}
        first = Client(self.device)
        msg_id = first.request("command", payload, msg_id="once")
        self.assertEqual(first.answer(msg_id)["payload"]["outcome"], "applied")
        self.event(lambda its: its["channel"] == "cabin/fan")
        first.close()
        again = Client(self.device)
        self.assertEqual(again.answer(again.request("command", payload, msg_id="once"))["payload"]["outcome"], "applied")
        other = dict(payload, value=34)
        self.assertEqual(again.answer(again.request("command", other, msg_id="once"))["payload"]["reason"], "conflict")
        again.close()
        events = [(its["payload"]["name"], its["payload"]["reason"]) for its in self.watcher.drain(0.5)
                  if its["type"] == "event" and its["payload"].get("channel") == "cabin/fan"]
        self.assertEqual(events, [("notActuated", "conflict")], "the repeat is no event; what is no repeat was refused")


class Stalled(unittest.TestCase):
    """The hardware hangs while commands keep coming, and recovers."""
    COMMANDS = 100
    HANGS_AT_MS, HANGS_FOR_MS, DEADLINE_MS = 1000 * PATIENCE, 1500 * PATIENCE, 500

    def test_a_hundred_commands_to_hung_hardware_expire_and_never_run(self):
        fault = f"hung:heater:{self.HANGS_AT_MS}:{self.HANGS_FOR_MS}"
        started = time.monotonic()
        with Device("--fault", fault) as device, Client(device) as watcher:
            watcher.ask("subscribe", {"id": "w", "paths": ["cabin/heater"], "events": True})
            per_session = watcher.welcome["payload"]["limits"]["commandsInFlight"]
            senders = [Client(device) for _ in range(-(-self.COMMANDS // per_session))]
            time.sleep(max(started + self.HANGS_AT_MS / 1000 + 0.3 - time.monotonic(), 0))
            asked = [(senders[i // per_session], {"channel": "cabin/heater", "value": i % 2 == 0, "deadlineMs": self.DEADLINE_MS})
                     for i in range(self.COMMANDS)]
            waiting = [(client, client.request("command", payload)) for client, payload in asked]
            reasons = [client.answer(msg_id)["payload"].get("reason") for client, msg_id in waiting]
            self.assertEqual(reasons, ["expired"] * self.COMMANDS)
            self.assertLess(time.monotonic() - started, (self.HANGS_AT_MS + self.HANGS_FOR_MS) / 1000, "answered while it hung")

            time.sleep(max(started + (self.HANGS_AT_MS + self.HANGS_FOR_MS) / 1000 + 0.5 - time.monotonic(), 0))
            self.assertIs(watcher.value("cabin/heater"), False)
            moved = [its["payload"] for its in watcher.drain(0.3) if its["type"] == "event" and its["payload"]["name"] == "actuated"]
            self.assertEqual(moved, [], "none ran late")
            dead = watcher.ask("journal", {"channel": "cabin/heater", "outcome": "failed"})["payload"]["records"]
            self.assertEqual([its["outcome"] for its in dead], ["expired"] * self.COMMANDS)
            self.assertEqual(watcher.command("cabin/heater", True)["payload"]["outcome"], "verified", "it has recovered")
            for client in (watcher, *senders):
                client.close()

    def test_what_hung_when_the_device_was_stopped_never_comes(self):
        started = time.monotonic()
        with Device("--fault", f"hung:heater:{self.HANGS_AT_MS}:{self.HANGS_FOR_MS}") as device, Client(device) as watcher:
            watcher.ask("subscribe", {"id": "w", "paths": ["cabin/heater"], "minPeriodMs": 0, "events": True})
            time.sleep(max(started + self.HANGS_AT_MS / 1000 + 0.3 - time.monotonic(), 0))
            on = watcher.request("command", {"channel": "cabin/heater", "value": True, "deadlineMs": 60_000})
            time.sleep(0.2)
            stop = watcher.request("stop")
            self.assertEqual(watcher.answer(stop)["payload"]["outcome"], "stopped")
            self.assertEqual(watcher.answer(on)["payload"]["reason"], "stopped")
            time.sleep(max(started + (self.HANGS_AT_MS + self.HANGS_FOR_MS) / 1000 + 1 - time.monotonic(), 0))
            seen = [sample["value"] for its in watcher.drain(0.3) if its["type"] == "telemetry"
                    for sample in its["payload"]["samples"] if sample["channel"] == "cabin/heater"]
            self.assertNotIn(True, seen)
            self.assertIs(watcher.value("cabin/heater"), False)


if __name__ == "__main__":
    unittest.main()
