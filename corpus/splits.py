"""Train, validation, test: decided for everything that hangs together, never for a row.

Pure. What shares a cluster of near-duplicates, an author or a family is one component and has one split. A component
keeps its split while its name stays, and that hangs on its own members only.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from corpus.near import Groups

__all__ = ["SPLITS", "SplitItem", "assign_split", "assign_splits", "component_names", "group_splits"]

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class SplitItem:
    """What ties an item to others; None or "" ties it to nothing."""

    key: str
    cluster_id: str | None = None
    author_id: str | None = None
    family: str | None = None


def assign_split(cluster_id: str, *, seed: int, validation_share: float = 0.05, test_share: float = 0.05) -> str:
    """The split of a cluster, by hash. Raises ValueError for shares that leave nothing to train on."""
    if validation_share < 0 or test_share < 0 or validation_share + test_share >= 1:
        raise ValueError(f"validation_share {validation_share} and test_share {test_share} must be >= 0, their sum < 1")
    digest = hashlib.sha256(f"{seed}|{cluster_id}".encode()).digest()
    position = int.from_bytes(digest[:8]) / (1 << 64)
    if position < test_share:
        return "test"
    return "validation" if position < test_share + validation_share else "train"


def assign_splits(
    cluster_ids: Iterable[str], *, seed: int, validation_share: float = 0.05, test_share: float = 0.05
) -> list[str]:
    """The split of each row, given the cluster it is in."""
    return [assign_split(c, seed=seed, validation_share=validation_share, test_share=test_share) for c in cluster_ids]


def component_names(items: Sequence[SplitItem]) -> list[str]:
    """The name of each item's component: its smallest family, else author, else cluster, else key.

    In that order, since another design of a known author or family then leaves the name as it is; only what joins two
    components renames one of them.
    """
    groups = Groups(len(items))
    first: dict[str, int] = {}
    names = [_names(item) for item in items]
    for i, own in enumerate(names):
        for name in own:
            groups.join(first.setdefault(name, i), i)
    roots = groups.roots()
    smallest: dict[int, str] = {}
    for root, own in zip(roots, names, strict=True):
        smallest[root] = min(*own, smallest.get(root, own[0]))
    return [smallest[root] for root in roots]


def group_splits(
    items: Sequence[SplitItem],
    *,
    seed: int,
    validation_share: float = 0.05,
    test_share: float = 0.05,
    largest_share: float = 0.02,
) -> list[str]:
    """The split of each item, by the name of its component.

    A component of more than `largest_share` of all items, and of more than one, is train: by chance it would be half
    of the test. Such a guard looks at the whole, so a component that outgrows it moves to train.
    """
    if not 0 < largest_share <= 1:
        raise ValueError(f"largest_share {largest_share} is not in (0, 1]")
    names = component_names(items)
    sizes = Counter(names)
    splits = {
        name: "train"
        if 1 < size > largest_share * len(items)
        else assign_split(name, seed=seed, validation_share=validation_share, test_share=test_share)
        for name, size in sizes.items()
    }
    return [splits[name] for name in names]


def _names(item: SplitItem) -> list[str]:
    """The figure before the colon keeps kinds apart, and puts the steadiest first."""
    kinds = (("0", item.family), ("1", item.author_id), ("2", item.cluster_id), ("3", item.key))
    return [f"{rank}:{name}" for rank, name in kinds if name]
