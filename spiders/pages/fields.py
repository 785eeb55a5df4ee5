"""Fields of a site's JSON -> plain values: a site may leave a field out, or give it in another type.

Pure and total: any JSON value in, the wanted type or None out. Covers texts (with markup or without), numbers, flags,
moments and links; which field means what is each site's page module's business.
"""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

__all__ = ["field", "file_name", "flag", "link", "moment", "number", "plain_text", "text", "texts"]

MAX_TEXT_CHARS = 10_000
"""A longer description is cut; the longest seen on a design is some 6,000."""
MAX_TITLE_CHARS = 300
_MAX_NAME_CHARS = 200
_MAX_MARKUP_CHARS = 200_000
_MAX_LIST = 100

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200b\u2060\ufeff\ud800-\udfff]")
_DROPPED = re.compile(
    # what is not closed ends with the text, as in a browser: looking for the end again and again would be quadratic
    r"<!--.*?(?:-->|\Z)|<(script|style)\b[^<>]{0,500}>.*?(?:</\1\s*>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_BLOCKS = "address|article|blockquote|dd|div|dl|dt|figure|h[1-6]|hr|ol|p|pre|section|table|tr|ul"
_INLINE = "a|abbr|b|big|code|del|em|font|i|iframe|img|ins|kbd|s|small|span|strike|strong|sub|sup|tbody|td|th|thead|tt|u"
# only names that HTML has: `include <BOSL2/std.scad>` and `a < b > c` are words, not tags
_TAG = re.compile(rf"</?(?P<name>{_BLOCKS}|{_INLINE}|br|li)(?:\s[^<>]{{0,2000}})?/?>", re.IGNORECASE)


def field(value: Any, *names: str) -> Any:
    """The value under these names, one inside the other; None where an object or a name is missing."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def text(value: Any, *, max_chars: int = MAX_TITLE_CHARS) -> str | None:
    """One line of words; None for an empty one or another type (a number is its digits)."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    words = " ".join(_CONTROL.sub(" ", str(value)[: 4 * max_chars]).split())
    return words[:max_chars].strip() or None


def texts(values: Any, *, key: str = "name") -> tuple[str, ...]:
    """The words of a list of strings or of objects with a `key`, each once; () for anything else."""
    if not isinstance(values, list):
        return ()
    found = (text(field(value, key) if isinstance(value, dict) else value) for value in values[:_MAX_LIST])
    return tuple(dict.fromkeys(words for words in found if words))


def number(value: Any) -> int | None:
    """A whole number that is not negative, given as such or as digits."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value < 1 << 63 else None


def flag(value: Any) -> bool | None:
    """True or False, from a boolean, 0, 1 or the words for them; None for anything else."""
    known = {"true": True, "1": True, "false": False, "0": False}
    return known.get(str(value).lower()) if isinstance(value, bool | int | str) else None


def moment(value: Any) -> str | None:
    """ISO-8601 as the site writes it, or of seconds since 1970; None for what is no moment."""
    if isinstance(value, str):
        try:
            datetime.fromisoformat(value.strip())
        except ValueError:
            return None
        return value.strip()
    seconds = number(value)
    if not seconds or seconds > 1 << 34:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def link(value: Any) -> str | None:
    """An http(s) URL without user, password, query and fragment: none of those is part of a page's address here."""
    if not isinstance(value, str) or len(value) > 2000 or _CONTROL.search(value):
        return None
    try:
        parts = urlsplit(value.strip())
        url = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
        own = urlsplit(url)  # without its user a host may be none: https://]@[::1/x
        is_usable = own.scheme in ("http", "https") and bool(own.hostname) and own.port != 0
    except ValueError:  # also a port beyond 65535
        return None
    return url if is_usable else None


def file_name(value: Any) -> str | None:
    """A file's bare name, whatever folders stand before it; None where nothing usable is left."""
    if not isinstance(value, str):
        return None
    name = _CONTROL.sub("", value[-1000:].replace("\\", "/")).rpartition("/")[2].strip()[-_MAX_NAME_CHARS:]
    return name if name not in ("", ".", "..") else None


def plain_text(markup: Any, *, max_chars: int = MAX_TEXT_CHARS) -> str | None:
    """Prose out of text that may hold HTML: no tags, entities read, line breaks and paragraphs kept."""
    if not isinstance(markup, str):
        return None
    prose = _DROPPED.sub("", markup[:_MAX_MARKUP_CHARS].replace("\r\n", "\n").replace("\r", "\n"))
    prose = html.unescape(_TAG.sub(_break, prose)).replace("\u00a0", " ")
    lines = [line.strip() for line in _CONTROL.sub("", prose).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))[: max_chars + 1].strip()[:max_chars].strip() or None


def _break(tag: re.Match[str]) -> str:
    name, is_end = tag["name"].lower(), tag[0].startswith("</")
    if name == "br":
        return "\n"
    if name == "li":
        return "" if is_end else "\n- "
    return "" if re.fullmatch(_INLINE, name) else "\n\n" if is_end else "\n"
