"""Profiles for compositions: outlines by name, each with its measures, the numbers to draw and what people call it.

Covers the type and the regular polygons; others are in `profiles_round`, `profiles_straight`, `profiles_sections` and
`profiles_signs`. Those that are centred can be tapered and twisted too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from corpus.synth.draw import Draw, Infeasible
from corpus.synth.num import Num, literal
from corpus.synth.outlines import Front, Outline, Spot, rounded
from corpus.synth.part import Options, Values
from corpus.synth.words import Measure, Pools, pools

__all__ = ["CORNER_RADIUS", "REGULAR_PROFILES", "Drawn", "Profile", "cornered", "corners"]

Drawn = tuple[dict[str, float], dict[str, str]]
"""(values, options)"""

CORNER_RADIUS = Measure(("corner radius",), low=1, high=40)


@dataclass(frozen=True)
class Profile:
    name: str
    adjectives: Pools
    measures: Mapping[str, Measure]
    draw: Callable[[Draw, float, float], Drawn]
    """Values and options for a main size between two limits, mm."""
    build: Callable[[Values, Options, int], Outline]
    """Raises Infeasible."""
    said: tuple[tuple[str, ...], ...]
    """Ways to state it whole: `{width} wide`, …, one tuple for each way that its numbers may be given."""
    crossed: tuple[str, ...] = ()
    """Names that go in `60 x 40`: the sides of the rectangle about it."""
    mains: tuple[str, ...] = field(default=("width",))
    """The number that a taper changes; the first that a plan has."""


def corners(draw: Draw, values: dict[str, float], most: float) -> str:
    """`sharp`, or `rounded` with a radius added to the values."""
    if not draw.chance(0.3):
        return "sharp"
    values["corner_radius"] = draw.size(1, most)
    return "rounded"


def cornered(outline: Outline, v: Values, options: Options) -> Outline:
    return rounded(outline, v["corner_radius"]) if options["corners"] == "rounded" else outline


def _cos(angle: float) -> Num:
    return Num(f"cos({literal(angle)})", math.cos(math.radians(angle)))


# regular polygons


def _draw_regular(*names: str) -> Callable[[Draw, float, float], Drawn]:
    def draw(d: Draw, low: float, high: float) -> Drawn:
        name = d.choice(names)
        size = d.size(low, high) if name != "side" else d.size(low / 2, high / 2)
        values = {name: size}
        return values, {"corners": corners(d, values, size / 8), "build": d.choice(("cylinder", "extrude"))}

    return draw


def _regular(sides: int, *, turn: float = 0.0) -> Callable[[Values, Options, int], Outline]:
    """A regular polygon by its width across flats, its diameter over corners or its side, and by `rotate`."""
    half = 180 / sides

    def build(v: Values, options: Options, n_facets: int) -> Outline:
        if "across_flats" in v:
            over, inner = v["across_flats"] / _cos(half), v["across_flats"]
        elif "side" in v:
            sine = Num(f"sin({literal(half)})", math.sin(math.radians(half)))
            over = v["side"] if sides == 6 else v["side"] / sine
            over = 2 * over if sides == 6 else over
            inner = over * _cos(half)
        else:
            over, inner = v["diameter"], v["diameter"] * _cos(half)
        return _ngon(v, options, over, inner, sides, turn)

    return build


def _ngon(
    v: Values, options: Options, over: Num, inner: Num, sides: int, turn: float, count: Num | None = None
) -> Outline:
    turned = f"rotate({literal(turn)})\n  " if turn else ""
    n = count or literal(sides)
    angles = [math.radians(turn + 360 / sides * i) for i in range(sides)]
    points = tuple((over.value / 2 * math.cos(a), over.value / 2 * math.sin(a)) for a in angles)
    low = [x for x, y in points if y < min(q for _, q in points) + 1e-6]
    front = Front(literal(0), -(inner / 2), literal(0)) if len(low) == 2 else None
    if front is not None:
        tangent = Num(f"tan({literal(180 / sides)})", math.tan(math.pi / sides))
        front = Front(front.x, front.y, over / 2 if sides == 6 else inner * tangent)
    is_cylinder = options.get("build") == "cylinder"
    outline = Outline(
        f"{turned}circle(d = {over}, $fn = {n});",
        points,
        (Spot("top", inner, inner, is_round=True),),
        core=inner,
        left=over / 2,
        front=front,
        primitive=(lambda h: f"{turned}cylinder(d = {over}, h = {h}, $fn = {n});") if is_cylinder else None,
    )
    return cornered(outline, v, options)


def _draw_ngon(d: Draw, low: float, high: float) -> Drawn:
    size = d.size(low, high)
    values = {"sides": d.choice((5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 12.0)), "diameter": size}
    return values, {"corners": corners(d, values, size / 14), "build": d.choice(("cylinder", "extrude"))}


def _any_ngon(v: Values, options: Options, n_facets: int) -> Outline:
    sides = int(v["sides"].value)
    if sides < 3:
        raise Infeasible("a polygon has three sides or more")
    inner = v["diameter"] * Num(f"cos(180 / {v['sides']})", math.cos(math.pi / sides))
    return _ngon(v, options, v["diameter"], inner, sides, 0.0, v["sides"])


_FLATS = Measure(("width across flats",), ("across flats",), 4, 200)
_OVER = Measure(("diameter over the corners",), ("across corners",), 4, 220)
_SIDE = Measure(("side length",), (), 3, 120)
_REGULAR_SAID = (("{across_flats} across flats",), ("{diameter} across corners",), ("{side} on a side",))


def _regular_profile(name: str, adjectives: Pools, sides: int, turn: float, names: tuple[str, ...]) -> Profile:
    measures = {"across_flats": _FLATS, "diameter": _OVER, "side": _SIDE}
    said = {"across_flats": _REGULAR_SAID[0], "diameter": _REGULAR_SAID[1], "side": _REGULAR_SAID[2]}
    return Profile(
        name,
        adjectives,
        {**{n: measures[n] for n in names}, "corner_radius": CORNER_RADIUS},
        _draw_regular(*names),
        _regular(sides, turn=turn),
        tuple(said[n] for n in names),
        mains=names,
    )


REGULAR_PROFILES = (
    _regular_profile(
        "hexagon",
        pools("hexagonal | hex | six-sided | hexagon-shaped", "honeycomb-shaped | hexangular"),
        6,
        0.0,
        ("across_flats", "diameter", "side"),
    ),
    _regular_profile(
        "octagon",
        pools("octagonal | eight-sided | octagon-shaped", "eight-cornered | octangular"),
        8,
        22.5,
        ("across_flats", "side"),
    ),
    _regular_profile(
        "pentagon", pools("pentagonal | five-sided | pentagon-shaped", "five-cornered"), 5, 90.0, ("diameter", "side")
    ),
    Profile(
        "ngon",
        pools("regular polygon | polygonal | many-sided | equal-sided polygon", "equilateral polygon | n-gon"),
        {
            "sides": Measure(("number of sides",), low=3, high=16, kind="count"),
            "diameter": _OVER,
            "corner_radius": CORNER_RADIUS,
        },
        _draw_ngon,
        _any_ngon,
        (("with {sides#} sides", "{diameter} across corners"),),
        mains=("diameter",),
    ),
)
