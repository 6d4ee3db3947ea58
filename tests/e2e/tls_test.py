"""TLS as the link speaks it: versions, suites, client certificates, resumption, new certificates while serving."""
import contextlib
import shutil
import socket
import ssl
import subprocess
import time
import unittest

from wire import VERSIONS, Certificates, Client, Closed, Server, context_for


def s_client(port, *arguments):
    """What openssl's own client says; it can speak what Python's will not."""
    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-brief"] + list(arguments),
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
    return done.returncode == 0, done.stderr


class Tls(unittest.TestCase):
    def setUp(self):
        self.certificates = Certificates()
        self.server = self.start()

    def start(self, **arguments):
        server = Server(**(self.certificates.of_server() | arguments))
        self.addCleanup(server.kill)
        return server

    def echo(self, server=None, version=None, context=None):
        with Client(server or self.server, version, context) as client:
            client.open().say("hello")
            self.assertEqual(client.message(), "hello")
            client.part()
            return client.socket

    def test_both_versions(self):
        for version in VERSIONS:
            with self.subTest(version=version), Client(self.server, version) as client:
                client.open()
                self.assertEqual(client.socket.version(), {771: "TLSv1.2", 772: "TLSv1.3"}[version])
                for size in (1, 5000, 16384, 100000):  # one record of 16 KB, and several
                    client.say(b"r" * size)
                    self.assertEqual(len(client.message()), size)

    def test_connections_with_every_cipher_take_turns(self):
        """What seals and opens is shared; nobody's record may meet another's key, whatever its length."""
        contexts = [context_for(version) for version in VERSIONS]
        for cipher in ("ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"):
            contexts.append(context_for(ssl.TLSVersion.TLSv1_2))
            contexts[-1].set_ciphers(cipher)
        with contextlib.ExitStack() as all_of_them:
            clients = [all_of_them.enter_context(Client(self.server, context=context)).open() for context in contexts * 2]
            for size in range(1, 130):
                for client in clients:
                    client.say("c" * size)
                for client in clients:
                    self.assertEqual(client.message(), "c" * size)

    def test_older_versions_are_refused(self):
        for version in ("-tls1", "-tls1_1"):
            self.assertFalse(s_client(self.server.port, version, "-cipher", "ALL:@SECLEVEL=0")[0])

    def test_only_authenticated_encryption_with_forward_secrecy(self):
        for cipher in ("AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES128-SHA", "DHE-RSA-AES128-GCM-SHA256",
                       "ECDHE-ECDSA-AES128-CCM"):
            self.assertFalse(s_client(self.server.port, "-tls1_2", "-cipher", cipher + ":@SECLEVEL=0")[0], cipher)
        for cipher in ("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"):
            self.assertTrue(s_client(self.server.port, "-tls1_2", "-cipher", cipher)[0], cipher)
        for cipher in ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"):
            self.assertTrue(s_client(self.server.port, "-tls1_3", "-ciphersuites", cipher)[0], cipher)
        for group, good in (("X25519", True), ("P-256", True), ("P-384", False), ("P-521", False)):
            self.assertEqual(s_client(self.server.port, "-groups", group)[0], good, group)

    def test_order_of_suites(self):
        """Ours counts in both versions, whatever the client would like best."""
        aes, chacha = "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"
        aes12, chacha12 = "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"
        for has_aes, first, first12 in ((1, aes, aes12), (0, chacha, chacha12)):
            server = self.start(aes=has_aes)
            for offer, offer12 in ((f"{aes}:{chacha}", f"{aes12}:{chacha12}"), (f"{chacha}:{aes}", f"{chacha12}:{aes12}")):
                self.assertIn(f"Ciphersuite: {first}\n", s_client(server.port, "-tls1_3", "-ciphersuites", offer)[1])
                self.assertIn(f"Ciphersuite: {first12}\n", s_client(server.port, "-tls1_2", "-cipher", offer12)[1])

    def test_alpn(self):
        for offer, chosen in ((["http/1.1"], "http/1.1"), (["h2", "http/1.1"], "http/1.1"), ([], None)):
            context = context_for()
            if offer:
                context.set_alpn_protocols(offer)
            with Client(self.server, context=context) as client:
                self.assertEqual(client.socket.selected_alpn_protocol(), chosen)
                client.open()

    def test_resumption(self):
        for version in VERSIONS:
            context = context_for(version)
            with Client(self.server, context=context) as client:
                client.open().say("hello")
                client.message()
                session = client.socket.session
            plain = socket.create_connection(("127.0.0.1", self.server.port))
            with context.wrap_socket(plain, server_hostname="localhost", session=session) as again:
                self.assertTrue(again.session_reused, version)

    def test_client_certificates(self):
        server = self.start(ca=self.certificates.path("client.pem"))
        pair = lambda name: {"cert": self.certificates.path(name + ".pem"), "key": self.certificates.path(name + ".key")}
        for version in VERSIONS:
            self.echo(server, context=context_for(version, **pair("client")))
            for identity in ({}, pair("stranger"), pair("other")):
                with self.assertRaises((OSError, Closed)):
                    self.echo(server, context=context_for(version, **identity))
            version_flag = {771: "-tls1_2", 772: "-tls1_3"}[version]
            # a client that sends no server name is held to the same
            done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-noservername", version_flag,
                                   "-quiet"], input="GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", capture_output=True, text=True,
                                  timeout=20)
            self.assertNotIn("200 OK", done.stdout)
        counts = server.settled("connections", 0)
        self.assertEqual(counts["admitted"], 2)

    def test_a_new_certificate_while_serving(self):
        live = {name: self.certificates.path("live." + name) for name in ("pem", "key")}
        def use(name):
            for kind, path in live.items():
                shutil.copy(self.certificates.path(f"{name}.{kind}"), path)
        shown = lambda server: ssl.get_server_certificate(("127.0.0.1", server.port))
        pem = lambda name: open(self.certificates.path(name + ".pem")).read()
        use("server")
        server = self.start(cert=live["pem"], key=live["key"])
        self.assertEqual(shown(server), pem("server"))
        with Client(server) as before:
            before.open()
            half = self.half_open(server)
            use("other")
            self.assertTrue(server.ask().startswith("{"))
            self.assertEqual(shown(server), pem("other"))
            before.say("still here")
            self.assertEqual(before.message(), "still here")
            half.close()
        # a key that does not belong to it: told, and the old one stays
        shutil.copy(self.certificates.path("server.key"), live["key"])
        self.assertRegex(server.ask(), "^error malformed: the private key does not belong")
        server.process.stdout.readline()
        self.assertEqual(shown(server), pem("other"))
        for broken in ("no pem", pem("server")[:200]):
            with open(live["pem"], "w") as out:
                out.write(broken)
            self.assertRegex(server.ask(), "^error malformed: the certificate")
            server.process.stdout.readline()
        use("server")
        self.assertTrue(server.ask().startswith("{"))
        self.assertEqual(shown(server), pem("server"))
        for _ in range(20):  # no growth
            self.assertTrue(server.ask().startswith("{"))
        self.assertLess(server.settled("connections", 0)["tlsUsed"], 20000)

    def half_open(self, server):
        return socket.create_connection(("127.0.0.1", server.port))

    def test_credentials_that_do_not_work(self):
        path = self.certificates.path
        for arguments, word in (({"key": path("other.key")}, "does not belong"), ({"key": path("other.pem")}, "private key"),
                                ({"cert": path("server.key")}, "certificate"), ({"ca": path("server.key")}, "client CA")):
            server = Server(**(self.certificates.of_server() | arguments))
            self.addCleanup(server.kill)
            self.assertEqual(server.greeting[0], "error")
            self.assertIn(word, server.greeting[1])

    def test_no_tls_at_all(self):
        with Client(type("Plain", (), {"port": self.server.port, "tls": False})) as client:
            client.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertRegex(client.rest(), b"^HTTP/1.1 400 (?s:.)*https://x:%d/\n$" % self.server.port)
        self.assertEqual(self.server.settled("tcpClosed", 1)["tcpClosed"], 1)

    def test_handshake_one_byte_at_a_time(self):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context_for().wrap_bio(incoming, outgoing, server_hostname="localhost")
        connection = self.half_open(self.server)
        connection.settimeout(10)
        done = False
        while not done:
            try:
                tls.do_handshake()
                done = True
            except ssl.SSLWantReadError:
                pass
            for byte in outgoing.read():
                connection.sendall(bytes([byte]))
                time.sleep(0.0003)
            if not done:
                incoming.write(connection.recv(65536))
        tls.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        connection.sendall(outgoing.read())
        incoming.write(connection.recv(65536))
        try:
            answer = tls.read(65536)
        except ssl.SSLWantReadError:
            incoming.write(connection.recv(65536))
            answer = tls.read(65536)
        self.assertIn(b"200 OK", answer)


if __name__ == "__main__":
    unittest.main()
