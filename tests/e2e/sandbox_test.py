"""What is left to the processes once they serve, as the kernel has it, and that all goes on inside."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

from client import Client
from device import HOST, PATIENCE, SANITIZED, SIM, Device, bench_device_file, eventually

ROOT = os.geteuid() == 0
NOBODY = 65534


def status(process):
    lines = (line.split(":", 1) for line in pathlib.Path(f"/proc/{process}/status").read_text().splitlines())
    return {name: value.strip() for name, value in lines}


def journal_processes(device):
    """The watcher of the journal and its writer."""
    def children(process):
        return pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split()
    def both():
        watchers = children(device.process.pid)
        found = watchers + [writer for watcher in watchers for writer in children(watcher)]
        return found if len(found) == 2 and status(found[1])["Name"] == "disk-write" else None
    return eventually(both)


class Sandbox(unittest.TestCase):
    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-"))
        self.addCleanup(shutil.rmtree, self.place, ignore_errors=True)

    def state(self, owner=None):
        directory = self.place / "state"
        directory.mkdir(mode=0o700)
        if owner is not None:
            os.chmod(self.place, 0o711)
            os.chown(directory, owner, owner)
        return directory

    def assert_confined(self, process, filters):
        its = status(process)
        for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
            self.assertEqual(int(its[name], 16), 0, (process, name))
        if ROOT:
            self.assertEqual(int(its["CapBnd"], 16), 0, process)
        self.assertEqual(its["NoNewPrivs"], "1")
        if not SANITIZED:
            self.assertEqual((its["Seccomp"], its["Seccomp_filters"]), ("2", str(filters)))
            # Not dumpable: its memory is root's to read, whoever runs it.
            self.assertEqual(os.stat(f"/proc/{process}/environ").st_uid, 0)
        return its

    def test_nothing_is_left(self):
        with Device() as device:
            self.assertTrue(device.wait_for_log("sandbox: no capabilities"))
            watcher, writer = journal_processes(device)
            self.assert_confined(device.process.pid, 1)
            self.assert_confined(watcher, 1)
            self.assert_confined(writer, 2)
            self.assertEqual(device.wait_for_log(r"sandbox: .*\d+ system calls", 1), not SANITIZED)

    def test_for_debugging(self):
        with Device("--no-sandbox") as device:
            self.assertTrue(device.wait_for_log("warning: --no-sandbox is for debugging"))
            for process in (device.process.pid, *journal_processes(device)):
                self.assertEqual(status(process)["Seccomp"], "0")

    def test_everything_goes_on_inside(self):
        """Reloads, a rotation of the journal, commands, telemetry of this host, an end; as a user without rights."""
        state = self.state(NOBODY if ROOT else None)
        file = self.place / "device.json"
        declared = bench_device_file()
        file.write_text(json.dumps(declared))
        with Device("--device-file", file, *(("--drop", "nobody") if ROOT else ()), state=state) as device:
            before = device.fingerprint
            with Client(device) as client:
                self.assertEqual(client.ask("subscribe", {"id": "w", "paths": ["host/#"], "events": True})["type"], "snapshot")
                for name in ("authority", "certificate", "key"):
                    (state / name).unlink()
                declared["device"]["title"] = "Read again"
                new = file.with_suffix(".new")
                new.write_text(json.dumps(declared))
                new.replace(file)
                device.signal(signal.SIGHUP)
                self.assertTrue(device.wait_for_log("certificate reloaded: SHA-256 (?!" + before + ")"))
                self.assertTrue(eventually(lambda: client.ask("describe", {})["payload"]["device"]["title"] == "Read again"))
            for name in ("authority", "certificate", "key", "journal"):
                its = (state / name).stat()
                self.assertEqual((its.st_uid, its.st_mode & 0o777), (NOBODY if ROOT else os.geteuid(), 0o600), name)
            if ROOT:
                its = self.assert_confined(device.process.pid, 1)
                self.assertEqual((its["Uid"], its["Gid"], its["Groups"]), ("\t".join([str(NOBODY)] * 4),) * 2 + ("",))

    @staticmethod
    def free_port_below_1024():
        for port in range(1023, 600, -1):
            try:
                with socket.create_server((HOST, port)):
                    return port
            except OSError:
                continue
        raise AssertionError("no port below 1024 is free")

    def refused(self, *options, words, **process):
        done = subprocess.run([SIM, "--port", "0", *map(str, options)], text=True, capture_output=True, timeout=10 * PATIENCE, **process)
        self.assertEqual((done.returncode, done.stdout, len(done.stderr.splitlines())), (1, "", 1), done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def test_a_port_that_needs_rights_is_had_before_they_go(self):
        if not ROOT:
            return self.refused("--drop", "nobody", "--state", self.state(), words=["--drop", "only root"])
        port = self.free_port_below_1024()
        with Device("--drop", f"{NOBODY}:{NOBODY}", state=self.state(NOBODY), port=port) as device:
            self.assert_confined(device.process.pid, 1)
            with Client(device) as client:
                self.assertEqual(client.ask("ping", {})["type"], "pong")

    def test_mistakes(self):
        state = self.state()
        self.refused("--drop", "nobody-here", "--state", state, words=["--drop", "nobody-here"])
        self.refused("--drop", "root", "--state", state, words=["--drop", "root"])
        if ROOT:
            os.chmod(self.place, 0o711)
            self.refused("--drop", "nobody", "--state", state,
                         words=["--state", str(state), "permission denied", "belongs to user 0", f"we are user {NOBODY}"])
        self.assertEqual(list(state.iterdir()), [], "something was made")


if __name__ == "__main__":
    unittest.main()
