"""Turned things for the table: candle holders, egg cups, napkin rings."""

from __future__ import annotations

from corpus.synth.draw import Draw, Infeasible
from corpus.synth.families.forms import by_span, by_taper
from corpus.synth.families.turning import (
    DrawnT,
    Hollow,
    chamfered,
    put_round,
    radius,
    revolve_or_stack,
    round_measures,
    round_of,
    straight,
    taper,
    turned,
)
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import indent, tidied
from corpus.synth.words import Measure, pools

__all__ = ["TABLEWARE_FAMILIES"]

_HEIGHT = Measure(("height",), ("tall", "high"), 2, 200)
_WALL = Measure(("wall thickness", "wall"), (), 0.6, 10)
_CHAMFER = Measure(("chamfer", "edge chamfer"), (), 0.3, 5)
_DIAMETER = round_measures("", "outer | ", ("in diameter", "across"), low=10, high=180)


def _draw_tealight(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    cup = draw.size(38, 42)
    if draw.chance(0.5):
        values["bottom_diameter"], values["top_diameter"] = draw.size(cup + 10, 110), draw.size(cup + 6, 70)
    else:
        put_round(draw, values, "", draw.size(cup + 8, 90))
    values["height"] = draw.size(14, 60)
    values["candle_diameter"], values["candle_depth"] = cup, draw.size(8, min(20, values["height"] - 3))
    return values, revolve_or_stack(draw)


def _tealight(v: Values, options: Options, n_facets: int) -> Body:
    h, depth = v["height"], v["candle_depth"]
    top = v["top_diameter"] if "top_diameter" in v else round_of(v)
    section = taper(v.get("bottom_diameter", top), top, h)
    hollow = Hollow((straight(v["candle_diameter"], depth),), below=tidied(h - depth))
    return turned((section,), options, n_facets, hollow=hollow)


def _draw_candlestick(draw: Draw) -> DrawnT:
    candle = draw.size(10, 30)
    values: dict[str, float] = {}
    put_round(draw, values, "base", draw.size(50, 110))
    values["base_height"] = draw.size(4, 15)
    values["stem_diameter"], values["stem_height"] = draw.size(8, 25), draw.size(30, 150)
    values["cup_diameter"], values["cup_height"] = draw.size(candle + 6, candle + 25), draw.size(12, 35)
    put_round(draw, values, "candle", candle)
    values["candle_depth"] = draw.size(8, values["cup_height"] - 2)
    if draw.chance(0.4):
        values["stem_top"] = draw.size(5, values["stem_diameter"])
    return values, revolve_or_stack(draw)


def _candlestick(v: Values, options: Options, n_facets: int) -> Body:
    base, stem, cup = round_of(v, "base"), v["stem_diameter"], v["cup_diameter"]
    if stem.value > min(base.value, cup.value) - 2:
        raise Infeasible("stem")
    sections = (
        straight(base, v["base_height"]),
        taper(stem, v.get("stem_top", stem), v["stem_height"]),
        straight(cup, v["cup_height"]),
    )
    below = tidied(v["base_height"] + v["stem_height"] + v["cup_height"] - v["candle_depth"])
    if v["candle_depth"].value > v["cup_height"].value - 1:
        raise Infeasible("candle deeper than its cup")
    hollow = Hollow((straight(round_of(v, "candle"), v["candle_depth"]),), below=below)
    return turned(sections, options, n_facets, hollow=hollow)


def _draw_egg_cup(draw: Draw) -> DrawnT:
    values = {"foot_diameter": draw.size(35, 60), "foot_height": draw.size(2, 8), "stem_diameter": draw.size(12, 25)}
    values["stem_height"] = draw.size(5, 30)
    top = draw.size(46, 60)
    values["top_diameter"], values["cup_height"] = top, draw.size(22, 40)
    values["wall"] = draw.size(2, 4)
    if draw.chance(0.5):
        values["seat_diameter"] = draw.size(18, 28)
    return values, {"build": "revolve", "foot": draw.choice(("flat", "conical", "stepped"))}


def _egg_cup(v: Values, options: Options, n_facets: int) -> Body:
    foot, stem, top, wall = v["foot_diameter"], v["stem_diameter"], v["top_diameter"], v["wall"]
    seat = v["seat_diameter"] if "seat_diameter" in v else tidied(stem + 2 * wall)
    if stem.value > foot.value - 4 or seat.value < stem.value - 6 or top.value < seat.value + 8:
        raise Infeasible("egg cup")
    first = straight(foot, v["foot_height"])
    if options["foot"] == "conical":
        first = taper(foot, stem, v["foot_height"])
    foots = [first]
    if options["foot"] == "stepped":
        foots = [straight(foot, v["foot_height"] / 2), straight(tidied((foot + stem) / 2), v["foot_height"] / 2)]
    sections = (*foots, straight(stem, v["stem_height"]), taper(seat, top, v["cup_height"]))
    inner = taper(tidied(seat - 2 * wall), tidied(top - 2 * wall), v["cup_height"] - wall)
    below = tidied(v["foot_height"] + v["stem_height"] + wall)
    return turned(sections, options, n_facets, hollow=Hollow((inner,), below=below))


def _draw_ring_band(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    inner = draw.size(15, 75)
    put_round(draw, values, "inner", inner)
    values["wall"] = draw.size(1.5, 6)
    values["width"] = draw.size(3, 40)
    if draw.chance(0.5):
        values["chamfer"] = draw.size(0.3, min(values["wall"] * 0.6, values["width"] / 4))
    return values, {**revolve_or_stack(draw), "pose": draw.choice(("flat", "upright"))}


def _ring_band(v: Values, options: Options, n_facets: int) -> Body:
    inner, w = round_of(v, "inner"), v["width"]
    outer = tidied(inner + 2 * v["wall"])
    body = turned(chamfered(outer, w, v), options, n_facets, hollow=Hollow((straight(inner, w),)))
    if options["pose"] == "flat":
        return body
    turn = f"translate([0, 0, {radius(outer)}])\n  rotate([90, 0, 0]) {{\n"
    texts = [turn + indent(t, 2) + "\n  }" for t in (body.solid, *body.cuts)]
    return Body(texts[0], (outer.value, w.value, outer.value), body.volume, cuts=tuple(texts[1:]), genus=1)


TABLEWARE_FAMILIES = (
    Family(
        "tealight_holder",
        "tea light holder",
        pools(
            "tea light holder | tealight holder | candle holder for a tea light | candle cup | votive holder",
            "lumination stand | light-cup block",
        ),
        {
            **_DIAMETER,
            "bottom_diameter": Measure(("bottom diameter", "base diameter"), (), 30, 160),
            "top_diameter": Measure(("top diameter",), (), 30, 160),
            "height": _HEIGHT,
            "candle_diameter": Measure(("candle diameter", "recess diameter"), (), 20, 80),
            "candle_depth": Measure(("candle depth", "recess depth"), (), 3, 60),
        },
        _draw_tealight,
        _tealight,
        by_span(),
        purposes=pools("to hold a tea light | to light a table | to hold a candle", "to set the mood at dinner"),
    ),
    Family(
        "candlestick",
        "candlestick",
        pools(
            "candlestick | candle stand | candle holder with a stem | taper candle holder | tall candle holder",
            "pricket stand | chandlery column",
        ),
        {
            **round_measures("base", "base | foot", low=25, high=180),
            "base_height": Measure(("base thickness", "base height"), (), 2, 30),
            "stem_diameter": Measure(("stem diameter",), (), 4, 60),
            "stem_height": Measure(("stem height",), (), 10, 250),
            "cup_diameter": Measure(("cup diameter",), (), 12, 90),
            "cup_height": Measure(("cup height",), (), 8, 60),
            **round_measures("candle", "candle", low=6, high=60),
            "candle_depth": Measure(("candle depth", "socket depth"), (), 4, 50),
            "stem_top": Measure(("stem top diameter",), (), 3, 60),
        },
        _draw_candlestick,
        _candlestick,
        pools(
            "@a @N for @a {candle_diameter} candle, base {base_diameter}, stem {stem_diameter} x {stem_height} | "
            "@a @N with @a {base_diameter} base, @a {stem_height} stem and @a {cup_diameter} cup | "
            "@a @N, foot {base_diameter} by {base_height}, stem {stem_diameter} by {stem_height}, cup {cup_diameter} | "
            "@a @N holding @a {candle_diameter} candle {candle_depth} deep on @a {stem_height} stem | "
            "@a {base_diameter} wide @N with @a {stem_diameter} stem {stem_height} tall | "
            "@a @N: base {base_diameter}, stem {stem_height} tall, socket {candle_diameter}",
            "@a @N raising @a {candle_diameter} taper by {stem_height} | "
            "@a @N on @a {base_diameter} foot, {stem_height} column",
        ),
        purposes=pools("to hold a candle | to light a dinner table | to display a taper", "to carry an Advent candle"),
    ),
    Family(
        "egg_cup",
        "egg cup",
        pools("egg cup | eggcup | egg holder | cup for a boiled egg | egg stand", "egg goblet | breakfast chalice"),
        {
            "foot_diameter": Measure(("foot diameter", "base diameter"), (), 20, 90),
            "foot_height": Measure(("foot height", "foot thickness"), (), 1, 20),
            "stem_diameter": Measure(("stem diameter",), (), 6, 50),
            "stem_height": Measure(("stem height",), (), 2, 60),
            "top_diameter": Measure(("top diameter", "rim diameter"), (), 35, 90),
            "cup_height": Measure(("cup height", "cup depth"), (), 12, 60),
            "wall": _WALL,
            "seat_diameter": Measure(("diameter of the cup's bottom",), (), 10, 50),
        },
        _draw_egg_cup,
        _egg_cup,
        by_taper("foot_diameter", "top_diameter", "cup_height", "deep"),
        purposes=pools("to hold a boiled egg | to serve an egg | to stand an egg upright", "to serve breakfast"),
        is_held_out=True,
    ),
    Family(
        "band_ring",
        "band ring",
        pools(
            "ring | finger ring | napkin ring | bangle | bracelet | plain ring band | serviette ring",
            "armlet | wedding band shape",
        ),
        {
            **round_measures("inner", "inner | inside | finger", low=8, high=120),
            "wall": Measure(("thickness", "wall thickness"), ("thick",), 0.8, 12),
            "width": Measure(("width", "band width"), ("wide",), 2, 80),
            "chamfer": _CHAMFER,
        },
        _draw_ring_band,
        _ring_band,
        pools(
            "@a @N {inner_diameter} inside, {width} wide and {wall} thick | "
            "@a {width} wide @N with @a {inner_diameter} inside diameter | "
            "@a @N, inner diameter {inner_diameter}, thickness {wall}, width {width} | "
            "@a {wall} thick @N, {inner_diameter} inside, {width} wide | @a {inner_diameter} @N, {width} wide | "
            "@a @N of inner radius {inner_radius}, {width} wide, {wall} thick",
            "@a @N that goes around {inner_diameter}, {width} broad | @a {width} broad @N, {inner_diameter} clear",
        ),
        purposes=pools("to wear on a finger | to hold a napkin | to wear on the wrist", "to hold a rolled serviette"),
    ),
)
