"""Base families of sloped and curved profiles: torus, cone, frustum, funnel, ball."""

from __future__ import annotations

import random

from corpus.starter.features import BORE, WALLS
from corpus.starter.nouns import NOUNS
from corpus.starter.part import Attachment, Draft, Family, Pools, Words, pools, size
from corpus.starter.source import difference, through
from corpus.synth import geometry as shapes

__all__ = ["TURNED_FAMILIES"]

_ROUND = {"height": Words(("height", "length"), ("tall", "high", "long"), "H")}


def _torus(rng: random.Random) -> Draft:
    outer = size(rng, 12, 150)
    thickness = size(rng, 1, outer * 0.3)
    return Draft(
        {"outer_diameter": outer, "thickness": thickness},
        "rotate_extrude()\n  translate([(outer_diameter - thickness) / 2, 0])\n    circle(d = thickness);",
        shapes.solid(
            (outer, outer, thickness),
            shapes.ring_volume(shapes.circle_area(thickness), (outer - thickness) / 2),
            genus=1,
        ),
        ("outer_diameter", "thickness"),
    )


_TORUS = pools(
    "@a {outer_diameter} mm @N, {thickness} mm thick | "
    "@a @N {outer_diameter} mm in outer diameter and {thickness} mm thick | "
    "@a {thickness} mm thick @N of {outer_diameter} mm outer diameter | "
    "@a @N with {outer_diameter} mm outer diameter and @a {thickness} mm round section",
    "@a @N {outer_diameter} mm across the outside, cord {thickness} mm | "
    "@a @N made of {thickness} mm cord, OD {outer_diameter} mm",
    "@a @N, external {outer_diameter} mm, cross section {thickness} mm | "
    "@a @N of {thickness} mm bead spanning {outer_diameter} mm",
)


def _cone(rng: random.Random) -> Draft:
    diameter, height = size(rng, 5, 150), size(rng, 5, 150)
    return Draft(
        {"diameter": diameter, "height": height},
        "cylinder(d1 = diameter, d2 = 0, h = height);",
        shapes.solid((diameter, diameter, height), shapes.frustum_volume(diameter, 0, height)),
        ("diameter", "height"),
    )


_CONE = pools(
    "@a @N {height} mm tall with @a {diameter} mm base | @a {diameter} mm @N, {height} mm high | "
    "@a @N {diameter} mm wide at the base and {height} mm tall | "
    "@a @N with base diameter {diameter} mm and height {height} mm | "
    "@a {height} mm tall @N {diameter} mm in diameter",
    "@a @N standing {height} mm on @a {diameter} mm foot | "
    "@a @N of diameter {diameter} mm at the foot, {height} mm in height",
    "@a @N rising {height} mm from a circle of {diameter} mm | @a @N, {diameter} mm over all, extent {height} mm",
)


def _frustum(rng: random.Random) -> Draft:
    bottom = size(rng, 10, 120)
    top = size(rng, bottom * 0.25, bottom * 0.9)
    if rng.random() < 0.25:
        bottom, top = top, bottom
    params, cuts = {"bottom_diameter": bottom, "top_diameter": top, "height": size(rng, 5, 120)}, []
    height, wide = params["height"], max(bottom, top)
    volume = shapes.frustum_volume(bottom, top, height)
    if rng.random() < 0.4:
        hole = params["hole_diameter"] = size(rng, 1, min(bottom, top) * 0.7)
        cuts, volume = [through("hole_diameter", "height")], volume - shapes.circle_area(hole) * height
    return Draft(
        params,
        difference("cylinder(d1 = bottom_diameter, d2 = top_diameter, h = height);", cuts),
        shapes.solid((wide, wide, height), volume, genus=len(cuts)),
        ("bottom_diameter", "top_diameter", "height"),
        (BORE,) if cuts else (),
    )


