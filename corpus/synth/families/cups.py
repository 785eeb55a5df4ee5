"""Vessels to drink and eat from: cups, mugs, bowls."""

from __future__ import annotations

import math

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.families.balls import circle, half_disc, sphere
from corpus.synth.families.forms import by_span
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
from corpus.synth.num import Num
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


CUP_FAMILIES = (
    Family(
        "cup",
        "cup",
        pools(
            "cup | round cup | pen cup | pencil cup | round container | tumbler | desk cup | pot without holes",
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
)
