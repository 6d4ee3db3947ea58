"""Limits: places, addresses, descriptors, regions too small, clients that take and give nothing, many idle ones."""
import select
import socket
import subprocess
import threading
import time
import unittest

from device import PATIENCE
from wire import SPINNING, TEXT, VERSIONS, Certificates, Client, Closed, Server, context_for


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.certificates = Certificates()

    def start(self, secure=False, **arguments):
        server = Server(**((self.certificates.of_server() if secure else {}) | arguments))
        self.addCleanup(server.kill)
        return server

    def connect(self, server, **how):
        client = Client(server, **how)
        self.addCleanup(client.socket.close)
        return client

    def echo(self, client, text="hello"):
        client.say(text)
        self.assertEqual(client.message(), text)

    def end(self, server):
        """A clean end: every session closed once, every block given back, no heap call."""
        counts, errors = server.stop()
        self.assertEqual(counts["admitted"], counts["closed"], counts)
        self.assertEqual((counts["tlsBlocks"], counts["lwsBlocks"]), (0, 0), counts)
        self.assertEqual(counts["heapCalls"], 0, errors)
        return counts


class Addresses(Case):
    def failing(self, **arguments):
        server = self.start(**arguments)
        self.assertEqual(server.greeting[0], "error", server.greeting)
        self.assertEqual(server.process.wait(5 * PATIENCE), 1)
        return server.greeting[1]

    def test_mistakes_are_told(self):
        taken = self.start()
        self.assertIn(f"port {taken.port} on 127.0.0.1 is in use", self.failing(port=taken.port))
        self.assertIn("no interface here has the address 198.51.100.7", self.failing(address="198.51.100.7"))
        for wrong in ("localhost", "127.0.0.1.5", "300.1.1.1", "::g", "", "eth0"):
            self.assertIn(f"'{wrong}' is no numeric", self.failing(address=wrong))
        self.assertIn("no interface is called 'nowhere0'", self.failing(address="fe80::1%nowhere0"))

    def reachable(self, family, address, port):
        with socket.socket(family) as client:
            client.settimeout(2)
            return client.connect_ex((address, port)) == 0

    def test_only_the_address_asked_for(self):
        server = self.start(address="127.0.0.1")
        self.assertTrue(self.reachable(socket.AF_INET, "127.0.0.1", server.port))
        self.assertFalse(self.reachable(socket.AF_INET, "127.0.0.2", server.port))
        self.assertFalse(self.reachable(socket.AF_INET6, "::1", server.port))
        server = self.start(address="::1")
        self.assertTrue(self.reachable(socket.AF_INET6, "::1", server.port))
        self.assertFalse(self.reachable(socket.AF_INET, "127.0.0.1", server.port))

    def test_all_addresses(self):
        for address, ipv4, ipv6 in (("*", True, True), ("0.0.0.0", True, False), ("::", False, True)):
            server = self.start(address=address)
            self.assertEqual(self.reachable(socket.AF_INET, "127.0.0.1", server.port), ipv4)
            self.assertEqual(self.reachable(socket.AF_INET6, "::1", server.port), ipv6)

    def test_peers_are_kept_apart_by_address(self):
        server = self.start(address="*", per_address=2)
        clients = [self.connect(server).open() for _ in range(2)]
        with self.assertRaises((OSError, Closed)):
            self.connect(server).open()
        with socket.create_connection(("127.0.0.2", server.port), source_address=("127.0.0.9", 0)) as other:
            other.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertIn(b"200 OK", other.recv(1000))
        self.assertEqual(server.counts()["perAddressRefused"], 1)
        clients[0].socket.close()
        server.settled("connections", 1)
        self.echo(self.connect(server).open())
        self.end(server)

    def test_socket_options_reach_the_connections(self):
        server = self.start()
        client = self.connect(server).open()
        mine = client.socket.getsockname()[1]
        shown = subprocess.run(["ss", "-tnoi", "state", "established", f"( sport = :{server.port} and dport = :{mine} )"],
                               capture_output=True, text=True)
        if shown.returncode == 0:
            self.assertIn("keepalive", shown.stdout)


