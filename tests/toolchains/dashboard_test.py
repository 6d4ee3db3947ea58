"""toolchains/dashboard on machines of every kind: npm is a small script of ours, and nothing is fetched."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]

# Notes how it was called; fails where a file says so.
NPM = """#!/bin/sh
echo "$1" >> "$CALLS"
if [ -e "$CALLS.$1-fails" ]; then exit 1; fi
case $1 in
  ci) sleep 0.3; mkdir -p node_modules && touch node_modules/.package-lock.json ;;
  run) mkdir -p dist && touch dist/index.html.gz ;;
esac
"""


class Dashboard(unittest.TestCase):
    def setUp(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-"))
        self.addCleanup(shutil.rmtree, folder)
        self.page, self.tools, self.calls = folder / "firmware/web/dashboard", folder / "bin", folder / "calls"
        for path in (self.page / "src", folder / "firmware/web/client/src", folder / "toolchains", self.tools):
            path.mkdir(parents=True)
        self.script = shutil.copy(TOP / "toolchains/dashboard", folder / "toolchains/dashboard")
        for file in (self.page / "package-lock.json", self.page / "src/main.tsx", folder / "firmware/web/client/src/index.ts"):
            file.touch()
        self.past(folder)
        for name in ("bash", "env", "dirname", "find", "flock", "mkdir", "sleep", "touch", "sh"):
            (self.tools / name).symlink_to(shutil.which(name))
        npm = self.tools / "npm"
        npm.write_text(NPM)
        npm.chmod(0o755)

    @staticmethod
    def past(folder):
        """What lies there was made a minute ago."""
        for path in folder.rglob("*"):
            os.utime(path, (time.time() - 60,) * 2)

    def environment(self):
        return {"PATH": str(self.tools), "CALLS": str(self.calls)}

    def run_it(self):
        self.calls.unlink(missing_ok=True)
        done = subprocess.run([self.script], env=self.environment(), capture_output=True, text=True, check=False)
        return done, self.calls.read_text().split() if self.calls.exists() else []

    def test_it_is_built_once_and_again_where_something_changed(self):
        done, calls = self.run_it()
        self.assertEqual((done.returncode, calls), (0, ["ci", "run"]), done.stderr)
        done, calls = self.run_it()
        self.assertEqual((done.returncode, done.stdout, done.stderr, calls), (0, "", "", []))
        self.past(self.page)
        (self.page.parent / "client/src/index.ts").touch()
        self.assertEqual(self.run_it()[1], ["run"], "what it is made of is there")
        self.past(self.page)
        (self.page / "package-lock.json").touch()
        self.assertEqual(self.run_it()[1], ["ci", "run"])

    def test_two_at_once_build_it_once(self):
        both = [subprocess.Popen([self.script], env=self.environment(), stdout=subprocess.DEVNULL) for _ in range(2)]
        self.assertEqual([its.wait() for its in both], [0, 0])
        self.assertEqual(self.calls.read_text().split(), ["ci", "run"])

    def test_without_npm_it_is_left_out(self):
        (self.tools / "npm").unlink()
        done, _ = self.run_it()
        self.assertEqual(done.returncode, 0)
        self.assertIn("there is no npm here; the page for browsers is left out", done.stderr)
        self.assertFalse((self.page / "dist").exists())

    def test_without_a_network_it_is_left_out(self):
        pathlib.Path(f"{self.calls}.ci-fails").touch()
        done, calls = self.run_it()
        self.assertEqual((done.returncode, calls), (0, ["ci"]))
        self.assertIn("npm could not fetch", done.stderr)

    def test_a_mistake_in_it_is_told(self):
        pathlib.Path(f"{self.calls}.run-fails").touch()
        self.assertNotEqual(self.run_it()[0].returncode, 0)


if __name__ == "__main__":
    unittest.main()
