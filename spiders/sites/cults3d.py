"""The `cults3d` spider: searches of Cults3D's GraphQL API, and the few files that it gives.

Requests only; `spiders.pages.cults3d` reads the answers. A search tells all of a design but its text: most designs
become records without one. Known designs that the searches don't come past are asked for by name, many to a request, a
thirtieth of them a night.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, ClassVar
from urllib.parse import urlsplit

import orjson
from scrapy import Request
from scrapy.exceptions import CloseSpider

from spiders.credentials import basic, secret
from spiders.pages.cults3d import (
    PER_PAGE,
    Creation,
    creations_query,
    errors_of,
    parse_creations,
    parse_page,
    search_query,
)
from spiders.sites.api import http_url, redacted
from spiders.sites.base import SpiderUsageError
from spiders.sites.files import FilesSpider, Found, Item, SourceFile
from spiders.sites.options import parse_words
from spiders.sites.walks import Walks

__all__ = ["Cults3dSpider"]

_CREDENTIALS = ("CULTS3D_USERNAME", "CULTS3D_API_KEY")
_MAX_PAGES = 200
_BY_NAME = 50
"""Designs asked for by name in one request: half of what a page of a search holds."""


class Cults3dSpider(FilesSpider):
    """`-a terms=…`: what to look for (openscad)."""

    name = "cults3d"
    source = "cults3d"
    is_missing_doubted = True
    # 60 requests in 30 s allowed; at exactly half a second apart 61 would fall into some windows
    slots: ClassVar[dict[str, float]] = {"cults3d": 0.6}

    def __init__(
        self,
        *,
        base_url: str = "https://cults3d.com",
        terms: Sequence[str] | str = ("openscad",),
        run_id: str | None = None,
        limit: int | str | None = None,
        since: str | None = None,
    ) -> None:
        super().__init__(run_id=run_id, limit=limit, since=since)
        missing = [name for name in _CREDENTIALS if secret(name) is None]
        if missing:
            raise SpiderUsageError(
                f"{' and '.join(missing)} not set: make a key at https://cults3d.com/en/api/keys and export both"
            )
        self.base_url = http_url("base_url", base_url)
        self._terms = parse_words("terms", terms)
        if not self._terms:
            raise SpiderUsageError("nothing to look for: give -a terms=…")
        self._walks = Walks(self)

    def base_urls(self) -> tuple[str, ...]:
        return (self.base_url,)

    def auth_headers(self) -> dict[str, str]:
        return basic(*_CREDENTIALS)

    def heed(self, response: Any) -> None:
        """Also the words with which Cults3D turns down credentials: a 403 as well as a 401."""
        super().heed(response)
        if response.status == 403 and b"access denied" in response.body[:2000].lower():
            self.note_problem(redacted(response.url), "the credentials are not accepted")
            raise CloseSpider("terms_block")

    async def start(self) -> AsyncIterator[Any]:
        for term in self._terms:
            yield self._ask_page(term, 1)
        for request in self._ask_creations(self._walks.unfinished(), Found("unfinished")):
            yield request

    def rechecks(self) -> Iterator[Request]:
        self._walks.settle()
        yield from self._ask_creations(self.state.due(self.n_to_recheck()), Found("recheck"))

    def parse_page(self, response: Any, term: str, number: int) -> Iterator[Any]:
        """The designs of one page of a search, and its next page."""
        data = self.json_of(response)
        has_errors = self._note_errors(response, data)
        page = parse_page(data)
        if page is None:
            if not has_errors:
                self.note_problem(redacted(response.url), f"no page of {term!r}")
            return
        news = [creation for creation in page.creations if self._is_news(creation)]
        if news:
            self._walks.note_news(term)
        if has_errors:
            self._walks.spoil(term)
        for creation in news:
            yield from self._take_creation(creation, Found("search", term, number))
        n_shown = (number - 1) * PER_PAGE + page.n_results
        if page.n_results == 0:
            if not self._walks.run_out(term, n_shown, total=page.total):
                self.note_problem(term, f"page {number} shows nothing, and that is not the end")
            return
        self._walks.come_past(term, total=page.total, is_full=page.n_results >= PER_PAGE)
        if page.total is not None and n_shown >= page.total:
            self._walks.end(term)
        elif page.creations and not news and self._walks.may_stop(term):
            self._walks.stop(term)
        elif number < _MAX_PAGES:
            yield self._ask_page(term, number + 1)
        else:
            self.note_skipped(term, f"what lies behind {_MAX_PAGES * PER_PAGE} designs (narrower terms reach it)")
            self._walks.end(term)

    def parse_creations(self, response: Any, slugs: Sequence[str], found: Found) -> Iterator[Any]:
        """Designs asked for by name: unchanged, changed, or gone."""
        data = self.json_of(response)
        self._note_errors(response, data)
        for slug, creation in parse_creations(data, slugs).items():
            if creation is None:
                if not self.state.knows(slug):
                    self.state.note_done(slug, None, 0)
                self.state.note_gone(slug, "answered null")
            elif self._is_news(creation):
                yield from self._take_creation(creation, found)

    def _is_news(self, creation: Creation) -> bool:
        """True if the design is new to this run or has changed; one that has not is marked as looked at."""
        if self._walks.is_asked(creation.slug) or not self.state.is_current(creation.slug, creation.version):
            return True
        self.state.saw(creation.slug)
        return False

    def _take_creation(self, creation: Creation, found: Found) -> Iterator[Any]:
        if not self._walks.is_first(creation.slug) or not self.is_recent(creation.listing.modified_at):
            return
        self._walks.want(creation.slug, creation.version)
        if not creation.may_hold_source:
            self.state.note_done(creation.slug, creation.version, 0)
            return
        item = Item(creation.slug, creation.version, creation.listing, found)
        files = [SourceFile(b.name, b.file_id, self._own_url(b.url)) for b in creation.sources] or [SourceFile(None)]
        is_allowed = self.is_license_allowed(creation.listing.license.spdx)
        if creation.listing.is_nsfw:
            yield from self.withhold(item, files, why="not safe for work")
        elif is_allowed is not True:
            yield from self.withhold(item, files, why=is_allowed[1])
        elif all(file.url is None for file in files):
            yield from self.withhold(item, files, why="the site gives no file")
        else:
            yield from self.take(item, files)

    def _own_url(self, url: str | None) -> str | None:
        """The file's address if it is Cults3D's own; a design's author must not send the crawl elsewhere."""
        if url is None:
            return None
        host, own = urlsplit(url).hostname or "", urlsplit(self.base_url).hostname or ""
        if host == own or host.endswith(f".{own}"):
            return url
        self.note_skipped(redacted(url), "on another host")
        return None

    def _note_errors(self, response: Any, data: Any) -> bool:
        """Write down what the answer says went wrong; True if anything did."""
        errors = errors_of(data)
        for error in errors:
            self.note_problem(redacted(response.url), error)
        return bool(errors)

    def _ask_page(self, term: str, number: int) -> Request:
        facts = {"term": term, "number": number}
        return self._ask(search_query(term, (number - 1) * PER_PAGE), self.parse_page, facts)

    def _ask_creations(self, slugs: Sequence[str], found: Found) -> Iterator[Request]:
        for start in range(0, len(slugs), _BY_NAME):
            some = tuple(slugs[start : start + _BY_NAME])
            yield self._ask(creations_query(some), self.parse_creations, {"slugs": some, "found": found})

    def _ask(self, query: dict[str, Any], callback: Any, facts: dict[str, Any]) -> Request:
        return self.ask(
            f"{self.base_url}/graphql",
            callback,
            facts=facts,
            slot="cults3d",
            headers={"Content-Type": "application/json", "Accept": "application/json"},
            method="POST",
            body=orjson.dumps(query),
        )
