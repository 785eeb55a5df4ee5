"""Pipe fittings: flanges, elbows, tees."""

from __future__ import annotations

import math

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.families.turning import (
    DrawnT,
    Hollow,
    d_or_r,
    put_round,
    radius,
    round_measures,
    round_of,
    rounds,
    straight,
    turned,
)
from corpus.synth.num import Num
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import at, block, indent, tidied
from corpus.synth.words import Measure, pools

__all__ = ["PIPE_FAMILIES"]

_WALL = Measure(("wall thickness", "wall"), (), 0.8, 12)
_OUTER = round_measures("outer", "outer | outside | pipe", low=5, high=150)


def _draw_flange(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    bore = draw.size(8, 60)
    flange = draw.size(bore * 1.8 + 16, bore * 2.4 + 30)
    put_round(draw, values, "flange", flange)
    values["thickness"] = draw.size(3, 12)
    put_round(draw, values, "bore", bore)
    values["bolts"] = draw.choice((3.0, 4.0, 4.0, 6.0, 8.0))
    values["bolt_diameter"] = draw.size(3, 9)
    values["bolt_circle"] = draw.size((bore + flange) / 2 - 3, (bore + flange) / 2 + 4)
    if draw.chance(0.5):
        values["neck_diameter"] = draw.size(bore + 4, bore + 8)
        values["neck_height"] = draw.size(5, 40)
    return values, {"loop": draw.choice(("count", "angle"))}


def _flange(v: Values, options: Options, n_facets: int) -> Body:
    d, t, bore, n = round_of(v, "flange"), v["thickness"], round_of(v, "bore"), v["bolts"]
    bolt, circle = v["bolt_diameter"], v["bolt_circle"]
    count = round(n.value)
    inner_edge = max(bore.value, v["neck_diameter"].value if "neck_diameter" in v else 0.0)
    if not 2 <= count <= 24 or abs(n.value - count) > 1e-6:
        raise Infeasible("bolts")
    if circle.value - bolt.value < inner_edge + 1.2 or circle.value + bolt.value > d.value - 1.6:
        raise Infeasible("bolt circle")
    if circle.value * math.sin(math.pi / count) < bolt.value + 1:
        raise Infeasible("bolts that meet")
    sections, total = [straight(d, t)], t
    if "neck_diameter" in v:
        total = t + v["neck_height"]
        sections.append(straight(v["neck_diameter"], v["neck_height"]))
    body = turned(sections, {}, n_facets, hollow=Hollow((straight(bore, total),)))
    step = f"360 / {n}"
    head = f"for (a = [0:{step}:359])\n  rotate([0, 0, a])\n"
    if options["loop"] == "count":
        head = f"for (i = [0:{n} - 1])\n  rotate([0, 0, i * {step}])\n"
    drill = head + f"    translate([{circle / 2}, 0, -1])\n" + indent(rounds(bolt, bolt, t + 2), 3)
    volume = body.volume - count * geometry.circle_area(bolt.value, n_facets) * t.value
    return Body(body.solid, body.size, volume, cuts=(*body.cuts, drill), genus=1 + count)


def _put_pipe(draw: Draw, values: dict[str, float], outer: float) -> None:
    put_round(draw, values, "outer", outer)
    wall = draw.size(1.5, max(2, outer * 0.15))
    if draw.chance(0.5):
        values["wall"] = wall
    else:
        put_round(draw, values, "inner", outer - 2 * wall)


def _pipe(v: Values) -> tuple[Num, Num]:
    outer = round_of(v, "outer")
    inner = tidied(outer - 2 * v["wall"]) if "wall" in v else round_of(v, "inner")
    if inner.value < 1 or outer.value < inner.value + 1:
        raise Infeasible("pipe wall")
    return outer, inner


def _draw_elbow(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    outer = draw.size(8, 60)
    _put_pipe(draw, values, outer)
    values["bend_radius"] = draw.size(outer * 0.8, outer * 2)
    if draw.chance(0.5):
        values["angle"] = draw.choice((30.0, 45.0, 60.0, 90.0, 90.0, 120.0, 135.0, 180.0))
    return values, {"pose": draw.choice(("flat", "raised"))}


def _elbow(v: Values, options: Options, n_facets: int) -> Body:
    (outer, inner), bend = _pipe(v), v["bend_radius"]
    angle = v["angle"].value if "angle" in v else 90.0
    if bend.value < outer.value / 2 + 0.5 or not 10 <= angle <= 180:
        raise Infeasible("bend")
    n = max(1, math.ceil(n_facets * angle / 360 - 1e-9))
    step = math.radians(angle) / n
    ring = geometry.circle_area(outer.value, n_facets) - geometry.circle_area(inner.value, n_facets)
    volume = n * math.sin(step) * ring * bend.value
    circles = [f"circle({d_or_r(d)});" for d in (outer, inner)]
    outline = f"translate([{bend}, 0])\n" + indent(block("difference()", circles))
    text = f"rotate_extrude(angle = {v.get('angle', 90)})\n" + indent(outline)
    solid = at(0, 0, radius(outer), text) if options["pose"] == "raised" else text
    near, far = bend.value - outer.value / 2, bend.value + outer.value / 2
    points = [(r * math.cos(i * step), r * math.sin(i * step)) for i in range(n + 1) for r in (near, far)]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return Body(solid, (max(xs) - min(xs), max(ys) - min(ys), outer.value), volume, genus=1)


def _draw_tee(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    outer = draw.size(8, 50)
    _put_pipe(draw, values, outer)
    values["length"] = draw.size(outer * 2, outer * 4)
    values["branch_length"] = draw.size(outer * 0.9, outer * 2)
    return values, {"pose": draw.choice(("lying", "upright"))}


def _tee(v: Values, options: Options, n_facets: int) -> Body:
    (outer, inner), length, branch = _pipe(v), v["length"], v["branch_length"]
    if branch.value < outer.value / 2 + 1 or length.value < outer.value + 2:
        raise Infeasible("branch")
    scale = geometry.circle_area(1, n_facets) * 4 / math.pi

    def crossed(d: float) -> float:
        # half of two crossing cylinders (Steinmetz: 16 r^3 / 3) is counted twice
        return scale * (math.pi * d * d / 4 * (length.value + branch.value) - 8 * (d / 2) ** 3 / 3)

    volume = crossed(outer.value) - crossed(inner.value)
    run = f"rotate([0, 90, 0])\n  cylinder({d_or_r(outer)}, h = {length}, center = true);"
    up = rounds(outer, outer, branch)
    bore = f"rotate([0, 90, 0])\n  cylinder({d_or_r(inner)}, h = {length + 2}, center = true);"
    bore_up = rounds(inner, inner, branch + 1)
    texts = [f"{run}\n{up}", bore, bore_up]
    size = (length.value, outer.value, branch.value + outer.value / 2)
    if options["pose"] == "lying":
        texts = [block("rotate([90, 0, 0])", [text]) for text in texts]
        size = (size[0], size[2], size[1])
    return Body(texts[0], size, volume, cuts=tuple(texts[1:]), genus=2)


PIPE_FAMILIES = (
    Family(
        "pipe_flange",
        "pipe flange",
        pools(
            "pipe flange | flange | round flange | bolted flange | flange with a bolt circle | mounting flange",
            "bolted collar plate | flanged ring",
        ),
        {
            **round_measures("flange", "flange | outer", low=20, high=250),
            "thickness": Measure(("thickness", "flange thickness"), ("thick",), 2, 30),
            **round_measures("bore", "bore | pipe", low=3, high=150),
            "bolts": Measure(("number of bolt holes", "bolt holes"), (), 3, 12, kind="count"),
            "bolt_diameter": Measure(("bolt hole diameter",), (), 2, 20, is_screw=True),
            "bolt_circle": Measure(("bolt circle diameter", "bolt circle"), (), 12, 220),
            "neck_diameter": Measure(("neck diameter",), (), 6, 170),
            "neck_height": Measure(("neck height",), (), 2, 80),
        },
        _draw_flange,
        _flange,
        pools(
            "@a {flange_diameter} @N with {bolts#} {bolt_diameter} holes on @a {bolt_circle} bolt circle | "
            "@a @N {flange_diameter} across, {thickness} thick, bore {bore_diameter}, {bolts#} bolt holes | "
            "@a @N for @a {bore_diameter} pipe, {bolts#} holes of {bolt_diameter} on {bolt_circle} | "
            "@a {thickness} thick @N, {flange_diameter} outside, {bore_diameter} bore | "
            "@a @N with @a {bore_diameter} bore and {bolts#} bolt holes, bolt circle {bolt_circle} | "
            "@a {flange_diameter} @N, {thickness} thick, with @a {neck_diameter} neck {neck_height} tall",
            "@a @N {flange_diameter} over all, drilled {bolts#} times at {bolt_circle} | "
            "@a {thickness} @N passing {bore_diameter}, {bolts#} bolts",
        ),
        purposes=pools(
            "to bolt a pipe to a tank | to mount a motor | to join two pipes", "to blank off a duct with bolts"
        ),
        weight=1.5,
    ),
    Family(
        "pipe_elbow",
        "pipe elbow",
        pools("pipe elbow | elbow | pipe bend | bent pipe | tube bend | curved tube", "swept corner pipe | duct knee"),
        {
            **_OUTER,
            **round_measures("inner", "inner | inside", low=2, high=140),
            "wall": _WALL,
            "bend_radius": Measure(("bend radius", "center line radius"), (), 4, 250),
            "angle": Measure(("bend angle", "angle"), (), 15, 180, kind="angle"),
        },
        _draw_elbow,
        _elbow,
        pools(
            "@a {outer_diameter} @N, wall {wall}, bend radius {bend_radius} | "
            "@a @N of {outer_diameter} pipe with {wall} walls, radius {bend_radius} | "
            "@a @N, outer diameter {outer_diameter}, inner diameter {inner_diameter}, bend radius {bend_radius} | "
            "@a {angle} @N of {outer_diameter} pipe, bend radius {bend_radius} | "
            "@a @N {outer_diameter} outside and {inner_diameter} inside on @a {bend_radius} radius | "
            "@a @N turning {angle}, {outer_diameter} OD, bend radius {bend_radius}",
            "@a @N sweeping around {bend_radius}, {outer_diameter} thick | "
            "@a {outer_diameter} @N curving at {bend_radius}",
        ),
        purposes=pools(
            "to turn a pipe around a corner | to bend an air duct | to route a cable", "to redirect a drain"
        ),
        weight=1.5,
    ),
    Family(
        "pipe_tee",
        "pipe tee",
        pools("pipe tee | T-fitting | tee | T-junction | tee connector | three-way pipe", "T-branch | side outlet"),
        {
            **_OUTER,
            **round_measures("inner", "inner | inside", low=2, high=140),
            "wall": _WALL,
            "length": Measure(("run length", "length"), ("long",), 12, 300),
            "branch_length": Measure(("branch length from the axis", "branch length"), (), 6, 150),
        },
        _draw_tee,
        _tee,
        pools(
            "@a {outer_diameter} @N, wall {wall}, run {length}, branch {branch_length} | "
            "@a @N of {outer_diameter} pipe with {wall} walls, {length} long | "
            "@a @N, outer diameter {outer_diameter}, inner diameter {inner_diameter}, length {length} | "
            "@a {length} long @N of {outer_diameter} pipe, branch {branch_length} | "
            "@a @N {outer_diameter} outside and {inner_diameter} inside, {length} long | "
            "@a @N with @a {length} run and @a {branch_length} branch of {outer_diameter} pipe",
            "@a @N running {length} with an arm of {branch_length} | @a {outer_diameter} @N, {length} through",
        ),
        purposes=pools("to split a water line | to branch an air hose | to join three pipes", "to tap a main line"),
        is_held_out=True,
    ),
)
