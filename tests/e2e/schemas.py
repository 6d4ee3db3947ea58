"""docs/schemas, and Node's ajv, which holds messages against them."""
import json
import re
import subprocess

from device import PATIENCE, TOP

FOLDER = TOP / "docs/schemas"
PROTOCOL = (TOP / "docs/PROTOCOL.md").read_text()


def types(side):
    """The types that have a schema; `side`: requests, told."""
    return {path.stem for path in (FOLDER / side).glob("*.json")}


def faults(entries):
    """For each entry (see validate.mjs) None, or what is wrong with it."""
    done = subprocess.run(["node", TOP / "tests/npm/validate.mjs"], input=json.dumps(entries), capture_output=True, text=True,
                          timeout=30 * PATIENCE)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def examples():
    """Of the document: (the words behind ```json, the text)."""
    return re.findall(r"^```json ([^\n]*)\n(.*?)\n```$", PROTOCOL, re.M | re.S)


class Schemas:
    """All files, by their paths."""

    def __init__(self):
        self.files = {str(path.relative_to(FOLDER)): json.loads(path.read_text()) for path in FOLDER.rglob("*.json")}

    def follow(self, schema, file):
        """The schema behind a `$ref` that stands alone or beside words for people, and the file it stands in."""
        while "$ref" in schema:
            target, _, pointer = schema["$ref"].partition("#")
            if target:
                file = str((FOLDER / file).parent.joinpath(target).resolve().relative_to(FOLDER))
            schema = self.files[file]
            for step in pointer.split("/")[1:]:
                schema = schema[step]
        return schema, file

    def members(self, file):
        """The names of an object's members."""
        schema = self.files[file]
        names = set(schema.get("properties", ()))
        for part in schema.get("allOf", ()):
            names |= set(self.follow(part, file)[0].get("properties", ()))
        return names
