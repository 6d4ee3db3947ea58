"""docs/BENCHMARKS.md and its plot, and the same table for a terminal, from the figures."""
import collections
import pathlib
import platform
import re

import servers
from servers import QUIET_S, SESSIONS_MAX, TOP, first_line, version

PAGE = TOP / "docs/BENCHMARKS.md"
PLOT = TOP / "docs/pictures/benchmarks.svg"
IDLE = SESSIONS_MAX - 1  # one is left for the busy client

Row = collections.namedtuple("Row", "key title unit")


def echo_rows(part, unit):
    return [Row(f"echo.{size}.{count}.{part}", f"{'1 KiB' if size > 64 else '64 B'}, {count} connection{'s' if count > 1 else ''}", unit)
            for size in (64, 1024) for count in (1, 50, 500)]


GROUPS = {
    "Handshake, processor of the server": [
        Row("handshake.full", "TLS, full", "ms"), Row("handshake.resumed", "TLS, resumed", "ms"),
        Row("connect.full", "TLS, full, to the open WebSocket", "ms"), Row("connect.resumed", "TLS, resumed, to the open WebSocket", "ms")],
    "Echo, processor of the server for a message": echo_rows("cpu", "µs"),
    "Echo, latency, median": echo_rows("p50", "µs"),
    "Echo, latency, p99": echo_rows("p99", "µs"),
    "Fan-out every 100 ms, processor of the server for a delivered message": [
        Row("fan-out.100", "to 100", "µs"), Row("fan-out.500", "to 500", "µs"), Row("widgets.100", "each of four at once, to 100", "µs")],
    "Memory of the server": [
        Row("memory.idle", "for an idle connection", "KiB"), Row("memory.base", "without any connection", "MiB"),
        Row("memory.written", "of that what is no file's", "MiB")],
    f"One busy client beside {IDLE} idle ones": [
        Row("beside.none", "alone, processor for a message", "µs"), Row("beside.idle", "beside them", "µs"),
        Row("beside.ratio", "how often as much beside them", "×")],
    "Instructions for a full handshake": [
        Row("callgrind.handshake", "x86-64", ""), Row("arm.handshake", "64-bit ARM", "")],
    "Instructions for an echo": [
        Row("callgrind.64", "x86-64, 64 B", ""), Row("callgrind.1024", "x86-64, 1 KiB", ""),
        Row("arm.64", "64-bit ARM, 64 B", ""), Row("arm.1024", "64-bit ARM, 1 KiB", "")],
    "System calls": [
        Row("calls.echo.1", "for an echo, 1 connection", ""), Row("calls.echo.50", "for an echo, 50 connections", ""),
        Row("calls.fan-out.100", "for a delivered message, to 100", ""), Row("calls.widgets.100", "for each of four at once, to 100", "")],
    "Not compared": [
        Row("start", "from the start to the first TLS handshake", "ms"), Row("program", "program, stripped", "KiB"),
        Row("passes.p9999", "a pass of the loop in this run, p99.99", "ms"), Row("passes.longest", "the longest", "ms"),
        Row("alone", "processor with nobody connected, in a second", "ms"),
        Row("fan-out.100.delivered", "delivered of what was due, fan-out to 100", "%"), Row("fan-out.500.delivered", "the same, to 500", "%"),
        Row("widgets.100.delivered", "the same, four at once to 100", "%"),
        *(Row(f"echo.{size}.50.load", f"processor of the load for an echo, {title}, 50 connections", "µs") for size, title in ((64, "64 B"), (1024, "1 KiB")))],
}
COMMANDS = {"alone": "alone", "fed": "while 500 subscribers are fed", "beset": "while 500 are fed and 50 clients come and go"}
PLOTTED = (("handshake.full", "Full TLS handshake, processor, ms"), ("echo.64.50.cpu", "64-byte echo, 50 connections, processor, µs"),
           ("echo.1024.50.cpu", "1 KiB echo, 50 connections, processor, µs"), ("fan-out.100", "Delivery to 100 subscribers, processor, µs"),
           ("fan-out.500", "Delivery to 500 subscribers, processor, µs"), ("memory.idle", "Memory for an idle connection, KiB"),
           ("callgrind.64", "Instructions for a 64-byte echo, x86-64"), ("calls.echo.50", "System calls for an echo, 50 connections"))


def number(value):
    if value is None:
        return "–"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def cell(figures, row, server):
    spread = figures.spread(row.key, server)
    return number(figures.median(row.key, server)) + ("" if spread is None else f" ±{100 * spread:.0f} %")


def rows_of(figures):
    for group, rows in GROUPS.items():
        measured = [row for row in rows if row.key in figures.values]
        if measured:
            yield group, measured


def ratios(figures, row, peers):
    """Signalbox by each peer."""
    return [figures.ratio(row.key, "signalbox", peer.key) for peer in peers]


