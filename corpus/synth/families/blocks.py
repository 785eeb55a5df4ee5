"""Families of shaped blocks: V-block, corner protector, stud brick, dice."""

from __future__ import annotations

from corpus.synth import geometry
from corpus.synth.draw import Draw
from corpus.synth.families.shapes import (
    NO_LINES,
    ORIGINS,
    ZERO,
    Drawn,
    I,
    J,
    Point,
    along_x,
    box,
    derive,
    front_face,
    grid,
    ground,
    inset_area,
    inset_slab,
    placed,
    polygon,
    require,
    slab,
    slab_area,
    small,
    tan_of,
)
from corpus.synth.families.terms import (
    CORNER_RADIUS,
    DEPTH,
    FLOOR,
    HEIGHT,
    LENGTH,
    WALL,
    angle,
    count,
    forms,
    length,
)
from corpus.synth.num import Num
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import at, cylinder, difference, indent
from corpus.synth.words import pools

__all__ = ["BLOCK_FAMILIES"]


def _draw_v_block(draw: Draw) -> Drawn:
    values = {"length": draw.size(20, 120), "depth": draw.size(25, 90)}
    values["groove_width"] = draw.size(values["depth"] * 0.3, values["depth"] * 0.7)
    if draw.chance(0.4):
        values["groove_angle"] = draw.choice((60.0, 90.0, 90.0, 120.0))
    values["height"] = draw.size(values["groove_width"] + 8, values["groove_width"] + 40)
    if draw.chance(0.5):
        values["relief_width"] = draw.size(1, values["groove_width"] * 0.25)
        values["relief_depth"] = draw.size(1, 5)
    return values, {"origin": draw.choice(ORIGINS), "build": draw.choice(("cut", "outline"))}


def _v_block(v: Values, options: Options, n_facets: int) -> Body:
    """A block along x with a V groove in its top, and a relief slot at the bottom of the V if so asked."""
    long, d, h, wide = v["length"], v["depth"], v["height"], v["groove_width"]
    deep, lines = wide / 2, NO_LINES
    if "groove_angle" in v:
        require(40 <= v["groove_angle"].value <= 150, "no V")
        deep, lines = derive("groove_depth", wide / 2 / tan_of(v["groove_angle"] / 2), v)
    require(deep.value + 2 < h.value and wide.value + 2 < d.value, "groove as large as the block")
    slope, groove = wide.value / 2 / deep.value, wide.value * deep.value / 2
    g = ground(options, long, d)
    if options["build"] == "outline":
        shape: list[Point] = [
            (0, 0),
            (d, 0),
            (d, h),
            ((d + wide) / 2, h),
            (d / 2, h - deep),
            ((d - wide) / 2, h),
            (0, h),
        ]
        solid = along_x(long, polygon(shape), g.x, g.y)
        cuts: tuple[str, ...] = ()
    else:
        solid = box(g.x, g.y, 0, (long, d, h))
        flat = polygon([(0, h - deep), (wide / 2, h), (wide / 2, h + 1), (-wide / 2, h + 1), (-wide / 2, h)])
        cuts = (along_x(long + 2, flat, g.x - 1, g.my),)
    if "relief_width" in v:
        slot, down = v["relief_width"], v["relief_depth"]
        require(slot.value < wide.value - 1 and deep.value + down.value + 2 < h.value, "relief too large")
        up = slot.value / 2 / slope  # of the V below where it is as wide as the slot
        groove += slot.value * (down.value + up) - slot.value * up / 2
        cuts = (*cuts, box(g.x - 1, g.my - slot / 2, h - deep - down, (long + 2, slot, deep + down + 1)))
    volume = long.value * (d.value * h.value - groove)
    return Body(solid, (long.value, d.value, h.value), volume, (), cuts, derived=lines)


def _draw_protector(draw: Draw) -> Drawn:
    values = {"side_length": draw.size(15, 60)}
    if draw.chance(0.4):
        values["height"] = draw.size(12, 60)
    values["wall"] = draw.size(1.2, 5)
    if draw.chance(0.35):
        values["floor"] = draw.size(1.2, 6)
    return values, {"build": draw.choice(("cut", "cubes"))}


def _corner_protector(v: Values, options: Options, n_facets: int) -> Body:
    """Three walls that meet in a corner."""
    a, t = v["side_length"], v["wall"]
    h, floor = v.get("height", a), v.get("floor", t)
    require(t.value * 2 + 4 < a.value and floor.value + 4 < h.value, "no room in the corner")
    if options["build"] == "cut":
        solid = box(0, 0, 0, (a, a, h))
        cuts: tuple[str, ...] = (box(t, t, floor, (a, a, h)),)
    else:
        solid = "\n".join((box(0, 0, 0, (a, a, floor)), box(0, 0, 0, (t, a, h)), box(0, 0, 0, (a, t, h))))
        cuts = ()
    room = a.value - t.value
    volume = a.value**2 * h.value - room**2 * (h.value - floor.value)
    wall = front_face("wall", (a - t, h - floor, t), ((a + t) / 2, (h + floor) / 2))
    return Body(solid, (a.value, a.value, h.value), volume, (wall,), cuts)


