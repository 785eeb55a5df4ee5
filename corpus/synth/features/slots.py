"""Slots through a face: level, upright, with a keyhole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.features.room import (
    count_through,
    facets,
    flat_room,
    square_footprint,
    var,
)
from corpus.synth.num import Num, literal
from corpus.synth.part import Applied, Face, Feature, Options, Rect, Values
from corpus.synth.text import block, each, indent, through_cut
from corpus.synth.words import Measure, pools

__all__ = [
    "SLOT_BUILD",
    "SLOT_FEATURES",
    "SLOT_LENGTH",
    "SLOT_WIDTH",
    "slot_cuts",
    "slot_outline_area",
    "slot_shape",
    "slot_values",
]

SLOT_BUILD = {"build": ("hull", "parts")}
SLOT_LENGTH = Measure(("slot length",), low=6, high=150)
SLOT_WIDTH = Measure(("slot width",), low=2, high=40)


def slot_shape(length: Num, width: Num, height: Num, options: Options, *, is_upright: bool = False) -> str:
    """A slot with round ends about the origin, from z = 0 up; `length` is end to end."""
    end = var("end") * (length - width) / 2
    x, y = (literal(0), end) if is_upright else (end, literal(0))
    ends = each("end = [-1, 1]", f"translate([{x}, {y}])\n  circle(d = {width});")
    if options["build"] == "hull":  # in two dimensions: a hull of cylinders may lack a sliver
        return f"linear_extrude(height = {height})\n  hull()\n{indent(ends, 2)}"
    sides = (width, length - width) if is_upright else (length - width, width)
    return block(f"linear_extrude(height = {height})", (f"square([{sides[0]}, {sides[1]}], center = true);", ends))


def slot_outline_area(length: Num, width: Num, options: Options) -> float:
    if length.value < width.value + 0.5:
        raise Infeasible("a slot is longer than wide")
    n = facets(options)
    return geometry.circle_area(width.value, n) + (length.value - width.value) * width.value


def slot_cuts(face: Face, area: float, footprints: Sequence[Rect], text: str) -> Applied:
    """As many equal cuts through the material as footprints."""
    n = len(footprints)
    return Applied(tuple(footprints), (text,), (), -n * area * face.thickness.value, count_through(face, n))


def slot_values(draw: Draw, along: float, across: float) -> Mapping[str, float]:
    width = draw.size(2, min(30, across * 0.6, along / 2))
    return {"length": draw.size(width * 1.4, along), "width": width}


def _draw_slot(draw: Draw, face: Face) -> Mapping[str, float]:
    return slot_values(draw, *flat_room(face))


def _slot(v: Values, face: Face, options: Options) -> Applied:
    length, width = v["length"], v["width"]
    text = through_cut(face, 0, 0, slot_shape(length, width, face.thickness + 2, options))
    return slot_cuts(
        face, slot_outline_area(length, width, options), (square_footprint(0, 0, length.value, width.value),), text
    )


def _draw_upright(draw: Draw, face: Face) -> Mapping[str, float]:
    return slot_values(draw, *flat_room(face)[::-1])


def _upright(v: Values, face: Face, options: Options) -> Applied:
    length, width = v["length"], v["width"]
    text = through_cut(face, 0, 0, slot_shape(length, width, face.thickness + 2, options, is_upright=True))
    return slot_cuts(
        face, slot_outline_area(length, width, options), (square_footprint(0, 0, width.value, length.value),), text
    )


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
    upper = f"hull()\n  for (y = [0, {length}])\n    translate([0, y])\n      circle(d = {slot});"
    shape = block(f"linear_extrude(height = {height})", (f"circle(d = {head});", upper))
    text = through_cut(face, 0, -length / 2, shape)
    n = facets(options)
    half = geometry.clip_above(geometry.circle_points(head.value, n), 1, 0.0)
    for _ in range(2):  # the strip of the head that the slot covers
        half = [(-x, y) for x, y in geometry.clip_above(half, 0, -slot.value / 2)]
    area = geometry.circle_area(head.value, n) + length.value * slot.value - geometry.polygon_area(half)
    area += geometry.circle_area(slot.value, n) / 2
    low, high = -length.value / 2 - head.value / 2, length.value / 2 + slot.value / 2
    return slot_cuts(face, area, (square_footprint(0, (low + high) / 2, head.value, high - low),), text)


SLOT_FEATURES = (
    Feature(
        "slot",
        "slot",
        "slot_",
        {"length": SLOT_LENGTH, "width": SLOT_WIDTH},
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
        options=SLOT_BUILD,
        weight=1.4,
    ),
    Feature(
        "upright_slot",
        "upright slot",
        "slot_",
        {"length": SLOT_LENGTH, "width": SLOT_WIDTH},
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
        options=SLOT_BUILD,
        weight=0.8,
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
