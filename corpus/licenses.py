"""Licences: what words mean as SPDX, what a licence text is, and what may go into a dataset.

Pure. Covers the licences that OpenSCAD designs come under. What it doesn't know is NOASSERTION, never a guess: a
phrase counts only if every word of it is understood.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "DEFAULT_ALLOWED",
    "NOASSERTION",
    "Confidence",
    "LicenseGuess",
    "detect_choices",
    "detect_license",
    "is_allowed",
    "spdx_of",
]

NOASSERTION = "NOASSERTION"

Confidence = Literal["declared", "assumed"]

_CC_KINDS = ("BY", "BY-SA", "BY-NC", "BY-ND", "BY-NC-SA", "BY-NC-ND")
_CC_VERSIONS = ("1.0", "2.0", "2.5", "3.0", "4.0")
_GNU = ("GPL-2.0", "GPL-3.0", "LGPL-2.0", "LGPL-2.1", "LGPL-3.0", "AGPL-3.0")
_OTHERS = (
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "CERN-OHL-P-2.0", "CERN-OHL-S-2.0"),
    *("CERN-OHL-W-2.0", "EUPL-1.2", "ISC", "MIT", "MIT-0", "MPL-2.0", "Unlicense", "WTFPL", "Zlib"),
)
_KNOWN = (
    *_OTHERS,
    *(f"CC-{kind}-{version}" for kind in _CC_KINDS for version in _CC_VERSIONS),
    *(f"{name}-{suffix}" for name in _GNU for suffix in ("only", "or-later")),
)
_BY_LOWER = {spdx.lower(): spdx for spdx in _KNOWN}

DEFAULT_ALLOWED: frozenset[str] = frozenset(
    (
        *(spdx for spdx in _KNOWN if not {"NC", "ND"} & set(spdx.split("-"))),
        *("LicenseRef-BSD-unversioned", "LicenseRef-GPL-unversioned", "LicenseRef-LGPL-unversioned"),
        "LicenseRef-PublicDomain",
    )
)
"""Open licences. Refused by default: no licence known, non-commercial, no derivatives, a site's own terms."""


@dataclass(frozen=True)
class LicenseGuess:
    spdx: str
    """SPDX id, LicenseRef-*, or NOASSERTION."""
    confidence: Confidence | None
    """declared: the words say it whole; assumed: the version is ours; None with NOASSERTION."""


_WORDS = {
    "apache": "Apache-2.0",
    "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "bsd": "LicenseRef-BSD-unversioned",
    "bsd 2 clause": "BSD-2-Clause",
    "2 clause bsd": "BSD-2-Clause",
    "simplified bsd": "BSD-2-Clause",
    "bsd 2 clause simplified": "BSD-2-Clause",
    "bsd 3 clause": "BSD-3-Clause",
    "3 clause bsd": "BSD-3-Clause",
    "new bsd": "BSD-3-Clause",
    "modified bsd": "BSD-3-Clause",
    "expat": "MIT",
    "isc": "ISC",
    "mit": "MIT",
    "mozilla public 2.0": "MPL-2.0",
    "mpl 2.0": "MPL-2.0",
    "public domain": "LicenseRef-PublicDomain",
    "unlicense": "Unlicense",
    "wtfpl": "WTFPL",
    "zlib": "Zlib",
}
_NOISE = frozenset(("the", "license", "licence", "licenses", "licences", "v", "version", "terms", "of"))
_CC_VOCABULARY = frozenset(
    ("creative", "commons", "cc", "by", "attribution", "non", "commercial", "noncommercial", "nc", "share", "alike")
    + ("sharealike", "sa", "no", "derivatives", "derivs", "noderivs", "noderivatives", "nd", "international")
    + ("unported", "generic", "public")
)
_ZERO_VOCABULARY = frozenset(
    ("creative", "commons", "cc", "0", "zero", "1.0", "universal", "public", "domain", "dedication")
)
_GNU_VOCABULARY = frozenset(
    ("gnu", "gpl", "gplv", "lgpl", "lgplv", "agpl", "agplv", "general", "public", "lesser", "library", "affero")
    + ("2", "3", "2.0", "2.1", "3.0", "only", "or", "any", "later", "+")
)


def spdx_of(raw: str | None) -> LicenseGuess:
    """The SPDX id of a licence in a site's or an author's words.

    Creative Commons without a version is taken as 4.0, and says so: `assumed`.
    """
    text = (raw or "").strip()
    if exact := _exact(text):
        return LicenseGuess(exact, "declared")
    words = [w for w in re.findall(r"[a-z]+|\d+(?:\.\d+)?|\+", text.lower()) if w not in _NOISE]
    if found := _WORDS.get(" ".join(words)):
        return LicenseGuess(found, "assumed" if words == ["apache"] else "declared")
    return _zero(words) or _creative_commons(words) or _gnu(words) or LicenseGuess(NOASSERTION, None)


