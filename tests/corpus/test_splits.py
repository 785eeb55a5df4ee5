"""Splits: what hangs together has one split, and keeps it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.splits import SplitItem, assign_split, assign_splits, component_names, group_splits


@settings(deadline=None)
@given(st.lists(st.sampled_from("abcdefgh"), max_size=40), st.integers(0, 1000))
def test_a_cluster_is_never_in_two_splits(cluster_of_row: list[str], seed: int) -> None:
    splits = assign_splits(cluster_of_row, seed=seed, validation_share=0.3, test_share=0.3)
    assert len(set(zip(cluster_of_row, splits, strict=True))) == len(set(cluster_of_row))


def test_split_shares_are_kept_and_the_seed_matters() -> None:
    splits = [assign_split(str(i), seed=1) for i in range(20_000)]
    for split, share in (("train", 0.9), ("validation", 0.05), ("test", 0.05)):
        assert splits.count(split) / 20_000 == pytest.approx(share, abs=0.01)
    assert splits != [assign_split(str(i), seed=2) for i in range(20_000)]
    with pytest.raises(ValueError, match="sum < 1"):
        assign_split("a", seed=1, validation_share=0.6, test_share=0.4)


ties = st.none() | st.sampled_from(["p", "q", "r", "s", "t"])
item_lists = st.lists(st.tuples(ties, ties, ties), max_size=25).map(
    lambda rows: [SplitItem(f"k{i}", *row) for i, row in enumerate(rows)]
)


@settings(deadline=None)
@given(item_lists, st.integers(0, 100))
def test_no_cluster_author_or_family_is_in_two_splits(items: list[SplitItem], seed: int) -> None:
    splits = group_splits(items, seed=seed, validation_share=0.3, test_share=0.3, largest_share=1.0)
    for tie in ("cluster_id", "author_id", "family"):
        seen: dict[str, str] = {}
        for item, split in zip(items, splits, strict=True):
            if getattr(item, tie) is not None:
                assert seen.setdefault(getattr(item, tie), split) == split


@settings(deadline=None)
@given(item_lists, st.randoms(use_true_random=False))
def test_the_order_of_the_items_does_not_matter(items: list[SplitItem], rng: object) -> None:
    shuffled = list(items)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    names = dict(zip((i.key for i in items), component_names(items), strict=True))
    assert dict(zip((i.key for i in shuffled), component_names(shuffled), strict=True)) == names


@settings(deadline=None)
@given(item_lists, ties)
def test_an_item_that_joins_no_two_components_renames_none(items: list[SplitItem], author: str | None) -> None:
    before = component_names(items)
    assert component_names([*items, SplitItem("a new one", None, author, None)])[: len(items)] == before
    assert component_names([*items, SplitItem("0", "new cluster", None, "new family")])[: len(items)] == before


def test_kinds_of_names_are_kept_apart_and_a_blank_author_ties_nothing() -> None:
    items = [SplitItem("a", "x"), SplitItem("b", None, "x"), SplitItem("c", None, "", "x"), SplitItem("d", None, "")]
    assert len(set(component_names(items))) == 4


def test_an_author_of_half_of_the_data_is_train_whatever_the_hash_says() -> None:
    items = [SplitItem(f"k{i}", author_id="busy" if i < 100 else f"a{i}") for i in range(200)]
    for seed in range(30):
        splits = group_splits(items, seed=seed, validation_share=0.3, test_share=0.3)
        assert set(splits[:100]) == {"train"}
        assert set(splits[100:]) == {"train", "validation", "test"}
    assert set(group_splits(items[:1], seed=1, test_share=0.9)) == {"test"}  # one item alone is not huge
    with pytest.raises(ValueError, match="largest_share"):
        group_splits(items, seed=1, largest_share=0.0)
