"""What every change of a part is made of: the state of a conversation, a request's words, what a number is called.

A number may be named only by a noun or an adjective that no other number of the part goes by, so that a request means
one thing. Covers the terms; the changes are `corpus.synth.edit_sizes`' and `corpus.synth.edit_features`'.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from corpus.synth.dimensions_said import expand_sizes, own_dims, square_side
from corpus.synth.draw import Draw, Infeasible, Unit
from corpus.synth.edit_words import COMPARATIVES, EDIT_WORDS, OPPOSITES, POLITE, POLITE_VERB, VERBS
from corpus.synth.families import FAMILIES
from corpus.synth.features_said import feature_dims
from corpus.synth.layout import Layout
from corpus.synth.numbers_said import SLOT, draw_speech, fit_articles, say_slots
from corpus.synth.part import Draft, Param, Plan
from corpus.synth.words import Measure

__all__ = [
    "Edit",
    "State",
    "Term",
    "feature_name",
    "full_order",
    "length_param",
    "polite",
    "say",
    "terms_of",
    "words_of",
]

_LENGTH = Measure(("length",))
_PREPOSITION = re.compile(r" (?:of|from|between|in|on|at|along|across|to|for|above|below|over|that|without|each)\b")
_GROUP = re.compile(r"^(?:two|pair|ring|row|column|grid)\b")


@dataclass(frozen=True)
class State:
    """A part as it stands in a conversation."""

    plan: Plan
    layout: Layout
    order: tuple[str, ...]
    """All its parameters, in the order that the source has them."""
    unit: Unit


@dataclass(frozen=True)
class Edit:
    kind: str
    request: str
    state: State
    """Afterwards."""
    is_exact: bool = True
    """False where the request leaves the number open: then only its direction can be held against an answer."""


@dataclass(frozen=True)
class Term:
    """A number of a part with the words that mean it alone."""

    param: Param
    nouns: tuple[str, ...]
    adjectives: tuple[str, ...]
    is_own: bool
    """The base's, not a feature's."""
    is_plain: bool
    """Said like a side of the part: `width`, `tall`."""


_SIDES = frozenset({"width", "depth", "length", "height", "thickness"})


def terms_of(draft: Draft) -> list[Term]:
    """Every length and angle that can be asked for by name; places (`x`, `y`) can be moved only."""
    family = FAMILIES[draft.plan.family]
    params = {p.name: p for p in draft.params}
    places = {f"{m.use.prefix}{axis}" for m in draft.mentions for axis in ("x", "y")}
    dims = [(dim, True) for dim in own_dims(draft, family)]
    dims += [(dim, False) for i in range(len(draft.mentions)) for dim in feature_dims(draft, i)]
    n_called = Counter(noun for dim, _ in dims for noun in dim.nouns)
    side = square_side(draft, family)
    found = []
    for dim, is_own in dims:
        param = params[dim.names[0]]
        if param.name in places or param.value <= 0 or param.measure.kind not in ("length", "angle"):
            continue
        nouns, adjectives = tuple(n for n in dim.nouns if n_called[n] == 1), dim.adjectives
        if param.name == side:  # one number for two sides: to widen it alone would be another part
            nouns, adjectives = ("side length",), ()
        if nouns:
            is_plain = is_own and param.name != side and (nouns[0] in _SIDES or bool(adjectives))
            found.append(Term(param, nouns, adjectives, is_own, is_plain))
    return found


def words_of(draw: Draw, term: Term) -> dict[str, str]:
    """What the templates may call a number: `n` and `N` its noun (`N` a short one), `a` and `s` its adjective (`s`
    one that can follow `twice as`), `more` and `less`; `flip` its opposite."""
    noun = draw.choice(term.nouns)
    adjective = draw.choice(term.adjectives) if term.adjectives else ""
    more, less = COMPARATIVES.get(adjective, ("", ""))
    return {
        "n": noun,
        "N": "" if _PREPOSITION.search(noun) else noun,
        "a": adjective,
        "s": adjective if more else "",
        "more": more,
        "less": less,
        "flip": OPPOSITES.get(adjective, ""),
    }


def length_param(value: float) -> Param:
    """A length to be said that is no parameter: a step, a difference."""
    return Param("", value, _LENGTH)


def say(
    draw: Draw,
    kind: str,
    pool: str,
    words: Mapping[str, str] = MappingProxyType({}),
    numbers: Mapping[str, Param] = MappingProxyType({}),
) -> str:
    """A template of the kind whose slots are all known, filled. A slot in `numbers` is said with its unit.

    `{phrase}` among `words` is a template itself, its slots also in `numbers`.
    """
    known = set(numbers) | {name for name, word in words.items() if word}
    fitting = [t for t in EDIT_WORDS[kind][pool] if {name for name, _ in SLOT.findall(t)} <= known]
    if not fitting:
        raise Infeasible(f"{kind}: no words")
    speech = replace(draw_speech(draw.rng, draw.unit, is_british=draw.chance(0.25)), is_bare=False)
    text = draw.choice(fitting)
    text = SLOT.sub(lambda m: say_slots(draw.rng, m[0], numbers, speech) if m[1] in numbers else m[0], text)
    for slot, word in words.items():
        text = text.replace("{" + slot + "}", word)
    text = expand_sizes(draw.rng, text, {name: p.value for name, p in numbers.items()}, speech, pool=pool)
    return fit_articles(say_slots(draw.rng, text, numbers, speech))


def polite(draw: Draw, pool: str, request: str) -> str:
    """The request with what people say around it, and a capital or a full stop now and then."""
    frames = POLITE[pool]
    if request.split()[0] in VERBS and "please" not in request and not request.endswith("?"):
        frames = (*frames, *POLITE_VERB[pool])
    text = draw.choice(frames).replace("@", request)
    if draw.chance(0.4):
        text = text[0].upper() + text[1:]
    if text[-1] not in "?.!" and draw.chance(0.2):
        text += "."
    return text


def full_order(draft: Draft, order: tuple[str, ...]) -> tuple[str, ...]:
    """All parameters of a draft: those in `order` first, the others as they come."""
    places = {name: i for i, name in enumerate(order)}
    return tuple(sorted((p.name for p in draft.params), key=lambda name: places.get(name, len(places))))


def feature_name(draw: Draw, draft: Draft, index: int) -> dict[str, str]:
    """`label`: what tells a feature from the others; `bare`, the same where `no …` can go before it.

    Raises Infeasible where its label names another too.
    """
    labels = [m.feature.label for m in draft.mentions]
    label = labels[index]
    if labels.count(label) > 1:
        raise Infeasible(f"{label!r} names two features")
    short = re.split(r" (?:near|in|on|at|with|for)\b", label)[0].split()[-1]
    family = FAMILIES[draft.plan.family]
    others = [*labels[:index], *labels[index + 1 :], family.title]
    others += [noun for measure in family.measures.values() for noun in measure.nouns]
    if not any(short.rstrip("s") in other for other in others) and draw.chance(0.5):
        label = short
    return {"label": label, "bare": "" if _GROUP.match(label) else label}
