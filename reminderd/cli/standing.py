"""How the service stands, for people and as JSON: systemd's view, joined with the daemon's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reminderd.cli.look import ASLEEP, ahead_lines, stand
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
BY_SESSION: Final = "Your desktop session starts it, by {entry}"
SWITCHED_OFF: Final = "Your desktop session does not start it: that is switched off in {entry}"
MORE: Final = "More: reminderd status"


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
        "active": standing.active,
        "result": standing.result,
        "since": local_iso(since, present.zone) if since else None,
        "pid": standing.pid,
        "status": standing.status,
        "daemon": own,
    }


def lines(standing: Standing, own: Status | None, present: Present) -> Iterator[str]:
    """Yield both views for people: whether it runs, what it says, and what lets it start."""
    if standing.unit is None and standing.autostart is None:
        yield NO_SERVICE
    elif standing.unit is not None:
        since = f", since {moment(standing.since, present)}" if standing.since else ""
        yield f"{_now(standing)}{since}."
    yield from _said(standing, own, present)
    if standing.unit is not None:
        starts = "starts" if standing.enabled else "does not start"
        where = "" if standing.manager else ", where a systemd user manager looks after logins"
        yield f"It {starts} by itself at login{where if standing.enabled else ''}."
        yield f"Its unit is {standing.unit}"
    elif standing.autostart is not None:
        yield (BY_SESSION if standing.enabled else SWITCHED_OFF).format(entry=standing.autostart)


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


def _now(standing: Standing) -> str:
    """Return how the service stands, in words."""
    match standing.active:
        case None:
            return "No systemd user manager answers here, so the service does not run"
        case "active" | "reloading":  # it goes on running while it reads its settings anew
            return "The service runs"
        case "inactive":
            return "The service does not run"
        case "failed":
            return f"The service failed ({standing.result}; more: reminderd service logs)"
        case other:
            return f"The service is {other}"
