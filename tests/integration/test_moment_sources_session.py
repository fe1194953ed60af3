"""Locked, away, in another session: what logind tells, and of whom."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest
from dbus_fast import Message, Variant

from reminderd.core.model import Reason
from tests.integration.played_services import SESSION_NAME, Logind
from tests.integration.watched_desktop import AWAY_AFTER, PLUGINS, QUIET, known, watching

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from tests.integration.desktops import PrivateBus
    from tests.integration.watched_desktop import WatchedDesktop

pytest_plugins = PLUGINS
pytestmark = pytest.mark.desktop

MANAGER: Final = "org.freedesktop.login1.Manager"
LOGIN: Final = "/org/freedesktop/login1"
OTHER: Final = f"{LOGIN}/session/_39"
HERE: Final = {"locked": False, "inactive": False}


class CountedLogind(Logind):
    """One that counts how often it was asked anything."""

    asked = 0

    def _answer(self, message: Message) -> Message:
        self.asked += 1
        return super()._answer(message)


@pytest.fixture
async def logind(one_bus: PrivateBus) -> AsyncIterator[CountedLogind]:
    """A logind with one session of the person's."""
    async with CountedLogind(one_bus.address) as logind:
        yield logind


async def test_the_session_is_locked_and_switched(logind: Logind) -> None:
    async with watching() as watched:
        assert known(await watched.now()) == HERE
        told_by = watched.desktop.sources()
        assert told_by[Reason.LOCKED] == told_by[Reason.INACTIVE] == "logind"
        changes = 0
        for _ in range(2):
            for act, name in ((logind.lock, "locked"), (logind.switch, "inactive")):
                for on in (True, False):
                    act(on)
                    await watched.tells(**HERE | {name: on})
                    changes += 1
                    assert watched.changes == changes
        logind.lock(False)
        await watched.settled()
        assert watched.changes == changes


async def test_the_hint_that_nobody_is_there(logind: Logind) -> None:
    """It counts as away at once, however late it comes; it says for how long."""
    gone_at = datetime.now(UTC).timestamp() - 2 * AWAY_AFTER
    async with watching() as watched:
        assert (await watched.now()).away_seconds is None  # nobody ever gave it
        logind.leave(True, gone_at)
        await until_away(watched, 2 * AWAY_AFTER)
        assert watched.desktop.sources()[Reason.AWAY] == "logind"
        logind.leave(False, datetime.now(UTC).timestamp())
        await watched.tells(away_seconds=0)
        logind.leave(True, datetime.now(UTC).timestamp())
        await watched.tells(away_seconds=AWAY_AFTER)
        assert watched.changes == 3


async def until_away(watched: WatchedDesktop, seconds: int) -> None:
    told = await watched.comes_to(lambda told: bool(told.away_seconds))
    assert told.away_seconds is not None
    assert seconds <= told.away_seconds <= seconds + 60
    assert told.unsignalled == frozenset()


async def test_how_long_counts_as_away_may_change(logind: Logind) -> None:
    logind.leave(True, datetime.now(UTC).timestamp())
    async with watching(quiet=replace(QUIET, when_away=None)) as watched:
        assert watched.changes == 0
        watched.desktop.heed(QUIET)
        await watched.tells(away_seconds=AWAY_AFTER)
        watched.desktop.heed(replace(QUIET, when_away=2 * AWAY_AFTER))
        await watched.tells(away_seconds=2 * AWAY_AFTER)


async def test_a_text_terminal_has_no_hint(logind: Logind) -> None:
    """logind guesses it there, and signals nothing when the person is back."""
    logind.properties[logind.path, logind.session]["Type"] = Variant("s", "tty")
    logind.leave(True, datetime.now(UTC).timestamp() - AWAY_AFTER)
    async with watching() as watched:
        assert known(await watched.now()) == HERE
        assert known(await watched.closely()) == HERE


@pytest.mark.parametrize("graphical", ["x11", "wayland", "mir", "unspecified", "test"])
async def test_a_screen_has_one(logind: Logind, graphical: str) -> None:
    logind.properties[logind.path, logind.session]["Type"] = Variant("s", graphical)
    logind.leave(True, datetime.now(UTC).timestamp())
    async with watching() as watched:
        assert (await watched.now()).away_seconds == AWAY_AFTER


