"""Flat outlines: their text, and their geometry in closed form as polygons.

An `Outline` is what an operation makes a body of: an OpenSCAD statement in two dimensions, and, worked out apart from
it, the corners of the polygon it draws (a circle's are its facets) and the places that features may take. Covers areas,
extents and insets; which outlines there are is `corpus.synth.profiles`'.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from corpus.synth import geometry
from corpus.synth.draw import Infeasible
from corpus.synth.num import Num, literal
from corpus.synth.part import Face
from corpus.synth.text import indent, tidied

__all__ = [
    "Front",
    "Outline",
    "Point",
    "Spot",
    "arc",
    "area",
    "bounds",
    "inset",
    "is_convex",
    "perimeter",
    "polygon",
    "rounded",
    "turned_bounds",
]

Point = tuple[float, float]
_ZERO = literal(0)
_LINE = 76


@dataclass(frozen=True)
class Spot:
    """A free rectangle, or circle, of an outline; those of one outline don't meet."""

    name: str
    width: Num
    depth: Num
    x: Num = _ZERO
    y: Num = _ZERO
    is_round: bool = False
    corner_radius: float = 0.0
    is_whole: bool = False

    def inset(self, by: Num) -> Spot:
        """What is left of it after every edge has come in."""
        radius = max(0.0, self.corner_radius - by.value)
        width, depth = tidied(self.width - 2 * by), tidied(self.depth - 2 * by)
        return replace(self, width=width, depth=depth, corner_radius=radius)

    def face(self, thickness: Num) -> Face:
        return Face(
            self.name,
            self.width,
            self.depth,
            thickness,
            (self.x, self.y),
            is_round=self.is_round,
            corner_radius=self.corner_radius,
            is_whole=self.is_whole,
        )


@dataclass(frozen=True)
class Front:
    """The straight edge that is farthest to the front: its middle and its length."""

    x: Num
    y: Num
    width: Num


@dataclass(frozen=True)
class Outline:
    text: str
    points: tuple[Point, ...]
    """Corners of the polygon, counter-clockwise."""
    spots: tuple[Spot, ...] = ()
    radius: float = 0.0
    """Of its convex corners, mm."""
    core: Num | None = None
    """Diameter of a circle about the origin that lies within; None where the origin is no middle."""
    left: Num | None = None
    """From the origin to its leftmost point."""
    front: Front | None = None
    primitive: Callable[[Num], str] | None = None
    """The same outline extruded by a height in one word, as `cube` or `cylinder`."""


def polygon(points: Sequence[tuple[Num | float, Num | float]]) -> str:
    """`polygon([[0, 0], …]);`, one point a line where it is long."""
    texts = [f"[{', '.join(str(n if isinstance(n, Num) else literal(n)) for n in point)}]" for point in points]
    line = f"polygon([{', '.join(texts)}]);"
    return line if len(line) <= _LINE else "polygon([\n" + "".join(f"  {t},\n" for t in texts) + "]);"


def arc(diameter: float, n_facets: int, first: float, last: float, *, center: Point = (0.0, 0.0)) -> list[Point]:
    """The corners of a circle's polygon from one angle to another, in degrees; both are corners of it."""
    step = 360 / n_facets
    angles = [math.radians(step * i) for i in range(round(first / step), round(last / step) + 1)]
    return [(center[0] + diameter / 2 * math.cos(a), center[1] + diameter / 2 * math.sin(a)) for a in angles]


def _edges(points: Sequence[Point]) -> list[tuple[Point, Point]]:
    return list(pairwise([*points, points[0]]))


def perimeter(points: Sequence[Point]) -> float:
    return sum(math.dist(a, b) for a, b in _edges(points))


def _turns(points: Sequence[Point]) -> list[float]:
    """How far the way about the polygon turns at each corner, radians; negative at a reflex one."""
    turns = []
    for before, here, after in zip([points[-1], *points[:-1]], points, [*points[1:], points[0]], strict=True):
        one = (here[0] - before[0], here[1] - before[1])
        two = (after[0] - here[0], after[1] - here[1])
        turns.append(math.atan2(one[0] * two[1] - one[1] * two[0], one[0] * two[0] + one[1] * two[1]))
    return turns


def is_convex(outline: Outline) -> bool:
    return all(turn > -1e-9 for turn in _turns(outline.points))


def area(outline: Outline, n_facets: int) -> float:
    """mm2; a round corner's arc is as facetted as a circle."""
    total = geometry.polygon_area(outline.points)
    if outline.radius <= 0:
        return total
    disc = geometry.circle_area(2 * outline.radius, n_facets)
    lost = (outline.radius**2 * math.tan(t / 2) - disc * t / (2 * math.pi) for t in _turns(outline.points) if t > 0)
    return total - sum(lost)


