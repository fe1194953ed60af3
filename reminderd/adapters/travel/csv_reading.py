"""Reading an export in CSV, also one that a spreadsheet has saved."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Final

from reminderd.adapters.store.records import RECORDS, RefusedError, Row, checked
from reminderd.adapters.travel.form import (
    END,
    EXPORT,
    FORMAT,
    LONGEST_RECORD,
    check_version,
    columns,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

_MOST_COLUMNS: Final = 200
_NUMBER: Final = re.compile(r"-?[0-9]{1,18}")
_BEGINNING: Final = re.compile(r'"?record"?([,;\t])')


class CsvExport:
    """An export in CSV.

    Args:
        file: The file, at its beginning.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._text = io.TextIOWrapper(file, "utf-8-sig", newline="")
        self._line = self._begin = 1
        self._length = 0

    @property
    def place(self) -> str:
        """Return where what was read last begins, for a message."""
        return str(self._begin)

    def records(self) -> Iterator[tuple[str, Row]]:
        """Yield the records.

        Raises:
            RefusedError: One is not as one of ours, or the text is no table.
            NewerExportError: A newer reminderd made it.
        """
        rows = self._rows()
        names = _columns(next(rows, []))
        kind = ""
        for cells in rows:
            row = _named(names, cells)
            if not row:
                continue  # spreadsheets like to leave some
            before, kind = kind, row.pop("record", "")
            if not before:
                _check_head(kind, row)
            elif before == END:
                raise RefusedError("record", "there is more after the end")
            elif kind != END:
                yield kind, checked(kind, _typed(kind, row))
        if kind != END:
            raise RefusedError("record", f"it ends without the row {END!r}, so it is not whole")

    def _rows(self) -> Iterator[Sequence[str]]:
        """Yield the cells of each row."""
        csv.field_size_limit(LONGEST_RECORD)
        first = self._text.readline(LONGEST_RECORD + 1)
        found = _BEGINNING.match(first)
        rows = csv.reader(self._lines(first), delimiter=found[1] if found else ",", strict=True)
        try:
            for row in rows:
                yield row
                self._begin, self._length = self._line, 0
        except csv.Error as error:
            raise RefusedError("", f"not a table: {error}") from None

    def _lines(self, line: str) -> Iterator[str]:
        while line:
            self._length += len(line)
            if self._length > LONGEST_RECORD:
                raise RefusedError(
                    "", f"a row has up to {LONGEST_RECORD:,} characters, and this has more"
                )
            self._line += 1
            yield line
            line = self._text.readline(LONGEST_RECORD + 1)


def _columns(cells: Sequence[str]) -> list[str]:
    """Return the names of the columns, without the nameless ones at the end."""
    names = list(cells)
    while names and not names[-1]:
        names.pop()
    if len(names) > _MOST_COLUMNS or len(set(names)) < len(names):
        raise RefusedError("", "a column stands here twice")
    if unknown := set(names) - set(columns()):
        raise RefusedError(ascii(min(unknown)[:40])[1:-1], "an export has no such column")
    return names


def _named(names: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """Return what a row holds, by column."""
    if any(cells[len(names) :]):
        raise RefusedError("", "it has more cells than there are columns")
    return {name: cell for name, cell in zip(names, cells, strict=False) if cell}


def _check_head(kind: str, row: dict[str, str]) -> None:
    if kind != EXPORT or row.get("format") != FORMAT:
        raise RefusedError("record", f"the first row is to be the one named {EXPORT!r}")
    version = row.get("version", "")
    check_version(int(version) if _NUMBER.fullmatch(version) else version)


def _typed(kind: str, row: dict[str, str]) -> dict[str, str | int]:
    """Return a row with its numbers as numbers, and its texts as they were."""
    if kind not in RECORDS:
        raise RefusedError("record", f"found {kind[:40]!a}; allowed: {', '.join(RECORDS)}")
    found: dict[str, str | int] = {}
    for name, cell in row.items():
        key = RECORDS[kind].get(name)
        is_number = key is not None and key.number and _NUMBER.fullmatch(cell)
        found[name] = int(cell) if is_number else cell.removeprefix("\\")
    return found
