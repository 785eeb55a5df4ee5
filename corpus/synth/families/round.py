"""Plain round parts: cylinders, tubes, discs, rings, balls, cones."""

from __future__ import annotations

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.families.forms import by_ring, by_span, by_taper
from corpus.synth.families.turning import (
    DrawnT,
    Hollow,
    chamfered,
    d_or_r,
    put_round,
    revolve_or_stack,
    round_face,
    round_measures,
    round_of,
    rounds,
    straight,
    taper,
    turned,
)
from corpus.synth.num import Num
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import block, indent
from corpus.synth.words import Measure, pools

__all__ = ["ROUND_FAMILIES"]

_HEIGHT = Measure(("height",), ("tall", "high"), 2, 200)
_LENGTH = Measure(("length",), ("long",), 2, 300)
_THICKNESS = Measure(("thickness",), ("thick",), 0.4, 20)
_CHAMFER = Measure(("chamfer", "edge chamfer"), (), 0.3, 5)


def _draw_cylinder(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    diameter = draw.size(4, 120)
    put_round(draw, values, "", diameter)
    values["height"] = draw.size(3, 150)
    options = {"build": draw.choice(("stack", "revolve", "centered"))}
    if draw.chance(0.25) and options["build"] != "centered":
        values["chamfer"] = draw.size(0.5, min(diameter, values["height"]) / 6)
    return values, options


def _cylinder(v: Values, options: Options, n_facets: int) -> Body:
    d, h = round_of(v), v["height"]
    if options["build"] == "centered":
        face = round_face("top", d, h, bottom=-h / 2)
        text = rounds(d, d, h).replace(");", ", center = true);")
        area = geometry.circle_area(d.value, n_facets)
        return Body(text, (d.value, d.value, h.value), area * h.value, faces=(face,))
    free = d - 2 * v["chamfer"] if "chamfer" in v else d
    return turned(chamfered(d, h, v), options, n_facets, faces=(round_face("top", free, h),))


def _draw_rod(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    diameter = draw.size(2, 25)
    put_round(draw, values, "", diameter)
    values["length"] = draw.size(max(10, diameter * 3), 250)
    if draw.chance(0.5):
        values["chamfer"] = draw.size(0.3, max(0.5, diameter / 5))
    build = "revolve" if "chamfer" in values and draw.chance(0.5) else "stack"
    return values, {"pose": draw.choice(("upright", "lying", "along_y")), "build": build}


_LAID = {"upright": "", "lying": "rotate([0, 90, 0])\n", "along_y": "rotate([-90, 0, 0])\n"}


def _rod(v: Values, options: Options, n_facets: int) -> Body:
    d, length = round_of(v), v["length"]
    turn = _LAID[options["pose"]]
    body = turned(chamfered(d, length, v), options, n_facets)
    solid = turn + indent(body.solid) if turn else body.solid
    w = d.value
    sizes = {"upright": (w, w, length.value), "lying": (length.value, w, w), "along_y": (w, length.value, w)}
    return Body(solid, sizes[options["pose"]], body.volume)


def _draw_tube(draw: Draw) -> DrawnT:
    outer = draw.size(6, 120)
    wall = draw.size(0.8, outer * 0.2)
    how = draw.choice(("both", "both", "wall", "inner_wall"))
    values: dict[str, float] = {}
    if how != "inner_wall":
        put_round(draw, values, "outer", outer)
    if how != "wall":
        put_round(draw, values, "inner", outer - 2 * wall)
    if how != "both":
        values["wall"] = wall
    values["height"] = draw.size(4, 200)
    return values, {"build": draw.choice(("stack", "revolve", "extrude"))}


def ring_diameters(v: Values) -> tuple[Num, Num]:
    """(outer, inner) from any two of outer, inner and wall."""
    has_outer, has_inner = (
        ("outer_diameter" in v or "outer_radius" in v),
        ("inner_diameter" in v or "inner_radius" in v),
    )
    outer = round_of(v, "outer") if has_outer else round_of(v, "inner") + 2 * v["wall"]
    return outer, round_of(v, "inner") if has_inner else outer - 2 * v["wall"]


def pierced(outer: Num, inner: Num, height: Num, options: Options, n_facets: int) -> Body:
    """A tube; `build` may be extrude too."""
    body = turned((straight(outer, height),), options, n_facets, hollow=Hollow((straight(inner, height),)))
    if options["build"] != "extrude":
        return body
    text = block("difference()", [f"circle({d_or_r(d)});" for d in (outer, inner)])
    return Body(f"linear_extrude(height = {height})\n" + indent(text), body.size, body.volume, genus=1)


def _tube(v: Values, options: Options, n_facets: int) -> Body:
    return pierced(*ring_diameters(v), v["height"], options, n_facets)


def _draw_washer(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    inner = draw.size(2, 40)
    put_round(draw, values, "outer", draw.size(inner * 1.5, inner * 3))
    put_round(draw, values, "inner", inner)
    values["thickness"] = draw.size(0.5, max(1.5, min(6, inner / 2)))
    return values, {"build": draw.choice(("stack", "revolve", "extrude"))}


def _washer(v: Values, options: Options, n_facets: int) -> Body:
    return pierced(*ring_diameters(v), v["thickness"], options, n_facets)


def _draw_disc(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    diameter = draw.size(15, 180)
    put_round(draw, values, "", diameter)
    values["thickness"] = draw.size(1, min(15, diameter / 4))
    if draw.chance(0.4) and values["thickness"] >= 2:
        values["chamfer"] = draw.size(0.3, values["thickness"] / 3)
    return values, revolve_or_stack(draw)


def _disc(v: Values, options: Options, n_facets: int) -> Body:
    d, t = round_of(v), v["thickness"]
    free = d - 2 * v["chamfer"] if "chamfer" in v else d
    return turned(chamfered(d, t, v), options, n_facets, faces=(round_face("top", free, t),))


def _draw_coaster(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    put_round(draw, values, "", draw.size(70, 130))
    values["height"] = draw.size(4, 15)
    values["rim"] = draw.size(2, 8)
    values["recess"] = draw.size(1, values["height"] * 0.6)
    if draw.chance(0.3):
        values["chamfer"] = draw.size(0.5, min(values["rim"] * 0.4, values["height"] * 0.25))
    return values, revolve_or_stack(draw)


def _coaster(v: Values, options: Options, n_facets: int) -> Body:
    d, h, inner = round_of(v), v["height"], round_of(v) - 2 * v["rim"]
    floor = h - v["recess"]
    hollow = Hollow((straight(inner, v["recess"]),), below=floor)
    face = round_face("floor", inner, floor, rise=v["recess"].value)
    return turned(chamfered(d, h, v, is_both=False), options, n_facets, hollow=hollow, faces=(face,))


def _draw_cone(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    put_round(draw, values, "base", draw.size(8, 120))
    values["height"] = draw.size(8, 150)
    if draw.chance(0.3):
        values["foot_height"] = draw.size(1, values["height"] / 4)
    return values, revolve_or_stack(draw)


def _cone(v: Values, options: Options, n_facets: int) -> Body:
    d, h = round_of(v, "base"), v["height"]
    tip = Num("0", 0, is_literal=True)
    foot = v.get("foot_height")
    sections = (straight(d, foot), taper(d, tip, h - foot)) if foot else (taper(d, tip, h),)
    return turned(sections, options, n_facets)


def _draw_frustum(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    bottom = draw.size(12, 120)
    put_round(draw, values, "bottom", bottom)
    top = draw.size(bottom * 0.25, bottom * 0.9)
    put_round(draw, values, "top", top)
    values["height"] = draw.size(5, 120)
    if draw.chance(0.3):
        values["bore_diameter"] = draw.size(1.5, top * 0.7)
    return values, revolve_or_stack(draw)


def _frustum(v: Values, options: Options, n_facets: int) -> Body:
    bottom, top, h = round_of(v, "bottom"), round_of(v, "top"), v["height"]
    if "bore_diameter" in v:
        hollow = Hollow((straight(v["bore_diameter"], h),))
        return turned((taper(bottom, top, h),), options, n_facets, hollow=hollow)
    if top.value >= bottom.value:
        raise Infeasible("wider at the top")
    return turned((taper(bottom, top, h),), options, n_facets, faces=(round_face("top", top, h),))


ROUND_FAMILIES = (
    Family(
        "cylinder",
        "cylinder",
        pools("cylinder | solid cylinder | round block | cylindrical post | round puck", "drum | round column"),
        {**round_measures("", "", ("in diameter", "across")), "height": _HEIGHT, "chamfer": _CHAMFER},
        _draw_cylinder,
        _cylinder,
        by_span(),
        weight=2.0,
    ),
    Family(
        "rod",
        "rod",
        pools("rod | dowel | round bar | round rod | dowel pin | alignment pin", "round stick | cylindrical pin"),
        {**round_measures("", "", ("in diameter", "thick"), high=40), "length": _LENGTH, "chamfer": _CHAMFER},
        _draw_rod,
        _rod,
        by_span(along="length", how="long"),
        purposes=pools("to align two parts | to join two boards | to serve as an axle", "to peg two halves together"),
    ),
    Family(
        "tube",
        "tube",
        pools(
            "tube | pipe | hollow cylinder | round tube | sleeve | piece of pipe",
            "conduit | hollow round bar",
        ),
        {
            **round_measures("outer", "outer | outside", low=3),
            **round_measures("inner", "inner | inside", low=1),
            "wall": Measure(("wall thickness", "wall"), (), 0.4, 20),
            "height": Measure(("height", "length"), ("tall", "long"), 2, 250),
        },
        _draw_tube,
        _tube,
        pools(
            "@a @N {outer_diameter} OD, {inner_diameter} ID, {height} long | "
            "@a {height} long @N, {outer_diameter} outside and {inner_diameter} inside diameter | "
            "@a @N with @a {outer_diameter} outer diameter and {wall} walls, {height} tall | "
            "@a {height} @N, outer diameter {outer_diameter}, wall {wall} | "
            "@a @N with an inner diameter of {inner_diameter}, {wall} wall, {height} tall | "
            "@a {height} tall @N for something {inner_diameter} wide, walls {wall} thick | "
            "@a @N, outer radius {outer_radius}, inner radius {inner_radius}, height {height} | "
            "@a {outer_diameter} x {inner_diameter} x {height} @N",
            "@a @N {height} end to end, {inner_diameter} clear inside and {outer_diameter} over all | "
            "@a @N {height} end to end with {wall} of wall around {inner_diameter}",
        ),
        purposes=pools(
            "to sleeve a cable | to space two plates apart | to guide a rod", "to slip over a shaft as a liner"
        ),
        weight=3.0,
    ),
    Family(
        "washer",
        "washer",
        pools("washer | flat washer | plain washer | shim ring | round shim", "packing ring | flat ring"),
        {
            **round_measures("outer", "outer | outside", low=3),
            **round_measures("inner", "inner | hole", low=1),
            "thickness": _THICKNESS,
        },
        _draw_washer,
        _washer,
        by_ring("outer_diameter", "inner_diameter", "thickness", "thick"),
        purposes=pools(
            "to go under a bolt head | to spread the load of a screw | to shim a bearing", "to pack out a bolt"
        ),
        weight=2.5,
    ),
    Family(
        "disc",
        "disc",
        pools("disc | disk | round plate | circular plate | round blank", "circular slab | roundel"),
        {**round_measures("", "", ("in diameter", "across"), low=10), "thickness": _THICKNESS, "chamfer": _CHAMFER},
        _draw_disc,
        _disc,
        by_span(along="thickness", how="thick"),
        purposes=pools("to cover a round hole | to serve as a turntable | to blank off a port", "to cap an opening"),
        weight=1.5,
    ),
    Family(
        "coaster",
        "coaster",
        pools(
            "coaster | round coaster | drink coaster | drinks mat with a rim | cup coaster",
            "glass stand | tumbler mat",
        ),
        {
            **round_measures("", "", ("in diameter", "across"), low=50, high=150),
            "height": Measure(("height", "overall height"), ("tall", "high"), 3, 20),
            "rim": Measure(("rim width", "rim"), (), 1.5, 12),
            "recess": Measure(("recess depth",), (), 0.5, 12),
            "chamfer": _CHAMFER,
        },
        _draw_coaster,
        _coaster,
        by_span(how="high"),
        purposes=pools(
            "to put a glass on | to keep a mug from marking the table | to catch drips under a cup",
            "to protect the tabletop from a tumbler",
        ),
    ),
    Family(
        "cone",
        "cone",
        pools("cone | pointed cone | solid cone | traffic cone shape | spike", "pointed hat shape | conical point"),
        {
            **round_measures("base", "base | bottom", ("across the base",), low=5),
            "height": _HEIGHT,
            "foot_height": Measure(("height of the straight foot", "foot height"), (), 0.5, 30),
        },
        _draw_cone,
        _cone,
        by_span("base_diameter"),
    ),
    Family(
        "frustum",
        "truncated cone",
        pools(
            "truncated cone | frustum | tapered plug | cone with a flat top | conical pedestal",
            "cropped cone | tapered stub",
        ),
        {
            **round_measures("bottom", "bottom | base", low=5),
            **round_measures("top", "top", low=2),
            "height": _HEIGHT,
            "bore_diameter": Measure(("bore", "bore diameter", "through hole diameter"), (), 1, 80),
        },
        _draw_frustum,
        _frustum,
        by_taper("bottom_diameter", "top_diameter"),
    ),
)
