"""Two questions of language: is a source OpenSCAD at all, and are the words about it English.

Pure, linear, without a model. The first knows a dozen neighbours by constructs that can't stand in OpenSCAD; what none
of them gives away is the engine's to say. The second counts scripts and small words of the commonest languages: of a
title of one or two words it can only tell the script, so "Halterung" passes for English. It refuses nothing by doubt.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from corpus.normalize import segments

__all__ = ["code_of", "is_english", "is_openscad", "other_language"]

_HEAD_CHARS = 2_000
# Of the whole text, as its file begins.
_STARTS = (
    ("HTML", re.compile(r"\s*<(?:!doctype|html|head|body|div|\?xml|svg)\b", re.IGNORECASE)),
    ("STL", re.compile(r"\s*solid\b[^\n;{}()]*\n\s*(?:facet\s+normal\b|endsolid\b)")),
    ("OFF", re.compile(r"\s*OFF\s*\n\s*\d+\s+\d+\s+\d+")),
    ("OBJ", re.compile(r"(?:\s*#[^\n]*\n|\s*(?:mtllib|o|g)\s[^\n;]*\n)*\s*v(?:\s+-?[\d.]+){3}\s*\n")),
    ("STEP", re.compile(r"\s*ISO-10303-21;")),
    ("JSON", re.compile(r'\s*(?:\{\s*"[^"\n]*"\s*:|\[\s*\{\s*")')),
    ("Python", re.compile(r"#!.*\bpython")),
    ("shell", re.compile(r"#!.*\b(?:ba|z|da)?sh\b")),
    ("XML", re.compile(r"\s*<[A-Za-z][\w:]*(?:\s+[\w:]+=\"[^\"\n]*\")*\s*/?>\s*<")),
)
# Of code without strings and comments. `let (…)`, `import(…)` and `function f() = …` are OpenSCAD's own.
_MARKS = (
    ("Python", r"^[ \t]*(?:from[ \t]+[\w.]+[ \t]+import|import[ \t]+[A-Za-z_][\w.]*[ \t]*(?:$|,|as\b))"),
    ("Python", r"^[ \t]*(?:def|class)[ \t]+\w+[ \t]*(?:\([^()\n]*\))?[ \t]*(?:->[^\n:]*)?:[ \t]*$"),
    ("JavaScript", r"^[ \t]*(?:export[ \t]+)?(?:const|let|var)[ \t]+(?:[\w$]+|\{[^{}\n]*\})[ \t]*(?:=|;|$)"),
    ("JavaScript", r"\bfunction\s+[\w$]+\s*\([^()]*\)\s*\{|\)\s*=>|===|\bmodule\.exports\b|\brequire[ \t]*\([ \t]*\)"),
    ("C", r"^[ \t]*#[ \t]*(?:include[ \t]*(?:<|$)|define[ \t]+\w|ifdef|ifndef|endif|pragma)"),
    (
        "C",
        r"^[ \t]*(?:(?:static|const|unsigned)[ \t]+)*(?:int|void|float|double|char|bool)[ \t*]+\w+[ \t]*[(;=\[,]",
    ),
    ("C", r"\bstd::|\bnamespace[ \t]+\w+|^[ \t]*(?:public|private|protected)[ \t]*:|\busing[ \t]+namespace\b"),
    ("Pascal", r"^[ \t]*(?:procedure|program|unit)[ \t]+\w+[ \t]*[;(]|^[ \t]*begin[ \t]*$"),
    ("PHP", r"<\?php\b"),
)
_MARK = tuple((name, re.compile(pattern, re.MULTILINE)) for name, pattern in _MARKS)
_GCODE_LINE = re.compile(r"[ \t]*(?:N\d+[ \t]+)?[GMT]\d{1,3}\b(?:[ \t]*[A-Z]-?[\d.]+)*[ \t]*(?:;.*)?")
_MIN_GCODE_LINES = 5
_CALL = re.compile(
    r"\b(?:cube|sphere|cylinder|square|circle|polygon|translate|rotate|difference|union|hull)\([\[\w)$-]"
)
"""A source without a semicolon is a broken one, which the engine shall say; prose leaves a blank before a bracket."""
_STATEMENT = re.compile(r"[\w$]\s*\(|=|\b(?:include|use)\b|\{")


def is_openscad(scad: str) -> Literal[True] | tuple[Literal[False], str]:
    """Refuses `not_openscad`: another language, a mesh or a page under the name of a design."""
    return True if other_language(scad) is None else (False, "not_openscad")


def other_language(scad: str) -> str | None:
    """What the text is instead of OpenSCAD; None where nothing gives that away."""
    head = scad[:_HEAD_CHARS]
    for name, start in _STARTS:
        if start.match(head):
            return name
    code = code_of(scad)
    for name, mark in _MARK:
        if mark.search(code):
            return name
    if _is_gcode(scad):
        return "G-code"
    has_targets = any(s.kind == "target" for s in segments(scad))
    is_code = has_targets or _CALL.search(code) or (_STATEMENT.search(code) and re.search(r"[;{}]", code))
    is_prose = re.search(r"\w", code) and not is_code
    return "prose" if is_prose else None


def code_of(scad: str) -> str:
    """The code alone: comments, include targets and what stands in strings are blank, line ends stay."""
    return "".join(s.text if s.kind == "code" else _blank(s.kind, s.text) for s in segments(scad))


def _blank(kind: str, text: str) -> str:
    return " " + "\n" * text.count("\n") if kind == "comment" else " "


def _is_gcode(scad: str) -> bool:
    lines = [
        line for line in scad[: 10 * _HEAD_CHARS].split("\n") if line.strip() and not line.lstrip().startswith(";")
    ]
    n_moves = sum(1 for line in lines if _GCODE_LINE.fullmatch(line[:200]))
    return n_moves >= _MIN_GCODE_LINES and n_moves * 2 > len(lines)


# Small words that are no word, name or measure of an English description: no `die`, `des`, `pour`, `per`, `la`.
_FOREIGN = frozenset(
    (
        *("und", "der", "das", "dem", "den", "ein", "eine", "einen", "einer", "mit", "für", "fuer", "von", "nicht"),
        *("ist", "sind", "wird", "auf", "auch", "zum", "zur", "oder", "ich", "sich", "wie", "bei", "nach", "kann"),
        *("le", "les", "une", "est", "avec", "dans", "sur", "qui", "que", "pas", "cette", "vous", "et", "aux", "ou"),
        *("el", "una", "por", "para", "muy", "este", "esta", "como", "pero", "sin", "del", "y"),
        *("di", "che", "della", "delle", "dei", "nella", "questo", "questa", "sono", "più", "il", "gli", "è"),
        *("um", "uma", "não", "com", "dos", "das", "os", "isso", "são", "você", "mais"),
        *("het", "een", "voor", "niet", "zijn", "naar", "deze", "dit", "ook", "wordt", "worden", "aan"),
        *("och", "att", "som", "för", "är", "på", "av", "jag", "ett", "og", "til", "ikke", "på", "af", "det"),
        *("jest", "nie", "dla", "się", "oraz", "który", "lub", "przez", "je", "pro", "které", "aby", "není"),
        *("ve", "bir", "için", "ile", "bu", "çok", "ja", "on", "ei", "että", "és", "az", "egy", "hogy", "nem"),
    )
) - {"on", "le", "com", "pro", "je", "ou", "um", "dos", "mais", "bu", "ve", "y", "el"}
_ENGLISH = frozenset(
    (
        *("the", "a", "an", "and", "or", "of", "for", "with", "to", "from", "in", "on", "at", "by", "as", "is", "are"),
        *("it", "its", "this", "that", "these", "be", "can", "you", "your", "i", "my", "was", "has", "have", "will"),
        *("but", "not", "if", "so", "use", "used", "using", "which", "when", "made", "make", "into", "one", "two"),
    )
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_MAX_WORDS = 400


def is_english(text: str) -> bool:
    """False where letters of another script, or small words of another language, outweigh the English ones."""
    words = [m[0] for _, m in zip(range(_MAX_WORDS), _WORD.finditer(text[: 20 * _MAX_WORDS].lower()), strict=False)]
    letters = [c for word in words for c in word if c.isalpha()]
    n_latin = sum(1 for c in letters if c < "\u0250" or unicodedata.name(c, "").startswith("LATIN"))
    if (len(letters) - n_latin) * 5 > len(letters):
        return False
    n_english = sum(1 for word in words if word in _ENGLISH)
    n_foreign = sum(1 for word in words if word in _FOREIGN)
    n_accented = sum(1 for word in words if not word.replace("’", "'").isascii())
    if n_foreign or n_accented * 3 > len(words):
        return n_english > n_foreign + n_accented
    return True
