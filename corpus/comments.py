"""Comments that no model should learn: code that was commented out, banners, drawings in characters.

Pure, linear. Why: a model that sees dead code writes dead code, and rows of `=====` are tokens without a meaning. Only
comments that have their lines to themselves are looked at; a usage example after `Example:` stays, and the Customizer's
parameters are the same before and after, save a description that was itself dead code or a banner.
"""

from __future__ import annotations

import re

from corpus.header import has_same_parameters
from corpus.normalize import Segment, segments

__all__ = ["close_gaps", "trim_comments"]

_MIN_BANNER_CHARS = 4
_MIN_ART_CHARS = 8
_MAX_ART_LETTERS = 0.25
"""Letters and digits among what is not blank: prose has over 0.9, `| <--- 20 ---> |` 0.15."""
_MIN_CODE_SHARE = 0.8
_CODE = re.compile(
    r"[%#!*]*\s*(?:"
    r"\$?[A-Za-z_]\w*\s*=(?!=)[^;]*;.*"  # an assignment
    r"|(?:module|function)\s+\w+\s*\(.*[;{})=]"
    r"|[A-Za-z_]\w*\s*\(.*[;{]"  # a call that ends as a statement
    r"|(?:include|use)\s*<.*>;?"
    r"|\}\s*(?:else\b.*\{|else)?;?"
    r"|[\])}]+\s*[;,]?"
    r")\s*(?://.*)?"
)
_OPEN_CALL = re.compile(r"[%#!*]*\s*[A-Za-z_]\w*\s*\(.*[),]\s*(?://.*)?|[\[\](){}\d.,\s+*/-]+")
_INTRODUCES = re.compile(
    r".*:|[A-Z][\w &-]{0,40}(?:\([^()]*\))?:.*|(?i:.*\b(?:examples?|usage|use it|e\.g|try|call|syntax)\b.*)"
)
_DECORATED = re.compile(r"//[ \t]*[-=*/#~_+]{3,}[ \t]*(?P<words>\w[^-=*/#~_+]*+)[-=*/#~_+]{3,}")


def trim_comments(scad: str) -> str:
    """The source without dead code and banners in its comments."""
    pieces = segments(scad)
    if not any(s.kind == "comment" for s in pieces):
        return scad
    dropped: list[str] = []
    trimmed = "".join(_trimmed(pieces, _comment_lines(pieces), dropped))
    return trimmed if not dropped or has_same_parameters(scad, trimmed, dropped=dropped) else scad


def close_gaps(scad: str) -> str:
    """The source without more than one blank line in a row, outside strings and comments."""
    if "\n\n\n" not in scad:
        return scad
    return "".join(
        re.sub(r"\n(?:[ \t]*\n){2,}", "\n\n", s.text) if s.kind == "code" else s.text for s in segments(scad)
    )


def _has_own_lines(pieces: list[Segment], at: int) -> bool:
    """Whether nothing but blanks stands before and after a comment on its lines."""
    before = pieces[at - 1] if at else Segment("code", "\n")
    after = pieces[at + 1] if at + 1 < len(pieces) else Segment("code", "\n")
    if before.kind != "code" or after.kind != "code":
        return False
    is_first = "\n" in before.text or at == 1
    return is_first and not before.text.rpartition("\n")[2].strip() and not after.text.partition("\n")[0].strip()


def _comment_lines(pieces: list[Segment]) -> dict[int, bool]:
    """Of each `//` comment that has its line alone: whether it is dead code, in the light of its neighbours."""
    runs: list[list[int]] = []
    previous = -9
    for at, segment in enumerate(pieces):
        if segment.kind == "comment" and segment.text.startswith("//") and _has_own_lines(pieces, at):
            if previous == at - 2 and pieces[at - 1].text.count("\n") == 1:
                runs[-1].append(at)
            else:
                runs.append([at])
            previous = at
    return {
        at: is_dead for run in runs for at, is_dead in zip(run, _dead([pieces[i].text[2:] for i in run]), strict=True)
    }


