"""The socket on which commands wake the daemon, and the lock that keeps the daemon single."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import time

# `socket` turns every constant there is into an enumeration: two milliseconds that each command
# would wait for. Its class adds nothing that is needed here.
from _socket import AF_UNIX, SOCK_DGRAM, SOCK_NONBLOCK, socket
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reminderd.adapters import trust
from reminderd.adapters.paths import PRIVATE_FILE, make_private, way_out
from reminderd.errors import ReminderdError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LONGEST_ADDRESS: Final = 100
"""Bytes; the kernel takes 107 and a final zero."""
_NO_PLACE: Final = "Commands wake reminderd there: make that folder writable for you."
_SERVICE: Final = "service"
_SIGNATURE: Final = 64
"""Bytes; far more than a process id and a word."""
_AGAIN: Final = 0.02
"""Seconds until a lock that another has is tried again."""
_MOST_KNOCKS: Final = 1000
"""How many are taken in at once; who knocks on and on does not keep the loop from its work."""


def knock(address: str) -> bool:
    """Send one byte to a daemon's socket; return whether a daemon of ours listens there."""
    with contextlib.closing(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK)) as sender:
        if not _reaches(sender, address):
            return False
        with contextlib.suppress(OSError):  # full means that it is about to wake anyway
            sender.send(b"\0")
        return True


def usual_address(folder: Path) -> str:
    """Return where a daemon listens in a folder, if it does so there."""
    return str(folder / "wake")


def listens(address: str) -> bool:
    """Return whether a daemon of ours listens at an address, without waking it."""
    with contextlib.closing(socket(AF_UNIX, SOCK_DGRAM)) as sender:
        return _reaches(sender, address)


def _reaches(sender: socket, address: str) -> bool:
    """Connect, if somebody listens; another account's socket, in a place that was left, is none."""
    try:
        if os.lstat(address).st_uid != os.geteuid():
            return False
        sender.connect(address)
    except (OSError, ValueError):  # the latter where it is no path at all
        return False
    return True


def _signed(written: bytes) -> tuple[int, bool] | None:
    """Return what `Lock` writes into its file: a process id, and whether systemd runs it."""
    said = written.decode("ascii", "replace").split()
    if len(said) == 2 and said[0].isdecimal():  # noqa: PLR2004 -- those two
        return int(said[0]), said[1] == _SERVICE
    return None


class WakeSocket:
    """Where the daemon hears that something changed. Needs the lock below to be held.

    Its folder and its mode let nobody else through, so who knocks is not looked at: the kernel
    asks for the right to write at every attempt. What is sent is not looked at either.

    Args:
        folders: Where it may lie, the best first; None for one that this session does not have.
        on_wake: Called, on the loop, whenever a command knocked.

    Raises:
        ReminderdError: There is no place where it can be made.
    """

    def __init__(self, folders: tuple[Path | None, ...], on_wake: Callable[[], None]) -> None:
        self._on_wake = on_wake
        self._socket, address, self._inode = _bound(folders)
        self.address = str(address)
        self._place_is_ours = address.parent not in folders

    def fileno(self) -> int:
        """Return what a loop can watch for reading."""
        return self._socket.fileno()

    def drain(self) -> None:
        """Read all that has arrived, then tell."""
        with contextlib.suppress(BlockingIOError):
            for _ in range(_MOST_KNOCKS):
                self._socket.recv(1)
        self._on_wake()

    def close(self) -> None:
        """Stop listening and remove the socket, if no other daemon's lies there by now."""
        address = Path(self.address)
        with contextlib.suppress(OSError):
            # While ours is open, no other can have its number.
            if os.path.samestat(address.lstat(), self._inode):
                address.unlink()
                if self._place_is_ours:
                    address.parent.rmdir()
        self._socket.close()


def _bound(folders: tuple[Path | None, ...]) -> tuple[socket, Path, os.stat_result]:
    """Return a socket at the first place where it can be made, its path and what lies there."""
    failures: list[ReminderdError] = []
    for place in _places(folders):
        address = Path(usual_address(place))
        made = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK)
        try:
            address.unlink(missing_ok=True)  # left by a daemon that was killed
            _bind(made, address)
            return made, address, address.lstat()
        except OSError as error:
            made.close()
            what = f"{address} cannot be made: {error.strerror}."
            failures.append(ReminderdError(what, way_out(error, _NO_PLACE)))
    raise failures[-1]


