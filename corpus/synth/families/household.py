"""Families for bath, table and laboratory: soap dish, toothbrush and napkin holders, test tube rack."""

from __future__ import annotations

from corpus.synth import geometry
from corpus.synth.draw import Draw
from corpus.synth.families.shapes import (
    ORIGINS,
    ZERO,
    Drawn,
    I,
    J,
    Point,
    along_x,
    area_of,
    box,
    derive,
    extrude,
    front_face,
    grid,
    ground,
    inset_area,
    inset_slab,
    placed,
    polygon,
    require,
    row,
    slab,
    slab_area,
)
from corpus.synth.families.terms import (
    CORNER_RADIUS,
    DEPTH,
    FLOOR,
    HEIGHT,
    THICKNESS,
    WALL,
    WIDTH,
    count,
    forms,
    length,
    said_forms,
)
from corpus.synth.num import Num
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import at, cylinder, difference, indent
from corpus.synth.words import pools

__all__ = ["HOUSEHOLD_FAMILIES"]


def _draw_soap(draw: Draw) -> Drawn:
    width, n = draw.size(80, 140), draw.count(3, 8)
    values = {"width": width, "depth": draw.size(55, 100), "height": draw.size(12, 35), "wall": draw.size(1.6, 4)}
    if draw.chance(0.4):
        values["floor"] = draw.size(1.6, 5)
    values |= {"n_slots": n, "slot_width": draw.size(2, width * 0.4 / n)}
    values["slot_length"] = draw.size(values["depth"] * 0.4, values["depth"] * 0.7)
    if draw.chance(0.6):
        values["corner_radius"] = draw.size(values["wall"] + 2, values["depth"] * 0.3)
    return values, {"origin": draw.choice(ORIGINS)}


def _soap_dish(v: Values, options: Options, n_facets: int) -> Body:
    w, d, h, t, n, slot, long = (
        v["width"], v["depth"], v["height"], v["wall"], v["n_slots"], v["slot_width"], v["slot_length"]
    )  # fmt: skip
    floor, r = v.get("floor", t), v.get("corner_radius")
    pitch, lines = derive("slot_pitch", (w - 2 * t) / (n + 1), v)
    require(n.value >= 1 and pitch.value > slot.value + 1 and long.value + 4 < d.value - 2 * t.value, "slots meet")
    require(h.value > floor.value + 3, "no room above the floor")
    if r:
        require((r.value - t.value) * 0.6 < (d.value - 2 * t.value - long.value) / 2, "slots reach the round corners")
    slots = row(n, box(t + (I + 1) * pitch - slot / 2, (d - long) / 2, -1, (slot, long, floor + 2)))
    room = inset_slab((ZERO, ZERO, floor), (w, d, h), r, t)
    text = difference([slab(0, 0, 0, (w, d, h), r)], [room, slots])
    volume = slab_area(w, d, r, n_facets) * h.value - inset_area(w, d, r, t, n_facets) * (h.value - floor.value)
    volume -= n.value * slot.value * long.value * floor.value
    size = (w.value, d.value, h.value)
    return Body(placed(options, w, d, text), size, volume, genus=round(n.value), derived=lines)


def _draw_toothbrush(draw: Draw) -> Drawn:
    n, hole = draw.count(2, 5), draw.size(10, 18)
    values = {"width": draw.size(n * (hole + 6), n * (hole + 25)), "shelf_depth": draw.size(hole + 8, hole + 30)}
    values |= {"height": draw.size(40, 90), "thickness": draw.size(2.5, 6), "n_brushes": n, "brush_diameter": hole}
    if draw.chance(0.5):
        values["back_thickness"] = draw.size(2.5, 6)
    return values, {"origin": draw.choice(ORIGINS), "build": draw.choice(("cubes", "profile"))}


def _toothbrush_holder(v: Values, options: Options, n_facets: int) -> Body:
    """A back plate for the wall with a shelf at its top that has a hole for each brush."""
    w, shelf, h, t, n, brush = (
        v["width"], v["shelf_depth"], v["height"], v["thickness"], v["n_brushes"], v["brush_diameter"]
    )  # fmt: skip
    back = v.get("back_thickness", t)
    (d, first), (pitch, second) = derive("depth", back + shelf, v), derive("pitch", w / n, v)
    require(n.value >= 1 and pitch.value > brush.value + 2 and shelf.value > brush.value + 3, "holes meet")
    require(h.value > 2 * t.value + 10, "too low")
    g = ground(options, w, d)
    if options["build"] == "cubes":
        solid = f"{box(g.x, g.y, 0, (w, back, h))}\n{box(g.x, g.y, h - t, (w, d, t))}"
    else:
        solid = along_x(w, polygon([(0, 0), (back, 0), (back, h - t), (d, h - t), (d, h), (0, h)]), g.x, g.y)
    cut = row(n, at(g.x + (I + 0.5) * pitch, g.my + back / 2, h - t - 1, cylinder(brush, t + 2)))
    volume = w.value * (back.value * h.value + shelf.value * t.value)
    volume -= n.value * geometry.circle_area(brush.value, n_facets) * t.value
    plate = front_face("back", (w, h - t, back), (g.mx, (h - t) / 2), y=g.y)
    size = (w.value, d.value, h.value)
    return Body(solid, size, volume, (plate,), (cut,), genus=round(n.value), derived=first + second)


