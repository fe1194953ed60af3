"""Putting another database in the place of one that is damaged, which is kept.

The new one is made in a folder beside it, `.mending`. Once it is whole it is called `new.db`, and
from then on whoever opens the database first puts it in place, so that no crash leaves half of it.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Final

from reminderd.adapters.paths import PRIVATE_FOLDER
from reminderd.adapters.store.folder import alone

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


def is_waiting(path: Path) -> bool:
    """Return whether a new database waits to be put in place."""
    return new_file(path).exists()


def finish(path: Path, now: datetime, patience: float) -> None:
    """Put the damaged database aside and the new one in its place. Safe to repeat at any point.

    Raises:
        StoreBusyError: Others work with the database for longer than `patience`, in seconds.
        OSError: It cannot be done now.
    """
    with alone(path.parent, patience):
        put_in_place(path, now)


def put_in_place(path: Path, now: datetime) -> None:
    """Do the same for who is alone already.

    Raises:
        OSError: It cannot be done now.
    """
    new, old = new_file(path), workshop(path) / "old"
    if not new.exists():
        return  # another was faster
    old.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    for part in PARTS:
        file = path.with_name(path.name + part)
        if file.exists():
            file.rename(old / file.name)
    new.rename(path)
    sync(path.parent)
    _put_aside(path, old, now)
    shutil.rmtree(workshop(path), ignore_errors=True)


def _put_aside(path: Path, old: Path, now: datetime) -> None:
    """Give what is damaged its place."""
    if not any(old.iterdir()):
        return
    damaged_dir(path).mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    old.rename(place_aside(path, now))
    sync(damaged_dir(path))


def place_aside(path: Path, now: datetime) -> Path:
    """Return where a database that is found damaged at a moment is kept."""
    stamp = now.strftime("%Y-%m-%dT%H%M%SZ")
    place, count = damaged_dir(path) / stamp, 1
    while place.exists():
        count += 1
        place = damaged_dir(path) / f"{stamp}-{count}"
    return place


def sync(folder: Path) -> None:
    """Let what was renamed in a folder reach the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
