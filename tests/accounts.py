"""Being another account for a while: the kernel then refuses what it refuses to that one."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SOMEBODY = "daemon"
"""An account with a group of its own, which every Linux has. Who runs the tests is root."""
ANOTHER = "nobody"
"""An account that shares its group."""


_CAPABILITIES_VERSION_3 = 0x20080522
_CAP_DAC_READ_SEARCH = 1 << 2


@contextmanager
def acting_as(account: str, *, reads_all: bool = True) -> Iterator[None]:
    """Have this process be an account that is not privileged.

    Args:
        account: Its name.
        reads_all: Whether it may read everything all the same: Python and this checkout may lie
            where only root can, and are loaded as they are needed.
    """
    entry, groups = pwd.getpwnam(account), os.getgroups()
    if entry.pw_uid == os.geteuid():
        yield
        return
    os.setgroups([])
    os.setegid(entry.pw_gid)
    os.seteuid(entry.pw_uid)
    if reads_all:
        _read_everything()
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


def _read_everything() -> None:
    """Take back one of the privileges that went with the change of the account; see capset(2)."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_VERSION_3, 0)
    library = ctypes.CDLL(None, use_errno=True)
    library.capget(header, held := (ctypes.c_uint32 * 6)())
    held[0], held[3] = _CAP_DAC_READ_SEARCH, 0  # effective; permitted stays, for the way back
    if library.capset(header, held):
        raise OSError(ctypes.get_errno(), "capset")


def give(path: Path, account: str) -> Path:
    """Give a file or folder to an account and its group."""
    entry = pwd.getpwnam(account)
    os.chown(path, entry.pw_uid, entry.pw_gid)
    return path


@contextmanager
def home_of(account: str) -> Iterator[Path]:
    """An empty home of an account, where it gets through to it and a socket's path is short."""
    folder = Path(tempfile.mkdtemp(prefix="reminderd-home-"))
    give(folder, account)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
