"""A library's documentation page in Markdown -> its OpenSCAD examples, each with the words that introduce it.

Pure: one page's text in, blocks out. Takes fenced blocks (unlabelled, or labelled OpenSCAD) and indented ones; leaves
signatures and fragments that make nothing by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.normalize import tokens
from spiders.pages.local import readme_summary

__all__ = ["DocsExample", "parse_docs_page"]

_FENCE = re.compile(r"^\s{0,3}(?P<marks>`{3,}|~{3,})\s*(?P<label>[\w+\-]*)")
_LABELS = frozenset(("", "openscad", "scad", "c", "cpp", "c++", "js", "javascript"))
"""Pages without an OpenSCAD highlighter borrow that of a language with braces."""
_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$")
_INDENT = re.compile(r"^(?: {4}|\t)")
_LIST = re.compile(r"^\s{0,3}(?:[-*+]|\d+[.)])\s")
_INCLUDE = re.compile(r"^(?:include|use)\b")
_SIGNATURES = re.compile(r"(?i)^\W*(?:signatures?|syntax|synopsis|usage|parameters|arguments|definition)\W*$")
_CONSTANTS = frozenset(("true", "false", "undef", "PI"))
_NAME = re.compile(r"^[A-Za-z_]\w*$")
_PLACEHOLDER = re.compile(r"\.\.\.|…")
_MAX_EXAMPLES = 50
_MAX_CODE_CHARS = 100_000
_MAX_CAPTION_CHARS = 500


@dataclass(frozen=True)
class DocsExample:
    index: int
    """0-based among the code blocks of its page, used or not, so that an id survives a change of the filter."""
    title: str | None
    """The page's heading."""
    caption: str | None
    """The paragraph just above the block; None where there is none."""
    synopsis: str | None
    """The page's first paragraph."""
    code: str

    @property
    def description(self) -> str | None:
        """The caption, and what the page is about in general."""
        if not self.caption or not self.synopsis or self.caption == self.synopsis:
            return self.caption or self.synopsis
        stop = "" if self.caption.endswith((".", "!", "?")) else "."
        return f"{self.caption}{stop} {self.synopsis}"


def parse_docs_page(markdown: str) -> tuple[DocsExample, ...]:
    """The usable examples of one page."""
    title, synopsis = readme_summary(markdown)
    found: list[DocsExample] = []
    for index, (caption, code) in enumerate(_code_blocks(markdown.replace("\r\n", "\n").split("\n"))):
        if _is_whole(code) and len(found) < _MAX_EXAMPLES:
            found.append(DocsExample(index, title, caption, synopsis, code))
    return tuple(found)


def _code_blocks(lines: list[str]) -> Iterator[tuple[str | None, str]]:
    """(paragraph just above, code) of every block of a fitting language; a signature's code is ""."""
    paragraph: list[str] = []
    is_fresh = True  # a new paragraph begins
    is_signatures = False
    is_list = False  # below a list item four columns are a continuation, not code
    number = 0
    while number < len(lines):
        line = lines[number]
        fence = _FENCE.match(line)
        is_code = not is_list and is_fresh and _INDENT.match(line) and line.strip()
        if fence or is_code:
            body, number = _fenced(lines, number + 1, fence["marks"]) if fence else _indented(lines, number)
            if not fence or fence["label"].lower() in _LABELS:
                yield _caption(paragraph), "" if is_signatures else "\n".join(body).strip("\n")
            paragraph, is_fresh = [], True
            continue
        number += 1
        if not line.strip():
            is_fresh = True
            continue
        if heading := _HEADING.match(line):
            is_signatures = _SIGNATURES.match(heading[1]) is not None
            paragraph, is_fresh, is_list = [], True, False
            continue
        is_list = bool(_LIST.match(line)) or (is_list and not (is_fresh and not line.startswith(" ")))
        if is_fresh:
            paragraph = []
        is_fresh = False
        paragraph.append(line)


def _fenced(lines: list[str], start: int, marks: str) -> tuple[list[str], int]:
    """(code, number of the line after its closing fence)."""
    for number in range(start, len(lines)):
        if lines[number].strip().startswith(marks) and not lines[number].strip().strip(marks[0]):
            return lines[start:number], number + 1
    return lines[start:], len(lines)


def _indented(lines: list[str], start: int) -> tuple[list[str], int]:
    """(code without its indent, number of the first line after it)."""
    number = start
    while number < len(lines) and (_INDENT.match(lines[number]) or not lines[number].strip()):
        number += 1
    return [line.expandtabs(4)[4:].rstrip() for line in lines[start:number]], number


def _caption(paragraph: list[str]) -> str | None:
    if not paragraph or _LIST.match(paragraph[0]) or paragraph[0].lstrip().startswith(("|", "!", ">", "<")):
        return None
    _, prose = readme_summary("\n".join(line.strip() for line in paragraph))
    return prose[:_MAX_CAPTION_CHARS].removesuffix(":").strip() or None if prose else None


def _is_whole(code: str) -> bool:
    """True if the block makes something by itself: a statement that is no definition and no signature."""
    if not code or len(code) > _MAX_CODE_CHARS or _PLACEHOLDER.search(code):
        return False
    words = tokens(code)
    statements = list(_statements([word for word in words if not _INCLUDE.match(word)]))
    return any(_makes(statement) for statement in statements) and not _is_signature(words)


def _statements(words: list[str]) -> Iterator[list[str]]:
    """The outermost statements, each with the `;` or `}` that ends it; a rest without either is none."""
    statement: list[str] = []
    depth = 0
    for word in words:
        statement.append(word)
        depth += (word in ("(", "[", "{")) - (word in (")", "]", "}"))
        if depth <= 0 and word in (";", "}"):
            yield statement
            statement, depth = [], 0


def _makes(statement: list[str]) -> bool:
    is_definition = statement[0] in ("module", "function", "echo", "assert")
    is_assignment = statement[1:2] == ["="]
    return len(statement) > 1 and not is_definition and not is_assignment


def _is_signature(words: list[str]) -> bool:
    """True for one call that hands over names which stand nowhere else: `cuboid(size, center = false);`."""
    if words[1:2] != ["("] or words.count(";") > 1 or "{" in words:
        return False
    return any(
        _NAME.match(word)
        and word not in _CONSTANTS
        and words[i] in ("(", ",")
        and words[i + 2 : i + 3] in ([","], [")"])
        for i, word in enumerate(words[1:])
    )
