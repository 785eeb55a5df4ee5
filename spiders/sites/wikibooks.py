"""The `wikibooks` spider: the OpenSCAD blocks of the user manual on Wikibooks, over MediaWiki's API.

Requests only; `spiders.pages.wikibooks` reads the answers. One listing tells every page with its revision; the texts of
the pages whose revision is new come twenty in one answer.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from scrapy import Request

from corpus.schema import Author
from spiders.items import Decoded, License, Listing, Part, build_row
from spiders.pages.local import has_customizer
from spiders.pages.wikibooks import Answer, Block, WikiPage, blocks_of, is_redirect, parse_answer
from spiders.sites.api import ApiSpider, http_url, redacted
from spiders.sites.later import asked_later

__all__ = ["WikibooksSpider"]

_API = "wikibooks_api"
_MAX_LAG_SECONDS = 5
"""The wiki refuses while its replicas lie further behind: its own recommendation for programs that can wait."""
_PATIENCE = ("maxlag", "ratelimited", "readonly")
_PAGES_AT_ONCE = 20
_SITE_LICENSE = "CC-BY-SA-4.0"
_GONE = "the wiki has no such page any more"


class WikibooksSpider(ApiSpider):
    """`-a prefix=…`: what the titles of the pages begin with. `base_url`: the wiki's api.php."""

    name = "wikibooks"
    slots: ClassVar[dict[str, float]] = {_API: 1.0}

    def __init__(
        self,
        *,
        base_url: str = "https://en.wikibooks.org/w/api.php",
        prefix: str = "OpenSCAD User Manual/",
        run_id: str | None = None,
        limit: int | str | None = None,
        since: str | None = None,
    ) -> None:
        super().__init__(run_id=run_id, limit=limit, since=since)
        self.base_url = http_url("base_url", base_url)
        self.prefix = prefix
        # what the wiki says of itself comes first; until then, what its pages say at their foot
        self._license = License(None, _SITE_LICENSE, "site", "assumed")
        self._listed: dict[str, WikiPage] = {}
        self._is_whole = False
        """True once the listing has come to its end."""

    def base_urls(self) -> tuple[str, ...]:
        return (self.base_url,)

    async def start(self) -> AsyncIterator[Any]:
        yield self._ask_listing({})

    def rechecks(self) -> Iterator[Request]:
        """The pages that a whole listing lacks: gone, moved, or a redirect now."""
        if self._is_whole:
            yield from self._ask_texts(self.state.due(_PAGES_AT_ONCE))

    async def parse_listing(self, response: Any, query: dict[str, str]) -> AsyncIterator[Any]:
        """The pages and their revisions; at the end of the list, requests for the texts that are new."""
        answer = self._answer(response)
        if answer is None or answer.error is not None:
            if (again := await self._patience(response, answer)) is not None:
                yield again
            return
        if answer.license is not None:
            self._license = answer.license
        for page in answer.pages:
            self.state.saw(page.page_id)
            if page.revision is not None or page.page_id not in self._listed:  # revisions may come in a later answer
                self._listed[page.page_id] = page
        if answer.more and answer.more != query:
            yield self._ask_listing(answer.more)
            return
        self._is_whole = not answer.more
        news = [page for page in self._listed.values() if not self.state.is_current(page.page_id, page.revision)]
        if (is_allowed := self.is_license_allowed(self._license.spdx)) is not True:
            self.note_skipped(f"{len(news)} pages", is_allowed[1])
            return
        for request in self._ask_texts([page.page_id for page in news if self.is_recent(page.changed_at)]):
            yield request

    async def parse_texts(self, response: Any, page_ids: tuple[str, ...], query: dict[str, str]) -> AsyncIterator[Any]:
        """The blocks of the pages in one answer; a page without any is done with until it changes."""
        answer = self._answer(response)
        if answer is None or answer.error is not None:
            if (again := await self._patience(response, answer)) is not None:
                yield again
            return
        for page in answer.pages:
            if page.page_id not in page_ids:
                continue
            if page.is_missing or (page.text is not None and is_redirect(page.text)):
                self.state.note_gone(page.page_id, _GONE)
            elif page.text is not None:
                for part in self._parts(page, page.text, response):
                    yield part
        if answer.more and answer.more != query:
            yield self._ask_text(page_ids, answer.more)

    def _answer(self, response: Any) -> Answer | None:
        """What an answer says; None, and a problem noted, where it says nothing."""
        data = self.json_of(response)
        answer = parse_answer(data)
        if answer is None and data is not None:
            self.note_problem(redacted(response.url), "not an answer of MediaWiki")
        return answer

    async def _patience(self, response: Any, answer: Answer | None) -> Any:
        """The request to make again where the wiki asks for time: MediaWiki says so in an answer of status 200."""
        if answer is None:
            return None
        if answer.error not in _PATIENCE:
            self.note_problem(redacted(response.url), f"MediaWiki answered {answer.error}")
            return None
        asked_seconds = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
        seconds = float(asked_seconds) if asked_seconds.isascii() and asked_seconds.isdigit() else _MAX_LAG_SECONDS
        again = await asked_later(self, response.request, seconds=max(seconds, 1.0))
        if again is None:
            self.note_problem(redacted(response.url), f"MediaWiki answered {answer.error} each time")
        return again

    def _parts(self, page: WikiPage, wikitext: str, response: Any) -> Iterator[Part]:
        blocks = blocks_of(wikitext)
        if not blocks:
            self.state.note_done(page.page_id, page.revision, 0)
        for block in blocks:
            if self.has_enough:
                return
            row = build_row(
                source="wikibooks",
                source_item_id=page.page_id,
                path=block.path,
                decoded=Decoded(block.scad),
                listing=self._listing(page, block),
                provenance=self.provenance(
                    request_url=redacted(response.url),
                    http_status=response.status,
                    discovered_via=redacted(self.base_url),
                    query=self.prefix,
                ),
                fetched_at=self.now(),
            )
            yield Part(row, page.page_id, page.revision, len(blocks))

    def _listing(self, page: WikiPage, block: Block) -> Listing:
        name = page.title.removeprefix(self.prefix).rpartition("/")[2] or page.title
        return Listing(
            title=f"{name}: {block.section}" if block.section and block.section != name else name,
            description=block.description,
            description_kind="author",
            author=Author(name="Wikibooks contributors", profile_url=self._page_url(page, "action=history")),
            license=self._license,
            source_url=self._page_url(page, f"oldid={page.revision}"),
            is_customizable=has_customizer(block.scad),
            modified_at=page.changed_at,
        )

    def _page_url(self, page: WikiPage, query: str) -> str:
        index = f"{self.base_url.rpartition('/')[0]}/index.php"
        return f"{index}?title={quote(page.title.replace(' ', '_'), safe='/:')}&{query}"

    def _ask_listing(self, more: dict[str, str]) -> Request:
        query = {
            "generator": "allpages",
            "gapprefix": self.prefix,
            "gapnamespace": "0",
            "gapfilterredir": "nonredirects",
            "gaplimit": "max",
            "prop": "revisions",
            "rvprop": "ids|timestamp",
            "meta": "siteinfo",
            "siprop": "rightsinfo",
            **more,
        }
        return self.ask(self._url(query), self.parse_listing, facts={"query": more}, slot=_API)

    def _ask_texts(self, page_ids: list[str]) -> Iterator[Request]:
        for start in range(0, len(page_ids), _PAGES_AT_ONCE):
            yield self._ask_text(tuple(page_ids[start : start + _PAGES_AT_ONCE]), {})

    def _ask_text(self, page_ids: tuple[str, ...], more: dict[str, str]) -> Request:
        query = {
            "pageids": "|".join(page_ids),
            "prop": "revisions",
            "rvprop": "ids|timestamp|content",
            "rvslots": "main",
            **more,
        }
        return self.ask(self._url(query), self.parse_texts, facts={"page_ids": page_ids, "query": more}, slot=_API)

    def _url(self, query: dict[str, str]) -> str:
        always = {"action": "query", "format": "json", "formatversion": "2", "maxlag": str(_MAX_LAG_SECONDS)}
        return f"{self.base_url}?{urlencode({**always, **query})}"
