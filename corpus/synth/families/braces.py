"""Families of braces and plates that hold a corner: gusseted, shelf, flat corner and tee plates, clevis."""

from __future__ import annotations

from corpus.synth import geometry
from corpus.synth.draw import Draw
from corpus.synth.families.shapes import (
    ORIGINS,
    Drawn,
    I,
    Point,
    along_x,
    area_of,
    box,
    derive,
    extrude,
    ground,
    hole,
    outline,
    polygon,
    require,
    row,
    slab,
    slab_area,
)
from corpus.synth.families.terms import CORNER_RADIUS, DEPTH, HEIGHT, THICKNESS, WIDTH, count, forms, length, screw
from corpus.synth.num import Num, literal
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import at, block, cylinder, indent
from corpus.synth.words import pools

__all__ = ["BRACE_FAMILIES"]


def _draw_brace(draw: Draw) -> Drawn:
    least = draw.size(25, 100)
    values = {"width": draw.size(20, 100), "depth": least, "height": draw.size(least, 120)}
    if draw.chance(0.3):
        values.pop("height")
    values["thickness"] = t = draw.size(2, min(8, least / 8))
    values["gusset_length"] = draw.size(least / 3, least - t - 1)
    values["gusset_thickness"] = draw.size(1.6, min(8, values["width"] / 6))
    if draw.chance(0.4):
        values["n_gussets"] = draw.count(2, 3)
    elif draw.chance(0.5):
        values["screw_diameter"] = draw.size(2.5, min(8, (values["width"] - values["gusset_thickness"]) / 5))
    return values, {"build": draw.choice(("cubes", "profile"))}


def _corner_brace(v: Values, options: Options, n_facets: int) -> Body:
    w, d, t, r, rt = v["width"], v["depth"], v["thickness"], v["gusset_length"], v["gusset_thickness"]
    h = v.get("height", d)
    require(r.value + t.value + 0.1 <= min(d.value, h.value) and t.value < d.value / 3, "gusset longer than a leg")
    if options["build"] == "cubes":
        solid = f"{box(0, 0, 0, (w, d, t))}\n{box(0, 0, 0, (w, t, h))}"
    else:
        solid = along_x(w, polygon([(0, 0), (d, 0), (d, t), (t, t), (t, h), (0, h)]))
    rib = polygon([(0, 0), (r + t, 0), (r + t, t), (t, r + t), (0, r + t)])
    n = v.get("n_gussets", literal(1))
    if "n_gussets" in v:
        require(n.value * (rt.value + 3) < w.value and n.value >= 2, "gussets meet")
        step = (w - rt) / (n - 1)
        solid += f"\nfor (i = [0 : {n - 1}])\n" + indent(along_x(rt, rib, Num("i", 0.0) * step))
    else:
        require(rt.value + 6 < w.value, "gusset as wide as the brace")
        solid += "\n" + along_x(rt, rib, (w - rt) / 2)
    volume = w.value * t.value * (d.value + h.value - t.value) + n.value * rt.value * r.value**2 / 2
    cuts: tuple[str, ...] = ()
    if "screw_diameter" in v:
        s, inset = v["screw_diameter"], (w - rt) / 4
        require(s.value + 2 < inset.value * 2 and s.value + 2 < min(d.value, h.value) - t.value, "no room for screws")
        sides = f"for (x = [{inset}, {w - inset}]) {{\n"
        x = Num("x", 0.0)
        upright = f"rotate([-90, 0, 0])\n{indent(cylinder(s, t + 2))}"
        both = f"{hole(x, (d + t) / 2, s, t)}\n{at(x, -1, (h + t) / 2, upright)}"
        cuts = (sides + indent(both) + "\n}",)
        volume -= 4 * geometry.circle_area(s.value, n_facets) * t.value
    return Body(solid, (w.value, d.value, h.value), volume, (), cuts, genus=4 * len(cuts))


