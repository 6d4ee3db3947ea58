"""Stopping, starting again, and a new certificate in between."""
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import tempfile
import threading
import time
import unittest

from client import Bystander, Client
from device import HOST, PATIENCE, Device, eventually
from ws import Closed, tcp, tls


class Restart(unittest.TestCase):
    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-"))
        self.addCleanup(shutil.rmtree, self.place, ignore_errors=True)

    def test_sigterm_says_goodbye(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number), Device() as device:
                clients = [Client(device) for _ in range(5)] + [Client(device, token=None)]
                clients[0].ask("subscribe", {"id": "all", "paths": ["#"], "mode": "fixed", "periodMs": 50})
                half = tcp(device)  # somebody in the middle of a handshake must not hold it up
                started = time.monotonic()
                device.signal(number)
                for client in clients:
                    code, told = client.closes()
                    self.assertEqual((code, told[-1]["type"]), (1001, "goodbye"))
                    self.assertTrue(told[-1]["payload"]["reason"])
                    self.assertGreater(told[-1]["payload"]["retryAfterMs"], 0)
                    client.stream.close()
                device.process.wait(8 * PATIENCE)
                self.assertLess(time.monotonic() - started, 3 * PATIENCE)
                half.close()

    def test_sigterm_does_not_wait_for_a_dead_reader(self):
        with Device() as device:
            deaf = Client(device, receive_buffer=4096)
            for _ in range(300):
                deaf.request("describe")
            device.end(within=8)
            deaf.stream.close()

    def test_a_command_under_way_is_answered_and_outputs_go_safe(self):
        with Device() as device:
            client = Client(device)
            client.command("cabin/heater", True)
            ids = [client.request("command", {"channel": "cabin/heater", "action": "toggle"}) for _ in range(8)]
            time.sleep(0.02)
            device.signal(signal.SIGTERM)
            code, told = client.closes()
            self.assertEqual(code, 1001)
            answered = [its["replyTo"] for its in told if its["type"] in ("ack", "error")]
            self.assertEqual(len(set(answered)), len(answered))
            self.assertEqual(set(answered), set(ids), "an accepted command was not answered")
            self.assertEqual(told[-1]["type"], "goodbye")
            client.stream.close()

    def test_what_stays_and_what_does_not(self):
        seen = []
        for _ in range(2):
            with Device(state=self.place) as device, Client(device) as client:
                seen.append((device.token, device.fingerprint, client.welcome["payload"]["epoch"]))
                refused = client.command("cabin/heater", True, epoch=seen[0][2])
                if len(seen) == 2:
                    self.assertEqual(refused["payload"]["reason"], "foreignEpoch")
                    self.assertIs(client.value("cabin/heater"), False, "outputs start as declared")
                client.close()
        self.assertEqual(seen[0][:2], seen[1][:2])
        self.assertNotEqual(seen[0][2], seen[1][2])
        names = ["authority", "certificate", "history", "journal", "key", "tickets", "tokens"]
        for name in names:
            self.assertEqual(stat.S_IMODE(os.stat(self.place / name).st_mode), 0o600, name)
        self.assertEqual(sorted(path.name for path in self.place.iterdir()), names)

    def test_secrets_are_not_told(self):
        with Device(state=self.place) as device:
            with Client(device) as client:
                client.close()
            with self.assertRaises(Exception):
                Client(device, token=device.token[:-2] + "xx")
            key = (self.place / "key").read_text()
            token_key = json.loads((self.place / "tokens").read_text())["key"]
        told = "\n".join(device.lines["stderr"])
        self.assertNotIn(device.token, told)
        self.assertNotIn(device.claim_code, told + "\n".join(device.lines["stdout"]))
        self.assertNotIn(token_key, told + "\n".join(device.lines["stdout"]))
        self.assertNotIn(key.splitlines()[1], told + "\n".join(device.lines["stdout"]))

    def test_killed_and_started_again(self):
        device = Device(state=self.place)
        port, token = device.port, device.token
        client = Client(device)
        device.signal(signal.SIGKILL)
        self.assertEqual(client.closes()[0], 1006)
        client.stream.close()
        device.kill()
        with Device(state=self.place, port=port) as again:  # the port is free at once
            self.assertEqual((again.port, again.token), (port, token))


