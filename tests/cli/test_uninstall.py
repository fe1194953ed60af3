"""`reminderd uninstall`: what goes, what stays, and what becomes of the history."""

from __future__ import annotations

import os
import subprocess
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect
import pytest

from reminderd.adapters import autostart, service
from reminderd.adapters.wake import Lock
from reminderd.app.status import daemon_facts
from reminderd.cli import keeping, uninstall
from reminderd.core.model import Answer
from reminderd.errors import ReminderdError
from tests.integration.daemons import eventually

if TYPE_CHECKING:
    from tests.cli.people import Cli, Person


@pytest.fixture(autouse=True)
def no_systemd(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session without systemd: nothing of this machine's own is asked or stopped."""
    (person.home / "bin").mkdir()
    monkeypatch.setenv("PATH", str(person.home / "bin"))
    monkeypatch.setattr(service, "find_launcher", lambda: Path("/usr/bin/reminderd"))


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What happens to the history, in its order."""
    happened: list[str] = []
    monkeypatch.setattr(uninstall, "_export_history", lambda: happened.append("export"))
    monkeypatch.setattr(uninstall, "_erase_history", lambda: happened.append("erase"))
    return happened


def files(home: Path) -> set[str]:
    """Return every file and folder of a home."""
    return {str(path.relative_to(home)) for path in home.rglob("*")}


def test_only_what_is_the_persons_own_stays_and_is_named(
    cli: Cli, person: Person, steps: list[str]
) -> None:
    """Nothing of ours is left but history, settings and decks."""
    person.brought()
    person.config.parent.mkdir(parents=True)
    person.config.write_text("[cadence]\n", "utf-8")
    before = files(person.home)
    cli("service", "install")
    crash = person.home / ".local/state/reminderd/crash.log"
    crash.parent.mkdir(parents=True)
    crash.write_text("Traceback", "utf-8")
    said = cli("uninstall")
    assert (said.code, said.err, steps) == (0, "", [])
    assert files(person.home) - {".local/state"} == before
    lines = said.out.splitlines()
    assert lines[:3] == [
        uninstall.REMOVED,
        f"Your settings and own decks stay in {person.config.parent}.",
        f"Your history stays in {person.database.parent}.",
    ]
    assert lines[3].startswith("To remove the program as well: ")
    assert lines[3].endswith("pip uninstall reminderd")
    again = cli("uninstall")
    assert again.out.splitlines()[0] == uninstall.WAS_NOT_THERE


@pytest.mark.parametrize(
    ("fate", "happens"), [("keep", []), ("export", ["export", "erase"]), ("erase", ["erase"])]
)
def test_what_becomes_of_the_history_comes_after_the_service_has_ended(
    fate: str,
    happens: list[str],
    cli: Cli,
    person: Person,
    steps: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    person.brought()
    cli("service", "install")
    end = service.uninstall

    def ending() -> bool:
        steps.append("ended")
        return end()

    monkeypatch.setattr(service, "uninstall", ending)
    assert cli("uninstall", "--history", fate).code == 0
    assert steps == ["ended", *happens]


def test_an_erased_history_leaves_no_file_of_it(cli: Cli, person: Person) -> None:
    """Settings stay; where they do and what cannot be reached is said as `erase` says it."""
    person.brought(answers=(Answer.DONE,), note="a private word")
    person.config.parent.mkdir(parents=True)
    person.config.write_text("[cadence]\n", "utf-8")
    cli("backup")
    said = cli("uninstall", "--history", "erase")
    assert (said.code, said.err) == (0, "")
    assert "Erased: 1 practice, 1 answer, 1 note." in said.out
    assert keeping.STAYS.format(config=person.config.parent) in said.out
    assert "history stays" not in said.out
    assert not person.database.parent.exists()
    assert person.config.exists()


def test_what_a_daemon_leaves_empty_goes_and_is_not_called_settings(
    cli: Cli, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It makes the folders of settings to watch them, and one for its socket."""
    person.brought()
    runtime = person.home / "run/reminderd"
    runtime.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime.parent))
    (person.config.parent / "prompts").mkdir(parents=True)
    assert "settings" not in cli("service", "uninstall").out
    said = cli("uninstall", "--history", "erase")
    assert (said.code, said.err) == (0, "")
    assert "Your settings" not in said.out
    assert not person.config.parent.exists()
    assert not runtime.exists()


