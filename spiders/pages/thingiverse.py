"""Thingiverse's JSON -> plain values: search hits, a thing, its files, what it was made from.

Pure and total: parsed JSON in, None or () out for what can't be read. A search hit tells neither licence nor
description; a thing's page does. No fetching.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import quote

from corpus.schema import Author
from spiders.items import License, Listing, listed_license
from spiders.pages.fields import field, file_name, flag, link, moment, number, plain_text, text, texts

__all__ = [
    "MAX_HITS",
    "PER_PAGE",
    "HitPage",
    "Thing",
    "ThingFile",
    "license_of",
    "parse_ancestors",
    "parse_files",
    "parse_hits",
    "parse_thing",
    "search_path",
    "tag_path",
    "thing_id_of",
]

PER_PAGE = 30
MAX_HITS = 10_000
"""A query shows no more than so many."""
_MAX_ANCESTORS = 50
_LEAST_FALLING = 0.8
_THING_PAGE = re.compile(r"^/thing:(\d{1,18})(?:/|$)")


@dataclass(frozen=True)
class HitPage:
    """One page of a search or a tag."""

    thing_ids: tuple[str, ...]
    n_hits: int
    """Hits on the page, unreadable ones included; 0 is the end."""
    is_newest_first: bool = False
    """True if the ids fall from hit to hit, as they do with age; a few may stand out of order."""
    total: int | None = None
    """Hits of the whole listing; None where the answer doesn't say."""


@dataclass(frozen=True)
class Thing:
    thing_id: str
    version: str
    """When it was last modified; where the site doesn't say, a hash of what it does say."""
    listing: Listing
    withheld: str | None
    """Why it is nobody's to take: private, not published. None for a thing that is there for all."""
    names: tuple[str, ...] | None
    """Its files by name, where the answer lists all of them."""
    is_customizer: bool
    """Tagged for Thingiverse's customizer."""


@dataclass(frozen=True)
class ThingFile:
    file_id: str
    name: str
    size_bytes: int | None


def search_path(term: str, page: int, *, license: str | None = None) -> str:
    """The path and query of one page of a search, newest things first."""
    more = f"&license={quote(license, safe='')}" if license else ""
    return f"/search/{quote(term, safe='')}/?type=things&page={page}&per_page={PER_PAGE}&sort=newest{more}"


def tag_path(tag: str, page: int) -> str:
    """The path and query of one page of a tag's things."""
    return f"/tags/{quote(tag, safe='')}/things?page={page}&per_page={PER_PAGE}&sort=newest"


def thing_id_of(url: str) -> str | None:
    """The id in a thing's public address, https://www.thingiverse.com/thing:ID."""
    match = _THING_PAGE.match(re.sub(r"^https?://[^/]*", "", url))
    return str(int(match[1])) if match else None


def parse_hits(data: Any) -> HitPage | None:
    """The things on a page of hits: an object, or a bare list in older answers; None for anything else.

    `hits` may be null at the end.
    """
    total = number(field(data, "total"))
    if isinstance(data, dict) and data.get("hits", ...) is None:
        return HitPage((), 0, total=total)
    hits = field(data, "hits") if isinstance(data, dict) else data
    if not isinstance(hits, list):
        return None
    found = (_id_of(hit) for hit in hits if _withheld(hit) is None)
    ids = tuple(dict.fromkeys(thing_id for thing_id in found if thing_id))
    n_falling = sum(int(a) > int(b) for a, b in pairwise(ids))
    is_newest_first = bool(ids) and n_falling >= _LEAST_FALLING * (len(ids) - 1)
    return HitPage(ids, len(hits), is_newest_first, total)


def parse_thing(data: Any) -> Thing | None:
    """A thing's page; None without an id."""
    thing_id = _id_of(data)
    if thing_id is None:
        return None
    tags = texts(data.get("tags"))
    ancestors = parse_ancestors(data.get("ancestors"))
    modified_at = moment(data.get("modified"))
    is_remix = flag(data.get("is_derivative"))
    listing = Listing(
        title=text(data.get("name")),
        description=_description(data),
        description_kind="author",
        tags=tags,
        category=text(field(data, "category", "name")) or next(iter(texts(data.get("categories"))), None),
        author=_author(data.get("creator")),
        license=license_of(data.get("license")),
        source_url=link(data.get("public_url")) or f"https://www.thingiverse.com/thing:{thing_id}",
        is_remix=True if ancestors else is_remix,
        is_ai=flag(data.get("is_ai")),
        is_nsfw=flag(data.get("is_nsfw")),
        ancestors=ancestors,
        created_at=moment(data.get("added")) or moment(data.get("created_at")),
        modified_at=modified_at,
    )
    names = _names(data)
    said = hashlib.sha256(repr((listing, names)).encode("utf-8", "replace")).hexdigest()
    return Thing(
        thing_id=thing_id,
        version=modified_at or said,
        listing=listing,
        withheld=_withheld(data),
        names=names,
        is_customizer="customizer" in (tag.lower() for tag in tags),
    )


def license_of(raw: Any) -> License:
    """The licence in Thingiverse's words, which give no version: Creative Commons is taken as 4.0, `assumed`."""
    words = text(raw)
    meant = listed_license(words.removeprefix("Creative Commons - ") if words else None, scope="item")
    return License(words, meant.spdx, meant.scope, meant.confidence)


def parse_files(data: Any) -> tuple[ThingFile, ...] | None:
    """The OpenSCAD sources among a thing's files, by name in any case; None where the answer is no list."""
    if not isinstance(data, list):
        return None
    found: dict[str, ThingFile] = {}
    for entry in data:
        file_id, name = _id_of(entry), file_name(field(entry, "name"))
        if file_id and name and name.lower().endswith(".scad"):
            found.setdefault(file_id, ThingFile(file_id, name, number(entry.get("size"))))
    return tuple(found.values())


def parse_ancestors(data: Any) -> tuple[str, ...]:
    """The public pages of the things that one was made from."""
    if not isinstance(data, list):
        return ()
    pages = (
        link(field(entry, "public_url"))
        or (f"https://www.thingiverse.com/thing:{_id_of(entry)}" if _id_of(entry) else None)
        for entry in data[:_MAX_ANCESTORS]
    )
    return tuple(dict.fromkeys(page for page in pages if page))


def _id_of(data: Any) -> str | None:
    value = number(field(data, "id"))
    return str(value) if value else None


def _withheld(data: Any) -> str | None:
    if flag(field(data, "is_private")):
        return "private"
    return "not published" if flag(field(data, "is_published")) is False else None


def _author(creator: Any) -> Author | None:
    author = Author(_id_of(creator), text(field(creator, "name")), link(field(creator, "public_url")))
    return author if author != Author() else None


def _description(data: Any) -> str | None:
    """The description, then the instructions; the HTML form only where there is no plain one."""
    parts = [
        plain_text(data.get(name)) or plain_text(data.get(f"{name}_html")) for name in ("description", "instructions")
    ]
    return "\n\n".join(dict.fromkeys(part for part in parts if part)) or None


def _names(data: Any) -> tuple[str, ...] | None:
    """The files of the thing's zip, if there are as many as the thing has: older things list only a part."""
    files = field(data, "zip_data", "files")
    if not isinstance(files, list) or not files or len(files) != number(data.get("file_count")):
        return None
    names = [file_name(field(entry, "name")) for entry in files]
    return tuple(name for name in names if name) if all(names) else None
