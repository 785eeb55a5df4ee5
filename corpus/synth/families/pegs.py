"""Families of plates with hooks or pegs: coat hook, key rack, pegboard hook."""

from __future__ import annotations

from corpus.synth import geometry
from corpus.synth.draw import Draw
from corpus.synth.families.shapes import (
    ORIGINS,
    Drawn,
    I,
    along_x,
    box,
    derive,
    ground,
    placed,
    polygon,
    require,
    row,
)
from corpus.synth.families.terms import HANGING, HEIGHT, LIP, WIDTH, count, forms, length, said_forms, screw
from corpus.synth.num import Num, literal
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import at, cylinder, difference, indent
from corpus.synth.words import pools

__all__ = ["PEG_FAMILIES"]


def _draw_coat(draw: Draw) -> Drawn:
    n = draw.count(1, 5)
    hook = draw.size(8, 20)
    pitch = draw.size(hook + 30, hook + 70)
    values = {"plate_width": draw.size(n * pitch + 10, n * pitch + 60), "plate_height": draw.size(35, 90)}
    values |= {"plate_thickness": draw.size(3, 12), "hook_width": hook, "hook_thickness": draw.size(3, 8)}
    values["reach"] = draw.size(20, 60)
    values["lip_height"] = draw.size(values["hook_thickness"] + 5, values["plate_height"] * 0.6)
    if n > 1:
        values |= {"n_hooks": n, "hook_spacing": pitch}
    if draw.chance(0.5):
        values["screw_diameter"] = draw.size(3, 6)
    return values, {"origin": draw.choice(ORIGINS)}


def _coat_hook(v: Values, options: Options, n_facets: int) -> Body:
    w, h, t, wide, thick = (
        v["plate_width"],
        v["plate_height"],
        v["plate_thickness"],
        v["hook_width"],
        v["hook_thickness"],
    )
    reach, lip, n = v["reach"], v["lip_height"], v.get("n_hooks", literal(1))
    pitch = v.get("hook_spacing", literal(0))
    require(thick.value + 2 < lip.value < h.value and reach.value > thick.value + 5, "no room in the hooks")
    require(n.value == 1 or pitch.value > wide.value + 5, "hooks meet")
    require((n.value - 1) * pitch.value + wide.value + 4 < w.value, "plate too narrow")
    d = t + reach
    # from the back of the plate on, so that hook and plate share a volume
    arm = polygon([(0, 0), (d, 0), (d, lip), (d - thick, lip), (d - thick, thick), (0, thick)])
    side, derived = derive("side", (w - (n - 1) * pitch - wide) / 2, v)  # of the plate, beside the hooks
    x = side + I * pitch if "n_hooks" in v else side
    hook = along_x(wide, arm, x)
    solid = f"{box(0, 0, 0, (w, t, h))}\n{row(n, hook) if 'n_hooks' in v else hook}"
    volume = w.value * t.value * h.value
    volume += n.value * wide.value * (reach.value * thick.value + thick.value * (lip.value - thick.value))
    genus = 0
    if "screw_diameter" in v:
        s = v["screw_diameter"]
        inset = side / 2
        z = h - s * 1.5
        require(s.value + 2 < inset.value * 2 and s.value * 4 + thick.value < h.value, "no room for screws")
        bore = at(Num("x", 0.0), -1, z, f"rotate([-90, 0, 0])\n{indent(cylinder(s, t + 2))}")
        solid = difference([solid], [f"for (x = [{inset}, {w - inset}])\n{indent(bore)}"])
        volume -= 2 * geometry.circle_area(s.value, n_facets) * t.value
        genus = 2
    return Body(placed(options, w, d, solid), (w.value, d.value, h.value), volume, genus=genus, derived=derived)


