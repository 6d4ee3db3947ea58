"""Walks a schema and tells what would be wrong for each of its members, and what is just still right."""
import json
import re

ONE_OF_EACH = (True, 7, 0.5, "word", [], {})
NAMES = {type(None): "null", bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
NO_MATCH = ("a b", "/", "a//b", "a/", "#/a", "a#", "é", "no-number", "x!", "..", "a\x01b")
EXACT_MAX = 2 ** 53
MALFORMED, TOO_BIG, OUT_OF_RANGE = "malformed", "tooBig", "outOfRange"


class Case:
    """A value with one thing wrong: where, what, and which reason says so."""

    def __init__(self, value, place, what, reason, text=None, limits=None):
        self.value, self.place, self.what, self.reason, self.limits = value, place, what, reason, limits
        self.text = text or json.dumps(value)

    @property
    def field(self):
        """As the device writes it: `paths[1]`, `writes[0].value`."""
        return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.place).lstrip(".")

    def is_told_by(self, field):
        """Whether that is the member at fault; what is left out may be missed by another one beside it."""
        if self.what == "left out":
            return field.rpartition(".")[0] == self.field.rpartition(".")[0]
        return field == self.field or self.what == "the same twice" and field == self.field + "[1]"

    def has_its_limits(self, detail):
        """Whether what is told as right is what the schema says: its range, its words, how many bytes."""
        if isinstance(self.limits, tuple):
            said = re.search(r"from (\S+) to ([^\s)]+)", detail)
            return said is not None and tuple(map(float, said.groups())) == self.limits
        if isinstance(self.limits, list):
            said = detail.partition("; expected ")[2].partition(" (")[0].replace("one of ", "").strip()
            return sorted(said.split(", ")) == sorted(map(str, self.limits))
        return self.limits is None or re.search(rf"(at most|up to) {self.limits}\b", detail) is not None

    def __repr__(self):
        return f"{self.field}: {self.what}: {self.text[:120]}"


def at(value, place):
    for step in place:
        value = value[step]
    return value


def changed(value, place, new):
    """A copy with something else at that place."""
    if not place:
        return new
    copy = list(value) if isinstance(value, list) else dict(value)
    copy[place[0]] = changed(value[place[0]], place[1:], new)
    return copy


def without(value, place):
    parent = dict(at(value, place[:-1]))
    del parent[place[-1]]
    return changed(value, place[:-1], parent)


def text_with_twice(value, place, here=()):
    """JSON in which the member at that place stands twice in its object."""
    if isinstance(value, dict):
        members = []
        for name, its in value.items():
            text = json.dumps(name) + ":" + text_with_twice(its, place, (*here, name))
            members += [text] * (2 if (*here, name) == place else 1)
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(text_with_twice(its, place, (*here, i)) for i, its in enumerate(value)) + "]"
    return json.dumps(value)


