"""Base families of solid and hollow blocks: block, cube, tray, stairs, prism."""

from __future__ import annotations

import random

from corpus.starter.features import BORE, CENTER_HOLE, WALLS
from corpus.starter.nouns import NOUNS
from corpus.starter.part import Attachment, Draft, Family, Words, pools, size
from corpus.starter.phrases import sized
from corpus.starter.source import difference, through
from corpus.synth import geometry as shapes

__all__ = ["SOLID_FAMILIES"]

_MIDDLE = "width / 2, depth / 2"
_BLIND = Attachment(
    pools(
        "@a {hole_diameter} mm hole {hole_depth} mm deep in the top | "
        "a blind hole {hole_diameter} mm in diameter and {hole_depth} mm deep | "
        "@a {hole_diameter} mm blind hole, {hole_depth} mm deep | "
        "@a {hole_depth} mm deep hole of {hole_diameter} mm in the top | "
        "a hole in the top {hole_diameter} mm wide and {hole_depth} mm deep | "
        "@a {hole_diameter} mm hole drilled {hole_depth} mm into the top",
        "a round pocket of {hole_diameter} mm sunk {hole_depth} mm from above | "
        "@a {hole_diameter} mm pocket hole of depth {hole_depth} mm",
        "@a {hole_diameter} mm recess reaching {hole_depth} mm down | "
        "a stopped hole, {hole_diameter} mm by {hole_depth} mm",
    ),
    "blind hole",
)
_GROOVE = Attachment(
    pools(
        "a groove {groove_width} mm wide and {groove_depth} mm deep along the top | "
        "@a {groove_width} mm wide groove, {groove_depth} mm deep, in the top | "
        "@a {groove_width} x {groove_depth} mm groove in the top | "
        "a top groove {groove_width} mm wide, {groove_depth} mm deep | "
        "@a {groove_depth} mm deep groove of {groove_width} mm width across the top",
        "a trench on top, {groove_width} mm wide and {groove_depth} mm deep | "
        "a rebate of {groove_width} by {groove_depth} mm down the top",
        "a furrow {groove_width} mm broad, {groove_depth} mm deep on top | "
        "a gully of {groove_width} mm cut {groove_depth} mm into the top",
    ),
    "groove",
)


def _block(rng: random.Random) -> Draft:
    width, depth, height = size(rng, 10, 150), size(rng, 10, 150), size(rng, 10, 100)
    params = {"width": width, "depth": depth, "height": height}
    small, volume, genus = min(width, depth), width * depth * height, 0
    attachments: tuple[Attachment, ...] = ()
    cuts: tuple[str, ...] = ()
    kind = rng.choices(("none", "center", "blind", "groove"), (30, 30, 20, 20))[0]
    if kind in ("center", "blind"):
        hole = params["hole_diameter"] = size(rng, 2, small * 0.7)
        if kind == "center":
            attachments, cuts, genus = (CENTER_HOLE,), (through("hole_diameter", "height", _MIDDLE),), 1
            volume -= shapes.circle_area(hole) * height
        else:
            hole_depth = params["hole_depth"] = size(rng, 2, height * 0.8)
            cut = f"translate([{_MIDDLE}, height - hole_depth])\n  cylinder(d = hole_diameter, h = hole_depth + 1);"
            attachments, cuts = (_BLIND,), (cut,)
            volume -= shapes.circle_area(hole) * hole_depth
    if kind == "groove":
        groove_width = params["groove_width"] = size(rng, 2, width * 0.6)
        groove_depth = params["groove_depth"] = size(rng, 1, height * 0.6)
        cut = "translate([(width - groove_width) / 2, -1, height - groove_depth])\n"
        cut += "  cube([groove_width, depth + 2, groove_depth + 1]);"
        attachments, cuts = (_GROOVE,), (cut,)
        volume -= groove_width * groove_depth * depth
    return Draft(
        params,
        difference("cube([width, depth, height]);", cuts),
        shapes.solid((width, depth, height), volume, genus=genus),
        ("width", "depth", "height"),
        attachments,
    )


