"""The section "See how it stands": why."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import click

from reminderd import bootstrap
from reminderd.cli.account import THEN, account_json, account_lines, moment_words, what_became
from reminderd.cli.look import (
    ahead_lines,
    asleep_lines,
    pace_line,
    stand,
)
from reminderd.cli.opened import open_store
from reminderd.cli.output import (
    bold,
    clean,
    clock_time,
    json_option,
    moment,
    say,
    say_json,
    tell,
)
from reminderd.core.words import QUIETER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from reminderd.adapters.store.store import Store
    from reminderd.app.status import PaceFacts, Status
    from reminderd.app.why import Now, Then
    from reminderd.core.history import Account
    from reminderd.core.walltime import Present

# What is said of a person's practice; a test reads each for the words that never occur.
NO_LAST: Final = "No practice has come yet. To bring one: reminderd now"
NO_SILENCE: Final = "Nothing that was planned was left out so far."
DRAWN_THEN: Final = "That day is planned when it begins, at the pace that it then has."
ENOUGH: Final = "Where reading is enough: reminderd respond reading is enough"
MAY_HOLD: Final = "What could still hold it back: {reasons}."
NOTHING_THEN: Final = "Nothing was planned for {when}."
NOT_THERE: Final = "reminderd was not running on that day, or the machine was off."
BEFORE: Final = "Before that: {what}"
AFTER: Final = "After that: {what}"
PAUSED_THEN: Final = "It was paused from {since} to {until}."
PACE_THEN: Final = "That day's pace: {pace}."
AHEAD: Final = "That lies ahead."
AHEAD_HINT: Final = "To see what is planned: reminderd preview"

NOT_TOLD: Final = "Nothing tells here {what}, so that holds nothing back."

MAY: Final = {
    "paused": "a pause",
    "quiet-hours": "quiet hours",
    "do-not-disturb": "do not disturb",
    "in-call": "a call",
    "locked": "a locked screen",
    "inactive": "another session that has the screen",
    "away": "that you are away",
    "min-gap": "another that comes shortly before it",
    "daily-cap": "the most for a day",
    "resting": "that every practice rests",
    "no-server": "no way to show it",
}

WHETHER: Final = {
    "do-not-disturb": "whether you are not to be disturbed",
    "in-call": "whether you are in a call",
    "locked": "whether the screen is locked",
    "inactive": "whether another session has the screen",
    "away": "whether you are away",
}


@click.command(short_help="Explain the last practice, the last silence and the next one.")
@click.option(
    "--at", "at", default="", metavar="TIME", help='A time that has passed: "yesterday 14:00".'
)
@json_option
def why(at: str, as_json: bool) -> None:
    r"""Explain the last practice, the last silence and the next moment.

    With --at: what became of what was planned for that time, or that nothing was.

    \b
    Examples:
      reminderd why
      reminderd why --at "yesterday 14:00"
    """
    present = bootstrap.present()
    store = open_store(present)
    if at:
        _explain_then(store, at, present, as_json=as_json)
        return
    from reminderd.app.why import why_now

    now = stand(store, present)
    found = why_now(store, now, present)
    if as_json:
        say_json(
            {
                "last": found.last and account_json(found.last, present),
                "silence": found.silence and account_json(found.silence, present),
                "next": _next_json(found, now),
            }
        )
        return
    _say_parts(
        ("The last one", _or_else(NO_LAST, found.last, now, present)),
        ("The last silence", _or_else(NO_SILENCE, found.silence, now, present)),
        ("The next one", _next_lines(found, now, present)),
    )


def _say_parts(*parts: tuple[str, Iterable[str]]) -> None:
    for number, (title, lines) in enumerate(parts):
        if number:
            say()
        say(bold(title))
        for line in lines:
            tell(line)


def _or_else(none: str, one: Account | None, now: Status, present: Present) -> Iterator[str]:
    if one is None:
        yield none
    else:
        yield from account_lines(one, present, running=now["running"])


def _next_lines(found: Now, now: Status, present: Present) -> Iterator[str]:
    """Yield what comes next, as `status` has it, and what it depends on."""
    if not now["running"]:
        yield from asleep_lines()
    yield from ahead_lines(now, present)
    if now["running"] and now["notifier"]:
        if found.coming and (then := moment_words(found.coming, present, now["next"])):
            yield THEN.format(why=then)
        elif now["next"] and not found.coming:
            yield DRAWN_THEN
    yield from _depends_on(found, now)
    yield from map(clean, now["problems"])


def _depends_on(found: Now, now: Status) -> Iterator[str]:
    if now["pace"]:
        yield pace_line(now["pace"])
        if now["pace"]["reason"].startswith(QUIETER):
            yield ENOUGH
    if found.may_hold:
        yield MAY_HOLD.format(reasons=_listed([MAY[reason.value] for reason in found.may_hold]))
    if found.unknown:
        yield NOT_TOLD.format(what=_listed([WHETHER[reason.value] for reason in found.unknown]))


def _explain_then(store: Store, at: str, present: Present, *, as_json: bool) -> None:
    from reminderd.app.why import why_then
    from reminderd.core.spoken_past import parse_past
    from reminderd.core.walltime import resolve
    from reminderd.errors import SpokenError

    begin, end = (resolve(one, present.zone) for one in parse_past(at, present.local))
    if begin > present.now:
        raise SpokenError(AHEAD, AHEAD_HINT)
    found = why_then(store, begin, end, present)
    if as_json:
        say_json(_then_json(found, begin, present))
        return
    running = stand(store, present)["running"]
    for line in _then_lines(found, begin, end, present, running=running):
        tell(line)


def _then_lines(
    found: Then, begin: datetime, end: datetime, present: Present, *, running: bool
) -> Iterator[str]:
    for number, account in enumerate(found.found):
        if number:
            yield ""
        yield from account_lines(account, present, running=running)
    if not found.found:
        yield NOTHING_THEN.format(when=_when(begin, end, present))
        if found.before:
            yield BEFORE.format(what=what_became(found.before, present))
        if found.after:
            yield AFTER.format(what=what_became(found.after, present))
        if found.lived is False:
            yield NOT_THERE
        if found.pace:
            yield PACE_THEN.format(pace=_pace_then(found.pace))
    for since, until in found.paused:
        if (begun := moment(since, present)) != (over := moment(until, present)):
            yield PAUSED_THEN.format(since=begun, until=over)


def _when(begin: datetime, end: datetime, present: Present) -> str:
    """Return a minute, a date or a part of one in words."""
    words = moment(begin, present)
    if end - begin <= timedelta(minutes=1):
        return words
    if (end - begin) >= timedelta(hours=20):  # a date, also one on which the clocks change
        return words.rpartition(" ")[0]
    return f"{words} to {clock_time(end.astimezone(present.zone))}"


def _pace_then(pace: PaceFacts) -> str:
    """Return how much of the cadence came, without what was to be done about it then."""
    words = pace_line(pace).removeprefix("Pace: ").partition(". ")[0].rstrip(".")
    return words[0].lower() + words[1:]


def _listed(parts: list[str]) -> str:
    return f"{', '.join(parts[:-1])}, or {parts[-1]}" if len(parts) > 1 else parts[0]


def _next_json(found: Now, now: Status) -> dict[str, object]:
    coming = found.coming
    return {
        "at": now["next"],
        "slot": str(coming.slot) if coming and coming.slot else None,
        "kind": coming.kind.value if coming else None,
        "why_moment": coming.source.value if coming and coming.source else None,
        "held": now["held"],
        "paused_until": now["paused_until"],
        "pace": now["pace"],
        "may_hold": [reason.value for reason in found.may_hold],
        "unknown": [reason.value for reason in found.unknown],
    }


def _then_json(found: Then, begin: datetime, present: Present) -> dict[str, object]:
    from reminderd.app.status import local_iso

    return {
        "at": local_iso(begin, present.zone),
        "found": [account_json(one, present) for one in found.found],
        "before": found.before and account_json(found.before, present),
        "after": found.after and account_json(found.after, present),
        "paused": [
            {"from": local_iso(since, present.zone), "until": local_iso(until, present.zone)}
            for since, until in found.paused
        ],
        "pace": found.pace,
    }
