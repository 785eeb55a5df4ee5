"""Links: connecting rods, chain links, clevises."""

from __future__ import annotations

import math

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.families.turning import DrawnT, d_or_r, put_round, radius, round_measures, round_of, rounds
from corpus.synth.num import Num
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import at, block, indent, tidied
from corpus.synth.words import Measure, pools

__all__ = ["LINK_FAMILIES"]

_THICKNESS = Measure(("thickness",), ("thick",), 1, 50)


def hull_area(large: float, small: float, distance: float, n_facets: int) -> float:
    """Of the hull of two circles, by diameters."""
    turn = math.acos((large - small) / 2 / distance)
    scale = geometry.circle_area(1, n_facets) * 4 / math.pi
    sectors = (large / 2) ** 2 * (math.pi - turn) + (small / 2) ** 2 * turn
    return scale * sectors + (large + small) / 2 * distance * math.sin(turn)


def _draw_rod(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    big = draw.size(10, 50)
    values["center_distance"] = draw.size(big * 1.2, big * 4)
    values["big_end"], values["big_bore"] = big, draw.size(big * 0.3, big * 0.65)
    if draw.chance(0.7):
        small = draw.size(big * 0.5, big * 0.9)
        values["small_end"], values["small_bore"] = small, draw.size(small * 0.3, small * 0.65)
    values["thickness"] = draw.size(3, 15)
    if draw.chance(0.4):
        values["waist"] = draw.size(values.get("small_end", big) * 0.4, values.get("small_end", big) * 0.8)
    return values, {"build": draw.choice(("extrude", "cylinders"))}


def _rod(v: Values, options: Options, n_facets: int) -> Body:
    length, big, t = v["center_distance"], v["big_end"], v["thickness"]
    small, bore = v.get("small_end", big), v["big_bore"]
    bore_2 = v.get("small_bore", bore)
    if bore.value > big.value - 1.6 or bore_2.value > small.value - 1.6:
        raise Infeasible("bores")
    if length.value < (big.value + small.value) / 2 + 1 or small.value > big.value:
        raise Infeasible("ends that meet")
    scale = geometry.circle_area(1, n_facets) * 4 / math.pi
    size = (length.value + (big.value + small.value) / 2, big.value, t.value)
    holes = geometry.circle_area(bore.value, n_facets) + geometry.circle_area(bore_2.value, n_facets)
    is_flat = options["build"] == "extrude"

    def disc(d: Num, x: Num | float) -> str:
        if is_flat:
            return f"circle(d = {d});" if x == 0 else f"translate([{x}, 0])\n  circle(d = {d});"
        return at(x, 0, 0, rounds(d, d, t))

    if "waist" in v:
        waist = v["waist"]
        if waist.value > small.value * 0.95 or waist.value < 1:
            raise Infeasible("waist")
        bar = f"translate([0, {-waist / 2}])\n  square([{length}, {waist}]);"
        if not is_flat:
            bar = at(0, -waist / 2, 0, f"cube([{length}, {waist}, {t}]);")
        outline = [disc(big, 0), disc(small, length), bar]
        area = geometry.circle_area(big.value, n_facets) + geometry.circle_area(small.value, n_facets)
        inside = geometry.strip_area(big.value, waist.value) + geometry.strip_area(small.value, waist.value)
        area += length.value * waist.value - scale * inside
    else:
        outline = [block("hull()", [disc(big, 0), disc(small, length)])]
        area = hull_area(big.value, small.value, length.value, n_facets)
    volume = (area - holes) * t.value
    if is_flat:
        whole = block("union()", outline) if len(outline) > 1 else outline[0]
        plate = block("difference()", [whole, disc(bore, 0), disc(bore_2, length)])
        return Body(f"linear_extrude(height = {t})\n" + indent(plate), size, volume, genus=2)
    cuts = tuple(at(x, 0, -1, rounds(d, d, t + 2)) for d, x in ((bore, 0), (bore_2, length)))
    return Body("\n".join(outline), size, volume, cuts=cuts, genus=2)


def _draw_chain(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    wire = draw.size(2, 14)
    put_round(draw, values, "wire", wire)
    width = draw.size(wire * 3, wire * 5)
    values["width"] = width
    if draw.chance(0.5):
        values["length"] = draw.size(width * 1.3, width * 2.2)
    else:
        values["straight_length"] = draw.size(max(1, width * 0.3), width)
    return values, {"pose": draw.choice(("centered", "raised"))}


def _chain(v: Values, options: Options, n_facets: int) -> Body:
    wire, width = round_of(v, "wire"), v["width"]
    run = v["straight_length"] if "straight_length" in v else tidied(v["length"] - width)
    if width.value < 2.4 * wire.value or run.value < 0.5:
        raise Infeasible("link")
    mean = tidied(width - wire, 0.5)
    area = geometry.circle_area(wire.value, n_facets)
    around = n_facets * math.sin(2 * math.pi / n_facets) * mean.value
    volume = area * (around + 2 * run.value)
    half = tidied(run, 0.5)
    # each straight piece ends in the faces that the bends begin with
    bends = f"""for (side = [0, 180])
  rotate([0, 0, side])
    translate([{half}, 0, 0])
      rotate([0, 0, -90])
        rotate_extrude(angle = 180)
          translate([{mean}, 0])
            circle({d_or_r(wire)});"""
    bars = f"""for (y = [{tidied(mean, -1)}, {mean}])
  translate([{tidied(half, -1)}, y, 0])
    rotate([0, 90, 0])
      cylinder({d_or_r(wire)}, h = {run});"""
    solid = f"{bends}\n{bars}"
    if options["pose"] == "raised":
        solid = block(f"translate([0, 0, {radius(wire)}])", [solid])
    return Body(solid, (run.value + width.value, width.value, wire.value), volume, genus=1)


def _draw_clevis(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    width = draw.size(10, 40)
    values["width"] = width
    values["fork_height"] = draw.size(width * 0.9, width * 2)
    values["slot_width"] = draw.size(width * 0.3, width * 0.5)
    values["slot_depth"] = draw.size(values["fork_height"] * 0.5, values["fork_height"] * 0.8)
    values["pin_diameter"] = draw.size(2, width * 0.35)
    values["pin_inset"] = draw.size(values["pin_diameter"] * 0.5 + 2, values["slot_depth"] * 0.7)
    put_round(draw, values, "shank", draw.size(width * 0.3, width * 0.8))
    values["shank_length"] = draw.size(5, 60)
    if draw.chance(0.5):
        values["depth"] = draw.size(width * 0.7, width * 1.2)
    return values, {"pose": draw.choice(("upright", "lying"))}


def _clevis(v: Values, options: Options, n_facets: int) -> Body:
    w, h, slot, deep, pin = v["width"], v["fork_height"], v["slot_width"], v["slot_depth"], v["pin_diameter"]
    inset, shank, length = v["pin_inset"], round_of(v, "shank"), v["shank_length"]
    side = v.get("depth", w)
    if slot.value > w.value - 3 or deep.value > h.value - 2 or inset.value < pin.value / 2 + 0.8:
        raise Infeasible("fork")
    if inset.value + pin.value / 2 > deep.value - 0.4 or pin.value > side.value - 2:
        raise Infeasible("pin")
    if shank.value > min(w.value, side.value) - 0.4:
        raise Infeasible("shank")
    volume = w.value * side.value * h.value - slot.value * side.value * deep.value
    volume -= geometry.circle_area(pin.value, n_facets) * (w.value - slot.value)
    volume += geometry.circle_area(shank.value, n_facets) * length.value
    size = (w.value, side.value, h.value + length.value)
    # the shank reaches into the fork
    into = tidied(h - deep, 0.5)
    texts = [
        at(-w / 2, -side / 2, length, f"cube([{w}, {side}, {h}]);") + "\n" + rounds(shank, shank, length + into),
        at(-slot / 2, -side / 2 - 1, tidied(length + h - deep), f"cube([{slot}, {side + 2}, {deep + 1}]);"),
        at(0, 0, tidied(length + h - inset), f"rotate([0, 90, 0])\n  cylinder(d = {pin}, h = {w + 2}, center = true);"),
    ]
    if options["pose"] == "lying":
        texts = [block("rotate([0, 90, 0])", [text]) for text in texts]
        size = (size[2], size[1], size[0])
    return Body(texts[0], size, volume, cuts=tuple(texts[1:]), genus=2)


LINK_FAMILIES = (
    Family(
        "connecting_rod",
        "connecting rod",
        pools(
            "connecting rod | link | link arm | lever arm with two holes | crank arm | linkage bar | con rod",
            "tie arm | pivot strap",
        ),
        {
            "center_distance": Measure(("center distance", "distance between the holes"), (), 8, 250),
            "big_end": Measure(("big end diameter", "end diameter"), (), 4, 100),
            "big_bore": Measure(("big end bore", "bore"), (), 1.5, 80),
            "small_end": Measure(("small end diameter",), (), 3, 90),
            "small_bore": Measure(("small end bore",), (), 1.2, 80),
            "thickness": _THICKNESS,
            "waist": Measure(("width of the bar between", "bar width"), (), 1.5, 60),
        },
        _draw_rod,
        _rod,
        pools(
            "@a @N {center_distance} between centers, ends {big_end} and {small_end}, {thickness} thick | "
            "@a @N with holes {center_distance} apart, bores {big_bore} and {small_bore} | "
            "@a {thickness} thick @N, {center_distance} center to center, {big_end} ends with {big_bore} bores | "
            "@a @N, center distance {center_distance}, end diameter {big_end}, bore {big_bore} | "
            "@a {center_distance} @N tapering from {big_end} to {small_end} | "
            "@a @N joining two pins {center_distance} apart, {thickness} thick",
            "@a @N whose eyes lie {center_distance} apart | @a {thickness} thick @N, eyes {big_end} over all",
        ),
        purposes=pools("to join a crank to a piston | to link two levers | to drive a slider", "to couple two pivots"),
        weight=1.5,
    ),
    Family(
        "chain_link",
        "chain link",
        pools("chain link | link of a chain | oval link | oval ring | stadium ring", "shackle loop | cable-chain oval"),
        {
            **round_measures("wire", "wire | bar", low=1, high=30),
            "width": Measure(("width", "outer width"), ("wide",), 4, 120),
            "length": Measure(("length", "outer length"), ("long",), 5, 250),
            "straight_length": Measure(("length of the straight sides", "straight length"), (), 0.6, 150),
        },
        _draw_chain,
        _chain,
        pools(
            "@a @N {length} long and {width} wide of {wire_diameter} wire | "
            "@a {wire_diameter} @N, {width} wide and {length} long | @a @N of {wire_diameter} bar, {width} wide | "
            "@a @N, wire {wire_diameter}, width {width}, straight sides {straight_length} | "
            "@a {length} x {width} @N made of {wire_diameter} wire | @a {width} wide @N, {wire_diameter} thick",
            "@a @N bent from {wire_diameter} stock, {width} over all | @a {wire_diameter} thick @N spanning {width}",
        ),
        purposes=pools("to make a chain | to hang a lamp | to join two hooks", "to lengthen a chain"),
    ),
    Family(
        "clevis",
        "clevis",
        pools(
            "clevis fork | fork end | rod end fork | rod yoke | forked rod end | fork with a cross hole",
            "pronged rod head | stirrup end",
        ),
        {
            "width": Measure(("fork width", "width"), ("wide",), 5, 80),
            "fork_height": Measure(("fork height", "fork length"), (), 6, 150),
            "slot_width": Measure(("slot width",), (), 1, 60),
            "slot_depth": Measure(("slot depth",), (), 3, 120),
            "pin_diameter": Measure(("pin hole diameter", "cross hole diameter"), (), 1, 30),
            "pin_inset": Measure(("distance of the pin hole from the tips", "pin inset"), (), 2, 80),
            **round_measures("shank", "shank", low=2, high=70),
            "shank_length": Measure(("shank length",), (), 2, 150),
            "depth": Measure(("fork depth",), (), 4, 80),
        },
        _draw_clevis,
        _clevis,
        pools(
            "@a @N {width} wide with @a {slot_width} slot {slot_depth} deep and @a {pin_diameter} cross hole | "
            "@a {width} @N, fork {fork_height} tall, slot {slot_width}, pin hole {pin_diameter} | "
            "@a @N, slot {slot_width} x {slot_depth}, shank {shank_diameter} x {shank_length} | "
            "@a @N on @a {shank_diameter} shank {shank_length} long, pin {pin_diameter} | "
            "@a @N for @a {pin_diameter} pin, slot {slot_width}, {width} wide | "
            "@a {width} wide @N with @a {pin_diameter} pin hole {pin_inset} from the tips",
            "@a @N straddling {slot_width}, pinned at {pin_diameter} | @a {width} broad @N on @a {shank_diameter} tail",
        ),
        purposes=pools("to join a rod to a lever | to take a pin | to attach a cable", "to hitch a pull rod"),
    ),
)
