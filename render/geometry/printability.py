"""What an engineer asks before printing a part: does it fit, how thin is it, what hangs over, does it stand, its mass.

Written for fused filament with z up and the part lying where its lowest point is. Doesn't slice: a bridge between two
supports counts as an overhang though it may print, and infill is not known, so the mass is that of a full part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from render.geometry.boxes import BoxTree
from render.geometry.mesh import Floats, Triangles, label_pieces, measure_triangles
from render.geometry.rays import first_exits
from render.geometry.surface import doubled_normals, sample_surface
from render.result import MeshStats, Point

__all__ = ["DENSITIES_G_CM3", "PrintReport", "printability"]

# Plastics: the middle of what makers' data sheets say of filament (PLA 1.24, PETG 1.27, ABS 1.04, TPU 95A 1.21, PA6
# 1.14) and of cured standard resin (1.15 to 1.2). Metals: EN AW-6061 in EN 573/ASM, carbon steel in EN 1991-1-1.
DENSITIES_G_CM3: Mapping[str, float] = MappingProxyType(
    {
        "PLA": 1.24,
        "PETG": 1.27,
        "ABS": 1.04,
        "TPU": 1.21,
        "nylon": 1.14,
        "resin": 1.18,
        "aluminium": 2.70,
        "steel": 7.85,
    }
)
_TURNS: Mapping[tuple[int, int, int], str] = MappingProxyType(
    {
        (0, 1, 2): "as it lies",
        (1, 0, 2): "turned 90° about z",
        (0, 2, 1): "turned 90° about x",
        (2, 1, 0): "turned 90° about y",
        (1, 2, 0): "turned 90° about z, then about x",
        (2, 0, 1): "turned 90° about z, then about y",
    }
)
"""Which of the part's sides goes along the bed's x, y and z, and how it gets there."""

_ON_BED_MM = 0.01
"""A face no higher than this above the lowest point lies on the bed: layers are 20 times as thick."""
_OVERHANG_COSINE = float(np.cos(np.radians(45)))
_WALL_COSINE = float(np.cos(np.radians(10)))
"""Two faces are a wall if they are parallel within this: moulding drafts are under 5°; at 45° every sharp edge was a
wall that thins out to nothing, and the thinnest was another at each seed."""
_WORTH_SAYING_MM2 = 10.0
"""Less overhang than this, such as the roof of a 3 mm hole lying down, prints; less contact doesn't hold."""
_SMALL_MM = 1.0
_SLACK_MM = 0.001
"""What 32-bit coordinates may take off a wall of just the right width."""
_N_SAMPLES = 4000
_N_CENTROIDS = 2000
"""Of so many of the largest triangles the middle is probed too, lest a small plane fall between the samples."""


@dataclass(frozen=True)
class PrintReport:
    """A part on a printer's bed. All but size, fit, material and problems is None unless the mesh is a closed solid of
    positive volume."""

    size_mm: Point
    fits_as_it_lies: bool
    """Its sides along x, y and z are at most the bed's."""
    fitting_turn: str | None
    """The first of the six ways to lay its sides along the axes that fits, in words: "as it lies", "turned 90° about
    z", and so on. None if none does."""
    n_wall_samples: int | None
    """Points of the surface where the wall was measured."""
    thinnest_wall_mm: float | None
    """Least way through the material straight inward from a sampled point, where the surface left behind is within 10°
    of parallel to the one entered; so an edge or the crest of a thread is no wall. Sampled, so the true one may be
    thinner: a fin of a square millimetre on a part of 20 cm is easily missed. None if there is no such place, as in a
    tetrahedron."""
    thinnest_wall_at_mm: Point | None
    """The middle of that wall."""
    narrow_wall_share: float | None
    """Share of the surface under which the wall is thinner than two lines of the nozzle."""
    overhang_area_mm2: float | None
    """Area of triangles that face down and are less than 45° from horizontal (their normal is less than 45° from
    straight down), but for those that lie on the bed: every corner within 0.01 mm of the lowest point."""
    overhang_share: float | None
    """Of the whole surface."""
    contact_area_mm2: float | None
    """Area of triangles that lie on the bed and face down; 0.0 for a ball."""
    is_stable: bool | None
    """The centre of mass is above the inside of the convex hull of the contact area; false without such an area."""
    n_pieces: int | None
    """Separate bodies; cavities don't count."""
    n_small_pieces: int | None
    """Those with a side shorter than 1 mm: they come out as crumbs, or not at all."""
    n_floating_pieces: int | None
    """Those that don't reach down to the bed."""
    material: str
    mass_g: float | None
    """If printed full."""
    problems: tuple[str, ...]
    """A line for each thing to see to, the gravest first."""


