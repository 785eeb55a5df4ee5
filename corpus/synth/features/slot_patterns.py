"""Several equal slots through a face: two, a row of vents, a ring."""

from __future__ import annotations

import math
from collections.abc import Mapping

from corpus.synth.draw import Draw, Infeasible
from corpus.synth.features.hole_rows import centered_step
from corpus.synth.features.room import (
    check_apart,
    flat_room,
    round_room,
    square_footprint,
    var,
)
from corpus.synth.features.slots import (
    SLOT_BUILD,
    SLOT_LENGTH,
    SLOT_WIDTH,
    slot_cuts,
    slot_outline_area,
    slot_shape,
    slot_values,
)
from corpus.synth.num import Num
from corpus.synth.part import Applied, Face, Feature, Options, Rect, Values
from corpus.synth.text import at, each, indent, through_cut
from corpus.synth.words import Measure, pools

__all__ = ["SLOT_PATTERN_FEATURES"]


def _draw_two(draw: Draw, face: Face) -> Mapping[str, float]:
    along, across = flat_room(face)
    slot = slot_values(draw, along, across / 2)
    return {**slot, "spacing": draw.size(slot["width"] + 1.5, across - slot["width"])}


def _two(v: Values, face: Face, options: Options) -> Applied:
    length, width, pitch = v["length"], v["width"], v["spacing"]
    check_apart(pitch.value, width.value)
    moved = at(0, var("sgn") * pitch / 2, 0, slot_shape(length, width, face.thickness + 2, options))
    text = through_cut(face, 0, 0, each("sgn = [-1, 1]", moved))
    spots = [square_footprint(0, side * pitch.value / 2, length.value, width.value) for side in (-1, 1)]
    return slot_cuts(face, slot_outline_area(length, width, options), spots, text)


def _draw_vents(draw: Draw, face: Face) -> Mapping[str, float]:
    along, across = flat_room(face)
    count = draw.count(3, 10)
    width = draw.size(1, min(8, along / count - 1))
    most = (along - width) / (count - 1)
    return {
        "count": count,
        "width": width,
        "length": draw.size(width * 2, min(across, 120)),
        "spacing": draw.size(width + 1, min(most, width * 4)),
    }


def _vents(v: Values, face: Face, options: Options) -> Applied:
    count, width, length, pitch = v["count"], v["width"], v["length"], v["spacing"]
    check_apart(pitch.value, width.value)
    n, height, step = int(count.value), face.thickness + 2, centered_step("i", count, pitch)
    if n < 2:
        raise Infeasible("vents are several")
    if options["ends"] == "round":
        area = slot_outline_area(length, width, options)
        shape = slot_shape(length, width, height, {"build": "hull"}, is_upright=True)
    else:
        area = length.value * width.value
        shape = f"translate([{-width / 2}, {-length / 2}, 0])\n  cube([{width}, {length}, {height}]);"
    text = through_cut(face, 0, 0, each(f"i = [0 : {count - 1}]", at(step, 0, 0, shape)))
    places = [(i - (n - 1) / 2) * pitch.value for i in range(n)]
    return slot_cuts(face, area, [square_footprint(x, 0, width.value, length.value) for x in places], text)


def _draw_ring(draw: Draw, face: Face) -> Mapping[str, float]:
    room, count = round_room(face), draw.choice((3.0, 4.0, 5.0, 6.0, 6.0, 8.0))
    length = draw.size(5, room * 0.3)
    width = draw.size(1.5, min(12, length * 0.6))
    # the inner ends come together first
    least = max(length + (width + 1) / math.sin(math.pi / count), length + 3)
    return {"count": count, "length": length, "width": width, "circle_diameter": draw.size(least, room - length)}


def _slot_ring(v: Values, face: Face, options: Options) -> Applied:
    count, length, width, circle = v["count"], v["length"], v["width"], v["circle_diameter"]
    n, area = int(count.value), slot_outline_area(length, width, options)
    if n < 2:
        raise Infeasible("a ring needs two slots")
    inner = circle.value - length.value
    if inner <= 0:
        raise Infeasible("the slots meet in the middle")
    check_apart(inner * math.sin(math.pi / n), width.value)
    shape = slot_shape(length, width, face.thickness + 2, options)
    turned = f"rotate({var('i') * Num('360', 360.0) / count})\n  translate([{circle / 2}, 0, 0])\n{indent(shape, 2)}"
    # a round footprint of the slot's length, whatever way it lies
    spots = [(circle.value / 2 * math.cos(a), circle.value / 2 * math.sin(a)) for a in _angles(n)]
    text = through_cut(face, 0, 0, each(f"i = [0 : {count - 1}]", turned))
    return slot_cuts(face, area, [Rect(x, y, length.value, length.value) for x, y in spots], text)


