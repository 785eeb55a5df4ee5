"""Families of blocks with rows of pockets: coins, memory cards, batteries, pens, drill bits, and a gauge of holes."""

from __future__ import annotations

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.families.shapes import (
    NO_LINES,
    ORIGINS,
    Drawn,
    I,
    J,
    box,
    derive,
    grid,
    ground,
    placed,
    require,
    row,
    slab,
    slab_area,
    small,
)
from corpus.synth.families.terms import (
    CORNER_RADIUS,
    DEPTH,
    HEIGHT,
    THICKNESS,
    WALL,
    WIDTH,
    count,
    forms,
    length,
    said_forms,
)
from corpus.synth.num import Num, literal
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import at, cylinder, difference
from corpus.synth.words import pools

__all__ = ["RACK_FAMILIES"]


def _draw_pockets(draw: Draw, diameter: tuple[float, float], deep: tuple[float, float]) -> Drawn:
    d = draw.size(*diameter)
    values = {"n_columns": draw.count(2, 8)}
    if draw.chance(0.5):
        values["n_rows"] = draw.count(2, 4)
    values |= {"pocket_diameter": d, "pocket_depth": draw.size(*deep), "wall": draw.size(1.5, 6)}
    if draw.chance(0.5):
        values["floor"] = draw.size(1.2, 6)
    if draw.chance(0.35):
        values["corner_radius"] = draw.size(1, d / 4)
    return values, {"origin": draw.choice(ORIGINS)}


def _pockets(v: Values, options: Options, n_facets: int) -> Body:
    """A block around a grid of round pockets, as large as they and the walls need."""
    n, m, d, deep, t = v["n_columns"], v.get("n_rows", literal(1)), v["pocket_diameter"], v["pocket_depth"], v["wall"]
    floor, r = v.get("floor", t), v.get("corner_radius")
    require(min(n.value, m.value) >= 1 and t.value >= 0.8, "walls too thin")
    (pitch, first), (w, second) = derive("pitch", d + t, v), (n * (d + t) + t, NO_LINES)
    (w, second), (dp, third) = derive("width", n * pitch + t, v), derive("depth", m * pitch + t, v)
    if r:
        require(r.value < d.value / 2 + t.value, "round corners cut into the pockets")
    x, y = t + d / 2 + I * pitch, t + d / 2 + (J * pitch if "n_rows" in v else 0)
    bore = at(x, y, floor, cylinder(d, deep + 1))
    cuts = grid(n, m, bore) if "n_rows" in v else row(n, bore)
    h = floor + deep
    volume = slab_area(w, dp, r, n_facets) * h.value
    volume -= n.value * m.value * geometry.circle_area(d.value, n_facets) * deep.value
    solid = placed(options, w, dp, difference([slab(0, 0, 0, (w, dp, h), r)], [cuts]))
    return Body(solid, (w.value, dp.value, h.value), volume, derived=first + second + third)


def _draw_coins(draw: Draw) -> Drawn:
    return _draw_pockets(draw, (16, 32), (5, 40))


def _draw_batteries(draw: Draw) -> Drawn:
    values, options = _draw_pockets(draw, (10, 34), (15, 40))
    return {
        **values,
        "pocket_diameter": small(draw, (10.8, 14.8, 18.6, 26.6, values["pocket_diameter"]), 11, 27),
    }, options


def _draw_pens(draw: Draw) -> Drawn:
    n, m, d = draw.count(2, 6), draw.count(1, 4), draw.size(8, 16)
    values = {"width": draw.size(n * (d + 3), n * (d + 12)), "depth": draw.size(m * (d + 3), m * (d + 12))}
    values |= {"height": draw.size(30, 100), "n_columns": n, "n_rows": m, "pen_diameter": d}
    values["pocket_depth"] = draw.size(values["height"] * 0.5, values["height"] * 0.9)
    if draw.chance(0.4):
        values["corner_radius"] = draw.size(1, d / 2)
    return values, {"origin": draw.choice(ORIGINS), "build": draw.choice(("pitch", "inline"))}


def _pen_holder(v: Values, options: Options, n_facets: int) -> Body:
    """A block of a given size with pockets shared out evenly."""
    w, d, h, n, m, pen, deep = (
        v["width"], v["depth"], v["height"], v["n_columns"], v["n_rows"], v["pen_diameter"], v["pocket_depth"]
    )  # fmt: skip
    r = v.get("corner_radius")
    px, py, lines = w / n, d / m, NO_LINES
    require(min(n.value, m.value) >= 1 and deep.value + 1 < h.value, "pockets through the floor")
    require(min(px.value, py.value) > pen.value + 1.5, "pockets meet")
    if r:
        require(r.value < min(px.value, py.value) / 2 + pen.value / 4, "round corners cut into the pockets")
    if options["build"] == "pitch":
        (px, first), (py, second) = derive("pitch_x", px, v), derive("pitch_y", py, v)
        lines = first + second
    bore = at((I + 0.5) * px, (J + 0.5) * py, h - deep, cylinder(pen, deep + 1))
    text = difference([slab(0, 0, 0, (w, d, h), r)], [grid(n, m, bore)])
    volume = slab_area(w, d, r, n_facets) * h.value
    volume -= n.value * m.value * geometry.circle_area(pen.value, n_facets) * deep.value
    return Body(placed(options, w, d, text), (w.value, d.value, h.value), volume, derived=lines)


