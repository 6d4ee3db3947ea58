"""The pages of docs/works-with: what each prints works as printed, with the real tool, but for the port."""
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import unittest
import urllib.request

from client import Client
from device import HOST, PATIENCE, TOP, DeviceTest, eventually

PAGES = TOP / "docs/works-with"
NODE_RED = TOP / "tests/npm/node_modules/node-red/red.js"


def printed(page, language):
    """The blocks of a language on a page."""
    return re.findall(rf"```{language}\n(.*?)```", (PAGES / page).read_text(), re.S)


def messages(lines):
    for line in lines:
        if (begin := line.find("{")) >= 0:
            try:
                yield json.loads(line[begin:])
            except json.JSONDecodeError:
                pass


class WorksWith(DeviceTest):
    def setUp(self):
        super().setUp()
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-"))
        self.addCleanup(shutil.rmtree, self.place)
        (self.place / "build").mkdir()
        os.symlink(self.device.state, self.place / "build/state")
        (self.place / "build/token").write_text(self.device.token + "\n")

    def here(self, text):
        self.assertIn("localhost:8443", text)
        return text.replace("localhost:8443", f"localhost:{self.device.port}")

    def watch(self, command, name, text, wanted=("snapshot", "telemetry", "progress", "ack"), **environment):
        """Runs it until it has printed each of these messages; the last ack."""
        (self.place / name).write_text(self.here(text))
        errors = self.place / "errors"
        with errors.open("w") as file, subprocess.Popen([*command, name], cwd=self.place, stdout=subprocess.PIPE, stderr=file, text=True,
                                                        start_new_session=True, env={**os.environ, **environment}) as tool:
            end = lambda: os.killpg(tool.pid, signal.SIGKILL)  # `go run` starts what it made
            late = threading.Timer(60 * PATIENCE, end)
            late.start()
            seen = {}
            for message in messages(tool.stdout):
                if message["payload"].get("outcome") != "authenticated":
                    seen[message["type"]] = message
                if seen.keys() >= set(wanted):
                    break
            late.cancel()
            end()
        self.assertLessEqual(set(wanted), seen.keys(), errors.read_text())
        self.assertEqual(seen["ack"]["payload"], {"outcome": "verified"})

    def test_python(self):
        self.watch(["/usr/bin/python3"], "watch.py", *printed("python.md", "python"))

    def test_node(self):
        os.symlink(TOP / "tests/npm/node_modules", self.place / "node_modules")
        self.watch(["node"], "watch.mjs", *printed("node.md", "js"))

    def test_go(self):
        self.watch(["go", "run"], "watch.go", *printed("go.md", "go"), GO111MODULE="off", GOPATH="/usr/share/gocode",
                   GOCACHE=str(self.place / "cache"), GOFLAGS="-p=1")

    def test_curl(self):
        read, command, stop = printed("curl.md", "sh")
        alias, snapshot, events = read.splitlines(keepends=True)
        alias = "shopt -s expand_aliases\n" + alias
        self.assertIn("samples", json.loads(self.shell(alias + snapshot)))
        told = self.shell(alias + "set +e\n" + events.replace("device", "device --max-time 4") + "test $? = 28")  # curl's own end
        self.assertRegex(told, r"event: snapshot\nid: .*\ndata: ")
        self.assertRegex(told, r"event: telemetry\n")
        self.assertEqual(json.loads(self.shell(alias + command)), {"outcome": "verified"})
        self.assertEqual(json.loads(self.shell(alias + stop)), {"outcome": "stopped"})
        with Client(self.device) as client:
            self.assertEqual(client.ask("reset")["payload"]["outcome"], "reset")
            client.close()

    def test_node_red(self):
        (block,) = printed("node-red.md", "sh")
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            own = probe.getsockname()[1]
        for words, ours in (("npx node-red", f"exec node {NODE_RED} --port {own}"), ("docs/works-with", str(PAGES))):
            self.assertIn(words, block)
            block = block.replace(words, ours)
        log = self.place / "log"
        with log.open("w") as told, subprocess.Popen(["bash", "-ec", self.here(block)], cwd=self.place, stdout=told, stderr=told) as tool:
            try:
                self.node_red(lambda: log.read_text(), f"http://{HOST}:{own}")
            finally:
                tool.kill()

    def node_red(self, told, url):
        """What a person sees and does there: values come, and the button switches; its flow goes on after the device is back."""
        def shows(*words, after=0):
            self.assertTrue(eventually(lambda: all(re.search(its, told()[after:]) for its in words), 30), told())
        shows("Started flows", r"debug:values\]", "type: 'snapshot'", "type: 'telemetry'")
        for name, level in (("heater on", "true"), ("heater off", "false")):
            before = len(told())
            button = next(its["id"] for its in json.loads((PAGES / "node-red-flow.json").read_text()) if its.get("name") == name)
            urllib.request.urlopen(urllib.request.Request(f"{url}/inject/{button}", data=b""), timeout=20 * PATIENCE).close()
            shows(r"debug:how commands end\]", "outcome: 'verified'", after=before)
            with Client(self.device) as client:
                self.assertIs(client.value("cabin/heater"), level == "true")
                client.close()

    def shell(self, block):
        done = subprocess.run(["bash", "-ec", self.here(block)], cwd=self.place, capture_output=True, text=True, timeout=20 * PATIENCE)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout


if __name__ == "__main__":
    unittest.main()
