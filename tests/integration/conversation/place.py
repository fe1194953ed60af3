"""Where conversations take place: a bus, a stranger on it, a loop, a disk."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from dbus_fast.aio import MessageBus

from tests.integration.conversation.life import Disk, short_waits

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Place:
    """What all conversations of a run share: a bus, a stranger on it, a loop.

    Attributes:
        address: The bus.
        folder: Where databases are made.
        disk: Where they lie.
        happened: How often each action was taken.
        came_of_it: How often what followed from them.
        errors: What was logged as a defect.
    """

    address: str
    folder: Path
    stranger: MessageBus
    loop: asyncio.AbstractEventLoop
    disk: Disk = field(default_factory=Disk)
    happened: Counter[str] = field(default_factory=Counter)
    came_of_it: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)


@contextlib.contextmanager
def place_on(address: str) -> Iterator[Place]:
    """Have a place for conversations on a bus; `DBUS_SESSION_BUS_ADDRESS` must name it."""
    loop = asyncio.new_event_loop()
    logs = _Defects()
    ours = logging.getLogger("reminderd")
    with (
        patch.object(ours, "propagate", new=False),
        tempfile.TemporaryDirectory() as folder,
        short_waits(),
    ):
        stranger = loop.run_until_complete(_on_the_bus(address))
        place = Place(address, Path(folder), stranger, loop, errors=logs.told)
        loop.set_exception_handler(lambda _, context: logs.told.append(str(context)))
        loggers = (ours, logging.getLogger())
        for logger in loggers:
            logger.addHandler(logs)
        try:
            with place.disk.in_use():
                yield place
        finally:
            for logger in loggers:
                logger.removeHandler(logs)
            stranger.disconnect()
            loop.run_until_complete(asyncio.wait_for(stranger.wait_for_disconnect(), 5))  # type: ignore[no-untyped-call]  # dbus-fast has none there
            loop.close()


class _Defects(logging.Handler):
    """Notes whatever is logged as a defect."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info or not record.name.startswith("reminderd"):
            self.told.append(logging.Formatter().format(record))


async def _on_the_bus(address: str) -> MessageBus:
    return await MessageBus(bus_address=address).connect()
