"""Families of bent strips: L, T, U, Z and hat brackets."""

from __future__ import annotations

from corpus.synth import geometry
from corpus.synth.draw import Draw
from corpus.synth.families.shapes import (
    NO_LINES,
    ORIGINS,
    Drawn,
    Point,
    along_x,
    back_face,
    box,
    derive,
    front_face,
    ground,
    hole,
    polygon,
    require,
    top_face,
)
from corpus.synth.families.terms import DEPTH, HEIGHT, THICKNESS, WIDTH, forms, length, said_forms, screw
from corpus.synth.num import Num, literal
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import indent
from corpus.synth.words import pools

__all__ = ["BRACKET_FAMILIES"]


def _draw_l(draw: Draw) -> Drawn:
    values = {"width": draw.size(10, 120)}
    if draw.chance(0.3):
        values["leg_length"] = least = draw.size(15, 120)
    else:
        values["depth"], values["height"] = draw.size(15, 120), draw.size(15, 150)
        least = min(values["depth"], values["height"])
    values["thickness"] = draw.size(1.5, min(10, least / 4))
    build = draw.choice(("cubes", "profile", "filleted"))
    if build == "filleted":
        values["fillet_radius"] = draw.size(1, least / 3)
    return values, {"build": build, "origin": draw.choice(ORIGINS)}


def _l_bracket(v: Values, options: Options, n_facets: int) -> Body:
    w, t = v["width"], v["thickness"]
    d, h = v.get("depth", v.get("leg_length", t)), v.get("height", v.get("leg_length", t))
    least = min(d.value, h.value)
    g = ground(options, w, d)
    area, fillet = t.value * (d.value + h.value - t.value), v.get("fillet_radius", literal(0))
    require(t.value < least / 2 and least - t.value - fillet.value > 4, "legs too short")
    if options["build"] == "cubes":
        solid = f"{box(g.x, g.y, 0, (w, d, t))}\n{box(g.x, g.y, 0, (w, t, h))}"
    else:
        flat = polygon([(0, 0), (d, 0), (d, t), (t, t), (t, h), (0, h)])
        if options["build"] == "filleted":
            flat = f"offset(r = -{fillet})\n  offset(delta = {fillet})\n{indent(flat, 2)}"
            area += fillet.value**2 - geometry.circle_area(2 * fillet.value, n_facets) / 4
        solid = along_x(w, flat, g.x, g.y)
    low = t + fillet
    return Body(
        solid,
        (w.value, d.value, h.value),
        area * w.value,
        (
            top_face("base", (w, d - low, t), (g.mx, g.y + (d + low) / 2), rise_limit=h.value - t.value),
            front_face("upright", (w, h - low, t), (g.mx, (h + low) / 2), y=g.y),
        ),
    )


def _draw_t(draw: Draw) -> Drawn:
    values = {"width": draw.size(10, 120), "depth": draw.size(25, 150), "height": draw.size(15, 120)}
    values["thickness"] = t = draw.size(1.5, min(10, values["depth"] / 6, values["height"] / 4))
    if draw.chance(0.35):
        values["upright_thickness"] = draw.size(max(1.2, t / 2), min(12, values["depth"] / 6))
    return values, {"build": draw.choice(("cubes", "profile")), "origin": draw.choice(ORIGINS)}


def _t_bracket(v: Values, options: Options, n_facets: int) -> Body:
    w, d, h, t = v["width"], v["depth"], v["height"], v["thickness"]
    u = v.get("upright_thickness", t)
    foot = (d - u) / 2
    require(t.value < h.value / 2 and foot.value > 4, "no room beside the upright")
    g = ground(options, w, d)
    start = -u / 2 if options["origin"] == "center" else foot
    if options["build"] == "cubes":
        solid = f"{box(g.x, g.y, 0, (w, d, t))}\n{box(g.x, start, 0, (w, u, h))}"
    else:
        points: list[Point] = [(0, 0), (d, 0), (d, t), ((d + u) / 2, t), ((d + u) / 2, h), (foot, h), (foot, t), (0, t)]
        solid = along_x(w, polygon(points), g.x, g.y)
    upright = back_face("upright", (w, h - t, u), (g.mx, (h + t) / 2), y=start + u, rise_limit=foot.value)
    return Body(
        solid,
        (w.value, d.value, h.value),
        w.value * (d.value * t.value + u.value * (h.value - t.value)),
        (top_face("base", (w, foot, t), (g.mx, g.y + foot / 2), rise_limit=h.value - t.value), upright),
    )


def _draw_u(draw: Draw) -> Drawn:
    wall = draw.size(1.2, 8)
    inner = draw.size(max(8, wall * 2), 100)
    options = {"build": draw.choice(("cut", "cubes", "profile")), "origin": draw.choice(ORIGINS)}
    values = {"width": draw.size(10, 150)}
    if draw.chance(0.5):
        values["inside_depth"] = inner
    else:
        values["depth"] = inner + 2 * wall
    values |= {"height": draw.size(wall * 2.5 + 5, 90), "thickness": wall}
    return values, options


