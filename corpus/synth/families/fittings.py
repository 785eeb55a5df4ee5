"""Families of small fittings: hinge leaf, furniture foot, T-slot nut, drawer pull."""

from __future__ import annotations

from corpus.synth import geometry
from corpus.synth.draw import Draw
from corpus.synth.families.shapes import (
    NO_LINES,
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
    polygon,
    require,
    row,
    small,
)
from corpus.synth.families.terms import HEIGHT, LENGTH, THICKNESS, count, forms, length, said_forms, screw
from corpus.synth.num import Num, literal
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import at, block, cylinder, difference, indent
from corpus.synth.words import pools

__all__ = ["FITTING_FAMILIES"]


def _draw_hinge(draw: Draw) -> Drawn:
    n, t = draw.count(2, 5), draw.size(2, 5)
    barrel = draw.size(t * 2 + 2, t * 2 + 8)
    values = {"length": draw.size((2 * n - 1) * 6, (2 * n - 1) * 18), "leaf_width": draw.size(barrel + 8, barrel + 40)}
    values |= {
        "thickness": t,
        "knuckle_diameter": barrel,
        "pin_diameter": draw.size(1, min(barrel - 2.5, barrel - 2 * t)),
    }
    values |= {"n_knuckles": n, "clearance": small(draw, (0.2, 0.3, 0.4, 0.5), 0.2, 2)}
    if draw.chance(0.5):
        values["screw_diameter"] = draw.size(2.5, min(5, values["leaf_width"] / 4))
        values["n_screws"] = draw.count(2, 3)
    return values, {"origin": draw.choice(ORIGINS), "build": draw.choice(("hull", "plates"))}


def _hinge_leaf(v: Values, options: Options, n_facets: int) -> Body:
    """Lies flat along x: knuckles on the x axis, a gap as long as a knuckle between two of them."""
    long, wide, t, barrel, pin = v["length"], v["leaf_width"], v["thickness"], v["knuckle_diameter"], v["pin_diameter"]
    n, c = v["n_knuckles"], v["clearance"]
    require(n.value >= 2 and pin.value + 1.6 < barrel.value and t.value * 2 <= barrel.value + 1e-6, "knuckles too thin")
    require(barrel.value / 2 - pin.value / 2 > 0.6, "pin too thick")
    part, lines = derive("knuckle_length", (long + c) / (2 * n - 1) - c, v)
    gap = barrel / 2 + c  # from the pin to where the plate begins
    require(part.value > 2 and wide.value > gap.value + 4, "leaf too small")
    pitch = 2 * (part + c)
    disc = at(0, 0, barrel / 2, f"rotate([0, 90, 0])\n{indent(cylinder(barrel, part))}")
    arm = box(0, 0, 0, (part, gap, t))
    one = f"{disc}\n{arm}"
    knuckles = row(n, f"translate([{I * pitch}, 0, 0]) {{\n{indent(one)}\n}}")
    radius = barrel.value / 2
    # of the barrel, what the arm covers: ahead of the pin and below the top of the leaf
    circle = [(x, z + radius) for x, z in geometry.circle_points(barrel.value, n_facets)]
    ahead = geometry.clip_above(circle, 0, 0.0)
    shared = geometry.polygon_area(ahead) - geometry.polygon_area(geometry.clip_above(ahead, 1, t.value))
    ring = geometry.circle_area(barrel.value, n_facets) - geometry.circle_area(pin.value, n_facets)
    require(t.value <= radius - pin.value / 2 + 1e-6, "the pin's hole meets the leaf")
    volume = (
        n.value * part.value * (ring + gap.value * t.value - shared) + long.value * (wide.value - gap.value) * t.value
    )
    bore = at(-1, 0, barrel / 2, f"rotate([0, 90, 0])\n{indent(cylinder(pin, long + 2))}")
    plate = box(0, gap, 0, (long, wide - gap, t))
    cuts, genus = [bore], n.value
    if "screw_diameter" in v:
        s, m = v["screw_diameter"], v["n_screws"]
        room = wide.value - gap.value
        require(s.value + 2 < room and m.value >= 1 and long.value / m.value > s.value + 2, "no room for screws")
        cuts.append(row(m, hole((I + 0.5) * long / m, (wide + gap) / 2, s, t)))
        volume -= m.value * geometry.circle_area(s.value, n_facets) * t.value
        genus += m.value
    parts = [plate, knuckles] if options["build"] == "plates" else [knuckles, plate]
    text = difference(parts, cuts)
    if options["origin"] == "center":
        text = f"translate([{-long / 2}, 0, 0])\n{indent(text)}"
    size = (long.value, wide.value + radius, barrel.value)
    return Body(text, size, volume, genus=round(genus), derived=lines)


