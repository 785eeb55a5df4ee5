"""What a part is for, out of its author's own sentences: `holds a phone up to 12 mm thick`.

Pure. Takes only what the words say; a name alone tells no purpose, save where it says `holder for …`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.words.nouns import NounPhrase
from corpus.words.vocabulary import word_set

__all__ = ["Purpose", "purpose_of"]

_MIN_WORDS, _MAX_WORDS = 3, 18

_VERBS = {
    "adapts": "adapt", "aligns": "align", "attaches": "attach", "bolts": "bolt", "carries": "carry",
    "catches": "catch", "centers": "center", "centres": "centre", "clamps": "clamp", "clips": "clip",
    "closes": "close", "collects": "collect", "connects": "connect", "converts": "convert", "couples": "couple",
    "covers": "cover", "cuts": "cut", "directs": "direct", "dispenses": "dispense", "displays": "display",
    "divides": "divide", "drains": "drain", "fastens": "fasten", "fits": "fit", "fixes": "fix", "grips": "grip",
    "guards": "guard", "guides": "guide", "hangs": "hang", "helps": "help", "holds": "hold", "hooks": "hook",
    "houses": "house", "joins": "join", "keeps": "keep", "lets": "let", "lifts": "lift", "links": "link",
    "locates": "locate", "locks": "lock", "marks": "mark", "mounts": "mount", "organizes": "organize",
    "organises": "organise", "plugs": "plug", "prevents": "prevent", "protects": "protect", "raises": "raise",
    "reduces": "reduce", "removes": "remove", "replaces": "replace", "rides": "ride", "screws": "screw",
    "seals": "seal", "secures": "secure", "separates": "separate", "slides": "slide", "snaps": "snap",
    "sorts": "sort", "spaces": "space", "stops": "stop", "stores": "store", "straddles": "straddle",
    "supports": "support", "tensions": "tension", "ties": "tie", "wraps": "wrap",
}  # fmt: skip
_HOLDERS = {
    "holder": "hold", "cradle": "hold", "stand": "hold", "rack": "hold", "hanger": "hang", "hook": "hang",
    "mount": "mount", "organizer": "organize", "organiser": "organise", "dispenser": "dispense",
    "protector": "protect", "cover": "cover", "case": "hold", "box": "hold", "bracket": "mount", "clip": "hold",
    "clamp": "clamp", "opener": "open", "guide": "guide", "cutter": "cut", "guard": "guard", "feeder": "feed",
}  # fmt: skip
_LEADING = re.compile(rf"(?:It |This |This \w+ )?(?P<verb>{'|'.join(_VERBS)}) (?P<rest>.+)", re.IGNORECASE)
_RELATIVE = re.compile(rf"(?:An? |The )?(?:[\w-]+ ){{1,4}}(?:that|which) (?P<verb>{'|'.join(_VERBS)}) (?P<rest>.+)")
_USED = re.compile(
    r"\b(?:used|designed|meant|made|intended|useful|handy|suitable|ideal|perfect|great|good) "
    r"(?P<how>to|for|as) (?P<rest>.+)",
    re.IGNORECASE,
)
_CLAUSE = r"(?:is|are|has|have|was|it|so|that|which|can|will|and|sits|runs|goes|gives|comes|stays|needs|makes|lets) "
_FOR = re.compile(
    rf"(?P<what>(?:An? )?(?:(?!{_CLAUSE})[A-Za-z\d][\w'-]*,? ){{1,9}}?)??for "
    r"(?P<rest>(?:an? |the |\w+ing )?.+)",
    re.IGNORECASE,
)
_OF_HOLDER = re.compile(r"(?:[\w'-]+ ){0,3}?(?P<head>[\w-]+) for (?P<rest>.+)")
_STOP = re.compile(
    r"[;:(–—]|, (?:and|but|so|which|with|it|each|the|no|at|in)\b|, \d|,? (?:so that|because|while|but|so) |(?<!\d)\. "
)
_LEANS = re.compile(
    r"\b(?:nothing|dozens?|a few|(?:weeks?|years?|days|ages)|it|its|they|them|their|theirs|these|those|this|here|"
    r"there|I|my|me|we|our|same|other|others|one another|each|above|"
    r"below|both|plate itself|well|fine|nicely|perfectly|free of charge)\b|\b(?:as well|up to you)\b",
    re.IGNORECASE,
)
_SECOND_VERB = re.compile(rf" and (?:{'|'.join(_VERBS)})\b")
_NUMBERS = word_set("three four five seven eight nine eleven twelve")
_DANGLING = re.compile(r"\b(?:a|an|the|and|or|with|of|to|for|in|on|at|by|from|that|which|is|are)$|,$", re.IGNORECASE)


@dataclass(frozen=True)
class Purpose:
    """`that` and `to` are two ways to say it; what it is for is the third."""

    that: str | None = None
    """`holds a phone`"""
    to: str | None = None
    """`hold a phone`"""
    use: str | None = None
    """`for a phone`"""


def purpose_of(sentences: tuple[str, ...], noun: NounPhrase | None) -> Purpose | None:
    """The first purpose that the sentences, then the name, tell plainly; None where they tell none."""
    for sentence in sentences:
        found = _told(sentence.rstrip("."))
        if found:
            return found
    return _named(noun.short.words) if noun else None


def _told(sentence: str) -> Purpose | None:
    doing = _LEADING.fullmatch(sentence) or _RELATIVE.match(sentence)
    if doing:
        return _doing(doing["verb"].lower(), doing["rest"])
    used = _USED.search(sentence)
    if used and used["how"] != "as":
        rest = _clause(used["rest"])
        if rest is None:
            return None
        return Purpose(to=rest) if used["how"] == "to" else Purpose(use=f"for {rest}")
    aimed = _FOR.match(sentence)
    rest = _clause(aimed["rest"], min_words=2) if aimed else None
    return Purpose(use=f"for {rest}") if rest else None


def _doing(verb: str, rest: str) -> Purpose | None:
    clause = _clause(rest, min_words=2)
    if clause is None:
        return None
    to = None if _SECOND_VERB.search(clause) else f"{_VERBS[verb]} {clause}"
    return Purpose(that=f"{verb} {clause}", to=to)


def _named(words: str) -> Purpose | None:
    match = _OF_HOLDER.fullmatch(words)
    verb = _HOLDERS.get(match["head"].lower()) if match else None
    rest = _clause(match["rest"], min_words=1) if match else None
    return Purpose(to=f"{verb} {rest}") if verb and rest else None


def _clause(rest: str, *, min_words: int = _MIN_WORDS) -> str | None:
    """The words up to where the sentence turns to something else, if they stand by themselves."""
    clause = _STOP.split(rest)[0].strip(" ,.")
    n_words = len(clause.split())
    if not min_words <= n_words <= _MAX_WORDS or _LEANS.search(clause) or _DANGLING.search(clause):
        return None
    return clause if any(len(w) > 3 and w.isalpha() and w not in _NUMBERS for w in clause.split()) else None
