"""The section "See how it stands": simulate (what is typed for it: `made_up.py`)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import click

from reminderd import bootstrap
from reminderd.cli.made_up import away_time, beginning, chances
from reminderd.cli.output import (
    ANSWER_WORDS,
    MONTHS,
    bold,
    cells,
    clock_time,
    day_column,
    fitted,
    json_option,
    one_line,
    say,
    say_json,
    tell,
    width,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from reminderd.app.simulating import Came, Person
    from reminderd.cli.switches import Switches
    from reminderd.core.insight import Showings
    from reminderd.core.model import Prompt
    from reminderd.core.walltime import Present

# What is said of a person's practice; a test reads each for the words that never occur.
NONE_OF_TIPS: Final = "Of {tips} no prompt may come. To see why: reminderd prompts list --tip {tip}"
NOTHING_CAME: Final = "Nothing came in this time. To see why: reminderd preview"
SUMMARY: Final = "{count} in {days}, {answered} answered; {met} of {all} practices met."
AWAY_OUTSIDE: Final = "No date from {first} to {last} is one of these, so that changes nothing."
BY_MONTH: Final = ("by month", "times", "a day", "answered")
SHOWN: Final = ("times", "first seen", "days between")
GAPS: Final = "{shortest} to {longest}, mostly {middle}"

_NUMBERS: Final = frozenset({"times", "a day", "answered"})
_LEAST: Final = 8
"""Columns of a name, however narrow the terminal is."""


@click.command(short_help="Live some months in advance, in seconds.")
@click.option(
    "--days",
    type=click.IntRange(1, 3660),
    default=30,
    metavar="N",
    help="How many days, today the first of them (30).",
)
@click.option(
    "--answers",
    default="done=.6,hard=.1,none=.3",
    metavar="CHANCES",
    help="How likely each answer is; what is missing to 1 is none (done=.6,hard=.1,none=.3).",
)
@click.option(
    "--away",
    multiple=True,
    metavar="FIRST..LAST",
    help="Dates on which nothing is answered; can be given several times.",
)
@click.option("--tip", multiple=True, metavar="T", help="Only this theme, or these.")
@click.option(
    "--seed", default="simulated", metavar="S", help="Of every draw: another, another life."
)
@click.option("--from", "begin", default="", metavar="DATE", help="The first day (today).")
@json_option
def simulate(
    days: int,
    answers: str,
    away: tuple[str, ...],
    tip: tuple[str, ...],
    seed: str,
    begin: str,
    as_json: bool,
) -> None:
    r"""Show what would come with your settings, from a new beginning on, and when.

    A made-up person answers by chance. What you switched off stays off; your history plays no
    part, and nothing is stored.

    \b
    Examples:
      reminderd simulate --days 90
      reminderd simulate --days 365 --answers done=.1 --away 2026-07-01..2026-07-21
    """
    from reminderd.app import simulating
    from reminderd.cli.remarks import why_nothing_is_planned
    from reminderd.cli.switches import Switches

    person = simulating.Person(chances(answers), tuple(map(away_time, away)))
    present = beginning(begin, bootstrap.present())
    preferences = bootstrap.preferences(bootstrap.load_settings())
    switches = Switches.read()
    prompts, nothing = _prompts(switches, tip)
    came: list[Came] = []
    if not nothing:
        clock = simulating.VirtualClock(present.now, present.zone, present.zone_name)
        came = list(simulating.simulate(preferences, prompts, person, clock, days=days, seed=seed))
        nothing = why_nothing_is_planned(preferences.cadence)
    if as_json:
        say_json([_json(one) for one in came])
    elif came:
        _print(came, prompts, switches, days, present)
    else:
        tell(nothing or NOTHING_CAME)
    if nothing and (as_json or came):
        tell(nothing, err=True)
    for line in _remarks(person, switches, days, present):
        tell(line, err=True)


def _remarks(person: Person, switches: Switches, days: int, present: Present) -> Iterator[str]:
    """Yield what may surprise."""
    last = present.today + timedelta(days=days - 1)
    for first, end in person.away:
        if end < present.today or first > last:
            yield AWAY_OUTSIDE.format(first=first, last=end)
    yield from map(str, switches.decks.problems)


def _prompts(switches: Switches, tips: Sequence[str]) -> tuple[list[Prompt], str]:
    """Return the prompts that the person did not switch off one by one, and why none may come.

    Raises:
        UnknownNameError: There is no such tip.
    """
    from reminderd.core.pool import enabled, why_none

    every, practice, off = switches.decks.prompts, switches.practice, switches.disabled
    for tip in tips:
        switches.known("tip", tip)
    chosen = [one for one in every if one.id not in off and (not tips or one.tip in tips)]
    nothing = why_none(every, practice, off)
    if not nothing and not enabled(chosen, practice, off):
        nothing = NONE_OF_TIPS.format(tips=" and ".join(tips), tip=tips[0])
    return chosen, nothing


def _json(one: Came) -> dict[str, object]:
    return {
        "at": one.at.isoformat(timespec="seconds"),
        "prompt": one.prompt,
        "tip": one.tip,
        "response": one.response.value if one.response else None,
    }


def _print(
    came: Sequence[Came],
    prompts: Sequence[Prompt],
    switches: Switches,
    days: int,
    present: Present,
) -> None:
    from reminderd.core.insight import showings
    from reminderd.core.pool import enabled

    titles = {prompt.id: prompt.title for prompt in prompts}
    for line in _days(came, titles, present):
        say(line)
    met = {one.prompt for one in came}
    may_come = {one.id for one in enabled(prompts, switches.practice, switches.disabled)}
    summary = SUMMARY.format(
        count=len(came),
        days="1 day" if days == 1 else f"{days} days",
        answered=sum(one.response is not None for one in came),
        met=len(met),
        all=len(met | may_come),
    )
    tell(f"\n{summary}")
    months = list(_months(came, present.today, days))
    by_tip = showings((one.tip, one.at) for one in came)
    by_prompt = showings((one.prompt, one.at) for one in came)
    for rows in (
        [BY_MONTH, *months] if len(months) > 1 else [],
        [("by theme", *SHOWN), *_shown(by_tip, present)],
        [("by practice", *SHOWN), *_shown(by_prompt, present)],
    ):
        for line in _table(rows):
            say(line)


def _days(came: Iterable[Came], titles: Mapping[str, str], present: Present) -> Iterator[str]:
    """Yield a line for each practice: when, what was answered, and what it was."""
    columns = width()
    for one in came:
        said = ANSWER_WORDS[one.response] if one.response else "-"
        when = f"{day_column(one.at.date(), present)} {clock_time(one.at).rjust(5)}"
        before = f"{when}  {said:<12}"
        title = one_line(titles[one.prompt])
        if columns is not None:
            title = fitted(title, min(cells(title), max(0, columns - 1 - len(before))))
        yield f"{before}{title}".rstrip()


def _months(came: Iterable[Came], first: date, days: int) -> Iterator[tuple[str, ...]]:
    """Yield what came in each month, and how much that is a day."""
    dates = [first + timedelta(days=number) for number in range(days)]
    lengths = Counter((day.year, day.month) for day in dates)
    times: Counter[tuple[int, int]] = Counter()
    answered: Counter[tuple[int, int]] = Counter()
    for one in came:
        times[one.at.year, one.at.month] += 1
        answered[one.at.year, one.at.month] += one.response is not None
    for (year, month), length in lengths.items():
        here = times[year, month]
        name = f"{MONTHS[month - 1]} {year}"
        yield name, str(here), f"{here / length:.1f}", str(answered[year, month])


def _shown(found: Mapping[str, Showings], present: Present) -> Iterator[tuple[str, ...]]:
    for name, one in found.items():
        yield name, str(one.times), day_column(one.first, present), _gaps(one)


def _gaps(one: Showings) -> str:
    if one.gaps is None:
        return "-"
    shortest, middle, longest = (f"{days:.0f}" for days in one.gaps)
    if shortest == longest:
        return middle
    return GAPS.format(shortest=shortest, middle=middle, longest=longest)


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Yield rows below their head, after an empty line; numbers stand to the right.

    Where there is little room, the names in the first column are cut.
    """
    wide = [max(map(cells, column)) for column in zip(*rows, strict=True)]
    if rows and (columns := width()) is not None:
        others = sum(2 + one for one in wide[1:])
        wide[0] = min(wide[0], max(_LEAST, columns - 1 - others))
    for number, (name, *values) in enumerate(rows):
        line = fitted(name, wide[0])
        for value, room, head in zip(values, wide[1:], rows[0][1:], strict=True):
            line += f"  {value.rjust(room) if head in _NUMBERS else value.ljust(room)}"
        yield f"\n{bold(line.rstrip())}" if number == 0 else line.rstrip()
