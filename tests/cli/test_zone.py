"""The zone that a command is in, wherever the session or the machine says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.people import Person


@pytest.mark.parametrize(
    ("zone", "offset"),
    [
        ("Asia/Kolkata", "+05:30"),
        (":Asia/Kolkata", "+05:30"),
        ("/usr/share/zoneinfo/Asia/Kolkata", "+05:30"),
        ("<+03>-3", "+03:00"),
        ("UTC", "+00:00"),
    ],
)
def test_tz_is_heeded(zone: str, offset: str, person: Person) -> None:
    """A name, a file, and also what is neither."""
    person.extra["TZ"] = zone
    until = person.run("pause", "until", "tomorrow", "9:00", "--json").json["paused_until"]
    assert until.endswith(f"T09:00:00{offset}")


@pytest.mark.parametrize(
    "zone", ["", "Nowhere/Land", "../zoneinfo/Asia/Kolkata", "Europe", "\udce9"]
)
def test_any_other_tz_is_no_defect(zone: str, person: Person) -> None:
    """What names no zone is read as the system reads it."""
    person.extra["TZ"] = zone
    said = person.run("pause", "2h", "--json")
    assert (said.code, said.err) == (0, "")
