"""Answers: to the open delivery, to a given one, and to none at all."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from reminderd.app.respond import LAST, note_practice, respond
from reminderd.app.tick import begin
from reminderd.core.model import Answer, Outcome
from reminderd.core.notice import Silent
from reminderd.errors import NothingOpenError, UnknownNameError
from tests.fakes import cadence

if TYPE_CHECKING:
    from collections.abc import Callable

    from reminderd.app.respond import Receipt
    from tests.fakes import World


@pytest.fixture
async def shown(make_world: Callable[..., World]) -> World:
    """A world in which two practices were shown, at ten and at two."""
    world = make_world(cadence(fixed=["10:00", "14:00", "18:00"]))
    for when in ("2026-11-22 22:00", "2026-11-23 10:00", "2026-11-23 14:00"):
        await world.tick(when)
    assert len(world.titles) == 2
    return world


def say(world: World, answer: Answer, delivery: str | None = None, **values: str) -> Receipt:
    return respond(
        *(world.store, answer, world.clock.present()),
        delivery=delivery,
        note=values.get("note"),
        source="cli",
    )


def test_an_answer_belongs_to_the_newest(shown: World) -> None:
    """The receipt says which practice was answered, and with what."""
    receipt = say(shown, Answer.HARD)
    assert receipt.delivery.text.title == shown.titles[-1]
    assert receipt.answer is Answer.HARD
    assert [one.response for one in shown.history()] == [None, Answer.HARD]


def test_before_anything_was_shown_there_is_nothing_to_answer(world: World) -> None:
    """Told with what to do instead, also for `--delivery last`."""
    for delivery in (None, LAST):
        with pytest.raises(NothingOpenError, match="nothing to answer yet"):
            say(world, Answer.DONE, delivery)


@pytest.mark.parametrize("how", ["answered", "six hours later"])
def test_what_is_closed_is_answered_by_name_only(shown: World, how: str) -> None:
    """A late `done` does not fall on something else; `--delivery last` says it is meant."""
    if how == "answered":
        say(shown, Answer.DONE)
    else:
        shown.clock.forward(hours=6, seconds=1)
    with pytest.raises(NothingOpenError, match="Nothing is open right now"):
        say(shown, Answer.HARD)
    say(shown, Answer.HARD, LAST)
    assert shown.history()[-1].response is Answer.HARD


def test_an_older_one_is_answered_by_its_id(shown: World) -> None:
    """And nothing else is changed by that."""
    older = shown.history()[0].id
    assert say(shown, Answer.DONE, older, note="it went well").delivery.id == older
    assert [(one.response, one.note) for one in shown.history()] == [
        (Answer.DONE, "it went well"),
        (None, None),
    ]


def test_an_id_that_does_not_exist_is_told(shown: World) -> None:
    """A planned one cannot be answered either."""
    with pytest.raises(UnknownNameError, match="no delivery nobody"):
        say(shown, Answer.DONE, "nobody")
    (waiting,) = shown.store.deliveries.waiting()
    with pytest.raises(UnknownNameError):
        say(shown, Answer.DONE, waiting.id)


def test_an_answer_can_be_corrected(shown: World) -> None:
    """The last one counts, and the first is kept."""
    for answer in (Answer.DONE, Answer.HARD, Answer.NOT_TODAY):
        say(shown, answer, LAST)
    assert shown.history()[-1].response is Answer.NOT_TODAY


async def test_one_that_failed_can_be_answered(make_world: Callable[..., World]) -> None:
    """Nobody knows whether it was seen, except the person."""
    world = make_world(cadence(fixed=["10:00"]))
    await world.tick()
    world.notifier.answers = [Silent("no reply in time")]
    await world.tick("2026-11-23 10:00")
    assert say(world, Answer.DONE).delivery.outcome is Outcome.FAILED


async def test_one_that_was_interrupted_can_be_answered(world: World) -> None:
    """It may have been on the screen when the power went."""
    present = world.clock.present()
    identifier = world.store.deliveries.add_now(present, timedelta(minutes=2), None, None)
    world.notifier.on_show = _power_cut
    with pytest.raises(_PowerCutError):
        await world.tick()
    begin(world.engine)
    assert say(world, Answer.DONE).delivery.id == identifier


class _PowerCutError(Exception):
    pass


def _power_cut(_notice: object) -> None:
    raise _PowerCutError


class TestLater:
    """*Later* is only for what is still open."""

    def test_for_an_older_one_is_refused(self, shown: World) -> None:
        """What came after it has taken its place."""
        with pytest.raises(NothingOpenError, match="cannot come again later"):
            say(shown, Answer.LATER, shown.history()[0].id)
        assert shown.store.deliveries.snoozed() == []

    @pytest.mark.parametrize("delivery", [None, LAST])
    def test_for_one_that_is_closed_is_refused(self, shown: World, delivery: str | None) -> None:
        """Done is done, and six hours are six hours."""
        say(shown, Answer.DONE)
        with pytest.raises(NothingOpenError):
            say(shown, Answer.LATER, delivery)
        shown.clock.forward(hours=7)
        with pytest.raises(NothingOpenError):
            say(shown, Answer.LATER, delivery)

    def test_can_be_said_again_while_it_waits_and_no_longer(self, shown: World) -> None:
        """With another length, say; but what it was said of is closed after six hours."""
        say(shown, Answer.LATER)
        say(shown, Answer.LATER, LAST)
        shown.clock.forward(hours=6, seconds=1)
        with pytest.raises(NothingOpenError):
            say(shown, Answer.LATER, LAST)


class TestNotForMe:
    """*Not for me* switches a practice off; correcting it switches it on again."""

    async def test_it_never_comes_again(self, shown: World) -> None:
        """Neither in a slot nor for `now --tip`; other practices of its theme do."""
        gone = say(shown, Answer.NOT_FOR_ME).delivery.prompt
        for day in range(24, 30):
            for hour in (10, 14, 18):
                await shown.tick(f"2026-11-{day} {hour}:00")
        tip = shown.engine.prompts[gone].tip
        for _ in range(5):
            shown.clock.forward(minutes=1)
            shown.store.deliveries.add_now(shown.clock.present(), timedelta(minutes=2), None, tip)
            await shown.tick()
        came = [one.prompt for one in shown.history() if one.prompt][2:]
        assert len(came) >= 20
        assert gone not in came

    async def test_undone_it_may_come_again(self, shown: World) -> None:
        """It is back in the pool as if nothing had been said."""
        gone = say(shown, Answer.NOT_FOR_ME).delivery.prompt
        assert shown.store.answers.disabled() == {gone}
        say(shown, Answer.DONE, LAST)
        assert shown.store.answers.disabled() == frozenset()

    async def test_it_can_still_be_asked_for_by_name(self, shown: World) -> None:
        """Whoever names it wants it."""
        gone = say(shown, Answer.NOT_FOR_ME).delivery.prompt
        shown.store.deliveries.add_now(shown.clock.present(), timedelta(minutes=2), gone, None)
        await shown.tick()
        assert shown.history()[-1].prompt == gone


def test_a_practice_that_happened_by_itself_is_noted(world: World) -> None:
    """With or without a prompt, with or without words; it is answered as done."""
    first = note_practice(world.store, "a-one", "on the train", world.clock.present())
    world.clock.forward(minutes=1)
    second = note_practice(world.store, None, None, world.clock.present())
    lines = [(one.id, one.kind, one.prompt, one.note, one.response) for one in world.history()]
    assert lines == [
        (first, "note", "a-one", "on the train", Answer.DONE),
        (second, "note", None, None, Answer.DONE),
    ]
