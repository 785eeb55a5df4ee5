"""How alike two meshes are: IoU, Chamfer distance, F1 and Hausdorff distance, as they lie and turned to fit.

Covers turns by right angles only, and never scales: a part of the wrong size is a wrong part. Says nothing of
topology; for that compare two `MeshStats`. Nothing here is random but by `seed`; only a boolean that
runs into its time limit can make two runs differ, and `iou_method` says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations, product

import numpy as np

from render.geometry.mesh import Floats, Triangles, measure_triangles
from render.geometry.overlap import IouMethod, intersection_over_union
from render.geometry.surface import Surface, sample_surface

__all__ = ["ROTATIONS", "IouMethod", "Rotation", "ShapeComparison", "compare_shapes"]

Rotation = tuple[tuple[int, int, int], tuple[int, int, int], tuple[int, int, int]]

F1_SHARE = 0.01
"""The F1 threshold as a share of the reference's bounding-box diagonal."""
_N_ROUGH_POINTS = 2000
"""Points that choose among the rotations: 48 queries of them take 0.1 s."""
_SMALL_PAIRS = 1_000_000
"""Up to this product of the triangle counts every rotation has its IoU computed: 24 booleans of 1 to 20 ms."""
_N_CANDIDATES = 4
_NEAR_BEST = 1.5
"""Beyond, those whose rough distance is at most so many times the least, but no more than four: a bar with a hole off
its middle has four that look alike to 2000 points."""


@dataclass(frozen=True)
class ShapeComparison:
    """A mesh against a reference. Lengths in mm. "Aligned": the mesh moved so that the middle of its bounding box is
    the reference's, and turned by `rotation`. All but n_points is None if either mesh has no triangles."""

    iou_in_place: float | None
    """Volume of the intersection over that of the union, 0 to 1. None unless both meshes are closed solids of positive
    volume."""
    iou_aligned: float | None
    """The same, aligned. Can be below iou_in_place: a boss on one side moves the middle of the bounding box."""
    iou_method: IouMethod | None
    """Of both; None where they are."""
    rotation: Rotation | None
    """The proper rotation, as a matrix of 0, 1 and -1 that columns are multiplied by, of the greatest IoU, or where
    there is none, of the least Chamfer distance of 2000 points. The identity, where it is as good as any. Above 1000
    triangles a mesh only four rotations are tried: a hole of 1 % of a side can escape them."""
    chamfer_mm: float | None
    """Mean over points of the mesh of the distance to the reference's surface, and the other way round, halved sum of
    the two; not squared (Fan, Su and Guibas, "A point set generation network", CVPR 2017, sum squares instead).
    Near 0 for the same surface however it is cut into triangles: under 1e-4 of the diagonal, since a point's nearest
    triangle is found among the nearest few samples."""
    chamfer_aligned_mm: float | None
    f1: float | None
    """Harmonic mean of two shares: of points of the mesh that lie within f1_threshold_mm of the reference's surface,
    and the other way round (Tatarchenko et al., "What do single-view 3D reconstruction networks learn?", CVPR 2019).
    0.0 where both shares are."""
    f1_aligned: float | None
    f1_threshold_mm: float | None
    """1 % of the diagonal of the reference's bounding box."""
    hausdorff_mm: float | None
    """Greatest distance from a point of either surface to the other surface. Of the points sampled and of up to
    n_points corners, so it is a lower bound of the true one."""
    hausdorff_aligned_mm: float | None
    volume_ratio: float | None
    """Volume of the mesh over that of the reference. None where iou_in_place is."""
    n_points: int
    """Points sampled on each surface, uniform by area."""


def _proper_rotations() -> tuple[Rotation, ...]:
    """The 24 turns of a cube, the identity first: signed permutation matrices of determinant 1."""
    found: list[Rotation] = []
    for order in permutations(range(3)):
        for signs in product((1, -1), repeat=3):
            matrix = np.zeros((3, 3), dtype=np.int64)
            matrix[range(3), order] = signs
            if round(float(np.linalg.det(matrix))) == 1:
                one, two, three = ((int(x), int(y), int(z)) for x, y, z in matrix)
                found.append((one, two, three))
    return tuple(found)


ROTATIONS: tuple[Rotation, ...] = _proper_rotations()


