"""Families of plates with openings: picture frame, window frame, name plate, switch plate."""

from __future__ import annotations

from corpus.synth import geometry
from corpus.synth.draw import Draw, Unit
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
    hole,
    inset_area,
    inset_slab,
    placed,
    require,
    row,
    slab,
    slab_area,
    top_face,
)
from corpus.synth.families.terms import CORNER_RADIUS, DEPTH, THICKNESS, WIDTH, count, forms, length, screw
from corpus.synth.num import Num, literal
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import at, block, cylinder, difference, indent
from corpus.synth.words import pools

__all__ = ["FRAME_FAMILIES"]


def _draw_picture(draw: Draw) -> Drawn:
    border = draw.size(8, 35)
    if draw.chance(0.5):
        values = {"opening_width": draw.size(40, 180), "opening_height": draw.size(40, 180)}
    else:
        values = {"width": draw.size(2 * border + 30, 250), "height": draw.size(2 * border + 30, 250)}
    values |= {"border": border, "thickness": draw.size(5, 15)}
    if draw.chance(0.5):
        values["rabbet_width"] = draw.size(2, border * 0.5)
        values["rabbet_depth"] = draw.size(1.5, values["thickness"] * 0.6)
    if draw.chance(0.25):
        values["corner_radius"] = draw.size(1, border * 0.8)
    return values, {"origin": draw.choice(ORIGINS)}


def _picture_frame(v: Values, options: Options, n_facets: int) -> Body:
    """Lies on its face; a rabbet for glass and picture is let into its back."""
    b, t, r = v["border"], v["thickness"], v.get("corner_radius")
    if "width" in v:
        w, h, lines = v["width"], v["height"], NO_LINES
        ow, oh = w - 2 * b, h - 2 * b
    else:
        ow, oh = v["opening_width"], v["opening_height"]
        (w, first), (h, second) = derive("width", ow + 2 * b, v), derive("height", oh + 2 * b, v)
        lines = first + second
    require(min(ow.value, oh.value) > 10, "no opening")
    if r:
        require(r.value < b.value, "corners rounder than the border is wide")
    cuts = [box(b, b, -1, (ow, oh, t + 2))]
    volume = (slab_area(w, h, r, n_facets) - ow.value * oh.value) * t.value
    if "rabbet_width" in v:
        k, deep = v["rabbet_width"], v["rabbet_depth"]
        require(k.value + 1.5 < b.value and deep.value + 1 < t.value, "rabbet as wide as the border")
        cuts.append(box(b - k, b - k, t - deep, (ow + 2 * k, oh + 2 * k, deep + 1)))
        volume -= ((ow.value + 2 * k.value) * (oh.value + 2 * k.value) - ow.value * oh.value) * deep.value
    text = difference([slab(0, 0, 0, (w, h, t), r)], cuts)
    return Body(placed(options, w, h, text), (w.value, h.value, t.value), volume, genus=1, derived=lines)


def _draw_window(draw: Draw) -> Drawn:
    n, m = draw.count(1, 4), draw.count(2, 5)
    values = {
        "width": draw.size(n * 20 + 20, 220),
        "height": draw.size(m * 20 + 20, 250),
        "thickness": draw.size(2, 12),
    }
    values |= {"frame_width": draw.size(4, 12)}
    if draw.chance(0.5):
        values["bar_width"] = draw.size(2, 6)
    values |= {"n_columns": n, "n_rows": m}
    return values, {"origin": draw.choice(ORIGINS), "build": draw.choice(("panes", "bars"))}


def _window_frame(v: Values, options: Options, n_facets: int) -> Body:
    w, h, t, f, n, m = v["width"], v["height"], v["thickness"], v["frame_width"], v["n_columns"], v["n_rows"]
    bar = v.get("bar_width", f)
    require(min(n.value, m.value) >= 1, "no panes")
    pw, first = derive("pane_width", (w - 2 * f - (n - 1) * bar) / n, v)
    ph, second = derive("pane_height", (h - 2 * f - (m - 1) * bar) / m, v)
    require(min(pw.value, ph.value) > 4, "panes too small")
    if options["build"] == "panes" or n.value == 1 or m.value == 1:
        pane = box(f + I * (pw + bar), f + J * (ph + bar), -1, (pw, ph, t + 2))
        text = difference([box(0, 0, 0, (w, h, t))], [grid(n, m, pane)])
    else:
        rim = difference([box(0, 0, 0, (w, h, t))], [box(f, f, -1, (w - 2 * f, h - 2 * f, t + 2))])
        # bars reach half way into the frame, so that they share a volume with it
        posts = row(n - 1, box(f + pw + I * (pw + bar), f / 2, 0, (bar, h - f, t)))
        rails = row(m - 1, box(f / 2, f + ph + I * (ph + bar), 0, (w - f, bar, t)))
        text = f"{rim}\n{posts}\n{rails}"
    n_panes = n.value * m.value
    volume = (w.value * h.value - n_panes * pw.value * ph.value) * t.value
    size = (w.value, h.value, t.value)
    return Body(placed(options, w, h, text), size, volume, genus=round(n_panes), derived=first + second)


