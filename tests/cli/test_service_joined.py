"""What `reminderd service` says where systemd and the daemon each have their own view, or none."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from reminderd.adapters import autostart, service
from reminderd.adapters.service import Standing
from reminderd.cli import service as command
from reminderd.cli import standing as words
from reminderd.cli.look import ASLEEP, HOW_TO_START, RUNNING
from tests.cli.people import NOW

if TYPE_CHECKING:
    from tests.cli.people import Cli, Person

UNIT = Path("/home/ada/.config/systemd/user/reminderd.service")
ENTRY = Path("/home/ada/.config/autostart/reminderd.desktop")
BROKEN = "config.toml, line 2: this is not understood."


@pytest.fixture
def no_systemd(cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A session without systemd, and where its autostart entry comes to lie."""
    monkeypatch.setattr(service, "find_launcher", lambda: Path("/usr/bin/reminderd"))
    monkeypatch.setenv("PATH", str(tmp_path))
    return autostart.entry_file()


def stand(monkeypatch: pytest.MonkeyPatch, **facts: Any) -> None:  # noqa: ANN401 -- any of them
    """Let systemd say how the service stands."""
    known: dict[str, Any] = {"manager": True, "unit": UNIT, "enabled": True, "active": "active"}
    standing = Standing(**{**known, **facts})
    monkeypatch.setattr(service, "query", lambda *_: standing)


def heard(person: Person, monkeypatch: pytest.MonkeyPatch, **facts: object) -> None:
    """Let a daemon listen that has recorded how it stands."""
    person.daemon_recorded(**{"next": "2026-11-22T18:05:00+01:00", **facts})
    monkeypatch.setattr("reminderd.adapters.wake.listens", lambda address: True)


# Both views


