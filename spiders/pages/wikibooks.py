"""MediaWiki's JSON and wikitext -> plain values: pages with their revisions, and the OpenSCAD blocks on a page.

Pure and total: parsed JSON or wikitext in, None or () out for what can't be read. Time is linear in the text's length.
Covers `<syntaxhighlight>` and `<source>` blocks; text in `<pre>` or set in by a blank is shown, not marked as code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from corpus.normalize import tokens
from spiders.items import License, license_in_text, listed_license
from spiders.pages.fields import field, link, moment, number, plain_text, text

__all__ = ["Answer", "Block", "WikiPage", "blocks_of", "is_redirect", "parse_answer"]

_MAX_TEXT_CHARS = 2 << 20
"""MediaWiki itself allows a page no more."""
_MAX_DESCRIPTION_CHARS = 2000
_MAX_BLOCKS = 500
_MAX_NESTING = 8
_MAX_HEADING_CHARS = 300

_OPENING = re.compile(r"<(syntaxhighlight|source)\b([^<>]*)>", re.IGNORECASE)
_CLOSING = {name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in ("syntaxhighlight", "source")}
_ATTRIBUTE = re.compile(r"([\w-]+)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'=<>]+))?")
_HEADING = re.compile(r"(={2,6})\s*(\S.*?)\s*\1\s*")
_REDIRECT = re.compile(r"\s*#redirect\b", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
# possessive, and a reference ends at the next: a page of opened tags must not be read to its end for each
_REFERENCE = re.compile(r"<ref\b[^<>]*/>|<ref\b[^<>]*>[^<]*+(?:<(?!/?ref\b)[^<]*+)*+</ref\s*>", re.IGNORECASE)
_TEMPLATE = re.compile(r"\{\{([^{}]*)\}\}")
_CODE_TEMPLATES = frozenset(("code", "tt", "mono", "kbd", "samp", "var", "c", "codett"))
_MEDIA = re.compile(r"\[\[\s*(?:file|image|category|media)\s*:[^\[\]]*\]\]", re.IGNORECASE)
_INNER_LINK = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]")
_OUTER_LINK = re.compile(r"\[(?:https?:)?//[^\s\[\]]++[ \t]*+([^\[\]]*+)\]")
_WIKI_TAG = re.compile(r"</?(?:math|nowiki|gallery|center|big|small|section)\b[^<>]*>", re.IGNORECASE)
_EMPHASIS = re.compile(r"'{2,5}")
_NOT_PROSE = re.compile(r"[ \t]|\{\||\||!|-{4}|__[A-Z]+__|<gallery|</?(?:div|table|center)\b", re.IGNORECASE)
_MARKER = re.compile(r"^[*#:;]+\s*")

_OTHER_LANGUAGES = frozenset(("bash", "shell", "sh", "console", "bat", "batch", "ini", "make", "python", "xml", "html"))
_OPENSCAD_LANGUAGES = frozenset(("openscad", "scad"))
_SHELL = re.compile(
    r"^[ \t]*(?:[$>#][ \t]+)?(?:openscad(?:\.exe|\.com)?|sudo|apt-get|brew)[ \t]+[-\w./\"]", re.MULTILINE
)
_PLACEHOLDERS = frozenset(((".", ".", "."), ("true", "/", "false"), ("false", "/", "true")))
_BUILT_IN = frozenset(
    ("circle", "cube", "cylinder", "difference", "hull", "intersection", "linear_extrude", "minkowski", "multmatrix")
    + ("polygon", "polyhedron", "rotate", "rotate_extrude", "sphere", "square", "translate", "union")
)


@dataclass(frozen=True)
class WikiPage:
    page_id: str
    title: str
    revision: str | None
    changed_at: str | None
    text: str | None
    """Wikitext; None where the answer holds none."""
    is_missing: bool = False


@dataclass(frozen=True)
class Answer:
    """One answer of action=query."""

    pages: tuple[WikiPage, ...]
    more: dict[str, str]
    """Parameters that ask for the next part; empty at the end."""
    error: str | None
    """MediaWiki's code, such as `maxlag`."""
    license: License | None
    """Of the wiki's texts, where the answer tells."""


@dataclass(frozen=True)
class Block:
    """One block of OpenSCAD on a page."""

    path: str
    section: str | None
    description: str | None
    """The paragraph above it, as plain words."""
    scad: str


def parse_answer(data: Any) -> Answer | None:
    """An answer of the API; None for what is none."""
    if not isinstance(data, dict):
        return None
    error = text(field(data, "error", "code"))
    entries = field(data, "query", "pages")
    more = data.get("continue")
    if error is None and not isinstance(entries, list) and "batchcomplete" not in data and not more:
        return None
    return Answer(
        pages=tuple(page for entry in entries if (page := _page(entry))) if isinstance(entries, list) else (),
        more={k: str(v) for k, v in more.items() if isinstance(v, str | int)} if isinstance(more, dict) else {},
        error=error,
        license=_license(field(data, "query", "rightsinfo")),
    )


def is_redirect(wikitext: str) -> bool:
    """True for a page that only points at another."""
    return _REDIRECT.match(wikitext) is not None


