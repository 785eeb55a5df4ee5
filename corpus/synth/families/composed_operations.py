"""Operations that make a solid of an outline: plates, prisms, tapers, twists, steps, rings.

Each draws its own numbers for an outline and builds the body, with volume and size in closed form. Covers geometry;
what a pair of profile and operation is called is `composed`'s.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.families.composed_hollow import HOLLOW_OPERATIONS
from corpus.synth.families.composed_tools import (
    Operation,
    Tools,
    called,
    come_in,
    extruded,
    faces_of,
    has_room,
    lifted,
    module_of,
    size_of,
    stand_of,
    thin,
    ways,
)
from corpus.synth.num import Num, named
from corpus.synth.outlines import Outline, Spot, area, bounds, inset, is_convex, turned_bounds
from corpus.synth.part import Body, Face
from corpus.synth.profiles import Drawn
from corpus.synth.text import indent, tidied
from corpus.synth.words import Measure

__all__ = ["OPERATIONS"]


_CHAMFER_OF = {"chamfered_top": "top_chamfer", "chamfered": "chamfer"}
"""The number of each edge; one that a request states tells which edges it means."""


def _draw_solid(name: str, low: float, high: float) -> Callable[[Draw, Outline], Drawn]:
    def draw(d: Draw, outline: Outline) -> Drawn:
        values = {name: d.size(low, high)}
        edge = "sharp"
        if is_convex(outline) and d.chance(0.25):
            edge = d.choice(("chamfered_top", "chamfered_top", "chamfered"))
            values[_CHAMFER_OF[edge]] = d.size(0.5, min(thin(outline) * 0.5, values[name] / 3, 6))
        return values, {"edge": edge, **(ways(d) if edge == "sharp" else {})}

    return draw


def _solid(name: str) -> Callable[[Tools], Body]:
    def build(t: Tools) -> Body:
        height = t.values[name]
        if t.options.get("edge", "sharp") != "sharp":
            return _chamfered(t, height)
        o, (more, bottom) = t.outline, stand_of(t, height)
        text, definitions = called(t)
        solid = extruded(height, text, more)
        if o.primitive and not more and not definitions:
            solid = o.primitive(height)
        faces = lifted(faces_of(o, height), bottom)
        volume = area(o, t.n_facets) * height.value
        return Body(solid, size_of(o, height.value), volume, faces, definitions=definitions)

    return build


def _chamfered(t: Tools, height: Num) -> Body:
    """The hull of the outline and of one that has come in: its area falls with the square of the height."""
    o, c = t.outline, t.values[_CHAMFER_OF[t.options["edge"]]]
    n_edges = 2 if t.options["edge"] == "chamfered" else 1
    if not is_convex(o) or height.value < n_edges * c.value + 0.5 or 0 < o.radius < c.value + 0.2:
        raise Infeasible("no room for a chamfer")
    inner = inset(o, c)
    half = area(inset(o, c / 2), t.n_facets)
    slope = c.value / 6 * (area(o, t.n_facets) + 4 * half + area(inner, t.n_facets))
    call, definitions = module_of(t)
    low = extruded(height - n_edges * c, call)
    if n_edges == 2:
        low = f"translate([0, 0, {c}])\n{indent(low)}"
    text = f"hull() {{\n{indent(low)}\n{indent(extruded(height, come_in(c, call)))}\n}}"
    volume = area(o, t.n_facets) * (height.value - n_edges * c.value) + n_edges * slope
    faces = tuple(replace(face, is_whole=False) for face in faces_of(inner, height))
    return Body(text, size_of(o, height.value), volume, faces, definitions=definitions)


def _draw_taper(d: Draw, outline: Outline) -> Drawn:
    return {"height": d.size(10, 120)}, ways(d)


def _taper(t: Tools) -> Body:
    o, height, top = t.outline, t.values["height"], t.values[f"top_{t.main}"]
    ratio = top / t.values[t.main]
    derived: tuple[str, ...] = ()
    if not 0.15 <= ratio.value <= 4 or abs(ratio.value - 1) < 0.03:
        raise Infeasible("no taper")
    if not ratio.is_literal:
        derived = (f"top_scale = {ratio};",)
        ratio = named("top_scale", ratio.value)
    s = ratio.value
    volume = area(o, t.n_facets) * height.value * (1 + s + s * s) / 3
    x, y, z = size_of(o, height.value)
    faces: tuple[Face, ...] = faces_of(o, height)
    if s < 1:
        shrunk = [
            replace(p, width=p.width * ratio, depth=p.depth * ratio, x=_times(p.x, ratio), y=_times(p.y, ratio))
            for p in o.spots
        ]
        faces = tuple(p.face(height) for p in shrunk if has_room(p))
    faces = tuple(replace(face, is_whole=False) for face in faces)
    (more, bottom), (call, definitions), most = stand_of(t, height), called(t), max(1.0, s)
    text = extruded(height, call, f"{more}, scale = {ratio}")
    return Body(text, (x * most, y * most, z), volume, lifted(faces, bottom), derived=derived, definitions=definitions)


def _times(place: Num, ratio: Num) -> Num:
    return place if place.value == 0 else place * ratio


_SLICES = 120
"""Of half a turn: 1.5 degrees each, so that the volume is the prism's to 0.4 %. Of
sharp outlines only: the engine cuts their long sides in pieces too, which it doesn't where a corner is an arc."""


