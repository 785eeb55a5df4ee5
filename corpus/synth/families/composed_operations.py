"""Operations that make a body of an outline: plates, prisms, boxes, tubes, tapers, twists, steps, rings.

Each draws its own numbers for an outline and builds the body, with volume and size in closed form. Covers geometry;
what a pair of profile and operation is called is `composed`'s.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.num import Num, literal, named
from corpus.synth.outlines import Front, Outline, Spot, area, bounds, inset, is_convex, perimeter, turned_bounds
from corpus.synth.part import Body, Face, Options, Values
from corpus.synth.profiles import Drawn
from corpus.synth.text import indent, tidied
from corpus.synth.words import Measure

__all__ = ["OPERATIONS", "Operation", "Tools"]


@dataclass(frozen=True)
class Tools:
    """What an operation builds with."""

    outline: Outline
    values: Values
    options: Options
    n_facets: int
    name: str
    """Of the profile: its module's name where the outline is used twice."""
    main: str
    """The parameter that a taper changes."""


@dataclass(frozen=True)
class Operation:
    name: str
    measures: Mapping[str, Measure]
    reach: tuple[float, float]
    """Limits of the profile's main size, mm."""
    draw: Callable[[Draw, Outline], Drawn]
    build: Callable[[Tools], Body]


def _thin(outline: Outline) -> float:
    """About half of how far the outline may come in before nothing is left: a wall as thick as this leaves room."""
    return geometry.polygon_area(outline.points) / perimeter(outline.points) * 0.75


def _extruded(height: Num, text: str, more: str = "") -> str:
    return f"linear_extrude(height = {height}{more})\n{indent(text)}"


def _size(outline: Outline, height: float) -> tuple[float, float, float]:
    x0, y0, x1, y1 = bounds(outline)
    return x1 - x0, y1 - y0, height


def _module(t: Tools) -> tuple[str, tuple[str, ...]]:
    """The outline as a module's call, and the module."""
    name = "disc" if t.name == "circle" else t.name  # not to hide what it calls
    return f"{name}();", (f"module {name}() {{\n{indent(t.outline.text)}\n}}",)


def _come_in(by: Num, call: str) -> str:
    return f"offset(delta = {-by})\n{indent(call)}"


def _faces(outline: Outline, thickness: Num) -> tuple[Face, ...]:
    """Of several on one level only the first takes what stands out: two would not make the part higher by both."""
    faces = [spot.face(thickness) for spot in outline.spots if _has_room(spot)]
    return (*faces[:1], *(replace(face, rise_limit=0.0, is_outside=False) for face in faces[1:]))


def _has_room(spot: Spot) -> bool:
    return min(spot.width.value, spot.depth.value) >= 4


def _front_face(front: Front | None, wall: Num, low: Num, high: Num, *, corner: float) -> tuple[Face, ...]:
    """The outer side of a straight wall: as wide as surely lies between the two walls beside it."""
    if front is None:
        return ()
    width = tidied(front.width - corner * wall)
    height = tidied(high - low)
    if min(width.value, height.value) < 5:
        return ()
    y = tidied(front.y + wall)
    turn = "rotate([90, 0, 0])" if y.text == "0" else f"translate([0, {y}, 0])\n  rotate([90, 0, 0])"
    return (Face("front", width, height, wall, (front.x, tidied(low + high, 0.5)), turn=turn, normal=1),)


# plates and prisms


def _draw_solid(name: str, low: float, high: float) -> Callable[[Draw, Outline], Drawn]:
    def draw(d: Draw, outline: Outline) -> Drawn:
        values = {name: d.size(low, high)}
        edge = "sharp"
        if is_convex(outline) and d.chance(0.25):
            edge = d.choice(("chamfered", "chamfered", "both_chamfered"))
            values["chamfer"] = d.size(0.5, min(_thin(outline) * 0.5, values[name] / 3, 6))
        return values, {"edge": edge}

    return draw


