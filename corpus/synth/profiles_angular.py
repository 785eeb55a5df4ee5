"""Profiles with straight sides: rectangles, triangles, sections of bars, stars, arrows, hearts."""

from __future__ import annotations

import math
from collections.abc import Sequence

from corpus.synth.draw import Draw, Infeasible
from corpus.synth.num import Num, literal
from corpus.synth.outlines import Front, Outline, Point, Spot, arc, polygon
from corpus.synth.part import Options, Values
from corpus.synth.profiles import CORNER_RADIUS, Drawn, Profile, cornered, corners
from corpus.synth.text import each, indent, tidied
from corpus.synth.words import Measure, pools

__all__ = ["ANGULAR_PROFILES"]

NumPoint = tuple[Num | float, Num | float]
_ZERO = literal(0)


def _values(points: Sequence[NumPoint]) -> tuple[Point, ...]:
    return tuple((_value(x), _value(y)) for x, y in points)


def _value(n: Num | float) -> float:
    return n.value if isinstance(n, Num) else n


def _require(is_sound: bool, why: str) -> None:
    if not is_sound:
        raise Infeasible(why)


def _square(x: Num | float, y: Num | float, width: Num, depth: Num, *, is_centered: bool = False) -> str:
    x, y = (n if isinstance(n, Num) else literal(n) for n in (x, y))
    square = f"square([{width}, {depth}]{', center = true' if is_centered else ''});"
    if x.text == "0" and y.text == "0":
        return square
    return f"translate([{x}, {y}])\n{indent(square)}"


def _joined(parts: Sequence[str]) -> str:
    return "union() {\n" + "\n".join(indent(p) for p in parts) + "\n}"


def _less(first: str, *cuts: str) -> str:
    return "difference() {\n" + "\n".join(indent(p) for p in (first, *cuts)) + "\n}"


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
    _require(3.5 * c.value < min(w.value, d.value), "the corner cuts meet")
    points: list[NumPoint] = [
        (x, -y + c), (x, y - c), (x - c, y), (-x + c, y), (-x, y - c), (-x, -y + c), (-x + c, -y), (x - c, -y),
    ]  # fmt: skip
    if options["outline"] == "polygon":
        text = polygon(points)
    else:
        squares = [_square(0, 0, a, b, is_centered=True) for a, b in ((w, d - 2 * c), (w - 2 * c, d))]
        text = "hull() {\n" + "\n".join(indent(s) for s in squares) + "\n}"
    front = Front(_ZERO, -y, w - 2 * c)
    # a corner of this radius lies just within one cut off by c
    spot = Spot("top", w, d, corner_radius=c.value * (1 + math.sqrt(0.5)), is_whole=True)
    return Outline(text, _values(points), (spot,), core=w if w.value < d.value else d, left=x, front=front)


def _draw_diamond(d: Draw, low: float, high: float) -> Drawn:
    width = d.size(low, high)
    values = {"width": width, "depth": d.size(width * 0.5, width * 1.2)}
    return values, {"corners": corners(d, values, width / 14)}


def _diamond(v: Values, options: Options, n_facets: int) -> Outline:
    w, d = v["width"], v["depth"]
    _require(0.3 < d.value / w.value < 3, "too flat a diamond")
    points: list[NumPoint] = [(w / 2, 0), (0, d / 2), (-w / 2, 0), (0, -d / 2)]
    outline = Outline(polygon(points), _values(points), (Spot("top", w / 2, d / 2),), left=w / 2)
    return cornered(outline, v, options)


def _draw_parallelogram(d: Draw, low: float, high: float) -> Drawn:
    width, depth = d.size(low, high), d.size(low * 0.6, high * 0.6)
    values = {"width": width, "depth": depth, "skew": d.size(2, min(width * 0.5, depth))}
    return values, {"corners": corners(d, values, min(width, depth) / 14), "origin": d.choice(("corner", "middle"))}


