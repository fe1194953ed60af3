"""The store as the use cases see it: one database, its parts by purpose."""

from __future__ import annotations

import os
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reminderd.adapters.store.answers import Answers
from reminderd.adapters.store.connection import Database
from reminderd.adapters.store.reading import Reading, Recorded
from reminderd.adapters.store.schema import BUSY_SECONDS
from reminderd.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reminderd.adapters.store.accounts import Accounts
    from reminderd.adapters.store.bringing_in import Brought
    from reminderd.adapters.store.deliveries import Deliveries
    from reminderd.adapters.store.known import Known
    from reminderd.adapters.store.records import Row
    from reminderd.adapters.store.screen import Screen
    from reminderd.adapters.store.upkeep import Upkeep
    from reminderd.core.walltime import Present

try:
    # The same function without the other hashes: hashlib loads OpenSSL, two milliseconds that
    # every command would wait for.
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b

_MACHINE_ID: Final = Path("/etc/machine-id")
_LONGEST_ID: Final = 256
"""Bytes; one has 32 and the end of its line."""


class Store:
    """Everything that is remembered.

    Args:
        path: The database file; made where it does not exist.
        present: The present moment.
        patience: Seconds to wait for another process that holds the database.

    Raises:
        StoreError: The database cannot be used.

    Attributes:
        answers: What the person said.
        reading: Questions about the past.
        recorded: What is true of this installation and its daemon.
        seed: This installation's seed for every draw.
    """

    def __init__(self, path: Path, present: Present, patience: float = BUSY_SECONDS) -> None:
        self._db = Database(path, present.now, patience)
        self.recorded = Recorded(self._db)
        self.device = _device_name()
        self.answers = Answers(self._db, self.device)
        self.reading = Reading(self._db, self.device)

    @cached_property
    def deliveries(self) -> Deliveries:
        """What was planned and brought."""
        # Loaded when asked for: most commands do not plan or bring anything.
        from reminderd.adapters.store.deliveries import Deliveries  # noqa: PLC0415

        return Deliveries(self._db, self.device)

    @cached_property
    def known(self) -> Known:
        """What is known of each prompt."""
        from reminderd.adapters.store.known import Known  # noqa: PLC0415 -- for the engine alone

        return Known(self._db)

    @cached_property
    def screen(self) -> Screen:
        """What stands on this machine's notification server."""
        from reminderd.adapters.store.screen import Screen  # noqa: PLC0415 -- for the daemon alone

        return Screen(self._db)

    @cached_property
    def accounts(self) -> Accounts:
        """What explains a delivery."""
        from reminderd.adapters.store.accounts import Accounts  # noqa: PLC0415 -- for `why` alone

        return Accounts(self._db, self.device)

    @cached_property
    def upkeep(self) -> Upkeep:
        """What keeps it safe."""
        from reminderd.adapters.store.upkeep import Upkeep  # noqa: PLC0415 -- few need it

        return Upkeep(self._db)

    @contextmanager
    def records(self, *, everything: bool) -> Iterator[Iterator[tuple[str, Row]]]:
        """Give what travels to another machine, as it stands at this moment.

        Neither the daemon nor other commands wait for it, however long it takes.

        Args:
            everything: Whether choices and pauses are wanted beside the history.
        """
        from reminderd.adapters.store.taking_out import records  # noqa: PLC0415 -- for `export`

        with self._db.snapshot(), closing(records(self._db, everything=everything)) as found:
            yield found

    def bring_in(self, records: Iterable[tuple[str, Row]], present: Present) -> Brought:
        """Bring in what comes from elsewhere, all or nothing; what is here stays.

        Where this machine itself brought some of it lately, the next look lets go what is planned
        until then and what would follow too closely, as after a backup was restored.

        Raises:
            RefusedError: A record does not fit.
            StoreError: The database was exchanged meanwhile, or cannot be used.
        """
        from reminderd.adapters.store.bringing_in import bring_in  # noqa: PLC0415 -- for `import`

        brought = bring_in(self._db, records, self.device, present.now)
        if self._db.is_unlinked():
            raise StoreError(
                f"The database {self._db.path} was exchanged meanwhile.",
                "What was to come in is not in it: please import it again.",
            )
        return brought

    @property
    def seed(self) -> str:
        """The installation's seed, drawn once."""
        return self.recorded.meta("seed", os.urandom(8).hex())

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def version(self) -> int:
        """Return a number that moves when another connection has committed."""
        return self._db.version()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do several things at once or not at all."""
        with self._db.transaction():
            yield


def _device_name() -> str:
    """Return this machine's name: keyed by the machine's id, which itself is told to nobody."""
    try:
        with _MACHINE_ID.open("rb") as file:
            machine = file.read(_LONGEST_ID).strip()
    except OSError:
        machine = b""
    key = machine or os.uname().nodename.encode()
    return blake2b(b"reminderd device", key=key[:64], digest_size=8).hexdigest()