def compare_shapes(
    mesh: Triangles, reference: Triangles, *, seed: int = 0, n_points: int = 10_000, timeout_seconds: float = 15.0
) -> ShapeComparison:
    """Compare a mesh with a reference.

    `timeout_seconds` bounds the booleans, after which IoU is sampled; those of meshes of over 1000 triangles run in a
    process of their own (0.3 s). All else takes about 0.5 s for a part of some hundred triangles, 10 s for 1 M.
    """
    if not len(mesh.faces) or not len(reference.faces):
        return ShapeComparison(*(None,) * 12, n_points=n_points)
    middle = _middle(reference)
    fixed = Triangles(reference.vertices - middle, reference.faces)
    in_place = Triangles(mesh.vertices - middle, mesh.faces)
    centred = Triangles(mesh.vertices - _middle(mesh), mesh.faces)
    candidates = _candidates(centred, fixed, seed=seed)
    placed = [in_place, *(_turned(centred, rotation) for rotation in candidates)]
    volume_ratio = _volume_ratio(mesh, reference)
    ious: list[float] | None = None
    method: IouMethod | None = None
    if volume_ratio is not None:
        ious, method = intersection_over_union(placed, fixed, seed=seed, timeout_seconds=timeout_seconds)
    best = 0 if ious is None else _first_best(ious[1:], candidates)
    threshold = F1_SHARE * float(np.linalg.norm(np.ptp(reference.corners.reshape(-1, 3), axis=0)))
    own, target = _Probe.of(centred, seed, n_points), _Probe.of(fixed, seed, n_points)
    there = _distances(own, target, np.eye(3), _middle(mesh) - middle)
    aligned = _distances(own, target, np.array(candidates[best], dtype=np.float64), np.zeros(3))
    return ShapeComparison(
        iou_in_place=None if ious is None else ious[0],
        iou_aligned=None if ious is None else ious[1 + best],
        iou_method=method,
        rotation=candidates[best],
        chamfer_mm=there.chamfer(),
        chamfer_aligned_mm=aligned.chamfer(),
        f1=there.f1(threshold),
        f1_aligned=aligned.f1(threshold),
        f1_threshold_mm=threshold,
        hausdorff_mm=there.hausdorff,
        hausdorff_aligned_mm=aligned.hausdorff,
        volume_ratio=volume_ratio,
        n_points=n_points,
    )


def _first_best(ious: list[float], candidates: list[Rotation]) -> int:
    """Of the greatest IoU but for rounding, the identity if it is among them, else the first."""
    equals = [k for k, iou in enumerate(ious) if iou >= max(ious) - 1e-9]
    return next((k for k in equals if candidates[k] == ROTATIONS[0]), equals[0])


def _middle(mesh: Triangles) -> Floats:
    middle: Floats = (mesh.corners.min(axis=(0, 1)) + mesh.corners.max(axis=(0, 1))) / 2
    return middle


def _turned(mesh: Triangles, rotation: Rotation) -> Triangles:
    return Triangles(mesh.vertices @ np.array(rotation, dtype=np.float64).T, mesh.faces)


def _volume_ratio(mesh: Triangles, reference: Triangles) -> float | None:
    own, other = measure_triangles(mesh), measure_triangles(reference)
    if own.center_of_mass_mm is None or other.center_of_mass_mm is None:
        return None
    if own.volume_mm3 is None or other.volume_mm3 is None or min(own.volume_mm3, other.volume_mm3) <= 0:
        return None
    return own.volume_mm3 / other.volume_mm3


def _candidates(centred: Triangles, fixed: Triangles, *, seed: int) -> list[Rotation]:
    """The rotations of the least Chamfer distance between few points, best first."""
    from scipy.spatial import cKDTree

    points, _ = sample_surface(centred, _N_ROUGH_POINTS, np.random.default_rng(seed))
    targets, _ = sample_surface(fixed, _N_ROUGH_POINTS, np.random.default_rng(seed))
    own_tree, target_tree = cKDTree(points), cKDTree(targets)
    rough = []
    for rotation in ROTATIONS:
        matrix = np.array(rotation, dtype=np.float64)
        there = target_tree.query(points @ matrix.T)[0].mean()
        back = own_tree.query(targets @ matrix)[0].mean()
        rough.append(float(there + back))
    # rounding to a share of the best lets the identity, which is first, win among equals
    step = max(min(rough) * 0.02, 1e-300)
    order = sorted(range(len(ROTATIONS)), key=lambda k: round(min(rough[k] / step, 1e15)))
    if len(centred.faces) * len(fixed.faces) <= _SMALL_PAIRS:
        return [ROTATIONS[k] for k in order]
    return [ROTATIONS[k] for k in order[:_N_CANDIDATES] if rough[k] <= _NEAR_BEST * min(rough)]


@dataclass(frozen=True)
class _Distances:
    """From points of one surface to the other surface, and the other way round."""

    there: Floats
    back: Floats
    hausdorff: float

    def chamfer(self) -> float:
        return float((self.there.mean() + self.back.mean()) / 2)

    def f1(self, threshold_mm: float) -> float:
        precision = float((self.there <= threshold_mm).mean())
        recall = float((self.back <= threshold_mm).mean())
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


@dataclass(frozen=True, eq=False)
class _Probe:
    """A surface with the points from which and the index by which distances are taken."""

    surface: Surface
    points: Floats
    corners: Floats

    @classmethod
    def of(cls, mesh: Triangles, seed: int, n_points: int) -> _Probe:
        rng = np.random.default_rng(seed)
        points, _ = sample_surface(mesh, n_points, rng)
        used = np.unique(mesh.faces)
        if len(used) > n_points:
            used = rng.choice(used, n_points, replace=False)
        return cls(Surface.of(mesh, rng), points, mesh.vertices[used])


def _distances(own: _Probe, other: _Probe, matrix: Floats, shift: Floats) -> _Distances:
    """Between one surface, turned and then shifted, and another: each is asked in its own frame."""
    there, greatest_there = _one_way(other.surface, own.points @ matrix.T + shift, own.corners @ matrix.T + shift)
    back, greatest_back = _one_way(own.surface, (other.points - shift) @ matrix, (other.corners - shift) @ matrix)
    return _Distances(there, back, max(greatest_there, greatest_back))


def _one_way(surface: Surface, points: Floats, corners: Floats) -> tuple[Floats, float]:
    """The distance of each point, and the greatest of any point or corner."""
    both = np.concatenate((points, corners))
    distances = surface.distances(both)
    return distances[: len(points)], surface.greatest_distance(both, distances)
