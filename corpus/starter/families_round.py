"""Base families around one axis: tube, washer, disc, cylinder, cup."""

from __future__ import annotations

import math
import random

from corpus.starter.features import BOLT_CIRCLE, BORE, CENTER_HOLE, WALLS
from corpus.starter.nouns import NOUNS
from corpus.starter.part import Attachment, Draft, Family, Words, pools, size
from corpus.starter.source import difference, ring_of, through
from corpus.synth import geometry as shapes

__all__ = ["ROUND_FAMILIES"]

_HEIGHT = Words(("height", "length"), ("tall", "high", "long"), "H")


def _tube(rng: random.Random) -> Draft:
    outer = size(rng, 6, 120)
    height, has_wall = size(rng, 5, 200), rng.random() < 0.4
    if has_wall:
        wall = size(rng, 1, min(15, outer * 0.35))
        inner, params = outer - 2 * wall, {"outer_diameter": outer, "wall": wall, "height": height}
    else:
        inner = size(rng, outer * 0.3, outer - 1.5)
        params = {"outer_diameter": outer, "inner_diameter": inner, "height": height}
    return Draft(
        params,
        difference("cylinder(d = outer_diameter, h = height);", [through("inner_diameter", "height")]),
        shapes.solid((outer, outer, height), (shapes.circle_area(outer) - shapes.circle_area(inner)) * height, genus=1),
        tuple(params) if not has_wall else ("outer_diameter", "height"),
        (WALLS,) if has_wall else (),
        derived=("inner_diameter = outer_diameter - 2 * wall;",) if has_wall else (),
        compact=_WALLED_TUBE if has_wall else None,
    )


_TUBE = pools(
    "@a @N {height} mm long with {outer_diameter} mm outer and {inner_diameter} mm inner diameter | "
    "@a @N, outer diameter {outer_diameter}, inner diameter {inner_diameter}, length {height} | "
    "@a {height} mm long @N, {outer_diameter} mm OD and {inner_diameter} mm ID | "
    "@a {outer_diameter} mm @N with @a {inner_diameter} mm bore, {height} mm long | "
    "@a {outer_diameter} mm outer diameter @N, {inner_diameter} mm inner diameter, {height} mm tall | "
    "@a @N {outer_diameter} mm outside and {inner_diameter} mm inside, {height} mm long",
    "@a @N spanning {height} mm, {outer_diameter} mm outside, {inner_diameter} mm inside | "
    "@a @N of OD {outer_diameter} mm by ID {inner_diameter} mm by {height} mm in length",
    "@a @N running {height} mm whose outside is {outer_diameter} mm and inside is {inner_diameter} mm | "
    "@a @N, external {outer_diameter} mm, internal {inner_diameter} mm, extent {height} mm",
)
_WALLED_TUBE = pools(
    "@a {outer_diameter} mm @N {height} mm long | @a @N {outer_diameter} mm in diameter and {height} mm long | "
    "@a @N, {outer_diameter} mm outer diameter, {height} mm tall | "
    "@a {height} mm long @N {outer_diameter} mm in outer diameter",
    "@a @N spanning {height} mm, {outer_diameter} mm outside | "
    "@a @N {outer_diameter} mm across and {height} mm in length",
    "@a @N running {height} mm at {outer_diameter} mm outside | "
    "@a @N, external {outer_diameter} mm, extent {height} mm",
)


def _washer(rng: random.Random) -> Draft:
    outer = size(rng, 5, 100)
    inner, thickness = size(rng, outer * 0.2, outer * 0.85), size(rng, 0.5, 10)
    return Draft(
        {"outer_diameter": outer, "inner_diameter": inner, "thickness": thickness},
        difference("cylinder(d = outer_diameter, h = thickness);", [through("inner_diameter", "thickness")]),
        shapes.solid(
            (outer, outer, thickness), (shapes.circle_area(outer) - shapes.circle_area(inner)) * thickness, genus=1
        ),
        ("outer_diameter", "inner_diameter", "thickness"),
    )


