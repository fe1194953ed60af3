"""`reminderd service`: the systemd user service that starts reminderd at every login."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from reminderd.cli.output import json_option, moment, one_line, say, say_json, tell
from reminderd.errors import ServiceError

if TYPE_CHECKING:
    from reminderd.adapters.service import Standing

NO_MANAGER: Final = (
    "No systemd user manager answers here, so it does not run yet: it starts at a login that"
    " brings one."
)
START_NOW: Final = "To start it now: reminderd run"


@click.group()
def service() -> None:
    """Start it at every login, as a systemd user service.

    \b
    Example:
      reminderd service install
    """


@service.command()
@click.option("--dry-run", is_flag=True, help="Only show the unit that would be written.")
@json_option
def install(dry_run: bool, as_json: bool) -> None:
    """Start now, and at every login. Safe to repeat, as after an update.

    \b
    Example:
      reminderd service install --dry-run
    """
    from reminderd.adapters import application
    from reminderd.adapters import service as systemd

    unit = systemd.plan()
    beside = [str(file) for file in application.files()]
    if dry_run and as_json:
        say_json({"unit": str(unit.path), "text": unit.text, "application": beside})
        return
    if dry_run:
        say(f"# This would be {unit.path}")
        say(unit.text.rstrip())
        say("Beside it, so that your desktop knows reminderd, would lie:", err=True)
        for file in beside:
            say(file, err=True)
        return
    try:
        application.install(unit.launcher)
    except ServiceError as error:  # the service works without
        tell(f"{error.message} The service works without; your desktop may not list it.", err=True)
    standing = systemd.install(unit)
    if as_json:
        say_json(_facts(standing))
        return
    if not standing.manager:
        say(f"The service is written to {unit.path}.")
        tell(NO_MANAGER)
        say(START_NOW)
        return
    session = unit.target == systemd.SESSION
    say(f"reminderd runs, and comes back with every {'desktop session' if session else 'login'}.")
    say(_next(standing))


@service.command()
@json_option
def uninstall(as_json: bool) -> None:
    """End it, and do not start it again. Settings and answers stay.

    \b
    Example:
      reminderd service uninstall
    """
    from reminderd.adapters import application, paths
    from reminderd.adapters import service as systemd

    was_there = systemd.uninstall()
    was_there |= application.remove()
    if as_json:
        say_json({"removed": was_there, "manager": systemd.manager_answers()})
        return
    if not was_there:
        say("There is no service to remove.")
    elif systemd.manager_answers():
        say("The service has ended and is removed.")
    else:
        say("The service is removed. If it still runs, it ends when you log out.")
    for what, place in (("settings", paths.config_dir()), ("answers", paths.data_dir())):
        if place.exists():
            say(f"Your {what} stay in {place}.")


@service.command()
@json_option
def status(as_json: bool) -> None:
    """Show whether it runs, since when, and what it last said.

    \b
    Example:
      reminderd service status
    """
    from reminderd import bootstrap
    from reminderd.adapters import service as systemd

    standing = systemd.query()
    if as_json:
        say_json(_facts(standing))
        return
    if standing.unit is None:
        say("There is no service. To have one: reminderd service install")
        return
    since = f", since {moment(standing.since, bootstrap.present())}" if standing.since else ""
    say(f"{_now(standing)}{since}.")
    if standing.status:
        say(f"It {'says' if standing.pid else 'last said'}: {one_line(standing.status)}")
    starts = "starts" if standing.enabled else "does not start"
    where = "" if standing.manager else ", where a systemd user manager looks after logins"
    say(f"It {starts} by itself at login{where if standing.enabled else ''}.")
    say(f"Its unit is {standing.unit}")


def _facts(standing: Standing) -> dict[str, object]:
    """Return how the service stands, as JSON has it."""
    from reminderd import bootstrap
    from reminderd.app.status import local_iso

    since = standing.since
    return {
        "manager": standing.manager,
        "unit": str(standing.unit) if standing.unit else None,
        "enabled": standing.enabled,
        "active": standing.active,
        "result": standing.result,
        "since": local_iso(since, bootstrap.present().zone) if since else None,
        "pid": standing.pid,
        "status": standing.status,
    }


def _next(standing: Standing) -> str:
    """Return what to expect of a service that was just started."""
    said = one_line(standing.status).rstrip(".")
    return (f"{said}. " if said else "") + "To see how it stands: reminderd status"


def _now(standing: Standing) -> str:
    """Return how the service stands, in words."""
    match standing.active:
        case None:
            return "No systemd user manager answers here, so the service does not run"
        case "active":
            return "The service runs"
        case "inactive":
            return "The service does not run"
        case "failed":
            return f"The service failed ({standing.result}; more: journalctl --user -u reminderd)"
        case other:
            return f"The service is {other}"
