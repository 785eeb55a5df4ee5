"""The dataset viewer's JSON and a data set's rows -> plain values: Parquet files, splits, pages of rows, designs.

Pure and total: parsed values in, None or () out for what can't be read. Which column means what is found by its name.
No fetching; files inside a cell are `spiders.pages.cells`' business.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from corpus.schema import Author
from spiders.items import Listing
from spiders.pages.fields import field, link, moment, number, plain_text, text, texts
from spiders.pages.thingiverse import license_of, thing_id_of

__all__ = [
    "PAGE_ROWS",
    "DatasetRow",
    "ParquetFile",
    "ParquetListing",
    "RowPage",
    "RowSource",
    "columns_of",
    "parse_listing",
    "parse_rows",
    "parse_splits",
    "read_row",
]

PAGE_ROWS = 100
"""The most rows that one answer of /rows holds."""
_MAX_SPLITS = 20
_MAX_FILES = 200
_THINGIVERSE = re.compile(r"https?://(www\.)?thingiverse\.com/")

_NAMES: dict[str, tuple[str, ...]] = {
    "scad": ("scad", "openscad", "code", "source_code"),
    "title": ("name", "title", "thing_name"),
    "description": ("description", "summary"),
    "fakeprompt": ("fakeprompt", "fake_prompt", "synthetic_prompt"),
    "thing_id": ("thing_id", "thingid", "thing"),
    "id": ("id", "item_id"),
    "creator": ("creator", "author", "creator_name", "author_name", "username", "user", "designer"),
    "license": ("license", "licence", "license_name", "licence_name", "license_spdx", "spdx"),
    "url": ("public_url", "url", "thing_url", "source_url", "link"),
    "tags": ("tags", "keywords"),
    "category": ("category",),
    "added": ("added", "created_at", "created", "date"),
    "modified": ("modified", "modified_at", "updated_at"),
}
"""What a column is for → names it may have, likeliest first. `thumbnail` and others are not read."""


@dataclass(frozen=True)
class ParquetFile:
    config: str
    split: str
    url: str
    size_bytes: int | None


@dataclass(frozen=True)
class ParquetListing:
    """The Parquet files of a data set."""

    files: tuple[ParquetFile, ...]
    is_whole: bool
    """False while some are being made, or where they hold a part of the rows only."""


@dataclass(frozen=True)
class RowSource:
    """A split of a data set, by its names."""

    config: str
    split: str


@dataclass(frozen=True)
class RowPage:
    names: tuple[str, ...]
    rows: tuple[tuple[dict[str, Any], frozenset[str]], ...]
    """(values by column, columns whose value is cut short)"""
    n_rows: int
    """Rows on the page, unreadable ones included."""
    n_total: int | None


@dataclass(frozen=True)
class DatasetRow:
    """One row of a data set, read."""

    thing_id: str | None
    """The thing on Thingiverse that it is, where the row tells."""
    key: str
    """sha256 of the source's cell (without one: of title and description), 32 hex digits, wherever the row stands."""
    version: str
    """Hash of all that was read."""
    listing: Listing
    cell: str | None
    """The source's cell; None where it is null or blank."""
    is_cell_cut: bool
    is_partial: bool
    """Another cell was cut short, and its value left out."""


def parse_listing(data: Any) -> ParquetListing | None:
    """The answer of /parquet; None for anything else."""
    entries = field(data, "parquet_files")
    if not isinstance(entries, list):
        return None
    files = tuple(file for entry in entries[:_MAX_FILES] if (file := _parquet_file(entry)))
    is_settled = not any(field(data, name) for name in ("pending", "failed", "partial"))
    return ParquetListing(files, bool(files) and is_settled and len(files) == len(entries))


def parse_splits(data: Any) -> tuple[RowSource, ...]:
    """The answer of /splits, each split once; () for anything else."""
    entries = field(data, "splits")
    if not isinstance(entries, list):
        return ()
    found = ((text(field(entry, "config")), text(field(entry, "split"))) for entry in entries[:_MAX_SPLITS])
    return tuple(dict.fromkeys(RowSource(config, split) for config, split in found if config and split))


