"""Base families with flat faces: plate, block, cube, tray, post plate, link, stairs, prism."""

from __future__ import annotations

import math
import random

from corpus.synth import shapes
from corpus.synth.features import BORE, CENTER_HOLE, SCREW_HOLES, SLOT, TWO_HOLES, WALLS
from corpus.synth.part import Attachment, Draft, Family, Words, pools, size
from corpus.synth.phrases import sized
from corpus.synth.source import difference, through

__all__ = ["FLAT_FAMILIES"]

_ROUNDED = Attachment(
    pools(
        "{corner_radius} mm rounded corners | corners rounded to {corner_radius} mm | rounded corners of {corner_radius} mm | "
        "rounded corners with @a {corner_radius} mm radius | @a {corner_radius} mm corner radius | corner radius {corner_radius} mm",
        "corners eased with @a {corner_radius} mm radius | a radius of {corner_radius} mm on the corners",
        "corners softened by {corner_radius} mm | {corner_radius} mm curved corners",
    ),
    "rounded corners",
)
_MIDDLE = "width / 2, depth / 2"
_ROUNDED_BODY = """linear_extrude(thickness)
  offset(corner_radius)
    translate([corner_radius, corner_radius])
      square([width - 2 * corner_radius, depth - 2 * corner_radius]);"""
_SCREWS = """for (x = [screw_inset, width - screw_inset], y = [screw_inset, depth - screw_inset])
  translate([x, y, -1])
    cylinder(d = screw_diameter, h = thickness + 2);"""
_SLOT_CUT = """translate([width / 2, depth / 2, -1])
  hull()
    for (x = [-1, 1])
      translate([x * (slot_length - slot_width) / 2, 0, 0])
        cylinder(d = slot_width, h = thickness + 2);"""
_PAIR = """for (x = [-1, 1])
  translate([(width + x * hole_spacing) / 2, depth / 2, -1])
    cylinder(d = hole_diameter, h = thickness + 2);"""


def _plate(rng: random.Random) -> Draft:
    width = size(rng, 20, 250)
    is_square = rng.random() < 0.12
    depth = width if is_square else size(rng, max(14, width / 5), max(20, min(200, width * 1.4)))
    thickness = size(rng, 1, 15)
    params = {"width": width, "thickness": thickness} if is_square else {"width": width, "depth": depth, "thickness": thickness}
    core = tuple(params)
    small = min(width, depth)
    attachments, cuts, area, genus, body = [], [], width * depth, 0, "cube([width, depth, thickness]);"
    if rng.random() < 0.25:
        radius = params["corner_radius"] = size(rng, 1, small / 5)
        area -= 4 * radius**2 - shapes.circle_area(2 * radius)
        attachments.append(_ROUNDED)
        body = _ROUNDED_BODY
    kind = rng.choices(("none", "center", "screws", "both", "slot", "pair"), (15, 34, 20, 10, 10, 11))[0]
    if kind in ("center", "both"):
        hole = params["hole_diameter"] = size(rng, 2, small * (0.3 if kind == "both" else 0.6))
        attachments.append(CENTER_HOLE)
        cuts.append(through("hole_diameter", "thickness", _MIDDLE))
        area, genus = area - shapes.circle_area(hole), genus + 1
    if kind in ("screws", "both"):
        screw = params["screw_diameter"] = size(rng, 2, min(10, small / 6))
        params["screw_inset"] = size(rng, screw / 2 + 1.5, small * 0.25)
        attachments.append(SCREW_HOLES)
        cuts.append(_SCREWS)
        area, genus = area - 4 * shapes.circle_area(screw), genus + 4
    if kind == "slot":
        slot_width = params["slot_width"] = size(rng, 2, min(20, small * 0.4, width * 0.25))
        length = params["slot_length"] = size(rng, slot_width * 1.5, width * 0.75)
        attachments.append(SLOT)
        cuts.append(_SLOT_CUT)
        area, genus = area - shapes.slot_area(length, slot_width), genus + 1
    if kind == "pair":
        hole = params["hole_diameter"] = size(rng, 2, min(15, depth * 0.5, width * 0.2))
        params["hole_spacing"] = size(rng, hole + 2, width - hole - 3)
        attachments.append(TWO_HOLES)
        cuts.append(_PAIR)
        area, genus = area - 2 * shapes.circle_area(hole), genus + 2
    return Draft(
        params,
        difference(body, cuts),
        shapes.solid((width, depth, thickness), area * thickness, genus=genus),
        core,
        tuple(attachments),
        derived=("depth = width;",) if is_square else (),
        compact=_SQUARE_PLATE if is_square else None,
    ) if not is_square else _as_square(params, body, cuts, area, genus, tuple(attachments))


_SQUARE_PLATE = pools(
    "@a {width} mm square @N, {thickness} mm thick | @a {width} mm square @N {thickness} mm thick | "
    "@a square @N {width} mm on a side and {thickness} mm thick | @a {thickness} mm thick square @N, {width} mm on each side | "
    "@a square @N with {width} mm sides, {thickness} mm thick",
    "@a square @N of side {width} mm and {thickness} mm in thickness | @a {width} mm by {width} mm @N {thickness} mm in thickness",
    "@a square @N with an edge of {width} mm, being {thickness} mm thick | @a square @N ({width} mm, thickness {thickness} mm)",
)
