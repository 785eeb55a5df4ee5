"""Puts a draft into words: a request in one wording pool and unit, and the order in which it names the parameters."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from corpus.synth.draw import Unit
from corpus.synth.families import FAMILIES
from corpus.synth.num import format_number
from corpus.synth.part import Draft

__all__ = ["Worded", "word_request"]


@dataclass(frozen=True)
class Worded:
    prompt: str
    order: tuple[str, ...]
    """Full names of the parameters in the order that the prompt states them."""
    style: str
    """short | measured | function | conversational | sheet"""


_SLOT = re.compile(r"\{(\w+)(#?)\}")


def word_request(rng: random.Random, draft: Draft, *, pool: str, unit: Unit) -> Worded:
    """A request for the draft."""
    family = FAMILIES[draft.plan.family]
    noun = rng.choice(family.nouns[pool])
    own = [p for p in draft.params if p.name in family.measures]
    text = f"a {noun}, " + ", ".join(f"{p.measure.nouns[0]} {{{p.name}}}" for p in own)
    for mention in draft.mentions:
        phrase = rng.choice(mention.feature.phrases[pool]).replace("@F", "").replace("@a ", "a ")
        text += ", " + _SLOT.sub(lambda m, p=mention.use.prefix: f"{{{p}{m[1]}{m[2]}}}", phrase)  # type: ignore[misc]
    order = tuple(dict.fromkeys(name for name, _ in _SLOT.findall(text)))
    values = {p.name: p for p in draft.params}
    prompt = _SLOT.sub(lambda m: f"{format_number(values[m[1]].value)} mm", text)
    return Worded(prompt, order, "measured")
