"""A start that cannot be is refused with one clear line, and an exit code that says so."""
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

from client import Client
from device import COMPLAINTS, HOST, PATIENCE, SIM, TOP, Device

ROOT = os.geteuid() == 0


class Mistakes(unittest.TestCase):
    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-"))
        self.addCleanup(shutil.rmtree, self.place, ignore_errors=True)

    def refused(self, *options, words, state=None, code=1, program=SIM, **process):
        """The one line it says."""
        done = subprocess.run([program, "--port", "0", "--state", str(state or self.place), *map(str, options)], text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=10 * PATIENCE, **process)
        told = done.stderr.strip()
        self.assertEqual(done.returncode, code, told + done.stdout)
        self.assertEqual(done.stdout, "")
        self.assertEqual(len(told.splitlines()), 1, told)
        self.assertNotRegex(told, COMPLAINTS)
        self.assertTrue(told.startswith("signalbox: "), told)
        for word in words:
            self.assertIn(word, told)
        return told

    def made(self):
        """A state directory as a first start leaves it."""
        with Device(state=self.place):
            pass

    def test_options(self):
        for options, words in (
                (["--prot", "1"], ["`--prot`", "--help"]), (["8443"], ["`8443`"]), (["--port"], ["--port needs a value"]),
                (["--port", "http"], ["--port", "0 to 65535", "`http`"]), (["--port", "65536"], ["65535"]),
                (["--port", "-1"], ["`-1`"]), (["--port", ""], ["--port"]), (["--port", "1x"], ["`1x`"]),
                (["--heartbeat-ms", "99"], ["--heartbeat-ms", "100 to 3600000"]),
                (["--heartbeat-ms", "5000", "--dead-after-ms", "4000"], ["--dead-after-ms", "longer than"])):
            with self.subTest(options):
                self.refused(*options, words=words, code=2)

    def test_shows(self):
        for option, word in (("--help", "--device-file"), ("--version", "signalbox 0."), ("--budget", "mbedTLS region")):
            done = subprocess.run([SIM, option], cwd=self.place, capture_output=True, text=True, timeout=10 * PATIENCE)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn(word, done.stdout)
        self.assertEqual(list(self.place.iterdir()), [])

    def test_addresses(self):
        with socket.create_server((HOST, 0)) as taken:
            port = str(taken.getsockname()[1])
            self.refused("--port", port, words=["port " + port, "in use"])
        self.refused("--address", "192.0.2.7", words=["192.0.2.7"])
        for address in ("localhost", "127.0.0.1.5", "300.0.0.1"):
            self.refused("--address", address, words=["address", f"'{address}'"])

    def test_state_directory(self):
        self.refused(state=self.place / "nowhere", words=["--state", str(self.place / "nowhere"), "does not exist"])
        (self.place / "file").write_text("")
        self.refused(state=self.place / "file", words=["no directory"])

    def test_state_without_rights(self):
        os.chmod(self.place, 0o500)
        if not ROOT:
            return self.refused(words=["permission denied", str(self.place)])
        # Nobody may not be able to reach what root has built.
        with tempfile.TemporaryDirectory() as reachable:
            os.chmod(reachable, 0o755)
            program = shutil.copy(SIM, reachable)
            self.refused(words=["permission denied", str(self.place)], program=program, user="nobody", group="nogroup",
                         extra_groups=[])

    def test_full_disk(self):
        if ROOT and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", str(self.place)], capture_output=True).returncode == 0:
            self.addCleanup(subprocess.run, ["umount", str(self.place)], check=True)
            with open(self.place / "ballast", "wb") as ballast:
                try:
                    ballast.write(bytes(1 << 20))
                    ballast.flush()
                except OSError:
                    pass
            self.refused(words=["the disk is full", "token"])
            self.assertEqual([path.name for path in self.place.iterdir()], ["ballast"], "something half is left")
        else:
            def no_room():
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
            self.refused(words=["token", "may not grow"], restore_signals=False, preexec_fn=no_room)

    def test_damaged_tokens(self):
        with Device(state=self.place) as device:
            token = device.token
        record = (self.place / "tokens").read_text()
        for damage in ("", record[:-1], record + "x", record.replace('"key":"', '"key":"AA'), record.replace('"claimed":true', '"claimed":7'),
                       record.replace("admin", "adm*n"), record.replace('"issued"', '"expires"'), "\0" * 43, "x" * 50_000):
            with self.subTest(damage[:50]):
                (self.place / "tokens").write_text(damage)
                self.refused(words=["tokens", "damaged", "remove it"])
                self.assertEqual((self.place / "tokens").read_text(), damage, "kept for whoever mends it")
        (self.place / "tokens").write_text(record + "\n")
        with Device(state=self.place) as device:
            self.assertEqual(device.token, token)
            with Client(device) as client:
                self.assertEqual(client.close(), 1000)

    def test_state_that_others_may_use(self):
        with Device(state=self.place):
            pass
        (self.place / "tokens").chmod(0o640)
        self.refused(words=["tokens", "others may use it (its mode is 0640); expected 0600"])
        (self.place / "tokens").chmod(0o600)
        self.place.chmod(0o770)
        self.refused(words=["--state", "others may write to the directory", "0770", "expected 0700"])
        self.place.chmod(0o755)
        (self.place / "reopen-claim").mkdir()
        self.refused(words=["reopen-claim", "Is a directory", "expected an empty file, or none"])

    def test_damaged_identity(self):
        self.made()
        key, certificate = ((self.place / name).read_bytes() for name in ("key", "certificate"))
        other = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-"))
        self.addCleanup(shutil.rmtree, other)
        with Device(state=other):
            pass
        other_key, other_certificate = ((other / name).read_bytes() for name in ("key", "certificate"))
        cases = (
            ("key cut", key[:80], certificate, ["key"]), ("key empty", b"", certificate, ["key", "empty"]),
            ("key is noise", os.urandom(200), certificate, ["key"]), ("key too long", b"x" * 100_000, certificate, ["key", "bytes"]),
            ("certificate cut", key, certificate[:200], ["certificate"]), ("certificate empty", key, b"", ["certificate", "empty"]),
            ("certificate too long", key, b"x" * 100_000, ["certificate", "bytes"]),
            ("certificate of another key", key, other_certificate, ["certificate", "not for the key"]),
            ("key of another certificate", other_key, certificate, ["not for the key"]),
            ("key swapped with certificate", certificate, key, ["key"]),
            ("key lost", None, certificate, ["lost its `key`"]),
        )
        for name, its_key, its_certificate, words in cases:
            with self.subTest(name):
                for record, content in (("key", its_key), ("certificate", its_certificate)):
                    path = self.place / record
                    if content is None:
                        path.unlink(missing_ok=True)
                    else:
                        path.write_bytes(content)
                        path.chmod(0o600)
                self.refused(words=words)
        (self.place / "key").write_bytes(key)
        (self.place / "key").chmod(0o600)
        (self.place / "certificate").write_bytes(certificate)
        authority = (self.place / "authority").read_bytes()
        for name, damaged, words in (
                ("cut", authority[:300], ["authority", "damaged"]), ("empty", b"", ["authority", "empty"]),
                ("noise", os.urandom(200), ["authority", "damaged"]), ("too long", b"x" * 100_000, ["authority", "bytes"]),
                ("another's", (other / "authority").read_bytes(), ["`certificate` is of another authority"]),
                ("lost", None, ["an authority that is not in `authority`"])):
            with self.subTest("authority " + name):
                (self.place / "authority").unlink(missing_ok=True)
                if damaged is not None:
                    (self.place / "authority").write_bytes(damaged)
                    (self.place / "authority").chmod(0o600)
                self.refused(words=words)
                self.assertEqual((self.place / "certificate").read_bytes(), certificate)

    def test_records_that_are_no_files(self):
        self.made()
        (self.place / "tokens").unlink()
        (self.place / "tokens").mkdir()
        self.refused(words=["token"])
        (self.place / "tokens").rmdir()
        (self.place / "tokens").symlink_to("/etc/hostname")
        self.refused(words=["token", "it is a symbolic link, which is not followed"])

    def device_file(self, change):
        """The bench's device file with a change to its text, and the line the change is in."""
        text = (TOP / "boards/bench/device.json").read_text()
        before, after = change
        self.assertEqual(text.count(before), 1, before)
        path = self.place / "device.json"
        path.write_text(text.replace(before, after))
        return path, text[:text.index(before)].count("\n") + 1

    def test_device_file(self):
        self.refused("--device-file", self.place / "none.json", words=["none.json", "No such file"])
        self.refused("--device-file", self.place, words=["directory"])
        cases = (
            (('"kind": "tmp102"', '"kind": "tmp103"'), ["kind", "tmp103", "tmp102"]),
            (('"address": 72', '"address": 200'), ["address", "200"]),
            (('"address": 72', '"address": "72"'), ["address"]),
            (('"address": 72, "periodMs": 500', '"address": 72, "periodMss": 500'), ["periodMss"]),
            (('"path": "cabin/fan"', '"path": "cabin fan"'), ["path", "cabin fan"]),
            (('"path": "cabin/fan"', '"path": "cabin/heater"'), ["cabin/heater"]),
            (('"feedback": { "channel": "cabin/heaterSense"', '"feedback": { "channel": "cabin/nothing"'), ["cabin/nothing"]),
            (('"range": [-20, 60]', '"range": [60, -20]'), ["range"]),
            (('"initial": 0, "safe": 0', '"initial": 0, "safe": 500'), ["safe", "500"]),
            (('"id": "bench"', '"id": ""'), ["id"]),
            (('"calibration": { "scale": 20 }', '"calibration": { "scale": 0 }'), ["scale"]),
            (('"name": "tank", ', '"name": "tank", "name": "tank", '), ["name"]),
        )
        for change, words in cases:
            with self.subTest(change[1]):
                path, line = self.device_file(change)
                told = self.refused("--device-file", path, words=[str(path), *words])
                self.assertIn(f"line {line}", told)

    def test_parts_the_board_does_not_have(self):
        for change, words in ((('"line": "door"', '"line": "heater"'), ["part door", "heater"]),
                              (('"bus": 1', '"bus": 7'), ["cabin air", "I2C bus"]), (('"input": "tank"', '"input": "well"'), ["part tank", "well"])):
            with self.subTest(change[1]):
                path, _ = self.device_file(change)
                self.refused("--device-file", path, words=[str(path), *words])

    def test_device_file_that_is_no_json(self):
        path = self.place / "device.json"
        for text, words in (("", []), ("{", ["line 1"]), ("[]", ["line 1"]), ('{\n "device": {"id": "a"},\n "parts": [,]\n}', ["line 3"]),
                            ('{"device":{"id":"\xff"}}', []), ("x" * 500_000, ["bytes"])):
            with self.subTest(text[:20]):
                path.write_text(text, encoding="latin-1")
                self.refused("--device-file", path, words=[str(path)[:40], *words])

    def test_a_device_file_of_ones_own(self):
        path = self.place / "device.json"
        path.write_text(json.dumps({"device": {"id": "mine"}, "parts": [
            {"kind": "hostUptime", "channels": {"uptime": {"path": "up"}}}]}))
        with Device("--device-file", path) as device:
            self.assertIn("1 channels", device.banner)

    def test_client_authority(self):
        (self.place / "ca").write_text("not PEM")
        self.refused("--client-ca", self.place / "none", words=["--client-ca", "No such file"])
        expected = ["--client-ca", f"{self.place}/ca: no certificates", "expected some in PEM"]
        self.refused("--client-ca", self.place / "ca", words=expected)
        (self.place / "ca").write_text("")  # nobody would be asked for a certificate
        self.refused("--client-ca", self.place / "ca", words=expected)

    def test_certificates_of_ones_own(self):
        for name in ("chain", "secret"):
            (self.place / name).write_text("not PEM")
            (self.place / name).chmod(0o600)
        self.refused("--certificate", self.place / "chain", "--key", self.place / "secret",
                     words=[f"--certificate: {self.place}/chain: no certificates", "a chain in PEM"])
        with Device(state=self.place):
            pass
        self.refused("--certificate", self.place / "certificate", "--key", self.place / "secret",
                     words=[f"--key: {self.place}/secret: no private key", "in PEM without a password"])

    def test_a_file_that_is_missing_is_named_once(self):
        told = self.refused("--issuer", self.place / "none", words=["--issuer", "No such file"])
        self.assertEqual(told.count(f"{self.place}/none"), 1, told)

    def test_names_that_are_none_are_options_that_are_wrong(self):
        self.refused("--allow-host", "https://a", words=["signalbox: --allow-host: 'https://a' is no host name"], code=2)
        self.refused("--allow-origin", "a", words=["signalbox: --allow-origin: 'a' is no origin"], code=2)
        self.assertEqual([path.name for path in self.place.iterdir()], [], "before anything was made")

    def test_the_address_of_all_is_told_as_one_that_can_be_opened(self):
        with Device("--address", "*") as device:
            self.assertTrue(device.url.startswith("wss://localhost:"), device.url)
            self.assertNotIn("*", device.banner)


if __name__ == "__main__":
    unittest.main()
