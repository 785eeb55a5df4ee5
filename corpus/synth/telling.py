"""The noun phrase at the heart of a request: its head, its dimensions, what comes after `with`; all as templates.

Covers phrases; whole requests are `corpus.synth.styles`'.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.synth import phrases
from corpus.synth.dimensions_said import Dim, dim_item, leading_sizes, letter_item, paired, square_side
from corpus.synth.features_said import feature_text, fitting, vague_feature
from corpus.synth.numbers_said import SLOT, Speech, is_plural
from corpus.synth.part import Draft, Family
from corpus.synth.words import Pools

__all__ = [
    "Telling",
    "adjective_list",
    "attached",
    "framed",
    "glued",
    "head_of",
    "joined",
    "letters_of",
    "noun_phrase",
    "order_of",
    "prefixed",
    "with_item",
    "with_noun",
]


@dataclass(frozen=True)
class Telling:
    """What the styles need to tell one draft."""

    rng: random.Random
    draft: Draft
    family: Family
    pool: str
    speech: Speech
    noun: str
    """A template: a family's noun may have slots."""
    dims: tuple[Dim, ...]

    def pick(self, choices: Pools) -> str:
        return self.rng.choice(choices[self.pool])

    def chance(self, p: float) -> bool:
        return self.rng.random() < p

    def fitting(self, choices: Pools | None) -> list[str]:
        """The templates of the pool whose slots the draft has."""
        if choices is None:
            return []
        present = {p.name for p in self.draft.params}
        side = square_side(self.draft, self.family)
        texts = choices.get(self.pool, ())
        if side is not None:  # one number for two sides: `{width} x {depth}` is `{width} x {width}`
            absent = [n for n in ("width", "depth", "length") if n in self.family.measures and n not in present]
            for name in absent:
                texts = tuple(t.replace("{" + name + "}", "{" + side + "}") for t in texts)
        return fitting(texts, present, dict(self.draft.plan.options))

    def features(self) -> list[str]:
        found = [feature_text(self.rng, self.draft, i, pool=self.pool) for i in range(len(self.draft.mentions))]
        if self.chance(0.3):
            self.rng.shuffle(found)
        return found

    def vague_features(self) -> list[str]:
        return [vague_feature(self.rng, self.draft, i, pool=self.pool) for i in range(len(self.draft.mentions))]


def order_of(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for names, _ in SLOT.findall(text) for name in names.split("+")))


def with_noun(t: Telling, text: str, *, noun: str = "") -> str:
    noun = noun or t.noun
    if is_plural(noun):
        text = re.sub(r"@a (?=(?:\S+ ){0,8}@N)", "", text, count=1)
    return text.replace("@N", noun)


def head_of(t: Telling, *, is_plain: bool = False) -> tuple[str, list[Dim]]:
    """The noun phrase's beginning, `@N` still open, and the dimensions left to state."""
    dims = list(t.dims)
    side = square_side(t.draft, t.family)
    compact = t.fitting(t.family.compact)
    sizes = leading_sizes(t.draft, dims)
    roll = t.rng.random()
    if side is not None:
        if compact and roll < 0.35:
            text = t.rng.choice(compact)
        else:
            text = t.pick(phrases.SQUARES)
            if "square" in t.noun:
                text = text.replace("square ", "", 1)
            text = text.replace("<v>", "{" + side + "}").replace("<p>", "{" + side + ":p}")
    elif is_plain:
        text = "@a @N"
    elif compact and roll < 0.3:
        text = t.rng.choice(compact)
    elif len(sizes) > 1 and roll < 0.55:
        text = _sized(t, sizes)
    elif roll < 0.75:
        text = prefixed(t, dims)
    else:
        text = "@a @N"
    told = set(order_of(text))
    return text, [d for d in dims if d.names[0] not in told]


def _sized(t: Telling, sizes: Sequence[Dim]) -> str:
    """`a 60 x 40 mm plate`, `a 40 mm square plate`."""
    is_square = sizes[0].value == sizes[1].value and {d.names[0] for d in sizes[:2]} != {"width", "height"}
    if is_square and sizes[1].names[0] in ("depth", "length", "width") and t.chance(0.5):
        both = Dim((sizes[0].names[0], sizes[1].names[0]), ("side",), (), "length", sizes[0].value)
        text = t.pick(phrases.SQUARES)
        if "square" in t.noun:
            text = text.replace("square ", "", 1)
        return text.replace("<v>", both.slot()).replace("<p>", both.slot("p"))
    n = 2 if len(sizes) == 2 or t.chance(0.3) else 3
    return t.pick(phrases.SIZE_PLACES).replace("@S", " x ".join(d.slot() for d in sizes[:n]))