def _tapers(*, is_up: bool) -> Pools:
    """Short forms of a part with two diameters; a funnel is told from its wide top."""
    first, last = ("top", "bottom") if is_up else ("bottom", "top")
    one, two = "{" + first + "_diameter}", "{" + last + "_diameter}"
    return pools(
        f"@a @N {one} mm at the {first}, {two} mm at the {last} and {{height}} mm tall | "
        f"@a {{height}} mm tall @N, {one} mm {first} diameter and {two} mm {last} diameter | "
        f"@a @N from {one} mm at the {first} to {two} mm at the {last}, {{height}} mm high | "
        f"@a @N with {first} diameter {one}, {last} diameter {two} and height {{height}} | "
        f"@a @N {{height}} mm high, {two} mm wide at the {last} and {one} mm wide at the {first}",
        f"@a @N narrowing or widening from {one} mm ({first}) to {two} mm ({last}) within {{height}} mm | "
        f"@a @N, {first} {one} mm, {last} {two} mm, standing {{height}} mm",
        f"@a @N whose {first} spans {one} mm and {last} spans {two} mm, extent {{height}} mm | "
        f"@a @N rising {{height}} mm, {first} circle {one} mm, {last} circle {two} mm",
    )


def _funnel(rng: random.Random) -> Draft:
    top = size(rng, 30, 150)
    bottom, height = size(rng, 8, top * 0.5), size(rng, 15, 150)
    wall = size(rng, 1, min(5, bottom * 0.3))
    body = """rotate_extrude()
  polygon([
    [bottom_diameter / 2 - wall, 0], [bottom_diameter / 2, 0],
    [top_diameter / 2, height], [top_diameter / 2 - wall, height]
  ]);"""
    volume = shapes.frustum_volume(bottom, top, height) - shapes.frustum_volume(
        bottom - 2 * wall, top - 2 * wall, height
    )
    return Draft(
        {"top_diameter": top, "bottom_diameter": bottom, "height": height, "wall": wall},
        body,
        shapes.solid((top, top, height), volume, genus=1),
        ("top_diameter", "bottom_diameter", "height"),
        (WALLS,),
    )


_THROUGH_BALL = Attachment(
    pools(
        "@a {hole_diameter} mm hole through it | @a {hole_diameter} mm hole through the center | "
        "a through hole of {hole_diameter} mm | @a {hole_diameter} mm bore | @a {hole_diameter} mm hole",
        "a passage of {hole_diameter} mm | @a {hole_diameter} mm axial hole",
        "@a {hole_diameter} mm threading channel | a hollow core of {hole_diameter} mm",
    ),
    "through hole",
)


def _ball(rng: random.Random) -> Draft:
    diameter, hole = size(rng, 5, 120), 0.0
    params = {"diameter": diameter}
    if rng.random() < 0.5:
        hole = params["hole_diameter"] = size(rng, 1, diameter * 0.6)
    return Draft(
        params,
        difference(
            "sphere(d = diameter);", ["cylinder(d = hole_diameter, h = diameter + 2, center = true);"] if hole else []
        ),
        shapes.solid(shapes.ball_size(diameter, hole), shapes.ball_volume(diameter, hole), genus=int(hole > 0)),
        ("diameter",),
        (_THROUGH_BALL,) if hole else (),
    )


_BALL = pools(
    "@a {diameter} mm @N | @a @N {diameter} mm in diameter | @a @N of {diameter} mm | "
    "@a {diameter} mm diameter @N | @a @N {diameter} mm across",
    "@a @N sized {diameter} mm | @a @N of diameter {diameter} mm",
    "@a @N spanning {diameter} mm | @a @N, {diameter} mm over all",
)

TURNED_FAMILIES = (
    Family("torus", "base", "torus", NOUNS["torus"], _torus, _TORUS, weight=0.7),
    Family("cone", "base", "cone", NOUNS["cone"], _cone, _CONE, words=_ROUND, weight=0.6),
    Family("frustum", "base", "truncated cone", NOUNS["frustum"], _frustum, _tapers(is_up=False), words=_ROUND),
    Family("funnel", "base", "funnel", NOUNS["funnel"], _funnel, _tapers(is_up=True), words=_ROUND, weight=0.8),
    Family("ball", "base", "ball", NOUNS["ball"], _ball, _BALL, weight=0.6),
)
