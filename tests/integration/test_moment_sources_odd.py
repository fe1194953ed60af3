"""Services that hang, or answer what was not asked: nothing is known, and that is all."""

from __future__ import annotations

import asyncio
import gc
import time
from typing import TYPE_CHECKING, Any, Final

import pytest
from dbus_fast import Message, NameFlag, Variant

from reminderd.adapters.desktop import listener
from tests.integration.played_services import Logind, Mutter, Played, ScreenSaver
from tests.integration.watched_desktop import AWAY_AFTER, PLUGINS, known, watching

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from tests.integration.desktops import PrivateBus

pytest_plugins = PLUGINS
pytestmark = pytest.mark.desktop

START_SECONDS: Final = 2.5
LOOK_SECONDS: Final = 2.0
MEET_SECONDS: Final = 3.5
"""Two, one, and once two more are promised; a busy machine takes a little longer."""

NAMES: Final = (
    "ca.desrt.dconf",
    "fr.emersion.Mako",
    "org.cinnamon.ScreenSaver",
    "org.erikreider.swaync.cc",
    "org.freedesktop.Notifications",
    "org.freedesktop.ScreenSaver",
    "org.freedesktop.login1",
    "org.freedesktop.timedate1",
    "org.gnome.Mutter.IdleMonitor",
    "org.gnome.ScreenSaver",
    "org.mate.ScreenSaver",
    "org.xfce.ScreenSaver",
    "org.xfce.Xfconf",
)
AT_GNOME: Final = {"XDG_CURRENT_DESKTOP": "GNOME"}
LOGIN: Final = "/org/freedesktop/login1"


