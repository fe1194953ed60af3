"""Where the buses listen."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final
from urllib.parse import quote

_SYSTEM_SOCKET: Final = Path("/run/dbus/system_bus_socket")


def session_bus_address() -> str | None:
    """Return where the session bus listens, or None where the session has none."""
    if address := os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return address
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    socket = Path(runtime) / "bus"
    if not runtime.startswith("/") or not socket.is_socket():
        return None
    return "unix:path=" + quote(str(socket)).replace("~", "%7E")


def system_bus_address() -> str | None:
    """Return where the system bus listens, or None where the machine has none."""
    if address := os.environ.get("DBUS_SYSTEM_BUS_ADDRESS"):
        return address
    return f"unix:path={_SYSTEM_SOCKET}" if _SYSTEM_SOCKET.is_socket() else None
