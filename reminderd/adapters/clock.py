"""The one place where clock and time zone are read."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
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

    with suppress(*_NO_ZONE):
        return tzlocal.reload_localzone()
    # An unusual TZ, such as "<+03>-3": its present offset is all that we can know.
    return timezone(timedelta(seconds=time.localtime().tm_gmtoff))


def _plain_name() -> str:
    """Return the zone's name from the two places where most systems have it, else ""."""
    if said := os.environ.get("TZ"):
        return said.removeprefix(":")
    with suppress(OSError):
        return str(Path("/etc/localtime").readlink()).partition("/zoneinfo/")[2]
    return ""
