"""What a training's own log says of it: which evaluation was the best, how long ago, and whether the loss runs away.

Pure functions of the Trainer's `log_history`, which every checkpoint holds: a resumed training comes to the verdicts
that an undisturbed one comes to, with no state of its own to lose.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ml.config import FinetuneConfig

__all__ = [
    "COMPILE_RATE",
    "SPEC_PASS_RATE",
    "Evaluation",
    "best_of",
    "best_to_save",
    "evaluations",
    "n_since_best",
    "n_steps_too_high",
]

SPEC_PASS_RATE = "eval_spec_pass_rate"
COMPILE_RATE = "eval_compile_rate"
_N_MEAN = 5
"""Logged losses that the running mean is of."""

_Log = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Evaluation:
    step: int
    eval_loss: float
    spec_pass_rate: float | None
    """None where only the loss was measured."""

    @property
    def goodness(self) -> tuple[float, float]:
        """The larger the better: by geometry, and among equals by loss."""
        return (self.spec_pass_rate or 0.0, -self.eval_loss)


def evaluations(history: _Log, *, has_geometry: bool) -> tuple[Evaluation, ...]:
    """The evaluations in order of their steps; with geometry, those that measured it."""
    losses = {entry["step"]: float(entry["eval_loss"]) for entry in history if "eval_loss" in entry}
    spec_pass_rates = {entry["step"]: float(entry[SPEC_PASS_RATE]) for entry in history if SPEC_PASS_RATE in entry}
    steps = spec_pass_rates if has_geometry else losses
    return tuple(Evaluation(step, losses[step], spec_pass_rates.get(step)) for step in sorted(steps))


def best_to_save(config: FinetuneConfig, history: _Log) -> Evaluation | None:
    """The evaluation whose adapter is the one to save; None where the last one is."""
    return best_of(evaluations(history, has_geometry=config.has_geometry)) if config.is_best_saved else None


def best_of(tried: Sequence[Evaluation]) -> Evaluation | None:
    """The first of the best."""
    return max(tried, key=lambda evaluation: evaluation.goodness, default=None)


def n_since_best(tried: Sequence[Evaluation]) -> int:
    """Evaluations after the best one."""
    best = best_of(tried)
    return 0 if best is None else sum(evaluation.step > best.step for evaluation in tried)


def n_steps_too_high(history: _Log, *, max_loss_ratio: float) -> int:
    """Steps that the logged loss has been above `max_loss_ratio` times its best running mean, without a break."""
    losses = [(int(entry["step"]), float(entry["loss"])) for entry in history if "loss" in entry]
    best, last_right = float("inf"), 0
    for i, (step, loss) in enumerate(losses):
        if loss <= max_loss_ratio * best:
            last_right = step
        window = [value for _, value in losses[max(0, i - _N_MEAN + 1) : i + 1]]
        best = min(best, sum(window) / len(window))
    return losses[-1][0] - last_right if losses else 0
