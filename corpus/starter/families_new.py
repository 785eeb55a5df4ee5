"""The new families, which the shipped base never sees: T-bracket, pipe flange, picture frame, cross, clip, hex knob.

Each is a new combination, under new names, of idioms that base families use: what a short fine-tune can teach.
"""

from __future__ import annotations

import math
import random

from corpus.starter.features import BOLT_CIRCLE, BORE, CENTER_HOLE, WALLS
from corpus.starter.nouns import NOUNS
from corpus.starter.part import Attachment, Draft, Family, Words, pools, size
from corpus.starter.phrases import sized
from corpus.starter.source import difference, ring_of, through, union
from corpus.synth import geometry as shapes

__all__ = ["NEW_FAMILIES"]

_FOOT_HOLES = Attachment(
    pools(
        "@a {hole_diameter} mm hole on each side of the base | two {hole_diameter} mm holes in the base | "
        "{hole_diameter} mm holes in both base sides | a hole of {hole_diameter} mm on both sides of the base | "
        "two base holes {hole_diameter} mm in diameter",
        "the base drilled {hole_diameter} mm on either side | @a {hole_diameter} mm fixing hole in each wing",
        "both feet pierced {hole_diameter} mm | a fastener hole of {hole_diameter} mm on each foot",
    ),
    "base holes",
)


def _t_bracket(rng: random.Random) -> Draft:
    width, depth, height = size(rng, 10, 120), size(rng, 25, 150), size(rng, 15, 120)
    thickness = size(rng, 1.5, min(10, depth / 6, height / 4))
    params = {"width": width, "depth": depth, "height": height, "thickness": thickness}
    body = """cube([width, depth, thickness]);
translate([0, (depth - thickness) / 2, 0])
  cube([width, thickness, height]);"""
    volume, genus = width * thickness * (depth + height - thickness), 0
    if rng.random() < 0.5:
        room = min(width, (depth - thickness) / 2) * 0.6
        hole = params["hole_diameter"] = size(rng, 2, min(room, 15))
        cut = "for (y = [(depth - thickness) / 4, (3 * depth + thickness) / 4])\n  "
        cut += through("hole_diameter", "thickness", "width / 2, y").replace("\n", "\n  ")
        body = difference(union(body), [cut])
        volume, genus = volume - 2 * shapes.circle_area(hole) * thickness, 2
    return Draft(
        params,
        body,
        shapes.solid((width, depth, height), volume, genus=genus),
        ("width", "depth", "height", "thickness"),
        (_FOOT_HOLES,) if genus else (),
    )


_PIPE_BORE = Attachment(
    pools(
        "@a {bore} mm bore | a bore of {bore} mm | @a {bore} mm pipe opening | a center bore {bore} mm in diameter | "
        "@a {bore} mm center bore",
        "an opening for @a {bore} mm pipe | a clear passage of {bore} mm",
        "@a {bore} mm throat | a pipe seat of {bore} mm",
    )
)


def _pipe_flange(rng: random.Random) -> Draft:
    outer, count = size(rng, 40, 200), rng.choice((3, 4, 4, 6, 6, 8))
    bore, thickness = size(rng, outer * 0.2, outer * 0.45), size(rng, 3, 20)
    circle = size(rng, outer * 0.62, outer * 0.78)
    room = min(outer - circle - 2, circle - bore - 2, 0.7 * circle * math.sin(math.pi / count), 20)
    hole = size(rng, 2, room)
    params = {
        "outer_diameter": outer,
        "thickness": thickness,
        "bore": bore,
        "hole_count": float(count),
        "hole_diameter": hole,
        "circle_diameter": circle,
    }
    cuts = [through("bore", "thickness"), ring_of(through("hole_diameter", "thickness", "circle_diameter / 2, 0"))]
    area = shapes.circle_area(outer) - shapes.circle_area(bore) - count * shapes.circle_area(hole)
    return Draft(
        params,
        difference("cylinder(d = outer_diameter, h = thickness);", cuts),
        shapes.solid((outer, outer, thickness), area * thickness, genus=count + 1),
        ("outer_diameter", "thickness"),
        (_PIPE_BORE, BOLT_CIRCLE),
    )


_FLANGE = pools(
    "@a {outer_diameter} mm @N, {thickness} mm thick | "
    "@a @N {outer_diameter} mm in diameter and {thickness} mm thick | "
    "@a {thickness} mm thick @N of {outer_diameter} mm diameter | "
    "@a @N {outer_diameter} mm across, {thickness} mm thick",
    "@a @N of diameter {outer_diameter} mm by {thickness} mm in thickness | "
    "@a @N {outer_diameter} mm outside, gauge {thickness} mm",
    "@a @N spanning {outer_diameter} mm at {thickness} mm of thickness | "
    "@a @N, external {outer_diameter} mm, gauge of {thickness} mm",
)

