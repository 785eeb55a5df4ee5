"""Families that keep cables in order: comb, cover."""

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
    box,
    derive,
    extrude,
    moved,
    placed,
    polygon,
    require,
    row,
    top_face,
)
from corpus.synth.families.terms import HEIGHT, LENGTH, THICKNESS, WALL, WIDTH, count, forms, length, said_forms
from corpus.synth.num import literal
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import at, block, difference, indent
from corpus.synth.words import pools

__all__ = ["CABLE_FAMILIES"]


def _draw_comb(draw: Draw) -> Drawn:
    n, cable = draw.count(3, 10), draw.size(3, 10)
    values = {"n_slots": n, "slot_width": cable}
    if draw.chance(0.5):
        values["pitch"] = draw.size(cable + 2, cable + 8)
    else:
        values["gap"] = draw.size(2, 8)
    values["slot_depth"] = draw.size(cable, cable * 2.5)
    values |= {"height": draw.size(values["slot_depth"] + 3, values["slot_depth"] + 20), "thickness": draw.size(2, 8)}
    return values, {"build": draw.choice(("drops", "hull")), "stand": draw.choice(("lying", "upright"))}


def _cable_comb(v: Values, options: Options, n_facets: int) -> Body:
    """A plate with slots, open at the top and round at the bottom, one for each cable."""
    n, s, deep, h, t = v["n_slots"], v["slot_width"], v["slot_depth"], v["height"], v["thickness"]
    pitch, first = (v["pitch"], NO_LINES) if "pitch" in v else derive("pitch", s + v["gap"], v)
    require(n.value >= 2 and pitch.value > s.value + 0.8, "slots meet")
    require(s.value / 2 + 0.2 < deep.value < h.value - 1.5, "slots through the plate")
    w, second = derive("width", n * pitch, v)
    x, low = (I + 0.5) * pitch, h - deep + s / 2
    if options["build"] == "drops":
        drop = f"{moved(x, low, f'circle(d = {s});')}\n{moved(x - s / 2, low, f'square([{s}, {deep}]);')}"
        cut = f"for (i = [0 : {n - 1}]) {{\n{indent(drop)}\n}}"
    else:
        ends = (moved(x, low, f"circle(d = {s});"), moved(x, h + s, f"circle(d = {s});"))
        cut = row(n, block("hull()", ends))
    flat = difference([f"square([{w}, {h}]);"], [cut])
    slot = s.value * (deep.value - s.value / 2) + geometry.circle_area(s.value, n_facets) / 2
    volume = (w.value * h.value - n.value * slot) * t.value
    if options["stand"] == "lying":
        return Body(extrude(t, flat), (w.value, h.value, t.value), volume, derived=first + second)
    solid = at(0, t, 0, f"rotate([90, 0, 0])\n{indent(extrude(t, flat))}")
    return Body(solid, (w.value, t.value, h.value), volume, derived=first + second)


def _draw_cover(draw: Draw) -> Drawn:
    wall = draw.size(1, 3)
    values = {"length": draw.size(50, 250)}
    if draw.chance(0.5):
        values |= {"inside_width": draw.size(8, 40), "inside_height": draw.size(6, 30)}
    else:
        values |= {"width": draw.size(10 + wall * 2, 45), "height": draw.size(8 + wall, 35)}
    values["wall"] = wall
    if draw.chance(0.5):
        values["lip_length"] = draw.size(1, 3)
    return values, {"build": draw.choice(("profile", "cut")), "origin": draw.choice(ORIGINS)}


def _cable_cover(v: Values, options: Options, n_facets: int) -> Body:
    """A channel upside down, open at the bottom, with lips that hold the cables in if so asked."""
    long, t, lip = v["length"], v["wall"], v.get("lip_length")
    if "width" in v:
        w, h, lines = v["width"], v["height"], NO_LINES
    else:
        w, first = derive("width", v["inside_width"] + 2 * t, v)
        h, second = derive("height", v["inside_height"] + t, v)
        lines = first + second
    edge = t + lip if lip else t
    require(w.value - 2 * edge.value > 2 and h.value > 2 * t.value + 2, "no room for cables")
    inside: list[Point] = [(w - t, 0), (w - t, h - t), (t, h - t), (t, 0)]
    if lip:
        inside = [(w - edge, 0), (w - edge, t), (w - t, t), (w - t, h - t), (t, h - t), (t, t), (edge, t), (edge, 0)]
    if options["build"] == "profile":
        text = along_x(long, polygon([(0, 0), (0, h), (w, h), (w, 0), *inside]))
    else:
        low = t if lip else literal(-1)
        cuts = [box(-1, t, low, (long + 2, w - 2 * t, h - t - low))]
        if lip:
            cuts.append(box(-1, edge, -1, (long + 2, w - 2 * edge, t + 2)))
        text = difference([box(0, 0, 0, (long, w, h))], cuts)
    volume = long.value * (w.value * h.value - (w.value - 2 * t.value) * (h.value - t.value))
    if lip:
        volume += long.value * 2 * lip.value * t.value
    middle = (long / 2, w / 2) if options["origin"] == "corner" else (literal(0), literal(0))
    top = top_face("top", (long, w - 2 * edge, t), middle, bottom=h - t)
    size = (long.value, w.value, h.value)
    return Body(placed(options, long, w, text), size, volume, (top,), derived=lines)


CABLE_FAMILIES = (
    Family(
        "cable_comb",
        "cable comb",
        pools(
            "cable comb | cable organizer comb | wire comb | cable holder with slots | cable management comb",
            "cord spacer | lead separator with notches",
        ),
        {
            "n_slots": count("number of slots | number of cables", 2, 16),
            "slot_width": length("slot width | cable diameter", 1.5, 25),
            "pitch": length("pitch | distance between cables", 3, 50),
            "gap": length("gap between the slots", 1, 25),
            "slot_depth": length("slot depth", 2, 60),
            "height": HEIGHT,
            "thickness": THICKNESS,
        },
        _draw_comb,
        _cable_comb,
        said_forms(
            "height:tall", "thickness:thick", taught="@a @N for {n_slots#} cables of {slot_width} | {n_slots#} slot @N"
        ),
        purposes=pools("to keep cables apart | to tidy wires | to guide cords along a desk", "to route leads neatly"),
    ),
    Family(
        "cable_cover",
        "cable cover",
        pools(
            "cable cover | cable duct | cable raceway | wire cover | cord cover | cable channel | cable trunking",
            "conduit cap | cord-hiding strip",
        ),
        {
            "length": LENGTH,
            "inside_width": length("inside width", 4, 80),
            "inside_height": length("inside height", 3, 60),
            "width": WIDTH,
            "height": HEIGHT,
            "wall": WALL,
            "lip_length": length("lip length | length of the lips", 0.5, 10),
        },
        _draw_cover,
        _cable_cover,
        forms(
            "length:long", "width:wide", "height:tall", taught="@a {length} @N, {inside_width} x {inside_height} inside"
        ),
        purposes=pools(
            "to hide cables | to cover a wire on a wall | to run cords along the floor", "to conceal a lead"
        ),
    ),
)
