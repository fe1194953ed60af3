"""The one place where objects are wired.

Imports happen where they are needed: a command that only asks the store must not wait for what
the daemon needs.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from reminderd.errors import ReminderdError

if TYPE_CHECKING:
    from collections.abc import Callable

    from reminderd.adapters.clock import SystemClock
    from reminderd.adapters.configuration import Configured
    from reminderd.adapters.decks import LoadedDecks
    from reminderd.adapters.desktop.file_watch import FileWatch
    from reminderd.adapters.desktop.linux import LinuxDesktop
    from reminderd.adapters.desktop.store_watch import StoreWatch
    from reminderd.adapters.desktop.unknown import UnknownDesktop
    from reminderd.adapters.notifiers.choose import Chooser, Setting
    from reminderd.adapters.settings import Settings
    from reminderd.adapters.store.store import Store
    from reminderd.app.ports import Desktop, Notifier
    from reminderd.app.status import DaemonFacts
    from reminderd.app.tick import Engine
    from reminderd.core.model import Preferences
    from reminderd.core.notice import Change, Press
    from reminderd.core.walltime import Present
    from reminderd.errors import DamagedStoreError


def present() -> Present:
    """Return the present moment and the zone the person is in."""
    return open_clock().present()


def open_clock() -> SystemClock:
    """Return this machine's clock."""
    from reminderd.adapters.clock import SystemClock

    return SystemClock()


def open_store(now: Present | None = None, *, patience: float | None = None) -> Store:
    """Open the person's database; it is made where it does not exist.

    Args:
        now: The present moment, where it is known already.
        patience: Seconds to wait for another process that holds it; None for the usual.

    Raises:
        StoreError: It cannot be used.
    """
    from reminderd.adapters import paths
    from reminderd.adapters.store.store import Store

    given = () if patience is None else (patience,)
    return Store(paths.database_file(), now or present(), *given)


def open_checked_store(*, patience: float) -> Store:
    """Open the person's database, and look at all that is in it.

    Args:
        patience: Seconds to wait for another process that holds it.

    Raises:
        DamagedStoreError: It is damaged.
        StoreError: It cannot be used.
    """
    store = open_store(patience=patience)
    try:
        store.upkeep.check(present().today)
    except BaseException:
        store.close()
        raise
    return store


def damage_of_store() -> DamagedStoreError | None:
    """Return what is wrong with the person's database, if anything is, after a command failed.

    What a daemon recorded of itself, and is not of that kind, is taken out: it is made anew.
    """
    from reminderd.adapters import paths
    from reminderd.adapters.store.damage import damage_in
    from reminderd.adapters.store.told import damaged
    from reminderd.app.recorded import forget_odd
    from reminderd.errors import DamagedStoreError

    path = paths.database_file()
    if not path.exists():
        return None
    if what := damage_in(path):
        return ask_to_mend(damaged(path, what))
    store = open_store()
    try:
        odd = forget_odd(store)
    finally:
        store.close()
    if not odd:
        return None
    return DamagedStoreError(
        "What reminderd had recorded of itself could not be read; it was taken out.",
        "Nothing of yours is in it. Please run the command again.",
    )


def ask_to_mend(damage: DamagedStoreError) -> DamagedStoreError:
    """Let a running daemon look at the whole database at once; return what is to be told."""
    import contextlib

    from reminderd.adapters import paths
    from reminderd.adapters.store.told import BEING_MENDED
    from reminderd.adapters.store.upkeep import asked_file
    from reminderd.adapters.wake import knock
    from reminderd.errors import DamagedStoreError

    with contextlib.suppress(OSError):
        asked_file(paths.database_file()).touch(mode=paths.PRIVATE_FILE)
    # Where it listens stands in the database, which is damaged.
    if any(knock(address) for address in _usual_addresses()):
        return DamagedStoreError(damage.message, BEING_MENDED)
    return damage


def mend_store(log: Callable[[str], None], *, patience: float) -> Store:
    """Mend the person's database, which is damaged, and open it.

    Args:
        log: Takes the line that tells what became of it.
        patience: Seconds to wait for commands that are at work.

    Raises:
        StoreError: It cannot be mended now.
    """
    from reminderd.adapters import paths
    from reminderd.adapters.store.mending import mend
    from reminderd.core.mended import words

    now = present()
    log(words(mend(paths.database_file(), now.now, patience)))
    return open_store(now, patience=patience)