def _draw_napkins(draw: Draw) -> Drawn:
    values = {"width": draw.size(90, 180), "gap": draw.size(25, 60), "height": draw.size(60, 120)}
    values["panel_thickness"] = draw.size(3, 8)
    if draw.chance(0.5):
        values["base_thickness"] = draw.size(3, 10)
    if draw.chance(0.6):
        values["top_width"] = draw.size(values["width"] * 0.4, values["width"] * 0.85)
    return values, {"origin": draw.choice(ORIGINS), "build": draw.choice(("loop", "written"))}


def _napkin_holder(v: Values, options: Options, n_facets: int) -> Body:
    """Two upright panels on a base, narrower at the top if so asked."""
    w, gap, h, t = v["width"], v["gap"], v["height"], v["panel_thickness"]
    base, top = v.get("base_thickness", t), v.get("top_width", w)
    require(base.value + 0.5 < h.value / 3 and 5 < top.value <= w.value and gap.value > 3, "no panels")
    d, lines = derive("depth", gap + 2 * t, v)
    # upright for a third, so that the slope begins well above the base
    shape: list[Point] = [(0, 0), (w, 0), (w, h / 3), ((w + top) / 2, h), ((w - top) / 2, h), (0, h / 3)]
    if "top_width" not in v:
        shape = [(0, 0), (w, 0), (w, h), (0, h)]
    y = Num("y", 0.0)
    upright = "rotate([90, 0, 0])\n  " + f"linear_extrude(height = {t})\n{polygon(shape)}".replace("\n", "\n    ")
    panels = f"for (y = [{t}, {d}])\n  " + at(0, y, 0, upright).replace("\n", "\n  ")
    if options["build"] == "written":
        panels = f"{at(0, t, 0, upright)}\n{at(0, d, 0, upright)}"
    # extruded as the panels are, so that their sides lie in one plane to the last digit
    bottom = at(0, d - t / 2, 0, f"rotate([90, 0, 0])\n{indent(extrude(gap + t, f'square([{w}, {base}]);'))}")
    volume = w.value * gap.value * base.value + 2 * t.value * area_of(shape)
    size = (w.value, d.value, h.value)
    return Body(placed(options, w, d, f"{bottom}\n{panels}"), size, volume, derived=lines)


def _draw_tubes(draw: Draw) -> Drawn:
    n, m, tube = draw.count(3, 8), draw.count(1, 4), draw.size(10, 20)
    values = {"n_columns": n, "n_rows": m, "tube_diameter": tube, "pitch": draw.size(tube + 3, tube + 12)}
    values |= {"height": draw.size(40, 100), "thickness": draw.size(2.5, 6)}
    if draw.chance(0.5):
        values["margin"] = draw.size(2, 10)
    if draw.chance(0.4):
        values["shelf_thickness"] = draw.size(2, 5)
    return values, {"origin": draw.choice(ORIGINS)}


def _test_tube_rack(v: Values, options: Options, n_facets: int) -> Body:
    """A frame, open in front and behind, whose top has a hole for each tube."""
    n, m, tube, pitch, h, t = (
        v["n_columns"], v["n_rows"], v["tube_diameter"], v["pitch"], v["height"], v["thickness"]
    )  # fmt: skip
    top, margin = v.get("shelf_thickness", t), v.get("margin", t)
    require(min(n.value, m.value) >= 1 and pitch.value > tube.value + 1.5 and margin.value > 0.8, "tubes meet")
    require(h.value > t.value + top.value + 12, "too low for tubes")
    (w, first), (d, second) = derive("width", n * pitch + 2 * t, v), derive("depth", m * pitch + 2 * margin, v)
    inner = (w - 2 * t, d + 2, h - t - top)
    holes = grid(n, m, at(t + (I + 0.5) * pitch, margin + (J + 0.5) * pitch, h - top - 1, cylinder(tube, top + 2)))
    text = difference([box(0, 0, 0, (w, d, h))], [box(t, -1, t, inner), holes])
    volume = d.value * (w.value * h.value - inner[0].value * inner[2].value)
    n_holes = n.value * m.value
    volume -= n_holes * geometry.circle_area(tube.value, n_facets) * top.value
    size = (w.value, d.value, h.value)
    return Body(placed(options, w, d, text), size, volume, genus=round(n_holes) + 1, derived=first + second)


