"""What is cut into the edge of a face that is the whole of its side of the part: notches.

They need `Face.is_whole`: on another the edge of the free rectangle is not the part's.
"""

from __future__ import annotations

from collections.abc import Mapping

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.features.openings import extruded
from corpus.synth.features.room import GAP, facets, square_footprint, var
from corpus.synth.num import Num
from corpus.synth.part import Applied, Face, Feature, Options, Rect, Values
from corpus.synth.text import at, cylinder, each, from_edge, on_face
from corpus.synth.words import Measure, pools

__all__ = ["EDGE_FEATURES"]


def _check(face: Face, along: float, into: float, length: float, depth: float) -> None:
    """Raises Infeasible where a notch `length` wide and `depth` deep spoils a corner or parts the face."""
    if not face.is_whole:
        raise Infeasible("the edge of this face is not the part's")
    if length + 2 * max(GAP, face.corner_radius) > along or depth + 2 * GAP > into:
        raise Infeasible("no room for a notch")


def _draw_notch(draw: Draw, face: Face) -> Mapping[str, float]:
    _check(face, face.width.value, face.depth.value, 0, 0)
    room = face.width.value - 2 * max(GAP, face.corner_radius)
    return {"width": draw.size(2, min(60, room * 0.6)), "depth": draw.size(1.5, min(50, face.depth.value * 0.4))}


def _notch(v: Values, face: Face, options: Options) -> Applied:
    width, depth = v["width"], v["depth"]
    _check(face, face.width.value, face.depth.value, width.value, depth.value)
    near = face.middle[1] - face.depth / 2
    text = at(face.middle[0] - width / 2, near - 1, face.bottom - 1, _cube(width, depth + 1, face))
    y = -face.depth.value / 2 + (GAP + depth.value) / 2
    return Applied(
        (square_footprint(0, y, width.value, depth.value - GAP),),
        cuts=(on_face(face, text),),
        volume=-width.value * depth.value * face.thickness.value,
    )


def _cube(width: Num, depth: Num, face: Face) -> str:
    return f"cube([{width}, {depth}, {face.thickness + 2}]);"


def _draw_bite(draw: Draw, face: Face) -> Mapping[str, float]:
    _check(face, face.width.value, face.depth.value, 0, 0)
    room = face.width.value - 2 * max(GAP, face.corner_radius)
    return {"diameter": draw.size(3, min(60, room * 0.6, face.depth.value * 0.8))}


def _bite(v: Values, face: Face, options: Options) -> Applied:
    """Half a disc off the near edge."""
    d = v["diameter"]
    _check(face, face.width.value, face.depth.value, d.value, d.value / 2)
    y = from_edge(face.middle[1], face.depth, Num("0", 0.0, is_literal=True))
    text = at(face.middle[0], y, face.bottom - 1, cylinder(d, face.thickness + 2))
    return Applied(
        (square_footprint(0, (GAP + d.value / 2 - face.depth.value) / 2, d.value, d.value / 2 - GAP),),
        cuts=(on_face(face, text),),
        volume=-geometry.circle_area(d.value, facets(options)) / 2 * face.thickness.value,
    )


def _draw_grips(draw: Draw, face: Face) -> Mapping[str, float]:
    _check(face, face.depth.value, face.width.value, 0, 0)
    room = face.depth.value - 2 * max(GAP, face.corner_radius)
    return {"diameter": draw.size(3, min(50, room * 0.7, face.width.value * 0.5))}


def _grips(v: Values, face: Face, options: Options) -> Applied:
    """Half a disc off the left edge and off the right one."""
    d = v["diameter"]
    _check(face, face.depth.value, face.width.value, d.value, d.value)
    x = face.middle[0] + var("sgn") * face.width / 2
    moved = at(x, face.middle[1], face.bottom - 1, cylinder(d, face.thickness + 2))
    place = (face.width.value - GAP - d.value / 2) / 2
    return Applied(
        tuple(square_footprint(s * place, 0, d.value / 2 - GAP, d.value) for s in (-1, 1)),
        cuts=(on_face(face, each("sgn = [-1, 1]", moved)),),
        volume=-geometry.circle_area(d.value, facets(options)) * face.thickness.value,
    )


def _draw_vee(draw: Draw, face: Face) -> Mapping[str, float]:
    return _draw_notch(draw, face)


