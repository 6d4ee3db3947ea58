"""A client of the protocol, and a bystander who must notice nothing."""
import statistics
import threading
import time

from device import PATIENCE, eventually
from ws import Closed, Socket

FINAL = ("ack", "error", "pong", "description", "snapshot", "history", "journal", "presence",
         "whoami", "token", "tokens", "ticket")


class Client(Socket):
    """Knows requests and their answers."""

    def __init__(self, device, *, token=True, **options):
        super().__init__(device, token=device.token if token is True else token, **options)
        self.count = 0
        self.welcome = self.receive()
        assert self.welcome["type"] == "welcome", self.welcome

    def request(self, kind, payload=None, msg_id=None):
        """Sends; gives the msgId to wait for."""
        self.count += 1
        msg_id = msg_id or f"t-{self.count}"
        self.send({"type": kind, "msgId": msg_id, "payload": payload or {}})
        return msg_id

    def answer(self, msg_id, seconds=5):
        """The final answer to that request."""
        return self.until(lambda its: its.get("replyTo") == msg_id and its["type"] in FINAL, seconds)

    def ask(self, kind, payload=None, seconds=5):
        return self.answer(self.request(kind, payload), seconds)

    def ask_text(self, text, seconds=5):
        """For messages that have no msgId: the next answer."""
        self.send(text)
        return self.until(lambda its: its["type"] in FINAL, seconds)

    def command(self, channel, value=None, **more):
        payload = {"channel": channel, **more}
        if value is not None:
            payload["value"] = value
        return self.ask("command", payload, seconds=10)

    def channel(self, path):
        return self.ask("describe", {"path": path})["payload"]["channels"][0]

    def value(self, path):
        return self.channel(path)["value"]

    def drain(self, seconds):
        """All messages that come within this time and those that lie there."""
        end = time.monotonic() + seconds
        found, self.others = self.others, []
        while (left := end - time.monotonic()) > 0:
            try:
                found.append(self.receive(left / PATIENCE))
            except TimeoutError:
                break
        return found

    def closes(self, seconds=5):
        """Reads until the connection is closed: (close code, the messages before it)."""
        found, self.others = self.others, []
        end = time.monotonic() + seconds * PATIENCE
        try:
            while True:
                found.append(self.receive(max(end - time.monotonic(), 0) / PATIENCE))
        except Closed as closed:
            return closed.code, found


class Bystander(threading.Thread):
    """Pings every 20 ms beside whatever else happens, and keeps how long each pong took."""

    def __init__(self, device):
        super().__init__(daemon=True)
        self.client = Client(device)
        self.stopping = threading.Event()
        self.latencies, self.failure = [], None

    def run(self):
        try:
            while not self.stopping.wait(0.02):
                before = time.monotonic()
                answer = self.client.ask("ping", {"data": str(len(self.latencies))})
                assert answer["payload"].get("data") == str(len(self.latencies)), answer
                self.latencies.append(time.monotonic() - before)
        except Exception as failure:
            self.failure = failure

    def __enter__(self):
        self.start()
        return self

    def median(self, first, last=None):
        return statistics.median(self.latencies[first:last])

    def __exit__(self, kind, *_):
        eventually(lambda: len(self.latencies) > 3 or self.failure)
        self.stopping.set()
        self.join(10 * PATIENCE)
        if self.failure is None:
            assert self.client.close() == 1000
        else:
            self.client.stream.close()
        if kind is None:
            assert self.failure is None, f"the bystander noticed: {self.failure!r}"
            assert self.latencies and max(self.latencies) < 1 * PATIENCE, f"a pong took {max(self.latencies):.3f} s"
