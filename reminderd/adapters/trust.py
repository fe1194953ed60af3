"""Whose a file or folder is, and who else may write to it: what others could change is refused.

So does ssh. What others can merely read is made private where it is ours (`paths.make_private`,
the database), and not refused.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    from reminderd.errors import ReminderdError

_ROOT: Final = 0


def check(
    path: Path,
    status: os.stat_result,
    refusal: type[ReminderdError],
    *,
    or_roots: bool = False,
) -> None:
    """Refuse what belongs to another account, or what another account can write to.

    Args:
        path: What it is about, for the message.
        status: What was found there, links followed; of a file that is open, of that very file.
        refusal: What to raise.
        or_roots: Whether root may own it as well: for what is only read, since root could change
            it anyway. Where something is to be written, it has to be ours.

    Raises:
        ReminderdError: The given `refusal`, with what to do about it.
    """
    if sys.platform == "win32":  # it has neither owners nor modes that would tell
        return
    check_owner(path, status, refusal, or_roots=or_roots)
    shared = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    if not shared or (shared == stat.S_IWGRP and _is_of_one_account(status.st_gid)):
        return
    if status.st_mode & stat.S_ISVTX:
        hint = "It is a place that accounts share: use a folder of your own instead."
    else:
        by_root = status.st_uid != os.geteuid()
        hint = f"To close it to them: {'sudo ' * by_root}chmod go-w {_typed(path)}"
    raise refusal(f"{path} can be written to by other accounts, so it is not used.", hint)


def check_owner(
    path: Path,
    status: os.stat_result,
    refusal: type[ReminderdError],
    *,
    or_roots: bool = False,
) -> None:
    """Refuse what belongs to another account. Arguments and errors are those of `check`."""
    if sys.platform == "win32":
        return
    owner, own = status.st_uid, os.geteuid()
    if owner == own or (or_roots and owner == _ROOT):
        return
    theirs, ours = _name(owner), _name(own)
    told = f"{path} belongs to the account {theirs}, and reminderd runs as {ours}."
    if own == _ROOT:
        raise refusal(told, f"Nothing was touched. Run it as {theirs}, without sudo.")
    raise refusal(told, f"To make it yours: sudo chown {ours} {_typed(path)}")


def check_place(folder: Path, refusal: type[ReminderdError]) -> None:
    """Refuse to make a folder, or something in it, in another account's home.

    Args:
        folder: It need not exist; then the nearest one above it counts.
        refusal: What to raise.

    Raises:
        ReminderdError: The given `refusal`, with what to do about it.
        OSError: It cannot be looked at.
    """
    place = next(one for one in (folder, *folder.parents) if one.exists())
    check_owner(place, place.stat(), refusal, or_roots=True)


def closed(name: str) -> ReminderdError:
    """Return what is told of a file that the system did not let this account use.

    Args:
        name: The file; where a folder on the way to it is closed, that is what is told.
    """
    from pathlib import Path  # noqa: PLC0415 -- for a refusal alone

    from reminderd.errors import ReminderdError  # noqa: PLC0415 -- the same

    path = Path(os.path.abspath(name))  # noqa: PTH100 -- nothing is to be looked at yet
    place = next((one for one in path.parents[::-1] if not _is_entered(one)), None)
    if place is None:
        place = path if os.path.lexists(path) else path.parent
    hint = f"To open it to you again: chmod u+rwX {_typed(place)}"
    owner = place.stat().st_uid
    if owner != os.geteuid():
        hint = f"It belongs to the account {_name(owner)}: it is theirs to open it to you."
    return ReminderdError(f"{place} cannot be used: {os.strerror(errno.EACCES)}.", hint)


def _is_entered(folder: Path) -> bool:
    return os.access(folder, os.X_OK, effective_ids=os.access in os.supports_effective_ids)


def _is_of_one_account(group: int) -> bool:
    """Return whether a group is this account's own, as Debian and others make one for each.

    It is called as the account is: elsewhere all share one group, and have it as their first.
    """
    # Loaded when the rare bit is set: no command is to wait for them.
    import grp  # noqa: PLC0415
    import pwd  # noqa: PLC0415

    try:
        account, own = pwd.getpwuid(os.geteuid()), grp.getgrgid(group)
    except KeyError:
        return False
    return (
        account.pw_gid == group
        and own.gr_name == account.pw_name
        and set(own.gr_mem) <= {account.pw_name}
    )


def _name(account: int) -> str:
    import pwd  # noqa: PLC0415 -- for a refusal alone

    try:
        return pwd.getpwuid(account).pw_name
    except KeyError:
        return str(account)


def _typed(path: Path) -> str:
    """Return a path as it is typed in a shell."""
    import shlex  # noqa: PLC0415 -- for a refusal alone

    return shlex.quote(str(path))
