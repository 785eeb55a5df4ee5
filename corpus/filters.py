"""Filters of sources before any engine sees them: each answers True, or (False, reason).

Pure and cheap. Covers what no compile is worth; what compiles badly is the engine's to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from corpus.normalize import tokens

__all__ = [
    "FILTERS",
    "MAX_SOURCE_CHARS",
    "Verdict",
    "check_source",
    "has_statement",
    "is_readable",
    "is_small",
    "is_text",
]

Verdict = Literal[True] | tuple[Literal[False], str]

MAX_SOURCE_CHARS = 100_000
"""A hand-written design has a few thousand; the longest of OpenSCAD's own examples 20 kB."""
MIN_TOKENS_OF_BLOB = 2_000
MAX_NUMBER_SHARE = 0.8
"""Numbers and commas among the tokens: a mesh pasted as polyhedron points has 0.95, a long hull of points 0.6."""
_NUMBER_OR_COMMA = re.compile(r"\.?\d.*|,|[\[\]\-]")
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


def is_readable(scad: str) -> Verdict:
    """Refuses `data_blob`: a mesh or height map written out as numbers."""
    words = tokens(scad)
    if len(words) < MIN_TOKENS_OF_BLOB:
        return True
    n_numbers = sum(1 for w in words if _NUMBER_OR_COMMA.fullmatch(w))
    return True if n_numbers <= MAX_NUMBER_SHARE * len(words) else (False, "data_blob")


FILTERS: tuple[Callable[[str], Verdict], ...] = (is_text, is_small, has_statement, is_readable)
"""Cheapest first; the first refusal counts."""


def check_source(scad: str) -> Verdict:
    """The verdict of all filters."""
    for accept in FILTERS:
        verdict = accept(scad)
        if verdict is not True:
            return verdict
    return True
