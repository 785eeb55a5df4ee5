"""The words of a design as a prompt: the author's title and description, cleaned.

Pure. Covers plain text, HTML and Markdown as sites give it; rewriting words into requests is not here.
"""

from __future__ import annotations

import html
import re

from corpus.schema import CrawledRow

__all__ = ["MAX_PROMPT_CHARS", "prompt_kind", "prompt_of"]

MAX_PROMPT_CHARS = 400
"""Longer descriptions go on about printing and assembly; what the part is stands first."""
_MIN_WORDS = 2
_MIN_LETTERS = 6

_TAG = re.compile(r"<[A-Za-z/!][^<>]{0,300}>")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
_URL = re.compile(r"(?:https?://|www\.)\S+")
_LINE_MARK = re.compile(r"^\s{0,3}(?:#{1,6}|>|[-*+])\s+", re.MULTILINE)
_EMPHASIS = re.compile(r"[*_`]{2,}|(?<!\w)[*`](?=\w)|(?<=\w)[*`](?!\w)")
_FILE_SUFFIX = re.compile(r"\.(?:scad|stl)$", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200b\ufeff\ud800-\udfff]")


def prompt_of(row: CrawledRow) -> str | None:
    """Title and description as one line; None where nobody said what the design is."""
    title = _plain(_FILE_SUFFIX.sub("", row.title or "").replace("_", " ")).rstrip(" .:")
    words = _plain(row.description or "")
    if title and title.lower() not in words.lower():
        words = f"{title}: {words}" if words else title
    prompt = _cut(words)
    n_letters = sum(c.isalpha() for c in prompt)
    return prompt if len(prompt.split()) >= _MIN_WORDS and n_letters >= _MIN_LETTERS else None


def prompt_kind(row: CrawledRow) -> str:
    """Whose words they are; a title alone is its author's."""
    return row.description_kind if row.description and row.description_kind != "none" else "author"


def _plain(text: str) -> str:
    text = html.unescape(_TAG.sub(" ", text))
    text = _URL.sub(" ", _LINK.sub(r"\1", text))
    text = _EMPHASIS.sub("", _LINE_MARK.sub(" ", text))
    return " ".join(_CONTROL.sub(" ", text).split())


def _cut(text: str) -> str:
    """At most MAX_PROMPT_CHARS, cut at the end of a sentence, else of a word."""
    if len(text) <= MAX_PROMPT_CHARS:
        return text
    head = text[:MAX_PROMPT_CHARS]
    sentence = max(head.rfind(end) for end in (". ", "! ", "? "))
    return head[: sentence + 1] if sentence > MAX_PROMPT_CHARS // 3 else head.rsplit(" ", 1)[0].rstrip(" ,;:")
