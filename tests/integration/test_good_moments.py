"""What is due at a bad moment waits, and comes once it is good: a real daemon on real desktops."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from reminderd.cli.bring import ON_DESKTOP
from tests.integration.daemons import QUIET_CONFIG, eventually
from tests.integration.servers import PLUGINS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.integration.daemons import Home
    from tests.integration.real_server import RealServer

pytest_plugins = ["tests.integration.daemons", *PLUGINS]
pytestmark = pytest.mark.desktop

_DCONF_SERVICE: Final = "/usr/share/dbus-1/services/ca.desrt.dconf.service"
_XFCE_KEY: Final = ("xfconf-query", "-c", "xfce4-notifyd", "-p", "/do-not-disturb")
_BANNERS: Final = ("org.gnome.desktop.notifications", "show-banners")


def held(home: Home) -> str | None:
    """Return for what reason a practice waits."""
    reason: str | None = home.json("status")["held"]
    return reason


def came(home: Home) -> int:
    """Return how many practices were brought."""
    return sum(one["outcome"] == "shown" for one in home.history())


@pytest.fixture
def desk(home: Home, server: RealServer) -> Iterator[Home]:
    """A home on the desktop of a real server, with a daemon that has looked once."""
    home.configure(QUIET_CONFIG)
    home.skip_first_practice()
    home.extra["DBUS_SESSION_BUS_ADDRESS"] = server.bus.address
    with home.daemon():
        eventually(home.running, "the daemon is up")
        yield home


def comes_after(home: Home, silence: Callable[[bool], object]) -> None:
    """Silence the desktop before a practice is due, and no more once it waits."""
    silence(True)
    home.plan_slot()
    home.run("resume")  # which wakes it
    eventually(lambda: held(home) == "do-not-disturb", "it waits")
    assert came(home) == 0
    assert "do not disturb" in home.run("status").stdout
    silence(False)
    eventually(lambda: came(home) == 1, "it came")
    silence(True)
    silence(False)
    assert held(home) is None
    assert came(home) == 1


@pytest.mark.parametrize("server", ["dunst"], indirect=True)
def test_after_dunst_was_paused(desk: Home, server: RealServer) -> None:
    """Not when its moment is due, and not lost: as soon as dunst shows something again."""
    comes_after(desk, lambda on: server.run("dunstctl", "set-paused", "true" if on else "false"))


@pytest.mark.parametrize("server", ["dunst"], indirect=True)
def test_what_is_asked_for_in_the_silence_is_sent_and_told(desk: Home, server: RealServer) -> None:
    """dunst keeps it until it goes on, so the command says where to read it; `status` knows too."""
    server.run("dunstctl", "set-paused", "true")
    eventually(lambda: desk.json("status")["closed"] == ["do-not-disturb"], "it is known")
    assert "set to do not disturb" in desk.run("now").stdout
    server.run("dunstctl", "set-paused", "false")
    eventually(lambda: desk.json("status")["closed"] == [], "it is over")
    assert desk.run("now").stdout == f"{ON_DESKTOP}\n"


@pytest.mark.parametrize("server", ["xfce4-notifyd"], indirect=True)
def test_after_xfce_was_silent(desk: Home, server: RealServer) -> None:
    """The key need not have been set before, and may be set back rather than off."""

    def silence(on: bool) -> None:
        change = ("-n", "-t", "bool", "-s", "true") if on else ("-r",)
        server.run(*_XFCE_KEY, *change)

    comes_after(desk, silence)


@pytest.mark.parametrize("server", ["notification-daemon"], indirect=True)
def test_after_gnome_showed_no_banners(desk: Home, server: RealServer) -> None:
    """By the key of GNOME, whose signal dconf sends."""
    services = server.bus.folder / "services"
    text = Path(_DCONF_SERVICE).read_text("utf-8")
    command = f"Exec=/usr/bin/env HOME={desk.folder} XDG_RUNTIME_DIR={desk.folder / 'run'} "
    (services / Path(_DCONF_SERVICE).name).write_text(text.replace("Exec=", command), "utf-8")
    server.bus.ask("ReloadConfig")

    def silence(on: bool) -> None:
        change = ("set", *_BANNERS, "false") if on else ("reset", *_BANNERS)
        subprocess.run(["gsettings", *change], env=desk.env, check=True)

    comes_after(desk, silence)


@pytest.mark.parametrize("server", ["dunst"], indirect=True)
def test_comes_in_the_silence_to_whoever_does_not_want_that_heeded(
    desk: Home, server: RealServer
) -> None:
    """As soon as the settings say so: dunst keeps it for later."""
    server.run("dunstctl", "set-paused", "true")
    desk.plan_slot()
    desk.run("resume")
    eventually(lambda: held(desk) == "do-not-disturb", "it waits")
    desk.configure(QUIET_CONFIG.replace("hours = []", "do_not_disturb = false\nhours = []"))
    eventually(lambda: came(desk) == 1, "it is brought")
