"""The autostart entry: what it says, and what real starters of entries make of it."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from reminderd.adapters import autostart
from reminderd.errors import ServiceError

GENERATOR = "/usr/lib/systemd/user-generators/systemd-xdg-autostart-generator"
LAUNCHERS = [
    "/home/ada/.local/bin/reminderd",
    "/home/ada lovelace/100 %/bin/reminderd",
    '/home/a"b\\c $HOME `x`/reminderd',
]
SCRIPT = '#!/bin/sh\nprintf %s, "$XDG_DATA_HOME" "$0" "$@" >"$OUT.part"; mv "$OUT.part" "$OUT"\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of what sessions start, in an empty home."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config/autostart"


@pytest.mark.desktop
@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_the_entry_is_valid(launcher: str) -> None:
    """The freedesktop tool has nothing to say about it, not even a hint."""
    autostart.install(autostart.plan(Path(launcher)))
    done = subprocess.run(
        ["desktop-file-validate", autostart.entry_file()],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.desktop
@pytest.mark.parametrize("name", ["bin", "a b", "100 %f %%", "$HOME `x`", 'a"b\\c', "adélaïde"])
@pytest.mark.parametrize("data", ["", '/50% "my" data'])
def test_a_session_starts_it_until_it_is_removed(
    tmp_path: Path, name: str, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GLib, by which most desktops do it, runs the daemon, and passes over a removed one.

    The daemon has the database that this shell has.
    """
    monkeypatch.setenv("XDG_DATA_HOME", data)
    program = tmp_path / name / "reminderd"
    program.parent.mkdir()
    program.write_text(SCRIPT, "utf-8")
    program.chmod(0o755)
    autostart.install(autostart.plan(program))
    out = tmp_path / "out"
    environ = {**os.environ, "OUT": str(out), "XDG_DATA_HOME": ""}
    launch = ["gio", "launch", str(autostart.entry_file())]
    subprocess.run(launch, check=True, env=environ, timeout=30)
    deadline = time.monotonic() + 10
    while not out.exists():
        assert time.monotonic() < deadline, "it is not started"
        time.sleep(0.02)
    assert out.read_text("utf-8") == f"{data},{program},run,"
    program.unlink()
    assert subprocess.run(launch, check=False, capture_output=True).returncode != 0


@pytest.mark.systemd
def test_systemd_passes_over_it(tmp_path: Path, folder: Path) -> None:
    """It makes units of the entries that it finds, but of this one it has a unit already."""
    program = tmp_path / "reminderd"
    program.write_text(SCRIPT, "utf-8")
    program.chmod(0o755)
    entry = autostart.plan(program)
    autostart.install(entry)
    other = folder / "other.desktop"
    other.write_text(entry.text.replace("X-systemd-skip=true", ""), "utf-8")
    places = [tmp_path / name for name in ("normal", "early", "late")]
    for place in places:
        place.mkdir()
    environ = {**os.environ, "XDG_CONFIG_DIRS": str(tmp_path)}
    subprocess.run([GENERATOR, *places], check=True, capture_output=True, env=environ)
    made = [path.name for place in places for path in place.glob("*.service")]
    assert made == ["app-other@autostart.service"]


@pytest.mark.parametrize("line", ["Hidden=true", "X-GNOME-Autostart-enabled=false"])
def test_one_that_is_switched_off_in_a_desktops_settings_is_off(folder: Path, line: str) -> None:
    """Until it is installed anew."""
    entry = autostart.plan(Path("/usr/bin/reminderd"))
    autostart.install(entry)
    assert autostart.is_on()
    (folder / "reminderd.desktop").write_text(f"{entry.text}{line}\n", "utf-8")
    assert not autostart.is_on()
    autostart.install(entry)
    assert autostart.is_on()


@pytest.mark.uncounted
def test_an_entry_of_empty_lines_is_read_at_once(folder: Path) -> None:
    """And what is no file is not waited for."""
    folder.mkdir(parents=True)
    entry = folder / "reminderd.desktop"
    entry.write_text("\n" * 65_000)
    begun = time.process_time()
    assert autostart.is_on()
    assert time.process_time() - begun < 1
    entry.unlink()
    os.mkfifo(entry)
    assert not autostart.is_on()


def test_removing_leaves_nothing_of_it_and_can_be_repeated(folder: Path) -> None:
    assert not autostart.is_on()
    autostart.install(autostart.plan(Path("/usr/bin/reminderd")))
    assert autostart.remove() is True
    assert not folder.exists()
    assert autostart.remove() is False


def test_a_path_that_no_entry_can_name_is_told() -> None:
    with pytest.raises(ServiceError, match="control characters"):
        autostart.plan(Path("/a\nb/reminderd"))


def test_what_cannot_be_written_is_named(folder: Path) -> None:
    folder.parent.mkdir()
    folder.write_text("a file", "utf-8")
    with pytest.raises(ServiceError, match=r"autostart.*cannot be written") as told:
        autostart.install(autostart.plan(Path("/usr/bin/reminderd")))
    assert "writable" in told.value.hint
