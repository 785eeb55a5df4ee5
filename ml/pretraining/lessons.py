"""What the small base is taught: conversations drawn from the part generator, in shares, each once.

Three kinds. `design`: one request and its source in the house's style. `own`: a conversation about a part that the
model might have written itself; every answer is taught. `foreign`: one about a part written by another hand (bare
numbers, initials, other ways to build); its first source is only read. Covers text; tokens and batches are
`ml.pretraining.stream`'s.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.synth.chains import ChainTurn, sample_chains
from corpus.synth.generate import Part, SynthExample, sample_examples
from corpus.synth.house import in_house_style
from corpus.synth.layout import source_of

__all__ = ["LESSONS_VERSION", "Lesson", "LessonTurn", "design_lesson", "draw_lessons"]

LESSONS_VERSION = 1
"""Goes up when a seed gives other lessons; with corpus.synth's SYNTH_VERSION it names the data."""

N_DESIGNS_A_CHAIN = 7
"""Designs for each conversation: about 45 % of the tokens are edits."""
OWN_SHARE = 0.5
UNTOLD_SHARE = 0.2
"""Of the requests that leave numbers open, the share that is kept: the numbers to answer with can't be learned."""


@dataclass(frozen=True)
class LessonTurn:
    prompt: str
    scad: str
    is_taught: bool
    """False for a source that is only read."""


@dataclass(frozen=True)
class Lesson:
    turns: tuple[LessonTurn, ...]


def draw_lessons(n: int, *, seed: str, families: tuple[str, ...] = (), is_house_style: bool = True) -> list[Lesson]:
    """About `n` lessons in mixed order; any string is a seed. The same arguments give the same lessons."""
    rng = random.Random(seed)
    n_chains = max(1, round(n / (N_DESIGNS_A_CHAIN + 1)))
    n_own = round(n_chains * OWN_SHARE)
    number = rng.getrandbits(48)
    lessons = list(_designs(rng, n - n_chains, number, families, is_house_style=is_house_style))
    for count, is_own in ((n_own, True), (n_chains - n_own, False)):
        chains = sample_chains(
            count, seed=rng.getrandbits(48), is_test=False, families=families, is_house_style=is_own and is_house_style
        )
        lessons += [_chain_lesson(chain, is_own=is_own) for chain in chains]
    rng.shuffle(lessons)
    return lessons


def _designs(
    rng: random.Random, n: int, seed: int, families: tuple[str, ...], *, is_house_style: bool
) -> Iterator[Lesson]:
    for example in sample_examples(n, seed=seed, part=Part.TRAIN, families=families):
        is_told = {name for name, _ in example.plan.values} <= set(example.order)
        if is_told or rng.random() < UNTOLD_SHARE:
            yield design_lesson(example) if is_house_style else _as_drawn(example)


def design_lesson(example: SynthExample) -> Lesson:
    """One request, answered in the house's style with the parameters in the order of mention."""
    scad = source_of(in_house_style(example.plan), order=example.order)
    return Lesson((LessonTurn(example.prompt, scad, True),))


def _as_drawn(example: SynthExample) -> Lesson:
    return Lesson((LessonTurn(example.prompt, example.scad, True),))


def _chain_lesson(chain: tuple[ChainTurn, ...], *, is_own: bool) -> Lesson:
    return Lesson(tuple(LessonTurn(t.prompt, t.scad, is_own or i > 0) for i, t in enumerate(chain)))
