"""Making designs of a table's rows: which item a row is, what it holds, and what has gone from the table.

A row that names its thing on Thingiverse is recorded as that thing, so that both spiders' rows are one record. Rows
keep their source whatever their licence: it comes with the table; a licence that is unknown or refused keeps a row out
of every later stage. Where tables are fetched from is each site's own business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import orjson
from scrapy import Request

from corpus.schema import CrawledRow, Provenance
from spiders.folder import MAX_FILE_BYTES
from spiders.items import Decoded, Part, build_row
from spiders.pages.cells import CellFile, unwrap
from spiders.pages.huggingface import DatasetRow, ParquetFile
from spiders.pages.local import has_customizer
from spiders.sites.api import ApiSpider
from spiders.sites.files import companions_of

__all__ = ["Pass", "TableSpider"]


@dataclass
class Pass:
    """What this run found of a data set whose revision is new."""

    dataset: str
    revision: str | None
    files: tuple[ParquetFile, ...] = ()
    via: str = "parquet"
    """parquet | rows"""
    etags: dict[str, str] = field(default_factory=dict)
    """By the file's URL, as far as they came."""
    unchanged: list[ParquetFile] = field(default_factory=list)
    has_changed: bool = False
    """False while every file asked for was the same as on an earlier night, and so was not read."""
    is_walked: bool = True
    """False once a part of it could not be had."""
    is_cut: bool = False
    """True once a row was left out: rows not seen say nothing then."""


class TableSpider(ApiSpider):
    """A spider of a site whose items are rows of data sets."""

    datasets: tuple[str, ...] = ()

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.passes: list[Pass] = []
        self._taken: dict[str, str] = {}
        """Item → version of the row that it was in this run."""

    def rechecks(self) -> Iterator[Request]:
        """No request: every row is on the disk now, so whole passes are noted, and what they have not seen is gone."""
        for done in self.passes:
            if not done.is_walked:
                continue
            if done.has_changed and not done.is_cut:
                self._note_gone(done.dataset)
            kept = {"revision": done.revision, "etags": done.etags, "via": done.via}
            self.state.set_note(f"pass:{done.dataset}", orjson.dumps(kept).decode())
        return iter(())

    def kept(self, dataset: str) -> dict[str, Any]:
        """What an earlier night noted of a whole pass: revision, etags, via."""
        kept: dict[str, Any] = orjson.loads(self.state.note(f"pass:{dataset}") or "{}")
        return kept

    def is_known(self, dataset: str, revision: str | None, *, via: str) -> bool:
        """True if an earlier night walked this very revision; rows are walked again once there are Parquet files."""
        kept = self.kept(dataset)
        return revision is not None and kept.get("revision") == revision and kept.get("via") in (via, "parquet")

    def take(self, row: DatasetRow, done: Pass, where: str, facts: Mapping[str, Any]) -> Iterator[Part]:
        """The files of one row, unless they were given before: by an earlier row, or on an earlier night."""
        item_id = self._item_id(row, done.dataset)
        if item_id is None or self.has_enough:
            return
        self._taken[item_id] = row.version
        self.state.saw(item_id)
        version = f"{done.dataset}@{row.version}"
        if row.is_cell_cut:
            done.is_cut = True
            self.note_skipped(where, "its source is cut short")
            return
        if self.state.is_current(item_id, version):
            return
        rows = self._rows_of(row, item_id, where, self.provenance(query=done.dataset, **facts))
        if not rows:
            self.note_skipped(where, "no OpenSCAD source in its cell")
            self.state.note_done(item_id, version, 0)
        for crawled in rows:
            yield Part(crawled, item_id, version, len(rows), is_final=not row.is_partial)

    @cached_property
    def _owners(self) -> dict[str, str]:
        """Item → the data set that gave it on an earlier night."""
        return {item_id: (version or "").partition("@")[0] for item_id, version in self.state.items()}

    def _item_id(self, row: DatasetRow, dataset: str) -> str | None:
        """The row's thing, unless another row has it; else the row by its own content. None: the same row again."""
        own, thing_id = f"{dataset}#{row.key}", row.thing_id
        if thing_id is not None and self._taken.get(thing_id) == row.version:
            return None
        owner = self._owners.get(thing_id or "", dataset)
        is_free = thing_id not in self._taken and (owner == dataset or owner not in self.datasets)
        item_id = thing_id if thing_id is not None and is_free else own
        return item_id if item_id not in self._taken else None

    def _rows_of(self, row: DatasetRow, item_id: str, where: str, provenance: Provenance) -> list[CrawledRow]:
        if row.cell is None:
            self.note_skipped(where, "no source given")
            return [self._row(row, item_id, None, {}, provenance)]
        files = unwrap(row.cell)
        texts = {file.name: file.text for file in files if file.name is not None}
        found: list[CrawledRow] = []
        for file in (file for file in files if file.is_scad):
            if len(file.text) > MAX_FILE_BYTES:
                self.note_skipped(f"{where} {file.name or ''}", f"larger than {MAX_FILE_BYTES} characters")
            found.append(self._row(row, item_id, file, texts, provenance))
        return found

    def _row(
        self, row: DatasetRow, item_id: str, file: CellFile | None, texts: dict[str, str], provenance: Provenance
    ) -> CrawledRow:
        taken = file if file is not None and len(file.text) <= MAX_FILE_BYTES else None
        listing = row.listing
        return build_row(
            source="huggingface" if "#" in item_id else "thingiverse",
            source_item_id=item_id,
            path=file.name if file else None,
            decoded=Decoded(taken.text, taken.transformations) if taken else None,
            listing=replace(listing, is_customizable=has_customizer(taken.text)) if taken else listing,
            provenance=provenance,
            fetched_at=self.now(),
            companions=companions_of(taken.name or "", taken.text, texts) if taken and len(texts) > 1 else (),
        )

    def _note_gone(self, dataset: str) -> None:
        unseen = set(self.state.due(len(self.state)))
        for item_id, version in self.state.items():
            if item_id in unseen and (version or "").startswith(f"{dataset}@"):
                self.state.note_gone(item_id, "not in the data set any more")
