"""Shafts: stepped, with a keyway, with a flat; rollers."""

from __future__ import annotations

from itertools import pairwise

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.families.forms import by_span
from corpus.synth.families.turning import (
    DrawnT,
    Hollow,
    d_or_r,
    put_round,
    radius,
    revolve_or_stack,
    round_face,
    round_measures,
    round_of,
    straight,
    turned,
)
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import block, indent, tidied
from corpus.synth.words import Measure, pools

__all__ = [
    "SHAFT_FAMILIES",
]

_LENGTH = Measure(("length", "overall length"), ("long",), 5, 300)


def _draw_stepped(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    diameter = draw.size(10, 60)
    n = draw.choice((2, 2, 3))
    for i in range(1, n + 1):
        values[f"diameter_{i}"] = diameter
        values[f"length_{i}"] = draw.size(4, 60)
        diameter = draw.size(max(3, diameter * 0.45), diameter * 0.85)
    if draw.chance(0.3):
        values["bore_diameter"] = draw.size(1.5, values[f"diameter_{n}"] * 0.6)
    return values, revolve_or_stack(draw)


def _stepped(v: Values, options: Options, n_facets: int) -> Body:
    n = 3 if "diameter_3" in v else 2
    sections = [straight(v[f"diameter_{i}"], v[f"length_{i}"]) for i in range(1, n + 1)]
    total = tidied(sum((s.height for s in sections[1:]), sections[0].height))
    if "bore_diameter" in v:
        return turned(sections, options, n_facets, hollow=Hollow((straight(v["bore_diameter"], total),)))
    face = round_face("end", sections[-1].top, total)
    is_narrower = all(a.top.value > b.top.value for a, b in pairwise(sections))
    return turned(sections, options, n_facets, faces=(face,) if is_narrower else ())


def _draw_keyed(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    diameter = draw.size(8, 50)
    put_round(draw, values, "", diameter)
    values["length"] = draw.size(diameter * 1.5, max(30, diameter * 5))
    values["key_width"] = draw.size(2, diameter * 0.32)
    values["key_depth"] = draw.size(1, diameter * 0.2)
    build = draw.choice(("extrude", "cut", "end"))
    if build == "end":
        values["key_length"] = draw.size(values["length"] * 0.2, values["length"] * 0.7)
    return values, {"build": build}


def _keyed(v: Values, options: Options, n_facets: int) -> Body:
    d, length, w, depth = round_of(v), v["length"], v["key_width"], v["key_depth"]
    if w.value > d.value * 0.5 or depth.value > d.value * 0.4:
        raise Infeasible("key too large")
    circle = geometry.circle_points(d.value, n_facets)
    strip = geometry.clip_above(circle, 1, d.value / 2 - depth.value)
    strip = geometry.clip_above(strip, 0, -w.value / 2)
    strip = [(-x, y) for x, y in geometry.clip_above([(-x, y) for x, y in strip], 0, -w.value / 2)]
    slot, run = geometry.polygon_area(strip), v.get("key_length", length)
    if run.value > length.value:
        raise Infeasible("keyway longer than the shaft")
    volume = geometry.circle_area(d.value, n_facets) * length.value - slot * run.value
    high = d.value if run.value < length.value else d.value / 2 + max(y for x, y in _beside(circle, w.value / 2))
    size = (d.value, high, length.value)
    corner = f"{-w / 2}, {tidied(radius(d) - depth)}"
    if options["build"] == "extrude":
        square = f"translate([{corner}])\n  square([{w}, {depth + 1}]);"
        outline = block("difference()", [f"circle({d_or_r(d)});", square])
        return Body(f"linear_extrude(height = {length})\n" + indent(outline), size, volume)
    z = length - run if "key_length" in v else -1
    high_cut = run + 1 if "key_length" in v else length + 2
    cut = f"translate([{corner}, {z}])\n  cube([{w}, {depth + 1}, {high_cut}]);"
    return Body(f"cylinder({d_or_r(d)}, h = {length});", size, volume, cuts=(cut,))


def _beside(circle: list[tuple[float, float]], x: float) -> list[tuple[float, float]]:
    """What is left of a circle to the right of x."""
    return geometry.clip_above(circle, 0, x)


def _draw_flatted(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    diameter = draw.size(3, 30)
    put_round(draw, values, "", diameter)
    values["length"] = draw.size(max(8, diameter), max(25, diameter * 6))
    if draw.chance(0.5):
        values["flat_depth"] = draw.size(0.3, diameter * 0.3)
    else:
        values["across_flat"] = draw.size(diameter * 0.68, diameter * 0.93)
    build = draw.choice(("extrude", "cut", "end"))
    if build == "end":
        values["flat_length"] = draw.size(values["length"] * 0.3, values["length"] * 0.8)
    return values, {"build": build}


def _flatted(v: Values, options: Options, n_facets: int) -> Body:
    d, length, r = round_of(v), v["length"], radius(round_of(v))
    edge = tidied(r - v["flat_depth"] if "flat_depth" in v else v["across_flat"] - r)
    if not 0.1 * d.value < edge.value < 0.48 * d.value:
        raise Infeasible("flat")
    circle = geometry.circle_points(d.value, n_facets)
    cap = geometry.polygon_area(geometry.clip_above(circle, 0, edge.value))
    run = v.get("flat_length", length)
    if run.value > length.value:
        raise Infeasible("flat longer than the shaft")
    volume = geometry.circle_area(d.value, n_facets) * length.value - cap * run.value
    wide = d.value if run.value < length.value else r.value + edge.value
    size = (wide, d.value, length.value)
    if options["build"] == "extrude":
        keep = f"translate([{-r}, {-r}])\n  square([{tidied(r + edge)}, {tidied(2 * r)}]);"
        outline = block("intersection()", [f"circle({d_or_r(d)});", keep])
        return Body(f"linear_extrude(height = {length})\n" + indent(outline), size, volume)
    is_part = "flat_length" in v
    z, high = (tidied(length - run), run + 1) if is_part else (-1, length + 2)
    cut = f"translate([{edge}, {-r}, {z}])\n  cube([{r}, {tidied(2 * r)}, {high}]);"
    return Body(f"cylinder({d_or_r(d)}, h = {length});", size, volume, cuts=(cut,))


def _draw_roller(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    diameter = draw.size(8, 60)
    put_round(draw, values, "roller", diameter)
    values["roller_length"] = draw.size(8, 120)
    put_round(draw, values, "pin", draw.size(2, diameter * 0.6))
    values["pin_length"] = draw.size(2, 25)
    return values, {**revolve_or_stack(draw), "pose": draw.choice(("upright", "lying"))}


def _roller(v: Values, options: Options, n_facets: int) -> Body:
    pin = straight(round_of(v, "pin"), v["pin_length"])
    d = round_of(v, "roller")
    if pin.top.value > d.value - 1:
        raise Infeasible("pins as thick as the roller")
    if options["build"] == "revolve":
        body = turned((pin, straight(d, v["roller_length"]), pin), options, n_facets)
        solid = body.solid
    else:
        body = turned((pin, straight(d, v["roller_length"]), pin), {"build": "revolve"}, n_facets)
        total = v["roller_length"] + 2 * v["pin_length"]
        solid = (
            f"cylinder({d_or_r(d)}, h = {v['roller_length']}, center = true);\n"
            f"cylinder({d_or_r(pin.top)}, h = {total}, center = true);"
        )
    if options["pose"] == "upright":
        return Body(solid, body.size, body.volume)
    return Body(block("rotate([0, 90, 0])", [solid]), (body.size[2], d.value, d.value), body.volume)


SHAFT_FAMILIES = (
    Family(
        "stepped_shaft",
        "stepped shaft",
        pools(
            "stepped shaft | shaft with steps | stepped pin | turned shaft | stepped spindle",
            "shouldered axle | graduated round bar",
        ),
        {
            "diameter_1": Measure(("first diameter", "bottom step diameter"), (), 3, 100),
            "length_1": Measure(("first step length", "bottom step length"), (), 2, 150),
            "diameter_2": Measure(("second diameter", "second step diameter"), (), 2, 100),
            "length_2": Measure(("second step length",), (), 2, 150),
            "diameter_3": Measure(("third diameter", "third step diameter"), (), 1, 100),
            "length_3": Measure(("third step length",), (), 2, 150),
            "bore_diameter": Measure(("bore", "bore diameter"), (), 1, 60),
        },
        _draw_stepped,
        _stepped,
        pools(
            "@a @N, {diameter_1} for {length_1}, then {diameter_2} for {length_2} | "
            "@a @N with steps {diameter_1} x {length_1} and {diameter_2} x {length_2} | "
            "@a @N, {diameter_1} diameter over {length_1} and {diameter_2} over {length_2} | "
            "@a @N, {diameter_1} for {length_1}, {diameter_2} for {length_2}, then {diameter_3} for {length_3} | "
            "@a @N with steps {diameter_1} x {length_1}, {diameter_2} x {length_2} and {diameter_3} x {length_3} | "
            "@a @N going from {diameter_1} ({length_1} long) to {diameter_2} ({length_2} long)",
            "@a @N that is {diameter_1} thick along {length_1} and {diameter_2} thick along {length_2} | "
            "@a @N, first {length_1} of {diameter_1}, next {length_2} of {diameter_2}, last {length_3} of {diameter_3}",
        ),
        purposes=pools("to carry a bearing | to hold a gear | to fit two bores", "to seat a wheel against a shoulder"),
        weight=1.5,
    ),
    Family(
        "keyed_shaft",
        "shaft with keyway",
        pools(
            "shaft with a keyway | keyed shaft | shaft with a key slot | drive shaft with a keyway | "
            "axle with a key slot",
            "slotted drive axle | arbor with a key seat",
        ),
        {
            **round_measures("", "shaft | ", ("in diameter",), low=4, high=80),
            "length": _LENGTH,
            "key_width": Measure(("keyway width", "key width"), (), 1, 20),
            "key_depth": Measure(("keyway depth", "key depth"), (), 0.5, 12),
            "key_length": Measure(("keyway length", "key length"), (), 3, 200),
        },
        _draw_keyed,
        _keyed,
        by_span(along="length", how="long"),
        purposes=pools("to drive a pulley | to turn a gear | to couple a motor", "to transmit torque to a hub"),
    ),
    Family(
        "d_shaft",
        "D-shaft",
        pools(
            "D-shaft | shaft with a flat | D-shaped shaft | round shaft with one flat side | motor shaft with a flat",
            "half-flatted axle | D-profile bar",
        ),
        {
            **round_measures("", "shaft | ", ("in diameter",), low=2, high=50),
            "length": _LENGTH,
            "flat_depth": Measure(("depth of the flat", "flat depth"), (), 0.2, 12),
            "across_flat": Measure(("width across the flat", "thickness across the flat"), (), 2, 45),
            "flat_length": Measure(("length of the flat", "flat length"), (), 2, 200),
        },
        _draw_flatted,
        _flatted,
        by_span(along="length", how="long"),
        purposes=pools("to turn a knob | to replace a potentiometer shaft | to drive a wheel", "to key a knob"),
    ),
    Family(
        "roller",
        "roller",
        pools(
            "roller | roller with axle pins | conveyor roller | guide roller | roller with a pin at each end",
            "idler roll | journaled drum",
        ),
        {
            **round_measures("roller", "roller | ", low=4, high=120),
            "roller_length": Measure(("roller length", "length of the roller"), (), 4, 250),
            **round_measures("pin", "pin | axle", low=1, high=60),
            "pin_length": Measure(("pin length", "length of each pin"), (), 1, 60),
        },
        _draw_roller,
        _roller,
        pools(
            "@a {roller_diameter} x {roller_length} @N with {pin_diameter} pins {pin_length} long | "
            "@a @N {roller_diameter} in diameter and {roller_length} long, pins {pin_diameter} x {pin_length} | "
            "@a @N, {roller_diameter} thick, {roller_length} long, {pin_length} long pins of {pin_diameter} | "
            "@a {roller_length} long @N, diameter {roller_diameter}, end pins {pin_diameter} by {pin_length} | "
            "@a @N of {roller_diameter} by {roller_length} whose pins are {pin_diameter} and stick out {pin_length} | "
            "@a @N of radius {roller_radius}, {roller_length} long, with {pin_diameter} pins {pin_length} long",
            "@a @N {roller_length} wide and {roller_diameter} thick on {pin_diameter} stubs of {pin_length} | "
            "@a {roller_diameter} @N, {roller_length} between {pin_diameter} stubs {pin_length} long",
        ),
        purposes=pools("to guide a belt | to carry boxes along | to press film flat", "to steer a web of paper"),
    ),
)
