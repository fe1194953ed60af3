"""Files to import: what is amiss is told with its place, and nothing comes in of them."""

from __future__ import annotations

import json
import re
import resource
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from reminderd.adapters.store import from_backup, records
from reminderd.adapters.store.records import RECORDS
from reminderd.adapters.travel import json_reading
from reminderd.adapters.travel.form import SECTIONS, Head
from reminderd.adapters.travel.importing import import_file
from reminderd.adapters.travel.writing import as_csv, as_json
from reminderd.core.model import Answer, Pause, Reason
from reminderd.errors import ExportError, NewerStoreError, ReminderdError, StoreError
from tests.property.lived import machine
from tests.unit.adapters.kept import Kept

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from reminderd.adapters.store.records import Row

ENDLESS = """WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)
SELECT 'n' || x AS delivery FROM c"""
HEAD = Head("1.0", "2026-11-29T00:00:00.000000Z", "there")


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Kept]:
    """Somebody's history: a practice that was held first, answered with a note, and a pause."""
    with machine("there"):
        there = Kept(tmp_path / "there.db")
    present = there.clock.present()
    (slot,) = there.plan(9)
    there.store.deliveries.hold(slot, Reason.LOCKED, present)
    there.show(slot)
    there.answer(Answer.DONE, slot, note="a note")
    there.store.answers.add_choice("a-two", present, enabled=False)
    there.store.answers.add_pause(Pause(present.now, present.now, None), present)
    yield there
    there.store.close()


@pytest.fixture
def shapes(there: Kept) -> dict[str, str]:
    """The same as an export, in both forms."""
    with there.store.records(everything=True) as found:
        records = list(found)
    return {
        "json": "".join(as_json(HEAD, records, everything=True)),
        "csv": "".join(as_csv(HEAD, records)),
    }


def refused(kept: Kept, content: str | bytes) -> str:
    """Expect that a file is refused and that nothing changes; return what is told."""
    path = kept.path.with_name("file")
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with closing(sqlite3.connect(kept.path)) as connection:
        before = list(connection.iterdump())
        with pytest.raises(ReminderdError) as caught:
            bring(path, kept)
        assert list(connection.iterdump()) == before
    assert isinstance(caught.value, ExportError | StoreError)
    return str(caught.value).replace(str(path), "FILE")


def bring(path: Path, kept: Kept) -> Counter[str]:
    """Import a file; return what was new."""
    return import_file(path, kept.store, kept.path, kept.clock.present()).records.new


