"""Mending a damaged database: it is kept aside, and what can be saved goes on in a new one."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from reminderd.adapters.paths import PRIVATE_FILE
from reminderd.adapters.store import exchange, pages
from reminderd.adapters.store.backups import backups_of
from reminderd.adapters.store.connection import Database, refuse_others
from reminderd.adapters.store.damage import damage_in
from reminderd.adapters.store.folder import alone
from reminderd.adapters.store.remains import UNFINISHED
from reminderd.adapters.store.salvage import NUMBERED, columns_of_tables, reached, salvage
from reminderd.adapters.store.seen import make_caches_anew
from reminderd.adapters.store.told import private_folder, told
from reminderd.core.mended import Mended, words
from reminderd.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from reminderd.adapters.store.backups import Backup
    from reminderd.adapters.store.salvage import Row, Salvage

_OF_THE_PROCESS: Final = frozenset({"daemon", "reviewed", "mark of seen", "mark of review"})
"""What of the daemon's own record is made anew."""
_CHUNK: Final = 1024**2


def mend(
    path: Path, now: datetime, patience: float, let_go: Callable[[], None] | None = None
) -> Mended:
    """Put a damaged database aside and go on with what can be saved.

    That is the newest backup that is in order, and what can be read of the damaged one.

    Args:
        path: The database.
        now: The present moment, in UTC.
        patience: Seconds to wait for commands that are at work.
        let_go: Closes it, where this process has it open.

    Raises:
        StoreBusyError: Others work with it all the time.
        StoreError: It cannot be done now, as on a full disk. Everything is as it was; or else the
            new one is whole, and whoever opens the database next puts it in its place.
    """
    import shutil  # noqa: PLC0415 -- three milliseconds that no command is to wait for

    with told(path), alone(path.parent, patience):
        refuse_others(path)
        exchange.finish(path, now)  # what another has left half done
        exchange.check_aside(path)
        shop = private_folder(exchange.workshop(path))
        try:
            if let_go is not None:
                _close(path, shop, let_go)
            copy, log = shop / "copy.db", path.with_name(f"{path.name}-wal")
            _copy(path, copy)
            _copy(log, shop / "copy.db-wal")
            made = shop / "made.db"
            with salvage(copy, path, log, shop / "found.db") as found:
                _remove(copy)  # the new one needs the room
                # An erasing that did not come to its end has left backups with what was erased.
                is_erased = UNFINISHED in found.state
                backup = None if is_erased else _newest_good(path, made, now)
                aside = str(exchange.place_aside(path, now))
                mended = _fill(made, found, aside, backup.day if backup else None, now)
            made.rename(exchange.new_file(path))
        except BaseException:
            shutil.rmtree(shop, ignore_errors=True)  # it takes room, perhaps the last there is
            raise
        exchange.finish(path, now)
    return mended


def _close(path: Path, shop: Path, let_go: Callable[[], None]) -> None:
    """Have it closed, with its files left as they were: SQLite folds a log into what it closes."""
    files = (path.with_name(f"{path.name}-wal"), path)  # the log first: it may be folded again
    kept = [] if path.is_symlink() else [(one, shop / one.name) for one in files if one.exists()]
    for file, target in kept:
        _copy(file, target)
    let_go()
    for file, target in kept:
        if not file.exists() or file.stat().st_size <= pages.MOST:
            target.rename(file)


def _copy(source: Path, target: Path) -> None:
    """Copy a file for the person alone, as much of it as is ever looked through."""
    with suppress(FileNotFoundError), source.open("rb") as original:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
        with os.fdopen(descriptor, "wb") as copy:
            left = pages.MOST
            while left and (some := original.read(min(left, _CHUNK))):
                left -= copy.write(some)


def _newest_good(path: Path, target: Path, now: datetime) -> Backup | None:
    """Copy the newest backup that is in order to a place; return it, or None where none is."""
    for backup in backups_of(path):
        _copy(backup.path, target)
        with suppress(StoreError):  # damaged, another program's, or a newer reminderd's
            Database(target, now).close()  # one of an earlier version is brought to today's
            if not damage_in(target):
                return backup
        _remove(target)
    return None


def _remove(database: Path) -> None:
    for part in exchange.PARTS:
        database.with_name(database.name + part).unlink(missing_ok=True)


