"""What is in the daemon's way while it cannot use the database, in which it tells all else.

It lies in the session's own folder, which is in memory: also a full or read-only disk can be told.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Final

from reminderd.adapters import paths

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST: Final = 4096


def _file() -> Path:
    return (paths.runtime_dir() or paths.data_dir()) / "trouble"


def tell(text: str) -> None:
    """Leave a line for `status`, or take it away again where it is empty. Never raises."""
    with contextlib.suppress(OSError):
        _file().unlink(missing_ok=True)
        if text:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            with os.fdopen(os.open(_file(), flags, paths.PRIVATE_FILE), "wb") as file:
                file.write(text.encode("utf-8", "replace"))


def told() -> str:
    """Return the line that a daemon has left; empty for none."""
    try:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        with os.fdopen(os.open(_file(), flags), "rb") as file:
            return file.read(_LONGEST).decode("utf-8", "replace")
    except OSError:
        return ""
