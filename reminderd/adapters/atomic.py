"""Replacing a file as a whole: after a power cut it holds the old content or the new one."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from reminderd.adapters.paths import PRIVATE_FILE, sync, way_out
from reminderd.adapters.toml_files import shown_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reminderd.errors import ReminderdError


def write(path: Path, text: str, refusal: type[ReminderdError]) -> None:
    """Replace a file's content; follows a link to the real file and keeps that file's mode.

    A new file can be read by the person alone.

    Raises:
        ReminderdError: The given `refusal`, when it cannot be written; it is then as it was. Or it
            is written, but a power cut may bring back the old content; the message says which.
    """
    target = Path(os.path.realpath(path))
    try:
        _replace(target, text.encode())
    except OSError as error:
        hint = way_out(error, "Make its folder one that you can write to.")
        raise refusal(
            f"{shown_path(target)} cannot be written: {error.strerror}.",
            f"Nothing has changed. {hint}",
        ) from error
    try:
        sync(target.parent)  # the new name has to reach the disk too
    except OSError as error:
        raise refusal(
            f"{shown_path(target)} is written, but the disk does not confirm it: {error.strerror}.",
            "It holds as it is now; after a power cut what it held before may be back.",
        ) from error


def _replace(target: Path, content: bytes) -> None:
    old = target.stat() if target.exists() else None
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if old and old.st_uid != os.geteuid():
                os.fchown(descriptor, old.st_uid, old.st_gid)
            os.fchmod(descriptor, old.st_mode & 0o7777 if old else PRIVATE_FILE)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def alone(folder: Path, refusal: type[ReminderdError]) -> Iterator[None]:
    """Let one command at a time read and replace what lies in a folder.

    Elsewhere than on Unix there is no flock, and the last of two commands wins.

    Raises:
        ReminderdError: The given `refusal`, when the folder cannot be read.
    """
    try:
        import fcntl  # noqa: PLC0415 -- Unix alone has it
    except ImportError:
        yield
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise refusal(
            f"{shown_path(folder)} cannot be read: {error.strerror}.",
            f"Nothing has changed. {way_out(error, 'Make it a folder that you can read.')}",
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
