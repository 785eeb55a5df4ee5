"""Families of electronics enclosures: base with screw posts, lid, board mount."""

from __future__ import annotations

from corpus.synth import geometry
from corpus.synth.draw import Draw
from corpus.synth.families.shapes import (
    NO_LINES,
    ORIGINS,
    Drawn,
    at_corners,
    derive,
    extrude,
    front_face,
    ground,
    inset_area,
    inset_slab,
    outline,
    placed,
    require,
    slab,
    slab_area,
    small,
    top_face,
)
from corpus.synth.families.terms import (
    CORNER_RADIUS,
    DEPTH,
    FLOOR,
    HEIGHT,
    THICKNESS,
    WALL,
    WIDTH,
    forms,
    length,
    said_forms,
    screw,
)
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import cylinder, difference, indent
from corpus.synth.words import pools

__all__ = ["ENCLOSURE_FAMILIES"]


def _draw_base(draw: Draw) -> Drawn:
    width, depth = draw.size(50, 180), draw.size(45, 130)
    values = {"width": width, "depth": depth, "height": draw.size(15, 60), "wall": draw.size(1.6, 4)}
    if draw.chance(0.4):
        values["floor"] = draw.size(1.2, 4)
    values["pillar_diameter"] = post = draw.size(5, 9)
    values["pilot_diameter"] = draw.size(1.5, post - 2.4)
    values["pillar_inset"] = draw.size(values["wall"] + post / 2 + 0.8, values["wall"] + post / 2 + 6)
    if draw.chance(0.5):
        values["pillar_height"] = draw.size(5, values["height"] - 4)
    if draw.chance(0.35):
        values["corner_radius"] = draw.size(1, values["wall"] + 2)
    return values, {"origin": draw.choice(ORIGINS)}


def _enclosure_base(v: Values, options: Options, n_facets: int) -> Body:
    w, d, h, t, r = v["width"], v["depth"], v["height"], v["wall"], v.get("corner_radius")
    floor, post, pilot, inset = v.get("floor", t), v["pillar_diameter"], v["pilot_diameter"], v["pillar_inset"]
    tall = v.get("pillar_height", h - floor)
    idp = d - 2 * t
    px, py = w - 2 * inset, d - 2 * inset
    require(inset.value - post.value / 2 >= t.value + 0.3, "posts meet the walls")
    require(min(px.value, py.value) > post.value + 4 and post.value > pilot.value + 1.2, "posts too thick")
    require(4 < tall.value <= h.value - floor.value + 1e-6, "posts taller than the walls")
    if r:
        require(r.value < inset.value, "round corners reach the posts")
    g = ground(options, w, d)
    shell = difference([slab(g.x, g.y, 0, (w, d, h), r)], [inset_slab((g.x, g.y, floor), (w, d, h), r, t)])
    reach = (w / 2 - inset, d / 2 - inset)
    posts = at_corners(g, reach, 0, cylinder(post, floor + tall))
    pilots = at_corners(g, reach, floor, cylinder(pilot, tall + 1))
    volume = slab_area(w, d, r, n_facets) * h.value
    volume -= inset_area(w, d, r, t, n_facets) * (h.value - floor.value)
    ring = geometry.circle_area(post.value, n_facets) - geometry.circle_area(pilot.value, n_facets)
    edge = r if r is not None and r.value > t.value else t
    middle = top_face("floor", (px - post, idp, floor), (g.mx, g.my), rise_limit=h.value - floor.value)
    front = front_face("front", (w - 2 * edge, h - floor, t), (g.mx, (h + floor) / 2), y=g.y)
    return Body(
        f"{shell}\n{posts}",
        (w.value, d.value, h.value),
        volume + 4 * ring * tall.value,
        (front, middle) if inset.value - post.value / 2 > t.value + 2 else (front,),
        (pilots,),
    )


def _draw_lid(draw: Draw) -> Drawn:
    width, depth = draw.size(40, 180), draw.size(35, 130)
    values = {"width": width, "depth": depth, "thickness": draw.size(1.5, 5), "wall": draw.size(1.2, 4)}
    values["clearance"] = small(draw, (0.1, 0.2, 0.25, 0.3, 0.4), 0.1, 2)
    values |= {"lip_thickness": draw.size(1, 3), "lip_height": draw.size(1.5, 8)}
    if draw.chance(0.5):
        values["fixing_diameter"] = s = draw.size(2, 5)
        rim = values["wall"] + values["clearance"] + values["lip_thickness"] + s / 2 + 1
        values["fixing_inset"] = draw.size(rim, rim + 6)
    if draw.chance(0.35):
        values["corner_radius"] = draw.size(1, 12)
    return values, {"origin": draw.choice(ORIGINS)}


