"""Bushings, spacers, bearing seats, wheels' hubs: hollow turned parts of machines."""

from __future__ import annotations

from corpus.synth.draw import Draw, Infeasible
from corpus.synth.families.forms import by_ring
from corpus.synth.families.turning import (
    DrawnT,
    Hollow,
    Section,
    chamfered,
    flipped,
    put_round,
    revolve_or_stack,
    round_measures,
    round_of,
    straight,
    turned,
)
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import tidied
from corpus.synth.words import Measure, pools

__all__ = ["BEARING_FAMILIES"]

_CHAMFER = Measure(("chamfer", "edge chamfer"), (), 0.3, 5)
_LENGTH = Measure(("length", "height"), ("long", "tall"), 2, 150)
_OUTER = round_measures("outer", "outer | outside", low=3, high=120)
_INNER = round_measures("inner", "inner | bore | inside", low=1, high=100)


def _draw_bushing(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    inner = draw.size(2, 40)
    put_round(draw, values, "outer", draw.size(inner + 1.6, inner * 1.8 + 3))
    put_round(draw, values, "inner", inner)
    values["length"] = draw.size(4, 60)
    if draw.chance(0.4):
        values["chamfer"] = draw.size(0.3, 0.8)
    return values, revolve_or_stack(draw)


def _bushing(v: Values, options: Options, n_facets: int) -> Body:
    d, h = round_of(v, "outer"), v["length"]
    return turned(chamfered(d, h, v), options, n_facets, hollow=Hollow((straight(round_of(v, "inner"), h),)))


def _draw_flanged(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    inner = draw.size(2, 30)
    outer = draw.size(inner + 1.6, inner * 1.7 + 3)
    values["flange_diameter"] = draw.size(outer * 1.25, outer * 1.8)
    values["flange_thickness"] = draw.size(1, 6)
    put_round(draw, values, "outer", outer)
    put_round(draw, values, "inner", inner)
    values["length"] = draw.size(values["flange_thickness"] + 3, 50)
    return values, {**revolve_or_stack(draw), "pose": draw.choice(("flange_down", "flange_up"))}


def _flanged(v: Values, options: Options, n_facets: int) -> Body:
    length, t = v["length"], v["flange_thickness"]
    d, flange = round_of(v, "outer"), v["flange_diameter"]
    if flange.value < d.value + 1 or length.value < t.value + 1:
        raise Infeasible("no flange")
    sections, hollow = (straight(flange, t), straight(d, length - t)), Hollow((straight(round_of(v, "inner"), length),))
    return turned(
        flipped(sections)[0] if options["pose"] == "flange_up" else sections, options, n_facets, hollow=hollow
    )


def _draw_spacer(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    inner = draw.size(2, 12)
    outer = draw.size(inner * 1.8 + 2, inner * 3 + 4)
    put_round(draw, values, "outer", outer)
    put_round(draw, values, "inner", inner)
    values["height"] = draw.size(3, 50)
    if draw.chance(0.35) and values["height"] > 6:
        values["recess_diameter"] = draw.size(inner * 1.3, outer * 0.75)
        values["recess_depth"] = draw.size(1, values["height"] * 0.4)
    return values, revolve_or_stack(draw)


def _spacer(v: Values, options: Options, n_facets: int) -> Body:
    d, inner, h = round_of(v, "outer"), round_of(v, "inner"), v["height"]
    inside = [straight(inner, h)]
    if "recess_depth" in v:
        inside = [straight(inner, h - v["recess_depth"]), straight(v["recess_diameter"], v["recess_depth"])]
        if v["recess_diameter"].value < inner.value + 0.4:
            raise Infeasible("recess smaller than the bore")
    return turned((straight(d, h),), options, n_facets, hollow=Hollow(tuple(inside)))


def _draw_seat(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    bearing = draw.size(9, 60)
    values["bearing_diameter"] = bearing
    values["bearing_width"] = draw.size(3, 16)
    values["wall"] = draw.size(1.5, 8)
    values["shaft_diameter"] = draw.size(bearing * 0.25, bearing * 0.75)
    values["shoulder"] = draw.size(1, 6)
    if draw.chance(0.4):
        values["flange_diameter"] = draw.size(
            (bearing + 2 * values["wall"]) * 1.2, (bearing + 2 * values["wall"]) * 1.7
        )
        values["flange_thickness"] = draw.size(1.5, values["bearing_width"] + values["shoulder"] - 1)
    return values, {**revolve_or_stack(draw), "pose": draw.choice(("open_up", "open_down"))}


def _seat(v: Values, options: Options, n_facets: int) -> Body:
    bearing, width, shoulder, shaft = v["bearing_diameter"], v["bearing_width"], v["shoulder"], v["shaft_diameter"]
    if shaft.value > bearing.value - 1:
        raise Infeasible("no shoulder")
    d, total = tidied(bearing + 2 * v["wall"]), shoulder + width
    sections = [straight(d, total)]
    if "flange_diameter" in v:
        flange, t = v["flange_diameter"], v["flange_thickness"]
        if flange.value < d.value + 1:
            raise Infeasible("flange within the housing")
        sections = [straight(flange, t), straight(d, total - t)]
    hollow = Hollow((straight(shaft, shoulder), straight(bearing, width)))
    if options["pose"] == "open_down":
        return _turned_over(sections, hollow, options, n_facets)
    return turned(sections, options, n_facets, hollow=hollow)


def _turned_over(sections: list[Section], hollow: Hollow, options: Options, n_facets: int) -> Body:
    over, inside = flipped(sections, hollow)
    return turned(over, options, n_facets, hollow=inside)


BEARING_FAMILIES = (
    Family(
        "bushing",
        "bushing",
        pools(
            "bushing | plain bushing | sleeve bearing | bush | sliding bearing | liner sleeve",
            "journal sleeve | slide bush",
        ),
        {**_OUTER, **_INNER, "length": _LENGTH, "chamfer": _CHAMFER},
        _draw_bushing,
        _bushing,
        by_ring("outer_diameter", "inner_diameter", "length", "long"),
        purposes=pools(
            "to run on a shaft | to line a worn hole | to guide a sliding rod", "to let an axle turn in a frame"
        ),
        weight=1.5,
    ),
    Family(
        "flanged_bushing",
        "flanged bushing",
        pools(
            "flanged bushing | flanged sleeve bearing | bushing with a flange | flange bush | top-hat bushing",
            "collared journal sleeve | shouldered liner",
        ),
        {
            "flange_diameter": Measure(("flange diameter",), (), 4, 160),
            "flange_thickness": Measure(("flange thickness",), (), 0.6, 15),
            **_OUTER,
            **_INNER,
            "length": Measure(("overall length", "length"), ("long",), 3, 150),
        },
        _draw_flanged,
        _flanged,
        pools(
            "@a @N {outer_diameter} OD, {inner_diameter} ID, {length} long, flange {flange_diameter} x "
            "{flange_thickness} | "
            "@a {inner_diameter} bore @N, body {outer_diameter}, {length} long with @a {flange_diameter} flange "
            "{flange_thickness} thick | "
            "@a @N for @a {inner_diameter} shaft in @a {outer_diameter} hole, {length} long overall | "
            "@a {length} long @N, {outer_diameter} outside, {inner_diameter} inside, {flange_diameter} flange | "
            "@a @N: flange {flange_diameter} by {flange_thickness}, barrel {outer_diameter}, bore {inner_diameter} | "
            "@a @N with @a {flange_thickness} thick flange of {flange_diameter}, {outer_diameter} body, {length} long",
            "@a @N of {length}, rim {flange_diameter}, barrel {outer_diameter}, passage {inner_diameter} | "
            "@a {flange_diameter} wide @N, {inner_diameter} clear through {length}",
        ),
        purposes=pools(
            "to carry a shaft in a thin plate | to take axial load | to line a bracket hole", "to sit in sheet metal"
        ),
    ),
    Family(
        "spacer",
        "round spacer",
        pools(
            "spacer | round spacer | round standoff | screw spacer | distance sleeve | cylindrical standoff",
            "distance piece | stand-off post",
        ),
        {
            **_OUTER,
            **_INNER,
            "height": Measure(("height", "length"), ("tall", "long"), 1, 150),
            "recess_diameter": Measure(("recess diameter", "head recess diameter"), (), 2, 40),
            "recess_depth": Measure(("recess depth", "head recess depth"), (), 0.5, 30),
        },
        _draw_spacer,
        _spacer,
        by_ring("outer_diameter", "inner_diameter", "height", "tall"),
        purposes=pools(
            "to hold a circuit board off the case | to space two plates | to keep a shelf off the wall",
            "to stand a panel away from its frame",
        ),
        weight=1.5,
    ),
    Family(
        "bearing_seat",
        "bearing housing",
        pools(
            "bearing housing | bearing holder | bearing seat | round bearing cup | bearing retainer | "
            "ball bearing mount",
            "race carrier | bearing pot",
        ),
        {
            "bearing_diameter": Measure(("bearing diameter", "bearing outer diameter"), (), 4, 100),
            "bearing_width": Measure(("bearing width", "seat depth"), (), 2, 40),
            "wall": Measure(("wall thickness", "wall"), (), 1, 20),
            "shaft_diameter": Measure(("shaft hole diameter", "clearance hole"), (), 1, 80),
            "shoulder": Measure(("shoulder thickness", "shoulder"), (), 0.6, 20),
            "flange_diameter": Measure(("flange diameter",), (), 10, 180),
            "flange_thickness": Measure(("flange thickness",), (), 0.8, 20),
        },
        _draw_seat,
        _seat,
        pools(
            "@a @N for @a {bearing_diameter} x {bearing_width} bearing with {wall} walls | "
            "@a @N, bearing {bearing_diameter} by {bearing_width}, shaft hole {shaft_diameter} | "
            "@a @N that takes @a {bearing_diameter} bearing {bearing_width} wide, shoulder {shoulder} | "
            "@a @N with @a {bearing_diameter} seat {bearing_width} deep and @a {shaft_diameter} hole behind it | "
            "@a {bearing_diameter} @N, seat {bearing_width} deep, wall {wall}, shoulder {shoulder} | "
            "@a @N around @a {bearing_diameter} bearing, {wall} wall, {shaft_diameter} clearance for the shaft",
            "@a @N whose pocket is {bearing_diameter} across and {bearing_width} deep, {wall} all round | "
            "@a @N pressing @a {bearing_diameter} race against @a {shoulder} lip",
        ),
        purposes=pools("to hold a 608 bearing | to mount a bearing | to seat a skate bearing", "to carry a ball race"),
    ),
)