def _cube(rng: random.Random) -> Draft:
    side = size(rng, 5, 150)
    params, volume, has_hole = {"side": side}, side**3, rng.random() < 0.5
    if has_hole:
        params["hole_diameter"] = size(rng, 2, side * 0.7)
        volume -= shapes.circle_area(params["hole_diameter"]) * side
    return Draft(
        params,
        difference("cube(side);", [through("hole_diameter", "side", "side / 2, side / 2")] if has_hole else []),
        shapes.solid((side, side, side), volume, genus=int(has_hole)),
        ("side",),
        (CENTER_HOLE,) if has_hole else (),
    )


_DIVIDER = Attachment(
    pools(
        "a divider in the middle | a divider | one divider | a partition in the middle | two compartments | "
        "a wall dividing it in half",
        "a separator down the center | a split into two halves",
        "a bulkhead halfway | a pair of equal sections",
    ),
    "divider",
)
_DRAIN = Attachment(
    pools(
        "@a {hole_diameter} mm drain hole in the floor | @a {hole_diameter} mm hole in the bottom | "
        "a hole of {hole_diameter} mm in the floor | a drain hole {hole_diameter} mm in diameter | "
        "@a {hole_diameter} mm hole in the base | a bottom hole of {hole_diameter} mm",
        "@a {hole_diameter} mm outlet in its floor | a cable hole of {hole_diameter} mm in the base",
        "a water escape of {hole_diameter} mm underneath | @a {hole_diameter} mm weep hole",
    ),
    "floor hole",
)


def _tray(rng: random.Random) -> Draft:
    width, depth, height = size(rng, 25, 250), size(rng, 25, 200), size(rng, 10, 120)
    wall = size(rng, 1, min(6, height / 3), finest=5)
    params = {"width": width, "depth": depth, "height": height, "wall": wall}
    inner_width, inner_depth = width - 2 * wall, depth - 2 * wall
    volume, genus = width * depth * height - inner_width * inner_depth * (height - wall), 0
    cuts = ["translate([wall, wall, wall])\n  cube([width - 2 * wall, depth - 2 * wall, height]);"]
    attachments, extra = [WALLS], ""
    kind = rng.choices(("none", "divider", "drain"), (50, 25, 25))[0]
    if kind == "divider":
        attachments.append(_DIVIDER)
        extra = "\ntranslate([(width - wall) / 2, 0, 0])\n  cube([wall, depth, height]);"
        volume += wall * inner_depth * (height - wall)
    if kind == "drain":
        hole = params["hole_diameter"] = size(rng, 2, min(30, min(inner_width, inner_depth) * 0.6))
        attachments.append(_DRAIN)
        cuts.append(through("hole_diameter", "wall", _MIDDLE))
        volume, genus = volume - shapes.circle_area(hole) * wall, 1
    return Draft(
        params,
        difference("cube([width, depth, height]);", cuts) + extra,
        shapes.solid((width, depth, height), volume, genus=genus),
        ("width", "depth", "height"),
        tuple(attachments),
    )


def _stairs(rng: random.Random) -> Draft:
    count = rng.randint(2, 12)
    width, step_depth = size(rng, 10, 120), size(rng, 3, 40, finest=5)
    step_height = size(rng, 2, 30, finest=5)
    params = {"step_count": float(count), "width": width, "step_depth": step_depth, "step_height": step_height}
    body = """for (i = [0 : step_count - 1])
  translate([0, i * step_depth, 0])
    cube([width, (step_count - i) * step_depth, (i + 1) * step_height]);"""
    volume = width * step_depth * step_height * count * (count + 1) / 2
    spec = shapes.solid((width, count * step_depth, count * step_height), volume)
    return Draft(params, body, spec, (), compact=_STAIRS)


