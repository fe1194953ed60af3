"""Whether microphone or camera are in use, from what pactl lists and the system tells."""

from __future__ import annotations

import json
import os
import socket
from typing import TYPE_CHECKING, Any

import pytest

from reminderd.adapters.desktop.call import CallLook, cameras_in, is_open, records

if TYPE_CHECKING:
    from pathlib import Path

# As pactl 16 lists them, shortened: a null sink and a null source at PulseAudio 16.
MONITOR = {
    "index": 0,
    "name": "speakers.monitor",
    "monitor_source": "speakers",
    "properties": {"device.class": "monitor"},
}
MICROPHONE = {
    "index": 1,
    "name": "microphone",
    "monitor_source": "",
    "properties": {"device.class": "abstract"},
}
PAREC = {
    "index": 0,
    "client": "2",
    "source": 1,
    "corked": False,
    "mute": False,
    "resample_method": "",
    "properties": {"application.name": "parec"},
}
# As PipeWire's own PulseAudio server lists them.
PIPEWIRE = [
    {
        "index": 48,
        "name": "alsa_output.pci-0000_00_1f.3.analog-stereo.monitor",
        "properties": {"device.class": "monitor"},
    },
    {
        "index": 49,
        "name": "alsa_input.pci-0000_00_1f.3.analog-stereo",
        "properties": {"device.class": "sound", "media.class": "Audio/Source"},
    },
]
BROWSER = {
    "index": 91,
    "source": 49,
    "corked": False,
    "resample_method": "PipeWire",
    "properties": {"application.name": "Firefox", "media.class": "Stream/Input/Audio"},
}
METER = {"stream.monitor": "true", "application.name": "PulseAudio Volume Control"}
NOWHERE = 4294967295


@pytest.mark.parametrize(
    ("outputs", "sources", "expected"),
    [
        ([], [], False),
        ([], [MONITOR, MICROPHONE], False),
        ([PAREC], [MONITOR, MICROPHONE], True),
        ([PAREC | {"mute": True}], [MONITOR, MICROPHONE], True),  # muted in a call is in a call
        ([PAREC | {"corked": True}], [MONITOR, MICROPHONE], False),
        ([PAREC | {"resample_method": "peaks"}], [MONITOR, MICROPHONE], False),
        ([PAREC | {"source": 0}], [MONITOR, MICROPHONE], False),
        ([PAREC | {"source": 0}, PAREC], [MONITOR, MICROPHONE], True),
        ([PAREC | {"source": 0}], [MONITOR | {"properties": {}}], False),
        ([PAREC | {"source": 0}], [MONITOR | {"name": "odd"}], False),
        ([PAREC], [MICROPHONE | {"properties": None}], True),
        ([BROWSER], PIPEWIRE, True),
        ([BROWSER | {"source": 48}], PIPEWIRE, False),
        ([BROWSER | {"corked": True}], PIPEWIRE, False),
        ([BROWSER | {"properties": METER}], PIPEWIRE, False),  # an open mixer
        ([BROWSER | {"source": NOWHERE}], PIPEWIRE, False),  # it waits for a microphone
        ([{"index": 1}], [{"name": "x"}], False),  # not what pactl prints
    ],
)
def test_who_records_from_a_microphone_is_in_a_call(
    outputs: list[dict[str, Any]], sources: list[dict[str, Any]], expected: bool
) -> None:
    """Not who listens to the loudspeakers, nor who draws a level, nor who has stopped."""
    assert records(outputs, sources) is expected


class System:
    """A made-up /proc and /dev, on which the test's own user has processes."""

    def __init__(self, folder: Path) -> None:
        self.proc, self.dev = folder / "proc", folder / "dev"
        for place in (self.proc, self.dev):
            place.mkdir()
        for name in ("video0", "video1", "null"):
            (self.dev / name).touch()

    def add(self, pid: int, *opened: str, name: str = "program") -> Path:
        """Add a process that holds files of /dev, or others, open."""
        process = self.proc / str(pid)
        (process / "fd").mkdir(parents=True)
        (process / "comm").write_text(f"{name}\n", "utf-8")
        for number, target in enumerate(opened):
            where = self.dev / target if (self.dev / target).exists() else target
            (process / "fd" / str(number)).symlink_to(where)
        return process

    def in_use(self) -> bool | None:
        return is_open(cameras_in(self.dev), self.proc)


@pytest.fixture
def system(tmp_path: Path) -> System:
    return System(tmp_path)


@pytest.mark.parametrize(
    ("opened", "name", "expected"),
    [
        ([], "program", False),
        (["null", "socket:[4711]", "pipe:[12]"], "program", False),
        (["null", "video0"], "program", True),
        (["video1"], "firefox", True),
        (["video0"], "pipewire", True),  # for a program in a container
        (["video0"], "wireplumber", False),
        (["video0"], "pipewire-media-session", False),
        (["/dev/video0 (deleted)"], "program", False),
    ],
)
def test_who_holds_a_camera_open_is_in_a_call(
    system: System, opened: list[str], name: str, expected: bool
) -> None:
    """Not who does so only to know which cameras there are."""
    system.add(100, "null")
    system.add(4242, *opened, name=name)
    (system.proc / "self").symlink_to("4242")
    (system.proc / "meminfo").write_text("much\n", "utf-8")
    assert system.in_use() is expected


def test_it_is_over_once_the_camera_is_closed(system: System) -> None:
    process = system.add(4242, "video0")
    assert system.in_use() is True
    (process / "fd" / "0").unlink()
    assert system.in_use() is False


