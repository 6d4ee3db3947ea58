"""A card from its image: it starts, is claimed, keeps what it has to keep, takes updates, and leaves those that are no good."""
import socket
import ssl
import struct
import sys
import threading
import time
import unittest

from boards_test import Image, RaspberryPi  # noqa: F401
from card import BUILT, RECORDS, SECTOR, SLOT_AT, STATE_AT, STATE_SIZE, Card, Machine
from client import Client
from device import eventually
from network import A, PTR, SRV, Neighbour
from on_a_card import GOOD, OnACard
from devices_test import Devices  # noqa: F401
from settings_test import Settings  # noqa: F401
from wifi_test import WiFi  # noqa: F401

UNIX_EPOCH_S = 2208988800  # in NTP's seconds since 1900


class TimeServer:
    """Tells whoever asks by NTP what time it is."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self.socket.bind(("127.0.0.1", 123))
        except OSError:
            self.socket.close()
            raise
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def _serve(self):
        while True:
            question, peer = self.socket.recvfrom(512)
            if len(question) < 48:
                return
            now = struct.pack("!Q", int((time.time() + UNIX_EPOCH_S) * 2**32))
            # Version 4, a server, stratum 1, precision 2^-20, whose clock was right a moment ago.
            self.socket.sendto(struct.pack("!BBbbII4s", 0x24, 1, 6, -20, 0, 0, b"TEST") + now + question[40:48] + now + now, peer)

    def close(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.sendto(b"", ("127.0.0.1", 123))
        self.thread.join()
        self.socket.close()


class Quick(OnACard):
    def test_it_starts_and_is_claimed(self):
        machine = self.start()
        print(f"power-on to its banner: {machine.started_s:.1f} s", flush=True)
        machine.claim()
        self.serves(machine)
        self.assertEqual(self.card.state(), [GOOD] * 2)


class WhatStays(OnACard):
    def test_a_power_cut_takes_nothing(self):
        machine = self.start()
        machine.claim()
        with Client(machine) as client:
            client.command("lamp", True)
            before = client.ask("journal")["payload"]["newest"]
            self.assertGreater(before, 1)
            self.assertTrue(eventually(lambda: client.ask("journal")["payload"]["committed"]["sequence"] >= before, 5))
        machine.cut()
        again = self.start()
        self.assertEqual(again.fingerprint, machine.fingerprint)
        self.serves(again)
        with Client(again) as client:
            after = client.ask("journal")["payload"]
        self.assertGreater(after["records"][0]["sequence"], before, "the journal began anew")
        self.assertFalse(any("claim code" in line for line in again.lines), "it can be claimed once more")

    def test_a_backup_makes_another_card_the_same_device(self):
        machine = self.start()
        machine.claim()
        machine.cut()
        other = Card()
        self.addCleanup(other.end)
        other.write(STATE_AT, self.card.read(STATE_AT, STATE_SIZE))
        other.token = self.card.token
        again = Machine(other)
        self.addCleanup(again.cut)
        self.assertEqual(again.fingerprint, machine.fingerprint)
        again.certificate.write_bytes(machine.certificate.read_bytes())
        self.serves(again)

    def test_a_full_partition_keeps_serving(self):
        self.card.write(SLOT_AT[2], self.other_update().read_bytes())
        machine = self.start()
        machine.claim()
        machine.take_orders()
        machine.order("dd if=/dev/zero of=/state/filler bs=64k; sync; df /state", 60)
        self.assertTrue(any(" 100% /state" in line for line in machine.lines), machine.lines[-5:])
        self.serves(machine)
        machine.cut()
        again = self.start()
        self.serves(again)


class ItsName(OnACard):
    def test_it_is_found_by_multicast_dns(self):
        neighbour = Neighbour()
        self.addCleanup(neighbour.close)
        machine = self.start(neighbour=neighbour)
        name = machine.wait_for(r"asks for an address, as (signalbox-\w{4})").group(1)
        address = socket.inet_aton(machine.wait_for(r"eth0 has the address (\S+)").group(1))
        for asked, kind, told in ((f"{name}.local", A, address), ("_https._tcp.local", PTR, name.encode()),
                                  (f"{name}._https._tcp.local", SRV, struct.pack("!H", 8443) + bytes([len(name)]) + name.encode())):
            answer = eventually(lambda asked=asked, kind=kind: neighbour.ask(asked, kind), 20)
            self.assertIn(told, answer or b"nobody answers", asked)
        machine.claim()
        self.serves(machine)


class TheTime(OnACard):
    def test_it_comes_from_the_network(self):
        """The machine's clock stands years behind; who asks for the time at the port of NTP is told it."""
        try:
            server = TimeServer()
        except PermissionError:
            self.skipTest("NTP's port is below 1024: to be run as root")
        self.addCleanup(server.close)
        self.set("ntp=10.0.2.2\r\n")  # as Windows ends lines
        machine = self.start("-rtc", "base=2001-09-09T01:46:40")
        self.assertTrue(eventually(lambda: self.is_claimed(machine), 60), "the clock stays unset")
        with Client(machine) as client:
            self.assertAlmostEqual(client.ask("ping")["timestamp"] / 1000, time.time(), delta=5)

    def is_claimed(self, machine):
        """A device whose clock is not set gives no token."""
        try:
            machine.claim()
        except (KeyError, ssl.SSLError):
            return False
        return True


