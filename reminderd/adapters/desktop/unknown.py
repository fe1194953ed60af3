"""A desktop that tells nothing. Do not disturb, locked and away come in a later version."""

from __future__ import annotations

from reminderd.core.model import Context


class UnknownDesktop:
    """Tells that nothing is known, which counts as free."""

    async def context(self) -> Context:
        """Return what is known: nothing yet."""
        return Context()
