"""Grooves that run around the middle of a face: round and rectangular."""

from __future__ import annotations

from collections.abc import Mapping

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.features.openings import extruded
from corpus.synth.features.pockets import sunk
from corpus.synth.features.room import deep, facets, flat_room, round_room, square_footprint
from corpus.synth.part import Applied, Face, Feature, Options, Rect, Values
from corpus.synth.text import block
from corpus.synth.words import Measure, pools

__all__ = ["GROOVE_FEATURES", "frame_footprints"]


def _draw_groove(draw: Draw, face: Face) -> Mapping[str, float]:
    outer = draw.size(8, round_room(face) * 0.95)
    return {"diameter": outer, "width": draw.size(1, min(10, outer / 4)), "depth": deep(draw, face, 10)}


def _groove(v: Values, face: Face, options: Options) -> Applied:
    outer, width, depth = v["diameter"], v["width"], v["depth"]
    inner = outer - 2 * width
    if inner.value < 1:
        raise Infeasible("a groove leaves something in its middle")
    n = facets(options)
    area = geometry.circle_area(outer.value, n) - geometry.circle_area(inner.value, n)
    ring = block("difference()", (f"circle(d = {outer});", f"circle(d = {inner});"))
    return sunk(face, depth, area, (Rect(0, 0, outer.value, outer.value),), extruded(depth + 1, [ring]))


def frame_footprints(width: float, depth: float, bar: float) -> tuple[Rect, ...]:
    """The four bars of a frame about the middle."""
    x, y = (width - bar) / 2, (depth - bar) / 2
    level = [square_footprint(0, s * y, width, bar) for s in (-1, 1)]
    return (*level, *(square_footprint(s * x, 0, bar, depth) for s in (-1, 1)))


def _draw_moat(draw: Draw, face: Face) -> Mapping[str, float]:
    width, length = flat_room(face)
    outer = (draw.size(10, width * 0.95), draw.size(10, length * 0.95))
    return {
        "outer_width": outer[0],
        "outer_depth": outer[1],
        "width": draw.size(1, min(8, min(outer) / 5)),
        "depth": deep(draw, face, 8),
    }


def _moat(v: Values, face: Face, options: Options) -> Applied:
    length, height, width, depth = v["outer_width"], v["outer_depth"], v["width"], v["depth"]
    inside = (length - 2 * width, height - 2 * width)
    if min(n.value for n in inside) < 1:
        raise Infeasible("a groove leaves something in its middle")
    squares = [f"square([{x}, {y}], center = true);" for x, y in ((length, height), inside)]
    area = length.value * height.value - inside[0].value * inside[1].value
    shape = extruded(depth + 1, [block("difference()", squares)])
    return sunk(face, depth, area, frame_footprints(length.value, height.value, width.value), shape)


GROOVE_FEATURES = (
    Feature(
        "ring_groove",
        "ring groove",
        "groove_",
        {
            "diameter": Measure(("groove outer diameter",), low=8, high=200),
            "width": Measure(("groove width",), low=1, high=15),
            "depth": Measure(("groove depth",), low=0.5, high=20),
        },
        _draw_groove,
        _groove,
        pools(
            "a ring groove@F, {diameter} outer diameter, {width} wide and {depth} deep | "
            "a circular groove {width} wide and {depth} deep@F, {diameter} outside | "
            "an O-ring groove@F: {diameter} outer diameter, {width} wide, {depth} deep | "
            "a {depth} deep annular groove@F with @a {diameter} outer diameter and {width} of width | "
            "a round groove@F, {diameter} across the outside, {width} wide, {depth} deep | "
            "a circular channel@F of {width} x {depth} with outer diameter {diameter}",
            "a moat@F, {diameter} over the outside, {width} broad, {depth} down | "
            "an annular furrow@F: {width} by {depth}, outermost {diameter}",
        ),
        pools("a ring groove@F | a circular groove around the middle@F | an O-ring groove@F", "an annular furrow@F"),
        weight=0.7,
    ),
    Feature(
        "frame_groove",
        "rectangular groove",
        "groove_",
        {
            "outer_width": Measure(("groove outline width",), low=10, high=200),
            "outer_depth": Measure(("groove outline depth",), low=10, high=200),
            "width": Measure(("groove width",), low=1, high=15),
            "depth": Measure(("groove depth",), low=0.5, high=20),
        },
        _draw_moat,
        _moat,
        pools(
            "a rectangular groove@F, {outer_width} x {outer_depth} outside, {width} wide and {depth} deep | "
            "a gasket groove@F of {outer_width} by {outer_depth}, {width} wide, {depth} deep | "
            "a {depth} deep groove@F along @a {outer_width} x {outer_depth} rectangle, {width} wide | "
            "a frame-shaped groove@F {outer_width} by {outer_depth} over the outside, {width} wide, {depth} deep | "
            "a groove@F running around @a {outer_width} x {outer_depth} rectangle, {width} x {depth} in section | "
            "a seal groove@F, outside {outer_width} x {outer_depth}, width {width}, depth {depth}",
            "a four-cornered furrow@F, {outer_width} by {outer_depth} outermost, {width} broad, {depth} down | "
            "a gutter@F framing {outer_width} by {outer_depth}, {width} by {depth}",
        ),
        pools("a rectangular groove@F | a gasket groove@F", "a four-cornered furrow@F"),
        weight=0.5,
    ),
)
