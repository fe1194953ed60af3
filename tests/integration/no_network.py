"""The watch that every daemon and command of these tests lives under: no socket but AF_UNIX.

A seccomp filter kills the process, whichever library asked for the socket, and with it whatever
that process starts. A filter is a thread's own and is inherited by what the thread starts, so a
thread that lives only for this starts the program: it costs a tenth of a millisecond, where code
that runs between fork and exec would cost eight.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
import threading
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_Result = TypeVar("_Result")

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_LOAD_WORD, _JUMP_IF_EQUAL, _JUMP_IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _KILL_PROCESS = 0x7FFF0000, 0x80000000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # where they lie in `struct seccomp_data`
_AF_UNIX = 1
_IO_URING_SETUP = 425  # on every machine; a ring makes sockets without the call that does
_X32 = 0x40000000
"""From here on x86_64 has a second set of numbers, for programs with short pointers."""
_MACHINES = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
"""The machine as the kernel's audit knows it, and its number of the call `socket`."""


def can_watch() -> bool:
    """Return whether this machine's calls are known here."""
    return platform.machine() in _MACHINES


def watched(start: Callable[[], _Result]) -> _Result:
    """Run something that starts a program, which then lives under the watch; return its result.

    Where the machine is not known, it lives without it.
    """
    result: list[_Result] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            begin_watch()
            result.append(start())
        except BaseException as error:  # noqa: BLE001 -- raised again where it is waited for
            failed.append(error)

    thread = threading.Thread(target=run, name="watched", daemon=True)
    thread.start()
    thread.join()
    for error in failed:
        raise error
    return result[0]


def begin_watch() -> None:
    """Put this thread, and what it starts from now on, under the watch, for good."""
    if not can_watch():
        return
    library = ctypes.CDLL(None, use_errno=True)
    word = ctypes.c_ulong
    library.prctl.argtypes = (ctypes.c_int, word, ctypes.c_void_p, word, word)
    rules = b"".join(_rules(*_MACHINES[platform.machine()]))
    kept = ctypes.create_string_buffer(rules, len(rules))
    # struct sock_fprog: how many rules, and where they are.
    program = struct.pack("HP", len(rules) // 8, ctypes.addressof(kept))
    for order in (
        (_PR_SET_NO_NEW_PRIVS, 1, None, 0, 0),
        (_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, program, 0, 0),
    ):
        if library.prctl(*order):
            number = ctypes.get_errno()
            raise OSError(number, f"the watch cannot be set: {errno.errorcode[number]}")


def _rules(machine: int, socket_call: int) -> list[bytes]:
    """Return the filter: kill for a socket of another family, allow everything else."""
    return [
        _rule(_LOAD_WORD, _ARCHITECTURE),
        _rule(_JUMP_IF_EQUAL, machine, if_not=7),  # another set of numbers, as of 32 bits
        _rule(_LOAD_WORD, _NUMBER),
        _rule(_JUMP_IF_AT_LEAST, _X32, if_so=5),
        _rule(_JUMP_IF_EQUAL, _IO_URING_SETUP, if_so=4),
        _rule(_JUMP_IF_EQUAL, socket_call, if_not=2),
        _rule(_LOAD_WORD, _FIRST_ARGUMENT),
        _rule(_JUMP_IF_EQUAL, _AF_UNIX, if_not=1),
        _rule(_RETURN, _ALLOW),
        _rule(_RETURN, _KILL_PROCESS),
    ]


def _rule(code: int, value: int, *, if_so: int = 0, if_not: int = 0) -> bytes:
    """Return one instruction; a jump counts the instructions that it leaves out."""
    return struct.pack("HBBI", code, if_so, if_not, value)


def is_watched(pid: int) -> bool:
    """Return whether a process lives under a watch."""
    return "\nSeccomp:\t2\n" in Path(f"/proc/{pid}/status").read_text("utf-8")