class Places(Case):
    def test_those_beyond_wait_and_are_served(self):
        server = self.start(connections=4)
        clients = [self.connect(server).open() for _ in range(4)]
        late = self.connect(server)
        late.send(late.handshake_head().replace("\n", "\r\n").encode())
        late.socket.settimeout(0.5)
        with self.assertRaises(TimeoutError):
            late.answer()
        self.assertLess(server.turns(), SPINNING)
        late.socket.settimeout(10 * PATIENCE)
        clients[0].socket.close()
        self.assertEqual(late.answer()[0], 101)
        self.echo(late)
        self.end(server)

    def test_sessions_beyond_are_refused_with_a_hint(self):
        server = self.start(True, connections=8, sessions=2)
        clients = [self.connect(server).open() for _ in range(2)]
        with Client(server) as third:
            status, headers, _ = third.handshake()
        self.assertEqual((status, headers["retry-after"]), (503, "2"))
        clients[0].part()
        clients[0].socket.close()
        server.settled("connections", 1)
        self.echo(self.connect(server).open())
        self.end(server)

    def test_silent_ones_hold_their_places_only_so_long(self):
        server = self.start(True, connections=8, handshake=1)
        silent = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(24)]
        started = time.monotonic()
        self.echo(self.connect(server).open())
        self.assertLess(time.monotonic() - started, 6 * PATIENCE)
        for each in silent:
            each.close()
        server.settled("connections", 1)
        self.end(server)

    def test_descriptors(self):
        server = self.start(open_files=40, connections=100)
        self.assertEqual(server.greeting[0], "error")
        self.assertIn("raise LimitNOFILE", server.greeting[1])

    def test_a_process_without_descriptors_sheds_and_recovers(self):
        server = self.start(connections=64)
        limit = lambda soft: subprocess.run(["prlimit", f"--pid={server.process.pid}", f"--nofile={soft}:"], check=True)
        limit(20)
        clients = []
        for _ in range(30):
            try:
                clients.append(self.connect(server).open())
            except (OSError, Closed):
                pass
        self.assertTrue(0 < len(clients) < 20, len(clients))
        self.assertLess(server.turns(), SPINNING)
        limit(200)
        for client in clients:
            self.echo(client)
        self.echo(self.connect(server).open())
        self.end(server)


STAYS = 2000  # bytes that the libraries keep for themselves once they were used


class SmallRegions(Case):
    """Room for a few: they are served, the others are refused, and afterwards all is as before."""

    def crowd(self, server, count=24):
        served, refused = [], 0
        for _ in range(count):
            try:
                client = Client(server).open()
                self.addCleanup(client.socket.close)
                self.echo(client)
                served.append(client)
            except (OSError, Closed):
                refused += 1
        return served, refused

    def recovers(self, server, name):
        before = server.counts()
        served, refused = self.crowd(server)
        self.assertGreater(len(served), 1)
        self.assertGreater(refused, 1)
        self.assertGreater(server.counts()[name], 0)
        used = name.replace("Refused", "Used")
        each = (server.counts()[used] - before[used]) / len(served)
        for client in served:
            self.echo(client, "still here")
            client.socket.close()
        after = server.settled("connections", 0)
        for blocks in ("tlsUsed", "lwsUsed"):
            self.assertLessEqual(after[blocks], before[blocks] + STAYS, blocks)
        again, _ = self.crowd(server, len(served))
        self.assertGreaterEqual(len(again), len(served) - STAYS / each)
        self.end(server)

    def test_tls_region(self):
        self.recovers(self.start(True, tls=46_000), "tlsRefused")

    def test_lws_region(self):
        self.recovers(self.start(lws=30_000), "lwsRefused")
        self.recovers(self.start(True, lws=44_000), "lwsRefused")

    def test_regions_too_small_to_start(self):
        for size in (1000, 3000, 6000, 9000, 12000):
            for name in ("tls", "lws"):
                server = self.start(True, **{name: size})
                self.assertIn(server.greeting[0], ("error", "port"))
                if server.greeting[0] == "error":
                    self.assertEqual(server.process.wait(5 * PATIENCE), 1)

    def test_every_size_between_is_survived(self):
        for size in range(16_000, 150_000, 6_000):
            server = self.start(True, tls=size, handshake=1)
            if server.greeting[0] == "error":
                continue
            self.crowd(server, 3)
            server.settled("connections", 0, within=0.3)
            self.end(server)


