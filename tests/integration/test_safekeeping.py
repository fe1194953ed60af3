"""A running daemon whose database is damaged, removed, replaced or in the way of: it goes on."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from reminderd.adapters.clock import SystemClock
from reminderd.adapters.store.backups import backups_of
from reminderd.adapters.store.damage import damage_in
from tests.integration.daemons import QUIET_CONFIG, REMINDERD, eventually

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.integration.daemons import Home, RunningDaemon

pytest_plugins = ["tests.integration.daemons"]


def overwrite(path: Path, at: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(content)


def spoil(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as raw:
        raw.execute(sql)


def wake(daemon: RunningDaemon) -> None:
    os.kill(daemon.process.pid, signal.SIGHUP)


def answered(home: Home) -> list[str]:
    return [one["note"] for one in home.json("history", "--notes") if one["note"]]


DAMAGE: dict[str, Callable[[Path], None]] = {
    "header": lambda path: overwrite(path, 0, b"\0" * 100),
    "every page": lambda path: overwrite(path, 0, b"\xa5" * path.stat().st_size),
    "a time": lambda path: spoil(path, "UPDATE delivery SET planned_at = 'noonish'"),
    "a table": lambda path: spoil(path, "DROP TABLE pause"),
    "what it recorded": lambda path: spoil(
        path, "UPDATE state SET value = '[[' WHERE key IN ('planned', 'daemon', 'good settings')"
    ),
}


@pytest.mark.parametrize("name", ["header", "a time", "a table", "what it recorded"])
def test_a_daemon_mends_what_it_finds_damaged_at_its_start(name: str, home: Home) -> None:
    """No answer is lost where the backup has it; commands work again; one line tells."""
    home.configure(QUIET_CONFIG)
    home.skip_first_practice()
    with home.daemon():
        eventually(lambda: bool(backups_of(home.database)) and home.running(), "a backup is made")
        assert home.run("note", "--note=before").returncode == 0
        assert home.run("backup").returncode == 0
    DAMAGE[name](home.database)
    told = home.run("respond", "done")
    assert (told.returncode, "Traceback" in told.stderr, "defect" in told.stderr) == (
        *(1, False, False),
    )
    with home.daemon() as daemon:
        eventually(lambda: home.run("status").returncode == 0 and home.running(), "it goes on")
        assert answered(home) == ["before"]
        assert home.run("note", "--note=after").returncode == 0
        assert "Traceback" not in daemon.complained()
        assert len(daemon.complained().splitlines()) <= 3
    assert damage_in(home.database) == ""


@pytest.mark.parametrize("name", ["every page", "a time"])
def test_a_daemon_mends_what_is_damaged_while_it_runs(name: str, home: Home) -> None:
    """At its next look; what was open for an answer, and every note, is there."""
    home.configure(QUIET_CONFIG)
    home.skip_first_practice()
    with home.daemon() as daemon:
        eventually(home.running, "it runs")
        assert home.run("note", "--note=before").returncode == 0
        assert home.run("backup").returncode == 0
        with home.store() as (store, _):
            store._db.write("PRAGMA wal_checkpoint(TRUNCATE)")  # noqa: SLF001 -- as SQLite does by itself
        DAMAGE[name](home.database)
        told = home.run("history")  # the first command that meets it tells the daemon
        assert told.returncode == 0 or "try again in a few seconds" in told.stderr, told.stderr
        wake(daemon)
        eventually(lambda: damage_in(home.database) == "", "it is mended")
        eventually(lambda: home.run("status").returncode == 0 and home.running(), "it goes on")
        assert answered(home) == ["before"]
        assert "Traceback" not in daemon.complained()
        assert "was damaged, and is kept in" in daemon.complained()
        assert "was damaged, and is kept in" in home.run("status").stdout


def test_nothing_comes_twice_after_a_backup_is_restored(home: Home) -> None:
    """A slot that was brought after the backup was made waits in it: it is let go."""
    home.configure(QUIET_CONFIG)
    home.skip_first_practice()
    home.plan_slot(SystemClock().present().local - timedelta(minutes=1))
    assert home.run("backup", str(home.folder / "copy.db")).returncode == 0
    with home.daemon() as daemon:
        eventually(lambda: any(one["outcome"] == "shown" for one in home.history()), "it came")
        (home.folder / "copy.db").replace(home.database)
        for part in ("-wal", "-shm"):
            home.database.with_name(home.database.name + part).unlink(missing_ok=True)
        wake(daemon)
        eventually(lambda: "was replaced by another" in daemon.complained(), "it is noticed")
        eventually(
            lambda: (
                [(one["outcome"], one["reason"]) for one in home.history()]
                == [("missed", "restored")]
            ),
            "what may have come is let go",
        )


def test_a_removed_database_is_begun_anew_and_told(home: Home) -> None:
    """By itself, at once: commands find the daemon, and no answer goes where no path leads to."""
    home.configure(QUIET_CONFIG)
    home.skip_first_practice()
    assert home.run("note", "--note=of before").returncode == 0
    with home.daemon() as daemon:
        eventually(lambda: home.running() and bool(backups_of(home.database)), "it runs")
        home.database.unlink()
        assert home.run("note", "--note=kept").returncode == 0
        eventually(lambda: "was re" in daemon.complained(), "it is told")
        eventually(home.running, "commands find it")
        assert answered(home) == ["kept"]
        assert "was re" in home.run("status").stdout
        shutil.rmtree(home.database.parent)
        eventually(lambda: home.database.exists() and home.running(), "also without its folder")
        assert "Traceback" not in daemon.complained()


def test_answers_go_on_while_the_database_is_removed_again_and_again(home: Home) -> None:
    """No file of the old one is taken for the new one's, by whoever opens it first."""
    home.configure(QUIET_CONFIG)
    home.skip_first_practice()
    with home.daemon() as daemon:
        eventually(home.running, "it runs")
        for count in range(4):
            home.database.unlink()
            script = (
                f"for i in 1 2 3; do {' '.join(REMINDERD)} note --note={count}-$i || exit 1; done"
            )
            both = [
                subprocess.Popen(["/bin/sh", "-c", script], env=home.env, stdout=-3, stderr=-1)
                for _ in range(2)
            ]
            said = [one.communicate(timeout=60)[1] for one in both]
            assert [one.returncode for one in both] == [0, 0], said
            assert sorted(answered(home)) == sorted(2 * [f"{count}-{i}" for i in (1, 2, 3)])
            eventually(home.running, "it goes on")
        assert daemon.process.poll() is None
    assert damage_in(home.database) == ""


