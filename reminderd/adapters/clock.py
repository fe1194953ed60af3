"""The one place where clock and time zone are read."""

from __future__ import annotations

import os
import time
import warnings
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from reminderd.core.walltime import Present

if TYPE_CHECKING:
    from datetime import tzinfo

ZONE_FILE: Final = Path("/etc/localtime")
_NO_ZONE = (LookupError, ValueError, OSError)


class SystemClock:
    """This machine's clock, in the zone it is set to at each reading."""

    def present(self) -> Present:
        """Return the present moment and the zone the person is in."""
        zone = _zone()
        return Present(datetime.now(UTC), zone, str(zone))


def _zone() -> tzinfo:
    """Return the zone that the session or the machine is set to."""
    if name := _plain_name():
        with suppress(*_NO_ZONE):
            return ZoneInfo(name)
    # Loaded where the plain ways are not enough: it costs four milliseconds.
    import tzlocal  # noqa: PLC0415

    named: tzinfo | None = None
    with suppress(*_NO_ZONE), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that do not agree
        named = tzlocal.reload_localzone()
    # A file without a name, beside a name that was left there: the system reads the file.
    if (filed := _in_file()) is not None and (named is None or not _agree(named, filed)):
        return filed
    offset = _offset()
    if named is not None and datetime.now(named).utcoffset() == offset:
        return named
    # An unusual TZ, such as "<+03>-3": its present offset is all that we can know.
    return timezone(offset)


def _offset() -> timedelta:
    """Return what the C library makes of the zone, at present."""
    time.tzset()
    return timedelta(seconds=time.localtime().tm_gmtoff)


def _in_file() -> ZoneInfo | None:
    """Return the zone that the system's own file holds; None where the session names another."""
    if os.environ.get("TZ"):
        return None
    with suppress(*_NO_ZONE):
        status = ZONE_FILE.stat()
        return _read(ZONE_FILE, status.st_ino, status.st_mtime_ns)
    return None


@lru_cache(maxsize=2)
def _read(path: Path, _inode: int, _changed_at: int) -> ZoneInfo:
    """Return the zone in a file; it is read again when it is another."""
    with path.open("rb") as file:
        return ZoneInfo.from_file(file, key="localtime")


def _agree(one: tzinfo, other: tzinfo) -> bool:
    """Return whether two zones show the same time for a year to come."""
    months = (datetime.now(UTC) + timedelta(days=30 * number) for number in range(13))
    return all(at.astimezone(one).utcoffset() == at.astimezone(other).utcoffset() for at in months)


def _plain_name() -> str:
    """Return the zone's name from the two places where most systems have it, else ""."""
    if said := os.environ.get("TZ"):
        return said.removeprefix(":")
    with suppress(OSError):
        return str(ZONE_FILE.readlink()).partition("/zoneinfo/")[2]
    return ""
