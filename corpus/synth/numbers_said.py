"""Numbers and units as people write them: `60mm`, `4.5 cm`, `1 1/2"`, `half an inch`, `ten millimeters`, `M3`, `four`.

A `Speech` is how one request writes its numbers; `say_slots` puts it to the slots of a template. What is written is
exactly the value: a length off the grid of the request's unit is given in mm. Covers numbers, units and articles.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from corpus.synth.draw import INCH_MM, Unit
from corpus.synth.num import format_number
from corpus.synth.part import Param
from corpus.synth.words import Kind

__all__ = [
    "CLEARANCES_MM",
    "SLOT",
    "Speech",
    "all_on_grid",
    "draw_speech",
    "fit_articles",
    "is_plural",
    "number_words",
    "said",
    "say_slots",
    "screw_name",
]

CLEARANCES_MM = {
    2.4: "M2", 2.9: "M2.5", 3.4: "M3", 4.5: "M4", 5.5: "M5", 6.6: "M6", 9.0: "M8", 11.0: "M10", 13.5: "M12",
}  # fmt: skip
"""Diameter of a clearance hole -> screw: ISO 273:1979, medium series."""

SLOT = re.compile(r"\{(\w+(?:\+\w+)*):?([nud~pM#]?)\}")
"""`{width}`: number and unit; `:u` the same in digits; `:n` the number alone; `:~` the unit may be missing; `:d` both;
`:p` before a noun; `:M` the screw's size; `#` a bare count. `{wall+floor}` is one number for both."""

_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_DENOMINATORS = (1, 2, 4, 8, 16)
_LONG = {"millimeter", "millimetre", "centimeter", "centimetre", "inch", "degree"}
"""Units written out: they take a plural, and never stick to the number."""


@dataclass(frozen=True)
class Speech:
    """How one request writes its numbers."""

    unit: Unit
    word: str
    """The unit: mm, millimeter, cm, in, inch, ", …; written out it has a plural but before a noun."""
    degree: str = "degree"
    is_tight: bool = False
    """`60mm`."""
    is_hyphened: bool = False
    """`a 2-inch plate`."""
    is_bare: bool = False
    """`60 wide, 40 deep`: mm, unsaid, where a slot allows it."""
    is_fraction: bool = False
    """`1 1/2 in`, not `1.5 in`."""
    is_small_in_mm: bool = False
    """In a request in cm, what is below 1 cm is given in mm."""
    is_worded: bool = False
    """`ten mm`."""
    has_zero: bool = False
    """`60.0 mm`."""

    def unit_of(self, value: float) -> Unit:
        """The unit that a length of `value` mm is written in."""
        if self.unit is Unit.INCH and not _is_on_inch_grid(value):
            return Unit.MM
        if self.unit is Unit.CM and self.is_small_in_mm and value < 10:
            return Unit.MM
        return self.unit


def draw_speech(rng: random.Random, unit: Unit, *, is_british: bool) -> Speech:
    metre = "metre" if is_british else "meter"
    degree = rng.choice(("degree", "degree", "degree", "°", "deg"))
    if unit is Unit.INCH:
        word = rng.choice(("in", "in", '"', '"', "inch", "inch", "inch"))
        return Speech(
            unit,
            word,
            degree,
            is_fraction=rng.random() < 0.5,
            is_hyphened=rng.random() < 0.3,
            is_tight=rng.random() < 0.2,
        )
    roll = rng.random()
    if unit is Unit.CM:
        word = "cm" if roll < 0.82 else f"centi{metre}"
        return Speech(
            unit,
            word,
            degree,
            is_tight=rng.random() < 0.3,
            is_small_in_mm=rng.random() < 0.6,
            is_worded=rng.random() < 0.04,
        )
    is_worded = rng.random() < 0.06
    return Speech(
        unit,
        f"milli{metre}" if roll < (0.4 if is_worded else 0.07) else "mm",
        degree,
        is_tight=roll > 0.72 and not is_worded,
        is_bare=0.55 < roll <= 0.72 and not is_worded,
        is_hyphened=rng.random() < 0.05,
        is_worded=is_worded,
        has_zero=rng.random() < 0.015,
    )