def table(figures, kinds):
    """The figures with their spread, and Signalbox's share of the best peer's."""
    peers = kinds[1:]
    titles = ["", "", *(kind.title for kind in kinds), *(["Signalbox / best peer"] if peers else [])]
    lines = [titles, ["---"] * 2 + ["---:"] * (len(titles) - 2)]
    for group, rows in rows_of(figures):
        lines.append([f"**{group}**"] + [""] * (len(titles) - 1))
        for row in rows:
            line = [row.title, row.unit, *(cell(figures, row, kind.key) for kind in kinds)]
            if peers:
                known = [peer.key for peer in peers if figures.of(row.key, peer.key)]
                best = min(known, key=lambda peer: figures.median(row.key, peer), default=None)
                ratio = figures.ratio(row.key, "signalbox", best) if best and not group.startswith("Not compared") else None
                line.append("" if ratio is None else f"{ratio:.2f}")
            lines.append(line)
    return lines


def ratio_table(figures, kinds):
    lines = [["Signalbox / …", *(peer.title for peer in kinds[1:])], ["---"] + ["---:"] * len(kinds[1:])]
    for group, rows in rows_of(figures):
        if not group.startswith("Not compared"):
            for row in rows:
                lines.append([f"{group}: {row.title}", *("–" if ratio is None else f"{ratio:.2f}" for ratio in ratios(figures, row, kinds[1:]))])
    return lines


def command_table(figures):
    lines = [["a command until the output took it, ms", "median", "p99", "p99.9"], ["---", "---:", "---:", "---:"]]
    for key, title in COMMANDS.items():
        if figures.of(f"command.{key}.p50", "signalbox"):
            lines.append([title, *(cell(figures, Row(f"command.{key}.{name}", "", ""), "signalbox") for name in ("p50", "p99", "p999"))])
    return lines


def markdown(lines):
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def plain(lines):
    lines = [[word.strip("*") for word in line] for line in lines if not line[-1].startswith("---")]
    widths = [max(len(line[i]) for line in lines if i or any(line[1:])) for i in range(len(lines[0]))]
    return "\n".join("  ".join(word.ljust(width) if i == 0 else word.rjust(width) for i, (word, width) in enumerate(zip(line, widths))).rstrip()
                     for line in lines)


def processor():
    found = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    kind = found.group(1) if found else platform.machine()
    virtual = " (virtual machine)" if "hypervisor" in pathlib.Path("/proc/cpuinfo").read_text() else ""
    return kind + virtual


def versions():
    ws = re.search(r'"version": "(.*)"', (TOP / "tests/npm/node_modules/ws/package.json").read_text()).group(1)
    return {
        "signalbox": first_line(servers.device.SIM, "--version") + ", commit " + first_line("git", "-C", str(TOP), "describe", "--always", "--dirty=, changed"),
        "gorilla": f"{version('golang-github-gorilla-websocket-dev')}, {first_line('go', 'version').removeprefix('go version ')}",
        "ws": f"{ws}, Node.js {first_line('node', '--version')}",
        "libwebsockets": f"{version('libwebsockets-dev')} with OpenSSL {version('libssl3')} and libuv {version('libuv1')}",
        "stock": f"{stock('libwebsockets')}, {stock('mbedtls')}, libuv {version('libuv1')}",
        "beast": f"Boost {version('libboost1.74-dev')} with OpenSSL {version('libssl3')}",
    }


def stock(library):
    told = servers.BUILT / f"libraries/{library}.version"
    return told.read_text().strip() if told.exists() else "unknown"