def _enclosure_lid(v: Values, options: Options, n_facets: int) -> Body:
    w, d, t, lip, rise = v["width"], v["depth"], v["thickness"], v["lip_thickness"], v["lip_height"]
    r = v.get("corner_radius")
    near, line = derive("lip_offset", v["wall"] + v["clearance"], v)
    far, derived = near + lip, line
    outer, inner = (w - 2 * near, d - 2 * near), (w - 2 * far, d - 2 * far)
    require(min(inner[0].value, inner[1].value) > 8, "no room within the lip")
    g = ground(options, w, d)
    if r:
        require(r.value * 0.3 < near.value, "the lip stands out of the round corners")
    frame = "difference() {\n" + indent(f"{outline(near, near, *outer)}\n{outline(far, far, *inner)}") + "\n}"
    solid = placed(options, w, d, f"{slab(0, 0, 0, (w, d, t), r)}\n{extrude(t + rise, frame)}")
    volume = slab_area(w, d, r, n_facets) * t.value
    volume += (outer[0].value * outer[1].value - inner[0].value * inner[1].value) * rise.value
    cuts: tuple[str, ...] = ()
    face = top_face("inside", (*inner, t), (g.mx, g.my), rise_limit=rise.value)
    if "fixing_diameter" in v:
        s, inset = v["fixing_diameter"], v["fixing_inset"]
        require(inset.value - s.value / 2 > far.value + 0.3, "screws meet the lip")
        require(min(w.value, d.value) > 2 * inset.value + s.value + 2, "screws meet")
        cuts = (at_corners(g, (w / 2 - inset, d / 2 - inset), -1, cylinder(s, t + 2)),)
        volume -= 4 * geometry.circle_area(s.value, n_facets) * t.value
    return Body(
        solid,
        (w.value, d.value, t.value + rise.value),
        volume,
        () if cuts else (face,),
        cuts,
        genus=4 * len(cuts),
        derived=derived,
    )


def _draw_board(draw: Draw) -> Drawn:
    post = draw.size(4, 8)
    values = {"spacing_x": draw.size(20, 100), "spacing_y": draw.size(15, 80)}
    if draw.chance(0.5):
        values["margin"] = draw.size(post / 2 + 1, post / 2 + 12)
    else:
        values["width"] = draw.size(values["spacing_x"] + post + 2, values["spacing_x"] + 40)
        values["depth"] = draw.size(values["spacing_y"] + post + 2, values["spacing_y"] + 40)
    values |= {"thickness": draw.size(1.6, 5), "support_height": draw.size(3, 15), "support_diameter": post}
    values["pilot_diameter"] = draw.size(1.5, post - 2)
    if draw.chance(0.4):
        values["corner_radius"] = draw.size(1, 5)
    return values, {"origin": draw.choice(ORIGINS)}


def _pcb_mount(v: Values, options: Options, n_facets: int) -> Body:
    sx, sy, t, rise = v["spacing_x"], v["spacing_y"], v["thickness"], v["support_height"]
    post, pilot, r = v["support_diameter"], v["pilot_diameter"], v.get("corner_radius")
    if "width" in v:
        w, d, derived = v["width"], v["depth"], NO_LINES
    else:
        (w, first), (d, second) = derive("width", sx + 2 * v["margin"], v), derive("depth", sy + 2 * v["margin"], v)
        derived = first + second
    require(post.value > pilot.value + 1 and min(sx.value, sy.value) > post.value + 1, "standoffs meet")
    room = min(w.value - sx.value, d.value - sy.value) - post.value
    require(room >= 0.4, "standoffs beyond the edge")
    if r:
        require(0.6 * r.value < room, "round corners reach the standoffs")
    g = ground(options, w, d)
    posts = at_corners(g, (sx / 2, sy / 2), 0, cylinder(post, t + rise))
    pilots = at_corners(g, (sx / 2, sy / 2), -1, cylinder(pilot, t + rise + 2))
    base, small = slab_area(w, d, r, n_facets) * t.value, geometry.circle_area(pilot.value, n_facets)
    volume = base + 4 * (geometry.circle_area(post.value, n_facets) * rise.value - small * (t.value + rise.value))
    face = top_face("base", (sx - post, d, t), (g.mx, g.my), rise_limit=rise.value, corner_radius=r.value if r else 0.0)
    size = (w.value, d.value, t.value + rise.value)
    return Body(
        f"{slab(g.x, g.y, 0, (w, d, t), r)}\n{posts}", size, volume, (face,), (pilots,), genus=4, derived=derived
    )


