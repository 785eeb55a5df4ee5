"""Profiles of signs: stars, arrows, hearts."""

from __future__ import annotations

import math

from corpus.synth.draw import Draw
from corpus.synth.num import Num, literal
from corpus.synth.outlines import Outline, Spot, arc, polygon
from corpus.synth.part import Options, Values
from corpus.synth.profile_text import NumPoint, corners_at, joined, require, square_at
from corpus.synth.profiles import CORNER_RADIUS, Drawn, Profile, cornered, corners
from corpus.synth.text import indent
from corpus.synth.words import Measure, pools

__all__ = ["SIGN_PROFILES"]

_ZERO = literal(0)
_WAYS = ("polygon", "parts")


def _draw_star(d: Draw, low: float, high: float) -> Drawn:
    size = d.size(low, high)
    values = {"star_points": d.choice((4.0, 5.0, 5.0, 5.0, 6.0, 6.0, 7.0, 8.0)), "outer_diameter": size}
    values["inner_diameter"] = d.size(size * 0.45, size * 0.75)
    return values, {"corners": corners(d, values, size / 30), "outline": d.choice(("ternary", "pairs"))}


def _star(v: Values, options: Options, n_facets: int) -> Outline:
    """The first point is to the right."""
    n, outer, inner = v["star_points"], v["outer_diameter"], v["inner_diameter"]
    count, far, near = int(n.value), outer.value / 2, inner.value / 2
    require(count >= 3 and near < far * 0.93 * math.cos(math.pi / count) + 1e-9, "no points")
    radii = [(far, near)[i % 2] for i in range(2 * count)]
    points = tuple((r * math.cos(math.pi * i / count), r * math.sin(math.pi * i / count)) for i, r in enumerate(radii))
    side = math.hypot(far - near * math.cos(math.pi / count), near * math.sin(math.pi / count))
    clear = far * near * math.sin(math.pi / count) / side
    require(clear >= 0.6 * near, "too thin a star")
    angle = f"i * 180 / {n}"
    if options["outline"] == "ternary":
        text = (
            f"polygon([\n  for (i = [0 : 2 * {n} - 1])\n    (i % 2 == 0 ? {outer / 2} : {inner / 2})\n"
            f"    * [cos({angle}), sin({angle})]\n]);"
        )
    else:
        text = (
            f"polygon([\n  for (i = [0 : 2 * {n} - 1])\n    let (r = [{outer / 2}, {inner / 2}][i % 2], a = {angle})\n"
            f"      [r * cos(a), r * sin(a)]\n]);"
        )
    d = inner * 0.6
    outline = Outline(text, points, (Spot("top", d, d, is_round=True),), core=d, left=None)
    return cornered(outline, v, options)


def _draw_arrow(d: Draw, low: float, high: float) -> Drawn:
    length = d.size(low, high)
    head = d.size(length * 0.3, length * 0.8)
    values = {
        "length": length,
        "head_width": head,
        "head_length": d.size(length * 0.25, length * 0.5),
        "shaft_width": d.size(max(2, head * 0.25), head * 0.6),
    }
    return values, {"corners": corners(d, values, values["shaft_width"] / 10), "outline": d.choice(_WAYS)}


def _arrow(v: Values, options: Options, n_facets: int) -> Outline:
    """It points to the right; its tail is at the origin."""
    length, head, tip, shaft = v["length"], v["head_width"], v["head_length"], v["shaft_width"]
    require(shaft.value < head.value * 0.8 and tip.value < length.value * 0.8, "no arrow")
    x, h, s = length - tip, head / 2, shaft / 2
    points: list[NumPoint] = [(0, -s), (x, -s), (x, -h), (length, 0), (x, h), (x, s), (0, s)]
    text = polygon(points)
    if options["outline"] == "parts":
        text = joined([square_at(0, -s, x, shaft), polygon([(x, -h), (length, 0), (x, h)])])
    return cornered(Outline(text, corners_at(points), (Spot("shaft", x, shaft, x / 2),)), v, options)


def _draw_heart(d: Draw, low: float, high: float) -> Drawn:
    return {"side": d.size(low * 0.55, high * 0.6)}, {"outline": d.choice(("places", "discs"))}


def _heart(v: Values, options: Options, n_facets: int) -> Outline:
    """A square on its corner, half a disc on each of its upper sides; the tip is the origin."""
    s = v["side"]
    if options["outline"] == "places":
        discs = f"for (middle = [[{s / 2}, {s}], [{s}, {s / 2}]])\n  translate(middle)\n    circle(d = {s});"
    else:
        discs = f"translate([{s / 2}, {s}])\n  circle(d = {s});\ntranslate([{s}, {s / 2}])\n  circle(d = {s});"
    text = f"rotate(45)\n  union() {{\n    square({s});\n{indent(discs, 2)}\n  }}"
    a = s.value
    lobes = [(a, 0.0), *arc(a, n_facets, -90, 90, center=(a, a / 2))[1:-1], (a, a)]
    lobes += [*arc(a, n_facets, 0, 180, center=(a / 2, a))[1:-1], (0.0, a)]
    half = math.sqrt(0.5)
    points = tuple(((x - y) * half, (x + y) * half) for x, y in [(0.0, 0.0), *lobes])
    root = Num("sqrt(2)", math.sqrt(2))
    return Outline(text, points, (Spot("top", s, s, _ZERO, s / root, is_round=True),))


_LENGTH = Measure(("length",), ("long",), 5, 250)

SIGN_PROFILES = (
    Profile(
        "star",
        pools("star-shaped | star | starry | pointed-star", "starburst | asterisk-like"),
        {
            "star_points": Measure(("number of points", "number of star points"), low=3, high=12, kind="count"),
            "outer_diameter": Measure(("outer diameter", "tip diameter"), low=6, high=220),
            "inner_diameter": Measure(("inner diameter", "valley diameter"), low=3, high=180),
            "corner_radius": CORNER_RADIUS,
        },
        _draw_star,
        _star,
        (("with {star_points#} points", "{outer_diameter} across the tips", "{inner_diameter} across the valleys"),),
        mains=("outer_diameter",),
    ),
    Profile(
        "arrow",
        pools("arrow-shaped | arrow | pointer-shaped | direction arrow", "dart-shaped | weathervane-arrow"),
        {
            "length": _LENGTH,
            "head_width": Measure(("arrowhead width",), low=4, high=150),
            "head_length": Measure(("arrowhead length",), low=3, high=150),
            "shaft_width": Measure(("shaft width",), low=2, high=100),
            "corner_radius": CORNER_RADIUS,
        },
        _draw_arrow,
        _arrow,
        (("{length} long", "with a head {head_width} wide and {head_length} long", "a shaft {shaft_width} wide"),),
        mains=("length",),
    ),
    Profile(
        "heart",
        pools("heart-shaped | heart | valentine heart | love-heart", "cordate | sweetheart-shaped"),
        {"side": Measure(("side of the heart's square", "heart side"), low=5, high=150)},
        _draw_heart,
        _heart,
        (("built on a square of {side}",),),
        mains=("side",),
    ),
)
