"""What a source itself says it draws: names of the modules that the drawing reaches, and the operations it uses.

Pure and total. Reads tokens, not a grammar: a module that stands under an `if` that never holds counts as reached.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from dataclasses import dataclass

from corpus.normalize import tokens
from corpus.words.vocabulary import word_set

__all__ = ["Drawing", "drawing_of"]

_NAME = re.compile(r"[A-Za-z_]\w*")
_BUILT_IN = word_set(
    "cube sphere cylinder polyhedron square circle polygon text union difference intersection hull minkowski "
    "linear_extrude rotate_extrude offset import surface projection"
)
_MAX_TOKENS = 200_000


@dataclass(frozen=True)
class Drawing:
    """What is drawn, as far as names tell."""

    modules: tuple[str, ...]
    """Modules of the source's own that are reached: those called at the top level first, each in order."""
    sole: str | None
    """The one module that the top level calls, if it calls it once and draws nothing beside or around it."""
    operations: tuple[tuple[str, int], ...]
    """(built-in, calls in reached text), most used first, then by name."""
    letterings: tuple[str, ...]
    """String literals that a reached `text(` draws."""

    def uses(self, operation: str) -> bool:
        """True if reached text calls it."""
        return any(name == operation for name, _ in self.operations)


def drawing_of(scad: str) -> Drawing:
    """The modules reached from the top level, and the built-ins called on the way."""
    bodies, top = _split(tokens(scad)[:_MAX_TOKENS])
    reached = dict.fromkeys(name for name in _calls(top) if name in bodies)
    sole = _sole(top, bodies)
    text, waiting = list(top), deque(reached)
    while waiting:
        body = bodies[waiting.popleft()]
        text += body
        new = dict.fromkeys(name for name in _calls(body) if name in bodies and name not in reached)
        reached |= new
        waiting.extend(new)
    counts = Counter(name for name in _calls(text) if name in _BUILT_IN)
    operations = tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    return Drawing(tuple(reached), sole, operations, _letterings(text))


def _sole(top: list[str], bodies: dict[str, list[str]]) -> str | None:
    calls = _calls(top)
    own = [name for name in calls if name in bodies]
    is_plain = not any(name in ("for", "intersection_for") or (name in _BUILT_IN and name != "union") for name in calls)
    return own[0] if len(own) == 1 and is_plain else None


def _split(stream: list[str]) -> tuple[dict[str, list[str]], list[str]]:
    """(body of every module by name, the tokens outside modules and functions)."""
    bodies: dict[str, list[str]] = {}
    top: list[str] = []
    at = 0
    while at < len(stream):
        word = stream[at]
        is_head = at + 2 < len(stream) and _NAME.fullmatch(stream[at + 1]) and stream[at + 2] == "("
        if word == "module" and is_head:
            begin = _after_brackets(stream, at + 2)
            end = _after_statement(stream, begin)
            bodies[stream[at + 1]] = stream[begin:end]
            at = end
        elif word == "function" and is_head:
            at = _after_statement(stream, at)
        else:
            top.append(word)
            at += 1
    return bodies, top


def _after_brackets(stream: list[str], at: int) -> int:
    depth = 0
    for index in range(at, len(stream)):
        depth += (stream[index] in "([") - (stream[index] in ")]")
        if depth == 0:
            return index + 1
    return len(stream)


def _after_statement(stream: list[str], at: int) -> int:
    """Past the `;` or the block that ends the statement beginning at `at`."""
    depth = 0
    for index in range(at, len(stream)):
        word = stream[index]
        if word in ("(", "[", "{"):
            depth += 1
        elif word in (")", "]", "}"):
            depth -= 1
            if depth == 0 and word == "}":
                return index + 1
        elif word == ";" and depth == 0:
            return index + 1
    return len(stream)


def _calls(stream: list[str]) -> list[str]:
    """Names with a bracket behind them; what `%` or `*` hides is not drawn."""
    found = []
    for before, word, after in zip(["", *stream], stream, [*stream[1:], ""], strict=False):
        if after == "(" and before not in ("%", "*") and _NAME.fullmatch(word):
            found.append(word)
    return found


def _letterings(stream: list[str]) -> tuple[str, ...]:
    found = [
        after[1:-1]
        for word, bracket, after in zip(stream, stream[1:], stream[2:], strict=False)
        if word == "text" and bracket == "(" and after.startswith('"')
    ]
    plain = [t for t in found if re.fullmatch(r"[A-Za-z0-9][\w .&!?+-]{0,23}", t, re.ASCII)]
    return tuple(dict.fromkeys(plain))
