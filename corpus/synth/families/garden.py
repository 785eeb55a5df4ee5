"""Families for the garden: planter box, seed tray."""

from __future__ import annotations

from corpus.synth import geometry
from corpus.synth.draw import Draw
from corpus.synth.families.shapes import (
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
    slab,
    slab_area,
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
from corpus.synth.text import at, cylinder, difference
from corpus.synth.words import pools

__all__ = ["GARDEN_FAMILIES"]


def _draw_planter(draw: Draw) -> Drawn:
    n, m = draw.count(1, 5), draw.count(1, 3)
    values = {"width": draw.size(60, 250), "depth": draw.size(50, 150), "height": draw.size(50, 150)}
    values |= {"wall": draw.size(2, 5), "n_columns": n, "n_rows": m, "drain_diameter": draw.size(4, 10)}
    if draw.chance(0.4):
        values["floor"] = draw.size(2, 6)
    if draw.chance(0.4):
        values["corner_radius"] = draw.size(2, values["depth"] / 5)
    return values, {"origin": draw.choice(ORIGINS)}


def _planter(v: Values, options: Options, n_facets: int) -> Body:
    w, d, h, t, n, m, drain = (
        v["width"], v["depth"], v["height"], v["wall"], v["n_columns"], v["n_rows"], v["drain_diameter"]
    )  # fmt: skip
    floor, r = v.get("floor", t), v.get("corner_radius")
    px, py = w / (n + 1), d / (m + 1)
    require(min(px.value, py.value) > drain.value + t.value + 1 and min(n.value, m.value) >= 1, "drain holes meet")
    require(h.value > floor.value + 5, "no room inside")
    holes = grid(n, m, at((I + 1) * px, (J + 1) * py, -1, cylinder(drain, floor + 2)))
    if r:
        require(r.value * 0.6 < min(px.value, py.value) - drain.value / 2, "drain holes in the round corners")
    text = difference([slab(0, 0, 0, (w, d, h), r)], [inset_slab((ZERO, ZERO, floor), (w, d, h), r, t), holes])
    n_holes = n.value * m.value
    volume = slab_area(w, d, r, n_facets) * h.value - inset_area(w, d, r, t, n_facets) * (h.value - floor.value)
    volume -= n_holes * geometry.circle_area(drain.value, n_facets) * floor.value
    edge = r if r is not None and r.value > t.value else t
    g = ground(options, w, d)
    front = front_face("front", (w - 2 * edge, h - floor, t), (g.mx, (h + floor) / 2), y=g.y)
    size = (w.value, d.value, h.value)
    return Body(placed(options, w, d, text), size, volume, (front,), genus=round(n_holes))


def _draw_seeds(draw: Draw) -> Drawn:
    n, m = draw.count(2, 6), draw.count(2, 5)
    cell = draw.size(20, 45)
    values = {"n_columns": n, "n_rows": m, "cell_size": cell}
    if draw.chance(0.3):
        values["cell_depth"] = draw.size(20, 45)
    values |= {"height": draw.size(25, 60), "wall": draw.size(1.2, 3)}
    if draw.chance(0.4):
        values["floor"] = draw.size(1.2, 3)
    values["drain_diameter"] = draw.size(3, 8)
    return values, {"origin": draw.choice(ORIGINS), "build": draw.choice(("together", "apart"))}


def _seed_tray(v: Values, options: Options, n_facets: int) -> Body:
    n, m, cell, h, t, drain = v["n_columns"], v["n_rows"], v["cell_size"], v["height"], v["wall"], v["drain_diameter"]
    deep, floor = v.get("cell_depth", cell), v.get("floor", t)
    require(min(n.value, m.value) >= 1 and drain.value + 4 < min(cell.value, deep.value), "drains too large")
    require(h.value > floor.value + 5, "no room inside")
    (w, first), (d, second) = derive("width", n * (cell + t) + t, v), derive("depth", m * (deep + t) + t, v)
    x, y = t + I * (cell + t), t + J * (deep + t)
    bore = cylinder(drain, floor + 2)
    if options["build"] == "together":
        one = f"{box(0, 0, floor, (cell, deep, h))}\n{at(cell / 2, deep / 2, -1, bore)}"
        cuts = [grid(n, m, f"translate([{x}, {y}, 0]) {{\n  " + one.replace("\n", "\n  ") + "\n}")]
    else:
        cuts = [grid(n, m, box(x, y, floor, (cell, deep, h))), grid(n, m, at(x + cell / 2, y + deep / 2, -1, bore))]
    text = difference([box(0, 0, 0, (w, d, h))], cuts)
    n_cells = n.value * m.value
    volume = w.value * d.value * h.value - n_cells * cell.value * deep.value * (h.value - floor.value)
    volume -= n_cells * geometry.circle_area(drain.value, n_facets) * floor.value
    size = (w.value, d.value, h.value)
    return Body(placed(options, w, d, text), size, volume, genus=round(n_cells), derived=first + second)


_SHELL = {"width": WIDTH, "depth": DEPTH, "height": HEIGHT, "wall": WALL, "floor": FLOOR}
_GRID = {"n_columns": count("number of columns", 1, 12), "n_rows": count("number of rows", 1, 10)}
_DRAIN = length("drain hole diameter", 2, 20)

GARDEN_FAMILIES = (
    Family(
        "planter_box",
        "planter box",
        pools(
            "planter box | planter | rectangular plant pot | flower box with drain holes | window box | herb planter",
            "balcony trough | jardiniere",
        ),
        {**_SHELL, **_GRID, "drain_diameter": _DRAIN, "corner_radius": CORNER_RADIUS},
        _draw_planter,
        _planter,
        forms("width:wide", "depth:deep", "height:tall", taught="@a {width} x {depth} x {height} @N with {wall} walls"),
        purposes=pools("to grow herbs on a sill | to plant flowers | to pot succulents", "to raise basil on a balcony"),
        weight=1.5,
    ),
    Family(
        "seed_tray",
        "seed tray",
        pools(
            "seed tray | seedling tray | seed starter tray | plug tray | propagation tray | germination tray",
            "sprouting flat | nursery cell tray",
        ),
        {
            **_GRID,
            "cell_size": length("cell size | cell width", 10, 80),
            "cell_depth": length("cell depth", 10, 80),
            "height": HEIGHT,
            "wall": WALL,
            "floor": FLOOR,
            "drain_diameter": _DRAIN,
        },
        _draw_seeds,
        _seed_tray,
        said_forms("cell_size:a cell", "height:tall", taught="@a {n_columns#} by {n_rows#} @N with {cell_size} cells"),
        purposes=pools("to start seeds | to raise seedlings | to sow tomatoes indoors", "to germinate peppers"),
    ),
)
