"""One practice at once where no daemon runs: chosen by the engine, shown by the caller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reminderd.app.reviewing import keep_reviews
from reminderd.app.tick import bring
from reminderd.core import pool
from reminderd.core.decision import Deliver, Snapshot, decide
from reminderd.core.gates import Situation
from reminderd.core.history import ASKED_FOR
from reminderd.core.model import Context, Reason
from reminderd.errors import NothingOpenError, StoreBusyError

if TYPE_CHECKING:
    from reminderd.app.tick import Engine
    from reminderd.core.model import Planned
    from reminderd.core.walltime import Present

_MOST_TURNS: Final = 20


async def bring_here(engine: Engine, prompt: str | None, tip: str | None) -> bool:
    """Choose, claim, show and record one practice.

    Args:
        engine: Its notifier shows the practice.
        prompt: The prompt that is asked for, if one is.
        tip: The tip that is asked for, if one is.

    Returns:
        False when a daemon that has just started brings it instead.

    Raises:
        NothingOpenError: There is no practice to choose from.
        StoreBusyError: Other programs wrote to the database all the time.
    """
    store = engine.store
    delivery = store.deliveries.add_now(engine.clock.present(), ASKED_FOR, prompt, tip)
    for _ in range(_MOST_TURNS):
        present = engine.clock.present()
        keep_reviews(store, engine.preferences.practice, present)
        version = store.version()
        waiting = [one for one in store.deliveries.waiting() if one.id == delivery]
        if not waiting:
            return False
        match decide(_snapshot(engine, waiting[0], present)).action:
            case Deliver() as deliver:
                if await bring(engine, deliver, Context(), version, present):
                    # Nothing stands once this process has ended.
                    store.screen.record_closed(delivery, engine.clock.present())
                    return True
            case _:
                store.deliveries.let_go([(delivery, Reason.NO_PROMPT)], present)
                raise NothingOpenError(
                    "There is no practice to choose from.",
                    "To see which are switched on: reminderd prompts list",
                )
    raise StoreBusyError("Other programs are writing to the database.", "Please try again.")


def _snapshot(engine: Engine, planned: Planned, present: Present) -> Snapshot:
    """Return the engine's view with this one delivery alone, so that nothing else is touched."""
    store, preferences, prompts = engine.store, engine.preferences, engine.prompts
    disabled = store.answers.disabled()
    situation = Situation(
        now=present.now,
        zone=present.zone,
        cadence=preferences.cadence,
        quiet=preferences.quiet,
        pause=None,
        context=Context(),
        last=None,
        came_today=0,
        server_until=None,
    )
    return Snapshot(
        situation=situation,
        planned=(planned,),
        prompts=prompts,
        pool=pool.enabled(tuple(prompts.values()), preferences.practice, disabled),
        past=store.known.past(present.now),
        practice=preferences.practice,
        seed=store.seed,
        disabled=disabled,
    )
