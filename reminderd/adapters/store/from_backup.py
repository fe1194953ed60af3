"""Reading the records of a backup, another database of ours; not a byte of it changes."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, Final

from reminderd.adapters.store.records import HISTORY, OWN, RECORDS, RefusedError, Row, checked
from reminderd.adapters.store.schema import level_of, look_at
from reminderd.adapters.store.taking_out import WHICH
from reminderd.adapters.store.told import is_damage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LONGEST: Final = 1024 * 1024
"""Bytes of a value; a note has a twentieth of that."""
PATIENCE: Final = 5.0
"""Seconds until the next row; a table of the largest file is sorted in less."""
STEPS: Final = 10_000
"""Of SQLite's machine, between two looks at the clock."""


class DamagedBackupError(ValueError):
    """A backup that cannot be read, or has in it what reminderd never wrote."""


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
        self._until = 0.0

    def records(self) -> Iterator[tuple[str, Row]]:
        """Yield the records, choices and pauses among them.

        Raises:
            RefusedError: One is not as one of ours.
            DamagedBackupError: The file is damaged.
            StoreError: It is not one of ours, or of a newer reminderd.
        """
        try:
            with closing(self._open()) as connection:
                _, odd = look_at(connection)
                if odd:
                    raise DamagedBackupError(odd)
                level_of(connection, self._path)
                for kind in (*HISTORY, *OWN):
                    yield from self._of(kind, connection)
        except sqlite3.Error as error:
            if is_damage(error):
                raise DamagedBackupError(f"{self.place} cannot be read: {error}") from error
            raise RefusedError("", f"it cannot be read: {error}") from error

    def _open(self) -> sqlite3.Connection:
        address = f"{self._path.resolve().as_uri()}?mode=ro&immutable=1"
        connection = sqlite3.connect(address, uri=True)
        connection.row_factory = sqlite3.Row
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
        self._until = time.monotonic() + PATIENCE
        connection.set_progress_handler(self._takes_too_long, STEPS)  # whatever is planted in it
        connection.execute("PRAGMA trusted_schema = OFF")  # it may be anybody's
        connection.execute("PRAGMA cell_size_check = ON")
        return connection

    def _takes_too_long(self) -> bool:
        return time.monotonic() > self._until

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
            self._until = time.monotonic() + PATIENCE

    def _columns(self, kind: str, connection: sqlite3.Connection) -> set[str]:
        """Return the columns of a table; where something else has its name, it is refused."""
        found = connection.execute(
            "SELECT lower(type) AS type FROM sqlite_schema WHERE lower(name) = ?", (kind,)
        )
        kinds = {row["type"] for row in found}
        columns = connection.execute(f"PRAGMA table_xinfo({kind})").fetchall()
        if kinds - {"table"} or any(column["hidden"] for column in columns):
            raise RefusedError("", "it is not a table as reminderd makes it")
        return {column["name"] for column in columns}
