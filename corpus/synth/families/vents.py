"""Families of plates that let air through: fan grille, vent cover."""

from __future__ import annotations

from corpus.synth import geometry
from corpus.synth.draw import Draw, Unit
from corpus.synth.families.shapes import (
    NO_LINES,
    ORIGINS,
    Drawn,
    I,
    at_corners,
    box,
    derive,
    ground,
    require,
    row,
    slab,
    slab_area,
)
from corpus.synth.families.terms import (
    CORNER_RADIUS,
    DEPTH,
    THICKNESS,
    WIDTH,
    count,
    forms,
    length,
    said_forms,
    screw,
)
from corpus.synth.num import Num
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import at, cylinder, indent
from corpus.synth.words import pools

__all__ = ["VENT_FAMILIES"]


_FANS = ((40.0, 32.0), (50.0, 40.0), (60.0, 50.0), (80.0, 71.5), (92.0, 82.5), (120.0, 105.0), (140.0, 124.5))


def _draw_fan(draw: Draw) -> Drawn:
    size, spacing = draw.choice(_FANS)
    if draw.unit is not Unit.MM:
        size = draw.size(38, 140)
        spacing = draw.size(size * 0.8, size * 0.88)
    values = {"size": size, "thickness": draw.size(1.5, 5), "screw_spacing": spacing, "screw_diameter": draw.size(3, 5)}
    n = draw.count(2, 5)
    pitch = draw.size(size * 0.3 / n, size * 0.42 / n)
    values |= {"n_rings": n, "ring_pitch": pitch, "vent_diameter": draw.size(pitch * 0.5, pitch * 0.8)}
    if draw.chance(0.5):
        values["corner_radius"] = draw.size(1, size / 16)
    return values, {"origin": draw.choice(ORIGINS), "build": draw.choice(("nested", "list"))}


def _fan_grille(v: Values, options: Options, n_facets: int) -> Body:
    a, t, spacing, s, r = v["size"], v["thickness"], v["screw_spacing"], v["screw_diameter"], v.get("corner_radius")
    n, pitch, vent = v["n_rings"], v["ring_pitch"], v["vent_diameter"]
    reach = n.value * pitch.value + vent.value / 2
    require(n.value >= 1 and vent.value + 0.8 < pitch.value, "vents meet")
    require(reach + 1 < a.value / 2 and spacing.value / 2**0.5 - s.value / 2 > reach + 0.8, "vents meet the screws")
    require(spacing.value + s.value + 1.6 < a.value, "screws beyond the edge")
    if r:
        require(r.value < a.value / 2 - spacing.value / 2 + s.value / 2, "round corners reach the screws")
    g = ground(options, a, a)
    ring, k = Num("ring", 0.0), Num("k", 0.0)
    # the ring of index r has 6 r vents, as far apart as the rings are
    one = at(ring * pitch, 0, -1, cylinder(vent, t + 2))
    if options["build"] == "nested":
        loop = f"for (ring = [1 : {n}])\n  for (k = [1 : 6 * ring])\n" + indent(
            f"rotate(60 / ring * {k})\n{indent(one)}", 2
        )
    else:
        loop = f"for (ring = [1 : {n}], k = [0 : 6 * ring - 1])\n"
        loop += indent(f"rotate({k} * 360 / (6 * ring))\n{indent(one)}")
    center = at(0, 0, -1, cylinder(vent, t + 2))
    vents = f"{loop}\n{center}"
    if options["origin"] != "center":
        vents = f"translate([{g.mx}, {g.my}, 0]) {{\n{indent(vents)}\n}}"
    count_vents = 1 + 3 * n.value * (n.value + 1)
    area = slab_area(a, a, r, n_facets) - count_vents * geometry.circle_area(vent.value, n_facets)
    area -= 4 * geometry.circle_area(s.value, n_facets)
    screws = at_corners(g, (spacing / 2, spacing / 2), -1, cylinder(s, t + 2))
    return Body(
        slab(g.x, g.y, 0, (a, a, t), r),
        (a.value, a.value, t.value),
        area * t.value,
        (),
        (vents, screws),
        genus=round(count_vents) + 4,
    )


def _draw_vent(draw: Draw) -> Drawn:
    width, depth = draw.size(40, 200), draw.size(40, 180)
    n = draw.count(3, 10)
    values = {"width": width, "depth": depth, "thickness": draw.size(1.5, 5), "n_slots": n}
    values["slot_length"] = draw.size(width * 0.4, width * 0.7)
    values["slot_width"] = draw.size(2, max(2.2, depth * 0.35 / n))
    if draw.chance(0.5):
        values["slot_pitch"] = draw.size(values["slot_width"] + 1.5, max(values["slot_width"] + 2, depth * 0.7 / n))
    if draw.chance(0.5):
        values["screw_diameter"] = draw.size(3, 5)
        values["screw_inset"] = draw.size(4, min(8, width * 0.11))
    if draw.chance(0.3):
        values["corner_radius"] = draw.size(1, 8)
    return values, {"origin": draw.choice(ORIGINS)}


