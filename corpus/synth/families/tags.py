"""Families of small flat things: keychain tag, set square, ruler, house number."""

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
    box,
    derive,
    ground,
    hole,
    inset_area,
    inset_slab,
    placed,
    polygon,
    require,
    slab,
    slab_area,
    small,
    tan_of,
    top_face,
)
from corpus.synth.families.terms import (
    CORNER_RADIUS,
    HEIGHT,
    LENGTH,
    THICKNESS,
    WIDTH,
    angle,
    count,
    forms,
    length,
    said_forms,
)
from corpus.synth.num import Num
from corpus.synth.part import Body, Face, Family, Options, Values
from corpus.synth.text import at, difference, indent
from corpus.synth.words import pools

__all__ = ["TAG_FAMILIES"]


def _draw_tag(draw: Draw) -> Drawn:
    width = draw.size(15, 45)
    values = {"length": draw.size(width * 1.3, 100), "width": width, "thickness": draw.size(1.5, 5)}
    values["eye_diameter"] = ring = draw.size(3, min(8, width / 4))
    values["eye_inset"] = draw.size(ring / 2 + 3.5, ring / 2 + 7)
    roll = draw.choice(("none", "radius", "border"))
    if roll != "none":
        values["corner_radius"] = draw.size(2, width / 4)
    if roll == "border":
        values["border_width"] = draw.size(0.8, 2)
        values["border_height"] = draw.size(0.4, 2)
    return values, {"origin": draw.choice(ORIGINS)}


def _keychain_tag(v: Values, options: Options, n_facets: int) -> Body:
    long, w, t, ring, inset, r = (
        v["length"], v["width"], v["thickness"], v["eye_diameter"], v["eye_inset"], v.get("corner_radius")
    )  # fmt: skip
    edge = v["border_width"].value if "border_width" in v else 0.0
    require(inset.value - ring.value / 2 > edge + 0.8 and ring.value + 2 * edge + 2 < w.value, "no room for the ring")
    require(long.value > 4 * inset.value, "tag too short")
    if r:
        require(r.value < w.value / 2 - ring.value / 4, "corners too round")
    g = ground(options, long, w)
    rise = v.get("border_height", ZERO)
    solid = slab(g.x, g.y, 0, (long, w, t + rise if "border_height" in v else t), r)
    volume = slab_area(long, w, r, n_facets) * (t.value + rise.value)
    if "border_height" in v:
        b = v["border_width"]
        solid = difference([solid], [inset_slab((g.x, g.y, t), (long, w, rise + 1), r, b)])
        volume -= inset_area(long, w, r, b, n_facets) * rise.value
    volume -= geometry.circle_area(ring.value, n_facets) * t.value
    x = g.mx - (long / 2 - inset) if options["origin"] == "center" else inset
    # the free part of the face: from behind the ring's hole to as far from the other end
    free = long - 3 * inset
    face = top_face("front", (free, w - 2 * inset / 2, t), (g.mx + inset / 2, g.my), rise_limit=rise.value or None)
    size = (long.value, w.value, t.value + rise.value)
    return Body(solid, size, volume, (face,), (hole(x, g.my, ring, t),), genus=1)


def _draw_square(draw: Draw) -> Drawn:
    base = draw.size(50, 200)
    values = {"base": base}
    kind = draw.choice(("height", "angle", "equal"))
    if kind == "height":
        values["height"] = draw.size(base * 0.5, base)
    elif kind == "angle":
        values["base_angle"] = draw.choice((30.0, 35.0, 40.0, 45.0, 50.0, 60.0))
    values["thickness"] = draw.size(1.5, 5)
    if draw.chance(0.6):
        values["band_width"] = draw.size(6, base * 0.1 + 4)
    return values, {"build": draw.choice(("polygon", "written"))}


def _set_square(v: Values, options: Options, n_facets: int) -> Body:
    """A right-angled triangle with an opening of the same shape where it has a band."""
    a, t = v["base"], v["thickness"]
    b, lines = v.get("height", a), NO_LINES
    if "base_angle" in v:
        require(15 <= v["base_angle"].value <= 75, "too slender")
        b, lines = derive("height", a * tan_of(v["base_angle"]), v)
    area = a.value * b.value / 2
    inradius = (a.value + b.value - math.hypot(a.value, b.value)) / 2
    outer = polygon([(0, 0), (a, 0), (0, b)])
    genus, flat = 0, outer
    faces: tuple[Face, ...] = (top_face("front", (a / 2, b / 2, t), (a / 4, b / 4)),)
    if "band_width" in v:
        band = v["band_width"]
        require(inradius - band.value > 3, "no opening")
        area *= 1 - ((inradius - band.value) / inradius) ** 2
        flat, genus, faces = difference([outer], [f"offset(delta = {-band})\n{indent(outer)}"]), 1, ()
    solid = f"linear_extrude(height = {t})\n{indent(flat)}"
    if options["build"] == "written" and genus:
        inner = f"translate([0, 0, -1])\n  linear_extrude(height = {t + 2})\n    offset(delta = {-v['band_width']})\n"
        solid = difference([f"linear_extrude(height = {t})\n{indent(outer)}"], [inner + indent(outer, 3)])
    elif options["build"] == "written":
        solid = f"linear_extrude({t})\n{indent(outer)}"
    return Body(solid, (a.value, b.value, t.value), area * t.value, faces, genus=genus, derived=lines)


