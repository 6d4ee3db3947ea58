"""docs/openapi.yaml says what the device does: the code's own lists of routes and parameters, and real answers."""
import json
import re
import subprocess
import time
import unittest

from client import Client
from device import PATIENCE, TOP, DeviceTest, eventually
from web import ask

FIRMWARE = TOP / "firmware"


def described(answers=()):
    done = subprocess.run(["node", TOP / "tests/npm/openapi.mjs"], input=json.dumps(answers), capture_output=True, text=True,
                          timeout=60 * PATIENCE)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class Document(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.told = described()
        cls.operations = {(its["method"], its["path"]): its for its in cls.told["operations"]}

    def test_it_has_no_fault(self):
        self.assertEqual((self.told["version"], self.told["errors"]), ("3.1", []))

    def test_it_has_every_route_of_the_code(self):
        table = (FIRMWARE / "session/clearance.hpp").read_text()
        routes = {tuple(row.split(" ")) for row in re.findall(r'Operation\{"((?:GET|POST) [^"]+)"', table)}
        self.assertGreater(len(routes), 12)
        self.assertEqual(set(self.operations), routes | {("GET", "/ca.crt")})
        open_to_all = {tuple(row.split(" ")) for row in re.findall(r'Operation\{"((?:GET|POST) [^"]+)", Clearance::nothing', table)}
        for route, its in self.operations.items():
            self.assertEqual(its["open"], route in (open_to_all | {("GET", "/ca.crt")}) - {("GET", "/v1/ws")}, route)

    def test_it_has_every_parameter_of_the_code(self):
        source = (FIRMWARE / "protocol/dialects/http_query.cpp").read_text()
        shared = dict(re.findall(r'constexpr Parameter (k\w+)\{"(\w+)"', source))
        lists = {name: [shared.get(word, literal) for word, literal in re.findall(r'\b(k[A-Z]\w+)(?=[,}])|Parameter\{"(\w+)"', text + "}")]
                 for name, text in re.findall(r"constexpr std::array (kOf\w+)\{([^;]*)\};", source)}
        routes = re.findall(r'Route\{"(GET|POST) (\S+)", \w+::type(?:, (kOf\w+))?', source)
        self.assertEqual(len(routes), 6)
        for method, path, name in routes:
            own = {"format"} if path == "/v1/stream" else set()
            self.assertEqual(set(self.operations[method, path]["query"]), set(lists.get(name, ())) | own, path)


class Answers(DeviceTest):
    def refuses(self, status, reason, words, *, method, path, **more):
        with self.subTest(f"{method} {path}", status=status):
            answer = ask(self.device, path, method=method, **more)
            self.assertEqual(answer.status, status, answer.body)
            told = answer.json()
            self.assertEqual((told["code"], told["reason"], told["temporary"]), (status, reason, False))
            self.assertIn(words, told["detail"])
            if status == 405:
                self.assertIn(answer.headers["allow"].split(", ")[0], told["detail"])

    def test_every_route_says_what_is_wrong(self):
        """Method, page, name and credential, whatever the route; a socket's credential is asked for behind its handshake."""
        operations = described()["operations"]
        self.assertGreater(len(operations), 13)
        for its in operations:
            route = {"method": its["method"], "path": its["path"]} | ({"body": {}} if its["path"] == "/v1/command" else {})
            self.refuses(405, "malformed", " only", **route | {"method": "PATCH"})
            self.refuses(403, "forbidden", "--allow-origin", headers={"Origin": "https://evil.example"}.items(), **route)
            self.refuses(421, "forbidden", "--allow-host", headers={"Host": "evil.example"}.items(), **route)
            if its["open"] or its["path"] in ("/v1/ws", "/v1/stream"):
                continue
            self.refuses(401, "unauthenticated", "Authorization: Bearer <token>", token=None, **route)
            self.refuses(401, "unauthenticated", "three parts", token="wrong", **route)

    def test_real_answers_are_as_described(self):
        now = int(1000 * time.time())
        with Client(self.device) as client:
            self.assertTrue(eventually(lambda: all(its["at"] or its["quality"] == "fault"
                                                   for its in client.ask("describe")["payload"]["channels"])))
            client.close()
        asked = [("get", path, {}) for path in (
            "/", "/healthz", "/readyz", "/ca.crt", "/.well-known/wot", "/metrics", "/v1/snapshot", "/v1/snapshot?x=1",
            f"/v1/history?from={now - 9000}&to={now}", f"/v1/history?from={now - 9000}&to={now}&stepMs=1000", "/v1/history",
            "/v1/events?mode=x", "/v1/stream", "/v1/ws")]
        asked += [("post", "/v1/command", {"body": body}) for body in (
            {"channel": "cabin/fan", "value": 4}, {"channel": "cabin/fan", "value": 400}, {"channel": "cabin/heater", "value": False})]
        asked += [("post", "/v1/command", {"body": {}, "token": None}), ("post", "/v1/claim", {"body": {"code": "1"}}),
                  ("post", "/v1/stop", {"token": None}), ("post", "/v1/login", {"token": "wrong"}), ("post", "/v1/stop", {})]
        answers = []
        for method, path, how in asked:
            told = ask(self.device, path, method=method.upper(), **how)
            answers.append({"path": path.split("?")[0], "method": method, "status": told.status, "type": told.headers["content-type"],
                            "body": told.body})
        self.assertGreaterEqual(len({answer["status"] for answer in answers}), 6)
        for answer, fault in zip(answers, described(answers)["faults"]):
            self.assertIsNone(fault, json.dumps(answer)[:500])


if __name__ == "__main__":
    unittest.main()
