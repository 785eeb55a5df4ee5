"""Vases and flower pots."""

from __future__ import annotations

import math

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.families.forms import by_taper
from corpus.synth.families.turning import (
    DrawnT,
    Hollow,
    revolve_or_stack,
    straight,
    taper,
    turned,
)
from corpus.synth.num import literal
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import tidied
from corpus.synth.words import Measure, pools

__all__ = ["VASE_FAMILIES"]

_HEIGHT = Measure(("height",), ("tall", "high"), 5, 250)
_WALL = Measure(("wall thickness", "wall"), (), 0.6, 12)
_FLOOR = Measure(("floor thickness", "bottom thickness"), (), 0.6, 15)


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
    h, wall, floor = v["height"], v["wall"], v.get("floor", v["wall"])
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
    foot, belly, h, wall, floor = (
        v["foot_diameter"],
        v["belly_diameter"],
        v["height"],
        v["wall"],
        v.get("floor", v["wall"]),
    )
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
    top, bottom, h, wall, floor = (
        v["top_diameter"],
        v["bottom_diameter"],
        v["height"],
        v["wall"],
        v.get("floor", v["wall"]),
    )
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


VASE_FAMILIES = (
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
            "@a @N with @a {base_diameter} foot, @a {belly_diameter} belly and @a {neck_diameter} neck, "
            "{height} tall | "
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
            "flower pot | plant pot | potted plant holder | round planter with a drain hole | herb pot | succulent pot",
            "patio urn | seedling container",
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
