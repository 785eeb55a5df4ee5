"""Changes of other people's designs: a request, the whole new source, and what it must measure.

A design is changed in two ways. A number is replaced where it stands (`corpus.source_numbers`). Or its geometry is
moved, as it is, into a module `part()`, and the change is made to that: scaled, stretched, turned, doubled. What the
second kind must measure follows from the first measurement; of the first kind, that it keeps its pieces and
through-holes and does change. An engine has the last word on both. Pure.
"""

from __future__ import annotations

import hashlib
import math
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from corpus.normalize import content_key
from corpus.schema import CompiledRow, GeometrySpec, SyntheticRow, Turn
from corpus.source_numbers import SourceEdit, literal_edits, parameter_edits
from corpus.statements import Statement, StatementKind, split_statements
from corpus.synth.num import format_number

__all__ = ["SOURCE_EDITS", "SourceEdit", "edit_rows", "edits_of"]

SOURCE_EDITS = "source-edits-2"
"""Goes up whenever a design gets other edits."""
N_EDITS = 4
_N_PARAMETERS = 3


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
    """Up to N_EDITS changes of a design of that verdict. The same seed gives the same changes."""
    if verdict.size_mm is None or not verdict.is_strict:
        return []
    rng = random.Random(f"{SOURCE_EDITS}|{seed}")
    found = list(parameter_edits(rng, scad, verdict))[:_N_PARAMETERS]
    if len(found) < _N_PARAMETERS:
        found += list(literal_edits(rng, scad, verdict))[:1]
    wrapped = _as_module(scad)
    if wrapped is not None:
        makers = list(_WRAPPED)
        rng.shuffle(makers)
        if any(edit.kind == "set_size" for edit in found):
            makers.remove(_set_side)  # who can write the side itself does not stretch the part
        made = (make(rng, wrapped, verdict) for make in makers)
        found += [edit for edit in made if edit is not None][: N_EDITS - len(found)]
    return found


@dataclass(frozen=True)
class _Wrapped:
    """A source whose geometry is a module."""

    head: str
    name: str

    def then(self, call: str) -> str:
        """The source with the module called as `@` says."""
        return f"{self.head.rstrip()}\n\n{call.replace('@', f'{self.name}()')}\n"


def _as_module(scad: str) -> _Wrapped | None:
    """The geometry of a source in a module of its own, all else where it was; None where that isn't certain.

    File-scope variables are seen inside modules, so the statements mean what they did.
    """
    found = split_statements(scad)
    name = next((n for n in ("part", "design", "original") if not re.search(rf"\b{n}\b", scad)), None)
    if found is None or name is None:
        return None
    statements, tail = found
    geometry = [s for s in statements if _is_geometry(s)]
    if not geometry or any(word in ("!", "%", "#", "*") for s in geometry for word in s.words[:1]):
        return None
    title, first = _split_title(geometry[0].text) if geometry[0] is statements[0] else ("", geometry[0].text)
    others = title + "".join(s.text for s in statements if s not in geometry)
    body = "".join((first, *(s.text for s in geometry[1:]))).strip("\n")
    lines = "\n".join(f"  {line}" if line.strip() else "" for line in body.split("\n"))
    return _Wrapped(f"{others.rstrip()}\n\nmodule {name}() {{\n{lines}\n}}\n{tail.rstrip()}".lstrip("\n"), name)


def _is_geometry(statement: Statement) -> bool:
    """False for what only talks: `echo(…);`."""
    words = statement.words
    is_talk = words[0] in ("echo", "assert") and words[-2:] == (")", ";") and words.count("(") == words.count(")")
    return statement.kind is StatementKind.GEOMETRY and words != (";",) and not (is_talk and _is_one_call(words))


def _is_one_call(words: tuple[str, ...]) -> bool:
    depths = [words[: i + 1].count("(") - words[: i + 1].count(")") for i in range(1, len(words) - 2)]
    return all(depth > 0 for depth in depths)


def _split_title(text: str) -> tuple[str, str]:
    """(the comment lines at the head of a file that a blank line or more comment sets apart, the rest)."""
    match = re.match(r"\s*(?://[^\n]*\n)+(?=\s*\S)", text)
    return (match[0], text[match.end() :]) if match else ("", text)


def _size(verdict: CompiledRow) -> tuple[float, float, float]:
    x, y, z = verdict.size_mm or (0.0, 0.0, 0.0)
    return x, y, z


def _volume(verdict: CompiledRow, factor: float) -> float | None:
    return None if verdict.volume_mm3 is None else verdict.volume_mm3 * factor


_FACTORS = (
    (2.0, "twice as big"),
    (0.5, "half the size"),
    (1.5, "1.5 times as big"),
    (1.2, "20% bigger"),
    (1.1, "10% bigger"),
    (0.8, "20% smaller"),
)
_SCALES = ("make the whole thing {w}", "scale it so that everything is {w}", "{w} please", "{w} in every direction")
_INCHES = (
    "the numbers were inches, scale it to mm",
    "it comes out in inches, I need mm",
    "convert it from inches to mm",
)


