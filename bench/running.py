"""What a look costs inside the running daemon, on a long history of 1,000 prompts.

A real `reminderd run`, with the notification server of `delivery.py`, takes note of how long each
look takes from before the snapshot to after the decision. A practice is asked for and answered by
another process, again and again: one look brings it, and those after it, of which one folds the
answer, find nothing due.
"""

from __future__ import annotations

import argparse
import asyncio
import atexit
import json
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # bench/ is no installed package

from bench.decide import PROMPTS, fill  # noqa: E402 -- see the line above
from bench.delivery import Home, Server  # noqa: E402 -- as above
from reminderd.adapters.clock import SystemClock  # noqa: E402 -- as above
from reminderd.adapters.wake import knock  # noqa: E402 -- as above
from reminderd.app import tick  # noqa: E402 -- as above
from reminderd.app.respond import LAST, respond  # noqa: E402 -- as above
from reminderd.app.status import daemon_facts  # noqa: E402 -- as above
from reminderd.core.decision import decide  # noqa: E402 -- as above
from reminderd.core.model import Answer  # noqa: E402 -- as above

if TYPE_CHECKING:
    from reminderd.core.decision import Decision, Snapshot
    from reminderd.core.walltime import Present

MOST_MILLISECONDS, MOST_GROWTH = 5.0, 1.5
SIZES = (1_000, 10_000, 100_000)
SETTLED = 0.05
"""Seconds after which the daemon has looked again."""
CONFIG = """\
[cadence]
windows = []
[notification]
notifier = "freedesktop"
[practice]
decks = ["bench"]
"""
PROMPT = """
[[prompt]]
id = "{0.id}"
tip = "{0.tip}"
basis = "bench"
when = "now"
needs = "nobody"
title = "{0.id}"
body = "One breath."
cue = "If it comes, then I breathe."
gentler = "Half a breath."
"""


def live(notes: Path) -> None:
    """Be the daemon, and write down at the end how long each decision took."""
    snapshot = tick.snapshot
    begun = (0.0, 0.0)
    spent: list[tuple[str, float, float]] = []

    async def noted_snapshot(engine: tick.Engine, present: Present) -> Snapshot:
        nonlocal begun
        begun = time.thread_time(), time.perf_counter()
        return await snapshot(engine, present)

    def noted_decide(looked_at: Snapshot) -> Decision:
        decision = decide(looked_at)
        processor, wall = time.thread_time() - begun[0], time.perf_counter() - begun[1]
        spent.append((type(decision.action).__name__, processor * 1000, wall * 1000))
        return decision

    for name, noted in (("snapshot", noted_snapshot), ("decide", noted_decide)):
        setattr(tick, name, noted)
    atexit.register(lambda: notes.write_text(json.dumps(spent), "utf-8"))
    from reminderd.cli.main import main as reminderd  # noqa: PLC0415 -- it looks at sys.argv

    sys.argv[1:] = ["run"]
    reminderd()


async def lived(count: int, runs: int) -> dict[str, list[tuple[float, float]]]:
    """Return milliseconds of the processor and on the wall, by what was decided."""
    with tempfile.TemporaryDirectory() as folder:
        home, server, notes = Home(Path(folder)), Server(), Path(folder) / "notes"
        (Path(folder) / ".config/reminderd/config.toml").write_text(CONFIG, "utf-8")
        deck = Path(folder) / ".config/reminderd/prompts/bench.toml"
        deck.parent.mkdir()
        deck.write_text('deck = "bench"\n' + "".join(map(PROMPT.format, PROMPTS)), "utf-8")
        now = SystemClock().present().now
        fill(Path(folder) / ".local/share/reminderd/reminderd.db", home.store.device, now, count)
        bus = subprocess.Popen(  # noqa: ASYNC220 -- before anything else runs
            ["dbus-daemon", "--session", f"--address={home.address}", "--nofork"],
            stderr=subprocess.DEVNULL,
        )
        await asyncio.sleep(1)
        connection = await server.start(home.address)
        daemon = subprocess.Popen(  # noqa: ASYNC220 -- takes a millisecond
            [sys.executable, __file__, "--inside", str(notes)],
            env=home.env | {"INVOCATION_ID": "bench"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            await asyncio.sleep(10)  # the first look folds the whole history
            for _ in range(runs):
                home.wake_for_one()
                await asyncio.wait_for(server.arrived.get(), 10)
                await asyncio.sleep(SETTLED)
                answer(home)
                await asyncio.sleep(SETTLED)
        finally:
            daemon.terminate()
            await asyncio.to_thread(daemon.wait, 10)
            connection.disconnect()
            await asyncio.sleep(0.1)  # it leaves in the loop's next turn
            bus.terminate()
            bus.wait(10)
        found: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for action, *times in json.loads(notes.read_text("utf-8"))[5:]:  # the first warm up
            found[action].append(tuple(times))
        return found


def answer(home: Home) -> None:
    """Answer what was brought, as a command does, and let the daemon look."""
    respond(home.store, Answer.DONE, SystemClock().present(), delivery=LAST, source="cli")
    facts = daemon_facts(home.store)
    assert facts is not None
    assert knock(facts["socket"])


def report(sizes: dict[int, dict[str, list[tuple[float, float]]]]) -> bool:
    """Print the figures; return whether the processor's are within their limits."""
    print("| deliveries | a look that | processor: median | 99 % | wall: median | 99 % |")
    print("| ---: | --- | ---: | ---: | ---: | ---: |")
    medians: dict[str, list[float]] = defaultdict(list)
    most = 0.0
    for count, found in sizes.items():
        for action, label in (("Deliver", "brings one"), ("Wait", "finds nothing due")):
            figures: list[float] = []
            for column in zip(*found[action], strict=True):
                ordered = sorted(column)
                figures += median(ordered), ordered[int(len(ordered) * 0.99)]
            medians[action].append(figures[0])
            most = max(most, figures[1])
            cells = " | ".join(f"{figure:.2f} ms" for figure in figures)
            print(f"| {count:,} | {label} | {cells} |")
    growth = max(of[-1] / of[0] for of in medians.values())
    print(f"from {min(sizes):,} to {max(sizes):,} the median grows by {growth:.2f} at most")
    return most <= MOST_MILLISECONDS and growth <= MOST_GROWTH


def main() -> None:
    """Measure and print; exit with 1 where a limit is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=300, help="practices brought at each size")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inside:
        live(arguments.inside)
    sizes = {count: asyncio.run(lived(count, arguments.runs)) for count in SIZES}
    sys.exit(0 if report(sizes) else 1)


if __name__ == "__main__":
    main()