def _parallelogram(v: Values, options: Options, n_facets: int) -> Outline:
    """`width` is that of the lower and the upper side; the upper one is `skew` further right."""
    w, d, s = v["width"], v["depth"], v["skew"]
    _require(s.value < w.value * 0.7, "too much skew")
    low = _ZERO if options["origin"] == "corner" else -d / 2
    left = _ZERO if options["origin"] == "corner" else -w / 2 - s / 2
    points: list[NumPoint] = [(left, low), (left + w, low), (left + w + s, low + d), (left + s, low + d)]
    spot = Spot("top", w - s, d, tidied(left + w / 2 + s / 2), tidied(low + d / 2))
    front = Front(tidied(left + w / 2), low, w)
    return cornered(Outline(polygon(points), _values(points), (spot,), front=front), v, options)


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
        _require(0.35 < d.value / w.value < 3, "too flat a triangle")
        low, high = -d / 3, 2 * d / 3
        spot = Spot("top", w / 2, d / 2, y=tidied(low + d / 4))
    points: list[NumPoint] = [(-w / 2, low), (w / 2, low), (0, high)]
    front = Front(_ZERO, low, w)
    outline = Outline(polygon(points), _values(points), (spot,), core=core, left=w / 2, front=front)
    return cornered(outline, v, options)


def _draw_right(d: Draw, low: float, high: float) -> Drawn:
    width = d.size(low, high)
    values = {"width": width, "depth": d.size(width * 0.5, min(high, width * 1.3))}
    return values, {"corners": corners(d, values, width / 16), "origin": d.choice(("corner", "middle"))}


def _right_triangle(v: Values, options: Options, n_facets: int) -> Outline:
    """The right angle is to the left and to the front."""
    w, d = v["width"], v["depth"]
    _require(0.35 < d.value / w.value < 3, "too flat a triangle")
    left, low = (_ZERO, _ZERO) if options["origin"] == "corner" else (-w / 2, -d / 2)
    points: list[NumPoint] = [(left, low), (left + w, low), (left, low + d)]
    spot = Spot("top", w / 2, d / 2, tidied(left + w / 4), tidied(low + d / 4))
    outline = Outline(polygon(points), _values(points), (spot,), front=Front(tidied(left + w / 2), low, w))
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
    _require(0.2 * b.value < t.value < 0.97 * b.value and d.value > 0.25 * b.value, "too flat a trapezoid")
    low = -d / 2 if options["origin"] == "middle" else _ZERO
    points: list[NumPoint] = [(-b / 2, low), (b / 2, low), (t / 2, low + d), (-t / 2, low + d)]
    spot = Spot("top", t, d, y=tidied(low + d / 2))
    outline = Outline(polygon(points), _values(points), (spot,), left=b / 2, front=Front(_ZERO, low, b))
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
        text = _joined([_square(-w / 2, 0, w, wall), gable])
    spot = Spot("top", w, wall, y=wall / 2)
    outline = Outline(text, _values(points), (spot,), left=w / 2, front=Front(_ZERO, _ZERO, w))
    return cornered(outline, v, options)


# sections of bars


_WAYS = ("polygon", "parts")


def _draw_ell(d: Draw, low: float, high: float) -> Drawn:
    width, depth = d.size(low, high), d.size(low, high)
    values = {"width": width, "depth": depth, "arm_width": d.size(max(3, low * 0.1), min(width, depth) * 0.4)}
    return values, {"corners": corners(d, values, values["arm_width"] / 4), "outline": d.choice((*_WAYS, "cut"))}


def _ell(v: Values, options: Options, n_facets: int) -> Outline:
    """The corner is to the left and to the front; one arm to the right, one to the back."""
    w, d, a = v["width"], v["depth"], v["arm_width"]
    _require(a.value < min(w.value, d.value) * 0.7, "the arms are as wide as long")
    points: list[NumPoint] = [(0, 0), (w, 0), (w, a), (a, a), (a, d), (0, d)]
    text = polygon(points)
    if options["outline"] == "parts":
        text = _joined([_square(0, 0, w, a), _square(0, 0, a, d)])
    elif options["outline"] == "cut":
        text = _less(_square(0, 0, w, d), _square(a, a, w, d))
    spots = (Spot("foot", w, a, w / 2, a / 2), Spot("leg", a, d - a, a / 2, d / 2 + a / 2))
    return cornered(Outline(text, _values(points), spots, front=Front(w / 2, _ZERO, w)), v, options)


