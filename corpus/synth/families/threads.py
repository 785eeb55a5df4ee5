"""Parts with a modelled screw thread: rods, bolts, nuts, augers."""

from __future__ import annotations

from corpus.synth import geometry, helix
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.families.fasteners import across, across_measures, hexagon, put_across
from corpus.synth.families.turning import DrawnT, put_round, round_measures, round_of, rounds
from corpus.synth.num import Num
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import at, block, tidied
from corpus.synth.words import Measure, pools

__all__ = ["THREAD_FAMILIES"]

_PITCH = Measure(("thread pitch", "pitch"), (), 0.7, 8)
_DIAMETER = round_measures("", "thread | major", low=3, high=60)
_CHAMFER = Measure(("chamfer at the tip", "lead-in chamfer"), (), 0.3, 5)


def _put_thread(draw: Draw, values: dict[str, float], *, low: float = 5, high: float = 30) -> tuple[float, float]:
    diameter = draw.size(low, high)
    put_round(draw, values, "", diameter)
    pitch = values["pitch"] = draw.size(max(1, diameter * 0.12), max(1.5, diameter * 0.22))
    return diameter, pitch


def _check(d: Num, pitch: Num, length: Num, chamfer: Num | None = None) -> None:
    if not 0.04 * d.value <= pitch.value <= 0.4 * d.value or not 1.2 <= length.value / pitch.value <= 45:
        raise Infeasible("pitch")
    if chamfer is not None and not 0.2 <= chamfer.value < min(d.value / 4, length.value - 1.5):
        raise Infeasible("chamfer")
    if length.value < 2:
        raise Infeasible("too short for a thread")


def thread_call(d: Num, pitch: Num, length: Num, chamfer: Num | None = None) -> str:
    text = f"thread(diameter = {tidied(d)}, pitch = {pitch}, length = {tidied(length)}"
    return text + (f", chamfer = {chamfer});" if chamfer is not None else ");")


def _thread_volume(d: Num, pitch: Num, length: Num, n_facets: int, chamfer: Num | None = None) -> float:
    cut = chamfer.value if chamfer is not None else 0.0
    return helix.thread_volume(d.value, pitch.value, length.value, n_facets, chamfer=cut)


_DEFINITIONS = (helix.SKIN, helix.THREAD)