class Figures(OnACard):
    def setUp(self):
        super().setUp()
        self.card.write(SLOT_AT[2], self.other_update().read_bytes())
        self.machine = self.start()
        self.machine.claim()
        self.machine.take_orders()

    def written(self):
        """Bytes since power-on, all of which are on the card."""
        self.machine.order("sync")
        told = self.machine.order("cat /sys/block/vda/stat")
        return 512 * int(next(line for line in told if len(line.split()) > 10).split()[6])

    def test_it_spares_the_card(self):
        time.sleep(40)  # the start's own writes
        before, began = self.written(), time.monotonic()
        time.sleep(120)
        idle = (self.written() - before) / (time.monotonic() - began) * 3600
        with Client(self.machine) as client:
            before = self.written()
            for turn in range(20):
                self.assertEqual(client.command("lamp", turn % 2 == 0)["type"], "ack")
                time.sleep(1.5)  # a commit each
            each = (self.written() - before) / 20
        print(f"bytes written in an idle hour: {idle:.0f}; for a command that is alone in its second: {each:.0f}", flush=True)
        self.assertLess(idle, 1e6)
        self.assertLess(each, 64e3)

    def test_it_is_small(self):
        told = self.machine.order("grep -H -e ^Name -e ^VmRSS /proc/[0-9]*/status")
        resident = {}
        for line in told:
            place, _, value = line.partition(":\t") if ":\t" in line else (line, "", "")
            number, kind = place.split("/")[2] if place.startswith("/proc/") else "", place.rsplit(":", 1)[-1]
            resident.setdefault(number, {})[kind] = value.strip()
        sums = {}
        for found in resident.values():
            if "VmRSS" in found:
                sums[found["Name"]] = sums.get(found["Name"], 0) + int(found["VmRSS"].split()[0])
        free = self.machine.order("grep -e MemAvailable -e MemTotal /proc/meminfo")
        print("resident kB:", sums, [line for line in free if line.startswith("Mem")], flush=True)
        self.assertLess(sum(sums.values()), 40_000)


class Updates(OnACard):
    def update_by(self, update):
        self.card.put(update, "signalbox.update")

    def test_an_update_is_tried_and_stays(self):
        update = self.other_update()
        self.update_by(update)
        machine = self.start(serves=False)
        machine.wait_for("card: slot 3 is tried", 120)
        machine.wait_for("card: slot 3 is good", 180)
        self.assertEqual(self.card.state(), [{**GOOD, "slot": "3"}] * 2)
        self.assertNotIn("signalbox.update", self.card.names())
        machine.cut()
        again = self.start()
        again.claim()
        self.serves(again)
        self.assertTrue(any("card: slot 3 of" in line for line in again.lines))

    def test_one_whose_first_file_system_is_none_falls_back(self):
        """Each of its checksums is right."""
        broken = self.card.folder / "broken"
        whole = (BUILT / "qemu-virt64.first").read_bytes()
        broken.write_bytes(whole[:len(whole) // 2])
        self.update_by(self.card.update(broken))
        machine = self.start(serves=False)
        machine.wait_for("the update in slot 3 did not come up; slot 2 goes on", 300)
        self.assertEqual(sum("Kernel panic" in line for line in machine.lines), 3)
        machine.serves()
        machine.claim()
        self.serves(machine)
        self.assertEqual(self.card.state(), [GOOD] * 2)

    def test_one_that_is_cut_off_falls_back_at_once(self):
        update = self.other_update()
        with open(update, "r+b") as file:
            file.truncate(update.stat().st_size - 4096)
        self.update_by(update)
        machine = self.start(serves=False)
        machine.wait_for("card: slot 3 does not start", 120)
        machine.wait_for("the update in slot 3 did not come up; slot 2 goes on", 60)
        self.assertFalse(any("Kernel panic" in line for line in machine.lines))
        self.assertTrue(eventually(lambda: self.card.state() == [GOOD] * 2), self.card.state())  # it is told before it is written

    def test_one_of_another_board_is_refused(self):
        update = self.other_update()
        with open(update, "r+b") as file:
            file.seek(32)
            file.write(b"slot of rpi3".ljust(32, b"\0"))
        self.update_by(update)
        machine = self.start()
        machine.wait_for("expected an update for qemu-virt64, found 'slot of rpi3'")
        self.assertNotIn("slot 3 is tried", "\n".join(machine.lines))

    def test_a_slot_that_rots_is_left(self):
        self.card.write(SLOT_AT[2] + 5000, b"rotten".ljust(SECTOR, b"!"))
        machine = self.start()
        machine.wait_for("error: slot 2 is damaged; slot 3 goes on")
        machine.claim()
        self.serves(machine)
        self.assertEqual(self.card.state(), [{**GOOD, "slot": "3"}] * 2)

    def test_power_cuts_during_an_update(self):
        """At moments that differ: each start goes on, and the last one has it."""
        update = self.other_update()
        self.update_by(update)
        for what, wait_s in (("goes to slot 3", 0), ("goes to slot 3", 0.4), ("slot 3 is tried", 0), ("card: slot 3 of", 1)):
            machine = self.start(serves=False)
            machine.wait_for(what, 120)
            time.sleep(wait_s)
            machine.cut()
        machine = self.start(serves=False)
        machine.wait_for("card: slot 3 is good", 180)
        self.assertTrue(self.card.holds(3, update))

    def test_a_torn_state_leaves_the_other_copy(self):
        for sector in RECORDS:
            with self.subTest(sector):
                self.card.write(sector, b"slot=".ljust(SECTOR, b"\xff"))
                machine = self.start(serves=False)
                machine.wait_for("card: slot 2 of", 120)
                machine.cut()
                self.card.write(sector, b"slot=2\ntrial=0\ntries=0\nvalid=1\n".ljust(SECTOR, b"\0"))


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))
