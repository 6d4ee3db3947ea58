"""Clients known by their certificates: who gets in as what, and how the others are told, on both versions of TLS."""
import signal
import socket
import ssl
import time
import unittest

from authority import Authority
from client import Client
from device import Device, eventually
from ws import Refused, http, tls

VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


class ClientCertificates(unittest.TestCase):
    def setUp(self):
        self.ours = Authority(self, "clients").issue("viewer", "/CN=vera/OU=viewer").issue("operator", "/CN=otto/OU=operator")
        self.ours.issue("admin", "/CN=anna/OU=admin").issue("nobody", "/CN=nemo").issue("server", "/CN=sam/OU=admin", use="serverAuth")
        self.ours.issue("expired", "/CN=eva/OU=admin", begins=-9, ends=-1).issue("early", "/CN=earl/OU=admin", begins=1, ends=9)
        self.ours.issue("revoked", "/CN=rita/OU=admin").issue("later", "/CN=lars/OU=admin").self_signed("itself", "/CN=anna/OU=admin")
        self.theirs = Authority(self, "clients").issue("admin", "/CN=anna/OU=admin")  # the same name, another key
        self.other = Authority(self, "others").issue("admin", "/CN=anna/OU=admin")
        self.crl = self.ours.revoke("revoked")
        self.device = Device("--client-ca", self.ours["ca"], "--client-crl", self.crl, claim=False)
        self.device.token = self.device.claim(context=self.context(ssl.TLSVersion.TLSv1_3, "admin"))

    def tearDown(self):
        self.device.end()

    def context(self, version, name, authority=None):
        context = self.device.trust(version, version)
        if name:
            authority = authority or self.ours
            context.load_cert_chain(authority[name], authority.key(name))
        return context

    def refusal(self, version, name, authority, server_name):
        """What the client is told; None where it is served."""
        context = self.context(version, name, authority)
        context.check_hostname = server_name is not None
        try:
            with socket.create_connection(("127.0.0.1", self.device.port), timeout=20) as raw:
                with context.wrap_socket(raw, server_hostname=server_name) as stream:
                    stream.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    return None if stream.recv(4096).startswith(b"HTTP/1.1 200") else "an answer that is none"
        except ssl.SSLError as error:
            return error.reason
        except OSError as error:
            return repr(error)

    def test_who_is_refused_and_how_it_is_told(self):
        cases = (("none", None, None, "HANDSHAKE_FAILURE|CERTIFICATE_REQUIRED"), ("self-signed", "itself", None, "UNKNOWN_CA"),
                 ("another authority", "admin", self.other, "UNKNOWN_CA"),
                 ("an authority of the same name", "admin", self.theirs, "UNKNOWN_CA|BAD_CERTIFICATE|DECRYPT"),
                 ("expired", "expired", None, "CERTIFICATE_EXPIRED"), ("not yet valid", "early", None, "CERTIFICATE_UNKNOWN|CERTIFICATE_EXPIRED"),
                 ("revoked", "revoked", None, "CERTIFICATE_REVOKED"), ("a server's", "server", None, "UNSUPPORTED_CERTIFICATE"))
        for what, name, authority, words in cases:
            for version in VERSIONS:
                for server_name in ("localhost", None):
                    with self.subTest(what, version=version.name, server_name=server_name):
                        self.assertRegex(str(self.refusal(version, name, authority, server_name)), f"ALERT_({words})")
        for version in VERSIONS:
            for server_name in ("localhost", None):
                self.assertIsNone(self.refusal(version, "viewer", None, server_name))

    def test_who_may_what(self):
        for version in VERSIONS:
            for name, may_control in (("viewer", False), ("operator", True), ("admin", True)):
                with self.subTest(name), Client(self.device, token=None, context=self.context(version, name)) as client:
                    self.assertEqual(client.ask("describe")["type"], "description")
                    moved = client.command("cabin/fan", 10)
                    self.assertEqual(moved["type"] == "ack", may_control, moved)
                    if not may_control:
                        self.assertEqual(moved["payload"]["reason"], "forbidden")
                    told = client.ask("presence", {}) if name == "admin" else None
                    if told:
                        self.assertIn("anna", str(told))
                    client.close()

    def test_the_same_by_http(self):
        def status(line, context, *headers):
            return http(self.device, "\r\n".join([line, "Host: localhost", *headers, "", ""]), context).status
        for version in VERSIONS:
            for name, thing, stop in (("viewer", 200, 403), ("operator", 200, 200), ("admin", 200, 200), ("nobody", 401, 401)):
                context = self.context(version, name)
                with self.subTest(name):
                    self.assertEqual(status("GET /.well-known/wot HTTP/1.1", context), thing)
                    self.assertEqual(status("POST /v1/stop HTTP/1.1", context), stop)
                    self.assertEqual(status("POST /v1/stop HTTP/1.1", context, "Authorization: Bearer wrong"), 401)
                    self.assertEqual(status("POST /v1/login HTTP/1.1", context), 401, "a cookie stands for a token")
        with Client(self.device, token=None, context=self.context(VERSIONS[1], "admin")) as client:
            self.assertTrue(client.welcome["payload"]["stopped"])
            records = client.ask("journal", {"after": 0})["payload"]["records"]
            self.assertEqual({its["who"] for its in records if its["kind"] == "stop"}, {"otto"})

    def test_without_a_role_a_token_is_needed(self):
        for version in VERSIONS:
            context = self.context(version, "nobody")
            with Client(self.device, token=None, context=context) as client:
                self.assertEqual(client.ask("describe")["payload"]["reason"], "unauthenticated")
                client.close()
            with Client(self.device, context=context) as client:
                self.assertEqual(client.ask("describe")["type"], "description")
                client.close()

    def test_a_wrong_token_is_wrong_beside_a_right_certificate(self):
        with self.assertRaises(Refused) as refused:
            Client(self.device, token="x" * 43, context=self.context(VERSIONS[1], "admin"))
        self.assertEqual(refused.exception.answer.status, 401)

    def test_no_tickets(self):
        """Each time the certificate is looked at again."""
        for version in VERSIONS:
            context = self.context(version, "admin")
            with tls(self.device, context) as stream:
                stream.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                stream.recv(4096)
                self.assertFalse(stream.session is not None and stream.session.has_ticket, version)

    def test_a_revoked_one_is_revoked_on_every_connection(self):
        """A ticket brings its rights to another connection; and one may have shaken hands and asked for nothing yet."""
        later, admin = (self.context(VERSIONS[1], name) for name in ("later", "admin"))
        with Client(self.device, token=None, context=later) as client:
            used, kept = (client.ask("ticket")["payload"]["ticket"] for _ in range(2))
            with tls(self.device, later) as early, \
                    Client(self.device, path=f"/v1/ws?ticket={used}", token=None, context=admin) as elsewhere:
                who = elsewhere.ask("whoami")["payload"]
                self.assertEqual(who["name"], "lars")
                self.assertGreater(who["expires"], time.time() * 1000, "when the certificate ends")
                self.assertNotIn("id", who)
                self.ours.revoke("later")
                self.device.signal(signal.SIGHUP)
                code, messages = elsewhere.closes()
                self.assertEqual((code, messages[-1]["payload"]["reason"]), (1008, "the certificate was revoked"))
                early.sendall(b"POST /v1/stop HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
                self.assertIn(b" 401 ", early.recv(4096).split(b"\r\n")[0])
                with self.assertRaises(Refused) as refused:
                    Client(self.device, path=f"/v1/ws?ticket={kept}", token=None, context=admin)
                self.assertEqual(refused.exception.answer.status, 401)

    def test_a_new_list_counts_at_once_and_a_bad_one_does_not(self):
        self.assertIsNone(self.refusal(VERSIONS[1], "later", None, "localhost"))
        good = self.crl.read_bytes()
        there = {(name, version): Client(self.device, token=None, context=self.context(version, name))
                 for name in ("later", "admin") for version in VERSIONS}
        moved = there["later", VERSIONS[1]].command("cabin/heater", True, leaseMs=60_000)
        self.assertEqual(moved["payload"].get("outcome"), "verified", moved)
        self.ours.revoke("later")
        self.device.signal(signal.SIGHUP)
        for version in VERSIONS:
            code, messages = there["later", version].closes()
            there["later", version].stream.close()
            self.assertEqual((code, messages[-1]["payload"]["reason"]), (1008, "the certificate was revoked"))
            self.assertEqual(there["admin", version].ask("ping")["type"], "pong", "who is not on the list stays")
        self.assertTrue(eventually(lambda: there["admin", VERSIONS[1]].value("cabin/heater") is False), "what they held goes safe")
        for version in VERSIONS:
            there["admin", version].close()
            there["admin", version].stream.close()
        self.assertTrue(eventually(lambda: "REVOKED" in str(self.refusal(VERSIONS[1], "later", None, "localhost"))))
        for bad, words in ((b"", "no list"), (good[:100], "no list"), (self.other.revoke().read_bytes(), "another authority")):
            self.crl.write_bytes(bad)
            self.device.lines["stderr"].clear()
            self.device.signal(signal.SIGHUP)
            self.assertTrue(self.device.wait_for_log("revocations not reloaded, the old ones stay.*" + words))
            self.assertIn("REVOKED", str(self.refusal(VERSIONS[1], "later", None, "localhost")))
            self.assertIsNone(self.refusal(VERSIONS[1], "admin", None, "localhost"))


if __name__ == "__main__":
    unittest.main()
