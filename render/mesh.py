"""Binary STL to numbers: size, volume, closedness, pieces, holes; and to other mesh formats.

Covers single meshes; comparing two is not here yet. A mesh that is open still has a "volume" by formula, so
what only a closed mesh has is None for any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from render.diagnostics import UNKNOWN_KINDS
from render.result import CompileResult

__all__ = ["EXPORT_SUFFIXES", "MeshStats", "Triangles", "export_mesh", "is_strict", "measure", "read_stl", "write_stl"]

EXPORT_SUFFIXES = (".stl", ".3mf", ".glb", ".obj")
_HEADER_BYTES = 84
_STL_TRIANGLE = np.dtype([("normal", "<f4", (3,)), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class MeshStats:
    """What a mesh measures. Lengths in mm."""

    n_triangles: int
    size_mm: tuple[float, float, float]
    min_mm: tuple[float, float, float]
    max_mm: tuple[float, float, float]
    volume_mm3: float | None
    """None unless closed and consistently wound; negative if wound inside out."""
    area_mm2: float
    is_closed: bool
    """Every edge is shared by as many triangles in one direction as in the other, and there is a triangle."""
    n_components: int
    """Pieces connected by edges. A cavity counts as a piece of its own."""
    genus: int | None
    """Through-holes, summed over pieces; None unless closed."""


@dataclass(frozen=True, eq=False)
class Triangles:
    """A mesh with its equal corners merged; triangles that lost their area that way are dropped."""

    vertices: Floats
    """(n_vertices, 3) mm"""
    faces: Ints
    """(n_triangles, 3) indices into vertices"""

    @cached_property
    def corners(self) -> Floats:
        """(n_triangles, 3, 3) mm"""
        return self.vertices[self.faces]


def read_stl(stl: bytes) -> Triangles:
    """Read a binary STL. Raises ValueError if it is anything else."""
    n = int.from_bytes(stl[80:84], "little") if len(stl) >= _HEADER_BYTES else -1
    if n < 0 or len(stl) < _HEADER_BYTES + n * _STL_TRIANGLE.itemsize:
        raise ValueError(f"not a whole binary STL: {len(stl)} bytes")
    corners = np.frombuffer(stl, _STL_TRIANGLE, count=n, offset=_HEADER_BYTES)["corners"].reshape(-1, 3)
    if not np.isfinite(corners).all():
        raise ValueError("the STL has corners that are not finite numbers")
    # + 0.0 turns -0.0 into 0.0: equal numbers must be equal bytes to be found by sorting whole rows
    rows = np.ascontiguousarray(corners + np.float32(0.0)).view(np.dtype((np.void, 12))).ravel()
    unique, inverse = np.unique(rows, return_inverse=True)
    vertices = unique.view("<f4").reshape(-1, 3).astype(np.float64)
    faces = inverse.reshape(-1, 3).astype(np.int64)
    a, b, c = faces.T
    return Triangles(vertices, faces[(a != b) & (b != c) & (c != a)])


def write_stl(corners: Floats) -> bytes:
    """Binary STL of (n, 3, 3) triangle corners, mm; normals are left 0, which readers recompute."""
    records = np.zeros(len(corners), dtype=_STL_TRIANGLE)
    records["corners"] = corners
    return b"CAD Copilot".ljust(80, b"\0") + len(corners).to_bytes(4, "little") + records.tobytes()


def measure(stl: bytes) -> MeshStats:
    """Measure a binary STL. Raises ValueError if it isn't one."""
    mesh = read_stl(stl)
    if len(mesh.faces) == 0:
        zero = (0.0, 0.0, 0.0)
        return MeshStats(0, zero, zero, zero, None, 0.0, False, 0, None)
    used = mesh.corners.reshape(-1, 3)
    low, high = used.min(axis=0), used.max(axis=0)
    edges = _Edges.of(mesh)
    n_components = edges.n_components()
    return MeshStats(
        n_triangles=len(mesh.faces),
        size_mm=_triple(high - low),
        min_mm=_triple(low),
        max_mm=_triple(high),
        volume_mm3=_signed_volume(mesh.corners, (low + high) / 2) if edges.is_closed else None,
        area_mm2=float(np.linalg.norm(_doubled_areas(mesh.corners), axis=1).sum() / 2),
        is_closed=edges.is_closed,
        n_components=n_components,
        genus=edges.genus(n_components) if edges.is_closed else None,
    )