@pytest.fixture(autouse=True)
def calm(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No library complains of an exception that nobody caught, nor of what was left open."""
    yield
    gc.collect()
    assert [record.getMessage() for record in caplog.records] == []


class Everybody(Played):
    """All who are ever asked, in one.

    Attributes:
        answer: Signature and body of the reply to whatever is asked; None for errors.
        callers: Who asked anything.
    """

    def __init__(self, address: str) -> None:
        super().__init__(address, NAMES[0])
        self.answer: tuple[str, list[Any]] | None = None
        self.callers: set[str] = set()

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        assert self._bus is not None
        for name in NAMES[1:]:
            await self._bus.request_name(name, NameFlag.DO_NOT_QUEUE)
        return self

    def emit_to(self, caller: str, *what: Any) -> None:  # noqa: ANN401 -- as `emit`
        """Signal something to one program alone, whether it listens to that or not."""
        message = Message.new_signal(*what)
        message.destination = caller
        assert self._bus is not None
        self._bus.send(message)

    def _answer(self, message: Message) -> Message:
        self.callers.add(message.sender or "")
        if self.answer is None:
            return super()._answer(message)
        signature, body = self.answer
        return Message.new_method_return(message, signature, body)


async def test_who_hangs_holds_up_nobody_for_long(one_bus: PrivateBus) -> None:
    async with Everybody(one_bus.address) as everybody:
        everybody.silent = True
        begun = time.monotonic()
        async with watching() as watched:
            assert time.monotonic() - begun < START_SECONDS
            assert known(await watched.now()) == {}
            for most in (MEET_SECONDS, LOOK_SECONDS, LOOK_SECONDS):  # waited for once
                begun = time.monotonic()
                assert known(await watched.closely()) == {}
                assert time.monotonic() - begun < most
            assert watched.changes == 0


async def test_a_first_answer_that_takes_its_time_is_waited_for(
    one_bus: PrivateBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a storm of logins: what is due then is not brought up on a locked screen."""
    monkeypatch.setattr(listener, "_PATIENCE_SECONDS", 20.0)  # of a test on a busy machine
    async with SlowSaver(one_bus.address) as saver:
        saver.lock(True)
        saver.is_slow = True
        async with watching() as watched:
            assert known(await watched.now()) == {}
            looking = asyncio.create_task(watched.closely())
            await asyncio.sleep(1.2)
            assert not looking.done()
            saver.answer()
            assert (await looking).locked is True


async def test_who_hangs_keeps_nobody_else_from_telling(
    one_bus: PrivateBus, impatient: None
) -> None:
    """Neither at the start nor later."""
    async with Played(one_bus.address, "org.gnome.ScreenSaver") as saver:
        saver.silent = True
        async with Logind(one_bus.address) as logind, watching() as watched:
            assert known(await watched.now()) == {"locked": False, "inactive": False}
            logind.lock(True)
            await watched.tells(locked=True)
            assert (await watched.closely()).locked is True


async def test_who_hangs_has_not_unlocked_the_screen(
    one_bus: PrivateBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it told last stands until it answers again, or is gone."""
    monkeypatch.setattr(listener, "_PATIENCE_SECONDS", 0.3)
    async with watching() as watched:
        async with ScreenSaver(one_bus.address) as saver:
            saver.lock(True)
            await watched.tells(locked=True)
            saver.silent = True
            for _ in range(2):
                assert (await watched.closely()).locked is True
                await asyncio.sleep(0.5)
            assert watched.changes == 1
            saver.silent = False
            saver.lock(False)
            await watched.tells(locked=False)
            saver.lock(True)
            await watched.tells(locked=True)
            saver.silent = True
            assert (await watched.closely()).locked is True
        await watched.tells(locked=None)


class DumbSaver(Played):
    """A screen saver that signals and cannot be asked, as the template of python-dbusmock."""

    name = "org.freedesktop.ScreenSaver"

    def __init__(self, address: str) -> None:
        super().__init__(address, self.name)

    def lock(self, locked: bool) -> None:
        self.emit("/org/freedesktop/ScreenSaver", self.name, "ActiveChanged", "b", [locked])


async def test_who_cannot_be_asked_is_believed_by_its_signals(one_bus: PrivateBus) -> None:
    """As long as it is there."""
    async with watching() as watched:
        async with DumbSaver(one_bus.address) as saver:
            assert known(await watched.closely()) == {}
            for locked in (True, False, True):
                saver.lock(locked)
                await watched.tells(locked=locked)
                assert (await watched.closely()).locked is locked
            assert watched.changes == 3
        await watched.tells(locked=None)
        async with DumbSaver(one_bus.address):
            assert known(await watched.closely()) == {}


async def test_a_monitor_that_cannot_count_is_believed_by_its_watches(
    one_bus: PrivateBus,
) -> None:
    """Away from the one until the other, whether it knows no time or a wrong one."""
    for answer in (None, ("t", [0])):
        async with Mutter(one_bus.address) as mutter:
            if answer is None:
                del mutter.methods[mutter.path, mutter.name, "GetIdletime"]
            else:
                mutter.methods[mutter.path, mutter.name, "GetIdletime"] = lambda _: ("t", [0])
            async with watching() as watched:
                for _ in range(2):
                    mutter.leave(True)
                    await watched.tells(away_seconds=AWAY_AFTER)
                    assert (await watched.closely()).away_seconds == AWAY_AFTER
                    mutter.leave(False)
                    await watched.tells(away_seconds=None if answer is None else 0)
                assert watched.changes == 4


class SlowMutter(Mutter):
    """An idle monitor that answers nothing about watches for a while."""

    is_slow = True

    def _handle(self, message: Message) -> Message | bool:
        if self.is_slow and message.member == "AddIdleWatch":
            return True
        return super()._handle(message)


async def test_a_watch_that_came_too_late_is_asked_for_again(
    one_bus: PrivateBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a storm of logins; else nobody would tell who leaves."""
    monkeypatch.setattr(listener, "_PATIENCE_SECONDS", 0.3)
    async with SlowMutter(one_bus.address) as mutter, watching() as watched:
        await watched.closely()
        assert mutter.watches == {}
        mutter.is_slow = False
        monkeypatch.setattr(listener, "_PATIENCE_SECONDS", 20.0)
        await watched.closely()
        mutter.leave(True)
        await watched.tells(away_seconds=AWAY_AFTER)


async def test_a_watch_that_was_refused_is_asked_for_again(one_bus: PrivateBus) -> None:
    async with Mutter(one_bus.address) as mutter:
        add = mutter.methods.pop((mutter.path, mutter.name, "AddIdleWatch"))
        async with watching() as watched:
            assert mutter.watches == {}
            mutter.methods[mutter.path, mutter.name, "AddIdleWatch"] = add
            await watched.closely()
            mutter.leave(True)
            await watched.tells(away_seconds=AWAY_AFTER)


class SlowSaver(ScreenSaver):
    """A screen saver that may take its time to say what was so when it was asked."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.is_slow = False
        self.was_asked = asyncio.Event()
        self._replies: list[Message] = []

    def _handle(self, message: Message) -> Message | bool:
        reply = super()._handle(message)
        if not self.is_slow or not isinstance(reply, Message):
            return reply
        self._replies.append(reply)
        self.was_asked.set()
        return True

    def answer(self) -> None:
        """Say it now."""
        self.is_slow = False
        assert self._bus is not None
        for reply in self._replies:
            self._bus.send(reply)


async def test_what_changes_while_it_is_asked_is_not_missed(one_bus: PrivateBus) -> None:
    """The answer is of before; it is neither the last word nor told on."""
    async with SlowSaver(one_bus.address) as saver, watching() as watched:
        saver.lock(True)
        await watched.tells(locked=True)
        saver.is_slow = True
        saver.lock(True)
        await asyncio.wait_for(saver.was_asked.wait(), LOOK_SECONDS)
        for locked in (False, True, False):
            saver.lock(locked)
        saver.answer()
        await watched.tells(locked=False)
        assert (await watched.closely()).locked is False
        assert watched.changes == 2


LIES: Final[dict[str, tuple[str, list[Any]]]] = {
    "nothing": ("", []),
    "a word": ("s", ["true"]),
    "a number": ("i", [1]),
    "bytes": ("ay", [b""]),
    "a word in a box": ("v", [Variant("s", "true")]),
    "a box in a box": ("v", [Variant("v", Variant("b", True))]),
    "numbers for modes": ("v", [Variant("ai", [])]),
    "a pair": ("v", [Variant("(so)", ["", "/"])]),
    "an object": ("o", ["/"]),
    "no sessions": ("a(susso)", [[]]),
    "no properties": ("a{sv}", [{}]),
    "odd properties": (
        "a{sv}",
        [
            {
                "Active": Variant("s", "yes"),
                "LockedHint": Variant("i", 1),
                "IdleHint": Variant("s", "true"),
                "IdleSinceHint": Variant("s", "now"),
                "State": Variant("ai", []),
                "Type": Variant("s", "x11"),
            }
        ],
    ),
    "an odd type": ("a{sv}", [{"Type": Variant("ai", [])}]),
    "no name": ("ssss", ["", "", "", ""]),
    "too little": ("ss", ["", ""]),
}


@pytest.mark.parametrize("lie", LIES)
async def test_who_answers_what_was_not_asked_tells_nothing(one_bus: PrivateBus, lie: str) -> None:
    async with Everybody(one_bus.address) as everybody:
        everybody.answer = LIES[lie]
        async with watching() as watched:
            told = {**known(await watched.now()), **known(await watched.closely())}
            assert {name: value for name, value in told.items() if value} == {}
            assert watched.changes == 0


SIGNALS: Final = (
    ("/org/freedesktop/Notifications", "org.freedesktop.DBus.Properties", "PropertiesChanged"),
    ("/fr/emersion/Mako", "org.freedesktop.DBus.Properties", "PropertiesChanged"),
    ("/org/xfce/Xfconf", "org.xfce.Xfconf", "PropertyChanged"),
    ("/org/erikreider/swaync/cc", "org.erikreider.swaync.cc", "Subscribe"),
    ("/ca/desrt/dconf/Writer/user", "ca.desrt.dconf.Writer", "Notify"),
    ("/org/gnome/ScreenSaver", "org.gnome.ScreenSaver", "ActiveChanged"),
    ("/org/gnome/Mutter/IdleMonitor/Core", "org.gnome.Mutter.IdleMonitor", "WatchFired"),
    (f"{LOGIN}/session/auto", "org.freedesktop.DBus.Properties", "PropertiesChanged"),
    (LOGIN, "org.freedesktop.login1.Manager", "SessionNew"),
    (LOGIN, "org.freedesktop.login1.Manager", "SessionRemoved"),
    (LOGIN, "org.freedesktop.login1.Manager", "PrepareForSleep"),
    ("/org/freedesktop/timedate1", "org.freedesktop.DBus.Properties", "PropertiesChanged"),
    ("/org/freedesktop/DBus", "org.freedesktop.DBus", "NameOwnerChanged"),
)


@pytest.mark.parametrize(
    ("signature", "body"),
    [("", []), ("s", [""]), ("u", [0]), ("as", [[]]), ("sass", ["/", [], ""])],
)
async def test_signals_that_say_something_else_are_taken_calmly(
    one_bus: PrivateBus, signature: str, body: list[Any]
) -> None:
    async with Everybody(one_bus.address) as everybody, watching(AT_GNOME) as watched:
        for signal in SIGNALS:
            everybody.emit(*signal, signature, body)
            for caller in everybody.callers:
                everybody.emit_to(caller, *signal, signature, body)
        told = known(await watched.closely())
        assert {name: value for name, value in told.items() if value} == {}


async def test_nobody_is_started_by_being_asked(one_bus: PrivateBus) -> None:
    note = one_bus.folder / "started"
    for name in NAMES:
        (one_bus.folder / "services" / f"{name}.service").write_text(
            f"[D-BUS Service]\nName={name}\nExec=/bin/sh -c 'echo {name} >>{note}; exit 1'\n",
            "utf-8",
        )
    one_bus.ask("ReloadConfig")
    async with watching(AT_GNOME) as watched:
        for _ in range(2):
            await watched.closely()
        assert not await asyncio.to_thread(note.exists)
    name = NAMES[-1]  # which could well be started
    await asyncio.to_thread(one_bus.ask, "StartServiceByName", f"string:{name}", "uint32:0")
    assert await asyncio.to_thread(note.read_text, "utf-8") == f"{name}\n"
