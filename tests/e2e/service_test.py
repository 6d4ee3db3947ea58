"""As a service of systemd: what the unit promises, and systemd's side of the socket that NOTIFY_SOCKET names, played here."""
import fcntl
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from device import PATIENCE, SIM, TOP, Device, eventually

UNIT = TOP / "hal/linux/signalbox.service"
DEVICES = UNIT.with_name("signalbox-devices.conf")  # beside it on a board
EXPOSURE_MAX = 1.5
PATIENCE_S = 0.3 * PATIENCE  # what the unit calls WatchdogSec, shorter


def settings(name):
    return re.findall(rf"^{name}=(.*)$", UNIT.read_text(), re.MULTILINE)


def calls_of(group):
    """The system calls of one of systemd's groups."""
    listed = subprocess.run(["systemd-analyze", "syscall-filter", group], text=True, capture_output=True, check=True).stdout
    found = set()
    for name in (line.strip() for line in listed.splitlines()[1:]):
        if name.startswith("@"):
            found |= calls_of(name)
        elif name and not name.startswith("#"):
            found.add(name)
    return found


class Unit(unittest.TestCase):
    def test_exposure(self):
        for units in ((UNIT,), (UNIT, DEVICES)):
            with self.subTest(units=len(units)), tempfile.TemporaryDirectory() as folder:
                whole = pathlib.Path(folder) / UNIT.name
                whole.write_text("\n".join(unit.read_text() for unit in units))
                told = subprocess.run(["systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE_MAX * 10:.0f}", str(whole)],
                                      text=True, capture_output=True, check=False)
                score = re.search(r"Overall exposure level for \S+: ([\d.]+)", told.stdout)
                self.assertIsNotNone(score, told.stdout + told.stderr)
                self.assertLessEqual(float(score.group(1)), EXPOSURE_MAX)
                self.assertEqual(told.returncode, 0, told.stdout)

    def test_nothing_in_it_is_misspelt(self):
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(folder) / UNIT.name
            copy.write_text((UNIT.read_text() + DEVICES.read_text()).replace("/usr/bin/signalbox", SIM))
            told = subprocess.run(["systemd-analyze", "verify", "--man=no", str(copy)], text=True, capture_output=True, check=False)
            self.assertNotIn(UNIT.name, told.stdout + told.stderr)

    def test_it_allows_what_the_process_allows_itself(self):
        allowed = set()
        for setting in settings("SystemCallFilter"):
            names = setting.removeprefix("~").split()
            calls = set().union(*(calls_of(name) if name[0] == "@" else {name} for name in names))
            allowed = allowed - calls if setting.startswith("~") else allowed | calls
        ours = set(re.findall(r"Allowed\{__NR_(\w+)", (TOP / "hal/linux/system_calls.cpp").read_text()))
        self.assertGreater(len(ours), 50)
        # The names of 32-bit ARM mean what the others mean, and are in the same groups.
        self.assertEqual(ours - allowed, set())

    def test_its_options_are_known(self):
        known = subprocess.run([SIM, "--help"], text=True, capture_output=True, check=True).stdout
        for option in re.findall(r"--\S+", settings("ExecStart")[0]):
            self.assertIn(f"  {option} ", known)


class Notified(unittest.TestCase):
    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-"))
        self.addCleanup(shutil.rmtree, self.place, ignore_errors=True)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.socket.close)
        self.socket.bind(str(self.place / "notify"))
        (self.place / "state").mkdir()

    def environment(self, patience_s=0.0):
        return {**os.environ, "NOTIFY_SOCKET": str(self.place / "notify"), "WATCHDOG_USEC": str(int(1e6 * patience_s))}

    def heard(self, seconds):
        """The next thing it says; None: nothing."""
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(256).decode()
        except (TimeoutError, BlockingIOError):
            return None

    def test_the_steps_of_a_life(self):
        with Device(env=self.environment()) as device:
            self.assertEqual(self.heard(5 * PATIENCE), "READY=1")
            self.assertIsNone(self.heard(0), "nobody waits for signs of life")
            before_us = time.monotonic_ns() // 1000
            device.signal(signal.SIGHUP)
            name, number = self.heard(5 * PATIENCE).split("\n")
            self.assertEqual(name, "RELOADING=1")
            at_us = int(number.removeprefix("MONOTONIC_USEC="))
            self.assertTrue(before_us <= at_us <= time.monotonic_ns() // 1000)
            self.assertEqual(self.heard(5 * PATIENCE), "READY=1")
            self.assertTrue(device.wait_for_log("certificate reloaded"))
            device.end()
            self.assertEqual(self.heard(0), "STOPPING=1")

    def test_one_that_cannot_start_is_not_ready(self):
        subprocess.run([SIM, "--port", "0", "--state", "/nowhere"], env=self.environment(), capture_output=True, check=False)
        self.assertIsNone(self.heard(0))

    def test_a_loop_that_turns_is_alive_and_one_that_hangs_is_not(self):
        process = subprocess.Popen([SIM, "--port", "0", "--state", str(self.place / "state")], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=self.environment(PATIENCE_S))
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.assertEqual(self.heard(5 * PATIENCE), "READY=1")
        for _ in range(4):
            self.assertEqual(self.heard(PATIENCE_S), "WATCHDOG=1")
        # Nobody reads what it prints, until it waits for a reader.
        fcntl.fcntl(process.stderr, fcntl.F_SETPIPE_SZ, 4096)
        def hangs():
            process.send_signal(signal.SIGUSR1)
            while self.heard(0):
                pass
            return self.heard(PATIENCE_S) is None
        self.assertTrue(eventually(hangs, seconds=20), "it printed into a full pipe and went on")
        self.assertIsNone(self.heard(2 * PATIENCE_S))
        os.set_blocking(process.stderr.fileno(), False)
        self.assertTrue(eventually(lambda: (process.stderr.read(), self.heard(0.05))[1] == "WATCHDOG=1"), "it did not come back")
        process.terminate()
        self.assertTrue(eventually(lambda: (process.stderr.read(), self.heard(0.05))[1] == "STOPPING=1"))
        self.assertEqual(process.wait(8 * PATIENCE), 0)


if __name__ == "__main__":
    unittest.main()
