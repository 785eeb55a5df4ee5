"""The notice at the head or the end of a source (title, author, licence, credits, history), cut out and kept apart.

Pure, linear. Why: a model that learns notices puts strangers' names on what it writes; and licences ask that the credit
is kept, which as metadata it is. A comment that tells what the part is stays, and so do comments of the Customizer: the
parameters are the same before and after, save a description that was itself a line of the notice.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.licenses import detect_choices
from corpus.normalize import Segment, segments
from render.customizer import Parameter, parse_parameters

__all__ = ["Headed", "has_same_parameters", "notice_licenses", "split_header"]


@dataclass(frozen=True)
class Headed:
    scad: str
    """Without the notice."""
    notice: str | None
    """Its lines, without comment marks."""


_HEAD_LINES = 60
_LEGAL = re.compile(
    r"(?i)copyright|©|\(c\)\s*(?:19|20)\d\d|\blicen[sc]e[ds]?\b|\blicensing\b|\bspdx-|creative commons|\bcc[- ]by\b"
    r"|\bcc0\b|public domain|rights reserved|\bwarrant(?:y|ies)\b|redistribut|\b(?:l|a)?gpl\b|\bfree software\b"
    r"|permission (?:is hereby granted|to use)|\"as is\""
)
_CREDIT = re.compile(
    r"(?i)\s*(?:@?authors?|creator|designer|maintainer|contact|e-?mail|version|ver|rev(?:ision)?|date|updated?"
    r"|modified|last (?:change|update|modified)|file(?:name)?|project|url|link|web ?(?:site|page)|homepage|source"
    r"|credits?|thanks|original(?:ly)?|contributors?)\b\s*[:=#]"
    r"|\s*(?:(?:re)?(?:designed|created|modell?ed|written|made|drawn|remixed|modified|adapted|updated|coded"
    r"|programmed|ported|derived|converted|inspired|contributed)|based|originally|remix|a remix|derivative)"
    r"\s+(?:by|from|on|of|for)\b|\s*by:?\s+(?-i:[A-Z@])|\s*(?:thanks|thx|credits?|kudos)\s+(?:to|go)\b|\s*@\w+\s*\Z"
    r"|\s*(?:v|ver|version|rev)?\.?\s*\d+(?:\.\d+)+[a-z]?(?:\s|:|\Z)(?!\s*(?:mm|cm|in|deg|x)\b)|\s*v(?:ersion)?\s?\d+\b"
    r"|\s*(?:19|20)\d\d[-./]\d\d?[-./]\d\d?\b|\s*\d\d?[-./]\d\d?[-./](?:19|20)?\d\d\b"
    r"|\s*(?:\d\d?\s+)?(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)[a-z]*\.?\s+(?:\d\d?,?\s+)?(?:19|20)\d\d\b"
    r"|.*(?:https?://|\bwww\.|\bthingiverse\b|<e-mail>|\S@[\w-]+\.)"
)
_LIST = re.compile(
    r"(?i)\s*(?:change ?log|change history|changes|history|version history|revision history|revisions)\b"
    r"|\s*(?:authors?|contributors?|credits|thanks|links?|sources?)\s*:?\s*\Z"
)
_GROUP = re.compile(r"/\*[ \t]*\[")
_MARKS = " \t/*#!|"


def notice_licenses(scad: str) -> tuple[str, ...]:
    """The SPDX ids that the comments at either end of a source name: several where they offer a choice."""
    lines = scad.split("\n")
    is_long = len(lines) > 2 * _HEAD_LINES
    ends = ["\n".join(lines[:_HEAD_LINES]), "\n".join(lines[-_HEAD_LINES:])] if is_long else [scad]
    comments = "\n".join(s.text for end in ends for s in segments(end) if s.kind == "comment")
    return detect_choices(comments) if comments else ()


def split_header(scad: str) -> Headed:
    """The source without its notice, and the notice."""
    pieces = segments(scad)
    first = next((i for i, s in enumerate(pieces) if not _is_trivia(s)), len(pieces))
    last = next((i for i in range(len(pieces) - 1, first - 1, -1) if not _is_trivia(pieces[i])), first - 1)
    code = "".join(s.text for s in pieces[first : last + 1])
    head, head_notice = _cut("".join(s.text for s in pieces[:first]))
    tail, tail_notice = _cut("".join(s.text for s in pieces[last + 1 :]))
    notice = "\n".join((*head_notice, *tail_notice)).strip()
    if not notice or not code.strip():
        return Headed(scad, None)
    cut = (head + code).lstrip("\n") + tail
    if has_same_parameters(scad, cut, dropped=head_notice):
        return Headed(cut, notice)
    return Headed(scad, None)


def _is_trivia(segment: Segment) -> bool:
    return segment.kind == "comment" or (segment.kind == "code" and not segment.text.strip())


def has_same_parameters(before: str, after: str, *, dropped: Sequence[str] = ()) -> bool:
    """Whether the Customizer offers the same, lines apart; a description among `dropped` may be gone.

    No group and the group `Parameters` are the same: neither was named.
    """
    gone = {line.strip(_MARKS) for line in dropped}

    def shown(parameters: tuple[Parameter, ...]) -> list[Parameter]:
        return [
            replace(
                p,
                line=0,
                group=p.group or "Parameters",
                description="" if p.description.strip(_MARKS) in gone else p.description,
            )
            for p in parameters
        ]

    return shown(parse_parameters(before)) == shown(parse_parameters(after))


def _cut(trivia: str) -> tuple[str, list[str]]:
    """Comments without what is a notice in them, and the notice's lines."""
    kept: list[str] = []
    notice: list[str] = []
    for block in _blocks(trivia):
        if block.startswith("/*") and not _GROUP.match(block):
            inside, found = _cut_lines(block[2:].removesuffix("*/").split("\n"))
            if found:
                block = _block_comment(inside)
                notice += found
        elif block.startswith("//"):
            lines, found = _cut_lines(block.split("\n"))
            if found:
                block = "\n".join(lines) if any(line.strip(_MARKS) for line in lines) else ""
                notice += found
        kept.append(block)
    return "".join(kept), notice


