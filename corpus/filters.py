"""Filters of sources before any engine sees them: each answers True, or (False, reason).

Pure and cheap. Covers what no compile is worth and what a model must not learn from; what compiles badly is the
engine's to say. docs/cleaning.md lists the reason words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from corpus.language import is_openscad
from corpus.normalize import segments, tokens

__all__ = [
    "FILTERS",
    "MAX_LINE_CHARS",
    "MAX_LIST_NUMBERS",
    "MAX_SOURCE_CHARS",
    "MAX_TOKENS",
    "Verdict",
    "check_source",
    "has_short_lines",
    "has_statement",
    "is_readable",
    "is_short",
    "is_small",
    "is_text",
]

Verdict = Literal[True] | tuple[Literal[False], str]

MAX_SOURCE_CHARS = 100_000
"""A hand-written design has a few thousand; the longest of OpenSCAD's own examples 20 kB."""
MAX_TOKENS = 16_000
"""Of the language, without comments: some 25,000 of a language model, beyond any context we train with."""
MAX_LINE_CHARS = 1_000
"""Of code: longer is minified or generated. The longest of OpenSCAD's examples has 190."""
MAX_LIST_NUMBERS = 500
"""In one list literal: a traced outline or a lookup table. A hand-written polygon has 10 to 60."""
MAX_ENCODED_CHARS = 200
"""Without a blank, in a string or comment: base64 or a hex dump."""
MIN_TOKENS_OF_BLOB = 2_000
MAX_NUMBER_SHARE = 0.8
"""Numbers and commas among the tokens: a mesh pasted as polyhedron points has 0.95, a long hull of points 0.6."""
_NUMBER_OR_COMMA = re.compile(r"\.?\d.*|,|[\[\]\-]")
_NUMBER = re.compile(r"\.?\d.*")
_ENCODED = re.compile(rf"[A-Za-z0-9+/=_-]{{{MAX_ENCODED_CHARS},}}")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")


def is_text(scad: str) -> Verdict:
    """Refuses `binary`: control characters, or more than one undecodable character in a hundred."""
    if _CONTROL.search(scad) or scad.count("\ufffd") * 100 > len(scad):
        return False, "binary"
    return True


def is_small(scad: str) -> Verdict:
    """Refuses `too_big`."""
    return True if len(scad) <= MAX_SOURCE_CHARS else (False, "too_big")


def has_statement(scad: str) -> Verdict:
    """Refuses `empty`: nothing but comments and blanks, or includes alone."""
    words = [w for w in tokens(scad) if not re.match(r"(include|use)\s*<", w)]
    return True if set(words) - {";"} else (False, "empty")


def is_short(scad: str) -> Verdict:
    """Refuses `too_many_tokens`."""
    return True if len(tokens(scad)) <= MAX_TOKENS else (False, "too_many_tokens")


def is_readable(scad: str) -> Verdict:
    """Refuses `data_blob`: a mesh or height map written out as numbers, a long table, an encoded string."""
    words = tokens(scad)
    n_numbers = sum(1 for w in words if _NUMBER_OR_COMMA.fullmatch(w))
    is_mesh = len(words) >= MIN_TOKENS_OF_BLOB and n_numbers > MAX_NUMBER_SHARE * len(words)
    has_encoded = any(s.kind in ("string", "comment") and _has_encoded(s.text) for s in segments(scad))
    return (False, "data_blob") if is_mesh or has_encoded or _longest_list(words) > MAX_LIST_NUMBERS else True


def _has_encoded(text: str) -> bool:
    """A banner of equal signs is none: encoded data has letters and digits by turns."""
    return any(re.search("[A-Za-z]", m[0]) and re.search("[0-9]", m[0]) for m in _ENCODED.finditer(text))


def _longest_list(words: list[str]) -> int:
    """The numbers in the list literal that has most, with those of the lists in it."""
    most = depth = n_numbers = 0
    for word in words:
        if word == "[":
            n_numbers = 0 if depth == 0 else n_numbers
            depth += 1
        elif word == "]":
            depth = max(0, depth - 1)
            most = max(most, n_numbers)
        elif depth and _NUMBER.fullmatch(word):
            n_numbers += 1
    return most


def has_short_lines(scad: str) -> Verdict:
    """Refuses `long_line`: code of more than MAX_LINE_CHARS in one line. Not broken up: no formatter is at hand."""
    return (False, "long_line") if any(len(line) > MAX_LINE_CHARS for line in scad.split("\n")) else True


FILTERS: tuple[Callable[[str], Verdict], ...] = (
    *(is_text, is_small, has_statement, is_openscad, is_readable, is_short, has_short_lines),
)
"""Cheapest first; the first refusal counts."""


def check_source(scad: str) -> Verdict:
    """The verdict of all filters."""
    for accept in FILTERS:
        verdict = accept(scad)
        if verdict is not True:
            return verdict
    return True