def wake(store: Store | None = None) -> bool:
    """Let a running daemon look again at once; return whether one is running."""
    from reminderd.adapters.wake import knock
    from reminderd.app.status import daemon_facts

    opened = store or open_store()
    facts = daemon_facts(opened)
    return (facts is not None and knock(facts["socket"])) or any(map(knock, _usual_addresses()))


def daemon_listens(facts: DaemonFacts | None) -> bool:
    """Return whether a daemon runs: where it has recorded that, or else where it usually listens.

    Args:
        facts: What it has recorded, if it could.
    """
    from reminderd.adapters.wake import listens

    return (facts is not None and listens(facts["socket"])) or any(map(listens, _usual_addresses()))


def _usual_addresses() -> list[str]:
    from reminderd.adapters import paths
    from reminderd.adapters.wake import usual_address

    return [usual_address(one) for one in (paths.runtime_dir(), paths.data_dir()) if one]


def load_settings() -> Settings:
    """Read the person's settings.

    Raises:
        SettingsError: They cannot be used; the text names every problem.
    """
    import os

    from reminderd.adapters import paths
    from reminderd.adapters.settings import load_settings as load

    return load(paths.config_file(), os.environ)


def load_decks() -> LoadedDecks:
    """Read the bundled decks and the person's own."""
    from reminderd.adapters import paths
    from reminderd.adapters.decks import load_decks as load
    from reminderd.adapters.resources import prompts_dir

    return load(prompts_dir(), paths.user_prompts_dir())


def preferences(settings: Settings) -> Preferences:
    """Return what the settings mean to the engine."""
    from reminderd.adapters.configuration import preferences_of

    return preferences_of(settings)


def build_engine(
    store: Store,
    configured: Configured,
    notifier: Notifier,
    log: Callable[[str], None],
    desktop: Desktop | None = None,
) -> Engine:
    """Return an engine on a store; where no desktop is given, nothing is known of it."""
    from reminderd.adapters.desktop.unknown import UnknownDesktop
    from reminderd.app.tick import Engine

    return Engine(
        store=store,
        notifier=notifier,
        desktop=desktop or UnknownDesktop(),
        clock=open_clock(),
        preferences=configured.preferences,
        prompts={prompt.id: prompt for prompt in configured.prompts},
        log=log,
    )


def build_notifier(  # noqa: PLR0913 -- four things can happen to a notification
    setting: Setting,
    sound: str,
    *,
    on_press: Callable[[Press], bool],
    on_closed: Callable[[str, int], None],
    on_change: Callable[[Change], None],
    on_lost: Callable[[str], None],
    service: bool,
) -> Chooser:
    """Return the notifier that the settings ask for, not yet started."""
    from reminderd.adapters.notifiers.choose import Chooser

    return Chooser(
        setting,
        on_press=on_press,
        on_closed=on_closed,
        on_change=on_change,
        on_lost=on_lost,
        under_systemd=service,
        sound=sound,
    )


def prepare_loop() -> None:
    """Do what has to be done before the daemon's loop runs."""
    import sys

    if sys.platform == "linux":
        from reminderd.adapters.desktop.program import without_threads

        without_threads()


def build_desktop(on_change: Callable[[], None]) -> LinuxDesktop | UnknownDesktop:
    """Return what can be known of this desktop, not yet started.

    Args:
        on_change: Called on the loop when something that may matter has changed.
    """
    import sys

    if sys.platform != "linux":
        from reminderd.adapters.desktop.unknown import UnknownDesktop

        return UnknownDesktop()
    from reminderd.adapters.desktop.linux import LinuxDesktop

    return LinuxDesktop(on_change)


def watch_files(on_change: Callable[[], None]) -> FileWatch | None:
    """Return the watch over settings and decks, or None where the system has no inotify (left)."""
    import sys

    from reminderd.adapters import paths

    if sys.platform != "linux":
        return None
    from reminderd.adapters.desktop.file_watch import FileWatch

    # What is wrong with it is told by whoever reads there; it is watched until that is mended.
    with suppress(ReminderdError):
        paths.make_private(paths.config_dir())
    try:
        return FileWatch(paths.config_file(), paths.user_prompts_dir(), on_change)
    except OSError:
        return None


def watch_store(on_change: Callable[[], None]) -> StoreWatch | None:
    """Return the watch for a database that is removed or replaced, or None where there is none."""
    import sys

    from reminderd.adapters import paths

    if sys.platform != "linux":
        return None
    from reminderd.adapters.desktop.store_watch import StoreWatch

    try:
        return StoreWatch(paths.database_file(), on_change, writes=False)
    except OSError:
        return None