_STAIRS = pools(
    "@a @N with {step_count#} steps, {width} mm wide, each step {step_depth} mm deep and {step_height} mm high | "
    "@a {width} mm wide @N with {step_count#} steps of {step_depth} x {step_height} mm | "
    "@a @N of {step_count#} steps {step_depth} mm deep and {step_height} mm tall, {width} mm wide | "
    "@a @N, {step_count#} steps, step depth {step_depth} mm, step height {step_height} mm, width {width} mm | "
    "@a @N, {width} mm wide, {step_count#} steps, each {step_height} mm high and {step_depth} mm deep | "
    "@a {step_count#} step @N, {width} mm wide, {step_height} mm rise and {step_depth} mm run",
    "@a @N having {step_count#} treads {step_depth} mm deep, risers of {step_height} mm and a width of {width} mm | "
    "@a @N {width} mm in width with {step_count#} treads, {step_depth} mm run, {step_height} mm rise",
    "@a @N climbing {step_count#} times {step_height} mm over treads of {step_depth} mm, {width} mm broad | "
    "@a {step_count#} tread @N of width {width} mm, going {step_depth} mm, rise {step_height} mm",
)


def _prism(rng: random.Random) -> Draft:
    sides = rng.choice((3, 5, 6, 6, 7, 8, 8, 9, 10, 12))
    diameter, height = size(rng, 8, 120), size(rng, 3, 120)
    params = {"sides": float(sides), "diameter": diameter, "height": height}
    attachments: tuple[Attachment, ...] = ()
    cuts, area = [], shapes.circle_area(diameter, sides)
    if rng.random() < 0.35:
        hole = params["hole_diameter"] = size(rng, 2, diameter * (0.3 if sides < 5 else 0.6))
        cuts, attachments, area = [through("hole_diameter", "height")], (BORE,), area - shapes.circle_area(hole)
    xs, ys = zip(*shapes.circle_points(diameter, sides), strict=True)
    return Draft(
        params,
        difference("cylinder(d = diameter, h = height, $fn = sides);", cuts),
        shapes.solid((max(xs) - min(xs), max(ys) - min(ys), height), area * height, genus=len(cuts)),
        (),
        attachments,
        compact=_PRISM,
    )


_PRISM = pools(
    "@a {sides#} sided @N, {diameter} mm in diameter and {height} mm high | "
    "@a @N with {sides#} sides, {diameter} mm diameter, {height} mm tall | "
    "@a @N with {sides#} sides, {height} mm tall and {diameter} mm across the corners | "
    "@a {height} mm tall @N with {sides#} sides and @a {diameter} mm diameter | "
    "@a @N, {sides#} sides, diameter {diameter}, height {height} | "
    "@a {diameter} mm @N with {sides#} sides, {height} mm high",
    "@a @N whose {sides#} edges lie on @a {diameter} mm circle, {height} mm high | "
    "@a {sides#} cornered @N, diameter {diameter} mm and height {height} mm",
    "@a @N on a regular base of {sides#} corners, {diameter} mm wide overall and {height} mm up | "
    "@a {sides#} faced @N of {diameter} mm, rising {height} mm",
)

_SIDE = {"side": Words(("side length", "side", "edge"), ("on a side", "on each side"))}

SOLID_FAMILIES = (
    Family("block", "base", "block", NOUNS["block"], _block, sized("width", "depth", "height"), weight=1.5),
    Family(
        "cube",
        "base",
        "cube",
        NOUNS["cube"],
        _cube,
        pools(
            "@a {side} mm @N | @a @N {side} mm on a side | @a @N of {side} mm | @a {side} mm wide @N | @a @N {side} mm",
            "@a @N whose edges are {side} mm | @a @N sized {side} mm",
            "@a @N having {side} mm edges | @a @N, edge length {side} mm",
        ),
        words=_SIDE,
        weight=0.5,
    ),
    Family("tray", "base", "tray", NOUNS["tray"], _tray, sized("width", "depth", "height"), weight=1.7),
    Family("stairs", "base", "stairs", NOUNS["stairs"], _stairs, weight=0.8),
    Family("prism", "base", "prism", NOUNS["prism"], _prism, weight=0.8),
)
