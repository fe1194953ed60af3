"""How things stand, from the tables and what the daemon last recorded."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from reminderd.app.pausing import pause
from reminderd.app.status import DAEMON, DaemonFacts, PaceFacts, daemon_facts, local_iso, status
from reminderd.core.model import Answer
from tests.fakes import cadence

if TYPE_CHECKING:
    from collections.abc import Callable

    from reminderd.app.status import Status
    from tests.fakes import World

FACTS = DaemonFacts(
    pid=4242,
    socket="/run/user/1000/reminderd/wake",
    notifier="freedesktop",
    why="a server answers",
    server="dunst 1.9",
    limits=["no replies"],
    next="2026-11-23T14:00:00+01:00",
    held="locked",
    paused_until=None,
    cap=4,
    pace=PaceFacts(per_day=4, reason="as you set it"),
    desktop={"locked": "logind", "away": None},
    closed=["locked"],
    quiet_hours=True,
    problems=["a deck cannot be read"],
)


@pytest.fixture
async def shown(make_world: Callable[..., World]) -> World:
    """A world in which a practice was shown at ten."""
    world = make_world(cadence(fixed=["10:00"]))
    await world.tick()
    await world.tick("2026-11-23 10:00")
    return world


def of(world: World, *, running: bool = False) -> Status:
    return status(world.store, daemon_facts(world.store), world.clock.present(), running=running)


def test_before_a_first_start_nothing_is_known(world: World) -> None:
    """Every key is there all the same: scripts rely on them."""
    assert of(world) == {
        "running": False,
        "pid": None,
        "notifier": None,
        "server": None,
        "paused_until": None,
        "pause_ended": None,
        "next": None,
        "today": {"shown": 0, "answered": 0, "cap": None},
        "pace": None,
        "open": None,
        "held": None,
        "why": None,
        "limits": [],
        "desktop": {},
        "closed": [],
        "problems": [],
        "mended": None,
    }


def test_what_a_running_daemon_recorded_is_told(shown: World) -> None:
    """All that it knows of itself, as it recorded it."""
    shown.store.recorded.set(DAEMON, FACTS)
    now = of(shown, running=True)
    for key in ("pid", "notifier", "server", "next", "held", "why", "limits", "closed", "problems"):
        assert now[key] == FACTS[key]
    assert now["today"]["cap"] == 4


def test_without_a_running_daemon_its_facts_are_not_told_as_true(shown: World) -> None:
    """Where it was and what it waited for is over; cap and pace are settings and stay."""
    shown.store.recorded.set(DAEMON, FACTS)
    now = of(shown)
    assert (now["pid"], now["notifier"], now["next"], now["held"], now["why"]) == (None,) * 5
    assert (now["limits"], now["closed"], now["problems"]) == ([], [], [])
    assert now["today"]["cap"] == 4
    assert now["pace"] == FACTS["pace"]


def test_the_open_delivery_is_told_until_it_is_answered(shown: World) -> None:
    """With its id, so that it can be answered, and its time in local time with offset."""
    newest = shown.store.reading.newest()
    assert newest is not None
    assert of(shown)["open"] == {
        "delivery": newest.id,
        "prompt": newest.prompt,
        "tip": newest.tip,
        "title": newest.text.title,
        "kind": "slot",
        "shown_at": "2026-11-23T10:00:00+01:00",
    }
    assert of(shown)["today"] == {"shown": 1, "answered": 0, "cap": None}
    shown.answer(Answer.DONE)
    assert of(shown)["open"] is None
    assert of(shown)["today"] == {"shown": 1, "answered": 1, "cap": None}


def test_it_is_closed_after_six_hours(shown: World) -> None:
    """What nobody answers does not stay open for ever."""
    shown.clock.forward(hours=6)
    assert of(shown)["open"] is None


def test_today_is_the_local_date(shown: World) -> None:
    """At midnight the count begins anew."""
    shown.clock.set("2026-11-24 00:00")
    assert of(shown)["today"]["shown"] == 0


def test_a_pause_is_told_with_its_end(shown: World) -> None:
    """In local time with its offset; when it is over it is no pause."""
    pause(shown.store, timedelta(hours=2), shown.clock.present())
    assert of(shown)["paused_until"] == "2026-11-23T12:00:00+01:00"
    shown.clock.forward(hours=2)
    assert of(shown)["paused_until"] is None


def test_times_are_whole_seconds_with_an_offset(world: World) -> None:
    """They can be read back without loss of their offset."""
    world.clock.set("2026-07-01 08:00:01.5")
    text = local_iso(world.clock.now, world.clock.zone)
    assert text == "2026-07-01T08:00:01+02:00"
    assert datetime.fromisoformat(text) == world.clock.now - timedelta(seconds=0.5)
