"""toolchains/foreign: a package of another architecture, unpacked beside the build; the archive is a folder of ours."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
# As apt-get does it: only after an update it knows the archive's packages, and puts one into the current directory.
APT = '''#!/bin/bash
echo "$*" >> '{folder}/log'
case "$*" in
  *update*) touch '{folder}/updated' ;;
  *download*) test -f '{folder}/updated' && cp '{folder}'/archive/"${{!#}}"_*.deb . || {{ echo "E: Unable to locate ${{!#}}"; exit 100; }} ;;
esac
'''


class ForeignTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="foreign-"))
        self.addCleanup(shutil.rmtree, self.folder)
        for name in ("toolchains", "bin", "archive", "package/DEBIAN", "package/usr/lib"):
            (self.folder / name).mkdir(parents=True)
        shutil.copy(TOP / "toolchains/foreign", self.folder / "toolchains/foreign")
        (self.folder / "bin/apt-get").write_text(APT.format(folder=self.folder))
        (self.folder / "bin/apt-get").chmod(0o755)
        (self.folder / "package/DEBIAN/control").write_text(
            "Package: libthing-dev\nVersion: 1\nArchitecture: arm64\nMaintainer: nobody\nDescription: a thing\n")
        (self.folder / "package/usr/lib/libthing.a").write_text("of ARM\n")
        subprocess.run(["dpkg-deb", "--build", self.folder / "package", self.folder / "archive/libthing-dev_1_arm64.deb"],
                       check=True, capture_output=True)

    def foreign(self, *arguments):
        return subprocess.run([self.folder / "toolchains/foreign", *arguments], capture_output=True, text=True, env={
            **os.environ, "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", "SIGNALBOX_CACHE": str(self.folder / "cache")})

    def test_unpacks_once_and_installs_nothing(self):
        done = self.foreign("arm64", "libthing-dev")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual((self.folder / "build/foreign/arm64/usr/lib/libthing.a").read_text(), "of ARM\n")
        log = (self.folder / "log").read_text()
        self.assertNotIn("install", log)
        self.assertIn("APT::Architecture=arm64", log)
        done = self.foreign("arm64", "libthing-dev")
        self.assertEqual((done.returncode, done.stdout, (self.folder / "log").read_text()), (0, "", log))

    def test_what_is_not_there_is_told(self):
        done = self.foreign("arm64", "libnothing-dev")
        self.assertEqual(done.returncode, 1)
        self.assertIn("does not give 'libnothing-dev' of arm64", done.stderr)

    def test_usage(self):
        for arguments in ((), ("arm64",), ("--help",)):
            done = self.foreign(*arguments)
            self.assertEqual(done.returncode, 2)
            self.assertIn("usage: toolchains/foreign ARCHITECTURE [COMPONENT/]PACKAGE…", done.stderr)


if __name__ == "__main__":
    unittest.main()
