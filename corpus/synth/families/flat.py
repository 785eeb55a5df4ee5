"""Families of thin plates."""

from __future__ import annotations

from collections.abc import Mapping

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.num import literal
from corpus.synth.part import Body, Face, Family, Options, Values
from corpus.synth.text import at, indent
from corpus.synth.words import Measure, pools

__all__ = ["FLAT_FAMILIES"]

_WIDTH = Measure(("width",), ("wide",), 10, 250)
_DEPTH = Measure(("depth", "length"), ("deep", "long"), 10, 250)
_THICKNESS = Measure(("thickness",), ("thick",), 1, 20)


def _draw_plate(draw: Draw) -> tuple[Mapping[str, float], Mapping[str, str]]:
    width = draw.size(20, 250)
    values = {"width": width}
    if not draw.chance(0.12):  # else one number for two sides
        values["depth"] = draw.size(max(14, width / 5), max(20, min(200, width * 1.4)))
    values["thickness"] = draw.size(1, 15)
    options = {"corners": draw.choice(("sharp", "sharp", "rounded")), "origin": draw.choice(("corner", "center"))}
    if options["corners"] == "rounded":
        values["corner_radius"] = draw.size(1, min(width, values.get("depth", width)) / 5)
    return values, options


def _plate(v: Values, options: Options, n_facets: int) -> Body:
    width, thickness = v["width"], v["thickness"]
    depth = v.get("depth", width)
    area, radius = width.value * depth.value, 0.0
    is_centered = options["origin"] == "center"
    if options["corners"] == "rounded":
        r = v["corner_radius"]
        radius = r.value
        if r.value * 2 > min(width.value, depth.value) - 1:
            raise Infeasible("corner radius too large")
        area -= 4 * r.value**2 - geometry.circle_area(2 * r.value, n_facets)
        centered = ", center = true" if is_centered else ""
        inner = f"square([{width - 2 * r}, {depth - 2 * r}]{centered});"
        outline = f"offset(r = {r})\n" + indent(inner if is_centered else f"translate([{r}, {r}])\n{indent(inner)}")
        solid = f"linear_extrude(height = {thickness})\n{indent(outline)}"
    else:
        solid = at(-width / 2, -depth / 2, 0, f"cube([{width}, {depth}, {thickness}]);") if is_centered else ""
        solid = solid or f"cube([{width}, {depth}, {thickness}]);"
    middle = (literal(0), literal(0)) if is_centered else (width / 2, depth / 2)
    return Body(
        solid,
        (width.value, depth.value, thickness.value),
        area * thickness.value,
        faces=(Face("top", width, depth, thickness, middle, corner_radius=radius, is_whole=True),),
    )


FLAT_FAMILIES = (
    Family(
        "plate",
        "plate",
        pools("plate | flat plate | base plate | mounting plate | backing plate", "slab | sheet of material"),
        {
            "width": _WIDTH,
            "depth": _DEPTH,
            "thickness": _THICKNESS,
            "corner_radius": Measure(("corner radius",), (), 1, 40),
        },
        _draw_plate,
        _plate,
        weight=3.0,
    ),
)
