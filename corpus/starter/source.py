"""OpenSCAD text: the layout of a generated source and the cuts that many families share.

One house style, so that a small model meets each idiom in every family: a comment that plans the part, the
parameters in the order of the prompt, `$fn`, then the body in parameters only. Cuts overshoot by 1 mm.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from corpus.starter.part import Draft

__all__ = ["difference", "format_number", "indent", "ring_of", "source_of", "through", "title_of", "union"]


def format_number(value: float) -> str:
    """`60`, `2.5`: at most one decimal, and none where it would be 0."""
    return f"{value:.1f}".removesuffix(".0")


def indent(text: str) -> str:
    return textwrap.indent(text, "  ")


def difference(body: str, cuts: Sequence[str]) -> str:
    """`body` less `cuts`; the body alone where there is nothing to cut."""
    if not cuts:
        return body
    return "difference() {\n" + "\n".join(indent(part) for part in (body, *cuts)) + "\n}"


def union(body: str) -> str:
    """Several solids as one, ready to be cut."""
    return f"union() {{\n{indent(body)}\n}}"


def through(diameter: str, height: str, at: str = "0, 0") -> str:
    """A vertical through-hole."""
    return f"translate([{at}, -1])\n  cylinder(d = {diameter}, h = {height} + 2);"


def ring_of(cut: str) -> str:
    """`hole_count` copies of a cut around the z axis."""
    return f"for (i = [1 : hole_count])\n  rotate([0, 0, i * 360 / hole_count])\n{indent(indent(cut))}"


def title_of(title: str, draft: Draft) -> str:
    labels = [a.label for a in draft.attachments if a.label]
    return f"{title} with {', '.join(labels)}" if labels else title


def source_of(title: str, draft: Draft, params: Mapping[str, float]) -> str:
    """The whole source, `params` in the order to write them."""
    lines = [f"// {title_of(title, draft)}"]
    lines += [f"{name} = {format_number(value)};" for name, value in params.items()]
    lines += [*draft.derived, "$fn = 64;", "", draft.body, ""]
    return "\n".join(lines)
