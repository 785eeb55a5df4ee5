"""Single round holes through a face, in the middle or off it."""

from __future__ import annotations

from collections.abc import Mapping

from corpus.synth import geometry
from corpus.synth.draw import Draw
from corpus.synth.features.room import GAP, count_through, facets, flat_room, offset, round_room
from corpus.synth.num import Num
from corpus.synth.part import Applied, Face, Feature, Options, Rect, Values
from corpus.synth.text import at, cylinder, from_edge, on_face, through_cut
from corpus.synth.words import Measure, pools

__all__ = ["BORED", "HOLE_FEATURES", "bore", "bore_area"]

BORED = {"written": ("diameter", "radius")}
"""How a bore is written down."""

_DIAMETER = Measure(("hole diameter", "bore"), low=2, high=60, is_screw=True)
_SCREW = Measure(("screw hole diameter",), low=2, high=12, is_screw=True)
_RIGHT = Measure(("hole offset to the right", "hole x offset"), low=-100, high=100)
_UP = Measure(("hole offset up", "hole y offset"), low=-100, high=100)


def bore(d: Num, height: Num, options: Options) -> str:
    """A round cut, from z = 0 up."""
    return f"cylinder(r = {d / 2}, h = {height});" if options.get("written") == "radius" else cylinder(d, height)


def bore_area(d: Num, options: Options) -> float:
    return geometry.circle_area(d.value, facets(options))


def _through(v: Values, face: Face, options: Options, x: Num | float, y: Num | float) -> Applied:
    """A plain hole at (x, y) from the middle."""
    d = v["diameter"]
    px, py = (n.value if isinstance(n, Num) else n for n in (x, y))
    return Applied(
        footprints=(Rect(px, py, d.value, d.value),),
        cuts=(through_cut(face, x, y, bore(d, face.thickness + 2, options)),),
        volume=-bore_area(d, options) * face.thickness.value,
        genus=count_through(face, 1),
    )


def _draw_middle(draw: Draw, face: Face) -> Mapping[str, float]:
    return {"diameter": draw.size(2, min(80, round_room(face) * 0.75))}


def _middle(v: Values, face: Face, options: Options) -> Applied:
    return _through(v, face, options, 0, 0)


def _draw_offset(draw: Draw, face: Face) -> Mapping[str, float]:
    width, depth = flat_room(face)
    d = draw.size(2, min(width, depth) * 0.4)
    return {"diameter": d, "x": draw.size(1, (width - d) / 2), "y": draw.size(1, (depth - d) / 2)}


def _offset(v: Values, face: Face, options: Options) -> Applied:
    return _through(v, face, options, v["x"], v["y"])


def _draw_placed(draw: Draw, face: Face) -> Mapping[str, float]:
    width, depth = flat_room(face)
    d = draw.size(2, min(width, depth) * 0.4)
    return {"diameter": d, "x": offset(draw, (width - d) / 2), "y": offset(draw, (depth - d) / 2)}


def _draw_shifted(draw: Draw, face: Face) -> Mapping[str, float]:
    width, depth = flat_room(face)
    d = draw.size(2, min(width, depth) * 0.5)
    return {"diameter": d, "x": draw.size(1, (width - d) / 2)}


def _shifted(v: Values, face: Face, options: Options) -> Applied:
    return _through(v, face, options, v["x"], 0)


def _draw_cornered(draw: Draw, face: Face) -> Mapping[str, float]:
    width, depth = flat_room(face)
    d = draw.size(2, min(width, depth) * 0.4)
    least = d / 2 + GAP + 0.2
    return {
        "diameter": d,
        "from_left": draw.size(least, face.width.value - least),
        "from_front": draw.size(least, face.depth.value - least),
    }


def _cornered(v: Values, face: Face, options: Options) -> Applied:
    d, left, front = v["diameter"], v["from_left"], v["from_front"]
    x, y = (from_edge(m, s, n) for m, s, n in zip(face.middle, (face.width, face.depth), (left, front), strict=True))
    px, py = left.value - face.width.value / 2, front.value - face.depth.value / 2
    return Applied(
        footprints=(Rect(px, py, d.value, d.value),),
        cuts=(on_face(face, at(x, y, face.bottom - 1, bore(d, face.thickness + 2, options))),),
        volume=-bore_area(d, options) * face.thickness.value,
        genus=count_through(face, 1),
    )


