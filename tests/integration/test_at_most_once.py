"""At most once: a daemon that is killed at the worst moments, and a pause that comes in between."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.daemons import QUIET_CONFIG
from tests.integration.fake_server import FakeServer
from tests.integration.no_network import watched

if TYPE_CHECKING:
    from tests.integration.daemons import Home
    from tests.integration.desktops import PrivateBus

pytest_plugins = ["tests.integration.daemons", "tests.integration.desktops"]
pytestmark = [pytest.mark.uncounted, pytest.mark.desktop]

ROUNDS = 8
DOOMED = Path(__file__).with_name("doomed_daemon.py")


async def ended(code: int, *command: str, env: dict[str, str]) -> None:
    """Run a program to its end and expect its exit code; the server in this loop goes on."""
    process = watched(lambda: subprocess.Popen(command, env=env))
    assert await asyncio.to_thread(process.wait, 20) == code


@pytest.mark.parametrize(("point", "shown_per_slot"), [("before", 0), ("after", 1)])
async def test_a_killed_daemon_never_shows_a_slot_twice(
    point: str, shown_per_slot: int, home: Home, private_bus: PrivateBus
) -> None:
    """kill -9 between claim and Notify, and between Notify and record: never again, and told."""
    home.configure(QUIET_CONFIG)
    home.extra["DBUS_SESSION_BUS_ADDRESS"] = private_bus.address
    home.skip_first_practice()
    async with FakeServer(private_bus.address) as server:
        for round_number in range(1, ROUNDS + 1):
            home.plan_slot()
            await ended(-9, sys.executable, str(DOOMED), point, env=home.env)
            # The next daemon starts with the claim that nobody finished, and is doomed as well:
            # if it brought the slot again, it would die of it instead of ending in peace.
            process = watched(
                lambda: subprocess.Popen([sys.executable, str(DOOMED), point], env=home.env)
            )
            await _told(home, round_number)
            process.terminate()
            assert await asyncio.to_thread(process.wait, 10) == 0
            assert len(server.shown) == round_number * shown_per_slot
            _becomes_long_ago(home)
    slots = _slots(home)
    assert len({entry["slot"] for entry in slots}) == ROUNDS
    assert {(entry["outcome"], entry["reason"]) for entry in slots} == {("failed", "interrupted")}


async def test_a_daemon_is_known_while_its_first_notification_is_on_its_way(
    home: Home, private_bus: PrivateBus
) -> None:
    """Commands find it and leave the showing to it, though the server takes its time."""
    home.configure(QUIET_CONFIG)
    home.extra["DBUS_SESSION_BUS_ADDRESS"] = private_bus.address
    async with FakeServer(private_bus.address, silent={"Notify"}) as server:
        with home.daemon() as daemon:
            for _ in range(500):
                if server.asked.get("Notify"):
                    break
                await asyncio.sleep(0.02)
            status = await asyncio.to_thread(home.json, "status")
            assert (status["running"], status["pid"]) == (True, daemon.process.pid)
            assert (status["notifier"], status["next"]) == (None, None)
            done = await asyncio.to_thread(home.run, "now")
            assert "reminderd respond" not in done.stdout, "it is not shown here as well"
            assert server.asked["Notify"] <= 1


def _becomes_long_ago(home: Home) -> None:
    """What may have been seen counts for gap and cap; the next round is another day."""
    with closing(sqlite3.connect(home.database)) as database, database:
        database.execute(
            "UPDATE delivery SET claimed_at = '2020-01-01T12:00:00.000000Z',"
            " shown_date = '2020-01-01' WHERE claimed_at IS NOT NULL"
        )


def _slots(home: Home) -> list[dict[str, Any]]:
    return [entry for entry in home.history() if entry["kind"] == "slot"]


async def _told(home: Home, count: int) -> None:
    """Wait until this many slots are in the history."""
    for _ in range(500):
        if len(await asyncio.to_thread(_slots, home)) >= count:
            return
        await asyncio.sleep(0.02)
    pytest.fail("the daemon did not tell of it")
