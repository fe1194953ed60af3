"""Who watches a conversation: what was tried, what the person did, and what must be true of both.

It reads the database through a connection of its own, and hears of every call that the server gets.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from reminderd.core.model import Answer
from reminderd.core.notice import QUIET_WEEK, SHOW, VIEWS, Posted, Refused, Silent

if TYPE_CHECKING:
    from pathlib import Path

    from dbus_fast import Message

    from reminderd.core.notice import Delivered, Notice, Press
    from tests.fakes import FakeClock
    from tests.integration.conversation.life import Life
    from tests.integration.conversation.server import Server

AGAIN_WITHIN: Final = timedelta(minutes=30)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=10)
MOST_VIEW_TRIES: Final = 3
LINES_FOR_A_PRESS: Final = 3

Row = tuple[int, str, str | None, str, str | None, str]
"""A response: number, id, delivery, answer, note, source."""


@dataclass(eq=False)
class Try:
    """One try of the daemon to bring something up.

    Attributes:
        by: The press that asked for it, if one did.
        again: Whether it may have been up before.
        reached: Whether a server got the call.
        died: Whether the daemon died over it.
        outcome: None while it is not known.
    """

    notice: Notice
    by: Press | None
    again: bool
    reached: bool = False
    died: bool = False
    outcome: Delivered | None = None

    @property
    def may_be_up(self) -> bool:
        """Whether the server may have shown it."""
        refused = isinstance(self.outcome, Refused)
        return isinstance(self.outcome, Posted) or (self.reached and not refused)


@dataclass(eq=False)
class Made:
    """What the person did with a notification of ours.

    Attributes:
        key: What it means: an answer, a view, or the quiet week.
        must: Whether it has to be stored, as far as that can be told beforehand.
        stored: Whether it was.
    """

    delivery: str
    key: str
    note: str | None
    must: bool
    stored: bool = False


@dataclass
class Witness:
    """The one who watches.

    Attributes:
        said: Answers that a command has acknowledged and that were not seen stored yet.
        troubles: What was seen that must not be.
    """

    clock: FakeClock
    path: Path
    all_tries: list[Try] = field(default_factory=list)
    made: list[Made] = field(default_factory=list)
    heard: list[Press] = field(default_factory=list)
    said: list[tuple[str, str, str | None]] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    lines: int = 0
    _waved: list[tuple[str, Life]] = field(default_factory=list)
    _closed: set[str] = field(default_factory=set)
    _calls: dict[tuple[str, int], Try | None] = field(default_factory=dict)
    _up: dict[tuple[str, int], str] = field(default_factory=dict)
    _wait: timedelta = timedelta()
    _refused_at: datetime | None = None

    def __post_init__(self) -> None:
        self._db = sqlite3.connect(self.path, isolation_level=None)

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()

    def wrong(self, what: str) -> None:
        """Note what must not be."""
        self.troubles.append(what)

    # What the daemon does

    def tries(self, notice: Notice, by: Press | None) -> Try:
        """Note that something is about to be brought up, and see whether it may be."""
        delivery = notice.delivery
        before = [one for one in self._of(delivery) if one.may_be_up]
        tried = Try(notice, by, again=bool(before))
        self.all_tries.append(tried)
        if by is not None:  # the person wants to see it after all
            self._closed.discard(delivery)
            if not any(by is press for press in self.heard):
                self.hears(by)  # only now: most clicks that are told twice have no effect
        elif delivery in self._closed:
            self.wrong(f"{delivery} is put up again though it was closed")
        if self.answers(delivery):
            self.wrong(f"{delivery} is put up though it is answered")
        if self._newest() != delivery:
            self.wrong(f"{delivery} is put up though another is newer")
        if (by is None and before) or (
            not before
            and by is None
            and self._one("SELECT outcome FROM delivery WHERE id = ?", delivery)
        ):
            self._comes_again(delivery, before)
        return tried

    def _comes_again(self, delivery: str, before: list[Try]) -> None:
        posted = self._db.execute(
            "SELECT reposted_at, shown_at FROM posted"
            " JOIN delivery ON delivery.id = posted.delivery WHERE posted.delivery = ?",
            (delivery,),
        ).fetchone()
        if posted is None:
            self.wrong(f"{delivery} comes twice")
            return
        marked, shown_at = posted
        if not marked:
            self.wrong(f"{delivery} is put up again without a mark")
        if self.clock.now - datetime.fromisoformat(shown_at) > AGAIN_WITHIN:
            self.wrong(f"{delivery} is put up again too late")
        if len([one for one in before if one.by is None]) > 1:
            self.wrong(f"{delivery} is put up again a second time")

    def has_tried(self, tried: Try) -> None:
        """Note how a try ended, and see whether it came too soon after a refusal."""
        if tried.by is not None:
            if len([one for one in self.all_tries if one.by is tried.by]) > MOST_VIEW_TRIES:
                self.wrong("a view is tried without end")
        elif isinstance(tried.outcome, Posted):
            self.is_born()
        elif isinstance(tried.outcome, Refused):
            now = self.clock.now
            if self._refused_at is not None and now - self._refused_at < self._wait:
                self.wrong(
                    f"tried again {now - self._refused_at} after a refusal, not {self._wait}"
                )
            self._wait = min(max(self._wait * 2, FIRST_WAIT), LONGEST_WAIT)
            self._refused_at = now

    def is_born(self) -> None:
        """Note that the daemon knows of no refusals now."""
        self._wait, self._refused_at = timedelta(), None

    def appeared(self) -> None:
        """Note that the daemon knows of another server."""
        self._wait = min(self._wait, FIRST_WAIT)

    def hears(self, press: Press) -> None:
        """Note what the daemon takes for a press, and see whether the person made it."""
        self.heard.append(press)
        made, heard = ([self._kind(one) for one in all_] for all_ in (self.made, self.heard))
        if heard.count(self._kind(press)) > made.count(self._kind(press)):
            self.wrong(f"nobody made {press}")

    @staticmethod
    def _kind(one: Press | Made) -> tuple[str, str, str | None]:
        """Return what two presses have in common: all views are one to whoever adopts a notice."""
        return one.delivery, SHOW if one.key in VIEWS else one.key, one.note

    def acknowledges(self, press: Press) -> None:
        """See whether what is acknowledged is stored; a late *Later* is met with nothing."""
        if press.key == Answer.LATER and self._newest() != press.delivery:
            for one in self.made:  # another was claimed while the press was on its way
                one.must &= self._kind(one) != self._kind(press)
        elif press.key not in {Answer.LATER, QUIET_WEEK} and not self.answers(press.delivery):
            self.wrong(f"{press} is acknowledged and not stored")

    # What the person does

    def waves_away(self, delivery: str, life: Life) -> None:
        """Note that a closing is told to a daemon; once it has heard it, it must know for good."""
        self._waved.append((delivery, life))

    def doubts(self) -> None:
        """Let go of closings that were not heard yet: there is no room to record them."""
        self._waved.clear()

    # What the server gets

    def sends(self, sender: str, serial: int, tried: Try | None) -> None:
        """Note that a Notify call is sent, for a try or for a passing line."""
        self._calls[sender, serial] = tried

    def gets(self, message: Message) -> None:
        """Note that the server gets a Notify call."""
        tried = self._calls[message.sender or "", message.serial]
        if tried is None:
            self.lines += 1
        elif tried.reached:
            self.wrong(f"{tried.notice.delivery} is sent twice")
        else:
            tried.reached = True

    def shows(self, place: str, message: Message, server_id: int) -> None:
        """Note what an id of a server stands for."""
        tried = self._calls[message.sender or "", message.serial]
        self._up[place, server_id] = tried.notice.delivery if tried else ""

    def shown(self, place: str, server_id: int) -> str:
        """Return the delivery that an id stands for; empty for a passing line."""
        return self._up[place, server_id]

    # What must be true

    def check(self, life: Life | None, server: Server, *, settled: bool) -> None:
        """See whether all is as it must be.

        Raises:
            AssertionError: It is not.
        """
        self._check_rows()
        self._check_deliveries()
        if settled:
            self._closed |= {delivery for delivery, told in self._waved if told is life}
            self._waved.clear()
            self._check_owed(life)
            if life is not None and server.there:
                self._check_screen(life, server)
        assert not self.troubles, self.troubles

    def _check_rows(self) -> None:
        rows: list[Row] = self._db.execute(
            "SELECT seq, id, delivery, answer, note, source FROM response ORDER BY seq"
        ).fetchall()
        assert rows[: len(self.rows)] == self.rows, "an answer is not there any more"
        for number, row in enumerate(rows[len(self.rows) :], len(self.rows)):
            _, _, delivery, answer, note, source = row
            if source == "cli":
                assert (delivery, answer, note) == self.said.pop(0)
                continue
            assert source == "freedesktop"
            assert delivery not in [one[2] for one in rows[:number]], "a press after an answer"
            made = self._made(delivery, answer, note)
            assert made is not None, f"nobody gave the answer {row}"
            made.stored = True
            older = self.made[: self.made.index(made)]
            assert not [one for one in older if self._owes(one)], "stored out of order"
        assert not self.said, f"lost: {self.said}"
        self.rows = rows

    def _made(self, delivery: str | None, answer: str, note: str | None) -> Made | None:
        for one in self.made:
            if (one.delivery, one.key, one.note) == (delivery, answer, note) and not one.stored:
                return one
        return None

    def _owes(self, one: Made) -> bool:
        """Return whether it is to be stored yet, and nobody was quicker with a command."""
        return one.must and not one.stored and not self.answers(one.delivery)

    def _check_owed(self, life: Life | None) -> None:
        """What was pressed and is not stored is kept, in order; a dead daemon keeps nothing."""
        owed = [(one.delivery, one.key, one.note) for one in self.made if self._owes(one)]
        kept = [] if life is None else [(one.delivery, one.key, one.note) for one in life.kept]
        assert [one for one in kept if one in owed] == owed, f"owed {owed}, kept {kept}"

    def forgives(self) -> None:
        """Let go of what a daemon kept that is dead now: it was never acknowledged."""
        for one in self.made:
            one.must = False
        for tried in self.all_tries:
            tried.died |= tried.outcome is None

    def _check_deliveries(self) -> None:
        """Each came once, and once more where that is marked, not counting what a press asked."""
        views = [id(one.by) for one in self.all_tries if one.by is not None and one.may_be_up]
        assert len(views) == len(set(views)), "a view that was asked for once came twice"
        for delivery in {one.notice.delivery for one in self.all_tries}:
            came = [one for one in self._of(delivery) if one.by is None and one.may_be_up]
            marked = self._one("SELECT reposted_at FROM posted WHERE delivery = ?", delivery)
            assert len(came) <= 1 + (marked is not None), f"{delivery} came {len(came)} times"
        doubled = self._db.execute(
            "SELECT local_at FROM delivery WHERE kind = 'slot' AND claimed_at IS NOT NULL"
            " GROUP BY local_at HAVING count(*) > 1"
        ).fetchall()
        assert not doubled, f"two deliveries of one slot: {doubled}"
        assert self.lines <= LINES_FOR_A_PRESS * len(self.made), "it talks without end"

    def _check_screen(self, life: Life, server: Server) -> None:
        """One of ours stands at most, not counting what a killed daemon could not write down."""
        recorded = self._db.execute(
            "SELECT server_id FROM posted WHERE closed_at IS NULL AND owner = ?", (server.place,)
        ).fetchall()
        ours = [
            server_id
            for server_id, shown in server.standing.items()
            if shown.sender == life.name or (life.looked_well and (server_id,) in recorded)
        ]
        assert len(ours) <= 1, f"{len(ours)} of ours stand"
        for server_id in ours if life.looked_well else ():
            assert not self.answers(self.shown(server.place, server_id)), "answered, and it stands"

    # What is known

    def answers(self, delivery: str) -> int:
        """Return how many answers are stored of a delivery."""
        found = self._one("SELECT count(*) FROM response WHERE delivery = ?", delivery)
        return int(str(found))

    def state(self) -> list[object]:
        """Return all that a signal could change in the database."""
        tables = ("response", "posted", "pause", "choice", "delivery")
        return [self._db.execute(f"SELECT * FROM {table}").fetchall() for table in tables]  # noqa: S608 -- our own names

    def summary(self) -> Counter[str]:
        """Return how often what came about."""
        up = [one for one in self.all_tries if one.may_be_up]
        ends = Counter(type(one.outcome) for one in self.all_tries)
        sources = Counter(row[5] for row in self.rows)
        return Counter(
            {
                "deliveries brought": len({one.notice.delivery for one in up}),
                "put up again after a restart": sum(one.again and one.by is None for one in up),
                "shown in another view": sum(one.by is not None for one in up),
                "tries refused": ends[Refused],
                "tries met with silence": ends[Silent],
                "tries that the daemon died over": sum(one.died for one in self.all_tries),
                "passing lines": self.lines,
                "things pressed or written": len(self.made),
                "answers stored of these": sources["freedesktop"],
                "answers stored of commands": sources["cli"],
            }
        )

    def _of(self, delivery: str) -> list[Try]:
        return [one for one in self.all_tries if one.notice.delivery == delivery]

    def _newest(self) -> object:
        return self._one("SELECT id FROM delivery ORDER BY claim_order DESC LIMIT 1")

    def _one(self, sql: str, *values: str) -> object:
        row = self._db.execute(sql, values).fetchone()
        return None if row is None else row[0]
