"""What the use cases need of the outside; adapters match these by structure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import date, datetime, timedelta

    from reminderd.core.cadence import Moment
    from reminderd.core.history import Account, Came, DeliveryRecord, HistoryEntry, ShownText
    from reminderd.core.mended import Lost, Mended
    from reminderd.core.model import Answer, Context, Pause, Planned, Reason, Source
    from reminderd.core.notice import Delivered, Notice, Posted, StandingRecord
    from reminderd.core.review import Review, Said
    from reminderd.core.selection import Choice, Past
    from reminderd.core.walltime import Present


class Clock(Protocol):
    """The one place where time and zone are read."""

    def present(self) -> Present:
        """Return the present moment and the zone the person is in."""
        ...


class Desktop(Protocol):
    """What the desktop tells about the moment."""

    async def context(self, *, closely: bool) -> Context:
        """Return what is known now; None for what is not. Never raises.

        Args:
            closely: Ask everything anew, for a second at most, and look at what has no signal.
                Else what has no signal counts as unknown, and nothing is waited for.
        """
        ...

    def sources(self) -> Mapping[Reason, str]:
        """Return which of its facts are told here, and by what, in words for the person."""
        ...


class Notifier(Protocol):
    """One way to bring a practice to the person."""

    def ready(self) -> bool:
        """Return whether bringing something up could work now."""
        ...

    async def show(self, notice: Notice) -> Delivered:
        """Bring it up within 5 s, in place of whatever of ours stands there. Never raises."""
        ...

    async def close(self, delivery: str) -> None:
        """Take it down if it still stands. Never raises."""
        ...

    def tell(self, text: str) -> None:
        """Show one passing line, unless a practice waits for its answer there. Never raises."""
        ...

    def stands(self, delivery: str) -> bool:
        """Return whether this process brought it up, and nothing is known to have swept it away.

        Closed by the person's hand, or by time, is not swept away.
        """
        ...

    def adopt(self, notice: Notice, posted: Posted) -> None:
        """Take over what an earlier process brought up, if it is still there."""
        ...


class Accounts(Protocol):
    """What is recorded of single deliveries, to explain them; moments in UTC."""

    def last(self, present: Present) -> Account | None:
        """Return the delivery that was brought last."""
        ...

    def silence(self, present: Present) -> Account | None:
        """Return what waits for a good moment, or else what was let go or not delivered last."""
        ...

    def coming(self, at: datetime, present: Present) -> Account | None:
        """Return what waits and can come at a moment, the earliest that was planned."""
        ...

    def during(self, begin: datetime, end: datetime, present: Present) -> list[Account]:
        """Return what could have come at some time, earliest first."""
        ...

    def before(self, moment: datetime, present: Present) -> Account | None:
        """Return the last one that had ended."""
        ...

    def after(self, moment: datetime, present: Present) -> Account | None:
        """Return the next one that was or is planned, as far as that is known."""
        ...


class Deliveries(Protocol):
    """What was planned and brought."""

    def replace_plan(
        self, day: date, moments: Iterable[Moment], present: Present, numbered: int = 0
    ) -> int:
        """Exchange what lies ahead of a date's plan; what has passed or was claimed stays.

        Takes and returns the last number that a slot of the date was given.
        """
        ...

    def add_first(self, present: Present, local_until: datetime) -> bool:
        """Plan the very first practice unless there is any history; return whether it was."""
        ...

    def add_now(
        self, present: Present, valid: timedelta, prompt: str | None, tip: str | None
    ) -> str:
        """Plan one that the person asks for at this moment; return its id."""
        ...

    def add_again(
        self, parent: str, local_at: datetime, local_until: datetime, present: Present
    ) -> None:
        """Plan the next showing of a delivery that was answered with *Later*."""
        ...

    def snoozed(self) -> list[tuple[str, datetime, timedelta | None]]:
        """Return what was answered with *Later* and has no next showing yet."""
        ...

    def waiting(self) -> tuple[Planned, ...]:
        """Return what has been planned and neither claimed nor ended."""
        ...

    def planned_moments(self, first: date, last: date) -> list[tuple[Planned, Source]]:
        """Return the slots of some dates that still wait, each with what planned it."""
        ...

    def wall_times(self, day: date) -> list[datetime]:
        """Return when, in wall time, the slots of a date come or came."""
        ...

    def claim(  # noqa: PLR0913 -- the facts of one claim
        self,
        delivery: str,
        version: int,
        choice: Choice,
        text: ShownText,
        present: Present,
        *,
        reading: bool = False,
    ) -> bool:
        """Make a delivery ours for good, unless anything was committed since the snapshot."""
        ...

    def record_shown(self, delivery: str, posted: Posted, present: Present) -> None:
        """Record that a claimed delivery is up."""
        ...

    def release(self, delivery: str) -> None:
        """Take a claim back: it is certain that nothing was shown."""
        ...

    def record_failed(self, delivery: str, reason: Reason, present: Present) -> None:
        """Record that nobody knows whether a claimed delivery was seen."""
        ...

    def let_go(self, gone: Sequence[tuple[str, Reason]], present: Present) -> None:
        """Record that planned deliveries will not come, each with its last reason."""
        ...

    def hold(self, delivery: str, reason: Reason, present: Present) -> None:
        """Record why a delivery waits."""
        ...

    def record_interrupted(self, present: Present) -> int:
        """End what an earlier daemon claimed and never finished; return how many there were."""
        ...


class Screen(Protocol):
    """What stands on this machine's screen, as far as it is known."""

    def standing(self) -> StandingRecord | None:
        """Return the newest notification that is not known to be closed."""
        ...

    def mark_again(self, delivery: str, version: int, present: Present) -> bool:
        """Mark that it is put up again, unless anything was committed since the snapshot."""
        ...

    def unmark_again(self, delivery: str) -> None:
        """Take the mark back: it is certain that nothing was shown."""
        ...

    def record_place(self, delivery: str, posted: Posted) -> None:
        """Record that a delivery stands somewhere else now."""
        ...

    def record_reopened(self, delivery: str) -> None:
        """Record that it comes up in another view."""
        ...

    def record_closed(self, delivery: str, present: Present) -> None:
        """Record that its notification no longer stands."""
        ...


