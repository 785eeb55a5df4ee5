"""Holes that a fastener sits in: counterbored, countersunk, blind, with a trap for a nut."""

from __future__ import annotations

import math
from collections.abc import Mapping

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.features.holes import BORED, bore, bore_area
from corpus.synth.features.room import GAP, check_blind, count_through, deep, facets, round_room
from corpus.synth.num import Num
from corpus.synth.part import Applied, Face, Feature, Options, Rect, Values
from corpus.synth.text import blind_cut, through_cut
from corpus.synth.words import Measure, pools

__all__ = ["COS_30", "SCREW_HOLE_FEATURES"]

COS_30 = Num("cos(30)", math.cos(math.pi / 6))
_OVERSHOOT = 0.01
"""mm: of a cone above its face; a whole mm would widen its mouth."""


def _draw_headed(draw: Draw, face: Face) -> tuple[float, float]:
    head = draw.size(5, min(30, round_room(face) * 0.8))
    return draw.size(max(2, head * 0.35), min(head * 0.65, head - 1)), head


def _draw_counterbore(draw: Draw, face: Face) -> Mapping[str, float]:
    d, head = _draw_headed(draw, face)
    return {"diameter": d, "head_diameter": head, "head_depth": draw.size(0.8, min(12, face.thickness.value - GAP))}


def _counterbore(v: Values, face: Face, options: Options) -> Applied:
    d, head, depth = v["diameter"], v["head_diameter"], v["head_depth"]
    check_blind(depth, face)
    if head.value < d.value + 0.5:
        raise Infeasible("the counterbore is no wider than its hole")
    thin, wide = bore_area(d, options), bore_area(head, options)
    return Applied(
        footprints=(Rect(0, 0, head.value, head.value),),
        cuts=(
            through_cut(face, 0, 0, bore(d, face.thickness + 2, options)),
            blind_cut(face, 0, 0, depth, bore(head, depth + 1, options)),
        ),
        volume=-thin * face.thickness.value - (wide - thin) * depth.value,
        genus=count_through(face, 1),
    )


def _funnel(d1: Num, d2: Num, height: Num) -> str:
    """A cone; its numbers one a line where they are long."""
    said = [f"d1 = {d1}", f"d2 = {d2}", f"h = {height}"]
    line = f"cylinder({', '.join(said)});"
    return line if len(line) <= 100 else "cylinder(\n  " + ",\n  ".join(said) + "\n);"


def _draw_countersink(draw: Draw, face: Face) -> Mapping[str, float]:
    d, head = _draw_headed(draw, face)
    return {"diameter": d, "head_diameter": head}


def _countersink(v: Values, face: Face, options: Options) -> Applied:
    """A cone of 90 degrees, so half as deep as it is wider than its hole."""
    d, head = v["diameter"], v["head_diameter"]
    depth = (head - d) / 2
    check_blind(depth, face)
    if depth.value < 0.25:
        raise Infeasible("the countersink is no wider than its hole")
    slope = (head.value - d.value) / (depth.value + _OVERSHOOT)
    mouth = d.value + slope * depth.value
    unit = geometry.circle_area(1, facets(options))
    cone = unit * depth.value * (d.value**2 + d.value * mouth + mouth**2) / 3
    return Applied(
        footprints=(Rect(0, 0, head.value, head.value),),
        cuts=(
            through_cut(face, 0, 0, bore(d, face.thickness + 2, options)),
            blind_cut(face, 0, 0, depth, _funnel(d, head, depth + _OVERSHOOT)),
        ),
        volume=-(bore_area(d, options) * (face.thickness.value - depth.value) + cone),
        genus=count_through(face, 1),
    )


def _draw_blind(draw: Draw, face: Face) -> Mapping[str, float]:
    return {"diameter": draw.size(2, min(60, round_room(face) * 0.7)), "depth": deep(draw, face, 30)}


def _blind(v: Values, face: Face, options: Options) -> Applied:
    d, depth = v["diameter"], v["depth"]
    check_blind(depth, face)
    return Applied(
        footprints=(Rect(0, 0, d.value, d.value),),
        cuts=(blind_cut(face, 0, 0, depth, bore(d, depth + 1, options)),),
        volume=-bore_area(d, options) * depth.value,
    )


def _draw_nut_trap(draw: Draw, face: Face) -> Mapping[str, float]:
    flats = draw.size(4, min(24, round_room(face) * 0.7))
    depth = draw.size(0.8, min(12, face.thickness.value - GAP))
    return {"diameter": draw.size(2, flats - 1.5), "across_flats": flats, "depth": depth}


def _nut_trap(v: Values, face: Face, options: Options) -> Applied:
    d, flats, depth = v["diameter"], v["across_flats"], v["depth"]
    check_blind(depth, face)
    if flats.value < d.value + 1:
        raise Infeasible("the nut is no wider than its hole")
    corners = flats / COS_30
    thin = bore_area(d, options)
    return Applied(
        footprints=(Rect(0, 0, corners.value, corners.value),),
        cuts=(
            through_cut(face, 0, 0, bore(d, face.thickness + 2, options)),
            blind_cut(face, 0, 0, depth, f"cylinder(d = {corners}, h = {depth + 1}, $fn = 6);"),
        ),
        volume=-thin * face.thickness.value - (geometry.hexagon_area(flats.value) - thin) * depth.value,
        genus=count_through(face, 1),
    )