def blocks_of(wikitext: str) -> tuple[Block, ...]:
    """The blocks on a page that may be designs: no other language, no shell, no bare signature."""
    found: list[Block] = []
    n_by_slug: dict[str, int] = {}
    section: str | None = None
    for prose, language, code in _segments(_COMMENT.sub("", wikitext[:_MAX_TEXT_CHARS])):
        heading, description = _words_above(prose)
        section = heading or section
        if len(found) >= _MAX_BLOCKS or not _is_design(code, language):
            continue
        slug = _slug(section)
        n_by_slug[slug] = n_by_slug.get(slug, 0) + 1
        found.append(Block(f"{slug}-{n_by_slug[slug]}.scad", section, description, code.strip("\n") + "\n"))
    return tuple(found)


def _page(entry: Any) -> WikiPage | None:
    page_id, title = number(field(entry, "pageid")), text(field(entry, "title"))
    is_missing = bool(field(entry, "missing"))
    if page_id is None or (title is None and not is_missing):
        return None
    revisions = field(entry, "revisions")
    revision = revisions[0] if isinstance(revisions, list) and revisions else None
    revision_id = number(field(revision, "revid"))
    content = field(revision, "slots", "main", "content")
    return WikiPage(
        page_id=str(page_id),
        title=title or "",
        revision=str(revision_id) if revision_id else None,
        changed_at=moment(field(revision, "timestamp")),
        text=content if isinstance(content, str) else None,
        is_missing=is_missing,
    )


def _license(rights: Any) -> License | None:
    words, page = text(field(rights, "text")), link(field(rights, "url"))
    named = listed_license(words, scope="site")
    if named.spdx != "NOASSERTION":
        return named
    linked = license_in_text(page, scope="site") if page else None
    return License(words or page, linked.spdx, "site", "declared") if linked else None


def _segments(wikitext: str) -> Iterator[tuple[str, str | None, str]]:
    """(text between the last block and this, its language, its code) of each block that stands on lines of its own."""
    prose: list[str] = []
    unclosed: set[str] = set()
    position = 0
    while (opening := _OPENING.search(wikitext, position)) is not None:
        tag = opening[1].lower()
        closing = None if tag in unclosed else _CLOSING[tag].search(wikitext, opening.end())
        prose.append(wikitext[position : opening.start()])
        if closing is None or opening[2].endswith("/"):
            unclosed |= {tag} if closing is None else set()
            position = opening.end()
            continue
        attributes = {name.lower(): value for name, value in _ATTRIBUTE.findall(opening[2][:500])}
        code = wikitext[opening.end() : closing.start()]
        if "inline" in attributes:
            prose.append(code)
        else:
            yield "".join(prose), attributes.get("lang", "").strip("\"' ").lower() or None, code
            prose.clear()
        position = closing.end()


def _words_above(prose: str) -> tuple[str | None, str | None]:
    """(the last heading, the last paragraph after it) of the text before a block; None for what it lacks."""
    heading: str | None = None
    paragraph: list[str] = []
    is_open = False
    for line in _plain_markup(prose).split("\n"):
        if match := _HEADING.fullmatch(line.strip()[:_MAX_HEADING_CHARS]):
            heading, paragraph, is_open = _words(match[2]) or heading, [], False
        elif not line.strip():
            is_open = False
        elif not _NOT_PROSE.match(line):
            if not is_open:
                paragraph = []
            paragraph.append(_MARKER.sub("", line, count=1))
            is_open = True
    return heading, _words(" ".join(paragraph), max_chars=_MAX_DESCRIPTION_CHARS)


def _plain_markup(wikitext: str) -> str:
    """Links, templates and emphasis as words; headings, lists and blank lines stay."""
    plain = _WIKI_TAG.sub("", _REFERENCE.sub("", wikitext))
    for pattern, replacement in ((_TEMPLATE, _template_words), (_MEDIA, ""), (_INNER_LINK, r"\1"), (_MEDIA, "")):
        for _ in range(_MAX_NESTING if pattern is _TEMPLATE else 1):
            plain, n_found = pattern.subn(replacement, plain)
            if not n_found:
                break
    return _EMPHASIS.sub("", _OUTER_LINK.sub(r"\1", plain))


def _template_words(template: re.Match[str]) -> str:
    """What a template shows: its last argument where it sets code, else nothing."""
    name, *arguments = template[1].split("|")
    if name.strip().lower() not in _CODE_TEMPLATES or not arguments:
        return ""
    return arguments[-1].removeprefix("1=").strip()


def _words(markup: str, *, max_chars: int = 200) -> str | None:
    """Plain words of a line: no tags, entities read."""
    return text(plain_text(markup), max_chars=max_chars)


def _is_design(code: str, language: str | None) -> bool:
    if language in _OTHER_LANGUAGES or _SHELL.search(code):
        return False
    words = tokens(code)
    if not {";", "{"} & set(words) or _is_signature(words):
        return False
    # the manual set OpenSCAD as Java or C before the wiki knew the language
    return language in _OPENSCAD_LANGUAGES or not _BUILT_IN.isdisjoint(words)


def _is_signature(words: list[str]) -> bool:
    """True where a call is described, not made: `center = true/false`, `[x, y, …]`, `{ ... }`."""
    return "…" in words or any(trio in _PLACEHOLDERS for trio in zip(words, words[1:], words[2:], strict=False))


def _slug(section: str | None) -> str:
    return re.sub(r"[^a-z0-9]+", "-", (section or "").lower()).strip("-")[:60].strip("-") or "top"
