"""All that can happen around somebody with reminderd, in a time that is made up."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from reminderd.app.pausing import pause, resume
from reminderd.app.respond import respond
from reminderd.core.history import ASKED_FOR
from reminderd.core.model import Answer, Quiet
from reminderd.errors import ReminderdError
from tests.property.moments.life import Life
from tests.property.moments.truth import Asked
from tests.property.moments.wall import DAY, MINUTE, YEAR, changes, moment_of, on_the_wall
from tests.property.moments.wishes import PLANS, QUIET_HOURS

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    from reminderd.core.model import Preferences, Reason
    from tests.property.moments.desk import Temper

MOST_LOOKS: Final = 24
"""So many looks in one stretch of time are enough: an hour of calls has one a minute."""

NO_POLLING: Final = 8 * MINUTE
"""So many looks take longer: one a minute, and those for a server that refuses."""

ORDINARY: Final = 16 * DAY
"""Within so many good days something comes: one a week, on working days, after the last."""


class Days(Life):
    """What happens; whatever does, the daemon hears of it as far as there is a signal for it."""

    # Time

    def lives(self, length: timedelta) -> None:
        """Let time pass; the daemon looks whenever it has asked for it, and when it is told."""
        if self.is_supervised:
            self.start()
        begun = self.desk.lived
        end = begun + length
        for _ in range(MOST_LOOKS):
            left = end - self.desk.lived
            wait = self.next_look - self.clock.now if self.engine else left
            wait = min(wait, self._to_signal())
            self._rests(min(wait, left))
            if wait > left:
                return
            self.look()
            if self.engine is None:
                self.passes(end - self.desk.lived)
                return
        if self.desk.lived - begun < NO_POLLING:
            self.witness.wrong(f"it looks {MOST_LOOKS} times in {self.desk.lived - begun}")

    def _rests(self, length: timedelta) -> None:
        if self.engine:
            self.witness.rests(self.clock.now + length)
        self.passes(length)

    def _to_signal(self) -> timedelta:
        """Return in what time the desktop tells that somebody is away."""
        limit = self.truth.wish.quiet.when_away
        if limit is None or self.desk.left_at is None or self._is_hidden("away"):
            return timedelta.max
        ahead = timedelta(seconds=limit) - self.desk.idle()
        return ahead if ahead > timedelta() else timedelta.max

    def lives_to_the_next(self, offset: timedelta) -> None:
        """Let time pass until shortly before or after the next moment there is."""
        zone, now = self.clock.zone, self.clock.now
        ahead = [moment_of(one.local_at, zone) for one in self.witness.waiting.values()]
        length = min((at - now for at in ahead if now < at < now + DAY), default=MINUTE) + offset
        if length > timedelta():
            self.lives(length)

    def sleeps(self, length: timedelta, zone: ZoneInfo | None = None) -> None:
        """Suspend: nothing looks, until the machine wakes, perhaps in another place."""
        self.truth.has_leapt = length > YEAR - 2 * DAY  # which the daemon cannot tell from a leap
        self.passes(length)
        self.clock.zone = zone or self.clock.zone
        self.look()

    def sleeps_to_the_eve(self, before: timedelta) -> None:
        """Suspend until shortly before the next night in which the clocks change."""
        now, zone = self.clock.now, self.clock.zone
        nights = [night for year in (now.year, now.year + 1) for night in changes(zone, year)]
        at = min((night for night in nights if night - before > now), default=now + DAY)
        self.sleeps(max(at - before - now, MINUTE))

    def clock_steps(self, step: timedelta, late: timedelta) -> None:
        """Set the clock; the daemon notices at once, or as late as a heartbeat."""
        self.clock.now += step
        has_leapt = self.truth.has_leapt = step >= YEAR and self.engine is not None
        if not has_leapt:
            self.desk.mark += max(step, timedelta())
        self.passes(late)
        self.look()
        if has_leapt and self.engine is None:  # it died over that look, and knows of nothing
            self.desk.mark += step

    def moves(self, zone: ZoneInfo) -> None:
        """Go to another zone."""
        self.clock.zone = zone
        self.look()

    # The desk

    def _is_hidden(self, reason: str) -> bool:
        return reason in {str(one) for one in self.desk.hidden(closely=False)}

    def turns(self, what: str, *, on: bool) -> None:
        """Let one of the desktop's states begin or end; it is told if there is a signal for it."""
        setattr(self.desk, what, on)
        if not self._is_hidden(what.replace("_", "-")):
            self.look()

    def leaves(self, since: timedelta) -> None:
        """Leave the desk, some time ago."""
        if self.desk.left_at is None:
            self.desk.left_at = self.desk.lived - since
            if not self._is_hidden("away"):
                self.look()

    def comes_back(self) -> None:
        """Touch something."""
        if self.desk.left_at is not None:
            self.desk.left_at = None
            if not self._is_hidden("away"):
                self.look()

    def knows_nothing_of(self, reasons: frozenset[Reason]) -> None:
        """Let what tells of something end, and what has ended begin again."""
        self.desk.untold = reasons
        self.look()

    def in_the_next_look(self, action: Callable[[], None]) -> None:
        """Let something happen while the daemon looks, when it has read nearly everything."""
        self.screen.meanwhile.append(action)

    # The server

    def server_is(self, temper: Temper) -> None:
        """Change how it takes notices; one that appears is noticed."""
        was_there, self.screen.temper = self.screen.is_there, temper
        if self.screen.is_there and not was_there:
            self._server_appears()

    def server_restarts(self) -> None:
        """Let it lose what stood there."""
        self.screen.sweep()
        self._server_appears()

    def _server_appears(self) -> None:
        if self.engine is not None:
            self.engine.backoff.changed()
            self.look()

    # The person

    def asks(self) -> None:
        """Ask for a practice at once; without a daemon the terminal would show it."""
        if self.engine is not None:
            self.person.deliveries.add_now(self.clock.present(), ASKED_FOR, None, None)
            self.look()

    def answers(self, answer: Answer, snooze: timedelta | None, *, last: bool) -> None:
        """Answer what is open, or the newest one whatever its state."""
        self._answer(answer, snooze, last=last)
        self.look()

    def _answer(self, answer: Answer, snooze: timedelta | None, *, last: bool) -> None:
        with contextlib.suppress(ReminderdError):  # there is nothing to answer
            respond(
                *(self.person, answer, self.clock.present()),
                delivery="last" if last else None,
                snooze=snooze if answer is Answer.LATER else None,
                source="cli",
            )

    def answers_in_a_look(self, answer: Answer, snooze: timedelta | None) -> None:
        """Answer the newest one in the very moment in which the daemon decides."""
        self.in_the_next_look(lambda: self._answer(answer, snooze, last=True))

    def pauses(self, length: timedelta | None) -> None:
        """Pause for a while, or until tomorrow at nine."""
        self._pause(length)
        self.look()

    def _pause(self, length: timedelta | None) -> None:
        present = self.clock.present()
        if length is not None:
            pause(self.person, length, present)
            self.truth.pause = Asked(present.now, present.now + length, None)
            return
        nine = datetime.combine(on_the_wall(present.now, self.clock.zone).date() + DAY, time(9))
        pause(self.person, nine, present)
        self.truth.pause = Asked(present.now, None, nine)

    def pauses_in_a_look(self) -> None:
        """Pause in the very moment in which the daemon decides."""
        self.in_the_next_look(lambda: self._pause(timedelta(hours=2)))

    def resumes(self) -> None:
        """End a pause."""
        if resume(self.person, self.clock.present()):
            self.truth.pause = None
        self.look()

    def waves_away(self) -> None:
        """Close what stands on the screen."""
        for delivery in tuple(self.screen.known):
            self.screen.is_down(delivery)
            if self.engine is not None:
                self.witness.down.add(delivery)
                self.engine.store.screen.record_closed(delivery, self.clock.present())

    def plans_anew(self, plan: str, hours: str) -> None:
        """Change how often it comes, and when it is to be silent."""
        quiet = replace(self.truth.wish.quiet, hours=QUIET_HOURS[hours])
        self._sets(replace(self.truth.wish, cadence=PLANS[plan], quiet=quiet))

    def heeds(self, when_away: int | None, *, others: bool) -> None:
        """Change what of the desktop is to be respected."""
        hours = self.truth.wish.quiet.hours
        quiet = Quiet(hours, others, others, when_away, in_call=others)
        self._sets(replace(self.truth.wish, quiet=quiet))

    def _sets(self, wish: Preferences) -> None:
        self.truth.wish = wish
        self.witness.is_edited = True
        if self.engine is not None:
            self.engine.preferences = wish
            self.look()

    def all_is_well(self) -> None:
        """Let nothing be in the way."""
        desk = self.desk
        desk.do_not_disturb = desk.in_call = desk.locked = desk.inactive = False
        desk.left_at, desk.untold = None, frozenset()
        self.screen.temper = "kind"
        self.start()
        self.resumes()

    # The end

    def ends_well(self) -> None:
        """Let good days without quiet hours come until something does, and all that waits end."""
        self.screen.meanwhile.clear()
        self.is_killed("", 10**9)
        self.all_is_well()
        self._sets(replace(self.truth.wish, quiet=Quiet(())))
        self.lives(DAY)
        self.lives(DAY)  # what was planned before is over
        before, end = self._slots_shown(), self.desk.lived + ORDINARY
        while self._slots_shown() == before and not self.witness.troubles:
            if self.desk.lived >= end:
                self.witness.wrong("nothing ever comes again")
            self.lives(DAY)
        self.sleeps(10 * DAY)
        waiting = self.witness.waiting
        ends = [moment_of(one.local_until, self.clock.zone) for one in waiting.values()]
        self.sleeps(max([*ends, self.clock.now]) - self.clock.now + DAY)
        if left := waiting.keys() & self.witness.waiting.keys():
            self.witness.wrong(f"{len(left)} have no end")
        self.witness.at_the_end()

    def _slots_shown(self) -> int:
        return sum(one.kind == "slot" and one.is_known for one in self.truth.shown)