def test_a_removed_log_costs_no_answer(home: Home) -> None:
    """What was acknowledged is in it; the daemon has it open and writes it down."""
    home.configure(QUIET_CONFIG)
    home.skip_first_practice()
    with home.daemon() as daemon:
        eventually(home.running, "it runs")
        assert home.run("note", "--note=before").returncode == 0
        home.database.with_name("reminderd.db-wal").unlink()
        eventually(lambda: home.run("note", "--note=after").returncode == 0, "commands work")
        eventually(home.running, "it goes on")
        daemon.end(signal.SIGKILL)
    assert sorted(answered(home)) == ["after", "before"]


@pytest.mark.parametrize("log", [True, False], ids=["with its log", "alone"])
def test_a_database_that_was_cut_to_nothing_is_damaged_and_not_new(log: bool, home: Home) -> None:
    """Backup and log bring back what was in it; a command leaves it as it is."""
    home.configure(QUIET_CONFIG)
    home.skip_first_practice()
    with home.daemon() as daemon:
        eventually(home.running, "it runs")
        assert home.run("note", "--note=in the backup").returncode == 0
        assert home.run("backup").returncode == 0
        assert home.run("note", "--note=later").returncode == 0
        daemon.end(signal.SIGKILL)
    os.truncate(home.database, 0)
    if not log:
        home.database.with_name("reminderd.db-wal").unlink()
    said = home.run("status")
    assert (said.returncode, "it is empty" in said.stderr) == (1, True)
    with home.daemon():
        eventually(lambda: home.run("status").returncode == 0 and home.running(), "it goes on")
        assert sorted(answered(home)) == ["in the backup", "later"][: 1 + log]


