"""A title -> the thing it names, as words that fit into a request.

Pure. Covers English titles and file names; it turns none down for being odd, but those that name no part: examples,
tests, libraries, sentences.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.language import is_english
from corpus.words.cleaning import calm, plain_line
from corpus.words.vocabulary import VAGUE, word_set

__all__ = ["NounPhrase", "article", "is_plural", "noun_of", "split_name", "uncapitalized"]

_MAX_WORDS = 9
_MIN_LETTERS = 3
_MARKS = re.compile(r"\[[^\]]*\]|\{[^}]*\}|\([^)]*\)|[\"“”*!?|~^]|(?<!\w)#\d*")
_SUFFIX = re.compile(r"\.(?:scad|stl|3mf|dxf)$", re.IGNORECASE)
_VERSION = re.compile(
    r"[ ,_-]+(?:(?:v|ver|version|rev|mk)\.? ?\d+(?:\.\d+)*[a-z]?|\d+\.\d+\.\d+|final|new|copy|fixed|"
    r"updated(?: \d+)?|20\d\d|x ?\d+|"
    r"improved|remix\w*|"
    r"re-?upload\w*|beta|alpha|wip|release|generator|customi[sz]er|openscad|for openscad|in openscad|stl|scad|script)$",
    re.IGNORECASE,
)
_PRAISE = re.compile(
    r"^(?:(?:the|my|our|your|a|an|yet another|another|simple|basic|easy|just|new|improved|better|best|ultimate|awesome|"
    r"perfect|cool|super|great|amazing|customi[sz]able|customi[sz]ed|openscad|remix(?:ed)?|updated|"
    r"universal customizable|"
    r"fully|free|quick|printable|3d[- ]?print(?:ed|able))\s+)+(?=\w)",
    re.IGNORECASE,
)
_SEGMENT = re.compile(r"\s*:\s+|\s+[-–—/|]+\s+")
_HEAD_END = re.compile(
    r",|\s(?:for|with|without|of|to|from|in|on|at|by|that|which|under|over|between|around|using|and|plus|against|"
    r"into|as)\b",
    re.IGNORECASE,
)
_PERSONAL = re.compile(r",[^,]*\b(?:my|our|your)\b[^,]*", re.IGNORECASE)
_WEAK = frozenset(("body", "shape", "assembly", "item", "piece", "solid"))
"""Say nothing alone, and something after another word: `whistle body`."""
_NOT_A_NAME = re.compile(
    r"(?i)\b(?:is|are|was|were|does|do|has|have|can|will|should|must|it|this|these|i|you|how|why|what|when|usage|using|"
    r"tutorial|examples?|demos?|tests?|wip|untitled|sketch|openscad|todo|generated|derived|creates?|makes?|returns?|"
    r"computes?|"
    r"draws?|library|functions?)\b|\w*scad\b|[()=<>{};\\@]|\w\.\w|\.\s|^(?:to|if|as|see|note|use|uses|make|making|"
    r"creating|"
    r"create|build|or|and|another|first|from|by|here|not|no|about|with|for|in|on|at|of)\b"
)
_PROPER = word_set(
    "Raspberry Pi Arduino Prusa Ender Creality Voron Ikea Lego Duplo GoPro Nintendo Sony Canon Nikon Bosch Makita "
    "Dewalt Philips Samsung Apple Garmin Tesla Ford Toyota Nerf Playmobil Gridfinity Thorlabs Nema Bowden Wemos "
    "Christmas Easter Halloween Menger Voronoi Fibonacci Moebius Möbius Klein Torx Allen Phillips Stanley Dremel "
    "Google Amazon Alexa Xiaomi Roomba Dyson Kallax Lack Stirling Geneva Archimedes Penrose Platonic Catan Tardis "
    "Yoda Pikachu Mario Minecraft Petri Erlenmeyer Luer Picatinny Weaver Arca Swiss Manfrotto Leica Fuji Panasonic "
    "Thule Shimano Brompton Kodak Dalek"
)
_LOWERED = {name.lower(): name for name in _PROPER}
_SINGULAR_S = word_set(
    "lens chassis axis bus gas canvas compass atlas cactus cross dress glass chess basis torus abacus octopus walrus "
    "christmas bias iris canvas focus radius status apparatus truss brass"
)
_MASS = word_set("lettering furniture jewelry scaffolding shelving cabling piping bunting hardware chess")
_PAIRED = word_set("stairs scissors pliers tweezers dice teeth feet shelves knives halves leaves tongs people mice")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_AN = re.compile(
    r"(?:[aeio](?!ne[ -]|nce\b|uro)|u(?!s[ei]|ni(?!n)|sb|ti|ku|sa|k\b)|8|1[18](?!\d)|hour|honest|"
    r"[AEFHILMNORSX](?![a-z])(?![A-Z]{4}))",
)
_CONSONANT_ABBREVIATION = re.compile(
    r"(?:NEMA|LEGO|LACK|RAM|ROM|SIM|MAC|HAT|NATO|NASA|LAN|SATA|RAL|MIDI|REEL|US[A-Z]?|UK)\b"
)


@dataclass(frozen=True)
class NounPhrase:
    """The thing, without an article."""

    words: str
    """`phone stand with cable gap`"""
    head: str
    """`phone stand`"""

    @property
    def is_plural(self) -> bool:
        return is_plural(self.head)

    def __str__(self) -> str:
        """With the article that it takes: `a phone stand with cable gap`, `stairs`."""
        return article(self.words) if not self.is_plural else self.words

    @property
    def short(self) -> NounPhrase:
        """What stands before the first comma."""
        return NounPhrase(self.words.split(", ")[0], self.head)


def noun_of(title: str | None) -> NounPhrase | None:
    """The thing a title names; None where it names none."""
    if not title or not is_english(title):
        return None
    stem = _SUFFIX.sub("", title.strip())
    spaced = stem.replace("_", " ").replace("-", " ") if stem != title.strip() else stem.replace("_", " ")
    line = calm(plain_line(spaced))
    line = " ".join(_MARKS.sub(" ", line).split()).strip(" .,:;-")
    for segment in _SEGMENT.split(line):
        found = _named(segment)
        if found:
            return found
    return None


def uncapitalized(text: str) -> str:
    """A sentence's beginning as it reads after a colon: `Holds a phone` -> `holds a phone`; names stay."""
    first, _, rest = text.partition(" ")
    return f"{_small(first)} {rest}".strip()


