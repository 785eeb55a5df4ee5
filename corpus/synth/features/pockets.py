"""What goes into a face but not through it: pockets, recesses, dimples."""

from __future__ import annotations

from collections.abc import Mapping

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.features.openings import extruded
from corpus.synth.features.room import GAP, check_blind, deep, facets, flat_room, round_room, square_footprint
from corpus.synth.features.screw_holes import COS_30
from corpus.synth.features.slots import slot_shape
from corpus.synth.num import Num, literal
from corpus.synth.part import Applied, Face, Feature, Options, Rect, Values
from corpus.synth.text import blind_cut, cylinder, indent, square
from corpus.synth.words import Measure, pools

__all__ = ["POCKET_FEATURES", "sunk"]


def sunk(face: Face, depth: Num, area: float, footprints: tuple[Rect, ...], shape: str) -> Applied:
    """A blind cut in the middle; `shape` is depth + 1 high."""
    check_blind(depth, face)
    return Applied(footprints, (blind_cut(face, 0, 0, depth, shape),), volume=-area * depth.value)


def _draw_rect(draw: Draw, face: Face) -> Mapping[str, float]:
    width, length = flat_room(face)
    return {"width": draw.size(4, width * 0.85), "length": draw.size(4, length * 0.85), "depth": deep(draw, face, 30)}


def _rect(v: Values, face: Face, options: Options) -> Applied:
    width, length, depth = v["width"], v["length"], v["depth"]
    shape = extruded(depth + 1, [f"square([{width}, {length}], center = true);"])
    footprint = square_footprint(0, 0, width.value, length.value)
    return sunk(face, depth, width.value * length.value, (footprint,), shape)


def _draw_rounded(draw: Draw, face: Face) -> Mapping[str, float]:
    values = _draw_rect(draw, face)
    return {**values, "corner_radius": draw.size(1, min(values["width"], values["length"]) / 4)}


def _rounded(v: Values, face: Face, options: Options) -> Applied:
    width, length, depth, r = v["width"], v["length"], v["depth"], v["corner_radius"]
    if 2 * r.value > min(width.value, length.value) - 0.5:
        raise Infeasible("the corners of a pocket are no rounder than it is wide")
    core = square(width - 2 * r, length - 2 * r, is_centered=True)
    shape = extruded(depth + 1, [f"offset(r = {r})\n{indent(core)}"])
    area = width.value * length.value - 4 * r.value**2 + geometry.circle_area(2 * r.value, facets(options))
    return sunk(face, depth, area, (square_footprint(0, 0, width.value, length.value),), shape)


def _draw_round(draw: Draw, face: Face) -> Mapping[str, float]:
    return {"diameter": draw.size(5, round_room(face) * 0.9), "depth": deep(draw, face, 25)}


def _round(v: Values, face: Face, options: Options) -> Applied:
    d, depth = v["diameter"], v["depth"]
    area = geometry.circle_area(d.value, facets(options))
    return sunk(face, depth, area, (Rect(0, 0, d.value, d.value),), cylinder(d, depth + 1))


def _draw_hex(draw: Draw, face: Face) -> Mapping[str, float]:
    return {"across_flats": draw.size(4, min(60, round_room(face) * 0.75)), "depth": deep(draw, face, 25)}


def _hex(v: Values, face: Face, options: Options) -> Applied:
    flats, depth = v["across_flats"], v["depth"]
    corners = flats / COS_30
    shape = f"cylinder(d = {corners}, h = {depth + 1}, $fn = 6);"
    area = geometry.hexagon_area(flats.value)
    return sunk(face, depth, area, (Rect(0, 0, corners.value, corners.value),), shape)


def _draw_blind_slot(draw: Draw, face: Face) -> Mapping[str, float]:
    along, across = flat_room(face)
    width = draw.size(2, min(30, across * 0.6, along / 2))
    return {"length": draw.size(width * 1.4, along), "width": width, "depth": deep(draw, face, 15)}


def _blind_slot(v: Values, face: Face, options: Options) -> Applied:
    length, width, depth = v["length"], v["width"], v["depth"]
    if length.value < width.value + 0.5:
        raise Infeasible("a slot is longer than wide")
    area = geometry.circle_area(width.value, facets(options)) + (length.value - width.value) * width.value
    footprint = square_footprint(0, 0, length.value, width.value)
    return sunk(face, depth, area, (footprint,), slot_shape(length, width, depth + 1, options))


def _draw_dimple(draw: Draw, face: Face) -> Mapping[str, float]:
    return {"diameter": draw.size(3, min(40, round_room(face) * 0.8, 2 * (face.thickness.value - GAP)))}


def _dimple(v: Values, face: Face, options: Options) -> Applied:
    """Half a ball: its middle is at the face."""
    d = v["diameter"]
    check_blind(d / 2, face)
    half = geometry.turned_volume(geometry.sphere_profile(d.value, facets(options)), facets(options)) / 2
    cut = blind_cut(face, 0, 0, literal(0), f"sphere(d = {d});")
    return Applied((Rect(0, 0, d.value, d.value),), (cut,), volume=-half)


def _deep(noun: str) -> Measure:
    return Measure((f"{noun} depth",), low=0.5, high=40)


