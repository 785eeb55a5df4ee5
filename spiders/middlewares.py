"""How the crawler behaves when a site says "slow down", "go away" or "nothing is new".

Scrapy's own RetryMiddleware retries at once and ignores Retry-After; `RateLimitMiddleware` waits as
long as the site asks, in the four forms sites use, and before the site has to ask where it says what is left.
Redirects stay Scrapy's: it drops Authorization where scheme, host or port differ (a test holds it to that).
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.http import Response, TextResponse

from spiders.pauses import ComeBackLater, pause
from spiders.state import CrawlState, KeptPage

__all__ = [
    "RateLimitMiddleware",
    "RevalidateMiddleware",
    "RobotsMiddleware",
    "backoff_seconds",
    "is_rate_limited",
    "quota_of",
    "refusal",
    "wait_seconds",
]

logger = logging.getLogger(__name__)

_LOOKS_LIKE_EPOCH = 1_000_000_000
"""A reset header above this is seconds since 1970 (GitHub); below, seconds from now (the IETF draft)."""


_MAX_PAUSES = 4
"""So many of the longest pauses in one run; a site that asks for more gets its rest until the next night."""
_LIMIT_WORDS = ("rate limit exceeded", "secondary rate limit")
_REFUSAL_WORDS = "not allowed to use robots, spiders, scraping"
_CHALLENGE_WORDS = ("just a moment...", "attention required! | cloudflare", "cf-challenge", "cf-browser-verification")


def is_rate_limited(status: int, headers: Mapping[str, str], text: str = "") -> bool:
    """True if the answer asks for patience: 429, 503, or GitHub's 403 with its allowance used up.

    `headers` has lower-case names; `text` is the answer's body, or its beginning.
    """
    if status in (429, 503):
        return True
    if status != 403:
        return False
    is_exhausted = "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"
    return is_exhausted or any(words in text.lower() for words in _LIMIT_WORDS)


def refusal(status: int, text: str) -> str | None:
    """Why the answer means that the site wants no crawl: its terms' sentence, or a page that challenges robots.

    None for any other answer: a single 403 may be about a single item.
    """
    lower = text[:20_000].lower().lstrip()
    if status == 403 and _REFUSAL_WORDS in lower:
        return "the site's terms forbid robots"
    # a page, not a design or an answer that happens to hold these words
    if lower.startswith(("<!doctype", "<html")) and any(words in lower for words in _CHALLENGE_WORDS):
        return "the site challenges robots"
    return None


def quota_of(headers: Mapping[str, str]) -> tuple[int, int] | None:
    """(requests left, requests allowed) as X-RateLimit-*, RateLimit-* or RateLimit headers say; None where they don't.

    An allowance that is not told is 0.
    """
    if fields := _structured(headers.get("ratelimit", "")):
        policy = _structured(headers.get("ratelimit-policy", ""))
        return (int(fields["r"]), int(policy.get("q", 0))) if "r" in fields else None
    for prefix in ("x-ratelimit-", "ratelimit-"):
        left, allowed = headers.get(f"{prefix}remaining", ""), headers.get(f"{prefix}limit", "")
        if left.isascii() and left.isdigit() and len(left) < 13:
            return int(left), int(allowed) if allowed.isascii() and allowed.isdigit() and len(allowed) < 13 else 0
    return None


def wait_seconds(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """How long the site asks to wait; None where it gives no (readable) hint. Never negative.

    Reads Retry-After as seconds or as an HTTP date, then X-RateLimit-Reset / RateLimit-Reset as
    epoch seconds (GitHub), ISO-8601 (Cults3D) or seconds from now, then the IETF draft's `RateLimit: "api";r=0;t=30`
    (Hugging Face). A reset counts only where nothing is left: GitHub's secondary limit refuses while thousands are.
    """
    quota = quota_of(headers)
    has_some_left = quota is not None and quota[0] > 0
    for name in ("retry-after",) if has_some_left else ("retry-after", "x-ratelimit-reset", "ratelimit-reset"):
        value = headers.get(name, "").strip()
        seconds = _seconds_until(value, now) if value else None
        if seconds is not None:
            return max(0.0, seconds)
    return None if has_some_left else _structured(headers.get("ratelimit", "")).get("t")


def _structured(value: str) -> dict[str, float]:
    """The number parameters of a structured header such as `"api";r=489;t=189`; empty for any other."""
    found = re.findall(r";\s*([a-z]+)=(\d{1,12})(?=;|,|\s|$)", value[:200])
    return {name: float(number) for name, number in found}


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
    """Pauses every request to a host that answered "too fast", or says that nothing is left, then asks again.

    A pause holds for a download slot where the spider names one (GitHub counts searches apart), else for a host.
    `CLOCK_SPEED` divides every pause: a replayed site on this machine may run its clock faster.
    """

    def __init__(self, crawler: Any) -> None:
        self._crawler = crawler
        self._max_wait_seconds = crawler.settings.getfloat("RATE_LIMIT_MAX_WAIT_SECONDS")
        self._clock_speed = crawler.settings.getfloat("CLOCK_SPEED", 1.0)
        self._not_before: dict[str, float] = {}  # slot or host -> time.monotonic()
        self._paused_seconds: dict[str, float] = {}  # slot or host -> in all
        self._given_up: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Any) -> RateLimitMiddleware:
        return cls(crawler)

    async def process_request(self, request: Any) -> None:
        """Hold the request until its host's pause is over."""
        key = _pause_key(request)
        if key in self._given_up:
            raise ComeBackLater(f"{key} asked for a longer pause than tonight has")
        while (pause_seconds := self._not_before.get(key, 0.0) - time.monotonic()) > 0:
            await pause(self._crawler, pause_seconds)

    async def process_response(self, request: Any, response: Any) -> Any:
        """A retry request for an answer that asks for patience; the answer itself where patience ran out."""
        headers = _plain_headers(response)
        self._note_quota(request, headers)
        text = response.body[:2000].decode("latin-1") if response.status == 403 else ""
        if request.meta.get("dont_retry") or not is_rate_limited(response.status, headers, text):
            return response
        asked_seconds = wait_seconds(headers, now=datetime.now(UTC))
        if asked_seconds is None:
            asked_seconds = backoff_seconds(response.status, request.meta.get("retry_times", 0))
        # RetryMiddleware comes next and would ask again at once, without waiting
        request.meta["dont_retry"] = True
        if asked_seconds > self._max_wait_seconds or self._is_out_of_patience(request):
            logger.warning("%s asks for a pause of %.0f s: given up for now", request.url, asked_seconds)
            self._given_up.add(_pause_key(request))
            return response
        retry = get_retry_request(request, spider=self._crawler.spider, reason=f"rate_limited_{response.status}")
        if retry is None:
            return response
        retry.meta.pop("dont_retry", None)
        self._pause(request, asked_seconds)
        return retry

    def _note_quota(self, request: Any, headers: Mapping[str, str]) -> None:
        """Remember what is left for `cad-copilot sources`, and wait for the reset where that is nothing."""
        quota = quota_of(headers)
        if quota is None:
            return
        self._crawler.spider.quotas[_pause_key(request)] = quota
        reset_seconds = wait_seconds({k: v for k, v in headers.items() if k != "retry-after"}, now=datetime.now(UTC))
        if quota[0] == 0 and reset_seconds is not None and reset_seconds <= self._max_wait_seconds:
            self._pause(request, reset_seconds)

    def _is_out_of_patience(self, request: Any) -> bool:
        return bool(self._paused_seconds.get(_pause_key(request), 0.0) > _MAX_PAUSES * self._max_wait_seconds)

    def _pause(self, request: Any, asked_seconds: float) -> None:
        key, now = _pause_key(request), time.monotonic()
        before = max(now, self._not_before.get(key, 0.0))
        self._not_before[key] = max(before, now + asked_seconds / self._clock_speed)
        self._paused_seconds[key] = self._paused_seconds.get(key, 0.0) + self._not_before[key] - before