def _solid(name: str) -> Callable[[Tools], Body]:
    def build(t: Tools) -> Body:
        height = t.values[name]
        if t.options.get("edge", "sharp") != "sharp":
            return _chamfered(t, height)
        o = t.outline
        text = o.primitive(height) if o.primitive else _extruded(height, o.text)
        volume = area(o, t.n_facets) * height.value
        return Body(text, _size(o, height.value), volume, _faces(o, height))

    return build


def _chamfered(t: Tools, height: Num) -> Body:
    """The hull of the outline and of one that has come in: its area falls with the square of the height."""
    o, c = t.outline, t.values["chamfer"]
    n_edges = 2 if t.options["edge"] == "both_chamfered" else 1
    if not is_convex(o) or height.value < n_edges * c.value + 0.5 or 0 < o.radius < c.value + 0.2:
        raise Infeasible("no room for a chamfer")
    inner = inset(o, c)
    half = area(inset(o, c / 2), t.n_facets)
    slope = c.value / 6 * (area(o, t.n_facets) + 4 * half + area(inner, t.n_facets))
    call, definitions = _module(t)
    low = _extruded(height - n_edges * c, call)
    if n_edges == 2:
        low = f"translate([0, 0, {c}])\n{indent(low)}"
    text = f"hull() {{\n{indent(low)}\n{indent(_extruded(height, _come_in(c, call)))}\n}}"
    volume = area(o, t.n_facets) * (height.value - n_edges * c.value) + n_edges * slope
    faces = tuple(replace(face, is_whole=False) for face in _faces(inner, height))
    return Body(text, _size(o, height.value), volume, faces, definitions=definitions)


# hollow ones


def _draw_box(d: Draw, outline: Outline) -> Drawn:
    height, most = d.size(12, 90), min(6.0, _thin(outline))
    values = {"height": height, "wall": d.size(1, most)}
    if d.chance(0.6):
        values["floor"] = d.size(1, min(6, height / 3))
    return values, {"shell": d.choice(("cut", "cut", "walls"))}


def _box(t: Tools) -> Body:
    o, height, wall = t.outline, t.values["height"], t.values["wall"]
    floor = t.values.get("floor", wall)
    if wall.value < 0.6 or floor.value < 0.6 or height.value < floor.value + 3:
        raise Infeasible("no inside")
    inner = inset(o, wall)
    x0, y0, x1, y1 = bounds(inner)
    if min(x1 - x0, y1 - y0) < 3:
        raise Infeasible("no inside")
    call, definitions = _module(t)
    hollow = _come_in(wall, call)
    solid = _extruded(height, call)
    cuts: tuple[str, ...] = ()
    if t.options.get("shell") == "walls":
        ring = f"difference() {{\n{indent(call)}\n{indent(hollow)}\n}}"
        # the floor ends within the wall: outlines that went through `offset` or not are only nearly the same
        solid = f"{_extruded(height, ring)}\n{_extruded(floor, _come_in(wall / 2, call))}"
    else:
        cuts = (f"translate([0, 0, {floor}])\n{indent(_extruded(tidied(height - floor + 1), hollow))}",)
    outer_area, inner_area = area(o, t.n_facets), area(inner, t.n_facets)
    depth = height.value - floor.value
    floors = tuple(
        replace(face, name="floor", rise_limit=depth, is_outside=False, is_whole=False)
        for face in _faces(inner, floor)[:1]
    )
    fronts = _front_face(o.front, wall, floor, height, corner=_beside(o))
    volume = outer_area * height.value - inner_area * depth
    return Body(solid, _size(o, height.value), volume, (*floors, *fronts), cuts=cuts, definitions=definitions)


