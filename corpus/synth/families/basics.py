"""Families of plain solids: block, cube with a hole, door stop, stairs."""

from __future__ import annotations

import math

from corpus.synth import geometry
from corpus.synth.draw import Draw
from corpus.synth.families.shapes import (
    NO_LINES,
    ORIGINS,
    ZERO,
    Drawn,
    I,
    Point,
    along_x,
    area_of,
    box,
    derive,
    ground,
    placed,
    polygon,
    require,
    row,
    slab,
    slab_area,
    tan_of,
    top_face,
)
from corpus.synth.families.terms import (
    CORNER_RADIUS,
    DEPTH,
    HEIGHT,
    LENGTH,
    WIDTH,
    angle,
    count,
    forms,
    length,
)
from corpus.synth.num import literal
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import at, cylinder
from corpus.synth.words import pools

__all__ = ["BASIC_FAMILIES"]


def _draw_block(draw: Draw) -> Drawn:
    size = draw.size(10, 120)
    values = {"width": size}
    if not draw.chance(0.2):  # else as wide as deep
        values["depth"] = draw.size(10, 120)
    values["height"] = draw.size(10, 100)
    options = {"origin": draw.choice(ORIGINS), "stand": draw.choice(("ground", "middle"))}
    if draw.chance(0.35):
        values["corner_radius"] = draw.size(1, min(size, values.get("depth", size)) / 4)
        options["stand"] = "ground"
    return values, options


def _block(v: Values, options: Options, n_facets: int) -> Body:
    w, h, r = v["width"], v["height"], v.get("corner_radius")
    d = v.get("depth", w)
    g = ground(options, w, d)
    bottom = -h / 2 if options["stand"] == "middle" else ZERO
    solid = slab(g.x, g.y, bottom, (w, d, h), r)
    if options["stand"] == "middle" and options["origin"] == "center":
        solid = f"cube([{w}, {d}, {h}], center = true);"
    top = top_face("top", (w, d, h), (g.mx, g.my), bottom=bottom, corner_radius=r.value if r else 0.0)
    return Body(solid, (w.value, d.value, h.value), slab_area(w, d, r, n_facets) * h.value, (top,))


def _draw_cube(draw: Draw) -> Drawn:
    side = draw.size(10, 80)
    values = {"edge_length": side}
    if draw.chance(0.5):
        values["bore_diameter"] = draw.size(3, side * 0.7)
    else:
        values["bore_width"] = draw.size(3, side * 0.7)
    if draw.chance(0.4):
        values["bore_depth"] = draw.size(side * 0.2, side * 0.85)
    return values, {"origin": draw.choice(("corner", "center", "middle"))}


def _bored_cube(v: Values, options: Options, n_facets: int) -> Body:
    """A cube with a round or square hole down its middle, through unless it has a depth."""
    a, across = v["edge_length"], v["bore_diameter"] if "bore_diameter" in v else v["bore_width"]
    require(across.value + 1 < a.value, "hole as wide as the cube")
    is_through = "bore_depth" not in v
    deep = v.get("bore_depth", a)
    require(is_through or deep.value + 0.8 < a.value, "hole through the bottom")
    g = ground({"origin": "corner" if options["origin"] == "corner" else "center"}, a, a)
    z = -a / 2 if options["origin"] == "middle" else ZERO
    solid = box(g.x, g.y, z, (a, a, a)) if options["origin"] != "middle" else f"cube({a}, center = true);"
    start, tall = (z - 1, a + 2) if is_through else (z + a - deep, deep + 1)
    if "bore_diameter" in v:
        cut, area = at(g.mx, g.my, start, cylinder(across, tall)), geometry.circle_area(across.value, n_facets)
    else:
        cut, area = box(g.mx - across / 2, g.my - across / 2, start, (across, across, tall)), across.value**2
    volume = a.value**3 - area * deep.value
    return Body(solid, (a.value, a.value, a.value), volume, (), (cut,), genus=1 if is_through else 0)


def _draw_wedge(draw: Draw) -> Drawn:
    values = {"length": draw.size(40, 200), "width": draw.size(20, 120)}
    if draw.chance(0.35):
        values["slope_angle"] = draw.angle(8, 35)
    else:
        values["height"] = draw.size(12, 80)
    if draw.chance(0.5):
        rise = values.get("height", values["length"] * math.tan(math.radians(values.get("slope_angle", 0.0))))
        values["tip_height"] = draw.size(1, max(2, rise * 0.4))
    return values, {"origin": draw.choice(ORIGINS), "build": draw.choice(("profile", "hull"))}


def _wedge(v: Values, options: Options, n_facets: int) -> Body:
    """Rises from a thin end at the front; by its height, or by the angle of its slope."""
    w, long, tip = v["width"], v["length"], v.get("tip_height", literal(0))
    h, lines = (v["height"], NO_LINES) if "height" in v else derive("height", tip + long * tan_of(v["slope_angle"]), v)
    require(tip.value + 1 < h.value < 400, "no slope")
    front: list[Point] = [(0, tip), (0, 0)] if "tip_height" in v else [(0, 0)]
    shape: list[Point] = [*front, (long, 0), (long, h)]
    g = ground(options, w, long)
    if options["build"] == "profile":
        solid = along_x(w, polygon(shape), g.x, g.y)
    else:  # two thin slices that the hull spans
        end = box(0, long - 0.01, 0, (w, 0.01, h))
        start = box(0, 0, 0, (w, 0.01, tip if "tip_height" in v else 0.01))
        solid = placed(
            options, w, long, "hull() {\n" + "\n".join(f"  {x}" for x in f"{start}\n{end}".split("\n")) + "\n}"
        )
    return Body(solid, (w.value, long.value, h.value), w.value * area_of(shape), derived=lines)


