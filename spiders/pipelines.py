"""The last stop of every row: one line in the output file, written as it comes.

Scrapy swallows what a feed exporter raises (0 bytes, "success"); here a failed write closes the
spider as `output_failed`, and `spiders.run` compares the rows in the file with Scrapy's own count.
"""

from __future__ import annotations

from typing import Any

from scrapy.exceptions import DropItem

from corpus.schema import CrawledRow
from spiders.rows import RowWriter

__all__ = ["RowPipeline"]


class RowPipeline:
    """Writes rows until the limit is reached or the disk refuses."""

    def __init__(self, crawler: Any) -> None:
        self._crawler = crawler
        self._writer: RowWriter = crawler.row_writer
        self._has_failed = False

    @classmethod
    def from_crawler(cls, crawler: Any) -> RowPipeline:
        return cls(crawler)

    async def process_item(self, item: CrawledRow) -> CrawledRow:
        """Write the row; raises DropItem past the limit and after a failed write."""
        limit: int | None = self._crawler.spider.limit
        if self._has_failed or (limit is not None and self._writer.n_written >= limit):
            raise DropItem("the run is closing")
        stats = self._crawler.stats
        try:
            self._writer.write(item)
        except OSError as error:
            self._has_failed = True
            stats.set_value("rows/write_error", str(error))
            self._close("output_failed")
            raise DropItem(str(error)) from error
        if item.scad is None:
            stats.inc_value("rows/metadata_only")
        if self._writer.n_written == limit:
            self._close("limit")
        return item

    def _close(self, reason: str) -> None:
        # scheduled, not awaited: closing waits for this very item to leave the pipeline
        self._crawler.spider.close_soon(reason)
