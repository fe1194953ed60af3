"""Files by which a session knows and starts programs: written for others to read, and removed.

Where their folders were made for them alone, they go with them.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from reminderd.adapters import atomic, trust
from reminderd.adapters.paths import way_out
from reminderd.errors import ServiceError

if TYPE_CHECKING:
    from pathlib import Path

_READABLE: Final = 0o644
_HINT: Final = "Make that folder writable for you."


def write(file: Path, text: str) -> None:
    """Write a file that everybody may read, also over an older one; its folders are made.

    Raises:
        ServiceError: It cannot be written, or would lie in another account's home.
    """
    try:
        trust.check_place(file.parent, ServiceError)
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.is_symlink():
            file.unlink()  # masked, or kept elsewhere: what it leads to is not ours
        atomic.write(file, text, ServiceError)
        file.chmod(_READABLE)
    except OSError as error:
        what = f"{file} cannot be written: {error.strerror}."
        raise ServiceError(what, way_out(error, _HINT)) from error


def remove(home: Path, *files: Path) -> bool:
    """Remove files and links, and the folders that are empty then; return whether any was there.

    Args:
        home: A folder that stays, above all of them.
        files: What is to go.

    Raises:
        ServiceError: One of them cannot be removed.
    """
    gone = False
    for file in files:
        try:
            file.unlink()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            what = f"{file} cannot be removed: {error.strerror}."
            raise ServiceError(what, way_out(error, _HINT)) from error
        gone = True
        _remove_empty(file.parent, home)
    return gone


def _remove_empty(folder: Path, home: Path) -> None:
    """Remove a folder and those above it, as far as nothing is in them."""
    with contextlib.suppress(OSError):  # others have something in it
        while folder != home:
            folder.rmdir()
            folder = folder.parent
