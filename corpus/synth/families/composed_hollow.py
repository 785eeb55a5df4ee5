"""Operations that leave an outline hollow: boxes and tubes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from corpus.synth.draw import Draw, Infeasible
from corpus.synth.families.composed_tools import (
    Operation,
    Tools,
    come_in,
    extruded,
    faces_of,
    module_of,
    size_of,
    thin,
)
from corpus.synth.num import Num, literal
from corpus.synth.outlines import Front, Outline, area, bounds, inset
from corpus.synth.part import Body, Face
from corpus.synth.profiles import Drawn
from corpus.synth.text import indent, tidied
from corpus.synth.words import Measure

__all__ = ["HOLLOW_OPERATIONS"]


def _front_face(front: Front | None, wall: Num, height: Num, middle: Num, *, corner: float) -> tuple[Face, ...]:
    """The outer side of a straight wall: as wide as surely lies between the two walls beside it."""
    if front is None:
        return ()
    width = tidied(front.width - corner * wall)
    if min(width.value, height.value) < 5:
        return ()
    y = tidied(front.y + wall)
    turn = "rotate([90, 0, 0])" if y.text == "0" else f"translate([0, {y}, 0])\n  rotate([90, 0, 0])"
    return (Face("front", width, height, wall, (front.x, middle), turn=turn, normal=1),)


def _draw_box(d: Draw, outline: Outline) -> Drawn:
    height, most = d.size(12, 90), min(6.0, thin(outline))
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
    call, definitions = module_of(t)
    hollow = come_in(wall, call)
    solid = extruded(height, call)
    cuts: tuple[str, ...] = ()
    if t.options.get("shell") == "walls":
        ring = f"difference() {{\n{indent(call)}\n{indent(hollow)}\n}}"
        # the floor ends within the wall: outlines that went through `offset` or not are only nearly the same
        solid = f"{extruded(height, ring)}\n{extruded(floor, come_in(wall / 2, call))}"
    else:
        cuts = (f"translate([0, 0, {floor}])\n{indent(extruded(tidied(height - floor + 1), hollow))}",)
    outer_area, inner_area = area(o, t.n_facets), area(inner, t.n_facets)
    depth = height.value - floor.value
    floors = tuple(
        replace(face, name="floor", rise_limit=depth, is_outside=False, is_whole=False)
        for face in faces_of(inner, floor)[:1]
    )
    fronts = _front_face(o.front, wall, tidied(height - floor), tidied(height + floor, 0.5), corner=_beside(o))
    volume = outer_area * height.value - inner_area * depth
    return Body(solid, size_of(o, height.value), volume, (*floors, *fronts), cuts=cuts, definitions=definitions)


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
        values = {"height": d.size(low, high), "wall": d.size(1, min(10.0, thin(outline)))}
        return values, {"shell": d.choice(("flat", "cut")), "stand": d.choice(("bed", "bed", "middle"))}

    return draw


def _tube(t: Tools) -> Body:
    o, height, wall = t.outline, t.values["height"], t.values["wall"]
    inner = inset(o, wall)
    x0, y0, x1, y1 = bounds(inner)
    if wall.value < 0.6 or min(x1 - x0, y1 - y0) < 1.5:
        raise Infeasible("no inside")
    call, definitions = module_of(t)
    hollow = come_in(wall, call)
    is_centered = t.options["stand"] == "middle"
    centered = ", center = true" if is_centered else ""
    cuts: tuple[str, ...] = ()
    if t.options["shell"] == "flat":
        solid = extruded(height, f"difference() {{\n{indent(call)}\n{indent(hollow)}\n}}", centered)
    else:
        solid = extruded(height, call, centered)
        cut = extruded(height + 2, hollow, centered)
        cuts = (cut if is_centered else f"translate([0, 0, -1])\n{indent(cut)}",)
    volume = (area(o, t.n_facets) - area(inner, t.n_facets)) * height.value
    fronts = _front_face(o.front, wall, height, literal(0) if is_centered else height / 2, corner=_beside(o))
    return Body(solid, size_of(o, height.value), volume, fronts, cuts=cuts, genus=1, definitions=definitions)


_HEIGHT = Measure(("height",), ("tall", "high"), 3, 200)
_WALL = Measure(("wall thickness",), low=0.8, high=12)

HOLLOW_OPERATIONS = (
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
)
