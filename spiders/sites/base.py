"""What the spiders share: identity of the run, provenance, and a list of what went wrong.

Covers no fetching; each spider in this package makes its own requests.
"""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime
from typing import Any

import scrapy

from corpus.schema import Provenance
from spiders.settings import project_version

__all__ = ["DesignSpider", "SpiderUsageError"]

_MAX_PROBLEMS = 200


class SpiderUsageError(ValueError):
    """An argument that the spider can't work with; the message names it and the next step."""


class DesignSpider(scrapy.Spider):  # type: ignore[misc]  # Scrapy's classes are untyped here
    """A spider that yields `CrawledRow` items."""

    def __init__(self, *, run_id: str | None = None, limit: int | str | None = None) -> None:
        super().__init__()
        self.run_id = run_id or uuid.uuid4().hex
        self.limit = parse_limit(limit)
        self.problems: list[str] = []
        self.n_problems = 0
        self.absences: list[str] = []
        self._closing: asyncio.Task[None] | None = None

    def note_problem(self, where: str, what: str) -> None:
        """Write down one thing that went wrong: one line, counted even when the list is full."""
        self.n_problems += 1
        if len(self.problems) < _MAX_PROBLEMS:
            self.problems.append(" ".join(f"{where}: {what}".split()))

    def note_skipped(self, where: str, why: str) -> None:
        """Write down what the rules kept from being fetched: listed with the errors, not counted as one."""
        if len(self.problems) < _MAX_PROBLEMS:
            self.problems.append(" ".join(f"{where}: {why}, not fetched".split()))

    def note_absence(self, what: str) -> None:
        """Say what is not there, where that is no error."""
        self.absences.append(what)

    def provenance(self, **facts: Any) -> Provenance:
        """Where a row of this run came from."""
        return Provenance(crawler=f"spiders.{self.name}", version=project_version(), run_id=self.run_id, **facts)

    def close_soon(self, reason: str) -> None:
        """Close the crawl once what is in flight has ended."""
        self._closing = asyncio.get_running_loop().create_task(self.crawler.engine.close_spider_async(reason=reason))

    @staticmethod
    def now() -> str:
        """This moment, ISO-8601 in UTC."""
        return datetime.now(UTC).isoformat(timespec="seconds")


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
