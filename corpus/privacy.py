"""Personal data and secrets in what authors wrote: masked in comments, strings and prose, refused where it is a secret.

Pure and linear. Covers e-mail, phone, postal address with a postcode, IBAN, payment card, IP address, home folder;
private keys and tokens of the commonest services. Code is never looked at: its numbers are geometry. Names of authors
are no personal data here, for licences ask for them: they stay in the credit, and `without_credit` keeps them out of
prompts.
"""

from __future__ import annotations

import ipaddress
import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from corpus.normalize import segments

__all__ = ["Masked", "find_secret", "mask_prose", "mask_source", "without_credit"]


@dataclass(frozen=True)
class Masked:
    text: str
    kinds: tuple[str, ...] = ()
    """What was masked, each once, in a fixed order: `e-mail`, `phone`, …"""


_EMAIL = re.compile(
    r"(?<![\w.+%-])[\w.+%-]{1,64}(?:@|\s?[\[(]\s?at\s?[\])]\s?)[A-Za-z0-9-]{1,63}"
    r"(?:(?:\.|\s?[\[(]\s?dot\s?[\])]\s?)[A-Za-z0-9-]{1,63}){0,4}(?:\.|\s?[\[(]\s?dot\s?[\])]\s?)[A-Za-z]{2,24}\b"
)
_HOME = re.compile(
    r"(?P<root>\b[A-Za-z]:[\\/]{1,2}(?:Users|Documents and Settings)[\\/]{1,2}|(?<![\w.])/(?:home|Users)/)"
    r"(?P<name>[^\\/\s\"'<>:;,()]{1,64})"
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_CARD = re.compile(r"(?<![\w.,-])[3-6]\d{3}(?:([ -]?)\d{4})(?:\1\d{4}){1,2}(?:\1?\d{1,4})?(?![\w.,-]?\d)")
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)")
_IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){3,7}(?![\w:.])")
_VERSION_BEFORE = re.compile(r"(?:\bv|\bver|version|\brev|revision|release|openscad|firmware)[ .:]*\Z", re.IGNORECASE)
_PHONE = re.compile(
    r"(?<![\w.)\]+*/-])\+\d{1,3}+(?:[ ./-]{0,2}+\(?+\d{1,5}+\)?+){2,6}+(?![\w.]*\d)"
    r"|(?<![\w.-])(?:\(\d{3}\) ?|\d{3}-)\d{3}-\d{4}(?![\w.-])"
)
_LABELLED_PHONE = re.compile(
    r"(?P<label>\b(?:tel|telephone|phone|fax|mobile|whatsapp|handy)\b\.?(?: ?(?:no|number|nr)\b\.?)?[ \t]*[:=][ \t]*)"
    r"(?P<number>[+(]?\d[\d ()./-]{5,20}\d)",
    re.IGNORECASE,
)
_STREETS = "Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Place|Square|Way"
_ADDRESS = re.compile(
    rf"\b\d{{1,5}}[a-zA-Z]? (?:[A-Z][a-z]{{1,20}} ){{1,3}}(?:{_STREETS})\b\.?,[^\n]{{2,60}}?"
    r"(?:\b[A-Z]{2} \d{5}(?:-\d{4})?|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})\b"
    r"|\b[A-ZÄÖÜ][a-zäöüß]{2,25}(?:straße|strasse|str\.|weg|platz) \d{1,4}[a-z]?, ?(?:D-)?\d{5} [A-ZÄÖÜ][a-zäöüß]+"
)


def _is_iban(text: str) -> bool:
    """ISO 13616: the letters as numbers, the first four at the end, 1 modulo 97."""
    plain = text.replace(" ", "")
    return 15 <= len(plain) <= 34 and int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def _is_card(text: str) -> bool:
    """ISO 7812: 13 to 19 digits with a right last one (Luhn)."""
    digits = [int(c) for c in text if c.isdigit()]
    total = sum(d if i % 2 == 0 else (2 * d - 9 if d > 4 else 2 * d) for i, d in enumerate(reversed(digits)))
    return 13 <= len(digits) <= 19 and len(set(digits)) > 1 and total % 10 == 0


def _is_public_ip(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).is_global
    except ValueError:
        return False


def _is_phone(text: str) -> bool:
    """9 to 15 digits, and no decimal number with a sign."""
    return 9 <= sum(c.isdigit() for c in text) <= 15 and not re.fullmatch(r"[+-]?\d+\.\d+", text)


def _checked(pattern: re.Pattern[str], mask: str, is_it: Callable[[str], bool]) -> Callable[[str], str]:
    return lambda text: pattern.sub(lambda m: mask if is_it(m[0]) else m[0], text)


def _mask_ips(text: str) -> str:
    def mask(match: re.Match[str]) -> str:
        is_version = _VERSION_BEFORE.search(text, max(0, match.start() - 20), match.start())
        return match[0] if is_version or not _is_public_ip(match[0]) else "<ip>"

    return _IPV6.sub(mask, _IPV4.sub(mask, text))


