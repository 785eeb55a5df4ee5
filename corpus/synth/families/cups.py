"""Vessels with a round foot: cups, mugs, bowls, vases, pots."""

from __future__ import annotations

import math

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.families.balls import circle, half_disc, sphere
from corpus.synth.families.forms import by_span, by_taper
from corpus.synth.families.turning import (
    DrawnT,
    Hollow,
    put_round,
    radius,
    revolve_or_stack,
    round_face,
    round_measures,
    round_of,
    straight,
    taper,
    turned,
)
from corpus.synth.num import Num, literal
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import at, block, difference, indent, tidied
from corpus.synth.words import Measure, pools

__all__ = ["CUP_FAMILIES"]

_HEIGHT = Measure(("height",), ("tall", "high"), 5, 250)
_WALL = Measure(("wall thickness", "wall"), (), 0.6, 12)
_FLOOR = Measure(("floor thickness", "bottom thickness"), (), 0.6, 15)


def _floor(v: Values) -> Num:
    return v.get("floor", v["wall"])


def _draw_cup(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    diameter = draw.size(25, 110)
    is_tapered = draw.chance(0.4)
    if is_tapered:
        values["top_diameter"], values["bottom_diameter"] = diameter, draw.size(diameter * 0.55, diameter * 0.95)
    else:
        put_round(draw, values, "", diameter)
    values["height"] = draw.size(15, 140)
    values["wall"] = draw.size(1, 5)
    if draw.chance(0.5):
        values["floor"] = draw.size(1, 6)
    return values, revolve_or_stack(draw)


def _cup(v: Values, options: Options, n_facets: int) -> Body:
    top = v["top_diameter"] if "top_diameter" in v else round_of(v)
    bottom, h, wall, floor = v.get("bottom_diameter", top), v["height"], v["wall"], _floor(v)
    inner = tidied(bottom - 2 * wall)
    hollow = Hollow((taper(inner, tidied(top - 2 * wall), h - floor),), below=floor)
    face = round_face("floor", inner, floor, rise=h.value - floor.value)
    faces = (face,) if top.value >= bottom.value else ()
    return turned((taper(bottom, top, h),), options, n_facets, hollow=hollow, faces=faces)


def _draw_mug(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    diameter = draw.size(50, 100)
    put_round(draw, values, "", diameter)
    height = values["height"] = draw.size(60, 130)
    values["wall"] = draw.size(2.5, 6)
    if draw.chance(0.4):
        values["floor"] = draw.size(2.5, 8)
    values["handle_height"] = draw.size(height * 0.45, height * 0.8)
    values["handle_thickness"] = draw.size(6, 14)
    return values, {"build": draw.choice(("ring", "arc"))}


def _mug(v: Values, options: Options, n_facets: int) -> Body:
    d, h, wall, floor, thick = round_of(v), v["height"], v["wall"], _floor(v), v["handle_thickness"]
    span = v["handle_height"]
    mean = (span.value - thick.value) / 2
    r, s, w = d.value / 2, thick.value, wall.value
    if span.value > h.value - 4 or mean < s * 0.8 + 2 or s > d.value * 0.4 or mean + s / 2 > d.value - 2 * w:
        raise Infeasible("handle")
    if w * r < s * s / 8 + 0.4 * r:
        raise Infeasible("the handle's end would show inside")
    cup = turned(
        (straight(d, h),), {}, n_facets, hollow=Hollow((straight(tidied(d - 2 * wall), h - floor),), below=floor)
    )
    circumference = n_facets * math.sin(2 * math.pi / n_facets)
    outside = circumference / 2 * mean * geometry.circle_area(s, n_facets)
    outside += 2 / r * math.pi / 8 * (s / 2) ** 4  # the wall curves away behind the handle
    reach = r
    if options["build"] == "arc":  # the arc begins inside the wall
        outside -= 2 * geometry.circle_area(s, n_facets) * w / 2
        reach = r - w / 2
        turn = f"translate([{tidied(radius(d) - wall / 2)}, 0, {h / 2}])\n  rotate([90, 0, 0])\n"
        head = "rotate([0, 0, -90])\n  rotate_extrude(angle = 180)"
    else:
        turn, head = f"translate([{radius(d)}, 0, {h / 2}])\n  rotate([90, 0, 0])\n", "rotate_extrude()"
    profile = f"translate([{tidied((span - thick) / 2)}, 0])\n  circle(d = {thick});"
    handle = turn + indent(f"{head}\n{indent(profile, 2 if options['build'] == 'arc' else 1)}", 2)
    size = (r + reach + mean + s / 2, d.value, h.value)
    return Body(f"{cup.solid}\n{handle}", size, cup.volume + outside, cuts=cup.cuts, genus=1)


def _draw_bowl(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    diameter = draw.size(40, 200)
    put_round(draw, values, "", diameter)
    values["wall"] = draw.size(1.5, 6)
    if draw.chance(0.5):
        most = 2 * math.sqrt((diameter - values["wall"] * 0.8) * values["wall"] * 0.8)
        values["foot_diameter"] = draw.size(min(8, most * 0.4), most)
    return values, {"build": draw.choice(("sphere", "revolve"))}


def _bowl(v: Values, options: Options, n_facets: int) -> Body:
    d, wall, r = round_of(v), v["wall"], radius(round_of(v))
    inner = tidied(d - 2 * wall)
    if inner.value < 4 or wall.value < 0.6:
        raise Infeasible("wall")
    outline = geometry.sphere_profile if options["build"] == "sphere" else half_disc
    outer = [(x, -z) for x, z in geometry.clip_above(outline(d.value, n_facets), 1, 0.0)]
    hole = [(x, -z) for x, z in geometry.clip_above(outline(inner.value, n_facets), 1, 0.0)]
    depth = max(-z for _, z in outer)
    volume = geometry.turned_volume(outer, n_facets) - geometry.turned_volume(hole, n_facets)
    wide = 2 * max(x for x, _ in outer)
    foot_cut = ""
    if "foot_diameter" in v:
        foot = v["foot_diameter"]
        drop = math.sqrt(max(0.0, d.value**2 - foot.value**2)) / 2
        if depth - drop > wall.value * 0.85 or drop >= depth - 0.02:
            raise Infeasible("foot through the wall")
        volume -= geometry.turned_volume(outer, n_facets) - geometry.turned_volume(
            geometry.clip_above(outer, 1, -drop), n_facets
        )
        depth = drop
        foot_cut = f"sqrt(pow({d} / 2, 2) - pow({foot} / 2, 2))"
    size = (wide, wide, depth)
    if options["build"] == "revolve":
        ring = difference([circle(d)], [circle(inner)])
        low = f"-{foot_cut}" if foot_cut else f"{-r}"
        keep = f"translate([0, {low}])\n  square([{r}, {foot_cut or r}]);"
        solid = "rotate_extrude()\n" + indent(block("intersection()", [ring, keep]))
        return Body(solid, size, volume)
    cuts = [sphere(inner), at(-r - 1, -r - 1, 0, f"cube([{tidied(d + 2)}, {tidied(d + 2)}, {tidied(r + 1)}]);")]
    if foot_cut:
        cuts.append(f"translate([{-r}, {-r}, -{foot_cut} - {r}])\n  cube([{tidied(2 * r)}, {tidied(2 * r)}, {r}]);")
    return Body(sphere(d), size, volume, cuts=tuple(cuts))


def _draw_vase(draw: Draw) -> DrawnT:
    base, height = draw.size(35, 90), draw.size(60, 220)
    belly = draw.size(base * 1.1, base * 1.8)
    values = {"base_diameter": base, "belly_diameter": belly, "neck_diameter": draw.size(belly * 0.35, belly * 0.75)}
    values["height"] = height
    if draw.chance(0.5):
        values["rim_diameter"] = draw.size(values["neck_diameter"] * 1.1, belly)
    values["wall"] = draw.size(1.2, 4)
    if draw.chance(0.4):
        values["floor"] = draw.size(1.5, 6)
    return values, {"build": "revolve", "shoulder": draw.choice(("low", "high"))}


def _vase(v: Values, options: Options, n_facets: int) -> Body:
    h, wall, floor = v["height"], v["wall"], _floor(v)
    base, belly, neck = v["base_diameter"], v["belly_diameter"], v["neck_diameter"]
    levels = (0.4, 0.45, 0.15) if options["shoulder"] == "low" else (0.55, 0.3, 0.15)
    stages = [(base, belly, levels[0]), (belly, neck, levels[1])]
    last = v.get("rim_diameter", neck)
    stages.append((neck, last, levels[2]))
    outer = [taper(a, b, literal(share) * h) for a, b, share in stages]
    start = base.value + (belly.value - base.value) * floor.value / (levels[0] * h.value)
    if floor.value > 0.2 * h.value or start < base.value:
        raise Infeasible("floor")
    inner = [taper(tidied(a - 2 * wall), tidied(b - 2 * wall), literal(share) * h) for a, b, share in stages]
    inner[0] = taper(inner[0].bottom, inner[0].top, literal(levels[0]) * h - floor)
    return turned(outer, options, n_facets, hollow=Hollow(tuple(inner), below=floor))


def _draw_curved(draw: Draw) -> DrawnT:
    foot = draw.size(35, 100)
    values = {"foot_diameter": foot, "belly_diameter": draw.size(foot * 1.15, foot * 1.8), "height": draw.size(50, 200)}
    values["wall"] = draw.size(1.2, 4)
    if draw.chance(0.5):
        values["floor"] = draw.size(1.5, 6)
    return values, {"steps": draw.choice(("24", "40", "60")), "curve": draw.choice(("function", "inline"))}


def _curved(v: Values, options: Options, n_facets: int) -> Body:
    foot, belly, h, wall, floor = v["foot_diameter"], v["belly_diameter"], v["height"], v["wall"], _floor(v)
    if belly.value <= foot.value or wall.value * 8 > foot.value or floor.value > h.value / 4:
        raise Infeasible("curve")
    n = int(options["steps"])
    swell = (belly - foot) / 2

    def r(z: float) -> float:
        return foot.value / 2 + swell.value * math.sin(math.pi * z / h.value)

    low, high = floor.value, h.value
    outer = [(0.0, 0.0), *((r(i / n * high), i / n * high) for i in range(n + 1)), (0.0, high)]
    inside = [(low + (high - low) * i / n) for i in range(n + 1)]
    inner = [(0.0, low), *((r(z) - wall.value, z) for z in inside), (0.0, high)]
    volume = geometry.turned_volume(outer, n_facets) - geometry.turned_volume(inner, n_facets)
    wide = 2 * max(x for x, _ in outer)
    formula = f"{foot / 2} + {swell} * sin(180 * z / {h})"
    definitions: tuple[str, ...] = ()
    radius_at = formula
    if options["curve"] == "function":
        definitions, radius_at = (f"function radius_at(z) = {formula};",), "radius_at(z)"
    solid = f"""rotate_extrude()
  polygon([
    [0, 0],
    for (i = [0:{n}])
      let (z = {h} * i / {n})
        [{radius_at}, z],
    for (i = [{n}:-1:0])
      let (z = {floor} + ({h} - {floor}) * i / {n})
        [{radius_at} - {wall}, z],
    [0, {floor}]
  ]);"""
    return Body(solid, (wide, wide, h.value), volume, definitions=definitions)


def _draw_pot(draw: Draw) -> DrawnT:
    top = draw.size(50, 180)
    values = {"top_diameter": top, "bottom_diameter": draw.size(top * 0.55, top * 0.85), "height": draw.size(45, 170)}
    values["wall"] = draw.size(2, 6)
    values["drain_diameter"] = draw.size(5, 15)
    if draw.chance(0.4):
        values["floor"] = draw.size(2, 8)
    if draw.chance(0.5):
        values["rim_width"], values["rim_height"] = draw.size(2, 8), draw.size(5, values["height"] / 4)
    return values, revolve_or_stack(draw)


def _pot(v: Values, options: Options, n_facets: int) -> Body:
    top, bottom, h, wall, floor = v["top_diameter"], v["bottom_diameter"], v["height"], v["wall"], _floor(v)
    if bottom.value > top.value or v["drain_diameter"].value > bottom.value * 0.5:
        raise Infeasible("pot")
    outer = [taper(bottom, top, h)]
    if "rim_height" in v:
        rim = v["rim_height"]
        outer = [taper(bottom, top, h - rim), straight(tidied(top + 2 * v["rim_width"]), rim)]
    inside = (
        straight(v["drain_diameter"], floor),
        taper(tidied(bottom - 2 * wall), tidied(top - 2 * wall), h - floor),
    )
    return turned(outer, options, n_facets, hollow=Hollow(inside))


CUP_FAMILIES = (
    Family(
        "cup",
        "cup",
        pools(
            "cup | round cup | pen cup | pencil holder | round container | tumbler | desk cup | pot without holes",
            "beaker | round canister",
        ),
        {
            **round_measures("", "outer | ", ("in diameter", "across"), low=15),
            "top_diameter": Measure(("top diameter", "rim diameter"), (), 10, 200),
            "bottom_diameter": Measure(("bottom diameter", "base diameter"), (), 8, 200),
            "height": _HEIGHT,
            "wall": _WALL,
            "floor": _FLOOR,
        },
        _draw_cup,
        _cup,
        by_span(),
        purposes=pools(
            "to hold pens | to keep paint brushes in | to scoop grain | to store small parts",
            "to corral markers | to stand chopsticks in",
        ),
        weight=2.0,
    ),
    Family(
        "mug",
        "mug with handle",
        pools(
            "mug | mug with a handle | coffee mug | cup with a handle | tea mug | beer mug",
            "tankard | stein",
        ),
        {
            **round_measures("", "outer | ", ("in diameter", "across"), low=30, high=150),
            "height": _HEIGHT,
            "wall": _WALL,
            "floor": _FLOOR,
            "handle_height": Measure(("handle height",), (), 20, 150),
            "handle_thickness": Measure(("handle thickness",), (), 4, 25),
        },
        _draw_mug,
        _mug,
        by_span(),
        purposes=pools("to drink coffee from | to serve tea in | to hold a hot drink", "to sip cocoa from"),
        weight=1.5,
    ),
    Family(
        "bowl",
        "bowl",
        pools("bowl | round bowl | hemispherical bowl | half-sphere bowl | small dish", "basin | porringer"),
        {
            **round_measures("", "outer | ", ("in diameter", "across"), low=20, high=300),
            "wall": _WALL,
            "foot_diameter": Measure(("flat base diameter", "foot diameter"), (), 3, 100),
        },
        _draw_bowl,
        _bowl,
        pools(
            "@a {diameter} @N with {wall} walls | @a @N {diameter} across, {wall} thick | "
            "@a @N of {diameter} diameter and {wall} wall | @a @N, diameter {diameter}, wall {wall} | "
            "@a @N of radius {radius}, {wall} thick | @a {wall} thick @N, {diameter} wide at the rim",
            "@a @N spanning {diameter}, its shell {wall} | @a @N drawn at radius {radius} with @a {wall} shell",
        ),
        purposes=pools("to serve nuts in | to hold keys | to mix colors in", "to offer olives from"),
    ),
    Family(
        "vase",
        "vase",
        pools("vase | flower vase | turned vase | bud vase | bottle-shaped vase", "urn | amphora"),
        {
            "base_diameter": Measure(("base diameter", "foot diameter"), (), 20, 150),
            "belly_diameter": Measure(("belly diameter", "widest diameter"), (), 25, 200),
            "neck_diameter": Measure(("neck diameter",), (), 10, 150),
            "height": _HEIGHT,
            "rim_diameter": Measure(("rim diameter", "mouth diameter"), (), 12, 200),
            "wall": _WALL,
            "floor": _FLOOR,
        },
        _draw_vase,
        _vase,
        pools(
            "@a {height} tall @N, base {base_diameter}, belly {belly_diameter}, neck {neck_diameter} | "
            "@a @N {height} high swelling from {base_diameter} to {belly_diameter} and closing to {neck_diameter} | "
            "@a @N with @a {base_diameter} foot, @a {belly_diameter} belly and @a {neck_diameter} neck, {height} tall | "
            "@a {height} @N, {belly_diameter} at its widest, {neck_diameter} at the neck | "
            "@a @N: height {height}, base {base_diameter}, belly {belly_diameter}, neck {neck_diameter}, wall {wall} | "
            "@a @N, {height} tall and {belly_diameter} wide, standing on {base_diameter}",
            "@a @N rising {height} from @a {base_diameter} foot through {belly_diameter} to {neck_diameter} | "
            "@a {height} @N as wide as {belly_diameter} and as slim as {neck_diameter}",
        ),
        purposes=pools("to hold a single rose | to hold dried flowers | to put flowers in", "to show off a bouquet"),
    ),
    Family(
        "curved_vase",
        "curved vase",
        pools(
            "curved vase | vase with a smooth belly | smoothly curved vase | rounded vase | barrel-shaped vase",
            "bulging urn | swelling jar",
        ),
        {
            "foot_diameter": Measure(("foot and rim diameter", "end diameter"), (), 20, 150),
            "belly_diameter": Measure(("belly diameter", "widest diameter"), (), 25, 250),
            "height": _HEIGHT,
            "wall": _WALL,
            "floor": _FLOOR,
        },
        _draw_curved,
        _curved,
        pools(
            "@a {height} tall @N, {foot_diameter} at both ends and {belly_diameter} in the middle | "
            "@a @N {height} high bulging from {foot_diameter} to {belly_diameter} | "
            "@a @N with @a {belly_diameter} belly and @a {foot_diameter} foot, {height} tall | "
            "@a {height} @N, ends {foot_diameter}, belly {belly_diameter}, wall {wall} | "
            "@a @N, {belly_diameter} at its widest, {foot_diameter} at foot and rim, {height} tall | "
            "@a @N: height {height}, belly {belly_diameter}, ends {foot_diameter}",
            "@a @N rising {height}, waist out to {belly_diameter}, ends at {foot_diameter} | "
            "@a {height} @N as wide as {belly_diameter} midway and {foot_diameter} at its ends",
        ),
        purposes=pools("to hold tulips | to hold dried grass | to put flowers in", "to show off branches"),
    ),
    Family(
        "flower_pot",
        "flower pot",
        pools(
            "flower pot | plant pot | planter | round planter with a drain hole | herb pot | succulent pot",
            "jardiniere | seedling container",
        ),
        {
            "top_diameter": Measure(("top diameter", "rim diameter"), (), 20, 300),
            "bottom_diameter": Measure(("bottom diameter", "base diameter"), (), 15, 250),
            "height": _HEIGHT,
            "wall": _WALL,
            "floor": _FLOOR,
            "drain_diameter": Measure(("drain hole diameter", "drainage hole"), (), 2, 40),
            "rim_width": Measure(("rim overhang", "rim width"), (), 1, 20),
            "rim_height": Measure(("rim height",), (), 2, 60),
        },
        _draw_pot,
        _pot,
        by_taper("bottom_diameter", "top_diameter"),
        purposes=pools(
            "to grow basil in | to plant a cactus in | to raise seedlings | to put a small plant in",
            "to pot a fern",
        ),
        weight=1.5,
    ),
)
