"""The sieve that takes messages of no sensible size out of what a bus sends."""

from __future__ import annotations

from struct import pack

import pytest
from dbus_fast import InvalidAddressError
from hypothesis import given
from hypothesis import strategies as st

from reminderd.adapters.bus_socket import LARGEST_MESSAGE, LocalBus, Sieve

LIMIT = 40


def message(order: str, fields: int, body: int) -> bytes:
    """Return a message of no meaning whose first bytes say how long it is."""
    head = (b"l" if order == "<" else b"B") + b"\4\1\1" + pack(f"{order}III", body, 7, fields)
    return head + b"f" * (fields + -fields % 8) + b"b" * body


MESSAGES = st.lists(
    st.builds(message, st.sampled_from("<>"), st.integers(0, 60), st.integers(0, 60)), max_size=8
)


@given(MESSAGES, st.lists(st.integers(1, 30), min_size=1))
def test_the_small_come_through_whole_and_the_large_not_at_all(
    messages: list[bytes], cuts: list[int]
) -> None:
    """In whatever pieces the stream arrives, and in whichever order of bytes."""
    stream, sieve, kept, turn = b"".join(messages), Sieve(LIMIT), b"", 0
    while stream:
        cut = cuts[turn % len(cuts)]
        kept += sieve.let_through(stream[:cut])
        stream, turn = stream[cut:], turn + 1
    assert kept == b"".join(one for one in messages if len(one) - 16 <= LIMIT)


def test_a_length_that_is_a_lie_holds_nothing_back() -> None:
    """A message that says it had 8 GiB takes no memory; what belongs to it is lost with it."""
    sieve = Sieve(LARGEST_MESSAGE)
    lie = b"l\4\1\1" + pack("<III", 2**32 - 1, 7, 2**32 - 1)
    assert sieve.let_through(lie + b"x" * 1000) == b""
    assert sieve.let_through(b"y" * 1000) == b""


async def test_no_other_socket_is_made() -> None:
    """Even where an address has got through that leads elsewhere."""
    with pytest.raises(InvalidAddressError, match="tcp is no socket of this machine"):
        await LocalBus(bus_address="tcp:host=127.0.0.1,port=1").connect()
