"""The top-level statements of a source: definitions, assignments, includes and geometry, each with its comments.

Pure, total, linear. It splits by brackets and semicolons and reads no expression. A source whose brackets don't match
has no statements. Renaming follows OpenSCAD's scopes as far as they are certain, and gives up beyond.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from corpus.normalize import Lexeme, lexemes

__all__ = ["Statement", "StatementKind", "bound_names", "is_name", "rename_variables", "split_statements"]

_NAME = re.compile(r"\$?[A-Za-z_]\w*|\d+[A-Za-z_]\w*", re.ASCII)
_TARGET = re.compile(r"(include|use)\s*<([^<>\n]*)>")
_BINDERS = ("let", "for", "intersection_for", "assign")
_CLOSES = {")": "(", "]": "[", "}": "{"}


class StatementKind(StrEnum):
    """What a statement does; an empty one is geometry of nothing."""

    MODULE = "module"
    FUNCTION = "function"
    ASSIGNMENT = "assignment"
    INCLUDE = "include"
    USE = "use"
    GEOMETRY = "geometry"


@dataclass(frozen=True)
class Statement:
    kind: StatementKind
    name: str
    """What it defines or assigns, or the file it names; empty for geometry."""
    text: str
    """With the comments before it and one on its last line; all texts joined are the source without its tail."""
    words: tuple[str, ...]
    """Its tokens, without comments."""


def is_name(word: str) -> bool:
    """True for an identifier, special variables and keywords included."""
    return _NAME.fullmatch(word) is not None


def split_statements(scad: str) -> tuple[list[Statement], str] | None:
    """The statements, and the comments after the last one; None where brackets don't match or the end is missing."""
    words = lexemes(scad)
    ends = _ends(words)
    if ends is None:
        return None
    statements: list[Statement] = []
    start = first = 0
    for last in ends:
        end = _after_comment(scad, words, last)
        texts = tuple(word.text for word in words[first : last + 1])
        kind, name = _kind(texts)
        statements.append(Statement(kind, name, scad[start:end], texts))
        start, first = end, last + 1
    return statements, scad[start:]


def _ends(words: Sequence[Lexeme]) -> list[int] | None:
    """The place of each statement's last token; None for brackets that don't match, or a last statement cut off."""
    opened: list[str] = []
    ends: list[int] = []
    for at, (word, _) in enumerate(words):
        if word in ("(", "[", "{"):
            opened.append(word)
        elif word in _CLOSES:
            if not opened or opened.pop() != _CLOSES[word]:
                return None
            following = words[at + 1].text if at + 1 < len(words) else ""
            if word == "}" and not opened and following not in ("else", ";"):
                ends.append(at)
        elif not opened and (word == ";" or _TARGET.fullmatch(word)) and not _is_before_else(words, at):
            ends.append(at)
    is_whole = not opened and (not words or (bool(ends) and ends[-1] == len(words) - 1))
    return ends if is_whole else None


def _is_before_else(words: Sequence[Lexeme], at: int) -> bool:
    return at + 1 < len(words) and words[at + 1].text == "else"


def _after_comment(scad: str, words: Sequence[Lexeme], last: int) -> int:
    """The end of the line where only a comment follows there, else the end of the token."""
    end = words[last].start + len(words[last].text)
    following = words[last + 1].start if last + 1 < len(words) else len(scad)
    line_end = scad.find("\n", end, following) + 1 or (following if following == len(scad) else 0)
    rest = scad[end:line_end]
    return line_end if line_end and rest.count("/*") == rest.count("*/") else end


def _kind(words: Sequence[str]) -> tuple[StatementKind, str]:
    if target := _TARGET.fullmatch(words[0]):
        return StatementKind(target[1]), target[2].strip()
    if words[0] in ("module", "function") and len(words) > 2 and is_name(words[1]) and words[2] == "(":
        return StatementKind(words[0]), words[1]
    if len(words) > 2 and is_name(words[0]) and words[1] == "=":
        return StatementKind.ASSIGNMENT, words[0]
    return StatementKind.GEOMETRY, ""


def _parameters(words: Sequence[str], opening: int) -> Iterator[int]:
    """The places of the parameter names in the list that opens at `opening`."""
    depth = 0
    for at in range(opening, len(words)):
        depth += (words[at] in ("(", "[", "{")) - (words[at] in _CLOSES)
        if depth == 0:
            return
        if depth == 1 and words[at] in ("(", ",") and at + 1 < len(words) and is_name(words[at + 1]):
            yield at + 1


def _word(words: Sequence[str], at: int) -> str:
    return words[at] if 0 <= at < len(words) else ""


def _parameter_lists(words: Sequence[str]) -> Iterator[int]:
    """The places of the brackets that open the parameters of a module, a function or a function literal."""
    for at, word in enumerate(words):
        if word in ("module", "function"):
            opening = at + 1 if _word(words, at + 1) == "(" else at + 2
            if _word(words, opening) == "(":
                yield opening


def bound_names(words: Sequence[str]) -> frozenset[str]:
    """Names that a statement may bind itself: parameters, arguments, loop variables, local assignments."""
    assigned = {word for word, following in pairwise(words) if following == "=" and is_name(word)}
    return frozenset(
        assigned.union(words[at] for opening in _parameter_lists(words) for at in _parameters(words, opening))
    )


def rename_variables(statement: Statement, names: Mapping[str, str]) -> str | None:
    """The text with file-scope variables renamed; None where one of the names may mean something local as well."""
    words = statement.words
    lists = list(_parameter_lists(words))
    own = set(_parameters(words, lists[0])) if lists and statement.kind != StatementKind.ASSIGNMENT else set()
    shadowed = {words[at] for at in own}
    inner = {words[at] for opening in (lists[1:] if own else lists) for at in _parameters(words, opening)}
    if not inner.isdisjoint(names):
        return None
    head_end = _closing(words, lists[0]) if own else -1
    pieces: list[str] = []
    end = 0
    opened: list[int] = []
    for at, (word, start) in enumerate(lexemes(statement.text)):
        if word in ("(", "[", "{"):
            opened.append(at)
        elif word in _CLOSES and opened:
            opened.pop()
        elif word in names and _word(words, at - 1) != "." and at not in own:
            if word in shadowed and at > head_end:
                continue
            is_bound = _word(words, at + 1) == "="
            if is_bound and opened and words[opened[-1]] == "(" and _word(words, opened[-1] - 1) not in _BINDERS:
                continue  # the name of an argument: it belongs to what is called
            if is_bound and opened:
                return None
            pieces += [statement.text[end:start], names[word]]
            end = start + len(word)
    return "".join(pieces) + statement.text[end:]


def _closing(words: Sequence[str], opening: int) -> int:
    depth = 0
    for at in range(opening, len(words)):
        depth += (words[at] in ("(", "[", "{")) - (words[at] in _CLOSES)
        if depth == 0:
            return at
    return len(words)
