"""Text of flat shapes that profiles are written with."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.synth.draw import Infeasible
from corpus.synth.num import Num, literal
from corpus.synth.outlines import Point
from corpus.synth.text import indent

__all__ = ["NumPoint", "corners_at", "joined", "less", "require", "square_at", "value_of"]

NumPoint = tuple[Num | float, Num | float]


def corners_at(points: Sequence[NumPoint]) -> tuple[Point, ...]:
    return tuple((value_of(x), value_of(y)) for x, y in points)


def value_of(n: Num | float) -> float:
    return n.value if isinstance(n, Num) else n


def require(is_sound: bool, why: str) -> None:
    if not is_sound:
        raise Infeasible(why)


def square_at(x: Num | float, y: Num | float, width: Num, depth: Num, *, is_centered: bool = False) -> str:
    x, y = (n if isinstance(n, Num) else literal(n) for n in (x, y))
    square = f"square([{width}, {depth}]{', center = true' if is_centered else ''});"
    if x.text == "0" and y.text == "0":
        return square
    return f"translate([{x}, {y}])\n{indent(square)}"


def joined(parts: Sequence[str]) -> str:
    return "union() {\n" + "\n".join(indent(p) for p in parts) + "\n}"


def less(first: str, *cuts: str) -> str:
    return "difference() {\n" + "\n".join(indent(p) for p in (first, *cuts)) + "\n}"
