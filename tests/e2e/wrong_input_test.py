"""Every member of every request: missing, of another type, out of its range, too long, twice: refused with a clear
answer, in both dialects; the session goes on and nothing moves. Generated from docs/schemas."""
import unittest

from device import DeviceTest
from schemas import Schemas, faults, types
from speaker import Speaker
from wrong_values import MALFORMED, Case, Walk

LAMP = "cabin/lamp"
CURSOR = "1.0.1763683195123.e7f3"
TERMS = {"until": "applied", "deadlineMs": 500, "notAfter": 1763683202000, "epoch": "e7f3", "clientId": "c", "leaseMs": 1000}

# Right requests of each type; together they use every member there is.
RIGHT = {
    "acknowledge": [{"offset": 7}, {"offset": "9007199254740993"}],
    "announce": [{"to": "group:night", "text": "Hello", "data": "cabin/heater"}],
    "authenticate": [{"token": "t" * 43}],
    "baton": [{"group": "cabin", "action": "take"}],
    "command": [{"channel": LAMP, "action": "set", "value": True, "ifVersion": 3, **TERMS},
                {"channel": LAMP, "action": "pulse", "pulseMs": 20}, {"channel": LAMP, "action": "toggle"}],
    "describe": [{"path": LAMP}],
    "history": [{"paths": ["cabin/#", LAMP], "from": 1763683199000, "to": 1763683201000, "stepMs": 500,
                 "aggregate": ["last", "mean"], "cursor": CURSOR}],
    "issueToken": [{"name": "panel", "scope": "read:cabin/# admin", "lifetimeS": 3600}],
    "join": [{"group": "night"}],
    "journal": [{"after": 1, "max": 3, "channel": "cabin/#", "outcome": "failed"}],
    "leave": [{"group": "night"}],
    "log": [{"follow": True, "resume": {"epoch": "e7f3", "offset": 2}}],
    "ping": [{"data": "hello"}],
    "presence": [{"after": 1}],
    "refreshToken": [{}],
    "reload": [{}],
    "renew": [{"channel": LAMP, "leaseMs": 1000}],
    "reset": [{}],
    "resume": [{"session": "0-1", "sessionToken": "s" * 43, "offset": 7}],
    "revokeToken": [{"id": "u3xQ0cV1yT9wZ5bN"}],
    "scene": [{"writes": [{"channel": "cabin/fan", "value": 5}, {"channel": LAMP, "action": "set", "value": True, "ifVersion": 3}],
               **TERMS}, {"writes": [{"channel": LAMP, "action": "pulse", "pulseMs": 20}]}],
    "stop": [{}],
    "subscribe": [{"id": "s", "paths": ["cabin/#", LAMP], "mode": "instant", "minPeriodMs": 100, "deadband": 0.5, "events": True, "presence": True,
                   "resume": {"epoch": "e7f3", "offset": 2}}, {"id": "s", "paths": ["#"], "mode": "fixed", "periodMs": 100}],
    "ticket": [{}],
    "tokens": [{"after": 1}],
    "unsubscribe": [{"id": "s"}],
    "whoami": [{}],
}
AT_ONCE = 25


def walks():
    schemas = Schemas()
    for kind, payloads in RIGHT.items():
        for payload in payloads:
            yield kind, Walk(schemas, {"$ref": f"requests/{kind}.json"}, "common.json", payload)


def foreign_members():
    """Each member of one right request in another one that has it not."""
    for kind, payloads in RIGHT.items():
        for payload in payloads:
            for other in payloads:
                for name in other.keys() - payload.keys():
                    yield kind, Case({**payload, name: other[name]}, (name,), "beside the others", MALFORMED)


def in_order(payload):
    """The one thing that no schema can say."""
    return "from" not in payload or payload["from"] < payload.get("to", 0)


def invalid(cases):
    """Those that the schemas refuse."""
    entries = [{"schema": f"requests/{kind}.json", "message": case.value} for kind, case in cases]
    return [case for case, fault in zip(cases, faults(entries)) if fault is not None]


def all_wrong():
    maybe = [(kind, case) for kind, walk in walks() for case in walk.missing()] + list(foreign_members())
    return invalid(maybe) + [(kind, case) for kind, walk in walks() for case in walk.wrong()]


