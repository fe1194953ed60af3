"""Files that were damaged, or that make no sense: every command says what is wrong."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import Phase, given, settings

from tests import strategies
from tests.property.moments.life import in_memory
from tests.property.mutation import homes
from tests.property.mutation.worker import CONFIG, Worker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.property.mutation.case import Case

_PHASES = (Phase.explicit, Phase.generate)
"""No shrinking: it may take longer than pytest gives a test. bench/mutations.py keeps the case."""


SHOWS: Final = {("config", "show"), ("config", "show", "--json"), ("config", "get", "cadence")}
"""What a config that is in order can be read with, as long as nothing has changed it."""


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with in_memory() as folder, Worker(folder) as worker:
        yield worker


@given(homes.odd_configs())
@settings(strategies.fewer(1), phases=_PHASES)
def test_configs(worker: Worker, case: Case) -> None:
    """What is not in order is told, in short, and nothing else is changed by it."""
    ran = worker.check(case)
    is_sound = ran.outcomes[1].code == 0
    assert all(one.code == 0 for one in ran.outcomes if is_sound and one.step in SHOWS)
    for one in ran.outcomes:
        assert one.code == 0 or one.left == case.files[CONFIG] or one.step[0] != "config"
        if not one.code and one.step[1:2] == ("set",):
            tomllib.loads((one.left or b"").decode("utf-8-sig"))


@given(homes.odd_decks())
@settings(strategies.fewer(2), phases=_PHASES)
def test_decks(worker: Worker, case: Case) -> None:
    worker.check(case)


@given(homes.odd_histories())
@settings(strategies.fewer(2), phases=_PHASES)
def test_databases(worker: Worker, case: Case) -> None:
    """Once the daemon has looked, what was damaged is put aside and all commands go on."""
    ran = worker.check(case)
    *_, looked, status, history = ran.outcomes
    assert {looked.code, status.code, history.code} in ({0}, {1}), looked.err
    assert looked.code == 0 or "left untouched" in looked.err, looked.err


@given(homes.odd_imports())
@settings(strategies.fewer(2), phases=_PHASES)
def test_imports(worker: Worker, case: Case) -> None:
    """A file comes in as a whole or not at all; whatever is there then can be used."""
    ran = worker.check(case)
    first, again, *after = ran.outcomes
    assert first.code == again.code, f"{first.err}{again.err}"
    assert all(one.code == 0 for one in after), after
