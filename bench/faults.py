"""Each write of each command and of a daemon's life fails, in one way after the other.

Each case is one of tests/integration/failing.py or failing_daemon.py; the tests have some of them.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # bench/ is no installed package

from tests.integration.failing import COMMANDS, failing_in  # noqa: E402 -- see the line above
from tests.integration.failing_daemon import LONGER_THAN_A_LIFE, place_in  # noqa: E402 -- as above
from tests.integration.faults import FULL, ONCE  # noqa: E402 -- as above


async def fail_commands(folder: Path, cases: Counter[str]) -> None:
    """Let each write of each command fail in each way."""
    async with failing_in(folder) as failing:
        for name, command in COMMANDS.items():
            await failing.prepare(command)
            for fault, count in (await failing.writes(command)).items():
                for at in range(1, count + 1):
                    await failing.fail(command, fault, at)
                cases[fault.name] += count
            if sys.stderr.isatty():
                print(f"{cases.total():,} cases, the last ones: {name}", file=sys.stderr)


async def fail_daemons(folder: Path, cases: Counter[str]) -> None:
    """Let each write of a daemon's life fail, once or for a while."""
    async with place_in(folder) as place:
        for fault in (ONCE, FULL):
            for at in range(1, LONGER_THAN_A_LIFE):
                await place.live(fault, at)
                cases[f"{fault.name}, for a daemon"] += 1


def main() -> None:
    """Let them fail, and print how many did; a broken promise ends it with what was found."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    os.environ["TZ"] = "Europe/Berlin"
    cases = Counter[str]()
    begun = time.monotonic()
    for fail in (fail_commands, fail_daemons):
        with tempfile.TemporaryDirectory(prefix="reminderd-") as folder:
            asyncio.run(fail(Path(folder), cases))
    for what, times in cases.most_common():
        print(f"{times:>9,} {what}")
    print(f"\n{cases.total():,} cases, {time.monotonic() - begun:.0f} s, 0 broken promises")


if __name__ == "__main__":
    main()
