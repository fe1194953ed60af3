"""Databases as a disk, a crash, another program or somebody else may leave them."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from reminderd.adapters.store import store as store_module
from tests.property.lived import lived
from tests.property.moments.life import same_ids
from tests.property.mutation.damage import damaged
from tests.property.mutation.toml_text import ODD_TEXTS
from tests.property.test_odd_imports import LIFE, ODD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MORE: Final = [step for step in LIFE if step[0] != "first"]
_TABLES: Final = (
    *("delivery", "response", "choice", "pause", "posted", "hold", "seen", "review"),
    *("state", "meta", "migration"),
)


_FACTS: Final = {
    "pid": 42,
    "socket": "/nowhere",
    "notifier": "freedesktop",
    "why": "the desktop shows notifications",
    "desktop": {"locked": "logind"},
    "closed": [],
    "quiet_hours": True,
    "server": "dunst 1.9.0",
    "limits": [],
    "next": "2026-11-28T12:00:00+00:00",
    "held": None,
    "paused_until": None,
    "cap": 4,
    "pace": {"per_day": 4, "reason": "as you set it"},
    "problems": [],
}
"""What a daemon records of itself."""


@dataclass(frozen=True)
class Sound:
    """A database in order: its file, as it is while somebody has it open and after that."""

    file: bytes
    log: bytes
    closed: bytes
    columns: Mapping[str, Sequence[str]]


@cache
def sound() -> Sound:
    """Return the database of somebody who has lived a while with it."""
    with tempfile.TemporaryDirectory() as place, same_ids():
        path = Path(place) / "db"
        kept = lived(path, store_module._device_name(), [*LIFE, *_MORE, *_MORE])  # noqa: SLF001 -- it is to be of this machine
        kept.store.recorded.set("daemon", _FACTS)
        file, log = path.read_bytes(), path.with_name("db-wal").read_bytes()
        kept.store.close()
        with closing(sqlite3.connect(path)) as connection:
            columns = {
                table: [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
                for table in _TABLES
            }
        return Sound(file, log, path.read_bytes(), columns)


ODD_WORDS: Final = (
    *ODD,
    *(text for text in ODD_TEXTS if len(text) < 20_000),
    *("[" * 100_000, '{"a":' * 2_000, "NaN", '{"pid": 1e999}', '{"pid": "x", "socket": 7}', "1e5"),
    *("2026-11-25T10:00:00.000000Z", "2026-02-30T10:00:00.000000Z", "9999-12-31T23:59:59.999999Z"),
    *(
        "2026-11-25T24:00:00",
        "2026-11-25T09:00:00.5",
        "2026-11-25 09:00:00",
        "2026-W48-3",
        "\u0662",
    ),
    *(2**31, -(2**63), 1.5, float("inf"), b"\xff\xfe", b""),
)
# Each table's, where {} stands for its name.
_OF_TABLES: Final = (
    *("DELETE FROM {}", "DROP TABLE {}", "ALTER TABLE {} RENAME TO t2"),
    "ALTER TABLE {} ADD COLUMN more TEXT DEFAULT 'x'",
    "CREATE TRIGGER t AFTER INSERT ON {} BEGIN DELETE FROM response; END",
    "CREATE TRIGGER t BEFORE UPDATE ON {} BEGIN SELECT RAISE(ABORT, 'no'); END",
)
_MANY_ANSWERS: Final = """
WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 5000)
INSERT INTO response
SELECT NULL, 'r' || x, 'd', '2026-11-24T10:00:00.000000Z', 'UTC', NULL, 'a-one', 'done', NULL, 'x',
    'y'
FROM c
"""
_ENDLESS: Final = """
DROP TABLE {};
CREATE VIEW {} AS WITH RECURSIVE c(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM c)
SELECT seq, 'x' AS id, 'd' AS device, 'x' AS at, NULL AS until_utc, NULL AS until_local, 'x' AS key,
'1' AS value, 'x' AS prompt, 'x' AS answer, NULL AS outcome, NULL AS claim_order, 1 AS number FROM c
"""
_LONG: Final = """
ALTER TABLE delivery RENAME TO d2;
CREATE VIEW delivery AS SELECT a.* FROM d2 a, d2 b, d2 c, d2 d, d2 e, d2 f, d2 g
"""
_STATEMENTS: Final = (
    *(one.replace("{}", table) for one in (*_OF_TABLES, _ENDLESS) for table in _TABLES),
    *("ALTER TABLE response RENAME COLUMN note TO notes", "ALTER TABLE delivery DROP COLUMN why"),
    *("DROP INDEX delivery_one_again", "DROP INDEX delivery_waiting", "CREATE TABLE own (x)"),
    *("CREATE VIEW v AS SELECT * FROM response", "CREATE INDEX i ON response (note)", "ANALYZE"),
    *("INSERT INTO delivery SELECT * FROM delivery", "UPDATE delivery SET parent = id"),
    "INSERT OR IGNORE INTO posted SELECT id, ':1', 1, NULL, NULL FROM delivery",
    "UPDATE delivery SET outcome = NULL, ended_at = NULL",
    *("UPDATE delivery SET claim_order = NULL", "UPDATE response SET delivery = 'gone'"),
    "UPDATE response SET note = printf('%.*c', 4000000, 'x')",
    "UPDATE sqlite_sequence SET seq = 9223372036854775807",
    "UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', '')",
    "UPDATE sqlite_schema SET sql = 'CREATE TABLE ' || name || ' (x)' WHERE type = 'table'",
    "UPDATE sqlite_schema SET sql = NULL WHERE name = 'response'",
    "UPDATE sqlite_schema SET sql = 'what' WHERE name = 'delivery'",
    "UPDATE sqlite_schema SET rootpage = 2 WHERE name = 'response'",
    "UPDATE sqlite_schema SET rootpage = 99999 WHERE name = 'delivery'",
    "UPDATE sqlite_schema SET name = 'x', tbl_name = 'x' WHERE name = 'pause'",
    "DELETE FROM sqlite_schema WHERE name = 'state'",
    *(f"PRAGMA user_version = {number}" for number in (0, 1, 2, 3, 99, -1)),
    *(f"PRAGMA application_id = {number}" for number in (0, 1, -1)),
    *("PRAGMA journal_mode = DELETE", "VACUUM", "PRAGMA page_size = 512; VACUUM"),
    *("PRAGMA page_size = 65536; VACUUM", _MANY_ANSWERS, _LONG),
    "ALTER TABLE response RENAME TO r2; CREATE VIEW response AS SELECT * FROM r2",
    "CREATE TRIGGER t AFTER UPDATE ON state BEGIN UPDATE state SET value = value || value; END",
)


@st.composite
def _by_sql(draw: st.DrawFn, content: bytes) -> bytes:
    """Values that make no sense, tables that are not ours; SQLite itself finds nothing wrong."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "db"
        path.write_bytes(content)
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA writable_schema = ON")
            connection.execute("PRAGMA ignore_check_constraints = ON")
            for _ in range(draw(st.integers(1, 3))):
                if draw(st.integers(0, 2)):
                    _set_values(draw, connection)
                else:
                    with suppress(sqlite3.Error):
                        connection.executescript(draw(st.sampled_from(_STATEMENTS)))
            with suppress(sqlite3.Error):
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return path.read_bytes()


