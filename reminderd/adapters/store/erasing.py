"""Erasing: rows, what is left of them in the files, and what copies have of them.

SQLite overwrites what is deleted (`secure_delete`), then the file is written anew without any gap
(`VACUUM`) and the log is emptied. Copies of ours go. At the end each file is looked through.
"""

from __future__ import annotations

import re
import select
import shutil
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from reminderd.adapters.store import backups, exchange
from reminderd.adapters.store.folder import alone
from reminderd.adapters.store.mending import close_today
from reminderd.adapters.store.rows import to_text
from reminderd.adapters.store.seen import make_caches_anew
from reminderd.adapters.store.told import told
from reminderd.core.erased import Erased
from reminderd.errors import StoreBusyError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime
    from pathlib import Path

    from reminderd.adapters.store.connection import Database

PATIENCE: Final = 5.0
"""Seconds to wait for others who read, whom the log is kept for."""
_MOMENT: Final = 0.02
_KEPT: Final = ("daemon", "good settings")
"""What of the daemon's record is no history: where it is woken, and the settings."""
_ID: Final = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NEEDLE: Final = 40
"""Bytes of a note that are looked for."""
_PIECE: Final = 1024 * 1024
_NEEDLES: Final = 500
"""Notes that are looked for, the longest; of what else is erased every id is."""
_SHORTEST: Final = 8
"""Bytes; what is shorter could be found by chance."""


def erase_all(database: Database, now: datetime) -> Erased:
    """Erase the whole history, choices and pauses too. It begins anew, without a first practice.

    Raises:
        StoreError: It cannot be done now; what it says tells how far it got.
    """
    with _erasing(database):
        gone = _Gone(database, "1", "1")
        for table in ("hold", "posted", "response", "delivery", "choice", "pause"):
            database.write(f"DELETE FROM {table}")
        marks = ", ".join("?" * len(_KEPT))
        database.write(f"DELETE FROM state WHERE key NOT IN ({marks})", *_KEPT)
        database.write("DELETE FROM sqlite_sequence")
        database.write("INSERT OR REPLACE INTO meta VALUES ('first', 'over')")
        make_caches_anew(database)
        close_today(database, now)
    return _cleaned(database, gone, now, None)


def erase_notes(database: Database, now: datetime, today: date) -> Erased:
    """Erase every text that the person wrote; the answers stay.

    Raises:
        StoreError: It cannot be done now; what it says tells how far it got.
    """
    with _erasing(database):
        gone = _Gone(database, "0", "0", noted="1")
        database.write("UPDATE response SET note = NULL WHERE note IS NOT NULL")
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
        gone = _Gone(database, "id IN gone", answers)
        database.write(f"DELETE FROM response WHERE {answers}")
        database.write("DELETE FROM posted WHERE delivery IN gone")
        database.write("DELETE FROM delivery WHERE id IN gone")
        database.write(
            "DELETE FROM choice WHERE at < ? AND seq <> (SELECT seq FROM choice AS newest"
            " WHERE newest.prompt = choice.prompt ORDER BY at DESC, id DESC LIMIT 1)",
            until,
        )
        database.write(
            "DELETE FROM pause WHERE at < ? AND seq < (SELECT max(seq) FROM pause)", until
        )
        database.write("DELETE FROM state WHERE key IN ('paces', 'came-moved', 'mended')")
        make_caches_anew(database)
        close_today(database, now)
    return _cleaned(database, gone, now, today)