def _beside(o: Outline) -> float:
    """How many walls the front loses to those beside it: 2 at square corners, 4 at sharper ones."""
    low = min(y for _, y in o.points)
    ends = [i for i, (_, y) in enumerate(o.points) if y < low + 1e-6]
    for i in ends:
        for near in (o.points[i - 1], o.points[(i + 1) % len(o.points)]):
            x, y = near[0] - o.points[i][0], near[1] - o.points[i][1]
            is_outward = (o.points[i][0] > 0) == (x > 0) or abs(x) < 1e-9
            if y > 1e-6 and not is_outward and y < abs(x) * 20:
                return 4.0
    return 2.0


def _draw_tube(low: float, high: float) -> Callable[[Draw, Outline], Drawn]:
    def draw(d: Draw, outline: Outline) -> Drawn:
        values = {"height": d.size(low, high), "wall": d.size(1, min(10.0, _thin(outline)))}
        return values, {"shell": d.choice(("flat", "cut"))}

    return draw


def _tube(t: Tools) -> Body:
    o, height, wall = t.outline, t.values["height"], t.values["wall"]
    inner = inset(o, wall)
    x0, y0, x1, y1 = bounds(inner)
    if wall.value < 0.6 or min(x1 - x0, y1 - y0) < 1.5:
        raise Infeasible("no inside")
    call, definitions = _module(t)
    hollow = _come_in(wall, call)
    cuts: tuple[str, ...] = ()
    if t.options["shell"] == "flat":
        solid = _extruded(height, f"difference() {{\n{indent(call)}\n{indent(hollow)}\n}}")
    else:
        solid = _extruded(height, call)
        cuts = (f"translate([0, 0, -1])\n{indent(_extruded(height + 2, hollow))}",)
    volume = (area(o, t.n_facets) - area(inner, t.n_facets)) * height.value
    fronts = _front_face(o.front, wall, literal(0), height, corner=_beside(o))
    return Body(solid, _size(o, height.value), volume, fronts, cuts=cuts, genus=1, definitions=definitions)


# tapered, twisted, stepped, turned


def _draw_taper(d: Draw, outline: Outline) -> Drawn:
    return {"height": d.size(10, 120)}, {}


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
    x, y, z = _size(o, height.value)
    faces: tuple[Face, ...] = _faces(o, height)
    if s < 1:
        shrunk = [
            replace(p, width=p.width * ratio, depth=p.depth * ratio, x=p.x * ratio, y=p.y * ratio) for p in o.spots
        ]
        faces = tuple(p.face(height) for p in shrunk if _has_room(p))
    faces = tuple(replace(face, is_whole=False) for face in faces)
    text = _extruded(height, o.text, f", scale = {ratio}")
    most = max(1.0, s)
    return Body(text, (x * most, y * most, z), volume, faces, derived=derived)


_SLICES = 120
"""Of half a turn: 1.5 degrees each, so that the volume is the prism's to 0.4 %. Of
sharp outlines only: the engine cuts their long sides in pieces too, which it doesn't where a corner is an arc."""


def _draw_twist(d: Draw, outline: Outline) -> Drawn:
    return {"height": d.size(20, 120), "twist": d.angle(15, 180)}, {"way": d.choice(("left", "right"))}


def _twist(t: Tools) -> Body:
    o, height, twist = t.outline, t.values["height"], t.values["twist"]
    if not 1 <= twist.value <= 720 or o.core is None or o.radius > 0:
        raise Infeasible("no twist")
    angle = twist if t.options["way"] == "right" else -twist
    n_slices = _SLICES * math.ceil(twist.value / 180)
    turns = [-angle.value * i / n_slices for i in range(n_slices + 1)]
    x0, y0, x1, y1 = turned_bounds(o, turns)
    text = _extruded(height, o.text, f", twist = {angle}, slices = {n_slices}")
    # a circle about the axis is the same at every height
    spot = Spot("top", o.core, o.core, is_round=True)
    faces = (spot.face(height),) if _has_room(spot) else ()
    return Body(text, (x1 - x0, y1 - y0, height.value), area(o, t.n_facets) * height.value, faces)


