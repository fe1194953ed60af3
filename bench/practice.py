"""Writes docs/practice.md: what the default settings make of a year, for four made-up people.

    python bench/practice.py            writes it
    python bench/practice.py --check    says whether it is what the code gives now

It is the code of `reminderd simulate`. What the project promises of it is checked on the way.
"""

from __future__ import annotations

import sys
import textwrap
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby, pairwise
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from reminderd import bootstrap
from reminderd.adapters.decks import load_decks
from reminderd.adapters.settings import Settings
from reminderd.app.simulating import Came, Person, VirtualClock, simulate
from reminderd.core.model import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reminderd.core.model import Preferences, Prompt

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/practice.md"
ZONE = ZoneInfo("Europe/Berlin")
BEGIN = datetime(2026, 1, 1, 8, tzinfo=ZONE)
DAYS = 365
QUARTERS = (date(2026, 3, 31), date(2026, 6, 30), date(2026, 9, 30), date(2026, 12, 31))
AWAY = (date(2026, 7, 1), date(2026, 7, 21))
DECK = "letting-people-in"
HALF = 0.5
"""Of the cadence: the most that somebody who answers one in ten is asked on average."""
WEEK = 7
"""Days until whoever returns and answers has the full cadence again, at most."""
PEOPLE = {
    "answers nearly all": Person({Answer.DONE: 0.85, Answer.HARD: 0.1}),
    "answers half": Person({Answer.DONE: 0.45, Answer.HARD: 0.05}),
    "answers one in ten": Person({Answer.DONE: 0.1}),
    "stops for three weeks": Person({Answer.DONE: 0.85, Answer.HARD: 0.1}, (AWAY,)),
}

TEXT = """\
# A year of practice

What becomes of four made-up people in a year with the default settings ({all} practices), from a
first start on 1 January. The first answers nearly all (85 of 100 *Done* or *I'll try*, 10 *Hard
today*), the second half (45 and 5), the third one in ten (10 and none), and the fourth nearly
all, but for three weeks in July in which nothing is answered though the machine runs. Each lives
the same year with 2 and with 3 a day.

It is written by `python bench/practice.py`, with the code of `reminderd simulate`, which is that
of the daemon. `reminderd simulate` shows the same for your own settings, day by day. They are one
draw each; another seed gives other days.

## How many a day

On average, by month:

{months}

It begins with one a day and adds one with each seven dates with a practice. Whoever answers one
in ten is asked {tenth} of what was set, over the year.

## How it slowed down, and rose again

{pace}

A step down is taken after 4, 8 and 14 in a row without an answer (half, a quarter, one a week), a
step up with each *Done* or *I'll try*; whoever answers each with one of these, with a moment on
every weekday, has the full cadence again within a week. After the three weeks in July the fourth
had it {back} days after the first of them. From which date on it was how many a day, where 2 were
set and as far as something came:

{steps}

## How much of it is met

Of {all} practices and {tips} themes, by the end of each quarter:

{met}

## How far apart

Days between two showings of the same practice, and how often each came in the year:

{gaps}

## What holds for all

The most on one date and the least time between two, in all these years together; `max_per_day` is
{cap} and `min_gap` {gap} minutes:

{limits}
"""


@dataclass(frozen=True)
class Year:
    """What came to somebody in a year."""

    came: tuple[Came, ...]

    def counts(self) -> Counter[date]:
        """Return how many came on each date."""
        return Counter(one.at.date() for one in self.came)

    def average(self, first: date, last: date) -> float:
        """Return how many a day came from one date to another."""
        inside = sum(first <= one.at.date() <= last for one in self.came)
        return inside / ((last - first).days + 1)

    def paces(self) -> list[tuple[date, float]]:
        """Return from which date on the pace was what it was, as far as something came."""
        runs = groupby(self.came, key=lambda one: one.per_day)
        return [(next(came).at.date(), pace) for pace, came in runs]

    def gaps(self) -> list[float]:
        """Return the days between any two showings of one practice that follow each other."""
        shown: dict[str, list[datetime]] = {}
        for one in self.came:
            shown.setdefault(one.prompt, []).append(one.at)
        both = (pair for moments in shown.values() for pair in pairwise(moments))
        return sorted((later - one) / timedelta(days=1) for one, later in both)


