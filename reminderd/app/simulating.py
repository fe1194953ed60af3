"""The whole engine on a made-up clock, with a made-up person: years in seconds."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeVar, cast

from reminderd.app.memory import Memory
from reminderd.app.planning import pace_on
from reminderd.app.respond import respond
from reminderd.app.tick import Engine, begin, tick
from reminderd.core import walltime
from reminderd.core.decision import Decision, Hold, Wait
from reminderd.core.model import Answer, Context, When
from reminderd.core.notice import Posted

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Iterator, Mapping
    from datetime import tzinfo

    from reminderd.app.ports import Notifier, Store
    from reminderd.core.model import Preferences, Prompt, Reason
    from reminderd.core.notice import Delivered, Notice

_Result = TypeVar("_Result")

ANSWERED_AFTER: Final = timedelta(minutes=5)
"""How long the made-up person takes, or until the next look where that is sooner."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who answers by chance.

    Attributes:
        chances: How likely each answer is; what is missing to 1 is no answer. *Done* is *I'll try*
            where the first button says so.
        away: First and last date of times in which nothing is answered.
    """

    chances: Mapping[Answer, float]
    away: tuple[tuple[date, date], ...] = ()

    def answer(self, when: When, day: date, rng: random.Random) -> Answer | None:
        """Return what they say to a practice; one draw each time, away or not."""
        left = rng.random()
        if any(first <= day <= last for first, last in self.away):
            return None
        for answer, chance in self.chances.items():
            left -= chance
            if left < 0:
                first = Answer.DONE if when is When.NOW else Answer.TAKEN
                return first if answer is Answer.DONE else answer
        return None


@dataclass(frozen=True, slots=True)
class Came:
    """One practice that came; `at` is aware, in the zone of the simulation."""

    at: datetime
    prompt: str
    tip: str
    response: Answer | None
    per_day: float


class VirtualClock:
    """A clock that is set by hand.

    Args:
        now: Where it starts, in UTC.
        zone: The zone the person is in.
        zone_name: Its name.
    """

    def __init__(self, now: datetime, zone: tzinfo, zone_name: str) -> None:
        self.now, self._zone, self._name = now, zone, zone_name

    def present(self) -> walltime.Present:
        """Return what it is set to."""
        return walltime.Present(self.now, self._zone, self._name)


class _Desk:
    """A desktop that shows everything at once, and of which nothing else is known."""

    def __init__(self) -> None:
        self.brought: list[str] = []

    def ready(self) -> bool:
        return True

    async def show(self, notice: Notice) -> Delivered:
        self.brought.append(notice.delivery)
        return Posted("simulated", 1)

    async def context(self, *, closely: bool) -> Context:
        del closely
        return Context()

    def sources(self) -> Mapping[Reason, str]:
        return {}


def simulate(  # noqa: PLR0913 -- what a simulated life follows from
    preferences: Preferences,
    prompts: Iterable[Prompt],
    person: Person,
    clock: VirtualClock,
    *,
    days: int,
    seed: str,
) -> Iterator[Came]:
    """Yield what comes on some days, from a new installation on.

    Args:
        preferences: As the person set them.
        prompts: All there are.
        person: Who answers.
        clock: Set to the beginning.
        days: How many local dates, that of the beginning the first.
        seed: Of every draw, the person's included.
    """
    store, desk = Memory(seed), _Desk()
    engine = Engine(
        store=cast("Store", store),  # what nobody asks for here is not there
        notifier=cast("Notifier", desk),
        desktop=desk,
        clock=clock,
        preferences=preferences,
        prompts={prompt.id: prompt for prompt in prompts},
        log=lambda _: None,
    )
    rng = random.Random(f"{seed}:person")  # noqa: S311 -- a made-up person
    last = clock.present().today + timedelta(days=days - 1)
    begin(engine)
    while clock.present().today <= last:
        until = _next_look(_run(tick(engine)))
        answer = None
        for delivery in desk.brought:
            one = _came(store, delivery, person, rng, clock)
            answer = one.response
            yield one
        desk.brought.clear()
        if answer is not None:
            clock.now = min(clock.now + ANSWERED_AFTER, until)
            respond(engine.store, answer, clock.present(), source="simulated")
            if answer is Answer.LATER:
                continue  # when it comes again is planned at the next look
        clock.now = until


def _next_look(decision: Decision) -> datetime:
    match decision.action:
        case Hold(until=until) | Wait(until=until):
            return until
    raise AssertionError("a look ends with a Hold or a Wait")


def _came(
    store: Memory, delivery: str, person: Person, rng: random.Random, clock: VirtualClock
) -> Came:
    claim, here = store.claims[delivery], clock.present()
    answer = person.answer(claim.text.when, here.today, rng)
    prompt = claim.choice.prompt
    pace = pace_on(cast("Store", store), here.today)
    per_day = pace["per_day"] if pace else 0
    return Came(here.now.astimezone(here.zone), prompt.id, prompt.tip, answer, per_day)


def _run(coroutine: Coroutine[None, None, _Result]) -> _Result:
    """Run something that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: _Result = done.value
        return result
    raise AssertionError("a simulated look does not wait")
