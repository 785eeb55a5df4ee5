"""Pins, pegs and posts on a face: one off the middle, two, one in each corner, on a circle."""

from __future__ import annotations

import math
from collections.abc import Mapping

from corpus.synth.draw import Draw, Infeasible
from corpus.synth.features.bosses import across, high, rooted, stands
from corpus.synth.features.holes import bore_area
from corpus.synth.features.room import GAP, check_apart, corners_of, flat_room, offset, round_room, tall, var
from corpus.synth.num import Num
from corpus.synth.part import Applied, Face, Feature, Options, Rect, Values
from corpus.synth.text import at, cylinder, each, either, from_edge, indent, on_face, standing, tidied
from corpus.synth.words import Measure, pools

__all__ = ["PIN_FEATURES"]


def _draw_offset(draw: Draw, face: Face) -> Mapping[str, float]:
    width, depth = flat_room(face)
    d = draw.size(2, min(width, depth) * 0.35)
    place = {"x": offset(draw, (width - d) / 2), "y": offset(draw, (depth - d) / 2)}
    return {"diameter": d, "height": tall(draw, face, 2, 30), **place}


def _offset_pin(v: Values, face: Face, options: Options) -> Applied:
    d, h, x, y = v["diameter"], v["height"], v["x"], v["y"]
    text = standing(face, x, y, cylinder(d, rooted(face, h)))
    return stands(face, h, bore_area(d, options), (Rect(x.value, y.value, d.value, d.value),), text)


def _draw_standoffs(draw: Draw, face: Face) -> Mapping[str, float]:
    small = min(face.width.value, face.depth.value)
    if small < 24:
        raise Infeasible("no room for four posts")
    d = draw.size(3, min(12, small / 5))
    least = d / 2 + GAP + face.corner_radius * 0.3
    return {"diameter": d, "height": tall(draw, face, 2, 30), "inset": draw.size(least, small * 0.3)}


def _standoffs(v: Values, face: Face, options: Options) -> Applied:
    d, h, inset = v["diameter"], v["height"], v["inset"]
    x, y = tidied(face.width, 0.5) - inset, tidied(face.depth, 0.5) - inset
    check_apart(2 * min(x.value, y.value), d.value)
    post = cylinder(d, rooted(face, h))
    z = tidied(face.bottom + tidied(face.thickness, 0.5))
    if options["loop"] == "signs":
        place = (face.middle[0] + var("x") * x, face.middle[1] + var("y") * y, z)
        text = each("x = [-1, 1], y = [-1, 1]", at(*place, post))
    else:
        xs, ys = (
            either(name, from_edge(m, s, inset), from_edge(m, s, inset, is_far=True))
            for name, m, s in zip("xy", face.middle, (face.width, face.depth), strict=True)
        )
        text = each(xs, each(ys, at(var("x"), var("y"), z, post)))
    spots = [Rect(px, py, d.value, d.value) for px, py in corners_of(x.value, y.value)]
    return stands(face, h, bore_area(d, options), spots, on_face(face, text))


def _draw_pins(draw: Draw, face: Face) -> Mapping[str, float]:
    room, _ = flat_room(face)
    d = draw.size(2, min(14, room * 0.25))
    return {"diameter": d, "height": tall(draw, face, 2, 25), "spacing": draw.size(d + 2, room - d)}


def _pins(v: Values, face: Face, options: Options) -> Applied:
    d, h, pitch = v["diameter"], v["height"], v["spacing"]
    check_apart(pitch.value, d.value)
    moved = at(var("sgn") * pitch / 2, 0, 0, cylinder(d, rooted(face, h)))
    text = standing(face, 0, 0, each("sgn = [-1, 1]", moved))
    spots = [Rect(s * pitch.value / 2, 0, d.value, d.value) for s in (-1, 1)]
    return stands(face, h, bore_area(d, options), spots, text)


def _draw_pin_ring(draw: Draw, face: Face) -> Mapping[str, float]:
    room, count = round_room(face), draw.choice((3.0, 4.0, 5.0, 6.0, 8.0))
    d = draw.size(2, min(10, room / 6))
    least = max((d + 1) / math.sin(math.pi / count), d + 2)
    return {
        "count": count,
        "diameter": d,
        "height": tall(draw, face, 2, 20),
        "circle_diameter": draw.size(least, room - d),
    }


def _pin_ring(v: Values, face: Face, options: Options) -> Applied:
    count, d, h, circle = v["count"], v["diameter"], v["height"], v["circle_diameter"]
    n = int(count.value)
    if n < 2:
        raise Infeasible("a ring needs two pins")
    check_apart(circle.value * math.sin(math.pi / n), d.value)
    moved = f"translate([{circle / 2}, 0, 0])\n  {cylinder(d, rooted(face, h))}"
    turned = f"rotate({var('i') * Num('360', 360.0) / count})\n{indent(moved)}"
    angles = [2 * math.pi * i / n for i in range(n)]
    spots = [Rect(circle.value / 2 * math.cos(a), circle.value / 2 * math.sin(a), d.value, d.value) for a in angles]
    text = standing(face, 0, 0, each(f"i = [0 : {count - 1}]", turned))
    return stands(face, h, bore_area(d, options), spots, text)


