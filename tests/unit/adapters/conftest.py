"""A store for the tests of its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.adapters.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    made = Kept(tmp_path / "data" / "reminderd.db")
    yield made
    made.store.close()
