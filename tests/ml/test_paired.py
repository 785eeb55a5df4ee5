"""The paired test: against figures worked out by hand, against a plain bootstrap, and what it refuses."""

from __future__ import annotations

import dataclasses
import random

import pytest

from ml.paired import NotComparable, Outcomes, compare, mcnemar_exact, paired_interval, paired_line


def _outcomes(passed: list[bool], **changes: str) -> Outcomes:
    values = {"model_id": "m", "prompt_set_id": "held-out-1", "scorer_version": "2", "engine_id": "wasm-1"}
    return Outcomes(**{**values, **changes}, passed={f"p{i}": is_passed for i, is_passed in enumerate(passed)})


def _pair(n_wins: int, n_losses: int, n_both: int, n_neither: int) -> tuple[Outcomes, Outcomes]:
    ours = [True] * n_wins + [False] * n_losses + [True] * n_both + [False] * n_neither
    theirs = [False] * n_wins + [True] * n_losses + [True] * n_both + [False] * n_neither
    return _outcomes(ours, model_id="new"), _outcomes(theirs, model_id="old")


@pytest.mark.parametrize(
    ("n_wins", "n_losses", "p_value"),
    [(0, 0, 1.0), (1, 0, 1.0), (5, 5, 1.0), (4, 0, 0.125), (6, 0, 0.03125), (8, 1, 20 / 512), (1, 8, 20 / 512)],
)
def test_mcnemar_is_twice_the_binomial_tail(n_wins: int, n_losses: int, p_value: float) -> None:
    assert mcnemar_exact(n_wins, n_losses) == pytest.approx(p_value)


def test_mcnemar_is_what_scipys_binomial_test_says() -> None:
    from scipy.stats import binomtest

    for n_wins, n_losses in ((3, 9), (40, 21), (200, 260)):
        expected = binomtest(n_wins, n_wins + n_losses, 0.5).pvalue
        assert mcnemar_exact(n_wins, n_losses) == pytest.approx(expected)


def test_the_counts_add_up_and_ties_leave_the_chance_as_it_is() -> None:
    paired = compare(*_pair(9, 2, 20, 9))
    assert (paired.n, paired.n_wins, paired.n_losses, paired.n_ties) == (40, 9, 2, 29)
    assert paired.difference == pytest.approx(7 / 40) == paired.candidate_rate - paired.other_rate
    assert compare(*_pair(9, 2, 200, 90)).p_value == paired.p_value


def test_the_interval_is_that_of_resampled_prompts() -> None:
    differences = [1] * 12 + [-1] * 4 + [0] * 64
    rng = random.Random(0)
    means = sorted(sum(rng.choices(differences, k=80)) / 80 for _ in range(4000))
    interval = paired_interval(12, 4, 64)
    assert interval.low == pytest.approx(means[100], abs=0.015)
    assert interval.high == pytest.approx(means[3900], abs=0.015)
    assert interval == paired_interval(12, 4, 64), "the same seed gives the same interval"


def test_a_swap_of_the_two_turns_the_sign() -> None:
    new, old = _pair(15, 3, 30, 12)
    there, back = compare(new, old), compare(old, new)
    assert there.difference == -back.difference
    assert there.p_value == back.p_value
    assert there.interval.low == pytest.approx(-back.interval.high, abs=0.02)
    assert (there.is_better, back.is_better) == (True, False)


def test_four_wins_without_a_loss_are_not_yet_better_and_equals_never_are() -> None:
    few = compare(*_pair(4, 0, 4, 4))
    assert few.interval.low > 0
    assert not few.is_better
    assert compare(*_pair(6, 0, 4, 4)).is_better
    assert not compare(*_pair(0, 0, 8, 0)).is_better


@pytest.mark.parametrize("name", ["prompt_set_id", "scorer_version", "engine_id"])
def test_other_prompts_scorers_and_engines_are_refused_in_one_line(name: str) -> None:
    new, old = _pair(3, 1, 2, 2)
    with pytest.raises(NotComparable, match=f"{name} is .* and other") as refused:
        compare(new, dataclasses.replace(old, **{name: "other"}))
    assert "\n" not in str(refused.value)


def test_an_unfinished_evaluation_is_refused() -> None:
    with pytest.raises(NotComparable, match="2 prompts"):
        compare(_outcomes([True] * 5), _outcomes([True] * 3))
    with pytest.raises(NotComparable, match="no prompts"):
        compare(_outcomes([]), _outcomes([]))


def test_the_line_names_every_figure() -> None:
    line = paired_line(compare(*_pair(9, 2, 20, 9)))
    assert line.startswith(
        "72.5% against 55.0% of 40 prompts as asked: 9 won, 2 lost, 29 the same; difference +17.5% ("
    )
    assert line.endswith("p 0.065")
