"""Puts a draft into words: a request in one wording pool and unit, and the order in which it names the parameters.

A grammar composes noun, dimensions, features and a frame, each of its pool; only glue (`with`, `and`, commas), case,
slips and spelling are shared. Numbers stay slots until the end, so the order is read off the text, and a number that
is stated is exact. Covers single requests in five styles; requests for changes are `corpus.synth.edits`'.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace

from corpus.synth.dimensions_said import expand_sizes, own_dims
from corpus.synth.draw import Unit
from corpus.synth.families import FAMILIES
from corpus.synth.features_said import feature_text
from corpus.synth.numbers_said import Speech, draw_speech, fit_articles, say_slots
from corpus.synth.part import Draft, Family, Mention
from corpus.synth.styles import STYLES
from corpus.synth.telling import Telling, order_of
from corpus.synth.typos import misspell

__all__ = ["MAX_CHARS", "Worded", "mention_text", "word_request"]

MAX_CHARS = 400
"""Of a prompt; what comes out longer is said again, at last without numbers."""


@dataclass(frozen=True)
class Worded:
    prompt: str
    order: tuple[str, ...]
    """Full names of the parameters in the order that the prompt states them."""
    style: str
    """short | measured | function | conversational | sheet"""


def word_request(rng: random.Random, draft: Draft, *, pool: str, unit: Unit, noun_pool: str = "") -> Worded:
    """A request for the draft; what the part is called comes from `noun_pool`, where that is given."""
    nouns = noun_pool or pool
    family = FAMILIES[draft.plan.family]
    for _ in range(12):
        (style,) = rng.choices(list(STYLES), [share for share, _ in STYLES.values()])
        worded = _worded(rng, draft, family, style, pool=pool, noun_pool=nouns, unit=unit)
        if worded is not None and len(worded.prompt) <= MAX_CHARS:
            return worded
    worded = _worded(rng, draft, family, "short", pool=pool, noun_pool=nouns, unit=unit)
    if worded is None or len(worded.prompt) > MAX_CHARS:
        raise ValueError(f"{draft.title}: no way to say it in {MAX_CHARS} characters")
    return worded


def mention_text(
    rng: random.Random, draft: Draft, mention: Mention, *, pool: str, unit: Unit
) -> tuple[str, tuple[str, ...]]:
    """(a feature as a noun phrase with its numbers, parameters in the order of mention)."""
    index = next(i for i, m in enumerate(draft.mentions) if m.use == mention.use)
    speech = draw_speech(rng, unit, is_british=False)
    text = _expanded(rng, feature_text(rng, draft, index, pool=pool), draft, speech, pool)
    return _said(rng, text, draft, speech), order_of(text)


def _worded(
    rng: random.Random, draft: Draft, family: Family, style: str, *, pool: str, noun_pool: str, unit: Unit
) -> Worded | None:
    is_british = rng.random() < 0.2
    speech = draw_speech(rng, unit, is_british=is_british)
    telling = Telling(rng, draft, family, pool, speech, "", tuple(own_dims(draft, family)))
    nouns = replace(telling, pool=noun_pool).fitting(family.nouns)
    telling = replace(telling, noun=rng.choice(nouns or [family.title]))
    template = STYLES[style][1](telling)
    if template is None:
        return None
    text, speech = template if isinstance(template, tuple) else (template, speech)
    text = _expanded(rng, text, draft, speech, pool)
    prompt = _finished(rng, _said(rng, text, draft, speech), is_british=is_british, is_sheet=style == "sheet")
    return Worded(prompt, order_of(text), style)


def _expanded(rng: random.Random, text: str, draft: Draft, speech: Speech, pool: str) -> str:
    return expand_sizes(rng, text, {p.name: p.value for p in draft.params}, speech, pool=pool)


def _said(rng: random.Random, text: str, draft: Draft, speech: Speech) -> str:
    return fit_articles(say_slots(rng, text, {p.name: p for p in draft.params}, speech))


_BRITISH = ((re.compile(r"(?<=[Cc])enter(?=s?\b)"), "entre"), (re.compile(r"(?<=[Cc])entered\b"), "entred"))


def _finished(rng: random.Random, text: str, *, is_british: bool, is_sheet: bool) -> str:
    """Habits of spelling: capitals, full stops, commas left out, slips."""
    if is_british:
        for pattern, british in _BRITISH:
            text = pattern.sub(british, text)
    if rng.random() < 0.05:
        text = misspell(rng, text)
    roll = rng.random()
    if roll < 0.5:
        text = re.sub(r"(?:^|(?<=[.?!] )|(?<=[.?!]\n))[a-z]", lambda m: m[0].upper(), text)
    elif roll < 0.8:
        text = text.lower()
    elif roll < 0.81:
        text = text.upper()
    if rng.random() < 0.07 and not is_sheet:
        text = re.sub(r"(?<!\d),(?= )|,(?= \D)", "", text)
    if text.endswith("?") and rng.random() < 0.2:
        return text[:-1]
    if text[-1] not in "?.!)]:" and "\n" not in text and rng.random() < 0.35:
        text += "."
    return text
