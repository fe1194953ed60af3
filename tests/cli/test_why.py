"""The command `why`: what came, what did not, what comes next, from the records alone."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from reminderd.app.pausing import pause, resume
from reminderd.core.model import Answer, Reason
from reminderd.core.notice import Refused, Silent
from tests.fakes import World, cadence, window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.people import Cli, Person


@pytest.fixture
def world(person: Person) -> Iterator[World]:
    """A daemon that plans 9:00, 12:00 and 18:00, from the morning of Sunday, 22 November, on."""
    person.database.parent.mkdir(parents=True)
    plan = cadence(fixed=["9:00", "12:00", "18:00"])
    world = World(person.database, plan, quiet=[window("17:30", "18:30")], local="2026-11-22 07:00")
    yield world
    world.close()


def why(cli: Cli, world: World, *args: str) -> str:
    """Ask at the world's time."""
    cli.now = world.clock.now
    said = cli("why", *args)
    assert (said.code, said.err) == (0, "")
    return said.out


@contextmanager
def running(person: Person, **facts: object) -> Iterator[None]:
    """Have a daemon listen that has recorded how it stands."""
    address = person.home / "daemon"
    person.daemon_recorded(socket=str(address), **facts)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(address))
        yield
    address.unlink()


async def test_before_anything_came(cli: Cli) -> None:
    """It says what to do instead of nothing."""
    said = cli("why")
    assert said.code == 0
    assert "No practice has come yet. To bring one: reminderd now" in said.out
    assert "Nothing that was planned was left out so far." in said.out
    assert "reminderd is not running" in said.out


async def test_the_last_practice(cli: Cli, world: World) -> None:
    """Why this one, why then, and what was answered."""
    await world.tick("2026-11-22 07:00")
    await world.tick("2026-11-22 09:00")
    said = why(cli, world)
    assert f"“{world.titles[-1]}” came today 9:00." in said
    assert "Why this one: every fourth one goes to one you had not met yet." in said
    assert "Why then: it is one of your fixed times." in said
    assert "It waited" not in said
    world.clock.forward(minutes=5)
    world.answer(Answer.DONE)
    assert "Your answer: done." in why(cli, world)


async def test_one_that_waited_tells_each_reason_with_its_times(cli: Cli, world: World) -> None:
    """First a pause, then nowhere to show it; then it came."""
    await world.tick("2026-11-22 07:00")
    world.clock.set("2026-11-22 08:30")
    pause(world.store, timedelta(minutes=40), world.clock.present())
    await world.tick("2026-11-22 09:00")
    world.notifier.answers = [Refused("nobody is there")]
    await world.tick("2026-11-22 09:10")
    world.clock.forward(seconds=1)
    await world.tick()
    said = why(cli, world)
    assert "It waits since 9:10: there was nowhere to show it when reminderd last looked." in said
    await world.tick("2026-11-22 09:20")
    assert [
        line for line in why(cli, world).splitlines() if line.startswith(("It ", "“", "Why then"))
    ][:4] == [
        f"“{world.titles[-1]}” came today 9:20.",
        "Why then: it is one of your fixed times, at 9:00.",
        "It waited from 9:00 to 9:10: it was paused.",
        "It waited from 9:10 to 9:20: there was nowhere to show it.",
    ]


async def test_the_last_silence(cli: Cli, world: World, person: Person) -> None:
    """While it waits, and after it was let go: with the reason, since when and until when."""
    await world.tick("2026-11-22 07:00")
    await world.tick("2026-11-22 09:00")
    world.clock.set("2026-11-22 11:00")
    pause(world.store, timedelta(hours=5), world.clock.present())
    await world.tick("2026-11-22 12:00")
    waits = why(cli, world)
    assert "One that is planned for today 12:00 has not come yet." in waits
    assert "It waits since 12:00: it was paused when reminderd last looked." in waits
    with running(person):
        assert "It waits since 12:00: it is paused." in why(cli, world)
        assert "It waits since 12:00: it is paused." in why(cli, world, "--at", "12:00")
    await world.tick("2026-11-22 15:00")
    said = why(cli, world)
    assert "One that was planned for today 12:00 did not come." in said
    assert "It waited from 12:00 to 13:00: it was paused." in said
    assert "It was let go 13:00, when its time was over." in said