def _draw_name(draw: Draw) -> Drawn:
    values = {"width": draw.size(50, 200), "depth": draw.size(20, 80), "thickness": draw.size(1.5, 5)}
    values["border_width"] = draw.size(1.5, min(6, values["depth"] / 6))
    values["border_height"] = draw.size(0.8, 3)
    if draw.chance(0.35):
        values["corner_radius"] = draw.size(values["border_width"] + 1, values["border_width"] + 6)
    if draw.chance(0.4):
        values["fixing_diameter"] = draw.size(2.5, max(3, values["depth"] / 8))
    return values, {"origin": draw.choice(ORIGINS), "build": draw.choice(("sunk", "raised"))}


def _name_plate(v: Values, options: Options, n_facets: int) -> Body:
    """A plate with a raised border; where it has screws, they go at its left and right."""
    w, d, t, b, rise, r = (
        v["width"], v["depth"], v["thickness"], v["border_width"], v["border_height"], v.get("corner_radius")
    )  # fmt: skip
    require(2 * b.value + 8 < d.value and d.value <= w.value, "border as wide as the plate")
    g = ground(options, w, d)
    if options["build"] == "sunk":
        solid = difference(
            [slab(g.x, g.y, 0, (w, d, t + rise), r)], [inset_slab((g.x, g.y, t), (w, d, rise + 1), r, b)]
        )
    else:
        rim = difference(
            [slab(g.x, g.y, 0, (w, d, t + rise), r)], [inset_slab((g.x, g.y, -1), (w, d, t + rise + 2), r, b)]
        )
        solid = f"{slab(g.x, g.y, 0, (w, d, t), r)}\n{rim}"
    outer = slab_area(w, d, r, n_facets)
    volume = outer * (t.value + rise.value) - inset_area(w, d, r, b, n_facets) * rise.value
    cuts: tuple[str, ...] = ()
    free, genus, lines = w - 2 * b, 0, NO_LINES
    inner_radius = max(r.value - b.value, 0.0) if r else 0.0
    if "fixing_diameter" in v:
        s = v["fixing_diameter"]
        inset, lines = derive("fixing_inset", b + s * 1.5, v)
        require(s.value * 2 + 2 < d.value - 2 * b.value and inset.value * 3 < w.value, "screws too large")
        require(inner_radius < d.value / 2 - b.value - s.value / 2, "screws in the round corners")
        x = Num("x", 0.0)
        cuts = ("for (x = [-1, 1])\n" + indent(hole(g.mx + x * (w / 2 - inset), g.my, s, t)),)
        volume -= 2 * geometry.circle_area(s.value, n_facets) * t.value
        free, genus, inner_radius = free - s * 5, 2, 0.0
        require(free.value > 8, "screws too large")
    field = top_face("field", (free, d - 2 * b, t), (g.mx, g.my), rise_limit=rise.value, corner_radius=inner_radius)
    size = (w.value, d.value, t.value + rise.value)
    return Body(solid, size, volume, (field,), cuts, genus=genus, derived=lines)


def _draw_switch(draw: Draw) -> Drawn:
    n = 1.0
    if draw.chance(0.45):
        n = draw.count(2, 4)
    opening = draw.size(9, 35)
    pitch = 46.0 if draw.unit is Unit.MM else draw.size(45, 47)
    values = {"width": draw.size((n - 1) * pitch + opening + 15, (n - 1) * pitch + opening + 45)}
    values |= {"height": draw.size(100, 130), "thickness": draw.size(2, 6)}
    values |= {"opening_width": opening, "opening_height": draw.size(20, 68), "screw_spacing": draw.size(76, 92)}
    values["screw_diameter"] = draw.size(3, 4.5)
    if n > 1:
        values |= {"n_gangs": n, "gang_spacing": pitch}
    if draw.chance(0.5):
        values["corner_radius"] = draw.size(1, 8)
    return values, {"origin": draw.choice(ORIGINS)}


