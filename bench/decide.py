"""What a look costs on a long history: 1,000, 10,000 and 100,000 deliveries of 1,000 prompts.

The parts of a daemon with its real store, in one process: what `tick` does from the snapshot to the
decision while a slot is due, a whole look with nothing due, and folding what was answered since the
look before, which changes what the next snapshot reads. Each is done 500 times, beside a yardstick
of plain Python in the same run, and it is the processor's time that counts: how long the disk takes
to keep an answer is another matter. `running.py` looks into a daemon.
"""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # tests/ is no installed package

from reminderd.adapters.store import rows  # noqa: E402 -- see the line above
from reminderd.app import tick  # noqa: E402 -- as above
from reminderd.app.reviewing import keep_reviews  # noqa: E402 -- as above
from reminderd.core.decision import Deliver, decide  # noqa: E402 -- as above
from reminderd.core.history import ShownText  # noqa: E402 -- as above
from reminderd.core.model import Answer, When  # noqa: E402 -- as above
from reminderd.core.walltime import resolve  # noqa: E402 -- as above
from tests.fakes import World, cadence, prompt, window  # noqa: E402 -- as above

if TYPE_CHECKING:
    from collections.abc import Callable

TIPS = ("take-it-slow", "talk-about-it", "aim-for-balance", "self-compassion", "noticing")
PROMPTS = [prompt(f"p-{number:04}", TIPS[number % len(TIPS)]) for number in range(1000)]
TEXT = rows.text_json(ShownText("A title", "A body of one sentence.", "A cue.", When.NOW))
WHY = json.dumps({"moment": "random", "prompt": "it is due again", "rule": "due", "hard": 0})
TIMES = 500
ANSWERED = 0.7
DELIVERY = (
    *("id", "device", "kind", "slot_date", "slot_number", "local_at", "local_until", "zone"),
    *("planned_at", "prompt", "tip", "variant", "text", "why", "claimed_at", "claim_order"),
    *("shown_at", "shown_date", "ended_at", "outcome"),
)
RESPONSE = ("id", "device", "at", "zone", "delivery", "prompt", "answer", "source")
SEEN = """
INSERT INTO seen SELECT one.prompt, two.tip, one.claimed_at, two.claimed_at, two.claim_order
FROM (SELECT min(claim_order) AS first, max(claim_order) AS last FROM delivery GROUP BY prompt)
JOIN delivery AS one ON one.claim_order = first JOIN delivery AS two ON two.claim_order = last
"""


def main() -> None:
    """Measure, and print a table."""
    print("| deliveries | what | median | 99th percentile | as so many yardsticks |")
    print("| ---: | --- | ---: | ---: | ---: |")
    for count in (1_000, 10_000, 100_000):
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(measure(Path(folder) / "reminderd.db", count))


async def measure(path: Path, count: int) -> None:
    """Print what a look costs after so many deliveries."""
    plan = cadence(random_per_day=3, windows=[window("9:30", "20:30")])
    quiet = [window("21:30", "8:00")]
    world = World(path, plan, local="2026-11-22 07:00", prompts=PROMPTS, quiet=quiet)
    newest = fill(path, world.store.device, world.clock.now, count)
    await world.tick()
    said = timed(f"{count:,}")
    said("a look with nothing due", [await took(world) for _ in range(TIMES)])
    world.clock.now = resolve(world.store.deliveries.waiting()[0].local_at, world.clock.zone)
    world.clock.forward(seconds=1)
    said("snapshot and decision, one due", [await took_decision(world) for _ in range(TIMES)])
    folds: list[float] = []
    decisions: list[float] = []
    for one in newest:
        folds.append(took_fold(world, *one))
        decisions.append(await took_decision(world))
    said("folding after an answer", folds)
    said("snapshot and decision, one due, after that", decisions)
    world.close()


def fill(path: Path, device: str, now: datetime, count: int) -> list[tuple[str, str]]:
    """Write a history, every prompt in turn; return the newest deliveries with their prompts."""
    rng = random.Random(count)  # noqa: S311 -- a made-up history
    deliveries: list[tuple[object, ...]] = []
    responses: list[tuple[object, ...]] = []
    for number in range(count):
        at = now - timedelta(hours=8 * (count - number) + 10)
        text, one = rows.to_text(at), PROMPTS[number % len(PROMPTS)]
        wall = (rows.local_text(at), rows.local_text(at + timedelta(hours=2)))
        name, day = rows.new_id(at), at.date().isoformat()
        deliveries.append(
            (
                *(name, device, "slot", day, number + 1, *wall, "UTC", text, one.id, one.tip),
                *("plain", TEXT, WHY, text, number + 1, text, day, text, "shown"),
            )
        )
        if rng.random() < ANSWERED:
            later = rows.to_text(at + timedelta(minutes=3))
            answer = rng.choice(["done", "done", "taken", "hard"])
            responses.append((rows.new_id(at), device, later, "UTC", name, one.id, answer, "cli"))
    database = sqlite3.connect(path)
    with database:
        for table, columns, values in (
            ("delivery", DELIVERY, deliveries),
            ("response", RESPONSE, responses),
        ):
            marks = ", ".join("?" * len(columns))
            database.executemany(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})",  # noqa: S608 -- ours
                values,
            )
        database.execute(SEEN)
    database.close()
    return [(str(one[0]), str(one[9])) for one in deliveries[-TIMES:]]


async def took(world: World) -> float:
    """Return how long a whole look takes, in milliseconds."""
    begin = time.process_time()
    await world.tick()
    return (time.process_time() - begin) * 1000


async def took_decision(world: World) -> float:
    """Return how long it takes from the snapshot to the decision, in milliseconds."""
    begin = time.process_time()
    decision = decide(await tick.snapshot(world.engine, world.clock.present()))
    spent = (time.process_time() - begin) * 1000
    assert isinstance(decision.action, Deliver)
    return spent


def took_fold(world: World, delivery: str, identifier: str) -> float:
    """Return how long it takes to fold one more answer, in milliseconds."""
    present = world.clock.present()
    world.store.answers.add_response(
        *(Answer.DONE, present),
        delivery=delivery,
        prompt=identifier,
        note=None,
        snooze=None,
        source="cli",
    )
    begin = time.process_time()
    keep_reviews(world.store, world.engine.preferences.practice, present)
    return (time.process_time() - begin) * 1000


def timed(count: str) -> Callable[[str, list[float]], None]:
    """Return what prints a row; its last column is the median in yardsticks of this moment."""

    def said(what: str, spent: list[float]) -> None:
        ordered = sorted(spent)
        middle, most = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
        print(
            f"| {count} | {what} | {middle:.2f} ms | {most:.2f} ms | {middle / yardstick():.1f} |"
        )

    return said


def yardstick() -> float:
    """Return how long ten thousand dates in ISO 8601 take to read, in milliseconds."""
    texts = [f"2026-11-22T10:{number % 60:02}:00" for number in range(10_000)]
    spent = []
    for _ in range(5):
        begin = time.process_time()
        for text in texts:
            datetime.fromisoformat(text)
        spent.append((time.process_time() - begin) * 1000)
    return sorted(spent)[2]


if __name__ == "__main__":
    main()