_phones = _checked(_PHONE, "<phone>", _is_phone)
_MASKS: tuple[tuple[str, str, Callable[[str], str]], ...] = (
    ("e-mail", "@[(", lambda text: _EMAIL.sub("<e-mail>", text)),
    ("home folder", "/\\", lambda text: _HOME.sub(lambda m: f"{m['root']}<user>", text)),
    ("iban", "0123456789", _checked(_IBAN, "<iban>", _is_iban)),
    ("card", "0123456789", _checked(_CARD, "<card>", _is_card)),
    ("phone", "0123456789", lambda text: _LABELLED_PHONE.sub(lambda m: f"{m['label']}<phone>", _phones(text))),
    ("ip address", ".:", _mask_ips),
    ("postal address", "0123456789", lambda text: _ADDRESS.sub("<address>", text)),
)


def mask_prose(text: str) -> Masked:
    """A description, a title or a notice with what is personal masked."""
    done: list[str] = []
    for kind, marks, mask in _MASKS:
        if any(c in text for c in marks):
            before, text = text, mask(text)
            if text != before:
                done.append(kind)
    return Masked(text, tuple(done))


def mask_source(scad: str) -> Masked:
    """A source with what is personal in its comments and strings masked."""
    pieces: list[str] = []
    done: set[str] = set()
    for kind, text in segments(scad):
        if kind not in ("comment", "string"):
            pieces.append(text)
            continue
        masked = mask_prose(text)
        pieces.append(masked.text)
        done.update(masked.kinds)
    return Masked("".join(pieces), tuple(kind for kind, *_ in _MASKS if kind in done))


_SECRETS = (
    ("private key", re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY")),
    ("github token", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{50,})")),
    ("gitlab token", re.compile(r"\bglpat-[A-Za-z0-9_-]{20}")),
    ("aws key", re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")),
    ("slack token", re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}")),
    ("google key", re.compile(r"\bAIza[A-Za-z0-9_-]{35}")),
    ("openai key", re.compile(r"\bsk-(?:proj-|ant-)?[A-Za-z0-9_-]{32,}")),
    ("stripe key", re.compile(r"\b[rs]k_live_[A-Za-z0-9]{16,}")),
    ("hugging face token", re.compile(r"\bhf_[A-Za-z0-9]{30,}")),
    ("jwt", re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}")),
)
_NAMED_SECRET = re.compile(
    r"(?:api[_-]?key|access[_-]?key|token|secret|passw(?:or)?d|bearer)[\"']?\s{0,3}(?:[=:]|(?<=[Bb]earer)\s)\s{0,3}"
    r"[\"']?(?P<value>[A-Za-z0-9+/_-]{16,200})(?![\w.(])",
    re.IGNORECASE,
)
_MIN_BITS = 3.5
"""Per character: names and words have about 3, random base64 of 20 characters over 4."""
_HEX = re.compile(r"[0-9a-f]{32,}")


def find_secret(text: str) -> str | None:
    """The kind of the first key or token in a text; None without one.

    A random-looking word counts only after a name such as `token=`: by itself it may be a hash or a part number.
    """
    for kind, pattern in _SECRETS:
        if pattern.search(text):
            return kind
    return next(("token" for m in _NAMED_SECRET.finditer(text) if _is_random(m["value"])), None)


def _is_random(value: str) -> bool:
    """Both cases and digits mixed, or hex; `coin_diameter_25mm` after `token =` is a part's measure."""
    if not (_HEX.fullmatch(value) or all(re.search(p, value) for p in ("[a-z]", "[A-Z]", r"\d"))):
        return False
    return -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values()) >= _MIN_BITS


_CREDIT = re.compile(
    r"(?<!\s)\s*+(?<!\w)(?i:(?:(?:re)?(?:designed|created|modell?ed|written|made|drawn|remixed|published|uploaded)\s+)?by|"
    r"author\s*[:=]|copyright(?:\s*\(c\))?|\(c\)|©)[:,]?\s+(?:\d{4}[,\s-]*(?:by\s+)?)?"
    r"(?:[A-Z][\w'’-]{1,20}|[A-Z]\.)(?:\s+(?:[A-Z]\.|[A-Z][\w'’-]{1,20})){1,3}"
)
_MIN_NAME_CHARS = 4


def without_credit(text: str, names: Sequence[str]) -> str:
    """A prompt names no person: `by Ada Lovelace` goes, and so does each of `names` where it stands as a credit.

    A name alone stays where it may be a common word: of one word, it goes only after `by`, `author:` or `@`.
    """
    text = _CREDIT.sub("", text)
    for name in names:
        if len(name.strip()) < _MIN_NAME_CHARS:
            continue
        words = r"\s+".join(re.escape(word) for word in name.split()[:6])
        credit = r"(?:\b(?:(?:designed|created|made|written|modell?ed)\s+)?by\s+|\bauthor\s*[:=]\s*|©\s*|@)"
        text = re.sub(rf"(?<!\s)\s*+{credit}{words}(?!\w)", "", text, flags=re.IGNORECASE)
        if " " in name.strip():
            text = re.sub(rf"(?<!\w){words}(?!\w)", "the author", text)
    return text