def _draw_stairs(draw: Draw) -> Drawn:
    n = draw.count(2, 10)
    values = {"n_steps": n, "width": draw.size(15, 120)}
    if draw.chance(0.5):
        values |= {"rise": draw.size(3, 20), "run": draw.size(4, 30)}
    else:
        values |= {"height": draw.size(n * 4, n * 16), "depth": draw.size(n * 5, n * 25)}
    return values, {"origin": draw.choice(ORIGINS), "build": draw.choice(("columns", "slabs", "outline"))}


def _stairs(v: Values, options: Options, n_facets: int) -> Body:
    n, w = v["n_steps"], v["width"]
    require(n.value >= 2, "one step is no stairs")
    if "rise" in v:
        rise, run = v["rise"], v["run"]
        (h, first), (d, second) = derive("height", n * rise, v), derive("depth", n * run, v)
    else:
        h, d = v["height"], v["depth"]
        (rise, first), (run, second) = derive("rise", h / n, v), derive("run", d / n, v)
    require(min(rise.value, run.value) > 0.8, "steps too small")
    if options["build"] == "columns":  # each step from where it begins to the back
        solid = row(n, box(0, I * run, 0, (w, d - I * run, (I + 1) * rise)))
    elif options["build"] == "slabs":  # overlapping the one below by all its height
        solid = row(n, box(0, I * run, 0, (w, (n - I) * run, (I + 1) * rise)))
    else:
        steps = f"for (i = [0 : {n - 1}]) each [[{I * run}, {I * rise}], [{I * run}, {(I + 1) * rise}]]"
        flat = f"polygon([\n  {steps},\n  [{d}, {h}],\n  [{d}, 0],\n]);"
        solid = along_x(w, flat)
    volume = w.value * run.value * rise.value * n.value * (n.value + 1) / 2
    return Body(placed(options, w, d, solid), (w.value, d.value, h.value), volume, derived=first + second)


_SIZE = forms("width:wide", "depth:deep", "height:tall")

BASIC_FAMILIES = (
    Family(
        "block",
        "block",
        pools(
            "block | rectangular block | cuboid | box-shaped block | solid block | rectangular prism",
            "brick-shaped solid | parallelepiped",
        ),
        {"width": WIDTH, "depth": DEPTH, "height": HEIGHT, "corner_radius": CORNER_RADIUS},
        _draw_block,
        _block,
        _SIZE,
        purposes=pools("to prop something up | to space two boards | to use as a weight", "to serve as a riser"),
        weight=2.0,
    ),
    Family(
        "bored_cube",
        "cube with a hole",
        pools(
            "cube with a hole | cube with a hole through it | bored cube | hollow cube | cube with a vertical hole",
            "drilled die blank | pierced cube",
        ),
        {
            "edge_length": length("side | edge length", 5, 150),
            "bore_diameter": length("hole diameter | bore diameter", 2, 100),
            "bore_width": length("square hole width | width of the square hole", 2, 100),
            "bore_depth": length("hole depth", 2, 100),
        },
        _draw_cube,
        _bored_cube,
        pools(
            "@a {edge_length} @N | @N, {edge_length} on a side | @a @N with {edge_length} edges | "
            "@a @N of {edge_length} with @a {bore_diameter} bore | "
            "@a @N {edge_length} a side | @N {edge_length}, hole {bore_diameter} | "
            "@a {edge_length} @N, {bore_width} square hole",
            "@a @N whose edges are {edge_length} | @a @N, edge {edge_length}",
        ),
    ),
    Family(
        "door_stop",
        "door stop wedge",
        pools(
            "door stop | doorstop | door wedge | wedge | ramp | threshold ramp | wedge-shaped door stop",
            "inclined block | chock",
        ),
        {
            "length": LENGTH,
            "width": WIDTH,
            "slope_angle": angle("slope angle | angle of the slope", 3, 50),
            "height": HEIGHT,
            "tip_height": length("tip height | height of the thin end", 0.5, 40),
        },
        _draw_wedge,
        _wedge,
        forms("length:long", "width:wide", "height:tall", taught="@a @N rising at {slope_angle}, {length} long"),
        purposes=pools("to keep a door open | to get over a step | to stop a wheel", "to jam a gate"),
        weight=2.0,
    ),
    Family(
        "stairs",
        "stairs",
        pools(
            "stairs | staircase | flight of stairs | set of steps | model staircase | step block",
            "stepped block | flight of treads",
        ),
        {
            "n_steps": count("number of steps", 2, 20),
            "width": WIDTH,
            "rise": length("rise | step height", 1, 40),
            "run": length("run | step depth", 1, 60),
            "height": HEIGHT,
            "depth": DEPTH,
        },
        _draw_stairs,
        _stairs,
        forms("width:wide", "depth:deep", "height:tall", taught="@N with {n_steps#} steps, {width} wide"),
        purposes=pools("to climb in a dollhouse | to display figurines | to help a pet up", "to mount a model porch"),
        weight=1.5,
    ),
)
