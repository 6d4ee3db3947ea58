"""Versions, certificates as sent, and what a handshake costs."""
import ssl
import subprocess
import time
import unittest
import warnings

import bench


class Versions(bench.EndpointCase):
    def test_tls13_is_negotiated(self):
        with self.endpoint.tls() as client:
            self.assertEqual(client.version(), "TLSv1.3")

    def test_tls12_is_accepted(self):
        with self.endpoint.tls(version=ssl.TLSVersion.TLSv1_2) as client:
            self.assertEqual(client.version(), "TLSv1.2")
            self.assertEqual(bench.WebSocket(client).echo(b"hello"), b"hello")

    def test_tls11_is_refused(self):
        context = bench.client_context(self.certificates)
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        with self.assertRaises(ssl.SSLError) as refusal:
            self.endpoint.tls(context=context)
        self.assertIn("ALERT_PROTOCOL_VERSION", refusal.exception.reason)


class Certificates(bench.EndpointCase):
    def test_full_chain_is_sent(self):
        shown = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{self.endpoint.port}", "-showcerts", "-CAfile",
             self.certificates["root.pem"], "-verify_return_error"], input=b"", capture_output=True, timeout=10)
        self.assertEqual(shown.stdout.count(b"BEGIN CERTIFICATE"), 2)
        self.assertIn(b"Verify return code: 0 (ok)", shown.stdout)


class SeveralAuthorities(bench.EndpointCase):
    arguments = ("--client-ca", "both-roots.pem", "--require")

    def test_each_client_authority_counts(self):
        for name in ("client", "client-of-other"):
            with self.endpoint.tls(certificate=name) as client:
                self.assertEqual(bench.WebSocket(client).echo(b"hello"), b"hello")


class Handshake(bench.EndpointCase):
    def test_dribbled_handshake_costs_no_memory(self):
        for version in bench.VERSIONS:
            with self.endpoint.tcp() as connection:
                handshake = bench.Handshake(bench.client_context(self.certificates, version), connection)
                hello, _ = handshake.step()
                for byte in hello[:50]:
                    connection.sendall(bytes([byte]))
                    time.sleep(0.001)
                early = self.endpoint.stats()["tls_blocks"]
                for byte in hello[50:-1]:
                    connection.sendall(bytes([byte]))
                    time.sleep(0.001)
                self.assertLessEqual(self.endpoint.stats()["tls_blocks"], early + 2)
                connection.sendall(hello[-1:])
                handshake.receive()
                handshake.finish()

    def test_it_takes_turns(self):
        """The loop goes round after each part that computes, so that others are served in between."""
        for version in bench.VERSIONS:
            # A look at the count takes some passes of its own, more beside a busy neighbour, so one of many has to show it.
            self.assertTrue(any(self.passes_of_a_handshake(version) >= 3 for _ in range(50)), version)

    def passes_of_a_handshake(self, version):
        with self.endpoint.tcp() as connection:
            handshake = bench.Handshake(bench.client_context(self.certificates, version), connection)
            hello, _ = handshake.step()
            asked = self.endpoint.stats()["passes"]
            before = self.endpoint.stats()["passes"]
            connection.sendall(hello)
            handshake.receive()
            handshake.finish()
            return self.endpoint.stats()["passes"] - before - (before - asked)

    def test_refusal_is_no_reset(self):
        with self.endpoint.tcp() as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20)
            while connection.recv(1000):  # raises on a reset
                pass


class ConfigHook(bench.EndpointCase):
    arguments = ("--hook",)

    def test_cipher_suites_are_ours(self):
        for version in bench.VERSIONS:
            with self.endpoint.tls(version=version) as client:
                self.assertIn("CHACHA20", client.cipher()[0])

    def test_sessions_are_resumed(self):
        for version in bench.VERSIONS:
            context = bench.client_context(self.certificates, version)
            with self.endpoint.tls(context=context) as client:
                self.assertEqual(bench.WebSocket(client).echo(b"first"), b"first")
                session = client.session
            with self.endpoint.tls(context=context, session=session) as client:
                self.assertTrue(client.session_reused)
                self.assertEqual(bench.WebSocket(client).echo(b"second"), b"second")


if __name__ == "__main__":
    unittest.main()