def _draw_shelf(draw: Draw) -> Drawn:
    values = {"depth": draw.size(60, 250)}
    if not draw.chance(0.3):
        values["height"] = draw.size(max(50, values["depth"] * 0.5), min(250, values["depth"] * 1.3))
    least = min(values.values())
    values |= {"width": draw.size(10, 50), "thickness": draw.size(3, min(12, least / 9))}
    values["brace_reach"] = draw.size(least * 0.35, least * 0.7)
    options = {"build": draw.choice(("outline", "hull")), "side": draw.choice(("lying", "upright"))}
    return values, options


def _shelf_bracket(v: Values, options: Options, n_facets: int) -> Body:
    d, w, t, p = v["depth"], v["width"], v["thickness"], v["brace_reach"]
    h = v.get("height", d)
    run = t * Num("sqrt(2)", 2**0.5)  # what a strut as thick as the legs takes of each of them
    require(p.value > 8 and t.value + p.value + run.value <= min(d.value, h.value), "brace longer than a leg")
    start, end = t + p, t + p + run
    leg: list[Point] = [(0, 0), (d, 0), (d, t), (t, t), (t, h), (0, h)]
    strut: list[Point] = [(start, t), (end, t), (t, end), (t, start)]
    if options["build"] == "outline":
        outer = polygon([(0, 0), (d, 0), (d, t), (end, t), (t, end), (t, h), (0, h)])
        flat = "difference() {\n" + indent(f"{outer}\n{polygon([(t, t), (start, t), (t, start)])}") + "\n}"
    else:
        whole: list[Point] = [(0, 0), (end, 0), (end, t), (t, end), (0, end)]
        inner = polygon([(t, t), (start, t), (t, start)])
        flat = "difference() {\n" + indent(f"union() {{\n{indent(polygon(leg))}\n{indent(polygon(whole))}\n}}\n{inner}")
        flat += "\n}"
    volume = w.value * (area_of(leg) + area_of(strut))
    if options["side"] == "lying":
        solid = f"linear_extrude(height = {w})\n{indent(flat)}"
        return Body(solid, (d.value, h.value, w.value), volume, genus=1)
    return Body(along_x(w, flat), (w.value, d.value, h.value), volume, genus=1)


def _draw_flat_corner(draw: Draw) -> Drawn:
    width = draw.size(10, 40)
    values = {"leg_length": draw.size(width * 2.2, 150)}
    if draw.chance(0.4):
        values["second_leg"] = draw.size(width * 2.2, 150)
    values |= {"strip_width": width, "thickness": draw.size(1.5, 6), "n_screws": draw.count(1, 3)}
    values["screw_diameter"] = draw.size(2.5, min(8, width / 2.5))
    return values, {"build": draw.choice(("polygon", "squares", "cubes")), "shape": "corner"}


def _draw_flat_tee(draw: Draw) -> Drawn:
    values, options = _draw_flat_corner(draw)
    return values, {**options, "shape": "tee"}


def _flat_corner(v: Values, options: Options, n_facets: int) -> Body:
    """A corner plate is an L seen from above; a tee plate has its second leg in the middle of the first."""
    a, w, t, s, n = v["leg_length"], v["strip_width"], v["thickness"], v["screw_diameter"], v["n_screws"]
    b = v.get("second_leg", a)
    is_tee = options["shape"] == "tee"
    arm, line = derive("arm", (a - w) / 2 if is_tee else a - w, v)  # of the first leg, beside the second
    x = arm if is_tee else literal(0)
    require(n.value >= 1 and s.value + 2.4 < w.value and min(a.value, b.value) > w.value * 2, "strip too short")
    pitch, second = arm / n, (b - w) / n
    require(min(pitch.value, second.value) > s.value + 1.5, "screw holes meet")
    if options["build"] == "cubes":
        solid = f"{box(0, 0, 0, (a, w, t))}\n{box(x, 0, 0, (w, b, t))}"
    elif options["build"] == "squares":
        solid = block(f"linear_extrude(height = {t})", (outline(0, 0, a, w), outline(x, 0, w, b)))
    else:
        right: list[Point] = [(0, 0), (a, 0), (a, w), (x + w, w), (x + w, b), (x, b)]
        solid = extrude(t, polygon([*right, (x, w), (0, w)] if is_tee else right))
    start = Num("x", 0.0) if is_tee else w
    along = row(n, hole(start + pitch * (I + 0.5), w / 2, s, t))
    if is_tee:
        along = f"for (x = [0, {arm + w}])\n{indent(along)}"
    cuts = (along, row(n, hole(x + w / 2, w + second * (I + 0.5), s, t)))
    n_holes = n.value * (3 if is_tee else 2)
    area = w.value * (a.value + b.value - w.value) - n_holes * geometry.circle_area(s.value, n_facets)
    volume = area * t.value
    return Body(solid, (a.value, b.value, t.value), volume, (), cuts, genus=round(n_holes), derived=line)


