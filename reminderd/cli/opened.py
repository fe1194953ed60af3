"""The person's database, open for as long as a command lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from reminderd import bootstrap

if TYPE_CHECKING:
    from reminderd.adapters.store.store import Store
    from reminderd.core.walltime import Present


def open_store(present: Present) -> Store:
    """Open the database; it is closed when the command ends, however it ends."""
    store = bootstrap.open_store(present)
    click.get_current_context().call_on_close(store.close)
    return store
