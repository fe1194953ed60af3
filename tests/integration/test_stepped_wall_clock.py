"""A real daemon whose wall clock is moved under it, as by a suspend, a time server or a hand.

libfaketime moves the wall clock and leaves the monotonic one alone. The kernel's own timer does not
see that, so what is to notice it here is the heartbeat, or a signal.
"""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

import pytest
from dbus_fast import Variant

from reminderd.adapters.clock import SystemClock
from tests.integration.daemons import Home, eventually
from tests.integration.played_services import Logind, Played
from tests.integration.test_hard_times import FAKETIME

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.desktops import PrivateBus

pytest_plugins = ["tests.integration.daemons", "tests.integration.desktops"]
pytestmark = [pytest.mark.uncounted, pytest.mark.clock]

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
TIMEDATE: Final = "org.freedesktop.timedate1"
CONFIG: Final = """\
[cadence]
random_per_day = 0
at = {times}
windows = ["06:00-22:00"]
min_gap = "{gap}"
[quiet]
hours = []
[notification]
notifier = "terminal"
"""


def midday_zone() -> str:
    """Return a zone in which it is about noon, so that no case meets midnight."""
    hour = datetime.now(UTC).hour
    return f"Etc/GMT{hour - 12:+}" if hour != 12 else "Etc/GMT"


@dataclass
class Moved:
    """A home whose wall clock is what the test says."""

    home: Home

    def __post_init__(self) -> None:
        self._stamp = self.home.folder / "clock"
        self.step(timedelta())
        self.home.extra |= {
            "LD_PRELOAD": FAKETIME,
            "FAKETIME_TIMESTAMP_FILE": str(self._stamp),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "REMINDERD_CLOCK_WATCH": "heartbeat",
        }

    def step(self, by: timedelta) -> None:
        """Move the wall clock to so far from the real one, in one step."""
        new = self._stamp.with_suffix(".new")
        new.write_text(f"{by.total_seconds():+.0f}", "utf-8")
        new.replace(self._stamp)

    def waits_for(self, reason: str) -> bool:
        """Return whether one is held for this reason."""
        return bool(self.home.json("status")["held"] == reason)

    def has_brought(self, number: int) -> bool:
        """Return whether so many practices were brought, no more and no fewer."""
        return [one["outcome"] for one in self.home.history()].count("shown") == number


@dataclass(frozen=True)
class Case:
    """What happens to a clock, and what is planned.

    Attributes:
        at_boot: How far the clock is off when the daemon starts.
        then: How far it is off after the step.
        times: The fixed times of each day, in hours from now.
        planned: What is planned for this date after the step, in hours from now on the real clock.
        came_before: Whether one came before the step; then no other is due.
        comes_back: Whether the clock is right in the end, once one has come, and another is due.
    """

    at_boot: timedelta
    then: timedelta
    times: tuple[float, ...] = ()
    planned: float | None = None
    came_before: bool = False
    comes_back: bool = False


CASES: Final = {
    "two hours of sleep": Case(timedelta(), 2 * HOUR, planned=1),
    "an hour back": Case(timedelta(), -HOUR, planned=-1.1),
    "an hour back, just after one came": Case(timedelta(), -HOUR, came_before=True),
    "an hour forward": Case(timedelta(), HOUR, planned=0.5),
    "forty days of sleep": Case(timedelta(), 40 * DAY, times=(-0.2, 3)),
    "a day forward, and back": Case(timedelta(), DAY, times=(-0.2, 3), comes_back=True),
    "a day back": Case(timedelta(), -DAY, times=(-0.2, 3)),
    "five years forward, and back": Case(timedelta(), 1825 * DAY, times=(-0.2,), comes_back=True),
    "a clock of 2004, under which one came": Case(
        -8000 * DAY, timedelta(), came_before=True, comes_back=True
    ),
    "a clock of five years ahead until the network is there": Case(
        1825 * DAY, timedelta(), came_before=True, comes_back=True
    ),
    "a clock of 2004 until the network is there": Case(
        timedelta(days=-8000), timedelta(), times=(-0.2, 3)
    ),
}


