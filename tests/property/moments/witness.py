"""Who watches the moments: every try to show something, and what becomes of every delivery.

It reads the database through a connection of its own, and asks `truth.py` what may be.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from tests.property.moments.ledger import Ledger
from tests.property.moments.truth import LOOKS_AGAIN, Shown
from tests.property.moments.wall import DAY, SECOND, moment_of, next_midnight, on_the_wall

if TYPE_CHECKING:
    from pathlib import Path

    from reminderd.core.notice import Notice
    from tests.property.moments.desk import Screen
    from tests.property.moments.ledger import One
    from tests.property.moments.truth import Truth

AGAIN_WITHIN: Final = timedelta(minutes=30)
MOST_TURNS: Final = 4
"""How often one look may ask the desktop, beside once for each try."""


class Witness:
    """The one who watches.

    Args:
        path: The database.
        truth: What may be.
        screen: Where notices come up.

    Attributes:
        troubles: What was seen that must not be.
        came_of_it: How often which outcome was seen.
        is_edited: Whether settings have changed since the last look.
        waiting: What had neither come nor ended after the last look.
        down: What the person has waved away, and the daemon heard of.
    """

    def __init__(self, path: Path, truth: Truth, screen: Screen) -> None:
        self._ledger, self._truth, self._screen = Ledger(path), truth, screen
        self.troubles: list[str] = []
        self.came_of_it = Counter[str]()
        self.is_edited = False
        self.waiting: dict[str, One] = {}
        self.down: set[str] = set()
        self._without_end: dict[str, One] = {}
        self._last = 0
        self._ended: dict[str, tuple[str, str | None]] = {}
        self._keys: dict[tuple[str, int], str] = {}
        self._tried: dict[str, One] = {}  # whose outcome is not known yet
        self._never_again: set[str] = set()
        self._may_be_seen: set[str] = set()
        self._in_this_look: list[One] = []
        self._silent: set[str] = set()
        self._in_doubt: set[str] = set()
        self._put_up_again: set[str] = set()
        self._turns = self._tries = 0
        truth.desk.on_told = self._asked
        screen.on_show, screen.on_shown, screen.on_refused = self._trying, self._seen, self._refused

    def close(self) -> None:
        """Let go of the database."""
        self._ledger.close()

    def wrong(self, what: str) -> None:
        """Note what must not be."""
        self.troubles.append(f"{self._truth.clock.now}: {what}")

    # What is tried

    def begins_look(self) -> None:
        """Take note that a look begins."""
        self._in_this_look.clear()
        self._turns = self._tries = 0
        self._screen.was_disturbed = False

    def _asked(self, closely: bool) -> None:
        self._truth.looked(closely=closely)
        self._turns += 1

    def _trying(self, notice: Notice) -> None:
        """See whether this may come up at this moment."""
        self._hear_outcomes()
        self._tries += 1
        one = self._ledger.one(notice.delivery)
        if one is None:
            self.wrong(f"{notice.delivery} is shown, and nobody planned it")
        elif one.outcome == "shown":
            self._comes_again(notice, one)
        else:
            self._comes(one)

    def _comes(self, one: One) -> None:
        truth = self._truth
        if not one.is_claimed or one.outcome is not None:
            self.wrong(f"{one.kind} is shown without a claim, or after it ended as {one.outcome}")
        if one.id in self._never_again:
            self.wrong(f"{one.kind} {one.slot} comes a second time")
        if not truth.is_due(one):
            shows = on_the_wall(truth.clock.now, truth.clock.zone)
            self.wrong(f"{one.kind} of {one.local_at} to {one.local_until} comes at {shows}")
        if closed := truth.closed(one):
            self.wrong(f"{one.kind} {one.slot} comes against {sorted(closed)}")
        self._tried[one.id] = one
        self._never_again.add(one.id)
        if self._screen.temper.startswith("silent"):
            self._silent.add(one.id)

    def _comes_again(self, notice: Notice, one: One) -> None:
        """See whether what was up before may be put up again."""
        self.came_of_it["put up again"] += 1
        truth = self._truth
        if one.id in self._put_up_again:
            self.wrong(f"{one.kind} is put up a third time")
        self._put_up_again.add(one.id)
        if one.shown_at is None or abs(truth.clock.now - one.shown_at) > AGAIN_WITHIN:
            self.wrong(f"{one.kind} is put up again too late")
        if not notice.silent or one.id in self.down:
            self.wrong(f"{one.kind} is put up again with a sound, or after it was waved away")
        # Nothing new comes: neither gap nor a return matter to it, but all else does.
        if closed := truth.closed(one._replace(kind="again")) - {"min-gap", "just-back"}:
            self.wrong(f"{one.kind} is put up again against {sorted(closed)}")

    def _seen(self, notice: Notice) -> None:
        """Take note of what the person may see from now on."""
        if (one := self._tried.get(notice.delivery)) is None:
            return
        self._may_be_seen.add(one.id)
        if one.kind != "now":
            self._in_this_look.append(one)
        if len(self._in_this_look) > 1:
            self.wrong(f"{[one.kind for one in self._in_this_look]} come in one look")

    def _refused(self, notice: Notice) -> None:
        """Take note of what was certainly not seen: it may be tried again."""
        self._truth.refused_at = self._truth.clock.now
        if self._tried.pop(notice.delivery, None) is None:
            self._put_up_again.discard(notice.delivery)
        else:
            self._never_again.discard(notice.delivery)

    def _hear_outcomes(self) -> None:
        """Take note of what became of what was tried at this moment."""
        clock, mark = self._truth.clock, self._truth.desk.mark
        day = on_the_wall(clock.now, clock.zone).date()
        for known in self._tried.values():
            one = self._ledger.one(known.id)
            is_known = one is not None and one.outcome == "shown"
            if one and is_known and (one.shown_at, one.shown_date) != (clock.now, str(day)):
                self.wrong(f"shown at {clock.now} on {day}, recorded as {one.shown_at}")
            self._truth.shown.append(Shown(known.id, known.kind, clock.now, mark, day, is_known))
        self._tried.clear()

    # What becomes of it

    def after_look(self, next_look: datetime) -> None:
        """See whether every delivery is where it belongs."""
        now = self._truth.clock.now
        if self._read():
            self.wrong("a delivery is claimed, and nobody brings it")
        for one in self.waiting.values():
            self._waits(one, next_look)
        due = [one.slot for one in self._waiting_slots() if self._truth.is_due(one)]
        if len(due) > 1:
            self.wrong(f"{due} wait at once")
        if len(self._screen.up) > 1:
            self.wrong(f"{len(self._screen.up)} stand on the screen")
        if next_look <= now and not self._screen.was_disturbed:
            self.wrong(f"at {now} a look is due at {next_look}")
        if self._turns > MOST_TURNS + self._tries:
            self.wrong(f"the desktop is asked {self._turns} times in one look")
        self.is_edited = False

    def died(self) -> None:
        """Take note of how the daemon has left it."""
        self._in_doubt |= self._read()
        self._screen.up -= self._in_doubt  # nobody knows where it stands; it goes by itself

    def _read(self) -> set[str]:
        """Read what waits and what has ended; return what is claimed and has no outcome."""
        self._hear_outcomes()
        new, self._last = self._ledger.written_since(self._last)
        for one in new:
            if one.slot and self._keys.setdefault(one.slot, one.id) != one.id:
                self.wrong(f"{one.slot} is the name of two slots")
        known = self._without_end | {one.id: one for one in new}
        self._without_end = {one.id: one for one in self._ledger.without_end()}
        self.waiting = {key: one for key, one in self._without_end.items() if not one.is_claimed}
        for identifier in known.keys() - self._without_end.keys():
            self._has_ended(known[identifier], known)
        return self._without_end.keys() - self.waiting.keys()

    def _waiting_slots(self) -> list[One]:
        return [one for one in self.waiting.values() if one.kind == "slot"]

    def _waits(self, one: One, next_look: datetime) -> None:
        truth = self._truth
        today = on_the_wall(truth.clock.now, truth.clock.zone).date()
        if truth.is_over(one) or (one.slot and date.fromisoformat(one.slot[0]) < today - DAY):
            self.wrong(f"{one.kind} of {one.local_at} is over, and has not ended")
        elif truth.is_due(one):
            may = truth.may_wait(one, ready=self._screen.is_there)
            if one.held not in may:
                self.wrong(f"{one.kind} {one.slot} waits for {one.held}, not for {sorted(may)}")
            if one.held in truth.desk.unsignalled and next_look > truth.clock.now + LOOKS_AGAIN:
                self.wrong(f"nobody looks whether {one.held} is over before {next_look}")

    def _has_ended(self, known: One, others: dict[str, One]) -> None:
        one = self._ledger.one(known.id)
        if one is None:
            ahead = moment_of(known.local_at, self._truth.clock.zone) > self._truth.clock.now
            # A plan is drawn anew with its rules; a second *Later* takes the first one's place.
            if known.kind != "again" and not (known.kind == "slot" and ahead and self.is_edited):
                self.wrong(f"{known.kind} {known.slot} has vanished")
            return
        assert one.outcome is not None
        self._ended[one.id] = one.outcome, one.reason
        self.came_of_it[" ".join(filter(None, (one.kind, one.outcome, one.reason)))] += 1
        if one.outcome == "missed":
            self._was_missed(one, others)
        elif one.outcome == "failed":
            known_by = {"no-reply": self._silent, "interrupted": self._in_doubt}
            if one.id not in known_by.get(one.reason or "", ()):
                self.wrong(f"{one.kind} has failed by {one.reason}")
        elif one.id not in self._may_be_seen or one.reason is not None:
            self.wrong(f"{one.kind} is {one.outcome} by {one.reason}, and nobody saw it")

    def _was_missed(self, one: One, others: dict[str, One]) -> None:
        truth = self._truth
        if one.id in self._may_be_seen:
            self.wrong(f"{one.kind} was seen, and is missed by {one.reason}")
        elif one.reason == "merged":
            if one.kind != "slot" or not any(
                self._takes_its_place(other, one) for other in others.values()
            ):
                self.wrong(f"{one.kind} {one.slot} is merged into nothing")
        elif one.kind == "again" and one.reason in {"answered", "no-prompt"}:
            return
        elif not truth.is_over(one):
            self.wrong(f"{one.kind} {one.slot} is missed by {one.reason} while it could still come")
        elif one.reason != (one.held or "not-running"):
            self.wrong(f"{one.kind} waited for {one.held}, and is missed by {one.reason}")

    def _takes_its_place(self, other: One, one: One) -> bool:
        is_later = (other.local_at, other.id) > (one.local_at, one.id)
        return other.kind == "slot" and is_later and self._truth.is_due(other)

    # What is slept through

    def rests(self, until: datetime) -> None:
        """See whether anything could come before the next look, as things stand."""
        truth, now = self._truth, self._truth.clock.now
        zone = truth.clock.zone
        if now < (midnight := next_midnight(now, zone)) < until - SECOND:
            self.wrong(f"nobody plans the date that begins at {midnight}: next look at {until}")
        for one in self.waiting.values():
            if moment_of(one.local_at, zone) >= until:
                continue
            for at in truth.openings(one):
                is_missed = now < at < until - SECOND and truth.is_due(one, at)
                if is_missed and not truth.may_wait(one, at, ready=self._screen.is_there):
                    self.wrong(f"{one.kind} {one.slot} could come at {at}, not after {until}")

    # The end

    def at_the_end(self) -> None:
        """See whether everything has ended in exactly one way, and stayed so."""
        found = self._ledger.ended()
        for identifier, before in self._ended.items():
            if found.get(identifier, ("",))[1:] != before:
                self.wrong(f"ended as {before}, and is {found.get(identifier)} now")
        for kind, outcome, reason in found.values():
            if (reason is None) != (outcome == "shown"):
                self.wrong(f"{kind} {outcome} by {reason}")
