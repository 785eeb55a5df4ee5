"""Asking a site again after a while, where an answer says "not yet" in the site's own way.

`spiders.middlewares` knows the ways that HTTP has (429, 503, Retry-After); this is for an answer whose body or own
header says so.
"""

from __future__ import annotations

from typing import Any

from spiders.pauses import CrawlEnds, pause
from spiders.settings import MAX_RATE_LIMIT_WAIT_SECONDS, MAX_RETRIES

__all__ = ["asked_later"]


async def asked_later(spider: Any, request: Any, *, seconds: float) -> Any:
    """The request to make again, after `seconds` the first time and twice as long each time.

    None: asked too often, or the crawl is ending. `CLOCK_SPEED` divides the wait, as it does the middleware's.
    """
    n_waits = request.meta.get("n_waits", 0)
    if n_waits >= MAX_RETRIES:
        return None
    speed = spider.settings.getfloat("CLOCK_SPEED", 1.0)
    try:
        await pause(spider.crawler, min(seconds * 2**n_waits, MAX_RATE_LIMIT_WAIT_SECONDS) / speed)
    except CrawlEnds:
        return None
    return request.replace(dont_filter=True, meta={**request.meta, "n_waits": n_waits + 1})
