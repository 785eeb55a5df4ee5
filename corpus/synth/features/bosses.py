"""What stands in the middle of a face: bosses, standoffs, rings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.features.holes import bore_area
from corpus.synth.features.room import (
    GAP,
    count_through,
    round_room,
    tall,
)
from corpus.synth.features.screw_holes import COS_30
from corpus.synth.num import Num
from corpus.synth.part import Applied, Face, Feature, Options, Rect, Values
from corpus.synth.text import block, cylinder, indent, standing, through_cut
from corpus.synth.words import Measure, pools

__all__ = ["BOSS_FEATURES", "across", "high", "rooted", "stands"]


def stands(face: Face, h: Num, area: float, spots: Sequence[Rect], text: str) -> Applied:
    """As many prisms of this area as footprints, `h` above the face."""
    return Applied(tuple(spots), adds=(text,), volume=len(spots) * area * h.value, rise=h.value)


def rooted(face: Face, h: Num) -> Num:
    """Height of what rises `h` above a face and is rooted half-way down the material."""
    return face.thickness / 2 + h


def _draw_boss(draw: Draw, face: Face) -> Mapping[str, float]:
    return {"diameter": draw.size(3, min(60, round_room(face) * 0.7)), "height": tall(draw, face, 1, 40)}


def _boss(v: Values, face: Face, options: Options) -> Applied:
    d, h = v["diameter"], v["height"]
    text = standing(face, 0, 0, cylinder(d, rooted(face, h)))
    return stands(face, h, bore_area(d, options), (Rect(0, 0, d.value, d.value),), text)


def _draw_hollow(draw: Draw, face: Face) -> Mapping[str, float]:
    d = draw.size(5, min(60, round_room(face) * 0.7))
    return {"diameter": d, "hole_diameter": draw.size(2, d - 2.4), "height": tall(draw, face, 2, 40)}


def _hollow(v: Values, face: Face, options: Options) -> Applied:
    """The hole goes through the boss and the material below it."""
    d, bore, h = v["diameter"], v["hole_diameter"], v["height"]
    if bore.value > d.value - 1.6:
        raise Infeasible("a standoff needs a wall")
    hole = bore_area(bore, options)
    return Applied(
        (Rect(0, 0, d.value, d.value),),
        cuts=(through_cut(face, 0, 0, cylinder(bore, face.thickness + h + 2)),),
        adds=(standing(face, 0, 0, cylinder(d, rooted(face, h))),),
        volume=(bore_area(d, options) - hole) * h.value - hole * face.thickness.value,
        genus=count_through(face, 1),
        rise=h.value,
    )


def _draw_hex(draw: Draw, face: Face) -> Mapping[str, float]:
    return {"across_flats": draw.size(4, min(50, round_room(face) * 0.65)), "height": tall(draw, face, 1.5, 30)}


def _hex(v: Values, face: Face, options: Options) -> Applied:
    flats, h = v["across_flats"], v["height"]
    corners = flats / COS_30
    text = standing(face, 0, 0, f"cylinder(d = {corners}, h = {rooted(face, h)}, $fn = 6);")
    spots = (Rect(0, 0, corners.value, corners.value),)
    return stands(face, h, geometry.hexagon_area(flats.value), spots, text)


def _draw_collar(draw: Draw, face: Face) -> Mapping[str, float]:
    d = draw.size(8, round_room(face) * 0.95)
    return {"diameter": d, "wall": draw.size(1, min(8, d / 5)), "height": tall(draw, face, 1, 30)}


def _collar(v: Values, face: Face, options: Options) -> Applied:
    """A ring; other features stay out of it, though there is room inside."""
    d, wall, h = v["diameter"], v["wall"], v["height"]
    inner = d - 2 * wall
    if inner.value < 1 or wall.value < GAP:
        raise Infeasible("a ring has a wall and an inside")
    ring = block("difference()", (f"circle(d = {d});", f"circle(d = {inner});"))
    text = standing(face, 0, 0, f"linear_extrude(height = {rooted(face, h)})\n{indent(ring)}")
    spots = (Rect(0, 0, d.value, d.value),)
    return stands(face, h, bore_area(d, options) - bore_area(inner, options), spots, text)


def across(noun: str, low: float = 2, high: float = 80) -> Measure:
    return Measure((f"{noun} diameter",), low=low, high=high)


def high(noun: str) -> Measure:
    return Measure((f"{noun} height",), low=1, high=60)


BOSS_FEATURES = (
    Feature(
        "boss",
        "boss",
        "boss_",
        {"diameter": across("boss"), "height": high("boss")},
        _draw_boss,
        _boss,
        pools(
            "@a {diameter} boss {height} tall in the middle@F | a round boss@F, {diameter} across and {height} high | "
            "a {height} high boss of {diameter} in the center@F | "
            "a cylindrical boss@F {diameter} in diameter, {height} tall | "
            "a centered boss@F, diameter {diameter}, height {height} | "
            "a round raised pad@F {diameter} wide, {height} high | "
            "a cylinder of {diameter} standing {height} up from the middle@F",
            "a stud@F of {diameter} rising {height} at the midpoint | "
            "a round hump@F {diameter} broad and {height} proud",
        ),
        pools("a round boss in the middle@F | a boss@F | a cylindrical boss@F", "a stud at the midpoint@F"),
        weight=1.3,
    ),
    Feature(
        "standoff",
        "standoff",
        "standoff_",
        {
            "diameter": across("standoff", 4),
            "hole_diameter": Measure(("standoff hole diameter",), low=2, high=50, is_screw=True),
            "height": high("standoff"),
        },
        _draw_hollow,
        _hollow,
        pools(
            "a standoff in the middle@F, {diameter} wide and {height} tall with @a {hole_diameter} hole through | "
            "a hollow boss@F, {diameter} outside, {hole_diameter} inside, {height} high | "
            "@a {diameter} boss@F {height} tall, drilled through {hole_diameter} | "
            "a screw boss@F of {diameter} with @a {hole_diameter} hole all the way through, {height} high | "
            "a centered standoff@F: {diameter} OD, {hole_diameter} ID, {height} tall | "
            "a {height} tall cylindrical standoff@F, {diameter} across, bored {hole_diameter} right through",
            "a spacer post@F, {diameter} over and {hole_diameter} within, {height} proud, open from end to end | "
            "a pierced stud@F of {diameter}, {height} in height, its bore {hole_diameter}",
        ),
        pools("a hollow boss in the middle@F | a standoff with a through hole@F", "a pierced stud at the midpoint@F"),
    ),
    Feature(
        "hex_boss",
        "hexagonal boss",
        "hex_boss_",
        {
            "across_flats": Measure(("hex boss width across flats",), low=4, high=80),
            "height": high("hex boss"),
        },
        _draw_hex,
        _hex,
        pools(
            "a hexagonal boss@F, {across_flats} across flats and {height} high | "
            "a hex boss in the middle@F of {across_flats}, {height} tall | "
            "a {height} tall hex head@F, {across_flats} across the flats | "
            "a six-sided boss@F {across_flats} flat to flat, {height} high | "
            "a raised hexagon@F with {across_flats} across flats, {height} tall | "
            "a centered hexagonal stud@F, {across_flats} wide over the flats, {height} high",
            "a nut-shaped hump@F, {across_flats} over the flats, {height} proud | "
            "a hexagon@F of {across_flats} lifted {height}",
        ),
        pools("a hexagonal boss@F | a raised hexagon in the middle@F", "a nut-shaped hump@F"),
        weight=0.7,
    ),
    Feature(
        "collar",
        "raised ring",
        "ring_",
        {
            "diameter": Measure(("ring outer diameter",), low=8, high=200),
            "wall": Measure(("ring wall thickness",), low=0.8, high=15),
            "height": high("ring"),
        },
        _draw_collar,
        _collar,
        pools(
            "a raised ring@F, {diameter} outside with @a {wall} wall, {height} tall | "
            "a ring@F of {diameter} outer diameter, {wall} thick and {height} high | "
            "a {height} high round collar@F, {diameter} across, wall {wall} | "
            "a circular rim@F {diameter} in diameter, {wall} wide, {height} tall | "
            "a raised round lip@F: outer diameter {diameter}, thickness {wall}, height {height} | "
            "a short tube standing on the middle@F, {diameter} outside, {wall} walls, {height} tall",
            "an annular wall@F, {diameter} over the outside, {wall} thick, {height} proud | "
            "a hoop@F raised {height}, {diameter} across and {wall} in section",
        ),
        pools("a raised ring@F | a round collar in the middle@F", "an annular wall@F"),
        weight=0.8,
    ),
)
