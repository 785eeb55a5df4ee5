"""Small turned things of the house and of play: buttons, pawns, spinning tops, dumbbells, pendants."""

from __future__ import annotations

import math

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.families.balls import sphere
from corpus.synth.families.forms import by_span
from corpus.synth.families.turning import (
    DrawnT,
    Hollow,
    d_or_r,
    put_round,
    radius,
    revolve_or_stack,
    round_measures,
    round_of,
    rounds,
    straight,
    taper,
    turned,
)
from corpus.synth.num import literal
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import at, block, indent, tidied
from corpus.synth.words import Measure, pools

__all__ = ["ORNAMENT_FAMILIES"]


def _draw_button(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    diameter = draw.size(9, 45)
    put_round(draw, values, "", diameter)
    values["thickness"] = draw.size(1.5, 5)
    values["holes"] = draw.choice((2.0, 4.0, 4.0))
    values["hole_width"] = draw.size(1, max(1.2, diameter * 0.12))
    values["hole_circle"] = draw.size(diameter * 0.22, diameter * 0.4)
    if draw.chance(0.5):
        values["rim"], values["recess"] = (
            draw.size(1, max(1.2, diameter * 0.12)),
            draw.size(0.4, values["thickness"] * 0.5),
        )
    return values, {"build": draw.choice(("loop", "angle"))}


def _button(v: Values, options: Options, n_facets: int) -> Body:
    d, t, n, hole, ring = round_of(v), v["thickness"], v["holes"], v["hole_width"], v["hole_circle"]
    count = round(n.value)
    if not 2 <= count <= 8 or abs(n.value - count) > 1e-6:
        raise Infeasible("holes")
    if ring.value * math.sin(math.pi / count) < hole.value + 0.6:
        raise Infeasible("holes that meet")
    deep, hollow, room = t.value, None, d.value
    if "rim" in v:
        inner, recess = tidied(d - 2 * v["rim"]), v["recess"]
        hollow = Hollow((straight(inner, recess),), below=tidied(t - recess))
        deep, room = t.value - recess.value, inner.value
    if ring.value + hole.value > room - 0.8:
        raise Infeasible("holes at the edge")
    body = turned((straight(d, t),), {}, n_facets, hollow=hollow)
    drill = rounds(hole, hole, t + 2)
    head = f"for (a = [0:360 / {n}:359])\n  rotate([0, 0, a])\n"
    if options["build"] == "loop":
        head = f"for (i = [0:{n} - 1])\n  rotate([0, 0, i * 360 / {n}])\n"
    cut = head + f"    translate([{ring / 2}, 0, -1])\n" + indent(drill, 3)
    volume = body.volume - count * geometry.circle_area(hole.value, n_facets) * deep
    return Body(body.solid, body.size, volume, cuts=(*body.cuts, cut), genus=count)


def _draw_pawn(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    base = draw.size(14, 45)
    put_round(draw, values, "base", base)
    values["base_height"] = draw.size(2, base * 0.3)
    values["shoulder_diameter"] = draw.size(base * 0.6, base * 0.85)
    values["body_height"] = draw.size(base * 0.7, base * 1.4)
    neck = values["neck_diameter"] = draw.size(base * 0.35, base * 0.55)
    if draw.chance(0.6):
        values["collar_diameter"], values["collar_height"] = (
            draw.size(neck * 1.2, neck * 1.8),
            draw.size(1, base * 0.12),
        )
    put_round(draw, values, "head", draw.size(neck * 1.15, neck * 1.6))
    return values, revolve_or_stack(draw)


def _pawn(v: Values, options: Options, n_facets: int) -> Body:
    base, shoulder, neck, head = round_of(v, "base"), v["shoulder_diameter"], v["neck_diameter"], round_of(v, "head")
    if not neck.value < shoulder.value < base.value or head.value * 0.61 > neck.value:
        raise Infeasible("neck")
    sections = [straight(base, v["base_height"]), taper(shoulder, neck, v["body_height"])]
    top = v["base_height"] + v["body_height"]
    if "collar_diameter" in v:
        sections.append(straight(v["collar_diameter"], v["collar_height"]))
        top = top + v["collar_height"]
        if v["collar_diameter"].value < neck.value + 0.5:
            raise Infeasible("collar")
    # the ball's middle is 0.4 diameters up: where it meets the neck it is 0.6 diameters wide
    centre = top + literal(0.4) * head
    ball = [(r, z + 0.4 * head.value) for r, z in geometry.sphere_profile(head.value, n_facets)]
    body = turned(sections, options, n_facets)
    volume = body.volume + geometry.turned_volume(geometry.clip_above(ball, 1, 0.0), n_facets)
    width = max(body.size[0], 2 * max(r for r, _ in ball))
    size = (width, width, top.value + max(z for _, z in ball))
    return Body(f"{body.solid}\n{at(0, 0, centre, sphere(head))}", size, volume)


def _draw_top(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    body = draw.size(20, 60)
    put_round(draw, values, "body", body)
    values["tip_height"], values["rim_height"] = draw.size(body * 0.25, body * 0.6), draw.size(2, 10)
    values["stem_diameter"], values["stem_height"] = draw.size(3, max(3.5, body * 0.2)), draw.size(8, 30)
    if draw.chance(0.6):
        values["tip_diameter"] = draw.size(1, 3)
    if draw.chance(0.5):
        values["shoulder_height"] = draw.size(2, body * 0.3)
    return values, {"build": "revolve"}


def _top(v: Values, options: Options, n_facets: int) -> Body:
    body, stem = round_of(v, "body"), v["stem_diameter"]
    if stem.value > body.value - 4:
        raise Infeasible("stem")
    tip = v.get("tip_diameter", literal(0))
    sections = [taper(tip, body, v["tip_height"]), straight(body, v["rim_height"])]
    if "shoulder_height" in v:
        sections.append(taper(body, stem, v["shoulder_height"]))
    sections.append(straight(stem, v["stem_height"]))
    return turned(sections, options, n_facets)


def _draw_dumbbell(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    weight = draw.size(14, 80)
    put_round(draw, values, "weight", weight)
    values["weight_length"] = draw.size(6, 50)
    put_round(draw, values, "bar", draw.size(weight * 0.2, weight * 0.5))
    values["bar_length"] = draw.size(15, 120)
    return values, {**revolve_or_stack(draw), "pose": draw.choice(("upright", "lying"))}


def _dumbbell(v: Values, options: Options, n_facets: int) -> Body:
    weight, bar = straight(round_of(v, "weight"), v["weight_length"]), straight(round_of(v, "bar"), v["bar_length"])
    if bar.top.value > weight.top.value - 1:
        raise Infeasible("bar as thick as the weights")
    body = turned((weight, bar, weight), options, n_facets)
    if options["pose"] == "upright":
        return body
    return Body(block("rotate([0, 90, 0])", [body.solid]), (body.size[2], body.size[1], body.size[0]), body.volume)


def _draw_pendant(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    diameter = draw.size(15, 70)
    put_round(draw, values, "", diameter)
    values["thickness"] = draw.size(1.5, 5)
    values["loop_diameter"] = draw.size(5, max(5.5, diameter * 0.3))
    values["loop_hole"] = draw.size(2, max(2.5, values["loop_diameter"] * 0.55))
    if draw.chance(0.4):
        values["rim"], values["recess"] = draw.size(1, 4), draw.size(0.4, values["thickness"] * 0.5)
    return values, {"build": draw.choice(("cylinders", "extrude")) if "rim" not in values else "cylinders"}


def _pendant(v: Values, options: Options, n_facets: int) -> Body:
    d, t, loop, hole = round_of(v), v["thickness"], v["loop_diameter"], v["loop_hole"]
    # the loop's middle lies on the edge of the disc less a quarter of the hole's room
    if hole.value > loop.value - 1.6 or loop.value > d.value * 0.6:
        raise Infeasible("loop")
    middle = tidied(radius(d) + hole / 2)
    scale = geometry.circle_area(1, n_facets) * 4 / math.pi
    lens = geometry.lens_area(d.value, loop.value, middle.value) * scale
    disc, area = geometry.circle_area(d.value, n_facets), geometry.circle_area(loop.value, n_facets)
    # the hole just touches the disc's edge from outside and stays in the loop
    bite = geometry.lens_area(d.value, hole.value, d.value / 2 + hole.value / 2 - 1e-9) * scale
    flat = disc + area - lens - geometry.circle_area(hole.value, n_facets) + bite
    volume = flat * t.value
    size = (d.value, d.value / 2 + middle.value + loop.value / 2, t.value)
    cuts: list[str] = []
    if options["build"] == "extrude":
        union = block("union()", [f"circle({d_or_r(d)});", f"translate([0, {middle}])\n  circle(d = {loop});"])
        shape = block("difference()", [union, f"translate([0, {middle}])\n  circle(d = {hole});"])
        return Body(f"linear_extrude(height = {t})\n" + indent(shape), size, volume, genus=1)
    if "rim" in v:
        inner, recess = tidied(d - 2 * v["rim"]), v["recess"]
        if inner.value < 5 or recess.value > t.value - 0.6:
            raise Infeasible("recess")
        if middle.value - loop.value / 2 < inner.value / 2 + 0.2:
            raise Infeasible("loop over the recess")
        volume -= geometry.circle_area(inner.value, n_facets) * recess.value
        cuts.append(at(0, 0, t - recess, rounds(inner, inner, recess + 1)))
    solid = f"{rounds(d, d, t)}\n{at(0, middle, 0, rounds(loop, loop, t))}"
    cuts.append(at(0, middle, -1, rounds(hole, hole, t + 2)))
    return Body(solid, size, volume, cuts=tuple(cuts), genus=1)


ORNAMENT_FAMILIES = (
    Family(
        "button",
        "button",
        pools(
            "button | shirt button | coat button | sewing button | round button with holes",
            "garment fastener | sew-on disc",
        ),
        {
            **round_measures("", "", ("in diameter", "across"), low=6, high=80),
            "thickness": Measure(("thickness",), ("thick",), 1, 10),
            "holes": Measure(("number of holes", "holes"), (), 2, 6, kind="count"),
            "hole_width": Measure(("hole diameter", "thread hole"), (), 0.8, 8),
            "hole_circle": Measure(("hole circle diameter", "distance across the holes"), (), 2, 40),
            "rim": Measure(("rim width",), (), 0.6, 8),
            "recess": Measure(("recess depth",), (), 0.3, 5),
        },
        _draw_button,
        _button,
        pools(
            "@a {diameter} @N with {holes#} holes | @a {holes#} hole @N, {diameter} across and {thickness} thick | "
            "@a @N {diameter} in diameter, {thickness} thick, {holes#} holes of {hole_width} | "
            "@a {thickness} thick @N with {holes#} holes | @a @N, diameter {diameter}, {holes#} thread holes | "
            "@a @N of radius {radius} with {holes#} holes of {hole_width}",
            "@a @N spanning {diameter}, pierced {holes#} times | @a {diameter} wide @N pierced {holes#} times",
        ),
        purposes=pools("to sew on a shirt | to close a coat | to decorate a cushion", "to fasten a cardigan"),
        weight=1.5,
    ),
    Family(
        "pawn",
        "pawn",
        pools(
            "pawn | chess pawn | game piece | playing piece | game token | board game pawn | finial with a ball",
            "skittle-like counter | man for a board game",
        ),
        {
            **round_measures("base", "base", low=8, high=90),
            "base_height": Measure(("base height",), (), 1, 30),
            "shoulder_diameter": Measure(("lower body diameter", "shoulder diameter"), (), 5, 80),
            "body_height": Measure(("body height",), (), 5, 120),
            "neck_diameter": Measure(("neck diameter",), (), 3, 60),
            "collar_diameter": Measure(("collar diameter",), (), 4, 80),
            "collar_height": Measure(("collar thickness",), (), 0.6, 12),
            **round_measures("head", "head", low=3, high=70),
        },
        _draw_pawn,
        _pawn,
        pools(
            "@a @N with @a {base_diameter} base, @a {body_height} body and @a {head_diameter} head | "
            "@a @N, base {base_diameter} x {base_height}, neck {neck_diameter}, ball {head_diameter} | "
            "@a @N on @a {base_diameter} foot with @a round head of {head_diameter} | "
            "@a {base_diameter} wide @N, body {body_height} tall tapering to {neck_diameter} | "
            "@a @N: foot {base_diameter}, neck {neck_diameter}, head {head_diameter} | "
            "@a @N with @a {head_diameter} ball on @a {neck_diameter} neck",
            "@a @N standing on {base_diameter}, crowned by @a {head_diameter} orb | @a {head_diameter} headed @N",
        ),
        purposes=pools("to play chess | to mark a place on a board | to play ludo", "to count turns in a game"),
    ),
    Family(
        "spinning_top",
        "spinning top",
        pools("spinning top | toy top | top | whirligig top | gyro top", "dreidel-like spinner | twirling toy"),
        {
            **round_measures("body", "body | ", low=10, high=120),
            "tip_height": Measure(("height of the cone", "cone height"), (), 3, 60),
            "rim_height": Measure(("rim height",), (), 1, 25),
            "stem_diameter": Measure(("stem diameter",), (), 1.5, 25),
            "stem_height": Measure(("stem height", "stem length"), (), 3, 60),
            "tip_diameter": Measure(("tip diameter",), (), 0.6, 8),
            "shoulder_height": Measure(("shoulder height",), (), 1, 40),
        },
        _draw_top,
        _top,
        pools(
            "@a {body_diameter} @N with @a {tip_height} cone and @a {stem_diameter} stem {stem_height} long | "
            "@a @N {body_diameter} across, stem {stem_diameter} x {stem_height} | "
            "@a @N, body {body_diameter}, cone {tip_height}, rim {rim_height}, stem {stem_height} | "
            "@a @N with @a {stem_height} stem and @a {body_diameter} body | "
            "@a {body_diameter} wide @N on @a {tip_height} tall point | @a @N of body radius {body_radius}",
            "@a @N twirled by @a {stem_diameter} shaft, {body_diameter} over all | "
            "@a {body_diameter} @N, point {tip_height}",
        ),
        purposes=pools("to spin on a table | to give to a child | to show how a gyroscope works", "to play with"),
        is_held_out=True,
    ),
    Family(
        "dumbbell",
        "dumbbell",
        pools("dumbbell | barbell | toy dumbbell | dumbbell shape | weight bar", "hand weight | bone-shaped spindle"),
        {
            **round_measures("weight", "weight | end", low=6, high=150),
            "weight_length": Measure(("length of each weight", "weight length"), (), 2, 120),
            **round_measures("bar", "bar | handle", low=2, high=80),
            "bar_length": Measure(("bar length", "handle length"), (), 5, 250),
        },
        _draw_dumbbell,
        _dumbbell,
        pools(
            "@a @N with {weight_diameter} ends {weight_length} long and @a {bar_diameter} bar {bar_length} long | "
            "@a @N, weights {weight_diameter} x {weight_length}, bar {bar_diameter} x {bar_length} | "
            "@a @N with @a {bar_length} long handle {bar_diameter} thick | "
            "@a @N: {bar_length} bar of {bar_diameter} between {weight_diameter} weights | "
            "@a {weight_diameter} @N, each end {weight_length}, handle {bar_length} | "
            "@a @N with {weight_diameter} wide ends and @a {bar_diameter} handle",
            "@a @N gripping {bar_length}, ends {weight_diameter} over all | "
            "@a {bar_length} @N capped by {weight_diameter}",
        ),
        purposes=pools("to give to a doll | to train the wrist | to put on a trophy", "to play gym with a toy"),
    ),
    Family(
        "pendant",
        "pendant",
        pools(
            "pendant | round pendant | medal with a loop | round tag with an eye | medallion | dog tag",
            "charm | hanging token",
        ),
        {
            **round_measures("", "", ("in diameter", "across"), low=10, high=120),
            "thickness": Measure(("thickness",), ("thick",), 1, 12),
            "loop_diameter": Measure(("loop diameter", "eye diameter"), (), 3, 40),
            "loop_hole": Measure(("loop hole diameter", "hole in the loop"), (), 1, 30),
            "rim": Measure(("rim width",), (), 0.6, 10),
            "recess": Measure(("recess depth",), (), 0.3, 6),
        },
        _draw_pendant,
        _pendant,
        by_span(along="thickness", how="thick"),
        purposes=pools("to hang on a chain | to mark a key | to give as a prize", "to wear on a necklace"),
    ),
)
