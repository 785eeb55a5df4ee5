"""A raised rim along the edges of a face."""

from __future__ import annotations

from collections.abc import Mapping

from corpus.synth.draw import Draw, Infeasible
from corpus.synth.features.bosses import high, rooted
from corpus.synth.features.grooves import frame_footprints
from corpus.synth.features.openings import extruded
from corpus.synth.features.room import GAP, tall
from corpus.synth.part import Applied, Face, Feature, Options, Values
from corpus.synth.text import block, indent, standing
from corpus.synth.words import Measure, pools

__all__ = ["RIM_FEATURES"]


def _draw_rim(draw: Draw, face: Face) -> Mapping[str, float]:
    small = min(face.width.value, face.depth.value)
    if small < 16:
        raise Infeasible("no room for a rim")
    return {
        "inset": draw.size(1 + 0.35 * face.corner_radius, max(1.5, small * 0.2)),
        "wall": draw.size(1, min(6, small / 10)),
        "height": tall(draw, face, 1, 20),
    }


def _rim(v: Values, face: Face, options: Options) -> Applied:
    """A frame a little in from the edges, so that it fits faces whose edges are rounded or chamfered too."""
    inset, wall, h = v["inset"], v["wall"], v["height"]
    far = inset + wall
    outside, inside = ((face.width.value - 2 * n.value, face.depth.value - 2 * n.value) for n in (inset, far))
    if min(inside) < 1 or wall.value < GAP:
        raise Infeasible("a rim has a wall and an inside")
    square = f"square([{face.width}, {face.depth}], center = true);"
    squares = [f"offset(delta = {-n})\n{indent(square)}" for n in (inset, far)]
    area = outside[0] * outside[1] - inside[0] * inside[1]
    return Applied(
        frame_footprints(*outside, wall.value),
        adds=(standing(face, 0, 0, extruded(rooted(face, h), [block("difference()", squares)])),),
        volume=area * h.value,
        rise=h.value,
    )


RIM_FEATURES = (
    Feature(
        "rim",
        "raised rim",
        "rim_",
        {
            "inset": Measure(("rim inset",), low=0.8, high=40),
            "wall": Measure(("rim thickness",), low=0.8, high=10),
            "height": high("rim"),
        },
        _draw_rim,
        _rim,
        pools(
            "a raised rim@F {inset} in from the edges, {wall} thick and {height} high | "
            "a rectangular lip@F set in {inset}, wall {wall}, {height} tall | "
            "a {height} high lip@F around the edge, {wall} thick, inset {inset} | "
            "a raised border@F, {wall} wide and {height} high, {inset} from the sides | "
            "a rim@F following the edges at {inset}, {wall} thick, {height} tall | "
            "a raised frame@F: inset {inset}, thickness {wall}, height {height}",
            "a parapet@F {inset} inside the border, {wall} thick, {height} proud | "
            "fenced@F by a wall of {wall} by {height}, {inset} inward",
        ),
        pools("a raised rim around the edge@F | a lip around the edge@F", "a parapet@F along the border"),
        is_round_ok=False,
    ),
)