class Generated(unittest.TestCase):
    """The generator and the schemas agree on what is right and wrong."""

    def test_there_are_right_requests_with_every_member(self):
        self.assertEqual(set(RIGHT), types("requests"))
        entries = [{"schema": f"requests/{kind}.json", "message": payload} for kind, payloads in RIGHT.items() for payload in payloads]
        self.assertEqual([fault for fault in faults(entries) if fault], [])
        schemas = Schemas()
        used = {kind: {name for payload in payloads for name in payload} for kind, payloads in RIGHT.items()}
        for kind in RIGHT:
            self.assertEqual(schemas.members(f"requests/{kind}.json") - used[kind], set(), f"a member of {kind} is in no right request")

    def test_what_is_wrong_is_wrong_by_the_schema(self):
        cases = [(kind, case) for kind, case in all_wrong() if case.what not in ("twice", "too many bytes")]
        refused = invalid(cases)
        self.assertEqual([case for case in cases if case not in refused], [])
        self.assertGreater(len(cases), 400)


class WrongInput(DeviceTest):
    OPTIONS = ("--authenticate-ms", 60000)

    def newest(self, speaker):
        return speaker.ask("journal", {"max": 1}).payload["newest"]

    def sent(self, speaker, cases):
        """Sends them in bursts; (case, answer) of each."""
        for first in range(0, len(cases), AT_ONCE):
            waiting = {}
            for kind, case in cases[first:first + AT_ONCE]:
                identifier = speaker.new_id()
                waiting[identifier] = (kind, case)
                speaker.send(speaker.request_text(kind, case.text, identifier))
            while waiting:
                told = speaker.next()
                if told.is_final:
                    yield (*waiting.pop(told.reply_to), told)

    def test_wrong_members_are_refused(self):
        for dialect, prefix in (("envelope", "payload"), ("jsonrpc", "params")):
            with Speaker(self.device, dialect) as speaker:
                before, count = self.newest(speaker), 0
                for kind, case, told in self.sent(speaker, all_wrong()):
                    count += 1
                    with self.subTest(f"{dialect} {kind} {case}"):
                        self.assertEqual(told.reason, case.reason, told)
                        field = told.payload.get("field", "")
                        self.assertTrue(field.startswith(f"{prefix}.") and case.is_told_by(field[len(prefix) + 1:]), told)
                        self.assertRegex(told.payload["detail"], "^found .*; expected .")
                        self.assertTrue(case.has_its_limits(told.payload["detail"]), told)
                        self.assertFalse(told.payload["temporary"])
                self.assertGreater(count, 400)
                self.assertEqual(speaker.ask("ping").type, "pong")
                self.assertEqual(self.newest(speaker), before, "something moved, or was tried")
                self.assertEqual(speaker.close(), 1000)

    def test_wrong_frames_are_refused(self):
        """What stands around the payload. Where the request's own name is wrong, its answer comes without."""
        frames = {"envelope": ("requestFrame", {"type": "ping", "msgId": "m", "timestamp": 1, "traceId": "t", "payload": {}}),
                  "jsonrpc": ("request", {"jsonrpc": "2.0", "id": "m", "method": "ping", "params": {"traceId": "t"}})}
        required = {"type", "jsonrpc", "id", "method"}
        for dialect, (name, message) in frames.items():
            walk = Walk(Schemas(), {"$ref": f"{dialect}.json#/$defs/{name}"}, "common.json", message)
            cases = [*walk.wrong(), *(case for case in walk.missing() if case.field in required)]
            self.assertGreater(len(cases), 25)
            with Speaker(self.device, dialect) as speaker:
                for case in cases:
                    with self.subTest(f"{dialect} {case}"):
                        speaker.send(case.text)
                        told = speaker.next()
                        self.assertIn(told.reason, (MALFORMED, "tooBig", "outOfRange", "unknownType"), told)
                        self.assertEqual(told.payload.get("field"), case.field, told)
                        self.assertRegex(told.payload["detail"], "^found .*; expected .")
                self.assertEqual(speaker.ask("ping").type, "pong")
                self.assertEqual(speaker.close(), 1000)

    def test_right_members_are_taken(self):
        """Up to the last value that the schemas allow, and without what they do not require. Without a credential, so that nothing comes of it."""
        cases = [(kind, case) for kind, walk in walks() for case in (*walk.edges(), *walk.missing(), Case(walk.value, (), "as it is", None))
                 if kind != "authenticate"]
        refused = invalid(cases)
        right = [(kind, case) for kind, case in cases if (kind, case) not in refused and in_order(case.value)]
        self.assertGreater(len(right), 80)
        for dialect in ("envelope", "jsonrpc"):
            with Speaker(self.device, dialect, token=None) as speaker:
                for kind, case, told in self.sent(speaker, right):
                    with self.subTest(f"{dialect} {kind} {case}"):
                        self.assertIn(told.reason, (None,) if kind == "ping" else ("unauthenticated",), told)


if __name__ == "__main__":
    unittest.main()
