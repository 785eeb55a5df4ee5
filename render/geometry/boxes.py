"""A tree of boxes over the triangles of a mesh, walked level by level for many queries at once.

Covers the walk alone, in numpy; what a query asks of a box is its caller's: `rays`, `surface`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from render.geometry.mesh import Bools, Floats, Ints

__all__ = ["BoxTree"]

_BRANCHING = 4


@dataclass(frozen=True, eq=False)
class BoxTree:
    """Triangles in an order in which neighbours are near each other, and boxes around each four, each sixteen, ..."""

    corners: Floats
    """(n, 3, 3) mm, in that order"""
    levels: tuple[tuple[Floats, Floats], ...]
    """(n, 3) low and high corners of boxes, those of single triangles first"""

    @classmethod
    def of(cls, corners: Floats) -> BoxTree:
        """Of (n, 3, 3) triangle corners, n > 0, ordered along a Z-shaped curve (Morton 1966)."""
        low, high = corners.min(axis=1), corners.max(axis=1)
        margin = float(np.abs(corners).max()) * 1e-12
        centers = (low + high) / 2
        start = centers.min(axis=0)
        cells = ((centers - start) / max(float((centers.max(axis=0) - start).max()), 1e-300) * 1023).astype(np.int64)
        order = np.argsort(sum(_spread(cells[:, k]) << k for k in range(3)), kind="stable")
        levels = [(low[order] - margin, high[order] + margin)]
        while len(levels[-1][0]) > _BRANCHING:
            starts = np.arange(0, len(levels[-1][0]), _BRANCHING)
            levels.append(
                (np.minimum.reduceat(levels[-1][0], starts, axis=0), np.maximum.reduceat(levels[-1][1], starts, axis=0))
            )
        return cls(corners[order], tuple(levels))

    def walk(self, n_queries: int, is_hit: Callable[[Ints, Floats, Floats], Bools]) -> tuple[Ints, Ints]:
        """Pairs of a query and a triangle whose box it hits, as all the boxes around that do. `is_hit` is given the
        numbers of queries and the low and high corners of the box that each is to try."""
        n_top = len(self.levels[-1][0])
        query, box = np.repeat(np.arange(n_queries), n_top), np.tile(np.arange(n_top), n_queries)
        for depth in range(len(self.levels) - 1, -1, -1):
            low, high = self.levels[depth]
            hits = is_hit(query, low[box], high[box])
            query, box = query[hits], box[hits]
            if depth:
                query = np.repeat(query, _BRANCHING)
                box = (box[:, None] * _BRANCHING + np.arange(_BRANCHING)).ravel()
                is_there = box < len(self.levels[depth - 1][0])
                query, box = query[is_there], box[is_there]
        return query, box


def _spread(values: Ints) -> Ints:
    """Ten bits, moved to every third place."""
    for shift, mask in ((16, 0x030000FF), (8, 0x0300F00F), (4, 0x030C30C3), (2, 0x09249249)):
        values = (values | (values << shift)) & mask
    return values