def _draw_foot(draw: Draw) -> Drawn:
    bottom = draw.size(20, 70)
    values = {"bottom_width": bottom}
    if draw.chance(0.7):
        values["top_width"] = draw.size(bottom * 0.6, bottom * 1.6)
    values |= {"height": draw.size(10, 80), "screw_diameter": draw.size(3, 6)}
    if draw.chance(0.5):
        values["head_diameter"] = draw.size(values["screw_diameter"] + 3, values["screw_diameter"] + 9)
        values["head_depth"] = draw.size(3, values["height"] * 0.7)
    return values, {"build": draw.choice(("scaled", "hull"))}


def _furniture_foot(v: Values, options: Options, n_facets: int) -> Body:
    """A square foot, tapered where its top has a width of its own, with a screw down its middle."""
    a, h, s = v["bottom_width"], v["height"], v["screw_diameter"]
    b = v.get("top_width", a)
    require(s.value + 4 < min(a.value, b.value), "screw too thick")
    if "top_width" not in v:
        solid = at(-a / 2, -a / 2, 0, f"cube([{a}, {a}, {h}]);")
        if options["build"] == "scaled":
            solid = extrude(h, f"square({a}, center = true);")
    elif options["build"] == "scaled":
        solid = f"linear_extrude(height = {h}, scale = {b / a})\n  square({a}, center = true);"
    else:
        ends = [f"linear_extrude(height = 0.01)\n  square({a}, center = true);"]
        ends.append(at(0, 0, h - 0.01, f"linear_extrude(height = 0.01)\n  square({b}, center = true);"))
        solid = block("hull()", ends)
    volume = h.value / 3 * (a.value**2 + a.value * b.value + b.value**2)
    cuts = [hole(0, 0, s, h)]
    volume -= geometry.circle_area(s.value, n_facets) * h.value
    if "head_diameter" in v:
        head, deep = v["head_diameter"], v["head_depth"]
        require(s.value + 0.5 < head.value < min(a.value, b.value) - 2 and deep.value + 2 < h.value, "head too large")
        cuts.append(at(0, 0, -1, cylinder(head, deep + 1)))
        ring = geometry.circle_area(head.value, n_facets) - geometry.circle_area(s.value, n_facets)
        volume -= ring * deep.value
    widest = max(a.value, b.value)
    return Body(solid, (widest, widest, h.value), volume, (), tuple(cuts), genus=1)


def _draw_nut(draw: Draw) -> Drawn:
    neck = draw.size(4, 12)
    values = {"length": draw.size(10, 40), "neck_width": neck, "base_width": draw.size(neck + 4, neck + 12)}
    values |= {"base_height": draw.size(2, 7), "neck_height": draw.size(1, 6)}
    values["thread_diameter"] = draw.size(1.8, neck - 1.5)
    if draw.chance(0.4):
        values["chamfer"] = draw.size(0.5, min(2, values["base_height"] * 0.6))
    if draw.chance(0.3):
        values["n_holes"] = draw.count(2, 3)
        values["length"] = draw.size(30, 90)
    return values, {"build": draw.choice(("profile", "cubes")), "origin": draw.choice(ORIGINS)}


