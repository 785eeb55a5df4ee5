"""Profiles with straight sides: rectangles, triangles and what comes of them."""

from __future__ import annotations

import math

from corpus.synth.draw import Draw
from corpus.synth.num import Num, literal
from corpus.synth.outlines import Front, Outline, Spot, polygon
from corpus.synth.part import Options, Values
from corpus.synth.profile_text import NumPoint, corners_at, joined, require, square_at
from corpus.synth.profiles import CORNER_RADIUS, Drawn, Profile, cornered, corners
from corpus.synth.text import indent, tidied
from corpus.synth.words import Measure, pools

__all__ = ["STRAIGHT_PROFILES"]

_ZERO = literal(0)


# about a rectangle


def _draw_rectangle(d: Draw, low: float, high: float) -> Drawn:
    values = {"width": d.size(low, high)}
    if not d.chance(0.25):
        values["depth"] = d.size(max(low * 0.6, values["width"] * 0.5), min(high, values["width"] * 1.3))
    return values, {"corners": corners(d, values, min(values.values()) / 6)}


def _rectangle(v: Values, options: Options, n_facets: int) -> Outline:
    w = v["width"]
    d = v.get("depth", w)
    x, y = w.value / 2, d.value / 2
    text = f"square([{w}, {d}], center = true);" if "depth" in v else f"square({w}, center = true);"
    outline = Outline(
        text,
        ((-x, -y), (x, -y), (x, y), (-x, y)),
        (Spot("top", w, d, is_whole=True),),
        core=w if x < y else d,
        left=w / 2,
        front=Front(_ZERO, -d / 2, w),
    )
    return cornered(outline, v, options)


def _draw_clipped(d: Draw, low: float, high: float) -> Drawn:
    width = d.size(low, high)
    depth = d.size(max(low * 0.6, width * 0.5), min(high, width * 1.3))
    values = {"width": width, "depth": depth, "corner_cut": d.size(1, min(width, depth) / 4)}
    return values, {"outline": d.choice(("polygon", "hull"))}


def _clipped(v: Values, options: Options, n_facets: int) -> Outline:
    """A rectangle whose corners are cut at 45 degrees."""
    w, d, c = v["width"], v["depth"], v["corner_cut"]
    x, y = w / 2, d / 2
    require(3.5 * c.value < min(w.value, d.value), "the corner cuts meet")
    points: list[NumPoint] = [
        (x, -y + c), (x, y - c), (x - c, y), (-x + c, y), (-x, y - c), (-x, -y + c), (-x + c, -y), (x - c, -y),
    ]  # fmt: skip
    if options["outline"] == "polygon":
        text = polygon(points)
    else:
        squares = [square_at(0, 0, a, b, is_centered=True) for a, b in ((w, d - 2 * c), (w - 2 * c, d))]
        text = "hull() {\n" + "\n".join(indent(s) for s in squares) + "\n}"
    front = Front(_ZERO, -y, w - 2 * c)
    # a corner of this radius lies just within one cut off by c
    spot = Spot("top", w, d, corner_radius=c.value * (1 + math.sqrt(0.5)), is_whole=True)
    return Outline(text, corners_at(points), (spot,), core=w if w.value < d.value else d, left=x, front=front)


def _draw_diamond(d: Draw, low: float, high: float) -> Drawn:
    width = d.size(low, high)
    values = {"width": width, "depth": d.size(width * 0.5, width * 1.2)}
    return values, {"corners": corners(d, values, width / 14)}


def _diamond(v: Values, options: Options, n_facets: int) -> Outline:
    w, d = v["width"], v["depth"]
    require(0.3 < d.value / w.value < 3, "too flat a diamond")
    points: list[NumPoint] = [(w / 2, 0), (0, d / 2), (-w / 2, 0), (0, -d / 2)]
    outline = Outline(polygon(points), corners_at(points), (Spot("top", w / 2, d / 2),), left=w / 2)
    return cornered(outline, v, options)


def _draw_parallelogram(d: Draw, low: float, high: float) -> Drawn:
    width, depth = d.size(low, high), d.size(low * 0.6, high * 0.6)
    values = {"width": width, "depth": depth, "skew": d.size(2, min(width * 0.5, depth))}
    return values, {"corners": corners(d, values, min(width, depth) / 14), "origin": d.choice(("corner", "middle"))}


