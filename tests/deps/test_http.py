"""HTTP and WebSocket behaviour of libwebsockets that has been wrong before."""
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


if __name__ == "__main__":
    unittest.main()
