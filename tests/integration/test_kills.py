"""kill -9 at random moments while a person answers and reconfigures: what they were told holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.kills import kill

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.uncounted, pytest.mark.kills]

ROUNDS = 200
SEED = 20261129
ENOUGH = {  # far fewer than there are; else it would prove little
    "answers by command": 30,
    "left a log behind": 50,
    "presses": 10,
    "settings changed": 50,
    "slot: shown": 20,
    "slot: interrupted": 1,
}


async def test_nothing_acknowledged_is_lost_and_nothing_comes_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each kill all can be read and is there, and at the end no slot has come twice."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    came_of_it = await kill(tmp_path, ROUNDS, SEED)
    assert came_of_it["kills"] == ROUNDS
    assert {what: times for what, times in ENOUGH.items() if came_of_it[what] < times} == {}
