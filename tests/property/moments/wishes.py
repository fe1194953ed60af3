"""What people set, from the usual to what is hard to keep: places, plans, quiet hours."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from reminderd.core.model import PaceSettings, Practice, Preferences, Quiet
from tests.fakes import cadence, window

if TYPE_CHECKING:
    from reminderd.core.model import Window

WORKDAYS: Final = range(5)
ZONES: Final = (
    *("Europe/Berlin", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"),
    *("Australia/Lord_Howe", "Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"),
)
DAYTIME: Final = window("09:00", "21:00")

PLANS: Final = {
    "two a day": cadence(random_per_day=2, windows=[window("09:30", "20:30")], max_per_day=4),
    "fixed": cadence(fixed=["10:00", "13:00", "16:00"], windows=[DAYTIME], max_per_day=3),
    "each hour": cadence(every=60, windows=[window("08:00", "22:00")], min_gap=45),
    "by night": cadence(
        fixed=["02:30", "23:50"], random_per_day=2, windows=[window("22:00", "02:40")]
    ),
    "two of six": cadence(
        random_per_day=6, windows=[window("00:00", "24:00")], min_gap=30, max_per_day=2
    ),
    "about midnight": cadence(fixed=["23:50", "00:05"], min_gap=15, max_per_day=1),
    "short windows": cadence(
        random_per_day=12,
        windows=[window(f"{hour:02}:00", f"{hour:02}:20") for hour in range(7, 19)],
        min_gap=10,
    ),
    "at work": cadence(random_per_day=3, windows=[window("09:00", "12:30", WORKDAYS)], min_gap=60),
}
QUIET_HOURS: Final[dict[str, tuple[Window, ...]]] = {
    "never": (),
    "nights": (window("21:30", "08:00"),),
    "here and there": (window("01:00", "03:00"), window("12:00", "13:00")),
    "weekends": (window("00:00", "24:00", [5, 6]), window("22:00", "02:15")),
}


def wish(plan: str, hours: str, *, gentle: bool) -> Preferences:
    """Return settings; `gentle` is whether the pace begins slowly and falls while unanswered."""
    return Preferences(
        *(PLANS[plan], Quiet(QUIET_HOURS[hours]), PaceSettings(ramp_up=gentle, back_off=gentle)),
        practice=Practice(("*",), ("*",), alone_only=False),
        discretion="never",
        snooze=timedelta(minutes=20),
    )
