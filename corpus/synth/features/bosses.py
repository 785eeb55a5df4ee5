"""What stands on a face: bosses."""

from __future__ import annotations

from collections.abc import Mapping

from corpus.synth import geometry
from corpus.synth.draw import Draw
from corpus.synth.part import Applied, Face, Feature, Options, Rect, Values
from corpus.synth.text import at, cylinder, on_face
from corpus.synth.words import Measure, pools

__all__ = ["BOSS_FEATURES"]


def _draw_boss(draw: Draw, face: Face) -> Mapping[str, float]:
    room = min(face.width.value, face.depth.value)
    limit = min(30.0, face.rise_limit or 30.0)
    return {"diameter": draw.size(3, room * 0.6), "height": draw.size(1, limit)}


def _boss(v: Values, face: Face, options: Options) -> Applied:
    d, h = v["diameter"], v["height"]
    x, y = face.middle
    # from the bottom of the material up: the boss and the body share a volume, not a face
    text = at(x, y, face.bottom, cylinder(d, face.thickness + h))
    return Applied(
        footprints=(Rect(0, 0, d.value, d.value),),
        adds=(on_face(face, text),),
        volume=geometry.circle_area(d.value, int(options["facets"])) * h.value,
        rise=h.value,
    )


BOSS_FEATURES = (
    Feature(
        "boss",
        "boss",
        "boss_",
        {
            "diameter": Measure(("boss diameter",), low=3, high=60),
            "height": Measure(("boss height",), low=1, high=40),
        },
        _draw_boss,
        _boss,
        pools(
            "@a {diameter} boss {height} tall in the middle@F | a round boss@F, {diameter} across and {height} high | "
            "a {height} high boss of {diameter} in the center@F",
            "a stud@F of {diameter} rising {height} at the midpoint",
        ),
        pools("a round boss in the middle@F | a boss@F", "a stud at the midpoint@F"),
    ),
)