def _draw_tee(d: Draw, low: float, high: float) -> Drawn:
    width, depth = d.size(low, high), d.size(low, high)
    values = {"width": width, "depth": depth, "bar_width": d.size(max(3, low * 0.1), depth * 0.35)}
    if d.chance(0.5):
        values["stem_width"] = d.size(max(3, low * 0.1), width * 0.35)
    return values, {"corners": corners(d, values, 1.5), "outline": d.choice(_WAYS)}


def _tee(v: Values, options: Options, n_facets: int) -> Outline:
    """The bar is to the back, the stem comes to the front."""
    w, d, b = v["width"], v["depth"], v["bar_width"]
    s = v.get("stem_width", b)
    _require(s.value < w.value * 0.7 and b.value < d.value * 0.7, "no T")
    y = d - b
    points: list[NumPoint] = [
        (-s / 2, 0), (s / 2, 0), (s / 2, y), (w / 2, y), (w / 2, d), (-w / 2, d), (-w / 2, y), (-s / 2, y),
    ]  # fmt: skip
    text = polygon(points)
    if options["outline"] == "parts":
        text = _joined([_square(-w / 2, y, w, b), _square(-s / 2, 0, s, d)])
    spots = (Spot("bar", w, b, y=d - b / 2), Spot("stem", s, y, y=y / 2))
    return cornered(Outline(text, _values(points), spots), v, options)


def _draw_channel(d: Draw, low: float, high: float) -> Drawn:
    width, depth = d.size(low, high), d.size(low * 0.7, high)
    values = {"width": width, "depth": depth, "arm_width": d.size(max(2, low * 0.08), min(width * 0.28, depth * 0.4))}
    return values, {"corners": corners(d, values, values["arm_width"] / 4), "outline": d.choice((*_WAYS, "cut"))}


def _channel(v: Values, options: Options, n_facets: int) -> Outline:
    """The back of it is to the front, and it opens to the back."""
    w, d, a = v["width"], v["depth"], v["arm_width"]
    _require(a.value < min(w.value * 0.35, d.value * 0.7), "no U")
    points: list[NumPoint] = [(0, 0), (w, 0), (w, d), (w - a, d), (w - a, a), (a, a), (a, d), (0, d)]
    text = polygon(points)
    if options["outline"] == "parts":
        text = _joined([_square(0, 0, w, a), _square(0, 0, a, d), _square(w - a, 0, a, d)])
    elif options["outline"] == "cut":
        text = _less(_square(0, 0, w, d), _square(a, a, w - 2 * a, d))
    spots = (Spot("base", w, a, w / 2, a / 2),)
    return cornered(Outline(text, _values(points), spots, front=Front(w / 2, _ZERO, w)), v, options)


def _draw_cross(d: Draw, low: float, high: float) -> Drawn:
    width = d.size(low, high)
    values = {"width": width}
    if d.chance(0.4):
        values["depth"] = d.size(low, high)
    least = min(values.values())
    values["arm_width"] = d.size(max(2, least * 0.15), least * 0.45)
    return values, {"corners": corners(d, values, values["arm_width"] / 4), "outline": d.choice(_WAYS)}


def _cross(v: Values, options: Options, n_facets: int) -> Outline:
    w, a = v["width"], v["arm_width"]
    d = v.get("depth", w)
    _require(a.value < 0.7 * min(w.value, d.value), "no cross")
    x, y, h = w / 2, d / 2, a / 2
    points: list[NumPoint] = [
        (-h, -y), (h, -y), (h, -h), (x, -h), (x, h), (h, h), (h, y), (-h, y), (-h, h), (-x, h), (-x, -h), (-h, -h),
    ]  # fmt: skip
    text = polygon(points)
    if options["outline"] == "parts":
        text = _joined([_square(0, 0, w, a, is_centered=True), _square(0, 0, a, d, is_centered=True)])
    spots = (Spot("top", w, a),)
    return cornered(Outline(text, _values(points), spots, core=a, left=x, front=Front(_ZERO, -y, a)), v, options)


