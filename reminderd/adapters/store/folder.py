"""The lock on the data folder: whoever exchanges the database file does so alone.

SQLite's own locks belong to one file. While another file takes its place, its log and its index,
which are found by name, would be taken for those of the wrong one.
"""

from __future__ import annotations

import fcntl
import os
import select
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from reminderd.errors import StoreBusyError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MOMENT: Final = 0.01


@contextmanager
def beside_others(folder: Path, patience: float) -> Iterator[None]:
    """Work with the database while nobody exchanges its file.

    Raises:
        StoreBusyError: Somebody does so for longer than `patience`, in seconds.
    """
    with _locked(folder, fcntl.LOCK_SH, patience):
        yield


@contextmanager
def alone(folder: Path, patience: float) -> Iterator[None]:
    """Exchange the database's file, or what is kept beside it, while nobody works with it.

    Raises:
        StoreBusyError: Others work with it for longer than `patience`, in seconds.
    """
    with _locked(folder, fcntl.LOCK_EX, patience):
        yield


@contextmanager
def _locked(folder: Path, how: int, patience: float) -> Iterator[None]:
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:  # removed under us: nobody exchanges anything in it
        yield
        return
    try:
        _lock(descriptor, how, patience, folder)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, how: int, patience: float, folder: Path) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, how | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise StoreBusyError(
                    f"Another reminderd is at work on {folder}.", "Please try again in a moment."
                ) from None
            select.select([], [], [], _MOMENT)
        except OSError:  # some network file systems lock no folders
            return
        else:
            return
