"""What a hand turns: round knobs, fluted knobs, star knobs, cams and cranks."""

from __future__ import annotations

import math

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.families.screws import fluted, reach
from corpus.synth.families.turning import (
    DrawnT,
    Section,
    d_or_r,
    put_round,
    radius,
    round_measures,
    round_of,
    rounds,
    straight,
    turned,
)
from corpus.synth.num import Num, literal
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import at, block, indent, tidied
from corpus.synth.words import Measure, pools

__all__ = ["KNOB_FAMILIES"]

_HEIGHT = Measure(("height",), ("tall", "high"), 4, 60)
_SHAFT = Measure(("shaft hole diameter", "bore"), (), 1.5, 25)
_SHAFT_DEPTH = Measure(("shaft hole depth", "bore depth"), (), 2, 50)
_FLAT = Measure(("width across the shaft's flat", "D-hole width"), (), 1.2, 24)


def shaft_hole(v: Values, n_facets: int) -> tuple[tuple[str, ...], float]:
    """A blind hole from below, round or D-shaped: (cuts, volume)."""
    if "shaft_diameter" not in v:
        return (), 0.0
    d, depth = v["shaft_diameter"], v["shaft_depth"]
    area, hole = geometry.circle_area(d.value, n_facets), rounds(d, d, depth + 1)
    if "shaft_flat" in v:
        edge = v["shaft_flat"] - d / 2
        if not 0.1 * d.value < edge.value < 0.48 * d.value:
            raise Infeasible("flat of the shaft")
        area -= geometry.polygon_area(geometry.clip_above(geometry.circle_points(d.value, n_facets), 0, edge.value))
        keep = f"translate([{-d / 2}, {-d / 2}, 0])\n  cube([{v['shaft_flat']}, {d}, {depth + 1}]);"
        hole = block("intersection()", [hole, keep])
    return (at(0, 0, -1, hole),), area * depth.value


def _put_shaft(draw: Draw, values: dict[str, float], diameter: float, height: float) -> None:
    if draw.chance(0.85):
        d = values["shaft_diameter"] = draw.size(3, max(3.5, min(12, diameter * 0.4)))
        values["shaft_depth"] = draw.size(3, max(3.5, height * 0.75))
        if draw.chance(0.5):
            values["shaft_flat"] = draw.size(d * 0.7, d * 0.92)


def _check_shaft(v: Values, room: float, height: float) -> None:
    if "shaft_diameter" in v and (v["shaft_diameter"].value > room - 2 or v["shaft_depth"].value > height - 0.8):
        raise Infeasible("shaft hole")


