"""Reads C++ sources as far as the house rules need: without comments and texts, and function by function."""
import dataclasses
import functools
import pathlib
import re

_TOKEN = re.compile(
    r'R"(?P<mark>[^(\s]*)\((?:.|\n)*?\)(?P=mark)"'
    r"|//[^\n]*"
    r"|/\*(?:.|\n)*?\*/"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Fa-f_])'(?:\\.|[^'\\\n])+'")
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+([<"])([^>"]+)[>"]', re.MULTILINE)


def _blank(match):
    return re.sub(r"[^\n]", " ", match.group())


def line_of(text, position):
    return text.count("\n", 0, position) + 1


@dataclasses.dataclass(frozen=True)
class Function:
    head: str
    line: int
    lines: int


class Source:
    """One file: `path` from the top of the tree, with `/`."""

    def __init__(self, path, text):
        self.path = path
        self.text = text

    @property
    def stem(self):
        return pathlib.PurePosixPath(self.path).stem

    @functools.cached_property
    def without_texts(self):
        """Comments and string contents blanked; every line keeps its place."""
        return _TOKEN.sub(_blank, self.text)

    @functools.cached_property
    def code(self):
        """What is left when the preprocessor's lines are blanked as well."""
        return _DIRECTIVE.sub(_blank, self.without_texts)

    @functools.cached_property
    def includes(self):
        """(name, line) of each include."""
        return [(match.group(2), line_of(self.text, match.start())) for match in _INCLUDE.finditer(self.text)]

    @functools.cached_property
    def functions(self):
        return list(_functions(self.code))

    def find(self, pattern, text=None):
        """(match, line) of each place in the code."""
        text = self.code if text is None else text
        return [(match, line_of(text, match.start())) for match in re.finditer(pattern, text, re.MULTILINE)]


def _is_scope(head):
    """Whether what `head` opens holds declarations: a namespace, a type, extern "C"."""
    head = re.sub(r"^template\s*<.*>\s*(?=(class|struct|union)\b)", "", head, flags=re.DOTALL)
    head = re.sub(r"\balignas\s*\([^()]*\)", " ", head)
    return "(" not in head and re.search(r"\b(namespace|class|struct|union|enum|extern)\b", head)


def _blank_braces(match):
    """An empty body ends a declaration, as `;` does; a value in braces does not. The code is formatted, so that a
    space stands before a body only, or after `=`, `,` and `return`."""
    blank = _blank(match)
    body = re.search(r"(?<!=|,|\()(?<!return) $", match.string[max(0, match.start() - 8):match.start()])
    return blank[:-1] + ";" if body else blank


def _functions(code):
    """Every function with statements that is not inside another one; a table of lambdas counts as one too."""
    before = None
    while before != code:  # braces without a statement: values, lists and empty bodies
        before, code = code, re.sub(r"\{[^{};]*\}", _blank_braces, code)
    scopes = []  # for each open brace whether it is a scope
    start = opened = 0
    for match in re.finditer(r"[{};]", code):
        place, inside = match.start(), not all(scopes)
        if match.group() == "{":
            head = re.sub(r"^\s*((public|private|protected)\s*:)?\s*", "", code[start:place])
            if not inside:
                opened = place - len(head)
            scopes.append(bool(_is_scope(head)))
        elif match.group() == "}" and scopes:
            if not scopes.pop() and all(scopes):
                first = line_of(code, opened)
                yield Function(" ".join(code[opened:place].partition("{")[0].split()), first,
                               line_of(code, place) - first + 1)
        start = place + 1
