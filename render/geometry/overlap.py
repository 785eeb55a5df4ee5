"""Intersection over union of closed meshes: by a mesh boolean, or along vertical lines where that takes too long.

Covers the volumes alone; `shapes` places the meshes.
"""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from render.geometry.mesh import Floats, Ints, Triangles

__all__ = ["IouMethod", "intersection_over_union", "to_manifold"]

_PAIRS_IN_PROCESS = 1_000_000
"""Two combs of 1000 triangles each, crossed, intersect in 0.5 s; of 5000 in 20 s. So beyond this product of the
triangle counts a boolean runs in a process that can be stopped: it can't be from within, since it holds the GIL."""
_PAIRS_TOO_MANY = 100_000_000_000
"""Beyond two meshes of 300 k triangles each, IoU is sampled at once: 2 s, where the boolean of two nearly equal
surfaces of 1 M triangles takes 30."""
_BOOLEAN_MEMORY_BYTES = 8 << 30
_GRID = 256
"""Columns a side where IoU is sampled: 65,536 of them leave an error of about 0.001."""
_FRAGMENTS_AT_ONCE = 2_000_000
_FITS = 1 - 1e-9

logger = logging.getLogger(__name__)


class IouMethod(StrEnum):
    """How an IoU was obtained."""

    BOOLEAN = "boolean"
    """Exact, by a mesh boolean."""
    SAMPLED = "sampled"
    """From overlaps along 256 x 256 vertical lines, right to about 0.001: the boolean had more triangles than 300 k a
    mesh, took too long, or would not have the meshes."""


def to_manifold(mesh: Triangles) -> Any | None:
    """The mesh as a manifold3d.Manifold; None for one that it doesn't take, such as an open one."""
    solid = manifold_or_error(mesh)
    return None if isinstance(solid, str) else solid


def manifold_or_error(mesh: Triangles) -> Any:
    """The mesh as a manifold3d.Manifold, or the name of manifold3d's error."""
    from manifold3d import Error, Manifold, Mesh64

    vertices = np.ascontiguousarray(mesh.vertices, dtype=np.float64)
    solid = Manifold(Mesh64(vert_properties=vertices, tri_verts=np.ascontiguousarray(mesh.faces, dtype=np.uint64)))
    return solid if solid.status() == Error.NoError else str(solid.status().name)


def intersection_over_union(
    placed: Sequence[Triangles], fixed: Triangles, *, seed: int, timeout_seconds: float
) -> tuple[list[float], IouMethod]:
    """The IoU of each placed mesh with the fixed one, all being closed and the placed ones alike but for their place.

    The first is where the mesh lies, the others are tries: after one that fits, the rest are left out.
    """
    n_pairs = len(placed[0].faces) * len(fixed.faces)
    ious: list[float] | None = None
    if n_pairs <= _PAIRS_IN_PROCESS:
        ious = _boolean_ious(placed, fixed)
    elif n_pairs <= _PAIRS_TOO_MANY:
        ious = _boolean_ious_in_a_process(placed, fixed, timeout_seconds)
    if ious is not None:
        return ious, IouMethod.BOOLEAN
    sampled = (_sampled_iou(mesh, fixed, np.random.default_rng(seed)) for mesh in placed)
    return _until_one_fits(sampled), IouMethod.SAMPLED


def _until_one_fits(ious: Iterable[float]) -> list[float]:
    found: list[float] = []
    for iou in ious:
        found.append(iou)
        if len(found) > 1 and iou > _FITS:
            break
    return found


def _boolean_ious(placed: Sequence[Triangles], fixed: Triangles) -> list[float] | None:
    target = to_manifold(fixed)
    if target is None or to_manifold(placed[0]) is None:
        return None
    return _until_one_fits(_boolean_iou(to_manifold(mesh), target) for mesh in placed)


def _boolean_iou(solid: Any, target: Any) -> float:
    both = (solid ^ target).volume()
    union = solid.volume() + target.volume() - both
    return min(max(both / union, 0.0), 1.0) if union > 0 else 0.0


def _boolean_ious_in_a_process(
    placed: Sequence[Triangles], fixed: Triangles, timeout_seconds: float
) -> list[float] | None:
    """None if they take longer than the time limit, or more memory than is allowed."""
    sent = io.BytesIO()
    np.savez(
        sent,
        fixed=fixed.vertices,
        fixed_faces=fixed.faces,
        placed=np.stack([mesh.vertices for mesh in placed]),
        faces=placed[0].faces,
    )
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    try:
        done = subprocess.run(
            [sys.executable, "-c", "from render.geometry.overlap import _answer; _answer()"],
            input=sent.getvalue(),
            capture_output=True,
            timeout=timeout_seconds,
            env={**os.environ, "PYTHONPATH": path},
            check=True,
        )
    except subprocess.TimeoutExpired:
        return None
    except subprocess.CalledProcessError as error:
        reason = (error.stderr.decode(errors="replace").strip().splitlines() or [f"exit code {error.returncode}"])[-1]
        logger.warning("a boolean of %d and %d triangles failed: %s", len(placed[0].faces), len(fixed.faces), reason)
        return None
    ious: list[float] | None = json.loads(done.stdout)
    return ious