_SIZE = {"width": WIDTH, "depth": DEPTH, "height": HEIGHT}
_SHELL = {**_SIZE, "wall": WALL, "floor": FLOOR}
_GRID = {"n_columns": count("number of columns", 1, 12), "n_rows": count("number of rows", 1, 10)}

HOUSEHOLD_FAMILIES = (
    Family(
        "soap_dish",
        "soap dish",
        pools(
            "soap dish | soap tray | soap holder with drain slots | soap saver | draining soap dish",
            "bar-soap rest | tray for a bar of soap",
        ),
        {
            **_SHELL,
            "n_slots": count("number of drain slots", 1, 12),
            "slot_width": length("slot width | drain slot width", 1, 12),
            "slot_length": length("slot length | drain slot length", 10, 120),
            "corner_radius": CORNER_RADIUS,
        },
        _draw_soap,
        _soap_dish,
        forms("width:wide", "depth:deep", "height:tall", taught="@a {width} x {depth} @N with {n_slots#} slots"),
        purposes=pools(
            "to hold a bar of soap | to let soap drain | to keep soap out of the water", "to dry a soap bar by the sink"
        ),
        is_held_out=True,
    ),
    Family(
        "toothbrush_holder",
        "toothbrush holder",
        pools(
            "toothbrush holder | toothbrush rack | wall-mounted toothbrush holder | brush holder | "
            "shelf for toothbrushes",
            "bathroom brush bracket | perforated ledge for brushes",
        ),
        {
            "width": WIDTH,
            "shelf_depth": length("shelf depth", 15, 80, adjectives="deep"),
            "height": HEIGHT,
            "thickness": THICKNESS,
            "n_brushes": count("number of holes | number of brushes", 1, 8),
            "brush_diameter": length("brush hole diameter", 6, 30),
            "back_thickness": length("back thickness | thickness of the back plate", 1.5, 12),
        },
        _draw_toothbrush,
        _toothbrush_holder,
        forms("width:wide", "shelf_depth:deep", "height:tall", taught="@a @N for {n_brushes#} brushes, {width} wide"),
        purposes=pools(
            "to hold toothbrushes | to hang screwdrivers on a wall | to keep brushes upright", "to stow dental brushes"
        ),
    ),
    Family(
        "napkin_holder",
        "napkin holder",
        pools(
            "napkin holder | napkin stand | serviette holder | tissue holder | mail stand with two panels",
            "table linen rack | paper towel clamp",
        ),
        {
            "width": WIDTH,
            "gap": length("gap between the panels | inside depth", 10, 120),
            "height": HEIGHT,
            "panel_thickness": length("panel thickness", 1.5, 12),
            "base_thickness": length("base thickness", 1.5, 15),
            "top_width": length("top width | width at the top", 20, 200),
        },
        _draw_napkins,
        _napkin_holder,
        said_forms("width:wide", "height:tall", taught="@a {width} wide @N, {height} high, with a {gap} gap"),
        purposes=pools(
            "to hold napkins | to stand letters upright | to keep serviettes tidy", "to offer paper napkins"
        ),
    ),
    Family(
        "test_tube_rack",
        "test tube rack",
        pools(
            "test tube rack | test-tube holder | tube rack | vial rack | lab rack for tubes",
            "specimen tube stand | rack for sample vials",
        ),
        {
            **_GRID,
            "tube_diameter": length("tube hole diameter", 6, 40),
            "pitch": length("pitch | distance between tubes", 8, 60),
            "height": HEIGHT,
            "thickness": THICKNESS,
            "margin": length("margin in front of and behind the tubes", 1, 30),
            "shelf_thickness": length("top thickness | thickness of the top", 1.5, 12),
        },
        _draw_tubes,
        _test_tube_rack,
        said_forms(
            "height:tall", "thickness:thick", taught="@a {n_columns#} by {n_rows#} @N for {tube_diameter} tubes"
        ),
        purposes=pools("to hold test tubes | to stand vials | to store spice tubes", "to rack specimen tubes"),
    ),
)
