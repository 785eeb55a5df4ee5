"""Holes through a face: one in the middle, one in each corner."""

from __future__ import annotations

from collections.abc import Mapping

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.part import Applied, Face, Feature, Options, Rect, Values
from corpus.synth.text import cylinder, indent, on_face, through_cut
from corpus.synth.words import Measure, pools

__all__ = ["HOLE_FEATURES"]


def _facets(options: Options) -> int:
    return int(options["facets"])


def _draw_middle(draw: Draw, face: Face) -> Mapping[str, float]:
    room = min(face.width.value, face.depth.value)
    return {"diameter": draw.size(2, room * 0.6)}


def _middle(v: Values, face: Face, options: Options) -> Applied:
    d = v["diameter"]
    area = geometry.circle_area(d.value, _facets(options))
    return Applied(
        footprints=(Rect(0, 0, d.value, d.value),),
        cuts=(through_cut(face, 0, 0, cylinder(d, face.thickness + 2)),),
        volume=-area * face.thickness.value,
        genus=1 if face.is_through else 0,
    )


def _draw_corners(draw: Draw, face: Face) -> Mapping[str, float]:
    small = min(face.width.value, face.depth.value)
    if small < 12:
        raise Infeasible("no room for corner holes")
    diameter = draw.size(2, min(10, small / 6))
    return {"diameter": diameter, "inset": draw.size(diameter / 2 + 1.5, small * 0.28)}


def _corners(v: Values, face: Face, options: Options) -> Applied:
    d, inset = v["diameter"], v["inset"]
    x, y = face.width / 2 - inset, face.depth / 2 - inset
    mx, my = face.middle
    # written from the two edges, as people do
    left, right = mx - face.width / 2 + inset, mx + face.width / 2 - inset
    if mx.text == (face.width / 2).text:
        left, right = inset, face.width - inset
    front, back = my - face.depth / 2 + inset, my + face.depth / 2 - inset
    if my.text == (face.depth / 2).text:
        front, back = inset, face.depth - inset
    cut = f"for (x = [{left}, {right}], y = [{front}, {back}])\n" + indent(
        f"translate([x, y, {face.bottom - 1}])\n" + indent(cylinder(d, face.thickness + 2))
    )
    area = geometry.circle_area(d.value, _facets(options))
    spots = [(sx * x.value, sy * y.value) for sx in (-1, 1) for sy in (-1, 1)]
    return Applied(
        footprints=tuple(Rect(px, py, d.value, d.value) for px, py in spots),
        cuts=(on_face(face, cut),),
        volume=-4 * area * face.thickness.value,
        genus=4 if face.is_through else 0,
    )


HOLE_FEATURES = (
    Feature(
        "center_hole",
        "center hole",
        "hole_",
        {"diameter": Measure(("hole diameter", "bore"), low=2, high=60, is_screw=True)},
        _draw_middle,
        _middle,
        pools(
            "@a {diameter} hole in the middle@F | a hole of {diameter} in the center@F | "
            "a centered {diameter} hole@F | @a {diameter} through hole at the center@F | "
            "a hole in the middle@F, {diameter} in diameter | a central hole {diameter} across@F",
            "@a {diameter} opening dead center@F | a round opening of {diameter} at its midpoint@F",
        ),
        pools(
            "a hole in the middle@F | a center hole@F | a hole through the center@F",
            "an opening at the midpoint@F",
        ),
        weight=2.0,
    ),
    Feature(
        "corner_holes",
        "corner holes",
        "corner_hole_",
        {
            "diameter": Measure(("corner hole diameter", "screw hole diameter"), low=2, high=12, is_screw=True),
            "inset": Measure(("corner hole inset", "hole inset"), low=3, high=40),
        },
        _draw_corners,
        _corners,
        pools(
            "four {diameter} corner holes {inset} from the edges@F | "
            "@a {diameter} hole in each corner@F, {inset} in from the edges | "
            "screw holes of {diameter} in the corners@F inset {inset} | "
            "4 mounting holes@F, {diameter} wide and {inset} from each edge",
            "the corners@F drilled {diameter}, {inset} away from the border",
        ),
        pools(
            "a screw hole in each corner@F | four corner holes@F | mounting holes in the corners@F",
            "every corner drilled@F",
        ),
        is_round_ok=False,
        weight=1.5,
    ),
)