def _draw_knob(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    diameter = draw.size(12, 60)
    put_round(draw, values, "", diameter)
    height = values["height"] = draw.size(8, 35)
    if draw.chance(0.5):
        values["fillet"] = draw.size(0.5, min(diameter / 6, height / 3))
    if draw.chance(0.3):
        values["skirt_diameter"], values["skirt_height"] = (
            draw.size(diameter * 1.15, diameter * 1.5),
            draw.size(1, height / 3),
        )
    _put_shaft(draw, values, diameter, height)
    return values, {"build": draw.choice(("stack", "revolve"))}


def _knob(v: Values, options: Options, n_facets: int) -> Body:
    d, h = round_of(v), v["height"]
    _check_shaft(v, d.value, h.value)
    cuts, hole = shaft_hole(v, n_facets)
    wide, volume, sections = d.value, 0.0, [straight(d, h)]
    if "skirt_diameter" in v:
        skirt, low = v["skirt_diameter"], v["skirt_height"]
        if skirt.value < d.value + 0.8 or low.value > h.value - 1.5 - (v["fillet"].value if "fillet" in v else 0):
            raise Infeasible("skirt")
        sections, wide = [straight(skirt, low), straight(d, h - low)], skirt.value
    body = turned(sections, options, n_facets)
    solid, volume = body.solid, body.volume
    if "fillet" in v:
        f = v["fillet"]
        if f.value > min(d.value / 2, h.value) - 0.5 or f.value < 0.3:
            raise Infeasible("fillet")
        solid, loss = _rounded(d, h, f, sections, options, n_facets)
        volume -= loss
    return Body(solid, (wide, wide, h.value), volume - hole, cuts=cuts)


def _rounded(d: Num, h: Num, f: Num, sections: list[Section], options: Options, n_facets: int) -> tuple[str, float]:
    """The knob with its top edge rounded, and what that takes away."""
    r, fr = d.value / 2, f.value
    quarter = [(r - fr + fr * math.cos(a), fr * math.sin(a)) for a in _quarter(n_facets)]
    loss = geometry.turned_volume([(r, 0.0), (r, fr), *reversed(quarter)], n_facets)
    low = h - f
    x = tidied(radius(d) - f)
    if options["build"] == "revolve":
        solid = (
            "rotate_extrude()\n  hull() {\n"
            + indent(
                f"square([{radius(d)}, {low}]);\nsquare([{x}, {h}]);\n"
                f"translate([{x}, {low}])\n  intersection() {{\n    circle(r = {f});\n    square({f});\n  }}",
                2,
            )
            + "\n  }"
        )
    else:
        ring = f"translate([0, 0, {low}])\n  rotate_extrude()\n    translate([{x}, 0])\n      circle(r = {f});"
        solid = block("hull()", [rounds(d, d, low), ring])
    if len(sections) == 2:
        solid += "\n" + rounds(sections[0].bottom, sections[0].bottom, sections[0].height)
    return solid, loss


def _quarter(n_facets: int) -> list[float]:
    n = n_facets // 4
    return [math.pi / 2 * i / n for i in range(n + 1)]


def _draw_fluted(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    diameter = draw.size(18, 70)
    put_round(draw, values, "", diameter)
    height = values["height"] = draw.size(8, 30)
    n = values["flutes"] = draw.choice((6.0, 8.0, 8.0, 10.0, 12.0))
    values["flute_diameter"] = draw.size(2, max(2.5, diameter * 1.6 / n))
    _put_shaft(draw, values, diameter * 0.6, height)
    return values, {"build": draw.choice(("extrude", "cylinders"))}


def _ring_of(n: Num, x: Num, z: str, text: str) -> str:
    return f"for (i = [0:{n} - 1])\n  rotate([0, 0, 360 * i / {n}])\n    translate([{x}, 0{z}])\n" + indent(text, 3)


def _fluted(v: Values, options: Options, n_facets: int) -> Body:
    d, h, groove, n = round_of(v), v["height"], v["flute_diameter"], v["flutes"]
    off = fluted(d, groove, n, n_facets)
    _check_shaft(v, d.value - groove.value, h.value)
    cuts, hole = shaft_hole(v, n_facets)
    volume = (geometry.circle_area(d.value, n_facets) - off) * h.value - hole
    size = (*reach(d.value, groove.value, round(n.value), n_facets), h.value)
    if options["build"] == "extrude":
        outline = block("difference()", [f"circle({d_or_r(d)});", _ring_of(n, radius(d), "", f"circle(d = {groove});")])
        return Body(f"linear_extrude(height = {h})\n" + indent(outline), size, volume, cuts=cuts)
    flutes = _ring_of(n, radius(d), ", -1", rounds(groove, groove, h + 2))
    return Body(rounds(d, d, h), size, volume, cuts=(flutes, *cuts))


def _draw_lobed(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    diameter = draw.size(16, 50)
    put_round(draw, values, "body", diameter)
    n = values["lobes"] = draw.choice((3.0, 4.0, 5.0, 5.0, 6.0, 7.0))
    values["lobe_diameter"] = draw.size(diameter * 0.2, diameter * min(0.5, 1.9 / n))
    height = values["height"] = draw.size(6, 25)
    _put_shaft(draw, values, diameter * 0.8, height)
    return values, {"build": draw.choice(("extrude", "cylinders"))}


def _lobed(v: Values, options: Options, n_facets: int) -> Body:
    d, h, lobe, n = round_of(v, "body"), v["height"], v["lobe_diameter"], v["lobes"]
    fluted(d, lobe, n, n_facets)  # the same room is needed
    _check_shaft(v, d.value, h.value)
    count = round(n.value)
    scale = geometry.circle_area(1, n_facets) * 4 / math.pi
    outside = geometry.circle_area(lobe.value, n_facets) - geometry.lens_area(d.value, lobe.value, d.value / 2) * scale
    cuts, hole = shaft_hole(v, n_facets)
    volume = (geometry.circle_area(d.value, n_facets) + count * outside) * h.value - hole
    angles = [2 * math.pi * i / count for i in range(count)]
    spans = []
    for turn in (math.cos, math.sin):
        far = [turn(a) * d.value / 2 + lobe.value / 2 for a in angles]
        near = [turn(a) * d.value / 2 - lobe.value / 2 for a in angles]
        spans.append(max(*far, d.value / 2) - min(*near, -d.value / 2))
    size = (spans[0], spans[1], h.value)
    if options["build"] == "extrude":
        outline = f"circle({d_or_r(d)});\n" + _ring_of(n, radius(d), "", f"circle(d = {lobe});")
        return Body(block(f"linear_extrude(height = {h})", [outline]), size, volume, cuts=cuts)
    solid = f"{rounds(d, d, h)}\n{_ring_of(n, radius(d), ', 0', rounds(lobe, lobe, h))}"
    return Body(solid, size, volume, cuts=cuts)


def _draw_cam(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    diameter = draw.size(15, 80)
    put_round(draw, values, "", diameter)
    values["offset"] = draw.size(1.5, diameter * 0.28)
    values["bore_diameter"] = draw.size(2, max(2.5, diameter * 0.3))
    values["thickness"] = draw.size(3, 20)
    return values, {"build": draw.choice(("extrude", "cylinders")), "origin": draw.choice(("bore", "disc"))}


def _cam(v: Values, options: Options, n_facets: int) -> Body:
    d, off, bore, t = round_of(v), v["offset"], v["bore_diameter"], v["thickness"]
    if off.value + bore.value / 2 > d.value / 2 - 1:
        raise Infeasible("bore over the edge")
    volume = (geometry.circle_area(d.value, n_facets) - geometry.circle_area(bore.value, n_facets)) * t.value
    at_disc, at_bore = (literal(0), -off) if options["origin"] == "disc" else (off, literal(0))
    size = (d.value, d.value, t.value)
    if options["build"] == "extrude":
        shapes = [
            text if x.text == "0" else f"translate([{x}, 0])\n  {text}"
            for x, text in ((at_disc, f"circle({d_or_r(d)});"), (at_bore, f"circle(d = {bore});"))
        ]
        return Body(f"linear_extrude(height = {t})\n" + indent(block("difference()", shapes)), size, volume, genus=1)
    cut = at(at_bore, 0, -1, rounds(bore, bore, t + 2))
    return Body(at(at_disc, 0, 0, rounds(d, d, t)), size, volume, cuts=(cut,), genus=1)


_DIAMETER = round_measures("", "knob | ", ("in diameter", "across"), low=8, high=120)
_SHAFTS = {"shaft_diameter": _SHAFT, "shaft_depth": _SHAFT_DEPTH, "shaft_flat": _FLAT}


def _forms(d: str, h: str = "{height}") -> str:
    return (
        f"@a @N {d} in diameter and {h} tall with @a {{shaft_diameter}} shaft hole | "
        f"@a {d} @N, {h} tall, for @a {{shaft_diameter}} shaft | @a {d} x {h} @N | "
        f"@a {h} high @N of {d} diameter, bore {{shaft_diameter}} | "
        f"@a @N, diameter {d}, height {h}, shaft hole {{shaft_diameter}} x {{shaft_depth}} | "
        f"@a @N {d} across for @a {{shaft_diameter}} D-shaft, {{shaft_flat}} across the flat"
    )


KNOB_FAMILIES = (
    Family(
        "knob",
        "knob",
        pools(
            "knob | round knob | control knob | potentiometer knob | dial knob | volume knob | drawer knob",
            "twist dial | tuning button",
        ),
        {
            **_DIAMETER,
            "height": _HEIGHT,
            "fillet": Measure(("edge rounding", "fillet radius of the top edge"), (), 0.3, 10),
            "skirt_diameter": Measure(("skirt diameter",), (), 10, 150),
            "skirt_height": Measure(("skirt height",), (), 0.6, 20),
            **_SHAFTS,
        },
        _draw_knob,
        _knob,
        pools(
            _forms("{diameter}"),
            "@a @N spanning {diameter} on @a {shaft_diameter} spindle | @a {diameter} wide @N standing {height}",
        ),
        purposes=pools(
            "to turn a potentiometer | to set the volume | to open a drawer | to adjust an amplifier",
            "to tune a radio",
        ),
        weight=2.5,
    ),
    Family(
        "fluted_knob",
        "fluted knob",
        pools(
            "fluted knob | knob with grip grooves | grooved knob | scalloped knob | knob with finger grooves",
            "gripped dial | channeled twist knob",
        ),
        {
            **_DIAMETER,
            "height": _HEIGHT,
            "flutes": Measure(("number of flutes", "grip grooves"), (), 4, 30, kind="count"),
            "flute_diameter": Measure(("flute diameter", "groove width"), (), 1, 20),
            **_SHAFTS,
        },
        _draw_fluted,
        _fluted,
        pools(
            _forms("{diameter}") + " | @a {diameter} @N with {flutes#} flutes",
            "@a @N spanning {diameter} on @a {shaft_diameter} spindle | @a {diameter} wide @N with {flutes#} channels",
        ),
        purposes=pools("to turn a dial | to adjust a lamp | to tighten by hand", "to open a stiff tap"),
        weight=1.5,
    ),
    Family(
        "star_knob",
        "lobed knob",
        pools(
            "star knob | lobed knob | clamping knob | lobe knob | hand knob with lobes | star grip",
            "palm-grip knob | clover grip",
        ),
        {
            **round_measures("body", "body", low=8, high=100),
            "lobes": Measure(("number of lobes", "lobes"), (), 3, 12, kind="count"),
            "lobe_diameter": Measure(("lobe diameter",), (), 2, 50),
            "height": _HEIGHT,
            **_SHAFTS,
        },
        _draw_lobed,
        _lobed,
        pools(
            _forms("{body_diameter}")
            + " | @a @N with {lobes#} lobes of {lobe_diameter} around @a {body_diameter} body",
            "@a @N with {lobes#} bulges on @a {body_diameter} core | @a {lobes#} leafed @N standing {height}",
        ),
        purposes=pools("to clamp a jig | to tighten a fence | to hold a tool post", "to lock a tripod"),
        weight=1.5,
    ),
    Family(
        "cam",
        "eccentric cam",
        pools(
            "cam | eccentric cam | eccentric disc | cam disc | off-center wheel | round cam",
            "eccentric sheave | offset rotor",
        ),
        {
            **round_measures("", "cam | ", ("in diameter", "across"), low=8, high=150),
            "offset": Measure(("eccentricity", "offset of the bore", "throw"), (), 0.5, 50),
            "bore_diameter": Measure(("bore", "bore diameter", "shaft hole"), (), 1, 60),
            "thickness": Measure(("thickness",), ("thick",), 1, 50),
        },
        _draw_cam,
        _cam,
        pools(
            "@a {diameter} @N with @a {bore_diameter} bore {offset} off center, {thickness} thick | "
            "@a @N {diameter} across, bore {bore_diameter} offset by {offset} | "
            "@a {thickness} thick @N, diameter {diameter}, bore {bore_diameter}, eccentricity {offset} | "
            "@a @N with {offset} throw, {diameter} diameter, {bore_diameter} shaft hole | "
            "@a @N of {diameter}, {thickness} thick, {offset} eccentric | "
            "@a @N of radius {radius} with @a {bore_diameter} bore {offset} off the middle",
            "@a @N lifting twice {offset}, {diameter} over all | "
            "@a {diameter} wide @N swinging {offset} about its bore",
        ),
        purposes=pools("to lift a lever | to clamp a board | to drive a pump", "to rock a follower"),
    ),
)
