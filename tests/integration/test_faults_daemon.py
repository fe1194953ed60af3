"""The daemon on a disk that is full or broken for a while: it tells, keeps, and goes on."""

from __future__ import annotations

import asyncio
import errno
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.integration.failing_daemon import LONGER_THAN_A_LIFE, PATIENCE, Place, place_in
from tests.integration.fake_server import FakeServer
from tests.integration.faults import BROKEN, FULL, ONCE, Fault
from tests.integration.kills_person import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = [pytest.mark.uncounted, pytest.mark.faults, pytest.mark.asyncio(loop_scope="module")]

UNSYNCED = Fault("syncs that fail", errno.EIO, lasts=True, only="sync")
KEPT, STORED = "Your answer is kept.", "Your answer is stored now."
EVERY = 12
"""Of the calls of a life one in so many fails; bench/faults.py has all of them."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def any_place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    """The home and the desktop of each test, one after the other."""
    async with place_in(tmp_path_factory.mktemp("place")) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def place(any_place: Place, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    """A new home with a new desktop, in which writes fail."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    any_place.renew()
    async with FakeServer(any_place.server.address) as server:
        yield replace(any_place, server=server)


@pytest.mark.parametrize("fault", [FULL, BROKEN, UNSYNCED], ids=lambda one: one.name)
async def test_a_press_is_kept_until_it_can_be_stored(fault: Fault, place: Place) -> None:
    """That is told in one line, there and in the log; it is stored once the fault is gone."""
    place.home.plan_slot()
    daemon = await place.daemon()
    await place.looked(daemon)
    practice = await place.shown()
    place.faults.arm(fault)
    key = next(iter(practice.buttons))
    place.server.press(practice.id, key)
    await until(lambda: any(one.summary == KEPT for one in place.server.shown), PATIENCE)
    await place.look_again()
    status = await place.nursery.begin("status", env=place.home.env)
    assert await status.wait() == 0, status.complained()
    assert daemon.complained().count("cannot be used") == 1, daemon.complained()
    place.faults.disarm()
    place.knock()
    await until(lambda: any(one.summary == STORED for one in place.server.shown), PATIENCE)
    assert place.rows("SELECT answer, source FROM response") == [(key, "freedesktop")]
    await place.end(daemon)


@pytest.mark.parametrize("fault", [FULL, BROKEN], ids=lambda one: one.name)
async def test_what_cannot_be_claimed_is_not_shown(fault: Fault, place: Place) -> None:
    """It comes once, when the claim can be written."""
    daemon = await place.daemon()
    await place.looked(daemon)
    place.faults.arm(fault)
    place.home.plan_slot()
    await place.look_again()
    assert place.practices() == []
    place.faults.disarm()
    place.knock()
    await place.shown()
    await asyncio.sleep(0.2)
    assert len(place.practices()) == 1
    await place.end(daemon)


async def test_what_cannot_be_recorded_as_shown_is_recorded_later(place: Place) -> None:
    """It has come; nothing else comes before that is written."""
    place.server.before_reply = lambda _: place.faults.arm(FULL)
    place.home.plan_slot()
    daemon = await place.daemon()
    await place.shown()
    await place.look_again()
    place.server.before_reply = None
    place.faults.disarm()
    place.knock()
    shown = "SELECT outcome FROM delivery WHERE claimed_at NOT NULL"
    await until(lambda: place.rows(shown) == [("shown",)], PATIENCE)
    assert len(place.practices()) == 1
    await place.end(daemon)


async def test_without_room_to_begin_a_person_is_told(place: Place) -> None:
    """In two lines: what is the matter, and what to do."""
    place.faults.arm(FULL)
    daemon = await place.daemon()
    assert await daemon.wait() == 1
    assert "No space left on device" in daemon.complained()
    assert "make some room" in daemon.complained()
    assert len(daemon.complained().splitlines()) == len(("what", "then"))


@pytest.mark.parametrize(
    ("fault", "first"), [(ONCE, 1), (FULL, 1 + EVERY // 2)], ids=["once", "full"]
)
async def test_a_life_goes_on_whichever_write_fails(fault: Fault, first: int, place: Place) -> None:
    """Begin, look after the database, bring one, take an answer, end: all of it comes to be."""
    for at in range(first, LONGER_THAN_A_LIFE, EVERY):
        await place.live(fault, at)
