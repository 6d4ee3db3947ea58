"""A package, looked at, and installed into a fresh Debian of this machine's kind. SIGNALBOX_ARCHITECTURE: which (amd64).

There systemctl is replaced by one that writes down what it was told, since no systemd runs in the tree. Maintainer scripts are the same for all
architectures, so a foreign package is installed there too, and its program run by QEMU."""
import gzip
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests/e2e"))
import device as simulator  # noqa: E402
from client import Client  # noqa: E402
from device import Board, eventually  # noqa: E402

ARCHITECTURE = os.environ.get("SIGNALBOX_ARCHITECTURE", "amd64")
EMULATOR = {"arm64": ["qemu-aarch64"], "armhf": ["qemu-arm"], "amd64": []}[ARCHITECTURE]
EXPOSURE_MAX = 1.5  # as tests/e2e/service_test.py has it
DEBIAN = TOP / "build/packages/debian.tar"
# What needs no running systemd is systemctl's own.
SYSTEMCTL = """case "$*" in
  *--root=* | *is-enabled*) SYSTEMD_OFFLINE=1 exec systemctl.own "$@" ;;
  *is-active*) [ -e /active ] ;;
  *" start "*) touch /active ;;
  *" stop "*) rm -f /active ;;
esac
"""
CONFFILES = ("/etc/default/signalbox", "/etc/signalbox/device.json")


def said_by(*command, **more):
    return subprocess.run([str(word) for word in command], text=True, stdout=subprocess.PIPE, check=True, **more).stdout


def build():
    return TOP / said_by(TOP / "packaging/deb/build", ARCHITECTURE).strip().splitlines()[-1]


