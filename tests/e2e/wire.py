"""What the link's tests share: the server as a process, certificates, and a client that can do everything wrong."""
import base64
import hashlib
import json
import os
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import time

from device import PATIENCE

LINK_ECHO = os.environ.get("LINK_ECHO", "link_echo")
TEXT, BINARY, CLOSE, PING, PONG, CONTINUATION = 1, 2, 8, 9, 10, 0
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
SPINNING = 100  # turns of a loop that ought to wait: one that does needs a few, any other makes thousands


class Certificates:
    """A server's certificate, another for the same name, one for clients, and a stranger's."""

    def __init__(self):
        self.directory = tempfile.TemporaryDirectory(prefix="link-")
        for name in ("server", "other", "client", "stranger"):
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                            "-days", "30", "-subj", "/CN=" + name, "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                            "-keyout", self.path(name + ".key"), "-out", self.path(name + ".pem")],
                           check=True, capture_output=True)

    def path(self, name):
        return os.path.join(self.directory.name, name)

    def of_server(self):
        return {"cert": self.path("server.pem"), "key": self.path("server.key")}


class Server:
    """link_echo in a process of its own."""

    def __init__(self, open_files=None, **arguments):
        before = (lambda: __import__("resource").setrlimit(7, (open_files, open_files))) if open_files else None
        self.tls = "cert" in arguments
        self.errors = tempfile.TemporaryFile(mode="w+")  # a pipe would fill up
        self.process = subprocess.Popen([LINK_ECHO] + [f"{name}={value}" for name, value in arguments.items()],
                                        stdout=subprocess.PIPE, stderr=self.errors, text=True, preexec_fn=before)
        self.greeting = self.process.stdout.readline().split(maxsplit=1)
        if self.greeting and self.greeting[0] == "port":
            self.port = int(self.greeting[1])

    def ask(self):
        self.process.send_signal(signal.SIGHUP)
        return self.process.stdout.readline()

    def counts(self):
        line = self.ask()
        if line.startswith("error overloaded"):  # too small a region to read the certificate anew
            line = self.process.stdout.readline()
        if not line.startswith("{"):
            raise AssertionError("not counts: " + line)
        return json.loads(line)

    def turns(self, seconds=0.5):
        """How often its loop turns in that time."""
        before = self.counts()["passes"]
        time.sleep(seconds)
        return self.counts()["passes"] - before

    def settled(self, name, value, within=5):
        """Waits until a count has a value, and returns all of them."""
        end = time.monotonic() + within * PATIENCE
        while True:
            counts = self.counts()
            if counts[name] == value or time.monotonic() > end:
                return counts
            time.sleep(0.02)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        out, _ = self.process.communicate(timeout=20 * PATIENCE)
        self.errors.seek(0)
        err = self.errors.read()
        if self.process.returncode != 0:
            raise AssertionError(f"the server ended with {self.process.returncode}: {out} {err}")
        return json.loads(out.strip().splitlines()[-1]), err

    def kill(self):
        self.process.kill()
        self.process.communicate()