# What stands in a good export, what takes its place, and what is then told.
WRONG = [
    # each kind of value
    ('"answer": "done"', '"answer": "fine"', "answer: found 'fine'; allowed: done, taken, hard"),
    ('"answer": "done"', '"answer": null', "answer: found nothing; allowed: done, taken"),
    ('"answer": "done"', '"answer": 7', "answer: found 7; allowed: done"),
    ('"answer": "done"', '"answer": ["done"]', "answer: found ['done']; allowed: done"),
    ('"showing": 1', '"showing": "1"', "showing: found '1'; allowed: a whole number from 1"),
    ('"showing": 1', '"showing": true', "showing: found True; allowed: a whole number"),
    ('"showing": 1', '"showing": 0', "showing: found 0; allowed: a whole number from 1"),
    ('"showing": 1', '"showing": 1.0', "found 1.0; allowed: whole numbers"),
    ('"showing": 1', '"showing": NaN', "found NaN; allowed: whole numbers"),
    ('"showing": 1', '"showing": 1e999', "found 1e999; allowed: whole numbers"),
    ('"showing": 1', f'"showing": {"9" * 5000}', "found a number of 5000 digits"),
    ('"zone": "Europe/Berlin"', '"zone": ""', "zone: found ''; allowed: the name of a time zone"),
    ('"zone": "Europe/Berlin"', '"zone": "a\\u0000b"', "zone: found "),
    ('"note": "a note"', '"note": "\\ud800"', "note: found "),
    ('"note": "a note"', f'"note": "{"x" * 10_001}"', "note: found 'xxx"),
    ('"prompt": "a-one"', '"prompt": "A One"', "prompt: found 'A One'; allowed: an id as"),
    ('"planned_at": "2026', '"planned_at": "0026', "planned_at: found '0026-11-23T"),
    ('"planned_at": "2026-11-23T', '"planned_at": "2026-13-23T', "planned_at: found '2026-13-23T"),
    ('"planned_at": "2026-11-23T', '"planned_at": "٢٠٢٦-11-23T', "planned_at: found "),
    ('"local_at": "2026-11-23T09:00:00"', '"local_at": "2026-11-23"', "local_at: found '2026"),
    ('"slot_date": "2026-11-23"', '"slot_date": "2026-11-31"', "slot_date: found '2026-11-31'"),
    ('"id": "0', '"id": "x', "id: found 'x"),
    ('"reason": "locked"', '"reason": "bored"', "reason: found 'bored'; allowed: paused, quiet"),
    ('"enabled": 0', '"enabled": 2', "enabled: found 2; allowed: a whole number from 0 to 1"),
    # texts that are JSON themselves
    ('\\"when\\": \\"next\\"', '\\"when\\": \\"soon\\"', 'text: found \'{"title"'),
    ('\\"when\\": \\"next\\"', '\\"where\\": \\"next\\"', 'text: found \'{"title"'),
    ('\\"title\\": \\"A title\\"', '\\"title\\": [\\"A title\\"]', 'text: found \'{"title"'),
    ('\\"rule\\":\\"new\\"', '\\"rule\\":\\"old\\"', "why: found '{"),
    ('\\"rule\\":\\"new\\"', '\\"rule\\":NaN', "why: found '{"),
    ('\\"rule\\":\\"new\\"', '\\"rule\\":{\\"a\\":1}', "why: found '{"),
    # what does not fit the rest
    ('"outcome": "shown"', '"outcome": "missed"', "allowed here, by the rest of the delivery"),
    ('"outcome": "shown"', '"outcome": null', "by the rest of the delivery"),
    ('"kind": "slot"', '"kind": "now"', "slot_date: nothing is allowed here, by the rest"),
    ('"until_local": null', '"until_local": "2026-11-23T09:00:00"', "until_utc: either this or"),
    ('"delivery": "0', '"delivery": "1', "a delivery that is neither here nor before it"),
    # keys
    ('"note":', '"remark":', "'remark': a response has no such key"),
    ('"note":', '"answer":', "answer: it stands here a second time"),
    ('"holds":', '"responses":', "'reason': a response has no such key"),
    ('"holds":', '"wishes":', "'wishes': an export has no such key"),
    ('"version": 1', '"version": 2', "FILE was made by a newer reminderd."),
    ('"version": 1', '"version": "1"', "version: found '1'; allowed: 1"),
    ('"version": 1', '"version": 0', "version: found '0'; allowed: 1"),
    ('"version": 1,\n', "", "it does not begin with"),
    ('"format": "reminderd export"', '"format": "a diary"', "format: this is not what an export"),
    # JSON
    ("\n}\n", "", "it ends too early, so it is not whole"),
    ("\n}\n", "\n} x", "there is more after its end"),
    ('"holds": [', '"holds": {', "found '{'; allowed: ["),
    ('"holds": [', '"holds": [3, ', "a hold was expected here, in braces"),
    ('"holds": [', '"holds": [{"a": ' + "[" * 5000, "it is nested too deeply"),
    ('"note": "a note"', '"note": "a\nnote"', "not JSON: Invalid control character"),
    ('"note": "a note"', '"note": "a note', "not JSON: "),
    ('"note": "a note"', f'"note": "{"x" * 3_000_000}"', "longer than 1,048,576 characters"),
]


