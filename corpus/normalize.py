"""OpenSCAD text as one form: cleaned source, tokens, form without comments and blanks, content key.

Pure and total: any text in, no exception, time linear in its length. Covers the surface of the language (comments,
strings, include targets, numbers), not its grammar.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from corpus.schema import CompanionFile

__all__ = ["Cleaned", "clean_source", "content_key", "normal_form", "normalize_source", "strip_comments", "tokens"]


@dataclass(frozen=True)
class Cleaned:
    """A source ready to be stored, and what was done to it."""

    text: str
    transformations: tuple[str, ...] = ()


# What is not closed ends with the file. Possessive quantifiers: a megabyte of opening quotes must not backtrack.
_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)'
_COMMENT = r"//[^\n]*|/\*(?:.*?\*/|.*\Z)"
_TARGET = r"(?<![\w$])(?:include|use)\s*<[^<>\n]*>"
_SURFACE = re.compile(rf"(?P<string>{_STRING})|(?P<comment>{_COMMENT})|(?P<target>{_TARGET})", re.DOTALL)
_TOKEN = re.compile(
    rf"(?P<comment>{_COMMENT})|{_STRING}|{_TARGET}|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|\$?[A-Za-z_]\w*"
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

    Idempotent. Inside strings only line ends and trailing blanks change.
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


def strip_comments(scad: str) -> str:
    """The source without comments; a block comment leaves a blank, strings and include targets stay."""
    return _SURFACE.sub(lambda m: _comment_blank(m[0]) if m["comment"] else m[0], scad)


def tokens(scad: str) -> list[str]:
    """The tokens of a source, in order, without comments."""
    return [m[0] for m in _TOKEN.finditer(scad) if m["comment"] is None]


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


def _plain_spaces(text: str) -> str:
    """Blanks that OpenSCAD can't read become plain ones; those in strings and comments are the author's."""
    pieces: list[str] = []
    end = 0
    for match in _SURFACE.finditer(text):
        pieces += [_plain(text[end : match.start()]), match[0]]
        end = match.end()
    return "".join(pieces) + _plain(text[end:])


def _plain(text: str) -> str:
    return _ODD_SPACE.sub(" ", _INVISIBLE.sub("", text))


def _trim(text: str) -> str:
    stripped = "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")
    return stripped + "\n" if stripped else ""


_STEPS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("removed byte order mark", lambda text: text.lstrip("\ufeff")),
    ("replaced lone surrogates", lambda text: _SURROGATE.sub("\ufffd", text)),
    ("line ends", _line_ends),
    ("unfenced", _unfence),
    ("plain blanks", _plain_spaces),
    ("trimmed", _trim),
)