def _parallelogram(v: Values, options: Options, n_facets: int) -> Outline:
    """`width` is that of the lower and the upper side; the upper one is `skew` further right."""
    w, d, s = v["width"], v["depth"], v["skew"]
    require(s.value < w.value * 0.7, "too much skew")
    low = _ZERO if options["origin"] == "corner" else -d / 2
    left = _ZERO if options["origin"] == "corner" else -w / 2 - s / 2
    points: list[NumPoint] = [(left, low), (left + w, low), (left + w + s, low + d), (left + s, low + d)]
    spot = Spot("top", w - s, d, tidied(left + w / 2 + s / 2), tidied(low + d / 2))
    front = Front(tidied(left + w / 2), low, w)
    return cornered(Outline(polygon(points), corners_at(points), (spot,), front=front), v, options)


# about a triangle


def _draw_triangle(d: Draw, low: float, high: float) -> Drawn:
    values = {"side": d.size(low, high)}
    if d.chance(0.5):
        width = values.pop("side")
        values.update({"width": width, "depth": d.size(width * 0.5, width * 1.3)})
    return values, {"corners": corners(d, values, min(values.values()) / 16)}


def _triangle(v: Values, options: Options, n_facets: int) -> Outline:
    """Equilateral by its side, or isosceles by width and depth; the origin is a third up, where it balances."""
    if "side" in v:
        w, root = v["side"], Num("sqrt(3)", math.sqrt(3))
        low, high = -w * root / 6, w * root / 3
        core: Num | None = w / root
        spot = Spot("top", w / root, w / root, is_round=True)
    else:
        w, d, core = v["width"], v["depth"], None
        require(0.35 < d.value / w.value < 3, "too flat a triangle")
        low, high = -d / 3, 2 * d / 3
        spot = Spot("top", w / 2, d / 2, y=tidied(low + d / 4))
    points: list[NumPoint] = [(-w / 2, low), (w / 2, low), (0, high)]
    front = Front(_ZERO, low, w)
    outline = Outline(polygon(points), corners_at(points), (spot,), core=core, left=w / 2, front=front)
    return cornered(outline, v, options)


def _draw_right(d: Draw, low: float, high: float) -> Drawn:
    width = d.size(low, high)
    values = {"width": width, "depth": d.size(width * 0.5, min(high, width * 1.3))}
    return values, {"corners": corners(d, values, width / 16), "origin": d.choice(("corner", "middle"))}


def _right_triangle(v: Values, options: Options, n_facets: int) -> Outline:
    """The right angle is to the left and to the front."""
    w, d = v["width"], v["depth"]
    require(0.35 < d.value / w.value < 3, "too flat a triangle")
    left, low = (_ZERO, _ZERO) if options["origin"] == "corner" else (-w / 2, -d / 2)
    points: list[NumPoint] = [(left, low), (left + w, low), (left, low + d)]
    spot = Spot("top", w / 2, d / 2, tidied(left + w / 4), tidied(low + d / 4))
    outline = Outline(polygon(points), corners_at(points), (spot,), front=Front(tidied(left + w / 2), low, w))
    return cornered(outline, v, options)


def _draw_trapezoid(d: Draw, low: float, high: float) -> Drawn:
    wide = d.size(low, high)
    values = {
        "bottom_width": wide,
        "top_width": d.size(wide * 0.35, wide * 0.85),
        "depth": d.size(wide * 0.4, min(high, wide)),
    }
    return values, {"corners": corners(d, values, wide / 20), "origin": d.choice(("middle", "edge"))}


def _trapezoid(v: Values, options: Options, n_facets: int) -> Outline:
    b, t, d = v["bottom_width"], v["top_width"], v["depth"]
    require(0.2 * b.value < t.value < 0.97 * b.value and d.value > 0.25 * b.value, "too flat a trapezoid")
    low = -d / 2 if options["origin"] == "middle" else _ZERO
    points: list[NumPoint] = [(-b / 2, low), (b / 2, low), (t / 2, low + d), (-t / 2, low + d)]
    spot = Spot("top", t, d, y=tidied(low + d / 2))
    outline = Outline(polygon(points), corners_at(points), (spot,), left=b / 2, front=Front(_ZERO, low, b))
    return cornered(outline, v, options)


def _draw_house(d: Draw, low: float, high: float) -> Drawn:
    width = d.size(low, high)
    values = {
        "width": width,
        "wall_height": d.size(width * 0.4, width),
        "roof_height": d.size(width * 0.25, width * 0.6),
    }
    return values, {"corners": corners(d, values, width / 14), "outline": d.choice(("polygon", "parts"))}


