"""What an idle connection holds in the libraries' memory, and records that are cut: 16 KB are taken at any time, in any pieces."""
import ssl
import subprocess
import time
import unittest

from client import Bystander, Client
from device import PATIENCE, SIM, Device, DeviceTest, eventually, scaled
from ws import TEXT, Closed, frame

VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
QUIET = ("--heartbeat-ms", 3_600_000 - 1, "--dead-after-ms", 3_600_000)
IDLE_BYTES_MAX = 4 * 1024
RECORD = 16 * 1024


class Records:
    """A TLS connection whose records are the test's to send: as much as it wants of each, when it wants."""

    def __init__(self, context, raw, server_hostname):
        self.raw, self.arrived, self.leaving = raw, ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.arrived, self.leaving, server_hostname=server_hostname)
        self._until(self.tls.do_handshake)
        self.raw.sendall(self.leaving.read())
        self.fileno, self.gettimeout, self.settimeout = raw.fileno, raw.gettimeout, raw.settimeout
        self.setblocking, self.close = raw.setblocking, raw.close

    def _until(self, step):
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self.raw.sendall(self.leaving.read())
                more = self.raw.recv(65536)
                if not more:
                    return b""
                self.arrived.write(more)

    def pending(self):
        return self.tls.pending() or self.arrived.pending

    def recv(self, size):
        try:
            return self._until(lambda: self.tls.read(size))
        except ssl.SSLZeroReturnError:
            return b""

    def sealed(self, data):
        """What goes on the wire for it; one record up to 16 KB."""
        self.tls.write(data)
        return self.leaving.read()

    def sendall(self, data):
        self.raw.sendall(self.sealed(data))

    def send(self, data):
        self.sendall(data)
        return len(data)


class Sealing:
    """In the place of an SSL context."""

    def __init__(self, context):
        self.context = context

    def wrap_socket(self, raw, server_hostname):
        return Records(self.context, raw, server_hostname)


def trusting(device, version):
    context = device.trust()
    context.minimum_version = context.maximum_version = version
    return context


def long_ping(name, size=RECORD):
    """A ping that is one record of that size with its frame's head."""
    text = '{"type":"ping","msgId":"%s","payload":{"data":"%s"}}' % (name, name)
    return frame(TEXT, text + " " * (size - 8 - len(text)))


