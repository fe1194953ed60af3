"""Putting another database in the place of one that is damaged, which is kept.

The new one is made in a folder beside it, `.mending`. Once it is whole it is called `new.db`, and
from then on whoever opens the database first puts it in place, so that no crash leaves half of it.
"""

from __future__ import annotations

import contextlib
import errno
import os
from typing import TYPE_CHECKING, Final

from reminderd.adapters.paths import PRIVATE_FOLDER, sync
from reminderd.errors import StoreError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

PARTS: Final = ("-wal", "-shm", "")
"""What a database's file names end with; a log that lay beside another file would damage that."""


def workshop(path: Path) -> Path:
    """Return the folder in which a new database is made."""
    return path.with_name(".mending")


def new_file(path: Path) -> Path:
    """Return what a new database is called once it is whole."""
    return workshop(path) / "new.db"


def damaged_dir(path: Path) -> Path:
    """Return the folder in which damaged databases are kept, each in a folder of its own."""
    return path.with_name("damaged")


def check_aside(path: Path) -> None:
    """See that there is a place for what is damaged, before anything is made of it.

    Raises:
        StoreError: There is none; the message says what to do.
    """
    folder = damaged_dir(path)
    with contextlib.suppress(OSError):
        folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        if os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            return
    raise StoreError(
        f"The database {path} is damaged, and cannot be kept in {folder}.",
        "Nothing was changed. Make that a folder that you can write to, or remove it: reminderd"
        " then makes it, and mends the database.",
    )


def is_unfinished(path: Path) -> bool:
    """Return whether an exchange was begun, and whoever began it has not come to its end."""
    return workshop(path).is_dir()


def finish(path: Path, now: datetime) -> None:
    """Put the damaged database aside and the new one in its place, if there is one.

    For who is alone in the folder. Safe to repeat, wherever the one before was stopped.

    Raises:
        OSError: It cannot be done now.
    """
    if workshop(path).is_symlink():  # whoever made that: nothing of ours is where it leads
        workshop(path).unlink()
    new, old = new_file(path), workshop(path) / "old"
    if new.exists():
        old.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        _move(path, PARTS, old)
        new.rename(path)
        with contextlib.suppress(OSError):  # it is in place all the same
            sync(path.parent)
    if old.is_dir():
        _put_aside(path, old, now)
    _remove(workshop(path))


def set_logs_aside(path: Path, now: datetime) -> bool:
    """Keep logs that belong to a file which is not there any more from being taken for another's.

    For who is alone in the folder.

    Returns:
        Whether there was anything in them.

    Raises:
        OSError: It cannot be done now.
    """
    logs = PARTS[:2]
    log, index = (path.with_name(path.name + part) for part in logs)
    if not log.exists() or not log.stat().st_size:
        log.unlink(missing_ok=True)
        index.unlink(missing_ok=True)
        return False
    place = place_aside(path, now)
    place.mkdir(mode=PRIVATE_FOLDER, parents=True)
    _move(path, logs, place)
    sync(path.parent)
    return True


def _move(path: Path, parts: tuple[str, ...], folder: Path) -> None:
    """Move a database's files into a folder, over none that is there."""
    for part in parts:
        file = path.with_name(path.name + part)
        if not file.exists():
            continue
        target, count = folder / file.name, 1
        while target.exists():
            count += 1
            target = folder / f"{count}-{file.name}"
        _rename(file, target)


def _put_aside(path: Path, old: Path, now: datetime) -> None:
    """Give what is damaged its place."""
    if not any(old.iterdir()):
        return
    damaged_dir(path).mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    _rename(old, place_aside(path, now))
    sync(damaged_dir(path))


def _rename(source: Path, target: Path) -> None:
    """Rename, also from one disk to another, where a folder is a link to one.

    `shutil.move` alone would copy after any failure, and leave two of it.
    """
    import shutil  # noqa: PLC0415 -- three milliseconds that no command is to wait for

    try:
        source.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        shutil.move(source, target)


def _remove(folder: Path) -> None:
    import shutil  # noqa: PLC0415 -- as above

    if folder.exists():
        shutil.rmtree(folder)


def place_aside(path: Path, now: datetime) -> Path:
    """Return where a database that is found damaged at a moment is kept."""
    stamp = now.strftime("%Y-%m-%dT%H%M%SZ")
    place, count = damaged_dir(path) / stamp, 1
    while place.exists():
        count += 1
        place = damaged_dir(path) / f"{stamp}-{count}"
    return place