def _draw_twist(d: Draw, outline: Outline) -> Drawn:
    return {"height": d.size(20, 120), "twist": d.angle(15, 180)}, ways(d)


def _twist(t: Tools) -> Body:
    o, height, twist = t.outline, t.values["height"], t.values["twist"]
    if not 1 <= twist.value <= 720 or o.radius > 0:
        raise Infeasible("no twist")
    n_slices = _SLICES * math.ceil(twist.value / 180)
    turns = [-twist.value * i / n_slices for i in range(n_slices + 1)]
    x0, y0, x1, y1 = turned_bounds(o, turns)
    (more, bottom), (call, definitions) = stand_of(t, height), called(t)
    text = extruded(height, call, f"{more}, twist = {twist}, slices = {n_slices}")
    faces: tuple[Face, ...] = ()
    if o.core is not None:  # a circle about the axis is the same at every height
        faces = tuple(spot.face(height) for spot in [Spot("top", o.core, o.core, is_round=True)] if has_room(spot))
    faces = lifted(faces, bottom)
    size, volume = (x1 - x0, y1 - y0, height.value), area(o, t.n_facets) * height.value
    return Body(text, size, volume, faces, definitions=definitions)


def _draw_steps(d: Draw, outline: Outline) -> Drawn:
    base = d.size(3, 40)
    values = {"base_height": base}
    if d.chance(0.6):
        values["step_height"] = d.size(3, 40)
    else:
        values["height"] = d.size(base + 2, base + 40)
    return {**values, "step_inset": d.size(1, thin(outline))}, {"upper": d.choice(("whole", "sunk"))}


def _steps(t: Tools) -> Body:
    o, low, by = t.outline, t.values["base_height"], t.values["step_inset"]
    height = t.values["height"] if "height" in t.values else low + t.values["step_height"]
    inner = inset(o, by)
    x0, y0, x1, y1 = bounds(inner)
    if by.value < 0.4 or height.value < low.value + 0.4 or min(x1 - x0, y1 - y0) < 2:
        raise Infeasible("no step")
    call, definitions = module_of(t)
    upper = extruded(height, come_in(by, call))
    if t.options["upper"] == "sunk":
        upper = f"translate([0, 0, {low / 2}])\n{indent(extruded(tidied(height - low / 2), come_in(by, call)))}"
    volume = area(o, t.n_facets) * low.value + area(inner, t.n_facets) * (height.value - low.value)
    faces = tuple(replace(face, is_whole=False) for face in faces_of(inner, height))
    return Body(f"{extruded(low, call)}\n{upper}", size_of(o, height.value), volume, faces, definitions=definitions)


