"""A real daemon whose notifications expire soon: after this many milliseconds."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from reminderd import launch
from reminderd.adapters.notifiers import notify_call

if TYPE_CHECKING:
    from reminderd.core.notice import Notice


def main(milliseconds: int) -> None:
    def expiry_of(notice: Notice) -> int:
        return milliseconds

    notify_call.expiry_of = expiry_of
    launch.run()


if __name__ == "__main__":
    main(int(sys.argv[1]))
