"""The rules of the house, each a function from a tree of sources to its findings."""
import dataclasses
import pathlib
import re

from source import Source

FOLDERS = ("firmware", "hal", "boards", "sim", "tests")
SCRIPT_FOLDERS = ("firmware/web", "tests/web")
# What the page for browsers is made of, beside its own files.
PAGE_PACKAGES = ("preact", "preact/hooks", "@preact/signals", "uplot", "uplot/dist/uPlot.min.css", "signalbox-client")
LINES_MAX = 400
LINES_USUAL = 250
USUAL_SHARE = 0.8
FUNCTION_LINES_MAX = 70


@dataclasses.dataclass(frozen=True)
class Finding:
    path: str
    line: int
    what: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.what}"


@dataclasses.dataclass(frozen=True)
class Rooms:
    """rooms.txt: `may` room -> rooms, `libraries` a list of (header names or folders, places)."""
    may: dict
    libraries: list

    @staticmethod
    def read(text):
        may, libraries = {}, []
        for line in text.splitlines():
            left, colon, right = line.partition("#")[0].partition(":")
            if not colon:
                continue
            words = left.split()
            if words[0] == "library":
                libraries.append((words[1:], right.split()))
            else:
                may[words[0]] = right.split()
        return Rooms(may, libraries)


class Tree:
    def __init__(self, files, rooms, scripts=None):
        """`files`: path -> text; `scripts` the same, of what is no C++: TypeScript and JavaScript for browsers and Node."""
        self.sources = {path: Source(path, text) for path, text in sorted(files.items())}
        self.rooms = rooms
        self.scripts = {path: Source(path, text) for path, text in sorted((scripts or {}).items())}

    @staticmethod
    def read(top, rooms):
        top = pathlib.Path(top)
        files = {}
        for folder in FOLDERS:
            for path in (top / folder).rglob("*.[ch]pp"):
                if "node_modules" not in path.parts:
                    files[path.relative_to(top).as_posix()] = path.read_text("utf-8")
        scripts = {}
        for folder in SCRIPT_FOLDERS:
            for path in (top / folder).rglob("*.*"):
                if path.suffix in (".ts", ".tsx", ".mjs") and not {"node_modules", "dist"} & set(path.parts):
                    scripts[path.relative_to(top).as_posix()] = path.read_text("utf-8")
        return Tree(files, rooms, scripts)

    def under(self, *folders):
        return [source for path, source in self.sources.items() if path.startswith(folders)]

    def resolve(self, including, name):
        """The path of an included file of ours, or None."""
        folder = pathlib.PurePosixPath(including.path).parent
        for path in (f"firmware/{name}", name, f"tests/{name}", (folder / name).as_posix()):
            if path in self.sources:
                return path
        return None


def room_of(path):
    """The room a path lies in; None for the roots."""
    parts = path.split("/")
    if parts[0] == "tests" or parts[-1] in ("main.cpp", "root.hpp"):
        return None
    if parts[0] == "firmware":
        return parts[1]
    return "hal/linux" if parts[:2] == ["hal", "linux"] else parts[0]


def includes(tree):
    """Each room includes only the rooms that the table allows it."""
    for source in tree.sources.values():
        room = room_of(source.path)
        if room is None:
            continue
        if room not in tree.rooms.may:
            yield Finding(source.path, 1, f"rooms.txt has no room {room}")
            continue
        for name, line in source.includes:
            target = tree.resolve(source, name)
            if target is None:
                continue
            into = room_of(target)
            if into != room and into not in tree.rooms.may[room]:
                allowed = " ".join(tree.rooms.may[room]) or "nothing"
                yield Finding(source.path, line, f"{room} may include {allowed}, not {into or 'a root'}: {name}")


def libraries(tree):
    """Each library stays in its rooms."""
    def is_at(path, place):
        inside = re.sub(r"^firmware/", "", path)
        if re.fullmatch(r"(hal/)?\w+", place):
            return room_of(path) == place
        return re.fullmatch(place.replace("*", r"\w*"), inside.rpartition(".")[0]) is not None

    for source in tree.sources.values():
        if room_of(source.path) is None:
            continue
        for name, line in source.includes:
            if tree.resolve(source, name) is not None:
                continue
            for headers, places in tree.rooms.libraries:
                if any(name == header or (header[-1] == "/" and name.startswith(header)) for header in headers):
                    if not any(is_at(source.path, place) for place in places):
                        yield Finding(source.path, line, f"{name} may be included in {' '.join(places)} only")
                    break