def test_the_daemons_own_view_takes_the_place_of_the_line_that_systemd_has(
    cli: Cli, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes next, the pause and what is not in order, as in `reminderd status`."""
    heard(person, monkeypatch, problems=[BROKEN])
    since = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    stand(monkeypatch, pid=42, status="Next: Sun 18:05.", since=since)
    assert cli("service", "status").out.splitlines() == [
        "The service runs, since today 9:00.",
        "Next: today 18:05",
        BROKEN,
        words.MORE,
        "It starts by itself at login.",
        f"Its unit is {UNIT}",
    ]
    both = cli("service", "status", "--json").json
    assert (both["pid"], both["status"]) == (42, "Next: Sun 18:05.")
    assert both["daemon"] == cli("status", "--json").json


def test_a_service_that_reads_its_settings_anew_runs(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand(monkeypatch, active="reloading")
    assert cli("service", "status").out.startswith("The service runs.\n")


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ({"result": "exit-code", "code": 1}, "exit code 1"),
        ({"result": "signal", "code": 9}, "signal 9"),
        ({"result": "watchdog", "code": 6}, "it hung"),
    ],
)
def test_a_service_that_ended_is_told_with_the_reason_and_what_comes_next(
    why: dict[str, Any], said: str, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """systemd starts it again; once it has given up, the last line is what the person may type."""
    stand(monkeypatch, active="activating", restarts=True, since=NOW, **why)
    first, *_, last = cli("service", "status").out.splitlines()
    assert first == (
        f"The service ended ({said}; more: reminderd service logs); systemd starts it again within"
        " seconds."
    )
    assert last == f"Its unit is {UNIT}"
    stand(monkeypatch, active="failed", since=NOW, **why)
    first, *_, last = cli("service", "status").out.splitlines()
    assert first == (
        f"The service failed ({said}; more: reminderd service logs), since today 11:00."
    )
    assert last == "To start it again: reminderd service install"


def test_a_service_that_was_stopped_is_told_with_what_to_type(
    cli: Cli, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless another daemon runs: then nobody waits for this one."""
    stand(monkeypatch, active="inactive", result="success")
    said = "To start it: systemctl --user start reminderd"
    assert cli("service", "status").out.splitlines()[-1] == said
    heard(person, monkeypatch)
    assert said not in cli("service", "status").out


def test_a_masked_service_is_said_to_be_kept_from_starting(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that runs all the same is said to run, and not to come back."""
    stand(monkeypatch, active="inactive", enabled=False, masked=True)
    assert cli("service", "status").out == f"{words.MASKED}\n"
    assert cli("service", "status", "--json").json["masked"] is True
    stand(monkeypatch, pid=42, enabled=False, masked=True)
    out = cli("service", "status").out
    assert out.startswith("The service runs.\n")
    assert "It does not start by itself at login.\n" in out


def test_a_service_whose_unit_is_gone_runs_on_and_does_not_come_back(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after an uninstall from where systemd was not heard; once it has ended, there is none."""
    stand(monkeypatch, unit=None, enabled=False, pid=42)
    assert cli("service", "status").out == f"The service runs.\n{words.UNIT_GONE}\n"
    stand(monkeypatch, unit=None, enabled=False, active="inactive")
    assert cli("service", "status").out == f"{words.NO_SERVICE}\n"


@pytest.mark.parametrize(
    ("systemd", "said"),
    [
        ({"pid": 7, "status": "Waiting."}, "It says: Waiting.\nThe other one is process 42.\n"),
        ({"active": "inactive"}, "The service does not run.\nreminderd itself runs, as process 42"),
        ({"unit": None, "enabled": False}, f"{words.NO_SERVICE}\nreminderd itself runs"),
    ],
)
def test_a_daemon_beside_the_service_is_told(
    systemd: dict[str, Any],
    said: str,
    cli: Cli,
    person: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody started it in a terminal: what it has to say is not taken for the service's."""
    heard(person, monkeypatch)
    stand(monkeypatch, **systemd)
    out = cli("service", "status").out
    assert said in out
    assert "Next: today 18:05\n" in out


def test_a_service_that_this_shell_does_not_reach_is_told(
    cli: Cli, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    person.daemon_recorded()
    stand(monkeypatch, pid=42, status="Next: Sun 18:05.")
    out = cli("service", "status").out
    assert f"It says: Next: Sun 18:05.\n{words.OUT_OF_REACH}\n" in out


def test_a_damaged_database_hides_nothing_of_what_systemd_knows(
    cli: Cli, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named on standard error; JSON stays JSON."""
    person.database.parent.mkdir(parents=True)
    person.database.write_bytes(b"no database" * 1000)
    stand(monkeypatch, pid=42, status="Next: Sun 18:05.")
    said = cli("service", "status")
    assert said.code == 0
    assert "It says: Next: Sun 18:05.\n" in said.out
    assert str(person.database) in said.err
    assert cli("service", "status", "--json").json["daemon"] is None


def test_looking_makes_no_database(
    cli: Cli, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand(monkeypatch)
    cli("service", "status")
    assert not person.database.exists()


# What `reminderd status` says of the service while no daemon is heard


def put_unit(person: Person) -> None:
    """Let there be a unit, as `service install` leaves it."""
    unit = person.home / ".config/systemd/user/reminderd.service"
    unit.parent.mkdir(parents=True)
    unit.touch()


@pytest.mark.parametrize(
    ("systemd", "said"),
    [
        ({"active": "inactive", "result": "success"}, words.STOPPED),
        ({"active": "failed", "result": "signal", "masked": True}, words.MASKED),
        (
            {"active": "activating", "result": "signal", "code": 9, "restarts": True},
            "It ended unexpectedly (signal 9); systemd starts it again within seconds.",
        ),
        (
            {"active": "activating", "result": "watchdog", "code": 6, "restarts": True},
            "It ended unexpectedly (it hung); systemd starts it again within seconds.",
        ),
        (
            {"active": "failed", "result": "exit-code", "code": 3},
            words.FAILED.format(why="exit code 3"),
        ),
        (
            {"active": "failed", "result": "resources"},
            words.FAILED.format(why="resources"),
        ),
        ({"manager": False, "active": None}, words.NO_MANAGER),
        ({"unit": None, "autostart": ENTRY, "manager": False, "active": None}, words.NEXT_LOGIN),
        ({"unit": None, "autostart": ENTRY, "enabled": False, "active": None}, HOW_TO_START),
    ],
)
@pytest.mark.parametrize("command", ["status", "preview", "why"])
def test_what_does_not_run_is_told_with_what_starts_it(
    systemd: dict[str, Any],
    said: str,
    command: str,
    cli: Cli,
    person: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who has a service is not told to install one, and hears why it does not run."""
    put_unit(person)
    stand(monkeypatch, **systemd)
    assert f"{ASLEEP}\n{said}\n" in cli(command).out


def test_a_service_that_runs_out_of_reach_is_not_said_to_be_asleep(
    cli: Cli, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_unit(person)
    stand(monkeypatch, pid=42)
    out = cli("status").out
    assert out.startswith(f"{words.UNHEARD.format(pid=42)}\n{words.OUT_OF_REACH}\n")
    assert ASLEEP not in out


def test_systemd_is_asked_only_for_a_service_that_is_not_heard(
    cli: Cli, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`status` is to be quick: nothing is started where a daemon answers or there is no service."""
    monkeypatch.setattr(service, "query", lambda *_: pytest.fail("systemd was asked"))
    assert cli("status").out.startswith(f"{ASLEEP}\n{HOW_TO_START}\n")
    put_unit(person)
    heard(person, monkeypatch)
    assert cli("status").out.startswith(f"{RUNNING}\n")


# Without systemd


def test_without_systemd_one_line_says_what_happens_next(cli: Cli, no_systemd: Path) -> None:
    """The entry is there, and can be written again."""
    for _ in range(2):
        said = cli("service", "install")
        assert said.out == f"{command.NEXT_SESSION} {command.START_NOW}\n"
        assert "X-systemd-skip=true\n" in no_systemd.read_text("utf-8")
    out = cli("service", "status").out
    assert out == f"{ASLEEP}\n{words.BY_SESSION.format(entry=no_systemd)}\n"
    assert cli("service", "install", "--json").json == {
        "manager": False,
        "unit": None,
        "enabled": True,
        "autostart": str(no_systemd),
        "masked": False,
        "active": None,
        "result": None,
        "since": None,
        "pid": None,
        "status": "",
        "daemon": None,
    }
    assert cli("service", "uninstall").out.startswith("The service is removed.")
    assert cli("service", "status").out == f"{words.NO_SERVICE}\n"


def test_a_dry_run_shows_the_entry_and_writes_nothing(
    cli: Cli, person: Person, no_systemd: Path
) -> None:
    said = cli("service", "install", "--dry-run")
    assert said.out.startswith(f"# This would be {no_systemd}\n")
    assert 'Exec="/usr/bin/reminderd" run\n' in said.out
    shown = cli("service", "install", "--dry-run", "--json").json
    assert (shown["unit"], shown["autostart"]) == (None, str(no_systemd))
    assert not (person.home / ".config").exists()


def test_an_entry_that_was_switched_off_is_said_to_be(cli: Cli, no_systemd: Path) -> None:
    cli("service", "install")
    assert cli("status").out.startswith(f"{ASLEEP}\n{words.NEXT_LOGIN}\n")
    with no_systemd.open("a") as file:
        file.write("Hidden=true\n")
    assert words.SWITCHED_OFF.format(entry=no_systemd) in cli("service", "status").out
    assert cli("status").out.startswith(f"{ASLEEP}\n{HOW_TO_START}\n")


# The journal


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ([], ["--lines=20", "--follow"]),
        (["--lines", "7", "--no-follow"], ["--lines=7"]),
        (["--json"], ["--lines=20", "--follow", "--output=json"]),
    ],
)
def test_logs_become_journalctl(options: list[str], asked: list[str], person: Person) -> None:
    """It takes the place of the command, so that Ctrl+C and its exit code are its own."""
    have_journalctl(person)
    unit = person.home / ".config/systemd/user/reminderd.service"
    unit.parent.mkdir(parents=True)
    unit.touch()
    said = person.run("service", "logs", *options)
    assert (said.code, said.err) == (7, "")
    assert said.out.splitlines() == ["--user", "--unit=reminderd", *asked]


def test_without_a_service_no_logs_are_waited_for(person: Person) -> None:
    """What one that was there has said is shown all the same."""
    have_journalctl(person)
    said = person.run("service", "logs")
    assert (said.code, said.err) == (7, f"{words.NO_SERVICE}\n")
    assert said.out.splitlines() == ["--user", "--unit=reminderd", "--lines=20"]


def have_journalctl(person: Person) -> None:
    """Give a person one that says how it was called."""
    journalctl = person.home / "bin/journalctl"
    journalctl.parent.mkdir()
    journalctl.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\nexit 7\n', "ascii")
    journalctl.chmod(0o755)
    person.extra["PATH"] = f"{journalctl.parent}:{os.environ['PATH']}"


def test_without_a_journal_that_is_told(cli: Cli, no_systemd: Path) -> None:
    said = cli("service", "logs")
    assert (said.code, said.out) == (1, "")
    assert said.err == f"{command.NO_JOURNAL}\n{command.NO_JOURNAL_HINT}\n"


def test_json_of_both_views_is_one_object(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    stand(monkeypatch)
    assert list(json.loads(cli("service", "status", "--json").out)) == [
        *("manager", "unit", "enabled", "autostart", "masked"),
        *("active", "result", "since", "pid", "status", "daemon"),
    ]
