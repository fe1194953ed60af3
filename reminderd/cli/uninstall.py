"""`reminderd uninstall`: a clean leave, with the history kept, taken along or erased."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Final, Literal

import click

from reminderd import bootstrap
from reminderd.cli.output import is_conversation, say, tell
from reminderd.errors import INTERRUPTED, DamagedStoreError, ReminderdError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from reminderd.app.status import DaemonFacts

    Fate = Literal["keep", "export", "erase"]

ASK: Final = "Keep, export or erase your history?"
FATES: Final = ("keep", "export", "erase")
NOTHING_CHANGED: Final = "Nothing was changed."
REMOVED: Final = "reminderd has ended, and does not start by itself any more."
WAS_NOT_THERE: Final = "Nothing starts reminderd by itself here."
STAYS: Final = "Your {what} in {place}."
NOT_ENDED: Final = "reminderd still runs, as process {pid}; it was asked to end and has not."
NOT_KNOWN: Final = "reminderd still runs, and which process it is has not been recorded."
UNREAD: Final = (
    "The database is damaged, so it was removed without opening it: nothing of your history is left"
    " in {place}."
)
HOW_TO_REMOVE: Final = "To remove the program as well: {command}"
PACKAGE_MANAGER: Final = "To remove the program as well, use what installed it."

_WAIT_SECONDS: Final = 5.0
_LOOK_EVERY: Final = 0.02


@click.command(short_help="Leave: stop it, and remove what starts and shows it.")
@click.option(
    "--history",
    "fate",
    type=click.Choice(FATES),
    help="What becomes of your history; without this it is asked, or kept where nobody can be.",
)
@click.pass_context
def uninstall(context: click.Context, fate: Fate | None) -> None:
    r"""Leave: stop it, and remove what starts and shows it.

    That is the service or autostart entry, the menu entry and the icons. Your history stays where
    it is (keep), goes into a file in your home and is then erased (export), or is erased at once
    (erase). Settings and own decks stay. The last line says how to remove the program itself.

    \b
    Examples:
      reminderd uninstall
      reminderd uninstall --history export
    """
    from reminderd.adapters import application, own_files, paths, session_files
    from reminderd.adapters import service as systemd
    from reminderd.adapters.removal import how_to_remove, this_installation

    try:
        fate = fate or _asked()
    except click.Abort:
        say(f"\n{NOTHING_CHANGED}")
        context.exit(INTERRUPTED)
    # First of all nothing writes any more: neither what the service starts, nor another daemon.
    was_there = systemd.uninstall()
    was_there |= _end_whoever_runs()
    was_there |= application.remove()
    crashes = paths.crash_file()
    session_files.remove(crashes.parents[1], crashes)
    own_files.remove_empty_folders()
    _remove_empty_runtime_folder()
    say(REMOVED if was_there else WAS_NOT_THERE)
    code = _let_go_of_history(fate)
    command = how_to_remove(this_installation())
    say(HOW_TO_REMOVE.format(command=command) if command else PACKAGE_MANAGER)
    context.exit(code)


def _asked() -> Fate:
    """Ask what becomes of the history, where there is one and somebody to be asked."""
    from reminderd.adapters import paths

    if not (paths.database_file().exists() and is_conversation()):
        return "keep"
    answer: Fate = click.prompt(ASK, default="keep", type=click.Choice(FATES), show_choices=False)
    return answer


def _let_go_of_history(fate: Fate) -> int:
    """Do with the history what is wished; return the exit code, and tell what is in the way."""
    try:
        if fate == "export":
            _export_history()
        if fate == "keep":
            _say_what_stays()
        else:
            _erase_history()
    except ReminderdError as error:
        tell("\n".join(filter(None, (error.message, error.hint))), err=True)
        return error.exit_code
    return 0


def _export_history() -> None:
    """Write all there is to a file in the home, as `reminderd export --all` does, which says where.

    Raises:
        ReminderdError: It could not be written; nothing may be erased then.
    """
    from pathlib import Path

    from reminderd.cli.own_data import export

    stamp = f"{bootstrap.present().local:%Y-%m-%dT%H%M%S}"
    file = Path.home() / f"reminderd-export-{stamp}.json"
    click.get_current_context().invoke(export, shape="json", everything=True, output=file)


def _erase_history() -> None:
    """Erase the history as `reminderd erase` does, which says so; then nothing is left to keep.

    Raises:
        ReminderdError: It could not be erased.
    """
    import shlex

    from reminderd.adapters import own_files, paths
    from reminderd.adapters.store.copies import remove_all
    from reminderd.cli.keeping import OUT_OF_REACH, STAYS, erase

    place, is_damaged = paths.data_dir(), False
    try:
        click.get_current_context().invoke(erase, notes=False, before=None, yes=True, as_json=False)
    except DamagedStoreError:
        is_damaged = True
    try:
        failures = remove_all(paths.database_file(), _WAIT_SECONDS)
    except OSError as failure:
        failures = [failure]
    for error in failures:
        left = "" if is_damaged else " Nothing of your history is left in it."
        raise ReminderdError(
            f"{error.filename or place} cannot be removed: {error.strerror or error}.{left}",
            f"To remove it: rm -r {shlex.quote(str(place))}",
        ) from error
    if is_damaged:
        tell(UNREAD.format(place=place))
        if own_files.are_there():
            tell(STAYS.format(config=paths.config_dir()))
        tell(OUT_OF_REACH)


def _end_whoever_runs() -> bool:
    """End a daemon that was started in a terminal or by a session; return whether there was one.

    Raises:
        ReminderdError: It does not end.
    """
    from reminderd.adapters.wake import listens

    facts = _daemon_facts()
    if facts is None or not listens(facts["socket"]):
        return _end_whoever_has_the_lock()
    socket = facts["socket"]
    _end(facts["pid"], lambda: listens(socket))
    return True


def _end_whoever_has_the_lock() -> bool:
    """Do the same where the database does not tell who runs, or nobody listens where it says."""
    from reminderd.adapters import paths
    from reminderd.adapters.wake import Lock

    if not paths.database_file().with_suffix(".lock").exists():  # no daemon runs without it
        return False
    try:
        lock = Lock(paths.database_file(), service=False)
    except ReminderdError:  # then no daemon of ours can have it either
        return False
    try:
        if lock.try_lock():
            return False
        pid, _ = lock.holder() or (0, False)
        _end(pid, lambda: not lock.try_lock())
    finally:
        lock.release()
    return True


def _end(pid: int, is_running: Callable[[], bool]) -> None:
    """End a daemon.

    Raises:
        ReminderdError: It does not end, or nobody knows which process it is.
    """
    import os
    import signal
    import time
    from contextlib import suppress

    if pid <= 0:  # to the system that means many processes, or all
        raise ReminderdError(NOT_KNOWN, "To see it: pgrep -a reminderd")
    with suppress(ProcessLookupError, PermissionError, OverflowError):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + _WAIT_SECONDS
    while is_running():
        if time.monotonic() > deadline:
            raise ReminderdError(NOT_ENDED.format(pid=pid), f"To end it at once: kill -9 {pid}")
        time.sleep(_LOOK_EVERY)


def _remove_empty_runtime_folder() -> None:
    """Remove where the daemon's socket was; another daemon's may be in there as well."""
    from contextlib import suppress

    from reminderd.adapters import paths

    folder = paths.runtime_dir()
    if folder is not None:
        with suppress(OSError):
            folder.rmdir()


def _daemon_facts() -> DaemonFacts | None:
    """Return what a daemon last recorded, where there is a database that can be read."""
    from reminderd.adapters import paths
    from reminderd.app.status import daemon_facts

    if not paths.database_file().exists():
        return None
    try:
        with closing(bootstrap.open_store()) as store:
            return daemon_facts(store)
    except StoreError as error:
        tell(error.message, err=True)
        return None


def _say_what_stays() -> None:
    from reminderd.adapters import own_files, paths

    for what, place, is_there in (
        ("settings and own decks stay", paths.config_dir(), own_files.are_there()),
        ("history stays", paths.data_dir(), paths.database_file().exists()),
    ):
        if is_there:
            say(STAYS.format(what=what, place=place))