class Packaged(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.package = build()
        cls.place = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-"))
        cls.addClassCleanup(shutil.rmtree, cls.place, ignore_errors=True)
        cls.tree = cls.place / "tree"
        said_by("dpkg-deb", "-x", cls.package, cls.tree)

    def file(self, name):
        return (self.tree / name).read_text()


class Contents(Packaged):
    def help_of_the_program(self):
        return said_by(*EMULATOR, self.tree / "usr/bin/signalbox", "--help")

    def test_lintian_finds_nothing(self):
        told = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", self.package], text=True, capture_output=True, check=False)
        self.assertEqual(told.returncode, 0, told.stdout + told.stderr)

    def test_the_same_sources_give_the_same_bytes(self):
        first = hashlib.sha256(self.package.read_bytes()).hexdigest()
        self.package.unlink()
        self.addCleanup(os.umask, os.umask(0o077))  # whoever builds
        self.assertEqual(hashlib.sha256(build().read_bytes()).hexdigest(), first)

    def test_everything_is_roots_and_nobody_elses_to_write(self):
        for line in said_by("dpkg-deb", "-c", self.package).splitlines():
            mode, owner = line.split()[:2]
            self.assertEqual(owner, "root/root", line)
            self.assertIn(mode, ("drwxr-xr-x", "-rw-r--r--", "-rwxr-xr-x"), line)

    def test_the_program_needs_nothing_and_runs(self):
        told = said_by("readelf", "-ld", self.tree / "usr/bin/signalbox")
        self.assertNotIn("INTERP", told)
        self.assertNotIn("NEEDED", told)
        self.assertNotIn(str(TOP).encode() + b"/", (self.tree / "usr/bin/signalbox").read_bytes(), "it is the same wherever it is built")
        version = re.search(r"^Version: ([\d.]+)-", said_by("dpkg-deb", "-I", self.package).replace("\n ", "\n"), re.MULTILINE).group(1)
        self.assertEqual(said_by(*EMULATOR, self.tree / "usr/bin/signalbox", "--version"), f"signalbox {version}\n")

    def test_the_manual_has_every_option_and_no_other(self):
        page = gzip.decompress((self.tree / "usr/share/man/man1/signalbox.1.gz").read_bytes()).decode()
        described = {name.replace("\\-", "-") for name in re.findall(r"^\.TP\n\.B (\\-\\-\S+)", page, re.MULTILINE)}
        known = set(re.findall(r"^  (--\S+) ", self.help_of_the_program(), re.MULTILINE))
        self.assertGreater(len(known), 20)
        self.assertEqual(described, known)
        self.assertNotIn("@", page)

    def test_the_completion_knows_them_too(self):
        told = said_by("bash", "-c", "source $0; COMP_WORDS=($1 --devi); COMP_CWORD=1; _signalbox $1; echo ${COMPREPLY[@]}",
                       self.tree / "usr/share/bash-completion/completions/signalbox", self.runnable())
        self.assertEqual(told, "--device-file\n")

    def runnable(self):
        if not EMULATOR:
            return self.tree / "usr/bin/signalbox"
        wrapper = self.place / "signalbox"
        wrapper.write_text(f"#!/bin/sh\nexec {EMULATOR[0]} {self.tree}/usr/bin/signalbox \"$@\"\n")
        wrapper.chmod(0o755)
        return wrapper

    def test_the_program_serves_with_the_packages_device_file(self):
        simulator.SIM = str(self.runnable())
        with Board("--device-file", self.tree / "etc/signalbox/device.json") as board, Client(board) as client:
            self.assertTrue(eventually(lambda: client.channel("host/uptime")["quality"] == "good", 15))
            client.close()

    def test_avahi_tells_the_port_it_serves_at(self):
        service = xml.etree.ElementTree.parse(self.tree / "etc/avahi/services/signalbox.service").find("service")
        self.assertEqual(service.findtext("type"), "_https._tcp")
        self.assertRegex(self.help_of_the_program(), rf"--port +PORT .*\b{service.findtext('port')}\b")

    def unit(self):
        units = self.tree / "usr/lib/systemd/system"
        return "\n".join(path.read_text() for path in (units / "signalbox.service", *sorted((units / "signalbox.service.d").iterdir())))

    def test_the_unit_is_narrow(self):
        whole = self.place / "signalbox.service"
        whole.write_text(self.unit())
        told = subprocess.run(["systemd-analyze", "security", "--offline=true", str(whole)], text=True, capture_output=True, check=False)
        score = re.search(r"Overall exposure level for \S+: ([\d.]+)", told.stdout)
        self.assertIsNotNone(score, told.stdout + told.stderr)
        self.assertLessEqual(float(score.group(1)), EXPOSURE_MAX)

    def test_nothing_in_the_unit_is_misspelt(self):
        whole = self.place / "signalbox.service"
        whole.write_text(self.unit().replace("/usr/bin/signalbox", "/bin/true"))
        told = subprocess.run(["systemd-analyze", "verify", "--man=no", str(whole)], text=True, capture_output=True, check=False)
        self.assertNotIn(whole.name, told.stdout + told.stderr)

    def test_the_units_options_and_files_are_there(self):
        known = self.help_of_the_program()
        start = re.findall(r"^ExecStart=(.+)$", self.unit(), re.MULTILINE)[-1]
        for option in re.findall(r"--\S+", start):
            self.assertIn(f"  {option} ", known)
        for name in re.findall(r"^[A-Z].*?(/etc/\S+)", self.unit(), re.MULTILINE):
            self.assertTrue((self.tree / name[1:]).exists(), name)
        self.assertTrue((self.tree / re.search(r"^Documentation=file:/(\S+)", self.unit(), re.MULTILINE).group(1)).exists())

    def test_the_changelog_is_ours(self):
        told = gzip.decompress((self.tree / "usr/share/doc/signalbox/changelog.Debian.gz").read_bytes()).decode()
        items = re.findall(r"^- (.{20})", (TOP / "CHANGELOG.md").read_text(), re.MULTILINE)
        for item in items:
            self.assertIn(f"  * {item}", told)


@unittest.skipUnless(os.geteuid() == 0, "a tree of another Debian is entered by root alone")
class Installed(Packaged):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not DEBIAN.exists():
            said_by("mmdebstrap", "--quiet", "--variant=essential", "--include=systemd,udev,init-system-helpers", "bookworm", DEBIAN)

        cls.root = cls.place / "debian"
        cls.root.mkdir()
        said_by("tar", "-C", cls.root, "-xf", DEBIAN, "--exclude=./dev/*")
        (cls.root / "dev/null").touch()
        (cls.root / "run/systemd/system").mkdir(parents=True)
        (cls.root / "usr/bin/systemctl").rename(cls.root / "usr/bin/systemctl.own")
        (cls.root / "usr/bin/udevadm").unlink()
        for name, tells in (("systemctl", SYSTEMCTL), ("udevadm", "")):
            tool = cls.root / "usr/bin" / name
            tool.write_text(f'#!/bin/sh\necho "{name} $*" >> /asked\n{tells}')
            tool.chmod(0o755)

    def setUp(self):
        if ARCHITECTURE != "amd64":
            self.inside("dpkg", "--add-architecture", ARCHITECTURE)
        self.addCleanup(self.dpkg, "-P", "signalbox")

    def inside(self, *command):
        told = subprocess.run(["chroot", self.root, *command], text=True, capture_output=True, check=False,
                              env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive"})
        self.assertEqual(told.returncode, 0, told.stdout + told.stderr)
        return told.stdout

    def dpkg(self, *command):
        (self.root / "asked").write_text("")
        self.inside("dpkg", *command)
        return (self.root / "asked").read_text()

    def install(self, package):
        shutil.copy(package, self.root / "package.deb")
        return self.dpkg("--force-confold", "-i", "/package.deb")

    def newer(self):
        """The same package as a later one."""
        work = self.place / "newer"
        shutil.rmtree(work, ignore_errors=True)
        said_by("dpkg-deb", "-R", self.package, work)
        control = work / "DEBIAN/control"
        control.write_text(re.sub(r"^(Version: .*)$", r"\1.1", control.read_text(), flags=re.MULTILINE))
        said_by("dpkg-deb", "--root-owner-group", "-Zgzip", "-b", work, self.place / "newer.deb")
        return self.place / "newer.deb"

    def test_it_starts_with_a_user_of_its_own(self):
        asked = self.install(self.package)
        self.assertRegex(asked, r"systemctl .*start .*signalbox\.service")
        self.assertIn("udevadm control --reload", asked)
        groups = set(self.inside("id", "-Gn", "signalbox").split())
        self.assertEqual(groups, {"signalbox", "gpio", "i2c", "spi", "dialout"})
        self.assertTrue((self.root / "etc/systemd/system/multi-user.target.wants/signalbox.service").is_symlink())
        self.assertEqual(self.inside("dpkg", "--verify", "signalbox"), "")

    def test_the_rules_name_groups_that_are_there(self):
        self.install(self.package)
        known = {line.split(":")[0] for line in (self.root / "etc/group").read_text().splitlines()}
        rules = self.file("usr/lib/udev/rules.d/60-signalbox.rules")
        named = set(re.findall(r'GROUP="(\w+)"|chgrp -R (\w+)', rules))
        self.assertEqual({name for pair in named for name in pair if name} - known, set())
        self.assertEqual(set(re.findall(r"^SupplementaryGroups=(.*)$", Contents.unit(self), re.MULTILINE)), {"gpio i2c spi dialout"})

    def test_an_upgrade_keeps_what_was_set_and_what_was_learnt(self):
        self.install(self.package)
        kept = {"etc/signalbox/device.json": "mine", "etc/default/signalbox": "SIGNALBOX_OPTIONS=--mine", "var/lib/signalbox/authority": "key"}
        for name, text in kept.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(text)
        asked = self.install(self.newer())
        self.assertRegex(asked, r"systemctl .*restart .*signalbox\.service")
        self.assertNotRegex(asked, r"systemctl .*\bstop\b", "it serves until the new one is there")
        for name, text in kept.items():
            self.assertEqual((self.root / name).read_text(), text)

    def test_who_switched_it_off_has_it_off_after_an_upgrade(self):
        self.install(self.package)
        link = self.root / "etc/systemd/system/multi-user.target.wants/signalbox.service"
        link.unlink()
        self.install(self.newer())
        self.assertFalse(link.is_symlink())

    def readme(self, title, last):
        """The commands of README.md behind the line that begins with `title`, up to the one that begins with `last`."""
        found = []
        for line in (TOP / "README.md").read_text().partition(f"\n{title}")[2].splitlines()[1:]:
            found.append(line.partition(" #")[0].removeprefix("sudo ").strip())
            if line.startswith(last):
                return found
        self.fail(f"README.md does not go on from {title} to {last}")

    @unittest.skipIf(EMULATOR, "nothing emulates a process in the tree")
    def test_the_readmes_first_device_file(self):
        self.install(self.package)
        asked_before = (self.root / "asked").read_text()
        for command in self.readme("sudo apt install ./signalbox", "sudo systemctl reload"):
            self.inside("sh", "-c", command)
        self.assertEqual((self.root / "asked").read_text(), asked_before + "systemctl reload signalbox\n")
        self.assertNotEqual((self.root / CONFFILES[1][1:]).read_text(), self.file(CONFFILES[1][1:]))
        self.assertIn("\n  nothing that could be missing\n", self.inside("signalbox", "--doctor", "--device-file", CONFFILES[1]))

    def test_the_readmes_backup(self):
        self.install(self.package)
        state = self.root / "var/lib/signalbox"
        self.inside("install", "-d", "-m", "700", "-o", "signalbox", "-g", "signalbox", "/var/lib/signalbox")
        self.inside("install", "-m", "600", "-o", "signalbox", "-g", "signalbox", "/dev/null", "/var/lib/signalbox/authority")
        (state / "authority").write_text("key")
        (self.root / CONFFILES[0][1:]).write_text("SIGNALBOX_OPTIONS=--mine")
        self.inside("sh", "-e", "-c", "cd /tmp\n" + "\n".join(self.readme("sudo systemctl stop signalbox", "sudo systemctl start")))
        self.dpkg("-P", "signalbox")
        self.assertFalse(state.exists())
        self.install(self.package)
        self.inside("sh", "-e", "-c", "cd /tmp\n" + "\n".join(self.readme("sudo rm -rf /var/lib", "sudo systemctl start")))
        self.assertEqual((state / "authority").read_text(), "key")
        self.assertEqual((self.root / CONFFILES[0][1:]).read_text(), "SIGNALBOX_OPTIONS=--mine")
        told = self.inside("stat", "-c", "%a %U", "/var/lib/signalbox", "/var/lib/signalbox/authority")
        self.assertEqual(told.splitlines(), ["700 signalbox", "600 signalbox"])

    def test_removal_stops_it_and_purge_leaves_nothing(self):
        self.install(self.package)
        state = self.root / "var/lib/signalbox"
        state.mkdir(parents=True)
        (state / "authority").write_text("key")
        asked = self.dpkg("-r", "signalbox")
        self.assertRegex(asked, r"systemctl .*stop .*signalbox\.service")
        self.assertTrue((state / "authority").exists())
        for name in CONFFILES:
            self.assertTrue((self.root / name[1:]).exists(), name)
        self.dpkg("-P", "signalbox")
        left = self.inside("find", "/", "-xdev", "-name", "*signalbox*").split()
        self.assertEqual(left, [])


if __name__ == "__main__":
    unittest.main()
