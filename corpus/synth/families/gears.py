"""Toothed parts: spur gears, gears with straight-sided teeth, racks, ratchet wheels."""

from __future__ import annotations

import math
from collections.abc import Sequence

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.families.teeth import (
    INVOLUTE_GEAR,
    RATCHET,
    STRAIGHT_GEAR,
    count_of,
    extents,
    involute_corners,
    polar,
    straight_corners,
)
from corpus.synth.families.turning import DrawnT, rounds
from corpus.synth.num import Num, literal
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import at, block, indent, tidied
from corpus.synth.words import Measure, pools

__all__ = ["GEAR_FAMILIES"]

Point = tuple[float, float]

_TEETH = Measure(("number of teeth", "teeth"), (), 5, 100, kind="count")
_MODULE = Measure(("module", "gear module"), (), 0.5, 8)
_THICKNESS = Measure(("thickness", "face width"), ("thick", "wide"), 1, 60)
_BORE = Measure(("bore", "bore diameter", "shaft hole"), (), 1, 60)
_HUB = {
    "hub_diameter": Measure(("hub diameter",), (), 4, 100),
    "hub_height": Measure(("hub height",), (), 1, 40),
}


def toothed(
    v: Values, call: str, points: Sequence[Point], root: float, *, n_facets: int, options: Options, definition: str
) -> Body:
    """An outline extruded, with a bore and a hub on it where the values have them."""
    t = v["thickness"]
    area, (wide, deep) = geometry.polygon_area(points), extents(points)
    bore = v.get("bore_diameter")
    hole = 0.0 if bore is None else geometry.circle_area(bore.value, n_facets)
    least = 2 * root if bore is None else 2 * root - bore.value
    if least < 2:
        raise Infeasible("bore")
    volume, high = (area - hole) * t.value, t.value
    if "hub_diameter" not in v and bore is not None and options["build"] == "flat":
        ring = block("difference()", [call, f"circle(d = {bore});"])
        solid = f"linear_extrude(height = {t})\n" + indent(ring)
        return Body(solid, (wide, deep, high), volume, genus=1, definitions=(definition,))
    solids, total = [f"linear_extrude(height = {t})\n" + indent(call)], t
    if "hub_diameter" in v:
        hub, more = v["hub_diameter"], v["hub_height"]
        if hub.value > 2 * root - 0.5 or (bore is not None and hub.value < bore.value + 1.6):
            raise Infeasible("hub")
        total = tidied(t + more)
        solids.append(rounds(hub, hub, total))
        volume += (geometry.circle_area(hub.value, n_facets) - hole) * more.value
        high = total.value
    cuts = (at(0, 0, -1, rounds(bore, bore, total + 2)),) if bore is not None else ()
    genus = 0 if bore is None else 1
    return Body("\n".join(solids), (wide, deep, high), volume, cuts=cuts, genus=genus, definitions=(definition,))


def _put_bore_and_hub(draw: Draw, values: dict[str, float], root: float) -> str:
    """Values for them, and how the part is built: flat (a flat outline with a hole) or solid."""
    if draw.chance(0.8):
        values["bore_diameter"] = draw.size(2, max(2.5, min(30, root * 0.9)))
        if draw.chance(0.4):
            values["hub_diameter"] = draw.size(values["bore_diameter"] + 3, root * 1.6)
            values["hub_height"] = draw.size(2, 15)
    is_plain = "bore_diameter" in values and "hub_diameter" not in values
    return draw.choice(("flat", "solid")) if is_plain else "solid"


def _draw_spur(draw: Draw) -> DrawnT:
    teeth = draw.count(10, 48)
    size = draw.choice((1.0, 1.5, 2.0, 2.5, 3.0, 4.0))
    values = {"gear_module": size} if draw.chance(0.6) else {"pitch_diameter": size * teeth}
    values["teeth"], values["thickness"] = teeth, draw.size(3, 25)
    return values, {"build": _put_bore_and_hub(draw, values, size * (teeth / 2 - 1.25))}


def _spur(v: Values, options: Options, n_facets: int) -> Body:
    teeth = count_of(v["teeth"], 6, 120)
    size = v["gear_module"] if "gear_module" in v else v["pitch_diameter"] / v["teeth"]
    if size.value < 0.4:
        raise Infeasible("teeth too small")
    points = involute_corners(size.value, teeth)
    call = f"gear_outline({size}, {v['teeth']});"
    root = size.value * (teeth / 2 - 1.25)
    return toothed(v, call, points, root, n_facets=n_facets, options=options, definition=INVOLUTE_GEAR)


def _draw_straight(draw: Draw) -> DrawnT:
    outer, teeth = draw.size(20, 120), draw.count(8, 36)
    values = {"outer_diameter": outer}
    depth = min(outer * 0.12, 2.2 * outer / teeth)
    if draw.chance(0.5):
        values["tooth_depth"] = draw.size(max(1, depth * 0.6), max(1.5, depth * 1.1))
    else:
        values["root_diameter"] = draw.size(outer - 2.4 * depth, outer - 1.2 * depth)
    values["teeth"], values["thickness"] = teeth, draw.size(2, 25)
    return values, {"build": _put_bore_and_hub(draw, values, outer / 2 - depth * 1.2)}


