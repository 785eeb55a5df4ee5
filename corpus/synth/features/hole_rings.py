"""Several equal round holes through a face: on a bolt circle, in the corners."""

from __future__ import annotations

import math
from collections.abc import Mapping

from corpus.synth.draw import Draw, Infeasible
from corpus.synth.features.hole_rows import holes, looped, pattern_diameter, shape
from corpus.synth.features.room import GAP, check_apart, corners_of, round_room, var
from corpus.synth.num import Num
from corpus.synth.part import Applied, Face, Feature, Options, Values
from corpus.synth.text import at, each, either, from_edge, on_face, through_cut, tidied
from corpus.synth.words import Measure, pools

__all__ = ["HOLE_RING_FEATURES"]


def _draw_ring(draw: Draw, face: Face) -> Mapping[str, float]:
    room, count = round_room(face), draw.choice((3.0, 4.0, 4.0, 5.0, 6.0, 6.0, 8.0, 10.0, 12.0))
    d = draw.size(2, min(14, room / 5))
    least = max((d + 1) / math.sin(math.pi / count), d + 2)
    return {"count": count, "diameter": d, "circle_diameter": draw.size(least, room - d)}


def _ring(v: Values, face: Face, options: Options) -> Applied:
    count, circle = v["count"], v["circle_diameter"]
    n = int(count.value)
    if n < 2:
        raise Infeasible("a ring needs two holes")
    check_apart(circle.value * math.sin(math.pi / n), v["diameter"].value)
    angles = [2 * math.pi * i / n for i in range(n)]
    spots = [(circle.value / 2 * math.cos(a), circle.value / 2 * math.sin(a)) for a in angles]
    hole = shape(v, face)
    if options["loop"] == "index":
        turned = f"rotate({var('i') * Num('360', 360.0) / count})\n  translate([{circle / 2}, 0, 0])\n    {hole}"
        cut = through_cut(face, 0, 0, each(f"i = [0 : {count - 1}]", turned))
    else:
        turned = f"rotate([0, 0, a])\n  translate([{circle / 2}, 0, 0])\n    {hole}"
        step = Num("360", 360.0) / count
        cut = through_cut(face, 0, 0, each(f"a = [0 : {step} : 359]", turned))
    return holes(v, face, options, spots, cut)


def _draw_corners(draw: Draw, face: Face) -> Mapping[str, float]:
    small = min(face.width.value, face.depth.value)
    if small < 12:
        raise Infeasible("no room for corner holes")
    d = draw.size(2, min(10, small / 6))
    return {"diameter": d, "inset": draw.size(d / 2 + GAP + 0.7, small * 0.28)}


def _corners(v: Values, face: Face, options: Options) -> Applied:
    d, inset = v["diameter"], v["inset"]
    x, y = tidied(face.width, 0.5) - inset, tidied(face.depth, 0.5) - inset
    check_apart(2 * min(x.value, y.value), d.value)
    if options["loop"] == "signs":
        head = "x = [-1, 1], y = [-1, 1]"
        cut = looped(face, head, var("x") * x, var("y") * y, shape(v, face))
    else:
        xs, ys = (
            either(name, from_edge(m, s, inset), from_edge(m, s, inset, is_far=True))
            for name, m, s in zip("xy", face.middle, (face.width, face.depth), strict=True)
        )
        moved = each(ys, at(var("x"), var("y"), face.bottom - 1, shape(v, face)))
        cut = on_face(face, each(xs, moved))
    return holes(v, face, options, corners_of(x.value, y.value), cut)


HOLE_RING_FEATURES = (
    Feature(
        "hole_ring",
        "ring of holes",
        "bolt_",
        {
            "count": Measure(("number of bolt holes", "number of holes"), low=2, high=16, kind="count"),
            "diameter": pattern_diameter("bolt hole diameter"),
            "circle_diameter": Measure(("bolt circle diameter", "bolt circle"), low=8, high=200),
        },
        _draw_ring,
        _ring,
        pools(
            "{count#} {diameter} holes on @a {circle_diameter} bolt circle@F | "
            "a ring of {count#} {diameter} holes@F on a circle of {circle_diameter} | "
            "{count#} bolt holes of {diameter}@F, bolt circle {circle_diameter} | "
            "{count#} holes@F, {diameter} each, evenly spaced around @a {circle_diameter} circle | "
            "a circular pattern of {count#} {diameter} holes@F, pitch circle diameter {circle_diameter} | "
            "{count#} {diameter} screw holes@F around the center on @a {circle_diameter} diameter",
            "{count#} {diameter} bores@F equally distributed on a PCD of {circle_diameter} | "
            "a wreath of {count#} openings@F, {diameter} wide, {circle_diameter} across",
        ),
        pools(
            "a ring of bolt holes@F | holes on a bolt circle@F | a circle of screw holes@F",
            "a wreath of openings@F",
        ),
        options={"loop": ("index", "angle")},
        weight=1.5,
    ),
    Feature(
        "corner_holes",
        "corner holes",
        "corner_hole_",
        {
            "diameter": pattern_diameter("corner hole diameter"),
            "inset": Measure(("corner hole inset", "hole inset"), low=3, high=40),
        },
        _draw_corners,
        _corners,
        pools(
            "four {diameter} corner holes {inset} from the edges@F | "
            "@a {diameter} hole in each corner@F, {inset} in from the edges | "
            "screw holes of {diameter} in the corners@F inset {inset} | "
            "4 mounting holes@F, {diameter} wide and {inset} from each edge | "
            "{diameter} holes in all four corners@F, {inset} from the sides | "
            "four corner mounting holes@F, {diameter} in diameter, {inset} in from the sides",
            "the corners@F drilled {diameter}, {inset} away from the border | "
            "@a {diameter} bore by every corner@F, {inset} inside the border",
        ),
        pools(
            "a screw hole in each corner@F | four corner holes@F | mounting holes in the corners@F",
            "every corner drilled@F",
        ),
        options={"loop": ("places", "signs")},
        is_round_ok=False,
        weight=2.0,
    ),
)
