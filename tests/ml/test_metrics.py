"""Properties of the scores: bounds, order, and what passes."""

from __future__ import annotations

import dataclasses
import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.schema import GeometrySpec, ScoreRow
from ml.metrics import bootstrap_interval, pass_at_k, rates, share_distinct, share_of_commonest, spec_checks

SIDE = st.floats(min_value=0.5, max_value=500.0)


def measured(size: tuple[float, ...], volume: float | None = None, *, pieces: int = 1, genus: int = 0) -> GeometrySpec:
    """A spec has the same four fields as a measured mesh."""
    return GeometrySpec(size_mm=size, volume_mm3=volume, n_components=pieces, genus=genus)


def _score(index: int, rng: random.Random) -> ScoreRow:
    flags = [rng.random() < 0.5 for _ in range(9)]
    side = float(rng.randint(1, 5))
    return ScoreRow(f"g{index}", "engine", "1", "ok", *flags, size_mm=(side, side, side), volume_mm3=side**3)


@given(st.tuples(SIDE, SIDE, SIDE), st.permutations([0, 1, 2]))
def test_a_part_may_lie_on_any_side(size: tuple[float, float, float], order: list[int]) -> None:
    turned = tuple(size[i] for i in order)
    checks = spec_checks(measured(size, 100.0), measured(turned, 100.0))
    assert all(dataclasses.astuple(checks))


@given(st.tuples(SIDE, SIDE, SIDE), st.floats(1.06, 10), st.integers(0, 2), st.booleans())
def test_a_box_of_another_size_fails(size: tuple[float, float, float], factor: float, side: int, grows: bool) -> None:
    longest = sorted(size)
    longest[side] *= factor if grows else 1 / factor
    checks = spec_checks(GeometrySpec(size_mm=size), GeometrySpec(size_mm=tuple(longest)))
    assert not checks.is_size_within_1pct
    assert not checks.is_passed


@given(st.tuples(SIDE, SIDE, SIDE), st.floats(-0.0099, 0.0099))
def test_one_percent_is_allowed(size: tuple[float, float, float], error: float) -> None:
    near = tuple(s * (1 + error) for s in size)
    assert spec_checks(GeometrySpec(size_mm=size), GeometrySpec(size_mm=near)).is_passed


def test_each_number_of_the_spec_counts_alone() -> None:
    asked = measured((60.0, 40.0, 3.0), 7000.0, genus=1)
    right = spec_checks(asked, measured((3.0, 60.0, 40.0), 7200.0, genus=1))
    assert right.is_passed
    assert not spec_checks(asked, measured((60.0, 40.0, 3.0), 7400.0, genus=1)).is_passed
    assert not spec_checks(asked, measured((60.0, 40.0, 3.0), None, genus=1)).is_volume_within_5pct
    assert not spec_checks(asked, measured((60.0, 40.0, 3.0), 7000.0, genus=0)).is_genus_right
    assert not spec_checks(asked, measured((60.0, 40.0, 3.0), 7000.0, pieces=2, genus=1)).is_n_components_right
    four_percent = spec_checks(asked, measured((62.4, 40.0, 3.0), 7000.0, genus=1))
    assert (four_percent.is_size_within_1pct, four_percent.is_size_within_5pct) == (False, True)


def test_what_the_spec_leaves_open_is_right_and_an_empty_one_is_never_passed() -> None:
    checks = spec_checks(GeometrySpec(n_components=1), measured((1.0, 2.0, 3.0)))
    assert (checks.is_size_within_1pct, checks.is_genus_right, checks.is_passed) == (True, True, True)
    assert not spec_checks(GeometrySpec(), measured((1.0, 2.0, 3.0))).is_passed
    assert not any(dataclasses.astuple(spec_checks(GeometrySpec(), None)))


@given(st.integers(0, 30), st.integers())
def test_rates_are_shares_of_all_in_any_order(n: int, seed: int) -> None:
    rng = random.Random(seed)
    scores = [_score(i, rng) for i in range(n)]
    found = rates(scores)
    assert found == rates(rng.sample(scores, n))
    assert found.n == n
    shares = [v for k, v in dataclasses.asdict(found).items() if k.endswith("_rate")]
    assert len(shares) == 10
    assert all(0 <= share <= 1 for share in shares)
    assert 0 <= found.spec_pass_interval.low <= found.spec_pass_rate <= found.spec_pass_interval.high <= 1
    assert found.spec_pass_rate == (sum(s.is_spec_passed for s in scores) / n if n else 0)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_the_interval_lies_within_the_values(values: list[float]) -> None:
    interval = bootstrap_interval(values)
    assert min(values) - 1e-9 <= interval.low <= interval.high <= max(values) + 1e-9


@pytest.mark.parametrize(("n", "k"), itertools.product((1, 2, 5), (1, 2, 5)))
def test_pass_at_k_is_the_share_of_samples_that_hold_a_right_one(n: int, k: int) -> None:
    if k > n:
        with pytest.raises(ValueError, match="makes no sense"):
            pass_at_k(n, 0, k)
        return
    for n_correct in range(n + 1):
        picks = list(itertools.combinations(range(n), k))
        right = sum(min(pick) < n_correct for pick in picks)  # the first n_correct samples are the right ones
        assert pass_at_k(n, n_correct, k) == pytest.approx(right / len(picks))


def test_one_shape_for_all_prompts_shows() -> None:
    assert share_distinct(["box"] * 50) == 0.02
    assert share_of_commonest(["box"] * 9 + ["gear"]) == 0.9
    assert (share_distinct([]), share_of_commonest([])) == (0.0, 0.0)
