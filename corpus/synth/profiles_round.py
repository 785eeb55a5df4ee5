"""Profiles with curved sides: discs and what is cut from them, ovals, stadiums, teardrops."""

from __future__ import annotations

import math

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.num import Num, literal
from corpus.synth.outlines import Front, Outline, Point, Spot, arc
from corpus.synth.part import Options, Values
from corpus.synth.profiles import Drawn, Profile
from corpus.synth.text import each, indent, tidied
from corpus.synth.words import Measure, pools

__all__ = ["ROUND_PROFILES"]


def _draw_circle(d: Draw, low: float, high: float) -> Drawn:
    name = d.choice(("diameter", "diameter", "radius"))
    size = d.size(low, high) if name == "diameter" else d.size(low / 2, high / 2)
    return {name: size}, {"build": d.choice(("cylinder", "extrude"))}


def _circle(v: Values, options: Options, n_facets: int) -> Outline:
    d = v["diameter"] if "diameter" in v else 2 * v["radius"]
    said = f"d = {d}" if "diameter" in v else f"r = {v['radius']}"
    is_cylinder = options.get("build") == "cylinder"
    return Outline(
        f"circle({said});",
        tuple(geometry.circle_points(d.value, n_facets)),
        (Spot("top", d, d, is_round=True),),
        core=d,
        left=d / 2,
        primitive=(lambda h: f"cylinder({said}, h = {h});") if is_cylinder else None,
    )


def _draw_ellipse(d: Draw, low: float, high: float) -> Drawn:
    width = d.size(low, high)
    values = {"width": width, "depth": d.size(max(low * 0.5, width * 0.4), width * 0.85)}
    return values, {"outline": d.choice(("scale", "resize", "unit"))}


def _ellipse(v: Values, options: Options, n_facets: int) -> Outline:
    w, d = v["width"], v["depth"]
    if not 0.25 < d.value / w.value < 4:
        raise Infeasible("too flat an ellipse")
    text = {
        "scale": f"scale([1, {d / w}])\n  circle(d = {w});",
        "resize": f"resize([{w}, {d}])\n  circle(d = {w});",
        "unit": f"scale([{w}, {d}])\n  circle(d = 1);",
    }[options["outline"]]
    points = tuple((x, y * d.value / w.value) for x, y in geometry.circle_points(w.value, n_facets))
    # a rectangle of 0.7 of each side is just within the ellipse
    spot = Spot("top", tidied(w, 0.7), tidied(d, 0.7))
    return Outline(text, points, (spot,), core=d if d.value < w.value else w, left=w / 2)


def _draw_stadium(d: Draw, low: float, high: float) -> Drawn:
    length = d.size(low, high)
    values = {"length": length, "width": d.size(max(low * 0.3, length * 0.25), length * 0.7)}
    return values, {"outline": d.choice(("hull", "parts"))}


def _stadium(v: Values, options: Options, n_facets: int) -> Outline:
    length, w = v["length"], v["width"]
    if length.value < w.value + 1:
        raise Infeasible("a stadium is longer than wide")
    straight = length - w
    ends = each("sgn = [-1, 1]", f"translate([sgn * {_bracketed(straight)} / 2, 0])\n  circle(d = {w});")
    text = f"hull()\n{indent(ends)}"
    if options["outline"] == "parts":
        text = f"union() {{\n  square([{straight}, {w}], center = true);\n{indent(ends)}\n}}"
    far = straight.value / 2
    points = (
        *arc(w.value, n_facets, -90, 90, center=(far, 0.0)),
        *arc(w.value, n_facets, 90, 270, center=(-far, 0.0)),
    )
    front = Front(literal(0), -w / 2, straight)
    return Outline(text, points, (Spot("top", straight, w),), core=w, left=length / 2, front=front)


def _bracketed(num: Num) -> str:
    return str(num) if num.level == 3 else f"({num})"


def _draw_half(d: Draw, low: float, high: float) -> Drawn:
    name = d.choice(("diameter", "radius"))
    size = d.size(low, high) if name == "diameter" else d.size(low / 2, high / 2)
    return {name: size}, {"outline": d.choice(("intersection", "difference"))}


