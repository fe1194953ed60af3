"""The prompts that come with the program keep what their brief says (docs: content)."""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

from reminderd.adapters.decks import check_deck, load_decks
from reminderd.adapters.resources import prompts_dir
from reminderd.core.model import Needs, Prompt, When

MAIN = "letting-people-in"
TIPS = {
    "take-it-slow": 14,
    "talk-about-it": 14,
    "aim-for-balance": 8,
    "self-compassion": 14,
    "talk-with-a-therapist": 8,
    "noticing": 12,
    "understanding": 12,
}
POINTS = {
    "take-it-slow": ("slow.trust", "slow.present", "slow.evidence"),
    "talk-about-it": ("talk.say-so", "talk.history", "talk.needs"),
    "aim-for-balance": ("balance.pace", "balance.mutual", "balance.conflict"),
    "self-compassion": ("kind.notice", "kind.setback", "kind.wins", "hope"),
    "talk-with-a-therapist": ("therapy.space", "therapy.skills", "therapy.no-shame"),
    "noticing": (
        "notice.distance",
        "notice.terse",
        "notice.disinterest",
        "notice.alone",
        "notice.priority",
        "notice.thoughts",
    ),
    "understanding": (
        "why.fear",
        "why.attachment",
        "why.worth",
        "why.trust",
        "why.unmeant",
        "why.cost",
    ),
}
LENGTHS = {"title": 40, "body": 140, "cue": 100, "gentler": 120}

FORBIDDEN = re.compile(
    r"\b("
    r"streaks?|scor(e|es|ed|ing)|should|shouldn't|must|mustn't|fail\w*|overdue"
    r"|heal|heals|healed|healing|cur(e|es|ed|ing)|toxic\w*|guilt\w*|promis(e|es|ed|ing)"
    # diagnoses
    r"|avoidant\w*|anxiously|disorgani[sz]ed|attachment|narciss\w*|borderline|bipolar|psychopath\w*"
    r"|depress(ed|ion|ive)|trauma\w*|ptsd|adhd|autis\w*|disorders?|syndromes?|diagnos\w*|phobi\w*"
    # what no prompt asks to recall
    r"|childhood|betray\w*|abus\w*|injur\w*"
    r")\b",
    re.IGNORECASE,
)
SIGNS = re.compile(r"[!\u2661\u2665\u2763\u2764\ufe0f\u2600-\u27bf\U0001f000-\U0001faff]|<3")
WARDED = ("safe", "at ease with", "takes a no well")
"""How a prompt that tells another something says that not everybody is to be told."""

ALL = load_decks(prompts_dir(), Path("/nonexistent")).prompts
OURS = tuple(prompt for prompt in ALL if prompt.deck == MAIN)

each = pytest.mark.parametrize("prompt", ALL, ids=lambda prompt: prompt.id)


def text(prompt: Prompt) -> str:
    """Return all that a person can read of a prompt."""
    return " ".join(getattr(prompt, field) for field in LENGTHS)


def words(prompt: Prompt) -> set[str]:
    """Return the words of a prompt's body."""
    return set(re.findall(r"[a-z']+", prompt.body.lower()))


def test_each_tip_has_its_number_of_prompts() -> None:
    """Those that the person named as examples have the most."""
    assert Counter(prompt.tip for prompt in OURS) == TIPS
    assert len(OURS) >= 82


def test_each_point_is_practised_at_least_twice_under_its_tip() -> None:
    """No point is left out, and none is invented."""
    counts = Counter((prompt.tip, prompt.basis) for prompt in OURS)
    assert set(counts) == {(tip, point) for tip, points in POINTS.items() for point in points}
    assert min(counts.values()) >= 2


def test_half_of_each_tip_needs_nobody() -> None:
    """There is always a way that involves nobody else."""
    for tip, count in TIPS.items():
        alone = [one for one in OURS if one.tip == tip and one.needs is Needs.NOBODY]
        assert len(alone) * 2 >= count, tip


def test_there_are_practices_for_now_and_for_the_next_occasion() -> None:
    """Each tip that is about others has both."""
    for tip in TIPS:
        assert {one.when for one in OURS if one.tip == tip} == set(When), tip


