"""The firmware on a real kernel: its lines move, its bus is read, and outputs are safe whatever hangs or dies."""
import os
import pathlib
import re
import subprocess
import tempfile
import threading
import time
import unittest

from guest import Guest, free_port
from client import Client
from device import PATIENCE, TOP, eventually

ARCHITECTURE = os.environ.get("SIGNALBOX_GUEST", "arm64")
PROGRAM = os.environ["SIGNALBOX_BOARD"]
TRIPLET = {"arm64": "aarch64-linux-gnu", "armhf": "arm-linux-gnueabihf"}
SENSOR = "i2cset -y 0 0x48 0 {:#06x} w"  # the chip's first register, low byte first on the wire
BOARD = "i2cset -f -y 0 0x4f 0 {:#06x} w"  # as the kernel's driver has it in use
PULL = "/sys/devices/platform/gpio-sim.0/gpiochip1/sim_gpio{}/pull"
LIGHT = "echo pull-{} > " + PULL.format(1)
METER, CONTACT = PULL.format(3), PULL.format(4)
PULSE = "echo pull-down > {0}; echo pull-up > {0}"
THERMOMETER = "/sys/module/w1_ds18b20/parameters/"
SPI = "/sys/module/spi_mcp3008/parameters/"
CHIPS = {"bme280": 0x76, "ina219": 0x40, "ads1115": 0x4a}
# Of a BME280: its compensation parameters (those of the example in the BMP280's data sheet, and usual ones of humidity) and raw values.
BME280 = {0x88: "706b436718fc7d8e43d6d00b270b8c00f9ff8c3cf8c67017004b", 0xE1: "6a010013 2b031e", 0xF7: "655ac0 7eed00 7530", 0xD0: "60"}


def start():
    return Guest(ARCHITECTURE, PROGRAM, "--allow-host", "localhost")