def _draw_ruler(draw: Draw) -> Drawn:
    values = {"n_divisions": draw.count(5, 20), "division": small(draw, (5.0, 10.0, 10.0, 12.0), 5, 13)}
    values |= {"end_margin": draw.size(2, 10), "width": draw.size(15, 40), "thickness": draw.size(1.5, 4)}
    values |= {
        "tick_length": draw.size(3, values["width"] * 0.35),
        "tick_width": small(draw, (0.5, 0.6, 0.8, 1.0), 0.5, 2),
    }
    values["tick_depth"] = small(draw, (0.3, 0.4, 0.5, 0.6, 0.8), 0.3, 1.6)
    if draw.chance(0.5):
        values["long_tick_length"] = draw.size(values["tick_length"] + 2, values["tick_length"] + 10)
    if draw.chance(0.4):
        values["hang_diameter"] = draw.size(3, 6)
        values["end_margin"] = draw.size(values["hang_diameter"] + 3, values["hang_diameter"] + 10)
    return values, {"origin": draw.choice(ORIGINS)}


def _ruler(v: Values, options: Options, n_facets: int) -> Body:
    """Ticks are cut into the top from the far edge; every fifth is longer where there is a length for it."""
    n, step, margin, w, t, tick, line, deep = (
        v["n_divisions"], v["division"], v["end_margin"], v["width"], v["thickness"], v["tick_length"],
        v["tick_width"], v["tick_depth"],
    )  # fmt: skip
    long_tick = v.get("long_tick_length", tick)
    require(n.value >= 2 and line.value + 0.8 < step.value and line.value / 2 + 0.5 < margin.value, "ticks meet")
    require(deep.value + 0.6 < t.value and tick.value <= long_tick.value < w.value - 3, "ticks too long or too deep")
    long, lines = derive("length", n * step + 2 * margin, v)
    reach = tick if "long_tick_length" not in v else Num("tick", 0.0)
    cut = box(margin + I * step - line / 2, w - reach, t - deep, (line, reach + 1, deep + 1))
    if "long_tick_length" in v:
        cut = f"let (tick = i % 5 == 0 ? {long_tick} : {tick})\n{indent(cut)}"
    cuts = [f"for (i = [0 : {n}])\n{indent(cut)}"]
    n_long = math.floor(n.value / 5) + 1 if "long_tick_length" in v else 0
    ticks = n_long * long_tick.value + (n.value + 1 - n_long) * tick.value
    volume, genus = long.value * w.value * t.value - ticks * line.value * deep.value, 0
    if "hang_diameter" in v:
        s = v["hang_diameter"]
        require(s.value + 1 < margin.value - line.value / 2 and s.value + 2 < w.value, "no room for the hole")
        cuts.append(hole(long - margin / 2, w / 2, s, t))
        volume, genus = volume - geometry.circle_area(s.value, n_facets) * t.value, 1
    text = difference([box(0, 0, 0, (long, w, t))], cuts)
    return Body(placed(options, long, w, text), (long.value, w.value, t.value), volume, genus=genus, derived=lines)


def _draw_number(draw: Draw) -> Drawn:
    number = draw.count(1, draw.choice((9, 99, 999)))
    tall = draw.size(15, 80)
    room = tall * len(f"{number:g}") + 6
    values = {"house_number": number, "digit_height": tall, "width": draw.size(room, room + 60)}
    values |= {"height": draw.size(tall * 1.3, tall * 1.3 + 30), "thickness": draw.size(2, 6)}
    if draw.chance(0.6):
        values["relief"] = draw.size(1, 4)
    else:
        values["engraving_depth"] = draw.size(0.5, values["thickness"] * 0.6)
    if draw.chance(0.35):
        values["corner_radius"] = draw.size(1, 8)
    return values, {"origin": draw.choice(ORIGINS)}