def split_name(name: str) -> tuple[str, ...]:
    """The words of an identifier, lower case: `cableClip_v2` -> cable, clip, v2."""
    return tuple(w.lower() for part in name.split("_") for w in _HUMP.split(part) if w)


def article(words: str) -> str:
    """`an M6 knob`, `a USB plug`."""
    is_an = _AN.match(words[:1].lower() + words[1:] if words[1:2].islower() else words)
    return f"{'an' if is_an and not _CONSONANT_ABBREVIATION.match(words) else 'a'} {words}"


def is_plural(head: str) -> bool:
    """True if no `a` goes before it: `hinges`, `lettering`."""
    word = re.split(r"[\s-]", head)[-1].lower()
    if word in _PAIRED or word in _MASS:
        return True
    return word.endswith("s") and not word.endswith(("ss", "us", "is")) and word not in _SINGULAR_S


def _named(segment: str) -> NounPhrase | None:
    text, before = segment.strip(" .,;-"), ""
    while text != before:
        before, text = text, _VERSION.sub("", _PRAISE.sub("", text)).strip(" .,;-")
    text = _PERSONAL.sub("", text)
    if not text or (text.isupper() and text.isalpha()) or _NOT_A_NAME.search(text) or len(text.split()) > _MAX_WORDS:
        return None
    text = _lowered(text)
    head = _HEAD_END.split(text)[0].strip()
    last = head.split()[-1].lower() if head else ""
    letters = sum(c.isalpha() for c in head)
    is_vague = last in VAGUE and not (last in _WEAK and len(head.split()) > 1)
    if letters < _MIN_LETTERS or is_vague or re.fullmatch(r"[a-z]*\d+[a-z]?|[b-df-hj-np-tv-xz]+", last):
        return None
    if set(re.findall(r"[a-z]+", text.lower())) <= VAGUE:
        return None
    return NounPhrase(text, head)


def _lowered(text: str) -> str:
    """Title Case in small letters; names, `M3`, `USB` and `iPhone` as they are."""
    words = text.split()
    n_capital = sum(w[0].isupper() for w in words[1:])
    n_small = sum(w[0].islower() and len(w) > 3 for w in words[1:])
    is_title_case = n_capital > n_small
    return " ".join(_small(w) if i == 0 or is_title_case else w for i, w in enumerate(words))


def _small(word: str) -> str:
    bare = word.strip(".,'")
    if bare in _PROPER or bare.lower() in _LOWERED or (len(bare) > 1 and not bare[1:].islower() and "-" not in bare):
        return word
    if "-" in bare:
        return "-".join(_small(p) if p else p for p in word.split("-"))
    return word.lower() if len(bare) > 1 else word
