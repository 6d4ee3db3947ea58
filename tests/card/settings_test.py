"""settings.txt: what it says arrives as it is, and what is wrong is told with its line, without what the line has."""
import pathlib
import subprocess
import tempfile
import unittest

SETTINGS = pathlib.Path(__file__).resolve().parents[2] / "packaging/card/settings"
NAMES = "NAME=VALUE, where NAME is ntp, options, sensors, wifi-network, wifi-passphrase or wifi-country, or a comment with # before it"
COUNTRY = "in wifi-country two capital letters for where the device is, such as DE (ISO 3166): its rules for radio hold"
HOME = "wifi-network=home\nwifi-passphrase=correct horse\nwifi-country=DE\n"


class Settings(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory(prefix="signalbox-")
        self.addCleanup(place.cleanup)
        self.place = pathlib.Path(place.name)

    def read(self, text):
        """Its files, what it told, and whether it was content."""
        file, into = self.place / "settings.txt", self.place / "into"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        into.mkdir(exist_ok=True)
        for old in into.iterdir():
            old.unlink()
        done = subprocess.run(["sh", SETTINGS, file, into], text=True, capture_output=True, check=False)
        self.assertEqual(done.stderr, "")
        return {made.name: made.read_text() for made in into.iterdir()}, done.stdout, done.returncode == 0

    def test_that_of_a_new_card_is_right(self):
        self.assertEqual(self.read((SETTINGS.parent / "settings.txt").read_bytes()), ({"ntp": "pool.ntp.org\n", "options": "\n", "sensors": "\n"}, "", True))

    def test_editors_of_any_system(self):
        for text in ("ntp=a b\noptions=--x\n", "ntp=a b\r\noptions=--x\r\n", "\ufeffntp=a b\r\n\r\noptions=--x", "# x\nntp=old\nntp=a b\noptions=--x"):
            with self.subTest(text):
                self.assertEqual(self.read(text), ({"ntp": "a b\n", "options": "--x\n", "sensors": "\n"}, "", True))

    def test_names_and_passphrases_arrive_as_they_are(self):
        for network, passphrase in (("home", "12345678"), (' Häuschen "2"=\\ ', '" $(id) `id` \\'), ("x" * 32, "~" * 63)):
            with self.subTest(network):
                made, told, content = self.read(f"wifi-network={network}\nwifi-passphrase={passphrase}\nwifi-country=DE\n")
                self.assertEqual((told, content), ("", True))
                self.assertIn(f"ssid={network.encode().hex()}\n", made["wifi.conf"])
                self.assertIn(f'psk="{passphrase}"\n', made["wifi.conf"])
                self.assertIn("country=DE\n", made["wifi.conf"])

    def test_sensors(self):
        self.assertEqual(self.read("sensors=lm75@1-0048 sht3x@10-0044\n")[0]["sensors"], "lm75@1-0048 sht3x@10-0044\n")

    def test_a_key_instead_of_a_passphrase(self):
        key = "0123456789abcdefABCDEF" + "0" * 42
        self.assertIn(f"psk={key}\n", self.read(HOME.replace("correct horse", key))[0]["wifi.conf"])

    def test_nobody_else_reads_the_passphrase(self):
        self.read(HOME)
        self.assertEqual((self.place / "into/wifi.conf").stat().st_mode & 0o777, 0o600)

    def test_what_is_wrong_is_told_with_its_line(self):
        long = "a passphrase of 8 to 63 characters or a key of 64 hexadecimal digits, found "
        for text, line, expected in (
                (HOME.replace("home", "ä" * 17), 1, "a network's name of 1 to 32 bytes, found 34"),
                (HOME.replace("correct horse", "secret!"), 2, long + "7 characters"),
                (HOME.replace("correct horse", "secret" * 11), 2, long + "66 characters"),
                (HOME.replace("correct horse", "secret--" * 8), 2, long + "64 other characters"),
                (HOME.replace("correct horse", "secret-ä-secret"), 2, "a passphrase of ASCII characters"),
                (HOME.replace("correct horse", ""), 2, "a wifi-passphrase, as networks without one are open to anybody"),
                ("wifi-network=home\nwifi-country=DE\n", 1, "a wifi-passphrase, as networks without one are open to anybody"),
                (HOME.replace("DE", "de"), 3, COUNTRY), (HOME.replace("DE", "Germany"), 3, COUNTRY),
                ("# mine\nwifi-network=home\nwifi-passphrase=secret-secret\n", 2, COUNTRY),
                ("sensors=lm75@1-0048 sht3x@1-44\n", 1,
                 "chips as NAME@BUS-ADDRESS, the address in four hexadecimal digits, such as sht3x@1-0044"),
                ("wifi-passphrase=secret-secret\n", 1, "the network's name in wifi-network, as there is a wifi-passphrase")):
            with self.subTest(text):
                made, told, _ = self.read(text)
                self.assertEqual(told, f"error: settings.txt line {line}: expected {expected}\n")
                self.assertNotIn("wifi.conf", made)

    def test_lines_that_are_none_are_told_and_the_others_hold(self):
        for line in ("wifi-passphrase: secret", "wifi-password=secret", "secret", " ntp=secret"):
            with self.subTest(line):
                made, told, content = self.read(f"{line}\n{HOME}")
                self.assertEqual((told, content), (f"error: settings.txt line 1: expected {NAMES}\n", True))
                self.assertIn("wifi.conf", made)

    def test_all_that_is_wrong_is_told_at_once(self):
        told = self.read("wifi-network=home\nwifi-passphrase=secret\nwifi-country=\nfoo\n")[1]
        self.assertEqual([line.split(":")[1].strip() for line in told.splitlines()], ["settings.txt line 4", "settings.txt line 2", "settings.txt line 3"])
        self.assertNotIn("secret", told)


if __name__ == "__main__":
    unittest.main(verbosity=2)
