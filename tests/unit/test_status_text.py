"""What `systemctl --user status` shows of the daemon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from reminderd.facts import status_text
from tests.cli.people import at

if TYPE_CHECKING:
    from reminderd.app.status import DaemonFacts

PLAIN: dict[str, Any] = {"next": None, "held": None, "paused_until": None, "problems": []}
TONIGHT, MONDAY = "2026-11-22T18:05:00+01:00", "2026-11-23T09:00:00+01:00"
NEXT_MONTH = "2026-12-20T09:00:00+01:00"
BROKEN = "~/.config/reminderd/config.toml, line 2: this is not understood."


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"next": TONIGHT}, "Next: Sun 18:05."),
        ({}, "Next: not known yet."),
        ({"next": NEXT_MONTH}, "Next: Sun 20 Dec 09:00."),
        ({"held": "quiet-hours"}, "A practice waits: these are quiet hours."),
        ({"held": "no-prompt", "problems": ["Every prompt is off."]}, "Every prompt is off."),
        (
            {"paused_until": MONDAY, "next": MONDAY, "held": "paused"},
            "Paused until Mon 09:00.",
        ),
        (
            {"paused_until": MONDAY, "next": "2026-11-23T11:30:00+01:00"},
            "Paused until Mon 09:00. Next: Mon 11:30.",
        ),
        ({"next": TONIGHT, "problems": [BROKEN]}, f"Next: Sun 18:05. {BROKEN}"),
        (
            {"next": TONIGHT, "problems": [BROKEN, "x", "y"]},
            f"Next: Sun 18:05. {BROKEN} There is more; to see all: reminderd status",
        ),
    ],
)
def test_it_says_what_comes_and_what_is_not_in_order(facts: dict[str, Any], said: str) -> None:
    assert status_text(cast("DaemonFacts", PLAIN | facts), at()) == said