def _draw_brick(draw: Draw) -> Drawn:
    pitch = draw.size(6, 20)
    values = {"n_columns": draw.count(1, 8), "n_rows": draw.count(1, 4), "pitch": pitch}
    values |= {"height": draw.size(pitch * 0.4, pitch * 1.5), "stud_diameter": draw.size(pitch * 0.45, pitch * 0.75)}
    values["stud_height"] = draw.size(1, pitch * 0.3)
    if draw.chance(0.6):
        values["wall"] = draw.size(0.8, max(1, pitch / 5))
    if draw.chance(0.35):
        values["corner_radius"] = draw.size(0.5, pitch / 5)
    return values, {"origin": draw.choice(ORIGINS)}


def _stud_brick(v: Values, options: Options, n_facets: int) -> Body:
    """A brick with round studs on top, hollow below where it has a wall."""
    n, m, pitch, h, stud, rise = (
        v["n_columns"], v["n_rows"], v["pitch"], v["height"], v["stud_diameter"], v["stud_height"]
    )  # fmt: skip
    t, r = v.get("wall"), v.get("corner_radius")
    require(min(n.value, m.value) >= 1 and stud.value + 0.8 < pitch.value, "studs meet")
    (w, first), (d, second) = derive("width", n * pitch, v), derive("depth", m * pitch, v)
    if r:
        require(r.value < pitch.value / 2 - 0.3, "corners too round")
        require(r.value * 0.42 < (pitch.value - stud.value) * 0.7, "studs beyond the round corners")
    # a stud begins below the top, so that the two share a volume
    root = t / 2 if t else h / 2
    studs = grid(n, m, at((I + 0.5) * pitch, (J + 0.5) * pitch, h - root, cylinder(stud, rise + root)))
    text = f"{slab(0, 0, 0, (w, d, h), r)}\n{studs}"
    volume = slab_area(w, d, r, n_facets) * h.value
    volume += n.value * m.value * geometry.circle_area(stud.value, n_facets) * rise.value
    if t:
        require(2 * t.value + 2 < min(w.value, d.value) and t.value + 1 < h.value, "no room inside")
        room = inset_slab((ZERO, ZERO, -1), (w, d, h - t + 1), r, t)
        text = difference([slab(0, 0, 0, (w, d, h), r), studs], [room])
        volume -= inset_area(w, d, r, t, n_facets) * (h.value - t.value)
    size = (w.value, d.value, h.value + rise.value)
    return Body(placed(options, w, d, text), size, volume, derived=first + second)


def _draw_dice(draw: Draw) -> Drawn:
    side = draw.size(10, 40)
    values = {"edge_length": side, "pip_diameter": draw.size(side * 0.1, side * 0.19)}
    values["pip_depth"] = small(draw, (0.4, 0.5, 0.6, 0.8, 1.0), 0.5, side * 0.1)
    if draw.chance(0.6):
        values["pip_spacing"] = draw.size(side * 0.24, side * 0.3)
    return values, {"build": draw.choice(("rotations", "loop")), "origin": draw.choice(ORIGINS)}


_TURNS = (
    (1, "[0, 0, 0]"),
    (6, "[180, 0, 0]"),
    (2, "[90, 0, 0]"),
    (5, "[-90, 0, 0]"),
    (3, "[0, 90, 0]"),
    (4, "[0, -90, 0]"),
)
_PIPS = """function pips(n) = concat(
  n % 2 == 1 ? [[0, 0]] : [],
  n >= 2 ? [[-1, -1], [1, 1]] : [],
  n >= 4 ? [[-1, 1], [1, -1]] : [],
  n == 6 ? [[-1, 0], [1, 0]] : []
);"""


def _dice(v: Values, options: Options, n_facets: int) -> Body:
    """Opposite faces add up to seven."""
    a, pip, deep = v["edge_length"], v["pip_diameter"], v["pip_depth"]
    apart = v.get("pip_spacing", a / 4)
    require(
        pip.value + 0.5 < apart.value and apart.value + pip.value / 2 + 0.5 < a.value / 2, "pips meet or reach an edge"
    )
    require(deep.value * 2 < a.value / 2 - apart.value - pip.value / 2 + deep.value, "pips of two faces meet")
    p = (Num("p[0]", 0.0) * apart, Num("p[1]", 0.0) * apart)
    pips = "for (p = pips({n}))\n" + indent(at(*p, a / 2 - deep, cylinder(pip, deep + 1)))
    if options["build"] == "rotations":
        cuts = [f"rotate({turn})\n{indent(pips.replace('{n}', str(n)))}" for n, turn in _TURNS]
    else:
        faces = ",\n  ".join(f"[{n}, {turn}]" for n, turn in _TURNS)
        cuts = [f"for (f = [\n  {faces},\n])\n  rotate(f[1])\n{indent(pips.replace('{n}', 'f[0]'), 2)}"]
    text = difference([f"cube({a}, center = true);"], cuts)
    if options["origin"] == "corner":
        text = f"translate([{a / 2}, {a / 2}, {a / 2}])\n{indent(text)}"
    volume = a.value**3 - 21 * geometry.circle_area(pip.value, n_facets) * deep.value
    return Body(text, (a.value, a.value, a.value), volume, definitions=(_PIPS,))


