"""A caption for a design that nobody has described: from its measured shape and the names in its source.

Pure and deterministic. It says only what is measured or named. The least that it takes is a size and three points: a
name that is a known noun counts 3; a block that fills its box, and so is told by its size, 3; a ball, cylinder or ring
2; a loose shape (flat, long) 1; through-holes 1; turned 1; lettering 1; a telling parameter 1, two at most. Below that,
or with neither a name nor a shape, there is no caption: "a part with a hole" teaches nothing.
"""

from __future__ import annotations

import math
import random
import re
from dataclasses import dataclass

from corpus.words import frames
from corpus.words.measures import Named, named_parameters, side_list, size_words, usable_size, whole
from corpus.words.nouns import NounPhrase, article, split_name
from corpus.words.sources import Drawing, drawing_of
from corpus.words.subject import Subject, Wording
from corpus.words.vocabulary import FEATURES, PARTS, SHAPES, word_set

__all__ = ["MIN_POINTS", "Facts", "captions", "facts_of"]

MIN_POINTS = 3
_MAX_HOLES = 8
"""More through-holes than that are a lattice, and nobody counts them."""
_MAX_PARAMETERS = 2
_FULL = 0.9999
"""Share of its box that a plain block fills: one edge of a cube rounded by a tenth of its side leaves 0.998."""
_NOT_PARTS = word_set(
    "base body end cut cuts hole holes face edge support top bottom side middle profile outline section tooth teeth "
    "thread slot pocket notch groove recess opening window bore hollow space place corner chamfer fillet bridge web "
    "wall tip ear screw"
)
"""Features that make no part by themselves: a source's `slot` is something cut away."""
_VERBS = word_set(
    "make draw create build add cut place put move rotate show render position arrange fill carve do get put print "
    "test remove subtract for at on in with to half extrude sub neg negative inner outer single one"
)
_NOT_TURNED = ("linear_extrude", "cube", "sphere", "cylinder", "polyhedron", "import", "surface", "hull", "minkowski")
_NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")


@dataclass(frozen=True)
class Facts:
    """What is known of the design without anybody's words."""

    noun: NounPhrase | None
    shape: str | None
    """`solid block`, `long, flat part`: words that take `a`."""
    shape_points: int
    is_turned: bool
    n_holes: int | None
    """Through-holes, where their number is certain and between 1 and 8."""
    lettering: str | None
    parameters: tuple[Named, ...]

    @property
    def points(self) -> int:
        return (
            3 * (self.noun is not None)
            + self.shape_points
            + self.is_turned
            + (self.n_holes is not None)
            + (self.lettering is not None)
            + min(len(self.parameters), _MAX_PARAMETERS)
        )


def captions(subject: Subject, *, seed: str) -> tuple[Wording, ...]:
    """A short, a measured and a conversational request; () where too little is known."""
    size = usable_size(subject)
    facts = facts_of(subject)
    if size is None or facts.points < MIN_POINTS or (facts.noun is None and facts.shape is None):
        return ()
    rng = random.Random(f"caption|{seed}")
    thing, extras = _thing(facts), _extras(facts, rng)
    short = frames.pick(
        rng, frames.SHORT, x=f"{_with_article(thing)}{_listed(extras[:1])}", n=f"{thing}{_listed(extras[:1])}"
    )
    is_one, in_words = subject.n_components == 1, rng.random() < 0.3
    sides = size_words(size, rng) if is_one and in_words else side_list(size, rng)
    forms = frames.LAID_OUT if not is_one else frames.SIDES if in_words else frames.MEASURED
    measured = frames.pick(rng, forms, x=_with_article(thing), n=thing, s=sides)
    if extras:
        measured = (
            measured.rstrip("?.") + frames.pick(rng, frames.WITH, a=_joined(extras)) + "?" * measured.endswith("?")
        )
    talk = (
        frames.pick(rng, frames.GREETINGS)
        + frames.pick(rng, frames.TALK, x=f"{_with_article(thing)}{_listed(extras)}")
        + (f" {frames.pick(rng, frames.ABOUT, s=_rounded(size))}" if is_one else "")
    )
    texts = ((short, "short"), (measured, "measured"), (talk, "conversational"))
    return tuple(Wording(frames.finished(rng, text), "caption", style) for text, style in texts)


def facts_of(subject: Subject) -> Facts:
    """Everything that mesh and source say plainly."""
    drawing = drawing_of(subject.scad)
    shape, shape_points = _shape(subject, drawing)
    size = usable_size(subject)
    is_turned = drawing.uses("rotate_extrude") and size is not None and _alike(size[0], size[1])
    is_turned = is_turned and not any(drawing.uses(operation) for operation in _NOT_TURNED)
    n_holes = _n_holes(subject) if shape != "ring-like part" else None  # a ring's own hole is in its name
    lettering = drawing.letterings[0] if len(drawing.letterings) == 1 else None
    return Facts(_noun(drawing), shape, shape_points, is_turned, n_holes, lettering, named_parameters(subject))


