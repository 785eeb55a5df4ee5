"""How the crawler behaves when a site says "slow down", and what its cache may keep.

Scrapy's own RetryMiddleware retries at once and ignores Retry-After; `RateLimitMiddleware` waits as
long as the site asks, in the four forms sites use. Redirects stay Scrapy's: it drops Authorization
where scheme, host or port differ (a test holds it to that).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.extensions.httpcache import RFC2616Policy

__all__ = ["RateLimitMiddleware", "SecretlessCachePolicy", "backoff_seconds", "is_rate_limited", "wait_seconds"]

logger = logging.getLogger(__name__)

_LOOKS_LIKE_EPOCH = 1_000_000_000
"""A reset header above this is seconds since 1970 (GitHub); below, seconds from now (the IETF draft)."""


def is_rate_limited(status: int, headers: Mapping[str, str]) -> bool:
    """True if the answer asks for patience: 429, 503, or GitHub's 403 with its allowance used up.

    `headers` has lower-case names.
    """
    if status in (429, 503):
        return True
    return status == 403 and ("retry-after" in headers or headers.get("x-ratelimit-remaining") == "0")


def wait_seconds(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """How long the site asks to wait; None where it gives no (readable) hint. Never negative.

    Reads Retry-After as seconds or as an HTTP date, then X-RateLimit-Reset / RateLimit-Reset as
    epoch seconds (GitHub), ISO-8601 (Cults3D) or seconds from now.
    """
    for name in ("retry-after", "x-ratelimit-reset", "ratelimit-reset"):
        value = headers.get(name, "").strip()
        seconds = _seconds_until(value, now) if value else None
        if seconds is not None:
            return max(0.0, seconds)
    return None


def _seconds_until(value: str, now: datetime) -> float | None:
    if value.isascii() and value.replace(".", "", 1).isdigit():
        number = float(value)
        return number - now.timestamp() if number > _LOOKS_LIKE_EPOCH else number
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(value)
        except ValueError:
            continue
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return (moment - now).total_seconds()
    return None


def backoff_seconds(status: int, n_retries: int) -> float:
    """The wait where the site gave no hint: at least a minute for a limit (GitHub's rule), 1 s and up for a 503."""
    first = 1.0 if status == 503 else 60.0
    return first * float(2**n_retries)


class RateLimitMiddleware:
    """Pauses every request to a host that answered "too fast", then asks again."""

    def __init__(self, crawler: Any) -> None:
        self._crawler = crawler
        self._max_wait_seconds = crawler.settings.getfloat("RATE_LIMIT_MAX_WAIT_SECONDS")
        self._not_before: dict[str, float] = {}  # host -> time.monotonic()

    @classmethod
    def from_crawler(cls, crawler: Any) -> RateLimitMiddleware:
        return cls(crawler)

    async def process_request(self, request: Any) -> None:
        """Hold the request until its host's pause is over."""
        host = urlsplit(request.url).netloc
        while (pause_seconds := self._not_before.get(host, 0.0) - time.monotonic()) > 0:
            await asyncio.sleep(pause_seconds)

    async def process_response(self, request: Any, response: Any) -> Any:
        """A retry request for an answer that asks for patience; the answer itself where patience ran out."""
        headers = {k.decode("latin-1").lower(): v[-1].decode("latin-1") for k, v in response.headers.items() if v}
        if request.meta.get("dont_retry") or not is_rate_limited(response.status, headers):
            return response
        asked_seconds = wait_seconds(headers, now=datetime.now(UTC))
        if asked_seconds is None:
            asked_seconds = backoff_seconds(response.status, request.meta.get("retry_times", 0))
        # RetryMiddleware comes next and would ask again at once, without waiting
        request.meta["dont_retry"] = True
        if asked_seconds > self._max_wait_seconds:
            logger.warning("%s asks for a pause of %.0f s: given up for now", request.url, asked_seconds)
            return response
        retry = get_retry_request(request, spider=self._crawler.spider, reason=f"rate_limited_{response.status}")
        if retry is None:
            return response
        retry.meta.pop("dont_retry", None)
        host = urlsplit(request.url).netloc
        self._not_before[host] = max(self._not_before.get(host, 0.0), time.monotonic() + asked_seconds)
        return retry


class SecretlessCachePolicy(RFC2616Policy):  # type: ignore[misc]  # Scrapy's classes are untyped here
    """RFC 2616 caching that never stores a request which carries credentials."""

    def should_cache_request(self, request: Any) -> bool:
        return "Authorization" not in request.headers and bool(super().should_cache_request(request))
