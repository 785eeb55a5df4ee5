"""Families of boxes: open, with a lid beside it, with compartments, with dividers, for cards."""

from __future__ import annotations

from corpus.synth.draw import Draw
from corpus.synth.families.shapes import (
    NO_LINES,
    ORIGINS,
    ZERO,
    Drawn,
    I,
    J,
    box,
    derive,
    front_face,
    grid,
    ground,
    inset_area,
    inset_slab,
    placed,
    require,
    row,
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
    WALL,
    WIDTH,
    count,
    forms,
    length,
    said_forms,
)
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import at, difference, union
from corpus.synth.words import pools

__all__ = ["BOX_FAMILIES"]

_INSIDE = {
    "inside_width": length("inside width | inner width", 10, 200),
    "inside_depth": length("inside depth | inner depth", 10, 200),
}


def _draw_box(draw: Draw) -> Drawn:
    width, depth = draw.size(25, 200), draw.size(20, 150)
    values = {"inside_width": width, "inside_depth": depth} if draw.chance(0.35) else {"width": width, "depth": depth}
    values |= {"height": draw.size(12, 120), "wall": draw.size(1, min(5, depth / 8))}
    if draw.chance(0.4):
        values["floor"] = draw.size(0.8, min(6, values["height"] / 4))
    if draw.chance(0.35):
        values["corner_radius"] = draw.size(1, depth / 4)
    return values, {"origin": draw.choice(ORIGINS)}


def _open_box(v: Values, options: Options, n_facets: int) -> Body:
    h, t, r = v["height"], v["wall"], v.get("corner_radius")
    floor = v.get("floor", t)
    if "width" in v:
        w, d, derived = v["width"], v["depth"], NO_LINES
        iw, idp = w - 2 * t, d - 2 * t
    else:
        iw, idp = v["inside_width"], v["inside_depth"]
        (w, first), (d, second) = derive("width", iw + 2 * t, v), derive("depth", idp + 2 * t, v)
        derived = first + second
    require(min(iw.value, idp.value) > 4 and h.value > floor.value + 2, "no room inside")
    g = ground(options, w, d)
    edge = r if r is not None and r.value > t.value else t
    room = inset_slab((g.x, g.y, floor), (w, d, h), r, t)
    if "inside_width" in v and edge is t:
        room = box(g.x + t, g.y + t, floor, (iw, idp, h))
    top = top_face(
        "floor", (iw, idp, floor), (g.mx, g.my), corner_radius=edge.value - t.value, rise_limit=h.value - floor.value
    )
    front = front_face("front", (w - 2 * edge, h - floor, t), (g.mx, (h + floor) / 2), y=g.y)
    volume = slab_area(w, d, r, n_facets) * h.value
    volume -= inset_area(w, d, r, t, n_facets) * (h.value - floor.value)
    solid = slab(g.x, g.y, 0, (w, d, h), r)
    return Body(solid, (w.value, d.value, h.value), volume, (top, front), (room,), derived=derived)


def _draw_lidded(draw: Draw) -> Drawn:
    width, depth = draw.size(30, 150), draw.size(25, 120)
    wall = draw.size(1.2, min(4, depth / 10))
    values = {"width": width, "depth": depth, "height": draw.size(15, 90), "wall": wall}
    values["lid_thickness"] = draw.size(1.2, 5)
    values["lip_height"] = draw.size(2, 8)
    values["clearance"] = small(draw, (0.1, 0.2, 0.25, 0.3, 0.4, 0.5), 0.1, 2)
    values["spacing"] = draw.size(5, 30)
    if draw.chance(0.4):
        values["lip_thickness"] = draw.size(1, 4)
    if draw.chance(0.35):
        values["corner_radius"] = draw.size(wall + 1, max(wall + 2, depth / 4))
    return values, {"origin": draw.choice(ORIGINS)}


