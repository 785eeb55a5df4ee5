"""Springs and helices of round wire, and flat spirals."""

from __future__ import annotations

import math

from corpus.synth import geometry, helix
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.families.turning import DrawnT, put_round, radius, round_measures, round_of
from corpus.synth.num import Num
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import at, block, indent, tidied
from corpus.synth.words import Measure, pools

__all__ = ["SPRING_FAMILIES"]

_WIRE = round_measures("wire", "wire", (), low=0.5, high=20)
_TURNS = Measure(("number of turns", "turns", "coils"), (), 1, 30, kind="count")
_PITCH = Measure(("pitch", "rise per turn"), (), 1, 60)
_ACROSS = {
    **round_measures("coil", "coil | mean coil", low=3, high=150),
    "outer_diameter": Measure(("outer diameter", "outside diameter"), (), 3, 200),
    "inner_diameter": Measure(("inner diameter", "inside diameter"), (), 2, 200),
}


def _put_coil(draw: Draw, values: dict[str, float]) -> tuple[float, float]:
    """(wire, mean diameter) drawn and put among the values in one of the ways that people give them."""
    wire = draw.size(1, 8)
    put_round(draw, values, "wire", wire)
    mean = draw.size(wire * 4, wire * 12)
    how = draw.choice(("coil", "coil", "outer", "outer", "inner"))
    if how == "coil":
        put_round(draw, values, "coil", mean)
    else:
        values[f"{how}_diameter"] = mean + (wire if how == "outer" else -wire)
    return wire, mean


def _put_rise(draw: Draw, values: dict[str, float], wire: float) -> None:
    """Turns, and how far they rise."""
    pitch = draw.size(wire * 1.5, wire * 5)
    values["turns"] = draw.count(3, 12)
    if draw.chance(0.5):
        values["pitch"] = pitch
    else:
        values["height"] = draw.size(values["turns"] * wire * 1.5, values["turns"] * wire * 4)


def _mean(v: Values, wire: Num) -> Num:
    if "outer_diameter" in v:
        return tidied(v["outer_diameter"] - wire)
    if "inner_diameter" in v:
        return tidied(v["inner_diameter"] + wire)
    return round_of(v, "coil")


def _call(module: str, **arguments: Num) -> str:
    """A call of a module, one argument a line where it is long."""
    texts = [f"{name} = {value}" for name, value in arguments.items()]
    line = f"{module}({', '.join(texts)});"
    return line if len(line) <= 90 else f"{module}(\n" + ",\n".join(f"  {t}" for t in texts) + "\n);"


def _check(mean: Num, wire: Num, pitch: float, turns: float) -> None:
    if mean.value < 2.2 * wire.value or pitch < 1.2 * wire.value or not 1 <= turns <= 40:
        raise Infeasible("coils that meet")
    if pitch > 2 * mean.value:
        raise Infeasible("too steep for a spring")


