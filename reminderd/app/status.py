"""How things stand, from the tables and what the daemon last recorded. Needs no settings."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypedDict, cast

from reminderd.app.last_came import last_came
from reminderd.core.history import is_open
from reminderd.core.pausing import ended_lately, paused_until

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from reminderd.app.ports import Store
    from reminderd.core.history import DeliveryRecord
    from reminderd.core.walltime import Present

DAEMON: Final = "daemon"
"""The key under which the daemon records the facts below."""


GOOD_SETTINGS: Final = "good settings"
"""The key of the text of the last settings that were in order."""
MENDED: Final = "mended"
"""The key of the story below."""

_TOLD_FOR: Final = timedelta(days=7)


class Story(TypedDict):
    """What became of a database that was damaged; `at` as ISO 8601 in UTC."""

    at: str
    text: str


class PaceFacts(TypedDict):
    """How many a day, and why, in words."""

    per_day: float
    reason: str


class DaemonFacts(TypedDict):
    """What the daemon records of itself after each tick; times as ISO 8601 with offset.

    Before the end of the first one, `notifier` is empty; `cap` and `pace` are those of the daemon
    before, None where there was none. `paused_until` is the pause that `next` takes into account.
    `desktop` has each reason to wait that the desktop alone can know of, and that is to be
    respected: what tells it here, None where nothing does. `closed` has those of them that hold
    now, as far as that is known without a closer look, and `quiet_hours` is whether any are set.
    """

    pid: int
    socket: str
    notifier: str
    why: str
    server: str
    limits: list[str]
    next: str | None
    held: str | None
    paused_until: str | None
    cap: int | None
    pace: PaceFacts | None
    desktop: dict[str, str | None]
    closed: list[str]
    quiet_hours: bool
    problems: list[str]


class Today(TypedDict):
    """What this local date has had, and may have; the cap is unknown before a first start."""

    shown: int
    answered: int
    cap: int | None


class Open(TypedDict):
    """The delivery that waits for its answer."""

    delivery: str
    prompt: str
    tip: str
    title: str
    kind: str
    shown_at: str


class Status(TypedDict):
    """What `status --json` prints.

    `pause_ended` is when the last pause ended by itself, for a day or until a practice has come;
    `mended` is what became of a database that was damaged, removed or replaced, for a week.
    """

    running: bool
    pid: int | None
    notifier: str | None
    server: str | None
    paused_until: str | None
    pause_ended: str | None
    next: str | None
    today: Today
    pace: PaceFacts | None
    open: Open | None
    held: str | None
    why: str | None
    desktop: dict[str, str | None]
    closed: list[str]
    limits: list[str]
    problems: list[str]
    mended: str | None


def daemon_facts(store: Store) -> DaemonFacts | None:
    """Return what a daemon last recorded, running or not."""
    return cast("DaemonFacts | None", store.recorded.get(DAEMON))


def _mended_lately(store: Store, now: datetime) -> str | None:
    """Return what became of a database that was damaged, for a week."""
    match store.recorded.get(MENDED):
        case {"at": str(at), "text": str(text)} if at > (now - _TOLD_FOR).isoformat():
            return text
    return None


def status(store: Store, facts: DaemonFacts | None, present: Present, *, running: bool) -> Status:
    """Return how things stand now. What only a running daemon knows is None without one."""
    newest = store.reading.newest()
    pause = store.answers.pause()
    until = paused_until(pause, present.now, present.zone)
    ended = ended_lately(pause, present.now, present.zone)
    if ended and (last := last_came(store, present.now)) and last.at > ended:
        ended = None
    live = facts if running else None
    return Status(
        running=running,
        pid=live["pid"] if live else None,
        notifier=live["notifier"] or None if live else None,
        server=live["server"] or None if live else None,
        paused_until=local_iso(until, present.zone) if until else None,
        pause_ended=local_iso(ended, present.zone) if ended else None,
        next=live["next"] if live else None,
        today=Today(
            shown=store.reading.shown_on(present.today, present),
            answered=store.reading.answered_on(present.today),
            cap=facts["cap"] if facts else None,
        ),
        pace=facts["pace"] if facts else None,
        open=_open(newest, present) if newest and is_open(newest, present.now) else None,
        held=live["held"] if live else None,
        why=live["why"] if live else None,
        # One of an earlier version has not recorded it.
        desktop=live.get("desktop", {}) if live else {},
        closed=live.get("closed", []) if live else [],
        limits=live["limits"] if live else [],
        problems=live["problems"] if live else [],
        mended=_mended_lately(store, present.now),
    )


def local_iso(at: datetime, zone: tzinfo) -> str:
    """Return a moment as ISO 8601 in local time with its offset, in whole seconds."""
    return at.astimezone(zone).isoformat(timespec="seconds")


def _open(newest: DeliveryRecord, present: Present) -> Open:
    return Open(
        delivery=newest.id,
        prompt=newest.prompt,
        tip=newest.tip,
        title=newest.text.title,
        kind=newest.kind.value,
        shown_at=local_iso(newest.shown_at or newest.claimed_at, present.zone),
    )
