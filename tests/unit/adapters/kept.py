"""A store on a real database, with a clock that is set by hand."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from reminderd.adapters.store.store import Store
from reminderd.core.cadence import Moment
from reminderd.core.history import ShownText
from reminderd.core.model import Answer, Source, When
from reminderd.core.notice import Posted
from tests.fakes import FakeClock, choice

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 11, 23)
TEXT = ShownText("A title", "A body with an “ä”", "A cue", When.NEXT)
PROMPT = ("a-one", "alpha")


class Kept:
    """A store and the clock it is used by."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = FakeClock(datetime(2000, 1, 1, tzinfo=UTC))
        self.clock.set("2026-11-23 09:00")
        self.store = Store(path, self.clock.present())

    def plan(self, *hours: int, day: date = TODAY) -> list[str]:
        """Plan slots of a date, each good for two hours; return the ids of those that wait."""
        start = datetime(day.year, day.month, day.day)  # noqa: DTZ001 -- wall time
        moments = [
            Moment(
                *(start + timedelta(hours=hour), start + timedelta(hours=hour + 2)),
                Source.RANDOM,
            )
            for hour in hours
        ]
        with self.store.transaction():
            self.store.deliveries.replace_plan(day, moments, self.clock.present())
        return [one.id for one in self.store.deliveries.waiting() if one.slot]

    def claim(self, identifier: str, prompt: tuple[str, str] = PROMPT) -> bool:
        return self.store.deliveries.claim(
            *(identifier, self.store.version(), choice(*prompt, "the reason"), TEXT),
            self.clock.present(),
        )

    def show(self, identifier: str, prompt: tuple[str, str] = PROMPT) -> str:
        assert self.claim(identifier, prompt)
        self.store.deliveries.record_shown(identifier, Posted(":1.7", 42), self.clock.present())
        return identifier

    def show_now(self, prompt: tuple[str, str] = PROMPT) -> str:
        """Bring something at this moment."""
        present = self.clock.present()
        return self.show(
            self.store.deliveries.add_now(present, timedelta(minutes=2), None, None), prompt
        )

    def answer(self, answer: Answer, delivery: str | None, **values: object) -> str:
        plain: dict[str, object] = {
            "prompt": "a-one",
            "note": None,
            "snooze": None,
            "source": "cli",
        }
        return self.store.answers.add_response(
            answer,
            self.clock.present(),
            delivery=delivery,
            **{**plain, **values},  # type: ignore[arg-type]  # a table of plain values
        )

    def raw(self, sql: str) -> list[tuple[object, ...]]:
        """Ask the file itself, through a connection that knows nothing of us."""
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(sql).fetchall()