def local_now() -> datetime:
    """Return what the wall shows where these homes are."""
    return SystemClock().present().local


def hours_from_now(hours: float) -> datetime:
    return local_now().replace(second=0, microsecond=0) + hours * HOUR


@pytest.fixture
def make(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Case], Moved]:
    """Make a home in which the first practice is over."""
    zone = midday_zone()
    monkeypatch.setenv("TZ", zone)

    def made(case: Case) -> Moved:
        home = Home(tmp_path_factory.mktemp("home"), {"TZ": zone})
        (home.folder / "run").mkdir(mode=0o700)
        times = [f"{hours_from_now(hours):%H:%M}" for hours in case.times]
        gap = "30m" if case.comes_back else "1m"
        home.configure(CONFIG.format(times=json.dumps(times), gap=gap))
        home.skip_first_practice()
        moved = Moved(home)
        moved.step(case.at_boot)
        return moved

    return made


def test_every_step_is_noticed_within_a_minute(make: Callable[[Case], Moved]) -> None:
    """By the heartbeat alone, each in a daemon of its own: what is due comes, and once."""
    with ExitStack() as daemons:
        homes = {name: make(case) for name, case in CASES.items()}
        for moved in homes.values():
            daemons.enter_context(moved.home.daemon())
        for name, moved in homes.items():
            eventually(moved.home.running, "the daemon has planned the day")
            if CASES[name].came_before:
                moved.home.run("now")
                eventually(partial(moved.has_brought, 1), "one came before")
        for name, moved in homes.items():
            moved.step(CASES[name].then)
            if (planned := CASES[name].planned) is not None:
                moved.home.plan_slot(hours_from_now(planned))
        deadline = time.monotonic() + 60
        for name, moved in homes.items():
            while not moved.has_brought(1):
                assert time.monotonic() < deadline, f"too late: {name}"
                time.sleep(0.5)
        for name, moved in homes.items():
            if CASES[name].comes_back:
                moved.step(timedelta())
                moved.home.plan_slot()
                moved.home.run("resume")
                eventually(partial(moved.waits_for, "min-gap"), f"another waits: {name}")
            moved.home.run("resume")
            assert moved.home.json("status")["running"], name
            assert moved.has_brought(1), name
            assert {one["outcome"] for one in moved.home.history()} <= {"shown", "missed"}, name


@pytest.mark.desktop
@pytest.mark.parametrize("sign", ["it is awake", "the zone is another"])
async def test_a_signal_is_noticed_within_a_second(
    make: Callable[[Case], Moved], private_bus: PrivateBus, sign: str
) -> None:
    """Long before the next heartbeat; not the one that says that the machine will sleep."""
    moved = make(Case(timedelta(), timedelta()))
    moved.home.extra["DBUS_SYSTEM_BUS_ADDRESS"] = private_bus.address
    async with Logind(private_bus.address) as logind, Played(private_bus.address, TIMEDATE) as zone:
        with moved.home.daemon() as daemon:
            await asyncio.to_thread(eventually, moved.home.running, "the daemon is up")
            moved.step(2 * HOUR)
            moved.home.plan_slot(hours_from_now(1))
            logind.sleep(True)
            await asyncio.sleep(0.5)
            assert daemon.said() == ""
            sent = time.monotonic()
            if sign == "it is awake":
                logind.sleep(False)
            else:
                there = Variant("s", "Asia/Tokyo")
                zone.change("/org/freedesktop/timedate1", TIMEDATE, Timezone=there)
            while not daemon.said():
                assert time.monotonic() - sent < 1
                await asyncio.sleep(0.01)
            brought = partial(moved.has_brought, 1)
            await asyncio.to_thread(eventually, brought, "it is recorded, once")
            await asyncio.to_thread(daemon.end)