class OnAKernel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.guest = start()
        with Client(cls.guest) as client:
            client.request("subscribe", {"id": "first", "paths": ["#"]})
            client.until(lambda its: its["type"] == "telemetry", 10)
            first_s = time.monotonic() - cls.guest.began
            client.close()
        print(f"power-on to its banner: {cls.guest.started_s:.1f} s, to the first telemetry of who claimed it: {first_s:.1f} s", flush=True)

    @classmethod
    def tearDownClass(cls):
        cls.guest.end()

    def setUp(self):
        self.client = Client(self.guest)
        self.addCleanup(self.client.close)

    def level(self, output):
        """Of an output, as the kernel has it; None where nobody holds it."""
        lines = self.guest.order("cat /sys/kernel/debug/gpio")
        first = re.search(r"gpiochip0: GPIOs (\d+)-", "\n".join(lines)).group(1)
        name = {"lamp": "lamp ", "valve": f"gpio-{first} ", "absent/later": "later "}[output]
        line = next((its for its in lines if name in its and " out " in its), None)
        return line and " hi" in line

    def becomes(self, output, level, seconds=5):
        self.assertTrue(eventually(lambda: self.level(output) is level, seconds), f"{output} does not become {level}")

    def move(self, output, level, client=None):
        answer = (client or self.client).command(output, level)
        self.assertEqual(answer["type"], "ack", answer)
        self.assertIs(self.level(output), level)

    def quality(self, path):
        return self.client.channel(path)["quality"]

    def test_who_speaks_to_the_network_has_no_rights(self):
        told = self.guest.order('for p in /proc/[0-9]*; do read -r c < $p/comm && [ "$c" = signalbox ] && sed -n "/^Uid\\|^Groups\\|^Cap/p" $p/status; done')
        found = dict(line.split(":", 1) for line in told if line.startswith(("Uid:", "Groups:", "Cap")))
        self.assertEqual(found["Uid"].split(), ["1000"] * 4, told)
        self.assertEqual(found["Groups"].split(), [])
        self.assertEqual({int(found[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")}, {0})

    def test_it_is_small(self):
        memory = {}
        for line in self.guest.order("for p in /proc/[0-9]*; do read -r c < $p/comm; echo $c $(sed -n '/^Pss:/p' $p/smaps_rollup); done 2> /dev/null"):
            if found := re.match(r"(\S+) Pss: +(\d+) kB", line):
                memory[found[1]] = memory.get(found[1], 0) + int(found[2])
        ours = {name: size for name, size in memory.items() if name not in ("init", "sh", "busybox")}
        with tempfile.NamedTemporaryFile() as stripped:
            subprocess.run([f"{TRIPLET[ARCHITECTURE]}-strip", "-o", stripped.name, PROGRAM], check=True)
            size = os.path.getsize(stripped.name)
        print(f"program: {size / 2**20:.1f} MiB; in memory, what is shared in equal parts: {sum(ours.values()) / 1024:.1f} MiB, "
              + ", ".join(f"{name} {kb} kB" for name, kb in sorted(ours.items())), flush=True)
        self.assertIn("guardian", ours)
        self.assertLess(sum(ours.values()), 24 * 1024)

    def test_the_machine_is_read(self):
        first = self.client.value("host/uptime")
        self.assertTrue(eventually(lambda: self.client.value("host/uptime") > first, 10))

    def test_an_output_moves_and_is_read_back(self):
        for level in (False, True):
            self.move("valve", level)
            self.assertTrue(eventually(lambda: self.client.value("valve") is level))

    def test_what_follows_an_output_verifies_it(self):
        self.guest.order(LIGHT.format("up"))
        answer = self.client.command("lamp", True)
        self.assertEqual(answer["payload"].get("outcome"), "verified", answer)
        answer = self.client.command("lamp", False)  # the light stays
        self.assertEqual(answer["payload"].get("reason"), "mismatch", answer)
        self.guest.order(LIGHT.format("down"))
        self.assertTrue(eventually(lambda: self.client.value("light") is False))

    def past(self, path, begin):
        """What the channel was since then."""
        told = self.client.ask("history", {"paths": [path], "from": begin, "to": self.now() + 1})
        return [its["value"] for its in told["payload"]["series"][0]["samples"]]

    def now(self):
        return self.client.ask("ping")["payload"]["deviceTime"]

    def count(self, pulses):
        self.guest.order(f"i=0; while [ $i -lt {pulses} ]; do {PULSE.format(METER)}; i=$((i+1)); done", 60)

    def test_a_press_between_two_readings_is_seen(self):
        self.guest.order(LIGHT.format("down"))
        self.assertTrue(eventually(lambda: self.client.value("light") is False))
        begin = self.now()
        self.guest.order(f"{LIGHT.format('up')}; {LIGHT.format('down')}")
        self.assertTrue(eventually(lambda: True in self.past("light", begin)))
        self.assertTrue(eventually(lambda: self.client.value("light") is False))

    def test_every_pulse_is_counted(self):
        self.assertEqual(self.client.channel("meter/count")["quality"], "good")
        before, begin = self.client.value("meter/count"), self.now()
        self.count(500)
        self.assertTrue(eventually(lambda: self.client.value("meter/count") >= before + 50))
        self.assertEqual(self.client.value("meter/count"), before + 50, "500 pulses, of which the kernel keeps 16")
        self.assertTrue(eventually(lambda: self.client.value("meter/rate") < 0.1), "it falls while no pulse comes")
        print(f"pulses came at up to {10 * max(self.past('meter/rate', begin)):.0f} a second", flush=True)
        self.assertGreater(max(self.past("meter/rate", begin)), 0.5)

    def test_a_glitch_is_not_counted(self):
        before = self.client.value("contact")
        for _ in range(5):
            self.guest.order(PULSE.format(CONTACT))
        time.sleep(2)
        self.assertEqual(self.client.value("contact"), before)
        self.guest.order(PULSE.format(CONTACT).replace(";", "; sleep 3;"))
        self.assertTrue(eventually(lambda: self.client.value("contact") == before + 1))

    def test_lines_are_pulled_as_they_are_set_up(self):
        for line, pull in ((METER, "pull-up"), (CONTACT, "pull-up"), (PULL.format(0), "pull-down")):
            self.assertIn(pull, self.guest.order(f"cat {line}"))

    def test_pulses_that_nobody_counted_are_told(self):
        start = self.client.value("meter/count")
        self.count(10)
        self.assertTrue(eventually(lambda: self.client.value("meter/count") == start + 1))
        before = len(self.guest.lines)  # other tests end this process too
        self.guest.signal("lines", "KILL")
        self.guest.wait_for("line meter: its pulses were not counted for a while", after=before)
        self.assertTrue(eventually(lambda: self.quality("meter/count") == "good"))
        self.assertEqual(self.client.value("meter/count"), start + 1)
        self.count(10)
        self.assertTrue(eventually(lambda: self.client.value("meter/count") == start + 2), "it goes on from there")

    def test_a_chip_on_the_bus_is_read(self):
        for word, celsius in ((0x9019, 25.5625), (0x00E7, -25.0)):
            self.guest.order(SENSOR.format(word))
            self.assertTrue(eventually(lambda: self.client.value("air") == celsius), self.client.value("air"))

    def fill(self, address, first, values):
        """A chip's registers of a byte each, from the first one on. Where the guest's tools want a number they take it for hexadecimal."""
        self.guest.order("; ".join(f"i2cset -y 0 {address:#x} {first + at:#x} {value:#x} b" for at, value in enumerate(values)), 20)

    def put_word(self, chip, register, word):
        """High byte first, as the chips have it; the bus of the kernel has the low one first."""
        self.guest.order(f"i2cset -y 0 {CHIPS[chip]:#x} {register:#x} {word >> 8 | (word & 0xff) << 8:#06x} w")

    def word(self, chip, register):
        told = next(line for line in self.guest.order(f"i2cget -y 0 {CHIPS[chip]:#x} {register:#x} w") if line.startswith("0x"))
        return int(told[4:6] + told[2:4], 16)

    def reads(self, path, value, places=3, seconds=10):
        def there():
            channel = self.client.channel(path)
            return channel["quality"] == "good" and round(channel["value"] - value, places) == 0
        self.assertTrue(eventually(there, seconds), self.client.channel(path))

    def test_a_bme280_is_read(self):
        self.guest.wait_for(r"I2C bus 0, address 118 \(0x76\): found chip id 0x00; a BME280 has 0x60")
        for first, values in BME280.items():
            self.fill(CHIPS["bme280"], first, bytes.fromhex(values))
        self.guest.wait_for(r"I2C bus 0, address 118 \(0x76\): it measures")
        self.reads("cabin/temperature", 25.0825)
        self.reads("cabin/humidity", 54.2888)
        self.reads("cabin/pressure", 1006.5327)
        self.fill(CHIPS["bme280"], 0xF7, bytes.fromhex("800000 800000 8000"))
        self.guest.wait_for(r"\(0x76\): it did not measure: see to its supply")
        self.guest.order("i2cset -y 0 0x76 0xd0 0x58 b")
        self.guest.wait_for(r"\(0x76\): found chip id 0x58, which is a BMP280: it has no humidity; a BME280 has 0x60")
        self.assertEqual(self.quality("cabin/humidity"), "fault")

    def test_an_ina219_is_read(self):
        self.guest.wait_for(r"I2C bus 0, address 64 \(0x40\): its conversions do not end")
        self.put_word("ina219", 4, 0x2710)
        self.put_word("ina219", 2, 0x5D98 | 2)  # with CNVR
        self.reads("battery/voltage", 11.98)
        self.assertEqual((self.word("ina219", 0), self.word("ina219", 5)), (0x2447, 33554))
        amperes = 0x2710 * 0.04096 / (33554 * 0.002)
        self.reads("battery/current", amperes)
        self.reads("battery/power", 11.98 * amperes)
        self.put_word("ina219", 5, 0)  # as after power-on
        self.put_word("ina219", 0, 0x399F)
        self.assertTrue(eventually(lambda: (self.word("ina219", 0), self.word("ina219", 5)) == (0x2447, 33554)))
        self.put_word("ina219", 4, -0x2710 & 0xFFFF)
        self.reads("battery/power", -11.98 * amperes)
        self.put_word("ina219", 2, 0x5D98 | 3)  # and OVF
        self.assertTrue(eventually(lambda: self.quality("battery/current") == "fault"))
        self.assertEqual(self.quality("battery/voltage"), "good")

    def test_an_ads1115_is_read(self):
        for word, volts in ((0x4000, 2.048), (0xC000, -2.048), (0x1000, 0.512)):
            self.put_word("ads1115", 0, word)
            self.reads("tank/pressure", 5 * volts - 2.5)
            self.reads("tank/difference", volts)
        self.assertIn(self.word("ads1115", 1), (0xC383, 0xB383))  # AIN0 against ground, AIN2 against AIN3
        self.put_word("ads1115", 0, 0x7FFF)
        self.assertTrue(eventually(lambda: self.quality("tank/pressure") == "fault"))

    def put_inputs(self, *values):
        self.guest.order(f"echo {','.join(map(str, values))} > {SPI}values")

    def test_an_mcp3008_is_read(self):
        for first, third, difference, last in ((512, 300, 200, 1023), (1, 1023, 0, 0), (0x2AA, 7, 0x155, 0x155)):
            self.put_inputs(first, 0, third, max(0, third - difference), 0, 0, 0, last)
            self.reads("dial", first * 5 / 1024, 6)
            self.reads("bridge", min(difference, third) * 5 / 1024, 6)
            self.reads("knob", last * 5 / 1024, 6)
        before = len(self.guest.lines)
        self.put_inputs(*[65535] * 8)
        self.guest.wait_for("SPI bus 0, chip select 0: what it tells is no conversion: see to its supply and wires", after=before)
        self.assertEqual(self.quality("knob"), "fault")
        self.put_inputs(*[102] * 8)
        self.guest.wait_for("SPI bus 0, chip select 0: it measures", after=before)
        self.reads("knob", 102 * 5 / 1024, 6)

    def test_an_spi_bus_that_hangs_holds_nobody_up(self):
        self.assertTrue(eventually(lambda: self.quality("dial") == "good"))
        before = len(self.guest.lines)
        self.guest.order(f"echo 1 > {SPI}hangs")
        self.addCleanup(self.guest.order, f"echo 0 > {SPI}hangs")
        self.assertTrue(eventually(lambda: self.quality("dial") != "good"))
        self.move("valve", False)
        self.move("valve", True)
        took = self.longest_ping()
        print(f"the longest of 50 pings beside a hung SPI bus: {took:.0f} ms", flush=True)
        self.guest.order(f"sleep 3; echo 0 > {SPI}hangs")  # a process that waits for a driver so cannot be killed before
        self.guest.wait_for("SPI bus 0: its process hung or died; another one takes over", after=before)
        self.assertTrue(eventually(lambda: self.quality("dial") == "good"))

    def test_a_hung_process_of_the_spi_bus_is_replaced(self):
        before = len(self.guest.lines)
        self.guest.signal("spi", "STOP")
        self.guest.wait_for("SPI bus 0: its process hung or died; another one takes over", after=before)
        self.assertTrue(eventually(lambda: self.quality("dial") == "good"))

    def hears(self, value, *sentences):
        """The serial line tells them until the channel has it: what comes before the port is open is lost."""
        def there():
            self.guest.serial.sendall("".join(sentence + "\r\n" for sentence in sentences).encode())
            channel = self.client.channel("outside")
            return channel["quality"] == "good" and channel["value"] == value
        self.assertTrue(eventually(there, every=0.3), self.client.channel("outside"))

    def test_lines_of_text_on_a_serial_port_are_read(self):
        self.hears(21.5, "$WIMTA,21.5,C*1D")
        self.hears(-3.25, "$GPGGA,110.0,0*48", "$WIMTA,-3.25,C*32")
        self.assertTrue(eventually(lambda: self.quality("outside") == "stale"), "what comes no more gets old")
        self.guest.serial.sendall(b"$WIMTA,22.0,C*1D\r\n")  # it would be 1B
        self.assertTrue(eventually(lambda: self.quality("outside") == "fault"))

    def test_a_hung_process_of_the_serial_ports_is_replaced(self):
        before = len(self.guest.lines)
        self.guest.signal("serial", "STOP")
        self.guest.wait_for("the process that holds the serial ports hung or died; another one takes over", after=before)
        self.hears(1.5, "$WIMTA,1.5,C*2F")

    def sends(self, *frames):
        self.assertNotIn("cannot be sent", "\n".join(self.guest.order("can-send vcan0 " + " ".join(frames))))

    def hears_frame(self, path, value, *frames):
        """The bus tells them until the channel has it: what comes before the interface is open is lost."""
        def there():
            self.sends(*frames)
            channel = self.client.channel(path)
            return channel["quality"] == "good" and channel["value"] == value
        self.assertTrue(eventually(there, every=0.3), self.client.channel(path))

    def test_signals_on_can_are_read(self):
        self.hears_frame("engine/speed", 3000, "1F0#00DC05FFCE")  # Intel 0x5DC from bit 8 on
        self.hears_frame("engine/coolant", -5, "1F0#00DC05FFCE")  # Motorola 0xFFCE
        self.hears_frame("engine/coolant", 92.5, "1F0#000000039D")
        self.hears_frame("engine/hood", True, "18FEF100#0000000000000080")
        self.hears_frame("engine/hood", False, "18FEF100#FFFFFFFFFFFFFF7F")

    def test_frames_on_can_with_other_identifiers_are_not_read(self):
        self.hears_frame("engine/speed", 200, "1F0#0064000000")
        begin = self.now()
        # The neighbour, the same number of 29 bits, and the other's number cut to 11 bits.
        self.sends("1F1#00FFFF0000", "000001F0#00FFFF0000", "100#00FFFF0000", "18FEF101#0000000000000080")
        self.hears_frame("engine/speed", 202, "1F0#0065000000")
        self.assertEqual(set(self.past("engine/speed", begin)) - {200}, {202})

    def test_a_signal_on_can_that_comes_no_more_is_stale(self):
        self.hears_frame("engine/speed", 400, "1F0#00C8000000")
        self.assertTrue(eventually(lambda: self.quality("engine/speed") == "stale"))
        channel = self.client.channel("engine/speed")
        self.assertEqual(channel["value"], 400)
        self.assertGreaterEqual(self.now() - channel["at"], 2000, "its age is seen")
        self.hears_frame("engine/speed", 402, "1F0#00C9000000")

    def test_a_sample_from_can_is_of_the_moment_its_frame_came(self):
        self.hears_frame("engine/hood", False, "18FEF100#0000000000000000")
        before = self.now()
        self.sends("18FEF100#0000000000000080")
        after = self.now()
        self.assertTrue(eventually(lambda: self.client.value("engine/hood") is True), "it is read every two seconds")
        at = self.client.channel("engine/hood")["at"]
        self.assertTrue(before - 100 <= at <= after + 100, (before, at, after))

    def test_a_frame_on_can_that_is_too_short_is_a_fault(self):
        self.hears_frame("engine/coolant", 1, "1F0#000000000A")
        before = len(self.guest.lines)
        self.sends("1F0#00DC05FF")
        self.guest.wait_for("CAN interface vcan0, frame 0x1F0: it is too short; it has 4 bytes, and the signal needs 5", after=before)
        self.assertTrue(eventually(lambda: self.quality("engine/coolant") == "fault"))
        self.assertTrue(eventually(lambda: self.client.value("engine/speed") == 3000), "whose part of the frame is there")
        self.hears_frame("engine/coolant", 2, "1F0#0000000014")

    def test_a_can_interface_that_goes_down_and_comes_up_is_survived(self):
        self.hears_frame("engine/speed", 600, "1F0#002C010000")
        for down, up, words in (("ip link set vcan0 down", "ip link set vcan0 up", "it is down: ip link set vcan0 up"),
                                ("ip link delete vcan0", "ip link add dev vcan0 type vcan; ip link set vcan0 up", "there is no interface of that name")):
            before = len(self.guest.lines)
            self.guest.order(down)
            self.guest.wait_for("CAN interface vcan0: " + words, after=before)
            self.assertTrue(eventually(lambda: self.quality("engine/speed") == "fault"))
            self.guest.order(up)
            self.guest.wait_for("CAN interface vcan0: it works", after=before)
            self.hears_frame("engine/speed", 602, "1F0#002D010000")
        self.assertEqual(self.client.command("valve", True)["type"], "ack", "the rest works")

    def test_a_can_controller_that_is_passive_or_off_its_bus_is_told(self):
        self.hears_frame("engine/speed", 800, "1F0#0090010000")
        before = len(self.guest.lines)
        self.sends("20000004#0020000000000000")
        self.guest.wait_for("CAN interface vcan0: error-passive: see to its wires", after=before)
        self.hears_frame("engine/speed", 802, "1F0#0091010000")
        self.sends("20000040#0000000000000000")
        self.guest.wait_for("CAN interface vcan0: bus-off: see to wires and bit rate", after=before)
        self.assertTrue(eventually(lambda: self.quality("engine/speed") == "fault"))
        self.sends("20000100#0000000000000000")
        self.guest.wait_for("CAN interface vcan0: it works", after=before)
        self.hears_frame("engine/speed", 804, "1F0#0092010000")

    @unittest.skipUnless(ARCHITECTURE == "arm64", "Debian's kernel of armhf finds no controller on the cards that QEMU has")
    def test_a_bus_with_controllers_is_brought_up_and_read(self):
        def doctor():
            return "\n".join(self.guest.order("/signalbox --doctor --device-file /device.json"))
        self.assertIn("can0  CAN interface, down: ip link set can0 up type can bitrate 500000", doctor())
        self.assertTrue(eventually(lambda: self.quality("wheel/speed") == "fault"))
        told = "\n".join(self.guest.order("can-up can0 500000; can-up can1 500000"))
        self.assertNotIn("does not come up", told)
        self.guest.wait_for("CAN interface can0: it works")

        def heard():
            self.guest.order("can-send can1 2A1#FFFF 2A0#04D2")
            return self.client.channel("wheel/speed")["quality"] == "good" and self.client.value("wheel/speed") == 1234
        self.assertTrue(eventually(heard, every=0.3), self.client.channel("wheel/speed"))
        told = doctor()
        self.assertIn("can0  CAN interface, up, 500000 bit/s, error-active", told)
        self.assertIn("there    a bus with controllers: CAN interface can0", told)

    def test_a_hung_process_of_can_is_replaced(self):
        before = len(self.guest.lines)
        self.guest.signal("can", "STOP")
        self.guest.wait_for("the process that listens on CAN hung or died; another one takes over", after=before)
        self.hears_frame("engine/speed", 1000, "1F0#00F4010000")

    def pulses(self, output):
        """Period and width as the kernel has them, in ns."""
        told = "\n".join(self.guest.order("cat /sys/kernel/debug/pwm"))
        found = re.search(rf"pwm-{output} .*enabled period: (\d+) ns duty: (\d+) ns", told)
        return found and tuple(map(int, found.groups()))

    def pulses_become(self, output, period, width):
        self.assertTrue(eventually(lambda: self.pulses(output) == (period, width)), self.pulses(output))

    def turn(self, output, value, number, period, width):
        answer = self.client.command(output, value)
        self.assertEqual(answer["type"], "ack", answer)
        self.assertEqual(self.pulses(number), (period, width))

    def test_pwm_outputs_are_driven_and_safe_while_the_loop_hangs(self):
        self.turn("fan", 75, 0, 40000, 30000)
        self.turn("flap", 180, 1, 20000000, 2000000)
        before = len(self.guest.lines)
        self.guest.signal("signalbox", "STOP")
        self.pulses_become(0, 40000, 8000)
        self.pulses_become(1, 20000000, 1500000)
        self.guest.signal("signalbox", "CONT")
        self.guest.wait_for("the loop stood still for .* outputs were made safe", after=before)
        self.assertTrue(eventually(lambda: (self.client.value("fan"), self.client.value("flap")) == (20, 90)))
        self.turn("fan", 50, 0, 40000, 20000)

    def test_a_hung_process_of_the_pwm_outputs_is_replaced(self):
        self.turn("flap", 45, 1, 20000000, 1250000)
        before = len(self.guest.lines)
        self.guest.signal("pwm", "STOP")
        self.guest.wait_for("the process that holds the PWM outputs died; another one takes over", after=before)
        self.pulses_become(1, 20000000, 1500000)
        self.turn("flap", 0, 1, 20000000, 1000000)

    def test_a_thermometer_on_a_1_wire_bus_is_read(self):
        for millidegrees, celsius in ((21062, 21.0), (-10125, -10.125)):
            self.guest.order(f"echo {millidegrees} > {THERMOMETER}millidegrees")
            self.reads("cellar", celsius)
        self.guest.order(f"echo 1 > {THERMOMETER}absent")
        self.assertTrue(eventually(lambda: self.quality("cellar") == "fault", 10))
        self.guest.order(f"echo 0 > {THERMOMETER}absent")
        self.reads("cellar", -10.125)

    def test_a_chip_of_a_kernels_driver_is_found_when_it_comes(self):
        self.guest.wait_for("sensor lm75@0-004f temp1: there is no chip of that name")
        self.assertEqual(self.quality("board"), "fault")
        self.guest.order("echo lm75 0x4f > /sys/bus/i2c/devices/i2c-0/new_device")
        self.guest.wait_for("sensor lm75@0-004f temp1: it is there")
        for word, celsius in ((0x8019, 25.5), (0x00E7, -25.0)):
            self.guest.order(BOARD.format(word))
            self.assertTrue(eventually(lambda: self.client.value("board") == celsius), self.client.value("board"))
        self.guest.order("echo 0x4f > /sys/bus/i2c/devices/i2c-0/delete_device")
        self.assertTrue(eventually(lambda: self.quality("board") == "fault"))

    def test_a_channel_of_industrial_io_is_read(self):
        microvolts = (73 + 7) * 1.333  # as the dummy has its raw value, offset and scale
        self.assertTrue(eventually(lambda: self.quality("supply") == "good"))
        self.assertAlmostEqual(self.client.value("supply"), microvolts / 1e6)

    def test_hung_processes_of_sensors_are_replaced(self):
        self.guest.signal("sysfs", "STOP")
        self.guest.wait_for("the process that reads the kernel's sensors hung or died; another one takes over")
        self.guest.wait_for("the process that reads 1-wire thermometers hung or died; another one takes over")
        before = self.client.channel("supply")["at"]
        self.assertTrue(eventually(lambda: self.client.channel("supply")["at"] > before))

    def test_what_is_not_there_is_told_and_the_rest_works(self):
        for words in (r'line taken: in use by "somebody"; it is asked for again every 5 s', "line later: no chip has a line of that name",
                      "sensor 28-ffffffffffff: there is no thermometer of that id",
                      "PWM output pwm-outputs:2: the chip has 2 outputs, counted from 0",
                      "CAN interface vcan1: it is down: ip link set vcan1 up", "CAN interface can7: there is no interface of that name"):
            self.guest.wait_for(words)
        for path in ("absent/taken", "absent/later", "absent/chip", "absent/bus", "absent/chipSelect", "absent/thermometer", "absent/pwm",
                     "absent/can", "absent/interface"):
            self.assertTrue(eventually(lambda: self.quality(path) == "fault"), path)
        answer = self.client.command("absent/later", False)
        self.assertEqual(answer["payload"].get("reason"), "failed", answer)

    def test_the_doctor(self):
        told = "\n".join(self.guest.order("/signalbox --doctor --device-file /device.json"))
        for words in ("gpiochip0  9030000.pl061, 8 lines", "lamp                  in use by signalbox", "i2c-0  SMBus stub driver", "spidev0.0  SPI bus 0, chip select 0", "ttyS0  serial port",
                      "vcan0  CAN interface of no bus (virtual), up", "vcan1  CAN interface of no bus (virtual), down: ip link set vcan1 up",
                      "there    an engine, Intel: CAN interface vcan0",
                      "MISSING  a CAN interface that is down: CAN interface vcan1: it is down: ip link set vcan1 up",
                      "MISSING  an interface that is not there: CAN interface can7: there is no interface of that name",
                      "MISSING  a line of somebody else: line taken: in use by \"somebody\"",
                      "MISSING  a chip that is not there: I2C bus 0, address 73 (0x49): no chip answers there",
                      "MISSING  a bus that is not there: I2C bus 7, address 72 (0x48): there is no /dev/i2c-7: load i2c-dev",
                      "MISSING  a chip select that is not there: SPI bus 0, chip select 1: there is no /dev/spidev0.1: switch the bus on",
                      "adc in_voltage0  sensor, for iioChannel",
                      "MISSING  a thermometer that is not there: sensor 28-ffffffffffff: there is no thermometer of that id: is its driver loaded?",
                      "there    mcp3008: SPI bus 0, chip select 0", "there    tmp102: I2C bus 0, address 72 (0x48)"):
            self.assertIn(words, told)

    def test_the_doctor_tells_what_rights_are_missing(self):
        told = "\n".join(self.guest.order(
            "mkdir -p /etc; echo guest:x:1000:1000::/:/bin/sh > /etc/passwd; busybox su guest -c '/signalbox doctor --device-file /device.json'"))
        for words in ("gpiochip0  permission denied; join the group that owns it: usermod -aG GROUP USER",
                      "i2c-0  permission denied; join the group", "ttyS0  serial port: permission denied; join the group",
                      "line gpiochip0:0: /dev/gpiochip0: permission denied", "SPI bus 0, chip select 0: /dev/spidev0.0: permission denied",
                      "PWM output pwm-outputs:0: its files: permission denied", "I2C bus 0, address 72 (0x48): /dev/i2c-0: permission denied"):
            self.assertIn(words, told)

    def test_a_first_device_file_is_of_what_is_there_and_serves(self):
        self.guest.order("; ".join(("chip=/sys/kernel/config/gpio-sim/spare", "mkdir -p $chip/bank/line0", "echo 1 > $chip/bank/num_lines",
                                    "echo spare > $chip/bank/line0/name", "echo 1 > $chip/live")))
        told = "\n".join(self.guest.order("/signalbox --init /first.json", 30))
        for words in ("  in    line spare", "  in    adc in_voltage0", "  left  i2c-0: its chips are not asked", "  left  spidev0.0: what hangs on it", "  left  vcan0: which frames come there"):
            self.assertIn(words, told)
        self.assertNotIn("lamp", told, "it is in use")
        told = "\n".join(self.guest.order("mkdir -m 700 /run/first; /signalbox --port 9443 --state /run/first --device-file /first.json & "
                                          "sleep 8; kill $!; wait $!; echo ended: $?", 60))
        self.assertIn("ended: 0", told)
        self.assertNotRegex(told, "(line|sensor) .*: (there is no|in use)")
        self.assertRegex(told, r"\d+ channels")

    def test_what_was_not_there_and_comes_is_taken(self):
        self.guest.order("; ".join(("chip=/sys/kernel/config/gpio-sim/new", "mkdir -p $chip/bank/line0", "echo 1 > $chip/bank/num_lines",
                                    "echo later > $chip/bank/line0/name", "echo 1 > $chip/live")))
        self.guest.wait_for("line later is there")
        self.assertTrue(eventually(lambda: self.client.value("absent/later") is True), "it is safe at first")
        self.move("absent/later", False)

    def longest_ping(self):
        """Of 50, in ms."""
        took = []
        for _ in range(50):
            before = time.monotonic()
            self.client.ask("ping")
            took.append(time.monotonic() - before)
        return 1000 * max(took)

    def test_a_hung_bus_holds_nobody_up(self):
        self.guest.order(SENSOR.format(0x9019))
        self.assertTrue(eventually(lambda: self.quality("air") == "good"))
        for name in ("i2c-watch", "i2c"):
            self.guest.signal(name, "STOP")
        self.assertTrue(eventually(lambda: self.quality("air") != "good"), "what it measured gets old")
        took = []
        for level in (False, True) * 10:
            before = time.monotonic()
            self.assertEqual(self.client.command("valve", level)["type"], "ack")
            took.append(time.monotonic() - before)
        print(f"beside a hung bus, the longest of 50 pings: {self.longest_ping():.0f} ms, of 20 commands through the process that holds the lines: "
              f"{1000 * max(took):.0f} ms", flush=True)
        for name in ("i2c", "i2c-watch"):
            self.guest.signal(name, "CONT")
        self.assertTrue(eventually(lambda: self.quality("air") == "good"))

    def test_a_command_to_a_bus_that_hangs_expires_and_never_comes_late(self):
        self.move("valve", True)
        for name in ("lines-watch", "lines"):
            self.guest.signal(name, "STOP")
        answer = self.client.command("valve", False, deadlineMs=1000)
        self.assertEqual(answer["payload"].get("reason"), "expired", answer)
        self.assertLess(self.longest_ping(), 1000 * PATIENCE)
        for name in ("lines", "lines-watch"):
            self.guest.signal(name, "CONT")
        self.assertTrue(eventually(lambda: self.quality("valve") == "good" and self.client.value("valve") is True))
        self.assertIs(self.level("valve"), True)
        self.move("valve", False)

    def test_a_hung_process_of_the_bus_is_replaced(self):
        self.guest.signal("i2c", "STOP")
        self.guest.wait_for("I2C bus 0: its process hung or died; another one takes over")
        self.assertTrue(eventually(lambda: self.quality("air") == "good"))

    def test_a_hung_process_of_the_lines_is_replaced(self):
        self.move("valve", False)
        self.guest.signal("lines", "STOP")
        self.guest.wait_for("the process that holds the lines died; another one takes over")
        self.becomes("valve", True)  # what it held is safe
        self.move("valve", False)

    def test_outputs_are_safe_after_a_reload_too(self):
        self.guest.order("sed -i 's/\"line\": \"gpiochip0:0\"/\"periodMs\": 500, &/; s/\"line\": \"button\", \"periodMs\": 50/\"line\": \"button\", \"periodMs\": 60/' /device.json")
        answer = self.client.ask("reload")
        self.assertEqual(answer["payload"].get("outcome"), "reloaded", answer)
        self.move("valve", False)
        self.guest.signal("signalbox", "STOP")
        self.becomes("valve", True)
        self.guest.signal("signalbox", "CONT")

    def test_a_loop_without_a_guardian_ends(self):
        self.move("valve", False)
        before = len(self.guest.lines)
        self.guest.signal("guardian", "KILL")
        self.becomes("valve", True)
        self.guest.wait_for("init: signalbox ended: 137", 10, before)
        self.guest.wait_for("Live telemetry|URL", 20, before)
        again = Client(self.guest)
        self.addCleanup(again.close)
        self.move("valve", False, again)

    def test_outputs_are_safe_while_the_loop_hangs(self):
        self.move("valve", False)
        self.guest.signal("signalbox", "STOP")
        self.becomes("valve", True)
        self.guest.signal("signalbox", "CONT")
        self.guest.wait_for("the loop stood still for .* outputs were made safe")
        self.assertTrue(eventually(lambda: self.client.value("valve") is True))

    def test_a_loop_that_hangs_is_started_again(self):
        self.starts_again("STOP", "the loop gave no sign of life for 5 s")

    def test_a_loop_that_dies_is_started_again(self):
        self.starts_again("KILL", r"the process that served ended \(137\)")

    def starts_again(self, signal, words):
        self.move("valve", False)
        before = len(self.guest.lines)
        self.guest.signal("signalbox", signal)
        self.becomes("valve", True)
        self.guest.wait_for(words, 10, before)
        self.guest.wait_for("Live telemetry|URL", 20, before)
        again = Client(self.guest)
        self.addCleanup(again.close)
        self.move("valve", False, again)


class ThePage(unittest.TestCase):
    """The board's page, word for word; but for the port, what is kept in the tree, and the code."""

    def setUp(self):
        place = tempfile.TemporaryDirectory(prefix="signalbox-")
        self.addCleanup(place.cleanup)
        self.port, self.place = free_port(), place.name
        page = (TOP / "boards" / pathlib.Path(PROGRAM).name.removeprefix("signalbox-") / "README.md").read_text()
        self.begin, self.words, *_ = re.findall(r"^```sh\n(.*?)^```", page, re.M | re.S)

    def shell(self, words, **more):
        shell = subprocess.Popen(["bash", "-ec", words], cwd=TOP, text=True, errors="replace", start_new_session=True,
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)
        end = threading.Timer(120 * PATIENCE, os.killpg, (shell.pid, 9))  # of who says nothing
        end.start()
        for last in (shell.stdin.close, shell.stdout.close, shell.wait, end.cancel):
            self.addCleanup(last)
        self.addCleanup(os.killpg, shell.pid, 9)
        return shell

    def reads(self, shell, pattern):
        seen = []
        for line in shell.stdout:
            seen.append(line)
            if found := re.search(pattern, line):
                return found
        self.fail(f"no {pattern!r} in:\n" + "".join(seen))

    def test_it_leads_to_a_first_reading_and_a_light_that_blinks(self):
        machine = self.shell(self.begin.split("#")[0].strip() + f" {self.port}")
        code = self.reads(machine, r"claim code +(\S+)").group(1)
        fingerprint = self.reads(machine, r"fingerprint +SHA-256 (\S+)").group(1)
        told = threading.Thread(target=machine.stdout.read)  # it must not wait for who reads
        told.start()
        self.addCleanup(told.join)
        self.addCleanup(os.killpg, machine.pid, 9)
        words = self.words.replace("8443", str(self.port)).replace("7K3M-Q0XE-94RT", code)
        kept, watch, blink = re.sub(r"build/(?=virt)", self.place + "/", words).strip().split("\n")
        first = self.shell(f"{kept}\n{watch}")
        first.stdin.write("yes\n")
        first.stdin.flush()
        self.assertEqual(self.reads(first, r"SHA-256 (\S+)").group(1), fingerprint)
        self.reads(first, r"host/uptime +\d.* good")
        second = self.shell(f"{kept}\n{blink}")
        for level in ("true", "false", "true", "false"):
            self.reads(first, rf"lamp .*-> {level}")
        self.assertEqual(second.stdout.read().count("lamp: applied"), 4)


class TheWatchdog(unittest.TestCase):
    def test_it_resets_a_machine_whose_guardian_hangs(self):
        guest = start()
        self.addCleanup(guest.end)
        guest.wait_for("the hardware's watchdog waits for 15 s")
        time.sleep(20)
        self.assertIsNone(guest.process.poll(), "it is fed")
        guest.signal("guardian", "STOP")
        before = time.monotonic()
        guest.process.wait(40 * PATIENCE)  # QEMU is told to end where the machine would start again
        print(f"reset after {time.monotonic() - before:.0f} s", flush=True)


if __name__ == "__main__":
    unittest.main()