def _lidded_box(v: Values, options: Options, n_facets: int) -> Body:
    w, d, h, t, lid, c = v["width"], v["depth"], v["height"], v["wall"], v["lid_thickness"], v["clearance"]
    lip, r, gap = v["lip_height"], v.get("corner_radius"), v["spacing"]
    near, derived = derive("lip_offset", t + c, v)
    require(min(w.value, d.value) > 2 * near.value + 8 and h.value > t.value + lip.value + 2, "no room inside")
    below = difference([slab(0, 0, 0, (w, d, h), r)], [inset_slab((ZERO, ZERO, t), (w, d, h), r, t)])
    volume = slab_area(w, d, r, n_facets) * (h.value + lid.value)
    volume -= inset_area(w, d, r, t, n_facets) * (h.value - t.value)
    # the lid lies on its back beside the box, lip up
    parts = [slab(0, 0, 0, (w, d, lid), r), inset_slab((ZERO, ZERO, 0), (w, d, lid + lip), r, near)]
    volume += inset_area(w, d, r, near, n_facets) * lip.value
    cuts: list[str] = []
    if "lip_thickness" in v:
        far = near + v["lip_thickness"]
        require(min(w.value, d.value) > 2 * far.value + 4, "lip too thick")
        volume -= inset_area(w, d, r, far, n_facets) * lip.value
        cuts = [inset_slab((ZERO, ZERO, lid), (w, d, lip + 1), r, far)]
    cover = at(w + gap, 0, 0, difference(parts, cuts) if cuts else union(parts))
    size = (2 * w.value + gap.value, d.value, max(h.value, lid.value + lip.value))
    return Body(placed(options, w, d, f"{below}\n{cover}"), size, volume, n_components=2, derived=derived)


def _draw_tray(draw: Draw) -> Drawn:
    n, m = draw.count(1, 6), draw.count(2, 5)
    wall = draw.size(1, 3)
    values = {"n_columns": n, "n_rows": m}
    if draw.chance(0.45):
        values |= {"cell_width": draw.size(12, 60), "cell_depth": draw.size(12, 60)}
    else:
        values |= {"width": draw.size(n * 15 + 10, n * 40 + 30), "depth": draw.size(m * 15 + 10, m * 35 + 30)}
    values |= {"height": draw.size(8, 60), "wall": wall}
    if draw.chance(0.4):
        values["floor"] = draw.size(0.8, 4)
    if draw.chance(0.3):
        values["corner_radius"] = draw.size(1, 2 + wall)
    return values, {"origin": draw.choice(ORIGINS)}


def _divided_tray(v: Values, options: Options, n_facets: int) -> Body:
    n, m, h, t = v["n_columns"], v["n_rows"], v["height"], v["wall"]
    floor, r = v.get("floor", t), v.get("corner_radius")
    if "width" in v:
        w, d = v["width"], v["depth"]
        cw, first = derive("cell_width", (w - (n + 1) * t) / n, v)
        cd, second = derive("cell_depth", (d - (m + 1) * t) / m, v)
    else:
        cw, cd = v["cell_width"], v["cell_depth"]
        (w, first), (d, second) = derive("width", n * (cw + t) + t, v), derive("depth", m * (cd + t) + t, v)
    require(min(n.value, m.value) >= 1 and min(cw.value, cd.value) > 4, "compartments too small")
    require(h.value > floor.value + 2, "no room above the floor")
    if r:
        require(r.value < t.value * 3, "round corners cut into the compartments")
    g = ground(options, w, d)
    cell = box(g.x + t + I * (cw + t), g.y + t + J * (cd + t), floor, (cw, cd, h))
    volume = slab_area(w, d, r, n_facets) * h.value
    volume -= n.value * m.value * cw.value * cd.value * (h.value - floor.value)
    front = front_face("front", (cw, h - floor, t), (g.x + t + cw / 2, (h + floor) / 2), y=g.y)
    size = (w.value, d.value, h.value)
    faces = (front,) if n.value == 1 else ()
    cuts = (grid(n, m, cell),)
    return Body(slab(g.x, g.y, 0, (w, d, h), r), size, volume, faces, cuts, derived=first + second)


