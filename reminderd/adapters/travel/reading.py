"""Reading what `import` is given: an export in JSON or CSV, or a backup."""

from __future__ import annotations

import os
import re
import stat
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING, Final

from reminderd.adapters.store.backups import folder_of
from reminderd.adapters.store.from_backup import Backup, DamagedBackupError
from reminderd.adapters.store.records import RefusedError
from reminderd.adapters.toml_files import shown_path
from reminderd.adapters.travel.checked import Checked
from reminderd.adapters.travel.csv_reading import CsvExport
from reminderd.adapters.travel.form import NewerExportError
from reminderd.adapters.travel.json_reading import JsonExport
from reminderd.errors import ExportError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from reminderd.adapters.travel.checked import Source

LARGEST: Final = 256 * 1024 * 1024
"""Bytes; a thousand years of practice have a tenth of that."""
_BACKUP: Final = b"SQLite format 3\0"
_MARK: Final = b"\xef\xbb\xbf"
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff")
_TABLE: Final = re.compile(rb'"?record"?[,;\t]')
_UNCHANGED: Final = "Nothing was changed."
_NO_EXPORT: Final = "`reminderd export` makes one that can be imported; so does `reminderd backup`."


@contextmanager
def opened(path: Path, database: Path) -> Iterator[Checked]:
    """Open a file to import, check it, and tell where the matter is if it cannot be used.

    Args:
        path: The file.
        database: The database that it is to go into.

    Raises:
        ExportError: It cannot be used; the message has file, line and key.
        StoreError: There is no room beside the database.
    """
    name = shown_path(path)
    with ExitStack() as stack:
        with _its_own(name):  # what is in the way later is not the file's: a full disk, say
            file = stack.enter_context(os.fdopen(_descriptor(path), "rb"))
            source = _source(file, path, database)
        checked = stack.enter_context(closing(Checked(source, database)))
        yield from _told(checked, name, database)


@contextmanager
def _its_own(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        told = f"{name} cannot be read: {error.strerror or error}."
        raise ExportError(told, "Make it a file that you can read.") from error


def _told(source: Checked, name: str, database: Path) -> Iterator[Checked]:
    try:
        source.read()
        yield source
    except RefusedError as error:
        key = f"{error.key}: " if error.key else ""
        raise ExportError(f"{name}:{source.place}: {key}{error.told}.", _UNCHANGED) from None
    except UnicodeDecodeError as error:
        bad = error.object[error.start]
        told = f"{name}:{source.place}: here or further on, the byte 0x{bad:02X} is not UTF-8 text."
        raise ExportError(told, f"{_UNCHANGED} Save it as UTF-8.") from None
    except DamagedBackupError as error:
        raise ExportError(
            f"{name} is a backup that is damaged: {error}.",
            "Nothing was brought in. Please take another one: reminderd's own are in"
            f" {shown_path(folder_of(database))}.",
        ) from None
    except NewerExportError:
        raise ExportError(
            f"{name} was made by a newer reminderd.",
            f"{_UNCHANGED} Please install the newer version here too.",
        ) from None


def _descriptor(path: Path) -> int:
    """Open a regular file of a sensible size."""
    # Without O_NONBLOCK, opening a named pipe would wait for ever.
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0))
    status = os.fstat(descriptor)
    problem = ""
    if not stat.S_ISREG(status.st_mode):
        problem = "is no regular file"
    elif status.st_size > LARGEST:
        problem = f"is {status.st_size / 1024**2:,.0f} MiB large; at most 256 MiB are read"
    elif not status.st_size:
        problem = "is empty"
    if problem:
        os.close(descriptor)
        raise ExportError(f"{shown_path(path)} {problem}.", _NO_EXPORT)
    return descriptor


def _source(file: BinaryIO, path: Path, database: Path) -> Source:
    """Return what a file is, by its first bytes."""
    head = file.read(1024)
    file.seek(0)
    if head.startswith(_BACKUP):
        _check_backup(path, database)
        return Backup(path)
    text = head.removeprefix(_MARK)
    if text.lstrip().startswith(b"{"):
        return JsonExport(file)
    if _TABLE.match(text):
        return CsvExport(file)
    if head.startswith(_WIDE):
        told = f"{shown_path(path)}:1: this is UTF-16, not UTF-8."
        raise ExportError(told, f"{_UNCHANGED} Save it as UTF-8.")
    raise ExportError(f"{shown_path(path)} is no export of reminderd's.", _NO_EXPORT)


def _check_backup(path: Path, database: Path) -> None:
    """Refuse a database that is in use, since it would be read while it changes."""
    name = shown_path(path)
    if database.exists() and path.samefile(database):
        raise ExportError(f"{name} is the database itself.", "All that it holds is in it already.")
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size:
        raise ExportError(
            f"{name} is in use, or was not closed: its last changes are still in {log.name}.",
            "Import what `reminderd export` or `reminderd backup` makes of it.",
        )
