"""Beside the socket: requests of HTTP that are answered by sessions, server-sent events, streams, metrics, health."""
import asyncio
import email.utils
import itertools
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest
import urllib.parse

import websockets

from client import Bystander, Client
from device import PATIENCE, TOP, Device, DeviceTest, eventually
from web import Events, ask, command, curl
from ws import http, read_head, tls

HEATER, FAN, LAMP, TEMPERATURE = "cabin/heater", "cabin/fan", "cabin/lamp", "cabin/temperature"
READS = ("/v1/snapshot", "/v1/history?from=1&to=2", "/v1/events", "/metrics")
ROUTES = (*(("GET", path) for path in READS), ("POST", "/v1/command"))


class Requests(DeviceTest):
    OPTIONS = ("--heartbeat-ms", 1000)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with Client(cls.device) as admin:
            cls.tokens = {name: admin.ask("issueToken", {"name": name, "scope": scope})["payload"]["token"]
                          for name, scope in (("viewer", "read:cabin/#"), ("mover", "control:#"), ("only", "admin"))}
            assert eventually(lambda: all(its["at"] for its in admin.ask("describe")["payload"]["channels"]
                                          if its["quality"] != "fault"))
            admin.close()

    def refused(self, answer, status, reason, *words):
        self.assertEqual(answer.status, status, answer.body)
        told = answer.json()
        self.assertEqual((told["code"], told["reason"]), (status, reason))
        for word in words:
            self.assertIn(word, json.dumps(told))
        return told

    # what is asked for
    def test_a_snapshot_is_what_the_socket_tells(self):
        answer = ask(self.device, "/v1/snapshot?paths=cabin/%23,host/uptime")
        self.assertEqual((answer.status, answer.headers["content-type"]), (200, "application/json"))
        self.assertEqual(answer.headers["cache-control"], "no-store")
        with Client(self.device) as client:
            told = client.ask("subscribe", {"id": "snapshot", "paths": ["cabin/#", "host/uptime"]})["payload"]
            client.close()
        snapshot = answer.json()
        self.assertEqual(snapshot["epoch"], told["epoch"])
        self.assertLessEqual(snapshot["offset"], told["offset"])
        self.assertEqual([its["channel"] for its in snapshot["samples"]], [its["channel"] for its in told["samples"]])
        self.assertEqual(ask(self.device, "/v1/snapshot").json()["samples"][0].keys(), told["samples"][0].keys())
        wild = ask(self.device, "/v1/snapshot?paths=+/heater").json()
        self.assertEqual([its["channel"] for its in wild["samples"]], [HEATER], "a plus sign may stand as it is")

    def test_a_viewer_gets_what_it_may_read(self):
        seen = {its["channel"] for its in ask(self.device, "/v1/snapshot", token=self.tokens["viewer"]).json()["samples"]}
        self.assertTrue(seen and all(path.startswith("cabin/") for path in seen), seen)
        self.refused(ask(self.device, "/v1/snapshot?paths=host/load", token=self.tokens["viewer"]), 404, "notFound")
        metrics = ask(self.device, "/metrics", token=self.tokens["viewer"]).body
        self.assertIn('channel="cabin/heater"', metrics)
        self.assertNotIn("host/load", metrics)

    def test_history_page_by_page(self):
        now = int(1000 * time.time())
        query = f"/v1/history?from={now - 60_000}&to={now}"
        told = ask(self.device, query).json()
        self.assertIn(TEMPERATURE, [its["channel"] for its in told["series"]])
        pages, samples = 1, [its for series in told["series"] for its in series["samples"]]
        while "cursor" in told:
            told = ask(self.device, f"{query}&cursor={urllib.parse.quote(told['cursor'])}").json()
            pages, samples = pages + 1, samples + [its for series in told["series"] for its in series["samples"]]
        offsets = [its["offset"] for its in samples]
        self.assertEqual(len(offsets), len(set(offsets)), "each sample once")
        steps = ask(self.device, f"{query}&paths={TEMPERATURE}&stepMs=1000&aggregate=mean,count").json()["series"][0]["steps"]
        self.assertEqual(steps[0].keys(), {"at", "mean", "count"})

    def test_a_command_climbs_its_ladder(self):
        answer = command(self.device, HEATER, True)
        self.assertEqual((answer.status, answer.json()), (200, {"outcome": "verified"}))
        self.assertEqual(command(self.device, FAN, 30).json(), {"outcome": "applied"})
        self.assertEqual(command(self.device, HEATER, False, until="accepted").json(), {"outcome": "accepted"})
        with Client(self.device) as client:
            self.assertTrue(eventually(lambda: client.value(HEATER) is False))
            self.assertEqual(client.value(FAN), 30)
            record = client.ask("journal", {"channel": FAN, "max": 1})["payload"]["records"][0]
            self.assertEqual((record["who"], record["peer"]), ("owner", "127.0.0.1"))
            client.close()

    def test_a_repeat_moves_nothing(self):
        once = {"clientId": "script", "msgId": "1"}
        self.assertEqual(command(self.device, FAN, 41, **once).json(), {"outcome": "applied"})
        self.assertEqual(command(self.device, FAN, 42).json(), {"outcome": "applied"})
        self.assertEqual(command(self.device, FAN, 41, **once).json(), {"outcome": "applied"})
        with Client(self.device) as client:
            self.assertEqual(client.value(FAN), 42, "the repeat got the answer and did nothing")
            client.close()
        self.refused(command(self.device, FAN, 43, **once), 409, "conflict")

    def test_a_command_says_what_is_wrong_with_it(self):
        for more, status, reason, field in (
                ({"value": 400}, 422, "outOfRange", "value"), ({"value": "x"}, 400, "malformed", "value"), ({}, 400, "malformed", "value"),
                ({"value": 1, "notAfter": 1}, 408, "expired", "notAfter"), ({"value": 1, "epoch": "old"}, 412, "foreignEpoch", "epoch"),
                ({"value": 1, "leaseMs": 5}, 400, "malformed", "leaseMs"), ({"value": 1, "clientId": "a"}, 400, "malformed", "msgId")):
            with self.subTest(more):
                told = self.refused(ask(self.device, "/v1/command", method="POST", body={"channel": FAN, **more}), status, reason)
                self.assertEqual(told["field"], field)
        self.refused(command(self.device, "cabin/nothing", 1), 404, "notFound")
        self.refused(command(self.device, TEMPERATURE, 1), 403, "forbidden")

    # what is wrong with a request
    def test_methods(self):
        for path, allowed in (("/v1/snapshot", "GET, HEAD"), ("/v1/history", "GET, HEAD"), ("/v1/events", "GET, HEAD"),
                              ("/metrics", "GET, HEAD"), ("/v1/command", "POST"), ("/healthz", "GET, HEAD"),
                              ("/readyz", "GET, HEAD"), ("/v1/stream", "GET")):
            for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
                if method in allowed:
                    continue
                with self.subTest(f"{method} {path}"):
                    answer = ask(self.device, path, method=method)
                    self.refused(answer, 405, "malformed", "only")
                    self.assertEqual(answer.headers["allow"], allowed)

    def test_head_tells_the_same_without_the_body(self):
        for path in (*READS, "/healthz", "/readyz", "/v1/snapshot?x=1", "/v1/snapshot?paths=no/such"):
            with self.subTest(path):
                head = ask(self.device, path, method="HEAD")
                self.assertEqual(head.body, "")
                if path.startswith("/v1/events"):
                    self.assertEqual((head.status, head.headers["content-type"]), (200, "text/event-stream"))
                    continue
                whole = ask(self.device, path)
                self.assertEqual((head.status, head.headers["content-type"]), (whole.status, whole.headers["content-type"]))
        self.assertTrue(eventually(lambda: self.device.report().used("sessions") == 0))

    def test_queries(self):
        for path, reason, field, words in (
                ("/v1/snapshot?path=a", "malformed", "query", ("paths",)), ("/v1/snapshot?paths=a//b", "malformed", "paths[0]", ()),
                ("/v1/snapshot?paths=a%07b", "malformed", "query", ("control",)),
                ("/v1/snapshot?paths=" + ",".join("abcdefghi"), "tooBig", "paths", ()), ("/v1/snapshot?paths=a&paths=b", "malformed", "paths", ("twice",)),
                ("/v1/history", "malformed", "from", ()), ("/v1/history?from=now&to=1", "malformed", "from", ("whole number",)),
                ("/v1/history?from=2&to=1", "outOfRange", "to", ()), ("/v1/history?from=1&to=2&cursor=x", "malformed", "cursor", ()),
                ("/v1/events?mode=slow", "malformed", "mode", ("instant",)), ("/v1/events?mode=fixed&periodMs=5", "outOfRange", "periodMs", ()),
                ("/v1/events?events=yes", "malformed", "events", ("true or false",)), ("/v1/events?lastEventId=7", "malformed", "lastEventId", ()),
                ("/v1/events?lastEventId=" + "x" * 30 + ":1", "tooBig", "resume.epoch", ())):
            with self.subTest(path):
                answer = ask(self.device, path)
                told = answer.json()
                self.assertEqual((told["reason"], told["field"], told["code"]), (reason, field, answer.status))
                self.assertTrue(400 <= answer.status < 500)
                for word in words:
                    self.assertIn(word, told["detail"])
        for place in ("x" * 60, "x" * 60 + ":1"):  # one that does not fit is not taken for none
            answer = ask(self.device, "/v1/events", headers={"Last-Event-ID": place})
            self.assertEqual((answer.status, answer.json()["field"]), (400, "lastEventId"))
        self.refused(ask(self.device, "/v1/snapshot?paths=" + "x" * 5000), 414, "tooBig")

    def test_bodies(self):
        post = {"method": "POST", "token": True}
        good = {"channel": FAN, "value": 5}
        self.refused(ask(self.device, "/v1/command", **post, body=good, headers={"Content-Type": "text/plain"}.items()), 415, "malformed",
                     "application/json")
        self.assertEqual(ask(self.device, "/v1/command", **post, body=good,
                             headers={"Content-Type": "application/json; charset=utf-8"}.items()).status, 200)
        self.refused(ask(self.device, "/v1/command", **post, body=b""), 411, "malformed", "Content-Length")
        self.refused(ask(self.device, "/v1/command", **post, body="{"), 400, "malformed")
        self.refused(ask(self.device, "/v1/command", **post, body="[]"), 400, "malformed", "object")
        self.refused(ask(self.device, "/v1/command", **post, body=json.dumps(good | {"x": "y" * 20_000})), 413, "tooBig", "messageBytes")
        self.refused(ask(self.device, "/v1/command?x=1", **post, body=good), 400, "malformed", "query")
        head = f"POST /v1/command HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self.device.token}\r\nContent-Type: application/json\r\n"
        self.assertEqual(http(self.device, head + "Transfer-Encoding: chunked\r\n\r\n").status, 411)
        self.assertEqual(http(self.device, head + "Content-Length: 99999999999999\r\n\r\n").status, 413)
        with tls(self.device) as slow:  # a byte at a time
            text = json.dumps(good)
            slow.sendall(f"{head}Content-Length: {len(text)}\r\n\r\n".encode())
            for byte in text.encode():
                slow.sendall(bytes([byte]))
            self.assertIn(b" 200 OK", read_head(slow)[0])

    def test_credentials(self):
        for method, path in ROUTES:
            body = {"channel": FAN, "value": 1} if method == "POST" else None
            with self.subTest(f"{method} {path}"):
                for token in (None, "wrong", self.tokens["viewer"] + "x"):
                    answer = ask(self.device, path, method=method, token=token, body=body)
                    self.refused(answer, 401, "unauthenticated")
                    self.assertEqual(answer.headers["www-authenticate"], "Bearer")
                wrong = ("only", "viewer") if method == "POST" else ("only", "mover")
                for name in wrong:
                    self.refused(ask(self.device, path, method=method, token=self.tokens[name], body=body), 403, "forbidden")

    def test_other_sites_and_other_names(self):
        for method, path in ROUTES:
            body = {"channel": FAN, "value": 1} if method == "POST" else None
            self.refused(ask(self.device, path, method=method, body=body, headers={"Origin": "https://evil.example"}.items()), 403, "forbidden")
            self.refused(ask(self.device, path, method=method, body=body, headers={"Host": "evil.example"}.items()), 421, "forbidden")

    def test_a_cookie_reads_for_our_own_page_only(self):
        cookie = {"Cookie": f"__Host-signalbox={self.device.token}"}
        ours = {"Origin": f"https://localhost:{self.device.port}"}
        self.assertEqual(ask(self.device, "/v1/snapshot", token=None, headers=(cookie | {"Sec-Fetch-Site": "same-origin"}).items()).status, 200)
        self.refused(ask(self.device, "/v1/snapshot", token=None, headers=(cookie | {"Sec-Fetch-Site": "cross-site"}).items()), 401,
                     "unauthenticated")
        body = {"channel": FAN, "value": 3}
        self.assertEqual(ask(self.device, "/v1/command", method="POST", token=None, body=body, headers=(cookie | ours).items()).status, 200)
        self.refused(ask(self.device, "/v1/command", method="POST", token=None, body=body,
                         headers=(cookie | {"Sec-Fetch-Site": "same-origin"}).items()), 401, "unauthenticated")

    def test_what_comes_behind_a_body_costs_no_time(self):
        """libwebsockets would look at it again and again while the answer is waited for."""
        body = json.dumps({"channel": HEATER, "value": True})
        with Bystander(self.device) as bystander, tls(self.device) as stream:
            stream.sendall((f"POST /v1/command HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self.device.token}\r\n"
                            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}" + "x" * 5000).encode())
            try:
                while stream.recv(4096):
                    pass
            except OSError:
                pass
        self.assertIsNotNone(bystander)
        command(self.device, HEATER, False)

    def test_an_upgrade_is_no_way_in(self):
        for path in ("/v1/snapshot", "/v1/events", "/metrics"):
            answer = http(self.device, f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                                       "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                       f"Authorization: Bearer {self.device.token}\r\n\r\n")
            self.assertEqual(answer.status, 400, answer.body)

    def test_http_1_0(self):
        """A body without chunks, that ends with the connection."""
        answer = http(self.device, f"GET /v1/snapshot?paths={HEATER} HTTP/1.0\r\nAuthorization: Bearer {self.device.token}\r\n\r\n")
        self.assertEqual(answer.status, 200)
        self.assertNotIn("transfer-encoding", answer.headers)
        self.assertEqual(answer.json()["samples"][0]["channel"], HEATER)

    # server-sent events
    def test_events_follow_the_snapshot(self):
        with Events(self.device, "?paths=cabin/%23&events=true&minPeriodMs=0") as reader:
            self.assertEqual((reader.status, reader.answer.getheader("content-type")), (200, "text/event-stream"))
            kind, snapshot = reader.next()
            self.assertEqual((kind, reader.retry, reader.last), ("snapshot", 2000, f"{snapshot['epoch']}:{snapshot['offset']}"))
            command(self.device, LAMP, True)
            reader.until(lambda kind, told: kind == "event" and told["name"] == "actuated" and told["channel"] == LAMP)
            _, told = reader.until(lambda kind, told: kind == "telemetry" and any(its["channel"] == LAMP for its in told["samples"]))
            self.assertEqual(reader.last, f"{told['epoch']}:{told['offset']}")
            command(self.device, LAMP, False)

    def test_a_reader_that_comes_back_misses_nothing(self):
        with Events(self.device, f"?paths={LAMP}&minPeriodMs=0") as reader:
            reader.next()
            last = reader.last
        for value in (True, False, True, False):
            self.assertEqual(command(self.device, LAMP, value).status, 200)
        with Events(self.device, f"?paths={LAMP}&minPeriodMs=0", last=last) as reader:
            values = []
            while True:
                kind, told = reader.next()
                values += [its["value"] for its in told["samples"]] if kind == "missed" else []
                if kind == "snapshot":
                    break
            self.assertTrue(told["recovered"])
            changes = [value for value, _ in itertools.groupby(values)]
            self.assertEqual(changes[-4:], [True, False, True, False])
        self.assertEqual(Events(self.device, last=last.split(":")[0] + ":999999999").status, 422)

    def test_after_a_restart_the_gap_is_told(self):
        with Device() as device:
            with Events(device, "?paths=cabin/%23") as reader:
                reader.next()
                last = reader.last
                device.process.terminate()
                _, told = reader.until(lambda kind, _: kind == "goodbye")
                self.assertGreater(told["retryAfterMs"], 0)
                self.assertIsNone(reader.next(), "the stream ends in order")
        with Events(self.device, "?paths=cabin/%23", last=last) as reader:
            kind, told = reader.next()
            self.assertEqual(kind, "missed")
            self.assertEqual({(its["from"], its["to"]) for its in told["gaps"]}, {(None, None)})
            self.assertIs(reader.next()[1]["recovered"], False)

    def test_a_quiet_stream_has_heartbeats(self):
        with Events(self.device, f"?paths={LAMP}") as reader:
            reader.next()
            lines = iter(reader.answer.readline, b"")
            self.assertTrue(any(line == b":\n" for line in itertools.islice(lines, 20)))

    # the log
    def test_the_log_is_told_as_it_is_written(self):
        with Client(self.device) as client, Events(self.device, path="/v1/log") as reader:
            self.assertEqual((reader.status, reader.answer.getheader("content-type")), (200, "text/event-stream"))
            self.assertEqual(reader.next(), ("ack", {"outcome": "following"}))
            self.assertEqual(client.command(LAMP, "wrong")["payload"]["reason"], "malformed")
            client.ask("stop")
            _, line = reader.until(lambda kind, told: kind == "logLine" and " kind=stop " in told["text"])
            self.assertEqual(reader.last, f"{line['epoch']}:{line['offset']}")
            self.assertLess(abs(line["at"] / 1000 - time.time()), 60)
            last = reader.last
            client.ask("reset")
            reader.until(lambda _, told: " kind=reset " in told["text"])
            client.close()
        with Events(self.device, path="/v1/log", last=last) as reader:
            _, line = reader.until(lambda kind, _: kind == "logLine")
            self.assertGreater(int(line["offset"]), int(last.split(":")[1]), "what was told is not told again")
        self.assertTrue(self.device.wait_for_log(" kind=stop "), "and the console has it")

    def test_the_log_is_for_administrators(self):
        with Client(self.device) as client:
            tokens = {scope: client.ask("issueToken", {"name": "n", "scope": scope})["payload"]["token"] for scope in ("operator", "admin")}
            client.close()
        self.assertEqual(Events(self.device, path="/v1/log", token=None).status, 401)
        with Events(self.device, path="/v1/log", token=tokens["operator"]) as refused:
            self.assertEqual(refused.status, 403)
            self.assertEqual(json.loads(refused.answer.read())["detail"], "only an administrator may do that")
        with Events(self.device, path="/v1/log", token=tokens["admin"]) as reader:
            self.assertEqual(reader.next(), ("ack", {"outcome": "following"}), "the log is all that one may read")
        self.assertEqual(ask(self.device, "/v1/log?paths=a").status, 400)
        self.assertEqual(ask(self.device, "/v1/log", method="POST").status, 405)

    def test_a_token_that_asks_too_fast_waits_and_a_stop_does_not(self):
        with Device("--requests-per-s", 2) as device:
            with Client(device) as client:
                other, third = (client.ask("issueToken", {"name": name, "scope": "viewer"})["payload"]["token"] for name in ("other", "third"))
                client.close()
            base, bearer = f"https://localhost:{device.port}", ("-H", f"Authorization: Bearer {device.token}")
            # So many that some are too early, whatever a busy machine makes of them.
            done = curl(device, "-i", "-Z", "--parallel-immediate", *bearer, *[f"{base}/v1/snapshot?paths={LAMP}"] * 20, seconds=30)
            refused = [part for part in done.stdout.split("HTTP/1.1 ") if part.startswith("429 Too Many Requests")]
            self.assertTrue(refused, done.stdout + done.stderr)
            self.assertIn("HTTP/1.1 200", done.stdout)
            self.assertRegex(refused[0], r"Retry-After: [1-9]\d*\n")
            body = json.loads(refused[0].partition("\n\n")[2].strip())
            self.assertEqual((body["code"], body["reason"], body["temporary"], body["detail"]), (429, "busy", True, "more than 2 requests a second"))
            self.assertGreater(body["retryAfterMs"], 0)
            self.assertEqual(ask(device, f"/v1/snapshot?paths={LAMP}", token=other).status, 200, "another token has its own rate")
            for _ in range(4):
                self.assertEqual(ask(device, "/v1/stop", method="POST").status, 200)
            self.assertGreaterEqual(figures(ask(device, "/metrics", token=third).body)['signalbox_limits_met_total{limit="requests-per-s"}'], len(refused))

    def test_a_ticket_opens_events_once(self):
        with Client(self.device) as client:
            ticket = client.ask("ticket")["payload"]["ticket"]
            client.close()
        with Events(self.device, f"?ticket={ticket}", token=None) as reader:
            self.assertEqual(reader.next()[0], "snapshot")
        self.assertEqual(Events(self.device, f"?ticket={ticket}", token=None).status, 401)

    def test_a_reader_costs_no_more_than_a_socket(self):
        def memory(open_one):
            before, all_open = self.device.base_line().in_use(), [open_one() for _ in range(10)]
            used = self.device.report().in_use()
            for its in all_open:
                its.close()
            return {pool: (used[pool] - before[pool]) / 10 for pool in ("libwebsockets-bytes", "mbedtls-bytes")}

        def reader():
            its = Events(self.device, f"?paths={LAMP}")
            its.next()
            return its

        def subscriber():
            its = Client(self.device)
            its.ask("subscribe", {"id": "a", "paths": [LAMP]})
            return its
        sockets, readers = memory(subscriber), memory(reader)
        self.assertLess(readers["mbedtls-bytes"], sockets["mbedtls-bytes"] + 500)
        print(f"\n  libwebsockets: {readers['libwebsockets-bytes']:.0f} bytes a reader, {sockets['libwebsockets-bytes']:.0f} a socket")
        self.assertLess(readers["libwebsockets-bytes"], sockets["libwebsockets-bytes"] + 500)

    # streams
    def stream(self, query, count=2, **options):
        async def read():
            url = f"wss://localhost:{self.device.port}/v1/stream?{query}"
            headers = {"Authorization": f"Bearer {self.device.token}"} if options.pop("shows", True) else {}
            async with websockets.connect(url, ssl=self.device.trust(), extra_headers=headers, **options) as its:
                return [await asyncio.wait_for(its.recv(), 5 * PATIENCE) for _ in range(count)]
        return asyncio.run(read())

    def test_streams_in_each_format(self):
        flat = [json.loads(text) for text in self.stream("paths=cabin/%23&period=100", 4)]
        self.assertTrue(all({"time", HEATER, FAN} <= its.keys() for its in flat), flat)
        self.assertGreater(flat[-1]["time"], flat[0]["time"])
        long = json.loads(self.stream(f"paths={FAN}&format=long", 1)[0])
        self.assertEqual((long[0].keys(), long[0]["channel"]), ({"time", "channel", "value", "quality"}, FAN))
        lines = self.stream("format=influx&paths=cabin/%23", 1)[0].splitlines()
        self.assertTrue(all(line.startswith("signalbox,device=bench,channel=cabin/") for line in lines), lines)
        seconds = int(lines[0].split()[-1]) / 1e9
        self.assertLess(abs(seconds - time.time()), 60)

    def test_a_stream_by_ticket_takes_nothing(self):
        with Client(self.device) as client:
            ticket = client.ask("ticket")["payload"]["ticket"]
            client.close()
        self.assertTrue(self.stream(f"ticket={ticket}&period=100", shows=False))

        async def talk():
            url = f"wss://localhost:{self.device.port}/v1/stream"
            async with websockets.connect(url, ssl=self.device.trust(), extra_headers={"Authorization": f"Bearer {self.device.token}"}) as its:
                await its.send('{"type":"stop"}')
                while True:
                    await asyncio.wait_for(its.recv(), 5 * PATIENCE)
        with self.assertRaises(websockets.ConnectionClosed) as closed:
            asyncio.run(talk())
        self.assertEqual(closed.exception.code, 1008)
        self.assertEqual(figures(ask(self.device, "/metrics").body)["signalbox_stopped"], 0)

    def test_a_stream_is_refused_before_the_upgrade(self):
        for query, status, options in (("format=csv", 400, {}), ("path=a", 400, {}), ("period=1", 422, {}), ("paths=no", 404, {}),
                                       ("", 400, {"subprotocols": ["signalbox.v1"]}), ("", 401, {"shows": False}),
                                       ("ticket=wrong", 401, {"shows": False}), ("", 403, {"origin": "https://evil.example"})):
            with self.subTest(query + str(options)):
                with self.assertRaises(websockets.InvalidStatusCode) as refused:
                    self.stream(query, **options)
                self.assertEqual(refused.exception.status_code, status)
        for query, field in (("period=1", "period"), ("period=x", "period"), ("paths=no", "paths")):
            answer = ask(self.device, f"/v1/stream?{query}", headers={
                "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="})
            self.assertEqual(answer.json()["field"], field, answer.body)

    # how it is
    def test_health(self):
        health = ask(self.device, "/healthz")
        self.assertEqual(health.status, 200)
        self.assertLess(abs(email.utils.parsedate_to_datetime(health.headers["date"]).timestamp() - time.time()), PATIENCE)
        stranger = ask(self.device, "/healthz", token=None)
        self.assertEqual((stranger.status, stranger.json().keys()), (200, {"status"}))
        wrong = ask(self.device, "/healthz", token="wrong")
        self.assertEqual((wrong.status, wrong.json()["reason"]), (401, "unauthenticated"))
        self.assertEqual(health.json()["dependencies"].keys(), {"journal", "clock", "hardware"})
        self.assertEqual(health.json()["status"] == "ok", all(its == "ok" for its in health.json()["dependencies"].values()))
        self.assertTrue(eventually(lambda: ask(self.device, "/readyz", token=None).status == 200))
        self.assertEqual(ask(self.device, "/readyz", token=None).json(), {"status": "ready"})

    def test_metrics_are_right(self):
        answer = ask(self.device, "/metrics")
        self.assertEqual(answer.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8")
        before = figures(answer.body)
        command(self.device, FAN, 20)
        command(self.device, FAN, 2000)
        after = figures(ask(self.device, "/metrics").body)
        for outcome in ("applied", "outOfRange"):
            name = f'signalbox_commands_total{{outcome="{outcome}"}}'
            self.assertEqual(after[name] - before[name], 1, name)
        self.assertEqual(after['signalbox_channel_value{channel="cabin/fan",unit="%"}'], 20)
        self.assertEqual(after["signalbox_heap_calls_total"], 0) if "signalbox_heap_calls_total" in after else None
        buckets = [value for name, value in after.items() if name.startswith("signalbox_loop_pass_seconds_bucket")]
        self.assertEqual(buckets, sorted(buckets))
        self.assertEqual(buckets[-1], after["signalbox_loop_pass_seconds_count"])
        report = self.device.report()
        self.assertEqual(after['signalbox_pool_capacity{pool="sessions"}'], report.pools["sessions"]["of"])

    def test_the_documents_examples(self):
        examples = re.findall(r"^```sh curl\n(.*?)^```$", (TOP / "docs/PROTOCOL.md").read_text(), re.M | re.S)
        self.assertEqual(len(examples), 3)
        for example in examples:
            with self.subTest(example):
                done = subprocess.run(["bash", "-euc", example], capture_output=True, text=True, timeout=20 * PATIENCE, env=os.environ | {
                    "DEVICE": f"localhost:{self.device.port}", "TOKEN": self.device.token, "CA": str(self.device.certificate)})
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertTrue({"samples", "series", "outcome"} & json.loads(done.stdout).keys())

    def test_the_readmes_commands(self):
        section = (TOP / "README.md").read_text().partition("\n## Without a WebSocket\n")[2]
        commands = re.search(r"```sh\n(.*?)```", section, re.S).group(1).replace("localhost:8443", f"localhost:{self.device.port}")
        for endless in re.findall(r"^device -N .*$", commands, re.M):
            commands = commands.replace(endless, endless.replace("-N", "-N -m 2").partition("#")[0] + "|| test $? = 28")
        with tempfile.TemporaryDirectory() as folder:
            place = pathlib.Path(folder) / "build"
            (place / "state").mkdir(parents=True)
            shutil.copy(self.device.certificate, place / "state/certificate")
            (place / "token").write_text(self.device.token)
            done = subprocess.run(["bash", "-euc", commands], cwd=folder, capture_output=True, text=True, timeout=20 * PATIENCE)
        self.assertEqual(done.returncode, 0, done.stderr)
        for word in ('"id":"snapshot"', '"outcome":"applied"', "event: snapshot", "event: logLine", "signalbox_info"):
            self.assertIn(word, done.stdout)

    def test_curl(self):
        bearer = ("-H", f"Authorization: Bearer {self.device.token}")
        base = f"https://localhost:{self.device.port}"
        done = curl(self.device, "-f", *bearer, f"{base}/v1/snapshot?paths={HEATER}")
        self.assertEqual((done.returncode, json.loads(done.stdout)["samples"][0]["channel"]), (0, HEATER))
        done = curl(self.device, "-f", *bearer, "--json", json.dumps({"channel": FAN, "value": 12}), f"{base}/v1/command")
        self.assertEqual((done.returncode, json.loads(done.stdout)), (0, {"outcome": "applied"}))
        done = curl(self.device, "-N", "-m", 2, *bearer, f"{base}/v1/events?paths={HEATER}")
        self.assertEqual(done.returncode, 28, "it goes on until curl has enough")
        self.assertTrue(done.stdout.startswith("retry: 2000\nevent: snapshot\n"), done.stdout)


def figures(text):
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line and not line.startswith("#")}


class SlowReaders(unittest.TestCase):
    def test_who_reads_nothing_is_folded_and_costs_nobody_anything(self):
        with Device("--unread-after-ms", 3000) as device, Bystander(device) as bystander:
            raw = tls(device, receive_buffer=4096)
            raw.sendall(f"GET /v1/events?paths=%23&mode=fixed&periodMs=50 HTTP/1.1\r\nHost: localhost\r\n"
                        f"Authorization: Bearer {device.token}\r\n\r\n".encode())
            self.assertTrue(eventually(lambda: device.report().used("sessions") == 2))
            self.assertTrue(eventually(lambda: device.report().used("sessions") == 1, 30), "it is let go in the end")
            raw.close()
        self.assertIsNotNone(bystander)


if __name__ == "__main__":
    unittest.main()
