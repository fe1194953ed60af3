"""How late a look begins after the wall clock's watch was due, and what catching up costs.

The daemon is the real one, in this process, in a home of its own and without a desktop. Its timer
is that watch alone: the scheduler beside it, which mostly comes first, is left out.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

from reminderd import bootstrap, daemon
from reminderd.adapters import paths
from reminderd.adapters.hang_up import HangUp
from reminderd.adapters.wake import Lock
from tests.fakes import World, cadence, window

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from reminderd.app.tick import Engine
    from reminderd.core.decision import Decision

GAPS = (timedelta(minutes=1), timedelta(days=1), timedelta(days=40), timedelta(days=5 * 365))


class Measured(daemon.Daemon):
    """A daemon that is to look again within a tenth of a second, so many times."""

    count = 0
    due: datetime
    late: list[float]

    def _arm(self, at: datetime) -> None:
        del at
        if len(self.late) >= self.count:
            self._on_end()
        wait = timedelta(milliseconds=40 + 80 * random.random())  # noqa: S311 -- no secret
        type(self).due = datetime.now(UTC) + wait
        self._clock_watch.set(self.due)


async def live(count: int) -> list[float]:
    """Return by how many milliseconds each look began too late."""
    Measured.count, Measured.late = count + 1, []
    tick: Callable[[Engine], Awaitable[Decision]] = vars(daemon)["tick"]

    async def timed(engine: Engine) -> Decision:
        if hasattr(Measured, "due"):
            Measured.late.append((datetime.now(UTC) - Measured.due) / timedelta(milliseconds=1))
        return await tick(engine)

    vars(daemon)["tick"] = timed
    lock = Lock(paths.database_file(), service=True)
    lock.try_lock()
    one = Measured(bootstrap.open_store(), lock, HangUp(service=True), service=True)
    try:
        await one.live()
    finally:
        await one.stop()
    return Measured.late[:count]


async def caught_up(gap: timedelta, folder: Path) -> float:
    """Return how many milliseconds the first look after a gap takes, beside a real database."""
    plan = cadence(
        random_per_day=4,
        fixed=["09:00", "21:00"],
        windows=[window("06:00", "23:00")],
        max_per_day=6,
    )
    world = World(folder / f"{gap.days}.db", plan)
    await world.tick()
    for hours in range(1, 30):
        world.clock.forward(hours=hours / 10)
        await world.tick()
    world.clock.now += gap
    begun = time.perf_counter()
    await world.tick()
    took = time.perf_counter() - begun
    world.close()
    return took * 1000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=500, help="how many expiries")
    count = parser.parse_args().count
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"HOME": folder, "INVOCATION_ID": "bench"}
        for name in ("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY"):
            os.environ.pop(name, None)
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = f"unix:path={folder}/none"
        late = asyncio.run(live(count))
        assert len(late) == count
        assert min(late) >= 0, "it came too early"
        print(
            f"{count} expiries: median {median(late):.1f} ms late, "
            f"99 of 100 below {quantiles(late, n=100)[98]:.1f} ms, at most {max(late):.1f} ms"
        )
        for gap in GAPS:
            found = []
            for turn in range(9):
                place = Path(folder, f"{gap.days}-{turn}")
                place.mkdir()
                found.append(asyncio.run(caught_up(gap, place)))
            print(f"a look after {gap}: median {median(found):.1f} ms, at most {max(found):.1f} ms")


if __name__ == "__main__":
    main()
