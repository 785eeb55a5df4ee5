"""Puts a draft into words: a prompt in one wording pool, and the order in which it mentions the parameters.

The grammar composes frame, noun, dimensions and attachments, each from its pool; only glue (`with`, `and`,
commas) is shared by the pools. Numbers stay placeholders until the end, so mention order is read off the text.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from corpus.starter import phrases
from corpus.starter.part import Draft, Family, Words
from corpus.starter.source import format_number

__all__ = ["NUMBER_WORDS", "word_prompt"]

NUMBER_WORDS = (
    "zero", "one", "two", "three", "four", "five", "six",
    "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip

_SLOT = re.compile(r"\{(\w+)(#?)\}")
_ARTICLE = re.compile(r"@a (\S+)")
_FRONT = frozenset(("wide", "deep", "long", "tall", "high", "thick"))
"""Adjectives that may stand before a noun: `a 60 mm wide plate`, but not `a 60 mm across disc`."""
_PLURALS = ("stairs", "steps")
_AN = re.compile(r"(?:[aeio]|u[np](?!i)|8|1[18](?!\d)|[LX](?![a-z])|O-|OD)", re.IGNORECASE)


def word_prompt(rng: random.Random, family: Family, draft: Draft, pool: str) -> tuple[str, tuple[str, ...]]:
    """(prompt, parameters in mention order)."""
    phrase = _phrase(rng, family, draft, pool).replace("@N", rng.choice(family.nouns[pool]))
    if rng.random() < 0.15:
        phrase = phrase.removeprefix("@a ")
    text = rng.choice(phrases.FRAMES[pool]).replace("@X", phrase)
    order = tuple(dict.fromkeys(name for name, _ in _SLOT.findall(text)))
    return _finish(rng, _fill(rng, text, draft)), order


def _phrase(rng: random.Random, family: Family, draft: Draft, pool: str) -> str:
    """The part as a noun phrase, numbers as placeholders."""
    if rng.random() < 0.12 and not draft.derived:
        return _sheet(rng, family, draft, pool)
    compact = draft.compact or family.compact
    core = list(draft.core)
    roll = rng.random()
    if compact is not None and (roll < 0.55 or not core):
        return _attach(rng, rng.choice(compact[pool]), draft, pool)
    if not core:
        return _attach(rng, "@a @N", draft, pool)
    if rng.random() < 0.35:
        rng.shuffle(core)
    if roll > 0.85:
        first = _words(family, core[0])
        form = rng.choice(phrases.PREFIX_FORMS[pool])
        head = form.format(
            v="{" + core[0] + "}", a=rng.choice([a for a in first.adjectives if a in _FRONT] or first.nouns)
        )
        core = core[1:]
    else:
        head = "@a @N"
    if not core:
        return _attach(rng, head, draft, pool)
    is_adjective = rng.random() < 0.5
    dims = _list(rng, family, core, pool, is_adjective=is_adjective)
    if draft.attachments and rng.random() < 0.2:
        return _attach(rng, head, draft, pool) + rng.choice((", ", ": ", "; ")) + dims
    if is_adjective:
        return _attach(rng, head + rng.choice((", ", " ", ", ", " that is ")) + dims, draft, pool)
    glue = rng.choice((" with ", ", ", " with ", ": ", " "))
    return _attach(rng, head + glue + dims, draft, pool, has_with=glue == " with ")


def _words(family: Family, name: str) -> Words:
    found = family.words.get(name) or phrases.WORDS.get(name)
    return found or Words((name.replace("_", " "),))


def _list(rng: random.Random, family: Family, names: Sequence[str], pool: str, *, is_adjective: bool) -> str:
    """Every named dimension with its number: `60 mm wide, 40 mm deep and 3 mm thick`."""
    forms = (phrases.ADJECTIVE_FORMS if is_adjective else phrases.NOUN_FORMS)[pool]
    form = rng.choice(forms)
    if "{L}" in form and any(_words(family, name).letter is None for name in names):
        form = "{n} {v}"
    items = []
    for name in names:
        words = _words(family, name)
        if name in phrases.COUNTS:
            items.append(rng.choice(words.nouns) + " {" + name + "}")
            continue
        own = form.replace("{a}", "{n}") if is_adjective and not words.adjectives else form
        adjective = rng.choice(words.adjectives) if words.adjectives else ""
        items.append(own.format(v="{" + name + "}", n=rng.choice(words.nouns), a=adjective, L=words.letter))
    return _join(items, rng.choice((" and ", ", ", " and ", ", and ")))


def _join(items: Sequence[str], last: str) -> str:
    return last.join((", ".join(items[:-1]), items[-1])) if len(items) > 1 else items[0]


def _attach(rng: random.Random, text: str, draft: Draft, pool: str, *, has_with: bool = False) -> str:
    """The phrase with its attachments mentioned, in any order."""
    if not draft.attachments:
        return text
    items = [rng.choice(a.phrases[pool]) for a in draft.attachments]
    if rng.random() < 0.3:
        rng.shuffle(items)
    glue = (
        (" and ", ", ", " plus ")
        if has_with or " with " in text
        else (" with ", " with ", ", with ", " that has ", " having ", ", ")
    )
    return text + rng.choice(glue) + _join(items, rng.choice((" and ", ", ", " and ", " plus ")))


def _sheet(rng: random.Random, family: Family, draft: Draft, pool: str) -> str:
    """Spec-sheet style: names of the features first, then every number by the name of its dimension."""
    labels = [a.label for a in draft.attachments if a.label]
    title = "@N with " + " and ".join(labels) if labels else "@N"
    names = list(draft.params)
    if rng.random() < 0.3:
        rng.shuffle(names)
    dims = _list(rng, family, names, pool, is_adjective=False)
    return rng.choice(phrases.SHEETS[pool]).replace("@T", title).replace("@D", dims)


def _fill(rng: random.Random, text: str, draft: Draft) -> str:
    """The text with its numbers and articles; a count may become a word."""

    def number(match: re.Match[str]) -> str:
        value = draft.params[match[1]]
        if match[2] and value == int(value) and value < len(NUMBER_WORDS) and rng.random() < 0.5:
            return NUMBER_WORDS[int(value)]
        return format_number(value)

    def article(match: re.Match[str]) -> str:
        if match[1].startswith(_PLURALS):
            return match[1]
        return f"{'an' if _AN.match(match[1]) else 'a'} {match[1]}"

    return _ARTICLE.sub(article, _SLOT.sub(number, text))


def _finish(rng: random.Random, text: str) -> str:
    """Small habits of spelling: `60mm`, a capital, a full stop."""
    if rng.random() < 0.2:
        text = re.sub(r"(\d) mm\b", r"\1mm", text)
    if rng.random() < 0.45:
        text = text[0].upper() + text[1:]
    if text[-1] not in "?.)" and rng.random() < 0.25:
        text += "."
    return text