def lived(preferences: Preferences, prompts: Sequence[Prompt], person: Person) -> Year:
    """Live through a year."""
    clock = VirtualClock(BEGIN.astimezone(UTC), ZONE, ZONE.key)
    return Year(tuple(simulate(preferences, prompts, person, clock, days=DAYS, seed="a year")))


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a table in Markdown; all but its first column are numbers."""
    names = list(head)
    lines = [names, ["---", *["---:"] * (len(names) - 1)], *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def months(years: dict[str, Year]) -> str:
    """Return how many a day came in each month."""
    firsts = [date(2026, month, 1) for month in range(1, 13)]
    lasts = [*(following - timedelta(days=1) for following in firsts[1:]), date(2026, 12, 31)]
    rows = [
        [name, *(f"{year.average(*month):.1f}" for month in zip(firsts, lasts, strict=True))]
        for name, year in years.items()
    ]
    return table(["", *(f"{first:%b}" for first in firsts)], rows)


def met(years: dict[str, Year]) -> str:
    """Return how many practices and themes had been met by the end of each quarter."""
    rows = []
    for name, year in years.items():
        seen = [[one for one in year.came if one.at.date() <= end] for end in QUARTERS]
        cells = [f"{len({o.prompt for o in c})}, {len({o.tip for o in c})}" for c in seen]
        rows.append([name, *cells])
    return table(["", *(f"{end.day} {end:%B}" for end in QUARTERS)], rows)


def gaps(years: dict[str, Year]) -> str:
    """Return how far apart repetitions were, and how often each came."""
    rows = []
    for name, year in years.items():
        days, times = year.gaps(), Counter(one.prompt for one in year.came).values()
        rows.append(
            [
                *(name, f"{days[0]:.1f}", f"{median(days):.0f}", f"{days[-1]:.0f}"),
                *(min(times), f"{median(times):.0f}", max(times)),
            ]
        )
    head = ("shortest", "median", "longest", "fewest times", "median", "most")
    return table(["", *head], rows)


def pace(years: dict[str, Year]) -> str:
    """Return how often and how far the pace fell."""
    rows = []
    for name, year in years.items():
        paces = [step for _, step in year.paces()]
        changes = list(pairwise(paces))
        rows.append(
            [
                *(name, len(year.came), f"{min(paces):g}"),
                *(sum(a > b for a, b in changes), sum(a < b for a, b in changes)),
            ]
        )
    head = ("came in all", "least a day", "times it fell", "times it rose")
    return table(["", *head], rows)


def steps(years: dict[str, Year]) -> str:
    """Return from which dates on the pace was what it was, a line of a list for each."""
    lines = []
    for name, year in years.items():
        dates = "; ".join(f"{day.day} {day:%B} {of:g}" for day, of in year.paces())
        lines.append(textwrap.fill(f"- {name}: {dates}", 100, subsequent_indent="  "))
    return "\n".join(lines)


def days_until_full(year: Year) -> int:
    """Return how long after the first answer that is a step up the full cadence was back."""
    after = [one for one in year.came if one.at.date() > AWAY[1]]
    first = next(one.at.date() for one in after if one.response in {Answer.DONE, Answer.TAKEN})
    full = max(one.per_day for one in year.came)
    return (next(one.at.date() for one in after if one.per_day == full) - first).days


def limits(years: Iterable[Year]) -> tuple[int, float]:
    """Return the most on one date, and the fewest minutes between two."""
    all_ = list(years)
    most = max(max(year.counts().values()) for year in all_)
    between = (later.at - one.at for year in all_ for one, later in pairwise(year.came))
    return most, min(between) / timedelta(minutes=1)


def page() -> str:
    """Return the page, once what it promises was seen to hold."""
    preferences = bootstrap.preferences(Settings())
    prompts = [
        one for one in load_decks(ROOT / "prompts", ROOT / "none").prompts if one.deck == DECK
    ]
    three = replace(preferences, cadence=replace(preferences.cadence, random_per_day=3))
    years = {name: lived(preferences, prompts, person) for name, person in PEOPLE.items()}
    more = {name: lived(three, prompts, person) for name, person in PEOPLE.items()}
    asked = preferences.cadence.random_per_day
    tenth = len(years["answers one in ten"].came) / (asked * DAYS)
    back = [days_until_full(one["stops for three weeks"]) for one in (years, more)]
    held = [limits(one.values()) for one in (years, more)]
    cadence = preferences.cadence
    for is_kept, figures in (
        (tenth <= HALF, tenth),
        (max(back) <= WEEK, back),
        (all(most <= cadence.max_per_day for most, _ in held), held),
        (all(least >= cadence.min_gap for _, least in held), held),
    ):
        if not is_kept:
            sys.exit(f"A promise does not hold: {figures}")
    cadences = ((2, years), (3, more))
    both = {f"{name}, {count} a day": year for count, of in cadences for name, year in of.items()}
    return TEXT.format(
        all=len(prompts),
        tips=len({one.tip for one in prompts}),
        months=months(both),
        tenth=f"{tenth:.0%}",
        pace=pace(both),
        steps=steps(years),
        back=back[0],
        met=met(both),
        gaps=gaps(both),
        cap=cadence.max_per_day,
        gap=cadence.min_gap,
        limits=table(
            ["", "most on one date", "fewest minutes between"],
            [
                [f"{count} a day", most, f"{least:.0f}"]
                for (count, _), (most, least) in zip(cadences, held, strict=True)
            ],
        ),
    )


def main() -> None:
    """Write the page, or check it."""
    text = page()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(text, "utf-8")
    elif PAGE.read_text("utf-8") != text:
        sys.exit(
            f"{PAGE.name} is not what the code gives now. To write it: python bench/practice.py"
        )


if __name__ == "__main__":
    main()
