"""The behaviours of the six real servers, on one that plays what those do not.

GNOME, Plasma, Cinnamon, swaync and others differ in these ways; none of them runs here.
"""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Any, Final

import pytest

from reminderd.core.words import PASSING
from tests.integration.fake_server import ALL_CAPABILITIES
from tests.integration.played_desk import PROMPT, TITLE

if TYPE_CHECKING:
    from tests.integration.fake_server import FakeServer
    from tests.integration.played_desk import Desk

pytest_plugins = [
    "tests.integration.daemons",
    "tests.integration.desktops",
    "tests.integration.played_desk",
]
pytestmark = [pytest.mark.uncounted, pytest.mark.desktop]

ODD: Final[dict[str, dict[str, Any]]] = {
    "takes replies": {"capabilities": (*ALL_CAPABILITIES, "inline-reply"), "closes_on_press": True},
    "signals to the caller alone": {"broadcast": False},
    "signals to everybody": {"broadcast": True},
    "signals twice": {"broadcast": True, "doubled": True, "closes_on_press": True},
    "never tells of a closing": {"tells_closing": False, "closes_on_press": True},
    "has Inhibited": {"inhibited": False},
    "refuses the same within a second": {"excess_seconds": 1.0},
    "keeps three": {"most_kept": 3},
    "ignores time-outs and presses": {"closes_on_press": False},
    "knows nothing of markup": {"capabilities": ("actions", "body")},
}

HOSTILE = """
[[prompt]]
id = "hostile"
tip = "hostile"
basis = "hostile.one"
when = "now"
needs = "nobody"
title = '<b>Bold & half</b> &amp; <i>'
body = '<img src="file:///etc/passwd"> <a href="x">this & that</a>'
cue = 'If <b> & so on, then </b>.'
gentler = '<u>Nothing & more</u>.'
"""


@pytest.fixture(params=list(ODD.values()), ids=list(ODD))
def odd(request: pytest.FixtureRequest, desk: Desk) -> Desk:
    """A desk whose server has one of these oddities, from its start."""
    for name, value in request.param.items():
        setattr(desk.server, name, value)
    return desk


async def one_of_ours(server: FakeServer, notified: int) -> int:
    """Wait until so many were asked for and the last one stands alone; return its id."""
    await server.until(
        lambda: len(server.shown) == notified and list(server.standing) == [server.shown[-1].id]
    )
    return server.shown[-1].id


async def test_presses(odd: Desk) -> None:
    """Each button is its answer, once, and what stood is taken down; hard is met with a line."""
    server = odd.server
    async with odd.living():
        for notified, (key, prompt) in enumerate(
            (("done", PROMPT), ("later", "slow-small-ask"), ("hard", PROMPT)), start=1
        ):
            await odd.run("now", "--prompt", prompt)
            server.press(await one_of_ours(server, notified), key)
            await odd.answered(key)
        await one_of_ours(server, 4)
        assert server.shown[3].text == PASSING["hard"]
        answers = [one["response"] for one in await asyncio.to_thread(odd.home.history)]
        assert answers == ["hard", "later", "done", None]


async def test_what_is_no_answer(odd: Desk) -> None:
    """A click, a dismissal, an expiry, forged and stale signals: nothing of it is recorded."""
    server = odd.server
    async with odd.living():
        one = await odd.bring()
        server.press(one, "default")
        full = await one_of_ours(server, 2)
        assert list(server.shown[1].buttons) == ["not-today", "not-for-me", "quiet-week"]
        server.press(full, "done")  # not offered there
        server.press(full + 40, "not-today")
        server.close(full, 2)
        await server.settled()
        await odd.run("now", "--prompt", "slow-small-ask")
        server.close(await one_of_ours(server, 3), 1)
        await server.settled()
        await odd.run("status")
        answers = [one["response"] for one in await asyncio.to_thread(odd.home.history)]
        assert answers == [None] * 3


async def test_an_answer_elsewhere_takes_it_down(odd: Desk) -> None:
    """And a press that comes too late changes nothing."""
    server = odd.server
    async with odd.living():
        one = await odd.bring()
        await odd.run("respond", "done")
        await server.until(lambda: not server.standing)
        server.press(one, "hard", to=server.shown[0].sender)
        await server.settled()
        await odd.answered("done")


async def test_markup_is_shown_and_not_obeyed(odd: Desk) -> None:
    """Escaped where markup is read, as it is where it is not; the title never."""
    folder = odd.home.config.parent / "prompts"
    folder.mkdir()
    (folder / "hostile.toml").write_text(HOSTILE, "utf-8")
    async with odd.living():
        await odd.bring("hostile")
        shown = odd.server.shown[0]
        assert shown.summary == "<b>Bold & half</b> &amp; <i>"
        assert ("<" in shown.body) is ("body-markup" not in odd.server.capabilities)


async def test_the_server_restarts(odd: Desk) -> None:
    """With ids that begin again: put up again once, and answered."""
    server = odd.server
    async with odd.living():
        await odd.bring()
        await asyncio.sleep(odd.server.excess_seconds)
        await server.come_back()
        server.press(await one_of_ours(server, 2), "done")
        await odd.answered("done")
        await server.come_back()
        await odd.run("status")
        await server.settled()
        assert len(server.shown) == 2


async def test_the_daemon_is_killed(odd: Desk) -> None:
    """Put up again once, in the same place, and answered as before."""
    server = odd.server
    async with odd.living() as daemon:
        first = await odd.bring()
        await asyncio.to_thread(daemon.end, signal.SIGKILL)
    await asyncio.sleep(server.excess_seconds)
    async with odd.living():
        again = await one_of_ours(server, 2)
        assert (server.shown[1].summary, server.shown[1].replaces) == (TITLE, first)
        server.press(again, "done")
        await odd.answered("done")


async def test_a_reply_becomes_a_note(desk: Desk) -> None:
    """On a server that takes one and says so."""
    desk.server.capabilities = (*ALL_CAPABILITIES, "inline-reply")
    async with desk.living():
        one = await desk.bring()
        desk.server.reply(one, "It was fine.")
        await desk.answered("done")
        assert (await desk.newest())["note"] == "It was fine."


async def test_what_was_open_comes_back_after_do_not_disturb(desk: Desk) -> None:
    """A new daemon puts nothing up again while the server is to be silent; then it does, once."""
    server = desk.server
    server.inhibited = True
    async with desk.living() as daemon:
        await desk.bring()  # what is asked for comes all the same
        await asyncio.to_thread(daemon.end, signal.SIGKILL)
    async with desk.living():
        await server.settled()
        assert len(server.shown) == 1
        server.inhibit(False)
        await server.until(lambda: len(server.shown) == 2)
        assert server.shown[1].summary == TITLE
        server.inhibit(True)
        server.inhibit(False)
        await desk.run("status")
        assert len(server.shown) == 2
