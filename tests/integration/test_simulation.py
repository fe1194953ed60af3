"""What `simulate` shows is what the daemon's parts do with the same clock, seed and answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from reminderd.app.simulating import Person, VirtualClock, simulate
from reminderd.app.tick import begin
from reminderd.core.decision import Hold, Wait
from reminderd.core.model import Answer, PaceSettings, Practice, Preferences, Quiet
from tests.fakes import BERLIN, World, cadence, prompt, window

if TYPE_CHECKING:
    from pathlib import Path

    from reminderd.core.decision import Decision

pytestmark = pytest.mark.uncounted

TIPS = ("take-it-slow", "noticing", "talk-with-a-therapist", "self-compassion", "understanding")
PROMPTS = tuple(prompt(f"p-{number:02}", TIPS[number % 5]) for number in range(30))


def until(decision: Decision) -> datetime:
    assert isinstance(decision.action, Hold | Wait)
    return decision.action.until


@pytest.mark.parametrize(
    "answers",
    [
        {Answer.DONE: 0.9, Answer.HARD: 0.1},
        {Answer.DONE: 0.2, Answer.HARD: 0.1, Answer.LATER: 0.2, Answer.NOT_TODAY: 0.1},
        {Answer.TAKEN: 0.1, Answer.NOT_FOR_ME: 0.02},
    ],
    ids=["nearly all", "all kinds", "hardly ever"],
)
async def test_it_is_what_the_daemon_does(tmp_path: Path, answers: dict[Answer, float]) -> None:
    """Ninety days on the real store, tick by tick, with both clock changes of a spring."""
    begun = "2026-02-20 00:00"
    plan = cadence(random_per_day=2, fixed=["12:00"], windows=[window("9:30", "20:30")])
    world = World(
        tmp_path / "reminderd.db",
        plan,
        local=begun,
        prompts=PROMPTS,
        quiet=[window("21:30", "8:00")],
    )
    world.engine.preferences = replace(world.engine.preferences, pace=PaceSettings())
    start = VirtualClock(world.clock.now, BERLIN, BERLIN.key)
    expected = list(
        simulate(
            *(world.engine.preferences, PROMPTS, Person(answers), start),
            days=90,
            seed=world.store.seed,
        )
    )

    said = iter(expected)
    came: list[tuple[datetime, str]] = []
    begin(world.engine)
    end = world.clock.now + timedelta(days=90)
    while world.clock.now < end:
        brought = len(world.notifier.shown)
        following = until(await world.tick())
        new = world.notifier.shown[brought:]
        came += [(world.clock.now, one.title.removeprefix("Title of ")) for one in new]
        replies = [next(said).response for _ in new]
        assert len(replies) < 2
        if replies and replies[-1]:
            world.clock.now = min(world.clock.now + timedelta(minutes=5), following)
            world.answer(replies[-1])
            following = until(await world.tick())
        world.clock.now = following
    assert came == [(one.at, one.prompt) for one in expected]
    assert len(came) > 20
    world.close()


@pytest.mark.parametrize("last", ["23:57", "23:59"])
def test_what_is_answered_over_midnight_counts(last: str) -> None:
    """Whoever answers each is brought all of them."""
    clock = VirtualClock(datetime(2026, 1, 1, 8, tzinfo=BERLIN).astimezone(UTC), BERLIN, BERLIN.key)
    preferences = Preferences(
        cadence=cadence(fixed=[last]),
        quiet=Quiet(()),
        pace=PaceSettings(),
        practice=Practice(("*",), ("*",), alone_only=False),
        discretion="never",
        snooze=timedelta(minutes=20),
    )
    person = Person({Answer.DONE: 1})
    came = list(simulate(preferences, PROMPTS, person, clock, days=60, seed="a"))
    assert len(came) == 60
    assert all(one.per_day == 1 for one in came)
