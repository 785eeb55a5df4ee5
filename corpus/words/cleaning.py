"""A title and a description as people write them -> plain sentences that say what the part is.

Pure and total: any text in, time linear in its length. Covers HTML, Markdown, emoji, shouting, and the talk that
`corpus.words.junk` lists; it judges sentences, not facts: what a kept sentence claims is its author's claim.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from corpus.words.junk import FIRST_PERSON, HEADINGS, INSTRUCTION, JUNK, MARKETING, SETTING_LINE
from corpus.words.vocabulary import word_set

__all__ = ["MAX_TEXT_CHARS", "calm", "clean_sentences", "cut", "plain_line"]

MAX_TEXT_CHARS = 8_000
"""What the part is stands far before that."""
_MAX_SENTENCES = 8
_MIN_WORDS = 3
_MIN_LETTERS = 6

_BREAK = re.compile(r"<(?:br|/?p|/?li|/?ul|/?ol|/?div|/?h[1-6]|/?tr|hr)\b[^<>]{0,200}>", re.IGNORECASE)
_TAG = re.compile(r"<[A-Za-z/!][^<>]{0,300}>")
_FENCED = re.compile(r"^[ \t]*(?:```|~~~).*?(?:^[ \t]*(?:```|~~~)[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
_IMAGE = re.compile(r"!\[[^\[\]]{0,300}\]\([^()]{0,500}\)")
_LINK = re.compile(r"\[([^\[\]]{0,300})\]\([^()]{0,500}\)")
_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_HASHTAG = re.compile(r"(?<![\w&])#[A-Za-z]\w*")
_EMPHASIS = re.compile(r"[*_`]{2,}|(?<!\w)[*_`~](?=\w)|(?<=[\w.!?,])[*_`~](?!\w)")
_BULLET = re.compile(r"^\s{0,8}(?:#{1,6}\s+|>\s+|[-*+•·–—]+\s+|\(?\d{1,2}[.)]\s+)")
_RULER = re.compile(r"[\s*/=#_~|:.\-+]*")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\u00ad\u200b-\u200f\u2060\ufeff\ud800-\udfff]")
_EMOJI = re.compile(
    "[\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff\ufe00-\ufe0f\U0001f000-\U0001faff]"
)
_FACE = re.compile(r"(?<!\w)[:;=]'?-?[)(DPp|/\\](?!\w)|<3")
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "’": "'", "‘": "'", "´": "'", "…": ".", "\u00a0": " "})
_END = re.compile(r"(?<=[.!?])[\"')]*\s+(?=[\"'(]?(?:[A-Z0-9ÄÖÜÉ]|v\d))")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|approx|dia|diam|no|nr|vs|etc|incl|max|min|ca|resp|fig|st|dr)|\b[A-Z])\.$", re.I
)
_TAIL = re.compile(r"\s*[;–—]\s+|\s+-{1,2}\s+")
_ASIDE = re.compile(r"\s*\(([^()]{0,200})\)")
_MEASURE = re.compile(r"\d ?(?:mm|cm|inch(?:es)?|degrees)\b")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_LOUD = re.compile(r"\b[A-Z]{4,}\b")
_ACRONYMS = word_set(
    "HDMI NEMA IKEA LEGO GOPRO NASA ESP32 VESA DSLR CPAP HVAC MOLLE BOSL RGBW JST XLR RS232 IPHONE SATA NVME SODIMM"
)


def clean_sentences(text: str) -> tuple[str, ...]:
    """The sentences of a description that say what the part is, what it is for, what it measures; () if none does."""
    kept: dict[str, None] = {}
    for line in _prose_lines(_unmarked(text)):
        for sentence in _sentences(line):
            cleaned = _judged(sentence)
            if cleaned:
                kept[cleaned] = None
            if len(kept) >= _MAX_SENTENCES:
                return tuple(kept)
    return tuple(kept)


def plain_line(text: str) -> str:
    """One line without markup, links, hashtags and emoji."""
    return " ".join(_EMPHASIS.sub("", _unmarked(text)).split())


def cut(sentences: tuple[str, ...], max_chars: int) -> str:
    """The first sentences that fit, as one line; a first one that is too long ends after a word. "" for none."""
    text = ""
    for sentence in sentences:
        longer = f"{text} {sentence}".strip()
        if len(longer) > max_chars:
            break
        text = longer
    if text or not sentences:
        return text
    return sentences[0][: max_chars + 1].rsplit(" ", 1)[0][:max_chars].rstrip(" ,;:-(")


def calm(text: str) -> str:
    """SHOUTED WORDS in lower case; short ones (`USB`, `LED`) and known acronyms stay, unless all the text shouts."""
    words = [w for w in _WORD.findall(text) if len(w) > 1]
    if len(words) >= 2 and sum(w.isupper() for w in words) > 0.7 * len(words):
        lowered = " ".join(w if _is_code(w) else w.lower() for w in text.split())
        return lowered[:1].upper() + lowered[1:]
    return _LOUD.sub(lambda m: m[0] if m[0] in _ACRONYMS or len(m[0]) < 5 else m[0].lower(), text)


def _unmarked(text: str) -> str:
    """Lines of words: markup, links, code blocks and signs gone."""
    text = _CONTROL.sub("", text[:MAX_TEXT_CHARS].replace("\r\n", "\n").replace("\r", "\n"))
    text = html.unescape(_TAG.sub(" ", _BREAK.sub("\n", text))).translate(_QUOTES)
    text = _LINK.sub(r"\1", _IMAGE.sub(" ", _FENCED.sub("\n", text)))
    return _FACE.sub(" ", _EMOJI.sub(" ", _HASHTAG.sub(" ", text)))


def _prose_lines(text: str) -> Iterator[str]:
    """The paragraphs and list entries, without headings and what stands under one about printing and such.

    A line that goes on in the next (it ends without a stop, the next begins small) is joined with it.
    """
    held = ""
    is_aside = False
    for raw in [*text.split("\n"), ""]:
        line = _BULLET.sub("", raw).strip()
        if held and line and line[0].islower() and _BULLET.match(raw) is None and held[-1] not in ".!?:":
            held = f"{held} {line}"
            continue
        if held:
            yield held
            held = ""
        if not line:
            continue
        if _RULER.fullmatch(line) or line.count("|") > 1 or SETTING_LINE.fullmatch(line):
            continue
        if _is_heading(raw, line) and HEADINGS.fullmatch(line):
            is_aside = True
        elif raw.lstrip().startswith("#") or (len(line) <= 40 and line.endswith(":")):
            is_aside = False
        elif not is_aside:
            held = line


def _is_heading(raw: str, line: str) -> bool:
    is_marked = raw.lstrip().startswith("#") or line.endswith(":")
    return len(line) <= 60 and not line.endswith(".") and (is_marked or len(line.split()) <= 4)


def _sentences(line: str) -> list[str]:
    """Split at full stops, not after `e.g.` or an initial."""
    line = _EMPHASIS.sub("", line)
    line = re.sub(r"[!?.]*![!?.]*|\.{2,}", ".", line)
    found: list[str] = []
    for piece in _END.split(line):
        if found and _ABBREVIATION.search(found[-1]):
            found[-1] = f"{found[-1]} {piece}"
        else:
            found.append(piece)
    return found


def _judged(sentence: str) -> str | None:
    """The sentence in calm form, without the clauses that say nothing of the part; None if nothing is left."""
    whole = " ".join(_EMPHASIS.sub("", _URL.sub("www.", sentence)).split())
    whole = _ASIDE.sub(lambda m: "" if JUNK.search(m[1]) else m[0], whole)
    clauses = _TAIL.split(whole)
    kept = [c for c in clauses if c and not JUNK.search(c) and not INSTRUCTION.match(c)]
    if not kept or kept[0] != clauses[0]:
        return None  # a second half leans on the first
    if FIRST_PERSON.search(whole) and not _MEASURE.search(whole):
        return None
    joined = "; ".join(kept)
    modest = MARKETING.sub("", joined)
    text = calm(joined if modest == joined else _fitted_article(modest)).strip(" ,;:-")
    n_words = len(text.split())
    if n_words < _MIN_WORDS or sum(c.isalpha() for c in text) < _MIN_LETTERS:
        return None
    if n_words <= 4 and re.match(r"(?i)(it|this|they|these|that|works?|very|so|such)\b", text):
        return None
    text = text[0].upper() + text[1:] if text[0].islower() and text.split()[0].isalpha() else text
    return text if text.endswith((".", '."')) else f"{text}."


def _fitted_article(text: str) -> str:
    """`An perfect hook` was `a hook`: a word taken out leaves the wrong article."""
    text = re.sub(r"\b(a)n (?!hour|honest|heir)(?=[b-df-hj-np-tv-z][a-z])", r"\1 ", text, flags=re.IGNORECASE)
    return re.sub(r"\b(a) (?=[aei][a-z]{2})", r"\1n ", text, flags=re.IGNORECASE)


def _is_code(word: str) -> bool:
    bare = word.strip(".,;:()\"'")
    return any(c.isdigit() for c in bare) or bare in _ACRONYMS or bare in {"USB", "LED", "PCB", "AA", "AAA", "SD", "RC"}