def _house_number(v: Values, options: Options, n_facets: int) -> Body:
    """Digits raised on a plate or cut into it; the area of the font's digits is not known in closed form."""
    number, tall, w, h, t, r = (
        v["house_number"], v["digit_height"], v["width"], v["height"], v["thickness"], v.get("corner_radius")
    )  # fmt: skip
    require(0 < number.value <= 9999 and number.value == round(number.value), "no house number")
    # a digit of the default font is 0.8 of its height wide at most
    require(0.9 * tall.value * len(f"{number.value:g}") + 3 < w.value, "digits wider than the plate")
    require(tall.value * 1.15 + 2 < h.value and slab_area(w, h, r, n_facets) > 0, "digits taller than the plate")
    g = ground(options, w, h)
    digits = f'text(str({number}), size = {tall}, halign = "center", valign = "center");'
    plate, rise = slab(g.x, g.y, 0, (w, h, t), r), v.get("relief", ZERO)
    if "relief" in v:
        raised = f"linear_extrude(height = {t / 2 + rise})\n{indent(digits)}"
        solid = f"{plate}\n{at(g.mx, g.my, t / 2, raised)}"
    else:
        deep = v["engraving_depth"]
        require(deep.value + 0.6 < t.value, "engraved right through")
        solid = difference(
            [plate], [at(g.mx, g.my, t - deep, f"linear_extrude(height = {deep + 1})\n{indent(digits)}")]
        )
    volume = slab_area(w, h, r, n_facets) * t.value
    return Body(solid, (w.value, h.value, t.value + rise.value), volume, genus=0, is_exact=False)


TAG_FAMILIES = (
    Family(
        "keychain_tag",
        "keychain tag",
        pools(
            "keychain tag | key tag | key fob | keyring tag | luggage tag | key ring tag with a hole",
            "fob blank | bag label",
        ),
        {
            "length": LENGTH,
            "width": WIDTH,
            "thickness": THICKNESS,
            "eye_diameter": length("ring hole diameter", 2, 20),
            "eye_inset": length("ring hole inset | distance of the ring hole from the end", 2, 30),
            "corner_radius": CORNER_RADIUS,
            "border_width": length("border width", 0.6, 8),
            "border_height": length("border height", 0.3, 5),
        },
        _draw_tag,
        _keychain_tag,
        forms("length:long", "width:wide", "thickness:thick", taught="@a {length} x {width} @N"),
        purposes=pools("to label keys | to mark a bag | to hang on a key ring", "to identify luggage"),
        weight=1.5,
    ),
    Family(
        "set_square",
        "set square",
        pools(
            "set square | drafting triangle | triangle ruler | right-angled triangle plate | drawing triangle",
            "try triangle | geometry triangle",
        ),
        {
            "base": length("base length | length of the base", 20, 300, adjectives="long"),
            "height": HEIGHT,
            "base_angle": angle("base angle | angle at the base", 20, 70),
            "thickness": THICKNESS,
            "band_width": length("band width | width of the frame", 3, 50),
        },
        _draw_square,
        _set_square,
        said_forms(
            "base:long", "thickness:thick", taught="@a {base} @N with @a {base_angle} corner | @a {base} x {height} @N"
        ),
        purposes=pools("to draw right angles | to check corners | to mark out wood", "to lay out perpendicular lines"),
        is_held_out=True,
    ),
    Family(
        "ruler",
        "ruler",
        pools(
            "ruler | ruler with tick marks | straight edge with divisions | measuring stick | engraved scale",
            "graduated rule | measuring strip",
        ),
        {
            "n_divisions": count("number of divisions", 2, 40),
            "division": length("division | distance between ticks", 2, 30),
            "end_margin": length("end margin | margin at both ends", 1, 30),
            "width": WIDTH,
            "thickness": THICKNESS,
            "tick_length": length("tick length", 1, 30),
            "tick_width": length("tick width", 0.3, 3),
            "tick_depth": length("tick depth", 0.2, 3),
            "long_tick_length": length("long tick length | length of every fifth tick", 2, 40),
            "hang_diameter": length("hanging hole diameter", 2, 15),
        },
        _draw_ruler,
        _ruler,
        said_forms("width:wide", "thickness:thick", taught="@a @N with {n_divisions#} divisions of {division}"),
        purposes=pools("to measure short lengths | to teach measuring | to draw straight lines", "to gauge distances"),
    ),
    Family(
        "house_number",
        "house number sign",
        pools(
            "house number sign | house number plaque | number plate for a door | room number sign | table number",
            "address plaque | numbered placard",
        ),
        {
            "house_number": count("number", 1, 9999),
            "digit_height": length("digit height | height of the digits", 8, 150),
            "width": WIDTH,
            "height": length("plate height | height", 10, 250, adjectives="tall | high"),
            "thickness": THICKNESS,
            "relief": length("relief height | height that the digits stand out", 0.4, 10),
            "engraving_depth": length("engraving depth", 0.3, 10),
            "corner_radius": CORNER_RADIUS,
        },
        _draw_number,
        _house_number,
        forms(
            "width:wide", "height:tall", "thickness:thick", taught="@a @N, number {house_number#}, {width} x {height}"
        ),
        purposes=pools(
            "to mark a house | to number a room | to number a table at a wedding", "to tell visitors the address"
        ),
    ),
)
