"""The parameters a source offers to whoever uses it, as OpenSCAD's customizer reads them from assignments and comments.

Pure and total: any text in, no exception, time linear in its length. The measure is OpenSCAD 2025.07's own
`--export-format param`; this parser differs from it on purpose in these points:

1. A source that doesn't parse still gives what was read; OpenSCAD gives nothing.
2. A brace in a string or an include target doesn't end the parameters; OpenSCAD's scan takes it for a block.
3. Strings that end in a backslash pair, and quotes in include targets, are read rightly; its scan loses its place.
4. CRLF is a line end; there every widget comment and group of such a file is lost.
5. A description loses blanks at its end and keeps a `//` inside; a line inside a block comment is no description.
6. `// 0.5` gives the step of a spin box; the window shows it, the export leaves it out.
7. A tab in a widget comment is a blank; there it is part of a word.
8. Names that start with a digit (deprecated) are left out, for no override could set them safely.
9. A semicolon in a block comment on the line doesn't hide the widget comment.

Doesn't check what a caller sets (see `render.overrides`), and reads the main file only, as OpenSCAD does.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain
from typing import NamedTuple

from render.widget_comment import Choices, Range, read_widget

__all__ = ["NAME", "Option", "Parameter", "ParameterKind", "ParameterValue", "decode_string", "parse_parameters"]

ParameterValue = bool | float | str | tuple[float, ...]
MAX_VECTOR_LENGTH = 4
"""Longer vectors are no parameters: OpenSCAD has no widget for them."""
_MAX_DEPTH = 50
_DEFAULT_GROUP = "Parameters"
_TOKEN = re.compile(
    r'(?P<string>"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z))'
    r"|(?P<comment>//[^\n]*|/\*(?:.*?\*/|.*\Z))"
    r"|(?P<target>(?:include|use)\b\s*<[^<>\n]*>)"
    r"|(?P<number>(?:\d++\.\d*|\.\d+)(?:[eE][+-]?\d+)?|\d++[eE][+-]\d+|(?:0x[\da-fA-F]++|\d++(?:[eE]\d++)?)(?![A-Za-z0-9_]))"
    r"|(?P<name>\$?[A-Za-z0-9_]+)"
    r"|(?P<mark>\S)",
    re.DOTALL | re.ASCII,
)
NAME = re.compile(r"\$?[A-Za-z_]\w*", re.ASCII)
_GROUP_NAME = re.compile(r"\[([^\]]*)\]")
_ESCAPE = re.compile(r"\\(x[0-7][0-9a-fA-F]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{6}|.)|\n", re.DOTALL)
_NAMED_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


class ParameterKind(StrEnum):
    """What a parameter holds."""

    NUMBER = "number"
    BOOLEAN = "boolean"
    STRING = "string"
    VECTOR = "vector"


@dataclass(frozen=True)
class Option:
    """One entry of a drop-down list."""

    value: float | str
    label: str


@dataclass(frozen=True)
class Parameter:
    """One top-level variable with a literal value."""

    name: str
    kind: ParameterKind
    default: ParameterValue
    description: str
    """The comment line directly above; empty if there is none."""
    group: str
    """`Parameters` before the first `/* [Group] */`; empty after a block comment of one line that names none."""
    minimum: float | None
    """Never above the default where a range was given, as in OpenSCAD, so that the default is allowed."""
    maximum: float | None
    step: float | None
    options: tuple[Option, ...]
    """The default comes first if the comment doesn't list it."""
    max_length: int | None
    """Characters that a text field takes."""
    line: int
    """1-based, of the assignment that counts: the last."""


class _Token(NamedTuple):
    kind: str | None
    text: str
    start: int


