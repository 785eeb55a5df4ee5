"""Two models on the same prompts, compared prompt by prompt: who won how often, and whether that is more than luck.

Pure: verdicts in, numbers out. Covers answers that pass or fail, one a prompt. Other prompts, another scorer or another
engine are refused: such verdicts say nothing of each other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ml.metrics import Interval

__all__ = ["MAX_P", "NotComparable", "Outcomes", "Paired", "compare", "mcnemar_exact", "paired_interval", "paired_line"]

MAX_P = 0.05
"""Above it a difference is taken for luck."""


class NotComparable(ValueError):
    """Verdicts that say nothing of each other; one line that names what differs."""


@dataclass(frozen=True)
class Outcomes:
    """What one model made of one set of prompts."""

    model_id: str
    prompt_set_id: str
    scorer_version: str
    engine_id: str
    passed: Mapping[str, bool] = field(repr=False)
    """`is_spec_passed` by prompt_id."""


@dataclass(frozen=True)
class Paired:
    """The comparison of a candidate with another model."""

    candidate: str
    other: str
    prompt_set_id: str
    scorer_version: str
    engine_id: str
    n: int
    n_wins: int
    """Prompts that the candidate alone got right."""
    n_losses: int
    n_ties: int
    candidate_rate: float
    other_rate: float
    difference: float
    """candidate_rate - other_rate, -1 to 1."""
    interval: Interval
    """Of the difference, 95 % unless asked otherwise."""
    p_value: float
    """McNemar's exact test, two-sided."""

    @property
    def is_better(self) -> bool:
        """The interval lies above 0, and so few losses are no luck.

        Both: of four wins and no loss the bootstrap makes an interval above 0, though a fair coin does that one time in
        eight (p 0.125).
        """
        return self.interval.low > 0 and self.p_value <= MAX_P


def compare(
    candidate: Outcomes, other: Outcomes, *, confidence: float = 0.95, n_resamples: int = 10_000, seed: int = 0
) -> Paired:
    """The paired comparison. Raises NotComparable."""
    for name in ("prompt_set_id", "scorer_version", "engine_id"):
        ours, theirs = getattr(candidate, name), getattr(other, name)
        if ours != theirs:
            raise NotComparable(
                f"{candidate.model_id} and {other.model_id} can't be compared: {name} is {ours} and {theirs}; "
                "evaluate both on the same prompts with the same version"
            )
    if candidate.passed.keys() != other.passed.keys():
        n_differ = len(candidate.passed.keys() ^ other.passed.keys())
        raise NotComparable(
            f"{candidate.model_id} and {other.model_id} can't be compared: {n_differ} prompts of "
            f"{candidate.prompt_set_id} have an answer of one of them only; evaluate both to the end"
        )
    if not candidate.passed:
        raise NotComparable(f"{candidate.prompt_set_id} has no prompts to compare on")
    n = len(candidate.passed)
    n_wins = sum(is_passed and not other.passed[key] for key, is_passed in candidate.passed.items())
    n_losses = sum(not is_passed and other.passed[key] for key, is_passed in candidate.passed.items())
    return Paired(
        candidate=candidate.model_id,
        other=other.model_id,
        prompt_set_id=candidate.prompt_set_id,
        scorer_version=candidate.scorer_version,
        engine_id=candidate.engine_id,
        n=n,
        n_wins=n_wins,
        n_losses=n_losses,
        n_ties=n - n_wins - n_losses,
        candidate_rate=sum(candidate.passed.values()) / n,
        other_rate=sum(other.passed.values()) / n,
        difference=(n_wins - n_losses) / n,
        interval=paired_interval(
            n_wins, n_losses, n - n_wins - n_losses, confidence=confidence, n_resamples=n_resamples, seed=seed
        ),
        p_value=mcnemar_exact(n_wins, n_losses),
    )


def mcnemar_exact(n_wins: int, n_losses: int) -> float:
    """Chance that a fair coin splits the prompts on which two models differ at least as unevenly; 1.0 where none do.

    The exact, two-sided form (sign test): twice the binomial tail, at most 1. McNemar, "Note on the sampling error of
    the difference between correlated proportions or percentages", Psychometrika 12 (1947), 153-157; exact form in
    Fagerland, Lydersen and Laake, BMC Medical Research Methodology 13:91 (2013), section 2.
    """
    if n_wins < 0 or n_losses < 0:
        raise ValueError(f"{n_wins} wins and {n_losses} losses: both must be 0 or more")
    n = n_wins + n_losses
    tail = sum(math.comb(n, k) for k in range(min(n_wins, n_losses) + 1))
    return min(1.0, 2 * tail / (1 << n))


def paired_interval(
    n_wins: int, n_losses: int, n_ties: int, *, confidence: float = 0.95, n_resamples: int = 10_000, seed: int = 0
) -> Interval:
    """Percentile bootstrap of the mean difference over prompts.

    Efron, "Bootstrap methods: another look at the jackknife", 1979; paired over prompts as in Koehn, "Statistical
    significance tests for machine translation evaluation", EMNLP 2004.

    A prompt's difference is 1, -1 or 0, so a resample of prompts is a draw of three counts, made as such.
    """
    n = n_wins + n_losses + n_ties
    if n < 1:
        raise ValueError("an interval needs at least one prompt")
    if not 0 < confidence < 1 or n_resamples < 1:
        raise ValueError(f"confidence {confidence} must be between 0 and 1, n_resamples {n_resamples} 1 or more")
    counts = np.random.default_rng(seed).multinomial(n, [n_wins / n, n_losses / n, n_ties / n], size=n_resamples)
    differences = np.sort((counts[:, 0] - counts[:, 1]) / n)
    tail = (1 - confidence) / 2
    low = differences[int(tail * n_resamples)]
    high = differences[min(n_resamples - 1, int((1 - tail) * n_resamples))]
    return Interval(float(low), float(high))


def paired_line(paired: Paired) -> str:
    """One line: both rates, the split, the interval and the chance."""
    return (
        f"{paired.candidate_rate:.1%} against {paired.other_rate:.1%} of {paired.n} prompts as asked: "
        f"{paired.n_wins} won, {paired.n_losses} lost, {paired.n_ties} the same; difference "
        f"{paired.difference:+.1%} ({paired.interval.low:+.1%} to {paired.interval.high:+.1%}), p {paired.p_value:.2g}"
    )
