"""Signalbox and what one might take instead, side by side in one run; the whole of it writes docs/BENCHMARKS.md."""
import argparse
import datetime
import os
import pathlib
import re
import resource
import signal
import sys
import tempfile
import time

import counting
import report
import servers
from measure import Bench
from servers import ALL, BUILT, TOP, Beast, Failure, Gorilla, Place, Signalbox, Ws

PARTS = ("handshakes", "echo", "fan-out", "idle", "commands", "calls", "instructions", "arm", "alone")
ARM_PROGRAMS = {Signalbox: str(TOP / "build/aarch64/sim/signalbox-sim"), Gorilla: [BUILT / "gorilla-arm64"], Beast: [BUILT / "beast-arm64"]}
COMMAND = "tests/bench/run"


def listed(text):
    return [name for name in text.split(",") if name]


def above(least, kind):
    def read(text):
        value = kind(text)
        if value < least:
            raise argparse.ArgumentTypeError(f"{text}: must be at least {least}")
        return value
    return read


def read_options(words):
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few and short rounds, no instructions; a look, some two minutes")
    parser.add_argument("--peers", type=listed, metavar="LIST", help=f"these only, of {','.join(kind.key for kind in ALL[1:])}; '' for none")
    parser.add_argument("--only", type=listed, metavar="LIST", help=f"these parts only, of {','.join(PARTS)}")
    parser.add_argument("--repeats", type=above(1, int), metavar="N", help="rounds of each measurement (5; quick: 2)")
    parser.add_argument("--seconds", type=above(0.05, float), metavar="S", help="of each round (0.8; quick: 0.25)")
    parser.add_argument("--write", action=argparse.BooleanOptionalAction, help="docs/BENCHMARKS.md; usual where nothing is left out")
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)  # what was said only, before anything is built
    options = parser.parse_args(words)
    options.kinds = servers.chosen(options.peers if options.peers is not None else [kind.key for kind in ALL[1:]])
    unknown = [part for part in options.only or () if part not in PARTS]
    if unknown:
        raise Failure(f"there is no part '{unknown[0]}'; there are {', '.join(PARTS)}")
    options.parts = options.only or [part for part in PARTS if not (options.quick and part in ("instructions", "arm"))]
    options.repeats = options.repeats or (2 if options.quick else 5)
    options.seconds = options.seconds or (0.25 if options.quick else 0.8)
    if options.write is None:
        options.write = not (options.quick or options.only or options.peers is not None)
    return options


def work(bench, options, say):
    """Each part's name and what measures it."""
    quick, counted = options.quick, 1 if options.repeats < 5 else 2
    countable = {kind: None for kind in options.kinds if kind is not Ws}  # Node.js compiles while it runs
    on_arm = {kind: program for kind, program in ARM_PROGRAMS.items() if kind in options.kinds}
    place, figures = bench.place, bench.figures
    return {
        "handshakes": bench.visits,
        "echo": lambda: bench.echoes((1, 50) if quick else (1, 50, 500)),
        "fan-out": lambda: bench.fan_out((100,) if quick else (100, 500), 2 * options.seconds),
        "idle": lambda: bench.idle(report.IDLE),
        "commands": lambda: bench.commands(500, 50, 4 * options.seconds),
        "calls": lambda: counting.system_calls(place, figures, bench.compared, say),
        "instructions": lambda: counting.instructions(place, figures, counting.CALLGRIND, countable, counted, say),
        "arm": lambda: counting.instructions(place, figures, counting.QEMU, on_arm, counted, say),
        "alone": bench.alone,
    }


def debian():
    found = re.search(r'PRETTY_NAME="(.*)"', pathlib.Path("/etc/os-release").read_text())
    return found.group(1) if found else "Linux"


def main(words):
    options = read_options(words)
    if options.check:
        Place.cores()
        return 0
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    begun = time.monotonic()
    say = lambda what: print(f"{time.monotonic() - begun:5.0f} s  {what}", file=sys.stderr, flush=True)  # noqa: E731
    missed = []
    with tempfile.TemporaryDirectory(prefix="signalbox-bench-") as folder:
        with Bench(Place(pathlib.Path(folder)), options.kinds, options.repeats, options.seconds, say) as bench:
            bench.cores, bench.debian = os.cpu_count(), debian()
            for part, measure in work(bench, options, say).items():
                if part in options.parts:
                    try:
                        measure()
                    except Failure as failure:
                        missed.append(f"{part}: {failure}")
                        say(f"error: {missed[-1]}")
    figures = bench.figures
    print(report.plain(report.table(figures, options.kinds)))
    if "commands" in options.parts:
        print("\n" + report.plain(report.command_table(figures)))
    if missed:
        print("\nNot measured: " + "; ".join(missed), file=sys.stderr)
        return 1
    if options.write:
        report.PAGE.write_text(report.page(figures, options.kinds, bench, " ".join([COMMAND, *words]), datetime.date.today().isoformat()))
        report.PLOT.write_text(report.bars(figures, options.kinds))
        say(f"wrote {report.PAGE.relative_to(TOP)} and {report.PLOT.relative_to(TOP)}")
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are ended as well
    try:
        sys.exit(main(sys.argv[1:]))
    except FileNotFoundError as error:
        print(f"{COMMAND}: error: there is no {error.filename}; {COMMAND} installs and builds what is needed", file=sys.stderr)
        sys.exit(2)
    except Failure as failure:
        print(f"{COMMAND}: error: {failure}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
