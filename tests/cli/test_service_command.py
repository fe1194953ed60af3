"""`reminderd service` as a person types it, with a systemd that the test speaks for."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reminderd.adapters import application, service
from reminderd.adapters.service import Standing
from reminderd.adapters.systemd_unit import LOGIN, SESSION, Unit
from reminderd.cli.main import run
from reminderd.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable

LAUNCHER = Path("/home/ada/.local/bin/reminderd")
UNIT = Path("/home/ada/.config/systemd/user/reminderd.service")
ACTIVE = Standing(
    manager=True,
    unit=UNIT,
    enabled=True,
    active="active",
    result="success",
    since=datetime(2026, 11, 22, 13, 31, 53, tzinfo=UTC),
    pid=42,
    status="Next: Sun 18:05",
)
OFFLINE = Standing(manager=False, unit=UNIT, enabled=True)
NONE = Standing(manager=True, unit=None, enabled=False, active="inactive")


@pytest.fixture
def stand(monkeypatch: pytest.MonkeyPatch) -> Callable[[Standing], None]:
    """Say how the service stands, after installing as when asked."""

    def say(standing: Standing, target: str = LOGIN) -> None:
        monkeypatch.setattr(service, "plan", lambda: Unit(UNIT, target, "[Unit]\n", LAUNCHER))
        monkeypatch.setattr(service, "install", lambda unit: standing)
        monkeypatch.setattr(service, "query", lambda: standing)

    return say


@pytest.mark.parametrize(
    ("target", "back"), [(LOGIN, "with every login"), (SESSION, "with every desktop session")]
)
def test_install_says_in_two_lines_what_happens_next(
    target: str,
    back: str,
    stand: Callable[[Standing, str], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It runs, when it comes back, and what the daemon says of itself."""
    stand(ACTIVE, target)
    assert run(["service", "install"]) == 0
    assert capsys.readouterr().out == (
        f"reminderd runs, and comes back {back}.\n"
        "Next: Sun 18:05. To see how it stands: reminderd status\n"
    )


def test_install_without_a_manager_is_no_failure(
    stand: Callable[[Standing], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """The unit is written all the same; what is said holds where there is no systemd at all."""
    stand(OFFLINE)
    assert run(["service", "install"]) == 0
    out = capsys.readouterr().out
    assert str(UNIT) in out
    assert "To start it now: reminderd run\n" in out
    assert "next login" not in out


def test_a_mask_that_is_taken_off_is_said_to_have_been_there(
    stand: Callable[[Standing], None],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Somebody had put it on; what follows is what every install says."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "systemd/user").mkdir(parents=True)
    (tmp_path / "systemd/user/reminderd.service").symlink_to("/dev/null")
    stand(ACTIVE)
    assert run(["service", "install"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(
        "The service was masked (systemctl --user mask); now it may start again.\nreminderd runs"
    )


def test_a_dry_run_shows_the_unit_and_changes_nothing(
    stand: Callable[[Standing], None],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is printed is a unit that systemd would read, with its place as a comment."""
    stand(ACTIVE)
    monkeypatch.setattr(service, "install", lambda unit: pytest.fail("it was installed"))
    monkeypatch.setattr(application, "install", lambda _: pytest.fail("it was installed"))
    assert run(["service", "install", "--dry-run"]) == 0
    said = capsys.readouterr()
    assert said.out == f"# This would be {UNIT}\n[Unit]\n"
    assert [line for line in said.err.splitlines() if "/" in line] == [
        str(file) for file in application.files()
    ]


def test_what_is_in_the_way_is_told_with_the_next_step(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 1, and nothing on standard output."""

    def refuse() -> Unit:
        raise ServiceError("No systemd here.", "Use the autostart.")

    monkeypatch.setattr(service, "plan", refuse)
    assert run(["service", "install"]) == 1
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "No systemd here.\nUse the autostart.\n")


@pytest.mark.parametrize(
    ("removed", "manager", "said"),
    [
        (True, True, "The service has ended and is removed."),
        (True, False, "The service is removed. If it still runs, it ends when you log out."),
        (False, True, "There is no service to remove."),
    ],
)
def test_uninstall_says_what_stays_and_where(
    removed: bool,
    manager: bool,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Settings and answers are named where there are any."""
    monkeypatch.setattr(service, "uninstall", lambda: removed)
    monkeypatch.setattr(service, "manager_answers", lambda: manager)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "data/reminderd").mkdir(parents=True)
    assert run(["service", "uninstall"]) == 0
    assert capsys.readouterr().out == f"{said}\nYour answers stay in {tmp_path}/data/reminderd.\n"


def test_install_as_json(
    stand: Callable[[Standing], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """How it stands after, as in status."""
    stand(ACTIVE)
    assert run(["service", "install", "--json"]) == 0
    installed = json.loads(capsys.readouterr().out)
    run(["service", "status", "--json"])
    assert installed == json.loads(capsys.readouterr().out)
    assert run(["service", "install", "--dry-run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "unit": str(UNIT),
        "autostart": None,
        "text": "[Unit]\n",
        "application": [str(file) for file in application.files()],
    }


def test_uninstall_as_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether there was one, and whether it has ended for certain."""
    monkeypatch.setattr(service, "uninstall", lambda: True)
    monkeypatch.setattr(service, "manager_answers", lambda: False)
    assert run(["service", "uninstall", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"removed": True, "manager": False}


def test_status_as_json_has_every_key(
    stand: Callable[[Standing], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """The same keys whatever is known; times with their offset."""
    stand(ACTIVE)
    assert run(["service", "status", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert datetime.fromisoformat(shown.pop("since")) == ACTIVE.since
    assert shown == {
        "manager": True,
        "unit": str(UNIT),
        "enabled": True,
        "autostart": None,
        "masked": False,
        "active": "active",
        "result": "success",
        "pid": 42,
        "status": "Next: Sun 18:05",
        "daemon": None,
    }
    stand(OFFLINE)
    run(["service", "status", "--json"])
    assert json.loads(capsys.readouterr().out) == {
        "manager": False,
        "unit": str(UNIT),
        "enabled": True,
        "autostart": None,
        "masked": False,
        "active": None,
        "result": None,
        "since": None,
        "pid": None,
        "status": "",
        "daemon": None,
    }


@pytest.mark.parametrize(
    ("standing", "first"),
    [
        (ACTIVE, "The service runs, since "),
        (OFFLINE, "No systemd user manager answers here, so the service does not run.\n"),
        (NONE, "There is no service. To have one: reminderd service install\n"),
        (
            Standing(manager=True, unit=UNIT, enabled=True, active="inactive"),
            "The service does not run.\n",
        ),
        (
            Standing(manager=True, unit=UNIT, enabled=True, active="failed", result="protocol"),
            "The service failed (protocol; more: reminderd service logs).\n",
        ),
        (
            Standing(manager=True, unit=UNIT, enabled=True, active="activating", status="Bye."),
            "The service is activating.\nIt last said: Bye.\n",
        ),
    ],
)
def test_status_says_first_how_it_stands(
    standing: Standing,
    first: str,
    stand: Callable[[Standing], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whatever state it is in is no failure of the command."""
    stand(standing)
    assert run(["service", "status"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(first)
    assert ("It says: Next: Sun 18:05\n" in out) == (standing is ACTIVE)
    assert (str(UNIT) in out) == (standing is not NONE)
