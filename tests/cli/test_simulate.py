"""simulate: a life in advance, as it is shown and as it is asked for."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

import pexpect
import pytest

from reminderd.cli import simulate
from reminderd.cli.output import cells
from reminderd.core.model import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.cli.people import Cli, Person

OWN = """\
[[prompt]]
id = "{id}"
tip = "{tip}"
basis = "my.point"
when = "now"
needs = "{needs}"
title = "My own title"
body = "My body."
cue = "If this, then I do that."
gentler = "Less."
"""


def configure(person: Person, text: str) -> None:
    """Write the settings."""
    person.config.parent.mkdir(parents=True, exist_ok=True)
    person.config.write_text(text, "utf-8")


def owns(person: Person, *, id_: str, tip: str = "mine", needs: str = "nobody") -> None:
    """Have a deck of one's own with one prompt, which is on."""
    folder = person.config.parent / "prompts"
    folder.mkdir(parents=True, exist_ok=True)
    text = OWN.format(id=id_, tip=tip, needs=needs)
    (folder / f"{id_}.toml").write_text(text, "utf-8")


def prompts(cli: Cli, *args: str) -> Counter[str]:
    """Return how often each prompt came."""
    return Counter(one["prompt"] for one in cli("simulate", *args, "--json").json)


def tips(cli: Cli, *args: str) -> set[str]:
    """Return the tips of which anything came, but for the very first practice."""
    return {one["tip"] for one in cli("simulate", *args, "--json").json[1:]}


# What it shows


def test_json_is_what_came(cli: Cli) -> None:
    """Moments with their offset, earliest first, the prompt, its tip, and the answer or null."""
    found = cli("simulate", "--days", "40", "--json").json
    assert {tuple(one) for one in found} == {("at", "prompt", "tip", "response")}
    moments = [datetime.fromisoformat(one["at"]) for one in found]
    assert moments == sorted(moments)
    assert {at.utcoffset() for at in moments} != {None}
    known = {one["id"]: one["tip"] for one in cli("prompts", "list", "--json").json}
    assert all(known[one["prompt"]] == one["tip"] for one in found)
    assert {one["response"] for one in found} == {"done", "taken", "hard", None}


def test_each_practice_has_a_line(cli: Cli) -> None:
    """When, what was answered, and its title."""
    found = cli("simulate", "--days", "20", "--json").json
    titles = {one["id"]: one["title"] for one in cli("prompts", "list", "--json").json}
    days, _, _ = cli("simulate", "--days", "20").out.partition("\n\n")
    words = {"done": "done", "taken": "I'll try", "hard": "hard", None: "-"}
    for line, one in zip(days.split("\n"), found, strict=True):
        at = datetime.fromisoformat(one["at"])
        when, what = line[:16], line[18:]
        assert when == f"{at:%a} {at.day:2} {at:%b} {at.hour:2}:{at:%M}".lower()
        assert what == f"{words[one['response']]:<12}{titles[one['prompt']]}"


def test_the_summary_counts(cli: Cli) -> None:
    """What came and what was answered, and how many of those that may come were met."""
    found = cli("simulate", "--days", "40", "--json").json
    said = cli("simulate", "--days", "40")
    answered = sum(one["response"] is not None for one in found)
    met = len({one["prompt"] for one in found})
    assert (
        f"\n{len(found)} in 40 days, {answered} answered; {met} of 82 practices met.\n" in said.out
    )
    assert "\n1 in 1 day, " in cli("simulate", "--days", "1").out
    assert said.err == ""


def rows_of(out: str, head: str) -> dict[str, list[str]]:
    """Return the rows of a table, by their first column."""
    (table,) = [part for part in out.split("\n\n") if part.startswith(head)]
    return {row.split("  ")[0]: row.split() for row in table.strip().split("\n")[1:]}


def row_of(times: Sequence[datetime]) -> str:
    """Return what a table says of something that came at these times."""
    first = f"{len(times)} {times[0]:%a} {times[0].day} {times[0]:%b}".lower()
    days = [(later - one).total_seconds() / 86_400 for one, later in pairwise(times)]
    if not days:
        return f"{first} -"
    ends = f"{min(days):.0f}", f"{max(days):.0f}"
    gaps = f"{ends[0]} to {ends[1]}, mostly {median(days):.0f}"
    return f"{first} {ends[0] if ends[0] == ends[1] else gaps}"


