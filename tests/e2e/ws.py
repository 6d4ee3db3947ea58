"""A WebSocket client that can also misbehave: every frame and byte is the test's own choice (RFC 6455)."""
import base64
import hashlib
import json
import os
import select
import socket
import ssl
import struct
import time

from device import HOST, PATIENCE

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


class Closed(Exception):
    """The connection is over; code 1006 where no close frame came."""

    def __init__(self, code, reason=""):
        super().__init__(f"closed with {code} {reason}")
        self.code, self.reason = code, reason


class Refused(Exception):
    """The handshake was answered with something else than 101."""

    def __init__(self, answer):
        super().__init__(f"{answer.status} {answer.body}")
        self.answer = answer


class Answer:
    """An HTTP answer."""

    def __init__(self, head, body):
        lines = head.decode("latin-1").split("\r\n")
        self.version, status, _, = (lines[0] + "  ").split(" ", 2)
        self.status = int(status)
        self.headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            self.headers[name.strip().lower()] = value.strip()
        self.bytes, self.body = body, body.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.body)


def frame(opcode, payload=b"", *, final=True, masked=True, reserved=0, key=None):
    """One frame as it goes on the wire."""
    payload = payload.encode() if isinstance(payload, str) else payload
    head = bytes([(0x80 if final else 0) | reserved << 4 | opcode])
    mask_bit = 0x80 if masked else 0
    if len(payload) < 126:
        head += bytes([mask_bit | len(payload)])
    elif len(payload) < 65536:
        head += bytes([mask_bit | 126]) + struct.pack("!H", len(payload))
    else:
        head += bytes([mask_bit | 127]) + struct.pack("!Q", len(payload))
    if not masked:
        return head + payload
    key = key or os.urandom(4)
    stream = int.from_bytes((key * (len(payload) // 4 + 1))[:len(payload)], "big")
    return head + key + (int.from_bytes(payload, "big") ^ stream).to_bytes(len(payload), "big")


def tcp(device, receive_buffer=None):
    raw = socket.socket()
    if receive_buffer:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    raw.settimeout(10 * PATIENCE)
    if source := getattr(device, "source", None):
        raw.bind((source, 0))
    raw.connect((getattr(device, "host", HOST), device.port))
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return raw


def tls(device, context=None, receive_buffer=None):
    return (context or device.trust()).wrap_socket(tcp(device, receive_buffer), server_hostname="localhost")


def read_head(stream, already=b""):
    while b"\r\n\r\n" not in already:
        more = stream.recv(4096)
        if not more:
            raise Closed(1006, f"in the answer's head: {already!r}")
        already += more
    head, _, rest = already.partition(b"\r\n\r\n")
    return head, rest


def http(device, request, context=None):
    """Sends bytes over TLS and gives the HTTP answer; the connection must be closed after it."""
    with tls(device, context) as stream:
        stream.sendall(request if isinstance(request, bytes) else request.encode())
        head, body = read_head(stream)
        while more := stream.recv(65536):
            body += more
        return Answer(head, body)


class Socket:
    """An open WebSocket."""

    def __init__(self, device, *, token=None, protocols=("signalbox.v1",), headers=(), path="/v1/ws", context=None,
                 receive_buffer=None):
        self.device, self.input, self.unsent, self.pings = device, b"", b"", []
        self.others = []  # messages that came while another was waited for
        self.answers_pings = True
        self.stream = tls(device, context, receive_buffer)
        try:
            self._shake_hands(device, token, protocols, headers, path)
        except BaseException:
            self.stream.close()
            raise

    def _shake_hands(self, device, token, protocols, headers, path):
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {path} HTTP/1.1", f"Host: localhost:{device.port}", "Connection: Upgrade", "Upgrade: websocket",
                 "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}", *headers]
        if protocols:
            lines.append("Sec-WebSocket-Protocol: " + ", ".join(protocols))
        if token:
            lines.append(f"Authorization: Bearer {token}")
        self.stream.sendall("\r\n".join(lines + ["", ""]).encode())
        head, rest = read_head(self.stream)
        self.handshake = Answer(head, b"")
        if self.handshake.status != 101:
            while more := self.stream.recv(65536):
                rest += more
            raise Refused(Answer(head, rest))
        proof = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        assert self.handshake.headers["sec-websocket-accept"] == base64.b64encode(proof).decode()
        self.input = rest

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()

    def send_bytes(self, data):
        if self.unsent:
            self.offer(data)
        else:
            self.stream.sendall(data)

    def offer(self, data=b""):
        """Sends as much as the device takes now, without waiting; whether that was all, earlier rests included."""
        self.unsent += data
        patience = self.stream.gettimeout()
        self.stream.setblocking(False)
        try:
            while self.unsent:
                self.unsent = self.unsent[self.stream.send(self.unsent[:4096]):]
        except (ssl.SSLWantWriteError, ssl.SSLWantReadError):
            pass
        finally:
            self.stream.settimeout(patience)
        return not self.unsent

    def send_frame(self, opcode, payload=b"", **how):
        self.send_bytes(frame(opcode, payload, **how))

    def send(self, message):
        self.send_frame(TEXT, message if isinstance(message, (str, bytes)) else json.dumps(message))

    def _fill(self, size, end):
        while len(self.input) < size:
            left = end - time.monotonic()
            if not self.stream.pending() and not select.select([self.stream], [], [], max(left, 0))[0]:
                raise TimeoutError("nothing more came")
            try:
                more = self.stream.recv(65536)
            except (ConnectionError, OSError) as error:
                raise Closed(1006, str(error)) from None
            if not more:
                raise Closed(1006)
            self.input += more

    def receive_frame(self, seconds=5):
        """(opcode, final, payload)"""
        end = time.monotonic() + seconds * PATIENCE
        self._fill(2, end)
        size, at = self.input[1] & 0x7F, 2
        if size >= 126:
            at = 4 if size == 126 else 10
            self._fill(at, end)
            size = int.from_bytes(self.input[2:at], "big")
        assert not self.input[1] & 0x80, "a server must not mask"
        assert not self.input[0] & 0x70, "no extension was agreed on"
        self._fill(at + size, end)
        opcode, final, payload = self.input[0] & 0x0F, bool(self.input[0] & 0x80), self.input[at:at + size]
        self.input = self.input[at + size:]
        return opcode, final, payload

    def receive(self, seconds=5):
        """The next message, as JSON. Answers pings, which are noted in `pings`; a close frame raises Closed."""
        end = time.monotonic() + seconds * PATIENCE
        parts, opened = [], False
        while True:
            opcode, final, payload = self.receive_frame(max(end - time.monotonic(), 0) / PATIENCE)
            if opcode == PING:
                self.pings.append(time.monotonic())
                if self.answers_pings:
                    self.offer(frame(PONG, payload))  # waiting while the device waits for us would last for ever
            elif opcode == CLOSE:
                code = int.from_bytes(payload[:2], "big") if payload else 1005
                try:
                    self.send_frame(CLOSE, payload[:2])
                except OSError:
                    pass
                raise Closed(code, payload[2:].decode())
            elif opcode in (TEXT, CONTINUATION):
                assert (opcode == TEXT) != opened, "a message inside another"
                opened = True
                parts.append(payload)
                if final:
                    return json.loads(b"".join(parts).decode("utf-8"))
            else:
                assert opcode == PONG, f"opcode {opcode}"

    def until(self, wanted, seconds=5):
        """The first message that is wanted, from `others` or to come."""
        end = time.monotonic() + seconds * PATIENCE
        for i, message in enumerate(self.others):
            if wanted(message):
                return self.others.pop(i)
        while True:
            message = self.receive(max(end - time.monotonic(), 0) / PATIENCE)
            if wanted(message):
                return message
            self.others.append(message)

    def close(self, code=1000):
        """Closes in good order; the code the device answered with."""
        self.send_frame(CLOSE, struct.pack("!H", code))
        try:
            while True:
                self.receive()
        except Closed as closed:
            self.stream.close()
            return closed.code