def _circle(edges):
    """The names on one circle of the graph, or []."""
    done, trail = set(), []

    def visit(name):
        if name in trail:
            return trail[trail.index(name):] + [name]
        if name in done:
            return []
        done.add(name)
        trail.append(name)
        for other in sorted(edges.get(name, ())):
            found = visit(other)
            if found:
                return found
        trail.pop()
        return []

    for name in sorted(edges):
        found = visit(name)
        if found:
            return found
    return []


def circles(tree):
    """Neither rooms nor files include each other in a circle; the table itself allows none."""
    files, rooms = {}, {}
    for source in tree.sources.values():
        for name, _ in source.includes:
            target = tree.resolve(source, name)
            if target is None:
                continue
            files.setdefault(source.path, set()).add(target)
            ends = room_of(source.path), room_of(target)
            if None not in ends and ends[0] != ends[1]:
                rooms.setdefault(ends[0], set()).add(ends[1])
    for what, edges in (("files", files), ("rooms", rooms), ("rooms.txt", tree.rooms.may)):
        found = _circle(edges)
        if found:
            yield Finding(found[0], 1, f"{what} in a circle: {' -> '.join(found)}")


def file_lengths(tree):
    """Files are short: none over 400 lines, most under 250."""
    lengths = {path: source.text.count("\n") for path, source in (tree.sources | tree.scripts).items()}
    for path, length in lengths.items():
        if length > LINES_MAX:
            yield Finding(path, LINES_MAX + 1, f"{length} lines; {LINES_MAX} is the most")
    usual = sum(length < LINES_USUAL for length in lengths.values())
    if usual < USUAL_SHARE * len(lengths):
        longest = max(lengths, key=lengths.get)
        yield Finding(longest, 1, f"only {usual} of {len(lengths)} files have fewer than {LINES_USUAL} lines")


def function_lengths(tree):
    """A function fits a screen."""
    for source in tree.sources.values():
        for function in source.functions:
            if function.lines > FUNCTION_LINES_MAX:
                yield Finding(source.path, function.line,
                              f"{function.lines} lines; {FUNCTION_LINES_MAX} is the most: {function.head[:60]}")


def pairs(tree):
    """A driver, its twin and its test; a port and its simulation; a source and its test: same names."""
    def missing(source, path, why):
        if path not in tree.sources:
            yield Finding(source.path, 1, f"{path} is missing: {why}")

    for source in tree.under("firmware/"):
        if source.path.endswith(".cpp"):
            inside = source.path.rpartition(".")[0]
            yield from missing(source, f"tests/{inside}_test.cpp", "every source has its test")
    for source in tree.under("firmware/drivers/"):
        beside = tree.sources.get(source.path.replace(".cpp", ".hpp"), source)
        reads_host = re.search(r"\.reads_host\s*=\s*true", source.code + beside.code)
        if source.path.endswith(".cpp") and source.stem != "catalogue" and not reads_host:
            yield from missing(source, f"sim/twins/{source.stem}.hpp", "every driver has its twin")
    for source in tree.under("hal/"):
        if source.path.count("/") == 1 and re.search(r"\bvirtual\b", source.code):
            yield from missing(source, f"sim/{source.path}", "every port has its simulation")


def names(tree):
    """A name says what a thing does; these say nothing."""
    empty = "manager|helper|helpers|util|utils|impl|data|info"
    declared = r"\b(?:enum\s+class|enum|class|struct|union|using|interface|type)\s+(?:\[\[\w+\]\]\s*)?(\w+)\b(?=[^;()]*[={])"
    for source in (tree.sources | tree.scripts).values():
        if re.search(rf"(^|_)({empty})$", re.sub(r"(_|\.)test$", "", source.stem)):
            yield Finding(source.path, 1, f"the file's name says nothing: {source.stem}")
        for match, line in source.find(declared):
            if re.search(r"(?:^|[a-z0-9])(Manager|Helpers?|Utils?|Impl|Data|Info)$", match.group(1)):
                yield Finding(source.path, line, f"the type's name says nothing: {match.group(1)}")