def _fill(made: Path, found: Salvage, aside: str, backup: str | None, now: datetime) -> Mended:
    """Add what was read to a new database, and what is to be told of it."""
    database = Database(made, now)
    try:
        with database.transaction():
            before = _last_answer(database)
            if found.seed is not None:
                database.write("INSERT OR REPLACE INTO meta VALUES ('seed', ?)", found.seed)
            _take_state(database, found, now)
            came, orphaned = _take_rows(database, found)
            make_caches_anew(database)
            mended = Mended(aside, backup, came, _missing(database, before, found), orphaned)
            database.write(
                "INSERT OR REPLACE INTO state VALUES ('mended', ?)",
                json.dumps({"at": now.isoformat(), "text": words(mended)}, ensure_ascii=False),
            )
        database.write("PRAGMA journal_mode = DELETE")
    finally:
        database.close()
    return mended


def _take_state(database: Database, found: Salvage, now: datetime) -> None:
    for key, value in found.state.items():
        database.write("INSERT OR REPLACE INTO state VALUES (?, ?)", key, value)
    for key in _OF_THE_PROCESS:
        database.write("DELETE FROM state WHERE key = ?", key)
    close_today(database, now)


def close_today(database: Database, now: datetime) -> None:
    """Have the next look let go what was planned until then: some of it may have come already."""
    database.write(
        "INSERT OR REPLACE INTO state VALUES ('restored', json_quote(?))", now.isoformat()
    )


def _take_rows(database: Database, found: Salvage) -> tuple[int, int]:
    """Add the rows; return how many answers are new, and of these how many are orphaned."""
    columns = columns_of_tables()
    if "delivery" in found.whole:  # what was planned and is not there any more was planned anew
        for one in database.read(
            "SELECT id FROM delivery WHERE claimed_at IS NULL AND outcome IS NULL"
        ):
            if not found.has(one["id"]):
                with suppress(sqlite3.IntegrityError):  # it was answered all the same: it stays
                    database.write("DELETE FROM delivery WHERE id = ?", one["id"])
    came = orphaned = 0
    for table in (*NUMBERED, "hold"):
        for row in found.each(table):
            is_new = _take(database, table, row, columns[table])
            if is_new and table == "response":
                came += 1
                orphaned += not _is_there(database, row["delivery"])
    return came, orphaned


def _take(database: Database, table: str, row: Row, columns: list[str]) -> bool:
    """Add one row, or what it knows more; return whether it is new."""
    if table == "hold":
        _put(database, "INSERT OR IGNORE", table, row, columns)
        return False
    known = database.first(f"SELECT * FROM {table} WHERE id = ?", row["id"])
    if known is not None:
        if table == "delivery" and reached(known) < reached(row):
            _put(database, "REPLACE", table, row | {"seq": known["seq"]}, columns)
        return False
    if table == "response" and not _is_there(database, row["delivery"]):
        row = row | {"delivery": None}  # the answer stays, though what it answered is gone
    return _put(database, "INSERT", table, row, columns) or _put(
        database, "INSERT", table, row | _free_numbers(database, row), columns
    )


def _put(database: Database, how: str, table: str, row: Row, columns: list[str]) -> bool:
    """Write a row; return whether nothing that is there is in its way."""
    try:
        database.write(
            f"{how} INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
            *(row[name] for name in columns),
        )
    except sqlite3.IntegrityError:
        return False
    return True


def _free_numbers(database: Database, row: Row) -> Row:
    """Return what a row is numbered with where its own numbers are taken."""
    if row.get("claim_order") is None:
        return {"seq": None}
    last = database.first("SELECT max(claim_order) FROM delivery")
    return {"seq": None, "claim_order": (last[0] or 0) + 1 if last else 1}


def _is_there(database: Database, delivery: str | None) -> bool:
    return delivery is None or bool(database.first("SELECT 1 FROM delivery WHERE id = ?", delivery))


def _last_answer(database: Database) -> int:
    row = database.first("SELECT coalesce(max(seq), 0) FROM response")
    return int(row[0]) if row else 0


def _missing(database: Database, before: int, found: Salvage) -> int | None:
    """Return how many of the answers after one are not there; None where nobody can know."""
    if found.answers is None:
        return 0 if "response" in found.whole else None
    row = database.first("SELECT count(*) FROM response WHERE seq > ?", before)
    return max(0, found.answers - before - (int(row[0]) if row else 0))
