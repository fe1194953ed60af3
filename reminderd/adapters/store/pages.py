"""Reading rows straight from a SQLite file's pages, where SQLite itself cannot reach them.

Header, schema and the pages that lead from one to the other may all be broken: a leaf page of a
table says by itself what rows are on it. The format is told at https://sqlite.org/fileformat2.html;
the section names below are its own.
"""

from __future__ import annotations

import struct
from mmap import ACCESS_READ, mmap
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Value = int | float | str | bytes | None

_USUAL_PAGE: Final = 4096
_FILE_HEADER: Final = 100
_WAL_HEADER: Final = 32
_FRAME_HEADER: Final = 24
_TABLE_LEAF: Final = 0x0D
_LARGEST_ROW: Final = 1024 * 1024
"""Bytes; a note of the longest kind, in the widest letters, has a twentieth of that."""
_INTEGERS: Final = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
"""Bytes of each serial type that is an integer."""
_REAL: Final = 7
_BLOB: Final = 12
_TEXT: Final = 13


class Record(NamedTuple):
    """One row of some table: its number, and the values of its columns."""

    number: int
    values: tuple[Value, ...]


def records(database: Path, log: Path) -> Iterator[Record]:
    """Yield each row that can be read, of whatever table, older versions first.

    Deleted rows may be among them, as may those of a transaction that was not committed.

    Args:
        database: The file; one that is not there has no rows.
        log: Its write-ahead log; need not exist.

    Raises:
        OSError: A file cannot be read.
    """
    pages = _Pages(database, log)
    for page in pages:
        yield from _rows_on(page, pages)


def _mapped(path: Path) -> bytes | mmap:
    """Return what is in a file that nobody else changes, without reading it into memory.

    Raises:
        OSError: It cannot be read.
    """
    if not path.exists() or not path.stat().st_size:
        return b""
    with path.open("rb") as file:
        return mmap(file.fileno(), 0, access=ACCESS_READ)


class _Pages:
    """All pages of a database: those of the file, then those of the log."""

    def __init__(self, database: Path, log: Path) -> None:
        self._file, self._log = _mapped(database), _mapped(log)
        self.size = self._size()
        self._newest = {number: page for number, page in self._frames()}  # noqa: C416 -- last wins

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self._file), self.size):
            yield self._file[start : start + self.size]
        for _, page in self._frames():
            yield page

    def of(self, number: int) -> bytes:
        """Return a page by its number, as it was last written."""
        start = (number - 1) * self.size
        return self._newest.get(number) or self._file[start : start + self.size]

    def _frames(self) -> Iterator[tuple[int, bytes]]:
        step = _FRAME_HEADER + self.size
        for start in range(_WAL_HEADER, len(self._log) - step + 1, step):
            (number,) = struct.unpack_from(">I", self._log, start)
            yield number, self._log[start + _FRAME_HEADER : start + step]

    def _size(self) -> int:
        """Return the size of a page as one of the headers says it, else the usual one."""
        told = [struct.unpack_from(">I", self._log, 8)[0]] if len(self._log) > _WAL_HEADER else []
        if len(self._file) > _FILE_HEADER:
            told.append(struct.unpack_from(">H", self._file, 16)[0])
        fitting = (size for size in told if 512 <= size <= 65536 and not size & (size - 1))  # noqa: PLR2004 -- "The Database Header"
        return next(fitting, _USUAL_PAGE)


def _rows_on(page: bytes, pages: _Pages) -> Iterator[Record]:
    """Yield the rows of a page, if it is a table's leaf ("B-tree Pages")."""
    begin = _FILE_HEADER if page.startswith(b"SQLite format 3\0") else 0
    if len(page) < begin + 8 or page[begin] != _TABLE_LEAF:
        return
    (count,) = struct.unpack_from(">H", page, begin + 3)
    for index in range(min(count, (len(page) - begin - 8) // 2)):
        (at,) = struct.unpack_from(">H", page, begin + 8 + 2 * index)
        try:
            yield _row(page, at, pages)
        except (IndexError, ValueError, struct.error, UnicodeDecodeError):
            continue  # this one is broken; its neighbours need not be


def _row(page: bytes, at: int, pages: _Pages) -> Record:
    length, at = _varint(page, at)
    number, at = _varint(page, at)
    if not 0 < length <= _LARGEST_ROW:
        raise ValueError
    return Record(number - (1 << 64) * (number >> 63), _values(_payload(page, at, length, pages)))


def _payload(page: bytes, at: int, length: int, pages: _Pages) -> bytes:
    """Return all bytes of a row, also where they go on on other pages ("Cell Payload")."""
    usable = pages.size
    most, least = usable - 35, (usable - 12) * 32 // 255 - 23
    here = length
    if length > most:
        here = least + (length - least) % (usable - 4)
        here = here if here <= most else least
    content = page[at : at + here]
    if here < length:
        (following,) = struct.unpack_from(">I", page, at + here)
        while following and len(content) < length:
            more = pages.of(following)
            (following,) = struct.unpack_from(">I", more)
            content += more[4:usable]
        if following:  # one of these pages is not what it was
            raise ValueError
    if len(content) < length:
        raise ValueError
    return content[:length]


def _values(payload: bytes) -> tuple[Value, ...]:
    """Return the columns of a row ("Record Format")."""
    end, at = _varint(payload, 0)
    kinds = []
    while at < end:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    values: list[Value] = []
    for kind in kinds:
        value, at = _value(payload, at, kind)
        values.append(value)
    return tuple(values)


def _value(payload: bytes, at: int, kind: int) -> tuple[Value, int]:
    if kind == 0:
        return None, at
    if size := _INTEGERS.get(kind, 0):
        return int.from_bytes(_piece(payload, at, size), signed=True), at + size
    if kind == _REAL:
        return struct.unpack(">d", _piece(payload, at, 8))[0], at + 8
    if kind in {8, 9}:
        return kind - 8, at
    if kind < _BLOB:
        raise ValueError
    size = (kind - (_TEXT if kind & 1 else _BLOB)) // 2
    piece = _piece(payload, at, size)
    return piece.decode() if kind & 1 else piece, at + size


def _piece(payload: bytes, at: int, size: int) -> bytes:
    piece = payload[at : at + size]
    if len(piece) < size:
        raise ValueError
    return piece


def _varint(content: bytes, at: int) -> tuple[int, int]:
    """Return a number of one to nine bytes, and where it ends."""
    value = 0
    for index in range(8):
        byte = content[at + index]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:  # noqa: PLR2004 -- the bit that says whether more follows
            return value, at + index + 1
    return value << 8 | content[at + 8], at + 9