def page(figures, kinds, bench, command, date):
    told = versions()
    peers = "\n".join(f"| {kind.title} | {told[kind.key]} | {figures.tls.get(kind.key, '–')} |" for kind in kinds)
    return f"""# Benchmarks

Signalbox side by side with what one might take instead, all measured in one run. This page and its picture are made by `{command}`
(Debian 12; it installs what is missing); do not edit them. A short look, which writes nothing: `tests/bench/run --quick`.

![The main figures as bars](pictures/benchmarks.svg)

Shorter bars are better, and so are smaller numbers in all tables.

## What is compared
The peers are small servers in [tests/bench/peers](../tests/bench/peers), each in the manner of its library's own examples, with an optimised build.
They do nothing but what is measured; Signalbox meanwhile reads its simulated hardware, checks who asks, keeps history, and reads and writes JSON.

| server | version | agreed on with the load |
|---|---|---|
{peers}

* {servers.Stock.title}: what Signalbox is built on, from the same sources, without our patches and options. It has neither TLS 1.3 nor tickets.
* All have the same P-256 certificate, and the others speak TLS 1.3. The load offers what browsers do: AES-128-GCM, AES-256-GCM, ChaCha20-Poly1305; X25519, P-256.
* **Echo**: the load sends the same bytes to all, a `ping` of Signalbox's protocol with 64 or 1,024 bytes of `data` ({len(servers.ping(64))} and
  {len(servers.ping(1024)):,} bytes). A peer sends them back as they are; Signalbox makes its `pong`, some 75 bytes longer. Each connection sends its next message when
  the last one is answered.
* **Fan-out**: every 100 ms each subscriber is sent {bench.broadcast_bytes} bytes. Signalbox writes telemetry of what it has measured; a peer sends a copy of
  such a message, always the same. All servers are measured at the same time, each with subscribers of its own. What each costs with
  nobody connected is taken off.
* **Four at once**: each subscriber has {len(servers.WIDGETS)} subscriptions, as a dashboard has for its widgets, and is sent a message for each every 100 ms,
  {bench.widget_bytes} bytes in all. A peer sends its {len(servers.WIDGETS)} one after another, as its library's users do; Signalbox puts what goes out together into one
  record of TLS.
* **Handshake**: {bench.visitors} clients at once, each comes and goes. To the open WebSocket includes, with Signalbox, the check of the token's signature and `welcome`.
* **Commands**: of Signalbox alone. Who commands shares the load's processor with all others and {"comes before" if bench.place.ahead else "waits for"} them.
* **Memory**: how much more is resident with {IDLE} idle connections than with {IDLE // 10}, for each; of Signalbox's own processes for its buses what is theirs alone.
  Without any connection: {QUIET_S} s after the start; Signalbox is the simulator as `sim/run` builds it, which gives code back to the kernel
  where nobody has been connected for 5 s ([why](PERFORMANCE.md#memory-where-nobody-is-connected)); none of the peers does.
* The load ([tests/bench/load](../tests/bench/load)) is one thread of C++ with OpenSSL; it has one core and the server another (`taskset`).
* Processor time is that of the server's threads and processes together, as the kernel's scheduler counts it (`schedstat`), system calls included. It depends little on what else the
  machine does; latencies depend on it a lot.
* Every figure is the median of {bench.repeats} rounds of {bench.seconds:g} s (memory, and what is counted: fewer) in which all servers take turns; ± is half the
  distance from the lowest to the highest. A ratio is the median of the rounds' ratios; below 1 Signalbox takes less.
* Instructions are counted by callgrind (x86-64, without AVX-512) and by QEMU's user mode (64-bit ARM, static, a processor with AES instructions), system calls by
  strace, each as the difference of two runs. Node.js compiles while it runs, so its count would not be repeatable. On ARM there are Signalbox,
  gorilla/websocket and Boost.Beast, which need nothing of that machine's Debian at run time.
* This command is no part of the tests: it needs libraries that they do without, and a machine that does nothing else.

Measured on {date}: {processor()}, {bench.cores} cores, {platform.system()} {platform.release().split('-')[0]}, {bench.debian}.

## Figures
{markdown(table(figures, kinds))}

## Commands
{markdown(command_table(figures))}

## Ratios
Signalbox's figure divided by the peer's.

{markdown(ratio_table(figures, kinds))}
"""


def bars(figures, kinds):
    """The plot: for each figure a panel with a bar for each server."""
    shown = [(key, title) for key, title in PLOTTED if figures.values.get(key)]
    width, label, bar, gap, head = 400, 112, 15, 4, 26
    height = head + len(kinds) * (bar + gap) + 12
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * width} {height * ((len(shown) + 1) // 2)}" font-family="sans-serif" font-size="11">',
           "<style>text{fill:#222}.title{font-weight:bold}.peer{fill:#9aa5b1}.own{fill:#0b7285}",
           "@media(prefers-color-scheme:dark){text{fill:#ddd}.peer{fill:#6c7884}.own{fill:#3bc9db}}</style>"]
    for i, (key, title) in enumerate(shown):
        left, top = i % 2 * width + 8, i // 2 * height
        values = {kind: figures.median(key, kind.key) for kind in kinds}
        most = max(value for value in values.values() if value is not None)
        out.append(f'<text class="title" x="{left}" y="{top + 17}">{title}</text>')
        for j, (kind, value) in enumerate(values.items()):
            y = top + head + j * (bar + gap)
            long = 0 if value is None else max(value, 0) / most * (width - label - 75)
            look = "own" if kind.key == "signalbox" else "peer"
            out.append(f'<text x="{left + label - 6}" y="{y + 11}" text-anchor="end">{kind.title.replace("`", "")}</text>'
                       f'<rect class="{look}" x="{left + label}" y="{y}" width="{long:.1f}" height="{bar}"/>'
                       f'<text x="{left + label + long + 5:.1f}" y="{y + 11}">{number(value)}</text>')
    return "\n".join([*out, "</svg>\n"])
