"""What stands on a face and is straight: ribs, pads."""

from __future__ import annotations

from collections.abc import Mapping

from corpus.synth.draw import Draw, Infeasible
from corpus.synth.features.bosses import high, rooted, stands
from corpus.synth.features.openings import extruded
from corpus.synth.features.room import GAP, check_apart, flat_room, square_footprint, tall, var
from corpus.synth.num import Num
from corpus.synth.part import Applied, Face, Feature, Options, Values
from corpus.synth.text import at, each, standing
from corpus.synth.words import Measure, pools

__all__ = ["RIB_FEATURES"]


def _bar(width: Num, depth: Num, height: Num) -> str:
    return extruded(height, [f"square([{width}, {depth}], center = true);"])


def _rib_values(draw: Draw, face: Face, along: float, across: float) -> Mapping[str, float]:
    return {
        "length": draw.size(max(6, along * 0.3), along),
        "thickness": draw.size(1, min(12, across * 0.4)),
        "height": tall(draw, face, 1, 30),
    }


def _draw_rib(draw: Draw, face: Face) -> Mapping[str, float]:
    return _rib_values(draw, face, *flat_room(face))


def _draw_upright(draw: Draw, face: Face) -> Mapping[str, float]:
    return _rib_values(draw, face, *flat_room(face)[::-1])


def _rib(v: Values, face: Face, options: Options) -> Applied:
    return _block(face, v["length"], v["thickness"], v["height"])


def _upright_rib(v: Values, face: Face, options: Options) -> Applied:
    return _block(face, v["thickness"], v["length"], v["height"])


def _block(face: Face, width: Num, depth: Num, h: Num) -> Applied:
    if min(width.value, depth.value) < GAP:
        raise Infeasible("too thin to print")
    text = standing(face, 0, 0, _bar(width, depth, rooted(face, h)))
    spot = square_footprint(0, 0, width.value, depth.value)
    return stands(face, h, width.value * depth.value, (spot,), text)


def _draw_pair(draw: Draw, face: Face) -> Mapping[str, float]:
    along, across = flat_room(face)
    rib = _rib_values(draw, face, along, across / 2)
    return {**rib, "spacing": draw.size(rib["thickness"] + 2, across - rib["thickness"])}


def _pair(v: Values, face: Face, options: Options) -> Applied:
    length, thick, h, pitch = v["length"], v["thickness"], v["height"], v["spacing"]
    check_apart(pitch.value, thick.value)
    moved = at(0, var("sgn") * pitch / 2, 0, _bar(length, thick, rooted(face, h)))
    spots = [square_footprint(0, s * pitch.value / 2, length.value, thick.value) for s in (-1, 1)]
    text = standing(face, 0, 0, each("sgn = [-1, 1]", moved))
    return stands(face, h, length.value * thick.value, spots, text)


def _draw_cross(draw: Draw, face: Face) -> Mapping[str, float]:
    room = min(flat_room(face))
    length = draw.size(max(8, room * 0.4), room)
    return {"length": length, "thickness": draw.size(1, min(10, length / 4)), "height": tall(draw, face, 1, 25)}


def _cross(v: Values, face: Face, options: Options) -> Applied:
    length, thick, h = v["length"], v["thickness"], v["height"]
    if thick.value > length.value - 2 or thick.value < GAP:
        raise Infeasible("ribs are longer than thick")
    bars = [f"square([{a}, {b}], center = true);" for a, b in ((length, thick), (thick, length))]
    text = standing(face, 0, 0, extruded(rooted(face, h), bars))
    area = 2 * length.value * thick.value - thick.value**2
    return stands(face, h, area, (square_footprint(0, 0, length.value, length.value),), text)


def _draw_pad(draw: Draw, face: Face) -> Mapping[str, float]:
    width, depth = flat_room(face)
    return {
        "width": draw.size(4, min(80, width * 0.8)),
        "depth": draw.size(4, min(80, depth * 0.8)),
        "height": tall(draw, face, 1, 30),
    }


def _pad(v: Values, face: Face, options: Options) -> Applied:
    return _block(face, v["width"], v["depth"], v["height"])


