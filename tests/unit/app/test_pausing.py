"""Stop everything for a while, and go on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from reminderd.app.pausing import pause, resume
from reminderd.core.decision import Hold
from reminderd.core.model import Reason
from reminderd.core.pausing import paused_until
from reminderd.errors import SpokenError
from tests.fakes import cadence, window

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import World

HOUR = timedelta(hours=1)


@pytest.fixture
async def ten(make_world: Callable[..., World]) -> World:
    """A world in which a slot falls due at ten."""
    world = make_world(cadence(fixed=["10:00"], windows=[window("09:00", "21:00")]))
    await world.tick()
    return world


async def test_a_length_holds_and_ends_by_itself(ten: World) -> None:
    """Two hours from nine: the slot of ten comes at eleven."""
    ten.clock.set("2026-11-23 09:00")
    end = pause(ten.store, 2 * HOUR, ten.clock.present())
    assert end == ten.clock.now + 2 * HOUR
    decision = await ten.tick("2026-11-23 10:00")
    assert isinstance(decision.action, Hold)
    assert (decision.action.reason, decision.action.until) == (Reason.PAUSED, end)
    await ten.tick("2026-11-23 11:00")
    assert len(ten.titles) == 1


async def test_a_wall_time_travels(ten: World) -> None:
    """Until tomorrow nine o'clock is until nine o'clock where the person wakes up."""
    end = pause(
        *(ten.store, datetime(2026, 11, 23, 9)),  # noqa: DTZ001 -- wall time
        ten.clock.present(),
    )
    assert end == datetime(2026, 11, 23, 8, tzinfo=UTC)
    ten.clock.zone = ZoneInfo("America/New_York")
    await ten.tick("2026-11-23 08:59")
    decision = await ten.tick("2026-11-23 10:00")
    assert not isinstance(decision.action, Hold)
    assert len(ten.titles) == 1


async def test_resume_ends_it_at_once_and_says_whether_there_was_one(ten: World) -> None:
    """Also when the clock is set back an hour afterwards."""
    assert resume(ten.store, ten.clock.present()) is False
    ten.clock.set("2026-11-23 09:00")
    pause(ten.store, timedelta(days=7), ten.clock.present())
    ten.clock.set("2026-11-23 11:00")
    assert resume(ten.store, ten.clock.present()) is True
    assert resume(ten.store, ten.clock.present()) is False
    ten.clock.forward(hours=-1)
    await ten.tick()
    assert len(ten.titles) == 1


async def test_a_second_pause_replaces_the_first(ten: World) -> None:
    """A shorter one makes it shorter."""
    ten.clock.set("2026-11-23 09:00")
    pause(ten.store, 10 * HOUR, ten.clock.present())
    pause(ten.store, 2 * HOUR, ten.clock.present())
    await ten.tick("2026-11-23 11:00")
    assert len(ten.titles) == 1


@pytest.mark.parametrize(
    "end",
    [
        timedelta(),
        timedelta(days=30, seconds=1),
        datetime(2026, 11, 22, 22),  # noqa: DTZ001 -- now, on the wall
        datetime(2026, 12, 22, 22, 0, 1),  # noqa: DTZ001 -- wall time
    ],
)
async def test_its_end_lies_ahead_and_within_thirty_days(
    ten: World, end: timedelta | datetime
) -> None:
    """Anything else is refused with examples, and nothing is stored."""
    with pytest.raises(SpokenError, match="30 days") as caught:
        pause(ten.store, end, ten.clock.present())
    assert "reminderd pause 2h" in caught.value.hint
    assert ten.store.answers.pause() is None


def test_thirty_days_are_allowed(world: World) -> None:
    """To the second."""
    end = pause(world.store, timedelta(days=30), world.clock.present())
    assert end == world.clock.now + timedelta(days=30)


def test_thirty_dates_over_an_autumn_night_are_allowed(world: World) -> None:
    """The same time of day thirty dates later, though that is an hour more."""
    world.clock.set("2026-10-01 09:00")
    end = datetime(2026, 10, 31, 9)  # noqa: DTZ001 -- wall time
    until = pause(world.store, end, world.clock.present())
    assert until - world.clock.now == timedelta(days=30, hours=1)
    world.clock.now = until - timedelta(minutes=1)
    present = world.clock.present()
    assert paused_until(world.store.answers.pause(), present.now, present.zone) == until


def test_in_a_repeated_hour_the_time_that_lies_ahead_is_meant(world: World) -> None:
    """At 02:40 of the second pass, 02:50 is in ten minutes, and stays so on disk."""
    world.clock.now = datetime(2026, 10, 25, 1, 40, tzinfo=UTC)
    end = datetime(2026, 10, 25, 2, 50)  # noqa: DTZ001 -- wall time
    until = pause(world.store, end, world.clock.present())
    assert until - world.clock.now == timedelta(minutes=10)
    present = world.clock.present()
    assert paused_until(world.store.answers.pause(), present.now, present.zone) == until
