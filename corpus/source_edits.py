"""Changes of other people's designs: a request, the whole new source, and what it must measure.

A design is changed in two ways. A number of its Customizer parameters is replaced where it stands, and nothing else.
Or its geometry is moved, as it is, into a module `part()`, and the change is made to that: scaled, turned, doubled,
drilled. What the second kind must measure follows from the first measurement; of the first kind, that it keeps its
pieces and through-holes and does change. An engine has the last word on both. Pure.
"""

from __future__ import annotations

import hashlib
import math
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from corpus.normalize import content_key
from corpus.schema import CompiledRow, GeometrySpec, SyntheticRow, Turn
from corpus.statements import StatementKind, split_statements
from corpus.synth.num import format_number
from render.customizer import Parameter, ParameterKind, parse_parameters

__all__ = ["SOURCE_EDITS", "SourceEdit", "edit_rows", "edits_of"]

SOURCE_EDITS = "source-edits-1"
"""Goes up whenever a design gets other edits."""
N_EDITS = 4
_NUMBER = r"-?\d+(?:\.\d+)?"


@dataclass(frozen=True)
class SourceEdit:
    kind: str
    request: str
    scad: str
    spec: GeometrySpec


def edit_rows(crawled_id: str, prompt: str, scad: str, verdict: CompiledRow, *, recipe: str) -> list[SyntheticRow]:
    """The rows of a design's edits, each one turn after `prompt`; a strict verdict is needed."""
    rows = []
    for edit in edits_of(scad, verdict, seed=verdict.sha256):
        told = "\0".join((crawled_id, prompt, scad, edit.request, edit.scad))
        rows.append(
            SyntheticRow(
                example_id=hashlib.sha256(told.encode("utf-8", errors="surrogatepass")).hexdigest(),
                recipe=recipe,
                part="real_edits",
                kind="edit",
                prompt=edit.request,
                scad=edit.scad,
                sha256=content_key(edit.scad),
                spec=edit.spec,
                built=edit.spec,
                cluster_id=crawled_id,
                family="real",
                wording_pool="taught",
                prompt_style="edit",
                history=(Turn(prompt, scad),),
                edit_kind=edit.kind,
                of_crawled=crawled_id,
            )
        )
    return rows


def edits_of(scad: str, verdict: CompiledRow, *, seed: str) -> list[SourceEdit]:
    """Up to N_EDITS changes of a design of that verdict, no two of a kind. The same seed gives the same changes."""
    if verdict.size_mm is None or not verdict.is_strict:
        return []
    rng = random.Random(f"{SOURCE_EDITS}|{seed}")
    found = list(_parameter_edits(rng, scad, verdict))[:2]
    wrapped = _as_module(scad)
    if wrapped is not None:
        makers = list(_WRAPPED)
        rng.shuffle(makers)
        found += [edit for make in makers[: N_EDITS - len(found)] if (edit := make(rng, wrapped, verdict)) is not None]
    return found


def _parameter_edits(rng: random.Random, scad: str, verdict: CompiledRow) -> Iterator[SourceEdit]:
    """Of numbers that have a name one can say, a few set anew."""
    named = [p for p in parse_parameters(scad) if _is_plain_length(p)]
    rng.shuffle(named)
    for parameter in named[:2]:
        old = float(parameter.default)  # type: ignore[arg-type]
        factor = rng.choice((2.0, 1.5, 1.2, 0.8, 0.5))
        new = round(old * factor) if old >= 8 else round(old * factor, 1)
        if new in (0, old) or not _is_allowed(parameter, new):
            continue
        pattern = rf"^(\s*{re.escape(parameter.name)}\s*=\s*){re.escape(_written(scad, parameter.name) or '')}(\s*;)"
        changed, n = re.subn(pattern, rf"\g<1>{format_number(new)}\g<2>", scad, count=1, flags=re.MULTILINE)
        if n != 1 or changed == scad:
            continue
        words = parameter.name.strip("_$").replace("_", " ").lower()
        request = rng.choice(_SET_PARAMETER).format(n=words, v=format_number(new), old=format_number(old))
        spec = GeometrySpec(n_components=verdict.n_components, genus=verdict.genus)
        yield SourceEdit("set_parameter", request, changed, spec)


_SET_PARAMETER = (
    "set the {n} to {v}",
    "change the {n} from {old} to {v}",
    "{n} {v} please",
    "make the {n} {v}",
    "the {n} should be {v}",
    "can you change the {n} to {v}?",
    "use {v} for the {n} instead of {old}",
)