def _noun(drawing: Drawing) -> NounPhrase | None:
    """The module that is all the top level draws, if its name ends in a known noun."""
    words = [
        w for w in split_name(drawing.sole or "") if not re.fullmatch(r"v?\d+|my|the|main|full|whole|complete|final", w)
    ]
    if not words or len(words) > 4 or not all(w.isalpha() and len(w) > 1 for w in words) or words[0] in _VERBS:
        return None
    last = words[-1] if words[-1] in PARTS else words[-1].removesuffix("s")
    is_known = last in PARTS or (last in FEATURES | SHAPES and len(words) > 1)
    return NounPhrase(" ".join(words), " ".join(words)) if is_known and last not in _NOT_PARTS else None


def _n_holes(subject: Subject) -> int | None:
    """The genus as a number of holes: of one piece, and of a flat one if there are several, for holes that cross in the
    middle of a block count otherwise (three of them make genus 5)."""
    size, genus = usable_size(subject), subject.genus
    if size is None or genus is None or subject.n_components != 1 or not 1 <= genus <= _MAX_HOLES:
        return None
    a, b, _ = sorted(size)
    return genus if genus == 1 or a <= 0.3 * b else None


def _shape(subject: Subject, drawing: Drawing) -> tuple[str | None, int]:
    """(words, points) for the whole of the mesh; a solid is named only where box, volume and source agree."""
    size, volume = usable_size(subject), subject.volume_mm3
    if size is None:
        return None, 0
    a, b, c = sorted(size)
    fill = volume / (a * b * c) if volume is not None and volume > 0 else None
    is_one = subject.n_components == 1
    if is_one and fill is not None and subject.genus is not None:
        is_round = drawing.uses("cylinder") or drawing.uses("circle") or drawing.uses("rotate_extrude")
        if fill > _FULL and subject.genus == 0:
            return (
                "cube" if _alike(a, b) and _alike(b, c) else "rectangular block" if a > 0.2 * b else "flat plate"
            ), 3
        if subject.genus == 0 and _alike(a, c) and abs(fill - math.pi / 6) < 0.03 and drawing.uses("sphere"):
            return "ball", 2
        if subject.genus == 0 and is_round and 0.76 < fill < 0.79 and (_alike(b, c) or _alike(a, b)):
            return ("round disc" if _alike(b, c) and a < 0.4 * b else "cylinder"), 2
        if subject.genus == 1 and is_round and _alike(b, c) and a <= 0.5 * b and 0.05 < fill < 0.7:
            return "ring-like part", 2
        if fill > 0.9 and a > 0.2 * b:
            return "box-like part", 1
    if not is_one:
        return None, 0
    flat, long = a < 0.15 * b, b < 0.3 * c
    words = (
        "long, flat part"
        if flat and long
        else "flat part"
        if flat
        else ("rod-like part" if a > 0.8 * b else "long, narrow part")
        if long
        else None
    )
    return words, int(words is not None)


def _alike(one: float, other: float) -> bool:
    return abs(one - other) <= 0.01 * max(one, other)


def _thing(facts: Facts) -> str:
    if facts.noun is not None:
        return str(facts.noun.words)
    shape = facts.shape or "part"
    return f"turned {shape}" if facts.is_turned and shape.endswith("part") else shape


def _with_article(thing: str) -> str:
    noun = NounPhrase(thing, thing)
    return thing if noun.is_plural else article(thing)


def _extras(facts: Facts, rng: random.Random) -> list[str]:
    """Holes, lettering, parameters: each a noun phrase that may follow `with`."""
    found: list[str] = []
    counted = {p.what for p in facts.parameters if p.is_count}
    if facts.n_holes == 1:
        found.append(rng.choice(("a through-hole", "one through-hole", "a hole right through it")))
    elif facts.n_holes is not None and "holes" not in counted:
        count = rng.choice((str(facts.n_holes), _NUMBER_WORDS[facts.n_holes]))
        found.append(f"{count} through-holes")
    if facts.lettering:
        found.append(f'the lettering "{facts.lettering}"')
    return found + [p.words for p in facts.parameters[:_MAX_PARAMETERS]]


def _joined(items: list[str]) -> str:
    return " and ".join((", ".join(items[:-1]), items[-1])) if len(items) > 1 else "".join(items)


def _listed(items: list[str]) -> str:
    return f" with {_joined(items)}" if items else ""


def _rounded(size: tuple[float, float, float]) -> str:
    return " x ".join(whole(side) for side in size) + " mm"
