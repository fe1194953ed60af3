"""A history that travels arrives as it was, whatever it is, and joins what is there."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminderd.adapters.store.store import Store
from reminderd.adapters.travel.form import Head
from reminderd.adapters.travel.importing import import_file
from reminderd.adapters.travel.writing import as_csv, as_json
from reminderd.app.reviewing import keep_reviews
from reminderd.core.model import Practice
from reminderd.core.review import Review
from tests import strategies
from tests.property.lived import DAY, lived, lives, machine
from tests.unit.adapters.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reminderd.adapters.store.records import Row
    from tests.property.lived import Life

PRACTICE = Practice(("*",), ("*",), alone_only=False)
shapes = st.sampled_from(("json", "csv"))


@contextmanager
def folder() -> Iterator[Path]:
    """Give a place, and remove it."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def records(store: Store) -> list[tuple[str, Row]]:
    """Return all that travels, with the order of claims counted from 1."""
    with store.records(everything=True) as found:
        rows = list(found)
    orders = sorted(order for _, row in rows if isinstance(order := row.get("claim_order"), int))
    for _, row in rows:
        if isinstance(order := row.get("claim_order"), int):
            row["claim_order"] = orders.index(order) + 1
    return rows


def export(store: Store, path: Path, shape: str) -> Path:
    """Write an export of everything."""
    head = Head("1.0", "2026-11-29T00:00:00.000000Z", store.device)
    with store.records(everything=True) as found:
        pieces = as_json(head, found, everything=True) if shape == "json" else as_csv(head, found)
        path.write_bytes("".join(pieces).encode())
    return path


def arrive(kept: Kept, path: Path) -> dict[str, int]:
    """Import a file; return what was new."""
    return dict(import_file(path, kept.store, kept.path, kept.clock.present()).records.new)


def opened(path: Path, name: str, like: Kept) -> Kept:
    """Return an empty store on a machine of that name, at the same moment."""
    with machine(name):
        kept = Kept(path)
    kept.clock.now = like.clock.now
    return kept


def known_of(kept: Kept, device: str) -> dict[str, Any]:
    """Return all that people are told, and the engine goes by, of what a device brought."""
    present = kept.clock.present()
    with machine(device), closing(Store(kept.path, present)) as store:
        keep_reviews(store, PRACTICE, present)
        past = store.known.past(present.now)
        ended = store.accounts.during(present.now - 1000 * DAY, present.now + DAY, present)
        return {
            "history": store.reading.history(-1),
            # A plan that nobody has met stays where it was made.
            "accounts": [one for one in ended if one.ended_at],
            "newest": store.reading.newest(),
            "last": store.reading.last_came(),
            "reviews": {id_: one for id_, one in past.reviews.items() if one != Review()},
            "seen": {id_: (one.tip, one.at, one.first_at) for id_, one in past.seen.items()},
            "recent": past.recent,
            "paces": store.reading.answers_before(present.now, 100, present),
            "today": store.reading.came_on(present.today, present),
            "disabled": store.answers.disabled(),
            "declined": store.answers.declined(),
            "pauses": store.answers.pauses_before(present.now + DAY),
        }


@given(lives, shapes)
@strategies.fewer(8)
def test_it_arrives_as_it_was(life: Life, shape: str) -> None:
    """On a new machine all is told as on the old one, in both forms; the seed stays its own."""
    with folder() as place:
        old = lived(place / "old.db", "old", life)
        new = opened(place / "new.db", "new", old)
        seed = new.store.seed
        file = export(old.store, place / "export", shape)
        arrive(new, file)
        assert known_of(new, "old") == known_of(old, "old")
        assert records(new.store) == records(old.store)
        assert new.store.seed == seed != old.store.seed
        assert not new.store.deliveries.waiting()
        before = stored(new)
        assert arrive(new, file) == {}
        assert stored(new) == before
        old.store.close()
        new.store.close()


def stored(kept: Kept) -> set[str]:
    """Return a database as lines of text, without what is only made of the rest."""
    made = ("'mark of ", "'reviewed'", 'INTO "review"', 'INTO "seen"')
    with closing(sqlite3.connect(kept.path)) as connection:
        return {line for line in connection.iterdump() if not any(one in line for one in made)}


@given(lives, lives, st.booleans(), shapes)
@strategies.fewer(12)
def test_histories_join_in_any_order(one: Life, two: Life, same: bool, shape: str) -> None:
    """Also two of one machine, as after it was set up anew: what is in either is in the union."""
    with folder() as place:
        stores = [
            lived(place / "one.db", "one", one),
            lived(place / "two.db", "one" if same else "two", two),
        ]
        files = [
            export(kept.store, place / f"export{number}", shape)
            for number, kept in enumerate(stores)
        ]
        found: list[dict[str, str]] = []
        for turn in (files, files[::-1]):
            union = opened(place / f"union{len(found)}.db", "three", stores[0])
            for file in turn:
                arrive(union, file)
            found.append({str(row.get("id", row)): kind for kind, row in records(union.store)})
            keep_reviews(union.store, PRACTICE, union.clock.present())
            union.store.close()
        assert found[0] == found[1]
        each = [
            {str(row.get("id", row)): kind for kind, row in records(kept.store)} for kept in stores
        ]
        assert found[0] == each[0] | each[1]
        for kept in stores:
            kept.store.close()


@given(lives, lives, st.booleans(), shapes)
@strategies.fewer(12)
def test_what_is_here_goes_on(mine: Life, other: Life, same: bool, shape: str) -> None:
    """Nothing comes, opens, is paused or is no longer paused because something was brought in."""
    with folder() as place:
        kept = lived(place / "mine.db", "mine", mine)
        theirs = lived(place / "other.db", "mine" if same else "other", other)
        before = state(kept)
        file = export(theirs.store, place / "export", shape)
        arrive(kept, file)
        after = state(kept)
        if before["newest"] is not None:
            assert after["newest"] == before["newest"]
        if before["pause"] is not None:
            assert after["pause"] == before["pause"]
        assert after["standing"] == before["standing"]
        # What is only planned gives way where its like came elsewhere; nothing is added but what
        # an answer has withdrawn.
        assert after["waiting"] <= before["waiting"]
        kept.store.close()
        theirs.store.close()


def state(kept: Kept) -> dict[str, Any]:
    """Return what the daemon goes by."""
    store = kept.store
    return {
        "newest": store.reading.newest(),
        "pause": store.answers.pause(),
        "standing": store.screen.standing(),
        "waiting": {one.id for one in store.deliveries.waiting() if not one.withdrawn},
    }


@pytest.mark.parametrize("shape", ["json", "csv"])
def test_an_empty_history_travels(shape: str, tmp_path: Path) -> None:
    """There is a file, and nothing in it."""
    kept = lived(tmp_path / "old.db", "old", [])
    assert arrive(kept, export(kept.store, tmp_path / "export", shape)) == {}
    kept.store.close()