def _vent_cover(v: Values, options: Options, n_facets: int) -> Body:
    w, d, t, n, long, wide = (
        v["width"], v["depth"], v["thickness"], v["n_slots"], v["slot_length"], v["slot_width"]
    )  # fmt: skip
    r, derived = v.get("corner_radius"), NO_LINES
    if "slot_pitch" in v:
        pitch = v["slot_pitch"]
    else:
        pitch, derived = derive("slot_pitch", d * 0.8 / n, v)
    require(n.value >= 1 and pitch.value > wide.value + 0.8, "slots meet")
    require((n.value - 1) * pitch.value + wide.value + 3 < d.value and long.value + 3 < w.value, "slots too long")
    if r:
        require(r.value * 0.6 < (w.value - long.value) / 2, "round corners reach the slots")
    g = ground(options, w, d)
    left = -long / 2 if options["origin"] == "center" else (w - long) / 2
    cuts = [row(n, box(left, g.my + (I - (n - 1) / 2) * pitch - wide / 2, -1, (long, wide, t + 2)))]
    area = slab_area(w, d, r, n_facets) - n.value * long.value * wide.value
    genus = n.value
    if "screw_diameter" in v:
        s, inset = v["screw_diameter"], v["screw_inset"]
        require(s.value / 2 + 1 < inset.value, "screws beyond the edge")
        require(inset.value + s.value / 2 + 0.8 < (w.value - long.value) / 2, "screws meet the slots")
        if r:
            require(r.value < inset.value + s.value / 2, "round corners reach the screws")
        cuts.append(at_corners(g, (w / 2 - inset, d / 2 - inset), -1, cylinder(s, t + 2)))
        area -= 4 * geometry.circle_area(s.value, n_facets)
        genus += 4
    solid = slab(g.x, g.y, 0, (w, d, t), r)
    return Body(
        solid, (w.value, d.value, t.value), area * t.value, (), tuple(cuts), genus=round(genus), derived=derived
    )


_FLAT = forms("width:wide", "depth:deep", "thickness:thick", held_out="@a {width} by {depth} @N in {thickness} stock")

VENT_FAMILIES = (
    Family(
        "fan_grille",
        "fan grille",
        pools(
            "fan grille | fan guard | fan cover | perforated fan guard | grille for a case fan",
            "finger guard for a blower | perforated air screen",
        ),
        {
            "size": length("size | fan size", 20, 200, adjectives="square"),
            "thickness": THICKNESS,
            "screw_spacing": length("screw hole spacing | distance between the screw holes", 15, 180),
            "screw_diameter": screw("screw hole diameter"),
            "n_rings": count("number of rings of vents", 1, 8),
            "ring_pitch": length("ring pitch | distance between the rings", 3, 40),
            "vent_diameter": length("vent hole diameter", 1.5, 25),
            "corner_radius": CORNER_RADIUS,
        },
        _draw_fan,
        _fan_grille,
        said_forms(
            "size:square", "thickness:thick", taught="@a @N for @a {size} fan | {size} @N, {n_rings#} rings of vents"
        ),
        purposes=pools(
            "to cover a case fan | to keep fingers out of a fan | to protect a blower", "to screen a ventilator"
        ),
    ),
    Family(
        "vent_cover",
        "vent cover",
        pools(
            "vent cover | air vent cover | slotted vent cover | louvre plate | ventilation grille with slots",
            "slotted register | louvered airway plate",
        ),
        {
            "width": WIDTH,
            "depth": DEPTH,
            "thickness": THICKNESS,
            "n_slots": count("number of slots", 1, 20),
            "slot_length": length("slot length", 10, 200),
            "slot_width": length("slot width", 1, 20),
            "slot_pitch": length("slot pitch | distance from slot to slot", 3, 40),
            "screw_diameter": screw("screw hole diameter"),
            "screw_inset": length("screw hole inset", 3, 30),
            "corner_radius": CORNER_RADIUS,
        },
        _draw_vent,
        _vent_cover,
        _FLAT,
        purposes=pools(
            "to cover an air vent | to let air into a cabinet | to close a duct in the wall", "to mask an airway"
        ),
    ),
)
