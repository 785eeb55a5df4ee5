"""Nights of a spider without a network: its requests go to a function, its rows and marks where they always go.

A crawl over HTTP costs a process and a second; thirty nights, or a first one at full size, fit into a test this way.
Robots, limits, retries and pauses are not tried here.
"""

from __future__ import annotations

import asyncio
import heapq
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from scrapy import Request
from scrapy.exceptions import CloseSpider, DownloadCancelledError
from scrapy.http import Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from corpus.licenses import DEFAULT_ALLOWED
from corpus.schema import CrawledRow
from spiders.middlewares import RevalidateMiddleware
from spiders.pipelines import RowPipeline
from spiders.seeds import SeedFile
from spiders.sites.base import DesignSpider
from spiders.state import CrawlState

__all__ = ["Asked", "Given", "Night", "one_night"]


@dataclass(frozen=True)
class Asked:
    """A request as the site sees it."""

    url: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Given:
    status: int
    body: bytes
    headers: Mapping[str, str]


@dataclass
class Night:
    """What one crawl did."""

    rows: list[CrawledRow] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    reason: str = "finished"
    statuses: Counter[int] = field(default_factory=Counter)


class _Writer:
    """Takes rows as `RowWriter` does, into memory."""

    def __init__(self, rows: list[CrawledRow]) -> None:
        self._rows = rows

    @property
    def n_written(self) -> int:
        return len(self._rows)

    def write(self, row: CrawledRow) -> None:
        self._rows.append(row)

    def sync(self) -> None:
        """Nothing to force to a disk."""


def one_night(
    spider: DesignSpider, state_path: Path, respond: Callable[[Asked], Given], *, seeds: SeedFile | None = None
) -> Night:
    """A whole crawl. Ends as Scrapy ends it: nothing left to ask, or CloseSpider."""
    state = CrawlState(state_path)  # opened anew: what a night has seen is forgotten with it
    try:
        return asyncio.run(_Crawl(spider, state, respond, seeds or SeedFile(None)).run())
    finally:
        state.close()


class _Crawl:
    def __init__(
        self, spider: DesignSpider, state: CrawlState, respond: Callable[[Asked], Given], seeds: SeedFile
    ) -> None:
        self.night = Night()
        self._spider, self._respond = spider, respond
        crawler = SimpleNamespace(
            spider=spider,
            crawl_state=state,
            seed_file=seeds,
            licenses_allowed=DEFAULT_ALLOWED,
            row_writer=_Writer(self.night.rows),
            stats=SimpleNamespace(inc_value=lambda name: None, set_value=lambda name, value: None),
        )
        spider.crawler = crawler
        self._pipeline = RowPipeline(crawler)
        self._revalidate = RevalidateMiddleware(crawler)
        self._queue: list[tuple[int, int, Request]] = []
        self._n_queued = 0
        self._put_before: set[tuple[str, bytes]] = set()

    async def run(self) -> Night:
        try:
            async for request in self._spider.start():
                self._put(request)
            await self._drain()
            for request in self._spider.rechecks():  # type: ignore[attr-defined]
                self._put(request)
            await self._drain()
        except CloseSpider as end:
            self.night.reason = end.reason
        self._spider.closed(self.night.reason)  # type: ignore[attr-defined]
        self.night.problems = self._spider.problems
        return self.night

    def _put(self, request: Request) -> None:
        key = (request.url, request.body)
        if key in self._put_before and not request.dont_filter:
            return  # as Scrapy's filter of duplicates has it
        self._put_before.add(key)
        self._n_queued += 1
        heapq.heappush(self._queue, (-request.priority, self._n_queued, request))

    async def _drain(self) -> None:
        while self._queue:
            request = heapq.heappop(self._queue)[2]
            for given in self._results(request):
                if isinstance(given, Request):
                    self._put(given)
                else:
                    await self._pipeline.process_item(given)

    def _results(self, request: Request) -> Any:
        response = self._fetch(request)
        if len(response.body) > request.meta["download_maxsize"]:
            error: Exception = DownloadCancelledError("too large")
        elif response.status == 200:
            return request.callback(response, **request.cb_kwargs) or ()
        else:
            error = HttpError(response, "not 200")
        failure = Failure(error)
        failure.request = request
        return request.errback(failure) or ()

    def _fetch(self, request: Request) -> Any:
        self._revalidate.process_request(request)
        headers = {k.decode(): v[-1].decode() for k, v in request.headers.items()}
        asked = Asked(request.url, request.body, headers)
        while True:
            self.night.asked.append(asked)
            given = self._respond(asked)
            self.night.statuses[given.status] += 1
            if given.status != 302:
                break
            # Scrapy's redirects drop Authorization on another host: a test over HTTP holds it to that
            asked = Asked(given.headers["Location"], b"", {k: v for k, v in headers.items() if k != "Authorization"})
        kind = (
            TextResponse
            if given.headers.get("Content-Type", "").startswith(("text/", "application/json"))
            else Response
        )
        response = kind(asked.url, status=given.status, headers=dict(given.headers), body=given.body, request=request)
        return self._revalidate.process_response(request, response)
