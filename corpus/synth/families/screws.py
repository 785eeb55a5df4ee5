"""Screws with round heads: socket head screws, thumb screws."""

from __future__ import annotations

import math

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.families.turning import (
    DrawnT,
    flipped,
    put_round,
    radius,
    revolve_or_stack,
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

__all__ = ["SCREW_FAMILIES", "fluted", "reach"]

_LENGTH = Measure(("length", "shank length", "length under the head"), ("long",), 3, 200)
_HEAD_HEIGHT = Measure(("head height",), (), 1, 30)


def _draw_cap_screw(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    shank = draw.size(3, 20)
    put_round(draw, values, "shank", shank)
    values["length"] = draw.size(shank * 1.5, shank * 6)
    head = draw.size(shank * 1.5, shank * 1.9 + 1)
    put_round(draw, values, "head", head)
    values["head_height"] = draw.size(max(2, shank * 0.8), shank * 1.2 + 1)
    values["socket"] = draw.size(max(1.5, shank * 0.5), shank * 0.9)
    values["socket_depth"] = draw.size(1, values["head_height"] * 0.65)
    return values, {**revolve_or_stack(draw), "pose": draw.choice(("head_down", "head_up"))}


def _cap_screw(v: Values, options: Options, n_facets: int) -> Body:
    d, head, height, socket = round_of(v, "shank"), round_of(v, "head"), v["head_height"], v["socket"]
    depth, is_up = v["socket_depth"], options["pose"] == "head_up"
    if (
        socket.value * 2 / math.sqrt(3) > head.value - 1
        or depth.value > height.value - 0.5
        or d.value > head.value - 0.5
    ):
        raise Infeasible("socket")
    sections = (straight(head, height), straight(d, v["length"]))
    body = turned(flipped(sections)[0] if is_up else sections, options, n_facets)
    low = tidied(v["length"] + height - depth) if is_up else literal(-1)
    cut = at(0, 0, low, f"cylinder(d = {socket} / cos(30), h = {depth + 1}, $fn = 6);")
    volume = body.volume - geometry.hexagon_area(socket.value) * depth.value
    return Body(body.solid, body.size, volume, cuts=(cut,))


def _draw_thumb(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    shank = draw.size(3, 12)
    put_round(draw, values, "shank", shank)
    values["length"] = draw.size(5, 50)
    head = draw.size(shank * 2 + 4, shank * 4 + 8)
    put_round(draw, values, "head", head)
    values["head_height"] = draw.size(3, 14)
    values["grooves"] = draw.choice((8.0, 12.0, 16.0, 20.0, 24.0))
    values["groove_diameter"] = draw.size(1, max(1.2, min(4, head * 2 / values["grooves"])))
    return values, {"pose": draw.choice(("head_down", "head_up")), "loop": draw.choice(("count", "angle"))}


def fluted(outer: Num, groove: Num, n: Num, n_facets: int) -> float:
    """Area that half-round grooves take off a round edge. Raises Infeasible where they meet."""
    count = round(n.value)
    if not 3 <= count <= 60 or abs(count - n.value) > 1e-6:
        raise Infeasible("grooves")
    if groove.value * 1.15 > math.pi * outer.value / count or groove.value > outer.value * 0.6:
        raise Infeasible("grooves that meet")
    scale = geometry.circle_area(1, n_facets) / (math.pi / 4)
    return count * geometry.lens_area(outer.value, groove.value, outer.value / 2) * scale


def around(n: Num, options: Options, radius_text: str, text: str) -> str:
    """A shape repeated around the axis."""
    if options["loop"] == "angle":
        head = f"for (a = [0:360 / {n}:359])\n  rotate([0, 0, a])\n"
    else:
        head = f"for (i = [0:{n} - 1])\n  rotate([0, 0, 360 * i / {n}])\n"
    return head + f"    translate([{radius_text}, 0, -1])\n" + indent(text, 3)


def _thumb(v: Values, options: Options, n_facets: int) -> Body:
    d, head, height, groove, n = (
        round_of(v, "shank"),
        round_of(v, "head"),
        v["head_height"],
        v["groove_diameter"],
        v["grooves"],
    )
    if d.value > head.value - groove.value - 1:
        raise Infeasible("head")
    off = fluted(head, groove, n, n_facets)
    sections = (straight(head, height), straight(d, v["length"]))
    is_up = options["pose"] == "head_up"
    base = turned(sections, {}, n_facets)
    cut = around(n, options, radius(head).text, rounds(groove, groove, height + 2))
    knob = block("difference()", [rounds(head, head, height), cut])
    volume = base.volume - off * height.value
    total = v["length"] + height
    solid = f"{at(0, 0, v['length'], knob) if is_up else knob}\n{rounds(d, d, v['length'] + 1 if is_up else total)}"
    wide = reach(head.value, groove.value, round(n.value), n_facets)
    return Body(solid, (*wide, total.value), volume)


def reach(outer: float, groove: float, n: int, n_facets: int) -> tuple[float, float]:
    """Extent along x and y of a round edge with a groove at every 360 / n degrees, one of them on the x axis."""
    half = 2 * math.asin(min(1.0, groove / 2 / outer))  # a groove's edge, seen from the middle
    middles = [2 * math.pi * i / n for i in range(n)]
    facet = 2 * math.pi / n_facets
    corners = [
        (outer / 2, a)
        for a in (facet * i for i in range(n_facets))
        if all(abs((a - m + math.pi) % (2 * math.pi) - math.pi) >= half for m in middles)
    ]
    for edge in (m + side * half for m in middles for side in (-1, 1)):
        corners.append((outer / 2 * math.cos(facet / 2) / math.cos(edge % facet - facet / 2), edge))
    xs, ys = [r * math.cos(a) for r, a in corners], [r * math.sin(a) for r, a in corners]
    return max(xs) - min(xs), max(ys) - min(ys)


SCREW_FAMILIES = (
    Family(
        "cap_screw",
        "socket head cap screw",
        pools(
            "socket head screw | cap screw | socket cap screw | Allen screw | Allen bolt | hex socket screw",
            "hex-key bolt | recessed-drive pin",
        ),
        {
            **round_measures("shank", "shank | screw", low=2, high=40),
            "length": _LENGTH,
            **round_measures("head", "head", low=3, high=80),
            "head_height": _HEAD_HEIGHT,
            "socket": Measure(("socket size", "Allen key size"), (), 1, 30),
            "socket_depth": Measure(("socket depth",), (), 0.6, 20),
        },
        _draw_cap_screw,
        _cap_screw,
        pools(
            "@a {shank_diameter} @N {length} long, head {head_diameter} x {head_height}, socket {socket} | "
            "@a {shank_diameter} x {length} @N with @a {head_diameter} head and @a {socket} hex socket | "
            "@a @N, shank {shank_diameter}, length {length}, head {head_diameter} by {head_height} | "
            "@a {length} long @N of {shank_diameter} for @a {socket} key | "
            "@a @N with @a {shank_diameter} shank {length} long, {head_diameter} head {head_height} tall | "
            "@a @N {shank_diameter} by {length}, {socket} socket {socket_depth} deep",
            "@a @N {length} below its head, {shank_diameter} thick, driven by @a {socket} key | "
            "@a {shank_diameter} thick @N reaching {length} under @a {head_diameter} head",
        ),
        purposes=pools("to bolt a motor on | to close a case | to clamp a plate", "to fix a cover flush"),
    ),
    Family(
        "thumb_screw",
        "thumb screw",
        pools(
            "thumb screw | thumbscrew | finger screw with a grooved head | knurled head screw | hand screw | "
            "finger bolt",
            "fingertip bolt | grip-headed pin",
        ),
        {
            **round_measures("shank", "shank", low=2, high=30),
            "length": _LENGTH,
            **round_measures("head", "head", low=6, high=80),
            "head_height": _HEAD_HEIGHT,
            "grooves": Measure(("number of grooves", "grooves"), (), 6, 36, kind="count"),
            "groove_diameter": Measure(("groove diameter", "groove width"), (), 0.6, 10),
        },
        _draw_thumb,
        _thumb,
        pools(
            "@a @N with @a {head_diameter} head, {shank_diameter} shank {length} long and {grooves#} grooves | "
            "@a {shank_diameter} x {length} @N, head {head_diameter} by {head_height}, {grooves#} grooves | "
            "@a @N, head {head_diameter} x {head_height}, shank {shank_diameter} x {length} | "
            "@a {length} long @N of {shank_diameter}, @a {head_diameter} head with {grooves#} grooves | "
            "@a @N: {grooves#} grooves of {groove_diameter} around @a {head_diameter} head, {shank_diameter} shank | "
            "@a {head_diameter} head @N, {head_height} thick, on @a {shank_diameter} shank of {length}",
            "@a @N turning on @a {shank_diameter} pin {length} long, head {head_diameter} over all | "
            "@a @N gripped by {grooves#} flutes on @a {head_diameter} head",
        ),
        purposes=pools("to clamp by hand | to adjust a stop | to close a battery door", "to tighten without tools"),
    ),
)