async def test_when_logind_leaves_nothing_is_known(one_bus: PrivateBus) -> None:
    """And all is known once it is back, as after an update of it."""
    async with watching() as watched:
        assert known(await watched.now()) == {}
        async with Logind(one_bus.address) as logind:
            await watched.tells(**HERE)
            logind.lock(True)
            await watched.tells(locked=True)
        await watched.tells(locked=None, inactive=None)
        assert watched.changes == 2
        assert Reason.LOCKED not in watched.desktop.sources()
        async with Logind(one_bus.address) as logind:
            await watched.tells(**HERE)
            logind.lock(True)
            await watched.tells(locked=True)


def forget_ways(logind: Logind) -> None:
    """Leave no way to find the session."""
    for member in ("GetUser", "ListSessions", "GetSession"):
        logind.methods.pop((LOGIN, MANAGER, member), None)


def add_way(logind: Logind, way: str) -> dict[str, str]:
    """Add a way to find it; return what has to be in the environment for that."""
    listed = [SESSION_NAME, os.getuid(), "somebody", "seat0", logind.path]
    user = f"{LOGIN}/user/_{os.getuid()}"

    def get_session(body: Sequence[Any]) -> tuple[str, list[Any]]:
        return "o", [logind.path if body == [way.partition(" ")[2]] else OTHER]

    match way:
        case "by itself":
            logind.properties[f"{LOGIN}/session/auto", logind.session] = logind.properties[
                logind.path, logind.session
            ]
        case "as display":
            logind.methods[LOGIN, MANAGER, "GetUser"] = lambda _: ("o", [user])
        case "in the list":
            others = [
                ["1", os.getuid() + 1, "other", "seat0", OTHER],
                ["2", os.getuid(), "somebody", "", OTHER],
            ]
            answer = [*others, listed]
            logind.methods[LOGIN, MANAGER, "ListSessions"] = lambda _: ("a(susso)", [answer])
        case _:
            logind.methods[LOGIN, MANAGER, "GetSession"] = get_session
    return {"XDG_SESSION_ID": SESSION_NAME} if way == f"named {SESSION_NAME}" else {}


@pytest.mark.parametrize(
    "way", [f"named {SESSION_NAME}", "named auto", "as display", "in the list", "by itself"]
)
async def test_the_session_is_found(logind: Logind, way: str) -> None:
    """A user service has no session of its own, nor XDG_SESSION_ID; another's is not ours."""
    forget_ways(logind)
    logind.properties[OTHER, logind.session] = {
        "Active": Variant("b", False),
        "LockedHint": Variant("b", True),
    }
    environ = add_way(logind, way)
    async with watching(environ) as watched:
        assert known(await watched.now()) == HERE
        for locked in (True, False):
            logind.lock(locked)
            await watched.tells(**HERE | {"locked": locked})
        logind.change(OTHER, logind.session, LockedHint=Variant("b", False))
        await watched.settled()
        assert known(await watched.now()) == HERE
        assert watched.changes == 2


async def test_nobody_asks_for_what_happens_in_another_session(logind: CountedLogind) -> None:
    """Nor again and again while nothing happens."""
    async with watching() as watched:
        before = logind.asked
        for hidden in (True, False):
            logind.change(OTHER, logind.session, LockedHint=Variant("b", hidden))
        await watched.closely()
        assert logind.asked == before + 1
        for _ in range(10):
            await watched.now()
        logind.lock(True)
        await watched.tells(locked=True)
        assert logind.asked == before + 2


async def test_without_a_session_nothing_is_known(logind: Logind) -> None:
    forget_ways(logind)
    async with watching({"XDG_SESSION_ID": "c9"}) as watched:
        assert known(await watched.closely()) == {}


def move_to(logind: Logind, path: str, **told: Variant) -> None:
    """Let the person be in another session, of which nobody has told yet."""
    user = f"{LOGIN}/user/_{os.getuid()}"
    logind.properties[path, logind.session] = {
        "Active": Variant("b", True),
        "LockedHint": Variant("b", False),
    } | told
    display = Variant("(so)", ["c7", path])
    logind.properties[user, f"{logind.name}.User"] = {"Display": display}
    listed = ["c7", os.getuid(), "somebody", "seat0", path]
    logind.methods[LOGIN, MANAGER, "ListSessions"] = lambda _: ("a(susso)", [[listed]])


