"""The settings as one value, made of what the file and the environment say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from reminderd.adapters.setting_kinds import MINUTE, SECOND
from reminderd.adapters.setting_tables import (
    CadenceTable,
    NotificationTable,
    PaceTable,
    PracticeTable,
    QuietTable,
)
from reminderd.core.model import Cadence, PaceSettings, Practice, Quiet

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX: Final = "REMINDERD_"
DELIMITER: Final = "__"


class Settings(BaseSettings):
    """All settings; `settings.load` makes them from the file and the environment."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter=DELIMITER, extra="forbid", frozen=True
    )

    cadence: CadenceTable = CadenceTable()
    pace: PaceTable = PaceTable()
    quiet: QuietTable = QuietTable()
    notification: NotificationTable = NotificationTable()
    practice: PracticeTable = PracticeTable()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file; whoever calls has read both."""
        del env_settings, dotenv_settings, file_secret_settings
        given = init_settings()
        return tuple(
            _Source(settings_cls, given.get(origin, {})) for origin in ("environment", "file")
        )

    def cadence_value(self) -> Cadence:
        """Return how often, in the core's words."""
        table = self.cadence
        return Cadence(
            random_per_day=table.random_per_day,
            at=table.at,
            every=None if table.every is None else table.every // MINUTE,
            windows=table.windows,
            min_gap=table.min_gap // MINUTE,
            max_per_day=table.max_per_day,
        )

    def quiet_value(self) -> Quiet:
        """Return when to be silent, in the core's words."""
        table = self.quiet
        return Quiet(
            hours=table.hours,
            do_not_disturb=table.do_not_disturb,
            when_locked=table.when_locked,
            when_away=None if table.when_away is None else table.when_away // SECOND,
            in_call=table.in_call,
        )

    def pace_value(self) -> PaceSettings:
        """Return how it slows down by itself, in the core's words."""
        return PaceSettings(ramp_up=self.pace.ramp_up, back_off=self.pace.back_off)

    def practice_value(self) -> Practice:
        """Return which prompts may come, in the core's words."""
        table = self.practice
        return Practice(
            decks=table.decks,
            tips=table.tips,
            alone_only=table.alone_only,
            new_per_week=table.new_per_week,
            max_interval=table.max_interval.days,
        )


class _Source(PydanticBaseSettingsSource):
    """Values of one origin, as tables of keys."""

    def __init__(self, settings_cls: type[BaseSettings], values: Mapping[str, object]) -> None:
        super().__init__(settings_cls)
        self._values = values

    def get_field_value(self, field: object, field_name: str) -> tuple[Any, str, bool]:
        """Return one table; pydantic asks for this name, though only `__call__` is used."""
        del field
        return self._values.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return all tables."""
        return dict(self._values)


def variable_of(key: str) -> str:
    """Return the environment variable of a key."""
    return PREFIX + key.replace(".", DELIMITER).upper()
