"""Drawing natural numbers: whole millimetres mostly, sixteenths where the request is in inches.

A `Draw` is one part's dice: its random generator and the unit that the request is made in. Covers lengths, counts
and choices; what they mean is the family's.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

__all__ = ["INCH_MM", "Draw", "Infeasible", "Unit"]

T = TypeVar("T")
INCH_MM = 25.4


class Unit(StrEnum):
    """What a request counts in; sources are in mm always."""

    MM = "mm"
    CM = "cm"
    INCH = "inch"


class Infeasible(Exception):
    """These numbers make no sound part; draw others."""


_STEPS = {
    # (grid in mm, cumulative share): fives, whole millimetres, halves, tenths
    Unit.MM: ((5.0, 0.35), (1.0, 0.90), (0.5, 0.97), (0.1, 1.0)),
    Unit.CM: ((10.0, 0.45), (5.0, 0.8), (1.0, 1.0)),
    Unit.INCH: ((INCH_MM, 0.3), (INCH_MM / 2, 0.6), (INCH_MM / 4, 0.8), (INCH_MM / 8, 0.95), (INCH_MM / 16, 1.0)),
}


@dataclass(frozen=True)
class Draw:
    rng: random.Random
    unit: Unit = Unit.MM

    def chance(self, p: float) -> bool:
        return self.rng.random() < p

    def choice(self, options: Sequence[T]) -> T:
        return self.rng.choice(options)

    def count(self, low: int, high: int) -> float:
        """A whole number within [low, high]. Raises Infeasible if there is none."""
        if high < low:
            raise Infeasible(f"no count between {low} and {high}")
        return float(self.rng.randint(low, high))

    def size(self, low: float, high: float) -> float:
        """A natural length within [low, high] mm on the unit's grids, small ones commoner. Raises Infeasible."""
        steps = _STEPS[self.unit]
        roll = self.rng.random()
        first = next(i for i, (_, share) in enumerate(steps) if roll <= share)
        if self.unit is Unit.MM and high > 60:
            first = min(first, 1)  # nobody asks for 137.3 mm
        for step, _ in steps[first:]:
            lowest, highest = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
            lowest = max(lowest, 1)
            if lowest <= highest:
                wanted = low * math.pow(high / low, self.rng.random()) if low > 0 else self.rng.uniform(low, high)
                return round(min(max(round(wanted / step), lowest), highest) * step, 4)
        raise Infeasible(f"no size between {low:g} and {high:g} mm on the grid of {self.unit}")

    def angle(self, low: float, high: float) -> float:
        """Degrees, mostly multiples of 15 or 5."""
        step = self.choice((15.0, 5.0, 5.0, 1.0))
        for s in (step, 5.0, 1.0):
            lowest, highest = math.ceil(low / s - 1e-6), math.floor(high / s + 1e-6)
            if lowest <= highest:
                return s * self.rng.randint(lowest, highest)
        raise Infeasible(f"no angle between {low:g} and {high:g}")
