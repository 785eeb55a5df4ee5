"""Ends of hoses: reducers and barbs."""

from __future__ import annotations

from corpus.synth.draw import Draw, Infeasible
from corpus.synth.families.turning import (
    DrawnT,
    Hollow,
    Section,
    flipped,
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
from corpus.synth.text import at, indent, tidied
from corpus.synth.words import Measure, pools

__all__ = ["HOSE_FAMILIES"]

_WALL = Measure(("wall thickness", "wall"), (), 0.8, 12)


def _draw_reducer(draw: Draw) -> DrawnT:
    large = draw.size(20, 100)
    small = draw.size(large * 0.35, large * 0.8)
    values: dict[str, float] = {}
    put_round(draw, values, "large", large)
    values["large_length"] = draw.size(8, 50)
    put_round(draw, values, "small", small)
    values["small_length"], values["taper_length"] = draw.size(8, 50), draw.size(8, 40)
    values["wall"] = draw.size(1.2, min(4, small / 6))
    return values, {"build": "revolve", "pose": draw.choice(("large_down", "small_down"))}


def _reducer(v: Values, options: Options, n_facets: int) -> Body:
    wall, large, small = v["wall"], round_of(v, "large"), round_of(v, "small")
    if small.value > large.value - 1:
        raise Infeasible("no reduction")
    sections = _steps(large, small, v)
    hollow: Hollow | None = Hollow(_steps(tidied(large - 2 * wall), tidied(small - 2 * wall), v))
    if options["pose"] == "small_down":
        sections, hollow = flipped(sections, hollow)
    return turned(sections, options, n_facets, hollow=hollow)


def _steps(large: Num, small: Num, v: Values) -> tuple[Section, ...]:
    middle = taper(large, small, v["taper_length"])
    return straight(large, v["large_length"]), middle, straight(small, v["small_length"])


def _draw_barb(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    barb = draw.size(5, 30)
    put_round(draw, values, "barb", barb)
    values["neck_diameter"] = draw.size(barb * 0.75, barb * 0.92)
    values["bore_diameter"] = draw.size(barb * 0.3, barb * 0.55)
    values["barbs"] = draw.count(2, 5)
    values["barb_length"] = draw.size(3, 10)
    if draw.chance(0.6):
        values["flange_diameter"], values["flange_thickness"] = draw.size(barb * 1.3, barb * 2), draw.size(2, 8)
    return values, {"build": draw.choice(("loop", "revolve"))}


def _barb(v: Values, options: Options, n_facets: int) -> Body:
    wide, neck, bore, step, n = (
        round_of(v, "barb"),
        v["neck_diameter"],
        v["bore_diameter"],
        v["barb_length"],
        v["barbs"],
    )
    count = round(n.value)
    if not 1 <= count <= 10 or abs(n.value - count) > 1e-6 or neck.value > wide.value - 0.4:
        raise Infeasible("barbs")
    if bore.value > neck.value - 1.2:
        raise Infeasible("bore")
    sections = []
    low: Num | None = v.get("flange_thickness")
    if low is not None:
        if v["flange_diameter"].value < wide.value + 0.5:
            raise Infeasible("flange")
        sections.append(straight(v["flange_diameter"], low))
    sections += [taper(wide, neck, step)] * count
    tall = n * step + low if low is not None else n * step
    total = sum(s.height.value for s in sections)
    body = turned(
        sections, {"build": "revolve"}, n_facets, hollow=Hollow((straight(bore, Num(tall.text, total, tall.level)),))
    )
    if options["build"] == "revolve":
        return body
    z = f"{low} + i * {step}" if low is not None else f"i * {step}"
    cones = f"for (i = [0:{n} - 1])\n  translate([0, 0, {z}])\n" + indent(rounds(wide, neck, step), 2)
    solids = [cones]
    # a core through all, so that the cones don't only touch
    solids.append(rounds(neck, neck, tall))
    if low is not None:
        solids.append(rounds(v["flange_diameter"], v["flange_diameter"], low))
    cut = at(0, 0, -1, rounds(bore, bore, tall + 2))
    return Body("\n".join(solids), body.size, body.volume, cuts=(cut,), genus=1)


HOSE_FAMILIES = (
    Family(
        "pipe_reducer",
        "pipe reducer",
        pools(
            "pipe reducer | reducer | hose adapter | vacuum hose adapter | tube adapter | duct reducer | "
            "dust port adapter",
            "diameter converter | step-down sleeve",
        ),
        {
            **round_measures("large", "large | wide end", low=8),
            "large_length": Measure(("length of the wide end",), (), 3, 120),
            **round_measures("small", "small | narrow end", low=4, high=180),
            "small_length": Measure(("length of the narrow end",), (), 3, 120),
            "taper_length": Measure(("taper length", "transition length"), (), 3, 100),
            "wall": _WALL,
        },
        _draw_reducer,
        _reducer,
        pools(
            "@a @N from {large_diameter} to {small_diameter}, wall {wall} | "
            "@a {large_diameter} to {small_diameter} @N, {taper_length} taper | "
            "@a @N joining {large_diameter} and {small_diameter} with @a {taper_length} long taper | "
            "@a @N, wide end {large_diameter} x {large_length}, narrow end {small_diameter} x {small_length} | "
            "@a @N stepping {large_diameter} down to {small_diameter} over {taper_length}, {wall} walls | "
            "@a {wall} thick @N, {large_diameter} at one end and {small_diameter} at the other",
            "@a @N that takes {large_diameter} at its mouth and {small_diameter} at its tail | "
            "@a @N shrinking {large_diameter} into {small_diameter}",
        ),
        purposes=pools(
            "to fit a vacuum hose to a sander | to join two hoses | to connect a shop vac", "to mate unlike ducts"
        ),
        weight=1.5,
    ),
    Family(
        "hose_barb",
        "hose barb",
        pools(
            "hose barb | barbed fitting | barbed hose connector | hose nipple | tubing barb | barbed spigot",
            "fir-tree spigot | ridged hose tail",
        ),
        {
            **round_measures("barb", "barb | ", low=3, high=60),
            "neck_diameter": Measure(("diameter between the barbs", "neck diameter"), (), 2, 55),
            "bore_diameter": Measure(("bore", "bore diameter"), (), 0.8, 50),
            "barbs": Measure(("number of barbs", "barbs"), (), 1, 8, kind="count"),
            "barb_length": Measure(("length of each barb", "barb length"), (), 1.5, 20),
            "flange_diameter": Measure(("flange diameter",), (), 5, 100),
            "flange_thickness": Measure(("flange thickness",), (), 1, 20),
        },
        _draw_barb,
        _barb,
        pools(
            "@a @N with {barbs#} barbs of {barb_diameter} and @a {bore_diameter} bore | "
            "@a {barb_diameter} @N, {barbs#} barbs {barb_length} long each | "
            "@a @N, barbs {barb_diameter}, neck {neck_diameter}, bore {bore_diameter}, {barbs#} barbs | "
            "@a {barb_diameter} @N with {barbs#} barbs on @a {flange_diameter} flange | "
            "@a @N for @a {barb_diameter} hose, {barbs#} barbs, bore {bore_diameter} | "
            "@a @N: {barbs#} barbs of {barb_diameter} by {barb_length}",
            "@a @N gripping with {barbs#} ridges of {barb_diameter} | "
            "@a {barb_diameter} thick @N, {bore_diameter} clear",
        ),
        purposes=pools("to connect a garden hose | to join tubing to a tank | to fit an air line", "to plumb a pump"),
        is_held_out=True,
    ),
)