def _tip_and_root(v: Values) -> tuple[Num, Num]:
    tip = v["outer_diameter"] / 2
    root = tip - v["tooth_depth"] if "tooth_depth" in v else v["root_diameter"] / 2
    if not 0.4 * tip.value < root.value < tip.value - 0.3:
        raise Infeasible("tooth depth")
    return tip, root


def _straight(v: Values, options: Options, n_facets: int) -> Body:
    teeth, (tip, root) = count_of(v["teeth"], 5, 120), _tip_and_root(v)
    if tip.value * 2 * math.pi / teeth < 1.5:
        raise Infeasible("teeth too small")
    points = straight_corners(tip.value, root.value, teeth)
    call = f"gear_outline(tip = {tip}, root = {root}, teeth = {v['teeth']});"
    clear = root.value * math.cos(math.pi / teeth)
    return toothed(v, call, points, clear, n_facets=n_facets, options=options, definition=STRAIGHT_GEAR)


def _ratchet(v: Values, options: Options, n_facets: int) -> Body:
    teeth, (tip, root) = count_of(v["teeth"], 6, 120), _tip_and_root(v)
    points = polar([(r, 360 * i / teeth) for i in range(teeth) for r in (root.value, tip.value)])
    # from one tip straight to the next root: it must not dip below it
    step = 2 * math.pi / teeth
    if root.value > tip.value * math.cos(step) * 1.5 or tip.value * step < 1.5:
        raise Infeasible("teeth")
    call = f"ratchet_outline(tip = {tip}, root = {root}, teeth = {v['teeth']});"
    clear = min(root.value, tip.value) * math.cos(step)
    return toothed(v, call, points, clear, n_facets=n_facets, options=options, definition=RATCHET)


def _draw_rack(draw: Draw) -> DrawnT:
    size = draw.choice((1.0, 1.5, 2.0, 2.5, 3.0, 4.0))
    values = {"gear_module": size} if draw.chance(0.5) else {"tooth_pitch": draw.size(3, 14)}
    pitch = values.get("tooth_pitch", size * math.pi)
    values["teeth"] = draw.count(5, 30)
    values["base_height"] = draw.size(max(2, pitch * 0.5), max(3, pitch * 2))
    values["thickness"] = draw.size(3, 25)
    return values, {"build": draw.choice(("flat", "upright")), "loop": draw.choice(("teeth", "outline"))}


def _rack(v: Values, options: Options, n_facets: int) -> Body:
    n, base, t = count_of(v["teeth"], 2, 80), v["base_height"], v["thickness"]
    if "gear_module" in v:
        size = v["gear_module"]
        pitch, high = f"PI * {size}", 2.25 * size
        step = math.pi * size.value
    else:
        pitch, high = str(v["tooth_pitch"]), literal(0.7) * v["tooth_pitch"]
        step = v["tooth_pitch"].value
    if step < 1 or base.value < 0.8:
        raise Infeasible("teeth too small")
    tooth_corners = f"""[{pitch} * 0.05, {base}],
[{pitch} * 0.35, {base + high}],
[{pitch} * 0.65, {base + high}],
[{pitch} * 0.95, {base}]"""
    if options["loop"] == "outline":
        shifted = tooth_corners.replace("[" + pitch, f"[i * {pitch} + {pitch}")
        outline = (
            "polygon([\n  [0, 0],\n  "
            + f"[0, {base}],\n  for (i = [0:{v['teeth']} - 1]) each [\n"
            + indent(shifted, 2)
            + f"\n  ],\n  [{v['teeth']} * {pitch}, {base}],\n  [{v['teeth']} * {pitch}, 0]\n]);"
        )
    else:  # a tooth reaches into the bar
        tooth = f"polygon([\n  [{pitch} * 0.05, 0],\n{indent(tooth_corners)},\n  [{pitch} * 0.95, 0]\n]);"
        outline = (
            f"square([{v['teeth']} * {pitch}, {base}]);\n"
            f"for (i = [0:{v['teeth']} - 1])\n  translate([i * {pitch}, 0])\n" + indent(tooth, 2)
        )
    head = f"linear_extrude(height = {t})"
    solid = block(head, [outline]) if options["loop"] == "teeth" else f"{head}\n{indent(outline)}"
    length, tall = n * step, base.value + high.value
    area = length * base.value + n * step * 0.6 * high.value
    if options["build"] == "upright":
        solid = f"translate([0, {t}, 0])\n  rotate([90, 0, 0])\n" + indent(solid, 2)
        return Body(solid, (length, t.value, tall), area * t.value)
    return Body(solid, (length, tall, t.value), area * t.value)