def printability(
    mesh: Triangles,
    *,
    bed_mm: Point = (220.0, 220.0, 250.0),
    material: str = "PLA",
    nozzle_mm: float = 0.4,
    seed: int = 0,
) -> PrintReport:
    """Report on printing a part. Raises ValueError for a material whose density isn't in DENSITIES_G_CM3."""
    if material not in DENSITIES_G_CM3:
        raise ValueError(f"no density is known for {material!r}: use one of {', '.join(DENSITIES_G_CM3)}")
    stats = measure_triangles(mesh)
    fitting = _fitting_turn(stats.size_mm, bed_mm)
    problems = [*_solid_problems(stats), *_fit_problems(stats.size_mm, bed_mm, fitting)]
    if stats.volume_mm3 is None or stats.center_of_mass_mm is None or stats.volume_mm3 <= 0:
        return PrintReport(
            stats.size_mm, fitting == "as it lies", fitting, *(None,) * 11, material, None, tuple(problems)
        )
    walls = _walls(mesh, seed)
    faces = _Faces.of(mesh)
    pieces = _Pieces.of(mesh)
    is_stable = _is_inside(np.array(stats.center_of_mass_mm[:2]), faces.contact_points)
    problems += walls.problems(nozzle_mm)
    problems += pieces.problems()
    problems += _standing_problems(faces.contact_area, is_stable)
    if faces.overhang_area >= _WORTH_SAYING_MM2:
        share = faces.overhang_area / stats.area_mm2
        problems.append(
            f"overhang of {faces.overhang_area:.0f} mm² flatter than 45° ({share:.0%} of the surface): needs supports"
        )
    return PrintReport(
        size_mm=stats.size_mm,
        fits_as_it_lies=fitting == "as it lies",
        fitting_turn=fitting,
        n_wall_samples=walls.n_samples,
        thinnest_wall_mm=walls.thinnest_mm(),
        thinnest_wall_at_mm=walls.thinnest_at(),
        narrow_wall_share=walls.share_under(2 * nozzle_mm),
        overhang_area_mm2=faces.overhang_area,
        overhang_share=faces.overhang_area / stats.area_mm2,
        contact_area_mm2=faces.contact_area,
        is_stable=is_stable,
        n_pieces=pieces.n,
        n_small_pieces=pieces.n_small,
        n_floating_pieces=pieces.n_floating,
        material=material,
        mass_g=stats.volume_mm3 / 1000 * DENSITIES_G_CM3[material],
        problems=tuple(problems),
    )


def _fitting_turn(size_mm: Point, bed_mm: Point) -> str | None:
    for order, words in _TURNS.items():
        if all(size_mm[side] <= length + _SLACK_MM for side, length in zip(order, bed_mm, strict=True)):
            return words
    return None


def _solid_problems(stats: MeshStats) -> list[str]:
    if stats.n_triangles == 0:
        return ["there is nothing to print: the mesh has no triangles"]
    if not stats.is_closed:
        return ["the mesh is open: it has no inside, so walls, mass and standing can't be told"]
    if stats.center_of_mass_mm is None:
        return ["the mesh is flat: it encloses no volume"]
    if stats.volume_mm3 is not None and stats.volume_mm3 < 0:
        return ["the mesh is inside out: its triangles face the material"]
    return []


def _fit_problems(size_mm: Point, bed_mm: Point, fitting: str | None) -> list[str]:
    if fitting == "as it lies":
        return []
    sizes = f"{_times(size_mm)} mm is too large for a bed of {_times(bed_mm)} mm"
    return [f"{sizes}, however it is turned" if fitting is None else f"{sizes} as it lies, but fits {fitting}"]


def _standing_problems(contact_area: float, is_stable: bool) -> list[str]:
    if contact_area == 0:
        return ["no face lies on the bed: it stands on a point or an edge and needs supports or a brim"]
    lines = []
    if not is_stable:
        lines.append("it tips over: its centre of mass is not above the area that it stands on")
    if contact_area < _WORTH_SAYING_MM2:
        lines.append(f"only {contact_area:.2g} mm² lie on the bed: it may come loose, use a brim")
    return lines


@dataclass(frozen=True, eq=False)
class _Walls:
    """Thickness at the samples, infinite where there is no wall; the first n_by_area are uniform by area."""

    thickness: Floats
    middles: Floats
    n_by_area: int

    @property
    def n_samples(self) -> int:
        return len(self.thickness)

    def thinnest_mm(self) -> float | None:
        least = float(self.thickness.min(initial=np.inf))
        return least if np.isfinite(least) else None

    def thinnest_at(self) -> Point | None:
        if self.thinnest_mm() is None:
            return None
        x, y, z = self.middles[int(self.thickness.argmin())].tolist()
        return x, y, z

    def share_under(self, width_mm: float) -> float:
        return float((self.thickness[: self.n_by_area] < width_mm - _SLACK_MM).mean())

    def problems(self, nozzle_mm: float) -> list[str]:
        thinnest, at = self.thinnest_mm(), self.thinnest_at()
        if thinnest is None or at is None or thinnest >= 2 * nozzle_mm - _SLACK_MM:
            return []
        where = ", ".join(f"{value:.1f}" for value in at)
        limit = f"under {2 * nozzle_mm:g} mm (two lines of a {nozzle_mm:g} mm nozzle)"
        return [f"thinnest wall {thinnest:.2g} mm at ({where}): {limit}"]


