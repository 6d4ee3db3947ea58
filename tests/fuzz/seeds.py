#!/usr/bin/env python3
"""Makes first inputs for the fuzzers where there are examples to make them from; tests/fuzz/run --keep picks from them.

    tests/fuzz/seeds.py FOLDER    writes FOLDER/<target>/…
"""
import json
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]


def requests():
    text = (TOP / "tests/firmware/protocol/every_message.hpp").read_text() + (TOP / "tests/fuzz/phrases.hpp").read_text()
    payloads = set(re.findall(r'R"\((\{.*?\})\)"', text))
    types = ["ping", "command", "subscribe", "scene", "history", "describe", "authenticate", "announce", "renew", "baton", "resume",
             "journal", "join", "leave", "presence", "acknowledge", "reload", "stop", "reset", "unsubscribe"]
    for payload in sorted(payloads):
        for kind in types:
            if re.search(rf'"{kind}", R"\({re.escape(payload)}\)', text) or len(payload) < 12:
                yield f'{{"type":"{kind}","msgId":"c-17","timestamp":1763683200123,"payload":{payload}}}'.encode()
                yield f'{{"jsonrpc":"2.0","id":7,"method":"{kind}","params":{payload}}}'.encode()


def frame(opcode, payload, final=True):
    head = bytes([(0x80 if final else 0) | opcode])
    head += bytes([0x80 | len(payload)]) if len(payload) < 126 else bytes([0xFE]) + struct.pack("!H", len(payload))
    return head + b"\0\0\0\0" + payload


def frames():
    yield b"\3" + frame(1, b'{"type":"ping"}')
    yield b"\0" + frame(1, "grö".encode()[:4], False) + frame(9, b"?") + frame(0, "grö".encode()[4:] + b"x")
    yield b"\7" + frame(1, b"x" * 70, False) + frame(0, b"y" * 60)
    yield b"\1" + frame(10, b"pong") + frame(8, b"\x03\xe8bye")
    yield b"\1" + frame(2, b"binary")
    yield b"\5" + frame(1, b"z" * 200)


def http():
    key = "dGhlIHNhbXBsZSBub25jZQ=="
    for method in range(4):
        for path in ("/v1/ws", "/v1/stop", "/.well-known/wot", "/", "/healthz", "/x?y=z"):
            yield bytes([method, 0]) + "\n".join([path, "localhost:8443", "13", key, "jsonrpc, signalbox.v1", "Bearer abc"]).encode()
    for method, path, query in ((0, "/v1/snapshot", "paths=cabin/#, /power"), (1, "/v1/history", "from=1\nto=9\nstepMs=2\naggregate=min,max"),
                                (0, "/v1/events", "mode=fixed\nperiodMs=500\nevents=true\nlastEventId=e:1"), (0, "/v1/stream", "period=100\nticket=x"),
                                (2, "/v1/command", ""), (0, "/metrics", ""), (0, "/readyz", "")):
        yield bytes([method, 4]) + "\n".join([path, "localhost:8443", "", "", "", "Bearer abc", "", "", "", "application/json", "7", "e7f3:12", "long",
                                              query]).encode()


def identity():
    with tempfile.TemporaryDirectory() as folder:
        def openssl(*words):
            subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
            return folder
        for number, (kind, curve) in enumerate((("ec", "prime256v1"), ("ec", "secp384r1"), ("rsa", "2048"))):
            how = ["-pkeyopt", f"ec_paramgen_curve:{curve}"] if kind == "ec" else []
            openssl("req", "-x509", "-newkey", f"rsa:{curve}" if kind == "rsa" else "ec", *how, "-nodes", "-keyout", "k.pem", "-out",
                    "c.pem", "-subj", "/CN=bench/O=a", "-days", "99", "-addext", "subjectAltName=DNS:a.local,IP:192.0.2.1",
                    "-addext", "keyUsage=digitalSignature,cRLSign", "-addext", "extendedKeyUsage=serverAuth")
            key, certificate = (pathlib.Path(folder, name).read_bytes() for name in ("k.pem", "c.pem"))
            if kind == "ec":
                openssl("ec", "-in", "k.pem", "-outform", "DER", "-out", "k.der")
            else:
                openssl("rsa", "-in", "k.pem", "-outform", "DER", "-out", "k.der")
            openssl("x509", "-in", "c.pem", "-outform", "DER", "-out", "c.der")
            der_key, der = (pathlib.Path(folder, name).read_bytes() for name in ("k.der", "c.der"))
            yield b"\0" + struct.pack("<H", len(der_key)) + der_key + der
            yield b"\x08" + struct.pack("<H", len(der_key)) + der_key + der
            if number == 0:
                yield b"\3" + struct.pack("<H", len(key)) + key + certificate + certificate
                yield b"\x0b" + struct.pack("<H", len(key)) + key + certificate


