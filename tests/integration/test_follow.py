"""`status --follow`: a line at each change, none without one, and nothing done in between."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from reminderd.core.model import Pause
from tests.integration.daemons import PATIENCE_SECONDS, QUIET_CONFIG, REMINDERD, eventually
from tests.integration.no_network import watched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.integration.daemons import Home

pytest_plugins = ["tests.integration.daemons"]

pytestmark = pytest.mark.uncounted


class Follower:
    """A bar: what it was told, line by line."""

    def __init__(self, process: subprocess.Popen[bytes], out: Path) -> None:
        self.process, self._out = process, out

    def lines(self) -> list[dict[str, Any]]:
        """Return all that it was told."""
        return [json.loads(line) for line in self._out.read_text("utf-8").splitlines()]

    def until(self, condition: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        """Wait until the last line is so, and return it."""
        eventually(lambda: bool(self.lines()) and condition(self.lines()[-1]), what)
        return self.lines()[-1]

    def switches(self) -> int:
        """Return how often it has waited for something."""
        text = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        found = re.search(r"^voluntary_ctxt_switches:\s+(\d+)", text, re.MULTILINE)
        assert found
        return int(found[1])


@contextmanager
def following(home: Home, *shape: str) -> Iterator[Follower]:
    """Follow the status of a home."""
    out = home.folder / "followed"
    with out.open("wb") as stdout:
        process = watched(
            lambda: subprocess.Popen(
                [*REMINDERD, "status", "--follow", *shape], env=home.env, stdout=stdout
            )
        )
    try:
        yield Follower(process, out)
    finally:
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) == 0


@pytest.fixture
def quiet_home(home: Home) -> Home:
    """A home in which nothing comes by itself."""
    home.configure(QUIET_CONFIG)
    home.skip_first_practice()
    return home


def test_each_change_is_a_line(quiet_home: Home) -> None:
    """A start, a pause and its end, a practice, an answer, a kill: each is told, within moments."""
    home = quiet_home
    with following(home, "--json") as bar:
        first = bar.until(lambda now: not now["running"], "it begins")
        assert first == home.json("status")
        with home.daemon() as daemon:
            bar.until(lambda now: bool(now["notifier"]), "the daemon is up")
            home.run("pause", "2h")
            bar.until(lambda now: now["paused_until"] is not None, "it is paused")
            home.run("resume")
            bar.until(lambda now: now["paused_until"] is None, "it goes on")
            home.run("now")
            bar.until(lambda now: now["open"] is not None, "one is open")
            home.run("respond", "done")
            bar.until(lambda now: now["today"]["answered"] == 1, "it is answered")
            daemon.end(signal.SIGKILL)
        bar.until(lambda now: not now["running"], "the daemon is gone")
        with home.daemon():
            bar.until(lambda now: bool(now["notifier"]), "another is up")
        bar.until(lambda now: not now["running"], "that one has ended")
        lines = bar.lines()
        assert all(one != other for one, other in pairwise(lines))


def test_nothing_is_done_while_nothing_changes(quiet_home: Home) -> None:
    """It waits for signs; a look of the daemon that changes nothing is no line."""
    home = quiet_home
    with home.daemon():
        eventually(home.running, "the daemon is up")
        with following(home, "--format", "waybar") as bar:
            bar.until(lambda now: now["class"] == "quiet", "it begins")
            time.sleep(0.5)
            before = bar.switches()
            time.sleep(2)
            assert bar.switches() - before <= 3  # the clock may be set meanwhile
            home.run("resume")  # which wakes the daemon
            time.sleep(0.5)
            assert len(bar.lines()) == 1


def test_the_end_of_a_pause_is_told_when_it_comes(quiet_home: Home) -> None:
    """By the clock, without a daemon."""
    home = quiet_home
    with home.store() as (store, present):
        soon = present.now + timedelta(seconds=2)
        store.answers.add_pause(Pause(present.now, soon, None), present)
    with following(home, "--json") as bar:
        bar.until(lambda now: now["paused_until"] is not None, "it is paused")
        told = bar.until(lambda now: now["paused_until"] is None, "it is over")
        assert told["pause_ended"] is not None


def test_it_keeps_nobody_from_writing(quiet_home: Home) -> None:
    """No transaction stays open: the write-ahead log can be emptied."""
    home = quiet_home
    with following(home, "--json") as bar:
        bar.until(lambda now: not now["running"], "it begins")
        home.run("pause", "2h")
        bar.until(lambda now: now["paused_until"] is not None, "it is paused")
        database = sqlite3.connect(home.database)
        busy, _, _ = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        database.close()
        assert busy == 0


def test_it_follows_a_database_that_was_put_in_its_place(quiet_home: Home) -> None:
    """As from a copy; what is written to the new one is told."""
    home = quiet_home
    with following(home, "--json") as bar:
        bar.until(lambda now: not now["running"], "it begins")
        for file in home.database.parent.glob("reminderd.db*"):
            file.unlink()
        home.run("pause", "2h")
        bar.until(lambda now: now["paused_until"] is not None, "it is paused")


def test_it_follows_a_folder_that_was_put_in_its_place(quiet_home: Home) -> None:
    """Moved away and back, replaced by another, or removed and made again by a command."""
    home = quiet_home
    folder, aside = home.database.parent, home.folder / "aside"
    with following(home, "--json") as bar:
        bar.until(lambda now: not now["running"], "it begins")
        shutil.copytree(folder, aside)
        folder.rename(home.folder / "before")
        aside.rename(folder)
        home.run("pause", "2h")
        bar.until(lambda now: now["paused_until"] is not None, "it is paused in the other one")
        shutil.rmtree(folder)
        time.sleep(0.5)
        assert not folder.exists(), "whoever only looks makes nothing"
        home.run("pause", "3h")
        home.run("resume")
        bar.until(lambda now: now["paused_until"] is None, "it is not paused in the new one")
        with home.daemon():
            bar.until(lambda now: now["running"], "a daemon is up")


@pytest.mark.parametrize("shut", ["nothing", "what we could read", "what it could say"])
def test_it_ends_with_a_reader_at_the_other_end_of_a_socket(quiet_home: Home, shut: str) -> None:
    """And not before: one way of it may be shut, as the journal has it; what it says is ignored."""
    reader, end = socket.socketpair()
    if shut == "what we could read":
        end.shutdown(socket.SHUT_RD)
    process = watched(
        lambda: subprocess.Popen(
            [*REMINDERD, "status", "--follow", "--json"],
            env=quiet_home.env,
            stdout=end.fileno(),
            stderr=subprocess.PIPE,
        )
    )
    end.close()
    with reader, reader.makefile(encoding="utf-8") as lines:
        assert json.loads(lines.readline())["running"] is False
        if shut == "nothing":
            reader.sendall(b"something")
        elif shut == "what it could say":
            reader.shutdown(socket.SHUT_WR)
        quiet_home.run("pause", "2h")
        assert json.loads(lines.readline())["paused_until"]
    _, complaints = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, complaints) == (0, b"")


def test_it_ends_when_nobody_reads_it_any_more(quiet_home: Home) -> None:
    """At once, in peace, though there is nothing new to tell."""
    read_end, write_end = os.pipe()
    process = watched(
        lambda: subprocess.Popen(
            [*REMINDERD, "status", "--follow", "--json"],
            env=quiet_home.env,
            stdout=write_end,
            stderr=subprocess.PIPE,
        )
    )
    os.close(write_end)
    with os.fdopen(read_end) as reader:
        assert json.loads(reader.readline())["running"] is False
    _, complaints = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, complaints) == (0, b"")


def test_it_ends_at_once_where_its_output_is_closed(quiet_home: Home) -> None:
    """Nobody could ever read it."""
    command = ["sh", "-c", 'exec "$@" >&-', "sh", *REMINDERD, "status", "--follow"]
    done = watched(
        lambda: subprocess.run(
            command,
            env=quiet_home.env,
            stderr=subprocess.PIPE,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_an_interrupt_ends_it_as_any_command(quiet_home: Home) -> None:
    process = watched(
        lambda: subprocess.Popen(
            [*REMINDERD, "status", "--follow"],
            env=quiet_home.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    )
    assert process.stdout is not None
    assert process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, complaints = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, complaints.strip()) == (130, b"")