class Walk:
    """Through one value and its schema. `schemas` follows references."""

    def __init__(self, schemas, schema, file, value, null_is_left_out=True):
        self.schemas, self.value, self.places, self.objects = schemas, value, [], []
        self.others = ONE_OF_EACH if null_is_left_out else (None, *ONE_OF_EACH)
        self.null_is_left_out = null_is_left_out
        self._visit([(schema, file)], (), value)

    def _parts(self, schema, file):
        """The schema with all it is put together from: what each says of the value itself."""
        schema, file = self.schemas.follow(schema, file)
        yield schema, file
        for name in ("allOf", "oneOf", "anyOf"):
            for part in schema.get(name, ()):
                yield from self._parts(part, file)

    @staticmethod
    def _is_of(part, value):
        """Whether it is not the part for another kind."""
        members = part.get("properties", {}) if isinstance(value, dict) else {}
        return all(value.get(name, its["const"]) == its["const"] for name, its in members.items() if "const" in its)

    def _visit(self, schemas, place, value):
        """`schemas`: all that is said of this value, each with the file it stands in."""
        parts = [part for schema in schemas for part in self._parts(*schema) if self._is_of(part[0], value)]
        if place:
            self.places.append((place, parts))
        if isinstance(value, dict):
            self.objects.append((place, {name for part, _ in parts for name in part.get("properties", ())}))
            for name, its in value.items():
                said = [(part["properties"][name], file) for part, file in parts if name in part.get("properties", {})]
                self._visit(said, (*place, name), its)
        elif isinstance(value, list):
            said = [(part["items"], file) for part, file in parts if "items" in part]
            for i, its in enumerate(value if said else ()):
                self._visit(said, (*place, i), its)

    # what is wrong
    def wrong(self):
        for place, parts in self.places:
            for what, new, reason, *limits in self._wrong_values([part for part, _ in parts], at(self.value, place)):
                yield Case(changed(self.value, place, new), place, what, reason, None, *limits)
            if isinstance(place[-1], str):
                yield Case(self.value, place, "twice", MALFORMED, text_with_twice(self.value, place))

    def missing(self):
        """Each member left out, or null, which is the same; whether that is wrong is for the schema to say."""
        for place, _ in self.places:
            if isinstance(place[-1], str):
                yield Case(without(self.value, place), place, "left out", MALFORMED)
                if self.null_is_left_out:
                    yield Case(without(self.value, place), place, "left out", MALFORMED,
                               json.dumps(changed(self.value, place, None)))
            else:
                yield Case(changed(self.value, place, None), place, "null", MALFORMED)

    def unknown(self):
        """A member more in each object that names its own."""
        for place, _ in self.objects:
            value = {**at(self.value, place), "surprise": 1}
            yield Case(changed(self.value, place, value), (*place, "surprise"), "unknown", MALFORMED)

    @staticmethod
    def _types(parts):
        """JSON types that may stand there; nothing: any."""
        types = set()
        for part in parts:
            types |= set([part["type"]] if isinstance(part.get("type"), str) else part.get("type", ()))
            types |= {NAMES[type(word)] for word in [*part.get("enum", ()), *([part["const"]] if "const" in part else [])]}
        return types | ({"integer"} if "number" in types else set())

    def _wrong_values(self, parts, value):
        types = self._types(parts)
        for other in self.others:
            if types and NAMES[type(other)] not in types:
                lowest = max((part.get("minimum", 0) for part in parts), default=0)
                yield NAMES[type(other)], lowest + 0.5 if other == 0.5 else other, MALFORMED
        words = [word for part in parts for word in (*part.get("enum", ()), *([part["const"]] if "const" in part else ()))]
        if words and isinstance(words[0], (int, float)):
            for number in (words[0] - 0.125, words[0] + 0.5, words[-1] + 1):
                yield "not one of its numbers", number, MALFORMED, words
        elif words:
            for word in sorted({"", "nonsense", str(words[0]).upper(), str(words[0]) + " "} - set(words)):
                yield "not one of its words", word, MALFORMED, words if len(words) > 1 else None
        for part in parts:
            yield from self._beyond(part)
            if isinstance(value, list):
                yield from self._wrong_lists(part, value)
        yield from self._wrong_texts(parts)

    @staticmethod
    def _beyond(part):
        limits = (part["minimum"], part["maximum"]) if "minimum" in part and "maximum" in part else None
        if "minimum" in part:
            less = 2 if part["minimum"] <= -EXACT_MAX else 1 if part.get("type") == "integer" else 0.001
            yield "too small", part["minimum"] - less, OUT_OF_RANGE, limits
            yield "far too small", -1e300, OUT_OF_RANGE, limits
        if "maximum" in part:
            more = 2 if part["maximum"] >= EXACT_MAX else 1
            bigger = part["maximum"] + more if part["maximum"] < 1e12 or more == 2 else part["maximum"] * 1.5
            yield "too big", bigger, OUT_OF_RANGE, limits
            yield "far too big", 1e300, OUT_OF_RANGE, limits

    @staticmethod
    def _wrong_lists(part, value):
        if part.get("minItems", 0) > 0:
            yield "too few", value[:part["minItems"] - 1], MALFORMED
        if "maxItems" in part:
            yield "too many", (value * 9)[:part["maxItems"] + 1], TOO_BIG
        if part.get("uniqueItems"):
            yield "the same twice", [value[0], value[0]], MALFORMED

    def _wrong_texts(self, parts):
        longest = [part["maxLength"] for part in parts if "maxLength" in part]
        if longest:
            told = min(longest) if self._types(parts) == {"string"} else None  # else its kind comes first
            yield "too long", "a" * (min(longest) + 1), TOO_BIG, told
            yield "too many bytes", "é" * (min(longest) // 2 + 1), TOO_BIG, told
        if any(part.get("minLength") or "pattern" in part and not re.search(part["pattern"], "") for part in parts):
            yield "empty", "", MALFORMED
        for pattern in [part["pattern"] for part in parts if "pattern" in part]:
            for text in NO_MATCH:
                if not re.search(pattern, text) and len(text) <= min(longest, default=99):
                    yield "not of its form", text, MALFORMED

    # what is still right
    def edges(self):
        for place, parts in self.places:
            for part, _ in parts:
                for name in ("minimum", "maximum"):
                    if name in part:
                        yield Case(changed(self.value, place, part[name]), place, name, None)
                if "maxLength" in part and not any("pattern" in its or "enum" in its for its, _ in parts):
                    yield Case(changed(self.value, place, "a" * part["maxLength"]), place, "maxLength", None)
                for word in part.get("enum", ()):
                    yield Case(changed(self.value, place, word), place, "word", None)