class Answers(Protocol):
    """What the person said."""

    def add_response(  # noqa: PLR0913 -- the facts of one answer
        self,
        answer: Answer,
        present: Present,
        *,
        delivery: str | None,
        prompt: str | None,
        note: str | None,
        snooze: timedelta | None,
        source: str,
        first_only: bool = False,
    ) -> str:
        """Store an answer and what follows from it; it is safe on disk when this returns.

        Returns its id; empty where only a first answer is wanted and there is one.
        """
        ...

    def disabled(self) -> frozenset[str]:
        """Return the prompts that are switched off."""
        ...

    def add_pause(self, pause: Pause, present: Present) -> None:
        """Store a pause; the newest one counts."""
        ...

    def pause(self) -> Pause | None:
        """Return the newest pause, over or not."""
        ...

    def pauses_before(self, moment: datetime) -> list[Pause]:
        """Return all that had been asked for by then, earliest first, over or not."""
        ...


class Reading(Protocol):
    """Questions about the past."""

    def newest(self) -> DeliveryRecord | None:
        """Return the delivery that was claimed last."""
        ...

    def delivery(self, identifier: str) -> DeliveryRecord | None:
        """Return a claimed delivery by its id, or None."""
        ...

    def outcome(self, identifier: str) -> tuple[str | None, str | None]:
        """Return outcome and reason of any delivery, planned ones included."""
        ...

    def last_came(self) -> Came | None:
        """Return what was brought last, by count and never by clock, seen or not."""
        ...

    def came_on(self, day: date, present: Present) -> int:
        """Return how many came on a local date, or may have."""
        ...

    def shown_on(self, day: date, present: Present) -> int:
        """Return how many were shown on a local date."""
        ...

    def answered_on(self, day: date) -> int:
        """Return how many of those shown on a local date have an answer."""
        ...

    def dates_before(self, day: date, most: int, present: Present) -> list[date]:
        """Return the first dates on which anything was shown, up to so many."""
        ...

    def last_date_before(self, day: date, present: Present) -> date | None:
        """Return the last date before another on which anything was shown."""
        ...

    def answers_before(
        self, until: datetime, most: int, present: Present
    ) -> list[tuple[Answer | None, date | None]]:
        """Return the answers to the last deliveries before a moment, None for unanswered.

        Earliest first, each with its date where it was shown.
        """
        ...

    def history(self, limit: int) -> list[HistoryEntry]:
        """Return what happened, newest first."""
        ...


class Known(Protocol):
    """What is known of each prompt."""

    def past(self, now: datetime) -> Past:
        """Return what a choice looks back at."""
        ...

    def answered_since(self, number: int) -> list[tuple[int, str, datetime]]:
        """Return the answers after one, in the order of storing: number, prompt, moment."""
        ...

    def said(self, prompt: str, until: datetime) -> list[Said]:
        """Return the answers to a prompt that count, up to a moment, earliest first."""
        ...

    def forget_reviews(self) -> None:
        """Leave no review: each is to be made anew."""
        ...

    def put_review(self, prompt: str, review: Review) -> None:
        """Keep what the answers to a prompt come to."""
        ...


class Recorded(Protocol):
    """What is true of this installation and of its daemon."""

    def get(self, key: str) -> object:
        """Return what was last recorded, or None."""
        ...

    def set(self, key: str, value: object) -> None:
        """Record a value that JSON can hold."""
        ...

    def forget(self, key: str) -> None:
        """Take out what was recorded."""
        ...


class Upkeep(Protocol):
    """What keeps the database safe as a whole."""

    def was_asked(self) -> bool:
        """Return whether a command has met with damage, and left it to the daemon."""
        ...

    @property
    def checked(self) -> date | None:
        """The local date on which this database was last looked at and in order."""
        ...

    def check(self, day: date) -> None:
        """Look for broken pages and rows that are not ours, and raise where there is one."""
        ...

    def back_up_daily(self, day: date) -> object:
        """Make the backup of a local date."""
        ...

    def damage(self) -> str:
        """Return what is wrong with the database; empty where nothing is."""
        ...

    def mend(self, now: datetime) -> Mended:
        """Put the damaged database aside, and go on with what can be saved."""
        ...

    def follow(self, now: datetime) -> Lost | None:
        """Open what the path leads to, where that is not what is open; return how it was not."""
        ...


class Store(Protocol):
    """Everything that is remembered."""

    @property
    def deliveries(self) -> Deliveries:
        """What was planned and brought."""
        ...

    @property
    def screen(self) -> Screen:
        """What stands on this machine's screen."""
        ...

    @property
    def answers(self) -> Answers:
        """What the person said."""
        ...

    @property
    def reading(self) -> Reading:
        """Questions about the past."""
        ...

    @property
    def accounts(self) -> Accounts:
        """What explains a delivery."""
        ...

    @property
    def known(self) -> Known:
        """What is known of each prompt."""
        ...

    @property
    def recorded(self) -> Recorded:
        """What is true of this installation and of its daemon."""
        ...

    @property
    def upkeep(self) -> Upkeep:
        """What keeps it safe."""
        ...

    @property
    def seed(self) -> str:
        """The installation's seed for every draw."""
        ...

    def version(self) -> int:
        """Return a number that moves when another connection has committed."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """Do several things at once or not at all."""
        ...
