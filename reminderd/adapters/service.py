"""The systemd user service: its unit is written, started, asked and removed here.

The links that `systemctl enable` would make are made by hand: that works the same with and
without a user manager at the other end.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from reminderd.adapters import atomic, paths
from reminderd.adapters.launcher import find_launcher
from reminderd.adapters.resources import systemd_dir
from reminderd.errors import ServiceError

UNIT: Final = "reminderd.service"
SESSION: Final = "graphical-session.target"
LOGIN: Final = "default.target"


@dataclass(frozen=True)
class Unit:
    """The unit as it is to be written.

    Attributes:
        path: Where.
        target: What it starts with: the graphical session, or the login.
        text: What the file says.
        launcher: The program that it starts.
    """

    path: Path
    target: str
    text: str
    launcher: Path


@dataclass(frozen=True)
class Standing:
    """How the service stands.

    Attributes:
        manager: Whether a systemd user manager answers; without one only files are known.
        unit: The unit file, or None where there is none.
        enabled: Whether it starts by itself.
        active: systemd's word for it ("active", "inactive", "failed", ...), or None.
        result: systemd's word for how the last run ended ("success", "exit-code", ...), or None.
        since: Since when it has been as it is, if known.
        pid: The daemon's process, if it runs.
        status: What the daemon last said of itself.
    """

    manager: bool
    unit: Path | None
    enabled: bool
    active: str | None = None
    result: str | None = None
    since: datetime | None = None
    pid: int | None = None
    status: str = ""


def plan() -> Unit:
    """Return the unit for this installation and this session, without changing anything.

    Raises:
        ServiceError: There is no systemd, or no program that it could start for long.
    """
    launcher = find_launcher()
    if not shutil.which("systemctl"):
        raise ServiceError(
            "This system has no systemd that could look after reminderd.",
            f"Let your session start it: put `{launcher} run` into its autostart.",
        )
    # Some window managers never reach the one, and every login reaches the other.
    target = SESSION if _systemctl("is-active", SESSION) == "active" else LOGIN
    return Unit(unit_file(), target, render(launcher, target), launcher)


def install(unit: Unit) -> Standing:
    """Write the unit, let it start by itself from now on, and start it now if that can be.

    Safe to repeat: what has changed since the last time is picked up.

    Raises:
        ServiceError: It cannot be written, or does not start.
    """
    _write(unit)
    if not manager_answers():
        return query()
    _systemctl("daemon-reload")
    seen = _show().get("FragmentPath")
    if not seen or not unit.path.samefile(seen):
        raise ServiceError(
            f"The service is written, but your session's systemd does not look at {unit.path}.",
            "Set XDG_CONFIG_HOME for the whole session (in ~/.config/environment.d) or not at"
            " all, log in anew, then run `reminderd service install` again.",
        )
    _systemctl("reset-failed", UNIT)  # else the failures of before count against this start
    _systemctl("restart", UNIT, seconds=120)  # systemd itself gives up after 90
    standing = query()
    if standing.active != "active":
        why = standing.active if standing.result == "success" else standing.result
        raise ServiceError(
            f"The service is written to {unit.path}, but it does not start ({why}).",
            "Its log says more: journalctl --user -u reminderd -n 20",
        )
    return standing


def uninstall() -> bool:
    """Stop the service and remove its files; return whether there was anything to remove."""
    was_there = unit_file().is_symlink() or unit_file().exists() or bool(_links())
    was_there |= query().active == "active"
    _systemctl("stop", UNIT)
    try:
        _unlink_all()
        unit_file().unlink(missing_ok=True)
    except OSError as error:
        raise ServiceError(f"{unit_file()} cannot be removed: {error.strerror}.") from error
    _systemctl("daemon-reload")
    _systemctl("reset-failed", UNIT)
    return was_there


def query() -> Standing:
    """Return how the service stands; without a user manager, what the files tell."""
    path = unit_file() if unit_file().exists() else None
    if not manager_answers():
        return Standing(manager=False, unit=path, enabled=bool(path and _links()))
    shown = _show()
    loaded, active = shown.get("FragmentPath"), shown.get("ActiveState")
    changed = "ActiveEnterTimestamp" if active == "active" else "StateChangeTimestamp"
    return Standing(
        manager=True,
        unit=Path(loaded) if loaded else path,
        enabled=shown.get("UnitFileState", "").startswith("enabled"),
        active=active,
        result=shown.get("Result"),
        since=_moment(shown.get(changed, "")),
        pid=int(shown.get("MainPID", "0")) or None,
        status=shown.get("StatusText", ""),
    )


def unit_file() -> Path:
    """Return where the unit lies, or would lie."""
    return paths.systemd_user_dir() / UNIT


def manager_answers() -> bool:
    """Return whether there is a systemd user manager that can be talked to."""
    return bool(_systemctl("show", "--property=Version"))


def render(launcher: Path, target: str) -> str:
    """Return the unit's text.

    Raises:
        ServiceError: systemd does not start a program with such a path.
    """
    data = os.environ.get("XDG_DATA_HOME", "")
    environment = (
        "# Where your shell keeps its data, so that commands and daemon share one database.\n"
        f"Environment={_quoted(f'XDG_DATA_HOME={data}')}\n"
    )
    text: str = (systemd_dir() / UNIT).read_text("utf-8")
    for mark, value in (
        ("@ENVIRONMENT@\n", environment if data.startswith("/") and data.isprintable() else ""),
        ("@CONDITION@", _plain(launcher).replace("%", "%%")),
        # A dollar sign stays single: nothing is put in for variables in a program's path.
        ("@PROGRAM@", _quoted(_plain(launcher))),
        ("@TARGET@", target),
    ):
        text = text.replace(mark, value)
    return text


def _plain(launcher: Path) -> str:
    """Return a path as systemd takes it for a program."""
    path = str(launcher)
    if not path.isprintable() or set(path) & set("\"'\\"):
        raise ServiceError(
            f"systemd starts no program whose path has quotes or control characters: {path!r}.",
            "Install reminderd in another folder.",
        )
    return path


def _quoted(text: str) -> str:
    """Return a text as one word of a unit file, with nothing put in for percent signs."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def _write(unit: Unit) -> None:
    """Write the unit, and link it to what it starts with."""
    wants = unit.path.parent / f"{unit.target}.wants"
    try:
        unit.path.parent.mkdir(parents=True, exist_ok=True)
        if unit.path.is_symlink():
            unit.path.unlink()  # masked, or kept elsewhere: what it leads to is not ours
        atomic.write(unit.path, unit.text, ServiceError)
        unit.path.chmod(0o644)  # as units are
        _unlink_all()
        wants.mkdir(exist_ok=True)
        (wants / UNIT).symlink_to(unit.path)
    except OSError as error:
        raise ServiceError(
            f"The service cannot be written to {unit.path.parent}: {error.strerror}.",
            "Make that folder writable for you.",
        ) from error


def _links() -> list[Path]:
    """Return the links that let the service start by itself."""
    return sorted(paths.systemd_user_dir().glob(f"*.wants/{UNIT}"))


def _unlink_all() -> None:
    for link in _links():
        link.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            link.parent.rmdir()  # unless other services are in it


def _show() -> dict[str, str]:
    """Return all that systemd knows of the service, by property."""
    lines = _systemctl("show", UNIT).splitlines()
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def _systemctl(*words: str, seconds: float = 30) -> str:
    """Ask or tell the user manager; return what it says, which is nothing where it fails."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
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
