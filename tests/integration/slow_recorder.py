"""A real daemon beside which another program takes the database right after the claim."""

from __future__ import annotations

import sqlite3
import sys
import threading
from typing import TYPE_CHECKING, Any

from reminderd import bootstrap, launch
from reminderd.adapters import paths

if TYPE_CHECKING:
    from reminderd.adapters.notifiers.choose import Chooser
    from reminderd.core.notice import Delivered, Notice

HELD_SECONDS = 2.0


def _hold() -> None:
    """Hold the database for longer than the daemon waits for it."""
    other = sqlite3.connect(paths.database_file(), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    sys.stderr.write("held\n")
    threading.Timer(HELD_SECONDS, other.close).start()


def main() -> None:
    build = bootstrap.build_notifier

    def build_slow(*args: Any, **kwargs: Any) -> Chooser:  # noqa: ANN401 -- handed on as they are
        chooser = build(*args, **kwargs)
        really_show = chooser.show

        async def show(notice: Notice) -> Delivered:
            _hold()
            return await really_show(notice)

        chooser.show = show  # type: ignore[method-assign]  # the real object, one method hindered
        return chooser

    bootstrap.build_notifier = build_slow
    launch.run()


if __name__ == "__main__":
    main()
