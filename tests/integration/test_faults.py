"""Commands whose writes fail, at one write after the other: told, never by half, mended after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.integration.failing import COMMANDS, Failing, failing_in, mixed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = [pytest.mark.uncounted, pytest.mark.faults, pytest.mark.asyncio(loop_scope="module")]

MOST = 20
"""Failing calls of one command, about; bench/faults.py has all of them."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def failing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Failing]:
    """A home in which writes fail."""
    async with failing_in(tmp_path_factory.mktemp("failing")) as found:
        yield found


@pytest.mark.parametrize(("number", "name"), list(enumerate(COMMANDS)), ids=list(COMMANDS))
async def test_whichever_write_fails_it_is_told_and_nothing_is_there_by_half(
    number: int, name: str, failing: Failing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Done, or told in a few lines; whole or not at all; and the next time it works."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    command = COMMANDS[name]
    await failing.prepare(command)
    counts = await failing.writes(command)
    for fault, at in mixed(counts, MOST, number):
        await failing.fail(command, fault, at)
