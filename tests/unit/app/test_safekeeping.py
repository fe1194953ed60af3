"""Safekeeping from look to look: what is told, how often, and what never comes twice."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from reminderd.adapters.store import damage, mending
from reminderd.adapters.store.backups import backups_of
from reminderd.adapters.store.damage import damage_in
from reminderd.app import planning, status
from reminderd.app.recorded import SAFE, forget_odd
from reminderd.app.restoring import RESTORED
from reminderd.app.safekeeping import Safekeeping
from reminderd.core.mended import Mended, words
from reminderd.errors import StoreError
from tests.fakes import World, cadence, window

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Four a day between nine and nine, two hours apart, at noon."""
    plan = cadence(
        random_per_day=4, windows=(window("09:00", "21:00"),), min_gap=120, max_per_day=12
    )
    world = World(tmp_path / "data" / "reminderd.db", plan, local="2026-11-22 08:00")
    yield world
    world.close()


async def test_a_backup_a_day_at_the_first_look_of_the_date(world: World) -> None:
    """Also where the daemon runs for minutes at a time; not at every look."""
    await world.tick()
    for hour in ("08:00", "08:30", "20:00"):
        world.clock.set(f"2026-11-22 {hour}")
        Safekeeping(world.log.append).look_after(world.store, world.clock.present())
    (only,) = backups_of(world.path)
    made_at = only.path.stat().st_mtime_ns
    world.clock.set("2026-11-23 00:10")
    Safekeeping(world.log.append).look_after(world.store, world.clock.present())
    assert [one.day for one in backups_of(world.path)] == ["2026-11-23", "2026-11-22"]
    assert only.path.stat().st_mtime_ns == made_at


