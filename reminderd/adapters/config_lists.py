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

_TOKEN: Final = re.compile(
    r"(?P<blank>[ \t\r]+)|(?P<end>\n)|(?P<comment>#[^\n]*)|(?P<comma>,)|(?P<close>\])"
    rf"|(?P<value>(?!\"\"\"|'''){toml_lines.TEXT}|[^\s,\[\]{{}}\"'#]+)"
)
_INDENT: Final = "    "
_BLANK_LINE: Final = ("above", "")


def with_entries(
    text: str, key: str, entries: Sequence[str], plain: Callable[[object], str]
) -> str | None:
    """Return a config text with other entries in a list that runs over several lines.

    An entry that stays is written as it was, with the comments above and beside it. The comments of
    one that goes stay in its place, each on a line of its own. Blank lines stay between groups.

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
    lines = toml_lines.lines_of(text)
    block = "".join(lines[span.first - 1 : span.last])
    opening = toml_lines.LIST.match(block)
    tokens = list(_tokens(block[opening.end() :])) if opening else []
    if opening is None or not tokens or tokens[-1][0] != "close":
        return None
    rows = _rows(tokens)
    closed = opening.end() + sum(len(part) for _, part in tokens)
    end = "\r\n" if block.split("\n")[0].endswith("\r") else "\n"
    indent = re.search(r"\n([ \t]+)[^\s\]]", block)
    margin = indent[1] if indent else _INDENT
    new = [block[: opening.end()] + (f" {rows.pop(0)[1]}" if rows[0][0] == "beside [" else "")]
    new += [margin + row if row else "" for row in _arranged(rows, entries, plain)]
    bracket = re.search(r"\n([ \t]*)\]$", block[:closed]) or re.match(r"([ \t]*)", block)
    new.append(f"{bracket[1] if bracket else ''}]{block[closed:]}")
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
    """Return what a list holds in order: values, comments above and beside them, blank lines."""
    rows: list[tuple[str, str]] = []
    beside = "beside ["
    blank = ""
    is_blank_line = False
    for kind, text in tokens:
        if kind == "value":
            rows.append(("value", text))
            beside = "beside"
        elif kind == "comment":
            rows.append((beside, (blank if beside == "beside" else "") + text.rstrip()))
        elif kind == "end":
            rows += [_BLANK_LINE] * is_blank_line
            beside = "above"
        is_blank_line = kind == "end" or (kind == "blank" and is_blank_line)
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
            kept[value] = [*_joined(orphaned, above), f"{written},"]
            orphaned, above, last = [], [], value
        elif kind == "value":
            orphaned, above, last = _joined(orphaned, above), [], ""
        elif kind == "beside":
            if last:
                kept[last][-1] += text
            else:
                orphaned.append(text.strip())
        elif kind == "above":
            above.append(text)
    blocks = [kept.get(entry, [f"{toml_text(entry)},"]) for entry in entries]
    staying = [number for number, entry in enumerate(entries, start=1) if entry in kept]
    blocks.insert(max(staying, default=0), orphaned)
    lines = _joined([line for block in blocks for line in block], above)
    while lines and not lines[0] and rows[0] != _BLANK_LINE:
        del lines[0]
    while lines and not lines[-1] and rows[-1] != _BLANK_LINE:
        del lines[-1]
    return lines


def _joined(lines: list[str], more: list[str]) -> list[str]:
    """Return lines and more lines; what was between them is gone, so one gap is enough."""
    if lines and not lines[-1]:
        more = more[next((number for number, line in enumerate(more) if line), len(more)) :]
    return [*lines, *more]
