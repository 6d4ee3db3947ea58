"""Every member of a device file, wrong in every way: refused with the file, the line, what was found and what would be
right. Generated from docs/schemas/device-file.json."""
import concurrent.futures
import json
import pathlib
import queue
import re
import shutil
import subprocess
import tempfile
import unittest

from device import COMPLAINTS, PATIENCE, SANITIZED, SIM, Device
from full_device import full_device_file
from schemas import Schemas, faults
from wrong_values import Walk, at

AT_ONCE = 4


def laid_out(value, wanted, twice, place=()):
    """The lines of a JSON text in which every member and entry has one of its own. `wanted` gets the numbers of those
    in which its place begins; where `twice` is set that member stands there two times."""
    lines = [""]

    def put(text):
        lines[-1] += text

    def render(value, place):
        if place == wanted["place"]:
            wanted["lines"].append(len(lines))
        if isinstance(value, (dict, list)) and value:
            put("{" if isinstance(value, dict) else "[")
            entries = list(value.items() if isinstance(value, dict) else enumerate(value))
            if twice:
                entries = [entry for entry in entries for _ in range(2 if (*place, entry[0]) == wanted["place"] else 1)]
            for i, (name, its) in enumerate(entries):
                lines.append("")
                put(json.dumps(name) + ": " if isinstance(value, dict) else "")
                render(its, (*place, name))
                put("," if i + 1 < len(entries) else "")
            put("}" if isinstance(value, dict) else "]")
        else:
            put(json.dumps(value))

    render(value, place)
    return "\n".join(lines)


def sort_of(file, place):
    """What goes for a relay's `line` goes for the next one's too, and what goes for a channel's title for all titles."""
    if place[0] != "parts" or len(place) < 3:
        return place
    if place[2] == "channels" and len(place) > 4:
        return re.sub(r"\d+", "", str(place[4:]))
    return (at(file, place[:2])["kind"], *place[2:])


def walk_through(file):
    return Walk(Schemas(), {"$ref": "device-file.json"}, "common.json", file, null_is_left_out=False)


def cases():
    """One of each sort."""
    file = full_device_file()
    walk = walk_through(file)
    missing = list(walk.missing())
    told = faults([{"schema": "device-file.json", "message": case.value} for case in missing])
    found = {}
    for case in [*(case for case, fault in zip(missing, told) if fault), *walk.unknown(), *walk.wrong()]:
        found.setdefault((sort_of(file, case.place), case.what), case)
    return list(found.values())


class WrongDeviceFile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """State directories as a first start leaves them: starting is mostly waiting, so several do it at once."""
        cls.places = queue.Queue()
        for _ in range(AT_ONCE):
            cls.places.put(pathlib.Path(tempfile.mkdtemp(prefix="signalbox-")))
            with Device(state=cls.places.queue[-1]):
                pass

    @classmethod
    def tearDownClass(cls):
        while not cls.places.empty():
            shutil.rmtree(cls.places.get())

    def start(self, case):
        """The case, the file, what came of it, and the lines in which what is wrong stands."""
        wanted, place = {"place": case.place, "lines": []}, self.places.get()
        file = place / "device.json"
        file.write_text(laid_out(case.value, wanted, case.what == "twice"))
        try:
            done = subprocess.run([SIM, "--port", "0", "--state", place, "--device-file", file], text=True,
                                  stdin=subprocess.DEVNULL, capture_output=True, timeout=10 * PATIENCE)
        finally:
            self.places.put(place)
        return case, file, done, wanted["lines"]

    def test_wrong_members(self):
        all_cases = cases()
        self.assertGreater(len(all_cases), 900)
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as at_once:
            for case, file, done, lines in at_once.map(self.start, all_cases[::40 if SANITIZED else 1]):
                with self.subTest(str(case)[:100]):
                    self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
                    self.assertNotRegex(done.stderr, COMPLAINTS)
                    told = re.fullmatch(r"signalbox: (.*?): line (\d+), (.*?): found (.+); expected (.+)\n", done.stderr)
                    self.assertTrue(told and told.group(1) == str(file), done.stderr)
                    is_empty_now = told.group(4) == "an empty object" and case.field.startswith(told.group(3) + ".")
                    self.assertTrue(case.is_told_by(told.group(3)) or told.group(3).startswith(case.field) or is_empty_now, told)
                    self.assertTrue(case.has_its_limits(done.stderr), done.stderr)
                    if lines:
                        self.assertIn(int(told.group(2)), lines, told)

    def listed(self, case):
        """The words that the message says there are."""
        _, _, done, _ = self.start(case)
        return set(re.search(r"expected (?:one of )?([\w, ]+)", done.stderr).group(1).split(", "))

    @unittest.skipIf(SANITIZED, "it starts the program as the one before, on as many ways as there are members")
    def test_the_schema_has_the_members_of_the_code(self):
        """An unknown member is told with those there are."""
        walk = walk_through(full_device_file())
        kinds = {part["properties"]["kind"]["const"] for part in Schemas().files["device-file.json"]["$defs"].values()
                 if "const" in part.get("properties", {}).get("kind", {})}
        wrong_kind = next(case for case in walk.wrong() if case.field == "parts[0].kind" and case.what == "not one of its words")
        self.assertEqual(self.listed(wrong_kind), kinds)
        seen = {part["kind"] for part in walk.value["parts"]}
        self.assertEqual(seen, kinds, "a kind of part that the full device file has not")
        for case, (_, names) in zip(walk.unknown(), walk.objects):
            listed = self.listed(case)
            with self.subTest(case.field):
                self.assertLessEqual(names, listed)
                # Members of outputs of other kinds are refused with words of their own.
                self.assertLessEqual(listed - names, {"ratePerS", "pulseMaxMs"} if "safe" in names else set())

    @unittest.skipIf(SANITIZED, "nothing of the program runs in it")
    def test_the_schema_refuses_them_too(self):
        wrong = [case for case in cases() if case.what not in ("twice", "too many bytes")]
        told = faults([{"schema": "device-file.json", "message": case.value} for case in wrong])
        self.assertEqual([case for case, fault in zip(wrong, told) if fault is None], [])


if __name__ == "__main__":
    unittest.main()
