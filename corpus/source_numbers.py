"""Changes of other people's designs that replace one number where it stands, and nothing else.

A number of a Customizer parameter whose name one can say, or a literal that is plainly a side of the part: one of
`cube([40, 30, 4])` where the part measures just that. Covers the change and its request; an engine has the last word.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.normalize import lexemes
from corpus.schema import CompiledRow, GeometrySpec
from corpus.synth.num import format_number
from corpus.words.nouns import split_name
from render.customizer import Parameter, ParameterKind, parse_parameters

__all__ = ["SourceEdit", "literal_edits", "parameter_edits"]

_NUMBER = r"-?\d+(?:\.\d+)?"
_LEAST_NEW, _MOST_NEW = 0.1, 1000.0


@dataclass(frozen=True)
class SourceEdit:
    kind: str
    request: str
    scad: str
    spec: GeometrySpec
    """What is known of the answer beforehand."""


_NO_LENGTH = frozenset(
    ("angle", "color", "colour", "copies", "detail", "explode", "facet", "facets", "font", "index", "infill", "layer")
    + ("level", "line", "mode", "nozzle", "offset", "percent", "percentage", "preview", "print", "quality", "ratio")
    + ("resolution", "rotation", "scale", "seed", "segments", "slices", "smoothness", "steps", "text", "tolerance")
)
"""Words of names that say nothing a person would ask for in millimetres."""
_LENGTHS = ("width", "height", "thickness", "diameter", "radius", "length", "depth", "size", "gap", "spacing", "wall")
_COUNT_MARKS = ("n", "nr", "num", "number", "count", "no")
_STEPS = (("by", 1), ("by", -1), ("set", 0), ("set", 0), ("set", 0), ("times", 2.0), ("times", 0.5), ("times", 1.5))
_TIMES = {2.0: ("twice", "2 times"), 0.5: ("half", "half"), 1.5: ("1.5 times", "one and a half times")}
_VERBS = {2.0: "double", 0.5: "halve"}
_SET = (
    "set the {n} to {v}",
    "change the {n} from {old} to {v}",
    "{n} {v} please",
    "make the {n} {v}",
    "the {n} should be {v}",
    "can you change the {n} to {v}?",
    "use {v} for the {n} instead of {old}",
    "I need the {n} at {v}",
    "{n} = {v}",
)
_MORE = ("increase the {n} by {v}", "add {v} to the {n}", "the {n} should be {v} more")
_LESS = ("reduce the {n} by {v}", "take {v} off the {n}", "the {n} should be {v} less")
_TIMES_REQUESTS = ("make the {n} {t} as large", "{t} the {n}", "{t} the {n} please", "the {n} should be {t} what it is")
_COUNT_REQUESTS = ("make it {v} {n}", "{v} {n} instead of {old}", "it should have {v} {n}", "{v} {n} please")


def parameter_edits(rng: random.Random, scad: str, verdict: CompiledRow) -> Iterator[SourceEdit]:
    """Of numbers that have a name one can say, each set anew, in a drawn order."""
    parameters = [p for p in parse_parameters(scad) if _is_sayable(p)]
    rng.shuffle(parameters)
    for parameter in parameters:
        old = float(parameter.default)  # type: ignore[arg-type]
        noun, is_count = _noun(parameter.name)
        if is_count:
            new, request = _counted(rng, old)
            kind, spec = "set_count", GeometrySpec(n_components=verdict.n_components)
        else:
            unit = " mm" if noun.endswith(_LENGTHS) and rng.random() < 0.4 else ""
            new, request = _measured(rng, old, unit)
            kind, spec = "set_parameter", GeometrySpec(n_components=verdict.n_components, genus=verdict.genus)
        if new == old or not _LEAST_NEW <= new <= _MOST_NEW or not _is_allowed(parameter, new):
            continue
        changed = _assigned(scad, parameter.name, new)
        if changed is not None:
            yield SourceEdit(kind, request.replace("{n}", noun), changed, spec)


def _noun(name: str) -> tuple[str, bool]:
    """What a parameter is called, and whether it counts things: (`holes`, True) of `n_holes` and `holes`."""
    words = split_name(name.strip("_$"))
    rest = words[1:] if words and words[0] in _COUNT_MARKS else words
    last = rest[-1] if rest else ""
    is_plural = last.endswith(("teeth", "feet")) or (last.endswith("s") and not last.endswith(("ss", "us", "is")))
    return " ".join(rest), is_plural


def _measured(rng: random.Random, old: float, unit: str) -> tuple[float, str]:
    """(a new value, the request for it, its noun still open)."""
    way, factor = rng.choice(_STEPS)
    if way == "times":
        new = round(old * factor, 4)
        if factor in _VERBS and rng.random() < 0.25:
            return new, f"{_VERBS[factor]} the {{n}}"
        return new, rng.choice(_TIMES_REQUESTS).replace("{t}", rng.choice(_TIMES[factor]))
    if way == "by":
        step = float(max(1, round(old * rng.choice((0.1, 0.25, 0.5))))) if old >= 4 else 0.5
        request = rng.choice(_MORE if factor > 0 else _LESS)
        return round(old + factor * step, 4), request.replace("{v}", format_number(step) + unit)
    factor = rng.choice((2.0, 1.5, 1.2, 0.8, 0.5))
    new = float(round(old * factor)) if old >= 8 else round(old * factor, 1)
    request = rng.choice(_SET).replace("{v}", format_number(new) + unit)
    return new, request.replace("{old}", format_number(old) + unit)


def _counted(rng: random.Random, old: float) -> tuple[float, str]:
    """One to three more, or one less; the old value for what is no count."""
    if old != int(old) or not 2 <= old <= 60:
        return old, ""
    new = old + rng.choice((1, 1, 2, 3, -1) if old > 2 else (1, 2))
    return new, rng.choice(_COUNT_REQUESTS).replace("{v}", format_number(new)).replace("{old}", format_number(old))


def _is_sayable(parameter: Parameter) -> bool:
    """A number in the range of lengths, under a name of whole words."""
    noun, is_count = _noun(parameter.name)
    words = noun.split()
    is_named = any(len(w) >= 4 for w in words) and all(w.isalpha() and w.isascii() for w in words)
    is_marked = len(words) < len(split_name(parameter.name.strip("_$"))) and not is_count
    is_number = parameter.kind is ParameterKind.NUMBER and not isinstance(parameter.default, bool)
    is_length = _NO_LENGTH.isdisjoint(words) and not is_marked
    return is_named and is_length and is_number and 1 <= float(parameter.default) <= 500  # type: ignore[arg-type]


def _is_allowed(parameter: Parameter, value: float) -> bool:
    """Within the slider's range and on its steps, or in the list."""
    if parameter.options:
        return any(option.value == value for option in parameter.options)
    low, high, step = parameter.minimum, parameter.maximum, parameter.step
    is_on_step = not step or low is None or abs((value - low) / step - round((value - low) / step)) < 1e-6
    return (low is None or value >= low) and (high is None or value <= high) and is_on_step


