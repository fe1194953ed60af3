"""`reminderd service`: what starts reminderd at every login, systemd wherever there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from reminderd.cli.output import json_option, one_line, say, say_json, tell
from reminderd.errors import ServiceError

if TYPE_CHECKING:
    from reminderd.adapters.autostart import Entry
    from reminderd.adapters.service import Standing
    from reminderd.adapters.systemd_unit import Unit

NO_MANAGER: Final = (
    "No systemd user manager answers here, so it does not run yet: it starts at a login that"
    " brings one."
)
START_NOW: Final = "To start it now: reminderd run"
NEXT_SESSION: Final = (
    "There is no systemd here, so your desktop session starts reminderd, from the next one on."
)
UNMASKED: Final = "The service was masked (systemctl --user mask); now it may start again."
NO_JOURNAL: Final = "There is no journalctl here, so there is no journal to show."
NO_JOURNAL_HINT: Final = (
    "To see in a terminal what it says, end it there and start it: reminderd run"
)


@click.group()
def service() -> None:
    """Start it at every login, as a systemd user service.

    Where there is no systemd, the autostart of your desktop session does it.

    \b
    Example:
      reminderd service install
    """


@service.command()
@click.option("--dry-run", is_flag=True, help="Only show what would be written.")
@json_option
def install(dry_run: bool, as_json: bool) -> None:
    """Start now, and at every login. Safe to repeat, as after an update.

    \b
    Example:
      reminderd service install --dry-run
    """
    from reminderd.adapters import application, systemd_unit
    from reminderd.adapters import service as systemd

    planned = systemd.plan()
    if dry_run:
        _show(planned, as_json)
        return
    try:
        application.install(planned.launcher)
    except ServiceError as error:  # it is started without
        tell(f"{error.message} The service works without; your desktop may not list it.", err=True)
    was_masked = systemd_unit.is_masked()
    standing = systemd.install(planned)
    if as_json:
        _say_as_json(standing)
    else:
        if was_masked:
            tell(UNMASKED)
        _say_what_comes(planned, standing)


def _show(planned: Unit | Entry, as_json: bool) -> None:
    """Say what would be written, and where."""
    from reminderd.adapters import application
    from reminderd.adapters.autostart import Entry

    beside = [str(file) for file in application.files()]
    if as_json:
        key = "autostart" if isinstance(planned, Entry) else "unit"
        where = {"unit": None, "autostart": None} | {key: str(planned.path)}
        say_json({**where, "text": planned.text, "application": beside})
        return
    say(f"# This would be {planned.path}")
    say(planned.text.rstrip())
    say("Beside it, so that your desktop knows reminderd, would lie:", err=True)
    for file in beside:
        say(file, err=True)


def _say_what_comes(planned: Unit | Entry, standing: Standing) -> None:
    """Say what was done, and what to expect of it."""
    from reminderd.adapters.autostart import Entry
    from reminderd.adapters.systemd_unit import SESSION

    if isinstance(planned, Entry):
        tell(f"{NEXT_SESSION} {START_NOW}")
        return
    if not standing.manager:
        say(f"The service is written to {planned.path}.")
        tell(NO_MANAGER)
        say(START_NOW)
        return
    comes_with = "desktop session" if planned.target == SESSION else "login"
    say(f"reminderd runs, and comes back with every {comes_with}.")
    said = one_line(standing.status).rstrip(".")
    say((f"{said}. " if said else "") + "To see how it stands: reminderd status")


@service.command()
@json_option
def uninstall(as_json: bool) -> None:
    """End it, and do not start it again. Settings and answers stay.

    \b
    Example:
      reminderd service uninstall
    """
    from reminderd.adapters import application, own_files, paths
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
    for what, place, is_there in (
        ("settings", paths.config_dir(), own_files.are_there()),
        ("answers", paths.data_dir(), paths.data_dir().exists()),
    ):
        if is_there:
            say(f"Your {what} stay in {place}.")


@service.command()
@json_option
def status(as_json: bool) -> None:
    """Show whether it runs, since when, what it says, and what comes next.

    \b
    Example:
      reminderd service status
    """
    from reminderd import bootstrap
    from reminderd.adapters import service as systemd
    from reminderd.cli.standing import lines, own_view

    standing = systemd.query()
    if as_json:
        _say_as_json(standing)
        return
    present = bootstrap.present()
    for line in lines(standing, own_view(present), present):
        tell(line)


def _say_as_json(standing: Standing) -> None:
    from reminderd import bootstrap
    from reminderd.cli.standing import as_json, own_view

    present = bootstrap.present()
    say_json(as_json(standing, own_view(present), present))


@service.command()
@click.option(
    "--lines",
    type=click.IntRange(0),
    default=20,
    metavar="N",
    help="How many lines of the past to begin with (20).",
)
@click.option("--no-follow", is_flag=True, help="End there, instead of showing what comes.")
@json_option
def logs(lines: int, no_follow: bool, as_json: bool) -> None:
    """Show what it has said in the journal, and go on with what it says until Ctrl+C.

    \b
    Examples:
      reminderd service logs
      reminderd service logs --lines 100 --no-follow
    """
    import os
    import shutil

    from reminderd.adapters.service import is_installed
    from reminderd.cli.standing import NO_SERVICE

    program = shutil.which("journalctl")
    if program is None:
        raise ServiceError(NO_JOURNAL, NO_JOURNAL_HINT)
    if not is_installed():  # what an earlier one has said is shown, and nothing else will come
        tell(NO_SERVICE, err=True)
        no_follow = True
    words = ["journalctl", "--user", "--unit=reminderd", f"--lines={lines}"]
    words += [] if no_follow else ["--follow"]
    words += ["--output=json"] if as_json else []
    try:
        os.execv(program, words)  # noqa: S606 -- there is no shell in between: that is meant
    except OSError as error:
        raise ServiceError(f"{program} cannot be run: {error.strerror}.") from error
