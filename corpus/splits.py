"""Train, validation, test: decided for a whole cluster of near-duplicates, never for a row.

Pure. A cluster keeps its split for ever: its id and the seed decide, not the other clusters.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

__all__ = ["SPLITS", "assign_split", "assign_splits"]

SPLITS = ("train", "validation", "test")


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