def _draw_beam(d: Draw, low: float, high: float) -> Drawn:
    width, depth = d.size(low, high), d.size(low, high)
    values = {"width": width, "depth": depth, "flange": d.size(max(1.5, low * 0.08), depth * 0.25)}
    if d.chance(0.6):
        values["web"] = d.size(max(1.5, low * 0.08), width * 0.3)
    return values, {"corners": corners(d, values, 2), "outline": d.choice(("parts", "cut"))}


def _beam(v: Values, options: Options, n_facets: int) -> Outline:
    """An I: a flange to the front, one to the back, the web between."""
    w, d, f = v["width"], v["depth"], v["flange"]
    web = v.get("web", f)
    _require(web.value < w.value * 0.6 and f.value < d.value * 0.4, "no I")
    # rounding takes as much off on the way as it then puts on: no web may be lost meanwhile
    _require(options["corners"] == "sharp" or 2 * v["corner_radius"].value < web.value - 0.3, "corner radius too large")
    x, y, s, z = w / 2, d / 2, web / 2, d / 2 - f
    points: list[NumPoint] = [
        (-x, -y), (x, -y), (x, -z), (s, -z), (s, z), (x, z), (x, y), (-x, y), (-x, z), (-s, z), (-s, -z), (-x, -z),
    ]  # fmt: skip
    if options["outline"] == "parts":
        flanges = each("sgn = [-1, 1]", f"translate([0, sgn * ({d} - {f}) / 2])\n  square([{w}, {f}], center = true);")
        text = _joined([flanges, _square(0, 0, web, d, is_centered=True)])
    else:
        gap = f"translate([sgn * ({w} + {web}) / 4, 0])\n  square([({w} - {web}) / 2, {d - 2 * f}], center = true);"
        text = _less(_square(0, 0, w, d, is_centered=True), each("sgn = [-1, 1]", gap))
    return cornered(Outline(text, _values(points), (), left=x, front=Front(_ZERO, -y, w)), v, options)


def _draw_zed(d: Draw, low: float, high: float) -> Drawn:
    width, depth = d.size(low * 0.7, high * 0.7), d.size(low, high)
    values = {
        "flange_width": width,
        "depth": depth,
        "thickness": d.size(max(1.5, low * 0.08), min(width, depth) * 0.25),
    }
    return values, {"corners": corners(d, values, values["thickness"] / 4), "outline": d.choice(_WAYS)}


def _zed(v: Values, options: Options, n_facets: int) -> Outline:
    """The lower flange goes to the left, the upper to the right; each is as wide as said, web and all."""
    w, d, t = v["flange_width"], v["depth"], v["thickness"]
    _require(t.value < min(w.value, d.value / 2) * 0.8, "no Z")
    points: list[NumPoint] = [
        (0, 0),
        (w, 0),
        (w, d - t),
        (2 * w - t, d - t),
        (2 * w - t, d),
        (w - t, d),
        (w - t, t),
        (0, t),
    ]
    text = polygon(points)
    if options["outline"] == "parts":
        text = _joined([_square(0, 0, w, t), _square(w - t, 0, t, d), _square(w - t, d - t, w, t)])
    return cornered(Outline(text, _values(points)), v, options)


# signs


def _draw_star(d: Draw, low: float, high: float) -> Drawn:
    size = d.size(low, high)
    values = {"star_points": d.choice((4.0, 5.0, 5.0, 5.0, 6.0, 6.0, 7.0, 8.0)), "outer_diameter": size}
    values["inner_diameter"] = d.size(size * 0.45, size * 0.75)
    return values, {"corners": corners(d, values, size / 30), "outline": d.choice(("ternary", "pairs"))}


