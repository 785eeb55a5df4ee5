"""Cults3D's GraphQL: the queries, and answers -> plain values.

Pure and total: parsed JSON in, None or () out for what can't be read. An answer may hold a part of what was asked, with
`errors` beside it. No fetching.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any

from corpus.licenses import NOASSERTION
from corpus.schema import Author
from spiders.items import License, Listing, listed_license
from spiders.pages.fields import field, file_name, flag, link, moment, number, plain_text, text, texts

__all__ = [
    "PER_PAGE",
    "Blueprint",
    "Creation",
    "CreationPage",
    "creations_query",
    "errors_of",
    "license_of",
    "parse_creations",
    "parse_page",
    "search_query",
]

PER_PAGE = 100
"""The most that one answer may hold."""
_MAX_ERRORS = 5
_MAX_BLUEPRINTS = 100

_FIELDS = (
    "identifier slug name(locale:EN) url(locale:EN) description(locale:EN) details(locale:EN) tags(locale:EN) "
    "publishedAt updatedAt license{code name spdxId url allowsCommercialUse} creator{nick url} category{id name} "
    "blueprints{id fileName fileExtension fileUrl imageUrl position}"
)
_SEARCH = (
    "query($q:String!,$n:Int,$o:Int){creationsSearchBatch(query:$q,onlySafe:true,onlyFree:true,limit:$n,offset:$o,"
    "sort:BY_PUBLICATION,direction:DESC){total results{" + _FIELDS + "}}}"
)
_MAYBE_SOURCE = frozenset(("7z", "gz", "rar", "scad", "tar", "zip"))
"""Files that are, or may hold, OpenSCAD source."""


@dataclass(frozen=True)
class Blueprint:
    """One file of a creation."""

    file_id: str | None
    name: str | None
    extension: str | None
    """Lower case, without the dot; None where nothing tells."""
    url: str | None
    """None where the site doesn't give the file."""


@dataclass(frozen=True)
class Creation:
    slug: str
    version: str
    """When it was last updated; where the site doesn't say, a hash of what it does say."""
    listing: Listing
    blueprints: tuple[Blueprint, ...]

    @property
    def sources(self) -> tuple[Blueprint, ...]:
        """Its OpenSCAD files."""
        return tuple(b for b in self.blueprints if b.extension == "scad" and b.name)

    @property
    def may_hold_source(self) -> bool:
        """False if every file is known to be something else, such as a mesh."""
        known = {b.extension for b in self.blueprints}
        return not known or None in known or bool(known & _MAYBE_SOURCE)


@dataclass(frozen=True)
class CreationPage:
    creations: tuple[Creation, ...]
    n_results: int
    """Results on the page, null and unreadable ones included; 0 is the end."""
    total: int | None


def search_query(term: str, offset: int) -> dict[str, Any]:
    """The body that asks for one page of a search, newest first."""
    return {"query": _SEARCH, "variables": {"q": term, "n": PER_PAGE, "o": offset}}


def creations_query(slugs: Sequence[str]) -> dict[str, Any]:
    """The body that asks for these creations by name; answered under `c0`, `c1`, … in their order."""
    declared = ",".join(f"$s{i}:String!" for i in range(len(slugs)))
    asked = " ".join(f"c{i}:creation(slug:$s{i}){{{_FIELDS}}}" for i in range(len(slugs)))
    return {"query": f"query({declared}){{{asked}}}", "variables": {f"s{i}": slug for i, slug in enumerate(slugs)}}


def errors_of(data: Any) -> tuple[str, ...]:
    """What an answer says went wrong, a line each."""
    errors = field(data, "errors")
    if not isinstance(errors, list):
        return ()
    return tuple(text(field(error, "message")) or "an error without a message" for error in errors[:_MAX_ERRORS])


def parse_page(data: Any) -> CreationPage | None:
    """One page of a search; None where the answer holds none."""
    batch = field(data, "data", "creationsSearchBatch")
    results = field(batch, "results")
    if not isinstance(results, list):
        return None
    creations = (parse_creation(result) for result in results)
    by_slug = {creation.slug: creation for creation in creations if creation}
    return CreationPage(tuple(by_slug.values()), len(results), number(field(batch, "total")))