def test_one_prompt_is_the_first() -> None:
    """On having noticed at all, and needing nobody."""
    (first,) = [prompt for prompt in ALL if prompt.first]
    assert (first.deck, first.basis, first.needs) == (MAIN, "kind.notice", Needs.NOBODY)
    assert first.when is When.NOW


def test_there_is_a_second_deck_on_something_else() -> None:
    """A deck is only data; this one stays off until somebody wants it."""
    others = [prompt for prompt in ALL if prompt.deck != MAIN]
    assert 4 <= len(others) <= 20
    assert not {prompt.tip for prompt in others} & set(TIPS)


@each
def test_a_prompt_is_short(prompt: Prompt) -> None:
    """Two minutes, and the width of a notification."""
    for field, most in LENGTHS.items():
        assert 1 <= len(getattr(prompt, field)) <= most, field


@each
def test_a_body_has_one_or_two_sentences(prompt: Prompt) -> None:
    """More is a text to read, not a thing to do; what is quoted does not count."""
    own_words = re.sub(r"(?<!\w)'.*?'(?!\w)", "it", prompt.body)
    assert len(re.findall(r"[.?](?=\s|$)", own_words)) <= 2


@each
def test_a_prompt_never_scolds_counts_or_diagnoses(prompt: Prompt) -> None:
    """The brief's list of words and signs."""
    assert FORBIDDEN.findall(text(prompt)) == []
    assert SIGNS.findall(text(prompt)) == []


@each
def test_a_cue_is_an_if_then_plan(prompt: Prompt) -> None:
    """That form is the one with evidence."""
    assert re.fullmatch(r"If .+, then I .+[.?]", prompt.cue)


@each
def test_a_text_ends_as_a_sentence(prompt: Prompt) -> None:
    """Nothing was cut off to fit."""
    for field in ("body", "cue", "gentler"):
        assert re.search(r"[.?]['\u2019\"]?$", getattr(prompt, field)), field


@pytest.mark.parametrize(
    "prompt",
    [one for one in OURS if one.tip == "talk-about-it" and one.needs is Needs.SOMEONE],
    ids=lambda prompt: prompt.id,
)
def test_nobody_is_pushed_to_open_up_to_whoever_harms_them(prompt: Prompt) -> None:
    """Telling is for somebody one feels safe with."""
    assert any(word in text(prompt).lower() for word in WARDED)


@pytest.mark.parametrize("field", ["id", *LENGTHS])
def test_no_text_comes_twice(field: str) -> None:
    """Across all decks."""
    counts = Counter(getattr(prompt, field).lower() for prompt in ALL)
    assert [value for value, count in counts.items() if count > 1] == []


def test_no_two_prompts_say_the_same() -> None:
    """Bodies share less than four words in ten."""
    alike = [
        (one.id, other.id)
        for one, other in combinations(ALL, 2)
        if len(words(one) & words(other)) / len(words(one) | words(other)) >= 0.4
    ]
    assert alike == []


@pytest.mark.parametrize(
    "said",
    [
        "Keep your streak.",
        "You should.",
        "It failed.",
        "Well done!",
        "A ♥ for you.",
        "A 😀.",
        "Guilty.",
        "I promise.",
        "An avoidant style.",
        "It heals.",
        "Overdue.",
    ],
)
def test_the_list_of_words_and_signs_finds_them(said: str) -> None:
    """A list that finds nothing would let everything pass."""
    assert FORBIDDEN.search(said) or SIGNS.search(said)


@pytest.mark.parametrize("said", ["Be secure.", "A healthy meal.", "Mustard.", "A scout's."])
def test_the_list_of_words_leaves_others_alone(said: str) -> None:
    """A word inside another is another word."""
    assert not FORBIDDEN.search(said)


@pytest.mark.parametrize("path", sorted(prompts_dir().glob("*.toml")), ids=lambda path: path.name)
def test_a_bundled_deck_is_one_file_of_one_deck(path: Path) -> None:
    """A file of our own deck has a single theme, which is its name."""
    prompts = check_deck(path)
    if prompts[0].deck == MAIN:
        assert {prompt.tip for prompt in prompts} == {path.stem}