_WASHER = pools(
    "@a {outer_diameter} mm @N with @a {inner_diameter} mm hole, {thickness} mm thick | "
    "@a @N {outer_diameter} mm outer diameter, {inner_diameter} mm inner diameter, {thickness} mm thick | "
    "@a {thickness} mm thick @N, {outer_diameter} mm outside and {inner_diameter} mm inside | "
    "@a @N with {outer_diameter} mm OD, {inner_diameter} mm ID and {thickness} mm thickness | "
    "@a @N {thickness} mm thick with @a {inner_diameter} mm hole and {outer_diameter} mm outer diameter | "
    "@a @N for @a {inner_diameter} mm bolt, {outer_diameter} mm across and {thickness} mm thick",
    "@a @N fitting a bolt of {inner_diameter} mm, outer diameter {outer_diameter} mm, gauge {thickness} mm | "
    "@a @N of OD {outer_diameter} mm by ID {inner_diameter} mm by {thickness} mm in thickness",
    "@a @N, external {outer_diameter} mm, internal {inner_diameter} mm, gauge of {thickness} mm | "
    "@a @N whose outside is {outer_diameter} mm and inside is {inner_diameter} mm, {thickness} mm of thickness",
)


def _disc(rng: random.Random) -> Draft:
    diameter, thickness = size(rng, 10, 200), size(rng, 1, 20)
    params = {"diameter": diameter, "thickness": thickness}
    attachments: tuple[Attachment, ...] = ()
    cuts, area, genus = [], shapes.circle_area(diameter), 0
    kind = rng.choices(("none", "center", "circle"), (25, 30, 45))[0]
    if kind == "center":
        params["hole_diameter"] = size(rng, 2, diameter * 0.7)
        attachments, cuts, genus = (CENTER_HOLE,), [through("hole_diameter", "thickness")], 1
    if kind == "circle":
        genus = rng.choice((3, 4, 4, 5, 6, 6, 8, 10, 12))
        circle = size(rng, diameter * 0.5, diameter * 0.75)
        room = min(diameter - circle - 2, 0.8 * circle * math.sin(math.pi / genus), 20)
        if room < 1:
            return _disc(rng)
        hole = size(rng, 2 if room >= 2 else 1, room)
        params |= {"hole_count": float(genus), "hole_diameter": hole, "circle_diameter": circle}
        attachments, cuts = (BOLT_CIRCLE,), [ring_of(through("hole_diameter", "thickness", "circle_diameter / 2, 0"))]
    area -= genus * shapes.circle_area(params.get("hole_diameter", 0.0))
    spec = shapes.solid((diameter, diameter, thickness), area * thickness, genus=genus)
    body = difference("cylinder(d = diameter, h = thickness);", cuts)
    return Draft(params, body, spec, ("diameter", "thickness"), attachments)


_DISC = pools(
    "@a {diameter} mm @N, {thickness} mm thick | @a @N {diameter} mm in diameter and {thickness} mm thick | "
    "@a {thickness} mm thick @N of {diameter} mm diameter | @a {diameter} mm @N {thickness} mm thick | "
    "@a {diameter} mm diameter @N {thickness} mm thick | @a @N {diameter} mm across, {thickness} mm thick",
    "@a @N of diameter {diameter} mm by {thickness} mm in thickness | "
    "@a @N measuring {diameter} mm around the outside width, gauge {thickness} mm",
    "@a @N spanning {diameter} mm at {thickness} mm of thickness | "
    "@a @N, {diameter} mm over all, gauge of {thickness} mm",
)

_FLAT = Attachment(
    pools(
        "a flat {flat_depth} mm deep on one side | @a {flat_depth} mm deep flat | "
        "a flat cut {flat_depth} mm deep along it | one flat side {flat_depth} mm deep | "
        "a D-shaped flat of {flat_depth} mm",
        "one side shaved off by {flat_depth} mm | a flattened side, {flat_depth} mm removed",
        "a facet ground {flat_depth} mm down | a planed side {flat_depth} mm in",
    ),
    "flat",
)
_BLIND = Attachment(
    pools(
        "@a {hole_diameter} mm hole {hole_depth} mm deep in the top | "
        "a blind hole {hole_diameter} mm wide and {hole_depth} mm deep | "
        "@a {hole_diameter} mm blind hole, {hole_depth} mm deep | "
        "@a {hole_depth} mm deep hole of {hole_diameter} mm in the end | "
        "@a {hole_diameter} mm hole drilled {hole_depth} mm into the end",
        "a round pocket of {hole_diameter} mm sunk {hole_depth} mm from above | "
        "@a {hole_diameter} mm pocket hole of depth {hole_depth} mm",
        "@a {hole_diameter} mm recess reaching {hole_depth} mm down | "
        "a stopped hole, {hole_diameter} mm by {hole_depth} mm",
    ),
    "blind hole",
)