@dataclass(frozen=True)
class _UnknownRules:
    """A robots.txt that could not be had."""

    why: str


class RobotsMiddleware(RobotsTxtMiddleware):  # type: ignore[misc]  # Scrapy's classes are untyped here
    """Scrapy's own, with two holes closed.

    Of several requests that wait for one robots.txt, Scrapy 2.19 tells the rules to the first alone and lets the others
    pass. And where a robots.txt can't be had (5xx, 429, no connection, endless) nothing is asked of its host tonight:
    RFC 9309 (2.3.1.4) takes it for "disallow all".
    """

    async def robot_parser(self, request: Any) -> Any:
        """The host's rules; None where everything is allowed."""
        await super().robot_parser(request)
        return self._parsers[urlsplit(request.url).netloc]

    def process_request_2(self, rp: Any, request: Any) -> None:
        """Raises IgnoreRequest for what the rules forbid, ComeBackLater where they are not known."""
        if isinstance(rp, _UnknownRules):
            raise ComeBackLater(f"robots.txt can't be had ({rp.why})")
        super().process_request_2(rp, request)

    async def _parse_robots(self, response: Any, netloc: str, request: Any) -> None:
        await super()._parse_robots(response, netloc, request)
        if response.status == 429 or response.status >= 500:
            self._parsers[netloc] = _UnknownRules(f"it answered {response.status}")

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        super()._robots_error(exc, netloc)  # counts it, and lets those who wait go on
        self._parsers[netloc] = _UnknownRules(type(exc).__name__)


