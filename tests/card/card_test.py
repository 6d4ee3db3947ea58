"""A card from its image: it starts, is claimed, keeps what it has to keep, takes updates, and leaves those that are no good."""
import sys
import time
import unittest

from card import BUILT, RECORDS, ROOT, SECTOR, SLOT_AT, Card, Machine, run
from client import Client
from device import eventually

GOOD = {"slot": "2", "trial": "0", "tries": "0", "valid": "1"}


class OnACard(unittest.TestCase):
    def setUp(self):
        self.card = Card()
        self.addCleanup(self.card.end)

    def start(self, *more, serves=True):
        machine = Machine(self.card, *more, serves=serves)
        self.addCleanup(machine.cut)
        return machine

    def serves(self, machine):
        """To whom it knew before."""
        machine.certificate.stat()
        with Client(machine) as client:
            self.assertTrue(eventually(lambda: client.channel("host/uptime")["quality"] == "good"))

    def other_update(self):
        """One that runs as well, and takes orders."""
        return self.card.update(self.card.first_with_orders())


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


class Updates(OnACard):
    def update_by(self, update):
        self.card.put(update, "signalbox.update")

    def test_an_update_is_tried_and_stays(self):
        update = self.other_update()
        self.update_by(update)
        machine = self.start()
        machine.wait_for("card: slot 3 is tried")
        machine.wait_for("card: slot 3 of")
        machine.wait_for("card: slot 3 is good", 90)
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
        machine = self.start()
        machine.wait_for("the update in slot 3 did not come up; slot 2 goes on", 200)
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
        machine = self.start()
        machine.wait_for("card: slot 3 does not start", 90)
        machine.wait_for("the update in slot 3 did not come up; slot 2 goes on", 60)
        self.assertFalse(any("Kernel panic" in line for line in machine.lines))
        self.assertEqual(self.card.state(), [GOOD] * 2)

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
        machine = self.start()
        machine.wait_for("card: slot 3 is good", 120)
        self.assertTrue(self.card.holds(3, update))

    def test_a_torn_state_leaves_the_other_copy(self):
        for sector in RECORDS:
            with self.subTest(sector):
                self.card.write(sector, b"slot=".ljust(SECTOR, b"\xff"))
                machine = self.start(serves=False)
                machine.wait_for("card: slot 2 of", 120)
                machine.cut()
                self.card.write(sector, b"slot=2\ntrial=0\ntries=0\nvalid=1\n".ljust(SECTOR, b"\0"))


class RaspberryPi(unittest.TestCase):
    def test_it_starts_and_is_claimed(self):
        """QEMU's board takes the first word to its watchdog for a reset: so that one is left out."""
        card = Card("rpi3")
        self.addCleanup(card.end)
        made = card.update(card.first_with({"etc/modprobe.d/qemu.conf": b"blacklist bcm2835_wdt\n"}))
        card.write(SLOT_AT[2], made.read_bytes())
        machine = Machine(card)
        self.addCleanup(machine.cut)
        print(f"power-on to its banner: {machine.started_s:.1f} s", flush=True)
        machine.wait_for("eth0 has the address", 60)
        machine.claim()
        with Client(machine) as client:
            self.assertTrue(eventually(lambda: client.channel("host/uptime")["quality"] == "good"))


class Image(unittest.TestCase):
    def test_it_is_the_same_twice(self):
        before = [(BUILT / f"qemu-virt64.{kind}").read_bytes() for kind in ("img", "update")]
        run(ROOT / "packaging/card/build", "qemu-virt64", capture_output=True)
        self.assertTrue(before == [(BUILT / f"qemu-virt64.{kind}").read_bytes() for kind in ("img", "update")])


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))
