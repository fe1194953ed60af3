"""The cases: homes in which one kind of file is not as it should be, and what is run there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from reminderd.adapters.config_text import default_config_text
from reminderd.adapters.resources import prompts_dir
from reminderd.adapters.setting_model import variable_of
from reminderd.adapters.setting_tables import KEYS, default_of
from tests.property.mutation.case import CONVERSE, LOOK, READ, Case, Step
from tests.property.mutation.damage import damaged
from tests.property.mutation.database import odd_databases, sound
from tests.property.mutation.export import exports, odd_exports
from tests.property.mutation.messages import odd_talks
from tests.property.mutation.toml_text import ODD_TEXTS, odd_toml
from tests.property.mutation.worker import CONFIG

if TYPE_CHECKING:
    from collections.abc import Sequence

OWN_DECKS: Final = ".config/reminderd/prompts"

_LIVELY: Final = """\
[cadence]
windows = [
    "mon-fri 09:30-12:30",  # before noon
    "sat 11:00-16:00",

    "22:00-01:00",
]
at = ["09:00", "sat 11:00"]
every = "3h"
[quiet]
hours = ["21:30-08:00"]
when_away = "5m"
[practice]
decks = ["*"]
tips = ["take-it-slow", "noticing"]
max_interval = "21d"
"""
_OF_CONFIG: Final[tuple[Step, ...]] = (
    *(("config", "show"), ("config", "show", "--json"), ("config", "check", "--json")),
    *(("config", "get", "cadence"), ("config", "get", "quiet.hours", "--json")),
    *(("config", "set", "cadence.windows", "mon-fri 10:00-12:00", "15:00-16:00"),),
    *(("config", "set", "quiet.when_away", "10m"), ("config", "set", "pace.ramp_up", "off")),
    *(("config", "unset", "cadence.windows"), ("config", "unset", "practice")),
    *(("status",), ("preview",), ("preview", "--days", "3", "--json"), ("why",), LOOK),
    *(("prompts", "list"), ("now",), ("prompts", "disable", "noticing"), ("pause", "2h")),
)
_OF_DECKS: Final[tuple[Step, ...]] = (
    *(("prompts", "check", f"{OWN_DECKS}/own.toml"), ("prompts", "list", "--json"), ("now",)),
    *(("prompts", "list"), ("prompts", "show", "slow-what-they-did"), LOOK, ("preview",)),
    *(("prompts", "enable", "own"), ("now", "--tip", "noticing"), ("config", "check"), ("why",)),
    *(("prompts", "edit", "slow-what-they-did"), ("prompts", "show", "own"), ("status",)),
)


def _some(of: Sequence[Step], most: int) -> st.SearchStrategy[list[Step]]:
    return st.lists(st.sampled_from(list(of)), min_size=1, max_size=most, unique=True)


_variables = st.dictionaries(
    st.sampled_from(
        [*map(variable_of, KEYS), "REMINDERD_CADANCE__AT", "REMINDERD_", "REMINDERD_\x1b"]
    ),
    st.sampled_from([one for one in ODD_TEXTS if "\0" not in one and len(one) < 100_000]),
    max_size=3,
)


@st.composite
def odd_configs(draw: st.DrawFn) -> Case:
    """A home with an odd config file."""
    full = default_config_text({key: default_of(key) for key in KEYS})
    content = draw(odd_toml((default_config_text(), full, _LIVELY)))
    environ = draw(_variables) if not draw(st.integers(0, 7)) else {}
    steps = (READ, ("config", "check"), *draw(_some(_OF_CONFIG, 3)))
    return Case({CONFIG: content}, steps, environ)


@st.composite
def odd_decks(draw: st.DrawFn) -> Case:
    """A home with odd decks of the person's own."""
    seeds = [path.read_text("utf-8") for path in sorted(prompts_dir().glob("*.toml"))]
    names = ("own.toml", "letting-people-in.toml", "\x1b[31m\u202e.toml", "a\udcff.toml", ".toml")
    chosen = draw(st.lists(st.sampled_from(names), max_size=2, unique=True))
    files = {f"{OWN_DECKS}/{name}": draw(odd_toml(seeds)) for name in {"own.toml", *chosen}}
    steps = (READ, ("prompts", "check"), *draw(_some(_OF_DECKS, 2)))
    return Case(files, steps)


_DATABASE: Final = ".local/share/reminderd/reminderd.db"
_AFTER: Final[tuple[Step, ...]] = (LOOK, ("status",), ("history", "--json"))
_OF_HISTORY: Final[tuple[Step, ...]] = (
    *(("status",), ("status", "--json"), ("history",), ("history", "--json"), ("why",), ("show",)),
    *(("history", "--notes", "--limit", "3"), ("preview", "--json"), ("respond", "done"), LOOK),
    *(("respond", "later", "--for", "20m"), ("note", "--note=It rained"), ("now",)),
    *(("pause", "2h"), ("resume",), ("prompts", "list"), ("prompts", "disable", "noticing")),
    *(("export",), ("export", "--all"), ("export", "--format", "csv"), ("backup", "copy.db")),
    *(("erase", "--yes"), ("erase", "--notes", "--yes"), ("why", "--at", "yesterday 10:00")),
    *(("erase", "--before", "2026-11-24", "--yes"), ("status", "--format", "waybar")),
)


@st.composite
def odd_histories(draw: st.DrawFn) -> Case:
    """A home with an odd database: what commands make of it, and once the daemon has looked."""
    files = {f"{_DATABASE}{end}": content for end, content in draw(odd_databases()).items()}
    backup = f"{_DATABASE.rpartition('/')[0]}/backups/0001_2026-11-24.db"
    match draw(st.integers(0, 9)):
        case 0 | 1:
            files[backup] = sound().closed
        case 2:
            files[backup] = draw(damaged(sound().closed))
        case _:
            pass
    return Case(files, (*draw(_some(_OF_HISTORY, 3)), *_AFTER))


_EXPORT: Final = "brought"


@st.composite
def odd_imports(draw: st.DrawFn) -> Case:
    """A home, with a history or without, and an odd file to bring in."""
    content = draw(st.sampled_from(exports()))
    match draw(st.integers(0, 3)):
        case 0:
            content = draw(damaged(content, exports()))
        case 1:
            content = draw(odd_databases())[""]
        case _:
            content = draw(odd_exports(content))
    files = {_EXPORT: content}
    if draw(st.booleans()):
        files[_DATABASE] = sound().closed
    return Case(files, (("import", _EXPORT), ("import", _EXPORT, "--json"), *_AFTER))


@st.composite
def odd_buses(draw: st.DrawFn) -> Case:
    """A desktop that says odd things on the bus."""
    return Case({}, (CONVERSE,), talk=draw(odd_talks()))
