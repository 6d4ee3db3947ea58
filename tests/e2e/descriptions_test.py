"""The schemas and the AsyncAPI document say what the device does: its examples, a real session, its own lists."""
import json
import re
import subprocess
import unittest

from client import Client
from device import PATIENCE, TOP, DeviceTest, bench_device_file, eventually
from full_device import full_device_file
from schemas import examples, faults, types
from speaker import FINAL, Speaker
from ws import Closed, Socket

HEATER, FAN, LAMP = "cabin/heater", "cabin/fan", "cabin/lamp"
MESSAGES = TOP / "firmware/protocol"


def names_in_code(variant):
    """The `type` of each message in one of the variants of message.hpp."""
    source = (MESSAGES / "message.hpp").read_text()
    words = re.search(rf"using {variant} =\s+std::variant<([^;]*)>;", source).group(1).replace("\n", " ").split(",")
    headers = "\n".join(path.read_text() for path in (MESSAGES / "messages").glob("*.hpp"))
    return {re.search(rf"(?:struct|class) {word.strip()} {{.*?string_view type = \"(\w+)\"", headers, re.S).group(1)
            for word in words}


class Document(unittest.TestCase):
    """Every example of PROTOCOL.md, and what the frames list."""

    def test_examples(self):
        entries, all_examples = [], examples()
        for label, text in all_examples:
            dialect = "jsonrpc" if "jsonrpc" in label or '"jsonrpc"' in text else "envelope"
            if label.endswith("request"):
                entries.append({"dialect": dialect, "side": "request", "message": json.loads(text)})
            elif label.startswith("answer"):
                entries.append({"dialect": dialect, "side": "told", "message": json.loads(text)})
        self.assertGreater(len(entries), 50)
        for entry, fault in zip(entries, faults(entries)):
            with self.subTest(json.dumps(entry["message"])[:80]):
                self.assertIsNone(fault)
        shown = {entry["message"].get("type") or entry["message"].get("method") for entry in entries}
        self.assertEqual((types("requests") | types("told")) - shown, set(), "a type without an example")

    def test_refused_examples(self):
        """All of them are wrong by the schema too: none is refused for what it means only."""
        entries = []
        for label, text in examples():
            if label.endswith("refused") and not text.endswith("{"):
                entries.append({"dialect": "jsonrpc" if "jsonrpc" in label else "envelope", "side": "request", "message": json.loads(text)})
        self.assertGreater(len(entries), 8)
        for entry, fault in zip(entries, faults(entries)):
            with self.subTest(json.dumps(entry["message"])[:80]):
                self.assertIsNotNone(fault)

    def test_types_are_those_of_the_code(self):
        self.assertEqual(types("requests"), names_in_code("Request"))
        self.assertEqual(types("told"), names_in_code("Told") | names_in_code("Published"))

    def test_frames_list_every_type(self):
        for frame, sides in (("envelope.json", ("request", "told")), ("jsonrpc.json", ("request", "result", "notification"))):
            text = (TOP / "docs/schemas" / frame).read_text()
            self.assertEqual(set(re.findall(r"requests/(\w+)\.json", text)), types("requests"), frame)
            self.assertEqual(set(re.findall(r"told/(\w+)\.json", text)), types("told"), frame)
            for side in sides:
                self.assertIn(f'"{side}"', text)

    def test_the_schemas_own_device_file_is_right(self):
        files = [bench_device_file(), full_device_file()]
        self.assertEqual(faults([{"schema": "device-file.json", "message": file} for file in files]), [None, None])

    def test_the_boards_page_explains_every_member_of_a_device_file(self):
        page = (TOP / "boards/README.md").read_text()
        told = {word for text in re.findall(r"`([^`\n]+)`", page) for word in re.findall(r"\w+", text)}

        def members(schema):
            if isinstance(schema, dict):
                for name, its in schema.items():
                    yield from its if name == "properties" else ()
                    yield from members(its)
            elif isinstance(schema, list):
                for its in schema:
                    yield from members(its)

        names = set(members(json.loads((TOP / "docs/schemas/device-file.json").read_text())))
        self.assertGreater(len(names), 60)
        self.assertEqual(names - told, set())


