"""A desktop that tells nothing: where there is no Linux desktop to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reminderd.core.model import Context

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reminderd.core.model import Quiet, Reason


class UnknownDesktop:
    """Tells that nothing is known, which counts as free."""

    async def start(self) -> None:
        """Begin to listen: there is nothing to listen to."""

    async def stop(self) -> None:
        """Stop listening."""

    def heed(self, quiet: Quiet) -> None:
        """Be told what the person wants to be heeded."""

    async def context(self, *, closely: bool) -> Context:
        """Return what is known: nothing."""
        del closely
        return Context()

    def sources(self) -> Mapping[Reason, str]:
        """Return what tells something: nothing."""
        return {}
