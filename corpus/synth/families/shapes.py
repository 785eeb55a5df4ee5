"""Shapes that many flat and boxy families are made of: text in OpenSCAD, areas in closed form, and their faces.

x is the width, y the depth, z up. Covers boxes, rounded slabs, extruded profiles, rows and grids; what a part is, its
family says.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible, Unit
from corpus.synth.num import Num, literal, named
from corpus.synth.part import Face, Options, Values
from corpus.synth.text import at, cylinder, indent

__all__ = [
    "NO_LINES",
    "ORIGINS",
    "ZERO",
    "Drawn",
    "Ground",
    "I",
    "J",
    "Point",
    "along_x",
    "area_of",
    "at_corners",
    "back_face",
    "box",
    "cos_of",
    "derive",
    "extrude",
    "front_face",
    "grid",
    "ground",
    "hole",
    "inset_area",
    "inset_slab",
    "moved",
    "outline",
    "placed",
    "polygon",
    "require",
    "right_face",
    "row",
    "slab",
    "slab_area",
    "small",
    "tan_of",
    "top_face",
    "value_of",
]

Drawn = tuple[Mapping[str, float], Mapping[str, str]]
Point = tuple[Num | float, Num | float]
ORIGINS = ("corner", "center")
I, J = named("i", 0.0), named("j", 0.0)  # noqa: E741  loop variables of OpenSCAD text
ZERO = literal(0)
NO_LINES: tuple[str, ...] = ()
"""Nothing derived."""
_LEAST_RADIUS = 0.2
"""Corners less round than this are sharp."""
_LINE = 76
"""A polygon longer than this is written one point a line."""


def require(is_sound: bool, why: str) -> None:
    if not is_sound:
        raise Infeasible(why)


@dataclass(frozen=True)
class Ground:
    """Where a part stands: its front left corner and its middle."""

    x: Num
    y: Num
    mx: Num
    my: Num


def ground(options: Options, width: Num, depth: Num) -> Ground:
    """By the option `origin`: at the corner, or in the middle."""
    if options["origin"] == "center":
        return Ground(-width / 2, -depth / 2, ZERO, ZERO)
    return Ground(ZERO, ZERO, width / 2, depth / 2)


def small(draw: Draw, choices: Sequence[float], low: float, high: float) -> float:
    """A number too small for whole millimetres: one of the choices, or of the unit's grid within [low, high]."""
    return draw.choice(choices) if draw.unit is Unit.MM else draw.size(low, high)


def derive(name: str, num: Num, values: Values) -> tuple[Num, tuple[str, ...]]:
    """A number under a name of its own, and the line that sets it; bare numbers stay as they are."""
    if all(value.is_literal for value in values.values()):
        return num, ()
    return named(name, num.value), (f"{name} = {num};",)


def cos_of(angle: Num) -> Num:
    return Num(f"cos({angle})", math.cos(math.radians(angle.value)))


def tan_of(angle: Num) -> Num:
    return Num(f"tan({angle})", math.tan(math.radians(angle.value)))


def value_of(n: Num | float) -> float:
    return n.value if isinstance(n, Num) else n


def box(x: Num | float, y: Num | float, z: Num | float, size: tuple[Num | float, Num | float, Num | float]) -> str:
    w, d, h = (n if isinstance(n, Num) else literal(n) for n in size)
    return at(x, y, z, f"cube([{w}, {d}, {h}]);")


def moved(x: Num | float, y: Num | float, text: str) -> str:
    """A flat shape moved; unmoved where both are 0."""
    x, y = (n if isinstance(n, Num) else literal(n) for n in (x, y))
    if x.text == "0" and y.text == "0":
        return text
    return f"translate([{x}, {y}])\n{indent(text)}"


def outline(x: Num | float, y: Num | float, width: Num, depth: Num, radius: Num | None = None) -> str:
    """A flat rectangle by its front left corner, with rounded corners if there is a radius."""
    if radius is None:
        return moved(x, y, f"square([{width}, {depth}]);")
    inner = moved(x + radius, y + radius, f"square([{width - 2 * radius}, {depth - 2 * radius}]);")
    return f"offset(r = {radius})\n{indent(inner)}"


def extrude(height: Num, flat: str) -> str:
    return f"linear_extrude(height = {height})\n{indent(flat)}"


def slab(x: Num | float, y: Num | float, z: Num | float, size: tuple[Num, Num, Num], radius: Num | None = None) -> str:
    """A block whose upright edges are rounded if there is a radius."""
    if radius is None:
        return box(x, y, z, size)
    return at(0, 0, z, extrude(size[2], outline(x, y, size[0], size[1], radius)))


def slab_area(width: Num, depth: Num, radius: Num | None, n_facets: int) -> float:
    """Raises Infeasible where the corners meet."""
    if radius is None:
        return width.value * depth.value
    r = radius.value
    require(2 * r <= min(width.value, depth.value) - 0.5, "corner radius too large")
    return width.value * depth.value - 4 * r**2 + geometry.circle_area(2 * r, n_facets)


