"""What is plugged into a machine with a card: a screen, a sensor that the kernel reads, and the card itself."""
import json
import struct
import time

from card import ORDERS, ROOT, SLOT_AT, run
from client import Client
from device import eventually
from on_a_card import OnACard

SCREEN = ("gpu/drm/drm", "gpu/drm/drm_kms_helper", "gpu/drm/drm_shmem_helper", "virtio/virtio_dma_buf", "gpu/drm/virtio/virtio-gpu")
LM75 = {"device": {"id": "virt64", "title": "A sensor"}, "parts": [
    {"kind": "hostUptime", "periodMs": 1000, "channels": {"uptime": {"path": "host/uptime"}}},
    {"kind": "hwmon", "chip": "lm75@0-0048", "input": "temp1", "periodMs": 500,
     "channels": {"value": {"path": "air", "title": "Air", "unit": "Cel", "range": [-55, 125]}}},
    {"kind": "lm75", "bus": 0, "address": 73, "periodMs": 500, "channels": {"temperature": {"path": "late/temperature"}}}]}


class Devices(OnACard):
    def put_into_slot(self, files):
        self.card.write(SLOT_AT[2], self.card.update(self.card.first_with(
            {"virtio_console.ko": self.card.module("drivers/char/virtio_console"), **files})).read_bytes())

    def test_the_screen_shows_the_code(self):
        files = {f"screen/{name.rsplit('/', 1)[1]}.ko": self.card.module(f"drivers/{name}") for name in SCREEN}
        self.put_into_slot({**files, "extra": ORDERS.encode()})
        machine = self.start("-device", "virtio-gpu-pci")
        machine.take_orders()
        for name in files:
            machine.order(f"insmod /{name}", 30)
        before = len(machine.lines)
        machine.order("killall -9 signalbox")  # which shows what it shows at its start once more
        url = machine.wait_for("For a phone: (https://.*)", 60, before).group(1)
        self.assertTrue(eventually(lambda: machine.code_on_screen() == url, 20), (machine.code_on_screen(), url))

    def test_a_sensor_that_the_kernel_reads(self):
        """On a bus that comes late, and one on it that the firmware reads; a chip that answers is memory here, 25 °C in the form of the LM75."""
        run(ROOT / "tests/kernel/modules", "arm64")
        stub = next((ROOT / "build/kernel").glob("*-arm64/i2c-stub.ko")).read_bytes()
        self.put_into_slot({"extra": ORDERS.encode(), "i2c-stub.ko": stub})
        self.set("sensors=lm75@0-0048 nonesuch@0-004a\n")
        description = self.card.folder / "device.json"
        description.write_text(json.dumps(LM75))
        self.card.put(description, "device.json")
        machine = self.start()
        machine.claim()
        machine.take_orders()
        machine.wait_for(r"I2C bus 0, address 73 \(0x49\): not there: is its bus switched on\?", 30)
        with Client(machine) as client:
            self.assertEqual(client.channel("late/temperature")["quality"], "fault")
        machine.order("insmod /i2c-stub.ko chip_addr=0x48,0x49")
        machine.wait_for("card: error: sensors in settings.txt: no driver for 'nonesuch' is on the card", 30)
        word = struct.unpack("<H", struct.pack(">h", 25 * 256))[0]  # the stub has words the other way round than the wire
        for address in (0x48, 0x49):
            machine.order(f"i2cset -f -y 0 {address} 0 {word} w", 30)
        machine.wait_for(r"I2C bus 0, address 73 \(0x49\): it measures", 30)
        with Client(machine) as client:
            self.assertTrue(eventually(lambda: (read := client.channel("late/temperature"))["quality"] == "good" and read["value"] == 25), client.channel("late/temperature"))
            self.assertTrue(eventually(lambda: (read := client.channel("air"))["quality"] == "good" and read["value"] == 25, 40), client.channel("air"))

    def test_a_card_that_takes_nothing_is_told_and_the_rest_goes_on(self):
        """Its file system finds an error, which it is asked to."""
        self.put_into_slot({"extra": ORDERS.encode()})
        machine = self.start()
        machine.claim()
        machine.take_orders()
        machine.order("echo x > /sys/fs/ext4/vda4/trigger_fs_error")
        machine.wait_for("card: error: the card takes nothing any more: the device goes on, and keeps nothing until it starts anew", 60)
        self.serves(machine)
        machine.cut()
        self.serves(self.start())  # who was let in before still is

    def test_a_card_that_is_pulled_is_told_and_the_rest_goes_on(self):
        machine = self.start()
        machine.claim()
        with Client(machine) as before:
            machine.manage("device_del", id="medium")
            machine.wait_for("card: error: the card is gone: the device goes on, and keeps nothing until it starts anew with its card", 60)
            self.assertEqual(before.command("lamp", True)["type"], "ack")
            self.assertTrue(eventually(lambda: before.channel("lamp")["value"] is True))
        time.sleep(20)  # longer than the firmware waits for what it writes
        self.serves(machine)
        with Client(machine) as after:
            self.assertEqual(after.command("lamp", False)["type"], "ack")
