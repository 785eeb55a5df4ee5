"""OpenSCAD text: small builders that every family and feature writes with.

Statements are strings without a trailing newline; blocks are indented by two blanks. Cuts overshoot by 1 mm, so that
no two faces coincide.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from corpus.synth.num import Num, literal
from corpus.synth.part import Face

__all__ = ["at", "block", "cylinder", "difference", "indent", "on_face", "through_cut", "union"]


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
    return f"translate([{x}, {y}, {z}])\n{indent(text)}"


def cylinder(diameter: Num, height: Num) -> str:
    return f"cylinder(d = {diameter}, h = {height});"


def on_face(face: Face, text: str) -> str:
    """A statement written in the frame before `turn`, put where the face is."""
    return f"{face.turn}\n{indent(text, face.turn.count(chr(10)) + 1)}" if face.turn else text


def through_cut(face: Face, x: Num | float, y: Num | float, shape: str) -> str:
    """A cut `shape` (its height is face.thickness + 2, from z = 0 up) at (x, y) from the middle of the face."""
    return on_face(face, at(face.middle[0] + x, face.middle[1] + y, face.bottom - 1, shape))


def _is_one_statement(text: str) -> bool:
    """True where the text is a single statement: no line but the first begins at the margin, save a closing brace."""
    return all(not line or line[0] in " }" for line in text.split("\n")[1:])