BLOCK_FAMILIES = (
    Family(
        "v_block",
        "V-block",
        pools(
            "V-block | V block | vee block | block with a V groove | V-groove block for round stock",
            "notched rest for bars | prism block",
        ),
        {
            "length": LENGTH,
            "depth": DEPTH,
            "groove_width": length("groove width | width of the V at the top", 3, 100),
            "groove_angle": angle("groove angle | angle of the V", 45, 140),
            "height": HEIGHT,
            "relief_width": length("relief slot width", 0.5, 20),
            "relief_depth": length("relief slot depth | depth of the slot below the V", 0.5, 20),
        },
        _draw_v_block,
        _v_block,
        forms("length:long", "depth:deep", "height:tall", taught="@a {length} @N with @a {groove_width} wide V"),
        purposes=pools("to hold a round bar | to drill a pipe | to rest a shaft on", "to steady a dowel"),
    ),
    Family(
        "corner_protector",
        "corner protector",
        pools(
            "corner protector | corner guard | box corner | table corner guard | corner cap | crate corner",
            "edge bumper | three-sided corner shoe",
        ),
        {"side_length": length("side | side length", 8, 120), "height": HEIGHT, "wall": WALL, "floor": FLOOR},
        _draw_protector,
        _corner_protector,
        pools(
            "@a {side_length} @N | @a @N {side_length} on a side | @N, {side_length} sides, {wall} walls | "
            "@a @N of {side_length} with {wall} walls | "
            "@a {side_length} @N, {wall} thick | @a @N with {side_length} sides",
            "@a @N spanning {side_length} each way | @a @N, {wall} walls and {side_length} sides",
        ),
        purposes=pools(
            "to protect the corner of a table | to pad a picture frame in the mail | to guard the corner of a crate",
            "to shield the corner of a cabinet",
        ),
    ),
    Family(
        "stud_brick",
        "stud brick",
        pools(
            "stud brick | toy brick | building brick with studs | toy building block | brick with studs on top",
            "knobbed construction block | interlocking toy block",
        ),
        {
            "n_columns": count("number of studs along the width", 1, 12),
            "n_rows": count("number of studs along the depth", 1, 8),
            "pitch": length("stud pitch | distance between studs", 4, 40),
            "height": length("brick height | height without the studs", 2, 80),
            "stud_diameter": length("stud diameter", 2, 30),
            "stud_height": length("stud height", 0.5, 15),
            "wall": WALL,
            "corner_radius": CORNER_RADIUS,
        },
        _draw_brick,
        _stud_brick,
        pools(
            "@a {n_columns#} by {n_rows#} @N | @a {n_columns#} x {n_rows#} @N, {height} tall | "
            "@N, {n_columns#} by {n_rows#} | "
            "@a @N with {n_columns#} by {n_rows#} studs | @a {n_columns#} by {n_rows#} @N with @a {pitch} pitch | "
            "@a @N {n_columns#} studs long and {n_rows#} wide",
            "@a @N of {n_columns#} times {n_rows#} studs | @a @N sized {n_columns#} / {n_rows#} studs",
        ),
        purposes=pools("to build toy houses | to play with | to teach a child to count", "to assemble toy castles"),
    ),
    Family(
        "dice",
        "die with pips",
        pools(
            "die with pips | six-sided die | dice | game die | playing die with dimples | D6",
            "gaming cube | cubical die",
        ),
        {
            "edge_length": length("side | edge length", 6, 80),
            "pip_diameter": length("pip diameter", 0.8, 15),
            "pip_depth": length("pip depth", 0.2, 6),
            "pip_spacing": length("pip spacing | distance of the pips from the middle", 1, 25),
        },
        _draw_dice,
        _dice,
        pools(
            "@a {edge_length} @N | @N, {edge_length} a side | @a @N {edge_length} on edge | "
            "@a @N of {edge_length} with {pip_diameter} pips | "
            "@a {edge_length} @N, pips {pip_depth} deep | @a @N with {edge_length} sides",
            "@a @N, edge length {edge_length} | @a @N measuring {edge_length} each way",
        ),
        purposes=pools("to roll in a board game | to play games with | to teach chance", "to gamble with"),
    ),
)
