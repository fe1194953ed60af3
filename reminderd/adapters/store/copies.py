"""Removing what lies beside the database: its copies once something is erased, or all of it."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reminderd.adapters.paths import sync
from reminderd.adapters.store import backups, exchange
from reminderd.adapters.store.folder import alone

if TYPE_CHECKING:
    from collections.abc import Iterator

_STAMP: Final = re.compile(r"\d{4}-\d\d-\d\dT\d{6}Z(-\d+)?")
"""How the folder of a damaged database is called (see `exchange.place_aside`)."""
_PARTS: Final = ("", "-wal", "-shm", "-journal")
_BESIDE: Final = ("reminderd.lock", ".check", "wake", "trouble")
"""What else of ours lies in the folder, and tells nothing."""


@dataclass
class Removed:
    """What went.

    Attributes:
        backups: How many backups.
        damaged: How many damaged databases that were kept.
        errors: What could not be removed, each with its `filename`.
    """

    backups: int = 0
    damaged: int = 0
    errors: list[OSError] = field(default_factory=list)


def remove(path: Path, patience: float) -> Removed:
    """Remove all backups and damaged databases, as far as they can be.

    A folder that is a link leads to a place of the person's choice: there only what has the name
    of ours is removed, and the link stays.

    Args:
        path: The database.
        patience: Seconds to wait for others who work with it.

    Raises:
        StoreBusyError: Others do so all the time; nothing was removed.
        OSError: A folder cannot be read, or what was removed may come back after a power cut.
    """
    with alone(path.parent, patience):
        kept, aside = backups.backups_of(path), _aside(path)
        errors: list[OSError] = []
        for folder, ours in (
            (backups.folder_of(path), [*(one.path for one in kept), *backups.unfinished(path)]),
            (exchange.damaged_dir(path), aside),
            (exchange.workshop(path), []),
        ):
            if not folder.is_dir():  # what has its name and is none is not ours
                continue
            for one in ours if folder.is_symlink() else [folder]:
                errors += _remove(one)
        sync(path.parent)
        backups_left, aside_left = len(backups.backups_of(path)), len(_aside(path))
    return Removed(len(kept) - backups_left, len(aside) - aside_left, errors)


def remove_all(path: Path, patience: float) -> list[OSError]:
    """Remove a database and its folder, without opening it; return what could not be removed.

    A folder that is a link leads to a place of the person's choice: there only what is ours goes,
    and the place and the link to it go where nothing else is left.

    Args:
        path: The database. No daemon uses it any more.
        patience: Seconds to wait for commands that work with it.

    Raises:
        StoreBusyError: They do so all the time; nothing was removed.
        OSError: The folder cannot be read.
    """
    folder = path.parent
    if not folder.exists():
        return []
    errors = remove(path, patience).errors
    for file in dict.fromkeys((Path(os.path.realpath(path)), path)):
        for part in _PARTS:
            errors += _remove(file.with_name(file.name + part))
    if not folder.is_symlink():
        return errors + list(_remove(folder))
    for name in _BESIDE:
        errors += _remove(folder / name)
    with suppress(OSError):  # something else is in it, or another account's folder is above it
        folder.resolve().rmdir()
        folder.unlink()
    return errors


def _aside(path: Path) -> list[Path]:
    """Return the damaged databases that are kept."""
    folder = exchange.damaged_dir(path)
    if not folder.is_dir():
        return []
    return [one for one in folder.iterdir() if _STAMP.fullmatch(one.name) and not one.is_symlink()]


def _remove(path: Path) -> Iterator[OSError]:
    """Remove a file, or a folder with all that is in it; yield what cannot be. No link is followed.

    What another command removed meanwhile is gone as it should be.
    """
    try:
        if path.is_symlink() or not path.is_dir():
            path.unlink()
            return
        failed = False
        for one in list(path.iterdir()):
            for error in _remove(one):
                failed = True
                yield error
        if not failed:
            path.rmdir()
    except FileNotFoundError:
        return
    except OSError as error:
        yield error