def _switch_plate(v: Values, options: Options, n_facets: int) -> Body:
    w, h, t, ow, oh, apart, s = (
        v["width"], v["height"], v["thickness"], v["opening_width"], v["opening_height"], v["screw_spacing"],
        v["screw_diameter"],
    )  # fmt: skip
    n, pitch, r = v.get("n_gangs", literal(1)), v.get("gang_spacing", literal(0)), v.get("corner_radius")
    require((n.value - 1) * pitch.value + ow.value + 4 < w.value, "openings beyond the edge")
    require(n.value == 1 or pitch.value > max(ow.value, s.value) + 2, "openings meet")
    require(oh.value + s.value + 2 < apart.value < h.value - s.value - 2, "screws meet the opening")
    g = ground(options, w, h)
    x = g.mx + ((I - (n - 1) / 2) * pitch if "n_gangs" in v else 0)
    y = Num("y", 0.0)
    bores = "for (y = [-1, 1])\n" + indent(at(0, y * (apart / 2), 0, cylinder(s, t + 2)))
    gang = block(f"translate([{x}, {g.my}, -1])", (box(-ow / 2, -oh / 2, 0, (ow, oh, t + 2)), bores))
    cuts = (row(n, gang) if "n_gangs" in v else gang,)
    area = slab_area(w, h, r, n_facets) - n.value * (ow.value * oh.value + 2 * geometry.circle_area(s.value, n_facets))
    if r:
        require(r.value < min(w.value - ow.value, h.value - apart.value) / 2, "corners too round")
    solid = slab(g.x, g.y, 0, (w, h, t), r)
    return Body(solid, (w.value, h.value, t.value), area * t.value, (), cuts, genus=round(3 * n.value))


_OPENING = length("opening width", 5, 220)

FRAME_FAMILIES = (
    Family(
        "picture_frame",
        "picture frame",
        pools(
            "picture frame | photo frame | frame for a photo | rectangular frame | poster frame | frame for a print",
            "surround for a painting | portrait border",
        ),
        {
            "opening_width": _OPENING,
            "opening_height": length("opening height", 5, 220),
            "width": WIDTH,
            "height": length("height", 20, 300, adjectives="tall | high"),
            "border": length("border width | frame width", 3, 60),
            "thickness": THICKNESS,
            "rabbet_width": length("rabbet width | width of the ledge for the glass", 1, 30),
            "rabbet_depth": length("rabbet depth | depth of the ledge for the glass", 1, 15),
            "corner_radius": CORNER_RADIUS,
        },
        _draw_picture,
        _picture_frame,
        forms(
            "width:wide",
            "height:tall",
            "thickness:thick",
            taught="@a @N for a {opening_width} x {opening_height} photo",
        ),
        purposes=pools("to frame a photo | to hang a print | to show a postcard", "to set off a drawing"),
        weight=1.5,
    ),
    Family(
        "window_frame",
        "window frame",
        pools(
            "window frame | window with panes | lattice window frame | model window | mullioned window | gridded frame",
            "sash with glazing bars | casement grille",
        ),
        {
            "width": WIDTH,
            "height": length("height", 20, 300, adjectives="tall | high"),
            "thickness": THICKNESS,
            "frame_width": length("frame width", 2, 40),
            "bar_width": length("bar width | glazing bar width", 1, 20),
            "n_columns": count("number of panes across", 1, 8),
            "n_rows": count("number of panes up", 1, 8),
        },
        _draw_window,
        _window_frame,
        forms(
            "width:wide", "height:tall", "thickness:thick", taught="@a {n_columns#} by {n_rows#} pane @N, {width} wide"
        ),
        purposes=pools("to fit in a dollhouse | to glaze a model house | to make a trellis", "to dress a model facade"),
    ),
    Family(
        "name_plate",
        "name plate with a raised border",
        pools(
            "name plate with a raised border | bordered name plate | blank name plate | label plate with a rim | "
            "bordered sign plate | door plate with a frame",
            "plaque with a raised edge | rimmed cartouche",
        ),
        {
            "width": WIDTH,
            "depth": DEPTH,
            "thickness": THICKNESS,
            "border_width": length("border width", 0.8, 15),
            "border_height": length("border height", 0.4, 8),
            "corner_radius": CORNER_RADIUS,
            "fixing_diameter": screw("screw hole diameter"),
        },
        _draw_name,
        _name_plate,
        forms("width:wide", "depth:deep", "thickness:thick", taught="@a {width} x {depth} @N"),
        purposes=pools("to mark a door | to label a drawer | to name an exhibit", "to identify an office"),
        weight=1.5,
    ),
    Family(
        "switch_plate",
        "light switch plate",
        pools(
            "light switch plate | switch plate cover | wall plate for a switch | outlet cover plate | socket cover",
            "faceplate for a rocker | escutcheon for a wall switch",
        ),
        {
            "width": WIDTH,
            "height": length("height", 40, 250, adjectives="tall | high"),
            "thickness": THICKNESS,
            "opening_width": _OPENING,
            "opening_height": length("opening height", 5, 120),
            "screw_spacing": length("screw hole spacing", 20, 150),
            "screw_diameter": screw("screw hole diameter"),
            "n_gangs": count("number of gangs | number of openings", 1, 5),
            "gang_spacing": length("gang spacing | distance between openings", 15, 90),
            "corner_radius": CORNER_RADIUS,
        },
        _draw_switch,
        _switch_plate,
        forms("width:wide", "height:tall", "thickness:thick", taught="@a {n_gangs#} gang @N, {width} x {height}"),
        purposes=pools("to cover a light switch | to finish a wall box | to hide wiring", "to trim a switch box"),
    ),
)
