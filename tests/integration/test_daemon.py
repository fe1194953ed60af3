"""The daemon as a process: its first practice, its signals, its twin, edits, and what it says."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import socket
import sqlite3
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pexpect
import pytest

from tests.integration.daemons import PATIENCE_SECONDS, QUIET_CONFIG, REMINDERD, eventually
from tests.integration.no_network import begin_watch

if TYPE_CHECKING:
    from tests.integration.daemons import Home

pytest_plugins = ["tests.integration.daemons"]

FIRST_TITLE = "A small beginning"
BROKEN = "[cadence]\nmax_per_dya = 3\n"


def test_the_first_practice_comes_in_the_terminal_and_can_be_answered(home: Home) -> None:
    """Without a desktop: on standard output within 5 s, answered from a second shell at once."""
    with home.daemon() as daemon:
        eventually(lambda: FIRST_TITLE in daemon.said(), "the first practice is there")
        assert home.run("respond", "done", "--note=by the window").returncode == 0
        entry = home.history()[0]
        expected = ("first", "shown", "done", "by the window")
        assert (entry["kind"], entry["outcome"], entry["response"], entry["note"]) == expected
        eventually(lambda: home.json("status")["open"] is None, "the daemon saw the answer")
        assert home.json("status")["today"]["answered"] == 1


def test_the_first_practice_comes_once(home: Home) -> None:
    """A second start shows nothing that was shown before."""
    with home.daemon() as daemon:
        eventually(lambda: FIRST_TITLE in daemon.said(), "the first practice is there")
    with home.daemon() as again:
        eventually(home.running, "the second daemon is up")
        again.end()
        assert again.said() == ""
    assert [entry["kind"] for entry in home.history()] == ["first"]


def test_the_first_practice_skips_quiet_hours_and_nothing_else_does(home: Home) -> None:
    """The person is there at the very first start, whatever the hour; a slot keeps to the hours."""
    home.configure(QUIET_CONFIG.replace("hours = []", 'hours = ["00:00-24:00"]'))
    home.plan_slot()
    with home.daemon() as daemon:
        eventually(lambda: FIRST_TITLE in daemon.said(), "the first practice is there")
        eventually(lambda: home.json("status")["held"] == "quiet-hours", "the slot is held")
    assert [entry["kind"] for entry in home.history()] == ["first"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_within_a_second(number: signal.Signals, home: Home) -> None:
    """SIGTERM and SIGINT end it, with exit code 0 and no socket left behind."""
    with home.daemon() as daemon:
        eventually(lambda: FIRST_TITLE in daemon.said(), "the first practice is there")
        start = time.monotonic()
        assert daemon.end(number) == 0
        assert time.monotonic() - start < 1
    assert not (home.folder / "run/reminderd/wake").exists()
    assert "Traceback" not in daemon.complained()


def test_the_second_daemon_leaves(home: Home) -> None:
    """Two daemons on one account: the second says so and leaves with 1."""
    with home.daemon():
        eventually(home.running, "the first daemon is up")
        done = home.run("run")
    assert done.returncode == 1
    assert "already running" in done.stderr


def test_a_closed_standard_error_is_nobodys_file(home: Home) -> None:
    """What is said goes nowhere then, not into whatever file was opened in its place."""
    with home.daemon(("/bin/sh", "-c", f'exec "{REMINDERD[0]}" -m reminderd run 2>&-')) as daemon:
        eventually(home.running, "the daemon is up")
        assert home.run("now").returncode == 0
        done = home.run("run")
        assert done.returncode == 1
        assert f"kill {daemon.process.pid}" in done.stderr


def test_a_service_is_ended_by_its_manager(home: Home) -> None:
    """A `run` beside the service says so: whatever else ends it, systemd would not know."""
    home.extra["INVOCATION_ID"] = "test"
    with home.daemon():
        eventually(lambda: home.json("status")["notifier"], "the service has looked")
        del home.extra["INVOCATION_ID"]
        done = home.run("run")
    assert done.returncode == 1
    assert done.stderr.endswith("To end it: systemctl --user stop reminderd\n")


def test_the_second_daemon_waits_under_systemd(home: Home) -> None:
    """There it would be restarted in a loop; it waits for the lock, and takes over."""
    with home.daemon() as first:
        eventually(home.running, "the first daemon is up")
        home.extra["INVOCATION_ID"] = "test"
        with home.daemon() as second:
            eventually(lambda: "waiting" in second.complained(), "the second says that it waits")
            first.end()
            pid = second.process.pid
            eventually(lambda: home.json("status")["pid"] == pid, "the second has taken over")


def test_a_daemon_that_took_over_is_watched_before_it_looks(home: Home) -> None:
    """While it waits systemd expects nothing of it; a first look that hangs has to be noticed."""
    name = home.folder / "notify"
    with home.daemon() as first, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(name))
        manager.settimeout(PATIENCE_SECONDS)
        eventually(home.running, "the first daemon is up")
        home.extra |= {"INVOCATION_ID": "test", "NOTIFY_SOCKET": str(name)}
        home.extra["WATCHDOG_USEC"] = "60000000"
        with home.daemon():
            while manager.recv(4096) != b"WATCHDOG_USEC=0":
                pass
            first.end()
            assert manager.recv(4096) == b"WATCHDOG=1\nWATCHDOG_USEC=60000000"


def test_a_database_that_is_held_is_told_once(home: Home) -> None:
    """Each second it is tried again, and the person hears of the first and of the end."""
    home.configure(QUIET_CONFIG)
    home.skip_first_practice()
    with home.daemon() as daemon, closing(sqlite3.connect(home.database)) as other:
        eventually(home.running, "the daemon has looked")
        home.plan_slot()
        other.execute("BEGIN IMMEDIATE")
        daemon.process.send_signal(signal.SIGHUP)
        eventually(lambda: "holds the database" in daemon.complained(), "it is told")
        time.sleep(2.5)
        other.rollback()
        eventually(lambda: "can be used again" in daemon.complained(), "the end is told")
        assert daemon.complained().count("holds the database") == 1


def test_it_ends_within_a_second_while_others_are_at_work(home: Home) -> None:
    """As when its daily backup has to wait for them."""
    with home.store():
        pass  # who makes it is alone in the folder
    folder = os.open(home.database.parent, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_SH)
    try:
        with home.daemon() as daemon:
            eventually(lambda: FIRST_TITLE in daemon.said(), "the first practice is there")
            start = time.monotonic()
            assert daemon.end() == 0
            assert time.monotonic() - start < 1
    finally:
        os.close(folder)


def test_under_systemd_the_terminal_is_never_chosen(home: Home) -> None:
    """A service writes to the journal: without a server it holds, and nothing is printed."""
    home.extra["INVOCATION_ID"] = "test"
    with home.daemon() as daemon:
        eventually(lambda: home.json("status")["held"] == "no-server", "the practice is held")
        daemon.end()
    assert daemon.said() == ""
    assert home.history() == []


def test_log_lines_carry_priorities_under_systemd_alone(home: Home) -> None:
    """`<6>` for the journal, plain words for a person."""
    with home.daemon() as plain:
        eventually(lambda: FIRST_TITLE in plain.said(), "the first practice is there")
    home.configure("[cadence]\nrandom_per_day = 99\n")
    home.extra["INVOCATION_ID"] = "test"
    with home.daemon() as service:
        eventually(lambda: "<4>" in service.complained(), "the service has read its settings")
    assert not re.search(r"^<\d>", plain.complained(), re.MULTILINE)
    assert all(re.match(r"<[3-6]>", line) for line in service.complained().splitlines())


def test_an_edit_takes_effect_within_two_seconds(home: Home) -> None:
    """However it is saved; nobody has to tell the daemon."""
    home.configure(QUIET_CONFIG)
    with home.daemon():
        eventually(lambda: home.json("status")["today"]["cap"] == 12, "the daemon has looked")
        start = time.monotonic()
        home.configure(QUIET_CONFIG.replace("max_per_day = 12", "max_per_day = 7"))
        eventually(lambda: home.json("status")["today"]["cap"] == 7, "the edit is in effect")
        assert time.monotonic() - start < 2


def test_a_broken_file_never_stops_it(home: Home) -> None:
    """It keeps the last good settings, and says so in `status` and on standard error."""
    home.configure(QUIET_CONFIG)
    with home.daemon() as daemon:
        eventually(lambda: home.json("status")["today"]["cap"] == 12, "the daemon has looked")
        home.configure(BROKEN)
        eventually(lambda: home.json("status")["problems"] != [], "the problem is told")
        status = home.json("status")
        assert status["today"]["cap"] == 12
        assert "config.toml:2" in status["problems"][0]
        assert "max_per_day" in status["problems"][0]
        assert "config.toml:2" in daemon.complained()
        home.configure(QUIET_CONFIG)
        eventually(lambda: home.json("status")["problems"] == [], "all is well again")


def test_a_mistake_is_told_once_until_it_changes(home: Home) -> None:
    """However often it is saved; a link that leads to itself is one like any other."""
    good, looped = QUIET_CONFIG, "is a link that leads to itself"

    def times(part: str) -> int:
        return daemon.complained().count(part)

    def save(text: str) -> None:
        home.config.unlink()
        home.configure(text)

    def loop() -> None:
        home.config.unlink()
        home.config.symlink_to(home.config.name)

    home.configure(good)
    with home.daemon() as daemon:
        eventually(lambda: home.json("status")["today"]["cap"] == 12, "the daemon has looked")
        loop()
        eventually(lambda: times(looped) == 1, "the link is told")
        assert home.json("status")["today"]["cap"] == 12
        save(BROKEN)
        eventually(lambda: times("config.toml:2") == 1, "the key is told")
        save(BROKEN)
        time.sleep(0.6)  # it is noticed, and read anew
        save(good)
        eventually(lambda: times("read anew") == 1, "all is well again")
        assert times("config.toml:2") == 1
        save(BROKEN)
        eventually(lambda: times("config.toml:2") == 2, "the key is told as it comes back")
        assert "Traceback" not in daemon.complained()
        loop()
    with home.daemon() as daemon:
        eventually(lambda: times(looped) == 1, "the link is told at a start")
        assert daemon.end() == 0


def test_a_mistake_at_the_very_first_start_leaves_the_rest_of_the_file(home: Home) -> None:
    """Nothing was in order before; what is in order now holds, and the mistake is told."""
    home.configure(QUIET_CONFIG + "[notification]\ndiscreet = allways\n")
    home.extra["REMINDERD_CADENCE__RANDOM_PER_DAY"] = "many"
    with home.daemon() as daemon:
        eventually(lambda: home.json("status")["problems"] != [], "the problem is told")
        status = home.json("status")
        assert status["today"]["cap"] == 12
        of_file, of_variable = status["problems"]
        assert "config.toml:8: discreet: " in of_file
        assert "everything else holds" in of_file
        assert of_variable.startswith("REMINDERD_CADENCE__RANDOM_PER_DAY: ")
        assert of_file in daemon.complained()


def test_a_broken_file_at_the_start_leaves_the_last_good_settings(home: Home) -> None:
    """A restart must not fall back to defaults that would break the person's quiet hours."""
    home.configure(QUIET_CONFIG)
    with home.daemon():
        eventually(lambda: home.json("status")["today"]["cap"] == 12, "the daemon has looked")
    home.configure("[cadence\n")
    with home.daemon():
        eventually(lambda: home.json("status")["problems"] != [], "the problem is told")
        assert home.json("status")["today"]["cap"] == 12


