"""kill -9 at random moments: what must never be lost or come twice, looked for many times.

Each kill is a round of tests/integration/kills.py: real daemons and commands on private session
buses, each with a notification server that the test plays. Homes are begun anew every 200 kills.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # bench/ is no installed package

from tests.integration.kills import kill  # noqa: E402 -- see the line above

BATCH = 200


def main() -> None:
    """Kill, and print what came of it; a broken promise ends it with what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31))
    arguments = parser.parse_args()
    print(f"{arguments.kills} kills, seed {arguments.seed}", flush=True)
    os.environ["TZ"] = "Europe/Berlin"
    came_of_it = Counter[str]()
    begun = time.monotonic()
    for start in range(0, arguments.kills, BATCH):
        count = min(BATCH, arguments.kills - start)
        with tempfile.TemporaryDirectory(prefix="reminderd-") as folder:
            came_of_it += asyncio.run(kill(Path(folder), count, arguments.seed + start))
        if sys.stderr.isatty():
            print(f"{start + count} kills, {time.monotonic() - begun:.0f} s", file=sys.stderr)
    for what, times in sorted(came_of_it.items(), key=lambda one: -one[1]):
        print(f"{times:>9,} {what}")
    print(f"\n{time.monotonic() - begun:.0f} s, 0 broken promises")


if __name__ == "__main__":
    main()
