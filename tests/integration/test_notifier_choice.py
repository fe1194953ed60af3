"""Which notifier a practice goes to."""

from __future__ import annotations

import os
import pty
import select
import socket
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from io import StringIO
from typing import TYPE_CHECKING, TextIO

import pytest

from reminderd.adapters.notifiers.choose import Chooser
from reminderd.core.notice import Button, Notice, Posted, Press, Refused
from reminderd.errors import NotifierError
from tests.integration.fake_server import FakeServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from reminderd.adapters.notifiers.choose import Setting
    from tests.integration.desktops import Heard, PrivateBus

pytest_plugins = ["tests.integration.desktops"]

NOTICE = Notice("d1", "A title", "A body.", "", (Button("done", "Done"),))
OTHER = replace(NOTICE, delivery="d2")
ON_DESKTOP = "Practices come on your desktop from now on."


@asynccontextmanager
async def choosing(
    heard: Heard,
    setting: Setting = "auto",
    *,
    out: TextIO | None = None,
    under_systemd: bool = False,
    platform: str = "linux",
) -> AsyncIterator[Chooser]:
    chooser = Chooser(
        setting,
        on_press=heard.on_press,
        on_closed=heard.on_closed,
        on_change=heard.on_change,
        on_lost=heard.on_lost,
        under_systemd=under_systemd,
        platform=platform,
        out=out or StringIO(),
        fd=out.fileno() if out and out.isatty() else -1,
    )
    await chooser.start()
    try:
        yield chooser
    finally:
        await chooser.stop()


@dataclass
class Front:
    """A terminal in whose foreground this process believes to be."""

    out: TextIO
    keyboard: int

    def type(self, line: str) -> None:
        os.write(self.keyboard, f"{line}\n".encode())

    def said(self) -> str:
        """Return what the person reads there, from the last time on."""
        read = b""
        while select.select([self.keyboard], [], [], 0.05)[0]:
            read += os.read(self.keyboard, 1024)
        return read.decode()


@pytest.fixture
def in_front(monkeypatch: pytest.MonkeyPatch) -> Iterator[Front]:
    keyboard, terminal = pty.openpty()
    monkeypatch.setattr(os, "tcgetpgrp", lambda _: os.getpgrp())
    with os.fdopen(terminal, "w") as out:
        yield Front(out, keyboard)
    os.close(keyboard)


