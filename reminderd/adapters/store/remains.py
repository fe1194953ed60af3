"""What was erased, looked for in every file afterwards: what is found there was not erased."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reminderd.adapters.store.connection import Database

UNFINISHED: Final = "erasing"
"""The key in `state` of what is still to be looked for, until nothing of it was found. Ids are
random; of these it holds digests, which tell nothing and are not found themselves."""
_ID_HEAD: Final = 8
_ID_REST: Final = re.compile(rb"-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
"""An id without its first eight letters: what begins with a certain one is found far sooner."""
_DIGEST: Final = re.compile(r"[0-9a-f]{16}")
_NEEDLE: Final = 40
"""Bytes of a note that are looked for."""
_NEEDLES: Final = 500
"""Notes that are looked for, the longest; of what else is erased every id is."""
_SHORTEST: Final = 8
"""Bytes; what is shorter could be found by chance."""
_PIECE: Final = 1024 * 1024
_LARGEST: Final = 256 * _PIECE
"""Bytes of a file that is looked through: nothing of ours is larger, and a hole has no end."""
_IN_EVERY_FILE: Final = b"SQLite format 3"


class Looked(NamedTuple):
    """What looking through a folder came to.

    Attributes:
        files: How many files were looked through.
        found: Those in which something was found.
        unseen: What could not be looked at, each with the reason.
    """

    files: int
    found: list[Path]
    unseen: list[str]


class Gone:
    """What is to be erased: counted, and remembered to be looked for afterwards.

    Args:
        database: While all is still there.
        deliveries: Which deliveries, as a condition.
        answers: Which responses.
        noted: Of which responses the note, where not the whole goes.

    Attributes:
        practices: How many deliveries, brought or let go.
        answers: How many responses.
        notes: How many texts of the person.
        is_unfinished: Whether an erasing before this one did not come to its end.
    """

    def __init__(
        self, database: Database, deliveries: str, answers: str, *, noted: str = ""
    ) -> None:
        ids = [
            database.read(f"SELECT id FROM {table} WHERE {which}")
            for table, which in (
                ("delivery", f"{deliveries} AND (claimed_at IS NOT NULL OR outcome IS NOT NULL)"),
                ("response", answers),
            )
        ]
        notes = database.read(
            f"SELECT note FROM response WHERE note IS NOT NULL AND {noted or answers}"
        )
        before = database.first("SELECT value FROM state WHERE key = ?", UNFINISHED)
        self.practices, self.answers = map(len, ids)
        self.notes = len(notes)
        self.is_unfinished = before is not None
        self._ids = {_digest(row["id"].encode()) for rows in ids for row in rows}
        if before is not None:
            self._ids |= set(_DIGEST.findall(before["value"]))
        longest = sorted((row["note"].encode() for row in notes), key=len)[-_NEEDLES:]
        self._texts = {note[:_NEEDLE] for note in longest if len(note) >= _SHORTEST}

    def remember(self, database: Database) -> None:
        """Let the next erasing finish this one, should it not come to its end."""
        database.write(
            "INSERT OR REPLACE INTO state VALUES (?, ?)",
            *(UNFINISHED, f'"{" ".join(sorted(self._ids))}"'),  # JSON, as all that is there
        )

    def leave_out(self, database: Database) -> None:
        """Do not look for what stands in what stays: a title, a setting, another note."""
        tables = database.read("SELECT name FROM sqlite_schema WHERE type = 'table'")
        for table in ("sqlite_schema", *(row["name"] for row in tables)):
            marked = " WHERE key <> 'erasing'" if table == "state" else ""
            # As the file has them: one value right after the other.
            stays = _IN_EVERY_FILE + b"\0".join(
                "".join(value for value in row if isinstance(value, str)).encode()
                for row in database.each(f'SELECT * FROM "{table}"{marked}')
            )
            self._texts = {text for text in self._texts if text not in stays}
            self._ids -= set(_digests(stays))

    def forget(self, database: Database) -> None:
        """Nothing is left to be looked for."""
        database.write("DELETE FROM state WHERE key = ?", UNFINISHED)

    def look_through(self, database: Path) -> Looked:
        """Look through a database, and every file beside it that is this account's.

        No link is followed but that of the database itself.
        """
        looked = Looked(0, [], [])
        files = 0
        for path in _each(database, looked.unseen):
            try:
                is_there = any(map(self._is_in, _pieces(path)))
            except FileNotFoundError:  # another command removed it
                continue
            except OSError as error:
                looked.unseen.append(f"{path} ({error.strerror or error})")
                continue
            files += 1
            if is_there:
                looked.found.append(path)
        return looked._replace(files=files)

    def _is_in(self, content: bytes) -> bool:
        return any(one in self._ids for one in _digests(content)) or any(
            text in content for text in self._texts
        )


def _digests(content: bytes) -> Iterator[str]:
    """Yield the digest of each id, and of what merely ends as one."""
    for found in _ID_REST.finditer(content):
        yield _digest(content[max(found.start() - _ID_HEAD, 0) : found.end()])


def _digest(identifier: bytes) -> str:
    from hashlib import blake2b  # noqa: PLC0415 -- no quick command is to wait for it

    return blake2b(identifier, digest_size=8).hexdigest()


def _each(database: Path, unseen: list[str]) -> Iterator[Path]:
    """Yield the files that can be looked through; of all else say why not."""

    def tell(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            unseen.append(f"{error.filename} ({error.strerror})")

    for path in _paths(database, tell):
        try:
            status = path.lstat()
        except OSError as error:
            tell(error)
            continue
        if not stat.S_ISDIR(status.st_mode) and (why := _why_not(status)):
            unseen.append(f"{path} ({why})")
        elif stat.S_ISREG(status.st_mode):
            yield path


def _paths(database: Path, tell: Callable[[OSError], None]) -> Iterator[Path]:
    """Yield all there is, in place of a database that is a link what that leads to."""
    is_link = database.is_symlink()
    if is_link:  # SQLite has its log where the file is
        real = Path(os.path.realpath(database))
        yield from (real, real.with_name(f"{real.name}-wal"))
    for place, folders, names in os.walk(database.parent, onerror=tell):
        for name in (*folders, *names):
            path = Path(place, name)
            if not (is_link and path == database):
                yield path


def _why_not(status: os.stat_result) -> str:
    if stat.S_ISLNK(status.st_mode):
        return "a link"
    if stat.S_ISSOCK(status.st_mode):
        return ""  # the daemon's own: nothing is kept in it
    if not stat.S_ISREG(status.st_mode):
        return "not a file"
    if status.st_uid != os.geteuid():
        return "another account's"
    return "too large" if status.st_size > _LARGEST else ""


def _pieces(file: Path) -> Iterator[bytes]:
    """Yield all of a file, in pieces that overlap by more than anything that is looked for."""
    overlap = b""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with open(os.open(file, flags), "rb") as opened:  # noqa: PTH123 -- what a link leads to is not read
        while piece := opened.read(_PIECE):
            yield overlap + piece
            overlap = piece[-2 * _NEEDLE :]
