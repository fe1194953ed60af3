"""The one place where clock and time zone are read."""

from __future__ import annotations

import os
import time
import warnings
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from reminderd.core.walltime import Present

if TYPE_CHECKING:
    from datetime import tzinfo

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

    offset = _offset()
    with suppress(*_NO_ZONE), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that do not agree: the offset decides
        named = tzlocal.reload_localzone()
        if datetime.now(named).utcoffset() == offset:
            return named
    # A file without a name, beside another name that was left there: the system reads the file.
    with suppress(*_NO_ZONE):
        status = Path("/etc/localtime").stat()
        zone = _in_file(status.st_ino, status.st_mtime_ns)
        if datetime.now(zone).utcoffset() == offset:
            return zone
    # An unusual TZ, such as "<+03>-3": its present offset is all that we can know.
    return timezone(offset)


def _offset() -> timedelta:
    """Return what the C library makes of the zone, at present."""
    time.tzset()
    return timedelta(seconds=time.localtime().tm_gmtoff)


@lru_cache(maxsize=2)
def _in_file(_inode: int, _changed_at: int) -> ZoneInfo:
    """Return the zone that the system's own file holds, read again when it is another."""
    with Path("/etc/localtime").open("rb") as file:
        return ZoneInfo.from_file(file, key="localtime")


def _plain_name() -> str:
    """Return the zone's name from the two places where most systems have it, else ""."""
    if said := os.environ.get("TZ"):
        return said.removeprefix(":")
    with suppress(OSError):
        return str(Path("/etc/localtime").readlink()).partition("/zoneinfo/")[2]
    return ""
