"""The two caches by prompt equal what deliveries and answers come to, whatever happens in between.

What they are held against is worked out here, in plain Python, from the tables `delivery` and
`response` as the file itself has them.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from reminderd.adapters.store.rows import new_id, to_text
from reminderd.adapters.store.store import Store
from reminderd.app.reviewing import keep_reviews
from reminderd.core.model import Answer, Practice, Reason, Seen
from reminderd.core.notice import Posted
from reminderd.core.review import Review, Said, fold
from tests import strategies
from tests.unit.adapters.kept import Kept

pytestmark = pytest.mark.uncounted

DAY = timedelta(days=1)
AGES = timedelta(days=5 * 365)

prompts = st.sampled_from(("a-one", "a-two", "b-one"))
tips = st.sampled_from(("alpha", "beta"))  # an edited deck may move a prompt
answers = st.sampled_from((Answer.DONE, Answer.HARD, *Answer))
picks = st.integers(0, 3)  # from the last one back
A_MOMENT, AN_HOUR = timedelta(microseconds=1), timedelta(hours=1)
steps = st.sampled_from(
    (A_MOMENT, AN_HOUR, DAY, DAY * 3, -A_MOMENT, -AN_HOUR, -DAY, -DAY - AN_HOUR)
)
SIDES = 2
"""The daemon's connection and that of a command beside it."""
sides = st.integers(0, SIDES - 1)