def _angles(n: int) -> list[float]:
    return [2 * math.pi * i / n for i in range(n)]


SLOT_PATTERN_FEATURES = (
    Feature(
        "slot_pair",
        "two slots",
        "slots_",
        {"length": SLOT_LENGTH, "width": SLOT_WIDTH, "spacing": Measure(("slot spacing",), low=4, high=100)},
        _draw_two,
        _two,
        pools(
            "two parallel slots@F, {length} long and {width} wide, {spacing} apart | "
            "a pair of {length} x {width} slots@F spaced {spacing} | "
            "two horizontal slots@F {length} by {width}, {spacing} between centers | "
            "2 slots@F, each {length} long and {width} wide, one above the other {spacing} apart | "
            "twin slots@F of {length} x {width} with @a {spacing} spacing | "
            "two strap slots@F, {length} long, {width} wide and {spacing} apart",
            "a duo of level oblong openings@F, {length} by {width}, at {spacing} from each other | "
            "slotted twice@F: {length} x {width}, {spacing} in between centers",
        ),
        pools("two parallel slots@F | a pair of strap slots@F", "a duo of level oblong openings@F"),
        options=SLOT_BUILD,
    ),
    Feature(
        "vent_slots",
        "vent slots",
        "vent_",
        {
            "count": Measure(("number of vents", "number of vent slots"), low=2, high=20, kind="count"),
            "width": Measure(("vent width",), low=1, high=15),
            "length": Measure(("vent length",), low=4, high=120),
            "spacing": Measure(("vent spacing",), low=2, high=40),
        },
        _draw_vents,
        _vents,
        pools(
            "{count#} vent slots@F, {width} wide and {length} long, {spacing} apart | "
            "a row of {count#} ventilation slots@F of {length} x {width} every {spacing} | "
            "{count#} parallel vents@F, each {length} long and {width} wide, spaced {spacing} | "
            "cooling slots@F: {count#} of them, {width} by {length}, {spacing} between centers | "
            "{count#} upright air slots@F, {width} wide, {length} tall, pitch {spacing} | "
            "ventilation@F by {count#} slots, {length} long, {width} wide and {spacing} apart",
            "{count#} louvre openings@F, {length} by {width} at {spacing} intervals | "
            "a grille@F of {count#} bars' gaps, {width} broad, {length} high, one per {spacing}",
        ),
        pools("ventilation slots@F | a row of vent slots@F | some cooling slots@F", "a grille of openings@F"),
        options={"ends": ("round", "square")},
    ),
    Feature(
        "slot_ring",
        "ring of slots",
        "slots_",
        {
            "count": Measure(("number of slots",), low=2, high=12, kind="count"),
            "length": SLOT_LENGTH,
            "width": SLOT_WIDTH,
            "circle_diameter": Measure(("slot circle diameter",), low=10, high=200),
        },
        _draw_ring,
        _slot_ring,
        pools(
            "{count#} radial slots@F, {length} long and {width} wide, on @a {circle_diameter} circle | "
            "a ring of {count#} {length} x {width} slots@F around the center, circle diameter {circle_diameter} | "
            "{count#} slots@F arranged like spokes on @a {circle_diameter} circle, each {length} by {width} | "
            "a polar pattern of {count#} slots@F, {length} long, {width} wide, on @a {circle_diameter} diameter | "
            "{count#} slots@F pointing at the center, {length} x {width}, on a circle of {circle_diameter} | "
            "a circular array of {count#} slots@F measuring {length} x {width}, pitch circle {circle_diameter}",
            "{count#} oblong openings@F set like rays, {length} by {width}, {circle_diameter} across their midpoints | "
            "a sunburst of {count#} slits@F, {length} long, {width} broad, about @a {circle_diameter} circle",
        ),
        pools("a ring of radial slots@F | slots arranged like spokes@F", "a sunburst of slits@F"),
        options=SLOT_BUILD,
        weight=0.9,
    ),
)