def prefixed(t: Telling, dims: Sequence[Dim]) -> str:
    """`a 60 mm wide, 3 mm thick plate`, `a 40 mm diameter disc`."""
    able = [d for d in dims if d.adjectives and " " not in d.adjectives[0]]
    if t.chance(0.35):
        t.rng.shuffle(able)
    n = min(len(able), t.rng.choice((1, 1, 1, 2, 2, 3)))
    items = [f"{d.slot('p')} {t.rng.choice([a for a in d.adjectives if ' ' not in a])}" for d in able[:n]]
    if not items:
        items = [f"{d.slot('p')} diameter" for d in dims if d.nouns[0] == "diameter"][:1]
    if not items:
        return "@a @N"
    glue = " and " if t.pool == "held_out" else ", " if t.chance(0.8) else " "
    return f"@a {glue.join(items)} @N"


def glued(text: str, glue: str, rest: str) -> str:
    if glue == "_":
        return f"{text} {rest}"
    if glue[0] in ",:;":
        text = text.removesuffix(",")
    return f"{text}{'' if glue[0] in ',:;' else ' '}{glue} {rest}"


def joined(rng: random.Random, items: Sequence[str]) -> str:
    if len(items) == 1:
        return items[0]
    last = rng.choice((" and ", " and ", " and ", ", ", ", and "))
    if any(" and " in item for item in items):
        last = rng.choice((", and ", ", ", ", plus " if items[-1].startswith(("a ", "@a ")) else ", "))
    return ", ".join(items[:-1]) + last + items[-1]


def adjective_list(t: Telling, dims: Sequence[Dim]) -> str:
    form = t.pick(phrases.ADJECTIVES)
    return joined(t.rng, [dim_item(t.rng, d, "<v~> <a>" if i else form, pool=t.pool) for i, d in enumerate(dims)])


def _noun_list(t: Telling, dims: Sequence[Dim]) -> str:
    form = t.pick(phrases.LIST_ITEMS)
    if t.chance(0.25):
        items = [_noun_item(t, d, t.pick(phrases.LIST_ITEMS)) for d in dims]
    else:
        items = [_noun_item(t, d, form) for d in dims]
    return joined(t.rng, items)


def _noun_item(t: Telling, dim: Dim, form: str) -> str:
    return dim_item(t.rng, dim, t.pick(phrases.COUNT_ITEMS) if dim.kind == "count" else form, pool=t.pool)


def with_item(t: Telling, dim: Dim) -> str:
    return dim_item(t.rng, dim, t.pick(phrases.COUNT_ITEMS if dim.kind == "count" else phrases.WITH_ITEMS), pool=t.pool)


def framed(t: Telling, text: str) -> str:
    """The part in a frame; one that says more after the part only where the part is short."""
    frame = t.pick(phrases.FRAMES)
    while len(text) > 80 and not frame.rstrip("?").endswith("@X"):
        frame = t.pick(phrases.FRAMES)
    return frame.replace("@X", text)


def attached(t: Telling, text: str, items: Sequence[str]) -> str:
    """The text with what comes after `with`."""
    if not items:
        return text
    glue = t.pick(phrases.MORE_GLUE if re.search(r"\b(?:with|having|has)\b", text) else phrases.FEATURE_GLUE)
    if glue == "," and "{" not in text:  # `a plate, a hole` is two things
        glue = "with"
    return glued(text, glue, joined(t.rng, items))


def letters_of(t: Telling, dims: Sequence[Dim]) -> str | None:
    """`W60 H20`, where every dimension left has a letter."""
    if any(d.letter is None for d in dims) or not dims:
        return None
    form = t.pick(phrases.LETTER_ITEMS)
    return t.rng.choice((" ", ", ", " x ")).join(letter_item(d, form) for d in dims)


def noun_phrase(t: Telling) -> str:
    """The whole part in one phrase."""
    head, left = head_of(t)
    if "@N" in head and t.family.purposes and head.endswith("@N") and t.chance(0.06):
        purposes = t.fitting(t.family.purposes)
        head += f" {t.rng.choice(purposes)}," if purposes else ""
    text = with_noun(t, head)
    left = paired(t.rng, left)
    if t.chance(0.3):
        t.rng.shuffle(left)
    features = t.features()
    if not left:
        return attached(t, text, features).removesuffix(",")
    roll = t.rng.random()
    letters = letters_of(t, left)
    if letters and roll < 0.12:
        return attached(t, glued(text, t.rng.choice((",", "_", ":")), letters), features)
    is_late = bool(features) and t.chance(0.2)
    if is_late:
        text = attached(t, text, features)
        features = []
    if roll < 0.38:
        glue = t.pick(phrases.LIST_GLUE)
        if is_late and (" with " in text or glue == "_"):
            glue = ","
        if glue in ("with", "having"):
            text = glued(text, glue, joined(t.rng, [with_item(t, d) for d in left]))
        else:
            text = glued(text, glue, _noun_list(t, left))
        return attached(t, text, features)
    adjective = [d for d in left if d.adjectives]
    others = [d for d in left if not d.adjectives]
    if adjective:
        glue = "," if is_late else t.pick(phrases.ADJECTIVE_GLUE)
        glue = "," if glue == "_" and text.endswith("}") else glue
        text = glued(text, glue, adjective_list(t, adjective))
    items = [with_item(t, d) for d in others] + features
    if t.chance(0.25):
        t.rng.shuffle(items)
    return attached(t, text, items)
