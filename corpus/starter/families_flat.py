"""Base families of thin plates: plate (with its many features), plate with posts, link."""

from __future__ import annotations

import random

from corpus.starter.features import CENTER_HOLE, SCREW_HOLES, SLOT, TWO_HOLES
from corpus.starter.nouns import NOUNS
from corpus.starter.part import Attachment, Draft, Family, Words, pools, size
from corpus.starter.phrases import sized
from corpus.starter.source import difference, through
from corpus.synth import geometry as shapes

__all__ = ["FLAT_FAMILIES"]

_ROUNDED = Attachment(
    pools(
        "{corner_radius} mm rounded corners | corners rounded to {corner_radius} mm | "
        "rounded corners of {corner_radius} mm | rounded corners with @a {corner_radius} mm radius | "
        "@a {corner_radius} mm corner radius | corner radius {corner_radius} mm",
        "corners eased with @a {corner_radius} mm radius | a radius of {corner_radius} mm on the corners",
        "corners softened by {corner_radius} mm | {corner_radius} mm curved corners",
    ),
    "rounded corners",
)
_MIDDLE = "width / 2, depth / 2"
_ROUNDED_BODY = """linear_extrude(height = thickness)
  offset(r = corner_radius)
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
    params = {"width": width, "depth": depth, "thickness": thickness}
    if is_square:
        del params["depth"]
    small = min(width, depth)
    area, genus, body = width * depth, 0, "cube([width, depth, thickness]);"
    attachments: list[Attachment] = []
    cuts: list[str] = []
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
        params["screw_inset"] = size(rng, max(screw / 2 + 1.5, params.get("corner_radius", 0)), small * 0.25)
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
        core=() if is_square else ("width", "depth", "thickness"),
        attachments=tuple(attachments),
        derived=("depth = width;",) if is_square else (),
        compact=_SQUARE_PLATE if is_square else None,
    )


_SQUARE_PLATE = pools(
    "@a {width} mm square @N, {thickness} mm thick | @a {width} mm square @N {thickness} mm thick | "
    "@a square @N {width} mm on a side and {thickness} mm thick | "
    "@a {thickness} mm thick square @N, {width} mm on each side | "
    "@a square @N with {width} mm sides, {thickness} mm thick",
    "@a square @N of side {width} mm and {thickness} mm in thickness | "
    "@a {width} mm by {width} mm @N {thickness} mm in thickness",
    "@a square @N with an edge of {width} mm, being {thickness} mm thick | "
    "@a square @N ({width} mm, thickness {thickness} mm)",
)

_POSTS = Attachment(
    pools(
        "four {post_diameter} mm posts {post_height} mm tall, {post_inset} mm from the edges | "
        "@a {post_diameter} mm post in each corner, {post_height} mm high and {post_inset} mm from the edges | "
        "four corner posts {post_diameter} mm in diameter, {post_height} mm tall, inset {post_inset} mm | "
        "4 posts of {post_diameter} mm diameter and {post_height} mm height, {post_inset} mm in from the edges | "
        "four posts {post_height} mm tall and {post_diameter} mm thick set {post_inset} mm from the edges",
        "four pillars of {post_diameter} mm rising {post_height} mm, {post_inset} mm off the edges | "
        "pillars at the corners, {post_diameter} mm across, {post_height} mm high, {post_inset} mm inset",
        "a quartet of {post_diameter} mm columns {post_height} mm up, {post_inset} mm inside the rim | "
        "columns of {post_diameter} mm by {post_height} mm near the corners, {post_inset} mm away from the border",
    )
)


def _post_plate(rng: random.Random) -> Draft:
    width, depth, thickness = size(rng, 30, 200), size(rng, 30, 150), size(rng, 1, 8)
    post = size(rng, 3, min(width, depth) / 5)
    post_height = size(rng, 3, 60)
    inset = size(rng, post / 2 + 0.5, min(width, depth) * 0.3)
    params = {
        "width": width,
        "depth": depth,
        "thickness": thickness,
        "post_diameter": post,
        "post_height": post_height,
        "post_inset": inset,
    }
    body = """cube([width, depth, thickness]);
for (x = [post_inset, width - post_inset], y = [post_inset, depth - post_inset])
  translate([x, y, 0])
    cylinder(d = post_diameter, h = thickness + post_height);"""
    volume = width * depth * thickness + 4 * shapes.circle_area(post) * post_height
    spec = shapes.solid((width, depth, thickness + post_height), volume)
    return Draft(params, body, spec, ("width", "depth", "thickness"), (_POSTS,))


_END_HOLES = Attachment(
    pools(
        "@a {hole_diameter} mm hole at each end | {hole_diameter} mm holes at both ends | "
        "two {hole_diameter} mm end holes | a hole of {hole_diameter} mm in either end | "
        "{hole_diameter} mm holes in the ends | holes {hole_diameter} mm in diameter at the ends",
        "pivot openings of {hole_diameter} mm at both ends | @a {hole_diameter} mm eye at either end",
        "eyelets of {hole_diameter} mm on the two ends | both tips drilled {hole_diameter} mm",
    )
)


def _link(rng: random.Random) -> Draft:
    width = size(rng, 8, 50)
    spacing, thickness = size(rng, width + 2, 200), size(rng, 2, 15)
    hole = size(rng, 2, width * 0.6)
    params = {"hole_spacing": spacing, "width": width, "thickness": thickness, "hole_diameter": hole}
    solid = """hull()
  for (x = [0, hole_spacing])
    translate([x, 0, 0])
      cylinder(d = width, h = thickness);"""
    cut = """for (x = [0, hole_spacing])
  translate([x, 0, -1])
    cylinder(d = hole_diameter, h = thickness + 2);"""
    area = shapes.slot_area(spacing + width, width) - 2 * shapes.circle_area(hole)
    return Draft(
        params,
        difference(solid, [cut]),
        shapes.solid((spacing + width, width, thickness), area * thickness, genus=2),
        ("hole_spacing", "width", "thickness"),
        (_END_HOLES,),
    )


_LINK_WORDS = {
    "hole_spacing": Words(
        ("hole spacing", "center distance", "hole distance"), ("between the holes", "between hole centers")
    )
}

FLAT_FAMILIES = (
    Family("plate", "base", "plate", NOUNS["plate"], _plate, sized("width", "depth", "thickness"), weight=3.0),
    Family(
        "post_plate", "base", "plate with posts", NOUNS["post_plate"], _post_plate, sized("width", "depth", "thickness")
    ),
    Family("link", "base", "link", NOUNS["link"], _link, words=_LINK_WORDS),
)
