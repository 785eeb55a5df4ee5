"""A mesh as thirteen numbers that stay when it is moved, turned, mirrored or cut into other triangles, not when scaled.

Integrals over the solid and over its surface, exact for flat faces: no sampling, no hull. Covers comparing and finding
within one per cent; says nothing of where two meshes differ (`shapes` does). A mirror image has the same numbers, so a
left and a right bracket are one shape here. A circle of 32 and one of 128 sides differ by 0.6 % in area: still one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from render.geometry.mesh import Floats, Ints, Triangles, measure_triangles

__all__ = [
    "FINGERPRINT",
    "Fingerprint",
    "fingerprint",
    "same_shape",
    "shape_matches",
    "shape_pairs",
    "shape_similarity",
]

FINGERPRINT = "moments-1"
"""Method and version; changes whenever a mesh gets other numbers."""
TOLERANCE = 0.01
"""Of every length, of the area and of the volume."""

Fingerprint = tuple[float, ...]
"""(is_closed, n_components, genus or -1, volume mm³, area mm², three radii of gyration of the solid about its principal
axes, three of the surface, the fourth-power mean of the surface's distance from the centre, the greatest, mm). Volume
and the solid's radii are 0 for a mesh that is open or flat."""

_N_EXACT = 3
_FLOOR = 1e-5
"""A radius below this share of the greatest is what STL's 24 bits leave of nought: it counts as this much."""
_N_NEIGHBOURS = 16
"""A shape is paired with so many nearest ones: thousands of the same shape give 16 pairs each, not millions."""
# Six points that integrate polynomials of degree 4 over a triangle exactly: Dunavant, "High degree efficient
# symmetrical Gaussian quadrature rules for the triangle", Int. J. Numer. Methods Eng. 21 (1985), 1129-1148.
_A, _B = 0.445948490915965, 0.091576213509771
_POINTS = np.array(
    [[x if k != i else 1 - 2 * x for k in range(3)] for x in (_A, _B) for i in range(3)], dtype=np.float64
)
_WEIGHTS = np.array([0.223381589678011] * 3 + [0.109951743655322] * 3)


def fingerprint(mesh: Triangles) -> Fingerprint | None:
    """The numbers of a mesh; None for one without triangles or without area."""
    stats = measure_triangles(mesh)
    if not stats.area_mm2 > 0:
        return None
    middle = (np.array(stats.min_mm) + np.array(stats.max_mm)) / 2
    corners = mesh.corners - middle
    points = (_POINTS @ corners).reshape(-1, 3)
    u, v = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    uu, vv, uv = (np.einsum("ij,ij->i", a, b) for a, b in ((u, u), (v, v), (u, v)))
    areas = np.sqrt(np.maximum(uu * vv - uv**2, 0.0)) / 2
    shares = (areas[:, None] * _WEIGHTS).ravel() / areas.sum()
    volume = abs(stats.volume_mm3 or 0.0) if stats.inertia_mm5 is not None else 0.0
    solid = [0.0, 0.0, 0.0]
    if stats.inertia_mm5 is not None and stats.center_of_mass_mm is not None and stats.volume_mm3 is not None:
        inertia = np.array(stats.inertia_mm5) / stats.volume_mm3
        solid = _radii(np.trace(inertia) / 2 * np.eye(3) - inertia)
        center: Floats = np.array(stats.center_of_mass_mm) - middle
    else:
        center = shares @ points
    points -= center
    squares = np.einsum("ij,ij->i", points, points)
    surface = _radii((points * shares[:, None]).T @ points)
    fourth = float(shares @ squares**2) ** 0.25
    arms = corners - center
    reach = float(np.sqrt(np.einsum("tkx,tkx->tk", arms, arms).max()))
    genus = -1 if stats.genus is None else stats.genus
    exact = (float(stats.is_closed), float(stats.n_components), float(genus))
    return (*exact, volume, stats.area_mm2, *solid, *surface, fourth, reach)


def same_shape(one: Fingerprint, other: Fingerprint, *, tolerance: float = TOLERANCE) -> bool:
    """Closed or open alike, as many pieces and through-holes, and every measure within the tolerance."""
    return one[:_N_EXACT] == other[:_N_EXACT] and shape_similarity(one, other) >= 1 - tolerance


def shape_similarity(one: Fingerprint, other: Fingerprint) -> float:
    """The ratio, at most 1, of the measure that differs most; 0.0 for another number of pieces or through-holes."""
    if one[:_N_EXACT] != other[:_N_EXACT]:
        return 0.0
    logs = _logs(np.array([one, other]))
    return float(np.exp(-np.abs(logs[0] - logs[1]).max()))


def shape_pairs(shapes: Sequence[Fingerprint], *, tolerance: float = TOLERANCE) -> Ints:
    """(n, 2) pairs of the same shape, lower index first, each once; of more than 16 alike, enough to join them all.

    Shapes in one cell, an eighth of the tolerance wide, are paired with one of them, and each shape with the 16 nearest
    of such: hundreds of equals would have none but each other for neighbours.
    """
    reach = _reach(tolerance)
    found = [np.zeros((0, 2), dtype=np.int64)]
    for members in _groups(shapes).values():
        logs = _logs(np.array([shapes[i] for i in members]))
        order = np.lexsort(logs.T)  # so that not the order of the shapes decides who stands for a cell
        logs, indices = logs[order], np.array(members)[order]
        _, first, cells = np.unique(np.floor(logs * (8 / reach)), axis=0, return_index=True, return_inverse=True)
        found.append(np.stack((indices, indices[first[cells.ravel()]]), axis=1))
        n_neighbours = min(_N_NEIGHBOURS, len(first))
        near = _tree(logs[first]).query(logs, k=range(1, n_neighbours + 1), p=np.inf, distance_upper_bound=reach)[1]
        one, which = np.nonzero(near < len(first))
        found.append(np.stack((indices[one], indices[first[near[one, which]]]), axis=1))
    pairs = np.sort(np.concatenate(found), axis=1)
    unique: Ints = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
    return unique


def shape_matches(
    queries: Sequence[Fingerprint], shapes: Sequence[Fingerprint], *, tolerance: float = TOLERANCE
) -> dict[int, tuple[int, float]]:
    """Of each query that has one: the most similar of the same shape, and the similarity."""
    groups = _groups(shapes)
    found: dict[int, tuple[int, float]] = {}
    for exact, askers in _groups(queries).items():
        members = groups.get(exact)
        if members is None:
            continue
        tree = _tree(_logs(np.array([shapes[i] for i in members])))
        distances, nearest = tree.query(
            _logs(np.array([queries[i] for i in askers])), p=np.inf, distance_upper_bound=_reach(tolerance)
        )
        for asker, distance, k in zip(askers, distances.tolist(), nearest.tolist(), strict=True):
            if k < len(members):
                found[asker] = (members[k], float(np.exp(-distance)))
    return found


def _radii(moments: Floats) -> list[float]:
    """Square roots of the principal moments, ascending."""
    values: list[float] = np.sqrt(np.maximum(np.linalg.eigvalsh(moments), 0.0)).tolist()
    return values


def _groups(shapes: Sequence[Fingerprint]) -> dict[Fingerprint, list[int]]:
    groups: dict[Fingerprint, list[int]] = defaultdict(list)
    for i, shape in enumerate(shapes):
        groups[shape[:_N_EXACT]].append(i)
    return groups


def _logs(shapes: Floats) -> Floats:
    """(n, 10) logarithms of the measures: the same ratio is the same distance, whatever the size."""
    measures = shapes[:, _N_EXACT:]
    reach = measures[:, -1:]
    floors = np.concatenate((_FLOOR * reach**3, _FLOOR * reach**2, np.repeat(_FLOOR * reach, 8, axis=1)), axis=1)
    logs: Floats = np.log(np.maximum(measures, floors))
    return logs


def _reach(tolerance: float) -> float:
    """The greatest distance of two logarithms of one shape; a hair more, since a tree's bound is exclusive."""
    return float(-np.log1p(-tolerance)) * (1 + 1e-12)


def _tree(points: Floats) -> Any:
    from scipy.spatial import cKDTree

    return cKDTree(points)