def _draw_organizer(draw: Draw) -> Drawn:
    n = draw.count(1, 5)
    wall = draw.size(1.2, 3)
    values = {"width": draw.size(n * 25 + 30, n * 45 + 60), "depth": draw.size(40, 150), "height": draw.size(20, 80)}
    values |= {"wall": wall, "n_dividers": n}
    values["divider_height"] = draw.size(values["height"] * 0.4, values["height"] * 0.9)
    if draw.chance(0.4):
        values["divider_thickness"] = draw.size(0.8, 3)
    if draw.chance(0.35):
        values["corner_radius"] = draw.size(wall + 1, 12)
    return values, {"origin": draw.choice(ORIGINS)}


def _drawer_organizer(v: Values, options: Options, n_facets: int) -> Body:
    w, d, h, t, n, rise, r = (
        v["width"], v["depth"], v["height"], v["wall"], v["n_dividers"], v["divider_height"], v.get("corner_radius")
    )  # fmt: skip
    thin = v.get("divider_thickness", t)
    iw, idp = w - 2 * t, d - 2 * t
    pitch, derived = derive("pitch", (iw - thin) / (n + 1), v)
    require(pitch.value > thin.value + 5 and n.value >= 1, "dividers too close")
    require(t.value + 1 < rise.value <= h.value and idp.value > 6, "dividers taller than the box")
    if r:
        require(r.value - t.value < pitch.value, "corners reach the dividers")
    shell = difference([slab(0, 0, 0, (w, d, h), r)], [inset_slab((ZERO, ZERO, t), (w, d, h), r, t)])
    # dividers reach half way into the walls, so that they share a volume with them
    walls = row(n, box(t + (I + 1) * pitch, t / 2, 0, (thin, d - t, rise)))
    volume = slab_area(w, d, r, n_facets) * h.value - inset_area(w, d, r, t, n_facets) * (h.value - t.value)
    volume += n.value * thin.value * idp.value * (rise.value - t.value)
    return Body(placed(options, w, d, f"{shell}\n{walls}"), (w.value, d.value, h.value), volume, derived=derived)


def _draw_cards(draw: Draw) -> Drawn:
    values = {"card_width": draw.size(55, 100), "stack_depth": draw.size(8, 60), "height": draw.size(20, 60)}
    values |= {"wall": draw.size(1.2, 4), "notch_width": draw.size(15, values["card_width"] * 0.6)}
    if draw.chance(0.5):
        values["notch_depth"] = draw.size(6, values["height"] * 0.7)
    if draw.chance(0.4):
        values["floor"] = draw.size(1, 5)
    return values, {"origin": draw.choice(ORIGINS)}


def _card_holder(v: Values, options: Options, n_facets: int) -> Body:
    cw, stack, h, t, notch = v["card_width"], v["stack_depth"], v["height"], v["wall"], v["notch_width"]
    floor = v.get("floor", t)
    deep = v.get("notch_depth", h - floor)
    require(deep.value <= h.value - floor.value + 1e-6 and h.value > floor.value + 3, "notch deeper than the wall")
    require(notch.value < cw.value - 4, "notch as wide as the card")
    (w, first), (d, second) = derive("width", cw + 2 * t, v), derive("depth", stack + 2 * t, v)
    g = ground(options, w, d)
    volume = w.value * d.value * h.value - cw.value * stack.value * (h.value - floor.value)
    volume -= notch.value * deep.value * t.value
    # the notch ends half way across the room behind the wall, where there is nothing to cut
    cuts = (
        box(g.x + t, g.y + t, floor, (cw, stack, h)),
        box(g.mx - notch / 2, g.y - 1, h - deep, (notch, t + stack / 2 + 1, deep + 1)),
    )
    size = (w.value, d.value, h.value)
    return Body(box(g.x, g.y, 0, (w, d, h)), size, volume, (), cuts, derived=first + second)


