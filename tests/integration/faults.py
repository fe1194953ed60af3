"""Writes that fail: a full disk, a broken one, a short write, a sync that does not reach the disk.

`faults.c` is loaded into the processes of a nursery. It counts the calls that change something in a
home, and lets the one fail that a test asks for.
"""

from __future__ import annotations

import errno
import mmap
import os
import struct
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SOURCE: Final = Path(__file__).with_name("faults.c")
_NUMBERS: Final = struct.Struct("8q")
_SORTS: Final = (
    *("none", "create", "write", "sync", "truncate"),
    *("rename", "unlink", "mkdir", "link", "mode"),
)
"""As `enum call` in faults.c has them."""


@dataclass(frozen=True)
class Fault:
    """A way to fail.

    Attributes:
        name: What a person would call it.
        error: The errno.
        lasts: Whether all calls after the first that fails do so as well.
        halves: Whether a write first writes a half, and says so.
        only: The one sort of call that it happens to; empty for all.
    """

    name: str
    error: int
    lasts: bool = False
    halves: bool = False
    only: str = ""


FULL: Final = Fault("a full disk", errno.ENOSPC, lasts=True)
SHORT: Final = Fault("a short write, then a full disk", errno.ENOSPC, lasts=True, halves=True)
ONCE: Final = Fault("one call that a bad disk refuses", errno.EIO)
BROKEN: Final = Fault("a disk that goes bad", errno.EIO, lasts=True)
UNSYNCED: Final = Fault("a sync that fails", errno.EIO, only="sync")


class Faults:
    """What tests and the library have in common: which call is to fail, and how many there were.

    Args:
        folder: Where the file of it is made.
        below: The folder in which calls are counted and fail.
        library: The compiled faults.c.
    """

    def __init__(self, folder: Path, below: Path, library: Path) -> None:
        control = folder / "control"
        control.write_bytes(bytes(_NUMBERS.size))
        with control.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _NUMBERS.size)
        self.environ: Mapping[str, str] = {
            "LD_PRELOAD": str(library),
            "FAULTS_CONTROL": str(control),
            "FAULTS_BELOW": str(below),
        }

    def __enter__(self) -> Self:
        """Nothing fails yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the file."""
        self._shared.close()

    def arm(self, fault: Fault, at: int = 1) -> None:
        """Let a call fail, the `at`-th from now on that could; count anew."""
        only = _SORTS.index(fault.only) if fault.only else 0
        numbers = at, fault.error, fault.lasts, fault.halves, only, 0, 0, 0
        self._shared[:] = _NUMBERS.pack(*numbers)

    def disarm(self) -> None:
        """Let nothing fail any more."""
        self._shared[:8] = bytes(8)

    @property
    def seen(self) -> int:
        """How many calls could have failed since `arm`."""
        return int(_NUMBERS.unpack(self._shared[:])[5])

    @property
    def failed(self) -> int:
        """How many of them failed."""
        return int(_NUMBERS.unpack(self._shared[:])[6])

    @property
    def what(self) -> str:
        """The sort of the first one."""
        return _SORTS[_NUMBERS.unpack(self._shared[:])[7]]


@contextmanager
def faults_below(folder: Path, below: Path) -> Iterator[Faults]:
    """Compile the library, and share what is to fail with whoever loads it."""
    library = folder / "faults.so"
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, _SOURCE, "-ldl"],
        check=True,
        env=os.environ,
    )
    with Faults(folder, below, library) as faults:
        yield faults