def _vee(v: Values, face: Face, options: Options) -> Applied:
    """A triangle off the near edge; it begins just outside, so that no corner of it lies on the edge."""
    width, depth = v["width"], v["depth"]
    _check(face, face.width.value, face.depth.value, width.value, depth.value)
    near = face.middle[1] - face.depth / 2
    half = width / 2
    points = f"[{-half}, -0.01], [{half}, -0.01], [0, {depth}]"
    shape = extruded(face.thickness + 2, [f"polygon([{points}]);"])
    y = -face.depth.value / 2 + (GAP + depth.value) / 2
    return Applied(
        (Rect(0, y, width.value, max(0.1, depth.value - GAP)),),
        cuts=(on_face(face, at(face.middle[0], near, face.bottom - 1, shape)),),
        volume=-width.value * depth.value / 2 * face.thickness.value,
    )


def _sized(noun: str) -> Mapping[str, Measure]:
    return {
        "width": Measure((f"{noun} width",), low=2, high=100),
        "depth": Measure((f"{noun} depth",), low=1, high=60),
    }


EDGE_FEATURES = (
    Feature(
        "edge_notch",
        "notch",
        "notch_",
        _sized("notch"),
        _draw_notch,
        _notch,
        pools(
            "a notch {width} wide and {depth} deep in the near edge@F | "
            "@a {width} x {depth} notch in the middle of the front edge@F | "
            "a rectangular notch cut into the front edge@F, {width} wide and {depth} deep | "
            "a slot open to the near edge@F, {width} wide, {depth} deep | "
            "a {depth} deep notch of {width} in the middle of one edge@F | "
            "a square-cornered cutout in the near edge@F, {width} by {depth}",
            "a nick@F of {width} by {depth} let into the foremost border | "
            "the foremost border@F gapped {width} wide to a depth of {depth}",
        ),
        pools("a notch in one edge@F | a rectangular notch in the front edge@F", "a nick in the border@F"),
        is_round_ok=False,
    ),
    Feature(
        "round_notch",
        "round notch",
        "notch_",
        {"diameter": Measure(("notch diameter",), low=3, high=100)},
        _draw_bite,
        _bite,
        pools(
            "a half-round notch of {diameter} in the near edge@F | "
            "@a {diameter} semicircular cutout in the front edge@F | "
            "a round notch {diameter} wide in the middle of the front edge@F | "
            "a semicircular bite out of the near edge@F, {diameter} in diameter | "
            "a finger notch of {diameter} in the front edge@F | a half-circle cut into one edge@F, {diameter} across",
            "a scallop@F of {diameter} in the foremost border | the foremost border@F scooped {diameter} wide",
        ),
        pools("a half-round notch in the front edge@F | a finger notch in one edge@F", "a scallop in the border@F"),
        is_round_ok=False,
    ),
    Feature(
        "v_notch",
        "V notch",
        "notch_",
        _sized("notch"),
        _draw_vee,
        _vee,
        pools(
            "a V notch {width} wide and {depth} deep in the near edge@F | "
            "@a {width} x {depth} V-shaped notch in the front edge@F | "
            "a triangular notch in the middle of the front edge@F, {width} wide, {depth} deep | "
            "a V-groove cut into the near edge@F, {width} across its mouth and {depth} deep | "
            "a vee cutout@F of {width} by {depth} in one edge | "
            "a pointed notch in the front edge@F, {width} wide and {depth} deep",
            "a wedge@F of {width} by {depth} taken off the foremost border | "
            "a swallowtail nick@F, {width} broad, {depth} down, in the border",
        ),
        pools("a V notch in the front edge@F | a triangular notch in one edge@F", "a wedge taken off the border@F"),
        is_round_ok=False,
        weight=0.7,
    ),
    Feature(
        "grip_notches",
        "grip notches",
        "grip_",
        {"diameter": Measure(("grip notch diameter",), low=3, high=80)},
        _draw_grips,
        _grips,
        pools(
            "half-round grip notches of {diameter} in the left and right edges@F | "
            "@a {diameter} finger notch on each side@F | two semicircular side notches@F, {diameter} in diameter | "
            "finger grips of {diameter} cut into both sides@F | "
            "a half-circle of {diameter} out of the left and the right edge@F | "
            "round thumb notches@F in both sides, {diameter} wide",
            "scallops of {diameter} to the left and to the right@F | a waist@F made by two {diameter} scoops",
        ),
        pools("finger notches on both sides@F | grip notches in the sides@F", "scallops to the left and right@F"),
        is_round_ok=False,
        weight=0.8,
    ),
)
