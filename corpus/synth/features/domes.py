"""What stands in the middle of a face and narrows upward: domes and cones."""

from __future__ import annotations

from collections.abc import Mapping

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.features.bosses import across, high
from corpus.synth.features.room import (
    facets,
    round_room,
    tall,
)
from corpus.synth.part import Applied, Face, Feature, Options, Rect, Values
from corpus.synth.text import at, block, indent, on_face, tidied
from corpus.synth.words import Measure, pools

__all__ = ["DOME_FEATURES"]

_SUNK = 0.01
"""mm."""


def _draw_dome(draw: Draw, face: Face) -> Mapping[str, float]:
    most = min(60.0, round_room(face) * 0.8)
    return {"diameter": draw.size(4, most if face.rise_limit is None else min(most, 2 * face.rise_limit))}


def _dome(v: Values, face: Face, options: Options) -> Applied:
    """Half a ball, turned from its outline so that it ends on the axis."""
    d, n = v["diameter"], facets(options)
    quarter = block("intersection()", (f"circle(d = {d});", f"square({d / 2});"))
    outline = geometry.clip_above(geometry.clip_above(geometry.circle_points(d.value, n), 0, 0.0), 1, 0.0)
    return Applied(
        (Rect(0, 0, d.value, d.value),),
        adds=(_sunk(face, f"rotate_extrude()\n{indent(quarter)}"),),
        volume=geometry.turned_volume(outline, n),
        rise=d.value / 2,
    )


def _sunk(face: Face, text: str) -> str:
    """A solid that narrows upward from the very face on, just below it: no corner of it may lie in the face."""
    return on_face(face, at(*face.middle, tidied(face.bottom + face.thickness) - _SUNK, text))


def _draw_cone(draw: Draw, face: Face) -> Mapping[str, float]:
    d = draw.size(5, min(60, round_room(face) * 0.75))
    return {"diameter": d, "top_diameter": draw.size(1, d * 0.8), "height": tall(draw, face, 2, 40)}


def _cone(v: Values, face: Face, options: Options) -> Applied:
    d, top, h = v["diameter"], v["top_diameter"], v["height"]
    if top.value > d.value - 0.2:
        raise Infeasible("a cone narrows upward")
    text = f"cylinder(d1 = {d}, d2 = {top}, h = {h + _SUNK});"
    outline = [(0.0, 0.0), (d.value / 2, 0.0), (top.value / 2, h.value), (0.0, h.value)]
    return Applied(
        (Rect(0, 0, d.value, d.value),),
        adds=(_sunk(face, text),),
        volume=geometry.turned_volume(outline, facets(options)),
        rise=h.value,
    )


DOME_FEATURES = (
    Feature(
        "dome",
        "dome",
        "dome_",
        {"diameter": across("dome", 4)},
        _draw_dome,
        _dome,
        pools(
            "@a {diameter} dome in the middle@F | a half-sphere of {diameter}@F | "
            "a hemispherical dome@F {diameter} wide | "
            "a hemispherical bump@F, {diameter} in diameter | a rounded dome@F {diameter} across, half a ball | "
            "a centered hemisphere@F with @a {diameter} diameter",
            "a half-ball hump@F of {diameter} | a cupola@F, {diameter} across its foot",
        ),
        pools("a dome in the middle@F | a hemispherical bump@F", "a half-ball hump@F"),
        weight=0.8,
    ),
    Feature(
        "cone",
        "cone",
        "cone_",
        {
            "diameter": Measure(("cone base diameter",), low=4, high=80),
            "top_diameter": Measure(("cone top diameter",), low=1, high=60),
            "height": high("cone"),
        },
        _draw_cone,
        _cone,
        pools(
            "a cone@F, {diameter} at the base, {top_diameter} at the top and {height} tall | "
            "a tapered boss@F from {diameter} to {top_diameter}, {height} high | "
            "a {height} tall truncated cone in the middle@F, {diameter} wide below and {top_diameter} wide above | "
            "a conical boss@F: base {diameter}, top {top_diameter}, height {height} | "
            "a tapered round post@F {height} high, narrowing from {diameter} to {top_diameter} | "
            "a centered cone@F with @a {diameter} base and @a {top_diameter} tip, {height} tall",
            "a frustum@F, {diameter} at its foot, {top_diameter} at its crown, {height} proud | "
            "a dwindling stud@F: {diameter}, then {top_diameter} after {height}",
        ),
        pools("a cone in the middle@F | a tapered boss@F", "a dwindling stud@F"),
        weight=0.7,
    ),
)
