"""Verdicts on a training, from its log alone."""

from __future__ import annotations

from ml.verdicts import SPEC_PASS_RATE, Evaluation, best_of, evaluations, n_since_best, n_steps_too_high


def _history(*entries: tuple[int, float, float | None]) -> list[dict[str, float]]:
    """As the Trainer logs: the loss first, the geometry after it."""
    history: list[dict[str, float]] = []
    for step, loss, spec_pass_rate in entries:
        history.append({"step": step, "eval_loss": loss})
        if spec_pass_rate is not None:
            history.append({"step": step, SPEC_PASS_RATE: spec_pass_rate})
    return history


def test_geometry_decides_and_the_loss_only_between_equals() -> None:
    history = _history((10, 0.1, 0.5), (20, 0.3, 0.75), (30, 0.2, 0.75), (40, 0.2, 0.75), (50, 0.01, 0.25))
    tried = evaluations(history, has_geometry=True)
    assert best_of(tried) == Evaluation(30, 0.2, 0.75)
    assert n_since_best(tried) == 2


def test_with_geometry_an_evaluation_without_it_does_not_count() -> None:
    tried = evaluations(_history((10, 0.3, None), (20, 0.2, 0.5), (30, 0.1, None)), has_geometry=True)
    assert [evaluation.step for evaluation in tried] == [20]
    assert n_since_best(tried) == 0


def test_without_geometry_the_lowest_loss_is_best() -> None:
    tried = evaluations(_history((10, 0.3, None), (20, 0.2, None), (30, 0.25, None)), has_geometry=False)
    assert best_of(tried) == Evaluation(20, 0.2, None)
    assert n_since_best(tried) == 1


def test_before_the_first_evaluation_nothing_is_best() -> None:
    assert best_of(evaluations([{"step": 1, "loss": 2.0}], has_geometry=False)) is None
    assert n_since_best(()) == 0


def _losses(*losses: float) -> list[dict[str, float]]:
    return [{"step": 10 * (i + 1), "loss": loss} for i, loss in enumerate(losses)]


def test_a_loss_far_above_its_best_mean_is_counted_from_where_it_rose() -> None:
    falling = (5.0, 3.0, 2.0, 1.0, 1.0, 1.0)
    assert n_steps_too_high(_losses(*falling), max_loss_ratio=4) == 0
    assert n_steps_too_high(_losses(*falling, 9.0), max_loss_ratio=4) == 10
    assert n_steps_too_high(_losses(*falling, 9.0, 9.0, 9.0), max_loss_ratio=4) == 30


def test_a_spike_that_passes_is_forgotten() -> None:
    assert n_steps_too_high(_losses(2.0, 1.0, 9.0, 9.0, 1.2), max_loss_ratio=4) == 0


def test_one_lucky_loss_does_not_set_the_bar() -> None:
    """Five are averaged: 0.1 among ones is no new best of 0.1."""
    assert n_steps_too_high(_losses(1.0, 1.0, 1.0, 1.0, 0.1, 1.0), max_loss_ratio=4) == 0