def certificates():
    with tempfile.TemporaryDirectory() as folder:
        def openssl(*words):
            subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
        pathlib.Path(folder, "conf").write_text("[ca]\ndefault_ca=d\n[d]\ndatabase=index\ndefault_md=sha256\ndefault_crl_days=9999\n")
        for subject in ("/CN=alice@example.org/O=Works/OU=viewer", "/OU=Hall 3/OU=operator/CN=bob", "/CN=a/CN=b/OU=admin"):
            openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "k.pem",
                    "-out", "c.pem", "-subj", subject, "-days", "9999")
            openssl("ec", "-in", "k.pem", "-outform", "DER", "-out", "k.der")
            openssl("x509", "-in", "c.pem", "-outform", "DER", "-out", "c.der")
            pathlib.Path(folder, "index").write_text("")
            openssl("ca", "-config", "conf", "-revoke", "c.pem", "-keyfile", "k.pem", "-cert", "c.pem")
            openssl("ca", "-config", "conf", "-gencrl", "-keyfile", "k.pem", "-cert", "c.pem", "-out", "l.pem")
            openssl("crl", "-in", "l.pem", "-outform", "DER", "-out", "l.der")
            for flags, form in ((0, "der"), (1, "pem")):
                certificate, crl = (pathlib.Path(folder, f"{name}.{form}").read_bytes() for name in "cl")
                yield (bytes([flags]) + struct.pack("<H", len(certificate)) + certificate + struct.pack("<H", len(crl)) + crl +
                       pathlib.Path(folder, "k.der").read_bytes())


def tickets():
    key = struct.pack(">Q", 1763683000) + b"name" + bytes(range(32))
    record = (key.hex() + "\n").encode() * 2
    for its in (record, record[:-1], record.replace(b"a", b"g"), b""):
        for flags, ticket in ((0, b"name" + bytes(60)), (1, b""), (1, bytes(8) + b"\1"), (1, bytes(600))):
            yield bytes([flags]) + struct.pack("<H", len(its)) + its + ticket


def device_file():
    yield (TOP / "boards/bench/device.json").read_bytes()
    text = (TOP / "tests/fuzz/phrases.hpp").read_text()
    for file in re.findall(r'R"\((\{"device":.*?)\)"', text, re.DOTALL):
        yield file.encode()
    whole = json.loads((TOP / "boards/bench/device.json").read_text())
    for part in whole["parts"]:
        yield json.dumps({"device": whole["device"], "parts": [part]}).encode()


def patterns():
    for pattern, path in (("#", "a/b"), ("a/#", "a"), ("+/b", "a/b"), ("a/+/c", "a/b/c"), ("cabin/heater", "cabin/heater"), ("a/#", "ab")):
        yield f"{pattern}\n{path}".encode()


def options():
    yield b"--port\n8443\n--address\n127.0.0.1\n--state\nx"
    yield b"--authenticate-ms\n1000\n--heartbeat-ms\n5\n--dead-after-ms\n70\n--unread-after-ms\n9"
    yield b"--fault\nhung:heater:3000:5000\n--fault\nsilent:i2c-1/72:0:1"
    yield b"--client-ca\nca.pem\n--device-file\nd.json\n--budget\n--help\n--version"
    yield b"--verify-journal\na\nb"


def credentials():
    yield b"\1" + b"A" * 43 + b"\0"
    yield b"\0" + b"abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE\n\0wrong"


def journal():
    line = (b'{"sequence":1,"kind":"started","at":1763683200000,"epoch":"e7f3","detail":"0.1.0","previous":"' + b"0" * 64 +
            b'","hash":"' + b"0" * 64 + b'"}\n')
    yield bytes(24) + line
    yield bytes(24) + b"\1" + line * 2 + line[:50]
    yield bytes(24) + b"\1" + line + bytes(40)
    yield bytes(range(1, 200))