def _t_slot_nut(v: Values, options: Options, n_facets: int) -> Body:
    """A bar of T section, wide side down, with threaded holes; its lower edges may be chamfered."""
    long, neck, wide, low, high, s = (
        v["length"], v["neck_width"], v["base_width"], v["base_height"], v["neck_height"], v["thread_diameter"]
    )  # fmt: skip
    n, c = v.get("n_holes", literal(1)), v.get("chamfer")
    require(neck.value + 1 < wide.value and s.value + 1 < neck.value, "neck too wide or too narrow")
    require(n.value >= 1 and long.value / n.value > s.value + 2, "holes meet")
    h, shoulder = low + high, (wide - neck) / 2
    g = ground(options, long, wide)
    corner: list[Point] = [(0, 0), (wide, 0)]
    if c:
        require(c.value + 0.5 < low.value and c.value * 2 < wide.value - 1, "chamfer too large")
        corner = [(0, c), (c, 0), (wide - c, 0), (wide, c)]
    shape: list[Point] = [
        *corner, (wide, low), (shoulder + neck, low), (shoulder + neck, h), (shoulder, h), (shoulder, low), (0, low)
    ]  # fmt: skip
    if options["build"] == "profile" or c:
        solid = along_x(long, polygon(shape), g.x, g.y)
    else:
        solid = f"{box(g.x, g.y, 0, (long, wide, low))}\n{box(g.x, g.my - neck / 2, 0, (long, neck, h))}"
    bore = row(n, hole(g.x + (I + 0.5) * long / n, g.my, s, h)) if "n_holes" in v else hole(g.mx, g.my, s, h)
    volume = area_of(shape) * long.value - n.value * geometry.circle_area(s.value, n_facets) * h.value
    return Body(solid, (long.value, wide.value, h.value), volume, (), (bore,), genus=round(n.value))


def _draw_pull(draw: Draw) -> Drawn:
    post = draw.size(8, 16)
    values = {"screw_spacing": draw.size(50, 160), "bar_height": draw.size(6, 14), "post_width": post}
    if draw.chance(0.5):
        values["overhang"] = draw.size(post / 2, post / 2 + 20)
    else:
        values["length"] = draw.size(values["screw_spacing"] + post, values["screw_spacing"] + post + 40)
    values |= {"clearance": draw.size(18, 40), "screw_diameter": draw.size(2.5, post - 3)}
    values["screw_depth"] = draw.size(8, 18)
    if draw.chance(0.4):
        values["bar_width"] = draw.size(post * 0.7, post * 1.6)
    return values, {"origin": draw.choice(ORIGINS)}


def _drawer_pull(v: Values, options: Options, n_facets: int) -> Body:
    """Stands on its two posts, the bar on top; blind holes for screws from below."""
    apart, thick, post, room, s, deep = (
        v["screw_spacing"], v["bar_height"], v["post_width"], v["clearance"], v["screw_diameter"], v["screw_depth"]
    )  # fmt: skip
    bar = v.get("bar_width", post)
    long, lines = (v["length"], NO_LINES) if "length" in v else derive("length", apart + 2 * v["overhang"], v)
    require(long.value >= apart.value + post.value and apart.value > post.value + 15, "posts beyond the bar")
    require(s.value + 1.5 < post.value and deep.value + 1 < room.value + thick.value, "screws too large")
    widest = bar if bar.value >= post.value else post
    h = room + thick
    x = Num("x", 0.0) * (apart / 2)
    posts = "for (x = [-1, 1])\n" + indent(box(x - post / 2, -post / 2, 0, (post, post, room + thick / 2)))
    text = f"{box(-long / 2, -bar / 2, room, (long, bar, thick))}\n{posts}"
    screws = "for (x = [-1, 1])\n" + indent(at(x, 0, -1, cylinder(s, deep + 1)))
    over = min(bar.value, post.value)
    volume = long.value * bar.value * thick.value + 2 * post.value**2 * room.value
    volume += 2 * post.value * (post.value - over) * thick.value / 2
    volume -= 2 * geometry.circle_area(s.value, n_facets) * deep.value
    solid = difference([text], [screws])
    if options["origin"] == "corner":
        solid = f"translate([{long / 2}, {widest / 2}, 0])\n{indent(solid)}"
    require(deep.value < room.value + thick.value / 2 - 0.5, "screws too deep")
    return Body(solid, (long.value, widest.value, h.value), volume, derived=lines)