def _draw_keys(draw: Draw) -> Drawn:
    n, peg = draw.count(3, 8), draw.size(4, 10)
    pitch = draw.size(peg + 12, peg + 40)
    values = {"width": draw.size(n * pitch, n * pitch + 40), "height": draw.size(peg + 20, 80)}
    values |= {"thickness": draw.size(4, 15), "n_pegs": n, "peg_diameter": peg, "peg_length": draw.size(15, 50)}
    if draw.chance(0.5):
        values["peg_spacing"] = pitch
    if draw.chance(0.4):
        values["knob_diameter"] = draw.size(peg + 2, peg + 8)
        values["knob_length"] = draw.size(2, 6)
    return values, {"origin": draw.choice(ORIGINS)}


def _key_rack(v: Values, options: Options, n_facets: int) -> Body:
    w, h, t, n, peg, long = (
        v["width"], v["height"], v["thickness"], v["n_pegs"], v["peg_diameter"], v["peg_length"]
    )  # fmt: skip
    pitch, widest = v.get("peg_spacing", w / n), v.get("knob_diameter", peg)
    require(n.value >= 2 and pitch.value > widest.value + 3, "pegs meet")
    require(
        (n.value - 1) * pitch.value + widest.value + 2 < w.value and widest.value + 2 < h.value, "pegs off the board"
    )
    require(widest.value >= peg.value, "knobs thinner than the pegs")
    g = ground(options, w, t)
    volume = w.value * h.value * t.value + n.value * geometry.circle_area(peg.value, n_facets) * long.value
    one = cylinder(peg, t + long)
    if "knob_diameter" in v:
        end = v["knob_length"]
        require(end.value + 3 < long.value, "knobs as long as the pegs")
        one = f"{one}\n{at(0, 0, t + long - end, cylinder(widest, end))}"
        volume += (
            n.value
            * end.value
            * (geometry.circle_area(widest.value, n_facets) - geometry.circle_area(peg.value, n_facets))
        )
    turned = f"rotate([-90, 0, 0]) {{\n{indent(one)}\n}}" if "\n" in one else f"rotate([-90, 0, 0])\n{indent(one)}"
    first = g.mx + (I - (n - 1) / 2) * pitch
    solid = f"{box(g.x, g.y, 0, (w, t, h))}\n{row(n, at(first, g.y, h / 2, turned))}"
    return Body(solid, (w.value, t.value + long.value, h.value), volume)


def _draw_pegboard(draw: Draw) -> Drawn:
    pin = draw.size(3.5, 6.3)
    values = {"pin_diameter": pin, "pin_length": draw.size(6, 15)}
    values["pin_spacing"] = 25.4 if draw.chance(0.6) else draw.size(20, 50)
    t = draw.size(3, 6)
    values |= {"width": draw.size(pin + 3, 30), "thickness": t, "arm_length": draw.size(25, 120)}
    if draw.chance(0.65):
        values["lip_height"] = draw.size(t + 3, 20)
    if draw.chance(0.4):
        values["arm_height"] = draw.size(4, 10)
    return values, {"origin": draw.choice(ORIGINS)}


def _pegboard_hook(v: Values, options: Options, n_facets: int) -> Body:
    """A plate with two pins behind it that go into the board, and an arm in front."""
    pin, long, gap, w, t, arm = (
        v["pin_diameter"], v["pin_length"], v["pin_spacing"], v["width"], v["thickness"], v["arm_length"]
    )  # fmt: skip
    thick = v.get("arm_height", t)
    require(pin.value + 1 < w.value and gap.value > pin.value + 4, "pins thicker than the plate")
    h = gap + pin + 4
    g = ground(options, w, t)
    parts = [box(g.x, g.y, 0, (w, t, h)), box(g.x, g.y, 0, (w, t + arm, thick))]
    volume = w.value * (t.value * h.value + arm.value * thick.value)
    require(thick.value + 4 < h.value and arm.value > t.value + 8, "arm too thick")
    if "lip_height" in v:
        lip = v["lip_height"]
        require(thick.value + 1 < lip.value, "lip lower than the arm")
        parts.append(box(g.x, g.y + arm, 0, (w, t, lip)))
        volume += w.value * t.value * (lip.value - thick.value)
    bore = f"rotate([90, 0, 0])\n{indent(cylinder(pin, t + long))}"
    pins = at(g.mx, g.y + t, Num("z", 0.0), bore)
    parts.append(f"for (z = [{(pin + 4) / 2}, {(pin + 4) / 2 + gap}])\n{indent(pins)}")
    volume += 2 * geometry.circle_area(pin.value, n_facets) * long.value
    tall = max(h.value, v["lip_height"].value if "lip_height" in v else 0.0)
    return Body("\n".join(parts), (w.value, long.value + t.value + arm.value, tall), volume)


