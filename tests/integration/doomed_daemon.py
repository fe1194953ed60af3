"""A real daemon that is killed at its next delivery: `before` Notify is called, or `after` it."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Any

from reminderd import bootstrap, launch

if TYPE_CHECKING:
    from reminderd.adapters.notifiers.choose import Chooser
    from reminderd.core.notice import Delivered, Notice


def _doom(chooser: Chooser, point: str) -> None:
    """Let the process die like in a power cut, on one side of its conversation with the server."""
    really_show = chooser.show

    async def show(notice: Notice) -> Delivered:
        if point == "after":
            await really_show(notice)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("unreachable")

    chooser.show = show  # type: ignore[method-assign]  # the real object, one method doomed


def main(point: str) -> None:
    build = bootstrap.build_notifier

    def build_doomed(*args: Any, **kwargs: Any) -> Chooser:  # noqa: ANN401 -- handed on as they are
        chooser = build(*args, **kwargs)
        _doom(chooser, point)
        return chooser

    bootstrap.build_notifier = build_doomed
    launch.run()


if __name__ == "__main__":
    main(sys.argv[1])
