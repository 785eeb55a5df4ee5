"""A model's own answers as training data: which to keep, as what rows, and whether training on them narrowed the model.

Pure: scored answers in, rows and numbers out. What was verified is trained on again (as in Zelikman et al., "STaR:
bootstrapping reasoning with reasoning", 2022), so what matters is what the answers add: an answer equal to the one
taught is dropped, and a model that writes fewer shapes than before is refused. Covers choosing and measuring;
`flows.improve` samples, compiles and tunes.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np

from corpus.normalize import content_key, tokens
from corpus.schema import ExampleRow, GenerationRow, ScoreRow, SketchRow
from corpus.sketches import Matrix, minhashes
from ml.metrics import share_distinct, share_of_commonest
from render.geometry.fingerprint import Fingerprint, same_shape

__all__ = [
    "SELF_SOURCE",
    "SELF_TIER",
    "Answer",
    "Chosen",
    "Diversity",
    "Guards",
    "Novelty",
    "Request",
    "choose_answers",
    "diversity",
    "guard_problems",
    "is_of_round",
    "pick_prompts",
    "request_of",
    "self_row",
    "within_share",
]

SELF_TIER = "self"
SELF_SOURCE = "self-improvement"
_N_COMPARED = 200
"""Answers whose nearest training example is looked for: 2 ms each beside 20,000 examples."""

Request = tuple[str, ...]
"""What is asked, with all that was said before it."""


class Novelty(IntEnum):
    """What a right answer adds to the one that is taught and to those kept before it; least is best."""

    SHAPE = 0
    """Another solid that meets the spec, such as a hole drilled from another side."""
    STRUCTURE = 1
    """The same solid by other operations, whatever the names and numbers."""
    TEXT = 2
    """Other names, numbers or order."""


@dataclass(frozen=True)
class Answer:
    """An answer that passed every gate."""

    example: ExampleRow
    """Whose prompt it answers, with the answer that is taught."""
    generation: GenerationRow
    scad: str
    sketch: SketchRow
    shape: Fingerprint | None


@dataclass(frozen=True)
class Chosen:
    kept: list[tuple[Answer, Novelty]]
    dropped: list[tuple[Answer, str]]
    """With the reason: equal_to_reference | duplicate | enough_for_prompt."""


def pick_prompts(rows: Sequence[ExampleRow], n: int, *, seed: int, n_round: int) -> list[ExampleRow]:
    """`n` training examples to answer anew, drawn by hash; of equal requests one.

    Only prompts that give the size in numbers: any block passes where the spec says no more than "one piece".
    """
    asked: dict[Request, ExampleRow] = {}
    for row in sorted(rows, key=lambda row: row.example_id):
        if row.split == "train" and row.tier != SELF_TIER and row.spec.size_mm is not None:
            asked.setdefault(request_of(row), row)
    return sorted(asked.values(), key=lambda row: _digest(str(seed), str(n_round), row.example_id))[:n]


def request_of(row: ExampleRow) -> Request:
    return (*(text for turn in row.history for text in (turn.prompt, turn.scad)), row.prompt)


def choose_answers(
    answers: Sequence[Answer],
    references: Mapping[str, tuple[SketchRow, Fingerprint | None]],
    *,
    n_per_prompt: int,
    known: Mapping[Request, frozenset[str]],
) -> Chosen:
    """At most `n_per_prompt` answers a prompt, none equal to the one taught or to another; the newest kind first.

    `references` are sketch and shape of the answers taught, by example_id; `known` the normal forms of self answers
    that the data set holds already.
    """
    by_prompt: dict[str, list[Answer]] = defaultdict(list)
    chosen = Chosen([], [])
    for answer in answers:
        by_prompt[answer.example.example_id].append(answer)
    for example_id, group in by_prompt.items():
        taught, taught_shape = references[example_id]
        seen = set(known.get(request_of(group[0].example), frozenset()))
        left: list[Answer] = []
        for answer in group:
            key = answer.sketch.exact_key
            if key == taught.exact_key:
                chosen.dropped.append((answer, "equal_to_reference"))
            elif key in seen:
                chosen.dropped.append((answer, "duplicate"))
            else:
                seen.add(key)
                left.append(answer)
        others = [(taught, taught_shape)]
        for _ in range(min(n_per_prompt, len(left))):
            best = min(left, key=lambda answer: _novelty(answer, others))
            chosen.kept.append((best, _novelty(best, others)))
            others.append((best.sketch, best.shape))
            left.remove(best)
        chosen.dropped.extend((answer, "enough_for_prompt") for answer in left)
    return chosen


def _novelty(answer: Answer, others: Sequence[tuple[SketchRow, Fingerprint | None]]) -> Novelty:
    shape, masked = answer.shape, answer.sketch.masked_key
    if shape is not None and not any(other is not None and same_shape(shape, other) for _, other in others):
        return Novelty.SHAPE
    is_new = masked is not None and all(masked != sketch.masked_key for sketch, _ in others)
    return Novelty.STRUCTURE if is_new else Novelty.TEXT


def within_share(
    kept: Sequence[tuple[Answer, Novelty]], *, n_others: int, n_self: int, max_share: float
) -> tuple[list[tuple[Answer, Novelty]], list[Answer]]:
    """As many as leave self answers at `max_share` of the training rows at most, the newest kind first; and the rest.

    `n_others` training rows are not self answers, `n_self` are already.
    """
    if not 0 < max_share < 1:
        raise ValueError(f"max_share {max_share} must be above 0 and below 1")
    n_room = max(0, math.floor(max_share * n_others / (1 - max_share) + 1e-9) - n_self)
    ranked = sorted(kept, key=lambda item: (item[1], _digest(item[0].generation.generation_id)))
    return ranked[:n_room], [answer for answer, _ in ranked[n_room:]]


def self_row(answer: Answer, *, engine_id: str, round_key: str, n_round: int, temperature: float) -> ExampleRow:
    """The training row of an answer: the prompt's provenance and licence stay, for the words are still its author's."""
    asked, made = answer.example, answer.generation
    note = (
        f"self-improvement {round_key}: model {made.model_id} on {asked.tier} example {asked.example_id}, "
        f"round {n_round}, sample {made.sample_index}, seed {made.seed}, temperature {temperature:g}"
    )
    return replace(
        asked,
        example_id=_digest(*request_of(asked), answer.sketch.exact_key),
        sha256=content_key(answer.scad),
        scad=answer.scad,
        split="train",
        tier=SELF_TIER,
        source=SELF_SOURCE,
        engine_id=engine_id,
        header=None,
        transformations=(note,),
    )


def is_of_round(row: ExampleRow, round_key: str) -> bool:
    return row.tier == SELF_TIER and any(note.startswith(f"{SELF_SOURCE} {round_key}:") for note in row.transformations)


@dataclass(frozen=True)
class Diversity:
    """How varied a model's answers to some prompts are."""

    n: int
    compile_rate: float
    spec_pass_rate: float
    distinct_shapes: float
    """Of those that compiled."""
    commonest_shape: float
    """Share of the commonest among those that compiled: near 1, it writes one part for every prompt."""
    distinct_sources: float
    """Of those that hold a source; comments and white space aside."""
    entropy_bits: float
    """Of the tokens of all sources, by their frequency."""
    mean_tokens: float
    """Length of an answer, as the model counts."""
    distance_to_training: float
    """Mean of 1 - similarity (of MinHashes) to the nearest training source: near 0, it recites."""


