"""The keys of the settings: their tables, defaults, kinds and comments, each in one place.

Everything else about a key (its line in a new config file, its check, its help) is derived from
here. To add a key, add it to its table, and use it where `Settings` makes the core's values.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from reminderd.adapters import kinds, setting_kinds
from reminderd.adapters.setting_kinds import DAY, HOUR, MINUTE, SECOND
from reminderd.core.model import FixedTime, Window
from reminderd.core.notice import Discretion

if TYPE_CHECKING:
    from collections.abc import Mapping

Plain = str | int | bool | list[str]
"""A setting as it stands in the file."""


def _key(*, default: object, about: str) -> Any:  # noqa: ANN401 -- as pydantic's own Field
    """Declare a key: its default as a person writes it, and the comment that explains it."""
    return Field(default, validate_default=True, description=about)


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CadenceTable(_Table):
    """How often, on which days, in which windows."""

    random_per_day: Annotated[int, setting_kinds.whole(0, 12)] = _key(
        default=2, about="moments drawn inside the windows"
    )
    at: Annotated[tuple[FixedTime, ...], setting_kinds.fixed_times()] = _key(
        default=[], about='and fixed times: ["09:00", "sat 11:00"]'
    )
    every: Annotated[
        timedelta | None, setting_kinds.duration(MINUTE, DAY, MINUTE, can_be_off=True)
    ] = _key(default="", about='or a steady interval inside the windows: "3h"')
    windows: Annotated[tuple[Window, ...], setting_kinds.windows()] = _key(
        default=["09:30-20:30"],
        about='or per day: ["mon-fri 09:30-12:30", "sat 11:00-16:00", "22:00-01:00"]',
    )
    min_gap: Annotated[timedelta, setting_kinds.duration(MINUTE, 12 * HOUR, MINUTE)] = _key(
        default="90m", about="the least time between two"
    )
    max_per_day: Annotated[int, setting_kinds.whole(1, 12)] = _key(
        default=4, about="1 to 12; holds for all planned moments, whatever else is set"
    )


class PaceTable(_Table):
    """How it slows down by itself."""

    ramp_up: Annotated[bool, kinds.flag()] = _key(
        default=True, about="one a day in the first week, one more with each that follows"
    )
    back_off: Annotated[bool, kinds.flag()] = _key(default=True, about="rarer while unanswered")


class QuietTable(_Table):
    """When to be silent."""

    hours: Annotated[tuple[Window, ...], setting_kinds.windows()] = _key(
        default=["21:30-08:00"], about="nothing comes in these hours"
    )
    do_not_disturb: Annotated[bool, kinds.flag()] = _key(
        default=True, about="nor while the desktop is set to do not disturb"
    )
    when_locked: Annotated[bool, kinds.flag()] = _key(
        default=True, about="nor on a locked screen, or while another session has it"
    )
    when_away: Annotated[
        timedelta | None, setting_kinds.duration(SECOND, DAY, SECOND, can_be_off=True)
    ] = _key(default="5m", about='nor after this long without a touch; "" for off')
    in_call: Annotated[bool, kinds.flag()] = _key(
        default=True,
        about="nor while microphone or camera are in use, where that can be known",
    )


class NotificationTable(_Table):
    """How a prompt is brought."""

    notifier: Annotated[
        Literal["auto", "freedesktop", "plyer", "terminal"],
        kinds.one_of("auto", "freedesktop", "plyer", "terminal"),
    ] = _key(default="auto", about="freedesktop | plyer | terminal")
    discreet: Annotated[
        Discretion,
        kinds.one_of("auto", "always", "never", spelled={True: "always", False: "never"}),
    ] = _key(
        default="auto",
        about="always | never | auto: title only while locked, and for the intimate themes",
    )
    snooze: Annotated[timedelta, setting_kinds.duration(SECOND, 12 * HOUR, SECOND)] = _key(
        default="20m", about='how long "Later" is'
    )
    sound: Annotated[str, setting_kinds.sound()] = _key(
        default="", about="a file, or a name of the sound theme"
    )


class PracticeTable(_Table):
    """Which prompts may come."""

    decks: Annotated[tuple[str, ...], setting_kinds.names()] = _key(
        default=["letting-people-in"], about='["*"] for all'
    )
    tips: Annotated[tuple[str, ...], setting_kinds.names()] = _key(
        default=["*"], about="the themes that may come"
    )
    alone_only: Annotated[bool, kinds.flag()] = _key(
        default=False, about="only prompts that need nobody else"
    )
    new_per_week: Annotated[int, setting_kinds.whole(0, 100)] = _key(
        default=5, about="how many never seen ones a week brings; every fourth one may add to them"
    )
    max_interval: Annotated[timedelta, setting_kinds.duration(DAY, 365 * DAY, DAY)] = _key(
        default="21d", about="the longest time until a prompt is due again"
    )


TABLES: Final[Mapping[str, type[BaseModel]]] = {
    "cadence": CadenceTable,
    "pace": PaceTable,
    "quiet": QuietTable,
    "notification": NotificationTable,
    "practice": PracticeTable,
}
KEYS: Final = tuple(
    f"{table}.{key}" for table, model in TABLES.items() for key in model.model_fields
)
"""Every key with its table, in the order in which people see them."""


def _declared(key: str) -> Any:  # noqa: ANN401 -- FieldInfo's own attributes are Any
    table, _, name = key.partition(".")
    return TABLES[table].model_fields[name]


def kind_of(key: str) -> kinds.Kind:
    """Return how a key is read."""
    found = [one for one in _declared(key).metadata if isinstance(one, kinds.Kind)]
    return found[0]


def default_of(key: str) -> str | int | bool | list[str]:
    """Return a key's default as a person writes it."""
    default: str | int | bool | list[str] = _declared(key).default
    return default


def about(key: str) -> str:
    """Return the comment that explains a key."""
    return str(_declared(key).description)
