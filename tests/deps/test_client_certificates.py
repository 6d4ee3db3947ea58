"""A client certificate that is required, asked for, or revoked: who gets in, and how the others are told."""
import socket
import ssl
import unittest

import bench


class Case(bench.EndpointCase):
    def outcome(self, version, certificate, name):
        """"in", or the reason that the client reads for being refused."""
        try:
            with self.endpoint.tls(version=version, certificate=certificate, name=name) as client:
                if bench.readable(client, 0.1):  # in TLS 1.3 the refusal comes after the client's last word
                    client.recv(1)
                return "in" if bench.WebSocket(client).echo(b"hello") == b"hello" else "garbled"
        except ssl.SSLError as refusal:
            return refusal.reason
        except (ConnectionError, socket.timeout) as refusal:
            return repr(refusal)

    def refused(self, certificate):
        for version in bench.VERSIONS:
            for name in ("localhost", "elsewhere", None):
                with self.subTest(version=version.name, server_name=name):
                    self.assertIn("_ALERT_", str(self.outcome(version, certificate, name)))

    def accepted(self, certificate):
        for version in bench.VERSIONS:
            for name in ("localhost", "elsewhere", None):
                with self.subTest(version=version.name, server_name=name):
                    self.assertEqual(self.outcome(version, certificate, name), "in")


class ClientCertificates(Case):
    arguments = ("--client-ca", "root.pem", "--require")

    def test_none(self):
        self.refused(None)
        self.assertEqual(self.outcome(ssl.TLSVersion.TLSv1_3, None, "localhost"),
                         "TLSV13_ALERT_CERTIFICATE_REQUIRED")

    def test_rogue(self):
        self.refused("rogue")

    def test_wrong_authority(self):
        self.refused("client-of-other")

    def test_wrong_use(self):
        self.refused("not-a-client")

    def test_right(self):
        self.accepted("client")

    def test_refusal_is_a_readable_alert(self):
        self.assertEqual(self.outcome(ssl.TLSVersion.TLSv1_3, "client-of-other", "localhost"),
                         "TLSV1_ALERT_UNKNOWN_CA")
        self.assertEqual(self.outcome(ssl.TLSVersion.TLSv1_2, "client-of-other", "localhost"),
                         "TLSV1_ALERT_UNKNOWN_CA")


class AskedFor(Case):
    arguments = ("--client-ca", "root.pem")

    def test_none(self):
        self.accepted(None)

    def test_right(self):
        self.accepted("client")

    def test_one_that_is_shown_must_be_valid(self):
        self.refused("rogue")
        self.refused("client-of-other")
        self.refused("not-a-client")


class SecondHost(Case):
    """The same port serves two virtual hosts; the server name chooses, and must not weaken anything."""
    arguments = ("--client-ca", "root.pem", "--require", "--second-host")

    def test_no_way_round_by_server_name(self):
        for version in bench.VERSIONS:
            self.assertIn("_ALERT_", str(self.outcome(version, None, "second.test")))
            self.assertIn("_ALERT_", str(self.outcome(version, "rogue", "second.test")))
            self.assertEqual(self.outcome(version, "client", "second.test"), "in")


class Revoked(Case):
    arguments = ("--client-ca", "root.pem", "--require", "--crl", "crl.pem")

    def test_revoked(self):
        self.refused("mallory")

    def test_not_revoked(self):
        self.accepted("client")


class RevokedSecondHost(Case):
    arguments = ("--client-ca", "root.pem", "--require", "--crl", "crl.pem", "--second-host")

    def test_revoked(self):
        for version in bench.VERSIONS:
            self.assertIn("_ALERT_", str(self.outcome(version, "mallory", "second.test")))


if __name__ == "__main__":
    unittest.main()
