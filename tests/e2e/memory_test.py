"""docs/MEMORY.md is what the device itself says of its memory. `memory_test.py renew` writes it anew."""
import subprocess
import sys
import time
import unittest

from device import PATIENCE, SANITIZED, SIM, TOP, Device, eventually

# Of the process that serves, where nobody is connected: what Mongoose's single process takes.
RESIDENT_KB_MAX = 1_800_000 // 1024
PAPER = TOP / "docs/MEMORY.md"
HEADING = """# Memory

All the memory there is after start, on the bench: what `signalbox-sim --budget` prints. The counts are chosen in
`boards/bench/budget.hpp`, each with its reason; a full pool is an answer to whoever asked, never a crash.
What of it is resident before it is used, and of the program: [Performance](PERFORMANCE.md#memory-where-nobody-is-connected).

"""


def paper():
    ledger = subprocess.run([SIM, "--budget"], capture_output=True, text=True, check=True, timeout=10 * PATIENCE).stdout
    return HEADING + ledger


class Memory(unittest.TestCase):
    def test_the_paper_is_true(self):
        self.assertEqual(PAPER.read_text(), paper(), "renew it: python3 tests/e2e/memory_test.py renew")

    @unittest.skipIf(SANITIZED, "the address sanitizer surrounds what starts as zeros by what does not")
    def test_memory_starts_as_zeros(self):
        """What does not is part of the program's file, and in memory before anybody used it."""
        sections = subprocess.run(["size", "--format=sysv", SIM], capture_output=True, text=True, check=True).stdout
        size = {words[0]: int(words[1]) for words in map(str.split, sections.splitlines()) if len(words) == 3 and words[1].isdigit()}
        self.assertGreater(size[".bss"], 50_000_000)
        self.assertLess(size[".data"], size[".bss"] // 50, "an array's entries do not start as zeros: nm -S names it")

    @unittest.skipIf(SANITIZED, "the address sanitizer has a library and a shadow of its own")
    def test_little_is_resident_where_nobody_is_connected(self):
        """Neither before the first connection, nor after the last: what served it is given back."""
        with Device(claim=False) as device:
            self.check_resident(device, "before the first connection")
            device.claim()
            self.check_resident(device, "after the last")

    def check_resident(self, device, when):
        eventually(lambda: device.memory_kb()[1] <= RESIDENT_KB_MAX, 15, every=0.2)
        time.sleep(3)  # what the loop goes on using comes back
        resident = device.memory_kb()[1]
        print(f"\n  resident {when}: {resident} kB", end="", flush=True)
        self.assertLessEqual(resident, RESIDENT_KB_MAX, "docs/PERFORMANCE.md says how to find what it is")

    def test_rows_add_up(self):
        rows = [line.split("|") for line in paper().splitlines() if line.startswith("|")][2:]
        total = int(rows[-1][4].strip(" *"))
        self.assertEqual(sum(int(row[4]) for row in rows[:-1]), total)
        self.assertTrue(all(row[5].strip() for row in rows[:-1]), "every limit has its reason")

    def test_what_is_reported_is_what_was_budgeted(self):
        rows = {row[2].strip(): int(row[3]) for row in (line.split("|") for line in paper().splitlines()
                                                        if line.startswith("| ")) if row[3].strip().isdigit()}
        with Device() as device:
            pools = device.report().pools
        for pool, row in (("sessions", "sessions"), ("commands", "commands"), ("subscription-groups", "subscription groups")):
            self.assertEqual(pools[pool]["of"], rows[row])


if __name__ == "__main__":
    if sys.argv[1:] == ["renew"]:
        PAPER.write_text(paper())
    else:
        unittest.main()
