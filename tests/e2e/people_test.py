"""People beside each other: announcements, groups, presence, who comes and goes."""
import time
import unittest

from client import Client
from device import DeviceTest


class People(DeviceTest):
    def setUp(self):
        self.ann, self.bob, self.eve = (Client(self.device) for _ in range(3))

    def tearDown(self):
        for client in (self.ann, self.bob, self.eve):
            client.close()

    def heard(self, client):
        return client.until(lambda its: its["type"] == "announcement")["payload"]

    def name(self, client):
        return client.welcome["payload"]["session"]

    def test_announcements_groups_and_presence(self):
        self.assertIn("people", self.ann.welcome["payload"]["features"])
        answer = self.ann.ask("announce", {"to": "all", "text": "größe ☃"})
        self.assertEqual(answer["payload"], {"outcome": "announced", "reached": 2})
        for client in (self.bob, self.eve):
            told = self.heard(client)
            self.assertEqual((told["text"], told["session"], told["to"]), ("größe ☃", self.name(self.ann), "all"))

        self.assertEqual(self.bob.ask("join", {"group": "night"})["payload"]["outcome"], "joined")
        self.assertEqual(self.ann.ask("announce", {"to": "group:night", "text": "a", "data": "{}"})["payload"]["reached"], 1)
        self.assertEqual(self.heard(self.bob)["data"], "{}")
        to_eve = {"to": f"session:{self.name(self.eve)}", "text": "b"}
        self.assertEqual(self.ann.ask("announce", to_eve)["payload"]["reached"], 1)
        self.assertEqual(self.heard(self.eve)["text"], "b")
        self.assertEqual(self.ann.ask("announce", {"to": "group:day", "text": "a"})["payload"]["reason"], "notFound")
        unread = [its["type"] for client in (self.ann, self.bob, self.eve) for its in client.drain(0.3)]
        self.assertNotIn("announcement", unread)

        self.bob.ask("subscribe", {"id": "a", "paths": ["cabin/#"]})
        page = self.ann.ask("presence")["payload"]
        entry = next(its for its in page["sessions"] if its["session"] == self.name(self.bob))
        self.assertEqual((entry["name"], entry["groups"], entry["subscriptions"]), ("owner", ["night"], 1))
        self.assertEqual(entry["peer"], "127.0.0.1", "the owner may know")
        self.assertLess(abs(entry["since"] / 1000 - time.time()), 60)

    def test_groups_survive_a_lost_connection(self):
        self.bob.ask("join", {"group": "night"})
        was = self.bob.welcome["payload"]
        self.bob.stream.close()
        self.bob = Client(self.device)
        resumed = self.bob.ask("resume", {"session": was["session"], "sessionToken": was["sessionToken"]})
        self.assertEqual(resumed["payload"].get("outcome"), "resumed", resumed)
        self.assertEqual(self.ann.ask("announce", {"to": "group:night", "text": "still there?"})["payload"]["reached"], 1)
        self.assertEqual(self.heard(self.bob)["text"], "still there?")

    def test_who_comes_and_goes_is_told_to_who_asked(self):
        self.ann.ask("subscribe", {"id": "a", "paths": ["cabin/#"], "events": True, "presence": True})
        self.bob.ask("subscribe", {"id": "a", "paths": ["cabin/#"], "events": True})
        wrong = self.eve.ask("subscribe", {"id": "a", "paths": ["cabin/#"], "presence": True})
        self.assertEqual((wrong["payload"]["reason"], wrong["payload"]["field"]), ("malformed", "payload.presence"))
        guest = Client(self.device)
        guest.close()
        for name in ("sessionOpened", "sessionClosed"):
            event = self.ann.until(lambda its: its["type"] == "event")["payload"]
            self.assertEqual((event["name"], event["session"], event["by"]), (name, self.name(guest), "owner"))
        self.assertNotIn("event", [its["type"] for its in self.bob.drain(0.3)])

    def test_a_crowd_is_listed_by_pages(self):
        crowd = [Client(self.device) for _ in range(150)]
        found, asked = [], {}
        while asked is not None:
            page = self.ann.ask("presence", asked)["payload"]
            found += [its["session"] for its in page["sessions"]]
            asked = {"after": page["next"]} if "next" in page else None
        self.assertEqual(len(found), len(set(found)))
        self.assertEqual(set(found), {self.name(its) for its in (self.ann, self.bob, self.eve, *crowd)})
        for client in crowd:
            client.close()


if __name__ == "__main__":
    unittest.main()