class Takers(Case):
    def test_one_that_reads_nothing_costs_nobody(self):
        server = self.start(True, waiting=400_000)
        greedy = self.connect(server, receive_buffer=4096).open()
        greedy.say("!large 390000")
        good = self.connect(server).open()
        for i in range(50):
            self.echo(good, f"message {i}")
        self.assertLess(server.turns(), SPINNING)
        self.assertEqual(len(greedy.message()), 390000)
        with self.assertRaises((OSError, Closed)):
            for _ in range(40):  # more than it may owe: dropped
                greedy.say("!large 390000")
            while True:
                greedy.read_frame()
        self.echo(good)
        self.end(server)

    def test_pings_from_one_that_reads_nothing(self):
        server = self.start(True)
        client = self.connect(server, receive_buffer=4096).open()
        good = self.connect(server).open()
        client.socket.settimeout(0.5)
        try:
            for _ in range(400):
                client.send(client.frame(9, b"x" * 125) * 200)
        except OSError:
            pass
        self.echo(good)
        self.assertLess(server.counts()["lwsUsed"], 200_000)
        self.end(server)

    def test_crumbs_of_a_frame_count_as_frames(self):
        server = self.start()
        client = self.connect(server).open()
        client.dribble(client.frame(9, b"x" * 10)[:-1], pause=0.01)
        self.assertGreater(server.settled("heard", 15)["heard"], 7)
        self.end(server)

    def test_torrents_do_not_starve_others(self):
        server = self.start(True, connections=16)
        stop = threading.Event()

        def pour():
            client = Client(server).open()
            block = client.frame(TEXT, b"t" * 100) * 100
            client.socket.settimeout(None)
            while not stop.is_set():
                ready, writable, _ = select.select([client.socket], [client.socket], [], 0.1)
                if ready:
                    try:
                        client.socket.recv(65536)
                    except OSError:
                        break
                elif writable:
                    client.send(block)
            client.socket.close()

        threads = [threading.Thread(target=pour) for _ in range(2)]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
        good = self.connect(server).open()
        worst = 0.0
        for i in range(30):
            started = time.monotonic()
            self.echo(good, f"{i}")
            worst = max(worst, time.monotonic() - started)
        stop.set()
        for thread in threads:
            thread.join()
        self.assertLess(worst, 2 * PATIENCE)


class Late(Case):
    """What comes once a close frame or a violation went before."""
    POURED = 64 << 20
    TAKEN = 16 << 20  # what the kernel keeps for both sides included

    def cut_off(self, client):
        """Pours until it is cut off; how many bytes went out."""
        block, poured = client.frame(TEXT, b"t" * 60) * 1000, 0
        client.socket.settimeout(8 * PATIENCE)
        try:
            while poured < self.POURED:
                poured += client.socket.send(block)
        except OSError as error:
            self.assertNotIsInstance(error, TimeoutError)
        return poured

    def test_a_flood_after_our_close_frame_is_cut_off(self):
        server = self.start()
        client = self.connect(server).open()
        client.say("!close 1001")
        self.assertEqual(client.close_code(), 1001)
        self.assertLess(self.cut_off(client), self.TAKEN)
        server.settled("connections", 0)
        self.end(server)

    def test_a_flood_behind_the_last_frame_is_cut_off_from_one_that_reads_nothing(self):
        for last in (Client.frame(8, b""), Client.frame(3, b"")):
            server = self.start(waiting=4_000_000)
            client = self.connect(server, receive_buffer=4096).open()
            for _ in range(3):
                client.say("!large 1300000")
            client.socket.send(last)
            self.assertLess(self.cut_off(client), self.TAKEN)
            server.settled("connections", 0)
            self.end(server)

    def test_what_was_under_way_loses_nobody_the_reason(self):
        server = self.start(message=4096)
        client = self.connect(server).open()
        client.socket.sendall(client.frame(TEXT, b"x" * 200_000))
        self.assertEqual(client.close_code(), 1009)
        self.end(server)


class Many(Case):
    def test_a_thousand_over_tls_without_the_heap(self):
        server = self.start(True, connections=1064, heap="trap", message=4096, waiting=16384)
        base = server.counts()
        contexts = [context_for(version) for version in VERSIONS]
        clients = []
        for i in range(1000):
            if i % 10 == 0:  # failed handshakes and plain requests among them
                self.fail_handshake(server)
                with Client(server, context=contexts[0]) as other:
                    self.assertEqual(other.request("GET /healthz HTTP/1.1\nHost: x\n\n")[0], 200)
            client = Client(server, context=contexts[i % 2]).open()
            clients.append(client)
        self.assertEqual(server.settled("connections", 1000)["connections"], 1000)
        for client in clients:
            self.echo(client)
        full = server.counts()
        print(f"\n  a connection idle: {(full['tlsUsed'] - base['tlsUsed']) / 1000:.0f} bytes of the TLS region, "
              f"{(full['lwsUsed'] - base['lwsUsed']) / 1000:.0f} of libwebsockets'")
        for client in clients:
            client.socket.close()
        after = server.settled("connections", 0, within=20)
        self.assertEqual(after["connections"], 0)
        self.assertLess(after["tlsUsed"], base["tlsUsed"] + 4000)
        self.assertLess(after["lwsUsed"], base["lwsUsed"] + 4000)
        counts, errors = server.stop()
        self.assertEqual(counts["heapCalls"], 0, errors)
        self.assertEqual((counts["tlsBlocks"], counts["lwsBlocks"]), (0, 0))

    def fail_handshake(self, server):
        with socket.create_connection(("127.0.0.1", server.port)) as broken:
            broken.sendall(b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00")
            broken.settimeout(5)
            try:
                while broken.recv(1000):
                    pass
            except OSError:
                pass


if __name__ == "__main__":
    unittest.main()
