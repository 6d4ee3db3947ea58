"""Whatever comes in, there is a clear answer, and a bystander on the same device notices nothing."""
import json
import os
import struct
import time
import unittest

from client import Bystander, Client
from device import PATIENCE, DeviceTest
from ws import BINARY, CLOSE, CONTINUATION, PING, TEXT, Closed, frame, read_head, tcp, tls

UNREAD_AFTER_MS = 1500
MESSAGE_BYTES = 16384
NOT_UTF8 = (b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b'{"type":"ping","msgId":"\xe4"}', b"\xe2\x82")


def nested(levels):
    """A request so many levels deep, itself the first, its payload the second."""
    depth = levels - 2
    return '{"type":"ping","msgId":"n","payload":{"x":' + "[" * depth + "]" * depth + "}}"


class BadInput(DeviceTest):
    OPTIONS = ("--unread-after-ms", UNREAD_AFTER_MS)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.base = cls.device.base_line()
        cls.other = Bystander(cls.device)
        cls.other.__enter__()

    @classmethod
    def tearDownClass(cls):
        try:
            cls.other.__exit__(None)
            left = cls.device.returns_to(cls.base)
            assert left == {}, left
        finally:
            super().tearDownClass()

    def test_messages_that_are_answered(self):
        m, bad = "m", "malformed"
        cases = (
            ("", None, bad), ("hello", None, bad), ("null", None, bad), ("[]", None, bad), ("17", None, bad), ("{", None, bad),
            ('{"type":"ping","msgId":"m"', m, bad), ('{"type":"ping","msgId":"m"} x', m, bad),
            ('{"type":"ping","msgId":"m","msgId":"m"}', m, bad), ('{"type":"ping","type":"ping","msgId":"m"}', m, bad),
            ('{"msgId":"m"}', m, bad), ('{"type":null,"msgId":"m"}', m, bad), ('{"type":5,"msgId":"m"}', m, bad),
            ('{"type":"ping","msgId":5}', None, bad), ('{"type":"ping","msgId":"' + "m" * 37 + '"}', None, "tooBig"),
            ('{"type":"ping","msgId":"m","payload":[]}', m, bad), ('{"type":"ping","msgId":"m","payload":"x"}', m, bad),
            ('{"type":"ping","msgId":"m","payload":{"data":5}}', m, bad),
            ('{"type":"ping","msgId":"m","payload":{"data":"' + "x" * 4097 + '"}}', m, "tooBig"),
            ('{"type":"ping","msgId":"m","payload":{"data":"\\u0000"}}', m, bad),
            ('{"type":"ping","msgId":"m","payload":{"data":"\\ud800"}}', m, bad),
            ('{"type":"ping","msgId":"m","payload":{"data":"\x01"}}', m, bad),
            ('\ufeff{"type":"ping","msgId":"m"}', None, bad), ("{'type':'ping'}", None, bad),
            ('{"type":"ping","msgId":"m","timestamp":01}', m, bad), ('{"type":"ping","msgId":"m","timestamp":NaN}', m, bad),
            ('{"type":"ping","msgId":"m","timestamp":' + "9" * 64 + "}", m, bad),
            (nested(17).replace('"n"', '"m"'), m, bad), ("[" * 8000, None, bad),
            ('{"type":"ping","msgId":"m","payload":{' + ",".join(f'"k{i}":1' for i in range(65)) + "}}", m, "tooBig"),
            ('{"type":"reboot","msgId":"m"}', m, "unknownType"), ('{"type":"PING","msgId":"m"}', m, "unknownType"),
            ('{"type":"welcome","msgId":"m"}', m, "unknownType"), ('{"type":"","msgId":"m"}', m, bad),
            ('{"type":"authenticate","msgId":"m"}', m, bad), ('{"type":"authenticate","msgId":"m","payload":{"token":""}}', m, bad),
            ('{"type":"describe","msgId":"m","payload":{"path":"a b"}}', m, bad),
            ('{"type":"subscribe","msgId":"m"}', m, bad),
            ('{"type":"subscribe","msgId":"m","payload":{"id":"a","paths":[]}}', m, bad),
            ('{"type":"subscribe","msgId":"m","payload":{"id":"a","paths":"#"}}', m, bad),
            ('{"type":"subscribe","msgId":"m","payload":{"id":"a","paths":["#/x"]}}', m, bad),
            ('{"type":"subscribe","msgId":"m","payload":{"id":"a","paths":["nobody/#"]}}', m, "notFound"),
            ('{"type":"subscribe","msgId":"m","payload":{"id":"' + "a" * 32 + '","paths":["#"]}}', m, "tooBig"),
            ('{"type":"subscribe","msgId":"m","payload":{"id":"a","paths":' + json.dumps(["#"] * 9) + "}}", m, "tooBig"),
            ('{"type":"subscribe","msgId":"m","payload":{"id":"a","paths":["#"],"mode":"fixed","periodMs":49}}', m, "outOfRange"),
            ('{"type":"subscribe","msgId":"m","payload":{"id":"a","paths":["#"],"periodMs":100}}', m, bad),
            ('{"type":"subscribe","msgId":"m","payload":{"id":"a","paths":["#"],"deadband":-1}}', m, "outOfRange"),
            ('{"type":"subscribe","msgId":"m","payload":{"id":"a","paths":["#"],"mode":"now"}}', m, bad),
            ('{"type":"unsubscribe","msgId":"m","payload":{"id":"a"}}', m, "notFound"),
        )
        with Client(self.device) as client:
            for text, reply_to, reason in cases:
                with self.subTest(text[:70]):
                    answer = client.ask_text(text)
                    self.assertEqual((answer["type"], answer["payload"].get("reason")), ("error", reason), answer)
                    self.assertEqual(answer.get("replyTo"), reply_to, answer)
                    self.assertTrue(answer["payload"]["detail"])
                    self.assertFalse(answer["payload"]["temporary"])
            self.assertEqual(client.drain(0.2), [], "something was answered twice")
            self.assertEqual(client.close(), 1000)

    def test_messages_at_the_limits_are_taken(self):
        with Client(self.device) as client:
            for text in (nested(16), '{"type":"ping","msgId":"n"}'.ljust(MESSAGE_BYTES),
                         '{"type":"ping","msgId":"' + "m" * 36 + '","payload":{"data":"' + "x" * 4096 + '"}}',
                         '{"type":"ping","payload":{"data":"\\u00e4\\ud83d\\ude00"},"unknown":[1,{"a":null}]}',
                         '\r\n\t {"type":"ping","msgId":null,"payload":null} \n'):
                self.assertEqual(client.ask_text(text)["type"], "pong", text[:60])
            for i in range(4):
                self.assertEqual(client.ask("subscribe", {"id": f"s{i}", "paths": ["#"]})["type"], "snapshot")
            refused = client.ask("subscribe", {"id": "s4", "paths": ["#"]})
            self.assertEqual(refused["payload"]["reason"], "busy")
            self.assertEqual(client.ask("subscribe", {"id": "s3", "paths": ["cabin/#"]})["type"], "snapshot")
            client.close()

    def closed_by(self, *pieces, code, seconds=5):
        with Client(self.device) as client:
            for piece in pieces:
                client.send_bytes(piece)
            found, told = client.closes(seconds)
            self.assertEqual(found, code)
            self.assertFalse([its for its in told if its["type"] not in ("goodbye", "error", "pong")], told)
            return told

    def test_frames_that_close(self):
        text = '{"type":"ping"}'
        cases = [
            ("a message too big", [frame(TEXT, b" " * (MESSAGE_BYTES + 1))], 1009),
            ("fragments too big", [frame(TEXT, b" " * 9000, final=False), frame(CONTINUATION, b" " * 9000)], 1009),
            ("endless fragments", [frame(TEXT, b" ", final=False)] + [frame(CONTINUATION, b" " * 1000, final=False)] * 17, 1009),
            ("a length of 2^40", [bytes([0x81, 0xFF]) + struct.pack("!Q", 1 << 40) + b"\0\0\0\0" + b" " * 20_000], 1009),
            ("binary", [frame(BINARY, text)], 1003),
            ("not masked", [frame(TEXT, text, masked=False)], 1002),
            ("a reserved bit", [frame(TEXT, text, reserved=4)], 1002),
            ("a reserved opcode", [frame(3, text)], 1002),
            ("a reserved control opcode", [frame(11, text)], 1002),
            ("a continuation of nothing", [frame(CONTINUATION, text)], 1002),
            ("a message in a message", [frame(TEXT, "{", final=False), frame(TEXT, text)], 1002),
            ("a fragmented ping", [frame(PING, "x", final=False)], 1002),
            ("a long ping", [frame(PING, "x" * 126)], 1002),
            ("a length of 2^63", [bytes([0x81, 0xFF]) + b"\xff" * 8 + b"\0\0\0\0"], 1002),
            ("a length longer than need be", [bytes([0x81, 0xFE, 0, 5]) + b"\0\0\0\0hello"], 1002),
            ("half a close code", [frame(CLOSE, b"\x03")], 1002),
            ("a close code that must not be sent", [frame(CLOSE, struct.pack("!H", 1005))], 1002),
            ("a close reason that is not UTF-8", [frame(CLOSE, struct.pack("!H", 1000) + b"\xff")], 1007),
        ] + [(f"not UTF-8: {bad}", [frame(TEXT, bad)], 1007) for bad in NOT_UTF8] + [
            ("not UTF-8 over two fragments", [frame(TEXT, b"\xe2\x82", final=False), frame(CONTINUATION, b"\x28")], 1007),
            ("not UTF-8, noticed before the end", [frame(TEXT, b"\xff", final=False)], 1007),
        ]
        for name, pieces, code in cases:
            with self.subTest(name):
                told = self.closed_by(*pieces, code=code)
                self.assertEqual(told[-1]["type"] if told else None, "goodbye")

    def test_frames_that_are_fine(self):
        with Client(self.device) as client:
            message = '{"type":"ping","msgId":"f","payload":{"data":"äöü €"}}'.encode()
            for size in (1, 7, 30):
                parts = [message[i:i + size] for i in range(0, len(message), size)]
                for i, part in enumerate(parts):
                    client.send_frame(TEXT if i == 0 else CONTINUATION, part, final=i == len(parts) - 1)
                    client.send_frame(PING, b"between")
                self.assertEqual(client.answer("f")["payload"]["data"], "äöü €")
            client.send_frame(TEXT, b"", final=False)
            client.send_frame(CONTINUATION, message)
            self.assertEqual(client.answer("f")["type"], "pong")
            for byte in frame(TEXT, message):  # one TLS record for each byte
                client.send_bytes(bytes([byte]))
            self.assertEqual(client.answer("f")["type"], "pong")
            for code in (1000, 1001, 3000, 4999):
                with Client(self.device) as leaving:
                    self.assertEqual(leaving.close(code), code)
            client.send_frame(CLOSE)
            with self.assertRaises(Closed) as closed:
                client.receive()
            self.assertEqual(closed.exception.code, 1005)

    def test_a_message_left_incomplete(self):
        started = time.monotonic()
        self.closed_by(frame(TEXT, '{"type":', final=False), code=1008)
        self.assertGreater(time.monotonic() - started, UNREAD_AFTER_MS / 1000 - 0.1)
        self.closed_by(frame(TEXT, '{"type":"ping"}')[:-4], code=1008)  # the frame itself is cut
        self.closed_by(frame(TEXT, '{"type":"ping"}')[:6], code=1008)  # behind its head

    def test_not_http(self):
        cases = (b"\0\1\2\3\4\5\r\n\r\n", b"hello\r\n\r\n", b"GET\r\n\r\n", b"BREW /pot HTTP/1.1\r\n\r\n",
                 os.urandom(300).replace(b"\n", b"") + b"\r\n\r\n",
                 b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        for garbage in cases:
            with self.subTest(garbage[:30]), tls(self.device) as stream:
                stream.sendall(garbage)
                head, _ = read_head(stream)
                self.assertRegex(head.decode("latin-1"), r"^HTTP/1.1 (400|404|405|426|501|505)")

    def test_a_huge_head(self):
        for name, head in (("one header", "X-Long: " + "x" * 20_000), ("many headers", "\r\n".join(f"X-{i}: {i}" for i in range(2000))),
                           ("a long path", None)):
            with self.subTest(name), tls(self.device) as stream:
                path = "/v1/ws" if head else "/" + "x" * 20_000
                try:
                    stream.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n".encode())
                    answer, _ = read_head(stream)
                    self.assertRegex(answer.decode("latin-1"), r"^HTTP/1.1 (431|414)")
                except ConnectionError:
                    self.fail("reset before the answer could be read")

    def test_what_comes_too_slowly_is_closed_in_time(self):
        """Not TLS, half of a TLS handshake, nothing at all, half an HTTP request: all are gone in their time."""
        hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
        silent, half, not_tls = tcp(self.device), tcp(self.device), tcp(self.device)
        no_request, half_request, no_colon = tls(self.device), tls(self.device), tls(self.device)
        no_colon.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nno colon here\r\n\r\n")
        half.sendall(hello)
        not_tls.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        half_request.sendall(b"GET /healthz HTTP/1.1\r\nHo")
        started = time.monotonic()
        with self.subTest("not TLS"):
            self.end_of(not_tls, 8)  # at once, not when the time for the handshake is over
        for name, stream in (("nothing at all", silent), ("half a client hello", half), ("TLS, then nothing", no_request),
                             ("half a request", half_request), ("a header without a colon", no_colon)):
            with self.subTest(name):
                self.end_of(stream, 25 * PATIENCE)
        self.assertLess(time.monotonic() - started, 20 + 5 * PATIENCE)

    def end_of(self, stream, seconds):
        """How long until the device closes; what it says first does not matter."""
        stream.settimeout(seconds)
        started = time.monotonic()
        try:
            while stream.recv(4096):
                pass
        except TimeoutError:
            self.fail(f"still open after {seconds} s")
        except OSError:
            pass
        stream.close()
        return time.monotonic() - started


if __name__ == "__main__":
    unittest.main()
