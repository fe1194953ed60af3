"""Six real notification servers, each with a bus, a home and a screen to itself.

A test module that wants them lists `PLUGINS` as its `pytest_plugins`, marks itself with
`pytest.mark.desktop` and asks for `server`: its tests run once for each.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.integration.desktops import Screen, bus_in
from tests.integration.real_server import Row, give_to_nobody
from tests.integration.servers_wayland import Mako
from tests.integration.servers_x11 import Drawn, Dunst
from tests.integration.wire import tapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.real_server import RealServer

PLUGINS: Final = [
    "tests.integration.desktops",
    "tests.integration.servers_wayland",
    "tests.integration.servers",
]

_ROWS: Final = (
    Row(
        "dunst",
        Dunst,
        "dunst",
        "Draws no buttons: `dunstctl context` opens them as a menu, for which a program like dmenu"
        " has to be there.",
    ),
    Row(
        "xfce4-notifyd",
        Drawn,
        "/usr/lib/*/xfce4/notifyd/xfce4-notifyd",
        "A click on the text waves it away; the default action is a button of its own.",
        default="button",
        service="/usr/share/dbus-1/services/org.xfce.Xfconf.service",
    ),
    Row(
        "mate-notification-daemon",
        Drawn,
        "/usr/lib/mate-notification-daemon/mate-notification-daemon",
        "Says of what was waved away by its cross that it expired.",
        cross=(-30, 28),
        left=60,
    ),
    Row(
        "notification-daemon",
        Drawn,
        "/usr/lib/notification-daemon/notification-daemon",
        "Says nothing when one expires. Leaves one that its program closes on the screen, and what"
        " comes next behind it, until its time is over; one that is replaced goes.",
        cross=(-15, 28),
        tells_expiry=False,
    ),
    Row(
        "lxqt-notificationd",
        Drawn,
        "lxqt-notificationd",
        "Cuts long labels. With more than three actions, a click on the text among them, it draws"
        " a menu instead of buttons. Takes down, as expired, what came up under the pointer once"
        " that leaves it.",
        cross=(-27, 24),
        default="none",
    ),
    Row(
        "mako",
        Mako,
        "mako",
        "Draws no buttons: `makoctl menu` opens them as a menu. Tells 0.0.0 as its version.",
    ),
)
SERVERS: Final = {row.name: row for row in _ROWS}


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[RealServer]:
    """A real server that runs."""
    row = SERVERS[request.param]
    stage = request.getfixturevalue(row.way.stage)
    place = tempfile.TemporaryDirectory(prefix="reminderd-desk-", ignore_cleanup_errors=True)
    with place as name:  # where everybody gets through to it, and not below pytest's own folder
        yield from _serving(row, stage, Path(name))


def _serving(row: Row, stage: Screen | dict[str, str], folder: Path) -> Iterator[RealServer]:
    if row.way.stage == "wayland":
        give_to_nobody(folder)
    environ = {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": str(folder),
        **({"DISPLAY": stage.display} if isinstance(stage, Screen) else stage),
    }
    with bus_in(folder, environ) as bus, tapped(bus, folder) as wire:
        if row.service:
            shutil.copy(row.service, folder / "services")
            bus.ask("ReloadConfig")
        environ["DBUS_SESSION_BUS_ADDRESS"] = bus.address
        server = row.way(row, bus, wire, folder, environ)
        server.start()
        try:
            yield server
        finally:
            server.kill()
