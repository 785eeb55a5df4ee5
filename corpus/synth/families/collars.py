"""Collars and couplings: rings on a shaft, held by set screws."""

from __future__ import annotations

import math

from corpus.synth.draw import Draw, Infeasible
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
    turned,
)
from corpus.synth.num import Num
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import at, block, indent, tidied
from corpus.synth.words import Measure, pools

__all__ = ["COLLAR_FAMILIES", "radial_hole_volume"]

_CHAMFER = Measure(("chamfer", "edge chamfer"), (), 0.3, 5)
_LENGTH = Measure(("length", "overall length"), ("long",), 5, 300)


def radial_hole_volume(hole: float, outer: float, inner: float) -> float:
    """Of a round hole across one wall of a tube, from the inner to the outer circle."""
    n, total = 200, 0.0
    for i in range(n):
        y = hole / 2 * (2 * (i + 0.5) / n - 1)
        chord = 2 * math.sqrt(hole * hole / 4 - y * y)
        inside = math.sqrt(max(0.0, inner * inner / 4 - y * y))
        total += chord * (math.sqrt(outer * outer / 4 - y * y) - inside) * hole / n
    return total


def _draw_collar(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    bore = draw.size(3, 40)
    outer = draw.size(bore * 1.6 + 3, bore * 2.5 + 6)
    put_round(draw, values, "outer", outer)
    put_round(draw, values, "bore", bore)
    values["width"] = draw.size(5, max(8, outer * 0.6))
    values["screw_diameter"] = draw.size(1.5, min(bore * 0.8, values["width"] * 0.6, 8))
    if draw.chance(0.3):
        values["chamfer"] = draw.size(0.3, min(1.5, values["width"] / 6))
    return values, {**revolve_or_stack(draw), "pose": draw.choice(("flat", "centered"))}


def _collar(v: Values, options: Options, n_facets: int) -> Body:
    d, bore, w, screw = round_of(v, "outer"), round_of(v, "bore"), v["width"], v["screw_diameter"]
    if screw.value > min(bore.value * 0.85, w.value * 0.75):
        raise Infeasible("set screw too large")
    if "chamfer" in v and screw.value + 2 * v["chamfer"].value > w.value - 0.4:
        raise Infeasible("set screw meets the chamfer")
    tube = turned(chamfered(d, w, v), options, n_facets, hollow=Hollow((straight(bore, w),)))
    drill = f"rotate([0, 90, 0])\n  cylinder(d = {screw}, h = {tidied(radius(d) + 1)});"
    cuts = (*tube.cuts, at(0, 0, w / 2, drill))
    volume = tube.volume - radial_hole_volume(screw.value, d.value, bore.value)
    return _posed(Body(tube.solid, tube.size, volume, cuts=cuts, genus=2), w, options)


def _posed(body: Body, height: Num, options: Options) -> Body:
    if options["pose"] == "flat":
        return body
    moved = [block(f"translate([0, 0, {-height / 2}])", [text]) for text in (body.solid, *body.cuts)]
    return Body(moved[0], body.size, body.volume, cuts=tuple(moved[1:]), genus=body.genus)


def _draw_coupling(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    bore = draw.size(3, 20)
    outer = draw.size(bore * 1.7 + 4, bore * 2.4 + 8)
    put_round(draw, values, "outer", outer)
    values["length"] = draw.size(16, max(24, outer * 1.6))
    if draw.chance(0.6):
        values["bore_a"], values["bore_b"] = bore, draw.size(bore * 0.6, bore)
    else:
        values["bore"] = bore
    least = min(values.get("bore_b", bore), bore)
    values["screw_diameter"] = draw.size(1.5, min(least * 0.8, 6))
    values["screw_inset"] = draw.size(values["screw_diameter"] + 1, values["length"] * 0.3)
    return values, revolve_or_stack(draw)


def _coupling(v: Values, options: Options, n_facets: int) -> Body:
    d, length, screw, inset = round_of(v, "outer"), v["length"], v["screw_diameter"], v["screw_inset"]
    lower, upper = v.get("bore_a", v.get("bore")), v.get("bore_b", v.get("bore"))
    if lower is None or upper is None:
        raise Infeasible("no bore")
    least = min(lower.value, upper.value)
    if screw.value > least * 0.85 or inset.value + screw.value / 2 > length.value / 2 - 0.5:
        raise Infeasible("set screws too large")
    if inset.value < screw.value / 2 + 0.5:
        raise Infeasible("set screws too near the ends")
    is_one = lower.text == upper.text or lower.value == upper.value
    inside = (straight(lower, length),) if is_one else (straight(lower, length / 2), straight(upper, length / 2))
    tube = turned((straight(d, length),), options, n_facets, hollow=Hollow(inside))
    drill = f"rotate([0, 90, 0])\n  cylinder(d = {screw}, h = {tidied(radius(d) + 1)});"
    cut = f"for (z = [{inset}, {length - inset}])\n  translate([0, 0, z])\n" + indent(drill, 2)
    volume = tube.volume - sum(radial_hole_volume(screw.value, d.value, b.value) for b in (lower, upper))
    return Body(tube.solid, tube.size, volume, cuts=(*tube.cuts, cut), genus=3)


COLLAR_FAMILIES = (
    Family(
        "shaft_collar",
        "shaft collar",
        pools(
            "shaft collar | locking collar | set screw collar | stop collar | shaft stop ring",
            "adjusting ring | clamping stop",
        ),
        {
            **round_measures("outer", "outer | outside", low=6, high=120),
            **round_measures("bore", "bore | shaft", low=2, high=80),
            "width": Measure(("width", "thickness"), ("wide", "thick"), 4, 60),
            "screw_diameter": Measure(("set screw hole", "set screw diameter"), (), 1, 10, is_screw=True),
            "chamfer": _CHAMFER,
        },
        _draw_collar,
        _collar,
        pools(
            "@a @N for @a {bore_diameter} shaft, {outer_diameter} across, {width} wide, with @a "
            "{screw_diameter} set screw | "
            "@a @N, bore {bore_diameter}, OD {outer_diameter}, width {width}, set screw hole {screw_diameter} | "
            "@a {width} wide @N, {outer_diameter} outside, {bore_diameter} inside, {screw_diameter} set screw hole | "
            "@a {bore_diameter} @N {outer_diameter} in diameter, {width} thick, tapped {screw_diameter} from "
            "the side | "
            "@a @N with a radial {screw_diameter} hole, {bore_diameter} bore, {outer_diameter} OD, {width} wide | "
            "@a @N to fit {bore_diameter} bar: {outer_diameter} OD, {width} wide, {screw_diameter} grub screw",
            "@a {outer_diameter} @N gripping @a {bore_diameter} shaft, {width} wide, {screw_diameter} side screw | "
            "@a @N, {width} broad, {bore_diameter} clear, {outer_diameter} over all, {screw_diameter} cross screw",
        ),
        purposes=pools(
            "to stop a shaft from sliding | to hold a wheel on its axle | to set a depth stop", "to fix a stop"
        ),
    ),
    Family(
        "coupling",
        "shaft coupling",
        pools(
            "shaft coupling | rigid coupling | coupler | motor coupling | shaft coupler with set screws",
            "shaft joiner | rigid connector sleeve",
        ),
        {
            **round_measures("outer", "outer | outside", low=8, high=80),
            "length": _LENGTH,
            "bore": Measure(("bore", "bore diameter"), (), 2, 40),
            "bore_a": Measure(("first bore", "bore at one end"), (), 2, 40),
            "bore_b": Measure(("second bore", "bore at the other end"), (), 2, 40),
            "screw_diameter": Measure(("set screw hole", "set screw diameter"), (), 1, 8, is_screw=True),
            "screw_inset": Measure(("set screw inset", "distance of the set screws from the ends"), (), 2, 40),
        },
        _draw_coupling,
        _coupling,
        pools(
            "@a @N {outer_diameter} in diameter and {length} long, bored {bore_a} and {bore_b} | "
            "@a @N from {bore_a} to {bore_b}, {outer_diameter} OD, {length} long | "
            "@a {length} long @N, OD {outer_diameter}, bore {bore} | "
            "@a @N {bore} to {bore}, {outer_diameter} x {length} | "
            "@a @N joining @a {bore_a} shaft to @a {bore_b} shaft, {outer_diameter} across, {length} long | "
            "@a {bore} bore @N, {outer_diameter} across, {length} long",
            "@a @N that takes {bore_a} at one end and {bore_b} at the other, {outer_diameter} thick, {length} "
            "in length | "
            "@a @N, {length} in length, {outer_diameter} thick, taking {bore} shafts",
        ),
        purposes=pools(
            "to join a motor to a lead screw | to connect two shafts | to extend a motor shaft", "to splice two shafts"
        ),
    ),
)