def _bind(made: socket, address: Path) -> None:
    """Give a socket its path, private from its first moment on."""
    before = os.umask(0o777 & ~PRIVATE_FILE)
    try:
        made.bind(str(address))
    finally:
        os.umask(before)


def _places(folders: tuple[Path | None, ...]) -> Iterator[Path]:
    """Yield private places with a path that is short enough for the kernel; at last a new one."""
    for place in filter(None, folders):
        if len(os.fsencode(usual_address(place))) <= _LONGEST_ADDRESS:
            with contextlib.suppress(ReminderdError):
                yield make_private(place)
    import tempfile  # noqa: PLC0415 -- no command needs it

    yield Path(tempfile.mkdtemp(prefix="reminderd-"))


class Lock:
    """A lock on a file beside the database: one daemon per account. The kernel lets go of it.

    Args:
        database: Where the database is, or will be.
        service: Whether systemd runs this process, for whoever asks for the holder.

    Raises:
        ReminderdError: There can be no such file.
    """

    def __init__(self, database: Path, *, service: bool) -> None:
        self._path = database.with_suffix(".lock")
        self._service = service
        self._held = False
        self._file = self._open()

    def _open(self) -> int:
        make_private(self._path.parent)
        try:
            return _open_private(self._path)
        except OSError as error:
            raise ReminderdError(
                f"{self._path} cannot be opened: {error.strerror}.",
                way_out(
                    error, "reminderd keeps what it knows in that folder: make it writable for you."
                ),
            ) from error

    def try_lock(self, patience: float = 0) -> bool:
        """Take the lock if nobody has it; return whether it is ours.

        Args:
            patience: Seconds for which another may still have it.
        """
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    self._held = False
                    return False
                time.sleep(_AGAIN)
            else:
                self._sign()
                return True

    def wait(self) -> None:
        """Wait for as long as it takes. Nothing else is done in that thread meanwhile.

        Raises:
            ReminderdError: The file was removed, and there can be no other now. Try again.
        """
        fcntl.flock(self._file, fcntl.LOCK_EX)
        while not self._is_in_place():  # who had it may have followed to a new file, and has that
            before, self._file = self._file, self._open()
            os.close(before)
            fcntl.flock(self._file, fcntl.LOCK_EX)
        self._sign()

    def follow(self) -> bool:
        """Hold the lock also where its file was removed since; return whether it is still ours.

        Raises:
            ReminderdError: There can be no such file now.
        """
        if self._is_in_place():
            return True
        before, self._file = self._file, self._open()
        is_ours = self.try_lock()
        os.close(before)  # only now: who waits for that file looks for the new one next
        return is_ours

    def _is_in_place(self) -> bool:
        """Return whether the open file is the one that others find."""
        with contextlib.suppress(OSError):
            return os.path.samestat(self._path.stat(), os.fstat(self._file))
        return False

    def holder(self) -> tuple[int, bool] | None:
        """Return who has the lock, its process id and whether systemd runs it, if it says so."""
        return _signed(os.pread(self._file, _SIGNATURE, 0))

    def release(self) -> None:
        """Let go."""
        if self._held:
            with contextlib.suppress(OSError):  # a bad disk; the lock is let go of all the same
                os.ftruncate(self._file, 0)
        os.close(self._file)

    def _sign(self) -> None:
        self._held = True
        with contextlib.suppress(OSError):  # a full disk; the lock holds all the same
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, f"{os.getpid()} {_SERVICE if self._service else '-'}".encode(), 0)


def _open_private(path: Path) -> int:
    """Open a file for reading and writing, made where it does not exist; return its descriptor.

    Raises:
        OSError: It cannot be opened.
        ReminderdError: It is a link, no plain file, another account's or open to others' writing.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        descriptor = os.open(path, flags, PRIVATE_FILE)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise ReminderdError(
            f"{path} is a link, and links are not followed there.", "Remove the link."
        ) from error
    try:
        _make_sure(path, descriptor)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _make_sure(path: Path, descriptor: int) -> None:
    """See to it that an open file is ours alone."""
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise ReminderdError(f"{path} is no plain file.", "Remove it; it is made anew.")
    trust.check(path, status, ReminderdError)
    if status.st_mode & 0o077:  # who can read a file can lock it
        os.fchmod(descriptor, PRIVATE_FILE)