def context_for(version=None, **identity):
    """A client that trusts anybody; `identity` is cert and key."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if version:
        context.minimum_version = context.maximum_version = version
    if identity:
        context.load_cert_chain(identity["cert"], identity["key"])
    return context


class Closed(Exception):
    """The server closed the connection without a (further) frame."""


class Client:
    """A connection on which any bytes can be sent."""

    def __init__(self, server, version=None, context=None, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(10 * PATIENCE)
        self.socket.connect(("127.0.0.1", server.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if server.tls:
            self.socket = (context or context_for(version)).wrap_socket(self.socket, server_hostname="localhost")
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def dribble(self, data, pause=0.0):
        for i in range(len(data)):
            self.socket.sendall(data[i:i + 1])
            if pause:
                time.sleep(pause)

    def more(self):
        try:
            data = self.socket.recv(65536)
        except (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
            raise Closed(str(error)) from error
        if not data:
            raise Closed("end")
        self.buffer += data

    def take(self, count):
        while len(self.buffer) < count:
            self.more()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def rest(self):
        """Everything until the server closes."""
        try:
            while True:
                self.more()
        except Closed:
            data, self.buffer = self.buffer, b""
            return data

    # HTTP
    def request(self, head, body=b""):
        self.send(head.replace("\n", "\r\n").encode() + body)
        return self.answer()

    def answer(self):
        while b"\r\n\r\n" not in self.buffer:
            self.more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines[1:])}
        body = self.take(int(headers["content-length"])) if "content-length" in headers else b""
        return int(lines[0].split()[1]), headers, body.decode()

    def handshake_head(self, path="/v1/ws", **changes):
        headers = {"Host": "localhost", "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": KEY,
                   "Sec-WebSocket-Version": "13"}
        for name, value in changes.items():
            headers[name.replace("_", "-")] = value
        lines = [f"{name}: {value}" for name, value in headers.items() if value is not None]
        return f"GET {path} HTTP/1.1\n" + "\n".join(lines) + "\n\n"

    def handshake(self, path="/v1/ws", **changes):
        return self.request(self.handshake_head(path, **changes))

    def open(self, **changes):
        status, headers, body = self.handshake(**changes)
        if status != 101:
            raise AssertionError(f"{status} {body}")
        wanted = base64.b64encode(hashlib.sha1((KEY + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest())
        assert headers["sec-websocket-accept"] == wanted.decode(), headers
        assert headers["upgrade"].lower() == "websocket" and headers["connection"].lower() == "upgrade", headers
        self.headers = headers
        return self

    # frames
    @staticmethod
    def frame(opcode, payload=b"", final=True, reserved=0, masked=True, form=None, key=b"\x11\x22\x33\x44", length=None):
        """`form` picks how the length is written: 7, 16 or 64 bits; `length` lies about it."""
        size = len(payload) if length is None else length
        form = form or (7 if size < 126 else 16 if size < 65536 else 64)
        mask = 0x80 if masked else 0
        head = bytes([(0x80 if final else 0) | reserved << 4 | opcode])
        if form == 7:
            head += bytes([mask | size])
        elif form == 16:
            head += bytes([mask | 126]) + struct.pack(">H", size)
        else:
            head += bytes([mask | 127]) + struct.pack(">Q", size)
        if not masked:
            return head + payload
        stream = (key * (len(payload) // 4 + 1))[:len(payload)]
        hidden = int.from_bytes(payload, "big") ^ int.from_bytes(stream, "big")
        return head + key + hidden.to_bytes(len(payload), "big")

    def say(self, text, **how):
        self.send(self.frame(TEXT, text if isinstance(text, bytes) else text.encode(), **how))

    def read_frame(self):
        first, second = self.take(2)
        size = second & 0x7F
        assert second & 0x80 == 0, "a server must not mask"
        assert first & 0x70 == 0, "reserved bits"
        if size == 126:
            size = struct.unpack(">H", self.take(2))[0]
            assert size >= 126
        elif size == 127:
            size = struct.unpack(">Q", self.take(8))[0]
            assert size >= 65536
        return first & 0x0F, bool(first & 0x80), self.take(size)

    def message(self):
        """The next whole text message; control frames between are kept in `controls`."""
        self.controls = []
        text = b""
        while True:
            opcode, final, payload = self.read_frame()
            if opcode >= 8:
                self.controls.append((opcode, payload))
                if opcode == CLOSE:
                    return None
                continue
            assert opcode == (CONTINUATION if text else TEXT), opcode
            text += payload
            if final:
                return text.decode()

    def close_code(self):
        """Reads until the close frame; its code, 1005 where it has none."""
        while True:
            opcode, _, payload = self.read_frame()
            if opcode == CLOSE:
                return struct.unpack(">H", payload[:2])[0] if payload else 1005

    def part(self):
        """Closes politely."""
        self.send(self.frame(CLOSE, struct.pack(">H", 1000)))
        code = self.close_code()
        self.rest()
        return code
