"""Changed settings in the middle of a date, on the real store: what has passed is untouched."""

from __future__ import annotations

import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import event, given
from hypothesis import strategies as st

from reminderd.app.planning import keep_plan
from reminderd.core.cadence import draw, rules_text
from reminderd.core.history import ShownText
from reminderd.core.model import Cadence, PaceSettings, Quiet
from reminderd.core.notice import Posted
from reminderd.core.walltime import resolve
from tests import strategies
from tests.fakes import World, choice

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

Rules = tuple[Cadence, Quiet]

AS_SET = PaceSettings()


def rows(world: World, *, ahead: bool | None = None) -> list[tuple[str, datetime, datetime]]:
    """Return the slots that wait; only those ahead of now, or only those behind."""
    zone, now = world.clock.zone, world.clock.now
    return [
        (one.id, one.local_at, one.local_until)
        for one in world.store.deliveries.waiting()
        if ahead is None or (resolve(one.local_at, zone) > now) is ahead
    ]


def keep(world: World, rules: Rules) -> None:
    world.use(rules[0], rules[1].hours)
    keep_plan(world.store, world.engine.preferences, world.clock.present())


def lived(folder: str, wish: Rules, zone: ZoneInfo, day: date) -> World:
    """Return a world at the beginning of a date, that has lived through the date before."""
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 -- wall time
    world = World(Path(folder) / "reminderd.db", zone=zone)
    for offset in (-2, -1, 0):
        world.clock.now = resolve(midnight + timedelta(days=offset), zone)
        keep(world, wish)
    return world


def show_newest(world: World) -> bool:
    """Bring the newest slot that has fallen due, as a tick would."""
    store, present = world.store, world.clock.present()
    due = [
        one
        for one in store.deliveries.waiting()
        if resolve(one.local_at, present.zone) <= present.now
    ]
    if due:
        prompt = world.engine.prompts["a-one"]
        text = ShownText(prompt.title, prompt.body, prompt.cue, prompt.when)
        assert store.deliveries.claim(
            *(due[-1].id, store.version(), choice(prompt.id, prompt.tip), text, present)
        )
        store.deliveries.record_shown(due[-1].id, Posted(":1.7", 1), present)
    return bool(due)


rules = st.tuples(strategies.cadences, strategies.quiets)


@strategies.fewer(6)  # each opens a database
@given(place=strategies.places(), first=rules, second=rules, minutes=st.integers(0, 1300))
def test_changing_back_restores_the_plan(
    place: tuple[ZoneInfo, date], first: Rules, second: Rules, minutes: int
) -> None:
    """To other settings and back at once: the same moments wait as before, ahead and behind."""
    with tempfile.TemporaryDirectory() as folder:
        world = lived(folder, first, *place)
        world.clock.forward(minutes=minutes)
        behind = rows(world, ahead=False)
        ahead = [times for _, *times in rows(world, ahead=True)]
        for wish in (second, first):
            keep(world, wish)
            assert rows(world, ahead=False) == behind
        assert [times for _, *times in rows(world, ahead=True)] == ahead
        event(f"{min(len(behind), 2)} behind, {min(len(ahead), 2)} ahead, or more")
        world.close()


@strategies.fewer(6)  # each opens a database
@given(
    place=strategies.places(),
    begin=rules,
    changes=st.lists(st.tuples(rules, st.integers(0, 220), st.booleans()), min_size=1, max_size=6),
)
def test_a_redraw_keeps_what_has_passed_and_draws_what_lies_ahead(
    place: tuple[ZoneInfo, date], begin: Rules, changes: list[tuple[Rules, int, bool]]
) -> None:
    """After each change what lies ahead is the new plan, kept off whatever was shown last."""
    with tempfile.TemporaryDirectory() as folder:
        world = lived(folder, begin, *place)
        shown: datetime | None = None
        before = begin
        for wish, minutes, shows in changes:
            world.clock.forward(minutes=minutes)
            if shows and show_newest(world):
                shown = world.clock.now
            behind, ahead = rows(world, ahead=False), rows(world, ahead=True)
            keep(world, wish)
            assert rows(world, ahead=False) == behind
            if rules_text(*wish, AS_SET) == rules_text(*before, AS_SET):
                assert rows(world, ahead=True) == ahead
            else:
                times = [(start, end) for _, start, end in rows(world, ahead=True)]
                assert times == expected(world, shown)
            before = wish
        event(f"shown: {shown is not None}")
        world.close()


def expected(world: World, shown: datetime | None) -> list[tuple[datetime, datetime]]:
    """Return what of the plans of yesterday and today lies ahead and keeps the gap."""
    present, preferences = world.clock.present(), world.engine.preferences
    earliest = present.now
    if shown is not None:
        earliest = max(earliest, shown + timedelta(minutes=preferences.cadence.min_gap))
    ahead = []
    before = world.store.deliveries.wall_times(present.today - timedelta(days=2))
    for offset in (-1, 0):
        day = present.today + timedelta(days=offset)
        moments = draw(
            *(preferences.cadence, preferences.quiet, day, present.zone),
            seed=world.store.seed,
            allowance=preferences.cadence.max_per_day,
            before=before,
        ).moments
        later = [
            moment
            for moment in moments
            if (at := resolve(moment.local_at, present.zone)) > present.now and at >= earliest
        ]
        gone = [
            at
            for at in world.store.deliveries.wall_times(day)
            if resolve(at, present.zone) <= present.now
        ]
        before = gone + [moment.local_at for moment in later]
        ahead += later
    return sorted((moment.local_at, moment.local_until) for moment in ahead)
