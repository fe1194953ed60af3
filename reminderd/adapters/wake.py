"""The socket on which commands wake the daemon, and the lock that keeps the daemon single."""

from __future__ import annotations

import contextlib
import fcntl
import os

# `socket` turns every constant there is into an enumeration: two milliseconds that each command
# would wait for. Its class adds nothing that is needed here.
from _socket import AF_UNIX, SOCK_DGRAM, SOCK_NONBLOCK, socket
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reminderd.adapters.paths import PRIVATE_FILE, make_private
from reminderd.errors import ReminderdError

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST_ADDRESS: Final = 100
"""Bytes; the kernel takes 107 and a final zero."""
_SERVICE: Final = "service"
_SIGNATURE: Final = 64
"""Bytes; far more than a process id and a word."""


def knock(address: str) -> bool:
    """Send one byte to a daemon's socket; return whether a daemon listens there."""
    sender = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK)
    try:
        sender.connect(address)
    except OSError:
        return False
    else:
        with contextlib.suppress(OSError):  # full means that it is about to wake anyway
            sender.send(b"\0")
        return True
    finally:
        sender.close()


def usual_address(folder: Path) -> str:
    """Return where a daemon listens in a folder, if it does so there."""
    return str(folder / "wake")


def listens(address: str) -> bool:
    """Return whether a daemon listens at an address, without waking it."""
    sender = socket(AF_UNIX, SOCK_DGRAM)
    try:
        sender.connect(address)
    except OSError:
        return False
    else:
        return True
    finally:
        sender.close()


def _signed(written: bytes) -> tuple[int, bool] | None:
    """Return what `Lock` writes into its file: a process id, and whether systemd runs it."""
    said = written.decode("ascii", "replace").split()
    if len(said) == 2 and said[0].isdecimal():  # noqa: PLR2004 -- those two
        return int(said[0]), said[1] == _SERVICE
    return None


class WakeSocket:
    """Where the daemon hears that something changed. Needs the lock below to be held.

    Args:
        folders: Where it may lie, the best first; None for one that this session does not have.
        on_wake: Called, on the loop, whenever a command knocked.
    """

    def __init__(self, folders: tuple[Path | None, ...], on_wake: Callable[[], None]) -> None:
        self.address = str(_place(folders))
        self._place_is_ours = Path(self.address).parent not in folders
        self._on_wake = on_wake
        self._socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK)
        with contextlib.suppress(FileNotFoundError):
            Path(self.address).unlink()  # left by a daemon that was killed
        self._socket.bind(self.address)
        Path(self.address).chmod(PRIVATE_FILE)

    def fileno(self) -> int:
        """Return what a loop can watch for reading."""
        return self._socket.fileno()

    def drain(self) -> None:
        """Read all that has arrived, then tell."""
        with contextlib.suppress(BlockingIOError):
            while self._socket.recv(64):
                pass
        self._on_wake()

    def close(self) -> None:
        """Stop listening and remove the socket."""
        self._socket.close()
        with contextlib.suppress(OSError):
            Path(self.address).unlink()
            if self._place_is_ours:
                Path(self.address).parent.rmdir()


def _place(folders: tuple[Path | None, ...]) -> Path:
    """Return a path for the socket that is private and short enough for the kernel."""
    for place in filter(None, folders):
        address = usual_address(place)
        if len(os.fsencode(address)) <= _LONGEST_ADDRESS:
            with contextlib.suppress(ReminderdError):
                make_private(place)
                return Path(address)
    import tempfile  # noqa: PLC0415 -- no command needs it

    return Path(tempfile.mkdtemp(prefix="reminderd-")) / "wake"


class Lock:
    """A lock on a file beside the database: one daemon per account. The kernel lets go of it.

    Args:
        database: Where the database is, or will be.
        service: Whether systemd runs this process, for whoever asks for the holder.

    Raises:
        ReminderdError: There can be no such file.
    """

    def __init__(self, database: Path, *, service: bool) -> None:
        make_private(database.parent)
        path = database.with_suffix(".lock")
        self._service = service
        self._held = False
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
        except OSError as error:
            raise ReminderdError(
                f"{path} cannot be opened: {error.strerror}.",
                "reminderd keeps what it knows in that folder: make it writable for you.",
            ) from error

    def try_lock(self) -> bool:
        """Take the lock if nobody has it; return whether it is ours."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        self._sign()
        return True

    def wait(self) -> None:
        """Wait for as long as it takes. For a thread of its own."""
        fcntl.flock(self._file, fcntl.LOCK_EX)
        self._sign()

    def holder(self) -> tuple[int, bool] | None:
        """Return who has the lock, its process id and whether systemd runs it, if it says so."""
        return _signed(os.pread(self._file, _SIGNATURE, 0))

    def release(self) -> None:
        """Let go."""
        if self._held:
            os.ftruncate(self._file, 0)
        os.close(self._file)

    def _sign(self) -> None:
        self._held = True
        with contextlib.suppress(OSError):  # a full disk; the lock holds all the same
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, f"{os.getpid()} {_SERVICE if self._service else '-'}".encode(), 0)