POCKET_FEATURES = (
    Feature(
        "rect_pocket",
        "rectangular pocket",
        "pocket_",
        {
            "width": Measure(("pocket width",), low=4, high=200),
            "length": Measure(("pocket length",), low=4, high=200),
            "depth": _deep("pocket"),
        },
        _draw_rect,
        _rect,
        pools(
            "@a {width} x {length} pocket {depth} deep in the middle@F | "
            "a rectangular pocket@F, {width} wide, {length} long and {depth} deep | "
            "a {depth} deep rectangular recess@F of {width} by {length} | "
            "a centered pocket@F measuring {width} x {length} x {depth} | "
            "a rectangular depression@F {width} by {length}, {depth} deep | "
            "a blind rectangular cutout@F, {width} x {length}, going {depth} down",
            "a sunken rectangle@F, {width} by {length}, let in by {depth} | "
            "milled out@F over {width} by {length} to a depth of {depth}",
        ),
        pools("a rectangular pocket@F | a rectangular recess in the middle@F", "a sunken rectangle@F"),
    ),
    Feature(
        "rounded_pocket",
        "rounded pocket",
        "pocket_",
        {
            "width": Measure(("pocket width",), low=4, high=200),
            "length": Measure(("pocket length",), low=4, high=200),
            "depth": _deep("pocket"),
            "corner_radius": Measure(("pocket corner radius",), low=1, high=40),
        },
        _draw_rounded,
        _rounded,
        pools(
            "@a {width} x {length} pocket with {corner_radius} corner radius, {depth} deep@F | "
            "a rounded pocket@F, {width} wide, {length} long, {depth} deep, corners {corner_radius} | "
            "a {depth} deep recess@F of {width} by {length} with corners rounded to {corner_radius} | "
            "a centered pocket@F {width} x {length} x {depth} with @a {corner_radius} radius at the corners | "
            "a round-cornered recess@F, {width} by {length} by {depth}, radius {corner_radius} | "
            "a pocket@F with rounded corners of {corner_radius}, {width} x {length}, {depth} deep",
            "a sunken tray@F, {width} by {length}, let in by {depth}, softened {corner_radius} at its corners | "
            "milled out@F over {width} by {length}, {depth} down, with @a {corner_radius} cutter radius",
        ),
        pools("a pocket with rounded corners@F | a round-cornered recess@F", "a sunken tray@F with soft corners"),
        weight=0.7,
    ),
    Feature(
        "round_recess",
        "round recess",
        "recess_",
        {"diameter": Measure(("recess diameter",), low=5, high=200), "depth": _deep("recess")},
        _draw_round,
        _round,
        pools(
            "a round recess {diameter} wide and {depth} deep in the middle@F | "
            "@a {diameter} circular recess@F, {depth} deep | "
            "a {depth} deep round pocket@F of {diameter} | a circular pocket@F {diameter} across and {depth} deep | "
            "a centered round recess@F, diameter {diameter}, depth {depth} | "
            "a seat@F for a disc of {diameter}, {depth} deep",
            "a sunken circle@F of {diameter}, let in by {depth} | "
            "a round well at the midpoint@F, {diameter} by {depth}",
        ),
        pools("a round recess@F | a circular pocket in the middle@F", "a sunken circle@F"),
    ),
    Feature(
        "hex_pocket",
        "hexagonal pocket",
        "hex_pocket_",
        {
            "across_flats": Measure(("hex pocket width across flats",), low=4, high=80),
            "depth": _deep("hex pocket"),
        },
        _draw_hex,
        _hex,
        pools(
            "a hexagonal pocket@F, {across_flats} across flats and {depth} deep | "
            "a hex recess@F of {across_flats}, {depth} deep | "
            "a {depth} deep hex pocket in the middle@F, {across_flats} across the flats | "
            "a six-sided recess@F {across_flats} flat to flat, {depth} deep | "
            "a centered hexagonal recess@F with {across_flats} across flats and a depth of {depth} | "
            "a blind hex socket@F, {across_flats} wide, {depth} deep",
            "a sunken hexagon@F, {across_flats} over the flats, let in by {depth} | "
            "a honeycomb cell@F of {across_flats}, {depth} down",
        ),
        pools("a hexagonal pocket@F | a hex recess in the middle@F", "a sunken hexagon@F"),
        weight=0.7,
    ),
    Feature(
        "blind_slot",
        "slot pocket",
        "channel_",
        {
            "length": Measure(("slot pocket length",), low=6, high=150),
            "width": Measure(("slot pocket width",), low=2, high=40),
            "depth": _deep("slot pocket"),
        },
        _draw_blind_slot,
        _blind_slot,
        pools(
            "a blind slot@F, {length} long, {width} wide and {depth} deep, running left to right | "
            "@a {length} x {width} horizontal groove with round ends@F, {depth} deep | "
            "a {depth} deep horizontal slot@F of {length} by {width}, not through | "
            "a horizontal slot pocket@F {length} x {width} x {depth} | "
            "a round-ended channel@F from side to side, {length} long, {width} wide, {depth} deep | "
            "a shallow horizontal slot@F, {length} by {width}, {depth} deep",
            "a finger trough@F lying level, {length} by {width}, let in by {depth} | "
            "an oblong well@F {length} sideways, {width} broad, {depth} down",
        ),
        pools("a blind horizontal slot@F | a round-ended groove from side to side@F", "a finger trough@F lying level"),
        options={"build": ("hull", "parts")},
        weight=0.7,
    ),
    Feature(
        "dimple",
        "dimple",
        "dimple_",
        {"diameter": Measure(("dimple diameter",), low=3, high=60)},
        _draw_dimple,
        _dimple,
        pools(
            "a dimple of {diameter} in the middle@F | @a {diameter} hemispherical dimple@F | "
            "a half-ball hollow {diameter} wide@F | a round-bottomed dimple@F, {diameter} across | "
            "a spherical recess@F with @a {diameter} diameter, half a ball deep | "
            "a centered dimple@F {diameter} in diameter",
            "a cup-shaped dent@F, {diameter} across | a hollow@F as if @a {diameter} ball had been half sunk",
        ),
        pools("a dimple in the middle@F | a round-bottomed dimple@F", "a cup-shaped dent@F"),
        weight=0.7,
    ),
)