def _draw_clevis(draw: Draw) -> Drawn:
    gap, ear = draw.size(4, 30), draw.size(2, 8)
    width = draw.size(12, 40)
    values = {"base_length": draw.size((gap + 2 * ear) + 12, (gap + 2 * ear) + 60), "width": width}
    values |= {"base_thickness": draw.size(2, 8), "gap": gap, "ear_thickness": ear}
    values["pin_height"] = draw.size(values["base_thickness"] + width / 2, values["base_thickness"] + width / 2 + 40)
    values["pin_diameter"] = draw.size(2.5, width * 0.55)
    if draw.chance(0.4):
        values["corner_radius"] = draw.size(1, width / 5)
    return values, {"build": draw.choice(("hull", "union")), "origin": draw.choice(ORIGINS)}


def _clevis(v: Values, options: Options, n_facets: int) -> Body:
    long, w, t, gap, ear = v["base_length"], v["width"], v["base_thickness"], v["gap"], v["ear_thickness"]
    z, pin, r = v["pin_height"], v["pin_diameter"], v.get("corner_radius")
    require(z.value >= t.value + w.value / 2 and pin.value + 2 < w.value, "pin too low or too thick")
    require(gap.value + 2 * ear.value + 2 < long.value, "ears wider than the base")
    g = ground(options, long, w)
    area = slab_area(long, w, r, n_facets)
    if r:
        require(r.value < (long.value - gap.value) / 2 - ear.value, "ears reach the round corners")
    # the foot of an ear is as deep as the base, so that the two share a volume
    disc = at(g.mx - gap / 2 - ear, g.my, z, f"rotate([0, 90, 0])\n{indent(cylinder(w, ear))}")
    shift = gap + ear
    if options["build"] == "hull":
        one = block("hull()", (box(g.mx - gap / 2 - ear, g.y, 0, (ear, w, t)), disc))
    else:
        one = block("union()", (box(g.mx - gap / 2 - ear, g.y, 0, (ear, w, z)), disc))
    ears = f"for (x = [0, {shift}])\n" + indent(f"translate([x, 0, 0])\n{indent(one)}")
    reach = gap + 2 * ear + 2
    cut = at(g.mx - gap / 2 - ear - 1, g.my, z, f"rotate([0, 90, 0])\n{indent(cylinder(pin, reach))}")
    side = w.value * (z.value - t.value) + geometry.circle_area(w.value, n_facets) / 2
    side -= geometry.circle_area(pin.value, n_facets)
    return Body(
        f"{slab(g.x, g.y, 0, (long, w, t), r)}\n{ears}",
        (long.value, w.value, z.value + w.value / 2),
        area * t.value + 2 * ear.value * side,
        (),
        (cut,),
        genus=2,
    )


_JOINT_USES = pools(
    "to join the rails of a frame | to reinforce a corner of a cabinet | to mend a chair | to hold a gate square",
    "to strengthen a crate",
)
_STRIP = {
    "leg_length": length("leg length | length of the first leg", 15, 200),
    "second_leg": length("second leg length | length of the second leg", 15, 200),
    "strip_width": length("strip width | width of the legs", 6, 60),
    "thickness": THICKNESS,
    "n_screws": count("number of screw holes in each arm", 1, 6),
    "screw_diameter": screw("screw hole diameter"),
}