def test_the_tables_are_those_of_what_came(cli: Cli) -> None:
    """By theme and by practice: how often, first when, and the days between; most often first."""
    found = cli("simulate", "--days", "38", "--json").json
    said = cli("simulate", "--days", "38").out
    for head, key in (("by theme", "tip"), ("by practice", "prompt")):
        moments: dict[str, list[datetime]] = {}
        for one in found:
            moments.setdefault(one[key], []).append(datetime.fromisoformat(one["at"]))
        rows = {name: " ".join(row[1:]) for name, row in rows_of(said, head).items()}
        assert rows == {name: row_of(times) for name, times in moments.items()}
        counts = [len(moments[name]) for name in rows]
        assert counts == sorted(counts, reverse=True)


def test_months_are_told_where_there_are_several(cli: Cli) -> None:
    """Also one in which nothing came, with how much it is for each of its days."""
    said = cli("simulate", "--days", "40").out
    rows = [" ".join(row) for row in rows_of(said, "by month").values()]
    found = cli("simulate", "--days", "40", "--json").json
    for row, month, head, days in zip(
        rows, ("2026-11", "2026-12"), ("nov 2026", "dec 2026"), (9, 31), strict=True
    ):
        here = [one for one in found if one["at"].startswith(month)]
        answered = sum(one["response"] is not None for one in here)
        assert row == f"{head} {len(here)} {len(here) / days:.1f} {answered}"
    assert "by month" not in cli("simulate", "--days", "9").out


def test_a_gap_that_is_always_the_same_is_one_number(cli: Cli, person: Person) -> None:
    """Nobody reads "7 to 7, mostly 7"."""
    plan = '[cadence]\nrandom_per_day = 0\nat = ["sat 12:00"]\n[practice]\ndecks = ["alone"]\n'
    configure(person, plan)
    owns(person, id_="alone")
    found = rows_of(cli("simulate", "--days", "60").out, "by practice")
    assert found["alone"][-1] == "7"


@pytest.mark.parametrize("columns", [30, 50, 80, 200])
def test_columns_stay_columns(columns: int, person: Person) -> None:
    """Names and titles give way to a narrow terminal, and keep their place however long.

    In a year each practice comes, whatever the date on which it begins.
    """
    long = "x" * 60
    owns(person, id_=long, tip=long)
    configure(
        person, f'[practice]\ndecks = ["{long}", "letting-people-in"]\n[pace]\nramp_up = false\n'
    )
    terminal = person.terminal("simulate", "--days", "366", columns=columns)
    terminal.expect(pexpect.EOF)
    lines = str(terminal.before).replace("\x1b[1m", "").replace("\x1b[0m", "").split("\r\n")
    assert max(map(cells, lines)) < max(columns, 60)
    (head,) = [line for line in lines if line.startswith("by prac")]
    table = lines[lines.index(head) + 1 :]
    assert any(line.startswith("xxxxxxx") for line in table)
    place = head.index("first seen")
    assert {line[place - 2 : place] for line in table if line} == {"  "}
    assert all(line[place - 3].isdigit() for line in table if line)
    assert (long in "\n".join(lines)) == (columns == 200)


def test_the_year_is_told_where_it_is_another(cli: Cli) -> None:
    """From there on each line has it, and so has the head of its month."""
    said = cli("simulate", "--days", "50").out
    assert "\nfri  1 jan 2027 " in said
    assert "\njan 2027 " in said


# Whose life it is


def test_the_same_seed_is_the_same_life(cli: Cli) -> None:
    """Word for word; another is another, with other answers too."""
    first = cli("simulate", "--days", "60").out
    assert cli("simulate", "--days", "60").out == first
    named = cli("simulate", "--days", "60", "--seed", "mine")
    assert named.out == cli("simulate", "--days", "60", "--seed", "mine").out != first


def test_a_longer_life_begins_as_a_shorter_one(cli: Cli) -> None:
    """So many dates, today the first."""
    short = cli("simulate", "--days", "10", "--json").json
    assert cli("simulate", "--days", "30", "--json").json[: len(short)] == short
    dates = {one["at"][:10] for one in short}
    assert (min(dates), max(dates)) == ("2026-11-22", "2026-12-01")