async def test_a_silence_while_it_did_not_run(cli: Cli, world: World) -> None:
    """What it could have come until is said; nobody is blamed."""
    await world.tick("2026-11-22 07:00")
    await world.tick("2026-11-22 16:00")
    said = why(cli, world, "--at", "12:15")
    assert "One that was planned for today 12:00 did not come." in said
    assert "From 12:00 to 13:00 reminderd was not running, or the machine was asleep." in said
    assert "It was let go 13:00, when its time was over." in said


async def test_one_that_gave_way(cli: Cli, world: World) -> None:
    """The older of two gives way to the newer."""
    world.use(cadence(fixed=["9:00", "9:30"], min_gap=10))
    await world.tick("2026-11-22 07:00")
    pause(world.store, timedelta(hours=3), world.clock.present())
    await world.tick("2026-11-22 09:00")
    await world.tick("2026-11-22 09:30")
    assert "It was let go 9:30: the next one was due." in why(cli, world, "--at", "9:10")


async def test_no_slot(cli: Cli, world: World) -> None:
    """It says so, and what was before and after."""
    await world.tick("2026-11-22 07:00")
    await world.tick("2026-11-22 09:00")
    shown = world.titles[-1]
    await world.tick("2026-11-22 11:40")
    said = why(cli, world, "--at", "11:30").splitlines()
    assert said[:3] == [
        "Nothing was planned for today 11:30.",
        f"Before that: “{shown}” came today 9:00.",
        "After that: One that is planned for today 12:00 has not come yet.",
    ]
    assert said[3] == "That day's pace: up to 3 a day, as you set it."


async def test_a_whole_date(cli: Cli, world: World) -> None:
    """All of it, in its order; and a date without any says so by its name."""
    await world.tick("2026-11-22 07:00")
    await world.tick("2026-11-22 09:00")
    await world.tick("2026-11-22 12:00")
    world.clock.set("2026-11-23 07:00")
    cli.now = world.clock.now
    found = cli("why", "--at", "yesterday", "--json").json["found"]
    assert [one["planned_at"][11:16] for one in found] == ["09:00", "12:00"]
    assert "Nothing was planned for 20 nov." in why(cli, world, "--at", "friday")


async def test_a_part_of_a_day(cli: Cli, world: World) -> None:
    """It is named with its hours, a whole date by its day alone."""
    await world.tick("2026-11-22 07:00")
    said = why(cli, world, "--at", "last night")
    assert said.startswith("Nothing was planned for yesterday 18:00 to 0:00.\n")
    assert why(cli, world, "--at", "yesterday").startswith("Nothing was planned for yesterday.\n")


async def test_it_was_paused_then(cli: Cli, world: World) -> None:
    """Also where no moment was planned."""
    await world.tick("2026-11-22 07:00")
    world.clock.set("2026-11-22 10:00")
    pause(world.store, timedelta(hours=1), world.clock.present())
    await world.tick("2026-11-22 11:45")
    assert "It was paused from today 10:00 to today 11:00." in why(cli, world, "--at", "10:30")
    assert "paused" not in why(cli, world, "--at", "11:15")
    assert "paused" not in why(cli, world, "--at", "9:59")


async def test_nobody_knows_whether_it_was_seen(cli: Cli, world: World) -> None:
    """A server that does not answer."""
    await world.tick("2026-11-22 07:00")
    world.notifier.answers = [Silent("no reply")]
    await world.tick("2026-11-22 09:00")
    assert "nobody knows whether it was seen: the desktop did not answer." in why(cli, world)


async def test_a_later_says_when_it_was_asked_for(cli: Cli, world: World) -> None:
    """Why then: because of an answer."""
    await world.tick("2026-11-22 07:00")
    await world.tick("2026-11-22 09:00")
    world.clock.forward(minutes=3)
    world.answer(Answer.LATER)
    await world.tick()
    await world.tick("2026-11-22 09:25")
    said = why(cli, world)
    assert "Why this one: you asked for it later." in said
    assert "Why then: you answered “later” today 9:03." in said


async def test_when_every_practice_rests(cli: Cli, world: World) -> None:
    """That is the reason, and not that there are none."""
    only = next(iter(world.engine.prompts.values()))
    world.engine.prompts = {only.id: only}
    await world.tick("2026-11-22 07:00")
    await world.tick("2026-11-22 09:00")
    world.answer(Answer.HARD)
    await world.tick("2026-11-22 12:00")
    assert "It waits since 12:00: every practice rested when" in why(cli, world)
    world.engine.prompts = {}
    world.clock.set("2026-11-23 08:00")
    await world.tick()
    await world.tick("2026-11-23 09:00")
    assert "there was no practice to choose from when" in why(cli, world)


