"""What SQLite and the system say of the database, as expected failures with a next step."""

from __future__ import annotations

import errno
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from reminderd.adapters.paths import make_private
from reminderd.errors import DamagedStoreError, ReminderdError, StoreBusyError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DAMAGED: Final = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_TOOBIG")
"""How SQLite names what reminderd did not write; it stores nothing that is as big as that."""
_PLACE: Final = (
    *("SQLITE_IOERR", "SQLITE_FULL", "SQLITE_CANTOPEN"),
    *("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_NOMEM"),
)
"""How SQLite names what is wrong with the disk or the folder, and not with the database."""
_NO_FORMAT: Final = "unsupported file format"
"""What SQLite says of a header whose format is none that ever was, with no name of its own."""
_NO_TEXT: Final = "Could not decode to UTF-8"
"""How Python begins what it says of a text that is none; SQLite itself does not look."""
_NO_JSON: Final = "malformed JSON"
"""What SQLite says of JSON that is none, or is nested too deeply; again with no name of its own."""
_SAID: Final = (_NO_TEXT, _NO_FORMAT, _NO_JSON)
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

_MENDED: Final = (
    "It is left as it is until reminderd runs, which puts it aside within seconds and saves what"
    " can be saved. To have it run: reminderd run"
)
BEING_MENDED: Final = (
    "reminderd runs, puts it aside and saves what can be saved. Please try again in a few seconds."
)
"""What is said instead where a daemon was told of it."""
_MAKE_ROOM: Final = "Nothing was changed. It works again once there is room on the disk."
_CHECK: Final = "Nothing was changed. Check that the folder is yours and that the disk can be used."


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn what goes wrong with a database into an expected failure.

    Raises:
        DamagedStoreError: What is in it cannot be read.
        StoreBusyError: Another process holds it.
        StoreError: Anything else, but for a broken constraint, which is a matter of the caller's.
    """
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except sqlite3.Error as error:
        raise _failure(path, error) from error
    except OSError as error:
        hint = _MAKE_ROOM if error.errno in _NO_ROOM else _CHECK
        raise StoreError(
            f"The database {path} cannot be used: {error.strerror or error}.", hint
        ) from error


@contextmanager
def unsure(path: Path) -> Iterator[None]:
    """Say of a commit that failed what is true of it: its last step alone may have done so.

    Raises:
        StoreError: The disk failed, and the next who opens the database finds it stored or not.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        if not _name(error).startswith(("SQLITE_IOERR", "SQLITE_FULL")):
            raise
        raise StoreError(
            f"The database {path} cannot be used: {error}.",
            "What was to be stored may be in it or not. To see, once it can be used again:"
            " reminderd history",
        ) from error


def damaged(path: Path, what: str) -> DamagedStoreError:
    """Return what is told of a database that cannot be used any more."""
    return DamagedStoreError(f"The database {path} is damaged: {what}.", _MENDED)


def private_folder(folder: Path) -> Path:
    """Make a folder that the person alone can enter, and return it.

    Raises:
        StoreError: It cannot be made.
    """
    try:
        return make_private(folder)
    except ReminderdError as error:
        raise StoreError(error.message, error.hint) from error


def is_busy(error: sqlite3.Error) -> bool:
    """Return whether another connection is in the way; SQLite has several names for it."""
    return _name(error).startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def is_about_place(error: sqlite3.Error) -> bool:
    """Return whether it says nothing of what is in the file: it is held, or its disk fails."""
    return is_busy(error) or _name(error).startswith(_PLACE)


def is_damage(error: sqlite3.Error) -> bool:
    """Return whether the file holds what SQLite or Python cannot read."""
    return _name(error).startswith(_DAMAGED) or str(error).startswith(_SAID)


def _name(error: sqlite3.Error) -> str:
    name: str = getattr(error, "sqlite_errorname", "")  # what Python itself refuses has none
    return name


def _failure(path: Path, error: sqlite3.Error) -> StoreError:
    if is_busy(error):
        return StoreBusyError(
            f"Another program holds the database {path}.",
            "Please try again in a moment; a large import takes up to a minute.",
        )
    if is_damage(error):
        return damaged(path, str(error))
    hint = _MAKE_ROOM if _name(error) == "SQLITE_FULL" else _CHECK
    return StoreError(f"The database {path} cannot be used: {str(error).rstrip('.')}.", hint)