_HOUSING = pools(
    "to house a circuit board | to protect a sensor | to case an Arduino project | to keep dust off electronics",
    "to shelter a microcontroller",
)
_POSTS = {"pilot_diameter": length("pilot hole diameter | screw pilot diameter", 1, 6)}
_FLAT = forms("width:wide", "depth:deep", "thickness:thick", held_out="@a {width} by {depth} @N in {thickness} stock")

ENCLOSURE_FAMILIES = (
    Family(
        "enclosure_base",
        "enclosure base with screw posts",
        pools(
            "enclosure bottom with screw posts | project box base with four posts | enclosure base | "
            "electronics case bottom | lower half of an enclosure",
            "instrument housing bottom | lower shell with bosses in the corners",
        ),
        {
            "width": WIDTH,
            "depth": DEPTH,
            "height": HEIGHT,
            "wall": WALL,
            "floor": FLOOR,
            "pillar_diameter": length("post diameter | screw post diameter", 3, 15),
            **_POSTS,
            "pillar_inset": length("post inset | distance of the post centers from the outer edges", 4, 30),
            "pillar_height": length("post height above the floor | height of the posts", 3, 80),
            "corner_radius": CORNER_RADIUS,
        },
        _draw_base,
        _enclosure_base,
        forms("width:wide", "depth:deep", "height:tall", taught="@a {width} x {depth} x {height} @N with {wall} walls"),
        purposes=_HOUSING,
        weight=2.0,
    ),
    Family(
        "enclosure_lid",
        "enclosure lid",
        pools(
            "enclosure lid | project box lid | lid with a lip | case top | cover for an enclosure | snap-in lid",
            "housing cap with a locating rim | upper cover of an instrument case",
        ),
        {
            "width": WIDTH,
            "depth": DEPTH,
            "thickness": THICKNESS,
            "wall": length("wall thickness of the box", 0.8, 8),
            "clearance": length("clearance", 0.05, 2),
            "lip_thickness": length("lip thickness", 0.8, 6),
            "lip_height": length("lip height", 1, 20),
            "fixing_diameter": screw("screw hole diameter"),
            "fixing_inset": length("screw hole inset", 3, 40),
            "corner_radius": CORNER_RADIUS,
        },
        _draw_lid,
        _enclosure_lid,
        _FLAT,
        purposes=pools("to close a project box | to cover a case | to seal an enclosure", "to shut a housing"),
    ),
    Family(
        "pcb_mount",
        "board mount with standoffs",
        pools(
            "board mount with standoffs | PCB holder | PCB mounting plate | circuit board base with four standoffs | "
            "mounting base for a single-board computer",
            "carrier for a printed circuit | sled for a development board",
        ),
        {
            "spacing_x": length("hole spacing along the width | standoff spacing in x", 10, 200),
            "spacing_y": length("hole spacing along the depth | standoff spacing in y", 10, 200),
            "margin": length("margin around the standoffs | margin from standoff center to edge", 3, 40),
            "width": WIDTH,
            "depth": DEPTH,
            "thickness": length("base thickness", 1, 10, adjectives="thick"),
            "support_height": length("standoff height", 2, 30),
            "support_diameter": length("standoff diameter", 3, 15),
            **_POSTS,
            "corner_radius": CORNER_RADIUS,
        },
        _draw_board,
        _pcb_mount,
        said_forms(
            "spacing_x:between the holes in x",
            "spacing_y:in y",
            taught="@a @N with a {spacing_x} x {spacing_y} hole pattern",
        ),
        purposes=pools(
            "to mount a circuit board | to hold a Raspberry Pi | to raise a board off the chassis",
            "to carry a dev board",
        ),
        weight=1.5,
    ),
)
