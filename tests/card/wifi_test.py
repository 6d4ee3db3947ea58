"""A card by Wi-Fi: it is claimed over the air, comes back when the network does, and says why it is not in."""
import re

import radio
from card import SLOT_AT
from client import Client
from device import eventually
from on_a_card import OnACard

NAME, PASSPHRASE = 'Häuschen "2"', "correct $horse"
SETTINGS = f"wifi-network={NAME}\r\nwifi-passphrase={PASSPHRASE}\r\nwifi-country=DE\r\n"
NET_ADMIN, NET_RAW = 1 << 12, 1 << 13  # linux/capability.h
IS_IN, NOT_THERE = "card: Wi-Fi: wlan0 is in the network", "error: Wi-Fi: no network in reach is called what settings.txt has as wifi-network"
REFUSED = "error: Wi-Fi: the network refuses what settings.txt has as wifi-passphrase"


class WiFi(OnACard):
    def start_with_air(self, *more, settings=SETTINGS):
        """Without a cable, and with nobody else on the air yet."""
        networks = {"wpa2": radio.network(NAME, PASSPHRASE), "wpa3": radio.network(NAME, PASSPHRASE, "SAE"),
                    "hidden": radio.network(NAME, PASSPHRASE, hidden=True)}
        self.card.write(SLOT_AT[2], self.card.update(radio.first_with_air(self.card, networks)).read_bytes())
        self.set(settings)
        machine = self.start(*more)
        machine.take_orders()
        machine.order("sh /radio/air", 60)
        return machine

    def open(self, machine, network):
        machine.order(radio.OPEN.format(network), 30)

    def test_it_is_claimed_over_the_air(self):
        machine = self.start_with_air()
        self.open(machine, "wpa2")
        machine.wait_for(IS_IN, 60)
        machine.wait_for("card: wlan0 has the address 10.0.2", 60)
        machine.claim()
        self.serves(machine)
        with self.subTest("what speaks to the network may do nothing else"):
            told = "\n".join(machine.order("cat /proc/$(pidof wpa_supplicant)/status"))
            self.assertEqual(re.search(r"^Uid:\s+(.*)$", told, re.M).group(1).split(), ["1003"] * 4)
            for kind in ("Eff", "Bnd"):
                self.assertEqual(int(re.search(rf"^Cap{kind}:\s+(\w+)$", told, re.M).group(1), 16), NET_ADMIN | NET_RAW)
            self.assertIn("NoNewPrivs:\t1", told)
        with self.subTest("the network goes and comes back, with WPA3"):
            before = len(machine.lines)
            machine.order(radio.CLOSE)
            machine.wait_for("card: Wi-Fi: wlan0 has lost the network", 60, before)
            self.open(machine, "wpa3")
            machine.wait_for(IS_IN, 90, before)
            with Client(machine) as client:
                self.assertTrue(eventually(lambda: client.channel("host/uptime")["quality"] == "good"))
        self.assertFalse(any(PASSPHRASE in line for line in machine.lines), "the passphrase is on the console")

    def test_beside_a_cable(self):
        """Both are addresses of the device; the cable is the way out. The network hides its name."""
        machine = self.start_with_air("-netdev", "user,id=m,net=10.0.3.0/24", "-device", "virtio-net-pci,netdev=m,romfile=")
        machine.wait_for("card: eth1 has the address 10.0.3", 60)
        self.open(machine, "hidden")
        machine.wait_for("card: wlan0 has the address 10.0.2", 90)
        told = "\n".join(machine.order("ip route show"))
        self.assertRegex(told, "default via 10.0.3.2 dev eth1 .*metric 100")
        self.assertRegex(told, "default via 10.0.2.2 dev wlan0 .*metric 600")
        self.assertTrue(eventually(lambda: any(re.fullmatch(r"\d+ \d+", line) for line in machine.order("pidof mdnsd"))), "each link is announced")

    def test_why_it_is_not_in(self):
        """It goes on trying: the network may come yet."""
        machine = self.start_with_air(settings=SETTINGS.replace("correct", "wrong"))
        machine.wait_for(NOT_THERE, 90)
        self.open(machine, "wpa2")
        machine.wait_for(REFUSED, 60)
        machine.cut()
        again = self.start_with_air(settings=SETTINGS.replace("correct", "wrong"))
        self.open(again, "wpa3")
        again.wait_for(REFUSED, 120)
        self.assertFalse(any("horse" in line for line in machine.lines + again.lines), "the passphrase is on the console")

    def test_wrong_settings_leave_the_cable(self):
        self.set(SETTINGS.replace(PASSPHRASE, "short"))
        machine = self.start()
        machine.wait_for("card: error: settings.txt line 2: expected a passphrase of 8 to 63 characters or a key of 64 hexadecimal digits, found 5 characters")
        machine.claim()
        self.serves(machine)
        self.assertIn("settings.txt", self.card.names())

    def test_no_radio_is_told_and_leaves_the_cable(self):
        self.set(SETTINGS)
        machine = self.start()
        machine.claim()
        self.serves(machine)
        machine.wait_for("card: error: Wi-Fi: this board has no radio that its kernel knows", 90)
