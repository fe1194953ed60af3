"""What was pressed: stored at once, kept where that fails, and the first action wins."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from reminderd.app.pausing import pause
from reminderd.app.pressing import give_up, store_kept, take
from reminderd.core.model import Answer
from reminderd.core.notice import QUIET_WEEK, Press
from reminderd.core.pausing import paused_until
from reminderd.core.words import KEPT, NOT_STORED, PASSING, STORED_NOW
from reminderd.errors import StoreBusyError, StoreError
from tests.fakes import cadence

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

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


def fill_disk(
    world: World, monkeypatch: pytest.MonkeyPatch, error: type[StoreError] = StoreError
) -> None:
    """Let every answer fail as on a full disk, until `monkeypatch.undo`."""

    def refuse(*_: object, **__: object) -> str:
        raise error("The database cannot be used: database or disk is full.")

    monkeypatch.setattr(world.store.answers, "add_response", refuse)
    monkeypatch.setattr(world.store.answers, "add_pause", refuse)


def pause_end(world: World) -> datetime | None:
    present = world.clock.present()
    return paused_until(world.store.answers.pause(), present.now, present.zone)


@pytest.mark.parametrize("answer", Answer)
def test_a_press_is_an_answer_to_its_own_delivery(shown: World, answer: Answer) -> None:
    """Every button stores what it says."""
    assert take(shown.engine, Press(ids(shown)[1], answer), "freedesktop")
    last = shown.history()[1]
    assert (last.response, last.note) == (answer, None)


def test_a_press_on_an_older_one_is_not_given_to_the_newest(shown: World) -> None:
    """A notification that was left standing answers for itself."""
    take(shown.engine, Press(ids(shown)[0], Answer.DONE, "by reply"), "freedesktop")
    assert [(one.response, one.note) for one in shown.history()] == [
        (Answer.DONE, "by reply"),
        (None, None),
    ]


def test_a_press_that_changes_nothing_is_told(shown: World) -> None:
    """*Later* on what is past, or on something unknown: logged, and nothing is stored."""
    for delivery in (ids(shown)[0], "nobody"):
        assert take(shown.engine, Press(delivery, Answer.LATER), "plyer")
        assert "changes nothing" in shown.log[-1]
    assert [one.response for one in shown.history()] == [None, None]


def test_an_answer_whose_delivery_was_removed_is_kept_by_itself(shown: World) -> None:
    """The database was erased under a standing notification: what was done was done."""
    take(shown.engine, Press("nobody", Answer.DONE, "by reply"), "freedesktop")
    last = shown.history()[-1]
    assert (last.kind, last.response, last.note) == ("note", Answer.DONE, "by reply")


@pytest.mark.parametrize("late", [Answer.HARD, Answer.NOT_FOR_ME, Answer.LATER])
def test_the_first_action_wins(shown: World, late: Answer) -> None:
    """A press that is under way while the command line answers changes nothing, and is told."""
    shown.answer(Answer.DONE)
    assert take(shown.engine, Press(ids(shown)[1], late), "freedesktop")
    assert "changes nothing" in shown.log[-1]
    assert [one.response for one in shown.history()] == [None, Answer.DONE]
    assert shown.store.answers.disabled() == frozenset()


def test_a_quiet_week_is_a_pause_and_no_answer(shown: World) -> None:
    """It ends by itself, and what stood is put away with it."""
    take(shown.engine, Press(ids(shown)[1], QUIET_WEEK), "freedesktop")
    assert pause_end(shown) == shown.clock.now + timedelta(weeks=1)
    assert [one.response for one in shown.history()] == [None, None]
    assert shown.store.screen.standing() is None


def test_a_quiet_week_shortens_no_pause(shown: World) -> None:
    """Whoever asked for more silence has it."""
    pause(shown.store, timedelta(days=20), shown.clock.present())
    take(shown.engine, Press(ids(shown)[1], QUIET_WEEK), "freedesktop")
    assert pause_end(shown) == shown.clock.now + timedelta(days=20)


async def test_what_cannot_be_stored_is_kept_and_stored_in_order(
    shown: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person is told once that it waits, and once that it is safe."""
    fill_disk(shown, monkeypatch)
    first, second = (
        take(shown.engine, Press(delivery, Answer.DONE), "freedesktop") for delivery in ids(shown)
    )
    assert (first, second) == (False, False)
    for _ in range(3):
        with pytest.raises(StoreError):
            await store_kept(shown.engine)
    assert shown.notifier.told == [KEPT]

    monkeypatch.undo()
    for _ in range(2):
        await store_kept(shown.engine)
    assert shown.notifier.told == [KEPT, STORED_NOW]
    assert [one.response for one in shown.history()] == [Answer.DONE, Answer.DONE]


async def test_a_busy_moment_is_not_worth_a_word(
    shown: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program that holds the database lets go of it in a second."""
    fill_disk(shown, monkeypatch, StoreBusyError)
    assert not take(shown.engine, Press(ids(shown)[1], Answer.DONE), "freedesktop")
    with pytest.raises(StoreBusyError):
        await store_kept(shown.engine)
    monkeypatch.undo()
    await store_kept(shown.engine)
    assert shown.notifier.told == []
    assert shown.history()[1].response is Answer.DONE


async def test_what_is_kept_counts_as_of_its_moment(
    shown: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """*Later* on what was open then, though it is not any more; and the time that it was said."""
    fill_disk(shown, monkeypatch)
    pressed_at = shown.clock.now
    assert not take(shown.engine, Press(ids(shown)[1], Answer.LATER), "freedesktop")
    shown.clock.forward(hours=7)
    monkeypatch.undo()
    await store_kept(shown.engine)
    assert [(one[0], one[1]) for one in shown.store.deliveries.snoozed()] == [
        (ids(shown)[1], pressed_at)
    ]


async def test_a_kept_later_holds_though_another_came_since(
    shown: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was the newest when it was pressed, and open."""
    fill_disk(shown, monkeypatch)
    assert not take(shown.engine, Press(ids(shown)[1], Answer.LATER), "freedesktop")
    monkeypatch.undo()
    shown.clock.forward(minutes=5)
    shown.store.deliveries.add_now(shown.clock.present(), timedelta(minutes=2), None, None)
    await shown.tick()
    await store_kept(shown.engine)
    assert [one for one, _, _ in shown.store.deliveries.snoozed()] == [ids(shown)[1]]


@pytest.mark.parametrize(
    ("key", "told"),
    [(QUIET_WEEK, PASSING[QUIET_WEEK]), (Answer.HARD, PASSING["hard"]), (Answer.DONE, None)],
)
async def test_what_was_stored_late_is_taken_down(
    shown: World, monkeypatch: pytest.MonkeyPatch, key: str, told: str | None
) -> None:
    """It stood until then, as its going reads as an acknowledgement; what follows it comes too."""
    fill_disk(shown, monkeypatch, StoreBusyError)
    assert not take(shown.engine, Press(ids(shown)[1], key), "freedesktop")
    monkeypatch.undo()
    await store_kept(shown.engine)
    assert shown.notifier.closed == [ids(shown)[1]]
    assert shown.notifier.told == ([told] if told else [])


async def test_what_is_lost_is_told(shown: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon that ends on a full disk says how to answer again; else it says nothing."""
    give_up(shown.engine)
    assert shown.notifier.told == []
    fill_disk(shown, monkeypatch)
    take(shown.engine, Press(ids(shown)[1], Answer.DONE), "freedesktop")
    give_up(shown.engine)
    assert shown.notifier.told == [NOT_STORED]
    assert NOT_STORED.replace("\n", " ") in shown.log
