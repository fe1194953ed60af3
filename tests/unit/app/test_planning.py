"""Today's plan: drawn once, redrawn when its rules change, never twice."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from reminderd.app.planning import date_plans, keep_plan, pace_now
from reminderd.app.preview import preview
from reminderd.core.model import Answer, PaceSettings, Source
from reminderd.core.walltime import resolve
from reminderd.errors import StoreError
from tests.fakes import cadence, window

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import World

DAYTIME = (window("09:00", "21:00"),)
TWO = cadence(random_per_day=2, windows=DAYTIME, min_gap=60)
FOUR = cadence(random_per_day=4, windows=DAYTIME, min_gap=60)


def keep(world: World) -> None:
    keep_plan(world.store, world.engine.preferences, world.clock.present())


def drawn(world: World, day: date) -> list[str]:
    plans = date_plans(world.store, world.engine.preferences, world.clock.present(), [day])
    return [f"{moment.local_at:%H:%M}" for one in plans for moment in one.plan.moments]


@pytest.fixture
def lived(make_world: Callable[..., World]) -> World:
    """A world that has known yesterday, at midnight."""
    world = make_world(TWO)
    keep(world)
    world.clock.set("2026-11-23 00:00")
    keep(world)
    return world


def test_the_first_look_at_a_date_stores_what_preview_drew(
    make_world: Callable[..., World],
) -> None:
    """What `date_plans` said of tomorrow is what is stored when tomorrow comes."""
    world = make_world(FOUR)
    keep(world)
    said = drawn(world, date(2026, 11, 23))
    world.clock.set("2026-11-23 00:00")
    keep(world)
    assert world.slots() == said
    assert len(said) == 4


def test_a_second_look_changes_nothing(lived: World) -> None:
    """A date that has its plan keeps it, whatever the hour; not even a row is written."""
    before = [one.id for one in lived.store.deliveries.waiting()]
    other = lived.open()
    version = other.version()
    for hour in (0, 9, 13, 23):
        lived.clock.set(f"2026-11-23 {hour:02}:59")
        keep(lived)
    assert [one.id for one in lived.store.deliveries.waiting()] == before
    assert other.version() == version


def test_a_new_database_plans_only_what_lies_the_gap_ahead(
    make_world: Callable[..., World],
) -> None:
    """Nobody knows what came before it, so what lies behind counts as just shown."""
    world = make_world(
        cadence(fixed=["11:00", "19:39", "20:10"], min_gap=30), local="2026-11-22 19:10"
    )
    keep(world)
    assert world.slots() == ["20:10"]


def test_a_date_begun_late_still_has_its_whole_plan(lived: World) -> None:
    """A machine that wakes at noon plans the morning too: what has passed is told as let go."""
    lived.clock.set("2026-11-24 12:00")
    keep(lived)
    moments = lived.store.deliveries.planned_moments(date(2026, 11, 24), date(2026, 11, 24))
    assert [f"{one.local_at:%H:%M}" for one, _ in moments] == drawn(lived, date(2026, 11, 24))


def test_dates_on_which_the_machine_did_not_live_have_no_rows(lived: World) -> None:
    """Catching up after a fortnight costs one plan, today's."""
    lived.clock.set("2026-12-07 12:00")
    keep(lived)
    days = {one.slot.date for one in lived.store.deliveries.waiting() if one.slot}
    assert days == {date(2026, 11, 23), date(2026, 12, 7)}


