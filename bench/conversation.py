"""Random conversations with a desktop: what must never happen, looked for many times.

Each run is a state machine of tests/integration/conversation/, from an empty database on, with
the real notifier, store and use cases on a private session bus. Half of them find a server there
that the bus cannot start.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.integration.conversation.machine import Conversing
from tests.integration.conversation.place import place_on
from tests.integration.desktops import bus_in

BATCH = 250
STEPS = 30


def converse(runs: int, begin: int, *, fails: bool) -> tuple[Counter[str], Counter[str]]:
    """Have some conversations on a bus of their own; return what happened and what came of it.

    Raises:
        AssertionError: A promise was broken.
    """
    with tempfile.TemporaryDirectory(prefix="reminderd-") as folder:
        os.environ["XDG_RUNTIME_DIR"] = folder
        with bus_in(Path(folder), os.environ) as bus:
            if fails:
                bus.offer_server("/bin/false")
            os.environ["DBUS_SESSION_BUS_ADDRESS"] = bus.address
            with place_on(bus.address) as place:

                @seed(begin)
                def machine() -> Conversing:
                    return Conversing(place)

                run_state_machine_as_test(
                    machine,  # type: ignore[arg-type]  # it only calls what it is given
                    settings=settings(
                        max_examples=runs,
                        stateful_step_count=STEPS,
                        deadline=None,
                        database=None,
                        suppress_health_check=list(HealthCheck),
                    ),
                )
                return place.happened, place.came_of_it


def main() -> None:
    """Converse, and print what happened; a broken promise ends it with its shortest example."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31))
    arguments = parser.parse_args()
    print(f"{arguments.runs} runs of {STEPS} actions, seed {arguments.seed}", flush=True)
    happened, came_of_it = Counter[str](), Counter[str]()
    begun = time.monotonic()
    for number, start in enumerate(range(0, arguments.runs, BATCH)):
        runs = min(BATCH, arguments.runs - start)
        actions, results = converse(runs, arguments.seed + number, fails=number % 2 == 1)
        happened += actions
        came_of_it += results
        if sys.stderr.isatty():
            print(f"{start + runs} runs, {time.monotonic() - begun:.0f} s", file=sys.stderr)
    for counted in (happened, came_of_it):
        for name, times in counted.most_common():
            print(f"{times:>9,} {name}")
        print()
    print(f"{happened.total():>9,} actions, 0 broken promises")


if __name__ == "__main__":
    main()
