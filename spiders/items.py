"""Builders of `corpus.schema.CrawledRow`, which every spider yields: bare, or as a `Part` of its site's item.

Pure: text and facts in, a row out. Decides the record's identity, cleans the source, finds its
includes; what a site says about a design is read by `spiders.pages`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from corpus.includes import find_includes
from corpus.licenses import detect_license, spdx_of
from corpus.normalize import clean_source, content_key
from corpus.schema import Author, CompanionFile, CrawledRow, Provenance, RepoInfo

__all__ = [
    "Decoded",
    "License",
    "Listing",
    "Part",
    "build_row",
    "decode_scad",
    "license_in_text",
    "listed_license",
    "record_id_of",
]

_NO_ASSERTION = "NOASSERTION"


@dataclass(frozen=True)
class License:
    """A licence as found: the words, what they mean, where they stood, how sure that is."""

    raw: str | None = None
    spdx: str = _NO_ASSERTION
    scope: str | None = None
    confidence: str | None = None


@dataclass(frozen=True)
class Listing:
    """What a source tells about a design, apart from its text."""

    title: str | None = None
    description: str | None = None
    description_kind: str = "none"
    tags: tuple[str, ...] = ()
    category: str | None = None
    author: Author | None = None
    license: License = License()
    source_url: str | None = None
    is_customizable: bool | None = None
    is_remix: bool | None = None
    is_ai: bool | None = None
    is_nsfw: bool | None = None
    ancestors: tuple[str, ...] = ()
    """Pages of the designs that this one was made from."""
    repo: RepoInfo | None = None
    created_at: str | None = None
    modified_at: str | None = None


@dataclass(frozen=True)
class Part:
    """One row of an item that its site counts as one: a thing of three files, a repository of a hundred.

    Once `n_parts` rows of an item are written, the crawl's state remembers it in this version, and the next night
    leaves it alone.
    """

    row: CrawledRow
    item_id: str
    version: str | None
    """What the site says when it changes: a commit, a modification time. None: ask again next night."""
    n_parts: int = 1
    is_final: bool = True
    """False where the row lacks what a later night may still get: the item is asked for again."""


@dataclass(frozen=True)
class Decoded:
    text: str
    transformations: tuple[str, ...] = ()


def record_id_of(source: str, source_item_id: str, path: str | None) -> str:
    """sha256(source|source_item_id|path), hex: the same design of the same source on every night."""
    # surrogateescape: a file name need not be UTF-8
    return hashlib.sha256(f"{source}|{source_item_id}|{path or ''}".encode("utf-8", "surrogateescape")).hexdigest()


def decode_scad(body: bytes) -> Decoded | None:
    """The text of a source file; None for a binary one.

    UTF-8 first. Older files are often Latin-1, which decodes any byte, so a NUL tells binaries apart.
    """
    if b"\x00" in body:
        return None
    try:
        return Decoded(body.decode("utf-8"))
    except UnicodeDecodeError:
        return Decoded(body.decode("latin-1"), ("decoded latin-1",))


def listed_license(raw: str | None, *, scope: str) -> License:
    """The licence a page names in words; null words stay unknown."""
    if raw is None or not raw.strip():
        return License()
    guess = spdx_of(raw)
    return License(raw=raw.strip(), spdx=guess.spdx, scope=scope, confidence=guess.confidence)


def license_in_text(text: str, *, scope: str) -> License | None:
    """The licence that a LICENSE file or a source's notice names; None where none is recognised."""
    spdx = detect_license(text)
    if spdx is None:
        return None
    is_declared = "SPDX-License-Identifier" in text
    return License(raw=spdx, spdx=spdx, scope=scope, confidence="declared" if is_declared else "detected")


def build_row(
    *,
    source: str,
    source_item_id: str,
    path: str | None,
    decoded: Decoded | None,
    listing: Listing,
    provenance: Provenance,
    fetched_at: str,
    companions: tuple[CompanionFile, ...] = (),
    file_id: str | None = None,
) -> CrawledRow:
    """One row. `decoded=None` makes a metadata-only record: the design is known, its text is not."""
    row = CrawledRow(
        record_id=record_id_of(source, source_item_id, path),
        source=source,
        source_item_id=source_item_id,
        sha256=None,
        scad=None,
        fetched_at=fetched_at,
        provenance=provenance,
        file_id=file_id,
        source_url=listing.source_url,
        title=listing.title,
        description=listing.description,
        description_kind=listing.description_kind if listing.description else "none",
        tags=listing.tags,
        category=listing.category,
        author=listing.author,
        license_raw=listing.license.raw,
        license_spdx=listing.license.spdx,
        license_scope=listing.license.scope,
        license_confidence=listing.license.confidence,
        is_remix=listing.is_remix,
        is_customizable=listing.is_customizable,
        is_ai=listing.is_ai,
        is_nsfw=listing.is_nsfw,
        ancestors=listing.ancestors,
        path=path,
        companions=companions,
        repo=listing.repo,
        created_at=listing.created_at,
        modified_at=listing.modified_at,
    )
    if decoded is None:
        return row
    cleaned = clean_source(decoded.text)
    return replace(
        row,
        scad=cleaned.text,
        sha256=content_key(cleaned.text, companions),
        includes=find_includes(cleaned.text),
        transformations=(*decoded.transformations, *cleaned.transformations),
    )