def history():
    samples = {0: b"\xc0\x0a\x05\x62\x35\x40\x00\x3f\xc8\x01\x41\x61\x08", 1: b"\xc0\x0a\x05\x02\x42", 2: b"\xc0\x0a\x05\x03one\x80\x02\x42\x04f\xc3\xbcr",
               3: b"\xc0\x0a\x05\x01\x40\x00"}

    def piece(run, number, *channels, ended=0, clock=0, upto=500):
        blocks = b"".join(bytes([channel, len(samples[channel])]) + samples[channel] + b"\3\0" for channel in channels)
        return bytes([len(channels)]) + blocks + bytes([0, ended, run, number, clock]) + struct.pack("<HH", 9, upto)

    for pieces in ([], [piece(1, 1, 0, 1, 2), piece(1, 2, 3, ended=1)], [piece(1, 1, 0), piece(1, 3, 0, 1), piece(2, 1, 0, clock=1)],
                   [piece(1, 1, 2, 3, ended=1), piece(2, 1, 0, ended=1, clock=40), piece(3, 1, 0)]):
        yield bytes([len(pieces)]) + b"".join(pieces)
        yield bytes([len(pieces)]) + b"".join(pieces) + b"SBh1\x30\0" + bytes(60)
    yield b"\0SBh2" + bytes(100)
    yield b"\0SBh1SBh1\xff\xff" + b"SBh1" * 20


def session():
    """Each request of each client beside each other, in ways that matter: connect, ask, let time pass, vanish."""
    count = len(re.findall(r"Phrase\{", (TOP / "tests/fuzz/phrases.hpp").read_text()))
    for dialect in (0, 1):
        everything = b"".join(bytes([0, 1, kind, 0]) + bytes([0, 7, 40]) for kind in range(count))
        yield bytes([0, 0, dialect, 1, 0, 1 - dialect]) + everything
    for kind in range(count):
        yield bytes([0, 0, 0, 1, 0, 0, 0, 1, kind, 0, 1, 1, kind, 0, 0, 8, 200, 0, 1, kind, 0, 0, 11, 1, 0, 0, 0, 1, 34, 1])
    yield bytes([0, 0, 0, 0, 13, 1, 4, 99, 0, 1, 17, 0, 0, 9, 50, 0, 14, 1, 0, 0, 14, 0, 1, 0, 7, 9])
    yield bytes([0, 0, 0, 0, 5]) + b'\x80ping\x81{}}\0' + bytes([0, 6, 0]) + b'\x82ping\0' + bytes([0, 6, 1]) + b'\x83{}}\0'
    yield bytes([0, 0, 0, 0, 10] + [0, 2, 4, 0] * 12 + [0, 9, 120, 0, 10])


def records():
    """What four clients say, cut: one by one, in turns, forged, with too little room on the wire or for what is cut, too late."""
    def act(kind, who, *words):
        return bytes([kind + 8 * who]) + b"".join(struct.pack("<H", word) for word in words)

    say, deliver, hear, answer, echo, wait = (lambda *its, kind=kind: act(kind, *its) for kind in (0, 1, 2, 3, 4, 7))
    for who in range(4):
        yield say(who, 5) + deliver(who, 1) * 40 + hear(who, 100)
        yield say(who, 8000) + (deliver(who, 999) + hear(who, 700)) * 12
        yield say(who, 300) * 9 + deliver(who, 1700) + hear(who, 9) + answer(who, 7, 900) * 3 + echo(who) + hear(who, 4999)
        yield b"".join(answer(who, room, 3000) for room in (0, 1, 5, 2000, 3, 4000, 4999)) + echo(who)
        yield say(who, 100) + bytes([5 + 8 * who, 9, 0, 3]) + deliver(who, 200) + hear(who, 50) + answer(who, 4999, 8) + echo(who)
        yield say(who, 100) + bytes([6 + 8 * who, 0, 0, 4]) + b"\x17\3\3\xff" + deliver(who, 200) + hear(who, 50)
        yield say(who, 2000) + deliver(who, 600) + hear(who, 50) + (wait(who) + b"\xff") * 5 + hear(who, 50) + answer(who, 4999, 8)
    together = b"".join(say(who, 4000) + deliver(who, 900) + hear(who, 50) for who in range(4))
    yield together + b"".join(deliver(who, 4999) + hear(who, 800) + answer(who, 50, 70) + echo(who) for who in range(4))


def main(folder):
    for make in (requests, frames, http, identity, certificates, tickets, device_file, patterns, options, credentials, journal, session, records):
        place = pathlib.Path(folder) / make.__name__
        place.mkdir(parents=True, exist_ok=True)
        for number, content in enumerate(make()):
            (place / f"seed-{number}").write_bytes(content)
        print(f"{make.__name__}: {number + 1}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
