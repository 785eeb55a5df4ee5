"""JavaScript that only carries data -> Python values: calls such as `setDay(1, {author: 'A', src: ['a', 'b']});`.

Pure and total; nothing is evaluated. Reads literals: strings of all three kinds, `+` between strings, numbers, arrays,
objects, comments. What is no literal (a name, a function, `${…}`) makes its call one that can't be read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

__all__ = ["Calls", "calls_in"]

_MAX_DEPTH = 20
_MAX_VALUES = 200_000
"""Of one text, so that a hostile one ends too; a calendar has some 300."""

# What is not closed ends with the text (a comment, a template) or with its line (a string), so that each character is
# looked at once.
_TOKEN = re.compile(
    r"""
      (?P<blank>\s+|//[^\n]*|/\*(?:.*?\*/|.*\Z))
    | (?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    | (?P<unclosed>"(?:[^"\\\n]|\\.)*+|'(?:[^'\\\n]|\\.)*+)
    | (?P<template>`(?:[^`\\]|\\.)*(?:`|\\?\Z))
    | (?P<number>[+-]?(?:0[xX][0-9a-fA-F]{1,16}|\d{1,300}(?:\.\d{0,300})?(?:[eE][+-]?\d{1,3})?|\.\d{1,300}))
    | (?P<name>[^\W\d][\w$]*|\$[\w$]*)
    | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_WORDS = {"true": True, "false": False, "null": None, "undefined": None}
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|.))", re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_LINE_ENDS = ("\n", "\r\n", "\r", "\u2028", "\u2029")
_NO_TOKEN = ("end", "")


@dataclass(frozen=True)
class Calls:
    arguments: tuple[tuple[Any, ...], ...]
    """Of each call that could be read, in the order of the text."""
    n_broken: int
    """Calls that could not."""


class _NotLiteralError(ValueError):
    """The text goes on with something that is no literal."""


def calls_in(script: str, name: str) -> Calls:
    """The arguments of every call of the function; one in a comment or a string is none, nor is its definition."""
    reader = _Reader(script)
    found: list[tuple[Any, ...]] = []
    n_broken, before = 0, ""
    while (token := reader.take())[0] != "end":
        is_call = token == ("name", name) and before not in ("function", ".") and reader.next() == ("mark", "(")
        before = token[1]
        if not is_call:
            continue
        reader.take()
        start = reader.position
        try:
            found.append(tuple(reader.list_until(")", depth=0)))
        except _NotLiteralError:
            n_broken += 1
            reader.position = start  # the next call may begin within what this one left open
    return Calls(tuple(found), n_broken)


class _Reader:
    """Where in the script the reading is."""

    def __init__(self, script: str) -> None:
        self._script = script
        self.position = 0
        self._n_values = 0

    def take(self) -> tuple[str, str]:
        """The next token as (kind, text); blanks and comments are none."""
        while match := _TOKEN.match(self._script, self.position):
            self.position = match.end()
            if match.lastgroup != "blank":
                return str(match.lastgroup), match[0]
        return _NO_TOKEN

    def next(self) -> tuple[str, str]:
        """The next token, left where it is."""
        here = self.position
        token = self.take()
        self.position = here
        return token

    def list_until(self, end: str, *, depth: int) -> list[Any]:
        """Values with commas between them, up to the closing mark. A hole is None; a comma at the end is no value."""
        values: list[Any] = []
        while (token := self.next()) != ("mark", end):
            if token == ("mark", ","):
                self.take()
                values.append(None)
                continue
            values.append(self._value(depth))
            self._comma_before(end)
        self.take()
        return values

    def _value(self, depth: int) -> Any:
        self._n_values += 1
        if depth > _MAX_DEPTH or self._n_values > _MAX_VALUES:
            raise _NotLiteralError
        kind, text = self.take()
        if kind in ("string", "template"):
            return self._string(kind, text)
        if kind == "number":
            return _number(text)
        if kind == "name" and text in _WORDS:
            return _WORDS[text]
        if text == "[" and kind == "mark":
            return self.list_until("]", depth=depth + 1)
        if text == "{" and kind == "mark":
            return self._object(depth + 1)
        raise _NotLiteralError

    def _object(self, depth: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while self.next() != ("mark", "}"):
            kind, text = self.take()
            if kind not in ("name", "string", "number") or self.take() != ("mark", ":"):
                raise _NotLiteralError
            values[_unescaped(text[1:-1]) if kind == "string" else text] = self._value(depth)
            self._comma_before("}")
        self.take()
        return values

    def _comma_before(self, end: str) -> None:
        if self.next() == ("mark", ","):
            self.take()
        elif self.next() != ("mark", end):
            raise _NotLiteralError

    def _string(self, kind: str, text: str) -> str:
        """A string, and those that `+` joins to it."""
        parts = [_text_of(kind, text)]
        while self.next() == ("mark", "+"):
            self.take()
            kind, text = self.take()
            if kind not in ("string", "template"):
                raise _NotLiteralError
            parts.append(_text_of(kind, text))
        return "".join(parts)


def _text_of(kind: str, text: str) -> str:
    if kind == "template" and ("${" in text or len(text) < 2 or not text.endswith("`")):
        raise _NotLiteralError
    return _unescaped(text[1:-1])


def _unescaped(text: str) -> str:
    plain = _ESCAPE.sub(_escaped, text)
    if _SURROGATE.search(plain) is None:
        return plain
    # two \u escapes may stand for one character
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _escaped(match: re.Match[str]) -> str:
    digits = match[1] or match[2] or match[3]
    if digits is None:
        return "" if match[4] in _LINE_ENDS else _ESCAPED.get(match[4], match[4])
    code = int(digits, 16)
    return chr(code) if code <= 0x10FFFF else "\ufffd"


def _number(text: str) -> int | float:
    if text.lower().lstrip("+-").startswith("0x"):
        return int(text, 16)
    return float(text) if set(text) & set(".eE") else int(text)
