"""A backup of the state directory, as README.md has it: tar while nobody serves. Restored, it is the same device."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from client import Client
from device import PATIENCE, SIM, Device


class Backup(unittest.TestCase):
    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-"))
        self.addCleanup(shutil.rmtree, self.place, ignore_errors=True)
        self.state = self.place / "var/signalbox"
        self.state.mkdir(parents=True, mode=0o700)
        self.archive = self.place / "backup.tar.gz"

    def tar(self, *words):
        subprocess.run(["tar", *words], check=True, timeout=20 * PATIENCE)

    def restore(self):
        """Into another machine's place, by somebody with a usual umask."""
        root = self.place / "restored"
        root.mkdir()
        self.addCleanup(os.umask, os.umask(0o022))
        self.tar("-C", str(root), "-xpzf", str(self.archive))
        return root / "signalbox"

    def journal(self, state):
        return subprocess.run([SIM, "--verify-journal", str(state / "journal")], text=True, capture_output=True, check=False, timeout=20 * PATIENCE)

    def test_the_device_its_tokens_and_its_journal_come_back(self):
        with Device(state=self.state) as device, Client(device) as client:
            panel = client.ask("issueToken", {"name": "panel", "scope": "read:#"})["payload"]["token"]
            self.assertEqual(client.command("cabin/heater", True)["type"], "ack")
            fingerprint, admin = device.fingerprint, device.token
            client.close()
        before = {path.name: (path.stat().st_mode, path.read_bytes()) for path in self.state.iterdir()}
        self.tar("-C", str(self.state.parent), "-czf", str(self.archive), "signalbox")
        shutil.rmtree(self.state)

        restored = self.restore()
        self.assertEqual({path.name: (path.stat().st_mode, path.read_bytes()) for path in restored.iterdir()}, before)
        with Device(state=restored, claim=False) as device:
            self.assertEqual(device.fingerprint, fingerprint)
            self.assertIsNone(device.claim_code, "it is claimed")
            for token, administers in ((admin, True), (panel, False)):
                with self.subTest(administers=administers), Client(device, token=token) as client:
                    self.assertEqual(client.welcome["payload"]["rights"]["administer"], administers)
                    client.close()
            with Client(device, token=admin) as client:
                self.assertEqual(client.command("cabin/heater", True)["type"], "ack")
                client.close()
        proof = self.journal(restored)
        self.assertEqual(proof.returncode, 0, proof.stdout + proof.stderr)
        self.assertTrue((restored / "journal").read_bytes().startswith(before["journal"][1]), "it goes on where it was")

    def test_modes_that_got_lost_on_the_way_are_told(self):
        with Device(state=self.state):
            pass
        self.tar("-C", str(self.state.parent), "--mode=a+rwX", "-czf", str(self.archive), "signalbox")
        restored = self.restore()
        told = subprocess.run([SIM, "--port", "0", "--state", str(restored)], text=True, capture_output=True, check=False, timeout=20 * PATIENCE)
        self.assertEqual(told.returncode, 1)
        self.assertIn("expected 0700", told.stderr)


if __name__ == "__main__":
    unittest.main()