def _set_values(draw: st.DrawFn, connection: sqlite3.Connection) -> None:
    table = draw(st.sampled_from(_TABLES))
    column = draw(st.sampled_from(list(sound().columns[table])))
    value: Any = draw(st.sampled_from(ODD_WORDS))
    some = draw(st.sampled_from(("", " WHERE rowid % 2 = 0", " LIMIT 1")))
    if some == " LIMIT 1":
        key = sound().columns[table][0]
        some = f" WHERE {key} = (SELECT max({key}) FROM {table})"  # noqa: S608 -- names of ours
    with suppress(sqlite3.Error, OverflowError):  # no column takes everything
        connection.execute(
            f"UPDATE OR IGNORE {table} SET {column} = ?{some}",  # noqa: S608 -- as above
            (value,),
        )


_HEADER: Final = (*range(16, 24), *range(24, 100, 4))
"""Where in the first page a field of SQLite's header begins."""
_OF_A_PAGE: Final = ("header", "type", "cells", "pointer", "copy", "zero", "number")
_NUMBERS: Final = (0, 1, 2, 3, 5, 10, 13, 127, 255, 256, 4096, 0xFFFF, 2**31 - 1, 2**31, 2**32 - 1)


@st.composite
def _by_page(draw: st.DrawFn, content: bytes) -> bytes:
    """Pages of which SQLite's own numbers are wrong: types, cells, pointers, free pages."""
    found = bytearray(content)
    size = int.from_bytes(found[16:18], "big") or 4096
    pages = max(1, len(found) // size)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, pages - 1)) * size
        other = draw(st.integers(0, pages - 1)) * size
        begin = start + (100 if start == 0 else 0)
        number = draw(st.sampled_from(_NUMBERS))
        match draw(
            st.sampled_from(("header", "type", "cells", "pointer", "copy", "zero", "number"))
        ):
            case "header":
                at = draw(st.sampled_from(_HEADER))
                width = 1 if at < 24 else 4
                found[at : at + width] = (number % 256**width).to_bytes(width, "big")
            case "type":
                found[begin] = number % 256
            case "cells":
                at = begin + draw(st.sampled_from((1, 3, 5, 7)))
                found[at : at + 2] = (number % 65536).to_bytes(2, "big")
            case "pointer":
                at = begin + 8 + 2 * draw(st.integers(0, 40))
                found[at : at + 2] = (number % 65536).to_bytes(2, "big")
            case "copy":
                found[start : start + size] = found[other : other + size]
            case "zero":
                found[start : start + size] = bytes(size)
            case _:
                at = start + draw(st.integers(0, size - 4))
                found[at : at + 4] = number.to_bytes(4, "big")
    return bytes(found)


_OTHERS: Final = (
    *(b"", b"\0", b"not a database at all\n" * 100, b"SQLite format 3\0", bytes(8192)),
    *(b"SQLite format 3\0" + bytes(4080), b"[cadence]\n"),
)


@st.composite
def odd_databases(draw: st.DrawFn) -> dict[str, bytes]:
    """The files of a database, by the end of their names."""
    good = sound()
    match draw(st.sampled_from(("sql", "sql", "sql", "page", "page", "bytes", "log", "other"))):
        case "sql":
            files = {"": draw(_by_sql(good.closed))}
        case "page":
            files = {"": draw(_by_page(good.closed))}
        case "bytes":
            files = {"": draw(damaged(good.closed, [good.log]))}
        case "log":
            files = {"": good.file, "-wal": draw(damaged(good.log, [good.file]))}
            if not draw(st.integers(0, 2)):
                files[""] = draw(_by_page(good.closed))
        case _:
            files = {"": draw(st.sampled_from(_OTHERS))}
    if not draw(st.integers(0, 9)):
        files["-shm"] = draw(st.sampled_from((b"", bytes(32768), b"\xff" * 32768, b"x")))
    if not draw(st.integers(0, 9)):
        files.setdefault("-wal", draw(st.sampled_from((b"", b"x" * 100, good.log))))
    return files