FITTING_FAMILIES = (
    Family(
        "hinge_leaf",
        "hinge leaf",
        pools(
            "hinge leaf | half of a hinge | hinge plate with knuckles | leaf of a butt hinge | hinge half",
            "hinge flap | butt hinge half",
        ),
        {
            "length": LENGTH,
            "leaf_width": length("leaf width | width from the pin", 8, 120, adjectives="wide"),
            "thickness": THICKNESS,
            "knuckle_diameter": length("knuckle diameter | barrel diameter", 3, 40),
            "pin_diameter": length("pin hole diameter | pin diameter", 1, 20),
            "n_knuckles": count("number of knuckles", 2, 7),
            "clearance": length("clearance | clearance between knuckles", 0.1, 2),
            "screw_diameter": screw("screw hole diameter"),
            "n_screws": count("number of screw holes", 1, 5),
        },
        _draw_hinge,
        _hinge_leaf,
        forms("length:long", "leaf_width:wide", "thickness:thick", taught="@a {length} @N with {n_knuckles#} knuckles"),
        purposes=pools("to hang a door | to hinge a lid on a box | to swing a gate", "to pivot a hatch"),
        is_held_out=True,
    ),
    Family(
        "furniture_foot",
        "square furniture foot",
        pools(
            "square furniture foot | furniture foot | furniture leg | tapered foot | sofa foot | cabinet foot",
            "couch leg | pyramidal pad",
        ),
        {
            "bottom_width": length("bottom width | width", 10, 120, adjectives="wide"),
            "top_width": length("top width | width at the top", 10, 150),
            "height": HEIGHT,
            "screw_diameter": screw("screw hole diameter"),
            "head_diameter": length("counterbore diameter | diameter of the recess for the screw head", 4, 30),
            "head_depth": length("counterbore depth | depth of the recess for the screw head", 1, 80),
        },
        _draw_foot,
        _furniture_foot,
        said_forms(
            "bottom_width:wide", "height:tall", taught="@a {height} tall @N from {bottom_width} to {top_width} wide"
        ),
        purposes=pools("to raise a sofa | to level a cabinet | to replace a lost couch leg", "to lift a dresser"),
    ),
    Family(
        "t_slot_nut",
        "T-slot nut",
        pools(
            "T-slot nut | T nut | T-nut for aluminium extrusion | slot nut | tee nut for a T-track | sliding nut",
            "tee-track insert | extrusion slider",
        ),
        {
            "length": LENGTH,
            "neck_width": length("neck width | slot width", 3, 30),
            "base_width": length("base width", 5, 50, adjectives="wide"),
            "base_height": length("base height", 1, 20),
            "neck_height": length("neck height", 0.5, 20),
            "thread_diameter": screw("thread hole diameter | hole diameter"),
            "chamfer": length("chamfer", 0.3, 5),
            "n_holes": count("number of holes", 1, 5),
        },
        _draw_nut,
        _t_slot_nut,
        forms("length:long", "base_width:wide", taught="@a {length} long @N for @a {neck_width} slot"),
        purposes=pools("to fix parts to an extrusion | to clamp work to a T-track", "to bolt onto a profile rail"),
    ),
    Family(
        "drawer_pull",
        "drawer pull",
        pools(
            "drawer pull | bar handle | cabinet handle | drawer handle with two posts | cupboard handle | bar pull",
            "kitchen unit grip | wardrobe rail handle",
        ),
        {
            "screw_spacing": length("screw spacing | distance between the posts", 25, 250),
            "bar_height": length("bar thickness | bar height", 3, 30),
            "post_width": length("post width", 4, 30),
            "overhang": length("overhang of the bar | overhang past the post centers", 3, 60),
            "length": LENGTH,
            "clearance": length("clearance below the bar | finger room", 10, 70),
            "screw_diameter": screw("screw hole diameter"),
            "screw_depth": length("screw hole depth", 4, 40),
            "bar_width": length("bar width", 4, 40),
        },
        _draw_pull,
        _drawer_pull,
        said_forms(
            "length:long",
            "screw_spacing:between the posts",
            taught="@a @N with {screw_spacing} centers | {screw_spacing} @N",
        ),
        purposes=pools("to open a drawer | to pull a cupboard open | to grip a door", "to slide a tray out"),
        weight=1.5,
    ),
)
