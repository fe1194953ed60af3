"""What ramp-up and back-off make of the cadence: a pure function of history and settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from reminderd.core.cadence import asked_on, asked_per_day
from reminderd.core.names import Answer
from reminderd.core.words import AS_SET, QUIETER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reminderd.core.model import Cadence, PaceSettings

RAMP_DATES: Final = 7
"""So many dates with a delivery pass before there is one more a day."""

FALLS: Final = (4, 8, 14)
"""After so many unanswered in a row there is half, a quarter, one a week."""

_BRING_BACK: Final = frozenset({Answer.DONE, Answer.TAKEN})
_SHARES: Final = (Fraction(1), Fraction(1, 2), Fraction(1, 4), Fraction(1, 4))
_WEEKLY: Final = 3
_WEEK: Final = 7

MOST: Final = 12
"""A date never has more: `max_per_day` goes up to it."""
REMEMBERED: Final = 400
"""Deliveries; what lies further back slows nothing down any more."""

_NUMBERS: Final = (
    *("none", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
ANY_ANSWER: Final = "Answer one whenever you like and it picks up."


@dataclass(frozen=True, slots=True)
class Fall:
    """How far back-off has gone.

    Attributes:
        steps: 0 for the full cadence, 1 for half, 2 for a quarter, 3 for one a week.
        unanswered: How many in a row were closed without an answer.
        fresh: Whether the delivery that was closed last brought it a step down.
    """

    steps: int = 0
    unanswered: int = 0
    fresh: bool = False


def fall(answers: Iterable[Answer | None]) -> Fall:
    """Return how far back-off has gone after some deliveries, earliest first; all are closed.

    Args:
        answers: What each was answered with; None for unanswered.
    """
    steps = unanswered = 0
    fresh = False
    for answer in answers:
        fresh = False
        if answer is None:
            unanswered += 1
            if unanswered in FALLS and (reached := FALLS.index(unanswered) + 1) > steps:
                fresh, steps = True, reached
        else:
            unanswered = 0
            if steps and answer in _BRING_BACK:
                steps -= 1
    return Fall(steps, unanswered, fresh)


@dataclass(frozen=True, slots=True)
class Past:
    """What of the history counts for the pace of a date.

    Attributes:
        dates: On how many dates before it something was brought.
        unanswered: How many of these lie in the row that back-off counts, while it has gone down.
        last: The last of these.
        fall: How far back-off has gone by the deliveries of these.
    """

    dates: int = 0
    last: date | None = None
    fall: Fall = Fall()
    unanswered: int = 0


@dataclass(frozen=True, slots=True)
class Pace:
    """How much of the cadence comes.

    Attributes:
        most: How many a day there are at most, ramp-up considered.
        steps: How many steps back-off has gone down.
        last: The last date with a delivery before the date that is planned.
        room: How many the date has room for, whatever is asked.
    """

    most: int
    steps: int = 0
    last: date | None = None
    room: int = MOST


def pace(cadence: Cadence, settings: PaceSettings, past: Past) -> Pace:
    """Return the pace of a date that is about to be planned.

    Args:
        cadence: How often, on which days.
        settings: Whether ramp-up and back-off are wanted.
        past: What came before that date.
    """
    most = cadence.max_per_day
    if settings.ramp_up:
        # It would make it more while nothing is answered, between one step down and the next.
        risen = past.dates - (past.unanswered if settings.back_off else 0)
        most = min(most, 1 + risen // RAMP_DATES)
    return Pace(most, past.fall.steps if settings.back_off else 0, past.last)


def allowance(cadence: Cadence, at: Pace, day: date) -> int:
    """Return how many moments the pace grants a date.

    Fractions are spread evenly over the dates on which the cadence asks for anything: date n gets
    floor((n + 1)p) - floor(np) of p a date. One a week is granted a week after the last that came,
    whichever weekday that is: a fixed one might never suit.
    """
    week = _week(cadence, at)
    asked = week[day.weekday()]
    if not asked or not at.steps:
        return asked
    before = sum(week) * ((day.toordinal() - 1) // _WEEK) + sum(week[: day.weekday()])
    share = _SHARES[at.steps]
    granted = int((before + asked) * share) - int(before * share)
    if at.steps == _WEEKLY and sum(week) * share >= 1:
        rested = at.last is None or day - at.last >= timedelta(days=_WEEK)
        granted = 1 if rested else 0
    return granted


def per_day(cadence: Cadence, at: Pace) -> float:
    """Return how many a day come at this pace.

    In full that is on the weekday that asks for most; slowed down, on average.
    """
    rate = _rate(cadence, at)
    return int(rate) if rate.denominator == 1 else round(float(rate), 2)


def words(cadence: Cadence, at: Pace) -> str:
    """Return why there are so many, for the person: `AS_SET`, or a few sentences."""
    if at.steps:
        return f"{QUIETER}: {_rate_words(cadence, at)}. {ANY_ANSWER}"
    if at.most < asked_per_day(cadence):
        rate = _rate_words(cadence, at)
        return f"Beginning gently: {rate}. Each week with practice brings one more."
    return AS_SET


def rising_words(cadence: Cadence, tomorrow: Pace) -> str:
    """Return what an answer has made of the pace, for the person."""
    return f"It picks up: {_rate_words(cadence, tomorrow)} from tomorrow on."


def _week(cadence: Cadence, at: Pace) -> list[int]:
    """Return how many each weekday asks for, back-off aside; Monday is the first."""
    most = min(at.most, at.room)
    return [min(asked_on(cadence, weekday), most) for weekday in range(_WEEK)]


def _rate(cadence: Cadence, at: Pace) -> Fraction:
    week = _week(cadence, at)
    if not at.steps:
        return Fraction(max(week))
    rate = Fraction(sum(week), _WEEK) * _SHARES[at.steps]
    return min(rate, Fraction(1, _WEEK)) if at.steps == _WEEKLY else rate


def _rate_words(cadence: Cadence, at: Pace) -> str:
    rate = _rate(cadence, at)
    if rate >= 1:
        whole = int(rate)
        more = f" or {_NUMBERS[whole + 1]}" if rate != whole else ""
        return f"{_NUMBERS[whole]}{more} a day"
    days = round(1 / rate) if rate else _WEEK
    if days % _WEEK == 0:
        weeks = days // _WEEK
        return "one a week" if weeks == 1 else f"one every {_spoken(weeks)} weeks"
    return f"one every {_spoken(days)} days" if days > 1 else "one on most days"


def _spoken(number: int) -> str:
    return _NUMBERS[number] if number < len(_NUMBERS) else str(number)
