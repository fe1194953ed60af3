"""Reading rows straight from a SQLite file's pages, where SQLite itself cannot reach them.

Header, schema and the pages that lead from one to the other may all be broken: a leaf page of a
table says by itself what rows are on it. The format is told at https://sqlite.org/fileformat2.html;
the section names below are its own.
"""

from __future__ import annotations

import struct
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Value = int | float | str | bytes | None

MOST: Final = 1024**3
"""Bytes of a damaged file that are looked through; a thousand years of practice have a tenth."""
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
    with _File(database) as file, _File(log) as frames:
        pages = _Pages(file, frames)
        for page in pages:
            yield from _rows_on(page, pages)


class _File:
    """A file that nobody else changes; one that is not there is empty.

    It is read piece by piece: what is mapped counts as memory of the process, as large as it is.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open: BinaryIO = BytesIO()
        self.size = 0

    def __enter__(self) -> Self:
        if self._path.exists():
            self._open = self._path.open("rb")
            self.size = min(self._path.stat().st_size, MOST)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def read(self, start: int, length: int) -> bytes:
        """Return a piece, which ends with the file."""
        self._open.seek(start)
        return self._open.read(length)


class _Pages:
    """All pages of a database: those of the file, then those of the log."""

    def __init__(self, file: _File, log: _File) -> None:
        self._file, self._log = file, log
        self.size = self._size()
        self._newest = dict(self._frames())

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, self._file.size, self.size):
            yield self._file.read(start, self.size)
        for _, start in self._frames():
            yield self._log.read(start, self.size)

    def of(self, number: int) -> bytes:
        """Return a page by its number, as it was last written."""
        if number in self._newest:
            return self._log.read(self._newest[number], self.size)
        return self._file.read((number - 1) * self.size, self.size)

    def _frames(self) -> Iterator[tuple[int, int]]:
        """Yield the number of each page in the log, and where it begins there."""
        step = _FRAME_HEADER + self.size
        for start in range(_WAL_HEADER, self._log.size - step + 1, step):
            (number,) = struct.unpack(">I", self._log.read(start, 4))
            yield number, start + _FRAME_HEADER

    def _size(self) -> int:
        """Return the size of a page as one of the headers says it, else the usual one."""
        told: list[int] = []
        if self._log.size > _WAL_HEADER:
            told += struct.unpack(">I", self._log.read(8, 4))
        if self._file.size > _FILE_HEADER:
            told += struct.unpack(">H", self._file.read(16, 2))
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
