"""The real dunst on a real screen."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from reminderd.core.notice import (
    IN_FULL,
    NEUTRAL_BODY,
    SHOW,
    Button,
    Posted,
    Press,
    Refused,
    cover,
    in_full,
)
from tests.integration.desktops import Dunst
from tests.integration.freedesktop import NOTICE, OTHER, notifying

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from reminderd.adapters.notifiers.freedesktop import FreedesktopNotifier
    from tests.integration.desktops import Heard, PrivateBus, Screen

pytest_plugins = ["tests.integration.desktops", "tests.integration.freedesktop"]
pytestmark = pytest.mark.desktop


class TestDunst:
    @pytest.fixture
    async def notifier(self, dunst: Dunst, heard: Heard) -> AsyncIterator[FreedesktopNotifier]:
        async with notifying(heard) as notifier:
            yield notifier

    async def test_it_is_known_by_name(self, notifier: FreedesktopNotifier) -> None:
        """Name and version for `status`, and that its buttons are not to be seen."""
        assert notifier.server.startswith("dunst 1.")
        assert [limit.partition(":")[0] for limit in notifier.limits] == ["dunst draws no buttons"]

    async def test_its_text_says_how_to_answer(
        self, notifier: FreedesktopNotifier, dunst: Dunst
    ) -> None:
        """dunst shows that there are actions, and needs another program to choose one."""
        await notifier.show(NOTICE)
        await dunst.dismiss()
        assert "Answer: reminderd respond done (or hard, later)" in (await dunst.past())[0]["body"]
        await notifier.show(cover(OTHER))
        await dunst.dismiss()
        assert (await dunst.past())[0]["body"] == NEUTRAL_BODY

    @pytest.mark.parametrize("button", NOTICE.buttons, ids=lambda button: button.key)
    async def test_each_button(
        self, notifier: FreedesktopNotifier, dunst: Dunst, heard: Heard, button: Button
    ) -> None:
        """A real press answers, and the notification goes."""
        await notifier.show(NOTICE)
        await dunst.press(button.label)
        await heard.until(lambda: bool(heard.presses))

        assert heard.presses == [Press("d1", button.key)]
        assert (await dunst.past())[0]["summary"] == NOTICE.title
        assert heard.closed == []

    async def test_show_and_then_an_answer(
        self, notifier: FreedesktopNotifier, dunst: Dunst, heard: Heard
    ) -> None:
        """The covered one is uncovered in place, and then answered."""
        await notifier.show(cover(NOTICE))
        await dunst.press("Show")
        await heard.until(lambda: bool(heard.presses))
        await notifier.show(NOTICE)
        assert await dunst.displayed() == 1
        await dunst.press("Hard today")
        await heard.until(lambda: len(heard.presses) > 1)

        assert heard.presses == [Press("d1", SHOW), Press("d1", "hard")]
        await notifier.show(replace(NOTICE, delivery="d2"))  # in place of the line that follows
        assert await dunst.displayed() == 1
        assert NOTICE.title in {one["summary"] for one in await dunst.past()}

    async def test_the_default_action_is_no_answer(
        self, notifier: FreedesktopNotifier, dunst: Dunst, heard: Heard
    ) -> None:
        """Pressing the notification itself asks for all of it, whose rarer choices then work."""
        await notifier.show(NOTICE)
        await dunst.press_default()
        await heard.until(lambda: bool(heard.presses))
        await notifier.show(in_full(NOTICE))
        assert await dunst.displayed() == 1
        await dunst.press("Not for me")
        await heard.until(lambda: len(heard.presses) > 1)

        assert heard.presses == [Press("d1", IN_FULL), Press("d1", "not-for-me")]
        assert heard.closed == []
        assert NOTICE.cue in (await dunst.past())[0]["message"]

    async def test_dismissed(
        self, notifier: FreedesktopNotifier, dunst: Dunst, heard: Heard
    ) -> None:
        """Waving it away is told as a closing."""
        await notifier.show(NOTICE)
        await dunst.dismiss()
        await heard.until(lambda: bool(heard.closed))

        assert heard.closed == [("d1", 2)]

    async def test_a_click(self, notifier: FreedesktopNotifier, dunst: Dunst, heard: Heard) -> None:
        """A real click on it, which dunst is told to take as waving it away."""
        await notifier.show(NOTICE)
        await dunst.click()
        await heard.until(lambda: bool(heard.closed))

        assert heard.closed == [("d1", 2)]

    async def test_closed_by_us(
        self, notifier: FreedesktopNotifier, dunst: Dunst, heard: Heard
    ) -> None:
        """It goes, and nobody is told."""
        await notifier.show(NOTICE)
        await notifier.close("d1")

        assert await dunst.displayed() == 0
        assert heard.closed == []

    async def test_one_at_a_time(
        self, notifier: FreedesktopNotifier, dunst: Dunst, heard: Heard
    ) -> None:
        """Another delivery takes the place of the one before."""
        await notifier.show(NOTICE)
        await notifier.show(OTHER)

        assert await dunst.displayed() == 1
        await dunst.press("Done")
        await heard.until(lambda: bool(heard.presses))
        assert heard.presses == [Press("d2", "done")]

    async def test_stopping_leaves_a_clean_screen(self, dunst: Dunst, heard: Heard) -> None:
        """What stood is taken down before we leave the bus."""
        async with notifying(heard) as notifier:
            await notifier.show(NOTICE)
        assert await dunst.displayed() == 0

    async def test_killed_and_started_again(
        self, notifier: FreedesktopNotifier, dunst: Dunst, heard: Heard
    ) -> None:
        """Its end and its return are told, and the new one shows and answers."""
        first = await notifier.show(NOTICE)
        await asyncio.to_thread(dunst.kill)
        await heard.until(lambda: not notifier.ready())
        assert isinstance(await notifier.show(NOTICE), Refused)
        await asyncio.to_thread(dunst.start)
        await heard.until(lambda: notifier.server != "")
        second = await notifier.show(OTHER)
        await dunst.press("Later")
        await heard.until(lambda: bool(heard.presses))

        assert isinstance(first, Posted)
        assert isinstance(second, Posted)
        assert first.server_id == second.server_id
        assert first.owner != second.owner
        assert heard.presses == [Press("d2", "later")]

    async def test_started_by_the_bus(
        self, private_bus: PrivateBus, screen: Screen, heard: Heard, tmp_path: Path
    ) -> None:
        """Nothing is started until there is something to show; then it works as any other."""
        dunst = Dunst(private_bus, screen, tmp_path)
        dunst.offer()
        async with notifying(heard) as notifier:
            assert notifier.ready()
            assert private_bus.owner() is None
            assert isinstance(await notifier.show(NOTICE), Posted)
            assert notifier.server.startswith("dunst")
            await dunst.press("Done")
            await heard.until(lambda: bool(heard.presses))

        assert heard.presses == [Press("d1", "done")]

    async def test_a_dunst_that_reads_no_markup(self, dunst: Dunst, heard: Heard) -> None:
        """It is configured to show text as it is, and gets it as it is."""
        dunst.markup = "no"
        await asyncio.to_thread(dunst.restart)
        async with notifying(heard) as notifier:
            await notifier.show(replace(NOTICE, body="Tom & <b>Jerry</b>"))
            await notifier.close("d1")

        # dunst escapes it itself before it draws.
        assert "Tom &amp; &lt;b&gt;Jerry&lt;/b&gt;" in (await dunst.past())[0]["message"]

    async def test_markup_is_shown_and_not_obeyed(
        self, notifier: FreedesktopNotifier, dunst: Dunst
    ) -> None:
        """Tags, entities and half of each in title and body arrive as they were written."""
        text = "<b>bold</b> & <i>half &amp; <a href='x'>"
        await notifier.show(replace(NOTICE, title=text, body=text))
        await notifier.close("d1")

        shown = (await dunst.past())[0]
        assert shown["summary"] == text
        assert "&lt;b&gt;bold&lt;/b&gt;" in shown["message"]
        assert "parse markup" not in dunst.log()

    async def test_a_flood_of_text(self, notifier: FreedesktopNotifier, dunst: Dunst) -> None:
        """Ten thousand letters and control characters do not bring it down."""
        flood = replace(NOTICE, title="\u202e\x07x" * 5000, body="<&\x00\n'%s %n" * 5000)
        assert isinstance(await notifier.show(flood), Posted)
        assert await dunst.displayed() == 1
