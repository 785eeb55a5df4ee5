"""What the spiders share: identity of the run, provenance, a list of what went wrong, and reading from disk.

Covers no fetching over the network: `spiders.sites.api` does, for sites with an API.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

import scrapy

from corpus.licenses import is_allowed
from corpus.schema import CrawledRow, Provenance
from spiders.credentials import without_secrets
from spiders.items import Part
from spiders.seeds import SeedFile
from spiders.settings import MAX_RATE_LIMIT_WAIT_SECONDS, project_version
from spiders.state import CrawlState

__all__ = ["DesignSpider", "DiskSpider", "SpiderUsageError"]

_MAX_PROBLEMS = 200


class SpiderUsageError(ValueError):
    """An argument that the spider can't work with; the message names it and the next step."""


class DesignSpider(scrapy.Spider):  # type: ignore[misc]  # Scrapy's classes are untyped here
    """A spider that yields `CrawledRow` items."""

    is_on_network = True
    allowed_domains: list[str] = []  # noqa: RUF012  # Scrapy's name for the hosts a spider keeps to
    slots: ClassVar[dict[str, float]] = {}
    """Download slot → the least seconds between two of its requests."""
    max_wait_seconds: ClassVar[float] = MAX_RATE_LIMIT_WAIT_SECONDS
    """The longest pause that the site may ask for; beyond it the crawl leaves the rest for the next night."""

    def __init__(self, *, run_id: str | None = None, limit: int | str | None = None, since: str | None = None) -> None:
        super().__init__()
        self.run_id = run_id or uuid.uuid4().hex
        self.limit = parse_limit(limit)
        self.since = parse_since(since)
        """Designs unchanged since this day (ISO-8601) are left out; None: all are wanted."""
        self.quotas: dict[str, tuple[int, int]] = {}
        """Slot or host → (requests left, requests allowed), as the site last said."""
        self.problems: list[str] = []
        self.n_problems = 0
        self.absences: list[str] = []
        self.has_enough = False
        """True once the crawl is closing; a spider with rows of its own at hand gives no more."""
        self._closing: asyncio.Task[None] | None = None

    def base_urls(self) -> tuple[str, ...]:
        """Where this spider sends requests by itself; a foreign one needs a contact, this machine's own no pauses."""
        return ()

    @property
    def state(self) -> CrawlState:
        """What earlier nights found."""
        state: CrawlState = self.crawler.crawl_state
        return state

    @property
    def seed_file(self) -> SeedFile:
        """Designs elsewhere that a site points at."""
        seeds: SeedFile = self.crawler.seed_file
        return seeds

    def is_license_allowed(self, spdx: str) -> Literal[True] | tuple[Literal[False], str]:
        """The gate before a download: True, or (False, `no_license` | `license_refused`)."""
        return is_allowed(spdx, self.crawler.licenses_allowed)

    def is_recent(self, changed_at: str | None) -> bool:
        """True unless the design's last change is known to lie before `since`."""
        return self.since is None or changed_at is None or changed_at[:10] >= self.since

    def note_problem(self, where: str, what: str) -> None:
        """Write down one thing that went wrong: one line, counted even when the list is full."""
        self.n_problems += 1
        if len(self.problems) < _MAX_PROBLEMS:
            self.problems.append(without_secrets(" ".join(f"{where}: {what}".split())))

    def note_skipped(self, where: str, why: str) -> None:
        """Write down what the rules kept from being fetched: listed with the errors, not counted as one."""
        if len(self.problems) < _MAX_PROBLEMS:
            self.problems.append(without_secrets(" ".join(f"{where}: {why}, not fetched".split())))

    def note_absence(self, what: str) -> None:
        """Say what is not there, where that is no error."""
        self.absences.append(what)

    def provenance(self, **facts: Any) -> Provenance:
        """Where a row of this run came from."""
        return Provenance(crawler=f"spiders.{self.name}", version=project_version(), run_id=self.run_id, **facts)

    def close_soon(self, reason: str) -> None:
        """Close the crawl once what is in flight has ended."""
        self.has_enough = True
        self._closing = asyncio.get_running_loop().create_task(self.crawler.engine.close_spider_async(reason=reason))

    @staticmethod
    def now() -> str:
        """This moment, ISO-8601 in UTC."""
        return datetime.now(UTC).isoformat(timespec="seconds")


class DiskSpider(DesignSpider):
    """A spider whose rows come from files of this machine; a subclass says which in `rows()`.

    The rows are the answer to one empty `data:` request. Yielded as Scrapy's start items they would hang the
    crawl when it is closed in mid-way: Scrapy 2.19 never looks whether it may close after a start item. Its
    `file:` handler is no way either: it reads a file of any size, or a pipe, in one go.
    """

    is_on_network = False

    async def start(self) -> AsyncIterator[Any]:
        yield scrapy.Request("data:,", callback=self.parse_disk)

    def parse_disk(self, response: Any) -> Iterator[CrawledRow | Part]:
        """Every row, until the run has enough or is interrupted."""
        for row in self.rows():
            if self.has_enough or not self.crawler.crawling:
                return
            yield row

    def rows(self) -> Iterator[CrawledRow]:
        raise NotImplementedError(f"{type(self).__name__} says what to read in rows()")


def parse_since(value: str | None) -> str | None:
    """A day as YYYY-MM-DD, or None for all time."""
    if value is None:
        return None
    try:
        return datetime.fromisoformat(value).date().isoformat()
    except ValueError:
        raise SpiderUsageError(f"since={value!r} is not a date such as 2026-03-01") from None


def parse_limit(value: int | str | None) -> int | None:
    """A positive count, or None for all."""
    if value is None:
        return None
    try:
        limit = int(value)
    except ValueError:
        limit = 0
    if limit < 1:
        raise SpiderUsageError(f"limit={value!r} is not a positive number")
    return limit