_BORDER = Attachment(
    pools(
        "@a {border} mm border | a border of {border} mm | @a {border} mm wide border | a border {border} mm wide | "
        "{border} mm borders",
        "@a {border} mm rim all round | edges {border} mm broad",
        "@a {border} mm margin | a surround of {border} mm",
    )
)


def _frame(rng: random.Random) -> Draft:
    width, height, thickness = size(rng, 40, 250), size(rng, 40, 250), size(rng, 2, 20)
    border = size(rng, 3, min(width, height) * 0.3)
    area = width * height - (width - 2 * border) * (height - 2 * border)
    cut = "translate([border, border, -1])\n  cube([width - 2 * border, height - 2 * border, thickness + 2]);"
    return Draft(
        {"width": width, "height": height, "thickness": thickness, "border": border},
        difference("cube([width, height, thickness]);", [cut]),
        shapes.solid((width, height, thickness), area * thickness, genus=1),
        ("width", "height", "thickness"),
        (_BORDER,),
    )


def _cross(rng: random.Random) -> Draft:
    length, thickness = size(rng, 25, 200), size(rng, 2, 15)
    arm = size(rng, 5, length * 0.5)
    params, area = {"length": length, "arm_width": arm, "thickness": thickness}, 2 * length * arm - arm**2
    body = """translate([-length / 2, -arm_width / 2, 0])
  cube([length, arm_width, thickness]);
translate([-arm_width / 2, -length / 2, 0])
  cube([arm_width, length, thickness]);"""
    has_hole = rng.random() < 0.5
    if has_hole:
        hole = params["hole_diameter"] = size(rng, 2, arm * 0.8)
        area -= shapes.circle_area(hole)
        body = difference(union(body), [through("hole_diameter", "thickness")])
    return Draft(
        params,
        body,
        shapes.solid((length, length, thickness), area * thickness, genus=int(has_hole)),
        ("length", "arm_width", "thickness"),
        (CENTER_HOLE,) if has_hole else (),
    )


_CROSS = pools(
    "@a {length} mm @N with {arm_width} mm wide arms, {thickness} mm thick | "
    "@a @N {length} mm across, arms {arm_width} mm wide, {thickness} mm thick | "
    "@a {thickness} mm thick @N, {length} mm long with {arm_width} mm arms | "
    "@a @N {length} mm long with arms {arm_width} mm wide and {thickness} mm thick",
    "@a @N reaching {length} mm, each arm {arm_width} mm in width, gauge {thickness} mm | "
    "@a @N of {length} mm made from {arm_width} mm arms, {thickness} mm in thickness",
    "@a @N spanning {length} mm, beams {arm_width} mm broad, {thickness} mm of thickness | "
    "@a @N, {length} mm tip to tip, beam {arm_width} mm, gauge of {thickness} mm",
)
_CROSS_WORDS = {
    "length": Words(("length", "span"), ("long", "across")),
    "arm_width": Words(("arm width",), ("wide in the arms",)),
}

_GAP = Attachment(
    pools(
        "@a {gap} mm gap | a gap of {gap} mm | @a {gap} mm opening on one side | an opening of {gap} mm | "
        "a side gap {gap} mm wide | @a {gap} mm wide gap",
        "@a {gap} mm split | a mouth {gap} mm wide",
        "@a {gap} mm entry | an aperture of {gap} mm at the side",
    )
)


def _clip(rng: random.Random) -> Draft:
    inner = size(rng, 4, 50)
    wall, height, gap = size(rng, 1, max(2, inner * 0.3)), size(rng, 4, 50), size(rng, 1, inner * 0.75)
    outer = inner + 2 * wall
    cuts = [
        through("inner_diameter", "height"),
        "translate([0, -gap / 2, -1])\n  cube([inner_diameter + wall, gap, height + 2]);",
    ]
    ring = shapes.circle_area(outer) - shapes.circle_area(inner)
    body = difference("cylinder(d = inner_diameter + 2 * wall, h = height);", cuts)
    spec_area = ring - (_strip(outer, gap) - _strip(inner, gap))
    kept = shapes.clip_above(shapes.circle_points(outer), 1, gap / 2)
    size_x = outer / 2 + max(x for x, _ in kept)
    params = {"inner_diameter": inner, "height": height, "wall": wall, "gap": gap}
    spec = shapes.solid((size_x, outer, height), spec_area * height)
    return Draft(params, body, spec, ("inner_diameter", "height"), (WALLS, _GAP))