def test_from_names_the_first_day(cli: Cli) -> None:
    """Its own moments, and the offset that holds there."""
    found = cli("simulate", "--from", "2028-07-01", "--days", "5", "--json").json
    assert found[0]["at"] == "2028-07-01T08:00:00+02:00"
    assert {one["at"][:10] for one in found} <= {f"2028-07-0{day}" for day in range(1, 6)}


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ("done=1", {"done", "taken"}),
        ("hard=1", {"hard"}),
        ("none=1", {None}),
        ("done=0", {None}),
        ("not today=1", {"not-today"}),
        (" I'll try = .5 , HARD = .5 ", {"taken", "hard"}),
        ("later=.5,done=.5", {"done", "taken", "later"}),
    ],
)
def test_answers_are_as_likely_as_said(answers: str, said: set[str | None], cli: Cli) -> None:
    """In the words that `respond` understands; what is left of 1 is no answer."""
    found = cli("simulate", "--days", "30", "--answers", answers, "--json").json
    assert {one["response"] for one in found} == said


def test_nothing_is_answered_while_away(cli: Cli) -> None:
    """Each of the times, first and last date included; around them it goes on."""
    away = ("--away", "2026-12-01..2026-12-05", "--away", "2026-12-10 .. 2026-12-10")
    found = cli("simulate", "--days", "25", "--answers", "done=1", *away, "--json").json
    silent = {one["at"][:10] for one in found if one["response"] is None}
    assert silent == {"2026-12-01", "2026-12-02", "2026-12-03", "2026-12-04", "2026-12-05"} | {
        "2026-12-10"
    }
    assert {"2026-11-30", "2026-12-06", "2026-12-09", "2026-12-11"} <= {
        one["at"][:10] for one in found if one["response"]
    }


def test_being_away_on_other_days_is_told(cli: Cli) -> None:
    """Else nothing would seem to happen."""
    times = ("2026-11-01..2026-11-21", "2026-12-12..2026-12-20", "2026-12-01..2027-01-01")
    away = [word for one in times for word in ("--away", one)]
    said = cli("simulate", "--days", "20", *away, "--json")
    assert said.err.splitlines() == [
        simulate.AWAY_OUTSIDE.format(first=first, last=last)
        for first, last in (one.split("..") for one in times[:2])
    ]
    assert said.json


# The settings hold


def test_what_is_off_does_not_come(cli: Cli, person: Person) -> None:
    """Tips and decks by the settings; and what is on comes."""
    configure(person, '[practice]\ntips = ["take-it-slow", "noticing"]\n')
    assert tips(cli, "--days", "60") == {"take-it-slow", "noticing"}
    configure(person, '[practice]\ndecks = ["music-practice"]\n')
    assert tips(cli, "--days", "60") == {"slow-hands", "open-ears", "in-the-mind", "rest-and-ease"}


def test_alone_only_needs_nobody(cli: Cli, person: Person) -> None:
    """What needs somebody else comes without the setting, and not with it."""
    needs = {one["id"]: one["needs"] for one in cli("prompts", "list", "--json").json}
    assert {needs[one] for one in prompts(cli, "--days", "60")} == {"nobody", "someone"}
    configure(person, "[practice]\nalone_only = true\n")
    assert {needs[one] for one in prompts(cli, "--days", "60")} == {"nobody"}


def test_what_was_switched_off_by_hand_does_not_come(cli: Cli, person: Person) -> None:
    """By a command or by *Not for me*: both are the person's choice, as the settings are."""
    before = prompts(cli, "--days", "60", "--tip", "noticing")
    (first, _), (second, _) = before.most_common(2)
    cli("prompts", "disable", first)
    person.brought(prompt=second, tip="noticing", answers=(Answer.NOT_FOR_ME,))
    after = prompts(cli, "--days", "60", "--tip", "noticing")
    assert set(before) - set(after) == {first, second}
    assert "; 10 of 10 practices met." in cli("simulate", "--days", "60", "--tip", "noticing").out
    cli("prompts", "enable", first)
    assert first in prompts(cli, "--days", "60", "--tip", "noticing")


