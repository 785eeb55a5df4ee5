"""Families of hooks: wall hook, headphone hook, S-hook of flat stock."""

from __future__ import annotations

from corpus.synth import geometry
from corpus.synth.draw import Draw
from corpus.synth.families.shapes import (
    ORIGINS,
    Drawn,
    Point,
    along_x,
    back_face,
    box,
    derive,
    ground,
    placed,
    polygon,
    require,
)
from corpus.synth.families.terms import HANGING, HEIGHT, LIP, REACH, THICKNESS, WIDTH, forms, length, said_forms
from corpus.synth.num import Num, literal
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import block, difference, indent
from corpus.synth.words import pools

__all__ = ["HOOK_FAMILIES"]


def _draw_wall(draw: Draw) -> Drawn:
    t = draw.size(2.5, 8)
    values = {"width": draw.size(10, 50), "height": draw.size(max(40, t * 8), 110), "reach": draw.size(20 + t, 60)}
    values |= {"lip_height": draw.size(t + 6, values["height"] * 0.5), "thickness": t}
    if draw.chance(0.4):
        values["plate_thickness"] = draw.size(2, 8)
    return values, {"build": draw.choice(("profile", "cubes")), "origin": draw.choice(ORIGINS)}


def _wall_hook(v: Values, options: Options, n_facets: int) -> Body:
    """A J seen from the side: plate against the wall, arm, lip."""
    w, h, reach, lip, t = v["width"], v["height"], v["reach"], v["lip_height"], v["thickness"]
    plate = v.get("plate_thickness", t)
    d = plate + reach
    require(t.value + 2 < lip.value < h.value - 10 and reach.value > t.value + 4, "no room in the hook")
    g = ground(options, w, d)
    if options["build"] == "cubes":
        arm, end = box(g.x, g.y, 0, (w, d, t)), box(g.x, g.y + d - t, 0, (w, t, lip))
        solid = f"{box(g.x, g.y, 0, (w, plate, h))}\n{arm}\n{end}"
    else:
        inner: list[Point] = [(d - t, lip), (d - t, t), (plate, t), (plate, h), (0, h)]
        solid = along_x(w, polygon([(0, 0), (d, 0), (d, lip), *inner]), g.x, g.y)
    area = plate.value * h.value + reach.value * t.value + t.value * (lip.value - t.value)
    free = back_face("plate", (w, h - lip, plate), (g.mx, (h + lip) / 2), y=g.y + plate, rise_limit=reach.value)
    return Body(solid, (w.value, d.value, h.value), area * w.value, (free,))


def _draw_headphone(draw: Draw) -> Drawn:
    t = draw.size(3, 7)
    values = {"width": draw.size(15, 50), "desk_thickness": draw.size(12, 40), "jaw_length": draw.size(25, 60)}
    values |= {"drop": draw.size(25, 60), "arm_length": draw.size(30, 60), "thickness": t}
    values["lip_height"] = draw.size(t + 4, t + 15)
    if draw.chance(0.4):
        values["lower_jaw_length"] = draw.size(15, 60)
    return values, {"build": draw.choice(("profile", "cubes")), "origin": draw.choice(ORIGINS)}


def _headphone_hook(v: Values, options: Options, n_facets: int) -> Body:
    """A clamp that slides on the edge of a desk, and a hook below it that points the same way."""
    w, gap, jaw, drop, arm = v["width"], v["desk_thickness"], v["jaw_length"], v["drop"], v["arm_length"]
    t, lip = v["thickness"], v["lip_height"]
    lower = v.get("lower_jaw_length", jaw)
    require(t.value + 2 < lip.value < t.value + drop.value - 4 and arm.value > t.value + 8, "no room in the hook")
    under, derived = derive("jaw_height", t + drop, v)
    over = under + t + gap
    h = over + t
    far = max(t.value + jaw.value, t.value + arm.value, t.value + lower.value)
    if options["build"] == "cubes":
        parts = [
            box(0, 0, 0, (w, t, h)),
            box(0, 0, 0, (w, t + arm, t)),
            box(0, arm, 0, (w, t, lip)),
            box(0, 0, under, (w, t + lower, t)),
            box(0, 0, over, (w, t + jaw, t)),
        ]
        solid = "\n".join(parts)
    else:
        hook: list[Point] = [(0, 0), (t + arm, 0), (t + arm, lip), (arm, lip), (arm, t), (t, t)]
        jaws: list[Point] = [(t, under), (t + lower, under), (t + lower, under + t), (t, under + t), (t, over)]
        solid = along_x(w, polygon([*hook, *jaws, (t + jaw, over), (t + jaw, h), (0, h)]))
    area = t.value * (h.value + arm.value + lip.value - t.value + lower.value + jaw.value)
    size = (w.value, far, h.value)
    return Body(placed(options, w, t + jaw, solid), size, area * w.value, derived=derived)


def _draw_s(draw: Draw) -> Drawn:
    bar = draw.size(3, 10)
    values = {"inside_diameter": draw.size(max(10, bar), 45)}
    if draw.chance(0.35):
        values["lower_diameter"] = draw.size(max(10, bar), 60)
    values |= {"bar_width": bar, "thickness": draw.size(3, 10), "shank_length": draw.size(10, 60)}
    if draw.chance(0.5):
        values["tip_length"] = draw.size(3, 15)
    return values, {"build": draw.choice(("halves", "quadrants"))}


