"""Base families of bent and extruded profiles: L-bracket, U-channel, wedge."""

from __future__ import annotations

import random

from corpus.starter.features import WALLS
from corpus.starter.nouns import NOUNS
from corpus.starter.part import Attachment, Draft, Family, pools, size
from corpus.starter.phrases import sized
from corpus.starter.source import difference, through, union
from corpus.synth import geometry as shapes

__all__ = ["BRACKET_FAMILIES"]

_LEG_HOLES = Attachment(
    pools(
        "@a {hole_diameter} mm hole in each leg | one {hole_diameter} mm hole in each leg | "
        "{hole_diameter} mm holes in both legs | a hole of {hole_diameter} mm in each side | "
        "@a {hole_diameter} mm screw hole in each leg | a hole {hole_diameter} mm in diameter in both legs",
        "either leg drilled {hole_diameter} mm | @a {hole_diameter} mm fixing hole per leg",
        "both arms pierced {hole_diameter} mm | a fastener hole of {hole_diameter} mm on each arm",
    ),
    "leg holes",
)


def _l_bracket(rng: random.Random) -> Draft:
    width, depth, height = size(rng, 10, 120), size(rng, 15, 120), size(rng, 15, 150)
    thickness = size(rng, 1.5, min(10, depth / 4, height / 4))
    params = {"width": width, "depth": depth, "height": height, "thickness": thickness}
    body = "cube([width, depth, thickness]);\ncube([width, thickness, height]);"
    volume, genus = width * thickness * (depth + height - thickness), 0
    if rng.random() < 0.6:
        room = min(width, depth - thickness, height - thickness) * 0.6
        hole = params["hole_diameter"] = size(rng, 2, min(room, 20))
        upright = "translate([width / 2, -1, (height + thickness) / 2])\n  rotate([-90, 0, 0])\n"
        upright += "    cylinder(d = hole_diameter, h = thickness + 2);"
        body = difference(
            union(body), [through("hole_diameter", "thickness", "width / 2, (depth + thickness) / 2"), upright]
        )
        volume, genus = volume - 2 * shapes.circle_area(hole) * thickness, 2
    return Draft(
        params,
        body,
        shapes.solid((width, depth, height), volume, genus=genus),
        ("width", "depth", "height", "thickness"),
        (_LEG_HOLES,) if genus else (),
    )


_FLOOR_HOLE = Attachment(
    pools(
        "@a {hole_diameter} mm hole in the floor | @a {hole_diameter} mm hole in the middle of the base | "
        "a hole of {hole_diameter} mm in the bottom | @a {hole_diameter} mm hole in the bottom | "
        "a floor hole {hole_diameter} mm in diameter",
        "@a {hole_diameter} mm opening through its floor | its web drilled {hole_diameter} mm",
        "the underside pierced {hole_diameter} mm | a fastener hole of {hole_diameter} mm underneath",
    ),
    "floor hole",
)


def _u_channel(rng: random.Random) -> Draft:
    width, length, height = size(rng, 10, 100), size(rng, 20, 200), size(rng, 8, 80)
    wall = size(rng, 1, min(8, width / 5, height / 3))
    params = {"width": width, "length": length, "height": height, "wall": wall}
    cuts = ["translate([wall, -1, wall])\n  cube([width - 2 * wall, length + 2, height]);"]
    volume = (width * height - (width - 2 * wall) * (height - wall)) * length
    attachments: tuple[Attachment, ...] = (WALLS,)
    if rng.random() < 0.45:
        hole = params["hole_diameter"] = size(rng, 2, min(20, (width - 2 * wall) * 0.7))
        cuts.append(through("hole_diameter", "wall", "width / 2, length / 2"))
        volume, attachments = volume - shapes.circle_area(hole) * wall, (WALLS, _FLOOR_HOLE)
    body = difference("cube([width, length, height]);", cuts)
    spec = shapes.solid((width, length, height), volume, genus=len(attachments) - 1)
    return Draft(params, body, spec, ("width", "length", "height"), attachments)


_TIP = Attachment(
    pools(
        "@a {tip_height} mm high front edge | a front edge of {tip_height} mm | @a {tip_height} mm blunt tip | "
        "a tip {tip_height} mm high | @a {tip_height} mm tall tip | a low end of {tip_height} mm",
        "its thin end {tip_height} mm high | a nose height of {tip_height} mm",
        "a toe that is {tip_height} mm high | a leading face of {tip_height} mm",
    ),
    "blunt tip",
)


def _wedge(rng: random.Random) -> Draft:
    length, width, height = size(rng, 15, 200), size(rng, 10, 120), size(rng, 5, 80)
    params, tip, corner = {"length": length, "width": width, "height": height}, 0.0, ""
    if rng.random() < 0.4:
        tip = params["tip_height"] = size(rng, 1, height * 0.6)
        corner = "[length, tip_height], "
    body = "rotate([90, 0, 0])\n  linear_extrude(height = width)\n"
    body += f"    polygon([[0, 0], [length, 0], {corner}[0, height]]);"
    spec = shapes.solid((length, width, height), (height + tip) / 2 * length * width)
    return Draft(params, body, spec, ("length", "width", "height"), (_TIP,) if tip else ())


BRACKET_FAMILIES = (
    Family(
        "l_bracket",
        "base",
        "L-bracket",
        NOUNS["l_bracket"],
        _l_bracket,
        sized("width", "depth", "height", then=", {thickness} mm thick"),
        weight=1.3,
    ),
    Family("u_channel", "base", "U-channel", NOUNS["u_channel"], _u_channel, sized("width", "length", "height")),
    Family("wedge", "base", "wedge", NOUNS["wedge"], _wedge, sized("length", "width", "height")),
)
