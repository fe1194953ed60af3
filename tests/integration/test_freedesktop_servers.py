"""Servers and buses that fail, come and go."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from reminderd.core.notice import Posted, Press, Refused, Silent
from tests.integration.fake_server import FakeServer
from tests.integration.freedesktop import NOTICE, OTHER, new_notifier, notifying

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from reminderd.adapters.notifiers.freedesktop import FreedesktopNotifier
    from tests.integration.desktops import Heard, PrivateBus

pytest_plugins = ["tests.integration.desktops", "tests.integration.freedesktop"]
pytestmark = pytest.mark.desktop

SHORT = 0.2
"""Seconds of patience where a test waits for it to run out."""


class TestServersThatFail:
    async def test_an_error_is_a_refusal(
        self, notifier: FreedesktopNotifier, server: FakeServer
    ) -> None:
        """It is certainly not up; the error's text, which repeats ours, goes nowhere."""
        server.refuse = "org.freedesktop.Notifications.Error.ExcessNotificationGeneration"
        delivered = await notifier.show(NOTICE)

        assert isinstance(delivered, Refused)
        assert "Excess" in delivered.why
        assert NOTICE.title not in delivered.why

    async def test_no_reply_is_silence(self, server: FakeServer, heard: Heard) -> None:
        """Nobody knows whether it is up."""
        server.silent = {"Notify"}
        async with notifying(heard, SHORT) as notifier:
            assert isinstance(await notifier.show(NOTICE), Silent)

    async def test_a_late_reply_can_still_be_answered(
        self, server: FakeServer, heard: Heard
    ) -> None:
        """What came up after we gave up waiting has buttons that work."""
        server.silent = {"Notify"}
        async with notifying(heard, SHORT) as notifier:
            await notifier.show(NOTICE)
            server.answer_late()
            server.press(1, "done")
            await heard.until(lambda: bool(heard.presses))

        assert heard.presses == [Press("d1", "done")]

    async def test_two_late_replies_leave_one(self, server: FakeServer, heard: Heard) -> None:
        """An older one that comes up late beside a newer is taken down."""
        server.silent = {"Notify"}
        async with notifying(heard, SHORT) as notifier:
            await notifier.show(NOTICE)
            await notifier.show(OTHER)
            server.answer_late()
            await server.until(lambda: server.closed == [1])
            assert list(server.standing) == [2]

    async def test_closed_before_its_id_is_known(self, server: FakeServer, heard: Heard) -> None:
        """An answer from elsewhere while the server is slow takes it down as soon as it can."""
        server.silent = {"Notify"}
        async with notifying(heard) as notifier:
            showing = asyncio.create_task(notifier.show(NOTICE))
            await server.until(lambda: "Notify" in server.asked)
            await notifier.close("d1")
            server.answer_late()
            await showing
            await server.until(lambda: server.closed == [1])

    async def test_the_last_failure_is_the_trouble(self, server: FakeServer, heard: Heard) -> None:
        """Until one comes up, though late, or the server is another."""
        async with notifying(heard, SHORT) as notifier:
            assert notifier.trouble == ""
            server.silent = {"Notify"}
            await notifier.show(NOTICE)
            assert "did not reply" in notifier.trouble
            server.answer_late()
            await server.settled()
            assert notifier.trouble == ""
            server.silent.clear()
            server.refuse = "org.example.Full"
            await notifier.show(NOTICE)
            assert notifier.trouble == "the notification server replied org.example.Full"
            before = heard.changes
            await server.come_back()
            await heard.until(lambda: heard.changes >= before + 2)
            assert notifier.trouble == ""

    async def test_leaving_with_our_call_is_silence(self, server: FakeServer, heard: Heard) -> None:
        """A server that dies over it may have shown it: that is no refusal."""
        server.silent = {"Notify"}
        async with notifying(heard) as notifier:
            showing = asyncio.create_task(notifier.show(NOTICE))
            await server.until(lambda: "Notify" in server.asked)
            await server.vanish()
            assert isinstance(await showing, Silent)

    async def test_a_server_that_hangs_is_a_refusal(self, server: FakeServer, heard: Heard) -> None:
        """It does not even say what it can do, so nothing was sent that could be up."""
        async with notifying(heard, SHORT) as notifier:
            await server.come_back()
            server.silent = {"GetServerInformation", "GetCapabilities"}
            assert isinstance(await notifier.show(NOTICE), Refused)
        assert "Notify" not in server.asked

    async def test_a_server_that_says_nothing_of_itself(
        self, server: FakeServer, heard: Heard, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Errors about who it is and what it can do: it gets plain text, and no buttons."""
        monkeypatch.setattr(server, "capabilities", (1,))  # cannot be sent: an internal error
        async with notifying(heard) as notifier:
            assert isinstance(await notifier.show(NOTICE), Posted)
        assert server.shown[0].actions == ()


class TestServersThatComeAndGo:
    async def test_no_server(self, private_bus: PrivateBus, heard: Heard) -> None:
        """Not ready, and a try is refused."""
        async with notifying(heard) as notifier:
            assert not notifier.ready()
            assert notifier.trouble == "no notification server is running"
            assert isinstance(await notifier.show(NOTICE), Refused)

    async def test_one_that_starts_after_us(self, private_bus: PrivateBus, heard: Heard) -> None:
        """We are told, ready, and know its name, without asking again and again."""
        async with notifying(heard) as notifier, FakeServer(private_bus.address) as server:
            await heard.until(lambda: notifier.ready() and notifier.server != "")
            assert notifier.server == "fake 1.0"
            assert isinstance(await notifier.show(NOTICE), Posted)
            assert server.asked["GetCapabilities"] == 1

    async def test_one_that_leaves(
        self, notifier: FreedesktopNotifier, server: FakeServer, heard: Heard
    ) -> None:
        """Not ready any more, and its notification is nobody's."""
        await notifier.show(NOTICE)
        await server.vanish()
        await heard.until(lambda: not notifier.ready())
        await notifier.close("d1")

        assert notifier.server == ""
        assert isinstance(await notifier.show(NOTICE), Refused)
        assert heard.closed == []

    async def test_one_that_comes_back_with_low_ids(
        self, notifier: FreedesktopNotifier, server: FakeServer, heard: Heard
    ) -> None:
        """Ids of before mean nothing: nothing is replaced, closed or believed by them."""
        await notifier.show(NOTICE)
        ours = server.shown[0].sender
        await server.come_back()
        await heard.until(lambda: heard.changes >= 2)
        server.press(1, "done", to=ours)
        await server.settled()
        await notifier.show(NOTICE)
        assert server.shown[-1].replaces == 0

        await server.come_back()
        await heard.until(lambda: heard.changes >= 4)
        await notifier.close("d1")
        await notifier.show(OTHER)
        assert server.closed == []
        server.press(1, "hard")
        await heard.until(lambda: bool(heard.presses))

        assert heard.presses == [Press("d2", "hard")]

    async def test_one_that_is_replaced(
        self,
        private_bus: PrivateBus,
        notifier: FreedesktopNotifier,
        server: FakeServer,
        heard: Heard,
    ) -> None:
        """Another server takes the name: its own abilities count, the old one is not believed.

        What stands on the old one, which may live on, is taken down: it is deaf to a press.
        """
        await notifier.show(NOTICE)
        ours = server.shown[0].sender
        async with FakeServer(private_bus.address, capabilities=("body",)) as new:
            await heard.until(lambda: bool(notifier.limits))
            server.press(1, "done", to=ours)
            await server.settled()
            assert not notifier.stands("d1")
            assert await notifier.show(OTHER) == Posted(new.place, 1)

        assert heard.presses == []
        assert server.closed == [1]

    async def test_one_that_drops_its_name_and_takes_it_again(
        self, notifier: FreedesktopNotifier, server: FakeServer, heard: Heard
    ) -> None:
        """What stood was given up meanwhile, so it does not stand."""
        await notifier.show(NOTICE)
        await server.drop_name()
        await server.until(lambda: server.closed == [1])
        await server.own_name()
        await heard.until(lambda: heard.appeared > 0)
        assert not notifier.stands("d1")

    async def test_one_that_refuses_the_next(
        self, notifier: FreedesktopNotifier, server: FakeServer
    ) -> None:
        """The one before has been closed for it, so that does not stand any more."""
        await notifier.show(NOTICE)
        server.refuse = "org.example.Full"
        await notifier.show(OTHER)
        assert not notifier.stands("d1")

    async def test_one_that_the_bus_starts(
        self, private_bus: PrivateBus, heard: Heard, tmp_path: Path
    ) -> None:
        """It is ready without being started; one that cannot start refuses, once per try."""
        tries = tmp_path / "tries"
        program = tmp_path / "server"
        program.write_text(f"#!/bin/sh\necho tried >> {tries}\nexit 1\n", "utf-8")
        program.chmod(0o700)
        private_bus.offer_server(str(program))
        async with notifying(heard) as notifier:
            assert notifier.ready()
            assert not tries.exists()
            delivered = await notifier.show(NOTICE)

        assert isinstance(delivered, Refused)
        assert "org.freedesktop.DBus.Error.Spawn" in delivered.why
        assert tries.read_text("utf-8").count("tried") == 1


class TestTheBus:
    async def test_its_end_is_told_once(
        self,
        private_bus: PrivateBus,
        notifier: FreedesktopNotifier,
        heard: Heard,
    ) -> None:
        """Whatever is asked of it afterwards, it is told once and nothing raises."""
        await notifier.show(NOTICE)
        private_bus.kill()
        await heard.until(lambda: bool(heard.lost))
        assert isinstance(await notifier.show(NOTICE), Refused)
        await notifier.close("d1")

        assert heard.lost == ["the session bus went away"]
        assert not notifier.ready()

    async def test_its_end_while_a_reply_is_awaited(
        self, private_bus: PrivateBus, server: FakeServer, heard: Heard
    ) -> None:
        """That is silence: it may be up."""
        server.silent = {"Notify"}
        async with notifying(heard) as notifier:
            showing = asyncio.create_task(notifier.show(NOTICE))
            await server.until(lambda: "Notify" in server.asked)
            private_bus.kill()
            assert isinstance(await showing, Silent)

    @pytest.mark.parametrize(
        ("address", "may_come"),
        [("unix:path=/nowhere/bus", True), ("disabled:", False), ("nonsense", False)],
    )
    async def test_one_that_cannot_be_reached(
        self, heard: Heard, monkeypatch: pytest.MonkeyPatch, address: str, may_come: bool
    ) -> None:
        """Not served, with the reason; that is no loss, as there never was one."""
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        async with notifying(heard) as notifier:
            assert notifier.ready() == may_come  # whether it is worth a try
            assert not notifier.served
            assert notifier.trouble.startswith("the session bus cannot be reached")
            assert isinstance(await notifier.show(NOTICE), Refused)
        assert heard.lost == []

    @pytest.mark.parametrize("named", [True, False])
    async def test_one_that_comes_after_us(
        self,
        private_bus: PrivateBus,
        heard: Heard,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
        named: bool,
    ) -> None:
        """The next try finds it, and from then on its end is a loss as any other."""
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/bus" if named else "")
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
        async with notifying(heard) as notifier:
            assert notifier.ready() == named
            assert isinstance(await notifier.show(NOTICE), Refused)
            (tmp_path / "bus").symlink_to(private_bus.address.split("=")[1].split(",")[0])
            assert notifier.ready()
            async with FakeServer(private_bus.address) as server:
                assert await notifier.show(NOTICE) == Posted(server.place, 1)
                assert (notifier.server, notifier.trouble) == ("fake 1.0", "")
                server.press(1, "done")
                await heard.until(lambda: bool(heard.presses))
            private_bus.kill()
            await heard.until(lambda: bool(heard.lost))
            assert not notifier.ready()

    @pytest.fixture
    async def hanging(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> AsyncIterator[asyncio.Event]:
        """A bus that takes connections and says nothing; the event tells of each."""
        met, end = asyncio.Event(), asyncio.Event()

        async def meet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            met.set()
            await end.wait()
            writer.close()

        async with await asyncio.start_unix_server(meet, tmp_path / "bus"):
            monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/bus")
            yield met
            end.set()

    async def test_one_that_hangs(self, hanging: asyncio.Event, heard: Heard) -> None:
        """A try ends in time, however often, and a start can be broken off at once."""
        notifier = new_notifier(heard, SHORT)
        starting = asyncio.create_task(notifier.start())
        await hanging.wait()
        begun = asyncio.get_running_loop().time()
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
        for _ in range(2):
            hanging.clear()
            assert isinstance(await notifier.show(NOTICE), Refused)
            assert hanging.is_set()
            assert not notifier.connected
        await notifier.stop()
        assert asyncio.get_running_loop().time() - begun < 1
        assert heard.lost == []

    async def test_a_start_broken_off_while_it_looks_around(
        self, server: FakeServer, heard: Heard
    ) -> None:
        """The next try begins anew, and only one connection is left."""
        server.silent = {"GetCapabilities"}
        notifier = new_notifier(heard)
        starting = asyncio.create_task(notifier.start())
        await server.until(lambda: "GetCapabilities" in server.asked)
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
        assert not notifier.connected
        server.silent.clear()
        assert isinstance(await notifier.show(NOTICE), Posted)
        await notifier.stop()
        assert heard.lost == []

    async def test_nothing_is_tried_once_it_is_over(self, server: FakeServer, heard: Heard) -> None:
        """After stop there is no way back onto the bus."""
        async with notifying(heard) as notifier:
            pass
        assert not notifier.ready()
        assert isinstance(await notifier.show(NOTICE), Refused)
        assert "Notify" not in server.asked

    async def test_leaving_with_a_call_in_flight(self, server: FakeServer, heard: Heard) -> None:
        """What comes up while we leave is taken down, as its buttons would lead nowhere."""
        server.silent = {"Notify"}
        async with notifying(heard) as notifier:
            showing = asyncio.create_task(notifier.show(NOTICE))
            await server.until(lambda: "Notify" in server.asked)
            asyncio.get_running_loop().call_later(0.05, server.answer_late)
        await showing
        await server.until(lambda: server.closed == [1])

    async def test_leaving_a_server_that_hangs(self, server: FakeServer, heard: Heard) -> None:
        """It is not waited for long."""
        server.silent = {"Notify"}
        async with notifying(heard, SHORT) as notifier:
            await notifier.show(NOTICE)
            begun = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - begun < 0.5

    async def test_leaving_is_quiet(self, server: FakeServer, heard: Heard) -> None:
        """Stopping takes down what stands, whose buttons would lead nowhere, and is no loss."""
        async with notifying(heard) as notifier:
            await notifier.show(NOTICE)
        await server.until(lambda: server.closed == [1])

        assert heard.lost == []
        assert heard.closed == []
