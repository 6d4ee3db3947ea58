"""What the side-by-side run makes of its figures, and what it says of a wrong option, without measuring anything."""
import os
import pathlib
import subprocess
import sys
import unittest
import xml.etree.ElementTree

import report
import servers
from measure import Figures

HERE = pathlib.Path(__file__).resolve().parent
KINDS = servers.chosen(["gorilla", "beast"])


def figures(**rows):
    made = Figures()
    for row, by_server in rows.items():
        for server, values in by_server.items():
            for value in values:
                made.add(row.replace("_", "."), server, value)
    return made


class FiguresTest(unittest.TestCase):
    def test_a_ratio_compares_what_was_measured_in_the_same_round(self):
        disturbed = figures(handshake_full={"signalbox": [1, 10, 1], "gorilla": [2, 20, 2]})
        self.assertEqual(disturbed.ratio("handshake.full", "signalbox", "gorilla"), 0.5)

    def test_medians_and_spread(self):
        made = figures(handshake_full={"signalbox": [1, 2, 4]})
        self.assertEqual(made.median("handshake.full", "signalbox"), 2)
        self.assertEqual(made.spread("handshake.full", "signalbox"), 0.75)
        self.assertIsNone(made.median("handshake.full", "gorilla"))


class ReportTest(unittest.TestCase):
    MADE = figures(handshake_full={"signalbox": [0.2, 0.3, 0.4], "gorilla": [0.6, 0.6, 0.6], "beast": [0.5, 0.4, 0.6]},
                   memory_idle={"signalbox": [6.0], "gorilla": [30.0]})

    def test_the_best_peer_is_the_measure(self):
        text = report.markdown(report.table(self.MADE, KINDS))
        self.assertIn("| TLS, full | ms | 0.30 ±33 % | 0.60 ±0 % | 0.50 ±20 % | 0.67 |", text)
        self.assertIn("| for an idle connection | KiB | 6.00 | 30.0 | – | 0.20 |", text)
        self.assertNotIn("Fan-out", text)  # not measured

    def test_each_peer_has_its_ratio(self):
        self.assertIn("Memory of the server: for an idle connection | 0.20 | – |", report.markdown(report.ratio_table(self.MADE, KINDS)))

    def test_the_terminal_gets_the_same_table(self):
        self.assertRegex(report.plain(report.table(self.MADE, KINDS)), r"(?m)^TLS, full +ms +0\.30 ±33 % +0\.60 ±0 % +0\.50 ±20 % +0\.67$")

    def test_the_plot_has_a_bar_for_each_server(self):
        root = xml.etree.ElementTree.fromstring(report.bars(self.MADE, KINDS))
        bars = [float(its.get("width")) for its in root.iter("{http://www.w3.org/2000/svg}rect")]
        self.assertEqual(len(bars), 2 * len(KINDS))
        self.assertAlmostEqual(bars[0] / bars[1], 0.5, places=2)  # 0.3 and 0.6 ms
        self.assertEqual(bars[-1], 0)  # not measured

    def test_what_is_plotted_is_in_the_table(self):
        rows = {row.key for rows in report.GROUPS.values() for row in rows}
        self.assertLessEqual({key for key, _ in report.PLOTTED}, rows)


class WrongOptionsTest(unittest.TestCase):
    def told(self, *words, before=()):
        done = subprocess.run([*before, sys.executable, "-B", HERE / "bench.py", "--check", *words], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertNotIn("Traceback", done.stderr)
        return done.stderr

    def test_an_unknown_peer(self):
        self.assertEqual(self.told("--peers", "gorilla,apache"),
                         "tests/bench/run: error: there is no peer 'apache'; there are gorilla, ws, libwebsockets, stock, beast\n")

    def test_an_unknown_part(self):
        self.assertIn("there is no part 'speed'; there are handshakes, echo", self.told("--only", "speed"))

    def test_numbers_that_measure_nothing(self):
        self.assertIn("--repeats: 0: must be at least 1", self.told("--repeats", "0"))
        self.assertIn("--seconds: 0: must be at least 0.05", self.told("--seconds", "0"))

    def test_one_processor_is_not_enough(self):
        one = str(min(os.sched_getaffinity(0)))
        self.assertIn("two processors are needed", self.told(before=("taskset", "-c", one)))


if __name__ == "__main__":
    unittest.main()
