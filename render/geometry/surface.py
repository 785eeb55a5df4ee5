"""Points on a mesh's surface, and the distance from points to it.

Covers closed and open meshes alike. Distances are unsigned.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from render.geometry.boxes import BoxTree
from render.geometry.mesh import Floats, Ints, Triangles

__all__ = ["Surface", "doubled_normals", "sample_surface"]

_N_SAMPLES = 20_000
"""Points of large triangles that a tree of centroids alone would miss."""
_N_NEAREST = 12
"""Anchors looked at for a point; they name 3 to 6 triangles of their own as a rule."""
_N_FACES_WELL_ANCHORED = 20_000
_INSETS = np.array([[0.9, 0.05, 0.05], [0.05, 0.9, 0.05], [0.05, 0.05, 0.9], [0.48, 0.48, 0.04], [0.04, 0.48, 0.48],
                    [0.48, 0.04, 0.48]])  # fmt: skip
"""Anchors beside the corners and edges of each triangle, in shares of its corners: slivers get theirs."""
_N_EXACT_AT_ONCE = 256
_N_FACES_TRIED_ALL = 16
"""Up to so many triangles all are tried: a box' twelve cost less than a tree."""


def doubled_normals(mesh: Triangles) -> Floats:
    """(n_triangles, 3) outward normals as long as twice each triangle's area, mm²."""
    a, b, c = (mesh.vertices[mesh.faces[:, k]] for k in range(3))
    normals: Floats = np.cross(b - a, c - a)
    return normals


def sample_surface(mesh: Triangles, n_points: int, rng: np.random.Generator) -> tuple[Floats, Ints]:
    """(n_points, 3) uniform by area, and the triangle of each. The mesh must have triangles.

    One draw from each n-th of the area, which spreads them more evenly than free draws. Within a triangle: Osada et
    al., "Shape distributions", ACM Trans. Graph. 21 (2002), section 4.1. A mesh without area is sampled by triangle.
    """
    weights = np.linalg.norm(doubled_normals(mesh), axis=1)
    total = weights.sum()
    shares = np.cumsum(weights / total if total > 0 else np.full(len(weights), 1 / len(weights)))
    at = (np.arange(n_points) + rng.random(n_points)) / n_points
    faces = np.minimum(np.searchsorted(shares, at, side="right"), len(shares) - 1).astype(np.int64)
    root, share = np.sqrt(rng.random((n_points, 1))), rng.random((n_points, 1))
    a, b, c = (mesh.vertices[mesh.faces[faces, k]] for k in range(3))
    points: Floats = (1 - root) * a + root * (1 - share) * b + root * share * c
    return points, faces


@dataclass(frozen=True, eq=False)
class Surface:
    """A mesh with an index of where its triangles are."""

    corners: Floats
    tree: Any | None
    """Of points on the triangles, their centroids among them; None for a few triangles."""
    owners: Ints
    """The triangle of each of these points"""

    @cached_property
    def boxes(self) -> BoxTree:
        return BoxTree.of(self.corners)

    @classmethod
    def of(cls, mesh: Triangles, rng: np.random.Generator) -> Surface:
        corners = mesh.corners
        if len(corners) <= _N_FACES_TRIED_ALL:
            return cls(corners, None, np.arange(len(corners)))
        from scipy.spatial import cKDTree

        points, faces = sample_surface(mesh, _N_SAMPLES, rng)
        anchors, owners = [corners.mean(axis=1), points], [np.arange(len(corners)), faces]
        if len(corners) <= _N_FACES_WELL_ANCHORED:
            anchors.append(np.einsum("sk,nkj->nsj", _INSETS, corners).reshape(-1, 3))
            owners.append(np.repeat(np.arange(len(corners)), len(_INSETS)))
        tree = cKDTree(np.concatenate(anchors), balanced_tree=False, compact_nodes=False)
        return cls(corners, tree, np.concatenate(owners))

    def distances(self, points: Floats) -> Floats:
        """(n,) mm, from each point to the nearest of the triangles that have an anchor near it: an upper bound, right
        but where the nearest triangle is a sliver, and off by less than its width there."""
        if self.tree is None:
            near = np.broadcast_to(self.owners, (len(points), len(self.owners)))
        else:
            near = self.owners[self.tree.query(points, _N_NEAREST)[1]]
            near.sort(axis=1)
        best = np.full(len(points), np.inf)
        for k in range(near.shape[1]):
            # a triangle named twice by its anchors is tried once
            fresh = np.arange(len(points)) if k == 0 else np.nonzero(near[:, k] != near[:, k - 1])[0]
            found = _to_triangles(points[fresh], self.corners[near[fresh, k]])
            best[fresh] = np.minimum(best[fresh], found)
        distances: Floats = np.sqrt(best)
        return distances

    def greatest_distance(self, points: Floats, upper: Floats) -> float:
        """mm, right to 1e-9 of it, of any of the points to the surface. `upper` is what `distances` says of them."""
        order = np.argsort(-upper, kind="stable")
        greatest = 0.0
        for start in range(0, len(order), _N_EXACT_AT_ONCE):
            block = order[start : start + _N_EXACT_AT_ONCE]
            if upper[block[0]] <= greatest * (1 + 1e-9):
                break
            greatest = max(greatest, float(self._exact(points[block], upper[block]).max()))
        return greatest

    def _exact(self, points: Floats, upper: Floats) -> Floats:
        """(n,) mm, of all triangles whose box is no further than the upper bound."""
        reach = upper**2 * (1 + 1e-9)
        near, triangle = self.boxes.walk(
            len(points), lambda query, low, high: _squared_gaps(points[query], low, high) <= reach[query]
        )
        best = upper**2
        np.minimum.at(best, near, _to_triangles(points[near], self.boxes.corners[triangle]))
        distances: Floats = np.sqrt(best)
        return distances


def _squared_gaps(points: Floats, low: Floats, high: Floats) -> Floats:
    """(n,) mm², from each point to its own box."""
    gaps = np.maximum(np.maximum(low - points, points - high), 0.0)
    squared: Floats = np.einsum("ij,ij->i", gaps, gaps)
    return squared


def _to_triangles(points: Floats, corners: Floats) -> Floats:
    """(n,) mm², the squared distance of each point to its own triangle: to its plane if it is over the inside, else
    to the nearest edge."""
    edges = corners[:, (1, 2, 0)] - corners
    offsets = points[:, None] - corners
    normals = np.cross(edges[:, 0], edges[:, 1])
    sides = np.einsum("nkj,nj->nk", np.cross(edges, offsets), normals)
    lengths = np.einsum("nkj,nkj->nk", edges, edges)
    along = np.einsum("nkj,nkj->nk", offsets, edges) / np.where(lengths > 0, lengths, 1.0)
    gaps = offsets - along.clip(0, 1)[..., None] * edges
    squared = np.einsum("nkj,nkj->nk", gaps, gaps).min(axis=1)
    norms = np.einsum("ij,ij->i", normals, normals)
    is_over = (sides > 0).all(axis=1) & (norms > 0)
    heights = np.einsum("ij,ij->i", offsets[:, 0], normals)[is_over]
    squared[is_over] = np.minimum(squared[is_over], heights**2 / norms[is_over])
    distances: Floats = squared
    return distances
