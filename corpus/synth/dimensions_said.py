"""How a request states the numbers of a part: `60 mm wide`, `a height of 20 mm`, `60 x 40 x 3 mm`, `W60 H20`.

Everything here is a template: numbers stay slots. Two numbers of one value may be said once. Covers single dimensions
and the head of a noun phrase; features are `corpus.synth.features_said`'s.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.synth import phrases
from corpus.synth.draw import Unit
from corpus.synth.numbers_said import Speech, is_plural
from corpus.synth.part import Draft, Family
from corpus.synth.words import Kind

__all__ = [
    "Dim",
    "counted",
    "dim_item",
    "expand_sizes",
    "leading_sizes",
    "letter_item",
    "own_dims",
    "paired",
    "square_side",
]

_SIZE_NAMES = ("width", "depth", "length", "height", "thickness")


@dataclass(frozen=True)
class Dim:
    """One number to state, or two of one value."""

    names: tuple[str, ...]
    nouns: tuple[str, ...]
    adjectives: tuple[str, ...]
    kind: Kind
    value: float
    is_screw: bool = False

    def slot(self, mode: str = "") -> str:
        return "{" + "+".join(self.names) + (f":{mode}" if mode else "") + "}"

    @property
    def is_pair(self) -> bool:
        return len(self.names) > 1

    @property
    def letter(self) -> str | None:
        return phrases.LETTERS.get(self.names[0]) if len(self.names) == 1 else None


def own_dims(draft: Draft, family: Family) -> list[Dim]:
    """The family's numbers in natural order. A noun or an adjective that two of them share goes to the plainer one."""
    own = [p for p in draft.params if p.name in family.measures]
    dims = []
    for param in own:
        others = [p for p in own if p.name != param.name]
        taken = {w for p in others for w in (*p.measure.nouns, *p.measure.adjectives)}
        is_plain = param.name in _SIZE_NAMES
        nouns = tuple(n for n in param.measure.nouns if n not in taken or n == param.name)
        adjectives = tuple(
            a
            for a in param.measure.adjectives
            if a not in taken
            or (is_plain and not any(a in p.measure.adjectives for p in others if p.name in _SIZE_NAMES))
        )
        dims.append(
            Dim(
                (param.name,),
                nouns or (param.name.replace("_", " "),),
                adjectives,
                param.measure.kind,
                param.value,
                param.measure.is_screw,
            )
        )
    return dims


def paired(rng: random.Random, dims: Sequence[Dim]) -> list[Dim]:
    """The dimensions, two lengths of one value now and then as one: `wall and floor thickness 2 mm`."""
    left = list(dims)
    for first, second in itertools.combinations(dims, 2):
        is_same = first.value == second.value and first.kind == second.kind == "length"
        is_alike = first.nouns[0].split()[-1] == second.nouns[0].split()[-1] or (first.adjectives and second.adjectives)
        if is_same and first in left and second in left and rng.random() < (0.6 if is_alike else 0.15):
            left[left.index(first)] = _pair(first, second)
            left.remove(second)
    return left


def _pair(first: Dim, second: Dim) -> Dim:
    a, b = first.nouns[0], second.nouns[0]
    head, _, last = a.rpartition(" ")
    if head and b.endswith(f" {last}"):
        a = head
    adjectives: tuple[str, ...] = ()
    if first.adjectives and second.adjectives and first.adjectives[0] != second.adjectives[0]:
        adjectives = (f"{first.adjectives[0]} and {second.adjectives[0]}",)
    return Dim((*first.names, *second.names), (f"{a} and {b}",), adjectives, "length", first.value)


def square_side(draft: Draft, family: Family) -> str | None:
    """The parameter that is width and depth of the part at once, where the plan has one for both."""
    present = {p.name: p.value for p in draft.params}
    flat = [n for n in family.measures if n in ("width", "depth", "length")]
    told = [n for n in flat if n in present]
    if len(flat) < 2 or len(told) != 1 or draft.body.size[0] != draft.body.size[1]:
        return None
    return told[0] if draft.body.size[0] == present[told[0]] else None


def leading_sizes(draft: Draft, dims: Sequence[Dim]) -> list[Dim]:
    """The first two or three dimensions, where they are the part's outer sizes in the order of the axes."""
    sizes: list[Dim] = []
    axis = 0
    for dim in dims:
        while axis < 3 and abs(draft.body.size[axis] - dim.value) > 1e-6:
            axis += 1
        if axis == 3 or dim.names[0] not in _SIZE_NAMES or dim.kind != "length":
            break
        sizes.append(dim)
        axis += 1
    return sizes


