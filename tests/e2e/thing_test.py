"""The Thing Description at /.well-known/wot: right by W3C's own schema, and the same as `describe` says."""
import unittest
from urllib.parse import urlsplit

from client import Client
from device import DeviceTest
from full_device import full_device_file
from schemas import faults
from ws import Refused, Socket, http

TYPES = {"number": "number", "boolean": "boolean", "text": "string", "enum": "string"}
OUTPUT = ["readproperty", "writeproperty", "observeproperty", "unobserveproperty"]


class Thing(DeviceTest):
    OPTIONS = ("--allow-host", "bench.local,192.0.2.7,2001:db8::7")

    @classmethod
    def device_file(cls):
        return full_device_file()

    def get(self, token=True, host=None, method="GET", path="/.well-known/wot"):
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host or f'localhost:{self.device.port}'}"]
        if token:
            lines.append(f"Authorization: Bearer {self.device.token if token is True else token}")
        return http(self.device, "\r\n".join([*lines, "", ""]))

    def test_it_is_one_by_the_official_schema(self):
        answer = self.get()
        self.assertEqual((answer.status, answer.headers["content-type"]), (200, "application/td+json"))
        self.assertEqual(int(answer.headers["content-length"]), len(answer.body.encode()))
        thing = answer.json()
        broken = [{**thing, "security": "nobody", "securityDefinitions": {"token": {"scheme": "magic"}}},
                  {name: its for name, its in thing.items() if name != "title"}]
        told = faults([{"schema": "thing", "message": its} for its in [thing, *broken]])
        self.assertIsNone(told[0])
        self.assertNotIn(None, told[1:], "the schema lets everything pass")

    def test_it_says_what_describe_says(self):
        thing = self.get().json()
        with Client(self.device) as client:
            description = client.ask("describe")["payload"]
            client.close()
        self.assertEqual(thing["@context"], ["https://www.w3.org/2022/wot/td/v1.1"])
        self.assertEqual((thing["id"], thing["title"]), ("urn:signalbox:bench", description["device"]["title"]))
        self.assertEqual(thing["version"], {"instance": description["firmwareVersion"]})
        self.assertEqual(thing["securityDefinitions"][thing["security"][0]]["scheme"], "bearer")
        channels = {channel["path"].replace("/", "."): channel for channel in description["channels"]}
        self.assertEqual(list(thing["properties"]), list(channels))
        for name, its in thing["properties"].items():
            channel = channels[name]
            with self.subTest(name):
                self.assertEqual((its["type"], its.get("unit"), its.get("title")),
                                 (TYPES[channel["kind"]], channel.get("unit"), channel.get("title")))
                self.assertEqual([its.get("minimum"), its.get("maximum")], channel.get("range", [None, None]))
                self.assertEqual(its["readOnly"], not channel["access"]["control"])
                form, = its["forms"]
                self.assertEqual((form["href"], form["subprotocol"]), (self.device.url, "signalbox.v1"))
                self.assertEqual(form["op"], OUTPUT if channel["access"]["control"] else [op for op in OUTPUT if op != "writeproperty"])
        self.assertEqual(list(thing["actions"]), ["stop", "reset"])
        self.assertEqual(thing["events"]["event"]["forms"][0]["op"], ["subscribeevent", "unsubscribeevent"])

    def test_its_link_leads_to_the_socket(self):
        form = self.get().json()["properties"]["cabin.heater"]["forms"][0]
        with Socket(self.device, token=self.device.token, protocols=(form["subprotocol"],), path=urlsplit(form["href"]).path) as socket:
            self.assertEqual(socket.receive()["type"], "welcome")
            self.assertEqual(socket.close(), 1000)

    def test_it_takes_a_credential(self):
        for token in (None, "wrong", "x" * 43):
            answer = self.get(token=token)
            self.assertEqual((answer.status, answer.json()["reason"]), (401, "unauthenticated"))
            self.assertEqual(answer.headers["www-authenticate"], "Bearer")
            self.assertNotIn("cabin", answer.body)

    def test_it_names_the_device_as_it_was_asked_for(self):
        for host in ("bench.local", "192.0.2.7:8443", "[2001:db8::7]:8443"):
            self.assertEqual(self.get(host=host).json()["properties"]["cabin.fan"]["forms"][0]["href"], f"wss://{host}/v1/ws")
        for host in ('a"b', "a/b", "user@host", "a b", "x" * 90):
            answer = self.get(host=host)
            self.assertEqual((answer.status, answer.json()["reason"]), (400, "malformed"), host)

    def test_other_methods(self):
        head = self.get(method="HEAD")
        self.assertEqual((head.status, head.body), (200, ""))
        self.assertEqual(int(head.headers["content-length"]), len(self.get().body.encode()))
        answer = self.get(method="POST")
        self.assertEqual((answer.status, answer.headers["allow"]), (405, "GET, HEAD"))
        self.assertEqual(self.get(path="/.well-known").status, 404)
        with self.assertRaises(Refused) as refused:  # asked for an upgrade, which is ignored
            Socket(self.device, token=self.device.token, path="/.well-known/wot")
        self.assertEqual((refused.exception.answer.status, refused.exception.answer.json()["title"]), (200, self.get().json()["title"]))


if __name__ == "__main__":
    unittest.main()
