"""The line on which a key of a TOML text stands: tomllib reads values, but keeps no positions.

A scanner that knows just enough of TOML to walk over a text that tomllib has accepted. For any
other text it finds what it can; it never fails.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

Path = tuple[str | int, ...]
"""Keys from the outside in; the n-th element of an array is its number, counted from 0."""


class Span(NamedTuple):
    """The first and the last line of something, counted from 1."""

    first: int
    last: int


TEXT: Final = r"""(?:"(?:[^"\\\n]|\\[^\n])*"|'[^'\n]*')"""
"""The pattern of a text in quotation marks, on one line."""
LIST: Final = re.compile(r"[^=\n]*=[ \t]*\[")
"""A key and the start of its list."""

_DEEPEST: Final = 20
_BLANK: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE: Final = re.compile(r"[ \t]*")
_KEY: Final = re.compile(rf"{TEXT}|[A-Za-z0-9_-]+")
_STRING: Final = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}|\'\'\'(?:[^\']|\'(?!\'\'))*\'{3,5}'
    rf"|{TEXT}",
    re.DOTALL,
)
_SCALAR: Final = re.compile(r"[^,\]}#\n]+")


def spans(text: str) -> dict[Path, Span]:
    """Return the lines of every table header, key and array element of a TOML text."""
    return _Scanner(text).spans()


def lines_of(text: str) -> list[str]:
    """Cut a text at line ends alone; splitlines() would cut at other signs too."""
    return re.findall(r"[^\n]*\n|[^\n]+$", text)


def line_of(found: dict[Path, Span], path: Path) -> int:
    """Return the line of a path, else of the nearest thing around it, else 1."""
    for length in range(len(path), 0, -1):
        if span := found.get(path[:length]):
            return span.first
    return 1


class _Scanner:
    """One walk over one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._counted = 0
        self._found: dict[Path, Span] = {}
        self._lengths: dict[Path, int] = {}

    def spans(self) -> dict[Path, Span]:
        """Walk from header to header and key to key."""
        table: Path = ()
        while True:
            self._skip(_BLANK)
            if self._at >= len(self._text):
                return self._found
            start = self._at
            if self._text.startswith("[", start):
                table = self._header()
            else:
                self._pair(table, 0)
            if self._at == start:  # not TOML: leave this line, go on with the next
                end = self._text.find("\n", start)
                self._at = len(self._text) if end < 0 else end

    def _skip(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return found.group() if found else ""

    def _take(self, sign: str) -> bool:
        taken = self._text.startswith(sign, self._at)
        self._at += len(sign) if taken else 0
        return taken

    def _here(self) -> int:
        """Return the current line; the walk only goes forward, so each line end counts once."""
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = max(self._counted, self._at)
        return self._line

    def _header(self) -> Path:
        line = self._here()
        several = self._take("[[")
        if not several:
            self._take("[")
        path = self._resolved(self._keys())
        if several and path:
            self._lengths[path] = self._lengths.get(path, -1) + 1
            self._found.setdefault(path, Span(line, line))
            path = (*path, self._lengths[path])
        while self._take("]"):
            pass
        self._found.setdefault(path, Span(line, line))
        return path

    def _resolved(self, keys: list[str]) -> Path:
        """Return the path of a header: below an array of tables, its newest element is meant."""
        path: Path = ()
        for index, key in enumerate(keys):
            path = (*path, key)
            if index + 1 < len(keys) and path in self._lengths:
                path = (*path, self._lengths[path])
        return path

    def _keys(self) -> list[str]:
        """Return the parts of a name; only the first of those that are far too many."""
        keys: list[str] = []
        while True:
            self._skip(_SPACE)
            key = self._skip(_KEY)
            if key and len(keys) < _DEEPEST:
                keys.append(_unquoted(key))
            self._skip(_SPACE)
            if not key or not self._take("."):
                return keys

    def _pair(self, table: Path, depth: int) -> None:
        line = self._here()
        path = (*table, *self._keys())
        for length in range(len(table) + 1, len(path)):  # the tables that dotted keys make
            self._found.setdefault(path[:length], Span(line, line))
        self._skip(_SPACE)
        if self._take("="):
            self._skip(_SPACE)
            self._value(path, depth)
        if len(path) > len(table):
            self._found[path] = Span(line, self._here())

    def _value(self, path: Path, depth: int) -> None:
        if self._take("["):
            self._inside(path, depth + 1, "]")
        elif self._take("{"):
            self._inside(path, depth + 1, "}")
        elif not self._skip(_STRING):
            self._skip(_SCALAR)

    def _inside(self, path: Path, depth: int, end: str) -> None:
        """Walk over the elements of an array, or over the pairs of an inline table."""
        number = 0
        while depth < _DEEPEST:
            self._skip(_BLANK)
            if self._at >= len(self._text) or self._take(end):
                return
            line = self._here()
            if end == "]":
                self._value((*path, number), depth)
                self._found[*path, number] = Span(line, self._here())
            else:
                self._pair(path, depth)
            number += 1
            self._skip(_BLANK)
            if not self._take(","):
                self._take(end)
                return


def _unquoted(key: str) -> str:
    """Return a key without its quotes; escapes in keys are rare and stay as they are."""
    return key[1:-1] if key[0] in "\"'" else key
