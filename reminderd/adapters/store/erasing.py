"""Erasing: rows, what is left of them in the files, and what copies have of them.

SQLite overwrites what is deleted (`secure_delete`), then the file is written anew without any gap
(`VACUUM`) and the log is emptied. Copies of ours go. At the end each file is looked through.
Once the rows are gone, all of that is done as far as it can be, whatever fails.
"""

from __future__ import annotations

import errno
import select
import sqlite3
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from reminderd.adapters.store import backups, copies
from reminderd.adapters.store.mending import close_today
from reminderd.adapters.store.remains import Gone, Looked
from reminderd.adapters.store.rows import to_text
from reminderd.adapters.store.seen import make_caches_anew
from reminderd.adapters.store.told import told
from reminderd.core.erased import Erased
from reminderd.errors import ReminderdError, StoreBusyError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date, datetime

    from reminderd.adapters.store.connection import Database

PATIENCE: Final = 5.0
"""Seconds to wait for others who read, whom the log is kept for."""
_MOMENT: Final = 0.02
_KEPT: Final = ("daemon", "good settings")
"""What of the daemon's record is no history: where it is woken, and the settings."""
_NAMED: Final = 2
"""How many of the things that went wrong are told; the rest is much like them."""


def erase_all(database: Database, now: datetime) -> Erased:
    """Erase the whole history, choices and pauses too. It begins anew, without a first practice.

    Raises:
        StoreError: It cannot be done now; what it says tells how far it got.
    """
    with _erasing(database):
        gone = Gone(database, "1", "1")
        for table in ("hold", "posted", "response", "delivery", "choice", "pause"):
            database.write(f"DELETE FROM {table}")
        marks = ", ".join("?" * len(_KEPT))
        database.write(f"DELETE FROM state WHERE key NOT IN ({marks})", *_KEPT)
        database.write("DELETE FROM sqlite_sequence")
        database.write("INSERT OR REPLACE INTO meta VALUES ('first', 'over')")
        make_caches_anew(database)
        close_today(database, now)
        gone.remember(database)
    return _cleaned(database, gone, now, None)


def erase_notes(database: Database, now: datetime, today: date) -> Erased:
    """Erase every text that the person wrote; the answers stay.

    Raises:
        StoreError: It cannot be done now; what it says tells how far it got.
    """
    with _erasing(database):
        gone = Gone(database, "0", "0", noted="1")
        database.write("UPDATE response SET note = NULL WHERE note IS NOT NULL")
        gone.remember(database)
    return _cleaned(database, gone, now, today)


def erase_before(database: Database, moment: datetime, now: datetime, today: date) -> Erased:
    """Erase what ended before a moment, with all that belongs to it.

    What still counts stays: the newest choice for each prompt, and the newest pause.

    Args:
        database: The open database.
        moment: In UTC.
        now: The present moment, in UTC.
        today: The local date.

    Raises:
        StoreError: It cannot be done now; what it says tells how far it got.
    """
    until = to_text(moment)
    with _erasing(database):
        # What came again belongs to what it came again for.
        database.write(
            "INSERT INTO gone WITH RECURSIVE chain (id) AS (SELECT id FROM delivery"
            "  WHERE coalesce(claimed_at, ended_at) < ?"
            " UNION SELECT delivery.id FROM delivery JOIN chain ON delivery.parent = chain.id)"
            " SELECT id FROM chain",
            until,
        )
        answers = f"(delivery IN gone OR (delivery IS NULL AND at < '{until}'))"
        gone = Gone(database, "id IN gone", answers)
        went = database.write(f"DELETE FROM response WHERE {answers}")
        database.write("DELETE FROM posted WHERE delivery IN gone")
        went += database.write("DELETE FROM delivery WHERE id IN gone")
        went += database.write(
            "DELETE FROM choice WHERE at < ? AND seq <> (SELECT seq FROM choice AS newest"
            " WHERE newest.prompt = choice.prompt ORDER BY at DESC, id DESC LIMIT 1)",
            until,
        )
        went += database.write(
            "DELETE FROM pause WHERE at < ? AND seq < (SELECT max(seq) FROM pause)", until
        )
        if went:
            database.write("DELETE FROM state WHERE key IN ('paces', 'came-moved', 'mended')")
            _number_anew(database)
            make_caches_anew(database)
            close_today(database, now)
            gone.remember(database)
    if not went and not gone.is_unfinished:
        return Erased()
    return _cleaned(database, gone, now, today)


def _number_anew(database: Database) -> None:
    """Leave no number of what is gone, or mending would take it for answers that were lost.

    Who has folded the answers up to a number starts anew (`make_caches_anew`).
    """
    database.write("UPDATE response SET seq = -seq")  # out of the way of the new numbers
    database.write(
        "UPDATE response SET seq = place FROM (SELECT seq AS old,"
        "  row_number() OVER (ORDER BY seq DESC) AS place FROM response) WHERE seq = old"
    )
    for table in ("delivery", "response", "choice", "pause"):
        database.write(
            f"UPDATE sqlite_sequence SET seq = (SELECT max(0, coalesce(max(seq), 0)) FROM {table})"
            " WHERE name = ?",
            table,
        )