def _half_disc(v: Values, options: Options, n_facets: int) -> Outline:
    """The straight side is to the front, its middle the origin."""
    d = v["diameter"] if "diameter" in v else 2 * v["radius"]
    r = d / 2 if "diameter" in v else v["radius"]
    circle = f"circle(d = {d});" if "diameter" in v else f"circle(r = {r});"
    if options["outline"] == "intersection":
        text = f"intersection() {{\n  {circle}\n  translate([{-r}, 0])\n    square([{d}, {r}]);\n}}"
    else:
        text = (
            f"difference() {{\n  {circle}\n  translate([{-(r + 1)}, {-(r + 1)}])\n    square([{d + 2}, {r + 1}]);\n}}"
        )
    points = tuple(arc(d.value, n_facets, 0, 180))
    spot = Spot("top", tidied(d, 0.7), tidied(r, 0.7), y=tidied(r, 0.35))
    return Outline(text, points, (spot,), left=r, front=Front(literal(0), literal(0), d))


def _draw_d_shape(d: Draw, low: float, high: float) -> Drawn:
    size = d.size(low, high)
    name = d.choice(("flat_depth", "height_over_flat"))
    value = d.size(size * 0.1, size * 0.3) if name == "flat_depth" else d.size(size * 0.7, size * 0.9)
    return {"diameter": size, name: value}, {"outline": d.choice(("difference", "intersection"))}


def _d_shape(v: Values, options: Options, n_facets: int) -> Outline:
    """A disc with a flat to the front."""
    d = v["diameter"]
    y = v["flat_depth"] - d / 2 if "flat_depth" in v else d / 2 - v["height_over_flat"]
    if not 0.03 < (y.value + d.value / 2) / d.value < 0.45:
        raise Infeasible("a flat takes less than half of the disc")
    if options["outline"] == "difference":
        cut = f"translate([{-(d / 2 + 1)}, {y - d}])\n    square([{d + 2}, {d}]);"
        text = f"difference() {{\n  circle(d = {d});\n  {cut}\n}}"
    else:
        kept = f"translate([{-d / 2}, {y}])\n    square([{d}, {d}]);"
        text = f"intersection() {{\n  circle(d = {d});\n  {kept}\n}}"
    points = tuple(geometry.clip_above(geometry.circle_points(d.value, n_facets), 1, y.value))
    # from the flat to the widest: as wide as the disc is at the flat
    half = Num(f"sqrt(pow({d} / 2, 2) - pow({y}, 2))", math.sqrt((d.value / 2) ** 2 - y.value**2))
    spot = Spot("top", tidied(d, 0.6), tidied(d, 0.6), y=tidied(d, 0.05))
    if y.value > -d.value * 0.25 + 1e-6:
        raise Infeasible("no room by the flat")
    return Outline(text, points, (spot,), left=d / 2, front=Front(literal(0), y, 2 * half))


def _draw_quarter(d: Draw, low: float, high: float) -> Drawn:
    return {"radius": d.size(low * 0.6, high * 0.8)}, {"outline": d.choice(("intersection", "turned"))}


def _quarter(v: Values, options: Options, n_facets: int) -> Outline:
    r = v["radius"]
    text = f"intersection() {{\n  circle(r = {r});\n  square({r});\n}}"
    if options["outline"] == "turned":
        text = (
            f"difference() {{\n  circle(r = {r});\n  translate([{-(r + 1)}, {-(r + 1)}])\n"
            f"    square([{2 * r + 2}, {r + 1}]);\n  translate([{-(r + 1)}, -1])\n    square([{r + 1}, {r + 2}]);\n}}"
        )
    points: tuple[Point, ...] = ((0.0, 0.0), *arc(2 * r.value, n_facets, 0, 90))
    spot = Spot("top", tidied(r, 0.7), tidied(r, 0.7), tidied(r, 0.35), tidied(r, 0.35))
    return Outline(text, points, (spot,), front=Front(r / 2, literal(0), r))


def _draw_teardrop(d: Draw, low: float, high: float) -> Drawn:
    size = d.size(low * 0.7, high * 0.7)
    values = {"diameter": size, "length": d.size(size * 1.3, size * 2.2), "tip_diameter": d.size(2, size * 0.4)}
    return values, {"outline": d.choice(("hull", "loop"))}


