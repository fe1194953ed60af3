"""What the daemon records of itself: for `status`, for systemd, and for a second `run`."""

from __future__ import annotations

import contextlib
import os
import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from reminderd.adapters.sd_notify import notify
from reminderd.app.outlook import held_reason, next_moment, pause_end, why_nothing
from reminderd.app.planning import pace_now
from reminderd.app.status import DAEMON, GOOD_SETTINGS, DaemonFacts, daemon_facts, local_iso
from reminderd.core.gates import DESKTOP, asked_for
from reminderd.core.names import Reason
from reminderd.core.words import HELD
from reminderd.errors import AlreadyRunningError, StoreError

if TYPE_CHECKING:
    from reminderd.adapters.configuration import Configured
    from reminderd.adapters.notifiers.choose import Chooser
    from reminderd.adapters.store.store import Store
    from reminderd.adapters.wake import Lock
    from reminderd.app.safekeeping import Safekeeping
    from reminderd.app.tick import Engine
    from reminderd.core.decision import Decision
    from reminderd.core.walltime import Present

_ALMOST_A_WEEK: Final = timedelta(days=6)
_BLIND: Final = (
    "This system has no file watch left, so edits are not noticed by themselves."
    " To have them read, end reminderd and start it again."
)


class Facts:
    """Where a daemon records how things stand.

    Args:
        store: Where they are kept.
        socket: The address on which the daemon is woken.
        safe: What is in the way of keeping the database safe.
        watches: Whether edits are noticed by themselves.
    """

    def __init__(self, store: Store, socket: str, safe: Safekeeping, *, watches: bool) -> None:
        self._safe = safe
        self._store = store
        self._socket = socket
        self._limits = [] if watches or sys.platform != "linux" else [_BLIND]

    def record_start(self) -> None:
        """Record that a daemon runs and where it is woken, before its first look has ended.

        What the one before it knew of the desktop and the plan says nothing any more.
        """
        with contextlib.suppress(StoreError):  # the first look tries again, and tells
            before = daemon_facts(self._store)
            facts = DaemonFacts(
                pid=os.getpid(),
                socket=self._socket,
                notifier="",
                why="",
                server="",
                limits=[],
                next=None,
                held=None,
                paused_until=None,
                cap=before["cap"] if before else None,
                pace=before["pace"] if before else None,
                desktop={},
                closed=[],
                quiet_hours=False,
                problems=[],
            )
            self._store.recorded.set(DAEMON, facts)

    @property
    def good_settings(self) -> str:
        """The last settings that could be used; empty before the first."""
        return str(self._store.recorded.get(GOOD_SETTINGS) or "")

    def record(
        self, engine: Engine, decision: Decision, notifier: Chooser, configured: Configured
    ) -> None:
        """Record how things stand after a tick.

        Raises:
            StoreError: It could not be recorded.
        """
        present = engine.clock.present()
        coming = next_moment(engine, decision, present)
        reason = held_reason(engine, decision)
        until = pause_end(engine, present)
        nothing = why_nothing(engine)
        told, wanted = engine.desktop.sources(), asked_for(engine.preferences.quiet)
        facts = DaemonFacts(
            pid=os.getpid(),
            socket=self._socket,
            notifier=notifier.name,
            why=notifier.why,
            server=notifier.server,
            limits=list(notifier.limits),
            next=local_iso(coming, present.zone) if coming else None,
            held=reason.value if reason else None,
            paused_until=local_iso(until, present.zone) if until else None,
            cap=engine.preferences.cadence.max_per_day,
            pace=pace_now(engine.store, engine.preferences, present),
            desktop={reason.value: told.get(reason) for reason in DESKTOP if reason in wanted},
            closed=[reason.value for reason in decision.closed],
            quiet_hours=bool(engine.preferences.quiet.hours),
            problems=list(
                filter(None, (nothing, *configured.problems, self._safe.problem, *self._limits))
            ),
        )
        self._store.recorded.set(DAEMON, facts)
        self._store.recorded.set(GOOD_SETTINGS, configured.good)
        notify(STATUS=status_text(facts, present))


def status_text(facts: DaemonFacts, present: Present) -> str:
    """Return what `systemctl --user status` shows: what comes, and what is not in order."""
    coming, until = facts["next"], facts["paused_until"]
    held, problems = facts["held"], facts["problems"]
    said = [f"Paused until {_when(until, present)}."] if until else []
    if not held:
        said.append(f"Next: {_when(coming, present) if coming else 'not known yet'}.")
    elif held not in {Reason.PAUSED, Reason.NO_PROMPT}:  # the pause is told, and why none may come
        said.append(f"A practice waits: {HELD[Reason(held)]}.")
    said += problems[:1]
    if problems[1:]:
        said.append("There is more; to see all: reminderd status")
    return " ".join(said)


def _when(iso: str, present: Present) -> str:
    """Return a moment as short as it can be told: the date only where the weekday will not do."""
    at = datetime.fromisoformat(iso).astimezone(present.zone)
    is_far = at - present.now > _ALMOST_A_WEEK
    return at.strftime("%a %d %b %H:%M" if is_far else "%a %H:%M")


def already_running(lock: Lock) -> AlreadyRunningError:
    """Return what a second `run` says: how to see the first, and how to end it."""
    hints = ["To see how it stands: reminderd status"]
    if holder := lock.holder():
        pid, service = holder
        end = "systemctl --user stop reminderd" if service else f"kill {pid}"
        hints.append(f"To end it: {end}")
    return AlreadyRunningError("reminderd is already running for you.", "\n".join(hints))
