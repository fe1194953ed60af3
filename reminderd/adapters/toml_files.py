"""Reading TOML that a person wrote: bounded, and every refusal names file, line and key.

Settings and decks share it; each hands in the error that its refusals are raised as.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from dataclasses import dataclass
from datetime import date, time
from functools import cached_property
from typing import TYPE_CHECKING, Final

from reminderd.adapters import toml_lines, toml_mistakes, toml_pieces, trust
from reminderd.core.spoken import quoted
from reminderd.errors import ReminderdError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

LARGEST_FILE: Final = 64 * 1024
"""Bytes; far above what a person writes, and read in far less than a second, whatever it holds."""
MOST_TOLD: Final = 10
"""Mistakes of a file that are told one by one; the others are counted."""

_MAKE_READABLE: Final = "Make it a file that you can read."
_MEND_LINK: Final = "Bring the file back, or remove the link."
_WIDE_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Toml:
    """What a file holds: its text, the values in it, and on request where they stand."""

    path: Path
    text: str
    values: Mapping[str, object]

    @cached_property
    def _spans(self) -> dict[toml_lines.Path, toml_lines.Span]:
        return toml_lines.spans(self.text)

    def place(self, *keys: str | int) -> str:
        """Return "file:line" of a key, else of the nearest thing around it."""
        return f"{shown_path(self.path)}:{toml_lines.line_of(self._spans, keys)}"

    def line(self, *keys: str | int) -> int:
        """Return the line of a key, else of the nearest thing around it."""
        return toml_lines.line_of(self._spans, keys)


def read(path: Path, refusal: type[ReminderdError], *, trusted: bool = False) -> Toml:
    """Read and parse a file.

    Args:
        path: The file.
        refusal: What to raise.
        trusted: Whether it counts only if no other account could have written it.

    Raises:
        FileNotFoundError: There is none.
        ReminderdError: The given `refusal`, when it cannot be read as TOML, or not be trusted.
    """
    return parse(decode(read_bytes(path, refusal, trusted=trusted), path, refusal), path, refusal)


def salvage(path: Path) -> Toml:
    """Return what can be read of a trusted file that `read` refuses; that may be nothing."""
    try:
        content = read_bytes(path, ReminderdError, trusted=True)
    except (FileNotFoundError, ReminderdError):
        return Toml(path, "", {})
    # What is no text becomes a character that TOML refuses, so that its statement is left out.
    text = content.decode("utf-8-sig", "surrogateescape")
    text = "".join("\0" if "\ud800" <= one <= "\udfff" else one for one in text)
    return Toml(path, text, toml_pieces.readable(text))


def read_bytes(path: Path, refusal: type[ReminderdError], *, trusted: bool = False) -> bytes:
    """Read a regular file of a sensible size.

    Links are followed: people keep such files elsewhere. What counts is the file at their end.

    Args:
        path: The file.
        refusal: What to raise.
        trusted: Whether it counts only if no other account could have written it.

    Raises:
        FileNotFoundError: There is none.
        ReminderdError: The given `refusal`, for anything else that is in the way.
    """
    name = shown_path(path)
    try:
        # Without O_NONBLOCK, opening a named pipe would wait for ever.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        if not path.is_symlink():
            raise
        raise refusal(
            f"{name} is a link to {quoted(str(path.readlink()))}, which is not there.",
            _MEND_LINK,
        ) from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            told = f"{name} is a link that leads to itself."
            raise refusal(told, _MEND_LINK) from None
        raise refusal(f"{name} cannot be read: {error.strerror}.", _MAKE_READABLE) from error
    try:
        status = os.fstat(descriptor)
        _check_kind(name, status, refusal)
        if trusted:
            trust.check(path.parent, path.parent.stat(), refusal, or_roots=True)
            trust.check(path, status, refusal, or_roots=True)
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(LARGEST_FILE)
    except OSError as error:
        raise refusal(f"{name} cannot be read: {error.strerror}.", _MAKE_READABLE) from error
    finally:
        os.close(descriptor)


def _check_kind(name: str, kind: os.stat_result, refusal: type[ReminderdError]) -> None:
    if stat.S_ISDIR(kind.st_mode):
        raise refusal(f"{name} is a folder.", "Put a text file in its place.")
    if not stat.S_ISREG(kind.st_mode):
        raise refusal(f"{name} is no regular file.", "Put a text file in its place.")
    if kind.st_size > LARGEST_FILE:
        raise refusal(
            f"{name}:1: the file is {kind.st_size / 1024:,.0f} KiB large; at most"
            f" {LARGEST_FILE // 1024} KiB are read.",
            "Check that it is the file you mean.",
        )


def decode(content: bytes, path: Path, refusal: type[ReminderdError]) -> str:
    """Return the text of a file that is to be UTF-8; a byte order mark is let be."""
    if content.startswith(_WIDE_MARKS):
        raise refusal(f"{shown_path(path)}:1: this is UTF-16, not UTF-8.", "Save it as UTF-8.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        bad = error.object[error.start]
        before = error.object[: error.start].decode("utf-8", "replace")
        line = before.count("\n") + 1
        key = toml_mistakes.key_near(before, line)
        raise refusal(
            f"{shown_path(path)}:{line}: {f'{key}: ' if key else ''}"
            f"not UTF-8 text, found the byte 0x{bad:02X}.",
            "Save it as UTF-8.",
        ) from None


def parse(text: str, path: Path, refusal: type[ReminderdError]) -> Toml:
    """Return what a TOML text holds.

    Raises:
        ReminderdError: The given `refusal`, with the line and column of the first mistake.
    """
    values, said = toml_pieces.parsed(text)
    if said:
        line, key, what = toml_mistakes.first_mistake(text, said)
        raise refusal(
            f"{shown_path(path)}:{line}: {f'{key}: ' if key else ''}not TOML: {what}.",
            'A line reads key = "text", key = 3, key = true or key = ["a", "b"].',
        )
    return Toml(path, text, values)


def shown_path(path: Path) -> str:
    """Return a path as it can be printed, also where its name is no text."""
    name = str(path).encode("utf-8", "backslashreplace").decode()
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in name)


def found(value: object) -> str:
    """Return a value as a message shows what was found."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return quoted(value)
        case date() | time():
            return value.isoformat()
        case dict():
            return "a table"
        case list():
            inside = ", ".join(found(one) for one in value[:3])
            return f"[{inside}{', …' if len(value) > 3 else ''}]"  # noqa: PLR2004 -- enough to see
        case _:
            return repr(value)[:40]


def toml_text(value: str | float | list[str]) -> str:
    """Return a value as TOML writes it."""
    if isinstance(value, list):
        return f"[{', '.join(toml_text(one) for one in value)}]"
    # JSON's texts, numbers, true and false are TOML's too, but for one control character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def nearest(name: str, choices: Iterable[str]) -> str | None:
    """Return the choice that a mistyped name is most like, if one is near enough."""
    import difflib  # noqa: PLC0415 -- only a mistake needs it

    near = difflib.get_close_matches(name.lower(), list(choices), n=1, cutoff=0.6)
    return near[0] if near else None
