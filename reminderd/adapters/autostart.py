"""Where no systemd looks after programs: the entry by which a desktop session starts reminderd.

What it says is the Desktop Application Autostart Specification's.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reminderd.adapters import desktop_entry, paths, session_files
from reminderd.errors import ServiceError

if TYPE_CHECKING:
    from pathlib import Path

_ENTRY: Final = """\
# `reminderd service install` writes this anew each time, `reminderd service uninstall` removes it.
[Desktop Entry]
Type=Application
Name=reminderd
Comment=One small practice at a good moment
Icon=reminderd
# Once the program is removed, skip it quietly.
TryExec=@PATH@
Exec=@PROGRAM@ run
Terminal=false
StartupNotify=false
# Where there is systemd, it has a unit of its own for reminderd: both would start it.
X-systemd-skip=true
"""
_SWITCHED_OFF: Final = re.compile(
    r"^[ \t]*(Hidden[ \t]*=[ \t]*true|X-GNOME-Autostart-enabled[ \t]*=[ \t]*false)[ \t]*$",
    re.MULTILINE,
)
"""What desktops write into an entry when it is switched off in their settings."""
_MOST_CHARACTERS: Final = 65_536


@dataclass(frozen=True)
class Entry:
    """The autostart entry as it is to be written.

    Attributes:
        path: Where.
        text: What the file says.
        launcher: The program that it starts.
    """

    path: Path
    text: str
    launcher: Path


def plan(launcher: Path) -> Entry:
    """Return the entry that starts a program with every session, without changing anything.

    Raises:
        ServiceError: Sessions here have no such entries, or none for a program with such a path.
    """
    if sys.platform in {"darwin", "win32"}:
        raise ServiceError(
            "This system has no systemd that could look after reminderd.",
            f"Let your session start it: put `{launcher} run` into its autostart.",
        )
    if not str(launcher).isprintable():
        raise ServiceError(
            f"Sessions start no program whose path has control characters: {str(launcher)!r}.",
            "Install reminderd in another folder.",
        )
    data = paths.data_home_as_said()
    settings = [f"XDG_DATA_HOME={data}"] if data else []
    text = _ENTRY
    for mark, value in (
        ("@PATH@", desktop_entry.text(str(launcher))),
        ("@PROGRAM@", desktop_entry.program(launcher, *settings)),
    ):
        text = text.replace(mark, value)
    return Entry(entry_file(), text, launcher)


def install(entry: Entry) -> None:
    """Write the entry, also over an older one. Safe to repeat.

    Raises:
        ServiceError: It cannot be written.
    """
    session_files.write(entry.path, entry.text)


def remove() -> bool:
    """Remove the entry; return whether there was one.

    Raises:
        ServiceError: It cannot be removed.
    """
    return session_files.remove(paths.config_home(), entry_file())


def entry_file() -> Path:
    """Return where the entry lies, or would lie."""
    return paths.autostart_file()


def is_on() -> bool:
    """Return whether there is an entry that has not been switched off in a desktop's settings."""
    try:
        if not entry_file().is_file():  # to open a pipe would be to wait for who writes into it
            return False
        with entry_file().open(encoding="utf-8", errors="replace") as file:
            return not _SWITCHED_OFF.search(file.read(_MOST_CHARACTERS))
    except OSError:
        return False
