"""What the endpoint costs: processor time for a message beside 0 and 1,000 idle connections, start, size, memory."""
import argparse
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from client import Client  # noqa: E402
from device import SIM, Device  # noqa: E402
from ws import TEXT, frame, tls  # noqa: E402

RATIO_MAX = 1.35
# Others on the machine come and go: what was measured one after the other had the same ones, mostly, so pairs are compared;
# and while the ratio is too high it is measured again. What really costs more does so every time.
ROUNDS_MAX = 8
TICKS = os.sysconf("SC_CLK_TCK")
QUIET = ("--heartbeat-ms", 3_600_000 - 1, "--dead-after-ms", 3_600_000)
PING = '{"type":"ping","msgId":"b","payload":{"data":"' + "x" * 64 + '"}}'


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--idle", type=int, default=1000, help="idle connections (default: %(default)s, as many as fit less one)")
    parser.add_argument("--messages", type=int, default=20_000, help="in each measurement (default: %(default)s)")
    parser.add_argument("--repeats", type=int, default=5, help="measurements of each kind, taken in turns (default: %(default)s)")
    parser.add_argument("--test", action="store_true", help="only the ratio, short, of the best measurements")
    return parser.parse_args()


def cpu_seconds(device):
    """Of the whole process so far, finer than the ticks of /proc/PID/stat where the kernel tells."""
    try:
        running_ns = pathlib.Path(f"/proc/{device.process.pid}/schedstat").read_text().split()[0]
        return int(running_ns) / 1e9
    except (OSError, IndexError):
        words = pathlib.Path(f"/proc/{device.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / TICKS


def resident_kb(device):
    for line in pathlib.Path(f"/proc/{device.process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise OSError("no VmRSS")


def idle_clients(device, count):
    context = device.trust()
    return [Client(device, context=context) for _ in range(count)]


def cost_us(device, messages):
    """Processor time of the device for one ping and its pong, in microseconds; one after another."""
    with Client(device) as client:
        ping = frame(TEXT, PING)
        before = cpu_seconds(device)
        for _ in range(messages):
            client.send_bytes(ping)
            opcode, final, payload = client.receive_frame()
            assert opcode == TEXT and final and b'"pong"' in payload, payload
        spent = cpu_seconds(device) - before
        client.close()
    return 1e6 * spent / messages


def measure(options, is_enough=lambda alone, beside: True, rounds=1):
    """In turns on an empty and on a full device; up to so many rounds, until it is enough."""
    alone, beside = [], []
    with Device(*QUIET) as empty, Device(*QUIET) as full:
        memory_before = resident_kb(full)
        idle = idle_clients(full, min(options.idle, 999))
        memory_after = resident_kb(full)
        cost_us(empty, 500), cost_us(full, 500)
        for _ in range(rounds):
            for _ in range(options.repeats):
                alone.append(cost_us(empty, options.messages))
                beside.append(cost_us(full, options.messages))
            if is_enough(alone, beside):
                break
        passes = full.report().passes
        for client in idle:
            client.stream.close()
    return alone, beside, len(idle), memory_before, memory_after, passes


def start_ms():
    """From the process's start to the end of the first TLS handshake, with the identity there already; the median."""
    with tempfile.TemporaryDirectory() as state:
        with Device(state=state) as device:
            port = device.port
        times = []
        for _ in range(9):
            started = time.monotonic()
            process = subprocess.Popen([SIM, "--port", str(port), "--state", state], stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
            device.port = port
            context = device.trust()
            while True:
                try:
                    tls(device, context).close()
                    break
                except ConnectionRefusedError:
                    time.sleep(0.0005)
            times.append(1000 * (time.monotonic() - started))
            process.terminate()
            process.wait()
        return statistics.median(times)


def stripped_bytes():
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run(["strip", "-o", out.name, SIM], check=True)
        return os.path.getsize(out.name)


def judge(ratio, what):
    verdict = "ok" if ratio <= RATIO_MAX else "TOO MUCH"
    print(f"ratio                                                    {ratio:8.2f}     (at most {RATIO_MAX}: {verdict}; {what})")
    return 0 if ratio <= RATIO_MAX else 1


def main():
    options = arguments()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if options.test:
        options.messages = 1500
        ratio = lambda alone, beside: statistics.median(its / of for its, of in zip(beside, alone))  # noqa: E731
        alone, beside, idle, *_ = measure(options, lambda *both: ratio(*both) <= RATIO_MAX, ROUNDS_MAX)
        return judge(ratio(alone, beside), f"median of {len(alone)} pairs; beside {idle} idle connections {min(beside):.1f} us, alone {min(alone):.1f} us")
    print(f"from the process's start to the first TLS 1.3 handshake  {start_ms():8.0f} ms")
    print(f"program, stripped                                        {stripped_bytes() / 1024:8.0f} KiB")
    alone, beside, idle, before, after, passes = measure(options)
    print(f"resident memory with no connection                       {before / 1024:8.1f} MiB")
    print(f"resident memory with {idle:4} idle connections               {after / 1024:8.1f} MiB")
    for name, costs in (("alone", alone), (f"beside {idle} idle ones", beside)):
        print(f"processor time for a message, {name:26} {statistics.median(costs):8.1f} us  ({min(costs):.1f} to {max(costs):.1f})")
    print(f"passes of the loop, handshakes included                 {passes['count']:8}     (p50 {passes['p50-us']} us, "
          f"p99 {passes['p99-us']} us, p99.99 {passes['p99.99-us']} us, longest {passes['longest-us']} us)")
    return judge(statistics.median(beside) / statistics.median(alone), "of the medians")


if __name__ == "__main__":
    sys.exit(main())
