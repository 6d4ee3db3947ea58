"""Who the device is to its clients: its own authority, certificates from elsewhere, renewal, sessions that resume after a restart."""
import base64
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import unittest
import unittest.mock

import device as devices
from authority import Authority
from client import Client
from device import HOST, PATIENCE, SIM, TOP, Device, eventually
from ws import http

VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
# A simulator that takes its C library from the system, so that another can be put before it.
SHARED_SIM = os.environ.get("SIGNALBOX_SHARED_SIM", str(TOP / "build/sim/tests/e2e/failing_sim"))


def openssl(*arguments, given=None):
    return subprocess.run(["openssl", *map(str, arguments)], input=given, capture_output=True, text=True, check=True).stdout


def shown(device):
    """The certificate that a client is shown, in PEM."""
    return ssl.get_server_certificate((HOST, device.port)).split()


class Place(unittest.TestCase):
    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-"))
        self.addCleanup(shutil.rmtree, self.place, ignore_errors=True)


    def with_clock(self, *options, claim=True):
        """A device, and the file that moves its date, which libfaketime reads by system calls that are not ours."""
        clock = self.place / "clock"
        clock.write_text("+0d")
        library = next(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
        moved = {"LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_NO_CACHE": "1",
                 "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                 "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}  # it is not the first library then
        with unittest.mock.patch.object(devices, "SIM", SHARED_SIM):
            device = Device("--no-sandbox", *options, state=self.place, claim=claim, env=os.environ | moved)
        self.addCleanup(device.kill)  # libfaketime itself takes memory from the heap, which `end` would complain of
        return device, clock


class OwnAuthority(Place):
    def test_who_installs_it_believes_the_device(self):
        with Device("--address", "0.0.0.0", state=self.place) as device:
            got = http(device, "GET /ca.crt HTTP/1.1\r\nHost: localhost\r\n\r\n")
            self.assertEqual((got.status, got.headers["content-type"]), (200, "application/x-x509-ca-cert"))
            head = http(device, "HEAD /ca.crt HTTP/1.1\r\nHost: localhost\r\n\r\n")
            self.assertEqual((head.status, head.headers["content-length"]), (200, str(len(got.body))))
            self.assertEqual(http(device, "POST /ca.crt HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n").status, 405)
            self.assertIn(device.fingerprint, openssl("x509", "-noout", "-fingerprint", "-sha256", given=got.body))
            context = ssl.create_default_context(cadata=got.body)
            names = ["localhost", HOST, socket.gethostname(), socket.gethostname().split(".")[0] + ".local"]
            listed = subprocess.run("ip -o -4 addr show up scope global | awk '{print $4}'", shell=True, capture_output=True, text=True).stdout
            names += [line.split("/")[0] for line in listed.split()]
            for name in names:
                with self.subTest(name), socket.create_connection((HOST, device.port)) as raw:
                    context.wrap_socket(raw, server_hostname=name).close()
            for name in ("authority", "key", "certificate", "tickets"):
                self.assertEqual(os.stat(self.place / name).st_mode & 0o777, 0o600, name)
            self.assertNotIn("PRIVATE", got.body)

    def test_the_code_on_the_console(self):
        with Device("--address", "0.0.0.0", state=self.place) as device:
            rows = [line[2:] for line in device.lines["stdout"] if re.fullmatch("  [█▀▄ ]{29,}", line)]
            points = [row.translate(str.maketrans("█▀▄ ", kept)) for row in rows for kept in ("0011", "0101")]
            picture = self.place / "code.pbm"
            scaled = [" ".join(4 * point for point in row).replace("", " ") for row in points for _ in range(4)]
            picture.write_text(f"P1 {4 * len(points[0])} {len(scaled)}\n" + "\n".join(scaled))
            read = subprocess.run(["zbarimg", "--nodbus", "--quiet", "--raw", str(picture)], capture_output=True, text=True).stdout.strip()
            url, _, fingerprint = read.partition("#sha256=")
            self.assertRegex(url, rf"^https://[^/]+:{device.port}/ca\.crt$")
            digest = bytes.fromhex(device.fingerprint.replace(":", ""))
            self.assertEqual(fingerprint, base64.urlsafe_b64encode(digest).decode().rstrip("="))
            self.assertIn(read, device.banner)
        with Device(state=self.place) as device:  # nobody else reaches this one
            self.assertNotIn("phone", device.banner)

    def test_a_certificate_that_signed_itself_gives_way(self):
        """As versions before made it."""
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3652", "-subj", "/CN=bench",
                "-keyout", self.place / "key", "-out", self.place / "certificate")
        (self.place / "certificate").chmod(0o600)
        key = (self.place / "key").read_text()
        with Device(state=self.place) as device:
            self.assertTrue(device.wait_for_log("must trust /ca.crt"))
            with Client(device) as client:  # by the new record
                client.close()
        self.assertEqual((self.place / "key").read_text(), key)

    def test_renewed_while_it_serves(self):
        """The date goes on by nine months."""
        device, clock = self.with_clock()
        before, kept = shown(device), device.certificate.read_bytes()
        with Client(device) as client, socket.create_connection((HOST, device.port)) as half:
            half.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
            clock.write_text("+270d")
            self.assertTrue(device.wait_for_log("certificate renewed", 20))
            self.assertNotEqual(shown(device), before)
            self.assertEqual(client.ask("ping")["type"], "pong")
            client.close()
        self.assertEqual(device.certificate.read_bytes(), kept, "written while it serves")
        text = openssl("x509", "-noout", "-enddate", given=ssl.get_server_certificate((HOST, device.port)))
        left = ssl.cert_time_to_seconds(text.strip().partition("=")[2]) - time.time()
        self.assertGreater(left / 86400, 660)
        device.kill()
        with Device(state=self.place) as later:  # the date is right again: what is kept is still good
            self.assertEqual(later.fingerprint, device.fingerprint)