def _walls(mesh: Triangles, seed: int) -> _Walls:
    """Rays straight inward from points of the surface, to where they first come out of the material."""
    normals = doubled_normals(mesh)
    areas = np.linalg.norm(normals, axis=1)
    points, faces = sample_surface(mesh, _N_SAMPLES, np.random.default_rng(seed))
    largest = np.argsort(areas, kind="stable")[::-1][:_N_CENTROIDS]
    points = np.concatenate((points, mesh.corners[largest].mean(axis=1)))
    faces = np.concatenate((faces, largest))
    inward = -normals[faces] / np.maximum(areas[faces], 1e-300)[:, None]
    diagonal = float(np.linalg.norm(np.ptp(mesh.corners.reshape(-1, 3), axis=0)))
    lengths, cosines = first_exits(BoxTree.of(mesh.corners), points, inward, least_mm=diagonal * 1e-7)
    lengths = np.where(cosines > _WALL_COSINE, lengths, np.inf)
    middles = points + inward * np.where(np.isfinite(lengths), lengths, 0.0)[:, None] / 2
    return _Walls(lengths, middles, _N_SAMPLES)


@dataclass(frozen=True, eq=False)
class _Faces:
    """What the triangles that face down add up to."""

    overhang_area: float
    contact_area: float
    contact_points: Floats
    """(n, 2) corners of the triangles that lie on the bed"""

    @classmethod
    def of(cls, mesh: Triangles) -> _Faces:
        doubled = doubled_normals(mesh)
        lengths = np.linalg.norm(doubled, axis=1)
        down = -doubled[:, 2] / np.where(lengths > 0, lengths, 1.0)
        heights = mesh.vertices[:, 2][mesh.faces]
        is_on_bed = heights.max(axis=1) <= heights.min() + _ON_BED_MM
        # 1e-6: a slope of just 45°, in 32-bit coordinates, is none
        is_overhang = ~is_on_bed & (down > _OVERHANG_COSINE + 1e-6)
        is_contact = is_on_bed & (down > _OVERHANG_COSINE)
        return cls(
            overhang_area=float(lengths[is_overhang].sum() / 2),
            contact_area=float(lengths[is_contact].sum() / 2),
            contact_points=mesh.vertices[np.unique(mesh.faces[is_contact])][:, :2],
        )


def _is_inside(point: Floats, points: Floats) -> bool:
    """Is it strictly inside the convex hull? Then, seen from it, no half of the horizon is free of points."""
    angles = np.sort(np.arctan2(points[:, 1] - point[1], points[:, 0] - point[0]))
    if len(angles) < 3:
        return False
    gaps = np.diff(angles, append=angles[0] + 2 * np.pi)
    return bool(gaps.max() < np.pi - 1e-6)


@dataclass(frozen=True)
class _Pieces:
    """Bodies of the mesh, without its cavities."""

    n: int
    n_small: int
    n_floating: int

    @classmethod
    def of(cls, mesh: Triangles) -> _Pieces:
        labels = label_pieces(mesh)
        order = np.argsort(labels, kind="stable")
        starts = np.nonzero(np.diff(labels[order], prepend=-1))[0]
        corners = mesh.corners[order]
        low = np.minimum.reduceat(corners.min(axis=1), starts, axis=0)
        high = np.maximum.reduceat(corners.max(axis=1), starts, axis=0)
        a, b, c = (corners[:, k] - corners.mean(axis=(0, 1)) for k in range(3))
        is_body = np.add.reduceat(np.einsum("ij,ij->i", a, np.cross(b, c)), starts) > 0
        low, high = low[is_body], high[is_body]
        return cls(
            n=len(low),
            n_small=int(((high - low).min(axis=1) < _SMALL_MM - _SLACK_MM).sum()),
            n_floating=int((low[:, 2] > low[:, 2].min() + _ON_BED_MM).sum()),
        )

    def problems(self) -> list[str]:
        lines = []
        if self.n_floating:
            lines.append(f"{self.n_floating} of {self.n} separate pieces start in mid-air, not on the bed")
        if self.n_small:
            lines.append(f"{self.n_small} of {self.n} pieces have a side under {_SMALL_MM:g} mm")
        return lines


def _times(sides: Point) -> str:
    return " x ".join(f"{side:g}" for side in (round(side, 2) for side in sides))
