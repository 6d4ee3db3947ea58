"""The cards of boards: what lies on them, and, where QEMU has the board, how far it comes."""
import gzip
import pathlib
import re
import subprocess
import tempfile
import time
import unittest

from card import BOOT_AT, BUILT, ROOT, SECTOR, SLOT_AT, U_BOOT, Card, Machine, run
from client import Client
from device import eventually

OVERLAYS = ("w1-gpio", "pwm-2chan", "spi0-2cs")
EVERY_PI = {"boot.scr", "config.txt", "settings.txt", "u-boot.bin"} | {f"overlays/{name}.dtbo" for name in OVERLAYS}
FILES = {"rpi3": {"bootcode.bin", "start.elf", "fixup.dat", "bcm2837-rpi-3-b.dtb", "bcm2837-rpi-3-b-plus.dtb", "bcm2837-rpi-3-a-plus.dtb"},
         "rpi4": {"start4.elf", "fixup4.dat", "bcm2711-rpi-4-b.dtb", "bcm2711-rpi-400.dtb"}}
MODULES = {"rpi3": {"bcm2835", "sdhci-iproc", "dwc2", "smsc95xx", "lan78xx", "brcmfmac", "cfg80211", "bcm2835_wdt"},
           "rpi4": {"sdhci-iproc", "fixed", "gpio-regulator", "genet", "broadcom", "xhci-pci", "brcmfmac", "cfg80211", "bcm2835_wdt", "bcm2711_thermal"}}
SENSORS = {"i2c-dev", "w1-gpio", "w1_therm", "lm75", "sht3x", "bmp280-i2c", "ti-ads1015", "ftdi_sio", "i2c-bcm2835", "spi-bcm2835"}
RADIOS = {"rpi3": ("43430-sdio.bin", "43430-sdio.raspberrypi,3-model-b.txt", "43455-sdio.bin", "43455-sdio.raspberrypi,3-model-b-plus.txt"),
          "rpi4": ("43455-sdio.bin", "43455-sdio.clm_blob", "43455-sdio.raspberrypi,4-model-b.txt")}
GPIO, PWM, SPI = "/soc/gpio@7e200000", "/soc/pwm@7e20c000", "/soc/spi@7e204000"

SPI_IS_THERE = """#!/bin/sh
for name in /dev/spidev0.0 /dev/spidev0.1; do
  until [ -c $name ]; do sleep 1; done
  echo "extra: $name"
done
"""


def told(*words, **more):
    return run(*words, capture_output=True, **more).stdout