BRACE_FAMILIES = (
    Family(
        "corner_brace",
        "corner brace with a gusset",
        pools(
            "corner brace with a gusset | gusset bracket | reinforced angle bracket | ribbed L-bracket | "
            "gusseted corner bracket | heavy-duty corner brace",
            "angle stiffened by a web | knee brace bracket",
        ),
        {
            "width": WIDTH,
            "depth": DEPTH,
            "height": HEIGHT,
            "thickness": THICKNESS,
            "gusset_length": length("gusset length | gusset size", 8, 120),
            "gusset_thickness": length("gusset thickness | rib thickness", 1, 15),
            "n_gussets": count("number of gussets", 2, 5),
            "screw_diameter": screw("screw hole diameter"),
        },
        _draw_brace,
        _corner_brace,
        forms("width:wide", "depth:deep", "height:tall", taught="@a {thickness} thick @N with {gusset_length} gussets"),
        purposes=_JOINT_USES,
        weight=1.5,
    ),
    Family(
        "shelf_bracket",
        "shelf bracket",
        pools(
            "shelf bracket | shelf support | bracket for a shelf | shelf bracket with a diagonal brace | "
            "braced wall bracket",
            "ledge support with a strut | bracket beneath a bookshelf",
        ),
        {
            "depth": length("arm length | depth", 40, 300, adjectives="deep"),
            "height": HEIGHT,
            "width": WIDTH,
            "thickness": THICKNESS,
            "brace_reach": length("brace reach | distance of the brace from the corner", 8, 200),
        },
        _draw_shelf,
        _shelf_bracket,
        forms("depth:deep", "width:wide", "thickness:thick", taught="@a @N with a {depth} arm, {width} wide"),
        purposes=pools(
            "to carry a shelf | to hold up a counter | to support a plank on a wall", "to bear a mantelpiece"
        ),
        weight=2.0,
    ),
    Family(
        "flat_corner_plate",
        "flat corner plate",
        pools(
            "flat corner plate | flat corner brace | flat L plate | corner mending plate | L-shaped flat plate",
            "flat angle plate | plane corner iron",
        ),
        _STRIP,
        _draw_flat_corner,
        _flat_corner,
        forms("leg_length:long", "strip_width:wide", "thickness:thick", taught="@a @N with {leg_length} legs"),
        purposes=_JOINT_USES,
    ),
    Family(
        "flat_tee_plate",
        "flat T plate",
        pools(
            "flat T plate | flat tee plate | T-shaped joining plate | T mending plate | flat T brace",
            "plane tee iron | tee-shaped repair plate",
        ),
        _STRIP,
        _draw_flat_tee,
        _flat_corner,
        forms("leg_length:across", "strip_width:wide", "thickness:thick", taught="@a @N {leg_length} across the top"),
        purposes=_JOINT_USES,
    ),
    Family(
        "clevis_bracket",
        "clevis bracket",
        pools(
            "clevis bracket | clevis mount | pivot bracket with two ears | double lug mount | two-eared bracket",
            "forked lug | twin-eared pivot base",
        ),
        {
            "base_length": length("base length", 20, 200, adjectives="long"),
            "width": WIDTH,
            "base_thickness": length("base thickness", 1.5, 15),
            "gap": length("gap between the ears | clevis gap", 2, 60),
            "ear_thickness": length("ear thickness", 1.5, 15),
            "pin_height": length("pin height | height of the pin above the bottom", 8, 100),
            "pin_diameter": screw("pin hole diameter", 2, 30),
            "corner_radius": CORNER_RADIUS,
        },
        _draw_clevis,
        _clevis,
        forms("base_length:long", "width:wide", taught="@a @N for a {pin_diameter} pin | @a @N with a {gap} gap"),
        purposes=pools(
            "to mount the end of a gas strut | to hold a pulley on a pin | to hinge a rod end", "to anchor a piston rod"
        ),
    ),
)
