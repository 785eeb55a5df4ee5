"""How people name things: a dimension, a feature, a part. Data types only, and the pools that wordings are split by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["POOLS", "Kind", "Measure", "Pools", "pools"]

POOLS = ("taught", "held_out")
"""No phrase of one pool occurs in the other; `held_out` is for the test set of unseen wordings only."""

Pools = Mapping[str, tuple[str, ...]]

Kind = str
"""length | count | angle | text_height: what a number means, so that a unit is said or not."""


def pools(taught: str, held_out: str) -> Pools:
    """Alternatives of each pool, written `one | two | three`."""
    return {
        name: tuple(t.strip() for t in text.split("|")) for name, text in zip(POOLS, (taught, held_out), strict=True)
    }


@dataclass(frozen=True)
class Measure:
    """One number of a part: how it is said and within what it may be set."""

    nouns: tuple[str, ...]
    """`width`: for `width 60 mm`, `a width of 60 mm`."""
    adjectives: tuple[str, ...] = ()
    """`wide`: for `60 mm wide`."""
    low: float = 1.0
    """Least natural value, mm (or count, degrees)."""
    high: float = 200.0
    kind: Kind = "length"
    is_screw: bool = False
    """A hole for a screw: `M4` may be said for 4.5 mm."""
