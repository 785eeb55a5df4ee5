"""What closes: caps, lids, plugs, funnels; all turned."""

from __future__ import annotations

import math

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.families.forms import by_span
from corpus.synth.families.turning import (
    DrawnT,
    Hollow,
    flipped,
    put_round,
    radius,
    revolve_or_stack,
    round_face,
    round_measures,
    round_of,
    rounds,
    straight,
    taper,
    turned,
)
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import indent, tidied
from corpus.synth.words import Measure, pools

__all__ = ["CAP_FAMILIES", "ribbed"]

_HEIGHT = Measure(("height",), ("tall", "high"), 2, 200)
_WALL = Measure(("wall thickness", "wall"), (), 0.6, 10)


def _draw_cap(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    inner = draw.size(8, 100)
    wall = values["wall"] = draw.size(1, 4)
    if draw.chance(0.6):
        put_round(draw, values, "inner", inner)
    else:
        put_round(draw, values, "outer", inner + 2 * wall)
    values["height"] = draw.size(6, 40)
    if draw.chance(0.5):
        values["top"] = draw.size(1, 5)
    return values, {**revolve_or_stack(draw), "pose": draw.choice(("open_down", "open_up"))}


def _cap(v: Values, options: Options, n_facets: int) -> Body:
    wall, h, top = v["wall"], v["height"], v.get("top", v["wall"])
    has_inner = "inner_diameter" in v or "inner_radius" in v
    inner = round_of(v, "inner") if has_inner else tidied(round_of(v, "outer") - 2 * wall)
    outer = tidied(inner + 2 * wall) if has_inner else round_of(v, "outer")
    is_down = options["pose"] == "open_down"
    inside = (straight(inner, h - top),)
    hollow = Hollow(inside, above=top) if is_down else Hollow(inside, below=top)
    depth = h.value - top.value
    face = round_face("floor", inner, top, rise=depth)
    if is_down:  # as wide as the inside: what is drilled through the top must open into it
        face = round_face("top", inner, top, bottom=tidied(h - top))
    return turned((straight(outer, h),), options, n_facets, hollow=hollow, faces=(face,))


def _draw_lid(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    put_round(draw, values, "", draw.size(25, 110))
    values["height"] = draw.size(8, 25)
    values["wall"] = draw.size(2, 4)
    if draw.chance(0.4):
        values["top"] = draw.size(1.5, 4)
    values["ribs"] = draw.choice((12.0, 16.0, 20.0, 24.0, 32.0))
    values["rib_diameter"] = draw.size(1, 3)
    return values, {"pose": draw.choice(("open_down", "open_up")), "loop": draw.choice(("count", "angle"))}


def ribbed(v: Values, options: Options, n_facets: int) -> tuple[str, float, float]:
    """(text, area, radius to their far side) of half-round ribs around an edge of radius `diameter` / 2."""
    d, rib, n = round_of(v), v["rib_diameter"], v["ribs"]
    count = round(n.value)
    if not 3 <= count <= 80 or abs(count - n.value) > 1e-6 or rib.value * 1.2 > 3.14 * d.value / count:
        raise Infeasible("ribs that meet")
    head = (
        "for (a = [0:360 / {0}:359])\n  rotate([0, 0, a])\n"
        if options["loop"] == "angle"
        else ("for (i = [0:{0} - 1])\n  rotate([0, 0, i * 360 / {0}])\n")
    )
    text = head.format(n) + f"    translate([{radius(d)}, 0, 0])\n" + indent(rounds(rib, rib, v["height"]), 3)
    own = geometry.circle_area(rib.value, n_facets)
    scale = geometry.circle_area(1, n_facets) * 4 / math.pi
    outside = own - geometry.lens_area(d.value, rib.value, d.value / 2) * scale
    return text, count * outside, d.value / 2 + rib.value / 2


def _lid(v: Values, options: Options, n_facets: int) -> Body:
    d, h, wall, top = round_of(v), v["height"], v["wall"], v.get("top", v["wall"])
    if v["rib_diameter"].value / 2 > wall.value - 0.4:
        raise Infeasible("ribs through the wall")
    inside = (straight(tidied(d - 2 * wall), h - top),)
    is_down = options["pose"] == "open_down"
    hollow = Hollow(inside, above=top) if is_down else Hollow(inside, below=top)
    base = turned((straight(d, h),), {}, n_facets, hollow=hollow)
    text, area, far = ribbed(v, options, n_facets)
    wide = 2 * far
    if round(v["ribs"].value) % 4:
        raise Infeasible("ribs in fours, so that the lid is as wide as it is deep")
    face = round_face("top", tidied(d - 2 * wall), top, bottom=tidied(h - top))
    return Body(
        f"{base.solid}\n{text}",
        (wide, wide, h.value),
        base.volume + area * h.value,
        faces=(face,) if is_down else (),
        cuts=base.cuts,
    )


def _draw_plug(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    plug = draw.size(6, 60)
    values["head_diameter"] = draw.size(plug * 1.2, plug * 1.7)
    values["head_height"] = draw.size(1.5, 10)
    put_round(draw, values, "plug", plug)
    values["plug_length"] = draw.size(5, 40)
    if draw.chance(0.5):
        values["tip_diameter"] = draw.size(plug * 0.75, plug * 0.95)
    return values, {**revolve_or_stack(draw), "pose": draw.choice(("head_down", "head_up"))}


def _plug(v: Values, options: Options, n_facets: int) -> Body:
    head, plug = v["head_diameter"], round_of(v, "plug")
    tip = v.get("tip_diameter", plug)
    if head.value < plug.value + 0.8 or tip.value > plug.value:
        raise Infeasible("plug")
    sections = (straight(head, v["head_height"]), taper(plug, tip, v["plug_length"]))
    return turned(flipped(sections)[0] if options["pose"] == "head_up" else sections, options, n_facets)


def _draw_funnel(draw: Draw) -> DrawnT:
    top = draw.size(35, 150)
    values = {"top_diameter": top, "spout_diameter": draw.size(6, top * 0.35), "cone_height": draw.size(15, 90)}
    values["spout_length"] = draw.size(8, 60)
    values["wall"] = draw.size(1, min(3, values["spout_diameter"] / 5))
    if draw.chance(0.4):
        values["rim_height"] = draw.size(2, 15)
    return values, {**revolve_or_stack(draw), "pose": draw.choice(("spout_down", "spout_up"))}


def _funnel(v: Values, options: Options, n_facets: int) -> Body:
    top, spout, wall = v["top_diameter"], v["spout_diameter"], v["wall"]
    if top.value < spout.value * 1.2:
        raise Infeasible("funnel")
    wide, narrow = tidied(top - 2 * wall), tidied(spout - 2 * wall)
    outer = [straight(spout, v["spout_length"]), taper(spout, top, v["cone_height"])]
    inner = [straight(narrow, v["spout_length"]), taper(narrow, wide, v["cone_height"])]
    if "rim_height" in v:
        outer.append(straight(top, v["rim_height"]))
        inner.append(straight(wide, v["rim_height"]))
    hollow: Hollow | None = Hollow(tuple(inner))
    sections = tuple(outer)
    if options["pose"] == "spout_up":
        sections, hollow = flipped(sections, hollow)
    return turned(sections, options, n_facets, hollow=hollow)


_ACROSS = {
    **round_measures("outer", "outer | outside", low=5, high=160),
    **round_measures("inner", "inner | inside", low=3, high=150),
}
_DIAMETER = round_measures("", "outer | ", ("in diameter", "across"), low=10, high=180)

CAP_FAMILIES = (
    Family(
        "cap",
        "cap",
        pools(
            "cap | end cap | round cap | bottle cap | tube cap | protective cap | lens cap", "closure | stopple cover"
        ),
        {**_ACROSS, "wall": _WALL, "height": _HEIGHT, "top": Measure(("top thickness",), (), 0.6, 12)},
        _draw_cap,
        _cap,
        pools(
            "@a @N {inner_diameter} inside, {wall} wall, {height} tall | "
            "@a @N for @a {inner_diameter} tube, {height} deep, walls {wall} | "
            "@a {height} tall @N with @a {inner_diameter} inside diameter | "
            "@a @N, outer diameter {outer_diameter}, wall {wall}, height {height} | "
            "@a @N to fit over {inner_diameter} pipe, {wall} thick and {height} high | "
            "@a {outer_diameter} @N, {height} tall with {wall} walls",
            "@a @N slipping over {inner_diameter}, {height} deep | @a @N {outer_diameter} over all, {height} deep",
        ),
        purposes=pools(
            "to close a pipe | to cover the end of a tube | to protect a lens | to keep dust out of a pipe",
            "to blank a tube end",
        ),
        weight=1.5,
    ),
    Family(
        "jar_lid",
        "jar lid with grip",
        pools(
            "jar lid | lid with grip ribs | ribbed cap | screw-top style lid | round lid with ribs | ribbed lid",
            "ridged closure | grippy jar top",
        ),
        {
            **_DIAMETER,
            "height": _HEIGHT,
            "wall": _WALL,
            "top": Measure(("top thickness",), (), 0.6, 12),
            "ribs": Measure(("number of ribs", "grip ribs"), (), 4, 60, kind="count"),
            "rib_diameter": Measure(("rib diameter", "rib width"), (), 0.6, 8),
        },
        _draw_lid,
        _lid,
        by_span(),
        purposes=pools("to close a jar | to cover a spice pot | to seal a tub", "to shut a preserve glass"),
    ),
    Family(
        "plug",
        "plug",
        pools("plug | stopper | hole plug | bung | end plug | rubber stopper shape", "spigot closure | cork shape"),
        {
            "head_diameter": Measure(("head diameter",), (), 5, 150),
            "head_height": Measure(("head thickness", "head height"), (), 0.8, 25),
            **round_measures("plug", "plug | ", low=3, high=100),
            "plug_length": Measure(("plug length", "length of the plug"), (), 2, 100),
            "tip_diameter": Measure(("tip diameter",), (), 2, 100),
        },
        _draw_plug,
        _plug,
        pools(
            "@a @N for @a {plug_diameter} hole, {plug_length} long, head {head_diameter} x {head_height} | "
            "@a {plug_diameter} @N {plug_length} long with @a {head_diameter} head {head_height} thick | "
            "@a @N, plug {plug_diameter} by {plug_length}, head {head_diameter} by {head_height} | "
            "@a @N with @a {head_diameter} head and @a {plug_length} long body of {plug_diameter} | "
            "@a @N tapering from {plug_diameter} to {tip_diameter} over {plug_length} | "
            "@a {plug_length} long @N of {plug_diameter} under @a {head_diameter} head",
            "@a @N filling @a {plug_diameter} opening to {plug_length} | "
            "@a @N {head_diameter} over all for {plug_diameter}",
        ),
        purposes=pools(
            "to close a hole | to stop a bottle | to plug a drain | to cover a screw hole", "to shut off a port"
        ),
        weight=1.5,
    ),
    Family(
        "funnel",
        "funnel",
        pools("funnel | pouring funnel | kitchen funnel | oil funnel | filling funnel", "hopper | tundish"),
        {
            "top_diameter": Measure(("top diameter", "mouth diameter"), (), 15, 250),
            "spout_diameter": Measure(("spout diameter",), (), 3, 80),
            "cone_height": Measure(("cone height",), (), 5, 150),
            "spout_length": Measure(("spout length",), (), 3, 120),
            "wall": _WALL,
            "rim_height": Measure(("rim height",), (), 1, 40),
        },
        _draw_funnel,
        _funnel,
        pools(
            "@a @N {top_diameter} across the top, spout {spout_diameter} x {spout_length}, cone {cone_height} high | "
            "@a {top_diameter} @N with @a {spout_diameter} spout | "
            "@a @N, mouth {top_diameter}, spout {spout_diameter}, {cone_height} cone, {spout_length} spout length | "
            "@a @N narrowing from {top_diameter} to {spout_diameter} over {cone_height} | "
            "@a @N with @a {spout_length} long spout {spout_diameter} wide and walls {wall} thick | "
            "@a {top_diameter} to {spout_diameter} @N, wall {wall}",
            "@a @N closing in from {top_diameter} to {spout_diameter} | "
            "@a {top_diameter} wide @N on @a {spout_length} neck",
        ),
        purposes=pools("to fill bottles | to pour oil | to fill a spice jar | to decant liquids", "to top up a tank"),
        weight=1.5,
    ),
)