class NewCertificate(unittest.TestCase):
    def shown(self, device):
        with socket.create_connection((HOST, device.port)) as raw:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            with context.wrap_socket(raw) as stream:
                return ssl.DER_cert_to_PEM_cert(stream.getpeercert(binary_form=True)).split()

    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-"))
        self.addCleanup(shutil.rmtree, self.place)
        self.install()

    def install(self):
        """A new certificate of an operator's own, where the device looks for it."""
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                        "-subj", "/CN=new", "-addext", "subjectAltName=DNS:localhost", "-keyout", self.place / "key.new", "-out",
                        self.place / "certificate.new"], check=True, capture_output=True)
        for name in ("key", "certificate"):
            os.replace(self.place / (name + ".new"), self.place / name)

    def device(self):
        """One with that certificate."""
        return Device("--certificate", self.place / "certificate", "--key", self.place / "key", certificate=self.place / "certificate")

    def test_sighup_during_handshakes(self):
        with self.device() as device:
            old = self.shown(device)
            early = Client(device)
            half = [tcp(device) for _ in range(5)]
            for stream in half[:3]:
                stream.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
            stopping, failures = threading.Event(), []

            def shake_hands():
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
                while not stopping.is_set():
                    try:
                        tls(device, context).close()
                    except OSError as failure:
                        failures.append(failure)

            threads = [threading.Thread(target=shake_hands) for _ in range(2)]
            for thread in threads:
                thread.start()
            for _ in range(3):
                self.install()
                for _ in range(3):
                    device.signal(signal.SIGHUP)
                    time.sleep(0.03)
            self.assertTrue(eventually(lambda: self.shown(device) == device.certificate.read_text().split()))
            stopping.set()
            for thread in threads:
                thread.join()
            self.assertEqual(failures, [])
            self.assertNotEqual(self.shown(device), old)
            with Client(device) as client:
                client.close()
            self.assertEqual(early.ask("ping")["type"], "pong")
            early.close()
            for stream in half:
                stream.close()

    def test_a_bad_one_is_not_taken(self):
        with Device() as device, Bystander(device):
            old, good = self.shown(device), device.certificate.read_bytes()
            for damage in (b"", b"not PEM", good[:300]):
                device.certificate.write_bytes(damage)
                device.signal(signal.SIGHUP)
                self.assertTrue(device.wait_for_log("not reloaded"))
                device.lines["stderr"].clear()
                self.assertEqual(self.shown(device), old)

    def test_a_removed_one_is_made_anew_with_its_names(self):
        with Device() as device:
            old = self.shown(device)
            device.certificate.unlink()
            device.signal(signal.SIGHUP)
            self.assertTrue(eventually(lambda: self.shown(device) != old))
            with Client(device) as client:  # verified against the new record, for localhost
                client.close()
            with socket.create_connection((HOST, device.port)) as raw:
                device.trust().wrap_socket(raw, server_hostname=HOST).close()

    def test_memory_after_many(self):
        with self.device() as device:
            base = device.base_line()
            for _ in range(10):
                self.install()
                device.signal(signal.SIGHUP)
                self.assertTrue(eventually(lambda: self.shown(device) == device.certificate.read_text().split()))
            base_after_one = device.base_line()
            for _ in range(10):
                self.install()
                device.signal(signal.SIGHUP)
                self.assertTrue(eventually(lambda: self.shown(device) == device.certificate.read_text().split()))
            left = device.returns_to(base_after_one)
            self.assertLess(left.get("mbedtls-bytes", (0, 0))[1] - left.get("mbedtls-bytes", (0, 0))[0], 300, (base.in_use(), left))


class ClientCertificates(unittest.TestCase):
    def test_required_where_asked_for(self):
        place = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-"))
        self.addCleanup(shutil.rmtree, place)
        for name in ("friend", "stranger"):
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                            "-subj", f"/CN={name}", "-keyout", place / f"{name}.key", "-out", place / f"{name}.pem"],
                           check=True, capture_output=True)
        with Device("--client-ca", place / "friend.pem", claim=False) as device:
            friend = device.trust()
            friend.load_cert_chain(place / "friend.pem", place / "friend.key")
            device.token = device.claim(context=friend)
            for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
                for name in (None, "stranger"):
                    context = device.trust(version, version)
                    if name:
                        context.load_cert_chain(place / f"{name}.pem", place / f"{name}.key")
                    with self.subTest(f"{version.name} {name}"), self.assertRaises((OSError, Closed)):
                        Client(device, context=context)
                context = device.trust(version, version)
                context.load_cert_chain(place / "friend.pem", place / "friend.key")
                with Client(device, context=context) as client:
                    self.assertEqual(client.close(), 1000)


if __name__ == "__main__":
    unittest.main()