@pytest.mark.desktop
class TestAutoWithABus:
    async def test_a_server_is_there(self, private_bus: PrivateBus, heard: Heard) -> None:
        """The desktop it is, and everything goes through."""
        async with FakeServer(private_bus.address) as server, choosing(heard) as chooser:
            assert (chooser.name, chooser.server, chooser.ready()) == (
                "freedesktop",
                "fake 1.0",
                True,
            )
            assert chooser.why == "the desktop shows notifications"
            assert chooser.limits == ()
            assert await chooser.show(NOTICE) == Posted(server.place, 1)
            server.press(1, "done")
            await heard.until(lambda: heard.presses == [Press("d1", "done")])
            await chooser.show(OTHER)
            await chooser.close("d2")
            await server.until(lambda: server.closed == [1, 2])

    async def test_one_can_be_started(self, private_bus: PrivateBus, heard: Heard) -> None:
        """A server that the bus starts on demand is a server."""
        private_bus.offer_server("/bin/false")
        async with choosing(heard) as chooser:
            assert (chooser.name, chooser.server, chooser.ready()) == ("freedesktop", "", True)

    async def test_none_but_a_terminal(
        self, private_bus: PrivateBus, heard: Heard, in_front: Front
    ) -> None:
        """Practices come in the terminal until a server appears, and then on the desktop."""
        async with choosing(heard, out=in_front.out) as chooser:
            assert (chooser.name, chooser.ready()) == ("terminal", True)
            assert chooser.why == ("no notification server is running")
            assert await chooser.show(NOTICE) == Posted("terminal", 0)
            async with FakeServer(private_bus.address) as server:
                await heard.until(lambda: chooser.name == "freedesktop" and heard.changes > 0)
                in_front.said()
                assert await chooser.show(OTHER) == Posted(server.place, 1)
                assert in_front.said() == f"  {ON_DESKTOP}\r\n"
                in_front.type("d")  # the one in the terminal has been taken back
                await server.settled()
                assert in_front.said() == "d\r\n"
                server.press(1, "done")
                await heard.until(lambda: heard.presses == [Press("d2", "done")])
            await heard.until(lambda: chooser.name == "terminal")
            in_front.said()
            assert await chooser.show(NOTICE) == Posted("terminal", 0)
            in_front.type("h")
            await heard.until(lambda: heard.presses[1:] == [Press("d1", "hard")])

    async def test_a_server_before_the_first_practice(
        self, private_bus: PrivateBus, heard: Heard, in_front: Front
    ) -> None:
        """The terminal says once where practices come from now on, and not that none is open."""
        async with (
            choosing(heard, out=in_front.out) as chooser,
            FakeServer(private_bus.address) as server,
        ):
            await heard.until(lambda: chooser.name == "freedesktop" and heard.changes > 0)
            assert await chooser.show(NOTICE) == Posted(server.place, 1)
            assert await chooser.show(OTHER) == Posted(server.place, 2)
            in_front.type("d")
            await server.settled()
            assert in_front.said() == f"  {ON_DESKTOP}\r\nd\r\n"
            assert heard.presses == []

    @pytest.mark.parametrize("under_systemd", [False, True])
    async def test_none_and_nobody_looks(
        self, private_bus: PrivateBus, heard: Heard, under_systemd: bool
    ) -> None:
        """In a pipe or as a service it waits for a server."""
        async with choosing(heard, under_systemd=under_systemd) as chooser:
            assert (chooser.name, chooser.ready()) == ("freedesktop", False)
            assert chooser.why == (
                "no notification server is running; practices wait until one is there"
            )
            assert isinstance(await chooser.show(NOTICE), Refused)
            async with FakeServer(private_bus.address):
                await heard.until(lambda: chooser.ready() and heard.changes > 0)

    async def test_one_that_only_the_runtime_folder_names(
        self,
        private_bus: PrivateBus,
        heard: Heard,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
    ) -> None:
        """A socket named `bus` there is the session bus; any other file is none."""
        monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
        (tmp_path / "bus").touch()
        async with choosing(heard) as chooser:
            assert chooser.name == "terminal"
        (tmp_path / "bus").unlink()
        (tmp_path / "bus").symlink_to(private_bus.address.split("=")[1].split(",")[0])
        async with FakeServer(private_bus.address), choosing(heard) as chooser:
            assert (chooser.name, chooser.ready()) == ("freedesktop", True)

    async def test_one_that_comes_after_the_service(
        self,
        private_bus: PrivateBus,
        heard: Heard,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
    ) -> None:
        """A service tries for it with every practice."""
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/bus")
        async with choosing(heard, under_systemd=True) as chooser:
            assert chooser.ready()
            assert chooser.why == (
                "the session bus cannot be reached (FileNotFoundError),"
                " and a service has no terminal; practices wait"
            )
            assert isinstance(await chooser.show(NOTICE), Refused)
            (tmp_path / "bus").symlink_to(private_bus.address.split("=")[1].split(",")[0])
            async with FakeServer(private_bus.address) as server:
                assert await chooser.show(NOTICE) == Posted(server.place, 1)
                assert chooser.why == "the desktop shows notifications"

    async def test_a_server_that_refused_the_last_one(
        self, private_bus: PrivateBus, heard: Heard
    ) -> None:
        """That is said, until it takes one."""
        async with FakeServer(private_bus.address) as server, choosing(heard) as chooser:
            server.refuse = "org.example.Full"
            await chooser.show(NOTICE)
            assert chooser.ready()
            assert chooser.why == (
                "the desktop has a notification server,"
                " but the last time: the notification server replied org.example.Full"
            )
            server.refuse = ""
            await chooser.show(NOTICE)
            assert chooser.why == "the desktop shows notifications"

    async def test_the_bus_goes(self, private_bus: PrivateBus, heard: Heard) -> None:
        """That is told once."""
        async with FakeServer(private_bus.address), choosing(heard):
            private_bus.kill()
            await heard.until(lambda: len(heard.lost) == 1)


