"""Where things lie: the XDG base directories, on every system.

Written by hand, not with platformdirs: that alone costs a fifth of what a command may take to
start (docs/decisions.md).
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Final

from reminderd.adapters import trust
from reminderd.errors import ReminderdError

PRIVATE_FOLDER: Final = 0o700
PRIVATE_FILE: Final = 0o600
_OURS: Final = "reminderd"
"""How every folder is called that we make for ourselves."""


def _base(variable: str, fallback: str) -> Path:
    """Return an XDG folder; as the specification says, a relative value counts as unset."""
    value = os.environ.get(variable, "")
    return Path(value) if value.startswith("/") else Path.home() / fallback


def config_home() -> Path:
    """Return the folder in which all programs of the person keep settings."""
    return _base("XDG_CONFIG_HOME", ".config")


def config_dir() -> Path:
    """Return the folder of `config.toml` and the person's own decks."""
    return config_home() / _OURS


def config_file() -> Path:
    """Return the settings file, which need not exist."""
    return config_dir() / "config.toml"


def user_prompts_dir() -> Path:
    """Return the folder of the person's own decks, which need not exist."""
    return config_dir() / "prompts"


def data_home() -> Path:
    """Return the folder in which all programs of the person keep data, and find each other's."""
    return _base("XDG_DATA_HOME", ".local/share")


def data_home_as_said() -> str:
    """Return what this shell says of that folder, which other sessions may not; empty for nothing.

    What starts the daemon elsewhere has to hand it on, or daemon and commands have a database each.
    """
    said = os.environ.get("XDG_DATA_HOME", "")
    return said if said.startswith("/") and said.isprintable() else ""


def data_dir() -> Path:
    """Return the folder of the database and of the lock beside it."""
    return data_home() / _OURS


def database_file() -> Path:
    """Return the database, which need not exist."""
    return data_dir() / "reminderd.db"


def crash_file() -> Path:
    """Return where a command that ended with a defect writes what happened."""
    return _base("XDG_STATE_HOME", ".local/state") / _OURS / "crash.log"


def systemd_user_dir() -> Path:
    """Return the folder of the person's own systemd units."""
    return config_home() / "systemd" / "user"


def unit_file() -> Path:
    """Return the unit of the systemd user service, which need not exist."""
    return systemd_user_dir() / f"{_OURS}.service"


def autostart_dir() -> Path:
    """Return the folder of what the person's desktop sessions start."""
    return config_home() / "autostart"


def autostart_file() -> Path:
    """Return the entry by which desktop sessions start it, which need not exist."""
    return autostart_dir() / f"{_OURS}.desktop"


def runtime_dir() -> Path | None:
    """Return the session's folder for sockets, or None where the session has none.

    Nobody has a reason to put a link there, so one is not followed.
    """
    value = os.environ.get("XDG_RUNTIME_DIR", "")
    folder = Path(value) / _OURS
    try:
        is_usable = value.startswith("/") and Path(value).is_dir() and not folder.is_symlink()
    except OSError:  # one that cannot be entered serves as little as none
        return None
    return folder if is_usable else None


def make_private(folder: Path) -> Path:
    """Make a folder that the person alone can enter, and return it.

    One that is there keeps its mode unless it is ours alone: one that others use as well, such as
    `/tmp`, must not be closed to them.

    Raises:
        ReminderdError: It cannot be made, belongs to another account, or another can write to it.
    """
    try:
        if not folder.exists():
            trust.check_place(folder, ReminderdError)
            missing = [one for one in (folder, *folder.parents) if not one.exists()]
            for one in reversed(missing):  # `parents=True` would make the others for everybody
                one.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        status = folder.stat()
        trust.check(folder, status, ReminderdError)
        if status.st_mode & 0o077 and _is_for_us_alone(folder):
            folder.chmod(PRIVATE_FOLDER)
    except OSError as error:
        raise ReminderdError(
            f"The folder {folder} cannot be used: {error.strerror}.",
            way_out(
                error,
                "Make it writable for you, or set XDG_DATA_HOME and XDG_CONFIG_HOME to other"
                " places.",
            ),
        ) from error
    return folder


def _is_for_us_alone(folder: Path) -> bool:
    """Return whether a folder has our name, or lies in one that has; who put a link chose it."""
    return _OURS in folder.parts[-2:] and not folder.is_symlink()


def sync(folder: Path) -> None:
    """Let what was renamed in a folder reach the disk.

    Raises:
        OSError: The folder cannot be read, or the disk does not confirm it.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def way_out(error: OSError, otherwise: str) -> str:
    """Return what to do about a write that failed: of a full or a broken disk, or as is said."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return "The disk is full: make some room, then try again."
    if error.errno == errno.EIO:
        return "The disk did not take it: look after the disk, then try again."
    return otherwise