def _answer() -> None:
    """In the process: meshes on standard input, their IoUs on standard output."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (_BOOLEAN_MEMORY_BYTES, _BOOLEAN_MEMORY_BYTES))
    got = np.load(io.BytesIO(sys.stdin.buffer.read()))
    placed = [Triangles(vertices, got["faces"]) for vertices in got["placed"]]
    sys.stdout.write(json.dumps(_boolean_ious(placed, Triangles(got["fixed"], got["fixed_faces"]))))


def _sampled_iou(mesh: Triangles, other: Triangles, rng: np.random.Generator) -> float:
    """Overlap of two closed meshes along vertical lines, one in each cell of a grid.

    Sorted by height, the crossings of a line count how many skins of either mesh it is inside of.
    """
    low = np.minimum(mesh.corners.min(axis=(0, 1)), other.corners.min(axis=(0, 1)))[:2]
    high = np.maximum(mesh.corners.max(axis=(0, 1)), other.corners.max(axis=(0, 1)))[:2]
    size = np.maximum((high - low) / _GRID, 1e-300)
    lines = (np.stack(np.divmod(np.arange(_GRID * _GRID), _GRID), axis=1) + rng.random((_GRID**2, 2))) * size
    parts = [_crossings((m.corners - [*low, 0.0]), lines, size) for m in (mesh, other)]
    line, height, step = (np.concatenate(both) for both in zip(*parts, strict=True))
    is_other = np.repeat([0, 1], [len(part[0]) for part in parts])
    for which in (0, 1):  # a line along an edge may be counted by one of its triangles only
        total = np.bincount(line, weights=np.where(is_other == which, step, 0), minlength=_GRID**2)
        keep = total[line] == 0
        line, height, step, is_other = line[keep], height[keep], step[keep], is_other[keep]
    order = np.lexsort((height, line))
    line, height, step, is_other = line[order], height[order], step[order], is_other[order]
    length = np.diff(height, append=0.0)
    length[np.diff(line, append=-1) != 0] = 0.0
    inside = [np.cumsum(np.where(is_other == which, step, 0)) > 0 for which in (0, 1)]
    union = float(length[inside[0] | inside[1]].sum())
    return min(float(length[inside[0] & inside[1]].sum()) / union, 1.0) if union > 0 else 0.0


def _crossings(corners: Floats, lines: Floats, size: Floats) -> tuple[Ints, Floats, Ints]:
    """Where vertical lines cross triangles: the line, the height, and +1 going in from below or -1 coming out."""
    flat = corners[:, :, :2]
    first = np.floor(flat.min(axis=1) / size).clip(0, _GRID - 1).astype(np.int64)
    counts = np.floor(flat.max(axis=1) / size).clip(0, _GRID - 1).astype(np.int64) - first + 1
    n_cells = counts.prod(axis=1)
    ends = np.cumsum(n_cells)
    found = []
    for start in range(0, int(ends[-1]), _FRAGMENTS_AT_ONCE):
        fragment = np.arange(start, min(start + _FRAGMENTS_AT_ONCE, int(ends[-1])))
        triangle = np.searchsorted(ends, fragment, side="right")
        within = fragment - (ends[triangle] - n_cells[triangle])
        i, j = np.divmod(within, counts[triangle, 1])
        line = (first[triangle, 0] + i) * _GRID + first[triangle, 1] + j
        found.append(_cross(corners[triangle], line, lines[line]))
    line, height, step = (np.concatenate(each) for each in zip(*found, strict=True))
    return line, height, step


def _cross(corners: Floats, line: Ints, at: Floats) -> tuple[Ints, Floats, Ints]:
    """Of pairs of a triangle and a line, those that cross."""
    a, b, c = (corners[:, k, :2] - at for k in range(3))
    weights = np.stack([u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0] for u, v in ((b, c), (c, a), (a, b))], axis=1)
    total = weights.sum(axis=1)
    is_crossed = ((weights > 0).all(axis=1) | (weights < 0).all(axis=1)) & (total != 0)
    weights, total = weights[is_crossed], total[is_crossed]
    height = np.einsum("ij,ij->i", weights, corners[is_crossed, :, 2]) / total
    step: npt.NDArray[np.int64] = np.where(total < 0, 1, -1)  # seen from above, a floor is clockwise
    return line[is_crossed], height, step
