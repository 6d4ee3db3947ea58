"""A card in a machine: the image that packaging/card/build made, started by U-Boot in QEMU. Looks to clients as e2e's Device does."""
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE.parent / "kernel"), str(HERE.parent / "e2e")]
from device import HOST  # noqa: E402
from guest import Guest, free_port  # noqa: E402

BUILT = ROOT / "build/card"
FOREIGN = ROOT / "build/foreign/arm64"
SECTOR, BOOT_AT, SLOT_AT = 512, 2048, {2: 133120, 3: 198656}
STATE_AT, STATE_SIZE = 264192, 260096
RECORDS = (16, 24)
# What tests bring into a slot: a shell for orders from outside.
ORDERS = """#!/bin/sh
insmod /virtio_console.ko
until [ -c /dev/hvc0 ]; do sleep 0.2; done
while read -r order; do sh -c "$order" > /run/say 2>&1; echo "init: done: $order" > /run/say; done < /dev/hvc0
"""
U_BOOT = FOREIGN / "usr/lib/u-boot"
MACHINES = {
    # With ACPI it has no lines.
    "qemu-virt64": ["-M", "virt,acpi=off", "-cpu", "cortex-a72", "-m", "128M", "-serial", "stdio", "-bios", U_BOOT / "qemu_arm64/u-boot.bin",
                    "-drive", "file={image},format=raw,if=none,id=card", "-device", "pcie-root-port,id=reader",
                    "-device", "virtio-blk-pci,drive=card,bus=reader,id=medium", "-device", "i6300esb",
                    "-device", "virtio-net-pci,netdev=n,romfile=", "-device", "virtio-serial-pci",
                    "-chardev", "socket,id=o,path={orders},server=on,wait=off", "-device", "virtconsole,chardev=o"],
    # In place of the board's own firmware, QEMU loads U-Boot and the device tree; it has the network by USB only.
    "rpi3": ["-M", "raspi3b", "-serial", "null", "-serial", "stdio", "-kernel", U_BOOT / "rpi_arm64/u-boot.bin",
             "-drive", "file={image},format=raw,if=sd", "-device", "usb-net,netdev=n"]}


def run(*words, **more):
    return subprocess.run([str(word) for word in words], check=True, **more)


class Card:
    """A file that is the card: what lies on it outlives the machine."""

    def __init__(self, board="qemu-virt64"):
        self.board = board
        self.place = tempfile.TemporaryDirectory(prefix="signalbox-")
        self.folder = pathlib.Path(self.place.name)
        self.image = self.folder / "card"
        run("cp", "--sparse=always", BUILT / f"{self.board}.img", self.image)
        self.port, self.token = free_port(), None

    def end(self):
        self.place.cleanup()

    def put(self, file, name):
        """On the boot partition, as with a reader on another machine."""
        run("mcopy", "-o", "-i", f"{self.image}@@{BOOT_AT * SECTOR}", file, f"::{name}")

    def names(self):
        return run("mdir", "-b", "-i", f"{self.image}@@{BOOT_AT * SECTOR}", "::", capture_output=True, text=True).stdout

    def state(self):
        with open(self.image, "rb") as card:
            return [self._read(card, sector) for sector in RECORDS]

    def _read(self, card, sector):
        card.seek(sector * SECTOR)
        return dict(line.split("=") for line in card.read(SECTOR).rstrip(b"\0").decode().split())

    def holds(self, slot, update):
        with open(self.image, "rb") as card:
            card.seek(SLOT_AT[slot] * SECTOR)
            return card.read(update.stat().st_size) == update.read_bytes()

    def read(self, sector, count):
        with open(self.image, "rb") as card:
            card.seek(sector * SECTOR)
            return card.read(count * SECTOR)

    def write(self, sector, data):
        with open(self.image, "r+b") as card:
            card.seek(sector * SECTOR)
            card.write(data)

    def update(self, first):
        """An update whose first file system is that file."""
        made = self.folder / "update"
        run(ROOT / "packaging/card/slot", self.board, first, made)
        return made

    def first_with_orders(self):
        return self.first_with({"extra": ORDERS.encode(), "virtio_console.ko": self.module("drivers/char/virtio_console")})

    def module(self, name):
        return next(FOREIGN.glob(f"lib/modules/*/kernel/{name}.ko")).read_bytes()

    def first_with(self, files):
        """The card's own first file system, and those files."""
        tree, made = self.folder / "tree", self.folder / "first"
        for name, data in files.items():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_bytes(data)
            (tree / name).chmod(0o755)
        names = "".join(f"{path.relative_to(tree)}\n" for path in sorted(tree.rglob("*")))
        with open(made, "wb") as out:
            out.write((BUILT / f"{self.board}.first").read_bytes())
            out.write(b"\0" * (-out.tell() % 4))
            out.write(run("cpio", "--quiet", "-o", "-H", "newc", "-R", "0:0", cwd=tree, input=names.encode(), capture_output=True).stdout)
        return made


class Machine(Guest):
    """Power on. `serves`: waits for the banner. `neighbour`: somebody else on its network."""

    def __init__(self, card, *more, serves=True, neighbour=None):
        self.place, self.card, self.port, self.token = card.place, card, card.port, card.token
        self.certificate, orders = card.folder / "ca.crt", card.folder / "orders"
        self.began = time.monotonic()
        machine = [str(word).format(image=card.image, orders=orders) for word in MACHINES[card.board]]
        if card.board == "rpi3":
            machine += ["-dtb", str(next(FOREIGN.glob("usr/lib/linux-image-*/broadcom/bcm2837-rpi-3-b.dtb")))]
        netdev = f"user,id=n,hostfwd=tcp:{HOST}:{self.port}-:8443"
        network = neighbour.cable(netdev) if neighbour else ["-netdev", netdev]
        self.process = subprocess.Popen(
            ["qemu-system-aarch64", *machine, "-display", "none", "-nodefaults", *network, "-qmp", f"unix:{card.folder / 'qmp'},server=on,wait=off", *more],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        self.lines, self.changed = [], threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.orders = socket.socket(socket.AF_UNIX)
        try:
            if serves:
                self.serves()
        except AssertionError:
            self.cut()
            raise

    def serves(self):
        self.fingerprint = self.wait_for(r"fingerprint +SHA-256 (\S+)", 120).group(1)
        self.wait_for("For a phone")
        self.started_s = time.monotonic() - self.began

    def claim(self):
        code = self.wait_for(r"card: claim code (\S+)").group(1)
        self._trust_what_it_printed()
        self.token = self.card.token = self._claim(code)

    def take_orders(self):
        self.orders.connect(str(self.card.folder / "orders"))

    def manage(self, command, **arguments):
        """By QEMU's own protocol (QMP): what hands do with a machine."""
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(self.card.folder / "qmp"))
            with line.makefile("rw") as words:
                words.readline()  # the greeting
                for execute, its in (("qmp_capabilities", {}), (command, arguments)):
                    words.write(json.dumps({"execute": execute, "arguments": its}) + "\n")
                    words.flush()
                    while not {"return", "error"} & (answer := json.loads(words.readline())).keys():
                        pass  # events
                    assert "return" in answer, answer

    def code_on_screen(self):
        """What a phone's camera reads there."""
        picture = self.card.folder / "screen.png"
        self.manage("screendump", filename=str(picture), format="png")
        return subprocess.run(["zbarimg", "-q", "--raw", picture], capture_output=True, text=True, check=False).stdout.strip()

    def cut(self):
        """The power goes."""
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()
        self.orders.close()
