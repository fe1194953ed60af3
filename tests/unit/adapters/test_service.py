"""The unit that is written, the program it starts, and how systemd is understood."""

from __future__ import annotations

import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reminderd.adapters import autostart, launcher, service, systemd_unit
from reminderd.adapters.autostart import Entry
from reminderd.adapters.resources import systemd_dir
from reminderd.adapters.service import Standing
from reminderd.adapters.systemd_unit import LOGIN, SESSION, UNIT, Unit
from reminderd.errors import ServiceError
from tests.accounts import SOMEBODY, give

LAUNCHER = Path("/home/ada/.local/bin/reminderd")
SYSTEMCTL = """\
#!/bin/sh
cd "$(dirname "$0")"
echo "$2 $3" >>asked
case "$2 $3" in
"show --property=Version") [ ! -e shown ] || echo Version=252 ;;
"show reminderd.service")
  cat shown
  [ ! -e second ] || mv second shown
  [ ! -e third ] || mv third second ;;
"is-active graphical-session.target") cat session ;;
esac
"""


@pytest.fixture(autouse=True)
def units(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where units lie, in an empty home."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    return tmp_path / "config/systemd/user"


@pytest.fixture(autouse=True)
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a systemctl that answers once there is a file `shown` beside it."""
    return put_program(tmp_path / "fake/systemctl", monkeypatch, SYSTEMCTL).parent


def put_program(path: Path, monkeypatch: pytest.MonkeyPatch, text: str = "#!/bin/sh\n") -> Path:
    """Make a program, in a folder that is then the first on PATH."""
    path.parent.mkdir(parents=True)
    path.write_text(text, "utf-8")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{path.parent}{os.pathsep}{os.environ['PATH']}")
    return path


def unit_for(target: str) -> Unit:
    return systemd_unit.plan(LAUNCHER, target)


# The unit


def test_the_unit_is_filled_in_and_every_directive_explained() -> None:
    """No mark is left, and in each group of lines a comment says why it is there."""
    text = systemd_unit.render(LAUNCHER, LOGIN)
    assert not re.search(r"@[A-Z]+@", text)
    assert f'ExecStart="{LAUNCHER}" run\n' in text
    assert f"ConditionFileIsExecutable={LAUNCHER}\n" in text
    assert text.count(f"={LOGIN}\n") == 3
    lines = (systemd_dir() / UNIT).read_text("utf-8").splitlines()
    obvious = ("Description=", "@ENVIRONMENT@", "ExecStart=", "WantedBy=")
    explained = False
    for line in lines:
        if re.match(r"\w+=|@", line):
            assert explained or line.startswith(obvious), line
        else:
            explained = line.startswith("#") or (explained and bool(line))


@pytest.mark.parametrize(
    ("path", "start", "condition"),
    [
        ("/a b/reminderd", '"/a b/reminderd"', "/a b/reminderd"),
        ("/100%h/reminderd", '"/100%%h/reminderd"', "/100%%h/reminderd"),
        ("/$HOME/${A}/reminderd", '"/$HOME/${A}/reminderd"', "/$HOME/${A}/reminderd"),
        ("/ä;#&/reminderd", '"/ä;#&/reminderd"', "/ä;#&/reminderd"),
    ],
)
def test_a_path_with_special_signs_means_itself(path: str, start: str, condition: str) -> None:
    """A percent sign is doubled, a dollar sign is not; a real systemd is asked in test_service."""
    text = systemd_unit.render(Path(path), LOGIN)
    assert f"ExecStart={start} run\n" in text
    assert f"ConditionFileIsExecutable={condition}\n" in text


@pytest.mark.parametrize(
    "path", ['/a"b/reminderd', "/a'b/reminderd", "/a\\b/reminderd", "/a\nb/reminderd", "/\udcff/r"]
)
def test_a_path_that_systemd_refuses_is_told(path: str) -> None:
    """Better than a service that is written and never starts."""
    with pytest.raises(ServiceError, match="quotes or control"):
        systemd_unit.render(Path(path), LOGIN)


@pytest.mark.parametrize(
    ("folder", "line"),
    [
        ("/data", 'Environment="XDG_DATA_HOME=/data"\n'),
        ('/my "own" 5%\\', 'Environment="XDG_DATA_HOME=/my \\"own\\" 5%%\\\\"\n'),
        ("relative", None),
        ("/a\nb", None),
        ("", None),
    ],
)
def test_the_place_of_the_data_goes_with_it(
    folder: str, line: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the shell says is written down, unless the specification says to ignore it."""
    monkeypatch.setenv("XDG_DATA_HOME", folder)
    text = systemd_unit.render(LAUNCHER, LOGIN)
    assert line is None or line in text
    assert text.count("Environment=") == (line is not None)


# The program


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/home/ada/.local/bin/reminderd", False),
        ("/home/ada/.local/share/pipx/venvs/reminderd/bin/reminderd", False),
        ("/home/ada/.local/share/uv/tools/reminderd/bin/reminderd", False),
        ("/home/ada/src/reminderd/.venv/bin/reminderd", False),
        ("/usr/bin/reminderd", False),
        ("/home/ada/.cache/uv/archive-v0/Xy/bin/reminderd", True),
        ("/home/ada/.cache/pipx/a1b2/bin/reminderd", True),
        ("/home/ada/.local/pipx/.cache/a1b2/bin/reminderd", True),
        ("/uv-cache/archive-v0/Xy/bin/reminderd", True),
        ("/caches/uv/archive-v0/Xy/bin/reminderd", True),
        ("/tmp/venv/bin/reminderd", True),  # noqa: S108 -- only a name
        ("/var/tmp/venv/bin/reminderd", True),  # noqa: S108 -- only a name
        ("/var/tmp/ada/.local/bin/reminderd", False),  # noqa: S108 -- her home
        ("/var/tmp/ada/.cache/uv/bin/reminderd", True),  # noqa: S108 -- as above
    ],
)
def test_caches_and_temporary_folders_are_fleeting(
    path: str, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `uvx` and `pipx run` make is gone one day; what is installed stays, as homes do."""
    monkeypatch.setenv("HOME", "/var/tmp/ada")  # noqa: S108 -- only a name
    monkeypatch.setenv("UV_CACHE_DIR", "/uv-cache")
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert launcher.is_fleeting(Path(path)) is expected


def test_the_running_program_is_started_by_the_name_that_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link on PATH to what runs is preferred; another installation on PATH is not."""
    monkeypatch.setattr(launcher, "is_fleeting", lambda path: False)
    running = put_program(tmp_path / "venv/bin/reminderd", monkeypatch)
    monkeypatch.setattr(sys, "argv", [str(running), "service", "install"])
    put_program(tmp_path / "other/reminderd", monkeypatch)
    assert launcher.find_launcher() == running
    link = put_program(tmp_path / "links/reminderd", monkeypatch)
    link.unlink()
    link.symlink_to(running)
    assert launcher.find_launcher() == link


def test_run_as_a_module_it_starts_the_script_beside_its_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`python -m reminderd service install` means the environment of that Python."""
    monkeypatch.setattr(launcher, "is_fleeting", lambda path: False)
    beside = put_program(tmp_path / "venv/bin/reminderd", monkeypatch)
    put_program(tmp_path / "other/reminderd", monkeypatch)
    monkeypatch.setattr(sys, "argv", ["/src/reminderd/__main__.py"])
    monkeypatch.setattr(sys, "executable", str(beside.with_name("python3")))
    assert launcher.find_launcher() == beside


def test_a_throw_away_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a link that would stay leads to it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    running = put_program(tmp_path / "cache/uv/bin/reminderd", monkeypatch)
    monkeypatch.setattr(sys, "argv", [str(running)])
    with pytest.raises(ServiceError, match="throw-away") as failure:
        launcher.find_launcher()
    assert "pipx install ." in failure.value.hint


def test_without_a_program_it_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module run from a folder of sources is nothing that a login could start."""
    monkeypatch.setattr(sys, "argv", ["/src/reminderd/__main__.py"])
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python3"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServiceError, match="no program"):
        launcher.find_launcher()


# The files and systemd


@pytest.mark.parametrize("why", ["no systemctl", "not booted"])
def test_without_systemd_the_session_starts_it(
    why: str, units: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No systemd would ever read a unit there: one that is left goes, its empty folders with it."""
    monkeypatch.setattr(service, "find_launcher", lambda: LAUNCHER)
    systemd_unit.write(unit_for(LOGIN))
    if why == "no systemctl":
        monkeypatch.setenv("PATH", str(tmp_path))
    entry = service.plan()
    assert isinstance(entry, Entry)
    assert not entry.path.exists()
    for _ in range(2):
        assert service.install(entry) == Standing(
            manager=False, unit=None, enabled=True, autostart=entry.path
        )
    assert not units.parent.exists()
    assert entry.path.read_text("utf-8") == entry.text
    assert service.uninstall() is True
    assert list((tmp_path / "config").rglob("*")) == []


def test_where_systemd_is_an_autostart_entry_goes(fake: Path, tmp_path: Path) -> None:
    """After a system has got systemd, or a home has moved, not both start it."""
    autostart.install(autostart.plan(LAUNCHER))
    other = autostart.entry_file().with_name("other.desktop")
    other.touch()
    assert service.is_installed()
    service.install(unit_for(LOGIN))
    assert list(other.parent.iterdir()) == [other]


def test_a_system_that_systemd_has_booted_gets_a_unit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where no user manager answers, as in a shell that came by `su`."""
    monkeypatch.setattr(service, "find_launcher", lambda: LAUNCHER)
    monkeypatch.setattr(service, "_BOOTED", tmp_path)
    assert isinstance(service.plan(), Unit)


def test_where_nothing_could_start_it_that_is_told(
    units: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some systems have neither: their own autostart is named."""
    monkeypatch.setattr(service, "find_launcher", lambda: LAUNCHER)
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(ServiceError, match="no systemd") as failure:
        service.plan()
    assert f"`{LAUNCHER} run`" in failure.value.hint
    assert not units.exists()


def test_writing_again_leaves_one_unit_and_one_link(units: Path) -> None:
    """The second time changes nothing, another target moves the link, other files stay."""
    for target in (SESSION, SESSION, LOGIN):
        unit = unit_for(target)
        assert service.install(unit) == Standing(manager=False, unit=unit.path, enabled=True)
        assert unit.path.stat().st_mode & 0o777 == 0o644
        assert sorted(path.name for path in units.iterdir()) == [f"{target}.wants", UNIT]
        assert (units / f"{target}.wants" / UNIT).samefile(unit.path)
    other = units / f"{LOGIN}.wants/other.service"
    other.touch()
    assert service.uninstall() is True
    assert list(units.rglob("*.service")) == [other]
    assert service.uninstall() is False
    assert service.query() == Standing(manager=False, unit=None, enabled=False)


def test_a_service_that_does_not_end_stays(fake: Path, units: Path) -> None:
    """Its files are not taken from under it, and nobody is told that it has ended."""
    (fake / "shown").write_text("ActiveState=active\n")
    systemd_unit.write(unit_for(LOGIN))
    with pytest.raises(ServiceError, match="still runs"):
        service.uninstall()
    assert (units / UNIT).exists()


def test_what_comes_next_is_waited_for(fake: Path) -> None:
    """Until its first look a daemon knows no more than that it runs."""
    unit = unit_for(LOGIN)
    shown = f"FragmentPath={unit.path}\nActiveState=active\nStatusText="
    (fake / "shown").write_text(f"{shown}Started; looking for the next moment.\n")
    (fake / "third").write_text(f"{shown}Next: Sun 18:05.\n")
    assert service.install(unit).status == "Next: Sun 18:05."


def test_a_unit_that_is_looked_for_where_it_is_not_is_told(fake: Path, units: Path) -> None:
    """systemd may still know one that somebody has moved away."""
    (fake / "shown").write_text("FragmentPath=/not/there/reminderd.service\n")
    with pytest.raises(ServiceError, match="does not look at"):
        service.install(unit_for(LOGIN))
    assert (units / UNIT).exists()


def test_a_masked_unit_is_replaced_and_what_it_leads_to_is_not(units: Path, tmp_path: Path) -> None:
    """`systemctl mask` makes a link to /dev/null, which must not become our unit."""
    null = tmp_path / "null"
    null.touch()
    units.mkdir(parents=True)
    (units / UNIT).symlink_to(null)
    service.install(unit_for(LOGIN))
    assert null.read_text("utf-8") == ""
    assert not (units / UNIT).is_symlink()


@pytest.mark.parametrize("has_manager", [True, False])
def test_a_mask_is_seen(has_manager: bool, units: Path, fake: Path) -> None:
    """systemd says so, and without one the link to /dev/null does; then nothing starts it."""
    systemd_unit.write(unit_for(LOGIN))
    (units / UNIT).unlink()
    (units / UNIT).symlink_to("/dev/null")
    if has_manager:
        shown = f"LoadState=masked\nUnitFileState=masked\nFragmentPath={units / UNIT}\n"
        (fake / "shown").write_text(shown, "utf-8")
    found = service.query()
    assert (found.masked, found.enabled, found.unit) == (True, False, units / UNIT)


def test_a_folder_that_cannot_be_written_is_told(units: Path) -> None:
    """An expected failure with the place, not a traceback."""
    units.parent.mkdir(parents=True)
    units.touch()
    with pytest.raises(ServiceError, match="cannot be written"):
        service.install(unit_for(LOGIN))


@pytest.mark.accounts
def test_nothing_is_written_in_somebody_elses_home(units: Path, tmp_path: Path) -> None:
    """As with `sudo`: a unit or a folder of root's would be in its person's way."""
    give(tmp_path, SOMEBODY)
    with pytest.raises(ServiceError, match=f"belongs to the account {SOMEBODY}"):
        service.install(unit_for(LOGIN))
    assert not (tmp_path / "config").exists()


@pytest.mark.parametrize(
    ("address", "told"),
    [("unix:path=/run/bus", "unix:path=/run/bus"), ("tcp:host=127.0.0.1,port=1", "")],
)
def test_systemctl_is_sent_nowhere_away_from_this_machine(
    address: str, told: str, fake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would follow a bus's address over the network."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    (fake / "systemctl").write_text(
        '#!/bin/sh\necho "Version=$DBUS_SESSION_BUS_ADDRESS" >>"$0.told"\n'
    )
    service.manager_answers()
    assert (fake / "systemctl.told").read_text() == f"Version={told}\n"


def test_what_systemd_shows_is_understood(fake: Path, tmp_path: Path) -> None:
    """Times are read as UTC, 0 is no process, and what systemd leaves out is unknown."""
    unit = tmp_path / "lib" / UNIT
    shown = (
        "ActiveState=active\nUnitFileState=enabled-runtime\nMainPID=42\nResult=success\n"
        "ActiveEnterTimestamp=Sun 2026-11-22 13:31:53 UTC\nStatusText=Next: a=b\n"
        f"FragmentPath={unit}\n"
    )
    (fake / "shown").write_text(shown, "utf-8")
    gone = service.query()
    assert (gone.unit, gone.enabled, gone.pid) == (None, False, 42)  # only systemd has it still
    unit.parent.mkdir()
    unit.touch()
    assert service.query() == Standing(
        manager=True,
        unit=unit,
        enabled=True,
        active="active",
        result="success",
        since=datetime(2026, 11, 22, 13, 31, 53, tzinfo=UTC),
        pid=42,
        status="Next: a=b",
    )
    (fake / "shown").write_text(
        "ActiveState=activating\nSubState=auto-restart\nResult=signal\nExecMainStatus=9\n", "utf-8"
    )
    assert service.query() == Standing(
        manager=True,
        unit=None,
        enabled=False,
        active="activating",
        result="signal",
        code=9,
        restarts=True,
    )
    (fake / "shown").write_text("ActiveState=failed\nMainPID=0\nStateChangeTimestamp=\n", "utf-8")
    assert service.query() == Standing(manager=True, unit=None, enabled=False, active="failed")


@pytest.mark.parametrize(("session", "target"), [("active", SESSION), ("inactive", LOGIN)])
def test_it_starts_with_what_this_session_reaches(
    session: str, target: str, units: Path, fake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some window managers never reach graphical-session.target: it is asked for, not assumed."""
    monkeypatch.setattr(service, "find_launcher", lambda: LAUNCHER)
    (fake / "session").write_text(f"{session}\n", "ascii")
    (fake / "shown").write_text(f"FragmentPath={units / UNIT}\nActiveState=active\n", "utf-8")
    unit = service.plan()
    assert isinstance(unit, Unit)
    assert (unit.target, unit.path) == (target, units / UNIT)
    assert not units.exists()
    assert service.install(unit).active == "active"


def test_a_start_that_fails_is_told_after_what_was_said_before(units: Path, fake: Path) -> None:
    """systemd reads the unit anew, forgets earlier failures, then starts: in this order."""
    shown = f"FragmentPath={units / UNIT}\nActiveState=activating\nResult=exit-code\n"
    (fake / "shown").write_text(shown, "utf-8")
    with pytest.raises(ServiceError, match=r"does not start \(exit-code\)") as failure:
        service.install(unit_for(LOGIN))
    assert "service logs" in failure.value.hint
    asked = [
        line for line in (fake / "asked").read_text("utf-8").splitlines() if "show" not in line
    ]
    assert [line.split()[0] for line in asked] == ["daemon-reload", "reset-failed", "restart"]
