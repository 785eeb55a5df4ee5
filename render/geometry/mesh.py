"""Binary STL to numbers: size, volume, mass properties, closedness, pieces, holes.

Covers single meshes, with numpy alone; `shapes` compares two, `formats` writes other formats. A mesh
that is open still has a "volume" by formula, so what only a closed mesh has is None for any other.
"""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from render.result import MeshStats, Point

__all__ = [
    "Stl",
    "Triangles",
    "binary_stl",
    "count_triangles",
    "label_pieces",
    "measure",
    "measure_triangles",
    "read_stl",
    "write_stl",
]

_HEADER_BYTES = 84
_STL_TRIANGLE = np.dtype([("normal", "<f4", (3,)), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
_HASH_FACTORS = (0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F)
"""Odd 64-bit numbers without a pattern in their bits; any will do, since equal hashes are checked."""
_FLAT = 1e-12
"""A volume below this share of area times the bounding box' diagonal is rounding, not matter."""

Stl = bytes | bytearray | memoryview
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Triangles:
    """A mesh with its equal corners merged; triangles that lost their area that way are dropped."""

    vertices: Floats
    """(n_vertices, 3) mm, finite"""
    faces: Ints
    """(n_triangles, 3) indices into vertices, three different ones in each row"""

    @cached_property
    def corners(self) -> Floats:
        """(n_triangles, 3, 3) mm"""
        return self.vertices[self.faces]


def count_triangles(stl: Stl) -> int:
    """What a binary STL says it holds, flat ones too. Raises ValueError if it is anything else, or cut off."""
    data = memoryview(stl).cast("B")
    n = int.from_bytes(data[80:84], "little") if len(data) >= _HEADER_BYTES else -1
    if n < 0 or len(data) < _HEADER_BYTES + n * _STL_TRIANGLE.itemsize:
        raise ValueError(f"not a whole binary STL: {len(data)} bytes")
    return n


def read_stl(stl: Stl) -> Triangles:
    """Read a binary STL; vertices come in the order of their first use. Raises ValueError if it is anything else."""
    data = memoryview(stl).cast("B")
    n = count_triangles(data)
    stored = np.frombuffer(data, _STL_TRIANGLE, count=n, offset=_HEADER_BYTES)["corners"]
    if not np.isfinite(stored).all():
        raise ValueError("the STL has corners that are not finite numbers")
    # + 0.0 copies, and turns -0.0 into 0.0: equal numbers must be equal bits
    corners = np.add(stored, np.float32(0.0), order="C").reshape(-1, 3)
    first = _first_of_equals(corners.view(np.uint32))
    is_first = first == np.arange(len(first))
    faces = (np.cumsum(is_first) - 1)[first].reshape(-1, 3)
    a, b, c = faces.T
    is_triangle = (a != b) & (b != c) & (c != a)
    return Triangles(corners[is_first].astype(np.float64), faces if is_triangle.all() else faces[is_triangle])


def binary_stl(data: bytes) -> bytes:
    """A binary STL as it is; one in text made binary. Raises ValueError for anything else."""
    if len(data) >= _HEADER_BYTES and len(data) == _HEADER_BYTES + 50 * int.from_bytes(data[80:84], "little"):
        return data
    numbers = array("d")  # a list of 64 MB of text's numbers would take gigabytes
    for vertex in re.finditer(rb"vertex\s+(\S+)\s+(\S+)\s+(\S+)", data):
        numbers.extend(map(float, vertex.groups()))
    if not numbers or len(numbers) % 9:
        raise ValueError(f"neither a binary STL nor one in text: {len(data)} bytes")
    return write_stl(np.frombuffer(numbers, dtype=np.float64).reshape(-1, 3, 3))


def write_stl(corners: Floats) -> bytes:
    """Binary STL of (n, 3, 3) triangle corners, mm; normals are left 0, which readers recompute."""
    records = np.zeros(len(corners), dtype=_STL_TRIANGLE)
    records["corners"] = corners
    return b"CAD Copilot".ljust(80, b"\0") + len(corners).to_bytes(4, "little") + records.tobytes()


def measure(stl: Stl) -> MeshStats:
    """Measure a binary STL. Raises ValueError if it isn't one."""
    return measure_triangles(read_stl(stl))


def measure_triangles(mesh: Triangles) -> MeshStats:
    """Measure a mesh whose equal corners are merged."""
    if len(mesh.faces) == 0:
        zero = (0.0, 0.0, 0.0)
        return MeshStats(0, zero, zero, zero, None, 0.0, False, 0, None)
    edges = _Edges.of(mesh)
    n_components = edges.n_components()
    solid = _Solid.of(mesh)
    has_mass = edges.is_closed and not solid.is_flat
    return MeshStats(
        n_triangles=len(mesh.faces),
        size_mm=_triple(solid.high - solid.low),
        min_mm=_triple(solid.low),
        max_mm=_triple(solid.high),
        volume_mm3=solid.volume if edges.is_closed else None,
        area_mm2=solid.area,
        is_closed=edges.is_closed,
        n_components=n_components,
        genus=edges.genus(n_components) if edges.is_closed else None,
        is_manifold=edges.is_manifold,
        center_of_mass_mm=_triple(solid.center_of_mass()) if has_mass else None,
        inertia_mm5=solid.inertia() if has_mass else None,
    )


def label_pieces(mesh: Triangles) -> Ints:
    """(n_triangles,) a number for each triangle: that of the first triangle of the piece it is in."""
    if len(mesh.faces) == 0:
        return np.zeros(0, dtype=np.int64)
    pairs = _Edges.of(mesh).pairs
    return _label_groups(pairs[:, 0] // 3, pairs[:, 1] // 3, len(mesh.faces))


def _first_of_equals(rows: npt.NDArray[np.uint32]) -> Ints:
    """(n,) for each of n rows of three numbers, the number of the first row equal to it.

    A row's hash and its number share 64 bits, and sorting plain integers is ten times faster than sorting rows. At
    1 M triangles 42 bits are left to the hash: one mesh in 30 has two rows of one hash and takes the slow way.
    """
    n = len(rows)
    n_bits = np.uint64(max(n - 1, 0).bit_length())
    one, two, three = (np.uint64(factor) for factor in _HASH_FACTORS)
    hashes = rows[:, 0].astype(np.uint64)
    hashes *= one
    hashes ^= hashes >> np.uint64(31)
    hashes += rows[:, 1]
    hashes *= two
    hashes ^= hashes >> np.uint64(31)
    hashes += rows[:, 2]
    hashes *= three
    hashes >>= n_bits
    order, is_new = _sort_numbered(hashes, n_bits)
    first = np.empty(n, dtype=np.int64)
    first[order] = order[is_new][np.cumsum(is_new) - 1]
    if (rows[first] == rows).all():
        return first
    _, firsts, inverse = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    exact: Ints = firsts[inverse]
    return exact


def _sort_numbered(keys: npt.NDArray[np.uint64], n_bits: np.uint64) -> tuple[Ints, Bools]:
    """The stable order that sorts the keys, and where in it a key differs from the one before.

    Keys must be below 2^(64 - n_bits), and their number at most 2^n_bits; they are overwritten.
    """
    keys <<= n_bits
    keys |= np.arange(len(keys), dtype=np.uint64)
    keys.sort()
    order = (keys & ((np.uint64(1) << n_bits) - np.uint64(1))).astype(np.int64)
    keys >>= n_bits
    is_new = np.empty(len(keys), dtype=np.bool_)
    is_new[:1] = True
    np.not_equal(keys[1:], keys[:-1], out=is_new[1:])
    return order, is_new


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
        end = mesh.faces[:, (1, 2, 0)].ravel()
        is_forward = start < end
        keys = (np.minimum(start, end) * len(mesh.vertices) + np.maximum(start, end)).astype(np.uint64)
        n_bits = (len(keys) - 1).bit_length()
        if 2 * len(mesh.vertices).bit_length() + n_bits <= 64:  # up to 2 M triangles
            order, is_new = _sort_numbered(keys, np.uint64(n_bits))
        else:
            order = np.argsort(keys, kind="stable")
            is_new = np.concatenate(([True], np.diff(keys[order]) != 0))
        is_manifold = len(keys) % 2 == 0 and bool(is_new[::2].all()) and not is_new[1::2].any()
        if is_manifold:
            pairs = order.reshape(-1, 2)
            is_closed = bool((is_forward[pairs[:, 0]] != is_forward[pairs[:, 1]]).all())
        else:
            pairs = np.stack((order[:-1], order[1:]), axis=1)[~is_new[1:]]
            is_closed = not np.bincount(np.cumsum(is_new) - 1, weights=np.where(is_forward, 1, -1)[order]).any()
        return cls(len(mesh.faces), is_closed, is_manifold, pairs)

    def n_components(self) -> int:
        return _count_groups(self.pairs[:, 0] // 3, self.pairs[:, 1] // 3, self.n_triangles)

    def genus(self, n_components: int) -> int | None:
        """Components - Euler number / 2 of a closed mesh; None where more than two triangles meet in an edge.

        Corners are counted once for each fan of triangles, so that two solids that touch in a point stay two.
        """
        if not self.is_manifold:
            return None
        n = 3 * self.n_triangles
        after = np.arange(n).reshape(-1, 3)[:, (1, 2, 0)].ravel()
        next_in_fan = np.empty(n, dtype=np.int64)
        next_in_fan[self.pairs[:, 0]] = after[self.pairs[:, 1]]
        next_in_fan[self.pairs[:, 1]] = after[self.pairs[:, 0]]
        n_vertices = _count_groups(np.arange(n), next_in_fan, n)
        euler = n_vertices - len(self.pairs) + self.n_triangles
        return n_components - euler // 2


def _count_groups(one: Ints, other: Ints, n_nodes: int) -> int:
    return int((_label_groups(one, other, n_nodes) == np.arange(n_nodes)).sum())


def _label_groups(one: Ints, other: Ints, n_nodes: int) -> Ints:
    """(n_nodes,) the lowest node of each node's group, groups being joined by the pairs (one, other).

    Each round hangs a root under a lower one, lets every node skip to its root, and drops the pairs that are inside
    a group now (Shiloach and Vishkin, "An O(log n) parallel connectivity algorithm", 1982).
    """
    root = np.arange(n_nodes)
    while len(one):
        root[np.maximum(one, other)] = np.minimum(one, other)  # of several lower ones, any
        higher = root[root]
        while not np.array_equal(higher, root):
            root, higher = higher, higher[higher]
        one, other = root[one], root[other]
        is_apart = one != other
        one, other = one[is_apart], other[is_apart]
    return root


@dataclass(frozen=True, eq=False)
class _Solid:
    """Integrals over a mesh, as sums over its triangles; coordinates are taken from the middle of the bounding box,
    where rounding is least."""

    low: Floats
    high: Floats
    area: float
    volume: float
    first_moment: Floats
    """(3,) the integral of x, mm⁴"""
    second_moment: Floats
    """(3, 3) the integral of x xᵀ, mm⁵"""

    @classmethod
    def of(cls, mesh: Triangles) -> _Solid:
        """Signed tetrahedra from each triangle to one point. Volume: Zhang and Chen, "Efficient feature extraction for
        2D/3D objects in mesh representation", ICIP 2001. Moments: Tonon, "Explicit exact formulas for the 3-D
        tetrahedron inertia tensor in terms of its vertex coordinates", J. Math. Stat. 1 (2005), 8-11."""
        a, b, c = (mesh.vertices[mesh.faces[:, k]] for k in range(3))
        low = np.minimum(np.minimum(a, b), c).min(axis=0)
        high = np.maximum(np.maximum(a, b), c).max(axis=0)
        middle = (low + high) / 2
        a -= middle
        b -= middle
        c -= middle
        normals = _cross(b - a, c - a)
        sixfold = np.einsum("ij,ij->i", a, normals)  # six times the volume of each tetrahedron
        total = a + b + c
        second = sum((p * sixfold[:, None]).T @ p for p in (a, b, c, total)) / 120
        return cls(
            low=low,
            high=high,
            area=float(np.sqrt(np.einsum("ij,ij->i", normals, normals)).sum() / 2),
            volume=float(sixfold.sum() / 6),
            first_moment=sixfold @ total / 24,
            second_moment=np.asarray(second),
        )

    @property
    def is_flat(self) -> bool:
        return abs(self.volume) <= _FLAT * self.area * float(np.linalg.norm(self.high - self.low))

    def center_of_mass(self) -> Floats:
        center: Floats = (self.low + self.high) / 2 + self.first_moment / self.volume
        return center

    def inertia(self) -> tuple[Point, Point, Point]:
        central = self.second_moment - np.outer(self.first_moment, self.first_moment) / self.volume
        tensor = np.trace(central) * np.eye(3) - (central + central.T) / 2
        return _triple(tensor[0]), _triple(tensor[1]), _triple(tensor[2])


def _cross(u: Floats, v: Floats) -> Floats:
    """(n, 3) cross products; np.cross takes three times as long."""
    out = np.empty_like(u)
    for k in range(3):
        i, j = (k + 1) % 3, (k + 2) % 3
        np.subtract(u[:, i] * v[:, j], u[:, j] * v[:, i], out=out[:, k])
    return out


def _triple(values: Floats) -> Point:
    x, y, z = values.tolist()
    return x, y, z
