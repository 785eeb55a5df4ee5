"""The `gallery` spider: index pages -> design pages -> .scad files, over HTTP.

Requests only; `spiders.pages.gallery` reads the answers. Stays on the host it was given. A design
whose file can't be had becomes a metadata-only row, and the reason is written down.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlsplit

from scrapy.exceptions import CloseSpider
from scrapy.http import TextResponse

from corpus.schema import Author, CrawledRow
from spiders.items import Listing, build_row, decode_scad, listed_license
from spiders.pages.gallery import DesignPage, file_name_of, item_id_of, parse_design, parse_index
from spiders.pages.local import has_customizer
from spiders.sites.api import ApiSpider, header_of, http_url, redacted, status_of

__all__ = ["GallerySpider"]


class GallerySpider(ApiSpider):
    """`-a base_url=http://HOST:PORT/`: the site's first index page. `-a source=NAME` names it in the rows."""

    name = "gallery"

    def __init__(
        self,
        *,
        base_url: str,
        source: str = "gallery",
        run_id: str | None = None,
        limit: int | str | None = None,
    ) -> None:
        super().__init__(run_id=run_id, limit=limit)
        http_url("base_url", base_url)
        self.base_url = base_url
        self.source = source
        self.allowed_domains = [urlsplit(base_url).hostname or ""]

    def base_urls(self) -> tuple[str, ...]:
        return (self.base_url,)

    async def start(self) -> AsyncIterator[Any]:
        yield self.ask(self.base_url, self.parse_index, errback=self.failed_index, facts={"page": 1}, is_kept=True)

    def parse_index(self, response: Any, page: int) -> Iterator[Any]:
        """Request the designs of one index page, and the next index page."""
        if not isinstance(response, TextResponse):
            self.note_problem(redacted(response.url), "the index is not a text page")
            return
        index = parse_index(response.text, response.url)
        if not index.design_urls:
            self.note_problem(redacted(response.url), "no designs listed on this index page")
        for url in index.design_urls:
            yield self.ask(url, self.parse_design, facts={"page": page}, is_kept=True)
        if index.next_url:
            facts = {"page": page + 1}
            yield self.ask(index.next_url, self.parse_index, errback=self.failed_index, facts=facts, is_kept=True)

    def parse_design(self, response: Any, page: int) -> Iterator[Any]:
        """Request a design's files; a design without any is a metadata-only row."""
        text = response.text if isinstance(response, TextResponse) else ""
        design = parse_design(text, response.url)
        facts = {"design": design, "design_url": response.url, "page": page}
        if not design.download_urls:
            self.note_problem(redacted(response.url), "no .scad download on this page")
            yield self._row(response.url, None, status=response.status, **facts)
        for url in design.download_urls:
            yield self.ask(url, self.parse_scad, errback=self.failed_download, facts=facts, is_kept=True, priority=1)

    def parse_scad(self, response: Any, **facts: Any) -> Iterator[CrawledRow]:
        """The row of a downloaded source."""
        etag = header_of(response, "ETag")
        yield self._row(response.url, response.body, status=response.status, etag=etag, **facts)

    def failed_index(self, failure: Any) -> None:
        """An index page is what the crawl hangs on: a refusal there is the site's word for all of it."""
        self.failed(failure)
        if status_of(failure) == 403:
            raise CloseSpider("terms_block")

    def failed_download(self, failure: Any) -> Iterator[CrawledRow]:
        """A file that could not be had: a metadata-only row."""
        self.failed(failure)
        yield self._row(failure.request.url, None, status=status_of(failure), **failure.request.cb_kwargs)

    def _row(
        self,
        url: str,
        body: bytes | None,
        *,
        status: int | None,
        design: DesignPage,
        design_url: str,
        page: int,
        etag: str | None = None,
    ) -> CrawledRow:
        decoded = decode_scad(body) if body is not None else None
        if body is not None and decoded is None:
            self.note_problem(redacted(url), "binary, not OpenSCAD text")
        is_author_known = design.author_name or design.author_url
        listing = Listing(
            title=design.title,
            description=design.description,
            description_kind="author",
            tags=design.tags,
            category=design.category,
            author=Author(name=design.author_name, profile_url=design.author_url) if is_author_known else None,
            license=listed_license(design.license_raw, scope="item"),
            source_url=redacted(design_url),
            is_customizable=has_customizer(decoded.text) if decoded else None,
        )
        return build_row(
            source=self.source,
            source_item_id=item_id_of(design_url),
            path=file_name_of(url) if url != design_url else None,
            decoded=decoded,
            listing=listing,
            provenance=self.provenance(
                request_url=redacted(url),
                http_status=status,
                etag=etag,
                discovered_via=redacted(design_url),
                page=page,
            ),
            fetched_at=self.now(),
        )
