"""Example's JSON -> plain values. Copy to spiders/pages/<site>.py. Pure: what is left out is None, no error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from corpus.schema import Author
from spiders.items import Listing, listed_license
from spiders.pages.fields import field, file_name, link, moment, plain_text, text, texts


@dataclass(frozen=True)
class Design:
    design_id: str
    version: str | None
    listing: Listing
    file_name: str | None
    file_url: str | None


def parse_designs(data: Any) -> tuple[Design, ...]:
    """The designs of one page; () for an answer that is no page."""
    designs = field(data, "designs")
    found = (_design(entry) for entry in designs) if isinstance(designs, list) else ()
    return tuple(design for design in found if design is not None)


def _design(entry: Any) -> Design | None:
    design_id, author = text(field(entry, "id")), text(field(entry, "author"))
    if design_id is None:
        return None
    listing = Listing(
        title=text(field(entry, "title")),
        description=plain_text(field(entry, "description")),
        description_kind="author",
        tags=texts(field(entry, "tags")),
        author=Author(name=author) if author else None,
        license=listed_license(text(field(entry, "license")), scope="item"),
        source_url=link(field(entry, "url")),
        modified_at=moment(field(entry, "updated_at")),
    )
    file_url = link(field(entry, "file", "url"))
    return Design(design_id, listing.modified_at, listing, file_name(field(entry, "file", "name")), file_url)