_SIZES = re.compile(r"\{[\w+]+:?~?\}(?:\s*(?:x|by|×|\*)\s*\{[\w+]+:?~?\})+(?: ?mm\b)?")
_ONE_SIZE = re.compile(r"\{([\w+]+):?~?\}")


def expand_sizes(
    rng: random.Random, text: str, values: dict[str, float], speech: Speech, *, pool: str, is_bare_ok: bool = True
) -> str:
    """Runs such as `{width} x {depth}` in one way of writing them: `60 x 40 mm`, `60mm by 40mm`, `60x40`."""

    def expanded(match: re.Match[str]) -> str:
        names = _ONE_SIZE.findall(match[0])
        between = rng.choice(phrases.SEPARATORS[pool]).replace("_", " ")
        units = {speech.unit_of(values[n.split("+")[0]]) for n in names}
        roll = rng.random()
        is_each = len(units) > 1 or roll < (0.7 if speech.word == '"' else 0.2)
        is_spaced = speech.is_fraction or (is_each and not (speech.is_tight and len(speech.word) <= 2))
        between = f" {between.strip()} " if is_spaced else between
        if is_each:
            return between.join("{" + n + ":u}" for n in names)
        is_bare = is_bare_ok and units == {Unit.MM} and (speech.is_bare or roll > 0.93)
        last = "n" if is_bare else "u"
        return between.join("{" + n + (":n}" if i < len(names) - 1 else f":{last}}}") for i, n in enumerate(names))

    return _SIZES.sub(expanded, text)


def dim_item(rng: random.Random, dim: Dim, form: str, *, pool: str) -> str:
    """A form with the dimension filled in."""
    if dim.is_pair and "<k>" not in form and "<a>" not in form:
        form = rng.choice(phrases.PAIR_ITEMS[pool])
    noun = rng.choice(dim.nouns)
    if " of " in noun and ("<n> of" in form or "<v> <n>" in form or "@a" in form):  # no `a length of the leg of 60 mm`
        noun = next((n for n in dim.nouns if " of " not in n), noun)
        form = form if " of " not in noun else "<n> <v>"
    if dim.kind == "count":
        return _count_item(dim, noun, form)
    if "<a>" in form and not dim.adjectives:
        form = "<v> <n>"
    if " in <n>" in form and " " in noun:
        form = "<n> of <v>"
    if form.startswith("<n>") and rng.random() < 0.12:
        noun, form = _abbreviated(rng, noun, form)
    if is_plural(noun):
        form = form.replace("@a ", "").replace(" is ", " are ")
    return (
        form.replace("<d>", dim.slot("d"))
        .replace("<v~>", dim.slot("~"))
        .replace("<v>", dim.slot())
        .replace("<n>", noun)
        .replace("<a>", rng.choice(dim.adjectives) if dim.adjectives else "")
        .replace("<k~>", dim.slot("~"))
        .replace("<k>", (" = " if "<k> =" in form else "=" if "<k>=" in form else " and ").join(dim.names))
    )


def _abbreviated(rng: random.Random, noun: str, form: str) -> tuple[str, str]:
    """`hole dia 5 mm`, `Ø5 mm`, `thk 3 mm`."""
    head, _, last = noun.rpartition(" ")
    short = rng.choice(phrases.ABBREVIATIONS.get(last, (last,)))
    return f"{head} {short}".strip(), "<n><d>" if short == "Ø" else form


def counted(dim: Dim) -> str | None:
    """What a count counts, in the plural: `teeth` for `number of teeth`, `steps` for `step count`."""
    for noun in dim.nouns:
        if noun.startswith("number of "):
            return noun.removeprefix("number of ")
        if is_plural(noun):
            return noun
        if noun.endswith(" count"):
            return noun.removesuffix(" count") + "s"
    return None


def _count_item(dim: Dim, noun: str, form: str) -> str:
    things = counted(dim)
    if "<c>" in form:
        if things and dim.value > 1:
            return form.replace("<c>", dim.slot("#")).replace("<p>", things)
        form = "<n>: <v>"
    for place in ("<v~>", "<k~>", "<v>"):
        form = form.replace(place, dim.slot())
    return form.replace("<n>", noun).replace("<k>", dim.names[0])


def letter_item(dim: Dim, form: str) -> str:
    return form.replace("<v~>", dim.slot("d")).replace("<v>", dim.slot("u")).replace("<L>", dim.letter or "")
