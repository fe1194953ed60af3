"""A list over several lines, in the config file as text: new entries, and every comment stays.

tomlkit would put a comment beside another entry, or drop it with the one that goes.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Final

from reminderd.adapters import toml_lines
from reminderd.adapters.toml_files import toml_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_OPENING: Final = re.compile(r"[^=\n]*=[ \t]*\[")
_TOKEN: Final = re.compile(
    r"(?P<blank>[ \t\r]+)|(?P<end>\n)|(?P<comment>#[^\n]*)|(?P<comma>,)|(?P<close>\])"
    r"|(?P<value>\"(?!\"\")(?:[^\"\\\n]|\\.)*\"|'(?!'')[^'\n]*'|[^\s,\[\]{}\"'#]+)"
)
_INDENT: Final = "    "


def with_entries(
    text: str, key: str, entries: Sequence[str], plain: Callable[[object], str]
) -> str | None:
    """Return a config text with other entries in a list that runs over several lines.

    An entry that stays is written as it was, with the comments above and beside it. The comments of
    one that goes stay in its place, each on a line of its own.

    Args:
        text: The text, which is in order.
        key: The list, with its table.
        entries: What the list is to hold.
        plain: Returns a value of the file as `entries` has it.

    Returns:
        None where the key is no such list.
    """
    span = toml_lines.spans(text).get(tuple(key.split(".")))
    if span is None or span.first == span.last:
        return None
    lines = re.findall(r"[^\n]*\n|[^\n]+$", text)
    block = "".join(lines[span.first - 1 : span.last])
    opening = _OPENING.match(block)
    tokens = list(_tokens(block[opening.end() :])) if opening else []
    if opening is None or not tokens or tokens[-1][0] != "close":
        return None
    rows = _rows(tokens)
    closed = opening.end() + sum(len(part) for _, part in tokens)
    end = "\r\n" if block.split("\n")[0].endswith("\r") else "\n"
    indent = re.search(r"\n([ \t]+)[^\s\]]", block)
    margin = indent[1] if indent else _INDENT
    new = [block[: opening.end()] + (f" {rows.pop(0)[1]}" if rows[0][0] == "beside [" else "")]
    new += [margin + row for row in _arranged(rows, entries, plain)]
    new.append("]" + block[closed:])
    return "".join([*lines[: span.first - 1], end.join(new), *lines[span.last :]])


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Yield kind and text of each piece of a list, its closing bracket last; fewer if it is odd."""
    at = 0
    while found := _TOKEN.match(text, at):
        kind = str(found.lastgroup)
        yield kind, found.group()
        at = found.end()
        if kind == "close":
            return


def _rows(tokens: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return what a list holds in order: values, comments above them, and comments beside them."""
    rows: list[tuple[str, str]] = []
    beside = "beside ["
    blank = ""
    for kind, text in tokens:
        if kind == "value":
            rows.append(("value", text))
            beside = "beside"
        elif kind == "comment":
            rows.append((beside, (blank if beside == "beside" else "") + text.rstrip()))
        elif kind == "end":
            beside = "above"
        blank = text if kind == "blank" else ""
    return rows or [("", "")]


def _arranged(
    rows: Sequence[tuple[str, str]], entries: Sequence[str], plain: Callable[[object], str]
) -> list[str]:
    """Return the lines of the new list; what is gone leaves its comments where it stood."""
    kept: dict[str, list[str]] = {}  # by entry: the comments above it, then its own line
    above: list[str] = []
    orphaned: list[str] = []
    last = ""
    for kind, text in rows:
        value = plain(tomllib.loads(f"x = {text}")["x"]) if kind == "value" else ""
        if kind == "value" and value in entries and value not in kept:
            written = text if text.startswith(("'", '"')) else toml_text(value)
            kept[value] = [*orphaned, *above, f"{written},"]
            orphaned, above, last = [], [], value
        elif kind == "value":
            orphaned, above, last = [*orphaned, *above], [], ""
        elif kind == "beside":
            if last:
                kept[last][-1] += text
            else:
                orphaned.append(text.strip())
        elif text:
            above.append(text)
    blocks = [kept.get(entry, [f"{toml_text(entry)},"]) for entry in entries]
    staying = [number for number, entry in enumerate(entries, start=1) if entry in kept]
    blocks.insert(max(staying, default=0), orphaned)
    return [line for block in blocks for line in block] + above