def _draw_coil(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    wire, _ = _put_coil(draw, values)
    _put_rise(draw, values, wire)
    return values, {"pose": draw.choice(("centered", "standing"))}


def _coil(v: Values, options: Options, n_facets: int) -> Body:
    wire, turns = round_of(v, "wire"), v["turns"]
    mean = _mean(v, wire)
    pitch = v["pitch"] if "pitch" in v else (v["height"] - wire) / turns
    _check(mean, wire, pitch.value, turns.value)
    call = _call("coil", radius=radius(mean), wire=tidied(wire), pitch=pitch, turns=turns)
    solid = call
    if options["pose"] == "standing":
        solid = at(0, 0, radius(wire), call)
    rise, w = pitch.value * turns.value, wire.value
    volume = helix.coil_volume(w, mean.value / 2, pitch.value, turns.value)
    wide = mean.value + w
    size = (wide, wide, rise + w * math.cos(helix.slope_of(mean.value / 2, pitch.value)))
    return Body(solid, size, volume, definitions=(helix.SKIN, helix.COIL))


def _draw_ground(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    wire, _ = _put_coil(draw, values)
    values["height"] = draw.size(wire * 6, max(20, wire * 25))
    if draw.chance(0.5):
        values["pitch"] = draw.size(wire * 1.6, wire * 4)
    else:
        values["turns"] = draw.count(3, 10)
    return values, {"pose": draw.choice(("standing", "centered"))}


def _ground(v: Values, options: Options, n_facets: int) -> Body:
    wire, h = round_of(v, "wire"), v["height"]
    mean = _mean(v, wire)
    pitch, turns = (v["pitch"], h / v["pitch"]) if "pitch" in v else (h / v["turns"], v["turns"])
    _check(mean, wire, pitch.value * 0.85, turns.value)
    if turns.value < 2:
        raise Infeasible("too short")
    # a turn more than shows, half of it below: both ends are cut flat
    call = _call("coil", radius=radius(mean), wire=tidied(wire), pitch=pitch, turns=turns + 1)
    long = at(0, 0, -pitch / 2, call)
    solid = block("intersection()", [long, f"cylinder(d = {tidied(mean + 2 * wire)}, h = {h});"])
    if options["pose"] == "centered":
        solid = at(0, 0, -h / 2, solid)
    wide = mean.value + wire.value
    volume = helix.coil_volume(wire.value, mean.value / 2, pitch.value, 1.0) * turns.value
    return Body(solid, (wide, wide, h.value), volume, definitions=(helix.SKIN, helix.COIL))


def _draw_torsion(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    wire, mean = _put_coil(draw, values)
    values["turns"] = draw.count(3, 8) + draw.choice((0.0, 0.5, 0.5, 0.25))
    values["leg_length"] = draw.size(mean * 0.5, mean * 2.5)
    if draw.chance(0.5):
        values["pitch"] = draw.size(wire * 1.3, wire * 2.5)
    else:
        values["gap"] = draw.size(0.5, max(0.8, wire))
    return values, {"pose": draw.choice(("centered", "raised"))}


def _torsion(v: Values, options: Options, n_facets: int) -> Body:
    wire, turns, leg = round_of(v, "wire"), v["turns"], v["leg_length"]
    mean = _mean(v, wire)
    pitch = v["pitch"] if "pitch" in v else wire + v["gap"]
    _check(mean, wire, pitch.value, turns.value)
    if turns.value < 1.5 or abs(turns.value * 4 - round(turns.value * 4)) > 1e-6:
        raise Infeasible("turns in quarters")
    call = _call("torsion_coil", radius=radius(mean), wire=tidied(wire), pitch=tidied(pitch), turns=turns, leg=leg)
    solid = at(0, 0, radius(wire), call) if options["pose"] == "raised" else call
    w, r = wire.value, mean.value / 2
    slope = helix.slope_of(r, pitch.value)
    corners = [[-r - w / 2, -r - w / 2, -w / 2 * math.cos(slope)]]
    corners.append([r + w / 2, r + w / 2, pitch.value * turns.value + w / 2 * math.cos(slope)])
    for turn, way in ((0.0, -leg.value), (turns.value, leg.value)):
        a = 2 * math.pi * turn
        tangent = (-math.sin(a) * math.cos(slope), math.cos(a) * math.cos(slope), math.sin(slope))
        start = (r * math.cos(a), r * math.sin(a), pitch.value * turn)
        for sign in (-1, 1):
            pairs = zip(start, tangent, strict=True)
            corners.append([s + way * t + sign * w / 2 * math.sqrt(max(0.0, 1 - t * t)) for s, t in pairs])
    size = tuple(max(c[i] for c in corners) - min(c[i] for c in corners) for i in range(3))
    volume = helix.coil_volume(w, r, pitch.value, turns.value) + 2 * leg.value * geometry.circle_area(w, helix.N_SIDES)
    return Body(solid, (size[0], size[1], size[2]), volume, definitions=(helix.SKIN, helix.TORSION))


def _draw_spiral(draw: Draw) -> DrawnT:
    width = draw.size(1, 6)
    values = {"start_radius": draw.size(width, width * 4), "band_width": width}
    if draw.chance(0.5):
        values["spacing"] = draw.size(width * 1.5, width * 4)
    else:
        values["gap"] = draw.size(max(0.5, width * 0.5), width * 3)
    values["turns"] = draw.count(2, 8)
    values["height"] = draw.size(1, 20)
    return values, {"pose": draw.choice(("flat", "centered")), "hand": draw.choice(("left", "right"))}


def _spiral(v: Values, options: Options, n_facets: int) -> Body:
    start, width, turns, h = v["start_radius"], v["band_width"], v["turns"], v["height"]
    spacing = v["spacing"] if "spacing" in v else width + v["gap"]
    if spacing.value < width.value + 0.4 or start.value < width.value / 2 + 0.3 or not 1 <= turns.value <= 20:
        raise Infeasible("the band meets itself")
    center = ", center = true" if options["pose"] == "centered" else ""
    call = f"spiral(start = {start}, spacing = {spacing}, turns = {turns}, width = {width});"
    solid = f"linear_extrude(height = {h}{center})\n" + indent(call)
    if options["hand"] == "right":
        solid = "mirror([1, 0, 0])\n" + indent(solid)
    points = helix.spiral_points(start.value, spacing.value, turns.value, width.value, n_facets=n_facets)
    xs, ys = [x for x, _ in points], [y for _, y in points]
    size = (max(xs) - min(xs), max(ys) - min(ys), h.value)
    area = helix.spiral_area(start.value, spacing.value, turns.value, width.value)
    area *= n_facets * math.sin(2 * math.pi / n_facets) / (2 * math.pi)
    return Body(solid, size, area * h.value, definitions=(helix.SPIRAL,))


_COIL_FORMS = pools(
    "@a {wire_diameter} @N | @a @N of {wire_diameter} wire, {coil_diameter} coil diameter, {turns#} turns, "
    "pitch {pitch} | "
    "@a @N, wire {wire_diameter}, outer diameter {outer_diameter}, {turns#} turns, {height} tall | "
    "@a {outer_diameter} wide @N with {turns#} coils of {wire_diameter} wire | "
    "@a @N made of {wire_diameter} wire with {turns#} turns | @a {height} tall @N with {turns#} turns | "
    "@a @N, {inner_diameter} inside, {wire_diameter} wire, {turns#} coils | "
    "@a @N {outer_diameter} in diameter, {wire_diameter} wire, pitch {pitch}",
    "@a @N wound {turns#} times from {wire_diameter} stock | @a @N, {turns#} loops, {wire_diameter} thick",
)

SPRING_FAMILIES = (
    Family(
        "helix",
        "helix of round wire",
        pools(
            "helix | helical wire | round helix | corkscrew coil | coil | helical rod",
            "helicoid of wire | spiral staircase-like wire",
        ),
        {
            **_WIRE,
            **_ACROSS,
            "turns": _TURNS,
            "pitch": _PITCH,
            "height": Measure(("height",), ("tall", "high"), 5, 300),
        },
        _draw_coil,
        _coil,
        _COIL_FORMS,
        purposes=pools("to show how a thread winds | to decorate a stand | to model DNA", "to illustrate a screw line"),
        weight=2.0,
    ),
    Family(
        "spring",
        "coil spring",
        pools(
            "spring | coil spring | compression spring | helical spring | open-ended spring | printed spring",
            "recoil coil | springy helix",
        ),
        {
            **_WIRE,
            **_ACROSS,
            "turns": _TURNS,
            "pitch": _PITCH,
            "height": Measure(("free length", "height"), ("tall", "long"), 5, 300),
        },
        _draw_coil,
        _coil,
        _COIL_FORMS,
        purposes=pools("to push a button back | to press a pen refill | to cushion a foot", "to return a lever"),
        weight=2.5,
    ),
    Family(
        "ground_spring",
        "coil spring with flat ends",
        pools(
            "spring with ground ends | compression spring with flat ends | coil spring ground flat | "
            "spring with both ends flat | flat-ended coil spring",
            "squared compression coil | level-ended recoil spring",
        ),
        {
            **_WIRE,
            **_ACROSS,
            "height": Measure(("free length", "height"), ("tall", "long"), 5, 300),
            "pitch": _PITCH,
            "turns": _TURNS,
        },
        _draw_ground,
        _ground,
        pools(
            "@a {height} long @N, {wire_diameter} wire, {outer_diameter} outside | "
            "@a @N of {wire_diameter} wire, {height} free length, pitch {pitch} | "
            "@a @N {outer_diameter} across and {height} tall, {turns#} turns of {wire_diameter} wire | "
            "@a @N, coil diameter {coil_diameter}, wire {wire_diameter}, length {height} | "
            "@a {height} @N with {turns#} turns, {wire_diameter} wire | "
            "@a @N to slip over {inner_diameter}, {wire_diameter} wire, {height} long",
            "@a @N standing {height}, wound from {wire_diameter} stock | @a {height} high @N in {wire_diameter} wire",
        ),
        purposes=pools("to stand under a plate | to carry a load | to press a valve shut", "to prop a platform"),
    ),
    Family(
        "torsion_spring",
        "torsion spring",
        pools(
            "torsion spring | torsion spring with straight legs | hinge spring | clothespin spring | mousetrap spring",
            "twist spring | legged coil",
        ),
        {
            **_WIRE,
            **_ACROSS,
            "turns": Measure(("number of turns", "turns"), (), 1.5, 20, kind="count"),
            "leg_length": Measure(("leg length",), (), 3, 200),
            "pitch": _PITCH,
            "gap": Measure(("gap between the coils", "gap"), (), 0.3, 20),
        },
        _draw_torsion,
        _torsion,
        pools(
            "@a @N of {wire_diameter} wire with {turns} turns and {leg_length} legs | "
            "@a @N, wire {wire_diameter}, coil {coil_diameter}, legs {leg_length} | "
            "@a {wire_diameter} wire @N, {outer_diameter} outside, {leg_length} legs | "
            "@a @N with {leg_length} legs, {turns} turns, {inner_diameter} inside | "
            "@a @N: {turns} turns of {wire_diameter} wire, each leg {leg_length} long | "
            "@a @N on @a {coil_diameter} coil, {wire_diameter} thick, legs of {leg_length}",
            "@a @N wound {turns} times, its arms {leg_length} | "
            "@a {wire_diameter} thick @N whose arms reach {leg_length}",
        ),
        purposes=pools("to close a lid | to snap a clip shut | to return a lever", "to spring a flap"),
        is_held_out=True,
    ),
    Family(
        "flat_spiral",
        "flat spiral",
        pools(
            "spiral | flat spiral | spiral band | clock spring | mosquito coil shape | Archimedean spiral",
            "snail-shell band | scroll strip",
        ),
        {
            "start_radius": Measure(("start radius", "inner radius"), (), 1, 60),
            "band_width": Measure(("band width", "line width"), (), 0.6, 20),
            "spacing": Measure(("spacing of the turns", "spacing"), (), 1, 60),
            "gap": Measure(("gap between the turns", "gap"), (), 0.4, 40),
            "turns": _TURNS,
            "height": Measure(("height", "thickness"), ("tall", "thick"), 0.6, 40),
        },
        _draw_spiral,
        _spiral,
        pools(
            "@a @N with {turns#} turns, starting at {start_radius}, {band_width} wide, {height} tall | "
            "@a {height} thick @N, band {band_width}, {turns#} turns {spacing} apart | "
            "@a @N of {turns#} turns spaced {spacing}, band {band_width} wide, {height} high | "
            "@a @N, {turns#} turns, start radius {start_radius}, band width {band_width}, gap {gap} | "
            "@a {band_width} wide @N with {gap} between its {turns#} turns, {height} thick | "
            "@a @N that begins {start_radius} from the center and makes {turns#} turns",
            "@a @N winding out {turns#} times from {start_radius} | @a {height} high @N of {turns#} whorls",
        ),
        purposes=pools("to decorate a coaster | to serve as a spring in the plane | to teach spirals", "to wind up"),
    ),
)
