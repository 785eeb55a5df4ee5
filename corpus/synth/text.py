"""OpenSCAD text: small builders that every family and feature writes with.

Statements are strings without a trailing newline; blocks are indented by two blanks. Cuts overshoot by 1 mm, so that
no two faces coincide.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from corpus.synth.num import Num, format_number, literal
from corpus.synth.part import Face

__all__ = [
    "at",
    "blind_cut",
    "block",
    "cylinder",
    "difference",
    "each",
    "either",
    "from_edge",
    "indent",
    "on_face",
    "square",
    "standing",
    "through_cut",
    "tidied",
    "union",
]

_LONG = 96
"""A vector longer than this is written one number a line."""


def indent(text: str, n: int = 1) -> str:
    return textwrap.indent(text, "  " * n)


def block(head: str, parts: Sequence[str]) -> str:
    """`head() { … }`; with one statement and no need of braces, `head() statement`."""
    return f"{head} {{\n" + "\n".join(indent(part) for part in parts) + "\n}"


def difference(solid: Sequence[str], cuts: Sequence[str]) -> str:
    """The solids less the cuts; the solids alone where there is nothing to cut."""
    if not cuts:
        return "\n".join(solid)
    return block("difference()", (union(solid), *cuts))


def union(parts: Sequence[str]) -> str:
    """Several solids as one; a single statement as it is."""
    return parts[0] if len(parts) == 1 and _is_one_statement(parts[0]) else block("union()", parts)


def at(x: Num | float, y: Num | float, z: Num | float, text: str) -> str:
    """The statement moved; unmoved where all three are 0."""
    x, y, z = (n if isinstance(n, Num) else literal(n) for n in (x, y, z))
    if all(n.is_literal and n.value == 0 for n in (x, y, z)):
        return text
    line = f"translate([{x}, {y}, {z}])"
    if len(line) > _LONG:
        line = f"translate([\n  {x},\n  {y},\n  {z},\n])"
    return f"{line}\n{indent(text)}"


def cylinder(diameter: Num, height: Num) -> str:
    return f"cylinder(d = {diameter}, h = {height});"


def on_face(face: Face, text: str) -> str:
    """A statement written in the frame before `turn`, put where the face is."""
    return f"{face.turn}\n{indent(text, face.turn.count(chr(10)) + 1)}" if face.turn else text


def through_cut(face: Face, x: Num | float, y: Num | float, shape: str) -> str:
    """A cut `shape` (its height is face.thickness + 2, from z = 0 up) at (x, y) from the middle of the face."""
    return on_face(face, at(face.middle[0] + x, face.middle[1] + y, face.bottom - 1, shape))


def blind_cut(face: Face, x: Num | float, y: Num | float, depth: Num, shape: str) -> str:
    """A cut `shape` (its height is depth + 1, from z = 0 up) at (x, y), `depth` deep."""
    z = tidied(face.bottom + face.thickness - depth)
    return on_face(face, at(face.middle[0] + x, face.middle[1] + y, z, shape))


def standing(face: Face, x: Num | float, y: Num | float, shape: str) -> str:
    """A solid `shape` (its lower face.thickness / 2 in the material, from z = 0 up) at (x, y): no face is shared."""
    z = tidied(face.bottom + tidied(face.thickness, 0.5))
    return on_face(face, at(face.middle[0] + x, face.middle[1] + y, z, shape))


def each(head: str, text: str) -> str:
    """`for (head)` and its one statement."""
    return f"for ({head})\n{indent(text)}"


def either(name: str, low: Num, high: Num) -> str:
    """`x = [low, high]`, the head of a loop; one number a line where they are long."""
    line = f"{name} = [{low}, {high}]"
    return line if len(line) <= _LONG else f"{name} = [\n  {low},\n  {high},\n]"


def square(width: Num, depth: Num, *, is_centered: bool = False) -> str:
    """`square([width, depth]);`, one number a line where they are long."""
    centered = ", center = true" if is_centered else ""
    line = f"square([{width}, {depth}]{centered});"
    return line if len(line) <= _LONG else f"square([\n  {width},\n  {depth},\n]{centered});"


def from_edge(middle: Num, span: Num, inset: Num, *, is_far: bool = False) -> Num:
    """A place `inset` from an edge of a face, as people write it: `width - inset` where the corner is the origin."""
    half = tidied(span, 0.5)
    if is_far:
        return tidied(middle + half - inset)
    return tidied((middle - half if half.level > 1 else middle + tidied(half, -1)) + inset)


_TERM = re.compile(r"(?:(\d+(?:\.\d+)?) \* )?([a-z]\w*)(?: / (\d+))?|(\d+(?:\.\d+)?)")


def tidied(num: Num, factor: float = 1.0) -> Num:
    """`factor` times a sum of names and numbers, like terms collected: `chamfer + height - 2 * chamfer` becomes
    `height - chamfer`, and half of `width - 2 * wall` is `width / 2 - wall`. What is no such sum is left as it is."""
    if num.is_literal:
        return literal(num.value * factor)
    tokens = re.split(r" ([+-]) ", ("+ " if not num.text.startswith("-") else "- ") + num.text.lstrip("-"))
    signs, terms = ["+", *tokens[1::2]], tokens[::2]
    signs[0], terms[0] = terms[0][0], terms[0][2:]
    weights: dict[str, float] = {}
    for sign, term in zip(signs, terms, strict=True):
        match = _TERM.fullmatch(term)
        if match is None:
            return num * factor if factor >= 1 else num / (1 / factor) if factor > 0 else -tidied(num, -factor)
        times, name, parts, constant = match.groups()
        weight = float(constant or times or 1) / float(parts or 1) * (1 if sign == "+" else -1)
        weights[name or ""] = weights.get(name or "", 0.0) + weight * factor
    kept = [(n, w) for n, w in weights.items() if abs(w) > 1e-9]
    if any(n and w > 0 for n, w in kept):  # names first, what is taken off after, bare numbers last
        kept.sort(key=lambda item: (not item[0], item[1] < 0))
    else:
        kept.sort(key=lambda item: item[1] < 0)
    text = " ".join(f"{'-' if w < 0 else '+'} {_term(n, abs(w))}" for n, w in kept)
    text = text.removeprefix("+ ") if text.startswith("+") else "-" + text.removeprefix("- ")
    if not kept:
        return literal(0)
    is_atom = len(kept) == 1 and text.isidentifier()
    level = 3 if is_atom else 1 if len(kept) > 1 or text.startswith("-") else 2
    return Num(text, num.value * factor, level)


def _term(name: str, weight: float) -> str:
    if not name:
        return format_number(weight)
    if weight == 1:
        return name
    if weight < 1 and abs(1 / weight - round(1 / weight)) < 1e-9:
        return f"{name} / {round(1 / weight)}"
    return f"{format_number(weight)} * {name}"


def _is_one_statement(text: str) -> bool:
    """True where the text is a single statement: no line but the first begins at the margin, save a closing brace."""
    return all(not line or line[0] in " })]" for line in text.split("\n")[1:])
