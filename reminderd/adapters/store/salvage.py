"""What can still be read of a damaged database: by SQLite as far as it goes, then page by page."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from reminderd.adapters.paths import PRIVATE_FILE
from reminderd.adapters.store.pages import records
from reminderd.adapters.store.schema import LARGEST_VALUE, new_schema
from reminderd.adapters.store.told import told
from reminderd.adapters.store.understood import is_understood

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from reminderd.adapters.store.pages import Record

Row = dict[str, Any]

NUMBERED: Final = ("delivery", "response", "choice", "pause")
"""The tables with what a person would miss; `hold` only explains."""
_ID_LENGTH: Final = 36


@dataclass
class Salvage:
    """What was read.

    Attributes:
        whole: The tables that SQLite could read to their end.
        answers: How many answers had ever been stored; None where that cannot be read.
        seed: The installation's seed, or None.
        state: What the daemon had recorded, as JSON by key.
    """

    _database: Path
    _rows: sqlite3.Connection
    whole: set[str] = field(default_factory=set)
    answers: int | None = None
    seed: str | None = None
    state: dict[str, str] = field(default_factory=dict)

    def take(self, table: str, row: Row) -> None:
        """Keep a row that is understood; of two versions of a delivery the one that got further.

        Raises:
            StoreError: There is no room for it. Who reads a damaged file goes on after SQLite's
                errors, and must not after this one.
        """
        if not is_understood(table, row):
            return
        name = row["id"] if "id" in row else f"{row['delivery']} {row['at']}"
        with told(self._database):
            known = self._delivery(name) if table == "delivery" else None
            if known is None or reached(known) <= reached(row):
                values = [row.get(column) for column in columns_of_tables()[table]]
                self._rows.execute(
                    f"INSERT OR REPLACE INTO {table} VALUES (?{', ?' * len(values)})",
                    (name, *values),
                )

    def has(self, delivery: str) -> bool:
        """Return whether a delivery was read."""
        return self._delivery(delivery) is not None

    def each(self, table: str) -> Iterator[Row]:
        """Yield the rows of a table by their numbers, one by one: all at once may be too large."""
        columns = columns_of_tables()[table]
        found = self._rows.execute(
            f"SELECT {', '.join(columns)} FROM {table} INDEXED BY {table}_order"
            f" ORDER BY {columns[0]}"
        )
        return (dict(row) for row in found)

    def _delivery(self, name: str) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._rows.execute(
            "SELECT claimed_at, outcome FROM delivery WHERE name = ?", (name,)
        ).fetchone()
        return row


def reached(delivery: Row | sqlite3.Row) -> int:
    """Return how far a delivery got: planned, claimed, ended."""
    return (delivery["claimed_at"] is not None) + 2 * (delivery["outcome"] is not None)


@contextmanager
def salvage(copy: Path, database: Path, log: Path, place: Path) -> Iterator[Salvage]:
    """Read what can be read: all that SQLite reaches, and the pages for what it does not.

    Args:
        copy: A copy of both, for SQLite, which may change it.
        database: The damaged file.
        log: Its write-ahead log, if there is one.
        place: A file to keep the rows in, which holds nothing that is needed afterwards.

    Raises:
        OSError: A file cannot be read at all.
        StoreError, sqlite3.Error: There is no room for what is read.
    """
    place.touch(mode=PRIVATE_FILE)
    with closing(sqlite3.connect(place, isolation_level=None)) as rows:
        _make_room(rows)
        found = Salvage(database, rows)
        with suppress(sqlite3.Error), closing(sqlite3.connect(copy)) as connection:
            connection.row_factory = sqlite3.Row
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_VALUE)
            connection.execute("PRAGMA trusted_schema = OFF")
            _read(connection, found)
        if found.seed is None or found.answers is None or not found.whole.issuperset(NUMBERED):
            _take_pages(database, log, found)
        yield found


def _make_room(rows: sqlite3.Connection) -> None:
    """Make a table for each of ours, without types: what is read is kept as it is."""
    rows.row_factory = sqlite3.Row
    rows.execute("PRAGMA journal_mode = OFF")
    rows.execute("PRAGMA synchronous = OFF")
    rows.execute("PRAGMA temp_store = MEMORY")  # as in the database: nothing of it in /tmp
    for table, columns in columns_of_tables().items():
        # By what names a row: its id, or a hold's delivery and time.
        rows.execute(f"CREATE TABLE {table} (name PRIMARY KEY, {', '.join(columns)})")
        rows.execute(f"CREATE INDEX {table}_order ON {table} ({columns[0]})")
    rows.execute("BEGIN")  # never committed, which takes no time: nobody else reads it


def _read(connection: sqlite3.Connection, found: Salvage) -> None:
    """Read what SQLite reaches; which of the tables are whole is known afterwards."""
    tables = _tables(connection)
    for table in (*NUMBERED, "hold"):
        if table in tables:
            _read_table(connection, table, found)
    if "state" in tables:
        with suppress(sqlite3.Error):
            found.state = _texts(connection.execute("SELECT key, value FROM state"))
    if "meta" in tables:
        with suppress(sqlite3.Error):
            found.seed = _texts(connection.execute("SELECT key, value FROM meta")).get("seed")
    with suppress(sqlite3.Error):
        for row in connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'response'"):
            if isinstance(row["seq"], int):
                found.answers = row["seq"]


def _take_pages(database: Path, log: Path, found: Salvage) -> None:
    """Add what stands on the pages, whatever leads to them."""
    for table, row in _known(records(database, log)):
        if table == "sequence":
            found.answers = max(found.answers or 0, row["seq"])
        elif table == "seed":
            found.seed = found.seed or row["value"]
        elif table not in found.whole:
            found.take(table, row)


def _tables(connection: sqlite3.Connection) -> set[str]:
    """Return the tables, without views: one may have been planted, and never come to its end."""
    return {
        name
        for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    }


def _texts(pairs: Iterable[Row | sqlite3.Row]) -> dict[str, str]:
    """Return pairs of which both are texts; a column may hold anything once its rules are gone."""
    return {key: value for key, value in pairs if isinstance(key, str) and isinstance(value, str)}


def _read_table(connection: sqlite3.Connection, table: str, found: Salvage) -> None:
    try:
        for row in connection.execute(f"SELECT * FROM {table}"):
            found.take(table, dict(row))
    except (sqlite3.Error, UnicodeDecodeError):
        return
    found.whole.add(table)


def _known(every: Iterator[Record]) -> Iterator[tuple[str, Row]]:
    """Yield the rows of tables that we know, told by their columns and what is in them."""
    columns = columns_of_tables()
    for number, values in every:
        match values:
            case ("response", int(last)):
                yield "sequence", {"seq": last}
            case ("seed", str(seed)):
                yield "seed", {"value": seed}
        for table in NUMBERED:
            if len(values) == len(columns[table]):
                row = dict(zip(columns[table], (number, *values[1:]), strict=True))
                if _is_id(row["id"]) and is_understood(table, row):
                    yield table, row


def _is_id(value: object) -> bool:
    return isinstance(value, str) and len(value) == _ID_LENGTH


@cache
def columns_of_tables() -> dict[str, list[str]]:
    """Return the columns of each table of today's schema, in order."""
    with closing(sqlite3.connect(":memory:")) as connection:
        new_schema(connection)
        return {
            table: [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            for table in (*NUMBERED, "hold")
        }
