"""Large TLS records and messages, and flow control in the middle of them."""
import ssl
import unittest

import bench

RECORD = 16384  # the most that TLS puts in one record


class Records(bench.EndpointCase):
    def connect(self, version, protocol="echo"):
        client = self.endpoint.tls(version=version)
        self.addCleanup(client.close)
        return bench.WebSocket(client, protocol)

    def test_16k_record(self):
        message = bytes(range(256)) * 64
        message = message[:RECORD - len(bench.frame(2, message)) + len(message)]
        self.assertEqual(len(bench.frame(2, message)), RECORD)
        for version in bench.VERSIONS:
            client = self.connect(version)
            for _ in range(5):
                self.assertEqual(client.echo(message), message)

    def test_large_messages(self):
        for version in bench.VERSIONS:
            client = self.connect(version)
            for length in (4000, 4096, 6000, 12288, 16000, 20000):
                self.assertEqual(client.echo(b"x" * length), b"x" * length)

    def test_flow_control_in_a_large_record(self):
        pieces = [b"%03d" % i * 50 for i in range(100)]
        for version in bench.VERSIONS:
            client = self.connect(version, "paced")
            client.connection.sendall(b"".join(bench.frame(2, piece) for piece in pieces))  # one record
            echoed = b""
            while len(echoed) < sum(map(len, pieces)):
                echoed += client.message()
            self.assertEqual(echoed, b"".join(pieces))

    def test_flow_control_in_a_large_message(self):
        message = bytes(range(256)) * 60
        for version in bench.VERSIONS:
            client = self.connect(version, "paced")
            for _ in range(3):
                self.assertEqual(client.echo(message), message)

    def test_many_records_at_once(self):
        client = self.connect(ssl.TLSVersion.TLSv1_3)
        client.connection.sendall(b"".join(bench.frame(2, b"%d" % i) for i in range(40)))
        first = client.message()
        self.assertTrue(first.startswith(b"0"))

    def test_one_byte_records(self):
        client = self.connect(ssl.TLSVersion.TLSv1_3)
        for byte in bench.frame(2, b"y" * 300):
            client.connection.send(bytes([byte]))
        self.assertEqual(client.message(), b"y" * 300)


if __name__ == "__main__":
    unittest.main()
