"""What the tests of the patched libraries share: certificates, the endpoint as a process, a small ws client."""
import base64
import json
import os
import select
import shutil
import socket
import ssl
import struct
import subprocess
import tempfile
import time
import unittest

ENDPOINT = os.environ.get("DEPS_ENDPOINT", "deps_endpoint")
VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


def openssl(*arguments):
    subprocess.run(("openssl",) + arguments, check=True, capture_output=True)


class Certificates:
    """A root, an intermediate, server and client certificates, and the wrong ones, in a directory of their own."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="deps-")
        self.authority("root")
        self.authority("other-root")
        self.authority("intermediate", signer="root")
        self.leaf("leaf", "intermediate", name="localhost", use="serverAuth")
        self.leaf("leaf2", "intermediate", name="localhost", use="serverAuth")
        self.leaf("client", "root", name="alice", use="clientAuth")
        self.leaf("client-of-other", "other-root", name="bob", use="clientAuth")
        self.leaf("not-a-client", "root", name="carol", use="serverAuth")
        self.leaf("mallory", "root", name="mallory", use="clientAuth")
        self.leaf("rogue", None, name="alice", use="clientAuth")
        self.join("chain", "leaf", "intermediate")
        self.join("chain2", "leaf2", "intermediate")
        self.join("both-roots", "other-root", "root")
        with open(self["chain.key"], "w") as out:  # as `openssl ecparam -genkey` writes it
            out.write("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n")
            subprocess.run(["openssl", "ec", "-in", self["leaf.key"]], check=True, stdout=out,
                           stderr=subprocess.DEVNULL)
        shutil.copy(self["leaf2.key"], self["chain2.key"])
        self.revoke("mallory")

    def __getitem__(self, name):
        return os.path.join(self.directory, name)

    def request(self, name, subject, signer, *extensions):
        arguments = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                     "-keyout", self[name + ".key"], "-out", self[name + ".pem"], "-subj", "/CN=" + subject]
        for extension in extensions:
            arguments += ["-addext", extension]
        if signer:
            arguments += ["-CA", self[signer + ".pem"], "-CAkey", self[signer + ".key"]]
        openssl(*arguments)

    def authority(self, name, signer=None):
        self.request(name, name, signer, "basicConstraints=critical,CA:true", "keyUsage=critical,keyCertSign,cRLSign")

    def leaf(self, file, signer, *, name, use):
        self.request(file, name, signer, "basicConstraints=critical,CA:false", "subjectAltName=DNS:" + name,
                     "extendedKeyUsage=" + use)

    def join(self, name, *parts):
        with open(self[name + ".pem"], "w") as out:
            for part in parts:
                with open(self[part + ".pem"]) as source:
                    out.write(source.read())

    def revoke(self, name):
        with open(self["ca.conf"], "w") as out:
            out.write(f"[ca]\ndefault_ca=d\n[d]\ndatabase={self['index']}\ndefault_md=sha256\ndefault_crl_days=30\n")
        open(self["index"], "w").close()
        openssl("ca", "-config", self["ca.conf"], "-cert", self["root.pem"], "-keyfile", self["root.key"],
                "-revoke", self[name + ".pem"])
        openssl("ca", "-config", self["ca.conf"], "-cert", self["root.pem"], "-keyfile", self["root.key"],
                "-gencrl", "-out", self["crl.pem"])

    def remove(self):
        shutil.rmtree(self.directory)


class Endpoint:
    """The server under test. Its certificate files are copies, so that a test can replace them."""

    def __init__(self, certificates, *arguments, chain="chain"):
        self.certificates = certificates
        self.directory = tempfile.mkdtemp(prefix="deps-")
        self.install(chain)
        self.process = subprocess.Popen(
            [ENDPOINT, "--cert", self.directory + "/cert.pem", "--key", self.directory + "/key.pem", *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        ready = self.process.stdout.readline().split()
        if len(ready) != 2:
            raise RuntimeError("the endpoint did not start: " + self.process.stderr.read().decode())
        self.port = int(ready[1])

    def install(self, chain):
        shutil.copy(self.certificates[chain + ".pem"], self.directory + "/cert.pem")
        shutil.copy(self.certificates[chain + ".key"], self.directory + "/key.pem")

    def command(self, line):
        """Sends a command; returns the endpoint's counters after it."""
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def stats(self):
        return self.command("stats")

    def settled(self, condition, seconds=30):
        """The counters, as soon as condition(counters) holds, or the last ones."""
        end = time.monotonic() + seconds
        while True:
            stats = self.stats()
            if condition(stats) or time.monotonic() > end:
                return stats
            time.sleep(0.02)

    def stop(self):
        """Ends the endpoint; returns its exit code, its last counters and what it said."""
        last = {}
        if self.process.poll() is None:
            try:
                self.command("quit")
                last = json.loads(self.process.stdout.readline())
            except (OSError, ValueError):
                pass
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        said = self.process.stderr.read().decode(errors="replace")[-1500:]
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                stream.close()
            except OSError:
                pass
        shutil.rmtree(self.directory)
        return self.process.returncode, last, said

    def tcp(self, address="127.0.0.1", timeout=10):
        connection = socket.create_connection((address, self.port), timeout=timeout)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def tls(self, *, version=None, certificate=None, name="localhost", session=None, context=None,
            timeout=10):
        context = context or client_context(self.certificates, version, certificate)
        return context.wrap_socket(self.tcp(timeout=timeout), server_hostname=name, session=session)