def _is_plain_length(parameter: Parameter) -> bool:
    """A number in the range of lengths, under a name of at least one real word."""
    words = [w for w in re.split(r"[_\W]+", parameter.name) if w]
    is_named = any(len(w) >= 4 for w in words) and all(w.isalpha() for w in words)
    is_count = re.search(
        r"(?:^|_)(?:n|num|number|count|fn|fa|fs|facets|segments|steps|sides|res\w*)(?:_|$)", parameter.name
    )
    is_number = parameter.kind is ParameterKind.NUMBER and isinstance(parameter.default, float | int)
    return is_named and not is_count and is_number and 1 <= float(parameter.default) <= 500  # type: ignore[arg-type]


def _is_allowed(parameter: Parameter, value: float) -> bool:
    if parameter.options:
        return any(option.value == value for option in parameter.options)
    low, high = parameter.minimum, parameter.maximum
    return (low is None or value >= low) and (high is None or value <= high)


def _written(scad: str, name: str) -> str | None:
    """How the parameter's number stands in the source."""
    match = re.search(rf"^\s*{re.escape(name)}\s*=\s*({_NUMBER})\s*;", scad, flags=re.MULTILINE)
    return match[1] if match else None


@dataclass(frozen=True)
class _Wrapped:
    """A source whose geometry is a module `part()`."""

    head: str

    def then(self, call: str) -> str:
        return f"{self.head.rstrip()}\n\n{call}\n"


def _as_module(scad: str) -> _Wrapped | None:
    """The geometry of a source in a module of its own, all else where it was; None where that isn't certain.

    File-scope variables are seen inside modules, so the statements mean what they did.
    """
    found = split_statements(scad)
    if found is None or re.search(r"\bpart\b", scad):
        return None
    statements, tail = found
    geometry = [s for s in statements if s.kind is StatementKind.GEOMETRY and s.words != (";",)]
    others = "".join(s.text for s in statements if s.kind is not StatementKind.GEOMETRY)
    if not geometry or any(word in ("!", "%", "#", "*") for s in geometry for word in s.words[:1]):
        return None
    body = "".join(s.text for s in geometry).strip("\n")
    lines = "\n".join(f"  {line}" if line.strip() else line for line in body.split("\n"))
    return _Wrapped(f"{others.rstrip()}\n\nmodule part() {{\n{lines}\n}}\n{tail.rstrip()}".lstrip("\n"))


def _size(verdict: CompiledRow) -> tuple[float, float, float]:
    x, y, z = verdict.size_mm or (0.0, 0.0, 0.0)
    return x, y, z


def _volume(verdict: CompiledRow, factor: float) -> float | None:
    return None if verdict.volume_mm3 is None else verdict.volume_mm3 * factor


def _scaled(rng: random.Random, part: _Wrapped, verdict: CompiledRow) -> SourceEdit:
    factor, words = rng.choice(_FACTORS)
    request = rng.choice(
        ("make the whole thing {w}", "scale it so that everything is {w}", "{w} please, all of it")
    ).format(w=words)
    text = part.then(f"scale({format_number(factor)})\n  part();")
    x, y, z = (side * factor for side in _size(verdict))
    return SourceEdit(
        "scale_all",
        request,
        text,
        GeometrySpec((x, y, z), _volume(verdict, factor**3), verdict.n_components, verdict.genus),
    )


_FACTORS = (
    (2.0, "twice as big"),
    (0.5, "half the size"),
    (1.5, "1.5 times as big"),
    (1.2, "20% bigger"),
    (1.1, "10% bigger"),
    (0.8, "20% smaller"),
    (25.4, "25.4 times as big, the numbers were inches"),
)
_STRETCHES = (
    (1.25, "make it {more}", "vague"),
    (1.25, "{more} please", "vague"),
    (2.0, "make it twice as {a}", "scale_one"),
    (1.5, "1.5 times as {a}", "scale_one"),
    (0.5, "half as {a}", "scale_one"),
    (1.2, "20% {more}", "scale_one"),
)
_AXES = (("wide", "wider"), ("deep", "deeper"), ("tall", "taller"))


