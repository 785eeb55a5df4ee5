"""Scores as arithmetic: what was asked against what was measured, and rates over all that was asked.

Pure: no engine, no model, no files. Every rate's denominator is every generation asked for: one that gave no source,
or did not compile, counts as 0. Comparing shapes with a reference mesh is not here yet.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Protocol

from corpus.schema import GeometrySpec, ScoreRow

__all__ = [
    "Interval",
    "Measured",
    "Rates",
    "SpecChecks",
    "bootstrap_interval",
    "has_numbers",
    "pass_at_k",
    "rates",
    "share_distinct",
    "share_of_commonest",
    "spec_checks",
]


class Measured(Protocol):
    """What `render.geometry.mesh.MeshStats` and `ScoreRow` have in common."""

    @property
    def size_mm(self) -> tuple[float, ...] | None: ...
    @property
    def volume_mm3(self) -> float | None: ...
    @property
    def n_components(self) -> int | None: ...
    @property
    def genus(self) -> int | None: ...


@dataclass(frozen=True)
class SpecChecks:
    """Each is true where the spec says nothing of it; all are false without a mesh."""

    is_size_within_1pct: bool
    is_size_within_5pct: bool
    is_volume_within_5pct: bool
    is_n_components_right: bool
    is_genus_right: bool
    is_passed: bool
    """Sides within 1 %, volume within 5 %, pieces and genus right; false for a spec without a single number."""


def has_numbers(spec: GeometrySpec) -> bool:
    """Does the spec say anything that can be measured?"""
    return any(value is not None for value in (spec.size_mm, spec.volume_mm3, spec.n_components, spec.genus))


def spec_checks(spec: GeometrySpec, measured: Measured | None) -> SpecChecks:
    """What of `spec` a mesh meets. Sides are compared sorted: a part may lie on any side."""
    if measured is None:
        return SpecChecks(False, False, False, False, False, False)
    is_close = _is_size_within(spec.size_mm, measured.size_mm, 0.01)
    is_volume_right = spec.volume_mm3 is None or _is_within(spec.volume_mm3, measured.volume_mm3, 0.05)
    is_n_components_right = spec.n_components is None or measured.n_components == spec.n_components
    is_genus_right = spec.genus is None or measured.genus == spec.genus
    return SpecChecks(
        is_size_within_1pct=is_close,
        is_size_within_5pct=_is_size_within(spec.size_mm, measured.size_mm, 0.05),
        is_volume_within_5pct=is_volume_right,
        is_n_components_right=is_n_components_right,
        is_genus_right=is_genus_right,
        is_passed=has_numbers(spec) and is_close and is_volume_right and is_n_components_right and is_genus_right,
    )


def _is_size_within(asked: Sequence[float] | None, found: Sequence[float] | None, tolerance: float) -> bool:
    if asked is None:
        return True
    if found is None or len(found) != len(asked):
        return False
    return all(_is_within(a, f, tolerance) for a, f in zip(sorted(asked), sorted(found), strict=True))


def _is_within(asked: float, found: float | None, tolerance: float) -> bool:
    # 1e-9: STL is 32-bit, and a bound that is met exactly must not fail by rounding
    return found is not None and abs(found - asked) <= tolerance * abs(asked) * (1 + 1e-9)


@dataclass(frozen=True)
class Interval:
    low: float
    high: float


@dataclass(frozen=True)
class Rates:
    """Shares of all generations asked for, 0 to 1; all 0.0 where none was asked."""

    n: int
    extract_rate: float
    compile_rate: float
    strict_rate: float
    size_1pct_rate: float
    size_5pct_rate: float
    volume_5pct_rate: float
    components_rate: float
    genus_rate: float
    spec_pass_rate: float
    spec_pass_interval: Interval
    """95 %, bootstrapped."""
    distinct_rate: float
    """Share of distinct shapes among those that compiled: near 0, it writes one part for every prompt."""


def rates(scores: Sequence[ScoreRow], *, seed: int = 0) -> Rates:
    """The rates of a group of scores; their order makes no difference."""
    passed = sorted(float(s.is_spec_passed) for s in scores)
    shapes = [(s.size_mm, s.volume_mm3, s.n_components, s.genus) for s in scores if s.is_compiled]
    return Rates(
        n=len(scores),
        extract_rate=_mean([s.is_extracted for s in scores]),
        compile_rate=_mean([s.is_compiled for s in scores]),
        strict_rate=_mean([s.is_strict for s in scores]),
        size_1pct_rate=_mean([s.is_size_within_1pct for s in scores]),
        size_5pct_rate=_mean([s.is_size_within_5pct for s in scores]),
        volume_5pct_rate=_mean([s.is_volume_within_5pct for s in scores]),
        components_rate=_mean([s.is_n_components_right for s in scores]),
        genus_rate=_mean([s.is_genus_right for s in scores]),
        spec_pass_rate=_mean(passed),
        spec_pass_interval=bootstrap_interval(passed, seed=seed),
        distinct_rate=share_distinct(shapes),
    )


def bootstrap_interval(
    values: Sequence[float], *, confidence: float = 0.95, n_resamples: int = 1000, seed: int = 0
) -> Interval:
    """Percentile bootstrap of the mean (Efron 1979); (0, 0) for no values."""
    if not values:
        return Interval(0.0, 0.0)
    rng = random.Random(seed)
    means = sorted(_mean(rng.choices(values, k=len(values))) for _ in range(n_resamples))
    tail = (1 - confidence) / 2
    return Interval(means[int(tail * n_resamples)], means[min(n_resamples - 1, int((1 - tail) * n_resamples))])


def pass_at_k(n: int, n_correct: int, k: int) -> float:
    """Chance that one of k samples is correct, from n of which n_correct are: 1 - C(n-c, k) / C(n, k).

    The unbiased estimator of Chen et al. 2021, "Evaluating Large Language Models Trained on Code", section 2.1.
    """
    if not 0 <= n_correct <= n or not 1 <= k <= n:
        raise ValueError(f"pass@{k} of {n} samples with {n_correct} correct makes no sense")
    return 1.0 - math.comb(n - n_correct, k) / math.comb(n, k)


def share_distinct(shapes: Sequence[Hashable]) -> float:
    """Distinct shapes over all; 0.0 for none."""
    return len(set(shapes)) / len(shapes) if shapes else 0.0


def share_of_commonest(shapes: Sequence[Hashable]) -> float:
    """How much of all is one and the same shape; 0.0 for none."""
    return max(Counter(shapes).values()) / len(shapes) if shapes else 0.0


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
