"""Do not disturb as desktops keep it in dconf: by the real one, on a bus of the test's own."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from reminderd.adapters.desktop import dconf
from reminderd.core.model import Reason
from tests.integration.desktops import bus_in
from tests.integration.fake_server import FakeServer
from tests.integration.watched_desktop import NOWHERE, known, watching

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.desktops import PrivateBus

pytestmark = pytest.mark.desktop

SERVICE: Final = Path("/usr/share/dbus-1/services/ca.desrt.dconf.service")
GNOME: Final = ("org.gnome.desktop.notifications", "show-banners")
MATE: Final = ("org.mate.NotificationDaemon", "do-not-disturb")
AT_GNOME: Final = {"XDG_CURRENT_DESKTOP": "ubuntu:GNOME"}
MATE_NAME, MATE_MAKER = "Notification Daemon", "MATE Desktop Environment"


@pytest.fixture
def dconf_bus(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[PrivateBus]:
    """A bus on which dconf can be written, into a home of the test's own."""
    folder = tmp_path_factory.mktemp("dconf")
    monkeypatch.setenv("HOME", str(folder))
    for name in ("XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"):
        place = folder / name.lower()
        place.mkdir(mode=0o700)
        monkeypatch.setenv(name, str(place))
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", NOWHERE)
    with bus_in(folder, os.environ) as bus:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
        shutil.copy(SERVICE, folder / "services")
        bus.ask("ReloadConfig")
        yield bus


def run(*command: str) -> None:
    """Change a setting as the person's own panel does, from another program."""
    program = shutil.which(command[0], path="/usr/bin:/bin") or command[0]
    subprocess.run([program, *command[1:]], check=True)


async def test_gnome_shows_no_banners(dconf_bus: PrivateBus) -> None:
    """Set, set back, reset alone, or reset with all around it."""
    async with watching(AT_GNOME) as watched:
        assert known(await watched.now()) == {"do_not_disturb": False}
        assert watched.desktop.sources()[Reason.DO_NOT_DISTURB] == "GNOME"
        silence = partial(run, "gsettings", "set", *GNOME, "false")
        for back in (
            ("gsettings", "set", *GNOME, "true"),
            ("gsettings", "reset", *GNOME),
            ("dconf", "reset", "-f", "/org/gnome/"),
        ):
            await watched.once(silence, do_not_disturb=True)
            await watched.once(partial(run, *back), do_not_disturb=False)
        before = watched.changes
        run("gsettings", "set", GNOME[0], "show-in-lock-screen", "false")
        assert known(await watched.closely()) == {"do_not_disturb": False}
        assert watched.changes == before


async def test_what_was_set_before_is_known_from_the_start(dconf_bus: PrivateBus) -> None:
    run("gsettings", "set", *GNOME, "false")
    async with watching(AT_GNOME) as watched:
        assert known(await watched.now()) == {"do_not_disturb": True}
        assert watched.changes == 1


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all programs that there are here."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


async def test_dconf_alone_will_do(dconf_bus: PrivateBus, programs: Path) -> None:
    (programs / "dconf").symlink_to("/usr/bin/dconf")
    key = "/org/gnome/desktop/notifications/show-banners"
    async with watching(AT_GNOME) as watched:
        assert known(await watched.now()) == {"do_not_disturb": False}
        await watched.once(partial(run, "dconf", "write", key, "false"), do_not_disturb=True)
        await watched.once(partial(run, "dconf", "reset", key), do_not_disturb=False)


async def test_without_either_nothing_is_known(dconf_bus: PrivateBus, programs: Path) -> None:
    run("gsettings", "set", *GNOME, "false")
    async with watching(AT_GNOME) as watched:
        assert known(await watched.closely()) == {}


async def test_where_it_hangs_nothing_is_known(dconf_bus: PrivateBus, programs: Path) -> None:
    (programs / "gsettings").write_text("#!/bin/sh\nexec /bin/sleep 30\n", "utf-8")
    (programs / "gsettings").chmod(0o700)
    async with watching(AT_GNOME) as watched:
        assert known(await watched.closely()) == {}


async def test_one_that_takes_too_long_has_not_ended_the_silence(
    dconf_bus: PrivateBus, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a disk that is busy, or after a sleep: what was told stands until it is told anew."""
    monkeypatch.setattr(dconf, "_SECONDS", 0.7)

    def says(script: str) -> None:
        (programs / "gsettings").write_text(f"#!/bin/sh\n{script}\n", "utf-8")
        (programs / "gsettings").chmod(0o700)

    says("echo false")
    async with watching(AT_GNOME) as watched:
        await watched.comes_to(lambda told: told.do_not_disturb is True)
        says("/bin/sleep 5; echo true")
        for _ in range(2):
            assert known(await watched.closely()) == {"do_not_disturb": True}
        says("echo true")
        await watched.comes_to(lambda told: told.do_not_disturb is False)


async def test_mate_is_silenced(dconf_bus: PrivateBus) -> None:
    """By its own key, where its own server is the one that shows notifications."""
    server = FakeServer(dconf_bus.address, name=MATE_NAME, vendor=MATE_MAKER)
    async with server, watching() as watched:
        assert known(await watched.now()) == {"do_not_disturb": False}
        assert watched.desktop.sources()[Reason.DO_NOT_DISTURB] == "MATE"
        silence = partial(run, "gsettings", "set", *MATE, "true")
        await watched.once(silence, do_not_disturb=True)
        await watched.once(partial(run, "gsettings", "reset", *MATE), do_not_disturb=False)


async def test_what_another_desktop_left_behind_does_not_count(dconf_bus: PrivateBus) -> None:
    """Until that desktop is there."""
    run("gsettings", "set", *GNOME, "false")
    run("gsettings", "set", *MATE, "true")
    async with FakeServer(dconf_bus.address, name="dunst") as server, watching() as watched:
        assert known(await watched.closely()) == {}
        async with FakeServer(dconf_bus.address, name="gnome-shell", vendor="GNOME"):
            await watched.tells(do_not_disturb=True)
            assert watched.changes == 1
        await watched.tells(do_not_disturb=None)
        await server.own_name()
        assert known(await watched.closely()) == {}
        assert watched.changes == 2


async def test_nobody_is_started_to_be_asked(dconf_bus: PrivateBus) -> None:
    """Reading is done without the service that writes."""
    async with watching(AT_GNOME) as watched:
        await watched.closely()
        assert watched.desktop.sources()[Reason.DO_NOT_DISTURB] == "GNOME"
    assert "ca.desrt.dconf" not in dconf_bus.ask("ListNames")
