"""Openings with corners through a face: windows, square, hexagonal and other polygons, crosses."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from corpus.synth.draw import Draw, Infeasible
from corpus.synth.features.room import count_through, flat_room, round_room, square_footprint
from corpus.synth.features.screw_holes import COS_30
from corpus.synth.num import Num
from corpus.synth.part import Applied, Face, Feature, Options, Rect, Values
from corpus.synth.text import at, block, indent, on_face, through_cut, tidied, union
from corpus.synth.words import Measure, Pools, pools

__all__ = ["OPENING_FEATURES", "extruded"]


_BUILD = {"build": ("cube", "extrude")}


def _rectangles(face: Face, options: Options, *sides: tuple[Num, Num]) -> str:
    """Rectangles about the middle cut through the material: centred blocks, or one extrusion."""
    height = face.thickness + 2
    if options["build"] == "extrude":
        squares = [f"square([{w}, {d}], center = true);" for w, d in sides]
        return through_cut(face, 0, 0, extruded(height, squares))
    cubes = [f"cube([{w}, {d}, {height}], center = true);" for w, d in sides]
    return on_face(face, at(*face.middle, tidied(face.bottom + tidied(face.thickness, 0.5)), union(cubes)))


def extruded(height: Num, outlines: Sequence[str]) -> str:
    """`linear_extrude` of one outline or several."""
    head = f"linear_extrude(height = {height})"
    return f"{head}\n{indent(outlines[0])}" if len(outlines) == 1 else block(head, outlines)


def _opening(face: Face, area: float, footprint: Rect, cut: str) -> Applied:
    return Applied(
        (footprint,),
        cuts=(cut,),
        volume=-area * face.thickness.value,
        genus=count_through(face, 1),
    )


def _draw_square(draw: Draw, face: Face) -> Mapping[str, float]:
    return {"side": draw.size(2, min(80, min(flat_room(face)) * 0.8))}


def _square(v: Values, face: Face, options: Options) -> Applied:
    side = v["side"]
    cut = _rectangles(face, options, (side, side))
    return _opening(face, side.value**2, square_footprint(0, 0, side.value, side.value), cut)


def _draw_window(draw: Draw, face: Face) -> Mapping[str, float]:
    width, depth = flat_room(face)
    return {"width": draw.size(4, width * 0.85), "height": draw.size(3, depth * 0.85)}


def _window(v: Values, face: Face, options: Options) -> Applied:
    width, height = v["width"], v["height"]
    cut = _rectangles(face, options, (width, height))
    return _opening(face, width.value * height.value, square_footprint(0, 0, width.value, height.value), cut)


def _draw_hex(draw: Draw, face: Face) -> Mapping[str, float]:
    return {"across_flats": draw.size(3, min(60, round_room(face) * 0.7))}


def _hex(v: Values, face: Face, options: Options) -> Applied:
    corners = v["across_flats"] / COS_30
    return _polygon(face, options, corners, 6)


def _polygon(face: Face, options: Options, corners: Num, sides: int) -> Applied:
    """A regular polygon by the diameter over its corners."""
    d, height = corners.value, face.thickness + 2
    area = sides / 2 * (d / 2) ** 2 * math.sin(2 * math.pi / sides)
    shape = f"cylinder(d = {corners}, h = {height}, $fn = {sides});"
    if options["build"] == "extrude":
        shape = extruded(height, [f"circle(d = {corners}, $fn = {sides});"])
    return _opening(face, area, Rect(0, 0, d, d), through_cut(face, 0, 0, shape))


def _draw_corners(draw: Draw, face: Face) -> Mapping[str, float]:
    return {"diameter": draw.size(4, min(60, round_room(face) * 0.75))}


def _regular(sides: int) -> Callable[[Values, Face, Options], Applied]:
    return lambda v, face, options: _polygon(face, options, v["diameter"], sides)


def _draw_cross(draw: Draw, face: Face) -> Mapping[str, float]:
    span = draw.size(5, min(60, min(flat_room(face)) * 0.85))
    return {"span": span, "width": draw.size(1.5, span * 0.45)}


def _cross(v: Values, face: Face, options: Options) -> Applied:
    span, width = v["span"], v["width"]
    if width.value > span.value - 1:
        raise Infeasible("the arms of a cross are narrower than it is wide")
    area = 2 * span.value * width.value - width.value**2
    cut = _rectangles(face, options, (span, width), (width, span))
    return _opening(face, area, square_footprint(0, 0, span.value, span.value), cut)


def _polygon_feature(sides: int, adjective: str, taught: Pools, vague: Pools) -> Feature:
    return Feature(
        f"{adjective}_hole",
        f"{adjective} hole",
        f"{adjective}_hole_",
        {"diameter": Measure((f"{adjective} hole diameter", "diameter over the corners"), low=4, high=80)},
        _draw_corners,
        _regular(sides),
        taught,
        vague,
        options={"build": ("cylinder", "extrude")},
        weight=0.5,
    )


def _corner_phrases(adjective: str, sides: str) -> Pools:
    return pools(
        f"@a {adjective} hole in the middle@F, {{diameter}} over the corners | "
        f"@a {adjective} cutout@F with a circumscribed diameter of {{diameter}} | "
        f"@a {{diameter}} {adjective} hole in the center@F | "
        f"a centered {adjective} hole@F of {{diameter}} across its corners | "
        f"a hole@F in the shape of @a {sides}-sided polygon, {{diameter}} across corners | "
        f"@a {adjective} through hole@F measuring {{diameter}} corner to corner",
        f"a {sides}-cornered opening at the midpoint@F inside @a {{diameter}} circle | "
        f"@a {adjective} bore@F whose circumcircle is {{diameter}}",
    )


def _corner_vague(adjective: str, sides: str) -> Pools:
    return pools(
        f"@a {adjective} hole in the middle@F | @a {adjective} cutout@F",
        f"a {sides}-cornered opening at the midpoint@F",
    )


OPENING_FEATURES = (
    Feature(
        "square_hole",
        "square hole",
        "square_hole_",
        {"side": Measure(("square hole side", "square hole size"), low=2, high=100)},
        _draw_square,
        _square,
        pools(
            "@a {side} square hole in the middle@F | a square hole@F, {side} on a side | "
            "a centered square hole of {side}@F | "
            "a square cutout@F {side} wide | @a {side} x {side} hole in the center@F | "
            "a square through hole@F with sides of {side}",
            "a four-square opening of {side} at the midpoint@F | a square bore@F, each edge {side}",
        ),
        pools("a square hole in the middle@F | a square cutout@F", "a four-square opening at the midpoint@F"),
        options=_BUILD,
    ),
    Feature(
        "window",
        "window",
        "window_",
        {
            "width": Measure(("window width",), low=4, high=200),
            "height": Measure(("window height",), low=3, high=200),
        },
        _draw_window,
        _window,
        pools(
            "@a {width} x {height} rectangular window in the middle@F | a window@F, {width} wide and {height} high | "
            "a rectangular cutout@F of {width} by {height} | a rectangular opening {width} wide and {height} tall@F | "
            "a centered {width} x {height} cutout@F | a rectangular hole@F measuring {width} x {height}",
            "an aperture@F {width} broad and {height} high | framed out@F by a rectangle of {width} by {height}",
        ),
        pools("a rectangular window@F | a rectangular cutout in the middle@F", "a rectangular aperture@F"),
        options=_BUILD,
        weight=1.3,
    ),
    Feature(
        "hex_hole",
        "hexagonal hole",
        "hex_hole_",
        {"across_flats": Measure(("hex hole width across flats", "hex size"), low=3, high=80)},
        _draw_hex,
        _hex,
        pools(
            "a hexagonal hole in the middle@F, {across_flats} across flats | "
            "a hex hole@F of {across_flats} across the flats | "
            "@a {across_flats} hex hole in the center@F | a centered hexagonal cutout@F, {across_flats} flat to flat | "
            "a six-sided hole@F measuring {across_flats} across flats | "
            "a hex socket through the middle@F, {across_flats} wide",
            "a honeycomb-shaped opening at the midpoint@F, {across_flats} over the flats | "
            "a hexagon bore@F with {across_flats} between opposite sides",
        ),
        pools("a hexagonal hole in the middle@F | a hex hole@F", "a honeycomb-shaped opening at the midpoint@F"),
        options={"build": ("cylinder", "extrude")},
    ),
    _polygon_feature(3, "triangular", _corner_phrases("triangular", "three"), _corner_vague("triangular", "three")),
    _polygon_feature(5, "pentagonal", _corner_phrases("pentagonal", "five"), _corner_vague("pentagonal", "five")),
    _polygon_feature(8, "octagonal", _corner_phrases("octagonal", "eight"), _corner_vague("octagonal", "eight")),
    Feature(
        "cross_hole",
        "cross-shaped hole",
        "cross_hole_",
        {
            "span": Measure(("cross hole span", "cross hole size"), low=5, high=100),
            "width": Measure(("cross arm width",), low=1.5, high=40),
        },
        _draw_cross,
        _cross,
        pools(
            "a cross-shaped hole in the middle@F, {span} across with arms {width} wide | "
            "a plus-shaped cutout@F, {span} overall, arms {width} wide | "
            "a cross cutout@F of {span} with {width} arms | "
            "a centered plus-shaped hole@F {span} wide with arm width {width} | "
            "a cross-shaped opening@F {span} tip to tip and {width} in the arms | "
            "a hole@F shaped like a plus sign, {span} in size, bars {width} thick",
            "a cruciform aperture@F spanning {span}, its limbs {width} | "
            "a swiss-cross window@F, {span} over all with limbs of {width}",
        ),
        pools("a cross-shaped hole@F | a plus-shaped cutout in the middle@F", "a cruciform aperture@F"),
        options=_BUILD,
        weight=0.6,
    ),
)
