"""The `huggingface` spider: data sets of OpenSCAD designs, from their Parquet files, or by pages of rows without those.

Requests only; `spiders.sites.tables` makes designs of the rows. A night on which a data set's revision is the same
costs one request; where only its Parquet files are the same, one more for each of them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit

from scrapy import Request

from spiders.credentials import bearer
from spiders.items import Part
from spiders.pages.huggingface import (
    PAGE_ROWS,
    ParquetFile,
    RowSource,
    columns_of,
    parse_listing,
    parse_rows,
    parse_splits,
    read_row,
)
from spiders.pages.parquet import MAX_CELL_BYTES, open_parquet
from spiders.sites.api import header_of, http_url, redacted, status_of
from spiders.sites.base import SpiderUsageError
from spiders.sites.later import asked_later
from spiders.sites.options import parse_words
from spiders.sites.tables import Pass, TableSpider

__all__ = ["HuggingfaceSpider"]

MAX_PARQUET_BYTES = 256 << 20
_PARQUET_TIMEOUT_SECONDS = 900.0
_NOT_READY_SECONDS = 5.0
"""The first wait for an answer that is still being computed; with each next twice as long, 5 minutes in all."""
_MAX_PAGES = 1000
_API, _FILES = "huggingface_api", "huggingface_files"


class HuggingfaceSpider(TableSpider):
    """`-a datasets=owner/name,…`. `files_url`: the one host asked for Parquet files; it may send on to others."""

    name = "huggingface"
    slots: ClassVar[dict[str, float]] = {_API: 1.0, _FILES: 1.0}
    # Scrapy's list without 500: the API's "not ready yet", which wants a wait and not six more requests at once
    custom_settings: ClassVar[dict[str, Any]] = {"RETRY_HTTP_CODES": [502, 503, 504, 522, 524, 408, 429]}

    def __init__(
        self,
        *,
        base_url: str = "https://datasets-server.huggingface.co",
        files_url: str = "https://huggingface.co",
        datasets: Sequence[str] | str = ("redcathode/thingiverse-openscad",),
        run_id: str | None = None,
        limit: int | str | None = None,
    ) -> None:
        super().__init__(run_id=run_id, limit=limit)
        self.base_url = http_url("base_url", base_url)
        self.files_url = http_url("files_url", files_url)
        self.datasets = parse_words("datasets", datasets)
        for dataset in self.datasets:
            if dataset.count("/") != 1 or "@" in dataset:
                raise SpiderUsageError(f"datasets: {dataset!r} is not owner/name")

    def base_urls(self) -> tuple[str, ...]:
        return self.base_url, self.files_url

    def auth_headers(self) -> dict[str, str]:
        return bearer("HF_TOKEN")

    async def start(self) -> AsyncIterator[Any]:
        for dataset in self.datasets:
            url = self._url("parquet", dataset=dataset)
            yield self._ask_api(url, self.parse_listing, {"dataset": dataset}, self.lost_listing, is_kept=True)

    def parse_listing(self, response: Any, dataset: str) -> Iterator[Request]:
        """The Parquet files of a data set; its splits where there are none, or not of all rows."""
        listing = parse_listing(self.json_of(response))
        if listing is None:
            self.note_problem(redacted(response.url), f"no list of the Parquet files of {dataset}")
            return
        done = Pass(dataset, header_of(response, "X-Revision"), listing.files)
        is_whole = listing.is_whole and all(self._is_fetchable(file) for file in listing.files)
        if self.is_known(dataset, done.revision, via="parquet" if is_whole else "rows"):
            return
        self.passes.append(done)
        # a file that is no longer listed takes its rows with it
        done.has_changed = not {*self.kept(dataset).get("etags", {})} <= {file.url for file in listing.files}
        if is_whole:
            yield self._ask_file(done, list(listing.files))
        else:
            yield self._ask_splits(done)

    async def lost_listing(self, failure: Any) -> AsyncIterator[Any]:
        """Not ready: asked again later. Not to be had: the splits instead."""
        if (again := await self._not_ready(failure)) is not None:
            yield again
            return
        self._note_lost(failure)
        if status_of(failure) not in (401, 404, None):
            done = Pass(failure.request.cb_kwargs["dataset"], None)
            self.passes.append(done)
            yield self._ask_splits(done)

    def parse_file(
        self, response: Any, done: Pass, left: list[ParquetFile], *, is_again: bool = False
    ) -> Iterator[Any]:
        """The rows of one Parquet file, then the next file: one at a time, each may be 256 MiB."""
        file, page = left[0], done.files.index(left[0]) + 1
        if response.status == 304:
            done.unchanged.append(file)
        else:
            done.has_changed = True
            if etag := header_of(response, "ETag"):
                done.etags[file.url] = etag
            facts = {"request_url": redacted(file.url), "http_status": response.status, "etag": etag, "page": page}
            facts["discovered_via"] = f"{self.base_url}/parquet"
            yield from self._rows_of_file(response.body, done, file, facts)
        if left[1:]:
            yield self._ask_file(done, left[1:], is_again=is_again)
        elif done.has_changed and done.unchanged and not is_again:
            # rows that are gone show only where every file is read
            again, done.unchanged = done.unchanged, []
            yield self._ask_file(done, again, is_again=True)

    def lost_file(self, failure: Any) -> Iterator[Request]:
        """The rows page by page instead."""
        self._note_lost(failure)
        yield self._ask_splits(failure.request.cb_kwargs["done"])

    def parse_splits(self, response: Any, done: Pass) -> Iterator[Request]:
        """The first page of rows of each split."""
        splits = parse_splits(self.json_of(response))
        if not splits:
            self.note_problem(redacted(response.url), f"no splits of {done.dataset}")
            done.is_walked = False
        for split in splits:
            yield self._ask_rows(done, split, 0, None)

    def parse_rows(
        self, response: Any, done: Pass, split: RowSource, offset: int, n_total: int | None
    ) -> Iterator[Any]:
        """The designs of one page of rows, and the next page."""
        page = parse_rows(self.json_of(response))
        if page is None:
            self.note_problem(redacted(response.url), f"no rows of {done.dataset} at {offset}")
            done.is_walked = False
            return
        columns = columns_of(page.names)
        facts = {"request_url": redacted(response.url), "http_status": response.status, "page": offset // PAGE_ROWS + 1}
        facts["discovered_via"] = f"{self.base_url}/splits"
        for number, (values, cut) in enumerate(page.rows, offset):
            row = read_row(values, columns, dataset=done.dataset, cut=cut)
            if row is not None:
                yield from self.take(row, done, f"{done.dataset} row {number}", facts)
        n_total = page.n_total if page.n_total is not None else n_total
        if page.n_rows and (n_total is None or offset + page.n_rows < n_total):
            yield from self._next_rows(done, split, offset + page.n_rows, n_total)
        elif n_total is not None and offset + page.n_rows < n_total:
            self.note_problem(redacted(response.url), f"no more rows at {offset} of {n_total}")
            done.is_walked = False

    async def lost_splits(self, failure: Any) -> AsyncIterator[Any]:
        """Not ready: asked again later."""
        if (again := await self._not_ready(failure)) is not None:
            yield again
            return
        self._note_lost(failure)
        failure.request.cb_kwargs["done"].is_walked = False

    async def lost_rows(self, failure: Any) -> AsyncIterator[Any]:
        """Not ready: asked again later. Not to be had: the next page, where there is one."""
        if (again := await self._not_ready(failure)) is not None:
            yield again
            return
        self._note_lost(failure)
        facts = failure.request.cb_kwargs
        facts["done"].is_walked = False
        following = facts["offset"] + PAGE_ROWS
        if facts["n_total"] is not None and following < facts["n_total"]:
            for request in self._next_rows(facts["done"], facts["split"], following, facts["n_total"]):
                yield request

    async def _not_ready(self, failure: Any) -> Any:
        """The request to make again for an answer that is still being computed; None for any other."""
        if status_of(failure) != 500:
            return None
        return await asked_later(self, failure.request, seconds=_NOT_READY_SECONDS)

    def _note_lost(self, failure: Any) -> None:
        """As `failed` does, save that a 401 about one data set (private, gated or not there) is no refusal of all."""
        if status_of(failure) == 401 and (code := header_of(failure.value.response, "X-Error-Code")):
            self.note_problem(redacted(failure.request.url), f"answered 401 {code}")
        else:
            self.failed(failure)

    def _rows_of_file(self, body: bytes, done: Pass, file: ParquetFile, facts: dict[str, Any]) -> Iterator[Part]:
        where = redacted(file.url)
        table = open_parquet(body)
        columns = columns_of(table.names) if table is not None else {}
        if table is None or "scad" not in columns:
            self.note_problem(where, "not a Parquet file" if table is None else "no column of sources")
            done.is_walked = False
            return
        n_read = 0
        for values in table.rows(sorted(set(columns.values()))):
            if self.has_enough:
                return
            n_read += 1
            row = read_row(values, columns, dataset=done.dataset)
            if row is not None:
                yield from self.take(row, done, f"{done.dataset} row {n_read - 1}", facts)
        if table.n_cells_too_large:
            self.note_skipped(where, f"{table.n_cells_too_large} cells larger than {MAX_CELL_BYTES} bytes")
            done.is_cut = True
        if n_read < table.n_rows:
            self.note_problem(where, f"only {n_read} of its {table.n_rows} rows can be read")
            done.is_walked = False

    def _is_fetchable(self, file: ParquetFile) -> bool:
        where = redacted(file.url)
        if urlsplit(file.url)[:2] != urlsplit(self.files_url)[:2]:
            self.note_skipped(where, "on another host")
        elif (file.size_bytes or 0) > MAX_PARQUET_BYTES:
            self.note_skipped(where, f"larger than {MAX_PARQUET_BYTES} bytes")
        else:
            return True
        return False

    def _next_rows(self, done: Pass, split: RowSource, offset: int, n_total: int | None) -> Iterator[Request]:
        if offset < _MAX_PAGES * PAGE_ROWS:
            yield self._ask_rows(done, split, offset, n_total)
            return
        done.is_walked = False
        self.note_problem(f"{done.dataset} {split.config}/{split.split}", f"what lies behind {offset} rows is left out")

    def _ask_file(self, done: Pass, left: list[ParquetFile], *, is_again: bool = False) -> Request:
        url = left[0].url
        etag = None if is_again else self.kept(done.dataset).get("etags", {}).get(url)
        if etag:
            done.etags[url] = etag
        request = self.ask(
            url,
            self.parse_file,
            facts={"done": done, "left": left, "is_again": is_again},
            slot=_FILES,
            headers={"If-None-Match": etag} if etag else {},
            errback=self.lost_file,
            max_bytes=MAX_PARQUET_BYTES,
            dont_filter=is_again,
        )
        request.meta.update(handle_httpstatus_list=[304], download_timeout=_PARQUET_TIMEOUT_SECONDS)
        return request

    def _ask_splits(self, done: Pass) -> Request:
        done.via, done.has_changed = "rows", True
        done.etags.clear()
        return self._ask_api(
            self._url("splits", dataset=done.dataset), self.parse_splits, {"done": done}, self.lost_splits
        )

    def _ask_rows(self, done: Pass, split: RowSource, offset: int, n_total: int | None) -> Request:
        query = {"dataset": done.dataset, "config": split.config, "split": split.split}
        url = self._url("rows", **query, offset=str(offset), length=str(PAGE_ROWS))
        facts = {"done": done, "split": split, "offset": offset, "n_total": n_total}
        return self._ask_api(url, self.parse_rows, facts, self.lost_rows)

    def _ask_api(
        self, url: str, callback: Any, facts: dict[str, Any], errback: Any, *, is_kept: bool = False
    ) -> Request:
        return self.ask(url, callback, facts=facts, errback=errback, slot=_API, is_kept=is_kept)

    def _url(self, path: str, **query: str) -> str:
        return f"{self.base_url}/{path}?{urlencode(query)}"
