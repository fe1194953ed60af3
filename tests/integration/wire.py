"""What passes between programs and a notification server, as the bus itself sees it."""

from __future__ import annotations

import json
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tests.integration.desktops import running, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.desktops import PrivateBus


_SHOWN: Final = 100
"""Milliseconds; what is over sooner only takes another off the screen."""


@dataclass(frozen=True)
class Notified:
    """One call of Notify by reminderd, and the id that came back.

    Attributes:
        actions: Keys and labels, in their order.
        id: None while there is no reply.
    """

    replaces: int
    summary: str
    body: str
    actions: tuple[tuple[str, str], ...]
    id: int | None


class Wire:
    """A monitor of a bus; what it says is read anew each time, as it grows."""

    def __init__(self, told: Path) -> None:
        self._told = told

    def notified(self) -> list[Notified]:
        """Return the practices that reminderd asked for, in order."""
        messages = self._messages()
        replies = {
            (message["destination"], message["reply_cookie"]): message
            for message in messages
            if message["type"] == "method_return"
        }
        found = []
        for call in messages:
            if not _is_ours(call):
                continue
            _, replaces, _, summary, body, actions, _, expires = call["payload"]["data"]
            if expires < _SHOWN:
                continue
            pairs = tuple(zip(actions[::2], actions[1::2], strict=True))
            reply = replies.get((call["sender"], call["cookie"]))
            server_id = reply["payload"]["data"][0] if reply else None
            found.append(Notified(replaces, summary, body, pairs, server_id))
        return found

    def standing(self, owner: str) -> set[int]:
        """Return the ids of ours that this server gave and has not closed, as far as it told."""
        asked: set[tuple[str, int]] = set()
        standing: set[int] = set()
        for message in self._messages():  # in their order: an id may be given again
            if _is_ours(message):
                asked.add((message["sender"], message["cookie"]))
            elif message.get("sender") != owner:
                continue
            elif message.get("member") == "NotificationClosed":
                standing.discard(message["payload"]["data"][0])
            elif (message.get("destination"), message.get("reply_cookie")) in asked:
                standing.add(message["payload"]["data"][0])
        return standing

    def _messages(self) -> list[dict[str, Any]]:
        lines = self._told.read_text("utf-8").splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]


def _is_ours(message: dict[str, Any]) -> bool:
    return message.get("member") == "Notify" and message["payload"]["data"][0] == "reminderd"


@contextmanager
def tapped(bus: PrivateBus, folder: Path) -> Iterator[Wire]:
    """Listen to a bus until the block ends."""
    told, said = folder / "wire.json", folder / "wire.log"
    command = ["busctl", f"--address={bus.address}", "monitor", "--json=short"]
    with told.open("wb") as out, said.open("wb") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err)
    with running(process):
        until(lambda: b"Monitoring" in said.read_bytes(), "the monitor listens")
        yield Wire(told)