def test_what_cannot_be_looked_into_counts_as_free(system: System) -> None:
    """Others' processes, and those that end just now."""
    (system.proc / "7").mkdir()
    ended = system.add(8, "video0")
    (ended / "comm").unlink()
    (ended / "comm").mkdir()
    assert system.in_use() is True  # whose name is not known is somebody
    (ended / "fd" / "0").unlink()
    (ended / "fd" / "1").write_text("no link", "utf-8")
    assert system.in_use() is False


def test_without_a_camera_nobody_films(system: System) -> None:
    system.add(4242, "video0")
    for device in system.dev.glob("video*"):
        device.unlink()
    assert system.in_use() is False


def test_where_the_system_tells_of_no_processes_it_is_unknown(system: System) -> None:
    system.proc.rmdir()
    assert system.in_use() is None


def test_another_persons_camera_is_not_ours(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    system.add(4242, "video0")
    monkeypatch.setattr(os, "getuid", lambda: 4711)
    assert system.in_use() is False


class Pactl:
    """A `pactl` on PATH that prints what the test says, and a look that asks it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self.environ = {"XDG_RUNTIME_DIR": str(folder)}
        self.program = folder / "pactl"
        self.says("[]", "[]")
        self.program.chmod(0o700)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        (folder / "proc").mkdir()
        (folder / "pulse").mkdir()
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(folder / "pulse" / "native"))

    def says(self, outputs: str, sources: str, then: str = "") -> None:
        asked = self._folder / "asked"
        self.program.write_text(
            f'#!/bin/sh\necho "$*" >>{asked}\n'
            f'case "$*" in *source-outputs) cat <<"E"\n{outputs}\nE\n'
            f';; *sources) cat <<"E"\n{sources}\nE\n;; esac\n{then}\n',
            "utf-8",
        )

    def asked(self) -> bool:
        return (self._folder / "asked").exists()

    async def in_use(self) -> bool | None:
        look = CallLook(self.environ, proc=self._folder / "proc", dev=self._folder)
        return await look.in_use()


@pytest.fixture
def pactl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pactl:
    folder = tmp_path / "p"
    folder.mkdir()
    return Pactl(folder, monkeypatch)


async def test_it_is_asked_where_a_sound_server_listens(pactl: Pactl) -> None:
    pactl.says(json.dumps([PAREC]), json.dumps([MICROPHONE]))
    assert await pactl.in_use() is True
    pactl.says("[]", json.dumps([MICROPHONE]))
    assert await pactl.in_use() is False
    (pactl.program.parent / "pulse" / "native").unlink()
    pactl.environ["PULSE_SERVER"] = "unix:/elsewhere/native"
    pactl.says(json.dumps([PAREC]), json.dumps([MICROPHONE]))
    assert await pactl.in_use() is True


async def test_without_a_sound_server_none_is_asked_for(pactl: Pactl) -> None:
    """To ask would start one."""
    (pactl.program.parent / "pulse" / "native").unlink()
    assert await pactl.in_use() is False  # by /proc alone
    assert not pactl.asked()


@pytest.mark.parametrize(
    ("server", "is_asked"),
    [
        ("unix:/elsewhere/native", True),
        ("/elsewhere/native", True),
        ("{4f2c}unix:/elsewhere/native unix:/other", True),
        ("tcp:127.0.0.1:4713", False),
        ("tcp6:[::1]", False),
        ("elsewhere", False),
        ("{4f2c}unix:/elsewhere/native tcp:elsewhere", False),
        ("unix:/elsewhere/native elsewhere", False),
    ],
)
async def test_a_sound_server_on_another_machine_is_not_asked(
    pactl: Pactl, server: str, is_asked: bool
) -> None:
    """Nothing goes over the network; it counts as one of which nothing is known."""
    pactl.environ["PULSE_SERVER"] = server
    pactl.says(json.dumps([PAREC]), json.dumps([MICROPHONE]))
    assert await pactl.in_use() is is_asked
    assert pactl.asked() is is_asked
    told_by = CallLook(pactl.environ, proc=pactl.program.parent).told_by()
    assert told_by == ("pactl" if is_asked else "")


@pytest.mark.parametrize(
    "said",
    ["", "null", "7", "{}", '"word"', "[7]", "[[]]", "[null]", "no JSON", "[" * 100_000, "\x00"],
)
async def test_what_pactl_would_never_print_is_taken_calmly(pactl: Pactl, said: str) -> None:
    pactl.says(said, said)
    assert await pactl.in_use() is False  # by /proc alone
    pactl.says(said, json.dumps([MICROPHONE]))
    assert await pactl.in_use() is False


async def test_a_sound_server_that_hangs_or_fails_tells_nothing(pactl: Pactl) -> None:
    pactl.says(json.dumps([PAREC]), json.dumps([MICROPHONE]), "exit 1")
    assert await pactl.in_use() is False
    pactl.says(json.dumps([PAREC]), json.dumps([MICROPHONE]), "exec sleep 30")
    assert await pactl.in_use() is False


async def test_who_tells_it_is_named(pactl: Pactl, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = pactl.program.parent
    (folder / "proc" / "self" / "fd").mkdir(parents=True)
    assert CallLook({}, proc=folder / "proc").told_by() == "pactl, /proc"
    assert CallLook({}, proc=folder).told_by() == "pactl"
    monkeypatch.setenv("PATH", "/nowhere")
    assert CallLook({}, proc=folder / "proc").told_by() == "/proc"
    assert CallLook({}, proc=folder).told_by() == ""
