"""What `simulate` shows is what a running daemon does: its process, its loop, its database."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from reminderd.adapters.store.store import Store
from reminderd.app.respond import respond
from reminderd.core.model import Answer
from reminderd.core.walltime import Present
from tests.fakes import BERLIN
from tests.integration.daemons import Home
from tests.integration.stepped import BEGIN, Stepped

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.uncounted

DAYS = 90
SETTINGS = """\
[cadence]
random_per_day = 2
at = ["12:00", "23:57"]
windows = ["09:30-20:30"]
[quiet]
hours = ["21:30-23:30"]
[notification]
notifier = "terminal"
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with settings of its own, in which nothing was ever brought."""
    (tmp_path / "run").mkdir(mode=0o700)
    home = Home(tmp_path)
    home.configure(SETTINGS)
    return home


def simulated(home: Home, seed: str) -> list[dict[str, Any]]:
    """Return what the command says of these days, for somebody who answers in all ways."""
    done = home.run(
        *("simulate", "--days", str(DAYS), "--from", "2061-02-10", "--seed", seed, "--json"),
        *("--answers", "done=.4,hard=.1,later=.1,not-today=.1,not-for-me=.02"),
    )
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_ninety_days_of_a_daemon_are_what_simulate_shows(home: Home) -> None:
    """The same practices at the same moments, with the same seed and the same answers."""
    stepped = Stepped(home)
    end = BEGIN.replace(hour=0) + timedelta(days=DAYS)
    with home.daemon(stepped.command):
        until = stepped.look()
        store = Store(home.database, Present(stepped.now, BERLIN, BERLIN.key))
        facts = store.recorded.get("daemon")
        assert isinstance(facts, dict)
        expected = simulated(home, store.seed)
        said = iter(expected)
        came: list[tuple[str, str]] = []
        last = ""
        while stepped.now < end:
            newest = store.reading.newest()
            if newest is not None and newest.id != last:
                last = newest.id
                came.append((_local(newest.shown_at), newest.prompt))
                answer = next(said, {"response": None})["response"]
                if answer is not None:
                    stepped.set(min(stepped.now + timedelta(minutes=5), until))
                    present = Present(stepped.now, BERLIN, BERLIN.key)
                    respond(store, Answer(answer), present, source="test")
                    until = stepped.look(facts["socket"])
                    continue
            stepped.set(until)
            until = stepped.look(facts["socket"])
        store.close()
    assert came == [(one["at"], one["prompt"]) for one in expected]
    assert len(came) > DAYS


def _local(at: datetime | None) -> str:
    assert at is not None
    return at.astimezone(BERLIN).isoformat(timespec="seconds")
