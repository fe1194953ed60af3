"""The daemon when something is in the way: a busy database, an early end, a set clock."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect
import pytest

from reminderd.adapters.clock import SystemClock
from tests.integration.daemons import QUIET_CONFIG, REMINDERD, eventually
from tests.integration.no_network import begin_watch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.daemons import Home

pytest_plugins = ["tests.integration.daemons"]

pytestmark = pytest.mark.uncounted

FIRST_TITLE = "A small beginning"
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"


@contextmanager
def held_database(home: Home) -> Iterator[sqlite3.Connection]:
    """Let another program hold the database for writing."""
    other = sqlite3.connect(home.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield other
    finally:
        other.close()


@contextmanager
def terminal(home: Home) -> Iterator[pexpect.spawn[str]]:
    """Run the daemon in a terminal of its own."""
    env = {name: value for name, value in home.env.items() if not name.startswith("COVERAGE")}
    env["TERM"] = "dumb"
    child = pexpect.spawn(
        REMINDERD[0],
        [*REMINDERD[1:], "run"],
        env=env,
        encoding="utf-8",
        timeout=10,
        preexec_fn=begin_watch,
    )
    try:
        yield child
    finally:
        child.close(force=True)


def test_an_answer_that_cannot_be_stored_is_kept_and_not_acknowledged(home: Home) -> None:
    """While another holds the database nothing says "Noted."; it is stored once that lets go."""
    with terminal(home) as child:
        child.expect_exact("then Enter")
        eventually(lambda: home.json("status")["open"] is not None, "it is recorded as shown")
        with held_database(home):
            child.sendline("done")
            time.sleep(1)
            assert "Noted." not in (child.before or "")
        eventually(lambda: home.history()[0]["response"] == "done", "the answer is stored")


def test_it_ends_within_a_second_while_the_database_is_held(home: Home) -> None:
    """However long another program holds it."""
    with home.daemon() as daemon:
        eventually(lambda: FIRST_TITLE in daemon.said(), "the first practice is there")
        with held_database(home):
            home.configure(QUIET_CONFIG)  # something to do
            time.sleep(0.5)
            start = time.monotonic()
            assert daemon.end() == 0
            assert time.monotonic() - start < 1


@pytest.mark.parametrize("wait", [0.15, 0.2, 0.25, 0.3])
def test_an_end_while_it_starts_is_an_end_in_peace(wait: float, home: Home) -> None:
    """Ctrl+C before it is up shows no traceback and blames no upgrade."""
    with terminal(home) as child:
        time.sleep(wait)
        child.sendintr()
        child.expect(pexpect.EOF)
    assert "Traceback" not in (child.before or "")
    assert "upgrade" not in (child.before or "")


def test_what_was_shown_is_recorded_once_that_is_possible(home: Home) -> None:
    """A database that is held between claim and record loses no showing."""
    home.configure(QUIET_CONFIG)
    home.skip_first_practice()
    command = (sys.executable, str(Path(__file__).with_name("slow_recorder.py")))
    home.plan_slot()
    with home.daemon(command) as daemon:
        eventually(lambda: "held" in daemon.complained(), "the database was held meanwhile")
        eventually(lambda: home.history()[0]["outcome"] == "shown", "it is recorded as shown")
        assert home.json("status")["open"] is not None


def test_a_mistyped_variable_in_small_letters_never_stops_it(home: Home) -> None:
    """It is told, and the settings hold without it."""
    home.extra["reminderd_cadence__random_per_day"] = "3"
    with home.daemon() as daemon:
        eventually(lambda: FIRST_TITLE in daemon.said(), "the first practice is there")
        assert "reminderd_cadence__random_per_day" in daemon.complained()
        assert "counts as unset; everything else holds" in daemon.complained()
        assert "Traceback" not in daemon.complained()


def test_settings_that_are_linked_from_anywhere_are_followed(home: Home) -> None:
    """Whatever the real file is called."""
    real = home.folder / "dotfiles" / "reminderd.conf"
    real.parent.mkdir()
    real.write_text(QUIET_CONFIG, "utf-8")
    home.config.parent.mkdir(parents=True)
    home.config.symlink_to(real)
    with home.daemon():
        eventually(lambda: home.json("status")["today"]["cap"] == 12, "the daemon has looked")
        real.write_text(QUIET_CONFIG.replace("max_per_day = 12", "max_per_day = 5"), "utf-8")
        eventually(lambda: home.json("status")["today"]["cap"] == 5, "the edit is in effect")


@pytest.mark.parametrize("place", ["/proc", "/nowhere/at/all"])
def test_a_runtime_folder_that_cannot_be_used_is_no_obstacle(place: str, home: Home) -> None:
    """As after `su`: commands find the daemon all the same."""
    home.extra["XDG_RUNTIME_DIR"] = place
    with home.daemon() as daemon:
        eventually(lambda: FIRST_TITLE in daemon.said(), "the first practice is there")
        eventually(home.running, "commands find it")


@pytest.mark.clock
def test_a_slot_comes_once_after_the_clock_has_leapt(home: Home) -> None:
    """As after a suspend: the wall clock is two hours on, the monotonic clock is not."""
    home.configure(QUIET_CONFIG)
    home.skip_first_practice()
    stamp = home.folder / "clock"
    stamp.write_text("+0", "utf-8")
    home.extra |= {
        "LD_PRELOAD": FAKETIME,
        "FAKETIME_TIMESTAMP_FILE": str(stamp),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "REMINDERD_CLOCK_WATCH": "heartbeat",
    }
    with home.daemon() as daemon:
        eventually(home.running, "the daemon has planned the day")
        home.plan_slot(SystemClock().present().local + timedelta(hours=1))
        stamp.write_text("+2h", "utf-8")
        os.kill(daemon.process.pid, signal.SIGHUP)  # instead of waiting for the next beat
        eventually(lambda: home.history()[0]["outcome"] == "shown", "the slot came")
        stamp.write_text("+3h", "utf-8")
        os.kill(daemon.process.pid, signal.SIGHUP)
        eventually(lambda: daemon.complained().count("read anew") == 2, "it has looked again")
        assert [entry["outcome"] for entry in home.history()].count("shown") == 1
