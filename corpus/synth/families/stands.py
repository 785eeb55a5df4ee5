"""Families of stands that lean: phone stand, tablet stand, card stand."""

from __future__ import annotations

from corpus.synth.draw import Draw
from corpus.synth.families.shapes import (
    NO_LINES,
    ORIGINS,
    Drawn,
    I,
    Point,
    along_x,
    area_of,
    box,
    cos_of,
    derive,
    placed,
    polygon,
    require,
    row,
    small,
    tan_of,
)
from corpus.synth.families.terms import DEPTH, HEIGHT, THICKNESS, WIDTH, angle, count, forms, length
from corpus.synth.num import Num, literal
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import difference
from corpus.synth.words import pools

__all__ = ["STAND_FAMILIES"]


def _draw_phone(draw: Draw) -> Drawn:
    t, lean = draw.size(3, 8), draw.angle(10, 35)
    values = {"width": draw.size(40, 100), "height": draw.size(60, 130), "lean_angle": lean, "thickness": t}
    values["slot_width"] = slot = draw.size(8, 18)
    values["lip_height"] = draw.size(t + 4, t + 20)
    # deep enough that it does not tip over backwards
    values["depth"] = draw.size((t + slot + t * 1.3) * 1.2 + values["height"] * 0.4, values["height"] * 0.7 + 60)
    if draw.chance(0.4):
        values["cable_notch_width"] = draw.size(10, values["width"] * 0.45)
    return values, {"origin": draw.choice(ORIGINS), "build": draw.choice(("profile", "parts"))}


def _leaning(v: Values, slot: Num) -> tuple[list[Point], list[Point], list[Point], float, tuple[str, ...]]:
    """Base, lip and leaning back of a stand in (depth, height), how far back it reaches, and what it derives."""
    d, h, t, lip, lean = v["depth"], v["height"], v["thickness"], v["lip_height"], v["lean_angle"]
    require(t.value + 2 < min(lip.value, h.value) and lip.value < h.value * 0.7, "lip lower than the base")
    require(0 <= lean.value <= 50, "leans too far")
    foot, first = derive("foot", t + slot, v)
    thick, second = derive("back_thickness", t / cos_of(lean), v)
    shift, third = derive("shift", (h - t) * tan_of(lean), v)
    require(foot.value + thick.value < d.value, "base too short")
    top = foot.value + thick.value + shift.value
    require(foot.value + (h.value - t.value) / 2 * shift.value / h.value < d.value * 0.8, "it would tip over")
    base: list[Point] = [(0, 0), (d, 0), (d, t), (0, t)]
    front: list[Point] = [(0, 0), (t, 0), (t, lip), (0, lip)]
    back: list[Point] = [(foot, t), (foot + thick, t), (foot + thick + shift, h), (foot + shift, h)]
    return base, front, back, max(d.value, top), first + second + third


def _phone_stand(v: Values, options: Options, n_facets: int) -> Body:
    w, t, lip, slot = v["width"], v["thickness"], v["lip_height"], v["slot_width"]
    base, front, back, far, lines = _leaning(v, slot)
    area = area_of(base) + area_of(back) + t.value * (lip.value - t.value)
    if options["build"] == "profile":
        text = polygon([(0, 0), base[1], base[2], back[1], back[2], back[3], back[0], (t, t), (t, lip), (0, lip)])
    else:  # the back begins at the ground within the base, so that the two share an area
        foot = [back[0], back[3], back[2], back[1], (back[1][0], 0), (back[0][0], 0)]
        text = (
            "union() {\n"
            + "\n".join(f"  {line}" for p in (base, front, foot) for line in polygon(p).split("\n"))
            + "\n}"
        )
    solid, volume = along_x(w, text), area * w.value
    if "cable_notch_width" in v:
        notch = v["cable_notch_width"]
        require(notch.value + 10 < w.value, "notch as wide as the stand")
        solid = difference([solid], [box((w - notch) / 2, -1, t, (notch, t + 2, lip))])
        volume -= notch.value * t.value * (lip.value - t.value)
    return Body(placed(options, w, v["depth"], solid), (w.value, far, v["height"].value), volume, derived=lines)


