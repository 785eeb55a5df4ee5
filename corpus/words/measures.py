"""What may honestly be said of a design in numbers: sides of its mesh and parameters of its source, in mm.

Pure. A parameter speaks only if its own name says plainly what it measures, the source uses it, and it isn't longer
than twice the longest side; bare names such as `width` or `d` don't: of which part, nobody knows.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass

from corpus.normalize import tokens
from corpus.words.nouns import split_name
from corpus.words.subject import Subject
from corpus.words.vocabulary import FEATURES, PARTS, word_set
from render.customizer import Parameter, ParameterKind, parse_parameters

__all__ = ["Named", "named_parameters", "number", "number_values", "side_list", "size_words", "usable_size", "whole"]

_KINDS = {
    "thickness": "thickness", "thick": "thickness", "diameter": "diameter", "dia": "diameter", "diam": "diameter",
    "radius": "radius", "width": "width", "height": "height", "depth": "depth", "length": "length",
    "spacing": "spacing", "clearance": "clearance", "gap": "gap", "distance": "distance",
}  # fmt: skip
_QUALIFIERS = word_set(
    "inner outer inside outside top bottom upper lower base front back rear side left right small large mean total "
    "overall cable phone coin board pipe hose rod nut belt bearing lens card wire motor drain mounting mount screw "
    "bolt pilot"
)
_ALONE = {"wall": "walls", "walls": "walls", "bore": "bore"}
_TECHNICAL = word_set(
    "nozzle layer extrusion extruder line print printer bed preview render debug explode exploded view text font "
    "letter camera tolerance epsilon eps fn fs fa facet facets segment segments fragment fragments step steps "
    "resolution quality detail point points scale angle test temp tmp infill support supports brim raft min max "
    "default extra inch inches thou cm percent ratio factor index id seed iteration iterations level levels depth_of"
)
_COUNT_MARKS = ("n", "num", "nr", "no", "number", "count", "qty", "quantity", "of", "amount", "how", "many", "total")
_COUNTED = word_set(
    "teeth lobes spokes blades petals pegs hooks shelves drawers compartments flutes knuckles cables legs feet turns "
    "columns rows keys holes"
)
"""Not `windows`, `slots` or `ribs`: these are often counted a side or a row."""
_MAX_COUNT = 200


@dataclass(frozen=True)
class Named:
    """A parameter that says what it is."""

    what: str
    """`hole diameter`, `teeth`, `walls`"""
    value: float
    is_count: bool

    @property
    def words(self) -> str:
        """`24 teeth`, `2.4 mm walls`, `hole diameter 3 mm`"""
        if self.is_count:
            return f"{self.value:g} {self.what}"
        return (
            f"{number(self.value)} mm {self.what}"
            if self.what in _ALONE.values()
            else f"{self.what} {number(self.value)} mm"
        )


def usable_size(subject: Subject) -> tuple[float, float, float] | None:
    """(x, y, z) if all three are there, more than nothing, and of a size that a person would make."""
    size = subject.size_mm
    if size is None or len(size) != 3 or not all(0.05 <= side <= 5000 for side in size):
        return None
    return size[0], size[1], size[2]


def number(value: float) -> str:
    """A length as people write it: tenths from 5 mm on, hundredths below; off by at most 1 % from 0.5 mm on."""
    return f"{round(value, 1 if value >= 5 else 2):.10g}"


def whole(value: float) -> str:
    """A length as people guess it: whole millimetres where that is off by less than 2 %, else as `number`."""
    return str(round(value)) if abs(round(value) - value) < 0.02 * value else number(value)


def side_list(size: tuple[float, float, float], rng: random.Random) -> str:
    """`80 x 60 x 95 mm`, in one of the ways that people write it."""
    x, y, z = (number(side) for side in size)
    forms = (
        f"{x} x {y} x {z} mm", f"{x} x {y} x {z} mm", f"{x}x{y}x{z} mm", f"{x} by {y} by {z} mm", f"{x} × {y} × {z} mm",
        f"{x} mm x {y} mm x {z} mm", f"{x}x{y}x{z}mm", f"{x} * {y} * {z} mm",
    )  # fmt: skip
    return rng.choice(forms)


def size_words(size: tuple[float, float, float], rng: random.Random) -> str:
    """`80 mm wide, 60 mm deep and 95 mm tall`: x is the width, y the depth, z the height, as on screen."""
    x, y, z = (number(side) for side in size)
    tall = rng.choice(("tall", "high"))
    forms = (
        f"{x} mm wide, {y} mm deep and {z} mm {tall}",
        f"{x} mm wide, {y} mm deep, {z} mm {tall}",
        f"{z} mm {tall}, {x} mm wide and {y} mm deep",
        f"width {x} mm, depth {y} mm, height {z} mm",
        f"W {x} mm, D {y} mm, H {z} mm",
    )
    return rng.choice(forms)


def named_parameters(subject: Subject) -> tuple[Named, ...]:
    """Every parameter of the source that says what it is, in its order."""
    uses = Counter(tokens(subject.scad))
    longest = max(subject.size_mm or (), default=None)
    found: dict[str, Named] = {}
    for parameter in parse_parameters(subject.scad):
        named = _named(parameter)
        if named is None or uses[parameter.name] < 2:
            continue
        if named.what == "holes" and named.value != subject.genus:
            continue  # a row of them, or blind ones
        if not named.is_count and longest is not None and named.value > 2 * longest:
            continue
        found.setdefault(named.what, named)
    return tuple(found.values())


def number_values(subject: Subject) -> tuple[float, ...]:
    """Every number that the customizer would show."""
    values: list[float] = []
    for parameter in parse_parameters(subject.scad):
        default = parameter.default
        if isinstance(default, tuple):
            values += default
        elif isinstance(default, float):
            values.append(default)
    return tuple(values)


def _named(parameter: Parameter) -> Named | None:
    value = parameter.default
    if parameter.kind is not ParameterKind.NUMBER or not isinstance(value, float) or value <= 0:
        return None
    words = split_name(parameter.name)
    if (
        set(words) & _TECHNICAL
        or not all(w.isalpha() for w in words)
        or re.search(r"(?i)\binch|\bcm\b", parameter.description)
    ):
        return None
    return _count(words, value) or _length(words, value)


def _count(words: tuple[str, ...], value: float) -> Named | None:
    bare = tuple(w for w in words if w not in _COUNT_MARKS)
    if value != int(value) or not 2 <= value <= _MAX_COUNT or not bare or len(bare) > 2:
        return None
    what = bare[-1] if bare[-1].endswith("s") or bare[-1] in ("teeth", "feet") else f"{bare[-1]}s"
    is_marked = len(bare) < len(words)
    if what not in _COUNTED or (bare[-1] != what and not is_marked):
        return None
    if len(bare) == 2 and (bare[0] == "foot" or bare[0] not in FEATURES | PARTS | _QUALIFIERS):
        return None  # `6 foot slots` would be six feet
    return Named(" ".join((*bare[:-1], what)), value, is_count=True)


def _length(words: tuple[str, ...], value: float) -> Named | None:
    if words[0] in _ALONE and words[1:] in ((), ("thickness",), ("thick",)):
        return Named("walls", value, is_count=False)
    kind = _KINDS.get(words[-1])
    if kind is None or not 2 <= len(words) <= 3 or not all(w in FEATURES | PARTS | _QUALIFIERS for w in words[:-1]):
        return None
    if words[-2] in ("total", "overall"):
        return None  # the mesh knows better
    return Named(" ".join((*words[:-1], kind)), value, is_count=False)