async def test_the_next_one(cli: Cli, world: World, person: Person) -> None:
    """As `status` has it, with its pace and what could hold it."""
    await world.tick("2026-11-22 07:00")
    cli.now = world.clock.now
    told = {"do-not-disturb": "dunst", "in-call": None, "locked": "logind", "away": None}
    with running(person, next="2026-11-22T09:00:00+01:00", desktop=told):
        _look_at_the_next(cli, world)


def _look_at_the_next(cli: Cli, world: World) -> None:
    coming = cli("why", "--json").json["next"]
    assert coming["at"] == "2026-11-22T09:00:00+01:00"
    assert (coming["slot"], coming["why_moment"]) == ("2026-11-22#1", "at")
    desktop = ["do-not-disturb", "locked"]
    measured = ["min-gap", "daily-cap", "resting", "no-server"]
    assert coming["may_hold"] == ["paused", *desktop, *measured]
    assert coming["unknown"] == ["in-call", "away"]
    assert coming["pace"]["per_day"] == 4
    said = why(cli, world)
    assert "Next: today 9:00\nWhy then: it is one of your fixed times." in said
    assert "What could still hold it back: a pause, do not disturb, a locked screen," in said
    assert "Nothing tells here whether you are in a call, or whether you are away, so that" in said


async def test_no_quiet_hours_are_named_where_there_are_none(
    cli: Cli, world: World, person: Person
) -> None:
    """They can hold what was put off with *Later*."""
    await world.tick("2026-11-22 07:00")
    await world.tick("2026-11-22 09:00")
    world.answer(Answer.LATER, snooze=timedelta(minutes=20))
    await world.tick()
    cli.now = world.clock.now
    for there_are in (True, False):
        with running(person, next="2026-11-22T09:20:00+01:00", quiet_hours=there_are):
            may_hold = cli("why", "--json").json["next"]["may_hold"]
        assert ("quiet-hours" in may_hold) is there_are


async def test_the_next_one_may_come_later_than_planned(
    cli: Cli, world: World, person: Person
) -> None:
    """Then it says for when it was, and what holds everything back now."""
    await world.tick("2026-11-22 07:00")
    cli.now = world.clock.now
    with running(person, next="2026-11-22T09:30:00+01:00", closed=["do-not-disturb"]):
        said = why(cli, world)
    assert "Just now nothing comes by itself: the desktop is set to do not disturb." in said
    assert "Next: today 9:30\nWhy then: it is one of your fixed times, at 9:00." in said


async def test_json_of_one(cli: Cli, world: World) -> None:
    """Everything the sentences say, by key."""
    await world.tick("2026-11-22 07:00")
    world.clock.set("2026-11-22 08:50")
    pause(world.store, timedelta(minutes=15), world.clock.present())
    await world.tick("2026-11-22 09:00")
    await world.tick("2026-11-22 09:05")
    world.clock.forward(minutes=1)
    world.answer(Answer.HARD)
    cli.now = world.clock.now
    last = cli("why", "--json").json["last"]
    assert last.pop("delivery")
    assert last.pop("title") == world.titles[-1]
    assert last.pop("prompt")
    assert last == {
        "slot": "2026-11-22#1",
        "kind": "slot",
        "why_prompt": "every fourth one goes to one you had not met yet",
        "why_moment": "at",
        "planned_at": "2026-11-22T09:00:00+01:00",
        "valid_until": "2026-11-22T10:00:00+01:00",
        "shown_at": "2026-11-22T09:05:00+01:00",
        "ended_at": "2026-11-22T09:05:00+01:00",
        "outcome": "shown",
        "reason": None,
        "response": "hard",
        "held": [
            {
                "reason": "paused",
                "from": "2026-11-22T09:00:00+01:00",
                "until": "2026-11-22T09:05:00+01:00",
            }
        ],
    }


async def test_what_an_answer_took_back_explains_nothing(cli: Cli, world: World) -> None:
    """A *Later* that another answer replaced is no silence."""
    await world.tick("2026-11-22 07:00")
    await world.tick("2026-11-22 09:00")
    newest = world.store.reading.newest()
    assert newest is not None
    world.answer(Answer.LATER)
    await world.tick()
    world.clock.forward(minutes=1)
    world.answer(Answer.DONE, delivery=newest.id)
    await world.tick()
    ended = [one.reason for one in world.history()]
    assert Reason.ANSWERED in ended
    cli.now = world.clock.now
    assert cli("why", "--json").json["silence"] is None


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("tomorrow 9:00", "That lies ahead."),
        ("in a while", "is not understood"),
        ("2026-02-30", "is not understood"),
        ("99999999 weeks ago", "is"),
    ],
)
def test_a_time_that_cannot_be_explained(cli: Cli, text: str, error: str) -> None:
    """One clear line, and what to do."""
    said = cli("why", "--at", text)
    assert said.code in {1, 2}
    assert said.out == ""
    assert error in said.err
    assert len(said.err.splitlines()) == 2


