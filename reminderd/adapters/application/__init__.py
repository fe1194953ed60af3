"""reminderd as desktops know programs: an entry in their menus and settings, and its icons.

By the entry a desktop lists reminderd in its own notification settings; the icon's name stands on
every notification.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final

from reminderd.adapters import desktop_entry, paths, session_files

_HERE: Final = Path(__file__).parent
_ENTRY: Final = "applications/reminderd.desktop"
_THEME: Final = "icons/hicolor"
_ICON: Final = f"{_THEME}/scalable/apps/reminderd.svg"
_ICONS: Final = (_ICON, f"{_THEME}/symbolic/apps/reminderd-symbolic.svg")


def files() -> tuple[Path, ...]:
    """Return where entry and icons lie once they are installed."""
    return tuple(paths.data_home() / name for name in (_ENTRY, *_ICONS))


def install(launcher: Path) -> None:
    """Write entry and icons, also over older ones. Safe to repeat.

    Args:
        launcher: The program that the entry starts.

    Raises:
        ServiceError: One of them cannot be written.
    """
    for file in files():
        text = (_HERE / file.name).read_text("utf-8")
        session_files.write(file, text.replace("@PROGRAM@", desktop_entry.program(launcher)))
    _tell_of_change()


def remove() -> bool:
    """Remove entry and icons; return whether there was any of them.

    Raises:
        ServiceError: One of them cannot be removed.
    """
    was_there = session_files.remove(paths.data_home(), *files())
    if was_there:
        _tell_of_change()
    return was_there


def icon_reference() -> str:
    """Return the icon as a notification names it: by name once it is installed, else by file.

    Every notification asks, so a folder that cannot be looked into counts as one without it.
    """
    if os.access(paths.data_home() / _ICON, os.R_OK):
        return "reminderd"
    return (_HERE / "reminderd.svg").as_uri()


def _tell_of_change() -> None:
    """Let running desktops look again: they watch when the theme's folder has changed."""
    with contextlib.suppress(OSError):  # none there, or not ours: an icon comes a login later
        os.utime(paths.data_home() / _THEME)
