"""Slips of typing: `heigth`, `widht`, a doubled or a missing letter.

Only letters of longer words change, never a number, a unit, a number word or a word that a slip turns into another
(`width` less a letter is `with`). Covers single slips; case and punctuation are the wording's.
"""

from __future__ import annotations

import random
import re

__all__ = ["misspell"]

_COMMON = {
    "height": ("heigth", "hight", "heigh"),
    "width": ("widht", "witdh"),
    "length": ("lenght", "lengh", "legnth"),
    "thickness": ("thickess", "thicknes", "thikness"),
    "diameter": ("diamater", "diametre", "dimeter", "diamter"),
    "cylinder": ("cilinder", "cyllinder"),
    "bracket": ("braket", "brackett"),
    "rectangular": ("rectangluar", "retangular"),
    "hole": ("hoel",),
    "holes": ("hoels", "holse"),
    "corner": ("coner", "cornor"),
    "corners": ("corers", "cornors"),
    "centered": ("centerd", "centred"),
    "middle": ("midle", "middel"),
    "mounting": ("moutning", "mouting"),
    "please": ("pls", "plz", "plese"),
    "square": ("sqaure", "squar"),
    "through": ("thru", "trough", "throught"),
    "should": ("shoud", "shuld"),
    "with": ("wiht", "whit", "w/"),
    "holder": ("holdr", "hodler"),
    "need": ("ned", "neeed"),
}
_PROTECTED = re.compile(
    r"(?:inch|milli|centi|degree|inner|outer|upper|lower|right|there|these|three|seven|eight|eleven|twelve|.*teen|.*ty$|"
    r"quarter|half|fifty|dozen|couple|width|depth|thick|edges?$|sides?$|sized?$|screws?$|slots?$|"
    r"thirds?$|quarters?$)"
)
_WORD = re.compile(r"(?<![\w@{}'_-])[a-z]{4,}(?![\w'{}_=-])")


def misspell(rng: random.Random, text: str) -> str:
    """The text with one word mistyped; as it is where no word may be."""
    words = [m for m in _WORD.finditer(text) if m[0] in _COMMON or (len(m[0]) > 5 and not _PROTECTED.match(m[0]))]
    if not words:
        return text
    word = rng.choice(words)
    slipped = rng.choice(_COMMON[word[0]]) if word[0] in _COMMON else _slip(rng, word[0])
    return text[: word.start()] + slipped + text[word.end() :]


def _slip(rng: random.Random, word: str) -> str:
    """One letter swapped, missing or doubled; the first and the last stay."""
    i = rng.randrange(1, len(word) - 2)
    kind = rng.randrange(3)
    if kind == 0 and word[i] != word[i + 1]:
        return word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    if kind == 1:
        return word[:i] + word[i + 1 :]
    return word[: i + 1] + word[i:]
