"""Where the session bus listens."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote


def session_bus_address() -> str | None:
    """Return where the session bus listens, or None where the session has none."""
    if address := os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return address
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    socket = Path(runtime) / "bus"
    if not runtime.startswith("/") or not socket.is_socket():
        return None
    return "unix:path=" + quote(str(socket)).replace("~", "%7E")
