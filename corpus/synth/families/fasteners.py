"""Fasteners with a hexagon: nuts, bolts, standoffs."""

from __future__ import annotations

import math

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.families.turning import (
    DrawnT,
    d_or_r,
    put_round,
    round_measures,
    round_of,
    rounds,
)
from corpus.synth.num import Num, literal
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import at, block, indent, tidied
from corpus.synth.words import Measure, pools

__all__ = ["FASTENER_FAMILIES", "across", "across_measures", "hexagon", "put_across"]


def put_across(draw: Draw, values: dict[str, float], low: float, high: float) -> float:
    """A hexagon's size across its flats; across its corners now and then."""
    if draw.chance(0.25):
        corners = values["across_corners"] = draw.size(low * 2 / math.sqrt(3), high * 2 / math.sqrt(3))
        return corners * math.sqrt(3) / 2
    values["across_flats"] = draw.size(low, high)
    return values["across_flats"]


def across(v: Values) -> Num:
    """Across the flats; its text is for use by `hexagon` only."""
    if "across_flats" in v:
        return v["across_flats"]
    return Num("", v["across_corners"].value * math.sqrt(3) / 2)


def across_measures(flats: str, corners: str) -> dict[str, Measure]:
    return {
        "across_flats": Measure(tuple(t.strip() for t in flats.split("|")), (), 3, 100),
        "across_corners": Measure((corners,), (), 3, 120),
    }


def hexagon(flats: Num, v: Values, height: Num) -> str:
    """A hexagonal prism; `cylinder` takes the circle through the corners."""
    if "across_corners" in v:
        return f"cylinder(d = {v['across_corners']}, h = {tidied(height)}, $fn = 6);"
    return f"cylinder(d = {flats} / cos(30), h = {tidied(height)}, $fn = 6);"


def _outline(flats: Num, v: Values) -> str:
    return hexagon(flats, v, literal(1)).replace("cylinder", "circle").replace(" h = 1,", "")