def diversity(generations: Sequence[GenerationRow], scores: Sequence[ScoreRow], training: Matrix) -> Diversity:
    """The measures of answers and their scores, in the same order; `training` are the MinHashes of what was taught."""
    shapes = [(s.size_mm, s.volume_mm3, s.n_components, s.genus) for s in scores if s.is_compiled]
    sources = [g.scad for g in generations if g.scad is not None]
    words = [tokens(scad) for scad in sources]
    n = len(generations)
    return Diversity(
        n=n,
        compile_rate=sum(s.is_compiled for s in scores) / n if n else 0.0,
        spec_pass_rate=sum(s.is_spec_passed for s in scores) / n if n else 0.0,
        distinct_shapes=share_distinct(shapes),
        commonest_shape=share_of_commonest(shapes),
        distinct_sources=share_distinct([tuple(w) for w in words]),
        entropy_bits=_entropy(Counter(word for source in words for word in source)),
        mean_tokens=sum(g.n_completion_tokens for g in generations) / n if n else 0.0,
        distance_to_training=_distance(sources, training),
    )


def _entropy(counts: Mapping[str, int]) -> float:
    """Shannon's, in bits; 0.0 for none."""
    total = sum(counts.values())
    return sum(-n / total * math.log2(n / total) for n in counts.values())


