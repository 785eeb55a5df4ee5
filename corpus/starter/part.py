"""The types of a procedural part: a family draws drafts; a draft becomes a prompt, a source and a spec.

Covers the value types, the drawing of natural sizes and the train/test split of values. Wording is in
`wording`, OpenSCAD text in `source`, the families in `families_*`.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from corpus.schema import GeometrySpec

__all__ = [
    "POOLS",
    "SPLITS",
    "Attachment",
    "Draft",
    "Family",
    "Pools",
    "SynthExample",
    "Words",
    "pools",
    "size",
    "split_of",
]

POOLS = ("base", "tune", "held_out")
SPLITS = ("train", "test")

N_SPLIT_BUCKETS = 10
"""One bucket of ten is the test split."""

Pools = Mapping[str, tuple[str, ...]]
"""Alternatives by wording pool; no text occurs in two of them."""


def pools(base: str, tune: str, held_out: str) -> Pools:
    """Alternatives of each pool, written `one | two | three`."""
    texts = (base, tune, held_out)
    return {name: tuple(t.strip() for t in text.split(" | ")) for name, text in zip(POOLS, texts, strict=True)}


@dataclass(frozen=True)
class Words:
    """How people name one dimension: `60 mm wide` takes an adjective, `width 60 mm` a noun."""

    nouns: tuple[str, ...]
    adjectives: tuple[str, ...] = ()
    letter: str | None = None


@dataclass(frozen=True)
class Attachment:
    """A part of a part that is mentioned in a phrase of its own: a hole, a flange, the walls."""

    phrases: Pools
    label: str | None = None
    """What the title comment says of it; None for what every member of the family has."""


@dataclass(frozen=True)
class Draft:
    """One part with its numbers, before anybody has put it into words."""

    params: Mapping[str, float]
    body: str
    spec: GeometrySpec
    core: tuple[str, ...]
    """Parameters mentioned with the noun, in their natural order; the attachments mention the rest."""
    attachments: tuple[Attachment, ...] = ()
    derived: tuple[str, ...] = ()
    """Lines such as `depth = width;`, for what one number of the prompt says of two parameters."""
    compact: Pools | None = None
    """Replaces the family's own short forms."""


@dataclass(frozen=True)
class Family:
    """A kind of part: how to draw one and what people call it."""

    name: str
    group: str
    """base: the shipped base is pretrained on it; new: it is not."""
    title: str
    nouns: Pools
    draw: Callable[[random.Random], Draft]
    compact: Pools | None = None
    """Short forms such as `@a {width} x {depth} mm @N`; None where there is none."""
    words: Mapping[str, Words] = field(default_factory=dict)
    """Where the family's people name a dimension otherwise than `wording.WORDS`."""
    weight: float = 1.0
    """Share of the examples drawn, relative to the other families."""


@dataclass(frozen=True)
class SynthExample:
    """One pair of prompt and source, and the geometry to expect."""

    example_id: str
    """sha256(family|params|prompt)"""
    family: str
    family_group: str
    wording_pool: str
    split: str
    prompt: str
    scad: str
    params: tuple[tuple[str, float], ...]
    """In the order the prompt mentions them."""
    spec: GeometrySpec


_STEPS = ((50, 0.35), (10, 0.90), (5, 0.97), (1, 1.0))
"""(grid in tenths of a mm, cumulative share): fives, whole millimetres, halves, tenths."""


def size(rng: random.Random, low: float, high: float, *, finest: int = 1) -> float:
    """A natural length within [low, high] mm: mostly whole, often a multiple of 5, rarely finer than 0.5.

    `finest` in tenths of a mm; 5 keeps sums exact in binary, so that faces that should meet do.
    """
    low_tenths, high_tenths = math.ceil(low * 10 - 1e-6), math.floor(high * 10 + 1e-6)
    roll = rng.random()
    first = next(i for i, (_, share) in enumerate(_STEPS) if roll < share)
    if high > 60 and first > 1:
        first = 1  # nobody asks for 137.3 mm
    for step, _ in _STEPS[first:]:
        step = max(step, finest)
        lowest, highest = -(-low_tenths // step), high_tenths // step
        if 0 < lowest <= highest:
            wanted = low * math.pow(high / low, rng.random())  # log-uniform: small parts are commoner
            return min(max(round(wanted * 10 / step), lowest), highest) * step / 10
    raise ValueError(f"no size between {low} and {high} mm on a grid of {finest / 10} mm")


def split_of(family: str, draft: Draft) -> str:
    """train or test, by the values alone: what is asked in test was never answered in train, in any wording."""
    values = ",".join(f"{k}={draft.params[k]:g}" for k in sorted(draft.params))
    labels = ",".join(a.label or "" for a in draft.attachments)
    digest = hashlib.sha256(f"{family}|{labels}|{values}".encode()).digest()
    return "test" if int.from_bytes(digest[:4]) % N_SPLIT_BUCKETS == 0 else "train"