def _stretched(rng: random.Random, part: _Wrapped, verdict: CompiledRow) -> SourceEdit:
    axis = rng.choice((0, 1, 2, 2, 2))
    factor, request, kind = rng.choice(_STRETCHES)
    adjective, more = _AXES[axis]
    factors = [1.0, 1.0, 1.0]
    factors[axis] = factor
    text = part.then(f"scale([{', '.join(format_number(f) for f in factors)}])\n  part();")
    x, y, z = (side * f for side, f in zip(_size(verdict), factors, strict=True))
    spec = GeometrySpec((x, y, z), _volume(verdict, factor), verdict.n_components, verdict.genus)
    return SourceEdit(kind, request.format(a=adjective, more=more), text, spec)


def _set_side(rng: random.Random, part: _Wrapped, verdict: CompiledRow) -> SourceEdit | None:
    """A side in millimetres: its measured length becomes the one asked for."""
    axis = rng.choice((0, 1, 2, 2))
    old = _size(verdict)[axis]
    if not 2 <= old <= 500 or abs(old - round(old, 1)) > 1e-4:
        return None
    new = float(round(old * rng.choice((1.2, 1.5, 0.75, 2.0, 0.6))))
    if new < 1 or abs(new - old) < 0.5:
        return None
    factors = ["1", "1", "1"]
    factors[axis] = f"{format_number(new)} / {format_number(round(old, 1))}"
    text = part.then(
        f"// {format_number(new)} mm {_AXES[axis][0]}, it was {format_number(round(old, 1))} mm\nscale([{', '.join(factors)}])\n  part();"
    )
    size = list(_size(verdict))
    size[axis] = new
    request = rng.choice(
        ("make it {v} mm {a}", "it should be {v} mm {a}", "{v} mm {a} please", "I need it {v} mm {a}")
    ).format(v=format_number(new), a=_AXES[axis][0])
    spec = GeometrySpec((size[0], size[1], size[2]), _volume(verdict, new / old), verdict.n_components, verdict.genus)
    return SourceEdit("set_size", request, text, spec)


def _turned(rng: random.Random, part: _Wrapped, verdict: CompiledRow) -> SourceEdit:
    x, y, z = _size(verdict)
    turn, size, requests = rng.choice(
        (
            ("[90, 0, 0]", (x, z, y), ("lay it on its back", "rotate it 90 degrees about the x axis")),
            ("[0, 90, 0]", (z, y, x), ("put it on its side", "rotate it by 90 degrees around y")),
            ("[0, 0, 90]", (y, x, z), ("turn it a quarter turn", "rotate it 90 degrees about z")),
            ("[180, 0, 0]", (x, y, z), ("turn it upside down", "flip it over")),
        )
    )
    spec = GeometrySpec(size, _volume(verdict, 1), verdict.n_components, verdict.genus)
    return SourceEdit("turn", rng.choice(requests), part.then(f"rotate({turn})\n  part();"), spec)


def _doubled(rng: random.Random, part: _Wrapped, verdict: CompiledRow) -> SourceEdit | None:
    """Copies in a row along x, with a gap."""
    if verdict.n_components is None or verdict.genus is None:
        return None
    n, gap = rng.choice((2, 2, 3)), rng.choice((2, 5, 10))
    x, y, z = _size(verdict)
    pitch = math.ceil(x) + gap
    word = {2: "two", 3: "three"}[n]
    request = rng.choice(
        ("make {w} of them in a row, about {g} mm apart", "I need {w} of these side by side with {g} mm between them")
    ).format(w=word, g=gap)
    text = part.then(f"for (i = [0 : {n - 1}])\n  translate([i * {pitch}, 0, 0])\n    part();")
    spec = GeometrySpec((x + (n - 1) * pitch, y, z), _volume(verdict, n), verdict.n_components * n, None)
    return SourceEdit("copies", request, text, spec)


def _mirrored(rng: random.Random, part: _Wrapped, verdict: CompiledRow) -> SourceEdit:
    request = rng.choice(
        ("mirror it", "I need the mirror image", "make a left-handed version of it", "mirror it left to right")
    )
    spec = GeometrySpec(_size(verdict), _volume(verdict, 1), verdict.n_components, verdict.genus)
    return SourceEdit("mirror", request, part.then("mirror([1, 0, 0])\n  part();"), spec)


_WRAPPED: Sequence[Callable[[random.Random, _Wrapped, CompiledRow], SourceEdit | None]] = (
    _scaled,
    _stretched,
    _set_side,
    _turned,
    _doubled,
    _mirrored,
)