class _Gone:
    """What is to be erased: counted, and remembered to be looked for afterwards.

    Args:
        database: While all is still there.
        deliveries: Which deliveries, as a condition.
        answers: Which responses.
        noted: Of which responses the note, where not the whole goes.
    """

    def __init__(
        self, database: Database, deliveries: str, answers: str, *, noted: str = ""
    ) -> None:
        ids = [
            database.read(f"SELECT id FROM {table} WHERE {which}")
            for table, which in (
                ("delivery", f"{deliveries} AND (claimed_at IS NOT NULL OR outcome IS NOT NULL)"),
                ("response", answers),
            )
        ]
        notes = database.read(
            f"SELECT note FROM response WHERE note IS NOT NULL AND {noted or answers}"
        )
        self.practices, self.answers = map(len, ids)
        self.notes = len(notes)
        self._ids = frozenset(row["id"].encode() for rows in ids for row in rows)
        longest = sorted((row["note"].encode() for row in notes), key=len)[-_NEEDLES:]
        self._texts = [note[:_NEEDLE] for note in longest if len(note) >= _SHORTEST]

    def leave_out(self, database: Database) -> None:
        """Do not look for what was written once more in a note that stays."""
        stay = [
            row["note"].encode()
            for row in database.read("SELECT note FROM response WHERE note IS NOT NULL")
        ]
        self._texts = [text for text in self._texts if not any(text in note for note in stay)]

    def is_in(self, content: bytes) -> bool:
        """Return whether anything of it is in a file."""
        return any(found[0] in self._ids for found in _ID.finditer(content)) or any(
            text in content for text in self._texts
        )


@contextmanager
def _erasing(database: Database) -> Iterator[None]:
    """Delete so that what is deleted is overwritten; all of it or nothing."""
    with told(database.path):
        database.write("PRAGMA secure_delete = ON")
        database.write("CREATE TEMP TABLE IF NOT EXISTS gone (id TEXT PRIMARY KEY)")
        with database.transaction():
            database.write("PRAGMA defer_foreign_keys = ON")
            yield
        database.write("DROP TABLE temp.gone")


def _cleaned(database: Database, gone: _Gone, now: datetime, backup_day: date | None) -> Erased:
    """Let nothing of what was deleted be left in any file.

    Raises:
        StoreError: Something is; the rows are gone all the same.
    """
    with told(database.path):
        gone.leave_out(database)
        _empty_the_log(database)
        copies = _remove_copies(database.path)
        if backup_day is not None:
            backups.back_up_daily(database.connection, database.path, backup_day)
        # Not while it is open: closing the file, once read, would drop SQLite's locks on it.
        database.close()
        files = [file for file in database.path.parent.rglob("*") if file.is_file()]
        left = [file for file in files if any(map(gone.is_in, _pieces(file)))]
        database.reopen(now)
    if left:
        raise StoreError(
            f"What you erased can still be found in {left[0]}.",
            "Please run the command again; if that does not help, end reminderd first.",
        )
    return Erased(gone.practices, gone.answers, gone.notes, copies, len(files))


def _pieces(file: Path) -> Iterator[bytes]:
    """Yield all of a file, in pieces that overlap by more than anything that is looked for."""
    overlap = b""
    with file.open("rb") as opened:
        while piece := opened.read(_PIECE):
            yield overlap + piece
            overlap = piece[-2 * _NEEDLE :]


def _empty_the_log(database: Database) -> None:
    """Write the file anew without gaps, and leave nothing in the log.

    Raises:
        StoreBusyError: Others read all the time.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            database.write("VACUUM")
            (busy, _, _) = database.read("PRAGMA wal_checkpoint(TRUNCATE)")[0]
        except StoreBusyError:
            busy = 1
        if not busy:
            return
        if time.monotonic() > deadline:
            raise StoreBusyError(
                "It is erased, but still in the log: another program reads the database.",
                "Please run the command again in a moment; it then says that it is gone.",
            )
        select.select([], [], [], _MOMENT)


def _remove_copies(path: Path) -> int:
    """Remove backups and damaged databases; return how many there were."""
    with alone(path.parent, PATIENCE):
        count = len(backups.backups_of(path))
        damaged = exchange.damaged_dir(path)
        count += len(list(damaged.iterdir())) if damaged.is_dir() else 0
        for folder in (backups.folder_of(path), damaged, exchange.workshop(path)):
            if folder.exists():
                shutil.rmtree(folder)
        exchange.sync(path.parent)
    return count