def _exact(text: str) -> str | None:
    """An SPDX id in any case, a LicenseRef, or a deprecated GNU id such as GPL-3.0+."""
    if re.fullmatch(r"LicenseRef-[A-Za-z0-9.\-]+", text):
        return text
    lower = text.lower()
    if gnu := re.fullmatch(r"([al]?gpl-[23]\.[01])(\+?)", lower):
        lower = f"{gnu[1]}-{'or-later' if gnu[2] else 'only'}"
    return _BY_LOWER.get(lower)


def _zero(words: list[str]) -> LicenseGuess | None:
    is_zero = words[:2] == ["cc", "0"] or "zero" in words or "dedication" in words
    return LicenseGuess("CC0-1.0", "declared") if is_zero and set(words) <= _ZERO_VOCABULARY else None


def _creative_commons(words: list[str]) -> LicenseGuess | None:
    versions = [w for w in words if w in _CC_VERSIONS]
    rest = " ".join(w for w in words if w not in _CC_VERSIONS)
    if (
        len(set(versions)) > 1
        or not set(rest.split()) <= _CC_VOCABULARY
        or not re.search(r"\b(by|attribution)\b", rest)
    ):
        return None
    kind = "BY"
    kind += "-NC" if re.search(r"\b(nc|non ?commercial)\b", rest) else ""
    kind += "-SA" if re.search(r"\b(sa|share ?alike)\b", rest) else ""
    kind += "-ND" if re.search(r"\b(nd|no ?deriv)", rest) else ""
    if kind not in _CC_KINDS:
        return None
    return LicenseGuess(f"CC-{kind}-{(versions or ['4.0'])[0]}", "declared" if versions else "assumed")


def _gnu(words: list[str]) -> LicenseGuess | None:
    if words[:3] == ["creative", "commons", "gnu"]:  # its deeds for GNU licences, once offered beside its own
        words = words[2:]
    elif words[:2] == ["cc", "gnu"]:
        words = words[1:]
    present = set(words)
    if not present <= _GNU_VOCABULARY or not present & {"gpl", "gplv", "lgpl", "lgplv", "agpl", "agplv", "general"}:
        return None
    is_affero, is_lesser = present & {"affero", "agpl", "agplv"}, present & {"lesser", "library", "lgpl", "lgplv"}
    kind = "AGPL" if is_affero else "LGPL" if is_lesser else "GPL"
    versions = [w for w in words if w[0].isdigit()]
    if not versions:
        return LicenseGuess(f"LicenseRef-{kind}-unversioned", "declared")
    version = versions[0] if "." in versions[0] else f"{versions[0]}.0"
    spdx = _BY_LOWER.get(f"{kind}-{version}-{'or-later' if present & {'later', '+'} else 'only'}".lower())
    return LicenseGuess(spdx, "declared") if spdx else None


_SPDX_LINE = re.compile(r"SPDX-License-Identifier:[ \t]*([^\r\n]+)")
_CC_URL = re.compile(r"creativecommons\.org/licenses/(by(?:-(?:nc|nd|sa))*)/(\d\.\d)")
_CC_GNU_URL = re.compile(r"creativecommons\.org/licenses/(l?gpl)/(\d\.\d)")
_CC_TITLE = re.compile(r"\b(attribution(?:[- ](?:noncommercial|sharealike|noderivatives|noderivs))*) (\d\.\d)\b")
_GNU_TITLE = re.compile(r"gnu ((?:affero |lesser |library )?general public) licen[sc]e")
_GNU_VERSION = re.compile(r"\bv(?:ersion)? ?([23](?:\.[01])?)\b")
_NAMED = re.compile(r"^[ \t/*#\-]*licen[sc]ed?(?:\s+under)?(?:\s*[:=]\s*|\s+)(\S.{1,80}?)[ \t\r.*/]*$", re.I | re.M)

_UNDER = re.compile(
    r"^[ \t/*#\-]*(?:this (?:openscad |source |3d )?(?:code|design|file|library|model|module|part|program|project"
    r"|script|software|thing|work) is )?(?P<dual>dual[ \-]+)?licen[sc]ed under (?P<words>\S.{1,120}?)[ \t\r.*/]*$",
    re.I | re.M,
)
_CHOICE = re.compile(r"[\s,]*(?:,|&|/|\band\b|\bor\b(?! (?:any|later)\b))\s*", re.I)
# The next line goes on with the licence's name or with a condition; small letters, for a new sentence begins otherwise.
_CONTINUED = re.compile(
    r"\n[ \t/*#\-]*(?:and|or|but|with|except|unless|only|any later|(?i:non-?commercial|no-?deriv\w*|share-?alike))\b"
)