def _house(v: Values, options: Options, n_facets: int) -> Outline:
    w, wall, roof = v["width"], v["wall_height"], v["roof_height"]
    points: list[NumPoint] = [(-w / 2, 0), (w / 2, 0), (w / 2, wall), (0, wall + roof), (-w / 2, wall)]
    text = polygon(points)
    if options["outline"] == "parts":
        gable = polygon([(-w / 2, wall), (w / 2, wall), (0, wall + roof)])
        text = joined([square_at(-w / 2, 0, w, wall), gable])
    spot = Spot("top", w, wall, y=wall / 2)
    outline = Outline(text, corners_at(points), (spot,), left=w / 2, front=Front(_ZERO, _ZERO, w))
    return cornered(outline, v, options)


_WIDTH = Measure(("width",), ("wide",), 4, 220)
_DEPTH = Measure(("depth",), ("deep",), 3, 200)
_LENGTH = Measure(("length",), ("long",), 5, 250)
_SIDE = Measure(("side length",), (), 3, 150)
_ARM = Measure(("arm width",), (), 1.5, 60)
_RECT = {"width": _WIDTH, "depth": _DEPTH}
_CROSSED = ("width:wide", "depth:deep")
_RECT_SAID = ("{width} wide", "{depth} deep")

STRAIGHT_PROFILES = (
    Profile(
        "rectangle",
        pools("rectangular | rectangle-shaped | four-sided | oblong", "right-angled four-sided | box-section"),
        {**_RECT, "corner_radius": CORNER_RADIUS},
        _draw_rectangle,
        _rectangle,
        (_RECT_SAID, ("{width} square",)),
        _CROSSED,
    ),
    Profile(
        "clipped_rectangle",
        pools(
            "clipped-corner | cut-corner | chamfered-corner | chamfered rectangular", "corner-cropped | bevel-cornered"
        ),
        {**_RECT, "corner_cut": Measure(("corner cut", "corner chamfer"), low=0.5, high=50)},
        _draw_clipped,
        _clipped,
        ((*_RECT_SAID, "with {corner_cut} cut off each corner"),),
        _CROSSED,
    ),
    Profile(
        "diamond",
        pools("diamond-shaped | diamond | rhombus-shaped | rhombic", "lozenge-shaped | lozenge"),
        {**_RECT, "corner_radius": CORNER_RADIUS},
        _draw_diamond,
        _diamond,
        (("{width} from tip to tip one way", "{depth} the other"), _RECT_SAID),
        _CROSSED,
    ),
    Profile(
        "parallelogram",
        pools("parallelogram-shaped | parallelogram | slanted rectangular | skewed rectangular", "rhomboid | leaning"),
        {**_RECT, "skew": Measure(("skew", "slant"), low=1, high=100), "corner_radius": CORNER_RADIUS},
        _draw_parallelogram,
        _parallelogram,
        (("with {width} sides", "{depth} deep", "skewed by {skew}"),),
    ),
    Profile(
        "triangle",
        pools("triangular | three-sided | triangle-shaped | triangle", "three-cornered | trigonal"),
        {"side": _SIDE, **_RECT, "corner_radius": CORNER_RADIUS},
        _draw_triangle,
        _triangle,
        (("{side} on each side",), ("{width} at the base", "{depth} from base to tip")),
        mains=("side", "width"),
    ),
    Profile(
        "right_triangle",
        pools(
            "right-triangular | right-angled triangular | right triangle | right-angle triangle",
            "set-square-shaped | set-square",
        ),
        {**_RECT, "corner_radius": CORNER_RADIUS},
        _draw_right,
        _right_triangle,
        (("with legs of {width} and {depth}",),),
        _CROSSED,
    ),
    Profile(
        "trapezoid",
        pools("trapezoidal | trapezoid-shaped | trapezoid | trapezium-shaped", "keystone-shaped | keystone"),
        {
            "bottom_width": Measure(("bottom width",), ("wide at the bottom",), 4, 220),
            "top_width": Measure(("top width",), ("wide at the top",), 2, 200),
            "depth": _DEPTH,
            "corner_radius": CORNER_RADIUS,
        },
        _draw_trapezoid,
        _trapezoid,
        (("{bottom_width} wide on one side", "{top_width} wide on the other", "{depth} deep"),),
        mains=("bottom_width",),
    ),
    Profile(
        "house",
        pools("house-shaped | house outline | gable-shaped | home-plate-shaped", "cottage-outlined | barn-shaped"),
        {
            "width": _WIDTH,
            "wall_height": Measure(("wall height",), low=2, high=200),
            "roof_height": Measure(("roof height",), low=1, high=120),
            "corner_radius": CORNER_RADIUS,
        },
        _draw_house,
        _house,
        (("{width} wide", "with walls of {wall_height}", "a roof of {roof_height}"),),
    ),
)