def _strip(diameter: float, gap: float) -> float:
    """Area of the right half of a disc within gap / 2 of the x axis."""
    upper = [(x, -y) for x, y in shapes.clip_above(shapes.circle_points(diameter), 0, 0.0)]
    band = [(x, -y) for x, y in shapes.clip_above(upper, 1, -gap / 2)]
    return shapes.polygon_area(shapes.clip_above(band, 1, -gap / 2))


_CLIP = pools(
    "@a @N for @a {inner_diameter} mm cable, {height} mm wide | @a {inner_diameter} mm @N {height} mm wide | "
    "@a @N with {inner_diameter} mm inner diameter and {height} mm width | "
    "@a {height} mm wide @N, {inner_diameter} mm inside",
    "@a @N gripping @a {inner_diameter} mm wire, {height} mm in width | "
    "@a @N taking {inner_diameter} mm inside by {height} mm",
    "@a @N, internal {inner_diameter} mm, extent {height} mm | "
    "@a @N holding @a {inner_diameter} mm cord, {height} mm broad",
)
_CLIP_WORDS = {"height": Words(("height", "width"), ("tall", "high", "wide"))}

_SOCKET = Attachment(
    pools(
        "@a {across_flats} mm hex socket {socket_depth} mm deep | "
        "a hex socket {across_flats} mm across flats and {socket_depth} mm deep | "
        "@a {socket_depth} mm deep hex socket of {across_flats} mm | "
        "a hexagonal socket, {across_flats} mm across the flats, {socket_depth} mm deep | "
        "a socket for @a {across_flats} mm hex, {socket_depth} mm deep",
        "a six-sided pocket of {across_flats} mm sunk {socket_depth} mm | "
        "room for @a {across_flats} mm bolt head, {socket_depth} mm deep",
        "a hexagon recess {across_flats} mm wide reaching {socket_depth} mm down | "
        "a nut trap of {across_flats} mm by {socket_depth} mm",
    )
)


def _hex_knob(rng: random.Random) -> Draft:
    diameter, height = size(rng, 12, 100), size(rng, 6, 60)
    flats, depth = size(rng, 3, diameter * 0.55), size(rng, 2, height * 0.7)
    params = {"diameter": diameter, "height": height, "across_flats": flats, "socket_depth": depth}
    volume = shapes.circle_area(diameter) * height - shapes.hexagon_area(flats) * depth
    attachments: tuple[Attachment, ...] = (_SOCKET,)
    genus = 0
    cuts = [
        "translate([0, 0, height - socket_depth])\n"
        "  cylinder(d = across_flats / cos(30), h = socket_depth + 1, $fn = 6);"
    ]
    if flats > 4 and rng.random() < 0.35:
        hole = params["hole_diameter"] = size(rng, 1, flats * 0.7)
        cuts.append(through("hole_diameter", "height"))
        attachments, genus, volume = (_SOCKET, BORE), 1, volume - shapes.circle_area(hole) * (height - depth)
    body = difference("cylinder(d = diameter, h = height);", cuts)
    spec = shapes.solid((diameter, diameter, height), volume, genus=genus)
    return Draft(params, body, spec, ("diameter", "height"), attachments)


_KNOB = pools(
    "@a {diameter} mm @N {height} mm tall | @a @N {diameter} mm in diameter and {height} mm tall | "
    "@a {diameter} mm diameter @N, {height} mm high | @a {height} mm tall @N of {diameter} mm diameter | "
    "@a @N {height} mm high and {diameter} mm across",
    "@a @N of diameter {diameter} mm by {height} mm in height | "
    "@a @N standing {height} mm with a diameter of {diameter} mm",
    "@a @N rising {height} mm at {diameter} mm girth | @a @N, {diameter} mm over all, extent {height} mm",
)

NEW_FAMILIES = (
    Family(
        "t_bracket",
        "new",
        "T-bracket",
        NOUNS["t_bracket"],
        _t_bracket,
        sized("width", "depth", "height", then=", {thickness} mm thick"),
    ),
    Family("pipe_flange", "new", "pipe flange", NOUNS["pipe_flange"], _pipe_flange, _FLANGE),
    Family(
        "picture_frame", "new", "picture frame", NOUNS["picture_frame"], _frame, sized("width", "height", "thickness")
    ),
    Family("cross_plate", "new", "cross plate", NOUNS["cross_plate"], _cross, _CROSS, words=_CROSS_WORDS),
    Family("cable_clip", "new", "cable clip", NOUNS["cable_clip"], _clip, _CLIP, words=_CLIP_WORDS),
    Family("hex_knob", "new", "hex socket knob", NOUNS["hex_knob"], _hex_knob, _KNOB),
)
