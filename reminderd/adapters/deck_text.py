"""A prompt as the text of a deck, for a person's own copy."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from reminderd.adapters.toml_files import toml_text

if TYPE_CHECKING:
    from reminderd.core.model import Prompt

_HEAD = """\
# Your own copy. It takes the place of the prompt with the same id that came with reminderd;
# without this file, that one is back. `reminderd prompts check` tells whether all is well.
# At most: title 40 characters, body 140, cue 100, gentler 120.
"""


def deck_text(prompt: Prompt) -> str:
    """Return a deck that holds a single prompt."""
    values = {field.name: getattr(prompt, field.name) for field in fields(prompt)}
    deck = values.pop("deck")
    lines = [f"{_HEAD}deck = {toml_text(deck)}", "", "[[prompt]]"]
    lines += [
        f"{name} = {toml_text(value)}" for name, value in values.items() if value is not False
    ]
    return "\n".join(lines) + "\n"
