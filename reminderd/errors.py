"""Everything that is expected to go wrong, in one tree.

    ReminderdError                 what happened, and what to do next; exit code 1
    ├── SettingsError              the config file or a REMINDERD_* variable cannot be used
    ├── DeckError                  a deck of prompts cannot be used
    ├── SpokenError                a time, duration or window that is not understood
    ├── StoreError                 the database cannot be used
    │   ├── NewerStoreError        it was written by a newer reminderd
    │   ├── StoreBusyError         another process holds it for too long
    │   └── DamagedStoreError      what is in it cannot be read, or was never written by us
    ├── NothingOpenError           there is no delivery that this answer could belong to
    ├── UnknownNameError           a prompt, tip, deck or delivery that does not exist
    ├── AlreadyRunningError        another daemon of this account is running
    ├── ExportError                an export cannot be written, or a file to import cannot be used
    ├── NotifierError              a notification could not be brought up
    └── ServiceError               the systemd user service could not be managed

Only the command line's entry point catches them; whatever else escapes is a bug (exit code 3).
"""

from __future__ import annotations

from typing import Final

INTERRUPTED: Final = 130
"""The exit code of what a person stopped: neither a failure nor a defect."""


class ReminderdError(Exception):
    """An expected failure.

    Args:
        message: What happened and where, in plain words that blame nobody.
        hint: What to do next; empty when the message says it all.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """Return message and hint as one text."""
        return f"{self.message} {self.hint}".strip()


class SettingsError(ReminderdError):
    """The config file or a REMINDERD_* variable cannot be used."""


class DeckError(ReminderdError):
    """A deck of prompts cannot be used."""


class SpokenError(ReminderdError):
    """A time, duration or window that is not understood."""


class StoreError(ReminderdError):
    """The database cannot be used."""


class NewerStoreError(StoreError):
    """The database was written by a newer reminderd; it is left untouched."""


class StoreBusyError(StoreError):
    """Another process held the database for longer than we wait."""


class DamagedStoreError(StoreError):
    """What is in the database cannot be read, or was never written by reminderd."""


class NothingOpenError(ReminderdError):
    """There is no delivery that this answer could belong to."""


class UnknownNameError(ReminderdError):
    """A prompt, tip, deck or delivery that does not exist."""


class AlreadyRunningError(ReminderdError):
    """Another daemon of this account is running."""


class ExportError(ReminderdError):
    """An export cannot be written, or a file to import cannot be used."""


class NotifierError(ReminderdError):
    """A notification could not be brought up."""


class ServiceError(ReminderdError):
    """The systemd user service could not be managed."""
