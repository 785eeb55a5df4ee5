"""Balls, domes, capsules and rings of round section."""

from __future__ import annotations

import math

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.families.forms import by_span
from corpus.synth.families.turning import DrawnT, d_or_r, put_round, radius, round_measures, round_of
from corpus.synth.num import Num
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import at, block, difference, indent, tidied
from corpus.synth.words import Measure, pools

__all__ = ["BALL_FAMILIES", "circle", "half_disc", "sphere"]

Points = list[tuple[float, float]]


def sphere(diameter: Num) -> str:
    return f"sphere({d_or_r(diameter)});"


def circle(diameter: Num) -> str:
    return sphere(diameter).replace("sphere", "circle")


def half_disc(diameter: float, n_facets: int) -> Points:
    """(r, z) corners of the right half of a circle, from the top down."""
    angles = [2 * math.pi * i / n_facets for i in range(n_facets // 2 + 1)]
    return [(diameter / 2 * math.sin(a), diameter / 2 * math.cos(a)) for a in angles]


def _turned_half(diameter: Num) -> str:
    """A ball as a turned half disc: round at the poles too, unlike `sphere`."""
    r = radius(diameter)
    half_plane = f"translate([0, {-r}])\n  square([{r}, {diameter}]);"
    return "rotate_extrude()\n" + indent(block("intersection()", [circle(diameter), half_plane]))


def _profile(diameter: float, options: Options, n_facets: int) -> Points:
    """From the top down."""
    outline = geometry.sphere_profile if options["build"] == "sphere" else half_disc
    return outline(diameter, n_facets)


def _box(profile: Points) -> tuple[float, float, float]:
    wide = 2 * max(r for r, _ in profile)
    return wide, wide, max(z for _, z in profile) - min(z for _, z in profile)


def _draw_ball(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    diameter = draw.size(5, 120)
    put_round(draw, values, "", diameter)
    if draw.chance(0.25):
        values["flat_height"] = draw.size(0.5, diameter / 8)
    return values, {"build": draw.choice(("sphere", "revolve")), "pose": draw.choice(("centered", "raised"))}


def _ball(v: Values, options: Options, n_facets: int) -> Body:
    d = round_of(v)
    profile = _profile(d.value, options, n_facets)
    text = sphere(d) if options["build"] == "sphere" else _turned_half(d)
    r, lift = radius(d), radius(d)
    cuts: tuple[str, ...] = ()
    if "flat_height" in v:
        flat = v["flat_height"]
        if flat.value > d.value * 0.4:
            raise Infeasible("flat above the middle")
        profile = geometry.clip_above(profile, 1, flat.value - r.value)
        lift = r - flat
        low = -r if options["pose"] == "raised" else flat - d
        cuts = (at(-r - 1, -r - 1, low, f"cube([{d + 2}, {d + 2}, {r}]);"),)
    solid = at(0, 0, lift, text) if options["pose"] == "raised" else text
    return Body(solid, _box(profile), geometry.turned_volume(profile, n_facets), cuts=cuts)


def _draw_bead(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    diameter = draw.size(6, 60)
    put_round(draw, values, "", diameter)
    put_round(draw, values, "bore", draw.size(1, diameter * 0.5))
    return values, {"build": draw.choice(("sphere", "revolve")), "pose": draw.choice(("centered", "raised"))}


def _bead(v: Values, options: Options, n_facets: int) -> Body:
    d, bore = round_of(v), round_of(v, "bore")
    if bore.value > d.value * 0.8:
        raise Infeasible("bore leaves no bead")
    profile = geometry.clip_above(_profile(d.value, options, n_facets), 0, bore.value / 2)
    text = sphere(d) if options["build"] == "sphere" else _turned_half(d)
    lift = radius(d) if options["pose"] == "raised" else 0
    cut = at(0, 0, lift, f"cylinder({d_or_r(bore)}, h = {d + 2}, center = true);")
    return Body(at(0, 0, lift, text), _box(profile), geometry.turned_volume(profile, n_facets), cuts=(cut,), genus=1)


def _draw_dome(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    diameter = draw.size(12, 150)
    put_round(draw, values, "", diameter)
    if draw.chance(0.5):
        values["wall"] = draw.size(0.8, max(1.2, min(8, diameter / 10)))
    return values, {"build": draw.choice(("sphere", "revolve"))}


def _dome(v: Values, options: Options, n_facets: int) -> Body:
    d, r = round_of(v), radius(round_of(v))
    upper = geometry.clip_above(_profile(d.value, options, n_facets), 1, 0.0)
    volume, inner = geometry.turned_volume(upper, n_facets), None
    if "wall" in v:
        inner = d - 2 * v["wall"]
        if inner.value < 2 or v["wall"].value < 0.4:
            raise Infeasible("wall")
        volume -= geometry.turned_volume(
            geometry.clip_above(_profile(inner.value, options, n_facets), 1, 0.0), n_facets
        )
    if options["build"] == "revolve":
        disc = difference([circle(d)], [circle(inner)]) if inner else circle(d)
        solid = "rotate_extrude()\n" + indent(block("intersection()", [disc, f"square({r});"]))
        return Body(solid, _box(upper)[:2] + (max(z for _, z in upper),), volume)
    below = at(-r - 1, -r - 1, -r - 1, f"cube([{d + 2}, {d + 2}, {r + 1}]);")
    cuts = (sphere(inner), below) if inner else (below,)
    return Body(sphere(d), _box(upper), volume, cuts=cuts)


def _draw_capsule(draw: Draw) -> DrawnT:
    values: dict[str, float] = {}
    diameter = draw.size(4, 60)
    put_round(draw, values, "", diameter)
    values["length"] = draw.size(diameter * 1.4, max(diameter * 1.6, min(200, diameter * 5)))
    return values, {"build": draw.choice(("parts", "revolve")), "pose": draw.choice(("upright", "lying"))}


def _capsule(v: Values, options: Options, n_facets: int) -> Body:
    d, length, r = round_of(v), v["length"], radius(round_of(v))
    offset = (length.value - d.value) / 2
    if offset < 0.1:
        raise Infeasible("shorter than it is wide")
    build = {"build": "sphere" if options["build"] == "parts" else "revolve"}
    half = _profile(d.value, build, n_facets)
    upper, lower = [p for p in half if p[1] > -1e-9], [p for p in half if p[1] < 1e-9]
    waist = [(r.value, offset), (r.value, -offset)]
    profile = [(x, z + offset) for x, z in upper] + waist + [(x, z - offset) for x, z in lower]
    straight, far = tidied(length - d), tidied(length - d, 0.5)
    if options["build"] == "parts":
        ball = f"for (z = [{tidied(far, -1)}, {far}])\n  translate([0, 0, z])\n    {sphere(d)}"
        solid = f"cylinder({d_or_r(d)}, h = {straight}, center = true);\n{ball}"
    else:
        ball = f"for (y = [{tidied(far, -1)}, {far}])\n  translate([0, y])\n    {circle(d)}"
        half_plane = f"translate([0, {-length / 2}])\n  square([{r}, {length}]);"
        solid = "rotate_extrude()\n" + indent(block("intersection()", ["hull()\n" + indent(ball), half_plane]))
    if options["pose"] == "lying":
        solid = block("rotate([0, 90, 0])", [solid])
    wide, _, high = _box(profile)
    size = (high, wide, wide) if options["pose"] == "lying" else (wide, wide, high)
    return Body(solid, size, geometry.turned_volume(profile, n_facets))


def _draw_ring(draw: Draw) -> DrawnT:
    section = draw.size(1, 20)
    mean = draw.size(section * 2.5, max(section * 4, min(150, section * 15)))
    how = draw.choice(("inner", "outer", "ring"))
    values = {f"{how}_diameter": mean + {"inner": -section, "outer": section, "ring": 0}[how]}
    put_round(draw, values, "section", section)
    return values, {"pose": draw.choice(("centered", "raised"))}


def _ring(v: Values, options: Options, n_facets: int) -> Body:
    s = round_of(v, "section")
    if "inner_diameter" in v:
        centre = tidied(v["inner_diameter"] + s, 0.5)
    elif "outer_diameter" in v:
        centre = tidied(v["outer_diameter"] - s, 0.5)
    else:
        centre = v["ring_diameter"] / 2
    if centre.value < s.value * 0.5 + 0.3:
        raise Infeasible("no hole left")
    profile = [(x + centre.value, z) for x, z in geometry.circle_points(s.value, n_facets)]
    text = f"rotate_extrude()\n  translate([{centre}, 0])\n    {circle(s)}"
    solid = at(0, 0, radius(s), text) if options["pose"] == "raised" else text
    wide = 2 * centre.value + s.value
    return Body(solid, (wide, wide, s.value), geometry.turned_volume(profile, n_facets), genus=1)


BALL_FAMILIES = (
    Family(
        "ball",
        "ball",
        pools("ball | sphere | solid ball | round ball | solid sphere", "orb | globe"),
        {
            **round_measures("", "", ("in diameter", "across"), low=3),
            "flat_height": Measure(("height of the flat cut off its bottom", "flat cut"), (), 0.3, 20),
        },
        _draw_ball,
        _ball,
        pools(
            "@a {diameter} @N | @a @N {diameter} in diameter | @a @N of {diameter} diameter | "
            "@a @N {diameter} across | "
            "@a @N with radius {radius} | @a @N of radius {radius} | @a @N, diameter {diameter}",
            "@a @N that measures {diameter} through the middle | @a {diameter} wide @N | "
            "@a @N drawn at radius {radius}",
        ),
        weight=1.5,
    ),
    Family(
        "bead",
        "bead",
        pools(
            "bead | round bead | ball with a hole through it | drilled ball | necklace bead",
            "threaded-on pearl | pierced ball",
        ),
        {
            **round_measures("", "", ("in diameter", "across"), low=4, high=80),
            **round_measures("bore", "bore | hole", low=0.8, high=40),
        },
        _draw_bead,
        _bead,
        pools(
            "@a {diameter} @N with @a {bore_diameter} hole | @a @N {diameter} across, bored {bore_diameter} | "
            "@a {diameter} @N drilled through at {bore_diameter} | @a @N, diameter {diameter}, bore {bore_diameter} | "
            "@a @N of radius {radius} with @a {bore_diameter} bore | "
            "@a @N of {diameter} with a hole of {bore_diameter}",
            "@a {diameter} @N pierced at {bore_diameter} | @a {diameter} wide @N for @a {bore_diameter} cord",
        ),
        purposes=pools("to string on a cord | to weight a curtain cord | to make a necklace", "to thread on a string"),
    ),
    Family(
        "dome",
        "dome",
        pools("dome | hemisphere | half sphere | half ball | round dome", "cupola | semi-spherical cap"),
        {
            **round_measures("", "", ("in diameter", "across"), low=8),
            "wall": Measure(("wall thickness", "shell thickness"), (), 0.4, 15),
        },
        _draw_dome,
        _dome,
        pools(
            "@a {diameter} @N | @a @N {diameter} across | @a hollow @N {diameter} across with {wall} walls | "
            "@a @N of {diameter} diameter | @a @N with radius {radius} | @a {diameter} @N, hollow, wall {wall}",
            "@a @N spanning {diameter} | @a @N drawn at radius {radius}",
        ),
    ),
    Family(
        "capsule",
        "capsule",
        pools(
            "capsule | pill shape | rod with round ends | cylinder with hemispherical ends | rounded rod",
            "lozenge-like pin | sausage shape",
        ),
        {
            **round_measures("", "", ("in diameter", "thick"), low=3, high=80),
            "length": Measure(("length", "overall length"), ("long",), 5, 250),
        },
        _draw_capsule,
        _capsule,
        by_span(along="length", how="long"),
    ),
    Family(
        "o_ring",
        "ring",
        pools("O-ring | torus | donut | ring of round section | round ring | gasket ring", "toroid | hoop"),
        {
            "inner_diameter": Measure(("inner diameter", "inside diameter"), (), 2, 200),
            "outer_diameter": Measure(("outer diameter", "overall diameter"), (), 4, 200),
            "ring_diameter": Measure(("center-to-center diameter", "mean diameter"), (), 3, 200),
            **round_measures("section", "section | cord", ("thick",), low=0.8, high=30),
        },
        _draw_ring,
        _ring,
        pools(
            "@a @N with @a {inner_diameter} inner diameter and {section_diameter} section | "
            "@a {inner_diameter} x {section_diameter} @N | "
            "@a @N, ID {inner_diameter}, cord {section_diameter} | "
            "@a @N {outer_diameter} across and {section_diameter} thick | "
            "@a {section_diameter} thick @N, {outer_diameter} outer diameter | "
            "@a @N with a mean diameter of {ring_diameter}, {section_diameter} thick | "
            "@a @N of {section_diameter} cord around @a {ring_diameter} circle",
            "@a @N whose {section_diameter} cord leaves {inner_diameter} clear | "
            "@a {section_diameter} thick @N, {outer_diameter} over all",
        ),
        purposes=pools("to seal a pipe joint | to seal a lid | to damp a knob", "to make a tap watertight"),
        weight=1.5,
    ),
)