def _s_hook(v: Values, options: Options, n_facets: int) -> Body:
    """A straight shank up the y axis between two half rings that open to opposite sides, all of one flat thickness."""
    top, b, t, shank = v["inside_diameter"], v["bar_width"], v["thickness"], v["shank_length"]
    low, tip = v.get("lower_diameter", top), v.get("tip_length", literal(0))
    require(tip.value < shank.value, "tips meet the other ring")
    # rings overlap the shank by nothing but their end faces; the shank is drawn 0.01 longer so that they join
    rings = []
    for d, side in ((top, 1), (low, -1)):
        center = (d + b) / 2
        outer, inner = d + 2 * b, d
        turn = "" if side == 1 else "rotate(180)\n  "
        if options["build"] == "halves":
            keep = _moved_square(-(outer / 2) - 1, 0, outer + 2, outer)
            whole = difference([f"circle(d = {outer});"], [f"circle(d = {inner});"])
            ring = block("intersection()", (whole, keep))
        else:
            cut = _moved_square(-(outer / 2) - 1, -outer, outer + 2, outer)
            ring = difference([f"circle(d = {outer});"], [f"circle(d = {inner});", cut])
        body = f"translate([{center}, {shank / 2}])\n{indent(ring)}"
        if "tip_length" in v:
            body = f"{body}\ntranslate([{center + d / 2}, {shank / 2 - tip}])\n  square([{b}, {tip + 0.01}]);"
        rings.append(f"{turn.strip()} {{\n{indent(body)}\n}}" if turn else body)
    shank_text = f"translate([{-b / 2}, {-shank / 2 - 0.01}])\n  square([{b}, {shank + 0.02}]);"
    solid = block(f"linear_extrude(height = {t})", (shank_text, *rings))
    half = [
        (geometry.circle_area(d.value + 2 * b.value, n_facets) - geometry.circle_area(d.value, n_facets)) / 2
        for d in (top, low)
    ]
    area = sum(half) + b.value * (shank.value + 2 * tip.value)
    width = top.value + low.value + 3 * b.value
    height = shank.value + (top.value + low.value) / 2 + 2 * b.value
    return Body(solid, (width, height, t.value), area * t.value)


def _moved_square(x: Num, y: Num | float, width: Num, height: Num) -> str:
    return f"translate([{x}, {y}])\n  square([{width}, {height}]);"


HOOK_FAMILIES = (
    Family(
        "wall_hook",
        "wall hook",
        pools(
            "wall hook | J-hook | J-shaped wall hook | hook for a wall | utility hook | towel hook",
            "wall-mounted hanger | J-shaped peg",
        ),
        {
            "width": WIDTH,
            "height": HEIGHT,
            "reach": REACH,
            "lip_height": LIP,
            "thickness": THICKNESS,
            "plate_thickness": length("plate thickness | thickness of the wall plate", 1.5, 15),
        },
        _draw_wall,
        _wall_hook,
        forms("width:wide", "height:tall", "thickness:thick", taught="@a {height} tall @N that reaches out {reach}"),
        purposes=HANGING,
        weight=3.0,
    ),
    Family(
        "headphone_hook",
        "headphone hook",
        pools(
            "headphone hook | under-desk headphone hook | headphone hanger | headset holder that clips on a desk | "
            "desk-edge headphone hook",
            "earphone rest for a tabletop | clip-on headset perch",
        ),
        {
            "width": WIDTH,
            "desk_thickness": length("desk thickness | opening of the clamp", 5, 80),
            "jaw_length": length("jaw length | length of the clamp", 10, 120),
            "drop": length("drop | distance from the hook up to the clamp", 15, 120),
            "arm_length": length("arm length | length of the hook", 15, 120),
            "thickness": THICKNESS,
            "lip_height": LIP,
            "lower_jaw_length": length("lower jaw length", 8, 120),
        },
        _draw_headphone,
        _headphone_hook,
        said_forms("width:wide", "thickness:thick", taught="@a @N for a desk {desk_thickness} thick, {width} wide"),
        purposes=pools(
            "to hang headphones off a desk | to store a headset | to keep headphones at hand", "to park a headset"
        ),
        is_held_out=True,
        weight=1.5,
    ),
    Family(
        "s_hook",
        "S-hook",
        pools(
            "S-hook | S hook | flat S-hook | S-shaped hook | double hook in the shape of an S",
            "ess-shaped hanger | pot hanger bent both ways",
        ),
        {
            "inside_diameter": length("inside diameter | inside diameter of the upper hook", 6, 80),
            "lower_diameter": length("lower inside diameter | inside diameter of the lower hook", 6, 80),
            "bar_width": length("bar width | width of the stock", 2, 20),
            "thickness": THICKNESS,
            "shank_length": length("shank length | length of the straight middle", 5, 120),
            "tip_length": length("tip length | straight length of the tips", 1, 40),
        },
        _draw_s,
        _s_hook,
        said_forms(
            "bar_width:wide", "thickness:thick", taught="@a @N for a {inside_diameter} rail | {thickness} thick @N"
        ),
        purposes=pools(
            "to hang pots from a rail | to hang plants from a rod | to hang tools from a bar",
            "to dangle ladles off a pole",
        ),
    ),
)