def test_your_own_decks_take_part(cli: Cli, person: Person) -> None:
    """A deck with a mistake is told, and the rest goes on."""
    configure(person, '[practice]\ndecks = ["alone"]\n')
    owns(person, id_="alone")
    owns(person, id_="broken", needs="everybody")
    said = cli("simulate", "--days", "9", "--json")
    assert "alone" in {one["prompt"] for one in said.json}
    assert 'broken.toml:6: prompt "broken", needs: found "everybody"' in said.err


def test_cadence_and_pace_hold(cli: Cli, person: Person) -> None:
    """No ramp-up where it is not wanted; never more than the cap, and only in the windows."""
    configure(
        person,
        '[cadence]\nrandom_per_day = 5\nmax_per_day = 3\nwindows = ["10:00-16:00"]\n'
        'min_gap = "1h"\n[pace]\nramp_up = false\nback_off = false\n',
    )
    found = cli("simulate", "--days", "20", "--answers", "none=1", "--json").json[1:]
    assert set(Counter(one["at"][:10] for one in found[2:]).values()) == {3}
    assert all("10:00" <= one["at"][11:16] < "16:00" for one in found)


def test_tip_narrows_what_is_practised(cli: Cli) -> None:
    """One or several, the very first practice included."""
    for chosen in (["noticing"], ["take-it-slow", "self-compassion"]):
        words = [word for one in chosen for word in ("--tip", one)]
        found = cli("simulate", "--days", "30", *words, "--json").json
        assert {one["tip"] for one in found} == set(chosen)


def test_it_stores_nothing(cli: Cli, person: Person) -> None:
    """Neither a database nor settings come of it."""
    assert cli("simulate", "--days", "9").code == 0
    assert not person.database.exists()
    assert not person.config.exists()


def test_your_own_past_plays_no_part(cli: Cli, person: Person) -> None:
    """It begins anew, whatever was answered."""
    before = cli("simulate", "--days", "30").out
    for answer in (Answer.DONE, Answer.HARD, Answer.NOT_TODAY):
        person.brought(prompt="slow-small-ask", answers=(answer,))
    assert cli("simulate", "--days", "30").out == before


# Where nothing comes


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[practice]\ntips = []\n", "No prompt may come: practice.tips is empty."),
        ("[practice]\ndecks = []\n", "No prompt may come: practice.decks is empty."),
        ('[practice]\ndecks = ["none"]\n', "practice.decks names none that is there."),
    ],
)
def test_an_empty_pool_says_why(text: str, why: str, cli: Cli, person: Person) -> None:
    """In the words of `preview`, with what to do; as JSON on standard error."""
    configure(person, text)
    said = cli("simulate")
    assert why in said.out
    assert said.out == cli("preview").out.split("\n")[0] + "\n"
    assert said.err == ""
    as_json = cli("simulate", "--json")
    assert (as_json.json, as_json.err) == ([], said.out)


def test_a_tip_that_is_off_says_where_to_look(cli: Cli) -> None:
    """It is narrowed to nothing; the list tells what is off."""
    said = cli("simulate", "--tip", "slow-hands", "--tip", "open-ears")
    assert (said.code, said.err) == (0, "")
    assert (
        said.out
        == simulate.NONE_OF_TIPS.format(tips="slow-hands and open-ears", tip="slow-hands") + "\n"
    )
    assert "music-practice (off)" in cli("prompts", "list", "--tip", "slow-hands").out


def test_a_cadence_without_a_moment_says_why(cli: Cli, person: Person) -> None:
    """The very first practice comes all the same, as it does from a daemon."""
    configure(person, "[cadence]\nrandom_per_day = 0\n")
    said = cli("simulate", "--json")
    assert len(said.json) == 1
    assert "cadence.random_per_day is 0" in said.err
    assert "cadence.random_per_day is 0" in cli("simulate").err


def test_broken_settings_say_where(cli: Cli, person: Person) -> None:
    """File and line."""
    configure(person, '[cadence]\nrandom_per_day = "x"\n')
    said = cli("simulate")
    assert (said.code, said.out) == (1, "")
    assert "config.toml:2" in said.err


def test_the_dates_of_the_help_can_be_used(cli: Cli) -> None:
    """Its example of a year works as it stands."""
    example = "reminderd simulate --days 365 --answers done=.1 --away 2026-07-01..2026-07-21"
    assert example in cli("simulate", "--help").out
    said = cli(*example.split()[1:], "--from", "2026-01-01")
    assert (said.code, said.err) == (0, "")
