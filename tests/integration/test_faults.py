"""Commands whose writes fail, each at each of its writes: told, never by half, mended after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.integration.failing import COMMANDS, MIXED, Failing, mixed
from tests.integration.faults import UNSYNCED, faults_below
from tests.integration.nursery import Nursery

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = [pytest.mark.faults, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def failing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Failing]:
    """A home in which writes fail."""
    folder = tmp_path_factory.mktemp("failing")
    with faults_below(folder, folder / "home") as faults:
        async with Nursery(faults.environ) as nursery:
            yield Failing(folder, faults, nursery)


@pytest.mark.parametrize("name", COMMANDS)
async def test_whichever_write_fails_it_is_told_and_nothing_is_there_by_half(
    name: str, failing: Failing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Done or told in a few lines; whole or not at all; and the next time it works."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    command = COMMANDS[name]
    await failing.prepare(command)
    counts = {fault: await failing.writes(command, fault) for fault in (*MIXED, UNSYNCED)}
    for fault, at in mixed(counts):
        await failing.fail(command, fault, at)
