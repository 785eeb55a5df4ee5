"""Slots through a face: single, paired, in a row, on a ring, with a keyhole."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.features.hole_rows import centered_step
from corpus.synth.features.room import (
    check_apart,
    count_through,
    facets,
    flat_room,
    round_room,
    square_footprint,
    var,
)
from corpus.synth.num import Num, literal
from corpus.synth.part import Applied, Face, Feature, Options, Rect, Values
from corpus.synth.text import at, block, cylinder, each, hull, indent, through_cut
from corpus.synth.words import Measure, pools

__all__ = ["SLOT_FEATURES", "slot_shape"]

_BUILD = {"build": ("hull", "outline", "parts")}
_LENGTH = Measure(("slot length",), low=6, high=150)
_WIDTH = Measure(("slot width",), low=2, high=40)


def slot_shape(length: Num, width: Num, height: Num, options: Options, *, is_upright: bool = False) -> str:
    """A slot with round ends about the origin, from z = 0 up; `length` is end to end."""
    end = var("end") * (length - width) / 2
    x, y = (literal(0), end) if is_upright else (end, literal(0))
    if options["build"] == "hull":
        return hull("end = [-1, 1]", at(x, y, 0, cylinder(width, height)))
    ends = each("end = [-1, 1]", f"translate([{x}, {y}])\n  circle(d = {width});")
    if options["build"] == "outline":
        return f"linear_extrude(height = {height})\n  hull()\n{indent(ends, 2)}"
    sides = (width, length - width) if is_upright else (length - width, width)
    return block(f"linear_extrude(height = {height})", (f"square([{sides[0]}, {sides[1]}], center = true);", ends))


def _area(length: Num, width: Num, options: Options) -> float:
    if length.value < width.value + 0.5:
        raise Infeasible("a slot is longer than wide")
    n = facets(options)
    return geometry.circle_area(width.value, n) + (length.value - width.value) * width.value


def _cut(face: Face, area: float, footprints: Sequence[Rect], text: str) -> Applied:
    """As many equal cuts through the material as footprints."""
    n = len(footprints)
    return Applied(tuple(footprints), (text,), (), -n * area * face.thickness.value, count_through(face, n))


def _slot_values(draw: Draw, along: float, across: float) -> Mapping[str, float]:
    width = draw.size(2, min(30, across * 0.6, along / 2))
    return {"length": draw.size(width * 1.4, along), "width": width}


def _draw_slot(draw: Draw, face: Face) -> Mapping[str, float]:
    return _slot_values(draw, *flat_room(face))


def _slot(v: Values, face: Face, options: Options) -> Applied:
    length, width = v["length"], v["width"]
    text = through_cut(face, 0, 0, slot_shape(length, width, face.thickness + 2, options))
    return _cut(face, _area(length, width, options), (square_footprint(0, 0, length.value, width.value),), text)


def _draw_upright(draw: Draw, face: Face) -> Mapping[str, float]:
    return _slot_values(draw, *flat_room(face)[::-1])


def _upright(v: Values, face: Face, options: Options) -> Applied:
    length, width = v["length"], v["width"]
    text = through_cut(face, 0, 0, slot_shape(length, width, face.thickness + 2, options, is_upright=True))
    return _cut(face, _area(length, width, options), (square_footprint(0, 0, width.value, length.value),), text)


def _draw_two(draw: Draw, face: Face) -> Mapping[str, float]:
    along, across = flat_room(face)
    slot = _slot_values(draw, along, across / 2)
    return {**slot, "spacing": draw.size(slot["width"] + 1.5, across - slot["width"])}


def _two(v: Values, face: Face, options: Options) -> Applied:
    length, width, pitch = v["length"], v["width"], v["spacing"]
    check_apart(pitch.value, width.value)
    moved = at(0, var("sgn") * pitch / 2, 0, slot_shape(length, width, face.thickness + 2, options))
    text = through_cut(face, 0, 0, each("sgn = [-1, 1]", moved))
    spots = [square_footprint(0, side * pitch.value / 2, length.value, width.value) for side in (-1, 1)]
    return _cut(face, _area(length, width, options), spots, text)


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
        area = _area(length, width, options)
        shape = slot_shape(length, width, height, {"build": "hull"}, is_upright=True)
    else:
        area = length.value * width.value
        shape = f"translate([{-width / 2}, {-length / 2}, 0])\n  cube([{width}, {length}, {height}]);"
    text = through_cut(face, 0, 0, each(f"i = [0 : {count - 1}]", at(step, 0, 0, shape)))
    places = [(i - (n - 1) / 2) * pitch.value for i in range(n)]
    return _cut(face, area, [square_footprint(x, 0, width.value, length.value) for x in places], text)


def _draw_ring(draw: Draw, face: Face) -> Mapping[str, float]:
    room, count = round_room(face), draw.choice((3.0, 4.0, 5.0, 6.0, 6.0, 8.0))
    length = draw.size(5, room * 0.3)
    width = draw.size(1.5, min(12, length * 0.6))
    # the inner ends come together first
    least = max(length + (width + 1) / math.sin(math.pi / count), length + 3)
    return {"count": count, "length": length, "width": width, "circle_diameter": draw.size(least, room - length)}


def _slot_ring(v: Values, face: Face, options: Options) -> Applied:
    count, length, width, circle = v["count"], v["length"], v["width"], v["circle_diameter"]
    n, area = int(count.value), _area(length, width, options)
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
    return _cut(face, area, [Rect(x, y, length.value, length.value) for x, y in spots], text)


def _angles(n: int) -> list[float]:
    return [2 * math.pi * i / n for i in range(n)]


def _draw_keyhole(draw: Draw, face: Face) -> Mapping[str, float]:
    width, depth = flat_room(face)
    head = draw.size(4, min(24, width * 0.7, depth * 0.45))
    slot = draw.size(max(2, head * 0.35), head * 0.65)
    return {"head_diameter": head, "slot_width": slot, "length": draw.size(head * 0.8, min(head * 3, depth - head))}


def _keyhole(v: Values, face: Face, options: Options) -> Applied:
    """The head about the middle less half the slot, so that the whole is centred; the slot goes up."""
    head, slot, length = v["head_diameter"], v["slot_width"], v["length"]
    if slot.value > head.value - 1 or length.value < head.value / 2 + slot.value / 2:
        raise Infeasible("the slot of a keyhole is narrower than its head and longer than half of it")
    height = face.thickness + 2
    upper = hull(f"y = [0, {length}]", f"translate([0, y, 0])\n  {cylinder(slot, height)}")
    text = through_cut(face, 0, -length / 2, block("union()", (cylinder(head, height), upper)))
    n = facets(options)
    half = geometry.clip_above(geometry.circle_points(head.value, n), 1, 0.0)
    for _ in range(2):  # the strip of the head that the slot covers
        half = [(-x, y) for x, y in geometry.clip_above(half, 0, -slot.value / 2)]
    area = geometry.circle_area(head.value, n) + length.value * slot.value - geometry.polygon_area(half)
    area += geometry.circle_area(slot.value, n) / 2
    low, high = -length.value / 2 - head.value / 2, length.value / 2 + slot.value / 2
    return _cut(face, area, (square_footprint(0, (low + high) / 2, head.value, high - low),), text)


SLOT_FEATURES = (
    Feature(
        "slot",
        "slot",
        "slot_",
        {"length": _LENGTH, "width": _WIDTH},
        _draw_slot,
        _slot,
        pools(
            "a slot {length} long and {width} wide@F, running left to right | "
            "@a {length} x {width} horizontal slot@F | "
            "a horizontal slot in the middle@F, {length} by {width} | "
            "a centered side-to-side slot@F {length} long, {width} wide | "
            "a left-to-right slot@F with rounded ends, {length} long by {width} wide | "
            "a sideways slotted hole@F, {length} end to end and {width} wide",
            "an oblong opening@F reaching {length} sideways, {width} broad | "
            "a lengthened hole@F lying level, {length} by {width}",
        ),
        pools("a horizontal slot@F | a slot from side to side@F", "an oblong opening@F lying level"),
        options=_BUILD,
        weight=1.4,
    ),
    Feature(
        "upright_slot",
        "upright slot",
        "slot_",
        {"length": _LENGTH, "width": _WIDTH},
        _draw_upright,
        _upright,
        pools(
            "a vertical slot {length} long and {width} wide@F | @a {length} x {width} upright slot@F | "
            "an upright slot in the middle@F, {length} by {width} | "
            "a slot@F {length} long and {width} wide, running up and down | "
            "a vertical slotted hole@F with rounded ends, {length} long by {width} wide | "
            "a centered upright slot@F, {length} tall and {width} wide",
            "an oblong opening@F standing on end, {length} by {width} | "
            "a lengthened hole@F set vertically, {length} end to end, {width} broad",
        ),
        pools("a vertical slot@F | an upright slot@F", "an oblong opening@F standing on end"),
        options=_BUILD,
        weight=0.8,
    ),
    Feature(
        "slot_pair",
        "two slots",
        "slots_",
        {"length": _LENGTH, "width": _WIDTH, "spacing": Measure(("slot spacing",), low=4, high=100)},
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
        options=_BUILD,
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
            "length": _LENGTH,
            "width": _WIDTH,
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
        options=_BUILD,
        weight=0.9,
    ),
    Feature(
        "keyhole",
        "keyhole slot",
        "keyhole_",
        {
            "head_diameter": Measure(("keyhole head diameter",), low=4, high=30, is_screw=True),
            "slot_width": Measure(("keyhole slot width",), low=2, high=20),
            "length": Measure(("keyhole slot length",), low=4, high=80),
        },
        _draw_keyhole,
        _keyhole,
        pools(
            "a keyhole slot@F with @a {head_diameter} head and @a {slot_width} slot reaching {length} up | "
            "a keyhole@F for hanging: {head_diameter} hole, {slot_width} slot, {length} long | "
            "a keyhole slot@F, head {head_diameter}, slot {slot_width} wide and {length} long | "
            "a hanging keyhole@F of {head_diameter} narrowing to {slot_width}, {length} travel | "
            "@a {head_diameter} keyhole@F with a slot {slot_width} wide going up {length} | "
            "a keyhole hanger@F: head hole {head_diameter}, neck {slot_width}, neck length {length}",
            "a hang-up opening@F, {head_diameter} wide at the entry, {slot_width} in the neck, {length} upward | "
            "a screw-head entry of {head_diameter}@F that runs into @a {slot_width} neck for {length}",
        ),
        pools("a keyhole slot for hanging@F | a keyhole@F", "a hang-up opening@F for a screw head"),
        weight=0.8,
    ),
)
