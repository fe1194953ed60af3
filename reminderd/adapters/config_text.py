"""The config file as text: a new one with a comment for each key, and a new key in its place.

tomlkit, which edits keys that are there, would put new ones behind the comments of the next table.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from reminderd.adapters import toml_lines
from reminderd.adapters.setting_tables import KEYS, TABLES, Plain, about, default_of
from reminderd.adapters.toml_files import toml_text

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEAD: Final = """\
# Settings of reminderd. A line that starts with # shows a default; take the # away to change it.
# Each is also an environment variable: REMINDERD_CADENCE__RANDOM_PER_DAY=3, and so on.
# `reminderd config check` tells whether all is well, also after editing by hand.
"""
_COMMENT_COLUMN: Final = 38


def default_config_text(values: Mapping[str, Plain] | None = None) -> str:
    """Return a new config file: the given values set, every other key as a comment.

    Args:
        values: What to set, by key with its table, such as "cadence.random_per_day".
    """
    given = values or {}
    lines = [_HEAD.rstrip("\n")]
    for table in TABLES:
        lines += ["", f"[{table}]"]
        lines += [_commented(key, given.get(key)) for key in KEYS if key.startswith(f"{table}.")]
    return "\n".join(lines) + "\n"


def has_header(text: str, table: str) -> bool:
    """Return whether a table stands under a header of its own, not in dotted or inline keys."""
    return _header_line(toml_lines.lines_of(text), toml_lines.spans(text), table) is not None


def with_new_key(text: str, key: str, value: Plain) -> str:
    """Return a config text with a key added that it does not have yet.

    In the place of its commented default where the file has that as we wrote it, below it where it
    was changed, else at the end of its table; a missing table comes before those that follow it in
    the design.
    """
    spans = toml_lines.spans(text)
    lines = toml_lines.lines_of(text)
    end = "\r\n" if "\r\n" in text else "\n"
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += end
    table, _, name = key.partition(".")
    start = _header_line(lines, spans, table)
    if start is None:
        _insert_table(lines, spans, table, [f"[{table}]{end}", f"{_pair(key, value)}{end}", end])
    else:
        at = _place_in_table(lines, spans, start, table, name)
        if lines[at - 1].rstrip() == _commented(key):
            lines[at - 1] = f"{_commented(key, value)}{end}"
        else:
            lines.insert(at, f"{_pair(key, value)}{end}")
    return "".join(lines)


def without_key(text: str, key: str) -> str | None:
    """Return a config text without a key, or None where its line holds more than that.

    A line of ours becomes the comment again that it was.
    """
    span = toml_lines.spans(text).get(tuple(key.split(".")))
    name = re.escape(key.rpartition(".")[2])
    lines = toml_lines.lines_of(text)
    if span is None or not re.match(rf"\s*([a-z]+\.)?{name}\s*=", lines[span.first - 1]):
        return None
    is_ours = key in KEYS and lines[span.first - 1].rstrip().endswith(f"# {about(key)}")
    end = "\r\n" if lines[span.first - 1].endswith("\r\n") else "\n"
    comment = [f"{_commented(key)}{end}"] if is_ours else []
    return "".join(lines[: span.first - 1] + comment + lines[span.last :])


def _commented(key: str, value: Plain | None = None) -> str:
    """Return the line of a key in a new file; without a value the default, as a comment."""
    pair = f"# {_pair(key, default_of(key))}" if value is None else _pair(key, value)
    return f"{pair.ljust(_COMMENT_COLUMN)} # {about(key)}"


def _pair(key: str, value: Plain) -> str:
    return f"{key.partition('.')[2]} = {toml_text(value)}"


def _header_line(
    lines: list[str], spans: Mapping[toml_lines.Path, toml_lines.Span], table: str
) -> int | None:
    """Return the line of a table's own header, counted from 1; dotted keys make tables without."""
    span = spans.get((table,))
    return span.first if span and lines[span.first - 1].lstrip().startswith("[") else None


def _place_in_table(
    lines: list[str],
    spans: Mapping[toml_lines.Path, toml_lines.Span],
    start: int,
    table: str,
    name: str,
) -> int:
    """Return how many lines stand before a new key of a table."""
    headers = [found for other in TABLES if (found := _header_line(lines, spans, other))]
    stop = min((line for line in headers if line > start), default=len(lines) + 1)
    for number in range(start, stop - 1):
        if re.match(rf"\s*#\s*{name}\s*=", lines[number]):
            return number + 1
    ends = [span.last for path, span in spans.items() if path[0] == table and len(path) > 1]
    return max(ends, default=start)


def _insert_table(
    lines: list[str],
    spans: Mapping[toml_lines.Path, toml_lines.Span],
    table: str,
    block: list[str],
) -> None:
    names = list(TABLES)
    later = [_header_line(lines, spans, name) for name in names[names.index(table) + 1 :]]
    at = min((line - 1 for line in later if line), default=len(lines))
    while at < len(lines) and at > 0 and lines[at - 1].lstrip().startswith("#"):
        at -= 1  # the comment above the next header belongs to it
    if at == len(lines):
        blank = [block[-1]] if lines and lines[-1].strip() else []
        block = [*blank, *block[:-1]]
    lines[at:at] = block