def test_a_folder_that_is_removed_with_its_lock_leaves_one_daemon(home: Home) -> None:
    """The first takes the lock of the new folder; who comes after it finds it held."""
    home.configure(QUIET_CONFIG)
    home.skip_first_practice()
    with home.daemon() as daemon:
        eventually(home.running, "it runs")
        shutil.rmtree(home.database.parent)
        eventually(lambda: home.database.exists() and home.running(), "it goes on")
        second = home.run("run")
        assert (second.returncode, "already running" in second.stderr) == (1, True)
        assert daemon.process.poll() is None


@pytest.mark.parametrize("removed", ["lock", "folder"])
def test_a_service_waits_on_where_the_lock_is_removed(removed: str, home: Home) -> None:
    """It neither takes the first daemon's place nor ends, and takes over when that one ends."""
    home.configure(QUIET_CONFIG)
    home.skip_first_practice()
    lock = home.database.with_suffix(".lock")
    with home.daemon() as first:
        eventually(home.running, "the first runs")
        first_signed, first_pid = lock.read_bytes(), first.process.pid
        home.extra["INVOCATION_ID"] = "test"
        with home.daemon() as second:
            eventually(lambda: "waiting" in second.complained(), "the second says that it waits")
            del home.extra["INVOCATION_ID"]
            if removed == "lock":
                lock.unlink()
            else:
                shutil.rmtree(home.database.parent)
            eventually(
                lambda: lock.exists() and lock.read_bytes() == first_signed, "the first follows"
            )
            time.sleep(0.6)  # in which the second would have begun
            assert second.process.poll() is None
            assert "for this account; waiting" in second.complained().splitlines()[-1]
            eventually(lambda: home.json("status")["pid"] == first_pid, "the first is heard")
            assert f"kill {first_pid}" in home.run("run").stderr
            assert first.end() == 0
            pid = second.process.pid
            eventually(lambda: home.json("status")["pid"] == pid, "the second has taken over")


def test_a_service_waits_on_where_the_lock_cannot_be_made(home: Home) -> None:
    """What is in the way is told, and the service goes on once it is gone."""
    home.configure(QUIET_CONFIG)
    home.skip_first_practice()
    with home.daemon() as first:
        eventually(home.running, "the first runs")
        home.extra["INVOCATION_ID"] = "test"
        with home.daemon() as second:
            eventually(lambda: "waiting" in second.complained(), "the second says that it waits")
            aside = home.database.parent.with_name("elsewhere")
            home.database.parent.rename(aside)
            home.database.parent.write_text("in the way", "utf-8")
            assert first.end() == 0
            eventually(lambda: "cannot be" in second.complained(), "it is told")
            home.database.parent.unlink()
            aside.rename(home.database.parent)
            pid = second.process.pid
            eventually(lambda: home.json("status")["pid"] == pid, "the second has taken over")
            assert "Traceback" not in second.complained()


def test_a_folder_that_cannot_be_entered_is_told_and_used_once_it_can(home: Home) -> None:
    """One line, no traceback, and `status` has it."""
    home.configure(QUIET_CONFIG)
    home.skip_first_practice()
    with home.daemon() as daemon:
        eventually(home.running, "it runs")
        aside = home.database.parent.with_name("elsewhere")
        home.database.parent.rename(aside)
        home.database.parent.write_text("in the way", "utf-8")
        wake(daemon)
        eventually(lambda: "cannot be opened" in daemon.complained(), "it is told")
        wake(daemon)
        home.database.parent.unlink()
        aside.rename(home.database.parent)
        eventually(lambda: "can be used again" in daemon.complained(), "it is used again")
        assert daemon.complained().count("cannot be") == 1
        assert "Traceback" not in daemon.complained()


def test_a_daily_backup_that_cannot_be_made_is_told_and_made_once_it_can(home: Home) -> None:
    """The daemon goes on meanwhile."""
    home.configure(QUIET_CONFIG)
    home.skip_first_practice()
    home.database.with_name("backups").write_text("in the way", "utf-8")
    with home.daemon() as daemon:
        eventually(home.running, "it runs")
        assert "No backup could be made today." in home.run("status").stdout
        assert daemon.complained().count("No backup could be made today.") == 1
    home.database.with_name("backups").unlink()
    with home.daemon():
        eventually(lambda: bool(backups_of(home.database)), "it is made")
        eventually(home.running, "it runs")
        assert "No backup" not in home.run("status").stdout
