"""Toothed parts: spur gears, gears with straight-sided teeth, racks, ratchet wheels, stars."""

from __future__ import annotations

import math
from collections.abc import Sequence

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.families.turning import DrawnT, put_round, radius, round_measures, round_of, rounds
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

PRESSURE_ANGLE, FLANK_STEPS = 20, 5

INVOLUTE_GEAR = """// outline of a spur gear: involute flanks at a pressure angle of 20 degrees
module gear_outline(gear_module, teeth) {
  pitch_radius = gear_module * teeth / 2;
  base = pitch_radius * cos(20);
  root = pitch_radius - 1.25 * gear_module;
  tip = pitch_radius + gear_module;
  low = max(root, base);
  // angle of the involute at a radius, degrees
  function involute(r) = tan(acos(base / r)) * 180 / PI - acos(base / r);
  function half_tooth(r) = 90 / teeth + involute(pitch_radius) - involute(r);
  radii = [for (i = [0:5]) low + (tip - low) * i / 5];
  flank = concat([[root, half_tooth(low)]], [for (r = radii) [r, half_tooth(r)]]);
  polygon([
    for (tooth = [0:teeth - 1])
      let (middle = 360 * tooth / teeth)
        each concat(
          [for (p = flank) p[0] * [cos(middle - p[1]), sin(middle - p[1])]],
          [for (i = [len(flank) - 1:-1:0]) let (p = flank[i]) p[0] * [cos(middle + p[1]), sin(middle + p[1])]]
        )
  ]);
}"""

STRAIGHT_GEAR = """// outline of a gear with straight-sided teeth
module gear_outline(tip, root, teeth) {
  step = 360 / teeth;
  polygon([
    for (tooth = [0:teeth - 1])
      let (a = tooth * step)
        each [
          root * [cos(a - 0.35 * step), sin(a - 0.35 * step)],
          tip * [cos(a - 0.15 * step), sin(a - 0.15 * step)],
          tip * [cos(a + 0.15 * step), sin(a + 0.15 * step)],
          root * [cos(a + 0.35 * step), sin(a + 0.35 * step)]
        ]
  ]);
}"""

RATCHET = """// outline of a ratchet wheel: each tooth rises slowly and drops at once
module ratchet_outline(tip, root, teeth) {
  polygon([
    for (tooth = [0:teeth - 1])
      let (a = 360 * tooth / teeth)
        each [root * [cos(a), sin(a)], tip * [cos(a), sin(a)]]
  ]);
}"""

STAR = """// a star with its first point on the x axis
module star(outer, inner, points) {
  polygon([
    for (i = [0:2 * points - 1])
      let (r = i % 2 == 0 ? outer : inner, a = 180 * i / points)
        [r * cos(a), r * sin(a)]
  ]);
}"""


def polar(corners: Sequence[Point]) -> list[Point]:
    """(radius, degrees) to (x, y)."""
    return [(r * math.cos(math.radians(a)), r * math.sin(math.radians(a))) for r, a in corners]


def involute_corners(gear_module: float, teeth: int) -> list[Point]:
    """Of `gear_outline`."""
    pitch = gear_module * teeth / 2
    base, root, tip = pitch * math.cos(math.radians(PRESSURE_ANGLE)), pitch - 1.25 * gear_module, pitch + gear_module
    low = max(root, base)

    def involute(r: float) -> float:
        angle = math.acos(min(1.0, base / r))
        return math.degrees(math.tan(angle) - angle)

    def half_tooth(r: float) -> float:
        return 90 / teeth + involute(pitch) - involute(r)

    radii = [low + (tip - low) * i / FLANK_STEPS for i in range(FLANK_STEPS + 1)]
    flank = [(root, half_tooth(low)), *((r, half_tooth(r)) for r in radii)]
    if half_tooth(tip) < 0.05 * 360 / teeth / 2 or half_tooth(low) > 0.96 * 180 / teeth:
        raise Infeasible("pointed or merging teeth")
    corners = []
    for tooth in range(teeth):
        middle = 360 * tooth / teeth
        corners += [(r, middle - a) for r, a in flank] + [(r, middle + a) for r, a in reversed(flank)]
    return polar(corners)


def straight_corners(tip: float, root: float, teeth: int) -> list[Point]:
    step = 360 / teeth
    one = ((root, -0.35), (tip, -0.15), (tip, 0.15), (root, 0.35))
    return polar([(r, (tooth + part) * step) for tooth in range(teeth) for r, part in one])


def extents(points: Sequence[Point]) -> tuple[float, float]:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return max(xs) - min(xs), max(ys) - min(ys)


def count_of(n: Num, low: int, high: int) -> int:
    if abs(n.value - round(n.value)) > 1e-6 or not low <= n.value <= high:
        raise Infeasible("count")
    return round(n.value)


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


