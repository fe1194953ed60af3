"""The unit of the systemd user service: what it says, where it lies, and its links.

The links that `systemctl enable` would make are made by hand: that works the same with and
without a user manager at the other end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reminderd.adapters import paths, session_files
from reminderd.adapters.resources import systemd_dir
from reminderd.errors import ServiceError

if TYPE_CHECKING:
    from pathlib import Path

UNIT: Final = "reminderd.service"
SESSION: Final = "graphical-session.target"
LOGIN: Final = "default.target"


@dataclass(frozen=True)
class Unit:
    """The unit as it is to be written.

    Attributes:
        path: Where.
        target: What it starts with: the graphical session, or the login.
        text: What the file says.
        launcher: The program that it starts.
    """

    path: Path
    target: str
    text: str
    launcher: Path


def plan(launcher: Path, target: str) -> Unit:
    """Return the unit that starts a program with a target, without changing anything.

    Raises:
        ServiceError: systemd does not start a program with such a path.
    """
    return Unit(unit_file(), target, render(launcher, target), launcher)


def unit_file() -> Path:
    """Return where the unit lies, or would lie."""
    return paths.unit_file()


def write(unit: Unit) -> None:
    """Write the unit, and link it to what it starts with and to nothing else.

    Raises:
        ServiceError: It cannot be written.
    """
    session_files.write(unit.path, unit.text)
    wants = unit.path.parent / f"{unit.target}.wants"
    try:
        session_files.remove(unit.path.parent, *links())
        wants.mkdir(exist_ok=True)
        (wants / UNIT).symlink_to(unit.path)
    except OSError as error:
        raise ServiceError(
            f"The service cannot be written to {wants}: {error.strerror}.",
            "Make that folder writable for you.",
        ) from error


def remove() -> bool:
    """Remove the unit and its links; return whether there was any of them.

    Raises:
        ServiceError: One of them cannot be removed.
    """
    return session_files.remove(paths.config_home(), *links(), unit_file())


def is_masked() -> bool:
    """Return whether `systemctl mask` has put a link to /dev/null where the unit would lie."""
    return unit_file().is_char_device()


def links() -> list[Path]:
    """Return the links that let the service start by itself."""
    return sorted(paths.systemd_user_dir().glob(f"*.wants/{UNIT}"))


def render(launcher: Path, target: str) -> str:
    """Return the unit's text.

    Raises:
        ServiceError: systemd does not start a program with such a path.
    """
    data = paths.data_home_as_said()
    environment = (
        "# Where your shell keeps its data, so that commands and daemon share one database.\n"
        f"Environment={_quoted(f'XDG_DATA_HOME={data}')}\n"
    )
    text: str = (systemd_dir() / UNIT).read_text("utf-8")
    for mark, value in (
        ("@ENVIRONMENT@\n", environment if data else ""),
        ("@CONDITION@", _plain(launcher).replace("%", "%%")),
        # A dollar sign stays single: nothing is put in for variables in a program's path.
        ("@PROGRAM@", _quoted(_plain(launcher))),
        ("@TARGET@", target),
    ):
        text = text.replace(mark, value)
    return text


def _plain(launcher: Path) -> str:
    """Return a path as systemd takes it for a program."""
    path = str(launcher)
    if not path.isprintable() or set(path) & set("\"'\\"):
        raise ServiceError(
            f"systemd starts no program whose path has quotes or control characters: {path!r}.",
            "Install reminderd in another folder.",
        )
    return path


def _quoted(text: str) -> str:
    """Return a text as one word of a unit file, with nothing put in for percent signs."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'