def _draw_tablet(draw: Draw) -> Drawn:
    t, lean = draw.size(3, 8), draw.angle(15, 35)
    values = {"width": draw.size(90, 240), "height": draw.size(80, 180), "lean_angle": lean, "thickness": t}
    values["device_thickness"] = draw.size(6, 18)
    if draw.chance(0.5):
        values["clearance"] = small(draw, (0.5, 1.0, 1.5, 2.0), 0.5, 2)
    values["lip_height"] = draw.size(t + 5, t + 25)
    values["depth"] = draw.size(values["height"] * 0.6 + 40, values["height"] * 0.8 + 80)
    values["rib_thickness"] = draw.size(3, 8)
    if draw.chance(0.4):
        values["n_ribs"] = draw.count(3, 5)
    return values, {"origin": draw.choice(ORIGINS)}


def _tablet_stand(v: Values, options: Options, n_facets: int) -> Body:
    """A sheet as the phone stand's, with triangular ribs behind the back."""
    w, t, rib, n = v["width"], v["thickness"], v["rib_thickness"], v.get("n_ribs", literal(2))
    slot, derived = v["device_thickness"], NO_LINES
    if "clearance" in v:
        slot, derived = derive("slot_width", slot + v["clearance"], v)
    base, front, back, far, lines = _leaning(v, slot)
    require(n.value >= 2 and n.value * (rib.value + 4) < w.value, "ribs meet")
    area = area_of(base) + area_of(back) + t.value * (v["lip_height"].value - t.value)
    sheet: list[Point] = [
        (0, 0),
        base[1],
        base[2],
        back[1],
        back[2],
        back[3],
        back[0],
        (t, t),
        (t, front[2][1]),
        (0, front[2][1]),
    ]
    web = polygon([(back[0][0], 0), base[1], base[2], back[2], back[3], back[0]])
    ribs = row(n, along_x(rib, web, I * ((w - rib) / (n - 1))))
    rib_area = area_of([back[1], base[2], back[2]])
    text = f"{along_x(w, polygon(sheet))}\n{ribs}"
    volume = area * w.value + n.value * rib_area * rib.value
    size = (w.value, far, v["height"].value)
    return Body(placed(options, w, v["depth"], text), size, volume, derived=derived + lines)


def _draw_slanted(draw: Draw) -> Drawn:
    values = {"width": draw.size(40, 160), "depth": draw.size(25, 70), "height": draw.size(12, 40)}
    values["slot_width"] = draw.size(1, 8)
    values["slot_depth"] = draw.size(values["height"] * 0.4, values["height"] * 0.75)
    if draw.chance(0.75):
        values["lean_angle"] = draw.angle(5, 25)
    if draw.chance(0.3):
        values["n_slots"] = draw.count(2, 3)
    return values, {"origin": draw.choice(ORIGINS), "build": draw.choice(("cut", "profile"))}


