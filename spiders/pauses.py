"""Waiting as long as a site asks, and not a second longer than the crawl lasts."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from scrapy.exceptions import IgnoreRequest

__all__ = ["ComeBackLater", "CrawlEnds", "pause"]

_LOOK_SECONDS = 0.5


class CrawlEnds(IgnoreRequest):  # type: ignore[misc]  # Scrapy's classes are untyped here
    """The crawl is ending, so this request is not made: no fault of the site, and nothing to write down."""


class ComeBackLater(Exception):
    """The site asked for a longer pause than a night has: nothing more is asked of it now, and the item stays open."""


async def pause(crawler: Any, seconds: float) -> None:
    """Sleep so long. Raises CrawlEnds where the crawl is told to end meanwhile: a pause may be an hour."""
    until = time.monotonic() + seconds
    while (left_seconds := until - time.monotonic()) > 0:
        if not crawler.crawling or crawler.spider.has_enough:
            raise CrawlEnds("the crawl is ending")
        await asyncio.sleep(min(left_seconds, _LOOK_SECONDS))
