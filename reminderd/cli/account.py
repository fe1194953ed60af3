"""One delivery explained: what became of it and why, in sentences and as JSON."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from reminderd.app.status import local_iso
from reminderd.cli.output import ANSWER_WORDS, clock_time, moment, one_line
from reminderd.core.names import Outcome, Reason
from reminderd.core.words import HELD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reminderd.core.history import Account
    from reminderd.core.walltime import Present

_PROMPTLY: Final = timedelta(minutes=1)

# What is said of a person's practice; a test reads each for the words that never occur.
CAME: Final = "“{title}” came {at}."
SENT: Final = "“{title}” was on its way {at}, and nobody knows whether it was seen: {reason}."
NOT_YET: Final = "One that is planned for {at} has not come yet."
LET_GO: Final = "One that was planned for {at} did not come."
THIS_ONE: Final = "Why this one: {why}."
THEN: Final = "Why then: {why}."
WAITED: Final = "It waited from {begin} to {end}: {reason}."
WAITS: Final = "It waits since {begin}: {reason}."
WAITED_LAST: Final = "It waits since {begin}: {reason} when reminderd last looked."
WAS_LET_GO: Final = "It was let go {at}, when its time was over."
GAVE_WAY: Final = "It was let go {at}: the next one was due."
ASLEEP: Final = "From {begin} to {end} reminderd was not running, or the machine was asleep."
RESTORED: Final = "It was let go after a backup was restored."
CAN_COME: Final = "It can come until {end}."
ANSWERED: Final = "Your answer: {answer}."
DRAWN: Final = {
    "at": "it is one of your fixed times",
    "every": "it is one of the steady moments inside your windows",
    "random": "it was drawn at random inside your windows",
}
ASKED: Final = {
    "now": "you asked for it",
    "first": "it was the first start",
}
LATER: Final = "you answered “later” {at}"
WAS_HELD: Final = {
    "paused": "it was paused",
    "quiet-hours": "these were quiet hours",
    "do-not-disturb": "the desktop was set to do not disturb",
    "in-call": "microphone or camera were in use",
    "locked": "the screen was locked",
    "inactive": "another session had the screen",
    "away": "nobody was there",
    "just-back": "you had only just come back",
    "min-gap": "another had come a short while before",
    "daily-cap": "there had been enough for that day",
    "no-server": "there was nowhere to show it",
    "no-prompt": "there was no practice to choose from",
    "resting": "every practice rested",
}
NOT_SEEN: Final = {
    "no-reply": "the desktop did not answer",
    "interrupted": "reminderd ended in that moment",
}


def account_lines(one: Account, present: Present, *, running: bool) -> Iterator[str]:
    """Yield what became of a delivery and why, in sentences.

    Args:
        one: What is recorded of it.
        present: Now.
        running: Whether a daemon runs, so that what held it last holds it now.
    """
    yield what_became(one, present)
    if one.title and one.why:
        yield THIS_ONE.format(why=one.why)
    then = moment_words(one, present)
    if then and then != one.why:
        yield THEN.format(why=then)
    yield from _waits(one, present, running=running)
    yield from _end(one, present)


def what_became(one: Account, present: Present) -> str:
    """Return in one sentence whether it came."""
    planned = moment(one.planned_at, present)
    if one.title is not None and one.ended_at is not None:
        came = moment(one.shown_at or one.ended_at, present)
        title = one_line(one.title)
        if one.outcome is Outcome.FAILED:
            reason = NOT_SEEN.get(one.reason or "", one.reason or "")
            return SENT.format(title=title, at=came, reason=reason)
        return CAME.format(title=title, at=came)
    return (NOT_YET if one.ended_at is None else LET_GO).format(at=planned)


def moment_words(one: Account, present: Present, comes_at: str | None = None) -> str:
    """Return why it was planned for that moment.

    Args:
        one: What is recorded of it.
        present: Now.
        comes_at: When it is to come, in ISO 8601, where it has not come yet.
    """
    if one.later_at is not None:
        return LATER.format(at=moment(one.later_at, present))
    if one.source is None:
        return ASKED.get(one.kind.value, "")
    then = DRAWN[one.source.value]
    at = datetime.fromisoformat(comes_at) if comes_at else one.shown_at
    late = at is not None and at - one.planned_at > _PROMPTLY
    planned = clock_time(one.planned_at.astimezone(present.zone))
    return f"{then}, at {planned}" if late else then


def _waits(one: Account, present: Present, *, running: bool) -> Iterator[str]:
    """Yield what held it back, each reason with its times."""
    looked_at = one.held[0].at if one.held else one.waited_until
    if looked_at is not None and looked_at - one.planned_at > _PROMPTLY:
        planned, end = (_clock(at, one, present) for at in (one.planned_at, looked_at))
        yield ASLEEP.format(begin=planned, end=end)
    for held, following in pairwise((*one.held, None)):
        if held is None:
            continue
        until = following.at if following else one.waited_until
        begin = _clock(held.at, one, present)
        if until is None:
            said, words = (WAITS, HELD) if running else (WAITED_LAST, WAS_HELD)
            yield said.format(begin=begin, reason=words[held.reason.value])
        else:
            reason = WAS_HELD[held.reason.value]
            yield WAITED.format(begin=begin, end=_clock(until, one, present), reason=reason)


def _end(one: Account, present: Present) -> Iterator[str]:
    """Yield how it ended, or until when it can come."""
    if one.ended_at is None:
        yield CAN_COME.format(end=_clock(one.valid_until, one, present))
    elif one.outcome is Outcome.MISSED:
        at = _clock(one.waited_until or one.ended_at, one, present)
        match one.reason:
            case Reason.MERGED:
                yield GAVE_WAY.format(at=at)
            case Reason.RESTORED:
                yield RESTORED
            case _:
                yield WAS_LET_GO.format(at=at)
    if one.answer is not None:
        yield ANSWERED.format(answer=ANSWER_WORDS[one.answer.value])


def _clock(at: datetime, one: Account, present: Present) -> str:
    """Return a time of day, with its day where that is not the one it was planned for."""
    local, planned = at.astimezone(present.zone), one.planned_at.astimezone(present.zone)
    return clock_time(local) if local.date() == planned.date() else moment(at, present)


def account_json(one: Account, present: Present) -> dict[str, object]:
    """Return the same facts as JSON."""

    def iso(at: datetime | None) -> str | None:
        return local_iso(at, present.zone) if at else None

    ends = [held.at for held in one.held[1:]]
    return {
        "delivery": one.id,
        "slot": str(one.slot) if one.slot else None,
        "kind": one.kind.value,
        "prompt": one.prompt,
        "title": one.title,
        "why_prompt": one.why or None,
        "why_moment": one.source.value if one.source else one.kind.value,
        "planned_at": iso(one.planned_at),
        "valid_until": iso(one.valid_until),
        "shown_at": iso(one.shown_at),
        "ended_at": iso(one.ended_at),
        "outcome": one.outcome.value if one.outcome else None,
        "reason": one.reason.value if one.reason else None,
        "response": one.answer.value if one.answer else None,
        "held": [
            {"reason": held.reason.value, "from": iso(held.at), "until": iso(end)}
            for held, end in zip(one.held, [*ends, one.waited_until], strict=False)
        ],
    }