def _star(v: Values, options: Options, n_facets: int) -> Outline:
    """The first point is to the right."""
    n, outer, inner = v["star_points"], v["outer_diameter"], v["inner_diameter"]
    count, far, near = int(n.value), outer.value / 2, inner.value / 2
    _require(count >= 3 and near < far * 0.93 * math.cos(math.pi / count) + 1e-9, "no points")
    radii = [(far, near)[i % 2] for i in range(2 * count)]
    points = tuple((r * math.cos(math.pi * i / count), r * math.sin(math.pi * i / count)) for i, r in enumerate(radii))
    side = math.hypot(far - near * math.cos(math.pi / count), near * math.sin(math.pi / count))
    clear = far * near * math.sin(math.pi / count) / side
    _require(clear >= 0.6 * near, "too thin a star")
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
    _require(shaft.value < head.value * 0.8 and tip.value < length.value * 0.8, "no arrow")
    x, h, s = length - tip, head / 2, shaft / 2
    points: list[NumPoint] = [(0, -s), (x, -s), (x, -h), (length, 0), (x, h), (x, s), (0, s)]
    text = polygon(points)
    if options["outline"] == "parts":
        text = _joined([_square(0, -s, x, shaft), polygon([(x, -h), (length, 0), (x, h)])])
    return cornered(Outline(text, _values(points), (Spot("shaft", x, shaft, x / 2),)), v, options)


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


_WIDTH = Measure(("width",), ("wide",), 4, 220)
_DEPTH = Measure(("depth",), ("deep",), 3, 200)
_LENGTH = Measure(("length",), ("long",), 5, 250)
_SIDE = Measure(("side length",), (), 3, 150)
_ARM = Measure(("arm width",), (), 1.5, 60)
_RECT = {"width": _WIDTH, "depth": _DEPTH}
_CROSSED = ("width:wide", "depth:deep")
_RECT_SAID = ("{width} wide", "{depth} deep")

ANGULAR_PROFILES = (
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
    Profile(
        "ell",
        pools("L-shaped | L shaped | L-profile | L-section", "ell-shaped | gallows-shaped"),
        {**_RECT, "arm_width": _ARM, "corner_radius": CORNER_RADIUS},
        _draw_ell,
        _ell,
        ((*_RECT_SAID, "with arms {arm_width} wide"),),
        _CROSSED,
    ),
    Profile(
        "tee",
        pools("T-shaped | T shaped | T-profile | T-section", "tee-shaped | tau-shaped"),
        {
            **_RECT,
            "bar_width": Measure(("bar width",), low=1.5, high=60),
            "stem_width": Measure(("stem width",), low=1.5, high=60),
            "corner_radius": CORNER_RADIUS,
        },
        _draw_tee,
        _tee,
        (
            (*_RECT_SAID, "with a bar of {bar_width}", "a stem of {stem_width}"),
            (*_RECT_SAID, "with arms {bar_width} wide"),
        ),
        _CROSSED,
    ),
    Profile(
        "channel",
        pools("U-shaped | U shaped | U-profile | U-section", "horseshoe-like square | trough-section"),
        {**_RECT, "arm_width": _ARM, "corner_radius": CORNER_RADIUS},
        _draw_channel,
        _channel,
        ((*_RECT_SAID, "with arms {arm_width} wide"),),
        _CROSSED,
    ),
    Profile(
        "cross",
        pools("cross-shaped | plus-shaped | plus-sign | cross", "cruciform | swiss-cross"),
        {**_RECT, "arm_width": _ARM, "corner_radius": CORNER_RADIUS},
        _draw_cross,
        _cross,
        ((*_RECT_SAID, "with arms {arm_width} wide"), ("{width} across", "with arms {arm_width} wide")),
    ),
    Profile(
        "beam",
        pools("I-section | I-shaped | H-section | I-profile", "double-tee | girder-section"),
        {
            **_RECT,
            "flange": Measure(("flange thickness",), low=1, high=40),
            "web": Measure(("web thickness",), low=1, high=40),
            "corner_radius": CORNER_RADIUS,
        },
        _draw_beam,
        _beam,
        (
            (*_RECT_SAID, "with {flange} flanges", "@a {web} web"),
            (*_RECT_SAID, "with flanges and web {flange} thick"),
        ),
        _CROSSED,
    ),
    Profile(
        "zed",
        pools("Z-section | Z-shaped | Z-profile | Z shaped", "zed-section | zed-shaped"),
        {
            "flange_width": Measure(("flange width",), low=4, high=120),
            "depth": _DEPTH,
            "thickness": Measure(("profile thickness",), low=1, high=30),
            "corner_radius": CORNER_RADIUS,
        },
        _draw_zed,
        _zed,
        (("{depth} deep", "with flanges {flange_width} wide", "{thickness} thick"),),
        mains=("depth",),
    ),
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