def _draw_ring(d: Draw, outline: Outline) -> Drawn:
    name = d.choice(("inner_diameter", "ring_diameter", "outer_diameter"))
    x0, _, x1, _ = bounds(outline)
    least = {"inner_diameter": 4.0, "ring_diameter": x1 - x0 + 6, "outer_diameter": 2 * (x1 - x0) + 6}[name]
    return {name: d.size(least, max(least * 2, 120))}, {"written": d.choice(("inline", "module"))}


def _ring(t: Tools) -> Body:
    """The outline turned about an axis: its middle keeps half of `ring_diameter` from it."""
    o = t.outline
    if o.left is None or o.radius > 0:
        raise Infeasible("no section for a ring")
    if "ring_diameter" in t.values:
        r = t.values["ring_diameter"] / 2
    elif "outer_diameter" in t.values:
        r = t.values["outer_diameter"] / 2 - o.left
    else:
        r = t.values["inner_diameter"] / 2 + o.left
    x0, y0, x1, y1 = bounds(o)
    if r.value + x0 < 1:
        raise Infeasible("the ring closes in the middle")
    call, definitions = called(t)
    text = f"rotate_extrude()\n  translate([{tidied(r)}, 0])\n{indent(call, 2)}"
    across = 2 * (r.value + x1)
    volume = geometry.turned_volume([(x + r.value, y) for x, y in o.points], t.n_facets)
    return Body(text, (across, across, y1 - y0), volume, genus=1, definitions=definitions)


_HEIGHT = Measure(("height",), ("tall", "high"), 3, 200)
_CHAMFERS = {
    "top_chamfer": Measure(("top edge chamfer", "chamfer on the top edge"), low=0.4, high=8),
    "chamfer": Measure(("chamfer on the top and bottom edges", "top and bottom edge chamfer"), low=0.4, high=8),
}

OPERATIONS = {
    op.name: op
    for op in (
        *HOLLOW_OPERATIONS,
        Operation(
            "plate",
            {"thickness": Measure(("thickness",), ("thick",), 1, 25), **_CHAMFERS},
            (20, 150),
            _draw_solid("thickness", 2, 15),
            _solid("thickness"),
        ),
        Operation("prism", {"height": _HEIGHT, **_CHAMFERS}, (8, 80), _draw_solid("height", 15, 150), _solid("height")),
        Operation(
            "bar",
            {"length": Measure(("length",), ("long",), 5, 300)},
            (12, 60),
            lambda d, o: ({"length": d.size(20, 200)}, ways(d)),
            _solid("length"),
        ),
        Operation("taper", {"height": _HEIGHT}, (20, 110), _draw_taper, _taper),
        Operation(
            "twist",
            {"height": _HEIGHT, "twist": Measure(("twist", "twist angle"), low=5, high=360, kind="angle")},
            (15, 80),
            _draw_twist,
            _twist,
        ),
        Operation(
            "step",
            {
                "base_height": Measure(("base height", "lower step height"), low=1, high=80),
                "height": Measure(("overall height", "total height"), ("tall overall", "high in all"), 2, 160),
                "step_height": Measure(("step height", "upper step height"), low=1, high=80),
                "step_inset": Measure(("step inset",), low=0.5, high=40),
            },
            (25, 120),
            _draw_steps,
            _steps,
        ),
        Operation(
            "ring",
            {
                "inner_diameter": Measure(("inner diameter", "inside diameter"), low=3, high=200),
                "outer_diameter": Measure(("outer diameter", "outside diameter"), low=8, high=250),
                "ring_diameter": Measure(("ring diameter", "center line diameter"), low=6, high=220),
            },
            (4, 20),
            _draw_ring,
            _ring,
        ),
    )
}