_RIB = {
    "length": Measure(("rib length",), low=5, high=200),
    "thickness": Measure(("rib thickness",), low=0.8, high=15),
    "height": high("rib"),
}
RIB_FEATURES = (
    Feature(
        "rib",
        "rib",
        "rib_",
        _RIB,
        _draw_rib,
        _rib,
        pools(
            "a rib@F {length} long, {thickness} thick and {height} high, running left to right | "
            "a horizontal rib@F, {length} x {thickness}, {height} tall | "
            "a stiffening rib from side to side@F, {length} long, {thickness} thick, {height} high | "
            "a horizontal bar across the middle@F, {length} long, {thickness} wide and {height} tall | "
            "a left-to-right ridge@F of {length} by {thickness} by {height} | "
            "a straight rib@F lying horizontally: length {length}, thickness {thickness}, height {height}",
            "a crosswise fin@F, {length} by {thickness}, {height} proud | "
            "a level batten@F {length} in reach, {thickness} in breadth, {height} in height",
        ),
        pools("a horizontal rib@F | a rib from side to side@F", "a level batten@F"),
    ),
    Feature(
        "upright_rib",
        "upright rib",
        "rib_",
        _RIB,
        _draw_upright,
        _upright_rib,
        pools(
            "an upright rib@F {length} long, {thickness} thick and {height} high | "
            "a vertical rib@F, {length} x {thickness}, {height} tall | "
            "a vertical ridge up the middle@F, {length} long, {thickness} thick, {height} high | "
            "a rib@F running up and down, {length} long, {thickness} wide and {height} tall | "
            "a vertical bar@F of {length} by {thickness}, standing out {height} | "
            "a vertical stiffening rib@F: length {length}, thickness {thickness}, height {height}",
            "a fin@F set on end, {length} by {thickness}, {height} proud | "
            "an upright batten@F {length} in reach, {thickness} in breadth, {height} in height",
        ),
        pools("a vertical rib@F | an upright rib@F", "an upright batten@F"),
        weight=0.7,
    ),
    Feature(
        "rib_pair",
        "two ribs",
        "ribs_",
        {**_RIB, "spacing": Measure(("rib spacing",), low=3, high=150)},
        _draw_pair,
        _pair,
        pools(
            "two parallel ribs@F, {length} long, {thickness} thick, {height} high, {spacing} apart | "
            "a pair of horizontal ribs@F, {length} x {thickness} x {height}, spaced {spacing} | "
            "two stiffening ribs@F {length} long and {thickness} thick, {height} tall, {spacing} between centers | "
            "2 rails@F, each {length} long, {thickness} wide and {height} high, {spacing} apart | "
            "two left-to-right ridges@F of {length} by {thickness}, {height} tall, at {spacing} spacing | "
            "a pair of rails@F: length {length}, thickness {thickness}, height {height}, spacing {spacing}",
            "twin battens@F, {length} by {thickness} by {height}, {spacing} from each other | "
            "a duo of crosswise fins@F, {height} proud, {length} by {thickness}, at a distance of {spacing}",
        ),
        pools("two parallel ribs@F | a pair of rails@F", "twin battens@F"),
    ),
    Feature(
        "cross_ribs",
        "crossed ribs",
        "ribs_",
        _RIB,
        _draw_cross,
        _cross,
        pools(
            "two crossed ribs@F, each {length} long, {thickness} thick and {height} high | "
            "a cross of ribs@F, {length} across, {thickness} thick, {height} tall | "
            "a plus-shaped rib@F {length} long, {thickness} wide and {height} high | "
            "ribs@F crossing in the middle: {length} x {thickness}, {height} tall | "
            "a raised cross@F of {length} with bars {thickness} wide and {height} high | "
            "a stiffening cross@F, {length} tip to tip, {thickness} thick, {height} high",
            "fins@F meeting crosswise, {length} by {thickness}, {height} proud | "
            "a cruciform ridge@F, {length} over all, limbs {thickness}, {height} in height",
        ),
        pools("two crossed ribs@F | a raised cross in the middle@F", "a cruciform ridge@F"),
        weight=0.7,
    ),
    Feature(
        "pad",
        "raised pad",
        "pad_",
        {
            "width": Measure(("pad width",), low=3, high=120),
            "depth": Measure(("pad depth",), low=3, high=120),
            "height": high("pad"),
        },
        _draw_pad,
        _pad,
        pools(
            "a raised pad@F, {width} x {depth}, {height} high | "
            "a rectangular block in the middle@F, {width} by {depth} by {height} | "
            "a rectangular boss@F {width} wide, {depth} deep and {height} tall | "
            "a block@F of {width} x {depth} standing up {height} | "
            "a {height} high rectangular pad@F of {width} by {depth} | "
            "a centered block@F measuring {width} x {depth} x {height}",
            "a rectangular plinth@F, {width} by {depth}, {height} proud | "
            "a slab@F of {width} by {depth} built up {height}",
        ),
        pools("a rectangular block in the middle@F | a raised pad@F", "a rectangular plinth@F"),
    ),
)
