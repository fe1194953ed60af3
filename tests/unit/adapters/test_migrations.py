"""What people have in a database of an earlier version is all there in today's."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reminderd.adapters.store.migrations import MIGRATIONS
from reminderd.app.reviewing import keep_reviews
from reminderd.core.history import Held
from reminderd.core.model import Answer, Outcome, Practice, Reason, Seen
from reminderd.core.review import Said, fold
from reminderd.core.selection import Brought
from tests.unit.adapters.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST_SCHEMA = Path(__file__).with_name("schema_1.sql")
PRACTICE = Practice(("*",), ("*",), alone_only=False)

DELIVERY = """
INSERT INTO delivery (id, kind, parent, slot_date, slot_number, prompt, tip, claimed_at,
  claim_order, held_at, held_reason, ended_at, outcome, reason, shown_at, shown_date, device,
  local_at, local_until, zone, planned_at, variant, text, why)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'this',
  '2026-11-22T18:00:00', '2026-11-22T20:00:00', 'Europe/Berlin', ?, ?, ?, ?)
"""
RESPONSE = """
INSERT INTO response (id, at, delivery, prompt, answer, note, device, zone, source)
VALUES (?, ?, ?, ?, ?, ?, 'this', 'Europe/Berlin', 'cli')
"""
TEXT = '{"title": "A title", "body": "A body", "cue": "", "when": "now"}'
N = None

# What leaves rows of its own kind. Hours are those of the evening, in UTC; after the first one the
# clock was set back, and later a deck was edited.
DELIVERIES = (
    # id, kind, parent, prompt, tip, claimed, its order, held, why, ended, outcome, reason
    ("first", "first", N, "a-one", "alpha", 20, 1, N, N, 20, "shown", N),
    ("failed", "slot", N, "b-one", "beta", 18, 2, N, N, 18, "failed", "no-reply"),
    ("moved", "slot", N, "a-one", "moved", 19, 3, N, N, 19, "shown", N),
    ("nobody-knows", "now", N, "c-one", "gamma", 21, 4, N, N, N, N, N),
    ("again", "again", "moved", "a-one", "moved", N, N, N, N, N, N, N),
    ("refused", "now", N, "d-one", "gamma", N, N, N, N, N, N, N),
    ("held", "slot", N, N, N, N, N, 18, "locked", N, N, N),
    ("let-go", "slot", N, N, N, N, N, 19, "do-not-disturb", 21, "missed", "do-not-disturb"),
)
RESPONSES = (
    # at, delivery, prompt, answer, note; the last one corrects the first
    (20, "first", "a-one", "done", N),
    (18, N, N, "done", "by itself"),
    (19, "moved", "a-one", "later", N),
    (19, N, "b-one", "done", N),
    (22, "first", "a-one", "hard", N),
)


def hour(number: int) -> datetime:
    return datetime(2026, 11, 22, number, tzinfo=UTC)


def text(number: int | None) -> str | None:
    return None if number is None else f"{hour(number):%Y-%m-%dT%H:%M:%S.%fZ}"


def make(path: Path, level: int) -> Path:
    """Make a database as an earlier version left it, before anything was written."""
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.executescript(FIRST_SCHEMA.read_text("utf-8"))
        for migration in MIGRATIONS[:level]:
            for statement in migration.statements:
                raw.execute(statement)
            raw.execute("INSERT INTO migration VALUES (?, ?, 'then')", migration[:2])
    return path


def live(path: Path) -> None:
    """Fill it with an evening."""
    with closing(sqlite3.connect(path)) as raw, raw:
        for number, row in enumerate(DELIVERIES, 1):
            name, kind, parent, prompt, tip, claimed, order, held, why, ended, outcome, reason = row
            slot = ("2026-11-22", number) if kind == "slot" else (None, None)
            shown = (text(ended), "2026-11-22") if outcome == "shown" else (None, None)
            brought = ("plain", TEXT) if claimed else (None, None)
            raw.execute(
                DELIVERY,
                (
                    *(name, kind, parent, *slot, prompt, tip, text(claimed), order),
                    *(text(held), why, text(ended), outcome, reason, *shown, text(17), *brought),
                    '{"moment": "random"}' if kind == "slot" else None,
                ),
            )
        for number, (at, *rest) in enumerate(RESPONSES, 1):
            raw.execute(RESPONSE, (f"response-{number}", text(at), *rest))


@pytest.fixture(params=[1, 2])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A database of each earlier version."""
    return make(tmp_path / "data" / "reminderd.db", request.param)


