"""Files, and messages on the bus, as nobody should write them: what must not come of any of them.

Each is a case of tests/property/mutation/, made anew by Hypothesis from its seed, and run with real
commands in a process of its own.
"""

from __future__ import annotations

import argparse
import pickle
import secrets
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # tests/ is no installed package

from hypothesis import HealthCheck, Phase, given, seed, settings  # noqa: E402 -- see the line above

from tests.property.moments.life import in_memory  # noqa: E402 -- as above
from tests.property.mutation import homes  # noqa: E402 -- as above
from tests.property.mutation.case import Ran, faults_of  # noqa: E402 -- as above
from tests.property.mutation.worker import KNOWN, Worker  # noqa: E402 -- as above

if TYPE_CHECKING:
    from hypothesis import strategies as st

    from tests.property.mutation.case import Case

KINDS: dict[str, st.SearchStrategy[Case]] = {
    "configs": homes.odd_configs(),
    "decks": homes.odd_decks(),
    "databases": homes.odd_histories(),
    "imports": homes.odd_imports(),
    "buses": homes.odd_buses(),
}
BATCH = 250


class Tally:
    """What came of all cases of a kind."""

    def __init__(self) -> None:
        self.codes = Counter[int]()
        self.cases = self.kib = self.known = 0
        self.seconds: list[float] = []
        self.faults: dict[str, Case] = {}

    def add(self, case: Case, ran: Ran) -> None:
        """Count a case; of faults that begin alike the first is kept."""
        self.cases += 1
        self.kib = max(self.kib, ran.kib)
        for one in ran.outcomes:
            self.codes[one.code] += 1
            self.known += one.err == KNOWN
            self.seconds.append(one.seconds)
        for fault in faults_of(ran):
            self.faults.setdefault(fault, case)


def try_all(kind: str, cases: int, begin: int) -> Tally:
    """Try so many cases of a kind."""
    tally = Tally()
    with in_memory() as folder, Worker(folder) as worker:
        for number in range(0, cases, BATCH):

            @seed(begin + number // BATCH)
            @settings(
                max_examples=min(BATCH, cases - number),
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(KINDS[kind])
            def run(case: Case) -> None:
                tally.add(case, worker.run(case))

            run()
            if sys.stderr.isatty():
                print(f"{kind}: {tally.cases}", file=sys.stderr)
    return tally


def main() -> None:
    """Try, and print what came of it; whatever must not happen ends it with 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=3_000, help="of each kind")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31))
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), choices=list(KINDS))
    parser.add_argument("--keep", type=Path, help="a folder for the cases that went wrong")
    arguments = parser.parse_args()
    print(f"{arguments.cases} cases of each kind, seed {arguments.seed}", flush=True)
    failed = 0
    for kind in arguments.kinds:
        begun = time.monotonic()
        tally = try_all(kind, arguments.cases, arguments.seed)
        took = time.monotonic() - begun
        seconds = sorted(tally.seconds)
        print(
            f"{kind}: {tally.cases:,} cases, {len(seconds):,} steps in {took:.0f} s;"
            f" went well {tally.codes[0]:,}, refused {tally.codes[1]:,};"
            f" a step: median {seconds[len(seconds) // 2] * 1000:.0f} ms,"
            f" the longest {seconds[-1] * 1000:.0f} ms; the most memory {tally.kib / 1024:.0f} MiB;"
            f" {len(tally.faults)} that must not be"
            + f"; {tally.known} times {KNOWN}"
            * (tally.known > 0),
            flush=True,
        )
        for number, (fault, case) in enumerate(tally.faults.items()):
            print(f"\n{fault}\n  in {case!r}"[:3000], flush=True)
            if arguments.keep:
                arguments.keep.mkdir(exist_ok=True)
                (arguments.keep / f"{kind}-{number}.pickle").write_bytes(pickle.dumps(case))
        failed += len(tally.faults)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
