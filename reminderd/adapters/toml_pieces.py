"""A text that is no TOML as a whole, statement by statement, so that one mistake stays one.

A statement starts where a line looks like `key =` or `[table]`. Inside a text over several lines
any line may look so: what stands behind the first `\"\"\"` is never taken for statements.
"""

from __future__ import annotations

import re
import tomllib
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from reminderd.adapters.toml_lines import TEXT

if TYPE_CHECKING:
    from collections.abc import Iterator

MULTILINE: Final = re.compile(r'"""|\'\'\'')
POSITION: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")

# `name]` is a header too, one that lost its bracket: what follows is not for the table above it.
_HEADER: Final = r"[ \t]*(?:\[[^,\n#]*|[A-Za-z][A-Za-z0-9_-]*[ \t]*\]+[ \t\r]*)(?:#.*)?$"
_IS_HEADER: Final = re.compile(_HEADER, re.MULTILINE)
_START: Final = re.compile(rf"^(?:[ \t]*(?:[A-Za-z0-9_.-]+|{TEXT})[ \t]*=|{_HEADER})", re.MULTILINE)
_PART: Final = rf"(?:[A-Za-z0-9_-]+|{TEXT})"
_MANY_PARTS: Final = re.compile(
    rf"(?:^|[{{,])[ \t]*(?:\[+[ \t]*)?{_PART}(?:[ \t]*\.[ \t]*{_PART}){{20}}", re.MULTILINE
)


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


def parsed(text: str) -> tuple[dict[str, Any], str]:
    """Return what a text holds, and what tomllib says of one that it does not accept, else nothing.

    A name of many parts is said not to be accepted, since tomllib's time grows with their square.
    """
    if many := _MANY_PARTS.search(text):
        line = text.count("\n", 0, many.start()) + 1
        return {}, f"A name has more than 20 parts (at line {line}, column 1)"
    values, said = _loaded(text)
    position = POSITION.search(said)
    if position and not position[1]:
        # At the end it tells no line, also where a quotation mark above is never closed. One more
        # mark, which can close nothing from here, makes it tell the line of the first.
        again = _loaded(f"{text}\n'")[1]
        position = POSITION.search(again)
        if position and position[1] and int(position[1]) <= text.count("\n") + 1:
            return {}, again
    return values, said


def _loaded(text: str) -> tuple[dict[str, Any], str]:
    try:
        return tomllib.loads(text), ""
    except RecursionError:
        return {}, "Recursion"
    except ValueError as error:  # TOMLDecodeError, and numbers of thousands of digits
        return {}, str(error) or "It cannot be read"


def readable(text: str) -> dict[str, Any]:
    """Return what can be read of a text: every statement that is whole, and in a table for sure.

    Of a key that stands there twice, the first holds. Every line is parsed a few times at most.
    """
    if several := MULTILINE.search(text):
        text = text[: text.rfind("\n", 0, several.start()) + 1]
    values: dict[str, Any] = {}
    table: dict[str, Any] | None = values
    for _, piece in pieces(text):
        rest = piece
        if _IS_HEADER.match(piece):
            header, _, rest = piece.partition("\n")
            table = _table(values, f"{header}\n")
        if table is not None:
            _add(table, _whole(rest))
    return values


def _table(values: dict[str, Any], header: str) -> dict[str, Any] | None:
    """Return the table of a header, made where it is not there; None where none can be known."""
    inside: object
    inside, said = parsed(header)
    table: object = None if said else values
    while inside and isinstance(table, dict):
        if not isinstance(inside, dict):  # an array of tables
            return None
        ((name, inside),) = inside.items()
        table = table.setdefault(name, {})
    return table if isinstance(table, dict) else None


def _whole(text: str) -> dict[str, Any]:
    """Return the values of a text, else of the lines above the first mistake."""
    values, said = parsed(text)
    if (position := POSITION.search(said)) and position[1]:
        return parsed(above(text, int(position[1])))[0]
    return values


def above(text: str, line: int) -> str:
    """Return the lines of a text above one of them."""
    return "".join(f"{one}\n" for one in text.split("\n")[: line - 1])


def _add(values: dict[str, Any], more: dict[str, Any]) -> None:
    waiting = [(values, more)]  # not by recursion: tables may be nested deeply
    while waiting:
        table, new = waiting.pop()
        for key, value in new.items():
            there = table.setdefault(key, value)
            if there is not value and isinstance(there, dict) and isinstance(value, dict):
                waiting.append((there, value))