def parse_rows(data: Any) -> RowPage | None:
    """The answer of /rows; None for anything else."""
    entries = field(data, "rows")
    if not isinstance(entries, list):
        return None
    features = field(data, "features")
    names = texts(features) if isinstance(features, list) else ()
    rows = []
    for entry in entries[:PAGE_ROWS]:
        values, cut = field(entry, "row"), field(entry, "truncated_cells")
        if isinstance(values, dict):
            rows.append((values, frozenset(texts(cut))))
    return RowPage(names or _names_in(rows), tuple(rows), len(entries), number(field(data, "num_rows_total")))


def columns_of(names: Iterable[str]) -> dict[str, str]:
    """What each column that is read is for → its name in the table; no `scad` among them: no designs."""
    by_lower = {name.lower().strip(): name for name in reversed(list(names))}
    return {
        role: by_lower[likely[0]]
        for role, candidates in _NAMES.items()
        if (likely := [name for name in candidates if name in by_lower])
    }


def read_row(
    values: Mapping[str, Any], columns: Mapping[str, str], *, dataset: str, cut: frozenset[str] = frozenset()
) -> DatasetRow | None:
    """One row; None where it holds neither a source nor a title. `cut`: columns whose value is cut short."""
    given = {role: values.get(name) for role, name in columns.items() if name not in cut or role == "scad"}
    cell = given.get("scad") if isinstance(given.get("scad"), str) else None
    cell = cell if cell and cell.strip() else None
    thing_id = _thing_id(given, dataset)
    listing = _listing(given, thing_id, dataset)
    if cell is None and listing.title is None:
        return None
    said = f"{listing.title}\n{listing.description}" if cell is None else cell
    return DatasetRow(
        thing_id=thing_id,
        key=_hash(said),
        version=_hash(repr((listing, cell))),
        listing=listing,
        cell=cell,
        is_cell_cut=columns.get("scad") in cut,
        is_partial=any(name in cut for role, name in columns.items() if role != "scad"),
    )


def _parquet_file(entry: Any) -> ParquetFile | None:
    url = field(entry, "url")
    if not isinstance(url, str) or link(url) is None:
        return None
    config, split = text(field(entry, "config")), text(field(entry, "split"))
    return ParquetFile(config or "default", split or "train", url, number(field(entry, "size")))


def _names_in(rows: list[tuple[dict[str, Any], frozenset[str]]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for values, _ in rows for name in values))


def _listing(given: Mapping[str, Any], thing_id: str | None, dataset: str) -> Listing:
    written, made_up = plain_text(given.get("description")), plain_text(given.get("fakeprompt"))
    page = f"https://www.thingiverse.com/thing:{thing_id}" if thing_id else f"https://huggingface.co/datasets/{dataset}"
    return Listing(
        title=text(given.get("title")),
        description=written or made_up,
        description_kind="author" if written else "synthetic",
        tags=_tags(given.get("tags")),
        category=text(given.get("category")),
        author=_author(given.get("creator")),
        license=license_of(given.get("license")),
        source_url=link(given.get("url")) or page,
        created_at=moment(given.get("added")),
        modified_at=moment(given.get("modified")),
    )


def _thing_id(given: Mapping[str, Any], dataset: str) -> str | None:
    """From a column of that name, from the page's address, or from `id` in a data set of Thingiverse's things."""
    named = number(given.get("thing_id"))
    address = link(given.get("url")) or ""
    in_address = thing_id_of(address) if _THINGIVERSE.match(address) else None
    plain = number(given.get("id")) if "thingiverse" in dataset.lower() else None
    found = named or in_address or plain
    return str(found) if found else None


def _author(creator: Any) -> Author | None:
    if isinstance(creator, dict):
        found = Author(text(creator.get("id")), text(creator.get("name")), link(creator.get("public_url")))
        return found if found != Author() else None
    name = text(creator)
    return Author(name=name) if name else None


def _tags(value: Any) -> tuple[str, ...]:
    return texts(re.split(r"[,;|]", value[:5000])) if isinstance(value, str) else texts(value)


def _hash(said: str) -> str:
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]
