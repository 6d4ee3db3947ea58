"""What tests of a card in a machine have in common."""
import unittest

from card import Card, Machine
from client import Client
from device import eventually

GOOD = {"slot": "2", "trial": "0", "tries": "0", "valid": "1"}


class OnACard(unittest.TestCase):
    def setUp(self):
        self.card = Card()
        self.addCleanup(self.card.end)

    def start(self, *more, **how):
        machine = Machine(self.card, *more, **how)
        self.addCleanup(machine.cut)
        return machine

    def set(self, text):
        """In settings.txt."""
        settings = self.card.folder / "settings.txt"
        settings.write_bytes(text.encode())
        self.card.put(settings, "settings.txt")

    def serves(self, machine):
        """To whom it knew before."""
        machine.certificate.stat()
        with Client(machine) as client:
            self.assertTrue(eventually(lambda: client.channel("host/uptime")["quality"] == "good"))

    def other_update(self):
        """One that runs as well, and takes orders."""
        return self.card.update(self.card.first_with_orders())
