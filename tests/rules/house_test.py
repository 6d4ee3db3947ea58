"""Holds the tree against the house rules. An exception stands in exceptions.txt, with its reason."""
import pathlib
import re
import unittest

import rules

HERE = pathlib.Path(__file__).resolve().parent


def read_exceptions(text):
    """`rule path reason…` per line -> {(rule, path)}"""
    found = set()
    for line in text.splitlines():
        words = line.partition("#")[0].split(maxsplit=2)
        if words:
            rule, path, _reason = words
            found.add((rule, path))
    return found


class HouseTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        table = rules.Rooms.read((HERE / "rooms.txt").read_text())
        cls.tree = rules.Tree.read(HERE.parent.parent, table)
        cls.exceptions = read_exceptions((HERE / "exceptions.txt").read_text())

    def hold(self, rule):
        allowed = {path for name, path in self.exceptions if name == rule.__name__}
        findings = list(rule(self.tree))
        wrong = [str(finding) for finding in findings if finding.path not in allowed]
        unneeded = allowed - {finding.path for finding in findings}
        wrong += [f"tests/rules/exceptions.txt: nothing to except any more: {rule.__name__} {path}" for path in unneeded]
        if wrong:
            self.fail(f"{rule.__doc__}\n" + "\n".join(sorted(wrong)))

    def test_the_tree_is_read(self):
        self.assertGreater(len(self.tree.sources), 40)
        self.assertGreater(sum(len(source.functions) for source in self.tree.sources.values()), 100)

    def test_exceptions_name_rules(self):
        self.assertLessEqual({rule for rule, _ in self.exceptions}, {rule.__name__ for rule in rules.ALL})


for _rule in rules.ALL:
    setattr(HouseTest, f"test_{_rule.__name__}", lambda self, rule=_rule: self.hold(rule))

class PapersTest(unittest.TestCase):
    def test_every_promise_of_security_has_its_test(self):
        top = HERE.parent.parent
        promises = (top / "docs/SECURITY.md").read_text().partition("## What is promised")[2].partition("\n## ")[0]
        rows = [line for line in promises.splitlines() if line.startswith("| ")][1:]
        self.assertGreater(len(rows), 10)
        for row in rows:
            *_, held_by, _ = row.split("|")
            named = re.findall(r"`([\w/*.]+)`", held_by)
            self.assertNotEqual(named, [], row)
            for name in named:
                folder = "tests/e2e" if "/" not in name else "."
                self.assertTrue(any((top / folder).glob(name)), f"{name} is missing: {row}")


if __name__ == "__main__":
    unittest.main()
