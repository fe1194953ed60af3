"""`run` in a terminal that goes away, in one that stays, and with an output that nobody reads."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import time
from pathlib import Path
from shlex import join, quote
from typing import TYPE_CHECKING

import pexpect
import pytest

from tests.integration.daemons import PATIENCE_SECONDS, QUIET_CONFIG, REMINDERD, eventually
from tests.integration.no_network import begin_watch, watched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.integration.daemons import Home

    Started = Callable[..., pexpect.spawn[str]]

pytest_plugins = ["tests.integration.daemons"]

# Python >= 3.12 warns about a fork beside threads, and pytest-xdist's workers have one.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")

RUN = join([*REMINDERD, "run"])
SETTLED = 1.0
"""Seconds after which a daemon that ends with its terminal has long gone."""


@pytest.fixture
def shell(home: Home) -> Iterator[Started]:
    """An interactive shell in a terminal of its own; type a line into it, and a daemon is up."""
    home.configure(QUIET_CONFIG)
    home.skip_first_practice()
    started: list[pexpect.spawn[str]] = []

    def start(line: str) -> pexpect.spawn[str]:
        env = {**home.env, "PS1": "$ ", "TERM": "dumb"}
        child = pexpect.spawn(
            *("bash", ["--norc", "--noprofile", "-i"]),
            env=env,
            encoding="utf-8",
            timeout=10,
            preexec_fn=begin_watch,
        )
        started.append(child)
        child.expect_exact("$ ")
        child.sendline(line)
        eventually(lambda: home.json("status")["notifier"], "the daemon has looked")
        return child

    yield start
    for child in started:
        child.close(force=True)
    if home.running():
        os.kill(home.json("status")["pid"], signal.SIGTERM)
        eventually(lambda: not home.running(), "the daemon has ended")


def close_window(child: pexpect.spawn[str]) -> None:
    """Let the terminal go away, without a further signal from the test."""
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), child.fileno())


def lives(pid: int) -> bool:
    """Return whether the process is there, and not only its exit code."""
    return bool(fields := stat_of(pid)) and fields[0] != "Z"


def stat_of(pid: int) -> list[str]:
    """Return what the system knows of a process, from its state on; nothing if it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    except OSError:
        return []


@pytest.mark.parametrize(
    "line",
    [
        RUN,
        f"exec {RUN}",
        f"{RUN} &",
        f"{RUN} </dev/null >/dev/null 2>&1",
        f"{RUN} 2>&1 | cat",
        f"sh -c {quote(f'{RUN}; true')}",
    ],
    ids=["front", "exec", "background", "redirected", "pipe", "script"],
)
def test_it_ends_with_its_terminal(line: str, home: Home, shell: Started) -> None:
    """Wherever its output goes: the window was closed, so nobody sees it any more."""
    child = shell(line)
    pid = home.json("status")["pid"]
    close_window(child)
    eventually(lambda: not lives(pid), "it has ended")
    assert not (home.folder / "run/reminderd/wake").exists()
    assert not home.database.with_name("reminderd.db-wal").exists()
    with sqlite3.connect(home.database) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


def test_it_ends_well_with_its_terminal(home: Home, shell: Started) -> None:
    """With exit code 0, one line in the log and no traceback."""
    code, log = home.folder / "code", home.folder / "log"
    ended = quote(f"trap - HUP; exec {RUN}")
    line = f"(trap : HUP; sh -c {ended} 2>{quote(str(log))}; echo $? >{quote(str(code))})"
    close_window(shell(line))
    eventually(lambda: code.exists() and code.read_text() != "", "it has ended")
    assert code.read_text() == "0\n"
    said = log.read_text("utf-8").splitlines()
    assert said[1:] == ["The terminal that reminderd ran in is gone, so it ends."]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP], ids=lambda one: one.name)
def test_it_ends_with_its_shell(number: signal.Signals, home: Home, shell: Started) -> None:
    """In the foreground of a shell that dies, also where the terminal itself stays a while."""
    child = shell(RUN)
    pid = home.json("status")["pid"]
    child.kill(number)
    eventually(lambda: not lives(pid), "it has ended")


def test_it_ends_with_a_shell_that_takes_its_time(home: Home, shell: Started) -> None:
    """The signal comes long before the terminal goes; until then it is about the settings."""
    log = home.folder / "log"
    child = shell(f"trap 'sleep 1' EXIT; {RUN} 2>{quote(str(log))} &")
    pid = home.json("status")["pid"]
    child.kill(signal.SIGHUP)
    eventually(lambda: not lives(pid), "it has ended")
    said = log.read_text("utf-8").splitlines()
    assert "Settings and decks were read anew." in said
    assert said[-1] == "The terminal that reminderd ran in is gone, so it ends."