@pytest.mark.parametrize(("good", "bad", "told"), WRONG, ids=range(len(WRONG)))
def test_json_that_is_not_as_ours(
    good: str, bad: str, told: str, shapes: dict[str, str], kept: Kept
) -> None:
    """It is told with file, line and key, what was found and what is allowed."""
    text = shapes["json"]
    assert good in text
    said = refused(kept, text.replace(good, bad, 1))
    assert told in said
    if "newer" not in said:
        (line,) = re.findall(r"^FILE:(\d+): ", said)
        place = text[: text.index(good)].count("\n") + 1
        # A document that goes on is at fault a line or two after what was left out.
        assert place <= int(line) <= place + 3
        assert "Nothing was changed." in said


TABLES = [
    (",shown,", ",seen,", "outcome: found 'seen'; allowed: shown, missed, failed"),
    ("2026-11-23,1,", "23.11.2026,1,", "slot_date: found '23.11.2026'; allowed: a date as"),
    ("2026-11-23,1,", "2026-11-23,one,", "slot_number: found 'one'; allowed: a whole number"),
    ("2026-11-23,1,", f"2026-11-23,{'9' * 5000},", "slot_number: found '999"),
    ("record,id,", "record,id,id,", "a column stands here twice"),
    ("record,id,", "record,id,colour,", "colour: an export has no such column"),
    ("\r\nhold,", "\r\nhild,", "record: found 'hild'; allowed: delivery, hold"),
    ("\r\nhold,", "\r\nhold,0", "hold has no such key"),
    ("\r\nexport,", "\r\nexpert,", "the first row is to be the one named 'export'"),
    ("reminderd export,1,", "reminderd export,2,", "FILE was made by a newer reminderd."),
    ("reminderd export,1,", "reminderd export,one,", "version: found 'one'; allowed: 1"),
    ("\r\nend,", "\r\nhold,", "delivery: found nothing; allowed: an id"),
    ("a note", f'"{"x" * 3_000_000}"', "a row has up to 1,048,576 characters"),
    ("a note", '"' + "\n" * 3_000_000 + '"', "a row has up to 1,048,576 characters"),
    ("a note", '"a note', "not a table: "),
    ("a note", "a\0note", "note: found "),
]


@pytest.mark.parametrize(("good", "bad", "told"), TABLES, ids=range(len(TABLES)))
def test_csv_that_is_not_as_ours(
    good: str, bad: str, told: str, shapes: dict[str, str], kept: Kept
) -> None:
    """The same of a table."""
    assert good in shapes["csv"]
    said = refused(kept, shapes["csv"].replace(good, bad, 1))
    assert told in said
    assert "Nothing was changed." in said


def test_a_csv_that_was_cut_off_is_not_whole(shapes: dict[str, str], kept: Kept) -> None:
    """Wherever that was."""
    rows = shapes["csv"].splitlines(keepends=True)
    for count in range(1, len(rows)):
        assert "so it is not whole" in refused(kept, "".join(rows[:count]))


OTHERS = [
    (b"", "FILE is empty."),
    (b"{}", "FILE:1: a key was expected here"),
    (b"[]", "FILE is no export of reminderd's."),
    (b"Dear diary,", "FILE is no export of reminderd's."),
    (b'\xff\xfe{\0"\0', "FILE:1: this is UTF-16, not UTF-8."),
    (b'{"format": "caf\xe9"}', "the byte 0xE9 is not UTF-8 text"),
    (b"record,id\nexport,caf\xe9\n", "the byte 0xE9 is not UTF-8 text"),
    (b"SQLite format 3\0" + b"\xff" * 500, "damaged: the database cannot be read: file is not"),
]


@pytest.mark.parametrize(("content", "told"), OTHERS, ids=range(len(OTHERS)))
def test_other_files(content: bytes, told: str, kept: Kept) -> None:
    """What is nothing of ours is told as that."""
    assert told in refused(kept, content)


