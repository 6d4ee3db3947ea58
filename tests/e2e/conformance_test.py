"""RFC 6455, what a server must do with frames: framing, fragments, control frames, UTF-8, closing, limits."""
import itertools
import random
import struct
import time
import unittest

from wire import BINARY, CLOSE, CONTINUATION, PING, PONG, SPINNING, TEXT, Certificates, Client, Closed, Server

VALID_UTF8 = ["", "a", "\u007f", "\u0080", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\ufffd", "\uffff", "\U00010000",
              "\U0010ffff", "κόσμε", "\x00", "日本語" * 50]
INVALID_UTF8 = [b"\x80", b"\xbf", b"\xc0\x80", b"\xc1\xbf", b"\xc2", b"\xe0\x80\x80", b"\xe0\x9f\xbf", b"\xe1\x80",
                b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf0\x80\x80\x80", b"\xf0\x8f\xbf\xbf", b"\xf1\x80\x80",
                b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xfe", b"\xff", b"ok\xff",
                "κόσμε".encode() + b"\xed\xa0\x80" + b"edited"]
GOOD_CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999]
BAD_CODES = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535]


class Frames:
    """The cases; with and without TLS below."""

    arguments = {}

    @classmethod
    def setUpClass(cls):
        cls.server = Server(message=65536 * 2, close=1, **cls.arguments)

    @classmethod
    def tearDownClass(cls):
        counts, _ = cls.server.stop()
        assert counts["admitted"] == counts["closed"], counts
        assert counts["tlsBlocks"] == 0 and counts["lwsBlocks"] == 0, counts

    def connect(self):
        client = Client(self.server)
        self.addCleanup(client.socket.close)
        return client.open()

    def echoes(self, client, text, *frames):
        for frame in frames:
            client.send(frame)
        self.assertEqual(client.message(), text)

    def fails(self, code, *frames):
        """The server answers the frames with that code, and then closes the connection."""
        client = self.connect()
        try:
            for frame in frames:
                client.send(frame)
        except OSError:
            pass
        self.assertEqual(client.close_code(), code)
        self.assertEqual(client.rest(), b"")
        return client

    # lengths
    def test_text_of_every_length_class(self):
        client = self.connect()
        for size in (0, 1, 124, 125, 126, 127, 128, 1023, 1024, 1025, 4091, 4092, 4093, 16383, 16384, 16385, 65535,
                     65536, 65537, 131072):
            self.echoes(client, "x" * size, client.frame(TEXT, b"x" * size))
        self.assertEqual(client.part(), 1000)

    def test_lengths_must_be_in_their_shortest_form(self):
        for size, form in ((0, 16), (125, 16), (125, 64), (126, 64), (65535, 64)):
            with self.subTest(size=size, form=form):
                self.fails(1002, Client.frame(TEXT, b"x" * size, form=form))

    def test_absurd_lengths(self):
        self.fails(1002, Client.frame(TEXT, b"", form=64, length=2**63))
        self.fails(1002, Client.frame(TEXT, b"", form=64, length=2**64 - 1))
        self.fails(1009, Client.frame(TEXT, b"x" * 200000, form=64, length=2**62))

    def test_too_long_messages_are_refused(self):
        self.fails(1009, Client.frame(TEXT, b"x" * 131073))
        self.fails(1009, *([Client.frame(TEXT, b"x" * 70000, final=False)] +
                           [Client.frame(CONTINUATION, b"x" * 70000)]))

    # masks and heads
    def test_every_mask(self):
        client = self.connect()
        for key in (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x01\x02\x03\x04", b"\0\0\0\x01"):
            for size in (1, 2, 3, 4, 5, 7, 8, 9, 31, 1000):
                self.echoes(client, "m" * size, client.frame(TEXT, b"m" * size, key=key))

    def test_frames_without_a_mask(self):
        for opcode, payload in ((TEXT, b"hello"), (TEXT, b""), (PING, b"p"), (CLOSE, b"\x03\xe8"), (TEXT, b"x" * 300)):
            with self.subTest(opcode=opcode):
                self.fails(1002, Client.frame(opcode, payload, masked=False))

    def test_reserved_bits(self):
        for reserved, opcode in itertools.product((1, 2, 4, 7), (TEXT, PING, CLOSE)):
            with self.subTest(reserved=reserved, opcode=opcode):
                self.fails(1002, Client.frame(opcode, b"", reserved=reserved))

    def test_reserved_opcodes(self):
        for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15):
            with self.subTest(opcode=opcode):
                self.fails(1002, Client.frame(opcode, b"x"))

    def test_binary_is_not_spoken(self):
        self.fails(1003, Client.frame(BINARY, b"\x01\x02"))
        self.fails(1003, Client.frame(BINARY, b""))
        self.fails(1003, Client.frame(BINARY, b"x", final=False))

    # fragments
    def test_fragments(self):
        client = self.connect()
        cont = lambda text, final=False: client.frame(CONTINUATION, text, final=final)
        start = lambda text: client.frame(TEXT, text, final=False)
        self.echoes(client, "hello", start(b"he"), cont(b"llo", True))
        self.echoes(client, "hello", start(b""), cont(b""), cont(b"hello"), cont(b""), cont(b"", True))
        self.echoes(client, "", start(b""), cont(b"", True))
        self.echoes(client, "", start(b""), cont(b""), cont(b"", True))
        self.echoes(client, "ab" * 500, start(b"ab"), *[cont(b"ab") for _ in range(498)], cont(b"ab", True))
        self.assertEqual(client.part(), 1000)

    def test_control_frames_between_fragments(self):
        client = self.connect()
        client.send(client.frame(TEXT, b"he", final=False) + client.frame(PING, b"1") + client.frame(PONG, b"\xff\xfe") +
                    client.frame(CONTINUATION, b"l", final=False) + client.frame(PING, b"2") +
                    client.frame(CONTINUATION, b"lo"))
        self.assertEqual(client.message(), "hello")
        self.assertEqual(client.controls, [(PONG, b"1"), (PONG, b"2")])

    def test_broken_fragment_orders(self):
        text, cont = Client.frame(TEXT, b"a"), Client.frame(CONTINUATION, b"a")
        open_text, open_cont = Client.frame(TEXT, b"a", final=False), Client.frame(CONTINUATION, b"a", final=False)
        self.fails(1002, cont)
        self.fails(1002, open_cont)
        self.fails(1002, open_text, text)
        self.fails(1002, open_text, open_text)
        self.fails(1002, open_text, Client.frame(BINARY, b"a")[:0] or text)
        client = self.connect()
        self.echoes(client, "aa", open_text, cont)
        client.send(cont)
        self.assertEqual(client.close_code(), 1002)

    def test_fragmented_control_frames(self):
        for opcode in (PING, PONG, CLOSE):
            with self.subTest(opcode=opcode):
                self.fails(1002, Client.frame(opcode, b"", final=False))

    # ping and pong
    def test_pings_of_every_size_come_back(self):
        client = self.connect()
        for size in (0, 1, 64, 124, 125):
            payload = bytes(range(size))
            client.send(client.frame(PING, payload))
            self.assertEqual(client.read_frame(), (PONG, True, payload))

    def test_control_frames_that_are_too_long(self):
        for opcode in (PING, PONG, CLOSE):
            self.fails(1002, Client.frame(opcode, b"\x03\xe8" + b"x" * 124))
            self.fails(1002, Client.frame(opcode, b"x" * 125, form=16))

    def test_unasked_pongs_of_any_bytes_are_ignored(self):
        client = self.connect()
        client.say("text first, then a pong that is no text")
        client.message()
        for payload in (b"", b"\xff\xfe\xfd", b"x" * 125):
            client.send(client.frame(PONG, payload))
        self.echoes(client, "still here", client.frame(TEXT, b"still here"))
        self.assertEqual(client.controls, [])

    def test_many_pings_at_once(self):
        client = self.connect()
        client.send(b"".join(client.frame(PING, str(i).encode()) for i in range(1000)))
        client.say("after")
        self.assertEqual(client.message(), "after")
        pongs = [int(payload) for _, payload in client.controls]
        self.assertEqual(pongs, sorted(pongs))
        self.assertEqual(pongs[-1], 999)  # the latest is always answered

    def test_server_pings(self):
        client = self.connect()
        client.say("!ping")
        self.assertEqual(client.read_frame(), (PING, True, b""))
        client.send(client.frame(PONG))
        self.echoes(client, "on", client.frame(TEXT, b"on"))

    # UTF-8
    def test_valid_utf8_whole_and_split_at_every_byte(self):
        client = self.connect()
        for text in VALID_UTF8:
            data = text.encode()
            self.echoes(client, text, client.frame(TEXT, data))
            if len(data) < 20:
                for cut in range(len(data) + 1):
                    self.echoes(client, text, client.frame(TEXT, data[:cut], final=False),
                                client.frame(CONTINUATION, data[cut:]))
            self.echoes(client, text, client.frame(TEXT, b"", final=False),
                        *[client.frame(CONTINUATION, data[i:i + 1], final=False) for i in range(len(data))],
                        client.frame(CONTINUATION))

    def test_invalid_utf8(self):
        for data in INVALID_UTF8:
            with self.subTest(data=data):
                self.fails(1007, Client.frame(TEXT, data))
                self.fails(1007, Client.frame(TEXT, b"", final=False),
                           *[Client.frame(CONTINUATION, data[i:i + 1], final=False) for i in range(len(data))],
                           Client.frame(CONTINUATION))

    def test_wrong_byte_fails_before_the_message_ends(self):
        self.fails(1007, Client.frame(TEXT, b"ok\xed\xa0", final=False))
        self.fails(1007, Client.frame(TEXT, b"\xf4\x90", final=False, length=100))

    def test_message_that_ends_inside_a_character(self):
        self.fails(1007, Client.frame(TEXT, "é".encode()[:1], final=False), Client.frame(CONTINUATION))

    def test_a_new_message_starts_with_fresh_utf8(self):
        client = self.connect()
        for _ in range(3):
            self.echoes(client, "é", client.frame(TEXT, b"\xc3", final=False), client.frame(CONTINUATION, b"\xa9"))

    # closing
    def test_close_codes(self):
        for code in GOOD_CODES:
            with self.subTest(code=code):
                self.fails(code, Client.frame(CLOSE, struct.pack(">H", code)))
        for code in BAD_CODES:
            with self.subTest(code=code):
                self.fails(1002, Client.frame(CLOSE, struct.pack(">H", code)))

    def test_close_payloads(self):
        self.fails(1005, Client.frame(CLOSE))
        self.fails(1002, Client.frame(CLOSE, b"\x03"))
        self.fails(1000, Client.frame(CLOSE, b"\x03\xe8bye"))
        self.fails(1000, Client.frame(CLOSE, b"\x03\xe8" + b"x" * 123))
        self.fails(1007, Client.frame(CLOSE, b"\x03\xe8\xff"))
        self.fails(1007, Client.frame(CLOSE, b"\x03\xe8" + "é".encode()[:1]))

    def test_nothing_is_heard_after_close(self):
        client = self.connect()
        client.send(client.frame(CLOSE, b"\x03\xe8") + client.frame(PING, b"late") + client.frame(TEXT, b"late"))
        self.assertEqual(client.read_frame(), (CLOSE, True, b"\x03\xe8"))
        self.assertEqual(client.rest(), b"")

    def test_close_in_the_middle_of_a_message(self):
        self.fails(1001, Client.frame(TEXT, b"half", final=False), Client.frame(CLOSE, b"\x03\xe9"))

    def test_answers_still_owed_are_not_cut_by_the_close(self):
        client = self.connect()
        client.send(client.frame(TEXT, b"last words"))
        self.assertEqual(client.message(), "last words")
        self.assertEqual(client.part(), 1000)
        client = self.connect()
        words = ["last words", "w" * 3000, "and more of them"]
        client.send(b"".join(client.frame(TEXT, text.encode()) for text in words) + client.frame(CLOSE, struct.pack(">H", 1000)))
        self.assertEqual([client.message() for _ in words], words)
        self.assertEqual(client.close_code(), 1000)

    def test_server_closes(self):
        # Without waiting for the time it gives a client to answer: a busy neighbour takes as long, but not each time.
        self.assertTrue(any(self.takes_to_close() < 1 for _ in range(20)))

    def takes_to_close(self):
        client = self.connect()
        client.say("!close 4001")
        opcode, _, payload = client.read_frame()
        self.assertEqual((opcode, payload), (CLOSE, struct.pack(">H", 4001) + b"as you wish"))
        client.send(client.frame(TEXT, b"crossing") + client.frame(CLOSE, payload))
        started = time.monotonic()
        self.assertEqual(client.rest(), b"")
        return time.monotonic() - started

    def test_server_drops(self):
        client = self.connect()
        client.say("!drop")
        with self.assertRaises(Closed):
            client.read_frame()

    # how the bytes come
    def test_one_byte_at_a_time(self):
        client = self.connect()
        client.dribble(client.frame(TEXT, "Käse".encode()) + client.frame(PING, b"p") + client.frame(TEXT, b"y" * 300))
        self.assertEqual(client.message(), "Käse")
        pongs = client.controls
        self.assertEqual(client.message(), "y" * 300)
        self.assertEqual(pongs + client.controls, [(PONG, b"p")])

    def test_a_burst_of_messages(self):
        client = self.connect()
        for start in range(0, 2000, 500):
            client.send(b"".join(client.frame(TEXT, b"m%d" % i) for i in range(start, start + 500)))
            self.assertEqual([client.message() for _ in range(500)], [f"m{i}" for i in range(start, start + 500)])

    def test_frames_behind_the_handshake_in_one_packet(self):
        client = Client(self.server)
        self.addCleanup(client.socket.close)
        client.send(client.handshake_head().replace("\n", "\r\n").encode() +
                    b"".join(client.frame(TEXT, b"eager %d" % i) for i in range(20)))
        self.assertEqual(client.answer()[0], 101)
        self.assertEqual([client.message() for _ in range(20)], [f"eager {i}" for i in range(20)])

    def test_cut_anywhere(self):
        stream = (Client.frame(TEXT, "drei Käse".encode()) + Client.frame(PING, b"x" * 20) +
                  Client.frame(TEXT, b"he", final=False) + Client.frame(CONTINUATION, b"llo") + Client.frame(TEXT, b"z" * 200))
        randomly = random.Random(7)
        for _ in range(20):
            client = self.connect()
            at = 0
            while at < len(stream):
                size = randomly.choice((1, 2, 3, 10, 100))
                client.send(stream[at:at + size])
                at += size
            self.assertEqual([client.message() for _ in range(3)], ["drei Käse", "hello", "z" * 200])
            client.socket.close()

    def test_long_answers_come_in_fragments(self):
        client = self.connect()
        for size in (4092, 4093, 100000, 400000):
            client.say(f"!large {size}")
            self.assertEqual(len(client.message()), size)

    def test_a_pause_loses_nothing(self):
        client = self.connect()
        client.send(client.frame(TEXT, b"!pause 100") + b"".join(client.frame(TEXT, b"%d" % i + b"p" * 700) for i in range(200)))
        for i in range(200):
            self.assertEqual(client.message(), f"{i}" + "p" * 700)
        client.send(client.frame(TEXT, b"!pause 200") + client.frame(TEXT, b"P" * 60000) + client.frame(PING, b"late"))
        self.assertEqual(client.message(), "P" * 60000)

    def test_a_peer_that_goes_away_while_paused(self):
        before = self.server.counts()
        client = self.connect()
        client.send(client.frame(TEXT, b"!pause 60000") + client.frame(TEXT, b"unread"))
        time.sleep(0.1)
        client.socket.close()
        time.sleep(0.3)
        self.assertLess(self.server.turns(), SPINNING)
        self.assertEqual(self.server.counts()["admitted"], before["admitted"] + 1)


class PlainFrames(Frames, unittest.TestCase):
    pass


class TlsFrames(Frames, unittest.TestCase):
    certificates = Certificates()
    arguments = certificates.of_server()


if __name__ == "__main__":
    unittest.main()
