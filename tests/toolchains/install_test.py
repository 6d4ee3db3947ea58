"""toolchains/install on machines of every kind: the package tools are small scripts of ours, and nothing is installed."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = "# a comment\nbuild cmake # the build\nbuild g++\ntest nodejs unless=node-that-is-not-there\ntest npm unless=bash\n"

# Each knows the machine by the files beside it: installed, root, sudo-right, stale, log.
TOOLS = {
    "dpkg-query": 'shift 3; for p; do if grep -qx -- "$p" installed; then echo "installed $p"; fi; done; true',
    "apt-cache": "true",
    "apt-get": 'echo "apt-get $*" >> log; case "$*" in *update*) rm -f stale;; esac; test ! -f stale || exit 100; '
               'case "$*" in *install*) for p; do case $p in -*|install|*::*) ;; *) echo "$p" >> installed;; esac; done;; esac',
    "id": "if test -f root; then echo 0; else echo 1000; fi",
    "sudo": 'test -f sudo-right || exit 1; if test "$1" != -n; then echo sudo >> log; exec "$@"; fi',
}


class InstallTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="install-"))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "toolchains").mkdir()
        (self.folder / "bin").mkdir()
        shutil.copy(TOP / "toolchains/install", self.folder / "toolchains/install")
        self.write("toolchains/packages.txt", PACKAGES)
        self.write("installed", "")
        self.write("log", "")
        for name, script in TOOLS.items():
            self.write(f"bin/{name}", f"#!/bin/bash\ncd '{self.folder}'\n{script}\n")
            (self.folder / "bin" / name).chmod(0o755)

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def read(self, name):
        return (self.folder / name).read_text()

    def install(self, *groups, **environment):
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        return subprocess.run([self.folder / "toolchains/install", *groups], env={**os.environ, "PATH": path, **environment},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def test_nothing_missing_says_nothing(self):
        self.write("installed", "cmake\ng++\n")
        done = self.install("build")
        self.assertEqual((done.returncode, done.stdout, done.stderr, self.read("log")), (0, "", "", ""))

    def test_root_installs_what_is_missing_only(self):
        self.write("root", "")
        self.write("installed", "cmake\n")
        done = self.install("build")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("1 missing: g++\n", done.stdout)
        self.assertIn(" g++\n", self.read("log"))
        self.assertNotIn("cmake", self.read("log"))
        self.assertNotIn("update", self.read("log"))

    def test_sudo_that_asks_nothing_is_used(self):
        self.write("sudo-right", "")
        self.assertEqual(self.install("build").returncode, 0)
        self.assertIn("sudo\n", self.read("log"))

    def test_without_rights_says_what_and_how(self):
        done = self.install("build", "test")
        self.assertEqual(done.returncode, 1)
        self.assertIn("  cmake\n  g++\n  nodejs\n", done.stderr)
        self.assertIn("apt-get install --no-install-recommends cmake g++ nodejs\n", done.stderr)
        self.assertEqual(self.read("log"), "")

    def test_a_command_that_is_there_spares_its_package(self):
        self.write("root", "")
        self.install("test")
        self.assertEqual(self.read("installed").split(), ["nodejs"])

    def test_old_lists_are_read_anew(self):
        self.write("root", "")
        self.write("stale", "")
        self.assertEqual(self.install("build").returncode, 0)
        self.assertIn("update", self.read("log"))
        self.assertEqual(self.read("installed").split(), ["cmake", "g++"])

    def test_what_cannot_be_installed_is_told(self):
        self.write("root", "")
        self.write("bin/apt-get", "#!/bin/bash\necho 'E: no network'\nexit 100\n")
        done = self.install("build")
        self.assertEqual(done.returncode, 1)
        self.assertIn("E: no network", done.stdout)
        self.assertIn("could not install cmake g++", done.stderr)

    def test_may_be_switched_off(self):
        done = self.install("build", SIGNALBOX_INSTALL="no")
        self.assertEqual((done.returncode, done.stdout, self.read("log")), (0, "", ""))

    def test_unknown_groups_are_told(self):
        done = self.install("attic")
        self.assertEqual(done.returncode, 2)
        self.assertIn("no group 'attic'", done.stderr)

    def test_the_real_list_is_well_formed(self):
        for line in (TOP / "toolchains/packages.txt").read_text().splitlines():
            if line and not line.startswith("#"):
                self.assertRegex(line, r"^(build|unit|test|fuzz|arm|kernel|card|packages|bench) +[a-z0-9][a-z0-9.+-]+ +(unless=\S+ +)?# \S")


if __name__ == "__main__":
    unittest.main()
