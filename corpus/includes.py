"""The files a source names: include, use, import and surface, with literal targets.

Pure. Covers what stands in the text; a target computed at run time is not found.
"""

from __future__ import annotations

import re

from corpus.normalize import tokens
from corpus.schema import Include

__all__ = ["find_includes"]

_INCLUDE = re.compile(r"(include|use)\s*<([^<>\n]*)>")
_LOADERS = ("import", "surface")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def find_includes(scad: str) -> tuple[Include, ...]:
    """Every file named, each once, in the order of the text; nothing in comments or strings counts."""
    found: dict[Include, None] = {}
    words = tokens(scad)
    for i, word in enumerate(words):
        if match := _INCLUDE.fullmatch(word):
            found[Include(match[1], match[2].strip())] = None
        elif word in _LOADERS and words[i + 1 : i + 2] == ["("]:
            target = _file_argument(words, i + 2)
            if target is not None:
                found[Include(word, target)] = None
    return tuple(include for include in found if include.target)


def _file_argument(words: list[str], start: int) -> str | None:
    """The literal `file` of a call: the first positional string, or `file = "…"` anywhere among the arguments."""
    depth = 1
    for i in range(start, len(words)):
        word = words[i]
        depth += (word in "([{") - (word in ")]}")
        if depth == 0:
            return None
        if depth == 1 and word.startswith('"') and (i == start or words[i - 2 : i] == ["file", "="]):
            return _ESCAPE.sub(r"\1", word.strip('"'))
    return None
