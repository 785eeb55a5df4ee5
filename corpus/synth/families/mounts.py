"""What holds a shaft or a pipe: open rings, pillow blocks, pipe clamps."""

from __future__ import annotations

import math

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.families.turning import DrawnT, d_or_r, put_round, radius, round_measures, round_of, rounds
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import at, block, indent, tidied
from corpus.synth.words import Measure, pools

__all__ = ["MOUNT_FAMILIES"]

_THICKNESS = Measure(("thickness",), ("thick",), 1, 50)
_BOLT = Measure(("bolt hole diameter", "screw hole diameter"), (), 1.5, 16, is_screw=True)


def _draw_clip(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    inner = draw.size(5, 60)
    put_round(draw, values, "inner", inner)
    if draw.chance(0.5):
        values["band"] = draw.size(1.5, max(2, inner * 0.25))
    else:
        put_round(draw, values, "outer", inner + 2 * draw.size(1.5, max(2, inner * 0.25)))
    values["gap"] = draw.size(inner * 0.2, inner * 0.75)
    values["thickness"] = draw.size(1, 15)
    return values, {"build": draw.choice(("extrude", "cut"))}


def _clip(v: Values, options: Options, n_facets: int) -> Body:
    inner, gap, t = round_of(v, "inner"), v["gap"], v["thickness"]
    outer = tidied(inner + 2 * v["band"]) if "band" in v else round_of(v, "outer")
    if outer.value < inner.value + 1.6 or gap.value > inner.value * 0.85:
        raise Infeasible("clip")
    scale = geometry.circle_area(1, n_facets) * 4 / math.pi
    ring = geometry.circle_area(outer.value, n_facets) - geometry.circle_area(inner.value, n_facets)
    lost = scale * (geometry.strip_area(outer.value, gap.value) - geometry.strip_area(inner.value, gap.value))
    # what is left at the mouth reaches out as far as its corners
    reach = max(math.sqrt(outer.value**2 - gap.value**2) / 2, 0.0)
    size = (outer.value / 2 + reach, outer.value, t.value)
    if options["build"] == "extrude":
        mouth = f"translate([0, {-gap / 2}])\n  square([{tidied(radius(outer) + 1)}, {gap}]);"
        shape = block("difference()", [f"circle({d_or_r(outer)});", f"circle({d_or_r(inner)});", mouth])
        return Body(f"linear_extrude(height = {t})\n" + indent(shape), size, (ring - lost) * t.value)
    mouth = at(0, -gap / 2, -1, f"cube([{tidied(radius(outer) + 1)}, {gap}, {t + 2}]);")
    cuts = (at(0, 0, -1, rounds(inner, inner, t + 2)), mouth)
    return Body(rounds(outer, outer, t), size, (ring - lost) * t.value, cuts=cuts)


def _draw_block(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    bore = draw.size(5, 40)
    housing = draw.size(bore * 1.5 + 3, bore * 2 + 6)
    put_round(draw, values, "bore", bore)
    put_round(draw, values, "housing", housing)
    values["base_thickness"] = draw.size(3, 12)
    values["center_height"] = draw.size(housing / 2 + 1, housing / 2 + 25)
    values["depth"] = draw.size(8, 40)
    values["bolt_diameter"] = draw.size(2.5, min(9, values["depth"] * 0.5))
    base = draw.size(housing + values["bolt_diameter"] * 3 + 8, housing + values["bolt_diameter"] * 4 + 40)
    values["base_length"] = base
    values["bolt_spacing"] = draw.size(housing + values["bolt_diameter"] + 3, base - values["bolt_diameter"] - 4)
    return values, {"loop": draw.choice(("for", "mirror")), "build": draw.choice(("hull", "parts"))}


def _block(v: Values, options: Options, n_facets: int) -> Body:
    bore, housing, base, t = round_of(v, "bore"), round_of(v, "housing"), v["base_length"], v["base_thickness"]
    high, depth, bolt, spacing = v["center_height"], v["depth"], v["bolt_diameter"], v["bolt_spacing"]
    d = housing.value
    if bore.value > d - 3 or high.value < t.value + 0.6 or high.value - bore.value / 2 < t.value * 0.5 + 0.6:
        raise Infeasible("housing")
    if spacing.value < d + bolt.value + 1.6 or base.value < spacing.value + bolt.value + 2:
        raise Infeasible("bolts")
    if bolt.value > depth.value - 2:
        raise Infeasible("bolts wider than the base")
    disc = geometry.circle_area(d, n_facets)
    area = base.value * t.value + d * (high.value - t.value) + disc / 2 - geometry.circle_area(bore.value, n_facets)
    volume = area * depth.value - 2 * geometry.circle_area(bolt.value, n_facets) * t.value
    size = (base.value, depth.value, high.value + d / 2)
    circle = f"translate([0, {high}])\n  circle({d_or_r(housing)});"
    rise = high if options["build"] == "parts" else t
    foot = f"translate([{-radius(housing)}, 0])\n  square([{tidied(housing)}, {rise}]);"
    tower = f"{foot}\n{circle}" if options["build"] == "parts" else block("hull()", [foot, circle])
    bar = f"translate([{-base / 2}, 0])\n  square([{base}, {t}]);"
    hole = f"translate([0, {high}])\n  circle({d_or_r(bore)});"
    shape = block("difference()", [block("union()", [bar, tower]), hole])
    turn = f"rotate([90, 0, 0])\n  linear_extrude(height = {depth}, center = true)\n"
    drill = rounds(bolt, bolt, t + 2)
    if options["loop"] == "for":
        cut = f"for (x = [{-spacing / 2}, {spacing / 2}])\n  translate([x, 0, -1])\n" + indent(drill, 2)
    else:
        cut = f"for (side = [0, 1])\n  mirror([side, 0, 0])\n    translate([{spacing / 2}, 0, -1])\n" + indent(drill, 3)
    return Body(turn + indent(shape, 2), size, volume, cuts=(cut,), genus=3)


def _draw_clamp(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    pipe = draw.size(8, 60)
    put_round(draw, values, "pipe", pipe)
    values["strap"] = draw.size(2, max(2.5, min(8, pipe * 0.25)))
    values["width"] = draw.size(8, 30)
    values["bolt_diameter"] = draw.size(2.5, min(7, values["width"] * 0.5))
    values["ear_length"] = draw.size(values["bolt_diameter"] + 4, values["bolt_diameter"] + 18)
    if draw.chance(0.4):
        values["ear_thickness"] = draw.size(2, max(2.5, pipe * 0.2))
    return values, {"build": draw.choice(("outline", "parts")), "pose": draw.choice(("standing", "on_side"))}


def _clamp(v: Values, options: Options, n_facets: int) -> Body:
    pipe, strap, w, bolt, ear = round_of(v, "pipe"), v["strap"], v["width"], v["bolt_diameter"], v["ear_length"]
    t = v.get("ear_thickness", strap)
    outer = tidied(pipe + 2 * strap)
    if bolt.value > min(w.value, ear.value) - 2 or strap.value < 0.8 or not 0.8 <= t.value < pipe.value * 0.45:
        raise Infeasible("ears")
    # the bore of the bolt stays clear of the strap's foot
    if ear.value / 2 - bolt.value / 2 < 0.5:
        raise Infeasible("bolts meet the strap")
    total = tidied(outer + 2 * ear)
    scale = geometry.circle_area(1, n_facets) * 4 / math.pi
    arch = (geometry.circle_area(outer.value, n_facets) - geometry.circle_area(pipe.value, n_facets)) / 2
    # of the bar, what lies outside the round
    bar = total.value * t.value - scale * geometry.strip_area(outer.value, 2 * t.value)
    volume = (arch + bar) * w.value - 2 * geometry.circle_area(bolt.value, n_facets) * t.value
    size: tuple[float, float, float] = (total.value, w.value, outer.value / 2)
    left, low = tidied(tidied(total, -0.5) - 1), tidied(tidied(radius(outer), -1) - 1)
    below = f"translate([{left}, {low}])\n  square([{tidied(total + 2)}, {tidied(radius(outer) + 1)}]);"
    plate = f"translate([{tidied(total, -0.5)}, 0])\n  square([{total}, {t}]);"
    discs = [f"circle({d_or_r(outer)});", f"circle({d_or_r(pipe)});"]
    if options["build"] == "outline":
        shape = block("difference()", [block("union()", [discs[0], plate]), discs[1], below])
        solid = f"rotate([90, 0, 0])\n  linear_extrude(height = {w}, center = true)\n" + indent(shape, 2)
        cuts: tuple[str, ...] = ()
    else:
        turn = "rotate([90, 0, 0])\n"
        whole = turn + f"  cylinder({d_or_r(outer)}, h = {w}, center = true);"
        bar_text = at(tidied(total, -0.5), -w / 2, 0, f"cube([{total}, {w}, {t}]);")
        solid = f"{whole}\n{bar_text}"
        inside = turn + f"  cylinder({d_or_r(pipe)}, h = {w + 2}, center = true);"
        lower = at(
            left,
            -w / 2 - 1,
            low,
            f"cube([{tidied(total + 2)}, {w + 2}, {tidied(radius(outer) + 1)}]);",
        )
        cuts = (inside, lower)
    spot = tidied(radius(outer) + ear / 2)
    drill = f"for (x = [{tidied(spot, -1)}, {spot}])\n  translate([x, 0, -1])\n" + indent(rounds(bolt, bolt, t + 2), 2)
    cuts = (*cuts, drill)
    if options["pose"] == "on_side":
        solid, *rest = (block("rotate([90, 0, 0])", [text]) for text in (solid, *cuts))
        cuts, size = tuple(rest), (size[0], size[2], size[1])
    return Body(solid, size, volume, cuts=cuts, genus=2)


MOUNT_FAMILIES = (
    Family(
        "c_clip",
        "C-clip",
        pools(
            "C-clip | retaining ring | open ring | snap ring | C-ring | split ring clip | pipe clip",
            "horseshoe clip | gapped collar",
        ),
        {
            **round_measures("inner", "inner | shaft", low=2, high=100),
            **round_measures("outer", "outer", low=4, high=140),
            "band": Measure(("band width", "ring width"), (), 0.8, 20),
            "gap": Measure(("gap", "opening width"), (), 0.8, 80),
            "thickness": _THICKNESS,
        },
        _draw_clip,
        _clip,
        pools(
            "@a @N for @a {inner_diameter} shaft with @a {gap} gap, {thickness} thick | "
            "@a {inner_diameter} @N, band {band} wide, gap {gap} | "
            "@a @N, inner diameter {inner_diameter}, outer diameter {outer_diameter}, gap {gap} | "
            "@a {thickness} thick @N, {inner_diameter} inside, opening {gap} | "
            "@a @N {inner_diameter} inside and {outer_diameter} outside with @a {gap} opening | "
            "@a @N that snaps on {inner_diameter}, {gap} opening",
            "@a @N gripping {inner_diameter}, its mouth {gap} | @a {thickness} thick @N with @a {gap} mouth",
        ),
        purposes=pools("to hold a pin in place | to snap on a shaft | to clip a cable", "to keep an axle in"),
    ),
    Family(
        "pillow_block",
        "pillow block",
        pools(
            "pillow block | bearing block | shaft support | plummer block | pillow block housing | axle stand",
            "journal pedestal | spindle bracket",
        ),
        {
            **round_measures("bore", "bore | shaft", low=2, high=80),
            **round_measures("housing", "housing", low=6, high=140),
            "base_thickness": Measure(("base thickness",), (), 1.5, 25),
            "center_height": Measure(("center height", "height of the bore's axis"), (), 5, 120),
            "depth": Measure(("depth",), ("deep",), 4, 100),
            "bolt_diameter": _BOLT,
            "base_length": Measure(("base length",), (), 15, 250),
            "bolt_spacing": Measure(("bolt spacing", "distance between the bolt holes"), (), 10, 230),
        },
        _draw_block,
        _block,
        pools(
            "@a @N for @a {bore_diameter} shaft, center height {center_height}, base {base_length} long | "
            "@a @N, bore {bore_diameter}, housing {housing_diameter}, bolt spacing {bolt_spacing} | "
            "@a {bore_diameter} @N with bolt holes of {bolt_diameter} {bolt_spacing} apart | "
            "@a {depth} deep @N, {bore_diameter} bore {center_height} above the base | "
            "@a @N carrying @a {bore_diameter} shaft {center_height} high, base {base_length} x {depth} | "
            "@a @N with @a {base_length} base {base_thickness} thick and @a {bore_diameter} bore",
            "@a @N holding a spindle of {bore_diameter} at {center_height} | "
            "@a {base_length} @N, axis at {center_height}",
        ),
        purposes=pools("to carry a shaft | to mount a bearing on a plate | to hold an axle", "to stand a spindle"),
        weight=1.5,
    ),
    Family(
        "pipe_clamp",
        "pipe clamp",
        pools(
            "pipe clamp | pipe saddle | saddle clamp | pipe strap | half clamp | tube clamp with two ears | "
            "conduit strap",
            "tube bridle | two-eared hold-down",
        ),
        {
            **round_measures("pipe", "pipe | tube", low=4, high=120),
            "strap": Measure(("strap thickness", "wall thickness"), (), 1, 20),
            "width": Measure(("width", "strap width"), ("wide",), 4, 80),
            "bolt_diameter": _BOLT,
            "ear_length": Measure(("ear length",), (), 4, 60),
            "ear_thickness": Measure(("ear thickness",), (), 1, 30),
        },
        _draw_clamp,
        _clamp,
        pools(
            "@a @N for @a {pipe_diameter} pipe, {width} wide, {strap} thick, with {bolt_diameter} holes | "
            "@a {pipe_diameter} @N with {ear_length} ears and {bolt_diameter} screw holes | "
            "@a @N, pipe diameter {pipe_diameter}, strap {strap}, width {width} | "
            "@a {width} wide @N over {pipe_diameter} pipe | "
            "@a @N holding {pipe_diameter} tube, ears {ear_length} long, holes {bolt_diameter} | "
            "@a {strap} thick @N for {pipe_diameter} conduit, {width} wide",
            "@a @N bridging {pipe_diameter}, {width} broad | @a {width} broad @N hugging @a {pipe_diameter} tube",
        ),
        purposes=pools(
            "to fix a pipe to a wall | to hold a conduit down | to mount a tube on a board", "to pin down a hose"
        ),
        weight=1.5,
    ),
)
