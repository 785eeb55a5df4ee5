"""The last stop of every row: one line in the output file, written as it comes; then its item is marked as taken.

Scrapy swallows what a feed exporter raises (0 bytes, "success"); here a failed write closes the
spider as `output_failed`, and `spiders.run` compares the rows in the file with Scrapy's own count.
"""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from typing import Any

from scrapy.exceptions import DropItem

from corpus.schema import CrawledRow
from spiders.items import Part
from spiders.rows import RowWriter
from spiders.state import CrawlState

__all__ = ["RowPipeline"]

_SYNC_SECONDS = 1.0
"""Rows, then marks, are forced to the disk this often (2 to 10 ms): a power cut costs so much, a kill nothing."""


@dataclass
class _Taking:
    """An item whose rows are coming in."""

    n_rows: int = 0
    is_final: bool = True


class RowPipeline:
    """Writes rows until the limit is reached or the disk refuses; marks items whose rows are all there."""

    def __init__(self, crawler: Any) -> None:
        self._crawler = crawler
        self._writer: RowWriter = crawler.row_writer
        self._state: CrawlState = crawler.crawl_state
        self._taking: dict[str, _Taking] = {}
        self._synced_seconds = time.monotonic()
        self._has_failed = False

    @classmethod
    def from_crawler(cls, crawler: Any) -> RowPipeline:
        return cls(crawler)

    async def process_item(self, item: CrawledRow | Part) -> CrawledRow | Part:
        """Write the row; raises DropItem past the limit and after a failed write."""
        limit: int | None = self._crawler.spider.limit
        if self._has_failed or (limit is not None and self._writer.n_written >= limit):
            raise DropItem("the run is closing")
        row = item.row if isinstance(item, Part) else item
        try:
            self._writer.write(row)
            if isinstance(item, Part):
                self._mark(item)
        except (OSError, sqlite3.Error) as error:  # of the rows, or of the state beside them
            self._has_failed = True
            self._crawler.stats.set_value("rows/write_error", str(error))
            self._close("output_failed")
            raise DropItem(str(error)) from error
        if row.scad is None:
            self._crawler.stats.inc_value("rows/metadata_only")
        if self._writer.n_written == limit:
            self._close("limit")
        return item

    def _mark(self, part: Part) -> None:
        taking = self._taking.setdefault(part.item_id, _Taking())
        taking.n_rows += 1
        taking.is_final &= part.is_final
        if taking.n_rows < part.n_parts:
            return
        del self._taking[part.item_id]
        if taking.is_final:
            self._state.note_done(part.item_id, part.version, part.n_parts)
        self._state.commit()
        if time.monotonic() - self._synced_seconds >= _SYNC_SECONDS:
            self._writer.sync()
            self._state.checkpoint()
            self._synced_seconds = time.monotonic()

    def _close(self, reason: str) -> None:
        # scheduled, not awaited: closing waits for this very item to leave the pipeline
        self._crawler.spider.close_soon(reason)