def inset_slab(corner: tuple[Num, Num, Num | float], size: tuple[Num, Num, Num], radius: Num | None, inset: Num) -> str:
    """A block with upright edges `inset` inside of a slab's, its corners round about the same centers."""
    (x, y, z), (w, d, h) = corner, size
    if radius is None or radius.value <= inset.value + _LEAST_RADIUS:
        return box(x + inset, y + inset, z, (w - 2 * inset, d - 2 * inset, h))
    core = moved(x + radius, y + radius, f"square([{w - 2 * radius}, {d - 2 * radius}]);")
    return at(0, 0, z, extrude(h, f"offset(r = {radius - inset})\n{indent(core)}"))


def inset_area(width: Num, depth: Num, radius: Num | None, inset: Num, n_facets: int) -> float:
    """Area of an `inset_slab`."""
    is_round = radius is not None and radius.value > inset.value + _LEAST_RADIUS
    inner = radius - inset if radius is not None and is_round else None
    return slab_area(width - 2 * inset, depth - 2 * inset, inner, n_facets)


def polygon(points: Sequence[Point]) -> str:
    texts = [
        f"[{literal(x) if not isinstance(x, Num) else x}, {literal(y) if not isinstance(y, Num) else y}]"
        for x, y in points
    ]
    line = f"polygon([{', '.join(texts)}]);"
    return line if len(line) <= _LINE else "polygon([\n" + "".join(f"  {t},\n" for t in texts) + "]);"


def area_of(points: Sequence[Point]) -> float:
    return geometry.polygon_area([(value_of(x), value_of(y)) for x, y in points])


def along_x(width: Num, flat: str, x: Num | float = 0.0, y: Num | float = 0.0) -> str:
    """A profile drawn in (depth, height), as wide as `width`."""
    return at(x, y, 0, f"rotate([90, 0, 90])\n{indent(extrude(width, flat))}")


def hole(x: Num | float, y: Num | float, diameter: Num, thickness: Num, bottom: Num | float = 0.0) -> str:
    """A round cut right through what lies between `bottom` and `bottom + thickness`."""
    return at(x, y, bottom - 1, cylinder(diameter, thickness + 2))


def row(n: Num, text: str) -> str:
    """The statement once for each i from 0 to n - 1."""
    return f"for (i = [0 : {n - 1}])\n{indent(text)}"


def grid(n: Num, m: Num, text: str) -> str:
    """The statement for each i of n and j of m."""
    return f"for (i = [0 : {n - 1}], j = [0 : {m - 1}])\n{indent(text)}"


def at_corners(g: Ground, reach: tuple[Num, Num], z: Num | float, shape: str) -> str:
    """A shape four times around the middle of the ground, `reach` away from it."""
    x, y = (Num(name, 0.0) * far for name, far in zip("xy", reach, strict=True))
    return "for (x = [-1, 1], y = [-1, 1])\n" + indent(at(g.mx + x, g.my + y, z, shape))


def placed(options: Options, width: Num, depth: Num, text: str) -> str:
    """Statements written from the front left corner, moved to where the option `origin` has them."""
    if options["origin"] != "center":
        return text
    body = f" {{\n{indent(text)}\n}}" if "\n" in text else f"\n{indent(text)}"
    return f"translate([{-width / 2}, {-depth / 2}, 0]){body}"


def top_face(
    name: str,
    size: tuple[Num, Num, Num],
    middle: tuple[Num, Num],
    *,
    bottom: Num = ZERO,
    corner_radius: float = 0.0,
    rise_limit: float | None = None,
    is_through: bool = True,
) -> Face:
    """Looks up; within a part (another stands taller) if it has a limit to what may rise."""
    return Face(
        name,
        *size,
        middle,
        bottom,
        corner_radius=corner_radius,
        rise_limit=rise_limit,
        is_through=is_through,
        is_outside=rise_limit is None,
    )


def front_face(
    name: str,
    size: tuple[Num, Num, Num],
    middle: tuple[Num, Num],
    *,
    y: Num = ZERO,
    rise_limit: float | None = None,
    is_through: bool = True,
) -> Face:
    """Looks to -y, at `y`; `middle` is its (x, z)."""
    return Face(
        name,
        *size,
        middle,
        -(y + size[2]),
        turn="rotate([90, 0, 0])",
        normal=1,
        rise_limit=rise_limit,
        is_through=is_through,
        is_outside=rise_limit is None,
    )


def back_face(
    name: str, size: tuple[Num, Num, Num], middle: tuple[Num, Num], *, y: Num, rise_limit: float | None = None
) -> Face:
    """Looks to +y, at `y`; `middle` is its (x, z)."""
    return Face(
        name,
        *size,
        (-middle[0], middle[1]),
        y - size[2],
        turn="rotate([90, 0, 180])",
        normal=1,
        rise_limit=rise_limit,
        is_outside=rise_limit is None,
    )


def right_face(
    name: str, size: tuple[Num, Num, Num], middle: tuple[Num, Num], *, x: Num, rise_limit: float | None = None
) -> Face:
    """Looks to +x, at `x`; `middle` is its (y, z)."""
    return Face(
        name,
        *size,
        middle,
        x - size[2],
        turn="rotate([90, 0, 90])",
        normal=0,
        rise_limit=rise_limit,
        is_outside=rise_limit is None,
    )