def is_strict(result: CompileResult, stats: MeshStats | None) -> bool:
    """True if the source compiled, named nothing unknown or missing, and made a closed solid with a volume."""
    if not result.is_compiled or stats is None:
        return False
    kinds = {diagnostic.kind for diagnostic in result.diagnostics}
    has_gap = bool(kinds & UNKNOWN_KINDS) or "missing_file" in kinds
    return not has_gap and stats.is_closed and stats.volume_mm3 is not None and stats.volume_mm3 > 0


def export_mesh(stl: bytes, path: Path) -> None:
    """Write a binary STL as .stl, .3mf, .glb (in metres, as glTF wants) or .obj, by the suffix of `path`."""
    suffix = path.suffix.lower()
    if suffix not in EXPORT_SUFFIXES:
        raise ValueError(f"can't export to {path.name!r}: the suffix must be one of {', '.join(EXPORT_SUFFIXES)}")
    if suffix == ".stl":
        path.write_bytes(stl)
        return
    import trimesh

    mesh = read_stl(stl)
    scale = 0.001 if suffix == ".glb" else 1.0
    exported = trimesh.Trimesh(mesh.vertices * scale, mesh.faces, process=False, metadata={"units": "millimeter"})
    data = exported.export(file_type=suffix[1:])
    path.write_bytes(data.encode() if isinstance(data, str) else data)


@dataclass(frozen=True, eq=False)
class _Edges:
    """The half-edges of a mesh: number 3 f + k leaves corner k of triangle f for the next corner."""

    n_triangles: int
    is_closed: bool
    is_manifold: bool
    """Every edge joins exactly two triangles."""
    pairs: Ints
    """(n, 2) half-edges that lie on one edge, neighbours in sorted order"""

    @classmethod
    def of(cls, mesh: Triangles) -> _Edges:
        start = mesh.faces.ravel()
        end = np.roll(mesh.faces, -1, axis=1).ravel()
        key = np.minimum(start, end) * len(mesh.vertices) + np.maximum(start, end)
        order = np.argsort(key, kind="stable")
        is_first = np.concatenate(([True], np.diff(key[order]) != 0))
        group = np.cumsum(is_first) - 1
        balance = np.bincount(group, weights=np.where(start < end, 1, -1)[order])
        is_inner = ~is_first[1:]
        return cls(
            n_triangles=len(mesh.faces),
            is_closed=not balance.any(),
            is_manifold=bool((np.bincount(group) == 2).all()),
            pairs=np.stack((order[:-1][is_inner], order[1:][is_inner]), axis=1),
        )

    def n_components(self) -> int:
        return _count_groups(self.pairs // 3, self.n_triangles)

    def genus(self, n_components: int) -> int | None:
        """Components - Euler number / 2; None where more than two triangles meet in an edge.

        Corners are counted once for each fan of triangles, so that two solids that touch in a point stay two.
        """
        if not self.is_manifold:
            return None
        one, other = self.pairs.T
        following = np.arange(3 * self.n_triangles).reshape(-1, 3)
        after = np.roll(following, -1, axis=1).ravel()
        same = np.concatenate((np.stack((one, after[other]), axis=1), np.stack((after[one], other), axis=1)))
        n_vertices = _count_groups(same, 3 * self.n_triangles)
        euler = n_vertices - len(self.pairs) + self.n_triangles
        return n_components - euler // 2


def _count_groups(pairs: Ints, n_nodes: int) -> int:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])), shape=(n_nodes, n_nodes))
    return int(connected_components(graph, directed=False, return_labels=False))


def _doubled_areas(corners: Floats) -> Floats:
    """(n, 3) normals as long as twice each triangle's area, mm²."""
    return np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])


def _signed_volume(corners: Floats, origin: Floats) -> float:
    """Sum of signed tetrahedra to one point, mm³ (Zhang and Chen, "Efficient feature extraction for 2D/3D objects
    in mesh representation", ICIP 2001). Taken from inside the mesh, where rounding is least."""
    a, b, c = (corners[:, k] - origin for k in range(3))
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6)


def _triple(values: Floats) -> tuple[float, float, float]:
    x, y, z = values.tolist()
    return x, y, z