@pytest.mark.parametrize("name", ["config.toml", "prompts/own.toml", "a note.txt"])
@pytest.mark.parametrize("fate", ["keep", "erase"])
def test_a_folder_with_anything_of_the_persons_stays(
    name: str, fate: str, cli: Cli, person: Person
) -> None:
    """Also what is neither settings nor a deck."""
    person.brought()
    file = person.config.parent / name
    file.parent.mkdir(parents=True)
    file.touch()
    assert str(person.config.parent) in cli("uninstall", "--history", fate).out
    assert file.exists()


def test_what_is_taken_along_can_be_brought_back(cli: Cli, person: Person) -> None:
    """`export` leaves one file in the home, with all there was, and nothing else of the history."""
    person.brought(answers=(Answer.DONE,), note="by the window")
    before = cli("history", "--json").json
    said = cli("uninstall", "--history", "export")
    assert said.code == 0
    assert not person.database.parent.exists()
    (taken,) = person.home.glob("reminderd-export-*.json")
    assert str(taken) in said.out
    assert taken.stat().st_mode & 0o777 == 0o600
    assert cli("import", str(taken)).code == 0
    assert cli("history", "--json").json == before


def test_what_could_not_be_exported_is_not_erased(
    cli: Cli, person: Person, steps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise ReminderdError("The disk is full.")

    person.brought()
    monkeypatch.setattr(uninstall, "_export_history", fail)
    said = cli("uninstall", "--history", "export")
    assert (said.code, said.err, steps) == (1, "The disk is full.\n", [])


def test_it_is_asked_on_a_terminal_and_enter_keeps(person: Person) -> None:
    person.brought()
    terminal = person.terminal("uninstall", columns=200)
    terminal.expect_exact(f"{uninstall.ASK} [keep]: ")
    terminal.sendline("")
    terminal.expect_exact("Your history stays in")
    terminal.wait()
    assert terminal.exitstatus == 0
    assert person.database.exists()


def test_where_there_is_no_history_nothing_is_asked(person: Person) -> None:
    terminal = person.terminal("uninstall", columns=200)
    terminal.expect_exact(uninstall.WAS_NOT_THERE)
    terminal.wait()
    assert terminal.exitstatus == 0
    assert not person.database.exists()


def test_whoever_changes_their_mind_leaves_all_as_it_was(cli: Cli, person: Person) -> None:
    """Ctrl+C at the question."""
    person.brought()
    cli("service", "install")
    before = files(person.home)
    terminal = person.terminal("uninstall", columns=200)
    terminal.expect_exact("[keep]: ")
    # Python hears of a signal that comes just before it begins to read only with the next one.
    for _ in range(3):
        terminal.sendintr()
        if terminal.expect_exact([uninstall.NOTHING_CHANGED, pexpect.TIMEOUT], timeout=5) == 0:
            break
    terminal.wait()
    assert terminal.exitstatus == 130
    assert files(person.home) == before
    assert autostart.entry_file().exists()


def test_a_daemon_that_somebody_started_ends_first(
    person: Person, daemon: subprocess.Popen[bytes]
) -> None:
    """In a terminal or by a session: while it runs it would go on writing."""
    said = person.run("uninstall")
    assert said.out.startswith(f"{uninstall.REMOVED}\n")
    assert daemon.wait(5) == 0


def test_a_daemon_that_nobody_reaches_ends_too(
    person: Person, daemon: subprocess.Popen[bytes]
) -> None:
    """Somebody removed its socket; it would make the history anew."""
    eventually(
        lambda: person.run("status", "--json").json["pid"] == daemon.pid, "it has recorded itself"
    )
    with closing(person.store()) as store:
        facts = daemon_facts(store)
    assert facts is not None
    Path(facts["socket"]).unlink()
    said = person.run("uninstall", "--history", "erase")
    assert said.out.startswith(f"{uninstall.REMOVED}\n")
    assert daemon.wait(5) == 0
    assert not person.database.parent.exists()


def test_one_that_does_not_end_is_named_and_nothing_is_erased(
    cli: Cli, person: Person, steps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    process = subprocess.Popen(["/bin/sh", "-c", "trap '' TERM; echo; exec sleep 60"], stdout=-1)
    assert process.stdout is not None
    process.stdout.readline()
    try:
        person.daemon_recorded(pid=process.pid)
        monkeypatch.setattr("reminderd.adapters.wake.listens", lambda address: True)
        monkeypatch.setattr(uninstall, "_WAIT_SECONDS", 0.05)
        said = cli("uninstall", "--history", "erase")
        assert (said.code, steps) == (1, [])
        assert f"kill -9 {process.pid}" in said.err
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_damaged_database_is_told_and_stops_nobody_from_leaving(cli: Cli, person: Person) -> None:
    person.database.parent.mkdir(parents=True)
    person.database.write_bytes(b"no database" * 1000)
    said = cli("uninstall")
    assert said.code == 0
    assert str(person.database) in said.err
    assert f"Your history stays in {person.database.parent}." in said.out


def test_a_damaged_history_is_erased_all_the_same(cli: Cli, person: Person) -> None:
    """Nobody needs to read it for that; that it was not read is said."""
    person.brought(answers=(Answer.DONE,), note="a private word")
    cli("backup")
    person.database.write_bytes(b"no database" * 1000)
    said = cli("uninstall", "--history", "erase")
    assert said.code == 0
    assert uninstall.UNREAD.format(place=person.database.parent) in said.out
    assert "reminderd run" not in said.err
    assert not person.database.parent.exists()
    assert said.out.splitlines()[-1].startswith("To remove the program as well: ")


def test_a_daemon_over_a_damaged_history_ends_before_it_is_erased(
    cli: Cli, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database does not tell who runs; the lock does. One that stays keeps all as it is."""
    person.brought()
    person.database.write_bytes(b"no database" * 1000)
    lock = Lock(person.database, service=False)
    assert lock.try_lock()
    killed: list[int] = []
    monkeypatch.setattr("os.kill", lambda pid, number: killed.append(pid))
    monkeypatch.setattr(uninstall, "_WAIT_SECONDS", 0.05)
    said = cli("uninstall", "--history", "erase")
    assert (said.code, killed) == (1, [os.getpid()])
    assert f"still runs, as process {os.getpid()}" in said.err
    assert person.database.exists()
    lock.release()
    assert cli("uninstall", "--history", "erase").code == 0
    assert not person.database.exists()


@pytest.mark.parametrize("has_more", [False, True])
def test_a_data_folder_elsewhere_is_emptied_of_what_is_ours(
    has_more: bool, cli: Cli, person: Person, tmp_path: Path
) -> None:
    """A link to it is a person's own, and so is what else they keep there."""
    person.brought(answers=(Answer.DONE,), note="a private word")
    cli("backup")
    elsewhere = tmp_path / "elsewhere"
    person.database.parent.rename(elsewhere)
    person.database.parent.symlink_to(elsewhere)
    if has_more:
        (elsewhere / "a photo").touch()
    said = cli("uninstall", "--history", "erase")
    assert (said.code, said.err) == (0, "")
    if has_more:
        assert [one.name for one in elsewhere.iterdir()] == ["a photo"]
    else:
        assert not elsewhere.exists()
        assert not person.database.parent.is_symlink()


@pytest.mark.parametrize("pid", [-1, 0])
def test_no_process_is_ended_by_a_number_that_means_many(
    pid: int, cli: Cli, person: Person, steps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever wrote it into the database: no signal goes out, and none is advised."""
    killed: list[int] = []
    person.daemon_recorded(pid=pid)
    monkeypatch.setattr("reminderd.adapters.wake.listens", lambda address: True)
    monkeypatch.setattr("os.kill", lambda pid, number: killed.append(pid))
    monkeypatch.setattr(uninstall, "_WAIT_SECONDS", 0.05)
    said = cli("uninstall", "--history", "erase")
    assert (said.code, steps, killed) == (1, [], [])
    assert "kill" not in said.err
    assert "still runs" in said.err


def test_what_cannot_be_erased_leaves_the_way_out(
    cli: Cli, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing runs any more: the last line is how to remove the program, whatever else is."""
    unlink = Path.unlink

    def refusing(path: Path, *, missing_ok: bool = False) -> None:
        if path == person.database:
            raise OSError(5, "Input/output error", str(path))
        unlink(path, missing_ok=missing_ok)

    person.brought()
    monkeypatch.setattr(Path, "unlink", refusing)
    said = cli("uninstall", "--history", "erase")
    assert said.code == 1
    assert f"{person.database} cannot be removed: Input/output error." in said.err
    assert said.out.splitlines()[-1].startswith("To remove the program as well: ")
