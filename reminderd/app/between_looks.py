"""What the daemon remembers from look to look, on a clock that may be set back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

FIRST_RETRY: Final = timedelta(seconds=5)
LONGEST_RETRY: Final = timedelta(minutes=10)


@dataclass(slots=True)
class Backoff:
    """When to try a notifier again that refused; each refusal doubles the wait."""

    _wait: timedelta = timedelta()
    _refused_at: datetime | None = None

    def refused(self, now: datetime) -> None:
        """Wait twice as long as the last time, ten minutes at most."""
        self._wait = min(max(self._wait * 2, FIRST_RETRY), LONGEST_RETRY)
        self._refused_at = now

    def changed(self) -> None:
        """Try soon: another server is there. One that comes and goes is not tried all the time."""
        self._wait = min(self._wait, FIRST_RETRY)

    def reset(self) -> None:
        """Forget earlier refusals: it worked."""
        self._wait, self._refused_at = timedelta(), None

    def until(self, now: datetime, *, ready: bool) -> datetime | None:
        """Return when to try again, or None where there is nothing to wait for."""
        if not ready:
            return now + LONGEST_RETRY
        if self._refused_at is None:
            return None
        self._refused_at = min(self._refused_at, now)  # clocks step back
        until = self._refused_at + self._wait
        return until if until > now else None
