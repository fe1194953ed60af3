"""Do not disturb, as each notification server tells it: by its own signal, and not by polling."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pytest
from dbus_fast import Variant

from reminderd.core.model import Context, Reason
from tests.integration.fake_server import FakeServer
from tests.integration.played_services import Played
from tests.integration.servers import PLUGINS
from tests.integration.watched_desktop import known, watching

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.integration.desktops import PrivateBus
    from tests.integration.real_server import RealServer

pytest_plugins = [*PLUGINS, "tests.integration.watched_desktop"]
pytestmark = [pytest.mark.desktop, pytest.mark.usefixtures("no_system_bus")]

DND: Final = Reason.DO_NOT_DISTURB
XFCE_KEY: Final = ("xfconf-query", "-c", "xfce4-notifyd", "-p", "/do-not-disturb")


@pytest.fixture
def desk(server: RealServer, monkeypatch: pytest.MonkeyPatch) -> RealServer:
    """A real server whose bus is this process's session bus."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", server.bus.address)
    return server


@pytest.mark.parametrize("server", ["dunst"], indirect=True)
async def test_dunst_is_paused(desk: RealServer) -> None:
    async with watching() as watched:
        assert known(await watched.now()) == {"do_not_disturb": False}
        assert watched.desktop.sources()[DND] == "dunst"
        for _ in range(2):
            await watched.once(
                lambda: desk.run("dunstctl", "set-paused", "true"), do_not_disturb=True
            )
            await watched.once(
                lambda: desk.run("dunstctl", "set-paused", "false"), do_not_disturb=False
            )
        desk.run("dunstctl", "set-paused", "toggle")
        await watched.tells(do_not_disturb=True)
        await watched.once(desk.kill, do_not_disturb=None)
        assert DND not in watched.desktop.sources()
        desk.start()
        await watched.tells(do_not_disturb=False)


@pytest.mark.parametrize("server", ["dunst"], indirect=True)
async def test_what_was_silenced_before_is_known_from_the_start(desk: RealServer) -> None:
    desk.run("dunstctl", "set-paused", "true")
    async with watching() as watched:
        assert known(await watched.now()) == {"do_not_disturb": True}
        assert watched.changes == 1


@pytest.mark.parametrize("server", ["xfce4-notifyd"], indirect=True)
async def test_xfce_is_silenced(desk: RealServer) -> None:
    """Its key need not have been set before, and may be set back as well as off."""
    async with watching() as watched:
        assert known(await watched.now()) == {"do_not_disturb": False}
        assert watched.desktop.sources()[DND] == "Xfce"
        for back in (("-s", "false"), ("-r",), ("-r", "-R")):
            silence = partial(desk.run, *XFCE_KEY, "-n", "-t", "bool", "-s", "true")
            await watched.once(silence, do_not_disturb=True)
            await watched.once(partial(desk.run, *XFCE_KEY, *back), do_not_disturb=False)
        before = watched.changes
        desk.run(*XFCE_KEY[:3], "-p", "/theme", "-n", "-t", "string", "-s", "Other")
        assert known(await watched.closely()) == {"do_not_disturb": False}
        assert watched.changes == before
        desk.kill()
        await watched.tells(do_not_disturb=None)


@pytest.mark.parametrize("server", ["xfce4-notifyd"], indirect=True)
async def test_xfces_key_counts_before_its_server_is_started(desk: RealServer) -> None:
    """The bus starts it with the first notification, which it would then keep to itself."""
    desk.run(*XFCE_KEY, "-n", "-t", "bool", "-s", "true")
    desk.kill()
    async with watching({"XDG_CURRENT_DESKTOP": "XFCE"}) as watched:
        assert known(await watched.now()) == {"do_not_disturb": True}


@pytest.mark.parametrize(
    ("server", "desktop", "told_by"),
    [
        ("mate-notification-daemon", "i3", "MATE"),  # by what the server calls itself
        ("notification-daemon", "GNOME-Flashback:GNOME", "GNOME"),
    ],
    indirect=["server"],
)
async def test_a_setting_in_dconf_counts_at_its_desktop(
    desk: RealServer, desktop: str, told_by: str
) -> None:
    async with watching({"XDG_CURRENT_DESKTOP": desktop}) as watched:
        assert known(await watched.now()) == {"do_not_disturb": False}
        assert watched.desktop.sources()[DND] == told_by


@pytest.mark.parametrize("server", ["mako"], indirect=True)
async def test_an_older_mako_has_to_be_asked(desk: RealServer) -> None:
    """It signals no mode: what it tells counts when it matters, and is known to need a look."""
    async with watching() as watched:
        assert known(await watched.now()) == {}
        assert known(await watched.closely()) == {"do_not_disturb": False}
        assert watched.desktop.sources()[DND] == "mako"
        desk.run("makoctl", "mode", "-s", "do-not-disturb")
        silent = {"do_not_disturb": True, "unsignalled": {DND}}
        assert known(await watched.closely()) == silent
        assert known(await watched.now()) == {}
        desk.run("makoctl", "mode", "-s", "default")
        assert known(await watched.closely()) == {"do_not_disturb": False}
        assert watched.changes == 0


