"""A captioned example of a library's documentation -> the thing it draws, as somebody would ask for it.

Pure. Of the captions only those count that name a solid or one of its features; how the library works (`By Diameter`,
`Using attach()`) is nothing anybody asks for.
"""

from __future__ import annotations

import re

from corpus.words.cleaning import plain_line
from corpus.words.nouns import NounPhrase, split_name
from corpus.words.subject import Subject
from corpus.words.vocabulary import FEATURES, PARTS, SHAPES, word_set

__all__ = ["example_noun", "is_library_example"]

_IDENTIFIER = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_LABEL = re.compile(r"^\s*Example(?: \d+)?(?:\([^)]*\))?\s*:\s*", re.IGNORECASE)
_NAMES = {
    "cyl": "cylinder", "xcyl": "cylinder lying along the x axis", "ycyl": "cylinder lying along the y axis",
    "zcyl": "upright cylinder", "rect_tube": "rectangular tube", "spheroid": "sphere", "pie_slice": "pie slice",
    "cuboid": "cuboid", "onion": "onion shape", "teardrop": "teardrop shape", "tube": "tube", "sparse_wall": "open "
    "cross-braced wall", "hex_panel": "hexagon braced panel", "thinning_wall": "wall that is thinner in the middle",
    "thinning_triangle": "triangular wall that is thinner in the middle", "corrugated_wall": "corrugated wall",
    "rect": "rectangle",
}  # fmt: skip
"""Items that go by another name, or by the one that their documentation gives."""
_NO_PART = word_set("mask mask2d profile path region texture fillet")
_OTHER = re.compile(
    r"(?i)\b(?:spin\w*|orient\w*|attach\w*|child\w*|parents?|tag\w*|diff|align\w*|position\w*|mask\w*|hull|subtract\w*|"
    r"these|skew\w*|another|arrang\w*|join\w*)\b"
)
_ALTERED = re.compile(
    r"\b(?:difference|intersection|intersect|diff|half_of|\w+_half|attach|position|align|orient|rotate|[xyz]rot|rot|skew|"
    r"for|\w+_copies|[xyz]copies|scale|[xyz]scale|hull|minkowski|tag\w*|spin|mirror|[xyz]flip)\b"
)
"""In a caption and in a source: the example draws something else than its item, several of it, or the item aslant."""
_TALK = re.compile(
    r"(?i)\b(?:anchor\w*|vnf|function|style|using|use|called|by|example|previous|same|method|module|argument|option|"
    r"parameter|default|specif\w+|defin\w+|creat\w+|how|when|you|this|note|instead|result\w*|origin|heterogen\w*|generat\w+|"
    r"typical|useful|given|shift|centered|left|right|per|some|others|really|putting|longer|larger|thinner|wider|thicker|big|"
    r"close|crop|triangle|frame|whole)\b|[=()$_]"
)
_NEEDLESS = re.compile(r"(?i)^(?:regular|mixing) ")
_SPELLING = {"chamferring": "chamfering", "chamferred": "chamfered", "gradiant": "gradient"}
_FEATURE = word_set(
    "with and end outer inner external negative shallow gradient only all on the top bottom edge edges corner corners "
    "rounding roundings rounded chamfer chamfers chamfering chamfered selected untrimmed"
)


def is_library_example(subject: Subject) -> bool:
    """True for a documented item's example: its title is the item's own name or says `Example`."""
    title = subject.title or ""
    return subject.description_kind == "doc_comment" and (
        _LABEL.match(title) is not None or _IDENTIFIER.fullmatch(title) is not None
    )


def example_noun(subject: Subject) -> NounPhrase | None:
    """What the example draws; None where that can't be told from its words."""
    title = plain_line(subject.title or "")
    if _LABEL.match(title):
        return _captioned(_LABEL.sub("", title), None)
    item = _item(title)
    caption = plain_line(subject.description or "").split(". ")[0]
    is_other = _OTHER.search(caption) or _ALTERED.search(subject.scad) or subject.n_components != 1
    if item is None or is_other or len(re.findall(rf"\b{title}\s*\(", subject.scad)) > 1:
        return None
    return _true_cube(_captioned(caption, item) or item, subject)


def _true_cube(noun: NounPhrase, subject: Subject) -> NounPhrase:
    """The library calls any block a cube; nobody else does."""
    size = subject.size_mm
    if size is None or not noun.head.endswith("cube") or max(size) <= 1.01 * min(size):
        return noun
    swap = "block" if "rectangular" in noun.words else "rectangular block"
    return NounPhrase(noun.words.replace("cube", swap, 1), noun.head.replace("cube", swap, 1))


def _item(name: str) -> NounPhrase | None:
    words = _NAMES.get(name) or " ".join(split_name(name))
    last = words.split()[-1]
    if name in _NAMES:
        return NounPhrase(words, words.split(" lying")[0].split(" that")[0])
    if set(words.split()) & _NO_PART or last not in SHAPES | PARTS or last in FEATURES - PARTS - SHAPES:
        return None
    return NounPhrase(words, words)


def _captioned(caption: str, item: NounPhrase | None) -> NounPhrase | None:
    """The caption as a noun phrase, if it is one: `Chamfered tube`, `With end rounding`."""
    if not caption or _TALK.search(caption) or len(caption.split()) > 12:
        return None
    words = [w.lower() if w[1:].islower() or len(w) == 1 else w for w in caption.rstrip(".: ").split()]
    text = _NEEDLESS.sub("", " ".join(_SPELLING.get(w, w) for w in words).replace(", ", " and "))
    head = re.split(r" (?:with|of|for|in|on|at|to|from|and)\b", text)[0]
    if head and head.split()[-1] in SHAPES | PARTS:
        return NounPhrase(text, head)
    if item is None or not set(text.split()) <= _FEATURE:
        return None
    text = re.sub(r"^(chamfer|round)ing (?=\w+ (?:edges|corners))", r"\1ed ", text.removeprefix("with "))
    return NounPhrase(f"{item.words} with {text}", item.head)
