"""Readers that are slow or do not read at all: they cost nobody else anything."""
import json
import time
import unittest

from client import Bystander, Client
from device import PATIENCE, SANITIZED, DeviceTest, eventually
from ws import TEXT, frame

UNREAD_AFTER_MS = 2000


def stuff(client):
    """Asks for many long answers and reads none of them: some megabytes, more than goes into the socket's buffers."""
    client.offer(frame(TEXT, '{"type":"describe","msgId":"d"}') * 1500)
    time.sleep(0.2)


class SlowReaders(DeviceTest):
    OPTIONS = ("--unread-after-ms", UNREAD_AFTER_MS, "--dead-after-ms", 60_000)

    def test_who_never_reads_is_closed_and_nobody_else_notices(self):
        base = self.device.base_line()
        with Bystander(self.device) as other:
            time.sleep(1)
            quiet, first = other.median(0), len(other.latencies)
            sleepers = []
            for _ in range(3):
                sleepers.append(Client(self.device, receive_buffer=4096))
                stuff(sleepers[-1])
            started = time.monotonic()
            self.assertEqual(self.device.report().used("sessions"), 4)
            self.assertTrue(eventually(lambda: self.device.report().used("sessions") == 1, 10), "still there")
            self.assertLess(time.monotonic() - started, (UNREAD_AFTER_MS / 1000 + 6) * PATIENCE)
            self.assertGreater(len(other.latencies), first + 20)
            self.assertLess(other.median(first), 3 * quiet + 0.1 * PATIENCE, "the others waited")
            for client in sleepers:
                client.stream.close()
        self.assertEqual(self.device.returns_to(base), {})

    def test_told_so_when_it_reads_again(self):
        with Client(self.device, receive_buffer=4096) as client:
            stuff(client)
            time.sleep(UNREAD_AFTER_MS / 1000 + 0.6)
            code, told = client.closes(10)
        self.assertEqual((code, told[-1]["type"]), (1013, "goodbye"))
        self.assertGreater(told[-1]["payload"]["retryAfterMs"], 0)
        self.assertTrue(all(message["type"] == "description" for message in told[:-1]))

    def test_pauses_in_reading_lose_no_answer(self):
        asked = 300 if SANITIZED else 1500
        with Client(self.device, receive_buffer=65536) as client:
            client.offer(b"".join(frame(TEXT, json.dumps({"type": "describe", "msgId": str(i), "payload": {"path": "cabin/#"}}))
                                  for i in range(asked)))
            answers = []
            while len(answers) < asked:
                if len(answers) % 500 == 0:
                    time.sleep(UNREAD_AFTER_MS / 1000 / 4)
                client.offer()
                answers.append(client.receive(10))
            self.assertEqual([its["replyTo"] for its in answers], [str(i) for i in range(asked)])
            self.assertEqual({its["type"] for its in answers}, {"description"})
            self.assertEqual(client.close(), 1000)

    def test_telemetry_folds_for_a_slow_reader_only(self):
        with Client(self.device, receive_buffer=65536) as slow, Client(self.device) as quick:
            for client in (slow, quick):
                client.ask("subscribe", {"id": "all", "paths": ["#"], "mode": "fixed", "periodMs": 50})
            stuff(slow)
            told = quick.drain(1.0)
            folded, end = [], time.monotonic() + 20 * PATIENCE
            while not folded and time.monotonic() < end:
                slow.offer()
                told += quick.drain(0.001)  # it stays the quick one, however long this takes
                message = slow.receive(5)
                if message["type"] == "telemetry" and "folded" in message["payload"]:
                    folded.append(message["payload"])
            self.assertTrue(folded, "nothing was folded")
            for payload in folded:
                self.assertEqual(payload["folded"], sum(sample["count"] for sample in payload["samples"]))
                for sample in payload["samples"]:
                    if isinstance(sample["value"], (int, float)) and not isinstance(sample["value"], bool):
                        self.assertLessEqual(sample["min"], sample["value"], sample)
                        self.assertLessEqual(sample["value"], sample["max"], sample)
                    else:
                        self.assertNotIn("min", sample)
            self.assertGreater(max(sample["count"] for sample in folded[0]["samples"]), 3)
            told += quick.drain(0.5)
            slow.drain(0.5)
            self.assertGreater(len([its for its in told if its["type"] == "telemetry"]), 10)
            self.assertFalse([its for its in told if "folded" in its["payload"]], "the quick one was folded")
            self.assertEqual((slow.close(), quick.close()), (1000, 1000))


if __name__ == "__main__":
    unittest.main()
