"""A world for the use cases, on a database of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fakes import World, cadence, window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def make_world(tmp_path: Path) -> Iterator[Callable[..., World]]:
    """Make worlds; each but the first lies in a folder of its own."""
    made: list[World] = []

    def make(*args: object, **values: object) -> World:
        path = tmp_path / f"data{len(made)}" / "reminderd.db"
        made.append(World(path, *args, **values))  # type: ignore[arg-type]  # handed on as they are
        return made[-1]

    yield make
    for world in made:
        world.close()


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """A world in which nothing is planned."""
    return make_world()


@pytest.fixture
async def ten(make_world: Callable[..., World]) -> World:
    """A world that has lived yesterday; slots at ten and at two, each good until nine at night."""
    world = make_world(cadence(fixed=["10:00", "14:00"], windows=[window("09:00", "21:00")]))
    await world.tick()
    return world
