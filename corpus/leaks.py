"""What of the training side was seen in the test side: by exact, near, masked, shape and text.

Pure. The smaller side, the test, is indexed and the training side asks it, so nothing is compared in pairs. Each item
of the training side is reported once a depth, with the test item it resembles most. A test of unseen values shares
its masked sources with train by design: leave that depth out there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.near import THRESHOLD, near_matches
from corpus.prompt_match import PromptIndex
from corpus.schema import SketchRow
from corpus.sketches import minhash_matrix
from render.geometry.fingerprint import Fingerprint, shape_matches

__all__ = ["LEAK_DEPTHS", "Leak", "LeakItem", "find_leaks"]

LEAK_DEPTHS = ("exact", "near", "masked", "shape", "text")


@dataclass(frozen=True)
class LeakItem:
    """One example of either side; what is None is not compared."""

    key: str
    scad: str | None = None
    sketch: SketchRow | None = None
    """Of `scad`."""
    shape: Fingerprint | None = None
    prompt: str | None = None


@dataclass(frozen=True)
class Leak:
    depth: str
    train_key: str
    test_key: str
    similarity: float
    """1.0 where the depth compares for equality."""


def find_leaks(
    train: Sequence[LeakItem],
    test: Sequence[LeakItem],
    *,
    depths: Sequence[str] = LEAK_DEPTHS,
    threshold: float = THRESHOLD,
) -> list[Leak]:
    """Every training item that the test side resembles, by depth, then by key. Empty: none does."""
    unknown = sorted(set(depths) - set(LEAK_DEPTHS))
    if unknown:
        raise ValueError(f"no depths {unknown}; there are {', '.join(LEAK_DEPTHS)}")
    train, test = sorted(train, key=lambda item: item.key), sorted(test, key=lambda item: item.key)
    found: list[Leak] = []
    for depth in depths:
        matches = _matches(train, test, depth, threshold)
        found += [Leak(depth, train[i].key, test[j].key, similarity) for i, (j, similarity) in sorted(matches.items())]
    return found


def _matches(
    train: Sequence[LeakItem], test: Sequence[LeakItem], depth: str, threshold: float
) -> dict[int, tuple[int, float]]:
    """Of each training item that has one: its test item and the similarity."""
    if depth == "exact":
        return _equal_keys([_exact(item) for item in train], [_exact(item) for item in test])
    if depth == "masked":
        return _equal_keys([_masked(item) for item in train], [_masked(item) for item in test])
    if depth == "near":
        return _near(train, test, threshold)
    if depth == "shape":
        asked = [(i, item.shape) for i, item in enumerate(train) if item.shape is not None]
        given = [(j, item.shape) for j, item in enumerate(test) if item.shape is not None]
        shapes = shape_matches([shape for _, shape in asked], [shape for _, shape in given])
        return {asked[i][0]: (given[j][0], similarity) for i, (j, similarity) in shapes.items()}
    index = PromptIndex([item.prompt or "" for item in test], threshold=threshold)
    prompts = {i: index.best(item.prompt) for i, item in enumerate(train) if item.prompt}
    return {i: match for i, match in prompts.items() if match is not None}


def _near(train: Sequence[LeakItem], test: Sequence[LeakItem], threshold: float) -> dict[int, tuple[int, float]]:
    asked = [(i, item.sketch, item.scad) for i, item in enumerate(train) if item.sketch and item.scad is not None]
    given = [(j, item.sketch, item.scad) for j, item in enumerate(test) if item.sketch and item.scad is not None]
    found = near_matches(
        minhash_matrix([sketch for _, sketch, _ in asked]),
        [scad for _, _, scad in asked],
        minhash_matrix([sketch for _, sketch, _ in given]),
        [scad for _, _, scad in given],
        threshold=threshold,
    )
    return {asked[i][0]: (given[j][0], similarity) for i, (j, similarity) in found.items()}


def _equal_keys(train: Sequence[str | None], test: Sequence[str | None]) -> dict[int, tuple[int, float]]:
    first: dict[str, int] = {}
    for j, key in enumerate(test):
        if key is not None:
            first.setdefault(key, j)
    return {i: (first[key], 1.0) for i, key in enumerate(train) if key is not None and key in first}


def _exact(item: LeakItem) -> str | None:
    return item.sketch.exact_key if item.sketch else None


def _masked(item: LeakItem) -> str | None:
    return item.sketch.masked_key if item.sketch else None