def _draw_nut(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    bore = draw.size(2, 36)
    put_across(draw, values, bore * 1.5 + 1, bore * 1.9 + 2)
    values["thickness"] = draw.size(max(1.5, bore * 0.5), bore + 1)
    put_round(draw, values, "bore", bore)
    if draw.chance(0.3):
        values["flange_diameter"] = draw.size(bore * 2.4 + 2, bore * 3 + 4)
        values["flange_thickness"] = draw.size(0.5, max(0.8, values["thickness"] * 0.4))
    build = "cylinder" if "flange_diameter" in values else draw.choice(("cylinder", "extrude"))
    return values, {"build": build}


def _nut(v: Values, options: Options, n_facets: int) -> Body:
    flats, t, bore = across(v), v["thickness"], round_of(v, "bore")
    if flats.value < bore.value + 1:
        raise Infeasible("wall of the nut")
    hexagonal = geometry.hexagon_area(flats.value)
    volume = (hexagonal - geometry.circle_area(bore.value, n_facets)) * t.value
    wide, deep = flats.value * 2 / math.sqrt(3), flats.value
    if options["build"] == "extrude":
        ring = block("difference()", [_outline(flats, v), f"circle({d_or_r(bore)});"])
        return Body(f"linear_extrude(height = {t})\n" + indent(ring), (wide, deep, t.value), volume, genus=1)
    solids = [hexagon(flats, v, t)]
    if "flange_diameter" in v:
        flange, high = v["flange_diameter"], v["flange_thickness"]
        if flange.value < wide + 0.4 or high.value > t.value - 0.5:
            raise Infeasible("flange")
        solids.append(rounds(flange, flange, high))
        volume += (geometry.circle_area(flange.value, n_facets) - hexagonal) * high.value
        wide = deep = flange.value
    cut = at(0, 0, -1, rounds(bore, bore, t + 2))
    return Body("\n".join(solids), (wide, deep, t.value), volume, cuts=(cut,), genus=1)


def _draw_bolt(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    shank = draw.size(3, 24)
    put_round(draw, values, "shank", shank)
    values["length"] = draw.size(shank * 1.5, shank * 6)
    put_across(draw, values, shank * 1.5 + 1, shank * 1.9 + 1)
    values["head_height"] = draw.size(max(1.5, shank * 0.5), shank * 0.8 + 1)
    if draw.chance(0.3):
        values["washer_diameter"] = draw.size(shank * 2.3 + 2, shank * 2.8 + 3)
        values["washer_thickness"] = draw.size(0.5, 3)
    return values, {"pose": draw.choice(("head_down", "head_up"))}


def _bolt(v: Values, options: Options, n_facets: int) -> Body:
    d, length, flats, head = round_of(v, "shank"), v["length"], across(v), v["head_height"]
    if flats.value < d.value + 1:
        raise Infeasible("head")
    wide, deep = flats.value * 2 / math.sqrt(3), flats.value
    volume = geometry.hexagon_area(flats.value) * head.value + geometry.circle_area(d.value, n_facets) * length.value
    total, is_up = head + length, options["pose"] == "head_up"
    solids = [
        at(0, 0, length, hexagon(flats, v, head)) if is_up else hexagon(flats, v, head),
        rounds(d, d, length + 1 if is_up else total),
    ]
    if "washer_diameter" in v:
        face, t = v["washer_diameter"], v["washer_thickness"]
        if face.value < wide + 0.5 or t.value > length.value - 2:
            raise Infeasible("washer face")
        volume += (geometry.circle_area(face.value, n_facets) - geometry.circle_area(d.value, n_facets)) * t.value
        wide = deep = face.value
        solids.append(at(0, 0, tidied(length - t) if is_up else head, rounds(face, face, t)))
    return Body("\n".join(solids), (wide, deep, total.value), volume)


def _draw_standoff(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    bore = draw.size(2, 8)
    put_across(draw, values, bore * 1.5 + 1, bore * 2 + 3)
    values["length"] = draw.size(5, 60)
    values["bore_diameter"] = bore
    if draw.chance(0.5):
        values["bore_depth"] = draw.size(3, values["length"] * 0.75)
        if draw.chance(0.6):
            values["stud_diameter"], values["stud_length"] = draw.size(bore * 0.8, bore), draw.size(3, 12)
        return values, {"build": "cylinder"}
    return values, {"build": draw.choice(("cylinder", "extrude"))}


def _standoff(v: Values, options: Options, n_facets: int) -> Body:
    flats, length, bore = across(v), v["length"], v["bore_diameter"]
    if flats.value < bore.value + 1:
        raise Infeasible("wall of the standoff")
    depth = v.get("bore_depth", length)
    is_through = "bore_depth" not in v
    if not is_through and depth.value > length.value - 0.5:
        raise Infeasible("bore too deep")
    area = geometry.circle_area(bore.value, n_facets)
    volume = geometry.hexagon_area(flats.value) * length.value - area * depth.value
    total, solids = length.value, [hexagon(flats, v, length)]
    low = literal(-1)
    if "stud_length" in v:  # up from inside, the bore from below
        stud, reach = v["stud_diameter"], v["stud_length"]
        if stud.value > flats.value - 0.5 or length.value - depth.value < 0.8:
            raise Infeasible("stud")
        volume += geometry.circle_area(stud.value, n_facets) * reach.value
        into = (length - depth) / 2
        solids.append(at(0, 0, length - into, rounds(stud, stud, reach + into)))
        total += reach.value
    elif not is_through:
        low = tidied(length - depth)
    high = length + 2 if is_through else depth + 1
    size = (flats.value * 2 / math.sqrt(3), flats.value, total)
    if options["build"] == "extrude":
        ring = block("difference()", [_outline(flats, v), f"circle(d = {bore});"])
        return Body(f"linear_extrude(height = {length})\n" + indent(ring), size, volume, genus=1)
    cut = at(0, 0, low, rounds(bore, bore, high))
    return Body("\n".join(solids), size, volume, cuts=(cut,), genus=1 if is_through else 0)


_LENGTH = Measure(("length", "shank length", "length under the head"), ("long",), 3, 200)
_HEAD_HEIGHT = Measure(("head height",), (), 1, 30)

FASTENER_FAMILIES = (
    Family(
        "hex_nut",
        "hex nut",
        pools(
            "hex nut | hexagon nut | nut | hexagonal nut with a plain bore | plain hex nut | six-sided nut",
            "hexagonal bushing | six-flatted ring",
        ),
        {
            **across_measures("width across flats | wrench size", "width across corners"),
            "thickness": Measure(("thickness", "height"), ("thick", "high"), 1, 40),
            **round_measures("bore", "bore | hole", low=1, high=60),
            "flange_diameter": Measure(("flange diameter",), (), 5, 150),
            "flange_thickness": Measure(("flange thickness",), (), 0.4, 15),
        },
        _draw_nut,
        _nut,
        pools(
            "@a @N {across_flats} across flats, {thickness} thick, with @a {bore_diameter} bore | "
            "@a {across_flats} @N, bore {bore_diameter}, {thickness} thick | "
            "@a @N, {bore_diameter} hole, {across_flats} across the flats, {thickness} high | "
            "@a {thickness} thick @N with {across_flats} across flats and @a {bore_diameter} hole | "
            "@a @N {across_corners} across corners, {thickness} thick, bore {bore_diameter} | "
            "@a @N for @a {bore_diameter} bolt, wrench size {across_flats}, {thickness} thick",
            "@a {across_flats} wide @N drilled {bore_diameter}, {thickness} through | "
            "@a @N {thickness} through, {bore_diameter} clear, spanner {across_flats}",
        ),
        purposes=pools("to go on a bolt | to lock a rod | to space a bolted joint", "to secure a threaded stud"),
        weight=1.5,
    ),
    Family(
        "hex_bolt",
        "hex bolt",
        pools(
            "hex bolt | bolt | hex head bolt | hexagon bolt with a plain shank | dummy bolt | bolt without thread",
            "hexagon-headed pin | six-sided head peg",
        ),
        {
            **round_measures("shank", "shank | bolt", low=2, high=50),
            "length": _LENGTH,
            **across_measures("width of the head across flats | wrench size", "width of the head across corners"),
            "head_height": _HEAD_HEIGHT,
            "washer_diameter": Measure(("washer face diameter",), (), 5, 120),
            "washer_thickness": Measure(("washer face thickness",), (), 0.3, 6),
        },
        _draw_bolt,
        _bolt,
        pools(
            "@a {shank_diameter} @N {length} long, head {across_flats} across flats and {head_height} high | "
            "@a {shank_diameter} x {length} @N with @a {across_flats} head | "
            "@a @N, shank {shank_diameter}, length {length}, head {across_flats} by {head_height} | "
            "@a {length} long @N of {shank_diameter}, {head_height} head height | "
            "@a @N with @a {shank_diameter} shank {length} long, {across_corners} across the corners of the head | "
            "@a @N {shank_diameter} by {length}, wrench size {across_flats}, head {head_height} tall",
            "@a @N {length} below its head, {shank_diameter} thick, {across_flats} spanner | "
            "@a {shank_diameter} thick @N reaching {length} under @a {head_height} head",
        ),
        purposes=pools("to join two parts | to serve as a pivot | to model an assembly", "to dress up a mock-up"),
        weight=1.5,
    ),
    Family(
        "hex_standoff",
        "hex standoff",
        pools(
            "hex standoff | hexagonal standoff | hex spacer | hexagon spacer | PCB standoff | male-female standoff",
            "hexagonal pillar | board post",
        ),
        {
            **across_measures("width across flats", "width across corners"),
            "length": Measure(("length", "height"), ("long", "tall"), 2, 150),
            "bore_diameter": Measure(("bore", "hole diameter"), (), 1, 20, is_screw=True),
            "bore_depth": Measure(("bore depth", "hole depth"), (), 2, 100),
            "stud_diameter": Measure(("stud diameter",), (), 1, 20),
            "stud_length": Measure(("stud length",), (), 1, 40),
        },
        _draw_standoff,
        _standoff,
        pools(
            "@a {length} @N, {across_flats} across flats, with @a {bore_diameter} bore | "
            "@a @N {across_flats} across flats and {length} tall, bored {bore_diameter} | "
            "@a {length} tall @N with @a {bore_diameter} hole, {across_flats} across the flats | "
            "@a @N, {across_flats} flats, length {length}, hole {bore_diameter} | "
            "@a @N {across_corners} across corners, {length} long, bore {bore_diameter} | "
            "@a {length} long @N with @a {bore_diameter} hole and @a {stud_diameter} stud {stud_length} long",
            "@a @N lifting {length}, drilled {bore_diameter}, spanner {across_flats} | "
            "@a {across_flats} wide @N {length} high, {bore_diameter} clear",
        ),
        purposes=pools(
            "to hold a circuit board off its base | to stack two boards | to raise a panel", "to prop up a board"
        ),
        weight=1.5,
    ),
)