def _teardrop(v: Values, options: Options, n_facets: int) -> Outline:
    """A big disc about the origin and a small one behind it, joined; `length` is over both."""
    d, length, tip = v["diameter"], v["length"], v["tip_diameter"]
    y = length - d / 2 - tip / 2
    if tip.value > d.value * 0.8 or y.value < (d.value - tip.value) / 2 + 0.5:
        raise Infeasible("no tip")
    text = f"hull() {{\n  circle(d = {d});\n  translate([0, {y}])\n    circle(d = {tip});\n}}"
    if options["outline"] == "loop":
        text = (
            f"hull()\n  for (disc = [[0, {d}], [{y}, {tip}]])\n    translate([0, disc[0]])\n      circle(d = disc[1]);"
        )
    far = [(x, q + y.value) for x, q in geometry.circle_points(tip.value, n_facets)]
    points = tuple(geometry.convex_hull([*geometry.circle_points(d.value, n_facets), *far]))
    return Outline(text, points, (Spot("top", d, d, is_round=True),), left=d / 2)


_DIAMETER = Measure(("diameter",), ("in diameter", "across"), 4, 220)
_RADIUS = Measure(("radius",), (), 2, 120)
_WIDTH = Measure(("width",), ("wide",), 4, 220)
_DEPTH = Measure(("depth",), ("deep",), 3, 200)
_LENGTH = Measure(("length",), ("long",), 5, 250)

ROUND_PROFILES = (
    Profile(
        "circle",
        pools("round | circular | disc-shaped", "disk-like | rotund"),
        {"diameter": _DIAMETER, "radius": _RADIUS},
        _draw_circle,
        _circle,
        (("{diameter} in diameter",), ("{radius} in radius",)),
        mains=("diameter", "radius"),
    ),
    Profile(
        "ellipse",
        pools("oval | elliptical | ellipse-shaped | oval-shaped", "elliptic | egg-round"),
        {"width": _WIDTH, "depth": _DEPTH},
        _draw_ellipse,
        _ellipse,
        (("{width} wide", "{depth} deep"),),
        crossed=("width:wide", "depth:deep"),
    ),
    Profile(
        "stadium",
        pools("pill-shaped | stadium-shaped | round-ended | obround", "racetrack-shaped | oblong round-ended"),
        {"length": _LENGTH, "width": _WIDTH},
        _draw_stadium,
        _stadium,
        (("{length} long", "{width} wide"),),
        crossed=("length:long", "width:wide"),
        mains=("length",),
    ),
    Profile(
        "half_disc",
        pools("half-round | semicircular | half-circle | half-moon", "D-like half-disc | hemicycle"),
        {"diameter": _DIAMETER, "radius": _RADIUS},
        _draw_half,
        _half_disc,
        (("{diameter} in diameter",), ("{radius} in radius",)),
        mains=("diameter", "radius"),
    ),
    Profile(
        "d_shape",
        pools("D-shaped | flatted round | round with a flat | one-flat round", "D-section | disc-with-a-flat"),
        {
            "diameter": _DIAMETER,
            "flat_depth": Measure(("flat depth",), low=0.5, high=60),
            "height_over_flat": Measure(("distance from the flat to the opposite side",), low=3, high=150),
        },
        _draw_d_shape,
        _d_shape,
        (
            ("{diameter} in diameter", "with a flat {flat_depth} deep"),
            ("{diameter} in diameter", "{height_over_flat} from the flat to the far side"),
        ),
        mains=("diameter",),
    ),
    Profile(
        "quarter",
        pools("quarter-round | quarter-circle | quarter-disc | pie-slice", "quadrant-shaped | right-angled sector"),
        {"radius": _RADIUS},
        _draw_quarter,
        _quarter,
        (("{radius} in radius",),),
        mains=("radius",),
    ),
    Profile(
        "teardrop",
        pools("teardrop | teardrop-shaped | drop-shaped | raindrop-shaped", "tear-like | pear-shaped"),
        {
            "diameter": Measure(("big end diameter",), low=4, high=200),
            "length": _LENGTH,
            "tip_diameter": Measure(("tip diameter",), low=1, high=60),
        },
        _draw_teardrop,
        _teardrop,
        (("{diameter} across the big end", "{length} long", "{tip_diameter} across the tip"),),
        mains=("diameter",),
    ),
)