def test_a_long_past_is_explained_as_quickly_as_a_short_one(cli: Cli, person: Person) -> None:
    """What ended long before is not read."""
    for day in range(3):
        person.brought(at_=cli.now - timedelta(days=400 + day))
    said = cli("why", "--at", "2 hours ago")
    assert said.out.startswith("Nothing was planned for today 9:00.\nBefore that: ")


async def test_a_day_that_is_not_planned_yet(cli: Cli, world: World, person: Person) -> None:
    """What comes on it follows from its pace, and that is not known before."""
    await world.tick("2026-11-22 07:00")
    address = str(person.home / "daemon")
    person.daemon_recorded(socket=address, next="2026-11-24T09:00:00+01:00")
    cli.now = world.clock.now
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(address)
        said = why(cli, world)
    assert "That day is planned when it begins" in said


async def test_where_reading_is_enough(cli: Cli, world: World, person: Person) -> None:
    """While it is quieter, how to keep the pace is said too."""
    await world.tick("2026-11-22 07:00")
    quieter = {"per_day": 1, "reason": "Quieter for now: one a day."}
    person.daemon_recorded(pace=quieter)
    assert "Where reading is enough: reminderd respond reading is enough" in why(cli, world)
    person.daemon_recorded()
    assert "reading" not in why(cli, world)


async def test_a_pause_that_was_ended_sooner(cli: Cli, world: World) -> None:
    """It is told until when it held, for a minute inside it and for its whole date."""
    await world.tick("2026-11-22 07:00")
    world.clock.set("2026-11-22 10:00")
    pause(world.store, timedelta(hours=5), world.clock.present())
    world.clock.set("2026-11-22 10:40")
    resume(world.store, world.clock.present())
    await world.tick("2026-11-22 11:30")
    told = "It was paused from today 10:00 to today 10:40."
    assert told in why(cli, world, "--at", "10:30")
    assert told in why(cli, world, "--at", "today")
    assert "paused" not in why(cli, world, "--at", "10:45")


async def test_one_that_came_after_the_machine_woke(cli: Cli, world: World) -> None:
    """When it was planned is said, and why it did not come then."""
    world.use(cadence(fixed=["9:00"], windows=[window("8:00", "20:00")]))
    await world.tick("2026-11-22 07:00")
    await world.tick("2026-11-22 11:10")
    said = why(cli, world)
    assert "came today 11:10." in said
    assert "Why then: it is one of your fixed times, at 9:00." in said
    assert "From 9:00 to 11:10 reminderd was not running, or the machine was asleep." in said
    assert "came today 11:10." in why(cli, world, "--at", "10:00")


async def test_a_day_on_which_it_did_not_run(cli: Cli, world: World) -> None:
    """That is why nothing was planned."""
    await world.tick("2026-11-22 07:00")
    await world.tick("2026-11-25 07:00")
    told = "reminderd was not running on that day, or the machine was off."
    assert told in why(cli, world, "--at", "2026-11-23 12:00")
    assert told not in why(cli, world, "--at", "2026-11-22 10:30")
    assert told not in why(cli, world, "--at", "2026-11-10 10:30")


async def test_after_a_journey_the_wall_times_stay(cli: Cli, world: World) -> None:
    """Planned in Berlin, lived in New York: nine o'clock is nine o'clock there."""
    await world.tick("2026-11-22 07:00")
    world.clock.set("2026-11-22 03:30", ZoneInfo("America/New_York"))
    pause(world.store, timedelta(hours=20), world.clock.present())
    await world.tick("2026-11-22 09:30")
    found = world.store.accounts.silence(world.clock.present())
    assert found is not None
    assert found.planned_at.astimezone(world.clock.zone).hour == 9
    assert found.valid_until.astimezone(world.clock.zone).hour == 10
    await world.tick("2026-11-22 10:30")
    gone = world.store.accounts.silence(world.clock.present())
    assert gone is not None
    assert (gone.id, gone.planned_at) == (found.id, found.planned_at)
