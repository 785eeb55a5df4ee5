"""Two parts that belong together, side by side: bolt and nut, pot and saucer, jar and lid, pin and washer."""

from __future__ import annotations

import math

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.families.fasteners import across, across_measures, hexagon, put_across
from corpus.synth.families.turning import (
    DrawnT,
    Hollow,
    put_round,
    round_measures,
    round_of,
    rounds,
    straight,
    taper,
    turned,
)
from corpus.synth.num import Num
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import at, block, difference, indent, tidied
from corpus.synth.words import Measure, pools

__all__ = ["ASSEMBLY_FAMILIES"]

_WALL = Measure(("wall thickness", "wall"), (), 0.8, 10)
_CLEARANCE = Measure(("clearance", "fit clearance"), (), 0.1, 2)
_SPACING = Measure(("gap between the two parts", "spacing"), (), 1, 60)


def beside(first: Body, second: Body, offset: Num, options: Options) -> Body:
    """Both, the second `offset` away along x or y; they must be apart by themselves. Raises Infeasible otherwise."""
    axis = 0 if options["row"] == "x" else 1
    if offset.value < (first.size[axis] + second.size[axis]) / 2 + 0.5:
        raise Infeasible("parts that meet")
    texts = [difference([body.solid], body.cuts) for body in (first, second)]
    x, y = (offset, 0) if axis == 0 else (0, offset)
    moved = f"translate([{x}, {y}, 0])"
    second_text = f"{moved}\n" + indent(texts[1]) if second.cuts else block(moved, [texts[1]])
    low = min(-first.size[axis] / 2, offset.value - second.size[axis] / 2)
    high = max(first.size[axis] / 2, offset.value + second.size[axis] / 2)
    size = [max(a, b) for a, b in zip(first.size, second.size, strict=True)]
    size[axis] = high - low
    return Body(
        f"{texts[0]}\n{second_text}",
        (size[0], size[1], size[2]),
        first.volume + second.volume,
        genus=(first.genus or 0) + (second.genus or 0),
        n_components=2,
    )


def _options(draw: Draw) -> dict[str, str]:
    return {"row": draw.choice(("x", "x", "y"))}