def test_a_plan_is_stored_whole_with_its_mark_or_not_at_all(
    lived: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full in between leaves no plan that nobody knows of."""
    before = lived.store.deliveries.waiting()

    def full(_recorded: object, _key: str, _value: object) -> None:
        raise StoreError("The disk is full.")

    lived.clock.set("2026-11-24 00:00")
    with monkeypatch.context() as broken:
        broken.setattr(type(lived.store.recorded), "set", full)
        with pytest.raises(StoreError):
            keep(lived)
    assert lived.store.deliveries.waiting() == before
    keep(lived)
    assert len(lived.store.deliveries.waiting()) == len(before) + 2


def test_a_moment_remembers_what_planned_it(make_world: Callable[..., World]) -> None:
    """`preview` tells fixed, steady and random moments apart, also once they are stored."""
    world = make_world(
        cadence(fixed=["08:00"], every=600, random_per_day=1, windows=DAYTIME, min_gap=1)
    )
    keep(world)
    world.clock.set("2026-11-23 00:00")
    keep(world)
    moments = world.store.deliveries.planned_moments(date(2026, 11, 23), date(2026, 11, 23))
    sources = [source for _, source in moments]
    assert sorted(sources) == [Source.AT, Source.EVERY, Source.EVERY, Source.RANDOM]
    assert sources[0] is Source.AT


class TestRedraw:
    """Changed settings exchange what lies ahead, and leave alone what has passed."""

    def test_keeps_what_has_passed_and_numbers_go_on(self, lived: World) -> None:
        """Slots behind now stay, those ahead are exchanged, and no number is given twice."""
        behind = lived.store.deliveries.waiting()[0]
        lived.clock.now = resolve(behind.local_at, lived.clock.zone) + timedelta(minutes=1)
        lived.use(FOUR)
        keep(lived)
        after = lived.store.deliveries.waiting()
        assert after[0].id == behind.id
        numbers = [one.slot.number for one in after if one.slot]
        assert numbers == [1, *range(3, 3 + len(after) - 1)]
        wall = f"{lived.clock.local:%H:%M}"
        ahead = [local for local in drawn(lived, date(2026, 11, 23)) if local > wall]
        assert [f"{one.local_at:%H:%M}" for one in after[1:]] == ahead

    def test_changing_back_restores_the_plan(self, lived: World) -> None:
        """Two to four and back to two leaves the two, at whatever hour it is done."""
        before = lived.slots()
        for other in (FOUR, TWO):
            lived.use(other)
            keep(lived)
        assert lived.slots() == before

    def test_changing_back_on_the_first_date_restores_it_too(
        self, make_world: Callable[..., World]
    ) -> None:
        """What lay nearer than the gap to the very first look stays left out."""
        times = [f"{hour:02}:{minute:02}" for hour in range(10, 22) for minute in (0, 30)]
        many = cadence(fixed=times, min_gap=30)
        world = make_world(many, local="2026-11-22 10:10")
        keep(world)
        before = world.slots()
        assert before[0] == "11:00"
        for other in (TWO, many):
            world.use(other)
            keep(world)
        assert world.slots() == before

    def test_no_number_is_given_twice_over_an_empty_plan(self, lived: World) -> None:
        """Numbers go on though nothing was planned in between; `preview` knows them too."""
        lived.use(cadence())
        keep(lived)
        assert lived.slots() == []
        lived.use(FOUR)
        said = preview(lived.store, lived.engine.preferences, lived.clock.present(), 1)
        keep(lived)
        numbers = [one.slot.number for one in lived.store.deliveries.waiting() if one.slot]
        assert numbers == [3, 4, 5, 6]
        assert [one.slot.number for one in said.coming] == numbers

    def test_changed_quiet_hours_take_effect_at_once(self, lived: World) -> None:
        """New quiet hours clear what is planned in them, and nothing else is asked for."""
        lived.use(TWO, quiet=[window("00:00", "24:00")])
        keep(lived)
        assert lived.slots() == []

    def test_settings_that_plan_nothing_draw_nothing_anew(self, lived: World) -> None:
        """Gates such as `when_locked` are no reason for a redraw."""
        before = [one.id for one in lived.store.deliveries.waiting()]
        now = lived.engine.preferences
        lived.engine.preferences = type(now)(
            cadence=now.cadence,
            quiet=type(now.quiet)(now.quiet.hours, do_not_disturb=False, when_away=None),
            pace=now.pace,
            practice=now.practice,
            discretion="always",
            snooze=timedelta(hours=1),
        )
        keep(lived)
        assert [one.id for one in lived.store.deliveries.waiting()] == before

    async def test_keeps_the_gap_to_the_last_shown(self, make_world: Callable[..., World]) -> None:
        """What is drawn anew lies `min_gap` after whatever was shown last."""
        world = make_world(cadence(fixed=["10:00"], windows=DAYTIME))
        await world.tick()
        await world.tick("2026-11-23 10:00")
        assert len(world.titles) == 1
        world.clock.set("2026-11-23 10:20")
        world.use(cadence(fixed=["11:29", "13:00"], windows=DAYTIME))
        keep(world)
        assert world.slots() == ["13:00"]
        world.use(cadence(fixed=["11:30", "13:00"], windows=DAYTIME))
        keep(world)
        assert world.slots() == ["11:30", "13:00"]

    async def test_never_brings_a_shown_slot_again(self, make_world: Callable[..., World]) -> None:
        """After any number of changes at any hour, each shown slot is a row of its own."""
        world = make_world(TWO)
        await world.tick()
        rng = random.Random(7)
        world.clock.set("2026-11-23 00:00")
        for _ in range(200):
            world.use([TWO, FOUR][int(rng.random() * 2)])
            await world.tick()
            world.clock.forward(minutes=rng.random() * 10)
        shown = world.shown()
        assert shown
        gaps = [later - one for one, later in pairwise(shown)]
        assert all(gap >= timedelta(minutes=60) for gap in gaps)
        slots = [one.slot for one in world.history()]
        assert len(set(slots)) == len(slots)

    def test_reaches_past_midnight(self, make_world: Callable[..., World]) -> None:
        """At half past midnight, yesterday's window is still open: it is drawn anew too."""
        night = cadence(every=60, windows=[window("22:00", "03:00")], min_gap=30)
        world = make_world(night, local="2026-11-21 12:00")
        keep(world)
        world.clock.set("2026-11-22 00:30")
        keep(world)
        world.use(cadence(every=90, windows=[window("22:00", "03:00")], min_gap=30))
        keep(world)
        plans: dict[date, list[str]] = {}
        for one in world.store.deliveries.waiting():
            assert one.slot is not None
            plans.setdefault(one.slot.date, []).append(f"{one.local_at:%H:%M}")
        assert plans == {
            # The full hours have passed and stay; what lies ahead follows the new rule.
            date(2026, 11, 21): ["22:00", "23:00", "00:00", "01:00", "02:30"],
            date(2026, 11, 22): ["22:00", "23:30", "01:00", "02:30"],
        }

    def test_reaches_a_date_that_was_planned_ahead_of_a_journey(
        self, make_world: Callable[..., World]
    ) -> None:
        """West over the date line, tomorrow has its plan already: new rules change it as well."""
        auckland, honolulu = ZoneInfo("Pacific/Auckland"), ZoneInfo("Pacific/Honolulu")
        world = make_world(TWO, zone=auckland, local="2026-11-23 00:00")
        keep(world)
        world.clock.set("2026-11-24 00:00")
        keep(world)
        world.clock.zone = honolulu  # it is the 23rd again
        assert world.clock.local.date() == date(2026, 11, 23)
        world.use(cadence())
        keep(world)
        world.clock.set("2026-11-24 00:00")
        keep(world)
        ahead = [
            one
            for one in world.store.deliveries.waiting()
            if resolve(one.local_at, honolulu) > world.clock.now
        ]
        assert ahead == []

    def test_in_the_repeated_hour_leaves_what_has_passed(
        self, make_world: Callable[..., World]
    ) -> None:
        """In the second 02:10 the slot of 02:30 has passed, though the wall says not yet."""
        night = cadence(fixed=["02:30"], windows=[window("01:00", "05:00")])
        world = make_world(night, local="2026-10-24 12:00")
        keep(world)
        world.clock.set("2026-10-25 00:00")
        keep(world)
        world.clock.set("2026-10-25 02:10", fold=1)
        assert world.clock.now == datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
        world.use(cadence(fixed=["02:30"], windows=[window("01:00", "05:00")], min_gap=30))
        keep(world)
        assert world.slots() == ["02:30"]


async def test_what_is_said_of_the_pace_follows_an_answer_at_once(
    make_world: Callable[..., World],
) -> None:
    """Today's plan stands; that it picks up is said before tomorrow."""
    world = make_world(TWO)
    world.engine.preferences = replace(world.engine.preferences, pace=PaceSettings(ramp_up=False))
    for day in range(23, 27):
        for hour in range(8, 22):
            await world.tick(f"2026-11-{day} {hour:02}:30")
    slow = pace_now(world.store, world.engine.preferences, world.clock.present())
    assert slow["reason"].startswith("Quieter for now: one a day.")
    world.answer(Answer.DONE, delivery=world.notifier.shown[-1].delivery)
    rises = pace_now(world.store, world.engine.preferences, world.clock.present())
    assert rises == {"per_day": 1, "reason": "It picks up: two a day from tomorrow on."}


def test_the_first_practice_is_the_one_of_the_first_date(
    make_world: Callable[..., World],
) -> None:
    """With ramp-up that date has no other, also where it is planned anew."""
    world = make_world(TWO, local="2026-11-22 08:00")
    world.engine.preferences = replace(world.engine.preferences, pace=PaceSettings())
    keep(world)
    assert world.slots() == []
    world.use(FOUR)
    keep(world)
    assert world.slots() == []
    world.clock.set("2026-11-23 00:00")
    keep(world)
    assert len(world.slots()) == 1