_STORING = pools(
    "to keep screws and small parts | to store odds and ends | to sort beads | to tidy a workbench",
    "to stash trinkets",
)
_BOX = {"width": WIDTH, "depth": DEPTH, "height": HEIGHT, "wall": WALL, "floor": FLOOR, "corner_radius": CORNER_RADIUS}
_OUTER = forms(
    "width:wide",
    "depth:deep",
    "height:tall",
    taught="@a {width} x {depth} x {height} @N with {wall} walls | @a @N with {wall} thick walls, {height} tall",
    held_out="@a {width} x {depth} @N, {height} in height",
)

BOX_FAMILIES = (
    Family(
        "open_box",
        "open box",
        pools(
            "box open at the top | open box | open-top box | box without a lid | bin | storage bin | parts bin | tray",
            "topless container | lidless carton",
        ),
        {**_INSIDE, **_BOX},
        _draw_box,
        _open_box,
        _OUTER,
        purposes=_STORING,
        weight=3.0,
    ),
    Family(
        "lidded_box",
        "box with a lid",
        pools(
            "box with a lid | box with lid | lidded box | box and matching lid | box with a press-fit lid | "
            "small box with a separate lid",
            "casket with a cover | container with its cover next to it",
        ),
        {
            **_BOX,
            "lid_thickness": length("lid thickness", 1, 8),
            "lip_height": length("lip height | height of the lid's lip", 1, 15),
            "clearance": length("clearance of the lip | fit clearance", 0.05, 2),
            "spacing": length("gap between box and lid | distance between box and lid", 2, 50),
            "lip_thickness": length("lip thickness", 0.8, 6),
        },
        _draw_lidded,
        _lidded_box,
        _OUTER,
        purposes=_STORING,
        weight=2.0,
    ),
    Family(
        "divided_tray",
        "divided tray",
        pools(
            "divided tray | tray with compartments | compartment tray | sorting tray | parts tray | "
            "organizer tray with compartments",
            "partitioned caddy | sectioned organiser",
        ),
        {
            "n_columns": count("number of columns", 1, 10),
            "n_rows": count("number of rows", 1, 10),
            "cell_width": length("compartment width | width of each compartment", 6, 100),
            "cell_depth": length("compartment depth | depth of each compartment", 6, 100),
            **_BOX,
        },
        _draw_tray,
        _divided_tray,
        forms("width:wide", "depth:deep", "height:tall", taught="@a {n_columns#} by {n_rows#} @N, {height} tall"),
        purposes=_STORING,
        weight=2.0,
    ),
    Family(
        "drawer_organizer",
        "drawer organizer",
        pools(
            "drawer organizer | drawer organiser | drawer tray with dividers | cutlery tray | desk drawer insert | "
            "drawer insert with dividers",
            "utensil caddy with partitions | silverware tray",
        ),
        {
            **_BOX,
            "n_dividers": count("number of dividers", 1, 10),
            "divider_height": length("divider height | height of the dividers", 5, 100),
            "divider_thickness": length("divider thickness", 0.8, 6),
        },
        _draw_organizer,
        _drawer_organizer,
        _OUTER,
        purposes=pools(
            "to tidy a drawer | to sort pens and clips | to keep cutlery apart", "to bring order to a drawer"
        ),
    ),
    Family(
        "card_holder",
        "card holder",
        pools(
            "business card holder | card holder | card box | card tray with a thumb notch | holder for playing cards | "
            "desk holder for business cards",
            "calling card dispenser | deck box with a finger cutout",
        ),
        {
            "card_width": length("card width | inside width", 40, 150),
            "stack_depth": length("stack depth | inside depth", 4, 120),
            "height": HEIGHT,
            "wall": WALL,
            "notch_width": length("notch width | thumb notch width", 8, 80),
            "notch_depth": length("notch depth | thumb notch depth", 4, 60),
            "floor": FLOOR,
        },
        _draw_cards,
        _card_holder,
        said_forms(
            "card_width:wide inside", "stack_depth:deep inside", "height:tall", taught="@N for {card_width} cards"
        ),
        purposes=pools(
            "to present business cards on a desk | to hold a deck of cards | to keep index cards",
            "to offer visiting cards",
        ),
    ),
)