HOLE_FEATURES = (
    Feature(
        "center_hole",
        "center hole",
        "hole_",
        {"diameter": _DIAMETER},
        _draw_middle,
        _middle,
        pools(
            "@a {diameter} hole in the middle@F | a hole of {diameter} in the center@F | "
            "a centered {diameter} hole@F | @a {diameter} through hole at the center@F | "
            "a hole in the middle@F, {diameter} in diameter | a central hole {diameter} across@F | "
            "@a {diameter} center hole@F | @a {diameter} bore through the centre@F | a {diameter} hole dead centre@F",
            "@a {diameter} opening dead center@F | a round opening of {diameter} at its midpoint@F | "
            "pierced at the midpoint@F with @a {diameter} bore",
        ),
        pools(
            "a hole in the middle@F | a center hole@F | a hole through the center@F | a centred through hole@F",
            "an opening at the midpoint@F",
        ),
        options=BORED,
        weight=3.0,
    ),
    Feature(
        "offset_hole",
        "off-center hole",
        "hole_",
        {"diameter": _DIAMETER, "x": _RIGHT, "y": _UP},
        _draw_offset,
        _offset,
        pools(
            "@a {diameter} hole {x} to the right of center and {y} up@F | "
            "a hole of {diameter}@F, {x} right and {y} above the middle | "
            "@a {diameter} hole@F offset {x} to the right and {y} up from the center | "
            "an off-center hole@F, {diameter} in diameter, {x} right of the middle and {y} above it | "
            "@a {diameter} hole that sits {x} to the right and {y} up from the centre@F | "
            "@a {diameter} hole@F moved {x} right and {y} up from the middle",
            "@a {diameter} bore@F shifted rightwards by {x} and upwards by {y} | "
            "an eccentric {diameter} opening@F, {x} rightward and {y} upward of the midpoint",
        ),
        pools(
            "a hole off to the upper right@F | an off-center hole up and to the right@F",
            "an eccentric opening@F toward the upper right",
        ),
        options=BORED,
    ),
    Feature(
        "coordinate_hole",
        "hole",
        "hole_",
        {"diameter": _DIAMETER, "x": _RIGHT, "y": _UP},
        _draw_placed,
        _offset,
        pools(
            "@a {diameter} hole at x = {x}, y = {y} from the center@F | "
            "@a {diameter} hole@F at ({x}, {y}) measured from the middle | "
            "a hole@F with diameter {diameter}, x offset {x}, y offset {y} | "
            "a hole of {diameter}@F at x {x} and y {y} relative to the center | "
            "@a {diameter} hole@F offset from the centre by x {x} and y {y} | "
            "a hole@F: diameter {diameter}, x {x}, y {y} from the middle",
            "@a {diameter} bore@F whose coordinates are ({x}, {y}) about the midpoint | "
            "an opening of {diameter}@F located at x: {x}, y: {y} with the midpoint as zero",
        ),
        pools("a hole somewhere off the middle@F | a hole off center@F", "an opening away from the midpoint@F"),
        options=BORED,
        weight=0.7,
    ),
    Feature(
        "shifted_hole",
        "shifted hole",
        "hole_",
        {"diameter": _DIAMETER, "x": _RIGHT},
        _draw_shifted,
        _shifted,
        pools(
            "@a {diameter} hole {x} to the right of the center@F | a hole of {diameter}@F, {x} right of the middle | "
            "@a {diameter} hole@F offset {x} to the right | "
            "a hole@F {diameter} wide, shifted {x} right from the centre | "
            "@a {diameter} hole on the center line@F, {x} right of the middle | "
            "@a {diameter} hole@F moved {x} to the right of the middle",
            "@a {diameter} bore@F lying {x} rightward of the midpoint | "
            "an opening of {diameter}@F displaced {x} toward the right",
        ),
        pools("a hole to the right of the center@F | a hole off to the right@F", "an opening toward the right@F"),
        options=BORED,
        weight=0.8,
    ),
    Feature(
        "cornered_hole",
        "hole near a corner",
        "hole_",
        {
            "diameter": _DIAMETER,
            "from_left": Measure(("hole distance from the left edge",), low=2, high=200),
            "from_front": Measure(("hole distance from the near edge",), low=2, high=200),
        },
        _draw_cornered,
        _cornered,
        pools(
            "@a {diameter} hole {from_left} from the left edge and {from_front} from the near edge@F | "
            "a hole of {diameter}@F, {from_left} in from the left and {from_front} in from the near edge | "
            "@a {diameter} hole@F centered {from_left} from the left side and {from_front} from the lower side | "
            "one {diameter} hole@F placed {from_left} from the left edge, {from_front} from the bottom edge | "
            "a hole@F, diameter {diameter}, {from_left} from the left edge, {from_front} from the lower edge | "
            "@a {diameter} hole@F: {from_left} off the left edge, {from_front} off the near edge",
            "@a {diameter} bore@F {from_left} inward of the left border and {from_front} of the near one | "
            "an opening of {diameter}@F, {from_left} away from the left border, {from_front} away from the lower one",
        ),
        pools("a hole near one corner@F | a single hole toward a corner@F", "an opening close to one corner@F"),
        options=BORED,
        is_round_ok=False,
        weight=0.8,
    ),
)
