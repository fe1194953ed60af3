"""The one place where clock and zone are read, under the settings that machines have."""

from __future__ import annotations

import time
import warnings
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from reminderd.adapters import clock
from reminderd.adapters.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SUMMER = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture
def set_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str | None], None]]:
    """Set what the session says the zone is."""

    def set_to(value: str | None) -> None:
        if value is None:
            monkeypatch.delenv("TZ", raising=False)
        else:
            monkeypatch.setenv("TZ", value)
        time.tzset()

    yield set_to
    monkeypatch.undo()
    time.tzset()


def test_now_is_aware_and_in_utc(set_zone: Callable[[str | None], None]) -> None:
    """And it is now."""
    set_zone("Asia/Tokyo")
    before = datetime.now(UTC)
    present = SystemClock().present()
    assert before <= present.now <= datetime.now(UTC)
    assert present.now.utcoffset() == timedelta()


@pytest.mark.parametrize("written", ["Europe/Berlin", ":Europe/Berlin"])
def test_the_session_can_name_the_zone(
    set_zone: Callable[[str | None], None], written: str
) -> None:
    """By its IANA name, so that clock changes to come are known too."""
    set_zone(written)
    present = SystemClock().present()
    assert present.zone_name == "Europe/Berlin"
    assert SUMMER.astimezone(present.zone).utcoffset() == timedelta(hours=2)
    assert SUMMER.replace(month=12).astimezone(present.zone).utcoffset() == timedelta(hours=1)


def test_a_change_is_seen_at_the_next_reading(set_zone: Callable[[str | None], None]) -> None:
    """Who travels needs no restart."""
    names = []
    one = SystemClock()
    for name in ("Europe/Berlin", "America/New_York", "UTC"):
        set_zone(name)
        names.append(one.present().zone_name)
    assert names == ["Europe/Berlin", "America/New_York", "UTC"]


@pytest.mark.parametrize(
    ("written", "hours"), [("<+03>-3", 3), ("XYZ5", -5), ("Nowhere/Atall", 0), ("../../etc", 0)]
)
def test_what_is_no_name_leaves_the_present_offset(
    set_zone: Callable[[str | None], None], written: str, hours: int
) -> None:
    """What the C library makes of it is all that can be known; nothing is raised."""
    set_zone(written)
    present = SystemClock().present()
    assert present.now.astimezone(present.zone).utcoffset() == timedelta(hours=hours)
    assert present.zone_name


def test_a_file_can_be_the_zone(set_zone: Callable[[str | None], None], tmp_path: Path) -> None:
    """An absolute path is allowed by POSIX."""
    place = tmp_path / "zone"
    source = next(
        path / "Asia/Kathmandu"
        for path in map(type(tmp_path), zoneinfo_paths())
        if (path / "Asia/Kathmandu").exists()
    )
    place.write_bytes(source.read_bytes())
    set_zone(str(place))
    present = SystemClock().present()
    assert present.now.astimezone(present.zone).utcoffset() == timedelta(hours=5, minutes=45)
    assert present.zone_name


def zoneinfo_paths() -> list[str]:
    import importlib.resources  # noqa: PLC0415 -- only where the system has no files of its own
    import zoneinfo  # noqa: PLC0415 -- as above

    return [*zoneinfo.TZPATH, str(importlib.resources.files("tzdata") / "zoneinfo")]


def test_the_machine_says_it_where_the_session_does_not(
    set_zone: Callable[[str | None], None],
) -> None:
    """Whatever this machine is set to: its offset is that of the C library."""
    set_zone(None)
    present = SystemClock().present()
    offset = present.now.astimezone(present.zone).utcoffset()
    assert offset == timedelta(seconds=time.localtime().tm_gmtoff)


def test_where_a_link_names_the_zone_it_is_read(
    set_zone: Callable[[str | None], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As systemd and Debian have it: /etc/localtime leads into the folder of zones."""
    set_zone(None)
    link = tmp_path / "localtime"
    link.symlink_to("/usr/share/zoneinfo/Australia/Lord_Howe")
    monkeypatch.setattr(clock, "ZONE_FILE", link)
    present = SystemClock().present()
    assert present.zone_name == "Australia/Lord_Howe"
    assert present.zone == ZoneInfo("Australia/Lord_Howe")


def test_a_file_without_a_name_counts_more_than_a_name_that_was_left(
    set_zone: Callable[[str | None], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """/etc/localtime is a copy of a zone, and /etc/timezone says another: libc reads the file."""
    set_zone(None)
    place = tmp_path / "localtime"
    kathmandu = next(
        path
        for folder in zoneinfo_paths()
        if (path := type(tmp_path)(folder) / "Asia/Kathmandu").exists()
    )
    place.write_bytes(kathmandu.read_bytes())
    monkeypatch.setattr(clock, "ZONE_FILE", place)

    def left() -> ZoneInfo:
        warnings.warn("they do not agree", UserWarning, stacklevel=1)
        return ZoneInfo("Europe/Berlin")

    monkeypatch.setattr("tzlocal.reload_localzone", left)
    zone = SystemClock().present().zone
    assert SUMMER.astimezone(zone).utcoffset() == timedelta(hours=5, minutes=45)
    assert SystemClock().present().zone is zone