def test_sighup_reads_everything_anew(home: Home) -> None:
    """A deck that came by a way that inotify cannot see is there after SIGHUP."""
    home.configure(QUIET_CONFIG)
    with home.daemon() as daemon:
        eventually(home.running, "the daemon is up")
        daemon.process.send_signal(signal.SIGHUP)
        eventually(lambda: "read anew" in daemon.complained(), "the daemon has read anew")
        assert home.running()


def test_now_brings_one_at_once(home: Home) -> None:
    """`now` wakes the daemon, which brings a practice whatever the cadence says."""
    home.configure(QUIET_CONFIG)
    home.skip_first_practice()
    with home.daemon() as daemon:
        eventually(home.running, "the daemon is up")
        done = home.run("now", "--prompt", "slow-umbrella-not-key")
        assert done.returncode == 0, done.stderr
        eventually(lambda: "An umbrella, not a key" in daemon.said(), "it is in the terminal")
    assert home.history()[0]["prompt"] == "slow-umbrella-not-key"


def test_later_brings_the_same_again_twice_at_most(home: Home) -> None:
    """After the snooze time; the third time there is no *Later* any more."""
    home.configure(QUIET_CONFIG + '[notification]\nsnooze = "10s"\n')
    home.skip_first_practice()
    with home.daemon():
        eventually(home.running, "the daemon is up")
        home.run("now", "--prompt", "slow-umbrella-not-key")
        for showing in (2, 3):
            assert home.run("respond", "later", "--for", "1s").returncode == 0
            _shown_times(home, showing)
        assert home.run("respond", "later").returncode == 0
        time.sleep(1.5)
    shown = _shown(home)
    assert [entry["response"] for entry in shown] == ["not-today", "later", "later"]
    assert {entry["prompt"] for entry in shown} == {"slow-umbrella-not-key"}


