"""Wheels and what runs on them: pulleys, spools, spoked wheels, caster wheels."""

from __future__ import annotations

import math

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.families.turning import (
    DrawnT,
    Hollow,
    chamfered,
    d_or_r,
    put_round,
    radius,
    revolve_or_stack,
    round_measures,
    round_of,
    rounds,
    straight,
    taper,
    turned,
)
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import at, block, indent, tidied
from corpus.synth.words import Measure, pools

__all__ = ["WHEEL_FAMILIES"]

_WIDTH = Measure(("width", "thickness"), ("wide", "thick"), 2, 80)
_BORE = round_measures("bore", "bore | axle hole", low=1, high=60)


def _draw_pulley(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    outer = draw.size(15, 120)
    put_round(draw, values, "outer", outer)
    values["width"] = draw.size(6, 30)
    put_round(draw, values, "bore", draw.size(2, outer * 0.3))
    values["groove_depth"] = draw.size(1.5, outer * 0.14)
    if draw.chance(0.5):
        values["groove_bottom"] = draw.size(1, values["width"] * 0.4)
    values["rim_width"] = draw.size(0.8, values["width"] * 0.2)
    return values, {"build": "revolve"}


def _pulley(v: Values, options: Options, n_facets: int) -> Body:
    d, w, rim, depth = round_of(v, "outer"), v["width"], v["rim_width"], v["groove_depth"]
    floor = tidied(d - 2 * depth)
    if "groove_bottom" in v:  # a V with a flat bottom
        side = tidied(w - 2 * rim - v["groove_bottom"], 0.5)
        middle = [taper(d, floor, side), straight(floor, v["groove_bottom"]), taper(floor, d, side)]
    else:
        side = w / 2 - rim
        middle = [taper(d, floor, side), taper(floor, d, side)]
    sections = (straight(d, rim), *middle, straight(d, rim))
    hollow = Hollow((straight(round_of(v, "bore"), w),))
    if floor.value < round_of(v, "bore").value + 2:
        raise Infeasible("groove down to the bore")
    return turned(sections, options, n_facets, hollow=hollow)


def _draw_spool(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    flange = draw.size(20, 120)
    values["flange_diameter"], values["flange_thickness"] = flange, draw.size(1.5, 6)
    values["core_diameter"] = draw.size(max(8, flange * 0.3), flange * 0.7)
    values["core_length"] = draw.size(8, 100)
    put_round(draw, values, "bore", draw.size(3, values["core_diameter"] * 0.6))
    if draw.chance(0.3):
        values["far_flange"] = draw.size(values["core_diameter"] * 1.2, flange)
    return values, revolve_or_stack(draw)


def _spool(v: Values, options: Options, n_facets: int) -> Body:
    flange, t, core = v["flange_diameter"], v["flange_thickness"], v["core_diameter"]
    far = v.get("far_flange", flange)
    if min(flange.value, far.value) < core.value + 1:
        raise Infeasible("no flange")
    sections = (straight(flange, t), straight(core, v["core_length"]), straight(far, t))
    hollow = Hollow((straight(round_of(v, "bore"), tidied(v["core_length"] + 2 * t)),))
    return turned(sections, options, n_facets, hollow=hollow)


def _draw_spoked(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    outer = draw.size(40, 180)
    put_round(draw, values, "", outer)
    values["rim_width"] = draw.size(3, outer * 0.1)
    values["width"] = draw.size(4, 25)
    values["hub_diameter"] = draw.size(outer * 0.15, outer * 0.32)
    values["bore_diameter"] = draw.size(2, values["hub_diameter"] * 0.6)
    values["spokes"] = draw.count(3, 8)
    values["spoke_width"] = draw.size(2, max(2.5, min(12, values["hub_diameter"] * 0.35)))
    if draw.chance(0.4):
        values["spoke_thickness"] = draw.size(2, max(2.5, values["width"] * 0.7))
    return values, {"loop": draw.choice(("count", "angle"))}


def _spoked(v: Values, options: Options, n_facets: int) -> Body:
    d, w, hub, bore = round_of(v), v["width"], v["hub_diameter"], v["bore_diameter"]
    inside, n, spoke = tidied(d - 2 * v["rim_width"]), v["spokes"], v["spoke_width"]
    count = round(n.value)
    if not 2 <= count <= 24 or abs(n.value - count) > 1e-6:
        raise Infeasible("spokes")
    if spoke.value > hub.value * math.sin(math.pi / count) * 0.95 or hub.value > inside.value - 4:
        raise Infeasible("spokes that meet")
    if bore.value > hub.value - 1.6 or v["rim_width"].value < 0.8:
        raise Infeasible("hub")
    thick = v.get("spoke_thickness", w)
    if thick.value > w.value:
        raise Infeasible("spokes thicker than the wheel")
    area = geometry.circle_area
    flat = area(d.value, n_facets) - area(inside.value, n_facets)
    flat += area(hub.value, n_facets) - area(bore.value, n_facets)
    scale = area(1, n_facets) * 4 / math.pi
    bars = (
        count * (geometry.strip_area(inside.value, spoke.value) - geometry.strip_area(hub.value, spoke.value)) * scale
    )
    step = f"360 / {n}"
    head = f"for (a = [0:{step}:359])\n  rotate([0, 0, a])\n"
    if options["loop"] == "count":
        head = f"for (i = [0:{n} - 1])\n  rotate([0, 0, i * {step}])\n"
    reach = tidied(radius(d) - v["rim_width"] / 2)
    size = (d.value, d.value, w.value)
    volume = flat * w.value + bars * thick.value
    if "spoke_thickness" not in v:
        ring = block("difference()", [f"circle({d_or_r(d)});", f"circle({d_or_r(inside)});"])
        bar = head + f"    translate([0, {-spoke / 2}])\n      square([{reach}, {spoke}]);"
        whole = block("union()", [ring, f"circle(d = {hub});", bar])
        outline = block("difference()", [whole, f"circle(d = {bore});"])
        solid = f"linear_extrude(height = {w})\n" + indent(outline)
        return Body(solid, size, volume, genus=count + 1)
    rim = block("difference()", [rounds(d, d, w), at(0, 0, -1, rounds(inside, inside, w + 2))])
    bar = head + f"    translate([0, {-spoke / 2}, 0])\n      cube([{reach}, {spoke}, {thick}]);"
    cut = at(0, 0, -1, rounds(bore, bore, w + 2))
    return Body("\n".join((rim, rounds(hub, hub, w), bar)), size, volume, cuts=(cut,), genus=count + 1)


def _draw_caster(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    tread = draw.size(18, 100)
    put_round(draw, values, "tread", tread)
    values["tread_width"] = draw.size(6, 35)
    values["hub_diameter"] = draw.size(tread * 0.25, tread * 0.6)
    values["hub_length"] = draw.size(1, 8)
    put_round(draw, values, "bore", draw.size(2, values["hub_diameter"] * 0.6))
    if draw.chance(0.4):
        values["chamfer"] = draw.size(0.5, values["tread_width"] / 6)
    return values, revolve_or_stack(draw)


def _caster(v: Values, options: Options, n_facets: int) -> Body:
    tread, hub = round_of(v, "tread"), v["hub_diameter"]
    if hub.value > tread.value - 2 - 2 * (v["chamfer"].value if "chamfer" in v else 0):
        raise Infeasible("hub")
    end = straight(hub, v["hub_length"])
    sections = (end, *chamfered(tread, v["tread_width"], v), end)
    total = tidied(v["tread_width"] + 2 * v["hub_length"])
    return turned(sections, options, n_facets, hollow=Hollow((straight(round_of(v, "bore"), total),)))


WHEEL_FAMILIES = (
    Family(
        "pulley",
        "grooved pulley",
        pools(
            "pulley | V-belt pulley | grooved pulley | rope pulley | sheave | belt wheel | pulley wheel",
            "grooved roller | cord wheel",
        ),
        {
            **round_measures("outer", "outer | outside", ("across",), low=8, high=200),
            "width": _WIDTH,
            **_BORE,
            "groove_depth": Measure(("groove depth",), (), 0.8, 30),
            "groove_bottom": Measure(("groove bottom width",), (), 0.6, 30),
            "rim_width": Measure(("rim width", "width of each rim"), (), 0.5, 15),
        },
        _draw_pulley,
        _pulley,
        pools(
            "@a @N {outer_diameter} across, {width} wide, bore {bore_diameter}, groove {groove_depth} deep | "
            "@a {outer_diameter} @N with @a {groove_depth} deep groove and @a {bore_diameter} bore | "
            "@a @N, outer diameter {outer_diameter}, width {width}, bore {bore_diameter} | "
            "@a {width} wide @N for @a {bore_diameter} shaft, groove {groove_depth} deep | "
            "@a @N of {outer_diameter} by {width} with @a {bore_diameter} axle hole | "
            "@a {outer_diameter} @N, {width} wide, rims {rim_width}",
            "@a @N {width} broad on @a {bore_diameter} axle, {outer_diameter} over the rims | "
            "@a {outer_diameter} @N channeled {groove_depth} deep",
        ),
        purposes=pools("to run a belt | to lift a load with a rope | to guide a cable", "to turn a spindle by cord"),
        weight=1.5,
    ),
    Family(
        "spool",
        "spool",
        pools(
            "spool | bobbin | reel | wire spool | thread spool | filament spool | sewing bobbin",
            "cotton reel | winding drum",
        ),
        {
            "flange_diameter": Measure(("flange diameter",), (), 8, 200),
            "flange_thickness": Measure(("flange thickness",), (), 0.8, 15),
            "core_diameter": Measure(("core diameter", "barrel diameter"), (), 4, 150),
            "core_length": Measure(("core length", "length between the flanges"), (), 3, 200),
            **_BORE,
            "far_flange": Measure(("diameter of the other flange", "second flange diameter"), (), 6, 200),
        },
        _draw_spool,
        _spool,
        pools(
            "@a @N with {flange_diameter} flanges {flange_thickness} thick, core {core_diameter} x {core_length} | "
            "@a {core_length} long @N, core {core_diameter}, flanges {flange_diameter}, bore {bore_diameter} | "
            "@a @N, flanges {flange_diameter} x {flange_thickness}, {core_length} between them, core {core_diameter} | "
            "@a {flange_diameter} @N with @a {core_diameter} core {core_length} long | "
            "@a @N on @a {bore_diameter} axle: flanges {flange_diameter}, core {core_diameter}, {core_length} long | "
            "@a @N {core_length} between flanges of {flange_diameter}, bore {bore_diameter}",
            "@a @N winding {core_length} wide on @a {core_diameter} barrel | @a @N with {flange_diameter} cheeks",
        ),
        purposes=pools(
            "to wind wire on | to hold thread | to store ribbon | to wind fishing line", "to coil up a cord"
        ),
        weight=1.5,
    ),
    Family(
        "spoked_wheel",
        "wheel with spokes",
        pools(
            "wheel with spokes | spoked wheel | wagon wheel | toy car wheel with spokes | hand wheel | cart wheel",
            "radial-armed wheel | buggy wheel",
        ),
        {
            **round_measures("", "outer | ", ("in diameter", "across"), low=20, high=300),
            "rim_width": Measure(("rim width", "rim thickness"), (), 1, 40),
            "width": _WIDTH,
            "hub_diameter": Measure(("hub diameter",), (), 4, 100),
            "bore_diameter": Measure(("bore", "axle hole diameter"), (), 1, 60),
            "spokes": Measure(("number of spokes", "spokes"), (), 3, 16, kind="count"),
            "spoke_width": Measure(("spoke width",), (), 1, 30),
            "spoke_thickness": Measure(("spoke thickness",), (), 1, 60),
        },
        _draw_spoked,
        _spoked,
        pools(
            "@a {diameter} @N with {spokes#} spokes, {width} wide, bore {bore_diameter} | "
            "@a @N {diameter} across with {spokes#} spokes {spoke_width} wide and @a {hub_diameter} hub | "
            "@a @N, diameter {diameter}, rim {rim_width}, hub {hub_diameter}, {spokes#} spokes | "
            "@a {width} wide @N with {spokes#} spokes and @a {bore_diameter} axle hole | "
            "@a @N of radius {radius} with {spokes#} spokes, {width} wide | "
            "@a {diameter} @N: {spokes#} spokes, rim {rim_width}, {width} thick",
            "@a @N of {spokes#} arms, {diameter} over the rim | "
            "@a {diameter} @N turning on {bore_diameter}, {spokes#} arms",
        ),
        purposes=pools(
            "to roll a toy cart | to turn a valve | to make a wagon | to serve as a hand wheel", "to crank a press"
        ),
        weight=1.5,
    ),
    Family(
        "caster_wheel",
        "caster wheel",
        pools(
            "caster wheel | wheel with a hub | roller wheel | trolley wheel | toy wheel | solid wheel with hub",
            "castor | furniture wheel",
        ),
        {
            **round_measures("tread", "wheel | tread", low=8, high=200),
            "tread_width": Measure(("tread width", "wheel width"), (), 3, 80),
            "hub_diameter": Measure(("hub diameter",), (), 4, 120),
            "hub_length": Measure(("hub overhang on each side", "hub overhang"), (), 0.5, 20),
            **_BORE,
            "chamfer": Measure(("chamfer", "edge chamfer"), (), 0.3, 8),
        },
        _draw_caster,
        _caster,
        pools(
            "@a {tread_diameter} @N {tread_width} wide, hub {hub_diameter}, bore {bore_diameter} | "
            "@a @N {tread_diameter} across and {tread_width} wide on @a {bore_diameter} axle | "
            "@a @N, wheel diameter {tread_diameter}, tread {tread_width}, hub {hub_diameter} standing out "
            "{hub_length} | "
            "@a {tread_width} wide @N, {tread_diameter} diameter, {bore_diameter} bore | "
            "@a {tread_diameter} x {tread_width} @N with @a {hub_diameter} hub | "
            "@a @N for @a {bore_diameter} axle, {tread_diameter} diameter, {tread_width} wide",
            "@a @N rolling on {tread_diameter}, {tread_width} broad | @a {tread_diameter} @N, boss {hub_diameter}",
        ),
        purposes=pools("to roll a cart | to move a cabinet | to make a toy car", "to wheel a tool chest"),
    ),
)
