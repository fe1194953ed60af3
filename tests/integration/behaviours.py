"""What is looked for on every real server, and how docs/desktops.md says it."""

from __future__ import annotations

from typing import Final

RECORD: Final = "DESKTOPS_RECORD"
"""Names the file that gets a line of JSON for each behaviour; bench/desktops.py sets it."""

BEHAVIOURS: Final = {
    "shown": "It comes up, and is drawn",
    "done": "*Done* is pressed",
    "hard": "*Hard today* is pressed",
    "later": "*Later* is pressed",
    "in_full": "More is asked for",
    "dismissed": "It is waved away",
    "expired": "It expires",
    "elsewhere": "It is answered in a terminal",
    "markup": "A deck brings markup",
    "flood": "10 kB of markup come",
    "server_killed": "The server is killed",
    "daemon_killed": "reminderd is killed",
}
"""The name of each behaviour in tests/integration/test_six_servers.py, and its row in the table."""