@pytest.mark.parametrize(
    "line",
    [
        f"nohup {RUN} >/dev/null 2>&1",
        f"(trap '' HUP; exec {RUN})",
        f"setsid {RUN}",
        f"{RUN} & disown",
    ],
    ids=["nohup", "trap", "setsid", "disown"],
)
def test_it_outlives_a_terminal_where_that_is_wanted(line: str, home: Home, shell: Started) -> None:
    """Whoever starts it so wants it to stay, and it does not go round and round."""
    child = shell(line)
    pid = home.json("status")["pid"]
    close_window(child)
    home.run("now", "--prompt", "slow-umbrella-not-key")
    time.sleep(SETTLED)
    assert home.json("status")["pid"] == pid
    eventually(lambda: rests(pid), "it rests")


@pytest.mark.parametrize("before", ["nohup", "setsid"])
def test_it_reads_anew_without_a_terminal(before: str, home: Home, shell: Started) -> None:
    """A SIGHUP that tells of no terminal is about the settings."""
    log = home.folder / "log"
    child = shell(f"{before} {RUN} >/dev/null 2>{quote(str(log))}")
    pid = home.json("status")["pid"]
    close_window(child)
    os.kill(pid, signal.SIGHUP)
    eventually(lambda: "read anew" in log.read_text("utf-8"), "it has read anew")
    assert home.json("status")["pid"] == pid


def test_sighup_ends_what_has_outlived_its_terminal(home: Home, shell: Started) -> None:
    """As the settings' page says: nobody sees it any more."""
    child = shell(f"{RUN} & disown")
    pid = home.json("status")["pid"]
    close_window(child)
    eventually(lambda: int(stat_of(pid)[4]) == 0, "the terminal is gone")
    os.kill(pid, signal.SIGHUP)
    eventually(lambda: not lives(pid), "it has ended")


def rests(pid: int) -> bool:
    """Return whether a process leaves the processor alone for a while."""
    before = stat_of(pid)[11:13]
    time.sleep(SETTLED / 2)
    return stat_of(pid)[11:13] == before


def test_sighup_reads_anew_while_the_terminal_lives(home: Home, shell: Started) -> None:
    """Once and again; nothing ends."""
    child = shell(RUN)
    pid = home.json("status")["pid"]
    for _ in range(2):
        os.kill(pid, signal.SIGHUP)
        child.expect_exact("Settings and decks were read anew.")
    assert home.json("status")["pid"] == pid


def test_a_service_reads_anew_whatever_its_terminal_does(home: Home, shell: Started) -> None:
    """systemd's `reload` is a SIGHUP, also for a unit that was given a terminal."""
    log = home.folder / "log"
    child = shell(f"INVOCATION_ID=test {RUN} 2>{quote(str(log))}")
    pid = home.json("status")["pid"]
    close_window(child)
    eventually(lambda: "read anew" in log.read_text("utf-8"), "it has read anew")
    assert home.json("status")["pid"] == pid


@pytest.mark.parametrize("both", [False, True], ids=["output", "errors too"])
def test_an_output_that_nobody_reads_is_no_bad_end(both: bool, home: Home) -> None:
    """As with `run | head -1`: it says what is in its way, and ends with 0 when told to."""
    reader, writer = os.pipe()
    os.close(reader)
    log = home.folder / "log"
    with log.open("wb") as file:
        process = watched(
            lambda: subprocess.Popen(
                [*REMINDERD, "run"], env=home.env, stdout=writer, stderr=writer if both else file
            )
        )
    os.close(writer)
    try:
        eventually(lambda: home.json("status")["held"] == "no-server", "a practice waits")
    finally:
        process.terminate()
    assert process.wait(PATIENCE_SECONDS) == 0
    said = log.read_text("utf-8")
    assert both or said.endswith("A practice waits: standard output cannot be written to\n")


def test_answered_in_another_shell(home: Home, shell: Started) -> None:
    """The invitation is taken back, and what is typed after that is told, and changes nothing."""
    child = shell(RUN)
    assert home.run("now", "--prompt", "slow-umbrella-not-key").returncode == 0
    child.expect_exact("then Enter")
    assert home.run("respond", "hard").returncode == 0
    child.expect_exact("Closed: it was answered elsewhere, or its time is over.")
    child.sendline("d")
    child.expect_exact("Nothing is open here now. `reminderd now` brings one.")
    assert home.history()[0]["response"] == "hard"


def test_a_line_before_any_practice(home: Home, shell: Started) -> None:
    """It is told what to do, and answers nothing."""
    child = shell(RUN)
    child.sendline("d")
    child.expect_exact("Nothing is open here now. `reminderd now` brings one.")
    assert home.run("now", "--prompt", "slow-umbrella-not-key").returncode == 0
    child.expect_exact("then Enter")
    assert home.history()[0]["response"] is None
    child.sendintr()
    child.expect_exact("$ ")