def _draw_star(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    outer = draw.size(15, 120)
    put_round(draw, values, "outer", outer)
    inner = draw.size(outer * 0.38, outer * 0.6)
    put_round(draw, values, "inner", inner)
    values["points"] = draw.choice((4.0, 5.0, 5.0, 5.0, 6.0, 6.0, 7.0, 8.0))
    values["thickness"] = draw.size(1, 15)
    if draw.chance(0.5):
        values["bore_diameter"] = draw.size(2, inner * 0.5)
    return values, {"build": draw.choice(("flat", "solid")) if "bore_diameter" in values else "flat"}


def _star(v: Values, options: Options, n_facets: int) -> Body:
    n = count_of(v["points"], 3, 24)
    outer, inner = round_of(v, "outer"), round_of(v, "inner")
    if not 0.2 * outer.value < inner.value < outer.value * math.cos(math.pi / n) - 0.2:
        raise Infeasible("no star")
    corners = polar([((outer if i % 2 == 0 else inner).value / 2, 180 * i / n) for i in range(2 * n)])
    call = f"star(outer = {radius(outer)}, inner = {radius(inner)}, points = {v['points']});"
    clear = inner.value / 2 * math.cos(math.pi / n)
    return toothed(v, call, corners, clear, n_facets=n_facets, options=options, definition=STAR)


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
            "polygon([\n  [0, 0],\n  " + f"[0, {base}],\n  for (i = [0:{v['teeth']} - 1]) each [\n"
            + indent(shifted, 2) + f"\n  ],\n  [{v['teeth']} * {pitch}, {base}],\n  [{v['teeth']} * {pitch}, 0]\n]);"
        )
    else:  # a tooth reaches into the bar
        tooth = f"polygon([\n  [{pitch} * 0.05, 0],\n{indent(tooth_corners)},\n  [{pitch} * 0.95, 0]\n]);"
        outline = f"square([{v['teeth']} * {pitch}, {base}]);\nfor (i = [0:{v['teeth']} - 1])\n  translate([i * {pitch}, 0])\n" + indent(
            tooth, 2
        )
    head = f"linear_extrude(height = {t})"
    solid = block(head, [outline]) if options["loop"] == "teeth" else f"{head}\n{indent(outline)}"
    length, tall = n * step, base.value + high.value
    area = length * base.value + n * step * 0.6 * high.value
    if options["build"] == "upright":
        solid = f"translate([0, {t}, 0])\n  rotate([90, 0, 0])\n" + indent(solid, 2)
        return Body(solid, (length, t.value, tall), area * t.value)
    return Body(solid, (length, tall, t.value), area * t.value)


_GEAR_FORMS = pools(
    "@a @N with {teeth#} teeth, module {gear_module}, {thickness} thick | @a {teeth#} tooth @N, {thickness} thick | "
    "@a {thickness} thick @N with {teeth#} teeth and @a {bore_diameter} bore | "
    "@a @N, {teeth#} teeth, outer diameter {outer_diameter}, thickness {thickness} | "
    "@a {outer_diameter} @N with {teeth#} teeth | @a @N with {teeth#} teeth on @a {pitch_diameter} pitch circle | "
    "@a @N of {teeth#} teeth, {thickness} wide, bore {bore_diameter} | "
    "@a module {gear_module} @N with {teeth#} teeth, bore {bore_diameter}",
    "@a @N cut with {teeth#} teeth, {thickness} through | @a @N, {thickness} through, counting {teeth#} teeth",
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
        _GEAR_FORMS,
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
            "toothed wheel | simple gear | gear with straight-sided teeth | trapezoid-tooth gear | toy gear | cog wheel",
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
        _GEAR_FORMS,
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
        _GEAR_FORMS,
        purposes=pools("to stop a winch from running back | to index a dial | to hold a strap", "to catch a pawl"),
    ),
    Family(
        "star",
        "star",
        pools("star | flat star | star shape | star ornament | Christmas star | pointed star", "asterisk plate | estoile"),
        {
            **round_measures("outer", "outer | overall", ("across",), low=8, high=250),
            **round_measures("inner", "inner", low=3),
            "points": Measure(("number of points", "points"), (), 3, 16, kind="count"),
            "thickness": _THICKNESS,
            "bore_diameter": Measure(("hole diameter", "hole in the middle"), (), 1, 60),
        },
        _draw_star,
        _star,
        pools(
            "@a {points#} pointed @N {outer_diameter} across, {thickness} thick | "
            "@a {outer_diameter} @N with {points#} points | @a @N with {points#} points, {thickness} thick | "
            "@a {thickness} thick @N, outer diameter {outer_diameter}, inner diameter {inner_diameter}, {points#} points | "
            "@a @N {outer_diameter} across with {points#} points and @a {inner_diameter} core | "
            "@a {thickness} thick {points#} pointed @N",
            "@a @N of {points#} rays spanning {outer_diameter} | @a {points#} rayed @N, {thickness} through",
        ),
        purposes=pools("to hang on a tree | to decorate a gift | to top a cake", "to pin on a badge"),
        weight=1.5,
    ),
    Family(
        "rack",
        "gear rack",
        pools(
            "rack | gear rack | toothed rack | linear gear | toothed bar | straight gear", "toothed rail | cog rail"
        ),
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
            "@a @N with {teeth#} teeth, module {gear_module}, {thickness} thick | @a {teeth#} tooth @N, {thickness} wide | "
            "@a @N, {teeth#} teeth spaced {tooth_pitch}, {thickness} thick | "
            "@a @N of {teeth#} teeth on @a {base_height} high bar | "
            "@a module {gear_module} @N with {teeth#} teeth | @a {thickness} thick @N, tooth pitch {tooth_pitch}, {teeth#} teeth",
            "@a @N counting {teeth#} teeth, {thickness} through | @a @N cut with {teeth#} teeth above {base_height}",
        ),
        purposes=pools(
            "to move a slide with a pinion | to open a gate | to drive a linear stage", "to feed a carriage"
        ),
    ),
)
