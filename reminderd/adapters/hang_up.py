"""What a SIGHUP says: that the terminal went away, or that settings are to be read anew."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_SETTLED: Final = 0.1
"""Seconds to wait before looking: a shell that dies sends the signal just before it is gone."""
_LATER: Final = (0.3, 0.6, 1.2, 2.4)
"""Seconds after which to look again: it may have something to do before it dies."""


class HangUp:
    """Tells the two apart, by whether this process still belongs to a terminal.

    To be made before anything else touches SIGHUP, which does nothing from then until `start`.

    Args:
        service: Whether systemd runs this process: it then has no terminal to end with.
    """

    def __init__(self, *, service: bool) -> None:
        # Nobody is to end with a terminal under `setsid`, where there is none, and under `nohup`,
        # which has the signal ignored.
        kept = service or signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        self._ends_with_terminal = not kept and _has_terminal()
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def start(self, on_gone: Callable[[], None], on_signal: Callable[[], None]) -> None:
        """Call back on the running loop, at once if the terminal has gone meanwhile.

        Args:
            on_gone: The terminal is gone; perhaps called more than once.
            on_signal: There was a SIGHUP, and the terminal is not gone, or not yet.
        """

        def end_if_gone() -> None:
            if self._is_gone():
                on_gone()

        def look() -> None:
            if self._is_gone():
                on_gone()
            else:
                on_signal()

        def hear() -> None:
            loop.call_later(_SETTLED, look)
            for after in _LATER:
                loop.call_later(after, end_if_gone)

        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, hear)
        end_if_gone()

    def _is_gone(self) -> bool:
        return self._ends_with_terminal and not _has_terminal()


def _has_terminal() -> bool:
    """Return whether this process belongs to a terminal, wherever its streams lead."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK))
    except OSError:
        return False
    return True