def _card_stand(v: Values, options: Options, n_facets: int) -> Body:
    w, d, h, slot, deep = v["width"], v["depth"], v["height"], v["slot_width"], v["slot_depth"]
    n, lean = v.get("n_slots", literal(1)), v.get("lean_angle", literal(0))
    wide, shift, lines = slot, literal(0), NO_LINES
    if "lean_angle" in v:
        wide, first = derive("opening", slot / cos_of(lean), v)
        shift, second = derive("shift", deep * tan_of(lean), v)
        lines = first + second
    pitch = d / (n + 1)
    require(deep.value + 2 < h.value and n.value >= 1, "slot deeper than the block")
    require(pitch.value > wide.value + shift.value + 2, "slots meet")
    pitch_text, derived = (pitch, NO_LINES) if "n_slots" not in v else derive("slot_pitch", pitch, v)
    y = pitch_text * (I + 1) if "n_slots" in v else pitch
    start = y - wide / 2 - shift / 2
    profile: list[Point] = [(0, 0), (d, 0), (d, h), (0, h)]
    if options["build"] == "profile" and "n_slots" not in v:
        points: list[Point] = [
            (start + wide + shift, h),
            (start + wide, h - deep),
            (start, h - deep),
            (start + shift, h),
        ]
        solid = along_x(w, polygon([(0, 0), (d, 0), (d, h), *points, (0, h)]))
    else:  # past the top by 1 mm, along the lean
        over = tan_of(lean) if "lean_angle" in v else literal(0)
        points = [(0, 0), (wide, 0), (wide + shift + over, deep + 1), (shift + over, deep + 1)]
        one = f"translate([-1, {start}, {h - deep}])\n  " + along_x(w + 2, polygon(points)).replace("\n", "\n  ")
        solid = difference([box(0, 0, 0, (w, d, h))], [row(n, one) if "n_slots" in v else one])
    volume = w.value * (area_of(profile) - n.value * wide.value * deep.value)
    return Body(placed(options, w, d, solid), (w.value, d.value, h.value), volume, derived=lines + derived)


_STAND = {
    "width": WIDTH,
    "height": HEIGHT,
    "lean_angle": angle("lean angle | angle from the vertical", 0, 45),
    "thickness": THICKNESS,
    "lip_height": length("lip height | height of the front lip", 4, 50),
    "depth": DEPTH,
}

STAND_FAMILIES = (
    Family(
        "phone_stand",
        "phone stand",
        pools(
            "phone stand | smartphone stand | mobile phone stand | cell phone stand | phone holder | desk phone stand",
            "handset cradle | iPhone rest",
        ),
        {
            **_STAND,
            "slot_width": length("slot width | gap for the phone", 4, 30),
            "cable_notch_width": length("cable notch width | width of the gap for the charging cable", 5, 60),
        },
        _draw_phone,
        _phone_stand,
        forms(
            "width:wide",
            "depth:deep",
            "height:tall",
            taught="@a @N leaning back {lean_angle} | @N with a {slot_width} slot",
        ),
        purposes=pools(
            "to hold a phone upright on a desk | to prop up a phone | to watch videos on a phone",
            "to keep a handset in view",
        ),
        weight=3.0,
    ),
    Family(
        "tablet_stand",
        "tablet stand",
        pools(
            "tablet stand | stand for a tablet | iPad stand | e-reader stand | cookbook stand | ribbed tablet rest",
            "slate easel | prop for a reading device",
        ),
        {
            **_STAND,
            "device_thickness": length("tablet thickness | thickness of the tablet", 4, 30),
            "clearance": length("clearance | play", 0.2, 5),
            "rib_thickness": length("rib thickness", 2, 12),
            "n_ribs": count("number of ribs", 2, 8),
        },
        _draw_tablet,
        _tablet_stand,
        forms(
            "width:wide",
            "depth:deep",
            "height:tall",
            taught="@a @N for a tablet {device_thickness} thick, leaning back {lean_angle} | @a @N at {lean_angle}",
        ),
        purposes=pools(
            "to hold a tablet | to read recipes off a tablet while cooking | to use a tablet as a second screen",
            "to prop an e-book up",
        ),
        weight=2.0,
    ),
    Family(
        "card_stand",
        "card stand",
        pools(
            "card stand | place card holder | photo stand with a slot | slotted display stand | sign holder block",
            "table-number base | slit block for a placard",
        ),
        {
            "width": WIDTH,
            "depth": DEPTH,
            "height": HEIGHT,
            "slot_width": length("slot width", 0.8, 15),
            "slot_depth": length("slot depth", 2, 60),
            "lean_angle": angle("lean angle | tilt of the slot", 0, 35),
            "n_slots": count("number of slots", 1, 5),
        },
        _draw_slanted,
        _card_stand,
        forms("width:wide", "depth:deep", "height:tall", taught="@a @N with a {slot_width} slot {slot_depth} deep"),
        purposes=pools(
            "to hold a place card | to display a photo | to stand a price tag on a counter", "to keep a placard upright"
        ),
    ),
)