_FORBIDDEN = (
    (r"\bstd::(string|vector|function|map|set|list|deque|any|unordered_\w+|multi\w+|stringstream|[io]?fstream)\b",
     "is memory from the heap"),
    (r"\bstd::(make_unique|make_shared|shared_ptr)\b", "is memory from the heap"),
    (r"(?<!operator )\bnew\b(?!\s*\()", "is memory from the heap; only placement new is allowed"),
    (r"(?<!operator )(?<!= )\bdelete\b", "gives memory back to the heap"),
    (r"(?<![\w.>:])(?:std::)?(malloc|calloc|realloc|free|strdup)\s*\(", "is memory from the heap"),
    (r"\b(throw|try|catch)\b", "is for exceptions, and there are none"),
    (r"\b(dynamic_cast|typeid)\b", "needs type information at run time, and there is none"),
    (r"\bstd::(thread|jthread|async|mutex|this_thread::\w+)\b", "is for threads, and there is one only"),
    (r"\b(sleep|usleep|nanosleep)\s*\(", "blocks"),
)


def forbidden(tree):
    """What firmware/ and hal/ do without: heap, exceptions, type information, threads."""
    for source in tree.under("firmware/", "hal/"):
        for pattern, why in _FORBIDDEN:
            for match, line in source.find(pattern):
                yield Finding(source.path, line, f"'{match.group().strip(' (')}' {why}")


def simulation(tree):
    """Nobody asks whether they are simulated."""
    for source in tree.sources.values():
        for match, line in source.find(r"^[ \t]*#[ \t]*(?:if|ifdef|ifndef|elif)\b.*SIM(?:ULAT|(?![A-Za-z])).*$", source.without_texts):
            yield Finding(source.path, line, f"'{match.group().strip()}': simulation lies under the HAL")


def clocks(tree):
    """Nothing below app/ reads a clock; whoever steps the machine brings the time."""
    reads = (r"\b(clock_gettime|gettimeofday|mbedtls_x509_time_is_\w+|mbedtls_time)\b|\w+_clock\s*::\s*now"
             r"|std::chrono::\w+_clock|(?<![\w.>:])(?:std::)?time\s*\(")
    for source in tree.under("firmware/", "hal/"):
        if room_of(source.path) in ("app", "hal/linux"):
            continue
        for match, line in source.find(reads):
            yield Finding(source.path, line, f"'{match.group().strip(' (')}' reads a clock")


def leftovers(tree):
    """What is begun is finished."""
    for source in (tree.sources | tree.scripts).values():
        for match, line in source.find(r"\b(TODO|FIXME|XXX)\b|\b(GTEST_SKIP|DISABLED_\w+)", source.text):
            yield Finding(source.path, line, f"'{match.group()}' is left")


def headers(tree):
    """A header is read once; a room's namespace has the room's name."""
    for source in tree.sources.values():
        if source.path.endswith(".hpp") and not re.search(r"^#pragma once$", source.text, re.MULTILINE):
            yield Finding(source.path, 1, "'#pragma once' is missing")
        room = room_of(source.path)
        if room is None:
            continue
        wanted = "signalbox" if room in ("base", "budget") else "signalbox::" + room.partition("/")[0]
        opened = [(match.group(1), line) for match, line in source.find(r"^namespace\s+(signalbox[\w:]*)")]
        if not opened and source.code.strip():
            yield Finding(source.path, 1, f"namespace {wanted} is missing")
        for found, line in opened:
            if found != wanted and not found.startswith(wanted + "::"):
                yield Finding(source.path, line, f"namespace {found} in the room of {wanted}")


def web_imports(tree):
    """What is for browsers imports its own files alone, the page also what is bundled into it; what is for Node.js only, Node's own modules as well."""
    for source in tree.scripts.values():
        if not source.path.endswith((".ts", ".tsx")):
            continue
        bundled = PAGE_PACKAGES if "/dashboard/" in source.path else ()
        is_node = re.search(r"/(node|cli)/", source.path) is not None
        for match, line in source.find(r"""^(?:import|export)\s+(?:[\w*{},\s]+?\sfrom\s+)?["']([^"'\n]+)["'];""", source.text):
            name = match.group(1)
            into = re.search(r"/(node|cli)/", name) is not None
            if not (name.startswith(".") and (is_node or not into)) and not (is_node and name.startswith("node:")) and name not in bundled:
                yield Finding(source.path, line, f"{name} may not be imported here")


ALL = (includes, libraries, circles, file_lengths, function_lengths, pairs, names, forbidden, simulation, clocks,
       leftovers, headers, web_imports)
