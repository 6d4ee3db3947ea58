"""Memory: nothing from the C library's heap after start, everything given back, and a clean end of supply."""
import socket
import ssl
import time
import unittest

import bench

FAILURES = (ssl.SSLError, ConnectionError, socket.timeout)


class Pools(bench.EndpointCase):
    def visit(self, version, timeout=10):
        with self.endpoint.tls(version=version, timeout=timeout) as client:
            web_socket = bench.WebSocket(client)
            for length in (5, 3000, 12000):
                web_socket.echo(b"z" * length)

    def get(self, path, version):
        with self.endpoint.tls(version=version) as client:
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            answer = b""
            while True:
                data = client.recv(65536)
                if not data:
                    return answer
                answer += data

    def visit_badly(self, version):
        with self.assertRaises(FAILURES):
            context = bench.client_context(self.certificates, version)
            context.load_verify_locations(self.certificates["other-root.pem"])
            other = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            other.minimum_version = other.maximum_version = version
            self.endpoint.tls(context=other)
        with self.endpoint.tcp() as plain:
            plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
            plain.recv(100)
        with self.endpoint.tcp() as half:
            half.sendall(b"\x16\x03\x01\x02\x00\x01")

    def test_no_heap_call_after_start(self):
        for _ in range(25):
            for version in bench.VERSIONS:
                self.visit(version)
                self.visit_badly(version)
                self.assertTrue(self.get("/", version).endswith(b"ok\n"))
        self.assertIn(b"BEGIN CERTIFICATE", self.get("/file", ssl.TLSVersion.TLSv1_3))
        self.endpoint.install("chain2")
        self.endpoint.command("reload")
        time.sleep(5.5)  # lws looks at its certificates' dates 5 seconds after start
        self.visit(ssl.TLSVersion.TLSv1_3)
        self.assertLessEqual(self.endpoint.stats()["heap"], 0)

    def test_everything_is_given_back(self):
        self.visit(ssl.TLSVersion.TLSv1_3)
        before = self.endpoint.settled(lambda stats: stats["established"] == stats["closed"])
        for _ in range(20):
            for version in bench.VERSIONS:
                self.visit(version)
                self.visit_badly(version)
        after = self.endpoint.settled(
            lambda stats: stats["tls_blocks"] <= before["tls_blocks"] and stats["lws_blocks"] <= before["lws_blocks"])
        self.assertLessEqual(after["tls_blocks"], before["tls_blocks"])
        self.assertLessEqual(after["lws_blocks"], before["lws_blocks"])

    def test_exhaustion_refuses_and_recovers(self):
        self.visit(ssl.TLSVersion.TLSv1_3)
        before = self.endpoint.settled(lambda stats: stats["established"] == stats["closed"])
        self.endpoint.command(f"limit {max(before['lws'], before['tls']) + 250000}")
        held, refused = [], 0
        for i in range(40):
            try:
                client = self.endpoint.tls(version=bench.VERSIONS[i % 2])
                held.append(client)
                self.assertEqual(bench.WebSocket(client).echo(b"room"), b"room")
            except FAILURES:
                refused += 1
        self.assertGreater(refused, 10)
        self.assertGreater(len(held), 5)
        for client in held:
            client.close()
        self.endpoint.settled(lambda stats: stats["lws_blocks"] <= before["lws_blocks"])
        for version in bench.VERSIONS:
            self.visit(version)

    def test_no_connection_without_randomness(self):
        for site in range(1, 8):  # all of them in the setup of the connection
            self.endpoint.command(f"fail-tls {site}")
            with self.assertRaises(FAILURES):
                self.visit(ssl.TLSVersion.TLSv1_3)

    def test_each_failing_allocation(self):
        self.visit(ssl.TLSVersion.TLSv1_3)
        before = self.endpoint.settled(lambda stats: stats["established"] == stats["closed"])
        for version in bench.VERSIONS:
            for pool, sites in (("lws", range(1, 40)), ("tls", list(range(1, 60)) + list(range(60, 6000, 97)))):
                for site in sites:
                    self.endpoint.command(f"fail-{pool} {site}")
                    try:
                        self.visit(version, timeout=0.5)
                    except FAILURES:
                        pass
        self.endpoint.command("fail-lws -1")
        self.endpoint.command("fail-tls -1")
        after = self.endpoint.settled(
            lambda stats: stats["tls_blocks"] <= before["tls_blocks"] and stats["lws_blocks"] <= before["lws_blocks"])
        self.assertLessEqual(after["tls_blocks"], before["tls_blocks"])
        self.assertLessEqual(after["lws_blocks"], before["lws_blocks"])
        self.visit(ssl.TLSVersion.TLSv1_3)


class ClientAuthorityFile(bench.EndpointCase):
    """The file of a client CA was freed by another allocator than it came from: the endpoint did not even start."""
    arguments = ("--client-ca", "root.pem")

    def test_starts(self):
        self.endpoint.tls().close()


if __name__ == "__main__":
    unittest.main()