def parse_creations(data: Any, slugs: Sequence[str]) -> dict[str, Creation | None]:
    """By slug what `creations_query` asked for; None: the site has it no more. One in error is left out.

    An error that doesn't say what it is about may be about any null.
    """
    answer = field(data, "data")
    keys = {f"c{i}" for i in range(len(slugs))}
    failed = _paths_in_error(data, keys)
    found: dict[str, Creation | None] = {}
    for i, slug in enumerate(slugs):
        key = f"c{i}"
        if not isinstance(answer, dict) or key not in answer or key in (failed or ()):
            continue
        creation = parse_creation(answer[key])
        is_gone = answer[key] is None and failed is not None
        if is_gone or (creation and creation.slug == slug):
            found[slug] = creation
    return found


def parse_creation(data: Any) -> Creation | None:
    """One design; None without a slug, by which alone it can be asked for again."""
    slug = text(field(data, "slug"))
    if slug is None:
        return None
    words = [plain_text(data.get(name)) for name in ("description", "details")]
    updated_at, creator = moment(data.get("updatedAt")), data.get("creator")
    author = Author(name=text(field(creator, "nick")), profile_url=link(field(creator, "url")))
    listing = Listing(
        title=text(data.get("name")),
        description="\n\n".join(dict.fromkeys(word for word in words if word)) or None,
        description_kind="author",
        tags=texts(data.get("tags")),
        category=text(field(data, "category", "name")),
        author=author if author != Author() else None,
        license=license_of(data.get("license")),
        source_url=link(data.get("url")),
        is_nsfw=flag(data.get("nsfw")),
        created_at=moment(data.get("publishedAt")),
        modified_at=updated_at,
    )
    blueprints = _blueprints(data.get("blueprints"))
    said = hashlib.sha256(repr((listing, [b.name for b in blueprints])).encode("utf-8", "replace")).hexdigest()
    return Creation(slug, updated_at or said, listing, blueprints)


def license_of(data: Any) -> License:
    """The licence by its SPDX id, else by Cults' own code (cults_pu, cults_cu: its private use and commercial use)."""
    code, name, spdx_id = (text(field(data, key)) for key in ("code", "name", "spdxId"))
    raw = name or code or spdx_id
    if code and (own := re.fullmatch(r"cults_([a-z_]{1,20})", code.lower())):
        return License(raw, f"LicenseRef-Cults-{own[1].upper().replace('_', '-')}", "item", "declared")
    for words in (spdx_id, code.replace("_", " ") if code else None, name):
        meant = listed_license(words, scope="item")
        if meant.spdx != NOASSERTION:
            return License(raw, meant.spdx, "item", meant.confidence)
    return License(raw, scope="item" if raw else None)


def _blueprints(data: Any) -> tuple[Blueprint, ...]:
    entries = data[:_MAX_BLUEPRINTS] if isinstance(data, list) else []
    return tuple(_blueprint(entry) for entry in entries if isinstance(entry, dict))


def _blueprint(entry: dict[str, Any]) -> Blueprint:
    name = file_name(entry.get("fileName"))
    extension = text(entry.get("fileExtension")) or (name.rpartition(".")[2] if name and "." in name else None)
    url = entry.get("fileUrl")
    is_url = isinstance(url, str) and link(url) is not None
    return Blueprint(
        file_id=text(entry.get("id")),
        name=name,
        extension=extension.lower().lstrip(".") if extension else None,
        url=url.strip() if is_url and isinstance(url, str) else None,
    )


def _paths_in_error(data: Any, keys: Set[str]) -> Set[str] | None:
    """Those of the keys of the answer that an error is about; None if an error is about none of them, so maybe any."""
    errors = field(data, "errors") or []
    if not isinstance(errors, list):
        return None
    paths = [field(error, "path") for error in errors]
    named = {path[0] if isinstance(path, list) and path and isinstance(path[0], str) else "" for path in paths}
    return named if named <= keys else None
