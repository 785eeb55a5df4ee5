"""The comment after a parameter that chooses its widget: `// [0:0.5:10]`, `// [a, b]`, `// [1:Small, 2:Big]`, `// 5`.

Pure; what the widget means for a number, a text or a vector is `render.customizer`'s business.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

__all__ = ["NUMBER", "Choices", "Range", "read_widget"]

_TOKEN = re.compile(r'(?P<string>"[^"\\]*+(?:\\.[^"\\]*+)*+")|(?P<mark>[\[\],:])|(?P<word>[^ \t()\[\],:"]+)|(?P<bad>")')
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_NAMED_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True)
class Range:
    """A slider."""

    minimum: float
    maximum: float
    step: float = 1.0


@dataclass(frozen=True)
class Choices:
    """A drop-down list, or `[5]`, which is a slider from 0 for numbers and nothing for texts."""

    pairs: tuple[tuple[float | str, str], ...]
    """Value and label."""
    maximum: float | None = None


def read_widget(comment: str) -> float | Range | Choices | None:
    """What the text after `//` asks for; None for prose and for anything that OpenSCAD's own grammar refuses."""
    tokens: list[tuple[str, str]] = []
    for match in _TOKEN.finditer(comment):
        if match["bad"]:  # at once: each further quote would be looked for to the end of the line
            return None
        tokens.append((match.lastgroup or "", match[0]))
    if tokens[:1] != [("mark", "[")]:
        value = _value(tokens)
        return value if isinstance(value, float) else None
    if tokens[-1] != ("mark", "]") or any(token in (("mark", "["), ("mark", "]")) for token in tokens[1:-1]):
        return None
    items = [[_value(part) for part in _split(item, ":")] for item in _split(tokens[1:-1], ",")]
    if any(part is None for item in items for part in item):
        return None
    return _slider_or_list(items)


def _slider_or_list(items: list[list[float | str | None]]) -> Range | Choices | None:
    if len(items) == 1 and len(items[0]) in (2, 3):
        numbers = [part for part in items[0] if isinstance(part, float)]
        if len(numbers) == len(items[0]):
            return Range(numbers[0], numbers[-1], numbers[1] if len(numbers) == 3 else 1.0)
    pairs: list[tuple[float | str, str]] = []
    for item in items:
        value, label = item[0], item[-1]
        if len(item) > 2 or value is None:
            return None
        pairs.append((value, label if isinstance(label, str) else f"{label:g}"))
    is_maximum = len(items) == 1 and len(items[0]) == 1 and isinstance(items[0][0], float)
    return Choices(tuple(pairs), pairs[0][0] if is_maximum and isinstance(pairs[0][0], float) else None)


def _split(tokens: list[tuple[str, str]], mark: str) -> list[list[tuple[str, str]]]:
    parts: list[list[tuple[str, str]]] = [[]]
    for token in tokens:
        if token == ("mark", mark):
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _value(tokens: list[tuple[str, str]]) -> float | str | None:
    """A number, or words joined by one blank; None for nothing, a number with words after it, or a mark."""
    if not tokens or any(kind == "mark" for kind, _ in tokens):
        return None
    kind, text = tokens[0]
    if kind == "word" and NUMBER.fullmatch(text):
        number = float(text)
        return number if len(tokens) == 1 and math.isfinite(number) else None
    return " ".join(_unquoted(word) if kind == "string" else word for kind, word in tokens)


def _unquoted(literal: str) -> str:
    return _ESCAPE.sub(lambda match: _NAMED_ESCAPES.get(match[1], match[1]), literal[1:-1])
