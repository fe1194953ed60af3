"""The wheel, installed with pipx into an empty home: what a person gets who has no checkout."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from build import ProjectBuilder
from build.env import DefaultIsolatedEnv
from pyproject_hooks import quiet_subprocess_runner

from tests.integration.no_network import watched
from tests.integration.user_manager import CHECKOUT, PATIENCE_SECONDS, eventually

if TYPE_CHECKING:
    from collections.abc import Mapping

pytest_plugins = ["tests.integration.user_manager"]
pytestmark = pytest.mark.uncounted

FIRST_PRACTICE_SECONDS = 5


@dataclass(frozen=True)
class Installed:
    """A home in which pipx has installed reminderd, without a session around it."""

    home: Path

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment of a shell there."""
        return {
            "HOME": str(self.home),
            "PATH": f"{self.home}/.local/bin:{os.environ['PATH']}",
            "XDG_RUNTIME_DIR": str(self.home / "run"),
        }

    def run(self, *command: str) -> str:
        """Run a command there to its good end; return what it said."""
        done = watched(
            lambda: subprocess.run(
                command,
                env=self.environ,
                capture_output=True,
                check=False,
                encoding="utf-8",
                timeout=60,
            )
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """An empty home into which pipx then installs the wheel."""
    there = Installed(tmp_path_factory.mktemp("installed") / "home")
    there.home.mkdir()
    (there.home / "run").mkdir(mode=0o700)
    settings = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    places = {
        "PIPX_HOME": str(there.home / ".local/share/pipx"),
        "PIPX_BIN_DIR": str(there.home / ".local/bin"),
    }
    constraint = shlex.quote(f"--constraint={CHECKOUT / 'constraints/run.txt'}")
    done = subprocess.run(
        [sys.executable, "-m", "pipx", "install", f"--pip-args={constraint}", str(wheel)],
        env={**settings, **there.environ, **places},
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return there


def test_prompts_and_unit_are_in_the_wheel(wheel: Path) -> None:
    """Nothing that lies beside the package in a checkout is forgotten."""
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for folder in ("prompts", "systemd"):
        for path in (CHECKOUT / folder).iterdir():
            assert f"reminderd/_data/{folder}/{path.name}" in names
    for path in (CHECKOUT / "reminderd/adapters/application").glob("reminderd*"):
        assert f"reminderd/adapters/application/{path.name}" in names
    assert not [name for name in names if name.startswith(("tests/", "bench/"))]


def copied(folder: Path, *, mask: int, at: int) -> Path:
    """Return a checkout in another place: under another umask, of another time, once used."""
    before = os.umask(mask)
    try:
        folder.mkdir(parents=True)
        for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
            (folder / name).write_bytes((CHECKOUT / name).read_bytes())
        for name in ("reminderd", "prompts", "systemd"):
            for path in sorted((CHECKOUT / name).rglob("*"), reverse=at % 2 == 0):
                there = folder / path.relative_to(CHECKOUT)
                there.parent.mkdir(parents=True, exist_ok=True)
                if path.is_file():
                    there.write_bytes(path.read_bytes())
                    os.utime(there, (at, at))
    finally:
        os.umask(before)
    return folder


def test_two_builds_are_the_same_to_the_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever builds it anew, anywhere, can tell that what is offered is made of this source."""
    monkeypatch.chdir(CHECKOUT)
    # Relative: pip would take a space in it for two paths.
    monkeypatch.setenv("PIP_CONSTRAINT", "constraints/run.txt")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1780000000")
    places = (
        copied(tmp_path / "one", mask=0o022, at=1_000_000_001),
        copied(tmp_path / "quite another/place", mask=0o077, at=1_700_000_000),
    )
    built: list[dict[str, bytes]] = []
    with DefaultIsolatedEnv() as env:
        env.install(ProjectBuilder(places[0]).build_system_requires)
        for place in places:
            builder = ProjectBuilder.from_isolated_env(env, place, quiet_subprocess_runner)
            paths = [Path(builder.build(kind, place / "dist")) for kind in ("wheel", "sdist")]
            built.append({path.name: path.read_bytes() for path in paths})
    assert list(map(len, built)) == [2, 2]
    assert built[0] == built[1]


def test_the_bundled_prompts_are_found(installed: Installed) -> None:
    """`prompts list` finds the decks that came with the program."""
    said = installed.run("reminderd", "prompts", "list")
    for deck in (CHECKOUT / "prompts").glob("*.toml"):
        assert deck.stem in said


def test_run_shows_a_first_practice_and_ends_when_asked(
    installed: Installed, tmp_path: Path
) -> None:
    """Without a desktop the first practice comes in the terminal; SIGTERM is a good end."""
    out = tmp_path / "out"
    with out.open("wb") as file:
        begin = time.monotonic()
        daemon = watched(
            lambda: subprocess.Popen(["reminderd", "run"], env=installed.environ, stdout=file)
        )
    try:
        while not out.read_text("utf-8").strip():
            assert time.monotonic() - begin < FIRST_PRACTICE_SECONDS
            time.sleep(0.02)
    finally:
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(PATIENCE_SECONDS) == 0


def faults(installed: Installed, unit: Path) -> list[str]:
    """What systemd finds wrong with a unit; others of this machine may have faults of their own."""
    found = subprocess.run(
        ["systemd-analyze", "--user", "verify", str(unit)],
        env=installed.environ,
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    return [line for line in found.stderr.splitlines() if unit.name in line]


BOOTED = 'mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system && exec "$@"'
NOT_BOOTED = 'mount -t tmpfs tmpfs /run && exec "$@"'
"""Run a command where it looks as if systemd had started the system, or had not."""


@pytest.mark.systemd
@pytest.mark.desktop
def test_without_systemd_a_session_starts_it_and_a_leave_ends_it(installed: Installed) -> None:
    """The real daemon, from the autostart entry until `uninstall`, which knows of pipx."""
    elsewhere = ("unshare", "--mount", "sh", "-c", NOT_BOOTED, "elsewhere")
    said = installed.run(*elsewhere, "reminderd", "service", "install")
    assert "your desktop session starts reminderd" in said
    entry = installed.home / ".config/autostart/reminderd.desktop"
    installed.run("sh", "-c", 'gio launch "$0" >/dev/null 2>&1', str(entry))

    def runs() -> bool:
        return '"running": true' in installed.run("reminderd", "status", "--json")

    eventually(runs, "the session has started it")
    said = installed.run("reminderd", "uninstall")
    assert said.endswith("To remove the program as well: pipx uninstall reminderd\n")
    assert not runs()
    assert not entry.exists()


@pytest.mark.systemd
def test_the_service_is_installed_and_its_unit_is_sound(installed: Installed) -> None:
    """`service install` writes a unit for the link that pipx made, and systemd finds no fault."""
    booted = ("unshare", "--mount", "sh", "-c", BOOTED, "booted")
    assert "starts at a login" in installed.run(*booted, "reminderd", "service", "install")
    unit = installed.home / ".config/systemd/user/reminderd.service"
    assert f'\nExecStart="{installed.home}/.local/bin/reminderd" run\n' in unit.read_text("utf-8")
    assert faults(installed, unit) == []
    broken = installed.home / "broken/reminderd.service"
    broken.parent.mkdir()
    broken.write_text(unit.read_text("utf-8") + "Nonsense=1\n", "utf-8")
    assert len(faults(installed, broken)) == 1
    installed.run("reminderd", "service", "uninstall")
    assert not unit.exists()