def _shown_times(home: Home, count: int) -> None:
    eventually(lambda: len(_shown(home)) == count, f"it was shown {count} times")


def _shown(home: Home) -> list[dict[str, Any]]:
    return [entry for entry in home.history() if entry["outcome"] == "shown"]


def test_a_pause_holds_and_its_end_lets_go_on(home: Home) -> None:
    """A due slot waits while paused, and comes when the person goes on."""
    home.configure(QUIET_CONFIG)
    home.skip_first_practice()
    assert home.run("pause", "2h").returncode == 0
    home.plan_slot()
    with home.daemon():
        eventually(lambda: home.json("status")["held"] == "paused", "the slot is held")
        assert home.history()[0]["outcome"] != "shown"
        assert home.run("resume").returncode == 0
        eventually(lambda: home.history()[0]["outcome"] == "shown", "the slot came")


def test_what_was_refused_does_not_come_later(home: Home) -> None:
    """`now` with nothing to choose from is over when it says so."""
    home.configure(QUIET_CONFIG + "[practice]\ndecks = []\n")
    home.skip_first_practice()
    with home.daemon():
        eventually(home.running, "the daemon is up")
        assert home.run("now").returncode == 1
        entry = home.history()[0]
    assert (entry["kind"], entry["outcome"], entry["reason"]) == ("now", "missed", "no-prompt")