def bounds(outline: Outline) -> tuple[float, float, float, float]:
    """(x low, y low, x high, y high)."""
    return turned_bounds(outline, (0.0,))


def turned_bounds(outline: Outline, angles: Sequence[float]) -> tuple[float, float, float, float]:
    """The bounds of all that the outline covers as it is turned about the origin by each of the angles, degrees."""
    r = outline.radius
    points = _moved_in(outline.points, r) if r > 0 else list(outline.points)
    xs, ys = [], []
    for angle in angles:
        cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        xs += [x * cos - y * sin for x, y in points]
        ys += [x * sin + y * cos for x, y in points]
    return min(xs) - r, min(ys) - r, max(xs) + r, max(ys) + r


def inset(outline: Outline, by: Num) -> Outline:
    """`offset(delta = -by)` of it: places and corners come in. Raises Infeasible where nothing sound is left."""
    spots = tuple(spot.inset(by) for spot in outline.spots)
    radius = max(0.0, outline.radius - by.value)
    return replace(outline, points=tuple(_moved_in(outline.points, by.value)), spots=spots, radius=radius)


def _moved_in(points: Sequence[Point], by: float) -> list[Point]:
    """The polygon whose edges lie `by` further in. An edge may vanish of a convex one only."""
    turns = _turns(points)
    moved: list[Point] = []
    for (start, here), (_, after), turn in zip(
        [_edges(points)[-1], *_edges(points)[:-1]], _edges(points), turns, strict=True
    ):
        one, two = _inward(start, here), _inward(here, after)
        share = by / (1 + math.cos(turn))
        moved.append((here[0] + share * (one[0] + two[0]), here[1] + share * (one[1] + two[1])))
    is_sound = all(
        (b[0] - a[0]) * (q[0] - p[0]) + (b[1] - a[1]) * (q[1] - p[1]) > 0
        for (a, b), (p, q) in zip(_edges(points), _edges(moved), strict=True)
    )
    if is_sound:
        return moved
    if min(turns) < -1e-9:
        raise Infeasible("the inset takes an edge away")
    left = list(points)
    for start, end in _edges(points):
        left = _clipped(left, start, _inward(start, end), by)
        if len(left) < 3:
            raise Infeasible("nothing is left of the inset")
    return left


def _inward(start: Point, end: Point) -> Point:
    """The unit normal to the left of an edge: inward of a counter-clockwise polygon."""
    length = math.dist(start, end)
    return (start[1] - end[1]) / length, (end[0] - start[0]) / length


def _clipped(points: Sequence[Point], origin: Point, normal: Point, least: float) -> list[Point]:
    """The part of a convex polygon that is at least so far along a normal."""
    far = [(x - origin[0]) * normal[0] + (y - origin[1]) * normal[1] - least for x, y in points]
    kept: list[Point] = []
    for i, (start, end) in enumerate(_edges(points)):
        a, b = far[i], far[(i + 1) % len(points)]
        if a >= 0:
            kept.append(start)
        if (a >= 0) != (b >= 0):
            t = a / (a - b)
            kept.append((start[0] + t * (end[0] - start[0]), start[1] + t * (end[1] - start[1])))
    return kept


def rounded(outline: Outline, radius: Num) -> Outline:
    """The outline with its convex corners rounded. Raises Infeasible where an edge is too short for it."""
    r = radius.value
    turns = _turns(outline.points)
    cut = [r * math.tan(t / 2) if t > 0 else 0.0 for t in turns]
    for (start, end), one, other in zip(_edges(outline.points), cut, [*cut[1:], cut[0]], strict=True):
        if one + other > 0.8 * math.dist(start, end):
            raise Infeasible("corner radius too large")
    text = f"offset(r = {radius})\n  offset(delta = -{radius})\n{indent(outline.text, 2)}"
    spots = tuple(spot if spot.is_round else replace(spot, corner_radius=r) for spot in outline.spots)
    front = outline.front
    if front is not None:
        low = min(y for _, y in outline.points)
        lost = max(c for c, (_, y) in zip(cut, outline.points, strict=True) if y < low + 1e-6)
        # in halves of the radius, so that the text hangs on the kind of corner alone
        front = replace(front, width=tidied(front.width - math.ceil(2 * lost / r - 1e-6) * radius))
    return replace(outline, text=text, spots=spots, radius=r, front=front, primitive=None)