def test_nobody_waits_while_a_file_is_read(
    shapes: dict[str, str], kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However large or slow it is: it is laid aside first, and nothing is left of that."""
    others = sqlite3.connect(kept.path, timeout=0, isolation_level=None)
    read = []

    def checked(kind: str, found: Mapping[str, object]) -> Row:
        others.execute("BEGIN IMMEDIATE")
        others.rollback()
        read.append(kind)
        return records.checked(kind, found)

    monkeypatch.setattr(json_reading, "checked", checked)
    (path := tmp_path / "file").write_text(shapes["json"], "utf-8")
    before = {one.name for one in kept.path.parent.iterdir()}
    with closing(others):
        assert bring(path, kept)["practice"] == 1
    assert set(read) == set(records.RECORDS) - {"settings", "deck"}
    assert {one.name for one in kept.path.parent.iterdir()} == before


@pytest.mark.parametrize("room", [64 * 1024, 70_000])
def test_a_full_disk_is_not_told_of_the_file(
    room: int, shapes: dict[str, str], kept: Kept, tmp_path: Path
) -> None:
    """Also where a piece of what is laid aside still fits."""
    responses = json.loads(shapes["json"])["responses"]
    many = [
        responses[0] | {"id": f"{number:08x}-0000-7000-8000-000000000000", "note": "x" * 100}
        for number in range(1000)
    ]
    path = tmp_path / "file"
    path.write_text(json.dumps(json.loads(shapes["json"]) | {"responses": many}), "utf-8")
    with largest_file(room), pytest.raises(StoreError) as caught:
        bring(path, kept)
    assert caught.value.message == f"The database {kept.path} cannot be used: File too large."
    assert caught.value.hint.endswith("It works again once there is room on the disk.")


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let no file grow beyond a size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_what_is_no_file(kept: Kept, tmp_path: Path) -> None:
    """A folder or nothing at all: told at once."""
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(ExportError):
            bring(path, kept)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: json.dumps(json.loads(text), indent=4),
        lambda text: json.dumps(json.loads(text)),
        lambda text: "\ufeff" + text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", " " * 70_000 + "\n", 3),
    ],
    ids=["indented", "in one line", "with a mark", "with many blanks"],
)
def test_json_may_be_laid_out_otherwise(
    change: object, shapes: dict[str, str], kept: Kept, tmp_path: Path
) -> None:
    """What means the same is the same."""
    assert callable(change)
    path = tmp_path / "file"
    path.write_text(change(shapes["json"]), "utf-8", newline="")
    assert bring(path, kept)["practice"] == 1


def without_quotes(text: str) -> str:
    """Return a table as a spreadsheet in German saves it: a mark, semicolons, blank rows."""
    rows = [row.replace(",", ";") for row in text.splitlines() if "{" not in row]
    return "\ufeff" + "\r\n".join([f"{rows[0]};", *rows[1:-1], ";" * 40, rows[-1], "", ""])


def test_csv_may_come_from_a_spreadsheet(
    shapes: dict[str, str], kept: Kept, tmp_path: Path
) -> None:
    """With another separator, a byte order mark and rows without anything in them."""
    path = tmp_path / "file"
    rows = shapes["csv"].splitlines()
    kinds = ("record", "export", "choice", "pause", "end")
    plain = "\n".join(row for row in rows if row.startswith(kinds))
    path.write_text(without_quotes(plain), "utf-8", newline="")
    new = bring(path, kept)
    assert new == {"choice": 1, "pause": 1}


SHOUTED = """
DROP TABLE pause; CREATE VIEW pause AS ENDLESS;
PRAGMA writable_schema = ON; UPDATE sqlite_schema SET type = 'VIEW' WHERE name = 'pause';
"""
NOT_COUNTED = """
DROP TABLE migration; CREATE TABLE migration (number); INSERT INTO migration VALUES ('many');
"""


class TestBackup:
    """Another database of ours, which stays as it is."""

    def test_brings_choices_and_pauses_too(self, there: Kept, kept: Kept, tmp_path: Path) -> None:
        """All that `export --all` has but the files."""
        path = backup_of(there, tmp_path / "backup.db")
        before, folder = path.read_bytes(), set(tmp_path.iterdir())
        new = bring(path, kept)
        assert new == {"practice": 1, "hold": 1, "response": 1, "choice": 1, "pause": 1}
        assert path.read_bytes() == before
        assert set(tmp_path.iterdir()) == folder

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ("UPDATE response SET source = 'a b'", "table response, row 1: source: found 'a b'"),
            ("UPDATE delivery SET zone = ''", "table delivery, row 1: zone: found ''"),
            ("UPDATE response SET note = CAST(x'ff' AS TEXT)", "damaged: table response cannot be"),
            ("DROP TABLE hold; CREATE VIEW hold AS SELECT 1", "damaged: hold is not reminderd's"),
            (
                "ALTER TABLE response RENAME TO other; CREATE VIEW Response AS ENDLESS",
                "damaged: Response is not reminderd's",
            ),
            (SHOUTED, "damaged: pause is not reminderd's"),
            (
                "DROP TABLE delivery; DROP TABLE hold; CREATE VIEW Hold AS ENDLESS",
                "table hold: it is not a table as",
            ),
            ("DELETE FROM migration", "damaged: the record of its versions is missing"),
            (NOT_COUNTED, "damaged: the record of its versions is missing"),
            (
                "ALTER TABLE pause ADD COLUMN more TEXT AS (upper(at))",
                "table pause: it is not a table as",
            ),
        ],
    )
    def test_is_not_trusted(
        self, change: str, told: str, there: Kept, kept: Kept, tmp_path: Path
    ) -> None:
        """A row is as good as a line of a text."""
        path = backup_of(there, tmp_path / "backup.db")
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(change.replace("ENDLESS", ENDLESS))
        assert told in refused(kept, path.read_bytes())

    def test_of_a_newer_reminderd_is_refused(self, there: Kept, kept: Kept, tmp_path: Path) -> None:
        """Nobody knows what it holds."""
        path = backup_of(there, tmp_path / "backup.db")
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("INSERT INTO migration VALUES (99, 'later', '')")
        with pytest.raises(NewerStoreError):
            bring(path, kept)

    def test_that_is_in_use_is_refused(self, there: Kept, kept: Kept) -> None:
        """Its last changes would be left out; and the database itself has nothing to bring."""
        with pytest.raises(ExportError, match=r"its last changes are still in there\.db-wal"):
            bring(there.path, kept)
        with pytest.raises(ExportError, match="is the database itself"):
            bring(kept.path, kept)

    def test_that_is_cut_off_is_refused(self, there: Kept, kept: Kept, tmp_path: Path) -> None:
        """Damaged at the end, and told as that."""
        content = backup_of(there, tmp_path / "backup.db").read_bytes()
        told = refused(kept, content[: len(content) // 2])
        backups = kept.path.with_name("backups")
        assert told.startswith("FILE is a backup that is damaged: ")
        assert told.endswith(
            f" Nothing was brought in. Please take another one: reminderd's own are in {backups}."
        )

    def test_that_takes_too_long_is_refused(
        self, there: Kept, kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whatever somebody planted in it."""
        path = backup_of(there, tmp_path / "backup.db")
        monkeypatch.setattr(from_backup, "STEPS", 1)
        monkeypatch.setattr(from_backup, "PATIENCE", -1.0)
        assert "it cannot be read: interrupted" in refused(kept, path.read_bytes())


def backup_of(kept: Kept, path: Path) -> Path:
    """Return a copy as SQLite makes one, in one file."""
    with closing(sqlite3.connect(kept.path)) as source, closing(sqlite3.connect(path)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
    return path


def test_every_kind_has_a_place_in_an_export() -> None:
    """In the order in which one refers to another."""
    assert list(SECTIONS) == list(RECORDS)
