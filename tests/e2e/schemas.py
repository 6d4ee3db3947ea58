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
    """All files, with their references followed."""

    def __init__(self):
        self.files = {str(path.relative_to(FOLDER)): json.loads(path.read_text()) for path in FOLDER.rglob("*.json")}

    def follow(self, schema, file):
        """The schema behind a `$ref`, and the file it stands in."""
        while "$ref" in schema:
            target, _, pointer = schema["$ref"].partition("#")
            if target:
                file = str((FOLDER / file).parent.joinpath(target).resolve().relative_to(FOLDER))
            schema = self.files[file]
            for step in pointer.split("/")[1:]:
                schema = schema[step]
        return schema, file

    def members(self, schema, file):
        """Of an object: {name: (schema, file)}, and the set of names that are required."""
        schema, file = self.follow(schema, file)
        found = {name: self.follow(its, file) for name, its in schema.get("properties", {}).items()}
        required = set(schema.get("required", ()))
        for part in schema.get("allOf", ()):
            of_part, required_there = self.members(part, file)
            found.update(of_part)
            required |= required_there
        return found, required