def number_words(value: float, *, is_usual: bool = False) -> str | None:
    """`ten`, `twenty five`, `two and a half`; None above 100 and for finer fractions, and, where only what people
    usually spell is wanted, above twelve but for the tens."""
    whole = int(value)
    if is_usual and value > 12 and value % 10:
        return None
    if value == whole and 0 <= whole <= 100:
        if whole < 20:
            return _ONES[whole]
        if whole == 100:
            return "a hundred"
        return _TENS[whole // 10] + (f" {_ONES[whole % 10]}" if whole % 10 else "")
    if value - whole == 0.5 and 1 <= whole < 20:
        return f"{_ONES[whole]} and a half"
    return None


def screw_name(value: float) -> str | None:
    """`M3` for the 3.4 mm hole that it goes through."""
    return CLEARANCES_MM.get(round(value, 4))


def say_slots(rng: random.Random, text: str, params: Mapping[str, Param], speech: Speech) -> str:
    """The template with its numbers written, articles still open."""

    def said(match: re.Match[str]) -> str:
        param = params[match[1].split("+")[0]]
        before, after = text[: match.start()], text[match.end() :]
        mode = match[2]
        if mode == "M":
            return screw_name(param.value) or format_number(param.value)
        if mode == "#" or param.measure.kind == "count":
            return _count(rng, param.value, before, after, may_be_word=mode == "#")
        own = speech
        if re.search(r"[}\d] $", before):  # `four 1/8 in holes`: never `4 1/8 in holes`
            own = replace(own, is_fraction=False)
        if mode == "n" or (mode in ("~", "d") and speech.is_bare and param.measure.kind != "angle"):
            return _plain(param.value, param.measure.kind, own)
        is_before_noun = mode == "p" or before.endswith("@a ") or _stands_before_noun(before, after)
        if param.measure.kind == "angle":
            return _with_unit(format_number(param.value), speech.degree, speech, is_before_noun=is_before_noun)
        is_in_digits = mode in ("u", "d")
        own = replace(own, is_hyphened=False) if is_in_digits else own
        return _length(rng, param.value, own, before, is_before_noun=is_before_noun, is_in_digits=is_in_digits)

    return SLOT.sub(said, text)


def _count(rng: random.Random, value: float, before: str, after: str, *, may_be_word: bool) -> str:
    words = number_words(value)
    if not may_be_word or words is None or value > 20 or re.match(r"\s*[x×]", after):
        return format_number(value)
    if re.search(r"(?:^|with|has|having|add|and|plus|[,:;])\s*$", before) and re.match(r" (?:[a-z]+s\b|\{)", after):
        if value == 2 and rng.random() < 0.15:
            return rng.choice(("a pair of", "a couple of", "a pair of"))
        if value == 12 and rng.random() < 0.3:
            return "a dozen"
    share = 0.15 if value > 12 else 0.75 if after.startswith(" {") else 0.5  # `six 12 mm holes` more than `6 12 mm`
    return words if rng.random() < share else format_number(value)


def _is_on_inch_grid(value: float) -> bool:
    """Whether a length is a multiple of 1/16 inch."""
    sixteenths = abs(value) / INCH_MM * 16
    return abs(sixteenths - round(sixteenths)) < 1e-3


def _plain(value: float, kind: Kind, speech: Speech) -> str:
    """The number alone, in the unit that it is said in."""
    if kind in ("count", "angle"):
        return format_number(value)
    unit = speech.unit_of(value)
    if unit is Unit.CM:
        return format_number(value / 10)
    if unit is Unit.MM:
        return f"{value:.1f}" if speech.has_zero and value == round(value, 1) else format_number(value)
    sixteenths = round(value / INCH_MM * 16)
    whole, rest = divmod(sixteenths, 16)
    if not speech.is_fraction or rest == 0 or value < 0:
        return format_number(sixteenths / 16)
    part = Fraction(rest, 16)
    return f"{whole} {part}" if whole else str(part)


def _length(
    rng: random.Random, value: float, speech: Speech, before: str, *, is_before_noun: bool, is_in_digits: bool = False
) -> str:
    unit = speech.unit_of(value)
    if not is_in_digits and unit is Unit.INCH and speech.word == "inch" and (speech.is_fraction or value == INCH_MM):
        words = _inch_words(value, is_before_noun=is_before_noun)
        if words and rng.random() < 0.5:
            return rng.choice(words)
    number = _plain(value, "length", speech)
    if speech.is_worded and not is_in_digits and unit is not Unit.INCH:
        number = number_words(float(number), is_usual=rng.random() < 0.7) or number
        if number.startswith("a ") and re.search(r"\b(?:@?an?|the|its) $", before):
            number = "one" + number[1:]
    word = speech.word if unit is speech.unit else "mm"
    return _with_unit(number, word, speech, is_before_noun=is_before_noun)


def _inch_words(value: float, *, is_before_noun: bool) -> tuple[str, ...]:
    sixteenths = round(value / INCH_MM * 16)
    words = {
        4: (("quarter inch",), ("a quarter inch", "a quarter of an inch")),
        8: (("half inch",), ("half an inch",)),
        12: (("three quarter inch",), ("three quarters of an inch",)),
        16: (("one inch",), ("one inch", "an inch")),
        24: ((), ("one and a half inches",)),
    }.get(sixteenths, ((), ()))
    return words[0] if is_before_noun else words[1]


def _with_unit(number: str, word: str, speech: Speech, *, is_before_noun: bool) -> str:
    if word in ('"', "°"):
        return number + word
    if word in _LONG:
        is_one = number in ("1", "one") or ("/" in number and " " not in number)
        plural = word if is_before_noun or is_one else f"{word}es" if word == "inch" else f"{word}s"
        glue = "-" if speech.is_hyphened and is_before_noun and number[0].isdigit() and " " not in number else " "
        return number + glue + plural
    return f"{number}{word}" if speech.is_tight and number[-1].isdigit() else f"{number} {word}"


_ADJECTIVE = r"(?:wide|tall|high|deep|long|thick|broad)"
_ENDS = re.compile(
    rf"(?:$|[,.;:)?!/+\n]| [-+/&x×*(]| (?:{_ADJECTIVE}\b"
    r"(?: (?:at|by|of|in|on)\b|[,.;:)?!]|$| (?:and|or|with|from|across|that)\b)|"
    r"(?:across|from|apart|in|on|at|of|off|and|or|with|to|for|above|below|between|each|all|out|inside|inwards?|away|"
    r"around|round|per|down|up|over|wall|through|x|by|plus|also|which|please|having|including|featuring|sporting|"
    r"right|left|then|inset|forward|higher|lower|total|long|deep|is|are|as|its|the|a|an|except|clear)\b))"
)
_BEFORE_NOUN = re.compile(rf" {_ADJECTIVE}\b")
_DETERMINED = re.compile(r"(?:@a|\ba|\}|\d|two|three|four|five|six|eight|pair of|couple of|several) $")


def _stands_before_noun(before: str, after: str) -> bool:
    """`a 60 mm wide plate`, `four 5 mm holes`: the unit takes no plural."""
    if _DETERMINED.search(before) and (_BEFORE_NOUN.match(after) or not _ENDS.match(after)):
        return True
    return not _ENDS.match(after) and not _BEFORE_NOUN.match(after)


_ARTICLE = re.compile(r"@a (?=(\S+))")
_AN = re.compile(
    r"(?:(?!one\b|once|u(?:ni|s|ti)|eu|u[-\d]|u\b)[aeiou]|8|1[18](?![\d/])|hour|honest|"
    r"(?:M\d|[FHLMNRSX]-|[FHLMNRSX]\b(?!['.])))",
    re.IGNORECASE,
)


def fit_articles(text: str) -> str:
    """`@a` becomes a or an, by what follows."""
    return _ARTICLE.sub(lambda m: "an " if _AN.match(m[1].lstrip("(\"'")) else "a ", text)


_NOT_PLURAL = ("ss", "us", "is", "lens", "ius")
_PHRASE_END = re.compile(r" (?:of|for|with|without|to|in|on|that|between|from|across|open)\b")


def is_plural(noun: str) -> bool:
    """Whether a noun phrase takes no article: `stairs`, `teeth`."""
    head = _PHRASE_END.split(noun.strip())[0]
    if head.startswith("across"):
        return False
    return head.endswith(("teeth", "feet")) or (head.endswith("s") and not head.endswith(_NOT_PLURAL))


def said(rng: random.Random, value: float, unit: Unit) -> str:
    """A length of `value` mm by itself: `60 mm`, `4.5 cm`, `1 1/2 inches`."""
    speech = draw_speech(rng, unit, is_british=rng.random() < 0.2)
    return _length(rng, value, speech, "", is_before_noun=False)


def all_on_grid(values: Iterable[float], speech: Speech) -> bool:
    """Whether every length is said in the request's own unit, so that the unit may be said once."""
    return all(speech.unit_of(v) is speech.unit for v in values)
