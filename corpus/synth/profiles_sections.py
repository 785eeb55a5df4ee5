"""Profiles that bars are rolled in: L, T, U, I, Z and cross."""

from __future__ import annotations

from corpus.synth.draw import Draw
from corpus.synth.num import literal
from corpus.synth.outlines import Front, Outline, Spot, polygon
from corpus.synth.part import Options, Values
from corpus.synth.profile_text import NumPoint, corners_at, joined, less, require, square_at
from corpus.synth.profiles import CORNER_RADIUS, Drawn, Profile, cornered, corners
from corpus.synth.text import each
from corpus.synth.words import Measure, pools

__all__ = ["SECTION_PROFILES"]

_ZERO = literal(0)
_WAYS = ("polygon", "parts")


def _draw_ell(d: Draw, low: float, high: float) -> Drawn:
    width, depth = d.size(low, high), d.size(low, high)
    values = {"width": width, "depth": depth, "arm_width": d.size(max(3, low * 0.1), min(width, depth) * 0.4)}
    return values, {"corners": corners(d, values, values["arm_width"] / 4), "outline": d.choice((*_WAYS, "cut"))}


def _ell(v: Values, options: Options, n_facets: int) -> Outline:
    """The corner is to the left and to the front; one arm to the right, one to the back."""
    w, d, a = v["width"], v["depth"], v["arm_width"]
    require(a.value < min(w.value, d.value) * 0.7, "the arms are as wide as long")
    points: list[NumPoint] = [(0, 0), (w, 0), (w, a), (a, a), (a, d), (0, d)]
    text = polygon(points)
    if options["outline"] == "parts":
        text = joined([square_at(0, 0, w, a), square_at(0, 0, a, d)])
    elif options["outline"] == "cut":
        text = less(square_at(0, 0, w, d), square_at(a, a, w, d))
    spots = (Spot("foot", w, a, w / 2, a / 2), Spot("leg", a, d - a, a / 2, d / 2 + a / 2))
    return cornered(Outline(text, corners_at(points), spots, front=Front(w / 2, _ZERO, w)), v, options)


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
    require(s.value < w.value * 0.7 and b.value < d.value * 0.7, "no T")
    y = d - b
    points: list[NumPoint] = [
        (-s / 2, 0), (s / 2, 0), (s / 2, y), (w / 2, y), (w / 2, d), (-w / 2, d), (-w / 2, y), (-s / 2, y),
    ]  # fmt: skip
    text = polygon(points)
    if options["outline"] == "parts":
        text = joined([square_at(-w / 2, y, w, b), square_at(-s / 2, 0, s, d)])
    spots = (Spot("bar", w, b, y=d - b / 2), Spot("stem", s, y, y=y / 2))
    return cornered(Outline(text, corners_at(points), spots), v, options)


def _draw_channel(d: Draw, low: float, high: float) -> Drawn:
    width, depth = d.size(low, high), d.size(low * 0.7, high)
    values = {"width": width, "depth": depth, "arm_width": d.size(max(2, low * 0.08), min(width * 0.28, depth * 0.4))}
    return values, {"corners": corners(d, values, values["arm_width"] / 4), "outline": d.choice((*_WAYS, "cut"))}


def _channel(v: Values, options: Options, n_facets: int) -> Outline:
    """The back of it is to the front, and it opens to the back."""
    w, d, a = v["width"], v["depth"], v["arm_width"]
    require(a.value < min(w.value * 0.35, d.value * 0.7), "no U")
    points: list[NumPoint] = [(0, 0), (w, 0), (w, d), (w - a, d), (w - a, a), (a, a), (a, d), (0, d)]
    text = polygon(points)
    if options["outline"] == "parts":
        text = joined([square_at(0, 0, w, a), square_at(0, 0, a, d), square_at(w - a, 0, a, d)])
    elif options["outline"] == "cut":
        text = less(square_at(0, 0, w, d), square_at(a, a, w - 2 * a, d))
    spots = (Spot("base", w, a, w / 2, a / 2),)
    return cornered(Outline(text, corners_at(points), spots, front=Front(w / 2, _ZERO, w)), v, options)


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
    require(a.value < 0.7 * min(w.value, d.value), "no cross")
    x, y, h = w / 2, d / 2, a / 2
    points: list[NumPoint] = [
        (-h, -y), (h, -y), (h, -h), (x, -h), (x, h), (h, h), (h, y), (-h, y), (-h, h), (-x, h), (-x, -h), (-h, -h),
    ]  # fmt: skip
    text = polygon(points)
    if options["outline"] == "parts":
        text = joined([square_at(0, 0, w, a, is_centered=True), square_at(0, 0, a, d, is_centered=True)])
    spots = (Spot("top", w, a),)
    return cornered(Outline(text, corners_at(points), spots, core=a, left=x, front=Front(_ZERO, -y, a)), v, options)


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
    require(web.value < w.value * 0.6 and f.value < d.value * 0.4, "no I")
    # rounding takes as much off on the way as it then puts on: no web may be lost meanwhile
    require(options["corners"] == "sharp" or 2 * v["corner_radius"].value < web.value - 0.3, "corner radius too large")
    x, y, s, z = w / 2, d / 2, web / 2, d / 2 - f
    points: list[NumPoint] = [
        (-x, -y), (x, -y), (x, -z), (s, -z), (s, z), (x, z), (x, y), (-x, y), (-x, z), (-s, z), (-s, -z), (-x, -z),
    ]  # fmt: skip
    if options["outline"] == "parts":
        flanges = each("sgn = [-1, 1]", f"translate([0, sgn * ({d} - {f}) / 2])\n  square([{w}, {f}], center = true);")
        text = joined([flanges, square_at(0, 0, web, d, is_centered=True)])
    else:
        gap = f"translate([sgn * ({w} + {web}) / 4, 0])\n  square([({w} - {web}) / 2, {d - 2 * f}], center = true);"
        text = less(square_at(0, 0, w, d, is_centered=True), each("sgn = [-1, 1]", gap))
    return cornered(Outline(text, corners_at(points), (), left=x, front=Front(_ZERO, -y, w)), v, options)


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
    require(t.value < min(w.value, d.value / 2) * 0.8, "no Z")
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
        text = joined([square_at(0, 0, w, t), square_at(w - t, 0, t, d), square_at(w - t, d - t, w, t)])
    return cornered(Outline(text, corners_at(points)), v, options)


_WIDTH = Measure(("width",), ("wide",), 4, 220)
_DEPTH = Measure(("depth",), ("deep",), 3, 200)
_ARM = Measure(("arm width",), (), 1.5, 60)
_RECT = {"width": _WIDTH, "depth": _DEPTH}
_CROSSED = ("width:wide", "depth:deep")
_RECT_SAID = ("{width} wide", "{depth} deep")

SECTION_PROFILES = (
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
)
