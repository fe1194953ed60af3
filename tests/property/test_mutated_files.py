"""Files that were damaged, or that make no sense: every command says what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, given, settings

from tests import strategies  # noqa: F401 -- which loads the profile
from tests.property.moments.life import in_memory
from tests.property.mutation import homes
from tests.property.mutation.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.property.mutation.case import Case

_PHASES = (Phase.explicit, Phase.generate)
"""No shrinking: that would take longer than pytest gives a test. bench/mutations.py does it."""


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with in_memory() as folder, Worker(folder) as worker:
        yield worker


@given(homes.odd_configs())
@settings(max_examples=100, phases=_PHASES)
def test_configs(worker: Worker, case: Case) -> None:
    worker.check(case)


@given(homes.odd_decks())
@settings(max_examples=100, phases=_PHASES)
def test_decks(worker: Worker, case: Case) -> None:
    worker.check(case)