@pytest.mark.parametrize("server", ["lxqt-notificationd"], indirect=True)
async def test_a_server_without_it_tells_nothing(desk: RealServer) -> None:
    async with watching({"XDG_CURRENT_DESKTOP": "LXQt"}) as watched:
        assert await watched.closely() == Context()
        assert DND not in watched.desktop.sources()
        assert watched.changes == 0


async def test_a_server_is_inhibited(private_bus: PrivateBus) -> None:
    """As Plasma's, or one of our own with the property of that name."""
    async with (
        FakeServer(private_bus.address, inhibited=False) as server,
        watching() as watched,
    ):
        assert known(await watched.now()) == {"do_not_disturb": False}
        assert watched.desktop.sources()[DND] == "the notification server"
        server.inhibit(True)
        await watched.tells(do_not_disturb=True)
        server.inhibit(True)
        assert known(await watched.closely()) == {"do_not_disturb": True}
        assert watched.changes == 1
        server.inhibit(False)
        await watched.tells(do_not_disturb=False)
        server.inhibit(True)
        await watched.tells(do_not_disturb=True)
        await server.drop_name()
        await watched.tells(do_not_disturb=None)
        server.inhibited = False
        await server.own_name()
        await watched.tells(do_not_disturb=False)
        assert watched.changes == 4


async def test_a_newer_mako_signals_its_modes(private_bus: PrivateBus) -> None:
    """And needs no look, though it can be asked in the old way, too."""
    path, interface = "/fr/emersion/Mako", "fr.emersion.Mako"
    async with Played(private_bus.address, "org.freedesktop.Notifications") as mako:

        def modes(*names: str) -> None:
            mako.change(path, interface, Modes=Variant("as", list(names)))

        def listed(_: Sequence[Any]) -> tuple[str, list[Any]]:
            return "as", [mako.properties[path, interface]["Modes"].value]

        mako.methods[path, interface, "ListModes"] = listed
        modes("default")
        async with watching() as watched:
            assert known(await watched.now()) == {"do_not_disturb": False}
            for name in ("dnd", "do-not-disturb"):
                modes("default", name)
                await watched.tells(do_not_disturb=True)
                assert known(await watched.closely()) == {"do_not_disturb": True}
                modes("default", "away")
                await watched.tells(do_not_disturb=False)
                assert known(await watched.closely()) == {"do_not_disturb": False}
            assert watched.changes == 4
            assert watched.desktop.sources()[DND] == "mako"


@pytest.mark.parametrize(
    ("member", "signature", "rest"),
    [("Subscribe", "ubb", [False]), ("SubscribeV2", "ubbb", [False, False])],
)
async def test_swaync_is_silenced(
    private_bus: PrivateBus, member: str, signature: str, rest: list[bool]
) -> None:
    name, path = "org.erikreider.swaync.cc", "/org/erikreider/swaync/cc"
    silent = False
    async with watching() as watched:
        async with Played(private_bus.address, name) as swaync:
            swaync.methods[path, name, "GetDnd"] = lambda _: ("b", [silent])
            swaync.emit(path, name, member, signature, [0, silent, *rest])
            await watched.tells(do_not_disturb=False)
            assert known(await watched.now()) == {"do_not_disturb": False}
            assert watched.desktop.sources()[DND] == "swaync"
            for silent in (True, False, True):
                swaync.emit(path, name, member, signature, [3, silent, *rest])
                await watched.tells(do_not_disturb=silent)
            assert watched.changes == 3
            swaync.emit(path, name, member, signature, [4, True, *rest])
            assert known(await watched.closely()) == {"do_not_disturb": True}
            assert watched.changes == 3
        await watched.tells(do_not_disturb=None)
        assert watched.changes == 4


async def test_one_that_says_so_is_enough(private_bus: PrivateBus) -> None:
    """A server that is not inhibited does not outvote the panel that is."""
    name, path = "org.erikreider.swaync.cc", "/org/erikreider/swaync/cc"
    async with (
        FakeServer(private_bus.address, inhibited=False) as server,
        Played(private_bus.address, name) as swaync,
    ):
        swaync.methods[path, name, "GetDnd"] = lambda _: ("b", [True])
        async with watching() as watched:
            assert known(await watched.now()) == {"do_not_disturb": True}
            server.inhibit(True)
            server.inhibit(False)
            await server.settled()
            assert known(await watched.closely()) == {"do_not_disturb": True}
            assert watched.changes == 1
            assert watched.desktop.sources()[DND] == "the notification server, swaync"
