"""What the tests of the freedesktop notifier share: two notices, the notifier, and an odd server.

A plugin beside desktops.py, for `pytest_plugins`.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from reminderd.adapters.notifiers.freedesktop import FreedesktopNotifier
from reminderd.core.notice import Button, Notice
from tests.integration.fake_server import FakeServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.integration.desktops import Heard, PrivateBus

NOTICE = Notice(
    delivery="d1",
    title="Your own word for it",
    body="Finish this with a word that suits you.",
    cue="If I find a word, then I write it down.",
    buttons=(Button("done", "Done"), Button("hard", "Hard today"), Button("later", "Later")),
)
OTHER = replace(NOTICE, delivery="d2", title="Another one")


def new_notifier(heard: Heard, patience: float = 5.0) -> FreedesktopNotifier:
    """Have a notifier that has not started."""
    return FreedesktopNotifier(
        on_press=heard.on_press,
        on_closed=heard.on_closed,
        on_change=heard.on_change,
        on_lost=heard.on_lost,
        patience=patience,
    )


@asynccontextmanager
async def notifying(heard: Heard, patience: float = 5.0) -> AsyncIterator[FreedesktopNotifier]:
    """Have a notifier that has started, and stop it at the end."""
    notifier = new_notifier(heard, patience)
    await notifier.start()
    try:
        yield notifier
    finally:
        await notifier.stop()


@pytest.fixture
async def server(private_bus: PrivateBus) -> AsyncIterator[FakeServer]:
    """A server on the private bus that is told what to do."""
    async with FakeServer(private_bus.address) as server:
        yield server


@pytest.fixture
async def notifier(server: FakeServer, heard: Heard) -> AsyncIterator[FreedesktopNotifier]:
    """A notifier that has met the odd server."""
    async with notifying(heard) as notifier:
        yield notifier