@pytest.fixture
def kept(old: Path) -> Iterator[Kept]:
    """The evening, opened by today's version, on the same machine half an hour past midnight."""
    live(old)
    made = Kept(old)
    made.clock.set("2026-11-23 00:30")
    with closing(sqlite3.connect(old)) as raw, raw:
        raw.execute("UPDATE delivery SET device = ?", (made.store.device,))
    yield made
    made.store.close()


def test_it_is_known_when_each_prompt_was_seen(kept: Kept) -> None:
    """First and last by the order of showings, whatever became of them; what was refused is not."""
    assert kept.store.known.past(kept.clock.now).seen == {
        "a-one": Seen("a-one", "moved", hour(19), 3, first_at=hour(20)),
        "b-one": Seen("b-one", "beta", hour(18), 2, first_at=hour(18)),
        "c-one": Seen("c-one", "gamma", hour(21), 4, first_at=hour(21)),
    }


def test_the_last_ones_are_known_without_a_rule(kept: Kept) -> None:
    """No rule was recorded then."""
    assert kept.store.known.past(kept.clock.now).recent == [
        Brought("c-one", "gamma", is_slot=False),
        Brought("a-one", "moved", is_slot=True),
        Brought("b-one", "beta", is_slot=True),
        Brought("a-one", "alpha", is_slot=False),
    ]


def test_reviews_follow_from_the_answers_that_are_there(kept: Kept) -> None:
    """At the first look; corrected ones count as they were corrected."""
    assert kept.store.known.past(kept.clock.now).reviews == {}
    keep_reviews(kept.store, PRACTICE, kept.clock.present())
    assert kept.store.known.past(kept.clock.now).reviews == {
        "a-one": fold([Said(hour(19), Answer.LATER), Said(hour(22), Answer.HARD)], 21),
        "b-one": fold([Said(hour(19), Answer.DONE)], 21),
    }


def test_what_held_a_delivery_back_is_told(kept: Kept) -> None:
    """The last reason is the only one that was recorded then."""
    assert kept.raw("SELECT * FROM hold ORDER BY at") == [
        ("held", text(18), "locked"),
        ("let-go", text(19), "do-not-disturb"),
    ]
    silence = kept.store.accounts.silence(kept.clock.present())
    assert silence is not None
    assert (silence.id, silence.held) == ("held", (Held(Reason.LOCKED, hour(18)),))


def test_the_history_is_all_there(kept: Kept) -> None:
    history = kept.store.reading.history(10)
    assert {one.prompt: one.response for one in history if one.kind == "note"} == {
        None: Answer.DONE,
        "b-one": Answer.DONE,
    }
    assert {one.id: (one.outcome, one.response) for one in history if one.kind != "note"} == {
        "first": (Outcome.SHOWN, Answer.HARD),
        "failed": (Outcome.FAILED, None),
        "moved": (Outcome.SHOWN, Answer.LATER),
        "let-go": (Outcome.MISSED, None),
    }


def test_it_goes_on_from_there(kept: Kept) -> None:
    """What waits still waits; the next showing follows the last, and can be taken back."""
    before = kept.store.known.past(kept.clock.now).seen
    waiting = {one.id for one in kept.store.deliveries.waiting()}
    assert waiting == {"again", "refused", "held"}
    assert kept.claim("refused", ("a-one", "alpha"))
    now = kept.clock.now
    seen = kept.store.known.past(now).seen
    assert seen["a-one"] == Seen("a-one", "alpha", now, 5, first_at=hour(20))
    kept.store.deliveries.release("refused")
    assert kept.store.known.past(now).seen == before


def test_nothing_is_known_where_nothing_was(old: Path) -> None:
    kept = Kept(old)
    keep_reviews(kept.store, PRACTICE, kept.clock.present())
    past = kept.store.known.past(kept.clock.now)
    assert (past.seen, past.reviews, past.recent) == ({}, {}, [])
    kept.store.close()
