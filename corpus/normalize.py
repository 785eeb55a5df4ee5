"""OpenSCAD text as one form: cleaned source, tokens, form without comments and blanks, content key.

Pure and total: any text in, no exception, time linear in its length. Covers the surface of the language (comments,
strings, include targets, numbers), not its grammar; that is `corpus.statements`' business.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from corpus.encodings import join_utf16, plain_marks, undo_mojibake, unescape_html
from corpus.schema import CompanionFile

__all__ = [
    "Cleaned",
    "Lexeme",
    "Segment",
    "clean_source",
    "content_key",
    "lexemes",
    "normal_form",
    "normalize_source",
    "segments",
    "strip_comments",
    "tokens",
]


@dataclass(frozen=True)
class Cleaned:
    """A source ready to be stored, and what was done to it."""

    text: str
    transformations: tuple[str, ...] = ()


class Segment(NamedTuple):
    """A piece of a source; all pieces joined are the source again."""

    kind: str
    """code | string | comment | target"""
    text: str


class Lexeme(NamedTuple):
    """A token and where it stands in the source."""

    text: str
    start: int


# What is not closed ends with the file. Possessive quantifiers: a megabyte of opening quotes must not backtrack.
_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)'
_COMMENT = r"//[^\n]*|/\*(?:.*?\*/|.*\Z)"
_TARGET = r"(?<![\w$])(?:include|use)\s*<[^<>\n]*>"
# OpenSCAD still reads `8bit` as a name, and 1e-3 as a number.
_DIGIT_NAME = r"\d++(?:[eE]\d++)?+(?![eE][+-]?\d)[A-Za-z_]\w*"
_SURFACE = re.compile(rf"(?P<string>{_STRING})|(?P<comment>{_COMMENT})|(?P<target>{_TARGET})", re.DOTALL)
_TOKEN = re.compile(
    rf"(?P<comment>{_COMMENT})|{_STRING}|{_TARGET}|0[xX][0-9a-fA-F]++|{_DIGIT_NAME}|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|\$?[A-Za-z_]\w*"
    r"|<=|>=|==|!=|&&|\|\||\S",
    re.DOTALL,
)
_FENCE_LINE = re.compile(r"[ \t]*(`{3,}|~{3,})(.*)")
_INVISIBLE = re.compile("[\u200b\u2060\ufeff]")
_ODD_SPACE = re.compile("[\u00a0\u2000-\u200a\u202f\u3000]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MAX_FENCE_DEPTH = 3


def clean_source(text: str) -> Cleaned:
    """The text as an editor would save it: no BOM, LF, no code fence, no trailing blanks, one newline at the end.

    Idempotent. Tabs stay. Inside strings only line ends and trailing blanks change, save where the whole text was read
    in a wrong encoding or copied from a page's HTML (`corpus.encodings`).
    """
    done: dict[str, None] = {}
    previous = None
    while previous != text:  # the second round finds nothing, save where a step uncovered work for an earlier one
        previous = text
        for name, step in _STEPS:
            before, text = text, step(text)
            if text != before:
                done[name] = None
    return Cleaned(text, tuple(done))


def normalize_source(text: str) -> str:
    """`clean_source` without the list of what was done."""
    return clean_source(text).text


def segments(scad: str) -> list[Segment]:
    """Code, strings, comments and include targets, in order; none is empty."""
    found: list[Segment] = []
    end = 0
    for match in _SURFACE.finditer(scad):
        if end < match.start():
            found.append(Segment("code", scad[end : match.start()]))
        found.append(Segment(match.lastgroup or "code", match[0]))
        end = match.end()
    return [*found, Segment("code", scad[end:])] if end < len(scad) else found


def strip_comments(scad: str) -> str:
    """The source without comments; a block comment leaves a blank, strings and include targets stay."""
    return _SURFACE.sub(lambda m: _comment_blank(m[0]) if m["comment"] else m[0], scad)


def tokens(scad: str) -> list[str]:
    """The tokens of a source, in order, without comments."""
    return [m[0] for m in _TOKEN.finditer(scad) if m["comment"] is None]


def lexemes(scad: str) -> list[Lexeme]:
    """`tokens`, with their places."""
    return [Lexeme(m[0], m.start()) for m in _TOKEN.finditer(scad) if m["comment"] is None]


def normal_form(scad: str) -> str:
    """Equal for sources that differ in comments and white space between tokens only."""
    return " ".join(tokens(scad))


def content_key(scad: str, companions: Sequence[CompanionFile] = ()) -> str:
    """sha256 of the cleaned source, companions included by path; without companions, `sha256sum` of the saved file."""
    digest = hashlib.sha256(_bytes(normalize_source(scad)))
    for companion in sorted(companions, key=lambda c: c.path):
        digest.update(b"\0" + hashlib.sha256(_bytes(companion.path)).digest())
        digest.update(hashlib.sha256(_bytes(companion.text)).digest())
    return digest.hexdigest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", errors="surrogatepass")


def _comment_blank(comment: str) -> str:
    return " " if comment.startswith("/*") else ""


def _line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _unfence(text: str) -> str:
    """The longest fenced block, where the text has one outside comments; without a whole block, no fence lines."""
    for _ in range(_MAX_FENCE_DEPTH):
        bare = strip_comments(text).split("\n")
        if not any(_FENCE_LINE.fullmatch(line) for line in bare):
            return text
        blocks = _fenced_blocks(text)
        if not blocks:
            break
        text = max(blocks, key=len)
    return "\n".join(line for line in text.split("\n") if not _FENCE_LINE.fullmatch(line))


def _fenced_blocks(text: str) -> list[str]:
    blocks: list[str] = []
    lines: list[str] = []
    marker: str | None = None
    for line in text.split("\n"):
        fence = _FENCE_LINE.fullmatch(line)
        if marker is None:
            if fence:
                marker, lines = fence[1], []
        elif fence and fence[1] == marker and not fence[2].strip():
            blocks.append("\n".join(lines) + "\n")
            marker = None
        else:
            lines.append(line)
    return blocks


def _unescape(text: str) -> str:
    return unescape_html(text, "".join(s.text for s in segments(text) if s.kind == "code")) if "&" in text else text


def _plain_code(text: str, plain: Callable[[str], str]) -> str:
    """What OpenSCAD can't read becomes plain; in strings and comments it is the author's."""
    if text.isascii():
        return text
    return "".join(plain(s.text) if s.kind == "code" else s.text for s in segments(text))


def _plain_blanks(text: str) -> str:
    return _ODD_SPACE.sub(" ", _INVISIBLE.sub("", text))


def _trim(text: str) -> str:
    stripped = "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")
    return stripped + "\n" if stripped else ""


_STEPS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("decoded utf-16", join_utf16),
    ("removed byte order mark", lambda text: text.lstrip("\ufeff")),
    ("replaced lone surrogates", lambda text: _SURROGATE.sub("\ufffd", text)),
    ("repaired mojibake", undo_mojibake),
    ("line ends", _line_ends),
    ("unfenced", _unfence),
    ("unescaped html", _unescape),
    ("plain quotes", lambda text: _plain_code(text, plain_marks)),
    ("plain blanks", lambda text: _plain_code(text, _plain_blanks)),
    ("trimmed", _trim),
)