def _block_comment(lines: list[str]) -> str:
    """What is left of a block comment; empty where nothing is."""
    while lines and not lines[-1].strip(_MARKS):
        lines.pop()
    while len(lines) > 1 and not lines[0].strip(_MARKS) and not lines[1].strip(_MARKS):
        del lines[1]
    if not lines:
        return ""
    is_starred = lines[-1].lstrip().startswith("*")
    end = " */" if len(lines) == 1 else "\n */" if is_starred else "\n*/"
    return f"/*{chr(10).join(lines)}{end}"


def _blocks(trivia: str) -> list[str]:
    """Runs of `//` lines, block comments, and the blanks between, in order; joined they are the text again."""
    blocks: list[str] = []
    run: list[str] = []
    for kind, text in segments(trivia):
        is_line = kind == "comment" and text.startswith("//")
        if is_line or (kind == "code" and run and text.count("\n") == 1):
            run.append(text)
            continue
        blocks += _closed(run)
        run = []
        blocks.append(text)
    return [*blocks, *_closed(run)]


def _closed(run: list[str]) -> list[str]:
    """A run without the blanks after its last comment, which are a block of their own."""
    if not run:
        return []
    return ["".join(run[:-1]), run[-1]] if not run[-1].startswith("//") else ["".join(run)]


def _cut_lines(lines: list[str]) -> tuple[list[str], list[str]]:
    """Paragraph by paragraph: a legal one goes whole; of another the lines of credit, with what continues them."""
    kept: list[str] = []
    notice: list[str] = []
    for paragraph in _paragraphs(lines):
        is_legal = any(_LEGAL.search(line) for line in paragraph)
        is_list = is_cut = False
        for line in paragraph:
            words = line.strip(_MARKS)
            is_list = is_list or _LIST.match(words) is not None
            is_cut = is_legal or is_list or bool(_CREDIT.match(words)) or (is_cut and words[:1].islower())
            if words and is_cut:
                notice.append(words)
            elif not is_legal:
                kept.append(line)
    return kept, notice


def _paragraphs(lines: list[str]) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for line in lines:
        found[-1].append(line)
        if not line.strip(_MARKS + "=-_+~."):
            found.append([])
    return found
