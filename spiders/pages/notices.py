"""Who made a design and what it may be used for, as the texts beside it say: a source's head, a README's licence.

Pure: texts in, words out. A LICENSE file is `corpus.licenses`' business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.licenses import NOASSERTION, detect_license, spdx_of
from spiders.items import License, license_in_text

__all__ = ["credited_author", "readme_license", "source_license"]

_HEAD_LINES = 60
_MAX_NAME_CHARS = 80
_MAX_README_CHARS = 200_000

_YEARS = r"(?:(?:19|20)\d\d(?:\s*[-–,]\s*(?:(?:19|20)?\d\d|present|now))*)"
_CREDITS = (
    re.compile(
        rf"(?i)(?:copyright\s*(?:\(c\)|©)?|\(c\)|©)[\s:,]*(?:copyright\s+)?{_YEARS}?[\s,:]*(?:by\s+)?(?P<name>\S.*)"
    ),
    re.compile(r"(?i)^\W*(?:original\s+)?@?authors?\s*(?:[:=]|\s-\s|\bis\b|(?<=@author)\s)\s*(?P<name>\S.*)"),
    re.compile(r"(?i)^\W*(?:created|designed|written|made|modell?ed)\s+by\s*:?\s+(?P<name>\S.*)"),
    # "by" alone begins a credit only with a name after it: `by Ada Lovelace`, never "by default"
    re.compile(r"^\W*[Bb]y:?\s+(?P<name>[A-Z][\w.'\-]+(?:\s+[A-Z][\w.'\-]+){1,3})\W*$"),
)
# Where a name ends: an address, a date, the next sentence.
_NAME_END = re.compile(
    r"""(?ix) \s*(?: [<(\[{|;] | https?:// | www\. | \S+@\S+ | [\w\-]+\.(?:com|org|net)\b
    | \ball\ rights\b | \blicen[sc] | \breleased\b | \bunder\b
    | \bon\s+\d | \bin\s+(?:19|20)\d\d | \s-\s | ,\s*(?:19|20)?\d | \s(?:19|20)\d\d\b | \.\s | \*/
    | \s(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*\s+\d ) .*""",
)
_NOT_A_NAME = re.compile(
    r"(?i)\b(holders?|owners?|notice|this|the (?:author|software|file|above)|permission|reserved|law|free software)\b"
)


def credited_author(scad: str) -> str | None:
    """The name in a source's head: `Copyright (c) 2020 Ada`, `Author: Ada`, `by Ada Lovelace`; None without one."""
    for raw in scad.lstrip("\ufeff").splitlines()[:_HEAD_LINES]:
        line = raw.strip()[:300]
        if not line.startswith(("//", "/*", "*", "(c)", "©")) and not line.lower().startswith(
            ("copyright", "author", "by ", "created by", "designed by", "written by", "spdx-")
        ):
            continue
        name = _name_in(line.strip("/*! \t"))
        if name:
            return name
    return None


def _name_in(line: str) -> str | None:
    line = re.sub(r"(?i)^spdx-filecopyrighttext:\s*", "Copyright ", line)
    for credit in _CREDITS:
        if match := credit.search(line):
            name = _NAME_END.sub("", match["name"], count=1).strip(" \t.,:;-–*/'\"")
            if 2 <= len(name) <= _MAX_NAME_CHARS and re.search(r"[^\W\d_]", name) and not _NOT_A_NAME.search(name):
                return " ".join(name.split())
    return None


def source_license(scad: str) -> License | None:
    """The licence in a source's own notice, which stands at either end of the file; None where none is recognised."""
    comments = "\n".join(_comments_at_ends(scad))
    return license_in_text(comments, scope="file") if comments else None


def _comments_at_ends(scad: str) -> Iterator[str]:
    lines = scad.splitlines()
    is_block = False
    for number, raw in enumerate(lines):
        line = raw.lstrip()
        is_comment = is_block or line.startswith(("//", "/*", "*")) or "SPDX" in line
        if is_comment and not _HEAD_LINES <= number < len(lines) - _HEAD_LINES:
            yield raw
        if is_block or line.startswith("/*"):
            is_block = "*/" not in line


_HEADING = re.compile(r"^(#{1,6})\s*(.*?)\s*#*$")
_LICENSE_HEADING = re.compile(r"(?i)^\W*licen[sc](?:e|es|ing)(?: information| terms)?\W*$")
_LICENSE_LINE = re.compile(r"(?i)^[\s>*_\-]*(?:\*\*|__)?licen[sc]e(?:\*\*|__)?\s*[:=]\s*(?:\*\*|__)?\s*(\S.*)$")
_LICENSE_BADGE = re.compile(r"(?i)!\[licen[sc]e[:\s]+([^\]]{2,60})\]")
_UNDER = re.compile(
    r"(?im)\b(?:licen[sc]ed|released|available|published|distributed|shared|provided)\s+under\s+"
    r"(?:the\s+)?(?:terms of\s+(?:the\s+)?)?(?:an?\s+)?(.{2,120}?)(?=[.;]?\s*$|[.;]\s)"
)
# In prose only a sentence about the work itself counts: "it uses BOSL2, which is released under …" does not.
_ITSELF_UNDER = re.compile(
    r"(?im)(?:^|[.!]\s+|\b(?:this|these|all|everything|the (?:design|model|part|project|code|file|repositor|work)\w*)\b"
    rf"[^.\n,]{{0,60}}\b(?:is|are)\s+){_UNDER.pattern.removeprefix('(?im)')}"
)
_ASIDE = re.compile(r"(?i)\s*(?:[(,;]|\s-\s|\bsee\b|\bunless\b|\bby\s+[A-Z]\w+\s)")
_REFERENCE = re.compile(r"(?m)^[ \t]{0,3}\[([^\[\]\n]+)\]:\s*(\S+)")
# Without `[` inside: a text of brackets only would be read to its end from each of them.
_LINK = re.compile(r"\[([^\[\]]*)\](?:\(([^)\[\s]*)(?:\s[^)\[]*)?\)|\[([^\[\]]*)\])?")


def readme_license(markdown: str) -> str | None:
    """The SPDX id that a README gives its folder: `License: …`, a licence section, a badge; None where it says none.

    Two different licences in one place (code and models, say) say nothing certain about a model: None.
    """
    text = markdown[:_MAX_README_CHARS].replace("\r\n", "\n")
    references = {name.lower(): url for name, url in _REFERENCE.findall(text)}
    for place in (
        _license_lines(text),
        _license_section(text),
        _ITSELF_UNDER.findall(text),
        _LICENSE_BADGE.findall(text),
    ):
        found = {spdx for words in place for spdx in _licenses_in(words, references)}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def _license_lines(text: str) -> list[str]:
    return [match[1] for line in text.split("\n") if (match := _LICENSE_LINE.match(line[:300]))]


def _license_section(text: str) -> list[str]:
    """The paragraphs below a heading `License`, up to the next heading of its level."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        heading = _HEADING.match(line)
        following = lines[number + 1].strip() if number + 1 < len(lines) else ""
        is_setext = re.fullmatch(r"=+|-{3,}", following) is not None
        if _LICENSE_HEADING.match(heading[2] if heading else line) and (heading or is_setext):
            body: list[str] = []
            for below in lines[number + (1 if heading else 2) :]:
                if _HEADING.match(below):
                    break
                body.append(below)
            return ["\n".join(body), *re.split(r"\n\s*\n", "\n".join(body))]
    return []


def _licenses_in(words: str, references: dict[str, str]) -> set[str]:
    """What a licence phrase means, with its links' words and their addresses."""
    linked = [(label, url or references.get((name or label).lower(), "")) for label, url, name in _LINK.findall(words)]
    plain = re.sub(r"[*_`]+", "", _LINK.sub(r"\1", words)).strip()
    short = _ASIDE.split(plain, maxsplit=1)[0]
    candidates = [plain, plain.rstrip("."), short, *(label for label, _ in linked)]
    found = {spdx_of(candidate).spdx for candidate in candidates} - {NOASSERTION}
    if not found:
        found = {spdx_of(_ASIDE.split(words)[0]).spdx for words in _UNDER.findall(plain)} - {NOASSERTION}
    if not found:
        found = {spdx for text in (plain, *(url for _, url in linked)) if text and (spdx := detect_license(text))}
    return found
