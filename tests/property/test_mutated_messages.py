"""A desktop that says odd things on the bus: the daemon lives on, or knows that the bus is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, given, settings

from tests import strategies
from tests.property.moments.life import in_memory
from tests.property.mutation import homes
from tests.property.mutation.case import CONVERSE, Case
from tests.property.mutation.messages import ANSWERS, BACK, SIGNALS, Talk
from tests.property.mutation.wire import BUS, refusal, reply
from tests.property.mutation.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.property.mutation.wire import Spoken

pytestmark = pytest.mark.uncounted

_PHASES = (Phase.explicit, Phase.generate)
"""No shrinking: it may take longer than pytest gives a test. bench/mutations.py keeps the case."""
_FLOOD = 10_000
_NOTHING = {
    "too large": b"l\x04\x00\x01" + b"\xff" * 60,
    "no text": SIGNALS[4].bytes().replace(b"\x02us", b"\x02\xff\xff"),
}


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with in_memory() as folder, Worker(folder) as worker:
        yield worker


def told(talk: Talk) -> Case:
    """Return the case of a talk."""
    return Case({}, (CONVERSE,), talk=talk)


@pytest.mark.parametrize(
    "spoken",
    {(one.kind, one.signature): one for one in SIGNALS}.values(),
    ids=lambda one: f"{one.kind.name} {one.signature}",
)
def test_a_flood_is_no_trouble(worker: Worker, spoken: Spoken) -> None:
    """Of signals, of calls to us, or of replies to nothing."""
    flood = [(spoken.bytes(), _FLOOD), (BACK.bytes(), 1)]
    worker.check(told(Talk({}, {"CloseNotification": flood}, is_sound=True)))


@pytest.mark.parametrize("nothing", _NOTHING.values(), ids=_NOTHING)
@pytest.mark.parametrize("member", ["Hello", "AddMatch", "GetServerInformation", "Notify"])
def test_what_is_no_message_ends_the_connection_and_that_is_told(
    worker: Worker, member: str, nothing: bytes
) -> None:
    """Whenever it comes, also before the bus is joined; the notifier tells it once, if it was."""
    worker.check(told(Talk({}, {member: [(nothing, 1)]}, is_sound=False)))
    worker.check(told(Talk({member: [nothing]}, {}, is_sound=False)))


@pytest.mark.parametrize("member", sorted(ANSWERS))
def test_an_answer_of_another_kind_is_no_trouble(worker: Worker, member: str) -> None:
    sender = str(ANSWERS[member].fields["sender"])
    odd = [reply(sender=sender), reply("(ii)", [1, 2], sender=sender), refusal("a.b", "c", sender)]
    answers = [one.bytes() for one in odd]
    worker.check(told(Talk({member: answers}, {}, is_sound=sender != BUS)))


def test_an_owner_that_is_none_is_not_asked(worker: Worker) -> None:
    """A bus that makes up names is believed to have no server."""
    odd = [reply("s", name, sender=BUS).bytes() for name in ("", "\u202e", "x" * 300)]
    worker.check(told(Talk({"GetNameOwner": odd}, {}, is_sound=False)))


@given(homes.odd_buses())
@settings(strategies.fewer(5), phases=_PHASES)
def test_talks(worker: Worker, case: Case) -> None:
    worker.check(case)
