"""What is there in a home, in parts of which each is changed as a whole or not at all."""

from __future__ import annotations

import json
import re
import sqlite3
import tomllib
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.daemons import Home

QUESTIONS = {
    "answers": "SELECT delivery, prompt, answer, note FROM response ORDER BY seq",
    "choices": "SELECT prompt, enabled FROM choice ORDER BY seq",
    "pauses": "SELECT until_utc > at FROM pause ORDER BY seq",
    "deliveries": "SELECT kind FROM delivery WHERE claimed_at NOT NULL ORDER BY seq",
}
"""Ids and times are left out: they are others each time. So is what became of a delivery: a claim
is by itself, and one that is left without an end gets it at the next start."""
NOW = "NOW"
"""Stands for a moment in the name of a file."""
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d{6}")
PASSING = ("-shm", "-wal", "-journal", ".lock", "wake", "crash.log")


def what_is_there(home: Home) -> dict[str, object]:
    """Return each part with what it holds; a part that is not there is left out.

    Raises:
        AssertionError: The database is damaged, or the settings are.
    """
    parts: dict[str, object] = {}
    for path in sorted(home.folder.rglob("*")):
        name = str(path.relative_to(home.folder))
        if path.is_symlink():
            parts[name] = path.readlink()
        elif path.suffix == ".db":
            parts |= {f"{part} in {name}": rows for part, rows in _rows(path).items()}
        elif path.suffix == ".json":
            parts[MOMENT.sub(NOW, name)] = _keys(path)
        elif path.is_file() and not name.endswith(PASSING):
            parts[name] = path.read_bytes()
    if home.config.exists():
        tomllib.loads(home.config.read_text("utf-8"))
    return parts


def _keys(path: Path) -> object:
    try:
        return sorted(json.loads(path.read_text("utf-8")))
    except ValueError:
        return "no JSON"


def _rows(path: Path) -> dict[str, object]:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA synchronous = OFF")  # nobody cuts the power here
        assert database.execute("PRAGMA quick_check").fetchall() == [("ok",)]
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_schema")}
        if "response" not in tables:
            assert not tables, "a schema that is there by half"
            return {}
        found = {part: database.execute(sql).fetchall() for part, sql in QUESTIONS.items()}
    return {part: rows for part, rows in found.items() if rows}
