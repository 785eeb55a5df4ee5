"""Families for the desk: bookend, letter holder."""

from __future__ import annotations

from corpus.synth.draw import Draw
from corpus.synth.families.shapes import (
    ORIGINS,
    Drawn,
    I,
    along_x,
    box,
    derive,
    placed,
    polygon,
    require,
    row,
    top_face,
)
from corpus.synth.families.terms import DEPTH, HEIGHT, THICKNESS, WIDTH, count, forms, length, said_forms
from corpus.synth.num import Num, literal
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.text import difference
from corpus.synth.words import pools

__all__ = ["DESK_FAMILIES"]


def _draw_bookend(draw: Draw) -> Drawn:
    values = {"width": draw.size(60, 150), "depth": draw.size(60, 140), "height": draw.size(80, 180)}
    values["thickness"] = draw.size(2.5, 8)
    if draw.chance(0.4):
        values["cutout_width"] = draw.size(values["width"] * 0.3, values["width"] * 0.6)
        values["cutout_height"] = draw.size(values["height"] * 0.25, values["height"] * 0.55)
    if draw.chance(0.5):
        values["gusset_length"] = draw.size(20, min(values["depth"], values["height"]) * 0.6)
        values["gusset_thickness"] = draw.size(2, 8)
    return values, {"origin": draw.choice(ORIGINS)}


def _bookend(v: Values, options: Options, n_facets: int) -> Body:
    w, d, h, t = v["width"], v["depth"], v["height"], v["thickness"]
    require(t.value < min(d.value, h.value) / 3, "too thick")
    volume = w.value * t.value * (d.value + h.value - t.value)
    parts, cuts, low, beside = [box(0, 0, 0, (w, d, t)), box(0, 0, 0, (w, t, h))], [], t, literal(0)
    if "gusset_length" in v:
        r, rib = v["gusset_length"], v["gusset_thickness"]
        require(t.value + r.value < min(d.value, h.value) and 2 * rib.value + 10 < w.value, "ribs too large")
        web = polygon([(0, 0), (t + r, 0), (t + r, t), (t, t + r), (0, t + r)])
        parts.append(f"for (x = [0, {w - rib}])\n  " + along_x(rib, web, Num("x", 0.0)).replace("\n", "\n  "))
        volume += rib.value * r.value**2
        beside = rib
    if "cutout_width" in v:
        ww, wh = v["cutout_width"], v["cutout_height"]
        require(ww.value + 2 * beside.value + 8 < w.value and wh.value + low.value + 16 < h.value, "window too large")
        cuts = [box((w - ww) / 2, -1, (h + t - wh) / 2, (ww, t + 2, wh))]
        volume -= ww.value * wh.value * t.value
    text = difference(parts, cuts) if cuts else "\n".join(parts)
    middle = (w / 2, (d + t) / 2) if options["origin"] == "corner" else (literal(0), t / 2)
    base = top_face("base", (w - 2 * beside, d - t, t), middle, rise_limit=h.value - t.value)
    return Body(placed(options, w, d, text), (w.value, d.value, h.value), volume, (base,), genus=len(cuts))


def _draw_letters(draw: Draw) -> Drawn:
    n, t = draw.count(2, 6), draw.size(2, 6)
    values = {"width": draw.size(60, 220), "base_thickness": draw.size(2, 8), "divider_height": draw.size(30, 120)}
    values |= {"divider_thickness": t, "n_dividers": n}
    if draw.chance(0.5):
        values["gap"] = draw.size(8, 35)
    else:
        values["depth"] = draw.size(n * (t + 8), n * (t + 25))
    if draw.chance(0.4):
        values["height_step"] = draw.size(3, 20)
    return values, {"origin": draw.choice(ORIGINS)}


def _letter_holder(v: Values, options: Options, n_facets: int) -> Body:
    w, base, h, t, n = v["width"], v["base_thickness"], v["divider_height"], v["divider_thickness"], v["n_dividers"]
    require(n.value >= 2 and h.value > 5, "no divider")
    if "depth" in v:
        d = v["depth"]
        pitch, derived = derive("pitch", (d - t) / (n - 1), v)
    else:
        pitch = v["gap"] + t
        d, derived = derive("depth", n * t + (n - 1) * v["gap"], v)
    require(pitch.value > t.value + 2, "dividers meet")
    step = v.get("height_step", literal(0))
    # from the ground up, so that they share a volume with the base
    one = box(0, I * pitch, 0, (w, t, base + h + (I * step if "height_step" in v else 0)))
    text = f"{box(0, 0, 0, (w, d, base))}\n{row(n, one)}"
    total = n.value * h.value + step.value * n.value * (n.value - 1) / 2
    volume = w.value * (d.value * base.value + t.value * total)
    size = (w.value, d.value, base.value + h.value + step.value * (n.value - 1))
    return Body(placed(options, w, d, text), size, volume, derived=derived)


DESK_FAMILIES = (
    Family(
        "bookend",
        "bookend",
        pools(
            "bookend | book end | book stop | L-shaped bookend | support for a row of books",
            "shelf divider for novels | library stop",
        ),
        {
            "width": WIDTH,
            "depth": DEPTH,
            "height": HEIGHT,
            "thickness": THICKNESS,
            "cutout_width": length("window width | width of the cutout", 10, 150),
            "cutout_height": length("window height | height of the cutout", 10, 150),
            "gusset_length": length("rib length | size of the side ribs", 8, 120),
            "gusset_thickness": length("rib thickness", 1, 15),
        },
        _draw_bookend,
        _bookend,
        forms("width:wide", "depth:deep", "height:tall", taught="@a {thickness} thick @N, {height} tall"),
        purposes=pools(
            "to keep books upright | to stop books from falling over | to hold records on a shelf",
            "to brace a row of volumes",
        ),
    ),
    Family(
        "letter_holder",
        "letter holder",
        pools(
            "letter holder | mail sorter | letter rack | desk file sorter | envelope holder | mail organizer",
            "post caddy | correspondence stand",
        ),
        {
            "width": WIDTH,
            "base_thickness": length("base thickness", 1.5, 15),
            "divider_height": length("divider height above the base", 10, 200),
            "divider_thickness": length("divider thickness", 1, 12),
            "n_dividers": count("number of dividers", 2, 10),
            "gap": length("gap between the dividers", 4, 60),
            "depth": DEPTH,
            "height_step": length("height step | how much taller each divider is than the one before", 1, 40),
        },
        _draw_letters,
        _letter_holder,
        said_forms(
            "width:wide", "depth:deep", taught="@a {width} wide @N with {n_dividers#} dividers | @a @N, {gap} gaps"
        ),
        purposes=pools("to sort mail | to hold envelopes | to file papers on a desk", "to keep incoming post in order"),
        is_held_out=True,
    ),
)
