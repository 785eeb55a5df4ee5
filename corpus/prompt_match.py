"""Prompts that ask for the same in nearly the same words, found without comparing pairs.

Pure, and exact: what is over the threshold is found. Two prompts of 20 words or more match by their runs of five words;
two of up to 40 by their words, where they name the same numbers: in a short prompt another number is another part.
Covers words, not meaning: a paraphrase is another prompt.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

__all__ = ["PromptIndex", "numbers_of", "words_of"]

MIN_LONG_WORDS = 20
MAX_SHORT_WORDS = 40
"""Between the two a prompt is both, so that of 19 and 21 words, or 39 and 41, there is one way to compare."""
RUN_WORDS = 5

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_NUMBER_WORDS = {
    **{"zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6"},
    **{"seven": "7", "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12"},
}

_Unit = tuple[str, ...]
_Side = tuple[str, ...]
"""How two prompts are compared, and the numbers that they must share for it."""


def words_of(prompt: str) -> list[str]:
    """Words and numbers in order: lower case, no marks; `12.50` and `12,5` are 12.5, `three` is 3."""
    return [_plain(match[0].lower()) for match in _WORD.finditer(prompt)]


def numbers_of(words: Sequence[str]) -> tuple[str, ...]:
    """The numbers among the words, sorted."""
    return tuple(sorted(word for word in words if word[0].isdigit()))


class PromptIndex:
    """The prompts of one side, ready to be asked.

    Two sets of Jaccard t or more share one of the first (1 - t) n + 1 members of each, in any order of all members:
    in the order of rarity few others share it (Chaudhuri, Ganti and Kaushik, "A primitive operator for similarity
    joins in data cleaning", ICDE 2006).
    """

    def __init__(self, prompts: Sequence[str], *, threshold: float) -> None:
        if not 0 < threshold <= 1:
            raise ValueError(f"threshold {threshold} is not in (0, 1]")
        self._threshold = threshold
        self._sets = [_views(words_of(prompt)) for prompt in prompts]
        self._n_with = Counter(unit for views in self._sets for units in views.values() for unit in units)
        self._places: dict[tuple[_Side, _Unit], list[int]] = defaultdict(list)
        for i, views in enumerate(self._sets):
            for side, units in views.items():
                for unit in self._prefix(units):
                    self._places[side, unit].append(i)

    def best(self, prompt: str) -> tuple[int, float] | None:
        """The first of the prompts most like this one, and the similarity; None if none reaches the threshold."""
        found: tuple[int, float] | None = None
        for side, units in _views(words_of(prompt)).items():
            candidates = {i for unit in self._prefix(units) for i in self._places.get((side, unit), ())}
            for i in sorted(candidates):
                other = self._sets[i][side]
                n_shared = len(units & other)
                similarity = n_shared / (len(units) + len(other) - n_shared)
                if similarity >= self._threshold and (found is None or (-similarity, i) < (-found[1], found[0])):
                    found = i, similarity
        return found

    def _prefix(self, units: frozenset[_Unit]) -> list[_Unit]:
        """The rarest members, enough of them that no partner shares none."""
        # t n rounded up must be shared at least; the small term keeps 0.7 * 10 from being 8
        n_shared = -int(-(self._threshold * len(units) - 1e-9) // 1)
        return sorted(units, key=lambda unit: (self._n_with[unit], unit))[: len(units) - max(n_shared, 1) + 1]


def _views(words: Sequence[str]) -> dict[_Side, frozenset[_Unit]]:
    """What to compare: the set of words beside their numbers, the set of runs of five, or both."""
    views: dict[_Side, frozenset[_Unit]] = {}
    if len(words) <= MAX_SHORT_WORDS:
        views["words", *numbers_of(words)] = frozenset((word,) for word in words)
    if len(words) >= MIN_LONG_WORDS:
        views[("runs",)] = frozenset(tuple(words[i : i + RUN_WORDS]) for i in range(len(words) - RUN_WORDS + 1))
    return views


def _plain(word: str) -> str:
    if not word[0].isdigit():
        return _NUMBER_WORDS.get(word, word)
    whole, _, rest = word.replace(",", ".").partition(".")
    fraction = rest.rstrip("0")
    return f"{whole.lstrip('0') or '0'}.{fraction}" if fraction else whole.lstrip("0") or "0"