def _cylinder(rng: random.Random) -> Draft:
    diameter, height = size(rng, 4, 120), size(rng, 5, 200)
    params = {"diameter": diameter, "height": height}
    attachments: tuple[Attachment, ...] = ()
    cuts, genus, volume, left = [], 0, shapes.circle_area(diameter) * height, -diameter / 2
    kind = rng.choices(("none", "bore", "blind", "flat"), (35, 25, 20, 20))[0]
    if kind == "bore":
        params["hole_diameter"] = size(rng, 1, diameter * 0.7)
        attachments, cuts, genus = (BORE,), [through("hole_diameter", "height")], 1
        volume -= shapes.circle_area(params["hole_diameter"]) * height
    if kind == "blind":
        hole, depth = size(rng, 1, diameter * 0.7), size(rng, 1, height * 0.8)
        params |= {"hole_diameter": hole, "hole_depth": depth}
        cut = "translate([0, 0, height - hole_depth])\n  cylinder(d = hole_diameter, h = hole_depth + 1);"
        attachments, cuts, volume = (_BLIND,), [cut], volume - shapes.circle_area(hole) * depth
    if kind == "flat":
        flat = params["flat_depth"] = size(rng, 0.5, diameter * 0.3)
        cut = "translate([-diameter * 1.5 + flat_depth, -diameter / 2, -1])\n  cube([diameter, diameter, height + 2]);"
        left += flat
        volume = shapes.polygon_area(shapes.clip_above(shapes.circle_points(diameter), 0, left)) * height
        attachments, cuts = (_FLAT,), [cut]
    body = difference("cylinder(d = diameter, h = height);", cuts)
    spec = shapes.solid((diameter / 2 - left, diameter, height), volume, genus=genus)
    return Draft(params, body, spec, ("diameter", "height"), attachments)


_CYLINDER = pools(
    "@a {diameter} mm @N {height} mm long | @a @N {diameter} mm in diameter and {height} mm tall | "
    "@a {diameter} mm diameter @N, {height} mm high | @a {height} mm long @N of {diameter} mm diameter | "
    "@a @N {height} mm high and {diameter} mm across | @a @N, diameter {diameter}, height {height}",
    "@a @N of diameter {diameter} mm by {height} mm in length | "
    "@a @N standing {height} mm with a diameter of {diameter} mm",
    "@a @N running {height} mm at {diameter} mm girth | @a @N, {diameter} mm over all, extent {height} mm",
)


def _cup(rng: random.Random) -> Draft:
    diameter, height = size(rng, 20, 150), size(rng, 10, 150)
    wall = size(rng, 1, min(8, diameter / 8, height / 3))
    params, genus = {"diameter": diameter, "height": height, "wall": wall}, 0
    volume = shapes.circle_area(diameter) * height - shapes.circle_area(diameter - 2 * wall) * (height - wall)
    cuts = ["translate([0, 0, wall])\n  cylinder(d = diameter - 2 * wall, h = height);"]
    attachments: tuple[Attachment, ...] = (WALLS,)
    if rng.random() < 0.35:
        hole = params["hole_diameter"] = size(rng, 2, (diameter - 2 * wall) * 0.5)
        cuts.append(through("hole_diameter", "wall"))
        attachments, genus, volume = (WALLS, _CUP_DRAIN), 1, volume - shapes.circle_area(hole) * wall
    body = difference("cylinder(d = diameter, h = height);", cuts)
    spec = shapes.solid((diameter, diameter, height), volume, genus=genus)
    return Draft(params, body, spec, ("diameter", "height"), attachments)


_CUP_DRAIN = Attachment(
    pools(
        "@a {hole_diameter} mm drain hole | @a {hole_diameter} mm hole in the bottom | "
        "a hole of {hole_diameter} mm in the floor | a drain hole {hole_diameter} mm in diameter | "
        "@a {hole_diameter} mm hole in the base",
        "@a {hole_diameter} mm outlet in its floor | a draining opening of {hole_diameter} mm",
        "a water escape of {hole_diameter} mm underneath | @a {hole_diameter} mm weep hole",
    ),
    "floor hole",
)
_ROUND = {"height": _HEIGHT}

ROUND_FAMILIES = (
    Family("tube", "base", "tube", NOUNS["tube"], _tube, _TUBE, words=_ROUND, weight=1.3),
    Family("washer", "base", "washer", NOUNS["washer"], _washer, _WASHER),
    Family("disc", "base", "disc", NOUNS["disc"], _disc, _DISC, weight=1.6),
    Family("cylinder", "base", "cylinder", NOUNS["cylinder"], _cylinder, _CYLINDER, words=_ROUND, weight=1.5),
    Family("cup", "base", "cup", NOUNS["cup"], _cup, _CYLINDER),
)
