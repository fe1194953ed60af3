"""Where the buses listen: sockets on this machine, and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, Literal
from urllib.parse import quote

Which = Literal["session", "system"]
"""Which bus: the one of the person's session, or the one of the whole machine."""

_AWAY: Final = ("tcp:", "nonce-tcp:", "unixexec:", "unix:")
"""How an address begins that is understood; the last one with another in its company."""
_SYSTEM_SOCKET: Final = Path("/run/dbus/system_bus_socket")
_VARIABLES: Final[dict[Which, str]] = {
    "session": "DBUS_SESSION_BUS_ADDRESS",
    "system": "DBUS_SYSTEM_BUS_ADDRESS",
}


def bus_address(which: Which) -> str | None:
    """Return where a bus listens on this machine, or None where it does not.

    An address may also lead over the network, or to a program that is to be run: such a one is not
    followed, nor any other in its company, which programs that we start would not know.
    """
    if address := os.environ.get(_VARIABLES[which]):
        return address if _is_local(address) else None
    return _session_socket() if which == "session" else _system_socket()


def why_no_bus(which: Which) -> str:
    """Return in plain words why there is no address of a bus."""
    if address := os.environ.get(_VARIABLES[which]):
        if not address.startswith(_AWAY):
            return f"the {which} bus cannot be reached: {_VARIABLES[which]} names no socket"
        return f"{_VARIABLES[which]} leads away from this machine, and reminderd uses no network"
    return f"there is no {which} bus"


def _is_local(address: str) -> bool:
    return all(one.startswith("unix:") for one in address.split(";") if one)


def _session_socket() -> str | None:
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    socket = Path(runtime) / "bus"
    if not runtime.startswith("/") or not is_socket(socket):
        return None
    return "unix:path=" + quote(str(socket)).replace("~", "%7E")


def _system_socket() -> str | None:
    return f"unix:path={_SYSTEM_SOCKET}" if is_socket(_SYSTEM_SOCKET) else None


def is_socket(path: Path) -> bool:
    """Return whether there is a socket; one in a folder that cannot be entered is none for us."""
    try:
        return path.is_socket()
    except OSError:
        return False
