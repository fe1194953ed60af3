"""Random interleavings of server events, presses, restarts and commands, on the real parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests import strategies
from tests.integration.conversation.machine import Conversing
from tests.integration.conversation.place import place_on

if TYPE_CHECKING:
    from tests.integration.desktops import PrivateBus

pytest_plugins = ["tests.integration.desktops"]
pytestmark = [pytest.mark.uncounted, pytest.mark.desktop]

# No shrinking: it may take as long as pytest gives a test, which then ends the worker without a
# word of what was found. A failure lists what had happened; bench/conversation.py shrinks.
_PHASES = (Phase.explicit, Phase.generate)


@pytest.mark.parametrize("fails", [False, True], ids=["no server to start", "one that fails"])
def test_every_conversation_keeps_its_promises(private_bus: PrivateBus, fails: bool) -> None:
    """No slot comes twice, no acknowledged answer is lost, none is recorded that nobody gave."""
    if fails:
        private_bus.offer_server("/bin/false")
    with place_on(private_bus.address) as place:
        run_state_machine_as_test(
            lambda: Conversing(place),  # type: ignore[arg-type]  # it only calls what it is given
            settings=settings(strategies.fewer(4), stateful_step_count=30, phases=_PHASES),
        )