def _draw_cards(draw: Draw) -> Drawn:
    thick = draw.size(1, 5)
    values = {"n_slots": draw.count(3, 12), "slot_length": draw.size(12, 90), "slot_width": thick}
    if draw.chance(0.5):
        values["pitch"] = draw.size(thick + 2, thick + 8)
    else:
        values["gap"] = draw.size(2, 8)
    values |= {"slot_depth": draw.size(6, 25), "wall": draw.size(1.5, 5)}
    if draw.chance(0.5):
        values["floor"] = draw.size(1.5, 5)
    return values, {"origin": draw.choice(ORIGINS)}


def _sd_card_holder(v: Values, options: Options, n_facets: int) -> Body:
    n, long, thick, deep, t = v["n_slots"], v["slot_length"], v["slot_width"], v["slot_depth"], v["wall"]
    floor = v.get("floor", t)
    pitch, first = (v["pitch"], NO_LINES) if "pitch" in v else derive("pitch", thick + v["gap"], v)
    require(n.value >= 1 and pitch.value > thick.value + 0.8, "slots meet")
    (w, second), (d, third) = derive("width", long + 2 * t, v), derive("depth", (n - 1) * pitch + thick + 2 * t, v)
    h = floor + deep
    slots = row(n, box(t, t + I * pitch, floor, (long, thick, deep + 1)))
    text = difference([box(0, 0, 0, (w, d, h))], [slots])
    volume = w.value * d.value * h.value - n.value * long.value * thick.value * deep.value
    return Body(placed(options, w, d, text), (w.value, d.value, h.value), volume, derived=first + second + third)


def _draw_graded(draw: Draw) -> Drawn:
    n, first = draw.count(4, 10), draw.size(2, 6)
    values = {"n_sizes": n, "first_diameter": first}
    values["size_step"] = step = small(draw, (0.5, 1.0, 1.0, 2.0), 0.5, 2)
    largest = first + (n - 1) * step
    values |= {"pitch": draw.size(largest + 2, largest + 12), "depth": draw.size(largest + 4, largest + 25)}
    return values, {"origin": draw.choice(ORIGINS), "build": draw.choice(("inline", "list"))}


def _draw_drills(draw: Draw) -> Drawn:
    values, options = _draw_graded(draw)
    height = draw.size(15, 45)
    values = {**values, "height": height, "hole_depth": draw.size(height * 0.5, height - 2)}
    if draw.chance(0.35):
        values["corner_radius"] = draw.size(1, 6)
    return values, options


def _draw_gauge(draw: Draw) -> Drawn:
    values, options = _draw_graded(draw)
    values = {**values, "thickness": draw.size(1.5, 6)}
    if draw.chance(0.35):
        values["corner_radius"] = draw.size(1, 6)
    return values, options


def _graded(v: Values, options: Options, n_facets: int) -> Body:
    """Holes in a row, each wider than the one before; blind where there is a hole depth."""
    n, first, step, pitch, d = v["n_sizes"], v["first_diameter"], v["size_step"], v["pitch"], v["depth"]
    h, r = v.get("height", v.get("thickness", first)), v.get("corner_radius")
    deep = v.get("hole_depth")
    largest = first.value + (n.value - 1) * step.value
    require(n.value >= 2 and largest + 1 < min(pitch.value, d.value), "holes meet")
    if deep is not None and deep.value + 1 > h.value:
        raise Infeasible("holes through the floor")
    w, lines = derive("length", n * pitch, v)
    g = ground(options, w, d)
    if r:
        require(r.value < d.value / 2 - 0.3 and r.value * 0.3 < (pitch.value - largest) / 2 + 0.5, "corners too round")
    diameter, bottom, tall = first + I * step, literal(-1), h + 2
    if deep is not None:
        bottom, tall = h - deep, deep + 1
    if options["build"] == "list" and not n.is_literal:
        lines = (*lines, f"diameters = [for (i = [0 : {n - 1}]) {diameter}];")
        diameter = Num("diameters[i]", 0.0)
    bore = at(g.x + (I + 0.5) * pitch, g.my, bottom, cylinder(diameter, tall))
    holes = sum(geometry.circle_area(first.value + i * step.value, n_facets) for i in range(round(n.value)))
    volume = slab_area(w, d, r, n_facets) * h.value - holes * (h if deep is None else deep).value
    genus = round(n.value) if deep is None else 0
    solid = slab(g.x, g.y, 0, (w, d, h), r)
    return Body(solid, (w.value, d.value, h.value), volume, (), (row(n, bore),), genus=genus, derived=lines)


