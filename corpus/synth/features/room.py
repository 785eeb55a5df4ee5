"""How much room a face has, and the rules that every feature keeps to."""

from __future__ import annotations

import math
from collections.abc import Sequence

from corpus.synth.draw import Draw, Infeasible
from corpus.synth.num import Num
from corpus.synth.part import Face, Options, Rect

__all__ = [
    "GAP",
    "SIDES",
    "check_apart",
    "check_blind",
    "corners_of",
    "count_through",
    "deep",
    "facets",
    "flat_room",
    "offset",
    "round_room",
    "square_footprint",
    "tall",
    "var",
]

GAP = 0.8
"""mm: least material between cuts, to a rim, and under a blind one: two nozzle widths."""

SIDES = (-1.0, 1.0)


def facets(options: Options) -> int:
    return int(options["facets"])


def var(name: str) -> Num:
    """A loop's variable in an expression."""
    return Num(name, 0.0)


def round_room(face: Face) -> float:
    """Diameter of the largest circle about the middle that keeps its distance from the rim."""
    return min(face.width.value, face.depth.value) - 2 * GAP


def flat_room(face: Face) -> tuple[float, float]:
    """A rectangle about the middle, (width, depth), that keeps its distance from the rim."""
    if face.is_round:
        side = (face.width.value - 2 * GAP) / math.sqrt(2)
        return side, side
    lost = 2 * GAP + 2 * face.corner_radius * (1 - math.sqrt(0.5))
    return face.width.value - lost, face.depth.value - lost


def square_footprint(x: float, y: float, width: float, depth: float) -> Rect:
    """The footprint of something with corners: never quite square, which would pass for round."""
    return Rect(x, y, width, depth + 0.002 if abs(width - depth) < 0.001 else depth)


def count_through(face: Face, n: float) -> int:
    """Handles that `n` cuts through the material add."""
    return int(n) if face.is_through else 0


def check_blind(depth: Num, face: Face) -> None:
    """Raises Infeasible for a blind cut that leaves no floor."""
    if depth.value > face.thickness.value - GAP + 1e-6:
        raise Infeasible("a blind cut needs a floor")


def check_apart(pitch: float, size: float) -> None:
    """Raises Infeasible for repeats of `size` that meet when they are `pitch` apart."""
    if pitch < size + GAP - 1e-6:
        raise Infeasible("repeats meet")


def deep(draw: Draw, face: Face, most: float) -> float:
    """A depth for a blind cut."""
    return draw.size(0.5, min(most, face.thickness.value - GAP))


def tall(draw: Draw, face: Face, low: float, high: float) -> float:
    """A height for something that stands on a face."""
    return draw.size(low, high if face.rise_limit is None else min(high, face.rise_limit))


def offset(draw: Draw, reach: float) -> float:
    """A natural distance from the middle to either side, up to `reach` mm; not 0."""
    return draw.size(min(1.0, reach), reach) * draw.choice(SIDES)


def corners_of(x: float, y: float) -> Sequence[tuple[float, float]]:
    """The four corners (±x, ±y)."""
    return [(sx * x, sy * y) for sx in SIDES for sy in SIDES]
