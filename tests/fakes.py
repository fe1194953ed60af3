"""A world to tick in: a clock that is set by hand, a plain notifier and desktop, the real store."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from reminderd.adapters.store.store import Store
from reminderd.app.respond import respond
from reminderd.app.tick import Engine, tick
from reminderd.core.gates import DESKTOP
from reminderd.core.model import (
    Answer,
    Cadence,
    Context,
    FixedTime,
    Needs,
    PaceSettings,
    Practice,
    Preferences,
    Prompt,
    Quiet,
    Rule,
    When,
    Window,
)
from reminderd.core.notice import Delivered, Notice, Posted
from reminderd.core.selection import Choice
from reminderd.core.walltime import Present

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from reminderd.core.decision import Decision
    from reminderd.core.history import HistoryEntry
    from reminderd.core.model import Reason

EVERY_DAY = frozenset(range(7))
BERLIN = ZoneInfo("Europe/Berlin")


def window(start: str, end: str, days: Iterable[int] = EVERY_DAY) -> Window:
    """Return a window; one that ends before it starts crosses midnight."""
    first, last = minute(start), minute(end)
    return Window(frozenset(days), first, last if last > first else last + 1440)


def minute(text: str) -> int:
    """Return "09:30" in minutes after midnight."""
    hour, _, rest = text.partition(":")
    return int(hour) * 60 + int(rest)


def at(text: str, days: Iterable[int] = EVERY_DAY) -> FixedTime:
    """Return a fixed time."""
    return FixedTime(frozenset(days), minute(text))


def cadence(  # the defaults plan nothing, so that a test names all that matters to it
    *,
    random_per_day: int = 0,
    fixed: Iterable[str] = (),
    every: int | None = None,
    windows: Iterable[Window] = (),
    min_gap: int = 90,
    max_per_day: int = 12,
) -> Cadence:
    """Return a cadence."""
    times = tuple(at(text) for text in fixed)
    return Cadence(random_per_day, times, every, tuple(windows), min_gap, max_per_day)


def prompt(identifier: str, tip: str = "letting-in", **values: object) -> Prompt:
    """Return a prompt that is for here and now, alone."""
    plain: dict[str, object] = {
        "id": identifier,
        "deck": "letting-people-in",
        "tip": tip,
        "basis": "",
        "when": When.NOW,
        "needs": Needs.NOBODY,
        "title": f"Title of {identifier}",
        "body": f"Body of {identifier}",
        "cue": f"Cue of {identifier}",
        "gentler": f"Less of {identifier}",
    }
    return Prompt(**{**plain, **values})  # type: ignore[arg-type]  # a table of plain values


def choice(identifier: str = "a-one", tip: str = "alpha", why: str = "a test") -> Choice:
    """Return the choice of a prompt."""
    return Choice(prompt(identifier, tip), Rule.NEW, why)


PROMPTS = (
    prompt("a-one", "alpha"),
    prompt("a-two", "alpha"),
    prompt("b-one", "beta"),
    prompt("b-two", "beta", when=When.NEXT),
    prompt("c-one", "gamma", needs=Needs.SOMEONE),
    prompt("welcome", "alpha", first=True),
)


@dataclass
class FakeClock:
    """A clock that stands still until it is set."""

    now: datetime
    zone: ZoneInfo = BERLIN

    def present(self) -> Present:
        """Return what it is set to."""
        return Present(self.now, self.zone, self.zone.key)

    @property
    def local(self) -> datetime:
        """What the wall shows."""
        return self.present().local

    def set(self, text: str, zone: ZoneInfo | None = None, *, fold: int = 0) -> None:
        """Set it to what a wall shows, as "2026-11-23 09:30"."""
        self.zone = zone or self.zone
        local = datetime.fromisoformat(text).replace(tzinfo=self.zone, fold=fold)
        self.now = local.astimezone(UTC)

    def forward(self, **length: float) -> None:
        """Let time pass, or turn it back."""
        self.now += timedelta(**length)


@dataclass
class FakeNotifier:
    """Takes notices and answers as it is told; by default it posts them."""

    answers: list[Delivered] = field(default_factory=list)
    shown: list[Notice] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    adopted: list[tuple[str, Posted]] = field(default_factory=list)
    brought: list[str] = field(default_factory=list)
    is_ready: bool = True
    on_show: Callable[[Notice], None] = lambda _: None
    on_ready: Callable[[], None] = lambda: None

    def ready(self) -> bool:
        """Return what the test says; `on_ready` runs in the middle of a snapshot."""
        self.on_ready()
        return self.is_ready

    async def show(self, notice: Notice) -> Delivered:
        """Take a notice."""
        self.shown.append(notice)
        self.on_show(notice)
        outcome = self.answers.pop(0) if self.answers else Posted(":1.7", len(self.shown))
        if isinstance(outcome, Posted):
            self.brought.append(notice.delivery)
        return outcome

    async def close(self, delivery: str) -> None:
        """Take note that it was to be taken down."""
        self.closed.append(delivery)

    def tell(self, text: str) -> None:
        """Take note of a passing line."""
        self.told.append(text)

    def stands(self, delivery: str) -> bool:
        """Return whether it was brought up, and not swept away since."""
        return delivery in self.brought

    def adopt(self, notice: Notice, posted: Posted) -> None:
        """Take note of what an earlier process is said to have brought up."""
        self.adopted.append((notice.delivery, posted))

    def sweep(self) -> None:
        """Lose what was shown, as a restart of the server or of the daemon does."""
        self.brought.clear()


@dataclass
class FakeDesktop:
    """Tells what the test says; `on_ask` runs in the middle of a tick."""

    told: Context = field(default_factory=Context)
    on_ask: Callable[[], None] = lambda: None

    async def context(self, *, closely: bool) -> Context:
        """Return what is known."""
        self.on_ask()
        return self.told if closely else replace(self.told, in_call=None)

    def sources(self) -> Mapping[Reason, str]:
        """Return what tells it: the test."""
        return dict.fromkeys(DESKTOP, "the test")


class World:
    """A daemon's parts without the daemon, in the evening of Sunday, 22 November 2026, in Berlin.

    Args:
        path: Where the real database lies.
        plan: How often, on which days, in which windows.
        quiet: Its hours.
        local: What the wall shows.
        prompts: All there are.
    """

    def __init__(
        self,
        path: Path,
        plan: Cadence | None = None,
        *,
        quiet: Iterable[Window] = (),
        local: str = "2026-11-22 22:00",
        zone: ZoneInfo = BERLIN,
        prompts: Iterable[Prompt] = PROMPTS,
    ) -> None:
        self.path = path
        self.clock = FakeClock(datetime(2000, 1, 1, tzinfo=UTC), zone)
        self.clock.set(local)
        self.notifier, self.desktop = FakeNotifier(), FakeDesktop()
        self.log: list[str] = []
        self._opened: list[Store] = []
        self.store = self.open()
        self.store.recorded.meta("seed", "the same in every run")
        self.engine = Engine(
            store=self.store,
            notifier=self.notifier,
            desktop=self.desktop,
            clock=self.clock,
            preferences=Preferences(
                cadence=plan or cadence(),
                quiet=Quiet(tuple(quiet)),
                pace=PaceSettings(ramp_up=False, back_off=False),
                practice=Practice(("*",), ("*",), alone_only=False),
                discretion="never",
                snooze=timedelta(minutes=20),
            ),
            prompts={one.id: one for one in prompts},
            log=self.log.append,
        )

    def open(self) -> Store:
        """Open the same database once more, as a command does beside the daemon."""
        store = Store(self.path, self.clock.present())
        self._opened.append(store)
        return store

    def close(self) -> None:
        """Close every connection."""
        for store in self._opened:
            store.close()

    async def tick(self, local: str = "") -> Decision:
        """Tick, at a wall time if one is given."""
        if local:
            self.clock.set(local)
        return await tick(self.engine)

    def use(self, plan: Cadence, quiet: Iterable[Window] | None = None) -> None:
        """Change the settings as an edit of the config does."""
        now = self.engine.preferences
        hours = now.quiet.hours if quiet is None else tuple(quiet)
        self.engine.preferences = replace(now, cadence=plan, quiet=replace(now.quiet, hours=hours))

    @property
    def titles(self) -> list[str]:
        """What was brought."""
        return [notice.title for notice in self.notifier.shown]

    def slots(self) -> list[str]:
        """Return the wall times of the slots that wait."""
        return [
            f"{one.local_at:%H:%M}"
            for one in self.store.deliveries.waiting()
            if one.slot is not None
        ]

    def ended(self) -> list[tuple[str, str, str]]:
        """Return what has ended, oldest first: wall time it was planned for, outcome, reason."""
        return [
            (
                f"{one.planned_at.astimezone(self.clock.zone):%H:%M}",
                one.outcome or "",
                one.reason or "",
            )
            for one in self.history()
        ]

    def history(self) -> list[HistoryEntry]:
        """Return what has ended, oldest first."""
        return self.store.reading.history(10_000)[::-1]

    def shown(self) -> list[datetime]:
        """Return when something was shown, in local time, oldest first."""
        return [one.shown_at.astimezone(self.clock.zone) for one in self.history() if one.shown_at]

    def answer(self, answer: Answer, **values: Any) -> None:  # noqa: ANN401 -- handed on as it is
        """Answer as a command does, through a connection of its own."""
        other = self.open()
        respond(other, answer, self.clock.present(), source="cli", **values)
        other.close()
