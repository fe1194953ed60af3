"""Is the person in a call? No desktop signals it, so it is looked up when it matters.

A microphone in use is a recording stream at the sound server; a camera in use is a video device
that one of the person's own programs holds open.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from reminderd.adapters.bus_address import is_socket
from reminderd.adapters.desktop.program import output_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PROC: Final = Path("/proc")
_DEV: Final = Path("/dev")
_KEEPERS: Final = frozenset({"wireplumber", "pipewire-media-session"})
"""Programs that hold cameras open only to know them."""
_SECONDS: Final = 2.0
"""How long pactl may take: a machine in a call is a busy one."""


class CallLook:
    """Looks whether microphone or camera are in use.

    Args:
        environ: The environment, which says where the sound server listens.
        proc: Where the system tells of its processes.
        dev: Where its devices are.
    """

    def __init__(self, environ: Mapping[str, str], *, proc: Path = _PROC, dev: Path = _DEV) -> None:
        self._environ = environ
        self._proc, self._dev = proc, dev
        self._heard: bool | None = None

    def told_by(self) -> str:
        """Return who tells it here, in words for the person; nothing where nobody can."""
        who = ["pactl"] if shutil.which("pactl") and not self._is_far() else []
        if (self._proc / "self" / "fd").is_dir():
            who.append("/proc")
        return ", ".join(who)

    async def in_use(self) -> bool | None:
        """Return whether microphone or camera are in use; None where that cannot be known."""
        microphone, camera = await asyncio.gather(self._heard_lately(), self._camera())
        if microphone or camera:
            return True
        return None if microphone is None and camera is None else False

    async def _heard_lately(self) -> bool | None:
        """Return whether a microphone is in use; once where that takes too long, whether it was."""
        told, self._heard = self._heard, None
        with contextlib.suppress(TimeoutError):
            told = self._heard = await self._microphone()
        return told

    async def _camera(self) -> bool | None:
        cameras = cameras_in(self._dev)
        if not cameras:
            return False
        return await asyncio.to_thread(is_open, cameras, self._proc)

    async def _microphone(self) -> bool | None:
        server = self._server()
        if not shutil.which("pactl") or not server:
            return None
        pactl = ("pactl", f"--server={server}", "-f", "json", "list")
        outputs, sources = await asyncio.gather(
            output_of(*pactl, "source-outputs", seconds=_SECONDS),
            output_of(*pactl, "sources", seconds=_SECONDS),
            return_exceptions=True,  # neither is left alone with the other's failure
        )
        if isinstance(outputs, BaseException):
            raise outputs
        if isinstance(sources, BaseException):
            raise sources
        if outputs is None or sources is None:
            return None
        try:
            return records(json.loads(outputs or "[]"), json.loads(sources or "[]"))
        except (ValueError, TypeError, AttributeError, RecursionError):  # not what pactl prints
            return None

    def _server(self) -> str:
        """Return where the sound server listens: pactl would start one that it has to find.

        One on another machine is not asked: nothing here uses the network, nor has others use it.
        """
        if self._is_far():
            return ""
        if server := self._environ.get("PULSE_SERVER"):
            return server
        runtime = self._environ.get("XDG_RUNTIME_DIR", "/")
        folder = self._environ.get("PULSE_RUNTIME_PATH") or f"{runtime}/pulse"
        socket = Path(folder, "native")
        return f"unix:{socket}" if is_socket(socket) else ""

    def _is_far(self) -> bool:
        """Return whether `PULSE_SERVER` names anything but sockets of this machine, as paths.

        It may name several, and each may say on which machine it is meant: `{id}unix:/run/...`.
        """
        servers = self._environ.get("PULSE_SERVER", "").split()
        return not all(re.match(r"(\{[^}]*\})?(unix:)?/", server) for server in servers)


def records(outputs: list[dict[str, Any]], sources: list[dict[str, Any]]) -> bool:
    """Return whether anybody records from a microphone.

    What listens to the loudspeakers does not count, nor what only draws a level (as PulseAudio and
    as PipeWire call it), nor what was halted or has nothing to record from yet.

    Args:
        outputs: The recording streams, as pactl lists them.
        sources: What can be recorded from, as pactl lists it.
    """
    microphones = {source.get("index") for source in sources if not _is_monitor(source)}
    return any(
        stream.get("source") in microphones - {None}
        and stream.get("corked") is not True
        and not _draws_a_level(stream)
        for stream in outputs
    )


def _draws_a_level(stream: dict[str, Any]) -> bool:
    properties = stream.get("properties") or {}
    return stream.get("resample_method") == "peaks" or properties.get("stream.monitor") == "true"


def _is_monitor(source: dict[str, Any]) -> bool:
    return (source.get("properties") or {}).get("device.class") == "monitor" or str(
        source.get("name", "")
    ).endswith(".monitor")


def cameras_in(dev: Path = _DEV) -> frozenset[str]:
    """Return what cameras there are."""
    return frozenset(str(device) for device in dev.glob("video*"))


def is_open(cameras: frozenset[str], proc: Path = _PROC) -> bool | None:
    """Return whether a program of the person's holds a camera open; None where nothing tells."""
    try:
        processes = [entry for entry in proc.iterdir() if entry.name.isdecimal()]
    except OSError:
        return None
    return any(
        name in cameras
        for process in processes
        if _is_own(process) and not _is_keeper(process)
        for name in _open_files(process)
    )


def _is_own(process: Path) -> bool:
    with contextlib.suppress(OSError):
        return process.stat().st_uid == os.getuid()
    return False


def _is_keeper(process: Path) -> bool:
    with contextlib.suppress(OSError):
        return (process / "comm").read_text(errors="replace").strip() in _KEEPERS
    return False


def _open_files(process: Path) -> Iterator[str]:
    with contextlib.suppress(OSError):  # it ended, or is not ours to look into
        for entry in (process / "fd").iterdir():
            with contextlib.suppress(OSError):
                yield str(entry.readlink())
