"""A text that is no TOML as a whole, statement by statement, so that one mistake stays one.

A statement starts where a line looks like `key =` or `[table]`. Inside a text over several lines
any line may look so: what stands behind the first `\"\"\"` is never taken for statements.
"""

from __future__ import annotations

import re
import tomllib
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

MULTILINE: Final = re.compile(r'"""|\'\'\'')
POSITION: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")

# `name]` is a header too, one that lost its bracket: what follows is not for the table above it.
_HEADER: Final = r"[ \t]*(?:\[[^,\n#]*|[A-Za-z][A-Za-z0-9_-]*[ \t]*\]+[ \t\r]*)(?:#.*)?$"
_IS_HEADER: Final = re.compile(_HEADER, re.MULTILINE)
_START: Final = re.compile(rf"^(?:[ \t]*[A-Za-z0-9_.-]+[ \t]*=|{_HEADER})", re.MULTILINE)


class Piece(NamedTuple):
    """A statement, with whatever follows it until the next; its first line is counted from 1."""

    line: int
    text: str


def pieces(text: str) -> Iterator[Piece]:
    """Yield all of a text, piece by piece."""
    line = 1
    starts = [0, *(found.start() for found in _START.finditer(text) if found.start()), len(text)]
    for start, end in pairwise(starts):
        yield Piece(line, text[start:end])
        line += text.count("\n", start, end)


def error_of(text: str) -> str:
    """Return what tomllib says of a text that it does not accept, else nothing."""
    try:
        tomllib.loads(text)
    except RecursionError:
        return "Recursion"
    except ValueError as error:  # TOMLDecodeError, and numbers of thousands of digits
        return str(error)
    return ""


def readable(text: str) -> dict[str, Any]:
    """Return what can be read of a text: every statement that is whole, and in a table for sure.

    Of a key that stands there twice, the first holds.
    """
    values: dict[str, Any] = {}
    header: str | None = ""
    for _, piece in pieces(text):
        if MULTILINE.search(piece):
            break
        if _IS_HEADER.match(piece):
            header = piece.partition("\n")[0] + "\n"
            if error_of(header):
                header = None  # nobody knows which table the keys below belong to
        if header is not None:
            _add(values, _whole(piece if _IS_HEADER.match(piece) else header + piece))
    return values


def _whole(text: str) -> dict[str, Any]:
    """Return the values of a text, else of the lines above the first mistake."""
    if position := POSITION.search(error := error_of(text)):
        text = "\n".join([*text.split("\n")[: int(position[1] or 1) - 1], ""])
        error = error_of(text)
    return {} if error else tomllib.loads(text)


def _add(values: dict[str, Any], more: dict[str, Any]) -> None:
    for key, value in more.items():
        there = values.setdefault(key, value)
        if there is not value and isinstance(there, dict) and isinstance(value, dict):
            _add(there, value)