async def test_what_the_start_has_looked_at_is_not_looked_at_again_on_that_date(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes seconds where the history is long; another file in its place is looked at."""
    looks = []

    def look(path: Path) -> str:
        looks.append(path)
        return damage_in(path)

    monkeypatch.setattr(damage, "damage_in", look)
    safe = Safekeeping(world.log.append)
    present = world.clock.present()
    world.store.upkeep.check(present.today)
    safe.look_after(world.store, present)
    assert len(looks) == 1
    world.clock.forward(days=1)
    safe.look_after(world.store, world.clock.present())
    assert len(looks) == 2
    shutil.copy(backups_of(world.path)[1].path, world.path.with_name("other.db"))
    world.path.with_name("other.db").rename(world.path)  # that of yesterday, in its place
    assert safe.follow(world.store, world.clock.present())
    safe.look_after(world.store, world.clock.present())
    assert len(looks) == 3


async def test_a_backup_that_cannot_be_made_is_told_once_and_tried_each_hour(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The problem stands until it is over."""
    tries = []

    def fail(_: object) -> None:
        tries.append(1)
        raise StoreError("No room.", "Make some.")

    safe = Safekeeping(world.log.append)
    with monkeypatch.context() as patch:
        patch.setattr(world.store.upkeep, "back_up_daily", fail)
        for minutes in (0, 10, 59, 61, 62):
            world.clock.set("2026-11-22 08:00")
            world.clock.forward(minutes=minutes)
            safe.look_after(world.store, world.clock.present())
    assert len(tries) == 2
    assert world.log == ["No backup could be made today. No room. Make some."]
    assert safe.problem == world.log[0]
    world.clock.forward(hours=2)
    safe.look_after(world.store, world.clock.present())
    assert safe.problem == ""
    assert len(backups_of(world.path)) == 1


async def test_what_was_planned_until_now_does_not_come_after_a_backup_was_restored(
    world: World,
) -> None:
    """Nor what would follow within the minimum gap; what lies later comes as planned."""
    await world.tick()
    slots = world.slots()
    world.store.recorded.set(RESTORED, world.clock.present().now.isoformat())
    at = slots[1]
    await world.tick(f"2026-11-22 {at}")
    assert world.titles == []
    gone = [planned for planned, outcome, reason in world.ended() if reason == "restored"]
    limit = f"{int(at[:2]) + 2:02}{at[2:]}"
    assert gone == [slot for slot in slots if slot <= limit]
    assert world.slots() == [slot for slot in slots if slot > limit]
    assert world.store.recorded.get(RESTORED) is None


async def test_what_is_asked_for_comes_all_the_same(world: World) -> None:
    """`now` right after an erase."""
    await world.tick()
    world.store.recorded.set(RESTORED, world.clock.present().now.isoformat())
    world.store.deliveries.add_now(world.clock.present(), timedelta(minutes=2), None, None)
    await world.tick()
    assert len(world.titles) == 1


async def test_what_stands_is_taken_down_once_it_is_erased(world: World) -> None:
    """A notification of something that is not known any more has no business there."""
    from reminderd.app.standing import keep_standing  # noqa: PLC0415 -- one test's

    world.store.deliveries.add_now(world.clock.present(), timedelta(minutes=2), None, None)
    await world.tick()
    (up,) = world.notifier.brought
    await keep_standing(world.engine)
    assert world.notifier.closed == []
    world.open().upkeep.erase_all(world.clock.present().now)
    await keep_standing(world.engine)
    assert world.notifier.closed == [up]


async def test_odd_records_are_forgotten_and_good_ones_stay(world: World) -> None:
    """Another kind, a date that is none, a moment without its zone."""
    await world.tick()
    assert forget_odd(world.store) == []
    planned: Any = world.store.recorded.get(planning.PLANNED)
    odds: tuple[Any, ...] = (
        *([], "text", 7, True, {}, planned | {"dates": []}, planned | {"dates": {"noon": 1}}),
        *(planned | {"begun": "never"}, planned | {"begun": "2026-11-22T08:00:00"}),
        planned | {"rules": None},
    )
    for odd in odds:
        world.store.recorded.set(planning.PLANNED, odd)
        assert forget_odd(world.store) == [planning.PLANNED], odd
        assert world.store.recorded.get(planning.PLANNED) is None
    world.store.recorded.set(planning.PLANNED, planned)
    assert forget_odd(world.store) == []
    world.store.recorded.set(status.MENDED, "no story")
    assert status.status(world.store, None, world.clock.present(), running=False)["mended"] is None


@pytest.mark.parametrize("key", [status.MENDED, RESTORED, SAFE])
def test_what_is_no_json_is_forgotten(world: World, key: str) -> None:
    """One byte of it was changed. That today is to be closed is not forgotten with it."""
    with closing(sqlite3.connect(world.path, isolation_level=None)) as raw:
        raw.execute("REPLACE INTO state VALUES (?, '\"2026')", (key,))
    assert forget_odd(world.store) == [key]
    assert forget_odd(world.store) == []
    assert (world.store.recorded.get(key) is None) == (key != RESTORED)


def test_a_database_in_whose_place_something_stood_is_told(world: World) -> None:
    """What came after it is another one, and what came before must not come again."""
    for part in ("", "-wal", "-shm"):
        world.path.with_name(world.path.name + part).unlink()
    world.path.mkdir()
    safe = Safekeeping(world.log.append)
    present = world.clock.present()
    with pytest.raises(StoreError, match="a directory in its place"):
        safe.follow(world.store, present)
    with pytest.raises(StoreError, match="a directory in its place"):
        safe.follow(world.store, present)
    world.path.rmdir()
    world.open().close()
    assert safe.follow(world.store, present)
    assert "was replaced by another" in world.log[-1]
    assert world.store.recorded.get(RESTORED) is not None


@pytest.mark.parametrize(
    ("mended", "said"),
    [
        (
            Mended("/a", "2026-11-21", 3, 0),
            "2026-11-21, with 3 answers more read from it.",
        ),
        (Mended("/a", "2026-11-21", 0, None), "Answers since then may be missing."),
        (Mended("/a", None, 1, 0), "There was no backup; 1 answer could be read from it"),
        (
            Mended("/a", None, 3, 0),
            "3 answers could be read from it, and all that belongs to them.",
        ),
        (
            Mended("/a", None, 300, 0, 90),
            "300 answers could be read from it; what 90 of them answered is lost.",
        ),
        (
            Mended("/a", "2026-11-21", 1, 0, 1),
            "2026-11-21, with 1 answer more read from it; what it answered is lost.",
        ),
        (Mended("/a", None, 0, None), "Nobody can know whether any are missing."),
        (Mended("/a", "2026-11-21", 0, 2), "2 answers could not be saved."),
    ],
)
def test_what_was_saved_and_lost_is_named(mended: Mended, said: str) -> None:
    """In one line, with the place where the damaged one is kept."""
    assert words(mended).startswith("The database was damaged, and is kept in /a.")
    assert said in words(mended)


async def test_what_could_not_be_mended_yet_is_mended_once_it_can(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk the damaged one stays in use as far as it goes; nothing is given up."""
    await world.tick()
    with closing(sqlite3.connect(world.path, isolation_level=None)) as raw:
        raw.execute("UPDATE delivery SET planned_at = 'noonish'")
    safe = Safekeeping(world.log.append)

    def no_room(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(mending, "_copy", no_room)
        with pytest.raises(StoreError, match="No space"):
            safe.mend(world.store, world.clock.present())
        assert not safe.follow(world.store, world.clock.present())
        assert world.store.recorded.get(planning.PLANNED) is not None
    assert safe.mend(world.store, world.clock.present())
    assert "was damaged, and is kept in" in world.log[-1]
    assert world.store.upkeep.damage() == ""
    assert not safe.mend(world.store, world.clock.present()), "nothing is the matter with it"
