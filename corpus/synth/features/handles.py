"""Handles that stand on a face: each is one more way through the part."""

from __future__ import annotations

from collections.abc import Mapping

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.features.room import facets, flat_room, square_footprint, tall
from corpus.synth.part import Applied, Face, Feature, Options, Values
from corpus.synth.text import at, block, indent, on_face, square, tidied
from corpus.synth.words import Measure, pools

__all__ = ["HANDLE_FEATURES"]


def _draw_loop(draw: Draw, face: Face) -> Mapping[str, float]:
    along, across = flat_room(face)
    span = draw.size(12, min(120, along))
    bar = draw.size(2, min(10, span / 5))
    return {
        "span": span,
        "thickness": bar,
        "width": draw.size(3, min(25, across)),
        "height": tall(draw, face, max(8, span / 2 + 2), max(15, span)),
    }


def _loop(v: Values, face: Face, options: Options) -> Applied:
    """An arch: two legs and half a ring; one more way through the part."""
    span, bar, width, h = v["span"], v["thickness"], v["width"], v["height"]
    clear, straight, root = span - 2 * bar, h - span / 2, face.thickness / 2
    if clear.value < 2 or straight.value < 0.5 or bar.value < 1:
        raise Infeasible("nothing fits through the handle")
    outer, inner = (
        f"hull() {{\n  translate([0, {straight}])\n    circle(d = {s});\n"
        f"  translate([{-s / 2}, {-low}])\n    {indent(square(s, low + straight), 2).lstrip()}\n}}"
        for s, low in ((span, root), (clear, root + 1))
    )
    above = f"translate([{-span / 2}, {-root}])\n  square([{span}, {root + h}]);"
    arch = block("intersection()", (block("difference()", (outer, inner)), above))
    arch = f"linear_extrude(height = {width}, center = true)\n{indent(arch)}"
    upright = at(*face.middle, tidied(face.bottom + face.thickness), f"rotate([90, 0, 0])\n{indent(arch)}")
    n = facets(options)
    half_rings = (geometry.circle_area(span.value, n) - geometry.circle_area(clear.value, n)) / 2
    area = half_rings + 2 * bar.value * straight.value
    return Applied(
        (square_footprint(0, 0, span.value, width.value),),
        adds=(on_face(face, upright),),
        volume=area * width.value,
        genus=1,
        rise=h.value,
    )


def _draw_grip(draw: Draw, face: Face) -> Mapping[str, float]:
    along, across = flat_room(face)
    span = draw.size(12, min(120, along))
    bar = draw.size(2, min(10, span / 5))
    return {
        "span": span,
        "thickness": bar,
        "width": draw.size(3, min(25, across)),
        "height": tall(draw, face, bar + 4, max(12, span * 0.6)),
    }


def _grip(v: Values, face: Face, options: Options) -> Applied:
    """A handle with corners: a plate less an opening."""
    span, bar, width, h = v["span"], v["thickness"], v["width"], v["height"]
    clear, root = span - 2 * bar, face.thickness / 2
    if clear.value < 2 or h.value - bar.value < 2 or bar.value < 1:
        raise Infeasible("nothing fits through the handle")
    outer = f"translate([{-span / 2}, {-root}])\n  square([{span}, {root + h}]);"
    inner = f"translate([{-clear / 2}, {-root - 1}])\n  {indent(square(clear, root + h - bar + 1)).lstrip()}"
    frame = f"linear_extrude(height = {width}, center = true)\n{indent(block('difference()', (outer, inner)))}"
    upright = at(*face.middle, tidied(face.bottom + face.thickness), f"rotate([90, 0, 0])\n{indent(frame)}")
    return Applied(
        (square_footprint(0, 0, span.value, width.value),),
        adds=(on_face(face, upright),),
        volume=(span.value * h.value - clear.value * (h.value - bar.value)) * width.value,
        genus=1,
        rise=h.value,
    )


_HANDLE = {
    "span": Measure(("handle span", "handle length"), low=12, high=150),
    "thickness": Measure(("handle bar thickness",), low=1, high=15),
    "width": Measure(("handle width",), low=2, high=40),
    "height": Measure(("handle height",), low=6, high=120),
}

HANDLE_FEATURES = (
    Feature(
        "loop_handle",
        "arched handle",
        "handle_",
        _HANDLE,
        _draw_loop,
        _loop,
        pools(
            "an arched handle@F, {span} across and {height} high, {thickness} thick and {width} wide | "
            "a rounded handle loop@F {span} wide, {height} tall, made of @a {thickness} by {width} bar | "
            "an arch@F to hold it by: {span} span, {height} tall, {thickness} thick, {width} wide | "
            "a handle@F with a round top, {span} long, {height} high, bar {thickness} x {width} | "
            "a carrying loop@F of {span} by {height}, {thickness} thick, {width} wide | "
            "a curved handle@F, span {span}, height {height}, thickness {thickness}, width {width}",
            "a bail@F, {span} from foot to foot, {height} proud, {thickness} by {width} in section | "
            "a bow@F for the hand, {span} broad, {height} in height, its strap {thickness} by {width}",
        ),
        pools("an arched handle@F | a rounded handle loop@F", "a bail@F"),
        weight=0.7,
    ),
    Feature(
        "square_handle",
        "straight handle",
        "handle_",
        _HANDLE,
        _draw_grip,
        _grip,
        pools(
            "a square-cornered handle@F, {span} long, {height} high, {thickness} thick and {width} wide | "
            "a straight bar handle@F {span} across and {height} tall, bar {thickness} thick, {width} wide | "
            "a U-shaped handle@F with square corners, {span} by {height}, {thickness} x {width} bar | "
            "a rectangular handle@F: {span} span, {height} tall, {thickness} thick, {width} wide | "
            "a drawer-style handle@F of {span} by {height}, made from @a {thickness} by {width} strip | "
            "a staple-shaped handle@F, span {span}, height {height}, thickness {thickness}, width {width}",
            "a straight grip@F, {span} from foot to foot, {height} proud, {thickness} by {width} in section | "
            "a bridge@F for the hand, {span} broad, {height} in height, its beam {thickness} by {width}",
        ),
        pools("a straight bar handle@F | a square-cornered handle@F", "a straight grip@F"),
        weight=0.7,
    ),
)
