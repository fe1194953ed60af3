"""The daemon's side of a talk: its notifier and what it asks of the desktop, on a played bus."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final
from unittest.mock import patch

from reminderd.adapters import bus
from reminderd.adapters.desktop import linux, listener
from reminderd.adapters.notifiers import notification_server
from reminderd.adapters.notifiers.freedesktop import FreedesktopNotifier
from reminderd.core.model import Context, Quiet
from reminderd.core.names import LONGEST_NOTE
from reminderd.core.notice import Button, Delivered, Notice, Posted, Press, Refused, Silent
from tests.property.mutation.peer import bus_that_says

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.property.mutation.messages import Talk

_PATIENCE: Final = 0.4
"""Seconds; where the real one waits for some, a case is to be over soon."""
_BUTTONS: Final = (Button("done", "Done"), Button("hard", "Hard today"), Button("later", "Later"))


def notice(delivery: str) -> Notice:
    """Return what is to be shown."""
    return Notice(delivery, "Your own word for it", "Finish this.", "If I find it, then…", _BUTTONS)


def converse(talk: Talk) -> None:
    """Live through it, as the daemon does.

    Raises:
        AssertionError: Something must not be.
    """
    complaints: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: (  # type: ignore[method-assign]
        complaints.append(_whole(record)) if talk.is_sound or not _of_library(record) else None
    )
    logging.getLogger().addHandler(handler)
    path = Path(os.environ["HOME"], "bus")
    address = f"unix:path={path}"
    here = {
        "DBUS_SESSION_BUS_ADDRESS": address,
        "DBUS_SYSTEM_BUS_ADDRESS": address,
        "PATH": "/nowhere",  # no gsettings: what it says is not what is tried
    }
    with patch.dict(os.environ, here), bus_that_says(talk, path) as be_honest, _soon():
        asyncio.run(_live(talk, be_honest))
        gc.collect()  # a task that nobody looked after complains at its end
    assert not complaints, "\n".join(complaints)


def _of_library(record: logging.LogRecord) -> bool:
    """Tell what dbus-fast stumbles over by itself, where the bus is none, from what we do."""
    trace = record.exc_info[2] if record.exc_info else None
    while trace and trace.tb_next:
        trace = trace.tb_next
    return trace is not None and "dbus_fast" in trace.tb_frame.f_code.co_filename


def _whole(record: logging.LogRecord) -> str:
    return logging.Formatter("%(name)s: %(message)s").format(record)[-3000:]


@contextmanager
def _soon() -> Iterator[None]:
    """Let nothing be waited for as long as it is worth to a person."""
    with ExitStack() as stack:
        for module, name in (
            *((bus, "_CONNECT_SECONDS"), (notification_server, "_GREET_SECONDS")),
            *((linux, "_START_SECONDS"), (linux, "_LOOK_SECONDS"), (listener, "_PATIENCE_SECONDS")),
        ):
            stack.enter_context(patch.object(module, name, _PATIENCE))
        stack.enter_context(patch.object(listener, "_RETRY_SECONDS", 0.0))
        yield


async def _live(talk: Talk, be_honest: Callable[[], None]) -> None:
    lost: list[str] = []
    presses: list[Press] = []

    def press(one: Press) -> bool:
        presses.append(one)
        return True

    notifier = FreedesktopNotifier(
        on_press=press,
        on_closed=lambda _delivery, _reason: None,
        on_change=lambda _change: None,
        on_lost=lost.append,
        patience=3 * _PATIENCE,
    )
    desktop = linux.LinuxDesktop(lambda: None)
    desktop.heed(Quiet(hours=()))
    await asyncio.gather(desktop.start(), notifier.start())
    joined = notifier.connected
    shown: list[Delivered] = [await notifier.show(notice("first"))]
    contexts = [await desktop.context(closely=True)]
    await notifier.close("first")
    await asyncio.to_thread(be_honest)  # it may have much to say before that
    contexts.append(await desktop.context(closely=True))
    shown.append(await notifier.show(notice("second")))
    told = [notifier.server, notifier.trouble, *notifier.limits, *desktop.sources().values(), *lost]
    connected = notifier.connected
    await asyncio.gather(desktop.stop(), notifier.stop())
    assert all(isinstance(one, Posted | Refused | Silent) for one in shown)
    for context in contexts:
        _check(context)
    assert all(len(one.note or "") <= LONGEST_NOTE for one in presses)
    # It may also have been joined later than at the start, and only then been lost.
    assert len(lost) == 1 if joined and not connected else len(lost) <= (not connected), lost
    assert all(len(one) < 500 for one in told), told
    if talk.is_sound:
        assert not lost, lost
        assert isinstance(shown[-1], Posted), shown
        assert all(one.isprintable() for one in told), told


def _check(context: Context) -> None:
    facts = (context.do_not_disturb, context.in_call, context.locked, context.inactive)
    assert all(one is None or isinstance(one, bool) for one in facts), context
    assert context.away_seconds is None or isinstance(context.away_seconds, int), context