@contextmanager
def _erasing(database: Database) -> Iterator[None]:
    """Delete so that what is deleted is overwritten; all of it or nothing."""
    with told(database.path):
        database.write("PRAGMA secure_delete = ON")
        database.write("CREATE TEMP TABLE IF NOT EXISTS gone (id TEXT PRIMARY KEY)")
        database.write("DELETE FROM temp.gone")
        with database.transaction():
            database.write("PRAGMA defer_foreign_keys = ON")
            # The schema's own index holds for `again` alone, so the foreign key cannot use it: each
            # delivery that goes would have all others read, with everybody who writes waiting.
            database.write(
                "CREATE INDEX erasing_parent ON delivery (parent) WHERE parent IS NOT NULL"
            )
            yield
            database.write("DROP INDEX erasing_parent")


def _cleaned(database: Database, gone: Gone, now: datetime, backup_day: date | None) -> Erased:
    """Let nothing of what was deleted be left in any file.

    Raises:
        StoreError: Something may be; the rows are gone all the same, and all else that can go.
    """
    path = database.path
    left = _Left()
    removed = copies.Removed()
    with left.where("a copy of the database may still have it"):  # first: it makes room
        removed = copies.remove(path, PATIENCE)
        for error in removed.errors:
            left.add(f"{error.filename} still has it, and cannot be removed", error)
    with left.where(f"{path} may have it in its gaps, and cannot be written anew"):
        _patiently(lambda: database.write("VACUUM"))
    with left.where(f"it may still be in the log {path}-wal"):
        _patiently(lambda: _empty_the_log(database))
    if backup_day is not None:
        with left.where("no new backup could be made"):
            backups.back_up_daily(database.connection, path, backup_day, PATIENCE)
    looked = Looked(0, [], [])
    with left.where(f"{path.parent} could not be looked through"):
        gone.leave_out(database)
        # Not while it is open: closing the file, once read, would drop SQLite's locks on it.
        database.close()
        looked = gone.look_through(path)
        for file in looked.found:
            left.add(f"it can still be found in {file}")
    with left.where(f"{path} cannot be opened again"):
        database.reopen(now)
    left.tell()
    with left.where("that is remembered as not yet done"):
        gone.forget(database)
    counts = gone.practices, gone.answers, gone.notes, removed.backups, removed.damaged
    return Erased(*counts, looked.files, tuple(looked.unseen))


class _Left:
    """What is left of what was erased, or may be: told at the end, when all that can go has."""

    def __init__(self) -> None:
        self._what: list[str] = []
        self._lacks_room = False

    def add(self, what: str, error: Exception | None = None) -> None:
        """Add one thing, and what was in the way."""
        # A failure of the database says that nothing has changed, which is not so any more.
        cause = (isinstance(error, StoreError) and error.__cause__) or error
        match cause:
            case ReminderdError():
                what += f": {cause.message.removesuffix('.')}"
            case OSError():
                what += f": {cause.strerror or cause}"
            case Exception():
                what += f": {cause}"
        self._lacks_room |= (
            getattr(cause, "errno", 0) in {errno.ENOSPC, errno.EDQUOT}
            or getattr(cause, "sqlite_errorname", "") == "SQLITE_FULL"
        )
        self._what.append(what)

    @contextmanager
    def where(self, what: str) -> Iterator[None]:
        """Go on after a step that fails, and remember what that leaves."""
        try:
            yield
        except (ReminderdError, sqlite3.Error, OSError) as error:
            self.add(what, error)

    def tell(self) -> None:
        """Tell what is left, if anything is.

        Raises:
            StoreError: Something is.
        """
        if not self._what:
            return
        more = len(self._what) - _NAMED
        what = "; ".join(self._what[:_NAMED]) + (f"; and {more} more" if more > 0 else "")
        before = "Make room on the disk" if self._lacks_room else "Look after that"
        raise StoreError(
            f"It is erased from the database, but {what}.",
            f"{before}, then please run the command again.",
        )


def _patiently(step: Callable[[], object]) -> None:
    """Do what others may be in the way of.

    Raises:
        StoreBusyError: They are all the time.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            step()
        except StoreBusyError:
            if time.monotonic() > deadline:
                raise
            select.select([], [], [], _MOMENT)
        else:
            return


def _empty_the_log(database: Database) -> None:
    """Leave nothing in the log.

    Raises:
        StoreBusyError: Others read what it is kept for.
    """
    (busy, _, _) = database.read("PRAGMA wal_checkpoint(TRUNCATE)")[0]
    if busy:
        raise StoreBusyError("another program reads the database")
