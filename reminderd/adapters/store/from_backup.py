"""Reading the records of a backup, another database of ours; not a byte of it changes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Final

from reminderd.adapters.store.records import HISTORY, OWN, RECORDS, RefusedError, Row, checked
from reminderd.adapters.store.schema import level_of, oddity
from reminderd.adapters.store.taking_out import WHICH

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LONGEST: Final = 1024 * 1024
"""Bytes of a value; a note has a twentieth of that."""


class Backup:
    """A database file that nothing writes to.

    Args:
        path: The file.

    Attributes:
        place: Which row was read last, for a message.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.place = "the database"

    def records(self) -> Iterator[tuple[str, Row]]:
        """Yield the records, choices and pauses among them.

        Raises:
            RefusedError: One is not as one of ours, or the file is damaged.
            StoreError: It is not one of ours, or of a newer reminderd.
        """
        try:
            with closing(self._open()) as connection:
                if odd := oddity(connection):
                    raise RefusedError("", odd)
                level_of(connection, self._path)
                for kind in (*HISTORY, *OWN):
                    yield from self._of(kind, connection)
        except sqlite3.Error as error:
            raise RefusedError("", f"it cannot be read: {error}") from error

    def _open(self) -> sqlite3.Connection:
        address = f"{self._path.resolve().as_uri()}?mode=ro&immutable=1"
        connection = sqlite3.connect(address, uri=True)
        connection.row_factory = sqlite3.Row
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
        connection.execute("PRAGMA trusted_schema = OFF")  # it may be anybody's
        connection.execute("PRAGMA cell_size_check = ON")
        return connection

    def _of(self, kind: str, connection: sqlite3.Connection) -> Iterator[tuple[str, Row]]:
        self.place = f"table {kind}"
        there = self._columns(kind, connection)
        if not there:  # a reminderd of before had no such table
            return
        names = ", ".join(name for name in RECORDS[kind] if name in there)
        found = connection.execute(f"SELECT {names} FROM {kind} {WHICH[kind]}")
        for number, row in enumerate(found, 1):
            self.place = f"table {kind}, row {number}"
            yield kind, checked(kind, dict(row))

    def _columns(self, kind: str, connection: sqlite3.Connection) -> set[str]:
        """Return the columns of a table; where something else has its name, it is refused."""
        found = connection.execute("SELECT type FROM sqlite_schema WHERE name = ?", (kind,))
        kinds = {row["type"] for row in found}
        columns = connection.execute(f"PRAGMA table_xinfo({kind})").fetchall()
        if kinds - {"table"} or any(column["hidden"] for column in columns):
            raise RefusedError("", "it is not a table as reminderd makes it")
        return {column["name"] for column in columns}
