"""Debian's Prometheus scrapes a device by the configuration in docs/prometheus, and answers what alerts and dashboard ask."""
import json
import pathlib
import re
import socket
import subprocess
import tempfile
import unittest
import urllib.parse
import urllib.request

from client import Client
from device import HOST, PATIENCE, TOP, DeviceTest, eventually
from web import ask, command

FOLDER = TOP / "docs/prometheus"


def promtool(*arguments, text=None):
    return subprocess.run(["promtool", *map(str, arguments)], input=text, capture_output=True, text=True, timeout=30 * PATIENCE)


def free_port():
    with socket.socket() as its:
        its.bind((HOST, 0))
        return its.getsockname()[1]


class Rules(unittest.TestCase):
    def test_promtool_finds_nothing_wrong(self):
        done = promtool("check", "rules", FOLDER / "alerts.yml")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        alerts = re.findall(r"- alert: (\w+)", (FOLDER / "alerts.yml").read_text())
        self.assertIn(f"SUCCESS: {len(alerts)} rules found", done.stdout)
        told = re.findall(r"^\| `(\w+)` \|", (FOLDER / "README.md").read_text(), re.M)
        self.assertEqual(told, alerts)


class Scrape(DeviceTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory(prefix="prometheus-")
        cls.addClassCleanup(folder.cleanup)
        cls.place = pathlib.Path(folder.name)
        with Client(cls.device) as admin:
            token = admin.ask("issueToken", {"name": "prometheus", "scope": "viewer"})["payload"]["token"]
            admin.close()
        (cls.place / "signalbox.token").write_text(token)
        (cls.place / "signalbox-ca.crt").write_text(ask(cls.device, "/ca.crt", token=None).body)
        (cls.place / "alerts.yml").write_text((FOLDER / "alerts.yml").read_text())
        text = (FOLDER / "prometheus.yml").read_text().replace("bench.local:8443", f"localhost:{cls.device.port}")
        (cls.place / "prometheus.yml").write_text(text.replace("scrape_interval: 15s", "scrape_interval: 1s\n  evaluation_interval: 1s"))
        cls.port = free_port()
        cls.prometheus = subprocess.Popen(
            ["prometheus", f"--config.file={cls.place}/prometheus.yml", f"--storage.tsdb.path={cls.place}/data",
             f"--web.listen-address={HOST}:{cls.port}", "--log.level=warn"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cls.addClassCleanup(cls.prometheus.wait)
        cls.addClassCleanup(cls.prometheus.terminate)

    def get(self, path, **query):
        try:
            with urllib.request.urlopen(f"http://{HOST}:{self.port}{path}?{urllib.parse.urlencode(query)}", timeout=10) as answer:
                return json.loads(answer.read())["data"]
        except OSError as error:
            self.assertIsNone(self.prometheus.poll(), "Prometheus ended")
            return {"result": [], "error": str(error)}

    def query(self, text):
        return self.get("/api/v1/query", query=text)["result"]

    def value(self, text):
        found = self.query(text)
        return float(found[0]["value"][1]) if len(found) == 1 else None

    def waits_for(self, text, wanted, seconds=20):
        self.assertTrue(eventually(lambda: self.value(text) == wanted, seconds, every=0.3), (text, self.query(text)))

    def test_the_format_is_right(self):
        done = promtool("check", "metrics", text=ask(self.device, "/metrics").body)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)

    def test_it_scrapes_and_answers(self):
        self.waits_for('up{job="signalbox"}', 1)
        command(self.device, "cabin/fan", 37)
        self.waits_for('signalbox_channel_value{channel="cabin/fan"}', 37)
        self.assertGreaterEqual(self.value('signalbox_commands_total{outcome="applied"}'), 1)

    def test_every_question_of_the_dashboard_is_one(self):
        self.waits_for('up{job="signalbox"}', 1)
        eventually(lambda: self.query("rate(signalbox_loop_pass_seconds_count[5m])"), 20)
        dashboard = json.loads((FOLDER / "dashboard.json").read_text())
        questions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
        self.assertGreater(len(questions), 10)
        for question in questions:
            asked = question.replace("$instance", ".*").replace("$channel", ".*")
            with self.subTest(asked):
                found = self.query(asked)
                if not asked.endswith("> 0"):  # of those nothing need have happened
                    self.assertTrue(found)
        names = {its["query"] for its in dashboard["templating"]["list"]}
        self.assertIn("label_values(signalbox_info, instance)", names)

    def test_a_stop_is_an_alert(self):
        self.waits_for('up{job="signalbox"}', 1)
        with Client(self.device) as admin:
            admin.ask("stop")
            firing = lambda: [its["labels"]["alertname"] for its in self.get("/api/v1/alerts").get("alerts", []) if its["state"] == "firing"]
            self.assertTrue(eventually(lambda: "DeviceStopped" in firing(), 20, every=0.3), firing())
            admin.ask("reset")
            self.assertTrue(eventually(lambda: "DeviceStopped" not in firing(), 20, every=0.3))
            admin.close()


if __name__ == "__main__":
    unittest.main()