def row_bytes(*pools):
    """Of one place in each of these pools, by the device's own account."""
    ledger = subprocess.run([SIM, "--budget"], capture_output=True, text=True, check=True, timeout=10 * PATIENCE).stdout
    rows = {row[2].strip(): (int(row[3]), int(row[4])) for row in (line.split("|") for line in ledger.splitlines()) if len(row) > 5
            and row[3].strip().isdigit()}
    return sum(rows[pool][1] // rows[pool][0] for pool in pools)


class IdleMemory(unittest.TestCase):
    def test_an_idle_connection_holds_little(self):
        """In both libraries, and in our own tables: its places, and the one answer's that its welcome took."""
        ours = row_bytes("connections", "descriptors", "networks", "sessions", "deadlines", "answer places")
        with Device(*QUIET) as device:
            for version in VERSIONS:
                context, count = trusting(device, version), scaled(200)
                with Client(device, context=context):
                    before = device.report().in_use()
                    idle = [Client(device, context=context) for _ in range(count)]
                    after = device.report().in_use()
                    self.assertEqual(after["sessions"] - before["sessions"], count)
                    held = {pool: (after[pool] - before[pool]) / count for pool in ("mbedtls-bytes", "libwebsockets-bytes")}
                    print(f"\n  {version.name}: {held}, ours {ours}", end="", flush=True)
                    self.assertLessEqual(sum(held.values()) + ours, IDLE_BYTES_MAX, held)
                    for client in idle:
                        client.stream.close()
                    self.assertTrue(eventually(lambda: device.report().used("sessions") == 1))


class CutRecords(DeviceTest):
    OPTIONS = QUIET

    def client(self, version=ssl.TLSVersion.TLSv1_3):
        client = Client(self.device, context=Sealing(trusting(self.device, version)))
        self.addCleanup(client.stream.close)
        return client

    def answered(self, client, name):
        answer = client.answer(name, 10)
        self.assertEqual((answer["type"], answer["payload"]["data"]), ("pong", name))

    def test_a_record_of_16k_is_taken_at_any_time(self):
        for version in VERSIONS:
            client = self.client(version)
            self.assertTrue(eventually(lambda: self.device.report().used("sessions") > 0))
            for size in (RECORD, 5000, 17, RECORD):  # 17: the rest of the message is one further record
                name = f"{version.name}-{size}"
                whole = long_ping(name)
                wire = client.stream.sealed(whole[:size]) + (client.stream.sealed(whole[size:]) if size < RECORD else b"")
                client.stream.raw.sendall(wire)
                self.answered(client, name)
            for pieces in (1, 7, 1000):
                name = f"{version.name}-by-{pieces}"
                wire = client.stream.sealed(long_ping(name, 3000 if pieces == 1 else RECORD))
                for i in range(0, len(wire), pieces):
                    client.stream.raw.sendall(wire[i:i + pieces])
                self.answered(client, name)

    def test_thousands_of_records_in_one_go(self):
        count = scaled(5000)
        for version in VERSIONS:
            client = self.client(version)
            wire = b"".join(client.stream.sealed(long_ping(str(i), RECORD if i % 500 == 0 else 200)) for i in range(count))
            client.stream.raw.settimeout(60 * PATIENCE)
            sent = 0
            for i in range(count):
                while sent < len(wire) and sent < (i + 300) * len(wire) // count:
                    sent += client.stream.raw.send(wire[sent:sent + 1771])
                self.answered(client, str(i))

    def test_fifty_dribble_and_nobody_notices(self):
        with Bystander(self.device) as other:
            dribblers = [self.client(VERSIONS[i % 2]) for i in range(50)]
            wires = [client.stream.sealed(long_ping(f"d{i}")) for i, client in enumerate(dribblers)]
            for at in range(300):
                for client, wire in zip(dribblers, wires):
                    client.stream.raw.sendall(wire[at:at + 1])
            self.assertTrue(eventually(lambda: self.device.report().used("cut-record-bytes") > 50 * RECORD))
            for client, wire in zip(dribblers, wires):
                for at in range(300, len(wire), 1999):
                    client.stream.raw.sendall(wire[at:at + 1999])
            for i, client in enumerate(dribblers):
                self.answered(client, f"d{i}")
            self.assertEqual(self.device.report().used("cut-record-bytes"), 0)
            self.assertIsNone(other.failure)

    def test_where_the_room_is_taken_the_oldest_goes(self):
        room = self.device.report().pools["cut-record-bytes"]["of"]
        fit = room // (RECORD + 64)
        with Bystander(self.device) as other, Client(self.device) as good:
            dribblers = [self.client(VERSIONS[i % 2]) for i in range(fit + 20)]
            wires = [client.stream.sealed(long_ping(f"d{i}")) for i, client in enumerate(dribblers)]
            for i, (client, wire) in enumerate(zip(dribblers, wires)):
                client.stream.raw.sendall(wire[:100])
                # the order in which they begin must be the device's too
                self.assertTrue(eventually(lambda: self.begun() == i + 1, every=0.001), i)
            report = self.device.report()
            self.assertLessEqual(report.pools["cut-record-bytes"]["high"], room)
            refused = report.pools["cut-record-bytes"]["refused"]
            self.assertIn(refused, range(18, 22))  # the bystander's records are in nobody's way
            for client in dribblers[:refused]:
                with self.assertRaises(Closed) as closed:
                    while True:
                        client.receive(5)
                self.assertEqual(closed.exception.code, 1013)
                self.assertIn("try again later", closed.exception.reason)
            good.send_bytes(long_ping("good"))  # 16 KB, and the room is taken
            self.answered(good, "good")
            late = len(dribblers) - 1
            dribblers[late].stream.raw.sendall(wires[late][100:])
            self.answered(dribblers[late], f"d{late}")
            self.assertIsNone(other.failure)
        for client in dribblers:
            client.stream.close()
        self.assertTrue(eventually(lambda: self.device.report().used("cut-record-bytes") == 0))

    def begun(self):
        """How many of the dribblers have a record cut, or had one."""
        pool = self.device.report().pools["cut-record-bytes"]
        return pool["used"] // RECORD + pool["refused"]

    def test_a_record_that_never_ends_ends_its_connection(self):
        with Bystander(self.device) as other:
            stalled = self.client()
            wire = stalled.stream.sealed(long_ping("never"))
            stalled.stream.raw.sendall(wire[:1000])
            started = time.monotonic()
            code, _ = stalled.closes(25)
            self.assertEqual(code, 1008)
            self.assertGreater(time.monotonic() - started, 15)
            self.assertIsNone(other.failure)
        self.assertEqual(self.device.report().met["record-timeout"], 1)


if __name__ == "__main__":
    unittest.main()
