"""A store that forgets: the same questions and answers as the real one, for a made-up past.

It is for `simulate`, which runs years in seconds. A test holds both against each other.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter, deque
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from reminderd.core.history import Came, DeliveryRecord, ShownText
from reminderd.core.model import Answer, Kind, Outcome, Planned, Reason, Seen, Slot
from reminderd.core.review import Review, Said
from reminderd.core.selection import LOOKED_BACK, Brought, Past
from reminderd.core.walltime import resolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date, datetime, timedelta

    from reminderd.core.cadence import Moment
    from reminderd.core.notice import Posted
    from reminderd.core.selection import Choice
    from reminderd.core.walltime import Present


@dataclass(slots=True)
class Claim:
    """A delivery that was claimed, and what became of it."""

    planned: Planned
    choice: Choice
    text: ShownText
    at: datetime
    day: date
    answer: Answer | None = None
    answered_at: datetime | None = None
    snooze: timedelta | None = None

    def record(self) -> DeliveryRecord:
        """Return it as the use cases read it."""
        return DeliveryRecord(
            id=self.planned.id,
            kind=self.planned.kind,
            slot=self.planned.slot,
            prompt=self.choice.prompt.id,
            tip=self.choice.prompt.tip,
            showing=self.planned.showing,
            text=self.text,
            claimed_at=self.at,
            shown_at=self.at,
            outcome=Outcome.SHOWN,
            answer=self.answer,
        )


@dataclass(slots=True)
class State:
    """What is recorded of the daemon."""

    _values: dict[str, object] = field(default_factory=dict)

    def get(self, key: str) -> object:
        """Return what was last recorded, or None."""
        return self._values.get(key)

    def set(self, key: str, value: object) -> None:
        """Record a value."""
        self._values[key] = value

    def forget(self, key: str) -> None:
        """Take out what was recorded."""
        self._values.pop(key, None)


class Memory:
    """All of it in one object, which is each of the store's parts to whoever asks for them.

    Only what a look and an answer need is there.

    Args:
        seed: The installation's seed.

    Attributes:
        claims: What was claimed, by delivery, in that order.
    """

    def __init__(self, seed: str) -> None:
        self.seed = seed
        self.recorded = State()
        self.deliveries = self.answers = self.reading = self.known = self
        self.claims: dict[str, Claim] = {}
        self._order: list[Claim] = []
        self._recent: deque[Brought] = deque(maxlen=LOOKED_BACK)
        self._made = 0
        self._waiting: dict[str, Planned] = {}
        self._dates: dict[date, list[Planned]] = {}
        self._shown: Counter[date] = Counter()
        self._shown_dates: list[date] = []
        self._later: list[Claim] = []
        self._answered: list[tuple[int, str, datetime]] = []
        self._said: dict[str, list[Said]] = {}
        self._seen: dict[str, Seen] = {}
        self._reviews: dict[str, Review] = {}
        self._off: set[str] = set()

    def version(self) -> int:
        """Return a number that never moves: nobody else is here."""
        return 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do several things."""
        yield

    # Planning

    def replace_plan(
        self, day: date, moments: Iterable[Moment], present: Present, numbered: int = 0
    ) -> int:
        """Exchange what lies ahead of a date's plan; what has passed or was claimed stays."""
        kept = []
        for one in self._dates.get(day, []):
            if one.id in self._waiting and resolve(one.local_at, present.zone) > present.now:
                del self._waiting[one.id]
            else:
                kept.append(one)
        number = max([numbered, *(one.slot.number for one in kept if one.slot)])
        for moment in moments:
            number += 1
            at = (moment.local_at, moment.local_until)
            kept.append(self._add(Kind.SLOT, *at, slot=Slot(day, number)))
        self._dates[day] = kept
        return number

    def add_first(self, present: Present, local_until: datetime) -> bool:
        """Plan the very first practice."""
        self._add(Kind.FIRST, present.local, local_until)
        return True

    def add_again(self, parent: str, local_at: datetime, local_until: datetime, _: Present) -> None:
        """Plan the next showing of a delivery that was answered with *Later*."""
        before = self.claims[parent]
        prompt = before.choice.prompt
        self._add(
            *(Kind.AGAIN, local_at, local_until),
            prompt=prompt.id,
            tip=prompt.tip,
            parent=parent,
            showing=before.planned.showing + 1,
            gentler=before.choice.gentler,
        )

    def snoozed(self) -> list[tuple[str, datetime, timedelta | None]]:
        """Return what was answered with *Later* since the last time."""
        found = [
            (one.planned.id, one.answered_at, one.snooze)
            for one in self._later
            if one.answered_at is not None
        ]
        self._later.clear()
        return found

    def waiting(self) -> tuple[Planned, ...]:
        """Return what has been planned and neither claimed nor ended."""
        return tuple(self._waiting.values())

    def wall_times(self, day: date) -> list[datetime]:
        """Return when, in wall time, the slots of a date come or came."""
        return [one.local_at for one in self._dates.get(day, ())]

    def _add(
        self,
        kind: Kind,
        local_at: datetime,
        local_until: datetime,
        slot: Slot | None = None,
        **values: Any,  # noqa: ANN401 -- handed on
    ) -> Planned:
        self._made += 1
        one = Planned(f"{self._made:08}", kind, slot, local_at, local_until, **values)
        self._waiting[one.id] = one
        return one

    # Delivering

    def claim(
        self,
        delivery: str,
        _: int,
        choice: Choice,
        text: ShownText,
        present: Present,
        **__: object,
    ) -> bool:
        """Make a delivery ours."""
        planned = self._waiting.pop(delivery)
        claim = self.claims[delivery] = Claim(planned, choice, text, present.now, present.today)
        self._order.append(claim)
        self._recent.appendleft(_brought(claim))
        prompt, order = choice.prompt, len(self._order)
        before = self._seen.get(prompt.id)
        first_at = before.first_at if before else present.now
        self._seen[prompt.id] = Seen(prompt.id, prompt.tip, present.now, order, first_at)
        return True

    def record_shown(self, _: str, __: Posted, present: Present) -> None:
        """Record that a claimed delivery is up."""
        if present.today not in self._shown:
            insort(self._shown_dates, present.today)
        self._shown[present.today] += 1

    def record_interrupted(self, _: Present) -> int:
        """Return 0: nothing is ever interrupted here."""
        return 0

    def let_go(self, gone: Sequence[tuple[str, Reason]], _: Present) -> None:
        """Record that planned deliveries will not come."""
        for delivery, _reason in gone:
            del self._waiting[delivery]

    def hold(self, delivery: str, reason: Reason, _: Present) -> None:
        """Record why a delivery waits."""
        self._waiting[delivery] = replace(self._waiting[delivery], held=reason)

    # Answers

    def add_response(
        self,
        answer: Answer,
        present: Present,
        *,
        delivery: str,
        prompt: str,
        snooze: timedelta | None,
        **_: object,
    ) -> str:
        """Store the answer to a delivery; each is answered once."""
        claim = self.claims[delivery]
        claim.answer, claim.answered_at, claim.snooze = answer, present.now, snooze
        self._answered.append((len(self._answered) + 1, prompt, present.now))
        self._said.setdefault(prompt, []).append(Said(present.now, answer))
        if answer is Answer.NOT_FOR_ME:
            self._off.add(prompt)
        if answer is Answer.LATER:
            self._later.append(claim)
        return delivery

    def disabled(self) -> frozenset[str]:
        """Return the prompts that are switched off."""
        return frozenset(self._off)

    def pause(self) -> None:
        """Return None: nobody pauses here."""

    # Questions about the past

    def newest(self) -> DeliveryRecord | None:
        """Return the delivery that was claimed last."""
        return self._order[-1].record() if self._order else None

    def delivery(self, identifier: str) -> DeliveryRecord:
        """Return a claimed delivery by its id."""
        return self.claims[identifier].record()

    def last_came(self) -> Came | None:
        """Return what came last."""
        return Came(self._order[-1].planned.id, self._order[-1].at) if self._order else None

    def came_on(self, day: date, _: Present) -> int:
        """Return how many came on a local date."""
        return self._shown.get(day, 0)

    def dates_before(self, day: date, most: int, _: Present) -> list[date]:
        """Return the first dates on which anything was shown, up to so many."""
        return self._shown_dates[: min(most, bisect_left(self._shown_dates, day))]

    def last_date_before(self, day: date, _: Present) -> date | None:
        """Return the last date before another on which anything was shown."""
        number = bisect_left(self._shown_dates, day)
        return self._shown_dates[number - 1] if number else None

    def answers_before(
        self, until: datetime, most: int, _: Present
    ) -> list[tuple[Answer | None, date | None]]:
        """Return the answers to the last deliveries before a moment; None for unanswered."""
        number = bisect_left(self._order, until, key=lambda one: one.at)
        last = self._order[max(0, number - most) : number]
        return [(one.answer, one.day) for one in last]

    # What is known of each prompt

    def past(self, _: datetime) -> Past:
        """Return what a choice looks back at."""
        return Past(self._seen, self._reviews, list(self._recent))

    def answered_since(self, number: int) -> list[tuple[int, str, datetime]]:
        """Return the answers after one, in the order of storing: number, prompt, moment."""
        return self._answered[number:]

    def said(self, prompt: str, _: datetime) -> list[Said]:
        """Return the answers to a prompt, earliest first."""
        return self._said.get(prompt, [])

    def forget_reviews(self) -> None:
        """Leave no review: each is to be made anew."""
        self._reviews.clear()

    def put_review(self, prompt: str, review: Review) -> None:
        """Keep what the answers to a prompt come to."""
        self._reviews[prompt] = review


def _brought(claim: Claim) -> Brought:
    prompt, choice = claim.choice.prompt, claim.choice
    is_slot = claim.planned.kind is Kind.SLOT
    return Brought(prompt.id, prompt.tip, is_slot, rule=choice.rule, hard=choice.hard)
