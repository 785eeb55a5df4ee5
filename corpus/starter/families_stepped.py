"""Base families of several sections on one axis, or six sides: flanged bushing, stepped shaft, hex standoff."""

from __future__ import annotations

import math
import random

from corpus.starter.features import BORE
from corpus.starter.nouns import NOUNS
from corpus.starter.part import Attachment, Draft, Family, Words, pools, size
from corpus.starter.source import difference, through, union
from corpus.synth import geometry as shapes

__all__ = ["STEPPED_FAMILIES"]

_ROUND = {"height": Words(("height", "length"), ("tall", "high", "long"), "H")}

_FLANGE = Attachment(
    pools(
        "@a {flange_diameter} mm flange {flange_thickness} mm thick | "
        "a flange {flange_diameter} mm in diameter and {flange_thickness} mm thick | "
        "@a {flange_thickness} mm thick flange of {flange_diameter} mm | "
        "a flange of {flange_diameter} mm diameter, {flange_thickness} mm thick | "
        "@a {flange_diameter} x {flange_thickness} mm flange | "
        "a flange diameter of {flange_diameter} mm and flange thickness of {flange_thickness} mm",
        "a collar {flange_diameter} mm across, {flange_thickness} mm thick | "
        "a rim of {flange_diameter} mm by {flange_thickness} mm at the bottom",
        "a lip spanning {flange_diameter} mm, {flange_thickness} mm of thickness | "
        "a brim at {flange_diameter} mm, gauge {flange_thickness} mm",
    )
)


def _bushing(rng: random.Random) -> Draft:
    outer = size(rng, 8, 60)
    length, hole = size(rng, 8, 80), size(rng, 2, outer - 3)
    flange, flange_thickness = size(rng, outer + 2, outer * 2.2), size(rng, 1, min(8, length * 0.4))
    params = {
        "outer_diameter": outer,
        "length": length,
        "hole_diameter": hole,
        "flange_diameter": flange,
        "flange_thickness": flange_thickness,
    }
    solid = union("cylinder(d = outer_diameter, h = length);\ncylinder(d = flange_diameter, h = flange_thickness);")
    volume = shapes.circle_area(outer) * (length - flange_thickness) + shapes.circle_area(flange) * flange_thickness
    volume -= shapes.circle_area(hole) * length
    return Draft(
        params,
        difference(solid, [through("hole_diameter", "length")]),
        shapes.solid((flange, flange, length), volume, genus=1),
        ("outer_diameter", "length"),
        (BORE, _FLANGE),
    )


_TOTAL = {"length": Words(("overall length", "total length"), ("long overall", "long in total", "long"))}


def _shaft(rng: random.Random) -> Draft:
    base = size(rng, 6, 60)
    tip, base_length, tip_length = size(rng, base * 0.3, base * 0.85), size(rng, 5, 100), size(rng, 5, 100)
    params = {"base_diameter": base, "base_length": base_length, "tip_diameter": tip, "tip_length": tip_length}
    solid = "cylinder(d = base_diameter, h = base_length);\ncylinder(d = tip_diameter, h = base_length + tip_length);"
    volume = shapes.circle_area(base) * base_length + shapes.circle_area(tip) * tip_length
    attachments: tuple[Attachment, ...] = ()
    if rng.random() < 0.4:
        hole = params["hole_diameter"] = size(rng, 1, tip * 0.7)
        attachments = (BORE,)
        volume -= shapes.circle_area(hole) * (base_length + tip_length)
        solid = difference(union(solid), [through("hole_diameter", "base_length + tip_length")])
    spec = shapes.solid((base, base, base_length + tip_length), volume, genus=len(attachments))
    return Draft(params, solid, spec, (), attachments, compact=_SHAFT)


_SHAFT = pools(
    "@a @N {base_diameter} mm in diameter for {base_length} mm, then {tip_diameter} mm for {tip_length} mm | "
    "@a @N, {base_diameter} mm diameter {base_length} mm long, "
    "stepping down to {tip_diameter} mm for {tip_length} mm | "
    "@a @N of two sections, {base_diameter} x {base_length} mm and {tip_diameter} x {tip_length} mm | "
    "@a @N: base {base_diameter} mm by {base_length} mm, tip {tip_diameter} mm by {tip_length} mm | "
    "@a @N whose base is {base_diameter} mm in diameter and {base_length} mm long "
    "and whose tip is {tip_diameter} mm in diameter and {tip_length} mm long | "
    "@a @N, base diameter {base_diameter}, base length {base_length}, "
    "tip diameter {tip_diameter}, tip length {tip_length} | "
    "@a @N going from {base_diameter} mm to {tip_diameter} mm, {base_length} mm and {tip_length} mm long",
    "@a @N, first {base_length} mm at {base_diameter} mm across, next {tip_length} mm at {tip_diameter} mm across | "
    "@a @N reduced from {base_diameter} mm over {base_length} mm to {tip_diameter} mm over {tip_length} mm",
    "@a @N, thick end {base_diameter} mm along {base_length} mm, "
    "thin end {tip_diameter} mm along {tip_length} mm | "
    "@a @N having a root of {base_diameter} mm / {base_length} mm "
    "followed by a nose of {tip_diameter} mm / {tip_length} mm",
)


def _hex(rng: random.Random) -> Draft:
    flats, height = size(rng, 4, 60), size(rng, 2, 80)
    params, cuts = {"across_flats": flats, "height": height}, []
    area = shapes.hexagon_area(flats)
    if rng.random() < 0.75:
        hole = params["hole_diameter"] = size(rng, 1, flats * 0.75)
        cuts, area = [through("hole_diameter", "height")], area - shapes.circle_area(hole)
    return Draft(
        params,
        difference("cylinder(d = across_flats / cos(30), h = height, $fn = 6);", cuts),
        shapes.solid((flats / math.cos(math.pi / 6), flats, height), area * height, genus=len(cuts)),
        ("across_flats", "height"),
        (BORE,) if cuts else (),
    )


_HEX = pools(
    "@a {across_flats} mm @N, {height} mm high | @a @N {across_flats} mm across flats and {height} mm long | "
    "@a {height} mm tall @N, {across_flats} mm across the flats | "
    "@a @N, {across_flats} mm wide across flats, {height} mm high",
    "@a @N for @a {across_flats} mm wrench, {height} mm in length | @a @N of {across_flats} mm AF by {height} mm",
    "@a @N with @a {across_flats} mm key width, extent {height} mm | "
    "@a @N taking @a {across_flats} mm spanner, rising {height} mm",
)


STEPPED_FAMILIES = (
    Family("bushing", "base", "flanged bushing", NOUNS["bushing"], _bushing, words=_TOTAL),
    Family("shaft", "base", "stepped shaft", NOUNS["shaft"], _shaft),
    Family("hex", "base", "hex standoff", NOUNS["hex"], _hex, _HEX, words=_ROUND),
)
