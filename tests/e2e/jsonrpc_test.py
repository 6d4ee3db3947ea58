"""The dialect `jsonrpc`: a client that other people wrote, and one that misbehaves, beside one that speaks the envelope."""
import asyncio
import json
import unittest

import websockets

from client import Client
from device import PATIENCE, DeviceTest, eventually
from ws import Refused, Socket

HEATER = "cabin/heater"


class Caller(Socket):
    """Knows calls and their responses."""

    def __init__(self, device, *, protocols=("jsonrpc",), **options):
        super().__init__(device, token=device.token, protocols=protocols, **options)
        self.welcome = self.receive()

    def call(self, identifier, method, params=None):
        self.send({"jsonrpc": "2.0", "id": identifier, "method": method, "params": params or {}})
        return self.until(lambda its: "method" not in its and its["id"] == identifier, 10)

    def notify(self, method, params=None):
        self.send({"jsonrpc": "2.0", "method": method, "params": params or {}})

    def told(self, method, seconds=5):
        return self.until(lambda its: its.get("method") == method, seconds)["params"]


class JsonRpc(DeviceTest):
    def setUp(self):
        self.caller, self.other = Caller(self.device), Client(self.device)
        self.addCleanup(self.caller.stream.close)

    def tearDown(self):
        self.assertEqual(self.other.command(HEATER, False)["type"], "ack")
        self.assertEqual(self.other.close(), 1000)
        self.assertEqual(self.caller.close(), 1000)

    def test_a_journey_with_websockets(self):
        async def journey():
            async with websockets.connect(self.device.url, ssl=self.device.trust(), subprotocols=["soap", "jsonrpc"],
                                          extra_headers={"Authorization": f"Bearer {self.device.token}"}) as socket:
                self.assertEqual(socket.subprotocol, "jsonrpc")
                seen = []

                async def until(wanted):
                    while not seen or not wanted(seen[-1]):
                        seen.append(json.loads(await asyncio.wait_for(socket.recv(), 5 * PATIENCE)))
                        self.assertEqual(seen[-1]["jsonrpc"], "2.0")
                    return seen[-1]

                async def call(identifier, method, params):
                    await socket.send(json.dumps({"jsonrpc": "2.0", "id": identifier, "method": method, "params": params}))
                    return await until(lambda its: "method" not in its and its["id"] == identifier)

                welcome = await until(lambda its: its.get("method") == "welcome")
                self.assertTrue(welcome["params"]["authenticated"])
                answer = await call(1, "subscribe", {"id": "s", "paths": ["cabin/#"], "mode": "fixed", "periodMs": 100})
                self.assertEqual((answer["result"]["type"], answer["result"]["id"]), ("snapshot", "s"))
                answer = await call("c-1", "command", {"channel": HEATER, "value": True, "traceId": "t-1"})
                self.assertEqual(answer["result"], {"type": "ack", "traceId": "t-1", "outcome": "verified"})
                rungs = [its["params"] for its in seen if its.get("method") == "progress"]
                self.assertIn({"replyTo": "c-1", "traceId": "t-1", "rung": "applied"}, rungs)
                await until(lambda its: its.get("method") == "telemetry" and
                            {HEATER: True}.items() <= {s["channel"]: s["value"] for s in its["params"]["samples"]}.items())

        asyncio.run(journey())
        self.assertIs(self.other.value(HEATER), True)

    def test_both_dialects_see_the_same_device(self):
        self.assertEqual(self.caller.welcome["params"]["epoch"], self.other.welcome["payload"]["epoch"])
        mine = self.caller.call(1, "describe", {"path": "cabin/fan"})["result"]
        yours = self.other.ask("describe", {"path": "cabin/fan"})["payload"]
        self.assertEqual((mine.pop("type"), set(mine)), ("description", set(yours)))
        self.assertEqual(mine["limits"], yours["limits"])
        self.caller.call(2, "subscribe", {"id": "s", "paths": [HEATER]})
        self.assertEqual(self.caller.told("synced")["replyTo"], 2)
        self.assertEqual(self.other.command(HEATER, True)["payload"], {"outcome": "verified"})
        self.assertIs(self.caller.told("telemetry")["samples"][0]["value"], True)

    def test_a_repeat_in_the_other_dialect_moves_nothing(self):
        once = {"channel": HEATER, "action": "toggle", "clientId": "panel"}
        self.assertEqual(self.caller.call("r-1", "command", once)["result"]["outcome"], "verified")
        self.assertEqual(self.other.answer(self.other.request("command", once, "r-1"))["payload"], {"outcome": "verified"})
        self.assertIs(self.other.value(HEATER), True)

    def test_errors(self):
        for text, identifier, code, reason in (
                ("{", None, -32700, "malformed"), ("[]", None, -32600, "malformed"),
                ('[{"jsonrpc":"2.0","id":1,"method":"ping"}]', None, -32600, "malformed"),
                ('{"jsonrpc":"2.0","id":null,"method":"ping"}', None, -32600, "malformed"),
                ('{"jsonrpc":"2.0","id":0.5,"method":"ping"}', None, -32600, "malformed"),
                ('{"jsonrpc":"2.0","id":"%s","method":"ping"}' % ("x" * 37), None, -32600, "tooBig"),
                ('{"id":7,"method":"ping"}', 7, -32600, "malformed"),
                ('{"jsonrpc":"2.0","id":"","method":"dance"}', "", -32601, "unknownType"),
                ('{"jsonrpc":"2.0","id":-9007199254740991,"method":"ping","params":[1]}', -9007199254740991, -32602, "malformed"),
                ('{"jsonrpc":"2.0","id":8,"method":"command","params":{"channel":"cabin/fan","value":101}}', 8, -32602, "outOfRange"),
                ('{"jsonrpc":"2.0","id":9,"method":"command","params":{"channel":"cabin/oven","value":1}}', 9, 404, "notFound")):
            with self.subTest(text[:60]):
                self.caller.send(text)
                answer = self.caller.until(lambda its: "method" not in its)
                self.assertEqual(set(answer), {"jsonrpc", "id", "error"})
                self.assertEqual((answer["id"], answer["error"]["code"]), (identifier, code), answer)
                self.assertEqual(answer["error"]["data"]["reason"], reason)
                self.assertTrue(answer["error"]["message"] and answer["error"]["data"]["detail"])

    def test_notifications(self):
        self.caller.notify("command", {"channel": HEATER, "value": True})
        told = self.caller.told("error")
        self.assertEqual((told["reason"], told["field"]), ("malformed", "id"))
        self.caller.send({"jsonrpc": "2.0", "id": 1, "result": {}})
        self.assertIn("response", self.caller.told("error")["detail"])
        self.assertEqual(self.caller.call(2, "ping")["result"]["type"], "pong")
        self.assertIs(self.other.value(HEATER), False)
        self.assertEqual([its for its in self.caller.others if "method" not in its], [], "a response nobody may send")

    def test_a_stop_without_an_id(self):
        self.assertEqual(self.other.command(HEATER, True)["payload"], {"outcome": "verified"})
        self.caller.notify("stop")
        self.assertEqual(self.caller.told("ack"), {"outcome": "stopped"})
        self.assertTrue(eventually(lambda: self.other.value(HEATER) is False))
        self.assertEqual(self.other.command(HEATER, True)["payload"]["reason"], "stopped")
        self.assertEqual(self.caller.call(1, "reset")["result"], {"type": "ack", "outcome": "reset"})


class Negotiation(DeviceTest):
    def test_the_first_offer_that_is_spoken(self):
        for offered, chosen in ((("jsonrpc",), "jsonrpc"), (("jsonrpc", "signalbox.v1"), "jsonrpc"),
                                (("signalbox.v1", "jsonrpc"), "signalbox.v1"), (("soap", "jsonrpc", "signalbox.v1"), "jsonrpc")):
            with self.subTest(offered), Caller(self.device, protocols=offered) as caller:
                self.assertEqual(caller.handshake.headers["sec-websocket-protocol"], chosen)
                self.assertEqual("method" in caller.welcome, chosen == "jsonrpc")
                caller.close()

    def test_unknown_offers_are_told_what_is_spoken(self):
        for offered in (("soap",), ("JSONRPC",), ("jsonrpc2", "jsonrpc.v1"), ("json rpc",)):
            with self.subTest(offered), self.assertRaises(Refused) as refused:
                Socket(self.device, token=self.device.token, protocols=offered)
            answer = refused.exception.answer
            self.assertEqual((answer.status, answer.json()["reason"]), (400, "malformed"))
            self.assertIn("signalbox.v1, jsonrpc", answer.json()["detail"])


if __name__ == "__main__":
    unittest.main()