def _dead(lines: list[str]) -> list[bool]:
    """Which lines of one comment are code; those after a line that introduces an example are not dead."""
    words = [line.strip() for line in lines]
    is_code = [_CODE.fullmatch(w) is not None for w in words]
    for at, line in enumerate(words):  # the first lines of a statement that ends below
        if not is_code[at] and _OPEN_CALL.fullmatch(line) and at and is_code[at - 1]:
            is_code[at] = True
    for at in range(len(words) - 2, -1, -1):
        if not is_code[at] and words[at] and is_code[at + 1] and _OPEN_CALL.fullmatch(words[at]):
            is_code[at] = True
    is_example = False
    dead = []
    for line, code in zip(words, is_code, strict=True):
        if not code and line and not line.startswith("//") and any(c.isalnum() for c in line):
            is_example = bool(_INTRODUCES.fullmatch(line))
        dead.append(code and not is_example)
    return dead


def _is_banner(line: str) -> bool:
    """A line of punctuation, or a drawing."""
    plain = "".join(line.split())
    n_letters = sum(c.isalnum() for c in plain)
    if n_letters == 0:
        return len(plain) >= _MIN_BANNER_CHARS and plain.isascii()
    return len(plain) >= _MIN_ART_CHARS and n_letters < _MAX_ART_LETTERS * len(plain)


def _trimmed(pieces: list[Segment], lines: dict[int, bool], dropped: list[str]) -> list[str]:
    """The pieces with what is left of each comment; `dropped` takes the lines that went."""
    out: list[str] = []
    is_after_brace = is_line_gone = is_below_comment = False
    for at, (kind, text) in enumerate(pieces):
        is_after_brace = is_after_brace or (kind == "code" and "{" in text)
        is_dropped = False
        if at in lines:
            match = _DECORATED.fullmatch(text.strip())
            if lines[at] or (_is_banner(text[2:]) and not match):
                is_dropped = True
                dropped.append(text)
            elif match and not _stands_above_code(pieces, at):
                text = f"// {match['words'].strip()}"
        elif kind == "comment" and text.startswith("/*") and _has_own_lines(pieces, at):
            if "\n" in text or is_after_brace:  # before the first brace one of one line opens a Customizer group
                text = _trimmed_block(text, dropped)
                is_dropped = not text
        elif is_line_gone:
            text = text.partition("\n")[2]
        if not is_dropped:
            is_line = text.startswith("//") and at in lines
            is_below_comment = is_line or (
                is_below_comment and kind == "code" and text.count("\n") == 1 and text.isspace()
            )
        # a blank line stays where the comment above would come to describe the code below
        is_line_gone = is_dropped and not (is_below_comment and _stands_above_code(pieces, at))
        if is_dropped and out:
            out[-1] = out[-1].rstrip(" \t")
        out.append("" if is_dropped else text)
    return out


def _stands_above_code(pieces: list[Segment], at: int) -> bool:
    """Whether the line after a comment is code."""
    if at + 1 >= len(pieces):
        return False
    line, line_end, _ = pieces[at + 1].text.partition("\n")[2].partition("\n")
    return bool(line.strip()) or (not line_end and at + 2 < len(pieces) and pieces[at + 2].kind != "comment")


def _trimmed_block(text: str, dropped: list[str]) -> str:
    """A block comment without its banners; empty where it is dead code, or nothing is left."""
    inner = text[2:].removesuffix("*/").split("\n")
    words = [line for line in inner if line.strip(" \t*")]
    if words and sum(_dead(words)) >= _MIN_CODE_SHARE * len(words):
        dropped.append(text)
        return ""
    banners = [line for line in inner if _is_banner(line)]
    if not banners:
        return text
    dropped.extend(banners)
    # the first and the last hold the comment's own marks
    ends = (0, len(inner) - 1)
    kept = ["" if _is_banner(line) else line for at, line in enumerate(inner) if at in ends or not _is_banner(line)]
    return f"/*{chr(10).join(kept)}*/" if any(line.strip(" \t*") for line in kept) else ""
