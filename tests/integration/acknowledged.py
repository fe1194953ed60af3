"""What a person was told is done, held against what a killed daemon left behind."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tomllib
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.daemons import Home
    from tests.integration.fake_server import Shown

ABSENT: Final = None
"""The value of a setting that does not stand in the file."""


@dataclass
class Acknowledged:
    """All that was acknowledged in one home.

    Attributes:
        notes: The note of each answer that was acknowledged, and by what: no two are the same.
        presses: Delivery and answer of each press whose notification the daemon took down.
        pauses: How many pauses were begun or ended.
        settings: By key, what may stand in the file: one value, or two where the command that
            changed it was killed.
        edits: The number in the comment of the last edit by hand; commands keep comments.
    """

    notes: dict[str, str] = field(default_factory=dict)
    presses: set[tuple[str, str]] = field(default_factory=set)
    pauses: int = 0
    settings: dict[str, set[Any]] = field(default_factory=dict)
    edits: int = 0

    def hold(self, home: Home, titles: frozenset[str], shown: list[Shown]) -> Counter[str]:
        """Hold it against what is there now, while nothing of this home runs.

        The database is looked at in a copy, so that the next daemon finds what was left behind.

        Args:
            home: Whose home it is.
            titles: Those of the practices, which no passing line has.
            shown: Every notification that its server has got so far.

        Returns:
            How much of what is there.

        Raises:
            AssertionError: Something that was acknowledged is not there, or came twice.
        """
        self._hold_settings(home.config)
        copy = home.folder / "copy.db"
        for suffix in ("", "-wal"):
            source = home.database.with_name(home.database.name + suffix)
            if source.exists():
                shutil.copyfile(source, f"{copy}{suffix}")
        with closing(sqlite3.connect(copy)) as database:
            assert database.execute("PRAGMA quick_check").fetchall() == [("ok",)]
            if not database.execute("SELECT 1 FROM sqlite_schema").fetchall():
                acknowledged = [*self.notes, *self.presses, *range(self.pauses)]
                assert acknowledged == [], "there is nothing at all"
                return Counter()
            self._hold_answers(database)
            counted = _hold_showings(database, titles, shown)
        for suffix in ("", "-wal", "-shm"):
            copy.with_name(copy.name + suffix).unlink(missing_ok=True)
        return counted

    def _hold_settings(self, config: Path) -> None:
        text = config.read_text("utf-8")
        found = tomllib.loads(text)
        for key, allowed in self.settings.items():
            table, _, name = key.rpartition(".")
            value = found.get(table, {}).get(name, ABSENT)
            assert value in allowed, f"{key} is {value!r}, acknowledged was one of {allowed}"
            self.settings[key] = {value}  # nothing changes it any more but the next command
        assert f"# edited: {self.edits}\n" in text, "an edit by hand, or its comment, is gone"

    def _hold_answers(self, database: sqlite3.Connection) -> None:
        notes = Counter(
            note for (note,) in database.execute("SELECT note FROM response WHERE note NOT NULL")
        )
        lost = {note: by for note, by in self.notes.items() if note not in notes}
        assert lost == {}, "an acknowledged answer is not stored"
        assert max(notes.values(), default=1) == 1, "an answer is stored twice"
        answers = Counter(database.execute("SELECT delivery, answer FROM response").fetchall())
        assert not self.presses - set(answers), "an acknowledged press is not stored"
        pressed = "SELECT delivery FROM response WHERE source = 'freedesktop'"
        presses = Counter(database.execute(pressed).fetchall())
        assert max(presses.values(), default=1) == 1, "a press is stored twice"
        half = (
            "SELECT 1 FROM response WHERE answer = 'not-for-me' AND NOT EXISTS (SELECT 1"
            " FROM choice WHERE choice.prompt = response.prompt AND NOT enabled)"
        )
        assert not database.execute(half).fetchall(), "an answer is stored by half"
        (pauses,) = database.execute("SELECT count(*) FROM pause").fetchone()
        assert pauses >= self.pauses, "an acknowledged pause or its end is not stored"


def _hold_showings(
    database: sqlite3.Connection, titles: frozenset[str], shown: list[Shown]
) -> Counter[str]:
    """No practice is brought more often than it was claimed, or put up again than it was marked.

    What is put up again says that it is: without the sound that is set.
    """
    brought, put_up_again = Counter[str](), Counter[str]()
    for one in shown:
        if one.summary in titles:
            again = one.hints.get("suppress-sound", False)
            (put_up_again if again else brought)[one.summary] += 1
    claimed, marked, came_of_it = Counter[str](), Counter[str](), Counter[str]()
    rows = database.execute(
        "SELECT kind, text, outcome, reason, reposted_at FROM delivery"
        " LEFT JOIN posted ON posted.delivery = delivery.id WHERE claimed_at NOT NULL"
    )
    for kind, text, outcome, reason, reposted_at in rows:
        title = json.loads(text)["title"]
        claimed[title] += 1
        marked[title] += reposted_at is not None
        came_of_it[f"{kind}: {reason or outcome or 'nobody knows yet'}"] += 1
    assert brought <= claimed, f"brought twice: {brought - claimed}"
    assert put_up_again <= marked, f"put up again without a mark: {put_up_again - marked}"
    came_of_it["put up again"] = put_up_again.total()
    return came_of_it