_HELD_OUT_FORMS = (
    "@a @N cut with {teeth#} teeth, {thickness} through | @a @N, {thickness} through, counting {teeth#} teeth"
)
_INVOLUTE_FORMS = pools(
    "@a @N with {teeth#} teeth, module {gear_module}, {thickness} thick | @a {teeth#} tooth @N, {thickness} thick | "
    "@a {thickness} thick @N with {teeth#} teeth and @a {bore_diameter} bore | "
    "@a @N with {teeth#} teeth on @a {pitch_diameter} pitch circle | "
    "@a @N of {teeth#} teeth, {thickness} wide, bore {bore_diameter} | "
    "@a module {gear_module} @N with {teeth#} teeth, bore {bore_diameter}",
    _HELD_OUT_FORMS,
)
_TOOTHED_FORMS = pools(
    "@a @N, {teeth#} teeth, outer diameter {outer_diameter}, thickness {thickness} | "
    "@a {outer_diameter} @N with {teeth#} teeth | @a {teeth#} tooth @N, {thickness} thick | "
    "@a {thickness} thick @N with {teeth#} teeth and @a {bore_diameter} bore | "
    "@a @N of {teeth#} teeth {tooth_depth} deep, {outer_diameter} across | "
    "@a @N from {root_diameter} to {outer_diameter} with {teeth#} teeth",
    _HELD_OUT_FORMS,
)

GEAR_FAMILIES = (
    Family(
        "spur_gear",
        "spur gear",
        pools(
            "gear | spur gear | gear wheel | involute gear | cog | toothed gear | pinion",
            "cogged drive wheel | meshing wheel",
        ),
        {
            "gear_module": _MODULE,
            "pitch_diameter": Measure(("pitch diameter",), (), 5, 250),
            "teeth": _TEETH,
            "thickness": _THICKNESS,
            "bore_diameter": _BORE,
            **_HUB,
        },
        _draw_spur,
        _spur,
        _INVOLUTE_FORMS,
        purposes=pools(
            "to drive another gear | to reduce a motor's speed | to fit a gearbox | to turn a clock hand",
            "to mesh with a rack",
        ),
        weight=2.5,
    ),
    Family(
        "toothed_wheel",
        "toothed wheel",
        pools(
            "toothed wheel | simple gear | gear with straight-sided teeth | trapezoid-tooth gear | toy gear | "
            "cog wheel",
            "play-set gear | slab-tooth wheel",
        ),
        {
            "outer_diameter": Measure(("outer diameter", "diameter over the teeth"), (), 10, 200),
            "tooth_depth": Measure(("tooth depth",), (), 0.6, 15),
            "root_diameter": Measure(("root diameter",), (), 5, 190),
            "teeth": _TEETH,
            "thickness": _THICKNESS,
            "bore_diameter": _BORE,
            **_HUB,
        },
        _draw_straight,
        _straight,
        _TOOTHED_FORMS,
        purposes=pools("to show how gears turn | to make a toy | to decorate a steampunk hat", "to teach gearing"),
        weight=1.5,
    ),
    Family(
        "ratchet_wheel",
        "ratchet wheel",
        pools(
            "ratchet wheel | ratchet | saw-tooth wheel | ratchet gear | one-way wheel | pawl wheel",
            "escapement disk | click wheel",
        ),
        {
            "outer_diameter": Measure(("outer diameter",), (), 10, 200),
            "tooth_depth": Measure(("tooth depth",), (), 0.6, 15),
            "root_diameter": Measure(("root diameter",), (), 5, 190),
            "teeth": _TEETH,
            "thickness": _THICKNESS,
            "bore_diameter": _BORE,
            **_HUB,
        },
        _draw_straight,
        _ratchet,
        _TOOTHED_FORMS,
        purposes=pools("to stop a winch from running back | to index a dial | to hold a strap", "to catch a pawl"),
    ),
    Family(
        "rack",
        "gear rack",
        pools("rack | gear rack | toothed rack | linear gear | toothed bar | straight gear", "toothed rail | cog rail"),
        {
            "gear_module": _MODULE,
            "tooth_pitch": Measure(("tooth pitch", "tooth spacing"), (), 1.5, 30),
            "teeth": _TEETH,
            "base_height": Measure(("height of the bar below the teeth", "base height"), (), 1, 40),
            "thickness": _THICKNESS,
        },
        _draw_rack,
        _rack,
        pools(
            "@a @N with {teeth#} teeth, module {gear_module}, {thickness} thick | "
            "@a {teeth#} tooth @N, {thickness} wide | "
            "@a @N, {teeth#} teeth spaced {tooth_pitch}, {thickness} thick | "
            "@a @N of {teeth#} teeth on @a {base_height} high bar | "
            "@a module {gear_module} @N with {teeth#} teeth | "
            "@a {thickness} thick @N, tooth pitch {tooth_pitch}, {teeth#} teeth",
            "@a @N counting {teeth#} teeth, {thickness} through | @a @N cut with {teeth#} teeth above {base_height}",
        ),
        purposes=pools(
            "to move a slide with a pinion | to open a gate | to drive a linear stage", "to feed a carriage"
        ),
    ),
)
