"""Starting by itself at every login: put in place, asked and taken away here.

A systemd user service where there is systemd, an entry in the autostart of the desktop elsewhere;
never both, or each would start a daemon.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from reminderd.adapters import autostart, systemd_unit
from reminderd.adapters.autostart import Entry
from reminderd.adapters.bus_address import bus_address
from reminderd.adapters.launcher import find_launcher
from reminderd.adapters.sd_notify import STARTED
from reminderd.adapters.systemd_unit import LOGIN, SESSION, UNIT, Unit
from reminderd.errors import ServiceError

_BOOTED: Final = Path("/run/systemd/system")
"""Is there wherever the system was started by systemd (sd_booted(3))."""
_MOST_QUERIES: Final = 20
"""How often to ask for what comes next, ten times a second."""


@dataclass(frozen=True)
class Standing:
    """How the service stands.

    Attributes:
        manager: Whether a systemd user manager answers; without one only files are known.
        unit: The unit file, or None where there is none.
        enabled: Whether it starts by itself.
        autostart: The entry by which a desktop session starts it, or None where there is none.
        active: systemd's word for it ("active", "inactive", "failed", ...), or None.
        result: systemd's word for how the last run ended ("success", "exit-code", ...), or None.
        code: The exit code of the last run, or the signal that ended it.
        masked: Whether it is kept from starting, by `systemctl mask`.
        restarts: Whether systemd only lets some time pass before it starts it again.
        since: Since when it has been as it is, if known.
        pid: The daemon's process, if it runs.
        status: What the daemon last said of itself.
    """

    manager: bool
    unit: Path | None
    enabled: bool
    autostart: Path | None = None
    active: str | None = None
    result: str | None = None
    code: int = 0
    masked: bool = False
    restarts: bool = False
    since: datetime | None = None
    pid: int | None = None
    status: str = ""


def plan() -> Unit | Entry:
    """Return what lets this installation start with this session, without changing anything.

    Raises:
        ServiceError: There is no program that could be started for long, or nothing to start it.
    """
    launcher = find_launcher()
    if not _has_systemd():
        return autostart.plan(launcher)
    # Some window managers never reach the one, and every login reaches the other.
    target = SESSION if _systemctl("is-active", SESSION) == "active" else LOGIN
    return systemd_unit.plan(launcher, target)


def install(planned: Unit | Entry) -> Standing:
    """Let it start by itself from now on; where systemd sees to that, also start it now.

    Safe to repeat: what has changed since the last time is picked up. What the other of the two
    ways had left goes.

    Raises:
        ServiceError: It cannot be written, or does not start.
    """
    if isinstance(planned, Entry):
        autostart.install(planned)
        systemd_unit.remove()
        return query()
    systemd_unit.write(planned)
    autostart.remove()
    if not manager_answers():
        return query()
    _systemctl("daemon-reload")
    seen = _show().get("FragmentPath")
    if not seen or not Path(seen).exists() or not planned.path.samefile(seen):
        raise ServiceError(
            f"The service is written, but your session's systemd does not look at {planned.path}.",
            "Set XDG_CONFIG_HOME for the whole session (in ~/.config/environment.d) or not at"
            " all, log in anew, then run `reminderd service install` again.",
        )
    _systemctl("reset-failed", UNIT)  # else the failures of before count against this start
    _systemctl("restart", UNIT, seconds=120)  # systemd itself gives up after 90
    standing = query()
    if standing.active not in {"active", "reloading"}:
        why = standing.active if standing.result == "success" else standing.result
        raise ServiceError(
            f"The service is written to {planned.path}, but it does not start ({why}).",
            "To see what its log says: reminderd service logs",
        )
    return _after_its_first_look(standing)


def _after_its_first_look(standing: Standing) -> Standing:
    """Return how the service stands once it can say what comes next, which is soon."""
    for _ in range(_MOST_QUERIES):
        if standing.status != STARTED:
            break
        time.sleep(0.1)
        standing = query()
    return standing


def uninstall() -> bool:
    """Stop the service and remove its files; return whether there was anything to remove.

    Raises:
        ServiceError: One of them cannot be removed.
    """
    was_there = query().active in {"active", "reloading"}
    _systemctl("stop", UNIT)
    if query().active in {"active", "reloading", "deactivating"}:
        raise ServiceError(
            "The service does not end: systemd was asked to stop it, and it still runs.",
            f"Nothing was removed. Please try again; or see: systemctl --user status {UNIT}",
        )
    was_there |= systemd_unit.remove()
    was_there |= autostart.remove()
    _systemctl("daemon-reload")
    _systemctl("reset-failed", UNIT)
    return was_there


def query(seconds: float = 30) -> Standing:
    """Return how the service stands; without a user manager, what the files tell.

    Args:
        seconds: How long a user manager may take to answer.
    """
    path = _if_there(systemd_unit.unit_file())
    entry = _if_there(autostart.entry_file())
    shown = _show(seconds)
    if not shown:
        enabled = bool(path and systemd_unit.links()) or autostart.is_on()
        masked = systemd_unit.is_masked()
        enabled = enabled and not masked
        return Standing(manager=False, unit=path, enabled=enabled, autostart=entry, masked=masked)
    loaded, active = shown.get("FragmentPath"), shown.get("ActiveState")
    unit = _if_there(Path(loaded)) if loaded else path  # what it has read may be gone since
    changed = "ActiveEnterTimestamp" if active == "active" else "StateChangeTimestamp"
    return Standing(
        manager=True,
        unit=unit,
        enabled=bool(unit) and shown.get("UnitFileState", "").startswith("enabled"),
        autostart=entry,
        active=active,
        result=shown.get("Result"),
        code=int(shown.get("ExecMainStatus", "0")),
        masked=shown.get("LoadState") == "masked",
        restarts=shown.get("SubState", "").startswith("auto-restart"),
        since=_moment(shown.get(changed, "")),
        pid=int(shown.get("MainPID", "0")) or None,
        status=shown.get("StatusText", ""),
    )


def is_installed() -> bool:
    """Return whether there is a unit or an entry of this person's."""
    return systemd_unit.unit_file().exists() or autostart.entry_file().exists()


def manager_answers() -> bool:
    """Return whether there is a systemd user manager that can be talked to."""
    return bool(_systemctl("show", "--property=Version"))


def _has_systemd() -> bool:
    """Return whether systemd looks after the person's sessions, in this moment or at a login."""
    return bool(shutil.which("systemctl")) and (_BOOTED.is_dir() or manager_answers())


def _if_there(file: Path) -> Path | None:
    return file if file.exists() else None


def _show(seconds: float = 30) -> dict[str, str]:
    """Return all that systemd knows of the service, by property; nothing where none answers."""
    lines = _systemctl("show", UNIT, seconds=seconds).splitlines()
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def _systemctl(*words: str, seconds: float = 30) -> str:
    """Ask or tell the user manager; return what it says, which is nothing where it fails."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    if bus_address("session") is None:  # one that leads away from this machine: it would go there
        environment.pop("DBUS_SESSION_BUS_ADDRESS", None)
    try:
        return subprocess.run(
            ["systemctl", "--user", *words],  # noqa: S607 -- wherever the system has it
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
        ).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""


def _moment(text: str) -> datetime | None:
    """Return the moment that systemd writes as "Sun 2026-11-22 13:31:53 UTC", or "n/a"."""
    try:
        return datetime.strptime(text, "%a %Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC)
    except ValueError:
        return None
