"""In a call: who records at a real sound server, and that none is started to find out."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from reminderd.adapters.desktop import call
from reminderd.core.model import Reason
from tests.integration.desktops import running, until
from tests.integration.real_server import as_nobody, give_to_nobody
from tests.integration.watched_desktop import NOWHERE, QUIET, known, watching

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.desktop

CALLS: Final = replace(QUIET, in_call=True, when_away=None)
MODULES: Final = (
    "module-native-protocol-unix auth-anonymous=yes",
    "module-null-sink sink_name=speakers",
    "module-null-source source_name=microphone",
)
ALONE: Final = ("-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1")


@dataclass
class Sound:
    """A sound server with loudspeakers and a microphone that are none."""

    environ: dict[str, str]

    def run(self, *command: str) -> str:
        """Run a program that speaks to it."""
        return subprocess.run(
            command, env=self.environ, check=True, capture_output=True, text=True
        ).stdout

    @contextmanager
    def recording(self, source: str = "microphone") -> Iterator[None]:
        """Record until the end of the block."""
        before = self._streams()
        recorder = subprocess.Popen(
            ["parec", f"--device={source}"],
            env=self.environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        with running(recorder):
            until(lambda: self._streams() > before, "it records")
            yield
        until(lambda: self._streams() == before, "it has ended")

    def _streams(self) -> int:
        return len(self.run("pactl", "list", "short", "source-outputs").splitlines())


@pytest.fixture(autouse=True)
def no_bus(monkeypatch: pytest.MonkeyPatch) -> None:
    """What others tell is no test's concern here."""
    for name in ("DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS"):
        monkeypatch.setenv(name, NOWHERE)


@pytest.fixture
def sound(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sound]:
    """A sound server where the person's programs look for it."""
    with tempfile.TemporaryDirectory(prefix="reminderd-sound-") as name:
        folder = Path(name)  # short, as the path of a socket has to be
        (folder / "pulse").mkdir(mode=0o700)
        environ = {"PATH": os.environ["PATH"], "HOME": name, "XDG_RUNTIME_DIR": name}
        environ["PULSE_CLIENTCONFIG"] = "/dev/null"
        monkeypatch.setenv("XDG_RUNTIME_DIR", name)
        loads = (part for module in MODULES for part in ("-L", module))
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                ["pulseaudio", *ALONE, *loads], env=environ, stdout=log, stderr=log
            )
        environ["PULSE_SERVER"] = f"unix:{folder}/pulse/native"
        with running(server):
            until((folder / "pulse" / "native").is_socket, "the sound server is there")
            yield Sound(environ)


def at(sound: Sound) -> dict[str, str]:
    return {"XDG_RUNTIME_DIR": sound.environ["XDG_RUNTIME_DIR"]}


async def test_who_records_is_in_a_call(sound: Sound) -> None:
    """It signals nothing, so it counts when it matters, and is known to need a look."""
    async with watching(at(sound), CALLS) as watched:
        assert watched.desktop.sources()[Reason.IN_CALL] == "pactl, /proc"
        assert known(await watched.closely()) == {"in_call": False}
        for _ in range(2):
            with sound.recording():
                in_call = {"in_call": True, "unsignalled": {Reason.IN_CALL}}
                assert known(await watched.closely()) == in_call
                assert known(await watched.now()) == {}
            assert known(await watched.closely()) == {"in_call": False}
        assert watched.changes == 0


@pytest.mark.parametrize("variable", ["PULSE_SERVER", "PULSE_RUNTIME_PATH"])
async def test_the_sound_server_may_be_named(sound: Sound, variable: str) -> None:
    folder = sound.environ["XDG_RUNTIME_DIR"]
    where = {
        "PULSE_SERVER": f"unix:{folder}/pulse/native",
        "PULSE_RUNTIME_PATH": f"{folder}/pulse",
    }
    async with watching({variable: where[variable]}, CALLS) as watched:
        with sound.recording():
            assert (await watched.closely()).in_call is True
        assert (await watched.closely()).in_call is False


async def test_who_listens_to_the_loudspeakers_is_not(sound: Sound) -> None:
    async with watching(at(sound), CALLS) as watched:
        with sound.recording("speakers.monitor"):
            assert known(await watched.closely()) == {"in_call": False}
            with sound.recording():
                assert (await watched.closely()).in_call is True
            assert known(await watched.closely()) == {"in_call": False}


async def test_whose_microphone_is_muted_is_in_a_call(sound: Sound) -> None:
    async with watching(at(sound), CALLS) as watched:
        sound.run("pactl", "set-source-mute", "microphone", "1")
        with sound.recording():
            assert (await watched.closely()).in_call is True


async def test_it_is_not_looked_up_where_calls_are_not_heeded(sound: Sound) -> None:
    async with watching(at(sound), replace(CALLS, in_call=False)) as watched:
        with sound.recording():
            assert known(await watched.closely()) == {}


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file that is there once a sound server was started, which root's programs never do."""
    with tempfile.TemporaryDirectory(prefix="reminderd-sound-") as name:
        folder = Path(name)
        programs = {
            "pulseaudio": f"touch {folder / 'started'}",
            "pactl": f'exec {shlex.join(as_nobody())} {shutil.which("pactl")} "$@"',
        }
        for program, does in programs.items():
            (folder / program).write_text(f"#!/bin/sh\n{does}\n", "utf-8")
            (folder / program).chmod(0o755)
        config = folder / "client.conf"
        config.write_text(f"autospawn = yes\ndaemon-binary = {folder}/pulseaudio\n", "utf-8")
        for key in ("XDG_RUNTIME_DIR", "PULSE_RUNTIME_PATH", "HOME"):
            monkeypatch.setenv(key, name)
        monkeypatch.setenv("PULSE_CLIENTCONFIG", str(config))
        monkeypatch.setenv("PATH", f"{name}:{os.environ['PATH']}")
        give_to_nobody(folder)
        yield folder / "started"


async def test_where_there_is_no_sound_server_none_is_started(started: Path) -> None:
    """Neither where none ever was, nor where one left its socket behind."""
    folder = str(started.parent)
    async with watching(
        {"XDG_RUNTIME_DIR": folder, "PULSE_RUNTIME_PATH": folder}, CALLS
    ) as watched:
        assert known(await watched.closely()) == {"in_call": False}
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(f"{folder}/native")
        assert known(await watched.closely()) == {"in_call": False}
        found = await asyncio.to_thread(started.exists)
        assert not found
    # Whoever does not take care would have started one.
    asked = await asyncio.create_subprocess_exec("pactl", "info", stderr=asyncio.subprocess.DEVNULL)
    await asked.wait()
    found = await asyncio.to_thread(started.exists)
    assert found


async def test_a_look_that_takes_too_long_does_not_end_the_call(
    sound: Sound, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine in a call is a busy one. Once: whoever never answers tells nothing."""
    async with watching(at(sound), CALLS) as watched:
        with sound.recording():
            assert (await watched.closely()).in_call is True
            monkeypatch.setattr(call, "output_of", too_slow)
            assert (await watched.closely()).in_call is True
            assert (await watched.closely()).in_call is not True


async def too_slow(*_command: str, seconds: float) -> str | None:
    raise TimeoutError(seconds)
