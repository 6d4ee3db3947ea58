"""HTTP and WebSocket behaviour of libwebsockets that has been wrong before."""
import socket
import ssl
import time
import unittest

import bench


class Http(bench.EndpointCase):
    def spins(self):
        """Whether it turns and turns while there is nothing to do."""
        before = self.endpoint.stats()["passes"]
        time.sleep(1)
        return self.endpoint.stats()["passes"] - before > 100

    def test_pipelined_get_with_a_body_does_not_spin(self):
        for body in (b"1234567", b"123", b""):
            with self.endpoint.tls() as client:
                client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
                               b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 7\r\n\r\n" + body)
                answer = client.recv(4096)
                self.assertIn(b"200", answer)
                self.assertFalse(self.spins())

    def test_idle_connections_do_not_spin(self):
        opened = [self.endpoint.tcp(), self.endpoint.tls(), self.endpoint.tls()]
        bench.WebSocket(opened[2])
        opened[0].sendall(b"\x16\x03\x01")
        self.assertFalse(self.spins())
        for connection in opened:
            connection.close()

    def frames_until_end(self, client):
        frames = []
        try:
            while len(frames) < 100:
                frames.append(client.receive())
        except (ConnectionError, ssl.SSLError):
            pass
        return frames

    def test_close_is_answered_once(self):
        for version in bench.VERSIONS:
            with self.endpoint.tls(version=version) as connection:
                client = bench.WebSocket(connection)
                client.echo(b"hello")
                connection.sendall(bench.frame(8, b"\x03\xe8"))
                self.assertEqual(self.frames_until_end(client), [(8, b"\x03\xe8")])

    def test_pings_are_answered(self):
        with self.endpoint.tls() as connection:
            client = bench.WebSocket(connection)
            for i in range(20):
                connection.sendall(bench.frame(9, b"%d" % i))
                self.assertEqual(client.receive(), (10, b"%d" % i))


class ListenAddress(bench.EndpointCase):
    arguments = ("--interface", "127.0.0.1")

    def test_only_there(self):
        self.endpoint.tcp("127.0.0.1").close()
        for address in ("127.0.0.2", "::1"):
            with self.assertRaises(OSError):
                self.endpoint.tcp(address).close()


class RawClient(bench.EndpointCase):
    """The endpoint as a TLS client over a raw socket."""

    def setUp(self):
        self.listener = socket.socket()
        self.addCleanup(self.listener.close)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(0)
        self.listener.settimeout(5)
        self.target = self.listener.getsockname()
        self.endpoint = bench.Endpoint(self.certificates, "--raw-target", str(self.target[1]))
        self.endpoint.tls().close()
        self.before = self.endpoint.settled(lambda stats: stats["lws_blocks"] <= 20, seconds=1)

    def ends_cleanly(self):
        after = self.endpoint.settled(lambda stats: stats["raw_closed"] > 0, seconds=30)
        self.assertGreater(after["raw_closed"], 0)
        self.assertLessEqual(after["tls_blocks"], self.before["tls_blocks"])
        self.assertLessEqual(after["lws_blocks"], self.before["lws_blocks"])

    def test_connects(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificates["chain.pem"], self.certificates["chain.key"])
        self.endpoint.command("connect-raw")
        accepted, _ = self.listener.accept()
        with context.wrap_socket(accepted, server_side=True) as server:
            self.assertEqual(server.version(), "TLSv1.3")
            self.assertGreater(self.endpoint.settled(lambda stats: stats["raw_connected"] > 0)["raw_connected"], 0)
        self.ends_cleanly()

    def test_no_tls_before_the_connection(self):
        waiting = []
        for _ in range(4):  # fill the listener's queue: the next connect stays unfinished
            connection = socket.socket()
            self.addCleanup(connection.close)
            connection.setblocking(False)
            connection.connect_ex(self.target)
            waiting.append(connection)
        self.endpoint.command("connect-raw")
        time.sleep(0.3)
        self.assertLess(self.endpoint.stats()["tls"] - self.before["tls"], 2000)
        self.listener.close()
        for connection in waiting:
            connection.close()
        self.ends_cleanly()


if __name__ == "__main__":
    unittest.main()