class RevalidateMiddleware:
    """Asks for a page that is kept from an earlier night with its ETag or date; a 304 stands for the kept page.

    Only for requests marked `meta["is_kept"]`: listings and details, never files. What is kept holds no request
    header, so no credentials.
    """

    _KEPT_HEADERS = ("content-type", "link", "etag", "last-modified")

    def __init__(self, crawler: Any) -> None:
        self._state: CrawlState = crawler.crawl_state

    @classmethod
    def from_crawler(cls, crawler: Any) -> RevalidateMiddleware:
        return cls(crawler)

    def process_request(self, request: Any) -> None:
        """Make the request conditional."""
        page = self._state.page(request.url) if request.meta.get("is_kept") else None
        if page is not None and page.etag:
            request.headers["If-None-Match"] = page.etag.encode("latin-1", "replace")  # byte for byte as it came
        elif page is not None and page.last_modified:
            request.headers["If-Modified-Since"] = page.last_modified

    def process_response(self, request: Any, response: Any) -> Any:
        """The kept page for a 304; keeps a fresh one that can be asked for again."""
        if not request.meta.get("is_kept"):
            return response
        if response.status == 304:
            page = self._state.page(request.url)
            if page is None:
                return response
            return TextResponse(
                request.url,
                status=200,
                headers=dict(page.headers),
                body=page.body,
                request=request,
                flags=["not modified"],
            )
        headers = _plain_headers(response)
        is_whole = "partial" not in response.flags and "dataloss" not in response.flags
        if (
            response.status == 200
            and is_whole
            and isinstance(response, Response)
            and {"etag", "last-modified"} & set(headers)
        ):
            kept = {name: headers[name] for name in self._KEPT_HEADERS if name in headers}
            page = KeptPage(headers.get("etag"), headers.get("last-modified"), kept, response.body)
            self._state.keep_page(request.url, page)
        return response


def _pause_key(request: Any) -> str:
    # the slot as the spider gave it: the downloader writes a host's own slot into the same key of meta
    return str(request.meta.get("slot") or urlsplit(request.url).netloc)


def _plain_headers(response: Any) -> dict[str, str]:
    return {k.decode("latin-1").lower(): v[-1].decode("latin-1") for k, v in response.headers.items() if v}