class Practising(RuleBasedStateMachine):
    """A life with the store, its clock and whoever else writes to it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.kept = Kept(Path(self.folder.name) / "reminderd.db")
        self.stores = [self.kept.store, self.open()]
        self.raw = sqlite3.connect(self.kept.path)
        self.raw.row_factory = sqlite3.Row
        self.brought: list[tuple[str, str]] = []
        self.released: list[str] = []
        self.practice = Practice(("*",), ("*",), alone_only=False)
        self.stepped = timedelta()
        self.ticks = True

    @property
    def now(self) -> datetime:
        return self.kept.clock.now

    def open(self) -> Store:
        return Store(self.kept.path, self.kept.clock.present())

    def teardown(self) -> None:
        self.keep(0)
        for store in self.stores:
            store.close()
        self.raw.close()
        self.folder.cleanup()

    # Deliveries

    @rule(prompt=prompts, tip=tips)
    def bring(self, prompt: str, tip: str) -> None:
        present = self.kept.clock.present()
        planned = self.kept.store.deliveries.add_now(present, DAY, None, None)
        assert self.kept.claim(planned, (prompt, tip))
        self.brought.append((planned, prompt))

    @precondition(lambda self: self.released)
    @rule(prompt=prompts, tip=tips)
    def bring_what_was_refused(self, prompt: str, tip: str) -> None:
        planned = self.released.pop()
        assert self.kept.claim(planned, (prompt, tip))
        self.brought.append((planned, prompt))

    @precondition(lambda self: self.brought)
    @rule(back=picks)
    def refuse(self, back: int) -> None:
        """What has an outcome stays as it is; what was answered is not tried again."""
        one = self.pick(back)
        self.kept.store.deliveries.release(one[0])
        (row,) = self.rows("SELECT claim_order FROM delivery WHERE id = ?", one[0])
        if row["claim_order"] is None:
            self.brought.remove(one)
            if not self.rows("SELECT 1 FROM response WHERE delivery = ?", one[0]):
                self.released.append(one[0])

    @precondition(lambda self: self.brought)
    @rule(back=picks, works=st.booleans())
    def end(self, back: int, works: bool) -> None:
        present, (delivery, _) = self.kept.clock.present(), self.pick(back)
        if works:
            self.kept.store.deliveries.record_shown(delivery, Posted(":1.7", 1), present)
        else:
            self.kept.store.deliveries.record_failed(delivery, Reason.NO_REPLY, present)

    # Answers

    @precondition(lambda self: self.brought)
    @rule(back=picks, answer=answers, side=sides)
    def answer(self, back: int, answer: Answer, side: int) -> None:
        """For the first time, or to correct an older one."""
        self.store_answer(*self.pick(back), answer, side)

    @rule(prompt=st.none() | prompts, side=sides)
    def note(self, prompt: str | None, side: int) -> None:
        self.store_answer(None, prompt, Answer.DONE, side)

    @precondition(lambda self: self.brought)
    @rule(back=picks, answer=answers, ago=steps, by_itself=st.booleans())
    def join(self, back: int, answer: Answer, ago: timedelta, by_itself: bool) -> None:
        """An answer from another machine, stored long after it was given."""
        delivery, prompt = self.pick(back)
        at = self.now - ago
        self.raw.execute(
            "INSERT INTO response (id, device, at, zone, delivery, prompt, answer, source)"
            " VALUES (?, 'another', ?, 'UTC', ?, ?, ?, 'cli')",
            (new_id(at), to_text(at), None if by_itself else delivery, prompt, answer),
        )
        self.raw.commit()

    # What else happens

    @rule(step=steps)
    def step_clock(self, step: timedelta) -> None:
        self.kept.clock.now += step

    @rule()
    def lose_the_clock(self) -> None:
        """Five years ahead; the next time back to where it was."""
        self.stepped = timedelta() if self.stepped else AGES
        self.kept.clock.now += self.stepped or -AGES

    @rule(days=st.sampled_from((1, 21, 365)))
    def set_longest_interval(self, days: int) -> None:
        self.practice = Practice(("*",), ("*",), alone_only=False, max_interval=days)

    @rule()
    def restart(self) -> None:
        for store in self.stores:
            store.close()
        self.stores = [self.open(), self.open()]
        self.kept.store = self.stores[0]
        self.kept.store.deliveries.record_interrupted(self.kept.clock.present())

    @rule(ticks=st.booleans())
    def stop_or_start_ticking(self, ticks: bool) -> None:
        self.ticks = ticks

    @invariant()
    def compare(self) -> None:
        assert self.kept.store.known.past(self.now).seen == self.expected_seen()
        if self.ticks:
            self.keep(0)

    @rule(side=sides)
    def keep(self, side: int) -> None:
        """At a look of the daemon, or of `now` in a terminal."""
        keep_reviews(self.stores[side], self.practice, self.kept.clock.present())
        found = self.kept.store.known.past(self.now).reviews
        # A prompt of which nothing is known may have a row or none.
        known = {prompt: review for prompt, review in found.items() if review != Review()}
        assert known == self.expected_reviews()

    # What the others are made of

    def pick(self, back: int) -> tuple[str, str]:
        return self.brought[-1 - back % len(self.brought)]

    def store_answer(
        self, delivery: str | None, prompt: str | None, answer: Answer, side: int
    ) -> None:
        self.stores[side].answers.add_response(
            *(answer, self.kept.clock.present()),
            delivery=delivery,
            prompt=prompt,
            note=None,
            snooze=None,
            source="cli",
        )

    def rows(self, sql: str, *values: object) -> list[Any]:
        return self.raw.execute(sql, values).fetchall()

    def expected_reviews(self) -> dict[str, Review]:
        """Return what the answers that count come to, each delivery's last one by (at, id)."""
        counted: dict[str, dict[str, Any]] = defaultdict(dict)
        rows = self.rows("SELECT id, at, delivery, prompt, answer FROM response")
        for row in sorted(rows, key=lambda row: (row["at"], row["id"])):
            if row["prompt"] and datetime.fromisoformat(row["at"]) <= self.now + DAY:
                counted[row["prompt"]][row["delivery"] or row["id"]] = row
        found = {}
        for prompt, last in counted.items():
            said = [
                Said(datetime.fromisoformat(row["at"]), Answer(row["answer"]))
                for row in sorted(last.values(), key=lambda row: (row["at"], row["id"]))
            ]
            found[prompt] = fold(said, self.practice.max_interval)
        return {prompt: review for prompt, review in found.items() if review != Review()}

    def expected_seen(self) -> dict[str, Seen]:
        """Return the first and the last showing of each prompt, by the order of showings."""
        found: dict[str, Seen] = {}
        rows = self.rows("SELECT prompt, tip, claimed_at, claim_order FROM delivery")
        claims = [row for row in rows if row["claim_order"] is not None]
        for row in sorted(claims, key=lambda row: row["claim_order"]):
            prompt, at = row["prompt"], datetime.fromisoformat(row["claimed_at"])
            if at <= self.now + DAY:
                first_at = found[prompt].first_at if prompt in found else at
                found[prompt] = Seen(prompt, row["tip"], at, row["claim_order"], first_at)
        return found


def test_both_caches_equal_what_they_follow_from() -> None:
    """After any interleaving, on clocks that can be trusted and on others."""
    run_state_machine_as_test(
        Practising, settings=settings(strategies.fewer(2), stateful_step_count=25)
    )
