"""What the person said: kept for good, and in the file that the path leads to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from reminderd.adapters.store import rows
from reminderd.core.model import Answer, Pause
from reminderd.errors import UnknownNameError

if TYPE_CHECKING:
    from tests.unit.adapters.kept import Kept


class TestAnswers:
    """Append-only, and the last one counts."""

    def test_are_all_kept(self, kept: Kept) -> None:
        """Each answer is a row with its time, zone, length and source."""
        one = kept.show_now()
        kept.answer(Answer.LATER, one, snooze=timedelta(minutes=40))
        kept.clock.forward(hours=1)
        kept.answer(Answer.DONE, one, note="at last", source="freedesktop")
        assert kept.raw(
            "SELECT at, zone, delivery, prompt, answer, snooze_seconds, note, source FROM response"
        ) == [
            (
                *("2026-11-23T08:00:00.000000Z", "Europe/Berlin", one, "a-one", "later", 2400),
                *(None, "cli"),
            ),
            (
                *("2026-11-23T09:00:00.000000Z", "Europe/Berlin", one, "a-one", "done", None),
                *("at last", "freedesktop"),
            ),
        ]

    @pytest.mark.parametrize("hours", [0, -1, -43_800])
    def test_a_correction_counts_whatever_the_clock_says(self, kept: Kept, hours: int) -> None:
        """In the same instant, an hour back, five years back: the later answer is the later one."""
        one = kept.show_now()
        for answer in (Answer.NOT_FOR_ME, Answer.HARD, Answer.NOT_FOR_ME, Answer.DONE):
            kept.answer(answer, one)
            kept.clock.forward(hours=hours)
            newest = kept.store.reading.newest()
            assert newest is not None
            assert newest.answer == answer
            assert ("a-one" in kept.store.answers.disabled()) == (answer is Answer.NOT_FOR_ME)

    def test_not_for_me_switches_off_once(self, kept: Kept) -> None:
        """Said twice it is one choice; the answer to a note of no prompt switches nothing."""
        one = kept.show_now()
        kept.answer(Answer.NOT_FOR_ME, one)
        kept.answer(Answer.NOT_FOR_ME, one)
        kept.answer(Answer.NOT_FOR_ME, None, prompt=None)
        assert kept.raw("SELECT prompt, enabled FROM choice") == [("a-one", 0)]

    def test_choices_of_the_person_are_the_last_word(self, kept: Kept) -> None:
        """Switched off and on again by hand, each prompt for itself."""
        for prompt, enabled in (("a", False), ("b", False), ("a", True), ("c", True)):
            kept.store.answers.add_choice(prompt, kept.clock.present(), enabled=enabled)
        assert kept.store.answers.disabled() == {"b"}

    def test_to_a_delivery_that_does_not_exist_are_refused(self, kept: Kept) -> None:
        """It is an expected failure, and nothing is stored."""
        with pytest.raises(UnknownNameError, match="nobody"):
            kept.answer(Answer.NOT_FOR_ME, "nobody")
        assert kept.raw("SELECT * FROM response") == kept.raw("SELECT * FROM choice") == []


class TestAnswersInAFileThatIsGone:
    """An answer is acknowledged only when it lies where the path leads."""

    def moved_away(self, kept: Kept) -> None:
        """Put a copy in the place of the database, as restoring a backup does."""
        kept.raw("PRAGMA wal_checkpoint(TRUNCATE)")
        copy = kept.path.with_name("copy")
        copy.write_bytes(kept.path.read_bytes())
        for suffix in ("-wal", "-shm"):
            kept.path.with_name(kept.path.name + suffix).unlink()
        copy.replace(kept.path)

    def test_go_to_the_file_that_took_its_place(self, kept: Kept) -> None:
        """Answer, pause and choice all lie in the database that everybody else sees."""
        one = kept.show_now()
        self.moved_away(kept)
        kept.answer(Answer.DONE, one)
        assert kept.raw("SELECT delivery, answer FROM response") == [(one, "done")]
        self.moved_away(kept)
        kept.store.answers.add_pause(
            Pause(kept.clock.now, kept.clock.now, None), kept.clock.present()
        )
        self.moved_away(kept)
        kept.store.answers.add_choice("a-one", kept.clock.present(), enabled=False)
        assert kept.raw("SELECT prompt FROM choice, pause") == [("a-one",)]

    def test_are_written_again_when_it_happens_in_that_very_moment(
        self, kept: Kept, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The path is compared after the write: whatever happened before it is noticed."""
        one = kept.show_now()
        happened: list[bool] = []

        def in_between(at: datetime) -> str:
            if not happened:
                happened.append(True)
                kept.path.unlink()
            return original(at)

        original = rows.to_text
        monkeypatch.setattr(rows, "to_text", in_between)
        with pytest.raises(UnknownNameError):
            kept.answer(Answer.DONE, one)
        assert happened
        assert kept.raw("SELECT * FROM response") == []
        happened.clear()
        kept.answer(Answer.DONE, None, note="by itself")
        assert happened
        assert kept.raw("SELECT note FROM response") == [("by itself",)]

    def test_are_not_acknowledged_when_their_delivery_is_gone(self, kept: Kept) -> None:
        """The file was removed: a new one is made, and the answer is refused, not swallowed."""
        one = kept.show_now()
        kept.path.unlink()
        with pytest.raises(UnknownNameError, match=one):
            kept.answer(Answer.DONE, one)
        assert kept.raw("SELECT * FROM response") == []


class TestPause:
    """The newest counts."""

    def test_is_the_one_that_was_stored_last(self, kept: Kept) -> None:
        """Not the one with the latest time: clocks step back."""
        assert kept.store.answers.pause() is None
        late = Pause(kept.clock.now + timedelta(days=900), kept.clock.now, None)
        kept.store.answers.add_pause(late, kept.clock.present())
        nine = datetime(2026, 11, 24, 9)  # noqa: DTZ001 -- wall time
        pause = Pause(kept.clock.now, None, nine)
        kept.store.answers.add_pause(pause, kept.clock.present())
        assert kept.store.answers.pause() == pause
