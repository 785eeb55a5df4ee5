"""Areas and volumes in closed form, for the geometry a part is expected to have.

Written without a look at OpenSCAD source: a spec must not repeat a mistake of the source it judges. Circles
are the regular 64-gons that `$fn = 64` gives, so that the figures agree with a mesh to rounding.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from corpus.schema import GeometrySpec

__all__ = [
    "N_FACETS",
    "ball_size",
    "ball_volume",
    "circle_area",
    "circle_points",
    "clip_above",
    "convex_hull",
    "frustum_volume",
    "hexagon_area",
    "lens_area",
    "polygon_area",
    "ring_volume",
    "slot_area",
    "solid",
    "sphere_profile",
    "strip_area",
    "turned_volume",
]

N_FACETS = 64

Point = tuple[float, float]


def circle_area(diameter: float, n_facets: int = N_FACETS) -> float:
    """Area of the regular polygon inscribed in a circle."""
    return n_facets / 2 * (diameter / 2) ** 2 * math.sin(2 * math.pi / n_facets)


def circle_points(diameter: float, n_facets: int = N_FACETS) -> list[Point]:
    """Corners of the polygon inscribed in a circle, the first on the x axis."""
    angles = (2 * math.pi * i / n_facets for i in range(n_facets))
    return [(diameter / 2 * math.cos(a), diameter / 2 * math.sin(a)) for a in angles]


def polygon_area(points: Sequence[Point]) -> float:
    """Area of a simple polygon (shoelace)."""
    pairs = zip(points, [*points[1:], points[0]], strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) / 2


def clip_above(points: Sequence[Point], axis: int, limit: float) -> list[Point]:
    """The part of a convex polygon where the coordinate `axis` is at least `limit`."""
    kept: list[Point] = []
    for start, end in zip(points, [*points[1:], points[0]], strict=True):
        is_start_in, is_end_in = start[axis] >= limit, end[axis] >= limit
        if is_start_in:
            kept.append(start)
        if is_start_in != is_end_in:
            t = (limit - start[axis]) / (end[axis] - start[axis])
            kept.append((start[0] + t * (end[0] - start[0]), start[1] + t * (end[1] - start[1])))
    return kept


def convex_hull(points: Sequence[Point]) -> list[Point]:
    """The corners of the hull, counter-clockwise (Andrew's monotone chain)."""
    hull: list[Point] = []
    for ordered in (sorted(points), sorted(points, reverse=True)):
        chain: list[Point] = []
        for x, y in ordered:
            while len(chain) > 1 and _turn(chain[-2], chain[-1], (x, y)) <= 1e-9:
                chain.pop()
            chain.append((x, y))
        hull += chain[:-1]
    return hull


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def slot_area(length: float, width: float) -> float:
    """Area of a slot with round ends; `length` is end to end."""
    return circle_area(width) + (length - width) * width


def hexagon_area(across_flats: float) -> float:
    return across_flats**2 * math.sqrt(3) / 2


def frustum_volume(bottom_diameter: float, top_diameter: float, height: float) -> float:
    bottom, top = bottom_diameter, top_diameter
    return circle_area(1) * height * (bottom**2 + bottom * top + top**2) / 3


def ring_volume(profile_area: float, centroid_radius: float) -> float:
    """Volume of a profile turned about the z axis in 64 straight steps (Pappus, with a polygon's circumference)."""
    return N_FACETS * math.sin(2 * math.pi / N_FACETS) * profile_area * centroid_radius


def turned_volume(profile: Sequence[Point], n_facets: int = N_FACETS) -> float:
    """Volume of a polygon of (radius, z) turned about the z axis in `n_facets` straight steps (Pappus)."""
    pairs = zip(profile, [*profile[1:], profile[0]], strict=True)
    moment = abs(sum((x1 + x2) * (x1 * y2 - x2 * y1) for (x1, y1), (x2, y2) in pairs)) / 6
    return n_facets * math.sin(2 * math.pi / n_facets) * moment


def sphere_profile(diameter: float, n_facets: int = N_FACETS) -> list[Point]:
    """(radius, z) of the half outline of OpenSCAD's sphere, from the top down; a convex polygon."""
    n_rings = (n_facets + 1) // 2
    polar = [math.pi * (i + 0.5) / n_rings for i in range(n_rings)]
    rings = [(diameter / 2 * math.sin(a), diameter / 2 * math.cos(a)) for a in polar]
    return [(0.0, rings[0][1]), *rings, (0.0, rings[-1][1])]


def lens_area(one: float, other: float, distance: float) -> float:
    """Area that two circles of these diameters share, their centres `distance` apart; they must cross."""
    r, s, d = one / 2, other / 2, distance
    near = math.acos((d * d + r * r - s * s) / (2 * d * r))
    far = math.acos((d * d + s * s - r * r) / (2 * d * s))
    return r * r * (near - math.sin(2 * near) / 2) + s * s * (far - math.sin(2 * far) / 2)


def strip_area(diameter: float, width: float) -> float:
    """Area of the half disc that a strip of `width` along its axis of symmetry covers, from the centre to the rim."""
    r, a = diameter / 2, width / 2
    return a * math.sqrt(r * r - a * a) + r * r * math.asin(a / r)


def _ball_rings(diameter: float) -> list[Point]:
    """(z, radius) of the rings of OpenSCAD's 64-facet sphere from the top: 32, none at a pole or the equator."""
    n_rings = N_FACETS // 2
    polar = (math.pi * (i + 0.5) / n_rings for i in range(n_rings))
    return [(diameter / 2 * math.cos(a), diameter / 2 * math.sin(a)) for a in polar]


def ball_size(diameter: float, bore_diameter: float = 0.0) -> tuple[float, float, float]:
    """Bounding box of the sphere that `ball_volume` measures, bored along z."""
    rings, bore = _ball_rings(diameter), bore_diameter / 2
    widest = 2 * max(radius for _, radius in rings)
    top = rings[0][0]
    for (z1, r1), (z2, r2) in pairwise(rings):
        if r1 < bore <= r2:
            top = z1 + (z2 - z1) * (bore - r1) / (r2 - r1)
    return widest, widest, 2 * top


def ball_volume(diameter: float, bore_diameter: float = 0.0) -> float:
    """Volume of OpenSCAD's 64-facet sphere less a bore along z."""
    rings, bore = _ball_rings(diameter), bore_diameter / 2
    total = 0.0
    for (z1, r1), (z2, r2) in pairwise(rings):
        height = z1 - z2
        if min(r1, r2) < bore:
            if max(r1, r2) <= bore:
                continue
            height *= (max(r1, r2) - bore) / abs(r1 - r2)
            r1, r2 = bore, max(r1, r2)
        total += height * ((r1 * r1 + r1 * r2 + r2 * r2) / 3 - bore * bore)
    return total * circle_area(2)


def solid(size_mm: tuple[float, float, float], volume_mm3: float, *, genus: int = 0) -> GeometrySpec:
    """The spec of one connected solid."""
    return GeometrySpec(
        size_mm=(round(size_mm[0], 4), round(size_mm[1], 4), round(size_mm[2], 4)),
        volume_mm3=round(volume_mm3, 4),
        n_components=1,
        genus=genus,
    )
