"""How long a simulated year takes: 365 days of three a day, with sixty practices.

In this process, once the first has warmed it up, and as the whole command `reminderd simulate` with
all that is bundled. Where other work goes on beside it, the processor's time is the one to trust.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from reminderd.adapters.decks import load_decks
from reminderd.app.simulating import Person, VirtualClock, simulate
from reminderd.core.model import (
    Answer,
    Cadence,
    PaceSettings,
    Practice,
    Preferences,
    Quiet,
    Window,
)

if TYPE_CHECKING:
    from collections.abc import Callable

PROMPTS = Path(__file__).resolve().parents[1] / "prompts"
EVERY_DAY = frozenset(range(7))
ZONE = ZoneInfo("Europe/Berlin")
BEGIN = datetime(2026, 1, 1, 8, tzinfo=ZONE).astimezone(UTC)
PREFERENCES = Preferences(
    cadence=Cadence(3, (), None, (Window(EVERY_DAY, 570, 1230),), min_gap=90, max_per_day=4),
    quiet=Quiet((Window(EVERY_DAY, 1290, 1920),)),
    pace=PaceSettings(),
    practice=Practice(("*",), ("*",), alone_only=False),
    discretion="auto",
    snooze=timedelta(minutes=20),
)
NEARLY_ALL = Person({Answer.DONE: 0.85, Answer.HARD: 0.1})
DECK, COUNT = "letting-people-in", 60
TIMES = 7
LIMIT = 0.5


COMMAND = (
    *(sys.executable, "-m", "reminderd", "simulate", "--days", "365", "--from", "2026-01-01"),
    *("--answers", "done=.85,hard=.1", "--json"),
)


def spent(whose: int) -> float:
    """Return the seconds that the processor has worked, for this process or those it has ended."""
    used = resource.getrusage(whose)
    return used.ru_utime + used.ru_stime


def measured(what: str, live: Callable[[], object], whose: int = resource.RUSAGE_SELF) -> float:
    """Print how long a year takes; return the processor's part in seconds."""
    live()
    processor: list[float] = []
    wall: list[float] = []
    for _ in range(TIMES):
        begin, at = spent(whose), time.perf_counter()
        live()
        processor.append(spent(whose) - begin)
        wall.append(time.perf_counter() - at)
    print(f"{what:<44}{median(processor):8.2f} s{median(wall):8.2f} s")
    return median(processor)


def main() -> None:
    """Live the years, print how long they take; exit with 1 where one takes too long."""
    bundled = load_decks(PROMPTS, PROMPTS / "none").prompts
    deck = [prompt for prompt in bundled if prompt.deck == DECK]
    prompts = [deck[number * len(deck) // COUNT] for number in range(COUNT)]  # of every theme
    at_once = replace(PREFERENCES, pace=PaceSettings(ramp_up=False))

    def live(preferences: Preferences) -> None:
        clock = VirtualClock(BEGIN, ZONE, ZONE.key)
        life = simulate(preferences, prompts, NEARLY_ALL, clock, days=365, seed="a year")
        assert sum(1 for _ in life) > 1000

    print(f"{f'the median of {TIMES}':<44}{'processor':>10}{'wall':>10}")
    took = [measured("a year", lambda: live(PREFERENCES))]
    took.append(measured("a year, three a day from the first on", lambda: live(at_once)))
    with tempfile.TemporaryDirectory() as folder:
        env = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
        env |= {"HOME": folder, "TZ": ZONE.key, "REMINDERD_CADENCE__RANDOM_PER_DAY": "3"}
        env.pop("PYTHONDONTWRITEBYTECODE", None)  # else reminderd is compiled anew at each start
        measured(
            "the command, from its start to its end",
            lambda: subprocess.run(COMMAND, env=env, check=True, stdout=subprocess.DEVNULL),
            resource.RUSAGE_CHILDREN,
        )
    sys.exit(max(took) > LIMIT)


if __name__ == "__main__":
    main()