PEG_FAMILIES = (
    Family(
        "coat_hook",
        "coat hook",
        pools(
            "coat hook | coat rack | coat hook on a plate | hook rail | coat hook strip | wall-mounted coat hook",
            "garment rail with hangers | cloakroom board",
        ),
        {
            "plate_width": length("plate width", 15, 600, adjectives="wide"),
            "plate_height": length("plate height", 15, 200, adjectives="tall"),
            "plate_thickness": length("plate thickness", 2, 20),
            "hook_width": length("hook width", 4, 50),
            "hook_thickness": length("hook thickness", 2, 15),
            "reach": length("reach of the hooks | distance that they stand out", 10, 120),
            "lip_height": LIP,
            "n_hooks": count("number of hooks", 1, 8),
            "hook_spacing": length("hook spacing | distance between hooks", 15, 150),
            "screw_diameter": screw("screw hole diameter"),
        },
        _draw_coat,
        _coat_hook,
        said_forms(
            "plate_width:wide", "plate_height:tall", taught="@N, {n_hooks#} hooks | @a @N that stands out {reach}"
        ),
        purposes=HANGING,
        weight=2.0,
    ),
    Family(
        "key_rack",
        "key rack",
        pools(
            "key rack | key rack with pegs | key holder for the wall | peg rail | peg rack | key board with pegs",
            "dowel rail | row of pegs on a batten",
        ),
        {
            "width": WIDTH,
            "height": HEIGHT,
            "thickness": length("board thickness | thickness", 2, 25, adjectives="thick"),
            "n_pegs": count("number of pegs", 2, 12),
            "peg_diameter": length("peg diameter", 2, 25),
            "peg_length": length("peg length | length that the pegs stand out", 5, 100),
            "peg_spacing": length("peg spacing | distance between pegs", 8, 100),
            "knob_diameter": length("knob diameter | diameter of the knobs at the ends", 4, 40),
            "knob_length": length("knob length | thickness of the knobs", 1, 15),
        },
        _draw_keys,
        _key_rack,
        forms("width:wide", "height:tall", "thickness:thick", taught="@a {width} wide @N with {n_pegs#} pegs"),
        purposes=pools(
            "to hang keys by the door | to hang mugs | to hang leashes and lanyards", "to keep house keys in one spot"
        ),
    ),
    Family(
        "pegboard_hook",
        "pegboard hook",
        pools(
            "pegboard hook | peg board hook | hook for a pegboard | tool hook for perforated board | pegboard hanger",
            "perforated-panel hanger | workshop board prong",
        ),
        {
            "pin_diameter": length("pin diameter | diameter of the pins", 2, 10),
            "pin_length": length("pin length", 3, 30),
            "pin_spacing": length("pin spacing | distance between the pins", 12, 80),
            "width": WIDTH,
            "thickness": length("plate thickness | thickness", 1.5, 12, adjectives="thick"),
            "arm_length": length("arm length", 10, 200),
            "lip_height": LIP,
            "arm_height": length("arm height | thickness of the arm", 2, 20),
        },
        _draw_pegboard,
        _pegboard_hook,
        said_forms(
            "width:wide", "thickness:thick", taught="@a @N with @a {arm_length} arm | @N for {pin_diameter} holes"
        ),
        purposes=pools(
            "to hang tools on a pegboard | to hang pliers over a bench | to organise a workshop wall",
            "to park spanners on a perforated panel",
        ),
    ),
)
