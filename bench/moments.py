"""Random days with all that can go wrong in them: what must never happen, looked for many times.

Each run is a state machine of tests/property/moments/ from an empty database on, with the daemon's
own look on the real store. It ends with good days, on which something has to come again.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # tests/ is no installed package

from hypothesis import HealthCheck, Phase, seed, settings  # noqa: E402 -- see the line above
from hypothesis.stateful import run_state_machine_as_test  # noqa: E402 -- as above

from tests.property.moments.life import in_memory, same_ids  # noqa: E402 -- as above
from tests.property.moments.machine import Living  # noqa: E402 -- as above

BATCH = 250
Counts = dict[str, dict[str, int]]


def live(begin: int, runs: int, steps: int, *, shrinks: bool) -> Counts:
    """Live some days; return what happened and what came of it.

    Raises:
        AssertionError: A promise was broken.
    """
    happened, came_of_it = Counter[str](), Counter[str]()
    with in_memory() as folder, same_ids():

        @seed(begin)
        def machine() -> Living:
            return Living(folder / "reminderd.db", happened, came_of_it)

        run_state_machine_as_test(
            machine,  # type: ignore[arg-type]  # it only calls what it is given
            settings=settings(
                max_examples=runs,
                stateful_step_count=steps,
                deadline=None,
                database=None,
                phases=[Phase.generate, Phase.shrink] if shrinks else [Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
    return {"happened": happened, "came of it": came_of_it}


def main() -> None:
    """Live, and print what happened; a broken promise ends it with what led to it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5_000)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31))
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--kept", type=Path, help="a file of what is done; go on where it ends")
    parser.add_argument("--shrinks", action="store_true", help="look for a shorter example")
    arguments = parser.parse_args()
    batches = {  # seed: runs
        arguments.seed + number: min(BATCH, arguments.runs - begun)
        for number, begun in enumerate(range(0, arguments.runs, BATCH))
    }
    name = f"{arguments.runs} runs of {arguments.steps} steps, seed {arguments.seed}"
    print(name, flush=True)
    kept = _read(arguments.kept, name)
    left = {begin: runs for begin, runs in batches.items() if str(begin) not in kept}
    begun = time.monotonic()
    with ProcessPoolExecutor(arguments.processes) as pool:
        results = pool.map(
            partial(live, steps=arguments.steps, shrinks=arguments.shrinks), left, left.values()
        )
        for begin, counts in zip(left, results, strict=True):
            kept[str(begin)] = counts
            if arguments.kept:
                arguments.kept.write_text(json.dumps({"name": name, "batches": kept}))
            print(f"seed {begin}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    totals = {part: Counter[str]() for part in ("happened", "came of it")}
    for counts in kept.values():
        for part, total in totals.items():
            total.update(counts[part])
    for total in totals.values():
        for what, times in total.most_common():
            print(f"{times:>9,} {what}")
        print()
    actions = totals["happened"].total()
    took = time.monotonic() - begun
    print(f"{name}: {actions:,} actions in {took:.0f} s, 0 broken promises")


def _read(path: Path | None, name: str) -> dict[str, Counts]:
    """Return what was done of the same runs before, by seed."""
    if path is None or not path.exists():
        return {}
    found = json.loads(path.read_text())
    batches: dict[str, Counts] = found["batches"]
    return batches if found["name"] == name else {}


if __name__ == "__main__":
    main()