def _draw_steps(d: Draw, outline: Outline) -> Drawn:
    step = d.size(1, _thin(outline))
    return {"base_height": d.size(3, 40), "step_height": d.size(3, 40), "step_inset": step}, {
        "upper": d.choice(("whole", "sunk"))
    }


def _steps(t: Tools) -> Body:
    o, low, high, by = t.outline, t.values["base_height"], t.values["step_height"], t.values["step_inset"]
    inner = inset(o, by)
    x0, y0, x1, y1 = bounds(inner)
    if by.value < 0.4 or min(x1 - x0, y1 - y0) < 2:
        raise Infeasible("no step")
    call, definitions = _module(t)
    upper = _extruded(low + high, _come_in(by, call))
    if t.options["upper"] == "sunk":
        upper = f"translate([0, 0, {low / 2}])\n{indent(_extruded(low / 2 + high, _come_in(by, call)))}"
    volume = area(o, t.n_facets) * low.value + area(inner, t.n_facets) * high.value
    faces = tuple(replace(face, is_whole=False) for face in _faces(inner, low + high))
    size = _size(o, low.value + high.value)
    return Body(f"{_extruded(low, call)}\n{upper}", size, volume, faces, definitions=definitions)


def _draw_ring(d: Draw, outline: Outline) -> Drawn:
    name = d.choice(("inner_diameter", "ring_diameter"))
    x0, _, x1, _ = bounds(outline)
    least = x1 - x0 + 6 if name == "ring_diameter" else 4.0
    return {name: d.size(least, max(least * 2, 120))}, {}


def _ring(t: Tools) -> Body:
    """The outline turned about an axis: its middle keeps half of `ring_diameter` from it."""
    o = t.outline
    if o.left is None or o.radius > 0:
        raise Infeasible("no section for a ring")
    r = t.values["ring_diameter"] / 2 if "ring_diameter" in t.values else t.values["inner_diameter"] / 2 + o.left
    x0, y0, x1, y1 = bounds(o)
    if r.value + x0 < 1:
        raise Infeasible("the ring closes in the middle")
    text = f"rotate_extrude()\n  translate([{tidied(r)}, 0])\n{indent(o.text, 2)}"
    across = 2 * (r.value + x1)
    volume = geometry.turned_volume([(x + r.value, y) for x, y in o.points], t.n_facets)
    return Body(text, (across, across, y1 - y0), volume, genus=1)


_HEIGHT = Measure(("height",), ("tall", "high"), 3, 200)
_CHAMFER = Measure(("edge chamfer", "chamfer"), low=0.4, high=8)
_WALL = Measure(("wall thickness",), low=0.8, high=12)

OPERATIONS = {
    op.name: op
    for op in (
        Operation(
            "plate",
            {"thickness": Measure(("thickness",), ("thick",), 1, 25), "chamfer": _CHAMFER},
            (20, 150),
            _draw_solid("thickness", 2, 15),
            _solid("thickness"),
        ),
        Operation(
            "prism", {"height": _HEIGHT, "chamfer": _CHAMFER}, (8, 80), _draw_solid("height", 15, 150), _solid("height")
        ),
        Operation(
            "bar",
            {"length": Measure(("length",), ("long",), 5, 300)},
            (12, 60),
            lambda d, o: ({"length": d.size(20, 200)}, {}),
            _solid("length"),
        ),
        Operation(
            "box",
            {
                "height": _HEIGHT,
                "wall": _WALL,
                "floor": Measure(("floor thickness", "bottom thickness"), low=0.8, high=12),
            },
            (30, 140),
            _draw_box,
            _box,
        ),
        Operation("tube", {"height": _HEIGHT, "wall": _WALL}, (14, 90), _draw_tube(10, 120), _tube),
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
                "ring_diameter": Measure(("ring diameter", "center line diameter"), low=6, high=220),
            },
            (4, 20),
            _draw_ring,
            _ring,
        ),
    )
}
