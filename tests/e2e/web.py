"""Requests of HTTP, as scripts and browsers make them: by Python's own client and by curl."""
import http.client
import json
import os
import subprocess
import time

from device import HOST, PATIENCE


class Told:
    """An answer, whole."""

    def __init__(self, answer, body):
        self.status, self.headers, self.body = answer.status, {name.lower(): value for name, value in answer.getheaders()}, body

    def json(self):
        return json.loads(self.body)


def connect(device):
    return http.client.HTTPSConnection("localhost" if getattr(device, "host", HOST) == HOST else device.host, device.port,
                                       context=device.trust(), timeout=10 * PATIENCE)


def ask(device, path, *, method="GET", token=True, body=None, headers=()):
    """The answer to one request; `token`: another one than the device's administrator's, None: none."""
    sent = {"Authorization": f"Bearer {device.token if token is True else token}"} if token else {}
    if body is not None and not isinstance(body, (str, bytes)):
        body = json.dumps(body)
    if body is not None:
        sent["Content-Type"] = "application/json"
    connection = connect(device)
    try:
        connection.request(method, path, body, sent | dict(headers))
        answer = connection.getresponse()
        return Told(answer, answer.read().decode())
    finally:
        connection.close()


def command(device, channel, value=None, **more):
    body = {"channel": channel, **more} | ({} if value is None else {"value": value})
    return ask(device, "/v1/command", method="POST", body=body)


def curl(device, *arguments, environment=(), seconds=10):
    """What curl does; its own exit code and output."""
    return subprocess.run(["curl", "-sS", "--cacert", str(device.certificate), *map(str, arguments)], capture_output=True, text=True,
                          timeout=seconds * PATIENCE, env=os.environ | dict(environment))


class Events:
    """A reader of server-sent events (HTML Living Standard section 9.2)."""

    def __init__(self, device, query="", *, path="/v1/events", token=True, last=None, receive_buffer=None):
        self.connection = connect(device)
        self.connection.connect()
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last else {})
        if token:
            headers["Authorization"] = f"Bearer {device.token if token is True else token}"
        self.connection.request("GET", path + query, headers=headers)
        self.answer = self.connection.getresponse()
        self.status, self.last, self.comments, self.retry = self.answer.status, last, 0, None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.answer.close()
        self.connection.close()

    def next(self):
        """(type, payload) of the next event; None at the end of the stream."""
        kind, data = "message", []
        while line := self.answer.readline():
            line = line.decode().rstrip("\n")
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if line.startswith(":"):
                self.comments += 1
            elif name == "event":
                kind = value
            elif name == "data":
                data.append(value)
            elif name == "id":
                self.last = value
            elif name == "retry":
                self.retry = int(value)
            elif not line and data:
                return kind, json.loads("\n".join(data))
        return None

    def until(self, wanted, seconds=10):
        """The first event that is wanted."""
        end = time.monotonic() + seconds * PATIENCE
        while time.monotonic() < end:
            event = self.next()
            assert event is not None, "the stream ended"
            if wanted(*event):
                return event
        raise AssertionError("it did not come")