def _distance(sources: Sequence[str], training: Matrix) -> float:
    if not sources or not len(training):
        return 0.0
    n = min(len(sources), _N_COMPARED)
    shown = minhashes([sources[i * len(sources) // n] for i in range(n)])
    return float(np.mean([1 - (training == row).mean(axis=1).max() for row in shown]))


@dataclass(frozen=True)
class Guards:
    """How much narrower than its parent a child may be."""

    max_spec_fall: float = 0.02
    """Of the share as asked."""
    max_compile_fall: float = 0.02
    max_distinct_fall: float = 0.05
    """Of the shares of distinct shapes and of distinct sources."""
    max_commonest_rise: float = 0.05
    max_entropy_fall: float = 0.1
    """Of the parent's own."""
    max_length_change: float = 0.5
    """Of the parent's mean length, either way."""
    max_distance_fall: float = 0.25
    """Of the parent's own."""
    max_spread_fall: float = 0.15
    """Of the share of distinct sources among samples of the same prompts."""


def guard_problems(
    parent: Diversity,
    child: Diversity,
    *,
    parent_samples: Diversity,
    child_samples: Diversity,
    guards: Guards | None = None,
) -> list[str]:
    """What a child lost that it must not, a line each; none for a child that may stay.

    The first two are greedy answers to the held-out prompts, the samples are of the same prompts for both.
    """
    g = guards or Guards()
    absolute = [
        ("share as asked", parent.spec_pass_rate, child.spec_pass_rate, g.max_spec_fall),
        ("share that compiles", parent.compile_rate, child.compile_rate, g.max_compile_fall),
        ("share of distinct shapes", parent.distinct_shapes, child.distinct_shapes, g.max_distinct_fall),
        ("share of distinct sources", parent.distinct_sources, child.distinct_sources, g.max_distinct_fall),
        ("distinct samples", parent_samples.distinct_sources, child_samples.distinct_sources, g.max_spread_fall),
    ]
    relative = [
        ("entropy of tokens", parent.entropy_bits, child.entropy_bits, g.max_entropy_fall),
        ("mean length", parent.mean_tokens, child.mean_tokens, g.max_length_change),
        ("distance to training", parent.distance_to_training, child.distance_to_training, g.max_distance_fall),
    ]
    found = [
        f"{name} fell from {before:.3f} to {after:.3f}, by more than {bound:g}"
        for name, before, after, bound in absolute
        if before - after > bound + 1e-9
    ]
    found += [
        f"{name} fell from {before:.3g} to {after:.3g}, by more than {bound:.0%}"
        for name, before, after, bound in relative
        if before - after > bound * before + 1e-9
    ]
    if child.commonest_shape - parent.commonest_shape > g.max_commonest_rise + 1e-9:
        found.append(
            f"share of the commonest shape rose from {parent.commonest_shape:.3f} to {child.commonest_shape:.3f}, "
            f"by more than {g.max_commonest_rise:g}"
        )
    if child.mean_tokens - parent.mean_tokens > g.max_length_change * parent.mean_tokens + 1e-9:
        found.append(f"mean length rose from {parent.mean_tokens:.3g} to {child.mean_tokens:.3g} tokens")
    return found


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode("utf-8", errors="surrogatepass")).hexdigest()
