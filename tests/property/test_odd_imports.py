"""Whatever a file holds: it is refused kindly, or all that reads the database can use it."""

from __future__ import annotations

import json
import tempfile
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminderd.adapters.store.records import RECORDS
from reminderd.adapters.travel.form import Head
from reminderd.adapters.travel.importing import import_file
from reminderd.adapters.travel.writing import as_csv, as_json
from reminderd.app.reviewing import keep_reviews
from reminderd.app.snoozing import plan_snoozed
from reminderd.app.status import status
from reminderd.cli.past import _entry_json, _Zones
from reminderd.core.history import is_open
from reminderd.core.model import Answer, Kind, Practice, Reason
from reminderd.errors import ExportError
from tests import strategies
from tests.property.lived import Life, lived, machine
from tests.unit.adapters.kept import Kept

pytestmark = pytest.mark.uncounted

DAY = timedelta(days=1)
LIFE: Life = [
    *(("first", None), ("show", ("a-one", "alpha")), ("answer", (0, Answer.LATER, "a note"))),
    *(("wait", 60), ("show", ("a-one", "alpha")), ("answer", (0, Answer.HARD, None))),
    *(("wait", 24 * 60), ("plan", 3), ("wait", 60), ("hold", Reason.LOCKED)),
    *(("show", ("a-two", "alpha")), ("answer", (0, Answer.DONE, "more")), ("let go", Reason.AWAY)),
    *(("claim", ("b-one", "beta")), ("note", ("b-one", "by itself")), ("pause", True)),
    *(("pause", False), ("switch", False), ("now", None), ("refuse", ("a-one", "alpha"))),
]
ODD: tuple[Any, ...] = (
    *(None, "", 0, 1, -1, 2**40, 2**63, "x", "America", "UTC", "../etc/passwd", "\x00", "é" * 70),
    *("2026-11-23", "2026-11-23T09:00:00", "2026-11-23T09:00:00B", "2026-11-23T09:00:00.000000Z"),
    *("1970-01-01T00:00:00.000000Z", "8999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00"),
    *("8999-12-31T23:59:59", "1970-01-01T00:00:00", "{}", "[]", '{"rule": "due"}', '{"moment": 1}'),
    *('{"title": "", "body": "", "cue": "", "when": "now"}', '{"prompt": 3}', '{"hard": 2}'),
    *(word.value for words in (Kind, Answer, Reason) for word in words),
    *("shown", "missed", "failed", "a-one", "alpha", "gentler", "Asia/Kathmandu", "Factory"),
)


@cache
def records() -> list[tuple[str, dict[str, Any]]]:
    """Return a history in which there is some of everything, of this very machine."""
    with tempfile.TemporaryDirectory() as place:
        kept = lived(Path(place) / "db", "here", LIFE)
        with kept.store.records(everything=True) as found:
            rows: list[tuple[str, dict[str, Any]]] = [(kind, dict(row)) for kind, row in found]
        kept.store.close()
    assert {kind for kind, _ in rows} == set(RECORDS) - {"settings", "deck"}
    return rows


@st.composite
def changes(draw: st.DrawFn) -> list[tuple[int, str, Any]]:
    """Some keys of some records, with what stands there instead."""
    found = []
    for _ in range(draw(st.integers(1, 3))):
        number = draw(st.integers(0, len(records()) - 1))
        kind, row = records()[number]
        others = [other[key] for name, other in records() if name == kind for key in other]
        key = draw(st.sampled_from(list(row)))
        found.append((number, key, draw(st.sampled_from(ODD) | st.sampled_from(others))))
    return found


@given(changes(), st.lists(st.integers(0, 30), max_size=2), st.booleans(), st.booleans())
@strategies.fewer(5)
def test_what_comes_in_can_be_used(
    changed: list[tuple[int, str, Any]], gone: list[int], as_table: bool, is_mine: bool
) -> None:
    """By the daemon and by every command."""
    rows = [(kind, dict(row)) for kind, row in records()]
    for number, key, value in changed:
        rows[number][1][key] = value
    rows = [row for number, row in enumerate(rows) if number not in gone]
    head = Head("1.0", "2026-11-29T00:00:00.000000Z", "here")
    pieces = as_csv(head, rows) if as_table else as_json(head, rows, everything=True)
    bring_in("".join(pieces).encode(), "here" if is_mine else "elsewhere")


def bring_in(content: bytes, device: str) -> None:
    """Import a file on a machine; it is refused as a whole, or all can be used."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "file"
        path.write_bytes(content)
        with machine(device):
            kept = Kept(Path(place) / "db")
        try:
            import_file(path, kept.store, kept.path, kept.clock.present())
        except ExportError:
            assert kept.store.reading.history(-1) == []
        else:
            use(kept)
        kept.store.close()


def use(kept: Kept) -> None:
    """Read all that there is, as the daemon and the commands do."""
    store, present = kept.store, kept.clock.present()
    keep_reviews(store, Practice(("*",), ("*",), alone_only=False), present)
    store.known.past(present.now)
    json.dumps([_entry_json(one, _Zones(present)) for one in store.reading.history(-1)])
    is_open(store.reading.newest(), present.now)
    json.dumps(status(store, None, present, running=False))
    store.reading.last_came()
    store.reading.answers_before(present.now, 100, present)
    store.reading.dates_before(present.today, 100, present)
    store.answers.pauses_before(present.now)
    accounts = store.accounts
    accounts.last(present)
    accounts.silence(present)
    accounts.during(present.now - 10_000 * DAY, present.now + 10_000 * DAY, present)
    accounts.before(present.now, present)
    accounts.after(present.now, present)
    store.deliveries.record_interrupted(present)
    plan_snoozed(store, timedelta(minutes=20), present)
    store.deliveries.waiting()
    store.deliveries.planned_moments(present.today, present.today + DAY)
    with store.records(everything=True) as found:
        list(found)


@given(st.integers(0, 20_000), st.binary(min_size=1, max_size=4), st.booleans(), st.booleans())
@strategies.fewer(5)
def test_bytes_may_be_any(at: int, put: bytes, as_table: bool, cut: bool) -> None:
    """A file that was damaged is refused, or what of it still means something comes in."""
    head = Head("1.0", "2026-11-29T00:00:00.000000Z", "here")
    pieces = as_csv(head, records()) if as_table else as_json(head, records(), everything=True)
    content = "".join(pieces).encode()
    at %= len(content)
    content = content[:at] + put + (b"" if cut else content[at + len(put) :])
    bring_in(content, "here")