def test_nothing_of_prompts_and_notes_is_logged(home: Home) -> None:
    """Logs are read by others; what was shown and answered is not in them."""
    home.configure(QUIET_CONFIG)
    with home.daemon() as daemon:
        eventually(lambda: FIRST_TITLE in daemon.said(), "the first practice is there")
        home.run("respond", "done", "--note=a secret of mine")
        eventually(lambda: home.json("status")["today"]["answered"] == 1, "the answer is there")
    logged = daemon.complained()
    for text in (FIRST_TITLE, "a secret of mine", "kind-small-beginning", "self-compassion"):
        assert text not in logged


def test_a_practice_is_answered_where_it_is_shown(home: Home) -> None:
    """In a terminal the answer is typed right below the practice, and acknowledged."""
    env = {**home.env, "TERM": "dumb"}
    terminal = pexpect.spawn(
        sys.executable,
        ["-m", "reminderd", "run"],
        env=env,
        encoding="utf-8",
        timeout=10,
        preexec_fn=begin_watch,
    )
    try:
        terminal.expect_exact(FIRST_TITLE)
        terminal.expect_exact("then Enter")
        terminal.sendline("done")
        terminal.expect_exact("Noted.")
        assert home.history()[0]["response"] == "done"
        terminal.sendintr()
        terminal.expect(pexpect.EOF)
    finally:
        terminal.close(force=True)
    assert terminal.exitstatus == 0


def test_a_reload_does_not_end_a_service_that_waits(home: Home) -> None:
    """SIGHUP while it waits for its twin to end changes nothing."""
    home.extra["INVOCATION_ID"] = "test"
    with home.daemon() as first:
        eventually(lambda: home.json("status")["pid"] == first.process.pid, "the first is up")
        with home.daemon() as second:
            eventually(lambda: "waiting" in second.complained(), "the second says that it waits")
            second.process.send_signal(signal.SIGHUP)
            first.end()
            pid = second.process.pid
            eventually(lambda: home.json("status")["pid"] == pid, "the second has taken over")
