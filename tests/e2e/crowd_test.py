"""As many clients as there are places, each with a subscription; one more; and all over again."""
import asyncio
import json
import resource
import signal
import unittest
import urllib.request

from client import Client
from device import HOST, PATIENCE, SANITIZED, Device
from ws import TEXT, Refused, frame

SESSIONS = 1000
# The sanitizers slow TLS down too much for all of them.
CLIENTS = SESSIONS if not SANITIZED else 100
AT_ONCE = 40


class Member:
    """One of the crowd: asyncio streams and just enough WebSocket to watch telemetry."""

    def __init__(self, index):
        self.index, self.telemetry, self.seen = index, 0, set()

    async def open(self, device, context):
        self.reader, self.writer = await asyncio.open_connection(HOST, device.port, ssl=context, server_hostname="localhost")
        self.writer.write((f"GET /v1/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                           f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                           f"Authorization: Bearer {device.token}\r\n\r\n").encode())
        head = await self.reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101"), head
        subscribe = {"id": "mine", "paths": ["cabin/#"], "mode": "fixed", "periodMs": 1000 + self.index % 50}
        self.writer.write(frame(TEXT, json.dumps({"type": "subscribe", "msgId": "s", "payload": subscribe})))
        while "synced" not in self.seen:
            await self.message()

    async def message(self):
        first, size = await self.reader.readexactly(2)
        if size >= 126:
            size = int.from_bytes(await self.reader.readexactly(2 if size == 126 else 8), "big")
        payload = await self.reader.readexactly(size)
        assert first == 0x81, f"frame {first:#x}"
        kind = json.loads(payload)["type"]
        assert kind in ("welcome", "snapshot", "synced", "telemetry", "pong"), payload
        self.seen.add(kind)
        self.telemetry += kind == "telemetry"

    async def ask(self):
        self.seen.discard("pong")
        self.writer.write(frame(TEXT, json.dumps({"type": "ping", "msgId": "p", "payload": {"data": "x" * 64}})))
        await self.writer.drain()

    async def answered(self):
        while "pong" not in self.seen:
            await self.message()

    async def close(self):
        self.writer.write(frame(8, b"\x03\xe8"))
        try:
            while await self.reader.read(4096):
                pass
        except OSError:
            pass
        self.writer.close()


class Crowd(unittest.TestCase):
    def setUp(self):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    async def gather(self, device, base):
        gate = asyncio.Semaphore(AT_ONCE)
        context = device.trust()
        members = [Member(i) for i in range(CLIENTS)]

        async def enter(member):
            async with gate:
                await asyncio.wait_for(member.open(device, context), 30 * PATIENCE)

        await asyncio.gather(*map(enter, members))
        self.assertEqual(device.report().used("sessions"), CLIENTS)

        async def watch(member):
            while member.telemetry < 2:
                await member.message()

        await asyncio.wait_for(asyncio.gather(*map(watch, members)), 30 * PATIENCE)
        # All ask in the same moment: answers that wait for their turn may not run it out of frames.
        device.signal(signal.SIGSTOP)
        await asyncio.gather(*(member.ask() for member in members))
        device.signal(signal.SIGCONT)
        await asyncio.wait_for(asyncio.gather(*(member.answered() for member in members)), 30 * PATIENCE)
        await asyncio.to_thread(self.one_more, device)
        await asyncio.gather(*(member.close() for member in members))
        self.assertEqual(await asyncio.to_thread(device.returns_to, base), {})

    def one_more(self, device):
        if CLIENTS < SESSIONS:
            return
        for _ in range(3):
            with self.assertRaises(Refused) as refused:
                Client(device)
            answer = refused.exception.answer
            self.assertEqual((answer.status, answer.json()["reason"]), (503, "overloaded"))
            self.assertGreaterEqual(int(answer.headers["retry-after"]), 1)
            self.assertGreater(answer.json()["retryAfterMs"], 0)
        self.assertGreaterEqual(device.report().pools["sessions"]["refused"], 3)
        url = device.url.replace("wss:", "https:").replace("/v1/ws", "/v1/stop")
        request = urllib.request.Request(url, method="POST", headers={"Authorization": f"Bearer {device.token}"})
        with urllib.request.urlopen(request, context=device.trust(), timeout=10 * PATIENCE) as answer:
            self.assertEqual(json.load(answer), {"outcome": "stopped"}, "although no session is free")

    def test_all_are_served_one_more_is_told_and_all_come_back(self):
        with Device("--heartbeat-ms", 300_000, "--dead-after-ms", 600_000) as device:
            base = device.base_line()
            for _ in range(2):
                asyncio.run(self.gather(device, base))
            with Client(device) as client:
                self.assertEqual(client.ask("ping")["type"], "pong")
                client.close()
            report = device.report()
            self.assertTrue(all(pool["refused"] == 0 for name, pool in report.pools.items() if name != "sessions"), report.pools)
            self.assertEqual(report.pools["sessions"]["high"], CLIENTS)

    def test_few_open_files_are_told_at_the_start(self):
        with self.assertRaises(RuntimeError) as refused:
            Device(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (500, 500)))
        self.assertIn("ulimit -n", str(refused.exception))
        with Device(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (256, 4096))):
            pass  # it raises its own soft limit


if __name__ == "__main__":
    unittest.main()