def client_context(certificates, version=None, certificate=None, verify=True):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(certificates["root.pem"])
    if not verify:
        context.verify_mode = ssl.CERT_NONE
    if version:
        context.minimum_version = context.maximum_version = version
    if certificate:
        context.load_cert_chain(certificates[certificate + ".pem"], certificates[certificate + ".key"])
    return context


class Handshake:
    """A TLS client whose bytes the test carries itself."""

    def __init__(self, context, connection, name="localhost"):
        self.connection = connection
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname=name)

    def step(self):
        """Goes on as far as it gets; returns the bytes to send and whether it is done."""
        try:
            self.tls.do_handshake()
            return self.outgoing.read(), True
        except ssl.SSLWantReadError:
            return self.outgoing.read(), False

    def receive(self):
        data = self.connection.recv(65536)
        if not data:
            raise ConnectionError("the endpoint closed the connection")
        self.incoming.write(data)

    def finish(self):
        while True:
            data, done = self.step()
            if data:
                self.connection.sendall(data)
            if done:
                return
            self.receive()


def frame(opcode, payload, final=True):
    head = bytes([(0x80 if final else 0) | opcode])
    if len(payload) < 126:
        head += bytes([0x80 | len(payload)])
    else:
        head += bytes([0x80 | 126]) + struct.pack(">H", len(payload))
    return head + b"\0\0\0\0" + payload  # a mask of zeros changes nothing


class WebSocket:
    def __init__(self, connection, protocol="echo"):
        self.connection = connection
        key = base64.b64encode(os.urandom(16)).decode()
        connection.sendall((f"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
                            f"Sec-WebSocket-Protocol: {protocol}\r\n\r\n").encode())
        self.buffer = b""
        while b"\r\n\r\n" not in self.buffer:
            self.more()
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        if b" 101 " not in head:
            raise ConnectionError(head)

    def more(self):
        data = self.connection.recv(65536)
        if not data:
            raise ConnectionError("closed")
        self.buffer += data

    def take(self, count):
        while len(self.buffer) < count:
            self.more()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def receive(self):
        """The next whole frame: opcode and payload."""
        first, length = self.take(2)
        if length == 126:
            (length,) = struct.unpack(">H", self.take(2))
        return first & 0x0F, self.take(length)

    def message(self):
        """The next message, of as many frames as it takes."""
        payload = b""
        while True:
            first, length = self.take(2)
            if length == 126:
                (length,) = struct.unpack(">H", self.take(2))
            payload += self.take(length)
            if first & 0x80:
                return payload

    def echo(self, payload):
        self.connection.sendall(frame(2, payload))
        return self.message()


def readable(connection, seconds):
    return bool(select.select([connection], [], [], seconds)[0])


class EndpointCase(unittest.TestCase):
    """Starts an endpoint for each test, and afterwards demands that it lived and gave back every byte."""
    arguments = ()
    chain = "chain"

    @classmethod
    def setUpClass(cls):
        cls.certificates = Certificates()

    @classmethod
    def tearDownClass(cls):
        cls.certificates.remove()

    def setUp(self):
        arguments = [self.certificates[a] if a.endswith(".pem") else a for a in self.arguments]
        self.endpoint = Endpoint(self.certificates, *arguments, chain=self.chain)

    def tearDown(self):
        code, last, said = self.endpoint.stop()
        self.assertEqual(code, 0, "the endpoint ended badly: " + said)
        self.assertEqual(last["lws_blocks"], 0, "blocks that lws did not give back")
