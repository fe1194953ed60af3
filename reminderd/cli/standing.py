"""How the service stands, for people and as JSON: systemd's view, joined with the daemon's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reminderd.cli.look import ASLEEP, HOW_TO_START, ahead_lines, stand
from reminderd.cli.opened import open_store
from reminderd.cli.output import clean, moment, one_line, tell
from reminderd.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reminderd.adapters.service import Standing
    from reminderd.app.status import Status
    from reminderd.core.walltime import Present

NO_SERVICE: Final = "There is no service. To have one: reminderd service install"
BESIDE: Final = "reminderd itself runs, as process {pid}."
OTHER: Final = "The other one is process {pid}."
OUT_OF_REACH: Final = (
    "It is not heard from here: it has just begun, or XDG_DATA_HOME leads this shell elsewhere."
)
UNIT_GONE: Final = (
    "Its unit is gone, so it does not start by itself at login. To end it: systemctl --user stop"
    " reminderd"
)
BY_SESSION: Final = "Your desktop session starts it, by {entry}"
SWITCHED_OFF: Final = "Your desktop session does not start it: that is switched off in {entry}"
MORE: Final = "More: reminderd status"
START: Final = "To start it: systemctl --user start reminderd"
MASKED: Final = (
    "The service is masked (systemctl --user mask), so it cannot start. To allow it: reminderd"
    " service install"
)
START_AGAIN: Final = "To start it again: reminderd service install"
COMES_AGAIN: Final = "systemd starts it again within seconds."

# What `reminderd status` says of the service while no daemon is heard.
UNHEARD: Final = "The service runs, as process {pid}."
STOPPED: Final = f"Its service is stopped. {START}"
ENDED: Final = f"It ended unexpectedly ({{why}}); {COMES_AGAIN}"
FAILED: Final = f"Its service failed ({{why}}; more: reminderd service logs). {START_AGAIN}"
NO_MANAGER: Final = (
    "No systemd user manager answers here, so its service does not run. To start it: reminderd run"
)
NEXT_LOGIN: Final = "It starts at your next login. To start it now: reminderd run"

_WHY: Final = {
    "exit-code": "exit code {code}",
    "signal": "signal {code}",
    "core-dump": "signal {code}",
    "watchdog": "it hung",
    "timeout": "it took too long",
    "oom-kill": "it took too much memory",
    "start-limit-hit": "it ended too often",
}
"""What systemd.service(5) calls how a service ended, in our words; others stay as they are."""


def own_view(present: Present) -> Status | None:
    """Return how things stand as `reminderd status` has it; None where nothing is stored yet.

    What is wrong with the database is told, on standard error: systemd's view stays good.
    """
    from reminderd.adapters import paths

    if not paths.database_file().exists():
        return None
    try:
        return stand(open_store(present), present)
    except StoreError as error:
        tell(str(error), err=True)
        return None


def as_json(standing: Standing, own: Status | None, present: Present) -> dict[str, object]:
    """Return both views as JSON has them."""
    from reminderd.app.status import local_iso

    since = standing.since
    return {
        "manager": standing.manager,
        "unit": str(standing.unit) if standing.unit else None,
        "enabled": standing.enabled,
        "autostart": str(standing.autostart) if standing.autostart else None,
        "masked": standing.masked,
        "active": standing.active,
        "result": standing.result,
        "since": local_iso(since, present.zone) if since else None,
        "pid": standing.pid,
        "status": standing.status,
        "daemon": own,
    }


def lines(standing: Standing, own: Status | None, present: Present) -> Iterator[str]:
    """Yield both views for people: whether it runs, what it says, and what lets it start."""
    if standing.unit is None and standing.autostart is None and not standing.pid:
        yield NO_SERVICE
    elif _is_kept_from_starting(standing):
        yield MASKED
    elif standing.unit is not None or standing.pid:
        yield _now(standing, present)
    yield from _said(standing, own, present)
    if standing.unit is not None and not _is_kept_from_starting(standing):
        starts = "starts" if standing.enabled else "does not start"
        where = "" if standing.manager else ", where a systemd user manager looks after logins"
        yield f"It {starts} by itself at login{where if standing.enabled else ''}."
        yield f"Its unit is {standing.unit}"
        if not (own and own["running"]):
            yield from _what_to_type(standing)
    elif standing.pid and standing.autostart is None:
        yield UNIT_GONE
    elif standing.autostart is not None:
        yield (BY_SESSION if standing.enabled else SWITCHED_OFF).format(entry=standing.autostart)


def unheard_lines(standing: Standing) -> Iterator[str]:
    """Yield that no daemon is heard, and what the service has to do with it."""
    if standing.pid and standing.active != "deactivating":
        yield UNHEARD.format(pid=standing.pid)
        yield OUT_OF_REACH
    else:
        yield ASLEEP
        yield _what_starts_it(standing)


def _what_starts_it(standing: Standing) -> str:
    """Return what starts a daemon again: systemd, the session, or what the person may type."""
    if standing.masked:
        return MASKED
    if standing.restarts:
        return ENDED.format(why=_why(standing))
    if standing.active == "failed":
        return FAILED.format(why=_why(standing))
    if standing.unit is not None:
        return STOPPED if standing.manager else NO_MANAGER
    return NEXT_LOGIN if standing.enabled else HOW_TO_START


def _is_kept_from_starting(standing: Standing) -> bool:
    return standing.masked and not standing.pid  # one that runs already, runs on


def _why(standing: Standing) -> str:
    """Return how the service ended, in a few words."""
    result = standing.result or "not known why"
    return _WHY.get(result, result).format(code=standing.code)


def _said(standing: Standing, own: Status | None, present: Present) -> Iterator[str]:
    """Yield what the daemon says of itself: all of it to us, else the one line that systemd has."""
    live = own if own and own["running"] else None
    is_same = live is not None and live["pid"] == standing.pid
    if standing.status and not is_same:
        yield f"It {'says' if standing.pid else 'last said'}: {one_line(standing.status)}"
    if live and not is_same:
        yield (OTHER if standing.pid else BESIDE).format(pid=live["pid"])
    elif standing.pid and own and not live:
        yield OUT_OF_REACH
    elif standing.unit is None and standing.autostart and not live:
        yield ASLEEP
    if own:
        yield from ahead_lines(own, present)
        yield from map(clean, own["problems"])
    if live:
        yield MORE


def _now(standing: Standing, present: Present) -> str:
    """Return how the service stands, in words."""
    since = f", since {moment(standing.since, present)}" if standing.since else ""
    more = f"{_why(standing)}; more: reminderd service logs"
    if standing.restarts:
        return f"The service ended ({more}); {COMES_AGAIN}"
    match standing.active:
        case None:
            return "No systemd user manager answers here, so the service does not run."
        case "active" | "reloading":  # it goes on running while it reads its settings anew
            return f"The service runs{since}."
        case "inactive":
            return f"The service does not run{since}."
        case "failed":
            return f"The service failed ({more}){since}."
        case other:
            return f"The service is {other}{since}."


def _what_to_type(standing: Standing) -> Iterator[str]:
    """Yield what starts a service that does not run, and that nothing else starts either."""
    if standing.active == "failed":
        yield START_AGAIN
    elif standing.active == "inactive":
        yield START