_POCKETS = {
    "n_columns": count("number of columns | number of pockets in a row", 1, 12),
    "n_rows": count("number of rows", 1, 8),
    "pocket_diameter": length("pocket diameter", 8, 60),
    "pocket_depth": length("pocket depth", 2, 80),
    "wall": WALL,
    "floor": length("floor thickness | thickness below the pockets", 0.8, 12),
    "corner_radius": CORNER_RADIUS,
}
_GRADED = {
    "n_sizes": count("number of holes", 2, 16),
    "first_diameter": length("smallest hole diameter | diameter of the first hole", 1, 15),
    "size_step": length("size step | step from hole to hole", 0.1, 5),
    "pitch": length("hole pitch | distance between hole centers", 4, 60),
    "depth": DEPTH,
}
_POCKET_FORMS = said_forms(
    "pocket_diameter:across each pocket",
    "pocket_depth:deep",
    taught="@a @N with {n_columns#} pockets of {pocket_diameter} | @N, {n_columns#} in a row, {pocket_depth} deep",
)
_GRADED_FORMS = said_forms(
    "pitch:from hole to hole", "depth:deep", taught="@a @N with {n_sizes#} holes from {first_diameter}"
)

RACK_FAMILIES = (
    Family(
        "coin_holder",
        "coin holder",
        pools(
            "coin holder | coin tray | coin sorter | tray with coin pockets | change holder | token tray",
            "penny caddy | money tray for loose change",
        ),
        _POCKETS,
        _draw_coins,
        _pockets,
        _POCKET_FORMS,
        purposes=pools("to hold coins | to keep game tokens | to sort loose change", "to stack poker chips"),
    ),
    Family(
        "battery_holder",
        "battery holder",
        pools(
            "battery holder | battery tray | AA battery holder | AAA battery organizer | battery storage block",
            "accumulator caddy | storage block for dry cells",
        ),
        _POCKETS,
        _draw_batteries,
        _pockets,
        _POCKET_FORMS,
        purposes=pools(
            "to store batteries | to hold AA cells upright | to keep spare cells", "to organise accumulators"
        ),
        weight=1.5,
    ),
    Family(
        "pen_holder",
        "pen holder",
        pools(
            "pen holder | pencil holder | pen block | marker stand | brush holder with a grid of holes | pencil block",
            "stylus caddy | quill block",
        ),
        {
            "width": WIDTH,
            "depth": DEPTH,
            "height": HEIGHT,
            "n_columns": count("number of columns", 1, 10),
            "n_rows": count("number of rows", 1, 8),
            "pen_diameter": length("hole diameter | pen hole diameter", 5, 30),
            "pocket_depth": length("hole depth | pen hole depth", 8, 120),
            "corner_radius": CORNER_RADIUS,
        },
        _draw_pens,
        _pen_holder,
        forms("width:wide", "depth:deep", "height:tall", taught="@a {n_columns#} by {n_rows#} @N, {height} tall"),
        purposes=pools("to hold pens on a desk | to stand brushes | to keep markers in order", "to park styluses"),
        weight=2.0,
    ),
    Family(
        "sd_card_holder",
        "memory card holder",
        pools(
            "SD card holder | memory card holder | card tray with slots | block with slots for SD cards | "
            "slide rack | cartridge holder",
            "flash media caddy | slotted stand for wafers",
        ),
        {
            "n_slots": count("number of slots", 1, 20),
            "slot_length": length("slot length", 8, 150),
            "slot_width": length("slot width", 0.8, 12),
            "pitch": length("slot pitch | distance from slot to slot", 2, 30),
            "gap": length("gap between the slots", 1, 20),
            "slot_depth": length("slot depth", 3, 60),
            "wall": WALL,
            "floor": length("floor thickness | thickness below the slots", 0.8, 12),
        },
        _draw_cards,
        _sd_card_holder,
        said_forms(
            "slot_length:long slots",
            "slot_width:wide",
            "slot_depth:deep",
            taught="@a @N for {n_slots#} cards {slot_length} long",
        ),
        purposes=pools("to hold SD cards | to store memory cards | to keep game cartridges", "to file glass slides"),
    ),
    Family(
        "drill_stand",
        "drill bit stand",
        pools(
            "drill bit stand | drill bit holder | drill block | bit index | block for drill bits | drill bit organizer",
            "twist drill caddy | block for graded bits",
        ),
        {
            **_GRADED,
            "height": HEIGHT,
            "hole_depth": length("hole depth", 3, 60),
            "corner_radius": CORNER_RADIUS,
        },
        _draw_drills,
        _graded,
        _GRADED_FORMS,
        purposes=pools("to hold drill bits by size | to sort bits | to stand router bits", "to rank twist drills"),
    ),
    Family(
        "hole_gauge",
        "hole gauge",
        pools(
            "hole gauge | drill gauge | diameter gauge plate | wire gauge | screw size checker | knitting needle gauge",
            "rod sizer | bore template",
        ),
        {**_GRADED, "thickness": THICKNESS, "corner_radius": CORNER_RADIUS},
        _draw_gauge,
        _graded,
        _GRADED_FORMS,
        purposes=pools(
            "to measure drill bits | to check the size of a screw | to size knitting needles", "to grade dowels"
        ),
    ),
)