_SCREW = Measure(("screw hole diameter", "hole diameter"), low=2, high=20, is_screw=True)

SCREW_HOLE_FEATURES = (
    Feature(
        "counterbore",
        "counterbored hole",
        "screw_",
        {
            "diameter": _SCREW,
            "head_diameter": Measure(("counterbore diameter", "screw head diameter"), low=4, high=30),
            "head_depth": Measure(("counterbore depth", "screw head depth"), low=0.8, high=12),
        },
        _draw_counterbore,
        _counterbore,
        pools(
            "@a {diameter} hole in the middle@F counterbored to {head_diameter}, {head_depth} deep | "
            "a counterbored hole@F: {diameter} through, {head_diameter} wide for the head, {head_depth} deep | "
            "a screw hole@F of {diameter} with @a {head_diameter} counterbore {head_depth} deep | "
            "@a {diameter} through hole in the center@F with @a {head_diameter} x {head_depth} counterbore | "
            "a centered {diameter} hole@F with room for the screw head, {head_diameter} wide and {head_depth} deep | "
            "a counterbore@F, {head_diameter} across and {head_depth} deep, over @a {diameter} hole",
            "@a {diameter} bore@F stepped out to {head_diameter} over the uppermost {head_depth} | "
            "a two-stage opening at the midpoint@F, {diameter} then {head_diameter} for {head_depth}",
        ),
        pools(
            "a counterbored hole in the middle@F | a counterbored screw hole@F",
            "a stepped bore at the midpoint@F for a cap screw",
        ),
        options=BORED,
    ),
    Feature(
        "countersink",
        "countersunk hole",
        "screw_",
        {"diameter": _SCREW, "head_diameter": Measure(("countersink diameter", "screw head diameter"), low=4, high=30)},
        _draw_countersink,
        _countersink,
        pools(
            "@a {diameter} hole in the middle@F countersunk to {head_diameter} | "
            "a countersunk hole@F, {diameter} through and {head_diameter} at the surface | "
            "a countersunk screw hole@F of {diameter} with @a {head_diameter} head | "
            "@a {diameter} hole in the center@F with @a {head_diameter} countersink | "
            "a centered screw hole of {diameter}@F, countersunk {head_diameter} wide | "
            "a hole@F for a flat-head screw, {diameter} wide, countersunk to {head_diameter}",
            "@a {diameter} bore@F flared to {head_diameter} at 90 degrees for a flush screw | "
            "a conically sunk opening at the midpoint@F, {diameter} widening to {head_diameter}",
        ),
        pools(
            "a countersunk hole in the middle@F | a countersunk screw hole@F",
            "a flared bore at the midpoint@F for a flush screw",
        ),
        options=BORED,
    ),
    Feature(
        "blind_hole",
        "blind hole",
        "blind_hole_",
        {
            "diameter": Measure(("blind hole diameter",), low=2, high=60),
            "depth": Measure(("blind hole depth",), low=0.5, high=60),
        },
        _draw_blind,
        _blind,
        pools(
            "a blind hole in the middle@F, {diameter} wide and {depth} deep | "
            "@a {diameter} blind hole@F, {depth} deep | @a {diameter} hole {depth} deep in the center@F, not through | "
            "a hole of {diameter}@F going only {depth} deep | a centered blind hole@F {diameter} x {depth} deep | "
            "@a {depth} deep hole of {diameter} in the middle@F that does not go through",
            "a closed-bottomed bore at the midpoint@F, {diameter} across and {depth} down | "
            "@a {diameter} bore@F that stops after {depth}",
        ),
        pools(
            "a blind hole in the middle@F | a hole in the center@F that doesn't go through",
            "a closed-bottomed bore at the midpoint@F",
        ),
        options=BORED,
    ),
    Feature(
        "nut_trap",
        "nut trap",
        "nut_",
        {
            "diameter": Measure(("bolt hole diameter",), low=2, high=20, is_screw=True),
            "across_flats": Measure(("nut width across flats", "nut size"), low=4, high=30),
            "depth": Measure(("nut trap depth",), low=0.8, high=15),
        },
        _draw_nut_trap,
        _nut_trap,
        pools(
            "a nut trap in the middle@F, {across_flats} across flats and {depth} deep, with @a {diameter} bolt hole | "
            "@a {diameter} bolt hole in the center@F with a hex pocket {across_flats} across flats, {depth} deep | "
            "a hexagonal nut recess@F of {across_flats} across the flats, {depth} deep, over @a {diameter} hole | "
            "a centered {diameter} hole@F with a captive nut pocket {across_flats} wide and {depth} deep | "
            "a hex nut trap@F: {across_flats} flats, {depth} deep, {diameter} bolt hole | "
            "a pocket for a hex nut@F, {across_flats} across flats by {depth} deep, and @a {diameter} hole through it",
            "a six-sided seat at the midpoint@F for a nut of {across_flats}, sunk {depth}, bored {diameter} | "
            "a nut seat@F, {across_flats} over the flats and {depth} down, drilled {diameter}",
        ),
        pools(
            "a nut trap in the middle@F | a bolt hole with a hex nut pocket@F",
            "a six-sided nut seat at the midpoint@F",
        ),
        options=BORED,
        weight=0.8,
    ),
)