class FromElsewhere(Place):
    def setUp(self):
        super().setUp()
        self.theirs = Authority(self, "elsewhere").issue("device", "/CN=device", use="serverAuth")
        self.theirs.issue("next", "/CN=device", use="serverAuth").issue("expired", "/CN=device", use="serverAuth", begins=-9, ends=-1)
        self.theirs.issue("early", "/CN=device", use="serverAuth", begins=2)
        self.chain, self.key = self.place / "chain.pem", self.place / "chain.key"
        self.use("device")

    def use(self, name):
        self.chain.write_text(self.theirs[name].read_text() + self.theirs["ca"].read_text())
        shutil.copy(self.theirs.key(name), self.key)

    def test_served_and_reloaded(self):
        with Device("--certificate", self.chain, "--key", self.key, state=self.place, certificate=self.theirs["ca"]) as device:
            self.assertEqual(shown(device), self.theirs["device"].read_text().split())
            self.assertIn(device.fingerprint, openssl("x509", "-in", self.theirs["device"], "-noout", "-fingerprint", "-sha256"))
            self.assertFalse((self.place / "key").exists())
            self.assertEqual(http(device, "GET /ca.crt HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 404)
            with Client(device) as client:
                for name, words in (("expired", "has expired"), ("early", "not valid yet")):
                    self.use(name)
                    device.signal(signal.SIGHUP)
                    self.assertTrue(device.wait_for_log("not reloaded, the old one stays.*" + words))
                self.assertEqual(shown(device), self.theirs["device"].read_text().split())
                self.use("next")
                device.signal(signal.SIGHUP)
                self.assertTrue(eventually(lambda: shown(device) == self.theirs["next"].read_text().split()))
                self.assertEqual(client.ask("ping")["type"], "pong")
                client.close()

    def test_an_end_that_comes_while_it_serves_is_told(self):
        clients = Authority(self, "clients")
        device, clock = self.with_clock("--certificate", self.chain, "--key", self.key, "--client-ca", clients["ca"], "--client-crl",
                                        clients.revoke(), claim=False)
        clock.write_text("+2550000s")  # half a day before both end
        self.assertTrue(device.wait_for_log("--certificate ends in 1[0-9] hours", 20))
        self.assertTrue(device.wait_for_log("--client-crl ends in 1[0-9] hours"))

    def test_what_does_not_serve_is_told(self):
        def refused(*options, words):
            done = subprocess.run([SIM, "--port", "0", "--state", str(self.place), *map(str, options)], stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True, timeout=20 * PATIENCE)
            self.assertNotEqual(done.returncode, 0)
            self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
            for word in words:
                self.assertIn(word, done.stderr)
        theirs, key = self.theirs, self.theirs.key
        open_key = self.place / "open.key"
        shutil.copy(key("device"), open_key)
        open_key.chmod(0o644)
        theirs["device"].chmod(0o600)
        for chain, its_key, words in ((theirs["device"], key("next"), ["--key", "does not belong"]),
                                      (theirs["expired"], key("expired"), ["--certificate", "has expired"]),
                                      (theirs["early"], key("early"), ["--certificate", "not valid yet"]),
                                      (self.place / "none", key("device"), ["--certificate", "No such file"]),
                                      (theirs["device"], self.place, ["--key", "directory"]),
                                      (theirs["device"], open_key, ["--key", "0644", "expected 0600"]),
                                      (key("device"), key("device"), ["--certificate", "no certificates"]),
                                      (theirs["device"], theirs["device"], ["--key", "no private key"])):
            with self.subTest(words):
                refused("--certificate", chain, "--key", its_key, words=words)
        refused("--certificate", theirs["device"], words=["--key", "both"])
        clients = Authority(self, "clients").issue("one", "/CN=one")
        for crl, words in ((clients.revoke(days=-1), ["--client-crl", "has expired"]), (clients["ca"], ["--client-crl", "no list"]), (self.place / "none", ["--client-crl", "No such file"]),
                           (theirs.revoke(), ["--client-crl", "another authority"])):
            refused("--client-ca", clients["ca"], "--client-crl", crl, words=words)
        refused("--client-crl", clients["ca"], words=["--client-ca"])


class Resumption(Place):
    def visit(self, device, context, session=None):
        raw = socket.create_connection((HOST, device.port), timeout=20)
        with context.wrap_socket(raw, server_hostname="localhost", session=session) as stream:
            stream.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            self.assertIn(b"200 OK", stream.recv(4096))
            return stream.session, stream.session_reused

    def test_after_a_restart(self):
        contexts, sessions = {}, {}
        with Device(state=self.place) as device:
            for version in VERSIONS:
                contexts[version] = device.trust(version, version)
                sessions[version], _ = self.visit(device, contexts[version])
        device = Device(state=self.place)
        for version in VERSIONS:
            self.assertTrue(self.visit(device, contexts[version], sessions[version])[1], version)
        device.kill()  # as a power cut would, but for the disk
        with Device(state=self.place) as device:
            for version in VERSIONS:
                self.assertTrue(self.visit(device, contexts[version], sessions[version])[1], version)
        (self.place / "tickets").write_bytes(bytes(178))  # torn
        with Device(state=self.place) as device:
            self.assertTrue(device.wait_for_log("`tickets` is damaged"))
            for version in VERSIONS:
                session, reused = self.visit(device, contexts[version], sessions[version])
                self.assertFalse(reused)
                self.assertTrue(self.visit(device, contexts[version], session)[1])

    def test_openssl_says_so(self):
        with Device(state=self.place) as device:
            for version in ("-tls1_2", "-tls1_3"):
                self.s_client(device, version, "-sess_out", self.place / version)
        with Device(state=self.place) as device:
            for version in ("-tls1_2", "-tls1_3"):
                self.assertIn("Reused, TLSv1.", self.s_client(device, version, "-sess_in", self.place / version))

    def s_client(self, device, *options):
        process = subprocess.Popen(["openssl", "s_client", "-connect", f"{HOST}:{device.port}", "-CAfile", str(device.certificate),
                                    *map(str, options)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        process.stdin.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        process.stdin.flush()
        told = process.stdout.read().decode()  # until the device closes
        process.stdin.close()
        process.wait(20)
        return told


if __name__ == "__main__":
    unittest.main()