class AsyncApi(unittest.TestCase):
    """The AsyncAPI document, read by AsyncAPI's own parser."""

    @classmethod
    def setUpClass(cls):
        done = subprocess.run(["node", TOP / "tests/npm/asyncapi.mjs"], capture_output=True, text=True, timeout=30 * PATIENCE)
        assert done.returncode == 0, done.stderr
        cls.told = json.loads(done.stdout)

    def test_it_has_no_fault(self):
        self.assertEqual([its for its in self.told["diagnostics"] if its["severity"] < 2], [])
        self.assertEqual(self.told["found"]["servers"], [["wss", "{host}:{port}"]])

    def test_it_has_every_message_of_both_sides(self):
        operations = {name: (messages, replies) for name, messages, replies in self.told["found"]["operations"]}
        for frame in ("call", "notify"):
            del operations[frame]
        formats, _ = operations.pop("stream")
        source = (TOP / "firmware/link/http_session.cpp").read_text()
        self.assertEqual(set(formats), set(re.findall(r'"stream\.(\w+)"', source)), "the formats of /v1/stream")
        unasked, _ = operations.pop("tell")
        self.assertEqual(set(operations), types("requests"))
        for name, (messages, replies) in operations.items():
            self.assertEqual((messages, replies[-1], len(replies)), ([name], "error", 2))
        self.assertEqual(set(unasked), types("told") - set(FINAL))
        self.assertEqual({replies[0] for _, replies in operations.values()} | {"error"}, set(FINAL))


    def test_the_stream_has_every_parameter_of_the_code(self):
        queries = [names for address, names in self.told["found"]["queries"] if names]
        source = (MESSAGES / "dialects/http_query.cpp").read_text()
        of_stream = re.search(r"kOfStream\{kPaths, (.*?)\};", source).group(1)
        of_link = re.search(r"kOfLink\{(.*?)\};", (TOP / "firmware/link/http_session.cpp").read_text()).group(1)
        self.assertEqual([set(names) for names in queries], [{"paths", *re.findall(r'"(\w+)"', of_stream + of_link)}])


class Stream(DeviceTest):
    """What /v1/stream really sends, in each format, held against what AsyncAPI says of it."""

    @classmethod
    def device_file(cls):
        return full_device_file()

    def text(self, stream):
        """The next message, whatever it is."""
        text = b""
        while True:
            opcode, is_final, payload = stream.receive_frame()
            text += payload if opcode < 3 else b""
            if opcode < 3 and is_final:
                return text.decode()

    def test_each_format(self):
        with Client(self.device) as client:
            self.assertTrue(eventually(lambda: all(its["at"] for its in client.ask("describe", {"path": "cabin/#"})["payload"]["channels"])))
            client.close()
        entries = []
        for name in ("flat", "long", "influx"):
            with Socket(self.device, token=self.device.token, protocols=(), path=f"/v1/stream?format={name}&period=50") as stream:
                for _ in range(3):
                    text = self.text(stream)
                    entries.append({"schema": f"stream.json#/$defs/{name}", "message": text if name == "influx" else json.loads(text)})
        for entry, fault in zip(entries, faults(entries)):
            self.assertIsNone(fault, json.dumps(entry))
        wrong = ({"time": 1, "cabin/fan": {}}, [{"channel": "cabin/fan", "value": 1}], "cabin/fan value=1\n")
        names = ("flat", "long", "influx")
        self.assertNotIn(None, faults([{"schema": f"stream.json#/$defs/{name}", "message": its} for name, its in zip(names, wrong)]))


