"""Repairs of a text that was read in the wrong encoding, or pasted from a web page.

Pure and total, each in time linear in the length, each the identity on a sound text. A repair is made only where the
damage is certain: the whole text has to fit it. What fits by halves (two encodings in one file) stays as it is.
"""

from __future__ import annotations

import re

__all__ = ["join_utf16", "plain_marks", "undo_mojibake", "unescape_html"]

_MARK_OF_UTF16 = {"\xff\xfe": "utf-16-le", "\xfe\xff": "utf-16-be"}
_MIN_UTF16_CHARS = 8
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
# In Latin-1 the bytes 80 to 9f stand for themselves, and so does what cp1252 gives no character.
_CP1252_BYTES = {chr(n): n for n in range(0x80, 0xA0)}
_CP1252_BYTES |= {bytes([n]).decode("cp1252", errors="ignore") or chr(n): n for n in range(0x80, 0x100)}

_ENTITIES = {"lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": " ", "#34": '"', "#39": "'", "#x22": '"'}
_ENTITIES |= {"#x27": "'", "#60": "<", "#62": ">", "#160": " "}
_ENTITY = re.compile(rf"&(?:(?:amp|#38);)*(?:({'|'.join(_ENTITIES)})|amp|#38);")

_QUOTES = "\u201c\u201d\u201e\u201f\u00ab\u00bb"
_MARKS = re.compile(f'[{_QUOTES}]([^{_QUOTES}"\\\\\n]*)[{_QUOTES}]|[\u2010-\u2013\u2212]')


def join_utf16(text: str) -> str:
    """UTF-16 that was read a byte a character: every other character is NUL, or it starts with the byte order mark.

    Why: such a source holds a NUL per letter, so it would be refused as binary.
    """
    encoding = _MARK_OF_UTF16.get(text[:2]) or _encoding_of_nuls(text)
    if encoding is None or len(text) % 2:
        return text
    try:
        return text.encode("latin-1").decode(encoding)
    except UnicodeError:
        return text


def _encoding_of_nuls(text: str) -> str | None:
    if len(text) < _MIN_UTF16_CHARS or "\0" not in text[:2]:
        return None
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        n_pairs = len(text) // 2
        if text[first::2].count("\0") * 10 >= n_pairs * 9 and text[1 - first :: 2].count("\0") * 10 < n_pairs:
            return encoding
    return None


def undo_mojibake(text: str) -> str:
    """UTF-8 that was read as cp1252 or Latin-1 (`Ã©` for `é`), where all that is not ASCII fits.

    Why: text() would engrave it, and a model would learn to write it.
    """
    if text.isascii():
        return text
    runs = [_utf8_of(run) for run in _BEYOND_ASCII.findall(text)]
    if None in runs:
        return text
    repaired = iter(runs)
    return _BEYOND_ASCII.sub(lambda _: next(repaired) or "", text)


def _utf8_of(run: str) -> str | None:
    try:
        return bytes(_CP1252_BYTES[c] for c in run).decode("utf-8")
    except (KeyError, UnicodeDecodeError):
        return None


def unescape_html(text: str, code: str) -> str:
    """The text without HTML entities, where its `code` (no strings, no comments) holds one: `a &lt; b`.

    Why: it was copied from a web page's source and doesn't parse. An entity in a string alone is the author's.
    """
    if "&" not in code or not _ENTITY.search(code):
        return text
    return _ENTITY.sub(lambda m: _ENTITIES[m[1]] if m[1] else "&", text)


def plain_marks(code: str) -> str:
    """Typographic quotes in pairs and dashes as ASCII; for a piece of code outside strings and comments.

    Why: word processors and blogs put them in, and no engine reads them.
    """
    if code.isascii():
        return code
    return _MARKS.sub(lambda m: "-" if m[1] is None else f'"{m[1]}"', code)
