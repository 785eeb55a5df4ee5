"""What the texts in a folder tell about a design: README, leading comment, customizer comments.

Pure: texts in, words out. Finding and reading the files is `spiders.folder`'s business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from corpus.licenses import NOASSERTION, spdx_of

__all__ = ["Words", "describe", "has_customizer", "leading_comment", "readme_summary", "title_from_stem"]

_MAX_DESCRIPTION_CHARS = 2000
_MAX_TITLE_CHARS = 120

# Without `[` inside: a text of brackets only would be read to its end from each of them.
_BADGE = re.compile(r"\[?!\[[^\[\]]*\]\([^)\[]*\)(\]\([^)\[]*\))?")
_LINK = re.compile(r"\[([^\[\]]*)\]\([^)\[]*\)")
_HTML_TAG = re.compile(r"<[^>\n]{1,200}>")
_RULER = re.compile(r"^[\s*/=#_~\-]*$")
_ANNOTATION = re.compile(r"^[ \t]*\w+[ \t]*=[^;\n]+;[ \t]*//[ \t]*\[[^\]\n]*\]", re.MULTILINE)
_SECTION = re.compile(r"^[ \t]*/\*[ \t]*\[[^\]\n]+\][ \t]*\*/", re.MULTILINE)
_LEGAL = re.compile(
    r"(?i)^\W*(\w+ )?(copyright|\(c\)|©|spdx-|licen[sc]ed?[ :]|this (program|file|work|library|software) is|"
    r"released under|all rights reserved|to the extent possible under law|written in \d{4})"
)
# Lines of a leading comment that say nothing about the design: credits, addresses, a licence's name, code out of use.
_SIDE_LINE = re.compile(
    r"(?i)^\W*((authors?|version|date|e-?mail|website|url|file ?name|last \w+|from)\s*[:=]|@author\b|version\s+\d"
    r"|(originally|created|written|designed|modified|made)\s+by\b"
    r"|https?://\S+\W*$)"
    r"|\S@\S{1,100}\.\w|[;{}]\s*$"
)
_BY_NAME = re.compile(r"^\W*[Bb]y [A-Z]\w+( [A-Z][\w.]+){0,3}\W*$")
_OWN_NAME = re.compile(r"(?i)^\S+\.scad\s*(?:-|–|:)\s*(?=\S)")
_CODE_FREE = re.compile(r"^\s*(?:(include|use)\s*<[^>\n]*>\s*;?\s*)?$")


@dataclass(frozen=True)
class Words:
    title: str
    description: str | None
    description_kind: str
    """readme | doc_comment | none"""


def readme_summary(markdown: str) -> tuple[str | None, str | None]:
    """(first heading, first paragraph of prose) of a README; None for what it lacks."""
    title: str | None = None
    paragraph: list[str] = []
    is_fenced = False
    lines = markdown.replace("\r\n", "\n").split("\n")
    for index, raw in enumerate(lines):
        line = raw.strip()
        if line.startswith(("```", "~~~")):
            is_fenced = not is_fenced
            continue
        if is_fenced:
            continue
        following = lines[index + 1].strip() if index + 1 < len(lines) else ""
        is_setext = bool(line) and re.fullmatch(r"=+|-{3,}", following) is not None
        if line.startswith("#") or is_setext:
            if paragraph:
                break
            title = title or _plain(line.lstrip("#").strip("# ")) or None
            continue
        prose = _plain(line)
        is_prose = bool(prose) and not _RULER.match(line) and not line.startswith(("|", ">", "- ", "* ", "+ "))
        if is_prose:
            paragraph.append(prose)
        elif paragraph:
            break
    return _clip(title, _MAX_TITLE_CHARS), _clip(" ".join(paragraph), _MAX_DESCRIPTION_CHARS)


def leading_comment(scad: str) -> str | None:
    """The first comment block before any code that says something: no markers, rulers, credits, legal lines. Or None.

    Many files open with a licence notice and describe themselves in the block after it, or after their includes.
    """
    return next((text for block in _leading_blocks(scad) if (text := _prose(block))), None)


def _leading_blocks(scad: str) -> Iterator[list[str]]:
    """The comment blocks before any code, without their markers."""
    lines: list[str] = []
    is_block = False
    for raw in scad.lstrip("\ufeff").replace("\r\n", "\n").split("\n"):
        line = raw.strip()
        if is_block:
            body, end, _ = line.partition("*/")
            lines.append(body.lstrip("*").strip())
            is_block = not end
        elif line.startswith("/*"):
            if _SECTION.match(line):  # a customizer section, not prose
                break
            body, end, _ = line.removeprefix("/*").partition("*/")
            lines.append(body.strip("*!").strip())
            is_block = not end
        elif line.startswith("//"):
            lines.append(line.strip("/").lstrip("!").strip())
        elif _CODE_FREE.match(line):
            yield lines
            lines = []
        else:
            break
    yield lines


def _prose(block: list[str]) -> str | None:
    kept: list[str] = []
    for line in block:
        if _LEGAL.match(line):
            break  # what follows a licence notice is the notice
        is_aside = _RULER.match(line) or _SIDE_LINE.search(line) or _BY_NAME.match(line)
        if not line or not (is_aside or spdx_of(line).spdx != NOASSERTION):
            kept.append(line)
    text = "\n".join(line.rstrip("* \t") for line in kept).strip()
    return _clip(_OWN_NAME.sub("", text), _MAX_DESCRIPTION_CHARS)


def has_customizer(scad: str) -> bool:
    """True if OpenSCAD's customizer would show annotated parameters: `x = 3; // [1:10]` or `/* [Section] */`."""
    return bool(_ANNOTATION.search(scad) or _SECTION.search(scad))


def title_from_stem(stem: str) -> str:
    """`wall_hook-v2` -> `Wall hook v2`."""
    spaced = re.sub(r"[_\-\s]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", stem)).strip()
    return (spaced[:1].upper() + spaced[1:])[:_MAX_TITLE_CHARS] or "Untitled"


def describe(path: str, scad: str, *, readme: str | None, n_sharing_readme: int) -> Words:
    """Title and description of one source.

    `n_sharing_readme` is 1 for a README that is about this source. One that several share describes the collection,
    so the source's own comment comes first there, and the collection's words are the fallback.
    """
    stem_title = title_from_stem(PurePosixPath(path).stem)
    heading, paragraph = readme_summary(readme) if readme else (None, None)
    comment = leading_comment(scad)
    if n_sharing_readme == 1 and (heading or paragraph):
        return Words(heading or stem_title, paragraph or comment, "readme" if paragraph else _kind(comment))
    if comment:
        first, _, rest = comment.partition("\n")
        is_heading = len(first) <= 60 and not first.endswith((".", ",", ";"))
        title = first.rstrip(":") if is_heading else stem_title
        return Words(title, rest.strip() or comment, "doc_comment")
    return Words(stem_title, paragraph, "readme" if paragraph else "none")


def _kind(comment: str | None) -> str:
    return "doc_comment" if comment else "none"


def _plain(markdown: str) -> str:
    text = _LINK.sub(r"\1", _BADGE.sub("", markdown))
    return re.sub(r"[`*]+", "", _HTML_TAG.sub("", text)).strip()


def _clip(text: str | None, max_chars: int) -> str | None:
    return text[:max_chars].strip() or None if text else None