def _assigned(scad: str, name: str, value: float) -> str | None:
    """The source with another number assigned; None where the name is assigned twice, or no bare number."""
    pattern = rf"^(\s*{re.escape(name)}\s*=\s*)({_NUMBER})(\s*;)"
    if len(re.findall(rf"^\s*{re.escape(name)}\s*=", scad, flags=re.MULTILINE)) != 1:
        return None
    changed, n = re.subn(pattern, rf"\g<1>{format_number(value)}\g<3>", scad, flags=re.MULTILINE)
    return changed if n == 1 else None


_VECTOR = re.compile(rf"(?<=\[)\s*({_NUMBER})\s*,\s*({_NUMBER})\s*,\s*({_NUMBER})\s*(?=\])")
_HEIGHT = re.compile(rf"\b(?:h|height|l|length)\s*=\s*({_NUMBER})\s*(?=[,)])")
_AXES = (("wide", "width"), ("deep", "depth"), ("tall", "height"))
_SET_SIDE = (
    "make it {v} mm {a}",
    "it should be {v} mm {a}",
    "{v} mm {a} please",
    "I need it {v} mm {a}",
    "change the {n} to {v} mm",
    "{n} {v} mm instead of {old}",
    "can it be {v} mm {a}?",
)


def literal_edits(rng: random.Random, scad: str, verdict: CompiledRow) -> Iterator[SourceEdit]:
    """Of literals that are a side of the part, each set anew: all three of a vector, or the one height."""
    size = verdict.size_mm or ()
    found: list[tuple[int, int, int]] = []
    vectors = [m for m in _VECTOR.finditer(scad) if all(_is_near(float(m[i + 1]), size[i]) for i in range(3))]
    if len(vectors) == 1:
        found = [(axis, *vectors[0].span(axis + 1)) for axis in range(3)]
    heights = [m for m in _HEIGHT.finditer(scad) if _is_near(float(m[1]), size[2])]
    if not found and len(heights) == 1:
        found = [(2, *heights[0].span(1))]
    words = [word.text for word in lexemes(scad)]
    rng.shuffle(found)
    for axis, start, end in found:
        old = float(scad[start:end])
        new = float(round(old * rng.choice((1.2, 1.5, 0.75, 2.0, 0.8))))
        n_own = sum(scad[first:last] == scad[start:end] for _, first, last in found)
        if words.count(scad[start:end]) > n_own or abs(new - old) < 0.5 or new < 2:
            continue  # a number that stands elsewhere too may be the same side again
        sides = [new if i == axis else side for i, side in enumerate(size)]
        spec = GeometrySpec((sides[0], sides[1], sides[2]), None, verdict.n_components, verdict.genus)
        adjective, noun = _AXES[axis]
        request = rng.choice(_SET_SIDE).format(v=format_number(new), old=format_number(old), a=adjective, n=noun)
        yield SourceEdit("set_size", request, scad[:start] + format_number(new) + scad[end:], spec)


def _is_near(a: float, b: float) -> bool:
    return abs(a - b) < 1e-4
