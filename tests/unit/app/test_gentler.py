"""What was hard comes back smaller, until it goes well."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from reminderd.core.model import Answer

if TYPE_CHECKING:
    from tests.fakes import World

VALID = timedelta(minutes=2)


async def brought(world: World, prompt: str = "b-two") -> tuple[str, list[str]]:
    """Ask for a prompt; return what is shown of it, and its buttons."""
    world.clock.forward(hours=1)
    world.store.deliveries.add_now(world.clock.present(), VALID, prompt, None)
    await world.tick()
    notice = world.notifier.shown[-1]
    return notice.body, [button.label for button in notice.buttons]


async def test_after_hard_its_gentler_version_comes(world: World) -> None:
    """It is for here and now, whatever the prompt itself is for, and has no plan beside it."""
    assert await brought(world) == ("Body of b-two", ["I'll try", "Hard today", "Later"])
    world.answer(Answer.HARD)
    assert await brought(world) == ("Less of b-two", ["Done", "Hard today", "Later"])
    assert world.notifier.shown[-1].cue == ""
    assert await brought(world, "a-one") == ("Body of a-one", ["Done", "Hard today", "Later"])


async def test_once_it_goes_well_it_is_itself_again(world: World) -> None:
    """The last answer that rates it counts."""
    await brought(world)
    world.answer(Answer.HARD)
    await brought(world)
    world.answer(Answer.DONE)
    assert (await brought(world))[0] == "Body of b-two"


@pytest.mark.parametrize("answer", [Answer.LATER, Answer.NOT_TODAY])
async def test_answers_that_rate_nothing_leave_it_gentler(answer: Answer, world: World) -> None:
    """Putting it off says nothing about how hard it is."""
    await brought(world)
    world.answer(Answer.HARD)
    await brought(world)
    world.answer(answer)
    assert (await brought(world))[0] == "Less of b-two"
