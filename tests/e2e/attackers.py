"""Those who attack, each in a process of its own: python3 attackers.py KIND PORT CERTIFICATE TOKEN
SECONDS SOURCE…
Only ever 127.0.0.1; so many connections at once and no more; ends by itself."""
import contextlib
import os
import random
import select
import socket
import ssl
import struct
import sys
import time

from ws import BINARY, CONTINUATION, PING, TEXT, Socket, frame

HOST = "127.0.0.1"
AT_ONCE = 256  # four times the places that the bench has beside its sessions
SESSIONS = 8  # each doing its worst


class Target:
    """What the client's classes want to know of a device."""
    host = HOST

    def __init__(self, port, certificate, token, seconds, sources):
        self.port, self.certificate, self.token = int(port), certificate, token
        self.end = time.monotonic() + float(seconds)
        self.sources = sources
        self.dice = random.Random(7)

    @property
    def source(self):
        """`127.0.1.*` stands for any of 250."""
        return self.dice.choice(self.sources).replace("*", str(self.dice.randint(1, 250)))

    def trust(self):
        return ssl.create_default_context(cafile=self.certificate)

    def goes_on(self):
        return time.monotonic() < self.end


def hello():
    """The first flight of a TLS client."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    its = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="localhost")
    with contextlib.suppress(ssl.SSLWantReadError):
        its.do_handshake()
    return outgoing.read()


def crowd(target, first=b"", stays=True, pause=0.02):
    """Keeps so many raw connections open; each sends `first` and then nothing. Those that are closed come again, and those
    that are answered, where they do not stay."""
    members = []
    while target.goes_on():
        while len(members) < AT_ONCE and target.goes_on():
            its = socket.socket()
            its.setblocking(False)
            its.bind((target.source, 0))
            its.connect_ex((HOST, target.port))
            members.append([its, first])
        ready = select.select([its for its, _ in members], [its for its, rest in members if rest], [], pause)
        for member in list(members):
            its, rest = member
            try:
                if its in ready[1]:
                    member[1] = rest[its.send(rest):]
                if its in ready[0] and not (its.recv(65536) and stays):
                    raise ConnectionError
            except BlockingIOError:
                pass
            except OSError:
                its.close()
                members.remove(member)
        time.sleep(0.005)


def silent(target):
    crowd(target)


def half_open(target):
    crowd(target, hello())


def garbage(target):
    crowd(target, random.Random(1).randbytes(300))


def connect_flood(target):
    while target.goes_on():
        for _ in range(20):
            its = socket.socket()
            its.setblocking(False)
            its.bind((target.source, 0))
            its.connect_ex((HOST, target.port))
            its.close()
        time.sleep(0.005)


def stream(target):
    """TLS that is shaken hands over; None where the device did not want to."""
    its = socket.socket()
    its.settimeout(2)
    try:
        its.bind((target.source, 0))
        its.connect((HOST, target.port))
        return target.trust().wrap_socket(its, server_hostname="localhost")
    except OSError:
        its.close()
        return None


def handshake_flood(target):
    """The device has done its costly part when it answers; this one has done nothing."""
    crowd(target, hello(), stays=False)


def slowloris(target):
    members = []
    while target.goes_on():
        if len(members) < 64 and (its := stream(target)) is not None:
            its.setblocking(False)
            members.append(its)
        for its in list(members):
            try:
                its.send(b"G" if len(members) < 2 else b"X-a: b\r\n")
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                pass
            except OSError:
                its.close()
                members.remove(its)
        time.sleep(0.01)


def giant_headers(target):
    while target.goes_on():
        if (its := stream(target)) is not None:
            with contextlib.suppress(OSError):
                its.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X-Long: " + b"x" * 200_000 + b"\r\n\r\n")
            its.close()
        time.sleep(0.001)


def sessions(target, make, first=b"", token=None, reads=True):
    """Sessions that send `first` and then what `make` gives, as fast as it is taken."""
    members = []
    while target.goes_on():
        if len(members) < SESSIONS:
            with contextlib.suppress(Exception):
                members.append([its := Socket(target, token=token), first])
                its.stream.setblocking(False)
                if not reads:
                    its.stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sent = False
        for member in list(members):
            its, rest = member
            try:
                rest = rest or make()
                sent = True
                member[1] = rest[its.stream.send(rest[:16384]):]
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                member[1] = rest
            except OSError:
                its.stream.close()
                members.remove(member)
                continue
            with contextlib.suppress(OSError):
                while reads and its.stream.recv(65536):
                    pass
        time.sleep(0.002 if sent else 0.02)


def insiders(target, make, **how):
    sessions(target, make, token=target.token, **how)


def message(text):
    return frame(TEXT, text)


def never_reading(target):
    subscribe = message('{"type":"subscribe","payload":{"id":"a","paths":["#"],"mode":"fixed","periodMs":50}}')
    ask = message('{"type":"describe"}') * 20
    insiders(target, lambda: subscribe + ask, reads=False)


def one_byte_frames(target):
    text = b'{"type":"ping","payload":{"data":"one byte after the other"}}'
    message_of_frames = (frame(TEXT, text[:1], final=False)
                         + b"".join(frame(CONTINUATION, bytes([c]), final=False) for c in text[1:-1])
                         + frame(CONTINUATION, text[-1:]))
    insiders(target, lambda: message_of_frames * 30)


def endless_fragments(target):
    fragments = frame(CONTINUATION, b"x" * 100, final=False) * 150
    insiders(target, lambda: fragments, first=frame(TEXT, b"x", final=False))


def empty_fragments(target):
    """Without a credential."""
    fragments = frame(CONTINUATION, final=False) * 2700
    sessions(target, lambda: fragments, first=frame(TEXT, final=False))


def after_the_end(target):
    """Without a credential: frames behind one that ends the connection, whose end is not waited for."""
    pings = frame(PING, b"x") * 2300
    sessions(target, lambda: pings, first=frame(BINARY))


def ping_flood(target):
    insiders(target, lambda: frame(PING, b"x") * 500)


def message_flood(target):
    insiders(target, lambda: message('{"type":"ping"}') * 100)


def deep_json(target):
    deep = '{"type":"ping","payload":' + '{"a":' * 1500 + "1" + "}" * 1501
    wide = '{"type":"ping","payload":{"data":[' + "{}," * 4000 + "1]}}"
    insiders(target, lambda: message(deep) + message(wide))


def garbage_frames(target):
    insiders(target, lambda: os.urandom(1000))


def reset_flood(target):
    """Shaken hands, then reset, which frees everything at once."""
    while target.goes_on():
        if (its := stream(target)) is not None:
            its.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            its.close()
        time.sleep(0.001)


KINDS = {its.__name__: its for its in (
    silent, half_open, garbage, connect_flood, handshake_flood, slowloris, giant_headers, never_reading, one_byte_frames,
    endless_fragments, empty_fragments, after_the_end, ping_flood, message_flood, deep_json, garbage_frames, reset_flood)}

if __name__ == "__main__":
    os.nice(10)
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    KINDS[sys.argv[1]](Target(*sys.argv[2:6], sys.argv[6:]))