class _Lines:
    """What comments and semicolons say about each line; lines are 1-based."""

    def __init__(self, text: str, tokens: list[_Token]) -> None:
        self._newlines = [match.start() for match in re.finditer("\n", text)]
        self._semicolons = [token.start for token in tokens if token.text == ";"]
        self.descriptions: dict[int, str] = {}
        self.widgets: dict[int, str] = {}
        self.groups: list[tuple[int, str]] = []
        """Line and name; a group holds from the next line on."""
        for token in tokens:
            if token.kind == "comment":
                self._add_comment(token, token.start == 0 or text[token.start - 1] == "\n")

    def _add_comment(self, comment: _Token, is_first: bool) -> None:
        line = self.number(comment.start)
        if comment.text.startswith("//"):
            self.widgets[line] = comment.text[2:]
            if is_first:
                self.descriptions[line] = comment.text[2:].strip()
        elif "\n" not in comment.text:
            self.groups.append((line, "-".join(_GROUP_NAME.findall(comment.text)).strip()))

    def number(self, position: int) -> int:
        return bisect_left(self._newlines, position) + 1

    def n_semicolons(self, line: int) -> int:
        begin = self._newlines[line - 2] if line > 1 else -1
        end = self._newlines[line - 1] if line <= len(self._newlines) else math.inf
        return bisect_left(self._semicolons, end) - bisect_left(self._semicolons, begin)


def parse_parameters(source: str) -> tuple[Parameter, ...]:
    """The parameters of a source, in the order in which their names first appear."""
    text = source.replace("\r\n", "\n")
    tokens = [_Token(match.lastgroup, match[0], match.start()) for match in _TOKEN.finditer(text)]
    lines = _Lines(text, tokens)
    end = next((lines.number(token.start) for token in tokens if token.text == "{"), math.inf)
    last: dict[str, tuple[int, list[_Token]]] = {}
    for name, value in _assignments([token for token in tokens if token.kind not in ("comment", "target")]):
        last[name.text] = (lines.number(name.start), value)
    literals = [(name, line, _literal(value)) for name, (line, value) in last.items() if line < end]
    found = [_parameter(name, line, literal, lines) for name, line, literal in literals if literal is not None]
    groups = _groups_by_line(lines.groups, [parameter.line for parameter in found])
    placed = (replace(parameter, group=groups[parameter.line]) for parameter in found)
    return tuple(parameter for parameter in placed if parameter.group != "Hidden")


def decode_string(literal: str) -> str:
    """The text that a string literal stands for, quotes included in `literal`; raw line ends vanish, as in OpenSCAD."""
    return _ESCAPE.sub(_unescape, literal[1:-1])


def _unescape(match: re.Match[str]) -> str:
    code = match[1]
    if code is None:
        return ""
    if len(code) > 1:
        number = int(code[1:], 16)
        # OpenSCAD writes a blank for \x00, which would end its strings
        return " " if number == 0 else chr(number) if number < 0xD800 or 0xDFFF < number < 0x110000 else "\ufffd"
    return _NAMED_ESCAPES.get(code, code)


def _assignments(tokens: list[_Token]) -> Iterator[tuple[_Token, list[_Token]]]:
    """Name and value of each top-level assignment; braces that begin a statement open no scope in OpenSCAD."""
    scopes: list[bool] = []
    """Whether each open bracket leaves its content at the top level."""
    is_start = is_top = True
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.kind == "mark":
            if token.text in "{[(":
                is_top = token.text == "{" and is_start and is_top
                scopes.append(is_top)
            elif token.text in "}])" and scopes:
                scopes.pop()
                is_top = not scopes or scopes[-1]
            is_start = token.text in ";{}"
        elif is_start and is_top and _is_assignment(tokens, at):
            end = next((i for i in range(at + 2, len(tokens)) if _is_mark(tokens[i], ";")), len(tokens))
            if end < len(tokens):
                yield token, tokens[at + 2 : end]
            at = end
            continue
        else:
            is_start = False
        at += 1


def _is_mark(token: _Token, text: str) -> bool:
    return token.kind == "mark" and token.text == text


def _is_assignment(tokens: list[_Token], at: int) -> bool:
    is_named = tokens[at].kind == "name" and NAME.fullmatch(tokens[at].text) is not None
    return is_named and at + 1 < len(tokens) and _is_mark(tokens[at + 1], "=")