def _scaled(rng: random.Random, part: _Wrapped, verdict: CompiledRow) -> SourceEdit:
    if max(_size(verdict)) <= 20 and rng.random() < 0.3:
        factor, request = 25.4, rng.choice(_INCHES)
    else:
        factor, words = rng.choice(_FACTORS)
        request = rng.choice(_SCALES).format(w=words)
    x, y, z = (side * factor for side in _size(verdict))
    spec = GeometrySpec((x, y, z), _volume(verdict, factor**3), verdict.n_components, verdict.genus)
    return SourceEdit("scale_all", request, part.then(f"scale({format_number(factor)})\n  @;"), spec)


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
    text = part.then(f"scale([{', '.join(format_number(f) for f in factors)}])\n  @;")
    x, y, z = (side * f for side, f in zip(_size(verdict), factors, strict=True))
    spec = GeometrySpec((x, y, z), _volume(verdict, factor), verdict.n_components, verdict.genus)
    return SourceEdit(kind, request.format(a=adjective, more=more), text, spec)


_SET_SIDE = ("make it {v} mm {a}", "it should be {v} mm {a}", "{v} mm {a} please", "I need it {v} mm {a}")


def _set_side(rng: random.Random, part: _Wrapped, verdict: CompiledRow) -> SourceEdit | None:
    """A side in millimetres: its measured length becomes the one asked for."""
    axis = rng.choice((0, 1, 2, 2))
    measured = _size(verdict)[axis]
    old = round(measured, 1)
    new = float(round(old * rng.choice((1.2, 1.5, 0.75, 2.0, 0.6))))
    if not 2 <= old <= 500 or abs(old - measured) > 1e-4 or new < 1 or abs(new - old) < 0.5:
        return None
    adjective, said_new, said_old = _AXES[axis][0], format_number(new), format_number(old)
    factors = ["1", "1", "1"]
    factors[axis] = f"{said_new} / {said_old}"
    text = f"// {said_new} mm {adjective}; it was {said_old} mm\nscale([{', '.join(factors)}])\n  @;"
    sides = list(_size(verdict))
    sides[axis] = new
    spec = GeometrySpec(
        (sides[0], sides[1], sides[2]), _volume(verdict, new / old), verdict.n_components, verdict.genus
    )
    return SourceEdit("set_size", rng.choice(_SET_SIDE).format(v=said_new, a=adjective), part.then(text), spec)


_TURNS = (
    ("[-90, 0, 0]", (0, 2, 1), ("lay it on its back", "tip it over backwards by 90 degrees")),
    ("[90, 0, 0]", (0, 2, 1), ("lay it on its face", "rotate it 90 degrees about the x axis")),
    ("[0, 90, 0]", (2, 1, 0), ("put it on its side", "rotate it by 90 degrees around y")),
    ("[0, 0, 90]", (1, 0, 2), ("give it a quarter turn, counterclockwise", "rotate it 90 degrees about z")),
    ("[180, 0, 0]", (0, 1, 2), ("turn it upside down", "flip it over")),
)
_LEAST_TURN = 0.02


def _turned(rng: random.Random, part: _Wrapped, verdict: CompiledRow) -> SourceEdit | None:
    """None where the sides don't show it: a cube turned is the same cube."""
    angles, axes, requests = rng.choice(_TURNS)
    size = _size(verdict)
    turned = (size[axes[0]], size[axes[1]], size[axes[2]])
    if axes != (0, 1, 2) and all(abs(a - b) <= _LEAST_TURN * a for a, b in zip(size, turned, strict=True)):
        return None
    spec = GeometrySpec(turned, _volume(verdict, 1), verdict.n_components, verdict.genus)
    return SourceEdit("turn", rng.choice(requests), part.then(f"rotate({angles})\n  @;"), spec)


_COPIES = ("make {w} of them in a row, {g} mm apart", "I need {w} of these side by side with {g} mm between them")


def _doubled(rng: random.Random, part: _Wrapped, verdict: CompiledRow) -> SourceEdit | None:
    """Copies in a row along x, with a gap."""
    n, gap = rng.choice((2, 2, 3)), rng.choice((2, 5, 10))
    x, y, z = _size(verdict)
    is_round = abs(x - round(x, 1)) < 1e-4
    pitch = round(x, 1) + gap if is_round else math.ceil(x) + gap
    request = rng.choice(_COPIES).format(w={2: "two", 3: "three"}[n], g=gap if is_round else f"about {gap}")
    text = part.then(f"for (i = [0 : {n - 1}])\n  translate([i * {format_number(pitch)}, 0, 0])\n    @;")
    n_components = verdict.n_components * n if verdict.n_components else None
    spec = GeometrySpec((x + (n - 1) * pitch, y, z), _volume(verdict, n), n_components, None)
    return SourceEdit("copies", request, text, spec)


_MIRRORS = ("mirror it", "I need the mirror image", "make a left-handed version of it", "mirror it left to right")


def _mirrored(rng: random.Random, part: _Wrapped, verdict: CompiledRow) -> SourceEdit | None:
    """Seldom: most parts are their own mirror image, which measures don't tell."""
    if rng.random() < 0.6:
        return None
    spec = GeometrySpec(_size(verdict), _volume(verdict, 1), verdict.n_components, verdict.genus)
    return SourceEdit("mirror", rng.choice(_MIRRORS), part.then("mirror([1, 0, 0])\n  @;"), spec)


_WRAPPED: Sequence[Callable[[random.Random, _Wrapped, CompiledRow], SourceEdit | None]] = (
    _scaled,
    _stretched,
    _set_side,
    _turned,
    _doubled,
    _mirrored,
)