@pytest.mark.parametrize("lingers", [False, True])
async def test_a_new_session_takes_the_place_of_the_old(logind: Logind, lingers: bool) -> None:
    """Also where something of the old one goes on, which is in front of nobody any more."""
    async with watching() as watched:
        logind.lock(True)
        await watched.tells(locked=True)
        old = logind.properties[logind.path, logind.session]
        if lingers:
            old |= {"State": Variant("s", "closing"), "Active": Variant("b", False)}
        else:
            del logind.properties[logind.path, logind.session]
        forget_ways(logind)
        logind.emit(LOGIN, MANAGER, "SessionRemoved", "so", [SESSION_NAME, logind.path])
        await watched.tells(locked=None)
        add_way(logind, "as display")
        move_to(logind, f"{LOGIN}/session/_37")
        logind.emit(LOGIN, MANAGER, "SessionNew", "so", ["c7", f"{LOGIN}/session/_37"])
        await watched.tells(**HERE)
        assert watched.changes == 2
        logind.change(logind.path, logind.session, LockedHint=Variant("b", True))
        await watched.settled()
        assert known(await watched.now()) == HERE
        logind.change(f"{LOGIN}/session/_37", logind.session, LockedHint=Variant("b", True))
        await watched.tells(locked=True)
        assert watched.changes == 3


async def test_a_named_session_that_is_left_is_not_asked(logind: Logind) -> None:
    """Whoever logs in again may have the old name in their environment still."""
    old = logind.properties[logind.path, logind.session]
    old |= {"State": Variant("s", "closing"), "Active": Variant("b", False)}
    logind.methods[LOGIN, MANAGER, "GetSession"] = lambda _: ("o", [logind.path])
    move_to(logind, f"{LOGIN}/session/_37")
    async with watching({"XDG_SESSION_ID": SESSION_NAME}) as watched:
        assert known(await watched.now()) == HERE


async def test_a_session_that_nothing_announced_is_found_by_its_first_change(
    one_bus: PrivateBus,
) -> None:
    """As python-dbusmock adds one."""
    async with Logind(one_bus.address) as logind:
        session = logind.properties.pop((logind.path, logind.session))
        async with watching() as watched:
            assert known(await watched.now()) == {}
            logind.properties[logind.path, logind.session] = session
            logind.lock(True)
            await watched.tells(locked=True)


@pytest.mark.parametrize(
    "nobodys",
    [
        {"Class": Variant("s", "manager")},
        {"Class": Variant("s", "background-light")},
        {"Class": Variant("s", "greeter")},
        {"Seat": Variant("(so)", ["", "/"]), "Type": Variant("s", "tty")},
    ],
)
async def test_what_is_no_desk_is_not_theirs_though_it_is_named(
    one_bus: PrivateBus, nobodys: dict[str, Variant]
) -> None:
    """A service manager's own session, or a shell from elsewhere: the one on the screen counts."""
    async with Logind(one_bus.address) as logind:
        manager = (LOGIN, MANAGER, "GetSession")
        there = {"4": OTHER, "auto": OTHER}
        logind.methods[manager] = lambda body: ("o", [there[body[0]]])
        logind.properties[OTHER, logind.session] = (
            dict(logind.properties[logind.path, logind.session]) | nobodys
        )
        logind.properties[logind.path, logind.session]["LockedHint"] = Variant("b", True)
        async with watching({"XDG_SESSION_ID": "4"}) as watched:
            assert known(await watched.now()) == {"locked": True, "inactive": False}
            logind.lock(False)
            await watched.tells(**HERE)


async def test_the_display_may_move_to_another_session(logind: Logind) -> None:
    """While the old one lives on behind it."""
    async with watching() as watched:
        assert known(await watched.now()) == HERE
        session = logind.properties[logind.path, logind.session]
        logind.properties[OTHER, logind.session] = dict(session)
        user = f"{LOGIN}/user/_{os.getuid()}"
        logind.properties[user, f"{Logind.name}.User"]["Display"] = Variant("(so)", ["9", OTHER])
        logind.switch(True)
        await watched.tells(**HERE)
        logind.change(OTHER, logind.session, LockedHint=Variant("b", True))
        await watched.tells(locked=True, inactive=False)