_BSD = "redistribution and use in source and binary forms"
_PHRASES = (
    ("cc0 1.0 universal", "CC0-1.0"),
    ("creativecommons.org/publicdomain/zero/1.0", "CC0-1.0"),
    ("free and unencumbered software released into the public domain", "Unlicense"),
    ("permission is hereby granted, free of charge, to any person obtaining a copy", "MIT"),
    ("mozilla public license version 2.0", "MPL-2.0"),
    ("mozilla public license, v. 2.0", "MPL-2.0"),
    ("apache license version 2.0", "Apache-2.0"),
    ("apache license, version 2.0", "Apache-2.0"),
)


def detect_license(text: str) -> str | None:
    """The SPDX id that a LICENSE file or a source's notice names; None where none is recognised.

    The licence named first counts: the texts of several name others further down. A GPL text alone grants no later
    version; a notice with "any later version" does.
    """
    return next(iter(detect_choices(text)), None)


def detect_choices(text: str) -> tuple[str, ...]:
    """The SPDX ids of `detect_license`: several where the text offers a choice (`MIT OR GPL-2.0`, `dual licensed`)."""
    for line in _SPDX_LINE.finditer(text):
        choices = [_exact(part.strip(" ()*/")) for part in re.split(r"\s+OR\s+", line[1])]
        if known := [c for c in choices if c]:
            return tuple(known)
    lower = " ".join(re.sub(r"^[ \t]*(?://+|#+|\*+)", " ", text, flags=re.M).lower().split())
    found = [*_find_cc(lower), *_find_gnu(lower), *_find_phrases(lower)]
    return (min(found)[1],) if found else _named(text)


def _find_cc(lower: str) -> list[tuple[int, str]]:
    """(position, SPDX id) of the first Creative Commons address or title."""
    found: list[tuple[int, str | None]] = []
    if gnu := _CC_GNU_URL.search(lower):
        guess = _gnu([gnu[1], gnu[2]])
        found.append((gnu.start(), guess.spdx if guess else None))
    if url := _CC_URL.search(lower):
        found.append((url.start(), _BY_LOWER.get(f"cc-{url[1]}-{url[2]}")))
    if title := _CC_TITLE.search(lower):
        guess = _creative_commons([*re.split(r"[- ]", title[1]), title[2]])
        found.append((title.start(), guess.spdx if guess else None))
    return [(position, spdx) for position, spdx in found if spdx]


def _find_gnu(lower: str) -> list[tuple[int, str]]:
    """The first GNU title with a version beside it; without one it is a mention, as in the Python licence."""
    for title in _GNU_TITLE.finditer(lower):
        version = _GNU_VERSION.search(lower, max(0, title.start() - 40), title.end() + 160)
        if version:
            is_notice = "any later version" in lower and "terms and conditions" not in lower
            guess = _gnu([*title[1].split(), version[1], *(["later"] if is_notice else [])])
            return [(title.start(), guess.spdx)] if guess else []
    return []


def _find_phrases(lower: str) -> list[tuple[int, str]]:
    found = [(lower.find(phrase), spdx) for phrase, spdx in _PHRASES]
    found.append((lower.find(_BSD), "BSD-3-Clause" if "neither the name" in lower else "BSD-2-Clause"))
    if isc := re.search(
        r"permission to use, copy, modify,? and(?:/or)? distribute this software for any purpose", lower
    ):
        found.append((isc.start(), "ISC" if "provided that the above copyright notice" in lower else "0BSD"))
    return [(position, spdx) for position, spdx in found if position >= 0]


def _named(text: str) -> tuple[str, ...]:
    """A line such as `// License: CC BY 4.0`, `This file is licensed under MIT`, `Dual licensed under A and B`.

    None of two licences is chosen unless the line itself offers the choice: the first then, as everywhere here.
    """
    offers = [(line.start(), [line[1]], line.end()) for line in _NAMED.finditer(text)]
    for line in _UNDER.finditer(text):
        choices = [words for words in _CHOICE.split(line["words"]) if words] if line["dual"] else [line["words"]]
        offers.append((line.start(), choices, line.end()))
    for _, choices, end in sorted(offers):
        spdx_ids = [spdx_of(words).spdx for words in choices]
        if NOASSERTION not in spdx_ids and not _CONTINUED.match(text, end):
            return tuple(spdx_ids)
    return ()


def is_allowed(spdx: str, allowed: frozenset[str] = DEFAULT_ALLOWED) -> Literal[True] | tuple[Literal[False], str]:
    """True, or (False, reason): `no_license` or `license_refused`."""
    if spdx in allowed:
        return True
    return False, "no_license" if spdx == NOASSERTION else "license_refused"
