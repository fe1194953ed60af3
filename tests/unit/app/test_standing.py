"""The notification that stands: pressed, answered elsewhere, taken down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reminderd.app.standing import record_press, take_down_answered, uncover
from reminderd.core.model import Answer
from reminderd.core.notice import SHOW, Press
from tests.fakes import cadence

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import World


@pytest.fixture
async def shown(make_world: Callable[..., World]) -> World:
    """A world in which two practices were shown."""
    world = make_world(cadence(fixed=["10:00", "14:00"]))
    for when in ("2026-11-22 22:00", "2026-11-23 10:00", "2026-11-23 14:00"):
        await world.tick(when)
    return world


def ids(world: World) -> list[str]:
    return [notice.delivery for notice in world.notifier.shown]


@pytest.mark.parametrize("answer", Answer)
def test_a_press_is_an_answer_to_its_own_delivery(shown: World, answer: Answer) -> None:
    """Every button stores what it says, and asks for nothing more."""
    assert record_press(shown.engine, Press(ids(shown)[1], answer), "freedesktop") is False
    line = shown.history()[1]
    assert (line.response, line.note) == (answer, None)


def test_a_press_on_an_older_one_is_not_given_to_the_newest(shown: World) -> None:
    """A notification that was left standing answers for itself."""
    record_press(shown.engine, Press(ids(shown)[0], Answer.DONE, "by reply"), "freedesktop")
    assert [(one.response, one.note) for one in shown.history()] == [
        (Answer.DONE, "by reply"),
        (None, None),
    ]


def test_a_press_that_changes_nothing_is_told(shown: World) -> None:
    """*Later* on what is past, or on something unknown: logged, and nothing is stored."""
    for delivery in (ids(shown)[0], "nobody"):
        assert record_press(shown.engine, Press(delivery, Answer.LATER), "plyer") is False
        assert "changes nothing" in shown.log[-1]
    assert [one.response for one in shown.history()] == [None, None]


def test_an_answer_whose_delivery_was_removed_is_kept_by_itself(shown: World) -> None:
    """The database was erased under a standing notification: what was done was done."""
    record_press(shown.engine, Press("nobody", Answer.DONE, "by reply"), "freedesktop")
    last = shown.history()[-1]
    assert (last.kind, last.response, last.note) == ("note", Answer.DONE, "by reply")


def test_show_is_no_answer(shown: World) -> None:
    """It asks for the text, and that is told to the caller."""
    assert record_press(shown.engine, Press(ids(shown)[1], SHOW), "freedesktop") is True
    assert [one.response for one in shown.history()] == [None, None]


async def test_a_covered_one_is_shown_in_full(shown: World) -> None:
    """In the same place, with all its buttons, and it counts as no new delivery."""
    newest = ids(shown)[1]
    await uncover(shown.engine, newest)
    assert shown.notifier.shown[2] == shown.notifier.shown[1]
    assert len(shown.history()) == 2
    await uncover(shown.engine, "nobody")
    assert len(shown.notifier.shown) == 3


async def test_what_is_answered_elsewhere_is_taken_down(shown: World) -> None:
    """Not while it is open; after an answer, or six hours, it is."""
    await take_down_answered(shown.engine)
    assert shown.notifier.closed == []
    shown.answer(Answer.DONE)
    await take_down_answered(shown.engine)
    assert shown.notifier.closed == [ids(shown)[1]]


async def test_what_nobody_answered_is_taken_down_after_six_hours(shown: World) -> None:
    """A notification does not stand all night."""
    shown.clock.forward(hours=6)
    await take_down_answered(shown.engine)
    assert shown.notifier.closed == [ids(shown)[1]]


async def test_before_anything_was_shown_nothing_is_taken_down(world: World) -> None:
    """There is nothing to close."""
    await take_down_answered(world.engine)
    assert world.notifier.closed == []
