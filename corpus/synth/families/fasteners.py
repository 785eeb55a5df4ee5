"""Fasteners with a hexagon or a plain shank: nuts, bolts, standoffs, cap screws."""

from __future__ import annotations

import math

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.families.turning import (
    DrawnT,
    flipped,
    put_round,
    radius,
    revolve_or_stack,
    round_measures,
    round_of,
    rounds,
    straight,
    turned,
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


def across_measures(stem: str, flats: str, corners: str) -> dict[str, Measure]:
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
        ring = block("difference()", [_outline(flats, v), f"circle({_round(bore)});"])
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


def _round(diameter: Num) -> str:
    return rounds(diameter, diameter, literal(1)).removeprefix("cylinder(").removesuffix(", h = 1);")


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
    solids = [at(0, 0, length, hexagon(flats, v, head)) if is_up else hexagon(flats, v, head), rounds(d, d, length + 1 if is_up else total)]
    if "washer_diameter" in v:
        face, t = v["washer_diameter"], v["washer_thickness"]
        if face.value < wide + 0.5 or t.value > length.value - 2:
            raise Infeasible("washer face")
        volume += (geometry.circle_area(face.value, n_facets) - geometry.circle_area(d.value, n_facets)) * t.value
        wide = deep = face.value
        solids.append(at(0, 0, tidied(length - t) if is_up else head, rounds(face, face, t)))
    return Body("\n".join(solids), (wide, deep, total.value), volume)


def _draw_cap_screw(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    shank = draw.size(3, 20)
    put_round(draw, values, "shank", shank)
    values["length"] = draw.size(shank * 1.5, shank * 6)
    head = draw.size(shank * 1.5, shank * 1.9 + 1)
    put_round(draw, values, "head", head)
    values["head_height"] = draw.size(max(2, shank * 0.8), shank * 1.2 + 1)
    values["socket"] = draw.size(max(1.5, shank * 0.5), shank * 0.9)
    values["socket_depth"] = draw.size(1, values["head_height"] * 0.65)
    return values, {**revolve_or_stack(draw), "pose": draw.choice(("head_down", "head_up"))}


def _cap_screw(v: Values, options: Options, n_facets: int) -> Body:
    d, head, height, socket = round_of(v, "shank"), round_of(v, "head"), v["head_height"], v["socket"]
    depth, is_up = v["socket_depth"], options["pose"] == "head_up"
    if socket.value * 2 / math.sqrt(3) > head.value - 1 or depth.value > height.value - 0.5 or d.value > head.value - 0.5:
        raise Infeasible("socket")
    sections = (straight(head, height), straight(d, v["length"]))
    body = turned(flipped(sections)[0] if is_up else sections, options, n_facets)
    low = tidied(v["length"] + height - depth) if is_up else literal(-1)
    cut = at(0, 0, low, f"cylinder(d = {socket} / cos(30), h = {depth + 1}, $fn = 6);")
    volume = body.volume - geometry.hexagon_area(socket.value) * depth.value
    return Body(body.solid, body.size, volume, cuts=(cut,))


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


def _draw_thumb(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    shank = draw.size(3, 12)
    put_round(draw, values, "shank", shank)
    values["length"] = draw.size(5, 50)
    head = draw.size(shank * 2 + 4, shank * 4 + 8)
    put_round(draw, values, "head", head)
    values["head_height"] = draw.size(3, 14)
    values["grooves"] = draw.choice((8.0, 12.0, 16.0, 20.0, 24.0))
    values["groove_diameter"] = draw.size(1, max(1.2, min(4, head * 2 / values["grooves"])))
    return values, {"pose": draw.choice(("head_down", "head_up")), "loop": draw.choice(("count", "angle"))}


def fluted(outer: Num, groove: Num, n: Num, n_facets: int) -> float:
    """Area that half-round grooves take off a round edge. Raises Infeasible where they meet."""
    count = round(n.value)
    if not 3 <= count <= 60 or abs(count - n.value) > 1e-6:
        raise Infeasible("grooves")
    if groove.value * 1.15 > math.pi * outer.value / count or groove.value > outer.value * 0.6:
        raise Infeasible("grooves that meet")
    scale = geometry.circle_area(1, n_facets) / (math.pi / 4)
    return count * geometry.lens_area(outer.value, groove.value, outer.value / 2) * scale


def around(n: Num, options: Options, radius_text: str, text: str) -> str:
    """A shape repeated around the axis."""
    if options["loop"] == "angle":
        head = f"for (a = [0:360 / {n}:359])\n  rotate([0, 0, a])\n"
    else:
        head = f"for (i = [0:{n} - 1])\n  rotate([0, 0, 360 * i / {n}])\n"
    return head + f"    translate([{radius_text}, 0, -1])\n" + indent(text, 3)


def _thumb(v: Values, options: Options, n_facets: int) -> Body:
    d, head, height, groove, n = round_of(v, "shank"), round_of(v, "head"), v["head_height"], v["groove_diameter"], v["grooves"]
    if d.value > head.value - groove.value - 1:
        raise Infeasible("head")
    off = fluted(head, groove, n, n_facets)
    sections = (straight(head, height), straight(d, v["length"]))
    is_up = options["pose"] == "head_up"
    base = turned(sections, {}, n_facets)
    cut = around(n, options, radius(head).text, rounds(groove, groove, height + 2))
    knob = block("difference()", [rounds(head, head, height), cut])
    volume = base.volume - off * height.value
    total = v["length"] + height
    solid = f"{at(0, 0, v['length'], knob) if is_up else knob}\n{rounds(d, d, v['length'] + 1 if is_up else total)}"
    wide = reach(head.value, groove.value, round(n.value))
    return Body(solid, (*wide, total.value), volume)


def reach(outer: float, groove: float, n: int) -> tuple[float, float]:
    """Extent along x and y of a round edge with a groove at every 360 / n degrees, one of them on the x axis."""
    half = 2 * math.asin(min(1.0, groove / 2 / outer))  # a groove's edges, seen from the middle
    extents = []
    for axis in (0.0, math.pi / 2):
        total = 0.0
        for angle in (axis, axis + math.pi):
            offset = min(abs((angle - 2 * math.pi * i / n + math.pi) % (2 * math.pi) - math.pi) for i in range(n))
            total += outer / 2 * (math.cos(half - offset) if offset < half else 1.0)
        extents.append(total)
    return extents[0], extents[1]


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
            **across_measures("", "across flats | width across flats | wrench size", "across corners"),
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
            **across_measures("head", "head across flats | wrench size", "head across corners"),
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
        "cap_screw",
        "socket head cap screw",
        pools(
            "socket head screw | cap screw | socket cap screw | Allen screw | Allen bolt | hex socket screw",
            "hex-key bolt | recessed-drive pin",
        ),
        {
            **round_measures("shank", "shank | screw", low=2, high=40),
            "length": _LENGTH,
            **round_measures("head", "head", low=3, high=80),
            "head_height": _HEAD_HEIGHT,
            "socket": Measure(("socket size", "Allen key size"), (), 1, 30),
            "socket_depth": Measure(("socket depth",), (), 0.6, 20),
        },
        _draw_cap_screw,
        _cap_screw,
        pools(
            "@a {shank_diameter} @N {length} long, head {head_diameter} x {head_height}, socket {socket} | "
            "@a {shank_diameter} x {length} @N with @a {head_diameter} head and @a {socket} hex socket | "
            "@a @N, shank {shank_diameter}, length {length}, head {head_diameter} by {head_height} | "
            "@a {length} long @N of {shank_diameter} for @a {socket} key | "
            "@a @N with @a {shank_diameter} shank {length} long, {head_diameter} head {head_height} tall | "
            "@a @N {shank_diameter} by {length}, {socket} socket {socket_depth} deep",
            "@a @N {length} below its head, {shank_diameter} thick, driven by @a {socket} key | "
            "@a {shank_diameter} thick @N reaching {length} under @a {head_diameter} head",
        ),
        purposes=pools("to bolt a motor on | to close a case | to clamp a plate", "to fix a cover flush"),
    ),
    Family(
        "hex_standoff",
        "hex standoff",
        pools(
            "hex standoff | hexagonal standoff | hex spacer | hexagon spacer | PCB standoff | male-female standoff",
            "hexagonal pillar | board post",
        ),
        {
            **across_measures("", "across flats | width across flats", "across corners"),
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
    Family(
        "thumb_screw",
        "thumb screw",
        pools(
            "thumb screw | thumbscrew | finger screw with a grooved head | knurled head screw | hand screw | finger bolt",
            "fingertip bolt | grip-headed pin",
        ),
        {
            **round_measures("shank", "shank", low=2, high=30),
            "length": _LENGTH,
            **round_measures("head", "head", low=6, high=80),
            "head_height": _HEAD_HEIGHT,
            "grooves": Measure(("number of grooves", "grooves"), (), 6, 36, kind="count"),
            "groove_diameter": Measure(("groove diameter", "groove width"), (), 0.6, 10),
        },
        _draw_thumb,
        _thumb,
        pools(
            "@a @N with @a {head_diameter} head, {shank_diameter} shank {length} long and {grooves#} grooves | "
            "@a {shank_diameter} x {length} @N, head {head_diameter} by {head_height}, {grooves#} grooves | "
            "@a @N, head {head_diameter} x {head_height}, shank {shank_diameter} x {length} | "
            "@a {length} long @N of {shank_diameter}, @a {head_diameter} head with {grooves#} grooves | "
            "@a @N: {grooves#} grooves of {groove_diameter} around @a {head_diameter} head, {shank_diameter} shank | "
            "@a {head_diameter} head @N, {head_height} thick, on @a {shank_diameter} shank of {length}",
            "@a @N turning on @a {shank_diameter} pin {length} long, head {head_diameter} over all | "
            "@a @N gripped by {grooves#} flutes on @a {head_diameter} head",
        ),
        purposes=pools("to clamp by hand | to adjust a stop | to close a battery door", "to tighten without tools"),
    ),
)
