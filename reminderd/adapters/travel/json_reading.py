"""Reading an export in JSON: piece by piece, so that its size costs no memory."""

from __future__ import annotations

import codecs
import json
import re
from typing import TYPE_CHECKING, Final, NoReturn

from reminderd.adapters.store.records import RefusedError, Row, checked
from reminderd.adapters.travel.form import FORMAT, HEAD, LONGEST_RECORD, SECTIONS, check_version

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

_KINDS: Final = {name: kind for kind, name in SECTIONS.items()}
_CHUNK: Final = 64 * 1024
_DIGITS: Final = 18
_NO_SPACE: Final = re.compile(r"[^ \t\r\n]")


class JsonExport:
    """An export in JSON.

    Args:
        file: The file, at its beginning.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._text = _Text(file)

    @property
    def place(self) -> str:
        """Return where what was read last begins, for a message."""
        return str(self._text.line)

    def records(self) -> Iterator[tuple[str, Row]]:
        """Yield the records.

        Raises:
            RefusedError: One is not as one of ours, or the text is no JSON.
            NewerExportError: A newer reminderd made it.
        """
        text, seen = self._text, set[str]()
        for key in self._keys():
            if key in seen:
                raise RefusedError(key, "it stands here a second time")
            seen.add(key)
            if key in _KINDS and {"format", "version"} <= seen:
                yield from self._section(_KINDS[key])
            elif key in HEAD:
                _check_head(key, text.value(LONGEST_RECORD))
            elif {"format", "version"} <= seen:
                raise RefusedError(ascii(key[:40]), "an export has no such key")
            else:
                raise RefusedError("", 'it does not begin with "format" and "version"')
        text.end()

    def _keys(self) -> Iterator[str]:
        """Yield the keys of the document; the value of each is to be read before the next."""
        text = self._text
        text.take("{")
        while True:
            if text.peek() != '"' or not isinstance(key := text.value(LONGEST_RECORD), str):
                raise RefusedError("", "a key was expected here")
            text.take(":")
            yield key
            if text.take(",}") == "}":
                return

    def _section(self, kind: str) -> Iterator[tuple[str, Row]]:
        text = self._text
        text.take("[")
        if text.peek() == "]":
            text.take("]")
            return
        while True:
            found = text.value(LONGEST_RECORD)
            if not isinstance(found, dict):
                raise RefusedError("", f"a {kind} was expected here, in braces")
            yield kind, checked(kind, found)
            if text.take(",]") == "]":
                return


def _check_head(key: str, value: object) -> None:
    if key == "version":
        check_version(value)
    elif not isinstance(value, str) or (key == "format" and value != FORMAT):
        allowed = FORMAT if key == "format" else "a text"
        raise RefusedError(key, f"this is not what an export has there; allowed: {allowed}")


class _Text:
    """The text of a file, of which only what is being read is kept."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._json = json.JSONDecoder(
            object_pairs_hook=_object,
            parse_int=_whole,
            parse_float=_no_number,
            parse_constant=_no_number,
        )
        self._kept = ""
        self._at = self._begin = 0  # in what is kept: where we are, and where the last piece began
        self._line, self._line_at = 1, 0  # a line, and where in what is kept it was counted to
        self._is_whole = False

    @property
    def line(self) -> int:
        """The line on which what was read last begins."""
        return self._line_of(self._begin)

    def peek(self) -> str:
        """Return the next character that is no space; empty at the end."""
        while True:
            if found := _NO_SPACE.search(self._kept, self._at):
                self._at = self._begin = found.start()
                return found[0]
            self._at = len(self._kept)
            if not self._more(_CHUNK):
                return ""

    def take(self, wanted: str) -> str:
        """Go past the next character, one of those that are wanted, and return it."""
        found = self.peek()
        if not found:
            raise RefusedError("", "it ends too early, so it is not whole")
        if found not in wanted:
            raise RefusedError("", f"found {found!a}; allowed: {' or '.join(wanted)}")
        self._at += 1
        return found

    def value(self, most: int) -> object:
        """Return the next value, of so many characters at most."""
        self.peek()
        step = _CHUNK
        while True:
            try:
                value, end = self._json.raw_decode(self._kept, self._at)
                length, is_cut = end - self._at, end == len(self._kept)
                if not (is_cut and self._more(step)):  # a number may go on
                    self._at += length
                    return value
            except RecursionError:
                raise RefusedError("", "it is nested too deeply") from None
            except json.JSONDecodeError as error:
                if len(self._kept) - self._at > most:
                    raise RefusedError(
                        "", f"not JSON, or longer than {most:,} characters"
                    ) from None
                if not self._more(step):
                    raise RefusedError("", f"not JSON: {error.msg}") from None
            if len(self._kept) - self._at > most + step:
                raise RefusedError("", f"this is longer than {most:,} characters")
            step *= 2

    def end(self) -> None:
        """Expect nothing more."""
        if self.peek():
            raise RefusedError("", "there is more after its end")

    def _line_of(self, at: int) -> int:
        """Return the line of a place in what is kept, one that is not before the last asked for."""
        self._line += self._kept.count("\n", self._line_at, at)
        self._line_at = at
        return self._line

    def _more(self, size: int) -> bool:
        """Read on, and let go of what is behind; return whether there was more."""
        if self._is_whole:
            return False
        read = self._file.read(size)
        self._is_whole = not read
        self._line_of(self._at)
        # The line of what was read last is asked for while it is the next to be read.
        self._kept = self._kept[self._at :] + self._decode(read, final=not read)
        self._at = self._begin = self._line_at = 0
        return bool(read)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise RefusedError(ascii(key[:40])[1:-1], "it stands here a second time")
        found[key] = value
    return found


def _whole(digits: str) -> int:
    if len(digits) > _DIGITS:
        raise RefusedError("", f"found a number of {len(digits)} digits")
    return int(digits)


def _no_number(found: str) -> NoReturn:
    raise RefusedError("", f"found {found[:40]}; allowed: whole numbers")