def _literal(tokens: list[_Token]) -> ParameterValue | None:
    """The value of a literal as OpenSCAD's own folding sees it (`-(2)`, `+"a"`, `[1, -2,]`); None for an expression."""
    n_signs = n_opened = 0
    while len(tokens) - n_opened > 1 and n_opened < _MAX_DEPTH:
        first, last = tokens[n_signs + n_opened : n_signs + n_opened + 1], tokens[len(tokens) - 1 - n_opened]
        if first and first[0].kind == "mark" and first[0].text in "+-":
            n_signs += 1
        elif first and _is_mark(first[0], "(") and _is_mark(last, ")"):
            n_opened += 1
        else:
            break
    head, body = tokens[: n_signs + n_opened], tokens[n_signs + n_opened : len(tokens) - n_opened]
    n_minus = sum(token.text == "-" for token in head)
    if len(body) == 1 and body[0].kind == "number":
        number = _number(body[0].text)
        return None if number is None else -number if n_minus % 2 else number
    if n_minus or not body:
        return None
    if len(body) == 1:
        text = body[0].text
        return decode_string(text) if body[0].kind == "string" else {"true": True, "false": False}.get(text)
    return _vector(body)


def _vector(tokens: list[_Token]) -> tuple[float, ...] | None:
    if not (_is_mark(tokens[0], "[") and _is_mark(tokens[-1], "]")):
        return None
    items: list[list[_Token]] = [[]]
    for token in tokens[1:-1]:
        if _is_mark(token, ","):
            items.append([])
        else:
            items[-1].append(token)
    if not items[-1]:
        items.pop()  # one comma may follow the last
    if not 1 <= len(items) <= MAX_VECTOR_LENGTH:
        return None
    numbers: list[float] = []
    for item in items:
        value = None if item and _is_mark(item[0], "[") else _literal(item)
        if isinstance(value, bool) or not isinstance(value, float):
            return None
        numbers.append(value)
    return tuple(numbers)


def _number(text: str) -> float | None:
    try:
        value = float(int(text, 16)) if text.startswith("0x") else float(text)
    except OverflowError:
        return None
    return value if math.isfinite(value) else None


def _parameter(name: str, line: int, default: ParameterValue, lines: _Lines) -> Parameter:
    kind = _kind(default)
    description = lines.descriptions.get(line - 1, "")
    parameter = Parameter(name, kind, default, description, "", None, None, None, (), None, line)
    comment = lines.widgets.get(line)
    if comment is None or kind is ParameterKind.BOOLEAN or lines.n_semicolons(line) > 1:
        return parameter
    widget = read_widget(comment)
    if kind is ParameterKind.STRING:
        if isinstance(widget, float):
            return replace(parameter, max_length=min(max(int(widget), 0), (1 << 32) - 1))
        is_list = isinstance(widget, Choices) and widget.maximum is None
    else:
        if isinstance(widget, float):
            return replace(parameter, step=widget) if widget > 0 else parameter
        if isinstance(widget, Range):
            low, high = _widened(default, widget.minimum, widget.maximum)
            return replace(parameter, minimum=low, maximum=high, step=widget.step)
        if isinstance(widget, Choices) and widget.maximum is not None:
            return replace(parameter, minimum=0.0, maximum=_widened(default, 0.0, widget.maximum)[1], step=1.0)
        is_list = kind is ParameterKind.NUMBER and isinstance(widget, Choices)
    return replace(parameter, options=_options(default, widget)) if is_list else parameter


def _kind(default: ParameterValue) -> ParameterKind:
    if isinstance(default, bool):
        return ParameterKind.BOOLEAN
    if isinstance(default, str):
        return ParameterKind.STRING
    return ParameterKind.VECTOR if isinstance(default, tuple) else ParameterKind.NUMBER


def _widened(default: ParameterValue, minimum: float, maximum: float) -> tuple[float, float]:
    numbers = default if isinstance(default, tuple) else (float(default),)
    return min(minimum, *numbers), max(maximum, *numbers)


def _options(default: ParameterValue, widget: object) -> tuple[Option, ...]:
    assert isinstance(widget, Choices)
    options = tuple(Option(value, label) for value, label in widget.pairs)
    if isinstance(default, float | str) and all(
        type(o.value) is not type(default) or o.value != default for o in options
    ):
        label = default if isinstance(default, str) else f"{default:g}"
        return (Option(default, label), *options)
    return options


def _groups_by_line(groups: list[tuple[int, str]], lines: list[int]) -> dict[int, str]:
    """The group that holds on each of `lines`: the last that was opened on an earlier line."""
    events = sorted(
        chain(((line, 1, name) for line, name in groups), ((line, 0, "") for line in lines)), key=lambda e: e[:2]
    )
    held, current = {}, _DEFAULT_GROUP
    for line, is_group, name in events:
        if is_group:
            current = name
        else:
            held[line] = current
    return held