def _draw_bolt_and_nut(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    shank = draw.size(4, 20)
    put_round(draw, values, "shank", shank)
    values["length"] = draw.size(shank * 1.5, shank * 5)
    put_across(draw, values, shank * 1.5 + 1, shank * 1.9 + 1)
    values["head_height"], values["nut_height"] = draw.size(2, shank * 0.8 + 1), draw.size(2.5, shank + 1)
    if draw.chance(0.5):
        values["clearance"] = draw.choice((0.2, 0.3, 0.4, 0.5))
    values["spacing"] = draw.size(3, 20)
    return values, _options(draw)


def _bolt_and_nut(v: Values, options: Options, n_facets: int) -> Body:
    d, flats, head, nut = round_of(v, "shank"), across(v), v["head_height"], v["nut_height"]
    bore = tidied(d + v["clearance"]) if "clearance" in v else d
    if flats.value < bore.value + 1.2 or v["spacing"].value < 0.8:
        raise Infeasible("nut")
    area, hexagonal = geometry.circle_area(d.value, n_facets), geometry.hexagon_area(flats.value)
    total = head + v["length"]
    wide = flats.value * 2 / math.sqrt(3)
    bolt = Body(
        f"{hexagon(flats, v, head)}\n{rounds(d, d, total)}",
        (wide, flats.value, total.value),
        hexagonal * head.value + area * v["length"].value,
    )
    other = Body(
        hexagon(flats, v, nut),
        (wide, flats.value, nut.value),
        (hexagonal - geometry.circle_area(bore.value, n_facets)) * nut.value,
        cuts=(at(0, 0, -1, rounds(bore, bore, nut + 2)),),
        genus=1,
    )
    if "across_corners" in v:
        width = v["across_corners"] + v["spacing"]
    elif options["row"] == "y":
        width = v["across_flats"] + v["spacing"]
    else:
        width = Num(f"{v['across_flats']} / cos(30) + {v['spacing']}", wide + v["spacing"].value, 1)
    return beside(bolt, other, width, options)


def _draw_pot(draw: Draw) -> DrawnT:
    top = draw.size(50, 140)
    values = {"top_diameter": top, "bottom_diameter": draw.size(top * 0.55, top * 0.85), "height": draw.size(40, 130)}
    values["wall"] = draw.size(2, 5)
    values["drain_diameter"] = draw.size(5, 15)
    put_round(draw, values, "saucer", draw.size(top * 0.85, top * 1.15))
    values["saucer_height"] = draw.size(8, 25)
    if draw.chance(0.5):
        values["floor"] = draw.size(2, 6)
    values["spacing"] = draw.size(5, 25)
    return values, {**_options(draw), "build": draw.choice(("stack", "revolve"))}


def _pot(v: Values, options: Options, n_facets: int) -> Body:
    top, bottom, h, wall, floor = (
        v["top_diameter"],
        v["bottom_diameter"],
        v["height"],
        v["wall"],
        v.get("floor", v["wall"]),
    )
    saucer, rise = round_of(v, "saucer"), v["saucer_height"]
    if (
        not v["drain_diameter"].value * 2 < bottom.value <= top.value
        or saucer.value < bottom.value + 2 * wall.value + 1
    ):
        raise Infeasible("saucer too small for the pot")
    inside = taper(tidied(bottom - 2 * wall), tidied(top - 2 * wall), h - floor)
    pot = turned(
        (taper(bottom, top, h),), options, n_facets, hollow=Hollow((straight(v["drain_diameter"], floor), inside))
    )
    hollow = Hollow((straight(tidied(saucer - 2 * wall), rise - floor),), below=floor)
    dish = turned((straight(saucer, rise),), options, n_facets, hollow=hollow)
    return beside(pot, dish, tidied(tidied(top, 0.5) + tidied(saucer, 0.5) + v["spacing"]), options)


def _draw_jar(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    put_round(draw, values, "jar", draw.size(25, 100))
    values["height"] = draw.size(25, 120)
    values["wall"] = draw.size(1.5, 4)
    values["lid_height"] = draw.size(8, 25)
    values["clearance"] = draw.choice((0.2, 0.3, 0.4, 0.5))
    if draw.chance(0.4):
        values["floor"] = draw.size(1.5, 5)
    values["spacing"] = draw.size(3, 20)
    return values, {**_options(draw), "build": draw.choice(("stack", "revolve"))}


def _jar(v: Values, options: Options, n_facets: int) -> Body:
    jar, h, wall, floor = round_of(v, "jar"), v["height"], v["wall"], v.get("floor", v["wall"])
    inner = tidied(jar + v["clearance"])
    outer = tidied(inner + 2 * wall)
    body = turned(
        (straight(jar, h),),
        options,
        n_facets,
        hollow=Hollow((straight(tidied(jar - 2 * wall), h - floor),), below=floor),
    )
    high = v["lid_height"]
    lid = turned(
        (straight(outer, high),), options, n_facets, hollow=Hollow((straight(inner, high - floor),), below=floor)
    )
    return beside(body, lid, tidied(tidied(jar, 0.5) + tidied(outer, 0.5) + v["spacing"]), options)


def _draw_pin(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    pin = draw.size(3, 20)
    put_round(draw, values, "pin", pin)
    values["length"] = draw.size(pin * 2, pin * 6)
    values["head_diameter"], values["head_height"] = draw.size(pin * 1.4, pin * 2), draw.size(1.5, pin * 0.6 + 1)
    if draw.chance(0.5):
        values["cotter_diameter"] = draw.size(1, max(1.2, pin * 0.3))
        values["cotter_inset"] = draw.size(values["cotter_diameter"] + 1, values["length"] * 0.3)
    values["washer_diameter"], values["washer_thickness"] = draw.size(pin * 1.8, pin * 2.6), draw.size(1, 4)
    values["clearance"] = draw.choice((0.2, 0.3, 0.4, 0.5))
    values["spacing"] = draw.size(3, 20)
    return values, _options(draw)


def _pin(v: Values, options: Options, n_facets: int) -> Body:
    d, length, head, high = round_of(v, "pin"), v["length"], v["head_diameter"], v["head_height"]
    if head.value < d.value + 0.8:
        raise Infeasible("head")
    body = turned((straight(head, high), straight(d, length)), {}, n_facets)
    cuts: tuple[str, ...] = ()
    volume, genus = body.volume, 0
    if "cotter_diameter" in v:
        hole, inset = v["cotter_diameter"], v["cotter_inset"]
        if hole.value > d.value * 0.5 or inset.value < hole.value / 2 + 0.5 or inset.value + hole.value > length.value:
            raise Infeasible("cotter hole")
        z = tidied(high + length - inset)
        cuts = (at(0, 0, z, f"rotate([0, 90, 0])\n  cylinder(d = {hole}, h = {tidied(d + 2)}, center = true);"),)
        volume -= _across(hole.value, d.value)
        genus = 1
    bore = tidied(d + v["clearance"])
    washer, thick = v["washer_diameter"], v["washer_thickness"]
    ring = turned((straight(washer, thick),), {}, n_facets, hollow=Hollow((straight(bore, thick),)))
    pin = Body(body.solid, body.size, volume, cuts=cuts, genus=genus)
    return beside(pin, ring, tidied(head / 2 + washer / 2 + v["spacing"]), options)


def _across(hole: float, pin: float) -> float:
    """Volume of a cross hole through a round pin."""
    n, total = 100, 0.0
    for i in range(n):
        y = hole / 2 * (2 * (i + 0.5) / n - 1)
        total += 4 * math.sqrt(hole * hole / 4 - y * y) * math.sqrt(pin * pin / 4 - y * y) * hole / n
    return total


ASSEMBLY_FAMILIES = (
    Family(
        "bolt_and_nut",
        "bolt and nut",
        pools(
            "bolt and nut | bolt with its nut | nut and bolt set | hex bolt and matching nut | "
            "bolt and nut side by side",
            "screw-and-nut pair | matched hexagon fasteners",
        ),
        {
            **round_measures("shank", "shank | bolt", low=2, high=40),
            "length": Measure(("shank length", "bolt length"), (), 4, 200),
            **across_measures("width across flats | wrench size", "width across corners"),
            "head_height": Measure(("head height",), (), 1, 30),
            "nut_height": Measure(("nut height", "nut thickness"), (), 1.5, 40),
            "clearance": _CLEARANCE,
            "spacing": _SPACING,
        },
        _draw_bolt_and_nut,
        _bolt_and_nut,
        pools(
            "@a {shank_diameter} @N, bolt {length} long, {across_flats} across flats | "
            "@a @N for {shank_diameter}, head {head_height} high, nut {nut_height} high | "
            "@a @N, shank {shank_diameter} x {length}, wrench size {across_flats} | "
            "@a {shank_diameter} x {length} @N | @a @N with @a {length} shank of {shank_diameter}, {spacing} apart | "
            "@a @N of {shank_diameter}, nut {nut_height} thick, clearance {clearance}",
            "@a @N sized {shank_diameter} by {length}, laid {spacing} apart | "
            "@a @N in {shank_diameter}, spanner {across_flats}",
        ),
        purposes=pools("to print on one plate | to teach assembly | to join two toys", "to show a bolted joint"),
    ),
    Family(
        "pot_and_saucer",
        "plant pot and saucer",
        pools(
            "plant pot and saucer | flower pot with a saucer | pot and drip tray | planter with saucer | "
            "herb pot and dish",
            "planter set with dish | pot-and-plate pair",
        ),
        {
            "top_diameter": Measure(("pot top diameter", "top diameter"), (), 20, 250),
            "bottom_diameter": Measure(("pot bottom diameter", "bottom diameter"), (), 15, 220),
            "height": Measure(("pot height", "height"), ("tall",), 15, 220),
            "wall": _WALL,
            "drain_diameter": Measure(("drain hole diameter", "drainage hole"), (), 2, 30),
            **round_measures("saucer", "saucer", low=20, high=280),
            "saucer_height": Measure(("saucer height",), (), 4, 50),
            "floor": Measure(("floor thickness",), (), 0.8, 12),
            "spacing": _SPACING,
        },
        _draw_pot,
        _pot,
        pools(
            "@a @N, pot {top_diameter} at the top, {bottom_diameter} at the bottom, {height} tall, saucer "
            "{saucer_diameter} | "
            "@a {height} tall @N with @a {saucer_diameter} saucer | "
            "@a @N: pot {top_diameter} to {bottom_diameter}, {height} high, saucer {saucer_diameter} x "
            "{saucer_height} | "
            "@a {top_diameter} @N, drain hole {drain_diameter}, walls {wall} | "
            "@a @N with {wall} walls, pot {height} tall, saucer {saucer_height} high | "
            "@a {top_diameter} wide @N, {height} tall, saucer {saucer_diameter}",
            "@a @N, pot mouth {top_diameter}, dish {saucer_diameter} | "
            "@a {height} high @N whose dish is {saucer_diameter}",
        ),
        purposes=pools("to grow basil on a sill | to keep water off the sill | to pot a cactus", "to raise an orchid"),
    ),
    Family(
        "jar_and_lid",
        "jar and lid",
        pools(
            "jar and lid | round box with a lid | jar with its lid | canister and lid | pill box with a lid | "
            "tin with lid",
            "lidded pot set | caddy with cover",
        ),
        {
            **round_measures("jar", "jar | outer", low=12, high=160),
            "height": Measure(("jar height", "height"), ("tall",), 10, 200),
            "wall": _WALL,
            "lid_height": Measure(("lid height",), (), 4, 50),
            "clearance": _CLEARANCE,
            "floor": Measure(("floor and top thickness", "floor thickness"), (), 0.8, 10),
            "spacing": _SPACING,
        },
        _draw_jar,
        _jar,
        pools(
            "@a {jar_diameter} @N, {height} tall, {wall} walls | @a @N {jar_diameter} across and {height} tall | "
            "@a @N, diameter {jar_diameter}, height {height}, lid {lid_height} high | "
            "@a {height} tall @N of {jar_diameter} with @a {lid_height} lid | "
            "@a @N with {wall} walls, {jar_diameter} x {height}, clearance {clearance} | "
            "@a @N laid out {spacing} apart, jar {jar_diameter} x {height}",
            "@a @N spanning {jar_diameter}, {height} high | @a {height} high @N whose cover is {lid_height}",
        ),
        purposes=pools("to store screws | to keep pills in | to keep spices fresh", "to hide sweets in"),
    ),
    Family(
        "pin_and_washer",
        "headed pin and washer",
        pools(
            "pin and washer | headed pin with a washer | clevis pin and washer | pivot pin and washer | "
            "hinge pin and washer",
            "pivot set with shim | axle stud and shim",
        ),
        {
            **round_measures("pin", "pin", low=1.5, high=40),
            "length": Measure(("pin length", "length under the head"), (), 4, 200),
            "head_diameter": Measure(("head diameter",), (), 3, 80),
            "head_height": Measure(("head height",), (), 0.8, 20),
            "cotter_diameter": Measure(("cotter hole diameter",), (), 0.8, 10),
            "cotter_inset": Measure(("distance of the cotter hole from the end",), (), 1.5, 60),
            "washer_diameter": Measure(("washer diameter",), (), 4, 100),
            "washer_thickness": Measure(("washer thickness",), (), 0.6, 10),
            "clearance": _CLEARANCE,
            "spacing": _SPACING,
        },
        _draw_pin,
        _pin,
        pools(
            "@a {pin_diameter} @N, {length} long, head {head_diameter} x {head_height}, washer {washer_diameter} | "
            "@a @N, pin {pin_diameter} by {length}, washer {washer_diameter} by {washer_thickness} | "
            "@a {length} long @N of {pin_diameter} | @a {pin_diameter} x {length} @N with @a {head_diameter} head | "
            "@a @N with @a {head_diameter} head, {pin_diameter} pin and @a {cotter_diameter} cotter hole | "
            "@a @N: {pin_diameter} pin {length} long, {washer_diameter} washer, {spacing} apart",
            "@a @N sized {pin_diameter} by {length}, shim {washer_diameter} | "
            "@a @N in {pin_diameter}, reaching {length}",
        ),
        purposes=pools("to join a clevis | to make a hinge | to hold a lever", "to pivot a link"),
    ),
)
