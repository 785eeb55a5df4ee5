"""What spiders of sites with an API share: requests with credentials, refusals, rechecks.

A subclass makes its requests with `ask`, reads answers with `spiders.pages`, and yields a `Part` a row. Covers no
site's own shapes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import orjson
from scrapy import Request, signals
from scrapy.exceptions import CloseSpider, DontCloseSpider, IgnoreRequest
from scrapy.spidermiddlewares.httperror import HttpError

from spiders.middlewares import refusal
from spiders.pauses import CrawlEnds
from spiders.settings import MAX_DOWNLOAD_BYTES
from spiders.sites.base import DesignSpider, SpiderUsageError

__all__ = ["RECHECK_NIGHTS", "ApiSpider", "header_of", "http_url", "redacted", "status_of"]

RECHECK_NIGHTS = 30
"""Items that listings don't mention, or mention without a version, are asked for again once in so many nights."""


class ApiSpider(DesignSpider):
    """A spider of a site that offers an API."""

    _has_rechecked = False

    @classmethod
    def from_crawler(cls, crawler: Any, *args: Any, **kwargs: Any) -> ApiSpider:
        spider: ApiSpider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider._on_idle, signal=signals.spider_idle)
        return spider

    def auth_headers(self) -> dict[str, str]:
        """The headers that carry this site's credentials; empty where there are none."""
        return {}

    def rechecks(self) -> Iterator[Request]:
        """Requests to make once nothing else is left to do: known items that this run has not seen."""
        return iter(())

    def n_to_recheck(self) -> int:
        """A thirtieth of what is known, so that a month of nights comes past everything."""
        return -(-len(self.state) // RECHECK_NIGHTS)

    def ask(
        self,
        url: str,
        callback: Callable[..., Any],
        *,
        facts: Mapping[str, Any] | None = None,
        slot: str | None = None,
        is_kept: bool = False,
        is_authorized: bool = True,
        headers: Mapping[str, str] | None = None,
        errback: Callable[..., Any] | None = None,
        max_bytes: int = MAX_DOWNLOAD_BYTES,
        **more: Any,
    ) -> Request:
        """A request. `facts` become keyword arguments of the callback; `failed` hears of errors unless `errback` does.

        `is_kept`: ask conditionally, and stand in the kept page for a 304. `is_authorized=False`: without credentials,
        for another host than the API's. `more` goes to scrapy.Request (method, body, priority, dont_filter).
        """
        meta: dict[str, Any] = {"download_maxsize": max_bytes, "is_kept": is_kept}
        if slot is not None:
            meta |= {"slot": slot, "download_slot": slot, "autothrottle_dont_adjust_delay": True}
        return Request(
            url,
            callback=callback,
            errback=_unless_ending(errback or self.failed),
            cb_kwargs=dict(facts or {}),
            headers={**(self.auth_headers() if is_authorized else {}), **(headers or {})},
            meta=meta,
            **more,
        )

    def json_of(self, response: Any) -> Any:
        """The answer's JSON; None, and a problem noted, where it is none. Closes the crawl at a challenge page."""
        self.heed(response)
        for parse in (
            orjson.loads,
            json.loads,
        ):  # the second takes half a surrogate pair, as in a title cut in an emoji
            try:
                return parse(response.body)
            except (ValueError, RecursionError):
                continue
        self.note_problem(redacted(response.url), "the answer is not JSON")
        self.state.drop_page(response.url)
        return None

    def failed(self, failure: Any) -> None:
        """Writes down what could not be had. A refusal of the whole crawl ends it: `terms_block`."""
        where = redacted(failure.request.url)
        if failure.check(HttpError):
            response = failure.value.response
            self.note_problem(where, f"answered {response.status}")
            self.heed(response)
        elif failure.check(IgnoreRequest):
            self.note_skipped(where, str(failure.value) or "not allowed")
        else:
            self.note_problem(where, f"{failure.type.__name__}: {failure.getErrorMessage()}")

    def heed(self, response: Any) -> None:
        """Raises CloseSpider where the answer refuses the crawl as such: no retry, no other name, no way around."""
        is_ours = any(response.url.startswith(url) for url in self.base_urls())
        if response.status == 401 and is_ours:
            reason: str | None = "the credentials are not accepted"
        else:
            reason = refusal(response.status, response.body[:20_000].decode("utf-8", "replace"))
        if reason is not None:
            self.note_problem(redacted(response.url), reason)
            raise CloseSpider("terms_block")

    def _on_idle(self) -> None:
        if self._has_rechecked or self.has_enough or not self.crawler.crawling:
            return
        self._has_rechecked = True
        requests = list(self.rechecks())
        for request in requests:
            self.crawler.engine.crawl(request)
        if requests:
            raise DontCloseSpider


def _unless_ending(errback: Callable[..., Any]) -> Callable[..., Any]:
    """The errback, for failures that say something of the site."""

    def heard(failure: Any) -> Any:
        return None if failure.check(CrawlEnds) else errback(failure)

    return heard


def header_of(response: Any, name: str) -> str | None:
    """A header of an answer; None where it has none."""
    return (response.headers.get(name) or b"").decode("latin-1") or None


def status_of(failure: Any) -> int | None:
    """The HTTP status that an errback's failure stands for; None for a broken connection."""
    return int(failure.value.response.status) if failure.check(HttpError) else None


def http_url(name: str, value: str) -> str:
    """A base URL without a slash at its end. Raises SpiderUsageError for anything else."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise SpiderUsageError(f"{name}={value!r} is not an http(s) URL")
    return value.rstrip("/")


def redacted(url: str) -> str:
    """The URL without user, password and query: whatever secret it might carry stays out of rows and logs."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