PIN_FEATURES = (
    Feature(
        "offset_pin",
        "off-center pin",
        "pin_",
        {
            "diameter": across("pin"),
            "height": high("pin"),
            "x": Measure(("pin x offset",), low=-100, high=100),
            "y": Measure(("pin y offset",), low=-100, high=100),
        },
        _draw_offset,
        _offset_pin,
        pools(
            "@a {diameter} pin {height} tall@F at x = {x}, y = {y} from the center | "
            "a pin@F {diameter} thick and {height} long, x offset {x}, y offset {y} | "
            "an off-center pin@F: diameter {diameter}, height {height}, at ({x}, {y}) from the middle | "
            "a round peg@F of {diameter}, {height} tall, offset from the center by x {x} and y {y} | "
            "a locating pin@F {diameter} in diameter, {height} high, at x {x}, y {y} relative to the middle | "
            "a peg@F, {diameter} x {height}, placed at ({x}, {y}) from the center",
            "a dowel@F, {diameter} by {height}, its foot at ({x}, {y}) about the midpoint | "
            "a small post@F {height} in height and {diameter} in thickness, coordinates x {x} and y {y}",
        ),
        pools("an off-center pin@F | a locating pin off the middle@F", "a dowel away from the midpoint@F"),
        weight=0.7,
    ),
    Feature(
        "corner_posts",
        "corner posts",
        "post_",
        {
            "diameter": across("post"),
            "height": high("post"),
            "inset": Measure(("post inset",), low=2, high=60),
        },
        _draw_standoffs,
        _standoffs,
        pools(
            "four posts@F, {diameter} wide and {height} tall, {inset} from the edges | "
            "@a {diameter} post {height} high in each corner@F, {inset} in from the sides | "
            "four corner standoffs@F of {diameter}, {height} tall, inset {inset} | "
            "4 pegs@F near the corners, {diameter} x {height}, {inset} from each edge | "
            "round posts in the corners@F: {diameter} in diameter, {height} tall, {inset} inset | "
            "four cylindrical legs@F, {diameter} thick, {height} long, {inset} from the sides",
            "a quartet of pillars@F, {diameter} by {height}, {inset} inside the border | "
            "every corner@F carrying @a {diameter} pillar, {height} high, {inset} inward",
        ),
        pools("a post in each corner@F | four corner standoffs@F", "a quartet of pillars@F"),
        options={"loop": ("places", "signs")},
        is_round_ok=False,
    ),
    Feature(
        "pin_pair",
        "two pins",
        "pin_",
        {
            "diameter": across("pin"),
            "height": high("pin"),
            "spacing": Measure(("pin spacing",), low=4, high=150),
        },
        _draw_pins,
        _pins,
        pools(
            "two {diameter} pins {height} tall and {spacing} apart@F | "
            "a pair of locating pins@F, {diameter} x {height}, spaced {spacing} | "
            "2 pegs side by side@F, {diameter} thick, {height} high, {spacing} between centers | "
            "two round pegs@F of {diameter}, {height} tall, with @a {spacing} spacing | "
            "two alignment pins@F: diameter {diameter}, height {height}, {spacing} apart | "
            "a left and a right pin@F, {diameter} wide, {height} tall, {spacing} center to center",
            "twin dowels@F, {diameter} by {height}, set {spacing} from one another | "
            "a duo of round prongs@F {height} in height, {diameter} in thickness, {spacing} in between",
        ),
        pools("two pins side by side@F | a pair of pegs@F", "twin dowels@F"),
    ),
    Feature(
        "pin_ring",
        "ring of pins",
        "pin_",
        {
            "count": Measure(("number of pins",), low=2, high=12, kind="count"),
            "diameter": across("pin"),
            "height": high("pin"),
            "circle_diameter": Measure(("pin circle diameter",), low=8, high=200),
        },
        _draw_pin_ring,
        _pin_ring,
        pools(
            "{count#} pins@F, {diameter} wide and {height} tall, on @a {circle_diameter} circle | "
            "a ring of {count#} {diameter} pins {height} high@F on a circle of {circle_diameter} | "
            "{count#} pegs@F around the middle, {diameter} x {height}, circle diameter {circle_diameter} | "
            "a circular pattern of {count#} pins@F of {diameter}, {height} tall, pitch circle {circle_diameter} | "
            "{count#} round posts@F spaced around @a {circle_diameter} circle, {diameter} thick and {height} high | "
            "a polar array of {count#} pegs@F, {diameter} by {height}, on @a {circle_diameter} circle",
            "a crown of {count#} dowels@F, {diameter} by {height}, {circle_diameter} across | "
            "{count#} prongs@F, {diameter} thick, {height} proud, about @a {circle_diameter} circle",
        ),
        pools("a ring of pins@F | pegs around the middle@F", "a crown of dowels@F"),
        weight=0.7,
    ),
)
