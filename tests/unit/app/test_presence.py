"""When the person came back, from what each look saw."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from reminderd.app.presence import Presence
from reminderd.core.model import Context, Kind, Planned, Quiet, Reason, Slot

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
QUIET = Quiet(())
LOCKED = Context(locked=True)
AWAY = Context(away_seconds=900, unsignalled=frozenset({Reason.AWAY}))


def look(
    presence: Presence,
    context: Context,
    minutes: int,
    *,
    closely: bool = True,
    quiet: Quiet = QUIET,
) -> datetime | None:
    """Look some minutes after noon."""
    return presence.back_at(context, quiet, NOON + minutes * MINUTE, closely=closely)


def test_who_was_there_all_the_time_never_came_back() -> None:
    """Nothing to wait for."""
    presence = Presence()
    assert look(presence, Context(), 0) is None
    assert look(presence, Context(locked=False), 1) is None


@pytest.mark.parametrize(
    ("absent", "within"),
    [
        (LOCKED, timedelta()),
        (Context(away_seconds=900), timedelta()),
        (AWAY, MINUTE),
        (Context(locked=True, away_seconds=900, unsignalled=frozenset({Reason.AWAY})), MINUTE),
        (Context(locked=True, unsignalled=frozenset({Reason.IN_CALL})), timedelta()),
    ],
)
def test_a_return_that_only_a_look_can_see_may_be_a_minute_old(
    absent: Context, within: timedelta
) -> None:
    """So much of the minutes after it may be over already."""
    presence = Presence()
    look(presence, absent, 0)
    look(presence, Context(locked=False, away_seconds=0), 10)
    assert presence.within == within


@pytest.mark.parametrize("absent", [LOCKED, Context(inactive=True), AWAY])
def test_the_return_is_the_first_look_that_sees_it(absent: Context) -> None:
    """And stays, until the next absence."""
    presence = Presence()
    assert look(presence, absent, 0) is None
    there = Context(locked=False, inactive=False, away_seconds=0)
    assert look(presence, there, 10) == NOON + 10 * MINUTE
    assert look(presence, there, 30) == NOON + 10 * MINUTE
    assert look(presence, absent, 40) is None
    assert look(presence, there, 41) == NOON + 41 * MINUTE


@pytest.mark.parametrize("told", [Context(do_not_disturb=True), Context(in_call=True)])
def test_neither_a_call_nor_do_not_disturb_is_an_absence(told: Context) -> None:
    """Somebody who ends these is there."""
    presence = Presence()
    assert look(presence, told, 0) is None
    assert look(presence, Context(), 1) is None


def test_what_is_not_to_be_respected_is_no_absence() -> None:
    """With `when_locked = false`."""
    presence, quiet = Presence(), Quiet((), when_locked=False)
    assert look(presence, LOCKED, 0, quiet=quiet) is None
    assert look(presence, Context(), 1, quiet=quiet) is None


def test_not_having_asked_is_no_return() -> None:
    """What has no signal is unknown until somebody asks closely."""
    presence = Presence()
    assert look(presence, AWAY, 0) is None
    assert look(presence, Context(), 10, closely=False) is None
    assert look(presence, Context(), 20) == NOON + 20 * MINUTE


def test_a_signal_tells_of_a_return_without_asking() -> None:
    """As logind or Mutter do."""
    presence = Presence()
    assert look(presence, Context(locked=True, away_seconds=900), 0) is None
    there = Context(locked=False, away_seconds=0)
    assert look(presence, there, 10, closely=False) == NOON + 10 * MINUTE


def test_a_clock_that_steps_back_does_not_keep_it_waiting() -> None:
    """The return never lies ahead."""
    presence = Presence()
    assert look(presence, LOCKED, 60) is None
    assert look(presence, Context(), 61) == NOON + 61 * MINUTE
    assert look(presence, Context(), 5) == NOON + 5 * MINUTE
    assert look(presence, Context(), 65) == NOON + 5 * MINUTE


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (Reason.LOCKED, NOON),
        (Reason.AWAY, NOON),
        (Reason.JUST_BACK, NOON),
        (Reason.DO_NOT_DISTURB, None),
        (None, None),
    ],
)
def test_an_absence_outlives_the_daemon(held: Reason | None, expected: datetime | None) -> None:
    """What an earlier one held back says that nobody was there."""
    local = datetime(2026, 11, 23, 10)  # noqa: DTZ001 -- wall time
    slot = Slot(date(2026, 11, 23), 1)
    one = Planned("a", Kind.SLOT, slot, local, local + timedelta(hours=8), held=held)
    presence = Presence()
    presence.begin([one])
    assert look(presence, Context(locked=False), 0) == expected
