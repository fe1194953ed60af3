"""What the daemon keeps under each key of `state`, and whether what is there is of that kind."""

from __future__ import annotations

from datetime import date, datetime
from types import UnionType
from typing import TYPE_CHECKING, Any, Final, get_args, get_origin, get_type_hints, is_typeddict

from reminderd.app import last_came, planning, restoring, reviewing, status
from reminderd.core.names import Reason

if TYPE_CHECKING:
    from reminderd.app.ports import Store

SAFE: Final = "safe"
"""The key of the local date on which the database was last found whole, and backed up."""

_KINDS: Final[dict[str, object]] = {
    status.DAEMON: status.DaemonFacts,
    status.GOOD_SETTINGS: str,
    planning.PLANNED: planning.Mark,
    planning.PACES: dict[str, status.PaceFacts],
    reviewing.REVIEWED: reviewing.Mark,
    last_came.MOVED: last_came.Moved,
    status.MENDED: status.Story,
    restoring.RESTORED: str,
    SAFE: str,
}
_MOMENTS: Final = frozenset({"begun", "newest", "left_out", "at", "next", "paused_until"})
_BY_DATE: Final = frozenset({"dates", planning.PACES})
_REASONS: Final = frozenset({"held", "closed"})


def forget_odd(store: Store) -> list[str]:
    """Take out what the daemon did not write there: all of it can be made anew.

    Returns:
        The keys that are gone.
    """
    odd = [key for key in _KINDS if not _is_ours(store, key)]
    for key in odd:
        store.recorded.forget(key)
        if key == restoring.RESTORED:  # that it was there is what counts
            store.recorded.set(key, "")
    return odd


def _is_ours(store: Store, key: str) -> bool:
    try:
        value = store.recorded.get(key)
        return value is None or _fits(value, _KINDS[key], key)
    except (ValueError, RecursionError):  # no JSON, or no date where one should be
        return False


def _fits(value: object, kind: Any, name: str = "") -> bool:  # noqa: ANN401 -- any annotation
    """Return whether a value that JSON held is of a kind.

    Raises:
        ValueError: A text that should be a date, a moment or a reason is none.
    """
    arguments = get_args(kind)
    if isinstance(kind, UnionType):
        return any(_fits(value, one, name) for one in arguments)
    if is_typeddict(kind):
        hints = get_type_hints(kind)
        return isinstance(value, dict) and all(
            key in value and _fits(value[key], hint, key) for key, hint in hints.items()
        )
    if isinstance(value, dict) and get_origin(kind) is dict:
        for key in value if name in _BY_DATE else ():
            date.fromisoformat(key)
        return all(_fits(one, arguments[1]) for one in value.values())
    if isinstance(value, list) and get_origin(kind) is list:
        return all(_fits(one, arguments[0], name) for one in value)
    if isinstance(value, str) and kind is str:
        return _says(value, name)
    return type(value) is kind or (kind is float and type(value) is int)


def _says(text: str, name: str) -> bool:
    if name in _MOMENTS:
        return datetime.fromisoformat(text).utcoffset() is not None
    if name in _REASONS:
        Reason(text)
    return True