def _u_bracket(v: Values, options: Options, n_facets: int) -> Body:
    w, h, t = v["width"], v["height"], v["thickness"]
    d, derived = (v["depth"], NO_LINES) if "depth" in v else derive("depth", v["inside_depth"] + 2 * t, v)
    inner = v.get("inside_depth", d - 2 * t)
    require(inner.value > 4 and t.value * 2 < h.value, "no room between the walls")
    g = ground(options, w, d)
    cuts: tuple[str, ...] = ()
    if options["build"] == "cut":
        solid = box(g.x, g.y, 0, (w, d, h))
        cuts = (box(g.x - 1, g.y + t, t, (w + 2, inner, h)),)
    elif options["build"] == "cubes":
        walls = [box(g.x, g.y, 0, (w, d, t)), box(g.x, g.y, 0, (w, t, h)), box(g.x, g.y + d - t, 0, (w, t, h))]
        solid = "\n".join(walls)
    else:
        solid = along_x(w, polygon([(0, 0), (d, 0), (d, h), (d - t, h), (d - t, t), (t, t), (t, h), (0, h)]), g.x, g.y)
    return Body(
        solid,
        (w.value, d.value, h.value),
        w.value * (d.value * h.value - inner.value * (h.value - t.value)),
        (
            top_face("base", (w, inner, t), (g.mx, g.my), rise_limit=h.value - t.value),
            front_face("wall", (w, h - t, t), (g.mx, (h + t) / 2), y=g.y),
        ),
        cuts,
        derived=derived,
    )


def _draw_z(draw: Draw) -> Drawn:
    values = {"width": draw.size(10, 120)}
    least = draw.size(12, 60)
    if draw.chance(0.35):
        values["flange_length"] = least
    else:
        values["bottom_flange"], values["top_flange"] = least, draw.size(least, 80)
    values["height"] = draw.size(12, 100)
    values["thickness"] = draw.size(1.2, min(8, least / 3, values["height"] / 3))
    return values, {"build": draw.choice(("cubes", "profile")), "origin": draw.choice(ORIGINS)}


def _z_bracket(v: Values, options: Options, n_facets: int) -> Body:
    w, h, t = v["width"], v["height"], v["thickness"]
    a, b = v.get("bottom_flange", v.get("flange_length", t)), v.get("top_flange", v.get("flange_length", t))
    d, derived = derive("depth", a + b - t, v)
    require(min(a.value, b.value) > t.value + 4 and h.value > 2 * t.value + 3, "flanges too short")
    g = ground(options, w, d)
    if options["build"] == "cubes":
        solid = "\n".join(
            (
                box(g.x, g.y, 0, (w, a, t)),
                box(g.x, g.y + a - t, 0, (w, t, h)),
                box(g.x, g.y + a - t, h - t, (w, b, t)),
            )
        )
    else:
        points: list[Point] = [(0, 0), (a, 0), (a, h - t), (d, h - t), (d, h), (a - t, h), (a - t, t), (0, t)]
        solid = along_x(w, polygon(points), g.x, g.y)
    upper = top_face("top", (w, b - t, t), (g.mx, g.y + a + (b - t) / 2), bottom=h - t)
    lower = top_face("base", (w, a - t, t), (g.mx, g.y + (a - t) / 2), rise_limit=h.value - t.value)
    return Body(
        solid,
        (w.value, d.value, h.value),
        w.value * t.value * (a.value + b.value + h.value - 2 * t.value),
        (lower, upper),
        derived=derived,
    )


def _draw_hat(draw: Draw) -> Drawn:
    t = draw.size(1.2, 6)
    values = {"width": draw.size(10, 60)}
    values["inside_depth"] = draw.size(max(6, t * 2), 70)
    values["inside_height"] = draw.size(max(4, t), 60)
    values |= {"foot_length": draw.size(max(10, t * 3), 40), "thickness": t}
    if draw.chance(0.5):
        values["foot_hole_diameter"] = draw.size(2.5, min(8, values["foot_length"] * 0.5, values["width"] * 0.5))
    return values, {"build": draw.choice(("cubes", "profile")), "origin": draw.choice(ORIGINS)}


def _hat_bracket(v: Values, options: Options, n_facets: int) -> Body:
    w, gap, rise, f, t = v["width"], v["inside_depth"], v["inside_height"], v["foot_length"], v["thickness"]
    d, derived = derive("depth", gap + 2 * t + 2 * f, v)
    h = rise + t
    require(rise.value > t.value * 0.5 and gap.value > 2 and f.value > t.value, "walls meet")
    g = ground(options, w, d)
    y1, y2 = f, d - f
    if options["build"] == "cubes":
        solid = "\n".join(
            (
                box(g.x, g.y, 0, (w, f + t, t)),
                box(g.x, g.y + y1, 0, (w, t, h)),
                box(g.x, g.y + y1, rise, (w, gap + 2 * t, t)),
                box(g.x, g.y + y2 - t, 0, (w, t, h)),
                box(g.x, g.y + y2 - t, 0, (w, f + t, t)),
            )
        )
    else:
        inner: list[Point] = [(f + t, 0), (f + t, rise), (d - f - t, rise), (d - f - t, 0)]
        outer: list[Point] = [(d, 0), (d, t), (y2, t), (y2, h), (y1, h), (y1, t), (0, t)]
        solid = along_x(w, polygon([(0, 0), *inner, *outer]), g.x, g.y)
    volume = w.value * t.value * (gap.value + 2 * h.value + 2 * f.value)
    cuts: tuple[str, ...] = ()
    if "foot_hole_diameter" in v:
        s = v["foot_hole_diameter"]
        require(s.value + 2 < min(f.value, w.value), "screw holes too large")
        ends = f"for (y = [{g.my - (d - f) / 2}, {g.my + (d - f) / 2}])\n"
        cuts = (ends + indent(hole(g.mx, Num("y", 0.0), s, t)),)
        volume -= 2 * geometry.circle_area(s.value, n_facets) * t.value
    top = top_face("top", (w, gap, t), (g.mx, g.my), bottom=rise)
    return Body(solid, (w.value, d.value, h.value), volume, (top,), cuts, genus=2 * len(cuts), derived=derived)


