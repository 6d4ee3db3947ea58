"""One client for both dialects: the same requests, and answers told alike."""
import json
import time

from device import PATIENCE
from ws import Socket

PROTOCOLS = {"envelope": "signalbox.v1", "jsonrpc": "jsonrpc"}
FINAL = ("ack", "error", "pong", "description", "snapshot", "history", "journal", "presence",
         "whoami", "token", "tokens", "ticket")


class Told:
    """What the device told: its type, its payload, and which request it belongs to."""

    def __init__(self, dialect, message):
        self.message = message
        if dialect == "envelope":
            self.type, self.payload, self.reply_to = message["type"], dict(message["payload"]), message.get("replyTo")
            self.is_final = self.type in FINAL
            return
        self.is_final = "method" not in message
        self.payload = dict(message.get("params") or message.get("result") or message["error"]["data"])
        own_type = self.payload.pop("type", None)
        self.type = message.get("method") or ("error" if "error" in message else own_type)
        self.reply_to = self.payload.pop("replyTo", None) if "method" in message else message["id"]
        self.payload.pop("traceId", None)

    @property
    def reason(self):
        return self.payload.get("reason") if self.type == "error" else None

    def __repr__(self):
        return json.dumps(self.message)[:400]


class Speaker(Socket):
    """Remembers all that was told, in `heard`, and what it asked, in `asked`."""

    def __init__(self, device, dialect, *, token=True, **options):
        super().__init__(device, token=device.token if token is True else token, protocols=(PROTOCOLS[dialect],), **options)
        self.dialect, self.heard, self.asked, self.count = dialect, [], [], 0
        self.until(lambda its: its.type == "welcome")

    def next(self, seconds=5):
        told = Told(self.dialect, self.receive(seconds))
        self.heard.append(told)
        return told

    def until(self, wanted, seconds=5):
        end = time.monotonic() + seconds * PATIENCE
        while True:
            told = self.next(max(end - time.monotonic(), 0) / PATIENCE)
            if wanted(told):
                return told

    def message(self, kind, payload, identifier):
        """A request as this dialect writes it."""
        if self.dialect == "envelope":
            return {"type": kind, "msgId": identifier, "payload": payload}
        return {"jsonrpc": "2.0", "id": identifier, "method": kind, "params": payload}

    def request_text(self, kind, payload_text, identifier):
        """The same with a payload that may be no right JSON."""
        return json.dumps(self.message(kind, 0, identifier))[:-2] + payload_text + "}"

    def new_id(self):
        self.count += 1
        return f"{self.dialect}-{self.count}"

    def ask(self, kind, payload=None, seconds=10):
        """The final answer."""
        identifier = self.new_id()
        message = self.message(kind, payload or {}, identifier)
        self.asked.append(message)
        self.send(message)
        return self.until(lambda its: its.is_final and its.reply_to == identifier, seconds)
