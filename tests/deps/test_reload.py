"""The certificate is replaced while connections are open."""
import ssl
import unittest

import bench


class Reload(bench.EndpointCase):
    def serial(self, context=None):
        context = context or bench.client_context(self.certificates)
        with self.endpoint.tls(context=context) as client:
            self.assertEqual(bench.WebSocket(client).echo(b"hello"), b"hello")
            return client.getpeercert()["serialNumber"]

    def begin(self, version, sent, name):
        """A connection with the first `sent` bytes of its ClientHello sent (-1: all of them)."""
        connection = self.endpoint.tcp()
        self.addCleanup(connection.close)
        handshake = bench.Handshake(bench.client_context(self.certificates, version), connection, name)
        hello, _ = handshake.step()
        cut = len(hello) if sent < 0 else sent
        connection.sendall(hello[:cut])
        if sent < 0:
            handshake.receive()
        handshake.rest = hello[cut:]
        return handshake

    def test_reload_with_open_handshakes(self):
        old = self.serial()
        opened = [self.begin(version, sent, name) for version in bench.VERSIONS for sent in (0, 1, 60, -1)
                  for name in ("localhost", None)]
        with self.endpoint.tls() as established:
            socket = bench.WebSocket(established)
            self.endpoint.install("chain2")
            self.endpoint.command("reload")
            self.assertEqual(socket.echo(b"still here"), b"still here")
        for handshake in opened:
            handshake.connection.sendall(handshake.rest)
            handshake.finish()
            self.assertIn(handshake.tls.version(), ("TLSv1.2", "TLSv1.3"))
            handshake.connection.close()
        self.assertNotEqual(self.serial(), old)

    def test_old_certificate_is_freed(self):
        self.serial()
        before = self.endpoint.settled(lambda stats: stats["established"] == stats["closed"])
        for chain in ("chain2", "chain") * 5:
            self.endpoint.install(chain)
            self.endpoint.command("reload")
            self.serial()
        after = self.endpoint.settled(lambda stats: stats["tls_blocks"] <= before["tls_blocks"])
        self.assertLessEqual(after["tls_blocks"], before["tls_blocks"])
        self.assertEqual(after["lws_blocks"], before["lws_blocks"])
        self.assertLessEqual(after["heap"], 0)

    def test_client_certificates_are_still_required(self):
        self.endpoint.stop()
        self.endpoint = bench.Endpoint(self.certificates, "--client-ca", self.certificates["root.pem"], "--require")
        self.endpoint.install("chain2")
        self.endpoint.command("reload")
        for version in bench.VERSIONS:
            self.serial(bench.client_context(self.certificates, version, "client"))
            for certificate in (None, "rogue"):
                with self.assertRaises((ssl.SSLError, ConnectionError)):
                    self.serial(bench.client_context(self.certificates, version, certificate))


class RetryRequest(bench.EndpointCase):
    """The endpoint takes P-256 only, so every TLS 1.3 client has to send a second ClientHello."""
    arguments = ("--hook",)

    def test_reload_between_two_hellos(self):
        connection = self.endpoint.tcp()
        self.addCleanup(connection.close)
        handshake = bench.Handshake(bench.client_context(self.certificates, ssl.TLSVersion.TLSv1_3), connection)
        hello, _ = handshake.step()
        connection.sendall(hello)
        handshake.receive()
        self.endpoint.install("chain2")
        self.endpoint.command("reload")
        handshake.finish()
        connection.sendall(handshake.outgoing.read())


if __name__ == "__main__":
    unittest.main()
