"""What a text claims of a part in numbers, against what is measured: lengths, counts, through-holes.

Pure. Strict on purpose: a number that can't be shown to be true counts as false. It can't judge words without numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.words.measures import number_values
from corpus.words.subject import Subject

__all__ = ["TOLERANCE", "Claim", "are_numbers_true", "claims_of", "false_claim"]

TOLERANCE = 0.02

_WORDS = {
    "no": 0, "zero": 0, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "sixteen": 16, "twenty": 20, "thirty": 30, "forty": 40,
    "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100,
}  # fmt: skip
"""`one` is left out: it is a pronoun more often than a number."""
_UNITS_MM = {
    "mm": 1.0, "millimeter": 1.0, "millimeters": 1.0, "millimetre": 1.0, "millimetres": 1.0, "cm": 10.0,
    "centimeter": 10.0, "centimeters": 10.0, "centimetre": 10.0, "centimetres": 10.0, "m": 1000.0, "meter": 1000.0,
    "meters": 1000.0, "metre": 1000.0, "metres": 1000.0, "in": 25.4, "inch": 25.4, "inches": 25.4, '"': 25.4,
    "ft": 304.8, "foot": 304.8, "feet": 304.8,
}  # fmt: skip
_NUMBER = r"(?:\d+(?:[.,]\d+)?(?:/\d+)?|\.\d+)"
_WORD_NUMBER = "|".join(_WORDS)
_UNIT = (
    r"(?:mm|millimet(?:er|re)s?|cm|centimet(?:er|re)s?|m|met(?:er|re)s?|inch(?:es)?|in|ft|foot|feet)\b(?! \w+ing\b)|\""
)
_FIND = re.compile(
    rf"(?<![\w.])(?P<metric>M)(?P<size>\d+(?:\.\d+)?)\b|(?P<value>(?<![\w.])[-~]?{_NUMBER}|\b(?:{_WORD_NUMBER})\b)"
    rf"(?:[ -]?(?P<unit>{_UNIT})|[ -]?(?P<turn>°|deg(?:rees?)?\b)|(?P<percent> ?%| percent\b))?"
    rf"(?P<chain>\s*(?:x|×|\*|by)\s*(?={_NUMBER}|(?:{_WORD_NUMBER})\b))?",
    re.IGNORECASE,
)
_THROUGH = re.compile(
    r"[ -]?(?:\w+ ){0,3}?(?:through[- ]?holes?|holes?|bores?|openings?|perforations?)\b", re.IGNORECASE
)
_PIECES = re.compile(
    r"[ -](?:separate |loose |identical |printed )?(?:parts?|pieces?|components?|bodies)\b", re.IGNORECASE
)
_ANY_THROUGH = re.compile(r"\bthrough[- ]?holes?\b|\bhollow tube\b|\bholes? (?:right )?through\b", re.IGNORECASE)


_DIMENSIONAL = re.compile(r"\b[23]-?D\b", re.IGNORECASE)


@dataclass(frozen=True)
class Claim:
    """One number in a text."""

    text: str
    value: float
    """mm for a length."""
    about: str
    """length | thread | angle | share | holes | parts | number"""


def claims_of(text: str) -> tuple[Claim, ...]:
    """Every number, in order; those of `80 x 60 x 95 mm` share the unit of the last."""
    found: list[Claim] = []
    waiting: list[tuple[str, float, float | None]] = []
    """(text, number, mm a unit) of the numbers before a cross."""
    text = _DIMENSIONAL.sub("", text)
    for match in _FIND.finditer(text):
        if match["metric"]:
            found.append(Claim(match[0], float(match["size"]), "thread"))
            continue
        words, value, factor = (
            match[0].strip(" x×*"),
            _value(match["value"]),
            _UNITS_MM.get((match["unit"] or "").lower()),
        )
        waiting.append((words, value, factor))
        if match["chain"]:
            continue
        is_length = factor is not None or len(waiting) > 1
        about = "length" if is_length else _about(match, text)
        found += [Claim(w, v * (own or factor or 1.0), about) for w, v, own in waiting]
        waiting = []
    return tuple(found)


def false_claim(text: str, subject: Subject) -> Claim | None:
    """The first claim that isn't known to be true; None where all are."""
    values = number_values(subject)
    lengths = [*(subject.size_mm or ()), *values, *(2 * v for v in values if _has_radius(subject))]
    for claim in claims_of(text):
        if not _is_true(claim, subject, values, lengths):
            return claim
    if (
        subject.genus == 0
        and (match := _ANY_THROUGH.search(text))
        and not re.search(rf"\b(?:no|without) {match[0]}", text)
    ):
        return Claim(match[0], 1.0, "holes")
    return None


def are_numbers_true(text: str, subject: Subject) -> bool:
    """True if every number in the text is known to be true of the design."""
    return false_claim(text, subject) is None


def _about(match: re.Match[str], text: str) -> str:
    if match["turn"]:
        return "angle"
    if match["percent"]:
        return "share"
    if _THROUGH.match(text, match.end()):
        return "holes"
    return "parts" if _PIECES.match(text, match.end()) else "number"


def _is_true(claim: Claim, subject: Subject, values: tuple[float, ...], lengths: list[float]) -> bool:
    if claim.about == "length":
        return _is_near(claim.value, lengths)
    if claim.about == "thread":
        return re.search(rf"\bM{claim.value:g}\b", subject.scad) is not None or _is_near(claim.value, values)
    if claim.about == "angle":
        return _is_near(claim.value, values)
    if claim.about == "holes":
        return claim.value == subject.genus or claim.value in values  # a parameter may count blind ones
    if claim.about == "parts":
        return claim.value == subject.n_components
    return claim.about == "number" and (claim.value in values or claim.value == subject.n_components)


def _is_near(value: float, known: list[float] | tuple[float, ...]) -> bool:
    return any(abs(value - k) <= TOLERANCE * abs(k) for k in known if k > 0)


def _has_radius(subject: Subject) -> bool:
    """A diameter is twice a radius that is a parameter."""
    return re.search(r"(?i)\b\w*(?:radius|_r|rad)\s*=", subject.scad) is not None


def _value(text: str) -> float:
    word = text.lower().lstrip("-~")
    if word in _WORDS:
        return float(_WORDS[word])
    whole, _, below = word.replace(",", ".").partition("/")
    return float(whole) / float(below) if below and float(below) else float(whole)
