"""Values for parameters: from a command line's text, checked against what a source offers, written as `-D` arguments.

A value is data until the last step, which writes it as one OpenSCAD literal: no text of a caller is ever pasted
into source. Covers numbers, booleans, text and nested vectors; no ranges, functions or undef.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Union

from render.customizer import NAME, Parameter, ParameterKind, decode_string
from render.widget_comment import NUMBER

__all__ = ["MAX_DEPTH", "MAX_TEXT_CHARS", "Value", "check_overrides", "override_text", "parse_value", "read_values"]

Value = Union[bool, float, int, str, Sequence["Value"]]  # noqa: UP007 - a recursive alias needs the quoted name
MAX_DEPTH = 8
"""Vectors in vectors."""
MAX_TEXT_CHARS = 64_000
"""Of all literals together: Linux takes 131,072 bytes an argument, and a character has up to four."""
_RESERVED = frozenset(
    [
        "assert",
        "each",
        "echo",
        "else",
        "false",
        "for",
        "function",
        "if",
        "include",
        "let",
        "module",
        "true",
        "undef",
        "use",
    ]
)
_TOKEN = re.compile(
    r'\s*(?:(?P<string>"[^"\\]*+(?:\\.[^"\\]*+)*+")|(?P<mark>[\[\],])|(?P<word>[^\s\[\],"]+)|(?P<bad>"))', re.DOTALL
)
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_NEEDS_ESCAPE = re.compile(r'["\\\x00-\x1f\x7f-\x9f]')
_SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_MIN_NORMAL = 2.2250738585072014e-308
_MAX_DIGITS = 400


def override_text(parameters: Mapping[str, Value]) -> tuple[str, ...]:
    """`name=literal` for each parameter, to follow a `-D`. Raises ValueError that names the parameter."""
    written: list[str] = []
    n_chars = 0
    for name, value in parameters.items():
        if not isinstance(name, str) or not NAME.fullmatch(name) or name in _RESERVED:
            raise ValueError(f"{name!r:.80} is no parameter name: letters, digits and _, not a digit first; $ may lead")
        literal = _literal(name, value, 0)
        n_chars += len(literal)
        if n_chars > MAX_TEXT_CHARS:
            raise ValueError(f"{name} is too long: all values together may have {MAX_TEXT_CHARS:,} characters")
        written.append(f"{name}={literal}")
    return tuple(written)


def _literal(name: str, value: object, depth: int) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number_literal(name, value)
    if isinstance(value, str):
        return _string_literal(name, value)
    if not isinstance(value, Sequence) or isinstance(value, bytes | bytearray | memoryview):
        raise ValueError(f"{name} can't be a {type(value).__name__}: give a number, true or false, a text or a list")
    if depth >= MAX_DEPTH:
        raise ValueError(f"{name} has lists more than {MAX_DEPTH} deep")
    return f"[{','.join(_literal(name, item, depth + 1) for item in value)}]"


def _number_literal(name: str, value: int | float) -> str:
    if isinstance(value, int):
        if abs(value) > 1 << 1023 or int(float(value)) != value:
            raise ValueError(f"{name} is an integer that OpenSCAD's numbers can't hold exactly: write it with a point")
        return str(value) if abs(value) <= 1 << 53 else repr(float(value))  # 2025 warns of a longer row of digits
    if not math.isfinite(value):
        raise ValueError(f"{name} is {value}, not a finite number")
    if 0 < abs(value) < _MIN_NORMAL:
        raise ValueError(f"{name} is {value!r}, below what OpenSCAD 2025 reads ({_MIN_NORMAL:.2g}): write 0")
    return repr(value)


def _string_literal(name: str, value: str) -> str:
    if "\0" in value:
        raise ValueError(f"{name} contains a NUL character, which OpenSCAD's texts can't hold")
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise ValueError(f"{name} contains half a surrogate pair, which is no character")
    return f'"{_NEEDS_ESCAPE.sub(_escape, value)}"'


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    code = ord(char)
    return _SHORT_ESCAPES.get(char) or (f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}")


def check_overrides(parameters: Iterable[Parameter], values: Mapping[str, Value]) -> tuple[str, ...]:
    """One line for each value that the source's parameters don't allow: unknown, of the wrong kind, out of bounds."""
    known = {parameter.name: parameter for parameter in parameters}
    problems: list[str] = []
    for name, value in values.items():
        parameter = known.get(name)
        if parameter is None:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(known) or 'none'}"
            problems.append(f"{name} is no parameter of this source: {hint}")
        elif problem := _problem(parameter, value):
            problems.append(f"{name} {problem}")
    return tuple(problems)


def _problem(parameter: Parameter, value: Value) -> str | None:
    if parameter.options:
        if any(_is_same(option.value, value) for option in parameter.options):
            return None
        return f"must be one of {', '.join(repr(option.value) for option in parameter.options)}, not {value!r:.80}"
    if parameter.kind is ParameterKind.BOOLEAN:
        return None if isinstance(value, bool) else f"must be true or false, not {value!r:.80}"
    if parameter.kind is ParameterKind.STRING:
        if not isinstance(value, str):
            return f"must be a text, not {value!r:.80}"
        is_long = parameter.max_length is not None and len(value) > parameter.max_length
        return f"may have {parameter.max_length} characters, not {len(value)}" if is_long else None
    if parameter.kind is ParameterKind.NUMBER:
        return _number_problem(parameter, value)
    length = len(parameter.default) if isinstance(parameter.default, tuple) else 0
    if isinstance(value, str) or not isinstance(value, Sequence) or len(value) != length:
        return f"must be a list of {length} numbers, not {value!r:.80}"
    return next((problem for item in value if (problem := _number_problem(parameter, item))), None)


def _number_problem(parameter: Parameter, value: Value) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return f"must be a number, not {value!r:.80}"
    if parameter.minimum is not None and value < parameter.minimum and value != parameter.default:
        return f"must be {parameter.minimum:g} or more, not {value!r}"
    if parameter.maximum is not None and value > parameter.maximum:
        return f"must be {parameter.maximum:g} or less, not {value!r}"
    return None


def _is_same(option: float | str, value: Value) -> bool:
    if isinstance(option, str):
        return isinstance(value, str) and value == option
    return isinstance(value, int | float) and not isinstance(value, bool) and value == option


def read_values(parameters: Iterable[Parameter], texts: Mapping[str, str]) -> dict[str, Value]:
    """A command line's values, each read as its parameter's kind: `s=007` is a text for a text, True is true.

    A variable that is no parameter is read by `parse_value`. Raises ValueError for what doesn't fit the kind.
    """
    kinds = {parameter.name: parameter.kind for parameter in parameters}
    return {name: _read_as(kinds.get(name), name, text) for name, text in texts.items()}


def _read_as(kind: ParameterKind | None, name: str, text: str) -> Value:
    stripped = text.strip()
    if kind is ParameterKind.BOOLEAN:
        if stripped.lower() not in ("true", "false"):
            raise ValueError(f"{name} must be true or false, not {text!r}")
        return stripped.lower() == "true"
    if kind is ParameterKind.STRING and not stripped.startswith('"'):
        return text
    value = parse_value(text)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind is ParameterKind.NUMBER and not is_number:
        raise ValueError(f"{name} must be a number, not {text!r}: nothing is calculated here")
    if kind is ParameterKind.VECTOR and not isinstance(value, list):
        raise ValueError(f"{name} must be a list such as [1, 2], not {text!r}")
    return value


def parse_value(text: str) -> Value:
    """A command line's value: a number, true or false, a list, a quoted text; anything else is a text as it stands.

    Quoted texts know OpenSCAD's escapes. Raises ValueError for a quote or list that doesn't end, and for a number too
    large.
    """
    stripped = text.strip()
    if stripped.startswith(("[", '"')):
        return _parse_nested(stripped)
    if stripped in ("true", "false") or NUMBER.fullmatch(stripped):
        return _scalar(stripped)
    return stripped


def _scalar(word: str) -> Value:
    if word in ("true", "false"):
        return word == "true"
    if not NUMBER.fullmatch(word):
        return word
    if _INTEGER.fullmatch(word) and len(word) <= _MAX_DIGITS:
        return int(word)
    number = float(word)
    if not math.isfinite(number):
        raise ValueError(f"{word:.40} is larger than any number OpenSCAD has")
    return number


def _parse_nested(text: str) -> Value:
    open_lists: list[list[Value]] = [[]]
    needs_value = True
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match["bad"]:
            raise ValueError(f"{text:.40} has a quote that doesn't end")
        at = match.end()
        mark = match["mark"]
        is_ordered = not needs_value if mark == "," else needs_value or mark == "]"
        is_closing_nothing = mark is not None and mark in ",]" and len(open_lists) == 1
        if not is_ordered or is_closing_nothing or len(open_lists) > MAX_DEPTH + 1:
            raise ValueError(f'{text:.40} is not a list such as [1, 2] or a text such as "a" (at character {at})')
        if mark == "[":
            open_lists.append([])
        elif mark == ",":
            needs_value = True
        elif mark == "]":
            inner = open_lists.pop()
            open_lists[-1].append(inner)
            needs_value = False
        else:
            open_lists[-1].append(decode_string(match["string"]) if match["string"] else _scalar(match["word"]))
            needs_value = False
    if len(open_lists) != 1 or len(open_lists[0]) != 1:
        raise ValueError(f"{text:.40} has a list that doesn't end")
    return open_lists[0][0]
