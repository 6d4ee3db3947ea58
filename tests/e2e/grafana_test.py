"""docs/works-with/grafana.md: the settings it prints, asked as Grafana's data sources ask (tests/e2e/grafana.go)."""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import time
import unittest

from client import Client
from device import PATIENCE, TOP, DeviceTest, eventually

HISTORY, STREAM = re.findall(r"```text\n(.*?)```", (TOP / "docs/works-with/grafana.md").read_text(), re.S)


class Grafana(DeviceTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory(prefix="grafana-")
        cls.addClassCleanup(folder.cleanup)
        cls.place = pathlib.Path(folder.name)
        cls.asks = cls.place / "asks"
        own = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": str(cls.place / "cache"), "GOFLAGS": "-p=1"}
        subprocess.run(["go", "build", "-o", cls.asks, TOP / "tests/e2e/grafana.go"], env={**os.environ, **own}, check=True, cwd=cls.place)
        with Client(cls.device) as admin:
            cls.token = admin.ask("issueToken", {"name": "grafana", "scope": "read:#"})["payload"]["token"]
            admin.close()

    def start(self, *words):
        """A data source that trusts whom the machine trusts, the device's authority among them."""
        trusts = {**os.environ, "SSL_CERT_FILE": str(self.device.state / "certificate")}
        return subprocess.Popen([self.asks, *words], env=trusts, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def here(self, text):
        self.assertIn("localhost:8443", text)
        return text.replace("localhost:8443", f"localhost:{self.device.port}")

    def rows(self, url, rows):
        """What a panel gets of the last minute."""
        now = int(time.time() * 1000)
        for name, value in (("__from", now - 60_000), ("__to", now), ("__interval_ms", 1_000)):
            url = url.replace(f"${{{name}}}", str(value))
        self.assertNotIn("$", url)
        with self.start("infinity", self.token, self.here(url)) as asks:
            told, errors = asks.communicate(timeout=10 * PATIENCE)
        self.assertEqual((asks.returncode, errors), (0, ""))
        found = json.loads(told)
        for step in rows.split("."):
            found = found[int(step)] if step.isdigit() else found[step] if step in found else []
        return found

    def test_infinity(self):
        pairs = re.findall(r"^(https://\S+)\nrows (\S+), columns (.*)$", HISTORY, re.M)
        self.assertEqual(len(pairs), 2)
        for url, rows, columns in pairs:
            with self.subTest(url):
                self.assertTrue(eventually(lambda: self.rows(url, rows)))
                names = set(re.sub(r" \(.*?\)", "", columns).split(", "))
                for row in self.rows(url, rows):
                    self.assertLessEqual(names, row.keys())
                    self.assertLess(abs(row["at"] / 1000 - time.time()), 3600)

    def test_live(self):
        settings = dict(re.findall(r"^(\S+(?: \S+)?) {2,}(.*)$", STREAM, re.M))
        self.assertEqual(settings.keys(), {"Host", "Query parameters", "Header", "Path"})
        self.assertEqual(settings["Header"], "Authorization: Bearer TOKEN")
        with self.start("stream", self.token, self.here(settings["Host"]), settings["Path"], *settings["Query parameters"].split()) as asks:
            messages = [json.loads(asks.stdout.readline()) for _ in range(3)]
            asks.kill()
            asks.communicate()
        times = [its["time"] for its in messages]
        self.assertEqual(times, sorted(set(times)))
        for its in messages:
            self.assertIsInstance(its["cabin/temperature"], (int, float))


if __name__ == "__main__":
    unittest.main()