class RaspberryPi(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory(prefix="signalbox-")
        self.addCleanup(place.cleanup)
        self.place = place.name

    def card(self, **files):
        """QEMU's board takes the first word to its watchdog for a reset, so that one is left out."""
        card = Card("rpi3")
        self.addCleanup(card.end)
        made = card.update(card.first_with({"etc/modprobe.d/qemu.conf": b"blacklist bcm2835_wdt\n", **files}))
        card.write(SLOT_AT[2], made.read_bytes())
        return card

    def start(self, card, *more):
        machine = Machine(card, *more)
        self.addCleanup(machine.cut)
        print(f"power-on to its banner: {machine.started_s:.1f} s", flush=True)
        return machine

    def test_it_starts_and_waits_to_be_claimed(self):
        """After U-Boot looked for disks on USB, the kernel of QEMU's board finds nothing there any more. Of SPI it has the place, and nothing there."""
        card = self.card(extra=SPI_IS_THERE.encode())
        self.merge(f"{card.image}@@{BOOT_AT * SECTOR}", "bcm2837-rpi-3-b.dtb", "spi0-2cs")
        machine = self.start(card, "-dtb", f"{self.place}/both")
        machine.wait_for("card: slot 2 of /dev/mmcblk0")
        for chip in (0, 1):
            machine.wait_for(f"extra: /dev/spidev0.{chip}", 60)
        machine.wait_for("card: claim code ....-....-....$")
        url = machine.wait_for("For a phone: (https://.*)").group(1)
        self.assertTrue(eventually(lambda: machine.code_on_screen() == url, 20), "the code is not to be read on the screen")

    def test_it_is_claimed_and_served_by_its_network(self):
        """U-Boot's own environment, but for its look at USB."""
        words, environment = pathlib.Path(self.place) / "words", pathlib.Path(self.place) / "uboot.env"
        known = (U_BOOT / "rpi_arm64/u-boot.bin").read_bytes()
        its = known[known.index(b"bootcmd="):].split(b"\0\0")[0].split(b"\0")
        words.write_bytes(b"".join(word + b"\n" for word in its if not word.startswith(b"preboot=")))
        run("mkenvimage", "-s", 16384, "-o", environment, words)
        card = self.card(extra=f"#!/bin/sh\ndate -s @{time.time():.0f}\n".encode())  # the board has no clock, and nobody here tells the time
        card.put(environment, "uboot.env")
        machine = self.start(card)
        machine.wait_for("card: usb0 has the address 10.0.2.15")
        machine.claim()
        with Client(machine) as client:
            self.assertTrue(eventually(lambda: client.channel("host/uptime")["quality"] == "good"))
            self.assertEqual(client.command("lamp", True)["type"], "ack")
            self.assertTrue(eventually(lambda: client.channel("lamp")["value"] is True))

    def test_the_first_partition_has_what_the_board_starts_from(self):
        for board, files in FILES.items():
            with self.subTest(board):
                partition = f"{BUILT / board}.img@@{BOOT_AT * SECTOR}"
                names = {name.removeprefix("::/") for name in told("mdir", "-b", "-/", "-i", partition, "::", text=True).split()}
                self.assertEqual((files | EVERY_PI) - names, set())

    def test_the_first_file_system_has_drivers_and_the_radio_s_firmware(self):
        for board, modules in MODULES.items():
            with self.subTest(board):
                names = set(told("cpio", "-t", "--quiet", input=gzip.decompress((BUILT / f"{board}.first").read_bytes())).decode().split("\n"))
                self.assertEqual((modules | SENSORS) - {name.rsplit("/", 1)[1].removesuffix(".ko") for name in names if name.endswith(".ko")}, set())
                self.assertEqual({f"lib/firmware/brcm/brcmfmac{name}" for name in RADIOS[board]} - names, set())
                self.assertIn("lib/firmware/regulatory.db.p7s", names)

    def test_every_chip_that_the_page_names_has_a_driver(self):
        page = (ROOT / "packaging/card/README.md").read_text().split("## Sensors")[1].split("## Updates")[0]
        rows = [line.split("|")[2] for line in page.splitlines() if line.startswith(("| `hwmon`", "| `iioChannel`"))]
        chips = {"ds2482"} | set(re.findall(r"`(\w+)`", " ".join(rows)))
        self.assertGreater(len(chips), 20)
        for board in FILES:
            with self.subTest(board):
                run("cpio", "-id", "--quiet", "lib/modules/*/modules.alias", input=gzip.decompress((BUILT / f"{board}.first").read_bytes()), cwd=self.place)
                aliases = next(pathlib.Path(self.place).glob("lib/modules/*/modules.alias")).read_text()
                self.assertEqual(chips - set(re.findall(r"^alias i2c:(\w+) ", aliases, re.M)), set())

    def test_what_config_txt_offers_fits_the_device_trees(self):
        for board, files in FILES.items():
            partition = f"{BUILT / board}.img@@{BOOT_AT * SECTOR}"
            for tree in sorted(name for name in files if name.endswith(".dtb")):
                with self.subTest(tree):
                    self.merge(partition, tree, *OVERLAYS)
                    gpio = self.cell(GPIO, "phandle")
                    self.assertEqual(self.cell("/onewire", "gpios").split()[:2], [gpio, "4"])
                    self.assertEqual(self.cell(PWM, "pinctrl-0"), self.cell(f"{GPIO}/header-pwm", "phandle"))
                    self.assertEqual(self.cell(SPI, "pinctrl-0").split(), [self.cell(f"{GPIO}/{name}", "phandle") for name in ("header-spi", "header-chip-selects")])
                    self.assertEqual(self.cell(f"{GPIO}/header-spi", "brcm,pins"), "9 10 11")
                    self.assertEqual(self.cell(SPI, "cs-gpios").split(), [gpio, "8", "1", gpio, "7", "1"])
                    self.assertEqual([self.cell(f"{SPI}/chip@{chip}", "reg") for chip in (0, 1)], ["0", "1"])
                    for node in (PWM, SPI):
                        self.assertEqual(told("fdtget", f"{self.place}/both", node, "status", text=True).strip(), "okay")

    def merge(self, partition, tree, *overlays):
        """What the board's own firmware makes of a device tree and what config.txt adds to it."""
        added = [f"overlays/{name}.dtbo" for name in overlays]
        run("mcopy", "-n", "-i", partition, f"::{tree}", *(f"::{name}" for name in added), self.place)
        run("fdtoverlay", "-i", f"{self.place}/{tree}", "-o", f"{self.place}/both", *(f"{self.place}/{pathlib.Path(name).name}" for name in added))

    def cell(self, node, name):
        return told("fdtget", f"{self.place}/both", node, name, text=True).strip()


class Image(unittest.TestCase):
    def test_it_is_the_same_twice(self):
        for board in ("qemu-virt64", "rpi4"):
            with self.subTest(board):
                before = [(BUILT / f"{board}.{kind}").read_bytes() for kind in ("img", "update")]
                run(ROOT / "packaging/card/build", board, capture_output=True)
                self.assertTrue(before == [(BUILT / f"{board}.{kind}").read_bytes() for kind in ("img", "update")])

    def test_a_board_without_a_card_is_told(self):
        done = subprocess.run([ROOT / "packaging/card/build", "rpi5"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("(boards: qemu-virt64 rpi3 rpi4)", done.stderr)
