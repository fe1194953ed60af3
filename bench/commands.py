"""How long each hot command takes, as a ratio to `python -c "import click"` in the same run.

The commands and the reference run in turn, so that a machine whose speed drifts does not favour
either; the figures are medians of whole processes.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from reminderd.adapters.clock import SystemClock
from reminderd.adapters.store.store import Store
from reminderd.core.history import ShownText
from reminderd.core.model import Needs, Prompt, Rule, When
from reminderd.core.notice import Posted
from reminderd.core.selection import Choice

LIMIT = 1.6
REFERENCE = (sys.executable, "-c", "import click")
COMMANDS = (
    ("--version",),
    ("--help",),
    ("status",),
    ("status", "--json"),
    ("show",),
    ("respond", "done", "--delivery", "last"),
    ("note", "--note=x"),
    ("pause", "2h"),
    ("resume",),
    ("history", "--limit", "20"),
)


def prepare(home: Path) -> dict[str, str]:
    """Make a home with one practice that is open, and return its environment."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    env |= {"HOME": str(home), "TZ": "Europe/Berlin"}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # else reminderd is compiled anew at each start
    present = SystemClock().present()
    store = Store(home / ".local/share/reminderd/reminderd.db", present)
    delivery = store.deliveries.add_now(present, timedelta(minutes=2), None, None)
    text = ShownText("A small beginning", "One breath.", "If it comes, then I breathe.", When.NOW)
    version = store.version()
    prompt = Prompt(
        *("kind-x", "bench", "kind", "", When.NOW, Needs.NOBODY),
        *(text.title, text.body, text.cue, "Half a breath."),
    )
    store.deliveries.claim(delivery, version, Choice(prompt, Rule.NEW, "bench"), text, present)
    store.deliveries.record_shown(delivery, Posted("bench", 1), present)
    store.close()
    return env


def timed(command: tuple[str, ...], env: dict[str, str]) -> float:
    """Run a command once and return the seconds it took."""
    start = time.perf_counter()
    done = subprocess.run(command, env=env, capture_output=True, check=False)
    took = time.perf_counter() - start
    assert done.returncode == 0, (command, done.stderr.decode())
    return took


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=21, help="counted runs of each (at least 15)")
    runs = max(parser.parse_args().runs, 15)
    with tempfile.TemporaryDirectory() as folder:
        env = prepare(Path(folder))
        print(f"{runs} runs each; the reference is python -c 'import click'")
        print(f"{'command':<36}{'ms':>7}{'reference':>11}{'ratio':>8}")
        for arguments in COMMANDS:
            command = (sys.executable, "-m", "reminderd", *arguments)
            timed(command, env)
            timed(REFERENCE, env)
            pairs = [(timed(command, env), timed(REFERENCE, env)) for _ in range(runs)]
            ours, theirs = (statistics.median(column) * 1000 for column in zip(*pairs, strict=True))
            ratio = statistics.median(one / other for one, other in pairs)
            told = "" if ratio <= LIMIT else f"  above {LIMIT}"
            print(f"{' '.join(arguments):<36}{ours:7.1f}{theirs:11.1f}{ratio:8.2f}{told}")


if __name__ == "__main__":
    main()