class TestAutoWithoutABus:
    async def test_in_a_terminal_or_a_pipe(self, heard: Heard) -> None:
        """There is no other way to bring it."""
        out = StringIO()
        async with choosing(heard, out=out) as chooser:
            assert (chooser.name, chooser.ready()) == ("terminal", True)
            assert chooser.why == "there is no session bus"
            assert await chooser.show(NOTICE) == Posted("terminal", 0)
        assert "A body." in out.getvalue()

    async def test_a_bus_that_cannot_be_reached(
        self, heard: Heard, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """In front the terminal does."""
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")
        async with choosing(heard) as chooser:
            assert (chooser.name, chooser.ready()) == ("terminal", True)
            assert chooser.why.startswith("the session bus cannot be reached")

    @pytest.mark.parametrize("address", ["tcp:host=127.0.0.1,port={port}", "{bus};tcp:host=::1"])
    async def test_a_bus_on_a_network_is_not_followed(
        self,
        address: str,
        heard: Heard,
        private_bus: PrivateBus,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Nor does anybody connect to it; it counts as none, and why is said."""
        with socket.create_server(("127.0.0.1", 0)) as there:
            port = there.getsockname()[1]
            told = address.format(port=port, bus=private_bus.address)
            monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", told)
            async with choosing(heard) as chooser:
                assert (chooser.name, chooser.ready()) == ("terminal", True)
                assert chooser.why == (
                    "DBUS_SESSION_BUS_ADDRESS leads away from this machine,"
                    " and reminderd uses no network"
                )
            there.settimeout(0)
            with pytest.raises(BlockingIOError):
                there.accept()

    async def test_a_bus_behind_a_program_is_not_followed(
        self, heard: Heard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nor is the program run."""
        address = f"unixexec:path=/usr/bin/touch,argv1={tmp_path}/run"
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        async with choosing(heard) as chooser:
            assert (chooser.name, chooser.ready()) == ("terminal", True)
        assert not (tmp_path / "run").exists()

    async def test_and_nowhere_to_write(self, heard: Heard, tmp_path: Path) -> None:
        """With standard output closed too, practices wait for a desktop."""
        out = (tmp_path / "out").open("w")
        async with choosing(heard, out=out) as chooser:
            out.close()
            assert isinstance(await chooser.show(NOTICE), Refused)
            assert (chooser.name, chooser.ready()) == ("freedesktop", False)
            assert chooser.why == (
                "there is no session bus, and standard output cannot be written to; practices wait"
            )

    async def test_as_a_service(self, heard: Heard, in_front: Front) -> None:
        """Never into the journal: it waits, and says why."""
        async with choosing(heard, out=in_front.out, under_systemd=True) as chooser:
            assert (chooser.name, chooser.ready()) == ("freedesktop", False)
            assert chooser.why == (
                "there is no session bus, and a service has no terminal; practices wait"
            )
            assert await chooser.show(NOTICE) == Refused("there is no session bus")


class TestOtherSystems:
    async def test_plyer_where_it_works(self, heard: Heard) -> None:
        """Windows has what plyer needs."""
        async with choosing(heard, platform="win32") as chooser:
            assert (chooser.name, chooser.ready()) == ("plyer", True)
            assert chooser.why == "this is how this system shows notifications"

    async def test_else_the_terminal(self, heard: Heard) -> None:
        """On macOS without pyobjus there is nothing else."""
        async with choosing(heard, platform="darwin") as chooser:
            assert chooser.name == "terminal"
            assert chooser.why == "pyobjus is not installed"


class TestSettings:
    async def test_a_system_without_dbus_fast(
        self, heard: Heard, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Asking for the impossible is told with what to do."""
        monkeypatch.setitem(sys.modules, "reminderd.adapters.notifiers.freedesktop", None)
        with pytest.raises(NotifierError, match="auto"):
            async with choosing(heard, "freedesktop", platform="win32"):
                pass

    async def test_a_service_has_no_terminal(self, heard: Heard, in_front: Front) -> None:
        """Whatever the settings say, nothing of a practice goes into the journal."""
        async with choosing(heard, "terminal", out=in_front.out, under_systemd=True) as chooser:
            assert (chooser.name, chooser.ready()) == ("freedesktop", False)
            assert chooser.why == (
                "the settings say `terminal`, but a service has no terminal;"
                " there is no session bus; practices wait"
            )
            assert await chooser.show(NOTICE) == Refused("there is no session bus")

    @pytest.mark.desktop
    async def test_a_service_has_a_desktop_instead(
        self, private_bus: PrivateBus, heard: Heard
    ) -> None:
        """The desktop it is, and `why` says both."""
        async with (
            FakeServer(private_bus.address) as server,
            choosing(heard, "terminal", under_systemd=True) as chooser,
        ):
            assert await chooser.show(NOTICE) == Posted(server.place, 1)
            assert chooser.why == (
                "the settings say `terminal`, but a service has no terminal;"
                " the desktop shows notifications"
            )

    @pytest.mark.parametrize("setting", ["freedesktop", "plyer", "terminal"])
    async def test_they_are_taken_as_they_are(self, heard: Heard, setting: Setting) -> None:
        """Whatever is there, and `why` says what is in the way."""
        async with choosing(heard, setting) as chooser:
            assert chooser.name == setting
            assert chooser.ready() == (setting == "terminal")
            lack = "" if setting == "terminal" else ", but there is no session bus"
            assert chooser.why == f"the settings say so{lack}"
