"""reminderd as desktops know programs: an entry in their menus and settings, and its icons.

By the entry a desktop lists reminderd in its own notification settings; the icon's name stands on
every notification. Both lie where other programs read them, so they are no secret.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final

from reminderd.adapters import atomic, paths
from reminderd.errors import ServiceError

_HERE: Final = Path(__file__).parent
_ENTRY: Final = "applications/reminderd.desktop"
_THEME: Final = "icons/hicolor"
_ICON: Final = f"{_THEME}/scalable/apps/reminderd.svg"
_ICONS: Final = (_ICON, f"{_THEME}/symbolic/apps/reminderd-symbolic.svg")
_READABLE: Final = 0o644


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
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            if file.is_symlink():
                file.unlink()  # what it leads to is not ours
            text = (_HERE / file.name).read_text("utf-8")
            atomic.write(file, text.replace("@PROGRAM@", _program(launcher)), ServiceError)
            file.chmod(_READABLE)
        except OSError as error:
            raise ServiceError(
                f"{file} cannot be written: {error.strerror}.", "Make that folder writable for you."
            ) from error
    _tell_of_change()


def remove() -> bool:
    """Remove entry and icons; return whether there was any of them.

    Raises:
        ServiceError: One of them cannot be removed.
    """
    was_there = False
    for file in files():
        try:
            file.unlink()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise ServiceError(
                f"{file} cannot be removed: {error.strerror}.", "Make that folder writable for you."
            ) from error
        was_there = True
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


def _program(launcher: Path) -> str:
    """Return how an `Exec` key begins.

    GLib looks for its first word as it is written, so a program with a percent sign, which has to
    be doubled, is never found and the entry passed over. It finds `env`, and gives that the path.
    """
    return f"{'env ' if '%' in str(launcher) else ''}{_argument(launcher)}"


def _argument(launcher: Path) -> str:
    """Return a path as one argument of an `Exec` key.

    By the Desktop Entry Specification it is quoted like in a shell, then escaped once more as any
    text in the file is; a percent sign begins a field code.
    """
    quoted = "".join(f"\\{one}" if one in '"`$\\' else one for one in str(launcher))
    return '"' + quoted.replace("\\", "\\\\").replace("%", "%%") + '"'


def _tell_of_change() -> None:
    """Let running desktops look again: they watch when the theme's folder has changed."""
    with contextlib.suppress(OSError):  # none there, or not ours: an icon comes a login later
        os.utime(paths.data_home() / _THEME)