_USES = pools(
    "to join two boards at a right angle | to fix a panel to a wall | to screw a shelf to a post | to join two frames",
    "to tie a beam to an upright",
)
_PROFILE = {"width": WIDTH, "depth": DEPTH, "height": HEIGHT, "thickness": THICKNESS}

BRACKET_FAMILIES = (
    Family(
        "l_bracket",
        "L-bracket",
        pools(
            "L-bracket | L bracket | angle bracket | right-angle bracket | 90 degree bracket | angle iron bracket",
            "elbow bracket | ell-shaped bracket",
        ),
        {
            **_PROFILE,
            "leg_length": length("leg length", 10, 150),
            "fillet_radius": length("fillet radius | inside corner radius", 1, 40),
        },
        _draw_l,
        _l_bracket,
        forms("width:wide", "depth:deep", "height:tall", taught="@a {thickness} thick @N with {leg_length} legs"),
        purposes=_USES,
        weight=3.0,
    ),
    Family(
        "t_bracket",
        "T-bracket",
        pools(
            "T-bracket | T bracket | tee bracket | T-shaped bracket | upright bracket with a foot on both sides",
            "inverted tee | tee-section support",
        ),
        {**_PROFILE, "upright_thickness": length("upright thickness | thickness of the upright", 1, 15)},
        _draw_t,
        _t_bracket,
        forms("width:wide", "depth:deep", "height:tall", taught="@a {thickness} thick @N, {height} high"),
        purposes=pools(
            "to stand a panel upright | to hold a partition on a bench | to fix a board edge-on",
            "to keep a sheet standing",
        ),
        weight=2.0,
    ),
    Family(
        "u_bracket",
        "U-bracket",
        pools(
            "U-bracket | U bracket | channel bracket | U-channel | saddle bracket | U-shaped bracket",
            "trough bracket | three-sided channel",
        ),
        {**_PROFILE, "inside_depth": length("inside depth | clear depth between the walls", 5, 150)},
        _draw_u,
        _u_bracket,
        forms("width:wide", "depth:deep", "height:tall", taught="@a @N that fits over a {inside_depth} beam"),
        purposes=pools(
            "to hold a beam | to carry a pipe along a wall | to slide over the edge of a board | to cradle a bar",
            "to grip a batten",
        ),
        weight=2.0,
    ),
    Family(
        "z_bracket",
        "Z-bracket",
        pools(
            "Z-bracket | Z bracket | offset bracket | zed bracket | Z-shaped bracket | step bracket",
            "joggled strip | double-bent bracket",
        ),
        {
            "width": WIDTH,
            "flange_length": length("flange length | length of both flanges", 8, 100),
            "bottom_flange": length("bottom flange length | length of the bottom flange", 8, 100),
            "top_flange": length("top flange length | length of the top flange", 8, 100),
            "height": HEIGHT,
            "thickness": THICKNESS,
        },
        _draw_z,
        _z_bracket,
        said_forms(
            "width:wide", "height:tall", "thickness:thick", taught="@a {height} high @N with {flange_length} flanges"
        ),
        purposes=pools(
            "to hang a panel off a wall | to hold a board down at its edge | to bridge two levels",
            "to step from one level to another",
        ),
    ),
    Family(
        "hat_bracket",
        "hat bracket",
        pools(
            "hat bracket | top-hat bracket | omega bracket | strap bracket with two feet | hold-down strap",
            "bridge clamp | hat-section saddle",
        ),
        {
            "width": WIDTH,
            "inside_depth": length("inside width between the walls | clear opening", 5, 100),
            "inside_height": length("inside height | clear height", 3, 80),
            "foot_length": length("foot length | length of each foot", 8, 60),
            "thickness": THICKNESS,
            "foot_hole_diameter": screw("screw hole diameter"),
        },
        _draw_hat,
        _hat_bracket,
        said_forms(
            "width:wide", "thickness:thick", taught="@a @N that fits over something {inside_depth} x {inside_height}"
        ),
        purposes=pools(
            "to hold down a square bar | to strap a battery to a board | to clamp a conduit to a wall",
            "to keep a power brick in place",
        ),
    ),
)