class Session(DeviceTest):
    """Everything a real device sends, in both dialects, held against the schemas."""

    @classmethod
    def device_file(cls):
        return full_device_file()

    def right(self, *speakers):
        """All that they asked and heard is as the schemas have it; the types heard."""
        entries = []
        for speaker in speakers:
            entries += [{"dialect": speaker.dialect, "side": "told", "message": told.message} for told in speaker.heard]
            entries += [{"dialect": speaker.dialect, "side": "request", "message": message} for message in speaker.asked]
        for entry, fault in zip(entries, faults(entries)):
            self.assertIsNone(fault, json.dumps(entry))
        return {told.type for speaker in speakers for told in speaker.heard}

    def journey(self, dialect):
        """Asks for everything there is."""
        old = Speaker(self.device, dialect)
        secret = {name: old.heard[0].payload[name] for name in ("session", "sessionToken")}
        self.assertEqual(old.ask("subscribe", {"id": "kept", "paths": [HEATER]}).type, "snapshot")
        old.close()
        one = Speaker(self.device, dialect, token=None)
        self.assertEqual(one.ask("describe").reason, "unauthenticated")
        self.assertEqual(one.ask("authenticate", {"token": "wrong"}).type, "error")
        self.assertEqual(one.ask("authenticate", {"token": self.device.token}).payload["outcome"], "authenticated")
        self.assertEqual(one.ask("resume", secret | {"offset": "0"}).payload, {"outcome": "resumed", "subscriptions": 1})
        self.assertEqual(one.ask("ping").type, "pong")
        self.assertEqual(one.ask("ping", {"data": "ä" * 60}).payload["data"], "ä" * 60)
        self.assertTrue(eventually(lambda: all(its["at"] for its in one.ask("describe", {"path": "cabin/#"}).payload["channels"])))
        self.assertEqual(one.ask("describe").type, "description")
        epoch = one.heard[0].payload["epoch"]
        self.assertEqual(one.ask("subscribe", {"id": "all", "paths": ["#"], "events": True, "presence": True, "minPeriodMs": 0,
                                               "resume": {"epoch": epoch, "offset": 0}}).type, "snapshot")
        self.assertEqual(one.ask("subscribe", {"id": "old", "paths": [HEATER], "resume": {"epoch": "other", "offset": "7"}}).type,
                         "snapshot")
        self.assertEqual(one.ask("subscribe", {"id": "beat", "paths": ["cabin/#"], "mode": "fixed", "periodMs": 50}).type, "snapshot")
        self.assertEqual(one.ask("baton", {"group": "cabin", "action": "take"}).payload, {"outcome": "taken"})
        self.assertEqual(one.ask("command", {"channel": HEATER, "value": True, "leaseMs": 5000, "clientId": "d"}).payload,
                         {"outcome": "verified"})
        self.assertEqual(one.ask("renew", {"channel": HEATER, "leaseMs": 5000}).payload, {"outcome": "renewed"})
        self.assertEqual(one.ask("command", {"channel": HEATER, "action": "release", "until": "applied"}).type, "ack")
        self.assertEqual(one.ask("command", {"channel": LAMP, "action": "pulse", "pulseMs": 20, "until": "applied"}).type, "ack")
        self.assertEqual(one.ask("command", {"channel": HEATER, "value": True, "deadlineMs": 1, "notAfter": 1}).reason, "expired")
        self.assertEqual(one.ask("scene", {"writes": [{"channel": FAN, "value": 0}, {"channel": HEATER, "value": True}],
                                           "notAfter": 1}).reason, "expired")
        self.assertEqual(one.ask("stop").payload, {"outcome": "stopped"})
        self.assertEqual(one.ask("command", {"channel": HEATER, "value": True}).reason, "stopped")
        self.assertEqual(one.ask("reset").payload, {"outcome": "reset"})
        self.assertEqual(one.ask("reload").payload, {"outcome": "reloaded"})
        self.assertEqual(one.ask("baton", {"group": "cabin", "action": "grant"}).payload, {"outcome": "granted"})
        now = one.ask("ping").payload["deviceTime"]
        span = {"paths": ["cabin/#"], "from": now - 60000, "to": now}
        page = one.ask("history", span)
        while "cursor" in page.payload:
            page = one.ask("history", {**span, "cursor": page.payload["cursor"]})
        self.assertEqual(one.ask("history", {**span, "stepMs": 1000, "aggregate": ["last", "mean", "count"]}).type, "history")
        self.assertEqual(one.ask("journal", {"max": 5}).type, "journal")
        self.assertEqual(one.ask("journal", {"channel": "cabin/#", "outcome": "failed"}).type, "journal")
        if one.dialect == "envelope":
            self.assertEqual(one.ask("acknowledge", {"offset": self.raised(one)}).payload, {"outcome": "acknowledged"})
        self.assertEqual(one.ask("acknowledge", {"offset": 0}).reason, "notFound")
        self.assertEqual(one.ask("join", {"group": "night"}).payload, {"outcome": "joined"})
        with Speaker(self.device, "envelope") as other:
            other.ask("join", {"group": "night"})
            self.assertEqual(one.ask("announce", {"to": "group:night", "text": "1", "data": "2"}).payload,
                             {"outcome": "announced", "reached": 1})
            self.assertEqual(other.ask("announce", {"to": "all", "text": "3"}).payload["outcome"], "announced")
            one.until(lambda its: its.type == "announcement")
            other.close()
        self.assertEqual(one.ask("presence").type, "presence")
        self.assertEqual(one.ask("whoami").payload["role"], "admin")
        issued = one.ask("issueToken", {"name": "panel", "scope": "viewer", "lifetimeS": 60})
        self.assertEqual(one.ask("tokens").type, "tokens")
        self.assertEqual(one.ask("revokeToken", {"id": issued.payload["id"]}).payload, {"outcome": "revoked"})
        self.assertEqual(one.ask("refreshToken").type, "token")
        self.assertEqual(one.ask("ticket").type, "ticket")
        self.assertEqual(one.ask("log", {"resume": {"epoch": epoch, "offset": 0}}).payload, {"outcome": "following"})
        one.until(lambda its: its.type == "logLine")
        self.assertEqual(one.ask("log", {"follow": False}).payload, {"outcome": "unfollowed"})
        self.assertEqual(one.ask("leave", {"group": "night"}).payload, {"outcome": "left"})
        self.assertEqual(one.ask("unsubscribe", {"id": "all"}).payload, {"outcome": "unsubscribed"})
        self.assertEqual(one.ask("unsubscribe", {"id": "all"}).reason, "notFound")
        return one

    def raised(self, speaker):
        """The offset of an alarm that waits for somebody."""
        def found():
            alarms, = (channel["alarms"] for channel in speaker.ask("describe", {"path": "tank/level"}).payload["channels"])
            return next((its["offset"] for its in alarms if its["state"] == "active"), None)
        return eventually(found)

    def test_a_session_in_both_dialects(self):
        """What was heard too rarely to wait for here (`eventGap`, folds) stands in the document's examples."""
        for speaker in map(self.journey, ("envelope", "jsonrpc")):  # one after the other: who waits unread is taken for dead
            asked = {message.get("type") or message.get("method") for message in speaker.asked}
            self.assertEqual(types("requests") - asked, set(), "a type that nobody asked for")
            speaker.send_frame(2, b"binary")
            with self.assertRaises(Closed):
                while True:
                    speaker.next()
            self.assertLessEqual(types("told") - self.right(speaker), {"eventGap"})

    def test_the_devices_own_list(self):
        """`unknownType` names the types there are, as far as they fit; each type with a schema is known."""
        for dialect in ("envelope", "jsonrpc"):
            speaker = Speaker(self.device, dialect)
            detail = speaker.ask("reboot").payload["detail"]
            named = set(re.search(r"one of ([\w, ]+)", detail).group(1).replace(" ", "").strip(",").split(","))
            self.assertLessEqual(named, types("requests"))
            if not detail.endswith("..."):
                self.assertEqual(named, types("requests"))
            for kind in types("requests") - {"stop", "authenticate"}:
                self.assertNotEqual(speaker.ask(kind).reason, "unknownType", kind)
            self.assertEqual(speaker.close(), 1000)


if __name__ == "__main__":
    unittest.main()