def _draw_rod(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    diameter, pitch = _put_thread(draw, values)
    values["length"] = draw.size(max(8, pitch * 4), pitch * 25)
    if draw.chance(0.4):
        values["chamfer"] = draw.size(0.5, max(0.6, diameter / 8))
    if draw.chance(0.3):
        values["bore_diameter"] = draw.size(1, diameter * 0.45)
    return values, {"pose": draw.choice(("upright", "lying"))}


def _rod(v: Values, options: Options, n_facets: int) -> Body:
    d, pitch, length, chamfer = round_of(v), v["pitch"], v["length"], v.get("chamfer")
    _check(d, pitch, length, chamfer)
    volume = _thread_volume(d, pitch, length, n_facets, chamfer)
    solid = thread_call(d, pitch, length, chamfer)
    turn = "" if options["pose"] == "upright" else "rotate([0, 90, 0])"
    size = (d.value, d.value, length.value) if not turn else (length.value, d.value, d.value)
    solid = block(turn, [solid]) if turn else solid
    if "bore_diameter" in v:
        bore = v["bore_diameter"]
        if bore.value > d.value - 2 * 0.54 * pitch.value - 1:
            raise Infeasible("bore")
        drill = at(0, 0, -1, rounds(bore, bore, length + 2))
        cut = block(turn, [drill]) if turn else drill
        area = geometry.circle_area(bore.value, n_facets)
        return Body(solid, size, volume - area * length.value, cuts=(cut,), genus=1, definitions=_DEFINITIONS)
    return Body(solid, size, volume, definitions=_DEFINITIONS)


def _draw_bolt(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    diameter, pitch = _put_thread(draw, values, high=24)
    values["length"] = draw.size(max(8, pitch * 4), pitch * 20)
    put_across(draw, values, diameter * 1.6, diameter * 1.9)
    values["head_height"] = draw.size(max(2, diameter * 0.5), diameter * 0.8 + 1)
    if draw.chance(0.4):
        values["chamfer"] = draw.size(0.5, max(0.6, diameter / 8))
    if draw.chance(0.35):
        values["plain_length"] = draw.size(2, max(3, values["length"] * 0.6))
    return values, {}


def _bolt(v: Values, options: Options, n_facets: int) -> Body:
    d, pitch, length, chamfer = round_of(v), v["pitch"], v["length"], v.get("chamfer")
    head, flats = v["head_height"], across(v)
    if flats.value < d.value * 1.15:
        raise Infeasible("head")
    run, start = length, head
    volume = geometry.hexagon_area(flats.value) * head.value
    solids = [hexagon(flats, v, head)]
    if "plain_length" in v:
        plain = v["plain_length"]
        run, start = tidied(length - plain), tidied(head + plain)
        solids.append(rounds(d, d, head + plain))
        volume += geometry.circle_area(d.value, n_facets) * plain.value
    _check(d, pitch, run, chamfer)
    # the thread begins 1 mm inside what carries it
    solids.append(at(0, 0, tidied(start - 1), thread_call(d, pitch, run + 1, chamfer)))
    volume += _thread_volume(d, pitch, run, n_facets, chamfer)
    size = (flats.value * 2 / 3**0.5, flats.value, head.value + length.value)
    return Body("\n".join(solids), size, volume, definitions=_DEFINITIONS)


def _draw_nut(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    diameter, _ = _put_thread(draw, values, high=30)
    put_across(draw, values, diameter * 1.55, diameter * 1.9 + 1)
    values["thickness"] = draw.size(max(3, diameter * 0.6), diameter)
    if draw.chance(0.5):
        values["clearance"] = draw.choice((0.2, 0.3, 0.4, 0.5))
    if draw.chance(0.35):
        values["flange_diameter"] = draw.size(diameter * 2.3, diameter * 2.8)
        values["flange_thickness"] = draw.size(1, max(1.2, values["thickness"] * 0.4))
    return values, {}


def _nut(v: Values, options: Options, n_facets: int) -> Body:
    pitch, t, flats = v["pitch"], v["thickness"], across(v)
    d = tidied(round_of(v) + v["clearance"]) if "clearance" in v else round_of(v)
    _check(d, pitch, t)
    if flats.value < d.value + 1.5:
        raise Infeasible("wall of the nut")
    volume = geometry.hexagon_area(flats.value) * t.value
    solids, wide, deep = [hexagon(flats, v, t)], flats.value * 2 / 3**0.5, flats.value
    if "flange_diameter" in v:
        flange, high = v["flange_diameter"], v["flange_thickness"]
        if flange.value < wide + 0.5 or high.value > t.value - 1:
            raise Infeasible("flange")
        volume += (geometry.circle_area(flange.value, n_facets) - geometry.hexagon_area(flats.value)) * high.value
        solids.append(rounds(flange, flange, high))
        wide = deep = flange.value
    volume -= _thread_volume(d, pitch, t, n_facets)
    cut = at(0, 0, -pitch, thread_call(d, pitch, t + 2 * pitch))
    return Body("\n".join(solids), (wide, deep, t.value), volume, cuts=(cut,), genus=1, definitions=_DEFINITIONS)


def _draw_auger(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    shaft = draw.size(4, 25)
    outer = draw.size(shaft * 1.8, shaft * 3.5)
    put_round(draw, values, "flight", outer)
    put_round(draw, values, "shaft", shaft)
    values["pitch"] = draw.size(outer * 0.4, outer * 1.1)
    values["flight_thickness"] = draw.size(1, max(1.5, values["pitch"] / 6))
    values["length"] = draw.size(values["pitch"] * 2, values["pitch"] * 6)
    if draw.chance(0.4):
        values["stub_length"] = draw.size(3, 30)
    return values, {}


def _auger(v: Values, options: Options, n_facets: int) -> Body:
    outer, shaft, t = round_of(v, "flight"), round_of(v, "shaft"), v["flight_thickness"]
    pitch, length, stub = v["pitch"], v["length"], v.get("stub_length")
    turns = length.value / pitch.value
    if t.value < 0.5 or t.value > pitch.value * 0.5 or not 1.2 <= turns <= 30 or outer.value < shaft.value + 2:
        raise Infeasible("flight")
    if shaft.value < 2:
        raise Infeasible("shaft")
    total = length + stub if stub is not None else length
    # shaft and blade both begin at z = 0
    call = (
        f"flight(diameter = {tidied(outer)}, shaft = {tidied(shaft)}, thickness = {t},\n"
        f"  pitch = {pitch}, length = {length});"
    )
    volume = geometry.circle_area(shaft.value, n_facets) * total.value + helix.flight_volume(
        outer.value, shaft.value, t.value, pitch.value, length=length.value, n_facets=n_facets
    )
    solid = f"{rounds(shaft, shaft, total)}\n{call}"
    size = (outer.value, outer.value, total.value)
    return Body(solid, size, volume, definitions=(helix.SKIN, helix.FLIGHT))


THREAD_FAMILIES = (
    Family(
        "threaded_rod",
        "threaded rod",
        pools(
            "threaded rod | screw rod | stud with a thread | threaded bar | headless screw | set screw | lead screw",
            "all-thread | helically ridged bar",
        ),
        {
            **_DIAMETER,
            "pitch": _PITCH,
            "length": Measure(("length",), ("long",), 4, 300),
            "chamfer": _CHAMFER,
            "bore_diameter": Measure(("bore", "bore diameter"), (), 0.8, 40),
        },
        _draw_rod,
        _rod,
        pools(
            "@a {diameter} @N, pitch {pitch}, {length} long | @a {length} long @N of {diameter} with {pitch} pitch | "
            "@a @N, thread diameter {diameter}, thread pitch {pitch}, length {length} | "
            "@a {diameter} x {pitch} @N {length} long | @a @N {diameter} across the thread, {length} long | "
            "@a @N of radius {radius}, pitch {pitch}, {length} long",
            "@a @N {length} in length, {diameter} over the crests, {pitch} a turn | "
            "@a {diameter} by {length} @N advancing {pitch} each turn",
        ),
        purposes=pools("to clamp two plates | to drive a carriage | to adjust a stop", "to draw two jaws together"),
    ),
    Family(
        "threaded_bolt",
        "hex bolt with thread",
        pools(
            "bolt with a thread | threaded hex bolt | hex head screw | machine bolt with modelled thread | "
            "printable threaded bolt",
            "hexagon screw with real ridges | working cap bolt",
        ),
        {
            **_DIAMETER,
            "pitch": _PITCH,
            "length": Measure(("length", "length under the head"), ("long",), 4, 200),
            **across_measures("width of the head across flats | wrench size", "width of the head across corners"),
            "head_height": Measure(("head height",), (), 1.5, 30),
            "chamfer": _CHAMFER,
            "plain_length": Measure(("plain shank length", "unthreaded length"), (), 1, 100),
        },
        _draw_bolt,
        _bolt,
        pools(
            "@a {diameter} @N, {length} long, pitch {pitch} | @a {diameter} x {length} @N with {pitch} pitch | "
            "@a @N, thread {diameter}, pitch {pitch}, length {length}, {across_flats} across the flats | "
            "@a {length} long @N of {diameter}, head {across_flats} wide and {head_height} high | "
            "@a @N {diameter} by {length}, {head_height} head | "
            "@a @N with @a {diameter} thread of {pitch} pitch, {length} under the head",
            "@a @N {length} below its head, {diameter} over the crests | "
            "@a {diameter} thick @N that reaches {length}, advancing {pitch} each turn",
        ),
        purposes=pools("to join two panels | to hold a bracket on | to clamp a vise jaw", "to draw a joint tight"),
    ),
    Family(
        "threaded_nut",
        "hex nut with thread",
        pools(
            "nut with a thread | threaded hex nut | hexagon nut with real thread | threaded nut | "
            "printable threaded nut",
            "tapped hexagon | working hex fastener",
        ),
        {
            **_DIAMETER,
            "pitch": _PITCH,
            **across_measures("width across flats | wrench size", "width across corners"),
            "thickness": Measure(("thickness", "height"), ("thick", "high"), 2, 40),
            "clearance": Measure(("thread clearance", "clearance"), (), 0.1, 1),
            "flange_diameter": Measure(("flange diameter",), (), 8, 120),
            "flange_thickness": Measure(("flange thickness",), (), 0.8, 10),
        },
        _draw_nut,
        _nut,
        pools(
            "@a {diameter} @N, pitch {pitch}, {across_flats} across flats, {thickness} thick | "
            "@a @N for @a {diameter} thread of {pitch} pitch, {thickness} thick | "
            "@a {thickness} thick @N, {across_flats} across the flats, thread {diameter} x {pitch} | "
            "@a @N {diameter} x {pitch}, {across_corners} across corners, {thickness} high | "
            "@a {diameter} x {pitch} @N with {across_flats} flats | @a @N, thread {diameter}, thickness {thickness}",
            "@a @N taking @a {diameter} stud that advances {pitch} each turn, {thickness} through | "
            "@a {across_flats} wide @N, {thickness} through, threaded {diameter}",
        ),
        purposes=pools("to lock a bolt | to hold a threaded rod | to clamp a lamp", "to secure a stud"),
    ),
    Family(
        "auger",
        "auger",
        pools(
            "auger | screw conveyor | feed screw | Archimedes screw | spiral conveyor screw | auger bit shape",
            "worm conveyor | helical feeder",
        ),
        {
            **round_measures("flight", "flight | outer", low=8, high=120),
            **round_measures("shaft", "shaft | core", low=2, high=60),
            "pitch": Measure(("pitch",), (), 5, 120),
            "flight_thickness": Measure(("flight thickness", "blade thickness"), (), 0.6, 12),
            "length": Measure(("length", "flight length"), ("long",), 15, 300),
            "stub_length": Measure(("shaft stub length", "shaft extension"), (), 2, 80),
        },
        _draw_auger,
        _auger,
        pools(
            "@a @N {flight_diameter} in diameter and {length} long on @a {shaft_diameter} shaft, pitch {pitch} | "
            "@a {length} long @N, flight {flight_diameter}, shaft {shaft_diameter}, pitch {pitch} | "
            "@a {flight_diameter} @N with @a {shaft_diameter} core and {flight_thickness} thick blades | "
            "@a @N, outer diameter {flight_diameter}, shaft {shaft_diameter}, blade {flight_thickness}, pitch "
            "{pitch} | "
            "@a {flight_diameter} x {length} @N, one turn every {pitch} | "
            "@a @N with {pitch} pitch, {flight_diameter} flight, {length} long",
            "@a @N sweeping {flight_diameter} around @a {shaft_diameter} core over {length} | "
            "@a {length} long @N that advances {pitch} each turn",
        ),
        purposes=pools("to feed grain | to move pellets along a tube | to lift water", "to dose powder"),
    ),
)
