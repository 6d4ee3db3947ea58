"""A machine of its own: Debian's kernel in QEMU, our init, and the firmware as its only service. Looks to clients as e2e's Device does."""
import hashlib
import json
import os
import pathlib
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))
from device import HOST, PATIENCE  # noqa: E402

MACHINES = {"arm64": ["qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a72"],
            # Without LPAE a kernel reaches PCI below 4 GB only.
            "armhf": ["qemu-system-arm", "-M", "virt,highmem=off", "-cpu", "cortex-a15"]}


def free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def image(architecture, program, device_file, out):
    """Makes the first file system; the kernel that goes with it."""
    return subprocess.run([HERE / "image", architecture, program, device_file, out], text=True, stdout=subprocess.PIPE, check=True).stdout.strip()


def machine(architecture, kernel, first, port, *arguments, memory="128M"):
    """QEMU's words for one whose firmware is asked at that port of this machine. It ends where it would start again."""
    return [*MACHINES[architecture], "-m", memory, "-kernel", kernel, "-initrd", first, "-nographic", "-no-reboot", "-nodefaults",
            "-serial", "stdio", "-append", "console=ttyAMA0 loglevel=4 signalbox.arguments=" + ",".join(arguments),
            "-netdev", f"user,id=n,hostfwd=tcp:{HOST}:{port}-:8443", "-device", "virtio-net-pci,netdev=n,romfile=", "-device", "i6300esb"]


class Guest:
    def __init__(self, architecture, program, *arguments, memory="128M"):
        self.place = tempfile.TemporaryDirectory(prefix="signalbox-")
        place = pathlib.Path(self.place.name)
        first = place / "first"
        kernel = image(architecture, program, HERE / "device.json", first)
        self.port, self.token, self.certificate = free_port(), None, place / "ca.crt"
        orders, serial = place / "orders", place / "serial"
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [*machine(architecture, kernel, first, self.port, *arguments, memory=memory),
             "-device", "virtio-serial-pci", "-chardev", f"socket,id=o,path={orders},server=on,wait=off", "-device", "virtconsole,chardev=o",
             "-chardev", f"socket,id=s,path={serial},server=on,wait=off", "-device", "pci-serial,chardev=s",
             # Two CAN controllers (SJA1000) on one bus: can0 and can1, where the kernel finds them.
             "-object", "can-bus,id=c", "-device", "kvaser_pci,canbus=c", "-device", "kvaser_pci,canbus=c"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        self.lines, self.changed = [], threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        code = self.wait_for(r"claim code +(\S+)", 60)
        self.fingerprint = self.wait_for(r"fingerprint +SHA-256 (\S+)").group(1)
        self.wait_for("Live telemetry|no page yet|URL")
        self.started_s = time.monotonic() - self.began
        self.orders, self.serial = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
        self.orders.connect(str(orders))
        self.serial.connect(str(serial))  # the other end of ttyS0
        self._trust_what_it_printed()
        self.token = self._claim(code.group(1))

    def _read(self):
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(line.rstrip("\r\n"))
                self.changed.notify_all()
        with self.changed:
            self.lines.append("the machine is off")
            self.changed.notify_all()

    def wait_for(self, pattern, seconds=10, after=0):
        """The match in the first line of the console that has it."""
        found = None

        def there():
            nonlocal found
            found = next((match for line in self.lines[after:] if (match := re.search(pattern, line))), None)
            return found is not None
        with self.changed:
            if not self.changed.wait_for(there, seconds * PATIENCE):
                raise AssertionError(f"no {pattern!r} on the console:\n" + "\n".join(self.lines[-40:]))
        return found

    def order(self, words, seconds=10):
        """Has the guest's shell do something; what it printed."""
        with self.changed:
            before = len(self.lines)
        self.orders.sendall(words.encode() + b"\n")
        self.wait_for("init: done: " + re.escape(words), seconds, before)
        with self.changed:
            return self.lines[before:]

    def signal(self, name, number):
        """To the processes that call themselves so; those of the shell go by their program's name."""
        self.order(f'for p in /proc/[0-9]*; do read -r c < $p/comm && [ "$c" = {name} ] && kill -{number} ${{p#/proc/}}; done 2> /dev/null')

    def _request(self, context, text):
        with socket.create_connection((HOST, self.port), 20 * PATIENCE) as raw:
            with context.wrap_socket(raw, server_hostname="localhost") as stream:
                stream.sendall(text.encode())
                answer = b""
                while more := stream.recv(4096):
                    answer += more
                return answer.partition(b"\r\n\r\n")[2], stream.getpeercert(binary_form=True)

    def _trust_what_it_printed(self):
        """The authority comes from the device; the fingerprint on the console says whether it is the right one."""
        unknown = ssl.create_default_context()
        unknown.check_hostname, unknown.verify_mode = False, ssl.CERT_NONE
        authority, _ = self._request(unknown, "GET /ca.crt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        got = hashlib.sha256(ssl.PEM_cert_to_DER_cert(authority.decode())).hexdigest().upper()
        assert got == self.fingerprint.replace(":", ""), (got, self.fingerprint)
        self.certificate.write_bytes(authority)

    def _claim(self, code):
        body = json.dumps({"code": code})
        told, _ = self._request(self.trust(), "POST /v1/claim HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                                              f"Content-Length: {len(body)}\r\n\r\n{body}")
        return json.loads(told)["token"]

    def trust(self, minimum=ssl.TLSVersion.TLSv1_2, maximum=ssl.TLSVersion.TLSv1_3):
        context = ssl.create_default_context(cafile=str(self.certificate))
        context.minimum_version, context.maximum_version = minimum, maximum
        return context

    def end(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()
        self.orders.close()
        self.serial.close()
        self.place.cleanup()


def main(architecture, program, device_file, port=8443):
    """A machine for a person; what it prints is seen as it comes."""
    with tempfile.TemporaryDirectory(prefix="signalbox-") as place:
        first = pathlib.Path(place) / "first"
        kernel = image(architecture, program, device_file, first)
        print("Ctrl-C switches it off.", flush=True)
        try:
            return subprocess.run(machine(architecture, kernel, first, port), check=False).returncode
        except KeyboardInterrupt:
            return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
