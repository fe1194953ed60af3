"""Random days with all that can go wrong in them: suspends, clocks, zones, gates, restarts."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests import strategies  # noqa: F401 -- which loads the profile
from tests.property.moments.life import in_memory, same_ids
from tests.property.moments.machine import Living

pytestmark = pytest.mark.uncounted

# No shrinking: it may take as long as pytest gives a test, which then ends the worker without a
# word of what was found. A failure lists what had happened; bench/moments.py --shrinks does.
_PHASES = (Phase.explicit, Phase.generate)
_RUNS = 60
"""So many take about a minute on two cores, with coverage; bench/moments.py has more."""


def test_whatever_happens_every_promise_holds() -> None:
    """At most once, never at a bad moment, never silent for good, and each slot ends once."""
    happened, came_of_it = Counter[str](), Counter[str]()
    with in_memory() as folder, same_ids():
        run_state_machine_as_test(
            lambda: Living(folder / "reminderd.db", happened, came_of_it),  # type: ignore[arg-type]  # it only calls what it is given
            settings=settings(max_examples=_RUNS, stateful_step_count=200, phases=_PHASES),
        )
    shown = {what for what in came_of_it if what.endswith("shown")}
    assert shown == {"slot shown", "now shown", "first shown", "again shown"}
